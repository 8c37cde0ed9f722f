//! Day 1 in tables and words: what each Prime wanted, queued and got, and what bound it.

use alloy_primitives::U256;
use halo_sim::{Bound, Day1Report, PrimeRow, UnitRow};
use halo_spec::amount::format_number;

use crate::output::{prose, table};

/// The whole summary, in at most 100 columns off a terminal.
pub(super) fn of(report: &Day1Report) -> String {
    let show = Amounts { decimals: report.decimals, asset: &report.asset };
    let mut text = format!(
        "{}: {} Primes, amounts in whole {}\n{}\n{}\n",
        report.scenario,
        count_primes(report),
        report.asset,
        primes(report, &show),
        units(report, &show)
    );
    for row in report.primes.iter().filter(|row| !row.wanted.is_zero()) {
        text.push_str(&format!("\n{}", prose(&prime_in_words(row, &show))));
    }
    for row in &report.units {
        text.push_str(&format!("\n{}", prose(&unit_in_words(row, &show))));
    }
    text.push_str(&format!("\n{}", prose(&conservation(report, &show))));
    text
}

fn count_primes(report: &Day1Report) -> usize {
    let mut slugs: Vec<_> = report.primes.iter().map(|row| &row.prime).collect();
    slugs.sort_unstable();
    slugs.dedup();
    slugs.len()
}

struct Amounts<'a> {
    decimals: u8,
    asset: &'a str,
}

impl Amounts<'_> {
    /// Whole tokens, rounded down: enough for a person, and JSON has every digit.
    fn whole(&self, amount: U256) -> String {
        if amount == U256::MAX {
            return "without bound".to_owned();
        }
        let number = format_number(amount, self.decimals);
        match number.split_once('.') {
            // Something, but less than one.
            Some(("0", _)) => "<1".to_owned(),
            Some((whole, _)) => whole.to_owned(),
            None => number,
        }
    }
}

fn primes(report: &Day1Report, show: &Amounts<'_>) -> String {
    let mut rows = table(&["Prime", "Unit", "wanted", "queued", "settled", "waits", "bound by"]);
    for row in &report.primes {
        rows.add_row([
            row.prime.clone(),
            row.unit.clone(),
            show.whole(row.wanted),
            show.whole(row.queued),
            show.whole(row.settled),
            show.whole(row.left),
            if row.wanted.is_zero() { "-".to_owned() } else { row.bound.label().to_owned() },
        ]);
    }
    let totals = &report.totals;
    rows.add_row([
        "all".to_owned(),
        String::new(),
        show.whole(totals.wanted),
        show.whole(totals.queued),
        show.whole(totals.settled),
        show.whole(totals.left),
        String::new(),
    ]);
    rows.to_string()
}

fn units(report: &Day1Report, show: &Amounts<'_>) -> String {
    let mut rows =
        table(&["Unit", "locked", "settled at", "queued", "settled", "waits", "bound by"]);
    for row in &report.units {
        rows.add_row([
            row.unit.clone(),
            clock(row.locked_at),
            clock(row.settled_at),
            show.whole(row.queued),
            show.whole(row.settled),
            show.whole(row.left),
            row.bound.label().to_owned(),
        ]);
    }
    rows.to_string()
}

fn prime_in_words(row: &PrimeRow, show: &Amounts<'_>) -> String {
    let (prime, unit) = (&row.prime, &row.unit);
    if !row.refused.is_empty() {
        return format!(
            "{prime} left {unit} alone, which is no target for it: {}.",
            row.refused.join("; ")
        );
    }
    let wanted = show.whole(row.wanted);
    if row.bound == Bound::Appetite {
        return format!("{prime} queued all the {wanted} that it wanted of {unit}.");
    }
    let queued = if row.queued.is_zero() { "nothing".to_owned() } else { show.whole(row.queued) };
    let why = row.allowed.iter().find(|limit| limit.limit == row.bound).map_or_else(
        || row.bound.reason().to_owned(),
        |limit| {
            let (start, lock) = (show.whole(limit.at_start), show.whole(limit.until_lock));
            let allowed = if start == lock {
                format!("allowed {start}")
            } else {
                format!("allowed {start} at the start and {lock} up to the lock")
            };
            format!("{} {allowed}", row.bound.reason())
        },
    );
    format!("{prime} queued {queued} of the {wanted} that it wanted of {unit}: {why}.")
}

fn unit_in_words(row: &UnitRow, show: &Amounts<'_>) -> String {
    let (unit, queued, settled) = (&row.unit, show.whole(row.queued), show.whole(row.settled));
    let why = match row.bound {
        Bound::Queue => {
            return format!("{unit} settled all the {queued} that waited in its queue.");
        }
        Bound::EpochCap => "its `subscribe_per_epoch` allows no more",
        Bound::UnitCap => "its `cap` allows no more",
        Bound::Capacity => "the scenario's `capacity` allows no more",
        Bound::Cover => "the junior Unit covers no more",
        other => other.reason(),
    };
    format!(
        "{unit} settled {settled} of the {queued} that waited: {why}. Everybody got the same share; the rest waits for the next epoch."
    )
}

fn conservation(report: &Day1Report, show: &Amounts<'_>) -> String {
    let it = &report.conservation;
    let verdict = if it.holds { "nothing is missing, to the last unit" } else { "THIS DIFFERS" };
    format!(
        "Of the {} {} queued, {} is with the Class and {} still in the queues: {verdict}.",
        show.whole(it.queued),
        show.asset,
        show.whole(it.in_class),
        show.whole(it.in_queues),
    )
}

/// A UTC time of day.
fn clock(second: Option<u64>) -> String {
    second.map_or_else(
        || "never".to_owned(),
        |second| {
            let of_day = second % 86_400;
            format!("{:02}:{:02}:{:02}", of_day / 3_600, of_day / 60 % 60, of_day % 60)
        },
    )
}
