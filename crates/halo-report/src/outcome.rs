use alloy_primitives::U256;
use halo_sim::{
    run::Run,
    sweep::{Sweep, SweepRow},
};

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

impl From<&SweepRow> for Outcome {
    fn from(row: &SweepRow) -> Self {
        let dollars =
            |metric: &str| U256::from(row.metric(metric)) * U256::from(10).pow(U256::from(18));
        Self {
            seed: row.seed,
            day1_inflow: dollars("day1_inflow"),
            max_unfilled: dollars("max_unfilled"),
            holds: row.holds,
        }
    }
}

impl Outcome {
    /// The runs of a sweep's first variant: a histogram over runs of different settings would be of nothing.
    pub fn of_sweep(sweep: &Sweep) -> Vec<Self> {
        let Some(first) = sweep.rows.first() else { return Vec::new() };
        sweep.rows.iter().filter(|row| row.variant == first.variant).map(Self::from).collect()
    }
}
