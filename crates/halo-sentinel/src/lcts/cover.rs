//! The Book of a Class: how its value is divided between tranches, and the room that cover leaves. Values are in asset
//! units, shares have 18 decimals, indexes and targets are in RAY. The same arithmetic as the contract, to the wei.
//!
//! A claim is rounded up, and a tranche that gets its whole claim is worth its target exactly; with claims rounded
//! down a settlement could lower the index of the tranche below by a wei.

use super::epoch::Settlement;
use crate::math::{BPS, OutOfRange, RAY, add, mul, mul_div, mul_div_up, sub};
use alloy_primitives::{U256, uint};

const YEAR: u64 = 365 * 86_400;

/// Tranches that a Book may have: 0 is equity, the highest is the most senior.
pub const TRANCHES: usize = 4;

/// Below this index equity is sold no more.
const LEAST_INDEX: U256 = uint!(1_000_000_000_000_000_000_000_000_U256);

/// Target index after `dt` seconds at `annual_bps`, floor; simple accrual within the span.
///
/// # Errors
/// [`OutOfRange`] if it does not fit.
pub fn accrue(target: U256, annual_bps: u16, dt: u64) -> Result<U256, OutOfRange> {
    let rate = mul(U256::from(annual_bps), U256::from(dt))?;
    add(target, mul_div(target, rate, mul(BPS, U256::from(YEAR))?)?)
}

/// One tranche of a Book.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tranche {
    /// Its shares.
    pub supply: U256,
    /// What a share claims; for equity the index at which it rests while there are no shares.
    pub target: U256,
    /// The least part of all value that must rank below it. Nothing for equity.
    pub min_cover_bps: u16,
}

/// A Book as it stands. With nothing but equity it is one in PARI_PASSU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Book {
    /// Net asset value.
    pub nav: U256,
    /// Value booked to the Class itself: above equity, below all others.
    pub reserve: U256,
    /// 10^(18 − decimals of the asset).
    pub scale: U256,
    /// From equity up.
    pub tranches: [Tranche; TRANCHES],
}

/// How a Book's value is divided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// What each tranche is worth.
    pub values: [U256; TRANCHES],
    /// What each claims; equity claims nothing.
    pub claims: [U256; TRANCHES],
    /// What is nobody's.
    pub reserve: U256,
    /// What is claimed and not there.
    pub shortfall: U256,
}

impl Standing {
    /// What ranks below `tranche`, the reserve included, and what ranks beside or above it.
    ///
    /// # Errors
    /// [`OutOfRange`] if a sum does not fit.
    pub fn sides(&self, tranche: usize) -> Result<(U256, U256), OutOfRange> {
        // Equity ranks above nothing, the reserve included.
        let reserve = if tranche == 0 { U256::ZERO } else { self.reserve };
        let mut sides = (reserve, U256::ZERO);
        for (k, value) in self.values.iter().enumerate() {
            let side = if k < tranche { &mut sides.0 } else { &mut sides.1 };
            *side = add(*side, *value)?;
        }
        Ok(sides)
    }

    /// The part of all value that ranks below `tranche`, in basis points, floor; zero if there is
    /// nothing.
    ///
    /// # Errors
    /// [`OutOfRange`] if a sum does not fit.
    pub fn cover(&self, tranche: usize) -> Result<U256, OutOfRange> {
        let (below, above) = self.sides(tranche)?;
        if below.is_zero() { Ok(U256::ZERO) } else { mul_div(below, BPS, add(below, above)?) }
    }

    /// Whether at least `min_bps` of all value ranks below `tranche`, exactly.
    ///
    /// # Errors
    /// [`OutOfRange`] if a product does not fit.
    pub fn is_covered(&self, tranche: usize, min_bps: u16) -> Result<bool, OutOfRange> {
        let (below, above) = self.sides(tranche)?;
        Ok(mul(below, BPS)? >= mul(add(below, above)?, U256::from(min_bps))?)
    }
}

impl Book {
    /// Divides the value: from the most senior down each tranche takes its claim or what is left of it.
    ///
    /// # Errors
    /// [`OutOfRange`] if a claim does not fit.
    pub fn standing(&self) -> Result<Standing, OutOfRange> {
        let mut standing = Standing::default();
        let mut left = self.nav;
        let unit = mul(RAY, self.scale)?;
        for (k, tranche) in self.tranches.iter().enumerate().skip(1).rev() {
            let claim = mul_div_up(tranche.supply, tranche.target, unit)?;
            let value = left.min(claim);
            left -= value;
            standing.claims[k] = claim;
            standing.values[k] = value;
            standing.shortfall = add(standing.shortfall, claim - value)?;
        }
        let unheld = self.tranches[0].supply.is_zero();
        standing.reserve = if unheld { left } else { self.reserve.min(left) };
        standing.values[0] = left - standing.reserve;
        Ok(standing)
    }

    /// Asset value of a share of `tranche`, floor.
    ///
    /// # Errors
    /// [`OutOfRange`] if there is no such tranche or it does not fit.
    pub fn index(&self, tranche: usize) -> Result<U256, OutOfRange> {
        self.index_in(&self.standing()?, tranche)
    }

    fn index_in(&self, standing: &Standing, tranche: usize) -> Result<U256, OutOfRange> {
        let own = self.tranches.get(tranche).ok_or(OutOfRange)?;
        let whole = tranche > 0 && standing.values[tranche] == standing.claims[tranche];
        if whole || own.supply.is_zero() {
            return Ok(own.target);
        }
        mul_div(standing.values[tranche], mul(RAY, self.scale)?, own.supply)
    }

    /// Assets that `tranche` may take in beyond netting; [`U256::MAX`] if nothing binds.
    ///
    /// # Errors
    /// [`OutOfRange`] if there is no such tranche or a value does not fit.
    pub fn subscribe_headroom(&self, tranche: usize) -> Result<U256, OutOfRange> {
        let standing = self.standing()?;
        let worthless = tranche == 0 && self.index_in(&standing, 0)? < LEAST_INDEX;
        if worthless || !standing.shortfall.is_zero() {
            return Ok(U256::ZERO);
        }
        let beside_or_below = self.tranches.get(1..=tranche).unwrap_or_default();
        let mut room = U256::MAX;
        for (k, least) in (1..).zip(beside_or_below.iter().map(|t| t.min_cover_bps)) {
            let (below, above) = standing.sides(k)?;
            let Some(rest) = rest_of(least)? else { continue };
            if self.tranches[0].supply.is_zero() {
                return Ok(U256::ZERO);
            }
            room = room.min(mul_div(below, rest, U256::from(least))?.saturating_sub(above));
        }
        Ok(room)
    }

    /// Assets that `tranche` may pay out beyond netting; [`U256::MAX`] if nothing binds.
    ///
    /// # Errors
    /// [`OutOfRange`] if there is no such tranche or a value does not fit.
    pub fn redeem_headroom(&self, tranche: usize) -> Result<U256, OutOfRange> {
        let standing = self.standing()?;
        let mut room = U256::MAX;
        for (k, above) in self.tranches.iter().enumerate().skip(tranche + 1) {
            let least = above.min_cover_bps;
            let (below, above) = standing.sides(k)?;
            let Some(rest) = rest_of(least)? else { continue };
            room = room.min(below.saturating_sub(mul_div_up(above, U256::from(least), rest)?));
        }
        Ok(room)
    }

    /// The Book after `tranche` settled with this outcome.
    ///
    /// # Errors
    /// [`OutOfRange`] if the outcome moves more than there is.
    pub fn settle(&self, tranche: usize, outcome: &Settlement) -> Result<Self, OutOfRange> {
        let mut next = *self;
        let own = next.tranches.get_mut(tranche).ok_or(OutOfRange)?;
        own.supply = sub(add(own.supply, outcome.shares_minted)?, outcome.shares_burned)?;
        let before = self.tranches[tranche].supply;
        if tranche == 0 && own.supply != before {
            if before.is_zero() {
                // The first to hold equity again gets nothing of what stood over it.
                next.reserve = self.standing()?.reserve;
            } else if own.supply.is_zero() {
                let last = self.index(0)?;
                own.target = if last < LEAST_INDEX { RAY } else { last };
            }
        }
        next.nav = sub(add(self.nav, outcome.subscribe_extra)?, outcome.redeem_extra)?;
        Ok(next)
    }
}

/// What of ten thousand a least cover leaves to the tranche itself; `None` if none is asked for.
fn rest_of(min_bps: u16) -> Result<Option<U256>, OutOfRange> {
    if min_bps == 0 {
        return Ok(None);
    }
    let rest = sub(BPS, U256::from(min_bps))?;
    if rest.is_zero() { Err(OutOfRange) } else { Ok(Some(rest)) }
}
