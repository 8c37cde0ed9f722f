//! What a witness proves, as a list that a person can read.

use alloy_primitives::{Address, B256, Bytes, U256, keccak256, map::B256Map};
use alloy_trie::TrieAccount;
use serde::Serialize;

/// Everything that was proved.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Survey {
    /// Trie nodes, each one hanging on the state root.
    pub nodes: usize,
    /// Codes, each one belonging to an account.
    pub codes: usize,
    /// Subtrees of which only the hash is known: what lies there is unknown.
    pub unknown: usize,
    /// Accounts that exist, by hashed address.
    pub accounts: Vec<ProvedAccount>,
    #[serde(skip)]
    preimages: B256Map<Bytes>,
}

/// An account that exists.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProvedAccount {
    /// keccak-256 of its address.
    pub key: B256,
    /// Its address, where the witness names it.
    pub address: Option<Address>,
    /// Transactions sent, or contracts created.
    pub nonce: u64,
    /// Ether, in wei.
    pub balance: U256,
    /// keccak-256 of its code.
    pub code_hash: B256,
    /// Length of its code in bytes, where the witness holds it.
    pub code_length: Option<usize>,
    /// Slots that are not zero.
    pub slots: Vec<ProvedSlot>,
}

/// A slot that is not zero.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProvedSlot {
    /// keccak-256 of its number.
    pub key: B256,
    /// Its number, where the witness names it.
    pub slot: Option<U256>,
    /// The word in it.
    pub value: U256,
}

impl Survey {
    pub(crate) fn new(keys: &[Bytes]) -> Self {
        let preimages = keys.iter().map(|key| (keccak256(key), key.clone())).collect();
        Self { preimages, ..Self::default() }
    }

    pub(crate) fn add(
        &mut self,
        key: B256,
        account: &TrieAccount,
        code_length: Option<usize>,
        slots: Vec<(B256, U256)>,
    ) -> &ProvedAccount {
        let slots = slots.into_iter().map(|(key, value)| {
            let slot = self.preimages.get(&key).and_then(|slot| U256::try_from_be_slice(slot));
            ProvedSlot { key, slot, value }
        });
        let row = ProvedAccount {
            key,
            address: self.preimages.get(&key).and_then(|at| Address::try_from(&at[..]).ok()),
            nonce: account.nonce,
            balance: account.balance,
            code_hash: account.code_hash,
            code_length,
            slots: slots.collect(),
        };
        self.accounts.push_mut(row)
    }

    /// Slots that are not zero, over all accounts.
    pub fn slots(&self) -> usize {
        self.accounts.iter().map(|account| account.slots.len()).sum()
    }
}
