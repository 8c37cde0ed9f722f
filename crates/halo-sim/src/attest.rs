//! The attestors' report: what the Class holds, signed by a quorum.
//!
//! Their keys are not here. On the embedded chain an attestor's address gets the code of a contract wallet that signs
//! everything ([`stand_in`]); the reporter checks it as it checks any ERC-1271 wallet.

use alloy_primitives::{Address, B256, Bytes, U256};
use halo_chain::{Chain, Embedded};
use halo_spec::ClassSpec;
use halo_templates::{
    bindings::{HaloBook, PositionReporter},
    template,
};

use crate::{Result, observe::UnitAt};

/// Puts a wallet that signs everything where each attestor is, unless there is code already.
///
/// # Errors
/// Where the chain stands on a source that does not hold an attestor's account.
pub fn stand_in(chain: &mut Embedded, attestors: &[Address]) -> Result<()> {
    for attestor in attestors {
        if chain.code_at(*attestor)?.is_empty() {
            chain.set_code(*attestor, template::ContractWallet1271.runtime_code().clone())?;
        }
    }
    Ok(())
}

/// Posts a report that claims what the Class can be seen to hold now and nothing else. Returns the gas.
///
/// # Errors
/// If the chain refuses the report, as it does where the attestors are not [`stand_in`]s.
pub async fn report<C: Chain>(chain: &mut C, class: &ClassSpec, at: &UnitAt) -> Result<u64> {
    let reporter = at.class.at.reporter;
    let as_of = chain.block().await?.timestamp;
    let seq = chain.read(reporter, &PositionReporter::lastSeqCall {}).await? + 1;
    let liquid = chain.read(at.class.at.book, &HaloBook::measuredLiquidityCall {}).await?;
    let mut signers = class.attestors.clone();
    signers.sort_unstable();
    signers.truncate(usize::from(class.threshold));
    let signatures = vec![Bytes::new(); signers.len()];
    let report = PositionReporter::Report {
        seq,
        asOf: as_of,
        deployedValue: U256::ZERO,
        inFlightValue: U256::ZERO,
        liquidValue: liquid,
        feesAccrued: U256::ZERO,
        positionsRoot: B256::ZERO,
        docHash: B256::ZERO,
        uri: String::new(),
    };
    let post = PositionReporter::postCall { report, signers, signatures };
    // Anybody may bring a signed report; the settler does.
    Ok(chain.write(class.settler, reporter, &post).await?.gas_used)
}
