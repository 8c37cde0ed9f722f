//! Turning located text into values while collecting everything that is wrong with it.

use std::ops::Range;

use alloy_primitives::{Address, U256};
use toml::Spanned;

use crate::{
    finding::{Finding, Severity},
    limit::LimitValue,
    network::Token,
    quantity::{ValueError, address, amount, rate::Rate, share, time},
    text::{
        AddressText, AmountOrUnlimitedText, AmountText, DurationText, NameText, RateText, SaltText,
        SharePerDayText, ShareText, SharesText, SlugText, Text, TimeText,
    },
};

/// The findings about one file, as they are made. A value that cannot be read is replaced by a
/// default, which nobody sees: with an error among the findings there is no result.
#[derive(Debug, Default)]
pub(crate) struct Review {
    pub(crate) findings: Vec<Finding>,
}

impl Review {
    /// Says that the text at `span` is wrong.
    pub(crate) fn error(
        &mut self,
        span: Range<usize>,
        code: &'static str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.findings.push(Finding::at(Severity::Error, code, span, message).help(help));
    }

    /// Says that somebody should look at the text at `span`.
    pub(crate) fn warn(
        &mut self,
        span: Range<usize>,
        code: &'static str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.findings.push(Finding::at(Severity::Warning, code, span, message).help(help));
    }

    /// Says something worth knowing about the text at `span`.
    pub(crate) fn note(
        &mut self,
        span: Range<usize>,
        code: &'static str,
        message: impl Into<String>,
    ) {
        self.findings.push(Finding::at(Severity::Note, code, span, message));
    }

    /// Whether anything so far stops the file from being used.
    pub(crate) fn failed(&self) -> bool {
        self.findings.iter().any(Finding::is_error)
    }

    /// The value, or a finding at the text's place.
    pub(crate) fn take<T: Default>(&mut self, text: &impl Text, value: Result<T, ValueError>) -> T {
        value.unwrap_or_else(|e| {
            self.error(text.span(), e.code, e.message, e.help);
            T::default()
        })
    }

    pub(crate) fn amount(&mut self, text: &AmountText, unit: &Measure<'_>) -> U256 {
        self.take(text, amount::parse_as(text.get(), &unit.symbols, unit.decimals))
    }

    pub(crate) fn amount_or_unlimited(
        &mut self,
        text: &AmountOrUnlimitedText,
        unit: &Measure<'_>,
    ) -> U256 {
        if text.get().trim() == amount::UNLIMITED {
            return U256::MAX;
        }
        self.take(text, amount::parse_as(text.get(), &unit.symbols, unit.decimals))
    }

    pub(crate) fn shares(&mut self, text: &SharesText, symbol: &str) -> U256 {
        self.take(text, amount::parse_as(text.get(), &["shares", symbol], 18))
    }

    pub(crate) fn share(&mut self, text: &ShareText) -> u16 {
        self.take(text, share::parse(text.get()))
    }

    pub(crate) fn share_per_day(&mut self, text: &SharePerDayText) -> u16 {
        self.take(text, share::parse_per_day(text.get()))
    }

    pub(crate) fn duration(&mut self, text: &DurationText) -> u32 {
        self.take(text, time::parse_duration(text.get()))
    }

    pub(crate) fn time(&mut self, text: &TimeText) -> u32 {
        self.take(text, time::parse_time(text.get()))
    }

    pub(crate) fn address(&mut self, text: &AddressText) -> Address {
        self.take(text, address::parse(text.get()))
    }

    pub(crate) fn addresses(&mut self, texts: &[AddressText]) -> Vec<Address> {
        texts.iter().map(|t| self.address(t)).collect()
    }

    pub(crate) fn slug(&mut self, text: &SlugText) -> String {
        let slug = text.get();
        let well_formed = !slug.is_empty()
            && !slug.starts_with('-')
            && !slug.ends_with('-')
            && !slug.contains("--")
            && slug.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        if !well_formed || slug.len() > MAX_SLUG {
            self.error(
                text.span(),
                "bad-slug",
                format!("a slug has 1 to {MAX_SLUG} lower-case letters, digits and single hyphens"),
                "write it as in \"tbill\" or \"clo-senior\"",
            );
        }
        slug.to_owned()
    }

    pub(crate) fn name(&mut self, text: &NameText) -> String {
        self.printable(text, "name");
        text.get().to_owned()
    }

    pub(crate) fn salt(&mut self, text: Option<&SaltText>) -> alloy_primitives::B256 {
        text.map_or_else(Default::default, |text| {
            self.printable(text, "salt");
            alloy_primitives::keccak256(text.get())
        })
    }

    fn printable(&mut self, text: &impl Text, what: &str) {
        let said = text.get();
        let plain = said.bytes().all(|b| (b' '..=b'~').contains(&b)) && said.trim() == said;
        if said.is_empty() || said.len() > MAX_NAME || !plain {
            self.error(
                text.span(),
                "bad-name",
                format!("a {what} has 1 to {MAX_NAME} printable ASCII characters, none of them a space at an end"),
                "shorten it, and leave out accents and other scripts: it is stored on chain",
            );
        }
    }

    /// A limit: a largest amount and the slope at which it comes back, or no limit at all.
    pub(crate) fn limit(&mut self, table: &Spanned<LimitTable>, unit: &Measure<'_>) -> LimitValue {
        let LimitTable { max, slope } = table.get_ref();
        let most = self.amount_or_unlimited(max, unit);
        let slope = match slope {
            Some(slope) if most == U256::MAX => {
                self.error(
                    slope.span(),
                    "slope-of-unlimited",
                    "an unlimited limit has no slope",
                    "remove the slope, or give `max` a number",
                );
                Rate::default()
            }
            Some(slope) => {
                let rate = Rate::parse_as(slope.get(), &unit.symbols, unit.decimals);
                self.slope(slope, rate, unit)
            }
            None if most == U256::MAX => Rate::default(),
            None => {
                self.error(
                    table.span(),
                    "missing-key",
                    "a limit with a number for `max` needs a `slope`",
                    format!("add slope = \"20_000_000 {} / day\"", unit.symbol()),
                );
                Rate::default()
            }
        };
        LimitValue { max: most, slope }
    }

    /// The slope, saying so when whole units per second lose a visible part of it.
    fn slope(
        &mut self,
        text: &RateText,
        rate: Result<Rate, ValueError>,
        unit: &Measure<'_>,
    ) -> Rate {
        let rate = self.take(text, rate);
        let lost = rate.lost_per_day();
        if !lost.is_zero() && lost.saturating_mul(U256::from(VISIBLE)) >= rate.per_day() {
            self.note(
                text.span(),
                "slope-rounded",
                format!(
                    "the chain counts whole base units per second: this reads back as {} {} / day",
                    amount::format_number(rate.per_day(), unit.decimals),
                    unit.symbol(),
                ),
            );
        }
        rate
    }
}

/// A loss of one part in so many is worth a note.
const VISIBLE: u64 = 10_000;
/// The longest slug.
pub(crate) const MAX_SLUG: usize = 32;
/// The longest name.
pub(crate) const MAX_NAME: usize = 64;

/// What an amount may be counted in: words that mean the same token, and its decimals.
#[derive(Clone, Debug)]
pub(crate) struct Measure<'a> {
    symbols: Vec<&'a str>,
    decimals: u8,
}

impl<'a> Measure<'a> {
    /// Tokens that count as one, with `decimals`.
    pub(crate) fn new(symbols: Vec<&'a str>, decimals: u8) -> Self {
        Self { symbols, decimals }
    }

    pub(crate) fn of(token: &'a Token) -> Self {
        Self { symbols: vec![&token.symbol], decimals: token.decimals }
    }

    /// The same token, which may also be called `word`.
    pub(crate) fn or(mut self, word: &'a str) -> Self {
        self.symbols.push(word);
        self
    }

    fn symbol(&self) -> &'a str {
        self.symbols.first().copied().unwrap_or_default()
    }
}

/// A rate limit as it is written: `{ max = "100_000_000 USDS", slope = "20_000_000 USDS / day" }`.
#[derive(Clone, Debug, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LimitTable {
    /// The most that can be available at once; `unlimited` where a limit may be left out.
    pub(crate) max: AmountOrUnlimitedText,
    /// How fast it comes back after use. Required unless `max` is `unlimited`.
    pub(crate) slope: Option<RateText>,
}
