//! stl-base's allocation: what a Prime wants of a Unit, what each limit allows, what it takes.
//! All amounts are in the Unit's asset, each limit converted down.

use super::view::{Case, PrimeView, Stake};
use crate::{
    lcts::queue::MAX_UNDERLYING,
    math::{BPS, OutOfRange, WAD, add, mul_div, mul_div_up},
    view::{UnitState, UnitView},
};
use alloy_primitives::{U256, uint};

/// USDS wei in the smallest unit of USDC.
pub const USDC_TO_USDS: U256 = uint!(1_000_000_000_000_U256);

/// What can stop a Prime from allocating more. Where two allow the same, the earlier one is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Binding {
    /// Nothing: it takes what it wants.
    Appetite,
    /// The Unit is no deployment target, or takes no entries now.
    NotOnboarded,
    /// The Unit takes no entries until its epoch is settled.
    QueueLocked,
    /// The Unit does not take entries from this Prime.
    NotEntrant,
    /// LIMIT_7540_DEPOSIT of the Prime.
    DepositLimit,
    /// Room below the Unit's cap.
    UnitCap,
    /// Room below what a queue can hold.
    QueueFull,
    /// LIMIT_USDS_MINT of the Prime, beyond the USDS that it holds.
    MintLimit,
    /// Debt ceiling of the allocator vault, beyond the USDS that it holds.
    MintCeiling,
    /// LIMIT_USDS_TO_USDC of the Prime, beyond the USDC that it holds.
    SwapLimit,
    /// USDC in the PSM's pocket, beyond the USDC that it holds.
    PsmLiquidity,
    /// The Prime cannot make this asset and holds no more of it.
    OwnFunds,
    /// What is left is less than the Unit's smallest entry.
    MinEntry,
    /// What the Unit's epochs let in or out.
    EpochCap,
    /// What is junior to the Unit, against what it must be.
    Cover,
    /// LIMIT_7540_REDEEM of the Prime.
    RedeemLimit,
    /// It has no more shares to give back.
    Holding,
    /// Risk capital of the Prime.
    RiskCapital,
    /// Cap on a class, a counterparty or a category.
    GroupCap,
}

impl Binding {
    /// The name used in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Appetite => "Appetite",
            Self::NotOnboarded => "NotOnboarded",
            Self::QueueLocked => "QueueLocked",
            Self::NotEntrant => "NotEntrant",
            Self::DepositLimit => "DepositLimit",
            Self::UnitCap => "UnitCap",
            Self::QueueFull => "QueueFull",
            Self::MintLimit => "MintLimit",
            Self::MintCeiling => "MintCeiling",
            Self::SwapLimit => "SwapLimit",
            Self::PsmLiquidity => "PsmLiquidity",
            Self::OwnFunds => "OwnFunds",
            Self::MinEntry => "MinEntry",
            Self::EpochCap => "EpochCap",
            Self::Cover => "Cover",
            Self::RedeemLimit => "RedeemLimit",
            Self::Holding => "Holding",
            Self::RiskCapital => "RiskCapital",
            Self::GroupCap => "GroupCap",
        }
    }
}

impl std::fmt::Display for Binding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

/// How much of a Unit a Prime wants to hold, in assets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Appetite {
    /// Position aimed at: shares, what is settled and what waits.
    pub target: U256,
}

impl Appetite {
    /// A weight of `bps` in a portfolio worth `portfolio` assets, floor.
    ///
    /// # Errors
    /// [`OutOfRange`] if it does not fit.
    pub fn of_portfolio(portfolio: U256, bps: u16) -> Result<Self, OutOfRange> {
        Ok(Self { target: mul_div(portfolio, U256::from(bps), BPS)? })
    }
}

/// What one limit allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowed {
    /// Which.
    pub by: Binding,
    /// Now, in assets.
    pub now: U256,
    /// From now to the end of the span that was asked about, in assets.
    pub over_span: U256,
}

/// What a Prime takes, and why not more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allocation {
    /// Short of its target by so much.
    pub wanted: U256,
    /// Every limit that was looked at.
    pub allowed: Vec<Allowed>,
    /// What it takes now; zero or at least the Unit's smallest entry.
    pub chosen: U256,
    /// What decided `chosen`.
    pub bound: Binding,
    /// What it can take in the whole span, in several requests.
    pub over_span: U256,
    /// What decided `over_span`.
    pub bound_over_span: Binding,
}

impl Allocation {
    /// What `by` allows now; `None` if it does not apply to this Prime and Unit.
    pub fn allowed_by(&self, by: Binding) -> Option<U256> {
        self.allowed.iter().find(|allowed| allowed.by == by).map(|allowed| allowed.now)
    }
}

/// Allocates at `case.now`; `until` ends the span in which limits refill (the lock, or the day).
///
/// # Errors
/// [`OutOfRange`] if a view holds numbers outside the range for which Units are made.
pub fn allocate(case: &Case<'_>, until: u64) -> Result<Allocation, OutOfRange> {
    let Case { now, prime, unit, stake, appetite, .. } = *case;
    let wanted = appetite.target.saturating_sub(held(unit, stake)?);
    let mut allowed = gates(case);
    let deposit = &stake.deposit_limit;
    allowed.push(Allowed {
        by: Binding::DepositLimit,
        now: deposit.current(now),
        over_span: deposit.over(now, until),
    });
    let room = unit.cap_headroom()?;
    allowed.push(Allowed { by: Binding::UnitCap, now: room, over_span: room });
    // 1e30 base units: worth naming only where it is near.
    let room = MAX_UNDERLYING.saturating_sub(unit.subscribe.total);
    if room < wanted {
        allowed.push(Allowed { by: Binding::QueueFull, now: room, over_span: room });
    }
    allowed.extend(funding(now, until, prime, unit)?);

    let (chosen, bound) = least(wanted, &allowed, |a| a.now, unit.min_subscribe);
    let (over_span, bound_over_span) = least(wanted, &allowed, |a| a.over_span, unit.min_subscribe);
    Ok(Allocation { wanted, allowed, chosen, bound, over_span, bound_over_span })
}

/// What the Prime has of the Unit already, in assets, floor.
pub(super) fn held(unit: &UnitView, stake: &Stake) -> Result<U256, OutOfRange> {
    let shares = add(stake.shares, stake.claimable)?;
    add(unit.price()?.assets(shares)?, stake.pending)
}

/// Conditions that allow everything or nothing.
fn gates(case: &Case<'_>) -> Vec<Allowed> {
    let Case { now, unit, stake, validation, .. } = *case;
    let takes = unit.state == UnitState::Active && now <= unit.subscribe_until;
    let gates = [
        (Binding::NotOnboarded, validation.is_onboarded() && takes, false),
        (Binding::QueueLocked, !unit.is_locked, true),
        (Binding::NotEntrant, stake.is_entrant, false),
    ];
    gates
        .into_iter()
        .filter(|(_, open, _)| !open)
        .map(|(by, _, passes)| {
            let over_span = if passes { U256::MAX } else { U256::ZERO };
            Allowed { by, now: U256::ZERO, over_span }
        })
        .collect()
}

/// What the Prime can pay with: what it holds, what it can draw and, for a Unit in USDC, convert.
fn funding(
    now: u64,
    until: u64,
    prime: &PrimeView,
    unit: &UnitView,
) -> Result<Vec<Allowed>, OutOfRange> {
    let usds = [
        (Binding::MintLimit, prime.mint_limit.current(now), prime.mint_limit.over(now, until)),
        (Binding::MintCeiling, prime.ceiling.headroom(now), prime.ceiling.over(now, until)),
    ]
    .map(|(by, now, over)| {
        let held = prime.usds_held;
        Allowed { by, now: held.saturating_add(now), over_span: held.saturating_add(over) }
    });
    if unit.asset == prime.usds {
        return Ok(usds.to_vec());
    }
    let own = prime.usdc_held;
    if unit.asset != prime.usdc {
        return Ok(vec![Allowed { by: Binding::OwnFunds, now: U256::ZERO, over_span: U256::ZERO }]);
    }
    // Where the PSM sells nothing its fee is no number; its liquidity of zero binds below.
    let fee = if prime.psm.is_halted { U256::ZERO } else { prime.psm.fee };
    let bought = |usds: U256| Ok(own.saturating_add(usdc_for(usds, fee)?));
    let mut allowed = Vec::new();
    for Allowed { by, now, over_span } in usds {
        allowed.push(Allowed { by, now: bought(now)?, over_span: bought(over_span)? });
    }
    allowed.push(Allowed {
        by: Binding::SwapLimit,
        now: own.saturating_add(prime.swap_limit.current(now)),
        over_span: own.saturating_add(prime.swap_limit.over(now, until)),
    });
    let pocket = if prime.psm.is_halted { U256::ZERO } else { prime.psm.usdc };
    let reach = own.saturating_add(pocket);
    allowed.push(Allowed { by: Binding::PsmLiquidity, now: reach, over_span: reach });
    Ok(allowed)
}

/// The least of what is wanted and allowed, and which it was; nothing if below the smallest entry.
fn least(
    wanted: U256,
    allowed: &[Allowed],
    amount: impl Fn(&Allowed) -> U256,
    min_entry: U256,
) -> (U256, Binding) {
    let start = (wanted, Binding::Appetite);
    let (chosen, bound) = allowed.iter().fold(start, |(least, by), next| {
        if amount(next) < least { (amount(next), next.by) } else { (least, by) }
    });
    // A gate that allows nothing is the better explanation than the entry being too small.
    if chosen < min_entry && !chosen.is_zero() {
        (U256::ZERO, Binding::MinEntry)
    } else {
        (chosen, bound)
    }
}

/// USDC (6 decimals) that `usds` wei buy at a `fee` in WAD, floor.
///
/// # Errors
/// [`OutOfRange`] if the fee does not fit.
pub fn usdc_for(usds: U256, fee: U256) -> Result<U256, OutOfRange> {
    Ok(mul_div(usds, WAD, add(WAD, fee)?)? / USDC_TO_USDS)
}

/// USDS wei that `usdc` (6 decimals) cost at a `fee` in WAD, ceiling.
///
/// # Errors
/// [`OutOfRange`] if it does not fit.
pub fn usds_for(usdc: U256, fee: U256) -> Result<U256, OutOfRange> {
    mul_div_up(usdc.checked_mul(USDC_TO_USDS).ok_or(OutOfRange)?, add(WAD, fee)?, WAD)
}
