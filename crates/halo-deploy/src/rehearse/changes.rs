//! What a rehearsal changed, in words: contract, variable, unit, before and after.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, U256, keccak256};
use halo_chain::{Embedded, Trace};
use halo_templates::{StorageVariable, Template};
use serde::Serialize;

use super::{layout::Layout, names::Names};
use crate::{
    contract::implementation_of, error::Result, handoff::Spells, json::checksum, plan::Plan,
};

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
    /// Puts a trace in words, with the code of the chain that it left. `spells` are those that ran in it.
    ///
    /// # Errors
    /// When code cannot be read from the fork's source.
    pub fn of(plan: &Plan, spells: &Spells, trace: &Trace, chain: &Embedded) -> Result<Self> {
        let names = Names::of(plan, spells);
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
                    let variables = variables(plan, spells, *at, chain)?;
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

/// The storage layout of what stands at `at`, by its code; `None` for code that is not known.
fn variables(
    plan: &Plan,
    spells: &Spells,
    at: Address,
    chain: &Embedded,
) -> Result<Option<Vec<StorageVariable>>> {
    let mut code = chain.code_at(at)?;
    if let Some(implementation) = implementation_of(&code) {
        code = chain.code_at(implementation)?;
    }
    let hash = keccak256(&code);
    let known = Template::all().iter().find(|one| one.runtime_hash() == hash);
    Ok(match (known, plan.road(at)) {
        (Some(template), _) => Some(template.artifact().storage_layout.clone()),
        (None, Some(road)) => super::foreign::layout(road),
        (None, None) => spells.launched_by(at).map(|_| super::foreign::launcher()),
    })
}
