//! Who does not play by the rules. What the contracts refuse is written down as refused; what they let through is bounded
//! by limits, and a rogue relayer is stopped by the wardens.

use alloy_primitives::{Address, Bytes, U256};
use halo_chain::now;
use halo_sentinel::{
    encode,
    prime::{
        Act,
        shutdown::{Shutdown, Watch, halted_at},
    },
};
use halo_spec::{Agent, AgentKind, Simulation, keys};
use halo_templates::bindings::{ControllerSurface, HaloUnit, PositionReporter, Usds};

use crate::{
    Error, Result,
    chance::Chance,
    engine::Engine,
    observe,
    run::ShutdownRow,
    words::dollars,
    world::{World, outside},
};

/// From a warden's look to its halt in a block, seconds.
const LATENCY: u64 = 24;
/// Seconds between two transactions of a thief: a block.
const BLOCK: u64 = 12;
/// Dust that a duster has to spend, in base units a day.
const DUST: u64 = 1_000;

/// An attack of today.
#[derive(Debug, Clone)]
pub(crate) struct Strike {
    pub(crate) at: u64,
    agent: usize,
    count: u32,
}

/// Gives outsiders what they will throw around.
pub(crate) fn fund(world: &mut World<'_>, simulation: &Simulation) -> Result<()> {
    let sky = &simulation.network.sky;
    let days = U256::from(simulation.days);
    for agent in &simulation.agents {
        let (who, each) = match agent.kind {
            AgentKind::Donor => ("donor", agent.amount),
            AgentKind::Duster => ("duster", U256::from(DUST)),
            _ => continue,
        };
        let all = each.saturating_mul(U256::from(agent.count)).saturating_mul(days);
        // More than a hundred trillion would be no stablecoin any more.
        let all = all.min(U256::from(10).pow(U256::from(32)));
        world.mint(sky.usds, outside(who), all)?;
        if agent.kind == AgentKind::Duster {
            world.mint(sky.usdc, outside(who), all)?;
        }
    }
    Ok(())
}

/// Who strikes today, and when, in order.
pub(crate) fn agenda(simulation: &Simulation, day: u32, from: u64, to: u64) -> Vec<Strike> {
    let mut strikes = Vec::new();
    for (place, agent) in simulation.agents.iter().enumerate() {
        if matches!(agent.kind, AgentKind::OverAsker | AgentKind::StaleOperator) {
            continue;
        }
        let mut chance = Chance::new(simulation.scenario.seed, &format!("strike/{place}"), day);
        let count = chance.count(agent.count, agent.probability_bps);
        if count > 0 {
            let at = from + chance.below(to.saturating_sub(from));
            strikes.push(Strike { at, agent: place, count });
        }
    }
    strikes.sort_by_key(|strike| (strike.at, strike.agent));
    strikes
}

pub(crate) fn strike(engine: &mut Engine<'_>, strike: &Strike) -> Result<()> {
    let simulation = engine.simulation;
    let Some(agent) = simulation.agents.get(strike.agent) else { return Ok(()) };
    match agent.kind {
        AgentKind::Donor => donate(engine, agent, strike.count),
        AgentKind::Duster => dust(engine, strike.count),
        AgentKind::RogueRelayer => steal(engine, agent),
        AgentKind::RogueSettler => missettle(engine),
        AgentKind::RogueReporter => misreport(engine),
        AgentKind::OverAsker | AgentKind::StaleOperator => Ok(()),
    }
}

/// Queues, Units and proxies in turn get what nobody asked for.
fn donate(engine: &mut Engine<'_>, agent: &Agent, count: u32) -> Result<()> {
    let (usds, from) = (engine.world.observer.network.sky.usds, outside("donor"));
    let places: Vec<Address> = engine
        .world
        .venues
        .iter()
        .flat_map(|v| [v.at.unit.at.subscribeQueue, v.at.unit.at.unit, v.at.class.at.almProxy])
        .collect();
    let look = |engine: &Engine<'_>| -> Result<Vec<_>> {
        (0..engine.world.venues.len()).map(|place| engine.world.unit(place)).collect()
    };
    let before = look(engine)?;
    for (_, to) in (0..count).zip(places.iter().cycle()) {
        engine.world.attempt(from, usds, &Usds::transferCall { to: *to, value: agent.amount })?;
    }
    for (place, (before, after)) in before.iter().zip(look(engine)?).enumerate() {
        engine.checks.gift((engine.day, place), before, &after);
    }
    let each = dollars(agent.amount);
    let what =
        if count == 1 { format!("a gift of {each}") } else { format!("{count} gifts of {each}") };
    engine.incident("attack", "donor".to_owned(), what, Some(false));
    Ok(())
}

/// Single units of the asset, and entries of one unit.
fn dust(engine: &mut Engine<'_>, count: u32) -> Result<()> {
    let from = outside("duster");
    let mut refused = true;
    let units: Vec<_> =
        engine.world.venues.iter().map(|v| (v.at.class.asset, v.at.unit.at.clone())).collect();
    for (_, (asset, at)) in (0..count).zip(units.iter().cycle()) {
        let value = U256::ONE;
        engine.world.attempt(from, *asset, &Usds::transferCall { to: at.subscribeQueue, value })?;
        engine.world.attempt(from, *asset, &Usds::approveCall { spender: at.unit, value })?;
        let enter = HaloUnit::requestDepositCall { assets: value, controller: from, owner: from };
        refused &= !engine.world.attempt(from, at.unit, &enter)?;
    }
    let often = if count == 1 { "once".to_owned() } else { format!("{count} times") };
    let what = format!("{often} a unit sent, and an entry of one unit tried");
    engine.incident("attack", "duster".to_owned(), what, Some(refused));
    Ok(())
}

/// A thief has the key of a Prime's relayer: it tries to send the Prime's money away, and pushes all that the limits let
/// through into a Unit, until the first warden's halt lands.
fn steal(engine: &mut Engine<'_>, agent: &Agent) -> Result<()> {
    let slug = agent.prime.clone().unwrap_or_default();
    let found = engine.players.iter().position(|player| player.terms.prime.slug == slug);
    let Some(place) = found.filter(|place| !engine.players[*place].is_halted) else {
        return Ok(());
    };
    let player = engine.players[place].clone();
    let (prime, from) = (&player.terms.prime, engine.world.now());
    let pau = now(engine.world.observer.pau(&*engine.world.chain, prime))?;
    let usds = engine.world.observer.network.sky.usds;

    let transfer = ControllerSurface::transferAsset_transferCall {
        asset: usds,
        destination: outside("thief"),
        amount: U256::from(10).pow(U256::from(24)),
    };
    let sent_away = player.control(&mut engine.world, &transfer)?;
    let what = "sends a million USDS to an address of its own".to_owned();
    engine.incident("attack", format!("relayer of {slug}"), what, Some(!sent_away));

    let Some(target) = engine.world.venues.iter().find(|v| v.at.class.asset == usds).cloned()
    else {
        return Ok(());
    };
    let unit = target.at.unit.at.unit;
    let key = keys::erc7540_deposit(target.at.class.asset, unit);
    let limit = now(observe::limit(&*engine.world.chain, pau.rateLimits, key))?;
    let watches: Vec<Watch> = (0..player.mandate.wardens)
        .map(|number| Watch {
            every: u64::from(player.mandate.looks_every),
            // They interleave: each begins a little later than the one before.
            first: u64::from(number) * u64::from(player.mandate.looks_every)
                / u64::from(player.mandate.wardens.max(1)),
            latency: LATENCY,
        })
        .collect();
    let end = halted_at(&watches, from).unwrap_or(from + 86_400 / 24);
    let mut losses = Vec::new();
    let mut at = from;
    // Each block would bring the refill of twelve seconds: the first and the last together are all of it.
    while at <= end {
        engine.world.reach(at)?;
        let room = now(observe::limit(&*engine.world.chain, pau.rateLimits, key))?.current(at);
        let view = now(engine.world.observer.prime(&*engine.world.chain, prime))?;
        let drawn = view.mint_limit.current(at).min(view.ceiling.headroom(at));
        let amount = room.min(view.usds_held.saturating_add(drawn));
        let mint = amount.saturating_sub(view.usds_held);
        if !mint.is_zero() {
            player.control(
                &mut engine.world,
                &ControllerSurface::usds_mintCall { usdsAmount: mint },
            )?;
        }
        let request = ControllerSurface::erc7540_requestDepositCall { token: unit, amount };
        if !amount.is_zero() && player.control(&mut engine.world, &request)? {
            losses.push((at, amount));
            engine.record.entered(place, &engine.world, unit);
        }
        if at == end {
            break;
        }
        at = (end - end % BLOCK).max(at + BLOCK).min(end);
    }
    engine.world.reach(end)?;
    let freezer = prime.freezer.ok_or_else(|| Error::NoRelayer { prime: slug.clone() })?;
    let module = engine.world.paus[place].freezer_module;
    let halt = encode::halt(module, player.relayer());
    engine.world.send_raw(freezer, halt.to, Bytes::from(halt.data.to_vec()))?;
    engine.players[place].is_halted = true;
    // A hand that is out can do nothing any more.
    let after = player.control(&mut engine.world, &transfer)?
        || player.send(&mut engine.world, &Act::ClaimDeposit { unit }).is_ok();
    let shutdown = Shutdown::measure(&limit, from, end, &losses);
    engine.record.shutdowns.push(ShutdownRow {
        prime: place,
        from,
        time: shutdown.time,
        moved: target.money(shutdown.loss),
        rate_times_time: target.money(shutdown.rate_times_time),
        bound: target.money(shutdown.bound),
        is_within: shutdown.is_within_bound() && !after,
    });
    let what = format!("a warden takes the relayer out after {} s", shutdown.time);
    engine.incident("halt", slug.clone(), what, None);
    engine.governance.restore(place, engine.day + 2);
    Ok(())
}

/// Somebody with the beacon's key settles at prices of its own, and locks when it likes.
fn missettle(engine: &mut Engine<'_>) -> Result<()> {
    for place in 0..engine.world.venues.len() {
        let unit = engine.world.unit(place)?;
        let Some(venue) = engine.world.venues.get(place) else { continue };
        let settler = engine.world.classes[venue.class].settler;
        let index = unit.index.saturating_mul(U256::from(2));
        let p = HaloUnit::SettleParams {
            epoch: unit.epoch,
            subscribeCapacity: U256::MAX,
            redeemCapacity: U256::MAX,
            minIndex: index,
            maxIndex: index,
        };
        let settled = engine.world.attempt(settler, unit.unit, &HaloUnit::settleEpochCall { p })?;
        let who = format!("settler of {}", engine.record.units[place].slug);
        engine.incident(
            "attack",
            who.clone(),
            "settles at twice the price".to_owned(),
            Some(!settled),
        );
        let locked = engine.world.attempt(settler, unit.unit, &HaloUnit::lockEpochCall {})?;
        if locked {
            engine.note_lock(place)?;
        }
        engine.incident("attack", who, "locks before its hour".to_owned(), Some(!locked));
    }
    Ok(())
}

/// One attestor alone reports ten times the value.
fn misreport(engine: &mut Engine<'_>) -> Result<()> {
    for class in 0..engine.sides.len() {
        let Some(place) = engine.sides[class].units().first().copied() else { continue };
        let Some(venue) = engine.world.venues.get(place) else { continue };
        let (reporter, spec) = (venue.at.class.at.reporter, &engine.world.classes[class]);
        let Some(signer) = spec.attestors.iter().min().copied() else { continue };
        let (settler, slug) = (spec.settler, spec.slug.clone());
        let seq = engine.world.read(reporter, &PositionReporter::lastSeqCall {})? + 1;
        let report = PositionReporter::Report {
            seq,
            asOf: engine.world.now(),
            deployedValue: U256::from(10).pow(U256::from(30)),
            ..PositionReporter::Report {
                seq: 0,
                asOf: 0,
                deployedValue: U256::ZERO,
                inFlightValue: U256::ZERO,
                liquidValue: U256::ZERO,
                feesAccrued: U256::ZERO,
                positionsRoot: Default::default(),
                docHash: Default::default(),
                uri: String::new(),
            }
        };
        let post = PositionReporter::postCall {
            report,
            signers: vec![signer],
            signatures: vec![Bytes::new()],
        };
        let posted = engine.world.attempt(settler, reporter, &post)?;
        let what = "reports alone what nobody holds".to_owned();
        engine.incident("attack", format!("attestor of {slug}"), what, Some(!posted));
    }
    Ok(())
}
