//! Where all money is, to the wei: every token that exists is with a party that is known, and what there is is what there
//! was, with what was drawn and earned, less what was lost.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::{Address, I256, U256};
use halo_sentinel::prime::allocate::USDC_TO_USDS;
use halo_templates::bindings::{AllocatorVault, LitePsm, OfframpLedger, Usds};

use crate::{
    Error, Result,
    manager::HaloSide,
    others::Others,
    run::{Conservation, PartyRow},
    world::{World, outside},
};

/// What there was at the start.
#[derive(Debug, Clone)]
pub(crate) struct Ledger {
    genesis: U256,
    debt: U256,
    art: U256,
    /// What nobody of these parties has: nothing on a chain that was made up, most of it on a real one.
    elsewhere: U256,
}

impl Ledger {
    pub(crate) fn open(world: &World<'_>, others: &Others) -> Result<Self> {
        let genesis = supply(world)?;
        let known: U256 = parties(world, others)?.iter().map(|party| party.amount).sum();
        let elsewhere = genesis.saturating_sub(known);
        Ok(Self { genesis, debt: debt(world)?, art: art(world)?, elsewhere })
    }

    /// Adds everything up.
    pub(crate) fn close(
        &self,
        world: &World<'_>,
        sides: &[HaloSide<'_>],
        others: &Others,
    ) -> Result<Conservation> {
        let mut parties = parties(world, others)?;
        if !self.elsewhere.is_zero() {
            parties.push(PartyRow { party: "everybody else".to_owned(), amount: self.elsewhere });
        }
        let sum: U256 = parties.iter().map(|party| party.amount).sum();
        let signed = |now: U256, then: U256| {
            let of = |amount| I256::try_from(amount).unwrap_or(I256::MAX);
            of(now) - of(then)
        };
        let drawn = signed(debt(world)?, self.debt);
        let psm = signed(art(world)?, self.art);
        let gains = sides.iter().map(|side| side.gains * USDC_TO_USDS).sum::<U256>() + others.gains;
        let losses =
            sides.iter().map(|side| side.losses * USDC_TO_USDS).sum::<U256>() + others.losses;
        let expected = signed(self.genesis, U256::ZERO) + drawn + psm + signed(gains, losses);
        let holds = I256::try_from(sum).is_ok_and(|sum| sum == expected) && sum == supply(world)?;
        Ok(Conservation { parties, sum, genesis: self.genesis, drawn, psm, gains, losses, holds })
    }
}

/// Who has how much, each place once.
fn parties(world: &World<'_>, others: &Others) -> Result<Vec<PartyRow>> {
    let mut parties = Vec::new();
    let mut counted = BTreeSet::new();
    for (party, places) in who(world, others)? {
        let mut amount = U256::ZERO;
        for place in places.into_iter().filter(|place| counted.insert(*place)) {
            amount += money_of(world, place)?;
        }
        if !amount.is_zero() {
            parties.push(PartyRow { party, amount });
        }
    }
    Ok(parties)
}

/// Everybody who may have money, and where.
fn who(world: &World<'_>, others: &Others) -> Result<BTreeMap<String, Vec<Address>>> {
    let network = world.observer.network;
    let sky = &network.sky;
    let mut who: BTreeMap<String, Vec<Address>> = BTreeMap::new();
    who.insert(
        "PSM".to_owned(),
        vec![sky.lite_psm, sky.lite_psm_pocket, sky.dai_usds, sky.psm_wrapper],
    );
    who.insert("Sky governance".to_owned(), vec![network.governance.pause_proxy, VOW, sky.susds]);
    let strangers = ["USDC buyer", "passer-by", "donor", "duster", "thief"].map(outside);
    who.insert("outsiders".to_owned(), strangers.to_vec());
    for pau in &world.paus {
        who.insert(
            format!("Prime {}", pau.slug),
            vec![pau.proxy, pau.buffer, pau.sub_proxy, pau.controller],
        );
    }
    for venue in &world.venues {
        let (class, unit) = (&venue.at.class.at, &venue.at.unit.at);
        let slug = world.classes.get(venue.class).map_or("", |class| class.slug.as_str());
        let queues = vec![unit.subscribeQueue, unit.redeemQueue, unit.unit];
        who.insert(format!("Unit {}", venue.slug(&world.classes)), queues);
        let proxies = vec![class.almProxy, class.controller, class.book, class.ledger];
        who.insert(format!("Class {slug}"), proxies);
        for target in world.read(class.ledger, &OfframpLedger::targetsCall {})? {
            let buffer = world.read(class.ledger, &OfframpLedger::bufferOfCall { target })?;
            who.entry("managers".to_owned()).or_default().extend([target, buffer]);
        }
    }
    for (name, at) in others.parties() {
        who.insert(name, vec![at]);
    }
    Ok(who)
}

/// Where the PSM sends its fees, as the genesis has it.
const VOW: Address = alloy_primitives::address!("A950524441892A31ebddF91d3cEEFa04Bf454466");

fn money_of(world: &World<'_>, at: Address) -> Result<U256> {
    let sky = &world.observer.network.sky;
    let dollars = world.balance(sky.usds, at)? + world.balance(sky.dai, at)?;
    Ok(dollars + world.balance(sky.usdc, at)? * USDC_TO_USDS)
}

fn supply(world: &World<'_>) -> Result<U256> {
    let sky = &world.observer.network.sky;
    let of = |token| world.read(token, &Usds::totalSupplyCall {});
    Ok(of(sky.usds)? + of(sky.dai)? + of(sky.usdc)? * USDC_TO_USDS)
}

fn debt(world: &World<'_>) -> Result<U256> {
    let mut sum = U256::ZERO;
    for pau in &world.paus {
        sum += world.read(pau.vault, &AllocatorVault::debtCall {})?;
    }
    Ok(sum)
}

fn art(world: &World<'_>) -> Result<U256> {
    match world.read(world.observer.network.sky.lite_psm, &LitePsm::artCall {}) {
        // The real LitePSM owes to the Vat, and has no such function; a fill there would show as money from nowhere.
        Err(Error::Chain(halo_chain::Error::Reverted(_))) => Ok(U256::ZERO),
        read => read,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use halo_spec::{Network, Simulation};

    use super::*;
    use crate::world::Stage;

    #[test]
    fn on_a_chain_that_was_made_up_everybody_is_known_and_the_psm_says_what_it_owes() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deployments/scenarios");
        let network = Network::embedded().unwrap();
        let path = folder.join("hostile.toml");
        let simulation = Simulation::load(&path, &network, &[]).unwrap().value;
        let Stage { mut chain, registry, .. } = Stage::build(&simulation).unwrap();
        let mut world = World::find(&mut chain, &simulation, registry).unwrap();
        let others = Others::open(&mut world, &simulation).unwrap();
        crate::adversary::fund(&mut world, &simulation).unwrap();
        let ledger = Ledger::open(&world, &others).unwrap();
        assert_eq!(ledger.elsewhere, U256::ZERO, "nobody else holds anything");
        // What `art` takes for zero is a revert: here it is an answer.
        let owed = world.read(network.sky.lite_psm, &LitePsm::artCall {}).unwrap();
        assert!(!owed.is_zero());
        assert_eq!(ledger.art, owed);
    }
}
