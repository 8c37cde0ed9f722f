//! What convinces a reviewer who was not there.
//!
//! Each module answers one question of a reviewer's list from the chain, the lock and the documents alone:
//! [`identify`] which code stands at an address, [`survey`] what can be said of a deployment that nobody left a manifest
//! of.

mod error;
pub mod identify;
pub mod recompile;
pub mod survey;

pub use error::{Error, Result};
