//! The `halo` program: arguments in ([`args`]), calls to the other crates ([`commands`]), words and tables out
//! ([`output`]). No logic of its own.

pub mod args;
pub mod commands;
pub mod exit;
mod load;
pub mod output;
mod road;

use std::process::ExitCode;

use clap::Parser;

use crate::{args::Cli, output::Printer};

/// Runs the program on this process's arguments.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let printer = Printer { json: cli.global.json, quiet: cli.global.quiet };
    match commands::run(cli.command, printer) {
        Ok(status) => status.into(),
        Err(failure) => {
            eprintln!("{failure}");
            failure.status.into()
        }
    }
}
