//! Reference model of `LctsQueue`: who may do what in which state, and what each is left with.
//! Amounts are wei of the queue's underlying and reward token; every payment is rounded down.

use super::{
    position::{Claimable, Position},
    product_sum::Ledger,
};
use crate::math::{OutOfRange, add, mul_div, sub};
use alloy_primitives::{Address, U256, uint};
use std::collections::BTreeMap;

/// The most that may wait at once, in wei of the underlying: 10³⁰.
pub const MAX_UNDERLYING: U256 = uint!(1_000_000_000_000_000_000_000_000_000_000_U256);

/// What a queue is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Status {
    /// No generation: the next entry opens one.
    #[default]
    Dormant,
    /// Entries, claims and exits are open.
    Active,
    /// Between lock and settlement: the current generation stands still.
    Locked,
}

/// Why the queue refuses, named as the contract's errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueueError {
    /// The current generation stands still until it is settled.
    #[error("the queue is locked")]
    QueueLocked,
    /// An entry smaller than the queue takes.
    #[error("below the minimum entry of {minimum}")]
    BelowMinimum {
        /// Smallest entry, in wei of the underlying.
        minimum: U256,
    },
    /// More would wait than the arithmetic is proved for.
    #[error("the queue holds at most {maximum}")]
    QueueFull {
        /// [`MAX_UNDERLYING`].
        maximum: U256,
    },
    /// The user has nothing that this could act on.
    #[error("no position")]
    NoPosition,
    /// More was asked than can be claimed now.
    #[error("only {claimable} can be claimed")]
    ExceedsClaimable {
        /// In the units that were asked for.
        claimable: U256,
    },
    /// Locking a queue that is locked.
    #[error("already locked")]
    AlreadyLocked,
    /// Settling a queue that is not locked.
    #[error("not locked")]
    NotLocked,
    /// Converting more than waits.
    #[error("only {waiting} is waiting")]
    CapacityExceedsQueue {
        /// In wei of the underlying.
        waiting: U256,
    },
    /// A number left the range for which the queue is made.
    #[error(transparent)]
    OutOfRange(#[from] OutOfRange),
}

/// What an exit pays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exit {
    /// Underlying returned.
    pub underlying: U256,
    /// Reward paid.
    pub reward: U256,
}

/// What ended generations left that no division could hand out; the Class's governance skims it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dust {
    /// In wei of the underlying.
    pub underlying: U256,
    /// In wei of the reward.
    pub reward: U256,
}

/// A queue: the current generation, those that ended, and everyone's position.
#[derive(Clone, Debug, Default)]
pub struct Queue {
    min_entry: U256,
    status: Status,
    /// Generation g is at index g − 1.
    generations: Vec<Ledger>,
    total: U256,
    refunds: U256,
    positions: u64,
    carry: U256,
    owed: U256,
    dust: Dust,
    users: BTreeMap<Address, Position>,
}

impl Queue {
    /// An empty queue whose smallest entry is `min_entry` wei of the underlying, at least 1.
    pub fn new(min_entry: U256) -> Self {
        Self { min_entry, ..Self::default() }
    }

    // --- In and out of a generation ---

    /// Adds `amount` of underlying to what waits for `user`; opens a generation if there is none.
    ///
    /// # Errors
    /// [`QueueError::QueueLocked`], [`QueueError::BelowMinimum`], [`QueueError::QueueFull`].
    pub fn enter(&mut self, user: Address, amount: U256) -> Result<(), QueueError> {
        if self.status == Status::Locked {
            return Err(QueueError::QueueLocked);
        }
        if amount.is_zero() || amount < self.min_entry {
            return Err(QueueError::BelowMinimum { minimum: self.min_entry });
        }
        let total = self.total.saturating_add(amount);
        if total > MAX_UNDERLYING {
            return Err(QueueError::QueueFull { maximum: MAX_UNDERLYING });
        }
        let mut position = self.rolled(user)?;
        if self.status == Status::Dormant {
            self.generations.push(Ledger::default());
            self.status = Status::Active;
        }
        if position.generation.is_none() {
            position.generation = Some(self.last_generation());
            self.positions += 1;
        }
        let held = add(position.entry.amount, amount)?;
        position.entry = self.newest()?.entry(held);
        self.total = total;
        self.users.insert(user, position);
        Ok(())
    }

    /// Takes `user` out of the current generation and keeps for them what is left; pays nothing.
    /// Returns what is left, in wei of the underlying.
    ///
    /// # Errors
    /// [`QueueError::NoPosition`] outside the current generation, [`QueueError::QueueLocked`].
    pub fn cancel(&mut self, user: Address) -> Result<U256, QueueError> {
        if !self.is_live(user) {
            return Err(QueueError::NoPosition);
        }
        if self.status == Status::Locked {
            return Err(QueueError::QueueLocked);
        }
        let mut position = self.rolled(user)?;
        let left = position.leave();
        self.total = sub(self.total, left)?;
        self.refunds = add(self.refunds, left)?;
        self.positions -= 1;
        self.users.insert(user, position);
        if self.positions == 0 {
            self.finalize()?;
        }
        Ok(left)
    }

    /// Takes `user` out of the queue and pays all that is theirs.
    ///
    /// # Errors
    /// [`QueueError::QueueLocked`] while the user's generation is locked,
    /// [`QueueError::NoPosition`] if nothing is theirs.
    pub fn exit(&mut self, user: Address) -> Result<Exit, QueueError> {
        let live = self.is_live(user);
        if live {
            self.cancel(user)?;
        }
        let position = self.rolled(user)?;
        let exit = Exit { underlying: position.refund, reward: position.settled.reward };
        if !live && exit == Exit::default() {
            return Err(QueueError::NoPosition);
        }
        self.claim_refund(user)?;
        self.owed = sub(self.owed, exit.reward)?;
        // Also what was converted into less than a wei of reward.
        self.users.insert(user, Position::default());
        Ok(exit)
    }

    // --- Claims ---

    /// Pays `amount` of reward; zero does nothing. Returns the converted underlying that this claims: pro rata, floor.
    ///
    /// # Errors
    /// [`QueueError::ExceedsClaimable`].
    pub fn claim_reward(&mut self, user: Address, amount: U256) -> Result<U256, QueueError> {
        if amount.is_zero() {
            return Ok(U256::ZERO);
        }
        let all = self.claimable_of(user)?;
        if amount > all.reward {
            return Err(QueueError::ExceedsClaimable { claimable: all.reward });
        }
        let converted = part(amount, all.reward, all.converted)?;
        self.pay(user, Claimable { reward: amount, converted })?;
        Ok(converted)
    }

    /// Pays the reward of `amount` of converted underlying; zero does nothing. Returns the reward:
    /// pro rata, floor.
    ///
    /// # Errors
    /// [`QueueError::ExceedsClaimable`].
    pub fn claim_converted(&mut self, user: Address, amount: U256) -> Result<U256, QueueError> {
        if amount.is_zero() {
            return Ok(U256::ZERO);
        }
        let all = self.claimable_of(user)?;
        if amount > all.converted {
            return Err(QueueError::ExceedsClaimable { claimable: all.converted });
        }
        let reward = part(amount, all.converted, all.reward)?;
        self.pay(user, Claimable { reward, converted: amount })?;
        Ok(reward)
    }

    /// Pays what `user` took out of a generation, in wei of the underlying.
    ///
    /// # Errors
    /// [`QueueError::OutOfRange`] only if the model is broken.
    pub fn claim_refund(&mut self, user: Address) -> Result<U256, QueueError> {
        let Some(position) = self.users.get_mut(&user) else { return Ok(U256::ZERO) };
        let refund = std::mem::take(&mut position.refund);
        self.refunds = sub(self.refunds, refund)?;
        Ok(refund)
    }

    // --- Epoch ---

    /// Stops the current generation until it is settled and returns what waits. Nothing to stop:
    /// does nothing.
    ///
    /// # Errors
    /// [`QueueError::AlreadyLocked`].
    pub fn lock(&mut self) -> Result<U256, QueueError> {
        match self.status {
            Status::Dormant => Ok(U256::ZERO),
            Status::Active => {
                self.status = Status::Locked;
                Ok(self.total)
            }
            Status::Locked => Err(QueueError::AlreadyLocked),
        }
    }

    /// Converts `convert` of the underlying into `reward`, shared pro rata, and unlocks. Returns
    /// whether everything was converted, which ends the generation.
    ///
    /// # Errors
    /// [`QueueError::NotLocked`] (a dormant queue takes two zeros),
    /// [`QueueError::CapacityExceedsQueue`].
    pub fn settle(&mut self, convert: U256, reward: U256) -> Result<bool, QueueError> {
        if self.status == Status::Dormant && convert.is_zero() && reward.is_zero() {
            return Ok(false);
        }
        if self.status != Status::Locked {
            return Err(QueueError::NotLocked);
        }
        if convert > self.total {
            return Err(QueueError::CapacityExceedsQueue { waiting: self.total });
        }
        let owed = add(self.owed, reward)?;
        let (total, undistributed) = (self.total, add(reward, self.carry)?);
        let ledger = self.generations.last_mut().ok_or(QueueError::NotLocked)?;
        self.carry = ledger.settle(total, convert, undistributed)?;
        self.owed = owed;
        self.total = sub(total, convert)?;
        self.status = Status::Active;
        let finalized = self.total.is_zero();
        if finalized {
            self.finalize()?;
        }
        Ok(finalized)
    }

    /// Unlocks without converting anything; does nothing if the queue is not locked.
    pub fn unlock(&mut self) {
        if self.status == Status::Locked {
            self.status = Status::Active;
        }
    }

    // --- Views ---

    /// What the queue is doing.
    pub fn status(&self) -> Status {
        self.status
    }

    /// The open generation; 0 if there is none.
    pub fn current_generation(&self) -> u64 {
        if self.status == Status::Dormant { 0 } else { self.last_generation() }
    }

    /// The newest generation, open or ended, the first being 1; 0 before there was one.
    pub fn last_generation(&self) -> u64 {
        self.generations.len() as u64
    }

    /// Underlying that waits, in wei.
    pub fn total_underlying(&self) -> U256 {
        self.total
    }

    /// Underlying that left a generation and was not paid yet, in wei.
    pub fn total_refund(&self) -> U256 {
        self.refunds
    }

    /// Positions in the current generation.
    pub fn positions(&self) -> u64 {
        self.positions
    }

    /// Reward that was delivered and belongs to users, the carry included, in wei.
    pub fn owed_reward(&self) -> U256 {
        self.owed
    }

    /// Reward that no entry has been credited with yet, in wei.
    pub fn carry(&self) -> U256 {
        self.carry
    }

    /// What belongs to nobody.
    pub fn dust(&self) -> Dust {
        self.dust
    }

    /// P, k and S of `generation`; the first is 1.
    pub fn ledger(&self, generation: u64) -> Option<&Ledger> {
        self.generations.get(usize::try_from(generation.checked_sub(1)?).ok()?)
    }

    /// Everyone who ever entered, in order of address.
    pub fn users(&self) -> impl Iterator<Item = Address> + '_ {
        self.users.keys().copied()
    }

    /// What the queue remembers of `user`, as of the last time that the position was touched.
    pub fn position_of(&self, user: Address) -> Position {
        self.users.get(&user).copied().unwrap_or_default()
    }

    /// Underlying of `user` that waits, in wei.
    ///
    /// # Errors
    /// [`QueueError::OutOfRange`] only if the model is broken.
    pub fn remaining_of(&self, user: Address) -> Result<U256, QueueError> {
        Ok(self.rolled(user)?.entry.amount)
    }

    /// Reward of `user` that was not paid, also what a lock holds back, in wei.
    ///
    /// # Errors
    /// [`QueueError::OutOfRange`] only if the model is broken.
    pub fn earned_of(&self, user: Address) -> Result<U256, QueueError> {
        Ok(self.rolled(user)?.all()?.reward)
    }

    /// What `user` can claim now; under a lock, only what was earned in generations left behind.
    ///
    /// # Errors
    /// [`QueueError::OutOfRange`] only if the model is broken.
    pub fn claimable_of(&self, user: Address) -> Result<Claimable, QueueError> {
        let position = self.rolled(user)?;
        Ok(if self.is_held(user) { position.settled } else { position.all()? })
    }

    /// Underlying that `user` took out of a generation and was not paid, in wei.
    pub fn refund_of(&self, user: Address) -> U256 {
        self.users.get(&user).map(|position| position.refund).unwrap_or_default()
    }

    // --- Parts ---

    /// The position of `user` brought up to now. One whose generation ended is out of it.
    fn rolled(&self, user: Address) -> Result<Position, QueueError> {
        let mut position = self.position_of(user);
        if let Some(generation) = position.generation {
            let ledger = self.ledger(generation).ok_or(OutOfRange)?;
            position.roll(ledger)?;
        }
        Ok(position)
    }

    fn newest(&self) -> Result<&Ledger, QueueError> {
        Ok(self.generations.last().ok_or(OutOfRange)?)
    }

    fn is_live(&self, user: Address) -> bool {
        self.status != Status::Dormant
            && self
                .users
                .get(&user)
                .is_some_and(|position| position.generation == Some(self.last_generation()))
    }

    /// Whether a lock holds back what `user` earned in the current generation.
    fn is_held(&self, user: Address) -> bool {
        self.status == Status::Locked && self.is_live(user)
    }

    fn pay(&mut self, user: Address, claim: Claimable) -> Result<(), QueueError> {
        // A lock leaves the position as it stands.
        let mut position =
            if self.is_held(user) { self.position_of(user) } else { self.rolled(user)? };
        position.take(claim)?;
        self.owed = sub(self.owed, claim.reward)?;
        self.users.insert(user, position);
        Ok(())
    }

    /// Ends the current generation; what is left belongs to nobody.
    fn finalize(&mut self) -> Result<(), QueueError> {
        if let Some(ledger) = self.generations.last_mut() {
            ledger.finalize();
        }
        self.owed = sub(self.owed, self.carry)?;
        self.dust.underlying = add(self.dust.underlying, std::mem::take(&mut self.total))?;
        self.dust.reward = add(self.dust.reward, std::mem::take(&mut self.carry))?;
        self.positions = 0;
        self.status = Status::Dormant;
        Ok(())
    }
}

/// ⌊amount / of · all⌋, everything if `amount` is everything.
fn part(amount: U256, of: U256, all: U256) -> Result<U256, OutOfRange> {
    if amount == of { Ok(all) } else { mul_div(amount, all, of) }
}
