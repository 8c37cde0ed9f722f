//! How long `halo launch` takes, with the program already built.

use crate::{Result, command, workspace};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const RUNS: usize = 11;

pub(crate) fn run() -> Result {
    command::run(command::cargo().args([
        "build",
        "--release",
        "--quiet",
        "--package",
        "halo-cli",
    ]))?;
    let folder = workspace::target().join("xtask/launch");
    let mut times = (0..RUNS).map(|_| launch(&folder)).collect::<Result<Vec<_>>>()?;
    times.sort();
    let [fastest, median, slowest] = [0, RUNS / 2, RUNS - 1].map(|at| times[at].as_millis());
    println!("halo launch: {median} ms (median of {RUNS}; {fastest} to {slowest})");
    Ok(())
}

fn launch(folder: &std::path::Path) -> Result<Duration> {
    std::fs::create_dir_all(folder)?;
    let mut halo = Command::new(workspace::target().join("release/halo"));
    halo.current_dir(folder)
        .arg("launch")
        .arg(workspace::root().join("deployments/specs/tbill.toml"));
    let start = Instant::now();
    command::run(halo.stdout(Stdio::null()).stderr(Stdio::null()))?;
    Ok(start.elapsed())
}
