//! How long Primes take to decide: `cargo run --release -p halo-sentinel --example allocation`.
//!
//! Five Primes, twenty Units, ten of them in Classes with tranches; caps by class and counterparty,
//! risk capital, concentration. The programme alone, and the whole decision with its day of slices.

use alloy_primitives::{Address, B256, U256};
use halo_sentinel::{
    math::{RAY, WAD},
    prime::{
        MintCeiling, PrimeView, PsmView, Stake, Validation,
        base::strategy,
        onboarding::COMPLETE,
        portfolio::{Cover, ExitView, Group, Holding, Mandate, Portfolio, Terms},
        programme,
    },
    rate_limit::RateLimit,
    view::{BookView, UnitState, UnitView},
};
use std::time::Instant;

const NOW: u64 = 1_767_225_600;
const DAY: u64 = 86_400;
const PRIMES: u64 = 5;
const UNITS: u64 = 20;
const ROUNDS: u32 = 200;

fn millions(amount: u64) -> U256 {
    U256::from(amount) * U256::from(1_000_000) * WAD
}

fn limit(max: u64, daily: u64) -> RateLimit {
    RateLimit::full(millions(max), millions(daily) / U256::from(DAY), NOW)
}

fn prime(number: u64) -> PrimeView {
    let debt = millions(1_000);
    PrimeView {
        id: B256::from(U256::from(number)),
        proxy: Address::with_last_byte(0x11),
        controller: Address::with_last_byte(0x12),
        usds: Address::with_last_byte(1),
        usdc: Address::with_last_byte(2),
        usds_held: millions(10),
        usdc_held: U256::ZERO,
        mint_limit: limit(500, 500),
        swap_limit: RateLimit::UNLIMITED,
        ceiling: MintCeiling {
            debt,
            ceiling: debt + millions(500),
            line: millions(5_000),
            gap: millions(500),
            ttl: DAY,
            raised_at: NOW - 3_600,
        },
        psm: PsmView { usdc: U256::ZERO, fee: U256::ZERO, is_halted: false },
    }
}

fn holding(number: u64, prime: u64) -> Holding {
    let book = BookView { is_empty: true, max_report_age: 129_600, ..BookView::default() };
    let unit = UnitView {
        id: B256::from(U256::from(number + 1)),
        unit: Address::with_last_byte(0x30 + number as u8),
        asset: Address::with_last_byte(1),
        asset_decimals: 18,
        state: UnitState::Active,
        subscribe_until: NOW + 2 * DAY,
        min_epoch_gap: 72_000,
        max_lock: 21_600,
        index: RAY,
        total_supply: millions(50),
        cap: millions(300),
        epoch_subscribe_cap: U256::MAX,
        epoch_redeem_cap: U256::MAX,
        subscribe_headroom: U256::MAX,
        redeem_headroom: U256::MAX,
        min_subscribe: WAD,
        book,
        ..UnitView::default()
    };
    let stake = Stake {
        is_entrant: true,
        deposit_limit: limit(100, 20),
        redeem_limit: limit(50, 50),
        shares: millions(number * prime % 11),
        ..Stake::default()
    };
    let terms = Terms {
        yield_bps: 420 + (number * 37 % 400) as i32,
        capital_ratio_bps: (number * 91 % 1_200) as u16,
        groups: vec![
            B256::repeat_byte(number as u8 % 4),
            B256::repeat_byte(0x10 + number as u8 % 3),
        ],
    };
    let validation = Validation { mask: COMPLETE, failures: Vec::new() };
    Holding { unit, stake, exit: ExitView::default(), validation, terms }
}

fn main() {
    let group = |byte| Group { id: B256::repeat_byte(byte), cap: millions(250), penalty_bps: 500 };
    let mandate = Mandate {
        funding_bps: 400,
        capital_bps: 1_000,
        concentration_bps: 2_000,
        entry_cost_bps: 2,
        exit_cost_bps: 5,
        risk_capital: millions(40),
        reserve: millions(20),
        portfolio: millions(3_000),
        groups: [0, 1, 2, 3, 0x10, 0x11, 0x12].map(group).to_vec(),
        ..Mandate::default()
    };
    let covers: Vec<_> = (0..5)
        .map(|class| Cover {
            protected: vec![B256::from(U256::from(2 * class + 1))],
            junior: vec![B256::from(U256::from(2 * class + 2))],
            protected_value: millions(50),
            junior_value: millions(20),
            min_bps: 2_000,
        })
        .collect();
    let primes: Vec<_> = (0..PRIMES)
        .map(|number| (prime(number), (0..UNITS).map(|u| holding(u, number)).collect::<Vec<_>>()))
        .collect();
    let views: Vec<_> = primes
        .iter()
        .map(|(prime, holdings)| Portfolio {
            now: NOW,
            until: NOW + DAY,
            prime,
            holdings,
            covers: &covers,
        })
        .collect();

    let time = |what: &str, decide: &dyn Fn(&Portfolio<'_>) -> usize| {
        let start = Instant::now();
        let mut count = 0;
        for _ in 0..ROUNDS {
            count += views.iter().map(decide).sum::<usize>();
        }
        let each = start.elapsed() / ROUNDS;
        println!("{what}: {each:?} for {PRIMES} Primes and {UNITS} Units ({count} in all)");
    };
    time("programme", &|view| {
        let programme = programme::build(view, &mandate).expect("in range");
        programme.solve().expect("solved").binding.len()
    });
    time("decision ", &|view| strategy(view, &mandate).expect("decided").slices.len());
}
