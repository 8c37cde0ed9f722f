//! A Safe, a spell guard and a timelock, ready to sign for GovOps, for Sky's governance and for the Halo.

use std::{fs, path::Path};

use alloy::signers::local::PrivateKeySigner;
use alloy_primitives::{Address, B256, Bytes, U256, address, hex, keccak256};
use alloy_sol_types::{SolValue, sol};
use halo_chain::{Chain, Embedded, now};
use halo_spec::{ClassSpec, Network};
use halo_templates::{
    Template,
    bindings::{BeamTimelock, HaloSpellGuard},
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
const MULTI_SEND: Address = address!("9641d764fc13c8B624c04430C7356C1C7C8102e2");
/// What the timelock waits at least, seconds; the guard waits twice as long.
pub const DAY: u32 = 86_400;

/// Runtime code of one of Safe's contracts, from npm.
fn safe_code(contract: &str) -> Bytes {
    let folder = "../solidity/node_modules/@safe-global/safe-contracts/build/artifacts/contracts";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join(contract);
    let text = fs::read_to_string(path).expect("`cargo xtask setup` installs Safe's contracts");
    let artifact: serde_json::Value = serde_json::from_str(&text).unwrap();
    hex::decode(artifact["deployedBytecode"].as_str().unwrap()).unwrap().into()
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
    chain.set_code(SAFE, safe_code("Safe.sol/Safe.json")).unwrap();
    let multi_send = safe_code("libraries/MultiSendCallOnly.sol/MultiSendCallOnly.json");
    chain.set_code(MULTI_SEND, multi_send).unwrap();
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
    now(chain.write(deployer, SAFE, &setup)).unwrap();

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
