//! What must hold of one Unit.

use alloy_primitives::U256;

use super::{
    check,
    file::{Seniority, SettlementDays, UnitTable},
    roles,
    spec::{ClassSpec, UnitSpec},
};
use crate::{
    network::Network,
    quantity::{amount, time},
    review::Review,
    text::Text,
};

const HOUR: u32 = 3_600;
const DAY: u32 = 24 * HOUR;
const WEEKEND_REPORT_AGE: u32 = 72 * HOUR;
const MAX_SYMBOL: usize = 12;
const MAX_ENTRANTS: usize = 64;
/// The shortest lock in which a report can be attested and a settlement sent.
const MIN_LOCK: u32 = 15 * 60;

pub(super) fn check(
    table: &UnitTable,
    unit: &UnitSpec,
    class: &ClassSpec,
    network: &Network,
    review: &mut Review,
) {
    symbol(table, unit, network, review);
    yields(table, unit, review);
    capacity(table, unit, class, review);
    lcts(table, unit, class, review);
    access(table, unit, network, review);
    for limit in &unit.limits {
        check::limit(&table.fund_redemption, limit, false, review);
    }
}

fn symbol(table: &UnitTable, unit: &UnitSpec, network: &Network, review: &mut Review) {
    let plain = unit.symbol.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.');
    if unit.symbol.is_empty() || unit.symbol.len() > MAX_SYMBOL || !plain {
        review.error(
            table.symbol.span(),
            "bad-symbol",
            format!("a symbol has 1 to {MAX_SYMBOL} letters, digits, dots and hyphens"),
            "write it as in \"mTBILL\"",
        );
    }
    if network.token(&unit.symbol).is_some() {
        review.error(
            table.symbol.span(),
            "duplicate",
            format!("{} is the symbol of a token of the network", unit.symbol),
            "choose another one: amounts could not be told apart",
        );
    }
}

fn yields(table: &UnitTable, unit: &UnitSpec, review: &mut Review) {
    let protected = matches!(unit.seniority, Seniority::Mezzanine | Seniority::Senior);
    let terms = &table.yields;
    match (&terms.promised, protected) {
        (None, true) => review.error(
            table.seniority.span(),
            "missing-key",
            "a mezzanine or senior Unit needs the rate that it is promised",
            "add promised = \"5.00 %\" under its yields",
        ),
        (Some(text), false) => review.error(
            text.span(),
            "promise-to-equity",
            "this Unit takes what is left, so nothing can be promised to it",
            "remove `promised`",
        ),
        (Some(text), true) if unit.annual_bps > unit.expected_yield_bps => review.warn(
            text.span(),
            "promise-above-yield",
            "more is promised to this Unit than it is expected to earn",
            "the difference would come out of the junior Unit",
        ),
        _ => {}
    }
    if let Some(text) = &terms.min_cover {
        if !protected {
            let help = "remove `min_cover`";
            let message = "nothing is junior to this Unit, so nothing can cover it";
            review.error(text.span(), "cover-of-equity", message, help);
        } else if unit.min_cover_bps >= 10_000 {
            let help = "20 % is usual";
            review.error(text.span(), "out-of-range", "a cover of 100 % leaves no room", help);
        }
    }
}

fn capacity(table: &UnitTable, unit: &UnitSpec, class: &ClassSpec, review: &mut Review) {
    let asset = &class.asset;
    let written = &table.capacity;
    let one = U256::from(10u64).pow(U256::from(asset.decimals));
    if unit.cap > one * U256::from(1_000_000_000_000u64) || unit.cap < one {
        review.error(
            written.cap.span(),
            "out-of-range",
            format!("a cap of {} is not from 1 to 10^12 tokens", amount::format(unit.cap, asset)),
            "check the number of digits",
        );
    }
    if unit.min_subscribe > unit.cap {
        review.error(
            written.cap.span(),
            "cap-below-minimum",
            format!(
                "the cap, {}, is below the least subscription, {}",
                amount::format(unit.cap, asset),
                amount::format(unit.min_subscribe, asset)
            ),
            "raise `cap` or lower `min_subscribe`: nobody could enter",
        );
    }
    if unit.min_subscribe > unit.epoch_subscribe_cap && unit.min_subscribe <= unit.cap {
        review.warn(
            written.subscribe_per_epoch.span(),
            "slow-entry",
            "one settlement takes in less than the least subscription",
            "raise `subscribe_per_epoch` or lower `min_subscribe`",
        );
    }
    // Shares start at one token each and have 18 decimals.
    let scale = U256::from(10u64).pow(U256::from(18 - asset.decimals.min(18)));
    if unit.min_redeem / scale > unit.cap {
        review.error(
            written.min_redeem.span(),
            "cap-below-minimum",
            "the least redemption is larger than the whole Unit",
            "lower `min_redeem`: nobody could leave",
        );
    }
    let wad = U256::from(10u64).pow(U256::from(18));
    let small = [
        (unit.min_subscribe < one, written.min_subscribe.span()),
        (unit.min_redeem < wad, written.min_redeem.span()),
    ];
    for (_, span) in small.into_iter().filter(|(is, _)| *is) {
        let help = "write at least 1: dust in a queue costs gas and rounds badly";
        review.error(span, "out-of-range", "the least request is below one token or share", help);
    }
    let closed = [
        (unit.epoch_subscribe_cap.is_zero(), written.subscribe_per_epoch.span(), "enter"),
        (unit.epoch_redeem_cap.is_zero(), written.redeem_per_epoch.span(), "leave"),
    ];
    for (_, span, what) in closed.into_iter().filter(|(is, ..)| *is) {
        let message = format!("nobody can {what} except against somebody who goes the other way");
        review.warn(span, "closed", message, "give an amount, or \"unlimited\"");
    }
}

fn lcts(table: &UnitTable, unit: &UnitSpec, class: &ClassSpec, review: &mut Review) {
    let written = &table.lcts;
    if unit.min_epoch_gap < HOUR || unit.min_epoch_gap > 7 * DAY {
        review.error(
            written.min_epoch_gap.span(),
            "out-of-range",
            "the time between two locks must be from 1 h to 7 days",
            "20 h is usual: one settlement a day, with room for a late one",
        );
    } else if unit.min_epoch_gap > DAY {
        review.warn(
            written.min_epoch_gap.span(),
            "not-daily",
            "with more than 24 h between two locks the Unit cannot settle every day",
            "20 h is usual",
        );
    }
    if unit.max_lock > DAY || unit.max_lock < MIN_LOCK {
        review.error(
            written.max_lock.span(),
            "out-of-range",
            "the longest lock must be from 15 min to 24 h: nobody's money may be held longer",
            "6 h is usual",
        );
    }
    if unit.min_epoch_gap <= unit.max_lock {
        review.error(
            written.min_epoch_gap.span(),
            "bad-window",
            "the time between two locks is not longer than a lock may last",
            "lengthen it: between two locks there must be time to leave a queue",
        );
    }
    let window = unit.clock.lock_to.checked_sub(unit.clock.lock_from).filter(|w| *w > 0);
    match window {
        None => review.error(
            written.settle_by.span(),
            "bad-window",
            "the settlement must come after the lock, on the same UTC day",
            "13:00 and 16:00 are usual",
        ),
        Some(window) if window > unit.max_lock => review.error(
            written.max_lock.span(),
            "bad-window",
            format!(
                "anyone may unlock after {}, and settlement may come {} after the lock",
                time::format_duration(unit.max_lock),
                time::format_duration(window)
            ),
            "lengthen `max_lock`, or settle earlier",
        ),
        Some(_) => {}
    }
    if unit.settles == SettlementDays::Weekdays && class.book.max_report_age < WEEKEND_REPORT_AGE {
        review.warn(
            written.settles.span(),
            "weekend",
            format!(
                "nothing settles on weekends, but reports expire after {}: the Unit closes for new subscriptions until Monday's",
                time::format_duration(class.book.max_report_age)
            ),
            "write max_report_age = \"72 h\" in [book], or report on weekends too",
        );
    }
}

fn access(table: &UnitTable, unit: &UnitSpec, network: &Network, review: &mut Review) {
    let span = table.access.entrants.span();
    if !unit.open && unit.entrants.is_empty() {
        review.error(
            span,
            "nobody-enters",
            "nobody may enter this Unit",
            "name the Primes that may, such as entrants = [\"spark\", \"grove\"]",
        );
        return;
    }
    if unit.open {
        review.warn(
            table.access.open.span(),
            "open",
            "anyone may enter this Unit: its entrants are not checked",
            "write open = false unless the product is meant for everybody",
        );
    }
    if unit.entrants.len() > MAX_ENTRANTS {
        let message = format!("{} entrants are more than {MAX_ENTRANTS}", unit.entrants.len());
        let help = "governance can add entrants later";
        review.error(span, "too-many", message, help);
    }
    for (i, (text, holder)) in table.access.holders.iter().zip(&unit.holders).enumerate() {
        if unit.holders.iter().take(i).any(|h| h == holder) {
            review.error(text.span(), "duplicate", "this holder is here twice", "keep one of them");
        }
    }
    for text in table.access.entrants.get_ref().iter().filter(|t| t.get().starts_with("0x")) {
        let Ok(address) = crate::quantity::address::parse(text.get()) else { continue };
        if network.prime_of(address).is_none() {
            review.warn(
                text.span(),
                "not-a-prime",
                "this entrant is no Prime of the network; the registry must know it before it enters",
                "name a Prime by its slug, or have governance register this one",
            );
        }
        if network.production && roles::is_placeholder(address) {
            let help = "give the address of its ALMProxy";
            review.error(text.span(), "placeholder", "this entrant is a placeholder", help);
        }
    }
}
