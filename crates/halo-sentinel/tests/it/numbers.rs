//! Integers as the vectors print them.

use alloy_primitives::U256;

/// A decimal number; underscores and commas only group.
pub(crate) fn n(digits: &str) -> U256 {
    U256::from_str_radix(&digits.replace(['_', ','], ""), 10).unwrap()
}

/// mantissa × 10^exponent
pub(crate) fn e(mantissa: u64, exponent: u64) -> U256 {
    U256::from(mantissa) * U256::from(10).pow(U256::from(exponent))
}
