//! Lengths of time, times of day and moments, all in whole seconds of UTC.

use super::ValueError;
use crate::source::clip;

const DAY: u32 = 86_400;

/// Reads a length of time into seconds, at most ten years.
///
/// # Errors
/// No unit or another one, a sign or fraction, or more than ten years.
pub fn parse_duration(text: &str) -> Result<u32, ValueError> {
    let text = text.trim();
    let help = "write it as in \"20 h\", \"15 min\", \"90 s\" or \"2 days\"";
    if text.starts_with('-') {
        return Err(ValueError::new("negative", "a length of time cannot be negative", help));
    }
    let at = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(at);
    let seconds = match unit.trim() {
        "s" => 1,
        "min" => 60,
        "h" => 3_600,
        "day" | "days" => DAY,
        "" => {
            return Err(ValueError::new(
                "missing-unit",
                format!("\"{}\" has no unit of time", clip(text)),
                help,
            ));
        }
        _ => {
            return Err(ValueError::new(
                "wrong-unit",
                format!("\"{}\" is not a length of time", clip(text)),
                help,
            ));
        }
    };
    number
        .parse::<u32>()
        .ok()
        .and_then(|n| n.checked_mul(seconds))
        .filter(|s| *s <= 3_650 * DAY)
        .ok_or_else(|| {
            ValueError::new(
                "bad-number",
                format!("\"{}\" is not a whole number up to ten years", clip(text)),
                help,
            )
        })
}

/// Writes seconds as [`parse_duration`] reads them, in the largest unit that divides them.
pub fn format_duration(seconds: u32) -> String {
    for (unit, size) in [("days", DAY), ("h", 3_600), ("min", 60)] {
        if seconds >= 2 * size && seconds.is_multiple_of(size) || seconds == size && size < DAY {
            return format!("{} {unit}", seconds / size);
        }
    }
    match seconds {
        DAY => "24 h".to_owned(),
        _ => format!("{seconds} s"),
    }
}

/// Reads a time of day into the second of the UTC day.
///
/// # Errors
/// It is not `hh:mm` or `hh:mm:ss` before 24:00.
pub fn parse_time(text: &str) -> Result<u32, ValueError> {
    let bare = text.trim();
    let bare = bare.strip_suffix("UTC").map_or(bare, str::trim_end);
    clock(bare).ok_or_else(|| {
        ValueError::new(
            "bad-time",
            format!("\"{}\" is not a time of day in UTC", clip(text)),
            "write it as in \"13:00\", from 00:00 to 23:59",
        )
    })
}

fn clock(text: &str) -> Option<u32> {
    let mut parts = text.split(':');
    let (h, m) = (two_digits(parts.next()?)?, two_digits(parts.next()?)?);
    let s = parts.next().map_or(Some(0), two_digits)?;
    (parts.next().is_none() && h < 24 && m < 60 && s < 60).then_some(h * 3_600 + m * 60 + s)
}

fn two_digits(text: &str) -> Option<u32> {
    (text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

/// Writes a second of the day as [`parse_time`] reads it.
pub fn format_time(second: u32) -> String {
    let (h, m, s) = (second / 3_600, second / 60 % 60, second % 60);
    if s == 0 { format!("{h:0>2}:{m:0>2}") } else { format!("{h:0>2}:{m:0>2}:{s:0>2}") }
}

/// Reads a moment such as `2026-03-02T09:00:00Z` into Unix seconds.
///
/// # Errors
/// It is not a moment in UTC from 1970 to 2999.
pub fn parse_instant(text: &str) -> Result<u64, ValueError> {
    instant(text.trim()).ok_or_else(|| {
        ValueError::new(
            "bad-time",
            format!("\"{}\" is not a moment in UTC", clip(text)),
            "write it as in \"2026-03-02T09:00:00Z\"",
        )
    })
}

fn instant(text: &str) -> Option<u64> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let second = clock(time).filter(|_| time.len() == 8)?;
    let mut parts = date.split('-');
    let year = parts.next().filter(|y| y.len() == 4)?;
    let year: u32 = year.bytes().all(|b| b.is_ascii_digit()).then(|| year.parse().ok())??;
    let (month, day) = (two_digits(parts.next()?)?, two_digits(parts.next()?)?);
    let known = parts.next().is_none() && (1970..3000).contains(&year) && (1..13).contains(&month);
    if !known || day == 0 || day > days_in(year, month) {
        return None;
    }
    let years: u32 = (1970..year).map(|y| 365 + u32::from(is_leap(y))).sum();
    let months: u32 = (1..month).map(|m| days_in(year, m)).sum();
    Some(u64::from(years + months + day - 1) * u64::from(DAY) + u64::from(second))
}

fn is_leap(year: u32) -> bool {
    year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400)
}

fn days_in(year: u32, month: u32) -> u32 {
    match month {
        2 => 28 + u32::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Writes Unix seconds as [`parse_instant`] reads them.
pub fn format_instant(unix: u64) -> String {
    let mut days = u32::try_from(unix / u64::from(DAY)).unwrap_or(u32::MAX);
    let second = u32::try_from(unix % u64::from(DAY)).unwrap_or_default();
    let mut year = 1970;
    while year < 10_000 && days >= 365 + u32::from(is_leap(year)) {
        days -= 365 + u32::from(is_leap(year));
        year += 1;
    }
    let mut month = 1;
    while month < 12 && days >= days_in(year, month) {
        days -= days_in(year, month);
        month += 1;
    }
    let (h, m, s) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:0>4}-{month:0>2}-{:0>2}T{h:0>2}:{m:0>2}:{s:0>2}Z", days + 1)
}
