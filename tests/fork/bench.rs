//! What a rehearsal on a forked node asks of it, against what anvil's fork asks for the same transactions, and how long
//! the program takes when all of it is in the cache.
//!
//! `cargo xtask bench fork` runs it, with the path of the program. The upstream is an anvil with the made-up mainnet; a
//! proxy before it counts.

#![allow(clippy::float_arithmetic, reason = "ratios in a report")]

use std::{
    error::Error,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use alloy::{node_bindings::Anvil as Program, providers::ext::AnvilApi};
use halo_chain::{
    Chain, Sent, TimeTravel,
    node::{Anvil, Node, anvil_program},
    now,
};
use halo_fork::rpc::{ForkOptions, RpcFork};
use halo_sim::Day1;
use halo_tests::{World, deployments, run};

#[path = "../counter.rs"]
mod counter;

use counter::Counter;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const SPEC: &str = "tbill";
const ROUNDS: usize = 9;

fn main() -> Result<()> {
    let program = std::env::args_os().nth(1).ok_or("name the program `halo`")?;
    let runtime = tokio::runtime::Runtime::new()?;
    let world = World::of(SPEC);
    let start = world.scenario.start - 3_600;
    let alloc = world.genesis().alloc()?;
    let upstream = runtime.block_on(Anvil::start(&alloc, world.network.chain_id, start))?;
    // Anvil's genesis block does not have the root of its own state; its first block has.
    runtime.block_on(upstream.node().provider().evm_mine(None))?;
    let folder = tempfile::tempdir()?;

    let ours = Counter::before(&upstream.url())?;
    launch(program.as_ref(), folder.path(), &ours.url)?;
    ours.say("halo launch --fork, nothing kept");
    let (calls, bytes) = ours.total();

    let theirs = Counter::before(&upstream.url())?;
    let sent = sent(&world)?;
    runtime.block_on(on_anvil(&world, &sent, &theirs.url))?;
    theirs.say(&format!("anvil --fork-url, the same {} transactions and nothing else", sent.len()));
    let (more_calls, more_bytes) = theirs.total();
    println!(
        "JSON-RPC calls, each member of a batch counted: {:.2} of anvil's; bytes of answers: {:.2} of anvil's",
        calls as f64 / more_calls as f64,
        bytes as f64 / more_bytes as f64
    );

    let again = Counter::before(&upstream.url())?;
    let mut times = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        times.push(launch(program.as_ref(), folder.path(), &again.url)?);
    }
    again.say(&format!("halo launch --fork, all of it kept, {ROUNDS} times"));
    let (mut first, mut whole): (Vec<_>, Vec<_>) = times.into_iter().unzip();
    first.sort();
    whole.sort();
    println!(
        "warm start, from the program's start until its first transaction has run: {} ms (fastest {} ms)",
        first[ROUNDS / 2].as_millis(),
        first[0].as_millis()
    );
    println!("the whole launch, all of it kept: {} ms", whole[ROUNDS / 2].as_millis());

    let options = ForkOptions {
        urls: vec![upstream.url().parse()?],
        block: Some(1),
        trusted_hash: None,
        prove: false,
        cache: Some(folder.path().join("kept")),
    };
    let mut times = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let start = Instant::now();
        drop(RpcFork::open(&options)?);
        times.push(start.elapsed());
    }
    times.sort();
    println!("of it, opening the kept state: {:.1} ms", times[ROUNDS / 2].as_secs_f64() * 1e3);
    Ok(())
}

/// The program's own rehearsal: plan, deployment, verification and Day 1. How long it took until its first transaction had
/// run, and in all.
fn launch(program: &Path, folder: &Path, url: &str) -> Result<(Duration, Duration)> {
    let mut command = Command::new(program);
    command.current_dir(folder).args(["launch", "--fork-block", "1", "--fork", url]);
    command.args(["--fork-cache", "kept"]).arg(deployments().join(format!("specs/{SPEC}.toml")));
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    let start = Instant::now();
    let mut child = command.spawn()?;
    let mut first = None;
    for line in BufReader::new(child.stderr.take().ok_or("no stderr")?).lines() {
        // The program says each step when it has run.
        if line?.starts_with("[1/") {
            first.get_or_insert_with(|| start.elapsed());
        }
    }
    let status = child.wait()?;
    match (status.success(), first) {
        (true, Some(first)) => Ok((first, start.elapsed())),
        _ => Err(format!("{} ended with {status}", program.display()).into()),
    }
}

/// What such a rehearsal sends.
fn sent(world: &World) -> Result<Vec<Sent>> {
    let plan = world.plan();
    let mut chain = world.genesis().chain;
    chain.note_sent();
    run(&plan, &mut chain);
    let day = Day1 {
        class: &world.spec,
        network: &world.network,
        scenario: &world.scenario,
        registry: plan.address("core/unit-registry")?,
    };
    now(halo_sim::run(&mut chain, &day))?;
    Ok(chain.sent().to_vec())
}

/// Sends it to an anvil that forks `url`.
async fn on_anvil(world: &World, sent: &[Sent], url: &str) -> Result<()> {
    let fork = Program::at(anvil_program())
        .fork(url)
        .args(["--no-storage-caching", "--no-rate-limit", "--fork-block-number", "1"])
        .args(["--hardfork", "prague", "--gas-limit", "60000000", "--accounts", "1"])
        .args(["--base-fee", "0", "--gas-price", "0", "--disable-min-priority-fee"])
        .args(["--auto-impersonate", "--disable-console-log"])
        .try_spawn()?;
    let mut node = Node::impersonating(&fork.endpoint())?;
    node.provider().anvil_set_block_timestamp_interval(0).await?;
    // The attestors sign as wallets that are there in a rehearsal alone.
    let wallet = halo_templates::template::ContractWallet1271.runtime_code();
    for attestor in &world.spec.attestors {
        node.provider().anvil_set_code(*attestor, wallet.clone()).await?;
    }
    let mut clock = 0;
    for Sent { timestamp, tx } in sent {
        if *timestamp > clock {
            node.travel_to(*timestamp).await?;
            clock = *timestamp;
        }
        node.send(tx).await?;
    }
    Ok(())
}
