//! The frozen tree of this repository, compiled again.

use halo_templates::compile::{Solc, verify};
use halo_templates::{CATALOG, Lock, Tree};

#[test]
fn everything_frozen_is_what_the_pinned_compiler_makes() {
    let tree = Tree::find(None).unwrap();
    let solc = Solc::find(&tree, None).expect("a pinned solc; run `cargo xtask setup`");
    let report = verify(&tree, CATALOG, &solc).unwrap();
    assert!(report.is_ok(), "run `cargo xtask freeze`:\n{report}");
    assert_eq!(report.templates.len(), CATALOG.len());
}

#[test]
fn the_program_embeds_the_lock_of_the_tree() {
    assert_eq!(Tree::find(None).unwrap().lock().unwrap(), *Lock::embedded());
}
