//! Reads a chain into the views that the agents of `halo-sentinel` decide from.

use alloy_primitives::{Address, B256, U256, hex, keccak256};
use halo_chain::{Chain, Filter};
use halo_sentinel::{
    lcts::queue::Status,
    prime::{
        detect::{RegistryEvent, Standing},
        onboarding::{ArtifactView, Component, OnboardingView, Operator},
        view::{MintCeiling, PrimeView, PsmView, Stake},
    },
    rate_limit::RateLimit,
    view::{BookView, Clock, QueueView, UnitState, UnitView},
};
use halo_spec::{Network, keys};
use halo_templates::{
    Kind, Template,
    bindings::{
        AccessControls, AllocatorVault, ArtifactRegistry, BeaconRegistry, Controller, HaloBook,
        HaloUnit, LctsQueue, LitePsm, OfframpLedger, PositionReporter, RateLimits,
        TemplateRegistry, UnitRegistry, Usds,
    },
    template,
};

use crate::{Error, Result};

/// A Unit and its Class as the registry records them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitAt {
    /// unitId
    pub id: B256,
    /// The registry's record of the Unit.
    pub unit: UnitRegistry::UnitRecord,
    /// The registry's record of its Class.
    pub class: UnitRegistry::ClassRecord,
}

/// Where to look: the registry and the Sky contracts. Everything else is found from the registry.
#[derive(Debug, Clone, Copy)]
pub struct Observer<'a> {
    /// Tokens, PSM and Primes.
    pub network: &'a Network,
    /// The UnitRegistry.
    pub registry: Address,
}

impl Observer<'_> {
    /// What the registry announced from block `from` on, oldest first.
    pub async fn events<C: Chain>(&self, chain: &C, from: u64) -> Result<Vec<RegistryEvent>> {
        let filter = || Filter::default().at(self.registry).from(from);
        let registered = chain.events::<UnitRegistry::UnitRegistered>(filter()).await?;
        let changed = chain.events::<UnitRegistry::UnitStateChanged>(filter()).await?;
        let mut all: Vec<((u64, u64), RegistryEvent)> = Vec::new();
        for (event, at) in registered {
            let (id, class, unit) = (event.unitId, event.classId, event.at.unit);
            all.push(((at.block, at.index), RegistryEvent::UnitRegistered { id, class, unit }));
        }
        for (event, at) in changed {
            let standing = Standing::from_index(event.to)
                .ok_or_else(|| unexpected("a Unit's standing", event.to))?;
            let event = RegistryEvent::UnitStateChanged { id: event.unitId, standing };
            all.push(((at.block, at.index), event));
        }
        all.sort_by_key(|(place, _)| *place);
        Ok(all.into_iter().map(|(_, event)| event).collect())
    }

    /// The registry's records of a Unit and its Class.
    pub async fn locate<C: Chain>(&self, chain: &C, id: B256) -> Result<UnitAt> {
        let unit = chain.read(self.registry, &UnitRegistry::unitRecordCall { unitId: id }).await?;
        let call = UnitRegistry::classRecordCall { classId: unit.classId };
        let class = chain.read(self.registry, &call).await?;
        Ok(UnitAt { id, unit, class })
    }

    /// The Unit as it stands.
    pub async fn unit<C: Chain>(&self, chain: &C, at: &UnitAt) -> Result<UnitView> {
        let unit = at.unit.at.unit;
        let state: u8 = chain.read(unit, &HaloUnit::stateCall {}).await?;
        let clock = chain.read(unit, &HaloUnit::clockCall {}).await?;
        let asset = at.class.asset;
        let book = at.class.at.book;
        Ok(UnitView {
            id: at.id,
            unit,
            asset,
            asset_decimals: chain.read(asset, &Usds::decimalsCall {}).await?,
            state: UnitState::from_index(state)
                .ok_or_else(|| unexpected("a Unit's state", state))?,
            subscribe_until: chain.read(unit, &HaloUnit::subscribeUntilCall {}).await?,
            epoch: chain.read(unit, &HaloUnit::epochCall {}).await?,
            is_locked: chain.read(unit, &HaloUnit::lockedCall {}).await?,
            last_lock_at: chain.read(unit, &HaloUnit::lastLockAtCall {}).await?,
            last_settle_at: chain.read(unit, &HaloUnit::lastSettleAtCall {}).await?,
            min_epoch_gap: chain.read(unit, &HaloUnit::minEpochGapCall {}).await?,
            max_lock: chain.read(unit, &HaloUnit::maxLockCall {}).await?,
            clock: clock
                .enforce
                .then_some(Clock { lock_from: clock.lockFrom, lock_to: clock.lockTo }),
            subscribe: queue(chain, at.unit.at.subscribeQueue).await?,
            redeem: queue(chain, at.unit.at.redeemQueue).await?,
            // What the book says now; the Unit keeps the index of its last settlement.
            index: chain.read(book, &HaloBook::indexOfCall { unit }).await?,
            total_supply: chain.read(unit, &HaloUnit::totalSupplyCall {}).await?,
            cap: chain.read(unit, &HaloUnit::capCall {}).await?,
            epoch_subscribe_cap: chain.read(unit, &HaloUnit::epochSubscribeCapCall {}).await?,
            epoch_redeem_cap: chain.read(unit, &HaloUnit::epochRedeemCapCall {}).await?,
            redeem_liquidity: chain.read(unit, &HaloUnit::redeemLiquidityCall {}).await?,
            subscribe_headroom: chain.read(book, &HaloBook::subscribeHeadroomCall { unit }).await?,
            redeem_headroom: chain.read(book, &HaloBook::redeemHeadroomCall { unit }).await?,
            min_subscribe: U256::from(
                chain.read(at.unit.at.subscribeQueue, &LctsQueue::minEntryCall {}).await?,
            ),
            book: self.book(chain, book).await?,
        })
    }

    async fn book<C: Chain>(&self, chain: &C, book: Address) -> Result<BookView> {
        Ok(BookView {
            is_empty: chain.read(book, &HaloBook::isEmptyCall {}).await?,
            as_of: chain.read(book, &HaloBook::navAsOfCall {}).await?,
            max_report_age: chain.read(book, &HaloBook::maxReportAgeCall {}).await?,
            under_review: chain.read(book, &HaloBook::underReviewCall {}).await?,
        })
    }

    /// The Prime as it stands.
    pub async fn prime<C: Chain>(&self, chain: &C, prime: &halo_spec::Prime) -> Result<PrimeView> {
        let sky = &self.network.sky;
        let pau = self.pau(chain, prime).await?;
        let vault = prime.vault;
        Ok(PrimeView {
            id: prime.id,
            proxy: prime.alm_proxy,
            controller: pau.controller,
            usds: sky.usds,
            usdc: sky.usdc,
            usds_held: balance(chain, sky.usds, prime.alm_proxy).await?,
            usdc_held: balance(chain, sky.usdc, prime.alm_proxy).await?,
            mint_limit: limit(chain, pau.rateLimits, keys::usds_mint()).await?,
            swap_limit: limit(chain, pau.rateLimits, keys::usds_to_usdc()).await?,
            ceiling: MintCeiling {
                debt: chain.read(vault, &AllocatorVault::debtCall {}).await?,
                ceiling: chain.read(vault, &AllocatorVault::ceilingCall {}).await?,
                line: chain.read(vault, &AllocatorVault::lineCall {}).await?,
                gap: chain.read(vault, &AllocatorVault::gapCall {}).await?,
                ttl: chain.read(vault, &AllocatorVault::ttlCall {}).await?.saturating_to(),
                raised_at: chain
                    .read(vault, &AllocatorVault::lastIncCall {})
                    .await?
                    .saturating_to(),
            },
            psm: self.psm(chain).await?,
        })
    }

    async fn psm<C: Chain>(&self, chain: &C) -> Result<PsmView> {
        let sky = &self.network.sky;
        let fee = chain.read(sky.lite_psm, &LitePsm::toutCall {}).await?;
        Ok(PsmView {
            usdc: balance(chain, sky.usdc, sky.lite_psm_pocket).await?,
            fee,
            is_halted: fee == U256::MAX,
        })
    }

    /// What the Prime has to do with the Unit.
    pub async fn stake<C: Chain>(
        &self,
        chain: &C,
        prime: &halo_spec::Prime,
        at: &UnitAt,
    ) -> Result<Stake> {
        let unit = at.unit.at.unit;
        let account = prime.alm_proxy;
        let [deposit_limit, redeem_limit, exit_limit] = self.prime_limits(chain, prime, at).await?;
        let request =
            |controller| HaloUnit::pendingDepositRequestCall { requestId: U256::ZERO, controller };
        Ok(Stake {
            is_entrant: chain.read(unit, &HaloUnit::isEntrantCall(account)).await?
                || chain.read(unit, &HaloUnit::openCall {}).await?,
            deposit_limit,
            redeem_limit,
            exit_limit,
            pending: chain.read(unit, &request(account)).await?,
            claimable: chain.read(unit, &HaloUnit::maxMintCall { controller: account }).await?,
            shares: balance(chain, unit, account).await?,
        })
    }

    async fn prime_limits<C: Chain>(
        &self,
        chain: &C,
        prime: &halo_spec::Prime,
        at: &UnitAt,
    ) -> Result<[RateLimit; 3]> {
        let limits = self.pau(chain, prime).await?.rateLimits;
        let unit = at.unit.at.unit;
        Ok([
            limit(chain, limits, keys::erc7540_deposit(at.class.asset, unit)).await?,
            limit(chain, limits, keys::erc7540_redeem(unit)).await?,
            limit(chain, limits, keys::lcts_exit(unit)).await?,
        ])
    }

    /// The Prime's PAU as the registry records it.
    ///
    /// # Errors
    /// [`Error::UnknownPrime`] if it records none, or another proxy.
    pub async fn pau<C: Chain>(
        &self,
        chain: &C,
        prime: &halo_spec::Prime,
    ) -> Result<UnitRegistry::Prime> {
        let call = UnitRegistry::primeRecordCall { primeId: prime.id };
        let record = chain.read(self.registry, &call).await?;
        if record.proxy != prime.alm_proxy {
            return Err(Error::UnknownPrime { prime: prime.slug.clone() });
        }
        Ok(record)
    }

    /// The registry's own answer for a Unit and a Prime.
    pub async fn mask<C: Chain>(
        &self,
        chain: &C,
        prime: &halo_spec::Prime,
        at: &UnitAt,
    ) -> Result<u8> {
        let call = UnitRegistry::onboardingCall { unitId: at.id, primeProxy: prime.alm_proxy };
        Ok(chain.read(self.registry, &call).await?)
    }

    /// Everything that the four requirements are derived from, read part by part and not from the registry's mask.
    pub async fn onboarding<C: Chain>(
        &self,
        chain: &C,
        prime: &halo_spec::Prime,
        at: &UnitAt,
    ) -> Result<OnboardingView> {
        let sources = chain.read(self.registry, &UnitRegistry::sourcesCall {}).await?;
        let class = &at.class.at;
        let unit = at.unit.at.unit;
        let operators =
            |role: &'static str| self.operators(chain, at, sources.beacons, keccak256(role));
        let fund_redeem = keys::lcts_fund_redeem(at.class.asset, unit);
        Ok(OnboardingView {
            registry_mask: self.mask(chain, prime, at).await?,
            is_active: Standing::from_index(at.unit.standing) == Some(Standing::Active),
            components: components(chain, at, sources.templates).await?,
            factory_has_role: factory_has_role(chain, at).await?,
            settlers: operators("SETTLER_ROLE").await?,
            relayers: operators("ALLOCATOR_ROLE").await?,
            freezers: members(chain, class.acl, keccak256("FREEZER_ROLE")).await?,
            max_heartbeat: MAX_HEARTBEAT_AGE,
            artifacts: artifacts(chain, at, sources.artifacts).await?,
            book: self.book(chain, class.book).await?,
            prime_limits: self.prime_limits(chain, prime, at).await?,
            class_limits: vec![limit(chain, class.rateLimits, fund_redeem).await?],
        })
    }

    async fn operators<C: Chain>(
        &self,
        chain: &C,
        at: &UnitAt,
        beacons: Address,
        role: B256,
    ) -> Result<Vec<Operator>> {
        let mut operators = Vec::new();
        for account in members(chain, at.class.at.acl, role).await? {
            let subject = at.unit.classId;
            let id = chain
                .read(beacons, &BeaconRegistry::idOfCall { operator: account, subject })
                .await?;
            let beacon = chain.read(beacons, &BeaconRegistry::beaconCall { id }).await?;
            let attests = PositionReporter::isAttestorCall { account };
            operators.push(Operator {
                account,
                is_registered: !id.is_zero() && beacon.status == BEACON_ACTIVE,
                is_attestor: chain.read(at.class.at.reporter, &attests).await?,
                last_heartbeat: beacon.lastHeartbeat,
            });
        }
        Ok(operators)
    }
}

// Numbers of the contracts' enumerations, whose names an ABI does not carry.
/// `BeaconStatus.ACTIVE`
const BEACON_ACTIVE: u8 = 1;
/// `ArtifactStatus.ACTIVE`
const ARTIFACT_ACTIVE: u8 = 2;
/// `TemplateStatus.APPROVED` and `DEPRECATED`: good for contracts that exist.
const TEMPLATE_LIVE: [u8; 2] = [2, 3];

/// The oldest heartbeat that still counts, in seconds, as the UnitRegistry has it.
const MAX_HEARTBEAT_AGE: u64 = 36 * 3_600;

fn unexpected(what: &'static str, found: impl ToString) -> Error {
    Error::Unexpected { what, found: found.to_string() }
}

/// What `holder` has of `token`.
pub(crate) async fn balance<C: Chain>(chain: &C, token: Address, holder: Address) -> Result<U256> {
    Ok(chain.read(token, &Usds::balanceOfCall(holder)).await?)
}

pub(crate) async fn limit<C: Chain>(chain: &C, limits: Address, key: B256) -> Result<RateLimit> {
    let data = chain.read(limits, &RateLimits::getRateLimitDataCall { key }).await?;
    Ok(RateLimit {
        max_amount: data.maxAmount,
        slope: data.slope,
        last_amount: data.lastAmount,
        last_updated: data.lastUpdated.saturating_to(),
    })
}

async fn queue<C: Chain>(chain: &C, queue: Address) -> Result<QueueView> {
    let status: u8 = chain.read(queue, &LctsQueue::statusCall {}).await?;
    let status = match status {
        0 => Status::Dormant,
        1 => Status::Active,
        2 => Status::Locked,
        other => return Err(unexpected("a queue's status", other)),
    };
    Ok(QueueView { status, total: chain.read(queue, &LctsQueue::totalUnderlyingCall {}).await? })
}

async fn members<C: Chain>(chain: &C, acl: Address, role: B256) -> Result<Vec<Address>> {
    Ok(chain.read(acl, &AccessControls::getRoleMembersCall { role }).await?)
}

/// Each contract of Class and Unit, and each facet that the Controller is wired to: the code that answers there against
/// the frozen template, and the registry's list against what stands at the address.
async fn components<C: Chain>(
    chain: &C,
    at: &UnitAt,
    templates: Address,
) -> Result<Vec<Component>> {
    let class = &at.class.at;
    let unit = &at.unit.at;
    let mut places: Vec<(Option<&Template>, Address)> = [
        (&template::ClassController, class.controller),
        (&template::ClassALMProxy, class.almProxy),
        (&template::ClassRateLimits, class.rateLimits),
        (&template::ClassAccessControls, class.acl),
        (&template::FreezerModule, class.freezerModule),
        (&template::HaloBook, class.book),
        (&template::PositionReporter, class.reporter),
        (&template::OfframpLedger, class.ledger),
        (&template::EmergencyGuard, class.guard),
        (&template::OfframpLedger, class.ledger),
        (&template::EmergencyGuard, class.guard),
        (&template::HaloUnit, unit.unit),
        (&template::LctsQueue, unit.subscribeQueue),
        (&template::LctsQueue, unit.redeemQueue),
    ]
    .into_iter()
    .map(|(template, address)| (Some(template), address))
    .collect();
    for target in chain.read(class.ledger, &OfframpLedger::targetsCall {}).await? {
        let endpoint = chain.read(class.ledger, &OfframpLedger::endpointOfCall { target }).await?;
        places.push((Some(&template::EndpointBuffer), endpoint.config.buffer));
    }
    for wired in chain.read(class.controller, &Controller::integrationsCall {}).await? {
        places.push((None, wired.config.facet));
    }
    let mut components = Vec::with_capacity(places.len());
    for (template, address) in places {
        let code = chain.code(address).await?;
        let listed = TemplateRegistry::isApprovedRuntimeCall { codehash: keccak256(&code) };
        let listed = chain.read(templates, &listed).await?;
        let code_hash = match delegate(&code) {
            Some(implementation) => chain.code_hash(implementation).await?,
            None => keccak256(&code),
        };
        // Which facet it is follows from its code; one that no template has is expected to be nothing.
        let template = template.or_else(|| facet(code_hash));
        components.push(Component {
            name: template.map_or("facet", Template::name).to_owned(),
            address,
            code_hash,
            expected: template.map_or(B256::ZERO, Template::runtime_hash),
            is_approved: TEMPLATE_LIVE.contains(&listed.status),
        });
    }
    Ok(components)
}

/// Where an ERC-1167 minimal proxy sends its calls.
fn delegate(code: &[u8]) -> Option<Address> {
    let rest = code.strip_prefix(&hex!("363d3d373d3d3d363d73"))?;
    let (implementation, tail) = rest.split_at_checked(20)?;
    (tail == hex!("5af43d82803e903d91602b57fd5bf3")).then(|| Address::from_slice(implementation))
}

fn facet(code_hash: B256) -> Option<&'static Template> {
    let mut facets = Template::all().iter().filter(|template| template.kind() == Kind::Facet);
    facets.find(|template| template.runtime_hash() == code_hash).copied()
}

async fn factory_has_role<C: Chain>(chain: &C, at: &UnitAt) -> Result<bool> {
    let class = &at.class.at;
    for contract in [class.acl, class.almProxy, class.rateLimits] {
        let call = AccessControls::hasRoleCall { role: B256::ZERO, account: at.class.factory };
        if chain.read(contract, &call).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The heads of the Halo's, the Class's and the Unit's artifact.
async fn artifacts<C: Chain>(
    chain: &C,
    at: &UnitAt,
    registry: Address,
) -> Result<Vec<ArtifactView>> {
    // HALO, CLASS and UNIT, in the contract's order of kinds.
    let subjects = [
        (0, at.class.haloId, None),
        (1, at.unit.classId, Some(at.class.paramsHash)),
        (2, at.id, Some(at.unit.paramsHash)),
    ];
    let mut views = Vec::new();
    for (kind, subject, deployed) in subjects {
        let id =
            chain.read(registry, &ArtifactRegistry::idOfCall { kind, subjectId: subject }).await?;
        let head = chain.read(registry, &ArtifactRegistry::headCall { id }).await?;
        views.push(ArtifactView {
            is_active: head.status == ARTIFACT_ACTIVE,
            params_hash: deployed.map_or(B256::ZERO, |_| head.paramsHash),
            deployed_params_hash: deployed.unwrap_or_default(),
        });
    }
    Ok(views)
}
