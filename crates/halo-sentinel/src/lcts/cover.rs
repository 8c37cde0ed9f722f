//! The Book's waterfall and the room that cover leaves. Values are in asset units, indexes in RAY.

use crate::math::{BPS, OutOfRange, RAY, add, mul, mul_div, mul_div_up};
use alloy_primitives::U256;

const YEAR: u64 = 365 * 86_400;

/// What the two tranches of a Book are worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waterfall {
    /// Value of the senior tranche.
    pub senior: U256,
    /// Value of the junior tranche: all that the senior does not claim.
    pub junior: U256,
}

/// Senior target index after `dt` seconds at `annual_bps`, floor; simple accrual within the span.
///
/// # Errors
/// [`OutOfRange`] if it does not fit.
pub fn accrue(target: U256, annual_bps: u16, dt: u64) -> Result<U256, OutOfRange> {
    let rate = mul(U256::from(annual_bps), U256::from(dt))?;
    add(target, mul_div(target, rate, mul(BPS, U256::from(YEAR))?)?)
}

/// Splits `nav` over a senior tranche of `senior_supply` shares with `target` index, and the rest.
/// `scale` is 10^(18 − decimals of the asset).
///
/// # Errors
/// [`OutOfRange`] if a value does not fit.
pub fn waterfall(
    nav: U256,
    senior_supply: U256,
    target: U256,
    scale: U256,
) -> Result<Waterfall, OutOfRange> {
    let claim = mul_div(senior_supply, target, mul(RAY, scale)?)?;
    let senior = nav.min(claim);
    Ok(Waterfall { senior, junior: nav - senior })
}

/// Index of a tranche worth `value` over `supply` shares, floor.
///
/// # Errors
/// [`OutOfRange`] if there are no shares or it does not fit.
pub fn index(value: U256, supply: U256, scale: U256) -> Result<U256, OutOfRange> {
    mul_div(value, mul(scale, RAY)?, supply)
}

impl Waterfall {
    /// Part of the Book that the junior tranche covers, in basis points, floor; zero if empty.
    ///
    /// # Errors
    /// [`OutOfRange`] if the sum does not fit.
    pub fn cover(&self) -> Result<U256, OutOfRange> {
        let total = add(self.senior, self.junior)?;
        if total.is_zero() { Ok(U256::ZERO) } else { mul_div(self.junior, BPS, total) }
    }

    /// Assets that may subscribe to the senior tranche with cover still at `min_bps`.
    ///
    /// # Errors
    /// [`OutOfRange`] if `min_bps` exceeds 10,000 or a value does not fit.
    pub fn senior_headroom(&self, min_bps: u16) -> Result<U256, OutOfRange> {
        let min = U256::from(min_bps);
        if min.is_zero() {
            return Ok(U256::MAX);
        }
        let rest = BPS.checked_sub(min).ok_or(OutOfRange)?;
        Ok(mul_div(self.junior, rest, min)?.saturating_sub(self.senior))
    }

    /// Assets that may leave the junior tranche with cover still at `min_bps`.
    ///
    /// # Errors
    /// [`OutOfRange`] if `min_bps` exceeds 10,000 or a value does not fit.
    pub fn junior_headroom(&self, min_bps: u16) -> Result<U256, OutOfRange> {
        let min = U256::from(min_bps);
        if min.is_zero() {
            return Ok(U256::MAX);
        }
        let rest = BPS.checked_sub(min).ok_or(OutOfRange)?;
        if rest.is_zero() && !self.senior.is_zero() {
            return Ok(U256::ZERO);
        }
        let needed = if rest.is_zero() { U256::ZERO } else { mul_div_up(self.senior, min, rest)? };
        Ok(self.junior.saturating_sub(needed))
    }
}
