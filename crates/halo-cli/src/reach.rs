//! Reaching the chain that a command reads: the embedded one in the state folder, a node, or a fork.

use std::sync::OnceLock;

use alloy_primitives::{Address, B256, Bytes, U256};
use halo_chain::{
    Block, Chain, Embedded, Event, Filter, Labels, Receipt, Result, Tx,
    node::{NodeError, Nodes, TIMEOUT, View},
};
use miette::miette;
use tokio::runtime::{Builder, Runtime};

use crate::{
    args::{ForkArgs, ReachArgs},
    exit::Failure,
    fork::{self, Fork},
    output::Printer,
    road,
};

/// A chain that is read.
pub(crate) enum Reached {
    Embedded(Box<Embedded>),
    /// A chain over a state from outside.
    Fork(Box<Embedded>, Box<Fork>),
    /// Nodes, at the block that was their latest.
    Node(View),
}

/// The chain that the arguments name. A fork must be of this chain.
pub(crate) fn reach(args: &ReachArgs, chain_id: u64, chain: &str) -> Result<Reached, Failure> {
    if !args.rpc_url.is_empty() {
        fork::refuse_idle(&args.fork)?;
        let urls: Vec<String> = args.rpc_url.iter().map(ToString::to_string).collect();
        return wait(async {
            let connected = Nodes::connect(&urls, TIMEOUT).await;
            let nodes = connected.map_err(|error| match error {
                NodeError::Url => Failure::input(miette!(
                    help = "--rpc-url takes the URL of a node; several, separated by commas, must agree",
                    "{error}"
                )),
                other => halo_chain::Error::from(other).into(),
            })?;
            let head = nodes.head(0).await?;
            Ok(Reached::Node(nodes.at(head)))
        })?;
    }
    if let Some(fork) = fork::open(&args.fork, chain_id, chain)? {
        return Ok(Reached::Fork(Box::new(fork.chain()), Box::new(fork)));
    }
    let help = "run `halo deploy` or `halo launch` first, name the folder with --state, or a node with --rpc-url";
    let chain = road::kept(&args.state.state, help)?;
    Ok(Reached::Embedded(Box::new(chain)))
}

impl Reached {
    /// When all is read: of a state from outside, keeps what was fetched or recorded and says what it was.
    pub(crate) fn conclude(
        &self,
        args: &ForkArgs,
        printer: Printer,
    ) -> std::result::Result<(), Failure> {
        let Self::Fork(_, fork) = self else { return Ok(()) };
        fork.keep(args, printer)?;
        fork.ground(&Labels::default()).print(printer)
    }
}

/// Runs a future to its end: one of a node waits for the network.
pub(crate) fn wait<F: Future>(future: F) -> Result<F::Output, Failure> {
    // One for all waits: the connections of a node live on it.
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    if let Some(runtime) = RUNTIME.get() {
        return Ok(runtime.block_on(future));
    }
    let built = Builder::new_current_thread().enable_all().build().map_err(|error| {
        Failure::outside(miette!("the system gives no means to wait for the network: {error}"))
    })?;
    Ok(RUNTIME.get_or_init(|| built).block_on(future))
}

macro_rules! either {
    ($self:ident, $chain:ident => $call:expr) => {
        match $self {
            Self::Embedded(inner) | Self::Fork(inner, _) => {
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
            Self::Embedded(chain) | Self::Fork(chain, _) => Chain::send(chain.as_mut(), tx).await,
            Self::Node(chain) => Chain::send(chain, tx).await,
        }
    }

    async fn logs(&self, filter: &Filter) -> Result<Vec<Event>> {
        either!(self, chain => Chain::logs(chain, filter))
    }
}
