//! `halo check`.

use halo_spec::{Finding, LoadError, check_file};
use serde::Serialize;

use crate::{
    args::CheckArgs,
    exit::{ExitStatus, Failure, Outcome},
    load,
    output::{Printer, plain},
};

#[derive(Serialize)]
struct CheckReport<'a> {
    file: String,
    kind: Option<&'static str>,
    ok: bool,
    findings: &'a [Finding],
}

/// Says what is wrong with a file, where, and how to mend it.
pub(super) fn run(args: &CheckArgs, printer: Printer) -> Outcome {
    let network = load::network(&args.network.network, printer)?;
    let file = args.file.display().to_string();
    match check_file(&args.file, &network) {
        Ok(checked) => {
            let kind = Some(checked.value.word());
            let findings = &checked.findings;
            if !findings.is_empty() {
                printer.result(plain(&checked.problems()).trim_end())?;
            }
            printer.result(format!("{file}: a valid {} file", checked.value.word()))?;
            printer.document(&CheckReport { file, kind, ok: true, findings })?;
            Ok(ExitStatus::Done)
        }
        Err(LoadError::Input(problems)) if printer.json => {
            let findings = &problems.findings;
            printer.document(&CheckReport { file, kind: None, ok: false, findings })?;
            Ok(ExitStatus::BadInput)
        }
        Err(error) => Err(Failure::from(error)),
    }
}
