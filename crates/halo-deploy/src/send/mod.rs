//! Sending a plan to a real chain: step by step, each act in the journal before the next, and nothing that was not
//! rehearsed.

mod courier;
mod fees;
mod hands;
mod trouble;

pub use hands::{Hands, is_development};
pub use trouble::Trouble;

use std::{
    ops::ControlFlow,
    time::{Duration, Instant},
};

use halo_chain::{
    Chain,
    node::{Head, Mined, Nodes},
};
use tokio::time::sleep;

use self::courier::Courier;
use crate::{
    apply::{self, Applied, Cause, Halt, Stopped},
    error::Result,
    handoff::{self, Batch, Handoff, Next, Spells, batches},
    journal::{Journal, Record},
    manifest::Transaction,
    plan::{Plan, Step},
    rehearse::Rehearsed,
};

/// Between two looks for the next block.
const CONFIRM_PAUSE: Duration = Duration::from_millis(500);

/// On what terms transactions are sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The most that a unit of gas may cost, wei.
    pub max_fee: u128,
    /// How many blocks must stand from a transaction's own on, 1 for its own alone, before it counts.
    pub confirmations: u64,
    /// After how long in no block a transaction is sent again for more.
    pub bump_after: Duration,
    /// After how long in no block it is waited for no more.
    pub give_up_after: Duration,
}

/// What an observer of [`send`] is told. One that breaks off ends it at once, as the end of the process would.
#[derive(Debug)]
pub enum Note<'a> {
    /// A step begins: the how-manieth, from 1, of how many.
    Started(&'a Step, usize, usize),
    /// All that the step must leave holds already; nothing was sent.
    Unchanged(&'a Step),
    /// This was written to the journal, and is on disk.
    Recorded(&'a Record),
    /// The step is in a block and left what it must.
    Done(&'a Step, &'a Transaction),
    /// So many transactions wait for blocks upon theirs.
    Confirming(usize),
}

/// The steps whose expectations do not hold, in their order.
///
/// # Errors
/// The chain's, when it cannot be asked.
pub async fn remaining<'p, C: Chain>(plan: &'p Plan, chain: &C) -> Result<Vec<&'p Step>> {
    let mut remaining = Vec::new();
    for step in &plan.steps {
        if !apply::unmet(&step.expects, chain).await?.is_empty() {
            remaining.push(step);
        }
    }
    Ok(remaining)
}

/// Through what a plan is sent.
#[derive(Debug)]
pub struct Ways<'a> {
    /// The nodes.
    pub nodes: &'a Nodes,
    /// In whose name.
    pub hands: &'a Hands,
    /// On what terms.
    pub terms: &'a Terms,
    /// The spells of steps that are signed by one, as they were rehearsed.
    pub spells: &'a Spells,
    /// The journal.
    pub journal: &'a mut Journal,
}

/// How far a plan has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// What was done, in this run and those before it.
    pub applied: Applied,
    /// What it waits for, when others must act, or time must pass, before it can go on.
    pub waiting: Option<Handoff>,
}

/// Sends what is left of a plan, which `leave` shows to have passed its rehearsal, as far as keys go, and waits until
/// all that was sent is confirmed. What an earlier run sent is looked up first: a transaction in a block counts, one
/// that was dropped is handed in again, one that pays too little is replaced.
///
/// # Errors
/// [`Error::PlanTampered`](crate::Error::PlanTampered), [`Error::Mismatch`](crate::Error::Mismatch) and
/// [`Error::Changed`](crate::Error::Changed) before anything is sent; [`Error::Stopped`](crate::Error::Stopped) with
/// what was done and what was not; the journal's.
pub async fn send(
    plan: &Plan,
    leave: &Rehearsed,
    ways: Ways<'_>,
    mut observer: impl FnMut(Note<'_>) -> ControlFlow<()>,
) -> Result<Sent> {
    plan.check()?;
    let Ways { nodes, hands, terms, spells, journal } = ways;
    journal.history().fits(plan)?;
    let mut courier =
        Courier { plan, nodes, hands, terms, leave, journal, observer: &mut observer };
    let head = courier.nodes.head(courier.journal.history().highest()).await?;
    apply::fits(plan, &nodes.at(head)).await?;
    courier.record(Record::Begun { plan: plan.digest, block: leave.block() })?;
    let mut walk = Walk { spells, unchanged: Vec::new(), at: plan.steps.first() };
    let sent = walk.all(&mut courier).await;
    let transactions = courier.journal.history().transactions();
    let applied = Applied { transactions, unchanged: walk.unchanged };
    match sent {
        Ok(waiting) => Ok(Sent { applied, waiting }),
        Err(Halt::Whole(error)) => Err(error),
        Err(Halt::Step(cause)) => Err(Box::new(stopped(plan, walk.at, *cause, applied)).into()),
    }
}

/// The way through the steps.
struct Walk<'a> {
    spells: &'a Spells,
    unchanged: Vec<String>,
    /// The step that it has come to.
    at: Option<&'a Step>,
}

impl<'a> Walk<'a> {
    /// All steps in their order, and their confirmations.
    async fn all(&mut self, courier: &mut Courier<'a>) -> Result<Option<Handoff>, Halt> {
        let plan = courier.plan;
        let head = courier.head().await?;
        courier.review(head).await?;
        // What the rehearsal did not run held already.
        let is_left = |step: &&Step| courier.leave.gas(plan, step).is_some();
        let (left, done): (Vec<&Step>, Vec<&Step>) = plan.steps.iter().partition(is_left);
        for step in done {
            self.unchanged(courier, step)?;
        }
        for batch in batches(plan, &left, self.spells)? {
            if let Some(handoff) = self.batch(courier, &batch).await? {
                confirm(courier).await?;
                return Ok(Some(handoff));
            }
        }
        self.at = None;
        let head = confirm(courier).await?;
        apply::hold(plan, &plan.outcome, &courier.nodes.at(head)).await?;
        Ok(None)
    }

    fn unchanged(&mut self, courier: &mut Courier<'a>, step: &Step) -> Result<(), Halt> {
        self.unchanged.push(step.id.clone());
        Ok(courier.note(Note::Unchanged(step))?)
    }

    /// Carries out a batch, as far as keys go; what it waits for, if for anything.
    async fn batch(
        &mut self,
        courier: &mut Courier<'a>,
        batch: &Batch<'a>,
    ) -> Result<Option<Handoff>, Halt> {
        let plan = courier.plan;
        let Some(first) = batch.steps.first().copied() else { return Ok(None) };
        self.at = Some(first);
        let place = plan.steps.iter().position(|step| step.id == first.id).unwrap_or_default();
        courier.note(Note::Started(first, place + 1, plan.steps.len()))?;
        let facts: Vec<_> = batch.steps.iter().flat_map(|step| step.expects.clone()).collect();
        let mut last = None;
        loop {
            let head = courier.head().await?;
            courier.review(head).await?;
            let view = courier.nodes.at(head);
            if courier.asked(apply::unmet(&facts, &view).await)?.is_empty() {
                break;
            }
            if batch.road.is_none() && last.is_some() {
                // A key's step is one transaction: what does not hold after it does not come by another.
                apply::hold(plan, &facts, &view).await?;
            }
            let handoff = handoff::next(plan, batch, self.spells, &view).await?;
            let Next::Send { purpose, tx } = &handoff.next else {
                let steps = batch.steps.iter().map(|step| (step.id.clone(), step.digest)).collect();
                courier.record(Record::Awaited { steps })?;
                return Ok(Some(handoff));
            };
            let act = match batch.road {
                None => first.id.clone(),
                Some(_) => format!("{}#{purpose}", first.id),
            };
            last = Some(courier.bring(first, &act, tx, &view).await?);
        }
        match last {
            Some(Mined { hash, block, timestamp, gas, .. }) => {
                let sent = Transaction { step: first.id.clone(), hash, block, timestamp, gas };
                courier.note(Note::Done(first, &sent))?;
            }
            None => {
                for step in &batch.steps {
                    self.unchanged(courier, step)?;
                }
            }
        }
        Ok(None)
    }
}

/// Waits until everything is as deep as was asked for.
async fn confirm(courier: &mut Courier<'_>) -> Result<Head, Halt> {
    let (mut since, mut before) = (Instant::now(), None);
    loop {
        let head = courier.head().await?;
        let waiting = courier.review(head).await?;
        if waiting == 0 {
            return Ok(head);
        }
        if before.replace((waiting, head.number)) != Some((waiting, head.number)) {
            since = Instant::now();
            courier.note(Note::Confirming(waiting))?;
        }
        if since.elapsed() >= courier.terms.give_up_after {
            let seconds = courier.terms.give_up_after.as_secs();
            return Err(Trouble::Unconfirmed { waiting, block: head.number, seconds }.into());
        }
        sleep(CONFIRM_PAUSE).await;
    }
}

/// Where it stopped, and where that leaves things.
fn stopped(plan: &Plan, at: Option<&Step>, cause: Cause, applied: Applied) -> Stopped {
    let place = at.and_then(|at| plan.steps.iter().position(|step| step.id == at.id));
    let left = match place {
        Some(place) => plan.steps.iter().skip(place + 1).map(|step| step.id.clone()).collect(),
        None => Vec::new(),
    };
    let (step, title) = match at {
        Some(step) => (step.id.clone(), step.title.clone()),
        None => ("outcome".to_owned(), "what must hold in the end".to_owned()),
    };
    Stopped { step, title, cause, applied, left }
}
