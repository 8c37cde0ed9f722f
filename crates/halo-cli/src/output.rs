//! stdout carries the result and nothing else; stderr everything else. Neither is coloured when nobody watches it,
//! and stdout never is.

use std::{
    fmt,
    io::{self, Write},
    path::Path,
};

use comfy_table::{Table, presets::UTF8_FULL_CONDENSED};
use miette::{GraphicalReportHandler, GraphicalTheme};
use serde::Serialize;
use terminal_size::{Height, Width, terminal_size_of};

use crate::exit::Failure;

/// The widest that prose and errors are set, in columns, on a terminal or off it.
const MEASURE: usize = 100;

/// Writes results and progress as the person asked for them.
#[derive(Debug, Clone, Copy)]
pub struct Printer {
    /// One JSON document on stdout.
    pub json: bool,
    /// No progress.
    pub quiet: bool,
}

impl Printer {
    /// A piece of the result, in words or a table; nothing in JSON mode. Much of it is from files and chains: what a
    /// terminal would act on becomes a space.
    pub fn result(&self, text: impl AsRef<str>) -> Result<(), Failure> {
        if self.json {
            return Ok(());
        }
        let shown = text.as_ref().replace(|c: char| c.is_control() && c != '\n', " ");
        write_line(io::stdout().lock(), &shown)
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
            say(text);
        }
    }
}

/// A line on stderr. Nobody may be reading it any more; the work goes on.
pub(crate) fn say(text: impl AsRef<str>) {
    let _ = writeln!(io::stderr().lock(), "{}", text.as_ref());
}

/// A reader that stopped reading (`halo … | head`) is not an error.
fn write_line(mut out: impl Write, text: &str) -> Result<(), Failure> {
    match writeln!(out, "{text}") {
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => Err(Failure::outside(miette::miette!(
            help = "check that there is room where it goes",
            "the result cannot be written: {e}"
        ))),
        _ => Ok(()),
    }
}

/// A table in the house's style. Where the terminal is too narrow for it, each row is a paragraph instead, so that
/// addresses and numbers stay whole.
#[derive(Debug)]
pub struct Rows {
    header: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

/// A table with these columns.
pub fn table(header: &[&'static str]) -> Rows {
    Rows { header: header.to_vec(), rows: Vec::new() }
}

impl Rows {
    /// Adds a row, one text for each column.
    pub fn add_row(&mut self, row: impl Into<Vec<String>>) {
        self.rows.push(row.into());
    }

    fn paragraphs(&self) -> String {
        let width = self.header.iter().map(|name| name.len()).max().unwrap_or_default();
        let mut text = String::new();
        for row in &self.rows {
            for (name, value) in self.header.iter().zip(row) {
                text.push_str(&format!("{name:width$}  {value}\n"));
            }
            text.push('\n');
        }
        text.trim_end().to_owned()
    }
}

impl fmt::Display for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new();
        table.load_style(UTF8_FULL_CONDENSED).set_header(&self.header).add_rows(&self.rows);
        let table = table.to_string();
        let widest = table.lines().map(|line| line.chars().count()).max().unwrap_or_default();
        match terminal_size_of(io::stdout()) {
            Some((Width(columns), _)) if widest > usize::from(columns) => {
                f.write_str(&self.paragraphs())
            }
            _ => f.write_str(&table),
        }
    }
}

/// A diagnostic as stdout shows it: without colours.
pub fn plain(diagnostic: &dyn miette::Diagnostic) -> String {
    let mut text = String::new();
    let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor())
        .with_width(columns(terminal_size_of(io::stdout()), 40));
    // Writing to a String does not fail.
    let _ = handler.render_report(&mut text, diagnostic);
    text
}

/// Text from outside on one line, without what a terminal would act on.
pub(crate) fn one_line(text: &str) -> String {
    text.replace(char::is_control, " ")
}

/// A path as a person types it into a shell.
pub fn shell(path: &Path) -> String {
    let path = path.display().to_string();
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+=:@%,".contains(c);
    if !path.is_empty() && path.chars().all(is_plain) {
        return path;
    }
    format!("'{}'", path.replace('\'', r"'\''"))
}

/// How wide text may be: the terminal's columns up to [`MEASURE`].
fn columns(terminal: Option<(Width, Height)>, least: usize) -> usize {
    terminal.map_or(MEASURE, |(width, _)| usize::from(width.0).clamp(least, MEASURE))
}

/// Prose, broken into lines that fit; the lines after the first are indented.
pub fn prose(text: &str) -> String {
    textwrap::fill(
        text,
        textwrap::Options::new(columns(terminal_size_of(io::stdout()), 20)).subsequent_indent("  "),
    )
}

/// How errors are shown: as wide as the terminal up to [`MEASURE`], words kept whole, paths not broken.
pub(crate) fn install_error_style() {
    let width = columns(terminal_size_of(io::stderr()), 40);
    // Fails only when a style is installed already, and then that one stays.
    let _ = miette::set_hook(Box::new(move |_| {
        Box::new(
            miette::MietteHandlerOpts::new()
                .width(width)
                .terminal_links(false)
                .break_words(false)
                .word_splitter(textwrap::WordSplitter::NoHyphenation)
                .build(),
        )
    }));
}
