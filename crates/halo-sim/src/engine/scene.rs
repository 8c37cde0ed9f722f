//! What everybody sees of the Units, read once and shared.

use alloy_primitives::U256;
use halo_chain::now;
use halo_sentinel::prime::portfolio::Cover;
use halo_spec::{BookMode, Seniority};
use halo_templates::bindings::LctsQueue;

use super::Engine;
use crate::{Result, world::World};

impl Engine<'_> {
    /// Reads the Units again, and once a day the parts of the four requirements.
    pub(crate) fn look_around(&mut self) -> Result<()> {
        let count = self.world.venues.len();
        if self.scene_day != Some(self.day) {
            self.scene_day = Some(self.day);
            self.scene.onboarding.clear();
            self.scene.min_redeem.clear();
            self.scene.capital_ratio_bps.clear();
            for place in 0..count {
                self.locate(place)?;
            }
            for player in &mut self.players {
                player.wake();
            }
        }
        self.scene.units.clear();
        self.scene.settled_index.clear();
        for place in 0..count {
            let unit = self.world.unit(place)?;
            self.scene.settled_index.push(self.settled_index.get(&unit.id).copied());
            self.scene.units.push(unit);
        }
        self.scene.covers = covers(&self.world, &self.scene.units)?;
        Ok(())
    }

    /// Reads one Unit again, after somebody moved something there.
    pub(super) fn look_at(&mut self, place: usize) -> Result<()> {
        let unit = self.world.unit(place)?;
        if let Some(slot) = self.scene.units.get_mut(place) {
            *slot = unit;
        }
        Ok(())
    }

    fn locate(&mut self, place: usize) -> Result<()> {
        let observer = self.world.observer;
        let Some(venue) = self.world.venues.get(place) else { return Ok(()) };
        let at = now(observer.locate(&*self.world.chain, venue.at.id))?;
        let anybody = self.simulation.scenario.primes.first();
        if let Some(one) = anybody {
            let view = now(observer.onboarding(&*self.world.chain, &one.prime, &at))?;
            self.scene.onboarding.push(view);
        }
        let queue = at.unit.at.redeemQueue;
        let least = self.world.read(queue, &LctsQueue::minEntryCall {})?;
        self.scene.min_redeem.push(U256::from(least));
        let terms = self.simulation.classes.get(venue.class);
        let ratio = terms.map_or(0, |terms| match venue.spec.seniority {
            Seniority::Junior => terms.junior_capital_ratio_bps,
            _ => terms.capital_ratio_bps,
        });
        self.scene.capital_ratio_bps.push(ratio);
        if let Some(venue) = self.world.venues.get_mut(place) {
            venue.at = at;
        }
        Ok(())
    }
}

/// Who covers whom. What waits to become junior counts as junior: it settles before those that it covers.
fn covers(world: &World<'_>, units: &[halo_sentinel::view::UnitView]) -> Result<Vec<Cover>> {
    let mut covers = Vec::new();
    for (class, spec) in world.classes.iter().enumerate() {
        if spec.book.mode != BookMode::SeniorJunior {
            continue;
        }
        let all: Vec<_> =
            world.venues.iter().zip(units).filter(|(venue, _)| venue.class == class).collect();
        for (protected, _) in all.iter().filter(|(venue, _)| venue.spec.min_cover_bps > 0) {
            let mut cover = Cover {
                protected: Vec::new(),
                junior: Vec::new(),
                protected_value: U256::ZERO,
                junior_value: U256::ZERO,
                min_bps: protected.spec.min_cover_bps,
            };
            for (venue, unit) in &all {
                let value = venue.money(unit.price()?.assets(unit.total_supply)?);
                if venue.spec.tranche >= protected.spec.tranche {
                    cover.protected.push(unit.id);
                    cover.protected_value += value;
                } else {
                    cover.junior.push(unit.id);
                    cover.junior_value += value + venue.money(unit.subscribe.total);
                }
            }
            covers.push(cover);
        }
    }
    Ok(covers)
}
