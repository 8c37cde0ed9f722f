//! An embedded chain kept in a folder between two runs of a program.

use crate::{
    Embedded,
    embedded::{AccountRow, History, HistoryRow, Snapshot, accounts_of, db_of},
};
use alloy_primitives::{B256, Bytes, keccak256};
use alloy_rlp::{Decodable, Encodable, RlpDecodable, RlpEncodable};
use std::{
    fs::{self, File, TryLockError},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

const MAGIC: &[u8; 8] = b"halo-evm";
const VERSION: u32 = 1;
/// Magic, version and checksum.
const HEAD: usize = 8 + 4 + 32;
/// A state file larger than this is not read: nothing that we do makes one.
const MAX_BYTES: u64 = 4 << 30;

/// A folder that holds an embedded chain. While it is open no other process can open it.
#[derive(Debug)]
pub struct Store {
    dir: PathBuf,
    // Held for its lock, which ends when it is dropped.
    _lock: File,
}

/// Why the kept state cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StateError {
    /// The operating system refused.
    #[error("{what} {}: {source}", path.display())]
    Io {
        /// What was tried.
        what: &'static str,
        /// On which file.
        path: PathBuf,
        /// Its answer.
        source: io::Error,
    },
    /// Another process works in the folder.
    #[error(
        "{} is in use by another process; wait until it ends, or choose another folder",
        dir.display()
    )]
    InUse {
        /// The folder.
        dir: PathBuf,
    },
    /// The file is not what was written.
    #[error("{}: {fault}; delete the file to start again from genesis", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        fault: String,
    },
    /// The file was written by another version of the program.
    #[error(
        "{}: kept in format {found}, this program reads format {VERSION}; \
         use the version that wrote it, or delete the file to start again from genesis",
        path.display()
    )]
    Version {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u32,
    },
}

/// The state, in an order that depends on its contents alone.
#[derive(RlpEncodable, RlpDecodable)]
struct Body {
    chain_id: u64,
    number: u64,
    timestamp: u64,
    codes: Vec<Bytes>,
    accounts: Vec<AccountRow>,
    events: Vec<HistoryRow>,
}

impl Store {
    /// Opens the folder `dir`, which is made when it is not there, for this process alone.
    ///
    /// # Errors
    /// When another process has it open, or the folder cannot be written.
    pub fn open(dir: impl Into<PathBuf>) -> Result<Self, StateError> {
        let dir = dir.into();
        fs::create_dir_all(&dir).map_err(io_error("cannot make the folder", &dir))?;
        let ignore = dir.join(".gitignore");
        if !ignore.exists() {
            fs::write(&ignore, "*\n").map_err(io_error("cannot write", &ignore))?;
        }
        let path = dir.join("lock");
        let lock = File::create(&path).map_err(io_error("cannot write", &path))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { dir, _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(StateError::InUse { dir }),
            Err(TryLockError::Error(source)) => {
                Err(StateError::Io { what: "cannot lock", path, source })
            }
        }
    }

    /// The file that holds the state.
    pub fn path(&self) -> PathBuf {
        self.dir.join("state.bin")
    }

    /// The chain as it was saved; `None` when nothing was saved yet.
    ///
    /// # Errors
    /// When the file cannot be read, was changed or cut, or is of another version.
    pub fn load(&self) -> Result<Option<Embedded>, StateError> {
        let path = self.path();
        let bytes = match read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(io_error("cannot read", &path)(error)),
        };
        decode(&bytes, &path).map(Some)
    }

    /// Saves the chain in place of the last one. Killed at any moment, one of the two is there, whole.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self, chain: &Embedded) -> Result<(), StateError> {
        let path = self.path();
        let next = self.dir.join("state.bin.next");
        let write = || {
            let mut file = File::create(&next)?;
            file.write_all(&encode(chain))?;
            file.sync_all()?;
            fs::rename(&next, &path)?;
            // The rename itself is kept once the folder is written out.
            File::open(&self.dir)?.sync_all()
        };
        write().map_err(io_error("cannot save the chain to", &path))
    }

    /// Forgets the saved chain.
    ///
    /// # Errors
    /// When the file cannot be deleted.
    pub fn clear(&self) -> Result<(), StateError> {
        let path = self.path();
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(io_error("cannot delete", &path)(error))
            }
            _ => Ok(()),
        }
    }
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    let size = file.metadata()?.len();
    if size > MAX_BYTES {
        return Err(io::Error::other(format!("{size} bytes are too many for a kept chain")));
    }
    let mut bytes = Vec::new();
    file.take(MAX_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn io_error<'a>(what: &'static str, path: &'a Path) -> impl FnOnce(io::Error) -> StateError + 'a {
    move |source| StateError::Io { what, path: path.to_owned(), source }
}

fn encode(chain: &Embedded) -> Vec<u8> {
    let Snapshot { db, chain_id, number, timestamp, history } = chain.snapshot();
    let accounts = accounts_of(&db);
    let mut hashes: Vec<B256> = accounts.iter().map(|account| account.code_hash).collect();
    hashes.sort_unstable();
    hashes.dedup();
    let codes = hashes.iter().filter(|hash| !hash.is_zero());
    let codes = codes.filter_map(|hash| Some(db.cache.contracts.get(hash)?.original_bytes()));
    let body = Body {
        chain_id,
        number,
        timestamp,
        codes: codes.collect(),
        accounts,
        events: history.rows,
    };

    let mut bytes = vec![0; HEAD];
    body.encode(&mut bytes);
    let checksum = keccak256(&bytes[HEAD..]);
    bytes[..8].copy_from_slice(MAGIC);
    bytes[8..12].copy_from_slice(&VERSION.to_be_bytes());
    bytes[12..HEAD].copy_from_slice(checksum.as_slice());
    bytes
}

fn decode(bytes: &[u8], path: &Path) -> Result<Embedded, StateError> {
    let damaged = |fault: String| StateError::Damaged { path: path.to_owned(), fault };
    let cut = || damaged("the file is cut short".to_owned());
    let (magic, rest) = bytes.split_first_chunk::<8>().ok_or_else(cut)?;
    if magic != MAGIC {
        return Err(damaged("this is not a chain that halo kept".to_owned()));
    }
    let (version, rest) = rest.split_first_chunk::<4>().ok_or_else(cut)?;
    let (checksum, mut body) = rest.split_first_chunk::<32>().ok_or_else(cut)?;
    let found = u32::from_be_bytes(*version);
    if found != VERSION {
        return Err(StateError::Version { path: path.to_owned(), found });
    }
    if keccak256(body) != B256::from(checksum) {
        return Err(damaged("its contents do not match its checksum".to_owned()));
    }
    let body = &mut body;
    let Body { chain_id, number, timestamp, codes, accounts, events } =
        Body::decode(body).map_err(|fault| damaged(fault.to_string()))?;
    if !body.is_empty() {
        return Err(damaged(format!("{} bytes too many at its end", body.len())));
    }
    // Events are looked up by block, and counted within it.
    let ordered = events.is_sorted_by_key(|row| (row.block, row.index));
    if !ordered || events.iter().any(|row| row.index > u64::from(u32::MAX)) {
        return Err(damaged("its events are out of order".to_owned()));
    }
    let db = db_of(codes, accounts).map_err(damaged)?;
    let history = History { keep: true, rows: events };
    Ok(Embedded::from_snapshot(&Snapshot { db, chain_id, number, timestamp, history }))
}
