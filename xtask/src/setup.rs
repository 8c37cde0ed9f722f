//! `cargo xtask setup`: the Solidity tools, pinned by `solidity/package-lock.json` and `solidity/requirements.txt`.

use crate::{Result, command, python, workspace};
use std::fs;
use std::process::Command;

/// The oldest Node.js whose npm reads the lock file and whose `fs` the solc launcher uses.
const NODE_MAJOR: u32 = 18;

pub(crate) fn run() -> Result {
    npm()?;
    python::setup()
}

fn npm() -> Result {
    check_node()?;
    let solidity = workspace::solidity();
    let wanted = fs::read(solidity.join("package-lock.json"))?;
    let installed = solidity.join("node_modules/.halo-package-lock.json");
    if fs::read(&installed).is_ok_and(|lock| lock == wanted) {
        println!("the npm packages are as pinned");
        return Ok(());
    }
    let quiet = ["ci", "--no-audit", "--no-fund"];
    command::run(Command::new("npm").args(quiet).current_dir(&solidity))?;
    fs::write(&installed, wanted)?;
    Ok(())
}

fn check_node() -> Result {
    let install = "install Node.js with npm: `apt-get install nodejs npm`, `brew install node`, or https://nodejs.org";
    let Some(version) = command::output("node", &["--version"])? else {
        return Err(format!("node was not found; {install}").into());
    };
    let major = version
        .trim_start_matches('v')
        .split('.')
        .next()
        .and_then(|major| major.parse::<u32>().ok());
    if major.is_none_or(|major| major < NODE_MAJOR) {
        return Err(
            format!("node is {version}, but {NODE_MAJOR} or newer is needed; {install}").into()
        );
    }
    match command::output("npm", &["--version"])? {
        Some(_) => Ok(()),
        None => Err(format!("npm was not found; {install}").into()),
    }
}
