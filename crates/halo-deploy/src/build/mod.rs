//! From a spec to a plan: every step from an empty chain to Units that take subscriptions.

mod class;
mod configurator;
mod core;
mod draft;
mod governance;
mod labels;
mod params;
mod predict;
mod primes;
mod unit;

use halo_spec::{ClassSpec, Network};
use halo_templates::Lock;

pub use self::primes::PrimeLimits;

use self::draft::Draft;
use crate::{
    error::{Error, Result},
    plan::{Identity, Plan, Role, Signer, Subject},
};

/// The oldest heartbeat that UnitRegistry lets count, seconds.
pub(crate) const MAX_HEARTBEAT_AGE: u64 = 36 * 3600;

/// Who signs what, and the addresses that everything is built on.
pub(crate) struct Context<'a> {
    pub(crate) spec: &'a ClassSpec,
    pub(crate) network: &'a Network,
    pub(crate) deployer: Signer,
    pub(crate) governance: Signer,
    pub(crate) govops: Signer,
    pub(crate) halo: Signer,
    /// The Prime that the Halo belongs to.
    pub(crate) parent: &'a halo_spec::Prime,
}

impl Plan {
    /// Plans a Class with its Units from nothing: core contracts, approval of the templates,
    /// registrations, artifacts, Class, Units, limits, activation; and for the Primes in `primes`
    /// the limits that let them in. It asks no chain: what stands already is found out, step by
    /// step, when the plan is applied.
    ///
    /// # Errors
    /// [`Error::Unplannable`] with a remedy, when spec and network do not suffice.
    pub fn new(spec: &ClassSpec, network: &Network, primes: &[PrimeLimits]) -> Result<Self> {
        let context = Context::new(spec, network)?;
        let mut draft = Draft::new(network.create2);
        let core = core::plan(&context, &mut draft)?;
        governance::plan(&context, &core, &mut draft)?;
        let class = class::plan(&context, &core, &mut draft)?;
        // A tranche book is filled from the equity upwards.
        for unit in spec.units_by_tranche() {
            let at = unit::plan(&context, &core, &class, unit, &mut draft)?;
            primes::plan(&context, &core, unit, &at, primes, &mut draft)?;
        }
        class::heartbeats(&context, &core, &mut draft)?;
        for unit in &spec.units {
            unit::activate(&context, &core, unit, &mut draft)?;
        }
        draft.seal(subject(spec, network))
    }
}

impl<'a> Context<'a> {
    fn new(spec: &'a ClassSpec, network: &'a Network) -> Result<Self> {
        let signer = |role, address| Signer { role, address };
        let deployer = network.deployer.ok_or_else(|| Error::Unplannable {
            what: format!("the network {} does not say who pays for deployments", network.name),
            remedy: "give `deployer` in its file".to_owned(),
        })?;
        let halo = spec.admins.first().copied().ok_or_else(|| Error::Unplannable {
            what: format!("the Class {} has no admin", spec.slug),
            remedy: "name the Halo's SubProxy in `roles.admins`".to_owned(),
        })?;
        let parent = network.prime(&spec.halo.prime).ok_or_else(|| Error::Unplannable {
            what: format!("the network {} has no Prime {}", network.name, spec.halo.prime),
            remedy: "name one of its Primes in `halo.prime`".to_owned(),
        })?;
        Ok(Self {
            spec,
            network,
            deployer: signer(Role::Deployer, deployer),
            governance: signer(Role::Governance, network.governance.pause_proxy),
            govops: signer(Role::Govops, deployer),
            halo: signer(Role::Halo, halo),
            parent,
        })
    }
}

fn subject(spec: &ClassSpec, network: &Network) -> Subject {
    let identity = |slug: &str, id| Identity { slug: slug.to_owned(), id };
    Subject {
        chain: network.name.clone(),
        chain_id: network.chain_id,
        spec_hash: spec.hash(),
        lock_hash: Lock::embedded().hash(),
        halo: identity(&spec.halo.slug, spec.halo.id),
        class: identity(&spec.slug, spec.id),
        units: spec.units.iter().map(|unit| identity(&unit.slug, unit.id)).collect(),
    }
}
