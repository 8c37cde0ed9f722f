//! How a simulation grows with Primes, cores and days.

use crate::{Result, command};

/// Growth in Primes, and two cores against one.
pub(crate) fn run() -> Result {
    example(&[])
}

/// The year alone: it fails where an expectation or an invariant does.
pub(crate) fn year() -> Result {
    example(&["--", "year"])
}

fn example(arguments: &[&str]) -> Result {
    let example = ["run", "--release", "--quiet", "--package", "halo-sim", "--example", "scale"];
    command::run(command::cargo().args(example).args(arguments))
}
