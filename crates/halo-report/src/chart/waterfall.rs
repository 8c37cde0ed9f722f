//! A loss, tranche by tranche: the lowest takes it first.
#![expect(clippy::float_arithmetic, reason = "places on a chart")]

use std::collections::BTreeMap;

use alloy_primitives::U256;
use halo_sim::run::{LossRow, Run};

use super::{
    Chart, Key,
    draw::{self, Across, Mark, Plot},
};
use crate::{
    Result,
    money::{self, Scale},
    names,
    palette::SERIES,
    rows::Rows,
};

pub(super) const TITLE: &str = "Waterfall under loss";

pub(super) fn chart(run: &Run) -> Result<Option<Chart>> {
    let class = |row: &LossRow| run.units.get(row.unit).map_or("", |unit| unit.class.as_str());
    let rank = |row: &LossRow| run.units.get(row.unit).map_or(0, |unit| unit.tranche);
    let mut losses: BTreeMap<(u32, &str), Vec<&LossRow>> = BTreeMap::new();
    for row in &run.losses {
        losses.entry((row.day, class(row))).or_default().push(row);
    }
    for tranches in losses.values_mut() {
        tranches.sort_by_key(|row| (rank(row), row.unit));
    }
    let mut data =
        Rows::new(3, ["day", "Class", "Unit", "loss of the Class", "before", "lost", "after"]);
    for ((day, class), tranches) in &losses {
        for row in tranches {
            let amounts = [row.class_loss, row.before, lost(row), row.after].map(money::dollars);
            let who = [names::day(*day), (*class).to_owned(), names::unit(run, row.unit)];
            data.push([who.to_vec(), amounts.to_vec()].concat());
        }
    }
    let largest = losses.iter().max_by_key(|(_, tranches)| sum(tranches, lost));
    let Some(((day, class), tranches)) = largest else { return Ok(None) };

    let before = sum(tranches, |row| row.before);
    let after = sum(tranches, |row| row.after);
    let all_lost = sum(tranches, lost);
    let scale = Scale::of(before);
    let mut names = vec!["before".to_owned()];
    let column = |at: usize| (at as f64 + 0.15, at as f64 + 0.85);
    let mut marks = Vec::new();
    let [kept, gone] = [SERIES[0], SERIES[3]];
    let (left, right) = column(0);
    marks.push(Mark::Box(kept, (left, 0.0), (right, scale.place(before))));
    marks.push(Mark::Words((0.5, scale.place(before)), scale.text(before)));
    let mut top = before;
    for (at, row) in tranches.iter().enumerate() {
        let bottom = top.saturating_sub(lost(row));
        let (left, right) = column(at + 1);
        marks.push(Mark::Box(gone, (left, scale.place(bottom)), (right, scale.place(top))));
        let sign = if lost(row).is_zero() { "" } else { "−" };
        let words = format!("{sign}{}", scale.text(lost(row)));
        marks.push(Mark::Words((at as f64 + 1.5, scale.place(top)), words));
        let slug = names::unit(run, row.unit);
        names.push(slug.rsplit('/').next().unwrap_or_default().to_owned());
        top = bottom;
    }
    let (left, right) = column(tranches.len() + 1);
    marks.push(Mark::Box(kept, (left, 0.0), (right, scale.place(after))));
    let middle = tranches.len() as f64 + 1.5;
    marks.push(Mark::Words((middle, scale.place(after)), scale.text(after)));
    names.push("after".to_owned());

    let up = draw::up_to([scale.place(before) * 1.04]);
    let plot = Plot {
        title: TITLE,
        across: Across::Names(names),
        up_text: &draw::axis_number(up.end),
        up,
        marks,
    };
    let parts = tranches.iter().filter(|row| !lost(row).is_zero());
    let parts: Vec<_> = parts
        .map(|row| format!("{} lost {}", names::unit(run, row.unit), money::short(lost(row))))
        .collect();
    let day = names::day(*day);
    let others = losses.len() - 1;
    Ok(Some(Chart {
        id: "waterfall",
        title: TITLE,
        note: match others {
            0 => format!("{class} on day {day}: the lowest tranche takes the loss first."),
            others => format!(
                "The largest loss, {class} on day {day}: the lowest tranche takes it first. The table has {others} more."
            ),
        },
        unit: scale.unit.to_owned(),
        alt: format!(
            "Columns from {} before to {} after: {}.",
            money::short(before),
            money::short(after),
            if parts.is_empty() { "no tranche lost anything".to_owned() } else { parts.join(", ") },
        ),
        svg: plot.svg()?,
        legend: vec![
            Key::new(kept, "value of the Class", money::short(after)),
            Key::new(gone, "lost", money::short(all_lost)),
        ],
        data,
    }))
}

fn lost(row: &LossRow) -> U256 {
    row.before.saturating_sub(row.after)
}

fn sum(rows: &[&LossRow], amount: impl Fn(&LossRow) -> U256) -> U256 {
    rows.iter().fold(U256::ZERO, |sum, row| sum.saturating_add(amount(row)))
}
