//! A simulation as it is written: `halo-scenario/2`. Amounts in `asset` are dollars: a Unit's own asset is one.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::{CeilingTable, LimitsStart, ScenarioCapacity, ScenarioPrimeTable};
use crate::{
    file::Format,
    review::LimitTable,
    text::{
        AmountText, DateText, DurationText, ExpectText, FileText, InstantText, NameText, PrimeText,
        ShareText, SlugText, TimeText, UnitText,
    },
};

/// Days on which Primes, Classes and their managers meet, with what goes wrong. Amounts in `asset` are dollars.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SimulationFile {
    /// The kind and version of this file.
    #[schemars(extend("const" = SimulationFile::FORMAT))]
    #[allow(dead_code)]
    format: String,
    /// Its name.
    pub(super) name: NameText,
    /// When it begins.
    pub(super) start: InstantText,
    /// How many days it lasts.
    #[schemars(with = "u32")]
    pub(super) days: Spanned<u32>,
    /// When the beacon locks.
    pub(super) lock: TimeText,
    /// When it settles.
    pub(super) settle: TimeText,
    /// Days on which nobody settles, reports or pays, beyond the weekends that the Classes keep.
    #[serde(default)]
    pub(super) skip: Vec<DateText>,
    /// What the Primes' limits hold when they are granted.
    pub(super) limits_start: LimitsStart,
    /// What all chance is drawn from.
    pub(super) seed: u32,
    /// Invariants are checked after each how many-th settlement: 1 for every one, 0 for none.
    #[serde(default = "one")]
    pub(super) check_every: u32,
    /// What the asset managers can take and give.
    pub(super) capacity: ScenarioCapacity,
    /// The Classes; where it has none, the one that it is run with.
    #[serde(default)]
    pub(super) classes: Vec<ClassTable>,
    /// What the Primes can hold besides Units.
    #[serde(default)]
    pub(super) others: Vec<OtherTable>,
    /// The Primes.
    #[serde(default)]
    pub(super) primes: Vec<PrimeEntryTable>,
    /// What happens to everybody.
    #[serde(default)]
    pub(super) shocks: Vec<ShockTable>,
    /// Who does not play by the rules.
    #[serde(default)]
    pub(super) agents: Vec<AgentTable>,
    /// What governance does.
    #[serde(default)]
    pub(super) governance: Vec<ActTable>,
    /// What must come of it, such as `day1_inflow >= "300_000_000 USDS"`.
    #[serde(default)]
    pub(super) expect: Vec<ExpectText>,
}

impl Format for SimulationFile {
    const FORMAT: &'static str = "halo-scenario/2";
}

fn one() -> u32 {
    1
}

fn one_said_nowhere() -> Spanned<u32> {
    Spanned::new(0..0, 1)
}

/// A Class and who manages its assets.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ClassTable {
    /// Its spec, relative to this file.
    pub(super) spec: FileText,
    /// How many Classes of this kind: the second has `-2` behind its slug, and so on.
    #[serde(default = "one")]
    pub(super) copies: u32,
    /// What its assets really earn, basis points a year; may be negative. By default what the spec expects.
    pub(super) yield_bps: Option<i32>,
    /// From the payment to the manager until it is a position.
    pub(super) subscribe_delay: Option<DurationText>,
    /// From the manager's being asked until it pays.
    pub(super) redeem_delay: Option<DurationText>,
    /// The part of the Class's value that is kept at hand.
    pub(super) liquid: Option<ShareText>,
    /// Risk capital that a dollar in it needs.
    pub(super) capital_ratio: Option<ShareText>,
    /// The same for its junior Units.
    pub(super) junior_capital_ratio: Option<ShareText>,
}

/// Something else that Primes can hold: a name, what it earns, what it needs.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OtherTable {
    /// Its slug.
    pub(super) slug: SlugText,
    /// What it earns, basis points a year; may be negative.
    pub(super) yield_bps: i32,
    /// Risk capital that a dollar in it needs.
    pub(super) capital_ratio: Option<ShareText>,
    /// How much of it a Prime may take: a limit on transfers to it.
    #[schemars(with = "LimitTable")]
    pub(super) limit: Spanned<LimitTable>,
    /// The most that a Prime may hold of it.
    pub(super) cap: AmountText,
    /// From being asked until it pays back.
    pub(super) redeem_delay: Option<DurationText>,
}

/// A Prime, its limits and its mandate.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PrimeEntryTable {
    /// The Prime, by its slug in the network.
    pub(super) prime: PrimeText,
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
    /// The most that it wants in all Units together.
    appetite: AmountText,
    /// The part of the appetite for junior Units.
    junior_share: ShareText,
    /// How many Primes of this kind: the second has `-2` behind its slug, and so on.
    #[serde(default = "one")]
    pub(super) copies: u32,
    /// How it decides.
    #[serde(default)]
    pub(super) mandate: MandateTable,
    /// What it holds of the other targets at the start.
    #[serde(default)]
    pub(super) holds: Vec<HoldsTable>,
    /// A stream that proposes positions, and the accord that bounds it; without it the public strategy alone decides.
    #[schemars(with = "Option<StreamTable>")]
    pub(super) stream: Option<Spanned<StreamTable>>,
}

impl PrimeEntryTable {
    /// What the first format says of a Prime.
    pub(super) fn terms(&self) -> ScenarioPrimeTable {
        ScenarioPrimeTable {
            prime: self.prime.clone(),
            ceiling: self.ceiling.clone(),
            mint: self.mint.clone(),
            swap: self.swap.clone(),
            deposit: self.deposit.clone(),
            appetite: self.appetite.clone(),
            junior_share: self.junior_share.clone(),
        }
    }
}

/// The parameters of a Prime's base strategy.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MandateTable {
    /// What drawn USDS costs in a year.
    pub(super) funding: Option<ShareText>,
    /// What risk capital must earn in a year.
    pub(super) capital: Option<ShareText>,
    /// Risk capital that may be used; without it no bound.
    pub(super) risk_capital: Option<AmountText>,
    /// What concentration is charged with when one Unit is the whole portfolio, in a year.
    pub(super) concentration: Option<ShareText>,
    /// What it must still be able to pay afterwards.
    pub(super) reserve: Option<AmountText>,
    /// Its whole portfolio, against which concentration is measured.
    pub(super) portfolio: Option<AmountText>,
    /// The largest slice for one Unit.
    pub(super) max_slice: Option<AmountText>,
    /// The least time between two slices.
    pub(super) min_gap: Option<DurationText>,
    /// Wardens that look over its shoulder; one where nothing is said.
    pub(super) wardens: Option<u8>,
    /// How often each warden looks.
    pub(super) looks_every: Option<DurationText>,
}

/// A stream that believes in other yields than the public ones, and its Risk Tolerance Interval.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct StreamTable {
    /// What it believes that Units earn.
    #[serde(default)]
    pub(super) believes: Vec<BeliefTable>,
    /// Its part of what it earns beyond the public strategy.
    pub(super) fee: ShareText,
    /// The largest position in a Unit; without it no bound.
    pub(super) max_position: Option<AmountText>,
    /// The most that may move within the window, in and out added up; without it no bound.
    pub(super) max_moved: Option<AmountText>,
    /// The window; a day where nothing is said.
    pub(super) window: Option<DurationText>,
    /// The largest part of the portfolio in one group of Units; without it no bound.
    pub(super) max_share: Option<ShareText>,
    /// An intent older than this means that the stream stopped; an hour where nothing is said.
    pub(super) max_silence: Option<DurationText>,
    /// Units that it must not enter.
    #[serde(default)]
    pub(super) no_entry: Vec<UnitText>,
    /// Units that it must not leave.
    #[serde(default)]
    pub(super) no_exit: Vec<UnitText>,
}

/// What a stream believes of a Unit.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BeliefTable {
    /// The Unit, as `class/unit`.
    pub(super) unit: UnitText,
    /// What it earns, basis points a year; may be negative.
    pub(super) yield_bps: i32,
}

/// What a Prime holds of another target.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct HoldsTable {
    /// The other target.
    pub(super) target: SlugText,
    /// How much.
    pub(super) amount: AmountText,
}

/// What happens to everybody, from a day on.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ShockTable {
    /// What.
    #[schemars(with = "ShockKind")]
    pub(super) kind: Spanned<ShockKind>,
    /// The day on which it begins; 0 is the first.
    #[schemars(with = "u32")]
    pub(super) day: Spanned<u32>,
    /// How many days it lasts; one where nothing is said. A loss stays.
    #[serde(default = "one")]
    pub(super) days: u32,
    /// The Class; all of them where none is named.
    pub(super) class: Option<SlugText>,
    /// The Primes that run, or whose streams are silent; all where none is named.
    #[serde(default)]
    pub(super) primes: Vec<SlugText>,
    /// loss: the part of the positions that is lost.
    pub(super) part: Option<ShareText>,
    /// yield: what the assets earn meanwhile, basis points a year.
    pub(super) yield_bps: Option<i32>,
}

/// Kinds of shocks.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum ShockKind {
    /// A part of the positions is worth nothing any more.
    Loss,
    /// The assets earn something else.
    Yield,
    /// The manager neither takes up what was paid to it nor pays.
    ManagerLate,
    /// Nobody reports.
    ReportLate,
    /// The PSM has no USDC.
    PsmDry,
    /// The beacon does nothing.
    BeaconDead,
    /// Primes want their money back.
    Run,
    /// Streams of Primes say nothing.
    StreamSilent,
}

/// Somebody who does not play by the rules.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AgentTable {
    /// What it does.
    #[schemars(with = "AgentKind")]
    pub(super) kind: Spanned<AgentKind>,
    /// How many of them.
    #[serde(default = "one_said_nowhere")]
    #[schemars(with = "u32")]
    pub(super) count: Spanned<u32>,
    /// How likely each acts on a day; always where nothing is said.
    pub(super) probability: Option<ShareText>,
    /// over-asker and rogue-relayer: the Prime.
    pub(super) prime: Option<SlugText>,
    /// over-asker: how many times its appetite it asks for, percent.
    pub(super) times: Option<u32>,
    /// donor: how much it gives away each time.
    pub(super) amount: Option<AmountText>,
}

/// Kinds of agents.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum AgentKind {
    /// A Prime that asks for more than it wants.
    OverAsker,
    /// Sends single units of the asset, and tries to enter with them.
    Duster,
    /// Gives the asset away to queues, Units and proxies.
    Donor,
    /// Has the key of a Prime's relayer and takes what it can.
    RogueRelayer,
    /// Has the beacon's key and settles at prices and hours of its own.
    RogueSettler,
    /// Has one attestor's key and reports what it likes.
    RogueReporter,
    /// A beacon whose operator sleeps.
    StaleOperator,
}

/// What governance does on a day: spells, GovOps, the Class's admin.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ActTable {
    /// What.
    #[schemars(with = "ActKind")]
    pub(super) kind: Spanned<ActKind>,
    /// The day on which it takes effect, or on which growth begins.
    #[schemars(with = "u32")]
    pub(super) day: Spanned<u32>,
    /// The Prime; all of them where none is named.
    pub(super) prime: Option<SlugText>,
    /// The new limit, or the init up to which GovOps may go at once.
    #[schemars(with = "Option<LimitTable>")]
    pub(super) limit: Option<Spanned<LimitTable>>,
    /// ceiling: the largest debt.
    pub(super) line: Option<AmountText>,
    /// ceiling: the headroom that is opened at once.
    pub(super) gap: Option<AmountText>,
    /// unit-caps: the largest size of each Unit of the Class.
    pub(super) cap: Option<AmountText>,
    /// unit-caps: the most that an epoch takes in.
    pub(super) epoch_subscribe: Option<AmountText>,
    /// unit-caps: the Class.
    pub(super) class: Option<SlugText>,
    /// grow: until this maximum.
    pub(super) until: Option<AmountText>,
}

/// Kinds of governance.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum ActKind {
    /// A Prime's spell sets its deposit limits.
    DepositLimit,
    /// A Prime's spell sets its mint limit.
    MintLimit,
    /// A Prime's spell sets its limit on changing USDS.
    SwapLimit,
    /// Sky's spell sets a Prime's debt ceiling.
    Ceiling,
    /// An init of a Prime's deposit limits, through the timelock: it is scheduled on this day and can be used 14 days later.
    Init,
    /// GovOps lets a Prime's deposit limits grow through the Configurator, each day as far as the pace of its PAU lets it: a quarter each 18 h.
    Grow,
    /// The Class's admin sets the caps of its Units.
    UnitCaps,
}
