//! Reference model of `LctsQueue`: who may do what in which state, and what each is left with.
//! Amounts are wei of the queue's underlying and reward token; every payment is rounded down.

use super::product_sum::{Entry, Ledger};
use crate::math::{OutOfRange, add, sub};
use alloy_primitives::{Address, U256};
use std::collections::BTreeMap;

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
    /// The user has no position that this could act on.
    #[error("no position")]
    NoPosition,
    /// Locking a queue that is locked.
    #[error("already locked")]
    AlreadyLocked,
    /// Settling or unlocking a queue that is not locked.
    #[error("not locked")]
    NotLocked,
    /// Converting more than the queue holds.
    #[error("capacity exceeds the queue")]
    CapacityExceedsQueue,
    /// A number left the range for which the queue is made.
    #[error(transparent)]
    OutOfRange(#[from] OutOfRange),
}

/// One user's place in a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    generation: u64,
    entry: Entry,
    accrued: U256,
}

/// What an exit pays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exit {
    /// Underlying returned.
    pub underlying: U256,
    /// Reward paid.
    pub reward: U256,
    /// What nobody owns once the last position has left.
    pub dust: Dust,
}

/// What a generation leaves that no division could hand out; goes to the Unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dust {
    /// In wei of the underlying.
    pub underlying: U256,
    /// In wei of the reward.
    pub reward: U256,
}

/// What a settlement leaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// Whether everything was converted, which ends the generation.
    pub finalized: bool,
    /// What remains when it ended.
    pub dust: Dust,
}

/// A queue: the current generation, those that ended, and everyone's position.
#[derive(Clone, Debug, Default)]
pub struct Queue {
    min_entry: U256,
    status: Status,
    /// Generation g is at index g − 1.
    generations: Vec<Ledger>,
    total: U256,
    positions: u64,
    carry: U256,
    users: BTreeMap<Address, Position>,
    reward_in: U256,
    reward_out: U256,
}

impl Queue {
    /// An empty queue whose smallest entry is `min_entry` wei of the underlying.
    pub fn new(min_entry: U256) -> Self {
        Self { min_entry, ..Self::default() }
    }

    // --- A user's life in the queue ---

    /// Adds `amount` of underlying to the position of `user`; opens a generation if there is none.
    ///
    /// # Errors
    /// [`QueueError::QueueLocked`], [`QueueError::BelowMinimum`].
    pub fn enter(&mut self, user: Address, amount: U256) -> Result<(), QueueError> {
        if self.status == Status::Locked {
            return Err(QueueError::QueueLocked);
        }
        if amount < self.min_entry || amount.is_zero() {
            return Err(QueueError::BelowMinimum { minimum: self.min_entry });
        }
        let (accrued, left) = (self.earned_of(user)?, self.remaining_of(user)?);
        let total = add(self.total, amount)?;
        let held = add(left, amount)?;
        let is_new = !self.in_current(user);
        if self.status == Status::Dormant {
            self.generations.push(Ledger::default());
            self.status = Status::Active;
        }
        self.total = total;
        self.positions += u64::from(is_new);
        self.place(user, held, accrued);
        Ok(())
    }

    /// Pays what `user` has earned.
    ///
    /// # Errors
    /// [`QueueError::QueueLocked`] while the user's generation is locked,
    /// [`QueueError::NoPosition`].
    pub fn claim(&mut self, user: Address) -> Result<U256, QueueError> {
        let position = *self.users.get(&user).ok_or(QueueError::NoPosition)?;
        if self.status == Status::Locked && self.in_current(user) {
            return Err(QueueError::QueueLocked);
        }
        let (reward, left) = (self.earned_of(user)?, self.remaining_of(user)?);
        if self.in_current(user) {
            self.place(user, left, U256::ZERO);
        } else {
            // A finalized generation has nothing left: the position ends here.
            debug_assert!(position.generation < self.current_generation() || left.is_zero());
            self.users.remove(&user);
        }
        self.reward_out = add(self.reward_out, reward)?;
        Ok(reward)
    }

    /// Returns what is left of the position of `user` and pays what it has earned.
    ///
    /// # Errors
    /// [`QueueError::QueueLocked`], [`QueueError::NoPosition`] if the user is not in the current
    /// generation.
    pub fn exit(&mut self, user: Address) -> Result<Exit, QueueError> {
        if self.status == Status::Locked {
            return Err(QueueError::QueueLocked);
        }
        if !self.in_current(user) {
            return Err(QueueError::NoPosition);
        }
        let (reward, underlying) = (self.earned_of(user)?, self.remaining_of(user)?);
        self.total = sub(self.total, underlying)?;
        self.reward_out = add(self.reward_out, reward)?;
        self.positions -= 1;
        self.users.remove(&user);
        let dust = if self.positions == 0 { self.finalize()? } else { Dust::default() };
        Ok(Exit { underlying, reward, dust })
    }

    // --- An epoch ---

    /// Stops the current generation until it is settled. Nothing to stop: does nothing.
    ///
    /// # Errors
    /// [`QueueError::AlreadyLocked`].
    pub fn lock(&mut self) -> Result<(), QueueError> {
        match self.status {
            Status::Dormant => Ok(()),
            Status::Active => {
                self.status = Status::Locked;
                Ok(())
            }
            Status::Locked => Err(QueueError::AlreadyLocked),
        }
    }

    /// Converts `convert` of the underlying into `reward`, shared pro rata, and unlocks.
    ///
    /// # Errors
    /// [`QueueError::NotLocked`] (a dormant queue takes two zeros),
    /// [`QueueError::CapacityExceedsQueue`].
    pub fn settle(&mut self, convert: U256, reward: U256) -> Result<Settled, QueueError> {
        if self.status == Status::Dormant && convert.is_zero() && reward.is_zero() {
            return Ok(Settled::default());
        }
        if self.status != Status::Locked {
            return Err(QueueError::NotLocked);
        }
        if convert > self.total {
            return Err(QueueError::CapacityExceedsQueue);
        }
        let (total, carry) = (self.total, add(reward, self.carry)?);
        let reward_in = add(self.reward_in, reward)?;
        let ledger = self.generations.last_mut().ok_or(QueueError::NotLocked)?;
        self.carry = ledger.settle(total, convert, carry)?;
        self.reward_in = reward_in;
        self.total = sub(total, convert)?;
        self.status = Status::Active;
        let finalized = self.total.is_zero();
        let dust = if finalized { self.finalize()? } else { Dust::default() };
        Ok(Settled { finalized, dust })
    }

    /// Unlocks without converting anything.
    ///
    /// # Errors
    /// [`QueueError::NotLocked`].
    pub fn unlock(&mut self) -> Result<(), QueueError> {
        if self.status != Status::Locked {
            return Err(QueueError::NotLocked);
        }
        self.status = Status::Active;
        Ok(())
    }

    // --- Views ---

    /// What the queue is doing.
    pub fn status(&self) -> Status {
        self.status
    }

    /// The newest generation, the first being 1; 0 before there was one.
    pub fn current_generation(&self) -> u64 {
        self.generations.len() as u64
    }

    /// Underlying in the current generation, in wei.
    pub fn total_underlying(&self) -> U256 {
        self.total
    }

    /// Positions in the current generation.
    pub fn positions(&self) -> u64 {
        self.positions
    }

    /// Reward that no division has handed out yet, in wei.
    pub fn carry(&self) -> U256 {
        self.carry
    }

    /// Reward that must be in the queue's hands: delivered less paid.
    pub fn reward_held(&self) -> U256 {
        self.reward_in.saturating_sub(self.reward_out)
    }

    /// P and S of the newest generation.
    pub fn ledger(&self) -> Option<&Ledger> {
        self.generations.last()
    }

    /// Everyone with a position, in order of address.
    pub fn users(&self) -> impl Iterator<Item = Address> + '_ {
        self.users.keys().copied()
    }

    /// Underlying that `user` could take back, in wei.
    ///
    /// # Errors
    /// [`QueueError::OutOfRange`] only if the model is broken.
    pub fn remaining_of(&self, user: Address) -> Result<U256, QueueError> {
        self.evaluate(user, |ledger, position| ledger.remaining(&position.entry))
    }

    /// Reward that `user` has earned and not claimed, in wei.
    ///
    /// # Errors
    /// [`QueueError::OutOfRange`] only if the model is broken.
    pub fn earned_of(&self, user: Address) -> Result<U256, QueueError> {
        self.evaluate(user, |ledger, position| {
            add(position.accrued, ledger.earned(&position.entry)?)
        })
    }

    // --- Parts ---

    fn evaluate(
        &self,
        user: Address,
        formula: impl Fn(&Ledger, &Position) -> Result<U256, OutOfRange>,
    ) -> Result<U256, QueueError> {
        let Some(position) = self.users.get(&user) else { return Ok(U256::ZERO) };
        let at = usize::try_from(position.generation - 1).map_err(|_| OutOfRange)?;
        let ledger = self.generations.get(at).ok_or(OutOfRange)?;
        Ok(formula(ledger, position)?)
    }

    fn in_current(&self, user: Address) -> bool {
        self.status != Status::Dormant
            && self.users.get(&user).is_some_and(|p| p.generation == self.current_generation())
    }

    fn place(&mut self, user: Address, amount: U256, accrued: U256) {
        let generation = self.current_generation();
        if let Some(ledger) = self.generations.last() {
            let entry = ledger.entry(amount);
            self.users.insert(user, Position { generation, entry, accrued });
        }
    }

    /// Ends the current generation and returns what nobody owns.
    fn finalize(&mut self) -> Result<Dust, QueueError> {
        if let Some(ledger) = self.generations.last_mut() {
            ledger.finalize();
        }
        self.status = Status::Dormant;
        self.positions = 0;
        let dust = Dust {
            underlying: std::mem::take(&mut self.total),
            reward: std::mem::take(&mut self.carry),
        };
        self.reward_out = add(self.reward_out, dust.reward)?;
        Ok(dust)
    }
}
