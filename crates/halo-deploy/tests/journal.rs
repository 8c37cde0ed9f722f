//! The journal as a file: what is on disk, what was changed, what another process has.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::{fs, path::PathBuf};

use alloy_primitives::{Address, B256, Bytes, U256};
use halo_deploy::{
    Error, Fault, Plan,
    journal::{Journal, Record, Signature, State},
};
use halo_spec::{ClassSpec, Network};
use tempfile::TempDir;

fn plan() -> Plan {
    let network = Network::embedded().unwrap();
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../deployments/specs/tbill.toml");
    Plan::new(&ClassSpec::load(&path, &network).unwrap().value, &network, &[]).unwrap()
}

fn signature(step: &str, byte: u8) -> Signature {
    Signature {
        step: step.to_owned(),
        hash: B256::repeat_byte(byte),
        raw: Bytes::from(vec![byte; 300]),
        gas: 21_000,
        max_fee: U256::from(1_000),
        tip: U256::from(1),
    }
}

/// A journal of two transactions: one in a block, one signed twice.
fn written(folder: &TempDir, plan: &Plan) -> PathBuf {
    let path = Journal::place(folder.path(), plan);
    let mut journal = Journal::open(&path, plan).unwrap();
    let hash = B256::repeat_byte(1);
    let (step, from, digest) = ("one".to_owned(), Address::repeat_byte(9), B256::repeat_byte(8));
    let records = [
        Record::Begun { plan: plan.digest, block: 4 },
        Record::Intent { step: step.clone(), digest, from, nonce: 7 },
        Record::Signed(signature("one", 1)),
        Record::Sent { step: step.clone(), hash },
        Record::Mined {
            step: step.clone(),
            hash,
            block: 5,
            block_hash: hash,
            timestamp: 6,
            gas: 3,
        },
        Record::Confirmed { step, hash },
        Record::Intent { step: "two".to_owned(), digest, from, nonce: 8 },
        Record::Signed(signature("two", 2)),
        Record::Replaced(signature("two", 3)),
    ];
    for record in records {
        journal.append(record).unwrap();
    }
    path
}

#[test]
fn what_was_written_is_read_again() {
    let (folder, plan) = (tempfile::tempdir().unwrap(), plan());
    let path = written(&folder, &plan);
    assert!(path.ends_with("embedded/tbill/journal.jsonl"));
    let journal = Journal::open(&path, &plan).unwrap();
    assert_eq!((journal.records().len(), journal.torn()), (10, 0));
    let history = journal.history();
    assert!(matches!(history.entry("one").unwrap().state, State::Confirmed(_)));
    let two = history.entry("two").unwrap();
    assert_eq!((two.state, two.nonce, two.hashes.len()), (State::Pending, 8, 2));
    assert_eq!(history.transactions().len(), 1);
    assert_eq!(history, &Journal::peek(&path, &plan).unwrap());
}

#[test]
fn one_process_has_it_at_a_time() {
    let (folder, plan) = (tempfile::tempdir().unwrap(), plan());
    let path = written(&folder, &plan);
    let first = Journal::open(&path, &plan).unwrap();
    let error = Journal::open(&path, &plan).unwrap_err();
    assert!(matches!(error, Error::InUse { .. }), "{error}");
    assert_eq!(error.fault(), Fault::Outside);
    drop(first);
    Journal::open(&path, &plan).unwrap();
}

#[test]
fn a_line_cut_short_anywhere_is_taken_off_and_only_that() {
    let (folder, plan) = (tempfile::tempdir().unwrap(), plan());
    let path = written(&folder, &plan);
    let whole = fs::read(&path).unwrap();
    let last = whole[..whole.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
    for end in (last + 1)..whole.len() {
        fs::write(&path, &whole[..end]).unwrap();
        let journal = Journal::open(&path, &plan).unwrap();
        assert_eq!(journal.torn(), (end - last) as u64);
        assert_eq!(journal.records().len(), 9);
        drop(journal);
        assert_eq!(fs::read(&path).unwrap(), whole[..last]);
    }
}

#[test]
fn every_change_is_refused_with_its_line() {
    let (folder, plan) = (tempfile::tempdir().unwrap(), plan());
    let path = written(&folder, &plan);
    let whole = fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = whole.lines().collect();
    let refused = |text: String, line: usize| {
        fs::write(&path, text).unwrap();
        let error = Journal::open(&path, &plan).unwrap_err();
        assert_eq!(error.fault(), Fault::Input);
        let at = format!("journal.jsonl:{line}: ");
        assert!(error.to_string().contains(&at), "expected {at}: {error}");
        assert!(Journal::peek(&path, &plan).is_err());
    };
    let with = |change: &dyn Fn(&mut Vec<String>)| {
        let mut lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        change(&mut lines);
        lines.join("\n") + "\n"
    };
    // A figure changed, in every line that has one.
    for (at, line) in lines.iter().enumerate() {
        let place = line.find("\"at\":").unwrap() + 5;
        let changed = with(&|all| all[at].replace_range(place..=place, "3"));
        refused(changed, at + 1);
    }
    refused(with(&|all| drop(all.remove(4))), 5);
    refused(with(&|all| all.swap(2, 3)), 3);
    refused(with(&|all| drop(all.remove(0))), 1);
    refused(with(&|all| all.insert(3, all[2].clone())), 4);
    refused(with(&|all| all[5] = "{}".to_owned()), 6);
    refused(with(&|all| all[9].push('x')), 10);
    let nonce = with(&|all| all[7] = all[7].replace("\"nonce\":8", "\"nonce\":9"));
    refused(nonce, 8);

    fs::write(&path, &whole).unwrap();
    let mut other = plan.clone();
    other.subject.chain_id = 1;
    let error = Journal::open(&path, &other).unwrap_err().to_string();
    assert!(error.contains(":1: it is the journal of tbill on chain 1337"), "{error}");
}

#[test]
fn records_that_cannot_follow_are_refused() {
    let (folder, plan) = (tempfile::tempdir().unwrap(), plan());
    let path = written(&folder, &plan);
    let mut journal = Journal::open(&path, &plan).unwrap();
    let hash = B256::repeat_byte(0x77);
    let before = fs::read(&path).unwrap();
    for record in [
        Record::Sent { step: "two".to_owned(), hash },
        Record::Confirmed { step: "two".to_owned(), hash },
        Record::Signed(signature("one", 5)),
        Record::Reorganised { step: "two".to_owned(), hash, block: 1 },
        Record::Failed { step: "three".to_owned(), reason: String::new() },
    ] {
        let words = format!("{record:?}");
        assert!(journal.append(record).is_err(), "{words}");
    }
    assert_eq!(fs::read(&path).unwrap(), before);
}
