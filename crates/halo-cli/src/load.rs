//! Opening what the arguments name: network, spec, scenario.

use std::path::Path;

use halo_spec::{Checked, ClassSpec, Network, Scenario};
use miette::miette;

use crate::{
    args::{NetworkArgs, ScenarioArgs},
    exit::Failure,
    output::Printer,
};

/// A Class spec with the network and the scenario that it is read against.
#[derive(Debug, Clone)]
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
    file: &Path,
    named: &NetworkArgs,
    scenario: &ScenarioArgs,
    printer: Printer,
) -> Result<Inputs, Failure> {
    let network = network(&named.network, printer)?;
    let class = accept(ClassSpec::load(file, &network)?, printer);
    let scenario = match &scenario.scenario {
        Some(path) => accept(Scenario::load(path, &network, &class.asset)?, printer),
        None => accept(Scenario::day1(&network, &class.asset)?, printer),
    };
    Ok(Inputs { network, class, scenario })
}

/// A file's text.
pub(crate) fn text(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path)
        .map_err(|error| Failure::outside(miette!("{} cannot be read: {error}", path.display())))
}

/// The value, with what is still worth saying about its file said on stderr.
fn accept<T>(checked: Checked<T>, printer: Printer) -> T {
    if !checked.findings.is_empty() {
        printer.progress(format!("{:?}", miette::Report::new(checked.problems())).trim_end());
    }
    checked.value
}
