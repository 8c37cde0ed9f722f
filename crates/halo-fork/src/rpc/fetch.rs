//! Fetching accounts and slots, many of them in one request, by proof where that is to be had.

use super::{RpcFork, explain::explain};
use crate::{trie::Nodes as TrieNodes, witness::exactly};
use alloy::{
    eips::BlockId,
    network::AnyNetwork,
    providers::{Provider, RootProvider},
    rpc::{
        client::BatchRequest,
        types::{AccessListResult, EIP1186AccountProofResponse, TransactionRequest},
    },
    transports::{TransportError, TransportErrorKind, TransportResult},
};
use alloy_primitives::{Address, B256, Bytes, U256, keccak256, map::B256Map};
use alloy_trie::TrieAccount;
use halo_chain::{SourceError, runtime_code};
use revm::{DatabaseRef, bytecode::Bytecode, state::AccountInfo};
use serde::{Serialize, de::DeserializeOwned};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Debug,
    sync::atomic::Ordering,
};

/// Calls in one request: what public nodes take.
const BATCH: usize = 50;

type Wanted = (Address, Vec<U256>);
type Proved = (Option<TrieAccount>, Vec<(U256, U256)>);

/// Why a fetch gave nothing.
#[derive(Debug)]
enum Fetch {
    /// The node does not give proofs for this block.
    NoProof(String),
    /// Anything else.
    Fault(String),
}

impl RpcFork {
    /// Fetches accounts with slots, many of them in one request; what is known already is not asked for again.
    ///
    /// # Errors
    /// When the nodes fail or a proof does not hold.
    pub fn prefetch(&self, wanted: &[Wanted]) -> Result<(), SourceError> {
        let unknown = |(at, slots): &Wanted| {
            let is_new = |slot: &U256| self.kept_slot(*at, *slot).is_none();
            let slots: Vec<U256> = slots.iter().copied().filter(is_new).collect();
            (!slots.is_empty() || self.kept_account(*at).is_none()).then_some((*at, slots))
        };
        let wanted: Vec<Wanted> = wanted.iter().filter_map(unknown).collect();
        wanted.chunks(BATCH).try_for_each(|part| self.fetch(part))
    }

    /// Fetches what calls would read on this block, as far as the nodes foresee it (`eth_createAccessList`). A node that
    /// does not know the method, or refuses a call, foresees nothing: it will be fetched when it is read. Calls of
    /// contracts that are kept already are not asked about.
    ///
    /// # Errors
    /// As [`Self::prefetch`].
    pub fn prefetch_calls(&self, calls: &[(Address, Address, Bytes)]) -> Result<(), SourceError> {
        let mut wanted = BTreeMap::<Address, BTreeSet<U256>>::new();
        let is_new = |(_, to, _): &&(Address, Address, Bytes)| self.kept_account(*to).is_none();
        let calls: Vec<_> = calls.iter().filter(is_new).cloned().collect();
        for part in calls.chunks(BATCH) {
            let tx = |(from, to, data): &(Address, Address, Bytes)| {
                let tx = TransactionRequest::default().from(*from).to(*to);
                (tx.input(data.clone().into()), self.id())
            };
            let lists = self.batch("eth_createAccessList", part.iter().map(tx).collect());
            let Ok(lists) = lists else { return Ok(()) };
            for list in lists {
                let list: AccessListResult = list;
                for item in list.access_list.0 {
                    let slots = item.storage_keys.into_iter().map(|slot| -> U256 { slot.into() });
                    wanted.entry(item.address).or_default().extend(slots);
                }
            }
            for (from, to, _) in part {
                wanted.entry(*from).or_default();
                wanted.entry(*to).or_default();
            }
        }
        let wanted = wanted.into_iter().map(|(at, slots)| (at, slots.into_iter().collect()));
        self.prefetch(&wanted.collect::<Vec<_>>())
    }

    /// Gets accounts and some of their slots, by proof where that is to be had.
    pub(super) fn fetch(&self, wanted: &[Wanted]) -> Result<(), SourceError> {
        if self.prove || self.proofs.load(Ordering::Relaxed) {
            match self.fetch_proved(wanted) {
                Ok(()) => return Ok(()),
                Err((_, Fetch::NoProof(_))) if !self.prove => {
                    self.proofs.store(false, Ordering::Relaxed);
                }
                Err((at, Fetch::NoProof(reason) | Fetch::Fault(reason))) => {
                    return Err(SourceError::Account { at, reason });
                }
            }
        }
        for (at, slots) in wanted {
            let failed = |fault: &dyn std::fmt::Display| SourceError::Account {
                at: *at,
                reason: explain(&fault.to_string()),
            };
            self.backend.basic_ref(*at).map_err(|fault| failed(&fault))?;
            for slot in slots {
                self.backend.storage_ref(*at, *slot).map_err(|fault| failed(&fault))?;
            }
        }
        Ok(())
    }

    /// Proofs in one request, and the codes that are new in another. A fault comes with the account that it is about:
    /// the first, where it is about all of them.
    fn fetch_proved(&self, wanted: &[Wanted]) -> Result<(), (Address, Fetch)> {
        let Some((first, _)) = wanted.first() else { return Ok(()) };
        let keys = |slots: &[U256]| slots.iter().map(|slot| B256::from(*slot)).collect();
        let params: Vec<(Address, Vec<B256>, BlockId)> =
            wanted.iter().map(|(at, slots)| (*at, keys(slots), self.id())).collect();
        let proofs = self.batch::<_, EIP1186AccountProofResponse>("eth_getProof", params);
        let proofs = proofs.map_err(|fault| (*first, classify(&fault)))?;
        let mut proved = Vec::with_capacity(wanted.len());
        let mut codes = B256Map::<Bytecode>::default();
        let mut missing = BTreeMap::new();
        for ((at, slots), proof) in wanted.iter().zip(proofs) {
            let found = check(&proof, *at, slots, self.header.state_root);
            let found = found.map_err(|fault| (*at, Fetch::Fault(fault)))?;
            if let Some(TrieAccount { code_hash, .. }) = found.0 {
                match self.kept_code(code_hash) {
                    Some(code) => drop(codes.insert(code_hash, code)),
                    // Clones share their code.
                    None => drop(missing.insert(code_hash, *at)),
                }
            }
            proved.push((*at, found));
        }
        let params = missing.values().map(|at| (*at, self.id())).collect();
        // A node that refuses a code gives proofs none the less.
        let unread = |fault: TransportError| Fetch::Fault(explain(&fault.to_string()));
        let found = self.batch::<_, Bytes>("eth_getCode", params);
        let found = found.map_err(|fault| (*first, unread(fault)))?;
        for ((hash, at), code) in missing.into_iter().zip(found) {
            let code = checked_code(code, hash).map_err(|fault| (at, Fetch::Fault(fault)))?;
            codes.insert(hash, code);
        }
        for (at, found) in proved {
            self.keep(at, found, &codes);
        }
        Ok(())
    }

    /// Keeps what was proved of an account.
    fn keep(&self, at: Address, (account, words): Proved, codes: &B256Map<Bytecode>) {
        let info = account.map_or_else(AccountInfo::default, |account| AccountInfo {
            nonce: account.nonce,
            balance: account.balance,
            code_hash: account.code_hash,
            code: codes.get(&account.code_hash).cloned(),
            ..Default::default()
        });
        self.db.accounts().write().insert(at, info);
        let mut storage = self.db.storage().write();
        storage.entry(at).or_default().extend(words);
    }

    /// One method with many parameters in one request; the answers in their order.
    fn batch<P, R>(&self, method: &'static str, params: Vec<P>) -> TransportResult<Vec<R>>
    where
        P: Serialize + Clone + Debug + Send + Sync + Unpin + 'static,
        R: DeserializeOwned + Debug + Send + Sync + Unpin + 'static,
    {
        if params.is_empty() {
            return Ok(Vec::new());
        }
        let provider = self.provider.clone();
        // On the backend's thread.
        let ask = async move { Ok(together(&provider, method, params).await) };
        let asked = self.backend.clone().do_any_request(ask);
        asked.map_err(|fault| TransportErrorKind::custom_str(&fault.to_string()))?
    }
}

async fn together<P, R>(
    provider: &RootProvider<AnyNetwork>,
    method: &'static str,
    params: Vec<P>,
) -> TransportResult<Vec<R>>
where
    P: Serialize + Clone + Debug + Send + Sync + Unpin + 'static,
    R: DeserializeOwned + Debug + Send + Sync + Unpin + 'static,
{
    // A call alone goes alone: not every node takes lists.
    if let [params] = &params[..] {
        return Ok(vec![provider.client().request(method, params.clone()).await?]);
    }
    let mut batch = BatchRequest::new(provider.client());
    let waiting = params.iter().map(|params| batch.add_call::<_, R>(method, params));
    let waiting = waiting.collect::<TransportResult<Vec<_>>>()?;
    batch.send().await?;
    let mut answers = Vec::with_capacity(waiting.len());
    for answer in waiting {
        answers.push(answer.await?);
    }
    Ok(answers)
}

fn classify(fault: &TransportError) -> Fetch {
    match fault.as_error_resp() {
        Some(answer) => Fetch::NoProof(explain(&answer.to_string())),
        None => Fetch::Fault(explain(&fault.to_string())),
    }
}

/// Code as revm runs it, if it has the hash that was proved.
fn checked_code(code: Bytes, hash: B256) -> Result<Bytecode, String> {
    match keccak256(&code) {
        found if found == hash => Ok(runtime_code(code)),
        found => Err(format!(
            "the node's code has the hash {found}, but {hash} is proved for the account"
        )),
    }
}

/// Holds a proof against the state root.
fn check(
    proof: &EIP1186AccountProofResponse,
    at: Address,
    slots: &[U256],
    root: B256,
) -> Result<Proved, String> {
    let nodes = proof.account_proof.iter();
    let nodes = nodes.chain(proof.storage_proof.iter().flat_map(|slot| &slot.proof));
    let nodes = TrieNodes::new(nodes.cloned());
    let fault = |fault: &dyn std::fmt::Display| format!("the node's proof does not hold: {fault}");
    let found = nodes.get(root, keccak256(at)).map_err(|error| fault(&error))?;
    let account: Option<TrieAccount> = found
        .map(|value| exactly(&value, || "the account".to_owned()))
        .transpose()
        .map_err(|error| fault(&error))?;
    // A node that proves one thing and says another has a header that is not that of its state.
    let proved = account.map_or((0, U256::ZERO), |account| (account.nonce, account.balance));
    if proved != (proof.nonce, proof.balance) {
        return Err(format!(
            "the node says that {at} has nonce {} and {} wei, but proves nonce {} and {} wei against the state root \
             {root}: its blocks do not belong to its state",
            proof.nonce, proof.balance, proved.0, proved.1
        ));
    }
    let storage_root = account.map_or(alloy_trie::EMPTY_ROOT_HASH, |account| account.storage_root);
    let word = |slot: &U256| {
        let found = nodes.get(storage_root, keccak256(B256::from(*slot)));
        let found = found.map_err(|error| fault(&error))?;
        let word = found.map(|value| exactly(&value, || "the slot".to_owned())).transpose();
        Ok((*slot, word.map_err(|error| fault(&error))?.unwrap_or(U256::ZERO)))
    };
    Ok((account, slots.iter().map(word).collect::<Result<_, String>>()?))
}
