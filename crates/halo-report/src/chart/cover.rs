//! How much of a Class takes losses before a tranche does.

use halo_sim::run::Run;

use super::{
    Chart,
    draw::{self, Mark, Plot},
    series,
};
use crate::{Result, words::percent};

pub(super) const TITLE: &str = "Cover";

pub(super) fn chart(run: &Run) -> Result<Option<Chart>> {
    let covers = series::by_day(run, |row| row.cover_bps);
    let value_at_end = run.unit_days.iter().filter(|row| row.cover_bps.is_some());
    let sums = value_at_end.map(|row| (row.unit, row.value)).collect();
    let (units, others) = series::leading(&sums, series::LINES);
    let days = series::days(run);
    let (Some(first), Some(last)) = (days.first().copied(), days.last().copied()) else {
        return Ok(None);
    };
    if units.is_empty() {
        return Ok(None);
    }
    let data = series::table(run, &days, &units, |at| covers.get(&at).map(|bps| percent(*bps)));
    let lines = units.iter().map(|unit| {
        let place = |day: &u32| {
            covers.get(&(*day, *unit)).map(|bps| (series::place_of_day(*day), place(*bps)))
        };
        Mark::Line(series::colour_of_unit(run, *unit), days.iter().filter_map(place).collect())
    });
    let up = draw::up_to(covers.values().map(|bps| place(*bps)));
    let plot = Plot {
        title: TITLE,
        across: series::across(first, last),
        up_text: &draw::axis_number(up.end),
        up,
        marks: lines.collect(),
    };
    let legend = series::legend(run, &units, |unit| {
        covers.get(&(last, unit)).map(|bps| format!("{} %", percent(*bps)))
    });
    let lowest = covers.values().min().map(|bps| percent(*bps)).unwrap_or_default();
    Ok(Some(Chart {
        id: "cover",
        title: TITLE,
        note: match others {
            0 => "What part of its Class's value ranks below a tranche and takes losses before it."
                .to_owned(),
            others => format!(
                "What part of its Class's value takes losses before a tranche, for the {} of most value; {others} \
                 others are in the run's document.",
                units.len()
            ),
        },
        unit: "% of the Class".to_owned(),
        alt: format!(
            "A line for each tranche that has cover; the lowest on any day is {lowest} %."
        ),
        svg: plot.svg()?,
        legend,
        data,
    }))
}

#[expect(clippy::float_arithmetic, reason = "a place on a chart")]
fn place(bps: u16) -> f64 {
    f64::from(bps) / 100.0
}
