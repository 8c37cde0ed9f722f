//! stl-base's execution over a day: changes cut into slices that every limit lets through.
//!
//! A limit refills by the second and wastes its refill from the moment that it is full. So what a
//! day lets through is used in full by the fewest slices: one now, one whenever the limit that
//! stopped the last one is full again (a debt ceiling: may be raised again), and one at the last
//! look. More slices bring nothing and cost gas. A slice whose yield over the holding period is less
//! than its gas is left for the next one.
//!
//! Each amount is what `allocate` lets through at the slice's own second, on limits and balances as
//! they will be then: a slice that is due exceeds nothing, whatever the programme said.

use super::{
    allocate::{Appetite, Binding, USDC_TO_USDS, allocate, held, usdc_for},
    execute::{Act, execute},
    forecast::{Forecast, Refused, redeemable},
    portfolio::{Holding, Mandate, Portfolio},
    programme::{PPM, build::Span},
    view::{Case, PrimeView},
};
use crate::{
    math::{OutOfRange, add, mul},
    rate_limit::RateLimit,
};
use alloy_primitives::{B256, I256, U256};

/// No horizon is cut finer than this.
const MOST_SLICES: usize = 1_000;

/// What should move at one Unit in the whole horizon.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// unitId
    pub id: B256,
    /// In, in the Unit's asset.
    pub entry: U256,
    /// Out, shares.
    pub exit: U256,
    /// Net yield less the cost of entering, millionths a year: orders the entries and weighs the gas.
    pub rate: i64,
}

/// Acts that are sent together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slice {
    /// Unix seconds.
    pub at: u64,
    /// In this order.
    pub acts: Vec<Act>,
}

/// Cuts `wishes` into slices. What no slice can take is left out.
///
/// # Errors
/// [`OutOfRange`] if a view holds numbers outside the range for which Units are made.
pub fn schedule(
    portfolio: &Portfolio<'_>,
    mandate: &Mandate,
    wishes: &[Wish],
) -> Result<Vec<Slice>, OutOfRange> {
    let span = Span::new(portfolio, mandate);
    let mut left = wishes.to_vec();
    left.sort_by_key(|wish| (std::cmp::Reverse(wish.rate), wish.id));
    let mut forecast = Forecast::new(portfolio);
    let mut slices: Vec<Slice> = Vec::new();
    let mut at = span.from;
    for _ in 0..MOST_SLICES {
        let mut attempt = Attempt::new(at, &forecast, &left);
        attempt.claims()?;
        attempt.exits()?;
        attempt.entries(mandate, span.to)?;
        let next = attempt.next;
        if attempt.is_worth(mandate) {
            let Attempt { acts, forecast: after, left: rest, .. } = attempt;
            (forecast, left) = (after, rest);
            slices.push(Slice { at, acts });
        }
        // A slice that was not worth its gas did not happen, but it knows when to look again.
        let Some(next) = next.filter(|_| at < span.to) else { break };
        at = next.max(at.saturating_add(span.gap)).min(span.to);
    }
    Ok(slices)
}

/// A slice in the making.
struct Attempt {
    at: u64,
    forecast: Forecast,
    left: Vec<Wish>,
    acts: Vec<Act>,
    /// Yield of its entries, wei · millionths a year.
    earns: I256,
    /// It brings home or takes out: worth any gas.
    is_due: bool,
    /// When more will be possible; `None` if never.
    next: Option<u64>,
}

impl Attempt {
    fn new(at: u64, forecast: &Forecast, left: &[Wish]) -> Self {
        Self {
            at,
            forecast: forecast.clone(),
            left: left.to_vec(),
            acts: Vec::new(),
            earns: I256::ZERO,
            is_due: false,
            next: None,
        }
    }

    fn send(&mut self, act: Act) -> Result<(), OutOfRange> {
        match self.forecast.apply(&act, self.at) {
            Ok(()) => self.acts.push(act),
            Err(Refused::OutOfRange(error)) => return Err(error),
            // What is sent was allowed by the same limits a line above.
            Err(Refused::Short { .. } | Refused::UnknownUnit { .. }) => return Err(OutOfRange),
        }
        Ok(())
    }

    /// Looks again at `when`, or earlier if there is another reason to.
    fn look(&mut self, when: Option<u64>) {
        self.next = match (self.next, when) {
            (Some(next), Some(when)) => Some(next.min(when)),
            (next, when) => next.or(when),
        };
    }

    fn claims(&mut self) -> Result<(), OutOfRange> {
        for holding in self.forecast.holdings.clone() {
            let unit = holding.unit.unit;
            if !holding.stake.claimable.is_zero() {
                self.send(Act::ClaimDeposit { unit })?;
                self.is_due = true;
            }
            if !holding.exit.claimable_assets.is_zero() {
                self.send(Act::ClaimRedeem { unit })?;
                self.is_due = true;
            }
        }
        Ok(())
    }

    fn holding(&self, wish: usize) -> Option<Holding> {
        let id = self.left.get(wish)?.id;
        self.forecast.holdings.iter().find(|holding| holding.unit.id == id).cloned()
    }

    fn exits(&mut self) -> Result<(), OutOfRange> {
        for wish in 0..self.left.len() {
            let Some(holding) = self.holding(wish) else { continue };
            let wanted = self.left[wish].exit.min(holding.stake.shares);
            if wanted.is_zero() || !holding.unit.state.settles() || holding.unit.is_locked {
                continue;
            }
            let limit = &holding.stake.redeem_limit;
            let shares = wanted.min(redeemable(&holding, limit.current(self.at))?);
            if !shares.is_zero() && shares >= holding.exit.min_shares {
                self.send(Act::RequestRedeem { unit: holding.unit.unit, shares })?;
                self.left[wish].exit -= shares;
                self.is_due = true;
            }
            if shares < wanted {
                let after = self.holding(wish).map(|after| after.stake.redeem_limit);
                self.look(after.and_then(|limit| full_at(&limit, self.at)));
            }
        }
        Ok(())
    }

    fn entries(&mut self, mandate: &Mandate, until: u64) -> Result<(), OutOfRange> {
        for wish in 0..self.left.len() {
            let Some(holding) = self.holding(wish) else { continue };
            let wanted = self.left[wish].entry;
            if wanted.is_zero() {
                continue;
            }
            let slice = holding.assets(mandate.pace.max_slice)?;
            let free = free(&self.forecast.prime, &holding, mandate.reserve, self.at)?;
            let asked = wanted.min(slice).min(free);
            let held = held(&holding.unit, &holding.stake)?;
            let case = Case {
                now: self.at,
                prime: &self.forecast.prime,
                unit: &holding.unit,
                stake: &holding.stake,
                appetite: &Appetite { target: add(held, asked)? },
                validation: &holding.validation,
            };
            let allocation = allocate(&case, until)?;
            for act in execute(&self.forecast.prime, &holding.unit, &allocation)? {
                self.send(act)?;
            }
            let money =
                I256::try_from(holding.money(allocation.chosen)?).map_err(|_| OutOfRange)?;
            let rate = I256::try_from(self.left[wish].rate).map_err(|_| OutOfRange)?;
            let yields = money.checked_mul(rate).ok_or(OutOfRange)?;
            self.earns = self.earns.checked_add(yields).ok_or(OutOfRange)?;
            self.left[wish].entry -= allocation.chosen;
            if allocation.chosen < wanted {
                // The limit as this slice leaves it.
                let bound = if free < slice.min(wanted) && allocation.bound == Binding::Appetite {
                    self.funds_bound()
                } else {
                    allocation.bound
                };
                let refilled = self.refilled(bound, wish);
                self.look(refilled);
            }
        }
        Ok(())
    }

    /// Which limit keeps the Prime from drawing more.
    fn funds_bound(&self) -> Binding {
        let prime = &self.forecast.prime;
        let mint = prime.mint_limit.current(self.at);
        if mint <= prime.ceiling.headroom(self.at) {
            Binding::MintLimit
        } else {
            Binding::MintCeiling
        }
    }

    /// When the limit that stopped an entry lets through as much as it ever will at once.
    fn refilled(&self, bound: Binding, wish: usize) -> Option<u64> {
        let prime = &self.forecast.prime;
        match bound {
            Binding::DepositLimit => full_at(&self.holding(wish)?.stake.deposit_limit, self.at),
            Binding::MintLimit => full_at(&prime.mint_limit, self.at),
            Binding::SwapLimit => full_at(&prime.swap_limit, self.at),
            Binding::MintCeiling => {
                let raised = prime.ceiling.raised_at.saturating_add(prime.ceiling.ttl);
                Some(raised.max(self.at))
            }
            // The pace's own bound, and what is too small now but may grow.
            Binding::Appetite | Binding::MinEntry => Some(self.at),
            _ => None,
        }
    }

    /// Whether its yield over the holding period pays its gas.
    fn is_worth(&self, mandate: &Mandate) -> bool {
        if self.acts.is_empty() {
            return false;
        }
        let Ok(gas) = I256::try_from(mandate.pace.gas) else { return false };
        let days = I256::try_from(mandate.hold_days).unwrap_or(I256::ONE);
        let year = I256::try_from(365 * PPM).unwrap_or(I256::ONE);
        let earned = self.earns.saturating_mul(days) / year;
        self.is_due || gas.is_zero() || earned > gas
    }
}

/// When `limit` will be full; `None` if it never refills.
fn full_at(limit: &RateLimit, now: u64) -> Option<u64> {
    if limit.is_unlimited() { None } else { limit.available_at(limit.max_amount, now) }
}

/// What of the Unit's asset the Prime can pay now and still have its reserve.
fn free(prime: &PrimeView, holding: &Holding, reserve: U256, now: u64) -> Result<U256, OutOfRange> {
    let drawn = prime.mint_limit.current(now).min(prime.ceiling.headroom(now));
    let usds = prime.usds_held.saturating_add(drawn);
    let usdc = mul(prime.usdc_held, USDC_TO_USDS)?;
    // As far as one of the two is not enough for the reserve, the other stands in.
    let (short_of_usds, short_of_usdc) =
        (reserve.saturating_sub(usds), reserve.saturating_sub(usdc));
    if holding.unit.asset == prime.usds {
        Ok(usds.saturating_sub(short_of_usdc))
    } else if holding.unit.asset == prime.usdc {
        let own = usdc.saturating_sub(short_of_usds) / USDC_TO_USDS;
        if prime.psm.is_halted {
            return Ok(own);
        }
        Ok(own.saturating_add(usdc_for(usds.saturating_sub(reserve), prime.psm.fee)?))
    } else {
        Ok(U256::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::fixtures::{
            DAY, NOW, daily, holding, holding_usdc, m, m6, mandate, portfolio, prime,
        },
        *,
    };
    use crate::prime::portfolio::Pace;

    fn entry(id: u8, entry: U256) -> Wish {
        Wish { id: B256::with_last_byte(id), entry, exit: U256::ZERO, rate: 50_000 }
    }

    fn requested(slice: &Slice) -> U256 {
        let amount = |act: &Act| match act {
            Act::RequestDeposit { amount, .. } => *amount,
            _ => U256::ZERO,
        };
        slice.acts.iter().map(amount).sum()
    }

    #[test]
    fn what_fits_now_goes_now() {
        let (prime, holdings) = (prime(), [holding(1, 500)]);
        let slices =
            schedule(&portfolio(&prime, &holdings), &mandate(), &[entry(1, m(80))]).unwrap();
        let unit = holdings[0].unit.unit;
        let amount = m(80);
        let acts = vec![Act::MintUsds { amount }, Act::RequestDeposit { unit, amount }];
        assert_eq!(slices, [Slice { at: NOW, acts }]);
    }

    #[test]
    fn the_rest_goes_at_the_last_look_if_no_limit_fills_up_before() {
        let (prime, holdings) = (prime(), [holding(1, 500)]);
        let slices =
            schedule(&portfolio(&prime, &holdings), &mandate(), &[entry(1, m(200))]).unwrap();
        let last = NOW + DAY - 900;
        let refill = daily(m(20)) * U256::from(DAY - 900);
        let sent: Vec<_> = slices.iter().map(|s| (s.at, requested(s))).collect();
        assert_eq!(
            sent,
            [(NOW, m(100)), (last, refill)],
            "100 M, then what a slope of 20 M a day adds"
        );
    }

    #[test]
    fn a_limit_that_fills_up_is_emptied_each_time_and_wastes_nothing() {
        let (prime, mut holdings) = (prime(), [holding(1, 500)]);
        // Full again after six hours.
        holdings[0].stake.deposit_limit = RateLimit::full(m(10), daily(m(40)), NOW);
        let slices =
            schedule(&portfolio(&prime, &holdings), &mandate(), &[entry(1, m(200))]).unwrap();
        let hours: Vec<_> = slices.iter().map(|s| (s.at - NOW) / 3_600).collect();
        assert_eq!(hours, [0, 6, 12, 18, 23]);
        let sum: U256 = slices.iter().map(requested).sum();
        let all = m(10) + daily(m(40)) * U256::from(DAY - 900);
        // It is looked at in whole seconds: at most one second's refill is lost each time.
        assert!(sum <= all && all - sum <= daily(m(40)) * U256::from(4), "{sum} {all}");
    }

    #[test]
    fn a_debt_ceiling_is_drawn_again_once_it_may_be_raised() {
        let (mut prime, mut holdings) = (prime(), [holding(1, 500)]);
        holdings[0].stake.deposit_limit = RateLimit::UNLIMITED;
        prime.mint_limit = RateLimit::UNLIMITED;
        prime.ceiling.gap = m(50);
        prime.ceiling.ceiling = m(1_050);
        let slices =
            schedule(&portfolio(&prime, &holdings), &mandate(), &[entry(1, m(400))]).unwrap();
        // The last raise was an hour ago.
        let sent: Vec<_> = slices.iter().map(|s| ((s.at - NOW) / 3_600, requested(s))).collect();
        assert_eq!(sent, [(0, m(50)), (23, m(50))]);
    }

    #[test]
    fn a_large_slice_is_cut_and_the_cuts_keep_their_distance() {
        let (prime, holdings) = (prime(), [holding(1, 500)]);
        let pace = Pace { max_slice: m(30), min_gap: 3_600, ..Pace::default() };
        let mandate = Mandate { pace, ..mandate() };
        let slices =
            schedule(&portfolio(&prime, &holdings), &mandate, &[entry(1, m(100))]).unwrap();
        let sent: Vec<_> = slices.iter().map(|s| (s.at - NOW, requested(s))).collect();
        assert_eq!(sent, [(0, m(30)), (3_600, m(30)), (7_200, m(30)), (10_800, m(10))]);
    }

    #[test]
    fn the_best_yield_is_served_first_and_the_reserve_is_left() {
        let (mut prime, holdings) = (prime(), [holding(1, 400), holding(2, 600)]);
        prime.mint_limit = RateLimit::full(m(130), U256::ZERO, NOW);
        let wishes = [entry(1, m(90)), Wish { rate: 60_000, ..entry(2, m(90)) }];
        let mandate = Mandate { reserve: m(20), ..mandate() };
        let slices = schedule(&portfolio(&prime, &holdings), &mandate, &wishes).unwrap();
        let unit = |at: usize| holdings[at].unit.unit;
        let requests: Vec<_> = slices[0]
            .acts
            .iter()
            .filter_map(|act| match act {
                Act::RequestDeposit { unit, amount } => Some((*unit, *amount)),
                _ => None,
            })
            .collect();
        assert_eq!(requests, [(unit(1), m(90)), (unit(0), m(20))]);
        assert_eq!(slices.len(), 1);
    }

    #[test]
    fn usdc_is_bought_as_far_as_the_psm_has_it() {
        let (mut prime, holdings) = (prime(), [holding_usdc(1, 500)]);
        prime.psm.usdc = m6(30);
        prime.usdc_held = m6(5);
        let slices =
            schedule(&portfolio(&prime, &holdings), &mandate(), &[entry(1, m6(100))]).unwrap();
        assert_eq!(slices.len(), 1, "a dry PSM does not refill by waiting");
        assert_eq!(requested(&slices[0]), m6(35));
        assert_eq!(slices[0].acts[1], Act::SwapUsdsToUsdc { usdc: m6(30) });
    }

    #[test]
    fn a_psm_that_sells_nothing_leaves_what_is_held() {
        let (mut prime, holdings) = (prime(), [holding_usdc(1, 500)]);
        prime.psm.is_halted = true;
        prime.psm.fee = U256::MAX;
        prime.usdc_held = m6(5);
        let plan = |prime: &PrimeView| {
            crate::prime::base::strategy(&portfolio(prime, &holdings), &mandate())
        };
        let plan = plan(&prime).unwrap();
        let unit = holdings[0].unit.unit;
        assert_eq!(plan.due(NOW), [Act::RequestDeposit { unit, amount: m6(5) }]);
        assert_eq!(plan.binding[0].by, Binding::PsmLiquidity);
    }

    #[test]
    fn what_does_not_pay_its_gas_is_not_sent() {
        let (prime, holdings) = (prime(), [holding(1, 500)]);
        // 1 M at 5 % for 73 days earns 10,000.
        let pays = |gas: u64| {
            let pace = Pace { gas: U256::from(gas) * crate::math::WAD, ..Pace::default() };
            let mandate = Mandate { pace, hold_days: 73, ..mandate() };
            schedule(&portfolio(&prime, &holdings), &mandate, &[entry(1, m(1))]).unwrap().len()
        };
        assert_eq!((pays(9_999), pays(10_000)), (1, 0));
    }

    #[test]
    fn claims_come_first_and_pay_for_entries() {
        let (prime, mut holdings) = (prime(), [holding(1, 500), holding(2, 600)]);
        holdings[0].exit.claimable_assets = m(40);
        holdings[1].stake.claimable = m(3);
        let slices =
            schedule(&portfolio(&prime, &holdings), &mandate(), &[entry(2, m(40))]).unwrap();
        let unit = |at: usize| holdings[at].unit.unit;
        assert_eq!(
            slices[0].acts,
            [
                Act::ClaimRedeem { unit: unit(0) },
                Act::ClaimDeposit { unit: unit(1) },
                Act::RequestDeposit { unit: unit(1), amount: m(40) },
            ]
        );
    }

    #[test]
    fn exits_are_cut_by_their_limit() {
        let (prime, mut holdings) = (prime(), [holding(1, 500)]);
        holdings[0].stake.shares = m(80);
        holdings[0].unit.total_supply = m(80);
        let wish = Wish { exit: m(80), ..entry(1, U256::ZERO) };
        let slices = schedule(&portfolio(&prime, &holdings), &mandate(), &[wish]).unwrap();
        let unit = holdings[0].unit.unit;
        assert_eq!(slices[0].acts, [Act::RequestRedeem { unit, shares: m(50) }]);
        assert_eq!(slices[1].acts, [Act::RequestRedeem { unit, shares: m(30) }]);
        assert_eq!(slices.len(), 2);
    }

    #[test]
    fn a_century_by_the_second_ends() {
        let (prime, mut holdings) = (prime(), [holding(1, 500)]);
        holdings[0].stake.deposit_limit = RateLimit::full(m(1), m(1), NOW);
        let mandate = Mandate { pace: Pace { min_gap: 0, ..Pace::default() }, ..mandate() };
        let century = Portfolio { until: NOW + 100 * 365 * DAY, ..portfolio(&prime, &holdings) };
        assert!(schedule(&century, &mandate, &[entry(1, U256::MAX)]).unwrap().len() <= MOST_SLICES);
    }
}
