//! Who decides: lpha-lcts rules and the Prime formation; pure functions of a view of the chain.

pub mod lcts;
pub mod math;
