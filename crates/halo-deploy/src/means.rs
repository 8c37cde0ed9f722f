//! By what a signer signs, and what is needed to get there.

use alloy_primitives::Address;
use halo_spec::Signing;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use halo_spec::{SafeVersion, SpellMake, TimelockMake};

use crate::json::{checksum, checksum_or_none};

/// By what a signer signs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Means {
    /// A key: the transaction is sent as it is.
    #[default]
    Key,
    /// A Safe: its owners sign, and anyone sends what they signed.
    Safe,
    /// A spell: governance plots it, and after the delay anyone has it run.
    Spell,
    /// A timelock: a proposer schedules, and after the delay executes.
    Timelock,
}

impl Means {
    /// The name as it is written in a plan.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Safe => "safe",
            Self::Spell => "spell",
            Self::Timelock => "timelock",
        }
    }

    pub(crate) fn is_key(&self) -> bool {
        *self == Self::Key
    }
}

impl std::fmt::Display for Means {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// An account that acts without a key of its own, and the road to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Indirect {
    /// The account that acts: the signer of steps.
    #[serde(with = "checksum")]
    #[schemars(with = "String")]
    pub account: Address,
    /// How it is made to act.
    pub road: Road,
}

/// How an account without a key is made to act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "means", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Road {
    /// It is a Safe.
    Safe {
        /// The version of its contracts.
        version: SafeVersion,
        /// How many owners must sign; the chain must say the same.
        threshold: u32,
    },
    /// It runs spells.
    Spell {
        /// Where they are plotted.
        #[serde(with = "checksum")]
        #[schemars(with = "String")]
        pause: Address,
        /// What stands there.
        through: SpellMake,
        /// A key that may plot there; without one governance does, and is watched.
        #[serde(default, skip_serializing_if = "Option::is_none", with = "checksum_or_none")]
        #[schemars(with = "Option<String>")]
        plotter: Option<Address>,
        /// The key that deploys the spell and has it run: anybody's.
        #[serde(with = "checksum")]
        #[schemars(with = "String")]
        sender: Address,
    },
    /// It is a timelock.
    Timelock {
        /// Whose code it is.
        make: TimelockMake,
        /// The least time between scheduling and execution, seconds; the chain must not say less.
        min_delay: u64,
        /// The key that schedules and executes.
        #[serde(with = "checksum")]
        #[schemars(with = "String")]
        proposer: Address,
    },
}

impl Road {
    /// The road of a role's signer; `None` for a key, or for spells without a place to plot them. `sender` is who pays.
    pub(crate) fn of(
        signing: &Signing,
        own_guard: Option<Address>,
        sender: Address,
    ) -> Option<Self> {
        Some(match signing {
            Signing::Key => return None,
            Signing::Safe(safe) => Self::Safe { version: safe.version, threshold: safe.threshold },
            Signing::Spell(spell) => Self::Spell {
                pause: spell.pause.or(own_guard)?,
                through: spell.make,
                plotter: spell.plotter,
                sender,
            },
            Signing::Timelock(lock) => Self::Timelock {
                make: lock.make,
                min_delay: lock.min_delay.into(),
                proposer: lock.proposer.unwrap_or(sender),
            },
        })
    }

    /// By what it signs.
    #[must_use]
    pub const fn means(&self) -> Means {
        match self {
            Self::Safe { .. } => Means::Safe,
            Self::Spell { .. } => Means::Spell,
            Self::Timelock { .. } => Means::Timelock,
        }
    }
}
