//! Files that are not what they should be: an error with a place, and no panic.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::{path::Path, sync::LazyLock};

use halo_chain::{Embedded, now};
use halo_deploy::{Error, Fault, Manifest, Plan, PrimeLimits, verify};
use halo_spec::{ClassSpec, Network, Scenario};
use proptest::prelude::*;
use serde_json::Value;

static PLAN: LazyLock<Plan> = LazyLock::new(|| {
    let network = Network::embedded().unwrap();
    let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deployments/specs");
    let spec = ClassSpec::load(&specs.join("clo.toml"), &network).unwrap().value;
    let scenario = Scenario::day1(&network, &spec.asset).unwrap().value;
    Plan::new(&spec, &network, &PrimeLimits::of_scenario(&scenario)).unwrap()
});

static MANIFEST: LazyLock<String> = LazyLock::new(|| {
    let unit = &PLAN.subject.units[0].slug;
    Manifest::new(&PLAN, unit, &[]).unwrap().to_json().unwrap()
});

fn parse(bytes: &[u8]) -> Result<Manifest, Error> {
    Manifest::parse(Path::new("unit.json"), bytes)
}

/// The error's words.
#[track_caller]
fn refused(bytes: &[u8]) -> String {
    let error = parse(bytes).unwrap_err();
    assert_eq!(error.fault(), Fault::Input);
    error.to_string()
}

#[test]
fn each_mistake_is_shown_at_its_place() {
    let sound = MANIFEST.as_str();
    parse(sound.as_bytes()).unwrap();
    let line = |needle: &str| sound[..sound.find(needle).unwrap()].lines().count();

    assert!(refused(b"").contains("unit.json:1:0: EOF"), "{}", refused(b""));
    assert!(refused(b"\xff\xfe").starts_with("unit.json:1:1: "));
    assert!(refused(b"{}").contains("missing field `schema`"));
    let words = refused(sound.replacen("halo.manifest/1", "halo.manifest/2", 1).as_bytes());
    assert!(words.contains("expected `halo.manifest/1`, found `halo.manifest/2`"), "{words}");
    let words = refused(sound.replacen("\"chain\":", "\"chian\":", 1).as_bytes());
    assert!(words.contains("unknown field `chian`"), "{words}");
    assert!(words.contains(&format!(":{}:", line("\"chain\":"))), "{words}");
    let words = refused(
        sound
            .replacen(
                "\"0x4e59b44847b379578588920cA78FbF26c0B4956C\"",
                "\"0x4e59b44847b379578588920cA78FbF26c0B4956c\"",
                1,
            )
            .as_bytes(),
    );
    assert!(words.contains("is not an address with a right checksum"), "{words}");
    for number in ["-1", "1e3", "0x1", "01", "", " 1", &"9".repeat(78)] {
        let limit = sound.find("\"max\": \"").unwrap() + "\"max\": \"".len();
        let end = limit + sound[limit..].find('"').unwrap();
        let text = format!("{}{number}{}", &sound[..limit], &sound[end..]);
        let words = refused(text.as_bytes());
        assert!(words.contains("whole number") || words.contains("256 bits"), "{words}");
        assert!(words.contains(&format!(":{}:", line("\"max\": \""))), "{words}");
    }
}

#[test]
fn a_file_without_end_is_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("huge.json");
    std::fs::File::create(&path).unwrap().set_len(1 << 34).unwrap();
    let words = Manifest::load(&path).unwrap_err().to_string();
    assert!(words.contains("larger than 16 MiB"), "{words}");
    let missing = Manifest::load(&folder.path().join("none.json")).unwrap_err();
    assert_eq!(missing.fault(), Fault::Outside);
}

#[test]
fn a_refused_write_leaves_the_old_file() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = parse(MANIFEST.as_bytes()).unwrap();
    let path = manifest.save(folder.path()).unwrap();
    let before = std::fs::read(&path).unwrap();
    manifest.save(folder.path()).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), before);
    let beside = std::fs::read_dir(path.parent().unwrap()).unwrap().count();
    assert_eq!(beside, 1, "no temporary file is left");
    // A file stands where a folder is needed.
    let error = manifest.save(&path).unwrap_err();
    assert_eq!(error.fault(), Fault::Outside);
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

/// The `number`-th leaf, if there are so many.
fn leaf<'a>(value: &'a mut Value, number: &mut usize) -> Option<&'a mut Value> {
    match value {
        Value::Object(map) => map.values_mut().find_map(|value| leaf(value, number)),
        Value::Array(items) => items.iter_mut().find_map(|value| leaf(value, number)),
        scalar if *number == 0 => Some(scalar),
        _ => {
            *number -= 1;
            None
        }
    }
}

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,40}".prop_map(Value::from),
        "[a-z]{1,8}\\(([a-z0-9,\\[\\]()]{0,20})\\) returns \\([a-z0-9,\\[\\]()]{0,20}\\)"
            .prop_map(Value::from),
        proptest::collection::vec(any::<u8>(), 0..64)
            .prop_map(|bytes| Value::from(alloy_primitives::hex::encode_prefixed(bytes))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn bytes_changed_at_random_do_no_harm(at in any::<prop::sample::Index>(), byte: u8, cut: bool) {
        let mut bytes = MANIFEST.as_bytes().to_vec();
        let at = at.index(bytes.len());
        if cut { bytes.truncate(at) } else { bytes[at] = byte }
        if let Ok(manifest) = parse(&bytes) {
            prop_assert!(manifest.to_json().is_ok());
        }
    }

    #[test]
    fn values_changed_at_random_are_refused_or_verified_without_a_panic(number in 0_usize..4_000, to in any_value()) {
        let mut value: Value = serde_json::from_str(&MANIFEST).unwrap();
        let mut number = number;
        if let Some(leaf) = leaf(&mut value, &mut number) {
            *leaf = to;
        }
        match parse(value.to_string().as_bytes()) {
            Err(error) => prop_assert_eq!(error.fault(), Fault::Input),
            Ok(manifest) => {
                let chain = Embedded::new(manifest.chain_id, 0);
                prop_assert!(!now(verify(&manifest, &chain)).unwrap().is_ok());
            }
        }
    }

    #[test]
    fn a_plan_changed_at_random_is_refused(number in 0_usize..10_000, to in any_value()) {
        let sound = serde_json::to_value(&*PLAN).unwrap();
        let mut value = sound.clone();
        let mut number = number;
        if let Some(leaf) = leaf(&mut value, &mut number) {
            *leaf = to;
        }
        match Plan::parse(Path::new("plan.json"), value.to_string().as_bytes()) {
            Err(error) => prop_assert_eq!(error.fault(), Fault::Input),
            // Titles and other spellings of the same bytes are not part of any digest.
            Ok(plan) => prop_assert_eq!(plan.digest, PLAN.digest),
        }
    }
}
