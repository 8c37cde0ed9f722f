//! Limits as governance words them: "50,000,000 USDC per day", "Unlimited". What is not known is an error: a parser that
//! guesses what a vote meant is worse than none.

use alloy_primitives::U256;
use serde::{Deserialize, Serialize};

const DAY: U256 = U256::from_limbs([86_400, 0, 0, 0]);

/// What the text of a limit says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wording {
    /// No limit.
    Unlimited,
    /// So much.
    Amount(Amount),
    /// The limit does not apply to this instance.
    NotApplicable,
    /// It is left to a later text.
    Later,
}

/// A number and the tokens that it may be counted in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amount {
    /// The digits, without the point.
    digits: U256,
    /// How many of them are behind the point.
    fraction: u8,
    /// The tokens; more than one where the text leaves the choice, none where it names none.
    pub tokens: Vec<String>,
}

/// Text that is not known, with the reason.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct Unknown {
    /// What is wrong with it.
    pub why: String,
}

fn unknown<T>(why: impl Into<String>) -> Result<T, Unknown> {
    Err(Unknown { why: why.into() })
}

impl Amount {
    /// In units of a token with these decimals.
    ///
    /// # Errors
    /// When it has more digits behind the point than the token, or is larger than 2^256.
    pub fn units(&self, decimals: u8) -> Result<U256, Unknown> {
        let Some(shift) = decimals.checked_sub(self.fraction) else {
            return unknown(format!("it has more than the token's {decimals} decimals"));
        };
        let scale = U256::from(10).checked_pow(U256::from(shift));
        match scale.and_then(|scale| self.digits.checked_mul(scale)) {
            Some(units) => Ok(units),
            None => unknown("it is larger than any token amount"),
        }
    }

    /// Whether it is nothing, which is the same in every token.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.digits.is_zero()
    }
}

/// Reads a `maxAmount`.
///
/// # Errors
/// [`Unknown`].
pub fn maximum(text: &str) -> Result<Wording, Unknown> {
    let (said, per_day) = read(text)?;
    if per_day { unknown("a maximum is no amount per day") } else { Ok(said) }
}

/// Reads a `slope`. An amount needs its "per day", unless it is zero.
///
/// # Errors
/// [`Unknown`].
pub fn slope(text: &str) -> Result<Wording, Unknown> {
    match read(text)? {
        (Wording::Amount(amount), false) if !amount.is_zero() => unknown("it says no time"),
        (said, _) => Ok(said),
    }
}

fn read(text: &str) -> Result<(Wording, bool), Unknown> {
    let text = text.trim().trim_matches('`').trim_end_matches('.');
    let lower = text.to_lowercase();
    if lower == "unlimited" {
        return Ok((Wording::Unlimited, false));
    }
    if matches!(lower.as_str(), "n/a" | "n/a - swaps only" | "n/a - swap only") {
        return Ok((Wording::NotApplicable, false));
    }
    if lower.starts_with("this parameter will be specified in a future iteration of the ") {
        return Ok((Wording::Later, false));
    }
    let (text, per_day) = match text.strip_suffix("per day") {
        Some(rest) => (rest.trim_end(), true),
        None => (text, false),
    };
    let mut words = text.split_whitespace().peekable();
    let Some(number) = words.next() else { return unknown("it is empty") };
    let (mut digits, mut fraction) = number_of(number)?;
    if let Some(zeros) = words.peek().and_then(|word| zeros_of(word)) {
        words.next();
        let cut = fraction.min(zeros);
        fraction -= cut;
        let scale = U256::from(10).pow(U256::from(zeros - cut));
        let Some(scaled) = digits.checked_mul(scale) else {
            return unknown("it is larger than any token amount");
        };
        digits = scaled;
    }
    let tokens = tokens_of(&words.collect::<Vec<_>>())?;
    Ok((Wording::Amount(Amount { digits, fraction, tokens }), per_day))
}

fn zeros_of(word: &str) -> Option<u8> {
    match word.to_lowercase().as_str() {
        "thousand" => Some(3),
        "million" => Some(6),
        "billion" => Some(9),
        _ => None,
    }
}

/// Digits, in groups of three if there are commas, and how many stand behind the point.
fn number_of(word: &str) -> Result<(U256, u8), Unknown> {
    let (whole, rest) = word.split_once('.').unwrap_or((word, ""));
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or_default();
    let grouped = !whole.contains(',')
        || (first.len() <= 3 && groups.all(|group| group.len() == 3 && is_digits(group)));
    let plain: String = whole.chars().filter(|c| *c != ',').collect();
    let pointed = !word.contains('.') || is_digits(rest);
    if !grouped || !is_digits(&plain) || !is_digits(first) || !pointed {
        return unknown(format!("{:?} is no number", cut(word)));
    }
    let digits = format!("{plain}{rest}").parse::<U256>();
    match (digits, u8::try_from(rest.len())) {
        (Ok(digits), Ok(fraction)) => Ok((digits, fraction)),
        _ => unknown("it is larger than any token amount"),
    }
}

/// `USDC`, `USDS/USDC`, `RLUSD or USDC`, or nothing.
fn tokens_of(words: &[&str]) -> Result<Vec<String>, Unknown> {
    let names: Vec<&str> = match words {
        [] => Vec::new(),
        [one] => one.split('/').collect(),
        [first, "or", second] => vec![first, second],
        _ => return unknown(format!("{:?} is no token", cut(&words.join(" ")))),
    };
    let is_token = |name: &&str| {
        let mut bytes = name.bytes();
        bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic())
            && name.len() <= 16
            && bytes.all(|byte| byte.is_ascii_alphanumeric())
    };
    match names.iter().find(|name| !is_token(name)) {
        Some(other) => unknown(format!("{:?} is no token", cut(other))),
        None => Ok(names.into_iter().map(str::to_owned).collect()),
    }
}

fn cut(text: &str) -> String {
    text.chars().take(40).collect()
}

/// A limit on the chain, for comparison with words.
#[derive(Clone, Copy, Debug)]
pub struct OnChain<'a> {
    /// The maximum, in units of the token; 2^256 - 1 means unlimited.
    pub max: U256,
    /// What comes back, in units of the token per second.
    pub slope: U256,
    /// The token's symbol.
    pub symbol: &'a str,
    /// The token's decimals.
    pub decimals: u8,
}

impl OnChain<'_> {
    /// Why the words do not say this; nothing if they do. A slope per day is stored per second and rounded down: 60 a
    /// day at 6 decimals reads back as 59.9616, and counts as equal. A limit without end has no use for a slope.
    #[must_use]
    pub fn differs(&self, max: Option<&str>, slope_text: Option<&str>) -> Vec<String> {
        let mut why = Vec::new();
        let unlimited = self.max == U256::MAX;
        match max.map(maximum) {
            None => why.push("the text states no maxAmount".to_owned()),
            Some(Err(error)) => why.push(format!("maxAmount is not understood: {error}")),
            Some(Ok(said)) => why.extend(self.differs_from(&said, "maxAmount", self.max, |it| it)),
        }
        match slope_text.map(slope) {
            None if unlimited || self.slope.is_zero() => {}
            None => why.push("the text states no slope".to_owned()),
            Some(Err(error)) => why.push(format!("slope is not understood: {error}")),
            Some(Ok(Wording::Unlimited)) if unlimited => {}
            Some(Ok(said)) => {
                why.extend(self.differs_from(&said, "slope", self.slope, |day| day / DAY));
            }
        }
        why
    }

    fn differs_from(
        &self,
        said: &Wording,
        what: &str,
        found: U256,
        stored: impl Fn(U256) -> U256,
    ) -> Option<String> {
        let amount = match said {
            Wording::Unlimited if found == U256::MAX => return None,
            Wording::Unlimited => {
                return Some(format!("{what} is unlimited in the text, not on the chain"));
            }
            Wording::NotApplicable if found.is_zero() => return None,
            Wording::NotApplicable => {
                return Some(format!("{what} does not apply in the text, but the chain has it"));
            }
            Wording::Later => return Some(format!("{what} is left to a later text")),
            Wording::Amount(amount) => amount,
        };
        if amount.is_zero() {
            return (!found.is_zero())
                .then(|| format!("{what} is 0 in the text, not on the chain"));
        }
        if amount.tokens.is_empty() {
            return Some(format!("{what} names no token"));
        }
        if !amount.tokens.iter().any(|token| token == self.symbol) {
            let named = amount.tokens.join("/");
            return Some(format!("{what} is in {named}, the chain counts in {}", self.symbol));
        }
        match amount.units(self.decimals) {
            Err(error) => Some(format!("{what}: {error}")),
            Ok(units) if stored(units) == found => None,
            Ok(_) => Some(format!("{what} is another amount on the chain")),
        }
    }
}

/// One limit of a governance text, as `atlas_rate_limits.json` lists them.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Row {
    /// Whose it is.
    pub agent: String,
    /// The instance.
    pub instance: String,
    /// The document's number and title.
    pub field: String,
    /// The text of `maxAmount`.
    pub max_amount: Option<String>,
    /// The text of `slope`.
    pub slope: Option<String>,
}

/// How many rows of a governance text say something definite, and the rest.
#[derive(Clone, Debug, Serialize)]
pub struct Reading {
    /// All rows.
    pub rows: usize,
    /// Those that are understood.
    pub understood: usize,
    /// Of these, how many state an amount and name no token in either field.
    pub without_token: usize,
    /// Those that are not, with the reason.
    pub rest: Vec<Unread>,
}

/// A row that says nothing definite.
#[derive(Clone, Debug, Serialize)]
pub struct Unread {
    /// Whose it is.
    pub agent: String,
    /// The instance.
    pub instance: String,
    /// The document's number and title.
    pub field: String,
    /// Which part of it, with its text.
    pub text: String,
    /// Why it is not understood.
    pub why: String,
}

/// Reads every row.
#[must_use]
pub fn read_rows(rows: &[Row]) -> Reading {
    let mut reading =
        Reading { rows: rows.len(), understood: 0, without_token: 0, rest: Vec::new() };
    for row in rows {
        match understand(row) {
            Ok(has_token) => {
                reading.understood += 1;
                reading.without_token += usize::from(!has_token);
            }
            Err((text, why)) => reading.rest.push(Unread {
                agent: row.agent.clone(),
                instance: row.instance.clone(),
                field: row.field.clone(),
                text,
                why,
            }),
        }
    }
    reading
}

/// Whether the row names a token wherever it needs one; else the text and why it is not understood.
fn understand(row: &Row) -> Result<bool, (String, String)> {
    let Some(text) = &row.max_amount else {
        return Err(("maxAmount: -".into(), "it states no maxAmount".into()));
    };
    let part = |name: &str, text: &str, said: Result<Wording, Unknown>| {
        let place = || format!("{name}: {text}");
        match said {
            Ok(Wording::Later) => Err((place(), "it is left to a later text".to_owned())),
            Ok(said) => Ok(said),
            Err(error) => Err((place(), error.why)),
        }
    };
    let max = part("maxAmount", text, maximum(text))?;
    let slope = match &row.slope {
        Some(text) => Some(part("slope", text, slope(text))?),
        None => None,
    };
    let needs_slope = matches!(&max, Wording::Amount(amount) if !amount.is_zero());
    if needs_slope && slope.is_none() {
        return Err((format!("maxAmount: {text}"), "it states an amount and no slope".into()));
    }
    let mut amounts =
        [Some(&max), slope.as_ref()].into_iter().flatten().filter_map(|said| match said {
            Wording::Amount(amount) if !amount.is_zero() => Some(amount),
            _ => None,
        });
    let first = amounts.next();
    Ok(first.is_none_or(|first| !first.tokens.is_empty())
        || amounts.any(|amount| !amount.tokens.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(text: &str) -> Amount {
        match read(text).unwrap().0 {
            Wording::Amount(amount) => amount,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn amounts_are_exact() {
        let usdc = |text: &str| amount(text).units(6).unwrap();
        assert_eq!(usdc("50,000,000 USDC"), U256::from(50_000_000_000_000_u64));
        assert_eq!(usdc("50 million USDC per day"), U256::from(50_000_000_000_000_u64));
        assert_eq!(usdc("1.25 million USDC"), U256::from(1_250_000_000_000_u64));
        assert_eq!(usdc("0.000001 USDC"), U256::from(1));
        assert!(amount("0.0000001 USDC").units(6).is_err());
        assert_eq!(amount("10,000 USDS/USDC").tokens, ["USDS", "USDC"]);
        assert_eq!(amount("10,000 RLUSD or USDC").tokens, ["RLUSD", "USDC"]);
        assert!(amount("10,000").tokens.is_empty());
    }

    #[test]
    fn wording_that_is_not_known_is_an_error() {
        for text in [
            "",
            "about 50,000,000 USDC",
            "50,00,000 USDC",
            "50,000,0000 USDC",
            ",5 USDC",
            "5. USDC",
            "-5 USDC",
            "5e6 USDC",
            "50,000,000 USDC per week",
            "50,000,000 USDC and more",
            "50,000,000 <USDC>",
            "TBD",
            "unlimited USDC",
            "N/A - for now",
        ] {
            assert!(maximum(text).is_err(), "{text}");
            assert!(slope(text).is_err(), "{text}");
        }
        assert!(slope("50,000,000 USDC").is_err(), "no time");
        assert!(maximum("50,000,000 USDC per day").is_err());
        let huge = "9".repeat(90);
        assert!(maximum(&huge).is_err());
        assert!(maximum(&format!("{} billion", "9".repeat(76))).is_err());
    }

    #[test]
    fn a_slope_agrees_within_the_truncation_to_seconds_and_no_further() {
        let sixty = OnChain {
            max: U256::from(50_000_000),
            slope: U256::from(694),
            symbol: "USDC",
            decimals: 6,
        };
        assert_eq!(sixty.differs(Some("50 USDC"), Some("60 USDC per day")), [""; 0]);
        let other = OnChain { slope: U256::from(693), ..sixty };
        assert_eq!(other.differs(Some("50 USDC"), Some("60 USDC per day")).len(), 1);
        assert_eq!(sixty.differs(Some("50 USDS"), Some("60 USDC per day")).len(), 1);
        assert_eq!(sixty.differs(Some("50"), Some("60 USDC per day")).len(), 1);
        assert_eq!(sixty.differs(Some("Unlimited"), None).len(), 2);
        assert_eq!(sixty.differs(None, Some("soon")).len(), 2);
    }

    #[test]
    fn unlimited_needs_no_slope() {
        let open = OnChain { max: U256::MAX, slope: U256::ZERO, symbol: "USDS", decimals: 18 };
        assert!(open.differs(Some("Unlimited"), None).is_empty());
        assert!(open.differs(Some("unlimited"), Some("Unlimited")).is_empty());
        assert_eq!(open.differs(Some("1 USDS"), None).len(), 1);
        assert_eq!(open.differs(Some("N/A"), None).len(), 1);
    }
}
