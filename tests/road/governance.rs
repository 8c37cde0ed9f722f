//! A Halo whose governance the plan makes: SubProxy, spell guard, and a token whose holders have a say.

use alloy_primitives::{Address, B256, U256, address, bytes, keccak256};
use alloy_sol_types::SolCall;
use halo_chain::{Chain, Embedded, now};
use halo_deploy::{Error, Plan, PrimeLimits, handoff::Spells, rehearse::rehearse, verify};
use halo_spec::{HaloGovernance, HaloToken, Signing, SpellMake, SpellRoad};
use halo_templates::bindings::{
    HaloFactory::{deployHaloCall, predictHaloCall},
    HaloSpellGuard::{execCall, plotCall},
    HaloToken::{approveCall, balanceOfCall},
    TokenHat::{liftCall, lockCall, voteCall},
};
use halo_tests::{World, call, manifests, run};

const HOLDER: Address = address!("00000000000000000000000000000000000401de");
const CANCELLER: Address = address!("00000000000000000000000000000000000ca9ce");
const SPELL: Address = address!("0000000000000000000000000000000000005be1");
const DAY: u32 = 86_400;

fn whole(tokens: u64) -> U256 {
    U256::from(tokens) * U256::from(10).pow(U256::from(18))
}

/// The T-bill Class of a Halo without governance; no admin is named yet.
fn world(has_token: bool) -> World {
    let mut world = World::of("tbill");
    world.spec.admins.clear();
    world.spec.halo.governance = Some(HaloGovernance {
        cancellers: vec![CANCELLER],
        delay: DAY,
        max_delay: 7 * DAY,
        token: has_token.then(|| HaloToken {
            name: "Meridian".to_owned(),
            symbol: "MRD".to_owned(),
            supply: whole(1_000_000),
            holder: HOLDER,
            quorum: whole(400_000),
        }),
        salt: B256::ZERO,
    });
    world
}

fn plan(world: &World) -> Result<Plan, Error> {
    Plan::new(&world.spec, &world.network, &PrimeLimits::of_scenario(&world.scenario))
}

/// Does what the refusal says: names the address that it gives.
fn named(mut world: World) -> World {
    let refusal = plan(&world).unwrap_err();
    let Error::Unplannable { what, remedy } = &refusal else { panic!("{refusal}") };
    assert!(what.contains("SubProxy"), "{what}");
    let from = remedy.find("0x").unwrap();
    world.spec.admins = vec![remedy[from..from + 42].parse().unwrap()];
    world
}

#[test]
fn a_halo_without_governance_gets_it_and_it_verifies() {
    for has_token in [false, true] {
        let world = named(world(has_token));
        let (plan, chain, applied) = world.deployed();
        let parts: Vec<_> = plan.contracts().filter(|one| one.name.starts_with("halo/")).collect();
        assert_eq!(parts.len(), if has_token { 4 } else { 2 });
        for manifest in manifests(&plan, &applied) {
            let report = now(verify(&manifest, &chain)).unwrap();
            let failed: Vec<_> = report.failed().collect();
            assert!(failed.is_empty(), "{failed:#?}");
        }

        let deploy: deployHaloCall = call(&plan, "halo/deploy");
        let factory = plan.address("core/halo-factory").unwrap();
        let said = now(chain.read(factory, &predictHaloCall { p: deploy.p })).unwrap();
        let at = |name: &str| plan.address(name).unwrap_or_default();
        assert_eq!(at("halo/sub-proxy"), said.subProxy);
        assert_eq!(at("halo/spell-guard"), said.guard);
        assert_eq!(at("halo/token"), said.token);
        assert_eq!(at("halo/hat"), said.hat);
        assert_eq!(world.spec.admins, [said.subProxy]);
    }
}

#[test]
fn a_rehearsal_explains_every_slot_of_it() {
    let world = named(world(true));
    let plan = world.plan();
    let left: Vec<_> = plan.steps.iter().collect();
    let changes = rehearse(&plan, &left, &Spells::default(), &mut world.genesis().chain).unwrap();
    assert_eq!(changes.changes.unexplained, []);
    let quorum = changes.changes.variables.iter().find(|one| one.contract == "halo/hat");
    assert!(quorum.is_some(), "the hat's storage is decoded");
}

#[test]
fn another_first_admin_is_refused() {
    let mut world = world(true);
    world.spec.admins = vec![HOLDER];
    let refusal = plan(&world).unwrap_err().to_string();
    assert!(refusal.contains("not the first of `roles.admins`"), "{refusal}");
}

#[test]
fn spells_of_the_halo_wait_in_the_guard_that_is_made() {
    let mut world = named(world(false));
    let road = |pause, make| Signing::Spell(SpellRoad { pause, make, plotter: None });
    world.network.signers.halo = road(None, SpellMake::HaloSpellGuard);
    let planned = plan(&world).unwrap();
    let guard = planned.address("halo/spell-guard").unwrap();
    let of_halo = planned.indirect.iter().find(|one| one.account == world.spec.admins[0]).unwrap();
    assert!(format!("{:?}", of_halo.road).contains(&format!("pause: {guard:?}")), "{of_halo:?}");

    world.network.signers.halo = road(Some(guard), SpellMake::HaloSpellGuard);
    assert_eq!(plan(&world).unwrap().digest, planned.digest);
    for other in [road(Some(HOLDER), SpellMake::HaloSpellGuard), road(None, SpellMake::DsPause)] {
        world.network.signers.halo = other;
        let refusal = plan(&world).unwrap_err().to_string();
        assert!(refusal.contains("[signers.halo] says otherwise"), "{refusal}");
    }

    world.spec.halo.governance = None;
    world.network.signers.halo = road(None, SpellMake::HaloSpellGuard);
    let refusal = plan(&world).unwrap_err().to_string();
    assert!(refusal.contains("does not say where"), "{refusal}");
}

#[test]
fn a_spell_runs_when_the_prime_plotted_it_and_the_holders_agree() {
    let world = named(world(true));
    let (plan, mut chain) = (world.plan(), world.genesis().chain);
    run(&plan, &mut chain);
    let at = |name: &str| plan.address(name).unwrap();
    let (guard, hat, token) = (at("halo/spell-guard"), at("halo/hat"), at("halo/token"));
    // Says that it is executable, and does nothing.
    chain.set_code(SPELL, bytes!("600160005260206000f3")).unwrap();
    let tag = now(chain.code_hash(SPELL)).unwrap();
    assert_eq!(tag, keccak256(bytes!("600160005260206000f3")));
    let parent = world.network.prime(&world.spec.halo.prime).unwrap().sub_proxy;

    assert!(!sends(&mut chain, HOLDER, guard, &plotCall { spell: SPELL, tag }));
    assert!(sends(&mut chain, parent, guard, &plotCall { spell: SPELL, tag }));
    let moment = chain.timestamp() + u64::from(DAY);
    chain.warp_to(moment).unwrap();
    assert!(!sends(&mut chain, HOLDER, guard, &execCall {}), "nobody has voted");

    let quorum = whole(400_000);
    assert!(sends(&mut chain, HOLDER, token, &approveCall { spender: hat, value: quorum }));
    assert!(sends(&mut chain, HOLDER, hat, &lockCall { amount: quorum - U256::ONE }));
    assert!(sends(&mut chain, HOLDER, hat, &voteCall { tag }));
    assert!(!sends(&mut chain, HOLDER, hat, &liftCall {}), "one unit is missing");
    assert!(sends(&mut chain, HOLDER, hat, &lockCall { amount: U256::ONE }));
    assert!(sends(&mut chain, HOLDER, hat, &liftCall {}));
    assert!(sends(&mut chain, HOLDER, guard, &execCall {}));
    let left = now(chain.read(token, &balanceOfCall { account: HOLDER })).unwrap();
    assert_eq!(left, whole(600_000));
}

fn sends(chain: &mut Embedded, from: Address, to: Address, call: &impl SolCall) -> bool {
    chain.transact(from, to, call.abi_encode().into()).unwrap().is_success()
}
