use super::contract::compile_together;
use super::{Input, SOLC_VERSION, Solc, compile_template, for_each, read_settings};
use crate::lock::Settings;
use crate::tree::read;
use crate::{Artifact, Entry, Lock, LockedTemplate, Result, Tree};
use alloy_primitives::{B256, keccak256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// What verifying found: the templates of the catalog in its order, then those that only the lock has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// One for each template.
    pub templates: Vec<Checked>,
}

/// One template, compiled again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// The template's name.
    pub name: String,
    /// What is not as frozen; empty if all is.
    pub differences: Vec<Difference>,
}

/// One thing that is not as frozen.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Difference {
    /// The lock does not have this template.
    NotFrozen,
    /// The lock has it, the catalog does not.
    NotInCatalog,
    /// A setting is not the one in the lock.
    Setting {
        /// Where the other value stands.
        place: String,
        /// The setting by its name in `foundry.toml`.
        key: &'static str,
        /// Its value in the lock.
        locked: String,
        /// Its value there.
        found: String,
    },
    /// A source is not the one in the lock.
    Source {
        /// Where the other source stands: in the tree, or in the frozen input.
        place: String,
        /// The source's path, relative to the folder `solidity`.
        path: String,
        /// Its hash in the lock; none if the lock does not have it.
        locked: Option<B256>,
        /// Its hash there; none if it is not there or not imported.
        found: Option<B256>,
    },
    /// The frozen artifact is not what the compiler makes.
    Artifact {
        /// Which part of it.
        part: Part,
        /// Where, or how.
        detail: String,
    },
    /// The frozen input is not what the lock says, though its sources and settings are.
    Input(String),
    /// A value in the lock is not what freezing would write.
    Locked {
        /// The value's key.
        key: &'static str,
    },
    /// It could not be compiled.
    Failed(String),
}

/// A part of a frozen artifact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// The interface.
    Abi,
    /// The creation code.
    CreationCode,
    /// The runtime code.
    RuntimeCode,
    /// The storage layout.
    StorageLayout,
    /// Something else in the file: its names, or the way it is written.
    File,
}

impl Report {
    /// Whether every template is exactly as frozen.
    pub fn is_ok(&self) -> bool {
        self.differing().next().is_none()
    }

    /// The templates that are not as frozen.
    pub fn differing(&self) -> impl Iterator<Item = &Checked> {
        self.templates.iter().filter(|checked| !checked.differences.is_empty())
    }
}

/// Compiles every template of the catalog again and compares everything that was frozen byte for byte. Trusts nothing
/// in the tree but the catalog and the compiler.
///
/// # Errors
/// If `templates.lock` or `foundry.toml` cannot be read. Everything else is a [`Difference`] of some template.
pub fn verify(tree: &Tree, catalog: &[Entry], solc: &Solc) -> Result<Report> {
    let lock = tree.lock()?;
    let settings = read_settings(tree)?;
    let inputs: Vec<_> =
        catalog.iter().map(|entry| (entry, Input::collect(tree, entry, &settings))).collect();
    let together = together(&inputs, solc);
    let mut templates = for_each(&inputs, |(entry, input)| Checked {
        name: entry.name.to_owned(),
        differences: check(tree, entry, input, &lock, &settings, solc, together.get(entry.name)),
    });
    let known: BTreeSet<_> = catalog.iter().map(|entry| entry.name).collect();
    for stray in lock.templates.iter().filter(|locked| !known.contains(locked.name.as_str())) {
        templates.push(Checked {
            name: stray.name.clone(),
            differences: vec![Difference::NotInCatalog],
        });
    }
    Ok(Report { templates })
}

/// The templates compiled by as many calls of the compiler as there are cores.
fn together(inputs: &[(&Entry, Result<Input>)], solc: &Solc) -> BTreeMap<&'static str, Artifact> {
    let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get());
    // Dealt out in turn, since neighbours in the catalog are of a size.
    let parts: Vec<Vec<(&Entry, &Input)>> = (0..cores)
        .map(|core| {
            let part = inputs.iter().skip(core).step_by(cores);
            part.filter_map(|(entry, input)| Some((*entry, input.as_ref().ok()?))).collect()
        })
        .collect();
    for_each(&parts, |part| compile_together(part, solc)).into_iter().flatten().collect()
}

fn check(
    tree: &Tree,
    entry: &Entry,
    input: &Result<Input>,
    lock: &Lock,
    settings: &Settings,
    solc: &Solc,
    together: Option<&Artifact>,
) -> Vec<Difference> {
    let Some(locked) = lock.template(entry.name) else { return vec![Difference::NotFrozen] };
    let mut found = setting_differences("foundry.toml", &lock.compiler.settings, settings);
    if lock.compiler.solc != SOLC_VERSION {
        let (locked, found_version) = (lock.compiler.solc.clone(), SOLC_VERSION.to_owned());
        let place = "this program".to_owned();
        found.push(Difference::Setting { place, key: "solc", locked, found: found_version });
    }
    let input = match input {
        Ok(input) => input,
        Err(error) => {
            found.push(Difference::Failed(error.to_string()));
            return found;
        }
    };
    found.extend(source_differences("the tree", &locked.sources, &input.source_hashes()));
    found.extend(input_differences(tree, locked, &lock.compiler.settings));
    // What came out as frozen beside others is as frozen; what did not is compiled by itself.
    let same = together.filter(|it| artifact_differences(tree, entry, it).is_empty()).cloned();
    match same.map_or_else(|| compile_template(entry, input, solc), Ok) {
        Err(error) => found.push(Difference::Failed(error.to_string())),
        Ok(compiled) => {
            found.extend(artifact_differences(tree, entry, &compiled));
            // Only if all files are right can a wrong value be the lock's own.
            if found.is_empty() {
                let expected =
                    LockedTemplate::new(entry, &compiled, &input.to_json(), input.source_hashes());
                found.extend(lock_differences(locked, &expected));
            }
        }
    }
    found
}

fn setting_differences(place: &str, locked: &Settings, found: &Settings) -> Vec<Difference> {
    let values = |settings: &Settings| {
        let Settings {
            evm_version,
            optimizer,
            optimizer_runs,
            via_ir,
            bytecode_hash,
            cbor_metadata,
            remappings,
        } = settings;
        [
            ("evm_version", evm_version.clone()),
            ("optimizer", optimizer.to_string()),
            ("optimizer_runs", optimizer_runs.to_string()),
            ("via_ir", via_ir.to_string()),
            ("bytecode_hash", bytecode_hash.clone()),
            ("cbor_metadata", cbor_metadata.to_string()),
            ("remappings", remappings.join(", ")),
        ]
    };
    let pairs = values(locked).into_iter().zip(values(found));
    pairs
        .filter(|((_, locked), (_, found))| locked != found)
        .map(|((key, locked), (_, found))| Difference::Setting {
            place: place.to_owned(),
            key,
            locked,
            found,
        })
        .collect()
}

fn source_differences(
    place: &str,
    locked: &BTreeMap<String, B256>,
    found: &BTreeMap<String, B256>,
) -> Vec<Difference> {
    let paths: BTreeSet<_> = locked.keys().chain(found.keys()).collect();
    paths
        .into_iter()
        .map(|path| (path, locked.get(path).copied(), found.get(path).copied()))
        .filter(|(_, locked, found)| locked != found)
        .map(|(path, locked, found)| Difference::Source {
            place: place.to_owned(),
            path: path.clone(),
            locked,
            found,
        })
        .collect()
}

fn input_differences(tree: &Tree, locked: &LockedTemplate, settings: &Settings) -> Vec<Difference> {
    let place = format!("artifacts/inputs/{}.json", locked.name);
    let text = match read(&tree.input_path(&locked.name)) {
        Ok(text) if keccak256(&text) == locked.input => return vec![],
        Ok(text) => text,
        Err(error) => return vec![Difference::Input(error.to_string())],
    };
    let input = match Input::from_json(&text) {
        Ok(input) => input,
        Err(error) => return vec![Difference::Input(format!("{place}: {error}"))],
    };
    let mut found = setting_differences(&place, settings, &input.settings());
    found.extend(source_differences(&place, &locked.sources, &input.source_hashes()));
    if found.is_empty() {
        found
            .push(Difference::Input(format!("{place} does not have the hash that the lock gives")));
    }
    found
}

fn artifact_differences(tree: &Tree, entry: &Entry, compiled: &Artifact) -> Vec<Difference> {
    let file = |detail: String| vec![Difference::Artifact { part: Part::File, detail }];
    let text = match read(&tree.artifact_path(entry.name)) {
        Ok(text) if text == compiled.to_json() => return vec![],
        Ok(text) => text,
        Err(error) => return file(error.to_string()),
    };
    let frozen = match Artifact::from_json(&text) {
        Ok(frozen) => frozen,
        Err(error) => return file(error.to_string()),
    };
    let mut found = Vec::new();
    let mut differs = |part, detail: String| found.push(Difference::Artifact { part, detail });
    if frozen.abi != compiled.abi {
        differs(Part::Abi, "is not the one of the sources".to_owned());
    }
    for (part, frozen, compiled) in [
        (Part::CreationCode, &frozen.bytecode, &compiled.bytecode),
        (Part::RuntimeCode, &frozen.deployed_bytecode, &compiled.deployed_bytecode),
    ] {
        if let Some(at) = first_difference(frozen, compiled) {
            differs(
                part,
                format!(
                    "differs from byte {at}; {} bytes frozen, {} compiled",
                    frozen.len(),
                    compiled.len()
                ),
            );
        }
    }
    if frozen.storage_layout != compiled.storage_layout {
        differs(Part::StorageLayout, "is not the one of the sources".to_owned());
    }
    match found.is_empty() {
        true => file("is not as freezing writes it".to_owned()),
        false => found,
    }
}

fn first_difference(a: &[u8], b: &[u8]) -> Option<usize> {
    let common = a.iter().zip(b).position(|(a, b)| a != b);
    common.or_else(|| (a.len() != b.len()).then(|| a.len().min(b.len())))
}

fn lock_differences(locked: &LockedTemplate, expected: &LockedTemplate) -> Vec<Difference> {
    let same = [
        ("kind", locked.kind == expected.kind),
        ("version", locked.version == expected.version),
        ("source", locked.source == expected.source),
        ("creation_hash", locked.creation_hash == expected.creation_hash),
        ("runtime_hash", locked.runtime_hash == expected.runtime_hash),
        ("creation_size", locked.creation_size == expected.creation_size),
        ("runtime_size", locked.runtime_size == expected.runtime_size),
        ("artifact", locked.artifact == expected.artifact),
        ("input", locked.input == expected.input),
    ];
    same.into_iter().filter(|(_, same)| !same).map(|(key, _)| Difference::Locked { key }).collect()
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Abi => "ABI",
            Self::CreationCode => "creation code",
            Self::RuntimeCode => "runtime code",
            Self::StorageLayout => "storage layout",
            Self::File => "file",
        })
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hash =
            |hash: &Option<B256>| hash.map_or_else(|| "absent".to_owned(), |hash| hash.to_string());
        match self {
            Self::NotFrozen => write!(f, "is in the catalog but not in templates.lock"),
            Self::NotInCatalog => write!(f, "is in templates.lock but not in the catalog"),
            Self::Setting { place, key, locked, found } => {
                write!(f, "setting {key}: {locked} in templates.lock, {found} in {place}")
            }
            Self::Source { place, path, locked, found } => {
                write!(
                    f,
                    "source {path}: {} in templates.lock, {} in {place}",
                    hash(locked),
                    hash(found)
                )
            }
            Self::Artifact { part, detail } => write!(f, "artifact: {part} {detail}"),
            Self::Input(reason) => write!(f, "input: {reason}"),
            Self::Locked { key } => {
                write!(f, "templates.lock: {key} is not that of the frozen files")
            }
            Self::Failed(reason) => write!(f, "does not compile: {reason}"),
        }
    }
}

/// The templates that differ, each with its differences below it; nothing if none does.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for checked in self.differing() {
            writeln!(f, "{}", checked.name)?;
            for difference in &checked.differences {
                writeln!(f, "  {difference}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kind;

    const ENTRY: Entry =
        Entry { kind: Kind::Fixture, version: 1, name: "Counter", source: "fixtures/Counter.sol" };

    const FROZEN: &str = r#"{
  "contractName": "Counter",
  "sourceName": "fixtures/Counter.sol",
  "abi": [
    {"type":"function","name":"bump","inputs":[{"name":"by","type":"uint256"}],"outputs":[],"stateMutability":"nonpayable"}
  ],
  "storageLayout": [
    {"slot":"0","offset":0,"label":"count","type":"uint256"}
  ],
  "bytecode": "0x600160",
  "deployedBytecode": "0x01"
}
"#;

    /// The parts that differ once `from` in the frozen file became `to`.
    fn parts(from: &str, to: &str) -> Vec<Part> {
        let folder = tempfile::tempdir().unwrap();
        let tree = Tree::at(folder.path()).unwrap();
        std::fs::create_dir(folder.path().join("artifacts")).unwrap();
        std::fs::write(tree.artifact_path(ENTRY.name), FROZEN.replacen(from, to, 1)).unwrap();
        let compiled = Artifact::from_json(FROZEN).unwrap();
        let part = |difference| match difference {
            Difference::Artifact { part, .. } => part,
            other => panic!("{other}"),
        };
        artifact_differences(&tree, &ENTRY, &compiled).into_iter().map(part).collect()
    }

    #[test]
    fn each_part_of_an_artifact_is_compared() {
        assert_eq!(parts("", ""), []);
        assert_eq!(parts("\"by\"", "\"bi\""), [Part::Abi]);
        assert_eq!(parts("0x600160", "0x600161"), [Part::CreationCode]);
        assert_eq!(parts("0x600160", "0x6001"), [Part::CreationCode]);
        assert_eq!(parts("\"0x01\"", "\"0x0100\""), [Part::RuntimeCode]);
        assert_eq!(parts("\"count\"", "\"mount\""), [Part::StorageLayout]);
        assert_eq!(parts("\"contractName\": \"C", "\"contractName\": \"K"), [Part::File]);
        assert_eq!(parts("  \"abi\"", "\t\"abi\""), [Part::File]);
        assert_eq!(parts("0x01", "0xzz"), [Part::File]);
    }

    #[test]
    fn a_difference_in_code_says_where() {
        assert_eq!(first_difference(b"abc", b"abd"), Some(2));
        assert_eq!(first_difference(b"abc", b"ab"), Some(2));
        assert_eq!(first_difference(b"abc", b"abc"), None);
    }
}
