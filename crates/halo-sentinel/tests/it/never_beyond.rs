//! Whatever the numbers: base's decision passes the warden, exceeds no limit and takes no less when
//! a limit is raised.

use crate::views::{LOCK, USDC, USDS, onboarded, prime, stake, unit};
use alloy_primitives::{Address, U256};
use halo_sentinel::{
    math::{RAY, WAD},
    prime::{
        Appetite, Case, Decision, MintCeiling, PrimeView, PsmView, Stake, decide,
        onboarding::validate, warden::review,
    },
    rate_limit::RateLimit,
    view::UnitView,
};
use proptest::prelude::*;

const NOW: u64 = LOCK;

#[derive(Clone, Debug)]
struct Day {
    prime: PrimeView,
    unit: UnitView,
    stake: Stake,
    appetite: Appetite,
}

impl Day {
    fn decide(&self) -> Decision {
        let validation = validate(&onboarded(), NOW);
        let case = Case {
            now: NOW,
            prime: &self.prime,
            unit: &self.unit,
            stake: &self.stake,
            appetite: &self.appetite,
            validation: &validation,
        };
        let decision = decide(&case, NOW + 3_600).unwrap();
        assert_eq!(review(&case, &decision.acts), Ok(()), "{decision:#?}");
        decision
    }
}

/// From nothing to 10³⁰, evenly by magnitude.
fn amount() -> impl Strategy<Value = U256> {
    (0_u64..1_000_000, 0_u64..25).prop_map(|(mantissa, exponent)| {
        U256::from(mantissa) * U256::from(10).pow(U256::from(exponent))
    })
}

fn limit() -> impl Strategy<Value = RateLimit> {
    prop_oneof![
        4 => (amount(), amount(), amount(), 0..1_000_000_u64).prop_map(|(max, last, slope, age)| {
            RateLimit {
                max_amount: max,
                slope: slope >> 20,
                last_amount: last.min(max),
                last_updated: NOW - age,
            }
        }),
        1 => Just(RateLimit::UNLIMITED),
    ]
}

fn ceiling() -> impl Strategy<Value = MintCeiling> {
    (amount(), amount(), amount(), amount(), 0..2_000_u64).prop_map(
        |(debt, ceiling, line, gap, age)| MintCeiling {
            debt,
            ceiling,
            line,
            gap,
            ttl: 1_000,
            raised_at: NOW - age,
        },
    )
}

fn primes() -> impl Strategy<Value = PrimeView> {
    let psm = (amount(), 0_u64..1_000_000_000_000_000, any::<bool>()).prop_map(
        |(usdc, fee, is_halted)| PsmView { usdc, fee: U256::from(fee).min(WAD), is_halted },
    );
    (amount(), amount(), limit(), limit(), ceiling(), psm).prop_map(
        |(usds_held, usdc_held, mint_limit, swap_limit, ceiling, psm)| PrimeView {
            usds_held,
            usdc_held,
            mint_limit,
            swap_limit,
            ceiling,
            psm,
            ..prime()
        },
    )
}

fn days() -> impl Strategy<Value = Day> {
    let asset = prop_oneof![
        3 => Just((USDS, 18)),
        3 => Just((USDC, 6)),
        1 => Just((Address::repeat_byte(7), 18)),
    ];
    let index = (1_u64..3_000).prop_map(|n| RAY * U256::from(n) / U256::from(1_000));
    let units = (asset, index, amount(), amount(), amount()).prop_map(
        |((asset, asset_decimals), index, total_supply, cap, min)| UnitView {
            asset,
            asset_decimals,
            index,
            total_supply,
            cap,
            min_subscribe: min >> 10,
            ..unit()
        },
    );
    let stakes = (limit(), amount(), amount(), amount()).prop_map(
        |(deposit_limit, pending, claimable, shares)| Stake {
            deposit_limit,
            pending,
            claimable: claimable >> 10,
            shares: shares >> 10,
            ..stake()
        },
    );
    (primes(), units, stakes, amount()).prop_map(|(prime, unit, stake, target)| Day {
        prime,
        unit,
        stake,
        appetite: Appetite { target },
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

    #[test]
    fn the_decision_keeps_within_every_limit(day in days()) {
        let allocation = day.decide().allocation;
        prop_assert!(allocation.chosen <= allocation.wanted);
        prop_assert!(allocation.chosen <= allocation.over_span);
        for allowed in &allocation.allowed {
            prop_assert!(allocation.chosen <= allowed.now, "{allowed:?}");
            prop_assert!(allowed.now <= allowed.over_span, "{allowed:?}");
        }
        prop_assert!(
            allocation.chosen.is_zero() || allocation.chosen >= day.unit.min_subscribe
        );
    }

    #[test]
    fn a_higher_limit_never_means_less(day in days(), more in amount(), which in 0..5) {
        let before = day.decide().allocation.chosen;
        let mut raised = day.clone();
        match which {
            0 => raised.stake.deposit_limit = RateLimit::UNLIMITED,
            1 => raised.prime.mint_limit = RateLimit::UNLIMITED,
            2 => raised.unit.cap += more,
            3 => raised.prime.usds_held += more,
            _ => raised.prime.psm.usdc += more,
        }
        prop_assert!(raised.decide().allocation.chosen >= before);
    }
}
