//! The end of a run: fairness, expectations, words, and the document that holds it all.

use std::collections::BTreeMap;

use alloy_primitives::U256;
use halo_sentinel::math::{WAD, mul_div};
use halo_spec::{Expectation, Metric, amount::format_number};

use crate::{
    Result,
    engine::Engine,
    moment,
    run::{ExpectationRow, Fairness, LorenzRow, OverAskingRow, RUN_SCHEMA, Run, TraceRow},
};

const BPS: u64 = 10_000;
/// Lines of a trace that are shown with a failure.
const TRACE: usize = 24;

pub(crate) fn finish(mut engine: Engine<'_>, days: u32) -> Result<Run> {
    let conservation = engine.ledger.close(&engine.world, &engine.sides, &engine.others)?;
    let fairness = fairness(&engine);
    let mut streams = Vec::new();
    if engine.players.iter().any(|player| player.stream.is_some()) {
        engine.look_around()?;
        for player in &mut engine.players {
            streams.extend(player.close(&engine.world, &engine.scene, &engine.others)?);
        }
    }
    let moment = if engine.record.shows_all() { Some(moment::of(&engine)?) } else { None };
    let record = &mut engine.record;
    record.totals.actions = engine.world.actions;
    record.totals.gas = engine.world.gas;
    let mut run = Run {
        schema: RUN_SCHEMA.to_owned(),
        scenario: engine.simulation.scenario.name.clone(),
        seed: engine.simulation.scenario.seed,
        started_at: engine.simulation.scenario.start,
        days,
        bindings: record.bindings(),
        units: std::mem::take(&mut record.units),
        primes: std::mem::take(&mut record.primes),
        inflow: std::mem::take(&mut record.inflow),
        limits: std::mem::take(&mut record.limits),
        prime_days: std::mem::take(&mut record.prime_days),
        unit_days: std::mem::take(&mut record.unit_days),
        settlements: std::mem::take(&mut record.settlements),
        losses: std::mem::take(&mut record.losses),
        fairness,
        incidents: std::mem::take(&mut record.incidents),
        shutdowns: std::mem::take(&mut record.shutdowns),
        streams,
        invariants: engine.checks.close(),
        conservation,
        expectations: Vec::new(),
        totals: std::mem::take(&mut record.totals),
        words: Vec::new(),
        trace: Vec::new(),
        moment,
    };
    let trace = std::mem::take(&mut record.trace);
    let expectations = &engine.simulation.expectations;
    run.expectations =
        expectations.iter().map(|expectation| judge(expectation, &run, &trace)).collect();
    run.words = crate::words::of(&run);
    run.trace = trace;
    Ok(run)
}

/// How evenly everybody was served over all settlements.
fn fairness(engine: &Engine<'_>) -> Fairness {
    let mut sums: BTreeMap<usize, (U256, U256)> = BTreeMap::new();
    for row in &engine.record.settlements {
        let Some(venue) = engine.world.venues.get(row.unit) else { continue };
        for part in &row.parts {
            let (asked, settled) = sums.entry(part.prime).or_default();
            *asked += venue.money(part.asked);
            *settled += venue.money(part.asked.saturating_sub(part.left));
        }
    }
    let mut order: Vec<_> = sums.into_iter().filter(|(_, (asked, _))| !asked.is_zero()).collect();
    let ratio = |asked: U256, settled: U256| mul_div(settled, WAD, asked).unwrap_or_default();
    order.sort_by_key(|(prime, (asked, settled))| (ratio(*asked, *settled), *prime));
    let all = order
        .iter()
        .fold((U256::ZERO, U256::ZERO), |(a, s), (_, (asked, settled))| (a + asked, s + settled));
    let part = |amount: U256, of: U256| -> u32 {
        mul_div(amount, U256::from(BPS), of.max(U256::ONE)).unwrap_or_default().saturating_to()
    };
    let mut lorenz = Vec::with_capacity(order.len());
    let (mut asked_sum, mut settled_sum) = (U256::ZERO, U256::ZERO);
    // Twice the area under the curve, in parts of a whole square of basis points.
    let (mut area, mut last) = (U256::ZERO, (U256::ZERO, U256::ZERO));
    for (prime, (asked, settled)) in order {
        asked_sum += asked;
        settled_sum += settled;
        let at = (
            mul_div(asked_sum, WAD, all.0.max(U256::ONE)).unwrap_or_default(),
            mul_div(settled_sum, WAD, all.1.max(U256::ONE)).unwrap_or_default(),
        );
        area += (at.0 - last.0) * (at.1 + last.1);
        last = at;
        lorenz.push(LorenzRow {
            prime,
            asked,
            settled,
            asked_bps: part(asked_sum, all.0),
            settled_bps: part(settled_sum, all.1),
        });
    }
    let gini = (WAD * WAD).saturating_sub(area) * U256::from(BPS) / (WAD * WAD);
    Fairness {
        checked: engine.checks.parts,
        worst_wei: engine.checks.worst,
        gini_bps: if lorenz.is_empty() || all.1.is_zero() { 0 } else { gini.saturating_to() },
        lorenz,
        over_asking: over_asking(engine),
    }
}

/// What over-askers got of what they really wanted, and what they would have got with an honest request.
fn over_asking(engine: &Engine<'_>) -> Vec<OverAskingRow> {
    let mut rows = Vec::new();
    for player in engine.players.iter().filter(|player| player.asks_bps > 10_000) {
        let prime = player.place;
        let asks = U256::from(player.asks_bps);
        let targets = player.targets(&engine.world);
        let mut got: BTreeMap<usize, (U256, U256)> = BTreeMap::new();
        for row in &engine.record.settlements {
            let Some(venue) = engine.world.venues.get(row.unit) else { continue };
            let Some(part) = row.parts.iter().find(|part| part.prime == prime) else { continue };
            let wanted =
                targets.get(row.unit).copied().unwrap_or_default() * U256::from(BPS) / asks;
            let (settled, honest) = got.entry(row.unit).or_default();
            let converted = row.outcome.netted + row.outcome.subscribe_extra;
            let filled = venue.money(part.asked.saturating_sub(part.left));
            *settled = (*settled + filled).min(wanted);
            // The same settlement, had it asked for what it was still short of.
            let short = wanted.saturating_sub(*honest).min(venue.money(part.asked));
            let total = row.input.subscribe_total;
            let rest = venue.money(total.saturating_sub(part.asked));
            let of = venue.money(converted).min(rest + short);
            *honest += mul_div(short, of, (rest + short).max(U256::ONE)).unwrap_or_default();
        }
        let settled: U256 = got.values().map(|(settled, _)| *settled).sum();
        let honest: U256 = got.values().map(|(_, honest)| *honest).sum();
        rows.push(OverAskingRow {
            prime,
            asks_bps: player.asks_bps,
            settled,
            honest,
            gain: settled.saturating_sub(honest),
            remedied: None,
        });
    }
    rows
}

fn judge(expectation: &Expectation, run: &Run, trace: &[TraceRow]) -> ExpectationRow {
    let dollars = |amount: U256| format!("{} USDS", format_number(amount, 18));
    let mut day = None;
    let (value, found) = match expectation.metric {
        Metric::Day1Inflow => {
            day = Some(0);
            (run.totals.day1_inflow, dollars(run.totals.day1_inflow))
        }
        Metric::Inflow => (run.totals.settled, dollars(run.totals.settled)),
        Metric::MaxUnfilled => {
            let mut waits: BTreeMap<u32, U256> = BTreeMap::new();
            for row in &run.unit_days {
                *waits.entry(row.day).or_default() += row.left;
            }
            day = waits
                .iter()
                .max_by_key(|(day, left)| (**left, std::cmp::Reverse(**day)))
                .map(|(day, _)| *day);
            (run.totals.max_unfilled, dollars(run.totals.max_unfilled))
        }
        Metric::Fairness => (run.fairness.worst_wei, format!("{} wei", run.fairness.worst_wei)),
        Metric::TimeToTarget { target } => {
            let mut sum = U256::ZERO;
            let reached = run.unit_days.iter().find_map(|row| {
                sum += row.settled;
                (sum >= target).then_some(row.day)
            });
            day = reached;
            match reached {
                Some(day) => (U256::from(day + 1), format!("{} days", day + 1)),
                None => (U256::MAX, format!("never: {} after {} days", dollars(sum), run.days)),
            }
        }
        Metric::OverAskingGain => {
            let worst = run.fairness.over_asking.iter().map(|row| {
                mul_div(row.gain, U256::from(BPS), row.honest.max(U256::ONE)).unwrap_or(U256::MAX)
            });
            let worst = worst.max().unwrap_or_default();
            (worst, format!("{worst} bps"))
        }
        Metric::Shutdown => {
            let worst = run.shutdowns.iter().map(|row| row.time).max().unwrap_or_default();
            (U256::from(worst), format!("{worst} s"))
        }
        Metric::Halts => {
            let halts = run.incidents.iter().filter(|one| one.kind == "halt");
            day = halts.clone().map(|one| one.day).next();
            let count = halts.count();
            (U256::from(count), format!("{count} halts"))
        }
        Metric::InvariantsBroken => {
            let broken = &run.invariants.broken;
            day = broken.first().map(|row| row.day);
            let found = match broken.first() {
                Some(row) => {
                    format!("{} broken, first: {} ({})", broken.len(), row.name, row.found)
                }
                None => "none".to_owned(),
            };
            (U256::from(broken.len()), found)
        }
    };
    let holds =
        if expectation.at_least { value >= expectation.bound } else { value <= expectation.bound };
    let led: Vec<TraceRow> = if holds {
        Vec::new()
    } else {
        let until = day.unwrap_or(u32::MAX);
        let before: Vec<_> = trace.iter().filter(|line| line.day <= until).cloned().collect();
        before[before.len().saturating_sub(TRACE)..].to_vec()
    };
    ExpectationRow { text: expectation.text.clone(), holds, found, day, trace: led }
}
