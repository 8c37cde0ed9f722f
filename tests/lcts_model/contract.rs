//! The frozen `LctsQueue` on the embedded chain, called as its Unit calls it.

use crate::script::{USERS, user};
use alloy_primitives::{Address, Bytes, U256, address, hex};
use alloy_sol_types::{SolCall, SolEvent, SolValue};
use halo_chain::{Embedded, Snapshot};
use halo_sentinel::lcts::queue::{Dust, Queue, QueueError, Status};
use halo_templates::{
    bindings::{Dai, LctsQueue},
    template,
};

const UNIT: Address = address!("1000000000000000000000000000000000000001");
const QUEUE: Address = address!("1000000000000000000000000000000000000002");
const UNDERLYING: Address = address!("1000000000000000000000000000000000000003");
const REWARD: Address = address!("1000000000000000000000000000000000000004");
const PEEK: Address = address!("1000000000000000000000000000000000000005");

/// Answers many views in one call. Calldata is an address and any number of 36-byte calls to it;
/// returns ten words for each, and reverts if one of them does.
const PEEK_CODE: [u8; 55] = hex!(
    "6020" "6040" "5b" "36821015" "602f" "57" "6024825f37" "610140" "81" "60245f" "5f35" "5afa"
    "6022" "57" "5f5ffd" "5b" "610140" "01" "90" "602401" "90" "6004" "56" "5b" "6040" "9003"
    "6040" "f3"
);
const PEEK_WORDS: usize = 10;
const QUEUE_VIEWS: usize = 10;
const USER_VIEWS: usize = 5;

/// Tokens that the queue holds from the beginning: what it pays is what is missing.
const FUNDS: U256 = U256::from_limbs([0, 0, 1 << 8, 0]);

/// What a call did: returned words, or revert data.
pub(crate) type Reply = Result<Vec<U256>, Bytes>;

pub(crate) struct Contract {
    chain: Embedded,
    peek: Bytes,
    pub(crate) dust: Dust,
}

impl Contract {
    /// A chain on which both tokens and an uninitialised queue exist.
    pub(crate) fn genesis() -> Snapshot {
        let mut chain = Embedded::new(1337, 1_767_225_600);
        chain.set_history(false);
        chain.set_code(PEEK, Bytes::from_static(&PEEK_CODE)).unwrap();
        chain.set_code(QUEUE, template::LctsQueue.runtime_code().clone()).unwrap();
        for token in [UNDERLYING, REWARD] {
            chain.install(token, UNIT, template::Dai.creation_code().clone()).unwrap();
            let mint = Dai::mintCall { to: QUEUE, value: FUNDS };
            let minted = chain.transact(UNIT, token, mint.abi_encode().into()).unwrap();
            assert!(minted.is_success(), "{minted:?}");
        }
        chain.snapshot()
    }

    pub(crate) fn new(genesis: &Snapshot, min_entry: u64) -> Self {
        let chain = Embedded::from_snapshot(genesis);
        let mut contract = Self { chain, peek: peek_calldata(), dust: Dust::default() };
        let bound = contract.call(&LctsQueue::initializeCall {
            underlying_: UNDERLYING,
            reward_: REWARD,
            minEntry_: U256::from(min_entry),
        });
        assert_eq!(bound, Ok(vec![]));
        contract
    }

    /// Calls the queue as its Unit.
    pub(crate) fn call<C: SolCall>(&mut self, call: &C) -> Reply {
        let outcome = self.chain.transact(UNIT, QUEUE, call.abi_encode().into()).unwrap();
        if !outcome.is_success() {
            return Err(outcome.output);
        }
        for log in &outcome.logs {
            if let Ok(event) = LctsQueue::Finalized::decode_log(log) {
                self.dust.underlying += event.underlyingDust;
                self.dust.reward += event.rewardDust;
            }
        }
        Ok(words(&outcome.output))
    }

    /// Every view, the queue's own and each user's.
    pub(crate) fn views(&mut self) -> Vec<U256> {
        let outcome = self.chain.view(UNIT, PEEK, self.peek.clone()).unwrap();
        assert!(outcome.is_success(), "a view reverted");
        let mut views = words(&outcome.output);
        blank_unused(&mut views);
        views
    }

    /// What the queue has paid so far: underlying and reward.
    pub(crate) fn paid(&mut self) -> [U256; 2] {
        [UNDERLYING, REWARD].map(|token| {
            let call = Dai::balanceOfCall(QUEUE).abi_encode();
            let balance = self.chain.view(UNIT, token, call.into()).unwrap();
            FUNDS - U256::abi_decode(&balance.output).unwrap()
        })
    }

    /// S of a generation at a scale.
    pub(crate) fn sum(&mut self, generation: u64, scale: u32) -> U256 {
        let call = LctsQueue::sumOfCall { generation, scale_: scale };
        self.call(&call).unwrap()[0]
    }
}

/// What [`Contract::views`] must return for `model`.
pub(crate) fn expected_views(model: &Queue) -> Result<Vec<U256>, QueueError> {
    let newest = model.ledger(model.last_generation());
    let status = match model.status() {
        Status::Dormant => 0,
        Status::Active => 1,
        Status::Locked => 2,
    };
    let mut views = vec![];
    let mut view = |words: &[U256]| {
        views.extend_from_slice(words);
        views.resize(views.len().next_multiple_of(PEEK_WORDS), U256::ZERO);
    };
    view(&[U256::from(status)]);
    view(&[U256::from(model.current_generation())]);
    view(&[U256::from(model.last_generation())]);
    view(&[model.total_underlying()]);
    view(&[model.total_refund()]);
    view(&[model.owed_reward()]);
    view(&[model.carry()]);
    view(&[newest.map(|ledger| ledger.product()).unwrap_or_default()]);
    view(&[U256::from(newest.map(|ledger| ledger.scale()).unwrap_or_default())]);
    view(&[U256::from(model.positions())]);
    for user in (0..USERS).map(user) {
        view(&[model.remaining_of(user)?]);
        view(&[model.earned_of(user)?]);
        let claimable = model.claimable_of(user)?;
        view(&[claimable.reward, claimable.converted]);
        view(&[model.refund_of(user)]);
        let held = model.position_of(user);
        view(&[
            held.entry.amount,
            U256::from(held.generation.unwrap_or_default()),
            U256::from(held.entry.scale),
            held.entry.sum,
            held.entry.product,
            held.refund,
            held.current.reward,
            held.current.converted,
            held.settled.reward,
            held.settled.converted,
        ]);
    }
    Ok(views)
}

/// Forgets the snapshots (S0 and P0) of users who wait nowhere: they mean nothing.
fn blank_unused(views: &mut [U256]) {
    let users = views.get_mut(QUEUE_VIEWS * PEEK_WORDS..).unwrap();
    for user in users.chunks_mut(USER_VIEWS * PEEK_WORDS) {
        let position = &mut user[(USER_VIEWS - 1) * PEEK_WORDS..];
        if position[1].is_zero() {
            position[3..5].fill(U256::ZERO);
        }
    }
}

fn peek_calldata() -> Bytes {
    let mut data = U256::from_be_slice(QUEUE.as_slice()).to_be_bytes_vec();
    let mut view = |selector: [u8; 4], of: Address| {
        data.extend(selector);
        data.extend(of.into_word());
    };
    for selector in [
        LctsQueue::statusCall::SELECTOR,
        LctsQueue::currentGenerationCall::SELECTOR,
        LctsQueue::lastGenerationCall::SELECTOR,
        LctsQueue::totalUnderlyingCall::SELECTOR,
        LctsQueue::totalRefundCall::SELECTOR,
        LctsQueue::owedRewardCall::SELECTOR,
        LctsQueue::carryCall::SELECTOR,
        LctsQueue::PCall::SELECTOR,
        LctsQueue::scaleCall::SELECTOR,
        LctsQueue::positionsCall::SELECTOR,
    ] {
        view(selector, Address::ZERO);
    }
    for user in (0..USERS).map(user) {
        view(LctsQueue::remainingOfCall::SELECTOR, user);
        view(LctsQueue::earnedOfCall::SELECTOR, user);
        view(LctsQueue::claimableOfCall::SELECTOR, user);
        view(LctsQueue::refundOfCall::SELECTOR, user);
        view(LctsQueue::positionOfCall::SELECTOR, user);
    }
    data.into()
}

fn words(data: &[u8]) -> Vec<U256> {
    data.chunks(32).map(U256::from_be_slice).collect()
}
