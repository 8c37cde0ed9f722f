//! Reading a file that nobody vouches for: bounded, UTF-8, printable.

use std::{fs::File, io::Read, path::Path, sync::Arc};

use miette::NamedSource;

use crate::finding::{Finding, LoadError, Place, Problems, Result};

/// The largest file that is read.
pub const MAX_FILE_BYTES: usize = 1 << 20;

/// The longest line, so that an excerpt of the file always fits a screen.
pub const MAX_LINE_BYTES: usize = 2_000;

/// A file's name, as it was given, and its text.
#[derive(Clone, Debug)]
pub struct Source {
    code: Arc<NamedSource<String>>,
}

impl Source {
    /// Takes `bytes` for the text of `name`, if they are the text of a spec file.
    ///
    /// # Errors
    /// Too large, binary, not UTF-8, control characters, or a line longer than [`MAX_LINE_BYTES`].
    pub fn from_bytes(name: &str, bytes: &[u8]) -> Result<Self> {
        let name = printable(name);
        let refuse = |finding: Finding| {
            LoadError::Input(Box::new(Problems {
                source: Self::new(&name, String::new()),
                findings: vec![finding],
            }))
        };
        if bytes.len() > MAX_FILE_BYTES {
            return Err(refuse(
                Finding::whole(
                    "too-large",
                    format!("the file is larger than 1 MiB ({MAX_FILE_BYTES} bytes)"),
                )
                .help("a spec is a few kilobytes; keep documents in files of their own and name them as artifacts"),
            ));
        }
        if let Some(at) = bytes.iter().position(|b| *b == 0) {
            return Err(refuse(
                Finding::whole("binary", format!("the file is binary: byte {at} is zero"))
                    .help("give a TOML text file; `halo init` writes one to start from"),
            ));
        }
        let text = std::str::from_utf8(bytes).map_err(|e| {
            let line = line_of(bytes, e.valid_up_to());
            refuse(
                Finding::whole(
                    "not-utf8",
                    format!("the file is not UTF-8: byte {} on line {line}", e.valid_up_to()),
                )
                .help("save the file as UTF-8"),
            )
        })?;
        if let Some((at, c)) = text.char_indices().find(|(_, c)| is_deceptive(*c)) {
            let line = line_of(bytes, at);
            return Err(refuse(
                Finding::whole(
                    "control-character",
                    format!("control character U+{:04X} on line {line}", u32::from(c)),
                )
                .help("remove it: what a person reads must be what the program reads"),
            ));
        }
        if let Some((i, line)) = text.lines().enumerate().find(|(_, l)| l.len() > MAX_LINE_BYTES) {
            return Err(refuse(
                Finding::whole(
                    "long-line",
                    format!("line {} has {} bytes, more than {MAX_LINE_BYTES}", i + 1, line.len()),
                )
                .help("break the line; TOML arrays may go over several lines"),
            ));
        }
        Ok(Self::new(&name, text.to_owned()))
    }

    /// Reads the file at `path`.
    ///
    /// # Errors
    /// It cannot be read, or is not the text of a spec file.
    pub fn read(path: &Path) -> Result<Self> {
        let bytes =
            read_bounded(path).map_err(|source| LoadError::Io { path: path.to_owned(), source })?;
        Self::from_bytes(&path.display().to_string(), &bytes)
    }

    fn new(name: &str, text: String) -> Self {
        Self { code: Arc::new(NamedSource::new(name, text)) }
    }

    /// The name as it was given.
    pub fn name(&self) -> &str {
        self.code.name()
    }

    /// The text.
    pub fn text(&self) -> &str {
        self.code.inner()
    }

    /// The findings in the order of the text, each with its line and column.
    pub(crate) fn placed(&self, mut findings: Vec<Finding>) -> Vec<Finding> {
        findings.sort_by_key(|f| f.span.as_ref().map_or(0, |s| s.start));
        for finding in &mut findings {
            let start = finding.span.as_ref().map(|s| s.start);
            finding.place = start.and_then(|at| self.text().get(..at)).map(|before| Place {
                line: 1 + before.matches('\n').count(),
                column: 1 + before.chars().rev().take_while(|c| *c != '\n').count(),
            });
        }
        findings
    }

    pub(crate) fn code(&self) -> &NamedSource<String> {
        &self.code
    }
}

/// Reads one byte more than allowed at most, so that an endless file ends.
pub(crate) fn read_bounded(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_FILE_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn line_of(bytes: &[u8], at: usize) -> usize {
    1 + bytes.iter().take(at).filter(|b| **b == b'\n').count()
}

/// Characters that change what is shown: controls (a terminal obeys them) and changes of direction.
fn is_deceptive(c: char) -> bool {
    (c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
        || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

fn printable(name: &str) -> String {
    name.chars().map(|c| if c.is_control() || is_deceptive(c) { '\u{FFFD}' } else { c }).collect()
}

/// `text`, shortened so that a message stays a line.
pub(crate) fn clip(text: &str) -> String {
    const SHOWN: usize = 60;
    let text = printable(text);
    if text.chars().count() <= SHOWN {
        return text;
    }
    let head: String = text.chars().take(SHOWN).collect();
    format!("{head}…")
}
