//! An EVM inside the program: revm over a map, a clock that we move, and senders taken at their word.

mod account;
mod chain;
mod history;
mod snapshot;
mod trace;

pub use chain::now;
pub use snapshot::Snapshot;
pub use trace::Trace;

pub(crate) use account::{AccountRow, accounts_of, db_of};
pub(crate) use history::{History, Row as HistoryRow};

use history::Kept;

use crate::{
    Error, Result, StateSource, Tx,
    chain::DEFAULT_GAS,
    source::{Base, SourceDb},
};
use alloy_primitives::{Address, Bytes, Log, TxKind, U256};
use alloy_sol_types::SolCall;
use revm::{
    Context, ExecuteCommitEvm, ExecuteEvm, MainBuilder, MainContext, MainnetEvm,
    context::{
        BlockEnv, CfgEnv, TxEnv,
        result::{EVMError, ExecutionResult, Output},
    },
    database::CacheDB,
    handler::MainnetContext,
    primitives::hardfork::SpecId,
};
use std::{
    cell::{Ref, RefCell},
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The chain id of the embedded chain.
pub const EMBEDDED_CHAIN_ID: u64 = 1337;

/// Gas of a block; one transaction may use as much as [`DEFAULT_GAS`] unless it asks for more.
pub(crate) const BLOCK_GAS: u64 = 60_000_000;

pub(crate) type Db = CacheDB<Base>;

/// A chain inside the program.
///
/// Rules of the Prague hard fork, no base fee and no gas price. Any address can send: neither keys nor nonces are
/// asked for, and contracts send as themselves. Time is a UTC second that only its owner moves, forward.
///
/// # Examples
///
/// ```
/// use halo_chain::Embedded;
/// use alloy_primitives::{Address, Bytes, bytes};
///
/// let mut chain = Embedded::new(1337, 1_767_225_600);
/// // Init code that leaves a contract of one byte, STOP.
/// let made = chain.create(Address::with_last_byte(1), bytes!("60016000f3"))?;
/// let contract = made.created.ok_or("nothing was created")?;
/// chain.advance(3_600)?;
/// let called = chain.transact(Address::with_last_byte(2), contract, Bytes::new())?;
/// assert!(called.is_success());
/// assert_eq!((chain.number(), chain.timestamp()), (2, 1_767_229_200));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Embedded {
    // Views run in it too: making an EVM takes longer than most of them.
    evm: RefCell<MainnetEvm<MainnetContext<Db>>>,
    automine: bool,
    history: History,
    sent: Option<Vec<Sent>>,
    senders: Option<Senders>,
}

/// Who sent how many transactions on a chain, none of which anybody signed. It outlives the chain.
#[derive(Debug, Clone, Default)]
pub struct Senders(Arc<Mutex<BTreeMap<Address, usize>>>);

impl Senders {
    /// Transactions of each, so far.
    pub fn counts(&self) -> BTreeMap<Address, usize> {
        self.tally().clone()
    }

    fn tally(&self) -> MutexGuard<'_, BTreeMap<Address, usize>> {
        // Nothing panics while it is held; what is in it is whole in any case.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A transaction that a chain kept, with the second at which it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// UTC seconds.
    pub timestamp: u64,
    /// The transaction.
    pub tx: Tx,
}

/// How an execution ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// It returned.
    Success,
    /// A contract reverted; the output is its revert data.
    Reverted,
    /// The EVM stopped it, for the reason given; all gas is gone.
    Halted(String),
}

/// What an execution left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// How it ended.
    pub status: Status,
    /// Gas used, refunds taken off.
    pub gas_used: u64,
    /// Returned data, or revert data.
    pub output: Bytes,
    /// Events, in order.
    pub logs: Vec<Log>,
    /// The contract created, for a creation.
    pub created: Option<Address>,
}

impl Outcome {
    /// Whether it returned.
    pub fn is_success(&self) -> bool {
        self.status == Status::Success
    }

    /// Decodes what function `C` returned. Meaningful after success only.
    pub fn decode<C: SolCall>(&self, to: Address) -> Result<C::Return> {
        crate::chain::decode_reply::<C>(to, &self.output)
    }
}

impl Embedded {
    /// An empty chain at block 0.
    pub fn new(chain_id: u64, timestamp: u64) -> Self {
        Self::with_db(Db::default(), chain_id, 0, timestamp)
    }

    /// A chain that goes on from the state of a source: block `number` of chain `chain_id` at `timestamp` is its
    /// latest. What it reads and the source does not hold is an error.
    pub fn fork(source: Arc<dyn StateSource>, chain_id: u64, number: u64, timestamp: u64) -> Self {
        Self::with_db(CacheDB::new(Base::Source(SourceDb(source))), chain_id, number, timestamp)
    }

    /// A chain over `db` with block `number` as its latest.
    pub(crate) fn with_db(db: Db, chain_id: u64, number: u64, timestamp: u64) -> Self {
        let block = BlockEnv {
            number: U256::from(number) + U256::ONE,
            timestamp: U256::from(timestamp),
            gas_limit: BLOCK_GAS,
            basefee: 0,
            ..Default::default()
        };
        let evm = Context::mainnet()
            .with_db(db)
            .with_cfg(cfg(chain_id))
            .with_block(block)
            .build_mainnet();
        Self {
            evm: RefCell::new(evm),
            automine: true,
            history: History::default(),
            sent: None,
            senders: None,
        }
    }

    /// The chain's id.
    pub fn id(&self) -> u64 {
        self.evm.borrow().ctx.cfg.chain_id
    }

    /// The latest block's number.
    pub fn number(&self) -> u64 {
        self.pending() - 1
    }

    /// The clock, UTC seconds: the time of the latest block and of the next.
    pub fn timestamp(&self) -> u64 {
        self.evm.borrow().ctx.block.timestamp.saturating_to()
    }

    /// Sets the clock.
    ///
    /// # Errors
    /// When `timestamp` lies before the clock.
    pub fn warp_to(&mut self, timestamp: u64) -> Result<()> {
        let now = self.timestamp();
        if timestamp < now {
            return Err(Error::Clock { now, wanted: timestamp });
        }
        self.evm.get_mut().ctx.block.timestamp = U256::from(timestamp);
        Ok(())
    }

    /// Moves the clock forward, at most to the end of time.
    ///
    /// # Errors
    /// None at present; the result is that of [`Self::warp_to`].
    pub fn advance(&mut self, seconds: u64) -> Result<()> {
        self.warp_to(self.timestamp().saturating_add(seconds))
    }

    /// Whether each transaction gets a block of its own, as at the start, or blocks end with [`Self::mine`].
    pub fn set_automine(&mut self, automine: bool) {
        self.automine = automine;
    }

    /// Ends the block.
    pub fn mine(&mut self) {
        self.evm.get_mut().ctx.block.number += U256::ONE;
    }

    /// Whether events are kept for [`crate::Chain::logs`], as at the start. Long simulations go without.
    pub fn set_history(&mut self, keep: bool) {
        self.history.keep = keep;
    }

    /// From now on, notes each transaction of [`Self::transact`], [`Self::create`] and [`Self::execute`], so that
    /// another chain can be sent the same.
    pub fn note_sent(&mut self) {
        self.sent.get_or_insert_default();
    }

    /// What was noted since [`Self::note_sent`], in order.
    pub fn sent(&self) -> &[Sent] {
        self.sent.as_deref().unwrap_or_default()
    }

    /// From now on, counts who sends; the count can be read when the chain is gone.
    pub fn count_senders(&mut self) -> Senders {
        self.senders.get_or_insert_default().clone()
    }

    /// Calls `to` as `from` and keeps what it did.
    ///
    /// # Errors
    /// When the transaction cannot be part of a block; a revert is an [`Outcome`].
    pub fn transact(&mut self, from: Address, to: Address, data: Bytes) -> Result<Outcome> {
        self.commit(tx_env(from, TxKind::Call(to), data, U256::ZERO, DEFAULT_GAS))
    }

    /// Creates a contract as `from`.
    ///
    /// # Errors
    /// As [`Self::transact`].
    pub fn create(&mut self, from: Address, initcode: Bytes) -> Result<Outcome> {
        self.commit(tx_env(from, TxKind::Create, initcode, U256::ZERO, DEFAULT_GAS))
    }

    /// [`Self::transact`] and [`Self::create`] in their full form.
    ///
    /// # Errors
    /// As [`Self::transact`].
    pub fn execute(&mut self, tx: &Tx) -> Result<Outcome> {
        self.commit(TxEnv::from(tx))
    }

    /// Calls `to` as `from` and keeps nothing.
    ///
    /// # Errors
    /// As [`Self::transact`].
    pub fn view(&self, from: Address, to: Address, data: Bytes) -> Result<Outcome> {
        self.look(tx_env(from, TxKind::Call(to), data, U256::ZERO, DEFAULT_GAS))
    }

    fn look(&self, tx: TxEnv) -> Result<Outcome> {
        let mut evm = self.evm.borrow_mut();
        let result = evm.transact_one(tx);
        // Empties the journal; the changes are dropped.
        let _ = evm.finalize();
        Ok(outcome(result.map_err(rejected)?))
    }

    fn commit(&mut self, tx: TxEnv) -> Result<Outcome> {
        let timestamp = self.timestamp();
        if let Some(sent) = &mut self.sent {
            sent.push(Sent { timestamp, tx: Tx::from(&tx) });
        }
        let from = tx.caller;
        let kept = self.history.keep.then(|| Kept::of(&tx, self.pending(), self.timestamp()));
        let evm = self.evm.get_mut();
        let result = match evm.transact_one(tx) {
            Ok(result) => result,
            Err(fault) => {
                let _ = evm.finalize();
                return Err(rejected(fault));
            }
        };
        evm.commit_inner();
        if let Some(senders) = &self.senders {
            *senders.tally().entry(from).or_default() += 1;
        }
        Ok(self.conclude(kept, result))
    }

    /// What a transaction whose changes are kept leaves: its outcome, its events, and its block.
    fn conclude(&mut self, kept: Option<Kept>, result: ExecutionResult) -> Outcome {
        let outcome = outcome(result);
        if let Some(kept) = kept {
            self.history.record(kept, &outcome.logs);
        }
        if self.automine {
            self.mine();
        }
        outcome
    }

    /// The number of the block that is being built.
    fn pending(&self) -> u64 {
        self.evm.borrow().ctx.block.number.saturating_to()
    }

    pub(crate) fn db(&self) -> Ref<'_, Db> {
        Ref::map(self.evm.borrow(), |evm| &evm.ctx.journaled_state.database)
    }

    fn db_mut(&mut self) -> &mut Db {
        &mut self.evm.get_mut().ctx.journaled_state.database
    }
}

impl fmt::Debug for Embedded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Embedded")
            .field("id", &self.id())
            .field("number", &self.number())
            .field("timestamp", &self.timestamp())
            .field("accounts", &self.db().cache.accounts.len())
            .finish_non_exhaustive()
    }
}

fn cfg(chain_id: u64) -> CfgEnv {
    let mut cfg = CfgEnv::new_with_spec(SpecId::PRAGUE).with_chain_id(chain_id);
    cfg.disable_nonce_check = true;
    cfg.disable_eip3607 = true;
    cfg
}

fn tx_env(caller: Address, kind: TxKind, data: Bytes, value: U256, gas_limit: u64) -> TxEnv {
    TxEnv { caller, kind, data, value, gas_limit, chain_id: None, ..Default::default() }
}

impl From<&TxEnv> for Tx {
    fn from(env: &TxEnv) -> Self {
        let to = env.kind.to().copied();
        Self { from: env.caller, to, data: env.data.clone(), value: env.value, gas: env.gas_limit }
    }
}

impl From<&Tx> for TxEnv {
    fn from(tx: &Tx) -> Self {
        let kind = tx.to.map_or(TxKind::Create, TxKind::Call);
        tx_env(tx.from, kind, tx.data.clone(), tx.value, tx.gas)
    }
}

fn outcome(result: ExecutionResult) -> Outcome {
    let gas_used = result.tx_gas_used();
    match result {
        ExecutionResult::Success { logs, output, .. } => {
            let (output, created) = match output {
                Output::Call(data) => (data, None),
                Output::Create(data, address) => (data, address),
            };
            Outcome { status: Status::Success, gas_used, output, logs, created }
        }
        ExecutionResult::Revert { output, .. } => {
            Outcome { status: Status::Reverted, gas_used, output, logs: Vec::new(), created: None }
        }
        ExecutionResult::Halt { reason, .. } => Outcome {
            status: Status::Halted(format!("{reason:?}")),
            gas_used,
            output: Bytes::new(),
            logs: Vec::new(),
            created: None,
        },
    }
}

fn rejected<D: fmt::Display>(fault: EVMError<D>) -> Error {
    Error::Rejected { reason: fault.to_string() }
}
