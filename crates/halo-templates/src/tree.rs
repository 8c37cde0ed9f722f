use crate::{Error, Lock, Result};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

/// No frozen file or source comes near this, in bytes; a larger one is refused before it is read.
const LARGEST_FILE: u64 = 16 * 1024 * 1024;

/// The folder `solidity` of a checkout: sources, settings and what was frozen from them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    root: PathBuf,
}

impl Tree {
    /// The folder that was named, else the nearest one around the working folder, else the one that the program was
    /// built from.
    ///
    /// # Errors
    /// [`Error::NoTree`] if there is none, [`Error::File`] if a folder was named that does not exist.
    pub fn find(named: Option<&Path>) -> Result<Self> {
        if let Some(root) = named {
            return Self::at(root);
        }
        let from = std::env::current_dir().map_err(Error::file(Path::new(".")))?;
        let built_from = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../solidity"));
        let around =
            from.ancestors().flat_map(|folder| [folder.join("solidity"), folder.to_owned()]);
        let found = around.chain([built_from.to_owned()]).find(|root| is_tree(root));
        Self::at(&found.ok_or(Error::NoTree { from })?)
    }

    /// The tree at this folder.
    ///
    /// # Errors
    /// [`Error::File`] if the folder does not exist.
    pub fn at(root: &Path) -> Result<Self> {
        let root = root.canonicalize().map_err(Error::file(root))?;
        Ok(Self { root })
    }

    /// The folder itself, absolute.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// `templates.lock`.
    pub fn lock_path(&self) -> PathBuf {
        self.root.join("artifacts/templates.lock")
    }

    /// The frozen artifact of a template.
    pub fn artifact_path(&self, name: &str) -> PathBuf {
        self.root.join(format!("artifacts/{name}.json"))
    }

    /// The standard-JSON input that a frozen artifact was made from.
    pub fn input_path(&self, name: &str) -> PathBuf {
        self.root.join(format!("artifacts/inputs/{name}.json"))
    }

    /// Reads `templates.lock`.
    ///
    /// # Errors
    /// If it cannot be read or is malformed.
    pub fn lock(&self) -> Result<Lock> {
        Lock::parse(&read(&self.lock_path())?)
    }
}

fn is_tree(root: &Path) -> bool {
    root.join("artifacts/templates.lock").is_file() && root.join("foundry.toml").is_file()
}

/// Reads a text file of bounded size.
pub(crate) fn read(path: &Path) -> Result<String> {
    let file = fs::File::open(path).map_err(Error::file(path))?;
    let mut text = String::new();
    file.take(LARGEST_FILE + 1).read_to_string(&mut text).map_err(Error::file(path))?;
    if text.len() as u64 > LARGEST_FILE {
        return Err(Error::malformed(path.display().to_string(), "larger than 16 MiB"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_does_not_exist_is_named() {
        let error = Tree::find(Some(Path::new("no/such/folder"))).unwrap_err();
        assert!(error.to_string().starts_with("no/such/folder: "), "{error}");
    }

    #[test]
    fn bytes_that_are_not_text_give_an_error() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), [0xff, 0xfe, 0x00]).unwrap();
        assert!(matches!(read(file.path()), Err(Error::File { .. })));
    }

    #[test]
    fn a_huge_file_is_refused() {
        let file = tempfile::NamedTempFile::new().unwrap();
        file.as_file().set_len(LARGEST_FILE + 1).unwrap();
        assert!(read(file.path()).unwrap_err().to_string().contains("larger than"));
    }
}
