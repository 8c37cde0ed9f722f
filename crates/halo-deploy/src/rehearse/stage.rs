//! One batch after the other on a fork, each by its signer's road.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, U256};
use halo_chain::{Embedded, Trace, Tx, now};

use super::fingerprint;
use crate::{
    apply::{self, Cause, Halt},
    check::Check,
    error::{Error, Result},
    fact::Fact,
    handoff::{self, Batch, Next, Spells},
    means::{Means, Road},
    plan::{Plan, Step},
};

/// The most transactions and waits that a batch takes.
const ROUNDS: usize = 12;
/// Where a Safe keeps how many owners must sign.
const SAFE_THRESHOLD: U256 = U256::from_limbs([4, 0, 0, 0]);

/// A fork on which a plan's batches run.
#[derive(Debug)]
pub(crate) struct Stage<'a> {
    plan: &'a Plan,
    spells: &'a Spells,
    pub(crate) fork: &'a mut Embedded,
    gas: BTreeMap<B256, u64>,
    sent: BTreeMap<B256, u64>,
    trace: Trace,
}

impl<'a> Stage<'a> {
    pub(crate) fn new(plan: &'a Plan, spells: &'a Spells, fork: &'a mut Embedded) -> Self {
        let trace = Trace::default();
        Self { plan, spells, fork, gas: BTreeMap::new(), sent: BTreeMap::new(), trace }
    }

    /// The gas by step and by transaction, and all that changed.
    pub(crate) fn done(self) -> (BTreeMap<B256, u64>, BTreeMap<B256, u64>, Trace) {
        (self.gas, self.sent, self.trace)
    }

    /// Runs a batch until its steps' expectations hold.
    pub(crate) fn run(&mut self, batch: &Batch<'_>) -> Result<(), Halt> {
        let mut gas = 0_u64;
        let mut last = None;
        for _ in 0..ROUNDS {
            if self.unmet(&batch.steps)?.is_empty() {
                break;
            }
            let handoff = now(handoff::next(self.plan, batch, self.spells, self.fork))?;
            match handoff.next {
                // What was done once and is to be done again did not help.
                Next::Send { purpose, .. } if last == Some(purpose) => break,
                Next::Send { purpose, tx } => {
                    last = Some(purpose);
                    gas += self.send(&tx)?;
                }
                Next::Wait { until, .. } => self.wait_until(batch, until)?,
                Next::Others(_) if last == Some("others") => break,
                Next::Others(_) => {
                    last = Some("others");
                    gas += self.enact(batch)?;
                }
            }
        }
        for step in &batch.steps {
            self.gas.insert(step.digest, gas);
        }
        self.hold(&batch.steps)
    }

    /// Sends a step as if its signer had a key: to find out which of a batch does not pass.
    pub(crate) fn alone(&mut self, step: &Step) -> Result<(), Halt> {
        if !self.unmet(&[step])?.is_empty() {
            self.send(&step.transaction()?)?;
        }
        self.hold(&[step])
    }

    /// Does what others would do: the owners of a Safe, those who vote for a spell.
    fn enact(&mut self, batch: &Batch<'_>) -> Result<u64, Halt> {
        match batch.road {
            Some(road @ Road::Safe { .. }) => {
                let tx = now(handoff::pre_validated(batch, road, self.fork))?;
                // Signatures are what no rehearsal has; one owner's word stands for theirs.
                let safe = batch.signer.address;
                let needed = self.fork.storage_at(safe, SAFE_THRESHOLD).map_err(Error::from)?;
                self.set_threshold(safe, U256::ONE)?;
                let sent = self.send(&tx);
                self.set_threshold(safe, needed)?;
                sent
            }
            Some(road @ Road::Spell { .. }) => {
                let ask = handoff::impersonation(batch, road, self.spells, self.fork);
                let (delay, tx) = now(ask)?;
                self.wait_until(batch, self.fork.timestamp().saturating_add(delay))?;
                self.send(&tx)
            }
            _ => Err(batch.fault("nobody else acts for it".to_owned()).into()),
        }
    }

    fn set_threshold(&mut self, safe: Address, owners: U256) -> Result<()> {
        Ok(self.fork.set_storage(safe, SAFE_THRESHOLD, owners)?)
    }

    /// Moves the clock; beacons that would have been heard of in the meantime are.
    fn wait_until(&mut self, batch: &Batch<'_>, second: u64) -> Result<(), Halt> {
        self.fork.warp_to(second.max(self.fork.timestamp())).map_err(Error::from)?;
        let first = batch.steps.first().map(|step| step.id.as_str());
        let before = self.plan.steps.iter().take_while(|step| Some(step.id.as_str()) != first);
        for step in before {
            let beats = step.expects.iter().any(|fact| matches!(fact, Fact::Heartbeat(_)));
            if beats && step.signer.means == Means::Key && !self.unmet(&[step])?.is_empty() {
                self.send(&step.transaction()?)?;
            }
        }
        Ok(())
    }

    fn send(&mut self, tx: &Tx) -> Result<u64, Halt> {
        let (gas, trace) = self.fork.send_traced(tx).map_err(|error| match error.exit_class() {
            halo_chain::ErrorClass::Outside => Halt::Whole(error.into()),
            halo_chain::ErrorClass::Chain => Cause::Chain(error, apply::labels(self.plan)).into(),
        })?;
        self.trace.then(trace);
        self.sent.insert(fingerprint(tx), gas);
        Ok(gas)
    }

    /// Requires that the steps left what they must.
    fn hold(&self, steps: &[&Step]) -> Result<(), Halt> {
        let unmet = self.unmet(steps)?;
        if unmet.is_empty() { Ok(()) } else { Err(Cause::Unmet(unmet).into()) }
    }

    fn unmet(&self, steps: &[&Step]) -> Result<Vec<Check>> {
        let mut unmet = Vec::new();
        for step in steps {
            unmet.extend(now(apply::unmet(&step.expects, self.fork))?);
        }
        Ok(unmet)
    }
}
