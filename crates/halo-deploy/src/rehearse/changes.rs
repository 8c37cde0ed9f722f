//! What a rehearsal changed, in words: contract, variable, unit, before and after.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, Bytes, I256, U256, hex, keccak256};
use halo_chain::{Embedded, Trace};
use halo_spec::amount::format_number;
use halo_templates::{StorageVariable, Template};
use serde::Serialize;

use super::{
    layout::{Layout, Leaf, Part, Type},
    names::Names,
};
use crate::{error::Result, json::checksum, plan::Plan};

/// What a rehearsal changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Changes {
    /// The contracts that were not there before, in the order of their addresses.
    pub created: Vec<Created>,
    /// The variables that changed.
    pub variables: Vec<Change>,
    /// The slots that no layout explains. A rehearsal whose every change is understood has none.
    pub unexplained: Vec<Unexplained>,
}

/// A contract that was not there before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Created {
    /// Its name.
    pub contract: String,
    /// Its address.
    #[serde(with = "checksum")]
    pub address: Address,
    /// keccak-256 of its code.
    pub code_hash: B256,
}

/// A variable that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The contract's name.
    pub contract: String,
    /// Its address.
    #[serde(with = "checksum")]
    pub address: Address,
    /// The variable, such as `_limits[LIMIT_USDS_TO_USDC].maxAmount`.
    pub variable: String,
    /// What its value counts, such as `USDS` or `UTC second`; its type where nothing more is known.
    pub unit: String,
    /// Its value before.
    pub before: String,
    /// Its value after.
    pub after: String,
}

/// A slot that no layout explains.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unexplained {
    /// The contract's name, or its address.
    pub contract: String,
    /// Its address.
    #[serde(with = "checksum")]
    pub address: Address,
    /// The slot.
    pub slot: B256,
    /// The word before.
    pub before: B256,
    /// The word after.
    pub after: B256,
    /// Why it is not explained.
    pub why: &'static str,
}

impl Changes {
    /// Puts a trace in words, with the code of the chain that it left.
    ///
    /// # Errors
    /// When code cannot be read from the fork's source.
    pub fn of(plan: &Plan, trace: &Trace, chain: &Embedded) -> Result<Self> {
        let names = Names::of(plan);
        let mut changes = Self::default();
        for (at, code_hash) in trace.code.iter().filter(|(_, hash)| !hash.is_zero()) {
            let (contract, code_hash) = (names.account(*at), *code_hash);
            changes.created.push(Created { contract, address: *at, code_hash });
        }
        let mut layouts: BTreeMap<Address, Option<Layout<'_>>> = BTreeMap::new();
        for ((at, slot), (before, after)) in &trace.slots {
            let layout = match layouts.get(at) {
                Some(layout) => layout,
                None => {
                    let variables = variables(plan, *at, chain)?;
                    let layout = variables.map(|it| Layout::new(&it, &trace.preimages));
                    layouts.entry(*at).or_insert(layout)
                }
            };
            let change = (*at, *slot, *before, *after);
            let why = match layout {
                None => Some("the contract is none of ours, and its layout is not known"),
                Some(layout) => changes.explain(&names, layout, change),
            };
            if let Some(why) = why {
                changes.unexplained.push(Unexplained {
                    contract: names.account(*at),
                    address: *at,
                    slot: (*slot).into(),
                    before: (*before).into(),
                    after: (*after).into(),
                    why,
                });
            }
        }
        Ok(changes)
    }

    fn explain(
        &mut self,
        names: &Names<'_>,
        layout: &Layout<'_>,
        (at, slot, before, after): (Address, U256, U256, U256),
    ) -> Option<&'static str> {
        let leaves = layout.at(slot);
        if leaves.is_empty() {
            return Some("no variable of the contract lies there");
        }
        let covered = leaves.iter().fold(U256::ZERO, |all, leaf| all | leaf.mask());
        if !((before ^ after) & !covered).is_zero() {
            return Some("bytes changed in which none of the slot's variables lies");
        }
        for leaf in leaves.iter().filter(|leaf| !((before ^ after) & leaf.mask()).is_zero()) {
            let unit = names.unit(leaf);
            let shown = |word| names.value(leaf, word, &unit);
            self.variables.push(Change {
                contract: names.account(at),
                address: at,
                variable: names.path(&leaf.path),
                before: shown(before),
                after: shown(after),
                unit: unit.word(),
            });
        }
        None
    }
}

impl Leaf {
    /// The bits of its slot that are its own.
    fn mask(&self) -> U256 {
        match self.ty.bytes() {
            Some(bytes) if bytes < 32 => {
                let ones = (U256::ONE << (usize::from(bytes) * 8)) - U256::ONE;
                ones << (usize::from(self.offset) * 8)
            }
            _ => U256::MAX,
        }
    }

    /// Its own bits of the slot's word, moved to the low end.
    pub(super) fn of_word(&self, word: U256) -> U256 {
        (word & self.mask()) >> (usize::from(self.offset) * 8)
    }
}

/// The storage layout of what stands at `at`, by its code; `None` for code that is not known.
fn variables(plan: &Plan, at: Address, chain: &Embedded) -> Result<Option<Vec<StorageVariable>>> {
    let mut code = chain.code_at(at)?;
    if let Some(implementation) = implementation(&code) {
        code = chain.code_at(implementation)?;
    }
    let hash = keccak256(&code);
    let known = Template::all().iter().find(|one| one.runtime_hash() == hash);
    Ok(match (known, plan.road(at)) {
        (Some(template), _) => Some(template.artifact().storage_layout.clone()),
        (None, Some(road)) => super::foreign::layout(road),
        (None, None) => None,
    })
}

/// Where an EIP-1167 minimal proxy leads.
fn implementation(code: &[u8]) -> Option<Address> {
    let rest = code.strip_prefix(&hex!("363d3d373d3d3d363d73"))?;
    let (at, rest) = rest.split_first_chunk::<20>()?;
    (rest == hex!("5af43d82803e903d91602b57fd5bf3")).then(|| Address::from(*at))
}

/// What a value counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// A token, with its decimals.
    Token(String, u8),
    /// A token for each second.
    PerSecond(String, u8),
    /// A word, for the value as it is.
    Word(String),
}

impl Unit {
    fn word(&self) -> String {
        match self {
            Self::Token(symbol, _) => symbol.clone(),
            Self::PerSecond(symbol, _) => format!("{symbol} / s"),
            Self::Word(word) => word.clone(),
        }
    }
}

/// A value as a person reads it.
pub(super) fn show(
    ty: &Type,
    bits: U256,
    unit: &Unit,
    account: impl Fn(Address) -> String,
) -> String {
    match ty {
        Type::Bool => (!bits.is_zero()).to_string(),
        Type::Address => account(Address::from_word(bits.into())),
        Type::Uint(_) if bits == U256::MAX => "unlimited".to_owned(),
        Type::Uint(_) => match unit {
            Unit::Token(_, decimals) | Unit::PerSecond(_, decimals) => {
                format_number(bits, *decimals)
            }
            Unit::Word(_) => bits.to_string(),
        },
        Type::Enum(_) => bits.to_string(),
        Type::Int(size) => {
            let shift = 256 - usize::from(*size) * 8;
            I256::from_raw(bits << shift).asr(shift).to_string()
        }
        Type::Fixed(size) => {
            let bytes = bits.to_be_bytes::<32>();
            let from = 32_usize.saturating_sub((*size).into());
            hex::encode_prefixed(bytes.get(from..).unwrap_or_default())
        }
        Type::Text | Type::Data => text(ty, bits),
        Type::Array(..) => format!("{bits} items"),
        Type::Mapping(..) | Type::Struct(_) | Type::Word(_) => {
            hex::encode_prefixed(bits.to_be_bytes::<32>())
        }
    }
}

/// The first slot of a text or of bytes: short ones are in it, of long ones their length.
fn text(ty: &Type, word: U256) -> String {
    let bytes = word.to_be_bytes::<32>();
    if word.bit(0) {
        return format!("{} bytes", (word - U256::ONE) / U256::from(2));
    }
    let length = usize::from(bytes[31] / 2).min(31);
    let held = Bytes::copy_from_slice(bytes.get(..length).unwrap_or_default());
    match ty {
        Type::Text => format!("{:?}", String::from_utf8_lossy(&held)),
        _ => held.to_string(),
    }
}

/// The last name in a path: what the value is called where it is declared.
pub(super) fn last_name(path: &[Part]) -> &str {
    let names = path.iter().rev().filter_map(|part| match part {
        Part::Name(name) => Some(name.as_str()),
        _ => None,
    });
    names.into_iter().next().unwrap_or_default()
}
