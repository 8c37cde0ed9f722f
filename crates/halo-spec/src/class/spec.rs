//! A Class as the deployer and the simulation use it: plain fields, base units, seconds.

use std::path::Path;

use alloy_primitives::{Address, B256, U256, keccak256};
use serde::Serialize;

use super::{
    check,
    configurator::Configurator,
    endpoint::Endpoint,
    file::{BookMode, Facet, PsmMode, Seniority, SettlementDays},
    governance::HaloGovernance,
    resolve,
};
use crate::{
    canonical,
    document::{Document, Documents, Folder},
    file,
    finding::{Checked, Result},
    limit::Limit,
    network::{Network, Token},
    quantity::decimal,
    source::Source,
};

/// The version of the templates that this program holds.
pub const TEMPLATE_VERSION: u16 = 1;

/// A Class with its Units, resolved against a network and checked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ClassSpec {
    /// The Halo that it belongs to.
    pub halo: Halo,
    /// Its short name.
    pub slug: String,
    /// `keccak256(abi.encode(halo.id, keccak256(slug)))`.
    pub id: B256,
    /// Its name.
    pub name: String,
    /// The version of the templates.
    pub template_version: u16,
    /// The token that Units take in and pay out.
    pub asset: Token,
    /// Governance.
    pub admins: Vec<Address>,
    /// Who may step in.
    pub conserver: Address,
    /// Who may stop the relayer and the settler.
    pub freezers: Vec<Address>,
    /// Who moves assets within the limits.
    pub relayer: Address,
    /// Who locks and settles.
    pub settler: Address,
    /// The rule executor.
    pub beacon: Beacon,
    /// Who signs reports.
    pub attestors: Vec<Address>,
    /// How many must sign.
    pub threshold: u8,
    /// How reports move the value.
    pub book: BookTerms,
    /// From the conserver's word to its taking over, seconds.
    pub takeover_delay: u32,
    /// What GovOps may do through the Configurator; nothing without it.
    pub configurator: Option<Configurator>,
    /// What the controller can do.
    pub facets: Vec<Facet>,
    /// The road between USDS and USDC.
    pub psm: Psm,
    /// The Class's limits, those of its endpoints among them. Units carry their own.
    pub limits: Vec<Limit>,
    /// The most that one sUSDS may cost when idle USDS is parked, USDS wei for 1e18 sUSDS wei.
    pub savings_max_rate: Option<U256>,
    /// Where assets may be sent.
    pub endpoints: Vec<Endpoint>,
    /// The documents that it stands on in law.
    pub legal_frame: Document,
    /// The Class Artifact.
    pub artifact: Document,
    /// keccak256 of the salt in the file; zero without one.
    pub salt: B256,
    /// The Units, in the order of the file.
    pub units: Vec<UnitSpec>,
}

/// A Halo.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Halo {
    /// Its short name.
    pub slug: String,
    /// keccak256 of the slug.
    pub id: B256,
    /// Its name.
    pub name: String,
    /// The slug of the Prime that it belongs to.
    pub prime: String,
    /// The Halo Artifact.
    pub artifact: Document,
    /// The governance to make for it; without this it has its SubProxy already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub governance: Option<HaloGovernance>,
}

/// The rule executor of a Class.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Beacon {
    /// Its name.
    pub name: String,
    /// keccak256 of the name.
    pub id: B256,
    /// The rules that it applies.
    pub authority: Document,
    /// Where it says how it is doing.
    pub uri: String,
}

/// How reports move the value of the Units.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BookTerms {
    /// How the Units share value and loss.
    pub mode: BookMode,
    /// The most that a report may raise the value, basis points per day.
    pub max_up_bps_per_day: u16,
    /// A larger fall waits for a second key, basis points.
    pub review_down_bps: u16,
    /// What is deployed may be valued so far above its cost without a second key, basis points; nothing is compared
    /// without it.
    pub cost_tolerance_bps: Option<u16>,
    /// Seconds.
    pub max_report_age: u32,
}

impl BookMode {
    /// Its number on chain.
    pub fn number(self) -> u8 {
        match self {
            Self::PariPassu => 0,
            Self::SeniorJunior => 1,
        }
    }
}

/// The road between USDS and USDC.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Psm {
    /// Which road.
    pub mode: PsmMode,
    /// The LitePSM.
    pub psm: Address,
    /// The converter between DAI and USDS.
    pub dai_usds: Address,
    /// The USDS wrapper.
    pub wrapper: Address,
    /// The highest fee that is accepted, as a part of 1e18.
    #[serde(serialize_with = "decimal")]
    pub max_fee_wad: U256,
}

impl PsmMode {
    /// Its number on chain.
    pub fn number(self) -> u8 {
        match self {
            Self::Wrapper => 0,
            Self::NoFee => 1,
        }
    }
}

impl Facet {
    /// Its integration id: the name in ASCII, padded with zeros on the right.
    pub fn id(self) -> B256 {
        B256::right_padding_from(self.integration().as_bytes())
    }

    /// The name of its integration.
    pub fn integration(self) -> &'static str {
        match self {
            Self::Usds => "USDS_FACET",
            Self::Psm => "PSM_FACET",
            Self::TransferAsset => "TRANSFER_ASSET_FACET",
            Self::Erc4626 => "ERC4626_FACET",
            Self::Erc7540 => "ERC7540_FACET",
            Self::LctsPrime => "LCTS_PRIME_FACET",
            Self::LctsHalo => "LCTS_HALO_FACET",
            Self::Offramp => "OFFRAMP_FACET",
        }
    }
}

/// A Unit, resolved.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct UnitSpec {
    /// Its short name.
    pub slug: String,
    /// `keccak256(abi.encode(class.id, keccak256(slug)))`.
    pub id: B256,
    /// The name of its share token.
    pub name: String,
    /// The symbol of its share token.
    pub symbol: String,
    /// Its place in the order of losses.
    pub seniority: Seniority,
    /// The same as a number: 0 takes losses first, the next above it only when 0 is used up. 0 for all that share alike.
    pub tranche: u8,
    /// What its assets are expected to earn, basis points per year.
    pub expected_yield_bps: u16,
    /// The promised rate, basis points per year; 0 without a promise.
    pub annual_bps: u16,
    /// The least part that must be junior to it, basis points.
    pub min_cover_bps: u16,
    /// The largest size, asset units.
    #[serde(serialize_with = "decimal")]
    pub cap: U256,
    /// The most that one settlement takes in, asset units; `U256::MAX` means unlimited.
    #[serde(serialize_with = "decimal")]
    pub epoch_subscribe_cap: U256,
    /// The most that one settlement pays out, asset units; `U256::MAX` means unlimited.
    #[serde(serialize_with = "decimal")]
    pub epoch_redeem_cap: U256,
    /// The least that one request subscribes, asset units.
    #[serde(serialize_with = "decimal")]
    pub min_subscribe: U256,
    /// The least that one request redeems, shares with 18 decimals.
    #[serde(serialize_with = "decimal")]
    pub min_redeem: U256,
    /// The least time from one lock to the next, seconds.
    pub min_epoch_gap: u32,
    /// The longest lock, seconds.
    pub max_lock: u32,
    /// The hours of the day.
    pub clock: Clock,
    /// On which days it settles.
    pub settles: SettlementDays,
    /// Whether anyone may enter.
    pub open: bool,
    /// Who may enter, in ascending order.
    pub entrants: Vec<Address>,
    /// The slugs of the Primes among them, in the order of the file.
    pub entrant_primes: Vec<String>,
    /// Who else may hold shares, in the order of the file.
    pub holders: Vec<Address>,
    /// Its limits on the Class's PAU.
    pub limits: Vec<Limit>,
    /// The Unit Artifact.
    pub artifact: Document,
    /// keccak256 of the salt in the file; zero without one.
    pub salt: B256,
}

/// The hours of a settlement day, seconds of the UTC day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Clock {
    /// Whether the contract enforces them.
    pub enforce: bool,
    /// From when on the queues may be locked.
    pub lock_from: u32,
    /// By when they must be settled.
    pub lock_to: u32,
}

impl ClassSpec {
    /// Loads the Class file at `path`; its documents are found beside it.
    ///
    /// # Errors
    /// It cannot be read or is wrong.
    pub fn load(path: &Path, network: &Network) -> Result<Checked<Self>> {
        let folder = Folder(path.parent().unwrap_or(Path::new("")).to_owned());
        Self::from_source(Source::read(path)?, network, &folder)
    }

    /// Takes `text` for the Class file called `name`.
    ///
    /// # Errors
    /// It is wrong.
    pub fn parse(
        name: &str,
        text: &str,
        network: &Network,
        documents: &dyn Documents,
    ) -> Result<Checked<Self>> {
        Self::from_source(Source::from_bytes(name, text.as_bytes())?, network, documents)
    }

    pub(crate) fn from_source(
        source: Source,
        network: &Network,
        documents: &dyn Documents,
    ) -> Result<Checked<Self>> {
        file::load(source, |file, review| {
            let spec = resolve::class(file, network, documents, review);
            // Checks speak about values; where one could not be read, its finding is enough.
            if !review.failed() {
                check::class(file, &spec, network, review);
            }
            spec
        })
    }

    /// keccak256 of the canonical JSON of all of this: the same for the same meaning, whatever the
    /// file is called and however it is laid out.
    pub fn hash(&self) -> B256 {
        keccak256(canonical::json(self))
    }

    /// The Units in the order in which their tranches are filled: equity first.
    pub fn units_by_tranche(&self) -> Vec<&UnitSpec> {
        let mut units: Vec<_> = self.units.iter().collect();
        units.sort_by_key(|unit| unit.tranche);
        units
    }

    /// The Unit with this slug.
    pub fn unit(&self, slug: &str) -> Option<&UnitSpec> {
        self.units.iter().find(|u| u.slug == slug)
    }
}
