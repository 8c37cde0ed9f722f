//! Reverts, events and calls in words.

use crate::kit::{ALICE, OWNER, with_usds, with_vault};
use alloy_primitives::{Bytes, U256, bytes};
use alloy_sol_types::SolCall;
use halo_chain::{Chain, Labels, Tx, decode::Abis, now};
use halo_templates::bindings::{AllocatorVault, Usds};
use proptest::prelude::*;

#[test]
fn a_revert_names_contract_function_error_and_meaning() {
    let (mut chain, _, vault) = with_vault();
    let draw = AllocatorVault::drawCall { wad: U256::from(10).pow(U256::from(25)) };
    let error = now(chain.write(OWNER, vault, &draw)).unwrap_err();
    let mut labels = Labels::default();
    labels.insert(vault, "Spark vault");
    labels.insert(OWNER, "Spark ALMProxy");
    let text = error.explain(&labels);
    assert!(text.starts_with("Spark vault (0x"), "{text}");
    assert!(
        text.contains(" draw(wad: 10000000000000000000000000) called by Spark ALMProxy (0x"),
        "{text}"
    );
    assert!(
        text.contains("reverted: Error(\"Vat/ceiling-exceeded\")\n  the allocator's debt ceiling"),
        "{text}"
    );
}

#[test]
fn panics_and_empty_reverts_are_explained() {
    let (mut chain, usds) = with_usds();
    let too_much = Usds::mintCall { to: ALICE, value: U256::MAX };
    now(chain.write(OWNER, usds, &too_much)).unwrap();
    let error = now(chain.write(OWNER, usds, &too_much)).unwrap_err().to_string();
    assert!(error.contains("Panic(code: 17)"), "{error}");
    assert!(error.contains("left its range"), "{error}");

    let silent =
        now(chain.call(&Tx::call(ALICE, usds, bytes!("deadbeef")))).unwrap_err().to_string();
    assert!(silent.contains("function 0xdeadbeef"), "{silent}");
    assert!(silent.contains("no reason was given"), "{silent}");
}

#[test]
fn events_are_named_with_their_arguments() {
    let (mut chain, usds) = with_usds();
    let call = Usds::mintCall { to: ALICE, value: U256::from(5) };
    let receipt = now(chain.write(OWNER, usds, &call)).unwrap();
    let event = Abis::known().event(&receipt.logs[0]).unwrap();
    let mut labels = Labels::default();
    labels.insert(ALICE, "Alice");
    let text = event.show(&labels);
    assert!(text.starts_with("Transfer(from: 0x0000"), "{text}");
    assert!(text.ends_with("to: Alice (0x0000…00A2), value: 5)"), "{text}");
    assert!(event.contracts.contains(&"Usds"));
    let call = Abis::known().function(&call.abi_encode()).unwrap();
    assert_eq!(call.arg("value").and_then(|value| value.as_uint()).unwrap().0, U256::from(5));
}

#[test]
fn what_is_not_known_is_shown_as_it_is() {
    let text = Abis::known().error(&bytes!("01020304aabb")).show(&Labels::default());
    assert_eq!(text, "unknown error(0x01020304aabb)");
    assert!(Abis::known().function(&[]).is_none());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..Default::default() })]

    #[test]
    fn no_revert_data_panics(selector in 0usize..4, body: Vec<u8>) {
        let heads: [&[u8]; 4] = [&[], &[0x08, 0xc3, 0x79, 0xa0], &[0x4e, 0x48, 0x7b, 0x71], &[0xde, 0xad]];
        let data = Bytes::from([heads[selector], &body].concat());
        prop_assert!(!Abis::known().error(&data).show(&Labels::default()).is_empty());
    }
}
