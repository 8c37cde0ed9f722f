//! The folder of kept state: a file for each chain and block, FOLDER/CHAIN/BLOCK.json.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

/// The state of one block, as far as it was fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CachedBlock {
    /// The chain's id.
    pub chain_id: u64,
    /// The block's number.
    pub block: u64,
    /// Size of the file.
    pub bytes: u64,
    /// When it was last written.
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
    let mut blocks = list(folder)?;
    // From the highest block of each chain down.
    blocks.reverse();
    let (mut chain, mut place) = (None, 0);
    let mut removed = Vec::new();
    for one in blocks {
        place = if chain == Some(one.chain_id) { place + 1 } else { 0 };
        chain = Some(one.chain_id);
        let age = now.duration_since(one.written).unwrap_or_default();
        let too_many = keep.highest.is_some_and(|most| place >= most);
        let too_old = keep.younger_than.is_some_and(|limit| age >= limit);
        if too_many || too_old {
            fs::remove_file(&one.path)?;
            removed.push(one);
        }
    }
    removed.reverse();
    Ok(removed)
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
