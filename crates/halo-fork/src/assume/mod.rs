//! What a rehearsal takes as given where the proved state ends.
//!
//! A witness holds what one block read and no more. Rather than invent the rest, a rehearsal declares it, each rule with
//! its reason; [`Assumed`] answers from the declaration only where the source does not know, and lists what it used.
//! What neither proves nor declares stays an error.

mod file;

pub use file::{AssumeError, Names};

use alloy_primitives::{Address, B256, Bytes, U256, keccak256, map::B256Map};
use halo_chain::{Account, AllocAccount, SourceError, StateSource, runtime_code};
use revm::bytecode::Bytecode;
use serde::Serialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// What is taken as given.
#[derive(Debug, Clone, Default)]
pub struct Assumptions {
    accounts: BTreeMap<Address, Given>,
    slots: BTreeMap<(Address, U256), (U256, Arc<str>)>,
    codes: B256Map<Bytes>,
}

#[derive(Debug, Clone)]
struct Given {
    /// `None` for no account.
    account: Option<Account>,
    storage: BTreeMap<B256, B256>,
    because: Arc<str>,
}

/// One thing that was taken as given, and used.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Assumption {
    /// There is no account.
    Absent {
        /// Where.
        account: Address,
        /// Why that may be assumed.
        because: Arc<str>,
    },
    /// An account, its code and all of its storage are other than on the chain, or from elsewhere.
    StandIn {
        /// Where.
        account: Address,
        /// Why that may be assumed.
        because: Arc<str>,
    },
    /// A slot of an account that is proved.
    Slot {
        /// Whose.
        account: Address,
        /// Which.
        slot: U256,
        /// The word in it.
        value: U256,
        /// Why that may be assumed.
        because: Arc<str>,
    },
}

impl Assumptions {
    /// Takes it that there is no account at `at`.
    pub fn absent(&mut self, at: Address, because: impl Into<Arc<str>>) {
        let given = Given { account: None, storage: BTreeMap::new(), because: because.into() };
        self.accounts.insert(at, given);
    }

    /// Takes it that `account` stands at `at`, with no slots but its own.
    pub fn stand_in(&mut self, at: Address, account: AllocAccount, because: impl Into<Arc<str>>) {
        let AllocAccount { nonce, balance, code, storage } = account;
        let code_hash = keccak256(&code);
        self.codes.insert(code_hash, code);
        let account = Some(Account { nonce, balance, code_hash });
        self.accounts.insert(at, Given { account, storage, because: because.into() });
    }

    /// Takes it that a slot of `at` holds `word`.
    pub fn slot(&mut self, at: Address, slot: U256, word: U256, because: impl Into<Arc<str>>) {
        self.slots.insert((at, slot), (word, because.into()));
    }
}

/// A source, and above it what is taken as given where it does not know.
///
/// The source must be one whose every error means that it does not hold what was asked for: a witness or a snapshot. A
/// node that fails is no reason to assume anything.
#[derive(Debug)]
pub struct Assumed<S> {
    source: S,
    given: Assumptions,
    used: Mutex<BTreeSet<Assumption>>,
}

impl<S: StateSource> Assumed<S> {
    /// Declares what to take as given above `source`.
    pub fn new(source: S, given: Assumptions) -> Self {
        Self { source, given, used: Mutex::default() }
    }

    /// The source below.
    pub const fn source(&self) -> &S {
        &self.source
    }

    /// What was used so far, in order.
    pub fn used(&self) -> Vec<Assumption> {
        self.noted().iter().cloned().collect()
    }

    fn noted(&self) -> MutexGuard<'_, BTreeSet<Assumption>> {
        // Nothing panics while it is held; what is in it is whole in any case.
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn given_account(&self, account: Address) -> Option<&Given> {
        let given = self.given.accounts.get(&account)?;
        let because = given.because.clone();
        self.noted().insert(match given.account {
            None => Assumption::Absent { account, because },
            Some(_) => Assumption::StandIn { account, because },
        });
        Some(given)
    }

    fn given_slot(&self, account: Address, slot: U256) -> Option<U256> {
        let (value, because) = self.given.slots.get(&(account, slot))?;
        let (value, because) = (*value, because.clone());
        self.noted().insert(Assumption::Slot { account, slot, value, because });
        Some(value)
    }
}

impl<S: StateSource> StateSource for Assumed<S> {
    fn account(&self, at: Address) -> Result<Option<Account>, SourceError> {
        let fault = match self.source.account(at) {
            Ok(found) => return Ok(found),
            Err(fault) => fault,
        };
        self.given_account(at).map(|given| given.account).ok_or(fault)
    }

    fn storage(&self, at: Address, slot: U256) -> Result<U256, SourceError> {
        let fault = match self.source.storage(at, slot) {
            Ok(word) => return Ok(word),
            Err(fault) => fault,
        };
        // An account of which the source knows nothing has the storage that is assumed with it, and no other.
        if self.source.account(at).is_err()
            && let Some(given) = self.given_account(at)
        {
            let word = given.storage.get(&B256::from(slot)).copied().unwrap_or_default();
            return Ok(self.given_slot(at, slot).unwrap_or(word.into()));
        }
        self.given_slot(at, slot).ok_or(fault)
    }

    fn code(&self, hash: B256) -> Result<Bytes, SourceError> {
        match self.source.code(hash) {
            Ok(code) => Ok(code),
            Err(fault) => self.given.codes.get(&hash).cloned().ok_or(fault),
        }
    }

    fn bytecode(&self, hash: B256) -> Result<Bytecode, SourceError> {
        match self.source.bytecode(hash) {
            Ok(code) => Ok(code),
            Err(_) => self.code(hash).map(runtime_code),
        }
    }

    fn block_hash(&self, number: u64) -> Result<B256, SourceError> {
        self.source.block_hash(number)
    }
}
