//! A day: governance and shocks, looks of the Primes, lock, report, settlement, and what follows.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::{B256, U256};
use halo_chain::now;
use halo_sentinel::prime::{Act, allocate::USDC_TO_USDS};
use halo_spec::{AgentKind, ShockKind, keys};
use halo_templates::bindings::Usdc;

use super::Engine;
use crate::{
    Result, adversary,
    chance::Chance,
    formation::Look,
    observe,
    run::Incident,
    words::{self, dollars},
    world::outside,
};

/// Seconds before the lock at which the Primes look again, to use what their limits have refilled.
const LAST_LOOK: u64 = 900;
/// Seconds after the lock at which the Class's relayer sets money aside for redeemers.
const FUND_AFTER: u64 = 1_800;
/// Seconds after the lock at which the attestors report.
const REPORT_AFTER: u64 = 3_600;
/// No Prime looks more often than this before one lock.
const MOST_LOOKS: usize = 6;

impl Engine<'_> {
    pub(crate) fn pass_day(&mut self) -> Result<()> {
        let scenario = &self.simulation.scenario;
        let open = self.midnight() + scenario.start % 86_400;
        let lock = self.midnight() + u64::from(scenario.lock);
        let due = self.midnight() + u64::from(scenario.settle);
        self.world.reach(open)?;
        self.begin_shocks()?;
        let acts =
            self.governance.act(&mut self.world, &mut self.checks, self.simulation, self.day)?;
        self.record.incidents.extend(acts);
        for place in self.governance.back(&mut self.world, self.day)? {
            self.players[place].is_halted = false;
        }
        for side in &mut self.sides {
            side.pass(&mut self.world)?;
            side.beat(&mut self.world)?;
        }
        self.others.pass(&mut self.world)?;
        let working: Vec<usize> =
            (0..self.sides.len()).filter(|class| self.works(*class)).collect();
        let dead = self.dead_beacons();
        for class in (0..self.sides.len()).filter(|class| !dead.contains(class)) {
            self.duties(class)?;
        }
        if working.is_empty() {
            return self.end_day();
        }
        self.looks(open, lock)?;

        self.world.reach(lock)?;
        self.lock(&working, &dead)?;
        self.world.reach(lock + FUND_AFTER.min((due - lock) / 2))?;
        for class in &working {
            self.sides[*class].fund(&mut self.world)?;
        }
        self.world.reach(lock + REPORT_AFTER.min(due - lock))?;
        self.report(&working)?;
        self.settle(&working, &dead)?;
        self.after_settlement(&working)?;
        self.unlock_stale(lock, &dead)?;
        self.end_day()
    }

    /// Every Prime looks when the day opens, whenever its plan says so, and before the lock.
    pub(crate) fn looks(&mut self, open: u64, lock: u64) -> Result<()> {
        let last = lock.saturating_sub(LAST_LOOK).max(open);
        let mut agenda: BTreeSet<(u64, usize)> =
            (0..self.players.len()).map(|place| (open, place)).collect();
        agenda.extend((0..self.players.len()).map(|place| (last, place)));
        let mut rogues = adversary::agenda(self.simulation, self.day, open, last);
        let mut looks = vec![0_usize; self.players.len()];
        let mut seen = None;
        while let Some((at, place)) = agenda.pop_first() {
            while let Some(rogue) = rogues.first().filter(|rogue| rogue.at <= at).cloned() {
                rogues.remove(0);
                self.world.reach(rogue.at)?;
                adversary::strike(self, &rogue)?;
                seen = None;
            }
            self.world.reach(at)?;
            if seen != Some(at) {
                self.look_around()?;
                seen = Some(at);
            }
            let next = self.look(place, lock)?;
            looks[place] += 1;
            if let Some(next) = next.filter(|next| *next < last && looks[place] < MOST_LOOKS) {
                agenda.insert((next.max(at + 1), place));
            }
        }
        for rogue in rogues {
            self.world.reach(rogue.at)?;
            adversary::strike(self, &rogue)?;
        }
        Ok(())
    }

    fn look(&mut self, place: usize, lock: u64) -> Result<Option<u64>> {
        let (world, others) = (&mut self.world, &mut self.others);
        let player = &mut self.players[place];
        let look = player.look(world, &self.scene, others, lock)?;
        let touched: Vec<usize> = look
            .sent
            .iter()
            .filter_map(|(act, _)| match act {
                Act::RequestDeposit { unit, .. } | Act::RequestRedeem { unit, .. } => {
                    self.world.place_of(*unit)
                }
                _ => None,
            })
            .collect();
        self.check_spent(place, &look)?;
        let next = look.plan.next_look(look.at);
        if let Some(alarm) = &look.alarm {
            let who = self.players[place].terms.prime.slug.clone();
            self.incident("halt", who, format!("a warden stops the formation: {alarm}"), None);
        }
        if let Some(why) = &look.refused {
            let who = format!("stream of {}", self.players[place].terms.prime.slug);
            let what = format!("base goes by the public strategy: {why}");
            self.incident("stream", who, what, Some(true));
        }
        if self.players[place].is_running && !self.players[place].is_halted {
            self.leave_queues(place)?;
        }
        self.record.look(&self.world, &self.players[place], &look, self.day);
        for unit in touched {
            self.look_at(unit)?;
        }
        Ok(next)
    }

    /// What the Prime sent was taken off its limits and stands in the queues.
    pub(crate) fn check_spent(&mut self, place: usize, look: &Look) -> Result<()> {
        let limits = self.world.paus[place].rate_limits;
        let mut sums: BTreeMap<B256, (U256, U256)> = BTreeMap::new();
        for spent in &look.spent {
            sums.entry(spent.key).or_insert((spent.available, U256::ZERO)).1 += spent.amount;
        }
        for (key, (before, left)) in sums {
            let limit = now(observe::limit(&*self.world.chain, limits, key))?;
            let spot = (self.day, 0);
            self.checks.counted(spot, before, left, limit.current(self.world.now()));
        }
        for (at, holding, _) in &look.venues {
            let entered = look.sent.iter().filter_map(|(act, _)| match act {
                Act::RequestDeposit { unit, amount } if *unit == holding.unit.unit => Some(*amount),
                _ => None,
            });
            let entered: U256 = entered.sum();
            if !entered.is_zero() {
                let waits = self.players[place].pending(&self.world, *at)?;
                self.checks.in_and_out((self.day, *at), holding.stake.pending + entered, waits);
            }
        }
        Ok(())
    }

    /// Leaves the subscribe queue of a Unit, and sees that all that waited came back.
    fn leave(&mut self, place: usize, venue: usize) -> Result<()> {
        let player = &self.players[place];
        let Some(at) = self.world.venues.get(venue).map(|venue| &venue.at) else { return Ok(()) };
        let (asset, unit) = (at.class.asset, at.unit.at.unit);
        let proxy = player.terms.prime.alm_proxy;
        let waits = player.pending(&self.world, venue)?;
        let before = self.world.balance(asset, proxy)?;
        if player.leave(&mut self.world, venue)? {
            let came = self.world.balance(asset, proxy)?.saturating_sub(before);
            self.checks.in_and_out((self.day, venue), waits, came);
            let limits = self.world.paus[place].rate_limits;
            self.checks.gave_back(limits, keys::erc7540_deposit(asset, unit), came);
        }
        Ok(())
    }

    /// Takes what waits out of every queue that is not locked.
    fn leave_queues(&mut self, place: usize) -> Result<()> {
        for venue in 0..self.world.venues.len() {
            let is_locked = self.scene.units.get(venue).is_some_and(|unit| unit.is_locked);
            let player = &self.players[place];
            if !is_locked && !player.pending(&self.world, venue)?.is_zero() {
                self.leave(place, venue)?;
            }
        }
        Ok(())
    }

    /// Primes take home what is theirs, over-askers leave, and the relayers send to the managers.
    fn after_settlement(&mut self, working: &[usize]) -> Result<()> {
        for class in working {
            for place in self.sides[*class].units().to_vec() {
                for at in 0..self.players.len() {
                    if self.players[at].is_halted || !self.record.is_in(at, place) {
                        continue;
                    }
                    let gas = self.players[at].claim(&mut self.world, place)?;
                    self.record.claimed(at, place, gas);
                    self.leave_with_enough(at, place)?;
                }
            }
            if !self.sides[*class].is_late {
                self.sides[*class].deploy(&mut self.world)?;
            }
        }
        Ok(())
    }

    /// Who asked for more than it wanted leaves the queue once it has that.
    fn leave_with_enough(&mut self, at: usize, place: usize) -> Result<()> {
        let player = &self.players[at];
        if player.asks_bps <= 10_000 {
            return Ok(());
        }
        let unit = self.world.unit(place)?;
        let Some(venue) = self.world.venues.get(place) else { return Ok(()) };
        let shares = self.world.balance(unit.unit, player.terms.prime.alm_proxy)?;
        let held = venue.money(unit.price()?.assets(shares)?);
        let wanted = player.targets(&self.world).get(place).copied().unwrap_or_default();
        let wanted = wanted * U256::from(10_000) / U256::from(player.asks_bps);
        if held >= wanted && !unit.is_locked && !player.pending(&self.world, place)?.is_zero() {
            let who = player.terms.prime.slug.clone();
            self.leave(at, place)?;
            self.incident(
                "attack",
                who,
                "leaves the queue with all that it wanted".to_owned(),
                Some(false),
            );
        }
        Ok(())
    }

    /// The shocks that are on today.
    fn begin_shocks(&mut self) -> Result<()> {
        let day = self.day;
        let shocks = &self.simulation.shocks;
        for (class, side) in self.sides.iter_mut().enumerate() {
            let slug = self.simulation.classes[class].class.slug.as_str();
            let on = |kind| shocks.iter().find(|s| s.kind == kind && s.is_on(day) && s.hits(slug));
            side.is_late = on(ShockKind::ManagerLate).is_some();
            // What was earned so far was earned at the rate so far.
            let rate = on(ShockKind::Yield).map_or(side.terms.yield_bps, |shock| shock.yield_bps);
            if rate != side.yield_bps {
                side.pass(&mut self.world)?;
                side.yield_bps = rate;
            }
        }
        for player in &mut self.players {
            let slug = &player.terms.prime.slug;
            let is_on = |kind| {
                shocks.iter().any(|shock| {
                    shock.kind == kind
                        && shock.is_on(day)
                        && (shock.primes.is_empty() || shock.primes.contains(slug))
                })
            };
            player.is_running = is_on(ShockKind::Run);
            if let Some(stream) = &mut player.stream {
                stream.is_silent = is_on(ShockKind::StreamSilent);
            }
        }
        for shock in shocks.iter().filter(|shock| shock.day == day) {
            let who = match (shock.classes.first(), shock.primes.first()) {
                (Some(class), _) => class.clone(),
                (None, Some(_)) => shock.primes.join(", "),
                (None, None) => "everybody".to_owned(),
            };
            let days =
                if shock.days == 1 { "a day".to_owned() } else { format!("{} days", shock.days) };
            let mut what = format!("{} for {days}", words::shock(shock.kind));
            if shock.kind == ShockKind::Loss {
                let mut lost = U256::ZERO;
                for class in 0..self.sides.len() {
                    if shock.hits(&self.simulation.classes[class].class.slug) {
                        lost += self.sides[class].lose(&mut self.world, shock.part_bps)?;
                    }
                }
                what = format!("a loss of {}", dollars(lost.saturating_mul(USDC_TO_USDS)));
            }
            self.incident("shock", who, what, None);
        }
        self.dry_psm(shocks.iter().any(|s| s.kind == ShockKind::PsmDry && s.is_on(day)))
    }

    /// Somebody buys all of the PSM's USDC, and brings it back when the shock is over.
    fn dry_psm(&mut self, dry: bool) -> Result<()> {
        let sky = &self.world.observer.network.sky;
        let (usdc, pocket, buyer) = (sky.usdc, sky.lite_psm_pocket, outside("USDC buyer"));
        if dry {
            let value = self.world.balance(usdc, pocket)?;
            self.drained += value;
            self.world.chain_send(pocket, usdc, &Usdc::transferCall { to: buyer, value })?;
        } else if !self.drained.is_zero() {
            let value = std::mem::take(&mut self.drained);
            self.world.chain_send(buyer, usdc, &Usdc::transferCall { to: pocket, value })?;
        }
        Ok(())
    }

    /// Classes whose beacon does nothing today.
    fn dead_beacons(&mut self) -> BTreeSet<usize> {
        let (day, simulation) = (self.day, self.simulation);
        let mut dead = BTreeSet::new();
        for (class, entry) in simulation.classes.iter().enumerate() {
            let slug = &entry.class.slug;
            let killed = |s: &&halo_spec::Shock| {
                s.kind == ShockKind::BeaconDead && s.is_on(day) && s.hits(slug)
            };
            let asleep = simulation.agents.iter().enumerate().any(|(n, agent)| {
                let mut chance =
                    Chance::new(simulation.scenario.seed, &format!("stale/{slug}/{n}"), day);
                agent.kind == AgentKind::StaleOperator && chance.happens(agent.probability_bps)
            });
            if asleep || simulation.shocks.iter().any(|shock| killed(&shock)) {
                dead.insert(class);
                if asleep {
                    let what = "the beacon's operator sleeps".to_owned();
                    self.incident("shock", slug.clone(), what, None);
                }
            }
        }
        dead
    }

    pub(crate) fn incident(
        &mut self,
        kind: &str,
        who: String,
        what: String,
        refused: Option<bool>,
    ) {
        let (day, at, kind) = (self.day, self.world.now(), kind.to_owned());
        self.record.incidents.push(Incident { day, at, kind, who, what, refused });
    }

    pub(crate) fn end_day(&mut self) -> Result<()> {
        let Self { world, players, sides, record, .. } = self;
        record.end_day(world, players, sides, self.day)
    }
}
