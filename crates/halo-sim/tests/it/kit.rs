//! Scenarios to run.

use std::path::{Path, PathBuf};

use halo_sim::{Options, Run, simulate};
use halo_spec::{Network, Simulation};

/// The folder of the presets.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deployments/scenarios")
}

/// The preset of that name.
pub(crate) fn preset(name: &str) -> Simulation {
    let network = Network::embedded().unwrap();
    let path = folder().join(format!("{name}.toml"));
    match Simulation::load(&path, &network, &[]) {
        Ok(checked) => checked.value,
        Err(error) => panic!("{name}: {:?}", miette_like(&error)),
    }
}

/// A preset whose text was changed.
pub(crate) fn changed(
    name: &str,
    change: impl FnOnce(String) -> String,
) -> Result<Simulation, String> {
    let network = Network::embedded().unwrap();
    let text = std::fs::read_to_string(folder().join(format!("{name}.toml"))).unwrap();
    Simulation::parse(name, &change(text), &network, &folder(), &[])
        .map(|checked| checked.value)
        .map_err(|error| miette_like(&error))
}

fn miette_like(error: &halo_spec::LoadError) -> String {
    match error {
        halo_spec::LoadError::Input(problems) => {
            let lines =
                problems.findings.iter().map(|one| format!("{} {:?}", one.message, one.place));
            lines.collect::<Vec<_>>().join("; ")
        }
        other => other.to_string(),
    }
}

/// Runs it.
pub(crate) fn run(simulation: &Simulation) -> Run {
    simulate(simulation, &Options::default(), |_| {}).unwrap_or_else(|error| panic!("{error}"))
}

/// What went wrong, in the words of the run.
pub(crate) fn said(run: &Run) -> String {
    let failures: Vec<_> = run
        .expectations
        .iter()
        .filter(|row| !row.holds)
        .map(|row| format!("{}: {}", row.text, row.found))
        .collect();
    format!(
        "{failures:?}\nbroken {:?}\n{:?}\n{}",
        run.invariants.broken.iter().take(5).collect::<Vec<_>>(),
        run.conservation,
        run.words.join("\n")
    )
}
