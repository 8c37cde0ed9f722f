//! A Prime whose own Controller knows no Units gets a second one on the custody that it has, by a spell that its SubProxy
//! runs, and goes into a Unit and out again with money of that custody.

use std::{collections::BTreeMap, sync::Arc};

use alloy_consensus::Header;
use alloy_primitives::{Address, B256, U256, keccak256};
use alloy_sol_types::{SolCall, sol};
use halo_chain::{Alloc, Chain, Embedded, PrimePau, StateSource, Tx, now};
use halo_deploy::apply;
use halo_governance::{Scene, SecondController, SpellKind, Terms, generate};
use halo_templates::{
    Tree,
    bindings::{ALMProxy, Controller, ControllerSurface},
    compile::Solc,
    template,
};
use halo_tests::World;

use crate::{
    chain_of,
    life::{Life, Stages},
};

sol! {
    function exec(address target, bytes data) external returns (bytes memory result);
    function execute() external;
}

const PRIME: &str = "spark";

/// The made-up mainnet on which the Prime runs a Controller that draws and swaps and knows no Units, and its SubProxy is a
/// contract that runs spells at Sky's word.
pub(crate) fn older(world: &World) -> Alloc {
    let mut chain = world.genesis().chain;
    let prime = world.network.prime(PRIME).unwrap();
    let controller = prime.controller.unwrap();
    let wired = now(chain.read(controller, &Controller::integrationsCall {})).unwrap();
    let knows_units = |id: &B256| id.starts_with(b"ERC7540") || id.starts_with(b"LCTS");
    let ids: Vec<B256> = wired.into_iter().map(|one| one.id).filter(knows_units).collect();
    assert_eq!(ids.len(), 2);
    now(chain.write(prime.sub_proxy, controller, &Controller::removeIntegrationsCall { ids }))
        .unwrap();
    chain.set_code(prime.sub_proxy, template::HaloSubProxy.runtime_code().clone()).unwrap();
    // Its wards are its mapping number 0.
    let ward = (world.network.governance.pause_proxy.into_word(), B256::ZERO);
    let ward = keccak256([ward.0.0, ward.1.0].concat());
    chain.set_storage(prime.sub_proxy, ward.into(), U256::ONE).unwrap();
    Alloc::of(&chain).unwrap()
}

/// The spell and what it is about.
pub(crate) struct Grant {
    second: SecondController,
    creation: Vec<u8>,
    code_hash: B256,
    /// Where the spell will stand.
    at: Address,
}

impl Grant {
    /// Has the spell written and compiled.
    pub(crate) fn write(world: &World) -> Self {
        let kind = SpellKind::SecondController;
        let terms = Terms { prime: Some(PRIME.to_owned()), ..Terms::default() };
        let World { spec, network, scenario } = world;
        let scene = Scene::rehearse(kind, &terms, spec, network, scenario).unwrap();
        let tree = Tree::find(None).unwrap();
        let solc = Solc::find(&tree, None).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let spell = generate(kind, &terms, &scene, &tree, &solc, folder.path()).unwrap();
        assert_eq!(spell.executor_at, network.prime(PRIME).unwrap().sub_proxy);
        let creation = [&B256::ZERO[..], &spell.creation_code].concat();
        let at = network.create2.create2_from_code(B256::ZERO, &spell.creation_code);
        let second = SecondController::of(network.prime(PRIME).unwrap(), network).unwrap();
        Self { second, creation, code_hash: spell.code_hash, at }
    }

    /// Contracts that stand nowhere before.
    pub(crate) fn created(&self) -> [Address; 3] {
        [self.second.access_controls, self.second.controller, self.at]
    }

    /// The world in which the Prime is known by its second Controller.
    fn known(&self, world: &World) -> World {
        let World { spec, network, scenario } = world;
        let (mut network, mut scenario) = (network.clone(), scenario.clone());
        let of_scenario = scenario.primes.iter_mut().map(|one| &mut one.prime);
        for prime in network.primes.iter_mut().chain(of_scenario).filter(|one| one.slug == PRIME) {
            prime.controller = Some(self.second.controller);
            prime.access_controls = Some(self.second.access_controls);
        }
        World { spec: spec.clone(), network, scenario }
    }
}

/// What the Prime and the Class held at each stage, and in whose name how much was sent.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Lived {
    pub(crate) stages: Stages,
    pub(crate) impersonated: BTreeMap<Address, usize>,
}

/// Has the second Controller created, the spell run, the Class deployed, and the Prime go in and out.
pub(crate) fn live(
    world: &World,
    grant: &Grant,
    source: Arc<dyn StateSource>,
    header: &Header,
) -> (Lived, Embedded) {
    let mut chain = chain_of(world, source, header);
    chain.note_sent();
    let prime = world.network.prime(PRIME).unwrap();
    let pau = PrimePau::of(prime);
    let Grant { second, creation, code_hash, at } = grant;
    now(second.deploy(&mut chain, Address::ZERO)).unwrap();
    let create = Tx::call(Address::ZERO, world.network.create2, creation.clone().into());
    now(chain.send(&create)).unwrap();
    assert_eq!(now(chain.code_hash(*at)).unwrap(), *code_hash, "the spell that was looked through");

    let role = keccak256("CONTROLLER");
    let may = |chain: &Embedded, account: Address| {
        now(chain.read(prime.alm_proxy, &ALMProxy::hasRoleCall { role, account })).unwrap()
    };
    assert!(may(&chain, pau.controller) && !may(&chain, second.controller));
    let data = executeCall {}.abi_encode().into();
    let exec = execCall { target: *at, data };
    assert!(now(chain.write(Address::ZERO, prime.sub_proxy, &exec)).is_err(), "anybody ran it");
    now(chain.write(world.network.governance.pause_proxy, prime.sub_proxy, &exec)).unwrap();
    assert!(may(&chain, pau.controller) && may(&chain, second.controller));
    assert!(
        now(chain.write(world.network.governance.pause_proxy, prime.sub_proxy, &exec)).is_err(),
        "it ran twice"
    );

    let known = grant.known(world);
    halo_sim::stand_in(&mut chain, &world.spec.attestors).unwrap();
    let plan = known.plan();
    now(apply(&plan, &mut chain, |_| {})).unwrap_or_else(|error| panic!("{error}"));
    let registry = plan.address("core/unit-registry").unwrap();
    let mut life = now(Life::new(&known, &pau, registry, &chain));
    // The money comes by the Controller that was there, into the custody that was there.
    now(life.bring(&mut chain));
    let (token, amount) = (life.at.unit.at.unit, life.amount);
    let request = ControllerSurface::erc7540_requestDepositCall { token, amount };
    let refused = now(chain.write(pau.relayer.unwrap(), pau.controller, &request)).unwrap_err();
    assert!(refused.to_string().contains("CallSelectorNotWired"), "{refused}");
    life.controller = second.controller;
    now(life.round_trip(&mut chain));

    let stages = life.stages;
    let [start, requested, .., last] = stages.as_slice() else { panic!("{stages:?}") };
    assert_eq!((start.1, requested.1), (amount, U256::ZERO));
    assert!(
        start.1 - last.1 <= U256::from(2),
        "in and out at an index that never moved: {stages:#?}"
    );
    assert_eq!(last.2, U256::ZERO);
    let mut impersonated = BTreeMap::new();
    for one in chain.sent() {
        *impersonated.entry(one.tx.from).or_default() += 1;
    }
    assert!(impersonated.contains_key(&world.network.governance.pause_proxy));
    (Lived { stages, impersonated }, chain)
}

#[tokio::test]
async fn a_second_controller_on_the_custody_that_is_there() {
    for spec in ["tbill", "mmf"] {
        let world = World::of(spec);
        let grant = Grant::write(&world);
        crate::everywhere(&world, &older(&world), |source, header| {
            live(&world, &grant, source, header).0
        })
        .await;
    }
}
