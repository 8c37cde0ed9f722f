//! What is written down while a run goes on.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::U256;
use halo_sentinel::{
    math::WAD,
    prime::{Act, Binding, allocate::USDC_TO_USDS},
    view::UnitView,
};
use halo_spec::{BookMode, Simulation};
use halo_templates::bindings::{HaloBook, HaloUnit, LctsQueue};

use super::{Options, Until};
use crate::{
    Bound, Result,
    formation::{Formation, Look, bound},
    manager::HaloSide,
    run::{
        BindingRow, Incident, Inflow, LimitUse, LossRow, PrimeDay, PrimeInfo, SettlementRow,
        ShutdownRow, Totals, TraceRow, UnitDay, UnitInfo,
    },
    world::World,
};

/// The notes of a run.
#[derive(Debug, Default)]
pub(crate) struct Record {
    /// Where the run stops.
    pub(crate) until: Option<Until>,
    /// The Units.
    pub(crate) units: Vec<UnitInfo>,
    /// The Primes.
    pub(crate) primes: Vec<PrimeInfo>,
    /// Requests of the first day.
    pub(crate) inflow: Vec<Inflow>,
    /// Limits of the first day.
    pub(crate) limits: Vec<LimitUse>,
    /// Rows of the days that are over.
    pub(crate) prime_days: Vec<PrimeDay>,
    /// Rows of the days that are over.
    pub(crate) unit_days: Vec<UnitDay>,
    /// The log.
    pub(crate) settlements: Vec<SettlementRow>,
    /// Waterfalls.
    pub(crate) losses: Vec<LossRow>,
    /// Everything out of the ordinary.
    pub(crate) incidents: Vec<Incident>,
    /// What was done and why, for the first day, for settlements, and for the Prime that is traced.
    pub(crate) trace: Vec<TraceRow>,
    /// How long rogue relayers could act.
    pub(crate) shutdowns: Vec<ShutdownRow>,
    /// Sums.
    pub(crate) totals: Totals,
    traced: Option<String>,
    bindings: BTreeMap<(Option<usize>, Option<usize>, Bound), BindingRow>,
    limited: BTreeSet<(usize, Option<usize>, Binding)>,
    inside: BTreeSet<(usize, usize)>,
    today: BTreeMap<(usize, usize), PrimeDay>,
    lately: BTreeMap<usize, UnitDay>,
}

impl Record {
    /// Nothing so far.
    pub(crate) fn new(
        world: &World<'_>,
        simulation: &Simulation,
        players: &[Formation<'_>],
        options: &Options,
    ) -> Self {
        let units = world.venues.iter().map(|venue| {
            let class = &world.classes[venue.class];
            UnitInfo {
                slug: venue.slug(&world.classes),
                class: class.slug.clone(),
                address: venue.at.unit.at.unit,
                id: venue.at.id,
                asset: class.asset.symbol.clone(),
                decimals: class.asset.decimals,
                tranche: venue.spec.tranche,
                is_ranked: class.book.mode == BookMode::SeniorJunior,
                cap: venue.money(venue.spec.cap),
            }
        });
        let primes =
            simulation.scenario.primes.iter().zip(players).map(|(terms, player)| PrimeInfo {
                slug: terms.prime.slug.clone(),
                name: terms.prime.name.clone(),
                appetite: terms.appetite,
                asks_bps: player.asks_bps,
            });
        Self {
            until: options.until,
            traced: options.trace.clone(),
            units: units.collect(),
            primes: primes.collect(),
            ..Self::default()
        }
    }

    /// Whether somebody wants to see how everything stands at the end.
    pub(crate) fn shows_all(&self) -> bool {
        self.until.is_some() || self.traced.is_some()
    }

    /// Whether the Prime ever moved anything in the Unit.
    pub(crate) fn is_in(&self, prime: usize, unit: usize) -> bool {
        self.inside.contains(&(prime, unit))
    }

    /// Something of the Prime's is in the Unit whose address this is.
    pub(crate) fn entered(
        &mut self,
        prime: usize,
        world: &World<'_>,
        unit: alloy_primitives::Address,
    ) {
        if let Some(place) = world.place_of(unit) {
            self.inside.insert((prime, place));
        }
    }

    /// The limits that bound, dearest and longest first.
    pub(crate) fn bindings(&mut self) -> Vec<BindingRow> {
        let mut rows: Vec<_> = std::mem::take(&mut self.bindings).into_values().collect();
        rows.sort_by_key(|row| (std::cmp::Reverse(row.days), std::cmp::Reverse(row.price_ppm)));
        rows
    }

    pub(crate) fn note(&mut self, day: u32, at: u64, who: &str, what: impl FnOnce() -> String) {
        let traced = self.traced.as_deref() == Some(who);
        if day == 0 || traced || who.contains('/') {
            // A run of a century is not kept line by line.
            if self.trace.len() < MOST_LINES {
                self.trace.push(TraceRow { day, at, who: who.to_owned(), what: what() });
            }
        }
    }

    /// A Prime looked, decided and sent.
    pub(crate) fn look(
        &mut self,
        world: &World<'_>,
        player: &Formation<'_>,
        look: &Look,
        day: u32,
    ) {
        let prime = player.place;
        let slug = player.terms.prime.slug.clone();
        for (place, holding, allocation) in &look.venues {
            let Some(venue) = world.venues.get(*place) else { continue };
            let unit = venue.at.unit.at.unit;
            let mut queued = U256::ZERO;
            let mut redeeming = U256::ZERO;
            let mut gas = 0;
            for (act, used) in &look.sent {
                match act {
                    Act::RequestDeposit { unit: to, amount } if *to == unit => {
                        queued += venue.money(*amount);
                        gas += used;
                    }
                    Act::RequestRedeem { unit: of, shares } if *of == unit => {
                        let worth = holding.unit.price().and_then(|price| price.assets(*shares));
                        redeeming += venue.money(worth.unwrap_or_default());
                        gas += used;
                    }
                    Act::ClaimDeposit { unit: of } | Act::ClaimRedeem { unit: of }
                        if *of == unit =>
                    {
                        gas += used;
                    }
                    _ => {}
                }
            }
            let first = !self.today.contains_key(&(prime, *place));
            let why = bound(&look.plan, holding);
            let row = self.today.entry((prime, *place)).or_insert_with(|| PrimeDay {
                wanted: venue.money(allocation.wanted),
                bound: why,
                refused: holding
                    .validation
                    .failures
                    .iter()
                    .map(|(_, why)| why.to_string())
                    .collect(),
                ..empty_row(day, prime, *place)
            });
            row.queued += queued;
            row.redeeming += redeeming;
            row.gas += gas;
            // What stopped the latest request is what counts; nothing did if there is all that was wanted.
            if !queued.is_zero() {
                row.bound = why;
            }
            if !row.wanted.is_zero() && row.queued >= row.wanted {
                row.bound = Bound::Appetite;
            }
            self.totals.queued += queued;
            if day == 0 {
                self.totals.day1_queued += queued;
                if first {
                    self.totals.wanted += venue.money(allocation.wanted);
                    self.first_limits(prime, *place, venue, allocation);
                }
                if !queued.is_zero() {
                    self.inflow.push(Inflow { at: look.at, prime, unit: *place, amount: queued });
                }
            }
            if !queued.is_zero() || !redeeming.is_zero() {
                self.inside.insert((prime, *place));
                let name =
                    self.units.get(*place).map_or_else(String::new, |unit| unit.slug.clone());
                self.note(day, look.at, &slug, || {
                    let (queued, redeeming) = (queued / WAD, redeeming / WAD);
                    format!(
                        "queues {queued} and redeems {redeeming} dollars in {name}; bound by {}",
                        why.label()
                    )
                });
            }
        }
        self.bind(player, look, day);
    }

    fn first_limits(
        &mut self,
        prime: usize,
        unit: usize,
        venue: &crate::world::Venue,
        allocation: &halo_sentinel::prime::Allocation,
    ) {
        for allowed in &allocation.allowed {
            let whose = match allowed.by {
                Binding::MintLimit
                | Binding::MintCeiling
                | Binding::SwapLimit
                | Binding::PsmLiquidity => None,
                _ => Some(unit),
            };
            if !self.limited.insert((prime, whose, allowed.by)) {
                continue;
            }
            let money =
                |amount: U256| if amount == U256::MAX { amount } else { venue.money(amount) };
            self.limits.push(LimitUse {
                prime,
                unit: whose,
                limit: allowed.by.into(),
                at_start: money(allowed.now),
                available: money(allowed.over_span),
                used: U256::ZERO,
            });
        }
    }

    fn bind(&mut self, player: &Formation<'_>, look: &Look, day: u32) {
        for shadow in &look.plan.binding {
            let unit = shadow.of.and_then(|id| self.units.iter().position(|unit| unit.id == id));
            let by = match shadow.by {
                Binding::GroupCap => Bound::Appetite,
                by => by.into(),
            };
            self.binds(Some(player.place), unit, by, day, shadow.price);
        }
    }

    fn binds(
        &mut self,
        prime: Option<usize>,
        unit: Option<usize>,
        by: Bound,
        day: u32,
        price_ppm: u64,
    ) {
        let row = self.bindings.entry((prime, unit, by)).or_insert(BindingRow {
            prime,
            unit,
            by,
            days: 0,
            first_day: day,
            last_day: u32::MAX,
            price_ppm,
        });
        if row.last_day != day {
            row.days += 1;
            row.last_day = day;
        }
        row.price_ppm = row.price_ppm.max(price_ppm);
    }

    /// The queues of a Unit were locked.
    pub(crate) fn locked(&mut self, world: &World<'_>, place: usize, unit: &UnitView) {
        let Some(venue) = world.venues.get(place) else { return };
        let row = self.lately.entry(place).or_insert_with(|| empty_unit_day(place));
        row.locked_at = Some(unit.last_lock_at);
        row.queued = venue.money(unit.subscribe.total);
    }

    /// Worth of each Unit of a Class, dollars, by its place.
    pub(crate) fn values(
        &self,
        world: &World<'_>,
        class: usize,
    ) -> Result<(U256, Vec<(usize, U256)>)> {
        let mut values = Vec::new();
        let mut nav = U256::ZERO;
        for (place, venue) in world.venues.iter().enumerate().filter(|(_, v)| v.class == class) {
            nav = venue.money(world.read(venue.at.class.at.book, &HaloBook::navCall {})?);
            let unit = world.unit(place)?;
            values.push((place, venue.money(unit.price()?.assets(unit.total_supply)?)));
        }
        Ok((nav, values))
    }

    /// A report came in: what a fall did to each tranche.
    pub(crate) fn reported(
        &mut self,
        world: &World<'_>,
        class: usize,
        before: (U256, Vec<(usize, U256)>),
        day: u32,
    ) -> Result<()> {
        let (nav, after) = self.values(world, class)?;
        if nav >= before.0 {
            return Ok(());
        }
        let class_loss = before.0 - nav;
        for ((unit, before), (_, after)) in before.1.into_iter().zip(after) {
            self.losses.push(LossRow { day, unit, class_loss, before, after });
        }
        Ok(())
    }

    /// A Unit settled.
    pub(crate) fn settled(
        &mut self,
        world: &World<'_>,
        players: &[Formation<'_>],
        row: SettlementRow,
    ) {
        let Some(venue) = world.venues.get(row.unit) else { return };
        let (place, day) = (row.unit, row.day);
        let converted = row.outcome.netted + row.outcome.subscribe_extra;
        let paid = row.outcome.netted + row.outcome.redeem_extra;
        let why = row.bound();
        let lately = self.lately.entry(place).or_insert_with(|| empty_unit_day(place));
        lately.settled_at = Some(row.at);
        lately.settled += venue.money(converted);
        lately.redeemed += venue.money(paid);
        lately.bound = why;
        self.totals.settled += venue.money(converted);
        self.totals.redeemed += venue.money(paid);
        if day == 0 {
            self.totals.day1_inflow += venue.money(converted);
        }
        let share_price =
            halo_sentinel::lcts::epoch::Price::new(row.input.index, row.input.asset_decimals);
        for part in &row.parts {
            let mine = self
                .today
                .entry((part.prime, place))
                .or_insert_with(|| empty_row(day, part.prime, place));
            mine.settled += venue.money(part.asked.saturating_sub(part.left));
            let redeemed = part.redeeming.saturating_sub(part.redeeming_left);
            let worth = share_price.and_then(|price| price.assets(redeemed)).unwrap_or_default();
            mine.redeemed += venue.money(worth);
        }
        if why != Bound::Queue {
            self.binds(None, Some(place), why, day, 0);
        }
        let name = self.units.get(place).map_or_else(String::new, |unit| unit.slug.clone());
        let count = players.len();
        self.note(day, row.at, &name, || {
            format!(
                "settles {} of {} dollars and pays {} to redeemers, {} of {count} Primes in its queues; bound by {}",
                venue.money(converted) / WAD,
                venue.money(row.input.subscribe_total) / WAD,
                venue.money(paid) / WAD,
                row.parts.len(),
                why.label(),
            )
        });
        self.settlements.push(row);
    }

    /// A Prime claimed.
    pub(crate) fn claimed(&mut self, prime: usize, unit: usize, gas: u64) {
        if let Some(row) = self.today.get_mut(&(prime, unit)) {
            row.gas += gas;
        }
    }

    /// Closes the day's rows.
    pub(crate) fn end_day(
        &mut self,
        world: &World<'_>,
        players: &[Formation<'_>],
        sides: &[HaloSide<'_>],
        day: u32,
    ) -> Result<()> {
        let mut waiting = U256::ZERO;
        let mut value = U256::ZERO;
        let mut navs = BTreeMap::new();
        for (place, venue) in world.venues.iter().enumerate() {
            let unit = world.unit(place)?;
            let class = &venue.at.class.at;
            let mut row = self.lately.remove(&place).unwrap_or_else(|| empty_unit_day(place));
            let price = unit.price()?;
            row.day = day;
            row.left = venue.money(unit.subscribe.total);
            row.redeeming = venue.money(price.assets(unit.redeem.total)?);
            row.exchange_rate = venue.money(price.exchange_rate()?);
            row.value = venue.money(price.assets(unit.total_supply)?);
            let at_hand = world.read(class.book, &HaloBook::measuredLiquidityCall {})?;
            row.nav = venue.money(world.read(class.book, &HaloBook::navCall {})?);
            row.liquid = venue.money(at_hand);
            row.deployed =
                sides.get(venue.class).map_or(U256::ZERO, |side| side.value * USDC_TO_USDS);
            row.state = format!("{:?}", unit.state);
            waiting += row.left;
            value += row.value;
            navs.insert(venue.class, row.nav);
            self.unit_days.push(row);
        }
        self.cover(world, &navs);
        self.totals.max_unfilled = self.totals.max_unfilled.max(waiting);
        self.totals.value = value;
        for ((prime, place), mut row) in std::mem::take(&mut self.today) {
            let (Some(player), Some(venue)) = (players.get(prime), world.venues.get(place)) else {
                continue;
            };
            if row.wanted.is_zero() && !self.is_in(prime, place) && day > 0 {
                continue;
            }
            let (unit, account) = (&venue.at.unit.at, player.terms.prime.alm_proxy);
            row.shares = world.read(unit.unit, &HaloUnit::balanceOfCall { account })?;
            row.left = venue.money(
                world.read(unit.subscribeQueue, &LctsQueue::remainingOfCall { user: account })?,
            );
            row.value = venue.money(
                world.read(unit.unit, &HaloUnit::convertToAssetsCall { shares: row.shares })?,
            );
            self.prime_days.push(row);
        }
        if day == 0 {
            self.use_limits();
        }
        Ok(())
    }

    /// What of the first day's limits was used.
    fn use_limits(&mut self) {
        let mut used: BTreeMap<(usize, Option<usize>), U256> = BTreeMap::new();
        for asked in &self.inflow {
            *used.entry((asked.prime, Some(asked.unit))).or_default() += asked.amount;
            *used.entry((asked.prime, None)).or_default() += asked.amount;
        }
        for row in &mut self.limits {
            row.used = used.get(&(row.prime, row.unit)).copied().unwrap_or_default();
        }
    }

    /// Fills in what of each Class's value ranks below its Units.
    fn cover(&mut self, world: &World<'_>, navs: &BTreeMap<usize, U256>) {
        let count = world.venues.len();
        let from = self.unit_days.len() - count;
        let values: Vec<_> = self.unit_days[from..].iter().map(|row| row.value).collect();
        for (place, venue) in world.venues.iter().enumerate() {
            let nav = navs.get(&venue.class).copied().unwrap_or_default();
            let is_ranked = self.units.get(place).is_some_and(|unit| unit.is_ranked);
            if !is_ranked || venue.spec.tranche == 0 || nav.is_zero() {
                continue;
            }
            let beside_or_above = world.venues.iter().zip(&values).filter(|(other, _)| {
                other.class == venue.class && other.spec.tranche >= venue.spec.tranche
            });
            let above: U256 = beside_or_above.map(|(_, value)| *value).sum();
            let bps = nav.saturating_sub(above).saturating_mul(U256::from(10_000)) / nav;
            self.unit_days[from + place].cover_bps = u16::try_from(bps).ok();
        }
    }
}

/// The most lines of a trace.
const MOST_LINES: usize = 20_000;

fn empty_row(day: u32, prime: usize, unit: usize) -> PrimeDay {
    PrimeDay {
        day,
        prime,
        unit,
        wanted: U256::ZERO,
        queued: U256::ZERO,
        settled: U256::ZERO,
        left: U256::ZERO,
        redeeming: U256::ZERO,
        redeemed: U256::ZERO,
        shares: U256::ZERO,
        value: U256::ZERO,
        bound: Bound::Appetite,
        refused: Vec::new(),
        gas: 0,
    }
}

fn empty_unit_day(unit: usize) -> UnitDay {
    UnitDay {
        day: 0,
        unit,
        locked_at: None,
        settled_at: None,
        queued: U256::ZERO,
        settled: U256::ZERO,
        left: U256::ZERO,
        redeeming: U256::ZERO,
        redeemed: U256::ZERO,
        exchange_rate: U256::ZERO,
        value: U256::ZERO,
        cover_bps: None,
        nav: U256::ZERO,
        liquid: U256::ZERO,
        deployed: U256::ZERO,
        bound: Bound::NotSettled,
        state: String::new(),
    }
}
