//! Accounts of the embedded chain as data: read, set, listed, and contracts put at a chosen address.

use super::{Db, Embedded, Outcome, Status, tx_env};
use crate::{Error, Result, SourceError, chain::DEFAULT_GAS, decode::Abis, labels::Labels};
use alloy_primitives::{Address, B256, Bytes, KECCAK256_EMPTY, TxKind, U256, keccak256};
use alloy_rlp::{RlpDecodable, RlpEncodable};
use revm::{DatabaseRef, bytecode::Bytecode, database::AccountState, state::AccountInfo};

/// An account that is not empty, slots in order and zero slots left out.
#[derive(Debug, Clone, PartialEq, Eq, RlpEncodable, RlpDecodable)]
pub(crate) struct AccountRow {
    pub(crate) address: Address,
    pub(crate) nonce: u64,
    pub(crate) balance: U256,
    /// Zero for no code.
    pub(crate) code_hash: B256,
    pub(crate) storage: Vec<Slot>,
}

/// A slot that is not zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, RlpEncodable, RlpDecodable)]
pub(crate) struct Slot {
    pub(crate) key: U256,
    pub(crate) value: U256,
}

impl Embedded {
    /// Runtime code at `at`; empty when there is none.
    ///
    /// # Errors
    /// Where the chain stands on a source that does not hold it. So for all functions here.
    pub fn code_at(&self, at: Address) -> Result<Bytes> {
        Ok(code_of(&self.db(), &self.info(at)?)?)
    }

    /// The word in a slot of `at`.
    ///
    /// # Errors
    /// As [`Self::code_at`].
    pub fn storage_at(&self, at: Address, slot: U256) -> Result<U256> {
        Ok(self.db().storage_ref(at, slot)?)
    }

    /// Ether of `at`, in wei.
    ///
    /// # Errors
    /// As [`Self::code_at`].
    pub fn balance_at(&self, at: Address) -> Result<U256> {
        Ok(self.info(at)?.balance)
    }

    /// Transactions sent, or contracts created, by `at`.
    ///
    /// # Errors
    /// As [`Self::code_at`].
    pub fn nonce_at(&self, at: Address) -> Result<u64> {
        Ok(self.info(at)?.nonce)
    }

    /// The hash of the block with this number, where the chain stands on a source; another word elsewhere.
    ///
    /// # Errors
    /// As [`Self::code_at`].
    pub fn block_hash_at(&self, number: u64) -> Result<B256> {
        Ok(self.db().block_hash_ref(number)?)
    }

    /// Puts runtime code at `at`. Storage stays.
    ///
    /// # Errors
    /// As [`Self::code_at`].
    pub fn set_code(&mut self, at: Address, code: Bytes) -> Result<()> {
        let hash = keccak256(&code);
        // Thousands of accounts may have the same code: it is kept once.
        let known = self.db().cache.contracts.get(&hash).cloned();
        let known = known.filter(|known| !known.is_eip7702());
        let code = known.unwrap_or_else(|| Bytecode::new_legacy(code));
        self.set_info(at, |info| {
            info.code_hash = hash;
            info.code = Some(code);
            // A contract's own nonce starts at 1.
            info.nonce = info.nonce.max(1);
        })
    }

    /// Writes a slot of `at`.
    ///
    /// # Errors
    /// As [`Self::code_at`].
    pub fn set_storage(&mut self, at: Address, slot: U256, value: U256) -> Result<()> {
        Ok(self.db_mut().insert_account_storage(at, slot, value)?)
    }

    /// Gives `at` this much ether, in wei.
    ///
    /// # Errors
    /// As [`Self::code_at`].
    pub fn set_balance(&mut self, at: Address, wei: U256) -> Result<()> {
        self.set_info(at, |info| info.balance = wei)
    }

    /// Runs a constructor at the address `at`, as if sent by `from`, and leaves its runtime code there.
    ///
    /// `initcode` is creation code with the encoded arguments. The code that stood at `at` is replaced, its storage
    /// is not cleared.
    ///
    /// # Errors
    /// When the constructor fails; the account is then as it was.
    pub fn install(&mut self, at: Address, from: Address, initcode: Bytes) -> Result<()> {
        let before = self.info(at)?;
        let creation = keccak256(&initcode);
        let is_known = self.db().cache.contracts.contains_key(&creation);
        self.set_code(at, initcode)?;
        let ran =
            self.commit(tx_env(from, TxKind::Call(at), Bytes::new(), U256::ZERO, DEFAULT_GAS));
        if !is_known {
            // No account has the code of a constructor; with its arguments it is hardly ever the same twice.
            self.db_mut().cache.contracts.remove(&creation);
        }
        let reason = match ran {
            Ok(Outcome { status: Status::Success, output, .. }) => {
                return self.set_code(at, output);
            }
            Ok(Outcome { status: Status::Halted(reason), .. }) => reason,
            Ok(Outcome { output, .. }) => Abis::known().error(&output).show(&Labels::default()),
            Err(error) => error.to_string(),
        };
        self.set_info(at, |info| *info = before)?;
        Err(Error::Genesis { what: format!("constructor at {at}"), reason })
    }

    fn info(&self, at: Address) -> Result<AccountInfo> {
        Ok(self.db().basic_ref(at)?.unwrap_or_default())
    }

    fn set_info(&mut self, at: Address, change: impl FnOnce(&mut AccountInfo)) -> Result<()> {
        // Through the cache, so that what the source says of its slots still counts.
        let account = self.db_mut().load_account(at)?;
        change(&mut account.info);
        if account.account_state == AccountState::NotExisting {
            account.account_state = AccountState::None;
        }
        let info = account.info.clone();
        self.db_mut().insert_account_info(at, info);
        Ok(())
    }
}

/// All accounts that are not empty, by address.
pub(crate) fn accounts_of(db: &Db) -> Vec<AccountRow> {
    let mut rows: Vec<AccountRow> = db
        .cache
        .accounts
        .iter()
        .map(|(address, account)| {
            let slots = account.storage.iter().filter(|(_, value)| !value.is_zero());
            let mut storage: Vec<Slot> =
                slots.map(|(key, value)| Slot { key: *key, value: *value }).collect();
            storage.sort_unstable_by_key(|slot| slot.key);
            let hash = account.info.code_hash;
            AccountRow {
                address: *address,
                nonce: account.info.nonce,
                balance: account.info.balance,
                code_hash: if hash == KECCAK256_EMPTY { B256::ZERO } else { hash },
                storage,
            }
        })
        .filter(|row| {
            row.nonce != 0
                || !row.balance.is_zero()
                || !row.code_hash.is_zero()
                || !row.storage.is_empty()
        })
        .collect();
    rows.sort_unstable_by_key(|row| row.address);
    rows
}

/// The database that holds these accounts, or why it cannot be.
pub(crate) fn db_of(codes: Vec<Bytes>, accounts: Vec<AccountRow>) -> Result<Db, String> {
    let mut db = Db::default();
    for code in codes {
        let code = Bytecode::new_legacy(code);
        db.cache.contracts.insert(code.hash_slow(), code);
    }
    for row in accounts {
        let known = row.code_hash.is_zero() || db.cache.contracts.contains_key(&row.code_hash);
        if !known {
            return Err(format!("the code {} of {} is missing", row.code_hash, row.address));
        }
        let code_hash = if row.code_hash.is_zero() { KECCAK256_EMPTY } else { row.code_hash };
        let account = db.cache.accounts.entry(row.address).or_default();
        account.info = AccountInfo {
            balance: row.balance,
            nonce: row.nonce,
            code_hash,
            // Found by its hash; the default would be empty code.
            code: None,
            ..Default::default()
        };
        account.account_state = AccountState::StorageCleared;
        account.storage = row.storage.into_iter().map(|slot| (slot.key, slot.value)).collect();
    }
    Ok(db)
}

/// The code that an account's info points to.
pub(crate) fn code_of(db: &Db, info: &AccountInfo) -> Result<Bytes, SourceError> {
    if info.code_hash == KECCAK256_EMPTY || info.code_hash.is_zero() {
        return Ok(Bytes::new());
    }
    Ok(db.code_by_hash_ref(info.code_hash)?.original_bytes())
}
