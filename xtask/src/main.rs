//! What a contributor runs: setup, test, freeze, bench, generate.
fn main() {}
