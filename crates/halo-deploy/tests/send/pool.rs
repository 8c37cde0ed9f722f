//! What can become of a transaction between its signature and its block, and after it.

use std::{ops::ControlFlow, time::Duration};

use alloy_primitives::U256;
use halo_chain::{
    Tx,
    node::{Fees, Nodes, Order},
};
use halo_deploy::{Cause, Error, Fault, journal::Record, send::Trouble};
use serde_json::json;
use tokio::time::sleep;

use super::stage::Stage;

/// Until the journal at `path` has a record of this kind.
async fn until(path: &std::path::Path, kind: &str) {
    let kind = format!("\"kind\":\"{kind}\"");
    for _ in 0..1_000 {
        if std::fs::read_to_string(path).is_ok_and(|text| text.contains(&kind)) {
            return;
        }
        sleep(Duration::from_millis(10)).await;
    }
    panic!("no record of {kind}");
}

/// The first step that is left, signed and not handed in yet.
async fn signed(left: usize) -> (Stage, String) {
    let mut stage = Stage::with(left).await;
    let mut step = String::new();
    stage
        .send_until(|record| match record {
            Record::Signed(it) => {
                step.clone_from(&it.step);
                true
            }
            _ => false,
        })
        .await;
    (stage, step)
}

fn trouble(error: Error) -> Trouble {
    assert_eq!(error.fault(), Fault::Outside, "{error}");
    let Error::Stopped(stopped) = error else { panic!("{error}") };
    assert!(!stopped.left.is_empty());
    let Cause::Sending(trouble) = stopped.cause else { panic!("{stopped}") };
    trouble
}

#[tokio::test]
async fn one_that_was_dropped_is_handed_in_again_with_the_same_bytes() {
    let (mut stage, step) = signed(6).await;
    stage.raw("evm_setAutomine", json!([false])).await;
    let node = stage.anvil.node().clone();
    let path = stage.journal_path();
    let hash = stage.journal().history().entry(&step).unwrap().hashes[0];
    let meddle = async {
        use alloy::providers::Provider;
        until(&path, "sent").await;
        let provider = node.provider();
        let dropped: serde_json::Value =
            provider.raw_request("anvil_dropTransaction".into(), [hash]).await.unwrap();
        assert!(!dropped.is_null());
        // Long enough to be missed, and handed in again.
        while provider.get_transaction_by_hash(hash).await.unwrap().is_none() {
            sleep(Duration::from_millis(50)).await;
        }
        let _: serde_json::Value =
            provider.raw_request("evm_setAutomine".into(), [true]).await.unwrap();
        let _: serde_json::Value = provider.raw_request("evm_mine".into(), ()).await.unwrap();
    };
    let (sent, ()) = tokio::join!(stage.send(|_| ControlFlow::Continue(())), meddle);
    let sent = sent.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(stage.kinds(&step), ["intent", "signed", "sent", "sent", "mined", "confirmed"]);
    stage.assert_whole(&sent, 0).await;
}

#[tokio::test]
async fn one_that_lies_too_long_is_replaced_for_more_with_the_same_nonce() {
    let (mut stage, step) = signed(6).await;
    stage.terms.bump_after = Duration::from_millis(500);
    stage.raw("evm_setAutomine", json!([false])).await;
    let node = stage.anvil.node().clone();
    let path = stage.journal_path();
    let meddle = async {
        use alloy::providers::Provider;
        until(&path, "replaced").await;
        let provider = node.provider();
        let _: serde_json::Value =
            provider.raw_request("evm_setAutomine".into(), [true]).await.unwrap();
        sleep(Duration::from_millis(100)).await;
        let _: serde_json::Value = provider.raw_request("evm_mine".into(), ()).await.unwrap();
    };
    let (sent, ()) = tokio::join!(stage.send(|_| ControlFlow::Continue(())), meddle);
    let sent = sent.unwrap_or_else(|error| panic!("{error}"));
    let history = stage.journal().history().clone();
    let entry = history.entry(&step).unwrap();
    assert!(entry.signed.len() > 1, "{entry:?}");
    for pair in entry.signed.windows(2) {
        let (old, new) = (pair[0].max_fee, pair[1].max_fee);
        assert!(new * U256::from(8) >= old * U256::from(9), "an eighth more: {old}, {new}");
    }
    stage.assert_whole(&sent, 0).await;
}

#[tokio::test]
async fn a_nonce_that_somebody_else_took_stops_it_and_the_step_gets_another() {
    let (mut stage, step) = signed(6).await;
    let entry = stage.journal().history().entry(&step).unwrap().clone();
    let nodes = Nodes::connect(&[stage.anvil.url()], Duration::from_secs(2)).await.unwrap();
    let order = Order {
        tx: Tx::call(entry.from, entry.from, Default::default()).with_gas(30_000),
        chain_id: stage.plan.subject.chain_id,
        nonce: entry.nonce,
        fees: Fees { max: 1_000_000_000, tip: 1 },
    };
    let other = order.sign(&stage.keys).await.unwrap();
    nodes.submit(&other.raw).await.unwrap();
    let error = stage.send(|_| ControlFlow::Continue(())).await.unwrap_err();
    match trouble(error) {
        Trouble::NonceTaken { from, nonce, by } => {
            assert_eq!((from, nonce, by), (entry.from, entry.nonce, Some(other.hash)));
        }
        other => panic!("{other}"),
    }
    assert_eq!(stage.kinds(&step), ["intent", "signed", "failed"]);
    let sent = stage.finish().await;
    stage.assert_whole(&sent, 1).await;
}

#[tokio::test]
async fn out_of_funds_it_stops_and_goes_on_when_there_are_some() {
    let mut stage = Stage::with(6).await;
    let from = stage.plan.steps[stage.plan.steps.len() - 6].signer.address;
    stage.raw("anvil_setBalance", json!([from, "0x0"])).await;
    let error = stage.send(|_| ControlFlow::Continue(())).await.unwrap_err();
    match trouble(error) {
        Trouble::Poor { from: who, .. } => assert_eq!(who, from),
        other => panic!("{other}"),
    }
    stage.raw("anvil_setBalance", json!([from, "0x56bc75e2d63100000"])).await;
    let sent = stage.finish().await;
    stage.assert_whole(&sent, 0).await;
}

#[tokio::test]
async fn gas_above_the_cap_is_not_paid_and_the_cap_can_be_raised() {
    let mut stage = Stage::with(6).await;
    stage.raw("anvil_setNextBlockBaseFeePerGas", json!(["0x2540be400"])).await;
    stage.raw("evm_mine", json!([])).await;
    stage.terms.max_fee = 1_000;
    stage.terms.give_up_after = Duration::from_secs(2);
    let error = stage.send(|_| ControlFlow::Continue(())).await.unwrap_err();
    match trouble(error) {
        Trouble::TooDear { max, .. } => assert_eq!(max, 1_000),
        Trouble::NotMined { .. } => {}
        other => panic!("{other}"),
    }
    stage.terms.max_fee = 1_000_000_000_000;
    stage.terms.give_up_after = Duration::from_secs(20);
    stage.terms.bump_after = Duration::from_millis(200);
    let sent = stage.finish().await;
    stage.assert_whole(&sent, 0).await;
}

#[tokio::test]
async fn what_a_reorganisation_of_three_blocks_threw_out_comes_back() {
    let mut stage = Stage::with(12).await;
    stage.terms.confirmations = 5;
    stage.send_until_mined(6).await;
    stage.raw("anvil_reorg", json!([3, []])).await;
    let node = stage.anvil.node().clone();
    let (done, finished) = tokio::sync::oneshot::channel::<()>();
    // Blocks go on coming, as on any chain.
    let blocks = async {
        use alloy::providers::Provider;
        let mut finished = finished;
        while finished.try_recv().is_err() {
            let _: serde_json::Value =
                node.provider().raw_request("evm_mine".into(), ()).await.unwrap();
            sleep(Duration::from_millis(100)).await;
        }
    };
    let work = async {
        let sent = stage.send(|_| ControlFlow::Continue(())).await;
        let _ = done.send(());
        sent
    };
    let (sent, ()) = tokio::join!(work, blocks);
    let sent = sent.unwrap_or_else(|error| panic!("{error}"));
    let journal = stage.journal();
    let thrown =
        journal.records().iter().filter(|one| matches!(one, Record::Reorganised { .. })).count();
    assert_eq!(thrown, 3);
    drop(journal);
    stage.assert_whole(&sent, 0).await;
}

#[tokio::test]
async fn a_changed_step_that_was_executed_is_refused_by_its_name() {
    let mut stage = Stage::with(6).await;
    stage.send_until_mined(2).await;
    let done = stage.plan.steps[stage.plan.steps.len() - 6].id.clone();
    let mut changed = stage.plan.clone();
    let step = changed.steps.iter_mut().find(|step| step.id == done).unwrap();
    step.digest = keccak();
    let error = stage.journal().history().fits(&changed).unwrap_err();
    assert!(
        matches!(&error, Error::Changed { step, sent: "was executed", .. } if *step == done),
        "{error}"
    );
    assert_eq!(error.fault(), Fault::Input);
    // One that was not executed may change.
    let mut changed = stage.plan.clone();
    changed.steps.last_mut().unwrap().digest = keccak();
    stage.journal().history().fits(&changed).unwrap();
}

fn keccak() -> alloy_primitives::B256 {
    alloy_primitives::keccak256("another step")
}
