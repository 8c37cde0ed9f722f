//! Vectors G1, H1 and H2 of the queue: exact integers from an independent script.

use crate::numbers::{e, n};
use alloy_primitives::{Address, U256, address};
use halo_sentinel::{
    lcts::{
        invariants::first_broken,
        queue::{Exit, Queue},
    },
    math::{RAY, mul_div},
};

const A: Address = address!("00000000000000000000000000000000000000aa");
const B: Address = address!("00000000000000000000000000000000000000bb");
const C: Address = address!("00000000000000000000000000000000000000cc");

fn settle(queue: &mut Queue, convert: U256, reward: U256) {
    queue.lock().unwrap();
    queue.settle(convert, reward).unwrap();
    assert_eq!(first_broken(queue).unwrap(), None);
}

fn shares_at(assets: U256, index: U256) -> U256 {
    mul_div(assets, RAY, index).unwrap()
}

fn product(queue: &Queue) -> U256 {
    queue.ledger(1).unwrap().product()
}

fn scale(queue: &Queue) -> u32 {
    queue.ledger(1).unwrap().scale()
}

fn claim(queue: &mut Queue, user: Address) -> U256 {
    let reward = queue.claimable_of(user).unwrap().reward;
    queue.claim_reward(user, reward).unwrap();
    reward
}

#[test]
fn g1_partial_settlement_exit_and_late_entry() {
    let index = n("1020000000000000000000000000");
    let mut queue = Queue::new(e(1, 18));
    queue.enter(A, e(600, 18)).unwrap();
    queue.enter(B, e(400, 18)).unwrap();

    let first = shares_at(e(250, 18), index);
    assert_eq!(first, n("245098039215686274509"));
    settle(&mut queue, e(250, 18), first);
    assert_eq!(product(&queue), e(75, 34));
    assert_eq!(queue.total_underlying(), e(750, 18));

    let exit = queue.exit(A).unwrap();
    assert_eq!((exit.underlying, exit.reward), (e(450, 18), n("147058823529411764705")));

    queue.enter(C, e(100, 18)).unwrap();
    let second = shares_at(e(400, 18), index);
    assert_eq!(second, n("392156862745098039215"));
    settle(&mut queue, e(400, 18), second);

    let (b, c) = (claim(&mut queue, B), claim(&mut queue, C));
    assert_eq!(b, n("392156862745098039214"));
    assert_eq!(c, n("98039215686274509803"));
    let paid = exit.reward + b + c;
    assert_eq!(first + second - paid, U256::from(2));
}

#[test]
fn h1_one_wei_left_and_a_new_entrant() {
    let mut queue = Queue::new(e(1, 18));
    queue.enter(A, e(1, 24)).unwrap();
    settle(&mut queue, e(1, 24) - U256::ONE, e(1, 24) - U256::ONE);
    assert_eq!((product(&queue), scale(&queue)), (e(1, 30), 2));
    assert_eq!(queue.remaining_of(A).unwrap(), U256::ONE);
    assert_eq!(queue.earned_of(A).unwrap(), n("999999999999999999999999"));

    queue.enter(B, e(1, 24)).unwrap();
    assert_eq!(queue.total_underlying(), e(1, 24) + U256::ONE);
    settle(&mut queue, e(1, 24), e(1, 24));
    assert_eq!((product(&queue), scale(&queue)), (n("999999999999999999999999000000000"), 5));
    assert_eq!(queue.total_underlying(), U256::ONE);
    for user in [A, B] {
        assert_eq!(queue.remaining_of(user).unwrap(), U256::ZERO);
        assert_eq!(queue.earned_of(user).unwrap(), n("999999999999999999999999"));
    }
}

#[test]
fn h2_six_decimals_in_eighteen_out() {
    let shares = |converted: U256| mul_div(converted, e(1, 15), U256::from(1001)).unwrap();
    let mut queue = Queue::new(e(1, 6));
    queue.enter(A, e(3_000_000, 6)).unwrap();
    queue.enter(B, e(1_000_000, 6)).unwrap();

    let most = n("3999999999000");
    settle(&mut queue, most, shares(most));
    assert_eq!((product(&queue), scale(&queue)), (e(25, 34), 1));
    assert_eq!(queue.total_underlying(), U256::from(1000));

    queue.enter(C, e(500_000, 6)).unwrap();
    let third = queue.total_underlying() / U256::from(3);
    settle(&mut queue, third, shares(third));
    assert_eq!(product(&queue), n("166666666666666666666666666666666666"));
    assert_eq!(queue.total_underlying(), n("333333334000"));
    let held = [
        (A, "499", "2997002996503496503496502"),
        (B, "166", "999000998834498834498834"),
        (C, "333333333333", "166500166500166500166499"),
    ];
    for (user, left, earned) in held {
        assert_eq!(queue.remaining_of(user).unwrap(), n(left));
        assert_eq!(queue.earned_of(user).unwrap(), n(earned));
    }

    let paid = Exit { underlying: n("166"), reward: n("999000998834498834498834") };
    assert_eq!(queue.exit(B), Ok(paid));

    let all = queue.total_underlying();
    settle(&mut queue, all, shares(all));
    assert_eq!(claim(&mut queue, A), n("2997002997002997002997002"));
    assert_eq!(claim(&mut queue, C), n("499500499500499500499499"));
}
