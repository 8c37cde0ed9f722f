//! Model of one key of `RateLimits`: an amount that refills by the second up to a maximum.
//! Amounts are in the key's units, times in unix seconds.

use alloy_primitives::U256;

/// What the contract stores under a key. `max_amount` of [`U256::MAX`] means unlimited, zero means
/// that the key is not onboarded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RateLimit {
    /// The most that can be available.
    pub max_amount: U256,
    /// Refill per second.
    pub slope: U256,
    /// Available when it was last touched.
    pub last_amount: U256,
    /// When it was last touched.
    pub last_updated: u64,
}

/// Why a key refuses, named as the contract's errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RateLimitError {
    /// The key was never given a limit, or it was taken away.
    #[error("no limit is set for this key")]
    ZeroMaxAmount,
    /// More was asked than is available.
    #[error("{requested} requested, {available} available")]
    RateLimitExceeded {
        /// Asked for.
        requested: U256,
        /// Available now.
        available: U256,
    },
}

impl RateLimit {
    /// A key that never binds.
    pub const UNLIMITED: Self =
        Self { max_amount: U256::MAX, slope: U256::ZERO, last_amount: U256::MAX, last_updated: 0 };

    /// A key that is full at `now`.
    pub const fn full(max_amount: U256, slope: U256, now: u64) -> Self {
        Self { max_amount, slope, last_amount: max_amount, last_updated: now }
    }

    /// Whether the key exists: an absent key refuses both directions.
    pub fn is_set(&self) -> bool {
        !self.max_amount.is_zero()
    }

    /// Whether the key never binds and is never written.
    pub fn is_unlimited(&self) -> bool {
        self.max_amount == U256::MAX
    }

    /// Available at `now`: the last amount and the refill since, at most the maximum.
    pub fn current(&self, now: u64) -> U256 {
        if self.is_unlimited() {
            return U256::MAX;
        }
        self.last_amount.saturating_add(self.refill(self.last_updated, now)).min(self.max_amount)
    }

    /// The most that can be taken from `now` to `until` by whoever takes everything at both ends.
    pub fn over(&self, now: u64, until: u64) -> U256 {
        let refill = self.refill(now, until).min(self.max_amount);
        self.current(now).saturating_add(refill)
    }

    /// The first second at which `amount` is available; `None` if it never is.
    pub fn available_at(&self, amount: U256, now: u64) -> Option<u64> {
        let current = self.current(now);
        if amount <= current {
            return Some(now);
        }
        if amount > self.max_amount || self.slope.is_zero() {
            return None;
        }
        let missing = amount.checked_sub(self.last_amount)?;
        let wait = u64::try_from(missing.div_ceil(self.slope)).ok()?;
        self.last_updated.checked_add(wait)
    }

    /// Takes `amount` and returns what is left.
    ///
    /// # Errors
    /// [`RateLimitError::ZeroMaxAmount`], [`RateLimitError::RateLimitExceeded`].
    pub fn decrease(&mut self, amount: U256, now: u64) -> Result<U256, RateLimitError> {
        self.touch(now, |available| {
            available
                .checked_sub(amount)
                .ok_or(RateLimitError::RateLimitExceeded { requested: amount, available })
        })
    }

    /// Gives `amount` back, up to the maximum, and returns what is available.
    ///
    /// # Errors
    /// [`RateLimitError::ZeroMaxAmount`].
    pub fn increase(&mut self, amount: U256, now: u64) -> Result<U256, RateLimitError> {
        let max = self.max_amount;
        self.touch(now, |available| Ok(available.saturating_add(amount).min(max)))
    }

    fn touch(
        &mut self,
        now: u64,
        change: impl FnOnce(U256) -> Result<U256, RateLimitError>,
    ) -> Result<U256, RateLimitError> {
        if !self.is_set() {
            return Err(RateLimitError::ZeroMaxAmount);
        }
        if self.is_unlimited() {
            return Ok(U256::MAX);
        }
        self.last_amount = change(self.current(now))?;
        self.last_updated = now;
        Ok(self.last_amount)
    }

    fn refill(&self, from: u64, to: u64) -> U256 {
        self.slope.saturating_mul(U256::from(to.saturating_sub(from)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::uint;

    const MAX: U256 = uint!(5_000_000_000_000_000_000_000_000_U256);
    const SLOPE: U256 = uint!(69_444_444_444_444_444_444_U256);

    #[test]
    fn refills_as_the_golden_vector_says() {
        let mut limit = RateLimit::full(MAX, SLOPE, 0);
        assert_eq!(limit.decrease(MAX, 0), Ok(U256::ZERO));
        assert_eq!(limit.current(3_600), uint!(249_999_999_999_999_999_998_400_U256));
        assert_eq!(limit.current(72_000), uint!(4_999_999_999_999_999_999_968_000_U256));
        assert_eq!(limit.current(72_001), MAX);
        assert_eq!(limit.available_at(MAX, 10), Some(72_001));
        assert_eq!(limit.available_at(MAX + U256::ONE, 10), None);
    }

    #[test]
    fn an_absent_key_refuses_both_ways() {
        let mut limit = RateLimit::default();
        assert_eq!(limit.decrease(U256::ZERO, 1), Err(RateLimitError::ZeroMaxAmount));
        assert_eq!(limit.increase(U256::ONE, 1), Err(RateLimitError::ZeroMaxAmount));
    }

    #[test]
    fn an_unlimited_key_is_never_written() {
        let mut limit = RateLimit::UNLIMITED;
        assert_eq!(limit.decrease(MAX, 7), Ok(U256::MAX));
        assert_eq!(limit.increase(MAX, 8), Ok(U256::MAX));
        assert_eq!(limit, RateLimit::UNLIMITED);
    }

    #[test]
    fn touching_with_nothing_changes_no_amount() {
        let mut limit =
            RateLimit { last_amount: MAX / U256::from(2), ..RateLimit::full(MAX, SLOPE, 0) };
        let before = limit.current(1_234);
        assert_eq!(limit.decrease(U256::ZERO, 1_234), Ok(before));
        assert_eq!(limit.increase(U256::MAX, 1_234), Ok(MAX));
    }

    #[test]
    fn what_was_asked_and_what_there_was_are_in_the_error() {
        let mut limit = RateLimit::full(MAX, SLOPE, 0);
        let requested = MAX + U256::ONE;
        let refused = RateLimitError::RateLimitExceeded { requested, available: MAX };
        assert_eq!(limit.decrease(requested, 0), Err(refused));
        assert_eq!(limit.over(0, 3_600), MAX + SLOPE * U256::from(3_600));
    }
}
