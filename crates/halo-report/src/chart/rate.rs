//! What a share is worth.
#![expect(clippy::float_arithmetic, reason = "places on a chart")]

use halo_sim::run::Run;

use super::{
    Chart,
    draw::{self, Mark, Place, Plot},
    series,
};
use crate::{
    Result,
    money::{self, Scale},
};

pub(super) const TITLE: &str = "Exchange rate";

pub(super) fn chart(run: &Run) -> Result<Option<Chart>> {
    let (units, others) = series::leading_units(run);
    let rates = series::by_day(run, |row| Some(row.exchange_rate));
    let days = series::days(run);
    let (Some(first), Some(last)) = (days.first().copied(), days.last().copied()) else {
        return Ok(None);
    };
    let data = series::table(run, &days, &units, |at| {
        rates.get(&at).map(|rate| money::decimals(*rate, 9))
    });

    // A share is worth about one: the scale of single dollars.
    let scale = Scale::of(Default::default());
    let lines: Vec<Vec<Place>> = units
        .iter()
        .map(|unit| {
            let rate = |day: &u32| {
                rates.get(&(*day, *unit)).map(|r| (series::place_of_day(*day), scale.place(*r)))
            };
            days.iter().filter_map(rate).collect()
        })
        .collect();
    let heights = || lines.iter().flatten().map(|(_, height)| *height);
    let (low, high) = (heights().fold(f64::MAX, f64::min), heights().fold(0.0, f64::max));
    let air = ((high - low) * 0.08).max(high * 0.0005);
    let up = (low - air).max(0.0)..high + air;
    let plot = Plot {
        title: TITLE,
        across: series::across(first, last),
        up_text: &draw::axis_number(up.end - up.start),
        up,
        marks: lines
            .into_iter()
            .zip(&units)
            .map(|(line, unit)| Mark::Line(series::colour_of_unit(run, *unit), line))
            .collect(),
    };
    let legend = series::legend(run, &units, |unit| {
        rates.get(&(last, unit)).map(|rate| money::decimals(*rate, 6))
    });
    let ends = legend.iter().map(|key| format!("{} {}", key.name, key.value));
    Ok(Some(Chart {
        id: "rate",
        title: TITLE,
        note: match others {
            0 => "What a share of each Unit is worth; the axis does not start at zero.".to_owned(),
            others => format!(
                "What a share is worth, for the {} Units of most value; {others} others are in the run's document. The \
                 axis does not start at zero.",
                units.len()
            ),
        },
        unit: "USDS per share".to_owned(),
        alt: format!("A line for each Unit; in the end {}.", ends.collect::<Vec<_>>().join(", ")),
        svg: plot.svg()?,
        legend,
        data,
    }))
}
