//! Nodes that answer late, not at all, wrongly, or of another block.

use std::{ops::ControlFlow, time::Duration};

use halo_chain::node::NodeError;
use halo_deploy::{Cause, Error, Fault};
use serde_json::{Value, json};

use super::{
    proxy::{Act, Proxy},
    stage::Stage,
};

/// Steps that are left; each makes some twenty requests.
const LEFT: usize = 8;

async fn through(act: impl FnMut(u64, &Value) -> Act + Send + 'static) {
    let mut stage = Stage::with(LEFT).await;
    let proxy = Proxy::before(&stage.anvil.url(), act);
    let sent =
        stage.send_through(std::slice::from_ref(&proxy.url), |_| ControlFlow::Continue(())).await;
    let sent = sent.unwrap_or_else(|error| panic!("{error}"));
    assert!(proxy.faults() > 2, "{}", proxy.faults());
    stage.assert_whole(&sent, 0).await;
}

#[tokio::test]
async fn too_many_requests_are_waited_out() {
    through(|number, _| if number % 20 == 7 { Act::Status(429) } else { Act::Pass }).await;
}

#[tokio::test]
async fn a_gateway_that_is_not_well_is_waited_out() {
    through(|number, _| if number % 25 < 2 { Act::Status(502) } else { Act::Pass }).await;
}

#[tokio::test]
async fn half_answers_are_asked_for_again() {
    through(|number, _| if number % 13 == 5 { Act::Cut } else { Act::Pass }).await;
}

#[tokio::test]
async fn answers_of_no_meaning_are_asked_for_again() {
    through(|number, _| if number % 17 == 3 { Act::Garble } else { Act::Pass }).await;
}

/// What was asked for is done, and the answer comes too late: the same transaction is handed in again.
#[tokio::test]
async fn an_answer_that_comes_too_late_does_not_send_twice() {
    let mut late = 0;
    through(move |_, asked| {
        if asked["method"] == "eth_sendRawTransaction" && late < 3 {
            late += 1;
            return Act::Late(Duration::from_millis(1_300));
        }
        Act::Pass
    })
    .await;
}

/// The answer to a hand-in is lost every time, and so is a gateway's.
#[tokio::test]
async fn a_transaction_whose_acceptance_is_never_heard_of_is_found_by_its_hash() {
    through(|number, asked| {
        if asked["method"] == "eth_sendRawTransaction" && number % 2 == 0 {
            Act::Cut
        } else {
            Act::Pass
        }
    })
    .await;
}

#[tokio::test]
async fn a_node_that_is_behind_is_waited_for() {
    let mut times = 0;
    through(move |number, asked| {
        if number > 40 && asked["params"][0] == "latest" && times < 6 {
            times += 1;
            let mut older = asked.clone();
            older["params"][0] = json!("0x1");
            return Act::Ask(older);
        }
        Act::Pass
    })
    .await;
}

#[tokio::test]
async fn a_node_that_stays_behind_ends_it_with_what_was_done() {
    let mut stage = Stage::with(LEFT).await;
    let proxy = Proxy::before(&stage.anvil.url(), |number, asked| {
        if number > 60 && asked["params"][0] == "latest" {
            let mut older = asked.clone();
            older["params"][0] = json!("0x1");
            return Act::Ask(older);
        }
        Act::Pass
    });
    let error =
        stage.send_through(std::slice::from_ref(&proxy.url), |_| ControlFlow::Continue(())).await;
    let error = error.unwrap_err();
    assert_eq!(error.fault(), Fault::Outside, "{error}");
    let Error::Stopped(stopped) = error else { panic!("{error}") };
    assert!(stopped.to_string().contains("behind"), "{stopped}");
    assert!(!stopped.applied.transactions.is_empty() && !stopped.left.is_empty(), "{stopped}");
    let sent = stage.finish().await;
    stage.assert_whole(&sent, 0).await;
}

#[tokio::test]
async fn of_another_chain_nothing_is_sent() {
    let mut stage = Stage::with(LEFT).await;
    let proxy = Proxy::before(&stage.anvil.url(), |_, asked| match asked["method"].as_str() {
        Some("eth_chainId") => Act::Say(json!("0x1")),
        _ => Act::Pass,
    });
    let urls = [proxy.url.clone()];
    let error = stage.send_through(&urls, |_| ControlFlow::Continue(())).await.unwrap_err();
    assert!(matches!(error, Error::Mismatch { what: "chain id", .. }), "{error}");
    // Two nodes, one of another chain: they do not agree.
    let urls = [stage.anvil.url(), proxy.url.clone()];
    let error = stage.send_through(&urls, |_| ControlFlow::Continue(())).await.unwrap_err();
    assert_eq!(error.fault(), Fault::Outside, "{error}");
    assert!(error.to_string().contains("disagree on the chain id"), "{error}");
    let sent = stage.finish().await;
    stage.assert_whole(&sent, 0).await;
}

#[tokio::test]
async fn two_nodes_agree_and_one_that_lies_about_code_stops_it() {
    let mut stage = Stage::with(LEFT).await;
    let honest = Proxy::before(&stage.anvil.url(), |_, _| Act::Pass);
    let liar = Proxy::before(&stage.anvil.url(), |_, asked| match asked["method"].as_str() {
        Some("eth_call") => Act::Say(json!(format!("0x{}", "00".repeat(31) + "07"))),
        _ => Act::Pass,
    });
    let urls = [honest.url.clone(), liar.url.clone()];
    let error = stage.send_through(&urls, |_| ControlFlow::Continue(())).await.unwrap_err();
    let Error::Stopped(stopped) = &error else { panic!("{error}") };
    let lied = matches!(
        &stopped.cause,
        Cause::Chain(halo_chain::Error::Node(NodeError::Disagree { .. }), _)
    );
    assert!(lied, "{stopped}");
    assert_eq!(error.fault(), Fault::Outside);
    assert!(stopped.applied.transactions.is_empty());
    drop(liar);

    let urls = [honest.url.clone(), stage.anvil.url()];
    let sent = stage.send_through(&urls, |_| ControlFlow::Continue(())).await;
    let sent = sent.unwrap_or_else(|error| panic!("{error}"));
    stage.assert_whole(&sent, 0).await;
}

#[tokio::test]
async fn through_a_web_socket() {
    let mut stage = Stage::with(LEFT).await;
    let url = stage.anvil.url().replace("http://", "ws://");
    let sent = stage.send_through(&[url], |_| ControlFlow::Continue(())).await;
    let sent = sent.unwrap_or_else(|error| panic!("{error}"));
    stage.assert_whole(&sent, 0).await;
}
