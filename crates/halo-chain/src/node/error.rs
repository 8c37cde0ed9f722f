//! Faults of a node, with the method and the node but without its keys.

use alloy::transports::{TransportError, http::reqwest::Url};
use alloy_primitives::B256;
use std::path::PathBuf;

/// What went wrong with a node.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NodeError {
    /// Not a URL that we can call.
    #[error("a node's address starts with http:// or https://")]
    Url,
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
        // A transport puts the whole URL into its messages.
        let fault = source.to_string().replace(url.as_str(), &shown_url(url));
        Self::Call { method, url: shown_url(url), fault }
    }

    pub(super) fn answer(method: &'static str, url: &Url, fault: String) -> Self {
        Self::Call { method, url: shown_url(url), fault }
    }
}

/// Scheme, host and port; the rest may hold keys.
pub(super) fn shown_url(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://{host}{port}", url.scheme())
}
