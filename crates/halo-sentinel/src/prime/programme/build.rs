//! From what the chain shows to the programme.
//!
//! Limits count over the horizon: what a limit holds now and what it refills until the last slice, as
//! far as slices that keep their distance can take it. Everything is rounded so that the programme
//! allows no more than the chain.

use super::{Counts, MAX_MONEY, PPM, Penalty, Programme, Room, Row, Target};
use crate::{
    math::{BPS, OutOfRange, WAD, add, mul, mul_div, mul_div_up},
    prime::{
        allocate::{Binding, USDC_TO_USDS},
        portfolio::{Cover, Holding, Mandate, Portfolio},
        view::{MintCeiling, PrimeView},
    },
    rate_limit::RateLimit,
    view::UnitState,
};
use alloy_primitives::{B256, U256};
use std::collections::BTreeSet;

/// When slices are sent within a horizon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first slice.
    pub from: u64,
    /// The last one.
    pub to: u64,
    /// Seconds between two, at least.
    pub gap: u64,
}

impl Span {
    /// The slices of `mandate` over a horizon.
    pub fn new(portfolio: &Portfolio<'_>, mandate: &Mandate) -> Self {
        let Portfolio { now, until, .. } = *portfolio;
        let to = until.saturating_sub(mandate.pace.last_look).max(now);
        Self { from: now, to, gap: mandate.pace.min_gap.max(1) }
    }

    fn seconds(&self) -> u64 {
        self.to.saturating_sub(self.from)
    }

    /// Most slices after the first.
    fn more(&self) -> u64 {
        self.seconds() / self.gap
    }
}

/// The most that slices can take of a limit: what it holds, and what it refills between them without ever
/// holding more than its maximum.
pub fn reach(limit: &RateLimit, span: &Span) -> U256 {
    let refill = limit.slope.saturating_mul(U256::from(span.seconds()));
    let most = limit.max_amount.saturating_mul(U256::from(span.more()));
    limit.current(span.from).saturating_add(refill.min(most))
}

/// The most that slices can draw under a debt ceiling: what it leaves, and `gap` for each later raise.
pub fn ceiling_reach(ceiling: &MintCeiling, span: &Span) -> U256 {
    let first = ceiling.headroom(span.from);
    let most = ceiling.line.max(ceiling.ceiling).saturating_sub(ceiling.debt);
    let every = ceiling.ttl.max(span.gap);
    // A raise now, for the first slice, puts the next one a ttl off; a ceiling that was never raised
    // may be at any time.
    let raised_now = first > ceiling.ceiling.saturating_sub(ceiling.debt);
    let next = match (raised_now, ceiling.raised_at) {
        (true, _) => span.from.saturating_add(ceiling.ttl),
        (false, 0) => span.from,
        (false, raised_at) => raised_at.saturating_add(ceiling.ttl),
    };
    let next = next.max(span.from.saturating_add(span.gap));
    let raises = span.to.checked_sub(next).map_or(0, |rest| rest / every + 1);
    let more = ceiling.gap.saturating_mul(U256::from(raises));
    first.saturating_add(more).min(most.max(first))
}

/// The programme of a Prime.
///
/// # Errors
/// [`OutOfRange`] if a view holds numbers outside the range for which Units are made.
pub fn build(portfolio: &Portfolio<'_>, mandate: &Mandate) -> Result<Programme, OutOfRange> {
    let holdings = portfolio.sorted();
    let span = Span::new(portfolio, mandate);
    let shared: BTreeSet<B256> =
        portfolio.covers.iter().flat_map(|cover| cover.protected.iter().copied()).collect();
    let mut targets = Vec::with_capacity(holdings.len());
    for holding in &holdings {
        let is_covered = shared.contains(&holding.unit.id);
        targets.push(target(portfolio, mandate, holding, &span, is_covered)?);
    }
    let counts = if mandate.epochs > 1 { Counts::Change } else { Counts::Entries };
    let mut rows = funds(portfolio.prime, mandate, &holdings, &span, counts)?;
    rows.extend(capital(mandate, &holdings, &targets, counts)?);
    rows.extend(groups(mandate, &holdings, &targets, counts)?);
    for cover in portfolio.covers {
        match covered(cover, &targets)? {
            Ok(row) => rows.push(row),
            // Short of cover already: the Book lets nobody in.
            Err(places) => {
                for at in places {
                    targets[at].entry = Room { amount: U256::ZERO, by: Binding::Cover };
                }
            }
        }
    }
    let held = targets.iter().try_fold(U256::ZERO, |sum, target| add(sum, target.held))?;
    Ok(Programme {
        penalties: penalties(mandate, &holdings),
        portfolio: mandate.portfolio.min(MAX_MONEY).max(held),
        targets,
        rows,
    })
}

/// The narrowest of several limits; the first where two are the same.
fn narrowest(rooms: impl IntoIterator<Item = (Binding, U256)>) -> Room {
    let widest = Room { amount: MAX_MONEY, by: Binding::Appetite };
    rooms.into_iter().fold(
        widest,
        |least, (by, amount)| {
            if amount < least.amount { Room { amount, by } } else { least }
        },
    )
}

fn target(
    portfolio: &Portfolio<'_>,
    mandate: &Mandate,
    holding: &Holding,
    span: &Span,
    is_covered: bool,
) -> Result<Target, OutOfRange> {
    let Holding { unit, stake, exit, validation, terms } = holding;
    let price = unit.price()?;
    let gate = |open: bool| if open { U256::MAX } else { U256::ZERO };
    let takes = unit.state == UnitState::Active && portfolio.now <= unit.subscribe_until;
    let epochs = U256::from(mandate.epochs);
    let queued = price.assets(unit.redeem.total)?;
    let epoch_in = unit.epoch_subscribe_cap.saturating_mul(epochs).saturating_add(queued);
    let is_payable = unit.asset == portfolio.prime.usds || unit.asset == portfolio.prime.usdc;
    let headroom = if is_covered { U256::MAX } else { unit.subscribe_headroom };
    let entries = [
        (Binding::NotOnboarded, gate(validation.is_onboarded() && takes)),
        (Binding::NotEntrant, gate(stake.is_entrant)),
        (Binding::OwnFunds, gate(is_payable)),
        (Binding::DepositLimit, reach(&stake.deposit_limit, span)),
        (Binding::UnitCap, unit.cap_headroom()?.saturating_sub(stake.pending)),
        (Binding::EpochCap, epoch_in.saturating_sub(stake.pending)),
        (Binding::Cover, headroom.saturating_sub(stake.pending)),
    ];
    let slices = U256::from(span.more()).saturating_add(U256::ONE);
    let paced = mandate.pace.max_slice.saturating_mul(slices);
    let money = |(by, assets): (Binding, U256)| {
        (by, holding.money(assets).unwrap_or(MAX_MONEY).min(MAX_MONEY))
    };
    let mut entry = narrowest(entries.map(money));
    if paced < entry.amount {
        entry = Room { amount: paced, by: Binding::Appetite };
    }
    let epoch_out = unit.epoch_redeem_cap.saturating_mul(epochs);
    let epoch_out = epoch_out.saturating_add(unit.subscribe.total);
    let waiting = price.assets(exit.pending_shares)?;
    let exits = [
        (Binding::NotOnboarded, gate(unit.state.settles())),
        (Binding::Holding, price.assets(stake.shares)?),
        (Binding::RedeemLimit, reach(&stake.redeem_limit, span)),
        (Binding::EpochCap, epoch_out.saturating_sub(waiting)),
        (Binding::Cover, unit.redeem_headroom.saturating_sub(waiting)),
    ];
    // Tout is a cost of entering a Unit in USDC: own USDC could be sold for as much.
    let fee_bps = if unit.asset == portfolio.prime.usdc { fee(portfolio.prime, BPS)? } else { 0 };
    let entry_bps = u64::from(mandate.entry_cost_bps).saturating_add(fee_bps);
    let entry_bps = u16::try_from(entry_bps).unwrap_or(u16::MAX);
    Ok(Target {
        id: unit.id,
        held: holding.money(holding.worth()?)?.min(MAX_MONEY),
        entry,
        exit: narrowest(exits.map(money)),
        net: mandate.net_yield(terms),
        entry_cost: mandate.written_off(entry_bps),
        exit_cost: mandate.written_off(mandate.exit_cost_bps),
    })
}

/// What the PSM charges for USDC, in parts of `one`, rounded up; nothing where it sells none.
fn fee(prime: &PrimeView, one: U256) -> Result<u64, OutOfRange> {
    if prime.psm.is_halted {
        return Ok(0);
    }
    Ok(mul_div_up(prime.psm.fee, one, WAD)?.saturating_to())
}

/// USDS and USDC that can be paid within the horizon.
fn funds(
    prime: &PrimeView,
    mandate: &Mandate,
    holdings: &[&Holding],
    span: &Span,
    counts: Counts,
) -> Result<Vec<Row>, OutOfRange> {
    let places = |asset| {
        let of_asset = holdings.iter().enumerate().filter(move |(_, h)| h.unit.asset == asset);
        of_asset.map(|(at, _)| at).collect::<Vec<_>>()
    };
    let (usds, usdc) = (places(prime.usds), places(prime.usdc));
    let mint = narrowest([
        (Binding::MintLimit, reach(&prime.mint_limit, span)),
        (Binding::MintCeiling, ceiling_reach(&prime.ceiling, span)),
    ]);
    let dry = prime.psm.is_halted;
    let swap = narrowest([
        (Binding::SwapLimit, reach(&prime.swap_limit, span).saturating_mul(USDC_TO_USDS)),
        (
            Binding::PsmLiquidity,
            if dry { U256::ZERO } else { prime.psm.usdc.saturating_mul(USDC_TO_USDS) },
        ),
    ]);
    let own_usdc = mul(prime.usdc_held, USDC_TO_USDS)?.min(MAX_MONEY);
    let spendable = prime.usds_held.min(MAX_MONEY).saturating_add(mint.amount);
    let mut rows = Vec::new();
    let mut row = |by, weights: Vec<(usize, i64)>, room: U256| {
        if !weights.is_empty() {
            let (excess, excess_cost) = (U256::ZERO, 0);
            rows.push(Row { by, of: None, counts, weights, room, excess, excess_cost });
        }
    };
    let whole = |places: &[usize]| places.iter().map(|at| (*at, PPM)).collect::<Vec<_>>();
    row(swap.by, whole(&usdc), own_usdc.saturating_add(swap.amount));
    row(mint.by, whole(&usds), spendable);
    // With u = max(0, Σ usdc − own) bought at 1 + fee, what is left is
    //   spendable − Σ usds − (1 + fee)·u + max(0, own − Σ usdc),
    // the smaller of two lines. Both must leave the reserve.
    let rate = i64::try_from(fee(prime, U256::from(PPM))?).map_err(|_| OutOfRange)?;
    let rate = PPM.checked_add(rate).ok_or(OutOfRange)?;
    let rates = if rate == PPM { vec![PPM] } else { vec![PPM, rate] };
    for rate in rates {
        let own = mul_div(own_usdc, U256::from(rate), U256::from(PPM))?;
        let mut weights = whole(&usds);
        weights.extend(usdc.iter().map(|at| (*at, rate)));
        weights.sort_unstable();
        row(mint.by, weights, add(spendable, own)?.saturating_sub(mandate.reserve));
    }
    Ok(rows)
}

/// Σ capital ratio · held ≤ risk capital.
fn capital(
    mandate: &Mandate,
    holdings: &[&Holding],
    targets: &[Target],
    counts: Counts,
) -> Result<Option<Row>, OutOfRange> {
    if mandate.risk_capital == U256::MAX {
        return Ok(None);
    }
    let mut used = U256::ZERO;
    let mut weights = Vec::new();
    for (at, (holding, target)) in holdings.iter().zip(targets).enumerate() {
        let ratio = holding.terms.capital_ratio_bps;
        used = add(used, mul_div_up(target.held, U256::from(ratio), BPS)?)?;
        if ratio > 0 {
            weights.push((at, i64::from(ratio) * 100));
        }
    }
    Ok(Some(Row {
        by: Binding::RiskCapital,
        of: None,
        counts,
        weights,
        room: mandate.risk_capital.saturating_sub(used).min(MAX_MONEY),
        excess: U256::ZERO,
        excess_cost: 0,
    }))
}

fn members(holdings: &[&Holding], group: B256) -> Vec<usize> {
    let in_group = |holding: &Holding| holding.terms.groups.contains(&group);
    let members = holdings.iter().enumerate().filter(|(_, holding)| in_group(holding));
    members.map(|(at, _)| at).collect()
}

/// Caps by class, counterparty and category. What is beyond one already is backed in full.
fn groups(
    mandate: &Mandate,
    holdings: &[&Holding],
    targets: &[Target],
    counts: Counts,
) -> Result<Vec<Row>, OutOfRange> {
    let mut rows = Vec::new();
    for group in mandate.groups.iter().filter(|group| group.cap != U256::MAX) {
        let places = members(holdings, group.id);
        let mut held = U256::ZERO;
        for target in places.iter().filter_map(|at| targets.get(*at)) {
            held = add(held, target.held)?;
        }
        if places.is_empty() {
            continue;
        }
        rows.push(Row {
            by: Binding::GroupCap,
            of: Some(group.id),
            counts,
            weights: places.into_iter().map(|at| (at, PPM)).collect(),
            room: group.cap.saturating_sub(held).min(MAX_MONEY),
            excess: held.saturating_sub(group.cap).min(MAX_MONEY),
            excess_cost: u32::from(mandate.capital_bps) * 100,
        });
    }
    Ok(rows)
}

fn penalties(mandate: &Mandate, holdings: &[&Holding]) -> Vec<Penalty> {
    let alone = (0..holdings.len()).map(|at| (vec![at], mandate.concentration_bps));
    let groups = mandate.groups.iter().map(|g| (members(holdings, g.id), g.penalty_bps));
    alone
        .chain(groups)
        .filter(|(members, bps)| !members.is_empty() && *bps > 0)
        .map(|(members, bps)| Penalty { members, weight: u32::from(bps) * 100 })
        .collect()
}

/// junior ≥ min · (junior + protected) after the change, or the protected targets where it does not hold now.
fn covered(cover: &Cover, targets: &[Target]) -> Result<Result<Row, Vec<usize>>, OutOfRange> {
    let places = |ids: &[B256]| {
        let places = ids.iter().filter_map(|id| targets.iter().position(|t| t.id == *id));
        places.collect::<Vec<_>>()
    };
    let (protected, junior) = (places(&cover.protected), places(&cover.junior));
    let min = U256::from(cover.min_bps).min(BPS);
    let has = mul_div(cover.junior_value, BPS - min, BPS)?;
    let needs = mul_div_up(cover.protected_value, min, BPS)?;
    let Some(room) = has.checked_sub(needs) else { return Ok(Err(protected)) };
    let min = i64::from(cover.min_bps.min(10_000)) * 100;
    let weights = protected.iter().map(|at| (*at, min));
    let weights = weights.chain(junior.iter().map(|at| (*at, min - PPM)));
    let mut weights: Vec<_> = weights.filter(|(_, weight)| *weight != 0).collect();
    weights.sort_unstable();
    weights.dedup_by_key(|(at, _)| *at);
    Ok(Ok(Row {
        by: Binding::Cover,
        of: cover.protected.iter().min().copied(),
        counts: Counts::Change,
        weights,
        room: room.min(MAX_MONEY),
        excess: U256::ZERO,
        excess_cost: 0,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Slices at every gap and at the end.
    fn times(span: &Span) -> impl Iterator<Item = u64> + '_ {
        let regular = (0..span.more()).map(|n| span.from + n * span.gap);
        let last = (span.to > span.from && span.more() > 0).then_some(span.to);
        regular.chain(last).chain((span.more() == 0).then_some(span.from))
    }

    fn spans() -> impl Strategy<Value = Span> {
        (0_u64..100_000, 1_u64..20_000).prop_map(|(seconds, gap)| Span {
            from: 1_000_000,
            to: 1_000_000 + seconds,
            gap,
        })
    }

    proptest! {
        #[test]
        fn slices_take_all_of_a_limits_reach_and_no_more(
            span in spans(), max in 0_u64..1_000_000, slope in 0_u64..100, last in 0_u64..1_000_000,
        ) {
            let (max, slope) = (U256::from(max), U256::from(slope));
            let mut limit = RateLimit::full(max, slope, span.from - 10);
            limit.last_amount = U256::from(last).min(max);
            let reach = reach(&limit, &span);
            let mut taken = U256::ZERO;
            for at in times(&span) {
                let amount = limit.current(at);
                if limit.decrease(amount, at).is_ok() {
                    taken += amount;
                }
            }
            prop_assert!(taken <= reach, "{} {}", taken, reach);
            // What is beyond a whole number of gaps can only be lost to a limit that was full.
            prop_assert!(reach - taken <= slope * U256::from(span.gap), "{} {}", taken, reach);
        }

        #[test]
        fn slices_draw_no_more_than_a_ceilings_reach(
            span in spans(), debt in 0_u64..1_000, over in 0_u64..500, gap in 0_u64..300,
            more in 0_u64..2_000, ttl in 1_u64..50_000, age in 0_u64..60_000, never in any::<bool>(),
        ) {
            let mut ceiling = MintCeiling {
                debt: U256::from(debt),
                ceiling: U256::from(debt + over),
                line: U256::from(debt + more),
                gap: U256::from(gap),
                ttl,
                raised_at: if never { 0 } else { span.from - age },
            };
            let reach = ceiling_reach(&ceiling, &span);
            let mut drawn = U256::ZERO;
            for at in times(&span) {
                let amount = ceiling.headroom(at);
                ceiling.draw(amount, at).unwrap();
                drawn += amount;
            }
            prop_assert!(drawn <= reach, "{} {}", drawn, reach);
            prop_assert!(ceiling.debt <= ceiling.line.max(ceiling.ceiling));
        }
    }

    #[test]
    fn a_ceiling_reaches_one_gap_per_ttl() {
        let day = 86_400;
        let million = U256::from(1_000_000);
        let ceiling = MintCeiling {
            debt: million,
            ceiling: million + million,
            line: million * U256::from(10),
            gap: million,
            ttl: day,
            raised_at: 1_000_000,
        };
        let days = |days: u64| {
            let span = Span { from: 1_000_000, to: 1_000_000 + days * day, gap: 900 };
            ceiling_reach(&ceiling, &span) / million
        };
        let reached: Vec<U256> = [0, 1, 2, 30].into_iter().map(days).collect();
        assert_eq!(reached, [1, 2, 3, 9].map(U256::from), "the line ends it");
    }
}
