//! The first day of a Class: every Prime rebalances into its Units, the beacon locks and settles.

use alloy_primitives::{Address, U256};
use halo_chain::{Chain, Embedded};
use halo_sentinel::{
    lcts::settler::{DAY, Published, Rules},
    math::{BPS, OutOfRange, mul_div},
    prime::allocate::Appetite,
};
use halo_spec::{BookMode, ClassSpec, Network, Scenario, ScenarioPrime, Seniority, UnitSpec};
use halo_templates::bindings::HaloBook;

use crate::{
    Result, attest,
    beacon::{LphaLcts, Settled},
    formation::{Formation, Move},
    observe::{Observer, UnitAt, balance},
    report::{Conservation, Day1Report, LimitRow, PrimeRow, Totals, UnitRow},
};

/// Seconds before the lock at which the Primes look again, to use what their limits have refilled.
const LAST_LOOK: u64 = 900;

/// Seconds after the lock at which the attestors report.
const REPORT_AFTER: u64 = 3_600;

/// What Day 1 is about.
#[derive(Debug, Clone, Copy)]
pub struct Day1<'a> {
    /// The Class.
    pub class: &'a ClassSpec,
    /// Tokens, PSM and Primes.
    pub network: &'a Network,
    /// The Primes' limits and appetites, and the clock.
    pub scenario: &'a Scenario,
    /// The UnitRegistry of the deployment.
    pub registry: Address,
}

/// A Unit during the day.
struct Venue<'a> {
    spec: &'a UnitSpec,
    at: UnitAt,
    locked_at: Option<u64>,
    queued: U256,
    settled: Option<Settled>,
}

/// A Prime during the day, with what it did about each Unit.
struct Player<'a> {
    terms: &'a ScenarioPrime,
    formation: Formation<'a>,
    moves: Vec<Vec<Move>>,
}

/// Lets Day 1 happen on a chain where the Class is deployed, active and within the Primes' limits.
///
/// # Errors
/// If the chain refuses what its own views allow, or a settlement differs from the reference model.
pub async fn run(chain: &mut Embedded, day: &Day1<'_>) -> Result<Day1Report> {
    let observer = Observer { network: day.network, registry: day.registry };
    let scenario = day.scenario;
    chain.warp_to(scenario.start)?;
    let lock_at = scenario.start - scenario.start % DAY + u64::from(scenario.lock);

    let mut venues = Vec::with_capacity(day.class.units.len());
    for spec in &day.class.units {
        let at = observer.locate(chain, spec.id).await?;
        venues.push(Venue { spec, at, locked_at: None, queued: U256::ZERO, settled: None });
    }
    // Where both could settle, equity goes first: what it brings covers the others.
    venues.sort_by_key(|venue| venue.spec.tranche);
    let class_proxy = venues.first().map_or(Address::ZERO, |venue| venue.at.class.at.almProxy);
    let asset = day.class.asset.address;
    let held_before = balance(chain, asset, class_proxy).await?;

    let mut players = Vec::with_capacity(scenario.primes.len());
    for terms in &scenario.primes {
        let formation = Formation::new(&terms.prime)?;
        players.push(Player { terms, formation, moves: vec![Vec::new(); venues.len()] });
    }

    for look in [scenario.start, lock_at.saturating_sub(LAST_LOOK)] {
        chain.warp_to(look.max(chain.timestamp()))?;
        for player in &mut players {
            rebalance(chain, &observer, player, &venues, lock_at).await?;
        }
    }
    settle(chain, &observer, day, &mut venues, lock_at).await?;
    let mut primes = Vec::with_capacity(players.len() * venues.len());
    for player in &players {
        for (place, venue) in venues.iter().enumerate() {
            let moves = player.moves.get(place).map(Vec::as_slice).unwrap_or_default();
            primes.push(row(chain, &observer, player, venue, moves).await?);
        }
    }
    let mut units = Vec::with_capacity(venues.len());
    let mut in_queues = U256::ZERO;
    for venue in &venues {
        in_queues += balance(chain, asset, venue.at.unit.at.subscribeQueue).await?;
        units.push(unit_row(chain, &observer, venue).await?);
    }
    if let Some(venue) = venues.first().filter(|_| day.class.book.mode == BookMode::SeniorJunior) {
        let nav = chain.read(venue.at.class.at.book, &HaloBook::navCall {}).await?;
        cover(&mut units, nav)?;
    }
    // Queued and settled as the Units have them: the Primes' parts are rounded down one by one.
    let sum = |amounts: &mut dyn Iterator<Item = U256>| amounts.sum::<U256>();
    let totals = Totals {
        wanted: sum(&mut primes.iter().map(|row| row.wanted)),
        queued: sum(&mut primes.iter().map(|row| row.queued)),
        settled: sum(&mut units.iter().map(|row| row.settled)),
        left: sum(&mut units.iter().map(|row| row.left)),
    };
    let in_class = balance(chain, asset, class_proxy).await?.saturating_sub(held_before);
    let conservation = Conservation {
        queued: totals.queued,
        in_class,
        in_queues,
        holds: in_class + in_queues == totals.queued,
    };
    Ok(Day1Report {
        scenario: scenario.name.clone(),
        asset: day.class.asset.symbol.clone(),
        decimals: day.class.asset.decimals,
        started_at: scenario.start,
        units,
        primes,
        totals,
        conservation,
    })
}

/// The Prime looks at every Unit that it knows of, and takes its share.
async fn rebalance(
    chain: &mut Embedded,
    observer: &Observer<'_>,
    player: &mut Player<'_>,
    venues: &[Venue<'_>],
    until: u64,
) -> Result<()> {
    let targets = player.formation.detect(chain, observer).await?;
    for (venue, moves) in venues.iter().zip(&mut player.moves) {
        if !targets.iter().any(|target| target.id == venue.spec.id) {
            continue;
        }
        let appetite = appetite(player.terms, venue.spec, venues.len())?;
        let step = player.formation.allocate(chain, observer, &venue.at, &appetite, until).await?;
        moves.push(step);
    }
    Ok(())
}

/// The Prime's appetite for one Unit: all of it for an only Unit, and the junior's share or the rest where a Class
/// has several. Several Units of the same rank share evenly.
fn appetite(
    terms: &ScenarioPrime,
    unit: &UnitSpec,
    units: usize,
) -> std::result::Result<Appetite, OutOfRange> {
    if units <= 1 {
        return Ok(Appetite { target: terms.appetite });
    }
    let junior = mul_div(terms.appetite, U256::from(terms.junior_share_bps), BPS)?;
    let target = match unit.seniority {
        Seniority::Junior => junior,
        _ => (terms.appetite - junior) / U256::from(units - 1),
    };
    Ok(Appetite { target })
}

/// From the lock to the hour by which settlement is due: lpha-lcts does what it may, and the attestors report if a Unit
/// waits for it.
///
/// All Units lock before one settles. An empty book needs no report, and the first assets price what was locked before
/// they came: on the first day a whole Class settles at once, and otherwise after a report dated after the locks.
async fn settle(
    chain: &mut Embedded,
    observer: &Observer<'_>,
    day: &Day1<'_>,
    venues: &mut [Venue<'_>],
    lock_at: u64,
) -> Result<()> {
    let scenario = day.scenario;
    let beacon = LphaLcts {
        settler: day.class.settler,
        id: day.class.beacon.id,
        rules: Rules { lock_at: scenario.lock, settle_by: scenario.settle, ..Rules::default() },
    };
    let published = Published {
        subscribe_capacity: Some(scenario.subscribe_capacity),
        redeem_capacity: Some(scenario.redeem_capacity),
    };
    attest::stand_in(chain, &day.class.attestors)?;
    let due = lock_at + u64::from(scenario.settle.saturating_sub(scenario.lock));
    for (now, reports) in [(lock_at, false), (lock_at + REPORT_AFTER.min(due - lock_at), true)] {
        chain.warp_to(now.max(chain.timestamp()))?;
        let awaited = venues.iter().find(|venue| reports && venue.settled.is_none());
        if let Some(venue) = awaited {
            attest::report(chain, day.class, &venue.at).await?;
        }
        loop {
            let units: Vec<_> = venues.iter().map(|venue| &venue.at).collect();
            let done = beacon.act_on_class(chain, observer, &units, &published).await?;
            let idle = done.iter().all(|(verdict, _)| verdict.actions.is_empty());
            for (venue, (_, settled)) in venues.iter_mut().zip(done) {
                let unit = observer.unit(chain, &venue.at).await?;
                if unit.is_locked && venue.locked_at.is_none() {
                    venue.locked_at = Some(unit.last_lock_at);
                    venue.queued = unit.subscribe.total;
                }
                venue.settled = venue.settled.take().or(settled);
            }
            if idle {
                break;
            }
        }
    }
    Ok(())
}

/// Claims, and sums up what the Prime did about the Unit.
async fn row(
    chain: &mut Embedded,
    observer: &Observer<'_>,
    player: &Player<'_>,
    venue: &Venue<'_>,
    moves: &[Move],
) -> Result<PrimeRow> {
    let queued: U256 = moves.iter().map(|step| step.allocation.chosen).sum();
    let (before, claim_gas) = player.formation.claim(chain, observer, &venue.at).await?;
    let after = observer.stake(chain, &player.terms.prime, &venue.at).await?;
    let first = moves.first();
    let allowed = first.map_or_else(Vec::new, |step| {
        let limits = step.allocation.allowed.iter();
        limits
            .map(|limit| LimitRow {
                limit: limit.by.name(),
                at_start: limit.now,
                until_lock: limit.over_span,
            })
            .collect()
    });
    let gas: u64 = moves.iter().flat_map(|step| step.gas.iter().map(|(_, gas)| gas)).sum();
    Ok(PrimeRow {
        prime: player.terms.prime.slug.clone(),
        unit: venue.spec.slug.clone(),
        refused: first.map_or_else(
            || vec!["the registry never announced the Unit as active".to_owned()],
            |step| step.validation.failures.iter().map(|(_, why)| why.to_string()).collect(),
        ),
        wanted: first.map_or(U256::ZERO, |step| step.allocation.wanted),
        allowed,
        queued,
        settled: queued.saturating_sub(after.pending),
        left: after.pending,
        shares: after.shares.saturating_sub(before.shares),
        bound: moves.last().map_or("NotDetected", |step| step.allocation.bound.name()),
        gas: gas + claim_gas.unwrap_or_default(),
    })
}

async fn unit_row(chain: &Embedded, observer: &Observer<'_>, venue: &Venue<'_>) -> Result<UnitRow> {
    let unit = observer.unit(chain, &venue.at).await?;
    let settled = venue.settled.as_ref();
    let converted = match settled {
        Some(settled) => settled.outcome.subscribe_converted()?,
        None => U256::ZERO,
    };
    Ok(UnitRow {
        unit: venue.spec.slug.clone(),
        address: venue.at.unit.at.unit,
        id: venue.spec.id,
        tranche: venue.spec.tranche,
        locked_at: venue.locked_at,
        settled_at: settled.map(|s| s.at),
        queued: venue.queued,
        settled: converted,
        left: unit.subscribe.total,
        shares: settled.map_or(U256::ZERO, |s| s.outcome.shares_minted),
        value: unit.price()?.assets(unit.total_supply)?,
        cover_bps: None,
        bound: settled.map_or("NotSettled", |s| settlement_bound(s, converted)),
        settle_gas: settled.map_or(0, |s| s.gas),
    })
}

/// Fills in what of `nav` ranks below each Unit.
fn cover(units: &mut [UnitRow], nav: U256) -> std::result::Result<(), OutOfRange> {
    let values: Vec<_> = units.iter().map(|unit| (unit.tranche, unit.value)).collect();
    for unit in units.iter_mut().filter(|unit| unit.tranche > 0 && !nav.is_zero()) {
        let beside_or_above = values.iter().filter(|(tranche, _)| *tranche >= unit.tranche);
        let above: U256 = beside_or_above.map(|(_, value)| *value).sum();
        let bps = mul_div(nav.saturating_sub(above), BPS, nav)?;
        unit.cover_bps = Some(bps.try_into().map_err(|_| OutOfRange)?);
    }
    Ok(())
}

/// What kept a settlement from converting more.
fn settlement_bound(settled: &Settled, converted: U256) -> &'static str {
    let input = &settled.input;
    let extra = settled.outcome.subscribe_extra;
    if converted >= input.subscribe_total {
        "Queue"
    } else if extra >= input.subscribe_capacity {
        "Capacity"
    } else if extra >= input.epoch_subscribe_cap {
        "EpochCap"
    } else if extra >= input.subscribe_headroom {
        "Cover"
    } else {
        "UnitCap"
    }
}
