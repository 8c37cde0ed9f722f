//! `halo verify`.

use halo_deploy::{Manifest, Report};
use miette::miette;

use crate::{
    args::VerifyArgs,
    exit::{ExitStatus, Failure, Outcome},
    output::{Printer, prose, table},
    road,
};

/// Reads the chain again and compares it with the manifest.
pub(super) fn run(args: &VerifyArgs, printer: Printer) -> Outcome {
    let manifest = Manifest::load(&args.manifest)?;
    let store = road::store(&args.state.state)?;
    let chain = store.load()?.ok_or_else(|| {
        Failure::input(miette!(
            help = "run `halo deploy` or `halo launch` first, or name the folder with --state",
            "there is no embedded chain in {}",
            args.state.state.display()
        ))
    })?;
    let reports = road::verify(std::slice::from_ref(&manifest), &chain)?;
    let ok = reports.iter().all(Report::is_ok);
    for report in &reports {
        print(report, printer)?;
    }
    printer.document(&reports.first())?;
    Ok(if ok { ExitStatus::Done } else { ExitStatus::Refused })
}

/// The checks that fail one by one, those that hold as a number for each kind.
fn print(report: &Report, printer: Printer) -> Result<(), Failure> {
    let mut kinds: Vec<(&str, usize, usize)> = Vec::new();
    for check in &report.checks {
        let kind = check.id.split('/').next().unwrap_or_default();
        if kinds.last().is_none_or(|(last, ..)| *last != kind) {
            kinds.push((kind, 0, 0));
        }
        if let Some((_, held, failed)) = kinds.last_mut() {
            if check.holds { *held += 1 } else { *failed += 1 }
        }
    }
    let mut rows = table(&["check", "holds", "fails"]);
    for (kind, held, failed) in kinds {
        rows.add_row([kind.to_owned(), held.to_string(), failed.to_string()]);
    }
    printer.result(rows.to_string())?;
    if is_absent(report) {
        return printer.result(prose(&format!(
            "{}: the chain in the state folder has none of these contracts. `halo launch` starts a new chain each \
             time; `halo deploy` adds to the one that is there.",
            report.unit
        )));
    }
    for check in report.failed() {
        printer.result(format!(
            "FAIL {}\n  expected {}\n  found    {}",
            check.id, check.expected, check.found
        ))?;
    }
    let failed = report.failed().count();
    printer.result(if failed == 0 {
        format!("{}: all {} checks hold", report.unit, report.checks.len())
    } else {
        format!("{}: {failed} of {} checks fail", report.unit, report.checks.len())
    })
}

/// No contract of the Class or the Unit has code: another deployment is on this chain.
fn is_absent(report: &Report) -> bool {
    let is_own = |id: &str| id.starts_with("code/class/") || id.starts_with("code/unit/");
    let mut own = report.checks.iter().filter(|check| is_own(&check.id)).peekable();
    own.peek().is_some() && own.all(|check| check.found == "no code")
}
