//! The witness of a state that is all here.

use crate::Witness;
use alloy_consensus::Header;
use alloy_primitives::{B256, Bytes, KECCAK256_EMPTY, keccak256, map::B256Map};
use alloy_rlp::Encodable;
use alloy_trie::{EMPTY_ROOT_HASH, HashBuilder, Nibbles, TrieAccount, proof::ProofRetainer};
use halo_chain::Alloc;
use std::collections::BTreeMap;

impl Witness {
    /// A witness that holds every account and slot of `state`, under `header` with its state root set.
    ///
    /// For chains that do not hand out witnesses, and for tests that must not believe an outside file.
    pub fn of_state(state: &Alloc, mut header: Header) -> Self {
        let mut nodes = BTreeMap::new();
        let mut codes = B256Map::default();
        let mut keys = Vec::new();
        let mut accounts = BTreeMap::new();
        for (address, account) in &state.0 {
            let slots = account.storage.iter().map(|(slot, word)| {
                keys.push(Bytes::copy_from_slice(slot.as_slice()));
                let word = alloy_primitives::U256::from_be_bytes(word.0);
                (keccak256(slot), alloy_rlp::encode(word))
            });
            let storage_root = trie(slots.collect(), &mut nodes);
            let code_hash = keccak256(&account.code);
            if code_hash != KECCAK256_EMPTY {
                codes.insert(code_hash, account.code.clone());
            }
            let account = TrieAccount {
                nonce: account.nonce,
                balance: account.balance,
                storage_root,
                code_hash,
            };
            accounts.insert(keccak256(address), alloy_rlp::encode(account));
            keys.push(Bytes::copy_from_slice(address.as_slice()));
        }
        header.state_root = trie(accounts, &mut nodes);
        let mut rlp = Vec::new();
        header.encode(&mut rlp);
        let mut codes: Vec<Bytes> = codes.into_values().collect();
        codes.sort_unstable();
        keys.sort_unstable();
        keys.dedup();
        Self {
            block: None,
            state: nodes.into_values().collect(),
            codes,
            keys,
            headers: vec![rlp.into()],
        }
    }
}

/// Adds the nodes of a trie by their hashes; returns its root.
fn trie(leaves: BTreeMap<B256, Vec<u8>>, nodes: &mut BTreeMap<B256, Bytes>) -> B256 {
    if leaves.is_empty() {
        return EMPTY_ROOT_HASH;
    }
    let retainer = ProofRetainer::new(leaves.keys().map(Nibbles::unpack).collect());
    let mut builder = HashBuilder::default().with_proof_retainer(retainer);
    for (key, value) in &leaves {
        builder.add_leaf(Nibbles::unpack(key), value);
    }
    let root = builder.root();
    for (_, node) in builder.take_proof_nodes().into_nodes_sorted() {
        let hash = keccak256(&node);
        // A shorter node stands inside its parent; the root has none.
        if node.len() >= 32 || hash == root {
            nodes.insert(hash, node);
        }
    }
    root
}
