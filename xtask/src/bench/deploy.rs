//! What a deployment through a node costs: round trips, bytes, gas, and time against a forge script with the same calls.

use crate::{Result, command, workspace};

pub(crate) fn run() -> Result {
    let halo = ["build", "--release", "--quiet", "--package", "halo-cli"];
    command::run(command::cargo().args(halo))?;
    let mut bench = command::cargo();
    bench.args(["run", "--release", "--quiet", "--package", "halo-tests"]);
    bench.args(["--example", "deploy_bench", "--"]).arg(workspace::target().join("release/halo"));
    bench.arg(command::forge()?.get_program()).arg(workspace::solidity().join("tools/solc"));
    command::run(&mut bench)
}
