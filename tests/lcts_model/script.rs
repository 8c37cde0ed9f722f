//! What happens to a queue: random steps, written so that shrinking leaves a readable script.

use alloy_primitives::{Address, U256};
use proptest::prelude::*;

/// Users of a script; each step names one by number.
pub(crate) const USERS: u8 = 4;

/// The user with this number.
pub(crate) fn user(number: u8) -> Address {
    Address::with_last_byte(0xa0 + number)
}

/// A queue and what happens to it.
#[derive(Clone, Debug)]
pub(crate) struct Script {
    pub(crate) min_entry: u64,
    pub(crate) steps: Vec<Step>,
}

/// One call to the queue, or a whole epoch.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    Enter { user: u8, mantissa: u32, exponent: u8 },
    Cancel { user: u8 },
    Exit { user: u8 },
    ClaimReward { user: u8, part: Part },
    ClaimConverted { user: u8, part: Part },
    ClaimRefund { user: u8 },
    Lock,
    Unlock,
    Settle { part: Part, index: Index },
    Epoch { part: Part, index: Index },
}

/// How much of what there is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Part {
    Nothing,
    OneWei,
    AllButWei(u16),
    AllButAMillionth,
    /// Takes P from 10³⁶ to the edge of a rescaling.
    AllButABillionth,
    Half,
    All,
    /// More than there is, which must be refused.
    OneWeiMore,
    /// So many 2⁻³² of it.
    Some(u32),
}

impl Part {
    pub(crate) fn of(self, all: U256) -> U256 {
        match self {
            Self::Nothing => U256::ZERO,
            Self::OneWei => all.min(U256::ONE),
            Self::AllButWei(left) => all.saturating_sub(U256::from(left)),
            Self::AllButAMillionth => all - all.div_ceil(U256::from(1_000_000)),
            Self::AllButABillionth => all - all.div_ceil(U256::from(1_000_000_000)),
            Self::Half => all >> 1,
            Self::All => all,
            Self::OneWeiMore => all + U256::ONE,
            Self::Some(part) => (all * U256::from(part)) >> 32,
        }
    }
}

/// Assets that a thousand shares are worth, in thousandths; zero delivers no reward at all.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Index(pub(crate) u32);

/// Which token waits and which is received, by decimals.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Side {
    pub(crate) underlying: u8,
    pub(crate) reward: u8,
}

impl Side {
    /// Reward for `converted` at `index`, floor.
    pub(crate) fn reward(self, converted: U256, index: Index) -> U256 {
        if index.0 == 0 {
            return U256::ZERO;
        }
        let ten = U256::from(10);
        let up = ten.pow(U256::from(self.reward));
        let down = ten.pow(U256::from(self.underlying));
        converted * up * U256::from(1_000) / (down * U256::from(index.0))
    }
}

/// Random scripts for a queue of this side, of up to `length` steps.
pub(crate) fn scripts(side: Side, length: usize) -> impl Strategy<Value = Script> {
    let min_entry = prop_oneof![3 => Just(1), 1 => Just(1_000), 1 => Just(1_000_000)];
    // Entries from a wei to 10³⁰ wei (18 decimals) or 10¹⁸ (6 decimals).
    let step = steps(side.underlying + 4);
    (min_entry, proptest::collection::vec(step, 1..=length))
        .prop_map(|(min_entry, steps)| Script { min_entry, steps })
}

fn steps(exponents: u8) -> impl Strategy<Value = Step> {
    let user = || 0..USERS;
    // Half of the entries are of the largest kind: only they show what is left many rescalings on.
    let exponent = prop_oneof![0..exponents, exponents - 2..exponents];
    let mantissa = prop_oneof![1 => Just(1_u32), 3 => 1_u32..1_000_000_000];
    let index = || prop_oneof![8 => (1_u32..4_000).prop_map(Index), 1 => Just(Index(0))];
    prop_oneof![
        7 => (user(), mantissa, exponent)
            .prop_map(|(user, mantissa, exponent)| Step::Enter { user, mantissa, exponent }),
        6 => (parts(), index()).prop_map(|(part, index)| Step::Epoch { part, index }),
        2 => (user(), parts()).prop_map(|(user, part)| Step::ClaimReward { user, part }),
        2 => (user(), parts()).prop_map(|(user, part)| Step::ClaimConverted { user, part }),
        2 => user().prop_map(|user| Step::Exit { user }),
        1 => user().prop_map(|user| Step::Cancel { user }),
        1 => user().prop_map(|user| Step::ClaimRefund { user }),
        2 => Just(Step::Lock),
        1 => Just(Step::Unlock),
        1 => (parts(), index()).prop_map(|(part, index)| Step::Settle { part, index }),
    ]
}

fn parts() -> impl Strategy<Value = Part> {
    prop_oneof![
        1 => Just(Part::Nothing),
        1 => Just(Part::OneWei),
        2 => Just(Part::AllButWei(1)),
        2 => (2_u16..1_000).prop_map(Part::AllButWei),
        1 => Just(Part::AllButAMillionth),
        2 => Just(Part::AllButABillionth),
        2 => Just(Part::Half),
        3 => Just(Part::All),
        1 => Just(Part::OneWeiMore),
        3 => any::<u32>().prop_map(Part::Some),
    ]
}
