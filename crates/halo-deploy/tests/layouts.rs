//! The table of structs by which a rehearsal explains storage is what the compiler makes of the frozen sources.
//! `INSTA_UPDATE=always` writes it anew, as `cargo xtask freeze` does when a template changed.

// Helpers of tests stop the test, as tests do.
#![allow(clippy::unwrap_used)]

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

use halo_templates::{Kind, Template, Tree, compile::Solc};
use serde_json::{Map, Value, json};

const TABLE: &str = "src/rehearse/structs.json";

/// Every source that a template was frozen from, by path.
fn sources(tree: &Tree) -> Map<String, Value> {
    let mut all = Map::new();
    for template in Template::all() {
        let input = fs::read_to_string(tree.input_path(template.name())).unwrap();
        let input: Value = serde_json::from_str(&input).unwrap();
        all.extend(input["sources"].as_object().unwrap().clone());
    }
    all
}

/// Structs with a namespace of their own (ERC-7201), as `(id, file, Contract.Struct)`.
fn namespaced(sources: &Map<String, Value>) -> Vec<(String, String, String)> {
    const MARK: &str = "@custom:storage-location erc7201:";
    let mut found = Vec::new();
    for (path, source) in sources {
        let text = source["content"].as_str().unwrap();
        for (at, _) in text.match_indices(MARK) {
            let id = text[at + MARK.len()..].split_whitespace().next().unwrap();
            let name = text[at..].split("struct ").nth(1).unwrap().split_whitespace().next();
            let contract = text[..at].rmatches("contract ").next().map(|_| {
                let from = text[..at].rfind("contract ").unwrap() + "contract ".len();
                text[from..].split_whitespace().next().unwrap()
            });
            let name = format!("{}.{}", contract.unwrap(), name.unwrap());
            found.push((id.to_owned(), path.clone(), name));
        }
    }
    found
}

fn compile(tree: &Tree, input: &Value) -> Value {
    let solc = Solc::find(tree, None).unwrap();
    let mut child = Command::new(solc.path())
        .arg("--standard-json")
        .current_dir(tree.root())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let output: Value = serde_json::from_slice(&output.stdout).unwrap();
    let errors = output["errors"].as_array().into_iter().flatten();
    let errors: Vec<_> = errors.filter(|error| error["severity"] == "error").collect();
    assert!(errors.is_empty(), "{errors:#?}");
    output
}

#[test]
fn the_table_of_structs_is_that_of_the_compiler() {
    let tree = Tree::find(None).unwrap();
    let mut sources = sources(&tree);
    let namespaced = namespaced(&sources);
    let mut probe = "// SPDX-License-Identifier: MIT\npragma solidity 0.8.34;\n".to_owned();
    for (i, (_, path, name)) in namespaced.iter().enumerate() {
        let (contract, inner) = name.split_once('.').unwrap();
        probe += &format!("import {{ {contract} as C{i} }} from \"{path}\";\n");
        probe += &format!("contract Probe{i} {{ C{i}.{inner} internal it; }}\n");
    }
    sources.insert("Probe.sol".to_owned(), json!({ "content": probe }));
    let any: Value =
        serde_json::from_str(&fs::read_to_string(tree.input_path("HaloUnit")).unwrap()).unwrap();
    let mut settings = any["settings"].clone();
    settings["outputSelection"] = json!({ "*": { "*": ["storageLayout"] } });
    let input = json!({ "language": "Solidity", "settings": settings, "sources": sources });
    let output = compile(&tree, &input);

    let mut structs: BTreeMap<String, Value> = BTreeMap::new();
    let layouts = Template::all().iter().filter(|one| one.kind() != Kind::Interface);
    let layouts = layouts.map(|one| (one.source(), one.name().to_owned()));
    let probes = (0..namespaced.len()).map(|i| ("Probe.sol", format!("Probe{i}")));
    for (path, name) in layouts.chain(probes) {
        let layout = &output["contracts"][path][&name]["storageLayout"];
        let types = layout["types"].as_object().cloned().unwrap_or_default();
        for (id, ty) in types.iter().filter(|(id, _)| id.starts_with("t_struct")) {
            let name = ty["label"].as_str().unwrap().strip_prefix("struct ").unwrap().to_owned();
            let members: Vec<_> = ty["members"].as_array().unwrap().iter().map(|member| {
                let label = &types[member["type"].as_str().unwrap()]["label"];
                json!({
                    "slot": member["slot"], "offset": member["offset"], "label": member["label"], "type": label,
                })
            }).collect();
            let bytes: u64 = ty["numberOfBytes"].as_str().unwrap().parse().unwrap();
            let made = json!({ "slots": bytes / 32, "members": members });
            let known = structs.entry(name.clone()).or_insert_with(|| made.clone());
            assert_eq!(*known, made, "two structs are called {name} ({id})");
        }
    }
    let mut namespaces = BTreeMap::new();
    for (i, (id, ..)) in namespaced.iter().enumerate() {
        let layout = &output["contracts"]["Probe.sol"][&format!("Probe{i}")]["storageLayout"];
        let ty = layout["storage"][0]["type"].as_str().unwrap();
        let label = layout["types"][ty]["label"].as_str().unwrap();
        namespaces.insert(id.clone(), label.strip_prefix("struct ").unwrap().to_owned());
    }
    let mut table = json!({ "namespaces": namespaces, "structs": structs });
    // In what order serde_json keeps keys depends on the features of the whole build.
    table.sort_all_objects();
    let text = serde_json::to_string_pretty(&table).unwrap() + "\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(TABLE);
    if std::env::var_os("INSTA_UPDATE").is_some_and(|it| it == "always") {
        fs::write(&path, &text).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap();
    assert!(
        kept == text,
        "{TABLE} is old: run `cargo xtask freeze`, or this test with INSTA_UPDATE=always"
    );
}
