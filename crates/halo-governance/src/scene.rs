//! The chain that a spell is written for, and the record of what stands on it.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::SolCall;
use halo_chain::{Alloc, Chain, Embedded, Genesis, GenesisTerms, Labels, now};
use halo_deploy::{Fact, Manifest, Plan, PrimeLimits, RecordKind, apply};
use halo_spec::{ClassSpec, Network, Prime, Scenario, Token};
use halo_templates::bindings::{HaloUnit, UnitRegistry};

use crate::{Error, Result, SecondController, SpellKind, Terms};

/// A chain with a Class and a Unit, and the manifest that says what is where.
#[derive(Debug)]
pub struct Scene {
    pub(crate) network: Network,
    pub(crate) manifest: Manifest,
    pub(crate) chain: Embedded,
    /// The Halo's SubProxy.
    pub(crate) halo: Address,
    /// The Prime above it.
    pub(crate) prime: Prime,
    /// What the spec says of the Configurator, if the scene was made from one.
    pub(crate) pace: Option<halo_spec::Configurator>,
    /// Slugs of the Class's Units by id, as far as the scene knows them.
    pub(crate) slugs: BTreeMap<B256, String>,
    /// The ids of the templates that the plan proposes, by name.
    pub(crate) templates: BTreeMap<String, B256>,
    /// From what the scene was made, in words.
    pub(crate) origin: String,
}

/// A Unit of the Class.
#[derive(Clone, Debug)]
pub(crate) struct Unit {
    pub(crate) at: Address,
    /// Its slug, or its symbol where the manifest of a sibling is all there is.
    pub(crate) name: String,
}

impl Scene {
    /// The scene in which a spell of `kind` is cast: a fresh embedded chain on which the plan was applied, as far as the
    /// step that the spell takes in its place.
    ///
    /// # Errors
    /// The plan does not pass, or has no such Unit or template.
    pub fn rehearse(
        kind: SpellKind,
        terms: &Terms,
        spec: &ClassSpec,
        network: &Network,
        scenario: &Scenario,
    ) -> Result<Self> {
        let plan = Plan::new(spec, network, &PrimeLimits::of_scenario(scenario))?;
        let first = plan.subject.units.first().map(|unit| unit.slug.clone()).unwrap_or_default();
        let unit = terms.unit.clone().unwrap_or(first);
        let facts = plan.steps.iter().flat_map(|step| &step.expects);
        let templates = facts.filter_map(template_id).collect();
        let own = format!("unit/{unit}/");
        let plan = match kind {
            SpellKind::OnboardHaloClass => plan.without(|id| {
                let is_pace = matches!(id, "class/hop" | "class/max-change");
                is_pace
                    || ["class/init/", "class/gov-ops/", "unit/"]
                        .iter()
                        .any(|one| id.starts_with(one))
            })?,
            SpellKind::OnboardUnit => plan.without(|id| {
                let step = id.strip_prefix(&own);
                step.is_some_and(|step| {
                    step == "activate" || step.starts_with("init/") || step.ends_with("/init")
                })
            })?,
            SpellKind::TemplateApproval => {
                let approval = format!("governance/approve/{}", terms.template_name()?);
                plan.without(|id| {
                    id == approval || ["class/", "unit/"].iter().any(|one| id.starts_with(one))
                })?
            }
            _ => plan,
        };
        let mut chain = Genesis::build(&GenesisTerms::of_scenario(network, scenario))?.chain;
        now(apply(&plan, &mut chain, |_| {}))?;
        let above = network.prime(&spec.halo.prime).cloned().ok_or_else(no_halo)?;
        if kind == SpellKind::SecondController {
            let prime = prime_of(terms, network, &above)?;
            let second = SecondController::of(&prime, network)?;
            now(second.deploy(&mut chain, Address::ZERO))?;
        }
        let manifest = Manifest::new(&plan, &unit, &[])?;
        let slugs = plan.subject.units.iter().map(|unit| (unit.id, unit.slug.clone())).collect();
        let origin = format!("from the spec of hash {}", manifest.spec_hash);
        let halo = spec.admins.first().copied().unwrap_or_default();
        let prime = above;
        let pace = spec.configurator.clone();
        let network = network.clone();
        Ok(Self { network, manifest, chain, halo, prime, pace, slugs, templates, origin })
    }

    /// The scene of a deployment that was made before, on the chain where it was made.
    ///
    /// # Errors
    /// [`Error::NoContract`] when the manifest has no Halo of a Prime of the network.
    pub fn of_manifest(manifest: Manifest, chain: Embedded, network: Network) -> Result<Self> {
        let origin = format!("from the manifest of {}", manifest.relative_path().display());
        let templates = manifest.templates.iter().map(|one| (one.name.clone(), one.id)).collect();
        let record = manifest.records.iter().find(|record| record.of == RecordKind::Halo);
        let record = record.ok_or_else(no_halo)?;
        let halo = record.at.first().copied().ok_or_else(no_halo)?;
        let prime = network.primes.iter().find(|prime| prime.id == record.parent).cloned();
        let prime = prime.ok_or_else(no_halo)?;
        let slugs = [(manifest.unit.id, manifest.unit.slug.clone())].into();
        Ok(Self { network, manifest, chain, halo, prime, pace: None, slugs, templates, origin })
    }

    /// The accounts of the chain, as a genesis file that forge and anvil start from.
    ///
    /// # Errors
    /// On a fork whose source does not hold the code of an account.
    pub fn world(&self) -> Result<serde_json::Value> {
        Ok(Alloc::of(&self.chain)?.to_genesis_json(self.network.chain_id, self.chain.timestamp()))
    }

    /// The token that Units of the Class take in and pay out.
    ///
    /// # Errors
    /// [`Error::Terms`] when the network does not know it.
    pub fn asset(&self) -> Result<&Token> {
        let at = self.read(self.unit()?, &HaloUnit::assetCall {})?;
        self.token(at)
    }

    pub(crate) fn token(&self, at: Address) -> Result<&Token> {
        self.network.tokens.iter().find(|token| token.address == at).ok_or_else(|| Error::Terms {
            what: format!("the network {} does not know the token {at}", self.network.name),
            remedy: "name it under [[tokens]] in the network's file".to_owned(),
        })
    }

    /// Names of what stands, and of those who govern.
    #[must_use]
    pub fn labels(&self) -> Labels {
        let mut labels = Genesis::labels_of(&self.network);
        for contract in &self.manifest.contracts {
            labels.insert(contract.address, contract.name.as_str());
        }
        labels.insert(self.halo, "Halo SubProxy");
        labels
    }

    /// What a rate limit's key stands for, if the manifest has the limit.
    #[must_use]
    pub fn key_name(&self, key: B256) -> Option<&str> {
        let limit = self.manifest.limits.iter().find(|limit| limit.key == key);
        limit.map(|limit| limit.label.as_str())
    }

    /// Where the contract of that name stands.
    pub(crate) fn contract(&self, name: &str) -> Result<Address> {
        let found = self.manifest.contract(name);
        found.map(|one| one.address).ok_or_else(|| Error::NoContract { name: name.to_owned() })
    }

    /// The Unit.
    pub(crate) fn unit(&self) -> Result<Address> {
        self.contract(&format!("unit/{}/unit", self.manifest.unit.slug))
    }

    /// All Units of the Class, in the registry's order.
    pub(crate) fn units(&self) -> Result<Vec<Unit>> {
        let registry = self.contract("core/unit-registry")?;
        let ids =
            self.read(registry, &UnitRegistry::unitsOfCall { classId: self.manifest.class.id })?;
        let unit = |unit_id: B256| {
            let record = self.read(registry, &UnitRegistry::unitRecordCall { unitId: unit_id })?;
            let at = record.at.unit;
            let name = match self.slugs.get(&unit_id) {
                Some(slug) => slug.clone(),
                None => self.read(at, &HaloUnit::symbolCall {})?,
            };
            Ok(Unit { at, name })
        };
        ids.into_iter().map(unit).collect()
    }

    /// A limit of the Class or of a Prime by its key.
    pub(crate) fn limits_of<'a>(
        &'a self,
        contract: &'a str,
    ) -> impl Iterator<Item = &'a halo_deploy::Limit> {
        self.manifest.limits.iter().filter(move |limit| limit.contract == contract)
    }

    /// What a view function returns now.
    pub(crate) fn read<C: SolCall>(&self, to: Address, call: &C) -> Result<C::Return> {
        Ok(now(self.chain.read(to, call))?)
    }

    /// 10^decimals of a token.
    pub(crate) fn one(token: &Token) -> U256 {
        U256::from(10).pow(U256::from(token.decimals))
    }
}

/// The Prime that the terms name, or the one above the Halo.
pub(crate) fn prime_of(terms: &Terms, network: &Network, above: &Prime) -> Result<Prime> {
    let Some(slug) = &terms.prime else { return Ok(above.clone()) };
    network.prime(slug).cloned().ok_or_else(|| Error::Terms {
        what: format!("the network {} has no Prime {slug}", network.name),
        remedy: "name one of its [[primes]] by its slug".to_owned(),
    })
}

fn template_id(fact: &Fact) -> Option<(String, B256)> {
    match fact {
        Fact::Template(template) => Some((template.name.clone(), template.id)),
        _ => None,
    }
}

fn no_halo() -> Error {
    Error::NoContract { name: "halo".to_owned() }
}
