//! Facts about a chain. The same facts say what a step must leave, whether a step has anything to
//! do, what a manifest claims and what verification reads again.

use alloy_primitives::{Address, B256, U256};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    contract::Contract,
    json::{checksum, checksums, decimal},
};

/// What can be said of a chain and read from it again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Fact {
    /// A contract has the code of its template.
    Code(Contract),
    /// A role is held by exactly these accounts.
    Roles(Roles),
    /// An account holds no role on a contract.
    Powerless(Powerless),
    /// A rate limit has this maximum and slope.
    Limit(Limit),
    /// A view function returns this.
    Value(Value),
    /// A Controller dispatches to exactly these facets.
    Wiring(Wiring),
    /// A FacetBeacon offers a facet with these wires.
    Offer(Offer),
    /// The UnitRegistry knows a Prime, Halo, Class or Unit at these addresses.
    Record(Record),
    /// A Unit is ACTIVE in the UnitRegistry.
    Standing(Standing),
    /// A template is proposed or approved in the TemplateRegistry, with this code.
    Template(Template),
    /// The head of an artifact is active and has these hashes.
    Artifact(Artifact),
    /// A beacon is active and was heard of lately.
    Heartbeat(Heartbeat),
    /// A batch waits in the Configurator's timelock, or has been executed.
    Scheduled(Scheduled),
    /// A Unit meets requirements of the onboarding mask.
    Onboarding(Onboarding),
}

impl Fact {
    /// The name by which reports speak of it; unique in a plan.
    #[must_use]
    pub fn id(&self) -> String {
        match self {
            Self::Code(it) => format!("code/{}", it.name),
            Self::Roles(it) => format!("roles/{}/{}", it.contract, it.role),
            Self::Powerless(it) => format!("powerless/{}/{}", it.holder, it.contract),
            Self::Limit(it) => format!("limit/{}/{}", it.contract, it.label),
            Self::Value(it) => format!("value/{}/{}", it.contract, it.call()),
            Self::Wiring(it) => format!("wiring/{}", it.contract),
            Self::Offer(it) => format!("offer/{}/{}", it.contract, it.integration.id),
            Self::Record(it) => format!("record/{}", it.subject),
            Self::Standing(it) => format!("standing/unit/{}", it.unit),
            Self::Template(it) => format!("template/{}/{}", it.name, it.stage.words()),
            Self::Artifact(it) => format!("artifact/{}/{}", it.subject, it.stage.words()),
            Self::Heartbeat(it) => format!("heartbeat/{}", it.name),
            Self::Scheduled(it) => format!("scheduled/{}", it.subject),
            Self::Onboarding(it) => match &it.prime {
                None => format!("onboarding/unit/{}/{}", it.unit, it.bit),
                Some(prime) => format!("onboarding/unit/{}/{}/{}", it.unit, it.bit, prime.slug),
            },
        }
    }
}

impl Fact {
    /// The Unit that alone it is about, where that does not follow from the step that it belongs to.
    pub(crate) fn unit(&self) -> Option<&str> {
        match self {
            Self::Onboarding(it) => Some(&it.unit),
            Self::Standing(it) => Some(&it.unit),
            _ => None,
        }
    }
}

impl Value {
    /// The call as a person would write it, such as `isEntrant(0x…)`.
    #[must_use]
    pub fn call(&self) -> String {
        let name = self.getter.split('(').next().unwrap_or_default();
        format!("{name}({})", self.arguments.join(", "))
    }
}

/// The exact members of a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Roles {
    /// The contract's name in the plan.
    pub contract: String,
    /// Its address.
    #[serde(with = "checksum")]
    #[schemars(with = "String")]
    pub address: Address,
    /// The role's name, such as `SETTLER_ROLE`.
    pub role: String,
    /// The role's id.
    #[schemars(with = "String")]
    pub id: B256,
    /// All its members, in ascending order.
    #[serde(with = "checksums")]
    #[schemars(with = "Vec<String>")]
    pub members: Vec<Address>,
}

/// An account that must hold no role on a contract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Powerless {
    /// Who: the account's name in the plan.
    pub holder: String,
    /// Its address.
    #[serde(with = "checksum")]
    #[schemars(with = "String")]
    pub holder_address: Address,
    /// The contract's name in the plan.
    pub contract: String,
    /// Its address.
    #[serde(with = "checksum")]
    #[schemars(with = "String")]
    pub address: Address,
    /// The names of the roles that are looked at: all that the contract knows.
    pub roles: Vec<String>,
}

/// A rate limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// The name of the RateLimits contract in the plan.
    pub contract: String,
    /// Its address.
    #[serde(with = "checksum")]
    #[schemars(with = "String")]
    pub address: Address,
    /// What the key stands for, such as `LIMIT_LCTS_FUND_REDEEM(USDS, senior)`.
    pub label: String,
    /// The key.
    #[schemars(with = "String")]
    pub key: B256,
    /// The maximum, in units of the token; 2^256 - 1 means unlimited.
    #[serde(with = "decimal")]
    #[schemars(with = "String")]
    pub max: U256,
    /// What comes back, in units of the token per second.
    #[serde(with = "decimal")]
    #[schemars(with = "String")]
    pub slope: U256,
    /// The token's symbol.
    pub symbol: String,
    /// The token's decimals.
    pub decimals: u8,
}

/// What a view function returns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Value {
    /// The contract's name in the plan.
    pub contract: String,
    /// Its address.
    #[serde(with = "checksum")]
    #[schemars(with = "String")]
    pub address: Address,
    /// The function's full signature, such as `cap() returns (uint256)`.
    pub getter: String,
    /// Its arguments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub arguments: Vec<String>,
    /// What it returns: integers in decimal, addresses with their checksum, lists in brackets.
    pub value: String,
}

/// What a Controller dispatches to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Wiring {
    /// The Controller's name in the plan.
    pub contract: String,
    /// Its address.
    #[serde(with = "checksum")]
    #[schemars(with = "String")]
    pub address: Address,
    /// The integrations, by id.
    pub integrations: Vec<Integration>,
    /// The wiring hash that follows from them.
    #[schemars(with = "String")]
    pub hash: B256,
}

/// What a FacetBeacon offers under an id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Offer {
    /// The FacetBeacon's name in the plan.
    pub contract: String,
    /// Its address.
    #[serde(with = "checksum")]
    #[schemars(with = "String")]
    pub address: Address,
    /// The facet and its wires.
    pub integration: Integration,
}

/// One facet and the selectors that lead to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Integration {
    /// The integration's id in words, such as `PSM_FACET`.
    pub id: String,
    /// The facet.
    #[serde(with = "checksum")]
    #[schemars(with = "String")]
    pub facet: Address,
    /// keccak-256 of the facet's code.
    #[schemars(with = "String")]
    pub code_hash: B256,
    /// The functions that are called and the facet's functions that answer.
    pub wires: Vec<Wire>,
}

/// One dispatch: a selector of the Controller and the facet's selector behind it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Wire {
    /// The signature that callers use.
    pub call: String,
    /// The facet's signature.
    pub delegate: String,
}

/// What the UnitRegistry has on record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// The UnitRegistry.
    #[serde(with = "checksum")]
    #[schemars(with = "String")]
    pub registry: Address,
    /// Of whom, such as `prime/spark` or `class`.
    pub subject: String,
    /// What they are.
    pub of: RecordKind,
    /// Their id.
    #[schemars(with = "String")]
    pub id: B256,
    /// The id above: of a Halo its Prime, of a Class its Halo, of a Unit its Class; zero for a Prime.
    #[schemars(with = "String")]
    pub parent: B256,
    /// keccak-256 of the parameters that they were deployed with; zero for a Prime or Halo.
    #[schemars(with = "String")]
    pub params_hash: B256,
    /// Their addresses, in the registry's order.
    #[serde(with = "checksums")]
    #[schemars(with = "Vec<String>")]
    pub at: Vec<Address>,
    /// For a Class: what its Units share beside the contracts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shared: Option<Shared>,
}

/// What all Units of a Class share beside its contracts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Shared {
    /// The id of the beacon that settles.
    #[schemars(with = "String")]
    pub beacon: B256,
    /// keccak-256 of the documents that the Class stands on in law.
    #[schemars(with = "String")]
    pub legal_frame: B256,
}

/// Of what the UnitRegistry keeps records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RecordKind {
    /// ALMProxy, RateLimits, Controller.
    Prime,
    /// SubProxy.
    Halo,
    /// Controller, ALMProxy, RateLimits, AccessControls, FreezerModule, Book, PositionReporter, OfframpLedger,
    /// EmergencyGuard.
    Class,
    /// Unit, subscribe queue, redeem queue.
    Unit,
}

/// That a Unit takes part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Standing {
    /// The UnitRegistry.
    #[serde(with = "checksum")]
    #[schemars(with = "String")]
    pub registry: Address,
    /// The Unit's slug.
    pub unit: String,
    /// The Unit's id.
    #[schemars(with = "String")]
    pub unit_id: B256,
}

/// A template's record in the TemplateRegistry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// The TemplateRegistry.
    #[serde(with = "checksum")]
    #[schemars(with = "String")]
    pub registry: Address,
    /// The template's name.
    pub name: String,
    /// Its id in the registry.
    #[schemars(with = "String")]
    pub id: B256,
    /// The version.
    pub version: u16,
    /// keccak-256 of the runtime code.
    #[schemars(with = "String")]
    pub runtime_hash: B256,
    /// How far it has come at least.
    pub stage: TemplateStage,
}

/// How far a template has come in the TemplateRegistry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TemplateStage {
    /// Put forward; nothing is made from it yet.
    Proposed,
    /// What is made from it is in good standing.
    Approved,
}

impl TemplateStage {
    /// The stage as one word.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Approved => "approved",
        }
    }
}

/// The head of an artifact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Artifact {
    /// The ArtifactRegistry.
    #[serde(with = "checksum")]
    #[schemars(with = "String")]
    pub registry: Address,
    /// Whose artifact it is, such as `class` or `unit/senior`.
    pub subject: String,
    /// The artifact's id.
    #[schemars(with = "String")]
    pub id: B256,
    /// keccak-256 of the document.
    #[schemars(with = "String")]
    pub content_hash: B256,
    /// keccak-256 of the deployment parameters that it approves; zero for a Halo artifact.
    #[schemars(with = "String")]
    pub params_hash: B256,
    /// Where the document is.
    pub uri: String,
    /// How far it has come at least.
    pub stage: ArtifactStage,
}

/// How far an artifact has come in the ArtifactRegistry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ArtifactStage {
    /// There is a place for it.
    Open,
    /// Its head is active.
    Active,
}

impl ArtifactStage {
    /// The stage as one word.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Active => "active",
        }
    }
}

/// A beacon's record in the BeaconRegistry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Heartbeat {
    /// The BeaconRegistry.
    #[serde(with = "checksum")]
    #[schemars(with = "String")]
    pub registry: Address,
    /// The beacon's id.
    #[schemars(with = "String")]
    pub beacon: B256,
    /// The beacon's name.
    pub name: String,
    /// How old its last heartbeat may be, in seconds.
    pub max_age: u64,
}

/// A batch of the Configurator's timelock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scheduled {
    /// The BeamTimelock.
    #[serde(with = "checksum")]
    #[schemars(with = "String")]
    pub timelock: Address,
    /// What it does, such as `class/registration`.
    pub subject: String,
    /// The batch's id, which follows from its calls.
    #[schemars(with = "String")]
    pub id: B256,
}

/// Bits of the onboarding mask.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Onboarding {
    /// The UnitRegistry.
    #[serde(with = "checksum")]
    #[schemars(with = "String")]
    pub registry: Address,
    /// The Unit's slug.
    pub unit: String,
    /// The Unit's id.
    #[schemars(with = "String")]
    pub unit_id: B256,
    /// The bit: 0 factory deployment, 1 sentinel integration, 2 artifact reporting, 3 rate limits.
    pub bit: u8,
    /// For bit 3: the Prime that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prime: Option<PrimeProxy>,
}

/// A Prime as the UnitRegistry is asked about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PrimeProxy {
    /// Its slug.
    pub slug: String,
    /// Its ALMProxy.
    #[serde(with = "checksum")]
    #[schemars(with = "String")]
    pub proxy: Address,
}
