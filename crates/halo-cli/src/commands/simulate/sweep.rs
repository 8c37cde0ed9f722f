//! Many runs: seeds and variants, in parts and together.

use std::{path::Path, thread::available_parallelism};

use halo_sim::sweep::{Case, Stat, Sweep, merge as put_together, sweep};
use halo_spec::{ClassSpec, Network};
use miette::miette;

use super::{read, text, write};
use crate::{
    args::{MergeArgs, SimulateArgs},
    exit::{ExitStatus, Failure, Outcome},
    fault,
    output::{Printer, table},
};

pub(super) fn run(
    args: &SimulateArgs,
    path: &Path,
    texts: &[(String, String)],
    network: &Network,
    classes: &[ClassSpec],
    printer: Printer,
) -> Outcome {
    let mut cases = Vec::new();
    for (variant, text) in texts {
        let simulation = read(path, text, network, classes)?;
        let own = u32::try_from(simulation.scenario.seed).unwrap_or(u32::MAX);
        let (from, to) = args.seeds.unwrap_or((own, own));
        for seed in from..=to {
            let mut simulation = simulation.clone();
            simulation.scenario.seed = u64::from(seed);
            if let Some(day) = args.until {
                simulation.days = simulation.days.min(day);
            }
            cases.push(Case { variant: variant.clone(), simulation });
        }
    }
    let cores = available_parallelism().map_or(1, std::num::NonZero::get);
    let threads = args.threads.map_or(cores, usize::from);
    let shard = args.shard.unwrap_or((0, 1));
    let all = cases.len().div_ceil(shard.1);
    let done = |runs: usize| printer.progress(format!("run {runs} of {all}"));
    let found = sweep(&cases, shard, threads, done)
        .map_err(|error| fault::of_sim(&error, &halo_chain::Genesis::labels_of(network)))?;
    show(&found, args.out.as_deref(), printer)
}

pub(super) fn merge(args: &MergeArgs, printer: Printer) -> Outcome {
    let mut parts = Vec::with_capacity(args.parts.len());
    for path in &args.parts {
        let part: Sweep = serde_json::from_str(&text(path)?).map_err(|error| {
            Failure::input(miette!(
                help = "give what `halo simulate --shard I/N --out FILE` wrote",
                "{} is no part of a sweep: {error}",
                path.display()
            ))
        })?;
        parts.push(part);
    }
    let whole = put_together(parts).map_err(|error| Failure::input(miette!("{error}")))?;
    show(&whole, args.out.as_deref(), printer)
}

fn show(sweep: &Sweep, out: Option<&Path>, printer: Printer) -> Outcome {
    if let Some(path) = out {
        let text =
            serde_json::to_string(sweep).map_err(|error| Failure::outside(miette!("{error}")))?;
        write(path, &text)?;
    }
    let failed = sweep.rows.iter().filter(|row| !row.holds).count();
    printer.result(format!(
        "{}: {} of {} runs, {failed} fail\n",
        sweep.scenario,
        sweep.rows.len(),
        sweep.of
    ))?;
    printer.result(stats(&sweep.stats))?;
    if !sweep.paired.is_empty() {
        printer.result("\nAgainst the first variant, seed by seed:\n")?;
        printer.result(stats(&sweep.paired))?;
    }
    if let Some(row) = sweep.rows.iter().find(|row| !row.holds) {
        let why = row
            .failed
            .clone()
            .unwrap_or_else(|| "an invariant or the conservation of money".to_owned());
        printer
            .result(format!("\nThe first that fails: seed {} {}: {why}", row.seed, row.variant))?;
    }
    printer.document(sweep)?;
    Ok(if sweep.holds() { ExitStatus::Done } else { ExitStatus::Refused })
}

fn stats(stats: &[Stat]) -> String {
    let mut rows =
        table(&["variant", "metric", "runs", "mean", "95 % from", "to", "least", "most"]);
    for row in stats {
        let number = |value: f64| format!("{value:.0}");
        rows.add_row([
            row.variant.clone(),
            row.metric.clone(),
            row.runs.to_string(),
            number(row.mean),
            number(row.low),
            number(row.high),
            number(row.least),
            number(row.most),
        ]);
    }
    rows.to_string()
}
