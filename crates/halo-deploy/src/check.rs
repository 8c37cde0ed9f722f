//! Whether a fact holds on a chain, with what was expected and what was found.

use alloy_primitives::{Address, B256, U256};
use halo_chain::{Chain, Tx};
use halo_templates::bindings::{
    AccessControls, ArtifactRegistry, BeaconRegistry, BeamTimelock, Controller, FacetBeacon,
    RateLimits, TemplateRegistry, UnitRegistry,
};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    abi::Getter,
    fact::{
        Artifact, ArtifactStage, Fact, Heartbeat, Limit, Offer, Onboarding, Powerless, Record,
        RecordKind, Roles, Scheduled, Shared, Standing, Template, TemplateStage, Value, Wiring,
    },
    number::{SCHEDULED, artifact, beacon, operation, standing, template},
    roles, show, wiring,
};

/// A fact, looked up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Check {
    /// The fact's id.
    pub id: String,
    /// Whether it holds.
    pub holds: bool,
    /// What should be.
    pub expected: String,
    /// What is.
    pub found: String,
}

/// Why a fact could not be read: the contract says no, or the chain cannot be asked.
enum Unread {
    Refused(String),
    Outside(halo_chain::Error),
}

impl From<halo_chain::Error> for Unread {
    fn from(error: halo_chain::Error) -> Self {
        match (error.exit_class(), &error) {
            (halo_chain::ErrorClass::Outside, _) => Self::Outside(error),
            // What an address without code answers.
            (_, halo_chain::Error::Reply(reply)) if reply.bytes == 0 => {
                Self::Refused("no answer".to_owned())
            }
            _ => Self::Refused(error.to_string()),
        }
    }
}

impl Fact {
    /// What should be, in words; [`Check::expected`] says the same.
    #[must_use]
    pub fn expected(&self) -> String {
        match self {
            Self::Code(it) => it.code_hash.to_string(),
            Self::Roles(it) => show::members(&it.members),
            Self::Powerless(_) => "no role".to_owned(),
            Self::Limit(it) => it.words(it.max, it.slope),
            Self::Value(it) => it.value.clone(),
            Self::Wiring(it) => it.hash.to_string(),
            Self::Offer(it) => it.words(),
            Self::Record(it) => it.words(it.parent, it.params_hash, &it.at, it.shared.as_ref()),
            Self::Standing(_) => "active".to_owned(),
            Self::Template(it) => it.words(),
            Self::Artifact(it) => it.expected(),
            Self::Heartbeat(it) => it.words(),
            Self::Scheduled(_) => SCHEDULED.to_owned(),
            Self::Onboarding(_) => "met".to_owned(),
        }
    }

    /// Looks the fact up. A call that reverts, or a contract that is not there, means that it does
    /// not hold; only a chain that cannot be asked is an error.
    ///
    /// # Errors
    /// The chain's, when it is of the outside.
    pub async fn check<C: Chain>(&self, chain: &C) -> Result<Check, halo_chain::Error> {
        let found = match self {
            Self::Code(it) => {
                let found = chain.code_hash(it.address).await?;
                Ok(if found.is_zero() { "no code".to_owned() } else { found.to_string() })
            }
            Self::Roles(it) => it.read(chain).await,
            Self::Powerless(it) => it.read(chain).await,
            Self::Limit(it) => it.read(chain).await,
            Self::Value(it) => it.read(chain).await,
            Self::Wiring(it) => it.read(chain).await,
            Self::Offer(it) => it.read(chain).await,
            Self::Record(it) => it.read(chain).await,
            Self::Standing(it) => it.read(chain).await,
            Self::Template(it) => it.read(chain).await,
            Self::Artifact(it) => it.read(chain).await,
            Self::Heartbeat(it) => it.read(chain).await,
            Self::Scheduled(it) => it.read(chain).await,
            Self::Onboarding(it) => it.read(chain).await,
        };
        let found = match found {
            Ok(found) => found,
            Err(Unread::Refused(why)) => why,
            Err(Unread::Outside(error)) => return Err(error),
        };
        let expected = self.expected();
        Ok(Check { id: self.id(), holds: expected == found, expected, found })
    }
}

impl Roles {
    async fn read<C: Chain>(&self, chain: &C) -> Result<String, Unread> {
        let call = AccessControls::getRoleMembersCall { role: self.id };
        let mut members = chain.read(self.address, &call).await?;
        members.sort_unstable();
        Ok(show::members(&members))
    }
}

impl Powerless {
    async fn read<C: Chain>(&self, chain: &C) -> Result<String, Unread> {
        let mut held = Vec::new();
        for role in &self.roles {
            let call =
                AccessControls::hasRoleCall { role: roles::id(role), account: self.holder_address };
            if chain.read(self.address, &call).await? {
                held.push(role.as_str());
            }
        }
        Ok(if held.is_empty() { "no role".to_owned() } else { held.join(", ") })
    }
}

impl Limit {
    fn words(&self, max: U256, slope: U256) -> String {
        show::limit(max, slope, self.decimals, &self.symbol)
    }

    async fn read<C: Chain>(&self, chain: &C) -> Result<String, Unread> {
        let call = RateLimits::getRateLimitDataCall { key: self.key };
        let found = chain.read(self.address, &call).await?;
        Ok(self.words(found.maxAmount, found.slope))
    }
}

impl Value {
    async fn read<C: Chain>(&self, chain: &C) -> Result<String, Unread> {
        let getter = Getter::parse(&self.getter, &self.arguments).map_err(Unread::Refused)?;
        let data = getter.calldata().map_err(Unread::Refused)?;
        let returned = chain.call(&Tx::call(Address::ZERO, self.address, data.into())).await?;
        getter.returned(&returned).map_err(|why| {
            if returned.is_empty() {
                Unread::Refused("no answer".into())
            } else {
                Unread::Refused(why)
            }
        })
    }
}

impl Wiring {
    async fn read<C: Chain>(&self, chain: &C) -> Result<String, Unread> {
        let hash = chain.read(self.address, &Controller::wiringHashCall {}).await?;
        Ok(hash.to_string())
    }
}

impl Offer {
    fn words(&self) -> String {
        wiring::offer_words(self.integration.facet, &self.integration.selectors())
    }

    async fn read<C: Chain>(&self, chain: &C) -> Result<String, Unread> {
        let call = FacetBeacon::getConfigCall { id: self.integration.id_word() };
        let found = chain.read(self.address, &call).await?;
        let wires: Vec<_> =
            found.wires.iter().map(|wire| (wire.callSelector, wire.delegateSelector)).collect();
        Ok(wiring::offer_words(found.facet, &wires))
    }
}

impl Record {
    fn words(
        &self,
        parent: B256,
        params_hash: B256,
        at: &[Address],
        shared: Option<&Shared>,
    ) -> String {
        let mut at = show::members(at);
        if let Some(Shared { beacon, legal_frame }) = shared {
            at = format!("{at} with beacon {beacon} and legal frame {legal_frame}");
        }
        match self.of {
            RecordKind::Prime => format!("at {at}"),
            RecordKind::Halo => format!("under {parent} at {at}"),
            RecordKind::Class | RecordKind::Unit => {
                format!("under {parent} with parameters {params_hash} at {at}")
            }
        }
    }

    async fn read<C: Chain>(&self, chain: &C) -> Result<String, Unread> {
        let (id, registry) = (self.id, self.registry);
        let mut shared = None;
        let (registered, parent, params_hash, at) = match self.of {
            RecordKind::Prime => {
                let call = UnitRegistry::primeRecordCall { primeId: id };
                let it = chain.read(registry, &call).await?;
                let at = vec![it.proxy, it.rateLimits, it.controller];
                (it.registeredAt, B256::ZERO, B256::ZERO, at)
            }
            RecordKind::Halo => {
                let it = chain.read(registry, &UnitRegistry::haloRecordCall { haloId: id }).await?;
                (it.registeredAt, it.primeId, B256::ZERO, vec![it.proxy])
            }
            RecordKind::Class => {
                let call = UnitRegistry::classRecordCall { classId: id };
                let it = chain.read(registry, &call).await?;
                let UnitRegistry::ClassAddresses {
                    controller,
                    almProxy,
                    rateLimits,
                    acl,
                    freezerModule,
                    book,
                    reporter,
                    ledger,
                    guard,
                } = it.at;
                let pau = [controller, almProxy, rateLimits, acl, freezerModule];
                let at = [&pau[..], &[book, reporter, ledger, guard]].concat();
                shared = Some(Shared { beacon: it.beaconId, legal_frame: it.legalFrameHash });
                (it.registeredAt, it.haloId, it.paramsHash, at)
            }
            RecordKind::Unit => {
                let it = chain.read(registry, &UnitRegistry::unitRecordCall { unitId: id }).await?;
                let UnitRegistry::UnitAddresses { unit, subscribeQueue, redeemQueue } = it.at;
                let at = vec![unit, subscribeQueue, redeemQueue];
                (it.registeredAt, it.classId, it.paramsHash, at)
            }
        };
        if registered == 0 {
            return Ok("not registered".to_owned());
        }
        Ok(self.words(parent, params_hash, &at, shared.as_ref()))
    }
}

impl Standing {
    async fn read<C: Chain>(&self, chain: &C) -> Result<String, Unread> {
        let call = UnitRegistry::unitRecordCall { unitId: self.unit_id };
        let found = chain.read(self.registry, &call).await?.standing;
        Ok(standing::words(found).to_owned())
    }
}

impl Template {
    fn words(&self) -> String {
        format!("{} {}", self.stage.words(), self.runtime_hash)
    }

    async fn read<C: Chain>(&self, chain: &C) -> Result<String, Unread> {
        let call = TemplateRegistry::templateCall { templateId: self.id, version: self.version };
        let found = chain.read(self.registry, &call).await?;
        let stage = match found.status {
            template::PROPOSED => TemplateStage::Proposed.words(),
            // Deprecated code makes no new instances; those that exist stay in good standing.
            template::APPROVED | template::DEPRECATED => self.stage.words(),
            template::REVOKED => "revoked",
            _ => return Ok("not proposed".to_owned()),
        };
        Ok(format!("{stage} {}", found.runtimeHash))
    }
}

impl Artifact {
    fn words(&self, content: B256, params: B256) -> String {
        format!("active, content {content}, parameters {params}")
    }

    fn expected(&self) -> String {
        match self.stage {
            ArtifactStage::Open => "open".to_owned(),
            ArtifactStage::Active => self.words(self.content_hash, self.params_hash),
        }
    }

    async fn read<C: Chain>(&self, chain: &C) -> Result<String, Unread> {
        if self.stage == ArtifactStage::Open {
            let call = ArtifactRegistry::artifactCall { id: self.id };
            let halo = chain.read(self.registry, &call).await?.haloId;
            return Ok(if halo.is_zero() { "not there" } else { "open" }.to_owned());
        }
        let head = chain.read(self.registry, &ArtifactRegistry::headCall { id: self.id }).await?;
        Ok(match head.status {
            artifact::ACTIVE => self.words(head.contentHash, head.paramsHash),
            artifact::REVOKED => "revoked".to_owned(),
            _ => "not active".to_owned(),
        })
    }
}

impl Heartbeat {
    fn words(&self) -> String {
        format!("active, heard of within {} h", self.max_age / 3600)
    }

    async fn read<C: Chain>(&self, chain: &C) -> Result<String, Unread> {
        let call = BeaconRegistry::beaconCall { id: self.beacon };
        let found = chain.read(self.registry, &call).await?;
        if found.status != beacon::ACTIVE {
            return Ok("not active".to_owned());
        }
        if found.lastHeartbeat == 0 {
            return Ok("never heard of".to_owned());
        }
        let age = chain.block().await?.timestamp.saturating_sub(found.lastHeartbeat);
        Ok(if age <= self.max_age {
            self.words()
        } else {
            format!("last heard of {} h ago", age / 3600)
        })
    }
}

impl Scheduled {
    async fn read<C: Chain>(&self, chain: &C) -> Result<String, Unread> {
        let state = chain.read(self.timelock, &BeamTimelock::stateOfCall { id: self.id }).await?;
        Ok(operation::words(state).to_owned())
    }
}

impl Onboarding {
    async fn read<C: Chain>(&self, chain: &C) -> Result<String, Unread> {
        let prime = self.prime.as_ref().map_or(Address::ZERO, |prime| prime.proxy);
        let call = UnitRegistry::onboardingCall { unitId: self.unit_id, primeProxy: prime };
        let mask: u8 = chain.read(self.registry, &call).await?;
        let met = mask.checked_shr(self.bit.into()).unwrap_or(0) & 1 == 1;
        Ok(if met { "met" } else { "not met" }.to_owned())
    }
}
