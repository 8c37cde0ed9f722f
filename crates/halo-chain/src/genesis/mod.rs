//! Block 0 of an embedded chain: the Sky stand-ins and the Primes' PAUs at their mainnet addresses.

mod builder;
mod pau;
pub mod reading;
mod sky;

pub use pau::PrimePau;
pub use sky::SkyTerms;

use crate::{Embedded, Result, alloc::Alloc, labels::Labels};
use alloy_primitives::{Address, Bytes, address, bytes};
use builder::Builder;
use halo_spec::{LimitsStart, Network, Scenario, ScenarioPrime};

/// Where Sky keeps the list of the facets on offer.
pub const FACET_BEACON: Address = address!("829dC2b7E94B1954F0764E573f2E0d45Afa28199");

/// Runtime code of the deterministic deployment proxy: the first 32 bytes of calldata are the salt of a CREATE2, the
/// rest is the init code, and the answer is the 20 bytes of the new address.
pub const CREATE2_PROXY_CODE: Bytes = bytes!(
    "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035828234f58015156039578182fd5b8082525050506014600cf3"
);

/// What a genesis is made from.
#[derive(Debug, Clone, Copy)]
pub struct GenesisTerms<'a> {
    /// Addresses, chain id and who governs.
    pub network: &'a Network,
    /// The Primes that get a PAU, with their debt ceilings and their limits for minting and swapping.
    pub primes: &'a [ScenarioPrime],
    /// What those limits hold at the start.
    pub limits_start: LimitsStart,
    /// The UTC second at which the chain starts.
    pub timestamp: u64,
    /// Numbers of the Sky contracts.
    pub sky: SkyTerms,
}

/// Block 0, built.
#[derive(Debug)]
pub struct Genesis {
    /// The chain. Its events are those of what comes after.
    pub chain: Embedded,
    /// The PAUs, in the order of the Primes.
    pub primes: Vec<PrimePau>,
    /// Names of everything that stands there.
    pub labels: Labels,
}

impl<'a> GenesisTerms<'a> {
    /// The genesis that a scenario starts from.
    pub fn of_scenario(network: &'a Network, scenario: &'a Scenario) -> Self {
        Self {
            network,
            primes: &scenario.primes,
            limits_start: scenario.limits_start,
            timestamp: scenario.start,
            sky: SkyTerms::default(),
        }
    }
}

impl Genesis {
    /// Runs every constructor and every step of governance that the real contracts went through.
    ///
    /// # Errors
    /// The step that failed and why, for example two Primes at one address.
    pub fn build(terms: &GenesisTerms<'_>) -> Result<Self> {
        let network = terms.network;
        let mut chain = Embedded::new(network.chain_id, terms.timestamp);
        chain.set_history(false);
        let mut builder = Builder::new(chain, network.governance.pause_proxy);
        builder.label(network.governance.pause_proxy, "Sky pause proxy");
        builder.label(network.governance.council, "Sky Core Council");
        builder.label(network.create2, "deployment proxy");
        builder.chain.set_code(network.create2, CREATE2_PROXY_CODE)?;

        sky::build(&mut builder, &network.sky, &terms.sky)?;
        pau::offer_facets(&mut builder)?;
        let mut primes = Vec::with_capacity(terms.primes.len());
        for prime in terms.primes {
            primes.push(pau::build(&mut builder, &network.sky, prime, terms.limits_start)?);
        }

        let Builder { chain, labels, .. } = builder;
        Ok(Self { chain: chain.into_block(0), primes, labels })
    }

    /// Names of everything that a network and its Primes put on a chain, without building it.
    pub fn labels_of(network: &Network) -> Labels {
        let mut labels = sky::labels(&network.sky);
        labels.insert(network.governance.pause_proxy, "Sky pause proxy");
        labels.insert(network.governance.council, "Sky Core Council");
        labels.insert(network.create2, "deployment proxy");
        labels.extend(pau::facet_labels());
        for prime in &network.primes {
            labels.extend(PrimePau::of(prime).labels(&prime.name));
        }
        labels
    }

    /// The accounts, for another EVM to start from.
    ///
    /// # Errors
    /// None on a genesis that was built here.
    pub fn alloc(&self) -> Result<Alloc> {
        Alloc::of(&self.chain)
    }
}
