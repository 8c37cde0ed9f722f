//! stl-warden: looks over base's shoulder, from its own view of the chain, and halts it.
//!
//! 1. It goes through base's acts one by one on its own books and refuses the first that breaks a
//!    bound. This shares no arithmetic with the allocation but the models of the limits.
//! 2. It derives base's decision again by the public rules, on the same mandate, stream and view,
//!    and refuses acts that differ by more than a tolerance.
//!
//! A warden neither optimises nor trades. Several of them, each with an operator, a view and a
//! clock of its own, make the time to shutdown short: [`super::shutdown`].

use super::{
    allocate::{Binding, usds_for},
    base::{Undecided, decide},
    execute::Act,
    portfolio::{Mandate, Portfolio},
    stream::Channel,
    view::{Case, MintCeiling, PrimeView, Stake},
};
use crate::{
    math::{BPS, OutOfRange, add, mul_div, mul_div_up, pow10},
    rate_limit::RateLimit,
    view::{UnitState, UnitView},
};
use alloy_primitives::{Address, U256};
use std::collections::BTreeMap;

/// Why the warden halts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Breach {
    /// An act beyond a bound.
    #[error("act {act} breaks {bound}: {amount} asked, {allowed} allowed")]
    Bound {
        /// Its place in the list, from 0.
        act: usize,
        /// Which bound.
        bound: Binding,
        /// What it asks, in the bound's own units.
        amount: U256,
        /// What the bound allows.
        allowed: U256,
    },
    /// An act on a Unit that was not under decision.
    #[error("act {act} is about another Unit, {unit}")]
    OtherUnit {
        /// Its place in the list, from 0.
        act: usize,
        /// The Unit it names.
        unit: Address,
    },
    /// USDS is left that was drawn and not used.
    #[error("{amount} USDS wei drawn for nothing")]
    IdleDraw {
        /// So much.
        amount: U256,
    },
    /// Numbers outside the range for which Units are made.
    #[error(transparent)]
    OutOfRange(#[from] OutOfRange),
}

/// Why a warden takes the relayer out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Alarm {
    /// A bound is broken.
    #[error(transparent)]
    Breach(#[from] Breach),
    /// Not what the public rules give.
    #[error("{deed} {sent}, by the rules it is {own}")]
    Divergence {
        /// What was done.
        deed: Deed,
        /// How much of it, in its own units.
        sent: U256,
        /// How much by the warden's own derivation.
        own: U256,
    },
    /// Acts where the rules give no decision at all.
    #[error("base acted although the rules give no decision: {0}")]
    Undecided(Undecided),
}

/// What an act comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Deed {
    /// USDS drawn, wei.
    Drew,
    /// USDC bought, 6 decimals.
    Bought,
    /// Assets requested into a Unit.
    Entered(Address),
    /// Shares requested out of a Unit.
    Left(Address),
}

impl std::fmt::Display for Deed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Drew => f.write_str("drew USDS wei"),
            Self::Bought => f.write_str("bought USDC"),
            Self::Entered(unit) => write!(f, "entered {unit} with"),
            Self::Left(unit) => write!(f, "left {unit} with shares"),
        }
    }
}

/// Looks at what base sent at `portfolio.now`. `portfolio` is the warden's own view from before the acts;
/// `tolerance_bps` is what two views may differ by.
///
/// # Errors
/// The [`Alarm`] on which the warden halts.
pub fn inspect(
    portfolio: &Portfolio<'_>,
    mandate: &Mandate,
    channel: Option<&Channel<'_>>,
    acts: &[Act],
    tolerance_bps: u16,
) -> Result<(), Alarm> {
    if acts.is_empty() {
        return Ok(());
    }
    bounds(portfolio, acts)?;
    let own = match decide(portfolio, mandate, channel) {
        Ok(plan) => deeds(plan.due(portfolio.now)),
        Err(undecided) => return Err(Alarm::Undecided(undecided)),
    };
    for (deed, sent) in deeds(acts) {
        let own = own.get(&deed).copied().unwrap_or_default();
        let tolerated = mul_div(own, U256::from(tolerance_bps), BPS).unwrap_or_default();
        if sent.abs_diff(own) > tolerated {
            return Err(Alarm::Divergence { deed, sent, own });
        }
    }
    Ok(())
}

/// Checks `acts` at `portfolio.now` against every limit, balance and gate, whatever they are for.
///
/// # Errors
/// The first [`Breach`].
pub fn bounds(portfolio: &Portfolio<'_>, acts: &[Act]) -> Result<(), Breach> {
    let venues = portfolio.holdings.iter().map(|holding| Venue {
        unit: &holding.unit,
        stake: holding.stake,
        target: U256::MAX,
        is_target: holding.validation.is_onboarded(),
        redeem_index: holding.exit.settled_index.unwrap_or(holding.unit.index),
        claimable: holding.exit.claimable_assets,
        requested: U256::ZERO,
    });
    Books::open(portfolio.now, portfolio.prime, venues.collect()).go_through(acts)
}

/// Sums by deed. What is claimed only comes home.
fn deeds(acts: &[Act]) -> BTreeMap<Deed, U256> {
    let mut sums = BTreeMap::new();
    for act in acts {
        let (deed, amount) = match *act {
            Act::MintUsds { amount } => (Deed::Drew, amount),
            Act::SwapUsdsToUsdc { usdc } => (Deed::Bought, usdc),
            Act::RequestDeposit { unit, amount } => (Deed::Entered(unit), amount),
            Act::RequestRedeem { unit, shares } => (Deed::Left(unit), shares),
            Act::ClaimDeposit { .. } | Act::ClaimRedeem { .. } => continue,
        };
        let sum: &mut U256 = sums.entry(deed).or_default();
        *sum = sum.saturating_add(amount);
    }
    sums
}

/// Checks `acts` against `case`.
///
/// # Errors
/// The first [`Breach`].
pub fn review(case: &Case<'_>, acts: &[Act]) -> Result<(), Breach> {
    let venue = Venue {
        unit: case.unit,
        stake: *case.stake,
        target: case.appetite.target,
        is_target: case.validation.is_onboarded(),
        redeem_index: case.unit.index,
        claimable: U256::ZERO,
        requested: U256::ZERO,
    };
    Books::open(case.now, case.prime, vec![venue]).go_through(acts)
}

/// A Unit, what the Prime has to do with it and what it asked for so far.
struct Venue<'a> {
    unit: &'a UnitView,
    stake: Stake,
    /// Largest position, in assets.
    target: U256,
    is_target: bool,
    /// What LIMIT_7540_REDEEM counts at, RAY.
    redeem_index: U256,
    /// Assets that were settled and not claimed.
    claimable: U256,
    requested: U256,
}

/// What the Prime would hold and could still do after each act.
struct Books<'a> {
    now: u64,
    prime: &'a PrimeView,
    venues: Vec<Venue<'a>>,
    usds: U256,
    usdc: U256,
    minted: U256,
    bought: U256,
    mint_limit: RateLimit,
    swap_limit: RateLimit,
    ceiling: MintCeiling,
}

impl<'a> Books<'a> {
    fn open(now: u64, prime: &'a PrimeView, venues: Vec<Venue<'a>>) -> Self {
        Self {
            now,
            prime,
            venues,
            usds: prime.usds_held,
            usdc: prime.usdc_held,
            minted: U256::ZERO,
            bought: U256::ZERO,
            mint_limit: prime.mint_limit,
            swap_limit: prime.swap_limit,
            ceiling: prime.ceiling,
        }
    }

    fn go_through(mut self, acts: &[Act]) -> Result<(), Breach> {
        for (at, act) in acts.iter().enumerate() {
            match *act {
                Act::MintUsds { amount } => self.mint(at, amount)?,
                Act::SwapUsdsToUsdc { usdc } => self.swap(at, usdc)?,
                Act::RequestDeposit { unit, amount } => self.request(at, unit, amount)?,
                Act::RequestRedeem { unit, shares } => self.redeem(at, unit, shares)?,
                Act::ClaimDeposit { unit } => {
                    let venue = self.venue(at, unit)?;
                    let claimed = std::mem::take(&mut venue.stake.claimable);
                    venue.stake.shares = add(venue.stake.shares, claimed)?;
                }
                Act::ClaimRedeem { unit } => {
                    let claimed = std::mem::take(&mut self.venue(at, unit)?.claimable);
                    let asset = self.venue(at, unit)?.unit.asset;
                    if let Some(purse) = self.purse(asset) {
                        *purse = add(*purse, claimed)?;
                    }
                }
            }
        }
        let idle = self.minted.min(self.usds);
        if idle.is_zero() { Ok(()) } else { Err(Breach::IdleDraw { amount: idle }) }
    }

    fn mint(&mut self, act: usize, amount: U256) -> Result<(), Breach> {
        take(&mut self.mint_limit, act, Binding::MintLimit, amount, self.now)?;
        self.minted = add(self.minted, amount)?;
        within(act, Binding::MintCeiling, self.minted, self.ceiling.headroom(self.now))?;
        self.usds = add(self.usds, amount)?;
        Ok(())
    }

    fn swap(&mut self, act: usize, usdc: U256) -> Result<(), Breach> {
        let psm = &self.prime.psm;
        take(&mut self.swap_limit, act, Binding::SwapLimit, usdc, self.now)?;
        self.bought = add(self.bought, usdc)?;
        let pocket = if psm.is_halted { U256::ZERO } else { psm.usdc };
        within(act, Binding::PsmLiquidity, self.bought, pocket)?;
        let cost = usds_for(usdc, psm.fee)?;
        within(act, Binding::OwnFunds, cost, self.usds)?;
        self.usds -= cost;
        self.usdc = add(self.usdc, usdc)?;
        Ok(())
    }

    fn request(&mut self, act: usize, unit: Address, amount: U256) -> Result<(), Breach> {
        let now = self.now;
        let venue = self.venue(act, unit)?;
        let Venue { unit, stake, .. } = venue;
        let gate =
            |bound, open| within(act, bound, amount, if open { U256::MAX } else { U256::ZERO });
        let takes = unit.state == UnitState::Active && now <= unit.subscribe_until;
        gate(Binding::NotOnboarded, venue.is_target && takes)?;
        gate(Binding::QueueLocked, !unit.is_locked)?;
        gate(Binding::NotEntrant, stake.is_entrant)?;
        gate(Binding::MinEntry, amount >= unit.min_subscribe && !amount.is_zero())?;
        take(&mut stake.deposit_limit, act, Binding::DepositLimit, amount, now)?;

        venue.requested = add(venue.requested, amount)?;
        let price = unit.price()?;
        let size = price.assets(unit.total_supply)?;
        within(act, Binding::UnitCap, venue.requested, unit.cap.saturating_sub(size))?;
        let shares = price.assets(add(stake.shares, stake.claimable)?)?;
        let position = add(add(shares, stake.pending)?, venue.requested)?;
        within(act, Binding::Appetite, position, venue.target)?;

        let asset = unit.asset;
        let mut nothing = U256::ZERO;
        let purse = self.purse(asset).unwrap_or(&mut nothing);
        within(act, Binding::OwnFunds, amount, *purse)?;
        *purse -= amount;
        Ok(())
    }

    fn redeem(&mut self, act: usize, unit: Address, shares: U256) -> Result<(), Breach> {
        let now = self.now;
        let venue = self.venue(act, unit)?;
        within(act, Binding::Holding, shares, venue.stake.shares)?;
        venue.stake.shares -= shares;
        let open = venue.unit.state.settles() && !venue.unit.is_locked;
        let gate = if open { U256::MAX } else { U256::ZERO };
        within(act, Binding::QueueLocked, shares, gate)?;
        let decimals = 18_u8.checked_sub(venue.unit.asset_decimals).ok_or(OutOfRange)?;
        let divisor = pow10(27 + decimals)?;
        let value = mul_div_up(shares, venue.redeem_index, divisor)?;
        let limit = &mut venue.stake.redeem_limit;
        take(limit, act, Binding::RedeemLimit, value, now)
    }

    fn venue(&mut self, act: usize, unit: Address) -> Result<&mut Venue<'a>, Breach> {
        let venue = self.venues.iter_mut().find(|venue| venue.unit.unit == unit);
        venue.ok_or(Breach::OtherUnit { act, unit })
    }

    fn purse(&mut self, asset: Address) -> Option<&mut U256> {
        if asset == self.prime.usds {
            Some(&mut self.usds)
        } else if asset == self.prime.usdc {
            Some(&mut self.usdc)
        } else {
            None
        }
    }
}

fn within(act: usize, bound: Binding, amount: U256, allowed: U256) -> Result<(), Breach> {
    if amount <= allowed { Ok(()) } else { Err(Breach::Bound { act, bound, amount, allowed }) }
}

fn take(
    limit: &mut RateLimit,
    act: usize,
    bound: Binding,
    amount: U256,
    now: u64,
) -> Result<(), Breach> {
    let allowed = limit.current(now);
    limit.decrease(amount, now).map_err(|_| Breach::Bound { act, bound, amount, allowed })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            base::strategy,
            fixtures::{NOW, holding, m, mandate, portfolio, prime},
            portfolio::Holding,
        },
        *,
    };

    fn day(prime: &PrimeView, holdings: &[Holding], acts: &[Act], tolerance: u16) -> Option<Alarm> {
        inspect(&portfolio(prime, holdings), &mandate(), None, acts, tolerance).err()
    }

    #[test]
    fn agrees_with_what_the_rules_give_and_with_silence() {
        let (prime, holdings) = (prime(), [holding(1, 500), holding(2, 700)]);
        let plan = strategy(&portfolio(&prime, &holdings), &mandate()).unwrap();
        assert_eq!(day(&prime, &holdings, plan.due(NOW), 0), None);
        assert_eq!(day(&prime, &holdings, &[], 0), None);
    }

    #[test]
    fn halts_on_what_every_limit_allows_and_the_rules_do_not() {
        let (prime, holdings) = (prime(), [holding(1, 500), holding(2, -700)]);
        let unit = holdings[1].unit.unit;
        let amount = m(1);
        let acts = [Act::MintUsds { amount }, Act::RequestDeposit { unit, amount }];
        assert_eq!(bounds(&portfolio(&prime, &holdings), &acts), Ok(()));
        let alarm = day(&prime, &holdings, &acts, 10_000);
        let own = m(100);
        let drew = Alarm::Divergence { deed: Deed::Drew, sent: amount, own };
        assert_eq!(day(&prime, &holdings, &acts, 9_000), Some(drew));
        let entered = Deed::Entered(unit);
        assert_eq!(
            alarm,
            Some(Alarm::Divergence { deed: entered, sent: amount, own: U256::ZERO }),
            "nothing is tolerated where the rules give nothing"
        );
    }

    #[test]
    fn tolerates_what_two_views_may_differ_by() {
        let (prime, holdings) = (prime(), [holding(1, 500)]);
        let unit = holdings[0].unit.unit;
        let acts = |amount| [Act::MintUsds { amount }, Act::RequestDeposit { unit, amount }];
        assert_eq!(day(&prime, &holdings, &acts(m(99)), 100), None);
        assert!(day(&prime, &holdings, &acts(m(99)), 99).is_some());
    }

    #[test]
    fn halts_on_a_broken_bound_first() {
        let (prime, mut holdings) = (prime(), [holding(1, 500)]);
        holdings[0].stake.shares = m(60);
        let unit = holdings[0].unit.unit;
        let breach = |acts: &[Act]| match day(&prime, &holdings, acts, 10_000) {
            Some(Alarm::Breach(Breach::Bound { bound, .. })) => bound,
            other => panic!("{other:?}"),
        };
        let amount = m(101);
        let acts = [Act::MintUsds { amount }, Act::RequestDeposit { unit, amount }];
        assert_eq!(breach(&acts), Binding::DepositLimit);
        assert_eq!(breach(&[Act::RequestRedeem { unit, shares: m(61) }]), Binding::Holding);
        assert_eq!(breach(&[Act::RequestRedeem { unit, shares: m(51) }]), Binding::RedeemLimit);
        let twice = [m(30), m(30)].map(|shares| Act::RequestRedeem { unit, shares });
        assert_eq!(breach(&twice), Binding::RedeemLimit);
        let mut locked = holdings.clone();
        locked[0].unit.is_locked = true;
        let shares = m(1);
        let alarm = day(&prime, &locked, &[Act::RequestRedeem { unit, shares }], 0);
        let locked =
            matches!(alarm, Some(Alarm::Breach(Breach::Bound { bound: Binding::QueueLocked, .. })));
        assert!(locked, "{alarm:?}");
    }

    #[test]
    fn what_was_claimed_may_be_spent() {
        let (mut prime, mut holdings) = (prime(), [holding(1, 500)]);
        prime.mint_limit = RateLimit::default();
        holdings[0].exit.claimable_assets = m(5);
        let unit = holdings[0].unit.unit;
        let acts = [Act::ClaimRedeem { unit }, Act::RequestDeposit { unit, amount: m(5) }];
        let view = portfolio(&prime, &holdings);
        assert_eq!(bounds(&view, &acts), Ok(()));
        assert!(bounds(&view, &acts[1..]).is_err());
    }
}
