//! `cargo xtask freeze`: the only way to change `templates.lock`.

use crate::{Result, command, workspace};
use halo_templates::compile::{Change, Solc, freeze};
use halo_templates::{CATALOG, Tree};

pub(crate) fn run(afresh: bool) -> Result {
    let tree = Tree::at(&workspace::solidity())?;
    let solc = Solc::find(&tree, None)?;
    let frozen = freeze(&tree, CATALOG, &solc, afresh)?;
    let mut kept = 0;
    for (name, change) in &frozen.changes {
        match change {
            Change::Kept => kept += 1,
            change => println!("{change:?} {name}"),
        }
    }
    println!("{} templates frozen, {kept} as they were", frozen.lock.templates.len());
    if frozen.changes.iter().any(|(_, change)| *change != Change::Kept) {
        layouts()?;
    }
    Ok(())
}

/// The table of structs by which a rehearsal explains storage follows from the frozen sources.
fn layouts() -> Result {
    let mut test = command::cargo();
    test.args(["test", "--quiet", "--package", "halo-deploy", "--test", "layouts"]);
    command::run(test.env("INSTA_UPDATE", "always"))
}
