use std::path::{Path, PathBuf};

/// What can go wrong with frozen files, sources and the compiler.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A frozen file does not have the form in which `cargo xtask freeze` writes it.
    #[error("{what}: {reason}")]
    Malformed {
        /// Which file, or which template's artifact.
        what: String,
        /// What is wrong with it.
        reason: String,
    },
    /// No folder with frozen templates was found.
    #[error("no solidity/artifacts/templates.lock in {} or a folder above it; name the folder `solidity` of a halo checkout", from.display())]
    NoTree {
        /// Where the search began.
        from: PathBuf,
    },
    /// No solc was found.
    #[error(
        "solc {wanted} was not found; run `cargo xtask setup` (npm package), or `svm install {wanted}`, or name one with --solc PATH or HALO_SOLC"
    )]
    NoSolc {
        /// The version that is pinned.
        wanted: String,
    },
    /// A solc was found, but not the pinned one.
    #[error("{} is solc {found}, but the templates are pinned to {wanted}", path.display())]
    WrongSolc {
        /// The compiler that was found.
        path: PathBuf,
        /// Its version.
        found: String,
        /// The version that is pinned.
        wanted: String,
    },
    /// A forge was found, but not the pinned one.
    #[error("{} is forge {found}, but the project is pinned to {wanted}", path.display())]
    WrongForge {
        /// The program that was found.
        path: PathBuf,
        /// Its version.
        found: String,
        /// The version that is pinned.
        wanted: String,
    },
    /// There is no forge that runs.
    #[error("forge {wanted} is needed: {reason}")]
    NoForge {
        /// The version that is pinned.
        wanted: String,
        /// What is wrong.
        reason: String,
    },
    /// A solc was named or found, but it does not run.
    #[error("{} does not run as solc: {reason}", path.display())]
    BrokenSolc {
        /// The compiler that was tried.
        path: PathBuf,
        /// What happened.
        reason: String,
    },
    /// One template does not compile, or compiles to something that cannot be frozen.
    #[error("{name}: {reason}")]
    Template {
        /// The template's name.
        name: String,
        /// The compiler's message, or the rule that is broken.
        reason: String,
    },
    /// Several templates could not be frozen; nothing was written.
    #[error("nothing was frozen:\n{}", reasons.join("\n"))]
    NotFrozen {
        /// One message per template.
        reasons: Vec<String>,
    },
}

impl Error {
    pub(crate) fn file(path: &Path) -> impl FnOnce(std::io::Error) -> Self + '_ {
        move |source| Self::File { path: path.to_owned(), source }
    }

    pub(crate) fn malformed(what: impl Into<String>, reason: impl std::fmt::Display) -> Self {
        Self::Malformed { what: what.into(), reason: reason.to_string() }
    }

    #[cfg(feature = "compile")]
    pub(crate) fn template(name: &str, reason: impl std::fmt::Display) -> Self {
        Self::Template { name: name.to_owned(), reason: reason.to_string() }
    }
}

/// A result with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;
