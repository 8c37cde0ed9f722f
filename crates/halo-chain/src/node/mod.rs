//! Nodes reached by JSON-RPC: one, [`Node`], or several that must agree, [`Nodes`].

mod anvil;
mod error;
mod keys;
mod nodes;
mod send;
mod state;
mod transport;
mod view;

pub use anvil::{Anvil, anvil_program};
pub use error::NodeError;
pub use keys::{KeyError, Keys, Signed};
pub use nodes::{Head, Nodes};
pub use send::{Fees, Mined, Order, Refusal};
pub use state::ViewState;
pub use transport::{TIMEOUT, transport};
pub use view::View;

use crate::{Block, Chain, Error, Event, Filter, Receipt, Result, TimeTravel, Tx, error::Reverted};
use alloy::{
    eips::{BlockId, BlockNumberOrTag},
    network::{EthereumWallet, ReceiptResponse, TransactionBuilder},
    providers::{DynProvider, Provider, ProviderBuilder, ext::AnvilApi},
    rpc::{
        client::RpcClient,
        types::{self as rpc, TransactionReceipt, TransactionRequest},
    },
    transports::{RpcError, TransportError, http::reqwest::Url},
};
use alloy_primitives::{Address, B256, Bytes, U256};
use error::shown_url;
use std::time::{Duration, Instant};

/// How long a send waits for its block.
const MINED_WITHIN: Duration = Duration::from_secs(300);

/// A node reached by JSON-RPC. Over HTTP nothing is retried, unless it is one of [`Nodes`]: a fault is an error that
/// names method and node.
///
/// Its futures wait on a tokio runtime with time and I/O.
#[derive(Debug, Clone)]
pub struct Node {
    provider: DynProvider,
    url: Url,
    sender: Sender,
    /// The block whose state is read.
    at: BlockId,
}

/// Who signs what is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sender {
    /// Nobody: sends are refused.
    Nobody,
    /// The keys that we hold, with the node's price of gas.
    Wallet,
    /// The node itself, for any address and at no price: anvil.
    Impersonated,
}

impl Node {
    /// Connects for reading; asks the node nothing yet.
    ///
    /// # Errors
    /// When `url` is not an HTTP URL.
    pub fn connect(url: &str) -> Result<Self, NodeError> {
        Self::build(url, None, Sender::Nobody)
    }

    /// Connects for sending with the keys of `wallet`; other senders are refused.
    ///
    /// Gas, its price and the nonce are those that the node estimates; a [`Tx`]'s own gas limit is not used.
    ///
    /// # Errors
    /// When `url` is not an HTTP URL.
    pub fn with_wallet(url: &str, wallet: EthereumWallet) -> Result<Self, NodeError> {
        Self::build(url, Some(wallet), Sender::Wallet)
    }

    /// Connects to an anvil that takes every sender at its word.
    ///
    /// # Errors
    /// When `url` is not an HTTP URL.
    pub fn impersonating(url: &str) -> Result<Self, NodeError> {
        Self::build(url, None, Sender::Impersonated)
    }

    fn build(url: &str, wallet: Option<EthereumWallet>, sender: Sender) -> Result<Self, NodeError> {
        let parsed = url.parse::<Url>();
        let http = parsed.ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        let url = http.ok_or(NodeError::Url)?;
        let provider = match wallet {
            Some(wallet) => {
                ProviderBuilder::new().wallet(wallet).connect_http(url.clone()).erased()
            }
            None => {
                let plain = ProviderBuilder::new().disable_recommended_fillers();
                plain.connect_http(url.clone()).erased()
            }
        };
        Ok(Self { provider, url, sender, at: BlockId::latest() })
    }

    /// Connects for reading, over HTTP or WebSocket, with a time limit for each request and retries where the fault may
    /// pass.
    ///
    /// # Errors
    /// When `url` is not that of a node, or its WebSocket does not open.
    pub async fn patient(url: &str, timeout: Duration) -> Result<Self, NodeError> {
        let known = |url: &Url| matches!(url.scheme(), "http" | "https" | "ws" | "wss");
        let url = url.parse().ok().filter(known).ok_or(NodeError::Url)?;
        let opened = transport(&url, timeout).await;
        let opened = opened.map_err(|error| NodeError::call("connect", &url, &error))?;
        let provider = ProviderBuilder::new()
            .disable_recommended_fillers()
            .connect_client(RpcClient::new(opened, false))
            .erased();
        Ok(Self { provider, url, sender: Sender::Nobody, at: BlockId::latest() })
    }

    /// The same node, read at one block.
    fn read_at(&self, number: u64) -> Self {
        Self { at: BlockId::number(number), ..self.clone() }
    }

    /// The alloy provider, for what [`Chain`] does not offer.
    pub const fn provider(&self) -> &DynProvider {
        &self.provider
    }

    /// The node's URL without user, password, path and query, which may hold keys.
    pub fn shown_url(&self) -> String {
        shown_url(&self.url)
    }

    fn fault(&self, method: &'static str) -> impl FnOnce(TransportError) -> Error + '_ {
        move |source| NodeError::call(method, &self.url, &source).into()
    }

    /// A revert in a node's answer, or the answer as a fault.
    fn reverted(&self, method: &'static str, tx: &Tx, source: TransportError) -> Error {
        match revert_data(&source) {
            Some(data) => revert(tx, data, 0),
            None => self.fault(method)(source),
        }
    }

    async fn timestamp_of(&self, block: u64) -> Result<u64> {
        Ok(self.head(BlockId::number(block)).await?.timestamp)
    }

    async fn mined(&self, hash: B256) -> Result<TransactionReceipt> {
        let method = "eth_getTransactionReceipt";
        let start = Instant::now();
        let mut pause = Duration::from_millis(2);
        loop {
            let found = self.provider.get_transaction_receipt(hash).await;
            if let Some(receipt) = found.map_err(self.fault(method))? {
                return Ok(receipt);
            }
            if start.elapsed() > MINED_WITHIN {
                return Err(NodeError::NotMined { url: self.shown_url(), hash }.into());
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(2));
        }
    }

    fn request(&self, tx: &Tx) -> TransactionRequest {
        let mut request = request_of(tx);
        if self.sender == Sender::Impersonated {
            request.set_gas_price(0);
        }
        request
    }
}

impl Chain for Node {
    async fn chain_id(&self) -> Result<u64> {
        self.provider.get_chain_id().await.map_err(self.fault("eth_chainId"))
    }

    async fn block(&self) -> Result<Block> {
        let Head { number, timestamp, .. } = self.head(self.at).await?;
        Ok(Block { number, timestamp })
    }

    async fn code(&self, at: Address) -> Result<Bytes> {
        self.provider.get_code_at(at).block_id(self.at).await.map_err(self.fault("eth_getCode"))
    }

    async fn storage(&self, at: Address, slot: B256) -> Result<B256> {
        let word = self.provider.get_storage_at(at, slot.into()).block_id(self.at).await;
        Ok(word.map_err(self.fault("eth_getStorageAt"))?.into())
    }

    async fn balance(&self, at: Address) -> Result<U256> {
        self.provider.get_balance(at).block_id(self.at).await.map_err(self.fault("eth_getBalance"))
    }

    async fn nonce(&self, at: Address) -> Result<u64> {
        let count = self.provider.get_transaction_count(at).block_id(self.at).await;
        count.map_err(self.fault("eth_getTransactionCount"))
    }

    async fn call(&self, tx: &Tx) -> Result<Bytes> {
        let request = self.request(tx).with_gas_limit(tx.gas);
        let answer = self.provider.call(request).block(self.at).await;
        answer.map_err(|source| self.reverted("eth_call", tx, source))
    }

    async fn send(&mut self, tx: &Tx) -> Result<Receipt> {
        let mut request = self.request(tx);
        let method = match self.sender {
            Sender::Nobody => {
                let reason = format!("no key for {} was given", tx.from);
                return Err(Error::Rejected { reason });
            }
            // Without a limit the wallet's provider estimates it, and so sees a revert before it costs anything.
            Sender::Wallet => "eth_sendRawTransaction",
            Sender::Impersonated => {
                request.set_gas_limit(tx.gas);
                "eth_sendTransaction"
            }
        };
        let sent = self.provider.send_transaction(request.clone()).await;
        let sent = sent.map_err(|source| self.reverted(method, tx, source))?;
        let receipt = self.mined(*sent.tx_hash()).await?;
        let block = receipt.block_number.unwrap_or_default();
        if !receipt.status() {
            // A receipt has no revert data; the same call on the block before gives it.
            let before = BlockId::number(block.saturating_sub(1));
            let again = self.provider.call(request).block(before).await;
            let data = again.err().as_ref().and_then(revert_data).unwrap_or_default();
            return Err(revert(tx, data, receipt.gas_used));
        }
        Ok(Receipt {
            tx: receipt.transaction_hash,
            block,
            timestamp: self.timestamp_of(block).await?,
            gas_used: receipt.gas_used,
            created: receipt.contract_address(),
            logs: receipt.logs().iter().map(|log| log.inner.clone()).collect(),
        })
    }

    async fn logs(&self, filter: &Filter) -> Result<Vec<Event>> {
        // Some nodes answer a range that begins after the latest block with an error.
        if filter.from_block > self.block().await?.number {
            return Ok(Vec::new());
        }
        let mut wanted = rpc::Filter::new().from_block(filter.from_block);
        wanted = match filter.to_block {
            Some(last) => wanted.to_block(last),
            None => wanted.to_block(BlockNumberOrTag::Latest),
        };
        wanted.address = filter.address.map(Into::into).unwrap_or_default();
        for (slot, topic) in wanted.topics.iter_mut().zip(filter.topics) {
            *slot = topic.map(Into::into).unwrap_or_default();
        }
        let found = self.provider.get_logs(&wanted).await.map_err(self.fault("eth_getLogs"))?;
        let mut events: Vec<Event> = Vec::with_capacity(found.len());
        for log in found {
            events.push(self.event(log, events.last()).await?);
        }
        Ok(events)
    }
}

impl Node {
    /// An event with its block's time, which most nodes send along; `last` saves asking twice for one block.
    async fn event(&self, log: rpc::Log, last: Option<&Event>) -> Result<Event> {
        let block = log.block_number.unwrap_or_default();
        let timestamp = match (log.block_timestamp, last) {
            (Some(timestamp), _) => timestamp,
            (None, Some(last)) if last.block == block => last.timestamp,
            (None, _) => self.timestamp_of(block).await?,
        };
        let index = log.log_index.unwrap_or_default();
        let tx = log.transaction_hash.unwrap_or_default();
        Ok(Event { log: log.inner, block, timestamp, tx, index })
    }
}

impl TimeTravel for Node {
    async fn travel_to(&mut self, timestamp: u64) -> Result<()> {
        let now = self.block().await?.timestamp;
        if timestamp < now {
            return Err(Error::Clock { now, wanted: timestamp });
        }
        let next = self.provider.anvil_set_next_block_timestamp(timestamp).await;
        next.map_err(self.fault("evm_setNextBlockTimestamp"))?;
        self.provider.evm_mine(None).await.map_err(self.fault("evm_mine"))?;
        Ok(())
    }
}

/// What a transaction does, without what is paid for it.
fn request_of(tx: &Tx) -> TransactionRequest {
    let mut request = TransactionRequest::default()
        .with_from(tx.from)
        .with_value(tx.value)
        .with_input(tx.data.clone());
    match tx.to {
        Some(to) => request.set_to(to),
        None => request.set_create(),
    }
    request
}

fn revert(tx: &Tx, data: Bytes, gas_used: u64) -> Error {
    let (from, to, input) = (tx.from, tx.to, tx.data.clone());
    Error::Reverted(Box::new(Reverted { from, to, input, data, gas_used }))
}

/// The revert data in an answer that says that a contract reverted; empty when it has none.
fn revert_data(error: &TransportError) -> Option<Bytes> {
    let RpcError::ErrorResp(payload) = error else { return None };
    let says_so = payload.code == 3 || payload.message.contains("execution reverted");
    payload.as_revert_data().or_else(|| says_so.then(Bytes::new))
}
