//! `cargo xtask soak`: random lives of the whole system for a given time, one seed per core. The profile `soak` of
//! foundry.toml says how long a life is and how often all invariants are looked at; each action looks at its own.

use crate::scratch::Scratch;
use crate::{Result, command};
use serde_json::Value;
use std::process::{Command, Stdio};
use std::time::Instant;

const TEST: &str = "test/system/Soak.t.sol";
const MINUTES: u64 = 10;
const SEED: u64 = 0x6861_6c6f;

/// Runs with the options `--minutes N` and `--seed S`.
///
/// # Errors
/// If an invariant breaks; the shortest sequence that breaks it is printed as a test.
pub(crate) fn run(options: &[&str]) -> Result {
    let (minutes, seed) = parse(options)?;
    let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get() as u64);
    let copy = Scratch::fresh("soak")?;
    command::run(copy.forge_for(TEST)?.args(["build", "--quiet", TEST]))?;
    println!("{minutes} minutes on {cores} cores, seeds {seed} to {}", seed + cores - 1);
    let start = Instant::now();
    let campaigns = (seed..seed + cores)
        .map(|seed| Ok((seed, campaign(&copy, minutes, seed)?.spawn()?)))
        .collect::<Result<Vec<_>>>()?;
    let (mut sequences, mut calls, mut broken) = (0, 0, Vec::new());
    for (seed, child) in campaigns {
        let output = child.wait_with_output()?;
        let report: Value = serde_json::from_slice(&output.stdout)
            .map_err(|_| format!("seed {seed}: forge gave no report"))?;
        let done = read(&report);
        println!("seed {seed}: {} sequences, {} calls", done.sequences, done.calls);
        sequences += done.sequences;
        calls += done.calls;
        broken.extend(done.broken.map(|reason| format!("seed {seed}: {reason}")));
    }
    let seconds = start.elapsed().as_secs().max(1);
    println!(
        "{sequences} sequences, {calls} calls in {seconds} s, {} calls per second",
        calls / seconds
    );
    if calls == 0 && broken.is_empty() {
        return Err("no call was made".into());
    }
    if broken.is_empty() { Ok(()) } else { Err(broken.join("\n\n").into()) }
}

fn parse(options: &[&str]) -> Result<(u64, u64)> {
    let (mut minutes, mut seed) = (MINUTES, SEED);
    for option in options.chunks(2) {
        match option {
            ["--minutes", number] => minutes = number.parse()?,
            ["--seed", number] => seed = number.parse()?,
            _ => return Err("options are --minutes N and --seed S".into()),
        }
    }
    Ok((minutes, seed))
}

fn campaign(copy: &Scratch, minutes: u64, seed: u64) -> Result<Command> {
    let mut forge = copy.forge_for(TEST)?;
    forge
        .args(["test", "--match-path", TEST, "--json", "--fuzz-seed", &format!("{seed:#x}")])
        .env("FOUNDRY_PROFILE", "soak")
        .env("FOUNDRY_INVARIANT_TIMEOUT", (minutes * 60).to_string())
        .env("FOUNDRY_INVARIANT_FAILURE_PERSIST_DIR", format!("cache/soak-{seed}"))
        .stdout(Stdio::piped());
    Ok(forge)
}

#[derive(Debug, Default, PartialEq)]
struct Done {
    sequences: u64,
    calls: u64,
    broken: Option<String>,
}

fn read(report: &Value) -> Done {
    let mut done = Done::default();
    let suites = report.as_object().into_iter().flat_map(|suites| suites.values());
    let tests = suites.filter_map(|suite| suite.get("test_results")?.as_object()).flatten();
    for (name, result) in tests {
        let number = |key| result.pointer(key).and_then(Value::as_u64).unwrap_or(0);
        done.sequences += number("/kind/Invariant/runs");
        done.calls += number("/kind/Invariant/calls");
        if result.get("status").and_then(Value::as_str) != Some("Success") {
            let reason = result.get("reason").and_then(Value::as_str).unwrap_or("it failed");
            let sequence = result.get("counterexample").map(Value::to_string).unwrap_or_default();
            done.broken = Some(format!("{name}: {reason}\n{sequence}"));
        }
    }
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_counted_and_a_failure_told() {
        let report = serde_json::json!({"a": {"test_results": {
            "invariant_x()": {"status": "Success", "kind": {"Invariant": {"runs": 3, "calls": 1500}}},
            "invariant_y()": {"status": "Failure", "reason": "I1", "kind": {"Invariant": {"runs": 1, "calls": 7}}},
        }}});
        let done = read(&report);
        assert_eq!((done.sequences, done.calls), (4, 1507));
        assert!(done.broken.expect("broken").starts_with("invariant_y(): I1"));
        assert_eq!(parse(&["--minutes", "3", "--seed", "9"]).expect("options"), (3, 9));
        assert!(parse(&["--hours", "3"]).is_err());
    }
}
