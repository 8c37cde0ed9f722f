//! The journal of a deployment: every act on a line of its own, on disk before the next one begins.
//!
//! A line has the record, the UTC second, and a checksum over both and the line before; so nothing can be changed, left
//! out or put in without notice. A line that the end of a process cut short is taken off when the journal is opened.

mod history;
mod record;

pub use history::{Entry, History, State};
pub use record::{JOURNAL_SCHEMA, Record, Signature};

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use alloy_primitives::B256;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    error::{Error, Result},
    json,
    plan::Plan,
};

/// No journal is near this size; a larger file is not one.
const MAX_BYTES: u64 = 256 << 20;

/// The name of a Class's journal in the folder of its manifests.
pub const JOURNAL_FILE: &str = "journal.jsonl";

/// The open journal of a Class; no other process opens it meanwhile.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    read: Lines,
}

/// What was read of a journal's file.
#[derive(Debug, Default)]
struct Lines {
    records: Vec<Record>,
    history: History,
    sum: B256,
    /// The bytes of the whole lines.
    whole: u64,
    /// The bytes after them, of a line that was cut short.
    torn: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    at: u64,
    record: Value,
    sum: B256,
}

impl Journal {
    /// Where the journal of a plan's Class belongs under `deployments`: beside its manifests.
    #[must_use]
    pub fn place(deployments: &Path, plan: &Plan) -> PathBuf {
        let subject = &plan.subject;
        deployments.join(&subject.chain).join(&subject.class.slug).join(JOURNAL_FILE)
    }

    /// Opens the journal at `path` for the Class of `plan`, or begins one. A last line that was cut short is taken off;
    /// see [`Self::torn`].
    ///
    /// # Errors
    /// [`Error::File`] when it cannot be used, [`Error::InUse`] while another process has it, [`Error::Journal`] with the
    /// line when it was changed or is of another Class or chain.
    pub fn open(path: &Path, plan: &Plan) -> Result<Self> {
        let failed = |source| Error::File { path: path.to_owned(), source };
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(failed)?;
        }
        let options = OpenOptions::new().read(true).append(true).create(true).clone();
        let mut file = options.open(path).map_err(failed)?;
        file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => Error::InUse { path: path.to_owned() },
            TryLockError::Error(source) => failed(source),
        })?;
        let read = Lines::read(path, &mut file)?;
        if read.torn > 0 {
            file.set_len(read.whole).and_then(|()| file.sync_all()).map_err(failed)?;
        }
        let mut journal = Self { path: path.to_owned(), file, read };
        match journal.read.records.first() {
            Some(_) => journal.read.is_of(path, plan)?,
            None => {
                journal.append(Record::Opened {
                    schema: JOURNAL_SCHEMA.to_owned(),
                    chain_id: plan.subject.chain_id,
                    class: plan.subject.class.slug.clone(),
                    plan: plan.digest,
                })?;
                sync_folder(path);
            }
        }
        Ok(journal)
    }

    /// What a journal has come to, without opening it for writing; nothing when there is none.
    ///
    /// # Errors
    /// As [`Self::open`], but for the process that may have it.
    pub fn peek(path: &Path, plan: &Plan) -> Result<History> {
        let mut file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(History::default());
            }
            Err(source) => return Err(Error::File { path: path.to_owned(), source }),
        };
        let read = Lines::read(path, &mut file)?;
        read.is_of(path, plan)?;
        Ok(read.history)
    }

    /// Its file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The bytes of a line that was cut short and taken off when it was opened.
    #[must_use]
    pub const fn torn(&self) -> u64 {
        self.read.torn
    }

    /// The records, oldest first.
    #[must_use]
    pub fn records(&self) -> &[Record] {
        &self.read.records
    }

    /// What the records come to.
    #[must_use]
    pub const fn history(&self) -> &History {
        &self.read.history
    }

    /// Writes a record. It is on disk when this returns.
    ///
    /// # Errors
    /// [`Error::File`]; and [`Error::Journal`] for a record that cannot follow on those before it.
    pub fn append(&mut self, record: Record) -> Result<()> {
        let Self { path, file, read } = self;
        let number = read.records.len() + 1;
        read.history.take(&record).map_err(|what| broken(path, number, what))?;
        let clock = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let (at, value) = (clock.as_secs(), serde_json::to_value(&record)?);
        let sum = sum(read.sum, at, &value)?;
        let mut text = serde_json::to_string(&Line { at, record: value, sum })?;
        text.push('\n');
        // One write, so that a process that ends here leaves a part of one line at most.
        let put = file.write_all(text.as_bytes()).and_then(|()| file.sync_data());
        put.map_err(|source| Error::File { path: path.clone(), source })?;
        read.records.push(record);
        read.sum = sum;
        Ok(())
    }
}

impl Lines {
    fn read(path: &Path, file: &mut File) -> Result<Self> {
        let failed = |source| Error::File { path: path.to_owned(), source };
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(0)).map_err(failed)?;
        file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
        if bytes.len() as u64 > MAX_BYTES {
            return Err(broken(path, 0, format!("larger than {} MiB", MAX_BYTES >> 20)));
        }
        Self::parse(path, &bytes)
    }

    fn parse(path: &Path, bytes: &[u8]) -> Result<Self> {
        let mut read = Self::default();
        let end = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let (whole, torn) = bytes.split_at(end);
        for line in whole.split_inclusive(|byte| *byte == b'\n') {
            read.line(line).map_err(|what| broken(path, read.records.len() + 1, what))?;
        }
        read.whole = whole.len() as u64;
        read.torn = torn.len() as u64;
        Ok(read)
    }

    fn line(&mut self, text: &[u8]) -> Result<(), String> {
        let words = |error: serde_json::Error| format!("not a line of a journal: {error}");
        let Line { at, record, sum: said } = serde_json::from_slice(text).map_err(words)?;
        let sum = sum(self.sum, at, &record).map_err(words)?;
        if sum != said {
            return Err(format!(
                "its checksum is {sum}, it says {said}: the line was changed, or one before it is missing"
            ));
        }
        let record: Record = serde_json::from_value(record).map_err(words)?;
        match (&record, self.records.is_empty()) {
            (Record::Opened { schema, .. }, true) if schema == JOURNAL_SCHEMA => {}
            (Record::Opened { schema, .. }, true) => {
                return Err(format!("schema: expected `{JOURNAL_SCHEMA}`, found `{schema}`"));
            }
            (Record::Opened { .. }, false) => return Err("it is opened twice".to_owned()),
            (_, true) => return Err("the first line does not say what it is about".to_owned()),
            (_, false) => {}
        }
        self.history.take(&record)?;
        self.records.push(record);
        self.sum = sum;
        Ok(())
    }

    /// Refuses the journal of another Class or chain.
    fn is_of(&self, path: &Path, plan: &Plan) -> Result<()> {
        let Some(Record::Opened { chain_id, class, .. }) = self.records.first() else {
            return Ok(());
        };
        let subject = &plan.subject;
        if (*chain_id, class) == (subject.chain_id, &subject.class.slug) {
            return Ok(());
        }
        let what = format!(
            "it is the journal of {class} on chain {chain_id}, not of {} on chain {}",
            subject.class.slug, subject.chain_id
        );
        Err(broken(path, 1, what))
    }
}

fn sum(before: B256, at: u64, record: &Value) -> serde_json::Result<B256> {
    json::digest(&(before, at, record))
}

fn broken(path: &Path, line: usize, what: String) -> Error {
    Error::Journal { path: path.to_owned(), line, what }
}

/// A new file is there after a power failure only when its folder is on disk too.
fn sync_folder(path: &Path) {
    if let Some(folder) = path.parent().and_then(|folder| File::open(folder).ok()) {
        // Where a folder cannot be synced, the file system does it by itself.
        let _ = folder.sync_all();
    }
}
