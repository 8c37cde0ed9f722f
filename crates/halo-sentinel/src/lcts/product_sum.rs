//! Accounting by product and sum: what is left of any entry follows from a running product of the
//! unconverted fraction, what it has earned from a running sum, both in O(1) for every user.

use crate::math::{OutOfRange, add, mul, mul_div, mul_div_up, sub};
use alloy_primitives::{U256, uint};

/// The product at which a generation starts: 10³⁶.
pub const ONE: U256 = uint!(1_000_000_000_000_000_000_000_000_000_000_000_000_U256);
/// One rescaling: 10⁹.
pub const SCALE: U256 = uint!(1_000_000_000_U256);
/// The product never stays below this: 10²⁷.
pub const FLOOR: U256 = uint!(1_000_000_000_000_000_000_000_000_000_U256);
/// An entry older than this many rescalings has nothing left that a floor would show.
pub const REMAINING_REACH: u32 = 4;
/// Scales after its own in which an entry can still earn a wei.
pub const EARNING_REACH: u32 = 3;

/// The two running numbers of one generation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ledger {
    product: U256,
    sums: Vec<U256>,
    finalized: bool,
}

/// An entry as it stood when it was last touched: what the formulas are evaluated against.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// Underlying at the snapshot, in wei.
    pub amount: U256,
    /// The product at the snapshot.
    pub product: U256,
    /// The scale at the snapshot.
    pub scale: u32,
    /// The sum at the snapshot, at that scale.
    pub sum: U256,
}

impl Default for Ledger {
    fn default() -> Self {
        Self { product: ONE, sums: vec![U256::ZERO], finalized: false }
    }
}

impl Ledger {
    /// P: between [`FLOOR`] and [`ONE`], or what it was when everything was converted.
    pub fn product(&self) -> U256 {
        self.product
    }

    /// k: how often P was rescaled.
    pub fn scale(&self) -> u32 {
        // One sum per scale and at most four rescalings a settlement.
        u32::try_from(self.sums.len().saturating_sub(1)).unwrap_or(u32::MAX)
    }

    /// S at scale `k`; zero for a scale that was never reached.
    pub fn sum(&self, k: u32) -> U256 {
        self.sums.get(k as usize).copied().unwrap_or_default()
    }

    /// Whether nothing is left to convert.
    pub fn is_finalized(&self) -> bool {
        self.finalized
    }

    /// An entry of `amount` made now.
    pub fn entry(&self, amount: U256) -> Entry {
        let scale = self.scale();
        Entry { amount, product: self.product, scale, sum: self.sum(scale) }
    }

    /// Underlying that is left of `entry`, in wei, floor.
    ///
    /// # Errors
    /// [`OutOfRange`] for an entry that this ledger did not make.
    pub fn remaining(&self, entry: &Entry) -> Result<U256, OutOfRange> {
        if entry.amount.is_zero() {
            return Ok(U256::ZERO);
        }
        let rescaled = self.scale().checked_sub(entry.scale).ok_or(OutOfRange)?;
        if self.finalized || rescaled > REMAINING_REACH {
            return Ok(U256::ZERO);
        }
        let divisor = mul(entry.product, SCALE.pow(U256::from(rescaled)))?;
        mul_div(entry.amount, self.product, divisor)
    }

    /// Reward that `entry` has earned since its snapshot, in wei, floor at every scale.
    ///
    /// # Errors
    /// [`OutOfRange`] for an entry that this ledger did not make.
    pub fn earned(&self, entry: &Entry) -> Result<U256, OutOfRange> {
        if entry.amount.is_zero() {
            return Ok(U256::ZERO);
        }
        let own = sub(self.sum(entry.scale), entry.sum)?;
        let mut earned = mul_div(own, entry.amount, entry.product)?;
        let mut divisor = U256::ONE;
        for later in 1..=EARNING_REACH {
            divisor = mul(divisor, SCALE)?;
            let sum = self.sum(entry.scale.saturating_add(later));
            let at_scale = mul_div(sum, entry.amount, entry.product)?;
            earned = add(earned, at_scale / divisor)?;
        }
        Ok(earned)
    }

    /// Shares `reward` (with what earlier divisions left over) among `total` of underlying, of which
    /// `convert` leaves. Returns the reward that the division leaves over, so that entries never
    /// earn more than was delivered.
    ///
    /// # Errors
    /// [`OutOfRange`] if `convert > total` or `total` is zero.
    pub fn settle(&mut self, total: U256, convert: U256, reward: U256) -> Result<U256, OutOfRange> {
        let left = sub(total, convert)?;
        let increase = mul_div(reward, self.product, total)?;
        let carry = sub(reward, mul_div_up(increase, total, self.product)?)?;
        let sum = add(self.sum(self.scale()), increase)?;
        let (product, rescalings) = self.shrunk(left, total)?;

        if let Some(last) = self.sums.last_mut() {
            *last = sum;
        }
        self.product = product;
        self.sums.extend((0..rescalings).map(|_| U256::ZERO));
        self.finalized = left.is_zero();
        Ok(carry)
    }

    /// Ends the generation: whatever entries had left is zero from now on.
    pub fn finalize(&mut self) {
        self.finalized = true;
    }

    /// P after the unconverted fraction became `left / total`, and the rescalings that took.
    fn shrunk(&self, left: U256, total: U256) -> Result<(U256, u32), OutOfRange> {
        let (mut numerator, mut rescalings) = (self.product, 0);
        if left.is_zero() {
            return Ok((numerator, rescalings));
        }
        loop {
            let product = mul_div(numerator, left, total)?;
            if product >= FLOOR {
                return Ok((product, rescalings));
            }
            numerator = mul(numerator, SCALE)?;
            rescalings += 1;
        }
    }
}
