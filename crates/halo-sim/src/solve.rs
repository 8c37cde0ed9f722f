//! Backwards: the smallest limits, inits and ceilings with which a target is met, and the proof by running them.

use alloy_primitives::U256;
use halo_sentinel::{lcts::settler::DAY, math::mul_div, prime::allocate::USDC_TO_USDS};
use halo_spec::{LimitValue, Simulation};
use serde::{Serialize, Serializer};

use crate::{
    Result,
    engine::{Options, simulate},
    formation::scaled,
    run::Run,
};

/// What the Configurator's timelock waits.
const TIMELOCK: u64 = 14 * DAY;
/// What Sky's pause waits before a spell.
const SPELL: u64 = 2 * DAY;
/// A target may need more than itself, where cover or rounding takes a part: at most so much more, basis points.
const MOST: u32 = 30_000;

/// What is needed and that it is enough.
#[derive(Debug, Clone, Serialize)]
pub struct Solution {
    /// The target, dollars of 18 decimals.
    #[serde(serialize_with = "shown")]
    pub target: U256,
    /// To be settled by the end of this day, counted from 1.
    pub day: u32,
    /// What is settled without any of this.
    #[serde(serialize_with = "shown")]
    pub without: U256,
    /// What governance must grant.
    pub grants: Vec<Grant>,
    /// What is settled with exactly these grants.
    #[serde(serialize_with = "shown")]
    pub with: U256,
    /// What is settled with a thousandth less of each.
    #[serde(serialize_with = "shown")]
    pub with_less: U256,
    /// The target is met with the grants and missed with less.
    pub is_proved: bool,
    /// Why not, if it cannot be met at all.
    pub impossible: Option<String>,
}

/// One thing that governance must grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Grant {
    /// The Prime or the Unit that it is for.
    pub who: String,
    /// What: `deposit limit`, `mint limit`, `swap limit`, `debt ceiling`, `epoch cap`, `cap` or `capacity`.
    pub what: String,
    /// What the scenario has, dollars of 18 decimals.
    #[serde(serialize_with = "shown")]
    pub has: U256,
    /// The least that is needed, dollars of 18 decimals.
    #[serde(serialize_with = "shown")]
    pub needs: U256,
    /// Whether the scenario has too little of it.
    pub is_missing: bool,
    /// By when it must be proposed, UTC seconds.
    pub propose_by: u64,
    /// The road: `init through the timelock`, `spell of the Prime`, `spell of Sky`, `admin of the Class`.
    pub road: &'static str,
}

fn shown<S: Serializer>(value: &U256, out: S) -> std::result::Result<S::Ok, S::Error> {
    out.serialize_str(&value.to_string())
}

/// Finds the smallest grants with which `target` dollars are settled by the end of day `day`, counted from 1.
///
/// # Errors
/// If a run cannot be made.
pub fn solve(simulation: &Simulation, target: U256, day: u32) -> Result<Solution> {
    let mut base = simulation.clone();
    base.days = day.max(1);
    base.expectations.clear();
    let run = |simulation: &Simulation| simulate(simulation, &Options::default(), |_| {});
    let before = run(&base)?;
    let without = before.totals.settled;
    let wanted: U256 = base.scenario.primes.iter().map(|one| one.appetite).sum();
    let nothing = |why: String| Solution {
        target,
        day,
        without,
        grants: Vec::new(),
        with: without,
        with_less: without,
        is_proved: false,
        impossible: Some(why),
    };
    if wanted < target {
        return Ok(nothing(format!(
            "the Primes want {} in all; no limit makes them want more",
            crate::words::dollars(wanted)
        )));
    }
    let parts = parts(&base, &before, target);
    // The smallest multiple of the parts, in thousandths, that is enough.
    let settled = |bps: u32| -> Result<(U256, Simulation)> {
        let granted = grant(&base, &parts, bps, day);
        Ok((run(&granted)?.totals.settled, granted))
    };
    let (mut low, mut high) = (9_990_u32, 10_000_u32);
    let (mut with, mut granted) = settled(high)?;
    while with < target && high < MOST {
        low = high;
        high = (high + (high - 9_000)).min(MOST);
        (with, granted) = settled(high)?;
    }
    if with < target {
        return Ok(nothing(format!(
            "with three times the limits {} is settled: cover, hours or the Units' own terms hold the rest back",
            crate::words::dollars(with)
        )));
    }
    while high - low > 10 {
        let middle = low + (high - low) / 2;
        let (found, simulation) = settled(middle)?;
        if found >= target {
            (high, with, granted) = (middle, found, simulation);
        } else {
            low = middle;
        }
    }
    let (with_less, _) = settled(high - 10)?;
    let grants = grants(&base, &granted, day);
    let is_proved = with >= target && with_less < target;
    Ok(Solution { target, day, without, grants, with, with_less, is_proved, impossible: None })
}

/// What each Prime brings: what it brings already, and of the rest as much as its appetite leaves, in proportion.
fn parts(simulation: &Simulation, run: &Run, target: U256) -> Vec<U256> {
    let mut has = vec![U256::ZERO; simulation.scenario.primes.len()];
    for row in &run.prime_days {
        if let Some(sum) = has.get_mut(row.prime) {
            *sum += row.settled;
        }
    }
    let sum: U256 = has.iter().copied().sum();
    let primes = simulation.scenario.primes.iter().zip(&has);
    if sum >= target {
        return has.iter().map(|has| up(*has, target, sum)).collect();
    }
    let spare: U256 = primes.clone().map(|(one, has)| one.appetite.saturating_sub(*has)).sum();
    primes
        .map(|(one, has)| *has + up(one.appetite.saturating_sub(*has), target - sum, spare))
        .collect()
}

/// a · b / c, rounded up.
fn up(a: U256, b: U256, c: U256) -> U256 {
    let c = c.max(U256::ONE);
    mul_div(a, b, c).map_or(U256::MAX, |x| x + U256::from(!a.mul_mod(b, c).is_zero()))
}

/// The simulation with exactly these parts let through, times so many basis points.
fn grant(base: &Simulation, parts: &[U256], bps: u32, day: u32) -> Simulation {
    let mut simulation = base.clone();
    let usdc = simulation.classes.iter().any(|entry| entry.class.asset.decimals == 6);
    let exactly = |max: U256| LimitValue { max, ..LimitValue::default() };
    for (one, part) in simulation.scenario.primes.iter_mut().zip(parts) {
        let part = scaled(*part, bps);
        // Who brings nothing needs nothing; it stays onboarded, and draws nothing.
        if part.is_zero() {
            (one.ceiling.line, one.ceiling.gap) = (part, part);
            continue;
        }
        one.deposit = exactly(part);
        one.mint = exactly(part);
        if usdc {
            one.swap = exactly(part.div_ceil(USDC_TO_USDS));
        }
        (one.ceiling.line, one.ceiling.gap) = (part, part);
    }
    // What an epoch takes in, and what a Unit holds, is raised where it is too little for its part of all.
    let all = scaled(parts.iter().copied().sum(), bps);
    let days = U256::from(day.max(1));
    for entry in &mut simulation.classes {
        for unit in &mut entry.class.units {
            let needs = entry.class.asset.units(all).max(U256::ONE);
            unit.cap = unit.cap.max(needs);
            unit.epoch_subscribe_cap = unit.epoch_subscribe_cap.max(needs.div_ceil(days));
        }
    }
    let capacity = simulation.scenario.subscribe_capacity;
    simulation.scenario.subscribe_capacity = capacity.max(all.div_ceil(days));
    simulation
}

fn grants(base: &Simulation, granted: &Simulation, day: u32) -> Vec<Grant> {
    let at = base.scenario.start + DAY * u64::from(day.saturating_sub(1));
    let mut grants = Vec::new();
    let mut add = |who: &str, what: &str, has: U256, needs: U256, wait: u64, road: &'static str| {
        if !needs.is_zero() {
            grants.push(Grant {
                who: who.to_owned(),
                what: what.to_owned(),
                has,
                needs,
                is_missing: has < needs,
                propose_by: at.saturating_sub(wait),
                road,
            });
        }
    };
    for (was, is) in base.scenario.primes.iter().zip(&granted.scenario.primes) {
        let slug = &was.prime.slug;
        if is.ceiling.gap.is_zero() {
            continue;
        }
        add(
            slug,
            "deposit limit",
            was.deposit.max,
            is.deposit.max,
            TIMELOCK,
            "init through the timelock",
        );
        add(slug, "mint limit", was.mint.max, is.mint.max, SPELL, "spell of the Prime");
        if was.swap.max != is.swap.max {
            let dollars = |usdc: U256| usdc.saturating_mul(USDC_TO_USDS);
            let (has, needs) = (dollars(was.swap.max), dollars(is.swap.max));
            add(slug, "swap limit", has, needs, SPELL, "spell of the Prime");
        }
        add(slug, "debt ceiling", was.ceiling.gap, is.ceiling.gap, SPELL, "spell of Sky");
    }
    for (was, is) in base.classes.iter().zip(&granted.classes) {
        let dollars = |amount| was.class.asset.dollars(amount);
        for (unit, raised) in was.class.units.iter().zip(&is.class.units) {
            let who = format!("{}/{}", was.class.slug, unit.slug);
            if raised.cap > unit.cap {
                let (has, needs) = (dollars(unit.cap), dollars(raised.cap));
                add(&who, "cap", has, needs, SPELL, "admin of the Class");
            }
            if raised.epoch_subscribe_cap > unit.epoch_subscribe_cap {
                let (has, needs) =
                    (dollars(unit.epoch_subscribe_cap), dollars(raised.epoch_subscribe_cap));
                add(&who, "epoch cap", has, needs, SPELL, "admin of the Class");
            }
        }
    }
    let (has, needs) = (base.scenario.subscribe_capacity, granted.scenario.subscribe_capacity);
    if needs > has {
        add("manager", "capacity", has, needs, 0, "the manager's word");
    }
    grants
}
