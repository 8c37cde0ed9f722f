//! A sweep: how often which outcome.
#![expect(clippy::float_arithmetic, reason = "places on a chart")]

use alloy_primitives::U256;

use super::{
    Chart, Key,
    draw::{self, Across, Mark, Plot},
};
use crate::{
    Outcome, Result,
    money::{self, Scale},
    palette::SERIES,
    rows::Rows,
};

/// The histograms of a sweep.
pub(super) fn charts(sweep: &[Outcome]) -> Result<Vec<Chart>> {
    let inflow = sweep.iter().map(|outcome| outcome.day1_inflow).collect();
    let unfilled = sweep.iter().map(|outcome| outcome.max_unfilled).collect();
    Ok(vec![
        chart(
            "sweep-inflow",
            "First day's inflow over all runs",
            "Settled on the first day",
            inflow,
        )?,
        chart(
            "sweep-unfilled",
            "Most that waited, over all runs",
            "The most that waited at the end of a day",
            unfilled,
        )?,
    ])
}

fn chart(
    id: &'static str,
    title: &'static str,
    what: &str,
    mut values: Vec<U256>,
) -> Result<Chart> {
    values.sort_unstable();
    let bins = bins(&values);
    let at = |part: usize| values.get(values.len() * part / 20).copied().unwrap_or_default();
    let (p5, median, p95) = (at(1), at(10), at(19));
    let scale = Scale::of(values.last().copied().unwrap_or_default());
    let ends: Vec<_> =
        bins.iter().map(|bin| (scale.place(bin.from), scale.place(bin.to))).collect();
    let low = ends.first().map_or(0.0, |(from, _)| *from);
    let high = ends.last().map_or(1.0, |(_, to)| *to);
    let up = draw::up_to(bins.iter().map(|bin| bin.runs as f64));
    let marks = bins.iter().zip(&ends).map(|(bin, (from, to))| {
        let gap = (to - from) * 0.04;
        Mark::Box(SERIES[0], (from + gap, 0.0), (to - gap, bin.runs as f64))
    });
    let plot = Plot {
        title,
        across: Across::Numbers(low..high, scale.unit, &draw::axis_number(high - low)),
        up,
        up_text: &draw::whole_number,
        marks: marks.collect(),
    };
    let mut data = Rows::new(0, ["from", "to", "runs"]);
    for bin in &bins {
        data.push([money::dollars(bin.from), money::dollars(bin.to), bin.runs.to_string()]);
    }
    Ok(Chart {
        id,
        title,
        note: format!(
            "{what}, {} runs. Nine of ten lie between {} and {}.",
            values.len(),
            money::short(p5),
            money::short(p95)
        ),
        unit: "runs".to_owned(),
        alt: format!(
            "Histogram of {} runs in {} columns; the median is {}.",
            values.len(),
            bins.len(),
            money::short(median)
        ),
        svg: plot.svg()?,
        legend: vec![Key::new(SERIES[0], "median", money::short(median))],
        data,
    })
}

/// The runs from one amount up to the next; the last takes its upper end, too.
struct Bin {
    from: U256,
    to: U256,
    runs: usize,
}

/// As many bins as the square root of the number of values, at most 24, of one width.
fn bins(sorted: &[U256]) -> Vec<Bin> {
    let (Some(low), Some(high)) = (sorted.first().copied(), sorted.last().copied()) else {
        return Vec::new();
    };
    let count = sorted.len().isqrt().clamp(1, 24);
    // One more than the quotient: the last bin reaches beyond the highest value. And wide enough to be told apart.
    let width = ((high - low) / U256::from(count)).max(high / U256::from(1_000));
    let width = width.saturating_add(U256::from(1));
    let edge = |at: usize| low.saturating_add(width.saturating_mul(U256::from(at)));
    let mut bins: Vec<Bin> =
        (0..count).map(|at| Bin { from: edge(at), to: edge(at + 1), runs: 0 }).collect();
    for value in sorted {
        let at = usize::try_from((*value - low) / width).unwrap_or(usize::MAX);
        if let Some(bin) = bins.get_mut(at.min(count - 1)) {
            bin.runs += 1;
        }
    }
    bins
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_in_a_bin() {
        for values in [vec![7, 7, 7], vec![0, 1], (0..1_000).collect(), vec![1, 2, 3, 1_000_000]] {
            let values: Vec<_> = values.into_iter().map(U256::from).collect();
            let bins = bins(&values);
            assert_eq!(bins.iter().map(|bin| bin.runs).sum::<usize>(), values.len());
            assert!(bins.windows(2).all(|pair| pair[0].to == pair[1].from));
        }
        let widest = bins(&[U256::ZERO, U256::MAX]);
        assert_eq!(widest.iter().map(|bin| bin.runs).sum::<usize>(), 2);
    }
}
