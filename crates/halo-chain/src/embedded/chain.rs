//! The embedded chain behind the common interface.

use super::{Embedded, Outcome, Status, history::Kept};
use crate::{
    Block, Chain, Error, Event, Filter, Receipt, Result, TimeTravel, Tx, error::Call,
    error::Reverted, labels::Labels,
};
use alloy_primitives::{Address, B256, Bytes, U256};
use revm::context::TxEnv;
use std::{
    future::Future,
    pin::pin,
    task::{Poll, Waker},
};

impl Chain for Embedded {
    async fn chain_id(&self) -> Result<u64> {
        Ok(self.id())
    }

    async fn block(&self) -> Result<Block> {
        Ok(Block { number: self.number(), timestamp: self.timestamp() })
    }

    async fn code(&self, at: Address) -> Result<Bytes> {
        self.code_at(at)
    }

    async fn storage(&self, at: Address, slot: B256) -> Result<B256> {
        Ok(self.storage_at(at, slot.into())?.into())
    }

    async fn balance(&self, at: Address) -> Result<U256> {
        self.balance_at(at)
    }

    async fn nonce(&self, at: Address) -> Result<u64> {
        self.nonce_at(at)
    }

    async fn call(&self, tx: &Tx) -> Result<Bytes> {
        Ok(succeeded(tx, self.look(TxEnv::from(tx))?, true)?.output)
    }

    async fn send(&mut self, tx: &Tx) -> Result<Receipt> {
        let block = self.pending();
        let timestamp = self.timestamp();
        let hash = Kept::of(&TxEnv::from(tx), block, timestamp).tx;
        let done = succeeded(tx, self.execute(tx)?, false)?;
        Ok(Receipt {
            tx: hash,
            block,
            timestamp,
            gas_used: done.gas_used,
            created: done.created,
            logs: done.logs,
        })
    }

    async fn logs(&self, filter: &Filter) -> Result<Vec<Event>> {
        Ok(self.history.find(filter))
    }
}

impl TimeTravel for Embedded {
    async fn travel_to(&mut self, timestamp: u64) -> Result<()> {
        self.warp_to(timestamp)
    }
}

/// The outcome of `tx` when it succeeded, else the error that says why it did not.
pub(super) fn succeeded(tx: &Tx, outcome: Outcome, call: bool) -> Result<Outcome> {
    match outcome.status {
        Status::Success => Ok(outcome),
        Status::Reverted => Err(Error::Reverted(Box::new(Reverted {
            from: tx.from,
            to: tx.to,
            input: tx.data.clone(),
            data: outcome.output,
            gas_used: if call { 0 } else { outcome.gas_used },
        }))),
        Status::Halted(reason) => {
            let labels = Labels::default();
            let what = Call { from: tx.from, to: tx.to, input: &tx.data, labels: &labels };
            Err(Error::Halted { what: what.to_string(), reason, gas_used: outcome.gas_used })
        }
    }
}

/// Runs a future that never has to wait, such as those of an [`Embedded`] chain, without an executor.
///
/// # Panics
/// When the future does wait: it then belongs to a node, and needs an executor.
pub fn now<F: Future>(future: F) -> F::Output {
    let mut context = std::task::Context::from_waker(Waker::noop());
    match pin!(future).poll(&mut context) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a future that waits needs an executor"),
    }
}
