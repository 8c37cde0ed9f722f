use std::path::PathBuf;

/// Why something could not be looked into. A check that fails is no error.
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
    /// A file is not what it should be.
    #[error("{place}: {what}")]
    Malformed {
        /// The file, and the place in it where there is one.
        place: String,
        /// What is wrong.
        what: String,
        /// How to mend it.
        remedy: String,
    },
    /// An explorer does not do what it is asked.
    #[error("the explorer: {what}")]
    Explorer {
        /// What is wrong.
        what: String,
    },
    /// A manifest, plan or spec.
    #[error(transparent)]
    Deploy(#[from] halo_deploy::Error),
    /// The chain says no, or cannot be asked.
    #[error(transparent)]
    Chain(#[from] halo_chain::Error),
    /// The compiler, or the tree with its sources.
    #[error(transparent)]
    Compile(#[from] halo_templates::Error),
}

/// A result with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }

    pub(crate) fn malformed(
        place: impl Into<String>,
        what: impl ToString,
        remedy: impl Into<String>,
    ) -> Self {
        Self::Malformed { place: place.into(), what: what.to_string(), remedy: remedy.into() }
    }
}
