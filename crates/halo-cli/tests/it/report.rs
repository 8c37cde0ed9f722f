//! `halo report`.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use crate::place::{Place, root, run};

/// The least that is a run.
fn document(seed: u64) -> String {
    format!(
        r#"{{
  "schema": "halo-run/1", "scenario": "nobody <b>came</b>", "seed": {seed}, "started_at": 1782864000, "days": 1,
  "units": [], "primes": [], "inflow": [], "limits": [], "prime_days": [], "unit_days": [], "settlements": [],
  "bindings": [], "losses": [], "incidents": [], "shutdowns": [], "expectations": [], "words": ["Nothing moved."],
  "fairness": {{ "checked": 0, "worst_wei": "0", "lorenz": [], "gini_bps": 0, "over_asking": [] }},
  "invariants": {{ "every": 1, "settlements": 0, "checked": [], "broken": [] }},
  "conservation": {{ "parties": [], "sum": "5", "genesis": "5", "drawn": "0", "psm": "0", "gains": "0", "losses": "0",
    "holds": true }},
  "totals": {{ "wanted": "0", "day1_queued": "0", "day1_inflow": "{seed}", "queued": "0", "settled": "0",
    "redeemed": "0", "max_unfilled": "0", "value": "0", "actions": 0, "gas": 0 }}
}}"#
    )
}

#[test]
fn a_run_becomes_a_page_and_a_comment() {
    let place = Place::new();
    place.write("run.json", document(1));
    let said = place.halo("report run.json --out page.html --markdown summary.md").expect(0).stdout;
    assert_eq!(said, "wrote page.html\nwrote summary.md\n");
    assert!(place.read("page.html").contains("<h1>nobody &lt;b&gt;came&lt;&#x2f;b&gt;</h1>"));
    assert!(place.read("page.html").contains("Nothing moved."));
    assert!(place.read("summary.md").starts_with("### ✅ nobody &lt;b&gt;came&lt;/b&gt;\n"));
    let json = place.halo("report run.json --out page.html --json").expect(0).json();
    assert_eq!(json, serde_json::json!({ "page": "page.html", "markdown": null, "holds": true }));
}

#[test]
fn a_run_can_come_through_a_pipe() {
    let place = Place::new();
    let mut command: Command = place.command(["report", "-", "--out", "page.html", "--quiet"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(document(1).as_bytes()).unwrap();
    assert!(child.wait_with_output().unwrap().status.success());
    assert!(place.read("page.html").contains("Nothing moved."));
}

#[test]
fn what_is_no_run_is_wrong_input() {
    let place = Place::new();
    place.write("run.json", document(1));
    place.write("old.json", document(1).replace("halo-run/1", "halo-run/0"));
    place.write("cut.json", &document(1)[..400]);
    place.write("wrong.json", document(1).replace("\"sum\": \"5\"", "\"sum\": \"five\""));
    place.halo("report old.json --out page.html").expect(2).says(&[
        "old.json",
        "`halo-run/0`",
        "`halo-run/1`",
    ]);
    place.halo("report cut.json --out page.html").expect(2).says(&["cut.json", "at line 5"]);
    place.halo("report wrong.json --out page.html").expect(2).says(&["wrong.json", "at line 7"]);
    place
        .halo("report run.json --sweep old.json --out page.html")
        .expect(2)
        .says(&["old.json", "no part of the sweep"]);
    place
        .halo("report run.json --sweep missing.parquet --out page.html")
        .expect(3)
        .says(&["missing.parquet", "cannot be read"]);
    place
        .halo("report missing.json --out page.html")
        .expect(3)
        .says(&["missing.json", "cannot be read"]);
    place.halo("report run.json --out nowhere/page.html").expect(3).says(&["nowhere/page.html"]);
    place.halo("report run.json").expect(2).says(&["--out <FILE>"]);
    place.halo("report --out page.html").expect(2).says(&["Usage"]);
    assert!(!place.path().join("page.html").exists(), "nothing is written of what is wrong");
    run(&mut place.command(["report", "run.json", "--out", "/dev/full"]))
        .expect(3)
        .says(&["cannot be written"]);
}

#[test]
fn files_that_nobody_would_write_are_refused() {
    let place = Place::new();
    let scenario = root().join("deployments/scenarios/day1-tbill.toml");
    let many: [&[&str]; 3] = [
        &["--seeds", "1..2"],
        &["--shard", "0/2"],
        &["--set", "capacity.subscribe=1 asset|2 asset"],
    ];
    let of_one: [&[&str]; 7] = [
        &["--report", "page.html"],
        &["--junit", "junit.xml"],
        &["--csv", "tables"],
        &["--parquet", "tables"],
        &["--until", "1 12:00"],
        &["--trace", "spark"],
        &["--minimise"],
    ];
    for (sweep, option) in many.iter().flat_map(|sweep| of_one.map(|option| (sweep, option))) {
        run(place.command(["simulate"]).args(*sweep).args(option).arg(&scenario))
            .expect(2)
            .says(&[option[0], "one run"]);
    }
    run(place.command(["simulate", "--out", "sweep.parquet"]).arg(&scenario))
        .expect(2)
        .says(&["--out", "--seeds 1..1"]);
    for file in ["page.html", "junit.xml", "tables", "sweep.parquet"] {
        assert!(!place.path().join(file).exists(), "{file}");
    }
}

#[test]
fn a_real_run_and_its_sweep() {
    let place = Place::new();
    let scenario = root().join("deployments/scenarios/day1-tbill.toml");
    let real = run(place.command(["simulate", "--json", "--quiet"]).arg(&scenario)).expect(0);
    place.write("run.json", &real.stdout);
    let seeds = ["simulate", "--quiet", "--seeds", "1..3", "--out", "sweep.parquet"];
    run(place.command(seeds).arg(&scenario)).expect(0);
    place
        .halo("report run.json --sweep sweep.parquet --out page.html --markdown summary.md")
        .expect(0);
    let page = place.read("page.html");
    for part in [
        "id=\"inflow\"",
        "id=\"limits\"",
        "id=\"queue\"",
        "id=\"sweep-inflow\"",
        "✓ Conserved to the wei.",
        "3 of 3 runs",
    ] {
        assert!(page.contains(part), "the page has no {part}");
    }
    // The sum that the run gives, in the page's words.
    let wei = real.json()["totals"]["day1_inflow"].as_str().unwrap().to_owned();
    let millions =
        format!("{}.{} M USDS", &wei[..wei.len() - 24], &wei[wei.len() - 24..wei.len() - 22]);
    for text in [page, place.read("summary.md")] {
        assert!(text.contains(&millions), "{millions} is not there");
    }
    run(place.command(["simulate", "--quiet", "--report", "same.html"]).arg(&scenario)).expect(0);
    place.halo("report run.json --out page.html").expect(0);
    assert_eq!(place.read("same.html"), place.read("page.html"));
}
