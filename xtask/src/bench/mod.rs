//! `cargo xtask bench`: one module per measurement, each of which prints its own lines.

mod build;
mod deploy;
mod fork;
mod launch;
mod scale;
mod throughput;

use crate::Result;

type Bench = (&'static str, fn() -> Result);

/// The measurements by name, in the order in which they run.
const BENCHES: &[Bench] = &[
    ("build", build::run),
    ("launch", launch::run),
    ("throughput", throughput::run),
    ("scale", scale::run),
    ("year", scale::year),
    ("fork", fork::run),
    ("deploy", deploy::run),
];

/// Runs the named measurement, or all.
pub(crate) fn run(name: Option<&str>) -> Result {
    let chosen: Vec<_> =
        BENCHES.iter().filter(|(bench, _)| name.is_none_or(|name| name == *bench)).collect();
    if chosen.is_empty() {
        let names: Vec<_> = BENCHES.iter().map(|(bench, _)| *bench).collect();
        return Err(format!("no such measurement; there are {}", names.join(", ")).into());
    }
    chosen.into_iter().try_for_each(|(_, run)| run())
}
