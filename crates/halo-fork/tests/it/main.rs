//! Witnesses: made here, changed on purpose, and the one of a mainnet block when the file with it is there.
#![allow(clippy::unwrap_used, reason = "tests")]

mod assume;
mod made;
mod mainnet;
mod node;
mod rpc;
mod snapshot;
