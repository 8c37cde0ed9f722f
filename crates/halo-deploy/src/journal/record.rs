//! What a journal keeps of each act, written before the act that comes next.

use alloy_primitives::{Address, B256, Bytes, U256};
use halo_chain::node::{Fees, Mined};
use serde::{Deserialize, Serialize};

use crate::json::{checksum, decimal};

/// The schema that the first record names.
pub const JOURNAL_SCHEMA: &str = "halo.journal/1";

/// One line of a journal.
///
/// `step` is the step's id in the plan; of a step that takes several transactions, followed by `#` and the name of the
/// one that is meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "kind",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum Record {
    /// The first: what the journal is about.
    Opened {
        /// [`JOURNAL_SCHEMA`].
        schema: String,
        /// The chain's id.
        chain_id: u64,
        /// The Class, by slug.
        class: String,
        /// The plan that it was opened for.
        plan: B256,
    },
    /// The program begins to send what is left of a plan, which passed its rehearsal on the state after a block.
    Begun {
        /// The plan's digest.
        plan: B256,
        /// The block's number.
        block: u64,
    },
    /// A transaction is to be made. Its nonce stays the same whatever comes.
    Intent {
        /// The step.
        step: String,
        /// The step's digest.
        digest: B256,
        /// Who sends it.
        #[serde(with = "checksum")]
        from: Address,
        /// The sender's nonce.
        nonce: u64,
    },
    /// It is signed, and about to be handed to the nodes.
    Signed(Signature),
    /// A node has taken it.
    Sent {
        /// The step.
        step: String,
        /// The transaction.
        hash: B256,
    },
    /// It is signed again, to pay more for gas, and about to be handed to the nodes.
    Replaced(Signature),
    /// It is in a block.
    Mined {
        /// The step.
        step: String,
        /// The transaction: one of those that were signed for the step.
        hash: B256,
        /// The block's number.
        block: u64,
        /// The block's hash.
        block_hash: B256,
        /// The block's UTC second.
        timestamp: u64,
        /// Gas used.
        gas: u64,
    },
    /// The block is buried as deep as was asked for.
    Confirmed {
        /// The step.
        step: String,
        /// The transaction.
        hash: B256,
    },
    /// The block is not part of the chain any more; the transaction waits again.
    Reorganised {
        /// The step.
        step: String,
        /// The transaction.
        hash: B256,
        /// The block's number.
        block: u64,
    },
    /// Others must act, or time must pass, before these steps can be done.
    Awaited {
        /// The steps, and their digests.
        steps: Vec<(String, B256)>,
    },
    /// It came to nothing: it reverted, or its nonce went to another transaction. The step is not done.
    Failed {
        /// The step.
        step: String,
        /// Why.
        reason: String,
    },
}

/// A signed transaction. It is no secret: the nodes show it to everybody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Signature {
    /// The step.
    pub step: String,
    /// The transaction's hash.
    pub hash: B256,
    /// Its bytes, so that the same ones can be sent again.
    pub raw: Bytes,
    /// Its gas limit.
    pub gas: u64,
    /// The most that a unit of gas may cost, wei.
    #[serde(with = "decimal")]
    pub max_fee: U256,
    /// The tip on a unit of gas at most, wei.
    #[serde(with = "decimal")]
    pub tip: U256,
}

impl Signature {
    /// What it pays for gas.
    #[must_use]
    pub fn fees(&self) -> Fees {
        Fees { max: self.max_fee.saturating_to(), tip: self.tip.saturating_to() }
    }
}

impl Record {
    /// The record of a transaction in its block.
    pub(crate) fn mined(step: &str, mined: &Mined) -> Self {
        Self::Mined {
            step: step.to_owned(),
            hash: mined.hash,
            block: mined.block,
            block_hash: mined.block_hash,
            timestamp: mined.timestamp,
            gas: mined.gas,
        }
    }
}
