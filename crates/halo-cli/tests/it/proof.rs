//! verify without a manifest, drift, evidence, registries, artifacts and assertions: each finds what was tampered with.

use std::{fs, path::Path};

use alloy_primitives::{B256, hex};
use serde_json::{Value, json};

use crate::place::{Place, run, settings, spec};

const MANIFEST: &str = "deployments/embedded/tbill/bills.json";

fn launched() -> Place {
    let place = Place::new();
    run(place.command(["launch", "-q"]).arg(spec("tbill.toml"))).expect(0);
    place
}

fn edit(place: &Place, to: &str, edit: impl FnOnce(&mut Value)) {
    let mut manifest: Value = serde_json::from_str(&place.read(MANIFEST)).unwrap();
    edit(&mut manifest);
    place.write(to, serde_json::to_string_pretty(&manifest).unwrap());
}

fn address(place: &Place, name: &str) -> String {
    let manifest: Value = serde_json::from_str(&place.read(MANIFEST)).unwrap();
    let mut all = manifest["contracts"].as_array().unwrap().iter();
    let one = all.find(|one| one["name"] == name).unwrap();
    one["address"].as_str().unwrap().to_owned()
}

fn spec_path(name: &str) -> String {
    spec(name).display().to_string()
}

#[test]
fn a_deployment_without_a_manifest_is_verified_from_its_spec() {
    let place = launched();
    let run = place.halo(&format!("verify --spec {}", spec_path("tbill.toml"))).expect(0);
    assert!(run.stdout.contains("embedded/tbill/bills: all "), "{}", run.stdout);
    // The same deployment is not that of another spec.
    let other = place.edited("tbill", "max_report_age = \"36 h\"", "max_report_age = \"35 h\"");
    let run = place.halo(&format!("verify --spec {other}")).expect(1);
    assert!(run.stdout.contains("has none of these contracts") || run.stdout.contains("FAIL"));
}

#[test]
fn addresses_alone_tell_template_address_arguments_roles_and_values() {
    let place = launched();
    let names = ["core/unit-registry", "core/beam-mom", "class/rate-limits", "unit/bills/unit"];
    let mut command = place.command(["verify"]);
    for name in names {
        command.args(["--address", &format!("{name}={}", address(&place, name))]);
    }
    let words = run(&mut command).expect(0);
    for part in [
        "UnitRegistry version 1, byte for byte as locked",
        "constructor arguments proved: ",
        "minimal proxy of 0x",
        "ClassRateLimits version 1",
        "role      LIMIT_SETTER: ",
        "value     cap() = 1000000000000000000000000000",
        "4 of 4 addresses have code that is known",
    ] {
        assert!(words.stdout.contains(part), "no {part} in {}", words.stdout);
    }
    let report = run(command.arg("--json")).expect(0).json();
    assert_eq!(report["survey"]["contracts"][0]["origin"]["origin"], "derived");

    let run = place.halo("verify --address vault").expect(2);
    assert!(!run.stderr.contains("UNIT"), "a name is not only that of a Unit: {}", run.stderr);
    let nobody = "nobody=0x00000000000000000000000000000000DeaDBeef";
    let run = place.halo(&format!("verify --address {nobody}")).expect(1);
    assert!(run.stdout.contains("FAIL: no code"), "{}", run.stdout);
}

#[test]
fn an_artifact_from_elsewhere_is_known_by_its_masked_code() {
    let place = launched();
    // The pause proxy's code is in the lock as a stand-in; another compiler's artifact of it has immutables.
    let at = address(&place, "core/factory");
    let code = halo_templates::template::LaniakeaFactory.runtime_code();
    // Not in the lock under this name: the first 32 bytes of a copy are an immutable.
    let mut masked = code.to_vec();
    masked[..32].fill(0);
    let artifact = json!({
        "abi": [],
        "deployedBytecode": {
            "object": format!("0x{}", hex::encode(&masked)),
            "immutableReferences": {"7": [{"start": 0, "length": 32}]},
        },
    });
    place.write("Foreign.json", artifact.to_string());
    let run = place.halo(&format!("verify --address it={at} --artifact Foreign.json")).expect(0);
    // The lock comes first.
    assert!(run.stdout.contains("LaniakeaFactory version"), "{}", run.stdout);
    place.write("Broken.json", "{}");
    place
        .halo(&format!("verify --address it={at} --artifact Broken.json"))
        .expect(2)
        .says(&["Broken.json", "help: "]);
}

#[test]
fn a_node_that_is_not_there_is_no_matter_of_the_state_folder() {
    let place = Place::new();
    let run = place.halo("verify --address it=0x00000000000000000000000000000000DeaDBeef --rpc-url http://127.0.0.1:9/key");
    let run = run.expect(3).says(&["http://127.0.0.1:9"]);
    assert!(!run.stderr.contains("--state") && !run.stderr.contains("/key"), "{}", run.stderr);
}

#[test]
fn artifact_documents_are_read_back_without_drift_and_tampered_words_are_found() {
    let place = launched();
    let spec = spec_path("tbill.toml");
    let words = place.halo(&format!("generate artifact {spec} --out artifacts")).expect(0);
    settings().bind(|| insta::assert_snapshot!("proof_generate_artifact", words.stdout));
    let (class, unit) = ("artifacts/class-tbill.md", "artifacts/unit-bills.md");
    let drift = format!("drift {MANIFEST} --spec {spec} --artifact {class} --artifact {unit}");
    let clean = place.halo(&drift).expect(0);
    assert!(clean.stdout.contains("no drift in 21 limits"), "{}", clean.stdout);
    let report = place.halo(&format!("{drift} --json")).expect(0).json();
    let limits = report["limits"].as_array().unwrap();
    assert!(limits.iter().all(|one| one["artifact"].is_string()), "every limit is worded");

    // The edit names the hash of exactly this text.
    let edit: Value = serde_json::from_str(&place.read("artifacts/unit-bills.edit.json")).unwrap();
    let hash = alloy_primitives::keccak256(place.read(unit)).to_string();
    assert_eq!(edit["content"], hash);
    assert!(edit["data"].as_str().unwrap().contains(hash.trim_start_matches("0x")));

    let text = place.read(unit);
    let said = "- `maxAmount`: 500,000,000 USDS";
    assert!(text.contains(said));
    for (wrong, why) in [
        ("- `maxAmount`: 500,000,001 USDS", "maxAmount is another amount"),
        ("- `maxAmount`: 500,000,000 USDC", "maxAmount is in USDC"),
        ("- `maxAmount`: Unlimited", "maxAmount is unlimited in the text"),
        ("- `maxAmount`: as agreed", "maxAmount is not understood"),
    ] {
        place.write(unit, text.replacen(said, wrong, 1));
        let run = place.halo(&drift).expect(1);
        assert!(run.stdout.contains(why), "no {why} in {}", run.stdout);
    }

    // A placeholder is told its id.
    let key = text.lines().find(|line| line.starts_with("The id of `LIMIT_7540_DEPOSIT")).unwrap();
    let id: B256 = key.rsplit('`').nth(1).unwrap().parse().unwrap();
    let later = "This parameter will be specified in a future iteration of the Meridian Artifact.";
    place.write(unit, text.replacen(key, later, 1));
    let run = place.halo(&drift).expect(0);
    let told = format!("id for the placeholder of LIMIT_7540_DEPOSIT(USDS, bills): {id}");
    assert!(run.stdout.contains(&told), "{}", run.stdout);
    let strange = text.replacen(&id.to_string(), &B256::repeat_byte(7).to_string(), 1);
    place.write(unit, strange);
    let run = place.halo(&drift).expect(1);
    assert!(run.stdout.contains("no limit of the manifest has the id 0x0707"), "{}", run.stdout);
}

#[test]
fn drift_finds_what_chain_spec_and_manifest_tell_differently() {
    let place = launched();
    edit(&place, "deployments/embedded/tbill/bills.json", |manifest| {
        // A limit that the manifest forgets, and a value that it tells otherwise.
        manifest["limits"].as_array_mut().unwrap().remove(0);
        manifest["values"][1]["value"] = "1".into();
    });
    let spec = spec_path("tbill.toml");
    let run = place.halo(&format!("drift {MANIFEST} --spec {spec}")).expect(1);
    for part in [
        "DRIFT class/rate-limits: 0x",
        "stands on the chain and in no manifest: max 250000000000000",
        "DRIFT value/core/beam-timelock/delay()",
        "spec     1209600",
    ] {
        assert!(run.stdout.contains(part), "no {part} in {}", run.stdout);
    }
}

#[test]
fn governance_text_is_counted_and_the_rest_listed() {
    let place = Place::new();
    let row = |max: Value, slope: Value| json!({"agent": "Keel", "instance": "Drift", "field": "2.4.1", "maxAmount": max, "slope": slope});
    let rows = json!([
        row("25,000,000 USDT".into(), "10,000,000 USDT per day".into()),
        row("Unlimited".into(), Value::Null),
        row("soon\u{1b}[2J".into(), Value::Null),
        row(Value::Null, Value::Null),
    ]);
    place.write("rows.json", rows.to_string());
    let words = place.halo("drift --wording rows.json").expect(0);
    settings().bind(|| insta::assert_snapshot!("proof_wording", words.stdout));
    let report = place.halo("drift --wording rows.json --json").expect(0).json();
    assert_eq!((report["understood"].as_u64(), report["rows"].as_u64()), (Some(2), Some(4)));
    place.write("rows.json", "[{}]");
    place.halo("drift --wording rows.json").expect(2).says(&["rows.json", "help: "]);
}

#[test]
fn evidence_is_made_repeated_and_tampering_with_it_found() {
    let place = launched();
    let spec = spec_path("tbill.toml");
    place.halo(&format!("generate artifact {spec} --out artifacts")).expect(0);
    // With sources, halo-evidence's own test makes it; compiling them takes minutes.
    let make = format!(
        "evidence {MANIFEST} --spec {spec} --artifact artifacts/class-tbill.md --artifact artifacts/unit-bills.md \
         --no-sources --out evidence"
    );
    place.halo(&make).expect(0);
    let index: Value = serde_json::from_str(&place.read("evidence/index.json")).unwrap();
    let checks = index["checks"].as_array().unwrap();
    assert!(checks.iter().all(|check| check["verdict"] != "FAIL"), "{index:#}");
    assert!(place.read("evidence/index.md").contains("18 PASS, 0 FAIL, 3 NOT APPLICABLE"));

    let repeated = place.halo("evidence check evidence").expect(0);
    assert!(
        repeated.stdout.ends_with("21 checks repeated, all as the bundle says\n"),
        "{}",
        repeated.stdout
    );

    // One row of a check, with the hash in the index made to fit: only repeating finds it.
    let path = "evidence/checks/limits.json";
    let text = place.read(path);
    let changed = text.replacen("250_000_000 USDC", "250_000_001 USDC", 2);
    assert_ne!(text, changed);
    place.write(path, &changed);
    let run = place.halo("evidence check evidence --only limits").expect(1);
    assert!(run.stdout.contains("its hash is not the one in the index"), "{}", run.stdout);
    let hash = |text: &str| alloy_primitives::keccak256(text).to_string();
    let index = place.read("evidence/index.json");
    place.write("evidence/index.json", index.replace(&hash(&text), &hash(&changed)));
    let page = place.read("evidence/index.md");
    place.write("evidence/index.md", page.replace(&hash(&text), &hash(&changed)));
    let run = place.halo("evidence check evidence --only limits").expect(1);
    assert!(!run.stdout.contains("its hash is not"), "{}", run.stdout);
    assert!(
        run.stdout.contains("CHANGED evidence")
            || run.stdout.contains("CHANGED checks/limits.json")
    );
    place.write(path, &text);
    place.write("evidence/index.json", &index);
    place.write("evidence/index.md", &page);

    // A verdict, the page, a check that is gone, an input.
    place.write("evidence/index.md", page.replace("| PASS |", "| FAIL |"));
    let run = place.halo("evidence check evidence --only limits").expect(1);
    assert!(run.stdout.contains("CHANGED index.md"), "{}", run.stdout);
    place.write("evidence/index.md", &page);
    fs::remove_file(place.path().join(path)).unwrap();
    let run = place.halo("evidence check evidence --only limits");
    assert_ne!(run.code, Some(0));
    place.write(path, &text);
    let manifest = place.read(MANIFEST);
    place.write(MANIFEST, manifest.clone() + " ");
    let run = place.halo("evidence check evidence --only limits").expect(1);
    assert!(run.stdout.contains("the file has changed since"), "{}", run.stdout);
    place.write(MANIFEST, &manifest);
    place.halo("evidence check evidence --only limits").expect(0);
    place.halo("evidence check evidence --only luck").expect(2).says(&["luck", "code-hash"]);

    // A manifest that lies fails by the check's name.
    edit(&place, "lies.json", |manifest| {
        manifest["roles"][0]["members"] = json!(["0x00000000000000000000000000000000DeaDBeef"]);
    });
    let run = place.halo("evidence lies.json --no-sources --out lies").expect(1);
    assert!(run.stdout.contains("FAIL admins: "), "{}", run.stdout);
    assert!(run.stdout.contains("NOT APPLICABLE"), "{}", run.stdout);
    place
        .halo(&format!("evidence {MANIFEST} --no-sources --out ."))
        .expect(2)
        .says(&["something else"]);
}

#[test]
fn manifests_are_listed_compared_and_exported() {
    let place = launched();
    let listed = place.halo("manifest list").expect(0);
    assert!(listed.stdout.contains("embedded/tbill/bills.json"), "{}", listed.stdout);
    place.halo("manifest index").expect(0);
    let index: Value =
        serde_json::from_str(&place.read("deployments/embedded/index.json")).unwrap();
    assert_eq!(index["manifests"][0]["path"], "tbill/bills.json");
    place.halo("manifest list").expect(0);
    edit(&place, "other.json", |manifest| manifest["limits"][0]["max"] = "1".into());
    let run = place.halo(&format!("manifest diff {MANIFEST} other.json")).expect(1);
    assert!(
        run.stdout.starts_with("limit/class/rate-limits/LIMIT_USDS_TO_USDC\n"),
        "{}",
        run.stdout
    );
    assert_eq!(
        place.halo(&format!("manifest diff {MANIFEST} {MANIFEST}")).expect(0).stdout,
        "the two tell the same\n"
    );
    // Whoever wrote a manifest does not command the terminal of who reads it.
    edit(&place, "hostile.json", |manifest| {
        manifest["limits"][0]["label"] = "\u{1b}[2J\rnothing".into();
    });
    for line in [&*format!("diff {MANIFEST} hostile.json"), "show hostile.json"] {
        let said = place.halo(&format!("manifest {line}")).stdout;
        assert!(said.contains("[2J nothing"), "{said:?}");
        assert!(!said.contains(|c: char| c.is_control() && c != '\n'), "{said:?}");
    }
    place.write(MANIFEST, place.read("other.json"));
    let run = place.halo("manifest list").expect(1);
    assert!(run.stdout.contains("STALE embedded/index.json"), "{}", run.stdout);

    for format in ["solidity", "typescript", "json", "chainlog"] {
        let run = place.halo(&format!("manifest export {MANIFEST} --format {format}")).expect(0);
        settings().bind(|| insta::assert_snapshot!(format!("proof_export_{format}"), run.stdout));
    }
    let keys = place.halo(&format!("manifest export {MANIFEST} --format chainlog")).json();
    assert!(keys.as_object().unwrap().keys().all(|key| key.len() <= 32));
    let shown = place.halo(&format!("manifest show {MANIFEST}")).expect(0);
    assert!(shown.stdout.contains("class/rate-limits"), "{}", shown.stdout);
}

#[test]
fn assertions_hold_in_the_program_and_fail_when_the_chain_is_another() {
    let place = launched();
    let spec = spec_path("tbill.toml");
    place.halo(&format!("generate assertions {spec} --out assertions")).expect(0);
    let facts = "assertions/bills.assertions.json";
    let run = place.halo(&format!("verify --assertions {facts}")).expect(0);
    assert!(run.stdout.contains("as asserted: all "), "{}", run.stdout);
    let text = place.read(facts);
    place.write(
        facts,
        text.replacen("\"max\": \"250000000000000\"", "\"max\": \"250000000000001\"", 1),
    );
    let run = place.halo(&format!("verify --assertions {facts}")).expect(1);
    assert!(
        run.stdout.contains("FAIL limit/class/rate-limits/LIMIT_USDS_TO_USDC"),
        "{}",
        run.stdout
    );
    place.write(facts, "{}");
    place.halo(&format!("verify --assertions {facts}")).expect(2).says(&["help: "]);
    assert!(Path::new(&place.path().join("assertions/bills.t.sol")).is_file());
}
