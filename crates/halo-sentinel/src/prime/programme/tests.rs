//! The programme against the closed form, against brute force, and for any numbers.

use super::*;
use crate::math::WAD;
use proptest::prelude::*;

/// Millions of dollars.
fn m(millions: u64) -> U256 {
    U256::from(millions) * U256::from(1_000_000) * WAD
}

fn target(id: u8, net: i64, room: U256) -> Target {
    Target {
        id: B256::with_last_byte(id),
        held: U256::ZERO,
        entry: Room { amount: room, by: Binding::DepositLimit },
        exit: Room { amount: U256::ZERO, by: Binding::Holding },
        net,
        entry_cost: 0,
        exit_cost: 0,
    }
}

fn row(by: Binding, weights: Vec<(usize, i64)>, room: U256) -> Row {
    let (excess, excess_cost) = (U256::ZERO, 0);
    Row { by, of: None, counts: Counts::Entries, weights, room, excess, excess_cost }
}

/// Targets that share `funds`, each penalised alone.
fn shared(targets: Vec<Target>, funds: U256, concentration: u32, portfolio: U256) -> Programme {
    let places = 0..targets.len();
    let penalties = places
        .clone()
        .filter(|_| concentration > 0)
        .map(|at| Penalty { members: vec![at], weight: concentration })
        .collect();
    let weights = places.map(|at| (at, PPM)).collect();
    let rows = vec![row(Binding::MintCeiling, weights, funds)];
    Programme { targets, rows, penalties, portfolio }
}

fn entries(programme: &Programme) -> Vec<U256> {
    programme.solve().unwrap().changes.iter().map(|change| change.entry).collect()
}

/// Whether two amounts are the same up to a millionth of `of`.
fn near(a: U256, b: U256, of: U256) -> bool {
    a.abs_diff(b) <= of / U256::from(1_000_000)
}

#[test]
fn without_a_penalty_the_best_yields_are_filled_first() {
    let targets = vec![
        target(1, 20_000, m(100)),
        target(2, 50_000, m(80)),
        target(3, 30_000, m(60)),
        target(4, -10_000, m(500)),
    ];
    let programme = shared(targets, m(200), 0, m(1_000));
    assert_eq!(entries(&programme), [m(60), m(80), m(60), U256::ZERO], "to the wei");

    let binding = programme.solve().unwrap().binding;
    let prices: Vec<_> = binding.iter().map(|s| (s.by, s.of, s.price)).collect();
    let unit = |id| Some(B256::with_last_byte(id));
    assert_eq!(
        prices,
        [
            (Binding::DepositLimit, unit(2), 30_000),
            (Binding::MintCeiling, None, 20_000),
            (Binding::DepositLimit, unit(3), 10_000),
        ],
        "one more dollar of a limit replaces one at the margin, which earns 2 %"
    );
}

#[test]
fn alone_a_target_is_held_until_its_penalty_eats_its_yield() {
    // x = W · n / γ
    let programme = shared(vec![target(1, 40_000, m(900))], m(900), 100_000, m(1_000));
    let [entry] = entries(&programme)[..] else { panic!() };
    assert!(near(entry, m(400), m(900)), "{entry}");
    assert!(programme.solve().unwrap().binding.is_empty());
}

#[test]
fn a_scarce_budget_is_filled_like_water() {
    // xᵢ = W·(nᵢ − μ)⁺/γ with Σ xᵢ = 300: n = 6, 5, 3 %, γ = 10 %, W = 1000. All three would be
    // (14 − 3μ)·100 = 300, so μ = 11/3 % and the third stays out; two are (11 − 2μ)·100, μ = 4 %.
    let targets =
        vec![target(1, 60_000, m(999)), target(2, 50_000, m(999)), target(3, 30_000, m(999))];
    let programme = shared(targets, m(300), 100_000, m(1_000));
    let found = entries(&programme);
    for (found, expected) in found.iter().zip([m(200), m(100), U256::ZERO]) {
        assert!(near(*found, expected, m(3_000)), "{found} {expected}");
    }
    let [shadow] = programme.solve().unwrap().binding[..] else { panic!() };
    assert_eq!((shadow.by, shadow.price), (Binding::MintCeiling, 40_000));
}

#[test]
fn equal_yields_share_evenly() {
    let targets = (1..=4).map(|id| target(id, 50_000, m(400))).collect();
    let found = entries(&shared(targets, m(400), 1_000, m(1_000)));
    assert!(found.iter().all(|entry| near(*entry, m(100), m(1_600))), "{found:?}");
    let flat = (1..=4).map(|id| target(id, 50_000, m(400))).collect();
    let sum: U256 = entries(&shared(flat, m(400), 0, m(1_000))).iter().sum();
    assert!(near(sum, m(400), m(1_600)), "with nothing to choose by, all is still used");
}

#[test]
fn nothing_to_decide_is_an_answer() {
    assert_eq!(Programme::default().solve().unwrap(), Solution::default());

    let penniless = shared(vec![target(1, 50_000, m(100))], U256::ZERO, 1_000, m(1_000));
    let solution = penniless.solve().unwrap();
    assert_eq!(solution.changes, [Change::default()]);
    let [shadow] = solution.binding[..] else { panic!() };
    assert_eq!(
        (shadow.by, shadow.price),
        (Binding::MintCeiling, 50_000),
        "it says what is missing"
    );

    let full = shared(vec![target(1, 50_000, U256::ZERO)], m(10), 1_000, m(1_000));
    let [shadow] = full.solve().unwrap().binding[..] else { panic!() };
    assert_eq!((shadow.by, shadow.price), (Binding::DepositLimit, 50_000));

    let losing = shared(vec![target(1, -50_000, m(10))], m(10), 1_000, U256::ZERO);
    assert_eq!(
        losing.solve().unwrap(),
        Solution { changes: vec![Change::default()], ..Solution::default() }
    );
}

#[test]
fn what_costs_more_than_it_earns_leaves() {
    let held = |net, exit_cost| Target {
        held: m(50),
        exit: Room { amount: m(30), by: Binding::RedeemLimit },
        exit_cost,
        ..target(1, net, U256::ZERO)
    };
    let exit = |programme: &Programme| programme.solve().unwrap().changes[0].exit;
    let alone = |t| shared(vec![t], U256::ZERO, 0, m(100));
    assert_eq!(exit(&alone(held(-20_000, 0))), m(30));
    assert_eq!(exit(&alone(held(-20_000, 20_001))), U256::ZERO, "leaving costs more");
    assert_eq!(exit(&alone(held(1, 0))), U256::ZERO);
    let [shadow] = alone(held(-20_000, 5_000)).solve().unwrap().binding[..] else { panic!() };
    assert_eq!((shadow.by, shadow.price), (Binding::RedeemLimit, 15_000));
}

#[test]
fn what_is_beyond_a_category_leaves_when_its_capital_costs_more() {
    let mut programme = shared(
        vec![Target {
            held: m(50),
            exit: Room { amount: m(50), by: Binding::Holding },
            ..target(1, 30_000, m(100))
        }],
        m(100),
        0,
        m(100),
    );
    programme.rows.push(Row {
        excess: m(20),
        excess_cost: 100_000,
        ..row(Binding::GroupCap, vec![(0, PPM)], U256::ZERO)
    });
    let solution = programme.solve().unwrap();
    assert!(near(solution.changes[0].exit, m(20), m(150)), "{solution:?}");
    programme.rows[1].excess_cost = 20_000;
    assert_eq!(programme.solve().unwrap().changes, [Change::default()]);
}

#[test]
fn money_moves_to_the_better_yield_when_it_is_back_in_time() {
    let targets = || {
        let exit = Room { amount: m(100), by: Binding::Holding };
        let worse = Target { held: m(100), exit, ..target(1, 20_000, U256::ZERO) };
        vec![worse, Target { entry_cost: 5_000, ..target(2, 50_000, m(80)) }]
    };
    let mut programme = shared(targets(), U256::ZERO, 0, m(100));
    assert_eq!(programme.solve().unwrap().changes, [Change::default(); 2], "not within one epoch");
    programme.rows[0].counts = Counts::Change;
    let changes = programme.solve().unwrap().changes;
    assert!(near(changes[0].exit, m(80), m(180)), "{changes:?}");
    assert!(changes[1].entry <= changes[0].exit);
    assert!(near(changes[1].entry, m(80), m(180)), "{changes:?}");
}

#[test]
fn a_junior_position_makes_room_for_a_senior_one() {
    // Cover of 20 %: the senior part may be four times the junior one.
    let targets = vec![target(1, 50_000, m(500)), target(2, 10_000, m(500))];
    let mut programme = shared(targets, m(100), 0, m(1_000));
    programme.rows.push(Row {
        counts: Counts::Change,
        ..row(Binding::Cover, vec![(0, 200_000), (1, -800_000)], U256::ZERO)
    });
    let found = entries(&programme);
    assert!(near(found[0], m(80), m(1_000)) && near(found[1], m(20), m(1_000)), "{found:?}");
    assert!(found[0] <= found[1] * U256::from(4));
}

/// The best of all grids of `steps` per target, by exact value.
fn brute_force(programme: &Programme, steps: u64) -> I256 {
    let mut best = I256::MIN;
    let count = programme.targets.len();
    let mut at = vec![0_u64; count];
    loop {
        let changes: Vec<Change> = programme
            .targets
            .iter()
            .zip(&at)
            .map(|(t, step)| {
                let part = |room: U256, step: u64| room * U256::from(step) / U256::from(steps);
                let exit = part(t.exit.amount, steps.saturating_sub(*step));
                let entry = part(t.entry.amount, step.saturating_sub(steps));
                Change { entry, exit }
            })
            .collect();
        if programme.broken_by(&changes).is_none() {
            best = best.max(programme.value(&changes));
        }
        let Some(digit) = at.iter().position(|step| *step < 2 * steps) else { return best };
        at[digit] += 1;
        at[..digit].fill(0);
    }
}

fn programmes(count: std::ops::Range<usize>) -> impl Strategy<Value = Programme> {
    let amount = prop_oneof![1 => Just(0_u64), 6 => 1_u64..200];
    let one = (-30_000_i64..120_000, amount.clone(), amount.clone(), amount.clone(), 0_u32..9_000);
    let targets = proptest::collection::vec(one, count);
    (targets, amount.clone(), amount.clone(), amount, 0_u32..200_000, any::<[bool; 2]>()).prop_map(
        |(targets, funds, capital, cap, concentration, [reuse, tranched])| {
            let targets: Vec<_> = targets
                .into_iter()
                .enumerate()
                .map(|(at, (net, room, held, exit, cost))| Target {
                    held: m(held),
                    exit: Room { amount: m(exit.min(held)), by: Binding::RedeemLimit },
                    entry_cost: cost,
                    exit_cost: cost / 2,
                    ..target(at as u8 + 1, net, m(room))
                })
                .collect();
            let count = targets.len();
            let targets_held: Vec<_> = targets.iter().map(|t| t.held).collect();
            let held: U256 = targets_held.iter().sum();
            let mut programme = shared(targets, m(funds), concentration, held.max(m(500)));
            let weights = (0..count).map(|at| (at, 100_000 * (at as i64 + 1))).collect();
            programme.rows.push(row(Binding::RiskCapital, weights, m(capital)));
            let group: Vec<usize> = (0..count).step_by(2).collect();
            let weights = group.iter().map(|at| (*at, PPM)).collect();
            let held: U256 = group.iter().map(|at| targets_held[*at]).sum();
            let excess = if cap == 0 { m(7).min(held) } else { U256::ZERO };
            programme.rows.push(Row {
                excess,
                excess_cost: 50_000,
                ..row(Binding::GroupCap, weights, m(cap))
            });
            programme.penalties.push(Penalty { members: group, weight: concentration / 2 });
            if tranched && count > 1 {
                let weights = vec![(0, 200_000), (1, -800_000)];
                programme.rows.push(row(Binding::Cover, weights, m(cap / 2)));
            }
            for row in &mut programme.rows {
                if reuse || row.by == Binding::Cover {
                    row.counts = Counts::Change;
                }
            }
            programme
        },
    )
}

/// What the solver may miss of the objective: a millionth of what could move, at the steepest rate.
fn tolerance(programme: &Programme) -> I256 {
    let movable: U256 = programme.targets.iter().map(|t| t.entry.amount + t.exit.amount).sum();
    I256::try_from(movable / U256::from(1_000_000)).unwrap() + I256::ONE
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn no_grid_point_is_better(programme in programmes(1..4)) {
        let solution = programme.solve().unwrap();
        prop_assert_eq!(programme.broken_by(&solution.changes), None);
        let best = brute_force(&programme, 8);
        let found = programme.value(&solution.changes);
        prop_assert!(found + tolerance(&programme) >= best, "{} < {}\n{:#?}", found, best, programme);
        prop_assert!(!(solution.gain + tolerance(&programme)).is_negative());
    }

    #[test]
    fn breaks_no_row_however_many_targets(programme in programmes(0..25)) {
        let solution = programme.solve().unwrap();
        prop_assert_eq!(programme.broken_by(&solution.changes), None);
        prop_assert!(solution.changes.iter().all(|c| c.entry.is_zero() || c.exit.is_zero()));
    }

    #[test]
    fn more_room_never_means_less(programme in programmes(1..8), which in 0_usize..8, more in 1_u64..100) {
        let before = programme.solve().unwrap();
        let mut wider = programme.clone();
        let at = which % wider.targets.len();
        wider.targets[at].entry.amount += m(more);
        let after = wider.solve().unwrap();
        let slack = tolerance(&wider);
        prop_assert!(wider.value(&after.changes) + slack >= wider.value(&before.changes));
        let mut funded = programme.clone();
        funded.rows[0].room += m(more);
        let funded = (funded.solve().unwrap(), funded);
        prop_assert!(
            funded.1.value(&funded.0.changes) + slack >= programme.value(&before.changes)
        );
    }

    #[test]
    fn its_own_room_never_lowers_a_target(programme in programmes(1..6), which in 0_usize..8, more in 1_u64..100) {
        // With a penalty on each target the optimum is unique, and only then is it a question.
        prop_assume!(programme.penalties.iter().all(|p| p.weight > 5_000));
        let at = which % programme.targets.len();
        let mut wider = programme.clone();
        wider.targets[at].entry.amount += m(more);
        let net = |p: &Programme| {
            let change = p.solve().unwrap().changes[at];
            I256::try_from(change.entry).unwrap() - I256::try_from(change.exit).unwrap()
        };
        let slack = I256::try_from(m(1) / U256::from(20)).unwrap();
        prop_assert!(net(&wider) + slack >= net(&programme));
    }

    #[test]
    fn absurd_numbers_end_in_an_answer(
        net in any::<i32>(), room in any::<u128>(), held in any::<u128>(), exit in any::<u128>(),
        funds in any::<u128>(), weight in any::<u32>(), portfolio in any::<u128>(),
    ) {
        let money = |n: u128| U256::from(n).min(MAX_MONEY);
        let absurd = Target {
            held: money(held),
            exit: Room { amount: money(exit), by: Binding::RedeemLimit },
            ..target(1, net.into(), money(room))
        };
        let programme = shared(
            vec![absurd, target(2, 50_000, m(1))], money(funds), weight, money(portfolio).max(money(held)),
        );
        if let Ok(solution) = programme.solve() {
            prop_assert_eq!(programme.broken_by(&solution.changes), None);
        }
    }
}
