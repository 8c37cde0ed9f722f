//! What page and comment both say of a run.

use halo_sim::run::Run;

use crate::{money, names};

/// Whether it held, in one sentence.
pub(crate) fn verdict(run: &Run) -> String {
    let expected = run.expectations.len();
    if let Some(row) = run.first_failure() {
        let failed = run.expectations.iter().filter(|row| !row.holds).count();
        return format!(
            "{failed} of {expected} expectations failed; first: {} — found {}",
            row.text, row.found
        );
    }
    if let Some(row) = run.invariants.broken.first() {
        return format!(
            "Invariant broken on day {}: {} — found {}",
            names::day(row.day),
            row.name,
            row.found
        );
    }
    if !run.conservation.holds {
        return "Money is missing, or there is more than there may be: see conservation."
            .to_owned();
    }
    match expected {
        0 => "Nothing was expected; every invariant that was checked stands and no money is missing.".to_owned(),
        1 => "The expectation held, every invariant that was checked stands, and no money is missing.".to_owned(),
        many => format!(
            "All {many} expectations held, every invariant that was checked stands, and no money is missing."
        ),
    }
}

/// The largest figures: name, value, remark.
pub(crate) fn figures(run: &Run) -> Vec<[String; 3]> {
    let totals = &run.totals;
    let mut figures = vec![
        [
            "Settled on the first day".to_owned(),
            money::short(totals.day1_inflow),
            format!(
                "of {} queued, {} wanted",
                money::short(totals.day1_queued),
                money::short(totals.wanted)
            ),
        ],
        [
            "Settled in all".to_owned(),
            money::short(totals.settled),
            format!("of {} queued", money::short(totals.queued)),
        ],
        [
            "Most that waited".to_owned(),
            money::short(totals.max_unfilled),
            "at the end of a day".to_owned(),
        ],
        [
            "Worth of all shares".to_owned(),
            money::short(totals.value),
            if totals.redeemed.is_zero() {
                "in the end".to_owned()
            } else {
                format!("in the end; {} were paid to redeemers", money::short(totals.redeemed))
            },
        ],
    ];
    if run.days < 2 {
        // On a single day they are the first two.
        figures.remove(1);
    }
    figures
}

/// The equation of conservation: name and amount of each part, to the wei.
pub(crate) fn conservation(run: &Run) -> Vec<[String; 2]> {
    let c = &run.conservation;
    let part = |name: &str, amount: String| [name.to_owned(), amount];
    vec![
        part("at the start", money::exact(c.genesis)),
        part("+ drawn from the vaults, less what was paid back", money::exact_signed(c.drawn)),
        part("+ made ready by the PSM", money::exact_signed(c.psm)),
        part("+ gains that were reported", money::exact(c.gains)),
        part("− losses", money::exact(c.losses)),
        part("= all parties together", money::exact(c.sum)),
    ]
}

/// How often invariants were checked, in one sentence.
pub(crate) fn invariants(run: &Run) -> String {
    let it = &run.invariants;
    let checks = it.checked.iter().fold(0_u64, |sum, (_, count)| sum.saturating_add(*count));
    let settlements = match it.settlements {
        1 => "1 settlement".to_owned(),
        many => format!("{} settlements", money::count(many)),
    };
    let checked = format!("{} checks of {} invariants", money::count(checks), it.checked.len());
    match it.every {
        0 => "No invariant was checked in this run.".to_owned(),
        1 => format!("{checked}, after every one of {settlements}."),
        every => format!("{checked}, after {settlements}: a sample, one in {every}."),
    }
}

/// The Gini coefficient, four decimals.
pub(crate) fn gini(run: &Run) -> String {
    let bps = run.fairness.gini_bps;
    format!("{}.{:0>4}", bps / 10_000, bps % 10_000)
}

/// Basis points as per cent, two decimals.
pub(crate) fn percent(bps: impl Into<u64>) -> String {
    let bps = bps.into();
    format!("{}.{:0>2}", bps / 100, bps % 100)
}

/// Millionths as per cent, two decimals, floor.
pub(crate) fn percent_of_ppm(ppm: u64) -> String {
    percent(ppm / 100)
}
