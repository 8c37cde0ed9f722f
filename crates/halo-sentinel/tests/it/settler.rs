//! The rules of lpha-lcts, each with the case in which it speaks.

use crate::{
    numbers::e,
    views::{LOCK, UNIT, locked, unit},
};
use alloy_primitives::U256;
use halo_sentinel::{
    lcts::{
        queue::Status,
        settler::{
            Action, Days, Duties, Published, Rules, Verdict, Waiting, decide, redemption_shortfall,
        },
    },
    view::{BookView, Clock, QueueView, UnitState, UnitView},
};

const DAY: u64 = 86_400;

/// Everything published, duties done.
fn ask(now: u64, unit: &UnitView) -> Verdict {
    let duties = Duties { last_heartbeat: now, last_poke: now };
    let published =
        Published { subscribe_capacity: Some(U256::MAX), redeem_capacity: Some(U256::MAX) };
    decide(now, &Rules::default(), unit, &duties, &published).unwrap()
}

fn waiting(unit: &UnitView) -> UnitView {
    let subscribe = QueueView { status: Status::Active, total: e(5, 24) };
    UnitView { subscribe, ..*unit }
}

#[test]
fn heartbeat_comes_before_poke_and_both_before_the_epoch() {
    let all = decide(
        LOCK,
        &Rules::default(),
        &waiting(&unit()),
        &Duties::default(),
        &Published::default(),
    )
    .unwrap();
    let poke = Action::Poke { id: unit().id };
    assert_eq!(all.actions, [Action::Heartbeat, poke, Action::Lock { unit: UNIT }]);
}

#[test]
fn locks_from_thirteen_and_before_sixteen() {
    let unit = waiting(&unit());
    assert_eq!(ask(LOCK - 1, &unit).waiting, Some(Waiting::Hours));
    assert_eq!(ask(LOCK - 1, &unit).next_at, LOCK);
    assert_eq!(ask(LOCK, &unit).actions, [Action::Lock { unit: UNIT }]);
    let last = LOCK + 3 * 3_600 - 1;
    assert_eq!(ask(last, &unit).actions, [Action::Lock { unit: UNIT }]);
    assert_eq!(ask(last + 1, &unit).waiting, Some(Waiting::Hours));
}

#[test]
fn keeps_the_units_own_clock_within_its_hours() {
    let clock = Some(Clock { lock_from: 50_400, lock_to: 50_500 });
    let unit = UnitView { clock, ..waiting(&unit()) };
    assert_eq!(ask(LOCK, &unit).next_at, LOCK + 3_600);
    assert_eq!(ask(LOCK + 3_600, &unit).actions, [Action::Lock { unit: UNIT }]);
    assert_eq!(ask(LOCK + 3_700, &unit).waiting, Some(Waiting::Hours));
}

#[test]
fn locks_once_and_not_before_the_gap_is_over() {
    let unit = UnitView { last_lock_at: LOCK - 3_600, ..waiting(&unit()) };
    assert_eq!(ask(LOCK, &unit).waiting, Some(Waiting::Gap));
}

#[test]
fn rests_on_weekends_if_told_so() {
    let rules = Rules { days: Days::Weekdays, ..Rules::default() };
    let duties = Duties { last_heartbeat: u64::MAX, last_poke: u64::MAX };
    // LOCK is a Thursday.
    for (day, rests) in [(0, false), (1, false), (2, true), (3, true), (4, false)] {
        let now = LOCK + day * DAY;
        let verdict =
            decide(now, &rules, &waiting(&unit()), &duties, &Published::default()).unwrap();
        assert_eq!(verdict.waiting == Some(Waiting::DayOff), rests, "day {day}");
    }
}

#[test]
fn leaves_an_empty_unit_alone_but_not_one_with_holders() {
    assert_eq!(ask(LOCK, &unit()).waiting, Some(Waiting::NothingToDo));
    let held = UnitView { total_supply: e(1, 18), ..unit() };
    assert_eq!(ask(LOCK, &held).actions, [Action::Lock { unit: UNIT }]);
}

#[test]
fn runs_no_epoch_in_a_unit_that_is_pending_frozen_or_closed() {
    for state in [UnitState::Pending, UnitState::Frozen, UnitState::Closed] {
        let unit = UnitView { state, ..waiting(&unit()) };
        assert_eq!(ask(LOCK, &unit).waiting, Some(Waiting::State(state)));
    }
}

#[test]
fn settles_as_soon_as_a_report_is_dated_after_the_lock() {
    let book =
        BookView { is_empty: false, as_of: LOCK - 1, max_report_age: 129_600, under_review: false };
    let unit = UnitView { book, ..locked(e(5, 24)) };
    assert_eq!(ask(LOCK + 600, &unit).waiting, Some(Waiting::ReportMissing));

    let book = BookView { as_of: LOCK, ..book };
    let unit = UnitView { book, ..unit };
    let verdict = ask(LOCK + 600, &unit);
    let [Action::Settle { unit: settled, order }] = &verdict.actions[..] else {
        panic!("{verdict:?}");
    };
    assert_eq!((*settled, order.epoch), (UNIT, 1));
    assert_eq!(order.expected.subscribe_extra, e(5, 24));

    let book = BookView { under_review: true, ..book };
    let unit = UnitView { book, ..unit };
    assert_eq!(ask(LOCK + 600, &unit).waiting, Some(Waiting::ReportUnderReview));
}

#[test]
fn unlocks_when_the_report_never_comes() {
    let book = BookView { is_empty: false, as_of: 0, max_report_age: 60, under_review: false };
    let unit = UnitView { book, ..locked(e(5, 24)) };
    let stale_at = LOCK + u64::from(unit.max_lock) + 1;
    let verdict = ask(LOCK + 600, &unit);
    assert_eq!((verdict.waiting, verdict.next_at), (Some(Waiting::ReportMissing), stale_at));
    assert_eq!(ask(stale_at - 1, &unit).waiting, Some(Waiting::ReportMissing));
    assert_eq!(ask(stale_at, &unit).actions, [Action::UnlockStale { unit: UNIT }]);
}

#[test]
fn unlocks_a_frozen_unit_at_once() {
    let unit = UnitView { state: UnitState::Frozen, ..locked(e(5, 24)) };
    assert_eq!(ask(LOCK + 1, &unit).actions, [Action::UnlockStale { unit: UNIT }]);
}

#[test]
fn takes_nothing_in_that_nobody_asked_for_and_pays_out_what_is_there() {
    let unit = UnitView {
        redeem: QueueView { status: Status::Locked, total: e(9, 24) },
        total_supply: e(9, 24),
        redeem_liquidity: e(2, 24),
        ..locked(e(5, 24))
    };
    let duties = Duties { last_heartbeat: LOCK, last_poke: LOCK };
    let verdict = decide(LOCK, &Rules::default(), &unit, &duties, &Published::default()).unwrap();
    let [Action::Settle { order, .. }] = &verdict.actions[..] else { panic!("{verdict:?}") };
    assert_eq!(order.expected.netted, e(5, 24));
    assert_eq!(order.expected.subscribe_extra, U256::ZERO);
    assert_eq!(order.expected.redeem_extra, e(2, 24));
    assert_eq!(redemption_shortfall(&unit), Ok(e(2, 24)));
}

#[test]
fn takes_no_extra_into_a_paused_unit() {
    let unit = UnitView { state: UnitState::SubscribePaused, ..locked(e(5, 24)) };
    let verdict = ask(LOCK, &unit);
    let [Action::Settle { order, .. }] = &verdict.actions[..] else { panic!("{verdict:?}") };
    assert_eq!(order.expected, Default::default());
}

#[test]
fn never_says_to_ask_again_in_the_past() {
    for offset in 0..3 * DAY / 900 {
        for unit in [unit(), waiting(&unit()), locked(e(1, 24))] {
            let now = LOCK + offset * 900;
            assert!(ask(now, &unit).next_at > now);
        }
    }
}
