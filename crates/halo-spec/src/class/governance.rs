//! The governance of a Halo that has none yet: its SubProxy, its spell guard and, where it wants one, its token.

use alloy_primitives::{Address, B256, U256};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::{roles, spec::ClassSpec};
use crate::{
    network::Network,
    quantity::decimal,
    review::{Measure, Review},
    text::{AddressText, AmountText, DurationText, NameText, SaltText, SymbolText, Text},
};

const HOUR: u32 = 3_600;
/// `HaloSpellGuard.MAX_DELAY`.
const MAX_DELAY: u32 = 30 * 24 * HOUR;
/// With less than this nobody reads a spell before it runs.
const SHORT_DELAY: u32 = 12 * HOUR;
/// The token always has 18 decimals.
const DECIMALS: u8 = 18;
/// Votes are counted in 208 bits (ERC20Votes).
const VOTE_BITS: usize = 208;

/// The governance that the HaloFactory makes for a Halo.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HaloGovernance {
    /// Who may stop a spell or freeze them all for a while, in the order of the file.
    pub cancellers: Vec<Address>,
    /// From the plot of a spell to the first moment of its execution, seconds.
    pub delay: u32,
    /// From then to the last moment, seconds.
    pub max_delay: u32,
    /// The token whose holders must approve spells; without one nobody beside the Prime must.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<HaloToken>,
    /// keccak256 of the salt in the file; zero without one.
    pub salt: B256,
}

/// The governance token of a Halo, ERC-20 with votes and a supply that is fixed at birth.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HaloToken {
    /// Its name.
    pub name: String,
    /// Its symbol.
    pub symbol: String,
    /// All of it, token units of 18 decimals.
    #[serde(serialize_with = "decimal")]
    pub supply: U256,
    /// Who gets all of it.
    pub holder: Address,
    /// Locked token units that approve a spell.
    #[serde(serialize_with = "decimal")]
    pub quorum: U256,
}

/// The Halo's governance as it is written.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HaloGovernanceTable {
    /// Who may stop a spell or freeze them all for a while.
    #[schemars(with = "Vec<AddressText>")]
    cancellers: Spanned<Vec<AddressText>>,
    /// From the plot of a spell to the first moment of its execution; at most 30 days.
    delay: DurationText,
    /// From then to the last moment; at most 30 days.
    max_delay: DurationText,
    /// The token whose holders must approve spells. Optional.
    token: Option<HaloTokenTable>,
    /// Changes the addresses; needed only to make the governance of the same Halo again.
    salt: Option<SaltText>,
}

/// The governance token of a Halo.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HaloTokenTable {
    /// Its name.
    name: NameText,
    /// Its symbol.
    symbol: SymbolText,
    /// All of it, fixed for ever, in its own symbol.
    supply: AmountText,
    /// Who gets all of it.
    holder: AddressText,
    /// How much of it, locked behind a spell, approves the spell.
    quorum: AmountText,
}

pub(super) fn resolve(table: &HaloGovernanceTable, review: &mut Review) -> HaloGovernance {
    HaloGovernance {
        cancellers: review.addresses(table.cancellers.get_ref()),
        delay: review.duration(&table.delay),
        max_delay: review.duration(&table.max_delay),
        token: table.token.as_ref().map(|token| {
            let symbol = token.symbol.get();
            let unit = Measure::new(vec![symbol], DECIMALS);
            HaloToken {
                name: review.name(&token.name),
                symbol: symbol.to_owned(),
                supply: review.amount(&token.supply, &unit),
                holder: review.address(&token.holder),
                quorum: review.amount(&token.quorum, &unit),
            }
        }),
        salt: review.salt(table.salt.as_ref()),
    }
}

pub(super) fn check(
    table: &HaloGovernanceTable,
    spec: &ClassSpec,
    network: &Network,
    review: &mut Review,
) {
    let Some(governance) = &spec.halo.governance else { return };
    cancellers(table, governance, network, review);
    if governance.delay > MAX_DELAY {
        let what = "a spell would wait longer than 30 days";
        review.error(table.delay.span(), "out-of-range", what, "24 h is usual");
    } else if governance.delay < SHORT_DELAY {
        review.warn(
            table.delay.span(),
            "short-delay",
            "a spell could run before anybody has read it",
            "24 h is usual",
        );
    }
    if governance.max_delay == 0 || governance.max_delay > MAX_DELAY {
        let what = "a spell must be executable for some time, and for at most 30 days";
        review.error(table.max_delay.span(), "out-of-range", what, "7 days is usual");
    }
    if let (Some(table), Some(token)) = (&table.token, &governance.token) {
        self::token(table, token, network, review);
    }
}

fn cancellers(
    table: &HaloGovernanceTable,
    governance: &HaloGovernance,
    network: &Network,
    review: &mut Review,
) {
    if governance.cancellers.is_empty() {
        review.error(
            table.cancellers.span(),
            "missing-role",
            "nobody may stop a spell of the Halo",
            "name at least one canceller, such as the conserver",
        );
    }
    for (i, (text, address)) in
        table.cancellers.get_ref().iter().zip(&governance.cancellers).enumerate()
    {
        if governance.cancellers[..i].contains(address) {
            review.error(
                text.span(),
                "duplicate",
                "this canceller is here twice",
                "keep one of them",
            );
        }
        real(text, *address, "canceller", network, review);
    }
}

fn token(table: &HaloTokenTable, token: &HaloToken, network: &Network, review: &mut Review) {
    if token.supply.is_zero() || token.supply.bit_len() > VOTE_BITS {
        review.error(
            table.supply.span(),
            "out-of-range",
            "the supply must be more than nothing and below 2^208 units, in which votes are counted",
            "1_000_000_000 tokens are usual",
        );
    } else if token.quorum.is_zero() || token.quorum > token.supply {
        review.error(
            table.quorum.span(),
            "out-of-range",
            "the quorum must be more than nothing and at most the supply",
            "without the token's approval no spell ever runs: choose what its holders can bring together",
        );
    }
    real(&table.holder, token.holder, "holder of the token", network, review);
}

fn real(text: &AddressText, address: Address, what: &str, network: &Network, review: &mut Review) {
    if network.production && roles::is_placeholder(address) {
        review.error(
            text.span(),
            "placeholder",
            format!("the {what} is a placeholder, and {} is a production network", network.name),
            "give the address that is really to be this",
        );
    }
}
