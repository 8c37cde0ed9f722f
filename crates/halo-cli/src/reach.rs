//! Reaching the chain that a command reads: the embedded one in the state folder, a node, or a fork.

use alloy_primitives::{Address, B256, Bytes, U256};
use halo_chain::{Block, Chain, Embedded, Event, Filter, Node, Receipt, Result, Tx};
use miette::miette;

use crate::{args::ReachArgs, exit::Failure, fork, road};

/// A chain that is read.
pub(crate) enum Reached {
    Embedded(Box<Embedded>),
    Node(Node),
}

/// The chain that the arguments name. A fork must be of this chain.
pub(crate) fn reach(args: &ReachArgs, chain_id: u64, chain: &str) -> Result<Reached, Failure> {
    if let Some(url) = &args.rpc_url {
        let node = Node::connect(url.as_str()).map_err(|error| {
            Failure::input(miette!(help = "--rpc-url takes the HTTP URL of a node", "{error}"))
        })?;
        return Ok(Reached::Node(node));
    }
    if let Some(fork) = fork::open(&args.fork, chain_id, chain)? {
        return Ok(Reached::Embedded(Box::new(fork.chain())));
    }
    let chain = road::store(&args.state.state)?.load()?.ok_or_else(|| {
        Failure::input(miette!(
            help = "run `halo deploy` or `halo launch` first, name the folder with --state, or a node with --rpc-url",
            "there is no embedded chain in {}",
            args.state.state.display()
        ))
    })?;
    Ok(Reached::Embedded(Box::new(chain)))
}

/// Runs a future to its end: one of a node waits for the network.
pub(crate) fn wait<F: Future>(future: F) -> Result<F::Output, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| {
        Failure::outside(miette!("the system gives no means to wait for the network: {error}"))
    })?;
    Ok(runtime.block_on(future))
}

macro_rules! either {
    ($self:ident, $chain:ident => $call:expr) => {
        match $self {
            Self::Embedded(inner) => {
                let $chain = inner.as_ref();
                $call.await
            }
            Self::Node($chain) => $call.await,
        }
    };
}

impl Chain for Reached {
    async fn chain_id(&self) -> Result<u64> {
        either!(self, chain => Chain::chain_id(chain))
    }

    async fn block(&self) -> Result<Block> {
        either!(self, chain => Chain::block(chain))
    }

    async fn code(&self, at: Address) -> Result<Bytes> {
        either!(self, chain => Chain::code(chain, at))
    }

    async fn storage(&self, at: Address, slot: B256) -> Result<B256> {
        either!(self, chain => Chain::storage(chain, at, slot))
    }

    async fn balance(&self, at: Address) -> Result<U256> {
        either!(self, chain => Chain::balance(chain, at))
    }

    async fn nonce(&self, at: Address) -> Result<u64> {
        either!(self, chain => Chain::nonce(chain, at))
    }

    async fn call(&self, tx: &Tx) -> Result<Bytes> {
        either!(self, chain => Chain::call(chain, tx))
    }

    async fn send(&mut self, tx: &Tx) -> Result<Receipt> {
        match self {
            Self::Embedded(chain) => Chain::send(chain.as_mut(), tx).await,
            Self::Node(chain) => Chain::send(chain, tx).await,
        }
    }

    async fn logs(&self, filter: &Filter) -> Result<Vec<Event>> {
        either!(self, chain => Chain::logs(chain, filter))
    }
}
