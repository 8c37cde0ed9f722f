//! The contracts that all Halos of a chain share.

use halo_templates::{
    Kind, Template,
    bindings::{HaloFactory, HaloMom, LaniakeaFactory, UnitRegistry},
    template,
};

use super::{
    Context, configurator,
    draft::{At, Draft},
};
use crate::{error::Result, fact::Fact, roles, wiring};
use alloy_primitives::{Address, address};

/// `NOBODY` of the Class's clones.
const NOBODY: Address = address!("0000000000000000000000000000000000000001");

/// The core contracts.
pub(crate) struct Core {
    pub(crate) templates: At,
    pub(crate) artifacts: At,
    pub(crate) beacons: At,
    pub(crate) units: At,
    pub(crate) facet_beacon: At,
    pub(crate) factory: At,
    pub(crate) halo_factory: At,
    /// The Configurator Unit.
    pub(crate) beam: configurator::Unit,
    /// The hat's hand on the brakes of Classes.
    pub(crate) halo_mom: At,
    /// What clones point to.
    pub(crate) implementations: Vec<At>,
    /// The facets with their integrations.
    pub(crate) facets: Vec<(At, wiring::Declared)>,
    /// Where the creation code of the other templates is kept.
    pub(crate) blobs: Vec<(&'static Template, Address)>,
}

impl Core {
    /// The implementation that clones of `template` point to.
    pub(crate) fn implementation(&self, template: &Template) -> Result<Address> {
        let found = self.implementations.iter().find(|at| at.template.name() == template.name());
        found
            .map(|at| at.address)
            .ok_or_else(|| super::draft::broken(template.name(), "it is no clone template"))
    }
}

pub(crate) fn plan(context: &Context<'_>, draft: &mut Draft) -> Result<Core> {
    let signer = &context.deployer;
    let admin = context.governance.address;
    let templates =
        draft.create(signer, "core/template-registry", &template::TemplateRegistry, admin, none)?;
    let artifacts =
        draft.create(signer, "core/artifact-registry", &template::ArtifactRegistry, admin, none)?;
    let beacons =
        draft.create(signer, "core/beacon-registry", &template::BeaconRegistry, admin, none)?;
    let facet_beacon =
        draft.create(signer, "core/facet-beacon", &template::FacetBeacon, admin, |at| {
            Ok(vec![at.role(roles::DEFAULT_ADMIN, &[admin])])
        })?;
    let sources = (templates.address, beacons.address, artifacts.address);
    let units = draft.create(
        signer,
        "core/unit-registry",
        &template::UnitRegistry,
        (admin, sources.0, sources.1, sources.2),
        |at| {
            let (templates, beacons, artifacts) = sources;
            let sources = UnitRegistry::sourcesReturn { templates, beacons, artifacts };
            Ok(vec![at.returns(&UnitRegistry::sourcesCall {}, &sources)?])
        },
    )?;
    let beam = configurator::create(context, draft, &beacons)?;
    let halo_mom = draft.create(signer, "core/halo-mom", &template::HaloMom, admin, |at| {
        Ok(vec![at.returns(&HaloMom::ownerCall {}, &admin)?])
    })?;
    let checks =
        draft.create(signer, "core/deployment-checks", &template::DeploymentChecks, (), none)?;
    let (units_at, facet_beacon_at) = (units.address, facet_beacon.address);
    let (checks_at, configurator_at) = (checks.address, beam.configurator.address);
    let registrar_at = beam.registrar.address;
    let singletons = (
        sources.0,
        sources.2,
        sources.1,
        units_at,
        facet_beacon_at,
        checks_at,
        configurator_at,
        registrar_at,
    );
    let factory = draft.create(
        signer,
        "core/factory",
        &template::LaniakeaFactory,
        (admin, singletons),
        |at| {
            Ok(vec![
                at.returns(&LaniakeaFactory::templatesCall {}, &sources.0)?,
                at.returns(&LaniakeaFactory::artifactsCall {}, &sources.2)?,
                at.returns(&LaniakeaFactory::beaconsCall {}, &sources.1)?,
                at.returns(&LaniakeaFactory::unitsCall {}, &units_at)?,
                at.returns(&LaniakeaFactory::facetBeaconCall {}, &facet_beacon_at)?,
                at.returns(&LaniakeaFactory::checksCall {}, &checks_at)?,
                at.returns(&LaniakeaFactory::configuratorCall {}, &configurator_at)?,
                at.returns(&LaniakeaFactory::registrarCall {}, &registrar_at)?,
            ])
        },
    )?;
    let halo_factory = draft.create(
        signer,
        "core/halo-factory",
        &template::HaloFactory,
        (sources.0, sources.2),
        |at| {
            Ok(vec![
                at.returns(&HaloFactory::templatesCall {}, &sources.0)?,
                at.returns(&HaloFactory::artifactsCall {}, &sources.2)?,
            ])
        },
    )?;
    let mut core = Core {
        templates,
        artifacts,
        beacons,
        units,
        facet_beacon,
        factory,
        halo_factory,
        beam,
        halo_mom,
        implementations: Vec::new(),
        facets: Vec::new(),
        blobs: Vec::new(),
    };
    for template in Template::all() {
        let name = template.name();
        match template.kind() {
            Kind::Clone => {
                let label = format!("core/implementation/{name}");
                core.implementations.push(draft.create(signer, &label, template, (), nobodys)?);
            }
            Kind::Facet => {
                let label = format!("core/facet/{name}");
                let at = draft.create(signer, &label, template, (), none)?;
                core.facets.push((at, wiring::declared(template)?));
            }
            Kind::Blob => {
                let label = format!("core/blob/{name}");
                let at = draft.store(signer, &label, template, &core.templates)?;
                core.blobs.push((template, at));
            }
            Kind::Singleton | Kind::Fixture | Kind::Interface => {}
        }
    }
    Ok(core)
}

/// An implementation answers to nobody: the admin of those that have roles is an address without a key.
fn nobodys(at: &At) -> Result<Vec<Fact>> {
    let members = |role: &str| match role {
        roles::DEFAULT_ADMIN => vec![NOBODY],
        _ => Vec::new(),
    };
    Ok(roles::of(at.template.name()).iter().map(|role| at.role(role, &members(role))).collect())
}

fn none(_: &At) -> Result<Vec<Fact>> {
    Ok(Vec::new())
}
