//! A Prime whose Controller knows the production ERC-7540 facet and nothing else enters a Unit, is settled, claims,
//! redeems and gets its assets back: on the embedded chain and on Foundry's anvil, with the same numbers.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use alloy_primitives::{B256, U256};
use halo_chain::{Embedded, PrimePau, TimeTravel, now};
use halo_deploy::apply;
use halo_sim::{Observer, UnitAt};
use halo_templates::bindings::{Controller, ControllerSurface, HaloUnit, Usdc, Usds};
use halo_tests::World;

const DAY: u64 = 86_400;

/// What the Prime and the Class hold at each stage, in base units of the asset, and the Prime's shares.
type Stages = Vec<(&'static str, U256, U256, U256)>;

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
    let observer =
        Observer { network: &world.network, registry: plan.address("core/unit-registry").unwrap() };
    // The equity: nobody enters a Unit that ranks above it before it covers them.
    let unit = world.spec.units_by_tranche()[0];
    let at = observer.locate(chain, unit.id).await.unwrap();
    let prime = world.network.prime(&pau.slug).unwrap();
    let mut stages = Stages::new();

    // The Prime has its money from elsewhere, and from here on only the ERC-7540 facet.
    let amount =
        U256::from(10_000_000u64) * U256::from(10).pow(U256::from(world.spec.asset.decimals));
    let relayer = pau.relayer.unwrap();
    let bring = if world.spec.asset.symbol == "USDC" {
        let usds = amount * U256::from(10).pow(U256::from(12));
        let mint = ControllerSurface::usds_mintCall { usdsAmount: usds };
        chain.write(relayer, pau.controller, &mint).await.unwrap();
        let swap = ControllerSurface::psm_swapUSDSToUSDCCall { usdcAmount: amount };
        chain.write(relayer, pau.controller, &swap).await
    } else {
        let mint = ControllerSurface::usds_mintCall { usdsAmount: amount };
        chain.write(relayer, pau.controller, &mint).await
    };
    bring.unwrap();
    let wired = chain.read(pau.controller, &Controller::integrationsCall {}).await.unwrap();
    let facet = B256::right_padding_from(b"ERC7540_FACET");
    let others: Vec<B256> = wired.into_iter().map(|one| one.id).filter(|id| *id != facet).collect();
    assert!(!others.is_empty());
    let remove = Controller::removeIntegrationsCall { ids: others };
    chain.write(prime.sub_proxy, pau.controller, &remove).await.unwrap();
    assert!(
        chain
            .write(
                relayer,
                pau.controller,
                &ControllerSurface::usds_mintCall { usdsAmount: amount }
            )
            .await
            .is_err()
    );

    note(&mut stages, "start", world, pau, &at, chain).await;
    let token = at.unit.at.unit;
    let request = ControllerSurface::erc7540_requestDepositCall { token, amount };
    chain.write(relayer, pau.controller, &request).await.unwrap();
    note(&mut stages, "requested", world, pau, &at, chain).await;

    settle(world, &at, &observer, chain, false).await;
    chain
        .write(relayer, pau.controller, &ControllerSurface::erc7540_claimDepositCall { token })
        .await
        .unwrap();
    note(&mut stages, "claimed", world, pau, &at, chain).await;
    let shares = stages.last().unwrap().2;
    assert!(!shares.is_zero());

    let redeem = ControllerSurface::erc7540_requestRedeemCall { token, shares };
    chain.write(relayer, pau.controller, &redeem).await.unwrap();
    note(&mut stages, "redeeming", world, pau, &at, chain).await;

    // The Class's relayer puts the money back within reach of the redeemers.
    let owed = HaloUnit::convertToAssetsCall { shares };
    let owed = chain.read(token, &owed).await.unwrap();
    let fund = ControllerSurface::lctsHalo_fundRedemptionCall { unit: token, amount: owed };
    chain.write(world.spec.relayer, at.class.at.controller, &fund).await.unwrap();
    settle(world, &at, &observer, chain, true).await;
    chain
        .write(relayer, pau.controller, &ControllerSurface::erc7540_claimRedeemCall { token })
        .await
        .unwrap();
    note(&mut stages, "redeemed", world, pau, &at, chain).await;
    stages
}

/// One epoch of the beacon's day: lock at the next 13:00, the attestors' report, settlement.
async fn settle<C: TimeTravel>(
    world: &World,
    at: &UnitAt,
    observer: &Observer<'_>,
    chain: &mut C,
    reported: bool,
) {
    use halo_sentinel::lcts::settler::{Published, Rules};
    let now = chain.block().await.unwrap().timestamp;
    let lock = now - now % DAY + u64::from(world.scenario.lock);
    chain.travel_to(if lock > now { lock } else { lock + DAY }).await.unwrap();
    let beacon = halo_sim::LphaLcts {
        settler: world.spec.settler,
        id: world.spec.beacon.id,
        rules: Rules::default(),
    };
    let published =
        Published { subscribe_capacity: Some(U256::MAX), redeem_capacity: Some(U256::MAX) };
    for _ in 0..4 {
        let (verdict, settled) = beacon.act(chain, observer, at, &published).await.unwrap();
        if settled.is_some() {
            return;
        }
        if reported && verdict.actions.is_empty() {
            let now = chain.block().await.unwrap().timestamp;
            chain.travel_to(now + 3_600).await.unwrap();
            halo_sim::report(chain, &world.spec, at).await.unwrap();
        }
    }
    panic!("the epoch was not settled");
}

async fn note<C: TimeTravel>(
    stages: &mut Stages,
    stage: &'static str,
    world: &World,
    pau: &PrimePau,
    at: &UnitAt,
    chain: &C,
) {
    let asset = world.spec.asset.address;
    let held = chain.read(asset, &Usdc::balanceOfCall(pau.proxy)).await.unwrap();
    let balance = HaloUnit::balanceOfCall { account: pau.proxy };
    let shares = chain.read(at.unit.at.unit, &balance).await.unwrap();
    let class = chain.read(asset, &Usds::balanceOfCall(at.class.at.almProxy)).await.unwrap();
    stages.push((stage, held, shares, class));
}
