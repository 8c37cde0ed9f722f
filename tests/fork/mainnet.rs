//! Mainnet block 24,628,606 as far as a witness proves it, and the road walked on it: real USDS moves, and the real
//! LitePSM trades it for real USDC. What the witness does not hold is declared, and counted.

use super::{
    chain_of,
    emergency::emergency,
    prime::{self, Grant},
    rehearse,
};
use alloy_consensus::Header;
use alloy_primitives::{Address, B256, Bytes, U256, b256, keccak256};
use halo_chain::{
    Alloc, AllocAccount, Chain, Embedded, Genesis, PrimePau, SourceError, StateSource, now,
};
use halo_fork::{Assumed, Assumption, Assumptions, Names, ProvedState, Recorder, Witness};
use halo_sim::Day1Report;
use halo_spec::{ClassSpec, Network, Scenario};
use halo_templates::bindings::{ControllerSurface, LitePsm, Usdc, Usds};
use halo_tests::{World, deployments};
use std::{path::Path, sync::Arc};

/// The hash of block 24,628,607 as any explorer has it.
const TRUSTED: B256 = b256!("d6edeb114882eb19af618789a4ebd5f84984e7d340d54459d1b2d9d7c1ed99a9");
const WEEK: u64 = 7 * 86_400;

/// The block whose state the witness proves.
pub(crate) const BLOCK: u64 = 24_628_606;

/// The slots of the tokens' mappings from holder to balance.
const DAI_BALANCES: u64 = 2;
const USDC_BALANCES: u64 = 9;

/// The slot of a holder in the mapping at `base`.
fn slot_of(holder: Address, base: u64) -> U256 {
    keccak256([holder.into_word().0, U256::from(base).to_be_bytes()].concat()).into()
}

/// The witness of block 24,628,607; `None` where the file is not there.
pub(crate) fn witness() -> Option<Witness> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../shared/data/mainnet_24628607_witness.bin");
    let file = std::fs::read(path).ok()?;
    Some(Witness::decode(&file).unwrap())
}

/// The state that it proves.
pub(crate) fn proved() -> Option<ProvedState> {
    Some(witness()?.prove(Some(TRUSTED)).unwrap())
}

/// An example on a network that has mainnet's number and addresses, and people of our own.
pub(crate) fn world(name: &str) -> World {
    let text = std::fs::read_to_string(deployments().join("networks/embedded.toml")).unwrap();
    let network =
        Network::parse("rehearsal", &text.replace("chain_id = 1337", "chain_id = 1")).unwrap();
    let network = network.value;
    assert_eq!(network.chain_id, 1);
    let path = deployments().join("specs").join(format!("{name}.toml"));
    let spec = ClassSpec::load(&path, &network).unwrap().value;
    let scenario = Scenario::day1(&network, &spec.asset).unwrap().value;
    World { spec, network, scenario }
}

/// The same day some weeks later: the first that has not begun at `timestamp`.
pub(crate) fn postponed(mut world: World, timestamp: u64) -> World {
    let late = timestamp.saturating_sub(world.scenario.start);
    world.scenario.start += late.div_ceil(WEEK) * WEEK;
    world
}

type Source = Arc<Assumed<Recorder<ProvedState>>>;

/// A launch on the proved state.
struct Launch {
    source: Source,
    chain: Embedded,
    world: World,
    /// Or why it stopped.
    report: Result<Day1Report, String>,
}

/// The proved state under what is declared: without the assumptions in which `leave_out` stands, and with contracts that
/// are created besides those of the plan.
struct Ground {
    world: World,
    source: Source,
    header: Header,
}

fn ground(name: &str, leave_out: &str, made_up: Option<Alloc>, more: &[Address]) -> Option<Ground> {
    let proved = proved()?;
    let header = proved.header().clone();
    let world = postponed(world(name), header.timestamp);

    let labels = Genesis::labels_of(&world.network);
    let names = Names::new(&labels, made_up.unwrap_or_else(|| world.genesis().alloc().unwrap()));
    let (plan, mut deployed, _) = world.deployed();
    // A takeover makes a contract too.
    emergency(&world, &plan, &mut deployed).unwrap();
    let mut created = Alloc::of(&deployed).unwrap();
    let contract = AllocAccount { code: Bytes::from_static(&[0]), ..Default::default() };
    created.0.extend(more.iter().map(|at| (*at, contract.clone())));
    let names = names.with_created(&created);
    let file = deployments().join("assumptions/mainnet_24628606.toml");
    let text = std::fs::read_to_string(file).unwrap();
    // Rules begin with `[[`.
    let rules = text.split("\n[[").enumerate();
    let rules =
        rules.filter(|(at, rule)| *at == 0 || leave_out.is_empty() || !rule.contains(leave_out));
    let text: Vec<&str> = rules.map(|(_, rule)| rule).collect();
    let given = Assumptions::parse(&text.join("\n[["), &names).unwrap();
    Some(Ground { world, source: Arc::new(Assumed::new(Recorder::new(proved), given)), header })
}

/// Launches a Class without the assumptions in which `leave_out` stands; with all when it is empty.
fn launch(name: &str, leave_out: &str) -> Option<Launch> {
    let Ground { world, source, header } = ground(name, leave_out, None, &[])?;
    let mut chain = chain_of(&world, source.clone(), &header);
    let report = rehearse(&world, &mut chain).map(|(_, report)| report);
    Some(Launch { source, chain, world, report })
}

/// A Prime goes into a Unit and out again, on real USDS, and through the real LitePSM where the Unit takes USDC: from the
/// custody that it has, by a second Controller that a spell of its SubProxy let in.
#[test]
fn a_prime_goes_in_and_out_with_real_money() {
    for name in ["tbill", "mmf"] {
        let Some(proved) = proved() else { return };
        let grant = Grant::write(&world(name));
        let made_up = prime::older(&world(name));
        let ground = ground(name, "", Some(made_up), &grant.created()).unwrap();
        let Ground { world, source, header } = ground;
        let (lived, chain) = prime::live(&world, &grant, source.clone(), &header);
        let mut launch = Launch { source, chain, world, report: Err(String::new()) };
        let sky = launch.world.network.sky.clone();
        for at in [sky.usds, sky.usdc, sky.dai, sky.lite_psm] {
            let real = proved.account(at).unwrap().unwrap().code_hash;
            assert_eq!(keccak256(launch.chain.code_at(at).unwrap()), real, "{at}");
        }
        let custody = launch.world.network.prime("spark").unwrap().alm_proxy;
        let last = lived.stages.last().unwrap().1;
        if name == "mmf" {
            // What came back is sold to the LitePSM again: its pocket and its DAI are what they were, but for rounding.
            let pocket = |launch: &mut Launch| launch.balance(sky.usdc, sky.lite_psm_pocket);
            let before = slot_of(sky.lite_psm_pocket, USDC_BALANCES);
            let before = proved.storage(sky.usdc, before).unwrap();
            assert_eq!(pocket(&mut launch), before - U256::from(10_000_000_000_000_u64));
            let pau = PrimePau::of(launch.world.network.prime("spark").unwrap());
            let sell = ControllerSurface::psm_swapUSDCToUSDSCall { usdcAmount: last };
            now(launch.chain.write(pau.relayer.unwrap(), pau.controller, &sell))
                .unwrap_or_else(|error| panic!("{error}"));
            let lost = before - pocket(&mut launch);
            assert!(lost <= U256::from(2), "{lost}");
            let wad = last * U256::from(10).pow(U256::from(12));
            assert_eq!(launch.balance(sky.usds, custody), wad);
        } else {
            assert_eq!(launch.balance(sky.usds, custody), last);
        }
        said(&launch, &format!("{name}, in and out by a second Controller"));
        let many = lived.impersonated.len();
        super::say(&format!(
            "{name}: {many} accounts impersonated, the Sky pause proxy among them"
        ));
    }
}

impl Launch {
    fn supply(&mut self, token: Address) -> U256 {
        let call = alloy_sol_types::SolCall::abi_encode(&Usds::totalSupplyCall {});
        let answer = self.chain.view(Address::ZERO, token, call.into()).unwrap();
        answer.decode::<Usds::totalSupplyCall>(token).unwrap()
    }

    fn balance(&mut self, token: Address, of: Address) -> U256 {
        let call = alloy_sol_types::SolCall::abi_encode(&Usdc::balanceOfCall(of));
        let answer = self.chain.view(Address::ZERO, token, call.into()).unwrap();
        answer.decode::<Usdc::balanceOfCall>(token).unwrap()
    }
}

/// The Class in USDC: the Primes mint USDS and buy USDC with it at the LitePSM, out of its real pocket.
#[test]
fn a_class_in_usdc_trades_through_the_real_psm() {
    let Some(mut launch) = launch("mmf", "") else { return };
    let report = launch.report.clone().unwrap_or_else(|error| panic!("{error}"));
    assert!(report.conservation.holds);
    let sky = launch.world.network.sky.clone();
    let proved = proved().unwrap();

    // The code that ran is the code that is proved, not a stand-in.
    for at in [sky.usds, sky.usdc, sky.dai, sky.lite_psm] {
        let real = proved.account(at).unwrap().unwrap().code_hash;
        assert_eq!(keccak256(launch.chain.code_at(at).unwrap()), real, "{at}");
    }
    let assumed = launch.source.used();
    for real in [sky.usds, sky.usdc, sky.dai, sky.lite_psm] {
        let whole = assumed.iter().any(|one| match one {
            Assumption::StandIn { account, .. } | Assumption::Absent { account, .. } => {
                *account == real
            }
            _ => false,
        });
        assert!(!whole, "{real} is real but for single slots");
    }

    // What the Primes queued left the pocket, to the last unit, and the LitePSM holds the DAI for it.
    let queued = report.totals.queued;
    assert!(queued > U256::from(100_000_000_000_000_u64), "{queued}");
    let pocket = proved.storage(sky.usdc, slot_of(sky.lite_psm_pocket, USDC_BALANCES)).unwrap();
    assert_eq!(pocket, U256::from(5_301_321_299_868_800_u64), "5.3 B USDC, proved");
    assert_eq!(launch.balance(sky.usdc, sky.lite_psm_pocket), pocket - queued);
    let before = proved.storage(sky.dai, slot_of(sky.lite_psm, DAI_BALANCES)).unwrap();
    let wad = queued * U256::from(10).pow(U256::from(12));
    assert_eq!(launch.balance(sky.dai, sky.lite_psm), before + wad);
    let bought = now(halo_chain::Chain::logs(
        &launch.chain,
        &halo_chain::Filter::default().at(sky.lite_psm),
    ))
    .unwrap();
    let topic = <LitePsm::BuyGem as alloy_sol_types::SolEvent>::SIGNATURE_HASH;
    assert!(bought.iter().any(|event| event.log.topics().first() == Some(&topic)));
    let stopped = emergency(&launch.world, &launch.world.plan(), &mut launch.chain);
    stopped.unwrap_or_else(|error| panic!("the brake and a takeover: {error}"));
    said(&launch, "mmf");
}

/// The Class in USDS: what the Primes bring is USDS of the real contract; what the Class takes to its manager becomes
/// USDC at the LitePSM, which keeps the DAI for it.
#[test]
fn a_class_in_usds_moves_real_usds() {
    let Some(mut launch) = launch("tbill", "") else { return };
    let report = launch.report.clone().unwrap_or_else(|error| panic!("{error}"));
    assert!(report.conservation.holds);
    let queued = report.totals.queued;
    assert!(report.totals.settled > U256::ZERO);
    let sky = launch.world.network.sky.clone();
    let given = |units: u64| U256::from(units) * U256::from(10).pow(U256::from(26));
    let (usds, dai) = (launch.supply(sky.usds), launch.supply(sky.dai));
    assert_eq!(
        usds + dai,
        given(80) + given(45) + queued,
        "what the vaults minted is what was queued"
    );
    let proved = proved().unwrap();
    let before = proved.storage(sky.dai, slot_of(sky.lite_psm, DAI_BALANCES)).unwrap();
    let kept = launch.balance(sky.dai, sky.lite_psm) - before;
    assert_eq!(dai - given(45), kept);
    let pocket = proved.storage(sky.usdc, slot_of(sky.lite_psm_pocket, USDC_BALANCES)).unwrap();
    let paid = pocket - launch.balance(sky.usdc, sky.lite_psm_pocket);
    assert_eq!(paid * U256::from(10).pow(U256::from(12)), kept);
    said(&launch, "tbill");
}

/// Any rule that is left out stops the run at what it was about; nothing is taken for zero.
#[test]
fn without_its_assumption_a_launch_stops_and_names_what_is_unknown() {
    for (rule, what) in [
        (
            "the decimals of USDC",
            "slot 0x0000000000000000000000000000000000000000000000000000000000000006",
        ),
        ("deployment proxy", "0x4e59b44847b379578588920cA78FbF26c0B4956C"),
        (
            "the Primes trade at the LitePSM",
            "of 0xf6e72Db5454dd049d0788e411b06CfAF16853042 is unknown",
        ),
    ] {
        let Some(launch) = launch("mmf", rule) else { return };
        let stopped = launch.report.err().unwrap_or_else(|| panic!("it went on without: {rule}"));
        assert!(stopped.contains(what), "{rule}: {stopped}");
    }
    let error: SourceError = proved().unwrap().account(Address::repeat_byte(0xee)).unwrap_err();
    assert!(error.to_string().contains("is unknown"), "{error}");
}

/// How much was proved and how much was taken as given.
fn said(launch: &Launch, name: &str) {
    let (accounts, slots) = launch.source.source().read();
    let assumed = launch.source.used();
    let count = |pick: fn(&Assumption) -> bool| assumed.iter().filter(|one| pick(one)).count();
    let absent = count(|one| matches!(one, Assumption::Absent { .. }));
    let stand_ins = count(|one| matches!(one, Assumption::StandIn { .. }));
    let given = count(|one| matches!(one, Assumption::Slot { .. }));
    assert!(accounts > 5 && slots > 3, "{accounts} accounts, {slots} slots");
    super::say(&format!(
        "{name} on mainnet 24,628,606: proved {accounts} accounts and {slots} slots; assumed {absent} absent accounts, \
         {stand_ins} stand-ins, {given} slots"
    ));
}
