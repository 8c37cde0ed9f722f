//! Tests of what a person writes.

mod examples;
