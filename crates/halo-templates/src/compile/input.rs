use crate::lock::Settings;
use crate::{Entry, Error, Result, Tree};
use alloy_primitives::{B256, keccak256};
use foundry_compilers::artifacts::{Source, Sources, remappings::Remapping};
use foundry_compilers::{Graph, ProjectPathsConfig, resolver::parse::SolParser};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Component, Path};

/// What solc is asked for. The order is that of the frozen file.
const OUTPUT: [&str; 5] = [
    "abi",
    "evm.bytecode.object",
    "evm.deployedBytecode.immutableReferences",
    "evm.deployedBytecode.object",
    "storageLayout",
];

/// The standard-JSON input of one template: the files that it imports, and no others. It is written out here rather
/// than by foundry-compilers, so that a new version of that crate cannot change a frozen file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    language: String,
    settings: InputSettings,
    sources: BTreeMap<String, InputSource>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct InputSource {
    content: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct InputSettings {
    evm_version: String,
    metadata: Metadata,
    optimizer: Optimizer,
    output_selection: BTreeMap<String, BTreeMap<String, Vec<String>>>,
    remappings: Vec<String>,
    #[serde(rename = "viaIR")]
    via_ir: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Metadata {
    #[serde(rename = "appendCBOR")]
    append_cbor: bool,
    bytecode_hash: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Optimizer {
    enabled: bool,
    runs: u32,
}

impl Input {
    /// Collects a template's files from the tree.
    ///
    /// # Errors
    /// If its source cannot be read, or it imports a file from outside the tree. An import that cannot be found is
    /// left for the compiler to report, with its place.
    pub fn collect(tree: &Tree, entry: &Entry, settings: &Settings) -> Result<Self> {
        let sources = collect_sources(tree, entry, settings)?;
        Ok(Self::new(entry, entry.name, sources, settings))
    }

    /// The input of a source that imports nothing; every contract in it is asked for.
    pub(super) fn alone(entry: &Entry, text: &str, settings: &Settings) -> Self {
        let sources = [(entry.source.to_owned(), InputSource { content: text.to_owned() })];
        Self::new(entry, "*", sources.into(), settings)
    }

    fn new(
        entry: &Entry,
        contract: &str,
        sources: BTreeMap<String, InputSource>,
        settings: &Settings,
    ) -> Self {
        let output = OUTPUT.map(str::to_owned).to_vec();
        let contract = BTreeMap::from([(contract.to_owned(), output)]);
        Self {
            language: "Solidity".to_owned(),
            settings: InputSettings {
                evm_version: settings.evm_version.clone(),
                metadata: Metadata {
                    append_cbor: settings.cbor_metadata,
                    bytecode_hash: settings.bytecode_hash.clone(),
                },
                optimizer: Optimizer { enabled: settings.optimizer, runs: settings.optimizer_runs },
                output_selection: BTreeMap::from([(entry.source.to_owned(), contract)]),
                remappings: settings.remappings.clone(),
                via_ir: settings.via_ir,
            },
            sources,
        }
    }

    /// One input for all that these are for; they are of one tree and of the same settings. `None` of none.
    pub(super) fn together<'a>(inputs: impl IntoIterator<Item = &'a Self>) -> Option<Self> {
        let mut inputs = inputs.into_iter();
        let mut all = inputs.next()?.clone();
        for Self { settings, sources, .. } in inputs.cloned() {
            all.sources.extend(sources);
            for (file, contracts) in settings.output_selection {
                all.settings.output_selection.entry(file).or_default().extend(contracts);
            }
        }
        Some(all)
    }

    /// Reads a frozen input.
    ///
    /// # Errors
    /// If the text is not such an input.
    pub fn from_json(text: &str) -> Result<Self> {
        serde_json::from_str(text).map_err(|error| Error::malformed("frozen input", error))
    }

    /// The bytes of `solidity/artifacts/inputs/<name>.json`.
    pub fn to_json(&self) -> String {
        // Maps with string keys always have a JSON form.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// Each file and its Keccak-256.
    pub fn source_hashes(&self) -> BTreeMap<String, B256> {
        self.sources
            .iter()
            .map(|(path, source)| (path.clone(), keccak256(&source.content)))
            .collect()
    }

    /// The settings in it, by the names of `foundry.toml`.
    pub fn settings(&self) -> Settings {
        let settings = self.settings.clone();
        Settings {
            evm_version: settings.evm_version,
            optimizer: settings.optimizer.enabled,
            optimizer_runs: settings.optimizer.runs,
            via_ir: settings.via_ir,
            bytecode_hash: settings.metadata.bytecode_hash,
            cbor_metadata: settings.metadata.append_cbor,
            remappings: settings.remappings,
        }
    }
}

/// Follows the imports from the template's file through the settings' remappings.
fn collect_sources(
    tree: &Tree,
    entry: &Entry,
    settings: &Settings,
) -> Result<BTreeMap<String, InputSource>> {
    let failed = |error: &dyn std::fmt::Display| Error::template(entry.name, error);
    let root = tree.root();
    let source = root.join(entry.source);
    let remappings: Vec<Remapping> = settings
        .remappings
        .iter()
        .map(|remapping| {
            remapping.parse().map_err(|error| failed(&format!("remapping {remapping}: {error}")))
        })
        .collect::<Result<_>>()?;
    let paths = ProjectPathsConfig::builder()
        .root(root)
        .sources(root.join("src"))
        .no_libs()
        .remappings(remappings)
        .build()
        .map_err(|error| failed(&error))?;
    let content = Source::read(&source).map_err(|error| failed(&error))?;
    let start: Sources = [(source, content)].into_iter().collect();
    let graph =
        Graph::<SolParser>::resolve_sources(&paths, start).map_err(|error| failed(&error))?;
    graph
        .nodes(0)
        .map(|node| {
            let path = relative(root, node.path()).ok_or_else(|| {
                failed(&format!("imports {}, which lies outside the tree", node.path().display()))
            })?;
            Ok((path, InputSource { content: node.content().to_owned() }))
        })
        .collect()
}

/// A path below the root, with forward slashes on every system.
fn relative(root: &Path, path: &Path) -> Option<String> {
    let parts = path.strip_prefix(root).ok()?.components().map(|part| match part {
        Component::Normal(name) => name.to_str(),
        _ => None,
    });
    Some(parts.collect::<Option<Vec<_>>>()?.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn paths_are_relative_to_the_root_and_never_leave_it() {
        let root = Path::new("/tree");
        assert_eq!(relative(root, Path::new("/tree/src/a/B.sol")), Some("src/a/B.sol".into()));
        assert_eq!(relative(root, Path::new("/elsewhere/B.sol")), None);
        assert_eq!(relative(root, Path::new("/tree/../B.sol")), None);
    }

    proptest! {
        #[test]
        fn hostile_bytes_give_an_error_and_no_panic(bytes: Vec<u8>) {
            prop_assert!(Input::from_json(&String::from_utf8_lossy(&bytes)).is_err());
        }
    }
}
