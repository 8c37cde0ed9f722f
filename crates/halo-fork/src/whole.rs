//! A state that is all here.

use alloy_primitives::{Address, B256, Bytes, KECCAK256_EMPTY, U256, keccak256, map::B256Map};
use halo_chain::{Account, Alloc, SourceError, StateSource};

/// A state that is all here: what is not in it is not there. It has no blocks before its own.
#[derive(Debug, Clone, Default)]
pub struct Whole {
    accounts: Alloc,
    codes: B256Map<Bytes>,
}

impl From<Alloc> for Whole {
    fn from(accounts: Alloc) -> Self {
        let codes = accounts.0.values().map(|one| (keccak256(&one.code), one.code.clone()));
        Self { codes: codes.collect(), accounts }
    }
}

impl StateSource for Whole {
    fn account(&self, at: Address) -> Result<Option<Account>, SourceError> {
        Ok(self.accounts.0.get(&at).map(|one| Account {
            nonce: one.nonce,
            balance: one.balance,
            code_hash: keccak256(&one.code),
        }))
    }

    fn storage(&self, at: Address, slot: U256) -> Result<U256, SourceError> {
        let word = self.accounts.0.get(&at).and_then(|one| one.storage.get(&B256::from(slot)));
        Ok(word.copied().unwrap_or_default().into())
    }

    fn code(&self, hash: B256) -> Result<Bytes, SourceError> {
        if hash == KECCAK256_EMPTY || hash.is_zero() {
            return Ok(Bytes::new());
        }
        self.codes.get(&hash).cloned().ok_or(SourceError::Code { hash })
    }

    fn block_hash(&self, number: u64) -> Result<B256, SourceError> {
        Err(SourceError::Block { number })
    }
}
