//! `halo evidence`.

use std::path::{Path, PathBuf};

use halo_chain::Chain;
use halo_deploy::Plan;
use halo_evidence::{
    bundle::{self, Case, Fault, Inputs, Item, Planned, Sources, Verdict},
    drift::Document,
};
use halo_templates::Tree;
use miette::miette;
use serde::Serialize;

use crate::{
    args::{
        AgainstArgs, EvidenceArgs, EvidenceCheckArgs, EvidenceCommand, NetworkArgs, ReachArgs,
        ScenarioArgs,
    },
    commands::drift::document,
    deployed,
    exit::{ExitStatus, Failure, Outcome},
    load::{self, Inputs as Loaded},
    output::{Printer, table},
    reach::{reach, wait},
    road,
};

/// Makes a bundle, or repeats one.
pub(super) fn run(args: &EvidenceArgs, printer: Printer) -> Outcome {
    if let Some(EvidenceCommand::Check(args)) = &args.command {
        return check(args, printer);
    }
    let args = &args.bundle;
    let (Some(manifest), Some(out)) = (&args.manifest, &args.out) else {
        return Err(Failure::input(miette!("name a manifest, and a folder with --out")));
    };
    let sources = match args.no_sources {
        true => None,
        false => Some(Tree::find(args.source.root.as_deref())?.root().to_owned()),
    };
    let path = |path: &PathBuf| path.display().to_string();
    let inputs = Inputs {
        manifest: path(manifest),
        spec: args.spec.as_ref().map(path),
        scenario: args.against.scenario.scenario.as_ref().map(path),
        network: args.against.network.network.clone(),
        artifacts: args.artifact.iter().map(path).collect(),
        sources: sources.as_ref().map(path),
        from_block: args.from_block,
        ..Inputs::default()
    };
    let made = make(inputs, args.source.solc.as_deref(), &args.reach, printer)?;
    let at = (made.chain_id, made.block);
    let index = bundle::write(out, &made.unit, at, made.inputs, &made.items)?;
    print(&made.items, printer)?;
    printer.result(format!("wrote {}", out.join("index.md").display()))?;
    printer.document(&index)?;
    Ok(status(&made.items))
}

/// A bundle before it is written.
struct Made {
    unit: String,
    chain_id: u64,
    block: u64,
    inputs: Inputs,
    items: Vec<Item>,
}

/// Does every check from the files that the inputs name.
fn make(
    mut inputs: Inputs,
    solc: Option<&Path>,
    at: &ReachArgs,
    printer: Printer,
) -> Result<Made, Failure> {
    let file = PathBuf::from(&inputs.manifest);
    inputs.note(&file)?;
    let (manifest, siblings) = deployed::of_manifest(&file)?;
    let against = AgainstArgs {
        network: NetworkArgs { network: inputs.network.clone() },
        scenario: ScenarioArgs { scenario: inputs.scenario.as_ref().map(PathBuf::from) },
    };
    let network = load::network(&inputs.network, printer)?;
    if Path::new(&inputs.network).is_file() {
        inputs.note(&PathBuf::from(&inputs.network))?;
    }
    let mut documents: Vec<Document> = Vec::new();
    for path in inputs.artifacts.clone() {
        inputs.note(Path::new(&path))?;
        documents.push(document(Path::new(&path))?);
    }
    if let Some(path) = &against.scenario.scenario {
        inputs.note(path)?;
    }
    let planned = match inputs.spec.clone() {
        Some(spec) => {
            let spec = PathBuf::from(spec);
            inputs.note(&spec)?;
            let planned = deployed::of_spec(&spec, &against, printer)?;
            let own = planned.unit_of(&manifest, &spec)?.clone();
            Some((planned, own))
        }
        None => None,
    };
    let mut unexplained = None;
    if let Some((planned, _)) = planned.as_ref().filter(|it| !it.0.inputs.network.production) {
        printer.progress("rehearsing the plan on a fresh chain, to explain every slot");
        unexplained = Some(rehearsed(&planned.plan, &planned.inputs)?);
    }
    let spec = planned.as_ref().map(|(planned, own)| Planned {
        class: &planned.inputs.class,
        manifest: own,
        deployers: &planned.deployers,
        unexplained: unexplained.as_deref(),
    });
    let sources = inputs
        .sources
        .as_ref()
        .map(|root| Sources { root: root.into(), solc: solc.map(Path::to_owned) });
    let case = Case {
        manifest: &manifest,
        siblings: &siblings,
        network: &network,
        spec,
        documents: &documents,
        sources,
        from_block: inputs.from_block,
    };
    let chain = reach(at, manifest.chain_id, &manifest.chain)?;
    let items = wait(bundle::examine(&case, &chain))??;
    let (chain_id, block) = wait(async {
        Ok::<_, halo_chain::Error>((chain.chain_id().await?, chain.block().await?.number))
    })??;
    let unit = format!("{}/{}/{}", manifest.chain, manifest.class.slug, manifest.unit.slug);
    Ok(Made { unit, chain_id, block, inputs, items })
}

/// The slots that a rehearsal of the whole plan changed and that no layout explains.
fn rehearsed(plan: &Plan, inputs: &Loaded) -> Result<Vec<String>, Failure> {
    let mut fork = road::genesis(inputs)?;
    let steps: Vec<_> = plan.steps.iter().collect();
    let spells = halo_deploy::handoff::Spells::default();
    let rehearsal = halo_deploy::rehearse(plan, &steps, &spells, &mut fork)?;
    let words = |one: &halo_deploy::rehearse::Unexplained| {
        format!("{} slot {}: {} to {} ({})", one.contract, one.slot, one.before, one.after, one.why)
    };
    Ok(rehearsal.changes.unexplained.iter().map(words).collect())
}

#[derive(Serialize)]
struct Repeated {
    faults: Vec<Fault>,
    checks: usize,
    failed: usize,
}

/// Repeats a bundle from the files that it names.
fn check(args: &EvidenceCheckArgs, printer: Printer) -> Outcome {
    let (bundle, mut faults) = bundle::read(&args.bundle)?;
    faults.extend(bundle.changed_inputs());
    let only = args.only.as_deref();
    if let Some(only) = only.filter(|only| !bundle.items.iter().any(|item| item.id == **only)) {
        let all: Vec<_> = bundle.items.iter().map(|item| item.id.as_str()).collect();
        return Err(Failure::input(miette!(
            help = format!("its checks are {}", all.join(", ")),
            "the bundle has no check `{only}`"
        )));
    }
    let mut inputs = Inputs { files: Default::default(), ..bundle.index.inputs.clone() };
    // Compiling takes minutes; what is not asked for is not compared either.
    if only.is_some_and(|only| !bundle::FROM_SOURCES.contains(&only)) {
        inputs.sources = None;
    }
    let made = make(inputs, args.solc.as_deref(), &args.reach, printer)?;
    if (made.chain_id, &made.unit) != (bundle.index.chain_id, &bundle.index.unit) {
        let what = format!("it is of {}, the manifest of {}", bundle.index.unit, made.unit);
        faults.push(Fault { file: "index.json".to_owned(), what });
    }
    faults.extend(bundle.compare(&made.items, only));
    let items: Vec<Item> =
        made.items.into_iter().filter(|item| only.is_none_or(|only| only == item.id)).collect();
    print(&items, printer)?;
    for fault in &faults {
        printer.result(format!("CHANGED {}: {}", fault.file, fault.what))?;
    }
    printer.result(if faults.is_empty() {
        format!("{} checks repeated, all as the bundle says", items.len())
    } else {
        format!(
            "{} checks repeated, {} things are not as the bundle says",
            items.len(),
            faults.len()
        )
    })?;
    let failed = items.iter().filter(|item| item.verdict == Verdict::Fail).count();
    let is_ok = faults.is_empty();
    printer.document(&Repeated { faults, checks: items.len(), failed })?;
    Ok(if is_ok { status(&items) } else { ExitStatus::Refused })
}

fn status(items: &[Item]) -> ExitStatus {
    match items.iter().any(|item| item.verdict == Verdict::Fail) {
        true => ExitStatus::Refused,
        false => ExitStatus::Done,
    }
}

fn print(items: &[Item], printer: Printer) -> Result<(), Failure> {
    let mut rows = table(&["check", "verdict", "looked at", "what is ticked"]);
    for item in items {
        rows.add_row([
            item.id.clone(),
            item.verdict.to_string(),
            item.rows.len().to_string(),
            item.title.clone(),
        ]);
    }
    printer.result(rows.to_string())?;
    for item in items.iter().filter(|item| item.verdict == Verdict::Fail) {
        for row in item.rows.iter().filter(|row| !row.holds) {
            printer.result(format!(
                "FAIL {}: {}\n  expected {}\n  found    {}",
                item.id, row.what, row.expected, row.found
            ))?;
        }
    }
    Ok(())
}
