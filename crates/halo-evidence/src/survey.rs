//! What can be said of contracts that nobody left a manifest of, given their addresses: which template each is, from
//! what its address follows, who has power over it, and what it says of itself.

use alloy_json_abi::{Function, JsonAbi, Param, StateMutability};
use alloy_primitives::{Address, B256, Bytes, keccak256};
use halo_chain::{Chain, Tx};
use halo_deploy::{Argument, Fact, Roles, Value, core_salt, decode_constructor, roles};
use halo_templates::{Kind, Template};
use serde::Serialize;

use crate::{
    Result,
    identify::{Foreign, Identity, identify},
};

/// What was found at the given addresses.
#[derive(Clone, Debug, Serialize)]
pub struct Survey {
    /// The chain's EIP-155 id.
    pub chain_id: u64,
    /// The block that it was read at.
    pub block: u64,
    /// One for each address, in the order given.
    pub contracts: Vec<Found>,
}

/// What was found at one address.
#[derive(Clone, Debug, Serialize)]
pub struct Found {
    /// Its name, as it was given.
    pub name: String,
    /// The address.
    pub address: Address,
    /// keccak-256 of the code there; zero when there is none.
    pub code_hash: B256,
    /// Which code that is.
    pub identity: Identity,
    /// Of a minimal proxy: which code it delegates to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub implementation: Option<Identity>,
    /// From what its address follows.
    pub origin: Origin,
    /// The exact members of each role that it keeps.
    pub roles: Vec<Held>,
    /// What its view functions without arguments return.
    pub values: Vec<Reading>,
}

/// From what an address follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "origin", rename_all = "kebab-case")]
pub enum Origin {
    /// CREATE2 of the locked creation code with these constructor arguments gives the very address, so that the
    /// arguments are proved.
    Derived {
        /// The deterministic deployment proxy.
        creator: Address,
        /// The salt.
        salt: B256,
        /// The constructor's arguments.
        arguments: Vec<Argument>,
    },
    /// It could not be derived again.
    Open {
        /// Why not, and what would do it.
        why: String,
    },
}

/// A role and its members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Held {
    /// The role.
    pub role: String,
    /// Its members, or `nobody`.
    pub members: String,
}

/// What a view function returned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reading {
    /// Its signature.
    pub getter: String,
    /// What it returned.
    pub value: String,
}

impl Survey {
    /// Whether every address has code that is known.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.contracts.iter().all(Found::is_known)
    }
}

impl Found {
    /// Whether the code is a template's, or an artifact's that was given.
    #[must_use]
    pub fn is_known(&self) -> bool {
        !matches!(
            self.implementation.as_ref().unwrap_or(&self.identity),
            Identity::Nothing | Identity::Unknown { .. } | Identity::Clone { .. }
        )
    }

    /// The template that its behaviour comes from.
    #[must_use]
    pub fn template(&self) -> Option<&'static str> {
        match self.implementation.as_ref().unwrap_or(&self.identity) {
            Identity::Template { template, .. } => Some(template),
            _ => None,
        }
    }
}

/// Looks at each address. `create2` is the chain's deterministic deployment proxy; `foreign` are artifacts that are not
/// in the lock.
///
/// # Errors
/// When the chain cannot be asked.
pub async fn survey<C: Chain>(
    at: &[(String, Address)],
    create2: Address,
    foreign: &[Foreign],
    chain: &C,
) -> Result<Survey> {
    let (chain_id, block) = (chain.chain_id().await?, chain.block().await?.number);
    let mut contracts = Vec::with_capacity(at.len());
    for (name, address) in at {
        contracts.push(look(name, *address, create2, foreign, chain).await?);
    }
    Ok(Survey { chain_id, block, contracts })
}

async fn look<C: Chain>(
    name: &str,
    address: Address,
    create2: Address,
    foreign: &[Foreign],
    chain: &C,
) -> Result<Found> {
    let code = chain.code(address).await?;
    let identity = identify(&code, foreign);
    let implementation = match identity {
        Identity::Clone { implementation } => {
            Some(identify(&chain.code(implementation).await?, foreign))
        }
        _ => None,
    };
    let code_hash = if code.is_empty() { B256::ZERO } else { keccak256(&code) };
    let open = Origin::Open { why: String::new() };
    let mut found = Found {
        name: name.to_owned(),
        address,
        code_hash,
        identity,
        implementation,
        origin: open,
        roles: Vec::new(),
        values: Vec::new(),
    };
    let template = found.template().and_then(|name| Template::get(name).ok());
    found.origin = origin(&found, template, create2, chain).await?;
    if let Some(template) = template {
        for role in roles::of(template.name()) {
            found.roles.push(held(name, address, role, chain).await?);
        }
    }
    // An implementation that nobody initialized says nothing of interest, and a blob nothing at all.
    let abi = template.map(Template::abi).or_else(|| abi_of(&found.identity, foreign));
    for getter in abi.into_iter().flat_map(plain_getters) {
        found.values.push(reading(name, address, getter, chain).await?);
    }
    Ok(found)
}

fn abi_of<'a>(identity: &Identity, foreign: &'a [Foreign]) -> Option<&'a JsonAbi> {
    let Identity::Foreign { artifact, .. } = identity else { return None };
    foreign.iter().find(|one| one.name() == artifact).map(Foreign::abi)
}

/// View functions that take nothing and are no constant's name, such as `cap()`.
fn plain_getters(abi: &JsonAbi) -> impl Iterator<Item = &Function> {
    abi.functions().filter(|one| {
        let is_view = matches!(one.state_mutability, StateMutability::View);
        is_view
            && one.inputs.is_empty()
            && !one.outputs.is_empty()
            && one.name.bytes().any(|byte| byte.is_ascii_lowercase())
    })
}

async fn held<C: Chain>(name: &str, address: Address, role: &str, chain: &C) -> Result<Held> {
    let fact = Fact::Roles(Roles {
        contract: name.to_owned(),
        address,
        role: role.to_owned(),
        id: roles::id(role),
        members: Vec::new(),
    });
    Ok(Held { role: role.to_owned(), members: fact.check(chain).await?.found })
}

async fn reading<C: Chain>(
    name: &str,
    address: Address,
    getter: &Function,
    chain: &C,
) -> Result<Reading> {
    let outputs: Vec<_> = getter.outputs.iter().map(|one| one.selector_type()).collect();
    let fact = Fact::Value(Value {
        contract: name.to_owned(),
        address,
        getter: format!("{}() returns ({})", getter.name, outputs.join(",")),
        arguments: Vec::new(),
        value: String::new(),
    });
    Ok(Reading { getter: format!("{}()", getter.name), value: fact.check(chain).await?.found })
}

/// Tries to derive the address again. The constructor's arguments are solved from the contract itself: an argument
/// `admin_` is what `admin()` returns. If they are wrong, the address is wrong too, so a match proves them.
async fn origin<C: Chain>(
    found: &Found,
    template: Option<&'static Template>,
    create2: Address,
    chain: &C,
) -> Result<Origin> {
    let open = |why: &str| Ok(Origin::Open { why: why.to_owned() });
    let template = match (&found.identity, template) {
        (Identity::Template { .. }, Some(template)) => template,
        (Identity::Clone { .. }, _) => {
            return open("a clone's salt is its factory's; `--spec` or a manifest derives it");
        }
        (Identity::Blob { .. }, _) => return open("its creator is its TemplateRegistry"),
        _ => return open("the code is not in the lock"),
    };
    if template.kind() == Kind::Fixture {
        return open("a stand-in for tests");
    }
    let mut encoded = Vec::new();
    let inputs = template.abi().constructor.as_ref().map(|one| one.inputs.as_slice());
    for input in inputs.unwrap_or_default() {
        let Some((getter, at)) = getter_of(template.abi(), input) else {
            return open(&format!("no function tells the constructor's argument {}", input.name));
        };
        let selector = getter.selector();
        let call = Tx::call(Address::ZERO, found.address, Bytes::copy_from_slice(&selector[..]));
        match chain.call(&call).await.as_ref().map(|words| words.get(32 * at..32 * at + 32)) {
            Ok(Some(word)) => encoded.extend_from_slice(word),
            _ => return open(&format!("{}() does not tell it", getter.name)),
        }
    }
    let salt = core_salt(template);
    let init_code = keccak256([&template.creation_code()[..], &encoded].concat());
    if create2.create2(salt, init_code) != found.address {
        return open(
            "the deterministic deployment proxy, this program's salt and what the contract says of itself today give \
             another address",
        );
    }
    let arguments = decode_constructor(template.abi(), &encoded).unwrap_or_default();
    Ok(Origin::Derived { creator: create2, salt, arguments })
}

/// The function that tells a constructor's argument, and which of its words that is: `admin()` for `admin_`, or the
/// output of that name among several.
fn getter_of<'a>(abi: &'a JsonAbi, input: &Param) -> Option<(&'a Function, usize)> {
    let name = input.name.trim_matches('_');
    let is_word = |param: &Param| {
        let kind = param.selector_type();
        let kinds = ["address", "bool", "uint", "int", "bytes32"];
        !kind.ends_with(']') && kinds.iter().any(|word| kind.starts_with(word))
    };
    abi.functions().filter(|one| one.inputs.is_empty()).find_map(|one| {
        let words = one.outputs.iter().all(is_word);
        let names = |param: &Param| {
            (one.outputs.len() == 1 && one.name == name) || param.name.trim_matches('_') == name
        };
        let wanted = |param: &Param| names(param) && param.selector_type() == input.selector_type();
        Some((one, one.outputs.iter().position(wanted).filter(|_| words)?))
    })
}
