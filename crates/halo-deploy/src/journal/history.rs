//! What the records of a journal come to: for each transaction, how far it has come.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256};
use halo_chain::node::Mined;

use super::record::{Record, Signature};
use crate::{
    error::{Error, Result},
    manifest::Transaction,
    plan::Plan,
};

/// A transaction that a step became, or is to become.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The step, as in [`Record`].
    pub step: String,
    /// The step's digest.
    pub digest: B256,
    /// Who sends it.
    pub from: Address,
    /// The sender's nonce.
    pub nonce: u64,
    /// What was signed, oldest first; each takes the place of the one before.
    pub signed: Vec<Signature>,
    /// The transactions that may be in a block: all that were signed, or what a node signed itself.
    pub hashes: Vec<B256>,
    /// Whether a node has taken the last of them.
    pub sent: bool,
    /// How far it has come.
    pub state: State,
}

/// How far a transaction has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It has a nonce, no more.
    Intended,
    /// It was handed to the nodes, or was about to be.
    Pending,
    /// It is in a block.
    Mined(Mined),
    /// The block is deep enough.
    Confirmed(Mined),
    /// It came to nothing.
    Failed,
}

impl Entry {
    /// Whether it stands in a block.
    #[must_use]
    pub const fn mined(&self) -> Option<Mined> {
        match self.state {
            State::Mined(mined) | State::Confirmed(mined) => Some(mined),
            _ => None,
        }
    }

    /// Whether its nonce went to it, or may yet.
    const fn is_used(&self) -> bool {
        !matches!(self.state, State::Failed | State::Intended)
    }

    /// The step's id in the plan.
    #[must_use]
    pub fn step_id(&self) -> &str {
        self.step.split('#').next().unwrap_or_default()
    }
}

/// All transactions of a journal, in the order of their intents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    entries: Vec<Entry>,
    /// Steps that others were asked to carry out, with their digests.
    awaited: BTreeMap<String, B256>,
}

impl History {
    /// The transactions, in the order of their intents.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The last transaction of a step that did not fail.
    #[must_use]
    pub fn entry(&self, step: &str) -> Option<&Entry> {
        let mut entries = self.entries.iter().rev();
        entries.find(|entry| entry.step == step && entry.state != State::Failed)
    }

    /// The transactions that are in blocks, for manifests; of a step with several, the last.
    #[must_use]
    pub fn transactions(&self) -> Vec<Transaction> {
        let mut all: Vec<Transaction> = Vec::new();
        for entry in &self.entries {
            let Some(Mined { hash, block, timestamp, gas, .. }) = entry.mined() else { continue };
            let step = entry.step_id().to_owned();
            let is_part = entry.step.contains('#');
            let sent = Transaction { step, hash, block, timestamp, gas };
            match all.iter_mut().find(|one| one.step == sent.step) {
                Some(before) if is_part => *before = sent,
                // Done again later, such as a heartbeat: the first made the deployment.
                Some(_) => {}
                None => all.push(sent),
            }
        }
        all
    }

    /// The nonce after the highest that `from` has in use here.
    pub(crate) fn next_nonce(&self, from: Address) -> u64 {
        let used = self.entries.iter().filter(|one| one.from == from && one.is_used());
        used.map(|one| one.nonce.saturating_add(1)).max().unwrap_or(0)
    }

    /// The highest block in which something was mined.
    pub(crate) fn highest(&self) -> u64 {
        self.entries.iter().filter_map(Entry::mined).map(|mined| mined.block).max().unwrap_or(0)
    }

    /// Refuses a plan in which a step is another than the one that was sent, or is no more.
    ///
    /// # Errors
    /// [`Error::Changed`] with the step.
    pub fn fits(&self, plan: &Plan) -> Result<()> {
        let sent = self.entries.iter().filter(|one| one.is_used()).map(|entry| {
            let how = if entry.mined().is_some() { "was executed" } else { "was sent" };
            (entry.step_id(), entry.digest, how)
        });
        let awaited = self.awaited.iter();
        let awaited = awaited
            .map(|(step, digest)| (step.as_str(), *digest, "was given to others to carry out"));
        for (id, digest, sent) in sent.chain(awaited) {
            let planned = plan.steps.iter().find(|step| step.id == id);
            let how = match planned {
                Some(step) if step.digest == digest => continue,
                Some(_) => "is another in the plan now",
                None => "is not in the plan any more",
            };
            return Err(Error::Changed { step: id.to_owned(), sent, how });
        }
        Ok(())
    }

    /// Takes a record in.
    ///
    /// # Errors
    /// In words, when it cannot follow on those before it.
    pub(super) fn take(&mut self, record: &Record) -> Result<(), String> {
        match record {
            Record::Opened { .. } | Record::Begun { .. } => {}
            Record::Awaited { steps } => self.awaited.extend(steps.iter().cloned()),
            Record::Intent { step, digest, from, nonce } => {
                let open = self.entry(step).filter(|entry| entry.mined().is_none());
                if open.is_some_and(|entry| entry.state != State::Intended) {
                    return Err(format!("{step} waits for a block already"));
                }
                self.entries.retain(|one| !(one.step == *step && one.state == State::Intended));
                self.entries.push(Entry {
                    step: step.clone(),
                    digest: *digest,
                    from: *from,
                    nonce: *nonce,
                    signed: Vec::new(),
                    hashes: Vec::new(),
                    sent: false,
                    state: State::Intended,
                });
            }
            Record::Signed(it) | Record::Replaced(it) => {
                let entry = self.waiting(&it.step)?;
                entry.hashes.push(it.hash);
                entry.signed.push(it.clone());
                entry.sent = false;
                entry.state = State::Pending;
            }
            Record::Sent { step, hash } => {
                let entry = self.waiting(step)?;
                // Signed by the node itself: only now is its hash known.
                if !entry.hashes.contains(hash) {
                    if !entry.signed.is_empty() {
                        return Err(format!("{step}: {hash} was never signed"));
                    }
                    entry.hashes.push(*hash);
                }
                entry.state = State::Pending;
                entry.sent = true;
            }
            Record::Mined { step, hash, block, block_hash, timestamp, gas } => {
                let (block, block_hash, timestamp) = (*block, *block_hash, *timestamp);
                let entry = self.waiting(step)?;
                if !entry.hashes.contains(hash) {
                    return Err(format!("{step}: {hash} was never sent"));
                }
                entry.state = State::Mined(Mined {
                    hash: *hash,
                    block,
                    block_hash,
                    timestamp,
                    gas: *gas,
                    succeeded: true,
                });
            }
            Record::Confirmed { step, hash } => {
                let entry = self.open(step)?;
                match entry.state {
                    State::Mined(mined) if mined.hash == *hash => {
                        entry.state = State::Confirmed(mined);
                    }
                    _ => return Err(format!("{step}: {hash} is in no block")),
                }
            }
            Record::Reorganised { step, hash, .. } => {
                let entry = self.open(step)?;
                if entry.mined().is_none_or(|mined| mined.hash != *hash) {
                    return Err(format!("{step}: {hash} is in no block"));
                }
                entry.state = State::Pending;
                // The nodes may have put it back among those that wait, or not.
                entry.sent = false;
            }
            Record::Failed { step, .. } => self.open(step)?.state = State::Failed,
        }
        Ok(())
    }

    fn open(&mut self, step: &str) -> Result<&mut Entry, String> {
        let mut entries = self.entries.iter_mut().rev();
        let entry = entries.find(|entry| entry.step == step && entry.state != State::Failed);
        entry.ok_or_else(|| format!("{step} was never intended"))
    }

    fn waiting(&mut self, step: &str) -> Result<&mut Entry, String> {
        let entry = self.open(step)?;
        match entry.mined() {
            None => Ok(entry),
            Some(_) => Err(format!("{step} is in a block already")),
        }
    }
}
