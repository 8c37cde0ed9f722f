//! `cargo xtask mutants`: puts each fault of `solidity/invariants.toml` into a copy of the contracts and sees whether
//! its test notices.

use crate::Result;
use crate::invariants::{self, Mutant, place};
use crate::scratch::Scratch;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The profile of the tests that every change must pass: it is they that must notice.
const PROFILE: &str = "ci";

/// What became of a mutant.
enum Outcome {
    /// Its test failed, and says why.
    Caught(String),
    Missed,
    /// It could not be tried.
    Broken(String),
}

struct Trial {
    id: String,
    mutant: Mutant,
    outcome: Outcome,
    time: Duration,
}

/// Tries the mutants of the named invariants, or all.
///
/// # Errors
/// If one is missed or cannot be tried.
pub(crate) fn run(ids: &[&str]) -> Result {
    invariants::check()?;
    let mut all = VecDeque::new();
    for invariant in invariants::read()? {
        if ids.is_empty() || ids.contains(&invariant.id.as_str()) {
            all.extend(invariant.mutants.into_iter().map(|mutant| (invariant.id.clone(), mutant)));
        }
    }
    if all.is_empty() {
        return Err("no such mutant; solidity/invariants.toml has them".into());
    }
    let tests: BTreeSet<_> = all.iter().map(|(_, mutant)| mutant.test.clone()).collect();
    let workers = std::thread::available_parallelism().map_or(1, |cores| cores.get().min(2));
    let copies = (0..workers)
        .map(|worker| Scratch::fresh(&format!("mutants-{worker}")))
        .collect::<Result<Vec<_>>>()?;

    println!("{} mutants, {} tests; without a fault all must pass", all.len(), tests.len());
    pass_unchanged(&copies, &tests)?;
    let (queue, done) = (Mutex::new(all), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for copy in &copies {
            scope.spawn(|| {
                loop {
                    let next = queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                    let Some((id, mutant)) = next else { break };
                    let start = Instant::now();
                    let outcome = attempt(copy, &mutant)
                        .unwrap_or_else(|error| Outcome::Broken(error.to_string()));
                    let trial = Trial { id, mutant, outcome, time: start.elapsed() };
                    println!("{}", row(&trial));
                    done.lock().unwrap_or_else(PoisonError::into_inner).push(trial);
                }
            });
        }
    });
    summary(&done.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// Every test passes in the unchanged copies; otherwise a failure would say nothing.
fn pass_unchanged(copies: &[Scratch], tests: &BTreeSet<String>) -> Result {
    let mut by_path: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for test in tests {
        let (path, function) = place(test)?;
        by_path.entry(path).or_default().push(function);
    }
    let Some(copy) = copies.first() else { return Ok(()) };
    for (path, functions) in by_path {
        let pattern = format!("^({})\\(", functions.join("|"));
        let mut forge = copy.forge_for(path)?;
        forge.env("FOUNDRY_PROFILE", PROFILE);
        forge.args(["test", "--match-path", path, "--match-test", &pattern, "--json"]);
        let output = forge.output()?;
        let passed = count_passed(&output.stdout);
        if !output.status.success() || passed < functions.len() {
            return Err(format!(
                "{path}: {passed} of {} tests pass without a fault\n{}",
                functions.len(),
                String::from_utf8_lossy(&output.stderr)
            )
            .into());
        }
    }
    Ok(())
}

fn attempt(copy: &Scratch, mutant: &Mutant) -> Result<Outcome> {
    let path = copy.folder().join(&mutant.file);
    let sound = fs::read_to_string(&path)?;
    fs::write(&path, sound.replacen(&mutant.find, &mutant.replace, 1))?;
    let outcome = notice(copy, mutant);
    fs::write(&path, sound)?;
    outcome
}

fn notice(copy: &Scratch, mutant: &Mutant) -> Result<Outcome> {
    let (path, function) = place(&mutant.test)?;
    let pattern = format!("^{function}\\(");
    let mut forge = copy.forge_for(path)?;
    // A failing sequence that is kept would be tried first the next time, by the sound contracts too.
    forge
        .env("FOUNDRY_PROFILE", PROFILE)
        .env("FOUNDRY_INVARIANT_FAILURE_PERSIST_DIR", "cache/none")
        .env("FOUNDRY_INVARIANT_SHRINK_RUN_LIMIT", "0");
    let output =
        forge.args(["test", "--match-path", path, "--match-test", &pattern, "--json"]).output()?;
    let Ok(report) = serde_json::from_slice::<serde_json::Value>(&output.stdout) else {
        let text = String::from_utf8_lossy(&output.stderr);
        let reason = text.lines().find(|line| line.contains("Error")).unwrap_or("no report");
        return Ok(Outcome::Broken(reason.to_owned()));
    };
    Ok(match first_failure(&report) {
        Some(reason) => Outcome::Caught(reason),
        None => Outcome::Missed,
    })
}

/// Tests of a report of `forge test --json` that passed.
fn count_passed(report: &[u8]) -> usize {
    let Ok(report) = serde_json::from_slice::<serde_json::Value>(report) else { return 0 };
    let mut names = BTreeSet::new();
    for (name, result) in results(&report) {
        if result.get("status").and_then(|status| status.as_str()) == Some("Success") {
            names.insert(name);
        }
    }
    names.len()
}

fn first_failure(report: &serde_json::Value) -> Option<String> {
    results(report).find_map(|(_, result)| {
        let failed = result.get("status")?.as_str()? == "Failure";
        let reason = result.get("reason").and_then(|reason| reason.as_str()).unwrap_or("it failed");
        failed.then(|| reason.to_owned())
    })
}

fn results(report: &serde_json::Value) -> impl Iterator<Item = (&String, &serde_json::Value)> {
    report
        .as_object()
        .into_iter()
        .flat_map(|suites| suites.values())
        .filter_map(|suite| suite.get("test_results")?.as_object())
        .flatten()
}

fn row(trial: &Trial) -> String {
    let (mark, reason) = match &trial.outcome {
        Outcome::Caught(reason) => ("caught", reason.as_str()),
        Outcome::Missed => ("MISSED", ""),
        Outcome::Broken(reason) => ("BROKEN", reason.as_str()),
    };
    let function = trial.mutant.test.rsplit(':').next().unwrap_or_default();
    format!(
        "{:<4} {mark}  {:>3} s  {}\n       by {function}: {}",
        trial.id,
        trial.time.as_secs(),
        trial.mutant.what,
        reason.lines().next().unwrap_or_default()
    )
}

fn summary(trials: &[Trial]) -> Result {
    let of = |wanted: fn(&Outcome) -> bool| trials.iter().filter(|t| wanted(&t.outcome)).count();
    let caught = of(|outcome| matches!(outcome, Outcome::Caught(_)));
    let missed = of(|outcome| matches!(outcome, Outcome::Missed));
    println!("\n{} mutants: {caught} caught, {missed} missed", trials.len());
    if caught == trials.len() {
        return Ok(());
    }
    let rest = trials.iter().filter(|trial| !matches!(trial.outcome, Outcome::Caught(_))).map(row);
    Err(format!("not caught:\n{}", rest.collect::<Vec<_>>().join("\n")).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_tells_what_failed_and_why() {
        let report = r#"{"a.t.sol:A":{"test_results":{"test_I1_x()":{"status":"Success","reason":null},
            "test_I2_y()":{"status":"Failure","reason":"I2 broken"}}}}"#;
        let value = serde_json::from_str(report).expect("JSON");
        assert_eq!(first_failure(&value).as_deref(), Some("I2 broken"));
        assert_eq!(count_passed(report.as_bytes()), 1);
        assert_eq!(count_passed(b"compiler error"), 0);
        assert_eq!(first_failure(&serde_json::json!({})), None);
    }
}
