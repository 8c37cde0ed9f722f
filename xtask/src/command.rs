//! Running programs.

use crate::{Result, workspace};
use std::ffi::OsStr;
use std::io::ErrorKind;
use std::process::{Command, Stdio};

/// The cargo that runs this.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(workspace::root());
    command
}

/// The forge that `cargo xtask setup` installs, in the pinned version.
pub(crate) fn forge() -> Result<Command> {
    let tree = halo_templates::Tree::at(&workspace::solidity())?;
    let forge = halo_templates::compile::Forge::find(&tree, None)
        .map_err(|error| format!("{error}; run `cargo xtask setup`"))?;
    let mut command = Command::new(forge.path());
    command.current_dir(workspace::solidity());
    Ok(command)
}

/// Runs a program to its end, with its output on this terminal.
///
/// # Errors
/// If it cannot be started or does not succeed.
pub(crate) fn run(command: &mut Command) -> Result {
    let status = command.status().map_err(|error| format!("{}: {error}", shown(command)))?;
    match status.success() {
        true => Ok(()),
        false => Err(format!("`{}` failed ({status})", shown(command)).into()),
    }
}

/// What a program prints for `arguments`; none if it is not installed or does not succeed.
pub(crate) fn output(program: impl AsRef<OsStr>, arguments: &[&str]) -> Result<Option<String>> {
    let output = match Command::new(&program).args(arguments).stderr(Stdio::null()).output() {
        Ok(output) => output,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(format!("{}: {error}", program.as_ref().display()).into()),
    };
    Ok(output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned()))
}

fn shown(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str());
    let words = std::iter::once(name).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
