//! Golden vectors, long runs and the mutants that must fail them.

mod epoch_golden;
mod naive;
mod numbers;
mod queue_golden;
mod ten_years;
