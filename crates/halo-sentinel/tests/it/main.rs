//! Golden vectors, long runs and the mutants that must fail them.

mod naive;
mod queue_golden;
mod ten_years;
