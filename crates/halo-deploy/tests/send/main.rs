//! Sending for real: to anvil, through bad nodes, through ends of the process at every point.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod killed;
mod nodes;
mod pool;
mod proxy;
mod stage;
