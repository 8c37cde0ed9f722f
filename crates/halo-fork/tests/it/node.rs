//! Anvil on a made-up mainnet, seen through a proxy that can be told to fail.

use alloy::providers::Provider;
use alloy_primitives::{Address, B256, Bytes, U256};
use halo_chain::{Alloc, AllocAccount, Anvil};
use reqwest::Url;
use serde_json::Value;
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};
use tiny_http::{Response, Server};

/// What the proxy does to the next answers.
#[derive(Debug, Clone, Default)]
pub(crate) enum Fault {
    /// Nothing.
    #[default]
    None,
    /// The first so many requests end with this status.
    Status(u16, u64),
    /// The first so many answers are cut in the middle.
    Cut(u64),
    /// Answers of a method are changed.
    Change(&'static str, fn(&mut Value)),
    /// A method is refused with this code and in these words.
    Say(&'static str, i64, &'static str),
    /// The first so many answers come later than anybody waits.
    Late(u64, Duration),
    /// In questions, one text is replaced by another: an answer to what was not asked.
    Mishear(&'static str, &'static str),
}

/// The proxy.
pub(crate) struct Proxy {
    pub(crate) url: Url,
    server: Arc<Server>,
    calls: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    pub(crate) fn before(upstream: &str, fault: Fault) -> Self {
        let server = Arc::new(Server::http("127.0.0.1:0").unwrap());
        let url = format!("http://{}", server.server_addr().to_ip().unwrap()).parse().unwrap();
        let calls = Arc::<Mutex<Vec<String>>>::default();
        let (listener, seen, upstream) = (server.clone(), calls.clone(), upstream.to_owned());
        let served = Arc::new(AtomicU64::new(0));
        thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let client = reqwest::Client::new();
            for mut request in listener.incoming_requests() {
                let mut body = String::new();
                request.as_reader().read_to_string(&mut body).unwrap();
                let number = served.fetch_add(1, Ordering::Relaxed);
                let asked: Value = serde_json::from_str(&body).unwrap();
                let each = asked.as_array().cloned().unwrap_or_else(|| vec![asked.clone()]);
                let methods: Vec<String> =
                    each.iter().map(|one| one["method"].as_str().unwrap().to_owned()).collect();
                seen.lock().unwrap().extend(methods.iter().cloned());
                if let Fault::Mishear(said, heard) = &fault {
                    body = body.replace(said, heard);
                }
                let ask = async {
                    let post = client.post(&upstream).header("content-type", "application/json");
                    post.body(body).send().await.unwrap().text().await.unwrap()
                };
                let mut answer = runtime.block_on(ask);
                let mut status = 200;
                match &fault {
                    Fault::Status(code, times) if number < *times => {
                        (status, answer) = (*code, "no".to_owned());
                    }
                    Fault::Cut(times) if number < *times => answer.truncate(answer.len() / 2),
                    Fault::Change(method, change) if methods.iter().any(|m| m == method) => {
                        let mut value: Value = serde_json::from_str(&answer).unwrap();
                        match &mut value {
                            Value::Array(all) => {
                                all.iter_mut().for_each(|one| change(&mut one["result"]));
                            }
                            one => change(&mut one["result"]),
                        }
                        answer = value.to_string();
                    }
                    Fault::Late(times, by) if number < *times => thread::sleep(*by),
                    Fault::Say(method, code, words) if methods.iter().any(|m| m == method) => {
                        let error = serde_json::json!({ "code": code, "message": words });
                        let refused = |one: &Value| serde_json::json!({ "jsonrpc": "2.0", "id": one["id"], "error": error });
                        let answers: Vec<Value> = each.iter().map(refused).collect();
                        answer = match asked.is_array() {
                            true => serde_json::json!(answers),
                            false => answers[0].clone(),
                        }
                        .to_string();
                    }
                    _ => {}
                }
                let _ = request.respond(Response::from_string(answer).with_status_code(status));
            }
        });
        Self { url, server, calls }
    }

    /// How often a method was asked for.
    pub(crate) fn count(&self, method: &str) -> usize {
        self.calls.lock().unwrap().iter().filter(|one| *one == method).count()
    }

    /// How often anything was asked for.
    pub(crate) fn total(&self) -> usize {
        self.calls.lock().unwrap().len()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.server.unblock();
        thread::sleep(Duration::from_millis(1));
    }
}

/// A contract with some slots, a plain account, and what lies around them.
pub(crate) fn state() -> Alloc {
    let contract = AllocAccount {
        nonce: 1,
        // SLOAD of the slot in the calldata, returned.
        code: Bytes::from_static(&[0x5f, 0x35, 0x54, 0x5f, 0x52, 0x60, 0x20, 0x5f, 0xf3]),
        storage: (1..=9_u64)
            .map(|n| (B256::from(U256::from(n)), B256::from(U256::from(n * n))))
            .collect(),
        ..Default::default()
    };
    let plain = AllocAccount { balance: U256::from(77), ..Default::default() };
    Alloc([(CONTRACT, contract.clone()), (TWIN, contract), (PLAIN, plain)].into())
}

pub(crate) const CONTRACT: Address = Address::repeat_byte(0xc0);
pub(crate) const TWIN: Address = Address::repeat_byte(0xc1);
pub(crate) const PLAIN: Address = Address::repeat_byte(0xaa);

pub(crate) async fn anvil() -> Anvil {
    let anvil = Anvil::start(&state(), 31_337, 1_700_000_000).await.unwrap();
    // Anvil's genesis block does not have the root of its own state; its first block has.
    let mined: Value = anvil.node().provider().raw_request("evm_mine".into(), ()).await.unwrap();
    assert_eq!(mined, "0x0");
    anvil
}
