//! The documents that `halo simulate` writes.

use halo_sim::{
    run::{RUN_SCHEMA, Run},
    sweep::{SWEEP_SCHEMA, Sweep},
};
use serde::{Deserialize, de::DeserializeOwned};

use crate::{Error, Result};

/// Reads a run.
///
/// # Errors
/// It is not JSON, of another schema, or a field is missing or wrong.
pub fn read(text: &str) -> Result<Run> {
    document(text, RUN_SCHEMA)
}

/// Reads a sweep.
///
/// # Errors
/// It is not JSON, of another schema, or a field is missing or wrong.
pub fn read_sweep(text: &str) -> Result<Sweep> {
    document(text, SWEEP_SCHEMA)
}

fn document<T: DeserializeOwned>(text: &str, expected: &'static str) -> Result<T> {
    #[derive(Deserialize)]
    struct Head {
        schema: String,
    }
    let head: Head = serde_json::from_str(text).map_err(malformed)?;
    if head.schema != expected {
        let found = head.schema.chars().filter(|c| !c.is_control()).take(60).collect();
        return Err(Error::OtherSchema { found, expected });
    }
    serde_json::from_str(text).map_err(malformed)
}

fn malformed(error: serde_json::Error) -> Error {
    // Its words quote the document, and go to a terminal.
    let what = error.to_string().chars().filter(|c| !c.is_control()).take(200).collect();
    Error::Malformed { what }
}
