//! Scenarios from their files to their results, on the embedded chain.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod hostile;
mod kit;
mod presets;
mod truth;
