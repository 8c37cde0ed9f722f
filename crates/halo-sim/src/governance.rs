//! What governance does on a day: spells of Primes and of Sky, inits through the timelock, growth by GovOps.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, U256, keccak256};
use halo_chain::now;
use halo_deploy::PACE;
use halo_sentinel::{
    math::{WAD, mul_div},
    prime::allocate::USDC_TO_USDS,
};
use halo_spec::{ActKind, GovernanceAct, Simulation, keys};
use halo_templates::bindings::{
    AccessControls, AllocatorVault, BeamScheduler, BeamState, BeamTimelock, Configurator, HaloUnit,
    RateLimits,
};

use crate::{
    Result,
    check::{Checks, Setting},
    observe,
    run::Incident,
    words::dollars,
    world::{World, outside, set_limit},
};

/// What is under way.
#[derive(Debug, Clone, Default)]
pub(crate) struct Governance {
    /// Inits that wait in the timelock: the batch, and what may be set when it is executed.
    scheduled: Vec<(B256, usize)>,
    /// Relayers that a spell puts back, by day.
    restored: BTreeMap<u32, Vec<usize>>,
}

impl Governance {
    /// Gives GovOps its way to the Primes' limits, where the scenario has a use for it.
    pub(crate) fn open(&self, world: &mut World<'_>, simulation: &Simulation) -> Result<()> {
        let Some(beam) = world.beam else { return Ok(()) };
        let uses = |act: &&GovernanceAct| matches!(act.kind, ActKind::Init | ActKind::Grow);
        if simulation.acts.iter().find(uses).is_none() {
            return Ok(());
        }
        let sky = simulation.network.governance.pause_proxy;
        let role = keccak256("LIMIT_SETTER");
        for pau in world.paus.clone() {
            let grant = RateLimits::grantRoleCall { role, account: beam.configurator };
            world.chain_send(pau.sub_proxy, pau.rate_limits, &grant)?;
            let usr = outside("GovOps");
            let call = BeamState::addGovOpsCall { almProxy: pau.proxy, usr };
            world.chain_send(sky, beam.state, &call)?;
        }
        Ok(())
    }

    /// The relayer of that Prime gets its role back on `day`.
    pub(crate) fn restore(&mut self, prime: usize, day: u32) {
        self.restored.entry(day).or_default().push(prime);
    }

    /// Primes whose relayer is back today.
    pub(crate) fn back(&mut self, world: &mut World<'_>, day: u32) -> Result<Vec<usize>> {
        let back = self.restored.remove(&day).unwrap_or_default();
        for prime in &back {
            let Some(pau) = world.paus.get(*prime).cloned() else { continue };
            let Some(account) = pau.relayer else { continue };
            let role = keccak256("ALLOCATOR_ROLE");
            world.chain_send(
                pau.sub_proxy,
                pau.acl,
                &AccessControls::grantRoleCall { role, account },
            )?;
        }
        Ok(back)
    }

    /// Does what is due today.
    pub(crate) fn act(
        &mut self,
        world: &mut World<'_>,
        checks: &mut Checks,
        simulation: &Simulation,
        day: u32,
    ) -> Result<Vec<Incident>> {
        let mut said = Vec::new();
        self.execute(world, checks, simulation, day)?;
        for (number, act) in simulation.acts.iter().enumerate() {
            let grows = act.kind == ActKind::Grow && day >= act.day;
            if act.day != day && !grows {
                continue;
            }
            if let Some(what) = self.carry_out(world, checks, simulation, act, number, day)? {
                let who = if act.primes.is_empty() {
                    "everybody".to_owned()
                } else {
                    act.primes.join(", ")
                };
                let (at, kind) = (world.now(), "governance".to_owned());
                said.push(Incident { day, at, kind, who, what, refused: None });
            }
        }
        Ok(said)
    }

    fn carry_out(
        &mut self,
        world: &mut World<'_>,
        checks: &mut Checks,
        simulation: &Simulation,
        act: &GovernanceAct,
        number: usize,
        day: u32,
    ) -> Result<Option<String>> {
        let primes: Vec<_> = world
            .paus
            .iter()
            .filter(|pau| act.primes.is_empty() || act.primes.contains(&pau.slug))
            .cloned()
            .collect();
        let sky = simulation.network.governance.pause_proxy;
        match act.kind {
            ActKind::DepositLimit => {
                checks.limits_were_set();
                for pau in &primes {
                    for (key, limit) in deposits(world, act) {
                        set_limit(world.chain, pau, key, &limit, true)?;
                    }
                }
                Ok(Some(format!("deposit limits are {} now", money(act.limit.max))))
            }
            ActKind::MintLimit | ActKind::SwapLimit => {
                checks.limits_were_set();
                let key = match act.kind {
                    ActKind::MintLimit => keys::usds_mint(),
                    _ => keys::usds_to_usdc(),
                };
                for pau in &primes {
                    set_limit(world.chain, pau, key, &act.limit, true)?;
                }
                let (what, max) = match act.kind {
                    ActKind::MintLimit => ("mint", act.limit.max),
                    _ => ("swap", act.limit.max.saturating_mul(USDC_TO_USDS)),
                };
                Ok(Some(format!("{what} limits are {} now", money(max))))
            }
            ActKind::Ceiling => {
                for pau in &primes {
                    for (what, data) in [("line", act.line), ("gap", act.gap)] {
                        let what = B256::right_padding_from(what.as_bytes());
                        world.chain_send(
                            sky,
                            pau.vault,
                            &AllocatorVault::fileCall { what, data },
                        )?;
                    }
                    world.chain_send(sky, pau.vault, &AllocatorVault::execCall {})?;
                }
                let (line, gap) = (money(act.line), money(act.gap));
                Ok(Some(format!("debt ceilings have a line of {line} and a gap of {gap} now")))
            }
            ActKind::UnitCaps => {
                let Some((cap, epoch)) = act.caps else { return Ok(None) };
                for venue in world.venues.clone() {
                    let class = &world.classes[venue.class];
                    if !act.classes.is_empty() && !act.classes.contains(&class.slug) {
                        continue;
                    }
                    let Some(admin) = class.admins.first().copied() else { continue };
                    let call = HaloUnit::setCapsCall {
                        cap_: venue.assets(cap),
                        epochSubscribeCap_: venue.assets(epoch),
                        epochRedeemCap_: venue.spec.epoch_redeem_cap,
                    };
                    world.chain_send(admin, venue.at.unit.at.unit, &call)?;
                }
                let (cap, epoch) = (money(cap), money(epoch));
                Ok(Some(format!("Units may hold {cap} and take in {epoch} in an epoch now")))
            }
            ActKind::Init => self.schedule(world, sky, act, number, &primes).map(Some),
            ActKind::Grow => self.grow(world, checks, act, &primes, day),
        }
    }

    /// An init goes into the timelock; what is due comes out of it in [`Self::execute`].
    fn schedule(
        &mut self,
        world: &mut World<'_>,
        sky: Address,
        act: &GovernanceAct,
        number: usize,
        primes: &[halo_chain::PrimePau],
    ) -> Result<String> {
        let Some(beam) = world.beam else {
            return Ok("this chain has no timelock at hand".to_owned());
        };
        let mut proposals = Vec::new();
        for pau in primes {
            for (key, limit) in deposits(world, act) {
                proposals.push(BeamScheduler::LimitProposal {
                    key,
                    almProxy: pau.proxy,
                    maxAmount: limit.max,
                    slope: limit.slope.per_second,
                    maxExposure: limit.max,
                });
            }
        }
        let order = BeamScheduler::BatchOrder {
            predecessor: B256::ZERO,
            salt: B256::from(U256::from(number + 1)),
        };
        let call = BeamScheduler::scheduleInitRateLimitsCall { proposals, order };
        let receipt = world.send(sky, beam.scheduler, &call)?;
        let scheduled = receipt.logs.iter().find(|log| log.address == beam.timelock);
        if let Some(id) = scheduled.and_then(|log| log.topics().get(1)) {
            self.scheduled.push((*id, number));
        }
        Ok("inits go into the timelock for fourteen days".to_owned())
    }

    /// Executes batches whose time has come, and lets GovOps go to the inits at once.
    fn execute(
        &mut self,
        world: &mut World<'_>,
        checks: &mut Checks,
        simulation: &Simulation,
        day: u32,
    ) -> Result<()> {
        let Some(beam) = world.beam else { return Ok(()) };
        for (id, number) in std::mem::take(&mut self.scheduled) {
            let call = BeamTimelock::executeBatchCall { id };
            if !world.attempt(outside("GovOps"), beam.timelock, &call)? {
                self.scheduled.push((id, number));
                continue;
            }
            let Some(act) = simulation.acts.get(number) else { continue };
            for pau in world.paus.clone() {
                if act.primes.is_empty() || act.primes.contains(&pau.slug) {
                    for (key, limit) in deposits(world, act) {
                        let (max, slope) = (limit.max, limit.slope.per_second);
                        set(world, checks, &pau, key, (max, slope), day)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// As much more as one raise may add, as often as the hop lets GovOps.
    fn grow(
        &self,
        world: &mut World<'_>,
        checks: &mut Checks,
        act: &GovernanceAct,
        primes: &[halo_chain::PrimePau],
        day: u32,
    ) -> Result<Option<String>> {
        let Some(beam) = world.beam else { return Ok(None) };
        let (mut grown, mut highest) = (0_u32, U256::ZERO);
        for pau in primes {
            let pace =
                world.read(beam.state, &BeamState::maxChangeOfCall { almProxy: pau.proxy })?;
            let more = |amount: U256| mul_div(amount, pace, WAD).unwrap_or(amount);
            highest = highest.max(pace.saturating_sub(WAD));
            for venue in world.venues.clone() {
                let key = keys::erc7540_deposit(venue.at.class.asset, venue.at.unit.at.unit);
                let limit = now(observe::limit(&*world.chain, pau.rate_limits, key))?;
                let until = venue.assets(act.until);
                if limit.is_unlimited() || !limit.is_set() || limit.max_amount >= until {
                    continue;
                }
                let setting = (more(limit.max_amount).min(until), more(limit.slope));
                grown += u32::from(set(world, checks, pau, key, setting, day)?);
            }
        }
        let percent = highest / U256::from(10).pow(U256::from(16));
        Ok((grown > 0)
            .then(|| format!("GovOps raises {grown} deposit limits by up to {percent} %")))
    }
}

/// Dollars, or the word for no bound.
fn money(amount: U256) -> String {
    if amount == U256::MAX { "unlimited".to_owned() } else { dollars(amount) }
}

/// GovOps sets a limit, if the Configurator lets it.
pub(crate) fn set(
    world: &mut World<'_>,
    checks: &mut Checks,
    pau: &halo_chain::PrimePau,
    key: B256,
    (max, slope): (U256, U256),
    day: u32,
) -> Result<bool> {
    let Some(beam) = world.beam else { return Ok(false) };
    let before = now(observe::limit(&*world.chain, pau.rate_limits, key))?;
    let call = Configurator::setRateLimitCall { almProxy: pau.proxy, key, maxAmount: max, slope };
    let done = world.attempt(outside("GovOps"), beam.configurator, &call)?;
    if done {
        let init = world.read(beam.state, &BeamState::initForCall { key, almProxy: pau.proxy })?;
        checks.set(&Setting {
            day,
            at: world.now(),
            limits: pau.rate_limits,
            key,
            init: init.exists.then_some(init.maxAmount),
            hop: PACE.hop.into(),
            max_change_bps: PACE.max_change_bps,
            before,
            after: now(observe::limit(&*world.chain, pau.rate_limits, key))?,
        });
    }
    Ok(done)
}

/// The keys of an act's deposit limits, one for each Unit, with the limit in the Unit's asset.
fn deposits(world: &World<'_>, act: &GovernanceAct) -> Vec<(B256, halo_spec::LimitValue)> {
    let venues = world.venues.iter();
    venues
        .map(|venue| {
            let key = keys::erc7540_deposit(venue.at.class.asset, venue.at.unit.at.unit);
            (key, act.limit.counted(|dollars| venue.assets(dollars)))
        })
        .collect()
}
