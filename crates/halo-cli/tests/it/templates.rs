//! `halo templates` and `halo completions`.

use halo_templates::Template;

use crate::place::{Place, run};

#[test]
fn the_list_has_every_template() {
    let place = Place::new();
    let words = place.halo("templates list").expect(0).stdout;
    let json = place.halo("templates list --json").expect(0).json();
    let locked = json["template"].as_array().unwrap();
    assert_eq!(locked.len(), Template::all().len());
    for template in Template::all() {
        assert!(words.contains(template.name()), "{}", template.name());
    }
}

#[test]
fn one_is_shown_with_its_surface() {
    let place = Place::new();
    let words = place.halo("templates show HaloUnit").expect(0).stdout;
    for part in ["settleEpoch(", "EpochSettled(", "NotOnboarded(uint64)", "code hash"] {
        assert!(words.contains(part), "no {part}");
    }
    let json = place.halo("templates show HaloUnit --json").expect(0).json();
    assert_eq!(json["name"], "HaloUnit");
    for template in Template::all() {
        place.halo(&format!("templates show {}", template.name())).expect(0);
    }
    place
        .halo("templates show Halounit")
        .expect(2)
        .says(&["did you mean HaloUnit?", "halo templates list"]);
}

#[test]
fn compiling_says_what_it_misses() {
    let place = Place::new();
    let root = crate::place::root().join("solidity");
    let mut command = place.command(["templates", "verify", "--root"]);
    run(command.arg(&root).env("HALO_SOLC", "/nowhere/solc")).expect(3).says(&["/nowhere/solc"]);
}

#[test]
fn every_shell_gets_its_completions() {
    let place = Place::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let run = place.halo(&format!("completions {shell}")).expect(0);
        assert!(run.stdout.contains("launch") && run.stdout.contains("halo"), "{shell}");
    }
    place.halo("completions tcsh").expect(2).says(&["possible values"]);
}
