//! What must hold after a settlement, read from the chain, and the log that an outsider can compute again.

use std::collections::BTreeMap;

use alloy_primitives::U256;
use halo_sentinel::{
    lcts::{
        epoch::{Settlement, settle},
        product_sum::{FLOOR, ONE},
    },
    math::{RAY, mul_div},
};
use halo_spec::BookMode;
use halo_templates::bindings::{HaloBook, HaloUnit, LctsQueue};

use crate::{
    Bound, Result,
    formation::Formation,
    run::{BrokenRow, Invariants, SettlementOutcome, SettlementRow},
    world::World,
};

/// The checks of a run.
#[derive(Debug, Default)]
pub(crate) struct Checks {
    pub(crate) invariants: Invariants,
    /// The largest distance of a part from its pro rata.
    pub(crate) worst: U256,
    /// Parts that were compared.
    pub(crate) parts: u64,
    seen: u64,
    counts: BTreeMap<&'static str, u64>,
    indexes: BTreeMap<usize, U256>,
    generations: BTreeMap<usize, [u64; 2]>,
}

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

    fn hold(
        &mut self,
        row: &SettlementRow,
        name: &'static str,
        holds: bool,
        found: impl FnOnce() -> String,
    ) {
        *self.counts.entry(name).or_default() += 1;
        if !holds {
            let (day, unit, name) = (row.day, row.unit, name.to_owned());
            self.invariants.broken.push(BrokenRow { day, unit, name, found: found() });
        }
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
        self.hold(row, "I16 a settlement is what its log says", again.is_ok(), || {
            again.err().unwrap_or_default()
        });
        self.pro_rata(row);
        self.seen += 1;
        let every = u64::from(self.invariants.every);
        if every == 0 || !(self.seen - 1).is_multiple_of(every) {
            return Ok(());
        }
        self.invariants.settlements += 1;
        self.queues(world, players, row)?;
        self.book(world, row, nav)
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
        self.hold(row, "I8 nobody gets more than his part", worst <= bound, || {
            format!("{worst} wei beside the pro rata")
        });
    }

    fn queues(
        &mut self,
        world: &World<'_>,
        players: &[Formation<'_>],
        row: &SettlementRow,
    ) -> Result<()> {
        let Some(venue) = world.venues.get(row.unit) else { return Ok(()) };
        let at = &venue.at.unit.at;
        let asset = venue.at.class.asset;
        let pairs = [(at.subscribeQueue, asset, at.unit), (at.redeemQueue, at.unit, asset)];
        let steps = U256::from((row.epoch + 2) * (players.len() as u64 + 1));
        let mut numbers = [0; 2];
        for (which, (queue, underlying, reward)) in pairs.into_iter().enumerate() {
            let total = world.read(queue, &LctsQueue::totalUnderlyingCall {})?;
            let refund = world.read(queue, &LctsQueue::totalRefundCall {})?;
            let owed = world.read(queue, &LctsQueue::owedRewardCall {})?;
            let carry = world.read(queue, &LctsQueue::carryCall {})?;
            let (mut left, mut earned) = (U256::ZERO, U256::ZERO);
            for player in players {
                let user = player.terms.prime.alm_proxy;
                left += world.read(queue, &LctsQueue::remainingOfCall { user })?;
                earned += world.read(queue, &LctsQueue::earnedOfCall { user })?;
            }
            self.hold(row, "I1 principal is there", left <= total && total - left <= steps, || {
                format!("{left} left of {total}")
            });
            let holds = world.balance(underlying, queue)?;
            self.hold(row, "I2 underlying is held", holds >= total + refund, || format!("{holds}"));
            let held = world.balance(reward, queue)?;
            self.hold(row, "I3 reward is held", held >= owed && earned + carry <= owed, || {
                format!("{held} held, {owed} owed, {earned} earned, {carry} carried")
            });
            let product = world.read(queue, &LctsQueue::PCall {})?;
            let positions = world.read(queue, &LctsQueue::positionsCall {})?;
            let dormant = world.read(queue, &LctsQueue::statusCall {})? == 0;
            self.hold(
                row,
                "I7 the product keeps its digits",
                dormant || (FLOOR..=ONE).contains(&product),
                || product.to_string(),
            );
            let is_empty = total.is_zero() && U256::from(positions).is_zero();
            self.hold(
                row,
                "I10 a queue rests exactly when it is empty",
                dormant == is_empty && (!dormant || carry.is_zero()),
                || format!("{total} waits in {positions} positions"),
            );
            numbers[which] = world.read(queue, &LctsQueue::lastGenerationCall {})?;
        }
        let before = self.generations.insert(row.unit, numbers).unwrap_or_default();
        let follow =
            numbers.iter().zip(before).all(|(now, before)| *now >= before && *now <= before + 2);
        self.hold(row, "I4 one generation at a time", follow, || {
            format!("{before:?} to {numbers:?}")
        });

        let supply = world.read(at.unit, &HaloUnit::totalSupplyCall {})?;
        let mut shares =
            world.balance(at.unit, at.redeemQueue)? + world.balance(at.unit, at.subscribeQueue)?;
        for player in players {
            shares += world.balance(at.unit, player.terms.prime.alm_proxy)?;
        }
        // Holders that are no Primes can only add to what is counted here.
        self.hold(row, "I11 shares are where they should be", shares <= supply, || {
            format!("{shares} of {supply}")
        });
        Ok(())
    }

    fn book(&mut self, world: &World<'_>, row: &SettlementRow, nav: U256) -> Result<()> {
        let Some(venue) = world.venues.get(row.unit) else { return Ok(()) };
        let book = venue.at.class.at.book;
        let mut owed = U256::ZERO;
        for (place, other) in
            world.venues.iter().enumerate().filter(|(_, v)| v.class == venue.class)
        {
            let unit = other.at.unit.at.unit;
            let index = world.read(book, &HaloBook::indexOfCall { unit })?;
            let supply = world.read(unit, &HaloUnit::totalSupplyCall {})?;
            owed += mul_div(index, supply, RAY)?;
            if place == row.unit {
                let last = self.indexes.insert(place, index);
                self.hold(
                    row,
                    "I13 a settlement lowers no index",
                    supply.is_zero() || index >= row.input.index,
                    || format!("{} to {index}, the one before was {last:?}", row.input.index),
                );
            }
        }
        let worth = venue.money(nav);
        self.hold(row, "I12 what the shares are worth is there", owed <= worth, || {
            format!("{owed} owed of {worth}")
        });
        let class = &world.classes[venue.class];
        let extra = row.outcome.subscribe_extra;
        if class.book.mode == BookMode::SeniorJunior
            && venue.spec.min_cover_bps > 0
            && !extra.is_zero()
        {
            let cover = world.read(book, &HaloBook::coverOfCall { tranche: venue.spec.tranche })?;
            let least = U256::from(venue.spec.min_cover_bps);
            self.hold(
                row,
                "I15 a settlement leaves the least cover",
                U256::from(cover) >= least,
                || format!("{cover} of {least} basis points"),
            );
        }
        Ok(())
    }
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
