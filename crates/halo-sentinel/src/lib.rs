//! Who decides: lpha-lcts rules and the Prime formation; pure functions of a view of the chain.
//!
//! - [`lcts`]: what a Unit's queues and epochs do, to the wei, and the beacon that settles them.
//! - [`prime`]: a Prime's formation: detect, validate, allocate, execute, and its warden.
//! - [`rate_limit`]: one key of `RateLimits`.
//! - [`view`]: a Unit as the chain shows it.
//! - [`encode`]: decisions as calls to the contracts.
//! - [`math`]: integer arithmetic with stated rounding.
//!
//! Nothing here reads a clock, a file or a chain, and nothing is random: whoever runs it, in a
//! simulation or against a live node, brings the views and carries out the acts.

pub mod encode;
pub mod lcts;
pub mod math;
pub mod prime;
pub mod rate_limit;
pub mod view;
