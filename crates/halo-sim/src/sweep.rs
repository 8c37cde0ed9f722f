//! Many runs of one scenario: seeds and settings in parallel, paired, in parts that can be merged in any order.

mod part;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use alloy_primitives::{B256, Keccak256, U256};
use serde::Serialize;

use halo_sentinel::math::WAD;
use halo_spec::Simulation;

use crate::{
    Error, Result,
    engine::{Options, simulate},
    run::Run,
};

/// The kind and version of the document.
pub const SWEEP_SCHEMA: &str = "halo-sweep/2";
/// The most runs of a sweep.
pub const MOST_RUNS: usize = 1_000_000;

/// The runs of a sweep: each variant with each seed.
#[derive(Debug, Clone)]
pub struct Cases {
    /// What was set, such as `capacity.subscribe = "unlimited"`, and the simulation with it.
    pub variants: Vec<(String, Simulation)>,
    /// The first seed and the last; `None` for each variant's own.
    pub seeds: Option<(u32, u32)>,
}

impl Cases {
    /// How many runs there are.
    pub fn count(&self) -> usize {
        self.variants.len().saturating_mul(self.seeds_each())
    }

    fn seeds_each(&self) -> usize {
        self.seeds.map_or(1, |(from, to)| (to.saturating_sub(from) as usize).saturating_add(1))
    }

    fn variant(&self, number: usize) -> Option<(&str, &Simulation, u64)> {
        let (name, simulation) = self.variants.get(number / self.seeds_each())?;
        let seed = match self.seeds {
            Some((from, _)) => u64::from(from) + (number % self.seeds_each()) as u64,
            None => simulation.scenario.seed,
        };
        Some((name, simulation, seed))
    }

    fn identity(&self) -> Identity {
        let variants = self.variants.iter().map(|(name, simulation)| (name.as_str(), simulation));
        Identity {
            scenario: self
                .variants
                .first()
                .map_or_else(String::new, |(_, simulation)| simulation.scenario.name.clone()),
            digest: digest(variants),
            seeds: self.seeds,
            of: self.count(),
        }
    }
}

/// Which sweep it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Identity {
    /// The scenario's name.
    pub scenario: String,
    /// keccak256 of all that decides its runs but the seeds: the program's version, each variant with its specs.
    pub digest: B256,
    /// The first seed and the last; `None` for each variant's own.
    pub seeds: Option<(u32, u32)>,
    /// How many runs the whole sweep has.
    pub of: usize,
}

/// The digest of [`Identity`].
pub(crate) fn digest<'a>(variants: impl IntoIterator<Item = (&'a str, &'a Simulation)>) -> B256 {
    struct Hashed(Keccak256);
    impl Write for Hashed {
        fn write_str(&mut self, text: &str) -> std::fmt::Result {
            self.0.update(text);
            Ok(())
        }
    }
    let mut hashed = Hashed(Keccak256::new());
    // A hash takes whatever it is given.
    let _ = write!(hashed, "halo {}", env!("CARGO_PKG_VERSION"));
    for (name, simulation) in variants {
        let _ = write!(hashed, "\n{name:?} {simulation:?}");
    }
    hashed.0.finalize()
}

/// A sweep, or a part of one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sweep {
    /// [`SWEEP_SCHEMA`].
    pub schema: &'static str,
    /// Which sweep it is.
    #[serde(flatten)]
    pub identity: Identity,
    /// Which part of how many it is, counted from 0; `None` for several parts that are not all.
    pub shard: Option<(usize, usize)>,
    /// The runs that are here, by their number.
    pub rows: Vec<SweepRow>,
    /// Each variant and metric over the seeds.
    pub stats: Vec<Stat>,
    /// Each variant against the first, seed by seed.
    pub paired: Vec<Stat>,
}

/// One run of a sweep.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SweepRow {
    /// Its number.
    pub number: usize,
    /// Its variant.
    pub variant: String,
    /// Its seed.
    pub seed: u64,
    /// What was measured.
    #[serde(serialize_with = "named")]
    pub metrics: Metrics,
    /// Whether everything that must hold did.
    pub holds: bool,
    /// The first expectation that did not hold.
    pub failed: Option<String>,
}

/// What is measured of a run, in the order of [`METRICS`].
pub type Metrics = [u64; METRICS.len()];

/// The names of what is measured of a run. Whole units: dollars, wei, basis points, halts, transactions.
pub const METRICS: [&str; 10] = [
    "day1_inflow",
    "inflow",
    "redeemed",
    "max_unfilled",
    "value",
    "over_asking_gain",
    "fairness_wei",
    "gini_bps",
    "halts",
    "actions",
];

fn named<S: serde::Serializer>(metrics: &Metrics, out: S) -> Result<S::Ok, S::Error> {
    out.collect_map(METRICS.iter().zip(metrics))
}

impl SweepRow {
    /// The metric of that name; 0 where there is none.
    pub fn metric(&self, name: &str) -> u64 {
        let place = METRICS.iter().position(|metric| *metric == name);
        place.and_then(|place| self.metrics.get(place)).copied().unwrap_or_default()
    }
}

/// A metric over seeds, with the interval in which its mean lies with 95 % confidence (normal approximation).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stat {
    /// The variant.
    pub variant: String,
    /// The metric.
    pub metric: &'static str,
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
/// There are more than [`MOST_RUNS`], or one cannot be made: the first by number.
pub fn sweep(
    cases: &Cases,
    (shard, shards): (usize, usize),
    threads: usize,
    done: impl Fn(usize) + Sync,
) -> Result<Sweep> {
    let all = cases.count();
    if all > MOST_RUNS {
        return Err(Error::TooManyRuns { all });
    }
    let shards = shards.max(1);
    let mine = (0..all).skip(shard).step_by(shards);
    let (next, finished) = (Mutex::new(mine.clone()), AtomicUsize::new(0));
    let results: Mutex<BTreeMap<usize, Result<SweepRow>>> = Mutex::new(BTreeMap::new());
    let take = || next.lock().ok().and_then(|mut next| next.next());
    std::thread::scope(|scope| {
        for _ in 0..threads.clamp(1, mine.len().max(1)) {
            scope.spawn(|| {
                while let Some(number) = take() {
                    let Some((variant, simulation, seed)) = cases.variant(number) else { break };
                    let mut simulation = simulation.clone();
                    simulation.scenario.seed = seed;
                    let run = simulate(&simulation, &Options::default(), |_| {});
                    let row = run.map(|run| row(number, variant, &run));
                    if let Ok(mut results) = results.lock() {
                        results.insert(number, row);
                    }
                    done(finished.fetch_add(1, Ordering::Relaxed) + 1);
                }
            });
        }
    });
    let results = results.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    let rows = results.into_values().collect::<Result<Vec<_>>>()?;
    Ok(Sweep::of(cases.identity(), Some((shard, shards)), rows))
}

/// Puts parts together, in any order.
///
/// # Errors
/// If they are not parts of one sweep, or one run is there twice with different results.
pub fn merge(parts: Vec<Sweep>) -> Result<Sweep> {
    let wrong = |what: &str| Error::Part { what: what.to_owned() };
    let mut rows: BTreeMap<usize, SweepRow> = BTreeMap::new();
    let mut about: BTreeSet<Identity> = BTreeSet::new();
    for part in parts {
        about.insert(part.identity);
        for row in part.rows {
            if rows.get(&row.number).is_some_and(|other| *other != row) {
                return Err(wrong(&format!("run {} is there with two results", row.number)));
            }
            rows.insert(row.number, row);
        }
    }
    let mut about = about.into_iter();
    let identity = about.next().ok_or_else(|| wrong("there is none"))?;
    if let Some(other) = about.next() {
        return Err(wrong(&format!(
            "`{}` {} is another one than `{}` {}",
            identity.scenario, identity.digest, other.scenario, other.digest
        )));
    }
    let shard = (rows.len() == identity.of).then_some((0, 1));
    Ok(Sweep::of(identity, shard, rows.into_values().collect()))
}

impl Sweep {
    fn of(identity: Identity, shard: Option<(usize, usize)>, rows: Vec<SweepRow>) -> Self {
        let (stats, paired) = (stats(&rows), paired(&rows));
        Self { schema: SWEEP_SCHEMA, identity, shard, rows, stats, paired }
    }

    /// Runs that are not here.
    pub fn missing(&self) -> usize {
        self.identity.of.saturating_sub(self.rows.len())
    }

    /// Whether every run held.
    pub fn holds(&self) -> bool {
        self.rows.iter().all(|row| row.holds)
    }
}

fn row(number: usize, variant: &str, run: &Run) -> SweepRow {
    let dollars = |amount: U256| -> u64 { (amount / WAD).saturating_to() };
    let gain = run.fairness.over_asking.iter().map(|row| row.gain).sum::<U256>();
    let halts = run.incidents.iter().filter(|one| one.kind == "halt").count();
    let metrics = [
        dollars(run.totals.day1_inflow),
        dollars(run.totals.settled),
        dollars(run.totals.redeemed),
        dollars(run.totals.max_unfilled),
        dollars(run.totals.value),
        dollars(gain),
        run.fairness.worst_wei.saturating_to(),
        u64::from(run.fairness.gini_bps),
        halts as u64,
        run.totals.actions,
    ];
    SweepRow {
        number,
        variant: variant.to_owned(),
        seed: run.seed,
        metrics,
        holds: run.holds(),
        failed: run.first_failure().map(|row| row.text.clone()),
    }
}

/// Values by variant and metric, both by their names.
type Groups<'a> = BTreeMap<(&'a str, &'static str), Vec<i128>>;

fn stats(rows: &[SweepRow]) -> Vec<Stat> {
    let mut groups = Groups::new();
    for row in rows {
        for (metric, value) in METRICS.into_iter().zip(row.metrics) {
            groups.entry((&row.variant, metric)).or_default().push(value.into());
        }
    }
    groups.into_iter().map(stat).collect()
}

/// Differences to the first variant, seed by seed: what the seeds have in common drops out.
fn paired(rows: &[SweepRow]) -> Vec<Stat> {
    let Some(first) = rows.first().map(|row| &row.variant) else { return Vec::new() };
    let base: BTreeMap<u64, &SweepRow> =
        rows.iter().filter(|row| row.variant == *first).map(|row| (row.seed, row)).collect();
    let mut groups = Groups::new();
    for row in rows.iter().filter(|row| row.variant != *first) {
        let Some(other) = base.get(&row.seed) else { continue };
        let values = row.metrics.into_iter().zip(other.metrics);
        for (metric, (value, was)) in METRICS.into_iter().zip(values) {
            groups
                .entry((&row.variant, metric))
                .or_default()
                .push(i128::from(value) - i128::from(was));
        }
    }
    groups.into_iter().map(stat).collect()
}

#[expect(clippy::float_arithmetic, reason = "a report: nothing is decided from it")]
#[expect(clippy::cast_precision_loss, reason = "a report: fifteen digits are enough")]
fn stat(((variant, metric), values): ((&str, &'static str), Vec<i128>)) -> Stat {
    let runs = values.len();
    let numbers: Vec<f64> = values.iter().map(|value| *value as f64).collect();
    let count = (runs.max(1)) as f64;
    let mean = numbers.iter().sum::<f64>() / count;
    let spread = numbers.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>();
    let deviation = if runs > 1 { (spread / (count - 1.0)).sqrt() } else { 0.0 };
    let half = 1.96 * deviation / count.sqrt();
    Stat {
        variant: variant.to_owned(),
        metric,
        runs,
        mean,
        least: values.iter().min().copied().unwrap_or_default() as f64,
        most: values.iter().max().copied().unwrap_or_default() as f64,
        low: mean - half,
        high: mean + half,
    }
}
