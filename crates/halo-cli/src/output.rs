//! stdout carries the result and nothing else; stderr everything else.

use std::io::{self, IsTerminal, Write};

use comfy_table::{ContentArrangement, Table, presets::UTF8_FULL_CONDENSED};
use serde::Serialize;

use crate::exit::Failure;

/// Writes results and progress as the person asked for them.
#[derive(Debug, Clone, Copy)]
pub struct Printer {
    /// One JSON document on stdout.
    pub json: bool,
    /// No progress.
    pub quiet: bool,
}

impl Printer {
    /// A piece of the result, in words or a table; nothing in JSON mode.
    pub fn result(&self, text: impl AsRef<str>) -> Result<(), Failure> {
        if self.json { Ok(()) } else { write_line(io::stdout().lock(), text.as_ref()) }
    }

    /// The whole result as JSON; nothing otherwise.
    pub fn document(&self, value: &impl Serialize) -> Result<(), Failure> {
        if !self.json {
            return Ok(());
        }
        let text = serde_json::to_string_pretty(value).map_err(|e| {
            Failure::outside(miette::miette!("the result cannot be written as JSON: {e}"))
        })?;
        write_line(io::stdout().lock(), &text)
    }

    /// What is going on, on stderr.
    pub fn progress(&self, text: impl AsRef<str>) {
        if !self.quiet {
            // Nobody reads stderr any more: the work goes on.
            let _ = writeln!(io::stderr().lock(), "{}", text.as_ref());
        }
    }
}

/// A reader that stopped reading (`halo … | head`) is not an error.
fn write_line(mut out: impl Write, text: &str) -> Result<(), Failure> {
    match writeln!(out, "{text}") {
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::outside(miette::miette!("the result cannot be written: {e}")))
        }
        _ => Ok(()),
    }
}

/// A table in the house's style, as wide as the terminal, or as its content where there is none.
pub fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED).set_header(header.iter().copied());
    if io::stdout().is_terminal() {
        table.set_content_arrangement(ContentArrangement::Dynamic);
    }
    table
}
