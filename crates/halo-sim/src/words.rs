//! What bound and why, in sentences for a person.

use alloy_primitives::{I256, U256};
use halo_sentinel::math::WAD;
use halo_spec::{ShockKind, amount::format_number};

use crate::{
    Bound,
    run::{BindingRow, Run},
};

/// The paragraph of a run.
pub(crate) fn of(run: &Run) -> Vec<String> {
    let mut words = Vec::new();
    let totals = &run.totals;
    words.push(format!(
        "On the first day the Primes wanted {}, queued {} and got {} settled.",
        dollars(totals.wanted),
        dollars(totals.day1_queued),
        dollars(totals.day1_inflow),
    ));
    if run.days > 1 {
        words.push(format!(
            "After {} days {} had been settled and {} paid back; the Units are worth {}, and at most {} waited at the end of a day.",
            run.days,
            dollars(totals.settled),
            dollars(totals.redeemed),
            dollars(totals.value),
            dollars(totals.max_unfilled),
        ));
    }
    words.extend(
        run.bindings
            .iter()
            .filter(|row| row.by != Bound::Appetite)
            .take(MOST)
            .map(|row| bound(run, row)),
    );
    if let Some(loss) = run.losses.first() {
        let hit: Vec<String> = run
            .losses
            .iter()
            .filter(|row| row.day == loss.day && row.class_loss == loss.class_loss)
            .map(|row| {
                let name = run.units.get(row.unit).map_or("", |unit| unit.slug.as_str());
                format!("{name} fell from {} to {}", dollars(row.before), dollars(row.after))
            })
            .collect();
        words.push(format!(
            "On day {} a loss of {} was reported: {}.",
            loss.day + 1,
            dollars(loss.class_loss),
            hit.join(", ")
        ));
    }
    for row in &run.shutdowns {
        let name = run.primes.get(row.prime).map_or("", |prime| prime.slug.as_str());
        words.push(format!(
            "The rogue relayer of {name} acted for {} s and moved {}, of the {} that its limits bound it to.",
            row.time,
            dollars(row.moved),
            dollars(row.bound),
        ));
    }
    for row in &run.fairness.over_asking {
        let name = run.primes.get(row.prime).map_or("", |prime| prime.slug.as_str());
        let is_material = row.gain * U256::from(100) > row.honest;
        let remedy = match row.remedied {
            Some(left) => format!(
                " With its deposit limits at what it really wants, {} of the gain of {} is left.",
                dollars(left),
                dollars(row.gain)
            ),
            None if is_material => " That is material: a deposit limit at what it really wants bounds its place in the queue.".to_owned(),
            None => String::new(),
        };
        words.push(format!(
            "{name} asked for {} times what it wanted and got {} of it; an honest request would have brought {}.{remedy}",
            row.asks_bps / 10_000,
            dollars(row.settled),
            dollars(row.honest),
        ));
    }
    for row in &run.streams {
        let name = run.primes.get(row.prime).map_or("", |prime| prime.slug.as_str());
        let refused: u64 = row.refused.iter().map(|(_, count)| count).sum();
        words.push(format!(
            "Base followed {} intents of the stream of {name}, refused {refused} and went without at {} looks; it earned {}, the public strategy would have earned {}: the carry is {}.",
            row.accepted,
            row.silent,
            signed(row.actual),
            signed(row.counterfactual),
            dollars(row.carry),
        ));
    }
    let attacks = run.incidents.iter().filter(|one| one.kind == "attack");
    let refused = attacks.clone().filter(|one| one.refused == Some(true)).count();
    let count = attacks.count();
    if count > 0 {
        words.push(format!("Of {count} attacks the contracts refused {refused}; the others moved nothing that was not the attacker's to move."));
    }
    let money = &run.conservation;
    words.push(if money.holds {
        format!("All money is accounted for, to the wei: {} with {} parties.", dollars(money.sum), money.parties.len())
    } else {
        "MONEY IS MISSING: what the parties have is not what there was, with what was drawn and earned, less what was lost.".to_owned()
    });
    words
}

/// Sentences on limits at most.
const MOST: usize = 6;

fn bound(run: &Run, row: &BindingRow) -> String {
    let unit = row.unit.and_then(|unit| run.units.get(unit)).map(|unit| unit.slug.as_str());
    let days = if row.days == 1 {
        format!("on day {}", row.first_day + 1)
    } else {
        format!("on {} days from day {} on", row.days, row.first_day + 1)
    };
    let of = unit.map_or(String::new(), |unit| format!(" of {unit}"));
    match row.prime.and_then(|prime| run.primes.get(prime)) {
        Some(prime) => {
            let price = row.price_ppm / 100;
            format!(
                "{}{of} bound {} {days}; one dollar more would have earned up to {}.{:02} % a year.",
                row.by.subject(),
                prime.slug,
                price / 100,
                price % 100
            )
        }
        None => {
            format!("{}{of} kept its settlements from converting more {days}.", row.by.subject())
        }
    }
}

/// What a shock is.
pub(crate) fn shock(kind: ShockKind) -> &'static str {
    match kind {
        ShockKind::Loss => "a loss",
        ShockKind::Yield => "another yield",
        ShockKind::ManagerLate => "the manager is late",
        ShockKind::ReportLate => "nobody reports",
        ShockKind::PsmDry => "the PSM has no USDC",
        ShockKind::BeaconDead => "the beacon does nothing",
        ShockKind::Run => "Primes want their money back",
        ShockKind::StreamSilent => "streams say nothing",
    }
}

/// Whole dollars with their sign.
fn signed(money: I256) -> String {
    let sign = if money.is_negative() { "-" } else { "" };
    format!("{sign}{}", dollars(money.unsigned_abs()))
}

/// Whole dollars in groups of three, floor.
pub fn dollars(money: U256) -> String {
    format!("${}", format_number(money / WAD, 0).replace('_', ","))
}
