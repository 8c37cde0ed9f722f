//! One module per command: functions on plain data that return how the program ends.

mod check;
mod completions;
mod deploy;
mod drift;
mod evidence;
mod fork;
mod generate;
mod init;
mod launch;
mod manifest;
mod plan;
mod report;
mod scenario;
mod simulate;
mod solve;
mod sources;
mod templates;
mod verify;

use crate::{args::Command, exit::Outcome, output::Printer};

/// Runs one command.
pub fn run(command: Command, printer: Printer) -> Outcome {
    match command {
        Command::Init(args) => init::run(&args, printer),
        Command::Check(args) => check::run(&args, printer),
        Command::Plan(args) => plan::run(*args, printer),
        Command::Deploy(args) => deploy::run(&args, printer),
        Command::Verify(args) => verify::run(&args, printer),
        Command::Drift(args) => drift::run(&args, printer),
        Command::Evidence(args) => evidence::run(&args, printer),
        Command::Sources(args) => sources::run(&args, printer),
        Command::Manifest(command) => manifest::run(command, printer),
        Command::Launch(args) => launch::run(&args, printer),
        Command::Simulate(args) => simulate::run(&args, printer),
        Command::Solve(args) => solve::run(&args, printer),
        Command::Templates(command) => templates::run(command, printer),
        Command::Fork(command) => fork::run(command, printer),
        Command::Scenario(command) => scenario::run(command, printer),
        Command::Generate(command) => generate::run(command, printer),
        Command::Report(args) => report::run(&args, printer),
        Command::Completions(args) => completions::run(&args),
    }
}
