use crate::{Error, Result, Tree};
use foundry_compilers::solc;
use semver::Version;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The one compiler that templates are made with: version and commit.
pub const SOLC_VERSION: &str = "0.8.34+commit.80d5c536";

/// A compiler of the pinned version.
#[derive(Clone, Debug)]
pub struct Solc(solc::Solc);

impl Solc {
    /// The compiler that was named, else `HALO_SOLC`, else the one that svm installed, else the npm package.
    ///
    /// # Errors
    /// [`Error::NoSolc`] if there is none; [`Error::WrongSolc`] if the first one found is of another version;
    /// [`Error::BrokenSolc`] if it does not run.
    pub fn find(tree: &Tree, named: Option<&Path>) -> Result<Self> {
        Search::new(tree, named, |name| std::env::var_os(name)).find()
    }

    pub(super) fn inner(&self) -> &solc::Solc {
        &self.0
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.0.solc
    }

    /// Its version as it says it.
    pub fn version(&self) -> &Version {
        &self.0.version
    }
}

/// Where a compiler is looked for, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    /// Named by a person: taken without looking further.
    named: Option<PathBuf>,
    /// Taken if they are there.
    installed: Vec<PathBuf>,
}

impl Search {
    /// The places for this tree, with environment variables read through `env`.
    pub fn new(tree: &Tree, named: Option<&Path>, env: impl Fn(&str) -> Option<OsString>) -> Self {
        let path = |name: &str| env(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let home = path("HOME");
        let svm = [
            home.as_ref().map(|home| home.join(".svm")),
            path("XDG_DATA_HOME").map(|data| data.join("svm")),
            home.as_ref().map(|home| home.join(".local/share/svm")),
            home.as_ref().map(|home| home.join("Library/Application Support/svm")),
        ];
        let short = short_version();
        let binary = |folder: PathBuf| folder.join(&short).join(format!("solc-{short}"));
        let mut installed: Vec<_> = svm.into_iter().flatten().map(binary).collect();
        // The launcher is in every checkout; it can run once the npm package is installed.
        if tree.root().join("node_modules/solc/package.json").is_file() {
            installed.push(tree.root().join("tools/solc"));
        }
        Self { named: named.map(Path::to_owned).or_else(|| path("HALO_SOLC")), installed }
    }

    /// Takes the first compiler that is there and checks its version.
    ///
    /// # Errors
    /// As [`Solc::find`].
    pub fn find(&self) -> Result<Solc> {
        let there = self.installed.iter().find(|path| path.is_file());
        let path = self
            .named
            .as_ref()
            .or(there)
            .ok_or_else(|| Error::NoSolc { wanted: short_version() })?;
        // Absolute, because it is run from the root of the tree.
        let path = path.canonicalize().map_err(Error::file(path))?;
        let found = solc::Solc::version(&path)
            .map_err(|error| Error::BrokenSolc { path: path.clone(), reason: error.to_string() })?;
        if !is_pinned(&found) {
            return Err(Error::WrongSolc {
                path,
                found: found.to_string(),
                wanted: SOLC_VERSION.to_owned(),
            });
        }
        Ok(Solc(solc::Solc::new_with_version(path, found)))
    }
}

/// The pinned version as svm and npm write it, without the commit.
fn short_version() -> String {
    SOLC_VERSION.split('+').next().unwrap_or(SOLC_VERSION).to_owned()
}

/// Whether this is the pinned version, built by anybody: native builds add `Linux.gcc`, npm `Emscripten.clang`.
fn is_pinned(found: &Version) -> bool {
    let found = found.to_string();
    found == SOLC_VERSION || found.starts_with(&format!("{SOLC_VERSION}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> Tree {
        Tree::find(None).unwrap()
    }

    fn search(named: Option<&str>, env: &[(&str, &str)]) -> Search {
        let env: Vec<(String, OsString)> =
            env.iter().map(|(k, v)| (k.to_string(), v.into())).collect();
        let lookup =
            |name: &str| env.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        Search::new(&tree(), named.map(Path::new), lookup)
    }

    #[test]
    fn a_named_compiler_goes_before_the_environment() {
        let both = search(Some("/named/solc"), &[("HALO_SOLC", "/env/solc")]);
        assert_eq!(both.named, Some("/named/solc".into()));
        assert_eq!(search(None, &[("HALO_SOLC", "/env/solc")]).named, Some("/env/solc".into()));
        assert_eq!(search(None, &[("HALO_SOLC", "")]).named, None);
    }

    #[test]
    fn svm_goes_before_the_npm_package() {
        let installed = search(None, &[("HOME", "/home/a"), ("XDG_DATA_HOME", "/data")]).installed;
        assert_eq!(installed[0], Path::new("/home/a/.svm/0.8.34/solc-0.8.34"));
        assert_eq!(installed[1], Path::new("/data/svm/0.8.34/solc-0.8.34"));
        assert_eq!(installed[2], Path::new("/home/a/.local/share/svm/0.8.34/solc-0.8.34"));
        assert!(installed[4..].iter().all(|path| path.ends_with("tools/solc")));
    }

    #[test]
    fn without_a_compiler_the_message_says_how_to_get_one() {
        let nothing = Search { named: None, installed: vec!["/no/such/solc".into()] };
        let message = nothing.find().unwrap_err().to_string();
        assert!(message.contains("cargo xtask setup") && message.contains("0.8.34"), "{message}");
    }

    #[test]
    fn only_the_pinned_version_and_commit_will_do() {
        for good in [
            "0.8.34+commit.80d5c536",
            "0.8.34+commit.80d5c536.Linux.gcc",
            "0.8.34+commit.80d5c536.Emscripten.clang",
        ] {
            assert!(is_pinned(&Version::parse(good).unwrap()), "{good}");
        }
        for bad in [
            "0.8.33+commit.80d5c536",
            "0.8.34",
            "0.8.34+commit.80d5c5361",
            "0.8.34-nightly+commit.80d5c536",
        ] {
            assert!(!is_pinned(&Version::parse(bad).unwrap()), "{bad}");
        }
    }

    #[test]
    fn the_launcher_and_the_npm_package_are_of_the_pinned_version() {
        let launcher = std::fs::read_to_string(tree().root().join("tools/solc")).unwrap();
        assert!(launcher.contains(&format!("\"{SOLC_VERSION}.Emscripten.clang\"")));
        let package = std::fs::read_to_string(tree().root().join("package.json")).unwrap();
        assert!(package.contains(&format!("\"solc\": \"{}\"", short_version())));
    }
}
