//! The public base strategy: how much of each Unit a Prime should hold, as a convex programme.
//!
//! # The programme
//!
//! For target i the Prime holds `h`ᵢ and may let `b`ᵢ enter and `s`ᵢ leave; `x`ᵢ = `h`ᵢ + `b`ᵢ − `s`ᵢ
//! is what it will hold. Amounts are dollars of 18 decimals, rates are a year's. It maximises
//!
//! ```text
//! Σᵢ nᵢ·xᵢ − Σₚ γₚ/(2W)·(Σ_{i∈p} xᵢ)² − Σᵢ (τᵇᵢ·bᵢ + τˢᵢ·sᵢ) − Σᵣ κᵣ·eᵣ
//!
//! nᵢ  net yield: expected yield − cost of drawn USDS − capital ratio · cost of risk capital
//! γₚ  concentration penalty on a set p of targets (each Unit alone, each counterparty or category)
//! W   the portfolio against which concentration is measured
//! τ   cost of moving, one-off, written off over the holding period
//! eᵣ  what is held beyond the cap of a category already: it is backed in full, at cost κ
//! ```
//!
//! subject to 0 ≤ `b`ᵢ ≤ roomᵢ, 0 ≤ `s`ᵢ ≤ exitᵢ and rows Σ `aᵣᵢ`·`d`ᵢ ≤ roomᵣ over the change `d` = `b` − `s`, or
//! over `b` alone where money that leaves is not there again within the horizon. Rows are the funds
//! that can be drawn and changed within the horizon, risk capital, caps by class, counterparty and
//! category, and tranche cover. Room is what a limit leaves beyond what is used, at least zero: so
//! doing nothing is always allowed and a solution always exists.
//!
//! A small strictly convex objective with linear rows: a quadratic programme, solved by an
//! interior-point method (P. Goulart, Y. Chen, "Clarabel: an interior-point solver for conic programs
//! with quadratic objectives", 2024). Every price below is a multiplier of its
//! Karush-Kuhn-Tucker conditions (S. Boyd, L. Vandenberghe, "Convex Optimization", §5.5–5.6).
//! What risk capital is and that only the excess over a category's cap is backed in full comes from
//! Sky's risk framework (sky-ecosystem/laniakea-docs: `risk-framework/capital-formula.md` §3–4 and
//! `risk-framework/correlation-framework.md` §2).
//!
//! # Integers
//!
//! Floats live in `solve.rs` alone, as fractions of one scale. `round.rs` floors them to wei, takes back
//! what the solver's tolerance put beyond a row, and closes gaps that are within that tolerance.
//! Whatever the solver says, the result breaks no row, exactly. Targets are taken in order of id, the
//! solver runs on one thread with fixed settings and uses only IEEE-754 operations and square roots:
//! the same programme gives the same integers everywhere.

pub mod build;
pub mod explain;
mod round;
mod solve;
#[cfg(test)]
mod tests;

use super::allocate::Binding;
use alloy_primitives::{B256, I256, U256, uint};

pub use build::{build, reach};

/// Millionths: of an amount, or of an amount in a year.
pub const PPM: i64 = 1_000_000;

/// A trillion dollars: larger amounts count as this, so that no product overflows.
pub const MAX_MONEY: U256 = uint!(1_000_000_000_000_000_000_000_000_000_000_U256);

/// How far an amount can move, and what stops it there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Dollars of 18 decimals.
    pub amount: U256,
    /// Which limit that is.
    pub by: Binding,
}

/// A Unit as the programme sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// unitId
    pub id: B256,
    /// Worth of what is held and of what waits to get in, dollars of 18 decimals.
    pub held: U256,
    /// The most that may enter.
    pub entry: Room,
    /// The most that may leave.
    pub exit: Room,
    /// Net yield, millionths a year.
    pub net: i64,
    /// Cost of entering, written off, millionths a year.
    pub entry_cost: u32,
    /// Cost of leaving, written off, millionths a year.
    pub exit_cost: u32,
}

/// What a row counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counts {
    /// What enters. What leaves makes no room within the horizon.
    Entries,
    /// What enters less what leaves.
    Change,
}

/// Σ weight · amount ≤ room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Which limit this is.
    pub by: Binding,
    /// Group, or the first protected Unit; `None` for the Prime's own.
    pub of: Option<B256>,
    /// What is counted.
    pub counts: Counts,
    /// Places of targets, rising, and their weights in millionths.
    pub weights: Vec<(usize, i64)>,
    /// Dollars of 18 decimals.
    pub room: U256,
    /// What is held beyond the limit already. Room is zero then.
    pub excess: U256,
    /// What the excess costs, millionths a year.
    pub excess_cost: u32,
}

/// A charge on holding much in one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Penalty {
    /// Places of targets, rising.
    pub members: Vec<usize>,
    /// Marginal charge when the members are the whole portfolio, millionths a year.
    pub weight: u32,
}

/// The programme in integers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Programme {
    /// Rising in id.
    pub targets: Vec<Target>,
    /// Limits that several targets share.
    pub rows: Vec<Row>,
    /// Concentration.
    pub penalties: Vec<Penalty>,
    /// W, dollars of 18 decimals, never zero where something is held.
    pub portfolio: U256,
}

/// What should move at one target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// In, dollars of 18 decimals.
    pub entry: U256,
    /// Out, dollars of 18 decimals. Never both.
    pub exit: U256,
}

/// A limit that binds, and what one dollar more of it would be worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shadow {
    /// Which limit.
    pub by: Binding,
    /// Of which Unit or group; `None` for the Prime's own.
    pub of: Option<B256>,
    /// What it allowed, dollars of 18 decimals.
    pub room: U256,
    /// Yield that one dollar more would bring, millionths a year.
    pub price: u64,
}

/// The programme's answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Solution {
    /// By target, in the programme's order.
    pub changes: Vec<Change>,
    /// Highest price first, then by limit and id.
    pub binding: Vec<Shadow>,
    /// What the changes add to the objective, wei a year.
    pub gain: I256,
}

/// The solver stopped without an optimum. The Prime does nothing then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the allocation was not solved: {status}")]
pub struct Unsolved {
    /// What the solver says.
    pub status: String,
}

impl Programme {
    /// The optimum, in integers that break no row.
    ///
    /// # Errors
    /// [`Unsolved`] if the solver finds no optimum.
    pub fn solve(&self) -> Result<Solution, Unsolved> {
        let optimum = solve::solve(self)?;
        let changes = round::round(self, &optimum);
        let binding = self.shadows(&optimum, &changes);
        let nothing = vec![Change::default(); changes.len()];
        let gain = self.value(&changes).saturating_sub(self.value(&nothing));
        Ok(Solution { changes, binding, gain })
    }

    /// The objective at `changes`, exact up to one wei a year. Changes that are missing count as none.
    pub fn value(&self, changes: &[Change]) -> I256 {
        let change = |at: usize| changes.get(at).copied().unwrap_or_default();
        let held = |at: usize| {
            let Change { entry, exit } = change(at);
            let held = self.targets.get(at).map_or(U256::ZERO, |target| target.held);
            signed(held) + signed(entry) - signed(exit)
        };
        let rate = |ppm: i64| I256::try_from(ppm).unwrap_or(I256::ZERO);
        let mut value = I256::ZERO;
        for (at, target) in self.targets.iter().enumerate() {
            let Change { entry, exit } = change(at);
            value += rate(target.net) * held(at);
            value -= rate(target.entry_cost.into()) * signed(entry);
            value -= rate(target.exit_cost.into()) * signed(exit);
        }
        let portfolio = signed(self.portfolio.max(U256::ONE));
        for penalty in &self.penalties {
            let sum: I256 = penalty.members.iter().map(|at| held(*at)).sum();
            value -= rate(penalty.weight.into()) * sum * sum / (portfolio + portfolio);
        }
        for row in &self.rows {
            if !row.excess.is_zero() {
                // What leaves is an excess no more, whatever it makes room for.
                let moved = used(row, Counts::Change, changes) / rate(PPM);
                let excess = (signed(row.excess) + moved).max(I256::ZERO);
                value -= rate(row.excess_cost.into()) * excess;
            }
        }
        value / rate(PPM)
    }

    /// What a row leaves beyond `changes`, in millionths of a wei; negative if it is broken.
    fn slack(&self, row: &Row, changes: &[Change]) -> I256 {
        signed(row.room) * I256::try_from(PPM).unwrap_or(I256::ONE) - used(row, row.counts, changes)
    }

    /// The first limit that `changes` break; `None` if they keep all of them.
    pub fn broken_by(&self, changes: &[Change]) -> Option<(Binding, Option<B256>)> {
        let boxes = self.targets.iter().zip(changes).find_map(|(target, change)| {
            let entry = (change.entry > target.entry.amount).then_some(target.entry.by);
            let exit = (change.exit > target.exit.amount).then_some(target.exit.by);
            entry.or(exit).map(|by| (by, Some(target.id)))
        });
        boxes.or_else(|| {
            let row = self.rows.iter().find(|row| self.slack(row, changes).is_negative())?;
            Some((row.by, row.of))
        })
    }

    fn shadows(&self, optimum: &solve::Optimum, changes: &[Change]) -> Vec<Shadow> {
        let mut shadows: Vec<Shadow> = Vec::new();
        for (target, prices) in self.targets.iter().zip(&optimum.prices) {
            for (room, price) in [(target.entry, prices.0), (target.exit, prices.1)] {
                let (by, of) = (room.by, Some(target.id));
                shadows.push(Shadow { by, of, room: room.amount, price });
            }
        }
        for (row, price) in self.rows.iter().zip(&optimum.row_prices) {
            // An interior point leaves a trace of a price on rows that it merely came near.
            let tight = round::within_tolerance(self.slack(row, changes), optimum.scale);
            let price = if tight { *price } else { 0 };
            match shadows.iter_mut().find(|s| (s.by, s.of) == (row.by, row.of)) {
                Some(same) => same.price = same.price.saturating_add(price),
                None => shadows.push(Shadow { by: row.by, of: row.of, room: row.room, price }),
            }
        }
        shadows.retain(|shadow| shadow.price > 0);
        shadows.sort_by_key(|s| (std::cmp::Reverse(s.price), s.by, s.of));
        shadows
    }
}

/// What `changes` use of a row, in millionths of a wei.
fn used(row: &Row, counts: Counts, changes: &[Change]) -> I256 {
    row.weights
        .iter()
        .map(|(at, weight)| {
            let Change { entry, exit } = changes.get(*at).copied().unwrap_or_default();
            let exit = if counts == Counts::Change { exit } else { U256::ZERO };
            (signed(entry) - signed(exit)) * I256::try_from(*weight).unwrap_or(I256::ZERO)
        })
        .sum()
}

fn signed(amount: U256) -> I256 {
    I256::try_from(amount).unwrap_or(I256::MAX)
}
