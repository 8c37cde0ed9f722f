//! The road from a spec to a live Unit: plan, apply, verify, manifest, for each example spec.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

#[path = "road/governance.rs"]
mod governance;
#[path = "road/node.rs"]
mod node;
#[path = "road/tamper.rs"]
mod tamper;

use std::collections::BTreeSet;

use alloy_primitives::{Address, B256};
use halo_chain::{Alloc, Chain, now};
use halo_deploy::{Action, Fact, Form, Manifest, Plan, Role, apply, verify};
use halo_templates::{
    Template,
    bindings::{AccessControls, LaniakeaFactory},
};
use halo_tests::{SPECS, World, manifests, run};

/// The gas that one transaction of the factory may cost.
const MAX_CLASS_GAS: u64 = 7_000_000;
const MAX_UNIT_GAS: u64 = 1_600_000;

#[test]
fn each_example_spec_becomes_live_units_that_verify() {
    for name in SPECS {
        let (plan, chain, applied) = World::of(name).deployed();
        assert_eq!(applied.transactions.len(), plan.steps.len(), "{name}: every step was sent");
        for manifest in manifests(&plan, &applied) {
            let report = now(verify(&manifest, &chain)).unwrap();
            let failed: Vec<_> = report.failed().collect();
            assert!(failed.is_empty(), "{name}: {failed:#?}");
            let ids: BTreeSet<_> = report.checks.iter().map(|check| &check.id).collect();
            assert_eq!(ids.len(), report.checks.len(), "{name}: an id names one check");
        }
    }
}

#[test]
fn the_factory_deploys_where_the_plan_says() {
    use LaniakeaFactory::{
        deployClassCall, deployUnitCall, predictBuffersCall, predictClassCall, predictUnitCall,
    };
    for name in SPECS {
        let (plan, chain, _) = World::of(name).deployed();
        let factory = plan.address("core/factory").unwrap();
        let deploy: deployClassCall = halo_tests::call(&plan, "class/deploy");
        let said = now(chain.read(factory, &predictClassCall { p: deploy.p })).unwrap();
        for (part, at) in [
            ("controller", said.controller),
            ("alm-proxy", said.almProxy),
            ("rate-limits", said.rateLimits),
            ("acl", said.acl),
            ("freezer-module", said.freezerModule),
            ("book", said.book),
            ("reporter", said.reporter),
            ("ledger", said.ledger),
            ("guard", said.guard),
        ] {
            assert_eq!(plan.address(&format!("class/{part}")).unwrap(), at, "{name}: {part}");
        }
        let deploy: deployClassCall = halo_tests::call(&plan, "class/deploy");
        let said = now(chain.read(factory, &predictBuffersCall { p: deploy.p })).unwrap();
        let buffers = plan.contracts().filter(|one| one.name.starts_with("class/buffer/"));
        let planned: Vec<_> = buffers.map(|one| one.address).collect();
        assert_eq!((planned.len(), planned), (1, said), "{name}: buffers");
        for unit in &plan.subject.units {
            let slug = &unit.slug;
            let deploy: deployUnitCall = halo_tests::call(&plan, &format!("unit/{slug}/deploy"));
            let predict = predictUnitCall { classId: deploy.classId, p: deploy.p };
            let said = now(chain.read(factory, &predict)).unwrap();
            for (part, at) in [
                ("unit", said.unit),
                ("subscribe-queue", said.subscribeQueue),
                ("redeem-queue", said.redeemQueue),
            ] {
                let planned = plan.address(&format!("unit/{slug}/{part}")).unwrap();
                assert_eq!(planned, at, "{name}: {slug} {part}");
            }
        }
    }
}

#[test]
fn every_contract_has_locked_code_and_the_factory_no_role_on_any() {
    for name in SPECS {
        let (plan, chain, _) = World::of(name).deployed();
        let factory = plan.address("core/factory").unwrap();
        for contract in plan.contracts() {
            let found = now(chain.code_hash(contract.address)).unwrap();
            assert_eq!(found, contract.code_hash, "{name}: {}", contract.name);
            let implementation = contract.implementation.unwrap_or(contract.address);
            if contract.form != Form::Blob {
                let code = now(chain.code_hash(implementation)).unwrap();
                let locked = Template::get(&contract.template).unwrap().runtime_hash();
                assert_eq!(code, locked, "{name}: {}", contract.name);
            }
            let blob = contract.form == Form::Blob;
            let roles = if blob { &[] } else { halo_deploy::roles::of(&contract.template) };
            for role in roles {
                let call = AccessControls::hasRoleCall {
                    role: halo_deploy::roles::id(role),
                    account: factory,
                };
                let held = now(chain.read(contract.address, &call)).unwrap();
                assert!(!held, "{name}: {} {role}", contract.name);
            }
        }
    }
}

#[test]
fn deploying_stays_within_its_gas() {
    for name in SPECS {
        let (_, _, applied) = World::of(name).deployed();
        let most = |wanted: fn(&str) -> bool| {
            let sent = applied.transactions.iter().filter(|sent| wanted(&sent.step));
            sent.map(|sent| sent.gas).max().unwrap()
        };
        let class = most(|step| step == "class/deploy");
        assert!(class <= MAX_CLASS_GAS, "{name}: deployClass took {class} gas");
        let unit = most(|step| step.starts_with("unit/") && step.ends_with("/deploy"));
        assert!(unit <= MAX_UNIT_GAS, "{name}: deployUnit took {unit} gas");
    }
}

#[test]
fn applying_again_changes_nothing() {
    for name in SPECS {
        let (plan, mut chain, applied) = World::of(name).deployed();
        let (before, number) = (Alloc::of(&chain).unwrap(), chain.number());
        let again = run(&plan, &mut chain);
        assert!(again.transactions.is_empty(), "{name}: {:?}", again.transactions);
        assert_eq!(again.unchanged.len(), plan.steps.len(), "{name}");
        assert_eq!(chain.number(), number, "{name}");
        assert!(Alloc::of(&chain).unwrap() == before, "{name}: the state changed");

        // The manifest keeps the transactions of the first run.
        let first = manifests(&plan, &applied);
        for old in first {
            let known = [old.transactions.clone(), again.transactions.clone()].concat();
            assert_eq!(Manifest::new(&plan, &old.unit.slug, &known).unwrap(), old, "{name}");
        }
    }
}

#[test]
fn a_second_class_finds_the_core_contracts_there() {
    let (mut chain, mut sent) = (None, Vec::new());
    for name in SPECS {
        let world = World::of(name);
        let chain = chain.get_or_insert_with(|| world.genesis().chain);
        let applied = run(&world.plan(), chain);
        let core = applied.transactions.iter().filter(|one| one.step.starts_with("create/core"));
        sent.push((core.count(), applied.transactions.len()));
    }
    assert!(sent[0].0 > 0 && sent[1].0 == 0 && sent[2].0 == 0, "{sent:?}");
    assert!(sent[1].1 < sent[0].1, "{sent:?}");
}

#[test]
fn a_plan_stops_at_the_step_that_is_refused_and_goes_on_when_called_again() {
    let world = World::of("tbill");
    let (plan, mut chain) = (world.plan(), world.genesis().chain);
    // Somebody at the beacon registry's address of the settler: the registration is refused.
    let mut wrong = world.spec.clone();
    wrong.beacon.name = String::new();
    wrong.beacon.id = alloy_primitives::keccak256("");
    let planned = Plan::new(&wrong, &world.network, &[]).unwrap();
    let stopped = match now(apply(&planned, &mut chain, |_| {})) {
        Err(halo_deploy::Error::Stopped(stopped)) => stopped,
        other => panic!("{other:?}"),
    };
    assert_eq!(stopped.step, "governance/beacon/");
    let words = stopped.to_string();
    for part in ["core/beacon-registry", "EmptyName()", "done:", "not begun:", "class/deploy"] {
        assert!(words.contains(part), "{part} is not in: {words}");
    }
    let done = stopped.applied.transactions.len();
    assert!(done > 0 && done < planned.steps.len());
    // What was done is found there by the right plan.
    let applied = run(&plan, &mut chain);
    assert_eq!(applied.unchanged.len(), done);
}

#[test]
fn plans_and_manifests_go_to_a_file_and_back() {
    let folder = tempfile::tempdir().unwrap();
    for name in SPECS {
        let (plan, _, applied) = World::of(name).deployed();
        assert_eq!(World::of(name).plan(), plan, "{name}: the same plan every time");
        let path = folder.path().join("plan.json");
        plan.save(&path).unwrap();
        assert_eq!(Plan::load(&path).unwrap(), plan);
        for manifest in manifests(&plan, &applied) {
            let path = manifest.save(folder.path()).unwrap();
            let place = format!("embedded/{}/{}.json", manifest.class.slug, manifest.unit.slug);
            assert!(path.ends_with(place));
            assert_eq!(Manifest::load(&path).unwrap(), manifest);
            assert_eq!(std::fs::read_to_string(&path).unwrap(), manifest.to_json().unwrap());
            assert!(
                manifest.same_deployment(&Manifest::new(&plan, &manifest.unit.slug, &[]).unwrap())
            );
            assert_eq!(manifest.contracts.len(), manifest_contracts(&plan, &manifest));
        }
    }
}

/// The contracts of the plan without those of the manifest's sibling Units.
fn manifest_contracts(plan: &Plan, manifest: &Manifest) -> usize {
    let mine = format!("unit/{}/", manifest.unit.slug);
    plan.contracts()
        .filter(|one| !one.name.starts_with("unit/") || one.name.starts_with(&mine))
        .count()
}

#[test]
fn only_the_named_roles_sign() {
    let world = World::of("clo");
    let plan = world.plan();
    for step in &plan.steps {
        let expected = match step.signer.role {
            Role::Governance => world.network.governance.pause_proxy,
            Role::Halo => world.spec.admins[0],
            Role::Deployer | Role::Govops => world.network.deployer.unwrap(),
            Role::Beacon if step.id.ends_with("/relay") => world.spec.relayer,
            Role::Beacon => world.spec.settler,
            Role::Prime => continue,
        };
        assert_eq!(step.signer.address, expected, "{}", step.id);
        if let Action::Call(call) = &step.action {
            assert_ne!(call.to, Address::ZERO, "{}", step.id);
        }
    }
    let params: Vec<B256> = plan
        .steps
        .iter()
        .flat_map(|step| &step.expects)
        .filter_map(|fact| match fact {
            Fact::Record(record) => Some(record.params_hash),
            _ => None,
        })
        .filter(|hash| !hash.is_zero())
        .collect();
    assert_eq!(params.len(), 3, "a Class and two Units, each with its own approved parameters");
    assert_eq!(params.iter().collect::<BTreeSet<_>>().len(), 3);
}
