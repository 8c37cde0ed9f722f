//! Which Units there are to look at, from the events of the UnitRegistry and of the
//! ArtifactRegistry, in the order of the chain.

use alloy_primitives::{Address, B256, Log, U256, keccak256};
use alloy_sol_types::{SolEvent, SolValue};
use halo_templates::bindings::{ArtifactRegistry, UnitRegistry};
use std::collections::BTreeMap;

/// What the UnitRegistry says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegistryEvent {
    /// The factory made a Class.
    ClassRegistered {
        /// classId
        class: B256,
        /// haloId
        halo: B256,
    },
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
        if let Ok(event) = UnitRegistry::ClassRegistered::decode_log(log) {
            return Some(Self::ClassRegistered { class: event.classId, halo: event.haloId });
        }
        let event = UnitRegistry::UnitStateChanged::decode_log(log).ok()?;
        let standing = Standing::from_index(event.to)?;
        Some(Self::UnitStateChanged { id: event.unitId, standing })
    }
}

/// What the ArtifactRegistry says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArtifactEvent {
    /// A version became the head.
    Activated {
        /// Of which artifact.
        id: B256,
        /// Which version.
        number: u64,
    },
    /// A version was withdrawn.
    Revoked {
        /// Of which artifact.
        id: B256,
        /// Which version.
        number: u64,
    },
}

impl ArtifactEvent {
    /// Reads an event of the ArtifactRegistry; `None` if it is about something else. The caller has made
    /// sure that the registry emitted it.
    pub fn from_log(log: &Log) -> Option<Self> {
        if let Ok(event) = ArtifactRegistry::ArtifactActivated::decode_log(log) {
            return Some(Self::Activated { id: event.id, number: event.number });
        }
        let event = ArtifactRegistry::ArtifactRevoked::decode_log(log).ok()?;
        Some(Self::Revoked { id: event.id, number: event.number })
    }
}

/// What an artifact is about, in the contract's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// haloId
    Halo(B256),
    /// classId
    Class(B256),
    /// unitId
    Unit(B256),
}

impl Subject {
    /// The artifact's id: keccak256(abi.encode(kind, subjectId)).
    pub fn artifact_id(self) -> B256 {
        let (kind, subject) = match self {
            Self::Halo(id) => (0, id),
            Self::Class(id) => (1, id),
            Self::Unit(id) => (2, id),
        };
        keccak256((U256::from(kind), subject).abi_encode())
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
    halos: BTreeMap<B256, B256>,
    artifacts: BTreeMap<B256, Head>,
}

/// The newest ratified version of an artifact.
#[derive(Clone, Copy, Debug)]
struct Head {
    number: u64,
    is_active: bool,
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
            RegistryEvent::ClassRegistered { class, halo } => {
                self.halos.entry(class).or_insert(halo);
                None
            }
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

    /// Takes note of what governance did to an artifact.
    pub fn read(&mut self, event: &ArtifactEvent) {
        match *event {
            ArtifactEvent::Activated { id, number } => {
                self.artifacts.insert(id, Head { number, is_active: true });
            }
            ArtifactEvent::Revoked { id, number } => {
                // An older version that is withdrawn changes nothing.
                if let Some(head) = self.artifacts.get_mut(&id).filter(|h| h.number == number) {
                    head.is_active = false;
                }
            }
        }
    }

    /// The deployment targets whose Halo, Class and Unit artifacts are in force, in order of id. Whoever
    /// feeds it both registries' events asks this; what the artifacts approve is for
    /// [`super::onboarding`] to check.
    pub fn listed(&self) -> impl Iterator<Item = &Candidate> {
        self.targets().filter(|candidate| {
            let Some(halo) = self.halos.get(&candidate.class) else { return false };
            let subjects = [
                Subject::Halo(*halo),
                Subject::Class(candidate.class),
                Subject::Unit(candidate.id),
            ];
            subjects.iter().all(|subject| {
                self.artifacts.get(&subject.artifact_id()).is_some_and(|head| head.is_active)
            })
        })
    }

    /// The deployment targets by the UnitRegistry alone, in order of id.
    pub fn targets(&self) -> impl Iterator<Item = &Candidate> {
        self.known.values().filter(|candidate| candidate.standing == Standing::Active)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNIT: B256 = B256::repeat_byte(1);
    const CLASS: B256 = B256::repeat_byte(2);
    const HALO: B256 = B256::repeat_byte(3);

    fn activated(subject: Subject, number: u64) -> ArtifactEvent {
        ArtifactEvent::Activated { id: subject.artifact_id(), number }
    }

    fn listed() -> Detector {
        let mut detector = Detector::default();
        let unit = Address::ZERO;
        detector.observe(&RegistryEvent::ClassRegistered { class: CLASS, halo: HALO });
        detector.observe(&RegistryEvent::UnitRegistered { id: UNIT, class: CLASS, unit });
        let standing = Standing::Active;
        detector.observe(&RegistryEvent::UnitStateChanged { id: UNIT, standing });
        for subject in [Subject::Halo(HALO), Subject::Class(CLASS), Subject::Unit(UNIT)] {
            assert_eq!(detector.listed().count(), 0, "before {subject:?}");
            detector.read(&activated(subject, 1));
        }
        detector
    }

    #[test]
    fn a_unit_is_listed_once_the_artifacts_of_halo_class_and_unit_are_in_force() {
        assert_eq!(listed().listed().map(|c| c.id).collect::<Vec<_>>(), [UNIT]);
    }

    #[test]
    fn a_withdrawn_head_takes_it_off_the_list_and_a_new_one_brings_it_back() {
        let mut detector = listed();
        let id = Subject::Halo(HALO).artifact_id();
        detector.read(&activated(Subject::Halo(HALO), 2));
        detector.read(&ArtifactEvent::Revoked { id, number: 1 });
        assert_eq!(detector.listed().count(), 1, "not the head");
        detector.read(&ArtifactEvent::Revoked { id, number: 2 });
        assert_eq!(detector.listed().count(), 0);
        assert_eq!(detector.targets().count(), 1, "the UnitRegistry alone does not know");
        detector.read(&activated(Subject::Halo(HALO), 3));
        assert_eq!(detector.listed().count(), 1);
    }

    #[test]
    fn an_artifacts_id_is_the_contracts() {
        let id = keccak256([[0_u8; 31].as_slice(), &[2], &[1; 32]].concat());
        assert_eq!(Subject::Unit(UNIT).artifact_id(), id);
        assert_ne!(Subject::Class(UNIT).artifact_id(), id);
    }

    #[test]
    fn the_artifact_registrys_logs_are_read_as_they_are_emitted() {
        let event =
            ArtifactRegistry::ArtifactActivated { id: UNIT, number: 4, ..Default::default() };
        let log = Log { address: Address::ZERO, data: event.encode_log_data() };
        let activated = ArtifactEvent::Activated { id: UNIT, number: 4 };
        assert_eq!(ArtifactEvent::from_log(&log), Some(activated));
        let event = ArtifactRegistry::ArtifactRevoked { id: UNIT, number: 4, ..Default::default() };
        let log = Log { address: Address::ZERO, data: event.encode_log_data() };
        let revoked = ArtifactEvent::Revoked { id: UNIT, number: 4 };
        assert_eq!(ArtifactEvent::from_log(&log), Some(revoked));
        assert_eq!(RegistryEvent::from_log(&log), None);
    }
}
