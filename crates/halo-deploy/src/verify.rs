//! Verification: a manifest against the chain and the embedded templates, and nothing else.

use alloy_primitives::{Address, B256, keccak256};
use alloy_sol_types::{SolCall, SolValue};
use halo_chain::Chain;
use halo_templates::{Lock, Template, bindings::LaniakeaFactory, template};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    abi,
    check::Check,
    contract::{self, Contract, Form},
    error::Result,
    fact::{RecordKind, Wiring},
    manifest::{Calldata, Manifest, Parameters},
    roles, wiring,
};

/// What a verification found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Report {
    /// The Unit: its chain, Class and slug.
    pub unit: String,
    /// Every check, in the manifest's order.
    pub checks: Vec<Check>,
}

impl Report {
    /// Whether all checks hold.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.failed().next().is_none()
    }

    /// The checks that do not hold.
    pub fn failed(&self) -> impl Iterator<Item = &Check> {
        self.checks.iter().filter(|check| !check.holds)
    }
}

/// Checks a manifest. First that it agrees with itself and with the lock: addresses follow from
/// salts and locked code, code hashes are the lock's, no role of any contract is left out, the
/// parameters are those that the artifacts approve. Then each of its facts against the chain.
///
/// # Errors
/// [`Error::Chain`](crate::Error::Chain) when the chain cannot be asked. A check that fails is not an
/// error: see [`Report::is_ok`].
pub async fn verify<C: Chain>(manifest: &Manifest, chain: &C) -> Result<Report> {
    let mut checks = vec![
        check("chain-id", manifest.chain_id, chain.chain_id().await?),
        check("lock", manifest.lock_hash, Lock::embedded().hash()),
    ];
    checks.extend(ids(manifest));
    checks.extend(manifest.contracts.iter().map(derivation));
    checks.extend(manifest.contracts.iter().filter_map(constructed));
    checks.extend(manifest.contracts.iter().filter_map(|one| complete(manifest, one)));
    checks.extend(recorded(manifest));
    checks.extend(manifest.wiring.iter().map(wired));
    checks.extend(parameters(manifest));
    for fact in manifest.facts() {
        checks.push(fact.check(chain).await?);
    }
    let unit = format!("{}/{}/{}", manifest.chain, manifest.class.slug, manifest.unit.slug);
    Ok(Report { unit, checks })
}

fn check(id: impl Into<String>, expected: impl ToString, found: impl ToString) -> Check {
    let (expected, found) = (expected.to_string(), found.to_string());
    Check { id: id.into(), holds: expected == found, expected, found }
}

/// Ids follow from slugs.
fn ids(manifest: &Manifest) -> [Check; 3] {
    let Manifest { halo, class, unit, .. } = manifest;
    let below = |parent: B256, slug: &str| keccak256((parent, keccak256(slug)).abi_encode());
    [
        check("id/halo", keccak256(&halo.slug), halo.id),
        check("id/class", below(halo.id, &class.slug), class.id),
        check("id/unit", below(class.id, &unit.slug), unit.id),
    ]
}

/// An address follows from creator, salt and locked creation code; a code hash from the lock.
fn derivation(one: &Contract) -> Check {
    let id = format!("address/{}", one.name);
    let words = |address: Address, code: B256, init_code: B256| {
        format!("{address} with code {code}, made by code {init_code}")
    };
    let found = words(one.address, one.code_hash, one.init_code_hash);
    let template = match Template::get(&one.template) {
        Ok(template) => template,
        Err(unknown) => return check(id, unknown, found),
    };
    match contract::hashes(template, one.form, &one.arguments, one.implementation) {
        Some(hashes) => {
            let address = one.creator.create2(one.salt, hashes.init_code);
            check(id, words(address, hashes.code, hashes.init_code), found)
        }
        None => {
            check(id, format!("a possible form of {}", one.template), format!("{:?}", one.form))
        }
    }
}

/// What follows the creation code is nothing but the arguments of its constructor.
fn constructed(one: &Contract) -> Option<Check> {
    let template = Template::get(&one.template).ok()?;
    let expected = match (one.form, &template.abi().constructor) {
        (Form::Instance, Some(constructor)) => {
            let inputs: Vec<_> =
                constructor.inputs.iter().map(|input| input.selector_type()).collect();
            format!("({})", inputs.join(","))
        }
        _ if one.arguments.is_empty() => return None,
        _ => "no arguments".to_owned(),
    };
    let id = format!("arguments/{}", one.name);
    let decoded = match one.form {
        Form::Instance => abi::decode_constructor(template.abi(), &one.arguments),
        Form::Clone | Form::Blob => None,
    };
    Some(match decoded {
        Some(_) => check(id, &expected, &expected),
        None => check(id, expected, &one.arguments),
    })
}

/// Every role that the contract knows is in the manifest, or none could say that its members are
/// all; and if another contract made this one, that it kept none of them.
fn complete(manifest: &Manifest, one: &Contract) -> Option<Check> {
    let known = match one.form {
        Form::Instance | Form::Clone => roles::of(&one.template),
        Form::Blob => &[],
    };
    let listed = |role: &&&str| {
        let mut roles = manifest.roles.iter();
        roles.any(|entry| {
            entry.address == one.address && entry.role == **role && entry.id == roles::id(role)
        })
    };
    let mut expected = known.to_vec();
    let mut found: Vec<_> = known.iter().filter(listed).copied().collect();
    if manifest.contracts.iter().any(|maker| maker.address == one.creator) {
        expected.push("none of them for its creator");
        let mut entries = manifest.powerless.iter();
        if entries.any(|entry| {
            entry.address == one.address
                && entry.holder_address == one.creator
                && entry.roles == known
        }) {
            found.push("none of them for its creator");
        }
    }
    let id = format!("complete/{}", one.name);
    (!known.is_empty()).then(|| check(id, expected.join(", "), found.join(", ")))
}

/// The Class and the Unit are on record, and every contract on record is in the manifest.
fn recorded(manifest: &Manifest) -> [Check; 2] {
    let look = |name: &str, of: RecordKind, id: B256| {
        let record = manifest.records.iter().find(|record| record.of == of && record.id == id);
        let found = match record {
            None => "no record".to_owned(),
            Some(record) => {
                let unknown =
                    |at: &&Address| !manifest.contracts.iter().any(|one| one.address == **at);
                let missing: Vec<String> =
                    record.at.iter().filter(unknown).map(Address::to_string).collect();
                let missing =
                    if missing.is_empty() { "none".to_owned() } else { missing.join(", ") };
                format!("a record, contracts missing: {missing}")
            }
        };
        check(format!("complete/record/{name}"), "a record, contracts missing: none", found)
    };
    [
        look("class", RecordKind::Class, manifest.class.id),
        look("unit", RecordKind::Unit, manifest.unit.id),
    ]
}

/// The wiring hash follows from the integrations, and their facets have locked code.
fn wired(it: &Wiring) -> Check {
    let id = format!("integrations/{}", it.contract);
    match wiring::hash(&it.integrations) {
        Ok(hash) => check(id, hash, it.hash),
        Err(why) => check(id, why, it.hash),
    }
}

/// The decoded parameters are those of the calldata, whose hash the artifacts approve.
fn parameters(manifest: &Manifest) -> [Check; 2] {
    let approved = |subject: &str| {
        let found = manifest.artifacts.iter().find(|one| one.subject == subject);
        found.map_or_else(|| "no artifact".to_owned(), |one| one.params_hash.to_string())
    };
    let Parameters { class, unit } = &manifest.parameters;
    let class_hash = LaniakeaFactory::deployClassCall::abi_decode(&class.data)
        .map(|call| keccak256(call.p.abi_encode()));
    let unit_hash = LaniakeaFactory::deployUnitCall::abi_decode(&unit.data)
        .map(|call| keccak256(call.p.abi_encode()));
    let found = |call: &Calldata, hash: alloy_sol_types::Result<B256>| match (
        abi::decode_call(template::LaniakeaFactory.abi(), &call.data),
        hash,
    ) {
        (Some((_, arguments)), Ok(hash)) if arguments == call.arguments => hash.to_string(),
        (Some(_), Ok(_)) => "the decoded arguments are not those of the calldata".to_owned(),
        _ => "the calldata is not a call of the factory".to_owned(),
    };
    let slug = &manifest.unit.slug;
    [
        check("parameters/class", approved("class"), found(class, class_hash)),
        check(
            format!("parameters/unit/{slug}"),
            approved(&format!("unit/{slug}")),
            found(unit, unit_hash),
        ),
    ]
}
