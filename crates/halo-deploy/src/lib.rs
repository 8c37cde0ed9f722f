//! How it gets there: plan, apply, verify, manifest.
