//! The state after one block as a rehearsal reads it, over whatever connection the nodes have.

use super::View;
use crate::{Account, Chain, Error, SourceError, StateSource};
use alloy_primitives::{Address, B256, Bytes, KECCAK256_EMPTY, U256, keccak256};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};
use tokio::{runtime::Handle, task::block_in_place};

/// A [`View`] that waits for its answers. It believes the nodes; `halo_fork` has one that asks HTTP nodes for proofs.
///
/// It is read on the threads of a multi-threaded tokio runtime only.
#[derive(Debug)]
pub struct ViewState {
    view: View,
    runtime: Handle,
    codes: Mutex<HashMap<B256, Bytes>>,
}

impl ViewState {
    /// The state that `view` shows, read through `runtime`.
    pub fn new(view: View, runtime: Handle) -> Self {
        Self { view, runtime, codes: Mutex::default() }
    }

    fn wait<T>(&self, asked: impl Future<Output = Result<T, Error>>) -> Result<T, String> {
        block_in_place(|| self.runtime.block_on(asked)).map_err(|error| error.to_string())
    }
}

impl StateSource for ViewState {
    fn account(&self, at: Address) -> Result<Option<Account>, SourceError> {
        let asked = async {
            let (balance, nonce) = (self.view.balance(at).await?, self.view.nonce(at).await?);
            Ok((balance, nonce, self.view.code(at).await?))
        };
        let unknown = |reason| SourceError::Account { at, reason };
        let (balance, nonce, code) = self.wait(asked).map_err(unknown)?;
        if balance.is_zero() && nonce == 0 && code.is_empty() {
            return Ok(None);
        }
        let code_hash = keccak256(&code);
        self.codes.lock().unwrap_or_else(PoisonError::into_inner).insert(code_hash, code);
        Ok(Some(Account { nonce, balance, code_hash }))
    }

    fn storage(&self, at: Address, slot: U256) -> Result<U256, SourceError> {
        let word = self.wait(self.view.storage(at, slot.into()));
        Ok(word.map_err(|reason| SourceError::Slot { at, slot, reason })?.into())
    }

    fn code(&self, hash: B256) -> Result<Bytes, SourceError> {
        if hash == KECCAK256_EMPTY {
            return Ok(Bytes::new());
        }
        let codes = self.codes.lock().unwrap_or_else(PoisonError::into_inner);
        codes.get(&hash).cloned().ok_or(SourceError::Code { hash })
    }

    fn block_hash(&self, number: u64) -> Result<B256, SourceError> {
        let hash = self.wait(self.view.block_hash(number));
        hash.map_err(|_| SourceError::Block { number })
    }
}
