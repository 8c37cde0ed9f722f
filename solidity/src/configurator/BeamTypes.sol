// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

/// @notice The contracts of a PAU that the Configurator acts on. The PAU's id is its ALMProxy.
struct Pau {
    address controller;
    address rateLimits;
    address acl;
    bytes32 subject; // the classId or primeId under which its operators stand in the BeaconRegistry
}

/// @notice The highest values that a cBEAM may give a limit at once.
struct InitRateLimit {
    uint256 maxAmount; // token units; type(uint256).max: any limit, also none
    uint128 slope; // token units per second
    bool exists;
    bytes32 action; // keccak256 of the calldata that must configure the venue in the same call; 0: none
}

/// @notice Leave to make one call of a Controller, known by the hash of its calldata.
struct InitAction {
    bool exists;
    bool oneShot; // gone once used
    uint64 notAfter; // UTC second of its last use; 0: no end
}

/// @notice One limit that `Configurator.onboard` sets.
struct RateLimitSetting {
    bytes32 key;
    uint256 maxAmount; // token units
    uint256 slope; // token units per second
}
