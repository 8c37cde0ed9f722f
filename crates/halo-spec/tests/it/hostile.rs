//! Hostile files: whatever they hold, the answer is a value or an error that can be printed.

use std::collections::BTreeMap;

use halo_spec::{ClassSpec, LoadError, Network, Prime, Scenario, Source, Starter};
use proptest::prelude::*;

fn network() -> Network {
    Network::embedded().unwrap()
}

/// Loads `text` as every kind of file, and prints what is wrong with it.
fn load_all(text: &str, network: &Network) {
    let nothing: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let usds = network.token("USDS").unwrap();
    let errors = [
        ClassSpec::parse("a", text, network, &nothing).err(),
        ClassSpec::parse("a", text, network, &Starter::Clo).err(),
        Scenario::parse("a", text, network, usds).err(),
        Network::parse("a", text).err(),
        Prime::parse("a", text).err(),
    ];
    for error in errors.into_iter().flatten() {
        if let LoadError::Input(problems) = &error {
            assert!(!problems.findings.is_empty());
        }
        let mut shown = String::new();
        miette::GraphicalReportHandler::new().render_report(&mut shown, &error).unwrap();
        assert!(shown.len() < 1_000_000);
    }
}

/// A file of this repository with a few bytes replaced, inserted, or cut out.
fn edited(original: &str, edits: &[(usize, usize, String)]) -> String {
    let mut text: Vec<char> = original.chars().collect();
    for (at, cut, put) in edits {
        let from = at % (text.len() + 1);
        let to = (from + cut).min(text.len());
        text.splice(from..to, put.chars());
    }
    text.into_iter().collect()
}

fn edits() -> impl Strategy<Value = Vec<(usize, usize, String)>> {
    let put = prop_oneof![
        Just(String::new()),
        "[\\[\\]{}=\"'#\\n.,0-9a-z -]{1,12}",
        "\\PC{1,6}",
        Just("unlimited".to_owned()),
        Just("99999999999999999999999999".to_owned()),
        Just("[[units]]\n".to_owned()),
        Just("\u{1b}[2J".to_owned()),
    ];
    prop::collection::vec((any::<usize>(), 0usize..40, put), 1..4)
}

const FILES: [&str; 5] = [
    include_str!("../../../../deployments/specs/tbill.toml"),
    include_str!("../../../../deployments/specs/mmf.toml"),
    include_str!("../../../../deployments/specs/clo.toml"),
    include_str!("../../../../deployments/networks/embedded.toml"),
    include_str!("../../../../deployments/scenarios/day1.toml"),
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        if let Ok(source) = Source::from_bytes("a", &bytes) {
            load_all(source.text(), &network());
        }
    }

    #[test]
    fn random_edits_never_panic(file in 0usize..FILES.len(), edits in edits()) {
        load_all(&edited(FILES[file], &edits), &network());
    }
}

#[test]
fn deep_nesting_is_an_error() {
    load_all(&format!("a = {}{}", "[".repeat(900), "]".repeat(900)), &network());
    load_all(&format!("{} = 1", vec!["a"; 900].join(".")), &network());
}

#[test]
fn every_prefix_of_a_spec_is_an_error_that_prints() {
    let network = network();
    for at in (0..FILES[0].len()).step_by(97).filter(|at| FILES[0].is_char_boundary(*at)) {
        load_all(&FILES[0][..at], &network);
    }
}
