//! The `halo` program: arguments in ([`args`]), calls to the other crates ([`commands`]), words and tables out
//! ([`output`]). No logic of its own.

pub mod args;
pub mod commands;
mod deployed;
pub mod exit;
mod fault;
mod fork;
mod load;
pub mod output;
mod progress;
mod reach;
mod road;
mod second;
mod spells;

use std::process::ExitCode;

use clap::Parser;

use crate::{args::Cli, output::Printer};

/// Runs the program on this process's arguments.
pub fn main() -> ExitCode {
    output::install_error_style();
    let cli = Cli::parse();
    let printer = Printer { json: cli.global.json, quiet: cli.global.quiet };
    match commands::run(cli.command, printer) {
        Ok(status) => status.into(),
        Err(failure) => {
            output::say(failure.to_string().trim_end());
            failure.status.into()
        }
    }
}
