//! Prime actions per second through the embedded chain, against the same calldata on bare revm, on anvil and in forge.

use crate::{Result, command, workspace};

pub(crate) fn run() -> Result {
    let forge = command::forge()?.get_program().to_owned();
    // npm's packages of both lie side by side, and both programs in their `bin`.
    let anvil = forge.to_string_lossy().replace("forge", "anvil");
    // An example of halo-sim, so that `cargo xtask` itself builds without an EVM.
    let example =
        ["run", "--release", "--quiet", "--package", "halo-sim", "--example", "throughput"];
    command::run(
        command::cargo()
            .args(example)
            .env("HALO_FORGE", &forge)
            .env("HALO_ANVIL", anvil)
            .env("HALO_SOLC", workspace::solidity().join("tools/solc")),
    )
}
