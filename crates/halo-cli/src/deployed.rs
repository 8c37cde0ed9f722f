//! What a file says is deployed: a manifest, or what the plan of a spec would leave.

use std::path::Path;

use alloy_primitives::Address;
use halo_deploy::{Manifest, Plan};
use halo_evidence::{assertions, registry};
use miette::miette;

use crate::{
    args::AgainstArgs,
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
    /// Who must be left with nothing.
    pub(crate) deployers: Vec<Address>,
}

impl Planned {
    /// The manifest of the same Unit as this one.
    pub(crate) fn unit_of(&self, manifest: &Manifest, spec: &Path) -> Result<&Manifest, Failure> {
        let own = self.manifests.iter().find(|one| one.unit.id == manifest.unit.id);
        own.ok_or_else(|| {
            Failure::input(miette!(
                help = "name the spec that the manifest was made from",
                "{} has no Unit `{}` of the Class `{}`",
                spec.display(),
                manifest.unit.slug,
                manifest.class.slug
            ))
        })
    }
}

/// Whether the file is a manifest by its name, and no spec.
pub(crate) fn is_manifest(file: &Path) -> bool {
    file.extension().is_some_and(|ending| ending == "json")
}

/// What the plan of a spec would leave.
pub(crate) fn of_spec(
    file: &Path,
    against: &AgainstArgs,
    printer: Printer,
) -> Result<Planned, Failure> {
    let inputs = load::inputs(file, &against.network, &against.scenario, printer)?;
    let plan = road::plan(&inputs)?;
    let mut manifests = Vec::with_capacity(plan.subject.units.len());
    for unit in &plan.subject.units {
        manifests.push(Manifest::new(&plan, &unit.slug, &[])?);
    }
    let deployers = assertions::deployers(&plan);
    Ok(Planned { inputs, plan, manifests, deployers })
}

/// A manifest with those of its Class that lie beside it.
pub(crate) fn of_manifest(file: &Path) -> Result<(Manifest, Vec<Manifest>), Failure> {
    let manifest = Manifest::load(file)?;
    let siblings = registry::siblings(file, &manifest)?;
    Ok((manifest, siblings))
}
