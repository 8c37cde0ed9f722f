//! A plan against a chain: which steps are done, which create or change something, and which cannot be done.

use alloy_primitives::B256;
use halo_chain::{Embedded, now};
use serde::Serialize;

use crate::{
    apply::{self, Halt},
    check::Check,
    error::Result,
    fact::Fact,
    handoff::{Batch, Spells, batches},
    plan::{Plan, Signer, Step},
    rehearse::{Changes, Stage},
};

/// How a plan stands on a chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Survey {
    /// The plan's digest.
    pub plan: B256,
    /// The chain's id.
    pub chain_id: u64,
    /// The block on whose state it was looked at.
    pub block: u64,
    /// The hash of that block.
    pub block_hash: B256,
    /// Each step of the plan, in order.
    pub steps: Vec<Surveyed>,
    /// What the steps that can be done would change.
    pub changes: Changes,
}

/// How a step stands on a chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Surveyed {
    /// The step's id.
    pub id: String,
    /// What it does.
    pub title: String,
    /// Who signs it.
    pub signer: Signer,
    /// Its digest.
    pub digest: B256,
    /// How it stands.
    pub mark: Mark,
    /// Why it cannot be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What it must leave and is not so, as found and wanted.
    pub differs: Vec<Check>,
}

/// How a step stands on a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mark {
    /// It makes what is not there.
    Create,
    /// It changes what is there.
    Change,
    /// All that it must leave holds.
    Unchanged,
    /// It does not pass.
    Cannot,
}

impl Mark {
    /// The mark as one word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Change => "change",
            Self::Unchanged => "unchanged",
            Self::Cannot => "cannot",
        }
    }
}

impl Survey {
    /// Looks at each step on the state of `fork` as it is now, and then runs those that are left on it, so that what
    /// cannot be done shows, with the reason that the chain itself gives.
    ///
    /// # Errors
    /// The plan is not whole or was made for another chain, or the forked state cannot be read.
    pub fn of(plan: &Plan, spells: &Spells, fork: &mut Embedded) -> Result<Self> {
        plan.check()?;
        now(apply::fits(plan, fork))?;
        let (block, block_hash) = (fork.number(), fork.block_hash_at(fork.number())?);
        let mut steps = Vec::with_capacity(plan.steps.len());
        for step in &plan.steps {
            steps.push(look(step, fork)?);
        }
        let marked = plan.steps.iter().zip(&steps);
        let left: Vec<&Step> =
            marked.filter(|(_, it)| it.mark != Mark::Unchanged).map(|(step, _)| step).collect();
        let mut stage = Stage::new(plan, spells, fork);
        for batch in batches(plan, &left, spells)? {
            for (id, reason) in refused(&mut stage, &batch)? {
                if let Some(it) = steps.iter_mut().find(|it| it.id == id) {
                    it.mark = Mark::Cannot;
                    it.reason.get_or_insert(reason);
                }
            }
        }
        let (.., trace) = stage.done();
        let changes = Changes::of(plan, spells, &trace, fork)?;
        Ok(Self { plan: plan.digest, chain_id: fork.id(), block, block_hash, steps, changes })
    }

    /// How many steps have this mark.
    #[must_use]
    pub fn count(&self, mark: Mark) -> usize {
        self.steps.iter().filter(|step| step.mark == mark).count()
    }
}

fn look(step: &Step, chain: &Embedded) -> Result<Surveyed> {
    let mut differs = Vec::new();
    let mut taken = None;
    for fact in &step.expects {
        let check = now(fact.check(chain))?;
        if check.holds {
            continue;
        }
        if let (Fact::Code(it), true) = (fact, check.found.starts_with("0x")) {
            taken = Some(format!(
                "at {}, where {} is to stand, is other code: its hash is {}, wanted is {}",
                it.address, it.name, check.found, check.expected
            ));
        }
        differs.push(check);
    }
    let mark = match (&taken, differs.is_empty()) {
        (_, true) => Mark::Unchanged,
        (Some(_), _) => Mark::Cannot,
        (None, false) if !step.creates.is_empty() || is_absent(step, chain)? => Mark::Create,
        (None, false) => Mark::Change,
    };
    Ok(Surveyed {
        id: step.id.clone(),
        title: step.title.clone(),
        signer: step.signer.clone(),
        digest: step.digest,
        mark,
        reason: taken,
        differs,
    })
}

/// Whether the contract that the step calls is not there yet, so that all it says of it is new.
fn is_absent(step: &Step, chain: &Embedded) -> Result<bool> {
    let to = step.transaction()?.to.unwrap_or_default();
    Ok(chain.code_at(to)?.is_empty())
}

/// Runs a batch; the steps of it that do not pass, with the reason.
fn refused(stage: &mut Stage<'_>, batch: &Batch<'_>) -> Result<Vec<(String, String)>> {
    let before = stage.fork.snapshot();
    let halt = match stage.run(batch) {
        Ok(()) => return Ok(Vec::new()),
        Err(halt) => halt,
    };
    let whole = match halt {
        // The signer's road itself does not work.
        Halt::Whole(error) if error.fault() == crate::Fault::Refused => Some(error.to_string()),
        Halt::Whole(error) => return Err(error),
        Halt::Step(cause) if batch.steps.len() == 1 => Some(cause.to_string()),
        Halt::Step(_) => None,
    };
    if let Some(why) = whole {
        return Ok(batch.steps.iter().map(|step| (step.id.clone(), why.clone())).collect());
    }
    // Which of them it is shows when each runs alone.
    stage.fork.restore(&before);
    let mut refused = Vec::new();
    for step in &batch.steps {
        match stage.alone(step) {
            Ok(()) => {}
            Err(Halt::Step(cause)) => refused.push((step.id.clone(), cause.to_string())),
            Err(Halt::Whole(error)) => return Err(error),
        }
    }
    Ok(refused)
}
