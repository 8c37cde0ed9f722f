//! What is kept in a folder comes back the same, or not at all.

use crate::kit::{ALICE, balance, ok, with_vault};
use alloy_primitives::U256;
use halo_chain::{Chain, Error, ErrorClass, Filter, StateError, Store, now};
use halo_templates::bindings::{AllocatorVault, Usds};
use proptest::prelude::*;
use std::{fs, sync::OnceLock};

#[test]
fn a_chain_comes_back_as_it_was_kept() {
    let dir = tempfile::tempdir().unwrap();
    let (mut chain, usds, vault) = with_vault();
    ok(&mut chain, usds, &Usds::mintCall { to: ALICE, value: U256::from(77) });
    chain.advance(5).unwrap();

    let store = Store::open(dir.path().join("kept")).unwrap();
    assert!(store.load().unwrap().is_none(), "nothing kept yet");
    store.save(&chain).unwrap();
    let first = fs::read(store.path()).unwrap();
    let mut back = store.load().unwrap().unwrap();

    assert_eq!(
        (back.id(), back.number(), back.timestamp()),
        (chain.id(), chain.number(), chain.timestamp())
    );
    assert_eq!(balance(&mut back, usds, ALICE), U256::from(77));
    let all = Filter::default();
    assert_eq!(now(back.logs(&all)).unwrap(), now(chain.logs(&all)).unwrap());
    store.save(&back).unwrap();
    assert_eq!(fs::read(store.path()).unwrap(), first, "the same state is the same bytes");

    let draw = AllocatorVault::drawCall { wad: U256::from(10) };
    assert_eq!(ok(&mut back, vault, &draw), ok(&mut chain, vault, &draw), "and goes on the same");
    store.clear().unwrap();
    store.clear().unwrap();
    assert!(store.load().unwrap().is_none());
}

#[test]
fn a_folder_serves_one_process_at_a_time() {
    let dir = tempfile::tempdir().unwrap();
    let first = Store::open(dir.path()).unwrap();
    let second = Store::open(dir.path()).unwrap_err();
    assert!(matches!(second, StateError::InUse { .. }));
    assert!(second.to_string().contains("in use by another process"), "{second}");
    drop(first);
    Store::open(dir.path()).unwrap();
}

#[test]
fn what_cannot_be_read_is_named_with_its_remedy() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let fault = |bytes: &[u8]| {
        fs::write(store.path(), bytes).unwrap();
        let error = Error::from(store.load().unwrap_err());
        assert_eq!(error.exit_class(), ErrorClass::Outside);
        let text = error.to_string();
        assert!(text.contains("state.bin") && text.contains("delete the file"), "{text}");
        text
    };
    assert!(fault(b"").contains("cut short"));
    assert!(fault(b"halo-evm").contains("cut short"));
    assert!(fault(b"{\"accounts\":[]}").contains("not a chain that halo kept"));
    let mut other = kept().clone();
    other[11] = 9;
    assert!(fault(&other).contains("format 9"));
    let mut longer = kept().clone();
    longer.push(0);
    assert!(fault(&longer).contains("checksum"));

    fs::remove_file(store.path()).unwrap();
    fs::create_dir(store.path()).unwrap();
    let error = store.load().unwrap_err().to_string();
    assert!(error.contains("cannot read") && error.contains("state.bin"), "{error}");
}

/// The bytes of a kept chain, written once.
fn kept() -> &'static Vec<u8> {
    static KEPT: OnceLock<Vec<u8>> = OnceLock::new();
    KEPT.get_or_init(|| {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        store.save(&with_vault().0).unwrap();
        fs::read(store.path()).unwrap()
    })
}

/// Loads `bytes` as a kept chain.
fn load(bytes: &[u8]) -> Result<bool, StateError> {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    fs::write(store.path(), bytes).unwrap();
    store.load().map(|chain| chain.is_some())
}

/// `bytes` with a checksum that fits, as somebody who means harm would write it.
fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    if bytes.len() > 44 {
        let checksum = alloy_primitives::keccak256(&bytes[44..]);
        bytes[12..44].copy_from_slice(checksum.as_slice());
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..Default::default() })]

    #[test]
    fn no_changed_bit_is_accepted(place: prop::sample::Index, bit in 0u8..8) {
        let mut bytes = kept().clone();
        let place = place.index(bytes.len());
        bytes[place] ^= 1 << bit;
        prop_assert!(load(&bytes).is_err(), "bit {bit} of byte {place}");
    }

    #[test]
    fn no_cut_file_is_accepted(end: prop::sample::Index) {
        let bytes = &kept()[..end.index(kept().len())];
        prop_assert!(load(bytes).is_err());
    }

    /// With a fitting checksum the decoder itself must hold: an error or a chain, never a panic.
    #[test]
    fn no_sealed_change_panics(place: prop::sample::Index, value: u8, end: prop::sample::Index) {
        let mut bytes = kept().clone();
        let place = 44 + place.index(bytes.len() - 44);
        bytes[place] = value;
        let _ = load(&sealed(bytes.clone()));
        bytes.truncate(end.index(bytes.len()));
        prop_assert!(load(&sealed(bytes)).is_err());
    }
}
