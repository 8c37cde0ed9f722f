//! A Prime's sentinel formation.
//!
//! | who | what | where |
//! |---|---|---|
//! | stl-base | finds Units and validates them | [`detect`], [`onboarding`] |
//! | | decides how much of each, and says why | [`portfolio`], [`programme`] |
//! | | carries it out within every limit | [`base`], [`schedule`], [`execute`], [`allocate`] |
//! | | keeps what the public strategy would have earned | [`carry`], [`forecast`] |
//! | stl-stream | proposes positions within its accord | [`stream`] |
//! | stl-warden | derives all of it again and halts | [`warden`], [`shutdown`] |
//!
//! A programme says how much over the whole horizon; [`allocate`] says how much of it every limit
//! lets through at one second, in integers, and nothing is sent that it did not let through.

pub mod allocate;
pub mod base;
pub mod carry;
pub mod detect;
pub mod execute;
#[cfg(test)]
mod fixtures;
pub mod forecast;
#[cfg(test)]
mod never_beyond;
pub mod onboarding;
pub mod portfolio;
pub mod programme;
pub mod schedule;
pub mod shutdown;
pub mod stream;
pub mod view;
pub mod warden;

pub use self::{
    allocate::{Allocation, Allowed, Appetite, Binding},
    execute::Act,
    onboarding::{OnboardingView, Requirement, Validation},
    view::{Case, MintCeiling, PrimeView, PsmView, Stake},
    warden::Breach,
};
use crate::math::OutOfRange;

/// What stl-base decided about one Unit, with its reasons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What it wanted, what allowed how much, what it chose.
    pub allocation: Allocation,
    /// What carries that out, in this order.
    pub acts: Vec<Act>,
}

/// Decides at `case.now`; `until` ends the span over which the allocation looks ahead.
///
/// # Errors
/// [`OutOfRange`] if a view holds numbers outside the range for which Units are made.
pub fn decide(case: &Case<'_>, until: u64) -> Result<Decision, OutOfRange> {
    let allocation = allocate::allocate(case, until)?;
    let acts = execute::execute(case.prime, case.unit, &allocation)?;
    Ok(Decision { allocation, acts })
}
