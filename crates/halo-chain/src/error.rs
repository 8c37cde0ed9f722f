//! What can go wrong between us and a chain.

use crate::{
    decode::{Abis, Decoded},
    labels::Labels,
    store::StateError,
};
use alloy_primitives::{Address, Bytes};
use alloy_sol_types::SolError;
use std::fmt;

/// Shorthand for results of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can go wrong between us and a chain.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A contract refused.
    #[error("{}", .0.explain(&Labels::default()))]
    Reverted(Box<Reverted>),
    /// The EVM stopped without a reason of the contract's, for example out of gas.
    #[error("{what} stopped: {reason} (gas used: {gas_used})")]
    Halted {
        /// What was running.
        what: String,
        /// The EVM's reason.
        reason: String,
        /// Gas used until then.
        gas_used: u64,
    },
    /// The transaction cannot be part of a block.
    #[error("the transaction was refused: {reason}")]
    Rejected {
        /// Why.
        reason: String,
    },
    /// A function returned something else than its interface says.
    #[error("{} at {} returned {} bytes that are not what it should return ({})", .0.function, .0.to, .0.bytes, .0.fault)]
    Reply(Box<Reply>),
    /// The clock of an embedded chain only goes forward.
    #[error("the chain's clock stands at {now} (UTC seconds) and cannot go back to {wanted}")]
    Clock {
        /// The clock, UTC seconds.
        now: u64,
        /// What was asked for.
        wanted: u64,
    },
    /// The genesis could not be built.
    #[error("genesis: {what}: {reason}")]
    Genesis {
        /// The step.
        what: String,
        /// Why it failed.
        reason: String,
    },
    /// The state that the chain stands on does not hold what was read.
    #[error(transparent)]
    Source(Box<crate::SourceError>),
    /// The kept state cannot be used.
    #[error(transparent)]
    State(#[from] StateError),
    /// The node failed.
    #[cfg(feature = "node")]
    #[error(transparent)]
    Node(#[from] crate::node::NodeError),
}

impl From<crate::SourceError> for Error {
    fn from(error: crate::SourceError) -> Self {
        Self::Source(Box::new(error))
    }
}

/// Whose fault an error is, for a program's exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorClass {
    /// The chain says no: a revert, a refused transaction, an unexpected answer.
    Chain,
    /// A file, a node or a program outside failed.
    Outside,
}

impl Error {
    /// Whose fault it is.
    pub const fn exit_class(&self) -> ErrorClass {
        match self {
            Self::State(_) | Self::Source(_) => ErrorClass::Outside,
            #[cfg(feature = "node")]
            Self::Node(_) => ErrorClass::Outside,
            _ => ErrorClass::Chain,
        }
    }

    /// The message, with addresses shown by their labels.
    pub fn explain(&self, labels: &Labels) -> String {
        match self {
            Self::Reverted(reverted) => reverted.explain(labels),
            other => other.to_string(),
        }
    }

    /// The revert as a known error type, if it is that.
    pub fn as_revert<E: SolError>(&self) -> Option<E> {
        match self {
            Self::Reverted(reverted) => reverted.decode(),
            _ => None,
        }
    }
}

/// A contract's refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reverted {
    /// Who called.
    pub from: Address,
    /// The contract called; `None` for a constructor.
    pub to: Option<Address>,
    /// The calldata, or the init code.
    pub input: Bytes,
    /// The revert data.
    pub data: Bytes,
    /// Gas used; 0 where only a call was made.
    pub gas_used: u64,
}

impl Reverted {
    /// The revert as a known error type, if it is that.
    pub fn decode<E: SolError>(&self) -> Option<E> {
        E::abi_decode(&self.data).ok()
    }

    /// The error's name, arguments and meaning.
    pub fn error(&self) -> Decoded {
        Abis::known().error(&self.data)
    }

    /// Contract, function, error with arguments and what it means, addresses by their labels.
    pub fn explain(&self, labels: &Labels) -> String {
        let call = Call { from: self.from, to: self.to, input: &self.input, labels };
        let error = self.error();
        let mut text = format!("{call} reverted: {}", error.show(labels));
        if let Some(meaning) = error.meaning {
            text.push_str(&format!("\n  {meaning}"));
        }
        text
    }
}

/// A function's answer that does not decode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The contract asked.
    pub to: Address,
    /// The function's signature.
    pub function: &'static str,
    /// Length of the answer.
    pub bytes: usize,
    /// What the decoder said.
    pub fault: String,
}

/// A call in words: "Spark ALMProxy (0x1601…347E).doCall(…) from 0x…".
pub(crate) struct Call<'a> {
    pub(crate) from: Address,
    pub(crate) to: Option<Address>,
    pub(crate) input: &'a [u8],
    pub(crate) labels: &'a Labels,
}

impl fmt::Display for Call<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to {
            None => write!(f, "a constructor")?,
            Some(to) => {
                write!(f, "{}", self.labels.show(to))?;
                match Abis::known().function(self.input) {
                    Some(call) => write!(f, " {}", call.show(self.labels))?,
                    None if self.input.len() >= 4 => {
                        write!(
                            f,
                            " function {}",
                            alloy_primitives::hex::encode_prefixed(&self.input[..4])
                        )?;
                    }
                    None => {}
                }
            }
        }
        write!(f, " called by {}", self.labels.show(self.from))
    }
}
