//! Expectations: what must come of a run, such as `day1_inflow >= "300_000_000 USDS"`.

use alloy_primitives::U256;
use serde::Serialize;

use crate::quantity::{ValueError, amount, decimal, share, time};

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Settled on the first day, dollars of 18 decimals.
    Day1Inflow,
    /// Settled on all days, dollars of 18 decimals.
    Inflow,
    /// The most that waits at the end of any day, dollars of 18 decimals.
    MaxUnfilled,
    /// The largest distance of anybody's part of a settlement from its pro rata, wei.
    Fairness,
    /// Days until so much is settled, the first day counted as one.
    TimeToTarget {
        /// Dollars of 18 decimals.
        #[serde(serialize_with = "decimal")]
        target: U256,
    },
    /// What over-asking gained, basis points of what it would have got without.
    OverAskingGain,
    /// The longest time that a rogue relayer could act, seconds.
    Shutdown,
    /// Halts by wardens.
    Halts,
    /// Sentences about the contracts that were not true.
    InvariantsBroken,
}

/// What must come of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Expectation {
    /// As it is written.
    pub text: String,
    /// What is measured.
    pub metric: Metric,
    /// Whether `bound` is the least or the most that it may be.
    pub at_least: bool,
    /// In the metric's own measure.
    #[serde(serialize_with = "decimal")]
    pub bound: U256,
}

const METRICS: &str = "day1_inflow, inflow, max_unfilled, fairness, time_to_target(\"…\"), over_asking_gain, shutdown, \
                       halts, no_invariant_broken";

impl Expectation {
    /// Reads one.
    ///
    /// # Errors
    /// It is not of the form `METRIC >= "VALUE"`, or the value is not of the metric's kind.
    pub fn parse(text: &str) -> Result<Self, ValueError> {
        let said = text.trim();
        if said == "no_invariant_broken" {
            let (metric, bound) = (Metric::InvariantsBroken, U256::ZERO);
            return Ok(Self { text: said.to_owned(), metric, at_least: false, bound });
        }
        let help =
            format!("write it as in day1_inflow >= \"300_000_000 USDS\"; known are {METRICS}");
        let (name, value, at_least) = [(">=", true), ("<=", false)]
            .into_iter()
            .find_map(|(sign, least)| said.split_once(sign).map(|(l, r)| (l, r, least)))
            .ok_or_else(|| {
                ValueError::new("bad-expectation", "an expectation compares with >= or <=", &*help)
            })?;
        let value = unquoted(value).ok_or_else(|| {
            ValueError::new("bad-expectation", "the value stands in no quotes", &*help)
        })?;
        let (name, argument) = match name.trim().split_once('(') {
            Some((name, rest)) => (name.trim(), rest.trim().strip_suffix(')').and_then(unquoted)),
            None => (name.trim(), None),
        };
        let metric = match (name, argument) {
            ("day1_inflow", None) => Metric::Day1Inflow,
            ("inflow", None) => Metric::Inflow,
            ("max_unfilled", None) => Metric::MaxUnfilled,
            ("fairness", None) => Metric::Fairness,
            ("over_asking_gain", None) => Metric::OverAskingGain,
            ("shutdown", None) => Metric::Shutdown,
            ("halts", None) => Metric::Halts,
            ("time_to_target", Some(target)) => Metric::TimeToTarget { target: dollars(target)? },
            _ => {
                let said = format!("\"{}\" is nothing that is measured", crate::source::clip(name));
                return Err(ValueError::new("bad-expectation", said, &*help));
            }
        };
        let bound = match metric {
            Metric::Day1Inflow | Metric::Inflow | Metric::MaxUnfilled => dollars(value)?,
            Metric::Fairness => counted(value, "wei")?,
            Metric::Halts => counted(value, "halts")?,
            Metric::TimeToTarget { .. } => {
                U256::from(time::parse_duration(value)?.div_ceil(86_400))
            }
            Metric::Shutdown => U256::from(time::parse_duration(value)?),
            Metric::OverAskingGain => U256::from(share::parse(value)?),
            Metric::InvariantsBroken => U256::ZERO,
        };
        Ok(Self { text: said.to_owned(), metric, at_least, bound })
    }
}

fn unquoted(text: &str) -> Option<&str> {
    text.trim().strip_prefix('"')?.strip_suffix('"')
}

/// An amount of any dollar, 18 decimals.
pub(super) fn dollars(text: &str) -> Result<U256, ValueError> {
    amount::parse_as(text, &["USDS", "USDC", "asset"], 18)
}

/// `300_000_000 USDS on day 1`: the amount, dollars of 18 decimals, and the day, counted from 1.
///
/// # Errors
/// It is not of that form.
pub fn target(text: &str) -> Result<(U256, u32), ValueError> {
    let help = "write it as in \"300_000_000 USDS on day 1\"";
    let (amount, day) = text.split_once(" on day ").unwrap_or((text, "1"));
    let day = day.trim().parse::<u32>().ok().filter(|day| (1..=super::MAX_DAYS).contains(day));
    let day =
        day.ok_or_else(|| ValueError::new("bad-number", "the day is no number from 1 on", help))?;
    Ok((dollars(amount.trim())?, day))
}

/// `3 wei`: a whole number with its word.
fn counted(text: &str, word: &str) -> Result<U256, ValueError> {
    let number = text.trim().strip_suffix(word).unwrap_or(text).trim();
    number.parse::<u64>().map(U256::from).map_err(|_| {
        let said = format!("\"{}\" is not a whole number of {word}", crate::source::clip(text));
        ValueError::new("bad-number", said, format!("write it as in \"3 {word}\""))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_issue_writes_is_read() {
        let read = |text: &str| Expectation::parse(text).unwrap();
        let one = read("day1_inflow >= \"300_000_000 USDS\"");
        assert_eq!((one.metric, one.at_least), (Metric::Day1Inflow, true));
        assert_eq!(one.bound.to_string(), "300000000000000000000000000");
        assert_eq!(read("no_invariant_broken").metric, Metric::InvariantsBroken);
        assert_eq!(read("fairness <= \"3 wei\"").bound, U256::from(3));
        assert_eq!(read("over_asking_gain <= \"5 %\"").bound, U256::from(500));
        let target = read("time_to_target(\"1 USDS\") <= \"5 days\"");
        assert_eq!(target.bound, U256::from(5));
        assert_eq!(
            target.metric,
            Metric::TimeToTarget { target: U256::from(10).pow(U256::from(18)) }
        );
    }

    #[test]
    fn what_is_not_measured_is_refused() {
        for text in [
            "day1_inflow",
            "day1_inflow > \"1 USDS\"",
            "day1_inflow >= 1",
            "luck >= \"1 USDS\"",
            "fairness <= \"1 USDS\"",
            "time_to_target <= \"5 days\"",
            "inflow >= \"-1 USDS\"",
            "",
        ] {
            assert!(Expectation::parse(text).is_err(), "{text}");
        }
    }
}
