//! The frozen `LctsQueue` against its reference model: random scripts of entries, exits, locks,
//! settlements and claims, every answer, error and view compared to the wei after every step.
//!
//! `PROPTEST_CASES` scripts in all (10,000 if not set), from a fixed seed (`PROPTEST_RNG_SEED`
//! sets another). A failing script is shrunk, and its seed kept in `lcts_model.regressions`.

#![allow(clippy::unwrap_used, reason = "a test stops where something is missing")]

#[path = "lcts_model/contract.rs"]
mod contract;
#[path = "lcts_model/script.rs"]
mod script;

use alloy_primitives::{Bytes, U256};
use alloy_sol_types::SolError;
use contract::{Contract, Reply, expected_views};
use halo_chain::Snapshot;
use halo_sentinel::lcts::{
    invariants::first_broken,
    position::Claimable,
    product_sum::EARNING_REACH,
    queue::{Dust, Queue, QueueError},
};
use halo_templates::bindings::LctsQueue;
use halo_tests::scripts_config;
use proptest::{
    prelude::*,
    test_runner::{TestCaseResult, TestRunner},
};
use script::{Part, Script, Side, Step, scripts, user};
use std::cell::RefCell;

const CASES: u32 = 10_000;
const STEPS: usize = 32;
const SEED: u64 = 0x4c43_5453;

/// A subscribe queue of a 6-decimal asset.
#[test]
fn six_decimals_into_eighteen() {
    compare(Side { underlying: 6, reward: 18 });
}

/// A redeem queue of a 6-decimal asset.
#[test]
fn eighteen_decimals_into_six() {
    compare(Side { underlying: 18, reward: 6 });
}

/// Either queue of an 18-decimal asset.
#[test]
fn eighteen_decimals_into_eighteen() {
    compare(Side { underlying: 18, reward: 18 });
}

/// Runs this side's third of the scripts.
fn compare(side: Side) {
    let genesis = Contract::genesis();
    let reach = RefCell::new(Reach::default());
    let mut runner = TestRunner::new(scripts_config(CASES, 3, SEED, file!()));
    let result = runner.run(&scripts(side, STEPS), |script| {
        follow(&genesis, side, &script, &mut reach.borrow_mut())
    });
    if let Err(fault) = result {
        panic!("{fault}");
    }
    reach.borrow().check();
}

/// How many scripts came to what they are for.
#[derive(Debug, Default)]
struct Reach {
    scripts: u32,
    rescaled: u32,
    rescaled_far: u32,
    second_generation: u32,
    left_dust: u32,
}

impl Reach {
    fn count(&mut self, queue: &Queue) {
        let ledgers = (1..=queue.last_generation()).filter_map(|at| queue.ledger(at));
        let scale = ledgers.map(|ledger| ledger.scale()).max().unwrap_or_default();
        self.scripts += 1;
        self.rescaled += u32::from(scale > 0);
        self.rescaled_far += u32::from(scale > EARNING_REACH);
        self.second_generation += u32::from(queue.last_generation() > 1);
        self.left_dust += u32::from(queue.dust() != Dust::default());
    }

    /// A test that never comes to a case proves nothing about it.
    fn check(&self) {
        println!("{self:?}");
        let Self { scripts, rescaled, rescaled_far, second_generation, left_dust } = *self;
        let least = rescaled.min(rescaled_far).min(second_generation).min(left_dust);
        assert!(scripts < 1_000 || least >= 10, "{self:?}");
    }
}

/// One script, on both.
fn follow(genesis: &Snapshot, side: Side, script: &Script, reach: &mut Reach) -> TestCaseResult {
    let mut contract = Contract::new(genesis, script.min_entry);
    let mut model = Queue::new(U256::from(script.min_entry));
    let mut paid = [U256::ZERO; 2];
    for (at, step) in script.steps.iter().enumerate() {
        take(&mut contract, &mut model, side, *step, &mut paid)
            .map_err(|fault| TestCaseError::fail(format!("step {at}, {step:?}: {fault}")))?;
    }
    reach.count(&model);
    prop_assert_eq!(contract.paid(), paid, "tokens paid");
    for generation in 1..=model.last_generation() {
        let Some(ledger) = model.ledger(generation) else { continue };
        for scale in 0..=ledger.scale() {
            let sum = contract.sum(generation, scale);
            prop_assert_eq!(sum, ledger.sum(scale), "S of {} at {}", generation, scale);
        }
    }
    Ok(())
}

/// One step, on both.
fn take(
    contract: &mut Contract,
    model: &mut Queue,
    side: Side,
    step: Step,
    paid: &mut [U256; 2],
) -> TestCaseResult {
    let settle = |contract: &mut Contract, model: &mut Queue, part: Part, index| {
        let converted = part.of(model.total_underlying());
        let reward = side.reward(converted, index);
        let call = LctsQueue::settleCall { converted, rewardIn: reward };
        same(contract.call(&call), model.settle(converted, reward).map(|_| vec![]))
    };
    match step {
        Step::Enter { user: number, mantissa, exponent } => {
            let amount = U256::from(mantissa) * U256::from(10).pow(U256::from(exponent));
            let call = LctsQueue::enterCall { user: user(number), amount };
            same(contract.call(&call), model.enter(user(number), amount).map(|()| vec![]))?;
        }
        Step::Cancel { user: number } => {
            let call = LctsQueue::cancelCall { user: user(number) };
            same(contract.call(&call), model.cancel(user(number)).map(|left| vec![left]))?;
        }
        Step::Exit { user: number } => {
            let exit = model.exit(user(number));
            let call = LctsQueue::exitCall { user: user(number), receiver: user(number) };
            let words = exit.map(|exit| vec![exit.underlying, exit.reward]);
            same(contract.call(&call), words)?;
            let exit = exit.unwrap_or_default();
            paid[0] += exit.underlying;
            paid[1] += exit.reward;
        }
        Step::ClaimReward { user: number, part } => {
            let (user, receiver) = (user(number), user(number));
            let amount = part.of(claimable(model, number)?.reward);
            let claimed = model.claim_reward(user, amount);
            let call = LctsQueue::claimRewardCall { user, amount, receiver };
            same(contract.call(&call), claimed.map(|converted| vec![converted]))?;
            paid[1] += claimed.map_or(U256::ZERO, |_| amount);
        }
        Step::ClaimConverted { user: number, part } => {
            let (user, receiver) = (user(number), user(number));
            let amount = part.of(claimable(model, number)?.converted);
            let claimed = model.claim_converted(user, amount);
            let call = LctsQueue::claimConvertedCall { user, amount, receiver };
            same(contract.call(&call), claimed.map(|reward| vec![reward]))?;
            paid[1] += claimed.unwrap_or_default();
        }
        Step::ClaimRefund { user: number } => {
            let refund = model.claim_refund(user(number));
            let call = LctsQueue::claimRefundCall { user: user(number), receiver: user(number) };
            same(contract.call(&call), refund.map(|refund| vec![refund]))?;
            paid[0] += refund.unwrap_or_default();
        }
        Step::Lock => lock(contract, model)?,
        Step::Unlock => {
            model.unlock();
            same(contract.call(&LctsQueue::unlockCall {}), Ok(vec![]))?;
        }
        Step::Settle { part, index } => settle(contract, model, part, index)?,
        Step::Epoch { part, index } => {
            lock(contract, model)?;
            settle(contract, model, part, index)?;
        }
    }
    prop_assert_eq!(contract.dust, model.dust(), "dust");
    prop_assert_eq!(contract.views(), expected_views(model).map_err(broken)?, "views");
    prop_assert_eq!(first_broken(model).map_err(broken)?, None, "invariant");
    Ok(())
}

fn lock(contract: &mut Contract, model: &mut Queue) -> TestCaseResult {
    same(contract.call(&LctsQueue::lockCall {}), model.lock().map(|waiting| vec![waiting]))
}

fn claimable(model: &Queue, number: u8) -> Result<Claimable, TestCaseError> {
    model.claimable_of(user(number)).map_err(broken)
}

/// The contract's answer is the model's, revert data included.
fn same(contract: Reply, model: Result<Vec<U256>, QueueError>) -> TestCaseResult {
    prop_assert_eq!(contract, model.map_err(revert_data));
    Ok(())
}

fn broken(error: QueueError) -> TestCaseError {
    TestCaseError::fail(format!("the model is broken: {error}"))
}

/// What the contract reverts with where the model returns `error`.
fn revert_data(error: QueueError) -> Bytes {
    match error {
        QueueError::QueueLocked => LctsQueue::QueueLocked {}.abi_encode(),
        QueueError::BelowMinimum { minimum } => LctsQueue::BelowMinimum { minimum }.abi_encode(),
        QueueError::QueueFull { maximum } => LctsQueue::QueueFull { maximum }.abi_encode(),
        QueueError::NoPosition => LctsQueue::NoPosition {}.abi_encode(),
        QueueError::ExceedsClaimable { claimable } => {
            LctsQueue::ExceedsClaimable { claimable }.abi_encode()
        }
        QueueError::AlreadyLocked => LctsQueue::AlreadyLocked {}.abi_encode(),
        QueueError::NotLocked => LctsQueue::NotLocked {}.abi_encode(),
        QueueError::CapacityExceedsQueue { waiting } => {
            LctsQueue::CapacityExceedsQueue { waiting }.abi_encode()
        }
        // No revert data is like this: the comparison fails and shows it.
        QueueError::OutOfRange(_) => b"the model is out of range".to_vec(),
    }
    .into()
}
