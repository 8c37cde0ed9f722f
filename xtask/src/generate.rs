//! `cargo xtask generate`: the files of `docs/reference`, which the example `reference` makes from the code, and the
//! lists of what must hold.

use crate::{Result, command, invariants, workspace};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The files of a folder and those below it, by their path in it.
type Files = BTreeMap<PathBuf, Vec<u8>>;

/// Writes `docs/reference` and removes what no longer belongs in it.
pub(crate) fn write() -> Result {
    let (folder, committed, made) = (folder(), read(&folder())?, make()?);
    for path in committed.keys().filter(|path| !made.contains_key(*path)) {
        fs::remove_file(folder.join(path))?;
    }
    for (path, bytes) in &made {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap_or(&folder))?;
        fs::write(path, bytes)?;
    }
    println!("{} files in docs/reference", made.len());
    Ok(())
}

/// Says which files of `docs/reference` are not what the code gives.
pub(crate) fn check() -> Result {
    let (committed, made) = (read(&folder())?, make()?);
    let paths = committed.keys().chain(made.keys().filter(|path| !committed.contains_key(*path)));
    let stale: Vec<_> = paths.filter(|path| committed.get(*path) != made.get(*path)).collect();
    if stale.is_empty() {
        println!("{} files in docs/reference are up to date", made.len());
        return Ok(());
    }
    let names: Vec<_> = stale.iter().map(|path| path.display().to_string()).collect();
    Err(format!("stale in docs/reference: {}; run `cargo xtask generate`", names.join(", ")).into())
}

fn folder() -> PathBuf {
    workspace::root().join("docs/reference")
}

fn make() -> Result<Files> {
    let folder = workspace::target().join("xtask/reference");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    let example = ["run", "--quiet", "--package", "xtask", "--example", "reference", "--"];
    command::run(command::cargo().args(example).arg(&folder))?;
    let mut files = read(&folder)?;
    files.insert("invariants.md".into(), invariants::page()?.into_bytes());
    files.insert("pitfalls.md".into(), invariants::pitfalls_page()?.into_bytes());
    Ok(files)
}

fn read(folder: &Path) -> Result<Files> {
    let mut files = Files::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        if !next.exists() {
            continue;
        }
        for entry in fs::read_dir(&next)? {
            let path = entry?.path();
            match path.is_dir() {
                true => folders.push(path),
                false => {
                    let bytes = fs::read(&path)?;
                    files.insert(path.strip_prefix(folder)?.to_owned(), bytes);
                }
            }
        }
    }
    Ok(files)
}
