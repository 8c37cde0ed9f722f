//! A Controller of our template beside the one that a Prime runs: on the custody and the limits that the Prime has.

use alloy_primitives::{Address, Bytes, keccak256};
use alloy_sol_types::SolValue;
use halo_chain::{Chain, Tx, genesis::FACET_BEACON};
use halo_spec::{Network, Prime};
use halo_templates::template;

use crate::{Error, Result};

/// Where a Prime's second Controller stands, and the access list that it asks. The Prime's SubProxy is the list's admin;
/// nothing else of the Prime knows of either before its spell has run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecondController {
    /// Its access list.
    pub access_controls: Address,
    /// The Controller.
    pub controller: Address,
    deployer: Address,
    creations: [Bytes; 2],
}

impl SecondController {
    /// Where they stand on every chain that has the deployment proxy: the addresses follow from the Prime's.
    ///
    /// # Errors
    /// [`Error::Terms`] when the network does not know the Prime's rate limits.
    pub fn of(prime: &Prime, network: &Network) -> Result<Self> {
        let rate_limits = prime.rate_limits.ok_or_else(|| Error::Terms {
            what: format!(
                "the network {} does not know the rate limits of {}",
                network.name, prime.name
            ),
            remedy: "give `rate_limits` in the network's file".to_owned(),
        })?;
        let salt = keccak256(format!("halo second controller/{}", prime.slug));
        let at = |initcode: &[u8]| network.create2.create2_from_code(salt, initcode);
        let acl = [
            &template::AccessControls.creation_code()[..],
            &(prime.sub_proxy,).abi_encode_params(),
        ];
        let acl = acl.concat();
        let access_controls = at(&acl);
        let parts = (access_controls, FACET_BEACON, prime.alm_proxy, rate_limits, Address::ZERO);
        let controller = [&template::Controller.creation_code()[..], &parts.abi_encode_params()];
        let controller = controller.concat();
        let call = |initcode: &[u8]| Bytes::from([&salt[..], initcode].concat());
        Ok(Self {
            access_controls,
            controller: at(&controller),
            deployer: network.create2,
            creations: [call(&acl), call(&controller)],
        })
    }

    /// Creates both, as anybody may; what stands already stays.
    ///
    /// # Errors
    /// When the chain refuses, for example because the deployment proxy is not there.
    pub async fn deploy<C: Chain>(&self, chain: &mut C, from: Address) -> Result<()> {
        for (at, creation) in
            [self.access_controls, self.controller].into_iter().zip(&self.creations)
        {
            if chain.code(at).await?.is_empty() {
                chain.send(&Tx::call(from, self.deployer, creation.clone())).await?;
            }
        }
        Ok(())
    }
}
