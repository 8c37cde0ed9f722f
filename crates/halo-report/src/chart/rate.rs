//! What a share is worth.
#![expect(clippy::float_arithmetic, reason = "places on a chart")]

use halo_sim::run::Run;

use super::{
    Chart, Key,
    draw::{self, Across, Mark, Place, Plot},
    series,
};
use crate::{
    Result,
    money::{self, Scale},
    names,
    rows::Rows,
};

pub(super) const TITLE: &str = "Exchange rate";

pub(super) fn chart(run: &Run) -> Result<Option<Chart>> {
    let (units, others) = series::leading_units(run);
    let rates = series::by_day(run, |row| Some(row.exchange_rate));
    let days = series::days(run);
    let (Some(first), Some(last)) = (days.first().copied(), days.last().copied()) else {
        return Ok(None);
    };
    let mut data = Rows::new(
        1,
        ["day".to_owned()].into_iter().chain(units.iter().map(|u| names::unit(run, *u))),
    );
    for day in &days {
        let rate = |unit: &usize| rates.get(&(*day, *unit)).map(|rate| money::decimals(*rate, 9));
        let rates = units.iter().map(|unit| rate(unit).unwrap_or_default());
        data.push([names::day(*day)].into_iter().chain(rates).collect::<Vec<_>>());
    }

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
        across: Across::Numbers(
            series::place_of_day(first)..series::place_of_day(last),
            "day",
            &draw::whole_number,
        ),
        up_text: &draw::axis_number(up.end - up.start),
        up,
        marks: lines
            .into_iter()
            .zip(&units)
            .map(|(line, unit)| Mark::Line(series::colour_of_unit(run, *unit), line))
            .collect(),
    };
    let legend: Vec<_> = units
        .iter()
        .map(|unit| {
            let rate = rates.get(&(last, *unit)).map(|rate| money::decimals(*rate, 6));
            Key::new(
                series::colour_of_unit(run, *unit),
                names::unit(run, *unit),
                rate.unwrap_or_default(),
            )
        })
        .collect();
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
