//! Parts of a whole: `"3.64 %"` and `"25 bps"`, in basis points.

use super::ValueError;
use crate::source::clip;

/// The whole, in basis points.
pub const WHOLE_BPS: u16 = 10_000;

/// Reads a percentage or basis points into basis points, at most 100 %.
///
/// # Errors
/// No unit or another one, a sign, more than two decimals of a percent, or more than 100 %.
pub fn parse(text: &str) -> Result<u16, ValueError> {
    let text = text.trim();
    let help = "write it as in \"3.64 %\" or \"364 bps\"";
    if text.starts_with('-') {
        return Err(ValueError::new("negative", "a share cannot be negative", help));
    }
    let (number, decimals) = if let Some(number) = text.strip_suffix('%') {
        (number.trim_end(), 2)
    } else if let Some(number) = text.strip_suffix("bps") {
        (number.trim_end(), 0)
    } else {
        return Err(ValueError::new(
            "missing-unit",
            format!("\"{}\" is neither a percentage nor basis points", clip(text)),
            help,
        ));
    };
    let malformed =
        || ValueError::new("bad-number", format!("\"{}\" is not a number", clip(number)), help);
    let (whole, fraction) = match number.split_once('.') {
        Some((_, "")) => return Err(malformed()),
        Some(parts) => parts,
        None => (number, ""),
    };
    if whole.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit()) {
        return Err(malformed());
    }
    if fraction.len() > decimals {
        return Err(ValueError::new(
            "too-many-decimals",
            format!("\"{}\" is finer than a basis point", clip(text)),
            "a basis point is 0.01 %: round to that",
        ));
    }
    let bps: u16 = format!("{whole}{fraction:0<decimals$}").parse().unwrap_or(u16::MAX);
    if bps > WHOLE_BPS {
        return Err(ValueError::new(
            "out-of-range",
            format!("\"{}\" is more than 100 %", clip(text)),
            help,
        ));
    }
    Ok(bps)
}

/// Reads a share per day into basis points per day.
///
/// # Errors
/// As [`parse`], and when it is not given per day.
pub fn parse_per_day(text: &str) -> Result<u16, ValueError> {
    match text.rsplit_once('/') {
        Some((share, day)) if day.trim() == "day" => parse(share),
        _ => Err(ValueError::new(
            "missing-period",
            format!("\"{}\" is not a share per day", clip(text)),
            "write it as in \"5 bps / day\"",
        )),
    }
}

/// Writes basis points as a percentage that [`parse`] reads.
pub fn format(bps: u16) -> String {
    match (bps / 100, bps % 100) {
        (whole, 0) => format!("{whole} %"),
        (whole, rest) => format!("{whole}.{rest:0>2} %"),
    }
}
