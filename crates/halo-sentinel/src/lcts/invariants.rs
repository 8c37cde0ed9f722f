//! What holds for a queue and for a Book after every step, as named sentences. The same names are
//! used by the property test against the contract.

use super::{
    cover::{Book, TRANCHES},
    product_sum::{FLOOR, ONE},
    queue::{Queue, QueueError, Status},
};
use crate::math::{OutOfRange, RAY, add, mul};
use alloy_primitives::{Address, U256};

/// One property of a queue.
#[derive(Clone, Copy, Debug)]
pub struct Invariant {
    /// The sentence.
    pub name: &'static str,
    check: fn(&Queue) -> Result<bool, QueueError>,
}

impl Invariant {
    /// Whether the sentence is true of `queue`.
    ///
    /// # Errors
    /// [`QueueError::OutOfRange`] if a view cannot be computed, which is a fault as well.
    pub fn holds(&self, queue: &Queue) -> Result<bool, QueueError> {
        (self.check)(queue)
    }
}

/// Every invariant of a queue.
pub const INVARIANTS: [Invariant; 7] = [
    Invariant {
        name: "what users have left never exceeds what waits",
        check: |queue| Ok(sum(queue, |user| queue.remaining_of(user))? <= queue.total_underlying()),
    },
    Invariant {
        name: "what users have earned, with the carry, never exceeds the reward owed",
        check: |queue| {
            let earned = sum(queue, |user| queue.earned_of(user))?;
            Ok(add(earned, queue.carry())? <= queue.owed_reward())
        },
    },
    Invariant {
        name: "refunds add up to what the queue holds for them",
        check: |queue| Ok(sum(queue, |user| Ok(queue.refund_of(user)))? == queue.total_refund()),
    },
    Invariant {
        name: "who can claim now can claim no more than was earned",
        check: |queue| {
            let claimable = sum(queue, |user| Ok(queue.claimable_of(user)?.reward))?;
            Ok(claimable <= sum(queue, |user| queue.earned_of(user))?)
        },
    },
    Invariant {
        name: "underlying and positions wait exactly while the queue is not dormant",
        check: |queue| {
            let dormant = queue.status() == Status::Dormant;
            Ok(dormant == queue.total_underlying().is_zero() && dormant == (queue.positions() == 0))
        },
    },
    Invariant {
        name: "the product of a generation stays between 1e27 and 1e36",
        check: |queue| {
            let newest = queue.ledger(queue.last_generation());
            Ok(newest.is_none_or(|ledger| (FLOOR..=ONE).contains(&ledger.product())))
        },
    },
    Invariant {
        name: "a dormant queue carries no reward over to its next generation",
        check: |queue| Ok(queue.status() != Status::Dormant || queue.carry().is_zero()),
    },
];

/// The first invariant that does not hold, by name.
///
/// # Errors
/// [`QueueError::OutOfRange`] if a view cannot be computed.
pub fn first_broken(queue: &Queue) -> Result<Option<&'static str>, QueueError> {
    for invariant in &INVARIANTS {
        if !invariant.holds(queue)? {
            return Ok(Some(invariant.name));
        }
    }
    Ok(None)
}

fn sum(
    queue: &Queue,
    amount: impl Fn(Address) -> Result<U256, QueueError>,
) -> Result<U256, QueueError> {
    queue.users().try_fold(U256::ZERO, |sum, user| Ok(add(sum, amount(user)?)?))
}

/// The first sentence about a Book that is not true of it, by name.
///
/// # Errors
/// [`OutOfRange`] if its division cannot be computed, which is a fault as well.
pub fn first_broken_of_book(book: &Book) -> Result<Option<&'static str>, OutOfRange> {
    let standing = book.standing()?;
    let divided = standing.values.iter().try_fold(standing.reserve, |sum, x| add(sum, *x))?;
    if divided != book.nav {
        return Ok(Some("values and reserve are the net asset value"));
    }
    let mut owed = U256::ZERO;
    let mut worth_below = false;
    for (k, tranche) in book.tranches.iter().enumerate() {
        let index = book.index(k)?;
        owed = add(owed, mul(index, tranche.supply)?)?;
        if k > 0 && index > tranche.target {
            return Ok(Some("no share is worth more than it claims"));
        }
        if k > 0 && worth_below && index < tranche.target {
            return Ok(Some("a tranche is impaired only when nothing ranks below it"));
        }
        worth_below |= !standing.values[k].is_zero();
    }
    if owed > mul(book.nav, mul(RAY, book.scale)?)? {
        return Ok(Some("what the shares are worth is there"));
    }
    if !standing.reserve.is_zero() && !standing.shortfall.is_zero() {
        return Ok(Some("a reserve ranks below every claim"));
    }
    Ok(None)
}

/// The first sentence about a settlement of `tranche` that is not true of the Books before and after, by name.
///
/// # Errors
/// [`OutOfRange`] if a division cannot be computed, which is a fault as well.
pub fn first_broken_by_settlement(
    before: &Book,
    after: &Book,
    tranche: usize,
) -> Result<Option<&'static str>, OutOfRange> {
    let (was, is) = (before.standing()?, after.standing()?);
    for k in 0..TRANCHES {
        if !after.tranches[k].supply.is_zero() && after.index(k)? < before.index(k)? {
            return Ok(Some("a settlement lowers no index"));
        }
        let least = after.tranches[k].min_cover_bps;
        // A subscription presses on the covers of all that it ranks beside or above, a redemption on those above it.
        let pressed = if k <= tranche { after.nav > before.nav } else { after.nav < before.nav };
        if (pressed || was.is_covered(k, least)?) && !is.is_covered(k, least)? {
            return Ok(Some("a settlement leaves every cover that it touches"));
        }
    }
    Ok(None)
}
