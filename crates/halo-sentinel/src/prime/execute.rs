//! stl-base's execution: an allocation as ordered acts of the Prime's own Controller.

use super::{
    allocate::{Allocation, usds_for},
    view::{PrimeView, Stake},
};
use crate::{math::OutOfRange, view::UnitView};
use alloy_primitives::{Address, U256};

/// One call to the Prime's Controller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// `usds_mint`
    MintUsds {
        /// USDS wei.
        amount: U256,
    },
    /// `psm_swapUSDSToUSDC`
    SwapUsdsToUsdc {
        /// USDC bought, 6 decimals.
        usdc: U256,
    },
    /// `erc7540_requestDeposit`
    RequestDeposit {
        /// The Unit.
        unit: Address,
        /// In the Unit's asset.
        amount: U256,
    },
    /// `erc7540_claimDeposit`
    ClaimDeposit {
        /// The Unit.
        unit: Address,
    },
    /// `erc7540_requestRedeem`
    RequestRedeem {
        /// The Unit.
        unit: Address,
        /// Shares, 18 decimals.
        shares: U256,
    },
    /// `erc7540_claimRedeem`
    ClaimRedeem {
        /// The Unit.
        unit: Address,
    },
}

/// What carries out `allocation`: draws and converts only what the Prime does not hold.
///
/// # Errors
/// [`OutOfRange`] if a view holds numbers outside the range for which Units are made.
pub fn execute(
    prime: &PrimeView,
    unit: &UnitView,
    allocation: &Allocation,
) -> Result<Vec<Act>, OutOfRange> {
    let amount = allocation.chosen;
    if amount.is_zero() {
        return Ok(Vec::new());
    }
    let usdc =
        if unit.asset == prime.usdc { amount.saturating_sub(prime.usdc_held) } else { U256::ZERO };
    let usds = if unit.asset == prime.usds {
        amount
    } else if usdc.is_zero() {
        U256::ZERO
    } else {
        usds_for(usdc, prime.psm.fee)?
    };
    let drawn = usds.saturating_sub(prime.usds_held);

    let mut acts = Vec::new();
    if !drawn.is_zero() {
        acts.push(Act::MintUsds { amount: drawn });
    }
    if !usdc.is_zero() {
        acts.push(Act::SwapUsdsToUsdc { usdc });
    }
    acts.push(Act::RequestDeposit { unit: unit.unit, amount });
    Ok(acts)
}

/// What takes home the shares of past settlements.
pub fn claim(unit: &UnitView, stake: &Stake) -> Option<Act> {
    (!stake.claimable.is_zero()).then_some(Act::ClaimDeposit { unit: unit.unit })
}
