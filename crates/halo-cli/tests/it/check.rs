//! `halo check`, and what every command says about files that are wrong.

use std::{fs, path::PathBuf};

use crate::place::{Place, root, run, settings, spec};

fn malformed() -> Vec<PathBuf> {
    let folder = root().join("crates/halo-spec/tests/malformed");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    files.sort();
    assert!(files.len() >= 20);
    files
}

#[test]
fn the_examples_are_valid() {
    let place = Place::new();
    for name in ["tbill.toml", "mmf.toml", "clo.toml"] {
        let run = run(place.command(["check"]).arg(spec(name))).expect(0);
        assert!(run.stdout.ends_with("a valid Class file\n"), "{}", run.stdout);
        assert_eq!(run.stderr, "");
    }
}

#[test]
fn a_warning_is_part_of_the_result() {
    let place = Place::new();
    place.halo("init clo.toml --from clo").expect(0);
    let path = place.path().join("clo.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("400_000_000 USDS", "500_000_000 USDS")).unwrap();
    let run = place.halo("check --quiet clo.toml").expect(0);
    settings().bind(|| insta::assert_snapshot!("check_warning", run.stdout));
    assert_eq!(run.stderr, "");
}

#[test]
fn every_malformed_file_is_refused_with_place_and_remedy() {
    let place = Place::new();
    for path in malformed() {
        let file = path.file_name().unwrap().to_str().unwrap();
        for command in ["check", "launch"] {
            let run = run(place.command([command]).arg(&path)).expect(2).says(&[file, "help: "]);
            assert_eq!(run.stdout, "", "{command} {file}");
        }
        let report = run(place.command(["check", "--json"]).arg(&path)).expect(2).json();
        assert_eq!(report["ok"], false);
        for finding in report["findings"].as_array().unwrap() {
            // Without a place it is about the file as a whole: binary, too large, not UTF-8.
            let at = &finding["place"];
            assert!(at.is_null() || at["line"].as_u64() > Some(0), "{file}: {finding}");
            assert!(!finding["message"].as_str().unwrap().is_empty(), "{file}: {finding}");
            let is_error = finding["severity"] == "error";
            assert!(!is_error || !finding["help"].is_null(), "{file}: no remedy in {finding}");
        }
    }
    assert!(!place.path().join(".halo").exists(), "a refused spec leaves nothing behind");
}

#[test]
fn an_error_reads_well() {
    let place = Place::new();
    let path = root().join("crates/halo-spec/tests/malformed/unknown_key.toml");
    let run = run(place.command(["check"]).arg(path)).expect(2);
    settings().bind(|| insta::assert_snapshot!("check_error", run.stderr));
}

#[test]
fn a_file_that_is_not_there_is_a_fault_of_the_outside() {
    let place = Place::new();
    for command in ["check", "plan", "deploy", "launch", "verify"] {
        let run = place.halo(&format!("{command} nowhere.toml")).expect(3);
        let run = run.says(&["nowhere.toml", "help: "]);
        assert_eq!(run.stdout, "");
    }
    place.halo("check .").expect(3).says(&["help: "]);
}

#[test]
fn a_network_is_a_name_or_a_file() {
    let place = Place::new();
    place.halo("init my.toml").expect(0);
    place.halo("check my.toml --network embedded").expect(0);
    place
        .halo("check my.toml --network mainet")
        .expect(2)
        .says(&["there is no network called `mainet`", "embedded and mainnet"]);
    place.halo("check my.toml --network mainet.toml").expect(3).says(&["mainet.toml", "help: "]);
    let mut command = place.command(["check", "my.toml"]);
    run(command.env("HALO_NETWORK", "nowhere")).expect(2).says(&["`nowhere`"]);
    // Made-up addresses are good enough for the embedded chain only.
    place.halo("check my.toml --network mainnet").expect(2).says(&["help: "]);
}
