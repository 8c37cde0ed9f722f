//! The access matrix: `solidity/test/access/policy.toml` against the templates' ABIs gives the forge test that calls
//! every state-changing function as everybody.

use crate::{Result, workspace};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;

/// Contract to function to callers.
type Policy = BTreeMap<String, BTreeMap<String, String>>;

/// Where the test lies, under `solidity/`.
pub(crate) const TEST: &str = "test/access/Matrix.t.sol";

/// Templates that another's policy speaks for: an inheritor without functions of its own, or no deployed code.
const SPOKEN_FOR: [&str; 6] = [
    "ClassALMProxy",
    "ClassAccessControls",
    "ClassRateLimits",
    "Controller",
    "ControllerSurface",
    "Governed",
];

/// A state-changing function.
struct Function {
    name: String,
    signature: String,
    /// Words of the arguments that are addresses, ids, and offsets of what has no fixed size.
    addresses: u64,
    ids: u64,
    offsets: u64,
}

fn policy() -> Result<Policy> {
    Ok(toml::from_str(&fs::read_to_string(workspace::solidity().join("test/access/policy.toml"))?)?)
}

/// Writes the forge test.
pub(crate) fn write() -> Result {
    Ok(fs::write(workspace::solidity().join(TEST), test()?)?)
}

/// The forge test.
///
/// # Errors
/// If a function has no policy, or a policy no function.
pub(crate) fn test() -> Result<String> {
    let policy = policy()?;
    let mut faults = Vec::new();
    let mut test = String::from(
        "// SPDX-License-Identifier: MIT OR Apache-2.0\npragma solidity 0.8.34;\n\n\
         import { Deployments } from \"test/access/Deployments.sol\";\n\n\
         /// @notice Every state-changing function of every template, called by everybody. Written by\n\
         /// `cargo xtask generate` from policy.toml and the templates' ABIs; not by hand.\n\
         contract AccessMatrixTest is Deployments {\n    // forgefmt: disable-start\n",
    );
    for template in templates()?.difference(&policy.keys().cloned().collect()) {
        faults.push(format!("{template} has no policy"));
    }
    for (contract, callers) in &policy {
        let functions = functions(contract)?;
        faults.extend(missing(contract, callers, &functions));
        write!(
            test,
            "    function test_I23_{contract}() public {{\n        address at = deploy(\"{contract}\");\n"
        )?;
        let prefix = callers.get("prefix").map_or("", String::as_str);
        for function in &functions {
            let Some(callers) = callers_of(callers, function) else { continue };
            let (fill, callers) = fill(callers);
            writeln!(
                test,
                "        check(at, \"{prefix}{}\", Fill.{fill}, Words({:#x}, {:#x}, {:#x}), \"{callers}\");",
                function.signature, function.addresses, function.ids, function.offsets
            )?;
        }
        test.push_str("    }\n\n");
    }
    test.truncate(test.trim_end().len());
    test.push_str("\n    // forgefmt: disable-end\n}\n");
    if faults.is_empty() { Ok(test) } else { Err(faults.join("\n").into()) }
}

/// The page of the matrix.
pub(crate) fn page() -> Result<String> {
    let mut page = String::from(
        "# Who may call what\n\nWritten by `cargo xtask generate` from `solidity/test/access/policy.toml`; \
         `test/access/Matrix.t.sol` calls each as everybody. Views are for anyone.\n",
    );
    for (contract, callers) in policy()? {
        write!(page, "\n## {contract}\n\n| function | callers |\n|---|---|\n")?;
        for (function, callers) in callers.iter().filter(|(function, _)| *function != "prefix") {
            let (fill, callers) = fill(callers);
            let own = if fill == "SELF" { ", each for himself" } else { "" };
            writeln!(page, "| `{function}` | {callers}{own} |")?;
        }
    }
    Ok(page)
}

fn fill(callers: &str) -> (&'static str, &str) {
    match callers.split_once(": ") {
        Some(("self", callers)) => ("SELF", callers),
        Some(("known", callers)) => ("KNOWN", callers),
        Some(("late", callers)) => ("LATE", callers),
        _ => ("ZERO", callers),
    }
}

fn callers_of<'a>(callers: &'a BTreeMap<String, String>, function: &Function) -> Option<&'a str> {
    let found = callers.get(&function.signature).or_else(|| callers.get(&function.name));
    found.map(String::as_str)
}

fn missing(
    contract: &str,
    callers: &BTreeMap<String, String>,
    functions: &[Function],
) -> Vec<String> {
    let without = functions.iter().filter(|function| callers_of(callers, function).is_none());
    let without =
        without.map(|function| format!("{contract}.{} has no policy", function.signature));
    let known = |key: &str| functions.iter().any(|f| f.signature == key || f.name == key);
    let beyond = callers.keys().filter(|key| *key != "prefix" && !known(key));
    without.chain(beyond.map(|key| format!("{contract} has no function {key}"))).collect()
}

/// The templates with state-changing functions that need a policy of their own.
fn templates() -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(workspace::solidity().join("artifacts"))? {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let artifact: Value = serde_json::from_slice(&fs::read(&path)?)?;
        let source = artifact.get("sourceName").and_then(Value::as_str).unwrap_or_default();
        let name = artifact.get("contractName").and_then(Value::as_str).unwrap_or_default();
        let changes = artifact
            .get("abi")
            .and_then(Value::as_array)
            .is_some_and(|abi| abi.iter().any(changes_state));
        if source.starts_with("src/") && changes && !SPOKEN_FOR.contains(&name) {
            names.insert(name.to_owned());
        }
    }
    Ok(names)
}

fn functions(contract: &str) -> Result<Vec<Function>> {
    let path = workspace::solidity().join("artifacts").join(format!("{contract}.json"));
    let bytes = fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let artifact: Value = serde_json::from_slice(&bytes)?;
    let abi = artifact.get("abi").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let mut functions: Vec<_> =
        abi.iter().filter(|item| changes_state(item)).map(function).collect();
    functions.sort_by(|a, b| a.signature.cmp(&b.signature));
    Ok(functions)
}

fn changes_state(item: &Value) -> bool {
    let mutability = item.get("stateMutability").and_then(Value::as_str);
    item.get("type").and_then(Value::as_str) == Some("function")
        && !matches!(mutability, Some("view" | "pure"))
}

fn function(item: &Value) -> Function {
    let name = item.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
    let inputs = item.get("inputs").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let types: Vec<_> = inputs.iter().map(type_of).collect();
    let mask = |wanted: fn(&str) -> bool| {
        types
            .iter()
            .enumerate()
            .filter(|(_, kind)| wanted(kind))
            .fold(0, |mask, (at, _)| mask | 1 << at)
    };
    // A static tuple takes several words: what follows it is not filled.
    let wide =
        types.iter().position(|kind| kind.starts_with('(') && !is_dynamic(kind)).unwrap_or(64);
    let below = if wide >= 64 { u64::MAX } else { (1 << wide) - 1 };
    Function {
        signature: format!("{name}({})", types.join(",")),
        addresses: mask(|kind| kind == "address") & below,
        ids: mask(|kind| kind == "bytes32") & below,
        offsets: mask(is_dynamic) & below,
        name,
    }
}

fn kind_of(input: &Value) -> &str {
    input.get("type").and_then(Value::as_str).unwrap_or_default()
}

/// Whether a word holds an offset in place of the value.
fn is_dynamic(kind: &str) -> bool {
    kind.ends_with("[]")
        || kind
            .split(['(', ')', ','])
            .any(|part| part == "bytes" || part == "string" || part.ends_with("[]"))
}

/// The type as a signature has it, tuples spelt out.
fn type_of(input: &Value) -> String {
    let kind = kind_of(input);
    let Some(array) = kind.strip_prefix("tuple") else { return kind.to_owned() };
    let parts = input.get("components").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    format!("({}){array}", parts.iter().map(type_of).collect::<Vec<_>>().join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_read_with_their_words() {
        let item = serde_json::json!({"type": "function", "name": "f", "stateMutability": "nonpayable", "inputs": [
            {"type": "address"}, {"type": "bytes32"},
            {"type": "tuple[]", "components": [{"type": "uint8"}, {"type": "address"}]}, {"type": "address"}]});
        let read = function(&item);
        assert_eq!(read.signature, "f(address,bytes32,(uint8,address)[],address)");
        assert_eq!((read.addresses, read.ids, read.offsets), (0b1001, 0b10, 0b100));
        assert!(
            is_dynamic("(uint8,bytes)") && !is_dynamic("(uint8,bytes32)") && !is_dynamic("bytes32")
        );
        assert!(changes_state(&item));
        assert!(!changes_state(
            &serde_json::json!({"type": "function", "stateMutability": "view"})
        ));
    }

    #[test]
    fn what_is_missing_on_either_side_is_said() {
        let item = serde_json::json!({"type": "function", "name": "f", "inputs": []});
        let callers = BTreeMap::from([("g".to_owned(), "anyone".to_owned())]);
        let faults = missing("A", &callers, &[function(&item)]);
        assert_eq!(faults, ["A.f() has no policy", "A has no function g"]);
    }
}
