use crate::lock::Settings;
use crate::tree::read;
use crate::{Error, Result, Tree};
use serde::Deserialize;

/// Reads the settings that shape the code from `foundry.toml`, their one home, so that forge and freezing cannot
/// disagree.
///
/// # Errors
/// If the file cannot be read, or one of the settings is missing or of another type.
pub fn read_settings(tree: &Tree) -> Result<Settings> {
    #[derive(Deserialize)]
    struct Foundry {
        profile: Profiles,
    }
    #[derive(Deserialize)]
    struct Profiles {
        default: Settings,
    }
    let path = tree.root().join("foundry.toml");
    let foundry: Foundry =
        toml::from_str(&read(&path)?).map_err(|error| Error::malformed("foundry.toml", error))?;
    Ok(foundry.profile.default)
}
