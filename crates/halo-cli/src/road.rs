//! The stretches of the road that several commands walk: plan, chain, apply, manifests, verify.

use std::path::{Path, PathBuf};

use halo_chain::{Chain, Embedded, Genesis, GenesisTerms, Labels, Store};
use halo_deploy::{Applied, Manifest, Plan, PrimeLimits, Report, Transaction};
use miette::miette;

use crate::{exit::Failure, load::Inputs, output::Printer, progress::Steps};

/// The plan of a spec, with the Primes' limits as the scenario has them.
pub(crate) fn plan(inputs: &Inputs) -> Result<Plan, Failure> {
    let primes = PrimeLimits::of_scenario(&inputs.scenario);
    Ok(Plan::new(&inputs.class, &inputs.network, &primes)?)
}

/// Refuses networks on which money is at stake: the chain inside the program is not theirs.
pub(crate) fn refuse_production(inputs: &Inputs) -> Result<(), Failure> {
    if inputs.network.production {
        return Err(Failure::input(miette!(
            help = "`halo deploy … --rpc-url URL` deploys through a node; the chain inside the program is \
                    --network embedded, and `halo plan` works with any network",
            "{} is a production network, and without a node this command deploys to the chain inside the program",
            inputs.network.name
        )));
    }
    Ok(())
}

/// A fresh embedded chain for the network.
pub(crate) fn genesis(inputs: &Inputs) -> Result<Embedded, Failure> {
    Ok(Genesis::build(&GenesisTerms::of_scenario(&inputs.network, &inputs.scenario))?.chain)
}

/// Names for the addresses that errors mention.
pub(crate) fn labels(inputs: &Inputs, plan: &Plan) -> Labels {
    let mut labels = Genesis::labels_of(&inputs.network);
    for contract in plan.contracts() {
        labels.insert(contract.address, contract.name.as_str());
    }
    labels
}

/// The folder of the embedded chain's state, for this process alone.
pub(crate) fn store(state: &Path) -> Result<Store, Failure> {
    Ok(Store::open(state)?)
}

/// The embedded chain that an earlier command kept there. `help` says how to come by one.
pub(crate) fn kept(state: &Path, help: &str) -> Result<Embedded, Failure> {
    store(state)?.load()?.ok_or_else(|| {
        Failure::input(miette!(help = help, "there is no embedded chain in {}", state.display()))
    })
}

/// Applies the plan, with progress on stderr.
pub(crate) fn apply(
    plan: &Plan,
    chain: &mut Embedded,
    printer: Printer,
) -> Result<Applied, Failure> {
    let mut steps = Steps::new(plan.steps.len(), printer);
    let applied =
        halo_chain::now(halo_deploy::apply(plan, chain, |progress| steps.note(&progress)))?;
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
    halo_chain::now(verify_on(manifests, chain))
}

/// The same on any chain.
pub(crate) async fn verify_on(
    manifests: &[Manifest],
    chain: &impl Chain,
) -> Result<Vec<Report>, Failure> {
    let mut reports = Vec::with_capacity(manifests.len());
    for manifest in manifests {
        reports.push(halo_deploy::verify(manifest, chain).await?);
    }
    Ok(reports)
}
