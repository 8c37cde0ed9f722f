//! From the solver's fractions to wei that break no row. Everything here is exact.
//!
//! 1. Each amount is floored and kept within its room; what enters and leaves the same target cancels.
//!    Where the room's end is within the solver's tolerance the amount goes there, and where nothing is,
//!    it becomes nothing: a limit of 100 million is used to the wei and not to 99,999,999.98.
//! 2. While a row is exceeded, which can be by the tolerance only, the least yielding of its targets
//!    gives back. Entries (and exits that a row counts against) only shrink, so this ends, with nothing
//!    moving at the latest.
//! 3. Where the nearest row is within the tolerance, the amount goes up to it, best yield first.

use super::{Change, Counts, Programme, Row, Target, solve::Optimum};
use alloy_primitives::{I256, U256, uint};

/// A millionth of what can move: a hundred times what the solver promises.
const TOLERANCE: U256 = uint!(1_000_000_U256);

/// Whether `slack`, in millionths of a wei, is nothing but tolerance.
pub(super) fn within_tolerance(slack: I256, scale: U256) -> bool {
    let tolerance = I256::try_from(scale).unwrap_or(I256::MAX); // scale / 10⁶ · 10⁶
    slack <= tolerance
}

pub(super) fn round(programme: &Programme, optimum: &Optimum) -> Vec<Change> {
    let tolerance = optimum.scale / TOLERANCE;
    let near = |amount: U256, room: U256| {
        if amount <= tolerance {
            U256::ZERO
        } else if room <= amount.saturating_add(tolerance) {
            room
        } else {
            amount
        }
    };
    let mut changes: Vec<Change> = programme
        .targets
        .iter()
        .zip(&optimum.changes)
        .map(|(target, (entry, exit))| {
            let both = (*entry).min(*exit);
            Change {
                entry: near(*entry - both, target.entry.amount),
                exit: near(*exit - both, target.exit.amount),
            }
        })
        .collect();
    let order = by_yield(&programme.targets);
    repair(programme, &mut changes, &order);
    for at in &order {
        snap(programme, &mut changes, *at, tolerance);
    }
    changes
}

/// Places of targets, the most yielding first, then by id.
fn by_yield(targets: &[Target]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..targets.len()).collect();
    order.sort_by_key(|at| {
        targets.get(*at).map(|t| (std::cmp::Reverse(t.net - i64::from(t.entry_cost)), t.id))
    });
    order
}

fn repair(programme: &Programme, changes: &mut [Change], order: &[usize]) {
    // Each pass mends every row; giving back at a junior tranche may break another one's cover again.
    for _ in 0..=programme.targets.len() {
        let mut broken = false;
        for row in &programme.rows {
            for at in order.iter().rev() {
                let slack = programme.slack(row, changes);
                if !slack.is_negative() {
                    break;
                }
                broken = true;
                give_back(row, changes, *at, slack.unsigned_abs());
            }
        }
        if !broken {
            return;
        }
    }
    changes.fill(Change::default());
}

/// Makes up for `missing` millionths of a wei of a row at one target, as far as that can.
fn give_back(row: &Row, changes: &mut [Change], at: usize, missing: U256) {
    let Some(weight) = weight(row, at) else { return };
    let Some(change) = changes.get_mut(at) else { return };
    let amount = missing.div_ceil(U256::from(weight.unsigned_abs().max(1)));
    let counted = match weight {
        1.. => &mut change.entry,
        _ if row.counts == Counts::Change => &mut change.exit,
        _ => return,
    };
    *counted = counted.saturating_sub(amount);
}

/// Takes an amount that moves up to its nearest bound, if that is within `tolerance`.
fn snap(programme: &Programme, changes: &mut [Change], at: usize, tolerance: U256) {
    let (Some(target), Some(change)) = (programme.targets.get(at), changes.get(at)) else { return };
    let enters = !change.entry.is_zero();
    if !enters && change.exit.is_zero() {
        return;
    }
    let room = if enters {
        target.entry.amount.saturating_sub(change.entry)
    } else {
        target.exit.amount.saturating_sub(change.exit)
    };
    let rows = programme.rows.iter().filter_map(|row| {
        let weight = weight(row, at)?;
        let counts = enters || row.counts == Counts::Change;
        let against = counts && (weight > 0) == enters;
        let slack = programme.slack(row, changes).max(I256::ZERO).unsigned_abs();
        against.then(|| slack / U256::from(weight.unsigned_abs().max(1)))
    });
    let step = rows.fold(room, U256::min);
    if step <= tolerance
        && let Some(change) = changes.get_mut(at)
    {
        let amount = if enters { &mut change.entry } else { &mut change.exit };
        *amount = amount.saturating_add(step);
    }
}

fn weight(row: &Row, at: usize) -> Option<i64> {
    row.weights.iter().find(|(member, _)| *member == at).map(|(_, weight)| *weight)
}
