//! `halo report`: a run that is there already, as a page and as a comment.

use std::{
    fs,
    io::{self, Read},
    path::Path,
};

use halo_report::{Error, Outcome as RunOutcome};
use halo_sim::run::Run;
use miette::miette;
use serde::Serialize;

use super::simulate::part;
use crate::{
    args::ReportArgs,
    exit::{ExitStatus, Failure, Outcome},
    output::{Printer, shell},
};

#[derive(Serialize)]
struct Document<'a> {
    page: Option<&'a Path>,
    markdown: Option<&'a Path>,
    holds: bool,
}

pub(super) fn run(args: &ReportArgs, printer: Printer) -> Outcome {
    let run = halo_report::read(&read(&args.run)?).map_err(|error| failure(&args.run, &error))?;
    let sweep = match &args.sweep {
        Some(path) => RunOutcome::of_sweep(&part(path)?),
        None => Vec::new(),
    };
    if let Some(path) = &args.out {
        write_page(&run, &sweep, path, printer)?;
    }
    if let Some(path) = &args.markdown {
        let text = halo_report::comment(&run).map_err(|error| failure(&args.run, &error))?;
        write(path, &text, printer)?;
    }
    printer.document(&Document {
        page: args.out.as_deref(),
        markdown: args.markdown.as_deref(),
        holds: run.holds(),
    })?;
    Ok(ExitStatus::Done)
}

/// Writes the page of a run.
pub(super) fn write_page(
    run: &Run,
    sweep: &[RunOutcome],
    path: &Path,
    printer: Printer,
) -> Result<(), Failure> {
    let page = halo_report::page(run, sweep).map_err(|error| failure(path, &error))?;
    write(path, &page, printer)
}

fn write(path: &Path, text: &str, printer: Printer) -> Result<(), Failure> {
    fs::write(path, text).map_err(|error| {
        Failure::outside(miette!(
            help = "check that the folder is there and may be written",
            "{} cannot be written: {error}",
            path.display()
        ))
    })?;
    printer.result(format!("wrote {}", shell(path)))
}

fn read(path: &Path) -> Result<String, Failure> {
    let mut text = String::new();
    let read = match path.to_str() {
        Some("-") => io::stdin().lock().read_to_string(&mut text),
        _ => fs::File::open(path).and_then(|mut file| file.read_to_string(&mut text)),
    };
    read.map_err(|error| {
        Failure::outside(miette!(
            help = "check that the file is there and may be read",
            "{} cannot be read: {error}",
            path.display()
        ))
    })?;
    Ok(text)
}

fn failure(path: &Path, error: &Error) -> Failure {
    let report = miette!(help = way_on(error), "{}: {error}", path.display());
    match error {
        Error::Malformed { .. } | Error::OtherSchema { .. } => Failure::input(report),
        Error::Chart { .. } | Error::Page(_) => Failure::outside(report),
    }
}

fn way_on(error: &Error) -> &'static str {
    match error {
        Error::Malformed { .. } | Error::OtherSchema { .. } => {
            "make it again with this version of the program: a run with `halo simulate SCENARIO --json`"
        }
        Error::Chart { .. } | Error::Page(_) => {
            "this is a mistake of the program: please report it with the run"
        }
    }
}
