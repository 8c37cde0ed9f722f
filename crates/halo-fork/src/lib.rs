//! State of a real chain, proved down to a block hash.
//!
//! A [`Witness`] is what a node hands out for one block: the trie nodes, codes and headers that executing it needs.
//! [`Witness::prove`] turns it into a [`ProvedState`], whose every answer is backed by a Merkle–Patricia proof against
//! the state root of a header whose hash is known. What the witness does not hold is a [`SourceError`](halo_chain::SourceError), never a zero.
//! [`replay`] executes the block again from that state and compares the result with the block's own header.

mod assume;
mod complete;
mod framing;
mod proved;
pub mod replay;
pub mod rpc;
mod snapshot;
mod survey;
mod trie;
mod whole;
mod witness;

pub use alloy_consensus::Header;
pub use assume::{AssumeError, Assumed, Assumption, Assumptions, Names};
pub use proved::ProvedState;
pub use snapshot::{Recorder, SnapshotError, StateSnapshot};
pub use survey::{ProvedAccount, ProvedSlot, Survey};
pub use whole::Whole;
pub use witness::{MAX_BYTES, SignedBlock, Witness, WitnessError};
