//! Errors of the other crates as failures of this program: each with its exit status and a way on.

use halo_chain::{ErrorClass, Labels, node::NodeError};
use halo_deploy::Fault;
use halo_spec::LoadError;
use miette::{Report, miette};

use crate::exit::Failure;

impl From<LoadError> for Failure {
    fn from(error: LoadError) -> Self {
        match error {
            LoadError::Io { .. } => Self::outside(error),
            LoadError::Input(_) => Self::input(error),
        }
    }
}

impl From<halo_deploy::Error> for Failure {
    fn from(error: halo_deploy::Error) -> Self {
        use halo_deploy::Error;
        let fault = error.fault();
        let report = match error {
            Error::Chain(error) => return error.into(),
            Error::Unplannable { what, remedy } => miette!(help = remedy, "{what}"),
            Error::Mismatch { document, what, expected, found, remedy } => {
                miette!(help = remedy, "{what} of the {document} is {expected}, here it is {found}")
            }
            other => match way_on(&other) {
                Some(help) => miette!(help = help, "{other}"),
                None => miette!("{other}"),
            },
        };
        match fault {
            Fault::Refused => Self::refused(report),
            Fault::Input => Self::input(report),
            Fault::Outside => Self::outside(report),
        }
    }
}

fn way_on(error: &halo_deploy::Error) -> Option<&'static str> {
    use halo_deploy::Error;
    match error {
        Error::Malformed { .. } => Some(
            "give a manifest as `halo deploy` or `halo launch` wrote it: <out>/<chain>/<class>/<unit>.json; a plan as \
             `halo plan --out` wrote it",
        ),
        Error::File { .. } => Some("check that the file is there, and may be read or written"),
        Error::PlanTampered { .. } => Some("make the plan again with `halo plan`"),
        Error::Journal { .. } => Some(
            "put the journal back from a copy, or begin another with --journal FILE: what stands is then judged by the \
             chain alone",
        ),
        Error::InUse { .. } => Some("wait until the other `halo deploy` has ended"),
        Error::Changed { .. } => Some(
            "put the spec back as it was; or give the change to a Class of its own, with another slug; or begin another \
             journal with --journal FILE: what stands is then judged by the chain alone, and changed by further steps",
        ),
        Error::Stopped(_) => {
            Some("nothing was kept: the state folder and the manifests are as they were before")
        }
        _ => None,
    }
}

impl From<halo_evidence::Error> for Failure {
    fn from(error: halo_evidence::Error) -> Self {
        use halo_evidence::Error;
        match error {
            Error::Deploy(error) => error.into(),
            Error::Chain(error) => error.into(),
            Error::Compile(error) => error.into(),
            Error::Malformed { place, what, remedy } => {
                Self::input(miette!(help = remedy, "{place}: {what}"))
            }
            Error::Explorer { .. } => Self::outside(miette!(
                help = "run it again when the explorer answers: what it has already is left alone; the key is read \
                        from HALO_EXPLORER_KEY",
                "{error}"
            )),
            Error::File { .. } => Self::outside(miette!(
                help = "check that the file is there, and may be read or written",
                "{error}"
            )),
            other => Self::outside(miette!("{other}")),
        }
    }
}

impl From<halo_governance::Error> for Failure {
    fn from(error: halo_governance::Error) -> Self {
        use halo_governance::Error;
        let said = error.to_string();
        match error {
            Error::Terms { remedy, .. } => Self::input(miette!(help = remedy, "{said}")),
            Error::Insane { .. } => Self::input(miette!(
                help = "limits and caps lie between 1 and 10^12 tokens; change the spec or the arguments",
                "{said}"
            )),
            Error::NoContract { .. } => Self::input(miette!(
                help = "deploy it, or write the spell for a deployment that has it",
                "{said}"
            )),
            Error::Compile(error) => error.into(),
            Error::Deploy(error) => error.into(),
            Error::Chain(error) => error.into(),
            Error::File { .. } => Self::outside(miette!("{said}")),
            _ => Self::refused(miette!("{said}")),
        }
    }
}

impl From<halo_chain::Error> for Failure {
    fn from(error: halo_chain::Error) -> Self {
        of_chain(&error, &Labels::default())
    }
}

impl From<halo_chain::StateError> for Failure {
    fn from(error: halo_chain::StateError) -> Self {
        Self::from(halo_chain::Error::from(error))
    }
}

/// An error of a chain, with the addresses in it by their names.
fn of_chain(error: &halo_chain::Error, labels: &Labels) -> Failure {
    let said = error.explain(labels);
    match (error.exit_class(), error) {
        (ErrorClass::Chain, _) => Failure::refused(miette!("{said}")),
        (ErrorClass::Outside, halo_chain::Error::State(_)) => Failure::outside(miette!(
            help = "another folder can be named with --state or HALO_STATE",
            "{said}"
        )),
        (ErrorClass::Outside, halo_chain::Error::Node(NodeError::Url)) => Failure::input(miette!(
            help = "--rpc-url takes the URL of a node; several, separated by commas, must agree",
            "{said}"
        )),
        (ErrorClass::Outside, halo_chain::Error::Node(_)) => Failure::outside(miette!(
            help = "run it again when the node answers, or name another",
            "{said}"
        )),
        (ErrorClass::Outside, _) => Failure::outside(miette!("{said}")),
    }
}

/// An error of the simulation, with the addresses in it by their names.
pub(crate) fn of_sim(error: &halo_sim::Error, labels: &Labels) -> Failure {
    match error {
        halo_sim::Error::Chain(error) => of_chain(error, labels),
        halo_sim::Error::NoClass => Failure::input(miette!(
            help = "name a Class in the scenario, or give one with --class SPEC",
            "{error}"
        )),
        halo_sim::Error::TooManyRuns { .. } | halo_sim::Error::NoRelayer { .. } => {
            Failure::input(miette!("{error}"))
        }
        other => Failure::refused(miette!(
            help = "nothing was kept: the state folder and the manifests are as they were before",
            "the run stops: {other}"
        )),
    }
}

impl From<halo_templates::Error> for Failure {
    fn from(error: halo_templates::Error) -> Self {
        use halo_templates::Error;
        let report: Report = miette!("{error}");
        match error {
            Error::NoTree { .. } => Self::input(miette!(
                help = "work in a checkout of the repository, or name its folder `solidity` with --root",
                "{error}"
            )),
            Error::WrongSolc { .. } | Error::WrongForge { .. } | Error::NoForge { .. } => {
                Self::outside(miette!(
                    help = "`cargo xtask setup` installs what is pinned; --solc or HALO_SOLC names another solc",
                    "{error}"
                ))
            }
            Error::BrokenSolc { .. } | Error::NoSolc { .. } | Error::File { .. } => {
                Self::outside(report)
            }
            _ => Self::input(report),
        }
    }
}
