//! What happened: events with the block and the transaction that they belong to.

use crate::{Event, Filter};
use alloy_primitives::{B256, Log, TxKind, keccak256};
use alloy_rlp::{RlpDecodable, RlpEncodable};
use revm::context::TxEnv;

/// Events in the order in which they happened.
#[derive(Debug, Clone)]
pub(crate) struct History {
    pub(crate) keep: bool,
    pub(crate) rows: Vec<Row>,
}

/// An event, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, RlpEncodable, RlpDecodable)]
pub(crate) struct Row {
    pub(crate) block: u64,
    pub(crate) timestamp: u64,
    pub(crate) tx: B256,
    pub(crate) index: u64,
    pub(crate) log: Log,
}

/// The transaction that events belong to.
pub(crate) struct Kept {
    block: u64,
    timestamp: u64,
    pub(crate) tx: B256,
}

impl Default for History {
    fn default() -> Self {
        Self { keep: true, rows: Vec::new() }
    }
}

impl Kept {
    /// Senders do not sign here, so a transaction's hash is that of its place and contents.
    pub(crate) fn of(tx: &TxEnv, block: u64, timestamp: u64) -> Self {
        let mut bytes = Vec::with_capacity(96 + tx.data.len());
        bytes.extend_from_slice(&block.to_be_bytes());
        bytes.extend_from_slice(tx.caller.as_slice());
        if let TxKind::Call(to) = tx.kind {
            bytes.extend_from_slice(to.as_slice());
        }
        bytes.extend_from_slice(&tx.value.to_be_bytes::<32>());
        bytes.extend_from_slice(&tx.data);
        Self { block, timestamp, tx: keccak256(&bytes) }
    }
}

impl History {
    pub(crate) fn record(&mut self, kept: Kept, logs: &[Log]) {
        let next = match self.rows.last() {
            Some(last) if last.block == kept.block => last.index + 1,
            _ => 0,
        };
        self.rows.extend(logs.iter().zip(next..).map(|(log, index)| Row {
            block: kept.block,
            timestamp: kept.timestamp,
            tx: kept.tx,
            index,
            log: log.clone(),
        }));
    }

    pub(crate) fn find(&self, filter: &Filter) -> Vec<Event> {
        let start = self.rows.partition_point(|row| row.block < filter.from_block);
        let rows = self.rows.iter().skip(start);
        rows.filter(|row| filter.accepts(row.block, &row.log))
            .map(|row| Event {
                log: row.log.clone(),
                block: row.block,
                timestamp: row.timestamp,
                tx: row.tx,
                index: row.index,
            })
            .collect()
    }
}
