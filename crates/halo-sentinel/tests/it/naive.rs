//! The share formula of the public text, kept as a mutant: an entry mints amount × shares ÷
//! underlying, a settlement raises a reward per share at 1e18, nothing bounds the ratio.

use alloy_primitives::{Address, U256};
use halo_sentinel::math::{OutOfRange, WAD, add, mul_div, sub};
use std::collections::BTreeMap;

#[derive(Default)]
pub(crate) struct NaiveQueue {
    shares: U256,
    underlying: U256,
    reward_per_share: U256,
    /// Shares and the reward per share at entry.
    positions: BTreeMap<Address, (U256, U256)>,
}

impl NaiveQueue {
    pub(crate) fn enter(&mut self, user: Address, amount: U256) -> Result<(), OutOfRange> {
        let shares = if self.shares.is_zero() {
            amount
        } else {
            mul_div(amount, self.shares, self.underlying)?
        };
        self.shares = add(self.shares, shares)?;
        self.underlying = add(self.underlying, amount)?;
        self.positions.insert(user, (shares, self.reward_per_share));
        Ok(())
    }

    pub(crate) fn settle(&mut self, convert: U256, reward: U256) -> Result<(), OutOfRange> {
        let increase = mul_div(reward, WAD, self.shares)?;
        self.reward_per_share = add(self.reward_per_share, increase)?;
        self.underlying = sub(self.underlying, convert)?;
        Ok(())
    }

    pub(crate) fn underlying(&self) -> U256 {
        self.underlying
    }

    pub(crate) fn earned(&self, user: Address) -> Result<U256, OutOfRange> {
        let (shares, since) = self.positions.get(&user).copied().unwrap_or_default();
        mul_div(shares, sub(self.reward_per_share, since)?, WAD)
    }
}
