//! Whether the remedy against over-asking works: the same run with deposit limits at what each over-asker really wants.

use alloy_primitives::U256;
use halo_spec::{AgentKind, Simulation};

use crate::{
    Result,
    engine::{Options, simulate},
    run::Run,
};

/// Runs `simulation` again with the deposit limits of its over-askers at their appetites, and writes beside each gain of
/// `run` what is left of it. Does nothing where nobody gained.
///
/// # Errors
/// If the run cannot be made.
pub fn remedy(simulation: &Simulation, options: &Options, run: &mut Run) -> Result<()> {
    if run.fairness.over_asking.iter().all(|row| row.gain.is_zero()) {
        return Ok(());
    }
    let mut mended = simulation.clone();
    mended.expectations.clear();
    let asks = simulation.agents.iter().filter(|agent| agent.kind == AgentKind::OverAsker);
    for slug in asks.filter_map(|agent| agent.prime.as_ref()) {
        for one in mended.scenario.primes.iter_mut().filter(|one| one.prime.slug == *slug) {
            one.deposit.max = one.deposit.max.min(one.appetite);
            one.deposit.slope.per_second = U256::ZERO;
        }
    }
    let with = simulate(&mended, options, |_| {})?;
    for row in &mut run.fairness.over_asking {
        let same = with.fairness.over_asking.iter().find(|other| other.prime == row.prime);
        row.remedied = same.map(|other| other.gain);
    }
    run.words = crate::words::of(run);
    Ok(())
}
