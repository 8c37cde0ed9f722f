//! What Primes can hold besides Units: venues outside, reached by transfers within a real limit, paid back after a delay.

use alloy_primitives::{Address, U256};
use halo_sentinel::{
    math::RAY,
    prime::{
        Act, Stake, Validation,
        onboarding::COMPLETE,
        portfolio::{Holding, Terms},
    },
    rate_limit::RateLimit,
    view::{BookView, UnitState, UnitView},
};
use halo_spec::{Other, Simulation, keys};
use halo_templates::bindings::{ControllerSurface, Usds};

use crate::{
    Result,
    formation::Formation,
    observe,
    world::{World, earned, name_id, outside, set_limit},
};

/// The other targets, with what each Prime has there. Dollars of 18 decimals.
#[derive(Debug, Clone, Default)]
pub(crate) struct Others {
    targets: Vec<Target>,
    /// Earned by them so far.
    pub(crate) gains: U256,
    /// Lost by them so far.
    pub(crate) losses: U256,
}

#[derive(Debug, Clone)]
struct Target {
    terms: Other,
    at: Address,
    held: Vec<U256>,
    owed: Vec<(u64, usize, U256)>,
    accrued_at: u64,
}

impl Others {
    /// Grants the Primes their limits and puts what they hold at the start in place.
    pub(crate) fn open(world: &mut World<'_>, simulation: &Simulation) -> Result<Self> {
        let usds = simulation.network.sky.usds;
        let mut targets = Vec::with_capacity(simulation.others.len());
        for (place, terms) in simulation.others.iter().enumerate() {
            let at = outside(&format!("target/{}", terms.slug));
            let mut held = Vec::with_capacity(world.paus.len());
            for (pau, mandate) in world.paus.clone().iter().zip(&simulation.mandates) {
                let key = keys::asset_transfer(usds, at);
                set_limit(world.chain, pau, key, &terms.limit, true)?;
                let has: U256 = mandate
                    .holds
                    .iter()
                    .filter(|(target, _)| *target == place)
                    .map(|(_, amount)| *amount)
                    .sum();
                world.mint(usds, at, has)?;
                held.push(has);
            }
            let accrued_at = world.now();
            targets.push(Target { terms: terms.clone(), at, held, owed: Vec::new(), accrued_at });
        }
        Ok(Self { targets, gains: U256::ZERO, losses: U256::ZERO })
    }

    /// Their addresses and names.
    pub(crate) fn parties(&self) -> impl Iterator<Item = (String, Address)> + '_ {
        self.targets.iter().map(|target| (format!("other target {}", target.terms.slug), target.at))
    }

    /// Earns, and pays what is due.
    pub(crate) fn pass(&mut self, world: &mut World<'_>) -> Result<()> {
        let (now, usds) = (world.now(), world.observer.network.sky.usds);
        for target in &mut self.targets {
            let elapsed = now.saturating_sub(target.accrued_at);
            target.accrued_at = now;
            for held in &mut target.held {
                let moved = earned(*held, target.terms.yield_bps, elapsed);
                if target.terms.yield_bps >= 0 {
                    world.mint(usds, target.at, moved)?;
                    *held += moved;
                    self.gains += moved;
                } else {
                    let moved = moved.min(*held);
                    world.burn(usds, target.at, moved)?;
                    *held -= moved;
                    self.losses += moved;
                }
            }
            let due: Vec<_> = target.owed.iter().filter(|(at, ..)| *at <= now).copied().collect();
            target.owed.retain(|(at, ..)| *at > now);
            for (_, prime, amount) in due {
                if let Some(pau) = world.paus.get(prime) {
                    let call = Usds::transferCall { to: pau.proxy, value: amount };
                    world.chain_send(target.at, usds, &call)?;
                }
            }
        }
        Ok(())
    }

    /// The other targets as a base strategy sees Units: open, at par, capped per Prime.
    pub(crate) fn holdings(&self, world: &World<'_>, who: &Formation<'_>) -> Result<Vec<Holding>> {
        let mut holdings = Vec::with_capacity(self.targets.len());
        let sky = &world.observer.network.sky;
        for target in &self.targets {
            let held = target.held.get(who.place).copied().unwrap_or_default();
            let limits = world.paus.get(who.place).map(|pau| pau.rate_limits).unwrap_or_default();
            let key = keys::asset_transfer(sky.usds, target.at);
            let deposit_limit = halo_chain::now(observe::limit(&*world.chain, limits, key))?;
            let unit = UnitView {
                id: name_id(&target.terms.slug),
                unit: target.at,
                asset: sky.usds,
                asset_decimals: 18,
                state: UnitState::Active,
                subscribe_until: u64::MAX,
                index: RAY,
                total_supply: held,
                cap: target.terms.cap,
                epoch_subscribe_cap: U256::MAX,
                epoch_redeem_cap: U256::MAX,
                redeem_liquidity: U256::MAX,
                subscribe_headroom: U256::MAX,
                redeem_headroom: U256::MAX,
                book: BookView { is_empty: true, ..BookView::default() },
                ..UnitView::default()
            };
            holdings.push(Holding {
                unit,
                stake: Stake {
                    is_entrant: true,
                    deposit_limit,
                    redeem_limit: RateLimit::UNLIMITED,
                    exit_limit: RateLimit::UNLIMITED,
                    shares: held,
                    ..Stake::default()
                },
                exit: Default::default(),
                validation: Validation { mask: COMPLETE, failures: Vec::new() },
                terms: Terms {
                    yield_bps: target.terms.yield_bps,
                    capital_ratio_bps: target.terms.capital_ratio_bps,
                    groups: Vec::new(),
                },
            });
        }
        Ok(holdings)
    }

    /// Does an act that is about one of them. Returns its gas; `None` if it is about something else.
    pub(crate) fn carry_out(
        &mut self,
        world: &mut World<'_>,
        who: &Formation<'_>,
        act: &Act,
    ) -> Result<Option<u64>> {
        let (Act::RequestDeposit { unit, amount } | Act::RequestRedeem { unit, shares: amount }) =
            *act
        else {
            return Ok(None);
        };
        let Some(target) = self.targets.iter_mut().find(|target| target.at == unit) else {
            return Ok(None);
        };
        let Some(held) = target.held.get_mut(who.place) else { return Ok(None) };
        if matches!(act, Act::RequestRedeem { .. }) {
            // Asked for outside the chain; the venue pays when its time has come.
            let amount = amount.min(*held);
            *held -= amount;
            let due = world.now() + u64::from(target.terms.redeem_delay);
            target.owed.push((due, who.place, amount));
            return Ok(Some(0));
        }
        *held += amount;
        let (asset, destination) = (world.observer.network.sky.usds, target.at);
        let call = ControllerSurface::transferAsset_transferCall { asset, destination, amount };
        Ok(Some(world.send(who.relayer(), who.controller(), &call)?.gas_used))
    }
}
