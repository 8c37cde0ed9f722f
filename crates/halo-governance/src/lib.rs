//! What others must sign: spells as Solidity that a reviewer can read, each with a forge test that runs it on the chain
//! that the plan leaves.
//!
//! A [`Scene`] is that chain with the record of what stands on it. [`generate`] writes a [`Spell`] for it: text from
//! `spells/*.sol.in`, compiled with the pinned compiler, searched for what a spell must not do, and asked for its calls,
//! which are shown decoded.

pub mod artifact;
mod error;
mod inspect;
mod kind;
mod plan_spells;
mod render;
pub mod sanity;
mod scene;
mod second;
mod spell;
mod tables;
mod terms;
mod words;

pub use error::{Error, Result};
pub use inspect::Action;
pub use kind::{Executor, SpellKind};
pub use plan_spells::plan_spells;
pub use scene::Scene;
pub use second::SecondController;
pub use spell::{Files, Spell, generate};
pub use terms::{Caps, Document, Terms};
pub use words::solidity_text;
