//! Reading a witness, from the JSON of `debug_executionWitness` or from the binary framing.

use crate::{
    framing,
    proved::{Checked, ProvedState},
};
use alloy_consensus::{Block, BlockHeader, Header, TxEnvelope};
use alloy_primitives::{B256, Bytes, keccak256, map::B256Map};
use alloy_rlp::Decodable;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A file larger than this is not read as a witness: the largest of mainnet are some tens of megabytes.
pub const MAX_BYTES: u64 = 1 << 30;

/// A block of the chain with its transactions.
pub type SignedBlock = Block<TxEnvelope>;

/// What executing one block needs to know of the state before it. Nothing of it is proved yet.
#[derive(Debug, Clone, Default)]
pub struct Witness {
    /// The block that it is for; the JSON form does not hold it.
    pub block: Option<SignedBlock>,
    /// Trie nodes, RLP.
    pub state: Vec<Bytes>,
    /// Contract codes.
    pub codes: Vec<Bytes>,
    /// Addresses and slots that were read, not hashed. A hint: nothing is believed because of it.
    pub keys: Vec<Bytes>,
    /// RLP of headers: the parent of the block, and before it as far back as `BLOCKHASH` looked.
    pub headers: Vec<Bytes>,
}

/// Why a witness proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WitnessError {
    /// The binary framing is broken.
    #[error("the framing is broken at byte {at}: {what}")]
    Framing {
        /// Offset in the file.
        at: usize,
        /// How.
        what: String,
    },
    /// The JSON is not that of `debug_executionWitness`.
    #[error("this is not an execution witness: {0}")]
    Json(String),
    /// Some RLP does not decode.
    #[error("{what} is damaged: {fault}")]
    Rlp {
        /// What it should be.
        what: String,
        /// What the decoder said.
        fault: String,
    },
    /// There is no header to prove against.
    #[error(
        "the witness has no header; add that of the block whose state it describes, RLP, to `headers`"
    )]
    NoHeader,
    /// The headers are not a chain.
    #[error(
        "the header of block {number} ({hash}) is not the parent of block {child}, which names {wanted}: one of them was changed"
    )]
    Chain {
        /// Number in the header.
        number: u64,
        /// Its hash as computed.
        hash: B256,
        /// The block that should follow.
        child: u64,
        /// The parent hash in it.
        wanted: B256,
    },
    /// The hash is not the one trusted.
    #[error(
        "block {number} has the hash {found}, but {trusted} is trusted: this is another block, or its header was changed"
    )]
    NotTrusted {
        /// The block.
        number: u64,
        /// Its hash as computed.
        found: B256,
        /// What was asked for.
        trusted: B256,
    },
    /// A part of the block is not what its header says.
    #[error("the {part} of block {number} have the root {found}, but its header says {wanted}")]
    Body {
        /// The block.
        number: u64,
        /// "transactions", "ommers" or "withdrawals".
        part: &'static str,
        /// Computed.
        found: B256,
        /// In the header.
        wanted: B256,
    },
    /// Something in the witness belongs to nothing.
    #[error(
        "{what} {hash} belongs to nothing in the state {root}: it was changed or is not of this block"
    )]
    Orphan {
        /// "the trie node" or "the code".
        what: &'static str,
        /// Its hash as computed.
        hash: B256,
        /// The state root.
        root: B256,
    },
    /// The trie is broken where it should not be.
    #[error("the state {root} cannot be walked: {fault}")]
    Trie {
        /// The root.
        root: B256,
        /// Where and how.
        fault: String,
    },
}

#[derive(Deserialize)]
struct Json {
    state: Vec<Bytes>,
    codes: Vec<Bytes>,
    #[serde(default)]
    keys: Vec<Bytes>,
    #[serde(default)]
    headers: Vec<Bytes>,
}

impl Witness {
    /// Reads either form: JSON begins with a brace.
    ///
    /// # Errors
    /// When it is neither, or cut short.
    pub fn decode(file: &[u8]) -> Result<Self, WitnessError> {
        match file.trim_ascii_start().first() {
            Some(b'{') => Self::from_json(file),
            _ => Self::from_frames(file),
        }
    }

    /// Reads the answer of `debug_executionWitness`, bare or as a JSON-RPC response. It holds no block.
    ///
    /// # Errors
    /// When the JSON is of another shape.
    pub fn from_json(file: &[u8]) -> Result<Self, WitnessError> {
        let json = |fault: serde_json::Error| WitnessError::Json(fault.to_string());
        let mut value: serde_json::Value = serde_json::from_slice(file).map_err(json)?;
        if let Some(result) = value.get_mut("result") {
            value = result.take();
        }
        let Json { state, codes, keys, headers } = serde_json::from_value(value).map_err(json)?;
        Ok(Self { block: None, state, codes, keys, headers })
    }

    /// Reads the binary framing of a block with its witness.
    ///
    /// # Errors
    /// When a frame is cut or the block does not decode.
    pub fn from_frames(file: &[u8]) -> Result<Self, WitnessError> {
        let frames = framing::decode(file)?;
        let block = exactly(&frames.block, || "the block".to_owned())?;
        Ok(Self {
            block: Some(block),
            state: frames.state,
            codes: frames.codes,
            keys: frames.keys,
            headers: frames.headers,
        })
    }

    /// Checks everything that can be checked and gives out the state as proved.
    ///
    /// The headers must be a chain up to the block, if there is one, whose parts must have the roots in its header.
    /// Every trie node must hang on the state root of the youngest header, every code must belong to an account.
    /// `trusted` is the hash of the block, or of the header whose state this is; without it the state is proved for a
    /// hash that the caller must compare himself.
    ///
    /// # Errors
    /// What does not hold, by name.
    pub fn prove(self, trusted: Option<B256>) -> Result<ProvedState, WitnessError> {
        let headers = self.headers.iter().enumerate().map(|(place, bytes)| {
            let header: Header = exactly(bytes, || format!("header number {place}"))?;
            Ok((header, keccak256(bytes)))
        });
        let mut headers: Vec<(Header, B256)> = headers.collect::<Result<_, WitnessError>>()?;
        headers.sort_by_key(|(header, _)| header.number);

        let block_hash = self.block.as_ref().map(|block| block.header.hash_slow());
        let mut ancestors = BTreeMap::new();
        let mut child = self.block.as_ref().map(|block| (block.number(), block.parent_hash()));
        for (header, hash) in headers.iter().rev() {
            let number = header.number;
            if let Some((child, wanted)) = child
                && (wanted != *hash || number.checked_add(1) != Some(child))
            {
                return Err(WitnessError::Chain { number, hash: *hash, child, wanted });
            }
            ancestors.insert(number, *hash);
            child = Some((number, header.parent_hash));
        }
        if let Some((number, hash)) = child.and_then(|(n, hash)| Some((n.checked_sub(1)?, hash))) {
            ancestors.insert(number, hash);
        }
        let (header, hash) = headers.pop().ok_or(WitnessError::NoHeader)?;
        if let Some(block) = &self.block {
            check_body(block)?;
        }
        match (trusted, block_hash) {
            (Some(trusted), Some(found)) if trusted != found && trusted != hash => {
                let number = self.block.as_ref().map_or(0, |block| block.number());
                return Err(WitnessError::NotTrusted { number, found, trusted });
            }
            (Some(trusted), None) if trusted != hash => {
                return Err(WitnessError::NotTrusted {
                    number: header.number,
                    found: hash,
                    trusted,
                });
            }
            _ => {}
        }
        let codes: B256Map<Bytes> =
            self.codes.into_iter().map(|code| (keccak256(&code), code)).collect();
        ProvedState::new(Checked {
            header,
            hash,
            block: self.block,
            nodes: self.state,
            codes,
            keys: self.keys,
            ancestors,
        })
    }
}

fn check_body(block: &SignedBlock) -> Result<(), WitnessError> {
    use alloy_consensus::proofs;
    let number = block.number();
    let wrong = |part, found: B256, wanted: B256| match found == wanted {
        true => Ok(()),
        false => Err(WitnessError::Body { number, part, found, wanted }),
    };
    let body = &block.body;
    wrong(
        "transactions",
        proofs::calculate_transaction_root(&body.transactions),
        block.transactions_root(),
    )?;
    wrong("ommers", proofs::calculate_ommers_root(&body.ommers), block.ommers_hash())?;
    let withdrawals = body.withdrawals.as_ref();
    let found = withdrawals.map(|list| proofs::calculate_withdrawals_root(list));
    wrong("withdrawals", found.unwrap_or_default(), block.withdrawals_root().unwrap_or_default())
}

/// Decodes the whole of `bytes`.
pub(crate) fn exactly<T: Decodable>(
    mut bytes: &[u8],
    what: impl Fn() -> String,
) -> Result<T, WitnessError> {
    let rlp = |fault: String| WitnessError::Rlp { what: what(), fault };
    let value = T::decode(&mut bytes).map_err(|fault| rlp(fault.to_string()))?;
    match bytes.len() {
        0 => Ok(value),
        more => Err(rlp(format!("{more} bytes too many"))),
    }
}
