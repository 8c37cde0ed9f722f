//! `cargo xtask coverage`: lines and branches of `src` that the forge tests reach. What they do not reach stands with
//! its reason in `solidity/coverage.toml`.

use crate::scratch::Scratch;
use crate::{Result, command, workspace};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::fs;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Accepted {
    /// Per cent of lines and of branches that must be reached.
    minimum: usize,
    #[serde(default)]
    left: Vec<Left>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Left {
    file: String,
    /// The line, without the space around it.
    line: String,
    reason: String,
}

/// Tests of gas and size, and long ones.
const LEFT_OUT: &str = "test/{symbolic/*,*/Gas.t.sol,factory/CodeSize.t.sol,lcts/TenYears.t.sol,system/ConstantCost.t.sol}";

/// What an LCOV report says.
#[derive(Default)]
struct Coverage {
    lines: (usize, usize),
    branches: (usize, usize),
    /// File and line number, from 1.
    missed: BTreeSet<(String, usize)>,
}

/// Measures, and compares with what is accepted.
///
/// # Errors
/// If less than the minimum is reached, or what is not reached is not explained.
pub(crate) fn run() -> Result {
    let copy = Scratch::fresh("coverage")?;
    let report = copy.folder().join("lcov.info");
    let mut forge = command::forge()?;
    forge.current_dir(copy.folder());
    // It compiles without the optimizer, so gas and sizes are not those of the templates; and a hundred thousand users or
    // ten years reach no more lines than a few.
    forge.args(["coverage", "--report", "lcov", "--report-file"]).arg(&report);
    forge.args(["--no-match-path", LEFT_OUT, "--no-match-test", "[gG]as|test_round_trip"]);
    command::run(forge.env("FOUNDRY_FUZZ_RUNS", "16").env("FOUNDRY_INVARIANT_RUNS", "2"))?;
    let coverage = read(&fs::read_to_string(&report)?);
    let text = fs::read_to_string(workspace::solidity().join("coverage.toml"))?;
    compare(&coverage, &toml::from_str(&text)?)
}

/// Only files of `src` count.
fn read(lcov: &str) -> Coverage {
    let mut coverage = Coverage::default();
    let mut file = "";
    for line in lcov.lines() {
        if let Some(path) = line.strip_prefix("SF:") {
            file = path;
        }
        if !file.starts_with("src/") {
            continue;
        }
        let (kind, fields) = line.split_once(':').unwrap_or((line, ""));
        let fields: Vec<_> = fields.split(',').collect();
        let counted = match kind {
            "DA" => &mut coverage.lines,
            "BRDA" => &mut coverage.branches,
            _ => continue,
        };
        let reached = !matches!(fields.last(), Some(&"0" | &"-") | None);
        counted.1 += 1;
        if reached {
            counted.0 += 1;
        } else if let Some(number) = fields.first().and_then(|number| number.parse().ok()) {
            coverage.missed.insert((file.to_owned(), number));
        }
    }
    coverage
}

fn compare(coverage: &Coverage, accepted: &Accepted) -> Result {
    let mut faults = Vec::new();
    for (name, (reached, all)) in [("lines", coverage.lines), ("branches", coverage.branches)] {
        let hundredths = reached * 10_000 / all.max(1);
        println!("{name:<9} {reached} of {all} ({}.{:02} %)", hundredths / 100, hundredths % 100);
        if hundredths < accepted.minimum * 100 {
            faults.push(format!("less than {} % of {name}", accepted.minimum));
        }
    }
    let mut explained = BTreeSet::new();
    for (file, number) in &coverage.missed {
        let text = fs::read_to_string(workspace::solidity().join(file))?;
        let line = text.lines().nth(number - 1).unwrap_or_default().trim().to_owned();
        let known = accepted.left.iter().position(|left| left.file == *file && left.line == line);
        match known {
            Some(at) => drop(explained.insert(at)),
            None => faults.push(format!("not reached and not explained: {file}:{number}: {line}")),
        }
    }
    for (at, left) in accepted.left.iter().enumerate() {
        if !explained.contains(&at) || left.reason.is_empty() {
            faults.push(format!("explained without need or reason: {}: {}", left.file, left.line));
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(faults.join("\n").into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_src_counts_and_a_dash_is_not_reached() {
        let lcov = "SF:src/a.sol\nDA:1,3\nDA:2,0\nBRDA:4,0,0,-\nBRDA:4,0,1,2\nend_of_record\n\
                    SF:test/b.sol\nDA:1,0\nend_of_record\n";
        let coverage = read(lcov);
        assert_eq!((coverage.lines, coverage.branches), ((1, 2), (1, 2)));
        let missed = [("src/a.sol".to_owned(), 2), ("src/a.sol".to_owned(), 4)];
        assert_eq!(coverage.missed, BTreeSet::from(missed));
    }
}
