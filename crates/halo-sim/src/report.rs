//! What Day 1 came to, as plain data. Amounts are in the base units of the Class's asset unless a field says
//! otherwise; in JSON they are decimal strings.

use alloy_primitives::{Address, B256, U256};
use serde::{Serialize, Serializer};

use crate::Bound;

/// The whole report.
#[derive(Debug, Clone, Serialize)]
pub struct Day1Report {
    /// The scenario's name.
    pub scenario: String,
    /// The asset's symbol.
    pub asset: String,
    /// The asset's decimals.
    pub decimals: u8,
    /// When the Primes saw the Units, UTC seconds.
    pub started_at: u64,
    /// The Units, in the order of the spec.
    pub units: Vec<UnitRow>,
    /// Each Prime in each Unit, Primes in the scenario's order.
    pub primes: Vec<PrimeRow>,
    /// Sums over Primes and Units.
    pub totals: Totals,
    /// Where every unit of the asset is at the end, against what the Primes put in.
    pub conservation: Conservation,
}

/// What a Unit's settlement did.
#[derive(Debug, Clone, Serialize)]
pub struct UnitRow {
    /// The Unit's slug.
    pub unit: String,
    /// The HaloUnit.
    #[serde(serialize_with = "shown")]
    pub address: Address,
    /// unitId
    pub id: B256,
    /// Its rank in the Book: 0 takes losses first.
    pub tranche: u8,
    /// When the queues were locked, UTC seconds; `None` if they were not.
    pub locked_at: Option<u64>,
    /// When the epoch was settled, UTC seconds; `None` if it was not.
    pub settled_at: Option<u64>,
    /// What waited in the subscribe queue at the lock.
    #[serde(serialize_with = "shown")]
    pub queued: U256,
    /// What the settlement converted.
    #[serde(serialize_with = "shown")]
    pub settled: U256,
    /// What still waits.
    #[serde(serialize_with = "shown")]
    pub left: U256,
    /// Shares minted, 18 decimals.
    #[serde(serialize_with = "shown")]
    pub shares: U256,
    /// What its shares are worth at the end of the day, by the Book.
    #[serde(serialize_with = "shown")]
    pub value: U256,
    /// What of the Class's value ranks below it, basis points, floor; `None` for equity and where Units rank alike.
    pub cover_bps: Option<u16>,
    /// What kept the settlement from converting more: `Queue`, `Capacity`, `EpochCap`, `UnitCap` or `Cover`.
    pub bound: Bound,
    /// Gas of the settlement.
    pub settle_gas: u64,
}

/// One limit as a Prime saw it.
#[derive(Debug, Clone, Serialize)]
pub struct LimitRow {
    /// Which limit.
    pub limit: Bound,
    /// What it allowed when the Unit went live.
    #[serde(serialize_with = "shown")]
    pub at_start: U256,
    /// What it allowed up to the lock, refills included.
    #[serde(serialize_with = "shown")]
    pub until_lock: U256,
}

/// What one Prime did about one Unit.
#[derive(Debug, Clone, Serialize)]
pub struct PrimeRow {
    /// The Prime's slug.
    pub prime: String,
    /// The Unit's slug.
    pub unit: String,
    /// Why the Prime did not take the Unit for a deployment target; empty if it did.
    pub refused: Vec<String>,
    /// What it wanted.
    #[serde(serialize_with = "shown")]
    pub wanted: U256,
    /// What each limit allowed. The largest number there is stands for no bound.
    pub allowed: Vec<LimitRow>,
    /// What it put into the queue.
    #[serde(serialize_with = "shown")]
    pub queued: U256,
    /// What of it the settlement converted.
    #[serde(serialize_with = "shown")]
    pub settled: U256,
    /// What of it still waits.
    #[serde(serialize_with = "shown")]
    pub left: U256,
    /// Shares that it claimed, 18 decimals.
    #[serde(serialize_with = "shown")]
    pub shares: U256,
    /// What kept it from queueing more: `Appetite` if nothing did.
    pub bound: Bound,
    /// Gas of its transactions: requests and claim.
    pub gas: u64,
}

/// Sums over Primes and Units.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Totals {
    /// Wanted.
    #[serde(serialize_with = "shown")]
    pub wanted: U256,
    /// Queued.
    #[serde(serialize_with = "shown")]
    pub queued: U256,
    /// Settled: the inflow of Day 1.
    #[serde(serialize_with = "shown")]
    pub settled: U256,
    /// Left in the queues.
    #[serde(serialize_with = "shown")]
    pub left: U256,
}

/// Where the asset is at the end of the day.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Conservation {
    /// What the Primes put into the queues.
    #[serde(serialize_with = "shown")]
    pub queued: U256,
    /// In the Class's ALMProxy, beyond what it held before.
    #[serde(serialize_with = "shown")]
    pub in_class: U256,
    /// In the queues, by balance.
    #[serde(serialize_with = "shown")]
    pub in_queues: U256,
    /// The two agree with what was put in, to the last unit.
    pub holds: bool,
}

fn shown<T: ToString, S: Serializer>(value: &T, out: S) -> Result<S::Ok, S::Error> {
    out.serialize_str(&value.to_string())
}
