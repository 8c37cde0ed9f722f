//! Arguments of `halo simulate` and `halo solve`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use halo_sim::Until;

use super::{ForkArgs, NetworkArgs};

/// Arguments of `halo simulate`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct SimulateArgs {
    /// What to do with runs that are there already
    #[command(subcommand)]
    pub command: Option<SimulateCommand>,
    /// A scenario (TOML)
    #[arg(required = true)]
    pub scenario: Option<PathBuf>,
    /// The Class that it is about, if it names none: a spec (TOML)
    #[arg(long, value_name = "SPEC")]
    pub class: Option<PathBuf>,
    /// The network that names are looked up in.
    #[command(flatten)]
    pub network: NetworkArgs,
    /// Change a value of the scenario; of several values, separated by `|`, each is a variant of a sweep
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Stop there and print how everything stands: at the end of a day, `3`, counted from 1; at a time of it, `"3 14:00"`
    /// in UTC; or right after a settlement, `"settlement 5"`
    #[arg(long, value_name = "MOMENT", value_parser = until)]
    pub until: Option<Until>,
    /// Keep and print every step of this Prime, and how it stands at the end
    #[arg(long, value_name = "PRIME")]
    pub trace: Option<String>,
    /// Folder for the tables of the run, as CSV
    #[arg(long, value_name = "DIR")]
    pub csv: Option<PathBuf>,
    /// Folder for the tables of the run, as Parquet
    #[arg(long, value_name = "DIR")]
    pub parquet: Option<PathBuf>,
    /// Write what was expected and what came of it, as JUnit XML
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// Write the report page: one HTML file that needs no network
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// If it fails: find the fewest days, agents and Primes that still fail in the same way
    #[arg(long)]
    pub minimise: bool,
    /// Run it with each of these seeds, such as 1..100
    #[arg(long, value_name = "FROM..TO", value_parser = seeds)]
    pub seeds: Option<(u32, u32)>,
    /// Run only the i-th of n parts of a sweep, counted from 0
    #[arg(long, value_name = "I/N", value_parser = shard)]
    pub shard: Option<(usize, usize)>,
    /// Write the sweep, or the part of it, as Parquet: for `halo simulate merge` and `halo report --sweep`
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// A state from outside for one run to stand on.
    #[command(flatten)]
    pub fork: ForkArgs,
    /// How many runs at a time; by default one for each core
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub threads: Option<u16>,
}

/// The `halo simulate` commands.
#[derive(Debug, Subcommand)]
pub enum SimulateCommand {
    /// Put the parts of a sweep together, in any order
    #[command(after_help = "Example:\n  halo simulate merge part-*.parquet --out sweep.parquet")]
    Merge(MergeArgs),
}

/// Arguments of `halo simulate merge`.
#[derive(Debug, Args)]
pub struct MergeArgs {
    /// What `halo simulate --shard I/N --out` wrote
    #[arg(required = true, value_name = "PART")]
    pub parts: Vec<PathBuf>,
    /// Write the whole sweep, as Parquet
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// Arguments of `halo solve`.
#[derive(Debug, Args)]
pub struct SolveArgs {
    /// A scenario (TOML)
    pub scenario: PathBuf,
    /// What must be settled, and by when
    #[arg(long, value_name = "AMOUNT on day N")]
    pub target: String,
    /// The Class that it is about, if it names none: a spec (TOML)
    #[arg(long, value_name = "SPEC")]
    pub class: Option<PathBuf>,
    /// The network that names are looked up in.
    #[command(flatten)]
    pub network: NetworkArgs,
}

/// Reads `FROM..TO`, both included.
fn seeds(text: &str) -> Result<(u32, u32), String> {
    let (from, to) = text.split_once("..").ok_or("it is not of the form FROM..TO")?;
    let number = |text: &str| text.parse::<u32>().map_err(|error| format!("{text:?}: {error}"));
    let (from, to) = (number(from)?, number(to.trim_start_matches('='))?);
    if from > to || to - from >= 1_000_000 {
        return Err("there are one to a million seeds, the smaller first".to_owned());
    }
    Ok((from, to))
}

/// Reads `I/N`.
fn shard(text: &str) -> Result<(usize, usize), String> {
    let (i, n) = text.split_once('/').ok_or("it is not of the form I/N")?;
    let number = |text: &str| text.parse::<usize>().map_err(|error| format!("{text:?}: {error}"));
    let (i, n) = (number(i)?, number(n)?);
    if i >= n {
        return Err(format!("of {n} parts the last is {}/{n}", n.saturating_sub(1)));
    }
    Ok((i, n))
}

/// Reads `3`, `day 3`, `3 14:00`, `day 3 14:00:30` or `settlement 5`, counted from 1.
fn until(text: &str) -> Result<Until, String> {
    const FORMS: &str = "write a day (3), a time of it (\"3 14:00\") or \"settlement 5\"";
    let words: Vec<_> = text.split_whitespace().filter(|word| *word != "day").collect();
    let count = |text: &str| text.parse::<u32>().ok()?.checked_sub(1);
    let found = match words.as_slice() {
        ["settlement", number] => {
            number.parse().ok().filter(|number| *number > 0).map(Until::Settlement)
        }
        [day] => count(day).map(Until::EndOf),
        [day, time] => count(day).zip(second(time)).map(|(day, second)| Until::At(day, second)),
        _ => None,
    };
    found.ok_or_else(|| FORMS.to_owned())
}

/// The second of the day that `14:00` or `14:00:30` is.
fn second(text: &str) -> Option<u32> {
    let parts = text.split(':').map(|part| match part.len() {
        2 => part.parse::<u32>().ok(),
        _ => None,
    });
    match parts.collect::<Option<Vec<_>>>()?.as_slice() {
        [hour @ 0..24, minute @ 0..60] => Some(hour * 3_600 + minute * 60),
        [hour @ 0..24, minute @ 0..60, second @ 0..60] => Some(hour * 3_600 + minute * 60 + second),
        _ => None,
    }
}
