//! The programme's floats: all of them. Amounts enter as fractions of one scale with 53 bits and
//! leave the same way; prices leave as whole millionths.

#![expect(
    clippy::float_arithmetic,
    reason = "an interior-point solver works in floats; what leaves is floored and checked exactly"
)]

use super::{Counts, PPM, Programme, Row, Unsolved};
use crate::math::mul_div;
use alloy_primitives::{U256, uint};
use clarabel::{
    algebra::CscMatrix,
    solver::{
        DefaultSettings, DefaultSolver, IPSolver, SolverStatus,
        SupportedConeT::{NonnegativeConeT, ZeroConeT},
    },
};

/// 2⁵³: up to here a float holds every integer.
const ONE: U256 = uint!(9_007_199_254_740_992_U256);
const ONE_FLOAT: f64 = 9_007_199_254_740_992.0;

/// Beyond this a penalty allows nothing anyway, and larger numbers would only hurt the solver.
const STEEPEST: f64 = 1e4;

/// What the solver found.
pub(super) struct Optimum {
    /// What a fraction is of, wei.
    pub(super) scale: U256,
    /// In and out of each target, floored.
    pub(super) changes: Vec<(U256, U256)>,
    /// Price of each target's room to enter and to leave, millionths a year.
    pub(super) prices: Vec<(u64, u64)>,
    /// Price of each row, millionths a year.
    pub(super) row_prices: Vec<u64>,
}

/// Optimises. Without anything that can move there is nothing for the solver to do.
pub(super) fn solve(programme: &Programme) -> Result<Optimum, Unsolved> {
    let model = Model::new(programme);
    let (values, duals) =
        if model.form.cost.is_empty() { (vec![], vec![]) } else { model.form.solve()? };
    Ok(model.read(&values, &duals))
}

/// min ½·x'Px + q'x with Ax = b for `equal` and Ax ≤ b for `at_most`.
#[derive(Default)]
struct Form {
    cost: Vec<f64>,
    curvature: Vec<(usize, usize, f64)>,
    equal: Vec<(Vec<(usize, f64)>, f64)>,
    at_most: Vec<(Vec<(usize, f64)>, f64)>,
}

impl Form {
    /// A new variable, and the place of its upper bound among `at_most`.
    fn bounded(&mut self, cost: f64, most: f64) -> (usize, usize) {
        let at = self.cost.len();
        self.cost.push(cost);
        self.at_most.push((vec![(at, -1.0)], 0.0));
        self.at_most.push((vec![(at, 1.0)], most));
        (at, self.at_most.len() - 1)
    }

    /// The optimum, and the multipliers of `at_most`.
    fn solve(&self) -> Result<(Vec<f64>, Vec<f64>), Unsolved> {
        let (mut rows, mut columns, mut values, mut bounds) = (vec![], vec![], vec![], vec![]);
        for (row, (terms, bound)) in self.equal.iter().chain(&self.at_most).enumerate() {
            for (column, value) in terms {
                rows.push(row);
                columns.push(*column);
                values.push(*value);
            }
            bounds.push(*bound);
        }
        let size = self.cost.len();
        let constraints = CscMatrix::new_from_triplets(bounds.len(), size, rows, columns, values);
        let (mut rows, mut columns, mut values) = (vec![], vec![], vec![]);
        for (row, column, value) in &self.curvature {
            rows.push(*row);
            columns.push(*column);
            values.push(*value);
        }
        let curvature = CscMatrix::new_from_triplets(size, size, rows, columns, values);
        let cones = [ZeroConeT(self.equal.len()), NonnegativeConeT(self.at_most.len())];
        let settings = settings();
        let solver =
            DefaultSolver::new(&curvature, &self.cost, &constraints, &bounds, &cones, settings);
        let mut solver = solver.map_err(|error| Unsolved { status: error.to_string() })?;
        solver.solve();
        match solver.solution.status {
            SolverStatus::Solved | SolverStatus::AlmostSolved => {
                let multipliers = solver.solution.z.split_off(self.equal.len());
                Ok((std::mem::take(&mut solver.solution.x), multipliers))
            }
            status => Err(Unsolved { status: status.to_string() }),
        }
    }
}

/// One thread, one method, no clock: the same problem takes the same steps.
fn settings() -> DefaultSettings<f64> {
    DefaultSettings {
        verbose: false,
        max_iter: 200,
        time_limit: f64::INFINITY,
        max_threads: 1,
        direct_solve_method: "qdldl".to_owned(),
        presolve_enable: false,
        tol_gap_abs: 1e-10,
        tol_gap_rel: 1e-10,
        tol_feas: 1e-10,
        ..DefaultSettings::default()
    }
}

/// A variable and the place of its upper bound.
type Place = Option<(usize, usize)>;

/// The programme between its integers and the solver's form.
struct Model<'a> {
    programme: &'a Programme,
    form: Form,
    scale: U256,
    /// Millionths a year that one of the objective stands for.
    unit: f64,
    /// Scale over portfolio.
    spread: f64,
    entries: Vec<Place>,
    exits: Vec<Place>,
    /// The row without any room that keeps a target from being entered.
    barred: Vec<Option<usize>>,
    /// Each row's places among `at_most`.
    places: Vec<Vec<usize>>,
}

impl<'a> Model<'a> {
    fn new(programme: &'a Programme) -> Self {
        let targets = &programme.targets;
        let movable = targets.iter().map(|t| t.entry.amount.saturating_add(t.exit.amount));
        let scale = movable.fold(U256::ONE, |sum, next| sum.saturating_add(next));
        let mut model = Self {
            programme,
            form: Form::default(),
            scale,
            unit: 1.0,
            spread: ratio(scale, programme.portfolio.max(U256::ONE)),
            entries: vec![None; targets.len()],
            exits: vec![None; targets.len()],
            barred: barred(programme),
            places: vec![Vec::new(); programme.rows.len()],
        };
        let largest = |unit: f64, next: f64| unit.max(next.abs());
        let marginal = (0..targets.len()).map(|at| model.marginal(at, &[]));
        model.unit = marginal.fold(1.0, largest);
        for (at, target) in targets.iter().enumerate() {
            let (yields, unit) = (model.marginal(at, &[]), model.unit);
            let bounded = |form: &mut Form, amount: U256, cost: f64| {
                (!amount.is_zero()).then(|| form.bounded(cost / unit, ratio(amount, scale)))
            };
            let entry = if model.barred[at].is_some() { U256::ZERO } else { target.entry.amount };
            let entry_cost = f64::from(target.entry_cost) - yields;
            model.entries[at] = bounded(&mut model.form, entry, entry_cost);
            let exit_cost = f64::from(target.exit_cost) + yields;
            model.exits[at] = bounded(&mut model.form, target.exit.amount, exit_cost);
        }
        model.penalise();
        model.limit();
        model
    }

    /// Net yield of one dollar more at a target, concentration deducted, millionths a year.
    /// `changes` are in fractions of the scale; none where they are missing.
    fn marginal(&self, at: usize, changes: &[f64]) -> f64 {
        let programme = self.programme;
        let portfolio = programme.portfolio.max(U256::ONE);
        let charged = programme.penalties.iter().filter(|p| p.members.contains(&at));
        let charge: f64 = charged
            .map(|penalty| {
                let part = |at: &usize| {
                    let held = programme.targets.get(*at).map_or(U256::ZERO, |t| t.held);
                    let moved = changes.get(*at).copied().unwrap_or_default();
                    ratio(held, portfolio) + moved * self.spread
                };
                f64::from(penalty.weight) * penalty.members.iter().map(part).sum::<f64>()
            })
            .sum();
        programme.targets.get(at).map_or(0.0, |target| target.net as f64) - charge
    }

    /// Variables of a target's change, each with its sign.
    fn change(&self, at: usize, counts: Counts) -> impl Iterator<Item = (usize, f64)> {
        let entry = self.entries[at].map(|(variable, _)| (variable, 1.0));
        let exit = self.exits[at].map(|(variable, _)| (variable, -1.0));
        entry.into_iter().chain(exit.filter(|_| counts == Counts::Change))
    }

    /// Concentration: a target alone bends its own variables, several share a sum of theirs.
    fn penalise(&mut self) {
        for penalty in &self.programme.penalties {
            let bend = f64::from(penalty.weight) * self.spread / self.unit;
            let bend = bend.min(STEEPEST);
            let members = penalty.members.iter().filter(|at| **at < self.entries.len());
            let terms: Vec<_> = members.flat_map(|at| self.change(*at, Counts::Change)).collect();
            if bend == 0.0 || terms.is_empty() {
                continue;
            }
            if penalty.members.len() == 1 {
                for (place, (row, left)) in terms.iter().enumerate() {
                    for (column, right) in &terms[place..] {
                        self.form.curvature.push((*row, *column, left * right * bend));
                    }
                }
                continue;
            }
            let sum = self.form.cost.len();
            self.form.cost.push(0.0);
            self.form.curvature.push((sum, sum, bend));
            let equal = terms.into_iter().chain([(sum, -1.0)]).collect();
            self.form.equal.push((equal, 0.0));
        }
    }

    fn limit(&mut self) {
        for (at, row) in self.programme.rows.iter().enumerate() {
            let terms = self.terms(row, row.counts);
            // What cannot be reached cannot bind, and would only stretch the numbers.
            let reach = terms.iter().map(|(_, weight)| weight.max(0.0)).sum::<f64>();
            let room = ratio(row.room, self.scale);
            if !terms.is_empty() && room < reach {
                self.places[at].push(self.form.at_most.len());
                self.form.at_most.push((terms, room));
            }
            if !row.excess.is_zero() {
                let excess = ratio(row.excess, self.scale);
                let cost = f64::from(row.excess_cost) / self.unit;
                let mut terms = self.terms(row, Counts::Change);
                if terms.is_empty() {
                    continue;
                }
                let (variable, _) = self.form.bounded(cost, excess);
                terms.push((variable, -1.0));
                self.places[at].push(self.form.at_most.len());
                self.form.at_most.push((terms, -excess));
            }
        }
    }

    fn terms(&self, row: &Row, counts: Counts) -> Vec<(usize, f64)> {
        let known = row.weights.iter().filter(|(at, _)| *at < self.entries.len());
        known
            .flat_map(|(at, weight)| {
                let weight = *weight as f64 / PPM as f64;
                self.change(*at, counts).map(move |(variable, sign)| (variable, sign * weight))
            })
            .collect()
    }

    /// Back to integers.
    fn read(self, values: &[f64], duals: &[f64]) -> Optimum {
        let Self { programme, scale, unit, .. } = self;
        let value = |place: Place| place.and_then(|(at, _)| values.get(at)).copied();
        let dual = |at: usize| duals.get(at).copied().unwrap_or_default() * unit;
        let moved: Vec<f64> = (0..programme.targets.len())
            .map(|at| {
                let entry = value(self.entries[at]).unwrap_or_default();
                entry - value(self.exits[at]).unwrap_or_default()
            })
            .collect();
        let mut row_prices: Vec<f64> =
            self.places.iter().map(|places| places.iter().map(|at| dual(*at)).sum()).collect();
        // What one dollar more would earn where nothing at all may enter.
        let missed: Vec<f64> = (0..programme.targets.len())
            .map(|at| {
                let charged: f64 = programme
                    .rows
                    .iter()
                    .zip(&row_prices)
                    .flat_map(|(row, price)| row.weights.iter().map(move |w| (w, price)))
                    .filter(|((member, _), _)| *member == at)
                    .map(|((_, weight), price)| *weight as f64 / PPM as f64 * price)
                    .sum();
                let cost = programme.targets.get(at).map_or(0.0, |t| f64::from(t.entry_cost));
                self.marginal(at, &moved) - charged - cost
            })
            .collect();
        let mut prices = Vec::with_capacity(moved.len());
        for (at, target) in programme.targets.iter().enumerate() {
            let entry = match (self.entries[at], self.barred[at]) {
                (Some((_, bound)), _) => dual(bound),
                (None, Some(row)) if !target.entry.amount.is_zero() => {
                    row_prices[row] = row_prices[row].max(missed[at]);
                    0.0
                }
                (None, _) => missed[at],
            };
            let exit = self.exits[at].map_or(0.0, |(_, bound)| dual(bound));
            prices.push((whole(entry), whole(exit)));
        }
        let amount = |place| floor(value(place).unwrap_or_default(), scale);
        let changes =
            self.entries.iter().zip(&self.exits).map(|(b, s)| (amount(*b), amount(*s))).collect();
        let row_prices = row_prices.into_iter().map(whole).collect();
        Optimum { scale, changes, prices, row_prices }
    }
}

/// For each target the first row that lets nothing in, whatever leaves.
fn barred(programme: &Programme) -> Vec<Option<usize>> {
    let mut barred = vec![None; programme.targets.len()];
    for (at, row) in programme.rows.iter().enumerate() {
        let can_leave =
            |at: &usize| programme.targets.get(*at).is_some_and(|t| !t.exit.amount.is_zero());
        let eases = row.weights.iter().any(|(member, weight)| {
            *weight < 0 || (row.counts == Counts::Change && can_leave(member))
        });
        if !row.room.is_zero() || eases {
            continue;
        }
        for (member, _) in row.weights.iter().filter(|(_, weight)| *weight > 0) {
            if let Some(place) = barred.get_mut(*member) {
                place.get_or_insert(at);
            }
        }
    }
    barred
}

/// a / b, floored to 2⁻⁵³.
fn ratio(a: U256, b: U256) -> f64 {
    let parts = mul_div(a, ONE, b.max(U256::ONE)).unwrap_or(U256::MAX);
    parts.saturating_to::<u128>() as f64 / ONE_FLOAT
}

/// A fraction of `scale`, floored; what is not between zero and one is brought there.
fn floor(fraction: f64, scale: U256) -> U256 {
    let parts = (fraction.clamp(0.0, 1.0) * ONE_FLOAT) as u64;
    mul_div(scale, U256::from(parts), ONE).unwrap_or_default()
}

/// To the nearest whole millionth, never below zero.
fn whole(price: f64) -> u64 {
    price.max(0.0).round() as u64
}
