//! How long a rogue base acts, and what it can do meanwhile.
//!
//! A warden looks at the chain every so often, derives the decision and sends its halt; the first of
//! several to land ends it. The time to shutdown is what passes between the first act that should
//! not have been and that moment:
//!
//! ```text
//! TTS ≤ min over wardens (time between looks + derivation + inclusion of the halt)
//! damage ≤ max(limit) + slope · TTS
//! ```
//!
//! The second line is a limit's buffer and its refill; "rate limit × TTS" is the refill alone and
//! holds for limits that are empty (sky-ecosystem/laniakea-docs: `risk-framework/operational-risk-capital.md`,
//! "Sentinel Era", and `trading/sentinel-network.md`, "Time to Shutdown").

use crate::rate_limit::RateLimit;
use alloy_primitives::U256;

/// When one warden looks, and how long it takes to act. Seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watch {
    /// Between two looks; 0 for one that never looks.
    pub every: u64,
    /// The first look, unix seconds.
    pub first: u64,
    /// From the look to the halt in a block.
    pub latency: u64,
}

impl Watch {
    /// The first look at or after `now`; `None` if there is none.
    pub fn next_look(&self, now: u64) -> Option<u64> {
        if now <= self.first {
            return (self.every > 0).then_some(self.first);
        }
        let since = now - self.first;
        let rest = since.checked_rem(self.every)?;
        let wait = if rest == 0 { 0 } else { self.every - rest };
        now.checked_add(wait)
    }

    /// When its halt lands for an act at `rogue_at`.
    pub fn halts_at(&self, rogue_at: u64) -> Option<u64> {
        self.next_look(rogue_at)?.checked_add(self.latency)
    }
}

/// When the first halt lands; `None` if nobody watches.
pub fn halted_at(watches: &[Watch], rogue_at: u64) -> Option<u64> {
    watches.iter().filter_map(|watch| watch.halts_at(rogue_at)).min()
}

/// The longest that a rogue base can act once every warden is at work, whenever it begins; `None` if
/// nobody watches. Wardens whose looks interleave do better than this.
pub fn worst_case(watches: &[Watch]) -> Option<u64> {
    let looking = watches.iter().filter(|watch| watch.every > 0);
    looking.map(|watch| (watch.every - 1).saturating_add(watch.latency)).min()
}

/// What happened between the first act that should not have been and the halt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shutdown {
    /// Measured, seconds.
    pub time: u64,
    /// What was moved meanwhile, in the limit's units.
    pub loss: U256,
    /// Refill during that time: rate limit × TTS.
    pub rate_times_time: U256,
    /// What the limit held when it began, and that refill: the most that can be moved.
    pub bound: U256,
    /// Its maximum and that refill: what operational risk capital covers, whatever it held.
    pub capital: U256,
}

impl Shutdown {
    /// Measures. `limit` is as it stood when it began; `losses` are amounts with their times.
    pub fn measure(limit: &RateLimit, from: u64, to: u64, losses: &[(u64, U256)]) -> Self {
        let time = to.saturating_sub(from);
        let during = losses.iter().filter(|(at, _)| (from..=to).contains(at));
        let loss = during.fold(U256::ZERO, |sum, (_, amount)| sum.saturating_add(*amount));
        let refill = limit.slope.saturating_mul(U256::from(time));
        Self {
            time,
            loss,
            rate_times_time: refill,
            bound: limit.current(from).saturating_add(refill),
            capital: limit.max_amount.saturating_add(refill),
        }
    }

    /// Whether the limit kept what it promises.
    pub fn is_within_bound(&self) -> bool {
        self.loss <= self.bound
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_first_of_several_wardens_ends_it() {
        let watches = [
            Watch { every: 3_600, first: 0, latency: 60 },
            Watch { every: 600, first: 100, latency: 24 },
            Watch { every: 0, first: 0, latency: 0 },
        ];
        assert_eq!(halted_at(&watches, 0), Some(60));
        assert_eq!(halted_at(&watches, 1), Some(124));
        assert_eq!(halted_at(&watches, 101), Some(724));
        assert_eq!(worst_case(&watches), Some(623));
        assert_eq!(halted_at(&watches[2..], 5), None);
        assert_eq!(worst_case(&[]), None);
    }

    #[test]
    fn a_rogue_who_takes_all_it_can_stays_within_buffer_and_refill() {
        let (max, slope) = (U256::from(100_000), U256::from(3));
        let start = RateLimit::full(max, slope, 1_000);
        let mut limit = start;
        let mut losses = Vec::new();
        for at in (1_000..=1_600).step_by(12) {
            let amount = limit.current(at);
            limit.decrease(amount, at).unwrap();
            losses.push((at, amount));
        }
        let shutdown = Shutdown::measure(&start, 1_000, 1_600, &losses);
        assert_eq!(shutdown.time, 600);
        assert_eq!(shutdown.loss, shutdown.bound, "it misses nothing");
        assert_eq!(shutdown.rate_times_time, U256::from(1_800));
        assert!(shutdown.is_within_bound() && shutdown.loss > shutdown.rate_times_time);

        let stolen = [losses, vec![(1_300, U256::ONE)]].concat();
        assert!(!Shutdown::measure(&start, 1_000, 1_600, &stolen).is_within_bound());
    }

    proptest! {
        #[test]
        fn nobody_is_slower_than_the_worst_case(
            watches in proptest::collection::vec((1_u64..10_000, 0_u64..10_000, 0_u64..500), 1..5),
            rogue_at in 10_000_u64..1_000_000,
        ) {
            let watches: Vec<_> = watches
                .into_iter()
                .map(|(every, first, latency)| Watch { every, first, latency })
                .collect();
            let halted = halted_at(&watches, rogue_at).unwrap();
            prop_assert!(halted >= rogue_at);
            prop_assert!(halted - rogue_at <= worst_case(&watches).unwrap());
        }
    }
}
