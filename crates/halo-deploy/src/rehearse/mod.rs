//! The rehearsal: what is left of a plan, run on a fork of the chain's state before any of it is sent.
//!
//! Steps run as their signers: a key's as they are, a Safe's, a spell's and a timelock's as what these will really
//! execute, after the time that they really wait. What changed is put in words by [`Changes`].

mod changes;
mod foreign;
mod layout;
mod names;
mod stage;
mod value;

use std::collections::BTreeMap;

use alloy_primitives::{B256, keccak256};
use halo_chain::{Embedded, Tx};

pub use changes::{Change, Changes, Created, Unexplained};
pub(crate) use stage::Stage;

use crate::{
    apply::{Applied, Halt, Stopped},
    error::Result,
    handoff::{Spells, batches},
    plan::{Plan, Step},
};

/// What a rehearsal showed.
#[derive(Debug)]
pub struct Rehearsal {
    /// Leave to send the steps that passed.
    pub passed: Rehearsed,
    /// What they change.
    pub changes: Changes,
}

/// Leave to send: nothing is sent without it, and nothing but [`rehearse`] makes it.
#[derive(Debug)]
pub struct Rehearsed {
    plan: B256,
    block: u64,
    block_hash: B256,
    /// Gas used, by the digest of the step.
    gas: BTreeMap<B256, u64>,
    /// Gas used, by what was sent.
    sent: BTreeMap<B256, u64>,
}

impl Rehearsed {
    /// The gas that a step used, if this plan's rehearsal ran it; of steps that are carried out together, the gas of all.
    #[must_use]
    pub fn gas(&self, plan: &Plan, step: &Step) -> Option<u64> {
        self.gas.get(&step.digest).copied().filter(|_| self.plan == plan.digest)
    }

    /// The gas that this transaction used, if the rehearsal sent it.
    #[must_use]
    pub fn gas_of(&self, tx: &Tx) -> Option<u64> {
        self.sent.get(&fingerprint(tx)).copied()
    }

    /// The gas of all that it sent.
    #[must_use]
    pub fn total_gas(&self) -> u64 {
        self.sent.values().sum()
    }

    /// The block on whose state it ran.
    #[must_use]
    pub const fn block(&self) -> u64 {
        self.block
    }

    /// The hash of that block.
    #[must_use]
    pub const fn block_hash(&self) -> B256 {
        self.block_hash
    }
}

fn fingerprint(tx: &Tx) -> B256 {
    let to = tx.to.unwrap_or_default();
    let parts = [tx.from.as_slice(), to.as_slice(), &tx.value.to_be_bytes::<32>(), &tx.data];
    keccak256(parts.concat())
}

/// Runs the remaining steps in the fork, as their signers, and checks what each must leave.
///
/// # Errors
/// [`Error::Stopped`](crate::Error::Stopped) at the step that does not pass; [`Error::Handoff`](crate::Error::Handoff)
/// where a signer without a key is not as the plan has it; [`Error::Chain`](crate::Error::Chain) when the forked state
/// cannot be read.
pub fn rehearse(
    plan: &Plan,
    remaining: &[&Step],
    spells: &Spells,
    fork: &mut Embedded,
) -> Result<Rehearsal> {
    let (block, block_hash) = (fork.number(), fork.block_hash_at(fork.number())?);
    let mut stage = Stage::new(plan, spells, fork);
    for batch in batches(plan, remaining, spells)? {
        if let Err(halt) = stage.run(&batch) {
            let cause = match halt {
                Halt::Step(cause) => *cause,
                Halt::Whole(error) => return Err(error),
            };
            let step = batch.steps.first().copied();
            let (id, title) = step.map(|it| (it.id.clone(), it.title.clone())).unwrap_or_default();
            let after = remaining.iter().skip_while(|it| it.id != id).skip(batch.steps.len());
            let left = after.map(|it| it.id.clone()).collect();
            let applied = Applied::default();
            return Err(Box::new(Stopped { step: id, title, cause, applied, left }).into());
        }
    }
    let (gas, sent, trace) = stage.done();
    let changes = Changes::of(plan, spells, &trace, fork)?;
    let passed = Rehearsed { plan: plan.digest, block, block_hash, gas, sent };
    Ok(Rehearsal { passed, changes })
}
