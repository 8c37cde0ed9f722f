//! Steps that no key signs: what others must sign or vote for, and what a key sends on their way.
//!
//! [`batches`] puts the steps that are left into [`Batch`]es, each carried out as one. [`next`] looks at the chain and
//! says how a batch stands and what comes next. It keeps nothing: called again, it goes on from what the chain shows.

mod batch;
mod safe;
mod safe_file;
mod spell;
mod timelock;

use std::fmt;

use alloy_primitives::{Address, Bytes, U256, keccak256};
use halo_chain::{Chain, Tx};

pub use batch::{Batch, batches, runs};
pub use safe::{SafeHashes, SafeTx};
pub use safe_file::{batch_file, checksum as safe_checksum};
pub use spell::{Launcher, Spell, Spells};

pub(crate) use safe::pre_validated;
pub(crate) use spell::impersonation;

use crate::{
    error::{Error, Result},
    means::{Means, Road},
    plan::{Plan, Step},
};

/// How a batch stands, and what comes next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handoff {
    /// By what it is signed.
    pub means: Means,
    /// The account that acts.
    pub account: Address,
    /// The ids of its steps.
    pub steps: Vec<String>,
    /// What people compare with what their devices show.
    pub says: Vec<Said>,
    /// Files for those who sign.
    pub files: Vec<File>,
    /// What comes next.
    pub next: Next,
}

impl Handoff {
    /// From which UTC second on it can go on, if time is all that it waits for.
    #[must_use]
    pub const fn ready_at(&self) -> Option<u64> {
        match &self.next {
            Next::Wait { until, .. } => Some(*until),
            Next::Send { .. } | Next::Others(_) => None,
        }
    }
}

/// A line for people, such as a hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// What it is.
    pub what: &'static str,
    /// The thing itself.
    pub value: String,
}

impl Said {
    fn new(what: &'static str, value: impl fmt::Display) -> Self {
        Self { what, value: value.to_string() }
    }
}

/// A file to write for those who sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its name, without a folder.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// What comes next in a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// A key sends this; `tx.from` says whose. Then ask again.
    Send {
        /// What it does, in a few words; unique in its batch.
        purpose: &'static str,
        /// The transaction.
        tx: Tx,
    },
    /// Nothing can be done before a moment.
    Wait {
        /// The UTC second.
        until: u64,
        /// For what, in words.
        why: String,
    },
    /// Others must act, in words.
    Others(String),
}

impl fmt::Display for Next {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Send { purpose, tx } => write!(f, "{} sends: {purpose}", tx.from),
            Self::Wait { until, why } => write!(f, "{why}; it can go on at UTC second {until}"),
            Self::Others(what) => f.write_str(what),
        }
    }
}

/// How a batch stands on the chain, and what comes next in it. The caller asks only while expectations of its steps do
/// not hold.
///
/// # Errors
/// [`Error::Handoff`] when what should stand on the chain does not, or is not as the plan has it; the chain's.
pub async fn next<C: Chain>(
    plan: &Plan,
    batch: &Batch<'_>,
    spells: &Spells,
    chain: &C,
) -> Result<Handoff> {
    let (account, means) = (batch.signer.address, batch.signer.means);
    let steps = batch.steps.iter().map(|step| step.id.clone()).collect();
    let mut handoff = Handoff {
        means,
        account,
        steps,
        says: Vec::new(),
        files: Vec::new(),
        next: Next::Others(String::new()),
    };
    match batch.road {
        None => handoff.next = Next::Send { purpose: "step", tx: batch.only()?.transaction()? },
        Some(road) => match road {
            Road::Safe { .. } => safe::next(plan, batch, road, chain, &mut handoff).await?,
            Road::Spell { .. } => spell::next(batch, road, spells, chain, &mut handoff).await?,
            Road::Timelock { .. } => timelock::next(batch, road, chain, &mut handoff).await?,
        },
    }
    Ok(handoff)
}

/// A call that an account without a key makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// Whom it calls.
    pub to: Address,
    /// Wei sent along.
    pub value: U256,
    /// The calldata.
    pub data: Bytes,
}

impl Step {
    /// The transaction of the step, as its signer would send it itself.
    ///
    /// # Errors
    /// [`Error::PlanTampered`] when the locked templates do not make the code that the plan names.
    pub fn transaction(&self) -> Result<Tx> {
        crate::apply::transaction(self).map_err(|cause| Error::PlanTampered {
            place: self.id.clone(),
            what: cause.to_string(),
        })
    }
}

impl Batch<'_> {
    /// Its calls, in order.
    ///
    /// # Errors
    /// As [`Step::transaction`].
    pub fn calls(&self) -> Result<Vec<Made>> {
        self.steps
            .iter()
            .map(|step| {
                let tx = step.transaction()?;
                let to = tx.to.unwrap_or_default();
                Ok(Made { to, value: tx.value, data: tx.data })
            })
            .collect()
    }

    /// keccak-256 of its steps' digests: the same for the same steps.
    #[must_use]
    pub fn digest(&self) -> alloy_primitives::B256 {
        let digests: Vec<u8> =
            self.steps.iter().flat_map(|step| step.digest.as_slice().to_vec()).collect();
        keccak256(digests)
    }

    fn only(&self) -> Result<&Step> {
        match self.steps.as_slice() {
            [step] => Ok(step),
            _ => Err(self.fault("a key signs one step at a time".to_owned())),
        }
    }

    /// What is wrong with the batch's road.
    pub(crate) fn fault(&self, what: String) -> Error {
        Error::Handoff {
            steps: self.steps.iter().map(|step| step.id.clone()).collect(),
            means: self.signer.means,
            account: self.signer.address,
            what,
        }
    }
}
