//! The world of a run: a chain on which the Classes stand, where everything is, and who sent how much.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_sol_types::SolCall;
use halo_chain::{Chain, Embedded, Genesis, GenesisTerms, PrimePau, Receipt, SkyTerms, Tx, now};
use halo_deploy::{Plan, PrimeLimits, apply};
use halo_sentinel::view::UnitView;
use halo_spec::{
    ClassSpec, LimitValue, MintCeiling, Network, Prime, ScenarioPrime, SettlementDays, Simulation,
    Token, UnitSpec, keys,
};
use halo_templates::bindings::{BeamState, HaloUnit, RateLimits, UnitRegistry, Usdc, Usds};

use crate::{
    Error, Result,
    check::Doors,
    observe::{Observer, UnitAt},
};

/// A chain on which the Classes of a simulation are deployed, active and open to its Primes.
#[derive(Debug)]
pub(crate) struct Stage {
    /// The chain.
    pub(crate) chain: Embedded,
    /// The UnitRegistry.
    pub(crate) registry: Address,
    /// What lets limits grow.
    pub(crate) beam: Beam,
    /// Where each Unit must stand, by the plans.
    pub(crate) predicted: BTreeMap<B256, Address>,
    /// What the plans made.
    pub(crate) doors: Doors,
}

/// The contracts by which limits grow without a vote.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Beam {
    /// BeamTimelock
    pub(crate) timelock: Address,
    /// BeamState
    pub(crate) state: Address,
    /// BeamScheduler
    pub(crate) scheduler: Address,
    /// Configurator
    pub(crate) configurator: Address,
}

impl Stage {
    /// Builds the chain from nothing: genesis, and the plan of each Class.
    ///
    /// # Errors
    /// If a Class cannot be planned or the chain refuses a step.
    pub(crate) fn build(simulation: &Simulation) -> Result<Self> {
        Self::build_on(None, simulation)
    }

    /// [`Self::build`] on a chain that takes the place of the genesis: the Primes' PAUs and what Sky has must stand there.
    ///
    /// # Errors
    /// As [`Self::build`].
    pub(crate) fn build_on(base: Option<Embedded>, simulation: &Simulation) -> Result<Self> {
        let Simulation { scenario, network, .. } = simulation;
        // What is planned knows the network's own Primes; copies come in by spells of their own afterwards.
        let planned = simulation.original_network();
        let mut primes = scenario.primes.clone();
        for prime in &planned.primes {
            if !primes.iter().any(|one| one.prime.slug == prime.slug) {
                primes.push(silent(prime));
            }
        }
        let terms = GenesisTerms {
            network,
            primes: &primes,
            limits_start: scenario.limits_start,
            timestamp: scenario.start,
            sky: SkyTerms::default(),
        };
        let mut chain = match base {
            Some(chain) => chain,
            None => Genesis::build(&terms)?.chain,
        };
        let (mut registry, mut beam) = (Address::ZERO, None);
        let (mut predicted, mut doors) = (BTreeMap::new(), Doors::default());
        for (place, entry) in simulation.classes.iter().enumerate() {
            let class = &entry.class;
            let mut limits = PrimeLimits::of_scenario(&scenario.in_asset(&class.asset));
            limits.retain(|one| planned.prime(&one.prime.slug).is_some());
            let plan = Plan::new(class, &planned, &limits)?;
            now(apply(&plan, &mut chain, |_| {}))?;
            doors.add(place, &plan);
            registry = plan.address("core/unit-registry")?;
            for unit in &class.units {
                predicted.insert(unit.id, plan.address(&format!("unit/{}/unit", unit.slug))?);
            }
            beam = Some(Beam {
                timelock: plan.address("core/beam-timelock")?,
                state: plan.address("core/beam-state")?,
                scheduler: plan.address("core/beam-scheduler")?,
                configurator: plan.address("core/configurator")?,
            });
        }
        let beam = beam.ok_or(Error::NoClass)?;
        // From here on receipts carry what is needed: events of thousands of Primes are of no use to anybody.
        chain.set_history(false);
        admit(&mut chain, simulation, &planned, registry, beam)?;
        Ok(Self { chain, registry, beam, predicted, doors })
    }
}

/// A Prime of the network that takes no part: its PAU stands, and it may do nothing.
fn silent(prime: &Prime) -> ScenarioPrime {
    ScenarioPrime {
        prime: prime.clone(),
        ceiling: MintCeiling { line: U256::ZERO, gap: U256::ZERO, ttl: 86_400 },
        mint: LimitValue::default(),
        swap: LimitValue::default(),
        deposit: LimitValue::default(),
        appetite: U256::ZERO,
        junior_share_bps: 0,
    }
}

/// Brings the copies of Primes in: registered by Sky, let in by the Classes' admins, limits by their own spells.
fn admit(
    chain: &mut Embedded,
    simulation: &Simulation,
    planned: &Network,
    registry: Address,
    beam: Beam,
) -> Result<()> {
    let sky = simulation.network.governance.pause_proxy;
    let observer = Observer { network: &simulation.network, registry };
    let mut units = Vec::new();
    for entry in &simulation.classes {
        for unit in &entry.class.units {
            let at = now(observer.locate(chain, unit.id))?;
            units.push((entry, unit, at.unit.at.unit));
        }
    }
    let full = simulation.scenario.starts_full();
    let unlimited = LimitValue { max: U256::MAX, ..LimitValue::default() };
    for one in
        simulation.scenario.primes.iter().filter(|one| planned.prime(&one.prime.slug).is_none())
    {
        let (prime, pau) = (&one.prime, PrimePau::of(&one.prime));
        let call = UnitRegistry::registerPrimeCall {
            slug: prime.slug.clone(),
            proxy: pau.proxy,
            rateLimits: pau.rate_limits,
            controller: pau.controller,
        };
        now(chain.write(sky, registry, &call))?;
        let known = BeamState::Pau {
            controller: pau.controller,
            rateLimits: pau.rate_limits,
            acl: pau.acl,
            subject: prime.id,
        };
        let call = BeamState::registerPauCall { almProxy: pau.proxy, pau: known };
        now(chain.write(sky, beam.state, &call))?;
        let original = simulation.original_of(&prime.slug);
        for (entry, unit, address) in &units {
            if !unit.open && !unit.entrant_primes.contains(&original) {
                continue;
            }
            let class = &entry.class;
            if let Some(admin) = class.admins.first().filter(|_| !unit.open) {
                let call = HaloUnit::setEntrantCall { account: pau.proxy, allowed: true };
                now(chain.write(*admin, *address, &call))?;
            }
            let key = keys::erc7540_deposit(class.asset.address, *address);
            let limit = one.deposit.counted(|dollars| class.asset.units(dollars));
            set_limit(chain, &pau, key, &limit, full)?;
            for key in [keys::erc7540_redeem(*address), keys::lcts_exit(*address)] {
                set_limit(chain, &pau, key, &unlimited, full)?;
            }
            let init = BeamState::addInitRateLimitCall {
                key,
                almProxy: pau.proxy,
                maxAmount: limit.max,
                slope: limit.slope.per_second,
            };
            now(chain.write(sky, beam.state, &init))?;
        }
    }
    Ok(())
}

/// A Prime's spell sets a limit, which is full or empty then.
pub(crate) fn set_limit(
    chain: &mut Embedded,
    pau: &PrimePau,
    key: B256,
    limit: &LimitValue,
    is_full: bool,
) -> Result<()> {
    let (admin, limits) = (pau.sub_proxy, pau.rate_limits);
    if limit.is_unlimited() {
        let call = RateLimits::setUnlimitedRateLimitDataCall { key };
        now(chain.write(admin, limits, &call))?;
        return Ok(());
    }
    let call = RateLimits::setRateLimitDataCall {
        key,
        maxAmount: limit.max,
        slope: if limit.max.is_zero() { U256::ZERO } else { limit.slope.per_second },
        lastAmount: if is_full { limit.max } else { U256::ZERO },
        lastUpdated: U256::from(chain.timestamp()),
    };
    now(chain.write(admin, limits, &call))?;
    Ok(())
}

/// A Unit of the world.
#[derive(Debug, Clone)]
pub(crate) struct Venue {
    /// Its spec.
    pub(crate) spec: UnitSpec,
    /// The place of its Class.
    pub(crate) class: usize,
    /// Its records.
    pub(crate) at: UnitAt,
    /// What it takes and pays.
    pub(crate) asset: Token,
}

impl Venue {
    /// Assets as dollars of 18 decimals.
    pub(crate) fn money(&self, assets: U256) -> U256 {
        self.asset.dollars(assets)
    }

    /// Dollars as assets, floor; what stands for no bound stays.
    pub(crate) fn assets(&self, money: U256) -> U256 {
        self.asset.units(money)
    }

    /// `class/unit`.
    pub(crate) fn slug(&self, classes: &[ClassSpec]) -> String {
        let class = classes.get(self.class).map_or("", |class| class.slug.as_str());
        format!("{class}/{}", self.spec.slug)
    }

    /// Whether it settles on weekdays alone.
    pub(crate) fn keeps_weekends(&self) -> bool {
        self.spec.settles == SettlementDays::Weekdays
    }
}

/// A chain, and where everything on it is.
#[derive(Debug)]
pub(crate) struct World<'a> {
    /// The chain.
    pub(crate) chain: &'a mut Embedded,
    /// Where to look.
    pub(crate) observer: Observer<'a>,
    /// The Units, equity first within a Class.
    pub(crate) venues: Vec<Venue>,
    /// The Classes.
    pub(crate) classes: Vec<ClassSpec>,
    /// The Primes' PAUs.
    pub(crate) paus: Vec<PrimePau>,
    /// What lets limits grow, on a chain that the engine itself made.
    pub(crate) beam: Option<Beam>,
    /// Transactions that agents sent.
    pub(crate) actions: u64,
    /// Gas of them.
    pub(crate) gas: u64,
    /// The clock goes no further, UTC seconds.
    pub(crate) until: Option<u64>,
}

impl<'a> World<'a> {
    /// Finds everything on a chain that stands.
    ///
    /// # Errors
    /// If the chain cannot be asked.
    pub(crate) fn find(
        chain: &'a mut Embedded,
        simulation: &'a Simulation,
        registry: Address,
    ) -> Result<Self> {
        let network: &Network = &simulation.network;
        let observer = Observer { network, registry };
        let (mut venues, mut classes) = (Vec::new(), Vec::new());
        for (place, entry) in simulation.classes.iter().enumerate() {
            // Where both could settle, equity goes first: what it brings covers the others.
            for spec in entry.class.units_by_tranche() {
                let at = now(observer.locate(chain, spec.id))?;
                let asset = entry.class.asset.clone();
                venues.push(Venue { spec: spec.clone(), class: place, at, asset });
            }
            classes.push(entry.class.clone());
        }
        let paus = simulation.scenario.primes.iter().map(|one| PrimePau::of(&one.prime)).collect();
        Ok(Self {
            chain,
            observer,
            venues,
            classes,
            paus,
            beam: None,
            actions: 0,
            gas: 0,
            until: None,
        })
    }

    /// The place of the Unit with that address.
    pub(crate) fn place_of(&self, unit: Address) -> Option<usize> {
        self.venues.iter().position(|venue| venue.at.unit.at.unit == unit)
    }

    /// The clock.
    pub(crate) fn now(&self) -> u64 {
        self.chain.timestamp()
    }

    /// Moves the clock forward; not back, and not beyond where the run stops.
    pub(crate) fn reach(&mut self, at: u64) -> Result<()> {
        let last = self.until.unwrap_or(u64::MAX);
        self.chain.warp_to(at.min(last).max(self.chain.timestamp()))?;
        if at > last { Err(Error::Stopped) } else { Ok(()) }
    }

    /// Calls a view.
    pub(crate) fn read<C: SolCall>(&self, to: Address, call: &C) -> Result<C::Return> {
        Ok(now(self.chain.read(to, call))?)
    }

    /// What `holder` has of `token`.
    pub(crate) fn balance(&self, token: Address, holder: Address) -> Result<U256> {
        self.read(token, &Usds::balanceOfCall(holder))
    }

    /// Sends what must succeed.
    pub(crate) fn send<C: SolCall>(
        &mut self,
        from: Address,
        to: Address,
        call: &C,
    ) -> Result<Receipt> {
        self.send_raw(from, to, call.abi_encode().into())
    }

    /// Sends what must succeed.
    pub(crate) fn send_raw(&mut self, from: Address, to: Address, data: Bytes) -> Result<Receipt> {
        let receipt = now(self.chain.send(&Tx::call(from, to, data)))?;
        self.count(receipt.gas_used);
        Ok(receipt)
    }

    /// Tries what may be refused. Returns whether it was done.
    pub(crate) fn attempt<C: SolCall>(
        &mut self,
        from: Address,
        to: Address,
        call: &C,
    ) -> Result<bool> {
        let outcome = self.chain.transact(from, to, call.abi_encode().into())?;
        self.count(outcome.gas_used);
        Ok(outcome.is_success())
    }

    /// Counts a transaction that was sent past this.
    pub(crate) fn count(&mut self, gas: u64) {
        self.actions += 1;
        self.gas += gas;
    }

    /// The Unit at that place, as it stands.
    pub(crate) fn unit(&self, place: usize) -> Result<UnitView> {
        let venue = self.venues.get(place).ok_or(Error::NoClass)?;
        now(self.observer.unit(&*self.chain, &venue.at))
    }

    /// Creates a stablecoin for somebody: what the world outside pays in.
    pub(crate) fn mint(&mut self, token: Address, to: Address, amount: U256) -> Result<()> {
        if amount.is_zero() {
            return Ok(());
        }
        let governance = self.observer.network.governance.pause_proxy;
        if token == self.observer.network.sky.usdc {
            self.chain_send(governance, token, &Usdc::mintCall { to, amount })
        } else {
            self.chain_send(governance, token, &Usds::mintCall { to, value: amount })
        }
    }

    /// Destroys what somebody has: what the world outside has lost.
    pub(crate) fn burn(&mut self, token: Address, from: Address, amount: U256) -> Result<()> {
        if amount.is_zero() {
            return Ok(());
        }
        if token == self.observer.network.sky.usdc {
            self.chain_send(from, token, &Usdc::burnCall { amount })
        } else {
            self.chain_send(from, token, &Usds::burnCall { from, value: amount })
        }
    }

    /// Sends something that no agent does: it is not counted.
    pub(crate) fn chain_send<C: SolCall>(
        &mut self,
        from: Address,
        to: Address,
        call: &C,
    ) -> Result<()> {
        now(self.chain.send(&Tx::typed(from, to, call)))?;
        Ok(())
    }
}

/// An address that stands for somebody outside: made from its name, held by nobody.
pub(crate) fn outside(name: &str) -> Address {
    Address::from_word(keccak256(format!("halo simulation/{name}")))
}

/// The id of a name.
pub(crate) fn name_id(name: &str) -> B256 {
    keccak256(name)
}

/// What `value` earns or loses in so many seconds at so many basis points a year, floor.
pub(crate) fn earned(value: U256, yield_bps: i32, seconds: u64) -> U256 {
    const YEAR: u64 = 365 * 86_400;
    let rate = U256::from(yield_bps.unsigned_abs()) * U256::from(seconds);
    value.saturating_mul(rate) / U256::from(10_000 * YEAR)
}
