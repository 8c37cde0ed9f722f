//! Prime actions per second through the embedded chain, against the same calldata on bare revm.

use crate::{Result, command};

pub(crate) fn run() -> Result {
    // An example of halo-sim, so that `cargo xtask` itself builds without an EVM.
    let example =
        ["run", "--release", "--quiet", "--package", "halo-sim", "--example", "throughput"];
    command::run(command::cargo().args(example))
}
