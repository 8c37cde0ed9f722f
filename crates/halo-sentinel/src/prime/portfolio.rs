//! What a base strategy decides from: a Prime, every Unit that it may hold, and its mandate.
//! Money is dollars of 18 decimals; one USDS or USDC is one dollar.

use super::{
    onboarding::Validation,
    view::{PrimeView, Stake},
};
use crate::{
    math::{OutOfRange, add, mul, pow10},
    view::UnitView,
};
use alloy_primitives::{B256, I256, U256};

/// What the risk framework and the Unit's artifact say about a Unit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// Expected yield after the Halo's own costs, basis points a year.
    pub yield_bps: i32,
    /// Risk capital that a dollar in the Unit needs (CRR), basis points.
    pub capital_ratio_bps: u16,
    /// Class, counterparty and categories that it counts towards.
    pub groups: Vec<B256>,
}

/// The other way of a Unit: what a Prime has in its redeem queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExitView {
    /// Smallest redemption, shares.
    pub min_shares: U256,
    /// Shares that wait.
    pub pending_shares: U256,
    /// Assets that were settled and not claimed.
    pub claimable_assets: U256,
    /// Index of the latest settlement, RAY, at which LIMIT_7540_REDEEM counts; `None` for the Book's own.
    pub settled_index: Option<U256>,
}

/// A Unit, and what the Prime has to do with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// The Unit.
    pub unit: UnitView,
    /// Shares, entries and keys.
    pub stake: Stake,
    /// Redemptions.
    pub exit: ExitView,
    /// Whether it is a deployment target.
    pub validation: Validation,
    /// Yield and risk.
    pub terms: Terms,
}

impl Holding {
    /// Assets as dollars of 18 decimals.
    ///
    /// # Errors
    /// [`OutOfRange`] for an asset of more than 18 decimals, or if it does not fit.
    pub fn money(&self, assets: U256) -> Result<U256, OutOfRange> {
        mul(assets, self.scale()?)
    }

    /// Dollars of 18 decimals as assets, floor.
    ///
    /// # Errors
    /// [`OutOfRange`] for an asset of more than 18 decimals.
    pub fn assets(&self, money: U256) -> Result<U256, OutOfRange> {
        Ok(money / self.scale()?)
    }

    /// Worth of shares, claimable shares and pending entries, and of what waits to be paid, in assets, floor.
    ///
    /// # Errors
    /// [`OutOfRange`] if it does not fit.
    pub fn worth(&self) -> Result<U256, OutOfRange> {
        let shares = add(self.stake.shares, self.stake.claimable)?;
        let shares = add(shares, self.exit.pending_shares)?;
        let assets = add(self.unit.price()?.assets(shares)?, self.stake.pending)?;
        add(assets, self.exit.claimable_assets)
    }

    fn scale(&self) -> Result<U256, OutOfRange> {
        pow10(18_u8.checked_sub(self.unit.asset_decimals).ok_or(OutOfRange)?)
    }
}

/// A class, a counterparty or a category.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its name's hash.
    pub id: B256,
    /// The most that the Prime may have in it; [`U256::MAX`] for no cap.
    pub cap: U256,
    /// Marginal charge when it is the whole portfolio, basis points a year.
    pub penalty_bps: u16,
}

/// Who covers whom in a Class with tranches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cover {
    /// Units that are protected.
    pub protected: Vec<B256>,
    /// Units junior to them.
    pub junior: Vec<B256>,
    /// Worth of the protected tranches.
    pub protected_value: U256,
    /// Worth of the junior tranches.
    pub junior_value: U256,
    /// The junior part that there must be of the two together, basis points.
    pub min_bps: u16,
}

/// How changes are carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Seconds between two slices, at least. With this no less than the time to shutdown, a wrong slice
    /// is stopped before the next.
    pub min_gap: u64,
    /// Largest slice for one Unit; [`U256::MAX`] for any.
    pub max_slice: U256,
    /// What the gas of one slice costs, dollars of 18 decimals.
    pub gas: U256,
    /// Seconds before the end of the horizon at which the last slice is sent.
    pub last_look: u64,
}

impl Default for Pace {
    fn default() -> Self {
        Self { min_gap: 900, max_slice: U256::MAX, gas: U256::ZERO, last_look: 900 }
    }
}

/// The parameters of a Prime's public base strategy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mandate {
    /// What drawn USDS costs, basis points a year.
    pub funding_bps: u16,
    /// What risk capital must earn, basis points a year.
    pub capital_bps: u16,
    /// Marginal charge when one Unit is the whole portfolio, basis points a year.
    pub concentration_bps: u16,
    /// One-off cost of entering, basis points.
    pub entry_cost_bps: u16,
    /// One-off cost of leaving, basis points.
    pub exit_cost_bps: u16,
    /// Days over which one-off costs are written off.
    pub hold_days: u32,
    /// Risk capital that may be used; [`U256::MAX`] for no bound. The risk framework aims at nine tenths
    /// of what there is.
    pub risk_capital: U256,
    /// What the Prime must still be able to pay afterwards: USDS and USDC that it holds, and USDS that it
    /// may draw.
    pub reserve: U256,
    /// What concentration is measured against. Less than what is held counts as what is held.
    pub portfolio: U256,
    /// Caps and penalties.
    pub groups: Vec<Group>,
    /// Epochs that settle within the horizon. With two or more, what leaves pays for what enters.
    pub epochs: u32,
    /// How changes are carried out.
    pub pace: Pace,
}

impl Default for Mandate {
    fn default() -> Self {
        Self {
            funding_bps: 0,
            capital_bps: 0,
            concentration_bps: 0,
            entry_cost_bps: 0,
            exit_cost_bps: 0,
            hold_days: 365,
            risk_capital: U256::MAX,
            reserve: U256::ZERO,
            portfolio: U256::ZERO,
            groups: Vec::new(),
            epochs: 1,
            pace: Pace::default(),
        }
    }
}

impl Mandate {
    /// Net yield of a dollar in a Unit, millionths a year: what it earns less what the dollar and the risk
    /// capital behind it cost (the latter rounded up).
    pub fn net_yield(&self, terms: &Terms) -> i64 {
        let capital = u64::from(self.capital_bps) * u64::from(terms.capital_ratio_bps);
        let capital = i64::try_from(capital.div_ceil(100)).unwrap_or(i64::MAX);
        (i64::from(terms.yield_bps) - i64::from(self.funding_bps)) * 100 - capital
    }

    /// A one-off cost as millionths a year over the holding period, rounded up.
    pub fn written_off(&self, cost_bps: u16) -> u32 {
        let days = u64::from(self.hold_days.max(1));
        let yearly = (u64::from(cost_bps) * 100 * 365).div_ceil(days);
        u32::try_from(yearly).unwrap_or(u32::MAX)
    }
}

/// Everything that a base strategy decides from.
#[derive(Clone, Copy, Debug)]
pub struct Portfolio<'a> {
    /// Unix seconds.
    pub now: u64,
    /// End of the horizon: the lock, or the end of the day.
    pub until: u64,
    /// The Prime.
    pub prime: &'a PrimeView,
    /// Units, in any order.
    pub holdings: &'a [Holding],
    /// Tranches.
    pub covers: &'a [Cover],
}

impl<'a> Portfolio<'a> {
    /// The holdings by id, each Unit once.
    pub fn sorted(&self) -> Vec<&'a Holding> {
        let mut holdings: Vec<_> = self.holdings.iter().collect();
        holdings.sort_by_key(|holding| holding.unit.id);
        holdings.dedup_by_key(|holding| holding.unit.id);
        holdings
    }

    /// What the Prime owns less what its vault owes, dollars of 18 decimals.
    ///
    /// # Errors
    /// [`OutOfRange`] if it does not fit.
    pub fn equity(&self) -> Result<I256, OutOfRange> {
        let mut owned =
            add(self.prime.usds_held, mul(self.prime.usdc_held, super::allocate::USDC_TO_USDS)?)?;
        for holding in self.sorted() {
            owned = add(owned, holding.money(holding.worth()?)?)?;
        }
        let signed = |amount: U256| I256::try_from(amount).map_err(|_| OutOfRange);
        signed(owned)?.checked_sub(signed(self.prime.ceiling.debt)?).ok_or(OutOfRange)
    }
}
