//! What the generator does not write, and that it writes the same from a manifest as from the spec.

#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use std::{fs, path::Path};

use alloy_primitives::{B256, U256, address};
use halo_deploy::Manifest;
use halo_governance::{Caps, Document, Error, Scene, SpellKind, Terms, generate};
use halo_templates::compile::Solc;

use support::Example;

fn refusal(example: &Example, kind: SpellKind, terms: &Terms) -> String {
    let error = example.spell(kind, terms, Path::new("spells")).unwrap_err();
    if let Error::Terms { remedy, .. } = &error {
        assert!(!remedy.is_empty());
    }
    error.to_string()
}

#[test]
fn terms_that_make_no_sense_are_refused() {
    let example = Example::of("tbill");
    let none = Terms::default();
    let refuse = |kind, terms: &Terms| refusal(&example, kind, terms);
    assert!(refuse(SpellKind::CapChange, &none).contains("are what they would be set to"));
    assert!(refuse(SpellKind::TemplateApproval, &none).contains("no template is named"));
    assert!(refuse(SpellKind::MigrateUnit, &none).contains("until when"));
    let unknown = Terms { unit: Some("bonds".to_owned()), ..Terms::default() };
    assert!(refuse(SpellKind::PsmKiss, &unknown).contains("no Unit `bonds`"));
    let unknown = Terms { template: Some("HaloBank".to_owned()), ..Terms::default() };
    assert!(refuse(SpellKind::TemplateApproval, &unknown).contains("HaloBank"));
}

#[test]
fn insane_caps_and_hostile_pointers_are_refused() {
    let example = Example::of("tbill");
    let one = U256::from(10).pow(U256::from(18));
    for cap in [U256::ZERO, one - U256::from(1), U256::MAX, one * U256::from(1_000_000_000_001_u64)]
    {
        let caps = Caps { cap: Some(cap), ..Caps::default() };
        let terms = Terms { caps, ..Terms::default() };
        assert!(refusal(&example, SpellKind::CapChange, &terms).starts_with("cap: "), "{cap}");
    }
    for uri in ["ipfs://a\"; selfdestruct(x); \"", "ipfs://a\nb", &"a".repeat(257)] {
        let document = Some(Document { hash: B256::repeat_byte(1), uri: uri.to_owned() });
        let terms = Terms { document, ..example.terms(SpellKind::CapChange) };
        assert!(refusal(&example, SpellKind::CapChange, &terms).contains("no plain text"), "{uri}");
    }
}

#[test]
fn another_compiler_is_refused_by_its_version() {
    let example = Example::of("tbill");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("solc");
    fs::write(&path, "#!/bin/sh\necho 'Version: 0.8.33+commit.64118f21.Linux.g++'\n").unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let error = Solc::find(&example.tree, Some(&path)).unwrap_err().to_string();
    assert!(error.contains("0.8.33") && error.contains("0.8.34"), "{error}");
}

#[test]
fn a_manifest_gives_the_same_spell_as_its_spec() {
    let example = Example::of("clo");
    let kind = SpellKind::CapChange;
    let terms = Terms { unit: Some("junior".to_owned()), ..example.terms(kind) };
    let out = Path::new("spells");
    let from_spec = example.spell(kind, &terms, out).unwrap();

    let mut chain = example.genesis();
    let plan = example.deploy(&mut chain);
    let manifest = Manifest::new(&plan, "junior", &[]).unwrap();
    let scene = Scene::of_manifest(manifest, chain, example.network.clone()).unwrap();
    let from_manifest = generate(kind, &terms, &scene, &example.tree, &example.solc, out).unwrap();
    assert_eq!(from_manifest.actions, from_spec.actions);
    assert_eq!(from_manifest.code_hash, from_spec.code_hash);
    assert!(from_manifest.source.contains("from the manifest of embedded/clo/junior.json"));
}

#[test]
fn a_migration_names_units_that_there_are() {
    let example = Example::of("clo");
    let kind = SpellKind::MigrateUnit;
    let target = address!("0x00000000000000000000000000000000000000A1");
    let targets = [("mezzanine".to_owned(), target)].into();
    let terms = Terms { targets, ..example.terms(kind) };
    let said = refusal(&example, kind, &terms);
    assert!(said.contains("no Unit `mezzanine`"), "{said}");
}
