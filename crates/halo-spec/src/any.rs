//! Any file, by its `format`: for `halo check`.

use std::path::Path;

use serde::Serialize;

use crate::{
    class::ClassSpec,
    document::Folder,
    file::format_of,
    finding::{Checked, Result},
    network::{Network, Token},
    prime::Prime,
    scenario::{Scenario, Simulation},
    source::Source,
};

/// A file of any kind, checked.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", content = "value", rename_all = "lowercase")]
pub enum Kind {
    /// A Class with its Units.
    Class(Box<ClassSpec>),
    /// A Prime.
    Prime(Box<Prime>),
    /// A network.
    Network(Box<Network>),
    /// A scenario, for a Class whose asset is USDS.
    Scenario(Box<Scenario>),
    /// A scenario that goes on for days.
    Simulation(Box<Simulation>),
}

impl Kind {
    /// Its word for people.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Class(_) => "Class",
            Self::Prime(_) => "Prime",
            Self::Network(_) => "network",
            Self::Scenario(_) | Self::Simulation(_) => "scenario",
        }
    }
}

/// Loads the file at `path`, whatever its kind, against `network`.
///
/// # Errors
/// It cannot be read or is wrong.
pub fn check_file(path: &Path, network: &Network) -> Result<Checked<Kind>> {
    let source = Source::read(path)?;
    match format_of(&source)? {
        "halo-prime/1" => Ok(Prime::from_source(source)?.map(|p| Kind::Prime(Box::new(p)))),
        "halo-network/1" => Ok(Network::from_source(source)?.map(|n| Kind::Network(Box::new(n)))),
        "halo-scenario/1" => {
            // A scenario is about whatever asset is launched; USDS is the usual one.
            let usds = network.token("USDS").cloned().unwrap_or_else(|| Token {
                symbol: "USDS".to_owned(),
                address: network.sky.usds,
                decimals: 18,
            });
            let scenario = Scenario::from_source(source, network, &usds)?;
            Ok(scenario.map(|s| Kind::Scenario(Box::new(s))))
        }
        "halo-scenario/2" => {
            let folder = path.parent().unwrap_or(Path::new(""));
            let simulation = Simulation::from_source(source, network, folder, &[])?;
            Ok(simulation.map(|s| Kind::Simulation(Box::new(s))))
        }
        _ => {
            let folder = Folder(path.parent().unwrap_or(Path::new("")).to_owned());
            let class = ClassSpec::from_source(source, network, &folder)?;
            Ok(class.map(|c| Kind::Class(Box::new(c))))
        }
    }
}
