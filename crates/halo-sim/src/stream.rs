//! A Prime's stl-stream: what it proposes, what base makes of it, and what it has earned beyond the public strategy.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::B256;
use halo_sentinel::{
    math::OutOfRange,
    prime::{
        Act,
        base::{Source, Undecided},
        carry::{Counterfactual, Fill, Performance, carry},
        portfolio::{Mandate, Portfolio},
        stream::{
            Accord, Action, Channel, Fallback, Intent, Moved, Rejection, RiskTolerance, propose,
        },
    },
};
use halo_spec::StreamTerms;

use crate::{Bound, Error, Result, run::StreamRow, world::World};

/// A stream at work, and the Prime that it would be without one.
#[derive(Debug, Clone)]
pub(crate) struct Stream {
    accord: Accord,
    beliefs: BTreeMap<B256, i32>,
    /// It says nothing.
    pub(crate) is_silent: bool,
    intent: Option<Intent>,
    last_seq: u64,
    moved: Vec<Moved>,
    books: Option<(Performance, Counterfactual)>,
    accepted: u64,
    refused: BTreeMap<String, u64>,
    silent: u64,
}

impl Stream {
    /// Under an accord that binds from the start of the run to its end.
    pub(crate) fn new(world: &World<'_>, terms: &StreamTerms, from: u64) -> Self {
        let id = |slug: &String| {
            let venue = world.venues.iter().find(|venue| venue.slug(&world.classes) == *slug);
            venue.map(|venue| venue.at.id)
        };
        let entry = terms.no_entry.iter().filter_map(id).map(|id| (id, Action::Enter));
        let exit = terms.no_exit.iter().filter_map(id).map(|id| (id, Action::Leave));
        let tolerance = RiskTolerance {
            max_position: terms.max_position,
            max_positions: BTreeMap::new(),
            window: u64::from(terms.window),
            max_moved: terms.max_moved,
            max_share_bps: terms.max_share_bps,
            prohibited: entry.chain(exit).collect::<BTreeSet<_>>(),
        };
        let beliefs = terms.believes.iter();
        Self {
            accord: Accord {
                tolerance,
                fee_bps: terms.fee_bps,
                max_silence: u64::from(terms.max_silence),
                from,
                until: u64::MAX,
            },
            beliefs: beliefs.filter_map(|(slug, bps)| Some((id(slug)?, *bps))).collect(),
            is_silent: false,
            intent: None,
            last_seq: 0,
            moved: Vec::new(),
            books: None,
            accepted: 0,
            refused: BTreeMap::new(),
            silent: 0,
        }
    }

    /// Hears what the stream has to say now, and lets the Prime that has none decide for itself.
    pub(crate) fn hear(&mut self, portfolio: &Portfolio<'_>, mandate: &Mandate) -> Result<()> {
        if self.books.is_none() {
            let counterfactual = Counterfactual::start(portfolio)?;
            self.books = Some((Performance::start(portfolio)?, counterfactual));
        }
        if let Some((_, counterfactual)) = &mut self.books {
            counterfactual.step(portfolio, mandate).map_err(undecided)?;
        }
        if !self.is_silent {
            let seq = self.last_seq + 1;
            self.intent = Some(propose(portfolio, mandate, &self.beliefs, seq).map_err(undecided)?);
            self.last_seq = seq;
        }
        // What was moved before the window counts for nothing.
        let window = self.accord.tolerance.window;
        self.moved.retain(|moved| portfolio.now.saturating_sub(moved.at) < window);
        Ok(())
    }

    /// What base and its wardens know of it.
    pub(crate) fn channel(&self) -> Channel<'_> {
        Channel {
            accord: &self.accord,
            intent: self.intent.as_ref(),
            last_seq: self.last_seq,
            moved: &self.moved,
        }
    }

    /// Writes down what base made of it. Returns why it was refused, the first time for each reason.
    pub(crate) fn judged(&mut self, source: &Source) -> Option<String> {
        match source {
            Source::Strategy => None,
            Source::Stream { .. } => {
                self.accepted += 1;
                None
            }
            Source::Fallback(Fallback::Silent { .. }) => {
                self.silent += 1;
                (self.silent == 1).then(|| "it fell silent".to_owned())
            }
            Source::Fallback(Fallback::Rejected { why, .. }) => {
                let count = self.refused.entry(kind(why)).or_default();
                *count += 1;
                (*count == 1).then(|| why.to_string())
            }
        }
    }

    /// Takes note of what was sent at the moment of `portfolio`, which shows the Prime after it.
    pub(crate) fn sent(
        &mut self,
        portfolio: &Portfolio<'_>,
        acts: &[(Act, u64)],
        funding_bps: u16,
    ) -> Result<()> {
        for (act, _) in acts {
            let (unit, amount, in_shares) = match *act {
                Act::RequestDeposit { unit, amount } => (unit, amount, false),
                Act::RequestRedeem { unit, shares } => (unit, shares, true),
                _ => continue,
            };
            let holding = portfolio.holdings.iter().find(|holding| holding.unit.unit == unit);
            let Some(holding) = holding else { continue };
            let assets = if in_shares { holding.unit.price()?.assets(amount)? } else { amount };
            self.moved.push(Moved { at: portfolio.now, amount: holding.money(assets)? });
        }
        if let Some((performance, _)) = &mut self.books {
            performance.charge(portfolio, funding_bps)?;
        }
        Ok(())
    }

    /// A Unit settled.
    pub(crate) fn settled(&mut self, fill: &Fill) -> Result<()> {
        if let Some((_, counterfactual)) = &mut self.books {
            counterfactual.settle(fill)?;
        }
        Ok(())
    }

    /// What it came to, valued as `portfolio` shows everything at the end.
    pub(crate) fn close(
        &mut self,
        prime: usize,
        portfolio: &Portfolio<'_>,
        funding_bps: u16,
    ) -> Result<StreamRow> {
        let (actual, counterfactual) = match &mut self.books {
            Some((performance, counterfactual)) => {
                performance.charge(portfolio, funding_bps)?;
                (performance.profit(portfolio)?, counterfactual.profit(portfolio)?)
            }
            None => Default::default(),
        };
        let fee_bps = self.accord.fee_bps;
        Ok(StreamRow {
            prime,
            fee_bps,
            accepted: self.accepted,
            refused: self.refused.iter().map(|(why, count)| (why.clone(), *count)).collect(),
            silent: self.silent,
            actual,
            counterfactual,
            carry: carry(actual, counterfactual, fee_bps)?,
        })
    }
}

/// The bound that an intent broke, without its numbers.
fn kind(why: &Rejection) -> String {
    match why {
        Rejection::Replayed { .. } => "replayed".to_owned(),
        Rejection::FromTheFuture { .. } => "dated ahead".to_owned(),
        Rejection::UnknownUnit { .. } => "unknown Unit".to_owned(),
        Rejection::Prohibited { .. } => "prohibited".to_owned(),
        Rejection::Position { .. } => "position".to_owned(),
        Rejection::Velocity { .. } => "velocity".to_owned(),
        Rejection::Concentration { .. } => "concentration".to_owned(),
        Rejection::Bound { by, .. } => Bound::from(*by).label().to_owned(),
    }
}

pub(crate) fn undecided(undecided: Undecided) -> Error {
    match undecided {
        Undecided::OutOfRange(OutOfRange) => OutOfRange.into(),
        Undecided::Unsolved(error) => {
            Error::Unexpected { what: "the programme", found: error.to_string() }
        }
    }
}
