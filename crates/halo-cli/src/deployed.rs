//! What a file says is deployed: a manifest, or what the plan of a spec would leave.

use std::path::Path;

use alloy_primitives::Address;
use halo_deploy::{Manifest, Plan, Role};
use halo_evidence::registry;

use crate::{
    args::{NetworkArgs, ScenarioArgs, SpecArgs},
    exit::Failure,
    load::{self, Inputs},
    output::Printer,
    road,
};

/// What the plan of a spec would leave.
pub(crate) struct Planned {
    pub(crate) inputs: Inputs,
    pub(crate) plan: Plan,
    /// One for each Unit, without transactions.
    pub(crate) manifests: Vec<Manifest>,
    /// Who signs what does not depend on who signs it, and must be left with nothing.
    pub(crate) deployers: Vec<Address>,
}

/// Whether the file is a manifest by its name, and no spec.
pub(crate) fn is_manifest(file: &Path) -> bool {
    file.extension().is_some_and(|ending| ending == "json")
}

/// What the plan of a spec would leave.
pub(crate) fn of_spec(
    file: &Path,
    network: &NetworkArgs,
    scenario: &ScenarioArgs,
    printer: Printer,
) -> Result<Planned, Failure> {
    let spec = SpecArgs { file: file.to_owned(), network: network.clone() };
    let inputs = load::inputs(&spec, scenario.scenario.as_deref(), printer)?;
    let plan = road::plan(&inputs)?;
    let mut manifests = Vec::with_capacity(plan.subject.units.len());
    for unit in &plan.subject.units {
        manifests.push(Manifest::new(&plan, &unit.slug, &[])?);
    }
    let deployers = deployers(&plan);
    Ok(Planned { inputs, plan, manifests, deployers })
}

fn deployers(plan: &Plan) -> Vec<Address> {
    let signers = plan.steps.iter().map(|step| &step.signer);
    let mut all: Vec<Address> =
        signers.filter(|one| one.role == Role::Deployer).map(|one| one.address).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// A manifest with those of its Class that lie beside it.
pub(crate) fn of_manifest(file: &Path) -> Result<(Manifest, Vec<Manifest>), Failure> {
    let manifest = Manifest::load(file)?;
    let siblings = registry::siblings(file, &manifest)?;
    Ok((manifest, siblings))
}
