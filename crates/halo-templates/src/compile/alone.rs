use super::contract::{contracts, to_artifact};
use super::{Input, Solc};
use crate::lock::Settings;
use crate::{Artifact, Entry, Error, Kind, Result};
use alloy_json_abi::JsonAbi;

/// What became of a source that imports nothing, such as a generated spell.
#[derive(Clone, Debug)]
pub struct Alone {
    /// The contract that was asked for.
    pub artifact: Artifact,
    /// The interfaces that the source declares beside it, by name.
    pub interfaces: Vec<(String, JsonAbi)>,
}

/// Compiles a source that imports nothing, under the same rules as a template.
///
/// # Errors
/// As [`compile_template`](super::compile_template).
pub fn compile_alone(
    name: &'static str,
    text: &str,
    settings: &Settings,
    solc: &Solc,
) -> Result<Alone> {
    let entry = Entry { kind: Kind::Singleton, version: 1, name, source: "Alone.sol" };
    let mut found = contracts(&entry, &Input::alone(&entry, text, settings), solc)?;
    let contract = found
        .remove(name)
        .ok_or_else(|| Error::template(name, "the source declares no contract of that name"))?;
    let interfaces =
        found.into_iter().filter_map(|(name, contract)| Some((name, contract.abi?))).collect();
    Ok(Alone { artifact: to_artifact(&entry, contract)?, interfaces })
}
