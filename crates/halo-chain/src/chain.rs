//! The interface through which everything above asks a chain and sends to it.

use crate::{Error, Result, error::Reply};
use alloy_primitives::{Address, B256, Bytes, KECCAK256_EMPTY, Log, U256, keccak256};
use alloy_sol_types::{SolCall, SolEvent};

/// Gas that a transaction may use unless it says otherwise.
pub const DEFAULT_GAS: u64 = 30_000_000;

/// A place where contracts run. Reads see the latest block; a send is mined when it returns.
///
/// The sender of a [`Tx`] is taken at its word on the embedded chain. A node needs its key or impersonation.
#[expect(async_fn_in_trait, reason = "used through generics, on one thread")]
pub trait Chain {
    /// The chain's EIP-155 id.
    async fn chain_id(&self) -> Result<u64>;

    /// The latest block.
    async fn block(&self) -> Result<Block>;

    /// Runtime code at `at`; empty when there is none.
    async fn code(&self, at: Address) -> Result<Bytes>;

    /// The word in a storage slot of `at`; zero when it was never written.
    async fn storage(&self, at: Address, slot: B256) -> Result<B256>;

    /// Ether of `at`, in wei.
    async fn balance(&self, at: Address) -> Result<U256>;

    /// Transactions sent, or contracts created, by `at`.
    async fn nonce(&self, at: Address) -> Result<u64>;

    /// What `tx` would return now; nothing is kept. A revert is [`Error::Reverted`].
    async fn call(&self, tx: &Tx) -> Result<Bytes>;

    /// Sends `tx` and waits until it is in a block. A revert is [`Error::Reverted`].
    async fn send(&mut self, tx: &Tx) -> Result<Receipt>;

    /// Events that pass `filter`, oldest first.
    async fn logs(&self, filter: &Filter) -> Result<Vec<Event>>;

    /// keccak-256 of the runtime code at `at`; zero when there is none.
    async fn code_hash(&self, at: Address) -> Result<B256> {
        Ok(code_hash(&self.code(at).await?))
    }

    /// Calls a view function of the contract at `to`, from the zero address.
    async fn read<C: SolCall>(&self, to: Address, call: &C) -> Result<C::Return> {
        self.read_as(Address::ZERO, to, call).await
    }

    /// Calls a function of the contract at `to` as `from` and keeps nothing.
    async fn read_as<C: SolCall>(&self, from: Address, to: Address, call: &C) -> Result<C::Return> {
        let output = self.call(&Tx::typed(from, to, call)).await?;
        decode_reply::<C>(to, &output)
    }

    /// Sends a call of the contract at `to`.
    async fn write<C: SolCall>(&mut self, from: Address, to: Address, call: &C) -> Result<Receipt> {
        self.send(&Tx::typed(from, to, call)).await
    }

    /// Events of one type that pass `filter`, oldest first. Sets the filter's first topic.
    async fn events<E: SolEvent>(&self, filter: Filter) -> Result<Vec<(E, Event)>> {
        let found = self.logs(&filter.topic(0, E::SIGNATURE_HASH)).await?;
        // An event of the same signature with other indexed fields is another event.
        Ok(found
            .into_iter()
            .filter_map(|event| Some((E::decode_log(&event.log).ok()?.data, event)))
            .collect())
    }
}

/// A chain whose clock is ours to move: the embedded one, and anvil.
#[expect(async_fn_in_trait, reason = "used through generics, on one thread")]
pub trait TimeTravel: Chain {
    /// Moves the clock to a UTC second, at once and for every read and send from here on.
    ///
    /// # Errors
    /// When it lies before the latest block's.
    async fn travel_to(&mut self, timestamp: u64) -> Result<()>;
}

/// Decodes what a function returned.
pub(crate) fn decode_reply<C: SolCall>(to: Address, output: &[u8]) -> Result<C::Return> {
    C::abi_decode_returns(output).map_err(|fault| {
        Error::Reply(Box::new(Reply {
            to,
            function: C::SIGNATURE,
            bytes: output.len(),
            fault: fault.to_string(),
        }))
    })
}

/// keccak-256 of runtime code, zero for none.
pub(crate) fn code_hash(code: &[u8]) -> B256 {
    let hash = keccak256(code);
    if hash == KECCAK256_EMPTY { B256::ZERO } else { hash }
}

/// A block of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    /// Its number.
    pub number: u64,
    /// Its UTC second.
    pub timestamp: u64,
}

/// A transaction or a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tx {
    /// Who sends it.
    pub from: Address,
    /// The contract called; `None` creates one from the init code in `data`.
    pub to: Option<Address>,
    /// Calldata or init code.
    pub data: Bytes,
    /// Ether sent along, in wei.
    pub value: U256,
    /// The most gas it may use.
    pub gas: u64,
}

impl Tx {
    /// A call of `to`, with no value and [`DEFAULT_GAS`].
    pub const fn call(from: Address, to: Address, data: Bytes) -> Self {
        Self { from, to: Some(to), data, value: U256::ZERO, gas: DEFAULT_GAS }
    }

    /// The creation of a contract.
    pub const fn create(from: Address, initcode: Bytes) -> Self {
        Self { from, to: None, data: initcode, value: U256::ZERO, gas: DEFAULT_GAS }
    }

    /// A call of a function by its binding.
    pub fn typed<C: SolCall>(from: Address, to: Address, call: &C) -> Self {
        Self::call(from, to, call.abi_encode().into())
    }

    /// The same with another gas limit.
    pub const fn with_gas(mut self, gas: u64) -> Self {
        self.gas = gas;
        self
    }

    /// The same with ether sent along, in wei.
    pub const fn with_value(mut self, value: U256) -> Self {
        self.value = value;
        self
    }
}

/// What is known of a transaction that succeeded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The transaction's hash.
    pub tx: B256,
    /// The block that holds it.
    pub block: u64,
    /// That block's UTC second.
    pub timestamp: u64,
    /// Gas used, refunds taken off.
    pub gas_used: u64,
    /// The contract that the transaction itself created.
    pub created: Option<Address>,
    /// Events, in order.
    pub logs: Vec<Log>,
}

impl Receipt {
    /// The first event of a type, from any contract.
    pub fn find<E: SolEvent>(&self) -> Option<E> {
        self.logs.iter().find_map(|log| Some(E::decode_log(log).ok()?.data))
    }

    /// The first event of a type from one contract.
    pub fn find_from<E: SolEvent>(&self, address: Address) -> Option<E> {
        let mut logs = self.logs.iter().filter(|log| log.address == address);
        logs.find_map(|log| Some(E::decode_log(log).ok()?.data))
    }
}

/// Which events to read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// The emitting contract; `None` for any.
    pub address: Option<Address>,
    /// Wanted topics by place; `None` for any.
    pub topics: [Option<B256>; 4],
    /// The first block.
    pub from_block: u64,
    /// The last block; `None` for the latest.
    pub to_block: Option<u64>,
}

impl Filter {
    /// Only events of one contract.
    pub const fn at(mut self, address: Address) -> Self {
        self.address = Some(address);
        self
    }

    /// Only events with `value` as topic number `place`; 0 is the signature. Places above 3 do not exist and are ignored.
    pub fn topic(mut self, place: usize, value: B256) -> Self {
        if let Some(topic) = self.topics.get_mut(place) {
            *topic = Some(value);
        }
        self
    }

    /// Only events from this block on.
    pub const fn from(mut self, block: u64) -> Self {
        self.from_block = block;
        self
    }

    /// Whether an event in block `block` passes.
    pub fn accepts(&self, block: u64, log: &Log) -> bool {
        block >= self.from_block
            && self.to_block.is_none_or(|last| block <= last)
            && self.address.is_none_or(|address| address == log.address)
            && self.topics.iter().enumerate().all(|(place, wanted)| {
                wanted.is_none_or(|wanted| log.topics().get(place) == Some(&wanted))
            })
    }
}

/// An event and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The event itself.
    pub log: Log,
    /// The block that holds it.
    pub block: u64,
    /// That block's UTC second.
    pub timestamp: u64,
    /// The transaction that emitted it.
    pub tx: B256,
    /// Its place among the block's events.
    pub index: u64,
}
