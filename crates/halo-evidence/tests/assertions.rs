//! Generated assertions, compiled and run by forge on the chain that the plan leaves; and on one that was changed.

#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use std::{path::Path, process::Command};

use alloy_primitives::{B256, U256, keccak256};
use halo_chain::{Alloc, Chain, Embedded, now};
use halo_evidence::assertions::Assertions;
use halo_templates::compile::Forge;

use support::{Example, tree};

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
    let example = Example::new();
    let mut chain = example.deploy();
    let Example { manifest, deployers, .. } = &example;
    let assertions = Assertions::of(manifest, deployers);
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
