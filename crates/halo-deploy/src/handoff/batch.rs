//! Steps in a row of one signer, carried out together.

use super::Spells;
use crate::{
    error::Result,
    means::{Means, Road},
    plan::{Plan, Signer, Step},
};

/// The most calldata that a timelock's batch has, bytes: a BeamTimelock keeps all of it in storage.
const TIMELOCK_BYTES: usize = 8_192;
/// The most steps that a Safe signs at once: they share one block's gas.
const SAFE_STEPS: usize = 32;

/// Steps in a row of one signer that are carried out together: one of a key, or as many as its road takes at once.
#[derive(Clone, Debug)]
pub struct Batch<'a> {
    /// Who signs.
    pub signer: &'a Signer,
    /// How it is made to act; `None` for a key.
    pub road: Option<&'a Road>,
    /// The steps, in their order; never empty.
    pub steps: Vec<&'a Step>,
}

/// Puts the steps that are left into batches, in their order.
///
/// # Errors
/// [`Error::Handoff`](crate::Error::Handoff) for a step of a spell that is in none of `spells`.
pub fn batches<'a>(plan: &'a Plan, left: &[&'a Step], spells: &Spells) -> Result<Vec<Batch<'a>>> {
    let mut batches: Vec<Batch<'a>> = Vec::new();
    for step in left {
        match batches.last_mut() {
            Some(batch) if takes(plan, batch, step, spells)? => batch.steps.push(step),
            _ => batches.push(Batch {
                signer: &step.signer,
                road: plan.road(step.signer.address),
                steps: vec![step],
            }),
        }
    }
    // One that begins with a step of a spell must find it.
    for batch in batches.iter().filter(|batch| batch.signer.means == Means::Spell) {
        spells.of(batch)?;
    }
    Ok(batches)
}

/// Runs of steps that one signer without a key has in a row, as they stand in `left`.
#[must_use]
pub fn runs<'a>(plan: &'a Plan, left: &[&'a Step], means: Means) -> Vec<Batch<'a>> {
    let mut runs: Vec<Batch<'a>> = Vec::new();
    let mut before: Option<&Signer> = None;
    for step in left {
        let signer = &step.signer;
        match runs.last_mut() {
            Some(run) if before == Some(signer) && run.signer == signer => run.steps.push(step),
            _ if signer.means == means => {
                let road = plan.road(signer.address);
                runs.push(Batch { signer, road, steps: vec![step] });
            }
            _ => {}
        }
        before = Some(signer);
    }
    runs
}

fn takes(plan: &Plan, batch: &Batch<'_>, step: &Step, spells: &Spells) -> Result<bool> {
    if *batch.signer != step.signer {
        return Ok(false);
    }
    Ok(match plan.road(step.signer.address) {
        None => false,
        Some(Road::Safe { .. }) => batch.steps.len() < SAFE_STEPS,
        Some(Road::Spell { .. }) => spells.of(batch)?.steps.contains(&step.id),
        Some(Road::Timelock { .. }) => {
            let so_far: usize = batch.calls()?.iter().map(|call| call.data.len()).sum();
            so_far + step.transaction()?.data.len() <= TIMELOCK_BYTES
        }
    })
}
