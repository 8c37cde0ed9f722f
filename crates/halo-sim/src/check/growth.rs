//! Limits that grow without a vote: how far at once, and how often.

use alloy_primitives::{Address, B256, U256};
use halo_sentinel::{math::mul_div, rate_limit::RateLimit};

use super::Checks;

const BPS: u64 = 10_000;

/// When a limit was first raised, last raised, and how often.
#[derive(Debug, Clone, Copy)]
pub(super) struct Raised {
    first: u64,
    last: u64,
    times: u64,
}

/// A setting of GovOps that went through.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setting {
    /// Day.
    pub(crate) day: u32,
    /// When, UTC seconds.
    pub(crate) at: u64,
    /// The RateLimits.
    pub(crate) limits: Address,
    /// The key.
    pub(crate) key: B256,
    /// Its init, where there is one.
    pub(crate) init: Option<U256>,
    /// The least time between two raises of one key, seconds.
    pub(crate) hop: u64,
    /// The most that one raise adds to what stood, basis points.
    pub(crate) max_change_bps: u16,
    /// The limit before.
    pub(crate) before: RateLimit,
    /// And after.
    pub(crate) after: RateLimit,
}

impl Checks {
    /// I24, I25: a raise stays below its init or as far above what stood as the pace of the PAU lets GovOps go, is a hop
    /// after the one before, and makes no room at once.
    pub(crate) fn set(&mut self, setting: &Setting) {
        let Setting { day, at, limits, key, init, hop, max_change_bps, before, after } = *setting;
        let spot = (day, 0);
        let (was, is) = (before.current(at), after.current(at));
        if after.max_amount <= before.max_amount && after.slope <= before.slope {
            self.hold(spot, "I24 limits grow within bounds", is <= was, || {
                format!("{was} to {is}")
            });
            return;
        }
        let earlier = self.raised.get(&(limits, key)).copied();
        let most_bps = U256::from(BPS + u64::from(max_change_bps));
        let grown = mul_div(before.max_amount, most_bps, U256::from(BPS)).unwrap_or(U256::MAX);
        let most = init.map(|init| init.max(grown));
        let rested = earlier.is_none_or(|earlier| at >= earlier.last.saturating_add(hop));
        let holds = most.is_some_and(|most| after.max_amount <= most) && rested && is <= was;
        self.hold(spot, "I24 limits grow within bounds", holds, || {
            format!(
                "{} to {} with an init of {init:?}, {was} to {is} available, raised before: {earlier:?}",
                before.max_amount, after.max_amount
            )
        });
        let raised = earlier.unwrap_or(Raised { first: at, last: at, times: 0 });
        let raised = Raised { last: at, times: raised.times + 1, ..raised };
        self.raised.insert((limits, key), raised);
        let least = raised.first.saturating_add(hop.saturating_mul(raised.times - 1));
        self.hold(spot, "I25 growth takes its time", at >= least, || {
            format!("{} raises within {} s", raised.times, at - raised.first)
        });
    }
}
