//! A Class file as it is written.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::{
    configurator::ConfiguratorTable, endpoint::EndpointTable, governance::HaloGovernanceTable,
};
use crate::{
    document::DocumentTable,
    file::Format,
    review::LimitTable,
    text::{
        AddressText, AmountOrUnlimitedText, AmountText, DurationText, EntrantText, NameText,
        PrimeText, SaltText, SharePerDayText, ShareText, SharesText, SlugText, SymbolText,
        TimeText, UriText,
    },
};

/// A Halo Class with its Units.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClassFile {
    /// The kind and version of this file.
    #[schemars(extend("const" = ClassFile::FORMAT))]
    #[allow(dead_code)]
    pub(crate) format: String,
    /// The Halo that the Class belongs to.
    pub(crate) halo: HaloTable,
    /// The Class: one PAU, one beacon, one legal framework.
    pub(crate) class: ClassTable,
    /// Who holds which power.
    pub(crate) roles: RolesTable,
    /// lpha-lcts, the rule executor that locks and settles.
    pub(crate) beacon: BeaconTable,
    /// Who attests what the Class owns.
    pub(crate) reporters: ReportersTable,
    /// How reports move the value of the Units.
    pub(crate) book: BookTable,
    /// What happens when the Class fails.
    pub(crate) emergency: EmergencyTable,
    /// How fast limits may grow without a vote. Without it only governance sets limits.
    pub(crate) configurator: Option<ConfiguratorTable>,
    /// How the Class exchanges USDS and USDC.
    pub(crate) psm: PsmTable,
    /// What the Class may do per time, apart from its endpoints and Units.
    #[serde(default)]
    pub(crate) limits: LimitsTable,
    /// Where assets may be sent off the chain: custodians, desks, funds.
    #[serde(default)]
    pub(crate) endpoints: Vec<EndpointTable>,
    /// The Units, each with its own place in the order of losses.
    #[schemars(with = "Vec<UnitTable>")]
    pub(crate) units: Vec<Spanned<UnitTable>>,
}

impl Format for ClassFile {
    const FORMAT: &'static str = "halo-class/1";
}

/// The Halo that the Class belongs to.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HaloTable {
    /// Its short name; its id is keccak256 of it.
    pub(crate) slug: SlugText,
    /// Its name.
    pub(crate) name: NameText,
    /// The Prime that it belongs to, by its name in the network file. That Prime's governance has a say over the
    /// Halo's artifacts.
    pub(crate) prime: PrimeText,
    /// The Halo Artifact: governance, generic procedures, recourse, migration.
    #[schemars(with = "DocumentTable")]
    pub(crate) artifact: Spanned<DocumentTable>,
    /// The governance to make for it. Without this the Halo has its SubProxy already.
    pub(crate) governance: Option<HaloGovernanceTable>,
}

/// The Class: one PAU, one beacon, one legal framework.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClassTable {
    /// Its short name within the Halo.
    pub(crate) slug: SlugText,
    /// Its name.
    pub(crate) name: NameText,
    /// The token that Units take in and pay out.
    pub(crate) asset: SymbolText,
    /// The version of the audited templates.
    #[schemars(with = "u16")]
    pub(crate) templates: Spanned<u16>,
    /// What the Class's controller can do.
    #[schemars(with = "Vec<Facet>")]
    pub(crate) facets: Spanned<Vec<Spanned<Facet>>>,
    /// The documents that the Class stands on in law: trust deed, offering terms, opinions, or an index of them.
    #[schemars(with = "DocumentTable")]
    pub(crate) legal_frame: Spanned<DocumentTable>,
    /// The Class Artifact: what is bought, from whom, and the recourse.
    #[schemars(with = "DocumentTable")]
    pub(crate) artifact: Spanned<DocumentTable>,
    /// Changes the addresses of the deployment; needed only to deploy the same Class again.
    pub(crate) salt: Option<SaltText>,
}

/// A part of a controller.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Facet {
    /// Mints and burns USDS through an allocator vault: for Primes.
    Usds,
    /// Exchanges USDS and USDC.
    Psm,
    /// Sends tokens to allowed destinations.
    TransferAsset,
    /// Deposits into and withdraws from ERC-4626 vaults such as sUSDS.
    Erc4626,
    /// Requests and claims at ERC-7540 vaults: for Primes.
    Erc7540,
    /// Leaves the queues of Units: for Primes.
    LctsPrime,
    /// Funds and defunds the redemptions of Units.
    LctsHalo,
    /// Sends to endpoints off the chain and claims what comes back.
    Offramp,
}

/// Who holds which power.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RolesTable {
    /// The Halo's governance: may change everything. Usually one address, the Halo SubProxy; with
    /// `[halo.governance]` the one that will be made, which `halo plan` tells.
    #[schemars(with = "Vec<AddressText>")]
    pub(crate) admins: Spanned<Vec<AddressText>>,
    /// The Fortification Conserver, who may step in.
    pub(crate) conserver: AddressText,
    /// Who may stop the relayer and the settler at once.
    #[schemars(with = "Vec<AddressText>")]
    pub(crate) freezers: Spanned<Vec<AddressText>>,
    /// Who moves the Class's assets within its limits.
    pub(crate) relayer: AddressText,
    /// Who locks and settles the queues.
    pub(crate) settler: AddressText,
}

/// lpha-lcts, the rule executor that locks and settles.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BeaconTable {
    /// Its name in the BeaconRegistry; its id is keccak256 of it.
    pub(crate) name: NameText,
    /// The rules that it applies.
    #[schemars(with = "DocumentTable")]
    pub(crate) authority: Spanned<DocumentTable>,
    /// Where it says how it is doing.
    pub(crate) uri: UriText,
}

/// Who attests what the Class owns.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReportersTable {
    /// The addresses that sign reports.
    #[schemars(with = "Vec<AddressText>")]
    pub(crate) attestors: Spanned<Vec<AddressText>>,
    /// How many of them must sign.
    #[schemars(with = "u8")]
    pub(crate) threshold: Spanned<u8>,
}

/// How reports move the value of the Units.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BookTable {
    /// How the Units share value and loss.
    #[schemars(with = "BookMode")]
    pub(crate) mode: Spanned<BookMode>,
    /// The most that a report may raise the value, per day.
    pub(crate) max_up: SharePerDayText,
    /// A fall larger than this waits for a second key.
    pub(crate) review_down: ShareText,
    /// A report that values what is deployed further above its cost waits for a second key. Without it nothing is
    /// compared: so where idle USDS is parked, which reports count as deployed.
    pub(crate) cost_tolerance: Option<ShareText>,
    /// A report older than this no longer settles or onboards.
    pub(crate) max_report_age: DurationText,
}

/// What happens when the Class fails.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EmergencyTable {
    /// From the conserver's word to its taking over; until then Sky can cancel. 1 to 30 days.
    pub(crate) takeover_delay: DurationText,
}

/// How the Units of a Class share value and loss.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum BookMode {
    /// All alike, by size.
    #[default]
    PariPassu,
    /// In order: the junior Unit takes losses first, and what is promised to the senior ones comes before its income.
    SeniorJunior,
}

/// How the Class exchanges USDS and USDC.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PsmTable {
    /// By which road.
    pub(crate) mode: PsmMode,
    /// The highest fee that is accepted.
    pub(crate) max_fee: ShareText,
}

/// By which road the Class exchanges USDS and USDC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PsmMode {
    /// The public USDS wrapper over the LitePSM, at its fee. Works from the first day.
    #[default]
    Wrapper,
    /// The LitePSM without a fee. Needs a Sky spell that lists the Class's proxy.
    NoFee,
}

/// What the Class may do per time, apart from its endpoints and Units.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LimitsTable {
    /// USDS to USDC through the PSM, counted in USDC.
    #[schemars(with = "Option<LimitTable>")]
    pub(crate) usds_to_usdc: Option<Spanned<LimitTable>>,
    /// Idle USDS into sUSDS, counted in USDS.
    #[schemars(with = "Option<LimitTable>")]
    pub(crate) savings_deposit: Option<Spanned<LimitTable>>,
    /// The most USDS that one sUSDS may cost when idle USDS is parked. The price only rises: leave room for two years.
    /// Needed with `savings_deposit`.
    pub(crate) savings_max_rate: Option<AmountText>,
    /// USDS back out of sUSDS, counted in USDS. Usually unlimited.
    #[schemars(with = "Option<LimitTable>")]
    pub(crate) savings_withdraw: Option<Spanned<LimitTable>>,
}

/// A Unit of the Class.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UnitTable {
    /// Its short name within the Class.
    pub(crate) slug: SlugText,
    /// The name of its share token.
    pub(crate) name: NameText,
    /// The symbol of its share token.
    pub(crate) symbol: SymbolText,
    /// Its place in the order of losses.
    #[schemars(with = "Seniority")]
    pub(crate) seniority: Spanned<Seniority>,
    /// The Unit Artifact: parameters, recourse, risk monitoring, warning signals.
    #[schemars(with = "DocumentTable")]
    pub(crate) artifact: Spanned<DocumentTable>,
    /// Changes the addresses of the Unit; needed only to deploy the same Unit again.
    pub(crate) salt: Option<SaltText>,
    /// What it earns.
    pub(crate) yields: YieldTable,
    /// How large it and its days may get.
    pub(crate) capacity: CapacityTable,
    /// How its queues are run.
    pub(crate) lcts: LctsTable,
    /// Who may enter.
    pub(crate) access: AccessTable,
    /// What the Class may put into it for its redeemers.
    #[schemars(with = "LimitTable")]
    pub(crate) fund_redemption: Spanned<LimitTable>,
}

/// The place of a Unit in the order of losses.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Seniority {
    /// In no order: the only Unit of its Class, or one of several that share alike.
    #[default]
    Single,
    /// Takes losses first and the rest of the income: the equity.
    Junior,
    /// Between junior and senior.
    Mezzanine,
    /// Takes losses last.
    Senior,
}

/// What a Unit earns.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct YieldTable {
    /// What its assets are expected to earn per year, net of fees. Primes and simulations use it.
    pub(crate) expected: ShareText,
    /// The yearly rate that is promised to a mezzanine or senior Unit, before the junior gets any.
    pub(crate) promised: Option<ShareText>,
    /// The least part of the Class that must be junior to this Unit.
    pub(crate) min_cover: Option<ShareText>,
}

/// How large a Unit and its days may get.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CapacityTable {
    /// The largest size of the Unit.
    pub(crate) cap: AmountText,
    /// The most that one settlement takes in.
    pub(crate) subscribe_per_epoch: AmountOrUnlimitedText,
    /// The most that one settlement pays out.
    pub(crate) redeem_per_epoch: AmountOrUnlimitedText,
    /// The least that one request subscribes.
    pub(crate) min_subscribe: AmountText,
    /// The least that one request redeems.
    pub(crate) min_redeem: SharesText,
}

/// How the queues of a Unit are run.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LctsTable {
    /// The least time from one lock to the next, at least 1 h.
    pub(crate) min_epoch_gap: DurationText,
    /// The longest lock, after which anyone may unlock; at most 24 h.
    pub(crate) max_lock: DurationText,
    /// From when on the queues may be locked.
    pub(crate) lock: TimeText,
    /// By when they must be settled.
    pub(crate) settle_by: TimeText,
    /// Whether the contract enforces these times, or the operator keeps them.
    pub(crate) enforce_clock: bool,
    /// On which days the Unit settles.
    #[schemars(with = "SettlementDays")]
    pub(crate) settles: Spanned<SettlementDays>,
}

/// On which days a Unit settles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SettlementDays {
    /// Every day.
    #[default]
    Daily,
    /// Monday to Friday.
    Weekdays,
}

/// Who may enter a Unit.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccessTable {
    /// Whether anyone may enter.
    #[schemars(with = "bool")]
    pub(crate) open: Spanned<bool>,
    /// The Primes that may, by slug, or other addresses.
    #[schemars(with = "Vec<EntrantText>")]
    pub(crate) entrants: Spanned<Vec<EntrantText>>,
    /// Who else may hold shares.
    #[serde(default)]
    pub(crate) holders: Vec<AddressText>,
}
