//! The first day: who had asked for how much by when.
#![expect(clippy::float_arithmetic, reason = "places on a chart")]

use std::collections::BTreeMap;

use alloy_primitives::U256;
use halo_sim::run::Run;
use halo_spec::time::format_time;

use super::{
    Chart, Key,
    draw::{self, Across, Mark, Plot},
    series::{LINES, leading, steps, thinned},
};
use crate::{
    Result,
    money::{self, Scale},
    names,
    palette::{OTHERS, series},
    rows::Rows,
};

pub(super) const TITLE: &str = "Inflow over the first day";

/// Moments that are drawn and listed.
const MOMENTS: usize = 48;

pub(super) fn chart(run: &Run) -> Result<Option<Chart>> {
    let mut sums: BTreeMap<usize, U256> = BTreeMap::new();
    for row in &run.inflow {
        let sum = sums.entry(row.prime).or_default();
        *sum = sum.saturating_add(row.amount);
    }
    let (named, others) = leading(&sums, LINES);
    if named.is_empty() {
        return Ok(None);
    }
    let bands = named.len() + usize::from(others > 0);
    let band = |prime| named.iter().position(|at| *at == prime).unwrap_or(named.len());

    // The sums of all bands at each moment, from requests in the order of time.
    let mut rows: Vec<_> = run.inflow.iter().collect();
    rows.sort_by_key(|row| row.at);
    let mut moments: Vec<(u64, Vec<U256>)> = Vec::new();
    let mut now = vec![U256::ZERO; bands];
    for row in rows {
        if let Some(sum) = now.get_mut(band(row.prime)) {
            *sum = sum.saturating_add(row.amount);
        }
        let at = row.at.saturating_sub(run.started_at);
        match moments.last_mut() {
            Some((last, sums)) if *last == at => sums.clone_from(&now),
            _ => moments.push((at, now.clone())),
        }
    }
    let asked_at = moments.len();
    let moments: Vec<_> = {
        let places: Vec<usize> = (0..moments.len()).collect();
        thinned(&places, MOMENTS).into_iter().map(|at| moments[at].clone()).collect()
    };

    let total = now.iter().fold(U256::ZERO, |sum, part| sum.saturating_add(*part));
    let scale = Scale::of(total);
    let label = |at: usize| match named.get(at) {
        Some(prime) => names::prime(run, *prime),
        None => format!("{others} others"),
    };
    let colour = |at: usize| if at < named.len() { series(at) } else { OTHERS };

    let hours = |second: u64| second as f64 / 3_600.0;
    // An hour at least, and what has been asked stays: the last step is seen, too.
    let end = (moments.last().map_or(0.0, |(at, _)| hours(*at)) * 1.04).max(1.0);
    let stacks = (0..bands).rev().map(|top| {
        let places = moments.iter().map(|(at, sums)| {
            let height = sums.iter().take(top + 1).fold(U256::ZERO, |a, b| a.saturating_add(*b));
            (hours(*at), scale.place(height))
        });
        let mut places: Vec<_> = [(0.0, 0.0)].into_iter().chain(places).collect();
        places.extend(places.last().map(|(_, height)| (end, *height)));
        Mark::Area(colour(top), steps(&places))
    });
    let up = draw::up_to([scale.place(total)]);
    let plot = Plot {
        title: TITLE,
        marks: stacks.collect(),
        across: Across::Numbers(0.0..end, "hours since the start", &|x| draw::axis_number(end)(x)),
        up_text: &draw::axis_number(up.end),
        up,
    };

    let head = ["after (h:mm)".to_owned()].into_iter().chain((0..bands).map(label));
    let mut data = Rows::new(1, head.chain(["all".to_owned()]));
    for (at, sums) in &moments {
        let mut row = vec![format_time(u32::try_from(*at).unwrap_or(u32::MAX))];
        row.extend(sums.iter().map(|sum| money::dollars(*sum)));
        row.push(money::dollars(sums.iter().fold(U256::ZERO, |a, b| a.saturating_add(*b))));
        data.push(row);
    }
    let legend = (0..bands).map(|at| {
        Key::new(colour(at), label(at), now.get(at).map(|s| money::short(*s)).unwrap_or_default())
    });
    Ok(Some(Chart {
        id: "inflow",
        title: TITLE,
        note: "What each Prime had put into the queues by then, one above the other.".to_owned(),
        unit: scale.unit.to_owned(),
        alt: format!(
            "Stacked steps: {} Primes put {} into the queues at {asked_at} moments; {} the most, {}.",
            sums.len(),
            money::short(total),
            label(0),
            now.first().map(|sum| money::short(*sum)).unwrap_or_default(),
        ),
        svg: plot.svg()?,
        legend: legend.collect(),
        data,
    }))
}
