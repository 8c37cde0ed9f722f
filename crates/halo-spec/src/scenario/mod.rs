//! A scenario: a day on which Primes meet a new Class, and a simulation that goes on from there.

mod copies;
mod expect;
pub(crate) mod file;
mod setting;
mod simulation;

pub use expect::{Expectation, Metric, target};
pub use file::{ActKind, AgentKind, ShockKind};
pub use setting::set;
pub use simulation::{
    Agent, GovernanceAct, MAX_AGENTS, MAX_DAYS, MandateTerms, Other, Shock, SimClass, Simulation,
    StreamTerms,
};

use std::{collections::BTreeSet, path::Path};

use alloy_primitives::U256;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toml::Spanned;

use crate::{
    file::{self as files, Format},
    finding::{Checked, Result},
    limit::LimitValue,
    network::{Network, Token},
    prime::Prime,
    quantity::{decimal, time},
    review::{LimitTable, Measure, Review},
    source::Source,
    text::{
        AmountOrUnlimitedText, AmountText, DurationText, InstantText, NameText, PrimeText,
        ShareText, Text, TimeText,
    },
};

const DAY1: &str = include_str!("../../../../deployments/scenarios/day1.toml");

/// The word for the asset of the Unit that is being launched.
const ASSET: &str = "asset";

/// A scenario, resolved for one network and one asset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Scenario {
    /// Its name.
    pub name: String,
    /// When it begins, Unix seconds of UTC.
    pub start: u64,
    /// When the beacon locks, second of the UTC day.
    pub lock: u32,
    /// When it settles, second of the UTC day.
    pub settle: u32,
    /// What the Primes' limits hold when they are granted.
    pub limits_start: LimitsStart,
    /// What all chance is drawn from.
    pub seed: u64,
    /// The most that the asset manager takes in, per Unit and day, asset units; `U256::MAX` means unlimited.
    #[serde(serialize_with = "decimal")]
    pub subscribe_capacity: U256,
    /// The most that it pays out, per Unit and day, asset units; `U256::MAX` means unlimited.
    #[serde(serialize_with = "decimal")]
    pub redeem_capacity: U256,
    /// The Primes.
    pub primes: Vec<ScenarioPrime>,
}

/// What a limit holds when it is granted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LimitsStart {
    /// All of its maximum, as the spells on mainnet grant it.
    #[default]
    Full,
    /// Nothing: it fills by its slope.
    Empty,
}

/// A Prime in a scenario.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ScenarioPrime {
    /// Who it is.
    pub prime: Prime,
    /// How much USDS its allocator vault may owe.
    pub ceiling: MintCeiling,
    /// How much USDS its PAU may draw, USDS base units.
    pub mint: LimitValue,
    /// How much USDS it may change, USDC base units.
    pub swap: LimitValue,
    /// How much it may request to deposit into each Unit, asset units.
    pub deposit: LimitValue,
    /// The most that it wants in all Units of the Class together, asset units.
    #[serde(serialize_with = "decimal")]
    pub appetite: U256,
    /// The part of the appetite for a junior Unit, when there is one, basis points.
    pub junior_share_bps: u16,
}

/// A debt ceiling that follows demand: up to `line`, `gap` above the debt, once per `ttl`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct MintCeiling {
    /// The largest debt, USDS base units.
    #[serde(serialize_with = "decimal")]
    pub line: U256,
    /// The headroom that is opened at once, USDS base units.
    #[serde(serialize_with = "decimal")]
    pub gap: U256,
    /// The least time between two raises, seconds.
    pub ttl: u32,
}

impl Scenario {
    /// The first day of a Unit, as it is compiled in.
    ///
    /// # Errors
    /// The network lacks one of its Primes.
    pub fn day1(network: &Network, asset: &Token) -> Result<Checked<Self>> {
        Self::parse("day1", DAY1, network, asset)
    }

    /// Loads the scenario at `path` for a Class with this asset.
    ///
    /// # Errors
    /// It cannot be read or is wrong.
    pub fn load(path: &Path, network: &Network, asset: &Token) -> Result<Checked<Self>> {
        Self::from_source(Source::read(path)?, network, asset)
    }

    /// Takes `text` for the scenario file called `name`.
    ///
    /// # Errors
    /// It is wrong.
    pub fn parse(
        name: &str,
        text: &str,
        network: &Network,
        asset: &Token,
    ) -> Result<Checked<Self>> {
        Self::from_source(Source::from_bytes(name, text.as_bytes())?, network, asset)
    }

    pub(crate) fn from_source(
        source: Source,
        network: &Network,
        asset: &Token,
    ) -> Result<Checked<Self>> {
        files::load(source, |file: &ScenarioFile, review| resolve(file, network, asset, review))
    }
}

/// A day on which Primes meet a new Class. Amounts in `asset` are in the asset of that Class.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScenarioFile {
    /// The kind and version of this file.
    #[schemars(extend("const" = ScenarioFile::FORMAT))]
    #[allow(dead_code)]
    format: String,
    /// Its name.
    name: NameText,
    /// When it begins.
    start: InstantText,
    /// When the beacon locks.
    lock: TimeText,
    /// When it settles.
    settle: TimeText,
    /// What the Primes' limits hold when they are granted.
    limits_start: LimitsStart,
    /// What all chance is drawn from.
    seed: u32,
    /// What the asset manager can take and give.
    capacity: ScenarioCapacity,
    /// The Primes.
    primes: Vec<ScenarioPrimeTable>,
}

impl Format for ScenarioFile {
    const FORMAT: &'static str = "halo-scenario/1";
}

/// What the asset manager can take and give, per Unit and day.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ScenarioCapacity {
    /// The most that it takes in.
    subscribe: AmountOrUnlimitedText,
    /// The most that it pays out.
    redeem: AmountOrUnlimitedText,
}

/// A Prime in the scenario.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ScenarioPrimeTable {
    /// The Prime, by its slug in the network.
    prime: PrimeText,
    /// How much USDS its allocator vault may owe.
    ceiling: CeilingTable,
    /// How much USDS its PAU may draw.
    #[schemars(with = "LimitTable")]
    mint: Spanned<LimitTable>,
    /// How much USDS it may change, counted in USDC.
    #[schemars(with = "LimitTable")]
    swap: Spanned<LimitTable>,
    /// How much it may request to deposit into each Unit.
    #[schemars(with = "LimitTable")]
    deposit: Spanned<LimitTable>,
    /// The most that it wants in all Units of the Class together.
    appetite: AmountText,
    /// The part of the appetite for a junior Unit, when there is one.
    junior_share: ShareText,
}

/// A debt ceiling that follows demand.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct CeilingTable {
    /// The largest debt.
    line: AmountText,
    /// The headroom that is opened at once.
    gap: AmountText,
    /// The least time between two raises.
    ttl: DurationText,
}

fn resolve(file: &ScenarioFile, network: &Network, asset: &Token, review: &mut Review) -> Scenario {
    let counted = Measure::of(asset).or(ASSET);
    let scenario = Scenario {
        name: review.name(&file.name),
        start: review.take(&file.start, time::parse_instant(file.start.get())),
        lock: review.time(&file.lock),
        settle: review.time(&file.settle),
        limits_start: file.limits_start,
        seed: u64::from(file.seed),
        subscribe_capacity: review.amount_or_unlimited(&file.capacity.subscribe, &counted),
        redeem_capacity: review.amount_or_unlimited(&file.capacity.redeem, &counted),
        primes: file.primes.iter().filter_map(|p| prime(p, network, asset, review)).collect(),
    };
    check(file, &scenario, review);
    scenario
}

fn prime(
    table: &ScenarioPrimeTable,
    network: &Network,
    asset: &Token,
    review: &mut Review,
) -> Option<ScenarioPrime> {
    let prime = network.prime_said(&table.prime, review)?;
    let usds = network.token("USDS").cloned().unwrap_or_default();
    let usdc = network.token("USDC").cloned().unwrap_or_default();
    let (in_usds, in_usdc) = (Measure::of(&usds), Measure::of(&usdc));
    let in_asset = Measure::of(asset).or(ASSET);
    Some(ScenarioPrime {
        prime: prime.clone(),
        ceiling: MintCeiling {
            line: review.amount(&table.ceiling.line, &in_usds),
            gap: review.amount(&table.ceiling.gap, &in_usds),
            ttl: review.duration(&table.ceiling.ttl),
        },
        mint: review.limit(&table.mint, &in_usds),
        swap: review.limit(&table.swap, &in_usdc),
        deposit: review.limit(&table.deposit, &in_asset),
        appetite: review.amount(&table.appetite, &in_asset),
        junior_share_bps: review.share(&table.junior_share),
    })
}

fn check(file: &ScenarioFile, scenario: &Scenario, review: &mut Review) {
    if review.failed() {
        return;
    }
    check_hours(&file.start, &file.settle, scenario, review);
    let mut slugs = BTreeSet::new();
    for (table, entry) in file.primes.iter().zip(&scenario.primes) {
        if !slugs.insert(&entry.prime.slug) {
            let help = "keep one of them";
            review.error(table.prime.span(), "duplicate", "this Prime is here twice", help);
        }
        check_ceiling(table, entry, review);
    }
    if slugs.is_empty() {
        let help = "add at least one [[primes]] table";
        review.error(file.name.span(), "no-primes", "the scenario has no Prime", help);
    }
}

fn check_hours(start: &InstantText, settle: &TimeText, scenario: &Scenario, review: &mut Review) {
    if scenario.settle <= scenario.lock {
        review.error(
            settle.span(),
            "bad-window",
            "the settlement must come after the lock, on the same UTC day",
            "13:00 and 16:00 are usual",
        );
    }
    if scenario.start % 86_400 >= u64::from(scenario.lock) {
        review.error(
            start.span(),
            "bad-window",
            format!("the scenario begins after its lock at {}", time::format_time(scenario.lock)),
            "begin earlier in the day: Primes need time to enter the queue",
        );
    }
}

fn check_ceiling(table: &ScenarioPrimeTable, entry: &ScenarioPrime, review: &mut Review) {
    if entry.ceiling.gap > entry.ceiling.line {
        review.error(
            table.ceiling.gap.span(),
            "out-of-range",
            "the gap is larger than the line, which is the most there can ever be",
            "write at most the line",
        );
    }
}
