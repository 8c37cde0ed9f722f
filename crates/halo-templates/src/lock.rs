//! `templates.lock`: what each frozen template was made from and what its code hashes to.

use crate::{Artifact, Entry, Error, Kind, Result};
use alloy_primitives::{B256, keccak256};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What stands in the place of an audit report's digest until there is one.
pub const UNAUDITED: &str = "unaudited";

/// The form of the file. Raised when a reader of the old form would misread the new one.
const SCHEMA: u32 = 1;

const HEADER: &str = "\
# Written by `cargo xtask freeze`; never by hand. Sizes are bytes, hashes are Keccak-256.
# A reviewer reads the diff of this file: what changed here is what would be deployed differently.

";

/// `templates.lock`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    schema: u32,
    /// The compiler and its settings, one for all templates.
    pub compiler: Compiler,
    /// The templates in the order of the catalog.
    #[serde(default, rename = "template")]
    pub templates: Vec<LockedTemplate>,
}

/// The compiler and every setting that shapes the code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compiler {
    /// Version with commit, as `0.8.34+commit.80d5c536`.
    pub solc: String,
    /// The settings of `foundry.toml` at the time of freezing.
    #[serde(flatten)]
    pub settings: Settings,
}

/// The settings that shape the code. Their one home is `solidity/foundry.toml`; the keys are its keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Which instructions the code may use.
    pub evm_version: String,
    /// Whether the optimizer runs.
    pub optimizer: bool,
    /// How often each instruction is expected to run over the contract's life.
    pub optimizer_runs: u32,
    /// Whether the code is generated through Yul.
    pub via_ir: bool,
    /// Which hash of the metadata is appended to the code; `none` makes the code independent of paths.
    pub bytecode_hash: String,
    /// Whether metadata are appended to the code at all.
    pub cbor_metadata: bool,
    /// Import prefixes and the folders that they stand for.
    pub remappings: Vec<String>,
}

/// One frozen template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedTemplate {
    /// The contract's name.
    pub name: String,
    /// How it comes to be on a chain.
    pub kind: Kind,
    /// Its version in the on-chain TemplateRegistry.
    pub version: u16,
    /// The file that declares it, relative to the folder `solidity`.
    pub source: String,
    /// The audit report's digest, or [`UNAUDITED`].
    pub audit: String,
    /// Hash of the creation code, before constructor arguments.
    pub creation_hash: B256,
    /// Hash of the runtime code: the EXTCODEHASH of an instance.
    pub runtime_hash: B256,
    /// Size of the creation code, before constructor arguments.
    pub creation_size: usize,
    /// Size of the runtime code.
    pub runtime_size: usize,
    /// Hash of the file `artifacts/<name>.json`.
    pub artifact: B256,
    /// Hash of the file `artifacts/inputs/<name>.json`.
    pub input: B256,
    /// Each file that the compiler read, and its hash.
    pub sources: BTreeMap<String, B256>,
}

impl Lock {
    /// A lock over these templates.
    pub fn new(compiler: Compiler, templates: Vec<LockedTemplate>) -> Self {
        Self { schema: SCHEMA, compiler, templates }
    }

    /// Reads the text of `templates.lock`.
    ///
    /// # Errors
    /// If the text is not exactly as [`Lock::to_text`] writes it: what a reviewer reads is all there is.
    pub fn parse(text: &str) -> Result<Self> {
        let malformed = |reason: &dyn std::fmt::Display| Error::malformed("templates.lock", reason);
        let lock: Self = toml::from_str(text).map_err(|error| malformed(&error))?;
        if lock.schema != SCHEMA {
            let reason =
                format!("schema {} is not {SCHEMA}, the one this program reads", lock.schema);
            return Err(malformed(&reason));
        }
        if let Some((at, line)) = first_difference(text, &lock.to_text()) {
            let reason = format!("line {at} is not as `cargo xtask freeze` writes it: {line}");
            return Err(malformed(&reason));
        }
        Ok(lock)
    }

    /// The text of `templates.lock`.
    pub fn to_text(&self) -> String {
        // A lock holds strings, numbers and tables of them only, all of which TOML can say.
        HEADER.to_owned() + &toml::to_string_pretty(self).unwrap_or_default()
    }

    /// Keccak-256 of the file: what a manifest records.
    pub fn hash(&self) -> B256 {
        keccak256(self.to_text())
    }

    /// The template of that name.
    pub fn template(&self, name: &str) -> Option<&LockedTemplate> {
        self.templates.iter().find(|template| template.name == name)
    }
}

impl LockedTemplate {
    /// What the lock says of a template with this artifact, as yet unaudited.
    ///
    /// `input` is the text of its standard-JSON input, `sources` the files in it with their hashes.
    pub fn new(
        entry: &Entry,
        artifact: &Artifact,
        input: &str,
        sources: BTreeMap<String, B256>,
    ) -> Self {
        Self {
            name: entry.name.to_owned(),
            kind: entry.kind,
            version: entry.version,
            source: entry.source.to_owned(),
            audit: UNAUDITED.to_owned(),
            creation_hash: artifact.creation_hash(),
            runtime_hash: artifact.runtime_hash(),
            creation_size: artifact.bytecode.len(),
            runtime_size: artifact.deployed_bytecode.len(),
            artifact: keccak256(artifact.to_json()),
            input: keccak256(input),
            sources,
        }
    }

    /// Whether an audit was imported.
    pub fn is_audited(&self) -> bool {
        self.audit != UNAUDITED
    }
}

/// The first line (from 1) at which two texts differ, as the first text has it.
fn first_difference<'a>(text: &'a str, other: &str) -> Option<(usize, &'a str)> {
    if text == other {
        return None;
    }
    let mut others = other.split('\n');
    let differs = text.split('\n').zip(1..).find(|(line, _)| others.next() != Some(line));
    Some(differs.map_or((text.lines().count(), "the end is missing"), |(line, at)| (at, line)))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    fn locked(name: &str, sources: BTreeMap<String, B256>) -> LockedTemplate {
        LockedTemplate {
            name: name.into(),
            kind: Kind::Clone,
            version: 1,
            source: format!("src/{name}.sol"),
            audit: UNAUDITED.into(),
            creation_hash: B256::repeat_byte(1),
            runtime_hash: B256::repeat_byte(2),
            creation_size: 100,
            runtime_size: 90,
            artifact: B256::repeat_byte(3),
            input: B256::repeat_byte(4),
            sources,
        }
    }

    fn sample() -> Lock {
        let compiler = Compiler {
            solc: "0.8.34+commit.80d5c536".into(),
            settings: Settings {
                evm_version: "cancun".into(),
                optimizer: true,
                optimizer_runs: 200,
                via_ir: false,
                bytecode_hash: "none".into(),
                cbor_metadata: false,
                remappings: vec!["src/=src/".into()],
            },
        };
        let sources = BTreeMap::from([("src/A.sol".to_owned(), B256::repeat_byte(9))]);
        Lock::new(compiler, vec![locked("A", sources.clone()), locked("B", sources)])
    }

    #[test]
    fn what_is_written_is_read_again() {
        assert_eq!(Lock::parse(&sample().to_text()).unwrap(), sample());
        let empty = Lock::new(sample().compiler, vec![]);
        assert_eq!(Lock::parse(&empty.to_text()).unwrap(), empty);
    }

    #[test]
    fn another_form_of_the_same_content_is_refused() {
        let text = sample().to_text();
        for changed in [
            text.replace("Sizes are bytes", "Sizes are words"),
            text.replace('\n', "\r\n"),
            text.clone() + "\n",
            text.trim_end().to_owned(),
            text.replace("schema = 1", "schema = 2"),
            text.replace("via_ir = false", "via_ir = false\nvia_assembly = true"),
        ] {
            let error = Lock::parse(&changed).unwrap_err().to_string();
            assert!(error.starts_with("templates.lock: "), "{error}");
        }
    }

    #[test]
    fn the_hash_is_that_of_the_file() {
        assert_eq!(sample().hash(), keccak256(sample().to_text()));
    }

    proptest! {
        #[test]
        fn hostile_bytes_give_an_error_and_no_panic(bytes: Vec<u8>) {
            prop_assert!(Lock::parse(&String::from_utf8_lossy(&bytes)).is_err());
        }

        #[test]
        fn one_changed_character_is_an_error_or_another_lock(at: prop::sample::Index, by in "[ -~\n]") {
            let text = sample().to_text();
            let at = at.index(text.len());
            let mut changed = text.clone();
            changed.replace_range(at..=at, &by);
            if let Ok(read) = Lock::parse(&changed) {
                prop_assert!(changed == text || read != sample());
            }
        }

        #[test]
        fn any_lock_round_trips(
            name in "\\PC{0,40}",
            audit in "\\PC{0,40}",
            paths in prop::collection::btree_map("\\PC{0,40}", any::<[u8; 32]>(), 0..5),
            size: u32,
        ) {
            let sources = paths.into_iter().map(|(path, hash)| (path, B256::from(hash))).collect();
            let mut lock = sample();
            lock.templates.push(LockedTemplate { audit, runtime_size: size as usize, ..locked(&name, sources) });
            prop_assert_eq!(Lock::parse(&lock.to_text()).unwrap(), lock);
        }
    }
}
