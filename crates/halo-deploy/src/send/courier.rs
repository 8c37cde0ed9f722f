//! One transaction, from its intent to its block.

use std::{
    ops::ControlFlow,
    time::{Duration, Instant},
};

use alloy_primitives::U256;
use halo_chain::{
    Tx,
    node::{Fees, Head, KeyError, Mined, Nodes, Order, Refusal, View},
};
use tokio::time::sleep;

use super::{Hands, Note, Terms, Trouble, fees};
use crate::{
    apply::{self, Cause, Halt},
    error::{Error, Result},
    journal::{Entry, Journal, Record, Signature, State},
    plan::{Plan, Step},
    rehearse::Rehearsed,
};

/// Pauses between two looks at the chain: the first, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(4), Duration::from_secs(4));
/// A transaction that is not in a block after such a pause is looked at closer.
const CLOSER: Duration = Duration::from_millis(200);
/// How long a transaction must be unknown, or its nonce used, before that is believed: the nodes behind one address are
/// not always of one mind.
const BELIEVED: Duration = Duration::from_secs(2);

/// What came of handing a transaction to the nodes.
enum Handed {
    Taken,
    NonceUsed,
    /// It was signed again, for more.
    Replaced,
    TooDear(Trouble),
}

/// Brings transactions into blocks, each act on record before the next.
pub(super) struct Courier<'a> {
    pub(super) plan: &'a Plan,
    pub(super) nodes: &'a Nodes,
    pub(super) hands: &'a Hands,
    pub(super) terms: &'a Terms,
    pub(super) leave: &'a Rehearsed,
    pub(super) journal: &'a mut Journal,
    pub(super) observer: &'a mut dyn FnMut(Note<'_>) -> ControlFlow<()>,
}

impl Courier<'_> {
    pub(super) fn note(&mut self, note: Note<'_>) -> Result<()> {
        match (self.observer)(note) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(Error::BrokenOff),
        }
    }

    pub(super) fn record(&mut self, record: Record) -> Result<()> {
        self.journal.append(record.clone())?;
        self.note(Note::Recorded(&record))
    }

    /// The newest block, not before anything that the journal saw.
    pub(super) async fn head(&self) -> Result<Head, Halt> {
        self.asked(self.nodes.head(self.journal.history().highest()).await)
    }

    /// What the nodes say; that they cannot be asked ends the step.
    pub(super) fn asked<T>(&self, answer: halo_chain::Result<T>) -> Result<T, Halt> {
        answer.map_err(|error| Cause::Chain(error, apply::labels(self.plan)).into())
    }

    /// Brings the transaction `tx` of `step` into a block. `act` is the step's id, or with `#` one of its parts.
    pub(super) async fn bring(
        &mut self,
        step: &Step,
        act: &str,
        tx: &Tx,
        view: &View,
    ) -> Result<Mined, Halt> {
        let from = tx.from;
        if self.leave.gas_of(tx).is_none() {
            return Err(Trouble::NotRehearsed.into());
        }
        if !self.hands.reach(from) {
            return Err(Trouble::from(KeyError::Missing { of: from }).into());
        }
        // A revert shows here, before anything is on record or paid for.
        let gas = self.asked(view.estimate(tx).await)?;
        let nonce = self.asked(self.nodes.next_nonce(from).await)?;
        let nonce = nonce.max(self.journal.history().next_nonce(from));
        self.record(Record::Intent { step: act.to_owned(), digest: step.digest, from, nonce })?;
        let fees = fees::capped(self.asked(self.nodes.fees().await)?, self.terms.max_fee);
        // A fifth more than it is said to need: refunds come last, and calls keep some back.
        let tx = tx.clone().with_gas(gas.saturating_add(gas / 5));
        let order = self.order(tx, nonce, fees);
        if self.hands.impersonate(from) {
            self.submit_as(act, &order).await?;
        } else {
            let signature = self.sign(act, &order).await?;
            self.record(Record::Signed(signature))?;
        }
        self.conclude(act, &order.tx).await
    }

    fn order(&self, tx: Tx, nonce: u64, fees: Fees) -> Order {
        Order { tx, chain_id: self.plan.subject.chain_id, nonce, fees }
    }

    async fn sign(&self, act: &str, order: &Order) -> Result<Signature, Halt> {
        let signed = order.sign(&self.hands.keys).await.map_err(halo_chain::Error::from);
        let signed = self.asked(signed)?;
        Ok(Signature {
            step: act.to_owned(),
            hash: signed.hash,
            raw: signed.raw,
            gas: order.tx.gas,
            max_fee: U256::from(order.fees.max),
            tip: U256::from(order.fees.tip),
        })
    }

    /// Has the node send, of which nothing is known before it is done.
    async fn submit_as(&mut self, act: &str, order: &Order) -> Result<(), Halt> {
        match self.nodes.submit_as(order).await {
            Ok(hash) => Ok(self.record(Record::Sent { step: act.to_owned(), hash })?),
            Err(Refusal::NonceUsed) => {
                let (from, nonce) = (order.tx.from, order.nonce);
                Err(Trouble::NonceTaken { from, nonce, by: None }.into())
            }
            Err(Refusal::Poor(said) | Refusal::Underpriced(said)) => {
                Err(Trouble::TooDear { max: self.terms.max_fee, said }.into())
            }
            Err(Refusal::Other(error)) => self.asked(Err(error)),
        }
    }

    /// Waits until the transaction is in a block: hands it in, again when it was dropped, and for more when it lies
    /// too long.
    pub(super) async fn conclude(&mut self, act: &str, tx: &Tx) -> Result<Mined, Halt> {
        let start = Instant::now();
        let (mut handed, mut astray) = (start, None::<Instant>);
        let mut pause = PAUSES.0;
        let mut refused = None;
        // What a process before this one signed may not have got to any node.
        let mut hand_in = true;
        loop {
            let entry = self.pending(act)?;
            if hand_in && !entry.sent {
                match self.hand_in(&entry, tx).await? {
                    Handed::Replaced => continue,
                    Handed::Taken => {
                        (handed, astray, refused, hand_in) = (Instant::now(), None, None, false)
                    }
                    Handed::NonceUsed => hand_in = false,
                    Handed::TooDear(trouble) => refused = Some(trouble),
                }
            }
            if let Some(mined) = self.find(&entry).await? {
                return self.settle(act, tx, mined).await;
            }
            let mut known = true;
            if pause >= CLOSER {
                known = self.is_known(&entry).await?;
                let used = self.asked(self.nodes.used_nonces(entry.from).await)? > entry.nonce;
                if known && !used {
                    astray = None;
                } else {
                    let since = *astray.get_or_insert_with(Instant::now);
                    if since.elapsed() >= BELIEVED {
                        if used {
                            return Err(self.taken(&entry).await);
                        }
                        self.hand_in_again(&entry).await?;
                        astray = None;
                    }
                }
                if known && handed.elapsed() >= self.terms.bump_after {
                    hand_in = self.pay_more(&entry, tx).await?;
                    handed = Instant::now();
                }
            }
            if start.elapsed() >= self.terms.give_up_after {
                let hash = entry.hashes.last().copied().unwrap_or_default();
                let seconds = self.terms.give_up_after.as_secs();
                return Err(refused.unwrap_or(Trouble::NotMined { hash, seconds, known }).into());
            }
            sleep(pause).await;
            pause = (pause * 2).min(PAUSES.1);
        }
    }

    fn pending(&self, act: &str) -> Result<Entry> {
        let entry = self.journal.history().entry(act);
        let entry = entry.filter(|entry| entry.state == State::Pending).cloned();
        entry.ok_or_else(|| Error::Journal {
            path: self.journal.path().to_owned(),
            line: self.journal.records().len(),
            what: format!("{act} does not wait for a block"),
        })
    }

    async fn find(&self, entry: &Entry) -> Result<Option<Mined>, Halt> {
        for hash in entry.hashes.iter().rev() {
            if let Some(mined) = self.asked(self.nodes.mined(*hash).await)? {
                return Ok(Some(mined));
            }
        }
        Ok(None)
    }

    async fn is_known(&self, entry: &Entry) -> Result<bool, Halt> {
        for hash in entry.hashes.iter().rev() {
            if self.asked(self.nodes.knows(*hash).await)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Hands the last that was signed to the nodes.
    async fn hand_in(&mut self, entry: &Entry, tx: &Tx) -> Result<Handed, Halt> {
        let Some(last) = entry.signed.last() else { return Ok(Handed::Taken) };
        match self.nodes.submit(&last.raw).await {
            Ok(()) => {
                self.record(Record::Sent { step: entry.step.clone(), hash: last.hash })?;
                Ok(Handed::Taken)
            }
            Err(Refusal::NonceUsed) => Ok(Handed::NonceUsed),
            Err(Refusal::Underpriced(said)) => Ok(match self.pay_more(entry, tx).await? {
                true => Handed::Replaced,
                false => Handed::TooDear(Trouble::TooDear { max: self.terms.max_fee, said }),
            }),
            Err(Refusal::Poor(said)) => {
                let cost = U256::from(last.gas).saturating_mul(last.max_fee);
                let needed = cost.saturating_add(tx.value).to_string();
                Err(Trouble::Poor { from: entry.from, needed, said }.into())
            }
            Err(Refusal::Other(error)) => self.asked(Err(error)),
        }
    }

    /// Hands the same bytes in again, of which no node knows any more.
    async fn hand_in_again(&mut self, entry: &Entry) -> Result<(), Halt> {
        let Some(last) = entry.signed.last() else { return Ok(()) };
        match self.nodes.submit(&last.raw).await {
            Ok(()) => Ok(self.record(Record::Sent { step: entry.step.clone(), hash: last.hash })?),
            Err(Refusal::Other(error)) => self.asked(Err(error)),
            // What it is refused for shows when it is looked at again.
            Err(_) => Ok(()),
        }
    }

    /// Signs again for more, if the cap allows.
    async fn pay_more(&mut self, entry: &Entry, tx: &Tx) -> Result<bool, Halt> {
        let Some(last) = entry.signed.last() else { return Ok(false) };
        let now = self.asked(self.nodes.fees().await)?;
        let Some(fees) = fees::bumped(last.fees(), now, self.terms.max_fee) else {
            return Ok(false);
        };
        let order = self.order(tx.clone().with_gas(last.gas), entry.nonce, fees);
        let signature = self.sign(&entry.step, &order).await?;
        self.record(Record::Replaced(signature))?;
        Ok(true)
    }

    /// On record as mined; a revert as failed.
    async fn settle(&mut self, act: &str, tx: &Tx, mined: Mined) -> Result<Mined, Halt> {
        if !mined.succeeded {
            let error = self.nodes.why_reverted(tx, &mined).await;
            let reason = format!("{} reverted in block {}", mined.hash, mined.block);
            self.record(Record::Failed { step: act.to_owned(), reason })?;
            return self.asked(Err(error));
        }
        self.record(Record::mined(act, &mined))?;
        Ok(mined)
    }

    async fn taken(&mut self, entry: &Entry) -> Halt {
        let (from, nonce) = (entry.from, entry.nonce);
        let by = self.nodes.by_nonce(from, nonce).await;
        let trouble = Trouble::NonceTaken { from, nonce, by };
        let failed = Record::Failed { step: entry.step.clone(), reason: trouble.to_string() };
        match self.record(failed) {
            Ok(()) => trouble.into(),
            Err(error) => error.into(),
        }
    }

    /// Looks at all that was sent: what waits for a block is seen into one, what a reorganisation threw out again too,
    /// and what is deep enough is confirmed. How many are not yet.
    pub(super) async fn review(&mut self, head: Head) -> Result<usize, Halt> {
        for entry in self.those(|state| matches!(state, State::Mined(_) | State::Intended)) {
            match entry.state {
                State::Mined(mined) => self.still_there(&entry, mined, head).await?,
                _ => self.sent_after_all(&entry).await?,
            }
        }
        for entry in self.those(|state| state == State::Pending) {
            let tx = self.transaction(&entry)?;
            self.conclude(&entry.step, &tx).await?;
        }
        let entries = self.journal.history().entries().iter();
        Ok(entries.filter(|entry| matches!(entry.state, State::Mined(_))).count())
    }

    /// The transactions that have come so far.
    fn those(&self, far: impl Fn(State) -> bool) -> Vec<Entry> {
        let entries = self.journal.history().entries().iter();
        entries.filter(|entry| far(entry.state)).cloned().collect()
    }

    async fn still_there(&mut self, entry: &Entry, mined: Mined, head: Head) -> Result<(), Halt> {
        let in_head = (head.number, head.hash) == (mined.block, mined.block_hash);
        let deep = head.number + 1 >= mined.block.saturating_add(self.terms.confirmations);
        let (step, hash, block) = (entry.step.clone(), mined.hash, mined.block);
        if !in_head && self.asked(self.nodes.mined(hash).await)? != Some(mined) {
            return Ok(self.record(Record::Reorganised { step, hash, block })?);
        }
        if deep {
            self.record(Record::Confirmed { step, hash })?;
        }
        Ok(())
    }

    /// A node that sends for us may have done so before its answer could be recorded.
    async fn sent_after_all(&mut self, entry: &Entry) -> Result<(), Halt> {
        if !self.hands.impersonate(entry.from) {
            return Ok(());
        }
        if let Some(hash) = self.nodes.by_nonce(entry.from, entry.nonce).await {
            self.record(Record::Sent { step: entry.step.clone(), hash })?;
        }
        Ok(())
    }

    /// The transaction that an entry is about: as it was signed, or else as the plan has it.
    fn transaction(&self, entry: &Entry) -> Result<Tx, Halt> {
        if let Some(signature) = entry.signed.last() {
            return self.asked(Order::decode(entry.from, &signature.raw).map_err(Into::into));
        }
        let step = self.plan.steps.iter().find(|step| step.id == entry.step);
        match step {
            Some(step) => apply::transaction(step).map_err(Halt::from),
            None => Ok(Tx::call(entry.from, entry.from, Default::default())),
        }
    }
}
