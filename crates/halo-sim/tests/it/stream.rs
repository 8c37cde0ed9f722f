//! stl-stream in a run: followed within its interval, refused beyond it, left when it stops; carry is never below zero.

use alloy_primitives::{I256, U256};
use halo_sim::{Run, run::StreamRow};

use crate::kit::{changed, run, said};

/// Twelve days of T-bills. Money costs more than the public strategy expects them to earn, and grove's stream believes
/// in 9 %; `stream` is more of its accord, `yield_bps` what the bills really earn.
fn twelve_days(stream: &str, yield_bps: i32, rest: &str) -> Run {
    let simulation = changed("day1-tbill", |text| {
        let mandate = "mandate = { funding = \"6.00 %\" }\n";
        let text = text.replace("junior_share =", &format!("{mandate}junior_share ="));
        let accord = format!(
            "stream = {{ fee = \"20 %\", believes = [{{ unit = \"tbill/bills\", yield_bps = 900 }}]{stream} }}\n"
        );
        let text = text.replacen("prime = \"grove\"\n", &format!("prime = \"grove\"\n{accord}"), 1);
        let spec = "spec = \"../specs/tbill.toml\"\n";
        let text = text.replace(spec, &format!("{spec}yield_bps = {yield_bps}\n"));
        text.replace("days = 1\n", "days = 12\n")
            .replace("  'day1_inflow >= \"300_000_000 USDS\"',\n", "")
            + rest
    });
    let run = run(&simulation.unwrap_or_else(|error| panic!("{error}")));
    assert!(run.holds(), "{}", said(&run));
    run
}

fn only(run: &Run) -> &StreamRow {
    assert_eq!(run.streams.len(), 1, "one Prime has a stream");
    let row = &run.streams[0];
    assert_eq!(run.primes[row.prime].slug, "grove");
    row
}

#[test]
fn a_stream_that_is_right_is_followed_and_has_its_part() {
    let run = twelve_days("", 2_000, "");
    let row = only(&run);
    assert!(row.accepted > 10 && row.refused.is_empty() && row.silent == 0, "{row:?}");
    assert_eq!(row.counterfactual, I256::ZERO, "the public strategy buys nothing at this price");
    assert!(row.actual > I256::ZERO, "{row:?}");
    assert_eq!(row.carry, row.actual.unsigned_abs() / U256::from(5), "a fifth");
    assert!(run.words.iter().any(|words| words.contains("the carry is")), "{:?}", run.words);
}

#[test]
fn a_stream_that_is_wrong_has_nothing() {
    let run = twelve_days("", -3_000, "");
    let row = only(&run);
    assert!(row.actual < row.counterfactual, "{row:?}");
    assert_eq!(row.carry, U256::ZERO);
}

#[test]
fn what_its_interval_does_not_allow_is_refused_with_the_reason() {
    for (bound, why) in [
        ("max_moved = \"10_000_000 USDS\"", "velocity"),
        ("max_position = \"10_000_000 USDS\"", "position"),
        ("max_share = \"10 %\"", "concentration"),
        ("no_entry = [\"tbill/bills\"]", "prohibited"),
    ] {
        let run = twelve_days(&format!(", {bound}"), 2_000, "");
        let row = only(&run);
        assert_eq!(row.refused.iter().map(|(why, _)| why.as_str()).collect::<Vec<_>>(), [why]);
        assert_eq!(row.actual, I256::ZERO, "the public strategy goes on, which buys nothing");
        let told = run.incidents.iter().find(|one| one.kind == "stream").unwrap();
        assert_eq!((told.who.as_str(), told.refused), ("stream of grove", Some(true)));
    }
}

#[test]
fn base_goes_by_the_public_strategy_when_the_stream_stops() {
    let silence =
        "\n[[shocks]]\nkind = \"stream-silent\"\nday = 0\ndays = 5\nprimes = [\"grove\"]\n";
    let run = twelve_days("", 2_000, silence);
    let row = only(&run);
    assert!(row.silent >= 5 && row.accepted > 0, "{row:?}");
    let first = run.prime_days.iter().find(|row| !row.queued.is_zero()).unwrap();
    assert_eq!(first.day, 5, "nothing is bought before it speaks");
}

#[test]
fn a_unit_that_is_not_there_is_placed() {
    let error = changed("day1-tbill", |text| {
        let stream = "stream = { fee = \"20 %\", believes = [{ unit = \"tbill/nowhere\", yield_bps = 900 }] }\n";
        text.replacen("prime = \"grove\"\n", &format!("prime = \"grove\"\n{stream}"), 1)
    });
    let error = error.unwrap_err();
    assert!(error.contains("no Unit `tbill/nowhere`") && error.contains("line"), "{error}");
}
