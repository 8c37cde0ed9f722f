//! The numbers behind the enums of the contracts. An ABI knows only `uint8`; the names are Solidity's.

/// `TemplateStatus` of TemplateRegistry.sol.
pub(crate) mod template {
    pub(crate) const PROPOSED: u8 = 1;
    pub(crate) const APPROVED: u8 = 2;
    pub(crate) const DEPRECATED: u8 = 3;
    pub(crate) const REVOKED: u8 = 4;
}

/// `TemplateKind` of TemplateRegistry.sol.
pub(crate) mod kind {
    pub(crate) const CLASS_PAU: u8 = 0;
    pub(crate) const BOOK: u8 = 1;
    pub(crate) const REPORTER: u8 = 2;
    pub(crate) const GUARD: u8 = 3;
    pub(crate) const UNIT: u8 = 4;
    pub(crate) const QUEUE: u8 = 5;
    pub(crate) const BUFFER: u8 = 6;
    pub(crate) const FACET: u8 = 7;
    pub(crate) const SPELL_GUARD: u8 = 8;
    pub(crate) const TOKEN: u8 = 9;
}

/// `OperationState` of BeamTimelock.sol.
pub(crate) mod operation {
    pub(crate) const WAITING: u8 = 1;
    pub(crate) const READY: u8 = 2;
    pub(crate) const EXPIRED: u8 = 3;
    pub(crate) const DONE: u8 = 4;

    /// What a batch has come to. One that waits, is ready or was executed is on its way.
    pub(crate) fn words(number: u8) -> &'static str {
        match number {
            0 => "not scheduled",
            EXPIRED => "expired",
            _ => super::SCHEDULED,
        }
    }
}

/// What a batch of the timelock is until it has expired.
pub(crate) const SCHEDULED: &str = "scheduled";

/// `ArtifactStatus` and `ArtifactKind` of ArtifactRegistry.sol.
pub(crate) mod artifact {
    pub(crate) const ACTIVE: u8 = 2;
    pub(crate) const REVOKED: u8 = 4;

    pub(crate) const HALO: u8 = 0;
    pub(crate) const CLASS: u8 = 1;
    pub(crate) const UNIT: u8 = 2;
}

/// `Level` of ArtifactRegistry.sol.
pub(crate) mod level {
    pub(crate) const CONSERVER: u8 = 2;
    pub(crate) const HALO: u8 = 3;
    pub(crate) const PRIME: u8 = 4;
}

/// `BeaconStatus` and `BeaconClass` of BeaconRegistry.sol.
pub(crate) mod beacon {
    pub(crate) const ACTIVE: u8 = 1;

    pub(crate) const LPHA: u8 = 1;
    pub(crate) const RELAY: u8 = 4;
}

/// `Standing` of RegistryTypes.sol.
pub(crate) mod standing {
    pub(crate) fn words(number: u8) -> &'static str {
        match number {
            0 => "not registered",
            1 => "pending",
            2 => "active",
            3 => "suspended",
            _ => "retired",
        }
    }
}
