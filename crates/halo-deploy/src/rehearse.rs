//! The rehearsal: what is left of a plan, run on a fork of the chain's state before any of it is sent.

use std::collections::BTreeMap;

use alloy_primitives::B256;
use halo_chain::{Chain, Embedded, now};

use crate::{
    apply::{self, Applied, Cause, Stopped},
    error::Result,
    plan::{Plan, Step},
};

/// What a rehearsal showed.
#[derive(Debug)]
pub struct Rehearsal {
    /// Leave to send the steps that passed.
    pub passed: Rehearsed,
}

/// Leave to send: nothing is sent without it, and nothing but [`rehearse`] makes it.
#[derive(Debug)]
pub struct Rehearsed {
    plan: B256,
    block: u64,
    /// Gas used, by the digest of the step.
    gas: BTreeMap<B256, u64>,
}

impl Rehearsed {
    /// The gas that a step used, if this plan's rehearsal ran it.
    #[must_use]
    pub fn gas(&self, plan: &Plan, step: &Step) -> Option<u64> {
        self.gas.get(&step.digest).copied().filter(|_| self.plan == plan.digest)
    }

    /// The gas of all the steps that it ran.
    #[must_use]
    pub fn total_gas(&self) -> u64 {
        self.gas.values().sum()
    }

    /// The block on whose state it ran.
    #[must_use]
    pub const fn block(&self) -> u64 {
        self.block
    }
}

/// Runs the remaining steps in the fork, as their signers, and checks what each must leave.
///
/// # Errors
/// [`Error::Stopped`](crate::Error::Stopped) at the step that does not pass; [`Error::Chain`](crate::Error::Chain) when
/// the forked state cannot be read.
pub fn rehearse(plan: &Plan, remaining: &[&Step], fork: &mut Embedded) -> Result<Rehearsal> {
    let block = fork.number();
    let mut gas = BTreeMap::new();
    for (at, step) in remaining.iter().enumerate() {
        let run = async {
            let missing = apply::unmet(&step.expects, fork).await;
            if missing.map_err(|error| Cause::Chain(error, apply::labels(plan)))?.is_empty() {
                return Ok(0);
            }
            let receipt = fork.send(&apply::transaction(step)?).await;
            let receipt = receipt.map_err(|error| Cause::Chain(error, apply::labels(plan)))?;
            apply::hold(plan, &step.expects, fork).await?;
            Ok(receipt.gas_used)
        };
        match now(run) {
            Ok(used) => drop(gas.insert(step.digest, used)),
            Err(cause) => {
                let left = remaining.iter().skip(at + 1).map(|step| step.id.clone()).collect();
                let (step, title) = (step.id.clone(), step.title.clone());
                let applied = Applied::default();
                return Err(Box::new(Stopped { step, title, cause, applied, left }).into());
            }
        }
    }
    Ok(Rehearsal { passed: Rehearsed { plan: plan.digest, block, gas } })
}
