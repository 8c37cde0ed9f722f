//! What is said about a file: findings with their place, and the errors that carry them.

use std::{fmt, ops::Range, path::PathBuf};

use miette::{Diagnostic, LabeledSpan, SourceCode};

use crate::source::Source;

/// No report lists more findings than this; a file that is wrong everywhere is said to be so.
const MAX_FINDINGS: usize = 40;

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The file cannot be used.
    Error,
    /// The file can be used, and somebody should look at this first.
    Warning,
    /// Worth knowing; nothing to do.
    Note,
}

/// One thing to say about a file: what is wrong or worth knowing, where, and how to mend it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Finding {
    /// How much it weighs.
    pub severity: Severity,
    /// A stable short name, such as `unknown-key`.
    pub code: &'static str,
    /// What is so, and what was expected.
    pub message: String,
    /// One way to mend it.
    pub help: Option<String>,
    /// The bytes of the file that it is about; `None` when it is about the file as a whole.
    pub span: Option<Range<usize>>,
    /// Where those bytes begin, once it is known in which file.
    pub place: Option<Place>,
}

/// A place in a file, both counted from 1; columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The character in the line.
    pub column: usize,
}

impl Finding {
    /// A finding about the bytes `span`.
    pub fn at(
        severity: Severity,
        code: &'static str,
        span: Range<usize>,
        message: impl Into<String>,
    ) -> Self {
        Self { severity, code, message: message.into(), help: None, span: Some(span), place: None }
    }

    /// An error about the file as a whole.
    pub fn whole(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            code,
            message: message.into(),
            help: None,
            span: None,
            place: None,
        }
    }

    /// The same finding with a way to mend it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Whether it stops the file from being used.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Finding {}

impl Diagnostic for Finding {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.code))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Note => miette::Severity::Advice,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|h| Box::new(h) as Box<dyn fmt::Display>)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let span = self.span.clone()?;
        Some(Box::new(std::iter::once(LabeledSpan::underline(span))))
    }
}

/// A file and what is to be said about it. Prints, through miette, each finding at its place.
#[derive(Clone, Debug)]
pub struct Problems {
    /// The file.
    pub source: Source,
    /// What is said, in the order of the file.
    pub findings: Vec<Finding>,
}

impl Problems {
    pub(crate) fn new(source: Source, findings: Vec<Finding>) -> Self {
        let mut findings = source.placed(findings);
        if findings.len() > MAX_FINDINGS {
            let more = findings.len() - MAX_FINDINGS;
            findings.truncate(MAX_FINDINGS);
            findings.push(
                Finding::whole("more", format!("and {more} more like these"))
                    .help("mend these first"),
            );
        }
        Self { source, findings }
    }

    fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|f| f.severity == severity).count()
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            (self.count(Severity::Error), "error"),
            (self.count(Severity::Warning), "warning"),
            (self.count(Severity::Note), "note"),
        ];
        let said: Vec<String> = parts
            .iter()
            .filter(|(n, _)| *n > 0)
            .map(|(n, word)| format!("{n} {word}{}", if *n == 1 { "" } else { "s" }))
            .collect();
        let said = if said.is_empty() { "nothing to say".to_owned() } else { said.join(", ") };
        write!(f, "{}: {said}", self.source.name())
    }
}

impl std::error::Error for Problems {}

impl Diagnostic for Problems {
    fn severity(&self) -> Option<miette::Severity> {
        self.findings.iter().min_by_key(|f| f.severity).and_then(Diagnostic::severity)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self.source.code())
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        Some(Box::new(self.findings.iter().map(|f| f as &dyn Diagnostic)))
    }
}

/// Why a file did not load.
#[derive(Debug, thiserror::Error, Diagnostic)]
pub enum LoadError {
    /// The file could not be read: a fault outside the program (exit code 3).
    #[error("cannot read {}", path.display())]
    #[diagnostic(code("cannot-read"), help("check that the file is there and may be read"))]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file was read and is wrong (exit code 2).
    #[error(transparent)]
    #[diagnostic(transparent)]
    Input(Box<Problems>),
}

/// The result of loading a file.
pub type Result<T, E = LoadError> = std::result::Result<T, E>;

/// A value that was parsed, resolved and checked without an error, with what is still worth saying.
#[derive(Clone, Debug)]
pub struct Checked<T> {
    /// The value.
    pub value: T,
    /// Warnings and notes.
    pub findings: Vec<Finding>,
    /// The file that it came from.
    pub source: Source,
}

impl<T> Checked<T> {
    /// The warnings and notes, ready to print at their places.
    pub fn problems(&self) -> Problems {
        Problems::new(self.source.clone(), self.findings.clone())
    }

    /// The same file with another view of its value.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Checked<U> {
        Checked { value: f(self.value), findings: self.findings, source: self.source }
    }
}
