//! `solidity/invariants.toml` and `solidity/pitfalls.toml`: what must hold, and the tests that show it. The same list
//! names the forge tests, the Rust tests, the mutants and the pages of `docs/reference`.

use crate::{Result, workspace};
use serde::Deserialize;
use std::fmt::Write as _;
use std::fs;

/// How many there must be: none is left out.
const INVARIANTS: usize = 33;
const PITFALLS: usize = 38;

/// A sentence about the contracts and where it is tested.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Invariant {
    /// `I1` to `I33`.
    pub(crate) id: String,
    name: String,
    sentence: String,
    /// Forge tests, as `path:function`; each function's name has the id in it.
    forge: Vec<String>,
    /// Rust tests, as `path:function`.
    #[serde(default)]
    rust: Vec<String>,
    #[serde(default, rename = "mutant")]
    pub(crate) mutants: Vec<Mutant>,
}

/// A fault put into the contracts on purpose, and the test that must notice it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mutant {
    /// What breaks, in words.
    pub(crate) what: String,
    /// The file under `solidity/`.
    pub(crate) file: String,
    /// Text that stands in it exactly once.
    pub(crate) find: String,
    /// What to put in its place.
    pub(crate) replace: String,
    /// The forge test that must fail, as `path:function`.
    pub(crate) test: String,
}

/// Something that went wrong elsewhere, and the test that it does not here.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pitfall {
    /// `P1` to `P38`.
    id: String,
    source: String,
    wrong: String,
    forge: Vec<String>,
}

#[derive(Deserialize)]
struct InvariantFile {
    invariant: Vec<Invariant>,
}

#[derive(Deserialize)]
struct PitfallFile {
    pitfall: Vec<Pitfall>,
}

/// Every invariant, in the order of its file.
pub(crate) fn read() -> Result<Vec<Invariant>> {
    let text = fs::read_to_string(workspace::solidity().join("invariants.toml"))?;
    Ok(toml::from_str::<InvariantFile>(&text)?.invariant)
}

fn read_pitfalls() -> Result<Vec<Pitfall>> {
    let text = fs::read_to_string(workspace::solidity().join("pitfalls.toml"))?;
    Ok(toml::from_str::<PitfallFile>(&text)?.pitfall)
}

/// Splits `path:function`.
pub(crate) fn place(test: &str) -> Result<(&str, &str)> {
    test.split_once(':').ok_or_else(|| format!("`{test}` is not path:function").into())
}

/// What is wrong with the lists: ids out of order, tests that are not there or do not carry their id, mutants whose
/// text is not there exactly once.
fn faults() -> Result<Vec<String>> {
    let mut faults = Vec::new();
    let (invariants, pitfalls) = (read()?, read_pitfalls()?);
    if (invariants.len(), pitfalls.len()) != (INVARIANTS, PITFALLS) {
        faults.push(format!("{} invariants and {} pitfalls", invariants.len(), pitfalls.len()));
    }
    for (number, invariant) in (1..).zip(invariants) {
        let id = &invariant.id;
        if *id != format!("I{number}") {
            faults.push(format!("{id} stands where I{number} should"));
        }
        if invariant.forge.is_empty() {
            faults.push(format!("{id} has no forge test"));
        }
        if invariant.mutants.is_empty() {
            faults.push(format!("{id} has no mutant"));
        }
        let tests = invariant.mutants.iter().map(|mutant| &mutant.test);
        for test in invariant.forge.iter().chain(tests) {
            faults.extend(forge_fault(id, test)?);
        }
        for test in &invariant.rust {
            faults.extend(rust_fault(id, test)?);
        }
        for mutant in &invariant.mutants {
            faults.extend(mutant_fault(id, mutant));
        }
    }
    for (number, pitfall) in (1..).zip(pitfalls) {
        let id = &pitfall.id;
        if *id != format!("P{number}") {
            faults.push(format!("{id} stands where P{number} should"));
        }
        if pitfall.forge.is_empty() {
            faults.push(format!("{id} has no forge test"));
        }
        for test in &pitfall.forge {
            faults.extend(forge_fault(id, test)?);
        }
    }
    Ok(faults)
}

fn forge_fault(id: &str, test: &str) -> Result<Option<String>> {
    let (path, function) = place(test)?;
    let text = fs::read_to_string(workspace::solidity().join(path)).unwrap_or_default();
    if !text.contains(&format!("function {function}(")) {
        return Ok(Some(format!("{id}: no forge test {test}")));
    }
    let carries = function.split('_').any(|word| word == id);
    Ok((!carries).then(|| format!("{id}: {test} does not carry the id")))
}

fn rust_fault(id: &str, test: &str) -> Result<Option<String>> {
    let (path, function) = place(test)?;
    let text = fs::read_to_string(workspace::root().join(path)).unwrap_or_default();
    let there = text.contains(&format!("fn {function}("));
    Ok((!there).then(|| format!("{id}: no Rust test {test}")))
}

fn mutant_fault(id: &str, mutant: &Mutant) -> Option<String> {
    let text = fs::read_to_string(workspace::solidity().join(&mutant.file)).unwrap_or_default();
    match text.matches(&mutant.find).count() {
        1 if mutant.find != mutant.replace => None,
        1 => Some(format!("{id}: the mutant \"{}\" changes nothing", mutant.what)),
        count => {
            Some(format!("{id}: {} has the text of \"{}\" {count} times", mutant.file, mutant.what))
        }
    }
}

/// Fails if a list names what is not there.
pub(crate) fn check() -> Result {
    let faults = faults()?;
    match faults.is_empty() {
        true => Ok(()),
        false => Err(faults.join("\n").into()),
    }
}

/// The page of the invariants.
pub(crate) fn page() -> Result<String> {
    let mut page = String::from(
        "# Invariants\n\nWritten by `cargo xtask generate` from `solidity/invariants.toml`. What must hold of the \
         contracts, where it is tested, and the faults that `cargo xtask mutants` puts in to see the tests notice.\n",
    );
    for invariant in read()? {
        write!(page, "\n## {}: {}\n\n{}\n\n", invariant.id, invariant.name, invariant.sentence)?;
        for test in invariant.forge.iter().chain(&invariant.rust) {
            let (path, function) = place(test)?;
            writeln!(page, "- tested by `{function}` in `{path}`")?;
        }
        for mutant in &invariant.mutants {
            let (_, function) = place(&mutant.test)?;
            writeln!(page, "- `{function}` notices: {} (`{}`)", mutant.what, mutant.file)?;
        }
    }
    Ok(page)
}

/// The page of the pitfalls.
pub(crate) fn pitfalls_page() -> Result<String> {
    let mut page = String::from(
        "# Pitfalls\n\nWritten by `cargo xtask generate` from `solidity/pitfalls.toml`: what went wrong in comparable \
         systems, and the test that shows it does not here.\n\n| id | source | what went wrong | tests |\n|---|---|---|---|\n",
    );
    for pitfall in read_pitfalls()? {
        let tests = pitfall.forge.iter().map(|test| Ok(format!("`{}`", place(test)?.1)));
        let tests = tests.collect::<Result<Vec<_>>>()?.join(", ");
        writeln!(page, "| {} | {} | {} | {tests} |", pitfall.id, pitfall.source, pitfall.wrong)?;
    }
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_named_test_is_there_and_every_mutant_fits() {
        let faults = faults().expect("the lists can be read");
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }

    #[test]
    fn a_list_that_names_what_is_not_there_is_noticed() {
        let base = "test/base/Test.sol";
        assert!(forge_fault("I1", "test/none.t.sol:test_I1_x").expect("a place").is_some());
        assert!(forge_fault("I1", &format!("{base}:test_I1_x")).expect("a place").is_some());
        assert!(forge_fault("skip", &format!("{base}:skip")).expect("a place").is_none());
        assert!(forge_fault("I1", &format!("{base}:skip")).expect("a place").is_some());
        assert!(rust_fault("I1", "xtask/src/main.rs:main").expect("a place").is_none());
        assert!(rust_fault("I1", "xtask/src/main.rs:main_").expect("a place").is_some());
        let mutant = |find: &str, replace: &str| Mutant {
            what: String::new(),
            file: base.to_owned(),
            find: find.to_owned(),
            replace: replace.to_owned(),
            test: String::new(),
        };
        assert!(mutant_fault("I1", &mutant("abstract contract Test {", "x")).is_none());
        assert!(
            mutant_fault("I1", &mutant("abstract contract Test {", "abstract contract Test {"))
                .is_some()
        );
        assert!(mutant_fault("I1", &mutant("function", "x")).is_some());
        assert!(mutant_fault("I1", &mutant("no such text", "x")).is_some());
    }
}
