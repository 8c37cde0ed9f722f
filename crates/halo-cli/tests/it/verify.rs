//! `halo verify`: the chain against a manifest, and what it says when they differ.

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::Value;

use crate::{
    documents::copy,
    place::{Place, root, run, spec},
};

const MANIFEST: &str = "deployments/embedded/tbill/bills.json";

fn launched() -> Place {
    let place = Place::new();
    run(place.command(["launch", "-q"]).arg(spec("tbill.toml"))).expect(0);
    place
}

impl Place {
    fn edit_manifest(&self, edit: impl FnOnce(&mut Value)) {
        let mut manifest = serde_json::from_str(&self.read(MANIFEST)).unwrap();
        edit(&mut manifest);
        self.write("edited.json", manifest.to_string());
    }
}

#[test]
fn a_deployment_verifies() {
    let place = launched();
    let words = place.halo(&format!("verify {MANIFEST}")).expect(0);
    let report = place.halo(&format!("verify {MANIFEST} --json")).expect(0).json();
    let checks = report["checks"].as_array().unwrap();
    assert!(checks.iter().all(|check| check["holds"] == true));
    let last = format!("embedded/tbill/bills: all {} checks hold\n", checks.len());
    assert!(words.stdout.ends_with(&last), "{}", words.stdout);
}

#[test]
fn a_changed_limit_member_or_address_fails_by_name() {
    let place = launched();
    place.edit_manifest(|manifest| manifest["limits"][0]["max"] = "1".into());
    let run = place.halo("verify edited.json").expect(1);
    assert!(run.stdout.contains("FAIL limit/"), "{}", run.stdout);

    place.edit_manifest(|manifest| {
        let members = manifest["roles"][0]["members"].as_array_mut().unwrap();
        members.push("0x00000000000000000000000000000000DeaDBeef".into());
    });
    let run = place.halo("verify edited.json").expect(1);
    assert!(run.stdout.contains("FAIL roles/"), "{}", run.stdout);
    assert!(run.stdout.contains("1 of "), "{}", run.stdout);

    place.edit_manifest(|manifest| {
        let contracts = manifest["contracts"].as_array_mut().unwrap();
        let book = contracts.iter_mut().find(|one| one["name"] == "class/book").unwrap();
        book["address"] = "0x00000000000000000000000000000000DeaDBeef".into();
    });
    let run = place.halo("verify edited.json").expect(1);
    assert!(run.stdout.contains("FAIL address/class/book"), "{}", run.stdout);
    let report = place.halo("verify edited.json --json").expect(1).json();
    assert!(report["checks"].as_array().unwrap().iter().any(|check| check["holds"] == false));
}

#[test]
fn what_is_no_manifest_is_refused_at_its_place() {
    let place = launched();
    let text = place.read(MANIFEST);
    place.write("cut.json", &text[..text.len() / 2]);
    place.halo("verify cut.json").expect(2).says(&["cut.json:", "help: "]);
    place.edit_manifest(|manifest| manifest["surprise"] = 1.into());
    place.halo("verify edited.json").expect(2).says(&["edited.json:1:", "surprise", "help: "]);
    place.write("spec.toml", fs::read(spec("tbill.toml")).unwrap());
    place.halo("verify spec.toml").expect(2).says(&["spec.toml:1:1", "give a manifest"]);
    place.halo("verify missing.json").expect(3).says(&["missing.json", "help: "]);
}

#[test]
fn another_chain_is_said_to_be_another() {
    let place = launched();
    run(place.command(["launch", "-q"]).arg(spec("mmf.toml"))).expect(0);
    let run = place.halo(&format!("verify {MANIFEST}")).expect(1);
    assert!(run.stdout.contains("has none of these contracts"), "{}", run.stdout);
    assert!(!run.stdout.contains("FAIL"), "{}", run.stdout);
}

#[test]
fn the_state_folder_may_be_empty_or_damaged() {
    let place = launched();
    place
        .halo(&format!("verify {MANIFEST} --state elsewhere"))
        .expect(2)
        .says(&["elsewhere", "help: "]);
    let state = place.path().join(".halo/state.bin");
    let mut bytes = fs::read(&state).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&state, bytes).unwrap();
    place.halo(&format!("verify {MANIFEST}")).expect(3).says(&["state.bin", "delete the file"]);
}

#[test]
fn sources_that_give_other_code_than_the_lock_are_named() {
    let place = launched();
    let manifest: Value = serde_json::from_str(&place.read(MANIFEST)).unwrap();
    let contracts = manifest["contracts"].as_array().unwrap();
    let templates: BTreeSet<_> = contracts.iter().map(|one| one["template"].as_str()).collect();
    let report = place.halo(&format!("verify {MANIFEST} --recompile --json")).expect(0).json();
    let again = report["checks"].as_array().unwrap().iter();
    let again = again.filter(|one| one["id"].as_str().unwrap().starts_with("recompiled/"));
    assert_eq!(again.count(), templates.len());

    // A tree in which one of two contracts would not keep others from initialising it.
    let tree = place.path().join("solidity");
    for folder in ["src", "artifacts"] {
        copy(&root().join("solidity").join(folder), &tree.join(folder));
    }
    for link in ["node_modules", "tools", "foundry.toml"] {
        let from = root().join("solidity").join(link);
        std::os::unix::fs::symlink(from, tree.join(link)).unwrap();
    }
    let changed = Path::new("solidity/src/book/HaloBook.sol");
    let text = place.read(changed);
    let other = text.replace("_disableInitializers();", "");
    assert_ne!(text, other);
    place.write(changed, other);
    let at = |name: &str| {
        let one = contracts.iter().find(|one| one["name"] == name).unwrap();
        one["address"].as_str().unwrap().to_owned()
    };
    let (book, registry) = (at("class/book"), at("core/unit-registry"));
    let addresses = format!("--address book={book} --address registry={registry}");
    let said = place.halo(&format!("verify {addresses} --recompile --root solidity")).expect(1);
    let failed: Vec<_> = said.stdout.lines().filter(|line| line.starts_with("FAIL ")).collect();
    assert_eq!(failed, ["FAIL recompiled/HaloBook"], "{}", said.stdout);
    for part in ["source src/book/HaloBook.sol: 0x", "creation code differs from byte"] {
        assert!(said.stdout.contains(part), "no `{part}` in {}", said.stdout);
    }
}
