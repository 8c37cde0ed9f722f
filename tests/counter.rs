//! A proxy before a node that counts what goes through it.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use serde_json::Value;
use tiny_http::{Response, Server};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// A proxy that counts.
pub(crate) struct Counter {
    pub(crate) url: String,
    server: Arc<Server>,
    counts: Arc<Counts>,
}

#[derive(Default)]
struct Counts {
    requests: AtomicU64,
    calls: AtomicU64,
    bytes: AtomicU64,
    /// Calls by method.
    methods: Mutex<BTreeMap<String, u64>>,
}

impl Counter {
    pub(crate) fn before(upstream: &str) -> Result<Self> {
        let server = Arc::new(Server::http("127.0.0.1:0").map_err(|error| error.to_string())?);
        let at = server.server_addr().to_ip().ok_or("no address")?;
        let counts = Arc::<Counts>::default();
        // Several at once: anvil asks for much in parallel.
        for _ in 0..4 {
            let (server, counts, upstream) = (server.clone(), counts.clone(), upstream.to_owned());
            thread::spawn(move || {
                if let Err(error) = serve(&server, &counts, &upstream) {
                    eprintln!("the proxy stopped: {error}");
                }
            });
        }
        Ok(Self { url: format!("http://{at}"), server, counts })
    }

    /// Calls, and bytes of answers.
    pub(crate) fn total(&self) -> (u64, u64) {
        (self.counts.calls.load(Ordering::Relaxed), self.counts.bytes.load(Ordering::Relaxed))
    }

    pub(crate) fn say(&self, of: &str) {
        let (calls, bytes) = self.total();
        let requests = self.counts.requests.load(Ordering::Relaxed);
        println!("{of}: {calls} calls in {requests} requests, {bytes} bytes of answers");
        let methods = self.counts.methods.lock().unwrap_or_else(PoisonError::into_inner);
        let mut most: Vec<_> = methods.iter().map(|(method, calls)| (*calls, method)).collect();
        most.sort_by(|a, b| b.cmp(a));
        let most = most.iter().take(6).map(|(calls, method)| format!("{calls} {method}"));
        println!("  {}", most.collect::<Vec<_>>().join(", "));
    }
}

impl Drop for Counter {
    fn drop(&mut self) {
        (0..4).for_each(|_| self.server.unblock());
    }
}

fn serve(server: &Server, counts: &Counts, upstream: &str) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let client = reqwest::Client::new();
    for mut request in server.incoming_requests() {
        let mut body = Vec::new();
        request.as_reader().read_to_end(&mut body)?;
        let asked: Value = serde_json::from_slice(&body)?;
        let calls = asked.as_array().map_or(1, Vec::len);
        for one in asked.as_array().unwrap_or(&vec![asked.clone()]) {
            let method = one["method"].as_str().unwrap_or_default().to_owned();
            let mut methods = counts.methods.lock().unwrap_or_else(PoisonError::into_inner);
            *methods.entry(method).or_default() += 1;
        }
        let post = client.post(upstream).header("content-type", "application/json").body(body);
        let answer = runtime.block_on(async { post.send().await?.bytes().await })?;
        counts.requests.fetch_add(1, Ordering::Relaxed);
        counts.calls.fetch_add(calls as u64, Ordering::Relaxed);
        counts.bytes.fetch_add(answer.len() as u64, Ordering::Relaxed);
        // The asker may have gone.
        let _ = request.respond(Response::from_data(answer));
    }
    Ok(())
}
