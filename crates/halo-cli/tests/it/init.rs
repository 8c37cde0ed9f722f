//! `halo init`, and the way from there.

use crate::place::Place;

#[test]
fn what_it_writes_is_valid_and_launches() {
    for starter in ["tbill", "mmf", "clo"] {
        let place = Place::new();
        let run = place.halo(&format!("init my.toml --from {starter}")).expect(0);
        assert!(run.stdout.contains("wrote my.toml\n"), "{}", run.stdout);
        assert!(run.stdout.contains("halo launch my.toml"), "{}", run.stdout);
        place.halo("check my.toml").expect(0);
        place.halo("launch my.toml --quiet").expect(0);
    }
}

#[test]
fn it_makes_folders_and_names_every_file() {
    let place = Place::new();
    let written = place.halo("init specs/new/my.toml --json").expect(0).json();
    for path in written["written"].as_array().unwrap() {
        assert!(place.path().join(path.as_str().unwrap()).is_file(), "{path}");
    }
    place.halo("check specs/new/my.toml").expect(0);
}

#[test]
fn it_never_writes_over_work() {
    let place = Place::new();
    place.write("my.toml", "mine");
    place.halo("init my.toml").expect(2).says(&["my.toml exists", "--force"]);
    assert_eq!(place.read("my.toml"), "mine");

    place.halo("init other.toml").expect(0);
    place.write("artifacts/halo.md", "my own words");
    let run = place.halo("init third.toml").expect(0);
    assert!(run.stdout.contains("kept artifacts/halo.md"), "{}", run.stdout);
    assert_eq!(place.read("artifacts/halo.md"), "my own words");

    place.halo("init my.toml --force").expect(0);
    place.halo("check my.toml").expect(0);
}
