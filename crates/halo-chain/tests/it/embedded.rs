//! Execution, the clock, events, snapshots.

use crate::kit::{ALICE, OWNER, START, WAD, balance, ok, with_usds, with_vault};
use alloy_primitives::{Address, B256, Bytes, U256, bytes};
use alloy_sol_types::SolCall;
use halo_chain::{Chain, Embedded, Error, ErrorClass, Filter, Status, Tx, now};
use halo_templates::{
    bindings::{AllocatorVault, Usds},
    template,
};

fn mint(to: Address, wad: u128) -> Usds::mintCall {
    Usds::mintCall { to, value: U256::from(wad) }
}

#[test]
fn code_storage_and_nonces_are_there_after_a_creation() {
    let (chain, usds) = with_usds();
    assert_eq!(&chain.code_at(usds).unwrap(), template::Usds.runtime_code());
    assert_eq!(now(chain.code_hash(usds)).unwrap(), template::Usds.runtime_hash());
    assert_eq!(now(chain.code_hash(ALICE)).unwrap(), B256::ZERO);
    assert_eq!((chain.nonce_at(usds).unwrap(), chain.nonce_at(OWNER).unwrap()), (1, 1));
    assert_eq!(usds, OWNER.create(0));
}

#[test]
fn calls_and_views_agree_and_views_leave_nothing() {
    let (mut chain, usds) = with_usds();
    let call = mint(ALICE, 5);
    let seen = chain.view(OWNER, usds, call.abi_encode().into()).unwrap();
    assert!(seen.is_success());
    assert_eq!(balance(&mut chain, usds, ALICE), U256::ZERO);
    let number = chain.number();
    let done = ok(&mut chain, usds, &call);
    assert_eq!(done.gas_used, seen.gas_used);
    assert_eq!(chain.number(), number + 1);
    assert_eq!(balance(&mut chain, usds, ALICE), U256::from(5));
    let read = now(chain.read(usds, &Usds::balanceOfCall::new((ALICE,)))).unwrap();
    assert_eq!(read, U256::from(5));
}

#[test]
fn any_address_sends_also_one_with_code() {
    let (mut chain, usds) = with_usds();
    ok(&mut chain, usds, &Usds::relyCall { usr: usds });
    let from_itself = chain.transact(usds, usds, mint(ALICE, 1).abi_encode().into()).unwrap();
    assert!(from_itself.is_success());
}

#[test]
fn the_clock_goes_forward_only_and_contracts_see_it() {
    let (mut chain, _, vault) = with_vault();
    let draw = AllocatorVault::drawCall { wad: U256::from(1_000_000 * WAD) };
    let headroom = |chain: &Embedded| {
        now(chain.read(vault, &AllocatorVault::headroomCall {})).unwrap() / U256::from(WAD)
    };
    ok(&mut chain, vault, &draw);
    assert_eq!(headroom(&chain), U256::ZERO);
    chain.advance(86_399).unwrap();
    assert_eq!(headroom(&chain), U256::ZERO);
    chain.warp_to(START + 86_400).unwrap();
    assert_eq!(headroom(&chain), U256::from(1_000_000));
    let back = chain.warp_to(START).unwrap_err();
    assert_eq!(
        back.to_string(),
        "the chain's clock stands at 1767312000 (UTC seconds) and cannot go back to 1767225600"
    );
    chain.advance(u64::MAX).unwrap();
    assert_eq!(chain.timestamp(), u64::MAX);
}

#[test]
fn blocks_hold_one_transaction_or_as_many_as_wanted() {
    let (mut chain, usds) = with_usds();
    chain.set_automine(false);
    let before = chain.number();
    ok(&mut chain, usds, &mint(ALICE, 1));
    ok(&mut chain, usds, &mint(ALICE, 2));
    assert_eq!(chain.number(), before);
    chain.mine();
    assert_eq!(chain.number(), before + 1);
    let events = now(chain.logs(&Filter::default().at(usds).from(before + 1))).unwrap();
    let places: Vec<_> = events.iter().map(|event| (event.block, event.index)).collect();
    assert_eq!(places, [(before + 1, 0), (before + 1, 1)]);
    assert_ne!(events[0].tx, events[1].tx);
}

#[test]
fn events_are_found_by_emitter_topic_block_and_type() {
    let (mut chain, usds) = with_usds();
    let sent = now(chain.write(OWNER, usds, &mint(ALICE, 7))).unwrap();
    chain.advance(60).unwrap();
    now(chain.write(OWNER, usds, &mint(OWNER, 8))).unwrap();
    assert_eq!(sent.find::<Usds::Transfer>().unwrap().value, U256::from(7));
    assert_eq!(sent.find_from::<Usds::Transfer>(ALICE), None);

    let all = now(chain.events::<Usds::Transfer>(Filter::default().at(usds))).unwrap();
    let values: Vec<_> = all.iter().map(|(event, _)| event.value.to::<u64>()).collect();
    assert_eq!(values, [7, 8]);
    assert_eq!((all[0].1.tx, all[0].1.block), (sent.tx, sent.block));
    assert_eq!(all[1].1.timestamp, all[0].1.timestamp + 60);

    let to_alice = Filter::default().topic(2, ALICE.into_word());
    assert_eq!(now(chain.logs(&to_alice)).unwrap().len(), 1);
    let later = Filter::default().at(usds).from(sent.block + 1);
    assert_eq!(now(chain.events::<Usds::Transfer>(later)).unwrap().len(), 1);
    assert!(now(chain.logs(&Filter::default().at(ALICE))).unwrap().is_empty());

    chain.set_history(false);
    let done = ok(&mut chain, usds, &mint(ALICE, 9));
    assert_eq!(done.logs.len(), 1, "the caller still gets them");
    assert_eq!(now(chain.events::<Usds::Transfer>(Filter::default())).unwrap().len(), 2);
}

#[test]
fn snapshots_go_back_in_state_time_and_events() {
    let (mut chain, usds) = with_usds();
    ok(&mut chain, usds, &mint(ALICE, 1));
    let snapshot = chain.snapshot();
    let at = (chain.number(), chain.timestamp());
    chain.advance(1_000).unwrap();
    ok(&mut chain, usds, &mint(ALICE, 2));
    let mut other = Embedded::from_snapshot(&snapshot);
    chain.restore(&snapshot);
    assert_eq!((chain.number(), chain.timestamp()), at);
    assert_eq!(balance(&mut chain, usds, ALICE), U256::ONE);
    assert_eq!(now(chain.events::<Usds::Transfer>(Filter::default())).unwrap().len(), 1);
    ok(&mut other, usds, &mint(ALICE, 9));
    assert_eq!(balance(&mut other, usds, ALICE), U256::from(10));
    assert_eq!(balance(&mut chain, usds, ALICE), U256::ONE, "chains of one snapshot are apart");
}

#[test]
fn a_constructor_runs_at_a_chosen_address() {
    let mut chain = Embedded::new(1337, START);
    let at = Address::repeat_byte(0xDC);
    chain.install(at, OWNER, template::Usds.creation_code().clone()).unwrap();
    assert_eq!(&chain.code_at(at).unwrap(), template::Usds.runtime_code());
    ok(&mut chain, at, &mint(ALICE, 3));
    assert_eq!(balance(&mut chain, at, ALICE), U256::from(3));

    // Code of no known format is code like any other.
    chain.set_code(ALICE, bytes!("ef0100")).unwrap();
    assert_eq!(chain.code_at(ALICE).unwrap(), bytes!("ef0100"));
    chain.set_code(ALICE, Bytes::new()).unwrap();

    let fails = bytes!("60006000fd");
    let error = chain.install(ALICE, OWNER, fails).unwrap_err();
    assert!(error.to_string().contains("constructor at"), "{error}");
    assert!(chain.code_at(ALICE).unwrap().is_empty());
}

#[test]
fn failures_say_what_they_are() {
    let (mut chain, usds) = with_usds();
    let tx = Tx::typed(ALICE, usds, &mint(ALICE, 1));
    let error = now(chain.send(&tx)).unwrap_err();
    let Error::Reverted(reverted) = &error else { panic!("{error}") };
    assert!(reverted.gas_used > 21_000);
    assert_eq!(error.exit_class(), ErrorClass::Chain);
    let outcome = chain.execute(&tx).unwrap();
    assert_eq!(outcome.status, Status::Reverted);
    assert_eq!(outcome.output, reverted.data);

    // INVALID burns all gas.
    let invalid = Address::repeat_byte(0xFE);
    chain.set_code(invalid, bytes!("fe")).unwrap();
    let halted = now(chain.call(&Tx::call(ALICE, invalid, Bytes::new()))).unwrap_err();
    assert!(matches!(halted, Error::Halted { gas_used: 30_000_000, .. }), "{halted}");

    let poor = now(chain.send(&Tx::call(ALICE, OWNER, Bytes::new()).with_value(U256::ONE)));
    assert!(matches!(poor.unwrap_err(), Error::Rejected { .. }));
    let little = now(chain.send(&Tx::call(ALICE, OWNER, Bytes::new()).with_gas(20_999)));
    assert!(matches!(little.unwrap_err(), Error::Rejected { .. }));
    assert!(chain.transact(OWNER, usds, mint(ALICE, 1).abi_encode().into()).unwrap().is_success());

    // An address without code answers every call with nothing.
    let nothing = now(chain.read(ALICE, &Usds::totalSupplyCall {})).unwrap_err();
    assert!(nothing.to_string().contains("totalSupply() at"), "{nothing}");
}

#[test]
fn ether_moves_with_a_value() {
    let mut chain = Embedded::new(1337, START);
    chain.set_balance(ALICE, U256::from(10)).unwrap();
    now(chain.send(&Tx::call(ALICE, OWNER, Bytes::new()).with_value(U256::from(4)))).unwrap();
    assert_eq!(
        (chain.balance_at(ALICE).unwrap(), chain.balance_at(OWNER).unwrap()),
        (U256::from(6), U256::from(4))
    );
}
