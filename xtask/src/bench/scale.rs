//! How a simulation grows with Primes, cores and days.

use crate::{Result, command};

pub(crate) fn run() -> Result {
    let example = ["run", "--release", "--quiet", "--package", "halo-sim", "--example", "scale"];
    command::run(command::cargo().args(example))
}
