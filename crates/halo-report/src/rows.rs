//! Tables as the page takes them.

use serde::Serialize;

/// More rows than this make no page better; the rest is in the run's own document.
const MOST: usize = 400;

/// A table: its first columns are words, the others numbers.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Rows {
    /// What each column has.
    head: Vec<String>,
    /// How many columns are words.
    words: usize,
    /// A text for each column.
    rows: Vec<Vec<String>>,
    /// Rows that were left out.
    left_out: usize,
}

impl Rows {
    /// An empty table.
    pub(crate) fn new<T: Into<String>>(words: usize, head: impl IntoIterator<Item = T>) -> Self {
        let head = head.into_iter().map(Into::into).collect();
        Self { head, words, ..Self::default() }
    }

    /// Adds a row.
    pub(crate) fn push(&mut self, row: impl Into<Vec<String>>) {
        if self.rows.len() < MOST {
            self.rows.push(row.into());
        } else {
            self.left_out += 1;
        }
    }
}
