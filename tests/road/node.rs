//! The same plan on Foundry's anvil: another EVM, over JSON-RPC.

use halo_chain::{
    Chain,
    node::{Anvil, anvil_program},
};
use halo_deploy::{Manifest, apply, verify};

use halo_tests::World;

#[tokio::test]
async fn anvil_and_the_embedded_chain_end_in_the_same_deployment() {
    let world = World::of("clo");
    let genesis = world.genesis();
    let (plan, embedded, applied) = world.deployed();
    let (id, start) = (world.network.chain_id, world.scenario.start);
    let anvil = match Anvil::start(&genesis.alloc().unwrap(), id, start).await {
        Ok(anvil) => anvil,
        Err(error) => panic!("{error}; {} comes with `npm ci`", anvil_program().display()),
    };
    let mut node = anvil.node().clone();
    let sent = apply(&plan, &mut node, |_| {}).await.unwrap_or_else(|error| panic!("{error}"));
    for contract in plan.contracts() {
        let on_node = node.code_hash(contract.address).await.unwrap();
        assert_eq!(on_node, contract.code_hash, "{}", contract.name);
        let inside = embedded.code_hash(contract.address).await.unwrap();
        assert_eq!(on_node, inside, "{}", contract.name);
    }
    for unit in &plan.subject.units {
        let there = Manifest::new(&plan, &unit.slug, &sent.transactions).unwrap();
        let here = Manifest::new(&plan, &unit.slug, &applied.transactions).unwrap();
        assert!(there.same_deployment(&here));
        let failed: Vec<_> = verify(&there, &node).await.unwrap().failed().cloned().collect();
        assert!(failed.is_empty(), "{failed:#?}");
    }
    // Gas and order agree as well, transaction by transaction.
    let gas = |all: &[halo_deploy::Transaction]| -> Vec<_> {
        all.iter().map(|one| (one.step.clone(), one.gas)).collect()
    };
    assert_eq!(gas(&sent.transactions), gas(&applied.transactions));

    let again = apply(&plan, &mut node, |_| {}).await.unwrap();
    assert!(again.transactions.is_empty(), "{:?}", again.transactions);
}
