//! Why a simulation stops.

use halo_sentinel::math::OutOfRange;

/// Why a simulation stops.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The chain could not be asked or refused a transaction.
    #[error(transparent)]
    Chain(#[from] halo_chain::Error),
    /// The chain shows numbers outside the range for which Units are made.
    #[error(transparent)]
    OutOfRange(#[from] OutOfRange),
    /// A Class cannot be planned or deployed.
    #[error(transparent)]
    Deploy(#[from] halo_deploy::Error),
    /// There is nothing to simulate.
    #[error("the scenario has no Class; name one under [[classes]]")]
    NoClass,
    /// The registry does not know the Prime.
    #[error(
        "{prime} is not registered in the UnitRegistry; the plan registers every Prime of the network"
    )]
    UnknownPrime {
        /// The Prime's slug.
        prime: String,
    },
    /// Nobody operates the Prime.
    #[error("{prime} has no relayer in the network file; add `relayer` to its table")]
    NoRelayer {
        /// The Prime's slug.
        prime: String,
    },
    /// The chain answered with a value that the contracts never give.
    #[error("{what} is {found}, which no contract of ours answers")]
    Unexpected {
        /// What was asked.
        what: &'static str,
        /// What came.
        found: String,
    },
    /// The run has come to the moment at which it shall stop: no fault, and never seen outside this crate.
    #[error("the run stops here")]
    Stopped,
    /// The settlement did not give what the rules foresaw.
    #[error("epoch {epoch} of {unit}: the beacon expected {expected}, the chain settled {found}")]
    Settlement {
        /// The Unit's address.
        unit: alloy_primitives::Address,
        /// The epoch.
        epoch: u64,
        /// What the reference model says.
        expected: String,
        /// What the event says.
        found: String,
    },
    /// More runs than a sweep can have.
    #[error(
        "a sweep has at most {} runs, and this one would have {all}; take fewer seeds or values",
        crate::sweep::MOST_RUNS
    )]
    TooManyRuns {
        /// How many it would have.
        all: usize,
    },
    /// A file of a sweep is none, or of another one.
    #[error("this is no part of the sweep: {what}")]
    Part {
        /// What is wrong with it.
        what: String,
    },
    /// A file cannot be made.
    #[error("the table cannot be written as Parquet: {what}")]
    File {
        /// Why.
        what: String,
    },
}

/// A result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;
