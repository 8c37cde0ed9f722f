#![doc = include_str!("../README.md")]

mod adversary;
mod attest;
mod beacon;
mod chance;
mod check;
mod day1;
mod engine;
mod error;
mod export;
mod formation;
mod governance;
mod manager;
mod minimise;
mod money;
mod observe;
mod others;
mod outcome;
mod report;
pub mod run;
mod solve;
pub mod sweep;
mod words;
mod world;

pub use attest::{Statement, report, stand_in, state};
pub use beacon::{LphaLcts, Settled};
pub use check::recompute;
pub use day1::{Day1, run};
pub use engine::{Options, Progress, run_on, simulate};
pub use error::{Error, Result};
pub use export::{csv, junit};
pub use minimise::{Minimal, minimise};
pub use observe::{Observer, UnitAt};
pub use report::{Conservation, Day1Report, LimitRow, PrimeRow, Totals, UnitRow};
pub use run::Run;
pub use solve::{Grant, Solution, solve};
pub use words::dollars;
