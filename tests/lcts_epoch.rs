//! The frozen `HaloUnit`, with its queues and Book, against the settlement maths and the beacon's
//! rules: random days, each locked and settled by what `settler::decide` says, every moved amount
//! compared to the wei.
//!
//! `PROPTEST_CASES` scripts in all (1,000 if not set), from a fixed seed (`PROPTEST_RNG_SEED` sets
//! another). A failing script is shrunk, and its seed kept in `lcts_epoch.regressions`.

#![allow(clippy::unwrap_used, reason = "a test stops where something is missing")]

#[path = "lcts_epoch/script.rs"]
mod script;
#[path = "lcts_epoch/world.rs"]
mod world;

use alloy_primitives::U256;
use halo_chain::Snapshot;
use halo_sentinel::{
    lcts::settler::{Action, Duties, Published, Rules, SettleOrder, Verdict, decide},
    view::UnitView,
};
use halo_templates::bindings::HaloUnit;
use halo_tests::scripts_config;
use proptest::{
    prelude::*,
    test_runner::{TestCaseResult, TestRunner},
};
use script::{Act, Day, scripts};
use std::cell::RefCell;
use world::{CUSTODY, DAY, REDEEM, START, SUBSCRIBE, UNIT, USERS, World};

const CASES: u32 = 1_000;
const DAYS: usize = 10;
const SEED: u64 = 0x4c43_5454;

#[test]
fn six_decimals() {
    compare(6);
}

#[test]
fn eighteen_decimals() {
    compare(18);
}

/// Runs half of the scripts with an asset of these decimals.
fn compare(decimals: u8) {
    let genesis = World::genesis(decimals);
    let reach = RefCell::new(Reach::default());
    let mut runner = TestRunner::new(scripts_config(CASES, 2, SEED, file!()));
    let result = runner.run(&scripts(decimals, DAYS), |days| {
        live(&genesis, decimals, &days, &mut reach.borrow_mut())
    });
    if let Err(fault) = result {
        panic!("{fault}");
    }
    reach.borrow().check();
}

/// How often the scripts came to what they are for.
#[derive(Debug, Default)]
struct Reach {
    settled: u32,
    netted: u32,
    taken_in: u32,
    paid_out: u32,
    burned_in_netting: u32,
    left_waiting: u32,
    worthless: u32,
}

impl Reach {
    fn count(&mut self, order: &SettleOrder) {
        let (input, moved) = (&order.input, &order.expected);
        let left = input.subscribe_total > moved.subscribe_converted().unwrap();
        self.settled += 1;
        self.netted += u32::from(!moved.netted.is_zero());
        self.taken_in += u32::from(!moved.subscribe_extra.is_zero());
        self.paid_out += u32::from(!moved.redeem_extra.is_zero());
        self.burned_in_netting +=
            u32::from(moved.redeem_extra.is_zero() && !moved.shares_burned.is_zero());
        self.left_waiting += u32::from(left);
        self.worthless += u32::from(input.index.is_zero());
    }

    /// A test that never comes to a case proves nothing about it.
    fn check(&self) {
        println!("{self:?}");
        let Self { settled, netted, taken_in, paid_out, burned_in_netting, .. } = *self;
        let Self { left_waiting, worthless, .. } = *self;
        let least = [netted, taken_in, paid_out, burned_in_netting, left_waiting, worthless]
            .into_iter()
            .min();
        assert!(settled < 1_000 || least >= Some(10), "{self:?}");
    }
}

fn live(genesis: &Snapshot, decimals: u8, days: &[Day], reach: &mut Reach) -> TestCaseResult {
    let mut world = World::new(genesis, decimals);
    let everything = held(&mut world);
    for (number, day) in days.iter().enumerate() {
        let noon = START + number as u64 * DAY;
        world.chain.warp_to(noon).unwrap();
        for act in &day.acts {
            carry_out(&mut world, *act);
        }
        epoch(&mut world, day, noon, reach)
            .map_err(|fault| TestCaseError::fail(format!("day {number}: {fault}")))?;
        prop_assert_eq!(held(&mut world), everything, "assets are neither made nor lost");
    }
    Ok(())
}

/// Users may be refused: what they can do is the business of other tests.
fn carry_out(world: &mut World, act: Act) {
    match act {
        Act::Subscribe { user, mantissa, exponent } => {
            let owner = USERS[user];
            let assets = U256::from(mantissa) * U256::from(10).pow(U256::from(exponent));
            let call = HaloUnit::requestDepositCall { assets, controller: owner, owner };
            world.may(owner, UNIT, &call);
        }
        Act::Redeem { user, part } => {
            carry_out(world, Act::Claim { user });
            let owner = USERS[user];
            let shares = part.of(world.shares_of(owner));
            let call = HaloUnit::requestRedeemCall { shares, controller: owner, owner };
            world.may(owner, UNIT, &call);
        }
        Act::Claim { user } => {
            let (receiver, controller) = (USERS[user], USERS[user]);
            world.must(receiver, UNIT, &HaloUnit::settleFinalizedCall { receiver, controller });
        }
        Act::LeaveSubscribe { user } => {
            let (receiver, controller) = (USERS[user], USERS[user]);
            world.may(receiver, UNIT, &HaloUnit::exitDepositCall { receiver, controller });
        }
        Act::LeaveRedeem { user } => {
            let (receiver, controller) = (USERS[user], USERS[user]);
            world.may(receiver, UNIT, &HaloUnit::exitRedeemCall { receiver, controller });
        }
    }
}

/// Locks at 13:00, reports and settles at 13:30, as the beacon decides.
fn epoch(world: &mut World, day: &Day, noon: u64, reach: &mut Reach) -> TestCaseResult {
    let (lock_at, settle_at) = (noon + 3_600, noon + 5_400);
    let before = world.unit();
    let waiting = before.subscribe.total;
    let size = before.price().unwrap().assets(before.total_supply).unwrap();
    world.set_caps(
        size.saturating_add(day.caps.size.of(waiting)),
        day.caps.subscribe.of(waiting),
        day.caps.redeem.of(size),
    );
    let custody = world.assets_of(CUSTODY);
    world.fund(day.funded.of(custody));

    world.chain.warp_to(lock_at).unwrap();
    let Verdict { actions, .. } = ask(world, lock_at, &Published::default());
    if actions.is_empty() {
        prop_assert!(before.total_supply.is_zero() && waiting.is_zero(), "nobody to lock for");
        return Ok(());
    }
    prop_assert_eq!(&actions, &[Action::Lock { unit: UNIT }]);
    prop_assert_eq!(world.send(&actions[0]), Ok(None));

    world.chain.warp_to(settle_at).unwrap();
    if !world.unit().book.is_empty {
        let nav = world.nav() * U256::from(day.value) / U256::from(1_000_000);
        world.report(nav);
    }
    let locked = world.unit();
    let published = Published {
        subscribe_capacity: day.subscribe_capacity.map(|part| part.of(locked.subscribe.total)),
        redeem_capacity: day.redeem_capacity.map(|part| part.of(size)),
    };
    let Verdict { actions, .. } = ask(world, settle_at, &published);
    let [Action::Settle { order, .. }] = &actions[..] else {
        return Err(TestCaseError::fail(format!("no settlement: {actions:?}")));
    };
    let accounts = [SUBSCRIBE, REDEEM, CUSTODY, UNIT];
    let assets = accounts.map(|account| world.assets_of(account));
    let shares = [SUBSCRIBE, REDEEM].map(|account| world.shares_of(account));
    let nav = world.nav();

    let event = world
        .send(&actions[0])
        .map_err(|data| TestCaseError::fail(format!("the Unit refuses: {data}")))?
        .ok_or_else(|| TestCaseError::fail("no EpochSettled"))?;
    event_is(&event, order)?;
    reach.count(order);
    let after = world.unit();
    state_is(&locked, &after, order)?;

    let moved = order.expected;
    let (sub_out, red_in) = (moved.subscribe_converted().unwrap(), moved.redeem_reward().unwrap());
    let expected = [
        assets[0] - sub_out,
        assets[1] + red_in,
        assets[2] + moved.subscribe_extra,
        assets[3] - moved.redeem_extra,
    ];
    prop_assert_eq!(accounts.map(|account| world.assets_of(account)), expected, "assets");
    let expected =
        [shares[0] + moved.subscribe_reward().unwrap(), shares[1] - moved.shares_redeemed];
    let held = [SUBSCRIBE, REDEEM].map(|account| world.shares_of(account));
    prop_assert_eq!(held, expected, "shares");
    prop_assert_eq!(world.nav(), nav + moved.subscribe_extra - moved.redeem_extra, "NAV");
    prop_assert_eq!(world.book_shares(), after.total_supply, "the Book knows every share");
    Ok(())
}

fn ask(world: &mut World, now: u64, published: &Published) -> Verdict {
    let duties = Duties { last_heartbeat: now, last_poke: now };
    decide(now, &Rules::default(), &world.unit(), &duties, published).unwrap()
}

fn event_is(event: &HaloUnit::EpochSettled, order: &SettleOrder) -> TestCaseResult {
    let expected = HaloUnit::EpochSettled {
        epoch: order.epoch,
        index: order.input.index,
        netted: order.expected.netted,
        subExtra: order.expected.subscribe_extra,
        redExtra: order.expected.redeem_extra,
        sharesMinted: order.expected.shares_minted,
        sharesBurned: order.expected.shares_burned,
        subscribeTotal: order.input.subscribe_total,
        redeemTotal: order.input.redeem_total,
    };
    prop_assert_eq!(event, &expected);
    Ok(())
}

fn state_is(before: &UnitView, after: &UnitView, order: &SettleOrder) -> TestCaseResult {
    let moved = order.expected;
    prop_assert!(!after.is_locked);
    prop_assert_eq!(
        after.subscribe.total,
        before.subscribe.total - moved.subscribe_converted().unwrap(),
        "assets left waiting"
    );
    prop_assert_eq!(
        after.redeem.total,
        before.redeem.total - moved.shares_redeemed,
        "shares left waiting"
    );
    prop_assert_eq!(
        after.redeem_liquidity,
        before.redeem_liquidity - moved.redeem_extra,
        "liquidity"
    );
    prop_assert_eq!(
        after.total_supply,
        before.total_supply + moved.shares_minted - moved.shares_burned,
        "supply"
    );
    // Whoever did not move loses nothing, but for the rounding of an index that is a floor.
    prop_assert!(
        after.total_supply.is_zero() || after.index >= before.index,
        "the settlement lowered the index from {} to {}",
        before.index,
        after.index
    );
    Ok(())
}

/// All assets there are.
fn held(world: &mut World) -> U256 {
    USERS
        .into_iter()
        .chain([SUBSCRIBE, REDEEM, CUSTODY, UNIT])
        .map(|account| world.assets_of(account))
        .sum()
}
