//! The built program against anvil: what it sends, what it asks before, and what it reads.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

#[path = "../it/place.rs"]
#[allow(dead_code, reason = "shared with the tests of the other commands")]
mod place;

mod gate;
mod killed;
mod leave;
mod page;
mod read;
mod signers;
mod stage;
mod terminal;
