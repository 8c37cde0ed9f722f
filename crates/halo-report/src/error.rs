/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is not JSON, or not what its schema says.
    #[error("it cannot be read: {what}")]
    Malformed {
        /// What is the matter, and at which line and column.
        what: String,
    },
    /// Another kind or version of document.
    #[error("it is a document of the kind `{found}`; what is wanted is `{expected}`")]
    OtherSchema {
        /// What it says that it is.
        found: String,
        /// What it must be.
        expected: &'static str,
    },
    /// A chart could not be drawn: a mistake of this program.
    #[error("the chart \"{chart}\" cannot be drawn: {what}")]
    Chart {
        /// Its title.
        chart: &'static str,
        /// What the library says.
        what: String,
    },
    /// The page could not be filled in: a mistake of this program.
    #[error("the page cannot be filled in: {0}")]
    Page(#[from] minijinja::Error),
}

/// A result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;
