//! Units of measure: text to integers and back, exactly. No floating point anywhere.

pub mod address;
pub mod amount;
pub(crate) mod rate;
pub mod share;
pub mod time;

/// Why a text is not the value that it should be, and how to mend it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ValueError {
    /// A stable short name.
    pub code: &'static str,
    /// What is so, and what was expected.
    pub message: String,
    /// One way to mend it.
    pub help: String,
}

impl ValueError {
    pub(crate) fn new(
        code: &'static str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self { code, message: message.into(), help: help.into() }
    }
}

/// Serializes a `U256` as a decimal string: every reader of JSON keeps it whole.
pub(crate) fn decimal<S: serde::Serializer>(
    value: &alloy_primitives::U256,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}
