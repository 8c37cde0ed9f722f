//! Block 0: the Sky contracts and the PAUs stand, are wired, and work.

use crate::kit::WAD;
use alloy_primitives::{Address, U256, keccak256};
use alloy_sol_types::SolCall;
use halo_chain::{
    Chain, Embedded, Filter, Genesis, GenesisTerms, PrimePau, Store,
    genesis::{CREATE2_PROXY_CODE, FACET_BEACON},
    now,
};
use halo_spec::{Network, Scenario, keys};
use halo_templates::{
    bindings::{
        AccessControls, AllocatorVault, Chainlog, Controller, ControllerSurface, FreezerModule,
        LitePsm, RateLimits, SUsds, Usdc, Usds,
    },
    template,
};
use std::time::Instant;

/// The genesis of Day 1, on the network that is compiled in.
pub(crate) fn day1() -> (Network, Genesis) {
    let network = Network::embedded().unwrap();
    let scenario = Scenario::day1(&network, network.token("USDS").unwrap()).unwrap().value;
    let genesis = Genesis::build(&GenesisTerms::of_scenario(&network, &scenario)).unwrap();
    (network, genesis)
}

fn read<C: SolCall>(chain: &Embedded, to: Address, call: C) -> C::Return {
    now(chain.read(to, &call)).unwrap()
}

fn pau<'a>(genesis: &'a Genesis, slug: &str) -> &'a PrimePau {
    genesis.primes.iter().find(|pau| pau.slug == slug).unwrap()
}

#[test]
fn it_starts_at_block_0_of_the_scenario_with_no_events() {
    let (network, genesis) = day1();
    let chain = &genesis.chain;
    assert_eq!((chain.id(), chain.number()), (network.chain_id, 0));
    assert_eq!(chain.timestamp(), 1_772_449_200, "2026-03-02T11:00:00Z");
    assert!(now(chain.logs(&Filter::default())).unwrap().is_empty());
    assert_eq!(chain.code_at(network.create2).unwrap(), CREATE2_PROXY_CODE);
}

#[test]
fn the_deployment_proxy_deploys() {
    let (network, mut genesis) = day1();
    let salt = keccak256("salt");
    let code = template::Usds.creation_code();
    let calldata = [salt.as_slice(), code].concat();
    let done = genesis.chain.transact(Address::ZERO, network.create2, calldata.into()).unwrap();
    let at = network.create2.create2(salt, keccak256(code));
    assert_eq!(done.output.as_ref(), at.as_slice());
    assert_eq!(&genesis.chain.code_at(at).unwrap(), template::Usds.runtime_code());
}

#[test]
fn sky_stands_as_the_chainlog_says() {
    let (network, genesis) = day1();
    let (chain, sky) = (&genesis.chain, &network.sky);
    for (key, at) in [
        ("USDS", sky.usds),
        ("MCD_LITE_PSM_USDC_A", sky.lite_psm),
        ("ALLOCATOR_SPARK_A_VAULT", network.prime("spark").unwrap().vault),
    ] {
        let mut word = [0; 32];
        word[..key.len()].copy_from_slice(key.as_bytes());
        let call = Chainlog::getAddressCall { key: word.into() };
        assert_eq!(read(chain, sky.chainlog, call), at, "{key}");
        assert_ne!(chain.code_at(at).unwrap().len(), 0);
    }
    let float = read(chain, sky.dai, Usds::balanceOfCall::new((sky.lite_psm,)));
    assert_eq!(float, U256::from(400_000_000 * WAD));
    assert_eq!(read(chain, sky.lite_psm, LitePsm::cutCall {}), U256::ZERO, "no fees from nowhere");
    let pocket = read(chain, sky.usdc, Usdc::balanceOfCall::new((sky.lite_psm_pocket,)));
    assert_eq!(pocket, U256::from(5_300_000_000_000_000u64));
}

#[test]
fn savings_grow_by_the_rate_named() {
    let (network, genesis) = day1();
    let mut chain = genesis.chain;
    chain.advance(365 * 86_400).unwrap();
    let shares = U256::from(1_000_000 * WAD);
    let assets = read(&chain, network.sky.susds, SUsds::convertToAssetsCall { shares });
    let off = assets.abs_diff(U256::from(1_039_400 * WAD));
    assert!(off < U256::from(WAD / 1_000), "3.94 % after a year: {assets}");
}

#[test]
fn every_prime_has_the_audited_code_its_roles_and_its_limits() {
    let (network, genesis) = day1();
    let chain = &genesis.chain;
    assert_eq!(genesis.primes.len(), 5);
    for prime in &genesis.primes {
        assert_eq!(prime, &PrimePau::of(network.prime(&prime.slug).unwrap()));
        for (at, template) in [
            (prime.proxy, &template::ALMProxy),
            (prime.rate_limits, &template::RateLimits),
            (prime.acl, &template::AccessControls),
            (prime.freezer_module, &template::FreezerModule),
            (prime.controller, &template::Controller),
        ] {
            assert_eq!(
                now(chain.code_hash(at)).unwrap(),
                template.runtime_hash(),
                "{}",
                prime.slug
            );
        }
        assert_eq!(read(chain, prime.controller, Controller::proxyCall {}), prime.proxy);
        assert_eq!(read(chain, prime.controller, Controller::beaconCall {}), FACET_BEACON);
        assert_eq!(read(chain, prime.controller, Controller::integrationsCall {}).len(), 6);
        let members = |role| read(chain, prime.acl, AccessControls::getRoleMembersCall { role });
        assert_eq!(members(keccak256("ALLOCATOR_ROLE")), [prime.relayer.unwrap()]);
        assert_eq!(members(alloy_primitives::B256::ZERO), [prime.sub_proxy]);
        let vault = read(chain, prime.controller, ControllerSurface::usds_vaultCall {});
        assert_eq!(vault, prime.vault);
    }
    let spark = pau(&genesis, "spark");
    let mint = RateLimits::getCurrentRateLimitCall { key: keys::usds_mint() };
    let million = U256::from(1_000_000 * WAD);
    assert_eq!(read(chain, spark.rate_limits, mint), U256::from(500) * million);
    let headroom = |slug| read(chain, pau(&genesis, slug).vault, AllocatorVault::headroomCall {});
    let day: U256 = ["spark", "grove", "obex", "pattern", "keel"].map(headroom).into_iter().sum();
    assert_eq!(day, U256::from(1_100) * million, "what the ceilings give in one day");
}

#[test]
fn a_relayer_mints_swaps_and_burns_within_the_ceiling() {
    let (network, genesis) = day1();
    let obex = pau(&genesis, "obex").clone();
    let relayer = obex.relayer.unwrap();
    let mut chain = genesis.chain;
    let million = U256::from(1_000_000 * WAD);
    let mint = ControllerSurface::usds_mintCall { usdsAmount: U256::from(50) * million };
    now(chain.write(relayer, obex.controller, &mint)).unwrap();
    assert_eq!(
        read(&chain, network.sky.usds, Usds::balanceOfCall::new((obex.proxy,))),
        U256::from(50) * million
    );

    let again = ControllerSurface::usds_mintCall { usdsAmount: U256::ONE };
    let error = now(chain.write(relayer, obex.controller, &again)).unwrap_err();
    let text = error.explain(&genesis.labels);
    assert!(text.starts_with("Obex Controller (0x"), "{text}");
    assert!(text.contains("called by Obex relayer (0x") && text.contains("debt ceiling"), "{text}");
    let stranger = now(chain.write(Address::ZERO, obex.controller, &again)).unwrap_err();
    assert!(stranger.to_string().contains("AccessControlUnauthorizedAccount"), "{stranger}");

    let swap =
        ControllerSurface::psm_swapUSDSToUSDCCall { usdcAmount: U256::from(20_000_000_000_000u64) };
    now(chain.write(relayer, obex.controller, &swap)).unwrap();
    let usdc = read(&chain, network.sky.usdc, Usdc::balanceOfCall::new((obex.proxy,)));
    assert_eq!(usdc, U256::from(20_000_000_000_000u64));
    let back = ControllerSurface::psm_swapUSDCToUSDSCall { usdcAmount: usdc };
    now(chain.write(relayer, obex.controller, &back)).unwrap();
    let burn = ControllerSurface::usds_burnCall { usdsAmount: U256::from(50) * million };
    now(chain.write(relayer, obex.controller, &burn)).unwrap();
    assert_eq!(read(&chain, obex.vault, AllocatorVault::debtCall {}), U256::ZERO);

    let freezer = network.prime("obex").unwrap().freezer.unwrap();
    now(chain.write(freezer, obex.freezer_module, &FreezerModule::removeRelayerCall { relayer }))
        .unwrap();
    assert!(now(chain.write(relayer, obex.controller, &swap)).is_err(), "the relayer is out");
}

#[test]
fn it_is_the_same_every_time_and_small_and_quick_to_load() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    store.save(&day1().1.chain).unwrap();
    let first = std::fs::read(store.path()).unwrap();
    store.save(&day1().1.chain).unwrap();
    assert_eq!(std::fs::read(store.path()).unwrap(), first);
    assert!(first.len() < 1 << 20, "{} bytes", first.len());
    let start = Instant::now();
    store.load().unwrap().unwrap();
    let took = start.elapsed();
    eprintln!("kept genesis: {} bytes, loaded in {took:?}", first.len());
}

#[test]
fn two_primes_at_one_address_are_refused() {
    let network = Network::embedded().unwrap();
    let mut scenario = Scenario::day1(&network, network.token("USDS").unwrap()).unwrap().value;
    let twin = scenario.primes[0].clone();
    scenario.primes.push(twin);
    let error = Genesis::build(&GenesisTerms::of_scenario(&network, &scenario)).unwrap_err();
    assert!(error.to_string().contains("the address is taken"), "{error}");
}

#[test]
fn names_are_known_without_building() {
    let (network, genesis) = day1();
    let labels = Genesis::labels_of(&network);
    for (at, name) in genesis.labels.iter() {
        assert_eq!(labels.name(at), Some(name));
    }
}
