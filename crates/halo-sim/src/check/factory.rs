//! Who may do what, and that what the factory made is still what it made.

use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_sol_types::SolCall;
use halo_chain::{Chain, Tx, now};
use halo_sentinel::prime::onboarding::{self, Requirement};
use halo_templates::bindings::{
    AccessControls, BeamState, HaloBook, HaloUnit, LctsQueue, RateLimits, UnitRegistry,
};

use super::{Checks, spot};
use crate::{
    Result,
    run::SettlementRow,
    world::{World, outside},
};

/// The bits that do not depend on the Prime.
const OF_THE_CLASS: u8 = 0b111;

impl Checks {
    pub(super) fn factory(&mut self, world: &World<'_>, row: &SettlementRow) -> Result<()> {
        self.only_who_may(world, row);
        let Some(venue) = world.venues.get(row.unit) else { return Ok(()) };
        let observer = world.observer;
        let at = now(observer.locate(&*world.chain, venue.at.id))?;
        if let Some(predicted) = self.predicted.get(&venue.at.id).copied() {
            let stands = at.unit.at.unit;
            self.hold(spot(row), "I27 addresses are known before", stands == predicted, || {
                format!("{predicted} was predicted, {stands} is registered")
            });
        }
        let Some(anybody) = world.observer.network.primes.first() else { return Ok(()) };
        let view = now(observer.onboarding(&*world.chain, anybody, &at))?;
        self.hold(spot(row), "I26 the factory keeps nothing", !view.factory_has_role, || {
            format!("{} has a role", at.class.factory)
        });
        let own = onboarding::validate(&view, world.now()).mask;
        let bit = Requirement::FactoryDeployment.bit();
        self.hold(
            spot(row),
            "I28 factory-made means approved code",
            own & bit == view.registry_mask & bit,
            || format!("own checks say {own:#06b}, the registry {:#06b}", view.registry_mask),
        );
        let takes = row.input.takes_subscribers;
        self.hold(
            spot(row),
            "I29 the gate follows the bits",
            !takes || own & OF_THE_CLASS == OF_THE_CLASS,
            || format!("it takes subscriptions with {own:#06b}"),
        );
        Ok(())
    }

    /// I23: somebody without any role tries to give himself what he would want; [`Self::every_door`] knocks with zeros.
    fn only_who_may(&mut self, world: &World<'_>, row: &SettlementRow) {
        let Some(venue) = world.venues.get(row.unit) else { return };
        let (class, unit) = (&venue.at.class.at, &venue.at.unit.at);
        let nobody = outside("passer-by");
        let limit = RateLimits::setUnlimitedRateLimitDataCall { key: B256::repeat_byte(1) };
        let grant = AccessControls::grantRoleCall { role: B256::repeat_byte(1), account: nobody };
        let caps = HaloUnit::setCapsCall {
            cap_: U256::MAX >> 128,
            epochSubscribeCap_: U256::MAX >> 128,
            epochRedeemCap_: U256::MAX >> 128,
        };
        let force = HaloBook::forceNavCall { nav_: U256::ONE, evidenceHash: B256::ZERO };
        let enter = LctsQueue::enterCall { user: nobody, amount: U256::ONE };
        let register = UnitRegistry::registerPrimeCall {
            slug: "nobody".to_owned(),
            proxy: nobody,
            rateLimits: nobody,
            controller: nobody,
        };
        let mut tries: Vec<(Address, Bytes)> = vec![
            (class.rateLimits, limit.abi_encode().into()),
            (class.acl, grant.abi_encode().into()),
            (unit.unit, caps.abi_encode().into()),
            (class.book, force.abi_encode().into()),
            (unit.subscribeQueue, enter.abi_encode().into()),
            (world.observer.registry, register.abi_encode().into()),
        ];
        if let Some(beam) = world.beam {
            tries.push((beam.state, BeamState::startCall {}.abi_encode().into()));
        }
        for pau in world.paus.iter().take(SAMPLED) {
            tries.push((pau.rate_limits, limit.abi_encode().into()));
            tries.push((pau.acl, grant.abi_encode().into()));
        }
        for (to, data) in tries {
            let refused = now(world.chain.call(&Tx::call(nobody, to, data))).is_err();
            self.hold(spot(row), "I23 only who may", refused, || format!("{to} lets anybody in"));
        }
    }
}

/// PAUs at whose doors nobody knocks each time.
const SAMPLED: usize = 8;
