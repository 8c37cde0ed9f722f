//! The Configurator Unit: who may let limits grow, how fast, and up to where without a vote.

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_sol_types::{SolCall, SolValue};
use halo_spec::{Limit, Prime};
use halo_templates::{
    bindings::{
        BeamMom, BeamScheduler, BeamState, BeamTimelock, Configurator, PauRegistrar, UnitRegistry,
    },
    template,
};

use super::{
    Context,
    core::Core,
    draft::{At, Draft},
    labels, predict,
};
use crate::{
    error::{Error, Result},
    fact::{Fact, Scheduled},
    plan::Signer,
    roles,
};

/// What is added waits for so long, seconds.
const DELAY: u64 = 14 * 24 * 3600;

/// The contracts of the Configurator Unit, once per chain.
pub(crate) struct Unit {
    pub(crate) timelock: At,
    pub(crate) state: At,
    pub(crate) configurator: At,
    pub(crate) mom: At,
    pub(crate) scheduler: At,
    pub(crate) registrar: At,
}

/// Adds the steps that create them.
pub(crate) fn create(context: &Context<'_>, draft: &mut Draft, beacons: &At) -> Result<Unit> {
    let (signer, admin) = (&context.deployer, context.governance.address);
    let timelock = draft.create(
        signer,
        "core/beam-timelock",
        &template::BeamTimelock,
        (admin, U256::from(DELAY)),
        |at| Ok(vec![at.returns(&BeamTimelock::delayCall {}, &U256::from(DELAY))?]),
    )?;
    let state = draft.create(
        signer,
        "core/beam-state",
        &template::BeamState,
        (admin, beacons.address),
        |at| {
            Ok(vec![
                at.returns(&BeamState::beaconsCall {}, &beacons.address)?,
                at.returns(&BeamState::stoppedCall {}, &false)?,
            ])
        },
    )?;
    let (timelock_at, state_at) = (timelock.address, state.address);
    let configurator =
        draft.create(signer, "core/configurator", &template::Configurator, state_at, |at| {
            Ok(vec![at.returns(&Configurator::stateCall {}, &state_at)?])
        })?;
    let mom = draft.create(
        signer,
        "core/beam-mom",
        &template::BeamMom,
        (admin, state_at, timelock_at),
        |at| {
            Ok(vec![
                at.returns(&BeamMom::ownerCall {}, &admin)?,
                at.returns(&BeamMom::stateCall {}, &state_at)?,
                at.returns(&BeamMom::timelockCall {}, &timelock_at)?,
            ])
        },
    )?;
    let scheduler = draft.create(
        signer,
        "core/beam-scheduler",
        &template::BeamScheduler,
        (timelock_at, state_at, admin),
        |at| {
            Ok(vec![
                at.returns(&BeamScheduler::timelockCall {}, &timelock_at)?,
                at.returns(&BeamScheduler::stateCall {}, &state_at)?,
            ])
        },
    )?;
    let registrar = draft.create(
        signer,
        "core/pau-registrar",
        &template::PauRegistrar,
        (timelock_at, state_at, admin),
        |at| {
            Ok(vec![
                at.returns(&PauRegistrar::timelockCall {}, &timelock_at)?,
                at.returns(&PauRegistrar::stateCall {}, &state_at)?,
            ])
        },
    )?;
    Ok(Unit { timelock, state, configurator, mom, scheduler, registrar })
}

/// Adds the steps by which Sky gives each part its power.
pub(crate) fn empower(context: &Context<'_>, core: &Core, draft: &mut Draft) -> Result<()> {
    let Unit { timelock, state, configurator, mom, scheduler, registrar } = &core.beam;
    let (admin, council) = (context.governance.address, context.network.governance.council);
    let proposers = [registrar.address, scheduler.address];
    let stoppers = [council, mom.address];
    grant(context, draft, timelock, roles::PROPOSER, &proposers)?;
    grant(context, draft, timelock, roles::CANCELLER, &[council])?;
    grant(context, draft, timelock, roles::PAUSER, &stoppers)?;
    grant(context, draft, state, roles::DELAYED, &[timelock.address])?;
    grant(context, draft, state, roles::IMMEDIATE, &stoppers)?;
    grant(context, draft, state, roles::CONFIGURATOR, &[configurator.address])?;
    for at in [timelock, state] {
        draft.outcome(at.role(roles::DEFAULT_ADMIN, &[admin]));
    }
    let governance = &context.governance;
    for (who, usr) in [("council", council), ("governance", admin)] {
        draft.call(
            format!("governance/kiss/{who}"),
            format!("Let the {who} propose to the Configurator's timelock"),
            governance,
            scheduler,
            &BeamScheduler::kissCall { usr },
            vec![scheduler.returns(&BeamScheduler::budsCall { usr }, &true)?],
        )?;
    }
    let factory = core.factory.address;
    draft.call(
        "governance/registrar-factory",
        "Let the factory put the PAUs that it makes before the timelock",
        governance,
        registrar,
        &PauRegistrar::setFactoryCall { factory_: factory },
        vec![registrar.returns(&PauRegistrar::factoryCall {}, &factory)?],
    )?;
    PACE.set(draft, governance, state, Address::ZERO, "governance")?;
    draft.call(
        "governance/beam-state",
        "Have the onboarding mask ask for live inits",
        governance,
        &core.units,
        &UnitRegistry::setBeamStateCall { beamState_: state.address },
        vec![core.units.returns(&UnitRegistry::beamStateCall {}, &state.address)?],
    )
}

/// Adds the steps that give a role to these accounts, and that nobody else has it.
fn grant(
    context: &Context<'_>,
    draft: &mut Draft,
    at: &At,
    role: &str,
    members: &[Address],
) -> Result<()> {
    for (i, account) in members.iter().enumerate() {
        let (id, account) = (roles::id(role), *account);
        let call = BeamState::hasRoleCall { role: id, account };
        draft.call(
            format!("governance/grant/{}/{role}/{i}", at.name),
            format!("Give {role} of {} to its member {}", at.template.name(), i + 1),
            &context.governance,
            at,
            &BeamState::grantRoleCall { role: id, account },
            vec![at.returns(&call, &true)?],
        )?;
    }
    draft.outcome(at.role(role, members));
    Ok(())
}

/// How fast limits may grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// The least time between two increases of a limit, seconds.
    pub hop: u32,
    /// The most that one increase adds, basis points.
    pub max_change_bps: u16,
}

/// The pace of every PAU without its own, such as the Primes'.
pub const PACE: Pace = Pace { hop: 18 * 3600, max_change_bps: 2_500 };

impl Pace {
    /// 1e18 and so many basis points of it.
    fn max_change(self) -> U256 {
        let bps = U256::from(10_000u32 + u32::from(self.max_change_bps));
        bps * U256::from(10u64).pow(U256::from(14))
    }

    /// That it is the pace of a PAU: its own, or that of all.
    fn facts(self, state: &At, alm_proxy: Address) -> Result<[Fact; 2]> {
        let hop = BeamState::hopOfCall { almProxy: alm_proxy };
        let change = BeamState::maxChangeOfCall { almProxy: alm_proxy };
        Ok([
            state.returns(&hop, &U256::from(self.hop))?,
            state.returns(&change, &self.max_change())?,
        ])
    }

    /// Adds the steps that set it.
    fn set(
        self,
        draft: &mut Draft,
        signer: &Signer,
        state: &At,
        alm_proxy: Address,
        subject: &str,
    ) -> Result<()> {
        let [hop, max_change] = self.facts(state, alm_proxy)?;
        draft.call(
            format!("{subject}/hop"),
            "Set the least time between two increases of a limit",
            signer,
            state,
            &BeamState::setHopCall { almProxy: alm_proxy, hop: self.hop.into() },
            vec![hop],
        )?;
        let call =
            BeamState::setMaxChangeCall { almProxy: alm_proxy, maxChange: self.max_change().to() };
        draft.call(
            format!("{subject}/max-change"),
            "Set the most that one increase adds to a limit",
            signer,
            state,
            &call,
            vec![max_change],
        )
    }
}

/// That the Class's PAU waits for its registration in the timelock, where the factory put it.
pub(crate) fn registration(
    context: &Context<'_>,
    core: &Core,
    class: &predict::Class,
) -> Option<Fact> {
    context.spec.configurator.as_ref()?;
    let id = registration_id(context, core, class);
    Some(scheduled(core, "class/registration".to_owned(), id))
}

fn registration_id(context: &Context<'_>, core: &Core, class: &predict::Class) -> B256 {
    let alm_proxy = class.alm_proxy.at.address;
    let call = BeamState::registerPauCall {
        almProxy: alm_proxy,
        pau: BeamState::Pau {
            controller: class.controller.at.address,
            rateLimits: class.rate_limits.at.address,
            acl: class.acl.at.address,
            subject: context.spec.id,
        },
    };
    operation(core, call.abi_encode(), B256::ZERO, alm_proxy.into_word())
}

/// Adds the steps that open the Configurator to a Class: its pace, its inits, and GovOps once it is registered.
pub(crate) fn class(
    context: &Context<'_>,
    core: &Core,
    class: &predict::Class,
    draft: &mut Draft,
) -> Result<()> {
    let Some(rules) = &context.spec.configurator else { return Ok(()) };
    let (alm_proxy, governance) = (class.alm_proxy.at.address, &context.governance);
    let state = &core.beam.state;
    let pace = Pace { hop: rules.hop, max_change_bps: rules.max_change_bps };
    if pace == PACE {
        for fact in pace.facts(state, alm_proxy)? {
            draft.outcome(fact);
        }
    } else {
        pace.set(draft, governance, state, alm_proxy, "class")?;
    }
    for limit in &context.spec.limits {
        init(context, core, draft, alm_proxy, limit, None)?;
    }
    let predecessor = registration_id(context, core, class);
    for (i, usr) in rules.gov_ops.iter().enumerate() {
        let added = BeamState::addGovOpsCall { almProxy: alm_proxy, usr: *usr };
        let id = operation(core, added.abi_encode(), predecessor, B256::ZERO);
        draft.call(
            format!("class/gov-ops/{i}"),
            format!("Schedule GovOps {} of {}", i + 1, context.spec.name),
            governance,
            &core.beam.scheduler,
            &BeamScheduler::scheduleGovOpsCall {
                almProxy: alm_proxy,
                usr: *usr,
                order: BeamScheduler::BatchOrder { predecessor, salt: B256::ZERO },
            },
            vec![scheduled(core, format!("class/gov-ops/{i}"), id)],
        )?;
    }
    Ok(())
}

/// Adds the step that lets a limit grow from the value that it has; an unlimited one has no need of it.
pub(crate) fn init(
    context: &Context<'_>,
    core: &Core,
    draft: &mut Draft,
    alm_proxy: Address,
    limit: &Limit,
    unit: Option<(&str, Address)>,
) -> Result<()> {
    if limit.max == U256::MAX {
        return Ok(());
    }
    let state = &core.beam.state;
    let address = unit.map(|(_, address)| address).unwrap_or_default();
    let key = limit.name.key(context.spec.asset.address, address);
    let label = labels::limit(context, &limit.name, unit.map(|(slug, _)| slug));
    let subject = unit.map_or("class".to_owned(), |(slug, _)| format!("unit/{slug}"));
    let (max, slope) = (limit.max, limit.slope.per_second);
    let facts = vec![live(state, key, alm_proxy, max, slope)?];
    draft.call(
        format!("{subject}/init/{}", labels::place(context, &limit.name)),
        format!("Let {label} grow from what it is"),
        &context.governance,
        state,
        &BeamState::addInitRateLimitCall { key, almProxy: alm_proxy, maxAmount: max, slope },
        facts,
    )
}

pub(crate) fn live(
    state: &At,
    key: B256,
    alm_proxy: Address,
    max: U256,
    slope: U256,
) -> Result<Fact> {
    let call = BeamState::initForCall { key, almProxy: alm_proxy };
    state.returns(&call, &BeamState::initForReturn { exists: true, maxAmount: max, slope })
}

/// Adds the step that makes a Prime's PAU known to the Configurator.
pub(crate) fn prime(
    context: &Context<'_>,
    core: &Core,
    prime: &Prime,
    at: [Address; 2],
    draft: &mut Draft,
) -> Result<()> {
    let acl = prime.access_controls.ok_or_else(|| Error::Unplannable {
        what: format!(
            "the Prime {} has no access list on the network {}",
            prime.slug, context.network.name
        ),
        remedy: "give `access_controls` in the network's file, or take the Prime out of `entrants`"
            .to_owned(),
    })?;
    let [rate_limits, controller] = at;
    let pau = BeamState::Pau { controller, rateLimits: rate_limits, acl, subject: prime.id };
    let state = &core.beam.state;
    let fact = state.returns(&BeamState::pauOfCall { almProxy: prime.alm_proxy }, &pau)?;
    draft.call(
        format!("governance/pau/{}", prime.slug),
        format!("Make the PAU of {} known to the Configurator", prime.name),
        &context.governance,
        state,
        &BeamState::registerPauCall { almProxy: prime.alm_proxy, pau },
        vec![fact],
    )
}

fn scheduled(core: &Core, subject: String, id: B256) -> Fact {
    Fact::Scheduled(Scheduled { timelock: core.beam.timelock.address, subject, id })
}

/// `BeamTimelock.hashOperation` of one call of BeamState.
fn operation(core: &Core, payload: Vec<u8>, predecessor: B256, salt: B256) -> B256 {
    let targets = vec![core.beam.state.address];
    let payloads = vec![Bytes::from(payload)];
    keccak256((targets, payloads, predecessor, salt).abi_encode_params())
}
