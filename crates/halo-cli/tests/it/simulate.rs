//! `halo simulate` and `halo solve`: moments, tables, sweeps in parts, and what is wrong with the input.

use std::{fs, path::PathBuf};

use crate::place::{Place, Run, root, run};

fn preset(name: &str) -> PathBuf {
    root().join("deployments/scenarios").join(name).with_extension("toml")
}

fn simulate(place: &Place, name: &str, args: &[&str]) -> Run {
    run(place.command(["simulate", "--quiet"]).args(args).arg(preset(name)))
}

#[test]
fn a_moment_is_a_day_a_time_of_it_or_a_settlement() {
    let place = Place::new();
    for (moment, says) in [
        ("2", "On day 2, 2026-03-03T14:00:00Z"),
        ("day 2", "On day 2, 2026-03-03T14:00"),
        ("2 12:30", "On day 2, 2026-03-03T12:30:00Z"),
        ("day 2 12:30:15", "On day 2, 2026-03-03T12:30:15Z"),
        ("settlement 1", "On day 1, 2026-03-02T"),
    ] {
        let said = simulate(&place, "ramp", &["--until", moment]);
        let text = &said.stdout;
        assert!(text.contains(says), "{moment}: {text}");
        for part in ["set aside", "deposit limit", "mint limit", "under review", "spark"] {
            assert!(text.contains(part), "{moment} has no {part}: {text}");
        }
    }
    // Before the lock of the second day the first day's money is in, and the second day's waits.
    let said = simulate(&place, "ramp", &["--json", "--until", "2 12:59", "--trace", "grove"]);
    let document = said.json();
    let moment = &document["moment"];
    assert_eq!((moment["day"].as_u64(), moment["at"].as_u64()), (Some(1), Some(1_772_542_740)));
    assert_eq!(document["settlements"].as_array().unwrap().len(), 1);
    assert_ne!(moment["queues"][0]["subscribe"], "0");
    let lines = document["trace"].as_array().unwrap();
    assert!(lines.iter().any(|line| line["who"] == "grove" && line["day"] == 1), "{lines:?}");
    assert!(lines.iter().all(|line| line["at"].as_u64() <= moment["at"].as_u64()));
}

#[test]
fn a_moment_that_there_is_not_is_refused() {
    let place = Place::new();
    for (moment, says) in [
        ("0", "write a day"),
        ("soon", "write a day"),
        ("1 25:00", "write a day"),
        ("1 1:00", "write a day"),
        ("settlement 0", "write a day"),
        ("9", "there is no day 9"),
        ("1 09:00", "it begins on day 1 at 11:00"),
        ("settlement 900", "there is no settlement 900: the run has 1"),
    ] {
        simulate(&place, "day1-tbill", &["--until", moment]).expect(2).says(&[says]);
    }
}

#[test]
fn tables_are_written_in_both_forms() {
    let place = Place::new();
    simulate(&place, "day1-clo", &["--csv", "tables", "--parquet", "tables"]).expect(0);
    for name in ["units", "primes", "settlements", "incidents"] {
        let csv = place.read(format!("tables/{name}.csv"));
        assert!(csv.starts_with("day,"), "{csv}");
        let parquet = fs::read(place.path().join(format!("tables/{name}.parquet"))).unwrap();
        assert!(parquet.starts_with(b"PAR1") && parquet.ends_with(b"PAR1"), "{name}");
    }
}

#[test]
fn parts_make_the_sweep_and_others_are_refused() {
    let place = Place::new();
    let part = |i: usize, seeds: &str| {
        let (shard, file) = (format!("{i}/3"), format!("part-{i}.parquet"));
        let args = ["--until", "1", "--seeds", seeds, "--shard", &shard, "--out", &file];
        simulate(&place, "day1-tbill", &args).expect(0);
    };
    (0..3).for_each(|i| part(i, "1..4"));
    let whole = ["--until", "1", "--seeds", "1..4", "--out", "whole.parquet"];
    simulate(&place, "day1-tbill", &whole).expect(0);
    for (name, order) in [("a", "0 1 2"), ("b", "2 0 1")] {
        let parts = order.split(' ').map(|i| format!("part-{i}.parquet")).collect::<Vec<_>>();
        place.halo(&format!("simulate merge {} --out {name}.parquet", parts.join(" "))).expect(0);
        let merged = fs::read(place.path().join(format!("{name}.parquet"))).unwrap();
        assert_eq!(merged, fs::read(place.path().join("whole.parquet")).unwrap());
    }
    let some = place.halo("simulate merge part-0.parquet part-2.parquet").expect(0).stdout;
    assert!(some.contains("3 of 4 runs"), "{some}");

    part(1, "1..5");
    place
        .halo("simulate merge part-0.parquet part-1.parquet")
        .expect(2)
        .says(&["another one", "the parts of one sweep"]);
    let file = fs::read(place.path().join("part-0.parquet")).unwrap();
    place.write("cut.parquet", &file[..file.len() / 2]);
    place.write("text.parquet", "{}");
    for name in ["cut.parquet", "text.parquet"] {
        place.halo(&format!("simulate merge {name}")).expect(2).says(&[
            name,
            "no part of the sweep",
            "halo simulate --seeds",
        ]);
    }
    place.halo("simulate merge nowhere.parquet").expect(3).says(&["nowhere.parquet"]);
}

#[test]
fn solve_says_when_governance_must_act() {
    let place = Place::new();
    let solve = |target: &str, args: &[&str]| {
        let command = ["solve", "--quiet", "--target", target];
        run(place.command(command).args(args).arg(preset("day1-tbill")))
    };
    let said = solve("300_000_000 USDS on day 1", &[]).expect(0).stdout;
    for part in [
        // The first day is 2 March at 11:00: an init fifteen days before, set by GovOps one before, a spell two before.
        "2026-02-15T11:00:00Z ┆ 2026-03-01T11:00:00Z ┆ init through the timelock",
        "2026-02-28T11:00:00Z ┆ 2026-03-02T11:00:00Z ┆ spell of the Prime",
        "2026-02-28T11:00:00Z ┆ 2026-03-02T11:00:00Z ┆ spell of Sky",
    ] {
        assert!(said.contains(part), "no {part}: {said}");
    }
    assert!(
        said.split_whitespace().collect::<Vec<_>>().join(" ").contains("proved by running them")
    );
    let vain = solve("900_000_000_000 USDS on day 1", &["--json"]).expect(1).json();
    assert!(vain["impossible"].as_str().unwrap().contains("no limit makes them want more"));
    solve("300_000_000", &[]).expect(2).says(&["has no unit", "50_000_000 USDS"]);
    solve("5 USDS on day 0", &[]).expect(2).says(&["300_000_000 USDS on day 1"]);
    for absurd in ["0 USDS on day 1", "5 USDS on day 367"] {
        solve(absurd, &[]).expect(2).says(&["more than nothing, by a day up to 366"]);
    }
}

/// An init is scheduled fifteen days before the first day, and there is no time before 1970.
#[test]
fn solve_tells_where_there_is_no_time_for_an_init() {
    let place = Place::new();
    let text = fs::read_to_string(preset("day1-tbill")).unwrap();
    let spec = root().join("deployments/specs/tbill.toml").display().to_string();
    let early = text.replace("2026-03-02T", "1970-01-15T").replace("../specs/tbill.toml", &spec);
    place.write("early.toml", early);
    let target = "300_000_000 USDS on day 1";
    let said =
        run(&mut place.command(["solve", "early.toml", "--quiet", "--target", target])).expect(1);
    let words: Vec<_> = said.stdout.split_whitespace().collect();
    assert!(words.join(" ").contains("15 days before the first"), "{words:?}");
}

#[test]
fn absurd_input_is_told_what_is_wrong() {
    let place = Place::new();
    for (name, args, code, says) in [
        ("day1-tbill", &["--set", "days=0"] as &[&str], 2, "a run lasts 1 to 36525 days"),
        ("day1-tbill", &["--set", "days=99999"], 2, "a run lasts 1 to 36525 days"),
        ("day1-tbill", &["--seeds", "1..1000000", "--set", "seed=1|2"], 2, "2000000"),
        ("day1-tbill", &["--trace", "nobody"], 2, "it has spark, grove"),
        ("day1", &[], 2, "give one with --class"),
        ("nowhere", &[], 3, "nowhere.toml"),
        ("day1-tbill", &["--shard", "2/2"], 2, "the last is 1/2"),
        ("day1-tbill", &["--network", "mainnet"], 2, "mainnet"),
        ("day1-tbill", &["--csv", "/proc/x"], 3, "may be written"),
    ] {
        simulate(&place, name, args).expect(code).says(&[says]);
    }
}
