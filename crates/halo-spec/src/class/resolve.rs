//! From what is written to what is meant: names become addresses, text becomes numbers.

use alloy_primitives::{Address, B256, U256, keccak256};
use toml::Spanned;

use super::{
    configurator, endpoint,
    file::{AccessTable, ClassFile, LimitsTable, PsmTable, Seniority, UnitTable},
    governance,
    spec::{Beacon, BookTerms, ClassSpec, Clock, Halo, Psm, UnitSpec},
    tranche,
};
use crate::{
    document::Documents,
    limit::{Limit, LimitName, LimitValue},
    network::{Network, Token},
    quantity::address,
    review::{LimitTable, Measure, Review},
    source::clip,
    text::{EntrantText, SymbolText, Text},
};

/// The cover that a senior Unit has without saying so.
const DEFAULT_COVER_BPS: u16 = 2_000;

pub(super) fn class(
    file: &ClassFile,
    network: &Network,
    documents: &dyn Documents,
    review: &mut Review,
) -> ClassSpec {
    let halo_slug = review.slug(&file.halo.slug);
    let halo = Halo {
        id: keccak256(&halo_slug),
        slug: halo_slug,
        name: review.name(&file.halo.name),
        prime: network
            .prime_said(&file.halo.prime, review)
            .map(|prime| prime.slug.clone())
            .unwrap_or_default(),
        artifact: review.document(&file.halo.artifact, documents),
        governance: file.halo.governance.as_ref().map(|table| governance::resolve(table, review)),
    };
    let slug = review.slug(&file.class.slug);
    let id = child_id(halo.id, &slug);
    let asset = token(&file.class.asset, network, review);
    let beacon_name = review.name(&file.beacon.name);
    let mut limits = class_limits(&file.limits, network, review);
    let mut endpoints = Vec::new();
    for table in &file.endpoints {
        let (endpoint, its) = endpoint::resolve(table, network, documents, review);
        endpoints.push(endpoint);
        limits.extend(its);
    }
    let mut units: Vec<_> = file
        .units
        .iter()
        .map(|u| unit(u.get_ref(), id, &asset, network, documents, review))
        .collect();
    tranche::number(*file.book.mode.get_ref(), &mut units);
    ClassSpec {
        halo,
        id,
        slug,
        name: review.name(&file.class.name),
        template_version: *file.class.templates.get_ref(),
        admins: review.addresses(file.roles.admins.get_ref()),
        conserver: review.address(&file.roles.conserver),
        freezers: review.addresses(file.roles.freezers.get_ref()),
        relayer: review.address(&file.roles.relayer),
        settler: review.address(&file.roles.settler),
        beacon: Beacon {
            id: keccak256(&beacon_name),
            name: beacon_name,
            authority: review.document(&file.beacon.authority, documents),
            uri: review.uri(&file.beacon.uri),
        },
        attestors: review.addresses(file.reporters.attestors.get_ref()),
        threshold: *file.reporters.threshold.get_ref(),
        book: BookTerms {
            mode: *file.book.mode.get_ref(),
            max_up_bps_per_day: review.share_per_day(&file.book.max_up),
            review_down_bps: review.share(&file.book.review_down),
            cost_tolerance_bps: file.book.cost_tolerance.as_ref().map(|t| review.share(t)),
            max_report_age: review.duration(&file.book.max_report_age),
        },
        takeover_delay: review.duration(&file.emergency.takeover_delay),
        configurator: file.configurator.as_ref().map(|table| configurator::resolve(table, review)),
        facets: file.class.facets.get_ref().iter().map(|f| *f.get_ref()).collect(),
        psm: psm(&file.psm, network, review),
        savings_max_rate: file.limits.savings_max_rate.as_ref().map(|rate| {
            let usds = network.token("USDS").cloned().unwrap_or_default();
            review.amount(rate, &Measure::of(&usds))
        }),
        limits,
        endpoints,
        legal_frame: review.document(&file.class.legal_frame, documents),
        artifact: review.document(&file.class.artifact, documents),
        salt: review.salt(file.class.salt.as_ref()),
        units,
        asset,
    }
}

/// `keccak256(abi.encode(parent, keccak256(slug)))`.
fn child_id(parent: B256, slug: &str) -> B256 {
    keccak256([parent, keccak256(slug)].concat())
}

pub(super) fn token(text: &SymbolText, network: &Network, review: &mut Review) -> Token {
    let said = text.get();
    if let Some(token) = network.token(said) {
        return token.clone();
    }
    let known: Vec<&str> = network.tokens.iter().map(|t| t.symbol.as_str()).collect();
    let help = match network.token_like(said) {
        Some(like) => format!("did you mean {like}?"),
        None => format!("known are {}; a token is added in the network file", known.join(", ")),
    };
    review.error(
        text.span(),
        "unknown-token",
        format!("the network {} has no token \"{}\"", network.name, clip(said)),
        help,
    );
    // 18 decimals hold any amount, so that the unknown token is the only thing that is said.
    Token { symbol: said.to_owned(), decimals: 18, ..Token::default() }
}

fn psm(table: &PsmTable, network: &Network, review: &mut Review) -> Psm {
    // One basis point of 1e18.
    let bps = U256::from(10u64).pow(U256::from(14));
    Psm {
        mode: table.mode,
        psm: network.sky.lite_psm,
        dai_usds: network.sky.dai_usds,
        wrapper: network.sky.psm_wrapper,
        max_fee_wad: U256::from(review.share(&table.max_fee)) * bps,
    }
}

fn limit(name: LimitName, token: &Token, value: LimitValue) -> Limit {
    Limit { name, token: token.clone(), max: value.max, slope: value.slope }
}

fn class_limits(table: &LimitsTable, network: &Network, review: &mut Review) -> Vec<Limit> {
    let sky = &network.sky;
    // A network file is refused without these two.
    let usds = network.token("USDS").cloned().unwrap_or_default();
    let usdc = network.token("USDC").cloned().unwrap_or_default();
    let deposit = LimitName::Erc4626Deposit { asset: sky.usds, vault: sky.susds };
    let withdraw = LimitName::Erc4626Withdraw { vault: sky.susds };
    let written: [(&Option<Spanned<LimitTable>>, LimitName, &Token); 3] = [
        (&table.usds_to_usdc, LimitName::UsdsToUsdc, &usdc),
        (&table.savings_deposit, deposit, &usds),
        (&table.savings_withdraw, withdraw, &usds),
    ];
    let mut limits = Vec::new();
    for (table, name, token) in written {
        if let Some(table) = table {
            limits.push(limit(name, token, review.limit(table, &Measure::of(token))));
        }
    }
    limits
}

fn unit(
    table: &UnitTable,
    class_id: B256,
    asset: &Token,
    network: &Network,
    documents: &dyn Documents,
    review: &mut Review,
) -> UnitSpec {
    let slug = review.slug(&table.slug);
    let symbol = table.symbol.get().to_owned();
    let seniority = *table.seniority.get_ref();
    let counted = Measure::of(asset);
    let (entrants, entrant_primes) = entrants(&table.access, network, review);
    let holders = review.addresses(&table.access.holders);
    let cover = match (&table.yields.min_cover, seniority) {
        (Some(text), _) => review.share(text),
        (None, Seniority::Mezzanine | Seniority::Senior) => DEFAULT_COVER_BPS,
        (None, Seniority::Single | Seniority::Junior) => 0,
    };
    let fund = review.limit(&table.fund_redemption, &counted);
    UnitSpec {
        id: child_id(class_id, &slug),
        slug,
        name: review.name(&table.name),
        seniority,
        tranche: 0,
        expected_yield_bps: review.share(&table.yields.expected),
        annual_bps: table.yields.promised.as_ref().map_or(0, |t| review.share(t)),
        min_cover_bps: cover,
        cap: review.amount(&table.capacity.cap, &counted),
        epoch_subscribe_cap: review
            .amount_or_unlimited(&table.capacity.subscribe_per_epoch, &counted),
        epoch_redeem_cap: review.amount_or_unlimited(&table.capacity.redeem_per_epoch, &counted),
        min_subscribe: review.amount(&table.capacity.min_subscribe, &counted),
        min_redeem: review.shares(&table.capacity.min_redeem, &symbol),
        symbol,
        min_epoch_gap: review.duration(&table.lcts.min_epoch_gap),
        max_lock: review.duration(&table.lcts.max_lock),
        clock: Clock {
            enforce: table.lcts.enforce_clock,
            lock_from: review.time(&table.lcts.lock),
            lock_to: review.time(&table.lcts.settle_by),
        },
        settles: *table.lcts.settles.get_ref(),
        open: *table.access.open.get_ref(),
        entrants,
        entrant_primes,
        holders,
        limits: vec![limit(LimitName::LctsFundRedeem, asset, fund)],
        artifact: review.document(&table.artifact, documents),
        salt: review.salt(table.salt.as_ref()),
    }
}

/// The ALMProxies that may enter, ascending, and the slugs of the Primes among them.
fn entrants(
    table: &AccessTable,
    network: &Network,
    review: &mut Review,
) -> (Vec<Address>, Vec<String>) {
    let (mut addresses, mut primes) = (Vec::new(), Vec::new());
    for text in table.entrants.get_ref() {
        let Some((address, slug)) = entrant(text, network, review) else { continue };
        if addresses.contains(&address) {
            review.error(
                text.span(),
                "duplicate",
                format!("\"{}\" is here twice", clip(text.get())),
                "keep one of them; a slug and its ALMProxy are the same",
            );
            continue;
        }
        addresses.push(address);
        primes.extend(slug);
    }
    addresses.sort_unstable();
    (addresses, primes)
}

fn entrant(
    text: &EntrantText,
    network: &Network,
    review: &mut Review,
) -> Option<(Address, Option<String>)> {
    let said = text.get();
    if said.starts_with("0x") {
        let before = review.findings.len();
        let address = review.take(text, address::parse(said));
        let known = network.prime_of(address).map(|p| p.slug.clone());
        return (review.findings.len() == before).then_some((address, known));
    }
    if let Some(prime) = network.prime(said) {
        return Some((prime.alm_proxy, Some(prime.slug.clone())));
    }
    let slugs: Vec<&str> = network.primes.iter().map(|p| p.slug.as_str()).collect();
    let help = match network.prime_like(said) {
        Some(like) => format!("did you mean \"{like}\"?"),
        None => format!("known are {}; or give the address of its ALMProxy", slugs.join(", ")),
    };
    review.error(
        text.span(),
        "unknown-prime",
        format!("the network {} has no Prime \"{}\"", network.name, clip(said)),
        help,
    );
    None
}
