//! Every spell for every example, compiled with the pinned compiler, and its forge test run on the chain that the plan
//! leaves. With HALO_SPELLS=DIR the files stay in DIR.

#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use std::{
    path::Path,
    process::{Command, Output},
};

use halo_deploy::Manifest;
use halo_governance::{Scene, SpellKind, Terms, generate};
use halo_templates::{Tree, compile::Forge};

use support::Example;

/// Runs the tests in a folder, with the repository's sources under them and an output of their own.
fn run(tree: &Tree, spells: &Path, work: &Path) -> Output {
    let folders = format!("[\"node_modules\", {:?}]", spells.display().to_string());
    Command::new(Forge::find(tree, None).unwrap().path())
        .arg("test")
        .current_dir(tree.root())
        .env("FOUNDRY_SRC", spells)
        .env("FOUNDRY_TEST", spells)
        .env("FOUNDRY_SCRIPT", spells)
        .env("FOUNDRY_ALLOW_PATHS", folders)
        .env("FOUNDRY_OUT", work.join("out"))
        .env("FOUNDRY_CACHE_PATH", work.join("cache"))
        .output()
        .unwrap()
}

/// Writes every spell for an example and runs their tests.
fn every_spell_does_what_its_test_says(name: &str) {
    let temporary = tempfile::tempdir().unwrap();
    let kept = std::env::var_os("HALO_SPELLS").map(|kept| Path::new(&kept).join(name));
    let work = kept.unwrap_or_else(|| temporary.path().to_owned());
    let spells = work.join("spells");
    let example = Example::of(name);
    let mut refused = Vec::new();
    for kind in SpellKind::ALL {
        let out = spells.join(kind.word());
        match example.spell(kind, &example.terms(kind), &out) {
            Ok(spell) => {
                assert!(!spell.actions.is_empty());
                spell.write(&out).unwrap();
            }
            Err(error) => refused.push(format!("{}: {error}", kind.word())),
        }
    }
    assert!(refused.is_empty(), "{}", refused.join("\n"));
    let output = run(&example.tree, &spells, &work);
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    let suites = said.matches("Suite result: ok").count();
    assert_eq!(suites, SpellKind::ALL.len(), "{said}");
}

#[test]
fn spells_for_tbill() {
    every_spell_does_what_its_test_says("tbill");
}

#[test]
fn spells_for_mmf() {
    every_spell_does_what_its_test_says("mmf");
}

#[test]
fn spells_for_clo() {
    every_spell_does_what_its_test_says("clo");
}

/// Two Classes on one chain, and the Treasury bills move into the senior loans.
#[test]
fn a_migration_into_another_class() {
    let work = tempfile::tempdir().unwrap();
    let (source, target) = (Example::of("tbill"), Example::of("clo"));
    let mut chain = source.genesis();
    target.deploy(&mut chain);
    let plan = source.deploy(&mut chain);
    let senior = target.plan().address("unit/senior/unit").unwrap();

    let kind = SpellKind::MigrateUnit;
    let targets = [("bills".to_owned(), senior)].into();
    let terms = Terms { targets, ..source.terms(kind) };
    let manifest = Manifest::new(&plan, "bills", &[]).unwrap();
    let scene = Scene::of_manifest(manifest, chain, source.network.clone()).unwrap();
    let out = work.path().join("spells");
    let spell = generate(kind, &terms, &scene, &source.tree, &source.solc, &out).unwrap();
    let planned = spell.source.split("function plan()").nth(1).unwrap();
    assert!(planned.contains("PlanUnit(UNIT_0, TARGET_0, MIN_RATIO_0)"), "{planned}");
    assert!(planned.contains("PlanStep(ASSET, UNIT_0, MAX_0)"), "{planned}");
    assert!(spell.source.contains("MAX_0 = 1_000_000_000e18; // 1_000_000_000 USDS in all"));
    spell.write(&out).unwrap();
    let output = run(&source.tree, &out, work.path());
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("[PASS] test_P26_theAnnouncedPlanBegins"), "{said}");
}
