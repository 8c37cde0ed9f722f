//! How everything stands at one moment, in tables.

use alloy_primitives::U256;
use halo_sim::{
    Run, dollars,
    run::{LimitState, Moment},
};
use halo_spec::time::format_instant;

use crate::output::{prose, table};

/// The tables; of all Primes, or of one.
pub(super) fn of(run: &Run, moment: &Moment, only: Option<&str>) -> String {
    let mut text = format!("\nOn day {}, {}:\n", moment.day + 1, format_instant(moment.at));
    for part in
        [queues(run, moment), books(moment), primes(run, moment, only), stakes(run, moment, only)]
    {
        text.push_str(&part);
        text.push('\n');
    }
    text
}

/// Money, or the word for no bound.
fn bound(amount: U256) -> String {
    if amount == U256::MAX { "unlimited".to_owned() } else { dollars(amount) }
}

fn limit(limit: &LimitState) -> String {
    if limit.max == U256::MAX {
        return "unlimited".to_owned();
    }
    format!("{} of {}", dollars(limit.available), dollars(limit.max))
}

/// Shares as whole numbers.
fn whole(shares: U256) -> String {
    dollars(shares).trim_start_matches('$').to_owned()
}

fn queues(run: &Run, moment: &Moment) -> String {
    let mut rows = table(&[
        "Unit",
        "state",
        "epoch",
        "waits",
        "shares to redeem",
        "set aside",
        "index",
        "shares",
        "cap",
        "room by cover",
    ]);
    for row in &moment.queues {
        let name = run.units.get(row.unit).map_or("", |unit| unit.slug.as_str());
        let state =
            if row.is_locked { format!("{}, locked", row.state) } else { row.state.clone() };
        let index = row.index / U256::from(10).pow(U256::from(21));
        let million = U256::from(1_000_000);
        rows.add_row([
            name.to_owned(),
            state,
            row.epoch.to_string(),
            dollars(row.subscribe),
            whole(row.redeem_shares),
            dollars(row.redeem_liquidity),
            format!("{}.{:06}", index / million, (index % million).saturating_to::<u64>()),
            whole(row.supply),
            bound(row.cap),
            bound(row.subscribe_headroom),
        ]);
    }
    rows.to_string()
}

fn books(moment: &Moment) -> String {
    let mut rows =
        table(&["Class", "value", "as of", "at hand", "deployed", "in flight", "under review"]);
    for row in &moment.books {
        rows.add_row([
            row.class.clone(),
            dollars(row.nav),
            if row.as_of == 0 { "never".to_owned() } else { format_instant(row.as_of) },
            dollars(row.liquid),
            dollars(row.deployed),
            dollars(row.in_flight),
            if row.is_under_review { "yes" } else { "no" }.to_owned(),
        ]);
    }
    rows.to_string()
}

/// The most rows of a table for a person; JSON has all.
const MOST: usize = 30;

fn primes(run: &Run, moment: &Moment, only: Option<&str>) -> String {
    let mut rows =
        table(&["Prime", "USDS", "USDC", "debt", "may draw", "mint limit", "swap limit", "halted"]);
    for (slug, row) in shown(run, moment, only).take(MOST) {
        rows.add_row([
            slug.to_owned(),
            dollars(row.usds),
            dollars(row.usdc),
            dollars(row.debt),
            dollars(row.may_draw),
            limit(&row.mint),
            limit(&row.swap),
            if row.is_halted { "yes" } else { "no" }.to_owned(),
        ]);
    }
    rest(rows.to_string(), shown(run, moment, only).count())
}

fn stakes(run: &Run, moment: &Moment, only: Option<&str>) -> String {
    let mut rows = table(&[
        "Prime",
        "Unit",
        "shares",
        "worth",
        "waits",
        "shares to claim",
        "shares to redeem",
        "to claim",
        "deposit limit",
        "redeem limit",
    ]);
    let all = || {
        shown(run, moment, only)
            .flat_map(|(slug, row)| row.stakes.iter().map(move |stake| (slug, stake)))
    };
    for (slug, stake) in all().take(MOST) {
        rows.add_row([
            slug.to_owned(),
            run.units.get(stake.unit).map_or_else(String::new, |unit| unit.slug.clone()),
            whole(stake.shares),
            dollars(stake.value),
            dollars(stake.waits),
            whole(stake.claimable_shares),
            whole(stake.redeeming_shares),
            dollars(stake.claimable),
            limit(&stake.deposit),
            limit(&stake.redeem),
        ]);
    }
    rest(rows.to_string(), all().count())
}

fn shown<'a>(
    run: &'a Run,
    moment: &'a Moment,
    only: Option<&'a str>,
) -> impl Iterator<Item = (&'a str, &'a halo_sim::run::PrimeState)> {
    moment
        .primes
        .iter()
        .filter_map(|row| Some((run.primes.get(row.prime)?.slug.as_str(), row)))
        .filter(move |(slug, _)| only.is_none_or(|only| only == *slug))
}

fn rest(table: String, count: usize) -> String {
    match count.saturating_sub(MOST) {
        0 => table,
        more => format!("{table}\n{}", prose(&format!("and {more} more rows, in --json"))),
    }
}
