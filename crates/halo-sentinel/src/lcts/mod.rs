//! The Liquidity Constrained Token Standard: reference model and the beacon that settles it.

pub mod cover;
pub mod epoch;
pub mod invariants;
pub mod position;
pub mod product_sum;
pub mod queue;
pub mod settler;
