//! stl-stream: private intelligence proposes positions; it holds no keys. What it proposes is
//! carried out if it lies within its accord's Risk Tolerance Interval and breaks none of the
//! programme's rows. Otherwise, and when it falls silent, base goes by the public strategy.
//!
//! The interval bounds positions, velocity, concentration and actions (sky-ecosystem/laniakea-docs:
//! `trading/sentinel-network.md`, "Streaming Accord").

use super::{
    allocate::Binding,
    base::Undecided,
    portfolio::{Mandate, Portfolio},
    programme::{self, Change, Programme},
};
use crate::math::BPS;
use alloy_primitives::{B256, U256};
use std::collections::{BTreeMap, BTreeSet};

/// What a stream wants the Prime to hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Intent {
    /// Rises with each intent.
    pub seq: u64,
    /// Unix seconds.
    pub issued_at: u64,
    /// Worth of the position per Unit, dollars of 18 decimals. A Unit that is not named stays as it is.
    pub positions: BTreeMap<B256, U256>,
}

/// A direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// More of it.
    Enter,
    /// Less of it.
    Leave,
}

/// Bounds of acceptable intent. Dollars of 18 decimals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RiskTolerance {
    /// Largest position in a Unit, where nothing else is said below.
    pub max_position: U256,
    /// Largest position in a Unit or in a group.
    pub max_positions: BTreeMap<B256, U256>,
    /// Seconds over which velocity is measured.
    pub window: u64,
    /// The most that may move within the window, in and out added up.
    pub max_moved: U256,
    /// Largest part of the portfolio in one group, basis points.
    pub max_share_bps: u16,
    /// What must not be done, by Unit or group.
    pub prohibited: BTreeSet<(B256, Action)>,
}

/// The contract between base and a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accord {
    /// Bounds.
    pub tolerance: RiskTolerance,
    /// The stream's part of what it earns beyond the public strategy, basis points.
    pub fee_bps: u16,
    /// An intent older than this, in seconds, means that the stream stopped.
    pub max_silence: u64,
    /// Unix seconds at which it begins.
    pub from: u64,
    /// Unix seconds at which it ends.
    pub until: u64,
}

impl Accord {
    /// Whether it binds at `now`.
    pub fn is_in_force(&self, now: u64) -> bool {
        self.from <= now && now < self.until
    }
}

/// Capital that was moved on a stream's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Unix seconds.
    pub at: u64,
    /// Dollars of 18 decimals.
    pub amount: U256,
}

/// What base knows of its stream.
#[derive(Clone, Copy, Debug)]
pub struct Channel<'a> {
    /// The contract.
    pub accord: &'a Accord,
    /// The newest intent, if any came.
    pub intent: Option<&'a Intent>,
    /// Number of the newest intent that ever came; lower ones are replays.
    pub last_seq: u64,
    /// What was moved so far.
    pub moved: &'a [Moved],
}

/// Why base goes by the public strategy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fallback {
    /// No intent, or none that is recent.
    Silent {
        /// When the last one was issued.
        since: Option<u64>,
    },
    /// The newest intent is out of bounds.
    Rejected {
        /// Its number.
        seq: u64,
        /// Why.
        why: Rejection,
    },
}

/// Why an intent is not carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// An old number.
    #[error("intent {seq} comes after {last}")]
    Replayed {
        /// Its number.
        seq: u64,
        /// The newest that was seen.
        last: u64,
    },
    /// Dated ahead of the chain.
    #[error("issued at {issued_at}, which is yet to come")]
    FromTheFuture {
        /// Unix seconds.
        issued_at: u64,
    },
    /// A Unit that the Prime does not know.
    #[error("unknown Unit {id}")]
    UnknownUnit {
        /// unitId
        id: B256,
    },
    /// Something that is prohibited.
    #[error("{action:?} is prohibited for {id}")]
    Prohibited {
        /// Unit or group.
        id: B256,
        /// Which way.
        action: Action,
    },
    /// More in one Unit or group than is tolerated.
    #[error("{asked} in {id}, {allowed} tolerated")]
    Position {
        /// Unit or group.
        id: B256,
        /// Dollars of 18 decimals.
        asked: U256,
        /// Dollars of 18 decimals.
        allowed: U256,
    },
    /// More moved within the window than is tolerated.
    #[error("{asked} moved within the window, {allowed} tolerated")]
    Velocity {
        /// Dollars of 18 decimals.
        asked: U256,
        /// Dollars of 18 decimals.
        allowed: U256,
    },
    /// Too large a part of the portfolio in one group.
    #[error("{asked_bps} basis points of the portfolio in {id}, {allowed_bps} tolerated")]
    Concentration {
        /// The group.
        id: B256,
        /// Rounded up.
        asked_bps: u64,
        /// Tolerated.
        allowed_bps: u16,
    },
    /// A limit that binds the public strategy too.
    #[error("{by} does not allow it")]
    Bound {
        /// Which.
        by: Binding,
        /// Of which Unit or group.
        of: Option<B256>,
    },
}

impl Channel<'_> {
    /// The changes that the intent asks for, if base may carry them out.
    pub(super) fn changes(
        &self,
        portfolio: &Portfolio<'_>,
        programme: &Programme,
    ) -> Result<(u64, Vec<Change>), Fallback> {
        let since = self.intent.map(|intent| intent.issued_at);
        let recent = self.intent.filter(|intent| {
            portfolio.now.saturating_sub(intent.issued_at) <= self.accord.max_silence
        });
        let Some(intent) = recent else { return Err(Fallback::Silent { since }) };
        let checked = self.check(intent, portfolio, programme);
        checked
            .map(|changes| (intent.seq, changes))
            .map_err(|why| Fallback::Rejected { seq: intent.seq, why })
    }

    fn check(
        &self,
        intent: &Intent,
        portfolio: &Portfolio<'_>,
        programme: &Programme,
    ) -> Result<Vec<Change>, Rejection> {
        let Intent { seq, issued_at, positions } = intent;
        if *seq < self.last_seq {
            return Err(Rejection::Replayed { seq: *seq, last: self.last_seq });
        }
        if *issued_at > portfolio.now {
            return Err(Rejection::FromTheFuture { issued_at: *issued_at });
        }
        let knows = |id: &&B256| !programme.targets.iter().any(|target| target.id == **id);
        if let Some(id) = positions.keys().find(knows) {
            return Err(Rejection::UnknownUnit { id: *id });
        }
        let wanted =
            |target: &programme::Target| positions.get(&target.id).copied().unwrap_or(target.held);
        let changes: Vec<Change> = programme
            .targets
            .iter()
            .map(|target| Change {
                entry: wanted(target).saturating_sub(target.held),
                exit: target.held.saturating_sub(wanted(target)),
            })
            .collect();
        self.check_units(programme, &changes)?;
        self.check_groups(portfolio, programme, &changes)?;
        self.check_velocity(portfolio.now, &changes)?;
        match programme.broken_by(&changes) {
            Some((by, of)) => Err(Rejection::Bound { by, of }),
            None => Ok(changes),
        }
    }

    fn check_units(&self, programme: &Programme, changes: &[Change]) -> Result<(), Rejection> {
        let tolerance = &self.accord.tolerance;
        for (target, change) in programme.targets.iter().zip(changes) {
            self.permit(target.id, change)?;
            let asked = target.held.saturating_add(change.entry);
            let most = tolerance.max_positions.get(&target.id);
            let allowed = most.copied().unwrap_or(tolerance.max_position);
            if !change.entry.is_zero() && asked > allowed {
                return Err(Rejection::Position { id: target.id, asked, allowed });
            }
        }
        Ok(())
    }

    fn permit(&self, id: B256, change: &Change) -> Result<(), Rejection> {
        let ways = [(Action::Enter, change.entry), (Action::Leave, change.exit)];
        let bad = ways.into_iter().find(|(action, amount)| {
            !amount.is_zero() && self.accord.tolerance.prohibited.contains(&(id, *action))
        });
        bad.map_or(Ok(()), |(action, _)| Err(Rejection::Prohibited { id, action }))
    }

    fn check_groups(
        &self,
        portfolio: &Portfolio<'_>,
        programme: &Programme,
        changes: &[Change],
    ) -> Result<(), Rejection> {
        let tolerance = &self.accord.tolerance;
        let mut sums: BTreeMap<B256, (U256, Change)> = BTreeMap::new();
        let holdings = portfolio.sorted();
        for ((holding, target), change) in holdings.iter().zip(&programme.targets).zip(changes) {
            for group in &holding.terms.groups {
                let (sum, all) = sums.entry(*group).or_default();
                let left = target.held.saturating_sub(change.exit);
                *sum = sum.saturating_add(left).saturating_add(change.entry);
                all.entry = all.entry.saturating_add(change.entry);
                all.exit = all.exit.saturating_add(change.exit);
            }
        }
        let left = |(target, change): (&programme::Target, &Change)| {
            target.held.saturating_sub(change.exit).saturating_add(change.entry)
        };
        let worth = programme.targets.iter().zip(changes).map(left);
        let all = worth.fold(U256::ZERO, U256::saturating_add);
        for (id, (asked, change)) in sums {
            self.permit(id, &change)?;
            if change.entry <= change.exit {
                continue;
            }
            if let Some(allowed) = tolerance.max_positions.get(&id).copied()
                && asked > allowed
            {
                return Err(Rejection::Position { id, asked, allowed });
            }
            // Who had nothing has all that it takes up in it.
            let portfolio = programme.portfolio.max(all).max(U256::ONE);
            let asked_bps = asked.saturating_mul(BPS).div_ceil(portfolio).saturating_to();
            let allowed_bps = tolerance.max_share_bps;
            if asked_bps > u64::from(allowed_bps) {
                return Err(Rejection::Concentration { id, asked_bps, allowed_bps });
            }
        }
        Ok(())
    }

    fn check_velocity(&self, now: u64, changes: &[Change]) -> Result<(), Rejection> {
        let tolerance = &self.accord.tolerance;
        let recent = self
            .moved
            .iter()
            .filter(|moved| moved.at <= now && now.saturating_sub(moved.at) < tolerance.window);
        let before = recent.map(|moved| moved.amount);
        let next = changes.iter().flat_map(|change| [change.entry, change.exit]);
        let asked = before.chain(next).fold(U256::ZERO, U256::saturating_add);
        let allowed = tolerance.max_moved;
        let moves = changes.iter().any(|change| *change != Change::default());
        if moves && asked > allowed {
            return Err(Rejection::Velocity { asked, allowed });
        }
        Ok(())
    }
}

/// A stream that believes in other yields than the public ones: it runs the same programme on
/// `beliefs` (basis points a year, by Unit) and proposes the outcome. Streams are private; this one
/// stands in for them where none is at hand.
///
/// # Errors
/// [`Undecided`]
pub fn propose(
    portfolio: &Portfolio<'_>,
    mandate: &Mandate,
    beliefs: &BTreeMap<B256, i32>,
    seq: u64,
) -> Result<Intent, Undecided> {
    let mut holdings = portfolio.holdings.to_vec();
    for holding in &mut holdings {
        if let Some(yield_bps) = beliefs.get(&holding.unit.id) {
            holding.terms.yield_bps = *yield_bps;
        }
    }
    let believed = Portfolio { holdings: &holdings, ..*portfolio };
    let programme = programme::build(&believed, mandate)?;
    let solution = programme.solve()?;
    let positions = programme.targets.iter().zip(&solution.changes).map(|(target, change)| {
        let held = target.held.saturating_sub(change.exit);
        (target.id, held.saturating_add(change.entry))
    });
    Ok(Intent { seq, issued_at: portfolio.now, positions: positions.collect() })
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            base::{Plan, Source, decide},
            fixtures::{DAY, NOW, holding, m, mandate, portfolio, prime},
            portfolio::Holding,
            warden,
        },
        *,
    };

    const MANAGER: B256 = B256::repeat_byte(0xaa);

    fn id(number: u8) -> B256 {
        B256::with_last_byte(number)
    }

    /// Two Units of one manager; 40 M of the first are held.
    fn holdings() -> Vec<Holding> {
        let mut holdings = vec![holding(1, 500), holding(2, 400)];
        for holding in &mut holdings {
            holding.terms.groups.push(MANAGER);
        }
        holdings[0].stake.shares = m(40);
        holdings[0].unit.total_supply = m(40);
        holdings
    }

    fn accord() -> Accord {
        let tolerance = RiskTolerance {
            max_position: m(90),
            max_positions: BTreeMap::from([(id(1), m(60))]),
            window: DAY,
            max_moved: m(100),
            max_share_bps: 300,
            prohibited: BTreeSet::new(),
        };
        Accord { tolerance, fee_bps: 2_000, max_silence: 600, from: NOW - DAY, until: NOW + DAY }
    }

    fn intent(positions: &[(u8, u64)]) -> Intent {
        let positions = positions.iter().map(|(unit, millions)| (id(*unit), m(*millions)));
        Intent { seq: 7, issued_at: NOW - 60, positions: positions.collect() }
    }

    fn plan(accord: &Accord, intent: Option<&Intent>, moved: &[Moved]) -> Plan {
        let (prime, holdings) = (prime(), holdings());
        let day = portfolio(&prime, &holdings);
        let channel = Channel { accord, intent, last_seq: 7, moved };
        let plan = decide(&day, &mandate(), Some(&channel)).unwrap();
        let seen = warden::inspect(&day, &mandate(), Some(&channel), plan.due(NOW), 0);
        assert_eq!(seen, Ok(()), "wardens hear the stream too");
        plan
    }

    fn rejection(accord: &Accord, intent: &Intent, moved: &[Moved]) -> Rejection {
        match plan(accord, Some(intent), moved).source {
            Source::Fallback(Fallback::Rejected { seq: 7, why }) => why,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_intent_within_the_interval_is_carried_out() {
        let plan = plan(&accord(), Some(&intent(&[(1, 50), (2, 80)])), &[]);
        assert_eq!(plan.source, Source::Stream { seq: 7 });
        let entries: Vec<_> = plan.moves.iter().map(|m| m.change.entry).collect();
        assert_eq!(entries, [m(10), m(80)]);
        assert!(!plan.due(NOW).is_empty());
    }

    #[test]
    fn what_an_intent_does_not_name_stays() {
        let plan = plan(&accord(), Some(&intent(&[(1, 30)])), &[]);
        assert_eq!(plan.source, Source::Stream { seq: 7 });
        let changes: Vec<_> = plan.moves.iter().map(|m| (m.change.entry, m.change.exit)).collect();
        assert_eq!(changes, [(U256::ZERO, m(10)), (U256::ZERO, U256::ZERO)]);
    }

    #[test]
    fn each_bound_rejects_with_its_reason() {
        let (accord, unit) = (accord(), |n| intent(&[(n, 95)]));
        let rejected = |intent: &Intent| rejection(&accord, intent, &[]);
        let position = |number, asked, allowed| Rejection::Position {
            id: id(number),
            asked: m(asked),
            allowed: m(allowed),
        };
        assert_eq!(rejected(&unit(1)), position(1, 95, 60));
        assert_eq!(rejected(&unit(2)), position(2, 95, 90));
        assert_eq!(rejected(&intent(&[(9, 1)])), Rejection::UnknownUnit { id: id(9) });
        let mut future = intent(&[]);
        future.issued_at = NOW + 1;
        assert_eq!(rejected(&future), Rejection::FromTheFuture { issued_at: NOW + 1 });

        let mut accord = accord.clone();
        accord.tolerance.max_share_bps = 200;
        // 40 and 61 of 5,000 M.
        let rejected = rejection(&accord, &intent(&[(2, 61)]), &[]);
        let (asked_bps, allowed_bps) = (202, 200);
        assert_eq!(rejected, Rejection::Concentration { id: MANAGER, asked_bps, allowed_bps });
        accord.tolerance.max_positions.insert(MANAGER, m(100));
        let rejected = rejection(&accord, &intent(&[(2, 61)]), &[]);
        assert_eq!(rejected, Rejection::Position { id: MANAGER, asked: m(101), allowed: m(100) });
    }

    #[test]
    fn the_first_position_is_a_part_of_what_there_will_be() {
        let (prime, mut holdings) = (prime(), holdings());
        for holding in &mut holdings {
            holding.stake.shares = U256::ZERO;
        }
        let day = portfolio(&prime, &holdings);
        let mandate = Mandate { portfolio: U256::ZERO, ..mandate() };
        let mut accord = accord();
        let source = |accord: &Accord| {
            let intent = intent(&[(1, 30)]);
            let channel = Channel { accord, intent: Some(&intent), last_seq: 7, moved: &[] };
            decide(&day, &mandate, Some(&channel)).unwrap().source
        };
        accord.tolerance.max_share_bps = 10_000;
        assert_eq!(source(&accord), Source::Stream { seq: 7 }, "all of it is no more than all");
        accord.tolerance.max_share_bps = 9_999;
        let (asked_bps, allowed_bps) = (10_000, 9_999);
        let why = Rejection::Concentration { id: MANAGER, asked_bps, allowed_bps };
        assert_eq!(source(&accord), Source::Fallback(Fallback::Rejected { seq: 7, why }));
    }

    #[test]
    fn what_is_prohibited_is_prohibited_one_way() {
        let mut accord = accord();
        accord.tolerance.prohibited.insert((MANAGER, Action::Enter));
        let prohibited = Rejection::Prohibited { id: MANAGER, action: Action::Enter };
        assert_eq!(rejection(&accord, &intent(&[(2, 1)]), &[]), prohibited);
        let leaves = plan(&accord, Some(&intent(&[(1, 30)])), &[]);
        assert_eq!(leaves.source, Source::Stream { seq: 7 });
        accord.tolerance.prohibited.insert((id(1), Action::Leave));
        let prohibited = Rejection::Prohibited { id: id(1), action: Action::Leave };
        assert_eq!(rejection(&accord, &intent(&[(1, 30)]), &[]), prohibited);
    }

    #[test]
    fn velocity_counts_what_was_moved_within_the_window() {
        let moved =
            [Moved { at: NOW - DAY, amount: m(500) }, Moved { at: NOW - 100, amount: m(25) }];
        let (asked, allowed) = (m(105), m(100));
        let rejected = rejection(&accord(), &intent(&[(2, 80)]), &moved);
        assert_eq!(rejected, Rejection::Velocity { asked, allowed });
        let slower = plan(&accord(), Some(&intent(&[(2, 75)])), &moved);
        assert_eq!(slower.source, Source::Stream { seq: 7 });
    }

    #[test]
    fn limits_of_the_chain_bind_a_stream_too() {
        let mut accord = accord();
        accord.tolerance.max_position = U256::MAX;
        accord.tolerance.max_moved = U256::MAX;
        accord.tolerance.max_share_bps = 10_000;
        let rejected = rejection(&accord, &intent(&[(2, 130)]), &[]);
        assert_eq!(rejected, Rejection::Bound { by: Binding::DepositLimit, of: Some(id(2)) });
    }

    #[test]
    fn base_falls_back_when_the_stream_stops() {
        let strategy = plan(&accord(), None, &[]);
        assert_eq!(strategy.source, Source::Fallback(Fallback::Silent { since: None }));
        let mut old = intent(&[(2, 1)]);
        old.issued_at = NOW - 601;
        let fallback = plan(&accord(), Some(&old), &[]);
        assert_eq!(fallback.source, Source::Fallback(Fallback::Silent { since: Some(NOW - 601) }));
        assert_eq!(fallback.slices, strategy.slices, "the public strategy goes on");
        assert!(!strategy.slices.is_empty());

        let replayed = Intent { seq: 6, ..intent(&[(2, 1)]) };
        let source = plan(&accord(), Some(&replayed), &[]).source;
        let why = Rejection::Replayed { seq: 6, last: 7 };
        assert_eq!(source, Source::Fallback(Fallback::Rejected { seq: 6, why }));

        let ended = Accord { until: NOW, ..accord() };
        assert_eq!(plan(&ended, Some(&intent(&[(2, 1)])), &[]).source, Source::Strategy);
    }

    #[test]
    fn a_stream_with_other_beliefs_proposes_other_positions() {
        let (prime, holdings) = (prime(), holdings());
        let mut prime = prime;
        prime.mint_limit = crate::rate_limit::RateLimit::full(m(50), U256::ZERO, NOW);
        let day = portfolio(&prime, &holdings);
        let beliefs = BTreeMap::from([(id(2), 900)]);
        let believed = propose(&day, &mandate(), &beliefs, 1).unwrap();
        assert_eq!(believed.positions, BTreeMap::from([(id(1), m(40)), (id(2), m(50))]));
        let public = propose(&day, &mandate(), &BTreeMap::new(), 2).unwrap();
        assert_eq!(public.positions, BTreeMap::from([(id(1), m(90)), (id(2), U256::ZERO)]));
    }
}
