//! `halo generate assertions`.

use halo_evidence::assertions::{Assertions, Files};
use serde::Serialize;

use crate::{
    args::AssertionsArgs,
    deployed,
    exit::{ExitStatus, Outcome},
    output::Printer,
};

#[derive(Serialize)]
struct Written {
    unit: String,
    facts: usize,
    files: Files,
}

/// Writes what the plan promises of each Unit.
pub(super) fn run(args: &AssertionsArgs, printer: Printer) -> Outcome {
    let planned = deployed::of_spec(&args.file, &args.against, printer)?;
    let mut written = Vec::new();
    for manifest in &planned.manifests {
        let assertions = Assertions::of(manifest, &planned.deployers);
        let files = assertions.write(&args.out)?;
        printer.result(format!(
            "{}: {} facts\n  wrote {}\n  wrote {}",
            assertions.unit,
            assertions.facts.len(),
            files.test.display(),
            files.facts.display()
        ))?;
        written.push(Written { unit: assertions.unit, facts: assertions.facts.len(), files });
    }
    printer.document(&written)?;
    Ok(ExitStatus::Done)
}
