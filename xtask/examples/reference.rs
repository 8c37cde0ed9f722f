//! Writes the files of `docs/reference` to a folder: every command's help, and the JSON schemas.
//! `cargo xtask generate` runs it.

use clap::CommandFactory;
use std::error::Error;
use std::fs;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os().nth(1).map(PathBuf::from).ok_or("which folder?")?;
    let schemas = folder.join("schemas");
    fs::create_dir_all(&schemas)?;
    fs::write(folder.join("commands.md"), commands())?;
    for (name, mut schema) in halo_spec::schemas().into_iter().chain(halo_deploy::schemas()) {
        schema.sort_all_objects();
        fs::write(
            schemas.join(format!("{name}.json")),
            serde_json::to_string_pretty(&schema)? + "\n",
        )?;
    }
    Ok(())
}

/// The help of every command, as the program prints it.
fn commands() -> String {
    let mut text = String::from(
        "# Commands\n\nWritten by `cargo xtask generate` from the program's own help.\n",
    );
    let mut halo = fixed(halo_cli::args::Cli::command());
    halo.build();
    describe(&halo, "halo", &mut text);
    text
}

/// The same on every terminal and with any environment.
fn fixed(command: clap::Command) -> clap::Command {
    command.term_width(100).mut_args(|arg| arg.hide_env_values(true)).mut_subcommands(fixed)
}

fn describe(command: &clap::Command, path: &str, text: &mut String) {
    let help = command.clone().render_long_help().to_string();
    let help: Vec<_> = help.lines().map(str::trim_end).collect();
    text.push_str(&format!("\n## `{path}`\n\n```text\n{}\n```\n", help.join("\n").trim_end()));
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        describe(sub, &format!("{path} {}", sub.get_name()), text);
    }
}
