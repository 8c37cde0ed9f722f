//! A rehearsal explains every slot that a whole Class with its Units changes, and names one that it cannot explain.

// Helpers of tests stop the test, as tests do.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use alloy_primitives::{B256, U256, keccak256};
use halo_chain::{Genesis, GenesisTerms};
use halo_deploy::{
    Mark, Plan, PrimeLimits, Survey,
    handoff::Spells,
    rehearse::{Rehearsal, rehearse},
};
use halo_spec::{ClassSpec, Network, Scenario};

struct World {
    network: Network,
    scenario: Scenario,
    plan: Plan,
}

fn world(spec: &str) -> World {
    let network = Network::embedded().unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../deployments/specs")
        .join(PathBuf::from(format!("{spec}.toml")));
    let class = ClassSpec::load(&path, &network).unwrap().value;
    let scenario = Scenario::day1(&network, &class.asset).unwrap().value;
    let plan = Plan::new(&class, &network, &PrimeLimits::of_scenario(&scenario)).unwrap();
    World { network, scenario, plan }
}

impl World {
    fn genesis(&self) -> halo_chain::Embedded {
        Genesis::build(&GenesisTerms::of_scenario(&self.network, &self.scenario)).unwrap().chain
    }

    fn rehearse(&self) -> Rehearsal {
        let left: Vec<_> = self.plan.steps.iter().collect();
        rehearse(&self.plan, &left, &Spells::default(), &mut self.genesis()).unwrap()
    }
}

fn every_slot_is_explained(spec: &str) {
    let world = world(spec);
    let Rehearsal { passed, changes } = world.rehearse();
    assert_eq!(changes.unexplained, [], "{spec}");
    assert!(changes.variables.len() > 500, "{} variables", changes.variables.len());
    let step = world.plan.steps.first().unwrap();
    assert!(passed.gas(&world.plan, step).unwrap() > 100_000);
    let created: Vec<_> = changes.created.iter().map(|one| one.contract.as_str()).collect();
    for contract in world.plan.contracts() {
        assert!(created.contains(&contract.name.as_str()), "{} is not created", contract.name);
    }
}

#[test]
fn every_slot_of_a_treasury_bill_class_is_explained() {
    every_slot_is_explained("tbill");
}

#[test]
fn every_slot_of_a_money_market_class_is_explained() {
    every_slot_is_explained("mmf");
}

#[test]
fn every_slot_of_a_tranched_class_is_explained() {
    every_slot_is_explained("clo");
}

#[test]
fn limits_are_shown_in_their_token_and_roles_by_their_names() {
    let changes = world("tbill").rehearse().changes;
    let find = |variable: &str| {
        let found = changes.variables.iter().find(|one| one.variable == variable);
        found.unwrap_or_else(|| panic!("{variable} did not change"))
    };
    let limit = find("_limits[LIMIT_USDS_TO_USDC].maxAmount");
    assert_eq!((limit.unit.as_str(), limit.before.as_str()), ("USDC", "0"));
    assert!(limit.after.ends_with("_000_000"), "{}", limit.after);
    let role = changes.variables.iter().find(|one| {
        one.contract == "class/acl" && one.variable.starts_with("_roles[SETTLER_ROLE].hasRole[")
    });
    assert_eq!(role.unwrap().after, "true");
}

#[test]
fn a_slot_that_nothing_explains_is_named() {
    let world = world("tbill");
    let mut chain = world.genesis();
    let units = world.plan.address("core/unit-registry").unwrap();
    let slot = U256::from_be_bytes(keccak256("nobody declared this").0);
    let left: Vec<_> = world.plan.steps.iter().collect();
    // Code that writes a slot of nobody's whenever it is called, in place of the council.
    let writer = [&[0x60, 0x01, 0x7f][..], &slot.to_be_bytes::<32>(), &[0x55, 0x00]].concat();
    let (blank, foreign) =
        (alloy_primitives::Address::repeat_byte(9), world.network.governance.council);
    chain.set_code(foreign, writer.into()).unwrap();
    let (_, trace) = chain
        .send_traced(&halo_chain::Tx::call(blank, foreign, alloy_primitives::Bytes::new()))
        .unwrap();
    let mut changes =
        halo_deploy::rehearse::Changes::of(&world.plan, &Spells::default(), &trace, &chain)
            .unwrap();
    assert_eq!(changes.unexplained.remove(0).slot, B256::from(slot));

    // And in a contract that is known: a slot beside its variables.
    rehearse(&world.plan, &left, &Spells::default(), &mut chain).unwrap();
    let mut trace = trace;
    trace.slots.clear();
    trace.slots.insert((units, slot), (U256::ZERO, U256::ONE));
    let changes =
        halo_deploy::rehearse::Changes::of(&world.plan, &Spells::default(), &trace, &chain)
            .unwrap();
    let [one] = changes.unexplained.as_slice() else { panic!("{changes:?}") };
    assert_eq!((one.contract.as_str(), one.slot), ("core/unit-registry", B256::from(slot)));
    assert!(changes.variables.is_empty());
}

#[test]
fn a_survey_marks_what_is_to_be_made_what_stands_and_what_cannot_be() {
    let world = world("tbill");
    let mut chain = world.genesis();
    let plan = &world.plan;
    // Other code where a core contract is to stand.
    let blocked = plan.contract("core/halo-mom").unwrap();
    chain.set_code(blocked.address, vec![0x00].into()).unwrap();
    let survey = Survey::of(plan, &Spells::default(), &mut chain).unwrap();
    let of = |id: &str| survey.steps.iter().find(|step| step.id == id).unwrap();
    assert_eq!(of("create/core/unit-registry").mark, Mark::Create);
    let cannot = of("create/core/halo-mom");
    assert_eq!(cannot.mark, Mark::Cannot);
    assert!(cannot.reason.as_ref().unwrap().contains("other code"), "{cannot:?}");

    let mut chain = world.genesis();
    let left: Vec<_> = plan.steps.iter().collect();
    rehearse(plan, &left, &Spells::default(), &mut chain).unwrap();
    let again = Survey::of(plan, &Spells::default(), &mut chain).unwrap();
    assert_eq!(again.count(Mark::Unchanged), plan.steps.len());
    assert_eq!(again.changes, halo_deploy::rehearse::Changes::default());

    // A Prime's SubProxy that does not administer the Prime's limits.
    let mut other = world.network.clone();
    let mut scenario = world.scenario.clone();
    let nobody = alloy_primitives::Address::repeat_byte(7);
    for prime in &mut other.primes {
        prime.sub_proxy = nobody;
    }
    for one in &mut scenario.primes {
        one.prime.sub_proxy = nobody;
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deployments/specs/tbill.toml");
    let class = ClassSpec::load(&path, &other).unwrap().value;
    let limits = PrimeLimits::of_scenario(&scenario);
    let plan = Plan::new(&class, &other, &limits).unwrap();
    let survey = Survey::of(&plan, &Spells::default(), &mut world.genesis()).unwrap();
    let refused: Vec<_> = survey.steps.iter().filter(|it| it.mark == Mark::Cannot).collect();
    assert!(!refused.is_empty());
    for step in refused {
        let reason = step.reason.as_ref().unwrap();
        assert_eq!(step.signer.role.as_str(), "prime", "{reason}");
        assert!(reason.contains("AccessControlUnauthorizedAccount"), "{reason}");
    }
}
