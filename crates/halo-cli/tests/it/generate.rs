//! `halo generate`.

use crate::place::{Place, Run, run, spec};

/// Runs `halo generate spell` on the Treasury bill spec.
fn spell(place: &Place, kind: &str, more: &[&str]) -> Run {
    let mut command = place.command(["generate", "spell", kind]);
    run(command.arg(spec("tbill.toml")).args(["--out", "spells"]).args(more))
}

#[test]
fn a_spell_is_written_with_its_test_and_its_world() {
    let place = Place::new();
    let words = spell(&place, "psm-kiss", &[]).expect(0);
    for part in ["PsmKiss", "Sky's pause proxy", "kiss", "LitePSM", "class/alm-proxy", "forge test"]
    {
        assert!(words.stdout.contains(part), "no {part} in {}", words.stdout);
    }
    let json = spell(&place, "psm-kiss", &["--json"]).expect(0).json();
    assert_eq!(json["kind"], "psm-kiss");
    assert_eq!(json["actions"][0]["function"], "kiss(address)");
    for (name, part) in [
        ("PsmKiss.sol", "contract PsmKiss {"),
        ("PsmKiss.t.sol", json["actions_hash"].as_str().unwrap()),
        ("PsmKiss.world.json", "\"alloc\""),
    ] {
        let text = place.read(format!("spells/{name}"));
        assert!(text.contains(part), "no {part} in {name}");
    }
}

#[test]
fn what_is_missing_is_said_with_a_way_on() {
    let place = Place::new();
    let refuse = |kind, parts: &[&str]| spell(&place, kind, &[]).expect(2).says(parts);
    refuse("cap-change", &["would be set to", "--cap"]);
    refuse("template-approval", &["no template is named", "--template"]);
    refuse("migrate-unit", &["until when", "--deadline"]);
    refuse("unit-thaw", &["possible values"]);
    spell(&place, "cap-change", &["--cap", "5 DAI"]).expect(2).says(&["not in USDS"]);
    assert!(!place.path().join("spells").exists(), "nothing is written");
}
