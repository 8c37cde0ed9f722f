//! Opening what the arguments name: network, spec, scenario.

use std::path::Path;

use halo_spec::{Checked, ClassSpec, Network, Scenario};
use miette::miette;

use crate::{args::SpecArgs, exit::Failure, output::Printer};

/// A Class spec with the network and the scenario that it is read against.
#[derive(Debug)]
pub(crate) struct Inputs {
    /// The network.
    pub network: Network,
    /// The Class.
    pub class: ClassSpec,
    /// The Primes' limits and appetites.
    pub scenario: Scenario,
}

/// The network of that name, or in that file.
pub(crate) fn network(name: &str, printer: Printer) -> Result<Network, Failure> {
    if let Some(network) = Network::named(name) {
        return Ok(network?);
    }
    let path = Path::new(name);
    let is_word = !path.exists() && path.extension().is_none() && path.components().count() < 2;
    if is_word {
        return Err(Failure::input(miette!(
            help =
                "embedded and mainnet are inside the program; for another, name its network file",
            "there is no network called `{name}`, and no file of that name"
        )));
    }
    Ok(accept(Network::load(path)?, printer))
}

/// The spec, its network and the scenario; warnings go to stderr.
pub(crate) fn inputs(
    spec: &SpecArgs,
    scenario: Option<&Path>,
    printer: Printer,
) -> Result<Inputs, Failure> {
    let network = network(&spec.network.network, printer)?;
    let class = accept(ClassSpec::load(&spec.file, &network)?, printer);
    let scenario = match scenario {
        Some(path) => accept(Scenario::load(path, &network, &class.asset)?, printer),
        None => accept(Scenario::day1(&network, &class.asset)?, printer),
    };
    Ok(Inputs { network, class, scenario })
}

/// The value, with what is still worth saying about its file said on stderr.
fn accept<T>(checked: Checked<T>, printer: Printer) -> T {
    if !checked.findings.is_empty() {
        printer.progress(format!("{:?}", miette::Report::new(checked.problems())).trim_end());
    }
    checked.value
}
