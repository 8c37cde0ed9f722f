//! Applying a plan: each step in its order, none that has nothing to do, none left unproved.

use std::fmt;

use alloy_sol_types::SolCall;
use halo_chain::{Chain, Labels, Tx};
use halo_templates::{Lock, Template, bindings::TemplateRegistry};

use crate::{
    check::Check,
    contract::{self, Contract, Hashes},
    error::{Error, Result},
    fact::Fact,
    manifest::Transaction,
    plan::{Action, Plan, Step},
    send::Trouble,
};

/// What an observer of [`apply`] is told.
#[derive(Debug)]
pub enum Progress<'a> {
    /// A step begins: the how-manieth, from 1, of how many.
    Started(&'a Step, usize, usize),
    /// All that the step must leave holds already; nothing was sent.
    Unchanged(&'a Step),
    /// The step was sent and left what it must.
    Done(&'a Step, &'a Transaction),
}

/// What an application did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// The transactions, in their order.
    pub transactions: Vec<Transaction>,
    /// The steps that had nothing to do.
    pub unchanged: Vec<String>,
}

/// Why an application stopped, and where that leaves things.
#[derive(Debug)]
pub struct Stopped {
    /// The step that did not pass.
    pub step: String,
    /// What it was to do.
    pub title: String,
    /// Why it did not.
    pub cause: Cause,
    /// What was done before.
    pub applied: Applied,
    /// The steps that were not begun.
    pub left: Vec<String>,
}

/// Why a step did not pass.
#[derive(Debug)]
pub enum Cause {
    /// The chain refused it, or could not be reached.
    Chain(halo_chain::Error, Labels),
    /// The chain refused a step that was done before, and that was sent again because these facts
    /// hold no longer: somebody has changed since what the step left.
    Departed(halo_chain::Error, Labels, Vec<Check>),
    /// It was accepted, but these facts do not hold after it.
    Unmet(Vec<Check>),
    /// The embedded templates do not make the code that the plan names.
    Template(String),
    /// It could not be brought into a block.
    Sending(Trouble),
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "step `{}` ({}) did not pass: {}", self.step, self.title, self.cause)?;
        write!(
            f,
            "\n  done: {} steps sent, {} unchanged; not begun: {}",
            self.applied.transactions.len(),
            self.applied.unchanged.len(),
            if self.left.is_empty() { "none".to_owned() } else { self.left.join(", ") },
        )
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cause::Chain(error, labels) => f.write_str(&error.explain(labels))?,
            Cause::Template(what) => f.write_str(what)?,
            Cause::Sending(trouble) => write!(f, "{trouble}")?,
            Cause::Departed(error, labels, checks) => {
                f.write_str(&error.explain(labels))?;
                f.write_str("\n  it was done before, but this holds no longer:")?;
                list(f, checks)?;
            }
            Cause::Unmet(checks) => {
                f.write_str("this does not hold after it:")?;
                list(f, checks)?;
            }
        }
        Ok(())
    }
}

fn list(f: &mut fmt::Formatter<'_>, checks: &[Check]) -> fmt::Result {
    for Check { id, expected, found, .. } in checks {
        write!(f, "\n  {id}: expected {expected}, found {found}")?;
    }
    Ok(())
}

impl std::error::Error for Stopped {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.cause {
            Cause::Chain(error, _) | Cause::Departed(error, ..) => Some(error),
            Cause::Sending(trouble) => Some(trouble),
            Cause::Unmet(_) | Cause::Template(_) => None,
        }
    }
}

/// Runs a plan's steps in their order. A step whose expectations hold already is not sent; the
/// expectations of one that is sent are checked before the next begins. Applying a plan to a chain
/// where it was applied before therefore sends nothing.
///
/// # Errors
/// [`Error::PlanTampered`] and [`Error::Mismatch`] before anything is sent; [`Error::Stopped`] with
/// what was done and what was not; [`Error::Chain`] when the chain cannot be asked at the start.
pub async fn apply<C: Chain>(
    plan: &Plan,
    chain: &mut C,
    mut observer: impl FnMut(Progress<'_>),
) -> Result<Applied> {
    plan.check()?;
    fits(plan, chain).await?;
    let mut applied = Applied::default();
    for (at, step) in plan.steps.iter().enumerate() {
        observer(Progress::Started(step, at + 1, plan.steps.len()));
        if let Err(cause) = run(plan, step, chain, &mut applied, &mut observer).await {
            let left = plan.steps.iter().skip(at + 1).map(|step| step.id.clone()).collect();
            let (step, title) = (step.id.clone(), step.title.clone());
            return Err(Box::new(Stopped { step, title, cause, applied, left }).into());
        }
    }
    if let Err(cause) = hold(plan, &plan.outcome, chain).await {
        let (step, title) = ("outcome".to_owned(), "what must hold in the end".to_owned());
        return Err(Box::new(Stopped { step, title, cause, applied, left: Vec::new() }).into());
    }
    Ok(applied)
}

pub(crate) async fn fits<C: Chain>(plan: &Plan, chain: &C) -> Result<()> {
    let mismatch = |what, expected: String, found: String, remedy| {
        Err(Error::Mismatch { document: "plan", what, expected, found, remedy })
    };
    let (id, planned) = (chain.chain_id().await?, plan.subject.chain_id);
    if id != planned {
        return mismatch("chain id", planned.to_string(), id.to_string(), "plan for this chain");
    }
    let (lock, planned) = (Lock::embedded().hash(), plan.subject.lock_hash);
    if lock != planned {
        let remedy = "plan again with this program, or use the program that made the plan";
        return mismatch("templates.lock", planned.to_string(), lock.to_string(), remedy);
    }
    Ok(())
}

/// Runs one step, unless it has nothing to do.
async fn run<C: Chain>(
    plan: &Plan,
    step: &Step,
    chain: &mut C,
    applied: &mut Applied,
    observer: &mut impl FnMut(Progress<'_>),
) -> Result<(), Cause> {
    let missing =
        unmet(&step.expects, chain).await.map_err(|error| Cause::Chain(error, labels(plan)))?;
    if missing.is_empty() {
        applied.unchanged.push(step.id.clone());
        observer(Progress::Unchanged(step));
        return Ok(());
    }
    let departed = missing.len() < step.expects.len();
    let receipt = chain.send(&transaction(step)?).await.map_err(|error| match departed {
        true => Cause::Departed(error, labels(plan), missing),
        false => Cause::Chain(error, labels(plan)),
    })?;
    let sent = Transaction {
        step: step.id.clone(),
        hash: receipt.tx,
        block: receipt.block,
        timestamp: receipt.timestamp,
        gas: receipt.gas_used,
    };
    // On record before anything else can fail: it was sent.
    applied.transactions.push(sent.clone());
    hold(plan, &step.expects, chain).await?;
    observer(Progress::Done(step, &sent));
    Ok(())
}

pub(crate) fn transaction(step: &Step) -> Result<Tx, Cause> {
    let from = step.signer.address;
    Ok(match &step.action {
        Action::Create { .. } => {
            let (contract, template) = created(step)?;
            // The deterministic deployment proxy takes a salt followed by creation code.
            let code = template.creation_code();
            let data = [&contract.salt[..], code, &contract.arguments].concat();
            Tx::call(from, contract.creator, data.into())
        }
        Action::Store { to } => {
            let data = created(step)?.1.creation_code().clone();
            Tx::call(from, *to, TemplateRegistry::storeCall { data }.abi_encode().into())
        }
        Action::Call(call) => Tx::call(from, call.to, call.data.clone()).with_value(call.value),
    })
}

/// Requires that facts hold.
pub(crate) async fn hold<C: Chain>(plan: &Plan, facts: &[Fact], chain: &C) -> Result<(), Cause> {
    let unmet = unmet(facts, chain).await.map_err(|error| Cause::Chain(error, labels(plan)))?;
    if unmet.is_empty() { Ok(()) } else { Err(Cause::Unmet(unmet)) }
}

/// Why it does not go on: a step that stops it, or a fault of the whole.
#[derive(Debug)]
pub(crate) enum Halt {
    /// A step does not pass.
    Step(Box<Cause>),
    /// The journal, the observer, a signer that is not as the plan has it, or state that cannot be read.
    Whole(Error),
}

impl From<Error> for Halt {
    fn from(error: Error) -> Self {
        Self::Whole(error)
    }
}

impl From<Cause> for Halt {
    fn from(cause: Cause) -> Self {
        Self::Step(Box::new(cause))
    }
}

impl From<Trouble> for Halt {
    fn from(trouble: Trouble) -> Self {
        Cause::Sending(trouble).into()
    }
}

/// The facts that do not hold.
pub(crate) async fn unmet<C: Chain>(
    facts: &[Fact],
    chain: &C,
) -> Result<Vec<Check>, halo_chain::Error> {
    let mut unmet = Vec::new();
    for fact in facts {
        let check = fact.check(chain).await?;
        if !check.holds {
            unmet.push(check);
        }
    }
    Ok(unmet)
}

/// The one contract that a step creates, with the template that must make exactly what is planned.
fn created(step: &Step) -> Result<(&Contract, &'static Template), Cause> {
    let [contract] = step.creates.as_slice() else {
        return Err(Cause::Template("it does not create exactly one contract".to_owned()));
    };
    let template =
        Template::get(&contract.template).map_err(|error| Cause::Template(error.to_string()))?;
    let planned = Hashes { init_code: contract.init_code_hash, code: contract.code_hash };
    let made = contract::hashes(template, contract.form, &contract.arguments, None);
    if made != Some(planned) {
        let name = template.name();
        return Err(Cause::Template(format!("the locked {name} does not make the planned code")));
    }
    Ok((contract, template))
}

/// The names that a plan has for addresses, for messages.
pub(crate) fn labels(plan: &Plan) -> Labels {
    let mut labels = Labels::default();
    for contract in plan.contracts() {
        labels.insert(contract.address, contract.name.clone());
    }
    for step in &plan.steps {
        labels.insert(step.signer.address, step.signer.role.to_string());
    }
    labels
}
