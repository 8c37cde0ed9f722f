//! Views that nothing binds, to be narrowed by each test.

use crate::numbers::e;
use alloy_primitives::{Address, B256, U256};
use halo_sentinel::{
    lcts::queue::Status,
    math::RAY,
    prime::{
        MintCeiling, OnboardingView, PrimeView, PsmView, Stake,
        onboarding::{ArtifactView, COMPLETE, Component, Operator},
    },
    rate_limit::RateLimit,
    view::{BookView, QueueView, UnitState, UnitView},
};

/// When epochs are locked: 1 January 2026, a Thursday, 13:00 UTC.
pub(crate) const LOCK: u64 = 1_767_272_400;

pub(crate) const USDS: Address = Address::with_last_byte(0x01);
pub(crate) const USDC: Address = Address::with_last_byte(0x02);
pub(crate) const UNIT: Address = Address::with_last_byte(0x03);

/// An empty Unit in USDS with a cap of a billion.
pub(crate) fn unit() -> UnitView {
    UnitView {
        id: B256::with_last_byte(7),
        unit: UNIT,
        asset: USDS,
        asset_decimals: 18,
        state: UnitState::Active,
        subscribe_until: LOCK + 86_400,
        min_epoch_gap: 72_000,
        max_lock: 21_600,
        index: RAY,
        cap: e(1_000_000_000, 18),
        epoch_subscribe_cap: U256::MAX,
        epoch_redeem_cap: U256::MAX,
        subscribe_headroom: U256::MAX,
        redeem_headroom: U256::MAX,
        min_subscribe: e(1_000, 18),
        book: BookView { is_empty: true, max_report_age: 129_600, ..BookView::default() },
        ..UnitView::default()
    }
}

/// The Unit with `waiting` in its subscribe queue, locked at 13:00.
pub(crate) fn locked(waiting: U256) -> UnitView {
    UnitView {
        epoch: 1,
        last_lock_at: LOCK,
        is_locked: true,
        subscribe: QueueView { status: Status::Locked, total: waiting },
        ..unit()
    }
}

/// A Prime of Spark's size that holds nothing.
pub(crate) fn prime() -> PrimeView {
    let million = |n| e(n, 24);
    PrimeView {
        id: B256::with_last_byte(9),
        proxy: Address::with_last_byte(0x11),
        controller: Address::with_last_byte(0x12),
        usds: USDS,
        usdc: USDC,
        usds_held: U256::ZERO,
        usdc_held: U256::ZERO,
        mint_limit: RateLimit::full(million(200), million(200) / U256::from(86_400), LOCK),
        swap_limit: RateLimit::full(e(50, 12), U256::ZERO, LOCK),
        ceiling: MintCeiling {
            debt: million(1_000),
            ceiling: million(1_500),
            line: million(10_000),
            gap: million(500),
            ttl: 86_400,
            raised_at: LOCK - 3_600,
        },
        psm: PsmView { usdc: e(5_000, 12), fee: U256::ZERO, is_halted: false },
    }
}

/// A Prime's keys for the Unit: 100 million, refilled in a day.
pub(crate) fn stake() -> Stake {
    Stake {
        is_entrant: true,
        deposit_limit: RateLimit::full(e(100, 24), e(100, 24) / U256::from(86_400), LOCK),
        redeem_limit: RateLimit::UNLIMITED,
        exit_limit: RateLimit::UNLIMITED,
        ..Stake::default()
    }
}

/// A Unit that meets every requirement.
pub(crate) fn onboarded() -> OnboardingView {
    let operator = |last_byte| Operator {
        account: Address::with_last_byte(last_byte),
        is_registered: true,
        is_attestor: false,
        last_heartbeat: LOCK - 60,
    };
    OnboardingView {
        registry_mask: COMPLETE,
        is_active: true,
        components: vec![Component {
            name: "HaloUnit".into(),
            address: UNIT,
            code_hash: B256::repeat_byte(1),
            expected: B256::repeat_byte(1),
            is_approved: true,
        }],
        factory_has_role: false,
        settlers: vec![operator(0x21)],
        relayers: vec![operator(0x22)],
        freezers: vec![Address::with_last_byte(0x23)],
        max_heartbeat: 129_600,
        artifacts: vec![ArtifactView { is_active: true, ..ArtifactView::default() }; 3],
        book: unit().book,
        prime_limits: [stake().deposit_limit, RateLimit::UNLIMITED, RateLimit::UNLIMITED],
        class_limits: vec![RateLimit::full(e(1, 24), U256::ZERO, LOCK)],
    }
}
