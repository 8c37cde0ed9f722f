//! JSON schemas of the files that this crate writes.

use schemars::schema_for;
use serde_json::Value;

use crate::{manifest::Manifest, plan::Plan, verify::Report};

/// The schemas by the name of their file.
#[must_use]
pub fn schemas() -> Vec<(&'static str, Value)> {
    vec![
        ("plan", schema_for!(Plan).to_value()),
        ("manifest", schema_for!(Manifest).to_value()),
        ("verification", schema_for!(Report).to_value()),
    ]
}
