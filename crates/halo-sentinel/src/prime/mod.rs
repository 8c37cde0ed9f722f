//! A Prime's sentinel formation on Day 1: detect, validate, allocate, execute, and a warden that
//! checks the whole of it again.

pub mod allocate;
pub mod detect;
pub mod execute;
pub mod onboarding;
pub mod portfolio;
pub mod programme;
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
