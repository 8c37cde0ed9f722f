// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

/// @notice What an EmergencyGuard is told once.
/// @dev `ledger` is 0 for a Class without an off-ramp. `sky` is Sky's pause proxy. `takeoverDelay` in seconds: between the
/// beginning of a takeover and its completion, and between the announcement of a migration and its start.
struct GuardInit {
    address acl;
    address almProxy;
    address rateLimits;
    address controller;
    address book;
    address ledger;
    address registry;
    bytes32 classId;
    address sky;
    uint64 takeoverDelay;
}

/// @notice Where a Class stands between its Halo and the Fortification Conserver.
enum Stage {
    NORMAL,
    PENDING,
    TAKEN
}

/// @notice One Unit of the source Class. `target` is the Unit whose shares its holders get, 0 if its shares are worth
/// nothing; `minRatio` the least target shares for one share, RAY, without which the migration fails.
struct PlanUnit {
    address unit;
    address target;
    uint256 minRatio;
}

/// @notice One movement out of custody: at most `max` token units of `asset` to `destination`. A `destination` that is
/// one of the plan's source Units stands for that Unit's MigrationVault.
struct PlanStep {
    address asset;
    address destination;
    uint256 max;
}

/// @notice The most of `asset` that leaves custody in one UTC day, token units. An asset without a limit does not move.
struct DailyLimit {
    address asset;
    uint256 max;
}

/// @notice All of a migration. keccak256 of its ABI encoding is a leaf of the Merkle tree whose root is the paramsHash
/// of the Halo artifact (the root itself if there is one leaf).
/// @dev `units` are all Units of the Class in the registry's order, because they share one value. Steps go in order: a
/// later one closes those before. After `deadline` (unix seconds) nothing more moves and the migration has succeeded or
/// failed; if it failed, what the vaults hold goes home, and holders redeem in the old Units.
struct MigrationPlan {
    bytes32 sourceClass;
    uint64 deadline;
    PlanUnit[] units;
    PlanStep[] steps;
    DailyLimit[] dailyLimits;
}

/// @notice What a MigrationVault is told once; see `PlanUnit`. `custody` is the source Class's ALMProxy.
struct VaultInit {
    address oldUnit;
    address newUnit;
    address custody;
    uint256 minRatio;
    uint64 deadline;
}

/// @notice Where a migration is, as a whole and in each vault. Success and failure are for good.
enum Progress {
    NONE,
    RUNNING,
    SUCCEEDED,
    FAILED
}
