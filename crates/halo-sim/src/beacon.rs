//! lpha-lcts as an agent: it reads a Unit, asks the rules, and carries out what they say.

use alloy_primitives::{Address, B256, U256};
use halo_chain::{Chain, Tx};
use halo_sentinel::{
    encode,
    lcts::{
        epoch::{EpochInput, Settlement},
        settler::{self, Action, Duties, Published, Rules, Seat, SettleOrder, Verdict},
    },
};
use halo_templates::bindings::{BeaconRegistry, HaloUnit, UnitRegistry};

use crate::{
    Error, Result,
    observe::{Observer, UnitAt},
};

/// The beacon of one Class: who it is and the hours that it keeps.
#[derive(Debug, Clone)]
pub struct LphaLcts {
    /// Its account.
    pub settler: Address,
    /// Its id in the BeaconRegistry.
    pub id: B256,
    /// Its hours.
    pub rules: Rules,
}

/// A settlement that happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settled {
    /// unitId
    pub unit: B256,
    /// When, UTC seconds.
    pub at: u64,
    /// The epoch.
    pub epoch: u64,
    /// What it was computed from.
    pub input: EpochInput,
    /// What came of it, by the reference model and by the chain's own event.
    pub outcome: Settlement,
    /// Gas of the transaction.
    pub gas: u64,
}

impl LphaLcts {
    /// Does what is due for one Unit now, as if its Class had no other: sends the rules' actions, in order.
    ///
    /// # Errors
    /// If the chain refuses an action, or a settlement's event differs from the reference model.
    pub async fn act<C: Chain>(
        &self,
        chain: &mut C,
        observer: &Observer<'_>,
        at: &UnitAt,
        published: &Published,
    ) -> Result<(Verdict, Option<Settled>)> {
        let now = chain.block().await?.timestamp;
        let unit = observer.unit(chain, at).await?;
        let duties = self.duties(chain, observer, at).await?;
        let verdict = settler::decide(now, &self.rules, &unit, &duties, published)?;
        let settled = self.carry_out(chain, observer, at, &verdict).await?;
        Ok((verdict, settled))
    }

    /// Does what is due for the Units of a Class now. At most one settles; ask again for the next.
    ///
    /// # Errors
    /// As [`Self::act`].
    pub async fn act_on_class<C: Chain>(
        &self,
        chain: &mut C,
        observer: &Observer<'_>,
        units: &[&UnitAt],
        published: &Published,
    ) -> Result<Vec<(Verdict, Option<Settled>)>> {
        let now = chain.block().await?.timestamp;
        let mut views = Vec::with_capacity(units.len());
        for at in units {
            let tranche = chain.read(at.unit.at.unit, &HaloUnit::trancheCall {}).await?;
            let unit = observer.unit(chain, at).await?;
            views.push((tranche, unit, self.duties(chain, observer, at).await?));
        }
        let seats: Vec<_> = views
            .iter()
            .map(|(tranche, unit, duties)| Seat {
                tranche: *tranche,
                unit,
                duties: *duties,
                published: *published,
            })
            .collect();
        let mut done = Vec::with_capacity(units.len());
        for (at, verdict) in units.iter().zip(settler::decide_class(now, &self.rules, &seats)?) {
            let settled = self.carry_out(chain, observer, at, &verdict).await?;
            done.push((verdict, settled));
        }
        Ok(done)
    }

    async fn carry_out<C: Chain>(
        &self,
        chain: &mut C,
        observer: &Observer<'_>,
        at: &UnitAt,
        verdict: &Verdict,
    ) -> Result<Option<Settled>> {
        let sources = chain.read(observer.registry, &UnitRegistry::sourcesCall {}).await?;
        let beacon = encode::Beacon {
            id: self.id,
            beacons: sources.beacons,
            units: observer.registry,
            // What the beacon last saw of its Class: enough to tell two heartbeats apart.
            state_root: at.id,
        };
        let mut settled = None;
        for action in &verdict.actions {
            let call = encode::action(&beacon, action);
            let receipt = chain.send(&Tx::call(self.settler, call.to, call.data)).await?;
            if let Action::Settle { unit, order } = action {
                let event = receipt.find_from::<HaloUnit::EpochSettled>(*unit);
                compare(*unit, order, event.as_ref())?;
                settled = Some(Settled {
                    unit: at.id,
                    at: receipt.timestamp,
                    epoch: order.epoch,
                    input: order.input,
                    outcome: order.expected,
                    gas: receipt.gas_used,
                });
            }
        }
        Ok(settled)
    }

    async fn duties<C: Chain>(
        &self,
        chain: &C,
        observer: &Observer<'_>,
        at: &UnitAt,
    ) -> Result<Duties> {
        let sources = chain.read(observer.registry, &UnitRegistry::sourcesCall {}).await?;
        let beacon =
            chain.read(sources.beacons, &BeaconRegistry::beaconCall { id: self.id }).await?;
        let record = observer.locate(chain, at.id).await?;
        Ok(Duties { last_heartbeat: beacon.lastHeartbeat, last_poke: record.unit.pokedAt })
    }
}

/// The chain's own word against the reference model's, to the wei.
fn compare(
    unit: Address,
    order: &SettleOrder,
    event: Option<&HaloUnit::EpochSettled>,
) -> Result<()> {
    let expected = words(
        order.input.index,
        order.expected.netted,
        order.expected.subscribe_extra,
        order.expected.redeem_extra,
        order.expected.shares_minted,
        order.expected.shares_burned,
    );
    let found = event.map_or_else(
        || "no EpochSettled event".to_owned(),
        |e| words(e.index, e.netted, e.subExtra, e.redExtra, e.sharesMinted, e.sharesBurned),
    );
    if expected == found {
        return Ok(());
    }
    Err(Error::Settlement { unit, epoch: order.epoch, expected, found })
}

fn words(
    index: U256,
    netted: U256,
    subscribe: U256,
    redeem: U256,
    minted: U256,
    burned: U256,
) -> String {
    format!(
        "index {index}, netted {netted}, subscribed {subscribe}, redeemed {redeem}, minted {minted}, burned {burned}"
    )
}
