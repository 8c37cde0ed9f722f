//! The page on a launch with four kinds of signer, followed as it stands in one session of a shell.

use std::{env, fs, os::unix::fs::symlink, path::Path, process::Command};

use crate::{
    place::{Place, root, run},
    stage::MANIFEST,
};

/// The text of every `sh` block.
fn script(page: &str) -> String {
    let blocks = page.split("```sh\n").skip(1);
    blocks.map(|rest| rest.split("\n```").next().unwrap_or_default().to_owned() + "\n").collect()
}

/// Where the programs of the page lie: this one, and anvil and cast of npm's packages.
fn path() -> String {
    let packages = root().join("solidity/node_modules/@foundry-rs");
    let programs = fs::read_dir(packages).expect("`cargo xtask setup` installs them");
    let programs = programs.map(|one| one.unwrap().path().join("bin"));
    let halo = Path::new(env!("CARGO_BIN_EXE_halo")).parent().unwrap().to_owned();
    let all = programs.filter(|folder| folder.is_dir()).chain([halo]);
    let all: Vec<_> = all.map(|folder| folder.display().to_string()).collect();
    format!("{}:{}", all.join(":"), env::var("PATH").unwrap())
}

#[test]
fn the_page_of_four_signers_can_be_followed() {
    let place = Place::new();
    for folder in ["deployments", "solidity"] {
        symlink(root().join(folder), place.path().join(folder)).unwrap();
    }
    let page = fs::read_to_string(root().join("docs/four-signers.md")).unwrap();
    let followed = script(&page).replace("cargo halo", "halo");
    // Whatever becomes of it, no node is left running.
    let script = format!("trap '[ -z \"$ANVIL\" ] || kill $ANVIL 2>/dev/null' EXIT\n{followed}");
    let mut shell = Command::new("sh");
    shell.args(["-e", "-c", &script]).current_dir(place.path()).env("PATH", path());
    for name in ["HALO_STATE", "HALO_NETWORK", "HALO_SOLC"] {
        shell.env_remove(name);
    }
    let said = run(&mut shell).expect(0).stdout;
    for part in ["safe: 2 owners of the Safe", "spell: at the spell guard", "timelock: the batch"] {
        assert!(said.contains(part), "no `{part}` in:\n{said}");
    }
    assert!(said.contains("embedded/tbill/bills: all "), "{said}");
    assert!(said.contains(" 0 unchanged, 0 cannot"), "{said}");
    assert!(said.contains(" 0 create, 0 change, "), "{said}");
    let manifest = place.read(Path::new("four-signers").join(MANIFEST));
    assert!(manifest.contains("\"transactions\""));
}
