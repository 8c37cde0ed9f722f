//! The state of one block, fetched from nodes over JSON-RPC, each account and slot once, and kept in a file.
//!
//! Accounts and slots come by `eth_getProof`, one call for an account with all of its slots that are asked for together,
//! and are proved against the block's state root; the block's header is held against its hash. Nodes that do not give
//! proofs for the block are asked plainly, unless proofs were demanded. The file has Foundry's format, so that its tools
//! read it and theirs is read here.

pub mod cache;
mod explain;
mod fetch;
mod nodes;

pub use nodes::{TIMEOUT, Traffic};
pub use reqwest::Url;

use alloy::{
    eips::{BlockId, BlockNumberOrTag, RpcBlockHash},
    network::AnyNetwork,
    providers::{Provider, RootProvider},
    rpc::client::RpcClient,
    transports::TransportError,
};
use alloy_consensus::Header;
use alloy_primitives::{Address, B256, Bytes, KECCAK256_EMPTY, U256};
use explain::explain;
use foundry_fork_db::{
    BlockchainDb, SharedBackend, backend::BlockingMode, cache::BlockchainDbMeta,
};
use halo_chain::{Account, SourceError, StateSource};
use revm::{DatabaseRef, bytecode::Bytecode, context::BlockEnv, state::AccountInfo};
use std::{
    path::{Path, PathBuf},
    sync::{Arc, atomic::AtomicBool},
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
    /// A URL that is not one of HTTP.
    #[error("a fork is read over http or https, not over `{0}`")]
    Scheme(String),
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
        if let Some(url) = options.urls.iter().find(|url| !url.scheme().starts_with("http")) {
            return Err(ForkError::Scheme(url.scheme().to_owned()));
        }
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

        let folder = options.cache.as_deref();
        let file = folder.map(|folder| cache::file(folder, chain_id, header.number));
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

    /// Whether nothing of the state is known yet.
    pub fn is_empty(&self) -> bool {
        self.db.accounts().read().is_empty()
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

    /// The block, as nodes are asked for it: by its hash, so that none answers of another.
    fn id(&self) -> BlockId {
        BlockId::Hash(RpcBlockHash::from_hash(self.hash, Some(false)))
    }

    fn kept_code(&self, hash: B256) -> Option<Bytecode> {
        if hash == KECCAK256_EMPTY {
            return Some(Bytecode::default());
        }
        let accounts = self.db.accounts().read();
        accounts.values().find(|info| info.code_hash == hash).and_then(|info| info.code.clone())
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
            self.fetch(&[(at, Vec::new())])?;
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
        self.fetch(&[(at, vec![slot])]).map_err(|fault| SourceError::Slot {
            at,
            slot,
            reason: fault.to_string(),
        })?;
        Ok(self.kept_slot(at, slot).unwrap_or_default())
    }

    fn code(&self, hash: B256) -> Result<Bytes, SourceError> {
        Ok(self.bytecode(hash)?.original_bytes())
    }

    fn bytecode(&self, hash: B256) -> Result<Bytecode, SourceError> {
        if hash == KECCAK256_EMPTY || hash.is_zero() {
            return Ok(Bytecode::default());
        }
        self.kept_code(hash).ok_or(SourceError::Code { hash })
    }

    fn block_hash(&self, number: u64) -> Result<B256, SourceError> {
        if number.checked_add(1) == Some(self.header.number) {
            return Ok(self.header.parent_hash);
        }
        self.backend.block_hash_ref(number).map_err(|_| SourceError::Block { number })
    }
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
