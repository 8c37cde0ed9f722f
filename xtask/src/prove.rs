//! `cargo xtask prove`: the symbolic tests of `solidity/test/symbolic`, with Halmos.

use crate::scratch::Scratch;
use crate::{Result, command, python};
use serde_json::Value;
use std::fs;
use std::path::Path;

const FOLDER: &str = "test/symbolic";
/// Iterations of a loop that are followed; a proof that needs more fails.
const LOOP: &str = "64";
/// Gets the path of a file with the question; what it is says more.
const SOLVER: &str = "tools/solvers";
/// For one question to the solver, milliseconds.
const TIMEOUT: &str = "300000";
/// For the question whether a branch can be taken, milliseconds. With Halmos's single one, a machine that is busy follows
/// paths that there are not, and what is asked of them may have no answer for minutes.
const BRANCHING: &str = "50";

/// The contracts whose proofs take a minute and a half together; those of the queue are for the night.
pub(crate) const QUICK: &str = "Symbolic(Keys|RateLimits|Settlement|Sorl|Waterfall)";

/// Proves every `check_` function whose contract's name has `pattern` in it.
///
/// # Errors
/// If one has a counterexample, is not answered in time, or was not followed through every path.
pub(crate) fn run(pattern: Option<&str>) -> Result {
    let copy = Scratch::fresh("prove")?;
    let settings = copy.folder().join("foundry.toml");
    let toml = fs::read_to_string(&settings)?;
    // The contracts are compiled with a Math that a solver can follow; SmallMath.sol says what that means.
    let own = "remappings = [\"@openzeppelin/contracts/utils/math/Math.sol=test/symbolic/SmallMath.sol\", ";
    let toml = toml.replacen("remappings = [", own, 1) + "\n[lint]\nlint_on_build = false\n";
    fs::write(&settings, toml)?;
    let place = |command: &mut std::process::Command| {
        command.current_dir(copy.folder()).env("FOUNDRY_SRC", FOLDER).env("FOUNDRY_TEST", FOLDER);
    };
    let mut forge = command::forge()?;
    place(&mut forge);
    command::run(forge.args([
        "build",
        "--quiet",
        "--ast",
        "--extra-output",
        "storageLayout",
        "metadata",
    ]))?;

    let report = copy.folder().join("proofs.json");
    // Else a run that dies would be judged by the one before it.
    if report.exists() {
        fs::remove_file(&report)?;
    }
    let mut halmos = python::tool("halmos")?;
    place(&mut halmos);
    halmos
        .args([
            "--root",
            ".",
            "--loop",
            LOOP,
            "--solver-command",
            SOLVER,
            "--solver-timeout-assertion",
            TIMEOUT,
            "--solver-timeout-branching",
            BRANCHING,
        ])
        .arg("--json-output")
        .arg(&report);
    if let Some(pattern) = pattern {
        halmos.args(["--match-contract", pattern]);
    }
    // Its exit status says less than its report.
    halmos.status()?;
    judge(&report)
}

fn judge(report: &Path) -> Result {
    let report: Value = serde_json::from_slice(&fs::read(report)?)?;
    let (proved, failed) = read(&report);
    println!("{} proved", proved.len());
    match (failed.is_empty(), proved.is_empty()) {
        (true, false) => Ok(()),
        (true, true) => Err("nothing was proved".into()),
        _ => Err(format!("not proved: {}", failed.join(", ")).into()),
    }
}

/// The names of the tests that are proved, and of those that are not, with the reason.
fn read(report: &Value) -> (Vec<String>, Vec<String>) {
    let (mut proved, mut failed) = (Vec::new(), Vec::new());
    let suites = report.get("test_results").and_then(Value::as_object).into_iter().flatten();
    for test in suites.filter_map(|(_, tests)| tests.as_array()).flatten() {
        let name = test.get("name").and_then(Value::as_str).unwrap_or("?").to_owned();
        let number = |key: &str| test.get(key).and_then(Value::as_i64).unwrap_or(-1);
        match (number("exitcode"), number("num_bounded_loops")) {
            (0, 0) => proved.push(name),
            (0, _) => failed.push(format!("{name} (a loop was cut)")),
            (code, _) => failed.push(format!("{name} (exit code {code})")),
        }
    }
    (proved, failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_followed_to_its_end_is_proved() {
        let report = serde_json::json!({"test_results": {"a.t.sol:A": [
            {"name": "check_a", "exitcode": 0, "num_bounded_loops": 0},
            {"name": "check_b", "exitcode": 0, "num_bounded_loops": 2},
            {"name": "check_c", "exitcode": 1, "num_bounded_loops": 0},
            {"name": "check_d"},
        ]}});
        let (proved, failed) = read(&report);
        assert_eq!(proved, ["check_a"]);
        assert_eq!(
            failed,
            ["check_b (a loop was cut)", "check_c (exit code 1)", "check_d (exit code -1)"]
        );
    }
}
