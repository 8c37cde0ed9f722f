//! `cargo xtask generate`: the files of `docs/reference`, which the example `reference` makes from the code, and the
//! lists of what must hold; and the test of the access matrix.

use crate::{Result, access, command, invariants, workspace};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The files of a folder and those below it, by their path in it.
type Files = BTreeMap<PathBuf, Vec<u8>>;

/// Writes `docs/reference` and removes what no longer belongs in it, and writes the access matrix.
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
    access::write()?;
    println!("{} files in docs/reference, and {}", made.len(), access::TEST);
    Ok(())
}

/// Says which of these files are not what the code gives.
pub(crate) fn check() -> Result {
    let (committed, made) = (read(&folder())?, make()?);
    let paths = committed.keys().chain(made.keys().filter(|path| !committed.contains_key(*path)));
    let stale: Vec<_> = paths.filter(|path| committed.get(*path) != made.get(*path)).collect();
    let mut names: Vec<_> = stale.iter().map(|path| path.display().to_string()).collect();
    if fs::read_to_string(matrix()).unwrap_or_default() != access::test()? {
        names.push(access::TEST.to_owned());
    }
    if names.is_empty() {
        println!("{} files in docs/reference and {} are up to date", made.len(), access::TEST);
        return Ok(());
    }
    Err(format!("stale: {}; run `cargo xtask generate`", names.join(", ")).into())
}

fn folder() -> PathBuf {
    workspace::root().join("docs/reference")
}

fn matrix() -> PathBuf {
    workspace::solidity().join(access::TEST)
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
    files.insert("access.md".into(), access::page()?.into_bytes());
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
