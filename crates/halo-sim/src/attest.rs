//! The attestors: what the Class owns and what came back from its endpoints, signed by a quorum.
//!
//! Their keys are not here. On the embedded chain an attestor's address gets the code of a contract wallet that signs
//! everything ([`stand_in`]); the reporter checks it as it checks any ERC-1271 wallet.

use alloy_primitives::{Address, B256, Bytes, U256};
use halo_chain::{Chain, Embedded};
use halo_spec::ClassSpec;
use halo_templates::{
    bindings::{HaloBook, OfframpLedger, PositionReporter},
    template,
};

use crate::{Result, observe::UnitAt};

/// What the attestors say of a Class beyond what is liquid, asset units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Statement {
    /// Positions and money that was converted.
    pub deployed: U256,
    /// Payments that no position was confirmed for.
    pub in_flight: U256,
}

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
    Ok(state(chain, class, at, &Statement::default()).await?.0)
}

/// Posts a report of now: what the Class can be seen to hold, and `said` beyond it, no more than the Book takes of a
/// rise at once. A second key confirms it where the Book asks for one. Returns the gas, and whether it was confirmed.
///
/// # Errors
/// As [`report`].
pub async fn state<C: Chain>(
    chain: &mut C,
    class: &ClassSpec,
    at: &UnitAt,
    said: &Statement,
) -> Result<(u64, bool)> {
    let (reporter, book) = (at.class.at.reporter, at.class.at.book);
    let as_of = chain.block().await?.timestamp;
    let seq = chain.read(reporter, &PositionReporter::lastSeqCall {}).await? + 1;
    let liquid = chain.read(book, &HaloBook::measuredLiquidityCall {}).await?;
    let most = chain.read(book, &HaloBook::maxNavAtCall { asOf: as_of }).await?;
    // What may not be said today is said when the Book has grown to it.
    let liquid = liquid.min(most);
    let in_flight = said.in_flight.min(most - liquid);
    let deployed = said.deployed.min(most - liquid - in_flight);
    let (signers, signatures) = quorum(class);
    let report = PositionReporter::Report {
        seq,
        asOf: as_of,
        deployedValue: deployed,
        inFlightValue: in_flight,
        liquidValue: liquid,
        feesAccrued: U256::ZERO,
        positionsRoot: B256::ZERO,
        docHash: B256::ZERO,
        uri: String::new(),
    };
    let post = PositionReporter::postCall { report, signers: signers.clone(), signatures };
    // Anybody may bring a signed report; the settler does.
    let mut gas = chain.write(class.settler, reporter, &post).await?.gas_used;
    let review = chain.read(book, &HaloBook::underReviewCall {}).await?;
    if review {
        let others = class.attestors.iter().find(|one| !signers.contains(one));
        let key = others.copied().unwrap_or(class.conserver);
        let confirm = PositionReporter::confirmCall { seq };
        gas += chain.write(key, reporter, &confirm).await?.gas_used;
    }
    Ok((gas, review))
}

/// Confirms that so much of what was paid to `target` is a position now. 18 decimals.
///
/// # Errors
/// As [`report`].
pub(crate) async fn acknowledge<C: Chain>(
    chain: &mut C,
    class: &ClassSpec,
    at: &UnitAt,
    target: Address,
    amount: U256,
) -> Result<u64> {
    let ledger = at.class.at.ledger;
    let nonce = chain.read(ledger, &OfframpLedger::lastNonceCall {}).await? + 1;
    let (signers, signatures) = quorum(class);
    let a = OfframpLedger::Acknowledgement { target, amount, positionId: B256::ZERO, nonce };
    let call = OfframpLedger::acknowledgeCall { a, signers, signatures };
    Ok(chain.write(class.settler, ledger, &call).await?.gas_used)
}

/// Says that so much of what `target` paid back came out of a position. 18 decimals.
///
/// # Errors
/// As [`report`].
pub(crate) async fn match_return<C: Chain>(
    chain: &mut C,
    class: &ClassSpec,
    at: &UnitAt,
    target: Address,
    asset: Address,
    amount: U256,
) -> Result<u64> {
    let ledger = at.class.at.ledger;
    let nonce = chain.read(ledger, &OfframpLedger::lastNonceCall {}).await? + 1;
    let (signers, signatures) = quorum(class);
    let m = OfframpLedger::Match {
        target,
        asset,
        inFlight: U256::ZERO,
        position: amount,
        positionId: B256::ZERO,
        nonce,
    };
    let call = OfframpLedger::matchReturnCall { m, signers, signatures };
    Ok(chain.write(class.settler, ledger, &call).await?.gas_used)
}

/// As many attestors as must sign, in ascending order, with signatures that their stand-ins accept.
fn quorum(class: &ClassSpec) -> (Vec<Address>, Vec<Bytes>) {
    let mut signers = class.attestors.clone();
    signers.sort_unstable();
    signers.truncate(usize::from(class.threshold));
    let signatures = vec![Bytes::new(); signers.len()];
    (signers, signatures)
}
