//! How long proving a witness takes, and how fast its block is executed again from what was proved, against bare revm:
//! the same transactions with their senders known, over a map that already holds all that they read, with nothing checked.
//! Taking the senders from the signatures, and comparing with the header, are timed apart.
//!
//! `cargo xtask bench fork` runs it. The file of mainnet block 24,628,607 is named on the command line; without it a
//! witness of about the same size is made here, which has no block to execute.

#![allow(clippy::float_arithmetic, reason = "times in a report")]

use alloy_consensus::{BlockHeader, Header, TxEnvelope, transaction::SignerRecoverable};
use alloy_evm::FromRecoveredTx;
use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use halo_chain::{Alloc, AllocAccount, SourceDb};
use halo_fork::{
    ProvedState, Witness,
    replay::{Signed, replay},
};
use revm::{
    Context, ExecuteCommitEvm, MainBuilder, MainContext,
    context::{BlockEnv, CfgEnv, TxEnv, result::ExecutionResult},
    context_interface::block::BlobExcessGasAndPrice,
    database::{CacheDB, DatabaseRef, EmptyDB},
    primitives::hardfork::SpecId,
};
use std::{
    error::Error,
    hint::black_box,
    time::{Duration, Instant},
};

const ROUNDS: usize = 31;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let file = std::env::args_os().nth(1).map(std::fs::read).transpose()?;
    let (bytes, of) = match file {
        Some(bytes) => (bytes, "block 24,628,607"),
        None => (made(), "a made-up state (the file of block 24,628,607 is not there)"),
    };
    let prove = || -> Result<ProvedState> { Ok(Witness::decode(&bytes)?.prove(None)?) };
    let mut proving = Fastest::default();
    for _ in 0..ROUNDS {
        black_box(proving.of(prove)?);
    }
    let size = bytes.len() / 1_000;
    println!("reading and proving the witness of {of}, {size} kB: {:.1} ms", proving.ms());
    let state = prove()?;
    let Some(block) = state.block() else {
        println!("executing its block again: not measured, there is none");
        return Ok(());
    };

    let mut env = Vec::with_capacity(block.body.transactions.len());
    for tx in &block.body.transactions {
        let sender = SignerRecoverable::recover_signer(tx)?;
        env.push(<TxEnv as FromRecoveredTx<TxEnvelope>>::from_recovered_tx(tx, sender));
    }
    // What the transactions read, as one run over the proved state leaves it.
    let (cache, gas) = bare(CacheDB::new(SourceDb(&state)), &block.header, &env)?;
    let warm = CacheDB { cache, db: EmptyDB::default() };
    let wanted = block.header.gas_used;
    if gas != wanted {
        return Err(format!("bare revm used {gas} gas, the header says {wanted}").into());
    }
    let warm = read_of(&state, &warm)?;
    // In turns, so that what else the machine does falls on all of them.
    let [mut on_revm, mut signing, mut executing, mut confirming] = [Fastest::default(); 4];
    let mut all = Fastest::default();
    for _ in 0..ROUNDS {
        let copy = warm.clone();
        let (_, used) = on_revm.of(|| bare(copy, &block.header, &env))?;
        if used != wanted {
            return Err("bare revm went another way".into());
        }
        let signed = signing.of(|| Ok(Signed::by(&state)?))?;
        let executed = executing.of(|| Ok(signed.execute()?))?;
        black_box(confirming.of(|| Ok(executed.confirm()?))?);
        black_box(all.of(|| Ok(replay(&state)?))?);
    }
    println!("its {} transactions, the fastest of {ROUNDS}:", env.len());
    for (time, what) in [
        (on_revm, "on bare revm"),
        (executing, "executed from the proved state, with system calls and withdrawals"),
        (signing, "taking the signers from the signatures, on all cores"),
        (confirming, "comparing gas, receipts root, bloom and requests with the header"),
        (all, "these three together, which is what `halo fork replay` does after proving"),
    ] {
        println!("  {:6.2} ms  {what}", time.ms());
    }
    println!(
        "bare revm's time over that of executing: {:.2}; over that of the three: {:.2}",
        on_revm.ms() / executing.ms(),
        on_revm.ms() / all.ms()
    );
    Ok(())
}

type Cache = revm::database::Cache;

/// The state before the block of everything that a run touched, in a map.
fn read_of(state: &ProvedState, touched: &CacheDB<EmptyDB>) -> Result<CacheDB<EmptyDB>> {
    let source = SourceDb(state);
    let mut before = CacheDB::new(EmptyDB::default());
    for (at, account) in &touched.cache.accounts {
        let Some(mut info) = source.basic_ref(*at)? else { continue };
        info.code = Some(source.code_by_hash_ref(info.code_hash)?);
        before.insert_account_info(*at, info);
        for slot in account.storage.keys() {
            before.insert_account_storage(*at, *slot, source.storage_ref(*at, *slot)?)?;
        }
    }
    Ok(before)
}

/// All transactions in their order: what the database holds then, and the gas used.
fn bare<D: DatabaseRef>(db: CacheDB<D>, header: &Header, all: &[TxEnv]) -> Result<(Cache, u64)>
where
    D::Error: Error + 'static,
{
    let blobs = header.excess_blob_gas.map(|excess| {
        let fraction = alloy_eips::eip7840::BlobParams::bpo2().update_fraction;
        BlobExcessGasAndPrice::new(excess, fraction as u64)
    });
    let block = BlockEnv {
        number: U256::from(header.number),
        beneficiary: header.beneficiary(),
        timestamp: U256::from(header.timestamp),
        gas_limit: header.gas_limit,
        basefee: header.base_fee_per_gas.unwrap_or_default(),
        prevrandao: Some(header.mix_hash),
        blob_excess_gas_and_price: blobs,
        ..Default::default()
    };
    let mut evm = Context::mainnet()
        .with_db(db)
        .with_cfg(CfgEnv::new_with_spec(SpecId::OSAKA))
        .with_block(block)
        .build_mainnet();
    let mut gas = 0;
    for tx in all {
        let result: ExecutionResult = evm
            .transact_commit(tx.clone())
            .map_err(|fault| format!("bare revm does not execute a transaction: {fault:?}"))?;
        gas += result.tx_gas_used();
    }
    Ok((evm.ctx.journaled_state.database.cache, gas))
}

/// The shortest of several times: the one in which the machine did the least else.
#[derive(Debug, Clone, Copy, Default)]
struct Fastest(Option<Duration>);

impl Fastest {
    fn of<T>(&mut self, run: impl FnOnce() -> Result<T>) -> Result<T> {
        let start = Instant::now();
        let made = run()?;
        let took = start.elapsed();
        self.0 = Some(self.0.map_or(took, |fastest| fastest.min(took)));
        Ok(made)
    }

    fn ms(self) -> f64 {
        self.0.unwrap_or_default().as_secs_f64() * 1e3
    }
}

/// A state whose witness is about as large as mainnet's, in the JSON of `debug_executionWitness`.
fn made() -> Vec<u8> {
    let account = |n: u64| {
        let slot = |s: u64| (B256::from(U256::from(s)), keccak256((n * 100 + s).to_be_bytes()));
        let account = AllocAccount {
            nonce: n,
            balance: U256::from(n),
            code: if n.is_multiple_of(20) { vec![1; 10_000].into() } else { Bytes::new() },
            storage: (0..n % 40).map(slot).collect(),
        };
        (Address::from_word(keccak256(n.to_be_bytes())), account)
    };
    let header = Header { number: 99, ..Default::default() };
    let made = Witness::of_state(&Alloc((0..500).map(account).collect()), header);
    let Witness { state, codes, keys, headers, .. } = made;
    let json =
        serde_json::json!({ "state": state, "codes": codes, "keys": keys, "headers": headers });
    json.to_string().into_bytes()
}
