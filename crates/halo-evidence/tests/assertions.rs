//! Generated assertions, compiled and run by forge on the chain that the plan leaves; and on one that was changed.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::{path::Path, process::Command};

use alloy_primitives::{B256, U256, keccak256};
use halo_chain::{Alloc, Chain, Embedded, Genesis, GenesisTerms, now};
use halo_deploy::{Manifest, Plan, PrimeLimits, Role, apply};
use halo_evidence::assertions::Assertions;
use halo_spec::{ClassSpec, Network, Scenario};
use halo_templates::{Tree, compile::Forge};

fn tree() -> Tree {
    Tree::at(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../solidity")).unwrap()
}

fn deployed() -> (Embedded, Manifest, Assertions) {
    let network = Network::embedded().unwrap();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deployments/specs/tbill.toml");
    let class = ClassSpec::load(&file, &network).unwrap().value;
    let scenario = Scenario::day1(&network, &class.asset).unwrap().value;
    let plan = Plan::new(&class, &network, &PrimeLimits::of_scenario(&scenario)).unwrap();
    let mut chain = Genesis::build(&GenesisTerms::of_scenario(&network, &scenario)).unwrap().chain;
    now(apply(&plan, &mut chain, |_| {})).unwrap();
    let manifest = Manifest::new(&plan, "bills", &[]).unwrap();
    let signers = plan.steps.iter().map(|step| &step.signer);
    let mut deployers: Vec<_> =
        signers.filter(|one| one.role == Role::Deployer).map(|one| one.address).collect();
    deployers.dedup();
    let assertions = Assertions::of(&manifest, &deployers);
    (chain, manifest, assertions)
}

/// Runs the generated test on a chain; its exit code and what it said.
fn forge(work: &Path, test: &Path, chain: &Embedded, world: &str) -> (bool, String) {
    let path = test.join(world);
    let alloc = Alloc::of(chain).unwrap().to_genesis_json(1337, chain.timestamp());
    std::fs::write(&path, alloc.to_string()).unwrap();
    let tree = tree();
    let output = Command::new(Forge::find(&tree, None).unwrap().path())
        .arg("test")
        .current_dir(tree.root())
        .env("FOUNDRY_SRC", test)
        .env("FOUNDRY_TEST", test)
        .env("FOUNDRY_SCRIPT", test)
        .env("FOUNDRY_ALLOW_PATHS", format!("[{:?}]", test.display().to_string()))
        .env("FOUNDRY_OUT", work.join("out"))
        .env("FOUNDRY_CACHE_PATH", work.join("cache"))
        .env("HALO_WORLD", &path)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    (output.status.success(), said + &String::from_utf8_lossy(&output.stderr))
}

#[test]
fn forge_agrees_and_notices_one_changed_limit() {
    let work = tempfile::tempdir().unwrap();
    let (mut chain, manifest, assertions) = deployed();
    let checks = now(assertions.check(&chain)).unwrap();
    let failed: Vec<_> = checks.iter().filter(|check| !check.holds).collect();
    assert!(failed.is_empty(), "{failed:#?}");
    let test = work.path().join("assertions");
    let files = assertions.write(&test).unwrap();
    assert_eq!(Assertions::load(&files.facts).unwrap(), assertions);

    let (passed, said) = forge(work.path(), &test, &chain, "world.json");
    assert!(passed, "{said}");
    for name in ["test_code", "test_roles", "test_powerless", "test_limits", "test_wiring"] {
        assert!(said.contains(&format!("[PASS] {name}")), "{said}");
    }

    // The maximum of a limit, one unit more: where the storage layout has it.
    let limit = &manifest.limits[0];
    let slot_of = |base: u64| keccak256([limit.key.0, U256::from(base).to_be_bytes()].concat());
    let has_max =
        |slot: &B256| now(chain.storage(limit.address, *slot)).unwrap() == B256::from(limit.max);
    let slot = (0..64).map(slot_of).find(has_max).unwrap();
    chain.set_storage(limit.address, slot.into(), limit.max + U256::from(1)).unwrap();
    let (passed, said) = forge(work.path(), &test, &chain, "changed.json");
    assert!(!passed && said.contains("FAIL") && said.contains(&limit.label), "{said}");
    let checks = now(assertions.check(&chain)).unwrap();
    assert_eq!(checks.iter().filter(|check| !check.holds).count(), 1);
}
