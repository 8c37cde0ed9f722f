//! The Units of a tranched Class: when they lock, in which order they settle, and what any order keeps.

use crate::{
    numbers::e,
    views::{LOCK, locked, unit},
};
use alloy_primitives::U256;
use halo_sentinel::{
    lcts::{
        cover::{Book, TRANCHES, Tranche},
        epoch::{Settlement, settle},
        invariants::{first_broken_by_settlement, first_broken_of_book},
        queue::Status,
        settler::{Action, Duties, Published, Rules, Seat, Verdict, Waiting, decide_class, order},
    },
    math::RAY,
    view::{BookView, QueueView, UnitView},
};
use proptest::prelude::*;

const EVERYTHING: Published =
    Published { subscribe_capacity: Some(U256::MAX), redeem_capacity: Some(U256::MAX) };

fn seat(tranche: u8, unit: &UnitView) -> Seat<'_> {
    let duties = Duties { last_heartbeat: u64::MAX, last_poke: u64::MAX };
    Seat { tranche, unit, duties, published: EVERYTHING }
}

fn ask(now: u64, seats: &[Seat<'_>]) -> Vec<Verdict> {
    decide_class(now, &Rules::default(), seats).unwrap()
}

fn settles(verdict: &Verdict) -> bool {
    matches!(verdict.actions[..], [Action::Settle { .. }])
}

/// A locked Unit with so many millions of assets and of shares waiting, at an index of one.
fn with(entering: u64, leaving: u64) -> UnitView {
    UnitView {
        redeem: QueueView { status: Status::Locked, total: e(leaving, 24) },
        total_supply: e(leaving, 24),
        redeem_liquidity: U256::MAX,
        ..locked(e(entering, 24))
    }
}

#[test]
fn all_lock_before_one_settles() {
    let waiting =
        UnitView { subscribe: QueueView { status: Status::Active, total: e(5, 24) }, ..unit() };
    let junior = locked(e(5, 24));
    let seats = [seat(0, &junior), seat(2, &waiting)];
    let verdicts = ask(LOCK, &seats);
    assert_eq!(verdicts[0].waiting, Some(Waiting::Turn));
    assert!(verdicts[0].actions.is_empty());
    assert_eq!(verdicts[1].actions, [Action::Lock { unit: waiting.unit }]);
    // A Unit in which nothing waits holds up nobody.
    let idle = unit();
    assert!(settles(&ask(LOCK, &[seat(0, &junior), seat(2, &idle)])[0]));
}

#[test]
fn the_beacon_beats_once_and_pokes_every_unit() {
    let (junior, senior) = (unit(), unit());
    let overdue = |tranche, unit| Seat { duties: Duties::default(), ..seat(tranche, unit) };
    let verdicts = ask(LOCK, &[overdue(0, &junior), overdue(2, &senior)]);
    let poke = Action::Poke { id: junior.id };
    assert_eq!(verdicts[0].actions, [Action::Heartbeat, poke.clone()]);
    assert_eq!(verdicts[1].actions, [poke]);
}

#[test]
fn one_settles_at_a_time() {
    let (junior, senior) = (with(5, 0), with(20, 0));
    let verdicts = ask(LOCK, &[seat(2, &senior), seat(0, &junior)]);
    assert!(settles(&verdicts[1]), "the junior brings the cover");
    assert_eq!(verdicts[0].waiting, Some(Waiting::Turn));
    assert!(settles(&ask(LOCK, &[seat(2, &senior)])[0]), "then the senior");
}

#[test]
fn whoever_comes_first_is_waited_for_until_it_is_due() {
    // The senior locked in the second of the report, the junior just after it.
    let book =
        BookView { is_empty: false, as_of: LOCK, max_report_age: 60_000, ..BookView::default() };
    let senior = UnitView { book, ..with(20, 0) };
    let junior = UnitView { book, last_lock_at: LOCK + 1, ..with(5, 0) };
    let seats = [seat(0, &junior), seat(2, &senior)];
    let verdicts = ask(LOCK + 60, &seats);
    assert_eq!(verdicts[0].waiting, Some(Waiting::ReportMissing));
    assert_eq!(verdicts[1].waiting, Some(Waiting::Turn));
    let due = LOCK + 3 * 3_600;
    assert_eq!(ask(due - 1, &seats)[1].waiting, Some(Waiting::Turn));
    assert!(settles(&ask(due, &seats)[1]), "no longer than that");
}

#[test]
fn the_order_is_the_covers() {
    let places = |units: &[(u8, UnitView)]| {
        let seats: Vec<_> = units.iter().map(|(tranche, unit)| seat(*tranche, unit)).collect();
        order(&seats).unwrap()
    };
    let (enters, leaves) = (with(9, 1), with(1, 9));
    // A pair: the junior first when it enters, the senior first when the junior leaves.
    assert_eq!(places(&[(0, enters), (2, enters)]), [0, 1]);
    assert_eq!(places(&[(2, enters), (0, enters)]), [1, 0]);
    assert_eq!(places(&[(0, leaves), (2, enters)]), [1, 0]);
    assert_eq!(places(&[(0, leaves), (2, leaves)]), [1, 0]);
    assert_eq!(places(&[(0, enters), (2, leaves)]), [1, 0]);
    // Three.
    assert_eq!(places(&[(0, enters), (1, enters), (2, enters)]), [0, 1, 2]);
    assert_eq!(places(&[(0, leaves), (1, leaves), (2, leaves)]), [2, 1, 0]);
    assert_eq!(places(&[(0, enters), (1, leaves), (2, enters)]), [0, 2, 1]);
    assert_eq!(places(&[(0, leaves), (1, enters), (2, enters)]), [1, 2, 0]);
    assert_eq!(places(&[(0, enters), (1, enters), (2, leaves)]), [2, 0, 1]);
    assert_eq!(places(&[]), [0_usize; 0]);
}

/// A Class at the lock: its Book and what waits in each tranche.
#[derive(Clone, Debug)]
struct Class {
    book: Book,
    decimals: u8,
    /// Assets that enter and shares that leave, by tranche; the rank of each.
    waiting: Vec<(usize, U256, U256)>,
}

impl Class {
    fn view(&self, place: usize) -> UnitView {
        let (tranche, entering, leaving) = self.waiting[place];
        UnitView {
            asset_decimals: self.decimals,
            subscribe: QueueView { status: Status::Locked, total: entering },
            redeem: QueueView { status: Status::Locked, total: leaving },
            index: self.book.index(tranche).unwrap(),
            total_supply: self.book.tranches[tranche].supply,
            cap: U256::MAX,
            redeem_liquidity: U256::MAX,
            subscribe_headroom: self.book.subscribe_headroom(tranche).unwrap(),
            redeem_headroom: self.book.redeem_headroom(tranche).unwrap(),
            ..locked(U256::ZERO)
        }
    }

    fn seats<T>(&self, ask: impl FnOnce(&[Seat<'_>]) -> T) -> T {
        let views: Vec<_> = (0..self.waiting.len()).map(|place| self.view(place)).collect();
        let ranks = self.waiting.iter().map(|(tranche, ..)| *tranche as u8);
        let seats: Vec<_> = ranks.zip(&views).map(|(tranche, view)| seat(tranche, view)).collect();
        ask(&seats)
    }

    /// What each Unit settles, one after the other in this order; every step keeps every sentence.
    fn settled_in(&self, order: &[usize]) -> Vec<Settlement> {
        let mut class = self.clone();
        let mut outcomes = vec![Settlement::default(); self.waiting.len()];
        for &place in order {
            let (tranche, ..) = class.waiting[place];
            let input = class.view(place).epoch_input(U256::MAX, U256::MAX);
            let outcome = settle(&input).unwrap();
            let after = class.book.settle(tranche, &outcome).unwrap();
            assert_eq!(first_broken_of_book(&after).unwrap(), None, "{class:?} {outcome:?}");
            let broken = first_broken_by_settlement(&class.book, &after, tranche).unwrap();
            assert_eq!(broken, None, "{class:?} {outcome:?}");
            class.book = after;
            outcomes[place] = outcome;
        }
        outcomes
    }
}

/// A Class with Units of these ranks. Its value lies around what is claimed more often than elsewhere.
fn class(ranks: &'static [usize]) -> impl Strategy<Value = Class> {
    let one = (1_u64..1_000_000, 1_000_u64..3_000, 0_u16..9_000, 0_u64..2_000_000, 0_u64..=100);
    let tranches = prop::collection::vec((one, any::<bool>(), 0_u64..1_000_000), ranks.len());
    (tranches, any::<bool>(), 0_u64..2_000, 0_u64..1_000_000_007).prop_map(
        move |(tranches, six, part, dust)| {
            let decimals = if six { 6 } else { 18 };
            let scale = if six { e(1, 12) } else { U256::ONE };
            let asset = |milli: u64| e(milli, u64::from(decimals) - 3);
            let none = Tranche { target: RAY, ..Tranche::default() };
            let mut book =
                Book { nav: U256::ZERO, reserve: U256::ZERO, scale, tranches: [none; TRANCHES] };
            let mut waiting = Vec::new();
            for (&rank, ((tokens, permille, least, entering, leaving), held, odd)) in
                ranks.iter().zip(tranches)
            {
                let supply = if held { e(tokens, 18) + U256::from(odd) } else { U256::ZERO };
                let target = RAY / U256::from(1_000) * U256::from(permille) + U256::from(odd);
                let target = if rank == 0 { RAY } else { target };
                book.tranches[rank] = Tranche {
                    supply,
                    target,
                    min_cover_bps: if rank == 0 || least < 1_000 { 0 } else { least },
                };
                let leaves = supply * U256::from(leaving) / U256::from(100);
                waiting.push((rank, asset(entering) + U256::from(odd % 1_000), leaves));
            }
            let mut due = U256::ZERO;
            for claim in book.standing().unwrap().claims {
                due += claim;
            }
            // From nothing to twice the claims, with an odd end.
            book.nav = due * U256::from(part) / U256::from(1_000) + U256::from(dust);
            Class { book, decimals, waiting }
        },
    )
}

fn permutations(of: usize) -> Vec<Vec<usize>> {
    if of == 0 {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for shorter in permutations(of - 1) {
        for place in 0..=shorter.len() {
            let mut longer = shorter.clone();
            longer.insert(place, of - 1);
            all.push(longer);
        }
    }
    all
}

/// Assets that the Unit took in and paid out beyond netting; rounding may shift an index by its last digit.
fn moved(outcome: &Settlement) -> [U256; 2] {
    [outcome.subscribe_extra, outcome.redeem_extra]
}

fn at_least(a: &Settlement, b: &Settlement) -> bool {
    moved(a).iter().zip(moved(b)).all(|(a, b)| *a + U256::from(4) >= b)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whoever settles when: what is owed is there, no index falls, every cover that is touched stands.
    #[test]
    fn any_order_keeps_every_sentence(class in class(&[0, 1, 2, 3])) {
        for order in permutations(4) {
            class.settled_in(&order);
        }
    }

    /// Against every order there is: for a pair the rules' order lets each Unit move at least as much as any other does,
    /// unless the junior leaves while the senior enters, where both want the same room and the senior has it.
    #[test]
    fn for_a_pair_no_order_serves_better(class in class(&[0, 2])) {
        prop_assume!(class.book.standing().unwrap().shortfall.is_zero());
        let chosen = class.seats(|seats| order(seats).unwrap());
        let ours = class.settled_in(&chosen);
        let pays_out = |place: usize| {
            let (tranche, entering, leaving) = class.waiting[place];
            let unit = RAY * class.book.scale;
            leaving * class.book.index(tranche).unwrap() / unit > entering
        };
        let contested = pays_out(0) && !pays_out(1);
        for other in permutations(2) {
            let theirs = class.settled_in(&other);
            prop_assert!(at_least(&ours[1], &theirs[1]), "the senior: {ours:?} {theirs:?}");
            prop_assert!(
                contested || at_least(&ours[0], &theirs[0]), "the junior: {ours:?} {theirs:?}"
            );
        }
    }

    /// In a Class of any size equity enters whole and the most senior leaves whole, as if they were alone.
    #[test]
    fn the_ends_are_never_held_back(class in class(&[0, 1, 2, 3])) {
        prop_assume!(class.book.standing().unwrap().shortfall.is_zero());
        let chosen = class.seats(|seats| order(seats).unwrap());
        let ours = class.settled_in(&chosen);
        for place in [0, 3] {
            let alone = &class.settled_in(&[place])[place];
            let ends = if place == 0 { 0 } else { 1 };
            prop_assert!(
                moved(&ours[place])[ends] + U256::from(4) >= moved(alone)[ends], "{ours:?} {alone:?}"
            );
        }
    }
}
