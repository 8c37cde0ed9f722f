//! A run in tables and words.

use std::collections::BTreeMap;

use alloy_primitives::U256;
use halo_sim::{
    Minimal, Run, dollars,
    run::{PrimeDay, TraceRow},
};

use crate::output::{prose, table};

/// The most rows of a table for a person; JSON and CSV have all.
const MOST: usize = 30;

pub(super) fn of(run: &Run) -> String {
    let mut text = format!(
        "{}: {} days, seed {}\n{}\n{}\n",
        run.scenario,
        run.days,
        run.seed,
        primes(run),
        units(run)
    );
    for words in &run.words {
        text.push_str(&format!("\n{}", prose(words)));
    }
    for row in &run.expectations {
        let verdict = if row.holds { "holds" } else { "FAILS" };
        text.push_str(&format!(
            "\n{}",
            prose(&format!("{verdict}: {} (found {})", row.text, row.found))
        ));
    }
    if let Some(row) = run.invariants.broken.first() {
        let unit = run.units.get(row.unit).map_or("", |unit| unit.slug.as_str());
        let said = format!("BROKEN on day {} at {unit}: {} ({})", row.day + 1, row.name, row.found);
        text.push_str(&format!("\n{}", prose(&said)));
    }
    if let Some(failure) = run.first_failure() {
        text.push_str("\n\nWhat led to it:");
        for row in &failure.trace {
            text.push_str(&format!("\n{}", prose(&line(row))));
        }
    }
    text
}

/// A line of a trace.
pub(super) fn line(row: &TraceRow) -> String {
    let of_day = row.at % 86_400;
    format!(
        "day {} {:02}:{:02} {}: {}",
        row.day + 1,
        of_day / 3_600,
        of_day / 60 % 60,
        row.who,
        row.what
    )
}

pub(super) fn least(found: &Minimal) -> String {
    let simulation = &found.simulation;
    let primes: Vec<_> =
        simulation.scenario.primes.iter().map(|one| one.prime.slug.as_str()).collect();
    let agents: Vec<_> = simulation.agents.iter().map(|one| format!("{:?}", one.kind)).collect();
    let shocks: Vec<_> = simulation
        .shocks
        .iter()
        .map(|one| format!("{:?} on day {}", one.kind, one.day + 1))
        .collect();
    format!(
        "It still fails with the first {} days, the Primes [{}], the agents [{}] and the shocks [{}]; nothing of that can be left out ({} runs).",
        simulation.days,
        primes.join(", "),
        agents.join(", "),
        shocks.join(", "),
        found.runs
    )
}

fn primes(run: &Run) -> String {
    let mut rows =
        table(&["Prime", "Unit", "wanted", "queued", "settled", "redeemed", "value", "bound by"]);
    let mut places: BTreeMap<(usize, usize), Vec<&PrimeDay>> = BTreeMap::new();
    for row in &run.prime_days {
        places.entry((row.prime, row.unit)).or_default().push(row);
    }
    for ((prime, unit), days) in places.iter().take(MOST) {
        let (Some(who), Some(info)) = (run.primes.get(*prime), run.units.get(*unit)) else {
            continue;
        };
        let ([first, ..], [.., last]) = (days.as_slice(), days.as_slice()) else { continue };
        let sum = |of: fn(&PrimeDay) -> U256| dollars(days.iter().map(|row| of(row)).sum());
        rows.add_row([
            who.slug.clone(),
            info.slug.clone(),
            dollars(first.wanted),
            sum(|row| row.queued),
            sum(|row| row.settled),
            sum(|row| row.redeemed),
            dollars(last.value),
            first.bound.label().to_owned(),
        ]);
    }
    match places.len().saturating_sub(MOST) {
        0 => rows.to_string(),
        more => format!("{rows}\nand {more} more rows, in --json and --csv"),
    }
}

fn units(run: &Run) -> String {
    let mut rows =
        table(&["Unit", "settled", "waits", "redeemed", "value", "rate", "cover", "settlements"]);
    for (unit, info) in run.units.iter().enumerate() {
        let mine: Vec<_> = run.unit_days.iter().filter(|row| row.unit == unit).collect();
        let Some(last) = mine.last() else { continue };
        let rate = last.exchange_rate / U256::from(1_000_000_000_000_u64);
        let million = U256::from(1_000_000);
        rows.add_row([
            info.slug.clone(),
            dollars(mine.iter().map(|row| row.settled).sum()),
            dollars(last.left),
            dollars(mine.iter().map(|row| row.redeemed).sum()),
            dollars(last.value),
            format!("{}.{:06}", rate / million, (rate % million).saturating_to::<u64>()),
            last.cover_bps
                .map_or_else(|| "-".to_owned(), |bps| format!("{}.{:02} %", bps / 100, bps % 100)),
            mine.iter().filter(|row| row.settled_at.is_some()).count().to_string(),
        ]);
    }
    rows.to_string()
}
