//! Where state comes from that is not made here.

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use revm::{DatabaseRef, bytecode::Bytecode, state::AccountInfo};
use std::{fmt, sync::Arc};

/// State at one block, from outside. What the source does not hold is an error, never a zero.
pub trait StateSource: fmt::Debug + Send + Sync {
    /// The account at `at`; `None` when it is known not to exist.
    ///
    /// # Errors
    /// When the source does not know.
    fn account(&self, at: Address) -> Result<Option<Account>, SourceError>;

    /// The word in a slot of `at`.
    ///
    /// # Errors
    /// As [`Self::account`].
    fn storage(&self, at: Address, slot: U256) -> Result<U256, SourceError>;

    /// The code with this keccak-256 hash.
    ///
    /// # Errors
    /// As [`Self::account`].
    fn code(&self, hash: B256) -> Result<Bytes, SourceError>;

    /// The same as revm runs it. A source that keeps code in this form need not have it analysed again.
    ///
    /// # Errors
    /// As [`Self::account`].
    fn bytecode(&self, hash: B256) -> Result<Bytecode, SourceError> {
        self.code(hash).map(runtime_code)
    }

    /// The hash of the block with this number, at or before the state's own.
    ///
    /// # Errors
    /// As [`Self::account`].
    fn block_hash(&self, number: u64) -> Result<B256, SourceError>;
}

/// An account without its code and slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Account {
    /// Transactions sent, or contracts created.
    pub nonce: u64,
    /// Ether, in wei.
    pub balance: U256,
    /// keccak-256 of the code; that of no bytes for none.
    pub code_hash: B256,
}

/// The source cannot answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// The account is not in it.
    #[error("the account {at} is unknown: {reason}")]
    Account {
        /// Which.
        at: Address,
        /// Why.
        reason: String,
    },
    /// The slot is not in it.
    #[error("slot {slot:#066x} of {at} is unknown: {reason}")]
    Slot {
        /// Whose.
        at: Address,
        /// Which.
        slot: U256,
        /// Why.
        reason: String,
    },
    /// The code is not in it.
    #[error("the code with the hash {hash} is unknown")]
    Code {
        /// Its keccak-256.
        hash: B256,
    },
    /// The block is not in it.
    #[error("the hash of block {number} is unknown")]
    Block {
        /// Its number.
        number: u64,
    },
}

impl revm::database_interface::DBErrorMarker for SourceError {}

macro_rules! by_reference {
    ($($pointer:ty),*) => {$(
        impl<S: StateSource + ?Sized> StateSource for $pointer {
            fn account(&self, at: Address) -> Result<Option<Account>, SourceError> {
                (**self).account(at)
            }

            fn storage(&self, at: Address, slot: U256) -> Result<U256, SourceError> {
                (**self).storage(at, slot)
            }

            fn code(&self, hash: B256) -> Result<Bytes, SourceError> {
                (**self).code(hash)
            }

            fn bytecode(&self, hash: B256) -> Result<Bytecode, SourceError> {
                (**self).bytecode(hash)
            }

            fn block_hash(&self, number: u64) -> Result<B256, SourceError> {
                (**self).block_hash(number)
            }
        }
    )*};
}

by_reference!(&S, Arc<S>);

/// A source as revm reads it.
#[derive(Debug, Clone)]
pub struct SourceDb<S>(pub S);

impl<S: StateSource> DatabaseRef for SourceDb<S> {
    type Error = SourceError;

    fn basic_ref(&self, at: Address) -> Result<Option<AccountInfo>, SourceError> {
        Ok(self.0.account(at)?.map(|account| AccountInfo {
            nonce: account.nonce,
            balance: account.balance,
            code_hash: account.code_hash,
            // Fetched by its hash when it is run; the default would be empty code.
            code: None,
            ..Default::default()
        }))
    }

    fn code_by_hash_ref(&self, hash: B256) -> Result<Bytecode, SourceError> {
        self.0.bytecode(hash)
    }

    fn storage_ref(&self, at: Address, slot: U256) -> Result<U256, SourceError> {
        self.0.storage(at, slot)
    }

    fn block_hash_ref(&self, number: u64) -> Result<B256, SourceError> {
        self.0.block_hash(number)
    }
}

/// Code of an account as revm runs it, whatever bytes it is.
pub fn runtime_code(code: Bytes) -> Bytecode {
    // Not `new_raw`, which panics on bytes that only look like a delegation of EIP-7702.
    Bytecode::new_raw_checked(code.clone()).unwrap_or_else(|_| Bytecode::new_legacy(code))
}

/// What lies under an embedded chain: nothing, or a source.
#[derive(Debug, Clone, Default)]
pub(crate) enum Base {
    #[default]
    Nothing,
    Source(SourceDb<Arc<dyn StateSource>>),
}

impl DatabaseRef for Base {
    type Error = SourceError;

    fn basic_ref(&self, at: Address) -> Result<Option<AccountInfo>, SourceError> {
        match self {
            Self::Nothing => Ok(None),
            Self::Source(source) => source.basic_ref(at),
        }
    }

    fn code_by_hash_ref(&self, hash: B256) -> Result<Bytecode, SourceError> {
        match self {
            Self::Nothing => Ok(Bytecode::default()),
            Self::Source(source) => source.code_by_hash_ref(hash),
        }
    }

    fn storage_ref(&self, at: Address, slot: U256) -> Result<U256, SourceError> {
        match self {
            Self::Nothing => Ok(U256::ZERO),
            Self::Source(source) => source.storage_ref(at, slot),
        }
    }

    fn block_hash_ref(&self, number: u64) -> Result<B256, SourceError> {
        match self {
            // Any hash will do where there are no blocks; this is the one of revm's own empty database.
            Self::Nothing => Ok(keccak256(number.to_string())),
            Self::Source(source) => source.block_hash_ref(number),
        }
    }
}
