//! Mainnet block 24,628,607 and its witness, a file that is not part of this repository.

use halo_fork::{Witness, replay};
use std::path::PathBuf;

fn file() -> Option<Vec<u8>> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data/mainnet_24628607_witness.bin");
    let file = std::fs::read(path).ok();
    if file.is_none() {
        eprintln!("not run: the witness of mainnet block 24,628,607 is not there");
    }
    file
}

#[test]
fn the_block_is_proved_and_executed_again() {
    let Some(file) = file() else { return };
    let state = Witness::decode(&file).unwrap().prove(None).unwrap();
    println!(
        "{} nodes {} codes {} accounts {} slots {} unknown",
        state.survey().nodes,
        state.survey().codes,
        state.survey().accounts.len(),
        state.survey().slots(),
        state.survey().unknown
    );
    let replayed = replay::replay(&state).unwrap();
    assert_eq!(replayed.number, 24_628_607);
    assert_eq!(replayed.transactions.len(), 66);
}
