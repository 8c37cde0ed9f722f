//! What kept a Prime or a settlement from more, and how to say it.

use std::fmt;

use halo_sentinel::prime::Binding;
use serde::{Deserialize, Serialize};

/// What kept a Prime or a settlement from more, in the order of the names that documents have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Bound {
    /// Nothing: a Prime queued all that it wants.
    Appetite,
    /// What the manager takes.
    Capacity,
    /// What is junior to the Unit.
    Cover,
    /// LIMIT_7540_DEPOSIT of the Prime.
    DepositLimit,
    /// What an epoch lets in or out.
    EpochCap,
    /// The cap on a group of Units.
    GroupCap,
    /// The shares that the Prime has.
    Holding,
    /// What the Unit takes in one request at least.
    MinEntry,
    /// Debt ceiling of the allocator vault.
    MintCeiling,
    /// LIMIT_USDS_MINT of the Prime.
    MintLimit,
    /// The registry never announced the Unit as active.
    NotDetected,
    /// The Unit does not take entries from this Prime.
    NotEntrant,
    /// The Unit is no deployment target.
    NotOnboarded,
    /// The epoch was not settled.
    NotSettled,
    /// The Prime has no more of the asset and cannot make it.
    OwnFunds,
    /// USDC in the PSM's pocket.
    PsmLiquidity,
    /// Nothing: a settlement converted all that waited.
    Queue,
    /// What a queue can hold.
    QueueFull,
    /// The Unit takes no entries until its epoch is settled.
    QueueLocked,
    /// LIMIT_7540_REDEEM of the Prime.
    RedeemLimit,
    /// Risk capital of the Prime.
    RiskCapital,
    /// LIMIT_USDS_TO_USDC of the Prime.
    SwapLimit,
    /// The Unit's cap.
    UnitCap,
}

impl From<Binding> for Bound {
    fn from(binding: Binding) -> Self {
        match binding {
            Binding::Appetite => Self::Appetite,
            Binding::NotOnboarded => Self::NotOnboarded,
            Binding::QueueLocked => Self::QueueLocked,
            Binding::NotEntrant => Self::NotEntrant,
            Binding::DepositLimit => Self::DepositLimit,
            Binding::UnitCap => Self::UnitCap,
            Binding::QueueFull => Self::QueueFull,
            Binding::MintLimit => Self::MintLimit,
            Binding::MintCeiling => Self::MintCeiling,
            Binding::SwapLimit => Self::SwapLimit,
            Binding::PsmLiquidity => Self::PsmLiquidity,
            Binding::OwnFunds => Self::OwnFunds,
            Binding::MinEntry => Self::MinEntry,
            Binding::EpochCap => Self::EpochCap,
            Binding::Cover => Self::Cover,
            Binding::RedeemLimit => Self::RedeemLimit,
            Binding::Holding => Self::Holding,
            Binding::RiskCapital => Self::RiskCapital,
            Binding::GroupCap => Self::GroupCap,
        }
    }
}

/// The name that documents have: the variant's own.
impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl Bound {
    /// In a cell of a table.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Appetite => "appetite",
            Self::Capacity => "capacity",
            Self::Cover => "cover",
            Self::DepositLimit => "deposit limit",
            Self::EpochCap => "epoch cap",
            Self::GroupCap => "group's cap",
            Self::Holding => "holding",
            Self::MinEntry => "least entry",
            Self::MintCeiling => "debt ceiling",
            Self::MintLimit => "mint limit",
            Self::NotDetected => "not detected",
            Self::NotEntrant => "entrants",
            Self::NotOnboarded => "onboarding",
            Self::NotSettled => "not settled",
            Self::OwnFunds => "own funds",
            Self::PsmLiquidity => "PSM liquidity",
            Self::Queue => "queue",
            Self::QueueFull => "queue's room",
            Self::QueueLocked => "lock",
            Self::RedeemLimit => "redemption limit",
            Self::RiskCapital => "risk capital",
            Self::SwapLimit => "swap limit",
            Self::UnitCap => "Unit's cap",
        }
    }

    /// At the beginning of a sentence about what it bound.
    pub(crate) const fn subject(self) -> &'static str {
        match self {
            Self::Appetite => "The appetite",
            Self::Capacity => "The manager's capacity",
            Self::Cover => "The cover",
            Self::DepositLimit => "The deposit limit",
            Self::EpochCap => "What an epoch takes in",
            Self::GroupCap => "The cap on its group",
            Self::Holding => "What it holds",
            Self::MinEntry => "The least entry",
            Self::MintCeiling => "The debt ceiling",
            Self::MintLimit => "The mint limit",
            Self::NotDetected => "Not having seen it",
            Self::NotEntrant => "The list of entrants",
            Self::NotOnboarded => "Onboarding",
            Self::NotSettled => "The missing settlement",
            Self::OwnFunds => "Having none of the asset",
            Self::PsmLiquidity => "The USDC in the PSM",
            Self::Queue => "What waited",
            Self::QueueFull => "What a queue can hold",
            Self::QueueLocked => "The lock",
            Self::RedeemLimit => "The redemption limit",
            Self::RiskCapital => "Risk capital",
            Self::SwapLimit => "The swap limit",
            Self::UnitCap => "The cap",
        }
    }

    /// Why a Prime queued no more, named so that a person finds it on the chain or in the files.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Appetite => "it wanted no more",
            Self::Capacity => "the scenario's `capacity`",
            Self::Cover => "what is junior to the Unit",
            Self::DepositLimit => "its deposit limit (LIMIT_7540_DEPOSIT)",
            Self::EpochCap => "the Unit's `subscribe_per_epoch`",
            Self::GroupCap => "the cap on a group that the Unit is in",
            Self::Holding => "what it holds of the Unit",
            Self::MinEntry => "the rest is less than the Unit's `min_subscribe`",
            Self::MintCeiling => "what was left below the debt ceiling of its allocator vault",
            Self::MintLimit => "its mint limit (LIMIT_USDS_MINT)",
            Self::NotDetected => "it did not see the Unit become active",
            Self::NotEntrant => "the Unit's `entrants` do not name it",
            Self::NotOnboarded => "the Unit does not meet the four requirements",
            Self::NotSettled => "the beacon did not settle the epoch",
            Self::OwnFunds => "what it holds of the asset",
            Self::PsmLiquidity => "the USDC in the PSM's pocket",
            Self::Queue => "what waited in the queue",
            Self::QueueFull => "what a queue can hold, 1e30 base units",
            Self::QueueLocked => "the queues were locked",
            Self::RedeemLimit => "its redemption limit (LIMIT_7540_REDEEM)",
            Self::RiskCapital => "its risk capital",
            Self::SwapLimit => "its swap limit (LIMIT_USDS_TO_USDC)",
            Self::UnitCap => "the Unit's `cap`",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_have_the_names_of_the_limits() {
        for binding in [Binding::Appetite, Binding::PsmLiquidity, Binding::GroupCap] {
            let bound = Bound::from(binding);
            assert_eq!(bound.to_string(), binding.name());
            assert_eq!(serde_json::to_value(bound).unwrap(), binding.name());
        }
        assert!(Bound::MintCeiling < Bound::MintLimit, "as their names");
    }
}
