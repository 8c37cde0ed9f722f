//! How the program ends: one status for each kind of outcome, and the error that carries it.

use std::{fmt, process::ExitCode};

/// The exit codes, the same for every command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitStatus {
    /// Done.
    Done = 0,
    /// The chain or a check says no.
    Refused = 1,
    /// The input is wrong: arguments, a spec, a manifest.
    BadInput = 2,
    /// The outside failed: a file, a node, a compiler.
    OutsideFailed = 3,
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        ExitCode::from(status as u8)
    }
}

/// An error with the status that the program ends with.
#[derive(Debug)]
pub struct Failure {
    /// The status to end with.
    pub status: ExitStatus,
    /// What to show.
    pub report: miette::Report,
}

impl Failure {
    /// The input is wrong.
    pub fn input(report: impl Into<miette::Report>) -> Self {
        Self { status: ExitStatus::BadInput, report: report.into() }
    }

    /// The chain or a check says no.
    pub fn refused(report: impl Into<miette::Report>) -> Self {
        Self { status: ExitStatus::Refused, report: report.into() }
    }

    /// The outside failed.
    pub fn outside(report: impl Into<miette::Report>) -> Self {
        Self { status: ExitStatus::OutsideFailed, report: report.into() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.report)
    }
}

/// What a command returns.
pub type Outcome = Result<ExitStatus, Failure>;
