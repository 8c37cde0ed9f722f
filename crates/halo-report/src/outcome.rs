use alloy_primitives::U256;
use halo_sim::run::Run;

/// What one run of a sweep came to: all that the histograms need of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// What all chance was drawn from.
    pub seed: u64,
    /// Settled on the first day, dollars of 18 decimals.
    pub day1_inflow: U256,
    /// The most that ever waited at the end of a day, dollars of 18 decimals.
    pub max_unfilled: U256,
    /// Whether everything held.
    pub holds: bool,
}

impl From<&Run> for Outcome {
    fn from(run: &Run) -> Self {
        Self {
            seed: run.seed,
            day1_inflow: run.totals.day1_inflow,
            max_unfilled: run.totals.max_unfilled,
            holds: run.holds(),
        }
    }
}
