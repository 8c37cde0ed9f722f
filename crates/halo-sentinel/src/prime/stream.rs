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
            let portfolio = programme.portfolio.max(U256::ONE);
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
