//! Each preset runs, conserves money to the wei, breaks no invariant and does what it says that it shows.

use alloy_primitives::U256;
use halo_sim::{Options, Run, recompute, remedy};

use halo_sim::run::Incident;

use crate::kit::{preset, run, said};

fn holds(name: &str) -> Run {
    let run = run(&preset(name));
    assert!(run.holds(), "{name}: {}", said(&run));
    assert!(!run.settlements.is_empty(), "{name}");
    let mut parties = run.conservation.parties.iter();
    assert!(parties.all(|party| party.party != "everybody else"), "{name}: {}", said(&run));
    for row in &run.settlements {
        assert_eq!(recompute(row), Ok(()), "{name}");
    }
    run
}

fn millions(amount: u64) -> U256 {
    U256::from(amount) * U256::from(10).pow(U256::from(24))
}

#[test]
fn day1_tbill() {
    let run = holds("day1-tbill");
    assert!(run.totals.day1_inflow >= millions(300));
    assert!(run.invariants.checked.len() >= 10, "{:?}", run.invariants.checked);
}

#[test]
fn day1_mmf() {
    holds("day1-mmf");
}

#[test]
fn day1_clo() {
    let run = holds("day1-clo");
    let senior = run.units.iter().position(|unit| unit.slug == "clo/senior").unwrap();
    let row = run.unit_days.iter().find(|row| row.unit == senior).unwrap();
    assert!(row.cover_bps.unwrap() >= 2_000, "{row:?}");
}

#[test]
fn ramp() {
    let run = holds("ramp");
    let grown = run.incidents.iter().filter(|one| one.kind == "governance").count();
    assert!(grown > 15, "{grown} days on which limits grew");
}

#[test]
fn bank_run() {
    let run = holds("bank-run");
    assert!(run.totals.redeemed >= millions(300), "{}", said(&run));
    // What was at its highest when the run began is next to nothing at the end.
    let last = run.unit_days.last().unwrap();
    assert!(last.value < millions(30), "{}", said(&run));
}

#[test]
fn clo_loss() {
    let run = holds("clo-loss");
    assert!(!run.losses.is_empty(), "{}", said(&run));
    let fell = |tranche: u8| {
        let rows = run.losses.iter().filter(|row| run.units[row.unit].tranche == tranche);
        rows.map(|row| row.before - row.after.min(row.before)).sum::<U256>()
    };
    let class: U256 =
        run.losses.iter().filter(|r| run.units[r.unit].tranche == 0).map(|r| r.class_loss).sum();
    assert!(!class.is_zero() && fell(0) >= class / U256::from(2), "the junior Unit takes it first");
    assert!(!run.conservation.losses.is_zero());
}

#[test]
fn manager_late() {
    holds("manager-late");
}

#[test]
fn beacon_dead() {
    let run = holds("beacon-dead");
    let settled: Vec<u32> = run.settlements.iter().map(|row| row.day).collect();
    assert!(!settled.iter().any(|day| (2..5).contains(day)), "{settled:?}");
    assert!(settled.contains(&6), "it goes on: {settled:?}");
}

#[test]
fn psm_dry() {
    holds("psm-dry");
}

#[test]
fn oversubscribed() {
    let run = holds("oversubscribed");
    let row = run.fairness.over_asking.first().unwrap();
    assert!(row.gain > U256::ZERO, "asking for ten times as much gains something: {row:?}");
    assert!(run.words.iter().any(|words| words.contains("honest request")));

    let (simulation, gain) = (preset("oversubscribed"), row.gain);
    let mut run = run;
    remedy(&simulation, &Options::default(), &mut run).unwrap();
    let left = run.fairness.over_asking[0].remedied.unwrap();
    assert!(left * U256::from(10) < gain, "{left} of {gain} is left");
    assert!(run.words.iter().any(|words| words.contains("of the gain of")), "{:?}", run.words);
}

#[test]
fn everybody_at_once() {
    let run = holds("hostile");
    let attacks: Vec<_> = run.incidents.iter().filter(|one| one.kind == "attack").collect();
    assert!(attacks.len() > 10, "{}", attacks.len());
    let must_fail = |what: &str| {
        let of = attacks.iter().filter(|one| one.what.starts_with(what));
        assert!(
            of.clone().count() > 0 && of.clone().all(|one| one.refused == Some(true)),
            "{what}"
        );
    };
    must_fail("settles at twice the price");
    must_fail("reports alone");
    must_fail("sends a million USDS");
    assert!(run.shutdowns.iter().all(|row| row.is_within) && !run.shutdowns.is_empty());
}

/// A thief locks on the day after a lock that nobody settled: what was locked then says nothing about his.
#[test]
fn a_lock_by_a_thief_is_a_lock() {
    let mut simulation = preset("hostile");
    (simulation.scenario.seed, simulation.days) = (27, 2);
    let run = run(&simulation);
    assert!(run.holds(), "{}", said(&run));
    let locked = |one: &&Incident| one.what.starts_with("locks") && one.refused == Some(false);
    assert!(run.incidents.iter().any(|one| one.day == 1 && locked(&one)));
    assert!(run.incidents.iter().any(|one| one.day == 0 && one.what.contains("unlocked")));
    let i6 = run.invariants.checked.iter().find(|(name, _)| name.starts_with("I6 ")).unwrap();
    assert_eq!(i6.1, run.settlements.len() as u64, "each of them is seen to hold still");
}

/// The year in a reduced form: all fifty Primes and twenty Units, for three days.
#[test]
fn three_days_of_the_year() {
    let mut simulation = preset("year");
    assert_eq!(simulation.scenario.primes.len(), 50);
    simulation.days = 3;
    let run = run(&simulation);
    assert_eq!(run.units.len(), 20);
    assert!(run.holds(), "{}", said(&run));
    assert!(!run.totals.settled.is_zero());
}
