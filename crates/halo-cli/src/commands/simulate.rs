//! `halo simulate`.

mod moment;
mod summary;
mod sweep;

pub(super) use sweep::part;

use std::{fs, path::Path, time::Instant};

use halo_chain::Embedded;
use halo_sim::{Options, Run, Until, junit, minimise, remedy, simulate, simulate_on, tables};
use halo_spec::{ClassSpec, Network, Simulation};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use miette::miette;
use serde::Serialize;

use super::report;
use crate::{
    args::{SimulateArgs, SimulateCommand},
    exit::{ExitStatus, Failure, Outcome},
    fault, fork, load,
    output::{Printer, prose},
};

pub(super) fn run(args: &SimulateArgs, printer: Printer) -> Outcome {
    if let Some(SimulateCommand::Merge(merge)) = &args.command {
        return sweep::merge(merge, printer);
    }
    let path = args.scenario.as_deref().unwrap_or(Path::new(""));
    let texts = variants(path, &args.set)?;
    let is_sweep = args.seeds.is_some() || args.shard.is_some() || texts.len() > 1;
    refuse_ignored(args, is_sweep)?;
    let network = load::network(&args.network.network, printer)?;
    let classes = classes(args.class.as_deref(), &network)?;
    if is_sweep {
        return sweep::run(args, path, &texts, &network, &classes, printer);
    }
    let (_, text) = texts.first().cloned().unwrap_or_default();
    let fork = fork::open(&args.fork, network.chain_id, &network.name)?;
    let mut simulation = parsed(path, &text, &network, &classes)?;
    match &fork {
        Some(fork) => postpone(&mut simulation, fork),
        None => refuse_production(&simulation)?,
    }
    one(args, &simulation, fork.as_ref(), printer)
}

/// What one run takes and a sweep does not, and the other way round, is refused: nobody shall wait for a file in vain.
fn refuse_ignored(args: &SimulateArgs, is_sweep: bool) -> Result<(), Failure> {
    let of_one = [
        ("--report", args.report.is_some()),
        ("--junit", args.junit.is_some()),
        ("--csv", args.csv.is_some()),
        ("--parquet", args.parquet.is_some()),
        ("--trace", args.trace.is_some()),
        ("--minimise", args.minimise),
        ("--until within a day", !matches!(args.until, None | Some(Until::EndOf(_)))),
        ("a fork", args.fork.is_any()),
    ];
    let given = of_one.iter().find(|(_, is_given)| *is_given);
    match given {
        Some((option, _)) if is_sweep => Err(Failure::input(miette!(
            help = "run one seed of one variant with it, or leave it away and keep the sweep with --out",
            "{option} is about one run, and --seeds, --shard and several values of --set make many"
        ))),
        _ if args.minimise && args.fork.is_any() => Err(Failure::input(miette!(
            help = "leave --minimise away, or run it on the chain inside the program",
            "--minimise runs many times, and a fork is for one run"
        ))),
        _ if !is_sweep && args.out.is_some() => Err(Failure::input(miette!(
            help = "keep a run with --json, or make a sweep of it: --seeds 1..1",
            "--out is the file of a sweep, and this is one run"
        ))),
        _ => Ok(()),
    }
}

/// One run, its files and its summary.
fn one(
    args: &SimulateArgs,
    simulation: &Simulation,
    fork: Option<&fork::Fork>,
    printer: Printer,
) -> Outcome {
    if let Some(slug) = &args.trace
        && !simulation.scenario.primes.iter().any(|one| one.prime.slug == *slug)
    {
        let slugs = simulation.scenario.primes.iter().map(|one| one.prime.slug.as_str());
        return Err(Failure::input(miette!(
            help = format!("it has {}", slugs.take(20).collect::<Vec<_>>().join(", ")),
            "--trace: there is no Prime `{slug}` in this scenario"
        )));
    }
    if let Some(until) = args.until {
        refuse_moment(until, simulation)?;
    }
    let options = Options { until: args.until, trace: args.trace.clone() };
    let chain = fork.map(fork::Fork::chain).map(|mut chain| {
        // The beacons must have been heard of on the first day.
        chain.warp_to(simulation.scenario.start.max(chain.timestamp()))?;
        Ok::<_, halo_chain::Error>(chain)
    });
    let mut run = watched(simulation, chain.transpose()?, &options, printer)?;
    if let Some(Until::Settlement(number)) = args.until
        && (run.settlements.len() as u64) < number
    {
        return Err(Failure::input(miette!(
            help = "take one of these, or a day",
            "there is no settlement {number}: the run has {}",
            run.settlements.len()
        )));
    }
    if fork.is_none() {
        let labels = halo_chain::Genesis::labels_of(&simulation.network);
        remedy(simulation, &options, &mut run).map_err(|error| fault::of_sim(&error, &labels))?;
    }
    let ground = match fork {
        Some(fork) => {
            fork.keep(&args.fork, printer)?;
            Some(fork.ground(&halo_chain::Genesis::labels_of(&simulation.network)))
        }
        None => None,
    };
    let shown = summary::of(&run);
    // The run itself says it, so that its page and its document do.
    run.words.extend(ground.as_ref().map(fork::Ground::says));
    if let Some(folder) = &args.csv {
        fs::create_dir_all(folder).map_err(|error| cannot_write(folder, &error))?;
        for table in tables(&run) {
            write(&folder.join(table.name).with_extension("csv"), table.csv().as_bytes())?;
        }
    }
    if let Some(folder) = &args.parquet {
        fs::create_dir_all(folder).map_err(|error| cannot_write(folder, &error))?;
        for table in tables(&run) {
            let file = table.parquet(simulation, &run);
            let file = file.map_err(|error| Failure::outside(miette!("{error}")))?;
            write(&folder.join(table.name).with_extension("parquet"), &file)?;
        }
    }
    if let Some(file) = &args.junit {
        write(file, junit(&run).as_bytes())?;
    }
    if let Some(file) = &args.report {
        report::write_page(&run, &[], file, printer)?;
    }
    printer.result(shown)?;
    if let Some(moment) = &run.moment {
        printer.result(moment::of(&run, moment, args.trace.as_deref()))?;
    }
    if let Some(slug) = &args.trace {
        for line in run.trace.iter().filter(|line| line.who == *slug) {
            printer.result(prose(&summary::line(line)))?;
        }
    }
    if args.minimise && !run.holds() {
        let mut failing = simulation.clone();
        failing.days = run.days;
        least(&failing, printer)?;
    }
    if let Some(ground) = &ground {
        printer.result("")?;
        ground.print(printer)?;
    }
    printer.document(&Ran { run: &run, ground })?;
    Ok(if run.holds() { ExitStatus::Done } else { ExitStatus::Refused })
}

#[derive(Serialize)]
struct Ran<'a> {
    #[serde(flatten)]
    run: &'a Run,
    #[serde(skip_serializing_if = "Option::is_none")]
    ground: Option<fork::Ground>,
}

/// A moment that the scenario does not have is refused before the run.
fn refuse_moment(until: Until, simulation: &Simulation) -> Result<(), Failure> {
    let (Until::EndOf(day) | Until::At(day, _)) = until else { return Ok(()) };
    let start = simulation.scenario.start % 86_400;
    let (help, said) = if day >= simulation.days {
        let days = simulation.days;
        (format!("the last day is {days}"), format!("there is no day {}", day + 1))
    } else if matches!(until, Until::At(0, second) if u64::from(second) < start) {
        let (hour, minute) = (start / 3_600, start / 60 % 60);
        let help = format!("it begins on day 1 at {hour:02}:{minute:02}");
        (help, "nothing has happened by then".to_owned())
    } else {
        return Ok(());
    };
    Err(Failure::input(miette!(help = help, "--until: {said} in this scenario")))
}

/// The same days, some weeks later: the first that have not begun at the fork's block.
fn postpone(simulation: &mut Simulation, fork: &fork::Fork) {
    let later = fork.late(simulation.scenario.start);
    simulation.scenario.start += later;
    simulation.skip = simulation.skip.iter().map(|day| day + later).collect();
}

/// A run with a line of progress: the day, actions per second, what remains.
fn watched(
    simulation: &Simulation,
    chain: Option<Embedded>,
    options: &Options,
    printer: Printer,
) -> Result<Run, Failure> {
    let target =
        if printer.quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
    let bar = ProgressBar::with_draw_target(Some(u64::from(simulation.days)), target);
    if let Ok(style) =
        ProgressStyle::with_template("{bar:24} day {pos} of {len}, {msg}, {eta} to go")
    {
        bar.set_style(style);
    }
    let clock = Instant::now();
    let note = |progress: halo_sim::Progress| {
        let passed = clock.elapsed().as_millis().max(1);
        bar.set_position(u64::from(progress.day));
        bar.set_message(format!(
            "{} actions per second",
            u128::from(progress.actions) * 1_000 / passed
        ));
    };
    let run = match chain {
        Some(chain) => simulate_on(chain, simulation, options, note),
        None => simulate(simulation, options, note),
    };
    bar.finish_and_clear();
    run.map_err(|error| fault::of_sim(&error, &halo_chain::Genesis::labels_of(&simulation.network)))
}

fn least(simulation: &Simulation, printer: Printer) -> Result<(), Failure> {
    let labels = halo_chain::Genesis::labels_of(&simulation.network);
    let found = minimise(simulation).map_err(|error| fault::of_sim(&error, &labels))?;
    if let Some(found) = found {
        printer.result(prose(&summary::least(&found)))?;
    }
    Ok(())
}

/// The Class that `--class` names.
pub(super) fn classes(spec: Option<&Path>, network: &Network) -> Result<Vec<ClassSpec>, Failure> {
    match spec {
        Some(spec) => Ok(vec![ClassSpec::load(spec, network)?.value]),
        None => Ok(Vec::new()),
    }
}

/// The text of a file.
pub(super) fn text(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|error| {
        Failure::outside(miette!(
            help = "check that the file is there and may be read",
            "cannot read {}: {error}",
            path.display()
        ))
    })
}

/// The scenario's text with every combination of what is set, and what that was.
fn variants(path: &Path, settings: &[String]) -> Result<Vec<(String, String)>, Failure> {
    let mut texts = vec![(String::new(), text(path)?)];
    for setting in settings {
        let (key, values) = setting.split_once('=').ok_or_else(|| {
            Failure::input(miette!(
                help = "write it as in --set capacity.subscribe=\"40_000_000 asset\"",
                "`{setting}` is not of the form KEY=VALUE"
            ))
        })?;
        let mut next = Vec::new();
        for (name, text) in &texts {
            for value in values.split('|') {
                let changed = halo_spec::set(text, key.trim(), value.trim()).map_err(|error| {
                    Failure::input(miette!(help = error.help, "{}", error.message))
                })?;
                let both = [name.as_str(), &format!("{}={}", key.trim(), value.trim())];
                let name =
                    both.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
                next.push((name, changed));
            }
        }
        texts = next;
    }
    Ok(texts)
}

/// A scenario from its text. Specs are found beside the file.
pub(super) fn read(
    path: &Path,
    text: &str,
    network: &Network,
    classes: &[ClassSpec],
) -> Result<Simulation, Failure> {
    let simulation = parsed(path, text, network, classes)?;
    refuse_production(&simulation)?;
    Ok(simulation)
}

fn parsed(
    path: &Path,
    text: &str,
    network: &Network,
    classes: &[ClassSpec],
) -> Result<Simulation, Failure> {
    let folder = path.parent().unwrap_or(Path::new(""));
    let name = path.display().to_string();
    Ok(Simulation::parse(&name, text, network, folder, classes)?.value)
}

fn refuse_production(simulation: &Simulation) -> Result<(), Failure> {
    if simulation.network.production {
        return Err(Failure::input(miette!(
            help = "use --network embedded, or a state from outside: --fork, --fork-state or --witness",
            "{} is a production network",
            simulation.network.name
        )));
    }
    Ok(())
}

fn write(path: &Path, content: &[u8]) -> Result<(), Failure> {
    fs::write(path, content).map_err(|error| cannot_write(path, &error))
}

fn cannot_write(path: &Path, error: &std::io::Error) -> Failure {
    Failure::outside(miette!(
        help = "check that the folder is there and may be written",
        "cannot write {}: {error}",
        path.display()
    ))
}
