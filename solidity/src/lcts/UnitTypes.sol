// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

/// @notice The hours in which an epoch may be locked. Both ends are included; seconds of the UTC day.
struct Clock {
    bool enforce;
    uint32 lockFrom;
    uint32 lockTo;
}

/// @notice Everything that a Unit is told once.
/// @dev `cap` and the epoch caps are in asset units, `minSubscribe` in asset units, `minRedeem` in shares, times in
/// seconds. Both queues are fresh clones that nobody has initialized: the Unit does it.
struct UnitInit {
    string name;
    string symbol;
    address asset;
    address acl;
    address book;
    address classProxy;
    address registry;
    address subscribeQueue;
    address redeemQueue;
    uint8 tranche;
    uint256 cap;
    uint256 epochSubscribeCap;
    uint256 epochRedeemCap;
    uint256 minSubscribe;
    uint256 minRedeem;
    uint32 minEpochGap;
    uint32 maxLock;
    Clock clock;
    bool open;
    address[] entrants;
    address[] holders;
}

/// @notice What the settler asks for. Capacities in asset units, indexes in RAY.
struct SettleParams {
    uint64 epoch;
    uint256 subscribeCapacity;
    uint256 redeemCapacity;
    uint256 minIndex;
    uint256 maxIndex;
}

/// @notice The life of a Unit. PENDING ends with the first onboarding, CLOSED has no end.
enum UnitState {
    PENDING,
    ACTIVE,
    SUBSCRIBE_PAUSED,
    FROZEN,
    WINDING_DOWN,
    CLOSED
}
