//! Drift: whether chain, manifest, spec and the artifact's wording still say the same, limit by limit, and what is on the
//! chain that nobody wrote down.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::{Address, B256, U256};
use halo_chain::{Chain, Filter};
use halo_deploy::{Check, Fact, Limit, Manifest, verify};
use halo_governance::artifact::{Direction, WrittenId, WrittenLimit, target};
use halo_templates::bindings::RateLimits;
use serde::Serialize;

use crate::{
    Result,
    registry::{Difference, differences},
    wording::OnChain,
};

/// What was compared and where it differs.
#[derive(Clone, Debug, Serialize)]
pub struct Drift {
    /// The Unit: its chain, Class and slug.
    pub unit: String,
    /// Every limit of the manifest.
    pub limits: Vec<LimitDrift>,
    /// Limits that the documents state and the manifest does not have.
    pub unmatched: Vec<Unmatched>,
    /// Everything else of the manifest that the chain does not say.
    pub chain: Vec<Check>,
    /// Where manifest and spec differ in anything else.
    pub spec: Vec<SpecDrift>,
    /// Limits that are on the chain and in no manifest.
    pub strangers: Vec<Stranger>,
}

/// One limit from all sides.
#[derive(Clone, Debug, Serialize)]
pub struct LimitDrift {
    /// The RateLimits contract's name in the plan.
    pub contract: String,
    /// What is limited.
    pub label: String,
    /// Its id.
    pub key: B256,
    /// In the manifest.
    pub manifest: String,
    /// On the chain.
    pub chain: String,
    /// In the spec; none when no spec was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spec: Option<String>,
    /// In the artifact's words; none when no artifact states it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub artifact: Option<String>,
    /// The id that the artifact should have in place of its placeholder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub placeholder: Option<String>,
    /// How they differ; empty when they do not.
    pub drift: Vec<String>,
}

/// A limit of a document that belongs to none of the manifest.
#[derive(Clone, Debug, Serialize)]
pub struct Unmatched {
    /// The document and line.
    pub place: String,
    /// The instance.
    pub instance: String,
    /// Its direction.
    pub direction: Direction,
    /// Why no limit was found for it.
    pub why: String,
}

/// A fact that manifest and spec tell differently.
#[derive(Clone, Debug, Serialize)]
pub struct SpecDrift {
    /// The fact.
    pub id: String,
    /// In the manifest; none when it is not there.
    pub manifest: Option<String>,
    /// What the spec would make; none when it would not.
    pub spec: Option<String>,
}

/// A limit that was set on the chain and is in no manifest.
#[derive(Clone, Debug, Serialize)]
pub struct Stranger {
    /// The RateLimits contract's name in the plan.
    pub contract: String,
    /// Its address.
    pub address: Address,
    /// The id.
    pub key: B256,
    /// The maximum, in base units.
    pub max: String,
    /// What comes back, in base units per second.
    pub slope: String,
    /// Whether the contract is the Class's own, where nobody else has limits.
    pub own: bool,
}

/// An artifact document, read.
#[derive(Clone, Debug)]
pub struct Document {
    /// Its path.
    pub path: String,
    /// The limits that it states.
    pub limits: Vec<WrittenLimit>,
}

/// What a manifest is compared with.
#[derive(Clone, Debug, Default)]
pub struct Against<'a> {
    /// The manifest that the spec's plan would leave.
    pub spec: Option<&'a Manifest>,
    /// The artifact documents.
    pub documents: &'a [Document],
    /// The manifests of the Class's other Units.
    pub siblings: &'a [Manifest],
    /// The first block whose events are read.
    pub from_block: u64,
}

impl Drift {
    /// Whether nothing differs. A limit for somebody else on a Prime's own RateLimits is told, and no drift.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.limits.iter().all(|one| one.drift.is_empty())
            && self.unmatched.is_empty()
            && self.chain.is_empty()
            && self.spec.is_empty()
            && !self.strangers.iter().any(|one| one.own)
    }
}

/// Compares.
///
/// # Errors
/// When the chain cannot be asked.
pub async fn drift<C: Chain>(
    manifest: &Manifest,
    against: &Against<'_>,
    chain: &C,
) -> Result<Drift> {
    let report = verify(manifest, chain).await?;
    let on_chain: BTreeMap<&str, &Check> =
        report.checks.iter().map(|check| (check.id.as_str(), check)).collect();
    let (written, unmatched) = assign(manifest, against);
    let mut limits = Vec::with_capacity(manifest.limits.len());
    for (at, limit) in manifest.limits.iter().enumerate() {
        let written = written.get(&at).map(Vec::as_slice).unwrap_or_default();
        limits.push(one_limit(limit, &on_chain, against, written));
    }
    let is_limit = |id: &str| id.starts_with("limit/");
    let chain_drift =
        report.checks.iter().filter(|one| !one.holds && !is_limit(&one.id)).cloned().collect();
    Ok(Drift {
        unit: report.unit.clone(),
        limits,
        unmatched,
        chain: chain_drift,
        spec: against.spec.map(|spec| spec_drift(manifest, spec)).unwrap_or_default(),
        strangers: strangers(manifest, against, chain).await?,
    })
}

fn one_limit(
    limit: &Limit,
    on_chain: &BTreeMap<&str, &Check>,
    against: &Against<'_>,
    written: &[&WrittenLimit],
) -> LimitDrift {
    let fact = Fact::Limit(limit.clone());
    let (manifest, mut drift) = (fact.expected(), Vec::new());
    let chain = match on_chain.get(fact.id().as_str()) {
        Some(check) => check.found.clone(),
        None => "not read".to_owned(),
    };
    if chain != manifest {
        drift.push("the chain has another limit than the manifest".to_owned());
    }
    let spec = against.spec.map(|spec| {
        let same = |one: &&Limit| one.key == limit.key && one.address == limit.address;
        let own = spec.limits.iter().find(same).cloned();
        own.map_or_else(|| "no such limit".to_owned(), |own| Fact::Limit(own).expected())
    });
    if spec.as_ref().is_some_and(|spec| *spec != manifest) {
        drift.push("the spec has another limit than the manifest".to_owned());
    }
    let (mut artifact, mut placeholder) = (None, None);
    for one in written {
        let (max, slope) = (one.max.as_deref(), one.slope.as_deref());
        artifact = Some(match slope {
            Some(slope) => format!("{}, {slope}", max.unwrap_or("-")),
            None => max.unwrap_or("-").to_owned(),
        });
        let stored = OnChain {
            max: limit.max,
            slope: limit.slope,
            symbol: &limit.symbol,
            decimals: limit.decimals,
        };
        drift.extend(
            stored
                .differs(max, slope)
                .into_iter()
                .map(|why| format!("artifact, line {}: {why}", one.line)),
        );
        if !matches!(one.id, WrittenId::Key(_)) {
            placeholder = Some(limit.key.to_string());
        }
    }
    LimitDrift {
        contract: limit.contract.clone(),
        label: limit.label.clone(),
        key: limit.key,
        manifest,
        chain,
        spec,
        artifact,
        placeholder,
        drift,
    }
}

/// To which limit of the manifest each limit of the documents belongs: by its id, and where there is a placeholder by
/// the RateLimits that its instance names, its direction and its target.
fn assign<'a>(
    manifest: &Manifest,
    against: &Against<'a>,
) -> (BTreeMap<usize, Vec<&'a WrittenLimit>>, Vec<Unmatched>) {
    let (mut found, mut unmatched) = (BTreeMap::<usize, Vec<_>>::new(), Vec::new());
    for document in against.documents {
        for one in &document.limits {
            let candidates: Vec<usize> = match one.id {
                WrittenId::Key(key) => by_key(manifest, key, one),
                _ => by_place(manifest, one),
            };
            let why = match candidates.as_slice() {
                [only] => {
                    found.entry(*only).or_default().push(one);
                    continue;
                }
                [] => match one.id {
                    WrittenId::Key(key) if is_siblings(against.siblings, key) => continue,
                    WrittenId::Key(key) => format!("no limit of the manifest has the id {key}"),
                    _ => "no limit of the manifest is of its RateLimits, direction and target"
                        .to_owned(),
                },
                _ => "its id is a placeholder, and more than one limit could be meant".to_owned(),
            };
            unmatched.push(Unmatched {
                place: format!("{}:{}", document.path, one.line),
                instance: one.instance.clone(),
                direction: one.direction,
                why,
            });
        }
    }
    (found, unmatched)
}

/// Limits of several Primes have the same id: the instance names whose RateLimits it means.
fn by_key(manifest: &Manifest, key: B256, one: &WrittenLimit) -> Vec<usize> {
    let limits = manifest.limits.iter().enumerate();
    let of_key: Vec<_> = limits.filter(|(_, limit)| limit.key == key).collect();
    let named: Vec<usize> = of_key
        .iter()
        .filter(|(_, limit)| one.addresses.contains(&limit.address))
        .map(|(at, _)| *at)
        .collect();
    if named.is_empty() { of_key.into_iter().map(|(at, _)| at).collect() } else { named }
}

fn by_place(manifest: &Manifest, one: &WrittenLimit) -> Vec<usize> {
    let limits = manifest.limits.iter().enumerate();
    let near: Vec<(usize, &Limit)> = limits
        .filter(|(_, limit)| {
            Direction::of_label(&limit.label) == Some(one.direction)
                && one.addresses.contains(&limit.address)
        })
        .collect();
    let words: BTreeSet<&str> =
        one.instance.split(|c: char| c.is_whitespace() || c == '(' || c == ')').collect();
    let targeted: Vec<usize> = near
        .iter()
        .filter(|(_, limit)| target(&limit.label).is_some_and(|target| words.contains(target)))
        .map(|(at, _)| *at)
        .collect();
    if targeted.is_empty() { near.into_iter().map(|(at, _)| at).collect() } else { targeted }
}

fn is_siblings(siblings: &[Manifest], key: B256) -> bool {
    siblings.iter().flat_map(|one| &one.limits).any(|limit| limit.key == key)
}

/// Facts that the manifest has and the spec would not make, or the other way round. Limits are compared on their own.
fn spec_drift(manifest: &Manifest, spec: &Manifest) -> Vec<SpecDrift> {
    let words = |one: &Manifest| -> BTreeMap<String, String> {
        let facts = one.facts().filter(|fact| !matches!(fact, Fact::Limit(_)));
        facts.map(|fact| (fact.id(), fact.expected())).collect()
    };
    differences(&words(manifest), &words(spec))
        .into_iter()
        .map(|Difference { id, left, right }| SpecDrift { id, manifest: left, spec: right })
        .collect()
}

/// Limits that a `RateLimitDataSet` event tells of, that still stand, and that no manifest has.
async fn strangers<C: Chain>(
    manifest: &Manifest,
    against: &Against<'_>,
    chain: &C,
) -> Result<Vec<Stranger>> {
    let all = || std::iter::once(manifest).chain(against.siblings).flat_map(|one| &one.limits);
    let known: BTreeSet<(Address, B256)> = all().map(|one| (one.address, one.key)).collect();
    let contracts: BTreeMap<Address, &str> =
        manifest.limits.iter().map(|one| (one.address, one.contract.as_str())).collect();
    let mut strangers = Vec::new();
    for (address, contract) in contracts {
        let filter = Filter { from_block: against.from_block, ..Filter::default() }.at(address);
        let events = chain.events::<RateLimits::RateLimitDataSet>(filter).await?;
        let keys: BTreeSet<B256> = events.into_iter().map(|(event, _)| event.key).collect();
        for key in keys.into_iter().filter(|key| !known.contains(&(address, *key))) {
            let now = chain.read(address, &RateLimits::getRateLimitDataCall { key }).await?;
            if now.maxAmount == U256::ZERO {
                continue;
            }
            strangers.push(Stranger {
                contract: contract.to_owned(),
                address,
                key,
                max: now.maxAmount.to_string(),
                slope: now.slope.to_string(),
                own: contract.starts_with("class/"),
            });
        }
    }
    Ok(strangers)
}
