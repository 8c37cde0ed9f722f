//! What can go wrong between a spec and a live Unit.

use std::path::PathBuf;

use halo_chain::ErrorClass;

use crate::apply::{Cause, Stopped};

/// The result of this crate's functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Whose fault an error is; a program's exit code follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The chain or a check says no.
    Refused,
    /// The input is wrong.
    Input,
    /// The outside failed: node, file system.
    Outside,
}

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The spec asks for something that cannot be planned.
    #[error("{what}\n  {remedy}")]
    Unplannable {
        /// What cannot be done.
        what: String,
        /// One way to mend it.
        remedy: String,
    },
    /// A plan is not what its digests say.
    #[error("the plan is not whole, at `{place}`: {what}")]
    PlanTampered {
        /// The step, or the field.
        place: String,
        /// What is wrong there.
        what: String,
    },
    /// A plan or manifest was made for another chain or other templates.
    #[error("{what} of the {document} is {expected}, here it is {found}\n  {remedy}")]
    Mismatch {
        /// `plan` or `manifest`.
        document: &'static str,
        /// What differs.
        what: &'static str,
        /// What the document says.
        expected: String,
        /// What is here.
        found: String,
        /// One way to mend it.
        remedy: &'static str,
    },
    /// A plan has no contract of that name.
    #[error("the plan creates no contract named `{name}`")]
    NoContract {
        /// The name asked for.
        name: String,
    },
    /// A step was refused, or did not leave what it should.
    #[error(transparent)]
    Stopped(#[from] Box<Stopped>),
    /// A file that should be a manifest or a plan is not.
    #[error("{path}:{line}:{column}: {what}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, from 1; 0 when the whole file is meant.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What was found and expected.
        what: String,
    },
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A journal was changed, or is not the one of this deployment.
    #[error("{path}:{line}: {what}")]
    Journal {
        /// The file.
        path: PathBuf,
        /// The line, from 1; 0 when the whole file is meant.
        line: usize,
        /// What is wrong there.
        what: String,
    },
    /// Another process has the journal.
    #[error("{path} is in use by another process")]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// A step that was sent is not that step any more.
    #[error("step `{step}` {sent}, and {how}")]
    Changed {
        /// The step.
        step: String,
        /// "was executed", "was sent", or "was given to others to carry out".
        sent: &'static str,
        /// "is another in the plan now", or "is not in the plan any more".
        how: &'static str,
    },
    /// Accounts without keys cannot be made to act on this chain.
    #[error(
        "chain {chain_id} is no development chain: only the owner of an account's key can send from it"
    )]
    NoImpersonation {
        /// The chain's id.
        chain_id: u64,
    },
    /// An observer broke off.
    #[error("broken off")]
    BrokenOff,
    /// An account without a key is not as the plan has it, or cannot be made to act.
    #[error("{account}, a {means} that signs {}, cannot act: {what}", steps.join(", "))]
    Handoff {
        /// The steps that it signs.
        steps: Vec<String>,
        /// By what it signs.
        means: crate::means::Means,
        /// The account.
        account: alloy_primitives::Address,
        /// What is wrong.
        what: String,
    },
    /// A value could not be written as JSON.
    #[error("cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// The chain could not be asked.
    #[error(transparent)]
    Chain(#[from] halo_chain::Error),
}

impl Error {
    /// Whose fault it is.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            Self::Stopped(stopped) => match &stopped.cause {
                Cause::Chain(error, _) | Cause::Departed(error, ..) => of_chain(error),
                Cause::Unmet(_) | Cause::Template(_) => Fault::Refused,
                Cause::Sending(_) => Fault::Outside,
            },
            Self::Chain(error) => of_chain(error),
            Self::Handoff { .. } => Fault::Refused,
            Self::File { .. } | Self::InUse { .. } | Self::BrokenOff => Fault::Outside,
            Self::Unplannable { .. }
            | Self::PlanTampered { .. }
            | Self::Mismatch { .. }
            | Self::NoContract { .. }
            | Self::Malformed { .. }
            | Self::Journal { .. }
            | Self::Changed { .. }
            | Self::NoImpersonation { .. }
            | Self::Json(_) => Fault::Input,
        }
    }
}

fn of_chain(error: &halo_chain::Error) -> Fault {
    match error.exit_class() {
        ErrorClass::Chain => Fault::Refused,
        ErrorClass::Outside => Fault::Outside,
    }
}
