//! Limits that no reviewer should be asked to sign, by the rule that the helpers of Spark's spells apply: at least one
//! token and at most 10^12, and the same for each hour of the slope.

use alloy_primitives::U256;

use crate::{Error, Result};

/// The most tokens of a maximum, and of an hour's slope.
const MOST: u64 = 1_000_000_000_000;
const HOUR: u64 = 3600;

/// A limit of what leaves: a maximum in token units, a slope in token units per second.
///
/// # Errors
/// [`Error::Insane`] for an unlimited one, and for a maximum or an hour's slope outside [1, 10^12] tokens.
pub fn outflow(label: &str, max: U256, slope: U256, decimals: u8) -> Result<()> {
    let insane =
        |reason: &str| Err(Error::Insane { label: label.to_owned(), reason: reason.to_owned() });
    if max == U256::MAX {
        return insane("what leaves is never unlimited");
    }
    if !is_sane(max, decimals) {
        return insane("its maximum is not between 1 and 10^12 tokens");
    }
    match slope.checked_mul(U256::from(HOUR)) {
        Some(hourly) if is_sane(hourly, decimals) => Ok(()),
        _ => insane("its slope is not between 1 and 10^12 tokens an hour"),
    }
}

/// A cap in token units.
///
/// # Errors
/// [`Error::Insane`] outside [1, 10^12] tokens.
pub fn cap(label: &str, cap: U256, decimals: u8) -> Result<()> {
    if is_sane(cap, decimals) {
        return Ok(());
    }
    let reason = "it is not between 1 and 10^12 tokens".to_owned();
    Err(Error::Insane { label: label.to_owned(), reason })
}

fn is_sane(units: U256, decimals: u8) -> bool {
    let one = U256::from(10).pow(U256::from(decimals));
    units >= one && units <= one.saturating_mul(U256::from(MOST))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(count: u64) -> U256 {
        U256::from(count) * U256::from(1_000_000)
    }

    #[test]
    fn the_bounds_are_inclusive() {
        let (least, most) = (tokens(1), tokens(MOST));
        let per_second = |hourly: U256| hourly.div_ceil(U256::from(HOUR));
        for max in [least, most] {
            outflow("x", max, per_second(least), 6).unwrap();
            cap("x", max, 6).unwrap();
        }
        outflow("x", most, most / U256::from(HOUR), 6).unwrap();
        for max in [least - U256::from(1), most + U256::from(1), U256::ZERO, U256::MAX] {
            outflow("x", max, tokens(1), 6).unwrap_err();
            cap("x", max, 6).unwrap_err();
        }
        let too_slow = (least - U256::from(1)) / U256::from(HOUR);
        for slope in [U256::ZERO, too_slow, most / U256::from(HOUR) + U256::from(1), U256::MAX] {
            let error = outflow("savings deposit", most, slope, 6).unwrap_err();
            assert!(error.to_string().starts_with("savings deposit: its slope"), "{error}");
        }
    }
}
