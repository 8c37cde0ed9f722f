//! What a contributor runs: `cargo xtask <COMMAND>`. `USAGE` says which commands there are.

mod access;
mod bench;
mod command;
mod coverage;
mod freeze;
mod generate;
mod invariants;
mod mutants;
mod prove;
mod python;
mod scratch;
mod setup;
mod slither;
mod soak;
mod templates;
mod test;
mod workspace;

use std::process::ExitCode;

/// An error is shown to the contributor and ends the command.
type Result<T = (), E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

const USAGE: &str = "\
Usage: cargo xtask <COMMAND>

  setup               Check for Node.js, npm and Python, install the pinned Solidity tools
  test [--fast]       Everything that must hold; --fast leaves out documentation and long fuzzing
  freeze [--all]      Compile the templates that changed (or all) and write solidity/artifacts
  verify              Compile every template again and compare it with what is frozen
  generate [--check]  Write docs/reference and the access matrix, or say what is stale in them
  access              Write the access matrix alone, which generate does too
  mutants [ID…]       Put each fault of solidity/invariants.toml into the contracts and see the tests notice
  prove [PATTERN]     Prove the symbolic tests, of all contracts or those whose name has PATTERN in it
  slither             Compare what Slither finds with what solidity/slither.toml explains
  coverage            Measure what the forge tests reach; solidity/coverage.toml explains the rest
  soak [--minutes N] [--seed S]
                      Random lives of the whole system, one seed per core
  bench [NAME]        Measure: build, launch; all of them without a name
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match arguments[..] {
        ["setup"] => setup::run(),
        ["test"] => test::run(test::Extent::Full),
        ["test", "--fast"] => test::run(test::Extent::Fast),
        ["freeze"] => freeze::run(false),
        ["freeze", "--all"] => freeze::run(true),
        ["verify"] => templates::verify(),
        ["generate"] => generate::write(),
        ["generate", "--check"] => generate::check(),
        ["access"] => access::write(),
        ["mutants", ref ids @ ..] => mutants::run(ids),
        ["prove"] => prove::run(None),
        ["prove", pattern] => prove::run(Some(pattern)),
        ["slither"] => slither::run(),
        ["coverage"] => coverage::run(),
        ["soak", ref options @ ..] => soak::run(options),
        ["bench"] => bench::run(None),
        ["bench", name] => bench::run(Some(name)),
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
