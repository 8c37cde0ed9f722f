//! What must hold after a settlement, read from the chain, and the log that an outsider can compute again. Each check has
//! the number and the name that `solidity/invariants.toml` gives it; `docs/simulation.md` says which cannot be seen.

mod book;
mod custody;
mod doors;
mod factory;
mod growth;
mod queues;

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, U256};
use halo_sentinel::{
    lcts::epoch::{Settlement, settle},
    math::mul_div,
    view::UnitView,
};

pub(crate) use doors::Doors;
pub(crate) use growth::Setting;

use growth::Raised;

use crate::{
    Bound, Result,
    formation::Formation,
    run::{BrokenRow, Invariants, SettlementOutcome, SettlementRow},
    world::World,
};

/// The checks of a run.
#[derive(Debug, Default, Clone)]
pub(crate) struct Checks {
    pub(crate) invariants: Invariants,
    /// The largest distance of a part from its pro rata.
    pub(crate) worst: U256,
    /// Parts that were compared.
    pub(crate) parts: u64,
    seen: u64,
    counts: BTreeMap<&'static str, u64>,
    /// What the plans made, to knock at.
    pub(crate) doors: Doors,
    /// Where each Unit must stand, as it was planned.
    pub(crate) predicted: BTreeMap<B256, Address>,
    generations: BTreeMap<usize, [u64; 2]>,
    /// What each ended generation owes, by queue and number.
    ended: BTreeMap<(Address, u64), Vec<U256>>,
    /// What waited in the queues of a Unit when they were locked.
    locked: BTreeMap<usize, [U256; 2]>,
    /// Net asset value of each Class after what last changed it.
    navs: BTreeMap<usize, U256>,
    /// What each limit had, and when.
    limits: BTreeMap<(Address, B256), (U256, u64)>,
    /// What came back to a limit since.
    returned: BTreeMap<(Address, B256), U256>,
    raised: BTreeMap<(Address, B256), Raised>,
}

/// A day, and the Unit that a check is about.
pub(crate) type Spot = (u32, usize);

impl Checks {
    pub(crate) fn new(every: u32) -> Self {
        Self { invariants: Invariants { every, ..Invariants::default() }, ..Self::default() }
    }

    /// How often each was checked, and what was broken.
    pub(crate) fn close(&mut self) -> Invariants {
        let checked = self.counts.iter().map(|(name, count)| ((*name).to_owned(), *count));
        self.invariants.checked = checked.collect();
        self.invariants.clone()
    }

    /// Counts a check, and writes it down if it does not hold.
    pub(crate) fn hold(
        &mut self,
        (day, unit): Spot,
        name: &'static str,
        holds: bool,
        found: impl FnOnce() -> String,
    ) {
        *self.counts.entry(name).or_default() += 1;
        // A run that breaks on every day of a century need not say so each time.
        if !holds && self.invariants.broken.len() < MOST_BROKEN {
            let name = name.to_owned();
            self.invariants.broken.push(BrokenRow { day, unit, name, found: found() });
        }
    }

    /// The queues of a Unit were locked.
    pub(crate) fn locked(&mut self, place: usize, unit: &UnitView) {
        self.locked.insert(place, [unit.subscribe.total, unit.redeem.total]);
    }

    /// The lock ended without a settlement.
    pub(crate) fn unlocked(&mut self, place: usize) {
        self.locked.remove(&place);
    }

    /// Checks one settlement: the log always, the chain's state at every `every`-th.
    pub(crate) fn after_settlement(
        &mut self,
        world: &World<'_>,
        players: &[Formation<'_>],
        row: &SettlementRow,
        nav: U256,
    ) -> Result<()> {
        let again = recompute(row);
        self.hold(spot(row), "I16 ceilings hold", again.is_ok(), || {
            again.err().unwrap_or_default()
        });
        self.pro_rata(row);
        self.still_while_locked(row);
        self.value(world, row, nav);
        self.seen += 1;
        let every = u64::from(self.invariants.every);
        if every == 0 || !(self.seen - 1).is_multiple_of(every) {
            return Ok(());
        }
        self.invariants.settlements += 1;
        self.queues(world, players, row)?;
        self.book(world, row, nav)?;
        self.custody(world, row)?;
        self.every_door(world, row);
        self.factory(world, row)
    }

    /// I8: nobody's part is further from its pro rata than rounding takes it.
    fn pro_rata(&mut self, row: &SettlementRow) {
        let converted = row.outcome.netted + row.outcome.subscribe_extra;
        let left = row.input.subscribe_total.saturating_sub(converted);
        let mut worst = U256::ZERO;
        for part in row.parts.iter().filter(|part| !part.asked.is_zero()) {
            let exact = mul_div(part.asked, left, row.input.subscribe_total).unwrap_or_default();
            worst = worst.max(exact.abs_diff(part.left));
            self.parts += 1;
        }
        self.worst = self.worst.max(worst);
        let bound = U256::from(row.epoch + 2);
        self.hold(spot(row), "I8 nobody gets more than his part", worst <= bound, || {
            format!("{worst} wei beside the pro rata")
        });
    }
}

/// Broken sentences that are kept.
const MOST_BROKEN: usize = 1_000;

fn spot(row: &SettlementRow) -> Spot {
    (row.day, row.unit)
}

/// Computes a settlement again from its row alone, and its parts.
///
/// # Errors
/// What is not as the row says.
pub fn recompute(row: &SettlementRow) -> Result<(), String> {
    let found = settle(&row.input).map_err(|error| error.to_string())?;
    let found = SettlementOutcome::from(&found);
    if found != row.outcome {
        return Err(format!("epoch {}: computed {found:?}, logged {:?}", row.epoch, row.outcome));
    }
    let asked: U256 = row.parts.iter().map(|part| part.asked).sum();
    let left: U256 = row.parts.iter().map(|part| part.left).sum();
    let converted = row.outcome.netted + row.outcome.subscribe_extra;
    // Others than Primes may stand in the queue; what the Primes got is no more than what there was.
    if asked > row.input.subscribe_total
        || asked - left.min(asked) > converted + U256::from(row.parts.len())
    {
        return Err(format!("epoch {}: the parts add up to more than was converted", row.epoch));
    }
    Ok(())
}

impl SettlementRow {
    /// What kept the settlement from converting more.
    pub fn bound(&self) -> Bound {
        let converted = self.outcome.netted + self.outcome.subscribe_extra;
        let (input, extra) = (&self.input, self.outcome.subscribe_extra);
        if converted >= input.subscribe_total {
            Bound::Queue
        } else if extra >= input.subscribe_capacity {
            Bound::Capacity
        } else if extra >= input.epoch_subscribe_cap {
            Bound::EpochCap
        } else if extra >= input.subscribe_headroom {
            Bound::Cover
        } else {
            Bound::UnitCap
        }
    }
}

impl From<&Settlement> for SettlementOutcome {
    fn from(outcome: &Settlement) -> Self {
        Self {
            netted: outcome.netted,
            subscribe_extra: outcome.subscribe_extra,
            shares_minted: outcome.shares_minted,
            redeem_extra: outcome.redeem_extra,
            shares_burned: outcome.shares_burned,
        }
    }
}

#[cfg(test)]
mod tests;
