use std::path::PathBuf;

use alloy_primitives::Address;

/// Why a spell was not written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The terms do not suffice, or make no sense for what stands.
    #[error("{what}")]
    Terms {
        /// What is wrong.
        what: String,
        /// How to mend it.
        remedy: String,
    },
    /// A limit that no reviewer should be asked to sign.
    #[error("{label}: {reason}")]
    Insane {
        /// The limit.
        label: String,
        /// The rule that it breaks.
        reason: String,
    },
    /// What stands lacks a contract that the spell speaks to.
    #[error("nothing called `{name}` was deployed")]
    NoContract {
        /// Its name in plans and manifests.
        name: String,
    },
    /// The generated contract does what a spell must not do.
    #[error("the spell {name} {reason}")]
    Unfit {
        /// The spell.
        name: &'static str,
        /// What it does.
        reason: String,
    },
    /// A call of the generated spell is in none of its interfaces.
    #[error("the spell {name} calls {target} with data that none of its interfaces explains")]
    Unexplained {
        /// The spell.
        name: &'static str,
        /// Whom it calls.
        target: Address,
    },
    /// A file could not be written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A template of ours does not render.
    #[error("template: {0:#}")]
    Template(#[from] minijinja::Error),
    /// The compiler, or the tree with its settings.
    #[error(transparent)]
    Compile(#[from] halo_templates::Error),
    /// The plan.
    #[error(transparent)]
    Deploy(#[from] halo_deploy::Error),
    /// The chain.
    #[error(transparent)]
    Chain(#[from] halo_chain::Error),
    /// The world file.
    #[error("the world cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

/// A result with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;
