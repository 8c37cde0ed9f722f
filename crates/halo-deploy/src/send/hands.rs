//! In whose name transactions are sent: with keys, or on a development chain as anyone.

use alloy_primitives::Address;
use halo_chain::node::Keys;

use crate::error::{Error, Result};

/// The chain ids of development nodes: anvil and hardhat, geth and ganache.
const DEVELOPMENT: [u64; 2] = [31_337, 1_337];

/// Whether chains of this id are development nodes' own, which nobody else vouches for.
#[must_use]
pub fn is_development(chain_id: u64) -> bool {
    DEVELOPMENT.contains(&chain_id)
}

/// The keys that sign, and whether a development node may be asked to send as an account without one.
#[derive(Debug)]
pub struct Hands {
    pub(super) keys: Keys,
    impersonate: bool,
}

impl Hands {
    /// Keys alone.
    #[must_use]
    pub const fn keys(keys: Keys) -> Self {
        Self { keys, impersonate: false }
    }

    /// Keys, and for accounts without one the node itself, which takes every sender at its word.
    ///
    /// # Errors
    /// [`Error::NoImpersonation`] unless the chain is a development one.
    pub fn impersonating(keys: Keys, chain_id: u64) -> Result<Self> {
        if !is_development(chain_id) {
            return Err(Error::NoImpersonation { chain_id });
        }
        Ok(Self { keys, impersonate: true })
    }

    /// Whether it can send as `from`.
    #[must_use]
    pub fn reach(&self, from: Address) -> bool {
        self.impersonate || self.keys.holds(from)
    }

    /// Whether the node sends as `from`, for want of a key.
    pub(super) fn impersonate(&self, from: Address) -> bool {
        self.impersonate && !self.keys.holds(from)
    }
}
