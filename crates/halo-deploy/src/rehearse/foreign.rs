//! Layouts of contracts that are no templates but act in a plan: Safes, OpenZeppelin's timelock, launchers of spells.

use halo_templates::StorageVariable;

use crate::means::{Road, TimelockMake};

/// Safe 1.3.0 and 1.4.1 (`SafeStorage`, which proxies and masters share).
const SAFE: &[(u64, &str, &str)] = &[
    (0, "singleton", "address"),
    (1, "modules", "mapping(address => address)"),
    (2, "owners", "mapping(address => address)"),
    (3, "ownerCount", "uint256"),
    (4, "threshold", "uint256"),
    (5, "nonce", "uint256"),
    (6, "_deprecatedDomainSeparator", "bytes32"),
    (7, "signedMessages", "mapping(bytes32 => uint256)"),
    (8, "approvedHashes", "mapping(address => mapping(bytes32 => uint256))"),
];

/// OpenZeppelin's TimelockController, 4.9 and 5.
const TIMELOCK: &[(u64, &str, &str)] = &[
    (0, "_roles", "mapping(bytes32 => struct AccessControl.RoleData)"),
    (1, "_timestamps", "mapping(bytes32 => uint256)"),
    (2, "_minDelay", "uint256"),
];

/// The launcher of a spell, as `Launcher.sol` of halo-governance has it.
const LAUNCHER: &[(u64, &str, &str)] =
    &[(0, "expiration", "uint256"), (1, "eta", "uint256"), (2, "done", "bool")];

/// The layout of a spell's launcher.
pub(super) fn launcher() -> Vec<StorageVariable> {
    layout_of(LAUNCHER)
}

/// The layout of what acts by this road, where it is known.
pub(super) fn layout(road: &Road) -> Option<Vec<StorageVariable>> {
    let table = match road {
        Road::Safe { .. } => SAFE,
        Road::Timelock { make: TimelockMake::Openzeppelin, .. } => TIMELOCK,
        // A BeamTimelock is a template; what runs spells keeps nothing of them once they have run.
        Road::Timelock { make: TimelockMake::Beam, .. } | Road::Spell { .. } => return None,
    };
    Some(layout_of(table))
}

fn layout_of(table: &[(u64, &str, &str)]) -> Vec<StorageVariable> {
    let variable = |(slot, label, ty): &(u64, &str, &str)| StorageVariable {
        slot: slot.to_string(),
        offset: 0,
        label: (*label).to_owned(),
        ty: (*ty).to_owned(),
    };
    table.iter().map(variable).collect()
}
