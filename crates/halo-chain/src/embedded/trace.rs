//! A transaction with a note of what it wrote, and of what was hashed on the way: a mapping's slot is such a hash.

use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use revm::{
    Context, DatabaseCommit, ExecuteEvm, InspectEvm, Inspector, MainBuilder, MainContext,
    context::{ContextTr, TxEnv},
    database::CacheDB,
    interpreter::{
        Interpreter,
        interpreter::EthInterpreter,
        interpreter_types::{Jumps, MemoryTr},
    },
};

use super::{Embedded, Outcome, chain::succeeded, history::Kept, rejected};
use crate::{Result, Tx};

/// The longest text that is noted when it is hashed, bytes. The key of a mapping with its slot has 64, and code that is
/// hashed for its address is of no use here.
const LONGEST: usize = 1_024;

/// What a transaction left beside its outcome.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trace {
    /// Slots that changed, with the value before and after, by account and slot.
    pub slots: BTreeMap<(Address, U256), (U256, U256)>,
    /// Accounts that have other code than before, with the hash of it.
    pub code: BTreeMap<Address, B256>,
    /// What was hashed, by its hash.
    pub preimages: BTreeMap<B256, Bytes>,
}

impl Trace {
    /// Takes in what came after. A slot that is again as it was before has not changed.
    pub fn then(&mut self, next: Self) {
        for (at, (before, after)) in next.slots {
            let change = self.slots.entry(at).or_insert((before, before));
            change.1 = after;
        }
        self.slots.retain(|_, (before, after)| before != after);
        self.code.extend(next.code);
        self.preimages.extend(next.preimages);
    }
}

#[derive(Debug, Default)]
struct Hashed(BTreeMap<B256, Bytes>);

impl<C: ContextTr> Inspector<C, EthInterpreter> for Hashed {
    fn step(&mut self, interp: &mut Interpreter<EthInterpreter>, _context: &mut C) {
        const KECCAK256: u8 = 0x20;
        if interp.bytecode.opcode() != KECCAK256 {
            return;
        }
        let (Ok(from), Ok(size)) = (interp.stack.peek(0), interp.stack.peek(1)) else { return };
        let (from, size) = (from.saturating_to::<usize>(), size.saturating_to::<usize>());
        if size == 0 || size > LONGEST {
            return;
        }
        // What lies beyond the memory in use is zero.
        let end = from.saturating_add(size).min(interp.memory.size());
        let mut text = vec![0; size];
        if from < end {
            let known = interp.memory.slice(from..end);
            for (to, byte) in text.iter_mut().zip(known.iter()) {
                *to = *byte;
            }
        }
        self.0.insert(keccak256(&text), text.into());
    }
}

impl Embedded {
    /// Sends `tx`, with a note of what changed: the gas that it used, and the note.
    ///
    /// # Errors
    /// [`crate::Error::Reverted`] and those of [`Self::execute`].
    pub fn send_traced(&mut self, tx: &Tx) -> Result<(u64, Trace)> {
        let (outcome, trace) = self.execute_traced(tx)?;
        Ok((succeeded(tx, outcome, false)?.gas_used, trace))
    }

    /// [`Self::execute`] with a note of what changed.
    ///
    /// # Errors
    /// As [`Self::execute`].
    pub fn execute_traced(&mut self, tx: &Tx) -> Result<(Outcome, Trace)> {
        let tx = TxEnv::from(tx);
        let kept = self.history.keep.then(|| Kept::of(&tx, self.pending(), self.timestamp()));
        let own = self.evm.borrow();
        let mut evm = Context::mainnet()
            .with_db(CacheDB::new(&own.ctx.journaled_state.database))
            .with_cfg(own.ctx.cfg.clone())
            .with_block(own.ctx.block.clone())
            .build_mainnet_with_inspector(Hashed::default());
        let result = evm.inspect_one_tx(tx).map_err(rejected)?;
        let state = evm.finalize();
        let mut trace = Trace { preimages: evm.inspector.0, ..Trace::default() };
        for (at, account) in state.iter().filter(|(_, account)| account.is_touched()) {
            for (slot, value) in account.storage.iter().filter(|(_, value)| value.is_changed()) {
                let change = (value.original_value(), value.present_value());
                trace.slots.insert((*at, *slot), change);
            }
            let before = self.code_at(*at)?;
            let hash = crate::chain::code_hash(&before);
            let after =
                if account.info.is_empty_code_hash() { B256::ZERO } else { account.info.code_hash };
            if hash != after {
                trace.code.insert(*at, after);
            }
        }
        drop(own);
        self.db_mut().commit(state);
        Ok((self.conclude(kept, result), trace))
    }
}
