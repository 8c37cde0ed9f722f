//! stl-base: the only one that acts. It runs the public strategy, or a stream's intent where one
//! speaks within its accord, and cuts the outcome into slices that the limits let through.
//!
//! The three processes of a baseline sentinel (sky-ecosystem/laniakea-docs: `trading/sentinel-network.md`,
//! "Baseline Sentinel"): the counterfactual is [`super::carry`], the stream's monitor is
//! [`super::stream`], active management is [`strategy`] here.

use super::{
    allocate::Binding,
    execute::Act,
    portfolio::{Holding, Mandate, Portfolio},
    programme::{self, Change, Programme, Shadow, Unsolved},
    schedule::{Slice, Wish, schedule},
    stream::{Channel, Fallback},
};
use crate::math::OutOfRange;
use alloy_primitives::{Address, B256, I256, U256};

/// Why there is no decision. Nothing is sent then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Undecided {
    /// The view holds numbers outside the range for which Units are made.
    #[error(transparent)]
    OutOfRange(#[from] OutOfRange),
    /// The programme has no solution that can be relied on.
    #[error(transparent)]
    Unsolved(#[from] Unsolved),
}

/// Whose wish a plan carries out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The public strategy; no stream is under contract.
    Strategy,
    /// The intent with this number.
    Stream {
        /// Its number.
        seq: u64,
    },
    /// The public strategy in the stream's stead.
    Fallback(Fallback),
}

/// What should happen at one Unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Move {
    /// unitId
    pub id: B256,
    /// The HaloUnit.
    pub unit: Address,
    /// Worth of what is held, dollars of 18 decimals.
    pub held: U256,
    /// In and out over the horizon, dollars of 18 decimals.
    pub change: Change,
}

/// A decision with its reasons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Whose wish it is.
    pub source: Source,
    /// Every Unit, rising in id.
    pub moves: Vec<Move>,
    /// What binds and at what price; empty for an intent, which nobody optimised here.
    pub binding: Vec<Shadow>,
    /// What the objective gains, wei a year.
    pub gain: I256,
    /// How it is carried out.
    pub slices: Vec<Slice>,
}

impl Plan {
    /// What is to be sent at `now`.
    pub fn due(&self, now: u64) -> &[Act] {
        let first = self.slices.first().filter(|slice| slice.at <= now);
        first.map_or(&[], |slice| &slice.acts)
    }

    /// When to decide again after `now`: the next slice is a forecast and not an order.
    pub fn next_look(&self, now: u64) -> Option<u64> {
        self.slices.iter().map(|slice| slice.at).find(|at| *at > now)
    }
}

/// The public strategy alone.
///
/// # Errors
/// [`Undecided`]
pub fn strategy(portfolio: &Portfolio<'_>, mandate: &Mandate) -> Result<Plan, Undecided> {
    let programme = programme::build(portfolio, mandate)?;
    from_strategy(portfolio, mandate, &programme, Source::Strategy)
}

/// What base does now: the stream's intent if it may, the public strategy otherwise.
///
/// # Errors
/// [`Undecided`]
pub fn decide(
    portfolio: &Portfolio<'_>,
    mandate: &Mandate,
    channel: Option<&Channel<'_>>,
) -> Result<Plan, Undecided> {
    let programme = programme::build(portfolio, mandate)?;
    let Some(channel) = channel.filter(|channel| channel.accord.is_in_force(portfolio.now)) else {
        return from_strategy(portfolio, mandate, &programme, Source::Strategy);
    };
    match channel.changes(portfolio, &programme) {
        Ok((seq, changes)) => {
            let gain = programme.value(&changes).saturating_sub(programme.value(&[]));
            let plan = Plan {
                source: Source::Stream { seq },
                binding: Vec::new(),
                gain,
                ..plan(portfolio, mandate, &programme, &changes)?
            };
            Ok(plan)
        }
        Err(fallback) => from_strategy(portfolio, mandate, &programme, Source::Fallback(fallback)),
    }
}

fn from_strategy(
    portfolio: &Portfolio<'_>,
    mandate: &Mandate,
    programme: &Programme,
    source: Source,
) -> Result<Plan, Undecided> {
    let solution = programme.solve()?;
    let plan = plan(portfolio, mandate, programme, &solution.changes)?;
    Ok(Plan { source, binding: solution.binding, gain: solution.gain, ..plan })
}

fn plan(
    portfolio: &Portfolio<'_>,
    mandate: &Mandate,
    programme: &Programme,
    changes: &[Change],
) -> Result<Plan, OutOfRange> {
    let mut moves = Vec::new();
    let mut wishes = Vec::new();
    for ((holding, target), change) in
        portfolio.sorted().into_iter().zip(&programme.targets).zip(changes)
    {
        let (id, unit) = (holding.unit.id, holding.unit.unit);
        moves.push(Move { id, unit, held: target.held, change: *change });
        if *change != Change::default() {
            wishes.push(Wish {
                id,
                entry: holding.assets(change.entry)?,
                exit: shares(holding, target.exit, change.exit)?,
                rate: target.net - i64::from(target.entry_cost),
            });
        }
    }
    let slices = schedule(portfolio, mandate, &wishes)?;
    Ok(Plan { source: Source::Strategy, moves, binding: Vec::new(), gain: I256::ZERO, slices })
}

/// Dollars that leave as shares, floor; all of them when all leave, without dust.
fn shares(holding: &Holding, room: programme::Room, exit: U256) -> Result<U256, OutOfRange> {
    if exit.is_zero() {
        return Ok(U256::ZERO);
    }
    if room.by == Binding::Holding && exit >= room.amount {
        return Ok(holding.stake.shares);
    }
    let shares = holding.unit.price()?.shares(holding.assets(exit)?)?;
    Ok(shares.min(holding.stake.shares))
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            fixtures::{DAY, NOW, holding, holding_usdc, m, m6, mandate, portfolio, prime},
            portfolio::{Cover, Group},
            programme::explain::explain,
            warden,
        },
        *,
    };
    use crate::{rate_limit::RateLimit, view::UnitState};

    fn entered(plan: &Plan) -> Vec<U256> {
        plan.moves.iter().map(|m| m.change.entry).collect()
    }

    #[test]
    fn a_day_of_spark() {
        // Day 1 of Spark: 100 M and 20 M a day into each of two Units, 500 M of ceiling.
        let (prime, holdings) = (prime(), [holding(1, 500), holding(2, 800)]);
        let day = portfolio(&prime, &holdings);
        let plan = strategy(&day, &mandate()).unwrap();
        let refill = RateLimit::full(m(100), crate::prime::fixtures::daily(m(20)), NOW).slope
            * U256::from(DAY - 900);
        assert_eq!(entered(&plan), [m(100) + refill; 2], "to the wei");
        assert_eq!(plan.next_look(NOW), Some(NOW + DAY - 900));
        assert_eq!(warden::inspect(&day, &mandate(), None, plan.due(NOW), 0), Ok(()));
        let words = explain_plan(&plan);
        assert_eq!(
            words,
            [
                "the deposit limit for Unit 2 allows 119,791,666 dollars more; one dollar above that \
                 would earn 8.00 % a year (0.0800 dollars).",
                "the deposit limit for Unit 1 allows 119,791,666 dollars more; one dollar above that \
                 would earn 5.00 % a year (0.0500 dollars).",
            ]
        );
    }

    fn explain_plan(plan: &Plan) -> Vec<String> {
        explain(&plan.binding, |id| format!("Unit {}", id[31]))
    }

    #[test]
    fn risk_capital_goes_where_it_earns_most() {
        let (prime, mut holdings) = (prime(), [holding(1, 500), holding(2, 900)]);
        holdings[0].terms.capital_ratio_bps = 200;
        holdings[1].terms.capital_ratio_bps = 2_000;
        let mandate = Mandate { risk_capital: m(4), capital_bps: 1_000, ..mandate() };
        let plan = strategy(&portfolio(&prime, &holdings), &mandate).unwrap();
        // Net 4.8 % on 2 % of capital is better than 7 % on 20 %: all of the first, then 1.6 / 0.2.
        let [first, second] = entered(&plan)[..] else { panic!() };
        assert_eq!(first / m(1), U256::from(119));
        let left = (m(4) - first / U256::from(50)) * U256::from(5);
        assert!(left - second < m(1) / U256::from(1_000), "{second} of {left}");
        assert_eq!(plan.binding[0].by, Binding::RiskCapital);
        assert_eq!(plan.binding[0].price, 350_000, "a dollar of risk capital carries five at 7 %");
    }

    #[test]
    fn caps_on_counterparties_hold_over_all_their_units() {
        let (prime, mut holdings) = (prime(), [holding(1, 500), holding(2, 800), holding(3, 700)]);
        let manager = B256::repeat_byte(0xaa);
        for holding in &mut holdings[..2] {
            holding.terms.groups.push(manager);
        }
        let group = Group { id: manager, cap: m(110), penalty_bps: 0 };
        let mandate = Mandate { groups: vec![group], ..mandate() };
        let plan = strategy(&portfolio(&prime, &holdings), &mandate).unwrap();
        let entered = entered(&plan);
        assert_eq!(entered[0] + entered[1], m(110));
        assert!(entered[1] >= m(109), "the better one first: {entered:?}");
        assert!(plan.binding.iter().any(|s| (s.by, s.of) == (Binding::GroupCap, Some(manager))));
    }

    #[test]
    fn a_reserve_stays_and_what_is_missing_is_named() {
        let (mut prime, holdings) = (prime(), [holding(1, 500)]);
        prime.ceiling = Default::default();
        prime.usds_held = m(30);
        let mandate = Mandate { reserve: m(10), ..mandate() };
        let plan = strategy(&portfolio(&prime, &holdings), &mandate).unwrap();
        assert_eq!(entered(&plan), [m(20)]);
        assert_eq!(plan.binding[0].by, Binding::MintCeiling);
        let reserve = Mandate { reserve: m(1_000), ..mandate };
        let plan = strategy(&portfolio(&prime, &holdings), &reserve).unwrap();
        assert_eq!((entered(&plan), plan.slices.len()), (vec![U256::ZERO], 0));
        assert_eq!(plan.binding[0].price, 50_000);
    }

    #[test]
    fn buys_the_junior_tranche_that_covers_the_senior_one() {
        let (prime, mut holdings) = (prime(), [holding(1, 600), holding(2, 100)]);
        holdings[0].unit.subscribe_headroom = U256::ZERO;
        let cover = Cover {
            protected: vec![holdings[0].unit.id],
            junior: vec![holdings[1].unit.id],
            protected_value: U256::ZERO,
            junior_value: U256::ZERO,
            min_bps: 2_000,
        };
        let covers = [cover];
        let day = Portfolio { covers: &covers, ..portfolio(&prime, &holdings) };
        let [senior, junior] = entered(&strategy(&day, &mandate()).unwrap())[..] else { panic!() };
        assert!(senior > m(119) && senior <= junior * U256::from(4), "{senior} {junior}");
        let alone = Portfolio { covers: &[], ..day };
        assert_eq!(entered(&strategy(&alone, &mandate()).unwrap())[0], U256::ZERO);

        let short = [Cover { protected_value: m(10), ..covers[0].clone() }];
        let day = Portfolio { covers: &short, ..day };
        assert_eq!(entered(&strategy(&day, &mandate()).unwrap())[0], U256::ZERO);
    }

    #[test]
    fn what_a_unit_is_not_open_for_is_not_tried() {
        let open = holding(1, 500);
        let mut closed = [open.clone(), open.clone(), open.clone(), open.clone()];
        for (at, holding) in closed.iter_mut().enumerate() {
            holding.unit.id = B256::with_last_byte(at as u8);
        }
        closed[0].validation.mask = 0b0111;
        closed[1].unit.state = UnitState::SubscribePaused;
        closed[2].stake.is_entrant = false;
        closed[3].unit.asset = Address::repeat_byte(7);
        let prime = prime();
        let plan = strategy(&portfolio(&prime, &closed), &mandate()).unwrap();
        assert!(plan.slices.is_empty());
        let why: Vec<_> = plan.binding.iter().map(|shadow| shadow.by).collect();
        let expected =
            [Binding::NotOnboarded, Binding::NotOnboarded, Binding::NotEntrant, Binding::OwnFunds];
        assert_eq!(why, expected, "and it says what that costs");
    }

    #[test]
    fn usdc_and_usds_come_out_of_the_same_ceiling() {
        let (mut prime, holdings) = (prime(), [holding(1, 500), holding_usdc(2, 600)]);
        prime.ceiling = crate::prime::MintCeiling { ttl: 2 * DAY, ..prime.ceiling };
        prime.ceiling.gap = m(150);
        prime.ceiling.ceiling = m(1_150);
        prime.usdc_held = m6(10);
        let plan = strategy(&portfolio(&prime, &holdings), &mandate()).unwrap();
        let [usds, usdc] = entered(&plan)[..] else { panic!() };
        assert_eq!(usds + usdc, m(160));
        assert!(usdc > m(119), "{usdc}");
        assert_eq!(plan.binding[0].by, Binding::MintCeiling);
    }

    #[test]
    fn the_order_of_units_changes_nothing() {
        let prime = prime();
        let holdings: Vec<_> = (1..=9).map(|n| holding(n, 300 + 50 * i32::from(n % 4))).collect();
        let mut reversed = holdings.clone();
        reversed.reverse();
        reversed.rotate_left(4);
        let mandate = Mandate { concentration_bps: 2_000, ..mandate() };
        let plan = |holdings: &[Holding]| strategy(&portfolio(&prime, holdings), &mandate).unwrap();
        assert_eq!(plan(&holdings), plan(&reversed), "to the wei");
        assert_eq!(plan(&holdings), plan(&holdings), "and again");
    }

    #[test]
    fn no_units_and_no_money_are_no_trouble() {
        let mut prime = prime();
        assert!(strategy(&portfolio(&prime, &[]), &Mandate::default()).unwrap().slices.is_empty());
        prime.mint_limit = RateLimit::default();
        let holdings = [holding(1, 500), holding(2, -9_000)];
        let plan = strategy(&portfolio(&prime, &holdings), &Mandate::default()).unwrap();
        assert!(plan.slices.is_empty());
        assert_eq!(plan.binding[0].by, Binding::MintLimit);
    }
}
