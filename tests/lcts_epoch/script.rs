//! Days in the life of a Unit, written so that shrinking leaves a readable script.

use crate::world::USERS;
use alloy_primitives::U256;
use proptest::prelude::*;

/// What users do before the lock, what the Class allows, and what the report says.
#[derive(Clone, Debug)]
pub(crate) struct Day {
    pub(crate) acts: Vec<Act>,
    pub(crate) caps: Caps,
    /// Part of the custody's assets that becomes redemption liquidity.
    pub(crate) funded: Part,
    /// What the Class is worth after the lock, in hundredths of a basis point of what it was.
    pub(crate) value: u32,
    /// Published capacities, as parts of what waits.
    pub(crate) subscribe_capacity: Option<Part>,
    pub(crate) redeem_capacity: Option<Part>,
}

/// One act of a user.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Act {
    Subscribe {
        user: usize,
        mantissa: u32,
        exponent: u8,
    },
    /// Claims what is claimable, then asks for a part of all shares.
    Redeem {
        user: usize,
        part: Part,
    },
    Claim {
        user: usize,
    },
    LeaveSubscribe {
        user: usize,
    },
    LeaveRedeem {
        user: usize,
    },
}

/// Caps, as parts of what waits to subscribe; `size` is above what the Unit is worth.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caps {
    pub(crate) size: Part,
    pub(crate) subscribe: Part,
    pub(crate) redeem: Part,
}

/// How much of what there is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Part {
    Nothing,
    OneWei,
    All,
    NoBound,
    /// So many 2⁻³² of it.
    Some(u32),
}

impl Part {
    pub(crate) fn of(self, all: U256) -> U256 {
        match self {
            Self::Nothing => U256::ZERO,
            Self::OneWei => U256::ONE.min(all),
            Self::All => all,
            Self::NoBound => U256::MAX,
            Self::Some(part) => (all * U256::from(part)) >> 32,
        }
    }
}

/// Up to `days` random days with an asset of these decimals.
pub(crate) fn scripts(decimals: u8, days: usize) -> impl Strategy<Value = Vec<Day>> {
    proptest::collection::vec(day(decimals), 1..=days)
}

fn day(decimals: u8) -> impl Strategy<Value = Day> {
    let value = prop_oneof![
        // A year's yield in a day at most, a loss of a half at most, rarely everything.
        12 => 1_000_000_u32..1_050_000,
        4 => 500_000_u32..1_000_000,
        1 => Just(0),
    ];
    let caps = (bounds(), bounds(), bounds()).prop_map(|(size, subscribe, redeem)| Caps {
        size,
        subscribe,
        redeem,
    });
    let published = || proptest::option::weighted(0.9, bounds());
    let acts = proptest::collection::vec(act(decimals), 0..6);
    (acts, caps, parts(), value, published(), published()).prop_map(
        |(acts, caps, funded, value, subscribe_capacity, redeem_capacity)| Day {
            acts,
            caps,
            funded,
            value,
            subscribe_capacity,
            redeem_capacity,
        },
    )
}

fn act(decimals: u8) -> impl Strategy<Value = Act> {
    let user = || 0..USERS.len();
    let amount = (1_u32..1_000_000_000, 0..decimals + 2);
    prop_oneof![
        4 => (user(), amount)
            .prop_map(|(user, (mantissa, exponent))| Act::Subscribe { user, mantissa, exponent }),
        4 => (user(), parts()).prop_map(|(user, part)| Act::Redeem { user, part }),
        1 => user().prop_map(|user| Act::Claim { user }),
        1 => user().prop_map(|user| Act::LeaveSubscribe { user }),
        1 => user().prop_map(|user| Act::LeaveRedeem { user }),
    ]
}

fn parts() -> impl Strategy<Value = Part> {
    prop_oneof![
        1 => Just(Part::Nothing),
        1 => Just(Part::OneWei),
        2 => Just(Part::All),
        4 => any::<u32>().prop_map(Part::Some),
    ]
}

/// As [`parts`], mostly without a bound.
fn bounds() -> impl Strategy<Value = Part> {
    prop_oneof![1 => parts(), 2 => Just(Part::NoBound)]
}
