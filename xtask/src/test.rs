//! `cargo xtask test`: everything that must hold. Every step runs, whatever became of those before it.

use crate::{Result, command, generate, prove, setup, templates};
use std::time::{Duration, Instant};

/// How much is tested.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// Everything, with long fuzzing.
    Full,
    /// Without documentation and long fuzzing: for while one works.
    Fast,
}

/// Cases per property under `--fast`; otherwise each property has its own number.
const FAST_CASES: &str = "32";

struct Step {
    name: &'static str,
    extent: Extent,
    run: fn(Extent) -> Result,
}

/// In the order in which a mistake is found soonest.
const STEPS: &[Step] = &[
    Step { name: "setup", extent: Extent::Fast, run: |_| setup::run() },
    Step { name: "format", extent: Extent::Fast, run: |_| cargo(&["fmt", "--all", "--check"]) },
    Step { name: "format Solidity", extent: Extent::Fast, run: |_| forge(&["fmt", "--check"]) },
    Step { name: "clippy", extent: Extent::Fast, run: |_| clippy() },
    Step { name: "templates", extent: Extent::Fast, run: |_| templates::verify() },
    Step { name: "forge test", extent: Extent::Fast, run: forge_test },
    Step { name: "proofs", extent: Extent::Full, run: |_| prove::run(Some(prove::QUICK)) },
    Step { name: "nextest", extent: Extent::Fast, run: nextest },
    Step {
        name: "doc tests",
        extent: Extent::Full,
        run: |_| cargo(&["test", "--workspace", "--doc"]),
    },
    Step { name: "documentation", extent: Extent::Full, run: |_| documentation() },
    Step { name: "generated files", extent: Extent::Fast, run: |_| generate::check() },
];

pub(crate) fn run(extent: Extent) -> Result {
    let steps = STEPS.iter().filter(|step| extent == Extent::Full || step.extent == Extent::Fast);
    let mut outcomes = Vec::new();
    for step in steps {
        println!("\n=== {} ===", step.name);
        let start = Instant::now();
        let result = (step.run)(extent);
        if let Err(error) = &result {
            eprintln!("error: {error}");
        }
        outcomes.push((step.name, start.elapsed(), result));
    }
    println!("\n{}", table(&outcomes));
    let failed: Vec<_> =
        outcomes.iter().filter(|(_, _, result)| result.is_err()).map(|(name, ..)| *name).collect();
    match failed.is_empty() {
        true => Ok(()),
        false => Err(format!("failed: {}", failed.join(", ")).into()),
    }
}

fn table(outcomes: &[(&str, Duration, Result)]) -> String {
    let row = |name: &str, outcome: &str, time: Duration| {
        format!("{name:<16} {outcome:<7} {:>6} s\n", time.as_secs())
    };
    let rows = outcomes
        .iter()
        .map(|(name, time, result)| row(name, if result.is_ok() { "ok" } else { "FAILED" }, *time));
    let total = row("all", "", outcomes.iter().map(|(_, time, _)| *time).sum());
    rows.chain([total]).collect()
}

fn cargo(arguments: &[&str]) -> Result {
    command::run(command::cargo().args(arguments))
}

fn clippy() -> Result {
    cargo(&["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"])
}

fn documentation() -> Result {
    let mut command = command::cargo();
    command.env("RUSTDOCFLAGS", "--deny warnings").args(["doc", "--workspace", "--no-deps"]);
    command::run(&mut command)
}

fn nextest(extent: Extent) -> Result {
    if command::output("cargo", &["nextest", "--version"])?.is_none() {
        return Err(
            "cargo-nextest is not installed; run `cargo install --locked cargo-nextest`".into()
        );
    }
    let mut command = command::cargo();
    command.args(["nextest", "run", "--workspace"]);
    if extent == Extent::Fast {
        command.env("PROPTEST_CASES", FAST_CASES);
    }
    command::run(&mut command)
}

fn forge(arguments: &[&str]) -> Result {
    command::run(command::forge()?.args(arguments))
}

fn forge_test(extent: Extent) -> Result {
    let mut command = command::forge()?;
    let profile = if extent == Extent::Full { "ci" } else { "default" };
    // Gas snapshots are compared with solidity/snapshots, not rewritten.
    command.arg("test").env("FOUNDRY_PROFILE", profile).env("FORGE_SNAPSHOT_CHECK", "true");
    command::run(&mut command)
}
