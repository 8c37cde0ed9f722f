//! What a contributor runs: `cargo xtask setup | test [--fast] | freeze [--all] | bench | generate [--check]`.

mod freeze;
mod workspace;

use std::process::ExitCode;

/// An error is shown to the contributor and ends the run.
type Result<T = (), E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

const USAGE: &str = "\
Usage: cargo xtask <COMMAND>

  freeze [--all]      Compile the templates whose sources changed (or all) and write solidity/artifacts
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match arguments[..] {
        ["freeze"] => freeze::run(false),
        ["freeze", "--all"] => freeze::run(true),
        _ => {
            eprint!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
