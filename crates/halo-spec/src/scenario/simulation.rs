//! A simulation, resolved: Classes, Primes, what goes wrong and what must come of it.

use std::{collections::BTreeSet, path::Path};

use alloy_primitives::U256;
use serde::Serialize;

use super::{
    LimitsStart, Scenario, ScenarioPrime, ScenarioPrimeTable,
    copies::{self, MAX_COPIES},
    expect::Expectation,
    file::{
        ActKind, ActTable, AgentKind, AgentTable, ClassTable, OtherTable, PrimeEntryTable,
        ShockKind, ShockTable, SimulationFile, StreamTable,
    },
};
use crate::{
    class::ClassSpec,
    file,
    finding::{Checked, LoadError, Result},
    limit::LimitValue,
    network::{Network, Token},
    quantity::{decimal, time},
    review::{Measure, Review},
    source::Source,
    text::{AmountText, DurationText, ShareText, SlugText, Text, UnitText},
};

const DAY: u64 = 86_400;
/// The longest run: a hundred years with their leap days.
pub const MAX_DAYS: u32 = 36_525;
/// The most agents of one kind.
pub const MAX_AGENTS: u32 = 10_000_000;

/// A simulation. Money is dollars of 18 decimals, also in `scenario`.
#[derive(Clone, Debug, Serialize)]
pub struct Simulation {
    /// Primes, hours, capacities and seed; see [`Scenario::in_asset`].
    pub scenario: Scenario,
    /// The network with the copies of Primes.
    #[serde(skip)]
    pub network: Network,
    /// How many of the network's Primes are no copies: they come first.
    #[serde(skip)]
    pub originals: usize,
    /// How many days it lasts.
    pub days: u32,
    /// Beginnings of the UTC days on which nothing settles.
    pub skip: BTreeSet<u64>,
    /// Invariants are checked after each how many-th settlement; 0 for never.
    pub check_every: u32,
    /// The Classes.
    pub classes: Vec<SimClass>,
    /// What the Primes can hold besides.
    pub others: Vec<Other>,
    /// How the Primes decide, in the order of `scenario.primes`.
    pub mandates: Vec<MandateTerms>,
    /// What happens to everybody.
    pub shocks: Vec<Shock>,
    /// Who does not play by the rules.
    pub agents: Vec<Agent>,
    /// What governance does.
    pub acts: Vec<GovernanceAct>,
    /// What must come of it.
    pub expectations: Vec<Expectation>,
}

/// A Class and who manages its assets.
#[derive(Clone, Debug, Serialize)]
pub struct SimClass {
    /// The Class.
    #[serde(serialize_with = "slug_of")]
    pub class: ClassSpec,
    /// What its assets really earn, basis points a year.
    pub yield_bps: i32,
    /// From payment to position, seconds.
    pub subscribe_delay: u32,
    /// From being asked to payment, seconds.
    pub redeem_delay: u32,
    /// What is kept at hand, basis points of the Class's value.
    pub liquid_bps: u16,
    /// Risk capital for a dollar, basis points.
    pub capital_ratio_bps: u16,
    /// Risk capital for a dollar in a junior Unit, basis points.
    pub junior_capital_ratio_bps: u16,
}

fn slug_of<S: serde::Serializer>(class: &ClassSpec, out: S) -> Result<S::Ok, S::Error> {
    out.serialize_str(&class.slug)
}

/// Something else that Primes can hold.
#[derive(Clone, Debug, Serialize)]
pub struct Other {
    /// Its slug.
    pub slug: String,
    /// What it earns, basis points a year.
    pub yield_bps: i32,
    /// Risk capital for a dollar, basis points.
    pub capital_ratio_bps: u16,
    /// The limit on each Prime's transfers to it, USDS.
    pub limit: LimitValue,
    /// The most that a Prime may hold.
    #[serde(serialize_with = "decimal")]
    pub cap: U256,
    /// From being asked to payment, seconds.
    pub redeem_delay: u32,
}

/// How a Prime decides.
#[derive(Clone, Debug, Serialize)]
pub struct MandateTerms {
    /// What drawn USDS costs, basis points a year.
    pub funding_bps: u16,
    /// What risk capital must earn, basis points a year.
    pub capital_bps: u16,
    /// Risk capital that may be used; `U256::MAX` for no bound.
    #[serde(serialize_with = "decimal")]
    pub risk_capital: U256,
    /// Charge on concentration, basis points a year.
    pub concentration_bps: u16,
    /// What it must still be able to pay.
    #[serde(serialize_with = "decimal")]
    pub reserve: U256,
    /// What concentration is measured against.
    #[serde(serialize_with = "decimal")]
    pub portfolio: U256,
    /// The largest slice; `U256::MAX` for any.
    #[serde(serialize_with = "decimal")]
    pub max_slice: U256,
    /// Seconds between two slices.
    pub min_gap: u32,
    /// Wardens.
    pub wardens: u8,
    /// Seconds between two looks of a warden.
    pub looks_every: u32,
    /// What it holds of the others at the start, by their place.
    #[serde(skip)]
    pub holds: Vec<(usize, U256)>,
    /// Its stream, if it has one.
    pub stream: Option<StreamTerms>,
}

/// A stream and the bounds of what it may propose.
#[derive(Clone, Debug, Serialize)]
pub struct StreamTerms {
    /// Units by `class/unit` and what it believes that they earn, basis points a year.
    pub believes: Vec<(String, i32)>,
    /// Its part of what it earns beyond the public strategy, basis points.
    pub fee_bps: u16,
    /// The largest position in a Unit; `U256::MAX` for no bound.
    #[serde(serialize_with = "decimal")]
    pub max_position: U256,
    /// The most that may move within the window; `U256::MAX` for no bound.
    #[serde(serialize_with = "decimal")]
    pub max_moved: U256,
    /// The window, seconds.
    pub window: u32,
    /// The largest part of the portfolio in one group, basis points; 10,000 for no bound.
    pub max_share_bps: u16,
    /// Seconds after which an intent counts for nothing.
    pub max_silence: u32,
    /// Units that it must not enter, by `class/unit`.
    pub no_entry: Vec<String>,
    /// Units that it must not leave, by `class/unit`.
    pub no_exit: Vec<String>,
}

impl Default for MandateTerms {
    fn default() -> Self {
        Self {
            funding_bps: 0,
            capital_bps: 0,
            risk_capital: U256::MAX,
            concentration_bps: 0,
            reserve: U256::ZERO,
            portfolio: U256::ZERO,
            max_slice: U256::MAX,
            min_gap: 900,
            wardens: 1,
            looks_every: 600,
            holds: Vec::new(),
            stream: None,
        }
    }
}

/// Something that happens to everybody.
#[derive(Clone, Debug, Serialize)]
pub struct Shock {
    /// What.
    pub kind: ShockKind,
    /// The first day.
    pub day: u32,
    /// How many days.
    pub days: u32,
    /// Slugs of the Classes; all where empty.
    pub classes: Vec<String>,
    /// Slugs of the Primes; all where empty.
    pub primes: Vec<String>,
    /// The part that is lost, basis points.
    pub part_bps: u16,
    /// What the assets earn meanwhile.
    pub yield_bps: i32,
}

impl Shock {
    /// Whether it is on at `day`.
    pub fn is_on(&self, day: u32) -> bool {
        day >= self.day && day - self.day < self.days
    }

    /// Whether it falls upon that Class.
    pub fn hits(&self, class: &str) -> bool {
        self.classes.is_empty() || self.classes.iter().any(|slug| slug == class)
    }
}

/// Somebody who does not play by the rules.
#[derive(Clone, Debug, Serialize)]
pub struct Agent {
    /// What it does.
    pub kind: AgentKind,
    /// How many of them.
    pub count: u32,
    /// How likely each acts on a day, basis points.
    pub probability_bps: u16,
    /// Its Prime.
    pub prime: Option<String>,
    /// How many times its appetite it asks for, percent.
    pub times: u32,
    /// How much it gives away.
    #[serde(serialize_with = "decimal")]
    pub amount: U256,
}

/// Something that governance does.
#[derive(Clone, Debug, Serialize)]
pub struct GovernanceAct {
    /// What.
    pub kind: ActKind,
    /// When.
    pub day: u32,
    /// Slugs of the Primes; all where empty.
    pub primes: Vec<String>,
    /// The limit; USDC for `swap-limit`.
    pub limit: LimitValue,
    /// The line.
    #[serde(serialize_with = "decimal")]
    pub line: U256,
    /// The gap.
    #[serde(serialize_with = "decimal")]
    pub gap: U256,
    /// The caps: size, and what an epoch takes in.
    #[serde(skip)]
    pub caps: Option<(U256, U256)>,
    /// Slugs of the Classes; all where empty.
    pub classes: Vec<String>,
    /// Where growth ends.
    #[serde(serialize_with = "decimal")]
    pub until: U256,
}

impl Simulation {
    /// One day of Classes under `scenario` (amounts in dollars), with nothing else.
    pub fn of_scenario(scenario: Scenario, network: Network, classes: Vec<ClassSpec>) -> Self {
        let mandates = scenario.primes.iter().map(|_| MandateTerms::default()).collect();
        Self {
            scenario,
            originals: network.primes.len(),
            network,
            days: 1,
            skip: BTreeSet::new(),
            check_every: 1,
            classes: classes.into_iter().map(SimClass::of).collect(),
            others: Vec::new(),
            mandates,
            shocks: Vec::new(),
            agents: Vec::new(),
            acts: Vec::new(),
            expectations: Vec::new(),
        }
    }

    /// Loads the scenario at `path`, of either format. `classes` are those that it is about if it names none.
    ///
    /// # Errors
    /// It, or a spec that it names, cannot be read or is wrong.
    pub fn load(path: &Path, network: &Network, classes: &[ClassSpec]) -> Result<Checked<Self>> {
        let source = Source::read(path)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        Self::from_source(source, network, folder, classes)
    }

    /// Takes `text` for the scenario file called `name`, which stands in `folder`.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn parse(
        name: &str,
        text: &str,
        network: &Network,
        folder: &Path,
        classes: &[ClassSpec],
    ) -> Result<Checked<Self>> {
        Self::from_source(Source::from_bytes(name, text.as_bytes())?, network, folder, classes)
    }

    pub(crate) fn from_source(
        source: Source,
        network: &Network,
        folder: &Path,
        classes: &[ClassSpec],
    ) -> Result<Checked<Self>> {
        if file::format_of(&source)? == "halo-scenario/1" {
            let dollar = dollar();
            let day = Scenario::from_source(source, network, &dollar)?;
            return Ok(day.map(|day| Self::of_scenario(day, network.clone(), classes.to_vec())));
        }
        // Specs are files of their own, with findings of their own.
        let mut fault = None;
        let loaded = file::load(source, |file: &SimulationFile, review| {
            let mut specs = Vec::with_capacity(file.classes.len());
            for table in &file.classes {
                let at = folder.join(table.spec.get());
                match ClassSpec::load(&at, network) {
                    Ok(spec) => specs.push(spec.value),
                    Err(error) => {
                        let help = "the path is relative to this file";
                        let said = format!("the spec cannot be used: {error}");
                        review.error(table.spec.span(), "bad-spec", said, help);
                        fault = fault.take().or(Some(error));
                    }
                }
            }
            resolve(file, network, &specs, classes, review)
        });
        match (loaded, fault) {
            // What is wrong inside a spec is said at its place there.
            (Err(_), Some(error @ LoadError::Input(_))) => Err(error),
            (loaded, _) => loaded,
        }
    }
}

impl Simulation {
    /// The network without the copies of Primes: what the Classes are deployed on.
    pub fn original_network(&self) -> Network {
        let mut network = self.network.clone();
        network.primes.truncate(self.originals);
        network
    }

    /// The Prime that this one is a copy of; itself if it is none.
    pub fn original_of(&self, slug: &str) -> String {
        let originals = self.network.primes.iter().take(self.originals);
        let of = slug.rsplit_once('-').map(|(of, _)| of);
        let found =
            originals.map(|prime| &prime.slug).find(|own| *own == slug || Some(own.as_str()) == of);
        found.cloned().unwrap_or_else(|| slug.to_owned())
    }
}

impl SimClass {
    /// With a manager who takes a day to invest and two to pay, and assets that earn what the spec expects.
    pub fn of(class: ClassSpec) -> Self {
        let (mut earned, mut size) = (U256::ZERO, U256::ZERO);
        for unit in &class.units {
            let cap = unit.cap.min(U256::from(u128::MAX));
            earned += cap * U256::from(unit.expected_yield_bps);
            size += cap;
        }
        let yield_bps = if size.is_zero() { 0 } else { i32::try_from(earned / size).unwrap_or(0) };
        Self {
            class,
            yield_bps,
            subscribe_delay: 86_400,
            redeem_delay: 2 * 86_400,
            liquid_bps: 500,
            capital_ratio_bps: 0,
            junior_capital_ratio_bps: 0,
        }
    }
}

/// What counts as a dollar: `asset`, in 18 decimals.
fn dollar() -> Token {
    Token { symbol: "USDS".to_owned(), decimals: 18, ..Token::default() }
}

fn resolve(
    file: &SimulationFile,
    network: &Network,
    specs: &[ClassSpec],
    given: &[ClassSpec],
    review: &mut Review,
) -> Simulation {
    let dollar = dollar();
    let money = Measure::new(vec!["USDS", "asset", "USDC"], 18);
    let others: Vec<Other> = file.others.iter().map(|table| other(table, &money, review)).collect();
    let originals = network.primes.len();
    let (mut network, mut primes, mut mandates) = (network.clone(), Vec::new(), Vec::new());
    for table in &file.primes {
        let terms: ScenarioPrimeTable = table.terms();
        let Some(prime) = super::prime(&terms, &network, &dollar, review) else { continue };
        super::check_ceiling(&terms, &prime, review);
        let mandate = mandate(table, &others, &money, review);
        let copies = copies(table.copies, table.prime.span(), review);
        for number in 1..=copies {
            let copy = copies::prime(&prime.prime, number);
            if number > 1 {
                network.primes.push(copy.clone());
            }
            primes.push(ScenarioPrime { prime: copy, ..prime.clone() });
            mandates.push(mandate.clone());
        }
    }
    let mut classes = Vec::new();
    for (table, spec) in file.classes.iter().zip(specs) {
        let class = class(table, spec, review);
        for number in 1..=copies(table.copies, table.spec.span(), review) {
            let copy = copies::class(&class.class, number);
            classes.push(SimClass { class: copy, ..class.clone() });
        }
    }
    if file.classes.is_empty() {
        let given = given.iter().map(|spec| copies::class(spec, 1));
        classes.extend(given.map(SimClass::of));
    }
    let scenario = Scenario {
        name: review.name(&file.name),
        start: review.take(&file.start, time::parse_instant(file.start.get())),
        lock: review.time(&file.lock),
        settle: review.time(&file.settle),
        limits_start: file.limits_start,
        seed: u64::from(file.seed),
        subscribe_capacity: review.amount_or_unlimited(&file.capacity.subscribe, &money),
        redeem_capacity: review.amount_or_unlimited(&file.capacity.redeem, &money),
        primes,
    };
    if !review.failed() {
        super::check_hours(&file.start, &file.settle, &scenario, review);
        unique(&scenario.primes, &classes, file, review);
        known_units(file, &classes, review);
    }
    if *file.days.get_ref() == 0 || *file.days.get_ref() > MAX_DAYS {
        let said = format!("a run lasts 1 to {MAX_DAYS} days");
        review.error(file.days.span(), "out-of-range", said, "thirty days are usual: days = 30");
    }
    let skip = file.skip.iter().map(|day| {
        let instant = format!("{}T00:00:00Z", day.get());
        review.take(day, time::parse_instant(&instant))
    });
    let skip = skip.collect();
    let names = Names { primes: &scenario.primes, classes: &classes };
    let shocks = file.shocks.iter().map(|table| shock(table, &names, review)).collect();
    let agents = file.agents.iter().map(|table| agent(table, &names, &money, review)).collect();
    let acts = file.governance.iter().map(|table| act(table, &names, &money, review)).collect();
    let expectations: Vec<_> =
        file.expect.iter().filter_map(|text| expectation(text, review)).collect();
    Simulation {
        scenario,
        network,
        originals,
        days: *file.days.get_ref(),
        skip,
        check_every: file.check_every,
        classes,
        others,
        mandates,
        shocks,
        agents,
        acts,
        expectations,
    }
}

fn expectation(text: &crate::text::ExpectText, review: &mut Review) -> Option<Expectation> {
    match Expectation::parse(text.get()) {
        Ok(expectation) => Some(expectation),
        Err(error) => {
            review.error(text.span(), error.code, error.message, error.help);
            None
        }
    }
}

fn copies(copies: u32, span: std::ops::Range<usize>, review: &mut Review) -> u32 {
    if (1..=MAX_COPIES).contains(&copies) {
        return copies;
    }
    let said = format!("there are 1 to {MAX_COPIES} copies of one, not {copies}");
    review.error(span, "out-of-range", said, "give another number for `copies`");
    0
}

fn class(table: &ClassTable, spec: &ClassSpec, review: &mut Review) -> SimClass {
    let usual = SimClass::of(spec.clone());
    let capital_ratio_bps = share_or(table.capital_ratio.as_ref(), 0, review);
    SimClass {
        yield_bps: table.yield_bps.unwrap_or(usual.yield_bps),
        subscribe_delay: duration_or(table.subscribe_delay.as_ref(), usual.subscribe_delay, review),
        redeem_delay: duration_or(table.redeem_delay.as_ref(), usual.redeem_delay, review),
        liquid_bps: share_or(table.liquid.as_ref(), usual.liquid_bps, review),
        capital_ratio_bps,
        junior_capital_ratio_bps: share_or(
            table.junior_capital_ratio.as_ref(),
            capital_ratio_bps,
            review,
        ),
        class: usual.class,
    }
}

fn other(table: &OtherTable, money: &Measure<'_>, review: &mut Review) -> Other {
    Other {
        slug: review.slug(&table.slug),
        yield_bps: table.yield_bps,
        capital_ratio_bps: share_or(table.capital_ratio.as_ref(), 0, review),
        limit: review.limit(&table.limit, money),
        cap: review.amount(&table.cap, money),
        redeem_delay: duration_or(table.redeem_delay.as_ref(), 0, review),
    }
}

fn mandate(
    table: &PrimeEntryTable,
    others: &[Other],
    money: &Measure<'_>,
    review: &mut Review,
) -> MandateTerms {
    let (said, usual) = (&table.mandate, MandateTerms::default());
    let mut holds = Vec::new();
    for held in &table.holds {
        let amount = review.amount(&held.amount, money);
        match others.iter().position(|other| other.slug == held.target.get()) {
            Some(place) => holds.push((place, amount)),
            None => unknown(&held.target, "other target", review),
        }
    }
    MandateTerms {
        funding_bps: share_or(said.funding.as_ref(), usual.funding_bps, review),
        capital_bps: share_or(said.capital.as_ref(), usual.capital_bps, review),
        risk_capital: amount_or(said.risk_capital.as_ref(), usual.risk_capital, money, review),
        concentration_bps: share_or(said.concentration.as_ref(), usual.concentration_bps, review),
        reserve: amount_or(said.reserve.as_ref(), usual.reserve, money, review),
        portfolio: amount_or(said.portfolio.as_ref(), usual.portfolio, money, review),
        max_slice: amount_or(said.max_slice.as_ref(), usual.max_slice, money, review),
        min_gap: duration_or(said.min_gap.as_ref(), usual.min_gap, review),
        wardens: said.wardens.unwrap_or(usual.wardens),
        looks_every: duration_or(said.looks_every.as_ref(), usual.looks_every, review),
        holds,
        stream: table.stream.as_ref().map(|table| stream(table.get_ref(), money, review)),
    }
}

fn stream(table: &StreamTable, money: &Measure<'_>, review: &mut Review) -> StreamTerms {
    let texts = |texts: &[UnitText]| texts.iter().map(|text| text.get().to_owned()).collect();
    let believes = table.believes.iter();
    StreamTerms {
        believes: believes.map(|one| (one.unit.get().to_owned(), one.yield_bps)).collect(),
        fee_bps: review.share(&table.fee),
        max_position: amount_or(table.max_position.as_ref(), U256::MAX, money, review),
        max_moved: amount_or(table.max_moved.as_ref(), U256::MAX, money, review),
        window: duration_or(table.window.as_ref(), 86_400, review),
        max_share_bps: share_or(table.max_share.as_ref(), 10_000, review),
        max_silence: duration_or(table.max_silence.as_ref(), 3_600, review),
        no_entry: texts(&table.no_entry),
        no_exit: texts(&table.no_exit),
    }
}

/// A stream speaks of Units of the scenario alone.
fn known_units(file: &SimulationFile, classes: &[SimClass], review: &mut Review) {
    let known: BTreeSet<String> = classes
        .iter()
        .flat_map(|one| {
            let units = one.class.units.iter();
            units.map(|unit| format!("{}/{}", one.class.slug, unit.slug))
        })
        .collect();
    for stream in file.primes.iter().filter_map(|table| table.stream.as_ref()) {
        let stream = stream.get_ref();
        let said = stream.believes.iter().map(|one| &one.unit);
        for text in said.chain(&stream.no_entry).chain(&stream.no_exit) {
            if !known.contains(text.get()) {
                let clipped = crate::source::clip(text.get());
                let said = format!("there is no Unit `{clipped}` in this scenario");
                let names = known.iter().cloned().collect::<Vec<_>>().join(", ");
                review.error(text.span(), "unknown-name", said, format!("there are {names}"));
            }
        }
    }
}

fn share_or(text: Option<&ShareText>, usual: u16, review: &mut Review) -> u16 {
    text.map_or(usual, |text| review.share(text))
}

fn duration_or(text: Option<&DurationText>, usual: u32, review: &mut Review) -> u32 {
    text.map_or(usual, |text| review.duration(text))
}

fn amount_or(
    text: Option<&AmountText>,
    usual: U256,
    money: &Measure<'_>,
    review: &mut Review,
) -> U256 {
    text.map_or(usual, |text| review.amount(text, money))
}

/// What a shock, an agent or an act may be about.
struct Names<'a> {
    primes: &'a [ScenarioPrime],
    classes: &'a [SimClass],
}

impl Names<'_> {
    fn prime(&self, text: &SlugText, review: &mut Review) -> String {
        if !self.primes.iter().any(|one| one.prime.slug == text.get()) {
            unknown(text, "Prime", review);
        }
        text.get().to_owned()
    }

    fn class(&self, text: &SlugText, review: &mut Review) -> String {
        if !self.classes.iter().any(|one| one.class.slug == text.get()) {
            unknown(text, "Class", review);
        }
        text.get().to_owned()
    }
}

fn unknown(text: &SlugText, what: &str, review: &mut Review) {
    let said = format!("there is no {what} `{}` in this scenario", crate::source::clip(text.get()));
    review.error(text.span(), "unknown-name", said, "name one that is, or add it");
}

fn shock(table: &ShockTable, names: &Names<'_>, review: &mut Review) -> Shock {
    let kind = *table.kind.get_ref();
    if kind == ShockKind::Loss && table.part.is_none() {
        let said = "a loss needs the part of the positions that is lost";
        review.error(table.kind.span(), "missing-key", said, "add part = \"15 %\"");
    }
    if kind == ShockKind::Yield && table.yield_bps.is_none() {
        let said = "another yield needs its number";
        review.error(table.kind.span(), "missing-key", said, "add yield_bps = -200");
    }
    Shock {
        kind,
        day: *table.day.get_ref(),
        days: table.days.max(1),
        classes: table.class.iter().map(|slug| names.class(slug, review)).collect(),
        primes: table.primes.iter().map(|slug| names.prime(slug, review)).collect(),
        part_bps: share_or(table.part.as_ref(), 0, review),
        yield_bps: table.yield_bps.unwrap_or(0),
    }
}

fn agent(table: &AgentTable, names: &Names<'_>, money: &Measure<'_>, review: &mut Review) -> Agent {
    let (kind, count) = (*table.kind.get_ref(), *table.count.get_ref());
    let is_prime = matches!(kind, AgentKind::OverAsker | AgentKind::RogueRelayer);
    if is_prime && table.prime.is_none() {
        let said = "this agent is somebody's relayer or formation, and nobody is named";
        review.error(table.kind.span(), "missing-key", said, "add prime = \"spark\"");
    }
    if count > MAX_AGENTS {
        let said = format!("there are at most {MAX_AGENTS} agents of one kind");
        review.error(table.count.span(), "out-of-range", said, "give a smaller `count`");
    }
    Agent {
        kind,
        count,
        probability_bps: share_or(table.probability.as_ref(), 10_000, review),
        prime: table.prime.as_ref().map(|slug| names.prime(slug, review)),
        times: table.times.unwrap_or(1_000).max(100),
        amount: amount_or(table.amount.as_ref(), U256::from(10).pow(U256::from(18)), money, review),
    }
}

fn act(
    table: &ActTable,
    names: &Names<'_>,
    money: &Measure<'_>,
    review: &mut Review,
) -> GovernanceAct {
    let kind = *table.kind.get_ref();
    let missing = match kind {
        ActKind::DepositLimit | ActKind::MintLimit | ActKind::SwapLimit | ActKind::Init
            if table.limit.is_none() =>
        {
            Some("limit = { max = \"200_000_000 USDS\", slope = \"50_000_000 USDS / day\" }")
        }
        ActKind::Ceiling if table.line.is_none() || table.gap.is_none() => {
            Some("line = \"1_000_000_000 USDS\" and gap = \"100_000_000 USDS\"")
        }
        ActKind::UnitCaps if table.cap.is_none() || table.epoch_subscribe.is_none() => {
            Some("cap = \"600_000_000 USDS\" and epoch_subscribe = \"300_000_000 USDS\"")
        }
        ActKind::Grow if table.until.is_none() => Some("until = \"500_000_000 USDS\""),
        _ => None,
    };
    if let Some(missing) = missing {
        let said = "this act does not say what it sets";
        review.error(table.kind.span(), "missing-key", said, format!("add {missing}"));
    }
    let usdc = Measure::new(vec!["USDC"], 6);
    let counted = if kind == ActKind::SwapLimit { &usdc } else { money };
    let caps = table.cap.as_ref().zip(table.epoch_subscribe.as_ref());
    GovernanceAct {
        kind,
        day: *table.day.get_ref(),
        primes: table.prime.iter().map(|slug| names.prime(slug, review)).collect(),
        limit: table.limit.as_ref().map_or_else(LimitValue::default, |l| review.limit(l, counted)),
        line: amount_or(table.line.as_ref(), U256::ZERO, money, review),
        gap: amount_or(table.gap.as_ref(), U256::ZERO, money, review),
        caps: caps.map(|(cap, epoch)| (review.amount(cap, money), review.amount(epoch, money))),
        classes: table.class.iter().map(|slug| names.class(slug, review)).collect(),
        until: amount_or(table.until.as_ref(), U256::ZERO, money, review),
    }
}

fn unique(
    primes: &[ScenarioPrime],
    classes: &[SimClass],
    file: &SimulationFile,
    review: &mut Review,
) {
    let mut seen = BTreeSet::new();
    for one in primes {
        if !seen.insert(&one.prime.slug) {
            let said = format!("the Prime {} is here twice", one.prime.slug);
            review.error(file.name.span(), "duplicate", said, "keep one of them, or use `copies`");
        }
    }
    let mut seen = BTreeSet::new();
    for one in classes {
        if !seen.insert(&one.class.slug) {
            let said = format!("the Class {} is here twice", one.class.slug);
            review.error(file.name.span(), "duplicate", said, "keep one of them, or use `copies`");
        }
    }
}

impl Scenario {
    /// The same with amounts in the units of `asset` where this has dollars of 18 decimals, rounded down.
    #[must_use]
    pub fn in_asset(&self, asset: &Token) -> Self {
        self.counted(|dollars| asset.units(dollars))
    }

    /// The same with dollars of 18 decimals where this has units of `asset`.
    #[must_use]
    pub fn in_dollars(&self, asset: &Token) -> Self {
        self.counted(|units| asset.dollars(units))
    }

    /// The same with each amount that is in the asset of a Class counted otherwise.
    fn counted(&self, count: impl Fn(U256) -> U256) -> Self {
        let mut scenario = self.clone();
        let Self { subscribe_capacity, redeem_capacity, primes, .. } = &mut scenario;
        for amount in [subscribe_capacity, redeem_capacity] {
            *amount = count(*amount);
        }
        for prime in primes {
            prime.appetite = count(prime.appetite);
            prime.deposit = prime.deposit.counted(&count);
        }
        scenario
    }

    /// The beginning of the UTC day on which it starts.
    pub fn first_day(&self) -> u64 {
        self.start - self.start % DAY
    }

    /// Whether the Primes' limits begin full.
    pub fn starts_full(&self) -> bool {
        self.limits_start == LimitsStart::Full
    }
}
