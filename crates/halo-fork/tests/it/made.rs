//! A made-up state whose witness the suite builds and proves itself.

use alloy_consensus::Header;
use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_rlp::Encodable;
use halo_chain::{Alloc, AllocAccount, Chain, Embedded, Error, SourceError, StateSource, now};
use halo_fork::{ProvedState, Witness, WitnessError};
use proptest::prelude::*;
use std::sync::{Arc, LazyLock};

/// Slots of the richest account: enough for a trie of several levels.
const SLOTS: u64 = 80;

/// Forty accounts, some with code, one with many slots.
fn state() -> Alloc {
    let account = |n: u8| {
        let slots = if n == 7 { SLOTS } else { u64::from(n % 5) };
        let slot = |s: u64| (B256::from(U256::from(s)), B256::from(U256::from(s * 3 + 1)));
        AllocAccount {
            nonce: n.into(),
            balance: U256::from(n) * U256::from(10).pow(U256::from(18)),
            code: if n.is_multiple_of(2) { keccak256([n]).into() } else { Bytes::new() },
            storage: (0..slots).map(slot).collect(),
        }
    };
    Alloc((1..=40).map(|n| (Address::repeat_byte(n), account(n))).collect())
}

fn witness() -> Witness {
    static MADE: LazyLock<Witness> = LazyLock::new(|| {
        let header = Header { number: 99, timestamp: 1_700_000_000, ..Default::default() };
        Witness::of_state(&state(), header)
    });
    MADE.clone()
}

fn proved() -> &'static ProvedState {
    static PROVED: LazyLock<ProvedState> = LazyLock::new(|| witness().prove(None).unwrap());
    &PROVED
}

#[test]
fn what_is_there_is_proved_and_so_is_what_is_not() {
    let proved = proved();
    for (address, account) in state().0 {
        let found = proved.account(address).unwrap().unwrap();
        assert_eq!((found.nonce, found.balance), (account.nonce, account.balance));
        assert_eq!(found.code_hash, keccak256(&account.code));
        assert_eq!(proved.code(found.code_hash).unwrap(), account.code);
        for (slot, word) in &account.storage {
            assert_eq!(B256::from(proved.storage(address, (*slot).into()).unwrap()), *word);
        }
        assert_eq!(proved.storage(address, U256::MAX).unwrap(), U256::ZERO);
    }
    assert_eq!(proved.account(Address::repeat_byte(0xff)).unwrap(), None);
    assert_eq!(proved.survey().accounts.len(), 40);
    assert_eq!(proved.survey().unknown, 0);
}

#[test]
fn what_the_witness_lacks_is_an_error_that_names_it_and_never_a_zero() {
    let whole = witness();
    let root = whole.clone().prove(None).unwrap().header().state_root;
    let rich = Address::repeat_byte(7);
    let mut silent = 0;
    for missing in 0..whole.state.len() {
        if keccak256(&whole.state[missing]) == root {
            continue;
        }
        let mut cut = whole.clone();
        cut.state.remove(missing);
        // What hung on it belongs to nothing any more, unless it was a leaf.
        let Ok(proved) = cut.prove(None) else { continue };
        for (address, account) in state().0 {
            match proved.account(address) {
                Ok(found) => assert_eq!(found.map(|a| a.nonce), Some(account.nonce)),
                Err(SourceError::Account { at, .. }) => assert_eq!(at, address),
                Err(other) => panic!("{other}"),
            }
        }
        for slot in 0..SLOTS {
            match proved.storage(rich, U256::from(slot)) {
                Ok(word) => assert_eq!(word, U256::from(slot * 3 + 1)),
                Err(SourceError::Slot { at, slot: named, .. }) => {
                    assert_eq!((at, named), (rich, U256::from(slot)));
                    silent += 1;
                }
                Err(other) => panic!("{other}"),
            }
        }
    }
    assert!(silent >= SLOTS, "{silent} slots were asked for in vain");
}

#[test]
fn a_chain_on_it_reads_proved_state_and_stops_at_unknown_state() {
    let mut cut = witness();
    let source = Arc::new(cut.clone().prove(None).unwrap());
    let chain = Embedded::fork(source, 1, 99, 1_700_000_000);
    assert_eq!(
        chain.balance_at(Address::repeat_byte(3)).unwrap(),
        U256::from(3_000_000_000_000_000_000_u64)
    );
    assert_eq!(chain.number(), 99);

    let rich = Address::repeat_byte(7);
    let leaf = cut.state.iter().position(|node| {
        Witness { state: cut.state.iter().filter(|n| *n != node).cloned().collect(), ..cut.clone() }
            .prove(None)
            .is_ok_and(|proved| proved.storage(rich, U256::ONE).is_err())
    });
    cut.state.remove(leaf.unwrap());
    let chain = Embedded::fork(Arc::new(cut.prove(None).unwrap()), 1, 99, 1_700_000_000);
    let slot = B256::with_last_byte(1);
    let error = now(chain.storage(rich, slot)).unwrap_err();
    assert!(
        matches!(&error, Error::Source(fault) if matches!(**fault, SourceError::Slot { at, .. } if at == rich)),
        "{error}"
    );
}

#[test]
fn headers_must_be_a_chain_and_the_trusted_hash_one_of_its() {
    let hash = proved().hash();
    witness().prove(Some(hash)).unwrap();
    let error = witness().prove(Some(B256::ZERO)).unwrap_err();
    assert!(matches!(error, WitnessError::NotTrusted { number: 99, .. }), "{error}");

    let mut orphaned = witness();
    let before = Header { number: 98, ..Default::default() };
    orphaned.headers.push(alloy_rlp::encode(before).into());
    let error = orphaned.prove(None).unwrap_err();
    assert!(matches!(error, WitnessError::Chain { number: 98, child: 99, .. }), "{error}");

    let bare = Witness { headers: Vec::new(), ..witness() };
    assert_eq!(bare.prove(None).unwrap_err(), WitnessError::NoHeader);
}

#[test]
fn json_is_read_bare_and_as_an_answer() {
    let Witness { state, codes, keys, headers, .. } = witness();
    let bare =
        serde_json::json!({ "state": state, "codes": codes, "keys": keys, "headers": headers });
    let answer = serde_json::json!({ "jsonrpc": "2.0", "id": 1, "result": bare });
    for json in [bare, answer] {
        let read = Witness::decode(json.to_string().as_bytes()).unwrap();
        assert_eq!(read.prove(None).unwrap().hash(), proved().hash());
    }
    for bad in ["", "{", "{}", "{\"state\":3}", "[]", "{\"result\":null}"] {
        Witness::decode(bad.as_bytes()).unwrap_err();
    }
}

proptest! {
    /// One changed bit anywhere in what is proved is found, with the trusted hash at hand.
    #[test]
    fn no_changed_bit_is_accepted(part in 0..3_usize, place: prop::sample::Index, at: prop::sample::Index, bit in 0..8_u8) {
        let mut changed = witness();
        let trusted = proved().hash();
        let list = match part { 0 => &mut changed.state, 1 => &mut changed.codes, _ => &mut changed.headers };
        let element = place.get_mut(list);
        let mut bytes = element.to_vec();
        *at.get_mut(&mut bytes) ^= 1 << bit;
        *element = bytes.into();
        prop_assert!(changed.prove(Some(trusted)).is_err(), "part {part}");
    }

    /// Bytes from nowhere are refused, not run into the ground.
    #[test]
    fn noise_is_refused(noise: Vec<u8>) {
        prop_assert!(Witness::decode(&noise).is_err());
    }

    /// A trie of noise under a root that it claims itself is refused or read without a panic.
    #[test]
    fn hostile_nodes_do_not_panic(nodes: Vec<Vec<u8>>) {
        let Some(first) = nodes.first() else { return Ok(()) };
        let header = Header { state_root: keccak256(first), ..Default::default() };
        let witness = Witness {
            state: nodes.iter().cloned().map(Bytes::from).collect(),
            headers: vec![alloy_rlp::encode(header).into()],
            ..Witness::default()
        };
        if let Ok(proved) = witness.prove(None) {
            let _ = proved.account(Address::ZERO);
        }
    }
}

/// The RLP of an extension over whole bytes of path, or of a leaf with one nibble and an empty value.
fn short(path: &[u8], end: &[u8]) -> Bytes {
    let mut node = Vec::new();
    let payload_length = path.length() + end.length();
    alloy_rlp::Header { list: true, payload_length }.encode(&mut node);
    path.encode(&mut node);
    end.encode(&mut node);
    node.into()
}

/// A branch whose sixteen children are one node.
fn branch_of(child: B256) -> Bytes {
    let mut node = Vec::new();
    let payload_length = 16 * child.length() + 1;
    alloy_rlp::Header { list: true, payload_length }.encode(&mut node);
    for _ in 0..16 {
        child.encode(&mut node);
    }
    node.push(alloy_rlp::EMPTY_STRING_CODE);
    node.into()
}

/// Tries that hash as they should and are none: paths longer than a key, and a few nodes that claim to be 16^60.
#[test]
fn a_trie_that_cannot_be_one_is_refused() {
    let extension = |bytes: usize, child: B256| {
        short(&[&[0][..], &vec![0x11; bytes]].concat(), child.as_slice())
    };
    let leaf = short(&[0x31], &[7; 40]);
    let twenty = extension(20, keccak256(&leaf));
    let full_leaf = extension(32, keccak256(&leaf));
    let branch = branch_of(keccak256(&leaf));
    let full_branch = extension(32, keccak256(&branch));
    let mut towers = vec![leaf.clone()];
    for _ in 0..60 {
        let below = keccak256(towers.last().unwrap());
        towers.push(branch_of(below));
    }
    let tries = [
        vec![extension(20, keccak256(&twenty)), twenty, leaf.clone()],
        vec![full_leaf, leaf.clone()],
        vec![full_branch, branch, leaf],
        towers.into_iter().rev().collect(),
    ];
    for nodes in tries {
        let state_root = keccak256(&nodes[0]);
        let header = Header { state_root, ..Default::default() };
        let headers = vec![alloy_rlp::encode(header).into()];
        let error =
            Witness { state: nodes, headers, ..Witness::default() }.prove(None).unwrap_err();
        assert!(matches!(error, WitnessError::Trie { root, .. } if root == state_root), "{error}");
    }
}
