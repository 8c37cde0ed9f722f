//! What a person writes: Class, Unit, Prime, network and scenario files; units of measure;
//! diagnostics; JSON schema.
//!
//! A file goes one way: text ([`Source`]), TOML, its shape against the JSON schema, values with
//! their units of measure, checks. What comes out is [`Checked`]: plain fields in base units, seconds
//! and addresses, with warnings beside it. Everything that stops a file is a [`Finding`] with its
//! place in the file and a way to mend it.

mod any;
mod canonical;
mod class;
mod document;
mod file;
mod finding;
mod limit;
mod network;
mod prime;
mod quantity;
mod review;
mod scenario;
mod schema;
mod shape;
mod signers;
mod source;
mod starter;
mod text;

pub use any::{Kind, check_file};
pub use class::{
    Beacon, BookMode, BookTerms, ClassSpec, Clock, Configurator, Endpoint, EndpointKind, Facet,
    Halo, HaloGovernance, HaloToken, Psm, PsmMode, Seniority, SettlementDays, TEMPLATE_VERSION,
    UnitSpec,
};
pub use document::{Document, Documents, Folder};
pub use finding::{Checked, Finding, LoadError, Place, Problems, Result, Severity};
pub use limit::{Limit, LimitName, LimitValue};
pub use network::{Governance, Network, Sky, Token};
pub use prime::Prime;
pub use quantity::{
    ValueError, address, amount,
    rate::{Period, Rate},
    share, time,
};
pub use scenario::{
    ActKind, Agent, AgentKind, Expectation, GovernanceAct, LimitsStart, MAX_AGENTS, MAX_DAYS,
    MandateTerms, Metric, MintCeiling, Other, Scenario, ScenarioPrime, Shock, ShockKind, SimClass,
    Simulation, StreamTerms, set, target,
};
pub use schema::schemas;
pub use signers::{
    Safe, SafeVersion, Signers, Signing, SpellMake, SpellRoad, Timelock, TimelockMake,
};
pub use source::{MAX_FILE_BYTES, MAX_LINE_BYTES, Source};
pub use starter::Starter;

/// The keys under which the chain keeps rate limits.
pub mod keys {
    pub use crate::limit::{
        asset_transfer, erc4626_deposit, erc4626_withdraw, erc7540_deposit, erc7540_redeem,
        lcts_exit, lcts_fund_redeem, offramp_return, offramp_send, usds_mint, usds_to_usdc,
    };
}
