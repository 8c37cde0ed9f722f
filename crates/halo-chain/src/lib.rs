//! Where code runs: one interface, [`Chain`], over an EVM inside the program, [`Embedded`], and a JSON-RPC node,
//! `Node` (feature `node`).
//!
//! The embedded chain starts from a [`Genesis`] with the Sky stand-ins and the Primes' PAUs at their mainnet
//! addresses, and is kept in a folder by a [`Store`]. Reverts, events and calls are put in words by [`decode`].

mod alloc;
mod chain;
pub mod decode;
mod embedded;
mod error;
pub mod genesis;
mod labels;
#[cfg(feature = "node")]
pub mod node;
mod source;
mod store;

pub use alloc::{Alloc, AllocAccount};
pub use chain::{Block, Chain, DEFAULT_GAS, Event, Filter, Receipt, TimeTravel, Tx};
pub use embedded::{
    EMBEDDED_CHAIN_ID, Embedded, Outcome, Senders, Sent, Snapshot, Status, Trace, now,
};
pub use error::{Error, ErrorClass, Reply, Result, Reverted};
pub use genesis::{Genesis, GenesisTerms, PrimePau, SkyTerms};
pub use labels::Labels;
#[cfg(feature = "node")]
pub use node::{Anvil, Node, NodeError};
pub use source::{Account, SourceDb, SourceError, StateSource, runtime_code};
pub use store::{StateError, Store};
