//! The process ends at every point at which it can: after each record of the journal.

use std::{collections::BTreeSet, ops::ControlFlow};

use halo_deploy::{Error, journal::Record, send::Note};

use super::stage::Stage;

/// Every record of the Class, its Unit and the Primes' limits is the last of a process once; the next goes on. That the
/// process itself is killed, by SIGKILL, is in halo-cli's tests; here it ends at the same places without the wait.
#[tokio::test]
async fn after_every_record_it_goes_on_and_nothing_is_sent_twice() {
    let mut stage = Stage::with(50).await;
    let mut ends = BTreeSet::new();
    let sent = loop {
        let ended = stage.send(|note| {
            let Note::Recorded(record) = note else { return ControlFlow::Continue(()) };
            let value = serde_json::to_value(record).unwrap();
            let new = ends.insert((value["kind"].to_string(), value["step"].to_string()));
            if new { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        match ended.await {
            Ok(sent) => break sent,
            Err(Error::BrokenOff) => {}
            Err(other) => panic!("{other}"),
        }
    };
    // Begun, and of each step intent, signed, sent, mined, confirmed.
    assert_eq!(ends.len(), 1 + 50 * 5, "{ends:?}");
    stage.assert_whole(&sent, 0).await;
    let again = stage.finish().await;
    assert_eq!(again.applied.transactions, sent.applied.transactions);
    stage.assert_whole(&again, 0).await;
}

#[tokio::test]
async fn a_line_that_was_cut_short_is_taken_off_and_done_again() {
    let mut stage = Stage::with(6).await;
    stage.send_until(|record| matches!(record, Record::Signed(_))).await;
    let path = stage.journal_path();
    let whole = std::fs::read(&path).unwrap();
    for cut in [1, 40, 400] {
        std::fs::write(&path, &whole[..whole.len() - cut]).unwrap();
        let journal = stage.journal();
        assert!(journal.torn() > 0);
        assert!(matches!(journal.records().last(), Some(Record::Intent { .. })));
    }
    let sent = stage.finish().await;
    stage.assert_whole(&sent, 0).await;
}
