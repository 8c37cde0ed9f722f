//! The Sky contracts: tokens, converter, PSM with its pocket and wrapper, chainlog.

use super::builder::{Builder, arguments, bytes32};
use crate::{Result, labels::Labels};
use alloy_primitives::{Address, U256, address, uint};
use halo_spec::Sky;
use halo_templates::{
    bindings::{Chainlog, Dai, LitePsm, SUsds, Usdc, Usds},
    template,
};

/// Where the PSM sends its fees.
const VOW: Address = address!("A950524441892A31ebddF91d3cEEFa04Bf454466");

const WAD: U256 = uint!(1_000_000_000_000_000_000_U256);
const TO_18: U256 = uint!(1_000_000_000_000_U256);

/// Numbers of the Sky contracts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SkyTerms {
    /// USDC in the LitePSM's pocket, 6 decimals.
    pub pocket: U256,
    /// DAI that the LitePSM keeps ready beyond what the pocket backs, wad.
    pub buf: U256,
    /// The LitePSM's debt ceiling, wad.
    pub psm_line: U256,
    /// sUSDS savings rate: growth per second, ray.
    pub ssr: U256,
}

impl Default for SkyTerms {
    /// Rounded from mainnet: a pocket of 5.3 B USDC, a float of 400 M DAI, a ceiling of 10 B, and 3.94 % a year
    /// (SOFR 3.64 % and 0.30 %).
    fn default() -> Self {
        Self {
            pocket: uint!(5_300_000_000_000_000_U256),
            buf: uint!(400_000_000_U256) * WAD,
            psm_line: uint!(10_000_000_000_U256) * WAD,
            ssr: uint!(1_000_000_001_225_381_266_358_479_708_U256),
        }
    }
}

pub(super) fn labels(sky: &Sky) -> Labels {
    let mut labels = Labels::default();
    for (at, name) in [
        (sky.usds, "USDS"),
        (sky.susds, "sUSDS"),
        (sky.dai, "DAI"),
        (sky.usdc, "USDC"),
        (sky.dai_usds, "DAI-USDS converter"),
        (sky.lite_psm, "LitePSM"),
        (sky.lite_psm_pocket, "LitePSM pocket"),
        (sky.psm_wrapper, "USDS PSM wrapper"),
        (sky.chainlog, "chainlog"),
        (VOW, "Sky surplus buffer"),
    ] {
        labels.insert(at, name);
    }
    labels
}

pub(super) fn build(builder: &mut Builder, sky: &Sky, terms: &SkyTerms) -> Result<()> {
    builder.labels.extend(labels(sky));
    tokens(builder, sky, terms)?;
    psm(builder, sky, terms)?;
    chainlog(builder, sky)
}

fn tokens(builder: &mut Builder, sky: &Sky, terms: &SkyTerms) -> Result<()> {
    builder.install(sky.usds, &template::Usds, &[])?;
    builder.install(sky.dai, &template::Dai, &[])?;
    builder.install(sky.usdc, &template::Usdc, &[])?;
    builder.install(sky.susds, &template::SUsds, &arguments(&(sky.usds,)))?;
    builder.install(sky.dai_usds, &template::DaiUsds, &arguments(&(sky.dai, sky.usds)))?;
    for usr in [sky.susds, sky.dai_usds] {
        builder.govern(sky.usds, &Usds::relyCall { usr })?;
    }
    for usr in [sky.dai_usds, sky.lite_psm] {
        builder.govern(sky.dai, &Dai::relyCall { usr })?;
    }
    let minter = builder.governance;
    builder.govern(sky.usdc, &Usdc::configureMinterCall { minter, amount: U256::MAX })?;
    builder.govern(sky.susds, &SUsds::fileCall { what: bytes32("ssr"), data: terms.ssr })?;
    Ok(())
}

fn psm(builder: &mut Builder, sky: &Sky, terms: &SkyTerms) -> Result<()> {
    let ilk = bytes32("LITE-PSM-USDC-A");
    let settings = (ilk, sky.usdc, sky.dai, sky.lite_psm_pocket, VOW);
    builder.install(sky.lite_psm, &template::LitePsm, &arguments(&settings))?;
    let wrapper = arguments(&(sky.lite_psm, sky.dai_usds));
    builder.install(sky.psm_wrapper, &template::UsdsPsmWrapper, &wrapper)?;
    let unlimited = Usdc::approveCall { spender: sky.lite_psm, value: U256::MAX };
    builder.call(sky.lite_psm_pocket, sky.usdc, &unlimited)?;

    // USDC that is merely given to the pocket would count as fees, so governance sells it, out of a float that is
    // large for a moment.
    let file = |what, data| LitePsm::fileCall { what: bytes32(what), data };
    builder.govern(sky.lite_psm, &file("line", terms.psm_line))?;
    builder.govern(
        sky.lite_psm,
        &file("buf", terms.pocket.saturating_mul(TO_18).saturating_add(terms.buf)),
    )?;
    if !terms.psm_line.is_zero() {
        builder.govern(sky.lite_psm, &LitePsm::fillCall {})?;
    }
    if !terms.pocket.is_zero() {
        let usr = builder.governance;
        builder.govern(sky.usdc, &Usdc::mintCall { to: usr, amount: terms.pocket })?;
        builder
            .govern(sky.usdc, &Usdc::approveCall { spender: sky.lite_psm, value: terms.pocket })?;
        builder.govern(sky.lite_psm, &LitePsm::sellGemCall { usr, gemAmt: terms.pocket })?;
    }
    builder.govern(sky.lite_psm, &file("buf", terms.buf))?;
    Ok(())
}

fn chainlog(builder: &mut Builder, sky: &Sky) -> Result<()> {
    builder.install(sky.chainlog, &template::Chainlog, &[])?;
    for (key, addr) in [
        ("CHANGELOG", sky.chainlog),
        ("MCD_PAUSE_PROXY", builder.governance),
        ("MCD_VOW", VOW),
        ("MCD_DAI", sky.dai),
        ("USDS", sky.usds),
        ("SUSDS", sky.susds),
        ("USDC", sky.usdc),
        ("DAI_USDS", sky.dai_usds),
        ("MCD_LITE_PSM_USDC_A", sky.lite_psm),
        ("MCD_LITE_PSM_USDC_A_POCKET", sky.lite_psm_pocket),
        ("WRAPPER_USDS_LITE_PSM_USDC_A", sky.psm_wrapper),
    ] {
        builder.govern(sky.chainlog, &Chainlog::setAddressCall { key: bytes32(key), addr })?;
    }
    Ok(())
}
