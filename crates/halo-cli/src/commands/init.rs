//! `halo init`.

use std::{
    fs::{self, OpenOptions},
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
};

use halo_spec::Starter;
use miette::miette;
use serde::Serialize;

use crate::{
    args::{InitArgs, StarterKind},
    exit::{ExitStatus, Failure, Outcome},
    output::{Printer, shell},
};

#[derive(Serialize)]
struct Written {
    written: Vec<PathBuf>,
    kept: Vec<PathBuf>,
}

/// Writes the commented spec and the documents that it names; never over somebody's work.
pub(super) fn run(args: &InitArgs, printer: Printer) -> Outcome {
    let starter = match args.from {
        StarterKind::Tbill => Starter::Tbill,
        StarterKind::Mmf => Starter::Mmf,
        StarterKind::Clo => Starter::Clo,
    };
    let folder = args.file.parent().map(Path::to_path_buf).unwrap_or_default();
    write(&args.file, starter.spec(), args.force)?;
    let (mut written, mut kept) = (vec![args.file.clone()], Vec::new());
    for (name, text) in starter.documents() {
        let path = folder.join(name);
        // A document that is there already may serve another spec.
        if path.exists() && !args.force {
            kept.push(path);
            continue;
        }
        write(&path, text, args.force)?;
        written.push(path);
    }
    for path in &written {
        printer.result(format!("wrote {}", path.display()))?;
    }
    for path in &kept {
        printer.result(format!("kept {}, which was there", path.display()))?;
    }
    let spec = shell(&args.file);
    printer.result(format!("\nNext:\n  halo check {spec}\n  halo launch {spec}"))?;
    printer.document(&Written { written, kept })?;
    Ok(ExitStatus::Done)
}

/// Writes a file, in a folder that is made if it is not there.
fn write(path: &Path, text: &str, force: bool) -> Result<(), Failure> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(|e| cannot_write(parent, &e))?;
    }
    let mut options = OpenOptions::new();
    options.write(true);
    if force {
        options.create(true).truncate(true);
    } else {
        options.create_new(true);
    }
    let mut file = options.open(path).map_err(|e| match e.kind() {
        ErrorKind::AlreadyExists => Failure::input(miette!(
            help = "choose another name, or pass --force to replace it",
            "{} exists",
            path.display()
        )),
        _ => cannot_write(path, &e),
    })?;
    file.write_all(text.as_bytes()).map_err(|e| cannot_write(path, &e))
}

fn cannot_write(path: &Path, error: &std::io::Error) -> Failure {
    Failure::outside(miette!(
        help = "check that the folder is there and may be written",
        "{} cannot be written: {error}",
        path.display()
    ))
}
