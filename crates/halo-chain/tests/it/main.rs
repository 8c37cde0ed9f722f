//! The crate as its users see it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

#[cfg(feature = "node")]
mod anvil;
mod decode;
mod embedded;
mod genesis;
mod kit;
mod store;
