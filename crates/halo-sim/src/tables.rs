//! The series of a run as tables for other programs: CSV and Parquet.

use alloy_primitives::U256;

use crate::{
    Error, Result,
    columns::{Identity, Packing, Values, write},
    run::Run,
    sweep::digest,
};
use halo_spec::Simulation;

/// A table of a run. Money is dollars of 18 decimals.
#[derive(Debug, Clone)]
pub struct Table {
    /// Its name: that of its file, without the ending.
    pub name: &'static str,
    columns: Vec<(&'static str, Values)>,
}

/// The tables of a run: days of each Unit, days of each Prime, settlements, and what was out of the ordinary.
pub fn tables(run: &Run) -> Vec<Table> {
    let unit = |place: usize| run.units.get(place).map_or("", |unit| unit.slug.as_str());
    let prime = |place: usize| run.primes.get(place).map_or("", |prime| prime.slug.as_str());
    vec![
        Rows::new(&run.unit_days)
            .number("day", |row| Some(row.day))
            .text("unit", |row| unit(row.unit))
            .amount("queued", |row| row.queued)
            .amount("settled", |row| row.settled)
            .amount("left", |row| row.left)
            .amount("redeeming", |row| row.redeeming)
            .amount("redeemed", |row| row.redeemed)
            .amount("exchange_rate", |row| row.exchange_rate)
            .amount("value", |row| row.value)
            .number("cover_bps", |row| row.cover_bps)
            .amount("nav", |row| row.nav)
            .amount("liquid", |row| row.liquid)
            .amount("deployed", |row| row.deployed)
            .text("bound", |row| row.bound)
            .text("state", |row| &row.state)
            .named("units"),
        Rows::new(&run.prime_days)
            .number("day", |row| Some(row.day))
            .text("prime", |row| prime(row.prime))
            .text("unit", |row| unit(row.unit))
            .amount("wanted", |row| row.wanted)
            .amount("queued", |row| row.queued)
            .amount("settled", |row| row.settled)
            .amount("left", |row| row.left)
            .amount("redeeming", |row| row.redeeming)
            .amount("redeemed", |row| row.redeemed)
            .amount("shares", |row| row.shares)
            .amount("value", |row| row.value)
            .text("bound", |row| row.bound)
            .named("primes"),
        Rows::new(&run.settlements)
            .number("day", |row| Some(row.day))
            .text("unit", |row| unit(row.unit))
            .number("at", |row| Some(row.at))
            .number("epoch", |row| Some(row.epoch))
            .amount("subscribe_total", |row| row.input.subscribe_total)
            .amount("redeem_total", |row| row.input.redeem_total)
            .amount("index", |row| row.input.index)
            .amount("netted", |row| row.outcome.netted)
            .amount("subscribe_extra", |row| row.outcome.subscribe_extra)
            .amount("shares_minted", |row| row.outcome.shares_minted)
            .amount("redeem_extra", |row| row.outcome.redeem_extra)
            .amount("shares_burned", |row| row.outcome.shares_burned)
            .text("bound", |row| row.bound())
            .named("settlements"),
        Rows::new(&run.incidents)
            .number("day", |row| Some(row.day))
            .number("at", |row| Some(row.at))
            .text("kind", |row| &row.kind)
            .text("who", |row| &row.who)
            .text("what", |row| &row.what)
            .flag("refused", |row| row.refused)
            .named("incidents"),
    ]
}

impl Table {
    /// The table as CSV (RFC 4180).
    pub fn csv(&self) -> String {
        let heads: Vec<_> = self.columns.iter().map(|(name, _)| *name).collect();
        let mut text = heads.join(",") + "\r\n";
        let rows = self.columns.first().map_or(0, |(_, values)| values.len());
        for row in 0..rows {
            let fields: Vec<_> =
                self.columns.iter().map(|(_, values)| quoted(&values.said(row))).collect();
            text.push_str(&fields.join(","));
            text.push_str("\r\n");
        }
        text
    }

    /// The table as a Parquet file that says which run of `simulation` it is from. Amounts are decimal digits as text.
    ///
    /// # Errors
    /// The file cannot be made.
    pub fn parquet(&self, simulation: &Simulation, run: &Run) -> Result<Vec<u8>> {
        let identity: Identity = [
            ("halo.schema", run.schema.clone()),
            ("halo.table", self.name.to_owned()),
            ("halo.scenario", run.scenario.clone()),
            ("halo.digest", digest([("", simulation)]).to_string()),
            ("halo.seed", run.seed.to_string()),
            ("halo.days", run.days.to_string()),
        ]
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect();
        write(&self.columns, &identity, Packing::Small)
            .map_err(|error| Error::File { what: error.to_string() })
    }
}

/// Rows of which a table is made, column by column.
struct Rows<'a, R> {
    rows: &'a [R],
    columns: Vec<(&'static str, Values)>,
}

impl<'a, R> Rows<'a, R> {
    fn new(rows: &'a [R]) -> Self {
        Self { rows, columns: Vec::new() }
    }

    fn with(mut self, name: &'static str, values: Values) -> Self {
        self.columns.push((name, values));
        self
    }

    fn number<N: Into<u64>>(self, name: &'static str, of: impl Fn(&'a R) -> Option<N>) -> Self {
        let values = self.rows.iter().map(|row| of(row).map(Into::into)).collect();
        self.with(name, Values::Numbers(values))
    }

    fn text<T: ToString>(self, name: &'static str, of: impl Fn(&'a R) -> T) -> Self {
        let values = self.rows.iter().map(|row| Some(of(row).to_string())).collect();
        self.with(name, Values::Texts(values))
    }

    fn amount(self, name: &'static str, of: impl Fn(&'a R) -> U256) -> Self {
        self.text(name, of)
    }

    fn flag(self, name: &'static str, of: impl Fn(&'a R) -> Option<bool>) -> Self {
        let values = self.rows.iter().map(of).collect();
        self.with(name, Values::Flags(values))
    }

    fn named(self, name: &'static str) -> Table {
        Table { name, columns: self.columns }
    }
}

impl Values {
    fn len(&self) -> usize {
        match self {
            Self::Numbers(values) => values.len(),
            Self::Texts(values) => values.len(),
            Self::Flags(values) => values.len(),
        }
    }

    /// A value in words, empty where there is none.
    fn said(&self, row: usize) -> String {
        let said = match self {
            Self::Numbers(values) => values.get(row).copied().flatten().map(|n| n.to_string()),
            Self::Texts(values) => values.get(row).cloned().flatten(),
            Self::Flags(values) => values.get(row).copied().flatten().map(|flag| flag.to_string()),
        };
        said.unwrap_or_default()
    }
}

fn quoted(field: &str) -> String {
    if field.contains(['"', ',', '\r', '\n']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_quoted() {
        assert_eq!(quoted("a,\"b\""), "\"a,\"\"b\"\"\"");
        assert_eq!(quoted("plain"), "plain");
    }
}
