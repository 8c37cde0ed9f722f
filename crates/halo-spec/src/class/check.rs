//! What must hold of a Class before anything is planned: what the templates allow, and what the
//! field has learnt.

use std::{collections::BTreeSet, ops::Range};

use alloy_primitives::U256;
use toml::Spanned;

use super::{
    configurator, endpoint,
    file::{ClassFile, Facet, PsmMode},
    governance, roles,
    spec::{ClassSpec, TEMPLATE_VERSION},
    tranche, unit,
};
use crate::{
    limit::{Limit, LimitName},
    network::Network,
    quantity::amount,
    review::{LimitTable, Review},
    text::Text,
};

const HOUR: u32 = 3_600;
const MAX_ATTESTORS: usize = 16;
/// Time to cancel a takeover, and no more than that: until it ends nobody else can act for the Class.
const TAKEOVER_DELAY: std::ops::RangeInclusive<u32> = 24 * HOUR..=30 * 24 * HOUR;
/// More than this above cost is no tolerance.
const LOOSE_COST_BPS: u16 = 1_000;
/// A report must outlive the day until the next one, and cannot be a week old.
const REPORT_AGE: std::ops::RangeInclusive<u32> = HOUR..=7 * 24 * HOUR;
/// The fastest default of any product: a junior CLO tranche.
const FAST_MAX_UP_BPS: u16 = 60;
const MAX_PSM_FEE_BPS: u64 = 100;

pub(super) fn class(file: &ClassFile, spec: &ClassSpec, network: &Network, review: &mut Review) {
    templates(file, review);
    if let Some(table) = &file.halo.governance {
        governance::check(table, spec, network, review);
    }
    roles::check(file, spec, network, review);
    reporters(file, spec, review);
    book(file, spec, review);
    emergency(file, spec, review);
    if let Some(table) = &file.configurator {
        configurator::check(table, spec, review);
    }
    facets(file, spec, review);
    psm(file, spec, review);
    class_limits(file, spec, review);
    endpoint::check(&file.endpoints, spec, network, review);
    if spec.endpoints.is_empty() {
        let span = file.class.artifact.span();
        review.note(span, "no-endpoints", "the Class has no endpoint: what it takes in stays idle");
    }
    units(file, spec, review);
    for (table, unit) in file.units.iter().zip(&spec.units) {
        unit::check(table.get_ref(), unit, spec, network, review);
    }
}

fn templates(file: &ClassFile, review: &mut Review) {
    let asked = *file.class.templates.get_ref();
    if asked != TEMPLATE_VERSION {
        review.error(
            file.class.templates.span(),
            "template-version",
            format!("this program holds templates version {TEMPLATE_VERSION}, not {asked}"),
            format!("write templates = {TEMPLATE_VERSION}, or use the program that holds {asked}"),
        );
    }
}

fn reporters(file: &ClassFile, spec: &ClassSpec, review: &mut Review) {
    let (needed, there) = (usize::from(spec.threshold), spec.attestors.len());
    let span = file.reporters.threshold.span();
    if needed == 0 || needed > there {
        review.error(
            span,
            "threshold",
            format!("{needed} of {there} attestors cannot be a quorum"),
            format!("give a threshold from 1 to {there}; 2 of 3 is usual"),
        );
    } else if needed == 1 {
        review.warn(
            span,
            "threshold",
            "a single attestor sets the value of every Unit",
            "2 of 3 is usual",
        );
    }
    if there > MAX_ATTESTORS {
        review.error(
            file.reporters.attestors.span(),
            "too-many",
            format!("{there} attestors are more than {MAX_ATTESTORS}"),
            "each signature is checked on chain; keep a small quorum",
        );
    }
}

fn book(file: &ClassFile, spec: &ClassSpec, review: &mut Review) {
    if spec.book.max_up_bps_per_day == 0 {
        review.error(
            file.book.max_up.span(),
            "out-of-range",
            "no report could ever raise the value",
            "write at least \"1 bps / day\"; 5 for T-bills and money markets, 10 for senior loans",
        );
    } else if spec.book.max_up_bps_per_day > FAST_MAX_UP_BPS {
        review.warn(
            file.book.max_up.span(),
            "loose-bound",
            format!(
                "a false report could raise the value by {} bps in a day",
                spec.book.max_up_bps_per_day
            ),
            format!(
                "the loosest usual bound is {FAST_MAX_UP_BPS} bps / day, for a junior loan tranche"
            ),
        );
    }
    cost(file, spec, review);
    if !REPORT_AGE.contains(&spec.book.max_report_age) {
        review.error(
            file.book.max_report_age.span(),
            "out-of-range",
            "the age of a report must be from 1 h to 7 days",
            "36 h is usual; 72 h when nothing settles on weekends",
        );
    } else if spec.book.max_report_age < 24 * HOUR {
        review.warn(
            file.book.max_report_age.span(),
            "short-report-age",
            "with a report a day, the Units close for new subscriptions before the next one comes",
            "36 h is usual",
        );
    }
}

fn cost(file: &ClassFile, spec: &ClassSpec, review: &mut Review) {
    let (Some(text), Some(bps)) = (&file.book.cost_tolerance, spec.book.cost_tolerance_bps) else {
        return;
    };
    if bps > LOOSE_COST_BPS {
        review.warn(
            text.span(),
            "loose-bound",
            "one quorum alone may value what is deployed more than 10 % above its cost",
            "1 % is usual for bills, 5 % for loans",
        );
    }
    if file.limits.savings_deposit.is_some() {
        review.warn(
            text.span(),
            "parked-has-no-cost",
            "idle USDS in sUSDS is reported as deployed and cost nothing at any endpoint: each report of it would wait for a second key",
            "remove `cost_tolerance`, or park nothing",
        );
    }
}

fn emergency(file: &ClassFile, spec: &ClassSpec, review: &mut Review) {
    if !TAKEOVER_DELAY.contains(&spec.takeover_delay) {
        review.error(
            file.emergency.takeover_delay.span(),
            "out-of-range",
            "the time in which a takeover can be cancelled must be from 1 to 30 days",
            "48 h is usual",
        );
    }
}

fn facets(file: &ClassFile, spec: &ClassSpec, review: &mut Review) {
    let mut seen = BTreeSet::new();
    for facet in file.class.facets.get_ref() {
        if !seen.insert(*facet.get_ref()) {
            review.error(facet.span(), "duplicate", "this facet is here twice", "keep one of them");
        }
        if matches!(facet.get_ref(), Facet::Usds | Facet::Erc7540 | Facet::LctsPrime) {
            review.error(
                facet.span(),
                "prime-facet",
                "this facet is for Primes: a Halo neither mints USDS nor enters Units",
                "remove it",
            );
        }
    }
    let limited = |f: fn(&LimitName) -> bool| spec.limits.iter().any(|l| f(&l.name));
    let needs = [
        (Facet::LctsHalo, true, "redemptions could never be funded"),
        (
            Facet::Psm,
            limited(|n| matches!(n, LimitName::UsdsToUsdc)),
            "`limits.usds_to_usdc` limits nothing without it",
        ),
        (
            Facet::Offramp,
            limited(|n| matches!(n, LimitName::OfframpSend { .. })),
            "the endpoints could never be reached",
        ),
        (
            Facet::Erc4626,
            limited(|n| {
                matches!(n, LimitName::Erc4626Deposit { .. } | LimitName::Erc4626Withdraw { .. })
            }),
            "the savings limits limit nothing without it",
        ),
    ];
    if let (Some(deposit), None) = (&file.limits.savings_deposit, &file.limits.savings_max_rate) {
        review.error(
            deposit.span(),
            "missing-rate",
            "`limits.savings_deposit` limits nothing: without a highest price the facet parks no USDS",
            "add `savings_max_rate`, the most USDS that one sUSDS may cost, with room for two years",
        );
    }
    for (facet, needed, why) in needs {
        if needed && !spec.facets.contains(&facet) {
            let word = serde_json::to_string(&facet).unwrap_or_default();
            review.error(
                file.class.facets.span(),
                "missing-facet",
                format!("the facet {word} is missing: {why}"),
                format!("add {word} to the list"),
            );
        }
    }
}

fn psm(file: &ClassFile, spec: &ClassSpec, review: &mut Review) {
    let bps = U256::from(MAX_PSM_FEE_BPS) * U256::from(10u64).pow(U256::from(14));
    if spec.psm.max_fee_wad > bps {
        review.error(
            file.psm.max_fee.span(),
            "out-of-range",
            "a fee above 1 % is never acceptable for changing one dollar into another",
            "the fee on mainnet is 0; write \"0 %\" or a few basis points",
        );
    }
    if spec.psm.mode == PsmMode::NoFee {
        review.note(
            file.psm.max_fee.span(),
            "needs-spell",
            "no-fee mode works once a Sky spell has listed the Class's proxy at the LitePSM",
        );
    }
}

fn class_limits(file: &ClassFile, spec: &ClassSpec, review: &mut Review) {
    let tables = [
        (&file.limits.usds_to_usdc, false),
        (&file.limits.savings_deposit, false),
        (&file.limits.savings_withdraw, true),
    ];
    // Those that are there come first among the limits, in this order.
    let written = tables.into_iter().filter_map(|(t, open)| t.as_ref().map(|t| (t, open)));
    for ((table, may_be_unlimited), value) in written.zip(&spec.limits) {
        limit(table, value, may_be_unlimited, review);
    }
}

/// What holds for every limit: a number that a spell on mainnet would pass, and no outflow without one.
pub(super) fn limit(
    table: &Spanned<LimitTable>,
    limit: &Limit,
    may_be_unlimited: bool,
    review: &mut Review,
) {
    let LimitTable { max, slope } = table.get_ref();
    if limit.max == U256::MAX {
        if !may_be_unlimited {
            review.error(
                max.span(),
                "unlimited-not-allowed",
                "`unlimited` is not allowed for what leaves the Class",
                format!("give a number, such as \"50_000_000 {}\"", limit.token.symbol),
            );
        }
        return;
    }
    let one = U256::from(10u64).pow(U256::from(limit.token.decimals));
    let trillion = one * U256::from(1_000_000_000_000u64);
    if limit.max < one || limit.max > trillion {
        review.error(
            max.span(),
            "out-of-range",
            format!(
                "{} is not from 1 to 10^12 tokens: spells on mainnet refuse it",
                amount::format(limit.max, &limit.token)
            ),
            "check the number of digits",
        );
    }
    let per_hour = limit.slope.per_second.saturating_mul(U256::from(HOUR));
    let span = slope.as_ref().map_or(table.span(), Text::span);
    if per_hour > trillion {
        review.error(
            span,
            "out-of-range",
            "more than 10^12 tokens an hour: spells on mainnet refuse it",
            "check the number of digits and the time",
        );
    } else if limit.slope.per_second.is_zero() {
        review.warn(span, "no-slope", "once used, this limit never comes back", "give it a slope");
    }
}

fn units(file: &ClassFile, spec: &ClassSpec, review: &mut Review) {
    if spec.units.is_empty() {
        review.error(
            file.class.slug.span(),
            "no-units",
            "the Class has no Unit",
            "add at least one [[units]] table",
        );
        return;
    }
    let (mut slugs, mut symbols) = (BTreeSet::new(), BTreeSet::new());
    for (table, unit) in file.units.iter().zip(&spec.units) {
        let table = table.get_ref();
        once(slugs.insert(&unit.slug), "slug", table.slug.span(), review);
        once(symbols.insert(&unit.symbol), "symbol", table.symbol.span(), review);
    }
    tranche::check(file, spec, review);
}

/// Says that something which must be unique is not.
fn once(fresh: bool, what: &str, span: Range<usize>, review: &mut Review) {
    if !fresh {
        let message = format!("two Units have this {what}");
        review.error(span, "duplicate", message, "each Unit needs its own");
    }
}
