//! Signers without keys, ready: by [`ready`] a Safe 1.4.1 for GovOps, a spell guard for Sky's governance and this
//! project's timelock for the Halo; by [`others_ready`] a Safe 1.3.0, Sky's pause, the Primes' StarGuards and
//! OpenZeppelin's timelock.

use std::{fs, path::Path};

use alloy::signers::local::PrivateKeySigner;
use alloy_primitives::{Address, B256, Bytes, U256, address, hex, keccak256};
use alloy_sol_types::{SolValue, sol};
use halo_chain::{Chain, Embedded, now};
use halo_spec::{ClassSpec, Network};
use halo_templates::{
    Entry, Kind, Template, Tree,
    bindings::{BeamTimelock, HaloSpellGuard},
    compile::{Input, Solc, compile_template, read_settings},
    template,
};

sol! {
    function setup(
        address[] owners, uint256 threshold, address to, bytes data, address fallbackHandler, address paymentToken,
        uint256 payment, address paymentReceiver
    ) external;
}

/// GovOps.
pub const SAFE: Address = address!("5AfE000000000000000000000000000000000001");
/// Where spells of Sky's governance wait.
pub const GUARD: Address = address!("60Ad000000000000000000000000000000000002");
/// Who plots them.
pub const PARENT: Address = address!("9a4E470000000000000000000000000000000003");
/// Sky's pause, where the launchers of its spells plot.
pub const PAUSE: Address = address!("9A05E00000000000000000000000000000000004");
/// Where Safe deployed MultiSendCallOnly 1.4.1 and 1.3.0.
const MULTI_SEND: Address = address!("9641d764fc13c8B624c04430C7356C1C7C8102e2");
const MULTI_SEND_1_3_0: Address = address!("40A2aCCbd92BCA938b02010E17A5b8929b49130D");
/// What the timelock waits at least, seconds; the guard waits twice as long.
pub const DAY: u32 = 86_400;

/// What npm's packages of Safe's contracts have in common.
const SAFES: &str = "build/artifacts/contracts";

/// An artifact that a package of npm brings, with its creation code and its runtime code.
fn from_npm(path: &str) -> [Bytes; 2] {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../solidity/node_modules");
    let text = fs::read_to_string(folder.join(path)).expect("`cargo xtask setup` installs it");
    let artifact: serde_json::Value = serde_json::from_str(&text).unwrap();
    let code = |key: &str| hex::decode(artifact[key].as_str().unwrap()).unwrap().into();
    [code("bytecode"), code("deployedBytecode")]
}

/// A Safe of the two owners at [`SAFE`], and what batches its calls.
fn install_safe(
    chain: &mut Embedded,
    payer: Address,
    package: &str,
    safe: &str,
    multi_send: Address,
) {
    let code = |contract: &str| from_npm(&format!("{package}/{SAFES}/{contract}"))[1].clone();
    chain.set_code(SAFE, code(&format!("{safe}.sol/{safe}.json"))).unwrap();
    let batches = code("libraries/MultiSendCallOnly.sol/MultiSendCallOnly.json");
    chain.set_code(multi_send, batches).unwrap();
    let setup = setupCall {
        owners: owners().iter().map(PrivateKeySigner::address).collect(),
        threshold: U256::from(2),
        to: Address::ZERO,
        data: Bytes::new(),
        fallbackHandler: Address::ZERO,
        paymentToken: Address::ZERO,
        payment: U256::ZERO,
        paymentReceiver: Address::ZERO,
    };
    now(chain.write(payer, SAFE, &setup)).unwrap();
}

/// The Safe's two owners, by address.
pub fn owners() -> Vec<PrivateKeySigner> {
    let owner = |byte| PrivateKeySigner::from_bytes(&B256::repeat_byte(byte)).unwrap();
    let mut owners = vec![owner(7), owner(8)];
    owners.sort_by_key(PrivateKeySigner::address);
    owners
}

/// Safe, spell guard and timelock, at the addresses of GovOps, of the pause and of the Halo's admin.
pub fn ready(network: &Network, class: &ClassSpec, chain: &mut Embedded) {
    let deployer = network.deployer.unwrap();
    install_safe(chain, deployer, "@safe-global/safe-contracts", "Safe", MULTI_SEND);

    let install = |chain: &mut Embedded, at, template: &Template, arguments: Vec<u8>| {
        let code = [&template.creation_code()[..], &arguments].concat();
        chain.install(at, deployer, code.into()).unwrap();
    };
    let sub_proxy = network.governance.pause_proxy;
    install(chain, sub_proxy, &template::HaloSubProxy, GUARD.abi_encode());
    chain.set_code(GUARD, template::HaloSpellGuard.runtime_code().clone()).unwrap();
    let init = HaloSpellGuard::SpellGuardInit {
        subProxy: sub_proxy,
        parent: PARENT,
        sky: PARENT,
        hat: Address::ZERO,
        delay: 2 * DAY,
        maxDelay: 7 * DAY,
        cancellers: Vec::new(),
    };
    now(chain.write(deployer, GUARD, &HaloSpellGuard::initializeCall { p: init })).unwrap();

    let halo = class.admins[0];
    let terms = (deployer, U256::from(DAY)).abi_encode_params();
    install(chain, halo, &template::BeamTimelock, terms);
    let role = keccak256("PROPOSER_ROLE");
    let grant = BeamTimelock::grantRoleCall { role, account: deployer };
    now(chain.write(deployer, halo, &grant)).unwrap();
}

/// A Safe 1.3.0, Sky's pause with its proxy, the Primes' StarGuards with their SubProxies, and OpenZeppelin's timelock, at
/// the addresses of GovOps, of Sky's governance, of the Primes and of the Halo's admin.
pub fn others_ready(network: &Network, class: &ClassSpec, chain: &mut Embedded) {
    let deployer = network.deployer.unwrap();
    install_safe(chain, deployer, "@gnosis.pm/safe-contracts", "GnosisSafe", MULTI_SEND_1_3_0);

    let [pause, proxy] = ["Pause", "PauseProxy"].map(|name| fixture(name, "fixtures/Pause.sol"));
    let guard = fixture("StarGuard", "fixtures/StarGuard.sol");
    let sub_proxy = fixture("SubProxy", "fixtures/SubProxy.sol");
    let mut install = |at, by, code: &Bytes, arguments: Vec<u8>| {
        chain.install(at, by, [&code[..], &arguments].concat().into()).unwrap();
    };
    let sky = network.governance.pause_proxy;
    // Each obeys who makes it.
    install(sky, PAUSE, &proxy, Vec::new());
    install(PAUSE, PARENT, &pause, sky.abi_encode());
    for prime in &network.primes {
        let star_guard = prime.star_guard.unwrap();
        install(prime.sub_proxy, star_guard, &sub_proxy, Vec::new());
        install(star_guard, sky, &guard, prime.sub_proxy.abi_encode());
    }
    let [timelock, _] = from_npm("@openzeppelin/contracts/build/contracts/TimelockController.json");
    let terms = (U256::from(DAY), vec![deployer], vec![deployer], Address::ZERO);
    install(class.admins[0], deployer, &timelock, terms.abi_encode_params());
}

/// Creation code of a stand-in that is not among the frozen ones.
fn fixture(name: &'static str, source: &'static str) -> Bytes {
    let tree = Tree::find(None).unwrap();
    let entry = Entry { kind: Kind::Fixture, version: 1, name, source };
    let input = Input::collect(&tree, &entry, &read_settings(&tree).unwrap()).unwrap();
    let solc = Solc::find(&tree, None).unwrap();
    compile_template(&entry, &input, &solc).unwrap().bytecode
}
