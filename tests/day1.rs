//! Day 1 of the example Classes: what the report says is what the chain did, and nothing is lost on the way.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use alloy_primitives::{Address, U256};
use alloy_sol_types::SolCall;
use halo_chain::{Embedded, now};
use halo_deploy::Plan;
use halo_sim::{Bound, Day1, Day1Report, PrimeRow};
use halo_templates::{
    bindings::{HaloUnit, LctsQueue, RateLimits},
    template,
};
use halo_tests::{SPECS, World};

fn day1(world: &World, plan: &Plan, chain: &mut Embedded) -> Day1Report {
    let day = Day1 {
        class: &world.spec,
        network: &world.network,
        scenario: &world.scenario,
        registry: plan.address("core/unit-registry").unwrap(),
    };
    now(halo_sim::run(chain, &day)).unwrap_or_else(|error| panic!("{error}"))
}

fn row<'a>(report: &'a Day1Report, prime: &str, unit: &str) -> &'a PrimeRow {
    report.primes.iter().find(|row| row.prime == prime && row.unit == unit).unwrap()
}

fn tokens(amount: u64, decimals: u8) -> U256 {
    U256::from(amount) * U256::from(10).pow(U256::from(decimals))
}

#[test]
fn every_unit_of_the_asset_is_accounted_for() {
    for name in SPECS {
        let world = World::of(name);
        let (plan, mut chain, _) = world.deployed();
        let report = day1(&world, &plan, &mut chain);
        assert!(report.conservation.holds, "{name}: {:?}", report.conservation);
        assert!(!report.totals.settled.is_zero(), "{name}");
        for unit in &report.units {
            assert_eq!(unit.queued, unit.settled + unit.left, "{name}: {}", unit.unit);
            let rows: Vec<_> = report.primes.iter().filter(|row| row.unit == unit.unit).collect();
            let queued: U256 = rows.iter().map(|row| row.queued).sum();
            assert_eq!(queued, unit.queued, "{name}: {}", unit.unit);
            // Each Prime's part is its pro rata, short by rounding at most, never more.
            for row in rows.iter().filter(|row| !row.queued.is_zero()) {
                let exact = row.queued * unit.settled / unit.queued;
                let rest = row.queued - exact;
                assert!(row.left <= rest && rest - row.left <= U256::from(3), "{name}: {row:?}");
            }
        }
    }
}

#[test]
fn the_report_says_what_the_chain_holds() {
    let world = World::of("clo");
    let (plan, mut chain, _) = world.deployed();
    let report = day1(&world, &plan, &mut chain);
    for unit in &report.units {
        let queue = plan.address(&format!("unit/{}/subscribe-queue", unit.unit)).unwrap();
        assert_eq!(read(&mut chain, queue, &LctsQueue::totalUnderlyingCall {}), unit.left);
        let mut claimed = U256::ZERO;
        for row in report.primes.iter().filter(|row| row.unit == unit.unit) {
            let account = world.network.prime(&row.prime).unwrap().alm_proxy;
            let balance = read(&mut chain, unit.address, &HaloUnit::balanceOfCall { account });
            assert_eq!(balance, row.shares, "{} in {}", row.prime, row.unit);
            claimed += balance;
        }
        assert!(claimed <= unit.shares && unit.shares - claimed <= U256::from(10), "{unit:?}");
    }
}

#[test]
fn the_same_day_gives_the_same_bytes() {
    let json = || {
        let world = World::of("tbill");
        let (plan, mut chain, _) = world.deployed();
        serde_json::to_string(&day1(&world, &plan, &mut chain)).unwrap()
    };
    assert_eq!(json(), json());
}

#[test]
fn the_limit_that_binds_is_named() {
    let world = World::of("tbill");
    let (plan, mut chain, _) = world.deployed();
    let report = day1(&world, &plan, &mut chain);
    for (prime, bound) in [
        ("spark", Bound::DepositLimit),
        ("grove", Bound::Appetite),
        ("obex", Bound::MintCeiling),
        ("pattern", Bound::Appetite),
        ("keel", Bound::MintCeiling),
    ] {
        assert_eq!(row(&report, prime, "bills").bound, bound, "{prime}");
    }
    assert_eq!(report.units[0].bound, Bound::EpochCap);
}

#[test]
fn a_smaller_limit_lets_less_in() {
    let mut world = World::of("tbill");
    let grove = world.scenario.primes.iter_mut().find(|one| one.prime.slug == "grove").unwrap();
    grove.deposit.max = tokens(30_000_000, 18);
    grove.deposit.slope.per_second = U256::ZERO;
    let (plan, mut chain, _) = world.deployed();
    let report = day1(&world, &plan, &mut chain);
    let grove = row(&report, "grove", "bills");
    assert_eq!((grove.queued, grove.bound), (tokens(30_000_000, 18), Bound::DepositLimit));
}

#[test]
fn a_prime_whose_governance_set_no_limit_stays_out_and_says_why() {
    let world = World::of("tbill");
    let (plan, mut chain, _) = world.deployed();
    let unit = plan.address("unit/bills/unit").unwrap();
    let grove = world.network.prime("grove").unwrap();
    let limits = now(halo_sim::Observer {
        network: &world.network,
        registry: plan.address("core/unit-registry").unwrap(),
    }
    .pau(&chain, grove))
    .unwrap()
    .rateLimits;
    let key = halo_spec::keys::erc7540_deposit(world.spec.asset.address, unit);
    let zero = U256::ZERO;
    let unset = RateLimits::setRateLimitDataCall {
        key,
        maxAmount: zero,
        slope: zero,
        lastAmount: zero,
        lastUpdated: zero,
    };
    let data = unset.abi_encode().into();
    assert!(chain.transact(grove.sub_proxy, limits, data).unwrap().is_success());

    let report = day1(&world, &plan, &mut chain);
    let out = row(&report, "grove", "bills");
    assert!(out.queued.is_zero());
    assert_eq!(out.bound, Bound::NotOnboarded);
    assert!(out.refused.iter().any(|why| why.contains("deposit")), "{:?}", out.refused);
    // The others go on without it.
    assert!(!row(&report, "spark", "bills").queued.is_zero());
}

#[test]
fn code_that_is_not_the_template_keeps_every_prime_out() {
    let world = World::of("tbill");
    let (plan, mut chain, _) = world.deployed();
    let queue = plan.address("unit/bills/subscribe-queue").unwrap();
    // The queue's own code in place of the proxy to it: it behaves the same, and is not what governance listed.
    chain.set_code(queue, template::LctsQueue.runtime_code().clone()).unwrap();
    let report = day1(&world, &plan, &mut chain);
    for row in &report.primes {
        assert!(row.queued.is_zero(), "{}", row.prime);
        assert!(row.refused.iter().any(|why| why.contains("LctsQueue")), "{:?}", row.refused);
    }
}

fn read<C: SolCall>(chain: &mut Embedded, to: Address, call: &C) -> C::Return {
    let outcome = chain.view(Address::ZERO, to, call.abi_encode().into()).unwrap();
    C::abi_decode_returns(&outcome.output).unwrap()
}

/// Both Units lock, the junior settles on the empty Book, and the senior on the cover that it brought: no report between.
#[test]
fn a_tranched_class_settles_at_once_and_covered() {
    let world = World::of("clo");
    let (plan, mut chain, _) = world.deployed();
    let report = day1(&world, &plan, &mut chain);
    let [junior, senior] = &report.units[..] else { panic!("{:?}", report.units) };
    assert_eq!((junior.tranche, junior.cover_bps), (0, None));
    let least = world.spec.units.iter().find(|unit| unit.tranche == senior.tranche).unwrap();
    assert!(least.min_cover_bps > 0);
    assert!(senior.cover_bps.unwrap() >= least.min_cover_bps, "{senior:?}");
    for unit in [junior, senior] {
        assert!(!unit.value.is_zero(), "{unit:?}");
        assert!(unit.settled_at.unwrap() - unit.locked_at.unwrap() < 600, "{unit:?}");
    }
}
