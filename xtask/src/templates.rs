//! `cargo xtask verify`: the frozen templates against the compiler.

use crate::{Result, workspace};
use halo_templates::compile::{Solc, verify as compile_and_compare};
use halo_templates::{CATALOG, Tree};

pub(crate) fn verify() -> Result {
    let tree = Tree::at(&workspace::solidity())?;
    let solc = Solc::find(&tree, None)?;
    let report = compile_and_compare(&tree, CATALOG, &solc)?;
    if !report.is_ok() {
        eprint!("{report}");
        return Err("templates are not as frozen; `cargo xtask freeze` freezes them anew".into());
    }
    println!(
        "{} templates are as frozen, byte for byte (solc {})",
        report.templates.len(),
        solc.version()
    );
    Ok(())
}
