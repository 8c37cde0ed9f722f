//! Queues: principal, rewards, generations, the product, and what users put in and get back.

use alloy_primitives::{Address, U256};
use halo_sentinel::lcts::product_sum::{FLOOR, ONE};
use halo_templates::bindings::{HaloUnit, LctsQueue};

use super::{Checks, Spot, spot};
use crate::{Result, formation::Formation, run::SettlementRow, world::World};

/// Wei that entering and leaving may cost.
const ROUNDING: u64 = 2;
/// Ended generations of a queue that are looked at again.
const LOOKED_BACK: u64 = 4;
/// Rescalings of a generation of which the sums are kept.
const SCALES: u32 = 4;

impl Checks {
    pub(super) fn queues(
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
            let product = world.read(queue, &LctsQueue::PCall {})?;
            let positions = world.read(queue, &LctsQueue::positionsCall {})?;
            let dormant = world.read(queue, &LctsQueue::statusCall {})? == 0;
            self.hold(
                spot(row),
                "I7 the product keeps its digits",
                dormant || (FLOOR..=ONE).contains(&product),
                || product.to_string(),
            );
            let (mut left, mut earned) = (U256::ZERO, U256::ZERO);
            for player in players {
                let user = player.terms.prime.alm_proxy;
                let (waits, has) =
                    (LctsQueue::remainingOfCall { user }, LctsQueue::earnedOfCall { user });
                left = left.saturating_add(world.read(queue, &waits)?);
                earned = earned.saturating_add(world.read(queue, &has)?);
            }
            self.hold(
                spot(row),
                "I1 principal is there",
                left <= total && total - left <= steps,
                || format!("{left} left of {total}"),
            );
            let holds = world.balance(underlying, queue)?;
            self.hold(
                spot(row),
                "I2 the underlying is held",
                holds >= total.saturating_add(refund),
                || format!("{holds}"),
            );
            let held = world.balance(reward, queue)?;
            self.hold(
                spot(row),
                "I3 the reward is held",
                held >= owed && earned.saturating_add(U256::from(carry)) <= owed,
                || format!("{held} held, {owed} owed, {earned} earned, {carry} carried"),
            );
            let is_empty = total.is_zero() && U256::from(positions).is_zero();
            self.hold(
                spot(row),
                "I4 one generation at a time",
                dormant == is_empty && (!dormant || carry.is_zero()),
                || format!("{total} waits in {positions} positions"),
            );
            numbers[which] = world.read(queue, &LctsQueue::lastGenerationCall {})?;
            self.ended(world, row, queue, numbers[which], dormant)?;
        }
        let before = self.generations.insert(row.unit, numbers).unwrap_or_default();
        let follow = numbers
            .iter()
            .zip(before)
            .all(|(now, before)| *now >= before && *now <= before.saturating_add(2));
        self.hold(spot(row), "I4 one generation at a time", follow, || {
            format!("{before:?} to {numbers:?}")
        });

        let supply = world.read(at.unit, &HaloUnit::totalSupplyCall {})?;
        let mut shares = world
            .balance(at.unit, at.redeemQueue)?
            .saturating_add(world.balance(at.unit, at.subscribeQueue)?);
        for player in players {
            let has = world.balance(at.unit, player.terms.prime.alm_proxy)?;
            shares = shares.saturating_add(has);
        }
        // Holders that are no Primes can only add to what is counted here.
        self.hold(spot(row), "I11 shares add up", shares <= supply, || {
            format!("{shares} of {supply}")
        });
        Ok(())
    }

    /// I5: what an ended generation owes is what it owed when it was first seen to have ended.
    fn ended(
        &mut self,
        world: &World<'_>,
        row: &SettlementRow,
        queue: Address,
        last: u64,
        dormant: bool,
    ) -> Result<()> {
        let end = if dormant { last.saturating_add(1) } else { last };
        for generation in end.saturating_sub(LOOKED_BACK)..end {
            let mut sums = Vec::new();
            for scale_ in 0..SCALES {
                sums.push(world.read(queue, &LctsQueue::sumOfCall { generation, scale_ })?);
            }
            let owed =
                self.ended.entry((queue, generation)).or_insert_with(|| sums.clone()).clone();
            self.hold(spot(row), "I5 an ended generation stands still", owed == sums, || {
                format!("generation {generation} owed {owed:?} and owes {sums:?}")
            });
        }
        self.ended
            .retain(|(of, number), _| *of != queue || number.saturating_add(LOOKED_BACK) >= end);
        Ok(())
    }

    /// I6: what settles is what was locked.
    pub(super) fn still_while_locked(&mut self, row: &SettlementRow) {
        let Some(locked) = self.locked.remove(&row.unit) else { return };
        let settled = [row.input.subscribe_total, row.input.redeem_total];
        self.hold(spot(row), "I6 a lock holds still", locked == settled, || {
            format!("{locked:?} was locked, {settled:?} settled")
        });
    }

    /// I9: somebody entered with `amount` and `before` waiting, and `after` waits now; or left with what waited.
    pub(crate) fn in_and_out(&mut self, at: Spot, due: U256, came: U256) {
        let holds = came <= due && due - came <= U256::from(ROUNDING);
        self.hold(at, "I9 in and out again", holds, || format!("{came} of {due}"));
    }
}
