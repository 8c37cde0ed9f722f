//! The folder of kept state: a file for each chain and block, FOLDER/CHAIN/BLOCK.json.

use serde::Serialize;
use std::{
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

/// The state of one block, as far as it was fetched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CachedBlock {
    /// The chain's id.
    pub chain_id: u64,
    /// The block's number.
    pub block: u64,
    /// Size of the file, bytes.
    pub bytes: u64,
    /// When it was last written.
    #[serde(skip)]
    pub written: SystemTime,
    /// The file.
    pub path: PathBuf,
}

/// What [`prune`] leaves: a file goes when any of these says so.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Keep {
    /// Of each chain, so many blocks, the highest.
    pub highest: Option<usize>,
    /// Files written within so long.
    pub younger_than: Option<Duration>,
}

/// The kept blocks, by chain and number. Files of other names are no concern of ours.
///
/// # Errors
/// When the folder cannot be read; one that is not there holds nothing.
pub fn list(folder: &Path) -> io::Result<Vec<CachedBlock>> {
    let mut blocks = Vec::new();
    for (chain_id, chain) in numbered(folder, None)? {
        for (block, path) in numbered(&chain, Some("json"))? {
            let about = fs::metadata(&path)?;
            let (bytes, written) = (about.len(), about.modified()?);
            blocks.push(CachedBlock { chain_id, block, bytes, written, path });
        }
    }
    blocks.sort_unstable_by_key(|one| (one.chain_id, one.block));
    Ok(blocks)
}

/// Removes kept blocks; returns those that were removed.
///
/// # Errors
/// When the folder cannot be read, or a file cannot be removed.
pub fn prune(folder: &Path, keep: Keep, now: SystemTime) -> io::Result<Vec<CachedBlock>> {
    let mut removed = Vec::new();
    for chain in list(folder)?.chunk_by(|one, other| one.chain_id == other.chain_id) {
        let surplus = keep.highest.map_or(0, |most| chain.len().saturating_sub(most));
        for (place, one) in chain.iter().enumerate() {
            let age = now.duration_since(one.written).unwrap_or_default();
            if place < surplus || keep.younger_than.is_some_and(|limit| age >= limit) {
                fs::remove_file(&one.path)?;
                removed.push(one.clone());
            }
        }
    }
    Ok(removed)
}

/// The file of a block's state.
pub(super) fn file(folder: &Path, chain_id: u64, block: u64) -> PathBuf {
    folder.join(chain_id.to_string()).join(format!("{block}.json"))
}

/// What lies in a folder under a number, with this extension.
fn numbered(folder: &Path, extension: Option<&str>) -> io::Result<Vec<(u64, PathBuf)>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut all = Vec::new();
    for entry in entries {
        let entry = entry?;
        let path = entry.path();
        let of_kind = match extension {
            None => entry.file_type()?.is_dir(),
            Some(wanted) => {
                entry.file_type()?.is_file() && path.extension().is_some_and(|it| it == wanted)
            }
        };
        let number = path.file_stem().and_then(|name| name.to_str()?.parse().ok());
        if let (true, Some(number)) = (of_kind, number) {
            all.push((number, path));
        }
    }
    Ok(all)
}
