//! The state after one block, as all nodes have it.

use super::{Head, Node, nodes::agreed};
use crate::{Block, Chain, Error, Event, Filter, Receipt, Result, Tx};
use alloy_primitives::{Address, B256, Bytes, U256};

/// The state after one block. Nothing is sent through it.
#[derive(Debug, Clone)]
pub struct View {
    nodes: Vec<Node>,
    head: Head,
}

impl View {
    pub(super) const fn new(nodes: Vec<Node>, head: Head) -> Self {
        Self { nodes, head }
    }

    /// The block.
    pub const fn head(&self) -> Head {
        self.head
    }

    pub(super) fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Gas that `tx` would use if it came next.
    ///
    /// # Errors
    /// [`Error::Reverted`] when it would be refused; the node's when it cannot be asked.
    pub async fn estimate(&self, tx: &Tx) -> Result<u64> {
        let node = self.nodes.first().ok_or(super::NodeError::NoNode)?;
        node.estimate(tx).await
    }
}

impl Chain for View {
    async fn chain_id(&self) -> Result<u64> {
        agreed(&self.nodes, "the chain id", async |node| node.chain_id().await).await
    }

    async fn block(&self) -> Result<Block> {
        Ok(Block { number: self.head.number, timestamp: self.head.timestamp })
    }

    async fn code(&self, at: Address) -> Result<Bytes> {
        agreed(&self.nodes, "code", async |node| node.code(at).await).await
    }

    async fn storage(&self, at: Address, slot: B256) -> Result<B256> {
        agreed(&self.nodes, "storage", async |node| node.storage(at, slot).await).await
    }

    async fn balance(&self, at: Address) -> Result<U256> {
        agreed(&self.nodes, "a balance", async |node| node.balance(at).await).await
    }

    async fn nonce(&self, at: Address) -> Result<u64> {
        agreed(&self.nodes, "a nonce", async |node| node.nonce(at).await).await
    }

    async fn call(&self, tx: &Tx) -> Result<Bytes> {
        // To revert is an answer too, on which they must agree.
        let answer = agreed(&self.nodes, "a call", async |node| match node.call(tx).await {
            Ok(output) => Ok(Ok(output)),
            Err(Error::Reverted(reverted)) => Ok(Err(reverted)),
            Err(other) => Err(other),
        });
        answer.await?.map_err(Error::Reverted)
    }

    async fn send(&mut self, _: &Tx) -> Result<Receipt> {
        Err(Error::Rejected { reason: "this is the state after a block, to be read".to_owned() })
    }

    async fn logs(&self, filter: &Filter) -> Result<Vec<Event>> {
        let last = filter.to_block.unwrap_or(self.head.number).min(self.head.number);
        let filter = Filter { to_block: Some(last), ..filter.clone() };
        agreed(&self.nodes, "events", async |node| node.logs(&filter).await).await
    }
}
