//! The first day of a Class on a chain where it stands: one day of the engine, told in the Class's asset.

use alloy_primitives::{Address, U256};
use halo_chain::{Chain, Embedded};
use halo_spec::{ClassSpec, Network, Scenario, Simulation};
use halo_templates::bindings::Usds;

use crate::{
    Bound, Error, Result,
    engine::run_on,
    observe::{Observer, balance},
    report::{Conservation, Day1Report, LimitRow, PrimeRow, Totals, UnitRow},
    run::Run,
};

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

/// Lets Day 1 happen on a chain where the Class is deployed, active and within the Primes' limits.
///
/// # Errors
/// If the chain refuses what its own views allow, or a settlement differs from the reference model.
pub async fn run(chain: &mut Embedded, day: &Day1<'_>) -> Result<Day1Report> {
    let asset = &day.class.asset;
    let observer = Observer { network: day.network, registry: day.registry };
    let mut held_before = U256::ZERO;
    for spec in day.class.units.iter().take(1) {
        let at = observer.locate(chain, spec.id).await?;
        held_before = held(chain, day, &at).await?;
    }
    let simulation = Simulation::of_scenario(
        day.scenario.in_dollars(asset),
        day.network.clone(),
        vec![day.class.clone()],
    );
    let run = run_on(chain, &simulation, day.registry)?;
    tell(chain, day, &run, held_before).await
}

/// What the Class has: in its proxy, and wherever its relayer sent it today.
async fn held(chain: &Embedded, day: &Day1<'_>, at: &crate::UnitAt) -> Result<U256> {
    let sky = &day.network.sky;
    let asset = &day.class.asset;
    let in_proxy = balance(chain, asset.address, at.class.at.almProxy).await?;
    if asset.address == sky.usdc && day.class.endpoints.is_empty() {
        return Ok(in_proxy);
    }
    let scale = U256::from(10).pow(U256::from(asset.decimals.saturating_sub(6)));
    let mut sent = U256::ZERO;
    for endpoint in &day.class.endpoints {
        sent += chain.read(sky.usdc, &Usds::balanceOfCall(endpoint.address)).await?;
    }
    if asset.address != sky.usdc {
        sent += balance(chain, sky.usdc, at.class.at.almProxy).await?;
    }
    Ok(in_proxy + sent * scale)
}

async fn tell(
    chain: &Embedded,
    day: &Day1<'_>,
    run: &Run,
    held_before: U256,
) -> Result<Day1Report> {
    let asset = &day.class.asset;
    let cut = |money: U256| asset.units(money);
    let observer = Observer { network: day.network, registry: day.registry };
    let (mut units, mut in_queues, mut in_class) = (Vec::new(), U256::ZERO, U256::ZERO);
    for (place, info) in run.units.iter().enumerate() {
        let row = run.unit_days.iter().find(|row| row.unit == place).ok_or(Error::NoClass)?;
        let settlement = run.settlements.iter().find(|row| row.unit == place);
        let at = observer.locate(chain, info.id).await?;
        in_queues += balance(chain, asset.address, at.unit.at.subscribeQueue).await?;
        in_class = held(chain, day, &at).await?.saturating_sub(held_before);
        units.push(UnitRow {
            unit: slug(&info.slug),
            address: info.address,
            id: info.id,
            tranche: info.tranche,
            locked_at: row.locked_at,
            settled_at: row.settled_at,
            queued: cut(row.queued),
            settled: cut(row.settled),
            left: cut(row.left),
            shares: settlement.map_or(U256::ZERO, |row| row.outcome.shares_minted),
            value: cut(row.value),
            cover_bps: row.cover_bps,
            bound: row.bound,
            settle_gas: settlement.map_or(0, |row| row.gas),
        });
    }
    let mut primes = Vec::new();
    for (prime, who) in run.primes.iter().enumerate() {
        for (unit, info) in run.units.iter().enumerate() {
            let row = run.prime_days.iter().find(|row| (row.prime, row.unit) == (prime, unit));
            let limits = run
                .limits
                .iter()
                .filter(|row| row.prime == prime && row.unit.is_none_or(|of| of == unit));
            let allowed = limits.map(|row| LimitRow {
                limit: row.limit,
                at_start: cut(row.at_start),
                until_lock: cut(row.available),
            });
            let money =
                |of: fn(&crate::run::PrimeDay) -> U256| row.map_or(U256::ZERO, |row| cut(of(row)));
            primes.push(PrimeRow {
                prime: who.slug.clone(),
                unit: slug(&info.slug),
                refused: row.map_or_else(
                    || vec!["the registry never announced the Unit as active".to_owned()],
                    |row| row.refused.clone(),
                ),
                wanted: money(|row| row.wanted),
                allowed: if row.is_some() { allowed.collect() } else { Vec::new() },
                queued: money(|row| row.queued),
                settled: money(|row| row.settled),
                left: money(|row| row.left),
                shares: row.map_or(U256::ZERO, |row| row.shares),
                bound: row.map_or(Bound::NotDetected, |row| row.bound),
                gas: row.map_or(0, |row| row.gas),
            });
        }
    }
    // Queued and settled as the Units have them: the Primes' parts are rounded down one by one.
    let totals = Totals {
        wanted: primes.iter().map(|row| row.wanted).sum(),
        queued: primes.iter().map(|row| row.queued).sum(),
        settled: units.iter().map(|row| row.settled).sum(),
        left: units.iter().map(|row| row.left).sum(),
    };
    let conservation = Conservation {
        queued: totals.queued,
        in_class,
        in_queues,
        holds: run.conservation.holds
            && run.invariants.broken.is_empty()
            && in_class + in_queues == totals.queued,
    };
    Ok(Day1Report {
        scenario: run.scenario.clone(),
        asset: asset.symbol.clone(),
        decimals: asset.decimals,
        started_at: run.started_at,
        units,
        primes,
        totals,
        conservation,
    })
}

/// The Unit's own slug.
fn slug(of_class: &str) -> String {
    of_class.rsplit('/').next().unwrap_or(of_class).to_owned()
}
