//! `halo drift`.

use std::path::Path;

use halo_evidence::{
    drift::{Against, Document, Drift, drift},
    wording::{Reading, Row, read_rows},
};
use halo_governance::artifact;
use miette::miette;

use crate::{
    args::DriftArgs,
    deployed,
    exit::{ExitStatus, Failure, Outcome},
    load,
    output::{Printer, one_line, table},
    reach::{reach, wait},
};

/// Compares chain, manifest, spec and artifacts; or says how much of a governance text is understood.
pub(super) fn run(args: &DriftArgs, printer: Printer) -> Outcome {
    if let Some(path) = &args.wording {
        return wording(path, printer);
    }
    let Some(path) = &args.manifest else {
        return Err(Failure::input(miette!("name a manifest, or a text with --wording")));
    };
    let (manifest, siblings) = deployed::of_manifest(path)?;
    let spec = match &args.spec {
        Some(spec) => {
            let planned = deployed::of_spec(spec, &args.against, printer)?;
            Some(planned.unit_of(&manifest, spec)?.clone())
        }
        None => None,
    };
    let documents: Vec<Document> =
        args.artifact.iter().map(|path| document(path)).collect::<Result<_, _>>()?;
    let chain = reach(&args.reach, manifest.chain_id, &manifest.chain)?;
    let against = Against {
        spec: spec.as_ref(),
        documents: &documents,
        siblings: &siblings,
        from_block: args.from_block,
    };
    let found = wait(drift(&manifest, &against, &chain))??;
    print(&found, printer)?;
    chain.conclude(&args.reach.fork, printer)?;
    printer.document(&found)?;
    Ok(if found.is_ok() { ExitStatus::Done } else { ExitStatus::Refused })
}

pub(super) fn document(path: &Path) -> Result<Document, Failure> {
    let limits = artifact::read(&load::text(path)?).map_err(|why| {
        Failure::input(miette!(
            help = "an instance configuration document states each direction once, in a known word",
            "{}: {why}",
            path.display()
        ))
    })?;
    if limits.is_empty() {
        return Err(Failure::input(miette!(
            help = "limits stand under headings such as `Inflow Rate Limits`, in an Instance Configuration Document",
            "{} states no limit",
            path.display()
        )));
    }
    Ok(Document { path: path.display().to_string(), limits })
}

fn print(found: &Drift, printer: Printer) -> Result<(), Failure> {
    let mut rows = table(&["limit", "chain", "artifact", "drift"]);
    for one in &found.limits {
        let drift = if one.drift.is_empty() { "-".to_owned() } else { one.drift.join("\n") };
        let holder = one.contract.trim_end_matches("/rate-limits");
        rows.add_row([
            format!("{holder}\n{}", one.label),
            one.chain.clone(),
            one.artifact.clone().unwrap_or_else(|| "-".to_owned()),
            drift,
        ]);
    }
    printer.result(rows.to_string())?;
    for one in &found.limits {
        if let Some(key) = &one.placeholder {
            printer.result(format!("id for the placeholder of {}: {key}", one.label))?;
        }
    }
    for one in &found.unmatched {
        printer.result(format!(
            "DRIFT {}: {} limits of {}: {}",
            one.place,
            one.direction.word(),
            one.instance,
            one.why
        ))?;
    }
    for one in &found.chain {
        printer.result(format!(
            "DRIFT {}\n  manifest {}\n  chain    {}",
            one.id, one.expected, one.found
        ))?;
    }
    let words = |side: &Option<String>| side.clone().unwrap_or_else(|| "not there".to_owned());
    for one in &found.spec {
        printer.result(format!(
            "DRIFT {}\n  manifest {}\n  spec     {}",
            one.id,
            words(&one.manifest),
            words(&one.spec)
        ))?;
    }
    for one in &found.strangers {
        let whose = if one.own { "DRIFT" } else { "note: somebody else's limit" };
        printer.result(format!(
            "{whose} {}: {} stands on the chain and in no manifest: max {}, slope {} a second",
            one.contract, one.key, one.max, one.slope
        ))?;
    }
    let drifted = found.limits.iter().filter(|one| !one.drift.is_empty()).count();
    printer.result(if found.is_ok() {
        format!("{}: no drift in {} limits or anything else", found.unit, found.limits.len())
    } else {
        format!("{}: {drifted} of {} limits drifted", found.unit, found.limits.len())
    })
}

/// How many rows of a governance text are understood, and the rest.
fn wording(path: &Path, printer: Printer) -> Outcome {
    let rows: Vec<Row> = serde_json::from_str(&load::text(path)?).map_err(|error| {
        Failure::input(miette!(
            help = "an array of objects with agent, instance, field, maxAmount and slope",
            "{}: {error}",
            path.display()
        ))
    })?;
    let reading = read_rows(&rows);
    say(&reading, printer)?;
    printer.document(&reading)?;
    Ok(ExitStatus::Done)
}

fn say(reading: &Reading, printer: Printer) -> Result<(), Failure> {
    let mut rows = table(&["agent", "instance", "field", "text", "why"]);
    for one in &reading.rest {
        rows.add_row(
            [&one.agent, &one.instance, &one.field, &one.text, &one.why].map(|text| one_line(text)),
        );
    }
    if !reading.rest.is_empty() {
        printer.result(rows.to_string())?;
    }
    printer.result(format!(
        "{} of {} rows are understood ({} of them name no token); {} are not",
        reading.understood,
        reading.rows,
        reading.without_token,
        reading.rest.len()
    ))
}
