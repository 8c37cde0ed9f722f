//! `halo launch`.

mod summary;

use std::path::{Path, PathBuf};

use halo_sim::{Day1, Day1Report};
use serde::Serialize;

use super::deploy::{REHEARSAL, addresses, refuse_unverified};
use crate::{
    args::LaunchArgs,
    exit::{ExitStatus, Failure, Outcome},
    fault, fork, load,
    output::{Printer, shell},
    road,
    second::{self, Second},
};

#[derive(Serialize)]
struct Launched<'a> {
    plan: String,
    transactions: usize,
    gas: u64,
    verified: usize,
    manifests: &'a [PathBuf],
    day1: &'a Day1Report,
    #[serde(rename = "secondControllers", skip_serializing_if = "<[Second]>::is_empty")]
    second_controllers: &'a [Second],
    #[serde(skip_serializing_if = "Option::is_none")]
    ground: Option<fork::Ground>,
}

/// check → plan → deploy → verify → Day 1 → manifests and summary, on a fresh embedded chain.
pub(super) fn run(args: &LaunchArgs, printer: Printer) -> Outcome {
    let deploy = &args.deploy;
    let mut inputs =
        load::inputs(&deploy.spec.file, &deploy.spec.network, &deploy.scenario, printer)?;
    let mut fork = fork::open(&args.ground.fork, inputs.network.chain_id, &inputs.network.name)?;
    match &fork {
        Some(fork) => fork.postpone(&mut inputs),
        None => road::refuse_production(&inputs)?,
    }
    let seconds =
        second::of(&args.ground.second.second_controller, &inputs, &args.source, printer)?;
    let known = second::known(&seconds, &inputs);
    let plan = road::plan(&known)?;
    if let Some(fork) = &mut fork {
        fork.make_ready(&args.ground, &inputs, &seconds, &plan)?;
    }
    let store = road::store(&deploy.state.state)?;
    let mut chain = match &fork {
        Some(fork) => fork.chain(),
        None => second::genesis(&seconds, &inputs)?,
    };
    seconds.iter().try_for_each(|one| one.let_in(&inputs.network, &mut chain))?;
    // The beacons must have been heard of on the day.
    chain.warp_to(inputs.scenario.start.max(chain.timestamp()))?;
    let out = match &fork {
        Some(_) => &deploy.state.state.join(REHEARSAL),
        None => &deploy.out,
    };
    let applied = road::apply(&plan, &mut chain, printer)?;
    let manifests = road::manifests(&plan, &applied, out)?;
    let reports = road::verify(&manifests, &chain)?;
    refuse_unverified(&reports)?;
    let verified = reports.iter().map(|report| report.checks.len()).sum();
    printer.progress(format!("verified: {verified} checks hold"));

    let day = Day1 {
        class: &inputs.class,
        network: &known.network,
        scenario: &inputs.scenario,
        registry: plan.address("core/unit-registry")?,
    };
    let report = halo_chain::now(halo_sim::run(&mut chain, &day))
        .map_err(|error| fault::of_sim(&error, &road::labels(&inputs, &plan)))?;
    // The day must not have undone what was verified before it.
    refuse_unverified(&road::verify(&manifests, &chain)?)?;
    match &fork {
        // What was read of a state from outside is not a chain of its own.
        Some(fork) => fork.keep(&args.ground.fork, printer)?,
        None => store.save(&chain)?,
    }
    if let Some(path) = &args.export_anvil {
        fork::export(&chain, path, printer)?;
    }
    let paths = road::save(&manifests, out)?;

    let gas = applied.transactions.iter().map(|one| one.gas).sum();
    let transactions = applied.transactions.len();
    printer.result(addresses(&plan))?;
    printer.result(format!(
        "deployed in {transactions} transactions ({gas} gas); {verified} checks hold, before Day 1 and after it\n"
    ))?;
    printer.result(summary::of(&report))?;
    let labels = road::labels(&inputs, &plan);
    let ground = fork.as_ref().map(|fork| fork.ground(&labels));
    for one in &seconds {
        one.print(printer)?;
    }
    if let Some(ground) = &ground {
        printer.result("")?;
        ground.print(printer)?;
    }
    printer.result("")?;
    for (manifest, path) in manifests.iter().zip(&paths) {
        printer.result(format!("manifest of {}: {}", manifest.unit.slug, path.display()))?;
    }
    // After a rehearsal there is no chain for other commands to read.
    if fork.is_none() {
        print_next(&deploy.spec.file, &deploy.state.state, &paths, printer)?;
    }
    printer.document(&Launched {
        plan: plan.digest.to_string(),
        transactions,
        gas,
        verified,
        manifests: &paths,
        day1: &report,
        second_controllers: &seconds,
        ground,
    })?;
    Ok(if report.conservation.holds { ExitStatus::Done } else { ExitStatus::Refused })
}

/// What one may do with what was written.
fn print_next(
    spec: &Path,
    state: &Path,
    paths: &[PathBuf],
    printer: Printer,
) -> Result<(), Failure> {
    let state = match state {
        usual if usual == Path::new(".halo") => String::new(),
        other => format!(" --state {}", shell(other)),
    };
    printer.result("\nNext:")?;
    if let Some(path) = paths.first() {
        printer.result(format!("  halo verify {}{state}", shell(path)))?;
        printer.result("      reads the chain again and compares it with the manifest")?;
    }
    let spec = shell(spec);
    printer.result(format!("  halo plan {spec}"))?;
    printer.result("      shows each step, and what must hold after it")?;
    printer.result(format!("  change a number in {spec} and launch it again"))
}
