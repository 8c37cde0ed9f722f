//! A Class: its beacons, its artifact, its contracts and what must be true of them.

use alloy_primitives::{Address, B256, U256, keccak256};
use halo_templates::{
    bindings::{
        AccessControls, BeaconRegistry, Controller, ControllerSurface, EmergencyGuard,
        EndpointBuffer, HaloBook, LaniakeaFactory, OfframpLedger, PositionReporter,
    },
    template,
};

use super::{
    Context, MAX_HEARTBEAT_AGE, configurator,
    core::Core,
    draft::{At, Draft, broken},
    governance::{self, Subject},
    params, predict,
};
use crate::{
    error::Result,
    fact::{Fact, Heartbeat, Limit, Record, RecordKind, Shared, Wiring},
    means::Means,
    number::{artifact, beacon},
    plan::{Role, Signer},
    roles, wiring,
};

pub(crate) fn plan(
    context: &Context<'_>,
    core: &Core,
    draft: &mut Draft,
) -> Result<predict::Class> {
    let spec = context.spec;
    for operator in operators(context) {
        register(context, core, draft, &operator)?;
    }
    let subject =
        Subject { name: "class", kind: artifact::CLASS, id: spec.id, parent: spec.halo.id };
    let params = params::class(spec, subject.artifact_id(), core.halo_mom.address);
    let params_hash = params::hash(&params);
    governance::open_artifact(core, draft, &context.halo, &subject, &spec.slug)?;
    governance::edit_artifact(core, draft, &context.halo, &subject, &spec.artifact, params_hash)?;

    let site = predict::Site {
        core,
        factory: core.factory.address,
        chain_id: context.network.chain_id,
        subject: spec.id,
        salt: spec.salt,
    };
    let class = site.class(&spec.endpoints)?;
    let mut expects = vec![Fact::Record(Record {
        registry: core.units.address,
        subject: "class".to_owned(),
        of: RecordKind::Class,
        id: spec.id,
        parent: spec.halo.id,
        params_hash,
        at: class.addresses(),
        shared: Some(Shared { beacon: spec.beacon.id, legal_frame: spec.legal_frame.hash }),
    })];
    expects.extend(powers(context, core, &class)?);
    expects.extend(controller(context, core, &class)?);
    expects.extend(limits(context, &class));
    expects.extend(valuation(context, core, &class)?);
    expects.extend(offramp(context, &class)?);
    expects.extend(guard(context, core, &class)?);
    expects.extend(configurator::registration(context, core, &class));
    draft.deploy(
        "class/deploy",
        format!("Deploy the Class {}", spec.name),
        &context.govops,
        &core.factory,
        &LaniakeaFactory::deployClassCall { p: params },
        class.contracts(),
        expects,
    )?;
    savings_rate(context, &class, draft)?;
    configurator::class(context, core, &class, draft)?;
    Ok(class)
}

/// The facet parks no USDS in sUSDS until governance says what a share may cost at most.
fn savings_rate(context: &Context<'_>, class: &predict::Class, draft: &mut Draft) -> Result<()> {
    let Some(rate) = context.spec.savings_max_rate else { return Ok(()) };
    let token = context.network.sky.susds;
    let shares = U256::from(WAD);
    let surface = At { template: &template::ControllerSurface, ..class.controller.at.clone() };
    // As the facet keeps it: 1e36 × assets / shares, rounded down.
    let kept = rate.saturating_mul(shares);
    let fact =
        surface.returns(&ControllerSurface::erc4626_getMaxExchangeRateCall { token }, &kept)?;
    draft.call(
        "class/savings-rate",
        "Set the most that one sUSDS may cost",
        &context.halo,
        &surface,
        &ControllerSurface::erc4626_setMaxExchangeRateCall {
            token,
            shares,
            maxExpectedAssets: rate,
        },
        vec![fact],
    )
}

const WAD: u64 = 1_000_000_000_000_000_000;

/// An account that acts for a Class off the chain.
struct Operator {
    name: String,
    id: B256,
    class: u8,
    signer: Signer,
}

/// The settler and the relayer: both must be beacons that are heard of.
fn operators(context: &Context<'_>) -> [Operator; 2] {
    let spec = context.spec;
    let operator = |name: String, class, address| Operator {
        id: keccak256(&name),
        name,
        class,
        signer: Signer { role: Role::Beacon, address, means: Means::Key },
    };
    [
        operator(spec.beacon.name.clone(), beacon::LPHA, spec.settler),
        operator(format!("{}/relay", spec.beacon.name), beacon::RELAY, spec.relayer),
    ]
}

fn register(
    context: &Context<'_>,
    core: &Core,
    draft: &mut Draft,
    operator: &Operator,
) -> Result<()> {
    let spec = context.spec;
    let (account, subject) = (operator.signer.address, spec.id);
    let known = BeaconRegistry::idOfCall { operator: account, subject };
    draft.call(
        format!("governance/beacon/{}", operator.name),
        format!("Register the beacon {}", operator.name),
        &context.governance,
        &core.beacons,
        &BeaconRegistry::registerCall {
            name: operator.name.clone(),
            operator: account,
            class: operator.class,
            subject,
            authorityHash: spec.beacon.authority.hash,
            uri: spec.beacon.uri.clone(),
        },
        vec![core.beacons.returns(&known, &operator.id)?],
    )
}

/// Adds the first sign of life of each beacon. It comes last, for it must be fresh at activation.
pub(crate) fn heartbeats(context: &Context<'_>, core: &Core, draft: &mut Draft) -> Result<()> {
    for operator in operators(context) {
        let heartbeat = Heartbeat {
            registry: core.beacons.address,
            beacon: operator.id,
            name: operator.name.clone(),
            max_age: MAX_HEARTBEAT_AGE,
        };
        draft.call(
            format!("class/heartbeat/{}", operator.name),
            format!("The beacon {} says that it is alive", operator.name),
            &operator.signer,
            &core.beacons,
            &BeaconRegistry::heartbeatCall { id: operator.id, stateRoot: B256::ZERO },
            vec![Fact::Heartbeat(heartbeat)],
        )?;
    }
    Ok(())
}

/// Who may do what, and that the factory may do nothing.
fn powers(context: &Context<'_>, core: &Core, class: &predict::Class) -> Result<Vec<Fact>> {
    let spec = context.spec;
    let predict::Class { acl, alm_proxy, rate_limits, controller, freezer_module, .. } = class;
    let (acl, alm_proxy, rate_limits) = (&acl.at, &alm_proxy.at, &rate_limits.at);
    let revoker = |role: &str| {
        let call = AccessControls::getRoleRevokerCall { role: roles::id(role) };
        acl.returns(&call, &roles::id(roles::REVOKER))
    };
    let admins = [&spec.admins[..], &[class.guard.at.address]].concat();
    let freezers = [&spec.freezers[..], &[core.halo_mom.address]].concat();
    let configurator = [core.beam.configurator.address];
    let setters = if spec.configurator.is_some() { &configurator[..] } else { &[] };
    let revokers = [&[freezer_module.at.address], setters].concat();
    Ok(vec![
        acl.role(roles::DEFAULT_ADMIN, &admins),
        acl.role(roles::ALLOCATOR, &[spec.relayer]),
        acl.role(roles::SETTLER, &[spec.settler]),
        acl.role(roles::FREEZER, &freezers),
        acl.role(roles::CONSERVER, &[spec.conserver]),
        acl.role(roles::REVOKER, &revokers),
        acl.role(roles::PARAM_ADMIN, setters),
        revoker(roles::ALLOCATOR)?,
        revoker(roles::SETTLER)?,
        revoker(roles::FREEZER)?,
        alm_proxy.role(roles::DEFAULT_ADMIN, &admins),
        alm_proxy.role(roles::CONTROLLER, &[controller.at.address]),
        alm_proxy.role(roles::DELEGATE_CONTROLLER, &[]),
        rate_limits.role(roles::DEFAULT_ADMIN, &admins),
        rate_limits.role(roles::LIMIT_SETTER, setters),
        rate_limits.role(roles::CONTROLLER, &[controller.at.address]),
        acl.powerless(&core.factory),
        alm_proxy.powerless(&core.factory),
        rate_limits.powerless(&core.factory),
    ])
}

/// What the Controller stands on and dispatches to.
fn controller(context: &Context<'_>, core: &Core, class: &predict::Class) -> Result<Vec<Fact>> {
    let at = &class.controller.at;
    let mut integrations = Vec::new();
    for facet in &context.spec.facets {
        let id = facet.id();
        let (facet, declared) =
            core.facets.iter().find(|(_, declared)| declared.id_word == id).ok_or_else(|| {
                broken(facet.integration(), "no locked facet has this integration id")
            })?;
        integrations.push(governance::integration(facet, declared)?);
    }
    integrations.sort_by(|a, b| a.id.cmp(&b.id));
    let hash = wiring::hash(&integrations).map_err(|why| broken(&at.name, &why))?;
    let mut facts = vec![
        at.returns(&Controller::accessControlsCall {}, &class.acl.at.address)?,
        at.returns(&Controller::beaconCall {}, &core.facet_beacon.address)?,
        at.returns(&Controller::proxyCall {}, &class.alm_proxy.at.address)?,
        at.returns(&Controller::rateLimitsCall {}, &class.rate_limits.at.address)?,
        at.returns(&Controller::sealedRegistryCall {}, &core.templates.address)?,
        Fact::Wiring(Wiring { contract: at.name.clone(), address: at.address, integrations, hash }),
    ];
    if context.spec.facets.contains(&halo_spec::Facet::Psm) {
        let psm = &context.spec.psm;
        let config = ControllerSurface::PsmConfig {
            mode: psm.mode.number(),
            psm: psm.psm,
            daiUsds: psm.dai_usds,
            wrapper: psm.wrapper,
            maxFeeWad: psm.max_fee_wad,
        };
        // What the facets answer is not in the Controller's own interface.
        let surface = At { template: &template::ControllerSurface, ..at.clone() };
        facts.push(surface.returns(&ControllerSurface::psm_configCall {}, &config)?);
    }
    Ok(facts)
}

fn limits(context: &Context<'_>, class: &predict::Class) -> Vec<Fact> {
    let at = &class.rate_limits.at;
    let limits = context.spec.limits.iter();
    limits.map(|limit| self::limit(context, at, limit, None)).collect()
}

/// A limit of the Class as a fact; `unit` for those that are about a Unit.
pub(crate) fn limit(
    context: &Context<'_>,
    at: &At,
    limit: &halo_spec::Limit,
    unit: Option<(&str, alloy_primitives::Address)>,
) -> Fact {
    let address = unit.map(|(_, address)| address).unwrap_or_default();
    Fact::Limit(Limit {
        contract: at.name.clone(),
        address: at.address,
        label: super::labels::limit(context, &limit.name, unit.map(|(slug, _)| slug)),
        key: limit.name.key(context.spec.asset.address, address),
        max: limit.max,
        slope: limit.slope.per_second,
        symbol: limit.token.symbol.clone(),
        decimals: limit.token.decimals,
    })
}

/// The Book and who reports to it.
fn valuation(context: &Context<'_>, core: &Core, class: &predict::Class) -> Result<Vec<Fact>> {
    let spec = context.spec;
    let (book, reporter) = (&class.book.at, &class.reporter.at);
    let acl = class.acl.at.address;
    let attestors = u8::try_from(spec.attestors.len())
        .map_err(|_| broken(&reporter.name, "it takes at most 255 attestors"))?;
    let mut facts = vec![
        book.returns(&HaloBook::aclCall {}, &acl)?,
        book.returns(&HaloBook::reporterCall {}, &reporter.address)?,
        book.returns(&HaloBook::factoryCall {}, &core.factory.address)?,
        book.returns(&HaloBook::assetCall {}, &spec.asset.address)?,
        book.returns(&HaloBook::modeCall {}, &spec.book.mode.number())?,
        book.returns(&HaloBook::maxUpBpsPerDayCall {}, &spec.book.max_up_bps_per_day)?,
        book.returns(&HaloBook::reviewDownBpsCall {}, &spec.book.review_down_bps)?,
        book.returns(&HaloBook::maxReportAgeCall {}, &spec.book.max_report_age)?,
        book.returns(&HaloBook::ledgerCall {}, &class.ledger.at.address)?,
        reporter.returns(&PositionReporter::ledgerCall {}, &class.ledger.at.address)?,
        reporter
            .returns(&PositionReporter::costToleranceBpsCall {}, &params::cost_tolerance(spec))?,
        reporter.returns(&PositionReporter::aclCall {}, &acl)?,
        reporter.returns(&PositionReporter::bookCall {}, &book.address)?,
        reporter.returns(&PositionReporter::thresholdCall {}, &spec.threshold)?,
        reporter.returns(&PositionReporter::attestorCountCall {}, &attestors)?,
    ];
    for account in &spec.attestors {
        let call = PositionReporter::isAttestorCall { account: *account };
        facts.push(reporter.returns(&call, &true)?);
    }
    Ok(facts)
}

/// Where assets may go off the chain, where they come back to, and that the factory can change none of it.
fn offramp(context: &Context<'_>, class: &predict::Class) -> Result<Vec<Fact>> {
    let ledger = &class.ledger.at;
    let targets: Vec<_> = context.spec.endpoints.iter().map(|one| one.address).collect();
    let mut facts = vec![
        ledger.returns(&OfframpLedger::aclCall {}, &class.acl.at.address)?,
        ledger.returns(&OfframpLedger::controllerCall {}, &class.controller.at.address)?,
        ledger.returns(&OfframpLedger::almProxyCall {}, &class.alm_proxy.at.address)?,
        ledger.returns(&OfframpLedger::reporterCall {}, &class.reporter.at.address)?,
        ledger.returns(&OfframpLedger::bookCall {}, &class.book.at.address)?,
        ledger.returns(&OfframpLedger::factoryCall {}, &Address::ZERO)?,
        ledger.returns(&OfframpLedger::targetsCall {}, &targets)?,
    ];
    if let Some(buffer) = class.buffers.first() {
        let hash = buffer.contract.code_hash;
        facts.push(ledger.returns(&OfframpLedger::bufferHashCall {}, &hash)?);
    }
    if context.spec.facets.contains(&halo_spec::Facet::Offramp) {
        let surface = At { template: &template::ControllerSurface, ..class.controller.at.clone() };
        facts.push(surface.returns(&ControllerSurface::offramp_ledgerCall {}, &ledger.address)?);
    }
    for (endpoint, buffer) in context.spec.endpoints.iter().zip(&class.buffers) {
        let config = OfframpLedger::EndpointConfig {
            target: endpoint.address,
            kind: endpoint.kind.number(),
            assets: endpoint.assets.iter().map(|asset| asset.address).collect(),
            buffer: buffer.at.address,
            maxInFlight: endpoint.max_in_flight,
            maxSlippage: endpoint.least_return_wad,
            rechargeRate: endpoint.recharge.per_second,
            kycHash: endpoint.kyc,
        };
        let call = OfframpLedger::endpointOfCall { target: endpoint.address };
        let active = OfframpLedger::endpointOfReturn { config, active: true };
        facts.push(ledger.returns(&call, &active)?);
        let proxy = class.alm_proxy.at.address;
        facts.push(buffer.at.returns(&EndpointBuffer::almProxyCall {}, &proxy)?);
    }
    Ok(facts)
}

/// The brake: bound to its Class, and an admin that the other admins cannot shake off.
fn guard(context: &Context<'_>, core: &Core, class: &predict::Class) -> Result<Vec<Fact>> {
    let guard = &class.guard.at;
    let config = EmergencyGuard::GuardInit {
        acl: class.acl.at.address,
        almProxy: class.alm_proxy.at.address,
        rateLimits: class.rate_limits.at.address,
        controller: class.controller.at.address,
        book: class.book.at.address,
        ledger: class.ledger.at.address,
        registry: core.units.address,
        classId: context.spec.id,
        sky: context.governance.address,
        takeoverDelay: context.spec.takeover_delay.into(),
    };
    let mut facts = vec![guard.returns(&EmergencyGuard::configCall {}, &config)?];
    for made in [&class.acl, &class.alm_proxy, &class.rate_limits] {
        // All three inherit the same function.
        facts.push(made.at.returns(&AccessControls::guardCall {}, &guard.address)?);
    }
    Ok(facts)
}
