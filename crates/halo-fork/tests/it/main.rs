//! The witness of mainnet block 24,628,607, when the file with it is there.
#![allow(clippy::unwrap_used, reason = "tests")]

mod mainnet;
