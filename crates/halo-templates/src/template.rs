//! The embedded templates: one constant per line of the catalog.

use crate::catalog::with_catalog;
use crate::{Artifact, Kind, Lock, LockedTemplate};
use alloy_json_abi::JsonAbi;
use alloy_primitives::{B256, Bytes};
use std::sync::{LazyLock, OnceLock};

/// A frozen template inside the program.
#[derive(Debug)]
pub struct Template {
    kind: Kind,
    version: u16,
    name: &'static str,
    source: &'static str,
    json: &'static str,
    artifact: OnceLock<Artifact>,
}

/// A name that is not in the catalog.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no template is called {name}{}", nearest.map(|near| format!("; did you mean {near}?")).unwrap_or_default())]
pub struct UnknownTemplate {
    /// The name that was asked for.
    pub name: String,
    /// The nearest name that exists, if one is near.
    pub nearest: Option<&'static str>,
}

macro_rules! constants {
    ($($kind:ident $version:literal $name:ident $source:literal;)*) => {
        $(
            #[doc = concat!("`", $source, "`")]
            #[allow(non_upper_case_globals)]
            pub static $name: Template = Template {
                kind: Kind::$kind,
                version: $version,
                name: stringify!($name),
                source: $source,
                json: include_str!(concat!(
                    env!("CARGO_MANIFEST_DIR"), "/../../solidity/artifacts/", stringify!($name), ".json"
                )),
                artifact: OnceLock::new(),
            };
        )*

        static ALL: &[&Template] = &[$(&$name),*];
    };
}

with_catalog!(constants);

impl Template {
    /// Every template, in the order of the catalog.
    pub fn all() -> &'static [&'static Self] {
        ALL
    }

    /// The template of that name.
    ///
    /// # Errors
    /// [`UnknownTemplate`] with the nearest name that exists.
    pub fn get(name: &str) -> Result<&'static Self, UnknownTemplate> {
        ALL.iter().copied().find(|template| template.name == name).ok_or_else(|| {
            let distance = |other: &str| strsim::damerau_levenshtein(name, other);
            let nearest =
                ALL.iter().map(|template| template.name).min_by_key(|other| distance(other));
            let nearest = nearest.filter(|other| distance(other) <= other.len() / 3);
            UnknownTemplate { name: name.to_owned(), nearest }
        })
    }

    /// The contract's name.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// How it comes to be on a chain.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// Its version in the on-chain TemplateRegistry.
    pub const fn version(&self) -> u16 {
        self.version
    }

    /// The file that declares it, relative to the folder `solidity`.
    pub const fn source(&self) -> &'static str {
        self.source
    }

    /// The frozen artifact, parsed at the first call.
    pub fn artifact(&self) -> &Artifact {
        // A broken embedded file is a broken build, which the test below finds; it is no input.
        self.artifact.get_or_init(|| {
            Artifact::from_json(self.json).expect("an embedded artifact is well formed")
        })
    }

    /// Creation code, to which the caller appends ABI-encoded constructor arguments.
    pub fn creation_code(&self) -> &Bytes {
        &self.artifact().bytecode
    }

    /// Runtime code, the same in every instance.
    pub fn runtime_code(&self) -> &Bytes {
        &self.artifact().deployed_bytecode
    }

    /// The interface.
    pub fn abi(&self) -> &JsonAbi {
        &self.artifact().abi
    }

    /// What `templates.lock` says of it.
    pub fn locked(&self) -> &'static LockedTemplate {
        Lock::embedded().template(self.name).expect("an embedded template is in the embedded lock")
    }

    /// Keccak-256 of the creation code, before constructor arguments.
    pub fn creation_hash(&self) -> B256 {
        self.locked().creation_hash
    }

    /// Keccak-256 of the runtime code: the EXTCODEHASH of every instance that is no proxy.
    pub fn runtime_hash(&self) -> B256 {
        self.locked().runtime_hash
    }
}

impl Lock {
    /// The lock that the program embeds.
    pub fn embedded() -> &'static Self {
        static LOCK: LazyLock<Lock> = LazyLock::new(|| {
            Lock::parse(EMBEDDED_LOCK).expect("the embedded templates.lock is well formed")
        });
        &LOCK
    }
}

const EMBEDDED_LOCK: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../solidity/artifacts/templates.lock"));

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::keccak256;

    #[test]
    fn every_embedded_template_agrees_with_the_lock() {
        let names: Vec<_> =
            Lock::embedded().templates.iter().map(|locked| locked.name.as_str()).collect();
        assert_eq!(
            names,
            Template::all().iter().map(|template| template.name()).collect::<Vec<_>>()
        );
        for template in Template::all() {
            let locked = template.locked();
            assert_eq!(locked.kind, template.kind(), "{}", template.name());
            assert_eq!(locked.version, template.version(), "{}", template.name());
            assert_eq!(locked.source, template.source(), "{}", template.name());
            assert_eq!(locked.artifact, keccak256(template.json), "{}", template.name());
            assert_eq!(
                locked.creation_hash,
                keccak256(template.creation_code()),
                "{}",
                template.name()
            );
            assert_eq!(
                locked.runtime_hash,
                keccak256(template.runtime_code()),
                "{}",
                template.name()
            );
            assert_eq!(template.artifact().to_json(), template.json, "{}", template.name());
            assert_eq!(
                template.kind().has_code(),
                !template.runtime_code().is_empty(),
                "{}",
                template.name()
            );
        }
    }

    #[test]
    fn the_hash_of_the_lock_is_that_of_the_file() {
        assert_eq!(Lock::embedded().hash(), keccak256(EMBEDDED_LOCK));
    }

    #[test]
    fn an_unknown_name_suggests_the_nearest() {
        let error = Template::get("Chainlg").unwrap_err();
        assert_eq!(error.to_string(), "no template is called Chainlg; did you mean Chainlog?");
        let error = Template::get("Quite another thing").unwrap_err();
        assert_eq!(error.to_string(), "no template is called Quite another thing");
        assert_eq!(Template::get("Usds").unwrap().name(), "Usds");
    }
}
