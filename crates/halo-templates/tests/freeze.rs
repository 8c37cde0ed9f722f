//! Freezing and verifying a small tree with the real compiler.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use halo_templates::compile::{Change, Checked, Difference, Part, Report, Solc, freeze, verify};
use halo_templates::{Entry, Error, Kind, Tree};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use tempfile::TempDir;

const COUNTER: Entry =
    Entry { kind: Kind::Singleton, version: 1, name: "Counter", source: "src/Counter.sol" };
const CATALOG: &[Entry] = &[
    COUNTER,
    Entry { kind: Kind::Interface, version: 1, name: "CounterLike", source: "src/CounterLike.sol" },
    Entry { kind: Kind::Fixture, version: 1, name: "Other", source: "src/Other.sol" },
];

const COUNTER_SOURCE: &str = "pragma solidity 0.8.34;
import \"./CounterLike.sol\";
contract Counter is CounterLike {
    uint256 public count;
    function bump(uint256 by) external { count += by; }
}
";

/// A tree with two contracts and an interface, not yet frozen, and the compiler of the real tree.
fn tree() -> (TempDir, Tree, Solc) {
    let folder = TempDir::new().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let real = Tree::find(None).unwrap();
    write("foundry.toml", &fs::read_to_string(real.root().join("foundry.toml")).unwrap());
    write("src/Counter.sol", COUNTER_SOURCE);
    write("src/CounterLike.sol", "interface CounterLike { function bump(uint256 by) external; }\n");
    write(
        "src/Other.sol",
        "contract Other { uint8 a; address b; function f() external { b = msg.sender; } }\n",
    );
    let solc = Solc::find(&real, None).expect("a pinned solc; run `cargo xtask setup`");
    let tree = Tree::at(folder.path()).unwrap();
    (folder, tree, solc)
}

fn edit(tree: &Tree, path: &str, from: &str, to: &str) {
    let path = tree.root().join(path);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{} has no {from}", path.display());
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}

fn changes(tree: &Tree, catalog: &[Entry], solc: &Solc) -> Vec<Change> {
    freeze(tree, catalog, solc, false)
        .unwrap()
        .changes
        .into_iter()
        .map(|(_, change)| change)
        .collect()
}

/// The differences of the one template that is expected to differ.
fn only(report: &Report, name: &str) -> Vec<Difference> {
    let names: Vec<_> = report.differing().map(|checked| checked.name.as_str()).collect();
    assert_eq!(names, [name], "{report}");
    report.differing().flat_map(|checked| checked.differences.clone()).collect()
}

#[test]
fn what_is_frozen_verifies_and_freezing_again_changes_no_byte() {
    let (folder, tree, solc) = tree();
    assert_eq!(changes(&tree, CATALOG, &solc), [Change::Added; 3]);
    assert!(verify(&tree, CATALOG, &solc).unwrap().is_ok());

    let files =
        ["artifacts/templates.lock", "artifacts/Counter.json", "artifacts/inputs/Counter.json"];
    let bytes = || files.map(|file| fs::read(tree.root().join(file)).unwrap());
    let first = bytes();
    assert_eq!(changes(&tree, CATALOG, &solc), [Change::Kept; 3]);
    let afresh = freeze(&tree, CATALOG, &solc, true).unwrap();
    assert_eq!(afresh.lock, tree.lock().unwrap());
    assert_eq!(bytes(), first);

    // Another folder, and the catalog in another order: the same code.
    let moved = TempDir::new().unwrap();
    fs::rename(folder.path(), moved.path().join("elsewhere")).unwrap();
    let tree = Tree::at(&moved.path().join("elsewhere")).unwrap();
    assert!(verify(&tree, CATALOG, &solc).unwrap().is_ok());
    let reversed: Vec<_> = CATALOG.iter().rev().copied().collect();
    let lock = freeze(&tree, &reversed, &solc, true).unwrap().lock;
    assert_eq!(lock.template("Counter"), afresh.lock.template("Counter"));
}

#[test]
fn one_changed_byte_fails_and_names_the_template_and_what_differs() {
    let (_folder, tree, solc) = tree();
    // One template only: each line below is a run of the compiler.
    let catalog = &[COUNTER];
    freeze(&tree, catalog, &solc, false).unwrap();
    let keep = |paths: &[&str]| {
        paths.iter().map(|path| fs::read(tree.root().join(path)).unwrap()).collect::<Vec<_>>()
    };
    let files = [
        "src/Counter.sol",
        "artifacts/templates.lock",
        "artifacts/Counter.json",
        "artifacts/inputs/Counter.json",
    ];
    let good = keep(&files);
    let check = |path: &str, from: &str, to: &str| {
        edit(&tree, path, from, to);
        let report = verify(&tree, catalog, &solc).unwrap();
        for (path, bytes) in files.iter().zip(&good) {
            fs::write(tree.root().join(path), bytes).unwrap();
        }
        report
    };

    let source = only(&check("src/Counter.sol", "count += by", "count -= by"), "Counter");
    assert!(
        matches!(&source[0], Difference::Source { path, .. } if path == "src/Counter.sol"),
        "{source:?}"
    );
    assert!(
        source.iter().any(|d| matches!(d, Difference::Artifact { part: Part::RuntimeCode, .. })),
        "{source:?}"
    );

    // A byte that does not reach the code is a difference all the same.
    let space = only(&check("src/Counter.sol", "count += by;", "count +=by; "), "Counter");
    assert!(matches!(&space[..], [Difference::Source { .. }]), "{space:?}");

    let broken = only(&check("src/Counter.sol", "count += by", "count + = by"), "Counter");
    assert!(broken.iter().any(|d| matches!(d, Difference::Failed(_))), "{broken:?}");

    let input =
        only(&check("artifacts/inputs/Counter.json", "\"runs\": 200", "\"runs\": 201"), "Counter");
    assert!(matches!(&input[..], [Difference::Setting { key: "optimizer_runs", .. }]), "{input:?}");
    let input =
        only(&check("artifacts/inputs/Counter.json", "count += by", "count -= by"), "Counter");
    assert!(matches!(&input[..], [Difference::Source { .. }]), "{input:?}");

    let (from, to) = ("\"deployedBytecode\": \"0x6", "\"deployedBytecode\": \"0x7");
    let artifact = only(&check("artifacts/Counter.json", from, to), "Counter");
    assert!(
        matches!(&artifact[..], [Difference::Artifact { part: Part::RuntimeCode, .. }]),
        "{artifact:?}"
    );

    let lock = fs::read_to_string(tree.lock_path()).unwrap();
    let size = lock.lines().find(|line| line.starts_with("runtime_size")).unwrap();
    let locked = only(&check("artifacts/templates.lock", size, "runtime_size = 1"), "Counter");
    assert_eq!(locked, [Difference::Locked { key: "runtime_size" }]);
    assert!(verify(&tree, catalog, &solc).unwrap().is_ok());
}

#[test]
fn a_changed_setting_fails_and_names_every_template() {
    let (_folder, tree, solc) = tree();
    let catalog = &CATALOG[..2];
    freeze(&tree, catalog, &solc, false).unwrap();
    for file in ["foundry.toml", "artifacts/templates.lock"] {
        edit(&tree, file, "optimizer_runs = 200", "optimizer_runs = 201");
        let report = verify(&tree, catalog, &solc).unwrap();
        for Checked { name, differences } in &report.templates {
            let runs =
                |d: &Difference| matches!(d, Difference::Setting { key: "optimizer_runs", .. });
            assert!(differences.iter().any(runs), "{name} after a change of {file}: {report}");
        }
        assert_eq!(report.templates.len(), catalog.len());
        edit(&tree, file, "optimizer_runs = 201", "optimizer_runs = 200");
    }
}

#[test]
fn the_lock_and_the_catalog_must_name_the_same_templates() {
    let (_folder, tree, solc) = tree();
    freeze(&tree, &CATALOG[..2], &solc, false).unwrap();
    assert_eq!(only(&verify(&tree, CATALOG, &solc).unwrap(), "Other"), [Difference::NotFrozen]);
    let report = verify(&tree, &CATALOG[..1], &solc).unwrap();
    assert_eq!(only(&report, "CounterLike"), [Difference::NotInCatalog]);
    assert!(tree.artifact_path("CounterLike").exists());
    assert_eq!(changes(&tree, &CATALOG[..1], &solc), [Change::Kept, Change::Removed]);
    assert!(
        !tree.artifact_path("CounterLike").exists() && !tree.input_path("CounterLike").exists()
    );
}

#[test]
fn an_audit_lasts_as_long_as_the_code() {
    let (_folder, tree, solc) = tree();
    freeze(&tree, CATALOG, &solc, false).unwrap();
    edit(&tree, "artifacts/templates.lock", "audit = \"unaudited\"", "audit = \"0xabcd\"");
    edit(&tree, "src/Counter.sol", "count += by", "count += by /* by one or more */");
    assert_eq!(changes(&tree, CATALOG, &solc)[0], Change::Changed);
    assert_eq!(tree.lock().unwrap().template("Counter").unwrap().audit, "0xabcd");
    edit(&tree, "src/Counter.sol", "count += by", "count -= by");
    freeze(&tree, CATALOG, &solc, false).unwrap();
    assert!(!tree.lock().unwrap().template("Counter").unwrap().is_audited());
}

#[test]
fn what_cannot_be_a_template_is_refused_and_nothing_is_written() {
    let (_folder, tree, solc) = tree();
    freeze(&tree, CATALOG, &solc, false).unwrap();
    let lock = fs::read(tree.lock_path()).unwrap();
    for (body, reason) in [
        (
            "contract Counter { uint256 immutable a = block.number; function f() external view returns (uint256) { return a; } }",
            "immutables",
        ),
        (
            "library L { function g() external {} } contract Counter { function f() external { L.g(); } }",
            "external library",
        ),
        ("contract Counter { function f(uint256 gen) external {} }", "the name gen"),
        ("contract Another {}", "no contract of that name"),
        ("interface Counter {}", "listed as singleton but has no code"),
        (
            "contract Counter { function f() external { undefinedThing(); } }",
            "Undeclared identifier",
        ),
        ("import \"./Gone.sol\"; contract Counter {}", "Gone.sol"),
    ] {
        fs::write(tree.root().join("src/Counter.sol"), body).unwrap();
        let error = freeze(&tree, CATALOG, &solc, false).unwrap_err();
        let Error::NotFrozen { reasons } = &error else { panic!("{error}") };
        assert!(
            reasons.len() == 1
                && reasons[0].starts_with("Counter: ")
                && reasons[0].contains(reason),
            "{error}"
        );
        assert_eq!(fs::read(tree.lock_path()).unwrap(), lock);
    }
    let size =
        "contract Counter { function f() external pure returns (bytes memory) { return hex\"";
    let size = size.to_owned() + &"ab".repeat(25_000) + "\"; } }";
    fs::write(tree.root().join("src/Counter.sol"), size).unwrap();
    let error = freeze(&tree, &[COUNTER], &solc, false).unwrap_err().to_string();
    assert!(error.contains("over the limit of 24576"), "{error}");
}

#[test]
fn another_compiler_is_refused_by_name() {
    let (folder, tree, _) = tree();
    let script = |name: &str, body: &str| {
        let path = folder.path().join(name);
        fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    };
    let old = script("old", "echo 'Version: 0.8.33+commit.64118f21.Linux.g++'");
    let error = Solc::find(&tree, Some(&old)).unwrap_err();
    assert!(
        matches!(&error, Error::WrongSolc { found, .. } if found.starts_with("0.8.33+")),
        "{error}"
    );
    assert!(error.to_string().contains("/old is solc 0.8.33"), "{error}");

    let fork = script("fork", "echo 'Version: 0.8.34+commit.00000000.Linux.g++'");
    assert!(matches!(Solc::find(&tree, Some(&fork)), Err(Error::WrongSolc { .. })));
    for silent in [script("silent", "exit 0"), script("failing", "echo no >&2; exit 1")] {
        let error = Solc::find(&tree, Some(&silent)).unwrap_err();
        assert!(matches!(&error, Error::BrokenSolc { .. }), "{error}");
    }
    assert!(matches!(Solc::find(&tree, Some(Path::new("no/such/solc"))), Err(Error::File { .. })));

    // Right name, but it does not compile: each template says so.
    let mute = script(
        "mute",
        "case $1 in --version) echo 'Version: 0.8.34+commit.80d5c536.Linux.g++';; *) cat >/dev/null; echo '{}';; esac",
    );
    let mute = Solc::find(&tree, Some(&mute)).unwrap();
    let error = freeze(&tree, CATALOG, &mute, false).unwrap_err();
    assert!(
        matches!(&error, Error::NotFrozen { reasons } if reasons.len() == CATALOG.len()),
        "{error}"
    );
}
