//! How long a clean build of the program takes, and how large the program is.

use crate::{Result, command, workspace};
use std::fs;
use std::time::Instant;

pub(crate) fn run() -> Result {
    let folder = workspace::target().join("xtask/clean-build");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    let build = ["build", "--release", "--quiet", "--package", "halo-cli", "--target-dir"];
    let start = Instant::now();
    command::run(command::cargo().args(build).arg(&folder))?;
    let seconds = start.elapsed().as_secs();
    let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get());
    let size = fs::metadata(folder.join("release/halo"))?.len();
    println!("clean build of halo: {seconds} s on {cores} cores; program: {} MB", size / 1_000_000);
    fs::remove_dir_all(&folder)?;
    Ok(())
}
