//! One user's place in a queue.

use super::product_sum::{Entry, Ledger};
use crate::math::{OutOfRange, add, sub};
use alloy_primitives::U256;

/// What can be claimed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Claimable {
    /// Wei of the reward.
    pub reward: U256,
    /// Wei of the underlying that were converted for it.
    pub converted: U256,
}

impl Claimable {
    fn plus(self, other: Self) -> Result<Self, OutOfRange> {
        Ok(Self {
            reward: add(self.reward, other.reward)?,
            converted: add(self.converted, other.converted)?,
        })
    }
}

/// What a queue remembers of a user.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// The generation in which the user waits.
    pub generation: Option<u64>,
    /// What waits, as of the last time that the position was touched.
    pub entry: Entry,
    /// Earned in that generation, which a lock holds back.
    pub current: Claimable,
    /// Earned in generations that ended or were left.
    pub settled: Claimable,
    /// Wei of the underlying that left a generation and was not paid.
    pub refund: U256,
}

impl Position {
    /// Everything that was earned.
    ///
    /// # Errors
    /// [`OutOfRange`] if the sum does not fit.
    pub fn all(&self) -> Result<Claimable, OutOfRange> {
        self.settled.plus(self.current)
    }

    /// Credits what `ledger`, the user's generation, has brought since the entry, and enters what
    /// is left anew. A generation that ended lets the user go.
    ///
    /// # Errors
    /// [`OutOfRange`] for an entry that `ledger` did not make.
    pub fn roll(&mut self, ledger: &Ledger) -> Result<(), OutOfRange> {
        let (left, earned) = (ledger.remaining(&self.entry)?, ledger.earned(&self.entry)?);
        let converted = sub(self.entry.amount, left)?;
        self.current = self.current.plus(Claimable { reward: earned, converted })?;
        self.entry = ledger.entry(left);
        if ledger.is_finalized() {
            self.detach();
        }
        Ok(())
    }

    /// Takes the user out of the generation: what is left becomes a refund, which is returned.
    pub fn leave(&mut self) -> U256 {
        let left = self.entry.amount;
        self.refund = self.refund.saturating_add(left);
        self.detach();
        left
    }

    /// Pays `claim` out of the position, from generations left behind first.
    ///
    /// # Errors
    /// [`OutOfRange`] if the position does not hold it.
    pub fn take(&mut self, claim: Claimable) -> Result<(), OutOfRange> {
        let reward = claim.reward.min(self.settled.reward);
        let converted = claim.converted.min(self.settled.converted);
        self.settled.reward -= reward;
        self.settled.converted -= converted;
        self.current.reward = sub(self.current.reward, claim.reward - reward)?;
        self.current.converted = sub(self.current.converted, claim.converted - converted)?;
        Ok(())
    }

    fn detach(&mut self) {
        self.settled.reward = self.settled.reward.saturating_add(self.current.reward);
        self.settled.converted = self.settled.converted.saturating_add(self.current.converted);
        self.current = Claimable::default();
        self.entry = Entry::default();
        self.generation = None;
    }
}
