//! A timelock's batch: scheduled, waited for, executed, by BeamTimelock or OpenZeppelin's TimelockController.

use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_sol_types::{SolCall, sol};
use halo_chain::{Chain, Tx};
use halo_templates::bindings::BeamTimelock;

use super::{Batch, Handoff, Next, Said};
use crate::{
    error::Result,
    means::{Road, TimelockMake},
    number::operation,
};

sol! {
    /// OpenZeppelin's TimelockController, as far as a batch needs it.
    interface Controller {
        function getMinDelay() external view returns (uint256);
        function getTimestamp(bytes32 id) external view returns (uint256);
        function hashOperationBatch(
            address[] targets, uint256[] values, bytes[] payloads, bytes32 predecessor, bytes32 salt
        ) external pure returns (bytes32);
        function scheduleBatch(
            address[] targets, uint256[] values, bytes[] payloads, bytes32 predecessor, bytes32 salt, uint256 delay
        ) external;
        function executeBatch(
            address[] targets, uint256[] values, bytes[] payloads, bytes32 predecessor, bytes32 salt
        ) external payable;
    }
}

/// How a batch stands in its timelock.
enum Standing {
    Unknown,
    Waiting(u64),
    Ready,
    Dead(&'static str),
}

struct Calls {
    targets: Vec<Address>,
    values: Vec<U256>,
    payloads: Vec<Bytes>,
    salt: B256,
}

pub(super) async fn next<C: Chain>(
    batch: &Batch<'_>,
    road: &Road,
    chain: &C,
    handoff: &mut Handoff,
) -> Result<()> {
    let Road::Timelock { make, min_delay, proposer } = road else { return Ok(()) };
    let timelock = batch.signer.address;
    if chain.code(timelock).await?.is_empty() {
        return Err(batch.fault("there is no contract at that address".to_owned()));
    }
    let delay = delay(timelock, *make, chain).await?;
    if delay < *min_delay {
        let what =
            format!("its delay is {delay} s, less than the {min_delay} s that [signers] says");
        return Err(batch.fault(what));
    }
    let calls = Calls::of(batch)?;
    if *make == TimelockMake::Beam && calls.values.iter().any(|value| !value.is_zero()) {
        return Err(batch.fault("a BeamTimelock's calls carry no ether".to_owned()));
    }
    let (id, standing) = calls.standing(timelock, *make, chain).await?;
    handoff.says = vec![
        Said::new("timelock", timelock),
        Said::new("operation", id),
        Said::new("delay", format_args!("{delay} s")),
    ];
    handoff.next = match standing {
        Standing::Unknown => {
            let tx = calls.schedule(*proposer, timelock, *make, delay);
            Next::Send { purpose: "schedule", tx }
        }
        Standing::Waiting(until) => {
            Next::Wait { until, why: format!("the batch {id} waits in the timelock {timelock}") }
        }
        Standing::Ready => {
            let tx = calls.execute(*proposer, timelock, *make, id);
            Next::Send { purpose: "execute", tx }
        }
        Standing::Dead(why) => return Err(batch.fault(format!("the batch {id} {why}"))),
    };
    Ok(())
}

/// Seconds between scheduling and execution.
async fn delay<C: Chain>(timelock: Address, make: TimelockMake, chain: &C) -> Result<u64> {
    let delay = match make {
        TimelockMake::Beam => chain.read(timelock, &BeamTimelock::delayCall {}).await?,
        TimelockMake::Openzeppelin => chain.read(timelock, &Controller::getMinDelayCall {}).await?,
    };
    Ok(delay.saturating_to())
}

impl Calls {
    fn of(batch: &Batch<'_>) -> Result<Self> {
        let calls = batch.calls()?;
        Ok(Self {
            targets: calls.iter().map(|call| call.to).collect(),
            values: calls.iter().map(|call| call.value).collect(),
            payloads: calls.iter().map(|call| call.data.clone()).collect(),
            salt: batch.digest(),
        })
    }

    async fn standing<C: Chain>(
        &self,
        timelock: Address,
        make: TimelockMake,
        chain: &C,
    ) -> Result<(B256, Standing)> {
        let now = chain.block().await?.timestamp;
        match make {
            TimelockMake::Beam => {
                let call = BeamTimelock::hashOperationCall {
                    targets: self.targets.clone(),
                    payloads: self.payloads.clone(),
                    predecessor: B256::ZERO,
                    salt: self.salt,
                };
                let id = chain.read(timelock, &call).await?;
                let state = chain.read(timelock, &BeamTimelock::stateOfCall { id }).await?;
                let standing = match state {
                    operation::WAITING => {
                        let found =
                            chain.read(timelock, &BeamTimelock::operationCall { id }).await?;
                        Standing::Waiting(found.readyAt)
                    }
                    operation::READY => Standing::Ready,
                    operation::EXPIRED => Standing::Dead("has expired; anyone may `cancel` it"),
                    operation::DONE => {
                        Standing::Dead("was executed, but what it should leave does not hold")
                    }
                    _ => Standing::Unknown,
                };
                Ok((id, standing))
            }
            TimelockMake::Openzeppelin => {
                let call = Controller::hashOperationBatchCall {
                    targets: self.targets.clone(),
                    values: self.values.clone(),
                    payloads: self.payloads.clone(),
                    predecessor: B256::ZERO,
                    salt: self.salt,
                };
                let id = chain.read(timelock, &call).await?;
                let ready: u64 = chain
                    .read(timelock, &Controller::getTimestampCall { id })
                    .await?
                    .saturating_to();
                let standing = match ready {
                    0 => Standing::Unknown,
                    1 => Standing::Dead("was executed, but what it should leave does not hold"),
                    ready if now < ready => Standing::Waiting(ready),
                    _ => Standing::Ready,
                };
                Ok((id, standing))
            }
        }
    }

    fn schedule(&self, from: Address, timelock: Address, make: TimelockMake, delay: u64) -> Tx {
        let (targets, payloads) = (self.targets.clone(), self.payloads.clone());
        let (predecessor, salt) = (B256::ZERO, self.salt);
        let data = match make {
            TimelockMake::Beam => {
                BeamTimelock::scheduleBatchCall { targets, payloads, predecessor, salt }
                    .abi_encode()
            }
            TimelockMake::Openzeppelin => Controller::scheduleBatchCall {
                targets,
                values: self.values.clone(),
                payloads,
                predecessor,
                salt,
                delay: U256::from(delay),
            }
            .abi_encode(),
        };
        Tx::call(from, timelock, data.into())
    }

    fn execute(&self, from: Address, timelock: Address, make: TimelockMake, id: B256) -> Tx {
        let data = match make {
            TimelockMake::Beam => BeamTimelock::executeBatchCall { id }.abi_encode(),
            TimelockMake::Openzeppelin => Controller::executeBatchCall {
                targets: self.targets.clone(),
                values: self.values.clone(),
                payloads: self.payloads.clone(),
                predecessor: B256::ZERO,
                salt: self.salt,
            }
            .abi_encode(),
        };
        let value = self.values.iter().fold(U256::ZERO, |sum, value| sum.saturating_add(*value));
        Tx::call(from, timelock, data.into()).with_value(value)
    }
}
