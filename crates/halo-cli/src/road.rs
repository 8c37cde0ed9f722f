//! The stretches of the road that several commands walk: plan, chain, apply, manifests, verify.

use std::path::{Path, PathBuf};

use halo_chain::{Embedded, ErrorClass, Genesis, GenesisTerms, Store};
use halo_deploy::{Applied, Fault, Manifest, Plan, PrimeLimits, Progress, Report, Transaction};
use miette::miette;

use crate::{exit::Failure, load::Inputs, output::Printer};

impl From<halo_deploy::Error> for Failure {
    fn from(error: halo_deploy::Error) -> Self {
        let report = miette!("{error}");
        match error.fault() {
            Fault::Refused => Self::refused(report),
            Fault::Input => Self::input(report),
            Fault::Outside => Self::outside(report),
        }
    }
}

impl From<halo_chain::Error> for Failure {
    fn from(error: halo_chain::Error) -> Self {
        let report = miette!("{error}");
        match error.exit_class() {
            ErrorClass::Chain => Self::refused(report),
            ErrorClass::Outside => Self::outside(report),
        }
    }
}

impl From<halo_chain::StateError> for Failure {
    fn from(error: halo_chain::StateError) -> Self {
        Self::from(halo_chain::Error::from(error))
    }
}

/// The plan of a spec, with the Primes' limits as the scenario has them.
pub(crate) fn plan(inputs: &Inputs) -> Result<Plan, Failure> {
    let primes = PrimeLimits::of_scenario(&inputs.scenario);
    Ok(Plan::new(&inputs.class, &inputs.network, &primes)?)
}

/// A fresh embedded chain for the network.
pub(crate) fn genesis(inputs: &Inputs) -> Result<Embedded, Failure> {
    if inputs.network.production {
        return Err(Failure::input(miette!(
            help = "use --network embedded; `halo plan` works with any network",
            "{} is a production network, and this command deploys to the chain inside the program",
            inputs.network.name
        )));
    }
    Ok(Genesis::build(&GenesisTerms::of_scenario(&inputs.network, &inputs.scenario))?.chain)
}

/// The folder of the embedded chain's state, for this process alone.
pub(crate) fn store(state: &Path) -> Result<Store, Failure> {
    Ok(Store::open(state)?)
}

/// Applies the plan, with a line of progress for each step that is sent.
pub(crate) fn apply(
    plan: &Plan,
    chain: &mut Embedded,
    printer: Printer,
) -> Result<Applied, Failure> {
    let mut place = (0, 0);
    let applied = halo_chain::now(halo_deploy::apply(plan, chain, |progress| match progress {
        Progress::Started(_, at, of) => place = (at, of),
        Progress::Unchanged(_) => {}
        Progress::Done(step, transaction) => {
            let (at, of) = place;
            printer.progress(format!("[{at}/{of}] {} ({} gas)", step.title, transaction.gas));
        }
    }))?;
    Ok(applied)
}

/// One manifest for each Unit. Transactions of an earlier run that made the same deployment are kept.
pub(crate) fn manifests(
    plan: &Plan,
    applied: &Applied,
    out: &Path,
) -> Result<Vec<Manifest>, Failure> {
    let mut manifests = Vec::with_capacity(plan.subject.units.len());
    for unit in &plan.subject.units {
        let fresh = Manifest::new(plan, &unit.slug, &applied.transactions)?;
        let path = out.join(fresh.relative_path());
        let earlier = if path.exists() { Manifest::load(&path).ok() } else { None };
        let manifest = match earlier.filter(|earlier| earlier.same_deployment(&fresh)) {
            Some(earlier) if !applied.unchanged.is_empty() => {
                let all: Vec<Transaction> =
                    earlier.transactions.iter().chain(&applied.transactions).cloned().collect();
                Manifest::new(plan, &unit.slug, &all)?
            }
            _ => fresh,
        };
        manifests.push(manifest);
    }
    Ok(manifests)
}

/// Writes the manifests under `out`.
pub(crate) fn save(manifests: &[Manifest], out: &Path) -> Result<Vec<PathBuf>, Failure> {
    manifests.iter().map(|manifest| Ok(manifest.save(out)?)).collect()
}

/// Reads the chain again for each manifest.
pub(crate) fn verify(manifests: &[Manifest], chain: &Embedded) -> Result<Vec<Report>, Failure> {
    let verify = |manifest| Ok(halo_chain::now(halo_deploy::verify(manifest, chain))?);
    manifests.iter().map(verify).collect()
}
