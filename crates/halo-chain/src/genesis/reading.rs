//! What a genesis would be made from, read from a chain that is there: addresses by the chainlog, the Primes' ceilings
//! and limits.

use super::builder::bytes32;
use crate::{Chain, Error, Result};
use alloy_primitives::{Address, U256, uint};
use alloy_sol_types::sol;
use halo_spec::{LimitValue, MintCeiling, Network, Period, Prime, Rate, keys};
use halo_templates::bindings::{Chainlog, RateLimits};

sol! {
    /// Sky's debt ceiling instant access module.
    interface AutoLine {
        /// Of an ilk: the largest ceiling and its headroom in rad, the least seconds between two raises, the blocks of the
        /// last change and of the last raise.
        function ilks(bytes32 ilk) external view returns (uint256 line, uint256 gap, uint48 ttl, uint48 last, uint48 lastInc);
    }
}

/// The chainlog's name of the module.
const AUTO_LINE: &str = "MCD_IAM_AUTO_LINE";
/// A rad in a wad.
const RAY: U256 = uint!(1_000_000_000_000_000_000_000_000_000_U256);
const DAY: U256 = uint!(86_400_U256);

/// A name of the chainlog under which another address stands than in the network file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// The chainlog's name.
    pub name: String,
    /// In the network file.
    pub file: Address,
    /// On the chain.
    pub chain: Address,
}

/// What lets a Prime mint and swap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrimeTerms {
    /// How much USDS its allocator vault may owe.
    pub ceiling: MintCeiling,
    /// How much USDS its PAU may draw, in USDS.
    pub mint: LimitValue,
    /// How much USDS it may change, in USDC.
    pub swap: LimitValue,
}

/// The network with its Sky contracts and allocators where the chain's own chainlog says that they are; where it does
/// not know a name, the file speaks. Returns what differs.
///
/// # Errors
/// When the chain cannot be read; a name that the chainlog does not have is no error.
pub async fn by_chainlog<C: Chain>(chain: &C, network: &Network) -> Result<(Network, Vec<Moved>)> {
    let mut found = network.clone();
    let mut moved = Vec::new();
    let sky = &mut found.sky;
    let chainlog = sky.chainlog;
    let mut names: Vec<(String, &mut Address)> = [
        ("USDS", &mut sky.usds),
        ("SUSDS", &mut sky.susds),
        ("MCD_DAI", &mut sky.dai),
        ("USDC", &mut sky.usdc),
        ("DAI_USDS", &mut sky.dai_usds),
        ("MCD_LITE_PSM_USDC_A", &mut sky.lite_psm),
        ("MCD_LITE_PSM_USDC_A_POCKET", &mut sky.lite_psm_pocket),
        ("WRAPPER_USDS_LITE_PSM_USDC_A", &mut sky.psm_wrapper),
        ("MCD_PAUSE_PROXY", &mut found.governance.pause_proxy),
    ]
    .map(|(name, at)| (name.to_owned(), at))
    .into();
    for prime in &mut found.primes {
        let ilk = prime.ilk.replace('-', "_");
        names.push((format!("{ilk}_VAULT"), &mut prime.vault));
        names.push((format!("{ilk}_BUFFER"), &mut prime.buffer));
    }
    for (name, at) in names {
        let Some(there) = filed(chain, chainlog, &name).await? else { continue };
        if there != *at {
            moved.push(Moved { name, file: *at, chain: there });
            *at = there;
        }
    }
    Ok((found, moved))
}

/// What governs a Prime; `None` where the network does not know its RateLimits, or Sky has no such module.
///
/// # Errors
/// When the chain cannot be read, or a number on it is larger than that of any limit.
pub async fn prime_terms<C: Chain>(
    chain: &C,
    network: &Network,
    prime: &Prime,
) -> Result<Option<PrimeTerms>> {
    let Some(limits) = prime.rate_limits else { return Ok(None) };
    let module = filed(chain, network.sky.chainlog, AUTO_LINE).await?;
    let Some(module) = module else { return Ok(None) };
    let ilk = chain.read(module, &AutoLine::ilksCall { ilk: bytes32(&prime.ilk) }).await?;
    let ceiling = MintCeiling {
        line: ilk.line / RAY,
        gap: ilk.gap / RAY,
        ttl: ilk.ttl.to::<u64>().try_into().unwrap_or(u32::MAX),
    };
    let mut values = [LimitValue::default(); 2];
    for (value, key) in values.iter_mut().zip([keys::usds_mint(), keys::usds_to_usdc()]) {
        let data = chain.read(limits, &RateLimits::getRateLimitDataCall { key }).await?;
        // A day's worth of a slope per second comes back to the same slope.
        let a_day = data.slope.checked_mul(DAY).ok_or_else(|| Error::Genesis {
            what: format!("the limits of {}", prime.name),
            reason: format!("the slope {} is none", data.slope),
        })?;
        *value = LimitValue { max: data.maxAmount, slope: Rate::new(a_day, Period::Day) };
    }
    let [mint, swap] = values;
    Ok(Some(PrimeTerms { ceiling, mint, swap }))
}

/// The address under a name of the chainlog. It reverts where it has none, which is an answer; all else is a fault.
async fn filed<C: Chain>(chain: &C, chainlog: Address, name: &str) -> Result<Option<Address>> {
    let call = Chainlog::getAddressCall { key: bytes32(name) };
    match chain.read(chainlog, &call).await {
        Ok(at) => Ok(Some(at)),
        Err(Error::Reverted(_)) => Ok(None),
        Err(error) => Err(error),
    }
}
