#![doc = include_str!("../README.md")]

pub mod artifact;
#[cfg(feature = "embed")]
mod audit;
pub mod catalog;
mod error;
mod kind;
pub mod lock;
mod tree;

#[cfg(feature = "compile")]
pub mod compile;

#[cfg(feature = "embed")]
pub mod bindings;
#[cfg(feature = "embed")]
pub mod template;

pub use artifact::{Artifact, StorageVariable};
pub use catalog::{CATALOG, Entry};
pub use error::{Error, Result};
pub use kind::Kind;
pub use lock::{Lock, LockedTemplate};
pub use tree::Tree;

#[cfg(feature = "embed")]
pub use template::{Template, UnknownTemplate};
