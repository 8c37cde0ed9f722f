//! The rows of a [`super::Run`].

use alloy_primitives::{Address, B256, I256, U256};
use halo_sentinel::lcts::epoch::EpochInput;
use serde::{Deserialize, Serialize};

use crate::Bound;

/// Numbers beyond 64 bits as decimal strings.
pub(crate) mod decimal {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use std::{fmt::Display, str::FromStr};

    pub(crate) fn serialize<T: ToString, S: Serializer>(
        value: &T,
        out: S,
    ) -> Result<S::Ok, S::Error> {
        out.serialize_str(&value.to_string())
    }

    pub(crate) fn deserialize<'de, T, D>(from: D) -> Result<T, D::Error>
    where
        T: FromStr<Err: Display>,
        D: Deserializer<'de>,
    {
        let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
        text.parse().map_err(D::Error::custom)
    }

    /// The same where there may be none.
    pub(crate) mod option {
        use alloy_primitives::U256;
        use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

        pub(crate) fn serialize<S: Serializer>(
            value: &Option<U256>,
            out: S,
        ) -> Result<S::Ok, S::Error> {
            value.map(|value| value.to_string()).serialize(out)
        }

        pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
            from: D,
        ) -> Result<Option<U256>, D::Error> {
            let text = Option::<String>::deserialize(from)?;
            text.map(|text| text.parse().map_err(D::Error::custom)).transpose()
        }
    }
}

/// A Unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitInfo {
    /// `class/unit`, unique in the run; rows name it by its place in the list.
    pub slug: String,
    /// Its Class.
    pub class: String,
    /// The HaloUnit.
    pub address: Address,
    /// unitId
    pub id: B256,
    /// Symbol of the asset that it takes and pays.
    pub asset: String,
    /// The asset's decimals.
    pub decimals: u8,
    /// Its rank in the Book: 0 takes losses first.
    pub tranche: u8,
    /// Whether the Units of its Class rank one above the other.
    pub is_ranked: bool,
    /// The most that it may hold.
    #[serde(with = "decimal")]
    pub cap: U256,
}

/// A Prime.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrimeInfo {
    /// Its slug, unique in the run; rows name it by its place in the list.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// The most that it really wants in all Units together.
    #[serde(with = "decimal")]
    pub appetite: U256,
    /// How many times that it asks for, basis points; 10,000 for an honest one.
    pub asks_bps: u32,
}

/// A request of the first day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inflow {
    /// When, UTC seconds.
    pub at: u64,
    /// Which Prime.
    pub prime: usize,
    /// Which Unit.
    pub unit: usize,
    /// How much.
    #[serde(with = "decimal")]
    pub amount: U256,
}

/// A limit over the first day, up to the lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitUse {
    /// Which Prime.
    pub prime: usize,
    /// Which Unit; `None` for a limit over all of them.
    pub unit: Option<usize>,
    /// Which limit.
    pub limit: Bound,
    /// What it allowed when the Unit went live.
    #[serde(with = "decimal")]
    pub at_start: U256,
    /// What it allowed up to the lock, refills included. The largest number there is stands for no bound.
    #[serde(with = "decimal")]
    pub available: U256,
    /// What was used of it.
    #[serde(with = "decimal")]
    pub used: U256,
}

/// A Prime and a Unit on one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrimeDay {
    /// Which day.
    pub day: u32,
    /// Which Prime.
    pub prime: usize,
    /// Which Unit.
    pub unit: usize,
    /// Short of what it would like to have, at its first look.
    #[serde(with = "decimal")]
    pub wanted: U256,
    /// Put into the queue.
    #[serde(with = "decimal")]
    pub queued: U256,
    /// Converted by the settlement.
    #[serde(with = "decimal")]
    pub settled: U256,
    /// Still waiting at the end of the day.
    #[serde(with = "decimal")]
    pub left: U256,
    /// Worth of the shares that it asked to redeem.
    #[serde(with = "decimal")]
    pub redeeming: U256,
    /// Paid for shares.
    #[serde(with = "decimal")]
    pub redeemed: U256,
    /// Shares that it has at the end of the day, 18 decimals.
    #[serde(with = "decimal")]
    pub shares: U256,
    /// Worth of them.
    #[serde(with = "decimal")]
    pub value: U256,
    /// What kept it from queueing more: `Appetite` if nothing did.
    pub bound: Bound,
    /// Why it did not take the Unit for a deployment target; empty if it did.
    pub refused: Vec<String>,
    /// Gas of its transactions.
    pub gas: u64,
}

/// A Unit on one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitDay {
    /// Which day.
    pub day: u32,
    /// Which Unit.
    pub unit: usize,
    /// When the queues were locked, UTC seconds; `None` if they were not.
    pub locked_at: Option<u64>,
    /// When the epoch was settled, UTC seconds; `None` if it was not.
    pub settled_at: Option<u64>,
    /// What waited in the subscribe queue at the lock.
    #[serde(with = "decimal")]
    pub queued: U256,
    /// What the settlement converted.
    #[serde(with = "decimal")]
    pub settled: U256,
    /// What waits to subscribe at the end of the day.
    #[serde(with = "decimal")]
    pub left: U256,
    /// Worth of the shares that wait for redemption at the end of the day.
    #[serde(with = "decimal")]
    pub redeeming: U256,
    /// Paid to redeemers.
    #[serde(with = "decimal")]
    pub redeemed: U256,
    /// Asset worth of 1e18 shares, 18 decimals.
    #[serde(with = "decimal")]
    pub exchange_rate: U256,
    /// Worth of all shares.
    #[serde(with = "decimal")]
    pub value: U256,
    /// What of the Class's value ranks below it, basis points, floor; `None` for equity and where Units rank alike.
    pub cover_bps: Option<u16>,
    /// Net asset value of its Class.
    #[serde(with = "decimal")]
    pub nav: U256,
    /// What of it the Class has at hand.
    #[serde(with = "decimal")]
    pub liquid: U256,
    /// What of it is with the manager, at the manager's own value.
    #[serde(with = "decimal")]
    pub deployed: U256,
    /// What kept the settlement from converting more: `Queue`, `Capacity`, `EpochCap`, `UnitCap`, `Cover`, or `NotSettled`.
    pub bound: Bound,
    /// Its state, such as `Active`.
    pub state: String,
}

/// A settlement, and all that it was computed from: whoever has the row can compute it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettlementRow {
    /// Which day.
    pub day: u32,
    /// Which Unit.
    pub unit: usize,
    /// When, UTC seconds.
    pub at: u64,
    /// The epoch.
    pub epoch: u64,
    /// What it started from. Amounts in the Unit's own asset and in shares.
    #[serde(with = "SettlementInput")]
    pub input: EpochInput,
    /// What the chain's event says came of it.
    pub outcome: SettlementOutcome,
    /// What became of each Prime's place in the queues.
    pub parts: Vec<PartRow>,
    /// Gas of the transaction.
    pub gas: u64,
}

/// How a document writes what a settlement starts from.
#[derive(Serialize, Deserialize)]
#[serde(remote = "EpochInput")]
struct SettlementInput {
    #[serde(with = "decimal")]
    subscribe_total: U256,
    #[serde(with = "decimal")]
    redeem_total: U256,
    #[serde(with = "decimal")]
    index: U256,
    asset_decimals: u8,
    #[serde(with = "decimal")]
    total_supply: U256,
    takes_subscribers: bool,
    #[serde(with = "decimal")]
    subscribe_capacity: U256,
    #[serde(with = "decimal")]
    redeem_capacity: U256,
    #[serde(with = "decimal")]
    cap: U256,
    #[serde(with = "decimal")]
    epoch_subscribe_cap: U256,
    #[serde(with = "decimal")]
    epoch_redeem_cap: U256,
    #[serde(with = "decimal")]
    redeem_liquidity: U256,
    #[serde(with = "decimal")]
    subscribe_headroom: U256,
    #[serde(with = "decimal")]
    redeem_headroom: U256,
}

/// What a settlement moved, in the Unit's asset and in shares, by the chain's own event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(
    missing_docs,
    reason = "each is the field of the same name of `halo_sentinel::lcts::epoch::Settlement`"
)]
pub struct SettlementOutcome {
    #[serde(with = "decimal")]
    pub netted: U256,
    #[serde(with = "decimal")]
    pub subscribe_extra: U256,
    #[serde(with = "decimal")]
    pub shares_minted: U256,
    #[serde(with = "decimal")]
    pub redeem_extra: U256,
    #[serde(with = "decimal")]
    pub shares_burned: U256,
}

/// A Prime's place in the queues before and after a settlement, in the Unit's asset and in shares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartRow {
    /// Which Prime.
    pub prime: usize,
    /// Assets that waited.
    #[serde(with = "decimal")]
    pub asked: U256,
    /// Assets that still wait.
    #[serde(with = "decimal")]
    pub left: U256,
    /// Shares that waited for redemption.
    #[serde(with = "decimal")]
    pub redeeming: U256,
    /// Shares that still wait.
    #[serde(with = "decimal")]
    pub redeeming_left: U256,
}

/// A limit that bound a Prime.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BindingRow {
    /// Which Prime; `None` for what bound a settlement.
    pub prime: Option<usize>,
    /// Which Unit; `None` for a limit over all of them.
    pub unit: Option<usize>,
    /// The limit.
    pub by: Bound,
    /// On how many days.
    pub days: u32,
    /// The first of them.
    pub first_day: u32,
    /// The last of them.
    pub last_day: u32,
    /// The highest yield that one dollar more would have brought, millionths a year.
    pub price_ppm: u64,
}

/// A loss and what it did to one tranche.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LossRow {
    /// On which day it was reported.
    pub day: u32,
    /// Whose tranche.
    pub unit: usize,
    /// What the whole Class lost.
    #[serde(with = "decimal")]
    pub class_loss: U256,
    /// Worth of the tranche before.
    #[serde(with = "decimal")]
    pub before: U256,
    /// Worth of it after.
    #[serde(with = "decimal")]
    pub after: U256,
}

/// How evenly everybody was served.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Fairness {
    /// Parts of settlements that were compared with their pro rata.
    pub checked: u64,
    /// The largest distance between a Prime's part and its exact pro rata, wei of the Unit's asset or of shares.
    #[serde(with = "decimal")]
    pub worst_wei: U256,
    /// Lorenz curve: Primes by what they got for what they asked, least first.
    pub lorenz: Vec<LorenzRow>,
    /// Gini coefficient of settled over asked, basis points, floor.
    pub gini_bps: u32,
    /// What those gained who asked for more than they wanted.
    pub over_asking: Vec<OverAskingRow>,
}

/// A point of the Lorenz curve.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LorenzRow {
    /// Which Prime.
    pub prime: usize,
    /// What it asked for in all settlements.
    #[serde(with = "decimal")]
    pub asked: U256,
    /// What it got.
    #[serde(with = "decimal")]
    pub settled: U256,
    /// Asked by it and everybody before it, basis points of all.
    pub asked_bps: u32,
    /// Settled for it and everybody before it, basis points of all.
    pub settled_bps: u32,
}

/// What a Prime gained by asking for more than it wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OverAskingRow {
    /// Which Prime.
    pub prime: usize,
    /// How many times its appetite it asked for, basis points.
    pub asks_bps: u32,
    /// What it got.
    #[serde(with = "decimal")]
    pub settled: U256,
    /// What it would have got in the same settlements with a request of what it wanted.
    #[serde(with = "decimal")]
    pub honest: U256,
    /// The difference, at the others' expense.
    #[serde(with = "decimal")]
    pub gain: U256,
    /// What is left of it in the same run with its deposit limits at what it really wants, where that was run.
    #[serde(default, with = "decimal::option", skip_serializing_if = "Option::is_none")]
    pub remedied: Option<U256>,
}

/// Something out of the ordinary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// Which day.
    pub day: u32,
    /// When, UTC seconds.
    pub at: u64,
    /// What kind: `shock`, `attack`, `halt`, `governance`, `stream`, `report` or `fault`.
    pub kind: String,
    /// Who it came from or fell upon.
    pub who: String,
    /// What happened.
    pub what: String,
    /// For an attack: whether the chain refused it.
    pub refused: Option<bool>,
}

/// How long a rogue operator could act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShutdownRow {
    /// Which Prime's relayer.
    pub prime: usize,
    /// From when, UTC seconds.
    pub from: u64,
    /// Seconds until it was out.
    pub time: u64,
    /// What it moved.
    #[serde(with = "decimal")]
    pub moved: U256,
    /// Rate limit × time.
    #[serde(with = "decimal")]
    pub rate_times_time: U256,
    /// What the limits held, and that.
    #[serde(with = "decimal")]
    pub bound: U256,
    /// Whether it moved no more than the bound.
    pub is_within: bool,
}

/// What a Prime's stream proposed and earned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamRow {
    /// Which Prime.
    pub prime: usize,
    /// The stream's part of what it earns beyond the public strategy, basis points.
    pub fee_bps: u16,
    /// Intents that base carried out.
    pub accepted: u64,
    /// Why it refused others, and how many for each reason.
    pub refused: Vec<(String, u64)>,
    /// Looks at which the stream had fallen silent and base went by the public strategy.
    pub silent: u64,
    /// What the Prime earned, after the cost of drawn USDS.
    #[serde(with = "decimal")]
    pub actual: I256,
    /// What the public strategy would have earned.
    #[serde(with = "decimal")]
    pub counterfactual: I256,
    /// (actual − counterfactual) × fee, never below zero.
    #[serde(with = "decimal")]
    pub carry: U256,
}

/// What was checked after settlements.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Invariants {
    /// After each how many-th settlement; 0 for never.
    pub every: u32,
    /// Settlements after which they were checked.
    pub settlements: u64,
    /// Each by its name, and how often it was checked.
    pub checked: Vec<(String, u64)>,
    /// What was broken.
    pub broken: Vec<BrokenRow>,
}

/// A sentence that was not true.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrokenRow {
    /// Which day.
    pub day: u32,
    /// Of which Unit.
    pub unit: usize,
    /// The sentence.
    pub name: String,
    /// What was found.
    pub found: String,
}

/// Where all money is at the end, against where it came from. Dollars of 18 decimals, to the wei.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conservation {
    /// Who has how much, USDS, DAI and USDC added up.
    pub parties: Vec<PartyRow>,
    /// The sum over the parties.
    #[serde(with = "decimal")]
    pub sum: U256,
    /// What there was at the start.
    #[serde(with = "decimal")]
    pub genesis: U256,
    /// Drawn by the Primes from their vaults, less what they paid back.
    #[serde(with = "decimal")]
    pub drawn: I256,
    /// DAI that the PSM made ready.
    #[serde(with = "decimal")]
    pub psm: I256,
    /// What managers and other targets earned.
    #[serde(with = "decimal")]
    pub gains: U256,
    /// What they lost.
    #[serde(with = "decimal")]
    pub losses: U256,
    /// genesis + drawn + psm + gains − losses = sum, and no token is anywhere else.
    pub holds: bool,
}

/// What one party has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartyRow {
    /// Who, in words.
    pub party: String,
    /// How much.
    #[serde(with = "decimal")]
    pub amount: U256,
}

/// An expectation and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpectationRow {
    /// As it stands in the scenario.
    pub text: String,
    /// Whether it held.
    pub holds: bool,
    /// What was found.
    pub found: String,
    /// The day that decided.
    pub day: Option<u32>,
    /// What led to it, oldest first.
    pub trace: Vec<TraceRow>,
}

/// A line of a trace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceRow {
    /// Which day.
    pub day: u32,
    /// When, UTC seconds.
    pub at: u64,
    /// Who.
    pub who: String,
    /// What it did and why.
    pub what: String,
}

/// Sums over the whole run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Totals {
    /// Wanted at the first look of the first day.
    #[serde(with = "decimal")]
    pub wanted: U256,
    /// Queued on the first day.
    #[serde(with = "decimal")]
    pub day1_queued: U256,
    /// Settled on the first day.
    #[serde(with = "decimal")]
    pub day1_inflow: U256,
    /// Queued on all days.
    #[serde(with = "decimal")]
    pub queued: U256,
    /// Settled on all days.
    #[serde(with = "decimal")]
    pub settled: U256,
    /// Paid to redeemers on all days.
    #[serde(with = "decimal")]
    pub redeemed: U256,
    /// The most that ever waited at the end of a day.
    #[serde(with = "decimal")]
    pub max_unfilled: U256,
    /// Worth of all shares at the end.
    #[serde(with = "decimal")]
    pub value: U256,
    /// Transactions of agents.
    pub actions: u64,
    /// Gas of them.
    pub gas: u64,
}
