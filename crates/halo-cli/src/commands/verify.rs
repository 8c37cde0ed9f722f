//! `halo verify`.

use halo_deploy::{Check, Manifest, Report};
use halo_evidence::{
    assertions::Assertions,
    identify::{Foreign, Identity},
    recompile::{recompile, templates_of},
    survey::{Found, Origin, Survey, survey},
};
use serde::Serialize;

use crate::{
    args::VerifyArgs,
    deployed,
    exit::{ExitStatus, Failure, Outcome},
    load,
    output::{Printer, prose, table},
    reach::{Reached, reach, wait},
};

/// What was verified when it was not one manifest.
#[derive(Serialize)]
struct Verified {
    reports: Vec<Report>,
    #[serde(skip_serializing_if = "Option::is_none")]
    survey: Option<Survey>,
}

/// Reads the chain again and compares it with a manifest, a spec's plan or facts; or says what can be said of addresses.
pub(super) fn run(args: &VerifyArgs, printer: Printer) -> Outcome {
    let (mut manifests, mut network) = (Vec::new(), None);
    if let Some(path) = &args.manifest {
        manifests.push(Manifest::load(path)?);
    }
    if let Some(spec) = &args.spec {
        let planned = deployed::of_spec(spec, &args.against, printer)?;
        manifests = planned.manifests;
        network = Some(planned.inputs.network);
    }
    let facts: Vec<Assertions> =
        args.assertions.iter().map(|path| Assertions::load(path)).collect::<Result<_, _>>()?;
    let (chain_id, name) = match (manifests.first(), facts.first()) {
        (Some(one), _) => (one.chain_id, one.chain.clone()),
        (None, Some(one)) if args.address.is_empty() => (one.chain_id, one.unit.clone()),
        _ => {
            let known = load::network(&args.against.network.network, printer)?;
            let of_it = (known.chain_id, known.name.clone());
            network = Some(known);
            of_it
        }
    };
    let chain = reach(&args.reach, chain_id, &name)?;
    let mut reports = Vec::new();
    for manifest in &manifests {
        let mut report = wait(halo_deploy::verify(manifest, &chain))??;
        if args.recompile {
            printer.progress("compiling the templates again");
            report.checks.extend(again(args, templates_of(manifest))?);
        }
        reports.push(report);
    }
    for one in &facts {
        let checks = wait(one.check(&chain))??;
        reports.push(Report { unit: format!("{} as asserted", one.unit), checks });
    }
    let mut found = None;
    if let (false, Some(network)) = (args.address.is_empty(), &network) {
        let survey = look(args, network.create2, &chain)?;
        if args.recompile {
            let names: Vec<_> = survey.contracts.iter().filter_map(Found::template).collect();
            let checks = again(args, names.iter().copied())?;
            reports.push(Report { unit: "templates at the addresses".to_owned(), checks });
        }
        found = Some(survey);
    }
    for report in &reports {
        print(report, printer)?;
    }
    if let Some(survey) = &found {
        say(survey, printer)?;
    }
    chain.conclude(&args.reach.fork, printer)?;
    let ok = reports.iter().all(Report::is_ok) && found.as_ref().is_none_or(Survey::is_ok);
    match (args.manifest.is_some(), facts.is_empty(), reports.first()) {
        (true, true, Some(report)) => printer.document(report)?,
        _ => printer.document(&Verified { reports, survey: found })?,
    }
    Ok(if ok { ExitStatus::Done } else { ExitStatus::Refused })
}

fn again<'a>(
    args: &VerifyArgs,
    names: impl Iterator<Item = &'a str>,
) -> Result<Vec<Check>, Failure> {
    Ok(recompile(names, args.source.root.as_deref(), args.source.solc.as_deref())?)
}

fn look(
    args: &VerifyArgs,
    create2: alloy_primitives::Address,
    chain: &Reached,
) -> Result<Survey, Failure> {
    let mut foreign = Vec::with_capacity(args.artifact.len());
    for path in &args.artifact {
        foreign.push(Foreign::parse(&path.display().to_string(), &load::text(path)?)?);
    }
    Ok(wait(survey(&args.address, create2, &foreign, chain))??)
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
            "{}: the chain has none of these contracts. `halo launch` starts a new chain each \
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

/// What was found at each address.
fn say(survey: &Survey, printer: Printer) -> Result<(), Failure> {
    for one in &survey.contracts {
        printer.result(format!("{} {}\n  code      {}", one.name, one.address, code(one)))?;
        let origin = match &one.origin {
            Origin::Derived { creator, arguments, .. } => {
                let words = arguments.iter().map(|it| format!("{} {}", it.name, it.value));
                let words = words.collect::<Vec<_>>().join(", ");
                let words = if words.is_empty() { "none".to_owned() } else { words };
                format!("CREATE2 by {creator}; constructor arguments proved: {words}")
            }
            Origin::Open { why } => format!("not derived: {why}"),
        };
        printer.result(format!("  address   {origin}"))?;
        for held in &one.roles {
            printer.result(format!("  {:<9} {}: {}", "role", held.role, held.members))?;
        }
        for reading in &one.values {
            printer.result(format!("  {:<9} {} = {}", "value", reading.getter, reading.value))?;
        }
    }
    let known = survey.contracts.iter().filter(|one| one.is_known()).count();
    printer.result(format!(
        "chain {}, block {}: {known} of {} addresses have code that is known",
        survey.chain_id,
        survey.block,
        survey.contracts.len()
    ))
}

fn code(one: &Found) -> String {
    let words = |identity: &Identity| match identity {
        Identity::Nothing => "FAIL: no code".to_owned(),
        Identity::Template { template, version, audit } => {
            format!("{template} version {version}, byte for byte as locked; audit: {audit}")
        }
        Identity::Blob { template } => format!("creation code of {template} kept as data"),
        Identity::Foreign { artifact, immutables } => {
            let all: Vec<_> =
                immutables.iter().map(|it| format!("{} = {}", it.id, it.value)).collect();
            let all = if all.is_empty() { "none".to_owned() } else { all.join(", ") };
            format!("{artifact}, byte for byte but for its immutables: {all}")
        }
        Identity::Clone { implementation } => format!("minimal proxy of {implementation}"),
        Identity::Unknown { size } => format!("FAIL: {size} bytes that are in no lock"),
    };
    match &one.implementation {
        Some(implementation) => format!("{}: {}", words(&one.identity), words(implementation)),
        None => words(&one.identity),
    }
}
