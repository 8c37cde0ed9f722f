//! A node of mainnet, where `MAINNET_RPC_URL` names one.

use crate::mainnet;
use halo_chain::StateSource;
use halo_fork::rpc::{ForkOptions, RpcFork, Url};
use halo_spec::Network;

/// The node.
pub(crate) fn url() -> Option<Url> {
    std::env::var("MAINNET_RPC_URL").ok().map(|url| url.parse().unwrap())
}

fn open(block: Option<u64>) -> Option<RpcFork> {
    let options =
        ForkOptions { urls: vec![url()?], block, trusted_hash: None, prove: true, cache: None };
    Some(RpcFork::open(&options).unwrap_or_else(|error| panic!("{error}")))
}

/// What the node proves of the block is what the witness proves of it.
#[test]
fn node_and_witness_prove_the_same() {
    let (Some(witness), Some(node)) = (mainnet::proved(), open(Some(24_628_606))) else { return };
    assert_eq!(node.hash(), witness.hash());
    for account in &witness.survey().accounts {
        let Some(at) = account.address else { continue };
        assert_eq!(node.account(at).unwrap(), witness.account(at).unwrap(), "{at}");
        for slot in account.slots.iter().filter_map(|slot| slot.slot) {
            assert_eq!(node.storage(at, slot).unwrap(), witness.storage(at, slot).unwrap());
        }
    }
}

/// Every Sky contract and every part of a Prime that the network file names is there at the latest block.
#[test]
fn the_network_file_is_true_of_the_latest_block() {
    let Some(node) = open(None) else { return };
    let network = Network::mainnet().unwrap();
    let sky = &network.sky;
    let mut named = vec![
        sky.chainlog,
        sky.usds,
        sky.susds,
        sky.dai,
        sky.usdc,
        sky.dai_usds,
        sky.lite_psm,
        sky.psm_wrapper,
        network.governance.pause_proxy,
        network.create2,
    ];
    for prime in &network.primes {
        named.extend([prime.sub_proxy, prime.alm_proxy, prime.vault, prime.buffer]);
        named.extend(prime.rate_limits.iter().chain(&prime.controller));
    }
    for at in named {
        let account = node.account(at).unwrap().unwrap_or_else(|| panic!("nothing is at {at}"));
        assert!(!node.code(account.code_hash).unwrap().is_empty(), "no code is at {at}");
    }
}
