//! Who may do what: constructor arguments and where they come from, deployers, events replayed, actions tried.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use halo_chain::{Chain, Filter, Tx};
use halo_deploy::{Fact, Form, Manifest, Value, decode_constructor};
use halo_templates::bindings::{AccessControls, RateLimits};
use serde_json::Value as Json;

use super::{Case, Row, code};
use crate::{Result, assertions::powerless};

/// Every constructor argument with where it comes from: an address of the network file or the spec, another contract of
/// the manifest, or a parameter of the plan.
pub(super) fn arguments(case: &Case<'_>) -> Vec<Row> {
    let known = known(case);
    let mut rows = Vec::new();
    for contract in &case.manifest.contracts {
        let Some(template) = code::template_of(&contract.template) else { continue };
        if contract.form != Form::Instance {
            continue;
        }
        let Some(arguments) = decode_constructor(template.abi(), &contract.arguments) else {
            rows.push(Row::new(&contract.name, "arguments of its constructor", "others"));
            continue;
        };
        for argument in arguments {
            let source = source(&argument.value, &known);
            rows.push(Row {
                what: format!("{} {}", contract.name, argument.name),
                expected: "a known source".to_owned(),
                holds: source.is_some(),
                found: match source {
                    Some(source) => format!("{}: {source}", argument.value),
                    None => format!("{}: no source", argument.value),
                },
            });
        }
    }
    rows
}

/// Names for addresses: the network's before the manifest's, and the manifest's before the spec's.
fn known(case: &Case<'_>) -> BTreeMap<Address, String> {
    let mut known = BTreeMap::new();
    for one in &case.manifest.contracts {
        known.insert(one.address, format!("contract {} of the manifest", one.name));
    }
    let sky = &case.network.sky;
    let named = [
        ("chainlog", sky.chainlog),
        ("USDS", sky.usds),
        ("sUSDS", sky.susds),
        ("DAI", sky.dai),
        ("USDC", sky.usdc),
        ("DaiUsds", sky.dai_usds),
        ("LitePSM", sky.lite_psm),
        ("LitePSM pocket", sky.lite_psm_pocket),
        ("PSM wrapper", sky.psm_wrapper),
        ("pause proxy", case.network.governance.pause_proxy),
        ("council", case.network.governance.council),
        ("CREATE2 proxy", case.network.create2),
    ];
    let network = &case.network.name;
    known.extend(named.map(|(name, at)| (at, format!("{name} of the network {network}"))));
    if let Some(spec) = case.spec {
        for admin in &spec.class.admins {
            known.entry(*admin).or_insert_with(|| "admin of the spec".to_owned());
        }
        known.entry(spec.class.conserver).or_insert_with(|| "conserver of the spec".to_owned());
    }
    known
}

/// What a value is: every address in it must be known; numbers and flags come from the plan, whose digest a reviewer
/// has.
fn source(value: &Json, known: &BTreeMap<Address, String>) -> Option<String> {
    match value {
        Json::Bool(_) | Json::Number(_) => Some("a parameter of the plan".to_owned()),
        Json::String(text) => match text.parse::<Address>() {
            Ok(at) if text.len() == 42 => known.get(&at).cloned(),
            _ => Some("a parameter of the plan".to_owned()),
        },
        Json::Array(items) => all(items.iter(), known),
        Json::Object(fields) => all(fields.values(), known),
        Json::Null => None,
    }
}

fn all<'a>(
    values: impl Iterator<Item = &'a Json>,
    known: &BTreeMap<Address, String>,
) -> Option<String> {
    let sources: Vec<String> = values.map(|value| source(value, known)).collect::<Option<_>>()?;
    Some(if sources.is_empty() { "nothing".to_owned() } else { sources.join(", ") })
}

/// That a deployer holds no role on any contract, and is nobody's `admin` or `owner`.
pub(super) async fn deployers<C: Chain>(
    manifest: &Manifest,
    deployers: &[Address],
    chain: &C,
) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for deployer in deployers {
        for contract in &manifest.contracts {
            let Some(template) = code::template_of(&contract.template) else { continue };
            if let Some(fact) = powerless(contract, *deployer) {
                let check = fact.check(chain).await?;
                rows.push(Row {
                    what: format!("{deployer} on {}", contract.name),
                    expected: check.expected,
                    found: check.found,
                    holds: check.holds,
                });
            }
            for office in ["admin", "owner", "council"] {
                let getter = template.abi().function(office).and_then(|all| all.first());
                if contract.form == Form::Blob || getter.is_none_or(|it| !it.inputs.is_empty()) {
                    continue;
                }
                let fact = Fact::Value(Value {
                    contract: contract.name.clone(),
                    address: contract.address,
                    getter: format!("{office}() returns (address)"),
                    arguments: Vec::new(),
                    value: String::new(),
                });
                let found = fact.check(chain).await?.found;
                rows.push(Row {
                    what: format!("{office} of {}", contract.name),
                    expected: format!("not {deployer}"),
                    holds: found.parse::<Address>().is_ok_and(|found| found != *deployer),
                    found,
                });
            }
        }
    }
    Ok(rows)
}

/// Members and limits, from events alone, of the contracts that this deployment made.
pub(super) async fn events<C: Chain>(case: &Case<'_>, chain: &C) -> Result<Vec<Row>> {
    let manifest = case.manifest;
    let at = |address| Filter { from_block: case.from_block, ..Filter::default() }.at(address);
    let mut rows = Vec::new();
    for contract in &manifest.contracts {
        let own: Vec<_> =
            manifest.roles.iter().filter(|one| one.address == contract.address).collect();
        if !own.is_empty() {
            let granted = chain.events::<AccessControls::RoleGranted>(at(contract.address)).await?;
            let revoked = chain.events::<AccessControls::RoleRevoked>(at(contract.address)).await?;
            let mut turns: Vec<_> =
                granted
                    .into_iter()
                    .map(|(it, event)| ((event.block, event.index), it.role, it.account, true))
                    .chain(revoked.into_iter().map(|(it, event)| {
                        ((event.block, event.index), it.role, it.account, false)
                    }))
                    .collect();
            turns.sort_unstable();
            let mut members: BTreeMap<B256, BTreeSet<Address>> = BTreeMap::new();
            for (_, role, account, grants) in turns {
                let role = members.entry(role).or_default();
                if grants {
                    role.insert(account)
                } else {
                    role.remove(&account)
                };
            }
            for one in own {
                let found = members.get(&one.id).cloned().unwrap_or_default();
                let expected: BTreeSet<Address> = one.members.iter().copied().collect();
                let what = format!("{} of {}", one.role, one.contract);
                rows.push(Row::new(what, words(&expected), words(&found)));
            }
        }
        if manifest.limits.iter().any(|one| one.address == contract.address) {
            let set = chain.events::<RateLimits::RateLimitDataSet>(at(contract.address)).await?;
            let last: BTreeMap<B256, (U256, U256)> =
                set.into_iter().map(|(it, _)| (it.key, (it.maxAmount, it.slope))).collect();
            for one in manifest.limits.iter().filter(|one| one.address == contract.address) {
                let words = |(max, slope): (U256, U256)| format!("{max}, {slope} a second");
                let found = last.get(&one.key).copied();
                rows.push(Row::new(
                    format!("{} {}", one.contract, one.label),
                    words((one.max, one.slope)),
                    found.map_or_else(|| "never set".to_owned(), words),
                ));
            }
        }
    }
    Ok(rows)
}

fn words(members: &BTreeSet<Address>) -> String {
    if members.is_empty() {
        return "nobody".to_owned();
    }
    members.iter().map(Address::to_string).collect::<Vec<_>>().join(", ")
}

/// Tries each action of each Controller without keeping anything: a stranger is refused, and somebody who holds a
/// role of the Class is not refused in the same words.
pub(super) async fn access<C: Chain>(manifest: &Manifest, chain: &C) -> Result<Vec<Row>> {
    let stranger = Address::from_word(keccak256("a stranger to every deployment"));
    let mut rows = Vec::new();
    for wiring in &manifest.wiring {
        for call in code::actions(manifest) {
            let selector = keccak256(call);
            // Zeros are arguments that every decoder takes, or an offset to an empty list.
            let data: Bytes = [&selector[..4], &[0; 32 * 16]].concat().into();
            let refusal = refusal(stranger, wiring.address, &data, chain).await?;
            rows.push(Row {
                what: format!("a stranger calls {call}"),
                expected: "refused".to_owned(),
                found: refusal.clone().unwrap_or_else(|| "went through".to_owned()),
                holds: refusal.is_some(),
            });
            let Some(strangers) = refusal else { continue };
            let mut answers_to = BTreeSet::new();
            for role in manifest.roles.iter().filter(|one| one.contract.starts_with("class/")) {
                for member in &role.members {
                    let own = self::refusal(*member, wiring.address, &data, chain).await?;
                    let same = own.as_ref() == Some(&strangers) && is_about_access(&strangers);
                    if !same {
                        answers_to.insert(role.role.as_str());
                    }
                }
            }
            let answers_to: Vec<&str> = answers_to.into_iter().collect();
            rows.push(Row {
                what: format!("holders of a role call {call}"),
                expected: "some are not refused for who calls".to_owned(),
                holds: !answers_to.is_empty(),
                found: if answers_to.is_empty() {
                    "all are refused".to_owned()
                } else {
                    answers_to.join(", ")
                },
            });
        }
    }
    Ok(rows)
}

/// The revert's words, without the caller's address; nothing when the call goes through.
async fn refusal<C: Chain>(
    from: Address,
    to: Address,
    data: &Bytes,
    chain: &C,
) -> Result<Option<String>> {
    match chain.call(&Tx::call(from, to, data.clone())).await {
        Ok(_) => Ok(None),
        Err(error) if error.exit_class() == halo_chain::ErrorClass::Chain => {
            Ok(Some(error.to_string().replace(&from.to_string(), "the caller")))
        }
        Err(error) => Err(error.into()),
    }
}

/// Whether a refusal names a missing role or right.
fn is_about_access(refusal: &str) -> bool {
    ["Unauthorized", "NotAuthorized", "NotAllocator", "NotSettler", "NotAdmin", "AccessControl"]
        .iter()
        .any(|word| refusal.contains(word))
}
