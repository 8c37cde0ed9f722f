//! A Unit and its Class as the chain shows them at one block. Whoever runs this crate fills these
//! in: a simulation from its EVM, a live operator from a node.

use crate::{
    lcts::{
        epoch::{EpochInput, Price, cap_headroom},
        queue::Status,
    },
    math::OutOfRange,
};
use alloy_primitives::{Address, B256, U256};

/// The states of a Unit, in the contract's order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum UnitState {
    /// Deployed, never onboarded.
    #[default]
    Pending,
    /// Everything is open.
    Active,
    /// No new subscriptions; those that wait may be netted.
    SubscribePaused,
    /// Nothing but exits.
    Frozen,
    /// Redemptions only.
    WindingDown,
    /// Empty and ended.
    Closed,
}

impl UnitState {
    /// The state with the contract's number.
    pub fn from_index(index: u8) -> Option<Self> {
        [
            Self::Pending,
            Self::Active,
            Self::SubscribePaused,
            Self::Frozen,
            Self::WindingDown,
            Self::Closed,
        ]
        .get(usize::from(index))
        .copied()
    }

    /// Whether epochs run in this state.
    pub fn settles(self) -> bool {
        matches!(self, Self::Active | Self::SubscribePaused | Self::WindingDown)
    }
}

/// One queue of a Unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueueView {
    /// What it is doing.
    pub status: Status,
    /// Underlying that waits: assets in the subscribe queue, shares in the redeem queue.
    pub total: U256,
}

/// What the Book says about its reports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BookView {
    /// No assets and no shares: settlement needs no report.
    pub is_empty: bool,
    /// What the newest report describes: unix seconds, 0 before there was one.
    pub as_of: u64,
    /// Seconds for which a report counts.
    pub max_report_age: u32,
    /// A fall in value waits for a second signer.
    pub under_review: bool,
}

impl BookView {
    /// Whether a report may be relied on at `now`.
    pub fn is_fresh(&self, now: u64) -> bool {
        self.is_empty
            || (!self.under_review
                && now.saturating_sub(self.as_of) <= u64::from(self.max_report_age))
    }

    /// Whether an epoch locked at `locked_at` may be settled at `now`: the price must have been
    /// taken after the lock, so that nobody could react to it.
    pub fn is_usable(&self, locked_at: u64, now: u64) -> bool {
        self.is_empty || (self.is_fresh(now) && self.as_of >= locked_at)
    }
}

/// UTC seconds of the day between which a Unit lets itself be locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// First second.
    pub lock_from: u32,
    /// Last second, included.
    pub lock_to: u32,
}

/// A Unit at one block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UnitView {
    /// unitId
    pub id: B256,
    /// The HaloUnit.
    pub unit: Address,
    /// What subscribers pay in and redeemers get.
    pub asset: Address,
    /// Decimals of the asset.
    pub asset_decimals: u8,
    /// What the Unit allows.
    pub state: UnitState,
    /// Entries are taken up to this second.
    pub subscribe_until: u64,
    /// Number of the current epoch.
    pub epoch: u64,
    /// When the last epoch was locked, 0 for never.
    pub last_lock_at: u64,
    /// When the last epoch was settled, 0 for never.
    pub last_settle_at: u64,
    /// An epoch is between lock and settlement.
    pub is_locked: bool,
    /// Seconds that must lie between locks.
    pub min_epoch_gap: u32,
    /// Seconds after which anyone may unlock.
    pub max_lock: u32,
    /// The hours that the Unit enforces, if it does.
    pub clock: Option<Clock>,
    /// Assets in.
    pub subscribe: QueueView,
    /// Shares in.
    pub redeem: QueueView,
    /// Asset value of a share as the Book sees it now, 18 decimals, in RAY.
    pub index: U256,
    /// Shares in existence.
    pub total_supply: U256,
    /// Largest size, in assets.
    pub cap: U256,
    /// Most that an epoch may let in beyond netting, in assets.
    pub epoch_subscribe_cap: U256,
    /// Most that an epoch may let out beyond netting, in assets.
    pub epoch_redeem_cap: U256,
    /// Assets held for redemptions.
    pub redeem_liquidity: U256,
    /// What the Book lets in, in assets.
    pub subscribe_headroom: U256,
    /// What the Book lets out, in assets.
    pub redeem_headroom: U256,
    /// Smallest entry, in assets.
    pub min_subscribe: U256,
    /// Reports.
    pub book: BookView,
}

impl UnitView {
    /// Shares against assets at the Unit's index.
    ///
    /// # Errors
    /// [`OutOfRange`] for an asset of more than 18 decimals.
    pub fn price(&self) -> Result<Price, OutOfRange> {
        Price::new(self.index, self.asset_decimals)
    }

    /// Assets that fit below the cap.
    ///
    /// # Errors
    /// [`OutOfRange`] if the Unit's size does not fit.
    pub fn cap_headroom(&self) -> Result<U256, OutOfRange> {
        cap_headroom(self.cap, self.total_supply, &self.price()?)
    }

    /// What settling now with these capacities would start from.
    pub fn epoch_input(&self, subscribe_capacity: U256, redeem_capacity: U256) -> EpochInput {
        let paused = self.state == UnitState::SubscribePaused;
        EpochInput {
            subscribe_total: self.subscribe.total,
            redeem_total: self.redeem.total,
            index: self.index,
            asset_decimals: self.asset_decimals,
            total_supply: self.total_supply,
            takes_subscribers: self.state != UnitState::WindingDown,
            subscribe_capacity: if paused { U256::ZERO } else { subscribe_capacity },
            redeem_capacity,
            cap: self.cap,
            epoch_subscribe_cap: self.epoch_subscribe_cap,
            epoch_redeem_cap: self.epoch_redeem_cap,
            redeem_liquidity: self.redeem_liquidity,
            subscribe_headroom: self.subscribe_headroom,
            redeem_headroom: self.redeem_headroom,
        }
    }
}
