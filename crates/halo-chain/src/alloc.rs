//! The accounts of a chain as data that another EVM can start from.

use crate::{
    Embedded, Result,
    embedded::{BLOCK_GAS, accounts_of},
};
use alloy_primitives::{Address, B256, Bloom, Bytes, U256, keccak256};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Accounts by address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Alloc(pub BTreeMap<Address, AllocAccount>);

/// An account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllocAccount {
    /// Transactions sent or contracts created.
    pub nonce: u64,
    /// Ether, in wei.
    pub balance: U256,
    /// Runtime code.
    pub code: Bytes,
    /// Slots that are not zero.
    pub storage: BTreeMap<B256, B256>,
}

impl Alloc {
    /// All accounts of `chain` that are not empty; on a fork, those that were read or written.
    ///
    /// # Errors
    /// On a fork whose source does not hold the code of such an account.
    pub fn of(chain: &Embedded) -> Result<Self> {
        let rows = accounts_of(&chain.db()).into_iter();
        let accounts = rows.map(|row| {
            let slots = row.storage.iter();
            let account = AllocAccount {
                nonce: row.nonce,
                balance: row.balance,
                code: chain.code_at(row.address)?,
                storage: slots.map(|slot| (slot.key.into(), slot.value.into())).collect(),
            };
            Ok((row.address, account))
        });
        Ok(Self(accounts.collect::<Result<_>>()?))
    }

    /// The state after block `number` at `timestamp`, UTC seconds, as `anvil --load-state` reads it. That block is empty
    /// and the first there is, for anvil goes on from one that it knows.
    pub fn to_anvil_state(&self, number: u64, timestamp: u64) -> Value {
        let accounts = self.0.iter().map(|(address, account)| {
            let fields = json!({
                "nonce": account.nonce,
                "balance": account.balance,
                "code": account.code,
                "storage": account.storage,
            });
            (address.to_string(), fields)
        });
        // The root of an empty trie.
        let nothing = keccak256([0x80]);
        json!({
            "block": {
                "number": format!("{number:#x}"),
                "beneficiary": Address::ZERO,
                "timestamp": format!("{timestamp:#x}"),
                "gas_limit": BLOCK_GAS,
                "basefee": 0,
                "difficulty": "0x0",
                "prevrandao": B256::ZERO,
                "blob_excess_gas_and_price": { "excess_blob_gas": 0, "blob_gasprice": 1 },
            },
            "accounts": Map::from_iter(accounts),
            "best_block_number": number,
            "blocks": [{
                "header": {
                    "parentHash": B256::ZERO,
                    "sha3Uncles": keccak256([0xc0]),
                    "miner": Address::ZERO,
                    "stateRoot": nothing,
                    "transactionsRoot": nothing,
                    "receiptsRoot": nothing,
                    "logsBloom": Bloom::ZERO,
                    "difficulty": "0x0",
                    "number": format!("{number:#x}"),
                    "gasLimit": format!("{BLOCK_GAS:#x}"),
                    "gasUsed": "0x0",
                    "timestamp": format!("{timestamp:#x}"),
                    "extraData": "0x",
                    "mixHash": B256::ZERO,
                    "nonce": "0x0000000000000000",
                    "baseFeePerGas": "0x0",
                },
                "transactions": [],
                "ommers": [],
            }],
            "transactions": [],
        })
    }

    /// A genesis file as anvil (`--init`) and geth read it, with the Prague hard fork from the start.
    pub fn to_genesis_json(&self, chain_id: u64, timestamp: u64) -> Value {
        let mut config = Map::from_iter([("chainId".to_owned(), json!(chain_id))]);
        for fork in [
            "homesteadBlock",
            "eip150Block",
            "eip155Block",
            "eip158Block",
            "byzantiumBlock",
            "constantinopleBlock",
            "petersburgBlock",
            "istanbulBlock",
            "berlinBlock",
            "londonBlock",
            "mergeNetsplitBlock",
            "shanghaiTime",
            "cancunTime",
            "pragueTime",
        ] {
            config.insert(fork.to_owned(), json!(0));
        }
        config.insert("terminalTotalDifficulty".to_owned(), json!(0));
        config.insert("terminalTotalDifficultyPassed".to_owned(), json!(true));
        let accounts = self.0.iter().map(|(address, account)| {
            let fields = json!({
                "nonce": format!("{:#x}", account.nonce),
                "balance": account.balance,
                "code": account.code,
                "storage": account.storage,
            });
            (address.to_string(), fields)
        });
        json!({
            "config": config,
            "nonce": "0x0",
            "timestamp": format!("{timestamp:#x}"),
            "extraData": "0x",
            "gasLimit": format!("{BLOCK_GAS:#x}"),
            "difficulty": "0x0",
            "mixHash": B256::ZERO,
            "coinbase": Address::ZERO,
            "baseFeePerGas": "0x0",
            "alloc": Map::from_iter(accounts),
        })
    }
}
