//! The page and the comment of runs, plain and hostile, as text and in a browser.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod browser;
mod comment;
mod page;
mod rendered;
mod sample;
