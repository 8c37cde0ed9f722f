//! What a plan calls the accounts and ids that its changes are about.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, U256, hex};
use halo_chain::Labels;

use super::{
    layout::{Leaf, Part, Type},
    value::{Unit, show},
};
use crate::{
    apply,
    fact::{Fact, Limit},
    handoff::Spells,
    plan::Plan,
    roles,
};

/// Names of a plan's accounts, ids and limits.
pub(super) struct Names<'a> {
    accounts: Labels,
    ids: BTreeMap<B256, String>,
    limits: BTreeMap<B256, &'a Limit>,
}

impl<'a> Names<'a> {
    pub(super) fn of(plan: &'a Plan, spells: &Spells) -> Self {
        let mut accounts = apply::labels(plan);
        for spell in &spells.0 {
            accounts.insert(spell.address(), spell.name.as_str());
            if let Some(launcher) = spell.launcher_address() {
                accounts.insert(launcher, format!("launcher of {}", spell.name));
            }
        }
        let (mut ids, mut limits) = (BTreeMap::new(), BTreeMap::new());
        for role in roles::ALL {
            ids.insert(roles::id(role), (*role).to_owned());
        }
        let subject = &plan.subject;
        let identities = [("halo", &subject.halo), ("class", &subject.class)];
        let units = subject.units.iter().map(|unit| ("unit", unit));
        for (kind, one) in identities.into_iter().chain(units) {
            ids.insert(one.id, format!("{kind} {}", one.slug));
        }
        let expected = plan.steps.iter().flat_map(|step| &step.expects);
        for fact in expected.chain(&plan.outcome) {
            match fact {
                Fact::Limit(it) => {
                    if accounts.name(it.address).is_none() {
                        accounts.insert(it.address, it.contract.as_str());
                    }
                    ids.insert(it.key, it.label.clone());
                    limits.insert(it.key, it);
                }
                Fact::Template(it) => drop(ids.insert(it.id, format!("template {}", it.name))),
                Fact::Artifact(it) => drop(ids.insert(it.id, format!("artifact {}", it.subject))),
                Fact::Heartbeat(it) => drop(ids.insert(it.beacon, format!("beacon {}", it.name))),
                Fact::Scheduled(it) => drop(ids.insert(it.id, format!("batch {}", it.subject))),
                Fact::Record(it) => drop(ids.insert(it.id, it.subject.clone())),
                Fact::Offer(it) => {
                    let id = B256::right_padding_from(it.integration.id.as_bytes());
                    ids.insert(id, it.integration.id.clone());
                }
                _ => {}
            }
        }
        // The zero word is DEFAULT_ADMIN_ROLE as a role and nothing as anything else; only keys say which.
        ids.remove(&B256::ZERO);
        Self { accounts, ids, limits }
    }

    /// An account by its name, or its address.
    pub(super) fn account(&self, at: Address) -> String {
        match self.accounts.name(at) {
            Some(name) => name.to_owned(),
            None if at.is_zero() => "0".to_owned(),
            None => at.to_string(),
        }
    }

    /// A variable's path as Solidity would write it, with names for keys.
    pub(super) fn path(&self, path: &[Part]) -> String {
        let mut text = String::new();
        for part in path {
            match part {
                Part::Name(name) if text.is_empty() => text.push_str(name),
                Part::Name(name) => text.push_str(&format!(".{name}")),
                Part::Index(index) => text.push_str(&format!("[{index}]")),
                Part::Key(bytes, ty) => {
                    let is_role = text == "_roles" || text == "_roleMembers";
                    text.push_str(&format!("[{}]", self.key(bytes, ty, is_role)));
                }
            }
        }
        text
    }

    fn key(&self, bytes: &[u8], ty: &Type, is_role: bool) -> String {
        match (ty, <[u8; 32]>::try_from(bytes)) {
            (Type::Text, _) => format!("{:?}", String::from_utf8_lossy(bytes)),
            (Type::Fixed(32), Ok(word)) if is_role && word == [0; 32] => {
                roles::DEFAULT_ADMIN.to_owned()
            }
            (Type::Fixed(size), Ok(word)) => match self.ids.get(&B256::from(word)) {
                Some(name) => name.clone(),
                None => hex::encode_prefixed(word.get(..(*size).into()).unwrap_or(&word)),
            },
            (_, Ok(word)) => {
                let unit = Unit::Word(String::new());
                show(ty, U256::from_be_bytes(word), &unit, |at| self.account(at))
            }
            _ => hex::encode_prefixed(bytes),
        }
    }

    /// What the value of a variable counts.
    pub(super) fn unit(&self, leaf: &Leaf) -> Unit {
        let word = |word: &str| Unit::Word(word.to_owned());
        let name = leaf.name();
        let limit = leaf.path.iter().find_map(|part| match part {
            Part::Key(key, _) => self.limits.get(&B256::try_from(key.as_ref()).ok()?),
            _ => None,
        });
        match (&leaf.ty, limit) {
            (Type::Uint(_), Some(limit)) if matches!(name, "maxAmount" | "lastAmount") => {
                return Unit::Token(limit.symbol.clone(), limit.decimals);
            }
            (Type::Uint(_), Some(limit)) if name == "slope" => {
                return Unit::PerSecond(limit.symbol.clone(), limit.decimals);
            }
            _ => {}
        }
        match &leaf.ty {
            Type::Bool => word("flag"),
            Type::Address => word("account"),
            Type::Enum(name) => word(name),
            Type::Text => word("text"),
            Type::Data | Type::Word(_) => word("bytes"),
            Type::Array(..) => word("length"),
            Type::Uint(_) if name.ends_with("Bps") => word("bps"),
            Type::Uint(_) if is_moment(name) => word("UTC second"),
            Type::Uint(_) if is_span(name) => word("seconds"),
            Type::Uint(size) => word(&format!("uint{}", u16::from(*size) * 8)),
            Type::Int(size) => word(&format!("int{}", u16::from(*size) * 8)),
            Type::Fixed(size) => word(&format!("bytes{size}")),
            Type::Mapping(..) | Type::Struct(_) => word("slot"),
        }
    }

    /// A variable's value.
    pub(super) fn value(&self, leaf: &Leaf, word: U256, unit: &Unit) -> String {
        let bits = leaf.of_word(word);
        if leaf.ty == Type::Fixed(32) {
            let word = B256::from(bits);
            if let Some(name) = self.ids.get(&word) {
                return name.clone();
            }
            // Sets of addresses keep them as words.
            if word.iter().take(12).all(|byte| *byte == 0)
                && let Some(name) = self.accounts.name(Address::from_word(word))
            {
                return name.to_owned();
            }
        }
        show(&leaf.ty, bits, unit, |at| self.account(at))
    }
}

fn is_moment(name: &str) -> bool {
    let ends = ["At", "Until", "Since", "Heartbeat", "Updated"];
    ends.iter().any(|end| name.ends_with(end))
        || matches!(name, "deadline" | "eta" | "expiration" | "rho")
}

fn is_span(name: &str) -> bool {
    let ends = ["Delay", "Gap", "Lock", "Age", "Duration"];
    ends.iter().any(|end| name.ends_with(end)) || matches!(name, "delay" | "hop")
}
