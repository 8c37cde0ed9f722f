//! State whose every answer is backed by a proof.

use crate::{
    survey::Survey,
    trie::{Nodes, TrieFault},
    witness::{SignedBlock, WitnessError, exactly},
};
use alloy_consensus::{Header, Transaction};
use alloy_primitives::{
    Address, B256, Bytes, KECCAK256_EMPTY, U256, keccak256,
    map::{AddressMap, B256Map, B256Set, HashMap},
};
use alloy_trie::TrieAccount;
use halo_chain::{Account, SourceError, StateSource, runtime_code};
use revm::bytecode::Bytecode;
use std::collections::BTreeMap;

/// What [`crate::Witness::prove`] has checked so far: headers, hashes, the block's parts.
pub(crate) struct Checked {
    pub(crate) header: Header,
    pub(crate) hash: B256,
    pub(crate) block: Option<SignedBlock>,
    pub(crate) nodes: Vec<Bytes>,
    pub(crate) codes: B256Map<Bytes>,
    pub(crate) keys: Vec<Bytes>,
    pub(crate) ancestors: BTreeMap<u64, B256>,
}

/// The state after one block, as far as its witness goes.
#[derive(Debug, Clone)]
pub struct ProvedState {
    header: Header,
    hash: B256,
    block: Option<SignedBlock>,
    nodes: Nodes,
    /// Analysed once, as each of them is run.
    codes: B256Map<Bytecode>,
    ancestors: BTreeMap<u64, B256>,
    survey: Survey,
    /// What the walk found and the witness names, so that it is not looked for again.
    accounts: AddressMap<TrieAccount>,
    words: HashMap<(Address, U256), U256>,
}

impl ProvedState {
    pub(crate) fn new(from: Checked) -> Result<Self, WitnessError> {
        let Checked { header, hash, block, nodes, codes, keys, ancestors } = from;
        let root = header.state_root;
        let nodes = Nodes::new(nodes);
        let trie = |root: B256| {
            move |fault: TrieFault| WitnessError::Trie { root, fault: fault.to_string() }
        };

        let mut reached = B256Set::default();
        let mut used = B256Set::default();
        let mut survey = Survey::new(&keys);
        let mut accounts = AddressMap::default();
        let mut words = HashMap::default();
        let walk = nodes.walk(root).map_err(trie(root))?;
        reached.extend(walk.reached);
        survey.unknown += walk.unknown;
        for (key, value) in walk.leaves {
            let account: TrieAccount = exactly(&value, || format!("the account under {key}"))?;
            used.insert(account.code_hash);
            let mut slots = Vec::new();
            // Only the root is announced where nothing of the storage was read.
            if nodes.contains(account.storage_root) {
                let walk = nodes.walk(account.storage_root).map_err(trie(account.storage_root))?;
                reached.extend(walk.reached);
                survey.unknown += walk.unknown;
                for (slot, value) in walk.leaves {
                    let word: U256 = exactly(&value, || format!("the slot under {slot}"))?;
                    slots.push((slot, word));
                }
            }
            let code = codes.get(&account.code_hash).map(|code| code.len());
            let row = survey.add(key, &account, code, slots);
            if let Some(at) = row.address {
                accounts.insert(at, account);
                words.extend(row.slots.iter().filter_map(|one| Some(((at, one.slot?), one.value))));
            }
        }
        // An empty trie and no code are the same everywhere; some nodes write them out.
        let spare = [alloy_trie::EMPTY_ROOT_HASH, KECCAK256_EMPTY];
        let orphan = |what, hash: &B256| WitnessError::Orphan { what, hash: *hash, root };
        if let Some(hash) =
            nodes.hashes().find(|hash| !reached.contains(*hash) && !spare.contains(hash))
        {
            return Err(orphan("the trie node", hash));
        }
        if let Some(hash) = codes.keys().find(|hash| !used.contains(*hash) && !spare.contains(hash))
        {
            return Err(orphan("the code", hash));
        }
        survey.nodes = nodes.len();
        survey.codes = codes.len();
        let codes = codes.into_iter().map(|(hash, code)| (hash, runtime_code(code))).collect();
        Ok(Self { header, hash, block, nodes, codes, ancestors, survey, accounts, words })
    }

    /// The header whose state this is.
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// keccak-256 of that header.
    pub const fn hash(&self) -> B256 {
        self.hash
    }

    /// The block that follows, if the witness held it. Its parts have the roots in its header.
    pub const fn block(&self) -> Option<&SignedBlock> {
        self.block.as_ref()
    }

    /// The chain that its block's transactions name; `None` without a block, or where none of them names any.
    pub fn chain_id(&self) -> Option<u64> {
        self.block()?.body.transactions.iter().find_map(Transaction::chain_id)
    }

    /// What was proved, as a list.
    pub const fn survey(&self) -> &Survey {
        &self.survey
    }

    fn trie_account(&self, at: Address) -> Result<Option<TrieAccount>, SourceError> {
        if let Some(account) = self.accounts.get(&at) {
            return Ok(Some(*account));
        }
        let unknown = |reason: String| SourceError::Account { at, reason };
        let value = self.nodes.get(self.header.state_root, keccak256(at));
        let Some(value) = value.map_err(|fault| unknown(fault.to_string()))? else {
            return Ok(None);
        };
        let account = exactly(&value, || "the account".to_owned());
        Ok(Some(account.map_err(|fault| unknown(fault.to_string()))?))
    }
}

impl StateSource for ProvedState {
    fn account(&self, at: Address) -> Result<Option<Account>, SourceError> {
        Ok(self.trie_account(at)?.map(|account| Account {
            nonce: account.nonce,
            balance: account.balance,
            code_hash: account.code_hash,
        }))
    }

    fn storage(&self, at: Address, slot: U256) -> Result<U256, SourceError> {
        if let Some(word) = self.words.get(&(at, slot)) {
            return Ok(*word);
        }
        let unknown = |reason: String| SourceError::Slot { at, slot, reason };
        let account = self.trie_account(at).map_err(|fault| unknown(fault.to_string()))?;
        let Some(account) = account else { return Ok(U256::ZERO) };
        let key = keccak256(B256::from(slot));
        let value = self.nodes.get(account.storage_root, key);
        let Some(value) = value.map_err(|fault| unknown(fault.to_string()))? else {
            return Ok(U256::ZERO);
        };
        exactly(&value, || "the slot".to_owned()).map_err(|fault| unknown(fault.to_string()))
    }

    fn code(&self, hash: B256) -> Result<Bytes, SourceError> {
        Ok(self.bytecode(hash)?.original_bytes())
    }

    fn bytecode(&self, hash: B256) -> Result<Bytecode, SourceError> {
        if hash == KECCAK256_EMPTY || hash.is_zero() {
            return Ok(Bytecode::default());
        }
        self.codes.get(&hash).cloned().ok_or(SourceError::Code { hash })
    }

    fn block_hash(&self, number: u64) -> Result<B256, SourceError> {
        self.ancestors.get(&number).copied().ok_or(SourceError::Block { number })
    }
}
