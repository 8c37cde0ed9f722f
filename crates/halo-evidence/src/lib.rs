//! What convinces a reviewer who was not there.
//!
//! Each module answers one question of a reviewer's list from the chain, the lock and the documents alone:
//! [`identify`] which code stands at an address, [`recompile`] whether its sources give it, [`survey`] what can be said of
//! a deployment that nobody left a manifest of, [`drift`] whether chain, manifest, spec and governance's [`wording`] still
//! say the same, [`bundle`] all that a reviewer ticks. For others to use: [`assertions`], [`registry`], [`sources`].

pub mod assertions;
pub mod bundle;
pub mod drift;
mod error;
pub mod identify;
pub mod recompile;
pub mod registry;
pub mod sources;
pub mod survey;
pub mod wording;

pub use error::{Error, Result};
