//! Series over days: which Units, which days.

use std::collections::BTreeMap;

use alloy_primitives::U256;
use halo_sim::run::{Run, UnitDay};

use super::{
    Key,
    draw::{self, Across, Place},
};
use crate::{
    names,
    palette::{self, Colour},
    rows::Rows,
};

/// As many lines as one can follow.
pub(super) const LINES: usize = 6;
/// As many days as a chart has room for.
const DAYS: usize = 366;

/// The indices with the largest sums, largest first, and how many others there are.
pub(super) fn leading(sums: &BTreeMap<usize, U256>, most: usize) -> (Vec<usize>, usize) {
    let mut order: Vec<_> = sums.iter().map(|(at, sum)| (*sum, *at)).collect();
    order.sort_unstable_by(|(a, i), (b, j)| b.cmp(a).then(i.cmp(j)));
    let leading: Vec<_> = order.iter().map(|(_, at)| *at).take(most).collect();
    let others = order.len() - leading.len();
    (leading, others)
}

/// The Units whose shares are worth most when the run ends, and how many others there are.
pub(super) fn leading_units(run: &Run) -> (Vec<usize>, usize) {
    let last = run.unit_days.iter().map(|row| (row.unit, row.value));
    leading(&last.collect(), LINES)
}

/// The Unit's colour, the same on every chart.
pub(super) fn colour_of_unit(run: &Run, unit: usize) -> Colour {
    let (leading, _) = leading_units(run);
    palette::series(leading.iter().position(|at| *at == unit).unwrap_or(usize::MAX))
}

/// The days of the run, each at most once: all of them, or evenly chosen ones with the last.
pub(super) fn days(run: &Run) -> Vec<u32> {
    let mut days: Vec<u32> = run.unit_days.iter().map(|row| row.day).collect();
    days.sort_unstable();
    days.dedup();
    thinned(&days, DAYS)
}

/// The day's place on the axis, where the first is 1.
#[expect(clippy::float_arithmetic, reason = "a place on a chart")]
pub(super) fn place_of_day(day: u32) -> f64 {
    f64::from(day) + 1.0
}

/// At most so many of the items, evenly chosen, with the first and the last.
pub(super) fn thinned<T: Copy>(items: &[T], most: usize) -> Vec<T> {
    if items.len() <= most {
        return items.to_vec();
    }
    let last = items.len() - 1;
    (0..most).filter_map(|at| items.get(at * last / (most - 1)).copied()).collect()
}

/// A value of each day and Unit, by day and Unit.
pub(super) fn by_day<T>(
    run: &Run,
    value: impl Fn(&UnitDay) -> Option<T>,
) -> BTreeMap<(u32, usize), T> {
    run.unit_days.iter().filter_map(|row| Some(((row.day, row.unit), value(row)?))).collect()
}

/// The axis of days.
pub(super) fn across(first: u32, last: u32) -> Across<'static> {
    Across::Numbers(place_of_day(first)..place_of_day(last), "day", &draw::whole_number)
}

/// A row for each day and a column for each Unit; what is not there is left empty.
pub(super) fn table(
    run: &Run,
    days: &[u32],
    units: &[usize],
    text: impl Fn((u32, usize)) -> Option<String>,
) -> Rows {
    let names = units.iter().map(|unit| names::unit(run, *unit));
    let mut rows = Rows::new(1, ["day".to_owned()].into_iter().chain(names));
    for day in days {
        let cells = units.iter().map(|unit| text((*day, *unit)).unwrap_or_default());
        rows.push([names::day(*day)].into_iter().chain(cells).collect::<Vec<_>>());
    }
    rows
}

/// The colour of each Unit, and what it came to.
pub(super) fn legend(
    run: &Run,
    units: &[usize],
    value: impl Fn(usize) -> Option<String>,
) -> Vec<Key> {
    let key = |unit: &usize| {
        let (colour, name) = (colour_of_unit(run, *unit), names::unit(run, *unit));
        Key::new(colour, name, value(*unit).unwrap_or_default())
    };
    units.iter().map(key).collect()
}

/// The same value until the next moment, then the next one.
pub(super) fn steps(places: &[Place]) -> Vec<Place> {
    let mut steps: Vec<Place> = Vec::with_capacity(places.len() * 2);
    for place in places {
        if let Some((_, before)) = steps.last().copied() {
            steps.push((place.0, before));
        }
        steps.push(*place);
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_lead() {
        let sums = BTreeMap::from([(0, 5), (1, 9), (2, 9), (3, 1)]).into_iter();
        let sums = sums.map(|(at, sum)| (at, U256::from(sum))).collect();
        assert_eq!(leading(&sums, 3), (vec![1, 2, 0], 1));
    }

    #[test]
    fn thinning_keeps_both_ends() {
        let all: Vec<u32> = (0..1_000).collect();
        let some = thinned(&all, 7);
        assert_eq!((some.len(), some[0], some[6]), (7, 0, 999));
        assert!(some.is_sorted_by(|a, b| a < b));
        assert_eq!(thinned(&all[..3], 7), [0, 1, 2]);
    }

    #[test]
    fn a_step_lasts_until_the_next() {
        assert_eq!(steps(&[(0.0, 1.0), (2.0, 3.0)]), [(0.0, 1.0), (2.0, 1.0), (2.0, 3.0)]);
    }
}
