//! A node of mainnet, where `MAINNET_RPC_URL` names one; and always a stand-in for one, so that what is done with it runs.

use std::sync::Arc;

use crate::{
    mainnet,
    prime::{self, Grant},
    say,
    served::Served,
};
use alloy_primitives::Address;
use halo_chain::{Alloc, Anvil, Chain, Embedded, StateSource, TimeTravel, genesis::reading, now};
use halo_fork::{
    ProvedState,
    rpc::{ForkError, ForkOptions, RpcFork, Url},
};
use halo_spec::Network;
use halo_templates::bindings::Controller;
use halo_tests::World;

/// Blocks at which something is known of the Sky contracts: the first base of Spark's fork tests, their donation attack, the
/// block of the witness, and the first with the facet beacon.
const PINNED: [u64; 4] = [20_917_850, 22_932_160, mainnet::BLOCK, BEACON];
const BEACON: u64 = 25_235_587;

/// The node.
pub(crate) fn url() -> Option<Url> {
    std::env::var("MAINNET_RPC_URL").ok().map(|url| url.parse().unwrap())
}

fn open(url: &Url, block: Option<u64>) -> Result<RpcFork, ForkError> {
    let urls = vec![url.clone()];
    RpcFork::open(&ForkOptions { urls, block, trusted_hash: None, prove: true, cache: None })
}

/// What is done with a node of mainnet; the blocks that it could show.
fn suite(url: &Url) -> Vec<Option<u64>> {
    let mut shown = Vec::new();
    for block in PINNED.into_iter().map(Some).chain([None]) {
        let name = block.map_or_else(|| "the latest block".to_owned(), |n| format!("block {n}"));
        match open(url, block) {
            Ok(node) => {
                assert_eq!(node.chain_id(), 1, "MAINNET_RPC_URL is no node of mainnet");
                let primes = network_file(&node, block.is_none_or(|block| block >= BEACON));
                say(&format!("(c) {name}: the network file is true of it; {primes}"));
                shown.push(block);
            }
            Err(error) => say(&format!("(c) {name} did not run: {error}")),
        }
    }
    assert!(shown.contains(&None), "the node does not show its latest block");
    say(&format!("(c) a Prime in and out on the latest block: {}", in_and_out(url)));
    shown
}

/// Every Sky contract that the network file names is there, by proof, and of late every part of a Prime; then the Primes'
/// limits can be read.
fn network_file(node: &RpcFork, with_primes: bool) -> String {
    let network = Network::mainnet().unwrap();
    let named = sky(&network).into_iter();
    let named = named.chain(if with_primes { of_primes(&network) } else { Vec::new() });
    for at in named {
        let account = node.account(at).unwrap().unwrap_or_else(|| panic!("nothing is at {at}"));
        assert!(!node.code(account.code_hash).unwrap().is_empty(), "no code is at {at}");
    }
    if !with_primes {
        return "before the Primes of today".to_owned();
    }
    let chain = chain_of(node);
    let (network, moved) = now(reading::by_chainlog(&chain, &network)).unwrap();
    let read = network.primes.iter().map(|prime| {
        let terms = now(reading::prime_terms(&chain, &network, prime)).unwrap();
        format!("{} {}", prime.slug, if terms.is_some() { "read" } else { "not read" })
    });
    let read: Vec<_> = read.collect();
    format!("the chainlog moved {}; limits: {}", moved.len(), read.join(", "))
}

fn chain_of(node: &RpcFork) -> Embedded {
    let header = node.header();
    Embedded::fork(Arc::new(node.clone()), node.chain_id(), header.number, header.timestamp)
}

fn sky(network: &Network) -> Vec<Address> {
    let sky = &network.sky;
    let tokens = [sky.usds, sky.susds, sky.dai, sky.usdc, sky.dai_usds];
    let others = [sky.chainlog, sky.lite_psm, sky.psm_wrapper];
    let governance = [network.governance.pause_proxy, network.create2];
    [&tokens[..], &others, &governance].concat()
}

fn of_primes(network: &Network) -> Vec<Address> {
    let parts = network.primes.iter().flat_map(|prime| {
        let sure = [prime.sub_proxy, prime.alm_proxy, prime.vault, prime.buffer];
        sure.into_iter().chain(prime.rate_limits).chain(prime.controller)
    });
    parts.collect()
}

/// A Prime gets a second Controller on its custody and goes into a Unit and out again, on what the node has at its latest
/// block; or why not.
fn in_and_out(url: &Url) -> String {
    let node = open(url, None).unwrap();
    let (chain, world) = (chain_of(&node), mainnet::world("tbill"));
    let controller = world.network.prime("spark").unwrap().controller.unwrap();
    if now(chain.read(controller, &Controller::integrationsCall {})).is_err() {
        return "did not run: the Prime's Controller is of another make, by which this suite draws no USDS".to_owned();
    }
    let world = mainnet::postponed(world, node.header().timestamp);
    let grant = Grant::write(&world);
    let (lived, _) = prime::live(&world, &grant, Arc::new(node.clone()), node.header());
    format!("ran, {} accounts impersonated", lived.impersonated.len())
}

/// Says of each block whether the node could show it, and why not.
#[test]
fn a_node_of_mainnet() {
    let Some(url) = url() else { return };
    suite(&url);
}

/// Of the pinned blocks a node that is younger says that it has none; the rest runs.
#[tokio::test]
async fn a_stand_in_for_a_node_of_mainnet() {
    let world = mainnet::world("tbill");
    let anvil = Anvil::start(&stand_in(&world), 1, world.scenario.start - 3_600).await.unwrap();
    anvil.node().clone().travel_to(world.scenario.start - 3_000).await.unwrap();
    let url: Url = anvil.url().parse().unwrap();
    let error = open(&url, Some(BEACON)).unwrap_err().to_string();
    assert!(error.contains(&format!("has no block {BEACON}")), "{error}");
    assert_eq!(suite(&url), [None]);
    assert!(in_and_out(&url).starts_with("ran"));
}

/// The made-up mainnet with code wherever the network file has a contract.
fn stand_in(world: &World) -> Alloc {
    let mut alloc = prime::older(world);
    let network = Network::mainnet().unwrap();
    for at in sky(&network).into_iter().chain(of_primes(&network)) {
        let account = alloc.0.entry(at).or_default();
        if account.code.is_empty() {
            account.code = vec![0].into();
        }
    }
    alloc
}

/// What a node proves of the block is what the witness proves of it: how many accounts and slots.
fn same_as_witness(node: &RpcFork, witness: &ProvedState) -> (usize, usize) {
    assert_eq!(node.hash(), witness.hash());
    let named = witness.survey().accounts.iter().filter_map(|account| {
        let slots = account.slots.iter().filter_map(|slot| slot.slot).collect::<Vec<_>>();
        Some((account.address?, slots))
    });
    let named: Vec<_> = named.collect();
    node.prefetch(&named).unwrap();
    for (at, slots) in &named {
        assert_eq!(node.account(*at).unwrap(), witness.account(*at).unwrap(), "{at}");
        for slot in slots {
            assert_eq!(node.storage(*at, *slot).unwrap(), witness.storage(*at, *slot).unwrap());
        }
    }
    (named.len(), named.iter().map(|(_, slots)| slots.len()).sum())
}

#[test]
fn node_and_witness_prove_the_same() {
    let (Some(witness), Some(url)) = (mainnet::proved(), url()) else { return };
    let node = match open(&url, Some(mainnet::BLOCK)) {
        Ok(node) => node,
        Err(error) => return say(&format!("(c) against the witness did not run: {error}")),
    };
    let (accounts, slots) = same_as_witness(&node, &witness);
    say(&format!("(c) node and witness prove the same {accounts} accounts and {slots} slots"));
}

/// The same with a stand-in that has what the witness has of the real block, proof by proof; what it has not it refuses, in
/// the words of a node that was pruned, and nothing is made of that.
#[test]
fn a_stand_in_for_a_node_proves_the_real_block() {
    let Some(proved) = mainnet::proved() else { return };
    let served = Served::of(&mainnet::witness().unwrap());
    let node = open(&served.url, Some(mainnet::BLOCK)).unwrap();
    let (accounts, slots) = same_as_witness(&node, &proved);
    assert!(accounts > 150 && slots > 300, "{accounts} accounts, {slots} slots");
    say(&format!("(b) as from a node: {accounts} accounts and {slots} slots of the real block"));
    let unknown = node.account(Address::repeat_byte(0xee)).unwrap_err().to_string();
    assert!(unknown.contains("use an archive node or a later block"), "{unknown}");
    let none = open(&served.url, Some(BEACON)).unwrap_err().to_string();
    assert!(none.contains(&format!("has no block {BEACON}")), "{none}");
}
