//! Tests of what a person writes.

// Helpers of tests stop the test, as tests do.
#![allow(clippy::unwrap_used)]

mod examples;
mod hostile;
mod malformed;
mod meaning;
mod quantities;
mod schemas;
mod signers;
