//! stl-warden: goes through base's acts one by one on its own books and refuses the first that
//! breaks a bound. It shares no arithmetic with the allocation but the models of the limits.

use super::{
    allocate::{Binding, usds_for},
    execute::Act,
    view::Case,
};
use crate::{
    math::{OutOfRange, add},
    rate_limit::RateLimit,
    view::UnitState,
};
use alloy_primitives::{Address, U256};

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

/// Checks `acts` against `case`.
///
/// # Errors
/// The first [`Breach`].
pub fn review(case: &Case<'_>, acts: &[Act]) -> Result<(), Breach> {
    let mut books = Books::open(case);
    for (at, act) in acts.iter().enumerate() {
        match *act {
            Act::MintUsds { amount } => books.mint(at, amount)?,
            Act::SwapUsdsToUsdc { usdc } => books.swap(at, usdc)?,
            Act::RequestDeposit { unit, amount } => books.request(at, unit, amount)?,
            Act::ClaimDeposit { unit } => books.same_unit(at, unit)?,
        }
    }
    let idle = books.minted.min(books.usds);
    if idle.is_zero() { Ok(()) } else { Err(Breach::IdleDraw { amount: idle }) }
}

/// What the Prime would hold and could still do after each act.
struct Books<'a> {
    case: &'a Case<'a>,
    usds: U256,
    usdc: U256,
    minted: U256,
    bought: U256,
    requested: U256,
    mint_limit: RateLimit,
    swap_limit: RateLimit,
    deposit_limit: RateLimit,
}

impl<'a> Books<'a> {
    fn open(case: &'a Case<'a>) -> Self {
        let prime = case.prime;
        Self {
            case,
            usds: prime.usds_held,
            usdc: prime.usdc_held,
            minted: U256::ZERO,
            bought: U256::ZERO,
            requested: U256::ZERO,
            mint_limit: prime.mint_limit,
            swap_limit: prime.swap_limit,
            deposit_limit: case.stake.deposit_limit,
        }
    }

    fn mint(&mut self, act: usize, amount: U256) -> Result<(), Breach> {
        take(&mut self.mint_limit, act, Binding::MintLimit, amount, self.case.now)?;
        self.minted = add(self.minted, amount)?;
        let headroom = self.case.prime.ceiling.headroom(self.case.now);
        within(act, Binding::MintCeiling, self.minted, headroom)?;
        self.usds = add(self.usds, amount)?;
        Ok(())
    }

    fn swap(&mut self, act: usize, usdc: U256) -> Result<(), Breach> {
        let psm = &self.case.prime.psm;
        take(&mut self.swap_limit, act, Binding::SwapLimit, usdc, self.case.now)?;
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
        self.same_unit(act, unit)?;
        let Case { now, prime, unit, stake, appetite, validation } = *self.case;
        let gate =
            |bound, open| within(act, bound, amount, if open { U256::MAX } else { U256::ZERO });
        let takes = unit.state == UnitState::Active && now <= unit.subscribe_until;
        gate(Binding::NotOnboarded, validation.is_onboarded() && takes)?;
        gate(Binding::QueueLocked, !unit.is_locked)?;
        gate(Binding::NotEntrant, stake.is_entrant)?;
        gate(Binding::MinEntry, amount >= unit.min_subscribe && !amount.is_zero())?;
        take(&mut self.deposit_limit, act, Binding::DepositLimit, amount, now)?;

        self.requested = add(self.requested, amount)?;
        let price = unit.price()?;
        let size = price.assets(unit.total_supply)?;
        within(act, Binding::UnitCap, self.requested, unit.cap.saturating_sub(size))?;
        let shares = price.assets(add(stake.shares, stake.claimable)?)?;
        let position = add(add(shares, stake.pending)?, self.requested)?;
        within(act, Binding::Appetite, position, appetite.target)?;

        let mut nothing = U256::ZERO;
        let purse = if unit.asset == prime.usds {
            &mut self.usds
        } else if unit.asset == prime.usdc {
            &mut self.usdc
        } else {
            &mut nothing
        };
        within(act, Binding::OwnFunds, amount, *purse)?;
        *purse -= amount;
        Ok(())
    }

    fn same_unit(&self, act: usize, unit: Address) -> Result<(), Breach> {
        if unit == self.case.unit.unit { Ok(()) } else { Err(Breach::OtherUnit { act, unit }) }
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
