//! A proxy before a node that counts what goes through it.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use http_body_util::{BodyExt, Full};
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::{net::TcpListener, runtime::Runtime};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// A proxy that counts.
pub(crate) struct Counter {
    pub(crate) url: String,
    counts: Arc<Counts>,
    // It ends with it.
    _runtime: Runtime,
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
    pub(crate) fn before(upstream: &str) -> std::io::Result<Self> {
        let runtime = Runtime::new()?;
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
        let url = format!("http://{}", listener.local_addr()?);
        let counts = Arc::<Counts>::default();
        let (tally, upstream) = (counts.clone(), upstream.to_owned());
        runtime.spawn(async move {
            let client = reqwest::Client::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (tally, client, upstream) = (tally.clone(), client.clone(), upstream.clone());
                let service = service_fn(move |request| {
                    pass(request, tally.clone(), client.clone(), upstream.clone())
                });
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
        Ok(Self { url, counts, _runtime: runtime })
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

async fn pass(
    request: Request<Incoming>,
    counts: Arc<Counts>,
    client: reqwest::Client,
    upstream: String,
) -> Result<Response<Full<Bytes>>> {
    let body = request.into_body().collect().await?.to_bytes();
    let asked: Value = serde_json::from_slice(&body)?;
    let all = asked.as_array().map_or(std::slice::from_ref(&asked), Vec::as_slice);
    for one in all {
        let method = one["method"].as_str().unwrap_or_default().to_owned();
        let mut methods = counts.methods.lock().unwrap_or_else(PoisonError::into_inner);
        *methods.entry(method).or_default() += 1;
    }
    let post = client.post(upstream).header("content-type", "application/json").body(body);
    let answer = post.send().await?.bytes().await?;
    counts.requests.fetch_add(1, Ordering::Relaxed);
    counts.calls.fetch_add(all.len() as u64, Ordering::Relaxed);
    counts.bytes.fetch_add(answer.len() as u64, Ordering::Relaxed);
    Ok(Response::new(Full::new(answer)))
}
