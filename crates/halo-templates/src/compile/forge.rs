use crate::{Error, Result, Tree};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The one forge that tests and gas figures are made with.
pub const FORGE_VERSION: &str = "1.7.1";

/// A forge of the pinned version.
#[derive(Clone, Debug)]
pub struct Forge(PathBuf);

impl Forge {
    /// The forge that was named, else the one that `cargo xtask setup` installs: the program in its platform's package,
    /// since npm's own launcher ends with 0 whatever forge ended with.
    ///
    /// # Errors
    /// [`Error::NoForge`] if there is none, or it does not run; [`Error::WrongForge`] if it is of another version.
    pub fn find(tree: &Tree, named: Option<&Path>) -> Result<Self> {
        let path = match named {
            Some(named) => named.to_owned(),
            None => installed(tree).ok_or_else(|| Error::NoForge {
                wanted: FORGE_VERSION.to_owned(),
                reason: "it is not installed".to_owned(),
            })?,
        };
        let output = Command::new(&path).arg("--version").output().map_err(|error| {
            let reason = format!("{} does not run: {error}", path.display());
            Error::NoForge { wanted: FORGE_VERSION.to_owned(), reason }
        })?;
        let said = String::from_utf8_lossy(&output.stdout);
        let found = version_of(&said).unwrap_or("of no version that it says");
        if !output.status.success() || found != FORGE_VERSION {
            let found = found.chars().filter(|c| !c.is_control()).take(40).collect();
            let wanted = FORGE_VERSION.to_owned();
            return Err(Error::WrongForge { path, found, wanted });
        }
        Ok(Self(path))
    }

    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }
}

fn installed(tree: &Tree) -> Option<PathBuf> {
    let program = if cfg!(windows) { "bin/forge.exe" } else { "bin/forge" };
    let packages = std::fs::read_dir(tree.root().join("node_modules/@foundry-rs")).ok()?;
    let mut folders = packages.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("forge-"))
    });
    folders.find_map(|folder| Some(folder.join(program)).filter(|path| path.is_file()))
}

/// `1.7.1` of `forge Version: 1.7.1-stable` or `forge Version: 1.7.1`. A nightly is another program.
fn version_of(said: &str) -> Option<&str> {
    let version = said.lines().find_map(|line| line.strip_prefix("forge Version: "))?.trim();
    Some(version.strip_suffix("-stable").unwrap_or(version))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pin_is_the_one_that_npm_installs() {
        let tree = Tree::at(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../solidity")).unwrap();
        let text = std::fs::read_to_string(tree.root().join("package.json")).unwrap();
        let package: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(package["devDependencies"]["@foundry-rs/forge"], FORGE_VERSION);
        let solc = super::super::SOLC_VERSION.split('+').next().unwrap();
        assert_eq!(package["devDependencies"]["solc"], solc);
    }

    #[test]
    fn versions_are_read_as_forge_prints_them() {
        let said =
            "forge Version: 1.7.1-stable\nCommit SHA: 4072e48705af9d93e3c0f6e29e93b5e9a40caed8\n";
        assert_eq!(version_of(said), Some("1.7.1"));
        assert_eq!(version_of("forge Version: 1.7.1-nightly\n"), Some("1.7.1-nightly"));
        assert_eq!(version_of("cast Version: 1.7.1"), None);
    }

    #[cfg(unix)]
    #[test]
    fn another_version_is_refused_by_name() {
        use std::os::unix::fs::PermissionsExt;
        let tree = Tree::at(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../solidity")).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let fake = folder.path().join("forge");
        for (said, refused) in
            [("1.8.1-stable", true), ("1.7.1-nightly", true), ("1.7.1-stable", false)]
        {
            std::fs::write(&fake, format!("#!/bin/sh\necho 'forge Version: {said}'\n")).unwrap();
            std::fs::set_permissions(&fake, std::fs::Permissions::from_mode(0o755)).unwrap();
            let found = Forge::find(&tree, Some(&fake));
            assert_eq!(found.is_err(), refused, "{said}");
            if let Err(error) = found {
                let words = error.to_string();
                assert!(words.contains("forge") && words.contains("pinned to 1.7.1"), "{words}");
            }
        }
    }
}
