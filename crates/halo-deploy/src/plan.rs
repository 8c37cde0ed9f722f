//! A plan: ordered steps as plain data. It can be printed, compared, signed and executed.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::{Address, B256, Bytes, U256};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    abi::Argument,
    contract::Contract,
    error::{Error, Result},
    fact::Fact,
    json::{self, checksum, decimal},
    means::{Indirect, Means, Road},
};

/// The schema that [`Plan::schema`] names.
pub const PLAN_SCHEMA: &str = "halo.plan/1";

/// What will be done, in which order, by whom, and what must then hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// [`PLAN_SCHEMA`].
    pub schema: String,
    /// What the plan is about.
    pub subject: Subject,
    /// The accounts among the signers that have no key, and how they are made to act.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub indirect: Vec<Indirect>,
    /// The steps, in the order in which they must run.
    pub steps: Vec<Step>,
    /// What must hold when all steps are done, though no single step brings it about.
    pub outcome: Vec<Fact>,
    /// keccak-256 of the subject, the steps' digests, the outcome and the accounts without keys.
    #[schemars(with = "String")]
    pub digest: B256,
}

/// What a plan or a manifest is about, and from what it was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// The chain's name, such as `embedded`.
    pub chain: String,
    /// Its EIP-155 id.
    pub chain_id: u64,
    /// keccak-256 of the spec as `halo-spec` resolves it.
    #[schemars(with = "String")]
    pub spec_hash: B256,
    /// keccak-256 of `templates.lock`.
    #[schemars(with = "String")]
    pub lock_hash: B256,
    /// The Halo that owns the Class.
    pub halo: Identity,
    /// The Class.
    pub class: Identity,
    /// Its Units, in the order of the spec.
    pub units: Vec<Identity>,
}

/// A slug and the id that the registries know it by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// The short name, unique among its siblings.
    pub slug: String,
    /// The id on chain.
    #[schemars(with = "String")]
    pub id: B256,
}

/// One transaction of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Its name, unique in the plan, such as `class/deploy`.
    pub id: String,
    /// What it does, in plain words.
    pub title: String,
    /// Who must sign it.
    pub signer: Signer,
    /// What is sent.
    pub action: Action,
    /// The contracts that it creates.
    pub creates: Vec<Contract>,
    /// What must hold when it is done. It holds at the end of the plan too: a step whose
    /// expectations hold already has nothing to do.
    pub expects: Vec<Fact>,
    /// keccak-256 of everything above but the title.
    #[schemars(with = "String")]
    pub digest: B256,
}

/// Who signs a step.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Signer {
    /// In what capacity.
    pub role: Role,
    /// From which account.
    #[serde(with = "checksum")]
    #[schemars(with = "String")]
    pub address: Address,
    /// By what it signs.
    #[serde(default, skip_serializing_if = "Means::is_key")]
    pub means: Means,
}

/// The capacities in which steps are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Anyone who pays the gas: the result does not depend on who it is.
    Deployer,
    /// Sky governance: the pause proxy.
    Governance,
    /// Holder of the factory's DEPLOYER role.
    Govops,
    /// The Halo's SubProxy, administrator of its Classes.
    Halo,
    /// A Prime's SubProxy, administrator of its own PAU.
    Prime,
    /// The beacon that operates the Class.
    Beacon,
}

impl Role {
    /// The name as it is written in a plan.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Deployer => "deployer",
            Self::Governance => "governance",
            Self::Govops => "govops",
            Self::Halo => "halo",
            Self::Prime => "prime",
            Self::Beacon => "beacon",
        }
    }
}

impl std::fmt::Display for Role {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// What a step sends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Action {
    /// A locked template's creation code through the deterministic deployment proxy. The code itself
    /// is not in the plan: the lock has it, and the step's contract has its hash.
    Create {
        /// The constructor's arguments, decoded.
        arguments: Vec<Argument>,
    },
    /// A locked template's creation code into the TemplateRegistry, which keeps it as data for the
    /// factory to deploy from.
    Store {
        /// The TemplateRegistry.
        #[serde(with = "checksum")]
        #[schemars(with = "String")]
        to: Address,
    },
    /// A call.
    Call(Call),
}

/// A call of a contract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// The contract's name in the plan.
    pub contract: String,
    /// Its address.
    #[serde(with = "checksum")]
    #[schemars(with = "String")]
    pub to: Address,
    /// The function's signature.
    pub function: String,
    /// Its arguments, decoded.
    pub arguments: Vec<Argument>,
    /// The calldata.
    #[schemars(with = "String")]
    pub data: Bytes,
    /// Wei sent along.
    #[serde(with = "decimal")]
    #[schemars(with = "String")]
    pub value: U256,
}

#[derive(Serialize)]
struct StepBody<'a> {
    id: &'a str,
    signer: &'a Signer,
    action: &'a Action,
    creates: &'a [Contract],
    expects: &'a [Fact],
}

/// What a plan's digest is made of: of the steps their digests, and their titles, which reviewers read and which may be
/// worded anew without a step being another. Without accounts that lack keys, they are left out.
#[derive(Serialize)]
struct PlanBody<'a>(
    &'static str,
    &'a Subject,
    Vec<(B256, &'a str)>,
    &'a [Fact],
    #[serde(skip_serializing_if = "<[_]>::is_empty")] &'a [Indirect],
);

impl Step {
    pub(crate) fn seal(mut self) -> Result<Self> {
        self.digest = self.compute_digest()?;
        Ok(self)
    }

    fn compute_digest(&self) -> Result<B256> {
        let Self { id, title: _, signer, action, creates, expects, digest: _ } = self;
        Ok(json::digest(&StepBody { id, signer, action, creates, expects })?)
    }
}

impl Plan {
    /// Seals steps into a plan.
    ///
    /// # Errors
    /// [`Error::PlanTampered`] when two steps share an id.
    pub(crate) fn seal(
        subject: Subject,
        indirect: Vec<Indirect>,
        steps: Vec<Step>,
        outcome: Vec<Fact>,
    ) -> Result<Self> {
        let steps = steps.into_iter().map(Step::seal).collect::<Result<Vec<_>>>()?;
        let (schema, digest) = (PLAN_SCHEMA.to_owned(), B256::ZERO);
        let mut plan = Self { schema, subject, indirect, steps, outcome, digest };
        plan.digest = plan.compute_digest()?;
        plan.check()?;
        Ok(plan)
    }

    fn compute_digest(&self) -> Result<B256> {
        let Self { schema: _, subject, indirect, steps, outcome, digest: _ } = self;
        let digests = steps.iter().map(|step| (step.digest, step.title.as_str())).collect();
        Ok(json::digest(&PlanBody(PLAN_SCHEMA, subject, digests, outcome, indirect))?)
    }

    /// Checks that the plan is whole: known schema, step ids unique, digests right, and every
    /// created address the one that CREATE2 gives.
    ///
    /// # Errors
    /// [`Error::PlanTampered`] with the place.
    pub fn check(&self) -> Result<()> {
        let tampered =
            |place: &str, what: String| Err(Error::PlanTampered { place: place.to_owned(), what });
        if self.schema != PLAN_SCHEMA {
            return tampered(
                "schema",
                format!("expected `{PLAN_SCHEMA}`, found `{}`", self.schema),
            );
        }
        let mut seen = BTreeSet::new();
        let mut claims = BTreeMap::new();
        for step in &self.steps {
            if !seen.insert(&step.id) {
                return tampered(&step.id, "another step has the same id".to_owned());
            }
            let digest = step.compute_digest()?;
            if digest != step.digest {
                return tampered(
                    &step.id,
                    format!("its digest is {digest}, it says {}", step.digest),
                );
            }
            let road = self.road(step.signer.address).map_or(Means::Key, Road::means);
            if road != step.signer.means {
                return tampered(
                    &step.id,
                    format!(
                        "{} signs it by a {}, but `indirect` has it as a {road}",
                        step.signer.address, step.signer.means
                    ),
                );
            }
            if step.expects.is_empty() {
                return tampered(
                    &step.id,
                    "it expects nothing, so nothing could show it done".into(),
                );
            }
            for fact in &step.expects {
                let id = fact.id();
                if claims.insert(id.clone(), fact).is_some_and(|other| other != fact) {
                    return tampered(
                        &step.id,
                        format!("an earlier step expects otherwise of {id}"),
                    );
                }
            }
            for contract in &step.creates {
                let derived = contract.derived_address();
                if derived != contract.address {
                    return tampered(
                        &step.id,
                        format!(
                            "{} would be at {derived}, it says {}",
                            contract.name, contract.address
                        ),
                    );
                }
            }
        }
        let digest = self.compute_digest()?;
        if digest != self.digest {
            return tampered("digest", format!("it should be {digest}, it says {}", self.digest));
        }
        Ok(())
    }

    /// The plan without the steps that `left` picks by id: what stands when somebody else takes them. Of what must
    /// hold in the end, only who holds which role is still expected.
    ///
    /// # Errors
    /// [`Error::Unplannable`] when no step is picked.
    pub fn without(&self, left: impl Fn(&str) -> bool) -> Result<Self> {
        let steps: Vec<_> = self.steps.iter().filter(|step| !left(&step.id)).cloned().collect();
        if steps.len() == self.steps.len() {
            return Err(Error::Unplannable {
                what: "the plan has none of the steps that are left to others".to_owned(),
                remedy: "`halo plan` lists the steps".to_owned(),
            });
        }
        let roles = self.outcome.iter().filter(|fact| matches!(fact, Fact::Roles(_)));
        let (subject, indirect) = (self.subject.clone(), self.indirect.clone());
        Self::seal(subject, indirect, steps, roles.cloned().collect())
    }

    /// How an account without a key is made to act; `None` for a key.
    #[must_use]
    pub fn road(&self, account: Address) -> Option<&Road> {
        self.indirect.iter().find(|one| one.account == account).map(|one| &one.road)
    }

    /// All contracts that the plan creates, in the order of their creation.
    pub fn contracts(&self) -> impl Iterator<Item = &Contract> {
        self.steps.iter().flat_map(|step| &step.creates)
    }

    /// The address of the contract of that name.
    ///
    /// # Errors
    /// [`Error::NoContract`].
    pub fn address(&self, name: &str) -> Result<Address> {
        self.contract(name)
            .map(|contract| contract.address)
            .ok_or_else(|| Error::NoContract { name: name.to_owned() })
    }

    /// The contract of that name.
    #[must_use]
    pub fn contract(&self, name: &str) -> Option<&Contract> {
        self.contracts().find(|contract| contract.name == name)
    }
}
