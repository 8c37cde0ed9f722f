//! The Python tools of `solidity/requirements.txt`, in an environment of their own under `target/`.

use crate::{Result, command, workspace};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

const INSTALL: &str = "install Python 3.11 or newer with venv: `apt-get install python3-venv`, `brew install python`, or https://python.org";

/// Makes the environment, or leaves it as it is if it is as pinned.
pub(crate) fn setup() -> Result {
    let wanted = fs::read(workspace::solidity().join("requirements.txt"))?;
    let installed = folder().join(".halo-requirements.txt");
    if fs::read(&installed).is_ok_and(|there| there == wanted) {
        println!("the Python packages are as pinned");
        return Ok(());
    }
    if command::output("python3", &["--version"])?.is_none() {
        return Err(format!("python3 was not found; {INSTALL}").into());
    }
    command::run(Command::new("python3").args(["-m", "venv"]).arg(folder()))
        .map_err(|error| format!("{error}; {INSTALL}"))?;
    let mut pip = Command::new(program("pip"));
    pip.args(["install", "--quiet", "--disable-pip-version-check", "--requirement"])
        .arg(workspace::solidity().join("requirements.txt"));
    command::run(&mut pip)?;
    fs::write(&installed, wanted)?;
    Ok(())
}

/// A program of the environment, with forge where it finds it.
///
/// # Errors
/// If `cargo xtask setup` has not been run.
pub(crate) fn tool(name: &str) -> Result<Command> {
    let path = program(name);
    if !path.is_file() {
        return Err(format!("{name} is not installed; run `cargo xtask setup`").into());
    }
    let forge = command::forge()?;
    let beside = PathBuf::from(forge.get_program());
    let mut folders: Vec<_> = beside.parent().map(PathBuf::from).into_iter().collect();
    folders.push(folder().join("bin"));
    folders.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    let mut command = Command::new(path);
    command.env("PATH", std::env::join_paths(folders)?);
    Ok(command)
}

fn folder() -> PathBuf {
    workspace::target().join("python")
}

fn program(name: &str) -> PathBuf {
    folder().join("bin").join(name)
}
