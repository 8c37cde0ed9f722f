//! What the public strategy would have earned, and what a stream's work is worth beyond it.
//!
//! The counterfactual is a Prime of its own that nobody sees: it starts with the real one's limits,
//! money and positions, decides by the public strategy from the same views of the Units, and its
//! acts are carried out in its books alone. Its entries and exits settle at the same index and in
//! the same proportion as everyone's in the real settlement: it is small enough not to move that
//! proportion. That is the only assumption.
//!
//! ```text
//! carry = ⌊max(0, actual profit − counterfactual profit) · fee⌋
//! profit = equity now − equity at the start − cost of drawn USDS
//! ```
//!
//! (sky-ecosystem/laniakea-docs: `trading/sentinel-network.md`, "Incentive Structure"). All in wei.

use super::{
    base::{Plan, Undecided, strategy},
    forecast::{Forecast, Refused},
    portfolio::{Holding, Mandate, Portfolio},
    view::{PrimeView, Stake},
};
use crate::{
    math::{BPS, OutOfRange, add, mul, mul_div, mul_div_up},
    view::UnitView,
};
use alloy_primitives::{B256, I256, U256};

const YEAR: u64 = 365 * 86_400;

/// What a stream has earned.
///
/// # Errors
/// [`OutOfRange`] if a profit does not fit.
pub fn carry(actual: I256, counterfactual: I256, fee_bps: u16) -> Result<U256, OutOfRange> {
    let beyond = actual.checked_sub(counterfactual).ok_or(OutOfRange)?;
    if beyond.is_negative() {
        return Ok(U256::ZERO);
    }
    mul_div(beyond.unsigned_abs(), U256::from(fee_bps).min(BPS), BPS)
}

/// Profit since a start. The same for the real Prime and for the counterfactual one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Performance {
    start: I256,
    cost: U256,
    debt: U256,
    at: u64,
}

impl Performance {
    /// Begins to count.
    ///
    /// # Errors
    /// [`OutOfRange`] if the equity does not fit.
    pub fn start(portfolio: &Portfolio<'_>) -> Result<Self, OutOfRange> {
        let (start, debt) = (portfolio.equity()?, portfolio.prime.ceiling.debt);
        Ok(Self { start, cost: U256::ZERO, debt, at: portfolio.now })
    }

    /// Charges what was owed until `portfolio.now` at `funding_bps` a year, rounded up, and takes note of what
    /// is owed from then on. Call it after whatever changes the debt, in the same second.
    ///
    /// # Errors
    /// [`OutOfRange`] if the cost does not fit.
    pub fn charge(
        &mut self,
        portfolio: &Portfolio<'_>,
        funding_bps: u16,
    ) -> Result<(), OutOfRange> {
        let seconds = portfolio.now.saturating_sub(self.at);
        let rate = mul(U256::from(funding_bps), U256::from(seconds))?;
        let cost = mul_div_up(self.debt, rate, mul(BPS, U256::from(YEAR))?)?;
        self.cost = add(self.cost, cost)?;
        (self.debt, self.at) = (portfolio.prime.ceiling.debt, portfolio.now.max(self.at));
        Ok(())
    }

    /// Profit as `portfolio` shows it.
    ///
    /// # Errors
    /// [`OutOfRange`] if it does not fit.
    pub fn profit(&self, portfolio: &Portfolio<'_>) -> Result<I256, OutOfRange> {
        let cost = I256::try_from(self.cost).map_err(|_| OutOfRange)?;
        let gained = portfolio.equity()?.checked_sub(self.start).ok_or(OutOfRange)?;
        gained.checked_sub(cost).ok_or(OutOfRange)
    }
}

/// What a settlement did to everyone in a Unit's queues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fill {
    /// unitId
    pub id: B256,
    /// Index of the settlement, RAY.
    pub index: U256,
    /// Assets that waited to get in.
    pub subscribe_total: U256,
    /// Assets of these that got in.
    pub subscribed: U256,
    /// Shares that waited to get out.
    pub redeem_total: U256,
    /// Shares of these that got out.
    pub redeemed: U256,
}

/// The Prime that goes by the public strategy alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counterfactual {
    books: Forecast,
    performance: Performance,
}

impl Counterfactual {
    /// Splits off from the real Prime.
    ///
    /// # Errors
    /// [`OutOfRange`] if the equity does not fit.
    pub fn start(actual: &Portfolio<'_>) -> Result<Self, OutOfRange> {
        Ok(Self { books: Forecast::new(actual), performance: Performance::start(actual)? })
    }

    /// Sees the Units as `actual` shows them, decides by the public strategy and carries out what is due.
    /// What other Primes would see of it, its place in the queues, is left out.
    ///
    /// # Errors
    /// [`Undecided`]
    pub fn step(&mut self, actual: &Portfolio<'_>, mandate: &Mandate) -> Result<Plan, Undecided> {
        self.observe(actual);
        let portfolio = self.portfolio(actual);
        let plan = strategy(&portfolio, mandate)?;
        for act in plan.due(actual.now) {
            match self.books.apply(act, actual.now) {
                Err(Refused::OutOfRange(error)) => return Err(error.into()),
                Err(Refused::Short { .. } | Refused::UnknownUnit { .. }) => {
                    return Err(OutOfRange.into());
                }
                Ok(()) => {}
            }
        }
        let mut performance = self.performance;
        performance.charge(&self.portfolio(actual), mandate.funding_bps)?;
        self.performance = performance;
        Ok(plan)
    }

    /// Takes its part in a settlement.
    ///
    /// # Errors
    /// [`OutOfRange`] if the numbers do not fit together.
    pub fn settle(&mut self, fill: &Fill) -> Result<(), OutOfRange> {
        let part = |amount, done, total: U256| {
            if total.is_zero() {
                Ok(U256::ZERO)
            } else {
                mul_div(amount, U256::min(done, total), total)
            }
        };
        for holding in self.books.holdings.iter_mut().filter(|h| h.unit.id == fill.id) {
            let unit = UnitView { index: fill.index, ..holding.unit };
            let price = unit.price()?;
            let (stake, exit) = (&mut holding.stake, &mut holding.exit);
            let assets = part(stake.pending, fill.subscribed, fill.subscribe_total)?;
            if !assets.is_zero() {
                stake.claimable = add(stake.claimable, price.shares(assets)?)?;
                stake.pending -= assets;
            }
            let shares = part(exit.pending_shares, fill.redeemed, fill.redeem_total)?;
            exit.claimable_assets = add(exit.claimable_assets, price.assets(shares)?)?;
            exit.pending_shares -= shares;
        }
        Ok(())
    }

    /// Its profit so far, valued as `actual` shows the Units.
    ///
    /// # Errors
    /// [`OutOfRange`] if it does not fit.
    pub fn profit(&mut self, actual: &Portfolio<'_>) -> Result<I256, OutOfRange> {
        self.observe(actual);
        self.performance.profit(&self.portfolio(actual))
    }

    fn portfolio<'a>(&'a self, actual: &Portfolio<'a>) -> Portfolio<'a> {
        Portfolio { prime: &self.books.prime, holdings: &self.books.holdings, ..*actual }
    }

    /// Takes over what is everyone's: Units, terms, the PSM. Money, limits and positions stay its own.
    fn observe(&mut self, actual: &Portfolio<'_>) {
        let PrimeView { psm, .. } = *actual.prime;
        self.books.prime.psm = psm;
        for seen in actual.sorted() {
            let known = self.books.holdings.iter_mut().find(|h| h.unit.id == seen.unit.id);
            match known {
                Some(known) => {
                    let own = std::mem::replace(known, seen.clone());
                    known.stake = Stake { is_entrant: seen.stake.is_entrant, ..own.stake };
                    known.exit = own.exit;
                    known.exit.settled_index = seen.exit.settled_index;
                }
                None => self.books.holdings.push(Holding {
                    stake: Stake {
                        pending: U256::ZERO,
                        claimable: U256::ZERO,
                        shares: U256::ZERO,
                        ..seen.stake
                    },
                    exit: Default::default(),
                    ..seen.clone()
                }),
            }
        }
        self.books.holdings.sort_by_key(|holding| holding.unit.id);
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            base::{Source, decide},
            fixtures::{DAY, NOW, holding, m, mandate, portfolio, prime},
            stream::{Accord, Channel, Intent, RiskTolerance},
        },
        *,
    };
    use crate::math::{RAY, WAD};
    use std::collections::{BTreeMap, BTreeSet};

    #[test]
    fn carry_is_a_part_of_what_was_earned_beyond_and_never_less_than_nothing() {
        let wei = |n: i64| I256::try_from(n).unwrap();
        let earned =
            |actual, counterfactual| carry(wei(actual), wei(counterfactual), 2_000).unwrap();
        assert_eq!(earned(1_000, 400), U256::from(120));
        assert_eq!(earned(1_004, 1_000), U256::ZERO, "floor");
        assert_eq!(earned(400, 1_000), U256::ZERO);
        assert_eq!(earned(-400, -1_000), U256::from(120), "a smaller loss is a gain");
        assert_eq!(carry(wei(9), wei(0), u16::MAX), Ok(U256::from(9)), "never more than all");
        assert_eq!(carry(I256::MAX, I256::MIN, 1), Err(OutOfRange));
    }

    /// A year of two Units, of which the second turns out better than the public strategy believes.
    struct Year {
        actual: Forecast,
        counterfactual: Counterfactual,
        performance: Performance,
    }

    fn year(channel: impl Fn(u64) -> Option<(Accord, Intent)>) -> Year {
        let mandate = Mandate { funding_bps: 300, ..mandate() };
        let (prime, holdings) = (prime(), [holding(1, 600), holding(2, 500)]);
        let mut prime = prime;
        (prime.ceiling.debt, prime.ceiling.ceiling) = (U256::ZERO, m(500));
        prime.mint_limit = crate::rate_limit::RateLimit::full(m(60), U256::ZERO, NOW);
        let start = portfolio(&prime, &holdings);
        let mut year = Year {
            actual: Forecast::new(&start),
            counterfactual: Counterfactual::start(&start).unwrap(),
            performance: Performance::start(&start).unwrap(),
        };
        for day in 0..4 {
            let now = NOW + day * 91 * DAY;
            // The first Unit pays what it promised, 1.5 % a quarter, the second 2 %.
            for (holding, gain) in year.actual.holdings.iter_mut().zip([150_u64, 200]) {
                holding.unit.index = RAY + RAY * U256::from(gain * day) / BPS;
            }
            let (books, holdings) = (year.actual.prime, year.actual.holdings.clone());
            let seen = Portfolio { now, until: now + DAY, ..portfolio(&books, &holdings) };
            let spoken = channel(now);
            let channel = spoken.as_ref().map(|(accord, intent)| Channel {
                accord,
                intent: Some(intent),
                last_seq: 0,
                moved: &[],
            });
            let plan = decide(&seen, &mandate, channel.as_ref()).unwrap();
            assert_eq!(matches!(plan.source, Source::Stream { .. }), spoken.is_some(), "{plan:?}");
            year.counterfactual.step(&seen, &mandate).unwrap();
            for act in plan.due(now) {
                year.actual.apply(act, now).unwrap();
            }
            let after =
                Portfolio { prime: &year.actual.prime, holdings: &year.actual.holdings, ..seen };
            year.performance.charge(&after, mandate.funding_bps).unwrap();
            for holding in &mut year.actual.holdings {
                let waiting = holding.stake.pending;
                let fill = Fill {
                    id: holding.unit.id,
                    index: holding.unit.index,
                    subscribe_total: m(100),
                    subscribed: m(100),
                    redeem_total: U256::ZERO,
                    redeemed: U256::ZERO,
                };
                year.counterfactual.settle(&fill).unwrap();
                let price = holding.unit.price().unwrap();
                holding.stake.shares += price.shares(waiting).unwrap();
                holding.stake.pending = U256::ZERO;
            }
        }
        year
    }

    fn profits(mut year: Year) -> (I256, I256) {
        let (prime, holdings) = (year.actual.prime, year.actual.holdings.clone());
        let end = Portfolio { now: NOW + 273 * DAY, ..portfolio(&prime, &holdings) };
        (year.performance.profit(&end).unwrap(), year.counterfactual.profit(&end).unwrap())
    }

    fn accord() -> Accord {
        let tolerance = RiskTolerance {
            max_position: m(500),
            max_positions: BTreeMap::new(),
            window: DAY,
            max_moved: m(500),
            max_share_bps: 10_000,
            prohibited: BTreeSet::new(),
        };
        Accord { tolerance, fee_bps: 2_000, max_silence: 600, from: 0, until: u64::MAX }
    }

    #[test]
    fn without_a_stream_both_are_the_same_prime() {
        let (actual, counterfactual) = profits(year(|_| None));
        assert!(actual.is_positive());
        assert_eq!(actual, counterfactual, "to the wei");
        assert_eq!(carry(actual, counterfactual, 2_000), Ok(U256::ZERO));
    }

    #[test]
    fn a_stream_that_knows_better_earns_its_part() {
        let second = B256::with_last_byte(2);
        let year = year(|now| {
            let positions = BTreeMap::from([(second, m(60))]);
            Some((accord(), Intent { seq: 1, issued_at: now, positions }))
        });
        // After the first day the position is worth more than 60 M; the stream says 60 M and means it.
        let (actual, counterfactual) = profits(year);
        let carry = carry(actual, counterfactual, 2_000).unwrap();
        assert!(!carry.is_zero(), "{actual} {counterfactual}");
        let beyond = (actual - counterfactual).unsigned_abs();
        assert_eq!(carry, beyond * U256::from(2_000) / BPS);
    }

    #[test]
    fn drawn_usds_costs_the_counterfactual_as_it_costs_the_prime() {
        let (mut books, holdings) = (prime(), []);
        books.usds_held = m(100);
        let mut performance = Performance::start(&portfolio(&books, &holdings)).unwrap();
        let later = Portfolio { now: NOW + 365 * DAY, ..portfolio(&books, &holdings) };
        performance.charge(&later, 300).unwrap();
        // A debt of 1,000 M for a year at 3 %.
        assert_eq!(performance.profit(&later), Ok(-I256::try_from(m(30)).unwrap()));
        assert_eq!(WAD, m(1) / U256::from(1_000_000));
    }

    #[test]
    fn takes_its_part_of_a_settlement() {
        let (prime, mut holdings) = (prime(), [holding(1, 500)]);
        holdings[0].stake.pending = m(30);
        holdings[0].exit.pending_shares = m(10);
        let mut shadow = Counterfactual::start(&portfolio(&prime, &holdings)).unwrap();
        let fill = Fill {
            id: B256::with_last_byte(1),
            index: RAY * U256::from(2),
            subscribe_total: m(300),
            subscribed: m(100),
            redeem_total: m(10),
            redeemed: m(5),
        };
        shadow.settle(&fill).unwrap();
        let own = &shadow.books.holdings[0];
        assert_eq!((own.stake.pending, own.stake.claimable), (m(20), m(5)));
        assert_eq!((own.exit.pending_shares, own.exit.claimable_assets), (m(5), m(10)));
    }
}
