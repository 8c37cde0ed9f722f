//! Slopes: `"20_000_000 USDS / day"`, kept per second as the chain keeps them.

use alloy_primitives::U256;
use serde::Serialize;

use super::{ValueError, amount, decimal};
use crate::{network::Token, source::clip};

const DAY: u64 = 86_400;

/// The time that a rate is given for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Period {
    /// One second.
    Second,
    /// 60 seconds.
    Minute,
    /// 3,600 seconds.
    Hour,
    /// 86,400 seconds.
    #[default]
    Day,
}

impl Period {
    /// Its length in seconds.
    pub fn seconds(self) -> u64 {
        match self {
            Self::Second => 1,
            Self::Minute => 60,
            Self::Hour => 3_600,
            Self::Day => DAY,
        }
    }

    /// Its word in a file.
    pub fn word(self) -> &'static str {
        match self {
            Self::Second => "second",
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        [Self::Second, Self::Minute, Self::Hour, Self::Day].into_iter().find(|p| p.word() == word)
    }
}

/// An amount per time. The chain stores `per_second`, rounded down; the amount as it was written
/// is kept beside it, so that what the rounding loses can be told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Rate {
    /// Base units per `period`, as written.
    #[serde(serialize_with = "decimal")]
    pub amount: U256,
    /// The time that `amount` is for.
    pub period: Period,
    /// Base units per second: `amount / period`, rounded down.
    #[serde(serialize_with = "decimal")]
    pub per_second: U256,
}

impl Rate {
    /// The rate of `amount` base units in each `period`.
    pub fn new(amount: U256, period: Period) -> Self {
        Self { amount, period, per_second: amount / U256::from(period.seconds()) }
    }

    /// Reads a rate of `token`.
    ///
    /// # Errors
    /// As for an amount; no period or an unknown one; or an amount so small that it is zero per second.
    pub fn parse(text: &str, token: &Token) -> Result<Self, ValueError> {
        Self::parse_as(text, &[token.symbol.as_str()], token.decimals)
    }

    pub(crate) fn parse_as(text: &str, symbols: &[&str], decimals: u8) -> Result<Self, ValueError> {
        let symbol = symbols.first().copied().unwrap_or_default();
        let Some((number, word)) = text.rsplit_once('/') else {
            return Err(ValueError::new(
                "missing-period",
                format!("\"{}\" does not say per what time", clip(text)),
                format!("add the time, such as \"20_000_000 {symbol} / day\""),
            ));
        };
        let Some(period) = Period::from_word(word.trim()) else {
            return Err(ValueError::new(
                "wrong-period",
                format!("\"{}\" is not second, minute, hour or day", clip(word.trim())),
                format!("write it as in \"20_000_000 {symbol} / day\""),
            ));
        };
        let rate = Self::new(amount::parse_as(number, symbols, decimals)?, period);
        if rate.per_second.is_zero() && !rate.amount.is_zero() {
            return Err(ValueError::new(
                "rate-too-small",
                format!("\"{}\" is less than one base unit per second", clip(text)),
                format!(
                    "the chain counts per second: with {decimals} decimals the least is {} {symbol} / day",
                    amount::format_number(U256::from(DAY), decimals)
                ),
            ));
        }
        Ok(rate)
    }

    /// Base units that the chain gives in one day.
    pub fn per_day(&self) -> U256 {
        self.per_second.saturating_mul(U256::from(DAY))
    }

    /// Base units per day that rounding down to whole units per second loses.
    pub fn lost_per_day(&self) -> U256 {
        let periods = U256::from(DAY / self.period.seconds());
        self.amount.saturating_mul(periods).saturating_sub(self.per_day())
    }

    /// Writes the rate as [`Rate::parse`] reads it.
    pub fn format(&self, token: &Token) -> String {
        format!("{} / {}", amount::format(self.amount, token), self.period.word())
    }
}
