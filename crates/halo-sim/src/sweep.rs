//! Many runs of one scenario: seeds and settings in parallel, paired, in parts that can be merged in any order.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use alloy_primitives::U256;
use serde::{Deserialize, Serialize};

use halo_sentinel::math::WAD;
use halo_spec::Simulation;

use crate::{
    Error, Result,
    engine::{Options, simulate},
    run::Run,
};

/// The kind and version of the document.
pub const SWEEP_SCHEMA: &str = "halo-sweep/1";

/// A run to make: a simulation with its seed, and what was set in it.
#[derive(Debug, Clone)]
pub struct Case {
    /// What was set, such as `capacity.subscribe = "unlimited"`; the same text for all seeds of a variant.
    pub variant: String,
    /// The simulation.
    pub simulation: Simulation,
}

/// A sweep, or a part of one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sweep {
    /// [`SWEEP_SCHEMA`].
    pub schema: String,
    /// The scenario's name.
    pub scenario: String,
    /// How many runs the whole sweep has.
    pub of: usize,
    /// The runs that are here, by their number.
    pub rows: Vec<SweepRow>,
    /// Each variant and metric over the seeds.
    pub stats: Vec<Stat>,
    /// Each variant against the first, seed by seed.
    pub paired: Vec<Stat>,
}

/// One run of a sweep.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SweepRow {
    /// Its number.
    pub number: usize,
    /// Its variant.
    pub variant: String,
    /// Its seed.
    pub seed: u64,
    /// What was measured, in whole units: dollars, wei, seconds, basis points.
    pub metrics: BTreeMap<String, u64>,
    /// Whether everything that must hold did.
    pub holds: bool,
    /// The first expectation that did not hold.
    pub failed: Option<String>,
}

/// A metric over seeds, with the interval in which its mean lies with 95 % confidence (normal approximation).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stat {
    /// The variant.
    pub variant: String,
    /// The metric.
    pub metric: String,
    /// Runs.
    pub runs: usize,
    /// Mean.
    pub mean: f64,
    /// Least.
    pub least: f64,
    /// Most.
    pub most: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
}

/// Makes the runs of the `shard`-th of `shards` parts, `threads` at a time. The result does not depend on `threads`.
///
/// # Errors
/// The first run, by number, that cannot be made.
pub fn sweep(
    cases: &[Case],
    (shard, shards): (usize, usize),
    threads: usize,
    done: impl Fn(usize) + Sync,
) -> Result<Sweep> {
    let mine: Vec<usize> =
        (0..cases.len()).filter(|number| number % shards.max(1) == shard).collect();
    let (next, finished) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let results: Mutex<Vec<(usize, Result<SweepRow>)>> = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..threads.clamp(1, mine.len().max(1)) {
            scope.spawn(|| {
                while let Some(number) = mine.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let Some(case) = cases.get(*number) else { break };
                    let run = simulate(&case.simulation, &Options::default(), |_| {});
                    let row = run.map(|run| row(*number, case, &run));
                    if let Ok(mut results) = results.lock() {
                        results.push((*number, row));
                    }
                    done(finished.fetch_add(1, Ordering::Relaxed) + 1);
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    results.sort_by_key(|(number, _)| *number);
    let rows = results.into_iter().map(|(_, row)| row).collect::<Result<Vec<_>>>()?;
    let scenario =
        cases.first().map_or_else(String::new, |case| case.simulation.scenario.name.clone());
    Ok(Sweep::of(scenario, cases.len(), rows))
}

/// Puts parts together, in any order.
///
/// # Errors
/// If they are not parts of one sweep, or one run is there twice with different results.
pub fn merge(parts: Vec<Sweep>) -> Result<Sweep> {
    let wrong = |found: String| Error::Unexpected { what: "a part of a sweep", found };
    let mut rows: BTreeMap<usize, SweepRow> = BTreeMap::new();
    let mut about: BTreeSet<(String, usize)> = BTreeSet::new();
    for part in parts {
        if part.schema != SWEEP_SCHEMA {
            return Err(wrong(format!("a document of kind {}", part.schema)));
        }
        about.insert((part.scenario.clone(), part.of));
        for row in part.rows {
            if let Some(other) = rows.get(&row.number).filter(|other| **other != row) {
                return Err(wrong(format!("run {} with two results", other.number)));
            }
            rows.insert(row.number, row);
        }
    }
    let mut about = about.into_iter();
    let (Some((scenario, of)), None) = (about.next(), about.next()) else {
        return Err(wrong("none, or of several sweeps".to_owned()));
    };
    Ok(Sweep::of(scenario, of, rows.into_values().collect()))
}

impl Sweep {
    fn of(scenario: String, of: usize, rows: Vec<SweepRow>) -> Self {
        let (stats, paired) = (stats(&rows), paired(&rows));
        Self { schema: SWEEP_SCHEMA.to_owned(), scenario, of, rows, stats, paired }
    }

    /// Runs that are not here.
    pub fn missing(&self) -> usize {
        self.of.saturating_sub(self.rows.len())
    }

    /// Whether every run held.
    pub fn holds(&self) -> bool {
        self.rows.iter().all(|row| row.holds)
    }
}

fn row(number: usize, case: &Case, run: &Run) -> SweepRow {
    let dollars = |amount: U256| -> u64 { (amount / WAD).saturating_to() };
    let gain = run.fairness.over_asking.iter().map(|row| row.gain).sum::<U256>();
    let halts = run.incidents.iter().filter(|one| one.kind == "halt").count();
    let metrics = [
        ("day1_inflow", dollars(run.totals.day1_inflow)),
        ("inflow", dollars(run.totals.settled)),
        ("redeemed", dollars(run.totals.redeemed)),
        ("max_unfilled", dollars(run.totals.max_unfilled)),
        ("value", dollars(run.totals.value)),
        ("over_asking_gain", dollars(gain)),
        ("fairness_wei", run.fairness.worst_wei.saturating_to()),
        ("gini_bps", u64::from(run.fairness.gini_bps)),
        ("halts", halts as u64),
        ("actions", run.totals.actions),
    ];
    SweepRow {
        number,
        variant: case.variant.clone(),
        seed: run.seed,
        metrics: metrics.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        holds: run.holds(),
        failed: run.first_failure().map(|row| row.text.clone()),
    }
}

fn stats(rows: &[SweepRow]) -> Vec<Stat> {
    let mut groups: BTreeMap<(String, String), Vec<i128>> = BTreeMap::new();
    for row in rows {
        for (metric, value) in &row.metrics {
            let key = (row.variant.clone(), metric.clone());
            groups.entry(key).or_default().push(i128::from(*value));
        }
    }
    groups.into_iter().map(|((variant, metric), values)| stat(variant, metric, &values)).collect()
}

/// Differences to the first variant, seed by seed: what the seeds have in common drops out.
fn paired(rows: &[SweepRow]) -> Vec<Stat> {
    let Some(first) = rows.first().map(|row| row.variant.clone()) else { return Vec::new() };
    let base: BTreeMap<u64, &SweepRow> =
        rows.iter().filter(|row| row.variant == first).map(|row| (row.seed, row)).collect();
    let mut groups: BTreeMap<(String, String), Vec<i128>> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.variant != first) {
        let Some(other) = base.get(&row.seed) else { continue };
        for (metric, value) in &row.metrics {
            let was = other.metrics.get(metric).copied().unwrap_or_default();
            let key = (row.variant.clone(), metric.clone());
            groups.entry(key).or_default().push(i128::from(*value) - i128::from(was));
        }
    }
    groups.into_iter().map(|((variant, metric), values)| stat(variant, metric, &values)).collect()
}

#[expect(clippy::float_arithmetic, reason = "a report: nothing is decided from it")]
#[expect(clippy::cast_precision_loss, reason = "a report: fifteen digits are enough")]
fn stat(variant: String, metric: String, values: &[i128]) -> Stat {
    let runs = values.len();
    let numbers: Vec<f64> = values.iter().map(|value| *value as f64).collect();
    let count = (runs.max(1)) as f64;
    let mean = numbers.iter().sum::<f64>() / count;
    let spread = numbers.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>();
    let deviation = if runs > 1 { (spread / (count - 1.0)).sqrt() } else { 0.0 };
    let half = 1.96 * deviation / count.sqrt();
    Stat {
        variant,
        metric,
        runs,
        mean,
        least: values.iter().min().copied().unwrap_or_default() as f64,
        most: values.iter().max().copied().unwrap_or_default() as f64,
        low: mean - half,
        high: mean + half,
    }
}
