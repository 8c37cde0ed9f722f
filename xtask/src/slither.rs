//! `cargo xtask slither`: Slither's findings against `solidity/slither.toml`, which explains each.

use crate::scratch::Scratch;
use crate::{Result, command, python, workspace};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Explained {
    /// Detectors whose findings are all of a kind that this code means.
    #[serde(default)]
    detector: Vec<Detector>,
    /// Single findings.
    #[serde(default)]
    finding: Vec<Finding>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Detector {
    name: String,
    reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Finding {
    detector: String,
    /// `Contract.function` or whatever the finding is about.
    #[serde(rename = "where")]
    place: String,
    reason: String,
}

/// Runs Slither over `src`.
///
/// # Errors
/// If it finds what is not explained, or if something is explained that it does not find.
pub(crate) fn run() -> Result {
    let copy = Scratch::fresh("slither")?;
    let place = |command: &mut std::process::Command| {
        command.current_dir(copy.folder()).env("FOUNDRY_TEST", "src");
    };
    let mut forge = command::forge()?;
    place(&mut forge);
    command::run(forge.args(["build", "--quiet", "--force", "--build-info", "src"]))?;
    let report = copy.folder().join("slither.json");
    if report.exists() {
        fs::remove_file(&report)?;
    }
    let mut slither = python::tool("slither")?;
    place(&mut slither);
    let filter = ["--filter-paths", "node_modules", "--foundry-ignore-compile", "--json"];
    // It ends with the number of findings.
    slither.arg(".").args(filter).arg(&report).stderr(std::process::Stdio::null()).status()?;
    let found = found(&serde_json::from_slice(&fs::read(&report)?)?)?;
    let text = fs::read_to_string(workspace::solidity().join("slither.toml"))?;
    compare(&found, &toml::from_str(&text)?)
}

/// What was found, as detector and place.
fn found(report: &Value) -> Result<BTreeSet<(String, String)>> {
    let detectors = report.pointer("/results/detectors").and_then(Value::as_array);
    let success = report.get("success").and_then(Value::as_bool) == Some(true);
    if !success {
        return Err(format!("slither did not finish: {}", report["error"]).into());
    }
    Ok(detectors
        .into_iter()
        .flatten()
        .map(|finding| (text(finding, "/check"), place_of(finding)))
        .collect())
}

fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// The function or contract that the first element of a finding lies in.
fn place_of(finding: &Value) -> String {
    let Some(element) = finding.pointer("/elements/0") else { return String::new() };
    let name = text(element, "/name");
    let parent = element.pointer("/type_specific_fields/parent");
    match (text(element, "/type").as_str(), parent) {
        ("function" | "event" | "variable", Some(parent)) => {
            format!("{}.{name}", text(parent, "/name"))
        }
        ("node", Some(function)) => {
            let contract = text(function, "/type_specific_fields/parent/name");
            format!("{contract}.{}", text(function, "/name"))
        }
        _ => name,
    }
}

fn compare(found: &BTreeSet<(String, String)>, explained: &Explained) -> Result {
    let mut faults = Vec::new();
    for (detector, place) in found {
        let whole = explained.detector.iter().any(|known| known.name == *detector);
        let single = explained.finding.iter().any(|f| f.detector == *detector && f.place == *place);
        if !whole && !single {
            faults.push(format!("unexplained: {detector} in {place}"));
        }
    }
    for known in &explained.detector {
        if !found.iter().any(|(detector, _)| *detector == known.name) {
            faults.push(format!("explained and not found: {}", known.name));
        }
        if known.reason.is_empty() {
            faults.push(format!("no reason: {}", known.name));
        }
    }
    for known in &explained.finding {
        if !found.contains(&(known.detector.clone(), known.place.clone())) {
            faults.push(format!("explained and not found: {} in {}", known.detector, known.place));
        }
        if known.reason.is_empty() {
            faults.push(format!("no reason: {} in {}", known.detector, known.place));
        }
    }
    println!("{} places found by Slither", found.len());
    if faults.is_empty() { Ok(()) } else { Err(faults.join("\n").into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_finding_needs_its_reason_and_each_reason_its_finding() {
        let report = serde_json::json!({"success": true, "results": {"detectors": [
            {"check": "timestamp", "elements": [{"type": "function", "name": "f",
                "type_specific_fields": {"parent": {"name": "A"}}}]},
        ]}});
        let found = found(&report).expect("a report");
        assert!(found.contains(&("timestamp".to_owned(), "A.f".to_owned())));
        let explained = |text: &str| toml::from_str::<Explained>(text).expect("TOML");
        let finding = |place: &str| {
            explained(&format!(
                "[[finding]]\ndetector = \"timestamp\"\nwhere = \"{place}\"\nreason = \"hours\""
            ))
        };
        assert!(compare(&found, &explained("")).is_err());
        assert!(compare(&found, &finding("A.f")).is_ok());
        assert!(compare(&found, &finding("A.g")).is_err());
        assert!(
            compare(&found, &explained("[[detector]]\nname = \"timestamp\"\nreason = \"hours\""))
                .is_ok()
        );
        assert!(compare(&BTreeSet::new(), &finding("A.f")).is_err());
    }
}
