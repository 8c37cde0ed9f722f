//! Ten years of one generation: an entry and a settlement on every day, and never an empty queue.
//! At an index of one, whoever stays to the end must be paid what they entered.

use crate::naive::NaiveQueue;
use alloy_primitives::{Address, U256};
use halo_sentinel::{
    lcts::{invariants::first_broken, queue::Queue},
    math::{OutOfRange, mul_div},
};

const DAYS: u64 = 3_650;

/// What a queue must be able to do to live through the ten years.
trait Accounting {
    fn enter(&mut self, user: Address, amount: U256) -> Result<(), OutOfRange>;
    fn settle(&mut self, convert: U256, reward: U256) -> Result<(), OutOfRange>;
    fn underlying(&self) -> U256;
    fn earned(&self, user: Address) -> Result<U256, OutOfRange>;
}

impl Accounting for Queue {
    fn enter(&mut self, user: Address, amount: U256) -> Result<(), OutOfRange> {
        Queue::enter(self, user, amount).map_err(|_| OutOfRange)
    }

    fn settle(&mut self, convert: U256, reward: U256) -> Result<(), OutOfRange> {
        self.lock().and_then(|_| Queue::settle(self, convert, reward)).map_err(|_| OutOfRange)?;
        Ok(())
    }

    fn underlying(&self) -> U256 {
        self.total_underlying()
    }

    fn earned(&self, user: Address) -> Result<U256, OutOfRange> {
        self.earned_of(user).map_err(|_| OutOfRange)
    }
}

impl Accounting for NaiveQueue {
    fn enter(&mut self, user: Address, amount: U256) -> Result<(), OutOfRange> {
        NaiveQueue::enter(self, user, amount)
    }

    fn settle(&mut self, convert: U256, reward: U256) -> Result<(), OutOfRange> {
        NaiveQueue::settle(self, convert, reward)
    }

    fn underlying(&self) -> U256 {
        NaiveQueue::underlying(self)
    }

    fn earned(&self, user: Address) -> Result<U256, OutOfRange> {
        NaiveQueue::earned(self, user)
    }
}

/// How much of the queue is converted each day.
#[derive(Clone, Copy, Debug)]
enum Daily {
    AllButAMillionth,
    AllButOneWei,
    Half,
    Tenth,
}

impl Daily {
    const ALL: [Self; 4] = [Self::AllButAMillionth, Self::AllButOneWei, Self::Half, Self::Tenth];

    fn convert(self, underlying: U256) -> U256 {
        let part = |n: u64, d: u64| mul_div(underlying, U256::from(n), U256::from(d)).unwrap();
        match self {
            Self::AllButAMillionth => part(999_999, 1_000_000),
            Self::AllButOneWei => underlying - U256::ONE,
            Self::Half => part(1, 2),
            Self::Tenth => part(1, 10),
        }
    }
}

/// Why a queue did not live through it.
#[derive(Debug, PartialEq, Eq)]
enum Failure {
    /// A number overflowed on this day.
    Overflow { day: u64 },
    /// The entrant of this day is short by so many wei of reward.
    Short { day: u64, wei: U256 },
}

const TOLERANCE: u64 = 3;

fn entrant(day: u64) -> (Address, U256) {
    let address = Address::left_padding_from(&(day + 1).to_be_bytes());
    // Between one and a hundred million tokens, so that daily ratios differ.
    (address, U256::from(1 + (day * 7_919_993) % 100_000_000))
}

/// Runs the ten years and returns the largest shortfall, in wei of the reward (18 decimals).
fn live(queue: &mut impl Accounting, daily: Daily, decimals: u64) -> Result<U256, Failure> {
    let token = U256::from(10).pow(U256::from(decimals));
    let to_shares = U256::from(10).pow(U256::from(18 - decimals));
    for day in 0..DAYS {
        let overflow = |_| Failure::Overflow { day };
        let (user, tokens) = entrant(day);
        queue.enter(user, tokens * token).map_err(overflow)?;
        let last = day + 1 == DAYS;
        let convert = if last { queue.underlying() } else { daily.convert(queue.underlying()) };
        queue.settle(convert, convert * to_shares).map_err(overflow)?;
    }
    let mut worst = U256::ZERO;
    for day in 0..DAYS {
        let (user, tokens) = entrant(day);
        let owed = tokens * token * to_shares;
        let earned = queue.earned(user).map_err(|_| Failure::Overflow { day })?;
        assert!(earned <= owed, "day {day}: paid more than was entered");
        let wei = owed - earned;
        if wei > U256::from(TOLERANCE) {
            return Err(Failure::Short { day, wei });
        }
        worst = worst.max(wei);
    }
    Ok(worst)
}

#[test]
fn product_sum_lives_through_ten_years() {
    for decimals in [18, 6] {
        for daily in Daily::ALL {
            let mut queue = Queue::new(U256::ONE);
            let worst = live(&mut queue, daily, decimals);
            assert!(worst.is_ok(), "{daily:?}, {decimals} decimals: {worst:?}");
            assert_eq!(first_broken(&queue).unwrap(), None);
            let rescalings = queue.ledger(1).unwrap().scale();
            println!("{daily:?} {decimals} decimals: short {worst:?}, {rescalings} rescalings");
        }
    }
}

#[test]
fn naive_shares_do_not() {
    let fails = |daily, decimals| live(&mut NaiveQueue::default(), daily, decimals).unwrap_err();
    for decimals in [18, 6] {
        for daily in Daily::ALL {
            println!("{daily:?} {decimals} decimals: {:?}", fails(daily, decimals));
        }
    }
    // Shares multiply by the inverse of what is left: a week is enough.
    assert!(matches!(fails(Daily::AllButOneWei, 18), Failure::Overflow { day: 0..7 }));
    assert!(matches!(fails(Daily::AllButAMillionth, 18), Failure::Overflow { day: 0..14 }));
}
