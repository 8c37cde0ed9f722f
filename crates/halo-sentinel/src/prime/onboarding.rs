//! The four requirements that make a Unit a deployment target, derived again from the parts that
//! the chain shows and compared with the registry's own answer.

use crate::{
    rate_limit::RateLimit,
    view::{BookView, UnitView},
};
use alloy_primitives::{Address, B256};

/// A requirement, in the order of the registry's bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Requirement {
    /// Bit 0: the contracts are the audited templates.
    FactoryDeployment,
    /// Bit 1: a live beacon settles the Unit and somebody can stop it.
    SentinelIntegration,
    /// Bit 2: artifacts and position reports are there and current.
    ArtifactReporting,
    /// Bit 3: governance bounded the flow for this Prime and for the Class.
    RateLimitConfiguration,
}

impl Requirement {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::FactoryDeployment,
        Self::SentinelIntegration,
        Self::ArtifactReporting,
        Self::RateLimitConfiguration,
    ];

    /// The requirement's bit in the registry's mask.
    pub const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// Every bit of the mask.
pub const COMPLETE: u8 = 0b1111;

/// A contract of the Class or Unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Component {
    /// Template, as the lock names it.
    pub name: String,
    /// Where it is.
    pub address: Address,
    /// keccak256 of its code now.
    pub code_hash: B256,
    /// What the template's instance must have.
    pub expected: B256,
    /// The template is approved, or deprecated but still good.
    pub is_approved: bool,
}

/// An operator with a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operator {
    /// Who.
    pub account: Address,
    /// Listed, ACTIVE and bound to this Class in the BeaconRegistry.
    pub is_registered: bool,
    /// Signs reports as well, and so could settle at a price of its own making.
    pub is_attestor: bool,
    /// Last heartbeat, 0 for never.
    pub last_heartbeat: u64,
}

/// The head of one Artifact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ArtifactView {
    /// ACTIVE.
    pub is_active: bool,
    /// Hash of the parameters that it approves; zero for a Halo's, which approves none.
    pub params_hash: B256,
    /// Hash of the parameters that were deployed; zero for a Halo's.
    pub deployed_params_hash: B256,
}

impl ArtifactView {
    fn stands(&self) -> bool {
        self.is_active && self.params_hash == self.deployed_params_hash
    }
}

/// All that the requirements are derived from, for one Unit and one Prime.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnboardingView {
    /// `UnitRegistry.onboarding(unitId, prime)`
    pub registry_mask: u8,
    /// The UnitRegistry has the Unit from the factory and holds it ACTIVE.
    pub is_active: bool,
    /// Class and Unit contracts, and every facet that the Controller is wired to.
    pub components: Vec<Component>,
    /// The factory holds a role somewhere.
    pub factory_has_role: bool,
    /// Everyone with SETTLER.
    pub settlers: Vec<Operator>,
    /// Everyone with ALLOCATOR on the Class.
    pub relayers: Vec<Operator>,
    /// Everyone who can remove them.
    pub freezers: Vec<Address>,
    /// Seconds for which a heartbeat counts.
    pub max_heartbeat: u64,
    /// Artifacts of Halo, Class and Unit.
    pub artifacts: Vec<ArtifactView>,
    /// Reports.
    pub book: BookView,
    /// This Prime's deposit, redeem and exit keys.
    pub prime_limits: [RateLimit; 3],
    /// Every outbound key recorded for the Unit on the Class's RateLimits.
    pub class_limits: Vec<RateLimit>,
}

/// Why a Prime does not accept a Unit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Not in the registry, or not ACTIVE there.
    #[error("the registry does not hold the Unit active")]
    NotActive,
    /// Code that is not the template's.
    #[error("{name} at {address} has code {found}, the template has {expected}")]
    Code {
        /// Template.
        name: String,
        /// Where.
        address: Address,
        /// Found there.
        found: B256,
        /// In the lock.
        expected: B256,
    },
    /// A template that was withdrawn or never approved.
    #[error("template {name} is not approved")]
    Template {
        /// Template.
        name: String,
    },
    /// The factory kept power.
    #[error("the factory still holds a role")]
    FactoryRole,
    /// Nobody may settle, or nobody may move the Class's money.
    #[error("no {role} is appointed")]
    NoOperator {
        /// Which role.
        role: &'static str,
    },
    /// A role in the hands of somebody who is not a beacon of this Class.
    #[error("{role} {account} is not an active beacon of this Class")]
    Unregistered {
        /// Which role.
        role: &'static str,
        /// Who.
        account: Address,
    },
    /// A beacon that may be dead.
    #[error("{role} {account} last sent a heartbeat at {last}")]
    Silent {
        /// Which role.
        role: &'static str,
        /// Who.
        account: Address,
        /// When, unix seconds.
        last: u64,
    },
    /// One who sets the price and acts on it.
    #[error("{role} {account} is an attestor too")]
    Attests {
        /// Which role.
        role: &'static str,
        /// Who.
        account: Address,
    },
    /// Nobody but the operators could stop the operators.
    #[error("no freezer that is neither settler nor relayer")]
    NoFreezer,
    /// An artifact that is missing, withdrawn or about other parameters.
    #[error("an artifact is not active or does not match what was deployed")]
    Artifact,
    /// A report that is missing, too old or under review.
    #[error("no current position report")]
    Report,
    /// Governance did not bound this Prime's flow.
    #[error("the Prime has no {key} limit")]
    PrimeLimit {
        /// deposit, redeem or exit.
        key: &'static str,
    },
    /// Governance did not bound the Class's outflow.
    #[error("an outbound limit of the Class is not set")]
    ClassLimit,
    /// A Unit in which somebody waits or holds shares, and nobody settles.
    #[error("nothing was settled since {since}, although somebody waits or holds shares")]
    NotSettling {
        /// The last settlement, unix seconds; 0 for never.
        since: u64,
    },
    /// Governance set no bound to the Class's outflow.
    #[error("an outbound limit of the Class is unlimited")]
    ClassUnlimited,
    /// The registry sees it otherwise.
    #[error("the registry says {registry:#06b}, own checks say {own:#06b}")]
    MaskDiffers {
        /// Its mask.
        registry: u8,
        /// Own mask.
        own: u8,
    },
}

/// The outcome of the four checks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Validation {
    /// The requirements that hold by own derivation, as bits.
    pub mask: u8,
    /// Everything that does not, with the requirement it belongs to; a difference from the
    /// registry's answer belongs to none.
    pub failures: Vec<(Option<Requirement>, Failure)>,
}

impl Validation {
    /// Whether the Unit is a deployment target for this Prime.
    pub fn is_onboarded(&self) -> bool {
        self.mask == COMPLETE && self.failures.is_empty()
    }
}

/// Derives the four requirements at `now`.
pub fn validate(view: &OnboardingView, now: u64) -> Validation {
    let mut failures = Vec::new();
    let mut mask = 0;
    for requirement in Requirement::ALL {
        let found = match requirement {
            Requirement::FactoryDeployment => factory_deployment(view),
            Requirement::SentinelIntegration => sentinel_integration(view, now),
            Requirement::ArtifactReporting => artifact_reporting(view, now),
            Requirement::RateLimitConfiguration => rate_limits(view),
        };
        if found.is_empty() {
            mask |= requirement.bit();
        }
        failures.extend(found.into_iter().map(|failure| (Some(requirement), failure)));
    }
    if !view.is_active {
        failures.push((None, Failure::NotActive));
    }
    if view.registry_mask != mask {
        failures.push((None, Failure::MaskDiffers { registry: view.registry_mask, own: mask }));
    }
    Validation { mask, failures }
}

/// Seconds after which a Unit that somebody has a stake in should have settled: a long weekend and a day.
pub const MAX_EPOCH_AGE: u64 = 5 * 86_400;

/// Derives the four requirements at `now` and, with the Unit at hand, what the registry cannot know: that
/// the sentinel does settle, and that the Class's outflow has a bound. These do not count in the mask.
pub fn validate_unit(view: &OnboardingView, unit: &UnitView, now: u64) -> Validation {
    let mut validation = validate(view, now);
    let has_stakes = !(unit.total_supply.is_zero()
        && unit.subscribe.total.is_zero()
        && unit.redeem.total.is_zero());
    // A queue that nobody ever locked counts from the entry that it waits with, which nobody dates:
    // only a Unit that has locked once can be late.
    let since = unit.last_settle_at;
    let late =
        unit.last_lock_at > 0 && now.saturating_sub(since.max(unit.last_lock_at)) > MAX_EPOCH_AGE;
    if has_stakes && late {
        let failure = Failure::NotSettling { since };
        validation.failures.push((Some(Requirement::SentinelIntegration), failure));
    }
    if view.class_limits.iter().any(RateLimit::is_unlimited) {
        let failure = Failure::ClassUnlimited;
        validation.failures.push((Some(Requirement::RateLimitConfiguration), failure));
    }
    validation
}

fn factory_deployment(view: &OnboardingView) -> Vec<Failure> {
    let mut failures = Vec::new();
    for part in &view.components {
        let name = part.name.clone();
        if part.code_hash != part.expected || part.expected.is_zero() {
            let (address, found, expected) = (part.address, part.code_hash, part.expected);
            failures.push(Failure::Code { name, address, found, expected });
        } else if !part.is_approved {
            failures.push(Failure::Template { name });
        }
    }
    if view.components.is_empty() {
        failures.push(Failure::NotActive);
    }
    if view.factory_has_role {
        failures.push(Failure::FactoryRole);
    }
    failures
}

fn sentinel_integration(view: &OnboardingView, now: u64) -> Vec<Failure> {
    let mut failures = Vec::new();
    for (role, operators) in [("settler", &view.settlers), ("relayer", &view.relayers)] {
        if operators.is_empty() {
            failures.push(Failure::NoOperator { role });
        }
        for &Operator { account, is_registered, is_attestor, last_heartbeat: last } in operators {
            if !is_registered {
                failures.push(Failure::Unregistered { role, account });
            } else if last == 0 || now.saturating_sub(last) > view.max_heartbeat {
                failures.push(Failure::Silent { role, account, last });
            }
            if is_attestor {
                failures.push(Failure::Attests { role, account });
            }
        }
    }
    let operators = || view.settlers.iter().chain(&view.relayers);
    if view.freezers.iter().all(|freezer| operators().any(|o| o.account == *freezer)) {
        failures.push(Failure::NoFreezer);
    }
    failures
}

fn artifact_reporting(view: &OnboardingView, now: u64) -> Vec<Failure> {
    let mut failures = Vec::new();
    if view.artifacts.is_empty() || !view.artifacts.iter().all(ArtifactView::stands) {
        failures.push(Failure::Artifact);
    }
    if !view.book.is_fresh(now) {
        failures.push(Failure::Report);
    }
    failures
}

fn rate_limits(view: &OnboardingView) -> Vec<Failure> {
    let mut failures: Vec<_> = ["deposit", "redeem", "exit"]
        .into_iter()
        .zip(&view.prime_limits)
        .filter(|(_, limit)| !limit.is_set())
        .map(|(key, _)| Failure::PrimeLimit { key })
        .collect();
    if !view.class_limits.iter().all(RateLimit::is_set) {
        failures.push(Failure::ClassLimit);
    }
    failures
}

#[cfg(test)]
mod tests {
    use super::{
        super::fixtures::{DAY, NOW, holding, m},
        *,
    };
    use alloy_primitives::U256;

    /// Meets every requirement.
    fn onboarded() -> OnboardingView {
        let operator = |byte| Operator {
            account: Address::with_last_byte(byte),
            is_registered: true,
            is_attestor: false,
            last_heartbeat: NOW - 60,
        };
        OnboardingView {
            registry_mask: COMPLETE,
            is_active: true,
            components: vec![Component {
                name: "HaloUnit".into(),
                address: Address::ZERO,
                code_hash: B256::repeat_byte(1),
                expected: B256::repeat_byte(1),
                is_approved: true,
            }],
            factory_has_role: false,
            settlers: vec![operator(1)],
            relayers: vec![operator(2)],
            freezers: vec![Address::with_last_byte(3)],
            max_heartbeat: 129_600,
            artifacts: vec![ArtifactView { is_active: true, ..ArtifactView::default() }; 3],
            book: holding(1, 0).unit.book,
            prime_limits: [RateLimit::UNLIMITED; 3],
            class_limits: vec![RateLimit::full(m(1), m(1), NOW)],
        }
    }

    #[test]
    fn a_unit_that_nobody_settles_is_no_target() {
        let mut unit = holding(1, 0).unit;
        let failures = |unit: &UnitView| validate_unit(&onboarded(), unit, NOW).failures;
        assert_eq!(failures(&unit), [], "new and empty");
        unit.subscribe.total = m(1);
        assert_eq!(failures(&unit), [], "waits for its first lock");
        unit.last_lock_at = NOW - MAX_EPOCH_AGE - 1;
        let why = (Some(Requirement::SentinelIntegration), Failure::NotSettling { since: 0 });
        assert_eq!(failures(&unit), [why]);
        unit.last_settle_at = NOW - DAY;
        assert_eq!(failures(&unit), []);
        unit.last_settle_at = 0;
        unit.subscribe.total = U256::ZERO;
        assert_eq!(failures(&unit), [], "nobody is kept waiting");
    }

    #[test]
    fn a_class_without_a_bound_on_its_outflow_is_no_target() {
        let mut view = onboarded();
        view.class_limits.push(RateLimit::UNLIMITED);
        let validation = validate_unit(&view, &holding(1, 0).unit, NOW);
        assert_eq!(validation.mask, COMPLETE, "the registry asks less");
        assert!(!validation.is_onboarded());
        let why = (Some(Requirement::RateLimitConfiguration), Failure::ClassUnlimited);
        assert_eq!(validation.failures, [why]);
    }
}
