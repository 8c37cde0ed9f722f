//! `halo simulate` and `halo solve`: the library's promises that need several runs.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::path::{Path, PathBuf};

use alloy_primitives::U256;
use halo_sim::{
    minimise, solve,
    sweep::{Cases, Sweep, merge, sweep},
};
use halo_spec::{Expectation, Network, Simulation};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../deployments/scenarios")
}

fn preset(name: &str) -> Simulation {
    let network = Network::embedded().unwrap();
    Simulation::load(&folder().join(format!("{name}.toml")), &network, &[]).unwrap().value
}

fn millions(amount: u64) -> U256 {
    U256::from(amount) * U256::from(10).pow(U256::from(24))
}

fn cases() -> Cases {
    let mut variants = Vec::new();
    for (variant, millions) in [("40", 40), ("80", 80)] {
        let text = std::fs::read_to_string(folder().join("oversubscribed.toml")).unwrap();
        let value = format!("{millions}_000_000 asset");
        let text = halo_spec::set(&text, "capacity.subscribe", &value).unwrap();
        let network = Network::embedded().unwrap();
        let mut simulation =
            Simulation::parse("sweep", &text, &network, &folder(), &[]).unwrap().value;
        simulation.days = 2;
        simulation.expectations.clear();
        variants.push((variant.to_owned(), simulation));
    }
    Cases { variants, seeds: Some((1, 2)) }
}

#[test]
fn parts_of_a_sweep_are_the_sweep_in_whatever_order() {
    let cases = cases();
    let whole = sweep(&cases, (0, 1), 2, |_| {}).unwrap();
    assert_eq!(whole, sweep(&cases, (0, 1), 1, |_| {}).unwrap(), "one core or two");
    let part = |i| sweep(&cases, (i, 3), 1, |_| {}).unwrap();
    let (a, b, c) = (part(0), part(1), part(2));
    let file = whole.parquet().unwrap();
    assert_eq!(Sweep::from_parquet(file.clone()).unwrap(), whole, "there and back");
    let read = |sweep: &Sweep| Sweep::from_parquet(sweep.parquet().unwrap()).unwrap();
    for order in [[&a, &b, &c], [&c, &a, &b], [&b, &c, &a]] {
        let merged = merge(order.map(read).to_vec()).unwrap();
        assert_eq!(merged.parquet().unwrap(), file, "to the byte");
    }
    let two = merge(vec![a.clone(), a.clone(), c.clone()]).unwrap();
    assert_eq!((two.missing(), two.shard), (b.rows.len(), None));
    assert_eq!(merge(vec![read(&two), b.clone()]).unwrap(), whole, "and a part of it later");

    let more = whole.paired.iter().find(|stat| stat.metric == "day1_inflow").unwrap();
    assert_eq!((more.mean, more.runs), (40_000_000.0, 2), "twice the capacity, seed by seed");

    let refused = |parts: Vec<Sweep>| merge(parts).unwrap_err().to_string();
    let mut other = a.clone();
    other.rows[0].metrics[1] += 1;
    assert!(refused(vec![a.clone(), other]).contains("run 0 is there with two results"));
    let mut changed = cases.clone();
    changed.variants[0].1.scenario.primes[0].appetite += U256::ONE;
    let changed = sweep(&changed, (1, 3), 1, |_| {}).unwrap();
    assert!(refused(vec![a.clone(), changed]).contains("another one"), "another scenario");
    let mut seeds = a.clone();
    seeds.identity.seeds = Some((1, 3));
    assert!(refused(vec![a.clone(), seeds]).contains("another one"), "other seeds");
    assert!(refused(Vec::new()).contains("there is none"));

    // Cut anywhere or with any byte another one, a file is refused or says the same kind of thing; it never panics.
    let file = a.parquet().unwrap();
    for length in 0..file.len() {
        assert!(Sweep::from_parquet(file[..length].to_vec()).is_err(), "cut at {length}");
    }
    let spoilt = |changes: &[(usize, u8)]| {
        let mut file = file.clone();
        changes.iter().for_each(|(place, flip)| file[*place] ^= flip);
        if let Ok(read) = Sweep::from_parquet(file) {
            assert_eq!(read.rows.len(), a.rows.len(), "{changes:?}");
        }
    };
    for place in 0..file.len() {
        (0..8).for_each(|bit| spoilt(&[(place, 1 << bit)]));
        // Two at once: some other byte, by a step that meets them all.
        spoilt(&[(place, 0xff), ((place * 7_919 + 13) % file.len(), 0x81)]);
    }
    let mut said = a;
    said.rows[0].number = 2;
    let error = Sweep::from_parquet(said.parquet().unwrap()).unwrap_err().to_string();
    assert!(error.contains("not those that it says"), "{error}");
}

#[test]
fn a_target_is_solved_and_proved() {
    let found = solve(&preset("day1-tbill"), millions(350), 1).unwrap();
    assert!(found.is_proved, "{found:?}");
    assert!(found.with >= millions(350) && found.with_less < millions(350));
    // A Prime that holds nothing draws all that it deposits: each of the three must be as large as the other two.
    let whats: Vec<_> = found.families.iter().map(|family| family.what).collect();
    assert_eq!(whats, ["debt ceiling", "mint limit", "deposit limit"]);
    assert!(found.families.iter().all(|family| family.with_less < millions(350)), "{found:?}");
    let spark =
        found.grants.iter().find(|one| one.who == "spark" && one.what == "deposit limit").unwrap();
    // Fourteen days in the timelock, and a day in which the raised limit fills.
    let start = preset("day1-tbill").scenario.start;
    assert_eq!(spark.propose_by + 14 * 86_400, spark.carry_out_by);
    assert_eq!(spark.carry_out_by + 86_400, start, "{spark:?}");
    let mint = found.grants.iter().find(|one| one.what == "mint limit").unwrap();
    assert_eq!((mint.propose_by + 2 * 86_400, mint.carry_out_by), (start, start));
}

#[test]
fn a_target_of_several_days_is_solved_with_limits_that_refill() {
    let found = solve(&preset("oversubscribed"), millions(200), 3).unwrap();
    assert!(found.is_proved, "{found:?}");
    let of = |what: &str| {
        found.grants.iter().find(|one| one.who == "obex" && one.what == what).unwrap().needs
    };
    assert!(of("deposit limit") < of("debt ceiling"), "a limit comes back each day");
    assert!(found.grants.iter().any(|one| one.what == "capacity" && one.is_missing));
}

#[test]
fn what_nobody_wants_cannot_be_solved() {
    let found = solve(&preset("day1-tbill"), millions(900_000), 1).unwrap();
    assert!(found.impossible.is_some() && !found.is_proved);
}

#[test]
fn a_failing_run_is_cut_down_to_what_makes_it_fail() {
    let mut simulation = preset("hostile");
    simulation.days = 3;
    let text = "day1_inflow >= \"900_000_000_000 USDS\"";
    simulation.expectations = vec![Expectation::parse(text).unwrap()];
    let least = minimise(&simulation).unwrap().unwrap();
    assert_eq!(least.simulation.days, 1);
    assert!(least.simulation.agents.is_empty() && least.simulation.shocks.is_empty());
    assert!(least.simulation.scenario.primes.is_empty(), "it fails without anybody");
    assert_eq!(least.run.first_failure().unwrap().text, text);
    assert!(
        minimise(&preset("day1-tbill")).unwrap().is_none(),
        "what holds has no smallest failure"
    );
}
