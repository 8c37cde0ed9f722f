//! What holds for a queue after every step, as named sentences. The same names are used by the
//! property test against the contract.

use super::{
    product_sum::{FLOOR, ONE},
    queue::{Queue, QueueError, Status},
};
use crate::math::add;
use alloy_primitives::U256;

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
pub const INVARIANTS: [Invariant; 5] = [
    Invariant {
        name: "what positions have left never exceeds the underlying",
        check: |queue| Ok(left(queue)? <= queue.total_underlying()),
    },
    Invariant {
        name: "what positions have earned, with the carry, never exceeds the reward held",
        check: |queue| Ok(add(earned(queue)?, queue.carry())? <= queue.reward_held()),
    },
    Invariant {
        name: "a queue holds underlying exactly while it is not dormant",
        check: |queue| {
            let dormant = queue.status() == Status::Dormant;
            Ok(dormant == queue.total_underlying().is_zero() && dormant == (queue.positions() == 0))
        },
    },
    Invariant {
        name: "the product of a live generation stays between 1e27 and 1e36",
        check: |queue| {
            Ok(queue.ledger().is_none_or(|ledger| (FLOOR..=ONE).contains(&ledger.product())))
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

fn left(queue: &Queue) -> Result<U256, QueueError> {
    queue.users().try_fold(U256::ZERO, |sum, user| Ok(add(sum, queue.remaining_of(user)?)?))
}

fn earned(queue: &Queue) -> Result<U256, QueueError> {
    queue.users().try_fold(U256::ZERO, |sum, user| Ok(add(sum, queue.earned_of(user)?)?))
}
