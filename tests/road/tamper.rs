//! Verification against a chain that was changed behind its back, and against a manifest that was:
//! each change fails exactly the checks that speak of it.

use std::collections::BTreeSet;

use alloy_primitives::{Address, B256, U256, address};
use alloy_sol_types::SolCall;
use halo_chain::{Embedded, now};
use halo_deploy::{Fact, Manifest, Plan, apply, roles, verify};
use halo_templates::bindings::{
    AccessControls, ArtifactRegistry, BeamState, BeamTimelock, Configurator, Controller,
    EmergencyGuard, FacetBeacon, HaloUnit, LaniakeaFactory, OfframpLedger, RateLimits,
    TemplateRegistry, UnitRegistry,
};

use halo_tests::{World, manifests};

const STRANGER: Address = address!("00000000000000000000000000000000005742a9");

struct Deployed {
    world: World,
    plan: Plan,
    chain: Embedded,
    manifest: Manifest,
}

impl Deployed {
    fn new() -> Self {
        let world = World::of("tbill");
        let (plan, chain, applied) = world.deployed();
        let manifest = manifests(&plan, &applied).remove(0);
        Self { world, plan, chain, manifest }
    }

    fn at(&self, name: &str) -> Address {
        self.plan.address(name).unwrap()
    }

    fn unit(&self) -> &str {
        &self.manifest.unit.slug
    }

    fn halo(&self) -> Address {
        self.world.spec.admins[0]
    }

    fn governance(&self) -> Address {
        self.world.network.governance.pause_proxy
    }

    fn send(&mut self, from: Address, to: Address, call: &impl SolCall) {
        let outcome = self.chain.transact(from, to, call.abi_encode().into()).unwrap();
        assert!(outcome.is_success(), "{outcome:?}");
    }

    fn failed(&self) -> BTreeSet<String> {
        let report = now(verify(&self.manifest, &self.chain)).unwrap();
        report.failed().map(|check| check.id.clone()).collect()
    }

    #[track_caller]
    fn fails(&self, expected: &[&str]) {
        let expected: BTreeSet<_> = expected.iter().map(|id| (*id).to_owned()).collect();
        assert_eq!(self.failed(), expected);
    }
}

fn grant(role: &str, account: Address) -> AccessControls::grantRoleCall {
    AccessControls::grantRoleCall { role: roles::id(role), account }
}

#[test]
fn nothing_fails_before_anything_is_changed() {
    Deployed::new().fails(&[]);
}

#[test]
fn one_more_member_of_a_role() {
    let mut it = Deployed::new();
    let (halo, acl) = (it.halo(), it.at("class/acl"));
    it.send(halo, acl, &grant(roles::FREEZER, STRANGER));
    it.fails(&["roles/class/acl/FREEZER_ROLE"]);
}

#[test]
fn an_endpoint_that_takes_more_or_is_switched_off() {
    let mut it = Deployed::new();
    let (halo, ledger) = (it.halo(), it.at("class/ledger"));
    let endpoint = it.world.spec.endpoints[0].clone();
    let change = OfframpLedger::EndpointConfig {
        target: endpoint.address,
        kind: endpoint.kind.number(),
        assets: vec![endpoint.assets[0].address],
        buffer: it.at("class/buffer/custodian"),
        maxInFlight: endpoint.max_in_flight + U256::from(1),
        maxSlippage: U256::ZERO,
        rechargeRate: U256::ZERO,
        kycHash: endpoint.kyc,
    };
    let same =
        OfframpLedger::EndpointConfig { maxInFlight: endpoint.max_in_flight, ..change.clone() };
    let failed = format!("value/class/ledger/endpointOf({})", endpoint.address);
    it.send(halo, ledger, &OfframpLedger::setEndpointCall { p: change });
    it.fails(&[&failed]);
    it.send(halo, ledger, &OfframpLedger::setEndpointCall { p: same });
    it.fails(&[]);
    let warden = it.world.spec.freezers[0];
    it.send(warden, ledger, &OfframpLedger::deactivateCall { target: endpoint.address });
    it.fails(&[&failed]);
}

#[test]
fn the_class_struck_out_of_the_timelock() {
    let mut it = Deployed::new();
    let batch = it.manifest.scheduled.iter().find(|one| one.subject == "class/registration");
    let (id, council) = (batch.unwrap().id, it.world.network.governance.council);
    it.send(council, it.at("core/beam-timelock"), &BeamTimelock::cancelCall { id });
    it.fails(&["scheduled/class/registration"]);
}

#[test]
fn a_batch_that_was_executed_is_still_in_order() {
    let mut it = Deployed::new();
    let ids: Vec<_> = it.manifest.scheduled.iter().map(|one| one.id).collect();
    assert_eq!(ids.len(), 2, "the registration, and GovOps after it");
    it.chain.advance(14 * 24 * 3600).unwrap();
    let timelock = it.at("core/beam-timelock");
    for id in ids {
        it.send(STRANGER, timelock, &BeamTimelock::executeBatchCall { id });
    }
    assert!(!it.failed().iter().any(|id| id.starts_with("scheduled/")), "{:?}", it.failed());
    // And GovOps may now lower a limit at once.
    let limit = it.manifest.limits.iter().find(|one| one.label.contains("OFFRAMP_SEND")).unwrap();
    let (key, label) = (limit.key, limit.label.clone());
    let lower = Configurator::setRateLimitCall {
        almProxy: it.at("class/alm-proxy"),
        key,
        maxAmount: U256::from(1),
        slope: U256::ZERO,
    };
    let gov_ops = it.world.spec.configurator.as_ref().unwrap().gov_ops[0];
    it.send(gov_ops, it.at("core/configurator"), &lower);
    assert!(it.failed().contains(&format!("limit/class/rate-limits/{label}")));
}

#[test]
fn a_prime_whose_limit_may_no_longer_grow() {
    let mut it = Deployed::new();
    let (council, state) = (it.world.network.governance.council, it.at("core/beam-state"));
    let prime = it.world.network.prime("spark").unwrap().alm_proxy;
    let (unit, asset) = (it.unit().to_owned(), it.world.spec.asset.address);
    let key = halo_spec::keys::erc7540_deposit(asset, it.at(&format!("unit/{unit}/unit")));
    let call = BeamState::delInitRateLimitCall { key, almProxy: prime };
    it.send(council, state, &call);
    it.fails(&[
        &format!("value/core/beam-state/initFor({key}, {prime})"),
        &format!("onboarding/unit/{unit}/3/spark"),
    ]);
}

#[test]
fn a_configurator_that_lost_its_role() {
    let mut it = Deployed::new();
    let (halo, limits) = (it.halo(), it.at("class/rate-limits"));
    let account = it.at("core/configurator");
    let call = AccessControls::revokeRoleCall { role: roles::id(roles::LIMIT_SETTER), account };
    it.send(halo, limits, &call);
    it.fails(&["roles/class/rate-limits/LIMIT_SETTER"]);
}

/// Only Sky names conservers, through the guard that no admin can shake off.
#[test]
fn another_conserver() {
    let mut it = Deployed::new();
    let (sky, guard) = (it.governance(), it.at("class/guard"));
    let call = EmergencyGuard::setConserverCall { account: STRANGER, allowed: true };
    it.send(sky, guard, &call);
    it.fails(&["roles/class/acl/CONSERVER_ROLE"]);
}

#[test]
fn one_member_of_a_role_less() {
    let mut it = Deployed::new();
    let (halo, proxy) = (it.halo(), it.at("class/alm-proxy"));
    let account = it.at("class/controller");
    let call = AccessControls::revokeRoleCall { role: roles::id(roles::CONTROLLER), account };
    it.send(halo, proxy, &call);
    it.fails(&["roles/class/alm-proxy/CONTROLLER"]);
}

#[test]
fn a_role_for_the_factory() {
    let mut it = Deployed::new();
    let (halo, limits, factory) = (it.halo(), it.at("class/rate-limits"), it.at("core/factory"));
    it.send(halo, limits, &grant(roles::DEFAULT_ADMIN, factory));
    let (unit, standing) = (it.unit(), "powerless/core/factory/class/rate-limits");
    it.fails(&[
        "roles/class/rate-limits/DEFAULT_ADMIN_ROLE",
        standing,
        &format!("onboarding/unit/{unit}/0"),
    ]);
}

#[test]
fn a_limit_that_is_one_higher() {
    let mut it = Deployed::new();
    let (halo, limits) = (it.halo(), it.at("class/rate-limits"));
    let limit = it.manifest.limits.iter().find(|one| one.address == limits).unwrap().clone();
    let maximum = limit.max - U256::from(1);
    let call = RateLimits::setRateLimitPreservingCall {
        key: limit.key,
        maxAmount: maximum,
        slope: limit.slope,
    };
    it.send(halo, limits, &call);
    it.fails(&[&format!("limit/class/rate-limits/{}", limit.label)]);
}

#[test]
fn other_code_at_an_address() {
    let mut it = Deployed::new();
    let unit = it.at(&format!("unit/{}/unit", it.unit()));
    // The same clone with one byte behind it: it does all that the clone does.
    let code = [&it.chain.code_at(unit).unwrap()[..], &[0]].concat();
    it.chain.set_code(unit, code.into()).unwrap();
    let slug = it.unit();
    it.fails(&[&format!("code/unit/{slug}/unit"), &format!("onboarding/unit/{slug}/0")]);
}

#[test]
fn no_code_at_an_address() {
    let mut it = Deployed::new();
    let module = it.at("class/freezer-module");
    it.chain.set_code(module, Default::default()).unwrap();
    let slug = it.unit();
    it.fails(&["code/class/freezer-module", &format!("onboarding/unit/{slug}/0")]);
}

#[test]
fn a_facet_taken_out() {
    let mut it = Deployed::new();
    let (halo, controller) = (it.halo(), it.at("class/controller"));
    let id = B256::right_padding_from(b"PSM_FACET");
    it.send(halo, controller, &Controller::removeIntegrationsCall { ids: vec![id] });
    it.fails(&["wiring/class/controller", "value/class/controller/psm_config()"]);
}

#[test]
fn another_facet_on_offer() {
    let mut it = Deployed::new();
    let (governance, beacon) = (it.governance(), it.at("core/facet-beacon"));
    let id = B256::right_padding_from(b"USDS_FACET");
    it.send(governance, beacon, &FacetBeacon::removeIntegrationCall { id });
    it.fails(&["offer/core/facet-beacon/USDS_FACET"]);
}

#[test]
fn a_unit_with_another_cap_or_entrant() {
    let mut it = Deployed::new();
    let (halo, slug) = (it.halo(), it.unit().to_owned());
    let unit = it.at(&format!("unit/{slug}/unit"));
    let entrant = it.world.spec.units[0].entrants[0];
    it.send(halo, unit, &HaloUnit::setEntrantCall { account: entrant, allowed: false });
    it.fails(&[&format!("value/unit/{slug}/unit/isEntrant({entrant})")]);
}

#[test]
fn a_template_an_artifact_or_a_beacon_revoked() {
    let mut it = Deployed::new();
    let (governance, slug) = (it.governance(), it.unit().to_owned());
    let template = it.manifest.templates.iter().find(|one| one.name == "HaloBook").unwrap();
    let call = TemplateRegistry::revokeCall { templateId: template.id, version: 1 };
    it.send(governance, it.at("core/template-registry"), &call);
    let subject = format!("unit/{slug}");
    let artifact = it.manifest.artifacts.iter().find(|one| one.subject == subject).unwrap();
    let (id, reason) = (artifact.id, B256::ZERO);
    let call = ArtifactRegistry::revokeCall { id, number: 1, reasonHash: reason };
    it.send(governance, it.at("core/artifact-registry"), &call);
    it.fails(&[
        "template/HaloBook/approved",
        &format!("artifact/{subject}/active"),
        &format!("onboarding/{subject}/0"),
        &format!("onboarding/{subject}/2"),
    ]);
}

#[test]
fn beacons_that_fall_silent() {
    let mut it = Deployed::new();
    it.chain.advance(36 * 3600 + 1).unwrap();
    let failed = it.failed();
    let silent = failed.iter().filter(|id| id.starts_with("heartbeat/")).count();
    assert_eq!(silent, 2, "{failed:?}");
    assert!(failed.contains(&format!("onboarding/unit/{}/1", it.unit())), "{failed:?}");
    assert_eq!(failed.len(), 3, "{failed:?}");
    // The plan knows what to do about it: both say that they are alive, and no other step is sent.
    let sent = super::run(&it.plan, &mut it.chain).transactions;
    assert!(sent.iter().all(|one| one.step.starts_with("class/heartbeat/")), "{sent:?}");
    assert_eq!(sent.len(), 2);
}

#[test]
fn a_suspended_unit_and_a_deployer_removed() {
    let mut it = Deployed::new();
    let (governance, slug) = (it.governance(), it.unit().to_owned());
    let call = UnitRegistry::suspendCall { unitId: it.manifest.unit.id, reasonHash: B256::ZERO };
    it.send(governance, it.at("core/unit-registry"), &call);
    let account = it.world.network.deployer.unwrap();
    let call = LaniakeaFactory::removeDeployerCall { account };
    it.send(governance, it.at("core/factory"), &call);
    it.fails(&[
        &format!("standing/unit/{slug}"),
        &format!("value/core/factory/isDeployer({account})"),
    ]);
}

#[test]
fn a_manifest_that_says_otherwise() {
    type Change = fn(&mut Manifest);
    let changes: [(Change, &[&str]); 16] = [
        (|it| it.chain_id += 1, &["chain-id"]),
        (|it| it.lock_hash = B256::ZERO, &["lock"]),
        (|it| it.unit.id = B256::ZERO, &["id/unit", "complete/record/unit"]),
        (|it| named(it, "class/acl").salt = B256::ZERO, &["address/class/acl"]),
        (
            |it| named(it, "class/acl").code_hash = B256::ZERO,
            &["address/class/acl", "code/class/acl"],
        ),
        (
            |it| named(it, "class/book").address = STRANGER,
            &["address/class/book", "complete/record/class", "code/class/book"],
        ),
        (|it| named(it, "class/book").template = "HaloBok".into(), &["address/class/book"]),
        (
            |it| it.roles.retain(|one| one.role != roles::REVOKER),
            &["complete/core/implementation/ClassAccessControls", "complete/class/acl"],
        ),
        (
            |it| it.powerless.clear(),
            &["complete/class/alm-proxy", "complete/class/rate-limits", "complete/class/acl"],
        ),
        (|it| it.powerless[0].roles.clear(), &["complete/class/acl"]),
        (
            |it| it.contracts.retain(|one| one.name != "class/freezer-module"),
            &["complete/record/class"],
        ),
        (|it| it.records.clear(), &["complete/record/class", "complete/record/unit"]),
        (|it| role(it, roles::SETTLER).members.clear(), &["roles/class/acl/SETTLER_ROLE"]),
        (
            |it| it.wiring[0].hash = B256::ZERO,
            &["integrations/class/controller", "wiring/class/controller"],
        ),
        (|it| it.parameters.class.data = Default::default(), &["parameters/class"]),
        (|it| it.parameters.class.arguments.clear(), &["parameters/class"]),
    ];
    let sound = Deployed::new();
    for (number, (change, expected)) in changes.into_iter().enumerate() {
        let mut manifest = sound.manifest.clone();
        change(&mut manifest);
        let report = now(verify(&manifest, &sound.chain)).unwrap();
        let failed: Vec<_> = report.failed().map(|check| check.id.as_str()).collect();
        assert_eq!(failed, expected, "change {number}");
    }
}

fn named<'a>(manifest: &'a mut Manifest, name: &str) -> &'a mut halo_deploy::Contract {
    manifest.contracts.iter_mut().find(|one| one.name == name).unwrap()
}

fn role<'a>(manifest: &'a mut Manifest, role: &str) -> &'a mut halo_deploy::Roles {
    let mut roles = manifest.roles.iter_mut();
    roles.find(|one| one.role == role && one.contract == "class/acl").unwrap()
}

#[test]
fn a_plan_that_was_edited_is_refused_by_the_name_of_the_step() {
    let plan = World::of("tbill").plan();
    let check = |change: fn(&mut Plan), place: &str| {
        let mut edited = plan.clone();
        change(&mut edited);
        let words = edited.check().unwrap_err().to_string();
        assert!(words.contains(place), "{words}");
    };
    check(|it| it.steps[3].signer.address = STRANGER, "create/core/facet-beacon");
    check(|it| it.steps.swap(0, 1), "digest");
    check(|it| it.subject.chain_id = 1, "digest");
    check(|it| drop(it.outcome.pop()), "digest");
    check(|it| it.schema.clear(), "schema");
    check(
        |it| {
            let step = it.steps.last_mut().unwrap();
            step.expects.push(Fact::Heartbeat(halo_deploy::Heartbeat {
                registry: STRANGER,
                beacon: B256::ZERO,
                name: "nobody".into(),
                max_age: 1,
            }));
        },
        "activate",
    );
    // What reviewers read; the step itself is the same with other words.
    check(|it| it.steps[0].title = "Otherwise".into(), "digest");
}

#[test]
fn a_chain_that_has_departed_from_the_plan_is_shown_where() {
    let mut it = Deployed::new();
    let (halo, acl) = (it.halo(), it.at("class/acl"));
    it.send(halo, acl, &grant(roles::FREEZER, STRANGER));
    let words = now(apply(&it.plan, &mut it.chain, |_| {})).unwrap_err().to_string();
    for part in [
        "step `class/deploy`",
        "AlreadyDeployed",
        "holds no longer:\n  roles/class/acl/FREEZER_ROLE: expected",
        &STRANGER.to_string(),
    ] {
        assert!(words.contains(part), "{part} is not in: {words}");
    }
    assert!(!words.contains("roles/class/acl/SETTLER_ROLE"), "{words}");
}
