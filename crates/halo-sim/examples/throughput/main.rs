//! How fast Primes act: `requestDeposit` through Controller, facet, proxy, Unit and queue on the embedded chain, against
//! the same calldata replayed on bare revm with one reused EVM, in the same process, in turns; and against the same
//! calls sent to anvil and made by a handler of a forge invariant test, on the same state, in the same run.
//!
//! `cargo xtask bench throughput` runs it. Environment: `HALO_ANVIL`, `HALO_FORGE` and `HALO_SOLC` name the programs.

mod anvil;
mod forge;

use std::{
    error::Error,
    hint::black_box,
    path::Path,
    time::{Duration, Instant},
};

use alloy_primitives::{Address, Bytes, TxKind, U256};
use alloy_sol_types::SolCall;
use halo_chain::{Alloc, Embedded, Genesis, GenesisTerms, PrimePau, now};
use halo_deploy::{Plan, PrimeLimits, apply};
use halo_spec::{ClassSpec, Network, Scenario, keys};
use halo_templates::bindings::{ControllerSurface, RateLimits, Usds};
use revm::{
    Context, ExecuteCommitEvm, MainBuilder, MainContext,
    bytecode::Bytecode,
    context::{BlockEnv, CfgEnv, TxEnv},
    database::{CacheDB, EmptyDB},
    primitives::hardfork::SpecId,
    state::AccountInfo,
};

const ACTIONS: usize = 50_000;
const ROUNDS: usize = 5;

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

fn main() -> Outcome {
    let World { start, actions, usds, queue } = world()?;
    let mut embedded = Vec::new();
    let mut bare = Vec::new();
    for _ in 0..ROUNDS {
        embedded.push(on_embedded(&start, &actions)?);
        bare.push(on_revm(&start, &actions)?);
    }
    let (embedded, bare) = (median(&mut embedded), median(&mut bare));
    println!(
        "Prime actions on the embedded chain: {embedded} per second (median of {ROUNDS} × {ACTIONS})"
    );
    println!("the same calldata on bare revm:      {bare} per second");
    println!("ratio: {}", ratio(embedded, bare));

    let peer = |name: &str, rate: u64, calls: usize| {
        println!(
            "{name}: {rate} per second over {calls} calls; the embedded chain {} times as fast",
            ratio(embedded, rate)
        );
    };
    let calls = &actions[..BATCHED];
    peer(
        "anvil, batches of requests, mined once",
        anvil::batched(&start, calls, usds, queue)?,
        BATCHED,
    );
    let calls = &actions[..ONE_BY_ONE];
    peer(
        "anvil, automine, one request after the other",
        anvil::automine(&start, calls, usds, queue)?,
        ONE_BY_ONE,
    );
    peer("forge invariant handler", forge::rate(&start, &actions, usds, queue)?, forge::CALLS);
    Ok(())
}

/// Calls that are sent to anvil in batches and mined in one block.
const BATCHED: usize = 10_000;
/// Calls that are sent to anvil one by one. It gets slower with every block, so that fewer than ours are in its favour.
const ONE_BY_ONE: usize = 5_000;

/// `a / b` with three places, rounded down.
fn ratio(a: u64, b: u64) -> String {
    let thousandths = u128::from(a) * 1_000 / u128::from(b.max(1));
    format!("{}.{:03}", thousandths / 1_000, thousandths % 1_000)
}

/// Where the calls are made, and what shows that they were.
struct World {
    start: Embedded,
    actions: Vec<Action>,
    usds: Address,
    queue: Address,
}

/// What the queue must hold after these calls, above what it held before.
fn sum(actions: &[Action]) -> U256 {
    actions.iter().map(|action| action.amount).sum()
}

/// One call of a Prime's relayer.
struct Action {
    from: Address,
    controller: Address,
    amount: U256,
    unit: Address,
}

impl Action {
    fn calldata(&self) -> Bytes {
        let (token, amount) = (self.unit, self.amount);
        ControllerSurface::erc7540_requestDepositCall { token, amount }.abi_encode().into()
    }
}

/// A live T-bill Unit, Primes with money and without a limit on deposits, and what they will send.
fn world() -> Outcome<World> {
    let network = Network::embedded()?;
    let spec = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deployments/specs/tbill.toml");
    let class = ClassSpec::load(&spec, &network)?.value;
    let scenario = Scenario::day1(&network, &class.asset)?.value;
    let Genesis { mut chain, primes, .. } =
        Genesis::build(&GenesisTerms::of_scenario(&network, &scenario))?;
    let plan = Plan::new(&class, &network, &PrimeLimits::of_scenario(&scenario))?;
    now(apply(&plan, &mut chain, |_| {}))?;

    let slug = &class.units.first().ok_or("the spec has no Unit")?.slug;
    let unit = plan.address(&format!("unit/{slug}/unit"))?;
    let key = keys::erc7540_deposit(class.asset.address, unit);
    let money = U256::from(10).pow(U256::from(28));
    for prime in &primes {
        let grant = RateLimits::setUnlimitedRateLimitDataCall { key }.abi_encode();
        succeed(&mut chain, prime.sub_proxy, prime.rate_limits, grant.into())?;
        let mint = Usds::mintCall { to: prime.proxy, value: money }.abi_encode();
        succeed(&mut chain, network.governance.pause_proxy, network.sky.usds, mint.into())?;
    }
    let primes: Vec<&PrimePau> = primes.iter().filter(|prime| prime.relayer.is_some()).collect();
    let token = U256::from(10).pow(U256::from(18));
    let actions = (0..ACTIONS).zip(primes.iter().cycle()).map(|(at, prime)| Action {
        from: prime.relayer.unwrap_or_default(),
        controller: prime.controller,
        amount: token * U256::from(1_000 + at % 977),
        unit,
    });
    let actions = actions.collect();
    chain.set_history(false);
    let queue = plan.address(&format!("unit/{slug}/subscribe-queue"))?;
    Ok(World { start: chain, actions, usds: network.sky.usds, queue })
}

fn succeed(
    chain: &mut Embedded,
    from: Address,
    to: Address,
    data: Bytes,
) -> Result<(), Box<dyn Error>> {
    let outcome = chain.transact(from, to, data)?;
    if outcome.is_success() {
        Ok(())
    } else {
        Err(format!("{to} refused: {}", outcome.output).into())
    }
}

/// Actions per second, from the amount to the checked outcome.
fn on_embedded(start: &Embedded, actions: &[Action]) -> Result<u64, Box<dyn Error>> {
    let mut chain = Embedded::from_snapshot(&start.snapshot());
    chain.set_history(false);
    let clock = Instant::now();
    for action in actions {
        succeed(&mut chain, action.from, action.controller, action.calldata())?;
    }
    Ok(rate(clock))
}

/// Transactions per second of the raw engine; calldata and environments are made beforehand.
fn on_revm(start: &Embedded, actions: &[Action]) -> Result<u64, Box<dyn Error>> {
    let mut db = CacheDB::<EmptyDB>::default();
    for (address, account) in Alloc::of(start)?.0 {
        let code = (!account.code.is_empty()).then(|| Bytecode::new_raw(account.code.clone()));
        let mut info =
            AccountInfo { balance: account.balance, nonce: account.nonce, ..Default::default() };
        if let Some(code) = code {
            info = info.with_code(code);
        }
        db.insert_account_info(address, info);
        for (slot, value) in account.storage {
            db.insert_account_storage(address, slot.into(), value.into())?;
        }
    }
    let mut cfg = CfgEnv::new_with_spec(SpecId::PRAGUE).with_chain_id(start.id());
    cfg.disable_nonce_check = true;
    let block = BlockEnv {
        number: U256::from(start.number() + 1),
        timestamp: U256::from(start.timestamp()),
        gas_limit: 60_000_000,
        basefee: 0,
        ..Default::default()
    };
    let mut evm = Context::mainnet().with_db(db).with_cfg(cfg).with_block(block).build_mainnet();
    let transactions: Vec<TxEnv> = actions
        .iter()
        .map(|action| TxEnv {
            caller: action.from,
            kind: TxKind::Call(action.controller),
            data: action.calldata(),
            gas_limit: 30_000_000,
            chain_id: None,
            ..Default::default()
        })
        .collect();
    let clock = Instant::now();
    for transaction in transactions {
        let result = evm.transact_commit(transaction)?;
        if !result.is_success() {
            return Err("bare revm refused what the embedded chain took".into());
        }
        black_box(result);
        // The journal's database keeps every event of a committed transaction.
        evm.ctx.journaled_state.database.cache.logs.clear();
    }
    Ok(rate(clock))
}

fn rate(clock: Instant) -> u64 {
    per_second(ACTIONS, clock.elapsed())
}

fn per_second(calls: usize, time: Duration) -> u64 {
    u64::try_from(calls as u128 * 1_000_000_000 / time.as_nanos().max(1)).unwrap_or(u64::MAX)
}

fn median(rates: &mut [u64]) -> u64 {
    rates.sort_unstable();
    rates.get(rates.len() / 2).copied().unwrap_or(1).max(1)
}
