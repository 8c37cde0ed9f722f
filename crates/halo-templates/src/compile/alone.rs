use super::contract::{contracts, to_artifact};
use super::{Input, SOLC_VERSION, Solc, for_each};
use crate::lock::Settings;
use crate::{Artifact, Entry, Error, Kind, Result};
use alloy_json_abi::JsonAbi;
use alloy_primitives::keccak256;
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::Path;

/// What became of a source that imports nothing, such as a generated spell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alone {
    /// The contract that was asked for.
    pub artifact: Artifact,
    /// The interfaces that the source declares beside it, by name.
    pub interfaces: Vec<(String, JsonAbi)>,
}

/// [`Alone`] in a file.
#[derive(Serialize, Deserialize)]
struct Kept {
    artifact: String,
    interfaces: Vec<(String, JsonAbi)>,
}

/// Compiles sources that import nothing, each with the name of its contract, under the same rules as a template. Each
/// has an input of its own, so that its code depends on nothing but its text.
///
/// In the folder `kept`, which is trusted as the compiler is, what was made is kept by compiler, settings and text, and
/// not compiled again.
///
/// # Errors
/// As [`compile_template`](super::compile_template).
pub fn compile_alone(
    sources: &[(&'static str, &str)],
    settings: &Settings,
    solc: &Solc,
    kept: Option<&Path>,
) -> Result<Vec<Alone>> {
    for_each(sources, |(name, text)| one(name, text, settings, solc, kept)).into_iter().collect()
}

fn one(
    name: &'static str,
    text: &str,
    settings: &Settings,
    solc: &Solc,
    kept: Option<&Path>,
) -> Result<Alone> {
    let entry = Entry { kind: Kind::Singleton, version: 1, name, source: "Alone.sol" };
    let input = Input::alone(&entry, text, settings);
    let key = keccak256([SOLC_VERSION, "\n", name, "\n", &input.to_json()].concat());
    let file = kept.map(|folder| folder.join(format!("{key}.json")));
    if let Some(alone) = file.as_deref().and_then(Alone::load) {
        return Ok(alone);
    }
    let mut found = contracts(&entry, &input, solc)?;
    let contract = found
        .remove(name)
        .ok_or_else(|| Error::template(name, "the source declares no contract of that name"))?;
    let interfaces =
        found.into_iter().filter_map(|(name, contract)| Some((name, contract.abi?))).collect();
    let alone = Alone { artifact: to_artifact(&entry, contract)?, interfaces };
    if let Some(file) = &file {
        alone.save(file);
    }
    Ok(alone)
}

impl Alone {
    /// What a file keeps, if it is whole.
    fn load(file: &Path) -> Option<Self> {
        let kept: Kept = serde_json::from_slice(&fs::read(file).ok()?).ok()?;
        let artifact = Artifact::from_json(&kept.artifact).ok()?;
        Some(Self { artifact, interfaces: kept.interfaces })
    }

    /// Keeps it, if the folder can be written; without it the next time takes longer and is no other.
    fn save(&self, file: &Path) {
        let kept = Kept { artifact: self.artifact.to_json(), interfaces: self.interfaces.clone() };
        let (Some(folder), Ok(text)) = (file.parent(), serde_json::to_vec(&kept)) else { return };
        // Under a name of its own first, for another process may read it.
        let draft = file.with_extension(std::process::id().to_string());
        let written = fs::create_dir_all(folder).and_then(|()| fs::write(&draft, text));
        if written.and_then(|()| fs::rename(&draft, file)).is_err() {
            let _ = fs::remove_file(&draft);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Tree;
    use crate::compile::read_settings;

    #[test]
    fn what_is_kept_is_not_compiled_again_and_what_is_broken_is() {
        let tree = Tree::find(None).unwrap();
        let (solc, settings) = (Solc::find(&tree, None).unwrap(), read_settings(&tree).unwrap());
        let folder = tempfile::tempdir().unwrap();
        let kept = folder.path().join("spells");
        let text = |number: u8| {
            format!(
                "// SPDX-License-Identifier: MIT\npragma solidity 0.8.34;\ninterface KnownLike {{ function stop() external; }}\n\
                 contract It {{ function f() external pure returns (uint256) {{ return {number}; }} }}"
            )
        };
        let texts = [text(1), text(2)];
        let sources = texts.each_ref().map(|text| ("It", text.as_str()));
        let compile =
            |sources: &[_]| compile_alone(sources, &settings, &solc, Some(&kept)).unwrap();
        let made = compile(&sources);
        assert_ne!(made[0].artifact, made[1].artifact);
        assert_eq!(made[0].interfaces[0].0, "KnownLike");
        assert_eq!(made, compile_alone(&sources, &settings, &solc, None).unwrap());

        // Each is told from the other by its file: exchanged, they come back exchanged, so neither was compiled.
        let files: Vec<_> = fs::read_dir(&kept).unwrap().map(|file| file.unwrap().path()).collect();
        let [first, second] = files.as_slice() else { panic!("{files:?}") };
        let (one, two) = (fs::read(first).unwrap(), fs::read(second).unwrap());
        fs::write(first, &two).unwrap();
        fs::write(second, &one).unwrap();
        assert_eq!(compile(&sources), [made[1].clone(), made[0].clone()]);

        fs::write(first, &one[..one.len() / 2]).unwrap();
        fs::write(second, "{}").unwrap();
        assert_eq!(compile(&sources), made);
        assert_eq!(fs::read_dir(&kept).unwrap().count(), 2);
    }
}
