//! A Prime whose Controller knows the production ERC-7540 facet and nothing else enters a Unit, is settled, claims,
//! redeems and gets its assets back: on the embedded chain and on Foundry's anvil, with the same numbers.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use alloy_primitives::{B256, U256};
use halo_chain::{Embedded, PrimePau, TimeTravel, now};
use halo_deploy::apply;
use halo_templates::bindings::{Controller, ControllerSurface};
use halo_tests::World;
use life::{Life, Stages};

#[path = "support/life.rs"]
mod life;

#[test]
fn on_the_embedded_chain() {
    for (spec, prime) in [("tbill", "grove"), ("mmf", "spark"), ("clo", "pattern")] {
        let (world, pau, mut chain) = start(spec, prime);
        let stages = now(life(&world, &pau, &mut chain));
        let [first, .., last] = stages.as_slice() else { panic!("no stages") };
        // In and out at an index that never moved: rounding may keep a few base units, and never gives any.
        let lost = first.1 - last.1;
        assert!(lost <= U256::from(2), "{spec}: {lost} base units were lost: {stages:#?}");
        assert_eq!(last.2, U256::ZERO, "{spec}: no shares are left");
    }
}

#[tokio::test]
async fn on_anvil_with_the_same_numbers() {
    let (world, pau, mut embedded) = start("tbill", "grove");
    let alloc = halo_chain::Alloc::of(&embedded).unwrap();
    let anvil = halo_chain::Anvil::start(&alloc, world.network.chain_id, world.scenario.start)
        .await
        .unwrap_or_else(|error| panic!("{error}; anvil comes with `cargo xtask setup`"));
    let mut node = anvil.node().clone();
    let there = life(&world, &pau, &mut node).await;
    let here = now(life(&world, &pau, &mut embedded));
    assert_eq!(there, here);
}

/// Genesis with the attestors' wallets, before anything is deployed.
fn start(spec: &str, prime: &str) -> (World, PrimePau, Embedded) {
    let world = World::of(spec);
    let genesis = world.genesis();
    let pau = genesis.primes.iter().find(|pau| pau.slug == prime).unwrap().clone();
    let mut chain = genesis.chain;
    halo_sim::stand_in(&mut chain, &world.spec.attestors).unwrap();
    (world, pau, chain)
}

async fn life<C: TimeTravel>(world: &World, pau: &PrimePau, chain: &mut C) -> Stages {
    let plan = world.plan();
    apply(&plan, chain, |_| {}).await.unwrap_or_else(|error| panic!("{error}"));
    let registry = plan.address("core/unit-registry").unwrap();
    let mut life = Life::new(world, pau, registry, chain).await;
    let prime = world.network.prime(&pau.slug).unwrap();

    // The Prime has its money from elsewhere, and from here on only the ERC-7540 facet.
    life.bring(chain).await;
    let wired = chain.read(pau.controller, &Controller::integrationsCall {}).await.unwrap();
    let facet = B256::right_padding_from(b"ERC7540_FACET");
    let others: Vec<B256> = wired.into_iter().map(|one| one.id).filter(|id| *id != facet).collect();
    assert!(!others.is_empty());
    let remove = Controller::removeIntegrationsCall { ids: others };
    chain.write(prime.sub_proxy, pau.controller, &remove).await.unwrap();
    let mint = ControllerSurface::usds_mintCall { usdsAmount: life.amount };
    assert!(chain.write(pau.relayer.unwrap(), pau.controller, &mint).await.is_err());

    life.round_trip(chain).await;
    life.stages
}
