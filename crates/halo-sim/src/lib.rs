#![doc = include_str!("../README.md")]

mod attest;
mod beacon;
mod day1;
mod error;
mod formation;
mod observe;
mod report;
pub mod run;

pub use attest::{report, stand_in};
pub use beacon::{LphaLcts, Settled};
pub use day1::{Day1, run};
pub use error::{Error, Result};
pub use formation::{Formation, Move};
pub use observe::{Observer, UnitAt};
pub use report::{Conservation, Day1Report, LimitRow, PrimeRow, Totals, UnitRow};
