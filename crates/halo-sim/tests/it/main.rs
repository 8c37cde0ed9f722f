//! Scenarios from their files to their results, on the embedded chain.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod governance;
mod hostile;
mod kit;
mod presets;
mod stream;
mod truth;
