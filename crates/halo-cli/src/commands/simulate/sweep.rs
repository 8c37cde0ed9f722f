//! Many runs: seeds and variants, in parts and together.

use std::{fs, path::Path, thread::available_parallelism};

use halo_sim::{
    Until,
    sweep::{Cases, Stat, Sweep, merge as put_together, sweep},
};
use halo_spec::{ClassSpec, Network};
use miette::miette;

use super::{read, refuse_moment, write};
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
    let mut variants = Vec::with_capacity(texts.len());
    for (variant, text) in texts {
        let mut simulation = read(path, text, network, classes)?;
        if let Some(until) = args.until {
            refuse_moment(until, &simulation)?;
        }
        if let Some(Until::EndOf(day)) = args.until {
            simulation.days = day + 1;
        }
        variants.push((variant.clone(), simulation));
    }
    let cases = Cases { variants, seeds: args.seeds };
    let cores = available_parallelism().map_or(1, std::num::NonZero::get);
    let threads = args.threads.map_or(cores, usize::from);
    let shard = args.shard.unwrap_or((0, 1));
    let all = (0..cases.count()).skip(shard.0).step_by(shard.1).len();
    let done = |runs: usize| printer.progress(format!("run {runs} of {all}"));
    let found = sweep(&cases, shard, threads, done)
        .map_err(|error| fault::of_sim(&error, &halo_chain::Genesis::labels_of(network)))?;
    show(&found, args.out.as_deref(), printer)
}

pub(super) fn merge(args: &MergeArgs, printer: Printer) -> Outcome {
    let parts = args.parts.iter().map(|path| part(path)).collect::<Result<_, _>>()?;
    let whole = put_together(parts).map_err(|error| {
        Failure::input(miette!(
            help = "give the parts of one sweep: the same scenario, settings, seeds and program",
            "{error}"
        ))
    })?;
    show(&whole, args.out.as_deref(), printer)
}

/// The largest part that is read, bytes: a million runs have less.
const MOST_BYTES: u64 = 1 << 30;

/// Reads what `--out` wrote.
pub(in crate::commands) fn part(path: &Path) -> Result<Sweep, Failure> {
    let outside = |error: std::io::Error| {
        Failure::outside(miette!(
            help = "check that the file is there and may be read",
            "{} cannot be read: {error}",
            path.display()
        ))
    };
    let wrong = |said: String| {
        Failure::input(miette!(
            help = "give what `halo simulate --seeds … --out FILE` of this version wrote",
            "{}: {said}",
            path.display()
        ))
    };
    if fs::metadata(path).map_err(outside)?.len() > MOST_BYTES {
        return Err(wrong("it is larger than a sweep can be".to_owned()));
    }
    let file = fs::read(path).map_err(outside)?;
    Sweep::from_parquet(file).map_err(|error| wrong(error.to_string()))
}

fn show(sweep: &Sweep, out: Option<&Path>, printer: Printer) -> Outcome {
    if let Some(path) = out {
        let file = sweep.parquet().map_err(|error| Failure::outside(miette!("{error}")))?;
        write(path, &file)?;
    }
    let failed = sweep.rows.iter().filter(|row| !row.holds).count();
    printer.result(format!(
        "{}: {} of {} runs, {failed} fail\n",
        sweep.identity.scenario,
        sweep.rows.len(),
        sweep.identity.of
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
            row.metric.to_owned(),
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
