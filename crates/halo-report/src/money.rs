//! Dollars of 18 decimals, as text and, for drawing alone, as points on a chart.

use alloy_primitives::{I256, U256};
use halo_spec::amount;

const DECIMALS: u8 = 18;
const ONE: u64 = 1_000_000_000_000_000_000;

/// To the wei: `1,234.000000000000000001`.
pub(crate) fn exact(value: U256) -> String {
    let whole = value / U256::from(ONE);
    let fraction = value % U256::from(ONE);
    format!("{}.{fraction:0>18}", grouped(whole))
}

/// [`exact`] with its sign.
pub(crate) fn exact_signed(value: I256) -> String {
    let sign = if value.is_negative() { "−" } else { "" };
    format!("{sign}{}", exact(value.unsigned_abs()))
}

/// Whole dollars, rounded down, or cents if it is less than a thousand: `91,930,155`.
pub(crate) fn dollars(value: U256) -> String {
    let whole = value / U256::from(ONE);
    if value.is_zero() || whole >= U256::from(1_000) {
        return grouped(whole);
    }
    let cents = value % U256::from(ONE) / U256::from(ONE / 100);
    format!("{whole}.{cents:0>2}")
}

/// [`dollars`] with its sign.
pub(crate) fn signed(value: I256) -> String {
    let sign = if value.is_negative() { "−" } else { "" };
    format!("{sign}{}", dollars(value.unsigned_abs()))
}

/// As one says it, rounded down: `91.93 M USDS`.
pub(crate) fn short(value: U256) -> String {
    let scale = Scale::of(value);
    format!("{} {}", scale.text(value), scale.unit)
}

/// A number with so many of its decimals, rounded down.
pub(crate) fn decimals(value: U256, places: usize) -> String {
    let fraction = format!("{:0>18}", value % U256::from(ONE));
    format!("{}.{}", grouped(value / U256::from(ONE)), &fraction[..places.min(18)])
}

/// How many of something: `412,000,000`.
pub(crate) fn count(many: u64) -> String {
    grouped(U256::from(many))
}

fn grouped(whole: U256) -> String {
    amount::format_number(whole, 0).replace('_', ",")
}

/// The unit that the amounts of one chart are shown in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scale {
    /// Its name, such as `M USDS`.
    pub(crate) unit: &'static str,
    /// Decimals of dollars that make it: 24 for millions.
    exponent: u8,
}

impl Scale {
    /// In which the largest amount is between one and ten thousand where possible.
    pub(crate) fn of(largest: U256) -> Self {
        let whole = largest / U256::from(ONE);
        let (unit, exponent) = match whole {
            w if w >= U256::from(10_000_000_000_u64) => ("bn USDS", 9),
            w if w >= U256::from(1_000_000) => ("M USDS", 6),
            w if w >= U256::from(10_000) => ("k USDS", 3),
            _ => ("USDS", 0),
        };
        Self { unit, exponent: DECIMALS + exponent }
    }

    /// The amount in this unit, two decimals, rounded down.
    pub(crate) fn text(self, value: U256) -> String {
        let hundredths = value / U256::from(10).pow(U256::from(self.exponent - 2));
        let whole = grouped(hundredths / U256::from(100));
        format!("{whole}.{:0>2}", hundredths % U256::from(100))
    }

    /// The amount in this unit as a place on a chart.
    #[expect(clippy::float_arithmetic, reason = "a place on a chart")]
    pub(crate) fn place(self, value: U256) -> f64 {
        // Six decimals of the unit are finer than any screen.
        let millionths = value / U256::from(10).pow(U256::from(self.exponent - 6));
        f64::from(millionths) / 1e6
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usd(millis: u64) -> U256 {
        U256::from(millis) * U256::from(ONE / 1_000)
    }

    #[test]
    fn amounts_round_down() {
        assert_eq!(dollars(usd(91_930_155_999)), "91,930,155");
        assert_eq!(dollars(usd(999_999)), "999.99");
        assert_eq!(dollars(U256::ZERO), "0");
        assert_eq!(short(usd(91_939_999_000)), "91.93 M USDS");
        assert_eq!(short(usd(12_500)), "12.50 USDS");
        assert_eq!(exact(usd(1_234_000) + U256::from(1)), "1,234.000000000000000001");
        assert_eq!(decimals(usd(1_002), 4), "1.0020");
    }

    #[test]
    fn the_largest_numbers_have_a_place() {
        let largest = U256::MAX;
        assert!(Scale::of(largest).place(largest).is_finite());
        assert_eq!(exact_signed(I256::MIN).matches('−').count(), 1);
        assert!(short(largest).ends_with(" bn USDS"));
    }
}
