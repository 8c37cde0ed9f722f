//! The road walked on state from outside, of three sources.
//!
//! (a) Always: a made-up mainnet served by anvil, read from the node, from a snapshot of that run, and from a witness
//! that is built and proved here; all three end in the same deployment and the same Day 1. (b) Where the file is there:
//! mainnet block 24,628,606 as its witness proves it. (c) Where `MAINNET_RPC_URL` is set: the same block and the latest,
//! from a node.

#![allow(clippy::unwrap_used, reason = "tests")]

use alloy::providers::Provider;
use alloy_consensus::Header;
use halo_chain::{
    Alloc, Embedded, StateSource,
    node::{Anvil, anvil_program},
    now,
};
use halo_deploy::{Manifest, apply, verify};
use halo_fork::{
    Recorder, StateSnapshot, Witness,
    rpc::{ForkOptions, RpcFork},
};
use halo_sim::{Day1, Day1Report};
use halo_tests::{World, manifests};
use std::{fmt::Debug, io::Write, sync::Arc};

#[path = "fork/emergency.rs"]
mod emergency;
#[path = "support/life.rs"]
mod life;
#[path = "fork/live.rs"]
mod live;
#[path = "fork/mainnet.rs"]
mod mainnet;
#[path = "fork/prime.rs"]
mod prime;
#[path = "fork/served.rs"]
mod served;

/// Says something of a test that passes, past the capture of its output.
fn say(what: &str) {
    let _ = writeln!(std::io::stderr(), "fork suite: {what}");
}

#[test]
fn the_sources_that_ran_are_said() {
    let ran = |ran: bool| if ran { "ran" } else { "did not run" };
    say(&format!(
        "(a) the made-up mainnet ran; (b) the witness of block 24,628,607 {}; (c) MAINNET_RPC_URL {}",
        ran(mainnet::proved().is_some()),
        ran(live::url().is_some())
    ));
}

/// The state of `source` as a chain, at the scenario's start: as in a launch, the beacons must have been heard of on the
/// day.
fn chain_of(world: &World, source: Arc<dyn StateSource>, header: &Header) -> Embedded {
    let id = world.network.chain_id;
    let mut chain = Embedded::fork(source, id, header.number, header.timestamp);
    chain.warp_to(world.scenario.start).unwrap();
    chain
}

/// Deploys, verifies, and runs Day 1: the manifests and the report, or why it stopped.
fn rehearse(world: &World, chain: &mut Embedded) -> Result<(Vec<Manifest>, Day1Report), String> {
    let plan = world.plan();
    let applied = now(apply(&plan, chain, |_| {})).map_err(|error| error.to_string())?;
    let made = manifests(&plan, &applied);
    for manifest in &made {
        let failed: Vec<_> = now(verify(manifest, chain)).unwrap().failed().cloned().collect();
        assert!(failed.is_empty(), "{failed:#?}");
    }
    let day = Day1 {
        class: &world.spec,
        network: &world.network,
        scenario: &world.scenario,
        registry: plan.address("core/unit-registry").unwrap(),
    };
    let report = now(halo_sim::run(chain, &day)).map_err(|error| error.to_string())?;
    Ok((made, report))
}

/// What a rehearsal leaves: the manifests, the report of Day 1, and what the brake and a takeover did after it.
fn left(world: &World, source: Arc<dyn StateSource>, header: &Header) -> Vec<String> {
    let mut chain = chain_of(world, source, header);
    let (made, report) = rehearse(world, &mut chain).unwrap_or_else(|error| panic!("{error}"));
    assert!(report.conservation.holds);
    let stopped = emergency::emergency(world, &world.plan(), &mut chain);
    let stopped = stopped.unwrap_or_else(|error| panic!("{error}"));
    let made = made.iter().map(|one| serde_json::to_string(one).unwrap());
    made.chain([serde_json::to_string(&report).unwrap(), stopped]).collect()
}

/// Does the same on `alloc` as a node has it, as the snapshot of that run has it, and as a witness proves it: what comes of
/// it must be equal.
async fn everywhere<T: PartialEq + Debug>(
    world: &World,
    alloc: &Alloc,
    run: impl Fn(Arc<dyn StateSource>, &Header) -> T,
) {
    let (id, start) = (world.network.chain_id, world.scenario.start - 3_600);
    let anvil = match Anvil::start(alloc, id, start).await {
        Ok(anvil) => anvil,
        Err(error) => panic!("{error}; {} comes with `npm ci`", anvil_program().display()),
    };
    // Anvil's genesis block does not have the root of its own state; its first block has.
    let provider = anvil.node().provider();
    let _: serde_json::Value = provider.raw_request("evm_mine".into(), ()).await.unwrap();

    let options = ForkOptions {
        urls: vec![anvil.url().parse().unwrap()],
        block: None,
        trusted_hash: None,
        prove: true,
        cache: None,
    };
    let fork = RpcFork::open(&options).unwrap();
    let header = fork.header().clone();
    assert_eq!(header.number, 1);
    let recorder = Arc::new(Recorder::new(fork.clone()));
    let of_node = run(recorder.clone(), &header);

    let file = recorder.snapshot(id, header.clone()).encode().unwrap();
    let snapshot = StateSnapshot::decode(&file).unwrap();
    assert_eq!(run(Arc::new(snapshot), &header), of_node);

    // The same accounts under a header of the suite's own: anvil's state holds some more, which no run reads.
    let proved = Witness::of_state(alloc, header.clone()).prove(None).unwrap();
    assert_eq!(run(Arc::new(proved), &header), of_node);
}

#[tokio::test]
async fn node_snapshot_and_witness_give_the_same_rehearsal() {
    let world = World::of("tbill");
    let alloc = world.genesis().alloc().unwrap();
    everywhere(&world, &alloc, |source, header| left(&world, source, header)).await;
}
