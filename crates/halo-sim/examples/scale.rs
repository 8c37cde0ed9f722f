//! How a run grows: 10, 100, 1,000 and 10,000 Primes on the first day, two cores against one, memory; with `year` a year
//! of fifty Primes and twenty Units instead, with a number no more than so many Primes.
//!
//! `cargo xtask bench scale` and `cargo xtask bench year` run it.

use std::{error::Error, path::Path, time::Instant};

use halo_sim::{
    Options, simulate,
    sweep::{Cases, sweep},
};
use halo_spec::{Network, Simulation, set};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

fn main() -> Outcome {
    match std::env::args().nth(1).as_deref() {
        Some("year") => year(),
        Some(most) => growth(most.parse()?),
        None => {
            growth(10_000)?;
            cores()
        }
    }
}

fn preset(name: &str, settings: &[(&str, String)]) -> Outcome<Simulation> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deployments/scenarios");
    let mut text = std::fs::read_to_string(folder.join(format!("{name}.toml")))?;
    for (key, value) in settings {
        text = set(&text, key, value)?;
    }
    let network = Network::embedded()?;
    Ok(Simulation::parse(name, &text, &network, &folder, &[])?.value)
}

fn growth(most: usize) -> Outcome {
    for primes in [10_usize, 100, 1_000, 10_000].into_iter().filter(|primes| *primes <= most) {
        let copies = [("primes.grove.copies", (primes - 4).to_string())];
        let mut simulation = preset("day1-tbill", &copies)?;
        simulation.expectations.clear();
        let clock = Instant::now();
        let run = simulate(&simulation, &Options::default(), |_| {})?;
        let micros = clock.elapsed().as_micros();
        if !run.holds() {
            return Err("the run does not hold".into());
        }
        println!(
            "{primes} Primes: {} ms for genesis, deployment and the first day, {} µs a Prime, {} actions, {} MiB at most",
            micros / 1_000,
            micros / primes as u128,
            run.totals.actions,
            peak()? / 1_024,
        );
    }
    Ok(())
}

fn cores() -> Outcome {
    let variants = vec![(String::new(), preset("ramp", &[])?)];
    let cases = Cases { variants, seeds: Some((1, 16)) };
    let time = |threads| -> Outcome<u128> {
        let clock = Instant::now();
        sweep(&cases, (0, 1), threads, |_| {})?;
        Ok(clock.elapsed().as_millis().max(1))
    };
    let (one, two) = (time(1)?, time(2)?);
    println!(
        "16 runs of thirty days: {one} ms on one core, {two} ms on two, {}.{:02} times as fast",
        one / two,
        one * 100 / two % 100
    );
    Ok(())
}

fn year() -> Outcome {
    let simulation = preset("year", &[])?;
    let clock = Instant::now();
    let run = simulate(&simulation, &Options::default(), |progress| {
        if progress.day % 30 == 0 {
            eprintln!(
                "day {} of {}, {} actions, {} s",
                progress.day,
                progress.days,
                progress.actions,
                clock.elapsed().as_secs()
            );
        }
    })?;
    println!(
        "a year of {} Primes and {} Units: {} s, {} actions, {} settlements, {} MiB at most, holds: {}",
        run.primes.len(),
        run.units.len(),
        clock.elapsed().as_secs(),
        run.totals.actions,
        run.settlements.len(),
        peak()? / 1_024,
        run.holds(),
    );
    for words in &run.words {
        println!("  {words}");
    }
    for row in run.invariants.broken.iter().take(5) {
        println!("  broken: {row:?}");
    }
    if run.holds() { Ok(()) } else { Err("the year does not hold".into()) }
}

/// The most memory that this process had, KiB.
fn peak() -> Outcome<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    Ok(line.trim().trim_end_matches("kB").trim().parse()?)
}
