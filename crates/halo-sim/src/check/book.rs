//! The Book: what is owed, what the tranches are worth, and what moved the value.

use alloy_primitives::{U256, U512};
use halo_sentinel::{
    math::{RAY, mul_div},
    view::UnitView,
};
use halo_spec::BookMode;
use halo_templates::bindings::{HaloBook, HaloUnit};

use super::{Checks, Spot, spot};
use crate::{Result, run::SettlementRow, world::World};

impl Checks {
    pub(super) fn book(&mut self, world: &World<'_>, row: &SettlementRow, nav: U256) -> Result<()> {
        let Some(venue) = world.venues.get(row.unit) else { return Ok(()) };
        let book = venue.at.class.at.book;
        let mut owed = U256::ZERO;
        for (place, other) in
            world.venues.iter().enumerate().filter(|(_, v)| v.class == venue.class)
        {
            let unit = other.at.unit.at.unit;
            let index = world.read(book, &HaloBook::indexOfCall { unit })?;
            let supply = world.read(unit, &HaloUnit::totalSupplyCall {})?;
            owed = owed.saturating_add(mul_div(index, supply, RAY).unwrap_or(U256::MAX));
            if place == row.unit {
                self.hold(
                    spot(row),
                    "I13 a settlement lowers no index",
                    supply.is_zero() || index >= row.input.index,
                    || format!("{} to {index}", row.input.index),
                );
            }
        }
        let worth = venue.money(nav);
        self.hold(spot(row), "I12 no more owed than there is", owed <= worth, || {
            format!("{owed} owed of {worth}")
        });
        self.waterfall(world, row)?;
        let class = &world.classes[venue.class];
        let extra = row.outcome.subscribe_extra;
        if class.book.mode == BookMode::SeniorJunior
            && venue.spec.min_cover_bps > 0
            && !extra.is_zero()
        {
            let cover = world.read(book, &HaloBook::coverOfCall { tranche: venue.spec.tranche })?;
            let least = U256::from(venue.spec.min_cover_bps);
            self.hold(spot(row), "I15 cover holds", U256::from(cover) >= least, || {
                format!("{cover} of {least} basis points")
            });
        }
        Ok(())
    }

    /// I14: no tranche is worth more than its shares claim, and none less while one below it is worth anything.
    fn waterfall(&mut self, world: &World<'_>, row: &SettlementRow) -> Result<()> {
        let Some(venue) = world.venues.get(row.unit) else { return Ok(()) };
        if world.classes[venue.class].book.mode != BookMode::SeniorJunior {
            return Ok(());
        }
        let book = venue.at.class.at.book;
        let values = world.read(book, &HaloBook::trancheValuesCall {})?;
        let scale = U256::from(world.read(book, &HaloBook::scaleCall {})?);
        for other in world.venues.iter().filter(|other| other.class == venue.class) {
            let tranche = usize::from(other.spec.tranche);
            let Some(value) = values.get(tranche).copied().filter(|_| tranche > 0) else {
                continue;
            };
            let unit = other.at.unit.at.unit;
            let target = world.read(book, &HaloBook::targetOfCall { unit })?;
            let supply = world.read(unit, &HaloUnit::totalSupplyCall {})?;
            let divisor = U512::from(RAY) * U512::from(scale);
            let claim = (supply.widening_mul::<256, 4, 512, 8>(target)).div_ceil(divisor);
            let below = values[..tranche].iter().any(|value| !value.is_zero());
            let value = U512::from(value);
            self.hold(
                spot(row),
                "I14 the junior loses first",
                value <= claim && (value == claim || !below),
                || format!("tranche {tranche} is worth {value} of {claim}, below it {values:?}"),
            );
        }
        Ok(())
    }

    /// The value of a Class was said anew.
    pub(crate) fn reported(&mut self, class: usize, nav: U256) {
        self.navs.insert(class, nav);
    }

    /// I17: the value is what was last said, with what the settlement took in and less what it paid.
    pub(super) fn value(&mut self, world: &World<'_>, row: &SettlementRow, nav: U256) {
        let Some(venue) = world.venues.get(row.unit) else { return };
        if let Some(before) = self.navs.insert(venue.class, nav) {
            let due = (before + row.outcome.subscribe_extra).checked_sub(row.outcome.redeem_extra);
            self.hold(spot(row), "I17 value moves by known hands", due == Some(nav), || {
                format!("{before} became {nav}, which the settlement says is {due:?}")
            });
        }
    }

    /// I18: what was sent to a Unit and its Class changed nothing that the Unit says of itself.
    pub(crate) fn gift(&mut self, at: Spot, before: &UnitView, after: &UnitView) {
        self.hold(at, "I18 donations count nowhere", before == after, || {
            format!("{before:?} became {after:?}")
        });
    }
}
