//! Fetching many accounts together, before they are asked for one by one.

use super::{Fetch, RpcFork, check, checked_code, classify};
use alloy::{
    eips::BlockId,
    network::AnyNetwork,
    providers::{Provider, RootProvider},
    rpc::{
        client::BatchRequest,
        types::{AccessListResult, EIP1186AccountProofResponse, TransactionRequest},
    },
    transports::TransportResult,
};
use alloy_primitives::{Address, B256, Bytes, KECCAK256_EMPTY, U256, map::B256Map};
use halo_chain::SourceError;
use revm::bytecode::Bytecode;
use serde::{Serialize, de::DeserializeOwned};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Debug,
    sync::atomic::Ordering,
};

/// Calls in one request: what public nodes take.
const BATCH: usize = 50;

type Wanted = (Address, Vec<U256>);

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
        for part in wanted.chunks(BATCH) {
            if self.prove || self.proofs.load(Ordering::Relaxed) {
                match self.fetch_together(part) {
                    Ok(()) => continue,
                    Err(Fetch::NoProof(_)) if !self.prove => {
                        self.proofs.store(false, Ordering::Relaxed);
                    }
                    Err(Fetch::NoProof(reason) | Fetch::Fault(reason)) => {
                        let at = part.first().map_or(Address::ZERO, |(at, _)| *at);
                        return Err(SourceError::Account { at, reason });
                    }
                }
            }
            for (at, slots) in part {
                self.fetch(*at, slots)?;
            }
        }
        Ok(())
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
            for list in lists.into_iter().flatten() {
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

    /// Proofs in one request, and the codes that are new in another.
    fn fetch_together(&self, wanted: &[Wanted]) -> Result<(), Fetch> {
        let keys = |slots: &[U256]| slots.iter().map(|slot| B256::from(*slot)).collect();
        let params: Vec<(Address, Vec<B256>, BlockId)> =
            wanted.iter().map(|(at, slots)| (*at, keys(slots), self.id())).collect();
        let proofs = self.batch::<_, EIP1186AccountProofResponse>("eth_getProof", params)?;
        let mut proved = Vec::with_capacity(wanted.len());
        let mut codes = B256Map::<Bytecode>::default();
        let mut missing = BTreeMap::new();
        for ((at, slots), proof) in wanted.iter().zip(proofs) {
            let proof = proof.map_err(classify)?;
            let found = check(&proof, *at, slots, self.header.state_root).map_err(Fetch::Fault)?;
            let hash = found.0.map_or(KECCAK256_EMPTY, |account| account.code_hash);
            match self.kept_code(hash) {
                _ if hash == KECCAK256_EMPTY => drop(codes.insert(hash, Bytecode::default())),
                Some(code) => drop(codes.insert(hash, code)),
                // Clones share their code.
                None => drop(missing.insert(hash, *at)),
            }
            proved.push((*at, found, hash));
        }
        let params = missing.values().map(|at| (*at, self.id())).collect();
        let found = self.batch::<_, Bytes>("eth_getCode", params)?;
        for (hash, code) in missing.into_keys().zip(found) {
            codes.insert(hash, checked_code(code.map_err(classify)?, hash)?);
        }
        for (at, found, hash) in proved {
            self.keep(at, found, codes.get(&hash).cloned());
        }
        Ok(())
    }

    /// One method with many parameters in one request; the answers in their order.
    fn batch<P, R>(
        &self,
        method: &'static str,
        params: Vec<P>,
    ) -> Result<Vec<TransportResult<R>>, Fetch>
    where
        P: Serialize + Clone + Debug + Send + Sync + Unpin + 'static,
        R: DeserializeOwned + Debug + Send + Sync + Unpin + 'static,
    {
        if params.is_empty() {
            return Ok(Vec::new());
        }
        let provider = self.provider.clone();
        self.ask(async move { Ok(together(&provider, method, params).await.map_err(classify)) })?
    }
}

async fn together<P, R>(
    provider: &RootProvider<AnyNetwork>,
    method: &'static str,
    params: Vec<P>,
) -> TransportResult<Vec<TransportResult<R>>>
where
    P: Serialize + Clone + Debug + Send + Sync + Unpin + 'static,
    R: DeserializeOwned + Debug + Send + Sync + Unpin + 'static,
{
    let mut batch = BatchRequest::new(provider.client());
    let waiting = params.iter().map(|params| batch.add_call::<_, R>(method, params));
    let waiting = waiting.collect::<TransportResult<Vec<_>>>()?;
    batch.send().await?;
    let mut answers = Vec::with_capacity(waiting.len());
    for answer in waiting {
        answers.push(answer.await);
    }
    Ok(answers)
}
