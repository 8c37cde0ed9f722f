//! What acts will have done once the chain has carried them out: limits, balances and queues, as the
//! contracts keep them. The schedule looks ahead with it and the counterfactual lives in it.

use super::{
    allocate::usds_for,
    execute::Act,
    portfolio::{Holding, Portfolio},
    view::PrimeView,
};
use crate::{
    lcts::epoch::Price,
    math::{OutOfRange, add, sub},
    rate_limit::RateLimit,
};
use alloy_primitives::{Address, U256};

/// A Prime and its Units, as they will be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forecast {
    /// The Prime.
    pub prime: PrimeView,
    /// Its Units, rising in id.
    pub holdings: Vec<Holding>,
}

/// Why the chain would not carry an act out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// A limit or a balance does not allow it.
    #[error("{what} does not allow it")]
    Short {
        /// Which.
        what: &'static str,
    },
    /// No such Unit.
    #[error("no Unit at {unit}")]
    UnknownUnit {
        /// The address.
        unit: Address,
    },
    /// Numbers outside the range for which Units are made.
    #[error(transparent)]
    OutOfRange(#[from] OutOfRange),
}

impl Forecast {
    /// Starts from what the chain shows.
    pub fn new(portfolio: &Portfolio<'_>) -> Self {
        Self {
            prime: *portfolio.prime,
            holdings: portfolio.sorted().into_iter().cloned().collect(),
        }
    }

    /// What `act` changes at `now`.
    ///
    /// # Errors
    /// [`Refused`] where the chain would refuse. The forecast is of no use then.
    pub fn apply(&mut self, act: &Act, now: u64) -> Result<(), Refused> {
        match *act {
            Act::MintUsds { amount } => {
                take(&mut self.prime.mint_limit, amount, now, "the mint limit")?;
                let short = Refused::Short { what: "the debt ceiling" };
                self.prime.ceiling.draw(amount, now).map_err(|_| short)?;
                self.prime.usds_held = add(self.prime.usds_held, amount)?;
            }
            Act::SwapUsdsToUsdc { usdc } => {
                let prime = &mut self.prime;
                take(&mut prime.swap_limit, usdc, now, "the swap limit")?;
                let cost = usds_for(usdc, prime.psm.fee)?;
                spend(&mut prime.psm.usdc, usdc, "the PSM")?;
                spend(&mut prime.usds_held, cost, "USDS")?;
                prime.usdc_held = add(prime.usdc_held, usdc)?;
            }
            Act::RequestDeposit { unit, amount } => {
                let (prime, holding) = self.at(unit)?;
                take(&mut holding.stake.deposit_limit, amount, now, "the deposit limit")?;
                spend(purse(prime, holding)?, amount, "the Unit's asset")?;
                holding.stake.pending = add(holding.stake.pending, amount)?;
                holding.unit.subscribe.total = add(holding.unit.subscribe.total, amount)?;
            }
            Act::ClaimDeposit { unit } => {
                let (_, holding) = self.at(unit)?;
                let shares = std::mem::take(&mut holding.stake.claimable);
                holding.stake.shares = add(holding.stake.shares, shares)?;
            }
            Act::RequestRedeem { unit, shares } => {
                let (_, holding) = self.at(unit)?;
                let value = redeem_value(holding, shares)?;
                take(&mut holding.stake.redeem_limit, value, now, "the redemption limit")?;
                spend(&mut holding.stake.shares, shares, "shares")?;
                holding.exit.pending_shares = add(holding.exit.pending_shares, shares)?;
                holding.unit.redeem.total = add(holding.unit.redeem.total, shares)?;
            }
            Act::ClaimRedeem { unit } => {
                let (prime, holding) = self.at(unit)?;
                let assets = std::mem::take(&mut holding.exit.claimable_assets);
                let purse = purse(prime, holding)?;
                *purse = add(*purse, assets)?;
            }
        }
        Ok(())
    }

    fn at(&mut self, unit: Address) -> Result<(&mut PrimeView, &mut Holding), Refused> {
        let holding = self.holdings.iter_mut().find(|holding| holding.unit.unit == unit);
        Ok((&mut self.prime, holding.ok_or(Refused::UnknownUnit { unit })?))
    }
}

/// What a redemption uses of its limit: the worth of the shares, in assets, rounded up.
///
/// # Errors
/// [`OutOfRange`] if it does not fit.
pub fn redeem_value(holding: &Holding, shares: U256) -> Result<U256, OutOfRange> {
    let price = counted_price(holding)?;
    let value = price.assets(shares)?;
    // A worthless share is worth one unit here: the limit is used all the same.
    let covered = price.shares(value).unwrap_or(U256::ZERO);
    if covered < shares { add(value, U256::ONE) } else { Ok(value) }
}

/// The most shares whose redemption uses `assets` of the limit at most.
///
/// # Errors
/// [`OutOfRange`] for an asset of more than 18 decimals.
pub fn redeemable(holding: &Holding, assets: U256) -> Result<U256, OutOfRange> {
    Ok(counted_price(holding)?.shares(assets).unwrap_or(U256::ZERO))
}

fn counted_price(holding: &Holding) -> Result<Price, OutOfRange> {
    let index = holding.exit.settled_index.unwrap_or(holding.unit.index);
    Price::new(index, holding.unit.asset_decimals)
}

fn purse<'a>(prime: &'a mut PrimeView, holding: &Holding) -> Result<&'a mut U256, Refused> {
    if holding.unit.asset == prime.usds {
        Ok(&mut prime.usds_held)
    } else if holding.unit.asset == prime.usdc {
        Ok(&mut prime.usdc_held)
    } else {
        Err(Refused::Short { what: "the Unit's asset" })
    }
}

fn take(limit: &mut RateLimit, amount: U256, now: u64, what: &'static str) -> Result<(), Refused> {
    limit.decrease(amount, now).map_err(|_| Refused::Short { what })?;
    Ok(())
}

fn spend(balance: &mut U256, amount: U256, what: &'static str) -> Result<(), Refused> {
    *balance = sub(*balance, amount).map_err(|_| Refused::Short { what })?;
    Ok(())
}
