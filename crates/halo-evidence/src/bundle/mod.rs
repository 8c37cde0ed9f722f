//! The evidence bundle: one file for each check that a reviewer ticks by hand today, with its inputs, what was found and
//! the command that repeats it.

mod checks;
mod code;
mod files;
mod powers;

use std::path::PathBuf;

use alloy_primitives::{Address, B256};
use halo_chain::Chain;
use halo_deploy::{Check, Manifest};
use halo_spec::{ClassSpec, Network};
use serde::{Deserialize, Serialize};

use crate::{Result, drift::Document};

pub use checks::FROM_SOURCES;
pub use files::{Bundle, Fault, Index, IndexEntry, Inputs, read, write};

/// The schema that [`Item::schema`] names.
pub const EVIDENCE_SCHEMA: &str = "halo.evidence/1";

/// How a check ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// All of it holds.
    #[serde(rename = "PASS")]
    Pass,
    /// Something of it does not.
    #[serde(rename = "FAIL")]
    Fail,
    /// What it is about is not there, or was not given.
    #[serde(rename = "NOT APPLICABLE")]
    NotApplicable,
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Pass => "PASS",
            Self::Fail => "FAIL",
            Self::NotApplicable => "NOT APPLICABLE",
        })
    }
}

/// One check with all that it stands on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// [`EVIDENCE_SCHEMA`].
    pub schema: String,
    /// Its name, such as `code-hash`; the file is called so.
    pub id: String,
    /// What a reviewer ticks.
    pub title: String,
    /// How it ends.
    pub verdict: Verdict,
    /// Why it does not apply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// What it was made from, with keccak-256 of each.
    pub inputs: Vec<Input>,
    /// What was looked at, one by one.
    pub rows: Vec<Row>,
    /// The command that repeats it.
    pub repeat: String,
}

/// Something that a check was made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// What it is.
    pub name: String,
    /// keccak-256 of its bytes.
    pub hash: B256,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// What.
    pub what: String,
    /// What should be.
    pub expected: String,
    /// What is.
    pub found: String,
    /// Whether that is as it should be.
    pub holds: bool,
}

impl Row {
    fn new(what: impl Into<String>, expected: impl ToString, found: impl ToString) -> Self {
        let (expected, found) = (expected.to_string(), found.to_string());
        Self { what: what.into(), holds: expected == found, expected, found }
    }
}

impl From<&Check> for Row {
    fn from(check: &Check) -> Self {
        Self {
            what: check.id.clone(),
            expected: check.expected.clone(),
            found: check.found.clone(),
            holds: check.holds,
        }
    }
}

/// What is to be looked into.
#[derive(Debug)]
pub struct Case<'a> {
    /// The manifest.
    pub manifest: &'a Manifest,
    /// The manifests of the Class's other Units.
    pub siblings: &'a [Manifest],
    /// The network: whose addresses the arguments are.
    pub network: &'a Network,
    /// The spec, and what its plan would leave.
    pub spec: Option<Planned<'a>>,
    /// The artifact documents that word the limits.
    pub documents: &'a [Document],
    /// The folder `solidity` with sources and compiler.
    pub sources: Option<Sources>,
    /// The first block whose events are read.
    pub from_block: u64,
}

/// A spec, and what its plan would leave.
#[derive(Clone, Copy, Debug)]
pub struct Planned<'a> {
    /// The spec.
    pub class: &'a ClassSpec,
    /// The manifest of the same Unit that its plan would leave.
    pub manifest: &'a Manifest,
    /// Who signed and must hold nothing.
    pub deployers: &'a [Address],
    /// What a rehearsal of the whole plan on a fresh chain changed that no storage layout explains; none if it was not
    /// rehearsed.
    pub unexplained: Option<&'a [String]>,
}

/// Where sources and compiler are.
#[derive(Clone, Debug)]
pub struct Sources {
    /// The folder `solidity`.
    pub root: PathBuf,
    /// The compiler, if one was named.
    pub solc: Option<PathBuf>,
}

/// Does every check.
///
/// # Errors
/// When the chain cannot be asked, or sources are named that cannot be read. What fails is no error.
pub async fn examine<C: Chain>(case: &Case<'_>, chain: &C) -> Result<Vec<Item>> {
    checks::all(case, chain).await
}
