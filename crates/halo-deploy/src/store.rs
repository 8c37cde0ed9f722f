//! Manifests and plans as files: read with the place of every mistake, written whole or not at all.

use std::{
    fs::{self, File},
    io::{Read, Write},
    path::{Path, PathBuf},
};

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    error::{Error, Result},
    manifest::{MANIFEST_SCHEMA, Manifest},
    plan::Plan,
};

/// No manifest or plan is near this size; a larger file is not one.
const MAX_BYTES: u64 = 16 << 20;

impl Manifest {
    /// Reads a manifest from a file.
    ///
    /// # Errors
    /// [`Error::File`] when it cannot be read, [`Error::Malformed`] with line and column when it is
    /// not a manifest of [`MANIFEST_SCHEMA`].
    pub fn load(path: &Path) -> Result<Self> {
        Self::parse(path, &read(path)?)
    }

    /// Reads a manifest from bytes; `path` is what errors call it.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn parse(path: &Path, bytes: &[u8]) -> Result<Self> {
        let manifest: Self = parse(path, bytes)?;
        if manifest.schema != MANIFEST_SCHEMA {
            let found = &manifest.schema;
            let what = format!("schema: expected `{MANIFEST_SCHEMA}`, found `{found}`");
            return Err(Error::Malformed { path: path.to_owned(), line: 0, column: 0, what });
        }
        Ok(manifest)
    }

    /// Writes the manifest to its place under `deployments` and returns that place. A reader sees
    /// the old file or the new one, never a part.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn save(&self, deployments: &Path) -> Result<PathBuf> {
        let path = deployments.join(self.relative_path());
        write(&path, self)?;
        Ok(path)
    }

    /// The manifest as its file has it.
    ///
    /// # Errors
    /// [`Error::Json`].
    pub fn to_json(&self) -> Result<String> {
        render(self)
    }
}

impl Plan {
    /// Reads a plan from a file and checks that it is whole.
    ///
    /// # Errors
    /// [`Error::File`], [`Error::Malformed`] and [`Error::PlanTampered`].
    pub fn load(path: &Path) -> Result<Self> {
        Self::parse(path, &read(path)?)
    }

    /// Reads a plan from bytes and checks that it is whole; `path` is what errors call it.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn parse(path: &Path, bytes: &[u8]) -> Result<Self> {
        let plan: Self = parse(path, bytes)?;
        plan.check()?;
        Ok(plan)
    }

    /// Writes the plan to a file, whole or not at all.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn save(&self, path: &Path) -> Result<()> {
        write(path, self)
    }

    /// The plan as its file has it.
    ///
    /// # Errors
    /// [`Error::Json`].
    pub fn to_json(&self) -> Result<String> {
        render(self)
    }
}

fn read(path: &Path) -> Result<Vec<u8>> {
    let failed = |source| Error::File { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(failed)?;
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > MAX_BYTES {
        let what = format!("larger than {} MiB: not one of our files", MAX_BYTES >> 20);
        return Err(Error::Malformed { path: path.to_owned(), line: 0, column: 0, what });
    }
    Ok(bytes)
}

fn parse<T: DeserializeOwned>(path: &Path, bytes: &[u8]) -> Result<T> {
    serde_json::from_slice(bytes).map_err(|error| {
        let text = error.to_string();
        let place = format!(" at line {} column {}", error.line(), error.column());
        Error::Malformed {
            path: path.to_owned(),
            line: error.line(),
            column: error.column(),
            what: text.strip_suffix(&place).unwrap_or(&text).to_owned(),
        }
    })
}

fn render<T: Serialize>(value: &T) -> Result<String> {
    let mut text = serde_json::to_string_pretty(value)?;
    text.push('\n');
    Ok(text)
}

fn write<T: Serialize>(path: &Path, value: &T) -> Result<()> {
    let text = render(value)?;
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let put = || {
        fs::create_dir_all(folder)?;
        let mut file = builder().tempfile_in(folder)?;
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    };
    put().map_err(|source| Error::File { path: path.to_owned(), source })
}

/// Temporary files are private by default; these are to become ordinary ones.
fn builder<'a>() -> tempfile::Builder<'a, 'a> {
    #[cfg_attr(not(unix), allow(unused_mut))]
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder
}
