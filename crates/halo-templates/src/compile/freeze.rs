use super::{Input, SOLC_VERSION, Solc, compile_template, for_each, read_settings};
use crate::lock::{Compiler, Settings};
use crate::tree::read;
use crate::{Artifact, Entry, Error, Lock, LockedTemplate, Result, Tree};
use alloy_primitives::keccak256;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// What freezing did to one template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It was not frozen before.
    Added,
    /// Its code, interface or sources are other than before.
    Changed,
    /// It is as it was.
    Kept,
    /// It is not in the catalog any more.
    Removed,
}

/// What freezing did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Freeze {
    /// Each template of the catalog in its order, then the removed ones.
    pub changes: Vec<(String, Change)>,
    /// The lock that was written.
    pub lock: Lock,
}

/// A template ready to be written.
struct Frozen {
    locked: LockedTemplate,
    artifact: String,
    input: String,
}

/// Compiles the catalog and writes `artifacts/` and `templates.lock`. All or nothing: if one template cannot be frozen,
/// no file is touched.
///
/// A template whose input is what it was is not compiled again, unless `afresh`. Its audit is kept as long as its code
/// is the same.
///
/// # Errors
/// [`Error::NotFrozen`] with a message per template that could not be frozen, or [`Error::File`].
pub fn freeze(tree: &Tree, catalog: &[Entry], solc: &Solc, afresh: bool) -> Result<Freeze> {
    let compiler = Compiler { solc: SOLC_VERSION.to_owned(), settings: read_settings(tree)? };
    // An unreadable lock is as good as none here: it is about to be written again.
    let before = tree.lock().ok();
    let reusable = before.as_ref().filter(|lock| !afresh && lock.compiler == compiler);
    let results =
        for_each(catalog, |entry| freeze_one(tree, entry, &compiler.settings, solc, reusable));

    let (frozen, failed): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
    if !failed.is_empty() {
        let reasons =
            failed.into_iter().filter_map(Result::err).map(|error| error.to_string()).collect();
        return Err(Error::NotFrozen { reasons });
    }
    let mut frozen: Vec<Frozen> = frozen.into_iter().flatten().collect();
    let old = |name: &str| before.as_ref().and_then(|lock| lock.template(name));
    for Frozen { locked, .. } in &mut frozen {
        if let Some(old) = old(&locked.name).filter(|old| same_code(old, locked)) {
            locked.audit.clone_from(&old.audit);
        }
    }

    let mut changes: Vec<_> = frozen
        .iter()
        .map(|Frozen { locked, .. }| {
            let change = match old(&locked.name) {
                None => Change::Added,
                Some(old) if old == locked => Change::Kept,
                Some(_) => Change::Changed,
            };
            (locked.name.clone(), change)
        })
        .collect();
    write(tree, &frozen)?;
    let lock = Lock::new(compiler, frozen.into_iter().map(|frozen| frozen.locked).collect());
    write_if_changed(&tree.lock_path(), &lock.to_text())?;
    for name in before.iter().flat_map(|before| &before.templates).map(|old| &old.name) {
        if lock.template(name).is_none() {
            changes.push((name.clone(), Change::Removed));
        }
    }
    Ok(Freeze { changes, lock })
}

fn freeze_one(
    tree: &Tree,
    entry: &Entry,
    settings: &Settings,
    solc: &Solc,
    before: Option<&Lock>,
) -> Result<Frozen> {
    let input = Input::collect(tree, entry, settings)?;
    let text = input.to_json();
    let kept = before.and_then(|lock| kept_artifact(tree, lock, entry, &text));
    let artifact = kept.map_or_else(|| compile_template(entry, &input, solc), Ok)?;
    let locked = LockedTemplate::new(entry, &artifact, &text, input.source_hashes());
    Ok(Frozen { locked, artifact: artifact.to_json(), input: text })
}

/// The artifact on disk, if the lock says that it was made from this input.
fn kept_artifact(tree: &Tree, lock: &Lock, entry: &Entry, input: &str) -> Option<Artifact> {
    let locked = lock.template(entry.name)?;
    let artifact = read(&tree.artifact_path(entry.name)).ok()?;
    let same = locked.kind == entry.kind
        && locked.source == entry.source
        && locked.input == keccak256(input)
        && locked.artifact == keccak256(&artifact);
    same.then(|| Artifact::from_json(&artifact).ok()).flatten()
}

fn same_code(a: &LockedTemplate, b: &LockedTemplate) -> bool {
    a.creation_hash == b.creation_hash && a.runtime_hash == b.runtime_hash
}

fn write(tree: &Tree, frozen: &[Frozen]) -> Result<()> {
    let mut written = BTreeSet::new();
    for Frozen { locked, artifact, input } in frozen {
        for (path, text) in
            [(tree.artifact_path(&locked.name), artifact), (tree.input_path(&locked.name), input)]
        {
            write_if_changed(&path, text)?;
            written.insert(path);
        }
    }
    for folder in ["artifacts", "artifacts/inputs"].map(|folder| tree.root().join(folder)) {
        let Ok(files) = fs::read_dir(&folder) else { continue };
        for path in files.flatten().map(|file| file.path()) {
            if path.extension().is_some_and(|extension| extension == "json")
                && !written.contains(&path)
            {
                fs::remove_file(&path).map_err(Error::file(&path))?;
            }
        }
    }
    Ok(())
}

/// Leaves an unchanged file alone, so that cargo does not build everything that embeds it again.
fn write_if_changed(path: &Path, text: &str) -> Result<()> {
    if fs::read(path).is_ok_and(|old| old == text.as_bytes()) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(Error::file(folder))?;
    }
    fs::write(path, text).map_err(Error::file(path))
}
