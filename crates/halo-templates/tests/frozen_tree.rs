//! What the program embeds is what lies in the tree. That the tree is what the compiler makes, `cargo xtask test` checks.

use halo_templates::{Lock, Tree};

#[test]
fn the_program_embeds_the_lock_of_the_tree() {
    assert_eq!(Tree::find(None).unwrap().lock().unwrap(), *Lock::embedded());
}
