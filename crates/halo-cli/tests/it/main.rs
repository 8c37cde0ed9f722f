//! The built program, command by command, as a person meets it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod action;
mod check;
mod documents;
mod fork;
mod generate;
mod hostile;
mod init;
mod launch;
mod place;
mod plan;
mod proof;
mod rehearsal;
mod report;
mod simulate;
mod streams;
mod templates;
mod verify;
