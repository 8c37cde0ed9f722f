//! The smallest part of a failing simulation that still fails in the same way.

use halo_spec::Simulation;

use crate::{
    Result,
    engine::{Options, simulate},
    run::Run,
};

/// What is left of a failing simulation.
#[derive(Debug)]
pub struct Minimal {
    /// It fails, and without any one of its days, Primes, agents, shocks or acts it does not fail in that way.
    pub simulation: Simulation,
    /// Its run.
    pub run: Run,
    /// Runs that were made to find it.
    pub runs: u32,
}

/// How a run fails: the first expectation that did not hold, or else what was broken.
fn failure(run: &Run) -> Option<String> {
    run.first_failure().map(|row| row.text.clone()).or_else(|| {
        let broken = run.invariants.broken.first().map(|row| row.name.clone());
        broken.or_else(|| (!run.conservation.holds).then(|| "conservation".to_owned()))
    })
}

/// Takes away what it can: days from the end, then agents, shocks, acts of governance and Primes one by one, until
/// nothing can be taken away any more. `None` if the simulation does not fail.
///
/// # Errors
/// If the simulation itself cannot be run.
pub fn minimise(simulation: &Simulation) -> Result<Option<Minimal>> {
    let mut run = simulate(simulation, &Options::default(), |_| {})?;
    let Some(how) = failure(&run) else { return Ok(None) };
    let mut simulation = simulation.clone();
    let mut runs = 1;
    let mut attempt = |candidate: Simulation, kept: &mut Simulation, run: &mut Run| -> bool {
        runs += 1;
        // A candidate that cannot be run at all fails in another way.
        match simulate(&candidate, &Options::default(), |_| {}) {
            Ok(found) if failure(&found).as_ref() == Some(&how) => {
                (*kept, *run) = (candidate, found);
                true
            }
            _ => false,
        }
    };
    loop {
        let before = size(&simulation);
        let mut step = simulation.days / 2;
        while step > 0 {
            let candidate = Simulation { days: simulation.days - step, ..simulation.clone() };
            if !attempt(candidate, &mut simulation, &mut run) {
                step /= 2;
            }
            step = step.min(simulation.days.saturating_sub(1));
        }
        macro_rules! thin {
            ($($list:ident),+) => {$(
                let mut at = simulation.$list.len();
                while at > 0 {
                    at -= 1;
                    let mut candidate = simulation.clone();
                    candidate.$list.remove(at);
                    attempt(candidate, &mut simulation, &mut run);
                }
            )+};
        }
        thin!(agents, shocks, acts);
        for at in (0..simulation.scenario.primes.len()).rev() {
            let mut candidate = simulation.clone();
            let slug = candidate.scenario.primes.remove(at).prime.slug;
            candidate.mandates.remove(at);
            // What is about this Prime alone goes with it.
            candidate.agents.retain(|agent| agent.prime.as_ref() != Some(&slug));
            attempt(candidate, &mut simulation, &mut run);
        }
        if size(&simulation) == before {
            return Ok(Some(Minimal { simulation, run, runs }));
        }
    }
}

fn size(simulation: &Simulation) -> [usize; 5] {
    [
        simulation.days as usize,
        simulation.agents.len(),
        simulation.shocks.len(),
        simulation.acts.len(),
        simulation.scenario.primes.len(),
    ]
}
