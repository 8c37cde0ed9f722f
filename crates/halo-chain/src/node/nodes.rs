//! Several nodes of one chain. What is believed is what all of them say.

use super::{Node, NodeError, View};
use crate::{Chain, Result};
use alloy::{eips::BlockId, providers::Provider};
use alloy_primitives::B256;
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// How long nodes may take to come to the same block.
const MEET_WITHIN: Duration = Duration::from_secs(60);
/// The pauses in which they are asked again: the first, and the longest.
pub(super) const PAUSES: (Duration, Duration) = (Duration::from_millis(25), Duration::from_secs(4));

/// One or more nodes of one chain, for reading and for sending what is signed elsewhere.
#[derive(Debug, Clone)]
pub struct Nodes {
    /// Never empty.
    all: Vec<Node>,
    meet_within: Duration,
}

/// A block that all nodes have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Its number.
    pub number: u64,
    /// Its hash.
    pub hash: B256,
    /// Its UTC second.
    pub timestamp: u64,
}

impl Nodes {
    /// Connects to each of `urls`, whose scheme is http, https, ws or wss; a request that takes longer than `timeout`
    /// is made again.
    ///
    /// # Errors
    /// When there is no URL, one is not a node's, or a WebSocket does not open.
    pub async fn connect(urls: &[String], timeout: Duration) -> Result<Self, NodeError> {
        let mut all = Vec::with_capacity(urls.len());
        for url in urls {
            all.push(Node::patient(url, timeout).await?);
        }
        if all.is_empty() {
            return Err(NodeError::NoNode);
        }
        Ok(Self { all, meet_within: MEET_WITHIN })
    }

    /// The same, with another limit for how long the nodes may take to come to the same block.
    #[must_use]
    pub const fn meeting_within(mut self, limit: Duration) -> Self {
        self.meet_within = limit;
        self
    }

    /// The nodes by their scheme, host and port.
    pub fn shown(&self) -> String {
        let urls: Vec<_> = self.all.iter().map(Node::shown_url).collect();
        urls.join(", ")
    }

    pub(super) fn all(&self) -> &[Node] {
        &self.all
    }

    /// The chain's id, the same on all nodes.
    ///
    /// # Errors
    /// When a node fails or they disagree.
    pub async fn chain_id(&self) -> Result<u64> {
        self.agreed("the chain id", async |node| node.chain_id().await).await
    }

    /// The newest block that all nodes have, not before `least`. Nodes that are behind, or not of one mind about the
    /// block as during a reorganisation, are waited for.
    ///
    /// # Errors
    /// When a node fails, stays behind, or they still disagree after a minute.
    pub async fn head(&self, least: u64) -> Result<Head> {
        let (start, mut pause) = (Instant::now(), PAUSES.0);
        loop {
            let error = match self.meet(least).await {
                Ok(head) => return Ok(head),
                Err(error) => error,
            };
            let passes = matches!(
                &error,
                crate::Error::Node(NodeError::Behind { .. } | NodeError::Disagree { .. })
            );
            if !passes || start.elapsed() >= self.meet_within {
                return Err(error);
            }
            sleep(pause).await;
            pause = (pause * 2).min(PAUSES.1);
        }
    }

    async fn meet(&self, least: u64) -> Result<Head> {
        let mut lowest: Option<Head> = None;
        for node in &self.all {
            let head = node.head(BlockId::latest()).await?;
            if head.number < least {
                let url = node.shown_url();
                return Err(NodeError::Behind { url, at: head.number, seen: least }.into());
            }
            lowest = Some(lowest.filter(|lowest| lowest.number <= head.number).unwrap_or(head));
        }
        let lowest = lowest.ok_or(NodeError::NoNode)?;
        if self.all.len() == 1 {
            return Ok(lowest);
        }
        let at = BlockId::number(lowest.number);
        self.agreed("the latest block", async |node| node.head(at).await).await
    }

    /// The chain as it is after a block; what is read of it is the same on all nodes.
    pub fn at(&self, head: Head) -> View {
        View::new(self.all.iter().map(|node| node.read_at(head.number)).collect(), head)
    }

    /// What every node answers.
    pub(super) async fn agreed<T: PartialEq>(
        &self,
        what: &'static str,
        ask: impl AsyncFn(&Node) -> Result<T>,
    ) -> Result<T> {
        agreed(&self.all, what, ask).await
    }
}

/// What every node answers, of at least one.
pub(super) async fn agreed<T: PartialEq>(
    nodes: &[Node],
    what: &'static str,
    ask: impl AsyncFn(&Node) -> Result<T>,
) -> Result<T> {
    let (first, others) = nodes.split_first().ok_or(NodeError::NoNode)?;
    let answer = ask(first).await?;
    for other in others {
        if ask(other).await? != answer {
            let (first, second) = (first.shown_url(), other.shown_url());
            return Err(NodeError::Disagree { what, first, second }.into());
        }
    }
    Ok(answer)
}

impl Node {
    pub(super) async fn head(&self, at: BlockId) -> Result<Head> {
        let method = "eth_getBlockByNumber";
        let found = self.provider.get_block(at).await.map_err(self.fault(method))?;
        let missing = || NodeError::answer(method, &self.url, format!("there is no block {at}"));
        let header = found.ok_or_else(missing)?.header;
        Ok(Head { number: header.number, hash: header.hash, timestamp: header.timestamp })
    }
}
