//! lpha-lcts: the beacon that locks and settles. It applies the rules below and decides nothing.
//!
//! 1. Every 12 hours it sends a heartbeat and pokes its Units, so that entries stay open.
//! 2. On a settlement day, from 13:00 and before 16:00 UTC, it locks a Unit in which somebody waits
//!    or holds shares, once.
//! 3. As soon as a report dated after the lock is usable, it settles: netting, then the published
//!    capacities, below the Unit's own caps, at exactly the index that it read.
//! 4. A capacity that nobody published is zero for subscriptions and unlimited for redemptions: no
//!    money goes to a manager who did not ask for it, and money set aside for redeemers is theirs.
//! 5. Without a usable report it waits. Once the lock has lasted `max_lock` it unlocks, and the day
//!    is skipped.
//! 6. The Units of a Class are locked before any of them settles, so that one report prices them all,
//!    and settle one after the other in the order of [`order`]: each finds the room for cover that the
//!    one before it made.

use super::{
    epoch::{EpochInput, Settlement, settle},
    queue::Status,
};
use crate::{
    math::OutOfRange,
    view::{Clock, UnitState, UnitView},
};
use alloy_primitives::{Address, B256, U256};
use std::{cmp::Reverse, collections::VecDeque};

/// Seconds in a day.
pub const DAY: u64 = 86_400;

/// The days on which a Unit settles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Days {
    /// All of them.
    #[default]
    Daily,
    /// Monday to Friday, UTC.
    Weekdays,
}

impl Days {
    /// Whether `now` falls on such a day.
    pub fn includes(self, now: u64) -> bool {
        // 1 January 1970 was a Thursday.
        let weekday = (now / DAY + 3) % 7;
        self == Self::Daily || weekday < 5
    }
}

/// The hours that the beacon keeps. Times are UTC seconds of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// From when it locks.
    pub lock_at: u32,
    /// By when it should have settled; it does not lock after this.
    pub settle_by: u32,
    /// Seconds between heartbeats and between pokes.
    pub duty_every: u32,
    /// Settlement days.
    pub days: Days,
}

impl Default for Rules {
    fn default() -> Self {
        Self { lock_at: 46_800, settle_by: 57_600, duty_every: 43_200, days: Days::Daily }
    }
}

/// When the beacon last did its duties, as the registries recorded it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Duties {
    /// Last heartbeat in the BeaconRegistry.
    pub last_heartbeat: u64,
    /// Last poke of this Unit in the UnitRegistry.
    pub last_poke: u64,
}

/// What the Halo published for today's settlement, in assets; `None` is an input that is missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Published {
    /// What the manager takes beyond netting.
    pub subscribe_capacity: Option<U256>,
    /// What may be paid out beyond netting.
    pub redeem_capacity: Option<U256>,
}

/// A settlement with all that it was computed from, so that an outsider can compute it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SettleOrder {
    /// The epoch that is settled.
    pub epoch: u64,
    /// What it starts from, the capacities included.
    pub input: EpochInput,
    /// What must come of it.
    pub expected: Settlement,
}

/// What the beacon does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// `BeaconRegistry.heartbeat`
    Heartbeat,
    /// `UnitRegistry.poke`
    Poke {
        /// unitId
        id: B256,
    },
    /// `HaloUnit.lockEpoch`
    Lock {
        /// The Unit.
        unit: Address,
    },
    /// `HaloUnit.settleEpoch`
    Settle {
        /// The Unit.
        unit: Address,
        /// With what.
        order: Box<SettleOrder>,
    },
    /// `HaloUnit.unlockStale`
    UnlockStale {
        /// The Unit.
        unit: Address,
    },
}

/// Why the beacon leaves a Unit's epoch as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waiting {
    /// The Unit's state runs no epochs.
    State(UnitState),
    /// Not a settlement day.
    DayOff,
    /// Outside the hours in which it locks.
    Hours,
    /// The Unit was locked too short a time ago.
    Gap,
    /// Nobody waits and nobody holds shares.
    NothingToDo,
    /// The report was not dated after the lock, or is too old.
    ReportMissing,
    /// The report waits for a second signer.
    ReportUnderReview,
    /// Another Unit of the Class locks or settles before this one.
    Turn,
}

/// A Unit of a Class, with what the beacon knows of it.
#[derive(Clone, Copy, Debug)]
pub struct Seat<'a> {
    /// Its rank in the Book: 0 takes losses first.
    pub tranche: u8,
    /// How it stands.
    pub unit: &'a UnitView,
    /// What the beacon did.
    pub duties: Duties,
    /// What the Halo published for it.
    pub published: Published,
}

/// What the beacon does now, and when to ask again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// In this order.
    pub actions: Vec<Action>,
    /// Why the epoch was left alone, if it was.
    pub waiting: Option<Waiting>,
    /// The next second at which time alone changes the answer.
    pub next_at: u64,
}

/// Applies the rules to one Unit at `now`.
///
/// # Errors
/// [`OutOfRange`] if the view holds numbers outside the range for which Units are made.
pub fn decide(
    now: u64,
    rules: &Rules,
    unit: &UnitView,
    duties: &Duties,
    published: &Published,
) -> Result<Verdict, OutOfRange> {
    let every = u64::from(rules.duty_every).max(1);
    let mut actions = Vec::new();
    if now >= duties.last_heartbeat.saturating_add(every) {
        actions.push(Action::Heartbeat);
    }
    if unit.state != UnitState::Closed && now >= duties.last_poke.saturating_add(every) {
        actions.push(Action::Poke { id: unit.id });
    }
    let (epoch, next) = match epoch_step(now, rules, unit, published)? {
        Step::Do(action) => (Some(action), now.saturating_add(1)),
        Step::Wait(waiting, until) => {
            let next_at = until.min(now.saturating_add(every)).max(now.saturating_add(1));
            return Ok(Verdict { actions, waiting: Some(waiting), next_at });
        }
    };
    actions.extend(epoch);
    Ok(Verdict { actions, waiting: None, next_at: next })
}

/// Applies the rules to all Units of a Class at `now`. The verdicts come in the order of `seats`.
///
/// At most one of them settles: afterwards the others must be looked at again, since a settlement
/// changes the headrooms.
///
/// # Errors
/// [`OutOfRange`] if a view holds numbers outside the range for which Units are made.
pub fn decide_class(
    now: u64,
    rules: &Rules,
    seats: &[Seat<'_>],
) -> Result<Vec<Verdict>, OutOfRange> {
    let mut verdicts: Vec<Verdict> = Vec::with_capacity(seats.len());
    for seat in seats {
        let mut verdict = decide(now, rules, seat.unit, &seat.duties, &seat.published)?;
        // The beacon has one heart.
        let beats = verdicts.iter().any(|other| other.actions.contains(&Action::Heartbeat));
        verdict.actions.retain(|action| !(beats && *action == Action::Heartbeat));
        verdicts.push(verdict);
    }
    let locks = verdicts.iter().flat_map(|verdict| &verdict.actions);
    let still_locking = locks.into_iter().any(|action| matches!(action, Action::Lock { .. }));
    // Past the hour by which it is due, nobody waits for another's report.
    let is_due = now % DAY < u64::from(rules.settle_by);
    let mut is_taken = still_locking;
    for place in order(seats)? {
        let (Some(seat), Some(verdict)) = (seats.get(place), verdicts.get_mut(place)) else {
            continue;
        };
        let settles = verdict.actions.iter().any(|act| matches!(act, Action::Settle { .. }));
        if settles && is_taken {
            verdict.actions.retain(|action| !matches!(action, Action::Settle { .. }));
            verdict.waiting = Some(Waiting::Turn);
        }
        let awaits_report = seat.unit.is_locked && verdict.waiting == Some(Waiting::ReportMissing);
        is_taken |= settles || (awaits_report && is_due);
    }
    Ok(verdicts)
}

/// The order in which the Units of a Class settle, as places in `seats`.
///
/// Who is more junior settles first if it takes in more than it pays out, for its money covers those
/// above; last if it pays out, for what leaves above it first makes its room. Only the most senior
/// goes first of all when it pays out: cover never holds it back, and it makes room for everybody.
///
/// # Errors
/// [`OutOfRange`] if a view holds numbers outside the range for which Units are made.
pub fn order(seats: &[Seat<'_>]) -> Result<Vec<usize>, OutOfRange> {
    let mut places: Vec<usize> = (0..seats.len()).collect();
    places.sort_by_key(|place| seats.get(*place).map(|seat| Reverse(seat.tranche)));
    let most_senior = places.first().copied();
    let mut order = VecDeque::with_capacity(seats.len());
    for place in places {
        let Some(seat) = seats.get(place) else { continue };
        if pays_out(seat.unit)? { order.push_back(place) } else { order.push_front(place) }
    }
    if let Some((place, seat)) = most_senior.and_then(|place| Some((place, seats.get(place)?)))
        && pays_out(seat.unit)?
    {
        order.retain(|other| *other != place);
        order.push_front(place);
    }
    Ok(order.into())
}

/// Whether more waits to leave than to enter, at the Unit's price.
fn pays_out(unit: &UnitView) -> Result<bool, OutOfRange> {
    Ok(unit.price()?.assets(unit.redeem.total)? > netted_by(unit))
}

/// Assets that wait to enter and may serve who leaves.
fn netted_by(unit: &UnitView) -> U256 {
    if unit.state == UnitState::WindingDown { U256::ZERO } else { unit.subscribe.total }
}

/// What the Unit must be funded with so that everyone who waits to redeem could be paid, in assets:
/// the value of the redeem queue less what netting and the Unit's liquidity cover.
///
/// # Errors
/// [`OutOfRange`] if the view holds numbers outside the range for which Units are made.
pub fn redemption_shortfall(unit: &UnitView) -> Result<U256, OutOfRange> {
    let value = unit.price()?.assets(unit.redeem.total)?;
    Ok(value.saturating_sub(netted_by(unit)).saturating_sub(unit.redeem_liquidity))
}

enum Step {
    Do(Action),
    Wait(Waiting, u64),
}

fn epoch_step(
    now: u64,
    rules: &Rules,
    unit: &UnitView,
    published: &Published,
) -> Result<Step, OutOfRange> {
    if unit.is_locked { locked(now, unit, published) } else { Ok(open(now, rules, unit)) }
}

/// Rules 3 to 5: an epoch is locked.
fn locked(now: u64, unit: &UnitView, published: &Published) -> Result<Step, OutOfRange> {
    let address = unit.unit;
    let stale_at = unit.last_lock_at.saturating_add(u64::from(unit.max_lock)).saturating_add(1);
    if unit.state.settles() && unit.book.is_usable(unit.last_lock_at, now) {
        let input = unit.epoch_input(
            published.subscribe_capacity.unwrap_or(U256::ZERO),
            published.redeem_capacity.unwrap_or(U256::MAX),
        );
        let expected = settle(&input)?;
        let order = Box::new(SettleOrder { epoch: unit.epoch, input, expected });
        return Ok(Step::Do(Action::Settle { unit: address, order }));
    }
    if now >= stale_at || unit.state == UnitState::Frozen {
        return Ok(Step::Do(Action::UnlockStale { unit: address }));
    }
    let reason = if !unit.state.settles() {
        Waiting::State(unit.state)
    } else if unit.book.under_review {
        Waiting::ReportUnderReview
    } else {
        Waiting::ReportMissing
    };
    Ok(Step::Wait(reason, stale_at))
}

/// Rule 2: no epoch is locked.
fn open(now: u64, rules: &Rules, unit: &UnitView) -> Step {
    let today = now - now % DAY;
    let second = |of_day: u32| today.saturating_add(u64::from(of_day));
    // The Unit's own clock, where it keeps one, narrows the beacon's hours.
    let clock = unit.clock.unwrap_or(Clock { lock_from: rules.lock_at, lock_to: rules.settle_by });
    let lock_at = second(rules.lock_at.max(clock.lock_from));
    let lock_before = second(rules.settle_by.min(clock.lock_to));
    let tomorrow = lock_at.saturating_add(DAY);
    let gap_over = match unit.last_lock_at {
        0 => 0,
        last => last.saturating_add(u64::from(unit.min_epoch_gap)),
    };
    let idle = |queue: Status| queue == Status::Dormant;
    if !unit.state.settles() {
        Step::Wait(Waiting::State(unit.state), tomorrow)
    } else if !rules.days.includes(now) {
        Step::Wait(Waiting::DayOff, tomorrow)
    } else if now < lock_at {
        Step::Wait(Waiting::Hours, lock_at)
    } else if now >= lock_before {
        Step::Wait(Waiting::Hours, tomorrow)
    } else if now < gap_over {
        Step::Wait(Waiting::Gap, gap_over)
    } else if idle(unit.subscribe.status) && idle(unit.redeem.status) && unit.total_supply.is_zero()
    {
        Step::Wait(Waiting::NothingToDo, tomorrow)
    } else {
        Step::Do(Action::Lock { unit: unit.unit })
    }
}
