//! `halo completions`.

use std::io::{self, Write};

use clap::CommandFactory;

use crate::{
    args::{Cli, CompletionsArgs},
    exit::{ExitStatus, Outcome},
};

/// Prints the script for the shell that was asked for.
pub(super) fn run(args: &CompletionsArgs) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "halo", &mut script);
    // A reader that stopped reading is not an error.
    let _ = io::stdout().lock().write_all(&script);
    Ok(ExitStatus::Done)
}
