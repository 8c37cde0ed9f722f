//! Names for addresses.

use alloy_primitives::Address;
use std::collections::BTreeMap;

/// Names for addresses, for messages and reports.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Labels(BTreeMap<Address, String>);

impl Labels {
    /// Names `address`; a later name replaces an earlier one.
    pub fn insert(&mut self, address: Address, name: impl Into<String>) {
        self.0.insert(address, name.into());
    }

    /// The name of `address`, if it has one.
    pub fn name(&self, address: Address) -> Option<&str> {
        self.0.get(&address).map(String::as_str)
    }

    /// The name with the address in short, or the whole address when it has no name.
    pub fn show(&self, address: Address) -> String {
        let full = address.to_string();
        match self.name(address) {
            Some(name) => format!("{name} ({}…{})", &full[..6], &full[38..]),
            None => full,
        }
    }

    /// All names, by address.
    pub fn iter(&self) -> impl Iterator<Item = (Address, &str)> {
        self.0.iter().map(|(address, name)| (*address, name.as_str()))
    }

    /// Takes over the names of another set; its names win.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }
}
