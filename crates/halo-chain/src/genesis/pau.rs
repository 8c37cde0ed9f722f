//! The Primes: allocator vault, buffer, and a PAU with its facets wired.

use super::{
    FACET_BEACON,
    builder::{Builder, arguments, bytes32},
};
use crate::{Result, labels::Labels};
use alloy_primitives::{Address, B256, U256, address, keccak256};
use halo_spec::{LimitValue, LimitsStart, Prime, ScenarioPrime, Sky, keys};
use halo_templates::{
    Template,
    bindings::{
        ALMProxy, AccessControls, AllocatorBuffer, AllocatorVault, Chainlog, Controller,
        ControllerSurface, FacetBeacon, LitePsm, RateLimits, Usds, UsdsFacet,
    },
    template,
};

/// The facets on offer, at the addresses that they have on mainnet; the last one exists only here.
static FACETS: [(Address, &Template); 6] = [
    (address!("1221CC4B85Ab260660aD21C2829e0EB516dffBc7"), &template::UsdsFacet),
    (address!("E4A5dAc768a310cc2316f258901b32E499653064"), &template::PsmFacet),
    (address!("4DA7608C331b8f135df5b985018933780eCd089D"), &template::TransferAssetFacet),
    (address!("1dCA18608c89174181153E786778705b4A0E1a06"), &template::Erc4626Facet),
    (address!("4f7e0E3612b0e1E156A2B6570a51d4BD709F1315"), &template::Erc7540Facet),
    (address!("1C75000000000000000000000000000000000001"), &template::LctsPrimeFacet),
];

/// A Prime's PAU on an embedded chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrimePau {
    /// The Prime's short name.
    pub slug: String,
    /// keccak-256 of it.
    pub id: B256,
    /// Admin of everything below.
    pub sub_proxy: Address,
    /// Holds its assets.
    pub proxy: Address,
    /// Its limits.
    pub rate_limits: Address,
    /// Its front door.
    pub controller: Address,
    /// Its access list.
    pub acl: Address,
    /// Takes the relayer out at a freezer's word.
    pub freezer_module: Address,
    /// Holder of ALLOCATOR_ROLE.
    pub relayer: Option<Address>,
    /// Draws USDS.
    pub vault: Address,
    /// Receives what is drawn.
    pub buffer: Address,
}

impl PrimePau {
    /// The addresses of a Prime's PAU: its own where the network knows them, else made from its name.
    pub fn of(prime: &Prime) -> Self {
        let made = |what: &str| {
            Address::from_word(keccak256(format!("halo genesis/{}/{what}", prime.slug)))
        };
        Self {
            slug: prime.slug.clone(),
            id: prime.id,
            sub_proxy: prime.sub_proxy,
            proxy: prime.alm_proxy,
            rate_limits: prime.rate_limits.unwrap_or_else(|| made("RateLimits")),
            controller: prime.controller.unwrap_or_else(|| made("Controller")),
            acl: prime.access_controls.unwrap_or_else(|| made("AccessControls")),
            freezer_module: made("FreezerModule"),
            relayer: prime.relayer,
            vault: prime.vault,
            buffer: prime.buffer,
        }
    }

    /// Names of its parts, after the Prime's name.
    pub fn labels(&self, name: &str) -> Labels {
        let mut labels = Labels::default();
        for (at, part) in [
            (self.sub_proxy, "SubProxy"),
            (self.proxy, "ALMProxy"),
            (self.rate_limits, "RateLimits"),
            (self.controller, "Controller"),
            (self.acl, "AccessControls"),
            (self.freezer_module, "FreezerModule"),
            (self.vault, "allocator vault"),
            (self.buffer, "allocator buffer"),
        ] {
            labels.insert(at, format!("{name} {part}"));
        }
        if let Some(relayer) = self.relayer {
            labels.insert(relayer, format!("{name} relayer"));
        }
        labels
    }
}

pub(super) fn facet_labels() -> Labels {
    let mut labels = Labels::default();
    labels.insert(FACET_BEACON, "facet beacon");
    for (at, template) in &FACETS {
        labels.insert(*at, template.name());
    }
    labels
}

/// Puts the facets in place and offers them, each with the wires that it names itself.
pub(super) fn offer_facets(builder: &mut Builder) -> Result<()> {
    builder.labels.extend(facet_labels());
    let admin = builder.governance;
    builder.install(FACET_BEACON, &template::FacetBeacon, &arguments(&(admin,)))?;
    for (facet, template) in &FACETS {
        builder.install(*facet, template, &[])?;
        let (id, wires) = offered(builder, *facet)?;
        let offer = FacetBeacon::setIntegrationCall { id, facet: *facet, wires };
        builder.govern(FACET_BEACON, &offer)?;
    }
    Ok(())
}

/// Every facet answers the same two questions, so one facet's binding asks them all.
fn offered(builder: &mut Builder, facet: Address) -> Result<(B256, Vec<FacetBeacon::Wire>)> {
    let id = builder.govern(facet, &UsdsFacet::integrationIdCall {})?;
    let wires = builder.govern(facet, &UsdsFacet::wiresCall {})?;
    let wires = wires.into_iter().map(|wire| FacetBeacon::Wire {
        callSelector: wire.callSelector,
        delegateSelector: wire.delegateSelector,
    });
    Ok((id, wires.collect()))
}

pub(super) fn build(
    builder: &mut Builder,
    sky: &Sky,
    terms: &ScenarioPrime,
    start: LimitsStart,
) -> Result<PrimePau> {
    let prime = &terms.prime;
    let pau = PrimePau::of(prime);
    builder.labels.extend(pau.labels(&prime.name));
    allocator(builder, sky, terms, &pau)?;
    contracts(builder, &pau, prime.freezer)?;
    wiring(builder, sky, &pau)?;
    set_limit(builder, &pau, keys::usds_mint(), &terms.mint, start)?;
    set_limit(builder, &pau, keys::usds_to_usdc(), &terms.swap, start)?;
    Ok(pau)
}

/// The vault and the buffer, handed by the Sky governance to the Prime, and by the Prime to its ALMProxy.
fn allocator(
    builder: &mut Builder,
    sky: &Sky,
    terms: &ScenarioPrime,
    pau: &PrimePau,
) -> Result<()> {
    let PrimePau { vault, buffer, proxy, sub_proxy, .. } = *pau;
    let settings = (bytes32(&terms.prime.ilk), buffer, sky.usds);
    builder.install(vault, &template::AllocatorVault, &arguments(&settings))?;
    builder.install(buffer, &template::AllocatorBuffer, &[])?;
    builder.govern(sky.usds, &Usds::relyCall { usr: vault })?;
    let approve =
        |spender| AllocatorBuffer::approveCall { asset: sky.usds, spender, amount: U256::MAX };
    builder.govern(buffer, &approve(vault))?;
    for (what, data) in [
        ("line", terms.ceiling.line),
        ("gap", terms.ceiling.gap),
        ("ttl", U256::from(terms.ceiling.ttl)),
    ] {
        builder.govern(vault, &AllocatorVault::fileCall { what: bytes32(what), data })?;
    }
    // The ceiling opens now, so that a day's gap counts from the start.
    builder.govern(vault, &AllocatorVault::execCall {})?;
    builder.govern(vault, &AllocatorVault::relyCall { usr: sub_proxy })?;
    builder.govern(buffer, &AllocatorBuffer::relyCall { usr: sub_proxy })?;

    builder.call(sub_proxy, vault, &AllocatorVault::relyCall { usr: proxy })?;
    builder.call(sub_proxy, buffer, &approve(proxy))?;
    builder.govern(sky.lite_psm, &LitePsm::kissCall { usr: proxy })?;

    let ilk = terms.prime.ilk.replace('-', "_");
    for (part, addr) in [("VAULT", vault), ("BUFFER", buffer)] {
        let key = bytes32(&format!("{ilk}_{part}"));
        builder.govern(sky.chainlog, &Chainlog::setAddressCall { key, addr })?;
    }
    Ok(())
}

/// ALMProxy, RateLimits, AccessControls, FreezerModule and Controller, with their roles.
fn contracts(builder: &mut Builder, pau: &PrimePau, freezer: Option<Address>) -> Result<()> {
    let PrimePau { proxy, rate_limits, controller, acl, freezer_module, sub_proxy, .. } = *pau;
    for (at, template) in [
        (proxy, &template::ALMProxy),
        (rate_limits, &template::RateLimits),
        (acl, &template::AccessControls),
    ] {
        builder.install(at, template, &arguments(&(sub_proxy,)))?;
    }
    builder.install(freezer_module, &template::FreezerModule, &arguments(&(acl,)))?;
    let parts = (acl, FACET_BEACON, proxy, rate_limits, Address::ZERO);
    builder.install(controller, &template::Controller, &arguments(&parts))?;

    let role = keccak256("CONTROLLER");
    builder.call(sub_proxy, proxy, &ALMProxy::grantRoleCall { role, account: controller })?;
    builder.call(
        sub_proxy,
        rate_limits,
        &RateLimits::grantRoleCall { role, account: controller },
    )?;

    let (allocator, revoker) = (keccak256("ALLOCATOR_ROLE"), keccak256("REVOKER_ROLE"));
    let mut grants = vec![(revoker, freezer_module)];
    grants.extend(freezer.map(|account| (keccak256("FREEZER_ROLE"), account)));
    grants.extend(pau.relayer.map(|account| (allocator, account)));
    for (role, account) in grants {
        builder.call(sub_proxy, acl, &AccessControls::grantRoleCall { role, account })?;
    }
    let revoker = AccessControls::setRoleRevokerCall { role: allocator, revokerRole: revoker };
    builder.call(sub_proxy, acl, &revoker)?;
    Ok(())
}

/// The facets, the vault, and the PSM without a fee, as Primes have it on mainnet.
fn wiring(builder: &mut Builder, sky: &Sky, pau: &PrimePau) -> Result<()> {
    let PrimePau { controller, sub_proxy, vault, .. } = *pau;
    let mut ids = Vec::with_capacity(FACETS.len());
    for (facet, _) in &FACETS {
        ids.push(builder.govern(*facet, &UsdsFacet::integrationIdCall {})?);
    }
    let sync = Controller::syncIntegrationsCall { removeIds: Vec::new(), addIds: ids };
    builder.call(sub_proxy, controller, &sync)?;
    builder.call(sub_proxy, controller, &ControllerSurface::usds_setVaultCall { vault })?;
    let config = ControllerSurface::PsmConfig {
        mode: 1,
        psm: sky.lite_psm,
        daiUsds: sky.dai_usds,
        wrapper: sky.psm_wrapper,
        maxFeeWad: U256::ZERO,
    };
    builder.call(sub_proxy, controller, &ControllerSurface::psm_setConfigCall { config })?;
    Ok(())
}

/// A limit of nothing is no limit on the chain: the key stays unset, and its use reverts.
fn set_limit(
    builder: &mut Builder,
    pau: &PrimePau,
    key: B256,
    limit: &LimitValue,
    start: LimitsStart,
) -> Result<()> {
    if limit.max.is_zero() {
        return Ok(());
    }
    if limit.is_unlimited() {
        let call = RateLimits::setUnlimitedRateLimitDataCall { key };
        return builder.call(pau.sub_proxy, pau.rate_limits, &call).map(drop);
    }
    let call = RateLimits::setRateLimitDataCall {
        key,
        maxAmount: limit.max,
        slope: limit.slope.per_second,
        lastAmount: match start {
            LimitsStart::Full => limit.max,
            LimitsStart::Empty => U256::ZERO,
        },
        lastUpdated: U256::from(builder.chain.timestamp()),
    };
    builder.call(pau.sub_proxy, pau.rate_limits, &call).map(drop)
}
