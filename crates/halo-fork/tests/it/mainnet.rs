//! Mainnet block 24,628,607 and its witness, a file that is not part of this repository.

use alloy_consensus::{SignableTransaction, TxEnvelope, proofs::calculate_transaction_root};
use alloy_primitives::{Address, B256, Signature, U256, address, b256, keccak256, ruint::uint};
use halo_chain::StateSource;
use halo_fork::{
    Header, Witness, WitnessError,
    replay::{ReplayError, replay},
};
use std::{path::PathBuf, sync::LazyLock};

/// The block's own hash, as any explorer has it: what the tests trust.
const TRUSTED: B256 = b256!("d6edeb114882eb19af618789a4ebd5f84984e7d340d54459d1b2d9d7c1ed99a9");
const USDS: Address = address!("dC035D45d973E3EC169d2276DDab16f1e407384F");
const DAI: Address = address!("6B175474E89094C44Da98b954EedeAC495271d0F");
const LITE_PSM: Address = address!("f6e72Db5454dd049d0788e411b06CfAF16853042");

static FILE: LazyLock<Option<Vec<u8>>> = LazyLock::new(|| {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data/mainnet_24628607_witness.bin");
    let file = std::fs::read(path).ok();
    if file.is_none() {
        eprintln!("not run: the witness of mainnet block 24,628,607 is not there");
    }
    file
});

#[test]
fn the_block_is_proved_and_executed_again() {
    let Some(file) = &*FILE else { return };
    let state = Witness::decode(file).unwrap().prove(Some(TRUSTED)).unwrap();
    let survey = state.survey();
    assert_eq!((survey.nodes, survey.codes, survey.accounts.len()), (3_854, 120, 200));

    let replayed = replay(&state).unwrap();
    assert_eq!((replayed.number, replayed.hash), (24_628_607, TRUSTED));
    assert_eq!(replayed.transactions.len(), 66);
    let with = |address| {
        let txs = replayed.transactions.iter().enumerate();
        txs.filter(|(_, tx)| tx.emitters.contains(&address)).map(|(place, _)| place).collect()
    };
    let (psm, usds): (Vec<usize>, Vec<usize>) = (with(LITE_PSM), with(USDS));
    assert_eq!((psm, usds), (vec![18], vec![57]));
}

#[test]
fn the_psm_is_what_it_was() {
    let Some(file) = &*FILE else { return };
    let state = Witness::decode(file).unwrap().prove(Some(TRUSTED)).unwrap();
    // DAI's balances are its mapping number 2.
    let slot = keccak256((LITE_PSM.into_word(), B256::with_last_byte(2)).concat_words());
    let dai = state.storage(DAI, slot.into()).unwrap();
    assert_eq!(dai / U256::from(10).pow(U256::from(16)), U256::from(39_279_225_688_u64));
}

/// A header that says another thing of what came of its block is found out by executing it, whatever hash it has.
#[test]
fn a_header_that_executing_does_not_confirm_is_refused() {
    let Some(file) = &*FILE else { return };
    type Lie = fn(&mut Header);
    let lies: [(&str, Lie); 4] = [
        ("gas used", |header| header.gas_used += 1),
        ("receipts root", |header| header.receipts_root.0[0] ^= 1),
        ("logs bloom", |header| header.logs_bloom.0[0] ^= 1),
        ("requests hash", |header| header.requests_hash.as_mut().unwrap().0[0] ^= 1),
    ];
    for (said, lie) in lies {
        let mut witness = Witness::decode(file).unwrap();
        lie(&mut witness.block.as_mut().unwrap().header);
        let error = replay(&witness.prove(None).unwrap()).unwrap_err();
        assert!(matches!(error, ReplayError::Differs { what, .. } if what == said), "{error}");
    }
    // Transactions in another order.
    let mut witness = Witness::decode(file).unwrap();
    witness.block.as_mut().unwrap().body.transactions.swap(0, 1);
    let error = witness.prove(None).unwrap_err();
    assert!(matches!(error, WitnessError::Body { part: "transactions", .. }), "{error}");
}

/// The other signature that is good for the same message, which the chain does not take (EIP-2).
#[test]
fn a_signature_in_the_upper_half_is_refused() {
    let Some(file) = &*FILE else { return };
    let order = uint!(0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141_U256);
    let mut witness = Witness::decode(file).unwrap();
    let block = witness.block.as_mut().unwrap();
    let txs = &mut block.body.transactions;
    let place = txs.iter().position(TxEnvelope::is_eip1559).unwrap();
    let (tx, signature, _) = txs[place].as_eip1559().unwrap().clone().into_parts();
    let other = Signature::new(signature.r(), order - signature.s(), !signature.v());
    txs[place] = tx.into_signed(other).into();
    block.header.transactions_root = calculate_transaction_root(txs);
    let error = replay(&witness.prove(None).unwrap()).unwrap_err();
    assert!(matches!(&error, ReplayError::Signature { place: at, .. } if *at == place), "{error}");
}

/// A code that is changed, and one that belongs to no account.
#[test]
fn a_code_that_no_account_names_is_refused() {
    let Some(file) = &*FILE else { return };
    let mut changed = Witness::decode(file).unwrap();
    let mut code = changed.codes[0].to_vec();
    code[0] ^= 1;
    changed.codes[0] = code.into();
    let error = changed.prove(Some(TRUSTED)).unwrap_err();
    assert!(matches!(error, WitnessError::Orphan { what: "the code", .. }), "{error}");
}

trait ConcatWords {
    fn concat_words(self) -> [u8; 64];
}

impl ConcatWords for (B256, B256) {
    fn concat_words(self) -> [u8; 64] {
        let mut words = [0; 64];
        words[..32].copy_from_slice(self.0.as_slice());
        words[32..].copy_from_slice(self.1.as_slice());
        words
    }
}

/// A changed byte anywhere in the file is found, or it lies where nothing is read: then all is as it was. Execution
/// finds what hashes do not, such as another signature of the same transaction.
#[test]
fn no_changed_byte_of_the_file_changes_what_is_proved() {
    let Some(file) = &*FILE else { return };
    let true_gas = 7_372_614;
    let mut unread = 0;
    for n in 0..100_usize {
        // Spread over the block, the nodes and the codes alike.
        let at =
            n.wrapping_mul(0x9e37_79b9_7f4a_7c15) % if n % 4 == 0 { 37_000 } else { file.len() };
        let mut changed = file.clone();
        changed[at] ^= 1 << (n % 8);
        let Ok(proved) = Witness::decode(&changed).and_then(|it| it.prove(Some(TRUSTED))) else {
            continue;
        };
        unread += 1;
        let replayed = replay(&proved).unwrap();
        assert_eq!((replayed.hash, replayed.gas_used), (TRUSTED, true_gas), "byte {at}");
    }
    assert!(unread < 10, "{unread} changes were not noticed");
}
