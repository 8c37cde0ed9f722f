#![doc = include_str!("../README.md")]

mod adversary;
mod attest;
mod beacon;
mod chance;
mod check;
mod day1;
mod engine;
mod error;
mod formation;
mod governance;
mod manager;
mod money;
mod observe;
mod others;
mod outcome;
mod report;
pub mod run;
mod words;
mod world;

pub use attest::{Statement, report, stand_in, state};
pub use beacon::{LphaLcts, Settled};
pub use check::recompute;
pub use day1::{Day1, run};
pub use engine::{Options, Progress, run_on, simulate};
pub use error::{Error, Result};
pub use observe::{Observer, UnitAt};
pub use report::{Conservation, Day1Report, LimitRow, PrimeRow, Totals, UnitRow};
pub use run::Run;
pub use words::dollars;
