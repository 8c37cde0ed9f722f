//! Every spell for every example, compiled with the pinned compiler, and its forge test run on the chain that the plan
//! leaves. With HALO_SPELLS=DIR the files stay in DIR.

#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use halo_governance::SpellKind;
use halo_templates::Tree;

use support::Example;

/// Forge's program, not npm's launcher, which swallows its exit code.
fn forge(tree: &Tree) -> PathBuf {
    let arch = if cfg!(target_arch = "x86_64") { "amd64" } else { "arm64" };
    let os = if cfg!(target_os = "macos") { "darwin" } else { "linux" };
    tree.root().join(format!("node_modules/@foundry-rs/forge-{os}-{arch}/bin/forge"))
}

/// Runs the tests in a folder, with the repository's sources under them and an output of their own.
fn run(tree: &Tree, spells: &Path, work: &Path) -> Output {
    let folders = format!("[\"node_modules\", {:?}]", spells.display().to_string());
    Command::new(forge(tree))
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
