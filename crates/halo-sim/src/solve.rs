//! Backwards: the smallest limits, inits and ceilings with which a target is met, and the proof by running them.

use alloy_primitives::U256;
use halo_sentinel::{
    lcts::settler::DAY,
    math::{WAD, mul_div},
    prime::allocate::USDC_TO_USDS,
};
use halo_spec::{ActKind, GovernanceAct, LimitValue, LimitsStart, Period, Rate, Simulation};
use serde::{Serialize, Serializer};

use crate::{
    Result,
    engine::{Options, simulate},
    formation::scaled,
    run::Run,
};

/// What the Configurator's timelock waits.
const TIMELOCK: u64 = 14 * DAY;
/// From the day on which GovOps sets a deposit limit to the first: a raised limit has no more room than before and fills
/// by its slope, which is its maximum a day.
const FILLS: u64 = DAY;
/// Days of the proof before the scenario's first: the timelock's, and that on which limits fill.
const LEAD: u32 = ((TIMELOCK + FILLS) / DAY) as u32;
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
    /// What is settled with a thousandth less of one family alone, and the rest as granted.
    pub families: Vec<FamilyProof>,
    /// The target is met with the grants and missed with less, of all and of each family.
    pub is_proved: bool,
    /// Why not, if it cannot be met at all.
    pub impossible: Option<String>,
}

/// That a family of grants cannot be smaller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FamilyProof {
    /// `deposit limit`, `mint limit`, `swap limit`, `debt ceiling`, `cap`, `epoch cap` or `capacity`.
    pub what: &'static str,
    /// What is settled with a thousandth less of it; nothing where the family has nothing that was granted.
    #[serde(serialize_with = "shown")]
    pub with_less: U256,
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
    /// By when it must be proposed, UTC seconds: scheduled in the timelock, plotted in the pause, asked of the admin.
    pub propose_by: u64,
    /// By when it must be carried out, UTC seconds: executed and set by GovOps, cast, done.
    pub carry_out_by: u64,
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
        families: Vec::new(),
        is_proved: false,
        impossible: Some(why),
    };
    if wanted < target {
        return Ok(nothing(format!(
            "the Primes want {} in all; no limit makes them want more",
            crate::words::dollars(wanted)
        )));
    }
    if base.scenario.first_day() < u64::from(LEAD) * DAY {
        return Ok(nothing(format!(
            "an init must be proposed {LEAD} days before the first, and no chain has a time so early"
        )));
    }
    let parts = parts(&base, &before, target);
    // The smallest multiple of the parts, in thousandths, that is enough.
    let settled = |sizes: &Sizes| -> Result<U256> {
        Ok(run(&grant(&base, &parts, sizes, day))?.totals.settled)
    };
    let (mut low, mut high) = (9_990_u32, 10_000_u32);
    let mut with = settled(&[high; FAMILIES.len()])?;
    while with < target && high < MOST {
        low = high;
        high = (high + (high - 9_000)).min(MOST);
        with = settled(&[high; FAMILIES.len()])?;
    }
    if with < target {
        return Ok(nothing(format!(
            "with three times the limits {} is settled: cover, hours or the Units' own terms hold the rest back",
            crate::words::dollars(with)
        )));
    }
    while high - low > 10 {
        let middle = low + (high - low) / 2;
        if settled(&[middle; FAMILIES.len()])? >= target {
            high = middle;
        } else {
            low = middle;
        }
    }
    // Then each family alone, with what was found for those before it: some need less than the others.
    let mut sizes = [high; FAMILIES.len()];
    let mut families = Vec::new();
    for (family, what) in FAMILIES.into_iter().enumerate() {
        let of = |bps: u32| -> Sizes {
            std::array::from_fn(|n| if n == family { bps } else { sizes[n] })
        };
        // Where nothing of it is enough, the family has nothing that counts.
        if settled(&of(0))? >= target {
            sizes[family] = 0;
            continue;
        }
        let mut high = sizes[family];
        loop {
            let mut low = 0;
            while high - low > 10 {
                let middle = low + (high - low) / 2;
                if settled(&of(middle))? >= target { high = middle } else { low = middle }
            }
            // Over several days less can be as good again, where slices and departures fall otherwise.
            if high <= 10 || settled(&of(high - 10))? < target {
                break;
            }
            high -= 10;
        }
        sizes[family] = high;
        families.push((family, what));
    }
    let less = |only: Option<usize>| -> Sizes {
        std::array::from_fn(|n| {
            let takes = only.is_none_or(|only| only == n);
            if takes { sizes[n].saturating_sub(10) } else { sizes[n] }
        })
    };
    let granted = grant(&base, &parts, &sizes, day);
    let with = run(&granted)?.totals.settled;
    let with_less = settled(&less(None))?;
    let mut proofs = Vec::with_capacity(families.len());
    for (family, what) in families {
        proofs.push(FamilyProof { what, with_less: settled(&less(Some(family)))? });
    }
    let is_tight = proofs.iter().all(|proof| proof.with_less < target);
    let is_proved = with >= target && with_less < target && is_tight;
    let (grants, families) = (grants(&base, &granted, &parts), proofs);
    let impossible = None;
    Ok(Solution { target, day, without, grants, with, with_less, families, is_proved, impossible })
}

const DEPOSIT: &str = "deposit limit";

/// The families of grants, in the order in which each is made as small as it can be.
const FAMILIES: [&str; 7] =
    ["debt ceiling", "mint limit", "swap limit", DEPOSIT, "cap", "epoch cap", "capacity"];

/// How large each family is, basis points of the parts.
type Sizes = [u32; FAMILIES.len()];

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

/// The simulation with these parts let through, each family times its basis points.
fn grant(base: &Simulation, parts: &[U256], sizes: &Sizes, day: u32) -> Simulation {
    let [ceiling, mint, swap, deposit, cap, epoch, capacity] = *sizes;
    let mut simulation = base.clone();
    lead(&mut simulation);
    let usdc = simulation.classes.iter().any(|entry| entry.class.asset.decimals == 6);
    let exactly = |max: U256| LimitValue { max, ..LimitValue::default() };
    for (one, part) in simulation.scenario.primes.iter_mut().zip(parts) {
        let part = *part;
        // Who brings nothing needs nothing; it stays onboarded, and draws nothing.
        if part.is_zero() {
            (one.ceiling.line, one.ceiling.gap) = (part, part);
            continue;
        }
        // A limit of nothing would be no limit, and a Prime without one is not onboarded: a dollar until the init is through.
        one.deposit = exactly(WAD);
        let max = scaled(part, deposit).max(WAD);
        let limit = LimitValue { max, slope: Rate::new(max, Period::Day) };
        simulation.acts.push(init(&one.prime.slug, limit));
        one.mint = exactly(scaled(part, mint));
        if usdc {
            one.swap = exactly(scaled(part, swap).div_ceil(USDC_TO_USDS));
        }
        let line = scaled(part, ceiling);
        (one.ceiling.line, one.ceiling.gap) = (line, line);
    }
    // What an epoch takes in, and what a Unit holds, is raised where it is too little for its part of all.
    let all: U256 = parts.iter().copied().sum();
    let days = U256::from(day.max(1));
    for entry in &mut simulation.classes {
        for unit in &mut entry.class.units {
            let needs = |bps| entry.class.asset.units(scaled(all, bps)).max(U256::ONE);
            unit.cap = unit.cap.max(needs(cap));
            unit.epoch_subscribe_cap = unit.epoch_subscribe_cap.max(needs(epoch).div_ceil(days));
        }
    }
    let has = simulation.scenario.subscribe_capacity;
    simulation.scenario.subscribe_capacity = has.max(scaled(all, capacity).div_ceil(days));
    simulation
}

/// Begins as much earlier as an init takes; nothing settles until the scenario's own first day. Spells of that day are
/// there from the start: what they set waits for nobody.
fn lead(simulation: &mut Simulation) {
    let first = simulation.scenario.first_day();
    simulation.scenario.start -= u64::from(LEAD) * DAY;
    simulation.scenario.limits_start = LimitsStart::Full;
    simulation.days += LEAD;
    simulation.skip.extend((1..=u64::from(LEAD)).map(|days| first - days * DAY));
    simulation.shocks.iter_mut().for_each(|shock| shock.day += LEAD);
    simulation.acts.iter_mut().for_each(|act| act.day += LEAD);
}

/// An init that goes into the timelock on the first day, and that GovOps uses when it comes out.
fn init(prime: &str, limit: LimitValue) -> GovernanceAct {
    GovernanceAct {
        kind: ActKind::Init,
        day: 0,
        primes: vec![prime.to_owned()],
        limit,
        line: U256::ZERO,
        gap: U256::ZERO,
        caps: None,
        classes: Vec::new(),
        until: U256::ZERO,
    }
}

fn grants(base: &Simulation, granted: &Simulation, parts: &[U256]) -> Vec<Grant> {
    let at = base.scenario.start;
    let mut grants = Vec::new();
    let mut add = |who: &str, what: &str, has: U256, needs: U256, wait: u64, road: &'static str| {
        let carry_out_by = if what == DEPOSIT { at - FILLS } else { at };
        if !needs.is_zero() {
            grants.push(Grant {
                who: who.to_owned(),
                what: what.to_owned(),
                has,
                needs,
                is_missing: has < needs,
                propose_by: carry_out_by - wait,
                carry_out_by,
                road,
            });
        }
    };
    for ((was, is), part) in base.scenario.primes.iter().zip(&granted.scenario.primes).zip(parts) {
        if part.is_zero() {
            continue;
        }
        let slug = &was.prime.slug;
        let init = granted.acts.iter().find(|act| act.primes == [slug.clone()] && act.day == 0);
        let needs = init.map_or(U256::ZERO, |init| init.limit.max);
        add(slug, DEPOSIT, was.deposit.max, needs, TIMELOCK, "init through the timelock");
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
