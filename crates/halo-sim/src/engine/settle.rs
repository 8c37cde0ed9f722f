//! From the lock to the settlement: lpha-lcts does what it may, the attestors report, and the log is written.

use std::collections::BTreeSet;

use alloy_primitives::{Address, U256};
use halo_chain::now;
use halo_sentinel::{
    lcts::settler::{Action, Published},
    prime::carry::Fill,
};
use halo_spec::ShockKind;
use halo_templates::bindings::{HaloBook, HaloUnit, LctsQueue};

use super::{Engine, Until};
use crate::{
    Error, Result, attest,
    beacon::Settled,
    run::{PartRow, SettlementOutcome, SettlementRow},
};

impl Engine<'_> {
    /// Heartbeats and pokes outside the hours of settlement.
    pub(crate) fn duties(&mut self, class: usize) -> Result<()> {
        self.beacon_acts(class, false).map(drop)
    }

    pub(crate) fn lock(&mut self, working: &[usize], dead: &BTreeSet<usize>) -> Result<()> {
        for class in working.iter().filter(|class| !dead.contains(class)) {
            self.beacon_acts(*class, true)?;
        }
        for class in working {
            for place in self.sides[*class].units().to_vec() {
                self.note_lock(place)?;
            }
        }
        Ok(())
    }

    /// Writes down what waits in the queues of a Unit, if they are locked.
    pub(crate) fn note_lock(&mut self, place: usize) -> Result<()> {
        let unit = self.world.unit(place)?;
        if unit.is_locked {
            self.checks.locked(place, &unit);
            self.record.locked(&self.world, place, &unit);
        }
        Ok(())
    }

    /// The attestors report for each Class that waits for it.
    pub(crate) fn report(&mut self, working: &[usize]) -> Result<()> {
        for class in working {
            let slug = &self.simulation.classes[*class].class.slug;
            let late = self.simulation.shocks.iter().any(|shock| {
                shock.kind == ShockKind::ReportLate && shock.is_on(self.day) && shock.hits(slug)
            });
            let mut waits = None;
            for place in self.sides[*class].units() {
                let unit = self.world.unit(*place)?;
                if unit.is_locked && !unit.book.is_usable(unit.last_lock_at, self.world.now()) {
                    waits = Some(*place);
                }
            }
            let Some(place) = waits.filter(|_| !late) else { continue };
            let said = self.sides[*class].statement(&self.world)?;
            let Some(venue) = self.world.venues.get(place) else { continue };
            let (spec, at) = (&self.simulation.classes[*class].class, venue.at.clone());
            let before = self.record.values(&self.world, *class)?;
            let (gas, reviewed) = now(attest::state(self.world.chain, spec, &at, &said))?;
            self.world.count(gas);
            let nav = self.world.read(at.class.at.book, &HaloBook::navCall {})?;
            self.checks.reported(*class, nav);
            self.record.reported(&self.world, *class, before, self.day)?;
            if reviewed {
                let what = "the value waited for a second key, which confirmed it".to_owned();
                self.incident("report", slug.clone(), what, None);
            }
        }
        Ok(())
    }

    pub(crate) fn settle(&mut self, working: &[usize], dead: &BTreeSet<usize>) -> Result<()> {
        for class in working.iter().filter(|class| !dead.contains(class)) {
            self.beacon_acts(*class, true)?;
        }
        Ok(())
    }

    /// When a lock has lasted too long anybody may end it; a beacon that lives does.
    pub(crate) fn unlock_stale(&mut self, lock: u64, dead: &BTreeSet<usize>) -> Result<()> {
        for place in 0..self.world.venues.len() {
            let unit = self.world.unit(place)?;
            if !unit.is_locked {
                continue;
            }
            let Some(class) = self.world.venues.get(place).map(|venue| venue.class) else {
                continue;
            };
            self.world.reach(lock.max(unit.last_lock_at) + u64::from(unit.max_lock) + 1)?;
            let who = self.simulation.classes[class].class.slug.clone();
            if dead.contains(&class) {
                let anybody = crate::world::outside("passer-by");
                self.world.attempt(anybody, unit.unit, &HaloUnit::unlockStaleCall {})?;
            } else {
                self.beacon_acts(class, true)?;
            }
            let locked = self.world.read(unit.unit, &HaloUnit::lockedCall {})?;
            if !locked {
                self.checks.unlocked(place);
            }
            let spot = (self.day, place);
            self.checks.hold(spot, "I10 principal is never trapped", !locked, || {
                format!("locked at {} and still locked at {}", unit.last_lock_at, self.world.now())
            });
            let what = "the epoch was unlocked without a settlement".to_owned();
            self.incident("fault", who, what, None);
        }
        Ok(())
    }

    /// Lets the beacon of a Class do all that is due, and writes down what settled.
    fn beacon_acts(&mut self, class: usize, epochs: bool) -> Result<()> {
        let (scenario, asset) =
            (&self.simulation.scenario, &self.simulation.classes[class].class.asset);
        let published = Published {
            subscribe_capacity: Some(asset.units(scenario.subscribe_capacity)),
            redeem_capacity: Some(asset.units(scenario.redeem_capacity)),
        };
        let places = self.sides[class].units().to_vec();
        // Heartbeats, pokes, a lock, a settlement of each Unit, and once more to see that nothing is left.
        for _ in 0..places.len() + 3 {
            let units: Vec<_> = places
                .iter()
                .filter_map(|place| self.world.venues.get(*place))
                .map(|v| v.at.clone())
                .collect();
            let units: Vec<_> = units.iter().collect();
            let before = if epochs { self.parts_before(&places)? } else { Vec::new() };
            let observer = self.world.observer;
            let done = now(self.beacons[class].act_on_class(
                self.world.chain,
                &observer,
                &units,
                &published,
            ))?;
            let idle = done.iter().all(|(verdict, _)| verdict.actions.is_empty());
            for (slot, (verdict, settled)) in done.into_iter().enumerate() {
                self.world.actions += verdict.actions.len() as u64;
                let place = places[slot];
                let locks = |action: &Action| matches!(action, Action::Lock { .. });
                if verdict.actions.iter().any(locks) {
                    self.note_lock(place)?;
                }
                if let Some(settled) = settled {
                    let before = before.get(slot).cloned().unwrap_or_default();
                    self.write_down(place, &settled, &before)?;
                }
            }
            if idle || !epochs {
                break;
            }
        }
        Ok(())
    }

    /// Everybody's places in the queues of Units that are locked.
    fn parts_before(&self, places: &[usize]) -> Result<Vec<Vec<PartRow>>> {
        let mut all = Vec::with_capacity(places.len());
        for place in places {
            let mut parts = Vec::new();
            if let Some(venue) = self.world.venues.get(*place) {
                let at = &venue.at.unit.at;
                if self.world.read(at.unit, &HaloUnit::lockedCall {})? {
                    for prime in (0..self.players.len()).filter(|at| self.record.is_in(*at, *place))
                    {
                        let [asked, redeeming] =
                            self.places_of(prime, [at.subscribeQueue, at.redeemQueue])?;
                        if !asked.is_zero() || !redeeming.is_zero() {
                            let (left, redeeming_left) = (asked, redeeming);
                            parts.push(PartRow { prime, asked, left, redeeming, redeeming_left });
                        }
                    }
                }
            }
            all.push(parts);
        }
        Ok(all)
    }

    fn places_of(&self, prime: usize, queues: [Address; 2]) -> Result<[U256; 2]> {
        let user = self.players[prime].terms.prime.alm_proxy;
        let [subscribe, redeem] = queues;
        Ok([
            self.world.read(subscribe, &LctsQueue::remainingOfCall { user })?,
            self.world.read(redeem, &LctsQueue::remainingOfCall { user })?,
        ])
    }

    /// Adds a settlement to the log, and checks everything that must hold after it.
    fn write_down(&mut self, place: usize, settled: &Settled, before: &[PartRow]) -> Result<()> {
        self.world.gas += settled.gas;
        let Some(venue) = self.world.venues.get(place) else { return Ok(()) };
        let at = venue.at.unit.at.clone();
        let book = venue.at.class.at.book;
        self.settled_index.insert(settled.unit, settled.input.index);
        let mut parts = Vec::with_capacity(before.len());
        for part in before {
            let [left, redeeming_left] =
                self.places_of(part.prime, [at.subscribeQueue, at.redeemQueue])?;
            parts.push(PartRow { left, redeeming_left, ..part.clone() });
        }
        let row = SettlementRow {
            day: self.day,
            unit: place,
            at: settled.at,
            epoch: settled.epoch,
            input: settled.input,
            outcome: SettlementOutcome::from(&settled.outcome),
            parts,
            gas: settled.gas,
        };
        let fill = Fill {
            id: settled.unit,
            index: settled.input.index,
            subscribe_total: settled.input.subscribe_total,
            subscribed: settled.outcome.subscribe_converted()?,
            redeem_total: settled.input.redeem_total,
            redeemed: settled.outcome.netted_shares + settled.outcome.shares_burned,
        };
        for stream in self.players.iter_mut().filter_map(|player| player.stream.as_mut()) {
            stream.settled(&fill)?;
        }
        let nav = self.world.read(book, &HaloBook::navCall {})?;
        self.checks.after_settlement(&self.world, &self.players, &row, nav)?;
        self.record.settled(&self.world, &self.players, row);
        let made = self.record.settlements.len() as u64;
        if self.record.until == Some(Until::Settlement(made)) {
            Err(Error::Stopped)
        } else {
            Ok(())
        }
    }
}
