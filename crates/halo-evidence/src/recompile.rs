//! Making the locked code again from its sources, with the pinned compiler.

use std::{collections::BTreeSet, path::Path};

use halo_deploy::{Check, Manifest};
use halo_templates::{CATALOG, Entry, Tree, compile};

use crate::Result;

/// Compiles the sources of these templates and compares with the lock: one check for each.
///
/// # Errors
/// [`Error::Compile`](crate::Error::Compile) when there are no sources, or no compiler of the pinned version.
pub fn recompile<'a>(
    names: impl IntoIterator<Item = &'a str>,
    root: Option<&Path>,
    solc: Option<&Path>,
) -> Result<Vec<Check>> {
    let names: BTreeSet<&str> = names.into_iter().collect();
    let tree = Tree::find(root)?;
    let solc = compile::Solc::find(&tree, solc)?;
    let wanted: Vec<Entry> =
        CATALOG.iter().filter(|entry| names.contains(entry.name)).copied().collect();
    let report = compile::verify(&tree, &wanted, &solc)?;
    let of_these = report.templates.into_iter().filter(|one| names.contains(one.name.as_str()));
    let check = |one: compile::Checked| {
        let differences: Vec<_> = one.differences.iter().map(ToString::to_string).collect();
        Check {
            id: format!("recompiled/{}", one.name),
            holds: differences.is_empty(),
            expected: "as in the lock".to_owned(),
            found: match differences.is_empty() {
                true => "as in the lock".to_owned(),
                false => differences.join("; "),
            },
        }
    };
    Ok(of_these.map(check).collect())
}

/// The templates that a manifest's contracts are made from.
pub fn templates_of(manifest: &Manifest) -> impl Iterator<Item = &str> {
    manifest.contracts.iter().map(|one| one.template.as_str())
}
