//! Why a transaction is in no block, in words that say what to do.

use alloy_primitives::{Address, B256};
use halo_chain::node::KeyError;

/// Why a step could not be brought into a block. Nothing of it is lost: the journal knows how far it came.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Trouble {
    /// The nonce went to a transaction that is not ours.
    #[error(
        "its nonce {nonce} of {from} was used by {}, which this journal does not know: something else sends from this \
         account. The step was not done; sent again, it gets a new nonce",
        by.map_or_else(|| "another transaction".to_owned(), |hash| hash.to_string())
    )]
    NonceTaken {
        /// The account.
        from: Address,
        /// The nonce.
        nonce: u64,
        /// The transaction that has it, if it could be found.
        by: Option<B256>,
    },
    /// It waits longer than was asked for.
    #[error("{hash} was sent and is in no block after {seconds} s; the nodes {}", if *known { "have it" } else { "do not have it" })]
    NotMined {
        /// The transaction.
        hash: B256,
        /// How long it was waited for.
        seconds: u64,
        /// Whether a node has it.
        known: bool,
    },
    /// Gas costs more than was allowed.
    #[error("gas costs more than --max-fee allows: {max} wei a unit. The nodes say: {said}")]
    TooDear {
        /// The most that may be paid for a unit of gas, wei.
        max: u128,
        /// What the node said.
        said: String,
    },
    /// The sender cannot pay.
    #[error(
        "{from} has too little ether: the step may cost up to {needed} wei. The nodes say: {said}"
    )]
    Poor {
        /// The account.
        from: Address,
        /// What the gas may cost at most, with the value sent along, wei.
        needed: String,
        /// What the node said.
        said: String,
    },
    /// It has no key.
    #[error("{0}")]
    Key(#[from] KeyError),
    /// The rehearsal did not send it: the chain has changed since.
    #[error(
        "the rehearsal did not send this transaction: the chain has changed since, and it must be rehearsed again"
    )]
    NotRehearsed,
    /// No new blocks come, so that what was sent cannot be confirmed.
    #[error(
        "all is in blocks, but {waiting} of them are not as deep as --confirmations asks; no block came after {block} \
         in {seconds} s"
    )]
    Unconfirmed {
        /// How many are not deep enough.
        waiting: usize,
        /// The newest block.
        block: u64,
        /// How long it was waited for the next.
        seconds: u64,
    },
}
