//! Where things lie.

use std::path::{Path, PathBuf};

/// The root of the checkout.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// A program that npm installed.
pub(crate) fn npm_bin(name: &str) -> PathBuf {
    root().join("solidity/node_modules/.bin").join(name)
}
