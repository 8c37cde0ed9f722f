//! What a fork costs: calls and bytes against anvil's, a warm start, proving a witness, executing its block again.

use crate::{Result, command, workspace};

pub(crate) fn run() -> Result {
    let halo = ["build", "--release", "--quiet", "--package", "halo-cli"];
    command::run(command::cargo().args(halo))?;
    let example = |package: &str, name: &str| {
        let mut run = command::cargo();
        run.args(["run", "--release", "--quiet", "--package", package, "--example", name, "--"]);
        run
    };
    let halo = workspace::target().join("release/halo");
    command::run(example("halo-tests", "fork_bench").arg(halo))?;
    let witness = workspace::root().join("../shared/data/mainnet_24628607_witness.bin");
    command::run(example("halo-fork", "witness").args(witness.exists().then_some(witness)))
}
