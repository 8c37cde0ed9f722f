//! `halo plan`.

use std::collections::BTreeSet;

use crate::place::{Place, run, spec};

#[test]
fn words_and_json_say_the_same() {
    let place = Place::new();
    let words = run(place.command(["plan"]).arg(spec("tbill.toml"))).expect(0);
    let json = run(place.command(["plan", "--json"]).arg(spec("tbill.toml"))).expect(0).json();
    let steps = json["steps"].as_array().unwrap();
    for (at, step) in steps.iter().enumerate() {
        let line = format!("{:>3}  {}\n", at + 1, step["title"].as_str().unwrap());
        assert!(words.stdout.contains(&line), "no line for {line}");
    }
    let digest = json["digest"].as_str().unwrap();
    assert!(words.stdout.ends_with(&format!("plan      {digest}\n")));
    assert!(words.stdout.contains(&format!("\n{} steps for tbill (bills)", steps.len())));
    assert!(!place.path().join(".halo").exists(), "a plan touches nothing");
}

#[test]
fn each_expectation_has_its_value() {
    let place = Place::new();
    let words = run(place.command(["plan"]).arg(spec("clo.toml"))).expect(0).stdout;
    let expected: BTreeSet<_> =
        words.lines().filter_map(|line| line.trim().strip_prefix("leaves ")).collect();
    assert!(expected.len() > 100);
    for line in &expected {
        let (_, value) = line.split_once(": ").unwrap();
        assert!(!value.is_empty(), "{line}");
    }
    let cap = "leaves value/unit/junior/unit/cap(): 100000000000000000000000000";
    assert!(words.contains(cap), "no {cap}");
}

#[test]
fn it_says_the_same_every_time() {
    let place = Place::new();
    let plan = || run(place.command(["plan", "--json"]).arg(spec("mmf.toml"))).expect(0).stdout;
    assert_eq!(plan(), plan());
}
