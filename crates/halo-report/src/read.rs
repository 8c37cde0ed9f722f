//! The document that `halo simulate --json` writes.

use halo_sim::run::{RUN_SCHEMA, Run};
use serde::Deserialize;

use crate::{Error, Result};

/// Reads a run.
///
/// # Errors
/// It is not JSON, of another schema, or a field is missing or wrong.
pub fn read(text: &str) -> Result<Run> {
    #[derive(Deserialize)]
    struct Head {
        schema: String,
    }
    let head: Head = serde_json::from_str(text).map_err(malformed)?;
    if head.schema != RUN_SCHEMA {
        let found = head.schema.chars().filter(|c| !c.is_control()).take(60).collect();
        return Err(Error::OtherSchema { found, expected: RUN_SCHEMA });
    }
    serde_json::from_str(text).map_err(malformed)
}

fn malformed(error: serde_json::Error) -> Error {
    // Its words quote the document, and go to a terminal.
    let what = error.to_string().chars().filter(|c| !c.is_control()).take(200).collect();
    Error::Malformed { what }
}
