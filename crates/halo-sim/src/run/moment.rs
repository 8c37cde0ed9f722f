//! The rows of a [`super::Run`] that say how everything stands at one moment.

use alloy_primitives::U256;
use serde::{Deserialize, Serialize};

use super::rows::decimal;

/// Everything at one moment: where the run was stopped, or the end of its last day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// Which day.
    pub day: u32,
    /// When, UTC seconds.
    pub at: u64,
    /// Each Prime.
    pub primes: Vec<PrimeState>,
    /// Each Unit with its queues.
    pub queues: Vec<QueueState>,
    /// The Book of each Class.
    pub books: Vec<BookState>,
}

/// A Prime: money, debt, limits, and what it has of each Unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrimeState {
    /// Which Prime.
    pub prime: usize,
    /// Its relayer was taken out.
    pub is_halted: bool,
    /// USDS that it holds.
    #[serde(with = "decimal")]
    pub usds: U256,
    /// USDC that it holds, 18 decimals.
    #[serde(with = "decimal")]
    pub usdc: U256,
    /// What its vault owes.
    #[serde(with = "decimal")]
    pub debt: U256,
    /// What its debt ceiling lets it draw now.
    #[serde(with = "decimal")]
    pub may_draw: U256,
    /// LIMIT_USDS_MINT.
    pub mint: LimitState,
    /// LIMIT_USDS_TO_USDC, 18 decimals.
    pub swap: LimitState,
    /// What it has of each Unit.
    pub stakes: Vec<StakeState>,
}

/// A limit. The largest number there is stands for no bound.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitState {
    /// Its maximum.
    #[serde(with = "decimal")]
    pub max: U256,
    /// What it allows now.
    #[serde(with = "decimal")]
    pub available: U256,
    /// What comes back in a day.
    #[serde(with = "decimal")]
    pub per_day: U256,
}

/// What a Prime has of a Unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StakeState {
    /// Which Unit.
    pub unit: usize,
    /// Shares, 18 decimals.
    #[serde(with = "decimal")]
    pub shares: U256,
    /// Worth of them.
    #[serde(with = "decimal")]
    pub value: U256,
    /// What waits to subscribe.
    #[serde(with = "decimal")]
    pub waits: U256,
    /// Shares that it can claim.
    #[serde(with = "decimal")]
    pub claimable_shares: U256,
    /// Shares that wait for redemption.
    #[serde(with = "decimal")]
    pub redeeming_shares: U256,
    /// What was paid for shares and not claimed.
    #[serde(with = "decimal")]
    pub claimable: U256,
    /// Whether the Unit takes entries from it.
    pub is_entrant: bool,
    /// LIMIT_7540_DEPOSIT.
    pub deposit: LimitState,
    /// LIMIT_7540_REDEEM.
    pub redeem: LimitState,
}

/// A Unit and its queues.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueState {
    /// Which Unit.
    pub unit: usize,
    /// Its state, such as `Active`.
    pub state: String,
    /// Whether its queues are locked.
    pub is_locked: bool,
    /// The epoch.
    pub epoch: u64,
    /// When its queues were last locked, UTC seconds; 0 for never.
    pub last_lock_at: u64,
    /// When it last settled, UTC seconds; 0 for never.
    pub last_settle_at: u64,
    /// What waits to subscribe.
    #[serde(with = "decimal")]
    pub subscribe: U256,
    /// Shares that wait for redemption.
    #[serde(with = "decimal")]
    pub redeem_shares: U256,
    /// Its index in the Book, RAY.
    #[serde(with = "decimal")]
    pub index: U256,
    /// Its shares.
    #[serde(with = "decimal")]
    pub supply: U256,
    /// The most that it may hold. Here and below the largest number there is stands for no bound.
    #[serde(with = "decimal")]
    pub cap: U256,
    /// The most that an epoch takes in.
    #[serde(with = "decimal")]
    pub epoch_subscribe_cap: U256,
    /// What is set aside for redeemers.
    #[serde(with = "decimal")]
    pub redeem_liquidity: U256,
    /// What cover lets in.
    #[serde(with = "decimal")]
    pub subscribe_headroom: U256,
    /// What cover lets out.
    #[serde(with = "decimal")]
    pub redeem_headroom: U256,
}

/// The Book of a Class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookState {
    /// The Class.
    pub class: String,
    /// Net asset value.
    #[serde(with = "decimal")]
    pub nav: U256,
    /// What moment it speaks of, UTC seconds.
    pub as_of: u64,
    /// Whether it waits for its second key.
    pub is_under_review: bool,
    /// What the Class has at hand.
    #[serde(with = "decimal")]
    pub liquid: U256,
    /// What the manager has in positions.
    #[serde(with = "decimal")]
    pub deployed: U256,
    /// Payments that no position was confirmed for.
    #[serde(with = "decimal")]
    pub in_flight: U256,
    /// Worth of each tranche, equity first.
    pub tranches: Vec<String>,
}
