//! Faults of a node, with the method and the node but without its keys.

use alloy::transports::{TransportError, http::reqwest::Url};
use alloy_primitives::B256;
use std::{error::Error as _, path::PathBuf};

/// What went wrong with a node.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NodeError {
    /// Not a URL that we can call.
    #[error("a node's address starts with http://, https://, ws:// or wss://")]
    Url,
    /// None was named.
    #[error("no node is named")]
    NoNode,
    /// Nodes that must agree do not.
    #[error(
        "{first} and {second} disagree on {what}: one of them is wrong, behind, or on another fork; nothing of it was used"
    )]
    Disagree {
        /// What was asked.
        what: &'static str,
        /// A node, without keys.
        first: String,
        /// The other.
        second: String,
    },
    /// A node has not come as far as the chain is known to be.
    #[error(
        "{url} is at block {at}, but block {seen} was seen: it is behind and does not catch up"
    )]
    Behind {
        /// The node, without keys.
        url: String,
        /// Its latest block.
        at: u64,
        /// The highest block that was seen.
        seen: u64,
    },
    /// Bytes that should be a signed transaction are not.
    #[error("the bytes are no signed transaction: {fault}")]
    Raw {
        /// What is wrong with them.
        fault: String,
    },
    /// A key cannot be used.
    #[error(transparent)]
    Key(#[from] super::KeyError),
    /// A call failed, or was answered with an error.
    #[error("{method} on {url}: {fault}")]
    Call {
        /// The JSON-RPC method.
        method: &'static str,
        /// The node, without keys.
        url: String,
        /// What happened.
        fault: String,
    },
    /// A transaction was sent and did not get into a block in time.
    #[error("{hash} was sent to {url} and is in no block yet; look it up before sending again")]
    NotMined {
        /// The node, without keys.
        url: String,
        /// The transaction.
        hash: B256,
    },
    /// The anvil program could not be started.
    #[error(
        "{} did not start: {fault}; install it with `npm ci` in the folder solidity, or name it in HALO_ANVIL",
        program.display()
    )]
    Anvil {
        /// The program.
        program: PathBuf,
        /// What happened.
        fault: String,
    },
}

impl NodeError {
    pub(super) fn call(method: &'static str, url: &Url, source: &TransportError) -> Self {
        let mut fault = source.to_string();
        // What a transport says first, "error sending request", is not yet why.
        let mut cause = source.source();
        while let Some(inner) = cause {
            let text = inner.to_string();
            if !fault.contains(&text) {
                fault = format!("{fault}: {text}");
            }
            cause = inner.source();
        }
        Self::Call { method, url: shown_url(url), fault: plain(&without_keys(&fault, url)) }
    }

    pub(super) fn answer(method: &'static str, url: &Url, fault: String) -> Self {
        Self::Call { method, url: shown_url(url), fault: plain(&fault) }
    }
}

/// A node's words without what a terminal would obey, and not more of them than anybody reads.
pub(super) fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).take(1_000).collect()
}

/// Scheme, host and port; the rest may hold keys.
pub(super) fn shown_url(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://{host}{port}", url.scheme())
}

/// A transport puts the whole URL into its messages, or all of it but user and password.
fn without_keys(text: &str, url: &Url) -> String {
    let mut bare = url.clone();
    // Refused only for URLs that cannot have them.
    let _ = bare.set_username("");
    let _ = bare.set_password(None);
    text.replace(url.as_str(), &shown_url(url)).replace(bare.as_str(), &shown_url(url))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_node_says_does_nothing_to_a_terminal_and_holds_no_keys() {
        let url: Url = "https://me:word@node.example/v2/key?q=1".parse().unwrap();
        let said = format!("\u{1b}[2Jno answer from {url}\r\n");
        let fault = NodeError::answer("eth_call", &url, without_keys(&said, &url));
        let shown = fault.to_string();
        assert!(!shown.chars().any(char::is_control), "{shown:?}");
        assert!(!shown.contains("key") && !shown.contains("word"), "{shown}");
        assert!(shown.contains("https://node.example"), "{shown}");
    }
}
