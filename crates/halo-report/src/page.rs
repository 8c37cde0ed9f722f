//! The page: what stands in it, and the engine that fills it in. Whatever is a name is escaped by the engine; drawings
//! alone are not, and the library that writes them escapes their texts itself.

use halo_sim::run::{RUN_SCHEMA, Run, TraceRow};
use halo_spec::time::{format_instant, format_time};
use minijinja::{
    AutoEscape,
    value::{Serde, Value},
};
use serde::Serialize;

use crate::{
    Outcome, Result,
    chart::{self, Chart},
    engine::engine,
    money, names,
    palette::{self, Colour},
    rows::Rows,
    words,
};

/// A trace as long as this is read; a longer one is searched, in the run's document.
const TRACE: usize = 60;

const FILES: &[(&str, &str)] = &[
    ("page.html", include_str!("../page/page.html")),
    ("style.css", include_str!("../page/style.css")),
];

#[derive(Serialize)]
struct Page<'a> {
    scenario: &'a str,
    schema: &'a str,
    seed: u64,
    days: u32,
    start: String,
    primes: usize,
    units: usize,
    holds: bool,
    verdict: String,
    words: &'a [String],
    figures: Vec<[String; 3]>,
    expectations: Vec<Expectation<'a>>,
    charts: Vec<Chart>,
    missing: Vec<&'static str>,
    bindings: Rows,
    checked: u64,
    worst_wei: String,
    gini: String,
    over_asking: Rows,
    conservation: Vec<[String; 2]>,
    conserved: bool,
    parties: Rows,
    invariants: String,
    invariant_rows: Rows,
    broken: Rows,
    incidents: Rows,
    shutdowns: Rows,
    streams: Rows,
    runs: usize,
    runs_that_hold: usize,
    actions: String,
    gas: String,
    palette: Vec<Colour>,
}

#[derive(Serialize)]
struct Expectation<'a> {
    text: &'a str,
    holds: bool,
    found: &'a str,
    day: Option<String>,
    trace: Rows,
}

/// The page of a run as one HTML file that asks the network for nothing and has no script. With the outcomes of a sweep
/// that the run is one of, it has their histograms, too.
///
/// # Errors
/// None that a run could cause: a chart that the library cannot draw, a template that is wrong.
pub fn page(run: &Run, sweep: &[Outcome]) -> Result<String> {
    let (charts, missing) = chart::of(run, sweep)?;
    let page = Page {
        scenario: &run.scenario,
        schema: RUN_SCHEMA,
        seed: run.seed,
        days: run.days,
        start: moment(run.started_at),
        primes: run.primes.len(),
        units: run.units.len(),
        holds: run.holds(),
        verdict: words::verdict(run),
        words: &run.words,
        figures: words::figures(run),
        expectations: run.expectations.iter().map(expectation).collect(),
        charts,
        missing,
        bindings: bindings(run),
        checked: run.fairness.checked,
        worst_wei: run.fairness.worst_wei.to_string(),
        gini: words::gini(run),
        over_asking: over_asking(run),
        conservation: words::conservation(run),
        conserved: run.conservation.holds,
        parties: parties(run),
        invariants: words::invariants(run),
        invariant_rows: invariants(run),
        broken: broken(run),
        incidents: incidents(run),
        shutdowns: shutdowns(run),
        streams: streams(run),
        runs: sweep.len(),
        runs_that_hold: sweep.iter().filter(|outcome| outcome.holds).count(),
        actions: money::count(run.totals.actions),
        gas: money::count(run.totals.gas),
        palette: palette::all(),
    };
    let engine = engine(FILES, |name| match name {
        "style.css" => AutoEscape::None,
        _ => AutoEscape::Html,
    })?;
    Ok(engine.get_template("page.html")?.render(Value::from(Serde(page)))?)
}

/// `2026-07-01 00:00 UTC`
fn moment(at: u64) -> String {
    let text = format_instant(at);
    let (date, time) = text.split_once('T').unwrap_or((&text, ""));
    format!("{date} {} UTC", time.get(..5).unwrap_or_default())
}

/// The time of day.
fn clock(at: u64) -> String {
    format_time(u32::try_from(at % 86_400).unwrap_or_default())
}

fn expectation(row: &halo_sim::run::ExpectationRow) -> Expectation<'_> {
    let mut trace = Rows::new(4, ["day", "time", "who", "what"]);
    // The end of a long trace is what decided.
    for TraceRow { day, at, who, what } in
        row.trace.iter().skip(row.trace.len().saturating_sub(TRACE))
    {
        trace.push([names::day(*day), clock(*at), who.clone(), what.clone()]);
    }
    Expectation {
        text: &row.text,
        holds: row.holds,
        found: &row.found,
        day: row.day.map(names::day),
        trace,
    }
}

fn bindings(run: &Run) -> Rows {
    let head = ["who", "Unit", "bound by", "on days", "first", "last", "price, % a year"];
    let mut rows = Rows::new(3, head);
    for row in &run.bindings {
        rows.push([
            row.prime.map_or_else(|| "settlement".to_owned(), |prime| names::prime(run, prime)),
            names::unit_or_all(run, row.unit),
            row.by.label().to_owned(),
            row.days.to_string(),
            names::day(row.first_day),
            names::day(row.last_day),
            words::percent_of_ppm(row.price_ppm),
        ]);
    }
    rows
}

fn over_asking(run: &Run) -> Rows {
    let head = [
        "Prime",
        "asked, times its appetite",
        "got",
        "would have got",
        "gain",
        "left with the remedy",
    ];
    let mut rows = Rows::new(1, head);
    for row in &run.fairness.over_asking {
        rows.push([
            names::prime(run, row.prime),
            format!("{}.{:0>2}", row.asks_bps / 10_000, row.asks_bps % 10_000 / 100),
            money::dollars(row.settled),
            money::dollars(row.honest),
            money::dollars(row.gain),
            row.remedied.map_or_else(|| "not run".to_owned(), money::dollars),
        ]);
    }
    rows
}

fn streams(run: &Run) -> Rows {
    let head = [
        "Prime",
        "refused for",
        "followed",
        "refused",
        "silent",
        "earned",
        "public strategy",
        "fee",
        "carry",
    ];
    let mut rows = Rows::new(2, head);
    for row in &run.streams {
        let why = row.refused.iter().map(|(why, count)| format!("{why} ({count})"));
        rows.push([
            names::prime(run, row.prime),
            why.collect::<Vec<_>>().join(", "),
            row.accepted.to_string(),
            row.refused.iter().map(|(_, count)| count).sum::<u64>().to_string(),
            row.silent.to_string(),
            money::signed(row.actual),
            money::signed(row.counterfactual),
            format!("{}.{:02} %", row.fee_bps / 100, row.fee_bps % 100),
            money::dollars(row.carry),
        ]);
    }
    rows
}

fn parties(run: &Run) -> Rows {
    let mut rows = Rows::new(1, ["who", "USDS, DAI and USDC"]);
    for row in &run.conservation.parties {
        rows.push([row.party.clone(), money::exact(row.amount)]);
    }
    rows
}

fn invariants(run: &Run) -> Rows {
    let mut rows = Rows::new(1, ["invariant", "times checked"]);
    for (name, times) in &run.invariants.checked {
        rows.push([name.clone(), times.to_string()]);
    }
    rows
}

fn broken(run: &Run) -> Rows {
    let mut rows = Rows::new(4, ["day", "Unit", "what must hold", "found"]);
    for row in &run.invariants.broken {
        let unit = names::unit(run, row.unit);
        rows.push([names::day(row.day), unit, row.name.clone(), row.found.clone()]);
    }
    rows
}

fn incidents(run: &Run) -> Rows {
    let mut rows = Rows::new(5, ["day", "time", "kind", "who", "what"]);
    for row in &run.incidents {
        let refused = match row.refused {
            Some(true) => " — refused by the chain",
            Some(false) => " — not refused",
            None => "",
        };
        rows.push([
            names::day(row.day),
            clock(row.at),
            row.kind.clone(),
            row.who.clone(),
            format!("{}{refused}", row.what),
        ]);
    }
    rows
}

fn shutdowns(run: &Run) -> Rows {
    let mut rows = Rows::new(
        2,
        ["relayer of", "within the bound", "seconds", "moved", "rate × time", "bound"],
    );
    for row in &run.shutdowns {
        rows.push([
            names::prime(run, row.prime),
            if row.is_within { "yes" } else { "no" }.to_owned(),
            row.time.to_string(),
            money::dollars(row.moved),
            money::dollars(row.rate_times_time),
            money::dollars(row.bound),
        ]);
    }
    rows
}
