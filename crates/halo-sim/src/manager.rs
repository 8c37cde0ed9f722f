//! The Halo's side of a Class: its relayer and the manager outside the chain.
//!
//! ```text
//! USDS in the Class → USDC (PSM) → endpoint → position (acknowledged after the subscription delay)
//! position → endpoint's buffer (after the redemption delay) → claimed, matched → USDS → the Unit, for its redeemers
//! ```
//!
//! A position is money at the endpoint's address: what it earns is created there and what it loses is destroyed, so that
//! the value that is reported is there to the unit and what was gained and lost can be added up.

use std::collections::VecDeque;

use alloy_primitives::{Address, B256, U256};
use halo_chain::now;
use halo_sentinel::{
    lcts::settler::redemption_shortfall, prime::allocate::USDC_TO_USDS, rate_limit::RateLimit,
};
use halo_spec::{SimClass, keys};
use halo_templates::bindings::{
    BeaconRegistry, ControllerSurface, HaloBook, OfframpLedger, UnitRegistry, Usdc,
};

use crate::{
    Error, Result, attest,
    attest::Statement,
    observe,
    world::{World, earned},
};

/// The relayer and the manager of one Class. Amounts are USDC, 6 decimals, unless they say otherwise.
#[derive(Debug, Clone)]
pub(crate) struct HaloSide<'a> {
    /// The Class and the manager's terms.
    pub(crate) terms: &'a SimClass,
    /// What the positions are worth.
    pub(crate) value: U256,
    /// What they earn now, basis points a year.
    pub(crate) yield_bps: i32,
    /// It neither takes up payments nor pays.
    pub(crate) is_late: bool,
    /// Earned so far.
    pub(crate) gains: U256,
    /// Lost so far.
    pub(crate) losses: U256,
    /// Units of the Class, as places in the world.
    units: Vec<usize>,
    endpoint: Option<Address>,
    arriving: VecDeque<(u64, U256)>,
    owed: VecDeque<(u64, U256)>,
    accrued_at: u64,
}

impl<'a> HaloSide<'a> {
    /// A manager who has nothing yet.
    pub(crate) fn new(world: &World<'_>, place: usize, terms: &'a SimClass) -> Self {
        let usdc = world.observer.network.sky.usdc;
        let takes = |e: &&halo_spec::Endpoint| {
            e.assets.iter().any(|token| token.address == usdc) && e.least_return_wad.is_zero()
        };
        let units = world.venues.iter().enumerate().filter(|(_, venue)| venue.class == place);
        Self {
            terms,
            value: U256::ZERO,
            yield_bps: terms.yield_bps,
            is_late: false,
            gains: U256::ZERO,
            losses: U256::ZERO,
            units: units.map(|(at, _)| at).collect(),
            endpoint: terms.class.endpoints.iter().find(takes).map(|endpoint| endpoint.address),
            arriving: VecDeque::new(),
            owed: VecDeque::new(),
            accrued_at: world.now(),
        }
    }

    /// Places of its Units in the world.
    pub(crate) fn units(&self) -> &[usize] {
        &self.units
    }

    /// Time passes: positions earn or lose, payments become positions, what is due is paid back and brought home.
    ///
    /// # Errors
    /// If the chain refuses a step. So for all functions here.
    pub(crate) fn pass(&mut self, world: &mut World<'_>) -> Result<()> {
        self.accrue(world)?;
        let Some(endpoint) = self.endpoint.filter(|_| !self.is_late) else { return Ok(()) };
        self.convert(world)?;
        let at = world.now();
        while let Some((_, amount)) = self.arriving.front().copied().filter(|(due, _)| *due <= at) {
            self.arriving.pop_front();
            let venue = self.venue(world)?;
            let gas = now(attest::acknowledge(
                world.chain,
                &self.terms.class,
                &venue,
                endpoint,
                amount * USDC_TO_USDS,
            ))?;
            world.count(gas);
            self.value += amount;
        }
        let mut due = U256::ZERO;
        while let Some((_, amount)) = self.owed.front().copied().filter(|(due, _)| *due <= at) {
            self.owed.pop_front();
            due += amount;
        }
        let due = due.min(self.value);
        if !due.is_zero() {
            self.pay_back(world, endpoint, due)?;
        }
        Ok(())
    }

    /// A part of the positions is worth nothing any more. Returns the loss.
    pub(crate) fn lose(&mut self, world: &mut World<'_>, part_bps: u16) -> Result<U256> {
        let lost = self.value * U256::from(part_bps) / U256::from(10_000);
        self.write_down(world, lost)?;
        Ok(lost)
    }

    /// What is deployed and under way, in units of the Class's asset.
    pub(crate) fn statement(&self, world: &World<'_>) -> Result<Statement> {
        let usdc = world.observer.network.sky.usdc;
        let mut deployed = self.value;
        if self.terms.class.asset.address != usdc {
            // Converted and not sent, or back and not converted yet.
            deployed += world.balance(usdc, self.proxy(world)?)?;
        }
        let in_flight = self.arriving.iter().map(|(_, amount)| *amount).sum::<U256>();
        Ok(Statement { deployed: self.asset(deployed), in_flight: self.asset(in_flight) })
    }

    /// The locked queues are known: what redeemers are short of is set aside as far as it is at hand, and asked for
    /// from the manager as far as it is not.
    pub(crate) fn fund(&mut self, world: &mut World<'_>) -> Result<()> {
        let (mut short, at) = (U256::ZERO, world.now());
        for place in self.units.clone() {
            let (unit, venue) = (world.unit(place)?, self.venue_of(world, place)?);
            let missing = redemption_shortfall(&unit)?;
            if missing.is_zero() {
                continue;
            }
            let class = &venue.class.at;
            let key = keys::lcts_fund_redeem(venue.class.asset, unit.unit);
            let limit = now(observe::limit(&*world.chain, class.rateLimits, key))?;
            let held = world.balance(venue.class.asset, class.almProxy)?;
            let amount = missing.min(held).min(limit.current(at));
            if !amount.is_zero() {
                let call =
                    ControllerSurface::lctsHalo_fundRedemptionCall { unit: unit.unit, amount };
                world.send(self.terms.class.relayer, class.controller, &call)?;
            }
            short += missing - amount;
        }
        let short = self.usdc(short);
        let coming: U256 = self.owed.iter().map(|(_, amount)| *amount).sum();
        let asked = short.saturating_sub(coming).min(self.value.saturating_sub(coming));
        if !asked.is_zero() {
            self.owed.push_back((at + u64::from(self.terms.redeem_delay), asked));
        }
        Ok(())
    }

    /// What is beyond the liquid part and what redeemers wait for goes to the manager, as far as limits let it.
    pub(crate) fn deploy(&mut self, world: &mut World<'_>) -> Result<()> {
        let Some(endpoint) = self.endpoint else { return Ok(()) };
        let at = self.venue(world)?;
        let (class, asset, usdc) = (&at.class.at, at.class.asset, world.observer.network.sky.usdc);
        let (time, relayer) = (world.now(), self.terms.class.relayer);
        let nav = world.read(class.book, &HaloBook::navCall {})?;
        let mut keep = nav * U256::from(self.terms.liquid_bps) / U256::from(10_000);
        for place in self.units.clone() {
            keep += redemption_shortfall(&world.unit(place)?)?;
        }
        let idle = world.balance(asset, class.almProxy)?.saturating_sub(keep);
        let limit = |world: &World<'_>, key: B256| -> Result<RateLimit> {
            now(observe::limit(&*world.chain, class.rateLimits, key))
        };
        let mut amount = self.usdc(idle);
        let ledger =
            world.read(class.ledger, &OfframpLedger::bucketsOfCall { target: endpoint })?;
        let config =
            world.read(class.ledger, &OfframpLedger::endpointOfCall { target: endpoint })?;
        let room = config.config.maxInFlight.saturating_sub(U256::from(ledger.inFlight));
        let send = limit(world, keys::offramp_send(usdc, endpoint))?.current(time);
        amount = amount.min(room.min(send) / USDC_TO_USDS);
        if asset != usdc {
            let sky = &world.observer.network.sky;
            let pocket = world.balance(usdc, sky.lite_psm_pocket)?;
            let swap = limit(world, keys::usds_to_usdc())?.current(time);
            amount = amount.min(pocket).min(swap);
            // Not worth a conversion.
            if amount < LEAST {
                return Ok(());
            }
            let call = ControllerSurface::psm_swapUSDSToUSDCCall { usdcAmount: amount };
            if !world.attempt(relayer, class.controller, &call)? {
                return Ok(());
            }
        }
        if amount < LEAST {
            return Ok(());
        }
        let call = ControllerSurface::offramp_sendCall {
            target: endpoint,
            asset: usdc,
            amount,
            r#ref: B256::ZERO,
        };
        world.send(relayer, class.controller, &call)?;
        self.arriving.push_back((time + u64::from(self.terms.subscribe_delay), amount));
        Ok(())
    }

    /// The relayer's beacon says that it is alive.
    pub(crate) fn beat(&self, world: &mut World<'_>) -> Result<()> {
        let (registry, subject) = (world.observer.registry, self.venue(world)?.unit.classId);
        let operator = self.terms.class.relayer;
        let beacons = world.read(registry, &UnitRegistry::sourcesCall {})?.beacons;
        let id = world.read(beacons, &BeaconRegistry::idOfCall { operator, subject })?;
        if !id.is_zero() {
            let call = BeaconRegistry::heartbeatCall { id, stateRoot: subject };
            world.send(operator, beacons, &call)?;
        }
        Ok(())
    }

    fn accrue(&mut self, world: &mut World<'_>) -> Result<()> {
        let at = world.now();
        let elapsed = at.saturating_sub(self.accrued_at);
        self.accrued_at = at;
        let moved = earned(self.value, self.yield_bps, elapsed);
        if self.yield_bps < 0 {
            return self.write_down(world, moved.min(self.value));
        }
        if let Some(endpoint) = self.endpoint {
            world.mint(world.observer.network.sky.usdc, endpoint, moved)?;
            self.value += moved;
            self.gains += moved;
        }
        Ok(())
    }

    fn write_down(&mut self, world: &mut World<'_>, lost: U256) -> Result<()> {
        if let Some(endpoint) = self.endpoint {
            world.burn(world.observer.network.sky.usdc, endpoint, lost)?;
            self.value -= lost;
            self.losses += lost;
        }
        Ok(())
    }

    fn pay_back(&mut self, world: &mut World<'_>, endpoint: Address, amount: U256) -> Result<()> {
        let at = self.venue(world)?;
        let (class, usdc) = (&at.class.at, world.observer.network.sky.usdc);
        let relayer = self.terms.class.relayer;
        let buffer = world.read(class.ledger, &OfframpLedger::bufferOfCall { target: endpoint })?;
        world.chain_send(endpoint, usdc, &Usdc::transferCall { to: buffer, value: amount })?;
        self.value -= amount;
        let claim = ControllerSurface::offramp_claimCall { target: endpoint, asset: usdc };
        world.send(relayer, class.controller, &claim)?;
        let gas = now(attest::match_return(
            world.chain,
            &self.terms.class,
            &at,
            endpoint,
            usdc,
            amount * USDC_TO_USDS,
        ))?;
        world.count(gas);
        self.convert(world)
    }

    /// USDC that came home becomes the Class's asset; what the PSM does not take waits for the next time.
    fn convert(&self, world: &mut World<'_>) -> Result<()> {
        let at = self.venue(world)?;
        let (class, usdc) = (&at.class.at, world.observer.network.sky.usdc);
        let amount = world.balance(usdc, class.almProxy)?;
        if at.class.asset != usdc && !amount.is_zero() {
            let call = ControllerSurface::psm_swapUSDCToUSDSCall { usdcAmount: amount };
            world.attempt(self.terms.class.relayer, class.controller, &call)?;
        }
        Ok(())
    }

    fn venue(&self, world: &World<'_>) -> Result<observe::UnitAt> {
        self.venue_of(world, self.units.first().copied().unwrap_or(usize::MAX))
    }

    fn venue_of(&self, world: &World<'_>, place: usize) -> Result<observe::UnitAt> {
        world.venues.get(place).map(|venue| venue.at.clone()).ok_or(Error::NoClass)
    }

    fn proxy(&self, world: &World<'_>) -> Result<Address> {
        Ok(self.venue(world)?.class.at.almProxy)
    }

    /// Units of the asset as USDC, floor.
    fn usdc(&self, assets: U256) -> U256 {
        let decimals = self.terms.class.asset.decimals.saturating_sub(6);
        assets / U256::from(10).pow(U256::from(decimals))
    }

    /// USDC as units of the asset.
    fn asset(&self, usdc: U256) -> U256 {
        let decimals = self.terms.class.asset.decimals.saturating_sub(6);
        usdc.saturating_mul(U256::from(10).pow(U256::from(decimals)))
    }
}

/// The least that is sent to a manager: a thousand USDC.
const LEAST: U256 = alloy_primitives::uint!(1_000_000_000_U256);
