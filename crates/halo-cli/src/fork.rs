//! Opening the state that a rehearsal stands on: nodes, a snapshot, or a witness.

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
    sync::Arc,
};

use alloy_primitives::B256;
use halo_chain::{Embedded, StateSource};
use halo_fork::{
    Header, Recorder, StateSnapshot, Witness,
    rpc::{ForkOptions, RpcFork},
};
use miette::miette;

use crate::{args::ForkArgs, exit::Failure, load::Inputs, output::Printer};

const DAY: u64 = 86_400;
const WEEK: u64 = 7 * DAY;

/// A state from outside, and a note of everything that is read from it.
pub(crate) struct Fork {
    source: Arc<Recorder<Arc<dyn StateSource>>>,
    rpc: Option<RpcFork>,
    chain_id: u64,
    header: Header,
    said: String,
}

/// The state that the arguments name; `None` when they name none.
pub(crate) fn open(args: &ForkArgs, inputs: &Inputs) -> Result<Option<Fork>, Failure> {
    let fork = match (&args.fork_state, &args.witness) {
        (Some(path), _) => of_snapshot(path)?,
        (None, Some(path)) => of_witness(path, args.trusted_hash, inputs.network.chain_id)?,
        (None, None) if args.fork.is_empty() => return Ok(None),
        (None, None) => of_nodes(args)?,
    };
    let network = &inputs.network;
    if fork.chain_id != network.chain_id {
        return Err(Failure::input(miette!(
            help = "name the network of that chain with --network",
            "the forked state is of chain {}, but the network {} is chain {}",
            fork.chain_id,
            network.name,
            network.chain_id
        )));
    }
    Ok(Some(fork))
}

impl Fork {
    fn new(source: Arc<dyn StateSource>, chain_id: u64, header: Header, said: String) -> Self {
        Self { source: Arc::new(Recorder::new(source)), rpc: None, chain_id, header, said }
    }

    /// A chain that goes on from the state.
    pub(crate) fn chain(&self) -> Embedded {
        let source = Arc::clone(&self.source);
        Embedded::fork(source, self.chain_id, self.header.number, self.header.timestamp)
    }

    /// Moves the scenario to the first week in which its day has not begun at the fork's block; the day of the week
    /// stays.
    pub(crate) fn postpone(&self, inputs: &mut Inputs) {
        let late = self.header.timestamp.saturating_sub(inputs.scenario.start);
        inputs.scenario.start += late.div_ceil(WEEK) * WEEK;
    }

    /// Where the state is from, for the result.
    pub(crate) fn said(&self) -> String {
        format!(
            "rehearsed on the state of chain {} after block {} ({}), {}; nothing was sent",
            self.chain_id,
            self.header.number,
            self.header.hash_slow(),
            self.said
        )
    }

    /// Keeps what was fetched, and writes what was read where the arguments say so.
    pub(crate) fn keep(&self, args: &ForkArgs, printer: Printer) -> Result<(), Failure> {
        if let Some(rpc) = &self.rpc {
            rpc.save();
            let traffic = rpc.traffic();
            printer.progress(format!(
                "asked the node for {} calls in {} requests, {} bytes of answers",
                traffic.calls(),
                traffic.requests(),
                traffic.bytes()
            ));
        }
        let Some(path) = &args.record else { return Ok(()) };
        let snapshot = self.source.snapshot(self.chain_id, self.header.clone());
        let written = snapshot.encode().and_then(|file| std::fs::write(path, file));
        written.map_err(|error| {
            Failure::outside(miette!("cannot write the snapshot {}: {error}", path.display()))
        })?;
        let (accounts, slots) = snapshot.len();
        printer.progress(format!(
            "{}: {accounts} accounts and {slots} slots; --fork-state runs from it with no network",
            path.display()
        ));
        Ok(())
    }
}

fn of_nodes(args: &ForkArgs) -> Result<Fork, Failure> {
    let options = ForkOptions {
        urls: args.fork.clone(),
        block: args.fork_block,
        trusted_hash: args.trusted_hash,
        prove: args.prove,
        cache: Some(args.fork_cache.clone().unwrap_or_else(cache_folder)),
    };
    let rpc = RpcFork::open(&options).map_err(|error| {
        Failure::outside(miette!(
            help = "--fork takes the URL of a node; several, separated by commas, must agree",
            "the fork cannot be opened: {error}"
        ))
    })?;
    let said = match args.prove {
        true => "read from the node and proved against this block",
        false => "read from the node, proved where it gives proofs",
    };
    let (chain_id, header) = (rpc.chain_id(), rpc.header().clone());
    let mut fork = Fork::new(Arc::new(rpc.clone()), chain_id, header, said.to_owned());
    fork.rpc = Some(rpc);
    Ok(fork)
}

fn of_snapshot(path: &Path) -> Result<Fork, Failure> {
    let snapshot = StateSnapshot::decode(&read(path)?).map_err(|error| {
        Failure::input(miette!(
            help = "`halo launch … --fork URL --record FILE` writes one",
            "{}: {error}",
            path.display()
        ))
    })?;
    let (chain_id, header) = (snapshot.chain_id(), snapshot.header().clone());
    Ok(Fork::new(Arc::new(snapshot), chain_id, header, "as recorded in a snapshot".to_owned()))
}

fn of_witness(path: &Path, trusted: Option<B256>, chain_id: u64) -> Result<Fork, Failure> {
    let proved = prove(path, trusted)?;
    let said = match trusted {
        Some(_) => "proved by a witness down to the hash given",
        None => "proved by a witness; compare the hash with a source that you trust",
    };
    let header = proved.header().clone();
    Ok(Fork::new(Arc::new(proved), chain_id, header, said.to_owned()))
}

/// Reads a witness and proves it.
pub(crate) fn prove(path: &Path, trusted: Option<B256>) -> Result<halo_fork::ProvedState, Failure> {
    let file = read(path)?;
    let proved = Witness::decode(&file).and_then(|witness| witness.prove(trusted));
    proved.map_err(|error| {
        let said = format!("{}: {error}", path.display());
        match error {
            halo_fork::WitnessError::Framing { .. } | halo_fork::WitnessError::Json(_) => {
                Failure::input(miette!(
                    help = "two forms are read: the JSON of debug_executionWitness, and the binary framing of a block \
                            with its witness",
                    "{said}"
                ))
            }
            _ => Failure::refused(miette!("{said}")),
        }
    })
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let read = || {
        let mut file = Vec::new();
        File::open(path)?.take(halo_fork::MAX_BYTES).read_to_end(&mut file)?;
        Ok(file)
    };
    read().map_err(|error: std::io::Error| {
        Failure::outside(miette!("cannot read {}: {error}", path.display()))
    })
}

/// Foundry keeps the state that it fetches in a folder of the user's; so does this program.
fn cache_folder() -> PathBuf {
    let home = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")));
    home.unwrap_or_else(|| PathBuf::from(".halo")).join("halo/rpc")
}
