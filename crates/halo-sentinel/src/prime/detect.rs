//! Which Units there are to look at, from the registry's events in the order of the chain.

use alloy_primitives::{Address, B256, Log};
use alloy_sol_types::SolEvent;
use halo_templates::bindings::UnitRegistry;
use std::collections::BTreeMap;

/// What the UnitRegistry says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegistryEvent {
    /// The factory made a Unit.
    UnitRegistered {
        /// unitId
        id: B256,
        /// classId
        class: B256,
        /// The HaloUnit.
        unit: Address,
    },
    /// A Unit's place in the registry changed.
    UnitStateChanged {
        /// unitId
        id: B256,
        /// To what.
        standing: Standing,
    },
}

impl RegistryEvent {
    /// Reads an event of the UnitRegistry; `None` if it is about something else. The caller has
    /// made sure that the registry emitted it.
    pub fn from_log(log: &Log) -> Option<Self> {
        if let Ok(event) = UnitRegistry::UnitRegistered::decode_log(log) {
            let UnitRegistry::UnitRegistered { unitId: id, classId: class, .. } = event.data;
            return Some(Self::UnitRegistered { id, class, unit: event.at.unit });
        }
        let event = UnitRegistry::UnitStateChanged::decode_log(log).ok()?;
        let standing = Standing::from_index(event.to)?;
        Some(Self::UnitStateChanged { id: event.unitId, standing })
    }
}

/// A Unit's standing in the registry, in the contract's order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    /// Not there.
    #[default]
    None,
    /// Deployed, not activated by governance.
    Pending,
    /// A deployment target.
    Active,
    /// Stopped by a guardian.
    Suspended,
    /// Ended.
    Retired,
}

/// A Unit that the formation knows of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// unitId
    pub id: B256,
    /// classId
    pub class: B256,
    /// The HaloUnit.
    pub unit: Address,
    /// Where it stands.
    pub standing: Standing,
}

/// Every Unit that was ever deployed, by id; feed it events as they come.
#[derive(Clone, Debug, Default)]
pub struct Detector {
    known: BTreeMap<B256, Candidate>,
}

impl Standing {
    /// The standing with the contract's number.
    pub fn from_index(index: u8) -> Option<Self> {
        [Self::None, Self::Pending, Self::Active, Self::Suspended, Self::Retired]
            .get(usize::from(index))
            .copied()
    }
}

impl Detector {
    /// Takes note of an event; returns the Unit if this made it a deployment target. A change of a
    /// Unit whose deployment was not seen is no candidate: it did not come from the factory.
    pub fn observe(&mut self, event: &RegistryEvent) -> Option<Candidate> {
        match *event {
            RegistryEvent::UnitRegistered { id, class, unit } => {
                let standing = Standing::Pending;
                self.known.entry(id).or_insert(Candidate { id, class, unit, standing });
                None
            }
            RegistryEvent::UnitStateChanged { id, standing } => {
                let candidate = self.known.get_mut(&id)?;
                let was = std::mem::replace(&mut candidate.standing, standing);
                let turned = standing == Standing::Active && was != Standing::Active;
                turned.then_some(*candidate)
            }
        }
    }

    /// The deployment targets, in order of id.
    pub fn targets(&self) -> impl Iterator<Item = &Candidate> {
        self.known.values().filter(|candidate| candidate.standing == Standing::Active)
    }
}
