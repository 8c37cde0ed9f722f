//! A portable file of everything that a run read from a source, to run again with no network.

use alloy_consensus::Header;
use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_rlp::{Decodable, Encodable, RlpDecodable, RlpEncodable};
use flate2::{Compression, read::DeflateDecoder, write::DeflateEncoder};
use halo_chain::{Account, SourceError, StateSource};
use revm::bytecode::Bytecode;
use std::{
    collections::BTreeMap,
    io::{Read, Write},
    sync::{Mutex, MutexGuard, PoisonError},
};

const MAGIC: &[u8; 8] = b"halofork";
const VERSION: u32 = 1;
/// Magic, version and checksum.
const HEAD: usize = 8 + 4 + 32;
/// A body larger than this is not unpacked: no run reads so much.
const MAX_BODY: u64 = 1 << 30;

/// Passes questions on to a source and keeps the answers.
#[derive(Debug)]
pub struct Recorder<S> {
    source: S,
    kept: Mutex<Kept>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Kept {
    accounts: BTreeMap<Address, Option<Account>>,
    slots: BTreeMap<(Address, U256), U256>,
    codes: BTreeMap<B256, Bytes>,
    hashes: BTreeMap<u64, B256>,
}

impl<S: StateSource> Recorder<S> {
    /// A recorder of what is asked of `source` from now on.
    pub fn new(source: S) -> Self {
        Self { source, kept: Mutex::default() }
    }

    /// What was read so far, as the state of chain `chain_id` after the block of `header`.
    pub fn snapshot(&self, chain_id: u64, header: Header) -> StateSnapshot {
        StateSnapshot { chain_id, header, kept: self.kept().clone() }
    }

    /// The source.
    pub const fn source(&self) -> &S {
        &self.source
    }

    /// Accounts and slots read so far.
    pub fn read(&self) -> (usize, usize) {
        let kept = self.kept();
        (kept.accounts.len(), kept.slots.len())
    }

    /// The accounts read so far, each with the slots that were read of it: what [`crate::rpc::RpcFork::prefetch`] takes.
    pub fn places(&self) -> Vec<(Address, Vec<U256>)> {
        let kept = self.kept();
        let mut places: BTreeMap<Address, Vec<U256>> =
            kept.accounts.keys().map(|at| (*at, Vec::new())).collect();
        for (at, slot) in kept.slots.keys() {
            places.entry(*at).or_default().push(*slot);
        }
        places.into_iter().collect()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // Nothing panics while it is held; what is in it is whole in any case.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: StateSource> StateSource for Recorder<S> {
    fn account(&self, at: Address) -> Result<Option<Account>, SourceError> {
        let found = self.source.account(at)?;
        self.kept().accounts.insert(at, found);
        Ok(found)
    }

    fn storage(&self, at: Address, slot: U256) -> Result<U256, SourceError> {
        let found = self.source.storage(at, slot)?;
        self.kept().slots.insert((at, slot), found);
        Ok(found)
    }

    fn code(&self, hash: B256) -> Result<Bytes, SourceError> {
        let found = self.source.code(hash)?;
        self.kept().codes.insert(hash, found.clone());
        Ok(found)
    }

    fn bytecode(&self, hash: B256) -> Result<Bytecode, SourceError> {
        let found = self.source.bytecode(hash)?;
        self.kept().codes.insert(hash, found.original_bytes());
        Ok(found)
    }

    fn block_hash(&self, number: u64) -> Result<B256, SourceError> {
        let found = self.source.block_hash(number)?;
        self.kept().hashes.insert(number, found);
        Ok(found)
    }
}

/// Everything that a run read, and the block that it was the state of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateSnapshot {
    chain_id: u64,
    header: Header,
    kept: Kept,
}

/// Why a file is not a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SnapshotError {
    /// It begins otherwise.
    #[error("this is not a snapshot that --record wrote")]
    Magic,
    /// Another version wrote it.
    #[error("it has format {found}, this program reads format {VERSION}: record it again")]
    Version {
        /// Its format.
        found: u32,
    },
    /// Its contents are not what was written.
    #[error("it was changed or cut short: {0}")]
    Damaged(String),
    /// It unpacks to more than any run reads.
    #[error("it unpacks to more than {MAX_BODY} bytes, which no run reads")]
    TooLarge,
}

#[derive(RlpEncodable, RlpDecodable)]
struct Body {
    chain_id: u64,
    header: Header,
    accounts: Vec<AccountRow>,
    slots: Vec<SlotRow>,
    codes: Vec<Bytes>,
    hashes: Vec<HashRow>,
}

#[derive(RlpEncodable, RlpDecodable)]
struct AccountRow {
    at: Address,
    exists: bool,
    nonce: u64,
    balance: U256,
    code_hash: B256,
}

#[derive(RlpEncodable, RlpDecodable)]
struct SlotRow {
    at: Address,
    slot: U256,
    word: U256,
}

#[derive(RlpEncodable, RlpDecodable)]
struct HashRow {
    number: u64,
    hash: B256,
}

impl StateSnapshot {
    /// The chain's id.
    pub const fn chain_id(&self) -> u64 {
        self.chain_id
    }

    /// The header whose state this is.
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// Accounts and slots in it.
    pub fn len(&self) -> (usize, usize) {
        (self.kept.accounts.len(), self.kept.slots.len())
    }

    /// Whether nothing was read.
    pub fn is_empty(&self) -> bool {
        self.len() == (0, 0)
    }

    /// The file: the same for the same contents.
    ///
    /// # Errors
    /// When it cannot be compressed, which takes a lack of memory.
    pub fn encode(&self) -> std::io::Result<Vec<u8>> {
        let Kept { accounts, slots, codes, hashes } = self.kept.clone();
        let account = |(at, account): (Address, Option<Account>)| {
            let Account { nonce, balance, code_hash } = account.unwrap_or(NO_ACCOUNT);
            AccountRow { at, exists: account.is_some(), nonce, balance, code_hash }
        };
        let body = Body {
            chain_id: self.chain_id,
            header: self.header.clone(),
            accounts: accounts.into_iter().map(account).collect(),
            slots: slots.into_iter().map(|((at, slot), word)| SlotRow { at, slot, word }).collect(),
            codes: codes.into_values().collect(),
            hashes: hashes.into_iter().map(|(number, hash)| HashRow { number, hash }).collect(),
        };
        let mut rlp = Vec::new();
        body.encode(&mut rlp);
        let mut packer = DeflateEncoder::new(Vec::new(), Compression::best());
        packer.write_all(&rlp)?;
        let packed = packer.finish()?;
        let checksum = keccak256(&packed);
        Ok([&MAGIC[..], &VERSION.to_be_bytes(), checksum.as_slice(), &packed].concat())
    }

    /// Reads what [`Self::encode`] wrote.
    ///
    /// # Errors
    /// When it is something else, of another version, changed or cut.
    pub fn decode(file: &[u8]) -> Result<Self, SnapshotError> {
        let damaged = |fault: String| SnapshotError::Damaged(fault);
        let (magic, rest) = file.split_first_chunk::<8>().ok_or(SnapshotError::Magic)?;
        if magic != MAGIC {
            return Err(SnapshotError::Magic);
        }
        let cut = || damaged(format!("{} bytes are less than the {HEAD} of its head", file.len()));
        let (version, rest) = rest.split_first_chunk::<4>().ok_or_else(cut)?;
        let found = u32::from_be_bytes(*version);
        if found != VERSION {
            return Err(SnapshotError::Version { found });
        }
        let (checksum, packed) = rest.split_first_chunk::<32>().ok_or_else(cut)?;
        if keccak256(packed) != B256::from(checksum) {
            return Err(damaged("its contents do not have the checksum in its head".to_owned()));
        }
        let mut rlp = Vec::new();
        let unpacked = DeflateDecoder::new(packed).take(MAX_BODY + 1).read_to_end(&mut rlp);
        let unpacked = unpacked.map_err(|fault| damaged(fault.to_string()))?;
        if unpacked as u64 > MAX_BODY {
            return Err(SnapshotError::TooLarge);
        }
        let mut left = &rlp[..];
        let body = Body::decode(&mut left).map_err(|fault| damaged(fault.to_string()))?;
        if !left.is_empty() {
            return Err(damaged(format!("{} bytes too many", left.len())));
        }
        let account = |row: AccountRow| {
            let AccountRow { at, exists, nonce, balance, code_hash } = row;
            (at, exists.then_some(Account { nonce, balance, code_hash }))
        };
        let kept = Kept {
            accounts: body.accounts.into_iter().map(account).collect(),
            slots: body.slots.into_iter().map(|row| ((row.at, row.slot), row.word)).collect(),
            codes: body.codes.into_iter().map(|code| (keccak256(&code), code)).collect(),
            hashes: body.hashes.into_iter().map(|row| (row.number, row.hash)).collect(),
        };
        Ok(Self { chain_id: body.chain_id, header: body.header, kept })
    }
}

const NO_ACCOUNT: Account = Account { nonce: 0, balance: U256::ZERO, code_hash: B256::ZERO };

impl StateSource for StateSnapshot {
    fn account(&self, at: Address) -> Result<Option<Account>, SourceError> {
        let reason = || "the run that made the snapshot did not read it".to_owned();
        self.kept
            .accounts
            .get(&at)
            .copied()
            .ok_or_else(|| SourceError::Account { at, reason: reason() })
    }

    fn storage(&self, at: Address, slot: U256) -> Result<U256, SourceError> {
        let reason = || "the run that made the snapshot did not read it".to_owned();
        let found = self.kept.slots.get(&(at, slot)).copied();
        found.ok_or_else(|| SourceError::Slot { at, slot, reason: reason() })
    }

    fn code(&self, hash: B256) -> Result<Bytes, SourceError> {
        self.kept.codes.get(&hash).cloned().ok_or(SourceError::Code { hash })
    }

    fn block_hash(&self, number: u64) -> Result<B256, SourceError> {
        self.kept.hashes.get(&number).copied().ok_or(SourceError::Block { number })
    }
}
