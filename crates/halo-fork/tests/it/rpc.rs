//! The state of a node, over JSON-RPC: the same as the node's own, each part fetched once, and never silently wrong.

use crate::node::{CONTRACT, Fault, PLAIN, Proxy, TWIN, anvil};
use alloy_primitives::{Address, B256, U256};
use halo_chain::{Embedded, SourceError, StateSource};
use halo_fork::rpc::{
    ForkError, ForkOptions, RpcFork,
    cache::{self, Keep},
};
use serde_json::{Value, json};
use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

fn options(proxies: &[&Proxy]) -> ForkOptions {
    ForkOptions {
        urls: proxies.iter().map(|proxy| proxy.url.clone()).collect(),
        block: None,
        trusted_hash: None,
        prove: false,
        cache: None,
    }
}

/// Everything that the made-up state holds, read through the fork.
fn read_all(fork: &RpcFork) -> Result<(), SourceError> {
    assert_eq!(fork.account(PLAIN)?.map(|account| account.balance), Some(U256::from(77)));
    assert_eq!(fork.account(Address::repeat_byte(0xdd))?, None);
    for at in [CONTRACT, TWIN] {
        let account = fork.account(at)?.unwrap();
        assert_eq!(fork.code(account.code_hash)?.len(), 9);
        for slot in 0..12_u64 {
            let expected = if (1..=9).contains(&slot) { slot * slot } else { 0 };
            assert_eq!(fork.storage(at, U256::from(slot))?, U256::from(expected));
        }
    }
    Ok(())
}

/// Reads everything and keeps it: the file, and the block's hash.
fn kept(keep: &ForkOptions) -> (PathBuf, B256) {
    let fork = RpcFork::open(keep).unwrap();
    read_all(&fork).unwrap();
    fork.save();
    (fork.file().unwrap().to_owned(), fork.hash())
}

#[tokio::test]
async fn it_is_the_nodes_state_and_nothing_is_asked_for_twice() {
    let anvil = anvil().await;
    let proxy = Proxy::before(&anvil.url(), Fault::None);
    let fork = RpcFork::open(&options(&[&proxy])).unwrap();
    read_all(&fork).unwrap();
    let asked = proxy.total();
    read_all(&fork).unwrap();
    assert_eq!(proxy.total(), asked);
    assert_eq!(proxy.count("eth_getCode"), 1, "twins share their code");
    assert_eq!(proxy.count("eth_getBalance"), 0);

    let mut chain = Embedded::fork(Arc::new(fork), 31_337, 1, 1_700_000_000);
    let word = B256::with_last_byte(7);
    let got = chain.transact(PLAIN, CONTRACT, word.into()).unwrap();
    assert_eq!(got.output[..], B256::with_last_byte(49)[..]);
}

#[tokio::test]
async fn one_call_brings_an_account_with_all_its_slots() {
    let anvil = anvil().await;
    let proxy = Proxy::before(&anvil.url(), Fault::None);
    let fork = RpcFork::open(&options(&[&proxy])).unwrap();
    let before = proxy.total();
    let slots = (0..12).map(U256::from).collect::<Vec<_>>();
    fork.prefetch(&[(CONTRACT, slots.clone()), (TWIN, slots), (PLAIN, Vec::new())]).unwrap();
    // A proof each, and the code that two of them share; the proofs in one request.
    assert_eq!(proxy.total() - before, 4);
    assert_eq!(fork.traffic().requests(), 5, "chain, number, block, proofs, code");
    fork.account(PLAIN).unwrap();
    fork.storage(TWIN, U256::from(5)).unwrap();
    assert_eq!(proxy.total() - before, 4);
}

#[tokio::test]
async fn what_was_fetched_is_kept_in_a_file_that_needs_no_node() {
    let anvil = anvil().await;
    let folder = tempfile::tempdir().unwrap();
    let warm = Proxy::before(&anvil.url(), Fault::None);
    let keep = |proxy: &Proxy| ForkOptions {
        cache: Some(PathBuf::from(folder.path())),
        ..options(&[proxy])
    };
    let (file, _) = kept(&keep(&warm));
    assert_eq!(file, folder.path().join("31337/1.json"));

    let cold = Proxy::before(&anvil.url(), Fault::None);
    let fork = RpcFork::open(&keep(&cold)).unwrap();
    read_all(&fork).unwrap();
    // The block itself is looked at each time: it might be another one by now.
    let state = ["eth_getProof", "eth_getCode", "eth_getStorageAt", "eth_getBalance"];
    assert_eq!(state.map(|method| cold.count(method)), [0; 4]);
    drop(fork);

    // A file cut short is not believed, and not fatal.
    let bytes = std::fs::read(&file).unwrap();
    std::fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
    let fork = RpcFork::open(&keep(&cold)).unwrap();
    read_all(&fork).unwrap();
    assert!(cold.count("eth_getProof") > 0);
}

#[tokio::test]
async fn faults_that_pass_are_waited_out() {
    let anvil = anvil().await;
    for fault in [Fault::Status(429, 2), Fault::Status(502, 2), Fault::Cut(2)] {
        let proxy = Proxy::before(&anvil.url(), fault.clone());
        let fork = RpcFork::open(&options(&[&proxy])).unwrap_or_else(|e| panic!("{fault:?}: {e}"));
        read_all(&fork).unwrap();
    }
}

/// It is asked six times, with pauses that grow to seconds, and then no more.
#[tokio::test]
async fn a_node_that_never_answers_well_is_an_error() {
    let anvil = anvil().await;
    let proxy = Proxy::before(&anvil.url(), Fault::Status(503, u64::MAX));
    let begun = Instant::now();
    let error = RpcFork::open(&options(&[&proxy])).unwrap_err();
    assert!(matches!(error, ForkError::Node { method: "eth_chainId", .. }), "{error}");
    assert!(error.to_string().contains("asked 6 times"), "{error}");
    assert_eq!(proxy.total(), 6);
    assert!(begun.elapsed() > Duration::from_secs(6), "{:?}", begun.elapsed());
    // A limit that lasts seconds is waited out.
    let busy = Proxy::before(&anvil.url(), Fault::Status(429, 5));
    read_all(&RpcFork::open(&options(&[&busy])).unwrap()).unwrap();
    let other = ForkOptions { urls: vec!["ws://127.0.0.1:1".parse().unwrap()], ..options(&[]) };
    assert!(matches!(RpcFork::open(&other).unwrap_err(), ForkError::Scheme(_)));
}

/// Of two nodes one refuses and the other answers: whichever is asked first, nothing is taken of either.
#[tokio::test]
async fn the_refusal_of_one_node_is_not_made_up_for_by_another() {
    let anvil = anvil().await;
    let honest = Proxy::before(&anvil.url(), Fault::None);
    let refusing = Proxy::before(&anvil.url(), Fault::Say("eth_getCode", -32000, "not today"));
    for two in [[&honest, &refusing], [&refusing, &honest]] {
        let fork = RpcFork::open(&options(&two)).unwrap();
        let error = fork.account(CONTRACT).unwrap_err().to_string();
        assert!(error.contains("not today"), "{error}");
        assert!(fork.is_empty());
    }
    assert_eq!([&honest, &refusing].map(|node| node.count("eth_getBalance")), [0, 0]);
}

/// What is done to an answer's result.
type Lie = fn(&mut Value);

/// A node that lies about one thing.
#[tokio::test]
async fn no_lie_about_state_is_believed() {
    let anvil = anvil().await;
    let lies: [(&str, Lie); 6] = [
        // Another account's proof, or a changed node.
        ("eth_getProof", |result| {
            let node = result["accountProof"][0].as_str().unwrap().to_owned();
            let last = if node.ends_with('0') { "1" } else { "0" };
            result["accountProof"][0] = json!(format!("{}{last}", &node[..node.len() - 1]));
        }),
        ("eth_getProof", |result| result["accountProof"] = json!([])),
        // One thing said, another proved.
        ("eth_getProof", |result| result["balance"] = json!("0xffff")),
        ("eth_getCode", |result| *result = json!("0x5f5ff3")),
        // A header that is not that of its hash.
        ("eth_getBlockByNumber", |result| result["stateRoot"] = json!(B256::repeat_byte(7))),
        // The same of what no proof is held against.
        ("eth_getBlockByNumber", |result| result["timestamp"] = json!("0x7")),
    ];
    for (method, lie) in lies {
        let proxy = Proxy::before(&anvil.url(), Fault::Change(method, lie));
        let failed = match RpcFork::open(&options(&[&proxy])) {
            Ok(fork) => method != "eth_getBlockByNumber" && read_all(&fork).is_err(),
            Err(ForkError::Hash { .. }) => true,
            Err(other) => panic!("{method}: {other}"),
        };
        assert!(failed, "a lie in {method} was believed");
    }
}

#[tokio::test]
async fn two_nodes_must_agree() {
    let anvil = anvil().await;
    let honest = Proxy::before(&anvil.url(), Fault::None);
    let twin = Proxy::before(&anvil.url(), Fault::None);
    read_all(&RpcFork::open(&options(&[&honest, &twin])).unwrap()).unwrap();

    let other: Lie = |result| *result = json!("0x1");
    let liar = Proxy::before(&anvil.url(), Fault::Change("eth_chainId", other));
    let error = RpcFork::open(&options(&[&honest, &liar])).unwrap_err().to_string();
    assert!(error.contains("disagree on eth_chainId"), "{error}");

    let other: Lie = |result| *result = json!("0x60");
    let liar = Proxy::before(&anvil.url(), Fault::Change("eth_getCode", other));
    let fork = RpcFork::open(&options(&[&honest, &liar])).unwrap();
    let error = fork.account(CONTRACT).unwrap_err().to_string();
    assert!(error.contains("disagree on eth_getCode"), "{error}");
}

#[tokio::test]
async fn without_proofs_it_is_asked_plainly_unless_they_were_demanded() {
    let anvil = anvil().await;
    let refused = Fault::Say("eth_getProof", -32601, "method not found");
    let proxy = Proxy::before(&anvil.url(), refused);
    read_all(&RpcFork::open(&options(&[&proxy])).unwrap()).unwrap();
    assert_eq!(proxy.count("eth_getProof"), 1, "asked once, then never again");

    let demanding = ForkOptions { prove: true, ..options(&[&proxy]) };
    let error = RpcFork::open(&demanding).unwrap().account(PLAIN).unwrap_err().to_string();
    assert!(error.contains("does not offer this method"), "{error}");
}

#[tokio::test]
async fn the_trusted_hash_is_held_against_the_header() {
    let anvil = anvil().await;
    let proxy = Proxy::before(&anvil.url(), Fault::None);
    let hash = RpcFork::open(&options(&[&proxy])).unwrap().hash();
    let trusting = |hash| ForkOptions { trusted_hash: Some(hash), ..options(&[&proxy]) };
    RpcFork::open(&trusting(hash)).unwrap();
    let error = RpcFork::open(&trusting(B256::ZERO)).unwrap_err();
    assert!(matches!(error, ForkError::Hash { whose: "is trusted", .. }), "{error}");
    let missing = ForkOptions { block: Some(1_000), ..options(&[&proxy]) };
    assert!(matches!(RpcFork::open(&missing).unwrap_err(), ForkError::NoBlock(1_000)));
}

/// Node URLs carry keys; what is said of a node names its host alone.
#[tokio::test]
async fn the_key_in_a_url_is_never_said() {
    let anvil = anvil().await;
    let proxy = Proxy::before(&anvil.url(), Fault::Status(401, u64::MAX));
    let nobody = "http://127.0.0.1:1/v3/s3cret?key=s3cret".parse().unwrap();
    let refusing = proxy.url.join("/v3/s3cret").unwrap();
    for url in [nobody, refusing] {
        let error = RpcFork::open(&ForkOptions { urls: vec![url], ..options(&[]) }).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("s3cret"), "{error:?}");
    }
}

/// State that was kept without a proof, or that somebody edited, is not what was proved.
#[tokio::test]
async fn demanded_proofs_do_not_stop_at_the_file() {
    let anvil = anvil().await;
    let folder = tempfile::tempdir().unwrap();
    let proxy = Proxy::before(&anvil.url(), Fault::None);
    let keep = ForkOptions { cache: Some(folder.path().into()), ..options(&[&proxy]) };
    let (file, _) = kept(&keep);
    let edited = std::fs::read_to_string(&file).unwrap().replace("\"0x4d\"", "\"0x4e\"");
    std::fs::write(&file, edited).unwrap();

    let believing = RpcFork::open(&keep).unwrap().account(PLAIN).unwrap().unwrap();
    assert_eq!(believing.balance, U256::from(78), "the file was edited where it counts");
    read_all(&RpcFork::open(&ForkOptions { prove: true, ..keep }).unwrap()).unwrap();
}

/// A file that was kept of another block by the same number is not this block's, though its name is the same.
#[tokio::test]
async fn what_was_kept_of_another_block_is_not_believed() {
    let anvil = anvil().await;
    let folder = tempfile::tempdir().unwrap();
    let proxy = Proxy::before(&anvil.url(), Fault::None);
    let keep = ForkOptions { cache: Some(folder.path().into()), ..options(&[&proxy]) };
    let (file, hash) = kept(&keep);
    let text = std::fs::read_to_string(&file).unwrap();
    let other = text.replace(&hash.to_string(), &B256::repeat_byte(7).to_string());
    assert_ne!(other, text, "the file names its block");
    std::fs::write(&file, other.replace("\"0x4d\"", "\"0x4e\"")).unwrap();
    read_all(&RpcFork::open(&keep).unwrap()).unwrap();
}

/// Of many accounts that come together, the one whose proof does not hold is named.
#[tokio::test]
async fn the_account_that_is_wrong_is_named_among_many() {
    let anvil = anvil().await;
    let other_nonce = |proof: &mut Value| {
        if proof["address"].as_str().is_some_and(|at| at.parse() == Ok(TWIN)) {
            proof["nonce"] = json!("0x99");
        }
    };
    let liar = Proxy::before(&anvil.url(), Fault::Change("eth_getProof", other_nonce));
    let fork = RpcFork::open(&options(&[&liar])).unwrap();
    let error = fork.prefetch(&[(CONTRACT, vec![]), (TWIN, vec![]), (PLAIN, vec![])]).unwrap_err();
    assert!(matches!(error, SourceError::Account { at: TWIN, .. }), "{error}");
}

/// A node that keeps a code to itself gives proofs all the same: nothing is taken without.
#[tokio::test]
async fn a_code_that_is_refused_is_no_reason_to_do_without_proofs() {
    let anvil = anvil().await;
    let proxy = Proxy::before(&anvil.url(), Fault::Say("eth_getCode", -32000, "not today"));
    let fork = RpcFork::open(&options(&[&proxy])).unwrap();
    let together = fork.prefetch(&[(PLAIN, vec![]), (CONTRACT, vec![])]).unwrap_err();
    let alone = fork.account(CONTRACT).unwrap_err();
    for error in [together, alone] {
        assert!(error.to_string().contains("not today"), "{error}");
    }
    assert_eq!(proxy.count("eth_getBalance"), 0);
}

/// What a call will read is asked of the node beforehand, and comes in as many calls as there are accounts.
#[tokio::test]
async fn what_a_call_reads_is_foreseen_by_its_access_list() {
    let anvil = anvil().await;
    let proxy = Proxy::before(&anvil.url(), Fault::None);
    let fork = RpcFork::open(&options(&[&proxy])).unwrap();
    let call = |slot: u8| (PLAIN, CONTRACT, B256::with_last_byte(slot).into());
    fork.prefetch_calls(&[call(3), call(4)]).unwrap();
    assert_eq!(proxy.count("eth_createAccessList"), 2);
    assert_eq!(proxy.count("eth_getProof"), 2, "sender and contract, with both slots");
    let asked = proxy.total();
    for slot in [3_u64, 4] {
        assert_eq!(fork.storage(CONTRACT, U256::from(slot)).unwrap(), U256::from(slot * slot));
    }
    assert_eq!(proxy.total(), asked);

    // A node that does not foresee is asked when it comes to that.
    let blind =
        Proxy::before(&anvil.url(), Fault::Say("eth_createAccessList", -32601, "Method not found"));
    let fork = RpcFork::open(&options(&[&blind])).unwrap();
    fork.prefetch_calls(&[call(3)]).unwrap();
    assert_eq!(blind.count("eth_getProof"), 0);
    assert_eq!(fork.storage(CONTRACT, U256::from(3)).unwrap(), U256::from(9));
}

/// Each refusal that nodes are known for is put into words that say what to do.
#[tokio::test]
async fn refusals_are_explained() {
    let anvil = anvil().await;
    let refusals = [
        (-32000, "missing trie node 5c0f (path )", "use an archive node or a later block"),
        (-32000, "state 0x12 is not available, state is pruned", "use an archive node"),
        (-32603, "historical state unavailable", "use an archive node"),
        (
            -32601,
            "the method eth_getProof does not exist/is not available",
            "not offer this method",
        ),
        (-32601, "Unsupported method: eth_getProof", "not offer this method"),
        (-32000, "header not found", "behind, or the block was reorganised away"),
        (-32001, "unknown block", "behind, or the block was reorganised away"),
    ];
    for (code, words, advice) in refusals {
        let proxy = Proxy::before(&anvil.url(), Fault::Say("eth_getProof", code, words));
        let demanding = ForkOptions { prove: true, ..options(&[&proxy]) };
        let fork = RpcFork::open(&demanding).unwrap();
        for error in
            [fork.account(PLAIN).unwrap_err(), fork.prefetch(&[(PLAIN, vec![])]).unwrap_err()]
        {
            let error = error.to_string();
            assert!(error.contains(words) && error.contains(advice), "{error}");
        }
    }
    let limited = Proxy::before(&anvil.url(), Fault::Status(429, u64::MAX));
    let error = RpcFork::open(&options(&[&limited])).unwrap_err().to_string();
    assert!(error.contains("lets through only so much"), "{error}");
}

#[tokio::test]
async fn late_answers_are_asked_for_again_and_never_made_up() {
    let anvil = anvil().await;
    let impatient =
        |proxy: &Proxy| RpcFork::open_within(&options(&[proxy]), Duration::from_millis(300));
    let slow = Proxy::before(&anvil.url(), Fault::Late(1, Duration::from_millis(500)));
    read_all(&impatient(&slow).unwrap()).unwrap();
    let silent = Proxy::before(&anvil.url(), Fault::Late(u64::MAX, Duration::from_millis(500)));
    let error = impatient(&silent).unwrap_err().to_string();
    assert!(error.contains("did not answer in time"), "{error}");
}

#[tokio::test]
async fn another_block_than_was_asked_for_is_refused() {
    let anvil = anvil().await;
    let provider = anvil.node().provider();
    let _: Value =
        alloy::providers::Provider::raw_request(provider, "evm_mine".into(), ()).await.unwrap();
    let deaf = Proxy::before(&anvil.url(), Fault::Mishear("[\"0x2\",false]", "[\"0x1\",false]"));
    let error = RpcFork::open(&ForkOptions { block: Some(2), ..options(&[&deaf]) }).unwrap_err();
    assert!(matches!(error, ForkError::WrongBlock { asked: 2, found: 1 }), "{error}");
}

#[test]
fn kept_blocks_are_listed_and_pruned() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(cache::list(&folder.path().join("none")).unwrap(), []);
    for (chain, block) in [(1, 100), (1, 99), (1, 1_000), (31_337, 1)] {
        let chain = folder.path().join(format!("{chain}"));
        std::fs::create_dir_all(&chain).unwrap();
        std::fs::write(chain.join(format!("{block}.json")), "kept").unwrap();
    }
    // Not ours: left alone.
    let notes = folder.path().join("1/notes.json");
    std::fs::write(&notes, "mine").unwrap();
    let blocks = |all: Vec<cache::CachedBlock>| -> Vec<(u64, u64, u64)> {
        all.into_iter().map(|one| (one.chain_id, one.block, one.bytes)).collect()
    };
    let all = blocks(cache::list(folder.path()).unwrap());
    assert_eq!(all, [(1, 99, 4), (1, 100, 4), (1, 1_000, 4), (31_337, 1, 4)]);

    let now = SystemTime::now();
    let none = Keep { younger_than: Some(Duration::from_secs(60)), ..Keep::default() };
    assert_eq!(cache::prune(folder.path(), none, now).unwrap(), []);
    let two = Keep { highest: Some(2), ..Keep::default() };
    assert_eq!(blocks(cache::prune(folder.path(), two, now).unwrap()), [(1, 99, 4)]);
    let later = now + Duration::from_secs(120);
    assert_eq!(cache::prune(folder.path(), none, later).unwrap().len(), 3);
    assert_eq!(cache::list(folder.path()).unwrap(), []);
    assert!(notes.exists());
}
