//! What will happen: world, clock, Day 1, measurements, reports.
