//! The `halo` program.
fn main() {}
