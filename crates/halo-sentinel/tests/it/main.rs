//! Golden vectors, long runs and the mutants that must fail them; the beacon and the formation.

#![allow(clippy::unwrap_used, reason = "a test stops where something is missing")]

mod epoch_golden;
mod formation;
mod naive;
mod never_beyond;
mod numbers;
mod queue_golden;
mod settler;
mod ten_years;
mod tranches;
mod views;
