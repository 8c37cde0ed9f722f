//! Sending in its parts: fees, signing, handing in, and what became of it.

use super::{
    Keys, Node, NodeError, Nodes, Signed, View, error::plain, nodes::agreed, request_of, revert,
};
use crate::{Chain, Error, Result, Tx};
use alloy::{
    consensus::{Transaction as _, TxEnvelope},
    eips::{BlockId, eip2718::Decodable2718},
    network::{TransactionBuilder, TransactionResponse as _},
    providers::{Provider, ext::AnvilApi},
    rpc::types::TransactionRequest,
    transports::{RpcError, TransportError},
};
use alloy_primitives::{Address, B256, Bytes, U256};

/// Ether that an impersonated account gets when it has too little for gas, wei.
const ALLOWANCE: u128 = 1_000_000_000_000_000_000_000;

/// What a unit of gas may cost, in wei (EIP-1559).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fees {
    /// The most, base fee and tip together.
    pub max: u128,
    /// The tip at most.
    pub tip: u128,
}

/// A transaction with everything that its signature covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// What is sent. Its gas is the limit.
    pub tx: Tx,
    /// The chain's id.
    pub chain_id: u64,
    /// The sender's nonce.
    pub nonce: u64,
    /// What it may cost.
    pub fees: Fees,
}

impl Order {
    /// Signs it with the key of its sender.
    ///
    /// # Errors
    /// When there is no such key, or it cannot sign.
    pub async fn sign(&self, keys: &Keys) -> Result<Signed, NodeError> {
        Ok(keys.sign(self.request()).await?)
    }

    /// What the bytes of a signed transaction send as `from`.
    ///
    /// # Errors
    /// When they are none.
    pub fn decode(from: Address, raw: &[u8]) -> Result<Tx, NodeError> {
        let decoded = TxEnvelope::decode_2718_exact(raw);
        let tx = decoded.map_err(|fault| NodeError::Raw { fault: fault.to_string() })?;
        let (to, data) = (tx.to(), tx.input().clone());
        Ok(Tx { from, to, data, value: tx.value(), gas: tx.gas_limit() })
    }

    fn request(&self) -> TransactionRequest {
        let Self { tx, chain_id, nonce, fees } = self;
        request_of(tx)
            .with_gas_limit(tx.gas)
            .with_chain_id(*chain_id)
            .with_nonce(*nonce)
            .with_max_fee_per_gas(fees.max)
            .with_max_priority_fee_per_gas(fees.tip)
    }
}

/// A transaction in a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mined {
    /// Its hash.
    pub hash: B256,
    /// The block's number.
    pub block: u64,
    /// The block's hash.
    pub block_hash: B256,
    /// The block's UTC second.
    pub timestamp: u64,
    /// Gas used.
    pub gas: u64,
    /// Whether it did not revert.
    pub succeeded: bool,
}

/// Why no node took a transaction.
#[derive(Debug)]
pub enum Refusal {
    /// It pays too little for now.
    Underpriced(String),
    /// Its nonce is used already.
    NonceUsed,
    /// The sender has too little ether.
    Poor(String),
    /// Another reason, or the nodes cannot be asked.
    Other(Error),
}

impl Nodes {
    /// What a transaction should pay to be in one of the next blocks: the highest that a node says.
    ///
    /// # Errors
    /// When a node fails.
    pub async fn fees(&self) -> Result<Fees> {
        let mut fees = Fees { max: 0, tip: 0 };
        for node in self.all() {
            let said = node.provider.estimate_eip1559_fees().await;
            let said = said.map_err(node.fault("eth_feeHistory"))?;
            fees.max = fees.max.max(said.max_fee_per_gas);
            fees.tip = fees.tip.max(said.max_priority_fee_per_gas);
        }
        Ok(fees)
    }

    /// The nonce that comes next for `of`, after all that any node knows of, in a block or not yet.
    ///
    /// # Errors
    /// When a node fails.
    pub async fn next_nonce(&self, of: Address) -> Result<u64> {
        let mut next = 0;
        for node in self.all() {
            let count = node.provider.get_transaction_count(of).pending().await;
            next = next.max(count.map_err(node.fault("eth_getTransactionCount"))?);
        }
        Ok(next)
    }

    /// Transactions of `of` that are in blocks on all nodes.
    ///
    /// # Errors
    /// When a node fails.
    pub async fn used_nonces(&self, of: Address) -> Result<u64> {
        let mut least = u64::MAX;
        for node in self.all() {
            least = least.min(node.nonce(of).await?);
        }
        Ok(least)
    }

    /// Hands a signed transaction to every node. One that knows it already has taken it.
    ///
    /// # Errors
    /// When none takes it.
    pub async fn submit(&self, raw: &[u8]) -> Result<(), Refusal> {
        let mut refusal = None;
        let mut taken = false;
        for node in self.all() {
            match node.provider.send_raw_transaction(raw).await {
                Ok(_) => taken = true,
                Err(error) if is_known(&error) => taken = true,
                Err(error) => {
                    refusal =
                        refusal.or_else(|| Some(node.refusal("eth_sendRawTransaction", &error)));
                }
            }
        }
        match refusal {
            Some(refusal) if !taken => Err(refusal),
            _ => Ok(()),
        }
    }

    /// Sends as an account whose key nobody has, on anvil, which gives it ether for the gas.
    ///
    /// # Errors
    /// When the node refuses.
    pub async fn submit_as(&self, order: &Order) -> Result<B256, Refusal> {
        let node = self.all().first().ok_or(Refusal::Other(NodeError::NoNode.into()))?;
        let from = order.tx.from;
        let ready = async {
            let needed = U256::from(order.tx.gas) * U256::from(order.fees.max) + order.tx.value;
            if node.balance(from).await? < needed {
                let given =
                    node.provider.anvil_set_balance(from, needed.max(U256::from(ALLOWANCE)));
                given.await.map_err(node.fault("anvil_setBalance"))?;
            }
            let asked = node.provider.anvil_impersonate_account(from).await;
            asked.map_err(node.fault("anvil_impersonateAccount"))
        };
        ready.await.map_err(Refusal::Other)?;
        match node.provider.send_transaction(order.request()).await {
            Ok(sent) => Ok(*sent.tx_hash()),
            Err(error) => Err(node.refusal("eth_sendTransaction", &error)),
        }
    }

    /// The transaction in its block, once every node has it, and in the same one.
    ///
    /// # Errors
    /// When a node fails.
    pub async fn mined(&self, hash: B256) -> Result<Option<Mined>> {
        let mut found: Option<Mined> = None;
        for node in self.all() {
            let Some(mined) = node.mined_in(hash).await? else { return Ok(None) };
            if found.is_some_and(|found| found != mined) {
                return Ok(None);
            }
            found = Some(mined);
        }
        Ok(found)
    }

    /// Whether some node knows the transaction, in a block or waiting for one.
    ///
    /// # Errors
    /// When a node fails.
    pub async fn knows(&self, hash: B256) -> Result<bool> {
        for node in self.all() {
            let found = node.provider.get_transaction_by_hash(hash).await;
            if found.map_err(node.fault("eth_getTransactionByHash"))?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The transaction in which `from` used its nonce `nonce`, if the node still has the state of that time.
    pub async fn by_nonce(&self, from: Address, nonce: u64) -> Option<B256> {
        let node = self.all().first()?;
        let count = async |block: u64| {
            let count = node.provider.get_transaction_count(from).block_id(BlockId::number(block));
            count.await.ok()
        };
        let (mut before, mut after) = (None, node.provider.get_block_number().await.ok()?);
        if count(after).await? <= nonce {
            return None;
        }
        // Steps that double from the newest block back, then halves.
        let mut step = 1;
        while before.is_none() && after > 0 {
            let block = after.saturating_sub(step);
            match count(block).await? {
                used if used <= nonce => before = Some(block),
                _ => after = block,
            }
            step *= 2;
        }
        let mut before = before?;
        while after - before > 1 {
            let middle = before + (after - before) / 2;
            if count(middle).await? <= nonce { before = middle } else { after = middle }
        }
        let block = node.provider.get_block_by_number(after.into()).full().await.ok()??;
        let mut all = block.transactions.into_transactions();
        all.find_map(|tx| (tx.from() == from && tx.nonce() == nonce).then(|| tx.tx_hash()))
    }

    /// Why a mined transaction reverted, as the same call on the state before its block says.
    pub async fn why_reverted(&self, tx: &Tx, mined: &Mined) -> Error {
        let Some(node) = self.all().first() else { return NodeError::NoNode.into() };
        match node.read_at(mined.block.saturating_sub(1)).call(tx).await {
            Err(error @ Error::Reverted(_)) => error,
            _ => revert(tx, Bytes::new(), mined.gas),
        }
    }
}

impl View {
    /// The hash of the block `number`, the same on all nodes.
    ///
    /// # Errors
    /// When a node fails, or they disagree.
    pub async fn block_hash(&self, number: u64) -> Result<B256> {
        let at = BlockId::number(number);
        agreed(self.nodes(), "a block", async |node| Ok(node.head(at).await?.hash)).await
    }
}

impl Node {
    pub(super) async fn estimate(&self, tx: &Tx) -> Result<u64> {
        // Without a price, so that the balance does not limit the gas.
        let gas = self.provider.estimate_gas(self.request(tx)).block(self.at).await;
        gas.map_err(|source| self.reverted("eth_estimateGas", tx, source))
    }

    async fn mined_in(&self, hash: B256) -> Result<Option<Mined>> {
        let found = self.provider.get_transaction_receipt(hash).await;
        let Some(receipt) = found.map_err(self.fault("eth_getTransactionReceipt"))? else {
            return Ok(None);
        };
        let (Some(block), Some(block_hash)) = (receipt.block_number, receipt.block_hash) else {
            return Ok(None);
        };
        if receipt.transaction_hash != hash {
            let fault = format!("it was asked for {hash} and gave {}", receipt.transaction_hash);
            return Err(NodeError::answer("eth_getTransactionReceipt", &self.url, fault).into());
        }
        Ok(Some(Mined {
            hash,
            block,
            block_hash,
            timestamp: self.timestamp_of(block).await?,
            gas: receipt.gas_used,
            succeeded: receipt.status(),
        }))
    }

    fn refusal(&self, method: &'static str, error: &TransportError) -> Refusal {
        let said = match error {
            RpcError::ErrorResp(answer) => plain(&answer.message).to_lowercase(),
            _ => return Refusal::Other(NodeError::call(method, &self.url, error).into()),
        };
        let says = |words: &[&str]| words.iter().any(|words| said.contains(words));
        if says(&["nonce too low", "nonce is too low", "already been used", "oldnonce"]) {
            return Refusal::NonceUsed;
        }
        if says(&["insufficient funds", "insufficient balance", "lack of funds"]) {
            return Refusal::Poor(said);
        }
        if says(&[
            "underpriced",
            "fee per gas less than",
            "fee cap less than",
            "fee too low",
            "feetoolow",
        ]) {
            return Refusal::Underpriced(said);
        }
        Refusal::Other(NodeError::call(method, &self.url, error).into())
    }
}

/// Whether the node says that it has the transaction.
fn is_known(error: &TransportError) -> bool {
    let RpcError::ErrorResp(answer) = error else { return false };
    let said = answer.message.to_lowercase();
    ["already known", "already imported", "alreadyknown", "known transaction"]
        .iter()
        .any(|words| said.contains(words))
}
