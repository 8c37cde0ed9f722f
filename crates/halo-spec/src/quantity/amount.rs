//! Amounts of a token: `"50_000_000 USDS"` and base units.

use alloy_primitives::U256;

use super::ValueError;
use crate::{network::Token, source::clip};

/// The word for no limit; on chain it is the largest number there is.
pub const UNLIMITED: &str = "unlimited";

/// More tokens than this is a mistake: a quadrillion is beyond any supply.
const MAX_TOKENS_DIGITS: usize = 15;

/// Reads an amount of `token` into base units, exactly.
///
/// # Errors
/// No unit or another one, a sign, separators other than `_`, more decimals than the token has,
/// or more than 10^15 tokens.
pub fn parse(text: &str, token: &Token) -> Result<U256, ValueError> {
    parse_as(text, &[token.symbol.as_str()], token.decimals)
}

/// Reads an amount of `token`, or `unlimited` as the largest `U256`.
///
/// # Errors
/// As [`parse`].
pub fn parse_or_unlimited(text: &str, token: &Token) -> Result<U256, ValueError> {
    if text.trim() == UNLIMITED { Ok(U256::MAX) } else { parse(text, token) }
}

/// Reads an amount whose unit may be any of `symbols` (the first is the one that is suggested).
pub(crate) fn parse_as(text: &str, symbols: &[&str], decimals: u8) -> Result<U256, ValueError> {
    let expected = symbols.first().copied().unwrap_or_default();
    if text.trim() == UNLIMITED {
        return Err(ValueError::new(
            "unlimited-not-allowed",
            "`unlimited` is not allowed here",
            format!("give a number, such as \"50_000_000 {expected}\""),
        ));
    }
    let (number, unit) = split(text);
    if unit.is_empty() {
        return Err(ValueError::new(
            "missing-unit",
            format!("\"{}\" has no unit; an amount of {expected} was expected", clip(text)),
            format!("add the unit, such as \"50_000_000 {expected}\""),
        ));
    }
    let units = digits(number, decimals, expected)?;
    if symbols.contains(&unit) {
        return Ok(units);
    }
    Err(ValueError::new(
        "wrong-unit",
        format!("\"{}\" is not in {}", clip(text), symbols.join(" or ")),
        format!("write \"{} {expected}\" if that is the amount", clip(number)),
    ))
}

/// The number and the unit of `"12_000.5 USDS"`.
fn split(text: &str) -> (&str, &str) {
    let text = text.trim();
    let at = text.find(char::is_whitespace).or_else(|| {
        // "5USDS": the unit starts at the first letter.
        text.find(|c: char| c.is_ascii_alphabetic())
    });
    let (number, unit) = text.split_at(at.unwrap_or(text.len()));
    (number, unit.trim())
}

fn digits(number: &str, decimals: u8, symbol: &str) -> Result<U256, ValueError> {
    let example = format!("write it as in \"50_000_000 {symbol}\" or \"0.25 {symbol}\"");
    if number.starts_with('-') {
        return Err(ValueError::new("negative", "an amount cannot be negative", example));
    }
    let malformed = || {
        ValueError::new("bad-number", format!("\"{}\" is not a number", clip(number)), &*example)
    };
    if number.contains(',') {
        return Err(ValueError::new(
            "bad-number",
            format!("\"{}\": digits are grouped with `_`, not with commas", clip(number)),
            example,
        ));
    }
    let (whole, fraction) = match number.split_once('.') {
        Some((_, "")) => return Err(malformed()),
        Some(parts) => parts,
        None => (number, ""),
    };
    let grouped_well = !whole.starts_with('_') && !whole.ends_with('_') && !whole.contains("__");
    let whole: String = whole.chars().filter(|c| *c != '_').collect();
    if whole.is_empty()
        || !grouped_well
        || !(whole.bytes().chain(fraction.bytes())).all(|b| b.is_ascii_digit())
    {
        return Err(malformed());
    }
    if fraction.len() > usize::from(decimals) {
        return Err(ValueError::new(
            "too-many-decimals",
            format!("{symbol} has {decimals} decimals, and here are {}", fraction.len()),
            format!("round it to at most {decimals} decimals"),
        ));
    }
    let whole = whole.trim_start_matches('0');
    if whole.len() > MAX_TOKENS_DIGITS {
        return Err(ValueError::new(
            "overflow",
            format!("\"{}\" is more than 10^15 tokens", clip(number)),
            format!(
                "check the number of digits; for no limit at all write \"{UNLIMITED}\" where it is allowed"
            ),
        ));
    }
    let scaled = format!("{whole}{fraction:0<width$}", width = usize::from(decimals));
    if scaled.is_empty() {
        return Ok(U256::ZERO);
    }
    U256::from_str_radix(&scaled, 10).map_err(|_| malformed())
}

/// Writes base units of `token` as [`parse`] reads them, without loss.
pub fn format(units: U256, token: &Token) -> String {
    if units == U256::MAX {
        return UNLIMITED.to_owned();
    }
    format!("{} {}", format_number(units, token.decimals), token.symbol)
}

/// Writes base units with `decimals` as a decimal number, digits grouped by three.
pub fn format_number(units: U256, decimals: u8) -> String {
    let decimals = usize::from(decimals);
    let all = format!("{units:0>width$}", width = decimals + 1);
    let (whole, fraction) = all.split_at(all.len() - decimals);
    let mut grouped = String::with_capacity(whole.len() * 4 / 3);
    for (i, c) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            grouped.push('_');
        }
        grouped.push(c);
    }
    match fraction.trim_end_matches('0') {
        "" => grouped,
        fraction => format!("{grouped}.{fraction}"),
    }
}
