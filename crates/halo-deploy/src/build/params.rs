//! A spec as the factory wants to hear it. The hash of these parameters is what artifacts approve.

use alloy_primitives::{Address, B256, keccak256};
use alloy_sol_types::SolValue;
use halo_spec::{ClassSpec, UnitSpec};
use halo_templates::bindings::LaniakeaFactory::{
    BookTerms, ClassParams, Clock, Endpoint, Limit, PsmConfig, UnitParams,
};

/// `halo_mom` is a warden of every Class, so that Sky's hat can stop it without a delay.
pub(crate) fn class(spec: &ClassSpec, artifact_id: B256, halo_mom: Address) -> ClassParams {
    ClassParams {
        haloId: spec.halo.id,
        slug: spec.slug.clone(),
        asset: spec.asset.address,
        admins: spec.admins.clone(),
        conserver: spec.conserver,
        freezers: [&spec.freezers[..], &[halo_mom]].concat(),
        relayer: spec.relayer,
        settler: spec.settler,
        beaconId: spec.beacon.id,
        attestors: spec.attestors.clone(),
        threshold: spec.threshold,
        book: BookTerms {
            mode: spec.book.mode.number(),
            maxUpBpsPerDay: spec.book.max_up_bps_per_day,
            reviewDownBps: spec.book.review_down_bps,
            costToleranceBps: cost_tolerance(spec),
            maxReportAge: spec.book.max_report_age,
        },
        facets: spec.facets.iter().map(|facet| facet.id()).collect(),
        limits: spec.limits.iter().map(|limit| class_limit(spec, limit)).collect(),
        psm: psm(spec),
        endpoints: spec.endpoints.iter().map(endpoint).collect(),
        configurator: spec.configurator.is_some(),
        takeoverDelay: spec.takeover_delay.into(),
        legalFrameHash: spec.legal_frame.hash,
        artifactId: artifact_id,
        salt: spec.salt,
    }
}

/// `PositionReporter.NO_COMPARISON` where the spec says nothing.
pub(crate) fn cost_tolerance(spec: &ClassSpec) -> u16 {
    spec.book.cost_tolerance_bps.unwrap_or(u16::MAX)
}

fn endpoint(endpoint: &halo_spec::Endpoint) -> Endpoint {
    Endpoint {
        target: endpoint.address,
        kind: endpoint.kind.number(),
        assets: endpoint.assets.iter().map(|asset| asset.address).collect(),
        maxInFlight: endpoint.max_in_flight,
        maxSlippage: endpoint.least_return_wad,
        rechargeRate: endpoint.recharge.per_second,
        kycHash: endpoint.kyc,
    }
}

fn class_limit(spec: &ClassSpec, limit: &halo_spec::Limit) -> Limit {
    Limit {
        // A Class's own limits are not about a Unit.
        key: limit.name.key(spec.asset.address, Address::ZERO),
        maxAmount: limit.max,
        slope: limit.slope.per_second,
    }
}

/// All zero, which the factory takes for "not configured", when the Class does not exchange.
fn psm(spec: &ClassSpec) -> PsmConfig {
    if !spec.facets.contains(&halo_spec::Facet::Psm) {
        return PsmConfig::default();
    }
    PsmConfig {
        mode: spec.psm.mode.number(),
        psm: spec.psm.psm,
        daiUsds: spec.psm.dai_usds,
        wrapper: spec.psm.wrapper,
        maxFeeWad: spec.psm.max_fee_wad,
    }
}

pub(crate) fn unit(unit: &UnitSpec, artifact_id: B256) -> UnitParams {
    UnitParams {
        slug: unit.slug.clone(),
        name: unit.name.clone(),
        symbol: unit.symbol.clone(),
        tranche: unit.tranche,
        annualBps: unit.annual_bps,
        minCoverBps: unit.min_cover_bps,
        cap: unit.cap,
        epochSubscribeCap: unit.epoch_subscribe_cap,
        epochRedeemCap: unit.epoch_redeem_cap,
        minSubscribe: unit.min_subscribe,
        minRedeem: unit.min_redeem,
        minEpochGap: unit.min_epoch_gap,
        maxLock: unit.max_lock,
        clock: Clock {
            enforce: unit.clock.enforce,
            lockFrom: unit.clock.lock_from,
            lockTo: unit.clock.lock_to,
        },
        open: unit.open,
        entrants: unit.entrants.clone(),
        holders: unit.holders.clone(),
        artifactId: artifact_id,
        salt: unit.salt,
    }
}

/// What an artifact says of parameters.
pub(crate) fn hash(params: &impl SolValue) -> B256 {
    keccak256(params.abi_encode())
}
