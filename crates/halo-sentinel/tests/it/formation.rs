//! A Prime's formation: what it detects and accepts, what binds it, and what its warden refuses.

use crate::{
    numbers::e,
    views::{LOCK, UNIT, USDC, onboarded, prime, stake, unit},
};
use alloy_primitives::{Address, B256, Log, U256};
use alloy_sol_types::SolEvent;
use halo_sentinel::{
    lcts::queue::{MAX_UNDERLYING, Status},
    math::WAD,
    prime::{
        Act, Appetite, Binding, Breach, Case, Decision, MintCeiling, PrimeView, PsmView,
        Requirement, Stake, decide,
        detect::{Detector, RegistryEvent, Standing},
        execute::claim,
        onboarding::{Failure, OnboardingView, Operator, validate},
        warden::review,
    },
    rate_limit::RateLimit,
    view::{QueueView, UnitState, UnitView},
};
use halo_templates::bindings::UnitRegistry;

const NOW: u64 = LOCK;
const UNTIL: u64 = NOW + 3_600;

struct Day1 {
    prime: PrimeView,
    unit: UnitView,
    stake: Stake,
    target: U256,
    onboarding: OnboardingView,
}

impl Default for Day1 {
    fn default() -> Self {
        let (prime, unit, stake) = (prime(), unit(), stake());
        Self { prime, unit, stake, target: e(80, 24), onboarding: onboarded() }
    }
}

impl Day1 {
    /// Decides, and lets the warden agree.
    fn decide(&self) -> Decision {
        self.with(|case| {
            let decision = decide(case, UNTIL).unwrap();
            assert_eq!(review(case, &decision.acts), Ok(()));
            decision
        })
    }

    fn review(&self, acts: &[Act]) -> Result<(), Breach> {
        self.with(|case| review(case, acts))
    }

    fn with<T>(&self, then: impl FnOnce(&Case<'_>) -> T) -> T {
        let validation = validate(&self.onboarding, NOW);
        then(&Case {
            now: NOW,
            prime: &self.prime,
            unit: &self.unit,
            stake: &self.stake,
            appetite: &Appetite { target: self.target },
            validation: &validation,
        })
    }

    fn usdc() -> Self {
        let mut day = Self { target: e(40, 12), ..Self::default() };
        day.unit = UnitView {
            asset: USDC,
            asset_decimals: 6,
            cap: e(1_000, 12),
            min_subscribe: e(1_000, 6),
            ..day.unit
        };
        day.stake.deposit_limit = RateLimit::full(e(100, 12), U256::ZERO, NOW);
        day
    }
}

fn bound(day: &Day1) -> (U256, Binding) {
    let allocation = day.decide().allocation;
    (allocation.chosen, allocation.bound)
}

#[test]
fn a_unit_becomes_a_target_when_the_registry_activates_what_the_factory_made() {
    let (id, class) = (B256::with_last_byte(1), B256::with_last_byte(2));
    let mut detector = Detector::default();
    let stranger =
        RegistryEvent::UnitStateChanged { id: B256::repeat_byte(9), standing: Standing::Active };
    assert_eq!(detector.observe(&stranger), None);

    detector.observe(&RegistryEvent::UnitRegistered { id, class, unit: UNIT });
    let active = RegistryEvent::UnitStateChanged { id, standing: Standing::Active };
    assert_eq!(detector.observe(&active).unwrap().unit, UNIT);
    assert_eq!(detector.observe(&active), None, "told once");
    assert_eq!(detector.targets().count(), 1);

    let suspended = RegistryEvent::UnitStateChanged { id, standing: Standing::Suspended };
    detector.observe(&suspended);
    assert_eq!(detector.targets().count(), 0);
    assert!(detector.observe(&active).is_some(), "told again after a suspension");
}

#[test]
fn the_registrys_logs_are_read_as_they_are_emitted() {
    let (unit_id, class_id) = (B256::with_last_byte(1), B256::with_last_byte(2));
    let registered = UnitRegistry::UnitRegistered {
        unitId: unit_id,
        classId: class_id,
        at: UnitRegistry::UnitAddresses { unit: UNIT, ..Default::default() },
        tranche: 0,
        paramsHash: B256::ZERO,
    };
    let changed =
        UnitRegistry::UnitStateChanged { unitId: unit_id, from: 1, to: 2, reasonHash: B256::ZERO };
    let log = |data| Log { address: Address::ZERO, data };
    assert_eq!(
        RegistryEvent::from_log(&log(registered.encode_log_data())),
        Some(RegistryEvent::UnitRegistered { id: unit_id, class: class_id, unit: UNIT })
    );
    assert_eq!(
        RegistryEvent::from_log(&log(changed.encode_log_data())),
        Some(RegistryEvent::UnitStateChanged { id: unit_id, standing: Standing::Active })
    );
    let other = UnitRegistry::UnitPoked { unitId: unit_id, mask: 7, subscribeUntil: 1 };
    assert_eq!(RegistryEvent::from_log(&log(other.encode_log_data())), None);
}

#[test]
fn each_requirement_fails_on_its_own() {
    type Fault = (Requirement, fn(&mut OnboardingView));
    let faults: [Fault; 13] = [
        (Requirement::FactoryDeployment, |v| v.components[0].code_hash = B256::ZERO),
        (Requirement::FactoryDeployment, |v| v.components[0].is_approved = false),
        (Requirement::FactoryDeployment, |v| v.factory_has_role = true),
        (Requirement::SentinelIntegration, |v| v.settlers.clear()),
        (Requirement::SentinelIntegration, |v| v.settlers[0].is_registered = false),
        (Requirement::SentinelIntegration, |v| v.relayers[0].last_heartbeat = NOW - 129_601),
        (Requirement::SentinelIntegration, |v| v.relayers[0].is_attestor = true),
        (Requirement::SentinelIntegration, |v| v.freezers = vec![v.settlers[0].account]),
        (Requirement::ArtifactReporting, |v| v.artifacts[2].is_active = false),
        (Requirement::ArtifactReporting, |v| v.artifacts[1].params_hash = B256::repeat_byte(9)),
        (Requirement::ArtifactReporting, |v| v.book.is_empty = false),
        (Requirement::RateLimitConfiguration, |v| v.prime_limits[2] = RateLimit::default()),
        (Requirement::RateLimitConfiguration, |v| v.class_limits[0] = RateLimit::default()),
    ];
    assert!(validate(&onboarded(), NOW).is_onboarded());
    for (at, (requirement, fault)) in faults.into_iter().enumerate() {
        let mut view = onboarded();
        fault(&mut view);
        view.registry_mask &= !requirement.bit();
        let validation = validate(&view, NOW);
        assert!(!validation.is_onboarded(), "fault {at}");
        assert_eq!(validation.mask, view.registry_mask, "fault {at}");
        assert!(validation.failures.iter().all(|(r, _)| *r == Some(requirement)), "fault {at}");
    }
}

#[test]
fn a_registry_that_says_otherwise_is_not_believed() {
    let mut view = onboarded();
    view.settlers.push(Operator { is_registered: false, ..view.settlers[0] });
    let validation = validate(&view, NOW);
    let differs = Failure::MaskDiffers { registry: 0b1111, own: 0b1101 };
    assert!(validation.failures.contains(&(None, differs)));
}

#[test]
fn takes_what_it_wants_when_nothing_binds() {
    let decision = Day1::default().decide();
    assert_eq!(
        (decision.allocation.chosen, decision.allocation.bound),
        (e(80, 24), Binding::Appetite)
    );
    let amount = e(80, 24);
    assert_eq!(
        decision.acts,
        [Act::MintUsds { amount }, Act::RequestDeposit { unit: UNIT, amount }]
    );
}

#[test]
fn draws_only_what_it_does_not_hold() {
    let mut day = Day1::default();
    day.prime.usds_held = e(30, 24);
    let acts = day.decide().acts;
    assert_eq!(acts[0], Act::MintUsds { amount: e(50, 24) });
    day.prime.usds_held = e(300, 24);
    assert_eq!(day.decide().acts.len(), 1);
}

#[test]
fn counts_what_it_has_and_what_waits() {
    let mut day = Day1::default();
    day.stake.pending = e(20, 24);
    day.stake.claimable = e(10, 24);
    day.stake.shares = e(30, 24);
    day.unit.total_supply = e(40, 24);
    assert_eq!(bound(&day), (e(20, 24), Binding::Appetite));
    assert_eq!(claim(&day.unit, &day.stake), Some(Act::ClaimDeposit { unit: UNIT }));
    assert_eq!(claim(&day.unit, &Stake::default()), None);
}

#[test]
fn names_the_limit_that_binds() {
    let mut day = Day1 { target: e(2_000, 24), ..Day1::default() };
    assert_eq!(bound(&day), (e(100, 24), Binding::DepositLimit));

    day.stake.deposit_limit = RateLimit::UNLIMITED;
    assert_eq!(bound(&day), (e(200, 24), Binding::MintLimit));

    day.prime.mint_limit = RateLimit::UNLIMITED;
    assert_eq!(bound(&day), (e(500, 24), Binding::MintCeiling));

    day.unit.subscribe.total = MAX_UNDERLYING - e(400, 24);
    assert_eq!(bound(&day), (e(400, 24), Binding::QueueFull));

    day.unit.subscribe.total = U256::ZERO;
    day.unit.cap = e(300, 24);
    assert_eq!(bound(&day), (e(300, 24), Binding::UnitCap));

    day.prime.usds_held = e(1, 24);
    day.unit.total_supply = e(300, 24) - e(999, 18);
    assert_eq!(bound(&day), (U256::ZERO, Binding::MinEntry));
}

#[test]
fn looks_ahead_over_the_span() {
    let day = Day1 { target: e(200, 24), ..Day1::default() };
    let allocation = day.decide().allocation;
    let refill = day.stake.deposit_limit.slope * U256::from(UNTIL - NOW);
    assert_eq!(allocation.over_span, e(100, 24) + refill);
    assert_eq!(allocation.bound_over_span, Binding::DepositLimit);
}

#[test]
fn closed_doors_are_named_and_nothing_is_sent() {
    type Fault = (Binding, fn(&mut Day1));
    let faults: [Fault; 6] = [
        (Binding::NotOnboarded, |d| d.onboarding.is_active = false),
        (Binding::NotOnboarded, |d| d.unit.state = UnitState::SubscribePaused),
        (Binding::NotOnboarded, |d| d.unit.subscribe_until = NOW - 1),
        (Binding::QueueLocked, |d| d.unit.is_locked = true),
        (Binding::QueueLocked, |d| {
            d.unit.is_locked = true;
            d.unit.subscribe = QueueView { status: Status::Locked, total: e(1, 24) };
        }),
        (Binding::NotEntrant, |d| d.stake.is_entrant = false),
    ];
    for (binding, fault) in faults {
        let mut day = Day1::default();
        fault(&mut day);
        let decision = day.decide();
        assert_eq!((decision.allocation.chosen, decision.allocation.bound), (U256::ZERO, binding));
        assert!(decision.acts.is_empty());

        let sent = [
            Act::MintUsds { amount: e(1, 24) },
            Act::RequestDeposit { unit: UNIT, amount: e(1, 24) },
        ];
        let refused = day.review(&sent).unwrap_err();
        assert!(matches!(refused, Breach::Bound { bound, act: 1, .. } if bound == binding));
    }
}

#[test]
fn buys_usdc_for_a_unit_in_usdc() {
    let mut day = Day1::usdc();
    day.prime.usdc_held = e(10, 12);
    let usdc = e(30, 12);
    assert_eq!(
        day.decide().acts,
        [
            Act::MintUsds { amount: e(30, 24) },
            Act::SwapUsdsToUsdc { usdc },
            Act::RequestDeposit { unit: UNIT, amount: e(40, 12) },
        ]
    );
    day.prime.psm.fee = WAD / U256::from(1_000);
    assert_eq!(day.decide().acts[0], Act::MintUsds { amount: e(30_030, 21) });
}

#[test]
fn usdc_is_bound_by_the_swap_and_the_pocket() {
    let mut day = Day1 { target: e(90, 12), ..Day1::usdc() };
    assert_eq!(bound(&day), (e(50, 12), Binding::SwapLimit));
    day.prime.psm.usdc = e(20, 12);
    assert_eq!(bound(&day), (e(20, 12), Binding::PsmLiquidity));
    day.prime.psm = PsmView { is_halted: true, ..day.prime.psm };
    assert_eq!(bound(&day), (U256::ZERO, Binding::PsmLiquidity));
    day.prime.usdc_held = e(7, 12);
    assert_eq!(bound(&day), (e(7, 12), Binding::PsmLiquidity));
}

#[test]
fn cannot_pay_in_an_asset_that_it_can_neither_draw_nor_buy() {
    let mut day = Day1::default();
    day.unit.asset = Address::with_last_byte(0x77);
    assert_eq!(bound(&day), (U256::ZERO, Binding::OwnFunds));
}

#[test]
fn the_warden_refuses_whatever_is_beyond_a_bound() {
    let day = Day1 { target: e(90, 24), ..Day1::default() };
    let mint = |n| Act::MintUsds { amount: e(n, 24) };
    let request = |n| Act::RequestDeposit { unit: UNIT, amount: e(n, 24) };
    let breach = |acts: &[Act]| match day.review(acts).unwrap_err() {
        Breach::Bound { bound, .. } => bound,
        other => panic!("{other:?}"),
    };
    assert_eq!(day.review(&[mint(90), request(40), request(50)]), Ok(()));
    assert_eq!(breach(&[mint(90), request(91)]), Binding::Appetite);
    assert_eq!(breach(&[mint(90), request(60), request(60)]), Binding::DepositLimit);
    assert_eq!(breach(&[mint(201)]), Binding::MintLimit);
    assert_eq!(breach(&[mint(40), request(50)]), Binding::OwnFunds);
    assert_eq!(breach(&[Act::SwapUsdsToUsdc { usdc: e(51, 12) }]), Binding::SwapLimit);
    assert_eq!(breach(&[Act::SwapUsdsToUsdc { usdc: e(1, 12) }]), Binding::OwnFunds);
    let small = Act::RequestDeposit { unit: UNIT, amount: U256::ONE };
    assert_eq!(breach(&[small]), Binding::MinEntry);

    let idle = Breach::IdleDraw { amount: e(10, 24) };
    assert_eq!(day.review(&[mint(60), request(50)]), Err(idle));
    let elsewhere = Address::with_last_byte(0x99);
    let other = Act::RequestDeposit { unit: elsewhere, amount: e(1, 24) };
    assert_eq!(day.review(&[other]), Err(Breach::OtherUnit { act: 0, unit: elsewhere }));

    let mut ceiling = Day1 { target: e(900, 24), ..Day1::default() };
    ceiling.prime.mint_limit = RateLimit::UNLIMITED;
    let refused = ceiling.review(&[mint(400), mint(101)]).unwrap_err();
    assert!(matches!(refused, Breach::Bound { act: 1, bound: Binding::MintCeiling, .. }));
}

#[test]
fn the_auto_line_raises_the_ceiling_once_per_ttl() {
    let ceiling = prime().ceiling;
    assert_eq!(ceiling.headroom(NOW), e(500, 24));
    let drawn = MintCeiling { debt: e(1_500, 24), ..ceiling };
    assert_eq!(drawn.headroom(NOW), U256::ZERO);
    assert_eq!(drawn.headroom(ceiling.raised_at + ceiling.ttl), e(500, 24));
    assert_eq!(ceiling.over(NOW, NOW + ceiling.ttl), e(1_000, 24));
    let last = MintCeiling { line: e(1_600, 24), ..drawn };
    assert_eq!(last.headroom(ceiling.raised_at + ceiling.ttl), e(100, 24));
}
