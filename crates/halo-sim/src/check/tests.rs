//! Each check is seen to fail: the chain's state is changed behind the contracts' back, and the check must notice.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use alloy_primitives::{Address, B256, U256, keccak256};
use halo_chain::{Alloc, Embedded, Snapshot, now};
use halo_spec::{Network, Simulation, keys};
use halo_templates::bindings::{AccessControls, BeamState, HaloUnit, RateLimits, Usds};

use super::*;
use crate::{
    engine::{Engine, Options},
    observe,
    world::{Stage, outside, set_limit},
};

fn simulation(name: &str) -> Simulation {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join(format!("../../deployments/scenarios/{name}.toml"));
    Simulation::load(&path, &Network::embedded().unwrap(), &[]).unwrap().value
}

/// Builds the world of a preset, opens an engine in it and does `story`.
fn with<T>(name: &str, story: impl FnOnce(&mut Engine<'_>) -> T) -> T {
    let simulation = simulation(name);
    let Stage { mut chain, registry, beam, predicted, doors } = Stage::build(&simulation).unwrap();
    let mut engine = Engine::open(&mut chain, &simulation, registry, &Options::default()).unwrap();
    engine.world.beam = Some(beam);
    (engine.checks.predicted, engine.checks.doors) = (predicted, doors);
    story(&mut engine)
}

/// The names that are broken when the latest settlement of the Unit at `place` is checked again.
fn again(
    engine: &Engine<'_>,
    place: usize,
    change: impl FnOnce(&mut SettlementRow),
) -> BTreeSet<String> {
    let rows = engine.record.settlements.iter().rev();
    let mut row = rows.clone().find(|row| row.unit == place).unwrap().clone();
    change(&mut row);
    let mut checks = engine.checks.clone();
    let venue = &engine.world.venues[place];
    let said = checks.navs[&venue.class];
    // As it was before that settlement.
    checks.reported(venue.class, said + row.outcome.redeem_extra - row.outcome.subscribe_extra);
    let call = halo_templates::bindings::HaloBook::navCall {};
    let nav = engine.world.read(venue.at.class.at.book, &call);
    let checked =
        nav.and_then(|nav| checks.after_settlement(&engine.world, &engine.players, &row, nav));
    // A view that fails on what it finds is noticed too, but is no check.
    let _ = checked;
    checks
        .invariants
        .broken
        .iter()
        .map(|row| row.name[..row.name.find(' ').unwrap()].to_owned())
        .collect()
}

/// Relayer and beacon give a sign of life, as each morning.
fn open_day(engine: &mut Engine<'_>) {
    for side in &mut engine.sides {
        side.beat(&mut engine.world).unwrap();
    }
    engine.duties(0).unwrap();
}

fn back(engine: &mut Engine<'_>, snapshot: &Snapshot) {
    *engine.world.chain = Embedded::from_snapshot(snapshot);
    engine.world.chain.set_history(false);
}

/// Everything that is noticed when one slot after the other of these contracts is changed.
fn noticed(engine: &mut Engine<'_>, place: usize, contracts: &[Address]) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    let accounts = Alloc::of(engine.world.chain).unwrap().0;
    for at in contracts {
        for (slot, value) in accounts[at].storage.clone() {
            let (slot, value): (U256, U256) = (slot.into(), value.into());
            let half = value >> 1;
            let more = value + U256::from(1_000_000_u64) + (U256::from(1_000_000_u64) << 128);
            // The product has 120 bits of its slot: beyond its range on either side.
            let rest = value >> 120 << 120;
            let product = [rest | U256::ONE, rest | ((U256::ONE << 120) - U256::ONE)];
            for poked in [U256::ZERO, half, more].into_iter().chain(product) {
                engine.world.chain.set_storage(*at, slot, poked).unwrap();
                all.extend(again(engine, place, |_| {}));
            }
            engine.world.chain.set_storage(*at, slot, value).unwrap();
        }
    }
    all
}

fn none() -> BTreeSet<String> {
    BTreeSet::new()
}

fn assert_noticed(noticed: &BTreeSet<String>, names: &[&str]) {
    for name in names {
        assert!(noticed.contains(*name), "{name} is not among {noticed:?}");
    }
}

#[test]
fn what_is_wrong_in_queues_and_limits_is_noticed() {
    with("oversubscribed", |engine| {
        engine.pass_day().unwrap();
        let venue = engine.world.venues[0].at.clone();
        assert_eq!(again(engine, 0, |_| {}), none(), "nothing is wrong");
        let queue = venue.unit.at.subscribeQueue;
        assert_noticed(&noticed(engine, 0, &[queue]), &["I1", "I2", "I4", "I7"]);
        // Claims are paid; what is owed to who did not claim is looked at before.
        assert_noticed(&noticed(engine, 0, &[venue.unit.at.unit]), &["I11", "I12"]);
        assert_noticed(&noticed(engine, 0, &[venue.class.at.book]), &["I12", "I13", "I17"]);
        let limits = engine.world.paus[0].rate_limits;
        assert_noticed(&noticed(engine, 0, &[limits]), &["I19"]);
        assert_noticed(&noticed(engine, 0, &[engine.world.observer.registry]), &["I27"]);

        let unfair = again(engine, 0, |row| row.parts[0].left += U256::from(1_000));
        assert!(unfair.contains("I8"), "{unfair:?}");
        let minted = again(engine, 0, |row| row.outcome.shares_minted += U256::ONE);
        assert!(minted.contains("I16"), "{minted:?}");
    });
}

#[test]
fn what_is_wrong_with_rewards_and_ended_generations_is_noticed() {
    with("day1-tbill", |engine| {
        engine.pass_day().unwrap();
        engine.day = 1;
        engine.pass_day().unwrap();
        assert_eq!(again(engine, 0, |_| {}), none(), "nothing is wrong");
        let queue = engine.world.venues[0].at.unit.at.subscribeQueue;
        // All of the first day was settled and claimed: that generation has ended.
        assert_noticed(&noticed(engine, 0, &[queue]), &["I3", "I5"]);
    });
}

#[test]
fn what_is_wrong_with_tranches_is_noticed() {
    with("day1-clo", |engine| {
        engine.pass_day().unwrap();
        let senior = engine.world.venues.iter().position(|one| one.spec.tranche > 0).unwrap();
        assert_eq!(again(engine, senior, |_| {}), none(), "nothing is wrong");
        let at = engine.world.venues[senior].at.clone();
        let found = noticed(engine, senior, &[at.class.at.book, at.unit.at.unit]);
        assert_noticed(&found, &["I12", "I14", "I15"]);
    });
}

#[test]
fn what_is_wrong_with_roles_code_and_custody_is_noticed() {
    with("day1-tbill", |engine| {
        engine.pass_day().unwrap();
        let whole = engine.world.chain.snapshot();
        let at = engine.world.venues[0].at.clone();
        let (class, unit) = (at.class.at.clone(), at.unit.at.clone());
        let pau = engine.world.paus[0].clone();
        let sky = engine.world.observer.network.sky.clone();
        let admin = engine.world.classes[0].admins[0];

        let approve = Usds::approveCall { spender: unit.unit, value: U256::ONE };
        engine.world.send(pau.proxy, sky.usds, &approve).unwrap();
        assert!(again(engine, 0, |_| {}).contains("I21"));
        back(engine, &whole);

        engine.world.mint(sky.usds, pau.controller, U256::ONE).unwrap();
        assert!(again(engine, 0, |_| {}).contains("I22"));
        back(engine, &whole);

        let account = outside("passer-by");
        let grant = RateLimits::grantRoleCall { role: B256::ZERO, account };
        engine.world.send(pau.sub_proxy, pau.rate_limits, &grant).unwrap();
        let setter = RateLimits::grantRoleCall { role: keccak256("LIMIT_SETTER"), account };
        engine.world.send(pau.sub_proxy, pau.rate_limits, &setter).unwrap();
        assert!(again(engine, 0, |_| {}).contains("I23"));
        back(engine, &whole);

        // A door that nothing else is tried at: the reporter's, whose code lets everybody in.
        engine.world.chain.set_code(class.reporter, vec![0].into()).unwrap();
        assert!(again(engine, 0, |_| {}).contains("I23"), "a reporter that takes anything");
        back(engine, &whole);

        let grant = AccessControls::grantRoleCall { role: B256::ZERO, account: at.class.factory };
        engine.world.send(admin, class.acl, &grant).unwrap();
        assert!(again(engine, 0, |_| {}).contains("I26"));
        back(engine, &whole);

        engine.world.chain.set_code(class.freezerModule, vec![0].into()).unwrap();
        assert!(again(engine, 0, |_| {}).contains("I29"), "code that nobody approved");
        back(engine, &whole);

        // Code that is approved, and is not what should be there.
        let other = engine.world.chain.code_at(class.rateLimits).unwrap();
        engine.world.chain.set_code(class.acl, other).unwrap();
        let found = again(engine, 0, |_| {});
        assert!(found.contains("I28"), "{found:?}");
    });
}

#[test]
fn what_changes_under_a_lock_and_a_lock_that_does_not_end_are_noticed() {
    with("day1-tbill", |engine| {
        // The first lock of an empty Book settles at once; a Book with something in it waits for its report.
        engine.pass_day().unwrap();
        engine.day = 1;
        let (open, lock) = (engine.midnight() + 39_600, engine.midnight() + 46_800);
        engine.world.reach(open).unwrap();
        open_day(engine);
        engine.looks(open, lock).unwrap();
        engine.world.reach(lock).unwrap();
        engine.lock(&[0], &BTreeSet::new()).unwrap();
        let locked = engine.world.chain.snapshot();
        let unit = engine.world.unit(0).unwrap();
        assert!(unit.is_locked && !unit.subscribe.total.is_zero(), "{unit:?}");

        // A wei less waits than was locked.
        let queue = engine.world.venues[0].at.unit.at.subscribeQueue;
        let total = unit.subscribe.total;
        let accounts = Alloc::of(engine.world.chain).unwrap().0;
        let mask = (U256::ONE << 128) - U256::ONE;
        let slot = accounts[&queue].storage.iter().find(|(_, value)| {
            let value: U256 = (**value).into();
            value & mask == total || value >> 128 == total
        });
        let (slot, value) = slot.unwrap();
        let value: U256 = (*value).into();
        let one = if value & mask == total { U256::ONE } else { U256::ONE << 128 };
        engine.world.chain.set_storage(queue, (*slot).into(), value - one).unwrap();
        engine.world.reach(lock + 3_600).unwrap();
        engine.report(&[0]).unwrap();
        engine.settle(&[0], &BTreeSet::new()).unwrap();
        assert!(engine.checks.invariants.broken.iter().any(|row| row.name.starts_with("I6 ")));

        back(engine, &locked);
        let dead = BTreeSet::from([0]);
        engine.unlock_stale(lock, &dead).unwrap();
        assert!(!engine.checks.invariants.broken.iter().any(|row| row.name.starts_with("I10")));
        back(engine, &locked);
        orphan(engine, 0);
        engine.unlock_stale(lock, &dead).unwrap();
        assert!(engine.checks.invariants.broken.iter().any(|row| row.name.starts_with("I10")));
    });
}

/// Makes the queues of a Unit forget whose they are: nobody unlocks them any more.
fn orphan(engine: &mut Engine<'_>, place: usize) {
    let at = engine.world.venues[place].at.unit.at.clone();
    let unit = U256::from_be_slice(at.unit.as_slice());
    let accounts = Alloc::of(engine.world.chain).unwrap().0;
    let mask = (U256::ONE << 160) - U256::ONE;
    for queue in [at.subscribeQueue, at.redeemQueue] {
        for (slot, value) in &accounts[&queue].storage {
            let value: U256 = (*value).into();
            if value & mask == unit {
                engine.world.chain.set_storage(queue, (*slot).into(), value ^ unit).unwrap();
            }
        }
    }
}

#[test]
fn what_was_sent_and_is_not_where_it_should_be_is_noticed() {
    with("day1-tbill", |engine| {
        let lock = engine.midnight() + u64::from(engine.simulation.scenario.lock);
        open_day(engine);
        engine.look_around().unwrap();
        let player = &mut engine.players[0];
        let look = player.look(&mut engine.world, &engine.scene, &mut engine.others, lock).unwrap();
        assert!(!look.spent.is_empty(), "{look:?}");
        engine.check_spent(0, &look).unwrap();
        assert!(engine.checks.invariants.broken.is_empty());

        let whole = engine.world.chain.snapshot();
        let names = |engine: &mut Engine<'_>| -> BTreeSet<String> {
            engine.check_spent(0, &look).unwrap();
            let broken = std::mem::take(&mut engine.checks.invariants.broken);
            broken.into_iter().map(|row| row.name).collect()
        };
        // The limit forgets what was taken.
        let (pau, asset) = (engine.world.paus[0].clone(), engine.world.venues[0].at.class.asset);
        let unit = engine.world.venues[0].at.unit.at.clone();
        let key = keys::erc7540_deposit(asset, unit.unit);
        let limit = engine.players[0].terms.deposit;
        set_limit(engine.world.chain, &pau, key, &limit, true).unwrap();
        assert!(names(engine).contains("I20 what leaves was counted"));
        back(engine, &whole);
        // What stands in the queue is less than what was put in.
        let mut found = BTreeSet::new();
        for (slot, value) in &Alloc::of(engine.world.chain).unwrap().0[&unit.subscribeQueue].storage
        {
            let half = U256::from_be_bytes(value.0) >> 1;
            engine.world.chain.set_storage(unit.subscribeQueue, (*slot).into(), half).unwrap();
            if engine.players[0].pending(&engine.world, 0).is_ok() {
                found.extend(names(engine));
            }
            engine
                .world
                .chain
                .set_storage(unit.subscribeQueue, (*slot).into(), (*value).into())
                .unwrap();
        }
        assert!(found.contains("I9 in and out again"), "{found:?}");

        let before = engine.world.unit(0).unwrap();
        engine.checks.gift((0, 0), &before, &engine.world.unit(0).unwrap());
        assert!(engine.checks.invariants.broken.is_empty());
        let mint = Usds::mintCall { to: unit.subscribeQueue, value: U256::ONE };
        let sky = engine.world.observer.network.governance.pause_proxy;
        engine.world.send(sky, asset, &mint).unwrap();
        engine.checks.gift((0, 0), &before, &engine.world.unit(0).unwrap());
        assert!(engine.checks.invariants.broken.is_empty(), "a gift counts nowhere");
        let caps = HaloUnit::setCapsCall {
            cap_: before.cap - U256::ONE,
            epochSubscribeCap_: before.epoch_subscribe_cap,
            epochRedeemCap_: before.epoch_redeem_cap,
        };
        engine.world.send(engine.world.classes[0].admins[0], unit.unit, &caps).unwrap();
        engine.checks.gift((0, 0), &before, &engine.world.unit(0).unwrap());
        assert!(engine.checks.invariants.broken.iter().any(|row| row.name.starts_with("I18")));
    });
}

#[test]
fn limits_that_grow_too_far_or_too_often_are_noticed() {
    with("ramp", |engine| {
        engine.governance.open(&mut engine.world, engine.simulation).unwrap();
        let beam = engine.world.beam.unwrap();
        let pau = engine.world.paus[0].clone();
        let at = engine.world.venues[0].at.clone();
        let key = keys::erc7540_deposit(at.class.asset, at.unit.at.unit);
        let whole = engine.world.chain.snapshot();
        let sky = engine.world.observer.network.governance.pause_proxy;
        let grow = |engine: &mut Engine<'_>, times: u64| -> BTreeMap<String, usize> {
            let limit = now(observe::limit(&*engine.world.chain, pau.rate_limits, key)).unwrap();
            let max = limit.max_amount * U256::from(times) / U256::from(100);
            let slope = limit.slope;
            let done = crate::governance::set(
                &mut engine.world,
                &mut engine.checks,
                &pau,
                key,
                (max, slope),
                0,
            );
            assert!(done.unwrap(), "GovOps may");
            let broken = std::mem::take(&mut engine.checks.invariants.broken);
            broken.into_iter().fold(BTreeMap::new(), |mut all, row| {
                *all.entry(row.name).or_default() += 1;
                all
            })
        };
        assert!(grow(engine, 125).is_empty());
        // Where governance lets GovOps do more than the rule says, the rule is broken.
        back(engine, &whole);
        engine.checks.raised.clear();
        let more = U256::from(10).pow(U256::from(19));
        let call = BeamState::setMaxChangeCall {
            almProxy: pau.proxy,
            maxChange: more.saturating_to::<u128>().try_into().unwrap(),
        };
        engine.world.send(sky, beam.state, &call).unwrap();
        let far = grow(engine, 300);
        assert!(far.contains_key("I24 limits grow within bounds"), "{far:?}");

        back(engine, &whole);
        engine.checks.raised.clear();
        let call = BeamState::setHopCall { almProxy: pau.proxy, hop: 3_600 };
        engine.world.send(sky, beam.state, &call).unwrap();
        assert!(grow(engine, 120).is_empty());
        engine.world.chain.advance(3_601).unwrap();
        let soon = grow(engine, 120);
        assert!(soon.contains_key("I25 growth takes its time"), "{soon:?}");
    });
}
