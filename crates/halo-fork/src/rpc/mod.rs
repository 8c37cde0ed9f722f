//! The state of one block, fetched from nodes over JSON-RPC, each account and slot once, and kept in a file.
//!
//! Accounts and slots come by `eth_getProof`, one call for an account with all of its slots that are asked for together,
//! and are proved against the block's state root; the block's header is held against its hash. Nodes that do not give
//! proofs for the block are asked plainly, unless proofs were demanded. The file has Foundry's format, so that its tools
//! read it and theirs is read here.

pub mod cache;
mod explain;
mod nodes;
mod prefetch;

pub use nodes::{TIMEOUT, Traffic};
pub use reqwest::Url;

use crate::{trie::Nodes as TrieNodes, witness::exactly};
use alloy::{
    eips::{BlockId, BlockNumberOrTag, RpcBlockHash},
    network::AnyNetwork,
    providers::{Provider, RootProvider},
    rpc::{client::RpcClient, types::EIP1186AccountProofResponse},
    transports::TransportError,
};
use alloy_consensus::Header;
use alloy_primitives::{Address, B256, Bytes, KECCAK256_EMPTY, U256, keccak256};
use alloy_trie::TrieAccount;
use explain::explain;
use foundry_fork_db::{
    BlockchainDb, SharedBackend, backend::BlockingMode, cache::BlockchainDbMeta,
};
use halo_chain::{Account, SourceError, StateSource, runtime_code};
use revm::{DatabaseRef, bytecode::Bytecode, context::BlockEnv, state::AccountInfo};
use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

/// How a fork is opened.
#[derive(Debug, Clone)]
pub struct ForkOptions {
    /// Nodes, at least one. What several say must be the same.
    pub urls: Vec<Url>,
    /// The block whose state it is; `None` for the latest, on which several nodes must agree.
    pub block: Option<u64>,
    /// The hash that this block must have.
    pub trusted_hash: Option<B256>,
    /// Whether state without a proof is refused, also what an earlier run kept. Hashes of blocks before the parent have
    /// none.
    pub prove: bool,
    /// The folder of kept state; `None` keeps nothing.
    pub cache: Option<PathBuf>,
}

/// Why a fork could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ForkError {
    /// No URL.
    #[error("no node is named")]
    NoNode,
    /// No HTTP client, or no thread for it.
    #[error("no connection can be made: {0}")]
    Client(String),
    /// A node failed.
    #[error("{method}: {}", explain(.fault))]
    Node {
        /// The JSON-RPC method.
        method: &'static str,
        /// What came back.
        fault: String,
    },
    /// The nodes have no such block.
    #[error("the node has no block {0}; it may be pruned, behind, or of another chain")]
    NoBlock(u64),
    /// The nodes gave another block than was asked for.
    #[error("the node was asked for block {asked} and gave block {found}; nothing of it was used")]
    WrongBlock {
        /// The number asked for.
        asked: u64,
        /// The number in the header that came.
        found: u64,
    },
    /// The header does not have the hash that the node gave it, or that is trusted.
    #[error("block {number} has the hash {found} by its header, but {wanted} {whose}")]
    Hash {
        /// The block.
        number: u64,
        /// Computed.
        found: B256,
        /// Announced or trusted.
        wanted: B256,
        /// "is what the node calls it" or "is trusted".
        whose: &'static str,
    },
}

/// State at one block of a live chain.
#[derive(Clone)]
pub struct RpcFork {
    provider: RootProvider<AnyNetwork>,
    backend: SharedBackend,
    db: BlockchainDb,
    header: Arc<Header>,
    hash: B256,
    chain_id: u64,
    prove: bool,
    /// Whether the nodes give proofs for this block, as far as is known.
    proofs: Arc<AtomicBool>,
    traffic: Traffic,
    file: Option<PathBuf>,
}

impl RpcFork {
    /// Asks the nodes for the block and opens the file that keeps its state.
    ///
    /// # Errors
    /// When no node answers, they disagree, or the block's header does not have its hash.
    pub fn open(options: &ForkOptions) -> Result<Self, ForkError> {
        Self::open_within(options, TIMEOUT)
    }

    /// As [`Self::open`], where a node that has not answered for `timeout` is asked again, a few times.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_within(options: &ForkOptions, timeout: Duration) -> Result<Self, ForkError> {
        let url = options.urls.first().ok_or(ForkError::NoNode)?;
        let client = |error: reqwest::Error| ForkError::Client(error.without_url().to_string());
        let nodes = nodes::Nodes::new(&options.urls, timeout).map_err(client)?;
        let traffic = nodes.traffic();
        let host = nodes::host(url);
        let rpc = RpcClient::new(nodes, false);
        let provider = RootProvider::<AnyNetwork>::new(rpc);

        // On a thread of its own: the caller may be inside a runtime, where no other may be waited for or dropped.
        let asked = thread::scope(|scope| scope.spawn(|| ask_head(&provider, options)).join());
        let (chain_id, header, hash) =
            asked.map_err(|_| ForkError::Client("its thread ended".to_owned()))??;

        let file =
            options.cache.as_deref().map(|folder| cache_file(folder, chain_id, header.number));
        let block = block_env(&header);
        let mut meta = BlockchainDbMeta::new(block, format!("http://{host}"));
        meta.chain = Some(chain_id.into());
        let db = BlockchainDb::new(meta, file.clone());
        let number = U256::from(header.number);
        let kept = db.block_hashes().read().get(&number).copied();
        // What was kept of another block by that number is not this one's; and what was kept holds no proofs.
        if options.prove || kept.is_some_and(|kept| kept != hash) {
            db.db().clear();
        }
        db.block_hashes().write().insert(number, hash);
        let id = BlockId::Hash(RpcBlockHash::from_hash(hash, Some(false)));
        let backend = SharedBackend::spawn_backend_thread(provider.clone(), db.clone(), Some(id))
            .with_blocking_mode(BlockingMode::Block);
        Ok(Self {
            provider,
            backend,
            db,
            header: Arc::new(header),
            hash,
            chain_id,
            prove: options.prove,
            proofs: Arc::new(AtomicBool::new(true)),
            traffic,
            file,
        })
    }

    /// The chain's id.
    pub const fn chain_id(&self) -> u64 {
        self.chain_id
    }

    /// The header whose state this is.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// keccak-256 of that header.
    pub const fn hash(&self) -> B256 {
        self.hash
    }

    /// What was asked of each node so far.
    pub fn traffic(&self) -> Traffic {
        self.traffic.clone()
    }

    /// The file that keeps the state, once [`Self::save`] has run.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// Writes what was fetched to the file, if there is one.
    pub fn save(&self) {
        self.backend.flush_cache();
    }

    fn kept_account(&self, at: Address) -> Option<AccountInfo> {
        self.db.accounts().read().get(&at).cloned()
    }

    fn kept_slot(&self, at: Address, slot: U256) -> Option<U256> {
        self.db.storage().read().get(&at).and_then(|slots| slots.get(&slot).copied())
    }

    /// Gets an account and some of its slots, by proof where that is to be had.
    fn fetch(&self, at: Address, slots: &[U256]) -> Result<(), SourceError> {
        let unknown = |reason: String| SourceError::Account { at, reason };
        if self.prove || self.proofs.load(Ordering::Relaxed) {
            match self.fetch_proved(at, slots) {
                Ok(()) => return Ok(()),
                Err(Fetch::NoProof(_)) if !self.prove => {
                    self.proofs.store(false, Ordering::Relaxed);
                }
                Err(Fetch::NoProof(fault) | Fetch::Fault(fault)) => return Err(unknown(fault)),
            }
        }
        let failed = |fault: &dyn std::fmt::Display| unknown(explain(&fault.to_string()));
        self.backend.basic_ref(at).map_err(|fault| failed(&fault))?;
        for slot in slots {
            self.backend.storage_ref(at, *slot).map_err(|fault| failed(&fault))?;
        }
        Ok(())
    }

    fn fetch_proved(&self, at: Address, slots: &[U256]) -> Result<(), Fetch> {
        let keys: Vec<B256> = slots.iter().map(|slot| B256::from(*slot)).collect();
        let (provider, id) = (self.provider.clone(), self.id());
        let ask = async move {
            let proof = provider.get_proof(at, keys).block_id(id).await;
            Ok(proof.map_err(classify))
        };
        let proof = self.ask(ask)??;
        let proved = check(&proof, at, slots, self.header.state_root).map_err(Fetch::Fault)?;
        let code = match proved.0 {
            Some(account) => Some(self.fetch_code(at, account.code_hash)?),
            None => None,
        };
        self.keep(at, proved, code);
        Ok(())
    }

    /// Keeps what was proved of an account.
    fn keep(&self, at: Address, (account, words): Proved, code: Option<Bytecode>) {
        let info = account.map_or_else(AccountInfo::default, |account| AccountInfo {
            nonce: account.nonce,
            balance: account.balance,
            code_hash: account.code_hash,
            code,
            ..Default::default()
        });
        self.db.accounts().write().insert(at, info);
        let mut storage = self.db.storage().write();
        storage.entry(at).or_default().extend(words);
    }

    /// The block, as nodes are asked for it: by its hash, so that none answers of another.
    fn id(&self) -> BlockId {
        BlockId::Hash(RpcBlockHash::from_hash(self.hash, Some(false)))
    }

    fn fetch_code(&self, at: Address, hash: B256) -> Result<Bytecode, Fetch> {
        if hash == KECCAK256_EMPTY {
            return Ok(Bytecode::default());
        }
        // Clones share their code.
        if let Some(code) = self.kept_code(hash) {
            return Ok(code);
        }
        let (provider, id) = (self.provider.clone(), self.id());
        let code = self.ask(async move {
            let code = provider.get_code_at(at).block_id(id).await;
            Ok(code.map_err(|fault| Fetch::Fault(explain(&fault.to_string()))))
        })??;
        checked_code(code, hash)
    }

    fn kept_code(&self, hash: B256) -> Option<Bytecode> {
        let accounts = self.db.accounts().read();
        accounts.values().find(|info| info.code_hash == hash).and_then(|info| info.code.clone())
    }

    /// Runs a request on the backend's thread.
    fn ask<T: std::fmt::Debug + Send + 'static>(
        &self,
        request: impl Future<Output = Result<T, eyre::Report>> + Send + 'static,
    ) -> Result<T, Fetch> {
        let answer = self.backend.clone().do_any_request(request);
        answer.map_err(|fault| Fetch::Fault(explain(&fault.to_string())))
    }
}

impl std::fmt::Debug for RpcFork {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RpcFork")
            .field("chain_id", &self.chain_id)
            .field("number", &self.header.number)
            .field("hash", &self.hash)
            .finish_non_exhaustive()
    }
}

impl StateSource for RpcFork {
    fn account(&self, at: Address) -> Result<Option<Account>, SourceError> {
        if self.kept_account(at).is_none() {
            self.fetch(at, &[])?;
        }
        let info = self.kept_account(at).unwrap_or_default();
        let is_none = info.is_empty();
        Ok((!is_none).then_some(Account {
            nonce: info.nonce,
            balance: info.balance,
            code_hash: info.code_hash,
        }))
    }

    fn storage(&self, at: Address, slot: U256) -> Result<U256, SourceError> {
        if let Some(word) = self.kept_slot(at, slot) {
            return Ok(word);
        }
        self.fetch(at, &[slot]).map_err(|fault| SourceError::Slot {
            at,
            slot,
            reason: fault.to_string(),
        })?;
        Ok(self.kept_slot(at, slot).unwrap_or_default())
    }

    fn code(&self, hash: B256) -> Result<Bytes, SourceError> {
        if hash == KECCAK256_EMPTY || hash.is_zero() {
            return Ok(Bytes::new());
        }
        let code = self.kept_code(hash).ok_or(SourceError::Code { hash })?;
        Ok(code.original_bytes())
    }

    fn block_hash(&self, number: u64) -> Result<B256, SourceError> {
        if number.checked_add(1) == Some(self.header.number) {
            return Ok(self.header.parent_hash);
        }
        self.backend.block_hash_ref(number).map_err(|_| SourceError::Block { number })
    }
}

/// Why a fetch gave nothing.
#[derive(Debug)]
enum Fetch {
    /// The node does not give proofs for this block.
    NoProof(String),
    /// Anything else.
    Fault(String),
}

fn classify(fault: TransportError) -> Fetch {
    match fault.as_error_resp() {
        Some(answer) => Fetch::NoProof(explain(&answer.to_string())),
        None => Fetch::Fault(explain(&fault.to_string())),
    }
}

/// Code as revm runs it, if it has the hash that was proved.
fn checked_code(code: Bytes, hash: B256) -> Result<Bytecode, Fetch> {
    match keccak256(&code) {
        found if found == hash => Ok(runtime_code(code)),
        found => Err(Fetch::Fault(format!(
            "the node's code has the hash {found}, but {hash} is proved for the account"
        ))),
    }
}

type Proved = (Option<TrieAccount>, Vec<(U256, U256)>);

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

fn ask_head(
    provider: &RootProvider<AnyNetwork>,
    options: &ForkOptions,
) -> Result<(u64, Header, B256), ForkError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| ForkError::Client(error.to_string()))?;
    runtime.block_on(head(provider, options))
}

async fn head(
    provider: &RootProvider<AnyNetwork>,
    options: &ForkOptions,
) -> Result<(u64, Header, B256), ForkError> {
    let node = |method: &'static str| {
        move |fault: TransportError| ForkError::Node { method, fault: fault.to_string() }
    };
    let chain_id = provider.get_chain_id().await.map_err(node("eth_chainId"))?;
    let number = match options.block {
        Some(number) => number,
        None => provider.get_block_number().await.map_err(node("eth_blockNumber"))?,
    };
    let block = provider.get_block_by_number(BlockNumberOrTag::Number(number)).await;
    let block = block.map_err(node("eth_getBlockByNumber"))?.ok_or(ForkError::NoBlock(number))?;
    let announced = block.header.hash;
    let header = block.header.inner.clone().into_header_with_defaults();
    if header.number != number {
        return Err(ForkError::WrongBlock { asked: number, found: header.number });
    }
    let found = header.hash_slow();
    let wrong = |wanted, whose| ForkError::Hash { number, found, wanted, whose };
    // The state root is believed because it is in the header, and the header because of its hash.
    if found != announced {
        return Err(wrong(announced, "is what the node calls it"));
    }
    match options.trusted_hash {
        Some(trusted) if trusted != found => Err(wrong(trusted, "is trusted")),
        _ => Ok((chain_id, header, found)),
    }
}

/// FOLDER/CHAIN/BLOCK.json
fn cache_file(folder: &Path, chain_id: u64, number: u64) -> PathBuf {
    folder.join(chain_id.to_string()).join(format!("{number}.json"))
}

fn block_env(header: &Header) -> BlockEnv {
    BlockEnv {
        number: U256::from(header.number),
        beneficiary: header.beneficiary,
        timestamp: U256::from(header.timestamp),
        gas_limit: header.gas_limit,
        basefee: header.base_fee_per_gas.unwrap_or_default(),
        prevrandao: Some(header.mix_hash),
        ..Default::default()
    }
}
