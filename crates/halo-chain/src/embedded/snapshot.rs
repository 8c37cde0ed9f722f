//! Going back to an earlier moment, and starting several chains from one.

use super::{Db, Embedded, History};

/// A moment of an embedded chain. Taking one copies the maps of accounts and slots, not code.
#[derive(Debug, Clone)]
pub struct Snapshot {
    pub(crate) db: Db,
    pub(crate) chain_id: u64,
    pub(crate) number: u64,
    pub(crate) timestamp: u64,
    pub(crate) history: History,
}

impl Embedded {
    /// The present moment.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot {
            db: self.db().clone(),
            chain_id: self.id(),
            number: self.number(),
            timestamp: self.timestamp(),
            history: self.history.clone(),
        }
    }

    /// Goes back to `snapshot`, also in time.
    pub fn restore(&mut self, snapshot: &Snapshot) {
        let automine = self.automine;
        *self = Self::from_snapshot(snapshot);
        self.automine = automine;
    }

    /// The same state at the same time as block `number`, with nothing before it.
    pub(crate) fn into_block(mut self, number: u64) -> Self {
        let (id, timestamp) = (self.id(), self.timestamp());
        Self::with_db(std::mem::take(self.db_mut()), id, number, timestamp)
    }

    /// A chain of its own that starts at `snapshot`.
    pub fn from_snapshot(snapshot: &Snapshot) -> Self {
        let Snapshot { db, chain_id, number, timestamp, history } = snapshot;
        let mut chain = Self::with_db(db.clone(), *chain_id, *number, *timestamp);
        chain.history = history.clone();
        chain
    }
}
