//! A Prime as the chain shows it at one block.

use super::{allocate::Appetite, onboarding::Validation};
use crate::{
    math::{OutOfRange, add},
    rate_limit::RateLimit,
    view::UnitView,
};
use alloy_primitives::{Address, B256, U256};

/// What bounds the USDS that a Prime may draw: the debt ceiling of its allocator vault, which the
/// auto-line raises to the debt plus `gap`, at most to `line`, once per `ttl`. USDS wei.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MintCeiling {
    /// Debt with the fee up to now.
    pub debt: U256,
    /// The ceiling in force.
    pub ceiling: U256,
    /// The most that the ceiling may ever be.
    pub line: U256,
    /// How far above the debt the ceiling is set.
    pub gap: U256,
    /// Seconds between two raises.
    pub ttl: u64,
    /// When the ceiling was last raised, 0 for never.
    pub raised_at: u64,
}

impl MintCeiling {
    /// What may be drawn at `now`, after the auto-line had its turn.
    pub fn headroom(&self, now: u64) -> U256 {
        self.ceiling_at(now, self.debt).saturating_sub(self.debt)
    }

    /// The most that may be drawn from `now` to `until`, drawing everything at both ends.
    pub fn over(&self, now: u64, until: u64) -> U256 {
        let first = self.headroom(now);
        let raised = self.ceiling_at(now, self.debt) > self.ceiling;
        let after = Self {
            ceiling: self.ceiling_at(now, self.debt),
            debt: self.debt.saturating_add(first),
            raised_at: if raised { now } else { self.raised_at },
            ..*self
        };
        if until > now { first.saturating_add(after.headroom(until)) } else { first }
    }

    /// Draws `amount` at `now`, after the auto-line had its turn.
    ///
    /// # Errors
    /// [`OutOfRange`] if more is drawn than the ceiling leaves.
    pub fn draw(&mut self, amount: U256, now: u64) -> Result<(), OutOfRange> {
        let ceiling = self.ceiling_at(now, self.debt);
        let debt = add(self.debt, amount)?;
        if debt > ceiling && !amount.is_zero() {
            return Err(OutOfRange);
        }
        if ceiling > self.ceiling {
            self.raised_at = now;
        }
        (self.ceiling, self.debt) = (ceiling, debt);
        Ok(())
    }

    fn ceiling_at(&self, now: u64, debt: U256) -> U256 {
        let next = debt.saturating_add(self.gap).min(self.line);
        let waited = self.raised_at == 0 || now >= self.raised_at.saturating_add(self.ttl);
        if next > self.ceiling && !waited { self.ceiling } else { next }
    }
}

/// What the PSM can give for USDS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PsmView {
    /// USDC in its pocket, 6 decimals.
    pub usdc: U256,
    /// Fee for buying USDC, in WAD of the amount.
    pub fee: U256,
    /// Buying USDC is switched off.
    pub is_halted: bool,
}

/// A Prime at one block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PrimeView {
    /// primeId
    pub id: B256,
    /// ALMProxy: holds everything.
    pub proxy: Address,
    /// Takes the calls.
    pub controller: Address,
    /// USDS token.
    pub usds: Address,
    /// USDC token.
    pub usdc: Address,
    /// USDS in the proxy, in wei.
    pub usds_held: U256,
    /// USDC in the proxy, 6 decimals.
    pub usdc_held: U256,
    /// LIMIT_USDS_MINT, 18 decimals.
    pub mint_limit: RateLimit,
    /// LIMIT_USDS_TO_USDC, 6 decimals.
    pub swap_limit: RateLimit,
    /// The allocator vault.
    pub ceiling: MintCeiling,
    /// The PSM.
    pub psm: PsmView,
}

/// What a Prime has to do with one Unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stake {
    /// Whether the Unit takes this Prime's entries.
    pub is_entrant: bool,
    /// LIMIT_7540_DEPOSIT over (asset, unit), in assets.
    pub deposit_limit: RateLimit,
    /// LIMIT_7540_REDEEM over (unit), in assets.
    pub redeem_limit: RateLimit,
    /// LIMIT_LCTS_EXIT over (unit): a gate, only its existence counts.
    pub exit_limit: RateLimit,
    /// Assets that wait in the subscribe queue.
    pub pending: U256,
    /// Shares that were settled and not claimed.
    pub claimable: U256,
    /// Shares in the proxy.
    pub shares: U256,
}

/// Everything that a decision is taken from.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// Unix seconds.
    pub now: u64,
    /// The Prime.
    pub prime: &'a PrimeView,
    /// The Unit.
    pub unit: &'a UnitView,
    /// What the Prime has to do with it.
    pub stake: &'a Stake,
    /// What the Prime wants.
    pub appetite: &'a Appetite,
    /// Whether the Unit is a deployment target.
    pub validation: &'a Validation,
}
