//! Opening the state that a rehearsal stands on: nodes, a snapshot, or a witness.

use std::{
    cmp::Reverse,
    collections::BTreeSet,
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use alloy_primitives::{Address, B256, U256};
use halo_chain::{Alloc, Embedded, Genesis, Labels, Senders, StateSource};
use halo_deploy::{Action, Plan};
use halo_fork::{
    AssumeError, Assumed, Assumption, Assumptions, Header, Names, Recorder, StateSnapshot, Whole,
    Witness,
    rpc::{ForkOptions, RpcFork, Url},
};
use halo_sim::Day1;
use miette::miette;
use serde::Serialize;

use crate::{
    args::{ForkArgs, GroundArgs},
    exit::Failure,
    load::Inputs,
    output::{Printer, prose},
    second::{self, Second},
};

const WEEK: u64 = 7 * 86_400;
/// An account that neither network nor plan names.
const NOT_NAMED: &str = "not named";

type Read = Arc<Recorder<Arc<dyn StateSource>>>;

/// A state from outside, a note of everything that is read from it, and what is taken as given above it.
pub(crate) struct Fork {
    read: Read,
    assumed: Option<Arc<Assumed<Read>>>,
    rpc: Option<RpcFork>,
    chain_id: u64,
    header: Header,
    origin: Origin,
    /// Of the chain that goes on from it.
    senders: OnceLock<Senders>,
}

/// Where a state is from, and how far it is proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Origin {
    /// A node, by proof where it gives any.
    Node,
    /// A node, by proof.
    ProvingNode,
    /// A snapshot of an earlier run.
    Snapshot,
    /// A witness under a hash that nobody vouched for.
    Witness,
    /// A witness under the hash given.
    TrustedWitness,
}

/// What a rehearsal stood on, for the result.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Ground {
    chain_id: u64,
    block: u64,
    hash: B256,
    origin: Origin,
    /// Accounts and slots that were read of it.
    accounts: usize,
    slots: usize,
    /// What was taken as given where it does not know.
    assumed: Vec<Assumption>,
    /// In whose name transactions were sent; none of them signed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    impersonated: Vec<Impersonated>,
}

/// An account in whose name a rehearsal sent.
#[derive(Debug, Serialize)]
struct Impersonated {
    account: Address,
    name: String,
    transactions: usize,
}

/// The state that the arguments name, which must be of this chain; `None` when they name none.
pub(crate) fn open(args: &ForkArgs, chain_id: u64, chain: &str) -> Result<Option<Fork>, Failure> {
    let fork = match (&args.fork_state, &args.witness) {
        (Some(path), _) => of_snapshot(path, args.trusted_hash)?,
        (None, Some(path)) => of_witness(path, args.trusted_hash, chain_id)?,
        (None, None) if args.fork.is_empty() => return refuse_idle(args).map(|()| None),
        (None, None) => of_nodes(args)?,
    };
    if fork.chain_id != chain_id {
        return Err(Failure::input(miette!(
            help = "name the network of that chain with --network",
            "the forked state is of chain {}, but the network {chain} is chain {chain_id}",
            fork.chain_id
        )));
    }
    Ok(Some(fork))
}

/// What is about a state from outside says nothing without one.
pub(crate) fn refuse_idle(args: &ForkArgs) -> Result<(), Failure> {
    let given =
        [("--record", args.record.is_some()), ("--trusted-hash", args.trusted_hash.is_some())];
    match given.iter().find(|(_, is_given)| *is_given) {
        Some((option, _)) => Err(Failure::input(miette!(
            help = "name one with --fork URL, --fork-state FILE or --witness FILE, or leave {option} out",
            "{option} is about a state from outside, and none is named"
        ))),
        None => Ok(()),
    }
}

impl Fork {
    fn new(source: Arc<dyn StateSource>, chain_id: u64, header: Header, origin: Origin) -> Self {
        let read = Arc::new(Recorder::new(source));
        Self { read, assumed: None, rpc: None, chain_id, header, origin, senders: OnceLock::new() }
    }

    /// Before a plan is applied: takes as given what is declared, and fetches what will be read.
    pub(crate) fn make_ready(
        &mut self,
        args: &GroundArgs,
        inputs: &Inputs,
        seconds: &[Second],
        plan: &Plan,
    ) -> Result<(), Failure> {
        if let Some(path) = &args.assume {
            self.assume(path, inputs, seconds, plan)?;
        }
        self.prefetch(inputs, seconds, plan)
    }

    /// Takes as given what a file declares, in the words of the network and of the plan.
    fn assume(
        &mut self,
        path: &Path,
        inputs: &Inputs,
        seconds: &[Second],
        plan: &Plan,
    ) -> Result<(), Failure> {
        let text = String::from_utf8(read(path)?)
            .map_err(|error| Failure::input(miette!("{}: {error}", path.display())))?;
        let labels = Genesis::labels_of(&inputs.network);
        let mut made_up = second::genesis(seconds, inputs)?;
        let names = Names::new(&labels, Alloc::of(&made_up)?);
        seconds.iter().try_for_each(|one| one.let_in(&inputs.network, &mut made_up))?;
        halo_chain::now(halo_deploy::apply(plan, &mut made_up, |_| {}))?;
        let names = names.with_created(&Alloc::of(&made_up)?);
        let given = Assumptions::parse(&text, &names).map_err(|error: AssumeError| {
            Failure::input(miette!(
                help = "docs/forks.md says what such a file may hold",
                "{}: {error}",
                path.display()
            ))
        })?;
        self.assumed = Some(Arc::new(Assumed::new(Arc::clone(&self.read), given)));
        Ok(())
    }

    /// Fetches together what a launch will read, where the state is a node's and none of it is known: as far as the same
    /// launch tells on the made-up mainnet, then what the plan is sure to read.
    fn prefetch(&self, inputs: &Inputs, seconds: &[Second], plan: &Plan) -> Result<(), Failure> {
        let Some(rpc) = self.rpc.as_ref().filter(|rpc| rpc.is_empty()) else { return Ok(()) };
        let failed = |error| Failure::outside(miette!("the fork cannot be read: {error}"));
        rpc.prefetch(&foreseen(inputs, seconds, plan)).map_err(failed)?;
        let made: BTreeSet<_> = plan.contracts().map(|contract| contract.address).collect();
        let signers = plan.steps.iter().map(|step| step.signer.address);
        let accounts: BTreeSet<_> = made.iter().copied().chain(signers).collect();
        let accounts: Vec<_> = accounts.into_iter().map(|at| (at, Vec::new())).collect();
        let calls = plan.steps.iter().filter_map(|step| match &step.action {
            Action::Call(call) if !made.contains(&call.to) => {
                Some((step.signer.address, call.to, call.data.clone()))
            }
            _ => None,
        });
        let calls: Vec<_> = calls.collect();
        rpc.prefetch(&accounts).and_then(|()| rpc.prefetch_calls(&calls)).map_err(failed)
    }

    /// A chain that goes on from the state.
    pub(crate) fn chain(&self) -> Embedded {
        let source: Arc<dyn StateSource> = match &self.assumed {
            Some(assumed) => assumed.clone(),
            None => self.read.clone(),
        };
        let Header { number, timestamp, .. } = self.header;
        let mut chain = Embedded::fork(source, self.chain_id, number, timestamp);
        let _ = self.senders.set(chain.count_senders());
        chain
    }

    /// Moves the scenario to the first week in which its day has not begun at the fork's block; the day of the week
    /// stays.
    pub(crate) fn postpone(&self, inputs: &mut Inputs) {
        inputs.scenario.start += self.late(inputs.scenario.start);
    }

    /// Whole weeks by which a day that begins then must be moved so that it has not begun at the fork's block, seconds.
    pub(crate) fn late(&self, start: u64) -> u64 {
        self.header.timestamp.saturating_sub(start).div_ceil(WEEK) * WEEK
    }

    /// What the run stood on, and in whose name it sent; those with the most first.
    pub(crate) fn ground(&self, labels: &Labels) -> Ground {
        let (accounts, slots) = self.read.read();
        let senders = self.senders.get().map(Senders::counts).unwrap_or_default();
        let row = |(account, transactions): (Address, usize)| {
            let name = labels.name(account).unwrap_or(NOT_NAMED).to_owned();
            Impersonated { account, name, transactions }
        };
        let mut impersonated: Vec<_> = senders.into_iter().map(row).collect();
        impersonated.sort_by_key(|one| Reverse(one.transactions));
        Ground {
            chain_id: self.chain_id,
            block: self.header.number,
            hash: self.header.hash_slow(),
            origin: self.origin,
            accounts,
            slots,
            assumed: self.assumed.as_ref().map(|assumed| assumed.used()).unwrap_or_default(),
            impersonated,
        }
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
        let snapshot = self.read.snapshot(self.chain_id, self.header.clone());
        let file = snapshot.encode().map_err(|error| unwritten(path, &error))?;
        write(path, &file)?;
        let (accounts, slots) = snapshot.len();
        printer.progress(format!(
            "{}: {accounts} accounts and {slots} slots; --fork-state runs from it with no network",
            path.display()
        ));
        Ok(())
    }
}

/// What the same launch reads of the made-up mainnet. A guess: where it cannot go on there, it has told enough.
fn foreseen(inputs: &Inputs, seconds: &[Second], plan: &Plan) -> Vec<(Address, Vec<U256>)> {
    let made_up = second::genesis(seconds, inputs).and_then(|chain| Ok(Alloc::of(&chain)?));
    let Ok(made_up) = made_up else { return Vec::new() };
    let recorder = Arc::new(Recorder::new(Whole::from(made_up)));
    let start = inputs.scenario.start;
    let mut chain = Embedded::fork(recorder.clone(), inputs.network.chain_id, 0, start);
    let let_in = seconds.iter().try_for_each(|one| one.let_in(&inputs.network, &mut chain));
    if let_in.is_ok()
        && halo_chain::now(halo_deploy::apply(plan, &mut chain, |_| {})).is_ok()
        && let Ok(registry) = plan.address("core/unit-registry")
    {
        let Inputs { class, network, scenario } = inputs;
        let day = Day1 { class, network, scenario, registry };
        let _ = halo_chain::now(halo_sim::run(&mut chain, &day));
    }
    recorder.places()
}

/// Writes the state that a run left as anvil reads it.
pub(crate) fn export(chain: &Embedded, path: &Path, printer: Printer) -> Result<(), Failure> {
    let state = Alloc::of(chain)?.to_anvil_state(chain.number(), chain.timestamp());
    write(path, state.to_string().as_bytes())?;
    printer.progress(format!(
        "{}: `anvil --load-state` serves what the run read and wrote; all else is empty there",
        path.display()
    ));
    Ok(())
}

impl Ground {
    /// The block, in words.
    pub(crate) fn block(&self) -> String {
        format!("chain {} after block {} ({})", self.chain_id, self.block, self.hash)
    }

    /// Where the state is from, how much of it was read, and what was taken as given.
    pub(crate) fn print(&self, printer: Printer) -> Result<(), Failure> {
        let (said, read) = match self.origin {
            Origin::Node => ("read from the node, proved where it gives proofs", "read"),
            Origin::ProvingNode => ("read from the node and proved against this block", "proved"),
            Origin::Snapshot => ("as recorded in a snapshot", "recorded"),
            Origin::Witness => {
                ("proved by a witness; compare the hash with a source that you trust", "proved")
            }
            Origin::TrustedWitness => ("proved by a witness down to the hash given", "proved"),
        };
        printer.result(prose(&format!(
            "this was on the state of {}, {said}; nothing was sent",
            self.block()
        )))?;
        let Self { accounts, slots, assumed, .. } = self;
        let also = match assumed.len() {
            0 => String::new(),
            many => format!("; assumed: {many}"),
        };
        printer.result(format!("{read}: {accounts} accounts, {slots} slots{also}"))?;
        for (what, of, because) in grouped(assumed) {
            printer.result(prose(&format!("  {what} ({of}): {because}")))?;
        }
        match self.impersonated.is_empty() {
            true => Ok(()),
            false => printer.result(prose(&self.in_whose_name())),
        }
    }

    /// The block and in whose name was sent on its state, as a sentence.
    pub(crate) fn says(&self) -> String {
        format!(
            "This ran on the state of {}; nothing was sent and nobody signed; {}.",
            self.block(),
            self.in_whose_name()
        )
    }

    /// In whose name was sent, in words.
    fn in_whose_name(&self) -> String {
        let is_named = |one: &&Impersonated| one.name != NOT_NAMED;
        let (named, others): (Vec<_>, Vec<_>) = self.impersonated.iter().partition(is_named);
        let mut who: Vec<String> =
            named.iter().map(|one| format!("{} ({})", one.name, one.transactions)).collect();
        let sent: usize = others.iter().map(|one| one.transactions).sum();
        if sent > 0 {
            who.push(format!("{} without a name ({sent})", others.len()));
        }
        format!("impersonated, with the transactions of each: {}", who.join(", "))
    }
}

/// One row for each reason: what was assumed, of which account or of how many.
fn grouped(assumed: &[Assumption]) -> Vec<(String, String, String)> {
    let mut rows: Vec<(&'static str, &str, Vec<String>)> = Vec::new();
    for one in assumed {
        let (kind, because, of) = match one {
            Assumption::Absent { account, because } => ("no account", because, account.to_string()),
            Assumption::StandIn { account, because } => ("stand-in", because, account.to_string()),
            Assumption::Slot { account, because, .. } => ("slot", because, account.to_string()),
        };
        match rows.iter_mut().find(|row| row.0 == kind && row.1 == &**because) {
            Some(row) => row.2.push(of),
            None => rows.push((kind, because, vec![of])),
        }
    }
    let words = |(kind, because, mut of): (&str, &str, Vec<String>)| {
        let many = of.len();
        of.dedup();
        let of = match &of[..] {
            [one] => one.clone(),
            all => format!("{} accounts", all.len()),
        };
        let kind = if many == 1 { kind.to_owned() } else { format!("{many} × {kind}") };
        (kind, of, because.to_owned())
    };
    rows.into_iter().map(words).collect()
}

pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    std::fs::write(path, bytes).map_err(|error| unwritten(path, &error))
}

fn unwritten(path: &Path, error: &std::io::Error) -> Failure {
    Failure::outside(miette!("cannot write {}: {error}", path.display()))
}

fn of_nodes(args: &ForkArgs) -> Result<Fork, Failure> {
    let options = ForkOptions {
        urls: args.fork.clone(),
        block: args.fork_block,
        trusted_hash: args.trusted_hash,
        prove: args.prove,
        cache: Some(args.fork_cache.clone().unwrap_or_else(cache_folder)),
    };
    let rpc = opened(&options)?;
    let origin = if args.prove { Origin::ProvingNode } else { Origin::Node };
    let (chain_id, header) = (rpc.chain_id(), rpc.header().clone());
    let mut fork = Fork::new(Arc::new(rpc.clone()), chain_id, header, origin);
    fork.rpc = Some(rpc);
    Ok(fork)
}

/// The state of nodes after a block whose hash is known; nothing of it is kept.
pub(crate) fn after(urls: &[Url], number: u64, hash: B256) -> Result<RpcFork, Failure> {
    opened(&ForkOptions {
        urls: urls.to_vec(),
        block: Some(number),
        trusted_hash: Some(hash),
        prove: false,
        cache: None,
    })
}

fn opened(options: &ForkOptions) -> Result<RpcFork, Failure> {
    RpcFork::open(options).map_err(|error| {
        Failure::outside(miette!(
            help = "--fork and --rpc-url take the URL of a node; several, separated by commas, must agree",
            "the fork cannot be opened: {error}"
        ))
    })
}

fn of_snapshot(path: &Path, trusted: Option<B256>) -> Result<Fork, Failure> {
    let snapshot = StateSnapshot::decode(&read(path)?).map_err(|error| {
        Failure::input(miette!(
            help = "`halo launch … --fork URL --record FILE` writes one",
            "{}: {error}",
            path.display()
        ))
    })?;
    let (chain_id, header) = (snapshot.chain_id(), snapshot.header().clone());
    if let Some(trusted) = trusted.filter(|trusted| *trusted != header.hash_slow()) {
        return Err(Failure::refused(miette!(
            help = "give the hash of the block whose state was recorded",
            "{}: block {} has the hash {}, but {trusted} is trusted",
            path.display(),
            header.number,
            header.hash_slow()
        )));
    }
    Ok(Fork::new(Arc::new(snapshot), chain_id, header, Origin::Snapshot))
}

fn of_witness(path: &Path, trusted: Option<B256>, chain_id: u64) -> Result<Fork, Failure> {
    let proved = prove(path, trusted)?;
    let origin = if trusted.is_some() { Origin::TrustedWitness } else { Origin::Witness };
    let header = proved.header().clone();
    // A witness without a block does not say of which chain it is.
    let chain_id = proved.chain_id().unwrap_or(chain_id);
    Ok(Fork::new(Arc::new(proved), chain_id, header, origin))
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
    const MAX: u64 = halo_fork::MAX_BYTES;
    let too_large = || {
        Failure::input(miette!(
            "{} is larger than {MAX} bytes: no witness, snapshot or list of assumptions is",
            path.display()
        ))
    };
    let failed = |error: std::io::Error| {
        Failure::outside(miette!("cannot read {}: {error}", path.display()))
    };
    let file = File::open(path).map_err(failed)?;
    if file.metadata().map_err(failed)?.len() > MAX {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    // A pipe does not say its size. One byte more than may be, so that it is refused and not cut.
    file.take(MAX + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > MAX { Err(too_large()) } else { Ok(bytes) }
}

/// Foundry keeps the state that it fetches in a folder of the user's; so does this program.
pub(crate) fn cache_folder() -> PathBuf {
    let home = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")));
    home.unwrap_or_else(|| PathBuf::from(".halo")).join("halo/rpc")
}
