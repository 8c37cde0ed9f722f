// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

/// @notice The contracts of a Class.
struct ClassAddresses {
    address controller;
    address almProxy;
    address rateLimits;
    address acl;
    address freezerModule;
    address book;
    address reporter;
    address ledger;
    address guard;
}

/// @notice The contracts of a Unit.
struct UnitAddresses {
    address unit;
    address subscribeQueue;
    address redeemQueue;
}

/// @notice A Unit's standing in the registry. PENDING from its deployment until governance activates it; SUSPENDED
/// by wardens, conserver or council; RETIRED for good.
enum Standing {
    NONE,
    PENDING,
    ACTIVE,
    SUSPENDED,
    RETIRED
}

/// @notice A Prime: its PAU is what may enter Units.
struct Prime {
    address proxy;
    uint64 registeredAt; // UTC second
    address rateLimits;
    address controller;
}

/// @notice A Halo: its SubProxy is the first admin of its Classes.
struct Halo {
    bytes32 primeId;
    address proxy;
    uint64 registeredAt; // UTC second
}

/// @notice A Class as the factory deployed it: what all its Units share.
struct ClassRecord {
    bytes32 haloId;
    bytes32 paramsHash;
    bytes32 beaconId; // of the settler
    bytes32 legalFrameHash; // of the documents that the Class stands on
    ClassAddresses at;
    address asset;
    uint64 registeredAt; // UTC second; set by the registry, as is the factory
    address factory;
}

/// @notice A Unit as the factory deployed it, and how it stands.
struct UnitRecord {
    bytes32 classId;
    bytes32 paramsHash;
    UnitAddresses at;
    uint64 registeredAt; // UTC second
    Standing standing;
    uint8 tranche;
    uint8 mask; // bits 0 to 2 of the onboarding mask as last poked
    uint64 pokedAt; // UTC second; 0 while never
}

/// @notice A Unit from before the factory, which stands here to be found and can never pass for factory-made.
struct LegacyRecord {
    bytes32 haloId;
    address unit;
    uint64 registeredAt; // UTC second
    bool conforms; // governance found that it keeps to the rules all the same
    bytes32 docHash; // of the document that says so, or why not
}
