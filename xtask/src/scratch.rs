//! Scratch copies of `solidity/`, in which contracts can be changed and compiled apart from the checkout.

use crate::{Result, command, workspace};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What a copy consists of; the rest (artifacts, caches) it makes itself.
const FOLDERS: [&str; 4] = ["src", "test", "fixtures", "snapshots"];
const FILES: [&str; 1] = ["foundry.toml"];
const LINKS: [&str; 2] = ["node_modules", "tools"];

/// A copy of `solidity/` with its own compiler cache.
pub(crate) struct Scratch {
    folder: PathBuf,
}

impl Scratch {
    /// The copy called `name`, with the contracts as they are now. A copy that is there already keeps its cache.
    pub(crate) fn fresh(name: &str) -> Result<Self> {
        let folder = workspace::target().join("xtask").join(name);
        fs::create_dir_all(&folder)?;
        for part in FOLDERS {
            mirror(&workspace::solidity().join(part), &folder.join(part))?;
        }
        for file in FILES {
            copy_if_changed(&workspace::solidity().join(file), &folder.join(file))?;
        }
        for link in LINKS {
            link_to(&workspace::solidity().join(link), &folder.join(link))?;
        }
        Ok(Self { folder })
    }

    /// Where it lies.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Forge, working in the copy, for which the folder of `test` and what that imports are all there is: it looks at
    /// nothing else and compiles nothing else.
    pub(crate) fn forge_for(&self, test: &str) -> Result<Command> {
        let folder = Path::new(test).parent().unwrap_or(Path::new("test"));
        let mut forge = command::forge()?;
        forge
            .current_dir(&self.folder)
            .env("FOUNDRY_SRC", folder)
            .env("FOUNDRY_TEST", folder)
            .env("FOUNDRY_OUT", Path::new("out").join(folder))
            .env("FOUNDRY_CACHE_PATH", Path::new("cache").join(folder));
        Ok(forge)
    }
}

/// Makes `to` equal to `from`; what is equal stays untouched, so that the compiler's cache holds.
fn mirror(from: &Path, to: &Path) -> Result {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(to)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_owned();
        if !from.join(name).exists() {
            if path.is_dir() { fs::remove_dir_all(&path)? } else { fs::remove_file(&path)? }
        }
    }
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let target = to.join(path.file_name().unwrap_or_default());
        if path.is_dir() { mirror(&path, &target)? } else { copy_if_changed(&path, &target)? }
    }
    Ok(())
}

fn copy_if_changed(from: &Path, to: &Path) -> Result {
    let bytes = fs::read(from)?;
    if fs::read(to).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    Ok(fs::write(to, bytes)?)
}

#[cfg(unix)]
fn link_to(from: &Path, to: &Path) -> Result {
    if to.is_symlink() {
        fs::remove_file(to)?;
    }
    Ok(std::os::unix::fs::symlink(from, to)?)
}

#[cfg(not(unix))]
fn link_to(from: &Path, to: &Path) -> Result {
    mirror(from, to)
}
