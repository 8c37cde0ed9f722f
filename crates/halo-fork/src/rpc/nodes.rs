//! Several nodes as one transport: each request goes to all of them, and their answers must be the same.

use alloy::{
    rpc::json_rpc::{RequestPacket, Response, ResponsePacket, ResponsePayload},
    transports::{
        TransportError, TransportErrorKind, TransportFut, TransportResult,
        http::Http,
        layers::{RateLimitRetryPolicy, RetryPolicy},
    },
};
use reqwest::{Client, Url};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};
use tower::Service;

/// A node that has not answered for so long is asked again, a few times.
pub const TIMEOUT: Duration = Duration::from_secs(20);
const RETRIES: u32 = 5;
/// Pause before the first of them, and twice as long before each that follows: six seconds in all. A node that names a
/// longer one is heard.
const PAUSE: Duration = Duration::from_millis(200);

/// How much was asked of each node.
#[derive(Debug, Clone, Default)]
pub struct Traffic(Arc<Counters>);

#[derive(Debug, Default)]
struct Counters {
    calls: AtomicU64,
    requests: AtomicU64,
    bytes: AtomicU64,
}

impl Traffic {
    /// JSON-RPC calls, each member of a batch counted.
    pub fn calls(&self) -> u64 {
        self.0.calls.load(Ordering::Relaxed)
    }

    /// HTTP requests, retries not counted.
    pub fn requests(&self) -> u64 {
        self.0.requests.load(Ordering::Relaxed)
    }

    /// Bytes of the answers' results.
    pub fn bytes(&self) -> u64 {
        self.0.bytes.load(Ordering::Relaxed)
    }
}

/// The nodes.
#[derive(Clone)]
pub(crate) struct Nodes {
    nodes: Vec<(Arc<str>, Keyless)>,
    traffic: Traffic,
}

impl Nodes {
    pub(crate) fn new(urls: &[Url], timeout: Duration) -> Result<Self, reqwest::Error> {
        let client = Client::builder().timeout(timeout).build()?;
        let node = |url: &Url| {
            let http = Keyless(Http::with_client(client.clone(), url.clone()));
            (host(url), http)
        };
        Ok(Self { nodes: urls.iter().map(node).collect(), traffic: Traffic::default() })
    }

    pub(crate) fn traffic(&self) -> Traffic {
        self.traffic.clone()
    }
}

/// Asks until there is an answer, or an error that does not pass. A refusal is an error.
async fn patiently(mut node: Keyless, request: RequestPacket) -> TransportResult<ResponsePacket> {
    let policy = RateLimitRetryPolicy::default().or(passes);
    let mut pause = PAUSE;
    let mut asked = 0;
    loop {
        let error = match node.call(request.clone()).await {
            Ok(answer) => match answer.as_error() {
                None => return Ok(answer),
                Some(refusal) => TransportError::ErrorResp(refusal.clone()),
            },
            Err(error) => error,
        };
        asked += 1;
        if !policy.should_retry(&error) {
            return Err(error);
        }
        if asked > RETRIES {
            let said = format!("{error}, though it was asked {asked} times");
            return Err(TransportErrorKind::custom_str(&said));
        }
        tokio::time::sleep(policy.backoff_hint(&error).map_or(pause, |hint| hint.max(pause))).await;
        pause *= 2;
    }
}

/// HTTP to a node. Its URL may carry a key, so no error shows it.
#[derive(Debug, Clone)]
struct Keyless(Http<Client>);

impl Service<RequestPacket> for Keyless {
    type Response = ResponsePacket;
    type Error = TransportError;
    type Future = TransportFut<'static>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: RequestPacket) -> Self::Future {
        let answer = self.0.call(request);
        Box::pin(async move { answer.await.map_err(without_url) })
    }
}

/// reqwest says of this no more than that it could not send.
#[derive(Debug, thiserror::Error)]
#[error("the request timed out")]
struct Late;

fn without_url(error: TransportError) -> TransportError {
    let TransportError::Transport(TransportErrorKind::Custom(inner)) = error else { return error };
    match inner.downcast::<reqwest::Error>() {
        Ok(inner) if inner.is_timeout() => TransportErrorKind::custom(Late),
        Ok(inner) => TransportErrorKind::custom(inner.without_url()),
        Err(inner) => TransportErrorKind::Custom(inner).into(),
    }
}

/// Where a URL leads, without what may be secret in it.
pub(crate) fn host(url: &Url) -> Arc<str> {
    match (url.host_str(), url.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}").into(),
        (host, _) => host.unwrap_or("the node").into(),
    }
}

/// Faults that pass: no answer in time, a broken connection, a gateway that is not well.
fn passes(error: &TransportError) -> bool {
    let TransportError::Transport(kind) = error else {
        // Half an answer is no answer.
        return matches!(error, TransportError::DeserError { .. });
    };
    match kind {
        TransportErrorKind::HttpError(http) => matches!(http.status, 429 | 500 | 502 | 503 | 504),
        TransportErrorKind::Custom(error) => match error.downcast_ref::<reqwest::Error>() {
            Some(error) => !error.is_builder(),
            None => error.is::<Late>(),
        },
        _ => false,
    }
}

impl Service<RequestPacket> for Nodes {
    type Response = ResponsePacket;
    type Error = TransportError;
    type Future = TransportFut<'static>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: RequestPacket) -> Self::Future {
        let Self { nodes, traffic } = self.clone();
        Box::pin(async move {
            traffic.0.calls.fetch_add(request.len() as u64, Ordering::Relaxed);
            traffic.0.requests.fetch_add(1, Ordering::Relaxed);
            let mut first: Option<(Arc<str>, ResponsePacket)> = None;
            for (name, node) in nodes {
                let answer = patiently(node, request.clone()).await?;
                match &first {
                    None => {
                        traffic.0.bytes.fetch_add(size(&answer), Ordering::Relaxed);
                        first = Some((name, answer));
                    }
                    Some((other, wanted)) => agree(&request, (other, wanted), (&name, &answer))?,
                }
            }
            first.map(|(_, answer)| answer).ok_or_else(TransportErrorKind::backend_gone)
        })
    }
}

fn responses(packet: &ResponsePacket) -> Vec<&Response> {
    let mut all: Vec<&Response> = match packet {
        ResponsePacket::Single(one) => vec![one],
        ResponsePacket::Batch(many) => many.iter().collect(),
    };
    all.sort_by_key(|response| response.id.clone());
    all
}

fn size(packet: &ResponsePacket) -> u64 {
    let length = |response: &&Response| match &response.payload {
        ResponsePayload::Success(value) => value.get().len() as u64,
        ResponsePayload::Failure(_) => 0,
    };
    responses(packet).iter().map(length).sum()
}

/// Two nodes agree when both give the same value; order of keys and blanks do not count. A refusal does not come here: it
/// has ended the request as an error before.
fn agree(
    request: &RequestPacket,
    (first, wanted): (&str, &ResponsePacket),
    (second, found): (&str, &ResponsePacket),
) -> Result<(), TransportError> {
    let (wanted, found) = (responses(wanted), responses(found));
    let same = wanted.len() == found.len()
        && wanted.iter().zip(&found).all(|(one, other)| match (&one.payload, &other.payload) {
            (ResponsePayload::Success(one), ResponsePayload::Success(other)) => {
                one.get() == other.get() || value(one.get()) == value(other.get())
            }
            _ => false,
        });
    if same {
        return Ok(());
    }
    let methods: Vec<&str> = request.method_names().collect();
    let methods = methods.join(", ");
    Err(TransportErrorKind::non_retryable_str(&format!(
        "{first} and {second} disagree on {methods}: one of them is wrong or behind; nothing of it was used"
    )))
}

fn value(json: &str) -> Option<serde_json::Value> {
    serde_json::from_str(json).ok()
}
