//! Everything as it stands at one moment, for a person who wants to see it: what `--until` and `--trace` print.

use alloy_primitives::U256;
use halo_chain::now;
use halo_sentinel::{lcts::settler::DAY, prime::allocate::USDC_TO_USDS, rate_limit::RateLimit};
use halo_templates::bindings::{HaloBook, HaloUnit};

use crate::{
    Result,
    engine::Engine,
    run::{BookState, LimitState, Moment, PrimeState, QueueState, StakeState},
};

/// Reads it all.
///
/// # Errors
/// If the chain cannot be asked.
pub(crate) fn of(engine: &Engine<'_>) -> Result<Moment> {
    let at = engine.world.now();
    Ok(Moment {
        day: engine.day,
        at,
        primes: primes(engine, at)?,
        queues: queues(engine)?,
        books: books(engine)?,
    })
}

fn primes(engine: &Engine<'_>, at: u64) -> Result<Vec<PrimeState>> {
    let world = &engine.world;
    let mut all = Vec::with_capacity(engine.players.len());
    for player in &engine.players {
        let terms = &player.terms.prime;
        let prime = now(world.observer.prime(&*world.chain, terms))?;
        let dollars = |usdc: U256| usdc.saturating_mul(USDC_TO_USDS);
        let mut stakes = Vec::with_capacity(world.venues.len());
        for (unit, venue) in world.venues.iter().enumerate() {
            let stake = now(world.observer.stake(&*world.chain, terms, &venue.at))?;
            let account = terms.alm_proxy;
            let address = venue.at.unit.at.unit;
            let redeeming =
                HaloUnit::pendingRedeemRequestCall { requestId: U256::ZERO, controller: account };
            let worth = HaloUnit::convertToAssetsCall { shares: stake.shares };
            let paid = HaloUnit::maxWithdrawCall { controller: account };
            stakes.push(StakeState {
                unit,
                shares: stake.shares,
                value: venue.money(world.read(address, &worth)?),
                waits: venue.money(stake.pending),
                claimable_shares: stake.claimable,
                redeeming_shares: world.read(address, &redeeming)?,
                claimable: venue.money(world.read(address, &paid)?),
                is_entrant: stake.is_entrant,
                deposit: limit(&stake.deposit_limit, at, |amount| venue.money(amount)),
                redeem: limit(&stake.redeem_limit, at, |amount| venue.money(amount)),
            });
        }
        all.push(PrimeState {
            prime: player.place,
            is_halted: player.is_halted,
            usds: prime.usds_held,
            usdc: dollars(prime.usdc_held),
            debt: prime.ceiling.debt,
            may_draw: prime.ceiling.headroom(at),
            mint: limit(&prime.mint_limit, at, |amount| amount),
            swap: limit(&prime.swap_limit, at, dollars),
            stakes,
        });
    }
    Ok(all)
}

fn limit(limit: &RateLimit, at: u64, money: impl Fn(U256) -> U256) -> LimitState {
    let money = |amount: U256| if amount == U256::MAX { amount } else { money(amount) };
    LimitState {
        max: money(limit.max_amount),
        available: money(limit.current(at)),
        per_day: money(limit.slope.saturating_mul(U256::from(DAY))),
    }
}

fn queues(engine: &Engine<'_>) -> Result<Vec<QueueState>> {
    let world = &engine.world;
    let mut all = Vec::with_capacity(world.venues.len());
    for (place, venue) in world.venues.iter().enumerate() {
        let unit = world.unit(place)?;
        let bound = |amount: U256| if amount == U256::MAX { amount } else { venue.money(amount) };
        all.push(QueueState {
            unit: place,
            state: format!("{:?}", unit.state),
            is_locked: unit.is_locked,
            epoch: unit.epoch,
            last_lock_at: unit.last_lock_at,
            last_settle_at: unit.last_settle_at,
            subscribe: venue.money(unit.subscribe.total),
            redeem_shares: unit.redeem.total,
            index: unit.index,
            supply: unit.total_supply,
            cap: bound(unit.cap),
            epoch_subscribe_cap: bound(unit.epoch_subscribe_cap),
            redeem_liquidity: bound(unit.redeem_liquidity),
            subscribe_headroom: bound(unit.subscribe_headroom),
            redeem_headroom: bound(unit.redeem_headroom),
        });
    }
    Ok(all)
}

fn books(engine: &Engine<'_>) -> Result<Vec<BookState>> {
    let world = &engine.world;
    let mut all = Vec::with_capacity(engine.sides.len());
    for (class, side) in engine.sides.iter().enumerate() {
        let Some(venue) = side.units().first().and_then(|place| world.venues.get(*place)) else {
            continue;
        };
        let (book, said) = (venue.at.class.at.book, side.statement(world)?);
        let values = world.read(book, &HaloBook::trancheValuesCall {})?;
        all.push(BookState {
            class: world.classes[class].slug.clone(),
            nav: venue.money(world.read(book, &HaloBook::navCall {})?),
            as_of: world.read(book, &HaloBook::navAsOfCall {})?,
            is_under_review: world.read(book, &HaloBook::underReviewCall {})?,
            liquid: venue.money(world.read(book, &HaloBook::measuredLiquidityCall {})?),
            deployed: venue.money(said.deployed),
            in_flight: venue.money(said.in_flight),
            tranches: values.into_iter().map(|value| venue.money(value).to_string()).collect(),
        });
    }
    Ok(all)
}
