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

/// The table as the guide has it.
fn governance() -> String {
    let guide = std::fs::read_to_string(crate::place::root().join("docs/guide.md")).unwrap();
    let table = guide.split("```toml\n").find(|block| block.starts_with("[halo.governance]"));
    table.unwrap().split("```").next().unwrap().to_owned()
}

/// The guide's table for a Halo without governance: the plan says which address to name, and then everything is made.
#[test]
fn the_governance_of_a_halo_is_planned_and_made() {
    let place = Place::new();
    let halo = "artifact = { file = \"artifacts/halo.md\" }\n";
    let file = place.edited("tbill", halo, &format!("{halo}\n{}", governance()));
    let named = "admins = [\"0x4A10000000000000000000000000000000000001\"]";
    let text = place.read(file);
    place.write(file, text.replace(named, "admins = []"));
    let checked = place.halo(&format!("check {file}")).expect(0);
    assert!(checked.stdout.contains("unnamed-admin"), "{}", checked.stdout);

    let refused = place.halo(&format!("plan {file}")).expect(2);
    let refused = refused.says(&["[halo.governance]", "roles.admins"]);
    let from = refused.stderr.find("admins = [\"0x").unwrap();
    let to = refused.stderr[from..].find(']').unwrap() + from;
    place.write(file, text.replace(named, &refused.stderr[from..=to]));
    place.halo(&format!("deploy {file}")).expect(0);
    place.halo("verify deployments/embedded/tbill/bills.json").expect(0);
    let manifest = place.read("deployments/embedded/tbill/bills.json");
    for made in ["halo/sub-proxy", "halo/spell-guard", "halo/token", "halo/hat"] {
        assert!(manifest.contains(made), "{made}");
    }
}

#[test]
fn a_plan_whose_words_were_changed_is_refused() {
    let place = Place::new();
    run(place.command(["plan", "--quiet", "--out", "plan.json"]).arg(spec("tbill.toml"))).expect(0);
    place.halo("plan show plan.json").expect(0);
    let text = place.read("plan.json");
    let other = text.replacen("\"title\": \"Create ", "\"title\": \"Look at ", 1);
    assert_ne!(text, other);
    place.write("other.json", other);
    place.halo("plan show other.json").expect(2).says(&["digest", "make the plan again"]);
    place.write("empty.json", "{}");
    place.halo("plan show empty.json").expect(2).says(&["empty.json:1:", "`halo plan --out`"]);
}
