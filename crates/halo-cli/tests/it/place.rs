//! An empty folder to run the program in, and what a run left.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

/// The checkout.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// One of the examples.
pub(crate) fn spec(name: &str) -> PathBuf {
    root().join("deployments/specs").join(name)
}

/// A folder that disappears with the test.
pub(crate) struct Place {
    dir: TempDir,
}

/// What a run left.
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { dir: TempDir::new().unwrap() }
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn read(&self, path: impl AsRef<Path>) -> String {
        fs::read_to_string(self.path().join(path)).unwrap()
    }

    pub(crate) fn write(&self, path: impl AsRef<Path>, text: impl AsRef<[u8]>) {
        fs::write(self.path().join(path), text).unwrap();
    }

    /// The program in this folder, with nothing of the tester's own settings.
    pub(crate) fn command<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_halo"));
        command.args(args).current_dir(self.path()).stdin(Stdio::null());
        for name in
            ["HALO_STATE", "HALO_NETWORK", "HALO_SOLC", "NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE"]
        {
            command.env_remove(name);
        }
        command
    }

    /// Runs the program with words that have no spaces in them.
    pub(crate) fn halo(&self, line: &str) -> Run {
        run(&mut self.command(line.split_whitespace()))
    }

    /// A copy of an example with its documents, edited.
    pub(crate) fn edited(&self, starter: &str, from: &str, to: &str) -> &'static str {
        self.halo(&format!("init edited.toml --from {starter} --force")).expect(0);
        let text = self.read("edited.toml");
        assert!(text.contains(from), "{starter} has no {from}");
        self.write("edited.toml", text.replace(from, to));
        "edited.toml"
    }
}

/// Runs a command to its end.
pub(crate) fn run(command: &mut Command) -> Run {
    let output = command.output().unwrap();
    Run {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

impl Run {
    /// The run, if it ended so; nothing that it wrote has colours in it.
    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        let Self { stdout, stderr, .. } = &self;
        assert_eq!(self.code, Some(code), "stdout:\n{stdout}\nstderr:\n{stderr}");
        assert!(!stdout.contains('\u{1b}') && !stderr.contains('\u{1b}'), "colours in a pipe");
        self
    }

    /// stdout as one JSON document.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap()
    }

    /// The run, if stderr has all of this in it.
    #[track_caller]
    pub(crate) fn says(self, parts: &[&str]) -> Self {
        for part in parts {
            assert!(self.stderr.contains(part), "no `{part}` in stderr:\n{}", self.stderr);
        }
        self
    }
}

/// A snapshot that does not change when a contract does: addresses, hashes and gas are blotted out at their width.
pub(crate) fn settings() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r"0x[0-9a-fA-F]{64}", format!("0x{}", "·".repeat(64)));
    settings.add_filter(r"0x[0-9a-fA-F]{40}", format!("0x{}", "·".repeat(40)));
    // The examples and the malformed files belong to halo-spec, which has snapshots of its own.
    settings.add_filter(r":\d+:\d+\]", ":[line]:[column]]");
    settings.add_filter(r"(?m)^ *\d+ │", "[n] │");
    settings.add_filter(r"\d+ gas", "[gas] gas");
    settings.add_filter(r"\d+ transactions", "[n] transactions");
    settings.add_filter(r"\d+ checks", "[n] checks");
    settings.add_filter(r"/\S*/deployments/specs/", "[specs]/");
    settings.add_filter(r"/\S*/tests/malformed/", "[malformed]/");
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings
}
