//! Whatever the numbers: what base plans passes the wardens' books slice by slice, keeps the mandate,
//! and does not hang on the order of Units.

use super::{
    base::{Plan, strategy},
    execute::Act,
    fixtures::{DAY, NOW, daily, holding, holding_usdc, m, m6, prime},
    forecast::Forecast,
    portfolio::{Cover, Group, Holding, Mandate, Pace, Portfolio},
    programme::{self, Programme},
    view::{MintCeiling, PrimeView},
    warden::{Alarm, bounds, inspect},
};
use crate::{math::BPS, rate_limit::RateLimit};
use alloy_primitives::{B256, I256, U256};
use proptest::prelude::*;

const CLASS: B256 = B256::repeat_byte(0xc1);

#[derive(Clone, Debug)]
struct Day {
    prime: PrimeView,
    holdings: Vec<Holding>,
    mandate: Mandate,
    covers: Vec<Cover>,
}

impl Day {
    fn portfolio(&self) -> Portfolio<'_> {
        let Self { prime, holdings, covers, .. } = self;
        Portfolio { now: NOW, until: NOW + DAY, prime, holdings, covers }
    }

    fn plan(&self) -> Plan {
        strategy(&self.portfolio(), &self.mandate).unwrap()
    }

    fn programme(&self) -> Programme {
        programme::build(&self.portfolio(), &self.mandate).unwrap()
    }
}

fn millions() -> impl Strategy<Value = u64> {
    prop_oneof![1 => Just(0_u64), 5 => 1_u64..400]
}

fn limits(of: fn(u64) -> U256) -> impl Strategy<Value = RateLimit> {
    let limit = (millions(), millions(), 0..DAY).prop_map(move |(max, slope, age)| RateLimit {
        last_amount: of(max) / U256::from(3),
        ..RateLimit::full(of(max), daily(of(slope)), NOW - age)
    });
    prop_oneof![6 => limit, 1 => Just(RateLimit::UNLIMITED)]
}

fn primes() -> impl Strategy<Value = PrimeView> {
    let ceiling = (millions(), millions(), millions(), 0..2 * DAY);
    (ceiling, limits(m), limits(m6), millions(), millions(), millions(), 0_u64..30).prop_map(
        |((debt, gap, more, age), mint_limit, swap_limit, usds, usdc, pocket, fee)| {
            let mut prime = prime();
            let debt = m(debt);
            prime.ceiling = MintCeiling {
                debt,
                ceiling: debt + m(gap) / U256::from(2),
                line: debt + m(more),
                gap: m(gap),
                ttl: DAY / 3,
                raised_at: NOW - age,
            };
            (prime.mint_limit, prime.swap_limit) = (mint_limit, swap_limit);
            (prime.usds_held, prime.usdc_held) = (m(usds / 10), m6(usdc / 10));
            prime.psm.usdc = m6(pocket);
            prime.psm.fee = crate::math::WAD * U256::from(fee) / U256::from(10_000);
            prime.psm.is_halted = fee == 29;
            prime
        },
    )
}

fn units() -> impl Strategy<Value = Vec<Holding>> {
    let unit = (any::<bool>(), -300_i32..1_500, limits(m), millions(), millions(), 0_u16..4_000)
        .prop_map(|(in_usdc, yields, limit, cap, shares, ratio)| {
            let mut holding = if in_usdc { holding_usdc(0, yields) } else { holding(0, yields) };
            let of = if in_usdc { m6 } else { m };
            let scale = m(1) / of(1);
            holding.stake.deposit_limit = if limit.is_unlimited() {
                limit
            } else {
                let (max, last) = (limit.max_amount / scale, limit.last_amount / scale);
                RateLimit {
                    max_amount: max,
                    last_amount: last,
                    slope: limit.slope / scale,
                    ..limit
                }
            };
            holding.unit.cap = of(cap + shares / 4);
            holding.stake.shares = m(shares / 8);
            holding.unit.total_supply = m(shares / 4);
            holding.exit.claimable_assets = of(shares / 100);
            holding.terms.capital_ratio_bps = ratio;
            holding
        });
    proptest::collection::vec(unit, 0..7).prop_map(|mut holdings| {
        for (at, holding) in holdings.iter_mut().enumerate() {
            let place = at as u8 + 1;
            holding.unit.id = B256::with_last_byte(place);
            holding.unit.unit = alloy_primitives::Address::with_last_byte(0x30 + place);
            if at % 2 == 0 {
                holding.terms.groups.push(CLASS);
            }
        }
        holdings
    })
}

fn days() -> impl Strategy<Value = Day> {
    let mandate = (0_u16..600, 0_u16..1_500, 0_u16..9_000, millions(), millions(), millions());
    let pace = (any::<bool>(), 60_u64..20_000, 1_u64..200);
    (primes(), units(), mandate, pace, 1_u32..4, any::<bool>()).prop_map(
        |(
            prime,
            holdings,
            (funding, capital, concentration, trc, reserve, cap),
            pace,
            epochs,
            tranched,
        )| {
            let mandate = Mandate {
                funding_bps: funding,
                capital_bps: capital,
                concentration_bps: concentration,
                entry_cost_bps: 10,
                exit_cost_bps: 10,
                risk_capital: m(trc / 4),
                reserve: m(reserve / 20),
                portfolio: m(2_000),
                groups: vec![Group { id: CLASS, cap: m(cap), penalty_bps: concentration / 2 }],
                epochs,
                pace: Pace {
                    min_gap: pace.1,
                    max_slice: if pace.0 { m(pace.2) } else { U256::MAX },
                    ..Pace::default()
                },
                ..Mandate::default()
            };
            let covers = (tranched && holdings.len() > 1)
                .then(|| Cover {
                    protected: vec![holdings[0].unit.id],
                    junior: vec![holdings[1].unit.id],
                    protected_value: m(trc),
                    junior_value: m(cap),
                    min_bps: 2_000,
                })
                .into_iter()
                .collect();
            Day { prime, holdings, mandate, covers }
        },
    )
}

/// Carries `plan` out, each slice at its second, past the wardens' books.
fn carry_out(day: &Day, plan: &Plan) -> Forecast {
    let start = day.portfolio();
    let mut forecast = Forecast::new(&start);
    for slice in &plan.slices {
        let (prime, holdings) = (forecast.prime, forecast.holdings.clone());
        let seen = Portfolio { now: slice.at, prime: &prime, holdings: &holdings, ..start };
        assert_eq!(bounds(&seen, &slice.acts), Ok(()), "{slice:#?}");
        for act in &slice.acts {
            forecast.apply(act, slice.at).unwrap();
        }
        let now = slice.at;
        let drawable =
            forecast.prime.mint_limit.current(now).min(forecast.prime.ceiling.headroom(now));
        let own = forecast.prime.usds_held + forecast.prime.usdc_held * (m(1) / m6(1));
        let draws = slice.acts.iter().any(|act| matches!(act, Act::RequestDeposit { .. }));
        assert!(!draws || own + drawable >= day.mandate.reserve, "reserve");
    }
    forecast
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn a_day_exceeds_no_limit_when_it_is_carried_out(day in days()) {
        let plan = day.plan();
        prop_assert!(plan.slices.windows(2).all(|w| w[0].at < w[1].at));
        prop_assert!(plan.slices.iter().all(|s| (NOW..=NOW + DAY).contains(&s.at)));
        let end = carry_out(&day, &plan);

        let (mut in_class, mut in_class_before) = (U256::ZERO, U256::ZERO);
        for ((before, after), planned) in day.holdings.iter().zip(&end.holdings).zip(&plan.moves) {
            let entered = after.stake.pending - before.stake.pending;
            prop_assert!(before.money(entered).unwrap() <= planned.change.entry, "more than planned");
            let left = after.exit.pending_shares - before.exit.pending_shares;
            let left = before.money(before.unit.price().unwrap().assets(left).unwrap()).unwrap();
            prop_assert!(left <= planned.change.exit.max(U256::from(1)), "more than planned");
            if before.terms.groups.contains(&CLASS) {
                in_class_before += before.money(before.worth().unwrap()).unwrap();
                in_class += before.money(before.worth().unwrap() + entered).unwrap();
            }
        }
        let cap = day.mandate.groups[0].cap.max(in_class_before);
        prop_assert!(in_class <= cap || day.mandate.epochs > 1, "{} {}", in_class, cap);

        let capital = |holdings: &[Holding]| holdings.iter().map(|h| {
            h.money(h.worth().unwrap()).unwrap() * U256::from(h.terms.capital_ratio_bps) / BPS
        }).sum::<U256>();
        let most = day.mandate.risk_capital.max(capital(&day.holdings));
        prop_assert!(capital(&end.holdings) <= most + U256::from(10) || day.mandate.epochs > 1);
    }

    #[test]
    fn the_order_of_units_changes_nothing(day in days(), turn in 0_usize..7) {
        let mut turned = day.clone();
        turned.holdings.reverse();
        let count = turned.holdings.len().max(1);
        turned.holdings.rotate_left((turn % count).min(day.holdings.len()));
        prop_assert_eq!(day.plan(), turned.plan());
    }

    #[test]
    fn more_capacity_never_means_a_worse_plan(day in days(), which in 0_usize..7, more in 1_u64..200) {
        prop_assume!(!day.holdings.is_empty());
        let mut wider = day.clone();
        let at = which % day.holdings.len();
        let scale = m(1) / day.holdings[at].assets(m(1)).unwrap();
        wider.holdings[at].unit.cap += m(more) / scale;
        let programme = day.programme();
        let movable = programme.targets.iter().map(|t| t.entry.amount + t.exit.amount);
        let slack = I256::try_from(movable.sum::<U256>() / U256::from(100_000)).unwrap();
        prop_assert!(wider.plan().gain + slack >= day.plan().gain);
    }

    #[test]
    fn every_warden_agrees_and_none_lets_another_amount_pass(day in days(), at in 0_usize..20, by in 1_u64..1_000) {
        let plan = day.plan();
        let due = plan.due(NOW);
        prop_assert_eq!(inspect(&day.portfolio(), &day.mandate, None, due, 0), Ok(()));
        if due.is_empty() {
            return Ok(());
        }
        let mut rogue = due.to_vec();
        let place = at % rogue.len();
        let amount = match &mut rogue[place] {
            Act::MintUsds { amount } | Act::RequestDeposit { amount, .. } => amount,
            Act::SwapUsdsToUsdc { usdc } => usdc,
            Act::RequestRedeem { shares, .. } => shares,
            Act::ClaimDeposit { .. } | Act::ClaimRedeem { .. } => return Ok(()),
        };
        *amount += U256::from(by);
        let alarm = inspect(&day.portfolio(), &day.mandate, None, &rogue, 0);
        let halts = matches!(alarm, Err(Alarm::Breach(_) | Alarm::Divergence { .. }));
        prop_assert!(halts, "{:?}", alarm);
    }
}
