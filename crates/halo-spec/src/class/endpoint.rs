//! Where assets may be sent off the chain, how much, and what of it may be on its way at once.

use std::collections::BTreeSet;

use alloy_primitives::{Address, B256, U256};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::{check, resolve, roles, spec::ClassSpec};
use crate::{
    document::{DocumentTable, Documents},
    limit::{Limit, LimitName, LimitValue},
    network::{Network, Token},
    quantity::{amount, decimal, rate::Rate},
    review::{LimitTable, Measure, Review},
    text::{AddressText, AmountText, RateText, ShareText, SlugText, SymbolText, Text},
};

/// The off-ramp counts all its assets with so many decimals.
const DECIMALS: u8 = 18;
const MAX_ENDPOINTS: usize = 8;
/// Below this an OTC desk may keep more than one percent of a swap.
const LOW_RETURN_BPS: u64 = 9_900;

/// Where assets may be sent off the chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Endpoint {
    /// Its short name.
    pub name: String,
    /// What it is.
    pub kind: EndpointKind,
    /// Its address.
    pub address: Address,
    /// The tokens that may be sent there and may come back.
    pub assets: Vec<Token>,
    /// The most that is on its way at once, neither confirmed nor back; 18 decimals.
    #[serde(serialize_with = "decimal")]
    pub max_in_flight: U256,
    /// Of an OTC desk: the least part of a swap that must come back, as a part of 1e18; 0 for the others.
    #[serde(serialize_with = "decimal")]
    pub least_return_wad: U256,
    /// Of an OTC desk: how fast a missing return is forgotten, 18 decimals.
    pub recharge: Rate,
    /// keccak256 of the file on the counterparty; zero without one.
    pub kyc: B256,
}

/// An endpoint as it is written.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EndpointTable {
    /// Its short name.
    name: SlugText,
    /// What it is.
    #[schemars(with = "EndpointKind")]
    kind: Spanned<EndpointKind>,
    /// Its address.
    address: AddressText,
    /// The tokens that may be sent there and may come back, all worth the same.
    #[schemars(with = "Vec<SymbolText>")]
    assets: Spanned<Vec<SymbolText>>,
    /// How much of each may be sent per time.
    #[schemars(with = "LimitTable")]
    limit: Spanned<LimitTable>,
    /// The most that may be on its way at once. The attestors' word that it has arrived makes room again.
    max_in_flight: AmountText,
    /// The file on the counterparty; only its hash goes on chain.
    #[schemars(with = "Option<DocumentTable>")]
    kyc: Option<Spanned<DocumentTable>>,
    /// For an OTC desk: the least part of a swap that must come back before the next one may go.
    least_return: Option<ShareText>,
    /// For an OTC desk: how fast a missing return is forgotten.
    recharge: Option<RateText>,
}

/// What an endpoint is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EndpointKind {
    /// Turns stablecoins into bank money.
    FiatCustody,
    /// Trades over the counter: the last swap must come back before the next one.
    OtcDesk,
    /// A fund whose shares are tokens.
    TokenisedFund,
    /// A contract that takes subscriptions.
    SubscriptionContract,
}

impl EndpointKind {
    /// Its number on chain.
    pub fn number(self) -> u8 {
        match self {
            Self::FiatCustody => 0,
            Self::OtcDesk => 1,
            Self::TokenisedFund => 2,
            Self::SubscriptionContract => 3,
        }
    }
}

/// The endpoint and its limits: one to send per asset, and the gate through which it comes back.
pub(super) fn resolve(
    table: &EndpointTable,
    network: &Network,
    documents: &dyn Documents,
    review: &mut Review,
) -> (Endpoint, Vec<Limit>) {
    let symbols = table.assets.get_ref();
    let mut assets: Vec<_> = symbols.iter().map(|s| resolve::token(s, network, review)).collect();
    let address = review.address(&table.address);
    if assets.is_empty() {
        review.error(
            table.assets.span(),
            "no-assets",
            "nothing could be sent to this endpoint",
            "name the tokens that it takes, such as assets = [\"USDC\"]",
        );
        // Its amounts are in nothing, and nobody sees what is made of them.
        assets.push(Token { symbol: "USDC".to_owned(), decimals: 6, ..Token::default() });
    }
    let counted = measure(&assets);
    let sent = review.limit(&table.limit, &counted);
    let back = LimitValue { max: U256::MAX, slope: Rate::default() };
    let mut limits = Vec::new();
    for token in &assets {
        let asset = token.address;
        let names = [
            (LimitName::OfframpSend { asset, endpoint: address }, sent),
            (LimitName::OfframpReturn { asset, endpoint: address }, back),
        ];
        for (name, LimitValue { max, slope }) in names {
            // The off-ramp counts in 18 decimals, whatever the token does.
            let token = Token { decimals: DECIMALS, ..token.clone() };
            limits.push(Limit { name, token, max, slope });
        }
    }
    // One basis point of 1e18.
    let bps = U256::from(10u64).pow(U256::from(14));
    let endpoint = Endpoint {
        name: review.slug(&table.name),
        kind: *table.kind.get_ref(),
        address,
        max_in_flight: review.amount(&table.max_in_flight, &counted),
        least_return_wad: table
            .least_return
            .as_ref()
            .map_or(U256::ZERO, |text| U256::from(review.share(text)) * bps),
        recharge: table.recharge.as_ref().map_or_else(Rate::default, |text| {
            let rate = Rate::parse_as(text.get(), &symbols_of(&assets), DECIMALS);
            review.take(text, rate)
        }),
        kyc: table.kyc.as_ref().map_or(B256::ZERO, |kyc| review.document(kyc, documents).hash),
        assets,
    };
    (endpoint, limits)
}

fn symbols_of(assets: &[Token]) -> Vec<&str> {
    assets.iter().map(|token| token.symbol.as_str()).collect()
}

fn measure(assets: &[Token]) -> Measure<'_> {
    Measure::new(symbols_of(assets), DECIMALS)
}

pub(super) fn check(
    tables: &[EndpointTable],
    spec: &ClassSpec,
    network: &Network,
    review: &mut Review,
) {
    let (mut names, mut places) = (BTreeSet::new(), BTreeSet::new());
    for (table, endpoint) in tables.iter().zip(&spec.endpoints) {
        let limit = spec.limits.iter().find(|limit| {
            matches!(limit.name, LimitName::OfframpSend { endpoint: to, .. } if to == endpoint.address)
        });
        if let Some(limit) = limit {
            check::limit(&table.limit, limit, false, review);
        }
        let span = table.address.span();
        if !names.insert(&endpoint.name) {
            let help = "give each endpoint its own name";
            review.error(table.name.span(), "duplicate", "two endpoints have this name", help);
        }
        if !places.insert(endpoint.address) {
            let help = "keep one of them, and name both tokens in its `assets`";
            review.error(span.clone(), "duplicate", "this endpoint is here twice", help);
        }
        let help = "give the address that the partner named for deposits";
        if network.tokens.iter().any(|t| t.address == endpoint.address) {
            let message = "this is the contract of a token";
            review.error(span.clone(), "token-as-endpoint", message, help);
        }
        if network.production && roles::is_placeholder(endpoint.address) {
            review.error(span, "placeholder", "this endpoint is a placeholder", help);
        }
        assets(table, endpoint, review);
        in_flight(table, endpoint, limit, review);
        desk(table, endpoint, review);
    }
    if tables.len() > MAX_ENDPOINTS
        && let Some(table) = tables.last()
    {
        let message = format!("{} endpoints are more than {MAX_ENDPOINTS}", tables.len());
        let help = "governance can add endpoints later; each needs its buffer";
        review.error(table.name.span(), "too-many", message, help);
    }
}

fn assets(table: &EndpointTable, endpoint: &Endpoint, review: &mut Review) {
    let mut seen = BTreeSet::new();
    for (text, token) in table.assets.get_ref().iter().zip(&endpoint.assets) {
        if !seen.insert(token.address) {
            review.error(text.span(), "duplicate", "this token is here twice", "keep one of them");
        }
    }
}

/// What a stolen relayer could send away before somebody looks.
fn in_flight(
    table: &EndpointTable,
    endpoint: &Endpoint,
    limit: Option<&Limit>,
    review: &mut Review,
) {
    let span = table.max_in_flight.span();
    if endpoint.max_in_flight.is_zero() {
        review.error(
            span,
            "closed",
            "nothing may be on its way to this endpoint, so nothing could ever be sent",
            "write what one day of purchases needs, or remove the endpoint",
        );
    } else if let Some(limit) = limit
        && endpoint.max_in_flight < limit.max
    {
        review.note(
            span,
            "in-flight-binds",
            format!(
                "no more than {} is on its way at once, though the limit allows {}",
                amount::format(endpoint.max_in_flight, &limit.token),
                amount::format(limit.max, &limit.token)
            ),
        );
    }
}

fn desk(table: &EndpointTable, endpoint: &Endpoint, review: &mut Review) {
    if endpoint.kind != EndpointKind::OtcDesk {
        let spans = [
            ("least_return", table.least_return.as_ref().map(Text::span)),
            ("recharge", table.recharge.as_ref().map(Text::span)),
        ];
        for (key, span) in spans.into_iter().filter_map(|(key, span)| Some((key, span?))) {
            review.error(
                span,
                "not-a-desk",
                format!("`{key}` is for an OTC desk, whose swaps come back at once"),
                format!("remove `{key}`, or write kind = \"otc-desk\""),
            );
        }
        return;
    }
    let bps = U256::from(10u64).pow(U256::from(14));
    match &table.least_return {
        None => review.error(
            table.kind.span(),
            "missing-key",
            "an OTC desk needs the least part of a swap that must come back",
            "add least_return = \"99.9 %\"",
        ),
        Some(text) if endpoint.least_return_wad.is_zero() => review.error(
            text.span(),
            "out-of-range",
            "a desk of which nothing must come back is closed on chain",
            "99.9 % is usual between two dollars",
        ),
        Some(text) if endpoint.least_return_wad < U256::from(LOW_RETURN_BPS) * bps => review.warn(
            text.span(),
            "low-return",
            "the desk may keep more than one percent of each swap",
            "99.9 % is usual between two dollars",
        ),
        Some(_) => {}
    }
}
