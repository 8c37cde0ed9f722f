//! The charts of the page. Each is drawn from the rows of the table that stands under it.

mod cover;
mod draw;
mod histogram;
mod inflow;
mod limits;
mod lorenz;
mod queue;
mod rate;
mod series;
mod waterfall;

use halo_sim::run::Run;
use serde::Serialize;

use crate::{Outcome, Result, palette::Colour, rows::Rows};

/// A chart with its data.
#[derive(Debug, Serialize)]
pub(crate) struct Chart {
    /// Its name in the page.
    id: &'static str,
    /// What it shows.
    title: &'static str,
    /// How to read it.
    note: String,
    /// What the vertical axis counts in.
    unit: String,
    /// What it looks like, for who cannot see it.
    alt: String,
    /// The drawing.
    svg: String,
    /// What the colours stand for.
    legend: Vec<Key>,
    /// What was drawn.
    data: Rows,
}

/// What a colour stands for.
#[derive(Debug, Serialize)]
struct Key {
    colour: &'static str,
    name: String,
    value: String,
}

impl Key {
    fn new(colour: Colour, name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { colour: colour.name, name: name.into(), value: value.into() }
    }
}

/// A chart's title and the function that makes it of a run, if the run has anything of the kind.
type Maker = (&'static str, fn(&Run) -> Result<Option<Chart>>);

const MAKERS: [Maker; 7] = [
    (inflow::TITLE, inflow::chart),
    (limits::TITLE, limits::chart),
    (queue::TITLE, queue::chart),
    (rate::TITLE, rate::chart),
    (cover::TITLE, cover::chart),
    (waterfall::TITLE, waterfall::chart),
    (lorenz::TITLE, lorenz::chart),
];

/// The charts that the run has rows for, and the titles of those that it has none for.
pub(crate) fn of(run: &Run, sweep: &[Outcome]) -> Result<(Vec<Chart>, Vec<&'static str>)> {
    let mut charts = Vec::new();
    let mut missing = Vec::new();
    for (title, make) in MAKERS {
        match make(run)? {
            Some(chart) => charts.push(chart),
            None => missing.push(title),
        }
    }
    if sweep.len() > 1 {
        charts.extend(histogram::charts(sweep)?);
    }
    Ok((charts, missing))
}
