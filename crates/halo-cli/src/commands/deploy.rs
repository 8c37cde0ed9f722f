//! `halo deploy`: to the chain inside the program, on a state from outside that it leaves as it was, or through nodes.

mod keys;
mod live;

pub(super) use live::on_development_node;

use std::path::PathBuf;

use halo_deploy::{Applied, Plan, Report, Transaction};
use miette::miette;
use serde::Serialize;

use crate::{
    args::{DeployArgs, RoadArgs},
    exit::{ExitStatus, Failure, Outcome},
    fork::{self, Fork, Ground},
    load::{self, Inputs},
    output::{Printer, table},
    road,
    second::{self, Second},
};

/// Folder of a rehearsal's manifests in the state folder: nowhere near those of a deployment.
pub(super) const REHEARSAL: &str = "rehearsal";

#[derive(Serialize)]
struct Deployed<'a> {
    plan: String,
    transactions: &'a [Transaction],
    unchanged: usize,
    manifests: &'a [PathBuf],
    #[serde(skip_serializing_if = "Option::is_none")]
    ground: Option<&'a Ground>,
}

/// Applies the plan, verifies it and writes the manifests.
pub(super) fn run(args: &DeployArgs, printer: Printer) -> Outcome {
    let DeployArgs { road, ground, send } = args;
    let mut inputs = load::inputs(&road.spec.file, &road.spec.network, &road.scenario, printer)?;
    let fork = fork::open(&ground.fork, inputs.network.chain_id, &inputs.network.name)?;
    if let Some(fork) = &fork {
        fork.postpone(&mut inputs);
    }
    let named = &ground.second.second_controller;
    if !named.is_empty() && !ground.fork.is_any() {
        return Err(Failure::input(miette!(
            help = "rehearse with --fork, --fork-state or --witness; to deploy, have the spell run that \
                    `halo generate spell second-controller` writes, and give both contracts in the network's file",
            "--second-controller is for a rehearsal"
        )));
    }
    let seconds = second::of(named, &inputs, &send.source, printer)?;
    let plan = road::plan(&second::known(&seconds, &inputs))?;
    if let Some(fork) = fork {
        return rehearsed(args, fork, &inputs, &seconds, &plan, printer);
    }
    match send.rpc_url.is_empty() {
        true => embedded(road, &inputs, &plan, printer),
        false => live::run(args, &inputs, &plan, printer),
    }
}

/// On the embedded chain in the state folder.
fn embedded(args: &RoadArgs, inputs: &Inputs, plan: &Plan, printer: Printer) -> Outcome {
    road::refuse_production(inputs)?;
    let store = road::store(&args.state.state)?;
    let mut chain = match store.load()? {
        Some(chain) => chain,
        None => road::genesis(inputs)?,
    };
    let applied = road::apply(plan, &mut chain, printer)?;
    let manifests = road::manifests(plan, &applied, &args.out)?;
    refuse_unverified(&road::verify(&manifests, &chain)?)?;
    store.save(&chain)?;
    let paths = road::save(&manifests, &args.out)?;
    print(plan, &applied, &paths, None, printer)?;
    Ok(ExitStatus::Done)
}

/// On a state from outside: nothing is sent, and the manifests are those of a rehearsal.
fn rehearsed(
    args: &DeployArgs,
    mut fork: Fork,
    inputs: &Inputs,
    seconds: &[Second],
    plan: &Plan,
    printer: Printer,
) -> Outcome {
    fork.make_ready(&args.ground, inputs, seconds, plan)?;
    let out = args.road.state.state.join(REHEARSAL);
    let mut chain = fork.chain();
    // At the same second as in a launch: some contracts write it down, and what is declared of them is known by it.
    chain.warp_to(inputs.scenario.start.max(chain.timestamp()))?;
    for one in seconds {
        one.let_in(&inputs.network, &mut chain)?;
        one.print(printer)?;
    }
    let applied = road::apply(plan, &mut chain, printer)?;
    let manifests = road::manifests(plan, &applied, &out)?;
    refuse_unverified(&road::verify(&manifests, &chain)?)?;
    fork.keep(&args.ground.fork, printer)?;
    let paths = road::save(&manifests, &out)?;
    let ground = fork.ground(&road::labels(inputs, plan));
    print(plan, &applied, &paths, Some(&ground), printer)?;
    Ok(ExitStatus::Done)
}

/// What was deployed, and where that is written.
fn print(
    plan: &Plan,
    applied: &Applied,
    paths: &[PathBuf],
    ground: Option<&Ground>,
    printer: Printer,
) -> Result<(), Failure> {
    printer.result(addresses(plan))?;
    let gas: u64 = applied.transactions.iter().map(|one| one.gas).sum();
    printer.result(format!(
        "{} transactions ({gas} gas), {} steps unchanged, verified",
        applied.transactions.len(),
        applied.unchanged.len()
    ))?;
    for path in paths {
        printer.result(format!("manifest {}", path.display()))?;
    }
    if let Some(ground) = ground {
        ground.print(printer)?;
    }
    printer.document(&Deployed {
        plan: plan.digest.to_string(),
        transactions: &applied.transactions,
        unchanged: applied.unchanged.len(),
        manifests: paths,
        ground,
    })
}

/// The contracts of the Class and its Units, the latter by their slugs alone to keep lines short.
pub(super) fn addresses(plan: &Plan) -> String {
    let mut rows = table(&["contract", "template", "address"]);
    for contract in plan.contracts() {
        if !contract.name.starts_with("core/") {
            let name = contract.name.strip_prefix("unit/").unwrap_or(&contract.name);
            let (name, template) = (name.to_owned(), contract.template.clone());
            rows.add_row([name, template, contract.address.to_string()]);
        }
    }
    rows.to_string()
}

/// A deployment that does not verify is not recorded as one.
pub(super) fn refuse_unverified(reports: &[Report]) -> Result<(), Failure> {
    let failed: Vec<String> = reports
        .iter()
        .flat_map(|report| report.failed().map(move |check| (report, check)))
        .map(|(report, check)| {
            format!(
                "{}: {} expected {}, found {}",
                report.unit, check.id, check.expected, check.found
            )
        })
        .collect();
    if failed.is_empty() {
        return Ok(());
    }
    Err(Failure::refused(miette!(
        help = "nothing was kept: the state folder and the manifests are as they were before",
        "the deployment does not verify:\n{}",
        failed.join("\n")
    )))
}
