//! How a node is reached: HTTP or WebSocket, each request with a time limit, and again where the fault may pass.

use alloy::{
    pubsub::PubSubConnect,
    rpc::json_rpc::{RequestPacket, ResponsePacket},
    transports::{
        BoxTransport, IntoBoxTransport, TransportError, TransportErrorKind, TransportFut,
        http::{
            Http,
            reqwest::{self, Client, Url},
        },
        layers::{RateLimitRetryPolicy, RetryBackoffLayer},
        ws::WsConnect,
    },
};
use std::{
    task::{Context, Poll},
    time::Duration,
};
use tower::{Layer, Service};

/// How long a node may take to answer, unless it is said otherwise.
pub const TIMEOUT: Duration = Duration::from_secs(20);

/// A node that fails in a way that may pass is asked again at most so often.
const RETRIES: u32 = 5;
/// Pause before a retry, milliseconds; a node that names a longer one is heard.
const PAUSE: u64 = 250;
/// Compute units a second, the measure of public nodes' free tiers: about twenty-five requests.
const UNITS: u64 = 500;

/// A connection to the node at `url`, which is asked again where the fault may pass. No error of it shows the URL, which
/// may carry a key.
///
/// A WebSocket is served by the tokio runtime that this is called in, as long as that runs.
///
/// # Errors
/// When there is no HTTP client, or the WebSocket does not open.
pub async fn transport(url: &Url, timeout: Duration) -> Result<BoxTransport, TransportError> {
    let policy = RateLimitRetryPolicy::default().or(passes);
    let retry = RetryBackoffLayer::new_with_policy(RETRIES, PAUSE, UNITS, policy);
    if matches!(url.scheme(), "ws" | "wss") {
        let opened = tokio::time::timeout(timeout, WsConnect::new(url.as_str()).into_service());
        let frontend = opened.await.map_err(|_| late(timeout))??;
        return Ok(BoxTransport::new(
            retry.layer(Timed { inner: frontend.into_box_transport(), timeout }),
        ));
    }
    let client = Client::builder().timeout(timeout).build();
    let client = client.map_err(|error| TransportErrorKind::custom(error.without_url()))?;
    let http = Http::with_client(client, url.clone()).into_box_transport();
    Ok(BoxTransport::new(retry.layer(Timed { inner: http, timeout })))
}

/// A transport with a time limit for each request; below the retries, which put errors into words.
#[derive(Clone)]
struct Timed {
    inner: BoxTransport,
    timeout: Duration,
}

impl Service<RequestPacket> for Timed {
    type Response = ResponsePacket;
    type Error = TransportError;
    type Future = TransportFut<'static>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: RequestPacket) -> Self::Future {
        let (answer, timeout) = (self.inner.call(request), self.timeout);
        Box::pin(async move {
            let answer = tokio::time::timeout(timeout, answer).await;
            answer.map_err(|_| late(timeout))?.map_err(without_url)
        })
    }
}

fn late(timeout: Duration) -> TransportError {
    TransportErrorKind::http_error(504, format!("no answer within {} s", timeout.as_secs()))
}

fn without_url(error: TransportError) -> TransportError {
    let TransportError::Transport(TransportErrorKind::Custom(inner)) = error else { return error };
    match inner.downcast::<reqwest::Error>() {
        Ok(inner) => TransportErrorKind::custom(inner.without_url()),
        Err(inner) => TransportErrorKind::Custom(inner).into(),
    }
}

/// Faults that pass: no answer in time, a broken connection, a gateway that is not well, a node behind its peers that
/// does not have the block yet.
fn passes(error: &TransportError) -> bool {
    match error {
        TransportError::Transport(TransportErrorKind::HttpError(http)) => {
            matches!(http.status, 429 | 500 | 502 | 503 | 504)
        }
        TransportError::Transport(TransportErrorKind::Custom(error)) => {
            error.downcast_ref::<reqwest::Error>().is_some_and(|error| !error.is_builder())
        }
        // Half an answer is no answer.
        TransportError::DeserError { .. } => true,
        TransportError::ErrorResp(answer) => is_behind(&answer.message),
        _ => false,
    }
}

/// What nodes say of a block that they do not have yet: geth and its kin, erigon, nethermind, anvil.
fn is_behind(message: &str) -> bool {
    let message = message.to_lowercase();
    [
        "header not found",
        "unknown block",
        "block not found",
        "could not find block",
        "blockoutofrange",
    ]
    .iter()
    .any(|words| message.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_faults_that_may_pass_are_tried_again() {
        let status = |status| TransportErrorKind::http_error(status, String::new());
        assert!(passes(&status(429)) && passes(&status(502)) && passes(&late(TIMEOUT)));
        assert!(!passes(&status(401)) && !passes(&status(404)));
        assert!(is_behind("BlockOutOfRangeError: block height is 3 but requested was 5"));
        assert!(!is_behind("execution reverted: header"));
    }
}
