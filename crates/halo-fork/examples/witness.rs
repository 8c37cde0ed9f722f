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
    let proving = median(|| {
        black_box(prove()?);
        Ok(())
    })?;
    let size = bytes.len() / 1_000;
    println!("reading and proving the witness of {of}, {size} kB: {} ms", proving.as_millis());
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
    // Copies made beforehand, so that no time goes into them.
    let mut copies = vec![warm; ROUNDS];
    let bare = median(|| {
        let db = copies.pop().ok_or("no copy is left")?;
        let (cache, used) = bare(db, &block.header, &env)?;
        black_box(cache);
        if used == wanted { Ok(()) } else { Err("bare revm went another way".into()) }
    })?;
    let signing = median(|| {
        black_box(Signed::by(&state)?);
        Ok(())
    })?;
    // Made beforehand too: what is compared is execution.
    let mut ready =
        (0..ROUNDS).map(|_| Signed::by(&state)).collect::<std::result::Result<Vec<_>, _>>()?;
    let executing = median(|| {
        let signed = ready.pop().ok_or("none is left")?;
        black_box(signed.execute()?);
        Ok(())
    })?;
    let mut done = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        done.push(Signed::by(&state)?.execute()?);
    }
    let confirming = median(|| {
        black_box(done.pop().ok_or("none is left")?.confirm()?);
        Ok(())
    })?;
    let again = median(|| {
        black_box(replay(&state)?);
        Ok(())
    })?;
    println!("its {} transactions, medians of {ROUNDS}:", env.len());
    for (what, time) in [
        ("on bare revm", bare),
        ("executed from the proved state, with system calls and withdrawals", executing),
        ("taking the signers from the signatures", signing),
        ("comparing gas, receipts root, bloom and requests with the header", confirming),
        ("all three: `halo fork replay` without proving", again),
    ] {
        println!("  {:6.2} ms  {what}", time.as_secs_f64() * 1e3);
    }
    let ratio = |of: Duration| bare.as_secs_f64() / of.as_secs_f64();
    println!(
        "bare revm's time over that of executing: {:.2}; over all three: {:.2}",
        ratio(executing),
        ratio(again)
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

/// The middle of several times.
fn median(mut run: impl FnMut() -> Result<()>) -> Result<Duration> {
    let mut times = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let start = Instant::now();
        run()?;
        times.push(start.elapsed());
    }
    times.sort();
    Ok(times[ROUNDS / 2])
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
