//! A Prime and Units that nothing binds, to be narrowed by each test.

use super::{
    onboarding::{COMPLETE, Validation},
    portfolio::{Holding, Mandate, Portfolio, Terms},
    view::{MintCeiling, PrimeView, PsmView, Stake},
};
use crate::{
    math::{RAY, WAD},
    rate_limit::RateLimit,
    view::{BookView, UnitState, UnitView},
};
use alloy_primitives::{Address, B256, U256};

pub(super) const NOW: u64 = 1_767_225_600;
pub(super) const DAY: u64 = 86_400;
pub(super) const USDS: Address = Address::with_last_byte(0x01);
pub(super) const USDC: Address = Address::with_last_byte(0x02);

/// Millions of dollars, 18 decimals.
pub(super) fn m(millions: u64) -> U256 {
    U256::from(millions) * U256::from(1_000_000) * WAD
}

/// Millions of dollars, 6 decimals.
pub(super) fn m6(millions: u64) -> U256 {
    U256::from(millions) * U256::from(1_000_000_000_000_u64)
}

/// Per day, per second.
pub(super) fn daily(amount: U256) -> U256 {
    amount / U256::from(DAY)
}

/// Draws up to 500 M at once and 500 M a day, as Grove may.
pub(super) fn prime() -> PrimeView {
    PrimeView {
        id: B256::with_last_byte(9),
        proxy: Address::with_last_byte(0x11),
        controller: Address::with_last_byte(0x12),
        usds: USDS,
        usdc: USDC,
        usds_held: U256::ZERO,
        usdc_held: U256::ZERO,
        mint_limit: RateLimit::full(m(500), daily(m(500)), NOW),
        swap_limit: RateLimit::full(m6(500), daily(m6(500)), NOW),
        ceiling: MintCeiling {
            debt: m(1_000),
            ceiling: m(1_500),
            line: m(5_000),
            gap: m(500),
            ttl: DAY,
            raised_at: NOW - 3_600,
        },
        psm: PsmView { usdc: m6(5_000), fee: U256::ZERO, is_halted: false },
    }
}

/// A Unit in USDS with room for a billion, that pays `yield_bps`.
pub(super) fn holding(number: u8, yield_bps: i32) -> Holding {
    let unit = UnitView {
        id: B256::with_last_byte(number),
        unit: Address::with_last_byte(0x30 + number),
        asset: USDS,
        asset_decimals: 18,
        state: UnitState::Active,
        subscribe_until: NOW + 10 * DAY,
        min_epoch_gap: 72_000,
        max_lock: 21_600,
        index: RAY,
        cap: m(1_000),
        epoch_subscribe_cap: U256::MAX,
        epoch_redeem_cap: U256::MAX,
        subscribe_headroom: U256::MAX,
        redeem_headroom: U256::MAX,
        min_subscribe: U256::from(1_000) * WAD,
        book: BookView { is_empty: true, max_report_age: 129_600, ..BookView::default() },
        ..UnitView::default()
    };
    Holding {
        unit,
        stake: Stake {
            is_entrant: true,
            deposit_limit: RateLimit::full(m(100), daily(m(20)), NOW),
            redeem_limit: RateLimit::full(m(50), daily(m(50)), NOW),
            exit_limit: RateLimit::UNLIMITED,
            ..Stake::default()
        },
        exit: Default::default(),
        validation: Validation { mask: COMPLETE, failures: Vec::new() },
        terms: Terms { yield_bps, ..Terms::default() },
    }
}

/// The same in USDC.
pub(super) fn holding_usdc(number: u8, yield_bps: i32) -> Holding {
    let mut holding = holding(number, yield_bps);
    holding.unit.asset = USDC;
    holding.unit.asset_decimals = 6;
    holding.unit.cap = m6(1_000);
    holding.unit.min_subscribe = U256::from(1_000_000_000);
    holding.stake.deposit_limit = RateLimit::full(m6(100), daily(m6(20)), NOW);
    holding.stake.redeem_limit = RateLimit::full(m6(50), daily(m6(50)), NOW);
    holding
}

pub(super) fn mandate() -> Mandate {
    Mandate { portfolio: m(5_000), ..Mandate::default() }
}

pub(super) fn portfolio<'a>(prime: &'a PrimeView, holdings: &'a [Holding]) -> Portfolio<'a> {
    Portfolio { now: NOW, until: NOW + DAY, prime, holdings, covers: &[] }
}
