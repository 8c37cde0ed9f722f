//! From a spec to a plan: every step from an empty chain to Units that take subscriptions.

mod class;
mod configurator;
mod core;
mod draft;
mod governance;
mod halo;
mod labels;
mod params;
mod predict;
mod primes;
mod unit;

use alloy_primitives::Address;
use halo_spec::{ClassSpec, Network, Signing};
use halo_templates::Lock;

pub use self::{
    configurator::{PACE, Pace},
    primes::PrimeLimits,
};

use self::draft::Draft;
use crate::{
    error::{Error, Result},
    means::{Indirect, Means, Road},
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
        let halo = halo::Planned::of(&context, &core)?;
        governance::plan(&context, &core, halo.as_ref(), &mut draft)?;
        if let Some(halo) = &halo {
            halo.plan(&context, &core, &mut draft)?;
        }
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
        let guard = halo.as_ref().map(halo::Planned::guard);
        let indirect = context.indirect(primes, guard)?;
        draft.seal(subject(spec, network), indirect)
    }
}

impl<'a> Context<'a> {
    fn new(spec: &'a ClassSpec, network: &'a Network) -> Result<Self> {
        let deployer = network.deployer.ok_or_else(|| Error::Unplannable {
            what: format!("the network {} does not say who pays for deployments", network.name),
            remedy: "give `deployer` in its file".to_owned(),
        })?;
        let halo = match spec.admins.first() {
            Some(first) => *first,
            // `halo::Planned::of` tells which address to name.
            None if spec.halo.governance.is_some() => Address::ZERO,
            None => {
                return Err(Error::Unplannable {
                    what: format!("the Class {} has no admin", spec.slug),
                    remedy: "name the Halo's SubProxy in `roles.admins`".to_owned(),
                });
            }
        };
        let parent = network.prime(&spec.halo.prime).ok_or_else(|| Error::Unplannable {
            what: format!("the network {} has no Prime {}", network.name, spec.halo.prime),
            remedy: "name one of its Primes in `halo.prime`".to_owned(),
        })?;
        let signers = &network.signers;
        // GovOps is whoever the network says; who the others are, spec and network say elsewhere.
        let govops = own_address(&signers.govops).unwrap_or(deployer);
        Ok(Self {
            spec,
            network,
            deployer: Signer { role: Role::Deployer, address: deployer, means: Means::Key },
            governance: signer(
                Role::Governance,
                network.governance.pause_proxy,
                &signers.governance,
            )?,
            govops: signer(Role::Govops, govops, &signers.govops)?,
            halo: signer(Role::Halo, halo, &signers.halo)?,
            parent,
        })
    }

    /// A Prime's SubProxy.
    pub(crate) fn prime(&self, prime: &halo_spec::Prime) -> Result<Signer> {
        signer(Role::Prime, prime.sub_proxy, &self.network.signers.prime)
    }

    /// The signers without keys, each with its road. `guard` is the spell guard that the plan makes for the Halo.
    fn indirect(&self, primes: &[PrimeLimits], guard: Option<Address>) -> Result<Vec<Indirect>> {
        let signers = &self.network.signers;
        if let Signing::Spell(road) = &signers.halo {
            halo::agree(road, guard)?;
        }
        let mut all = vec![
            (self.governance.address, &signers.governance, None),
            (self.govops.address, &signers.govops, None),
            (self.halo.address, &signers.halo, guard),
        ];
        for PrimeLimits { prime, .. } in primes {
            let guard = prime.star_guard;
            if matches!(signers.prime, Signing::Spell(_)) && guard.is_none() {
                return Err(Error::Unplannable {
                    what: format!("the Prime {} has no StarGuard to plot spells in", prime.slug),
                    remedy: "give `star_guard` in the network's file".to_owned(),
                });
            }
            all.push((prime.sub_proxy, &signers.prime, guard));
        }
        let sender = self.deployer.address;
        let mut indirect: Vec<Indirect> = Vec::new();
        for (account, signing, guard) in all {
            let Some(road) = Road::of(signing, guard, sender) else { continue };
            match indirect.iter().find(|other| other.account == account) {
                None => indirect.push(Indirect { account, road }),
                Some(other) if other.road == road => {}
                Some(_) => {
                    return Err(Error::Unplannable {
                        what: format!("{account} signs for two roles by two roads"),
                        remedy: "let both tables of [signers] say the same of it".to_owned(),
                    });
                }
            }
        }
        Ok(indirect)
    }
}

/// A signer by its role; what acts must be the account that the role has.
fn signer(role: Role, address: Address, signing: &Signing) -> Result<Signer> {
    if let Some(own) = own_address(signing).filter(|own| *own != address) {
        return Err(Error::Unplannable {
            what: format!("the {role} is {address}, but [signers.{role}] has {own}"),
            remedy: "let the spec or the network name that account, or correct the table"
                .to_owned(),
        });
    }
    let means = match signing {
        Signing::Key => Means::Key,
        Signing::Safe(_) => Means::Safe,
        Signing::Spell(_) => Means::Spell,
        Signing::Timelock(_) => Means::Timelock,
    };
    Ok(Signer { role, address, means })
}

/// The address of a Safe or a timelock, which is itself the account that acts.
fn own_address(signing: &Signing) -> Option<Address> {
    match signing {
        Signing::Key | Signing::Spell(_) => None,
        Signing::Safe(safe) => Some(safe.address),
        Signing::Timelock(lock) => Some(lock.address),
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
