//! A chain with a token on it.

use alloy_primitives::{Address, Bytes, U256};
use alloy_sol_types::{SolCall, SolValue};
use halo_chain::{Embedded, Outcome};
use halo_templates::{
    bindings::{AllocatorVault, Usds},
    template,
};

/// 1 January 2026, 00:00 UTC.
pub(crate) const START: u64 = 1_767_225_600;
pub(crate) const OWNER: Address = Address::with_last_byte(0xA1);
pub(crate) const ALICE: Address = Address::with_last_byte(0xA2);
pub(crate) const WAD: u128 = 10u128.pow(18);

/// An embedded chain with a USDS that `OWNER` may mint.
pub(crate) fn with_usds() -> (Embedded, Address) {
    let mut chain = Embedded::new(1337, START);
    let made = chain.create(OWNER, template::Usds.creation_code().clone()).unwrap();
    let usds = made.created.unwrap();
    (chain, usds)
}

/// The same with a vault of a million a day, whose ward is `OWNER`.
pub(crate) fn with_vault() -> (Embedded, Address, Address) {
    let (mut chain, usds) = with_usds();
    let buffer = Address::with_last_byte(0xB0);
    let ilk = alloy_primitives::fixed_bytes!(
        "414c4c4f4341544f522d544553542d4100000000000000000000000000000000"
    );
    let arguments = (ilk, buffer, usds).abi_encode_params();
    let code = [template::AllocatorVault.creation_code().as_ref(), &arguments].concat();
    let vault = chain.create(OWNER, code.into()).unwrap().created.unwrap();
    ok(&mut chain, usds, &Usds::relyCall { usr: vault });
    for (what, data) in [("line", 10_000_000 * WAD), ("gap", 1_000_000 * WAD), ("ttl", 86_400)] {
        let mut name = [0; 32];
        name[..what.len()].copy_from_slice(what.as_bytes());
        let file = AllocatorVault::fileCall { what: name.into(), data: U256::from(data) };
        ok(&mut chain, vault, &file);
    }
    (chain, usds, vault)
}

/// Calls as `OWNER`; must succeed.
pub(crate) fn ok<C: SolCall>(chain: &mut Embedded, to: Address, call: &C) -> Outcome {
    let outcome = chain.transact(OWNER, to, Bytes::from(call.abi_encode())).unwrap();
    assert!(outcome.is_success(), "{}: {outcome:?}", C::SIGNATURE);
    outcome
}

/// USDS of an account.
pub(crate) fn balance(chain: &mut Embedded, usds: Address, account: Address) -> U256 {
    let call = Usds::balanceOfCall::new((account,)).abi_encode();
    let outcome = chain.view(ALICE, usds, call.into()).unwrap();
    outcome.decode::<Usds::balanceOfCall>(usds).unwrap()
}
