//! A [`Run`](halo_sim::run::Run) as a person reads it: [`page`] is one HTML file that needs no network and no script,
//! [`comment`] is its summary in Markdown. Both only show what the run says; names in it come from files of others and
//! are text, never markup.

mod chart;
mod comment;
mod engine;
mod error;
mod money;
mod names;
mod outcome;
mod page;
mod palette;
mod read;
mod rows;
mod words;

pub use comment::comment;
pub use error::{Error, Result};
pub use outcome::Outcome;
pub use page::page;
pub use read::read;
