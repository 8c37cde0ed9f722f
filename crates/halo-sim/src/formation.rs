//! One Prime's sentinel formation as an agent: stl-base decides, its wardens look, its relayer sends.

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::SolCall;
use halo_chain::now;
use halo_sentinel::{
    encode,
    prime::{
        Act, Binding, Case, Stake, Validation,
        allocate::{Allocation, Appetite, allocate},
        base::{self, Plan},
        detect::Detector,
        onboarding::{self, OnboardingView},
        portfolio::{Cover, ExitView, Group, Holding, Mandate, Pace, Portfolio, Terms},
        view::PrimeView,
        warden,
    },
    view::UnitView,
};
use halo_spec::{MandateTerms, ScenarioPrime, Seniority, keys};
use halo_templates::bindings::{ControllerSurface, HaloUnit, LctsQueue};

use crate::{
    Bound, Error, Result,
    others::Others,
    run::StreamRow,
    stream::{self, Stream},
    world::{Venue, World, name_id},
};

/// Epochs for which a Prime is ready to wait in a queue: what an epoch takes in is no reason to ask for less.
const PATIENCE: u32 = 30;

/// Yield that a Prime expects of everything when it runs, basis points a year.
const FLIGHT: i32 = -20_000;

/// One Prime: what it knows and where it acts.
#[derive(Debug, Clone)]
pub(crate) struct Formation<'a> {
    /// Who it is, what it may do and what it wants.
    pub(crate) terms: &'a ScenarioPrime,
    /// How it decides.
    pub(crate) mandate: &'a MandateTerms,
    /// Its place among the Primes.
    pub(crate) place: usize,
    /// How many times its appetite it asks for, basis points.
    pub(crate) asks_bps: u32,
    /// Its relayer was taken out.
    pub(crate) is_halted: bool,
    /// It wants its money back.
    pub(crate) is_running: bool,
    /// Its stream, if it has one.
    pub(crate) stream: Option<Stream>,
    relayer: Address,
    controller: Address,
    detector: Detector,
    validations: Vec<Option<Validation>>,
    entrant: Vec<Option<bool>>,
}

/// What everybody sees of the Units at one moment.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scene {
    /// The Units, in the order of the world.
    pub(crate) units: Vec<UnitView>,
    /// What the requirements are derived from, but for the Prime's own part.
    pub(crate) onboarding: Vec<OnboardingView>,
    /// Index of each Unit's latest settlement, once there was one.
    pub(crate) settled_index: Vec<Option<U256>>,
    /// Risk capital that a dollar in the Unit needs, basis points.
    pub(crate) capital_ratio_bps: Vec<u16>,
    /// The smallest redemption, shares.
    pub(crate) min_redeem: Vec<U256>,
    /// Who covers whom.
    pub(crate) covers: Vec<Cover>,
}

/// What a Prime decided at one moment, and what it sent.
#[derive(Debug, Clone)]
pub(crate) struct Look {
    /// When, UTC seconds.
    pub(crate) at: u64,
    /// The decision.
    pub(crate) plan: Plan,
    /// Each Unit that it knows: the place, what it had of it, and what each limit allowed.
    pub(crate) venues: Vec<(usize, Holding, Allocation)>,
    /// What was sent: the act and its gas.
    pub(crate) sent: Vec<(Act, u64)>,
    /// What that took of which limit.
    pub(crate) spent: Vec<Spent>,
    /// Why a warden stopped it, if one did.
    pub(crate) alarm: Option<String>,
    /// Why its stream was not followed, when that is new.
    pub(crate) refused: Option<String>,
}

/// What an act takes of a limit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spent {
    /// The limit's key.
    pub(crate) key: B256,
    /// What it had before the look.
    pub(crate) available: U256,
    /// What was taken.
    pub(crate) amount: U256,
}

impl<'a> Formation<'a> {
    /// A Prime that has seen nothing yet.
    ///
    /// # Errors
    /// If the network names no relayer for it, or the registry does not know it.
    pub(crate) fn new(
        world: &World<'_>,
        place: usize,
        terms: &'a ScenarioPrime,
        mandate: &'a MandateTerms,
    ) -> Result<Self> {
        let prime = &terms.prime;
        let relayer =
            prime.relayer.ok_or_else(|| Error::NoRelayer { prime: prime.slug.clone() })?;
        let controller = now(world.observer.pau(&*world.chain, prime))?.controller;
        let venues = world.venues.len();
        Ok(Self {
            terms,
            mandate,
            place,
            asks_bps: 10_000,
            is_halted: false,
            is_running: false,
            stream: mandate.stream.as_ref().map(|terms| Stream::new(world, terms, world.now())),
            relayer,
            controller,
            detector: Detector::default(),
            validations: vec![None; venues],
            entrant: vec![None; venues],
        })
    }

    /// Its relayer.
    pub(crate) fn relayer(&self) -> Address {
        self.relayer
    }

    /// Its Controller.
    pub(crate) fn controller(&self) -> Address {
        self.controller
    }

    /// Learns what the registry announced.
    pub(crate) fn detect(&mut self, events: &[halo_sentinel::prime::detect::RegistryEvent]) {
        for event in events {
            self.detector.observe(event);
        }
    }

    /// Forgets what it validated: tomorrow is another day.
    pub(crate) fn wake(&mut self) {
        self.validations.fill(None);
    }

    /// How much of its appetite a Unit may have, and the groups that say so.
    fn groups(&self, world: &World<'_>) -> (Vec<Group>, [U256; 3]) {
        let appetite = scaled(self.terms.appetite, self.asks_bps);
        let junior = appetite * U256::from(self.terms.junior_share_bps) / U256::from(10_000);
        let has_junior = world.venues.iter().any(|venue| venue.spec.seniority == Seniority::Junior);
        let senior = if has_junior { appetite - junior } else { appetite };
        let group = |name: &str, cap| Group { id: name_id(name), cap, penalty_bps: 0 };
        let groups = vec![group(ALL, appetite), group(JUNIOR, junior), group(SENIOR, senior)];
        (groups, [appetite, junior, senior])
    }

    /// What it would like to have of each Unit: its part, shared evenly with the others of the same rank. Dollars.
    pub(crate) fn targets(&self, world: &World<'_>) -> Vec<U256> {
        let (_, [appetite, junior, senior]) = self.groups(world);
        let count = |name| {
            let same = world.venues.iter().filter(|v| rank(v) == name).count();
            U256::from(same.max(1))
        };
        let part = |venue: &Venue| match rank(venue) {
            JUNIOR => junior / count(JUNIOR),
            SENIOR => senior / count(SENIOR),
            other => appetite / count(other),
        };
        world.venues.iter().map(part).collect()
    }

    fn mandate(&self, world: &World<'_>) -> Mandate {
        let said = self.mandate;
        let (groups, _) = self.groups(world);
        Mandate {
            funding_bps: said.funding_bps,
            capital_bps: said.capital_bps,
            concentration_bps: said.concentration_bps,
            risk_capital: said.risk_capital,
            reserve: said.reserve,
            portfolio: said.portfolio,
            groups,
            epochs: PATIENCE,
            pace: Pace {
                min_gap: u64::from(said.min_gap),
                max_slice: said.max_slice,
                ..Pace::default()
            },
            ..Mandate::default()
        }
    }

    /// Looks at everything, decides, lets the wardens look, and sends what is due. `until` is when the queues lock.
    ///
    /// # Errors
    /// If the chain refuses what the Prime's own limits allow.
    pub(crate) fn look(
        &mut self,
        world: &mut World<'_>,
        scene: &Scene,
        others: &mut Others,
        until: u64,
    ) -> Result<Look> {
        let at = world.now();
        let mandate = self.mandate(world);
        let (prime, known, mut holdings) = self.view(world, scene)?;
        let wishes = self.targets(world);
        let mut venues = Vec::with_capacity(known.len());
        for (place, holding) in known.iter().zip(&holdings) {
            let venue = venue_at(world, *place)?;
            let target = venue.assets(wishes.get(*place).copied().unwrap_or_default());
            let case = Case {
                now: at,
                prime: &prime,
                unit: &holding.unit,
                stake: &holding.stake,
                appetite: &Appetite { target },
                validation: &holding.validation,
            };
            venues.push((*place, holding.clone(), allocate(&case, until)?));
        }
        holdings.extend(others.holdings(world, self)?);
        let portfolio =
            Portfolio { now: at, until, prime: &prime, holdings: &holdings, covers: &scene.covers };
        if let Some(stream) = &mut self.stream {
            stream.hear(&portfolio, &mandate)?;
        }
        let channel = self.stream.as_ref().map(Stream::channel);
        let plan =
            base::decide(&portfolio, &mandate, channel.as_ref()).map_err(stream::undecided)?;
        let acts = plan.due(at).to_vec();
        let mut alarm = None;
        for _ in 0..self.mandate.wardens {
            if let Err(seen) = warden::inspect(&portfolio, &mandate, channel.as_ref(), &acts, 0) {
                alarm = Some(seen.to_string());
            }
        }
        let refused = self.stream.as_mut().and_then(|stream| stream.judged(&plan.source));
        let (mut sent, mut spent) = (Vec::with_capacity(acts.len()), Vec::new());
        if alarm.is_none() && !self.is_halted {
            for act in acts {
                spent.extend(takes(&act, &prime, &holdings, at));
                let gas = match others.carry_out(world, self, &act)? {
                    Some(gas) => gas,
                    None => self.send(world, &act)?,
                };
                sent.push((act, gas));
            }
        }
        if let Some(stream) = &mut self.stream {
            let after = now(world.observer.prime(&*world.chain, &self.terms.prime))?;
            let after = Portfolio { prime: &after, ..portfolio };
            stream.sent(&after, &sent, mandate.funding_bps)?;
        }
        Ok(Look { at, plan, venues, sent, spent, alarm, refused })
    }

    /// The Prime, the places of the Units that it knows, and what it has of them.
    fn view(
        &mut self,
        world: &World<'_>,
        scene: &Scene,
    ) -> Result<(PrimeView, Vec<usize>, Vec<Holding>)> {
        let prime = now(world.observer.prime(&*world.chain, &self.terms.prime))?;
        let known: Vec<usize> = (0..world.venues.len())
            .filter(|place| {
                let id = world.venues.get(*place).map(|venue| venue.at.id);
                self.detector.targets().any(|target| Some(target.id) == id)
            })
            .collect();
        let mut holdings = Vec::with_capacity(known.len());
        for place in &known {
            holdings.push(self.holding(world, scene, *place)?);
        }
        Ok((prime, known, holdings))
    }

    /// What its stream came to; `None` if it has none.
    ///
    /// # Errors
    /// If the chain cannot be asked.
    pub(crate) fn close(
        &mut self,
        world: &World<'_>,
        scene: &Scene,
        others: &Others,
    ) -> Result<Option<StreamRow>> {
        let Some(mut stream) = self.stream.take() else { return Ok(None) };
        let (prime, _, mut holdings) = self.view(world, scene)?;
        holdings.extend(others.holdings(world, self)?);
        let at = world.now();
        let portfolio = Portfolio {
            now: at,
            until: at,
            prime: &prime,
            holdings: &holdings,
            covers: &scene.covers,
        };
        Ok(Some(stream.close(self.place, &portfolio, self.mandate.funding_bps)?))
    }

    /// Sends one act through the Prime's Controller; money comes by its first, where it has two. Returns the gas.
    pub(crate) fn send(&self, world: &mut World<'_>, act: &Act) -> Result<u64> {
        let by = match act {
            Act::MintUsds { .. } | Act::SwapUsdsToUsdc { .. } => self.terms.prime.controller,
            _ => None,
        };
        let call = encode::act(by.unwrap_or(self.controller), act);
        Ok(world.send_raw(self.relayer, call.to, call.data)?.gas_used)
    }

    /// Sends any call as the relayer to the Controller.
    pub(crate) fn control<C: SolCall>(&self, world: &mut World<'_>, call: &C) -> Result<bool> {
        world.attempt(self.relayer, self.controller, call)
    }

    /// Takes home what past settlements made claimable. Returns the gas.
    pub(crate) fn claim(&self, world: &mut World<'_>, place: usize) -> Result<u64> {
        let (unit, account) = (venue_at(world, place)?.at.unit.at.unit, self.terms.prime.alm_proxy);
        let mut gas = 0;
        if !world.read(unit, &HaloUnit::maxMintCall { controller: account })?.is_zero() {
            gas += self.send(world, &Act::ClaimDeposit { unit })?;
        }
        if !world.read(unit, &HaloUnit::maxWithdrawCall { controller: account })?.is_zero() {
            gas += self.send(world, &Act::ClaimRedeem { unit })?;
        }
        Ok(gas)
    }

    /// Leaves the subscribe queue of a Unit with what still waits there.
    pub(crate) fn leave(&self, world: &mut World<'_>, place: usize) -> Result<bool> {
        let unit = venue_at(world, place)?.at.unit.at.unit;
        self.control(world, &ControllerSurface::lctsPrime_exitCall { unit })
    }

    /// What waits for it in the subscribe queue.
    pub(crate) fn pending(&self, world: &World<'_>, place: usize) -> Result<U256> {
        let queue = venue_at(world, place)?.at.unit.at.subscribeQueue;
        world.read(queue, &LctsQueue::remainingOfCall { user: self.terms.prime.alm_proxy })
    }

    fn holding(&mut self, world: &World<'_>, scene: &Scene, place: usize) -> Result<Holding> {
        let venue = venue_at(world, place)?;
        let (unit, account) = (venue.at.unit.at.unit, self.terms.prime.alm_proxy);
        let view = scene.units.get(place).copied().unwrap_or_default();
        let mut stake = now(world.observer.stake(&*world.chain, &self.terms.prime, &venue.at))?;
        let entrant = self.entrant.get_mut(place).ok_or(Error::NoClass)?;
        stake.is_entrant = *entrant.get_or_insert(stake.is_entrant);
        let request =
            HaloUnit::pendingRedeemRequestCall { requestId: U256::ZERO, controller: account };
        let exit = ExitView {
            min_shares: scene.min_redeem.get(place).copied().unwrap_or_default(),
            pending_shares: world.read(unit, &request)?,
            claimable_assets: world
                .read(unit, &HaloUnit::maxWithdrawCall { controller: account })?,
            settled_index: scene.settled_index.get(place).copied().flatten(),
        };
        let validation = self.validate(world, scene, place, &stake)?;
        let venue = venue_at(world, place)?;
        let yield_bps = if self.is_running { FLIGHT } else { venue.spec.expected_yield_bps.into() };
        let mut groups = vec![name_id(ALL)];
        if rank(venue) != ALL {
            groups.push(name_id(rank(venue)));
        }
        let terms = Terms {
            yield_bps,
            capital_ratio_bps: scene.capital_ratio_bps.get(place).copied().unwrap_or_default(),
            groups,
        };
        Ok(Holding { unit: view, stake, exit, validation, terms })
    }

    /// The four requirements, once a day.
    fn validate(
        &mut self,
        world: &World<'_>,
        scene: &Scene,
        place: usize,
        stake: &Stake,
    ) -> Result<Validation> {
        if let Some(Some(known)) = self.validations.get(place) {
            return Ok(known.clone());
        }
        let venue = venue_at(world, place)?;
        let shared = scene.onboarding.get(place).ok_or(Error::NoClass)?.clone();
        let view = OnboardingView {
            registry_mask: now(world.observer.mask(&*world.chain, &self.terms.prime, &venue.at))?,
            prime_limits: [stake.deposit_limit, stake.redeem_limit, stake.exit_limit],
            ..shared
        };
        let validation = onboarding::validate(&view, world.now());
        if let Some(slot) = self.validations.get_mut(place) {
            *slot = Some(validation.clone());
        }
        Ok(validation)
    }
}

/// What an act takes of which limit; nothing where it only brings something home, or is about another target.
fn takes(act: &Act, prime: &PrimeView, holdings: &[Holding], at: u64) -> Option<Spent> {
    let (key, limit, amount) = match *act {
        Act::MintUsds { amount } => (keys::usds_mint(), prime.mint_limit, amount),
        Act::SwapUsdsToUsdc { usdc } => (keys::usds_to_usdc(), prime.swap_limit, usdc),
        Act::RequestDeposit { unit, amount } => {
            let holding = holdings.iter().find(|holding| holding.unit.unit == unit)?;
            // Other targets have no queue, and a limit on transfers.
            let key = if holding.unit.subscribe_until == u64::MAX {
                keys::asset_transfer(holding.unit.asset, unit)
            } else {
                keys::erc7540_deposit(holding.unit.asset, unit)
            };
            (key, holding.stake.deposit_limit, amount)
        }
        Act::RequestRedeem { .. } | Act::ClaimDeposit { .. } | Act::ClaimRedeem { .. } => {
            return None;
        }
    };
    Some(Spent { key, available: limit.current(at), amount })
}

/// The group of all Units.
pub(crate) const ALL: &str = "appetite";
/// The group of junior Units.
pub(crate) const JUNIOR: &str = "appetite for junior Units";
/// The group of Units that something is junior to.
pub(crate) const SENIOR: &str = "appetite for senior Units";

/// The group of a Unit.
fn rank(venue: &Venue) -> &'static str {
    match venue.spec.seniority {
        Seniority::Junior => JUNIOR,
        Seniority::Single => ALL,
        _ => SENIOR,
    }
}

/// What bound a Prime at one Unit, by its plan: the dearest limit that is about the Unit, its groups or all of them.
pub(crate) fn bound(plan: &Plan, holding: &Holding) -> Bound {
    let own = [name_id(ALL), name_id(JUNIOR), name_id(SENIOR)];
    let about = |of: Option<B256>| {
        of.is_none_or(|id| id == holding.unit.id || holding.terms.groups.contains(&id))
    };
    match plan.binding.iter().find(|shadow| about(shadow.of)) {
        Some(shadow)
            if shadow.by == Binding::GroupCap && shadow.of.is_some_and(|id| own.contains(&id)) =>
        {
            Bound::Appetite
        }
        Some(shadow) => shadow.by.into(),
        None => Bound::Appetite,
    }
}

fn venue_at<'w>(world: &'w World<'_>, place: usize) -> Result<&'w Venue> {
    world.venues.get(place).ok_or(Error::NoClass)
}

/// `amount` times so many basis points.
pub(crate) fn scaled(amount: U256, bps: u32) -> U256 {
    amount.saturating_mul(U256::from(bps)) / U256::from(10_000)
}
