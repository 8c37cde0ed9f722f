//! What a reviewer reads in the sources: compiled again, dependencies, toolchain, documents, tests.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use alloy_json_abi::StateMutability;
use alloy_primitives::{B256, keccak256};
use halo_deploy::Manifest;
use halo_spec::ClassSpec;
use halo_templates::{
    Lock, Template, Tree,
    compile::{FORGE_VERSION, Forge, SOLC_VERSION, Solc},
    template,
};

use super::{Row, Sources};
use crate::{
    Error, Result,
    recompile::{recompile, templates_of},
};

pub(super) fn recompiled(manifest: &Manifest, sources: &Sources) -> Result<Vec<Row>> {
    let checks = recompile(templates_of(manifest), Some(&sources.root), sources.solc.as_deref())?;
    Ok(checks.iter().map(Row::from).collect())
}

/// What the manifest says of the compiler, and what is installed.
pub(super) fn toolchain(manifest: &Manifest, sources: Option<&Sources>) -> Result<Vec<Row>> {
    let locked = &Lock::embedded().compiler;
    let mut rows = vec![
        Row::new("solc of the manifest", &locked.solc, &manifest.compiler.solc),
        Row::new(
            "EVM version of the manifest",
            &locked.settings.evm_version,
            &manifest.compiler.evm,
        ),
        Row::new(
            "optimizer runs of the manifest",
            locked.settings.optimizer_runs,
            manifest.compiler.optimizer_runs,
        ),
        Row::new("solc of the lock", SOLC_VERSION, &locked.solc),
    ];
    let Some(sources) = sources else { return Ok(rows) };
    let tree = Tree::at(&sources.root)?;
    let solc = Solc::find(&tree, sources.solc.as_deref());
    rows.push(Row::new(
        "solc that compiles",
        SOLC_VERSION,
        match solc {
            // A build says who made it after the commit.
            Ok(_) => SOLC_VERSION.to_owned(),
            Err(error) => error.to_string(),
        },
    ));
    rows.push(Row::new(
        "forge that tests",
        FORGE_VERSION,
        match Forge::find(&tree, None) {
            Ok(_) => FORGE_VERSION.to_owned(),
            Err(error) => error.to_string(),
        },
    ));
    Ok(rows)
}

/// Every source that is not the project's own, by hash, and its package's version against the pin.
pub(super) fn dependencies(manifest: &Manifest, sources: &Sources) -> Result<Vec<Row>> {
    let mut files: BTreeMap<&str, B256> = BTreeMap::new();
    let names: BTreeSet<&str> = templates_of(manifest).collect();
    for locked in names.iter().filter_map(|name| Lock::embedded().template(name)) {
        let foreign = locked.sources.iter().filter(|(path, _)| path.starts_with("node_modules/"));
        files.extend(foreign.map(|(path, hash)| (path.as_str(), *hash)));
    }
    let mut rows = Vec::new();
    let mut packages = BTreeSet::new();
    for (path, hash) in files {
        let found = match fs::read(sources.root.join(path)) {
            Ok(bytes) => keccak256(bytes).to_string(),
            Err(error) => error.to_string(),
        };
        rows.push(Row::new(path, hash, found));
        packages.insert(path.splitn(4, '/').take(3).collect::<Vec<_>>().join("/"));
    }
    let pinned = json(&sources.root.join("package.json"))?;
    for package in packages {
        let name = package.trim_start_matches("node_modules/");
        let pin = pinned["dependencies"][name].as_str().unwrap_or("not pinned");
        let installed = json(&sources.root.join(&package).join("package.json"))?;
        let version = installed["version"].as_str().unwrap_or("no version");
        rows.push(Row::new(format!("{name} version"), pin, version));
    }
    Ok(rows)
}

fn json(path: &Path) -> Result<serde_json::Value> {
    let text = fs::read_to_string(path).map_err(Error::file(path))?;
    serde_json::from_str(&text).map_err(|error| {
        Error::malformed(path.display().to_string(), error, "install the packages again: npm ci")
    })
}

/// The spec's documents against the hashes in force.
pub(super) fn documents(manifest: &Manifest, class: &ClassSpec) -> Vec<Row> {
    let mut all = vec![("halo".to_owned(), class.halo.artifact.hash)];
    all.push(("class".to_owned(), class.artifact.hash));
    if let Some(unit) = class.unit(&manifest.unit.slug) {
        all.push((format!("unit/{}", unit.slug), unit.artifact.hash));
    }
    let row = |(subject, hash): (String, B256)| {
        let own = manifest.artifacts.iter().find(|one| one.subject == subject);
        let found =
            own.map_or_else(|| "no artifact".to_owned(), |own| own.content_hash.to_string());
        Row::new(format!("document of {subject}"), hash, found)
    };
    let mut rows: Vec<Row> = all.into_iter().map(row).collect();
    let class_record = manifest.records.iter().find_map(|one| one.shared.as_ref());
    if let Some(shared) = class_record {
        rows.push(Row::new("legal frame", class.legal_frame.hash, shared.legal_frame));
    }
    rows
}

/// The functions that a Controller dispatches and that change something, by name.
pub(super) fn actions(manifest: &Manifest) -> BTreeSet<&str> {
    let surface = template::ControllerSurface.abi();
    let changes = |call: &str| {
        let mut all = surface.functions();
        all.find(|one| one.signature() == call).is_none_or(|one| {
            !matches!(one.state_mutability, StateMutability::View | StateMutability::Pure)
        })
    };
    let wires = manifest.wiring.iter().flat_map(|one| &one.integrations).flat_map(|one| &one.wires);
    wires.map(|wire| wire.call.as_str()).filter(|call| changes(call)).collect()
}

/// Which test files call each action.
pub(super) fn tested(manifest: &Manifest, sources: &Sources) -> Result<Vec<Row>> {
    let mut tests = Vec::new();
    collect(&sources.root.join("test"), &mut tests)?;
    let mut rows = Vec::new();
    for call in actions(manifest) {
        let name = call.split('(').next().unwrap_or_default();
        let called = |text: &str| {
            [format!(".{name}("), format!(".{name},"), format!(".{name}.selector")]
                .iter()
                .any(|pattern| text.contains(pattern.as_str()))
        };
        let files: Vec<&str> =
            tests.iter().filter(|(_, text)| called(text)).map(|(name, _)| name.as_str()).collect();
        rows.push(Row {
            what: call.to_owned(),
            expected: "a test that calls it".to_owned(),
            found: if files.is_empty() { "none".to_owned() } else { files.join(", ") },
            holds: !files.is_empty(),
        });
    }
    Ok(rows)
}

fn collect(folder: &Path, into: &mut Vec<(String, String)>) -> Result<()> {
    let mut paths: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(folder).map_err(Error::file(folder))? {
        paths.push(entry.map_err(Error::file(folder))?.path());
    }
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(&path, into)?;
        } else if path.to_string_lossy().ends_with(".t.sol") {
            let text = fs::read_to_string(&path).map_err(Error::file(&path))?;
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
            into.push((name.unwrap_or_default(), text));
        }
    }
    Ok(())
}

/// The templates of a manifest that are known to the lock.
pub(super) fn template_of(name: &str) -> Option<&'static Template> {
    Template::get(name).ok()
}
