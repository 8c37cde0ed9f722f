//! The same script on the embedded chain and on anvil: same results, same gas, same code, same events.

use crate::{genesis::day1, kit::WAD};
use alloy_primitives::{Address, B256, Bytes, Log, U256, keccak256};
use halo_chain::{Anvil, Chain, Error, Filter, Genesis, Labels, Node, NodeError, TimeTravel, Tx};
use halo_spec::Network;
use halo_templates::{
    bindings::{AllocatorVault, ControllerSurface, RateLimits, SUsds, Usds},
    template,
};

/// Everything that the script saw, in order.
#[derive(Debug, Default, PartialEq)]
struct Seen(Vec<String>);

impl Seen {
    fn note(&mut self, what: &str, value: impl std::fmt::Debug) {
        self.0.push(format!("{what}: {value:?}"));
    }

    fn sent(&mut self, what: &str, result: halo_chain::Result<halo_chain::Receipt>) -> u64 {
        match result {
            Ok(receipt) => {
                let logs: Vec<&Log> = receipt.logs.iter().collect();
                self.note(what, (receipt.gas_used, receipt.timestamp, receipt.created, logs));
                receipt.block
            }
            Err(Error::Reverted(reverted)) => {
                self.note(what, (&reverted.data, reverted.gas_used));
                self.note(what, reverted.explain(&Labels::default()));
                0
            }
            Err(other) => panic!("{what}: {other}"),
        }
    }
}

/// A Prime's first day, with a deployment, a savings deposit, reverts, and time.
async fn script<C: TimeTravel>(chain: &mut C, network: &Network, genesis: &Genesis) -> Seen {
    let mut seen = Seen::default();
    let spark = &genesis.primes[0];
    let relayer = spark.relayer.unwrap();
    seen.note("chain", chain.chain_id().await.unwrap());
    let start = chain.block().await.unwrap().timestamp;
    seen.note("start", start);
    for at in [spark.controller, spark.proxy, network.sky.usds, network.create2, Address::ZERO] {
        seen.note("code", chain.code_hash(at).await.unwrap());
    }
    seen.note("slot", chain.storage(network.sky.usds, B256::ZERO).await.unwrap());
    seen.note("nonce", chain.nonce(spark.controller).await.unwrap());

    let mint = ControllerSurface::usds_mintCall { usdsAmount: U256::from(500_000_000 * WAD) };
    let first = chain.write(relayer, spark.controller, &mint).await;
    let block = seen.sent("mint", first);
    let again = chain.write(relayer, spark.controller, &mint).await;
    seen.sent("mint again", again);
    let stranger = chain.write(Address::repeat_byte(7), spark.controller, &mint).await;
    seen.sent("mint by a stranger", stranger);
    let swap =
        ControllerSurface::psm_swapUSDSToUSDCCall { usdcAmount: U256::from(1_000_000_000u64) };
    let swapped = chain.write(relayer, spark.controller, &swap).await;
    seen.sent("swap", swapped);

    chain.travel_to(start + 86_400).await.unwrap();
    seen.note("a day later", chain.block().await.unwrap().timestamp);
    let headroom = chain.read(spark.vault, &AllocatorVault::headroomCall {}).await;
    seen.note("headroom", headroom.unwrap());
    let current = RateLimits::getCurrentRateLimitCall { key: halo_spec::keys::usds_mint() };
    seen.note("limit", chain.read(spark.rate_limits, &current).await.unwrap());
    let shares = SUsds::convertToAssetsCall { shares: U256::from(WAD) };
    seen.note("savings", chain.read(network.sky.susds, &shares).await.unwrap());
    assert!(chain.travel_to(start).await.is_err(), "no way back");

    // A contract that sends as itself, and one made by a plain transaction and by the deployment proxy.
    let pay = Usds::transferCall { to: relayer, value: U256::from(WAD) };
    let paid = chain.write(spark.proxy, network.sky.usds, &pay).await;
    seen.sent("pay", paid);
    let code = template::Usdc.creation_code();
    let made = chain.send(&Tx::create(relayer, code.clone())).await;
    seen.sent("create", made);
    let calldata = [B256::repeat_byte(9).as_slice(), code].concat();
    let made = chain.send(&Tx::call(relayer, network.create2, calldata.into())).await;
    seen.sent("create2", made);
    let at = network.create2.create2(B256::repeat_byte(9), keccak256(code));
    seen.note("created code", chain.code_hash(at).await.unwrap());

    let silent = chain.call(&Tx::call(relayer, spark.controller, Bytes::new())).await.unwrap_err();
    seen.note("empty call", silent.to_string());
    let nothing = chain.read(Address::repeat_byte(8), &Usds::totalSupplyCall {}).await.unwrap_err();
    seen.note("no code", nothing.to_string());

    let transfers = Filter::default().at(network.sky.usds).from(block);
    for (transfer, event) in chain.events::<Usds::Transfer>(transfers).await.unwrap() {
        seen.note(
            "transfer",
            (transfer.from, transfer.to, transfer.value, event.timestamp, event.index),
        );
    }
    seen.note("later", chain.logs(&Filter::default().from(1_000)).await.unwrap());
    seen
}

async fn started(genesis: &Genesis) -> Anvil {
    let chain = &genesis.chain;
    Anvil::start(&genesis.alloc().unwrap(), chain.id(), chain.timestamp()).await.unwrap()
}

#[tokio::test]
async fn embedded_and_anvil_agree_to_the_gas() {
    let (network, genesis) = day1();
    let anvil = started(&genesis).await;
    let mut node = anvil.node().clone();
    let outside = script(&mut node, &network, &genesis).await;

    let mut embedded = halo_chain::Embedded::from_snapshot(&genesis.chain.snapshot());
    let inside = script(&mut embedded, &network, &genesis).await;
    for (inside, outside) in inside.0.iter().zip(&outside.0) {
        assert_eq!(inside, outside);
    }
    assert_eq!(inside.0.len(), outside.0.len());
    assert!(inside.0.len() > 25, "{}", inside.0.len());
}

#[tokio::test]
async fn without_a_key_nothing_is_sent() {
    let (_, genesis) = day1();
    let anvil = started(&genesis).await;
    let mut node = Node::connect(&anvil.url()).unwrap();
    let before = node.block().await.unwrap();
    let error = node.send(&Tx::call(Address::ZERO, Address::ZERO, Bytes::new())).await.unwrap_err();
    assert!(matches!(error, Error::Rejected { .. }), "{error}");
    assert_eq!(node.block().await.unwrap(), before);
}

#[tokio::test]
async fn a_node_that_is_not_there_is_named_without_its_keys() {
    let node = Node::connect("http://user:secret@127.0.0.1:9/v3/key?token=hidden").unwrap();
    let error = node.chain_id().await.unwrap_err().to_string();
    assert!(error.starts_with("eth_chainId on http://127.0.0.1:9: "), "{error}");
    for secret in ["user", "secret", "v3", "hidden"] {
        assert!(!error.contains(secret), "{error}");
    }
    assert!(matches!(Node::connect("ftp://example.org"), Err(NodeError::Url)));
    assert!(matches!(Node::connect("not a url"), Err(NodeError::Url)));
}
