//! The PAUs: limits, what leaves custody, allowances, and who holds nothing.

use alloy_primitives::{Address, B256, U256};
use halo_chain::now;
use halo_spec::keys;
use halo_templates::bindings::{Controller, RateLimits, Usds};

use super::{Checks, Spot, spot};
use crate::{Result, observe, run::SettlementRow, world::World};

impl Checks {
    pub(super) fn custody(&mut self, world: &World<'_>, row: &SettlementRow) -> Result<()> {
        let Some(venue) = world.venues.get(row.unit) else { return Ok(()) };
        let (unit, asset) = (venue.at.unit.at.unit, venue.at.class.asset);
        let class = &venue.at.class.at;
        let own = [
            keys::usds_mint(),
            keys::usds_to_usdc(),
            keys::erc7540_deposit(asset, unit),
            keys::erc7540_redeem(unit),
            keys::lcts_exit(unit),
        ];
        for pau in &world.paus {
            for key in own {
                self.limit(world, row, pau.rate_limits, key)?;
            }
        }
        self.limit(world, row, class.rateLimits, keys::lcts_fund_redeem(asset, unit))?;

        let mut fronts = vec![class.controller];
        for wired in world.read(class.controller, &Controller::integrationsCall {})? {
            fronts.push(wired.config.facet);
        }
        let spenders = [unit, venue.at.unit.at.subscribeQueue, venue.at.unit.at.redeemQueue];
        for (proxy, controller) in world.paus.iter().map(|pau| (pau.proxy, pau.controller)) {
            self.allows_nothing(world, row, asset, proxy, spenders)?;
            fronts.push(controller);
        }
        self.allows_nothing(world, row, asset, class.almProxy, spenders)?;
        let sky = &world.observer.network.sky;
        for front in fronts {
            for token in [sky.usds, sky.usdc, unit] {
                let held = world.balance(token, front)?;
                self.hold(spot(row), "I22 controllers hold nothing", held.is_zero(), || {
                    format!("{front} holds {held} of {token}")
                });
            }
        }
        Ok(())
    }

    /// I19: available is what the setting says, and no more than what was there, what grew and what came back.
    fn limit(
        &mut self,
        world: &World<'_>,
        row: &SettlementRow,
        limits: Address,
        key: B256,
    ) -> Result<()> {
        let at = world.now();
        let set = now(observe::limit(&*world.chain, limits, key))?;
        let available = world.read(limits, &RateLimits::getCurrentRateLimitCall { key })?;
        let returned = self.returned.remove(&(limits, key)).unwrap_or_default();
        let before = self.limits.insert((limits, key), (available, at));
        let most = before.map_or(U256::MAX, |(before, then)| {
            let grown = set.slope.saturating_mul(U256::from(at.saturating_sub(then)));
            before.saturating_add(grown).saturating_add(returned)
        });
        let holds = if set.is_unlimited() {
            available == U256::MAX
        } else {
            available == set.current(at) && available <= set.max_amount && available <= most
        };
        self.hold(spot(row), "I19 a rate limit limits", holds, || {
            format!(
                "{available} of {} available of {key} at {limits}, at most {most}",
                set.max_amount
            )
        });
        Ok(())
    }

    fn allows_nothing(
        &mut self,
        world: &World<'_>,
        row: &SettlementRow,
        token: Address,
        owner: Address,
        spenders: [Address; 3],
    ) -> Result<()> {
        for spender in spenders {
            let left = world.read(token, &Usds::allowanceCall { _0: owner, _1: spender })?;
            self.hold(spot(row), "I21 no allowance is left standing", left.is_zero(), || {
                format!("{owner} allows {left} to {spender}")
            });
        }
        Ok(())
    }

    /// Governance set limits anew: what they had before says nothing any more.
    pub(crate) fn limits_were_set(&mut self) {
        self.limits.clear();
        self.returned.clear();
    }

    /// So much came back to a limit.
    pub(crate) fn gave_back(&mut self, limits: Address, key: B256, amount: U256) {
        *self.returned.entry((limits, key)).or_default() += amount;
    }

    /// I20: what left custody was taken off its limit.
    pub(crate) fn counted(&mut self, at: Spot, before: U256, left: U256, after: U256) {
        if before == U256::MAX {
            return;
        }
        self.hold(
            at,
            "I20 what leaves was counted",
            before.checked_sub(left) == Some(after),
            || format!("{before} was available, {left} left, {after} is available"),
        );
    }
}
