//! A sweep, or a part of one, as a Parquet file: a row for each run, and beside them which sweep it is.

use std::str::FromStr;

use alloy_primitives::bytes::Bytes;
use parquet::basic::Type as Physical;

use super::{Identity, METRICS, MOST_RUNS, SWEEP_SCHEMA, Sweep, SweepRow};
use crate::{
    Error, Result,
    columns::{Identity as Pairs, Packing, Values, read, write},
};

/// The columns beside [`METRICS`], which stand between the second and the third of them.
const NUMBERS: [&str; 2] = ["number", "seed"];

impl Sweep {
    /// The file. The same sweep gives the same bytes.
    ///
    /// # Errors
    /// The file cannot be made.
    pub fn parquet(&self) -> Result<Vec<u8>> {
        let numbers = |of: &dyn Fn(&SweepRow) -> u64| {
            Values::Numbers(self.rows.iter().map(|row| Some(of(row))).collect())
        };
        let mut columns =
            vec![("number", numbers(&|row| row.number as u64)), ("seed", numbers(&|row| row.seed))];
        columns.extend(METRICS.map(|name| (name, numbers(&|row| row.metric(name)))));
        let variants = self.rows.iter().map(|row| Some(row.variant.clone())).collect();
        let holds = self.rows.iter().map(|row| Some(row.holds)).collect();
        // Nothing that is expected is empty.
        let failed =
            self.rows.iter().map(|row| Some(row.failed.clone().unwrap_or_default())).collect();
        columns.push(("variant", Values::Texts(variants)));
        columns.push(("holds", Values::Flags(holds)));
        columns.push(("failed", Values::Texts(failed)));
        write(&columns, &self.pairs(), Packing::Plain)
            .map_err(|error| Error::File { what: error.to_string() })
    }

    fn pairs(&self) -> Pairs {
        let Identity { scenario, digest, seeds, of } = &self.identity;
        let pairs = [
            ("halo.schema", SWEEP_SCHEMA.to_owned()),
            ("halo.scenario", scenario.clone()),
            ("halo.digest", digest.to_string()),
            ("halo.seeds", seeds.map_or("own".to_owned(), |(from, to)| format!("{from}..{to}"))),
            ("halo.runs", of.to_string()),
            ("halo.shard", self.shard.map_or("several".to_owned(), |(i, n)| format!("{i}/{n}"))),
        ];
        pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
    }

    /// Reads a file.
    ///
    /// # Errors
    /// It is none, cut, of another version, or does not say what a sweep could have come to.
    pub fn from_parquet(file: Vec<u8>) -> Result<Self> {
        let mut expected = NUMBERS.map(|name| (name, Physical::INT64)).to_vec();
        expected.extend(METRICS.map(|name| (name, Physical::INT64)));
        expected.push(("variant", Physical::BYTE_ARRAY));
        expected.push(("holds", Physical::BOOLEAN));
        expected.push(("failed", Physical::BYTE_ARRAY));
        let (pairs, columns) = read(Bytes::from(file), &expected, MOST_RUNS)
            .map_err(|error| wrong(&error.to_string()))?;
        let schema = pairs.get("halo.schema").map_or("none", String::as_str);
        if schema != SWEEP_SCHEMA {
            return Err(wrong(&format!("its kind is {schema}, and {SWEEP_SCHEMA} is read")));
        }
        let (identity, shard) = about(&pairs)?;
        let rows = rows(columns)?;
        check(&identity, shard, &rows)?;
        Ok(Self::of(identity, shard, rows))
    }
}

fn wrong(what: &str) -> Error {
    let what = what.chars().filter(|c| !c.is_control()).take(300).collect();
    Error::Part { what }
}

fn about(pairs: &Pairs) -> Result<(Identity, Option<(usize, usize)>)> {
    fn two<T: FromStr>(text: &str, between: &str) -> Option<(T, T)> {
        let (a, b) = text.split_once(between)?;
        Some((a.parse().ok()?, b.parse().ok()?))
    }
    let said = |key: &'static str| {
        pairs.get(key).map(String::as_str).ok_or_else(|| wrong(&format!("it does not say {key}")))
    };
    let bad = |key: &str| wrong(&format!("its {key} cannot be read"));
    let seeds = match said("halo.seeds")? {
        "own" => None,
        text => Some(two(text, "..").ok_or_else(|| bad("halo.seeds"))?),
    };
    let shard = match said("halo.shard")? {
        "several" => None,
        text => Some(two(text, "/").ok_or_else(|| bad("halo.shard"))?),
    };
    let identity = Identity {
        scenario: said("halo.scenario")?.to_owned(),
        digest: said("halo.digest")?.parse().map_err(|_| bad("halo.digest"))?,
        seeds,
        of: said("halo.runs")?.parse().map_err(|_| bad("halo.runs"))?,
    };
    Ok((identity, shard))
}

fn rows(columns: Vec<Values>) -> Result<Vec<SweepRow>> {
    let missing = || wrong("a value is missing");
    let (mut numbers, mut texts, mut flags) = (Vec::new(), Vec::new(), Vec::new());
    for values in columns {
        match values {
            Values::Numbers(values) => numbers.push(values),
            Values::Texts(values) => texts.push(values.into_iter()),
            Values::Flags(values) => flags.push(values),
        }
    }
    let number = |column: usize, row: usize| -> Result<u64> {
        numbers.get(column).and_then(|values| *values.get(row)?).ok_or_else(missing)
    };
    let (Some(failed), Some(variants), Some(holds)) = (texts.pop(), texts.pop(), flags.pop())
    else {
        return Err(missing());
    };
    let mut rows = Vec::with_capacity(holds.len());
    for (row, ((variant, failed), holds)) in variants.zip(failed).zip(holds).enumerate() {
        let mut metrics = [0; METRICS.len()];
        for (place, metric) in metrics.iter_mut().enumerate() {
            *metric = number(NUMBERS.len() + place, row)?;
        }
        rows.push(SweepRow {
            number: usize::try_from(number(0, row)?).map_err(|_| missing())?,
            variant: variant.ok_or_else(missing)?,
            seed: number(1, row)?,
            metrics,
            holds: holds.ok_or_else(missing)?,
            failed: failed.filter(|text| !text.is_empty()),
        });
    }
    Ok(rows)
}

/// What no sweep writes: runs that are not its own, out of order, or twice.
fn check(identity: &Identity, shard: Option<(usize, usize)>, rows: &[SweepRow]) -> Result<()> {
    let (i, n) = shard.unwrap_or((0, 1));
    if i >= n {
        return Err(wrong("it is a part that there is not"));
    }
    let mine = |number: usize| number < identity.of && number % n == i;
    let within = |seed: u64| {
        identity.seeds.is_none_or(|(from, to)| (u64::from(from)..=u64::from(to)).contains(&seed))
    };
    let own = rows.iter().all(|row| mine(row.number) && within(row.seed));
    let in_order = rows.is_sorted_by(|a, b| a.number < b.number);
    let complete = shard.is_none() || rows.len() == (0..identity.of).skip(i).step_by(n).len();
    if own && in_order && complete && identity.of <= MOST_RUNS {
        return Ok(());
    }
    Err(wrong("its runs are not those that it says it has"))
}
