//! What a run read, in a file.

use crate::node::{CONTRACT, PLAIN, TWIN, state};
use alloy_consensus::Header;
use alloy_primitives::{Address, B256, Bytes, U256};
use halo_chain::{Embedded, SourceError, StateSource};
use halo_fork::{Recorder, SnapshotError, StateSnapshot, Witness};
use proptest::prelude::*;
use std::sync::Arc;

const NOW: u64 = 1_700_000_000;

/// A run on a recorder, and the same run again on what it recorded.
fn run(source: Arc<dyn StateSource>) -> Vec<Bytes> {
    let mut chain = Embedded::fork(source, 1, 99, NOW);
    let read = |chain: &mut Embedded, slot: u8| {
        chain.transact(PLAIN, CONTRACT, B256::with_last_byte(slot).into()).unwrap().output
    };
    (0..5).map(|slot| read(&mut chain, slot)).collect()
}

fn recorded() -> (StateSnapshot, Vec<Bytes>) {
    let header = Header { number: 99, timestamp: NOW, ..Default::default() };
    let proved = Witness::of_state(&state(), header).prove(None).unwrap();
    let header = proved.header().clone();
    let recorder = Arc::new(Recorder::new(proved));
    let outputs = run(recorder.clone());
    (recorder.snapshot(1, header), outputs)
}

#[test]
fn a_run_goes_again_from_the_file_alone_and_gives_the_same() {
    let (snapshot, outputs) = recorded();
    let file = snapshot.encode().unwrap();
    assert_eq!(file, recorded().0.encode().unwrap());
    let again = StateSnapshot::decode(&file).unwrap();
    assert_eq!(again, snapshot);
    assert_eq!((again.chain_id(), again.header().number), (1, 99));
    assert_eq!(run(Arc::new(again)), outputs);
}

#[test]
fn what_was_not_read_is_an_error_that_names_it() {
    let (snapshot, _) = recorded();
    let slot = U256::from(9);
    let error = snapshot.storage(CONTRACT, slot).unwrap_err();
    assert!(matches!(error, SourceError::Slot { at: CONTRACT, slot: named, .. } if named == slot));
    assert!(matches!(snapshot.account(TWIN), Err(SourceError::Account { at: TWIN, .. })));
    // Known not to exist is another thing than unknown.
    assert_eq!(snapshot.account(Address::ZERO).unwrap(), None);
    assert_eq!(snapshot.storage(CONTRACT, U256::ZERO).unwrap(), U256::ZERO);
}

#[test]
fn other_files_are_refused() {
    assert_eq!(StateSnapshot::decode(b"").unwrap_err(), SnapshotError::Magic);
    assert_eq!(StateSnapshot::decode(b"halo-evm........").unwrap_err(), SnapshotError::Magic);
    let mut file = recorded().0.encode().unwrap();
    file[11] = 9;
    assert_eq!(StateSnapshot::decode(&file).unwrap_err(), SnapshotError::Version { found: 9 });
}

proptest! {
    #[test]
    fn no_changed_bit_and_no_cut_is_accepted(at: prop::sample::Index, bit in 0..8_u8) {
        let file = recorded().0.encode().unwrap();
        let at = at.index(file.len());
        prop_assert!(StateSnapshot::decode(&file[..at]).is_err());
        let mut changed = file;
        changed[at] ^= 1 << bit;
        prop_assert!(StateSnapshot::decode(&changed).is_err());
    }
}
