//! What waited and what was settled.
#![expect(clippy::float_arithmetic, reason = "places on a chart")]

use std::collections::BTreeMap;

use alloy_primitives::U256;
use halo_sim::run::{Run, UnitDay};

use super::{
    Chart, Key,
    draw::{self, Across, Mark, Place, Plot},
    series::{self, LINES},
};
use crate::{
    Result,
    money::{self, Scale},
    names,
    palette::{Colour, SERIES},
    rows::Rows,
};

pub(super) const TITLE: &str = "Queue and settled";

/// Sums over all Units, or those of one Unit.
#[derive(Clone, Copy, Default)]
struct Sums {
    queued: U256,
    settled: U256,
    left: U256,
    redeemed: U256,
}

impl Sums {
    fn add(&mut self, row: &UnitDay) {
        self.queued = self.queued.saturating_add(row.queued);
        self.settled = self.settled.saturating_add(row.settled);
        self.left = self.left.saturating_add(row.left);
        self.redeemed = self.redeemed.saturating_add(row.redeemed);
    }
}

pub(super) fn chart(run: &Run) -> Result<Option<Chart>> {
    let mut days: BTreeMap<u32, Sums> = BTreeMap::new();
    for row in &run.unit_days {
        days.entry(row.day).or_default().add(row);
    }
    match days.len() {
        0 => Ok(None),
        1 => by_unit(run).map(Some),
        _ => by_day(run, &days).map(Some),
    }
}

/// One day: a group of columns for each Unit.
fn by_unit(run: &Run) -> Result<Chart> {
    let mut units: BTreeMap<usize, Sums> = BTreeMap::new();
    for row in &run.unit_days {
        units.entry(row.unit).or_default().add(row);
    }
    let queued = units.iter().map(|(unit, sums)| (*unit, sums.queued)).collect();
    let (shown, others) = series::leading(&queued, LINES);
    let largest = units.values().map(|sums| sums.queued.max(sums.settled).max(sums.left)).max();
    let scale = Scale::of(largest.unwrap_or_default());
    let kinds = [
        ("in the queue at the lock", SERIES[5]),
        ("settled", SERIES[0]),
        ("left waiting", SERIES[1]),
    ];
    let mut marks = Vec::new();
    let mut totals = Sums::default();
    let mut data = Rows::new(
        1,
        ["Unit", "in the queue at the lock", "settled", "left waiting", "paid to redeemers"],
    );
    for (at, unit) in shown.iter().enumerate() {
        let sums = units.get(unit).copied().unwrap_or_default();
        for (column, amount) in [sums.queued, sums.settled, sums.left].into_iter().enumerate() {
            let left = at as f64 + 0.14 + 0.25 * column as f64;
            let corner = (left + 0.21, scale.place(amount));
            marks.push(Mark::Box(kinds[column].1, (left, 0.0), corner));
        }
    }
    for (unit, sums) in &units {
        totals.queued = totals.queued.saturating_add(sums.queued);
        totals.settled = totals.settled.saturating_add(sums.settled);
        totals.left = totals.left.saturating_add(sums.left);
        let amounts = [sums.queued, sums.settled, sums.left, sums.redeemed];
        data.push([vec![names::unit(run, *unit)], amounts.map(money::dollars).to_vec()].concat());
    }
    let up = draw::up_to(largest.map(|amount| scale.place(amount)));
    let plot = Plot {
        title: TITLE,
        across: Across::Names(shown.iter().map(|unit| names::unit(run, *unit)).collect()),
        up_text: &draw::axis_number(up.end),
        up,
        marks,
    };
    let values = [totals.queued, totals.settled, totals.left];
    let legend = kinds
        .iter()
        .zip(values)
        .map(|((name, colour), value)| Key::new(*colour, *name, money::short(value)));
    Ok(Chart {
        id: "queue",
        title: TITLE,
        note: match others {
            0 => "What waited when the queues were locked, and what the settlement did with it."
                .to_owned(),
            others => {
                format!("The {} largest queues; the table has the other {others}.", shown.len())
            }
        },
        unit: scale.unit.to_owned(),
        alt: format!(
            "Columns for each Unit: of {} in the queues, {} was settled and {} waits.",
            money::short(totals.queued),
            money::short(totals.settled),
            money::short(totals.left)
        ),
        svg: plot.svg()?,
        legend: legend.collect(),
        data,
    })
}

/// A line: its name, its colour and what it shows.
type Line = (&'static str, Colour, fn(&Sums) -> U256);

/// Several days: what has been settled so far, and what waits at the end of each day.
fn by_day(run: &Run, days: &BTreeMap<u32, Sums>) -> Result<Chart> {
    let shown = series::days(run);
    let mut so_far = Sums::default();
    let mut points = Vec::new();
    let mut most = U256::ZERO;
    for (day, sums) in days {
        so_far.settled = so_far.settled.saturating_add(sums.settled);
        so_far.redeemed = so_far.redeemed.saturating_add(sums.redeemed);
        so_far.left = sums.left;
        most = most.max(sums.left);
        if shown.binary_search(day).is_ok() {
            points.push((*day, so_far));
        }
    }
    let largest = so_far.settled.max(so_far.redeemed).max(most);
    let scale = Scale::of(largest);
    let kinds: [Line; 3] = [
        ("settled so far", SERIES[0], |sums| sums.settled),
        ("waiting at the end of the day", SERIES[1], |sums| sums.left),
        ("paid to redeemers so far", SERIES[4], |sums| sums.redeemed),
    ];
    let line = |value: fn(&Sums) -> U256| -> Vec<Place> {
        points
            .iter()
            .map(|(day, sums)| (series::place_of_day(*day), scale.place(value(sums))))
            .collect()
    };
    let ends = points.iter().map(|(day, _)| series::place_of_day(*day));
    let up = draw::up_to([scale.place(largest)]);
    let plot = Plot {
        title: TITLE,
        across: Across::Numbers(
            ends.clone().fold(f64::MAX, f64::min)..ends.fold(0.0, f64::max),
            "day",
            &draw::whole_number,
        ),
        up_text: &draw::axis_number(up.end),
        up,
        marks: kinds.iter().map(|(_, colour, value)| Mark::Line(*colour, line(*value))).collect(),
    };
    let mut data = Rows::new(
        1,
        ["day", "settled so far", "waiting at the end of the day", "paid to redeemers so far"],
    );
    for (day, sums) in &points {
        let amounts = [sums.settled, sums.left, sums.redeemed];
        data.push([vec![names::day(*day)], amounts.map(money::dollars).to_vec()].concat());
    }
    let legend = kinds
        .iter()
        .map(|(name, colour, value)| Key::new(*colour, *name, money::short(value(&so_far))));
    Ok(Chart {
        id: "queue",
        title: TITLE,
        note: format!(
            "All Units together. At most {} waited at the end of a day.",
            money::short(most)
        ),
        unit: scale.unit.to_owned(),
        alt: format!(
            "Lines over {} days: {} settled in the end, {} still waiting, {} paid to redeemers.",
            days.len(),
            money::short(so_far.settled),
            money::short(so_far.left),
            money::short(so_far.redeemed)
        ),
        svg: plot.svg()?,
        legend: legend.collect(),
        data,
    })
}
