//! Artifact documents: what governance agrees to, in the tree of the Atlas's instance configuration documents. Written
//! from what a plan or a manifest says, and read back word by word.

mod read;
mod write;

pub use read::{Direction, WrittenId, WrittenLimit, read, target};
pub use write::{Artifact, Edit, documents};
