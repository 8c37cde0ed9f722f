//! `halo launch` and `halo deploy`.

use std::{collections::BTreeMap, fs, path::Path};

use serde_json::Value;

use crate::place::{Place, run, settings, spec};

/// Every file below a folder.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                all.insert(path.display().to_string(), fs::read(&path).unwrap());
            }
        }
    }
    all
}

/// Numbers of tokens and gas beyond 2^53 must be strings; those that are numbers are small.
fn assert_exact(value: &Value) {
    match value {
        Value::Number(number) => assert!(number.as_u64().is_some_and(|n| n < 1 << 53), "{number}"),
        Value::Array(all) => all.iter().for_each(assert_exact),
        Value::Object(all) => all.values().for_each(assert_exact),
        _ => {}
    }
}

#[test]
fn the_summary_reads_well() {
    let place = Place::new();
    for name in ["tbill", "mmf", "clo"] {
        let file = format!("{name}.toml");
        let run = run(place.command(["launch", "--quiet"]).arg(spec(&file))).expect(0);
        settings().bind(|| insta::assert_snapshot!(format!("launch_{name}"), run.stdout));
        for line in run.stdout.lines().filter(|line| !line.contains("toml")) {
            assert!(line.chars().count() <= 100, "wider than 100 columns: {line}");
        }
    }
}

#[test]
fn json_is_one_document_with_every_digit() {
    let place = Place::new();
    for name in ["tbill.toml", "mmf.toml", "clo.toml"] {
        let json = run(place.command(["launch", "--json"]).arg(spec(name))).expect(0).json();
        assert_exact(&json);
        let day = &json["day1"];
        assert_eq!(day["conservation"]["holds"], true);
        assert_eq!(day["totals"]["queued"], day["conservation"]["queued"]);
        for path in json["manifests"].as_array().unwrap() {
            let manifest = place.read(path.as_str().unwrap());
            assert_exact(&serde_json::from_str(&manifest).unwrap());
        }
    }
}

#[test]
fn launching_again_gives_the_same_bytes() {
    let place = Place::new();
    let launch =
        || run(place.command(["launch", "--json", "-q"]).arg(spec("tbill.toml"))).expect(0);
    let first = launch().stdout;
    let manifests = files(&place.path().join("deployments"));
    assert_eq!(launch().stdout, first);
    assert_eq!(files(&place.path().join("deployments")), manifests);
}

#[test]
fn deploying_again_changes_nothing() {
    let place = Place::new();
    for first in ["deploy", "launch"] {
        run(place.command([first, "-q"]).arg(spec("clo.toml"))).expect(0);
        let manifests = files(&place.path().join("deployments"));
        assert_eq!(manifests.len(), 2);
        let again = run(place.command(["deploy", "--json"]).arg(spec("clo.toml"))).expect(0);
        assert_eq!(again.json()["transactions"], Value::Array(vec![]), "after {first}");
        assert_eq!(files(&place.path().join("deployments")), manifests, "after {first}");
    }
}

#[test]
fn two_classes_stand_side_by_side() {
    let place = Place::new();
    run(place.command(["deploy", "-q"]).arg(spec("tbill.toml"))).expect(0);
    run(place.command(["deploy", "-q"]).arg(spec("mmf.toml"))).expect(0);
    place.halo("verify deployments/embedded/tbill/bills.json").expect(0);
    place.halo("verify deployments/embedded/mmf/government.json").expect(0);
}

#[test]
fn a_changed_number_shows() {
    let place = Place::new();
    let (from, to) = (r#""400_000_000 USDS""#, r#""123_000_000 USDS""#);
    let file = place.edited("tbill", from, to);
    let json = place.halo(&format!("launch {file} --json")).expect(0).json();
    assert_eq!(json["day1"]["units"][0]["settled"], format!("123{}", "0".repeat(24)));
    let run = place.halo(&format!("launch {file}")).expect(0);
    assert!(run.stdout.contains("bills settled 123_000_000 of the"), "{}", run.stdout);
    let manifest = "deployments/embedded/tbill/bills.json";
    assert!(place.read(manifest).contains(&format!("123{}", "0".repeat(24))));
    place.halo(&format!("verify {manifest}")).expect(0);
}

#[test]
fn the_state_goes_where_it_is_told() {
    let place = Place::new();
    let mut command = place.command(["launch", "--out", "records"]);
    command.arg(spec("tbill.toml")).env("HALO_STATE", "my state");
    let run = run(&mut command).expect(0);
    assert!(place.path().join("my state/state.bin").is_file());
    assert!(!place.path().join(".halo").exists());
    let next = "halo verify records/embedded/tbill/bills.json --state 'my state'";
    assert!(run.stdout.contains(next), "{}", run.stdout);
}

#[test]
fn nothing_is_sent_to_a_real_chain() {
    let place = Place::new();
    run(place.command(["launch", "-q"]).arg(spec("tbill.toml"))).expect(0);
    let state = fs::read(place.path().join(".halo/state.bin")).unwrap();
    for command in ["launch", "deploy"] {
        let mut command = place.command([command, "--network", "mainnet"]);
        run(command.arg(spec("tbill.toml"))).expect(2);
    }
    assert_eq!(fs::read(place.path().join(".halo/state.bin")).unwrap(), state);
}

#[test]
fn one_process_at_a_time() {
    let place = Place::new();
    let _held = halo_chain::Store::open(place.path().join(".halo")).unwrap();
    let run = run(place.command(["launch", "-q"]).arg(spec("tbill.toml"))).expect(3);
    run.says(&["in use by another process", "--state"]);
}
