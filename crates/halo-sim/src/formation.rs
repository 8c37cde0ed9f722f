//! One Prime's sentinel formation as an agent.

use alloy_primitives::Address;
use halo_chain::{Chain, Tx};
use halo_sentinel::{
    encode,
    prime::{
        self, Case, Decision,
        allocate::{Allocation, Appetite},
        detect::{Candidate, Detector},
        execute::{self, Act},
        onboarding::{self, Validation},
        view::Stake,
        warden,
    },
};

use crate::{
    Error, Result,
    observe::{Observer, UnitAt},
};

/// One Prime: what it knows and where it acts.
#[derive(Debug, Clone)]
pub struct Formation<'a> {
    /// Who it is.
    pub prime: &'a halo_spec::Prime,
    relayer: Address,
    detector: Detector,
    next_block: u64,
}

/// What a Prime did about one Unit, once.
#[derive(Debug, Clone)]
pub struct Move {
    /// When, UTC seconds.
    pub at: u64,
    /// Whether it took the Unit for a deployment target, and if not, why.
    pub validation: Validation,
    /// What it wanted, what each limit allowed, what it took.
    pub allocation: Allocation,
    /// Gas of the transactions that it sent, one for each act.
    pub gas: Vec<(Act, u64)>,
}

impl<'a> Formation<'a> {
    /// A Prime that has seen nothing yet.
    ///
    /// # Errors
    /// If the network names no relayer for it.
    pub fn new(prime: &'a halo_spec::Prime) -> Result<Self> {
        let relayer =
            prime.relayer.ok_or_else(|| Error::NoRelayer { prime: prime.slug.clone() })?;
        Ok(Self { prime, relayer, detector: Detector::default(), next_block: 0 })
    }

    /// Reads what the registry announced since the last time, and returns the Units that are deployment targets now.
    pub async fn detect<C: Chain>(
        &mut self,
        chain: &C,
        observer: &Observer<'_>,
    ) -> Result<Vec<Candidate>> {
        let latest = chain.block().await?.number;
        for event in observer.events(chain, self.next_block).await? {
            self.detector.observe(&event);
        }
        self.next_block = latest + 1;
        Ok(self.detector.targets().copied().collect())
    }

    /// Validates the Unit, decides, has the warden look at it, and sends the calls through the Prime's Controller.
    ///
    /// `until` ends the span in which limits may refill, UTC seconds.
    ///
    /// # Errors
    /// If the chain refuses a call that the Prime's own limits allow, or the warden halts.
    pub async fn allocate<C: Chain>(
        &self,
        chain: &mut C,
        observer: &Observer<'_>,
        at: &UnitAt,
        appetite: &Appetite,
        until: u64,
    ) -> Result<Move> {
        let now = chain.block().await?.timestamp;
        let view = observer.onboarding(chain, self.prime, at).await?;
        let validation = onboarding::validate(&view, now);
        let prime = observer.prime(chain, self.prime).await?;
        let unit = observer.unit(chain, at).await?;
        let stake = observer.stake(chain, self.prime, at).await?;
        let case = Case {
            now,
            prime: &prime,
            unit: &unit,
            stake: &stake,
            appetite,
            validation: &validation,
        };
        let Decision { allocation, acts } = prime::decide(&case, until)?;
        warden::review(&case, &acts)
            .map_err(|breach| Error::Halted { prime: self.prime.slug.clone(), breach })?;
        let mut gas = Vec::with_capacity(acts.len());
        for act in acts {
            let call = encode::act(prime.controller, &act);
            let receipt = chain.send(&Tx::call(self.relayer, call.to, call.data)).await?;
            gas.push((act, receipt.gas_used));
        }
        Ok(Move { at: now, validation, allocation, gas })
    }

    /// Takes home the shares of past settlements. Returns the stake as it was before, and the gas if there was
    /// anything to claim.
    pub async fn claim<C: Chain>(
        &self,
        chain: &mut C,
        observer: &Observer<'_>,
        at: &UnitAt,
    ) -> Result<(Stake, Option<u64>)> {
        let prime = observer.prime(chain, self.prime).await?;
        let unit = observer.unit(chain, at).await?;
        let stake = observer.stake(chain, self.prime, at).await?;
        let Some(act) = execute::claim(&unit, &stake) else { return Ok((stake, None)) };
        let call = encode::act(prime.controller, &act);
        let receipt = chain.send(&Tx::call(self.relayer, call.to, call.data)).await?;
        Ok((stake, Some(receipt.gas_used)))
    }
}
