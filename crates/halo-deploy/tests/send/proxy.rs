//! A node that fails: a proxy before anvil that does to each request what it is told.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use alloy::transports::http::reqwest::Client;
use serde_json::Value;
use tiny_http::{Response, Server};

/// What is done to a request.
pub(crate) enum Act {
    /// Nothing.
    Pass,
    /// It ends with this status.
    Status(u16),
    /// Its answer is cut in the middle.
    Cut,
    /// Its answer is JSON of no meaning.
    Garble,
    /// Its answer comes later than anybody waits; what it asked for is done.
    Late(Duration),
    /// Something else is asked.
    Ask(Value),
    /// Its result is another.
    Say(Value),
}

/// The proxy; it ends when this is dropped.
pub(crate) struct Proxy {
    pub(crate) url: String,
    server: Arc<Server>,
    faults: Arc<AtomicU64>,
}

impl Proxy {
    /// Before the node at `upstream`. `act` is asked for each request with its number.
    pub(crate) fn before(
        upstream: &str,
        mut act: impl FnMut(u64, &Value) -> Act + Send + 'static,
    ) -> Self {
        let server = Arc::new(Server::http("127.0.0.1:0").unwrap());
        let url = format!("http://{}", server.server_addr().to_ip().unwrap());
        let faults = Arc::<AtomicU64>::default();
        let (listener, upstream, seen) = (server.clone(), upstream.to_owned(), faults.clone());
        thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let client = Client::new();
            let ask = |body: &Value| {
                let post = client.post(&upstream).header("content-type", "application/json");
                let post = post.body(body.to_string());
                runtime.block_on(async { post.send().await.unwrap().text().await.unwrap() })
            };
            for (number, mut request) in listener.incoming_requests().enumerate() {
                let mut body = String::new();
                request.as_reader().read_to_string(&mut body).unwrap();
                let asked: Value = serde_json::from_str(&body).unwrap();
                let act = act(number as u64, &asked);
                if !matches!(act, Act::Pass) {
                    seen.fetch_add(1, Ordering::Relaxed);
                }
                let mut status = 200;
                let answer = match act {
                    Act::Pass => ask(&asked),
                    Act::Status(code) => {
                        status = code;
                        "not now".to_owned()
                    }
                    Act::Cut => {
                        let mut answer = ask(&asked);
                        answer.truncate(answer.len() / 2);
                        answer
                    }
                    Act::Garble => r#"{"jsonrpc":"2.0","id":[],"result":{{}"#.to_owned(),
                    Act::Late(by) => {
                        let answer = ask(&asked);
                        thread::sleep(by);
                        answer
                    }
                    Act::Ask(other) => ask(&other),
                    Act::Say(result) => {
                        let mut said: Value = serde_json::from_str(&ask(&asked)).unwrap();
                        said["result"] = result;
                        said.to_string()
                    }
                };
                let _ = request.respond(Response::from_string(answer).with_status_code(status));
            }
        });
        Self { url, server, faults }
    }

    /// How many requests did not just pass.
    pub(crate) fn faults(&self) -> u64 {
        self.faults.load(Ordering::Relaxed)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.server.unblock();
    }
}
