//! What a simulation came to, as plain data: the one document that tables, files and the report page are made from.
//!
//! | field | what it is for |
//! |---|---|
//! | [`Run::inflow`] | the first day, second by second: who asked for how much of what |
//! | [`Run::limits`] | limits of the first day: available against used |
//! | [`Run::prime_days`], [`Run::unit_days`] | series: queue, settled, exchange rate, cover, value |
//! | [`Run::settlements`] | each settlement with all that it was computed from |
//! | [`Run::bindings`] | what bound whom, for how long and at which price |
//! | [`Run::losses`] | the waterfall of each loss, tranche by tranche |
//! | [`Run::fairness`] | Lorenz curve, deviation from pro rata, gain from over-asking |
//! | [`Run::incidents`] | shocks, attacks, halts |
//! | [`Run::moment`] | each Prime, queue, limit and Book at the moment at which the run was stopped |
//! | [`Run::streams`] | intents accepted and refused, profit against the public strategy's, carry |
//! | [`Run::invariants`], [`Run::conservation`], [`Run::expectations`] | what held |
//!
//! Money is dollars of 18 decimals whatever the asset of a Unit has; one USDS, DAI or USDC is one dollar. Large numbers
//! are decimal strings in JSON. Days count from 0; times are UTC seconds.

mod moment;
mod rows;

pub use moment::*;
pub use rows::*;

use serde::{Deserialize, Serialize};

/// The kind and version of the document.
pub const RUN_SCHEMA: &str = "halo-run/1";

/// A whole simulation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// [`RUN_SCHEMA`].
    pub schema: String,
    /// The scenario's name.
    pub scenario: String,
    /// What all chance was drawn from.
    pub seed: u64,
    /// When it began, UTC seconds.
    pub started_at: u64,
    /// Days that were simulated.
    pub days: u32,
    /// The Units.
    pub units: Vec<UnitInfo>,
    /// The Primes.
    pub primes: Vec<PrimeInfo>,
    /// Requests of the first day, in order.
    pub inflow: Vec<Inflow>,
    /// Limits of the first day.
    pub limits: Vec<LimitUse>,
    /// A row for each day on which something moved between a Prime and a Unit, and for the last day.
    pub prime_days: Vec<PrimeDay>,
    /// A row for each day and Unit.
    pub unit_days: Vec<UnitDay>,
    /// Every settlement, in order.
    pub settlements: Vec<SettlementRow>,
    /// What kept Primes from having more.
    pub bindings: Vec<BindingRow>,
    /// Losses and what they did to each tranche.
    pub losses: Vec<LossRow>,
    /// How evenly everybody was served.
    pub fairness: Fairness,
    /// Everything out of the ordinary, in order.
    pub incidents: Vec<Incident>,
    /// How long rogue operators could act.
    pub shutdowns: Vec<ShutdownRow>,
    /// What streams proposed and earned.
    #[serde(default)]
    pub streams: Vec<StreamRow>,
    /// What was checked after settlements.
    pub invariants: Invariants,
    /// Where all money is at the end.
    pub conservation: Conservation,
    /// The scenario's expectations and what came of them.
    pub expectations: Vec<ExpectationRow>,
    /// Sums.
    pub totals: Totals,
    /// What bound and why, in sentences.
    pub words: Vec<String>,
    /// Who did what, for the first day, for settlements, and for the Prime that was traced.
    #[serde(default)]
    pub trace: Vec<TraceRow>,
    /// How everything stands at the end, where the run was stopped or a Prime was traced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moment: Option<Moment>,
}

impl Run {
    /// Whether every expectation held, every invariant stands and no money is missing.
    pub fn holds(&self) -> bool {
        self.conservation.holds
            && self.first_failure().is_none()
            && self.invariants.broken.is_empty()
    }

    /// The first expectation, in the order of the file, that did not hold.
    pub fn first_failure(&self) -> Option<&ExpectationRow> {
        self.expectations.iter().find(|row| !row.holds)
    }
}
