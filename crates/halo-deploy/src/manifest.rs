//! The manifest of one Unit: what was deployed, in which state it was left and by which
//! transactions, enough to verify everything again from nothing.

use std::path::PathBuf;

use alloy_primitives::{B256, Bytes};
use halo_templates::Lock;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    abi::Argument,
    contract::Contract,
    error::{Error, Result},
    fact::{
        Artifact, ArtifactStage, Fact, Heartbeat, Limit, Offer, Onboarding, Powerless, Record,
        Roles, Scheduled, Standing, Template, TemplateStage, Value, Wiring,
    },
    plan::{Action, Identity, Plan, Step},
};

/// The schema that [`Manifest::schema`] names.
pub const MANIFEST_SCHEMA: &str = "halo.manifest/1";

/// The record of a Unit's deployment, with its Class and the core contracts under it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`MANIFEST_SCHEMA`].
    pub schema: String,
    /// The chain's name.
    pub chain: String,
    /// Its EIP-155 id.
    pub chain_id: u64,
    /// keccak-256 of the spec as `halo-spec` resolves it.
    #[schemars(with = "String")]
    pub spec_hash: B256,
    /// keccak-256 of `templates.lock`.
    #[schemars(with = "String")]
    pub lock_hash: B256,
    /// The compiler of the templates.
    pub compiler: Compiler,
    /// The Halo.
    pub halo: Identity,
    /// The Class.
    pub class: Identity,
    /// The Unit.
    pub unit: Identity,
    /// What the factory was told, and what the artifacts approve.
    pub parameters: Parameters,
    /// Every contract, in the order of creation.
    pub contracts: Vec<Contract>,
    /// Who holds which role.
    pub roles: Vec<Roles>,
    /// Who holds none.
    pub powerless: Vec<Powerless>,
    /// The rate limits.
    pub limits: Vec<Limit>,
    /// What the contracts' view functions return.
    pub values: Vec<Value>,
    /// What the Controllers dispatch to.
    pub wiring: Vec<Wiring>,
    /// What the FacetBeacon offers.
    pub offers: Vec<Offer>,
    /// What the UnitRegistry has on record.
    pub records: Vec<Record>,
    /// That the Unit takes part.
    pub standings: Vec<Standing>,
    /// The templates' records in the TemplateRegistry.
    pub templates: Vec<Template>,
    /// The artifacts.
    pub artifacts: Vec<Artifact>,
    /// The beacons.
    pub heartbeats: Vec<Heartbeat>,
    /// What waits in the Configurator's timelock, or has been executed from it.
    pub scheduled: Vec<Scheduled>,
    /// The onboarding requirements that are met.
    pub onboarding: Vec<Onboarding>,
    /// How it came to be. Hashes, times and gas differ from run to run; all above does not.
    pub transactions: Vec<Transaction>,
}

/// The compiler that made the templates, and its settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Compiler {
    /// The version of solc.
    pub solc: String,
    /// The EVM version.
    pub evm: String,
    /// The optimizer's runs.
    pub optimizer_runs: u64,
}

/// The parameters that `deployClass` and `deployUnit` were called with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    /// The call of `deployClass`.
    pub class: Calldata,
    /// The call of `deployUnit`.
    pub unit: Calldata,
}

/// A call's arguments, decoded and as they were sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Calldata {
    /// The decoded arguments.
    pub arguments: Vec<Argument>,
    /// The calldata.
    #[schemars(with = "String")]
    pub data: Bytes,
}

/// A transaction that a plan's step became.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Transaction {
    /// The step.
    pub step: String,
    /// The transaction's hash.
    #[schemars(with = "String")]
    pub hash: B256,
    /// The block that has it.
    pub block: u64,
    /// That block's time: UTC, seconds since 1970.
    pub timestamp: u64,
    /// Gas used.
    pub gas: u64,
}

impl Manifest {
    /// The manifest that a plan leaves for one of its Units. `transactions` may come from several
    /// runs; those of other Units are left out, and of one step the first counts.
    ///
    /// # Errors
    /// [`Error::Unplannable`] when the plan has no such Unit.
    pub fn new(plan: &Plan, unit: &str, transactions: &[Transaction]) -> Result<Self> {
        let subject = &plan.subject;
        let identity = subject.units.iter().find(|one| one.slug == unit).ok_or_else(|| {
            let known: Vec<_> = subject.units.iter().map(|one| one.slug.as_str()).collect();
            Error::Unplannable {
                what: format!("the plan has no Unit `{unit}`"),
                remedy: format!("its Units are {}", known.join(", ")),
            }
        })?;
        let steps: Vec<_> = plan.steps.iter().filter(|step| concerns(step, unit)).collect();
        let call = |id: &str| {
            let step = steps.iter().find(|step| step.id == id);
            match step.map(|step| &step.action) {
                Some(Action::Call(call)) => {
                    Calldata { arguments: call.arguments.clone(), data: call.data.clone() }
                }
                _ => Calldata::default(),
            }
        };
        let mut manifest = Self {
            schema: MANIFEST_SCHEMA.to_owned(),
            chain: subject.chain.clone(),
            chain_id: subject.chain_id,
            spec_hash: subject.spec_hash,
            lock_hash: subject.lock_hash,
            compiler: Compiler::of(Lock::embedded()),
            halo: subject.halo.clone(),
            class: subject.class.clone(),
            unit: identity.clone(),
            parameters: Parameters {
                class: call("class/deploy"),
                unit: call(&format!("unit/{unit}/deploy")),
            },
            contracts: Vec::new(),
            roles: Vec::new(),
            powerless: Vec::new(),
            limits: Vec::new(),
            values: Vec::new(),
            wiring: Vec::new(),
            offers: Vec::new(),
            records: Vec::new(),
            standings: Vec::new(),
            templates: Vec::new(),
            artifacts: Vec::new(),
            heartbeats: Vec::new(),
            scheduled: Vec::new(),
            onboarding: Vec::new(),
            transactions: Vec::new(),
        };
        for step in &steps {
            for fact in &step.expects {
                manifest.add(fact.clone());
            }
            let sent = transactions.iter().find(|transaction| transaction.step == step.id);
            manifest.transactions.extend(sent.cloned());
        }
        for fact in plan.outcome.iter().filter(|fact| fact.unit().is_none_or(|slug| slug == unit)) {
            manifest.add(fact.clone());
        }
        Ok(manifest)
    }

    fn add(&mut self, fact: Fact) {
        match fact {
            Fact::Code(it) => self.contracts.push(it),
            Fact::Roles(it) => self.roles.push(it),
            Fact::Powerless(it) => self.powerless.push(it),
            Fact::Limit(it) => self.limits.push(it),
            Fact::Value(it) => self.values.push(it),
            Fact::Wiring(it) => self.wiring.push(it),
            Fact::Offer(it) => self.offers.push(it),
            Fact::Record(it) => self.records.push(it),
            Fact::Standing(it) => self.standings.push(it),
            // That it was proposed follows from its being approved.
            Fact::Template(it) if it.stage == TemplateStage::Proposed => {}
            Fact::Template(it) => self.templates.push(it),
            Fact::Artifact(it) if it.stage == ArtifactStage::Open => {}
            Fact::Artifact(it) => self.artifacts.push(it),
            Fact::Heartbeat(it) => self.heartbeats.push(it),
            Fact::Scheduled(it) => self.scheduled.push(it),
            Fact::Onboarding(it) => self.onboarding.push(it),
        }
    }

    /// Everything that the manifest claims of the chain.
    pub fn facts(&self) -> impl Iterator<Item = Fact> {
        let contracts = self.contracts.iter().cloned().map(Fact::Code);
        contracts
            .chain(self.wiring.iter().cloned().map(Fact::Wiring))
            .chain(self.roles.iter().cloned().map(Fact::Roles))
            .chain(self.powerless.iter().cloned().map(Fact::Powerless))
            .chain(self.limits.iter().cloned().map(Fact::Limit))
            .chain(self.values.iter().cloned().map(Fact::Value))
            .chain(self.offers.iter().cloned().map(Fact::Offer))
            .chain(self.records.iter().cloned().map(Fact::Record))
            .chain(self.standings.iter().cloned().map(Fact::Standing))
            .chain(self.templates.iter().cloned().map(Fact::Template))
            .chain(self.artifacts.iter().cloned().map(Fact::Artifact))
            .chain(self.heartbeats.iter().cloned().map(Fact::Heartbeat))
            .chain(self.scheduled.iter().cloned().map(Fact::Scheduled))
            .chain(self.onboarding.iter().cloned().map(Fact::Onboarding))
    }

    /// The contract of that name, such as `class/rate-limits`.
    #[must_use]
    pub fn contract(&self, name: &str) -> Option<&Contract> {
        self.contracts.iter().find(|contract| contract.name == name)
    }

    /// Whether two manifests describe the same deployment, whenever it was made.
    #[must_use]
    pub fn same_deployment(&self, other: &Self) -> bool {
        let bare = |manifest: &Self| Self { transactions: Vec::new(), ..manifest.clone() };
        bare(self) == bare(other)
    }

    /// Where the manifest belongs under `deployments/`: `<chain>/<class>/<unit>.json`.
    #[must_use]
    pub fn relative_path(&self) -> PathBuf {
        PathBuf::from(&self.chain).join(&self.class.slug).join(format!("{}.json", self.unit.slug))
    }
}

impl Compiler {
    fn of(lock: &Lock) -> Self {
        Self {
            solc: lock.compiler.solc.clone(),
            evm: lock.compiler.settings.evm_version.clone(),
            optimizer_runs: lock.compiler.settings.optimizer_runs.into(),
        }
    }
}

/// Whether a step belongs in the manifest of `unit`: all do but those of its siblings.
fn concerns(step: &Step, unit: &str) -> bool {
    step.id
        .strip_prefix("unit/")
        .and_then(|rest| rest.split_once('/'))
        .is_none_or(|(slug, _)| slug == unit)
}
