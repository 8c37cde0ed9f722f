//! Executing a block again from the proved state before it.
//!
//! Everything is believed only as far as the block's own header confirms it: gas used, receipts root, logs bloom, and
//! the requests hash where the fork has one.

use crate::{ProvedState, SignedBlock};
use alloy_consensus::{
    BlockHeader, ReceiptEnvelope, Transaction, TxEnvelope, TxReceipt,
    proofs::calculate_receipt_root, transaction::Recovered,
};
use alloy_eips::eip7840::BlobParams;
use alloy_evm::{
    EvmEnv, EvmFactory,
    block::{BlockExecutionResult, BlockExecutor, BlockExecutorFactory},
    eth::{
        EthBlockExecutionCtx, EthBlockExecutorFactory, EthEvmFactory,
        receipt_builder::AlloyReceiptBuilder, spec::EthSpec,
    },
};
use alloy_primitives::{Address, B256, B512, Bloom};
use halo_chain::SourceDb;
use revm::{database::CacheDB, precompile::secp256k1::ecrecover};
use serde::Serialize;
use std::{borrow::Cow, num::NonZero, panic::resume_unwind, thread};

/// What executing the block again gave. It equals what the header says.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Replayed {
    /// The block's number.
    pub number: u64,
    /// Its hash.
    pub hash: B256,
    /// Its transactions, in order.
    pub transactions: Vec<ReplayedTx>,
    /// Gas used by all of them.
    pub gas_used: u64,
    /// Root of the receipts.
    pub receipts_root: B256,
}

/// A transaction of the block.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReplayedTx {
    /// Its hash.
    pub hash: B256,
    /// Who signed it.
    pub from: Address,
    /// The contract called; `None` for a creation.
    pub to: Option<Address>,
    /// Whether it succeeded.
    pub success: bool,
    /// Gas used, refunds taken off.
    pub gas_used: u64,
    /// Who emitted its events, in order.
    pub emitters: Vec<Address>,
}

/// Why the block could not be confirmed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// Only the framing with a block can be replayed.
    #[error("the witness holds no block to execute; the binary framing does")]
    NoBlock,
    /// The chain's rules are not known here.
    #[error("only blocks of mainnet (chain id 1) can be executed again, not of chain {0}")]
    Chain(u64),
    /// A signature is not one.
    #[error("transaction number {place} ({hash}) has no valid signature: {fault}")]
    Signature {
        /// Its place in the block.
        place: usize,
        /// Its hash.
        hash: B256,
        /// Why.
        fault: String,
    },
    /// The EVM could not go on, mostly because the witness does not hold what it read.
    #[error("block {number} cannot be executed: {fault}")]
    Execution {
        /// The block.
        number: u64,
        /// Why.
        fault: String,
    },
    /// The result is not the header's.
    #[error("block {number}: the {what} is {found}, but its header says {wanted}")]
    Differs {
        /// The block.
        number: u64,
        /// "gas used", "receipts root", "logs bloom" or "requests hash".
        what: &'static str,
        /// Computed.
        found: String,
        /// In the header.
        wanted: String,
    },
}

/// Executes the witness's block by the rules of mainnet and compares with its header.
///
/// # Errors
/// When there is no block, the state lacks something that it reads, or the result differs.
pub fn replay(state: &ProvedState) -> Result<Replayed, ReplayError> {
    Signed::by(state)?.execute()?.confirm()
}

/// The witness's block, and who signed each of its transactions.
#[derive(Debug)]
pub struct Signed<'a> {
    state: &'a ProvedState,
    block: &'a SignedBlock,
    txs: Vec<Recovered<&'a TxEnvelope>>,
}

/// The block executed, and compared with nothing yet.
#[derive(Debug)]
pub struct Executed<'a> {
    signed: Signed<'a>,
    result: BlockExecutionResult<ReceiptEnvelope>,
}

impl<'a> Signed<'a> {
    /// Takes the signers from the signatures.
    ///
    /// # Errors
    /// When there is no block of mainnet, or a signature is not one.
    pub fn by(state: &'a ProvedState) -> Result<Self, ReplayError> {
        let block = state.block().ok_or(ReplayError::NoBlock)?;
        let txs = &block.body.transactions;
        if let Some(id) = state.chain_id().filter(|id| *id != 1) {
            return Err(ReplayError::Chain(id));
        }
        let recovered = txs.iter().zip(signers(txs)).enumerate().map(|(place, (tx, signer))| {
            let hash = *tx.hash();
            let signer = signer.map_err(|fault| ReplayError::Signature { place, hash, fault })?;
            Ok(Recovered::new_unchecked(tx, signer))
        });
        let txs = recovered.collect::<Result<_, ReplayError>>()?;
        Ok(Self { state, block, txs })
    }

    /// Executes the block on the proved state before it, from its first system call to its withdrawals.
    ///
    /// # Errors
    /// When the state lacks something that it reads.
    pub fn execute(self) -> Result<Executed<'a>, ReplayError> {
        let header = &self.block.header;
        let spec = EthSpec::mainnet();
        let env = EvmEnv::for_eth_block(header, &spec, 1, blob_params(header.timestamp));
        let mut db = CacheDB::new(SourceDb(self.state));
        let factory = EthBlockExecutorFactory::new(
            AlloyReceiptBuilder::default(),
            spec,
            EthEvmFactory::default(),
        );
        let evm = factory.evm_factory().create_evm(&mut db, env);
        let body = &self.block.body;
        let context = EthBlockExecutionCtx {
            parent_hash: header.parent_hash,
            parent_beacon_block_root: header.parent_beacon_block_root,
            ommers: &body.ommers,
            withdrawals: body.withdrawals.as_ref().map(|list| Cow::Borrowed(&list.0[..])),
            extra_data: header.extra_data.clone(),
            tx_count_hint: Some(self.txs.len()),
            slot_number: None,
        };
        let executor = factory.create_executor(evm, context);
        let result = executor.execute_block(self.txs.iter().copied());
        let result = result.map_err(|fault| ReplayError::Execution {
            number: self.block.number(),
            fault: fault.to_string(),
        })?;
        Ok(Executed { signed: self, result })
    }
}

impl Executed<'_> {
    /// Compares with the block's header.
    ///
    /// # Errors
    /// When something differs.
    pub fn confirm(self) -> Result<Replayed, ReplayError> {
        let Self { signed: Signed { block, txs, .. }, result } = self;
        confirm(block, &result)?;
        let mut before = 0;
        let transactions = txs.iter().zip(&result.receipts).map(|(tx, receipt)| {
            let gas_used = receipt.cumulative_gas_used() - before;
            before = receipt.cumulative_gas_used();
            ReplayedTx {
                hash: *tx.hash(),
                from: tx.signer(),
                to: tx.to(),
                success: receipt.status(),
                gas_used,
                emitters: receipt.logs().iter().map(|log| log.address).collect(),
            }
        });
        Ok(Replayed {
            number: block.number(),
            hash: block.header.hash_slow(),
            transactions: transactions.collect(),
            gas_used: result.gas_used,
            receipts_root: block.header.receipts_root,
        })
    }
}

/// Who signed each, on all cores: one after the other they take half as long as being executed.
fn signers(txs: &[TxEnvelope]) -> Vec<Result<Address, String>> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let of = |part: &[TxEnvelope]| part.iter().map(signer).collect::<Vec<_>>();
    thread::scope(|scope| {
        let parts = txs.chunks(txs.len().div_ceil(cores).max(1));
        let parts: Vec<_> = parts.map(|part| scope.spawn(move || of(part))).collect();
        let joined =
            parts.into_iter().map(|part| part.join().unwrap_or_else(|it| resume_unwind(it)));
        joined.flatten().collect()
    })
}

/// Who signed a transaction, by the routine of the ECRECOVER precompile: several times as fast as alloy's own.
fn signer(tx: &TxEnvelope) -> Result<Address, String> {
    let signature = tx.signature();
    // EIP-2: of the two signatures that are good for one message, the chain takes one.
    if signature.normalize_s().is_some() {
        return Err("the s of its signature is in the upper half".to_owned());
    }
    let mut bytes = B512::ZERO;
    let (r, s) = bytes.split_at_mut(32);
    r.copy_from_slice(&signature.r().to_be_bytes::<32>());
    s.copy_from_slice(&signature.s().to_be_bytes::<32>());
    let found = ecrecover(&bytes, u8::from(signature.v()), &tx.signature_hash());
    Ok(Address::from_word(found.map_err(|fault| fault.to_string())?))
}

/// The rules for blobs that mainnet had at `timestamp`, UTC seconds.
fn blob_params(timestamp: u64) -> Option<BlobParams> {
    use alloy_hardforks::mainnet as at;
    let forks = [
        (at::MAINNET_BPO2_TIMESTAMP, BlobParams::bpo2()),
        (at::MAINNET_BPO1_TIMESTAMP, BlobParams::bpo1()),
        (at::MAINNET_OSAKA_TIMESTAMP, BlobParams::osaka()),
        (at::MAINNET_PRAGUE_TIMESTAMP, BlobParams::prague()),
        (at::MAINNET_CANCUN_TIMESTAMP, BlobParams::cancun()),
    ];
    forks.into_iter().find(|(from, _)| timestamp >= *from).map(|(_, params)| params)
}

fn confirm(
    block: &SignedBlock,
    result: &BlockExecutionResult<ReceiptEnvelope>,
) -> Result<(), ReplayError> {
    let number = block.number();
    let header = &block.header;
    let check = |what, found: String, wanted: String| match found == wanted {
        true => Ok(()),
        false => Err(ReplayError::Differs { number, what, found, wanted }),
    };
    check("gas used", result.gas_used.to_string(), header.gas_used.to_string())?;
    let root = calculate_receipt_root(&result.receipts);
    check("receipts root", root.to_string(), header.receipts_root.to_string())?;
    let bloom = result.receipts.iter().fold(Bloom::ZERO, |bloom, receipt| bloom | receipt.bloom());
    check("logs bloom", bloom.to_string(), header.logs_bloom.to_string())?;
    if let Some(wanted) = header.requests_hash {
        check("requests hash", result.requests.requests_hash().to_string(), wanted.to_string())?;
    }
    Ok(())
}
