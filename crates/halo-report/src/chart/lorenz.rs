//! Who got how much of what was asked.
#![expect(clippy::float_arithmetic, reason = "places on a chart")]

use halo_sim::run::{LorenzRow, Run};

use super::{
    Chart, Key,
    draw::{self, Across, Mark, Plot},
    series,
};
use crate::{
    Result, money, names,
    palette::{OTHERS, SERIES},
    rows::Rows,
    words,
};

pub(super) const TITLE: &str = "Fairness";

/// Points that are drawn and listed.
const POINTS: usize = 200;

pub(super) fn chart(run: &Run) -> Result<Option<Chart>> {
    let rows: Vec<&LorenzRow> =
        series::thinned(&run.fairness.lorenz.iter().collect::<Vec<_>>(), POINTS);
    if rows.is_empty() {
        return Ok(None);
    }
    let percent = |bps: u32| f64::from(bps) / 100.0;
    let curve = rows.iter().map(|row| (percent(row.asked_bps), percent(row.settled_bps)));
    let curve = [(0.0, 0.0)].into_iter().chain(curve).collect();
    let across = |x: f64| format!("{x:.0}");
    let plot = Plot {
        title: TITLE,
        across: Across::Numbers(0.0..100.0, "% of all that was asked", &across),
        up: 0.0..100.0,
        up_text: &draw::axis_number(100.0),
        marks: vec![
            Mark::Line(OTHERS, vec![(0.0, 0.0), (100.0, 100.0)]),
            Mark::Line(SERIES[0], curve),
        ],
    };
    let mut data = Rows::new(1, ["Prime", "asked", "got", "asked so far %", "got so far %"]);
    for row in &rows {
        data.push([
            names::prime(run, row.prime),
            money::dollars(row.asked),
            money::dollars(row.settled),
            format!("{:.2}", percent(row.asked_bps)),
            format!("{:.2}", percent(row.settled_bps)),
        ]);
    }
    let gini = words::gini(run);
    Ok(Some(Chart {
        id: "lorenz",
        title: TITLE,
        note: "Lorenz curve: Primes by what they got of what they asked, least first. On the grey line everybody gets \
               the same part."
            .to_owned(),
        unit: "% of all that was settled".to_owned(),
        alt: format!(
            "Lorenz curve of {} Primes against the line of equal parts; Gini coefficient {gini}.",
            run.fairness.lorenz.len()
        ),
        svg: plot.svg()?,
        legend: vec![
            Key::new(SERIES[0], "the Primes", format!("Gini {gini}")),
            Key::new(OTHERS, "equal parts", "Gini 0.0000"),
        ],
        data,
    }))
}
