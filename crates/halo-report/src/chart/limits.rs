//! The limits of the first day: how much of each was used.

use alloy_primitives::U256;
use halo_sim::run::{LimitUse, Run};

use super::{
    Chart, Key,
    draw::{self, Bar},
};
use crate::{
    Result,
    money::{self, Scale},
    names,
    palette::{PALE, SERIES},
    rows::Rows,
    words::percent,
};

pub(super) const TITLE: &str = "Limits used against available";

/// Bars that are drawn; the table has all.
const BARS: usize = 10;
/// From here on a limit is all but used up.
const TIGHT_BPS: u32 = 9_990;

pub(super) fn chart(run: &Run) -> Result<Option<Chart>> {
    let mut rows: Vec<(u32, &LimitUse)> =
        run.limits.iter().map(|row| (used_bps(row), row)).collect();
    rows.sort_by_key(|(bps, row)| (std::cmp::Reverse(*bps), std::cmp::Reverse(row.used)));
    if rows.is_empty() {
        return Ok(None);
    }
    let [blue, .., red] = [SERIES[0], SERIES[3]];
    let bars: Vec<Bar> = rows
        .iter()
        .filter(|(_, row)| row.available != U256::MAX)
        .take(BARS)
        .map(|(bps, row)| {
            let scale = Scale::of(row.available);
            Bar {
                name: name(run, row),
                value: format!("{} of {}", scale.text(row.used), money::short(row.available)),
                full_bps: *bps,
                colour: if *bps >= TIGHT_BPS { red } else { blue },
            }
        })
        .collect();

    let mut data =
        Rows::new(3, ["Prime", "limit", "Unit", "at start", "available", "used", "used %"]);
    for (bps, row) in &rows {
        data.push([
            names::prime(run, row.prime),
            row.limit.label().to_owned(),
            names::unit_or_all(run, row.unit),
            allowed(row.at_start),
            allowed(row.available),
            money::dollars(row.used),
            percent(*bps),
        ]);
    }
    let tight = rows.iter().filter(|(bps, _)| *bps >= TIGHT_BPS).count();
    let shown = if bars.len() < rows.len() {
        format!(" The {} fullest of {}; the table has all.", bars.len(), rows.len())
    } else {
        String::new()
    };
    Ok(Some(Chart {
        id: "limits",
        title: TITLE,
        note: format!(
            "How much of each limit was used on the first day up to the lock, refills included.{shown}"
        ),
        unit: String::new(),
        alt: format!(
            "Bars: {tight} of {} limits are used up; {} is the fullest at {} %.",
            rows.len(),
            rows.first().map(|(_, row)| name(run, row)).unwrap_or_default(),
            rows.first().map(|(bps, _)| percent(*bps)).unwrap_or_default(),
        ),
        svg: draw::bars(TITLE, &bars)?,
        legend: vec![
            Key::new(red, "used up", ""),
            Key::new(blue, "used", ""),
            Key::new(PALE, "left", ""),
        ],
        data,
    }))
}

fn allowed(amount: U256) -> String {
    if amount == U256::MAX { "no bound".to_owned() } else { money::dollars(amount) }
}

fn name(run: &Run, row: &LimitUse) -> String {
    let limit = format!("{} · {}", names::prime(run, row.prime), row.limit.label());
    row.unit.map_or(limit.clone(), |unit| format!("{limit} · {}", names::unit(run, unit)))
}

/// What was used of it, basis points, rounded down; all of a limit that allowed nothing.
fn used_bps(row: &LimitUse) -> u32 {
    if row.available.is_zero() {
        return 10_000;
    }
    if row.available == U256::MAX {
        return 0;
    }
    let bps = row.used.saturating_mul(U256::from(10_000)) / row.available;
    u32::try_from(bps).unwrap_or(u32::MAX)
}
