// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Clock } from "src/lcts/UnitTypes.sol";
import { PsmConfig } from "src/pau/PauTypes.sol";

/// @notice A rate limit set at deployment, full from the start.
struct Limit {
    bytes32 key;
    uint256 maxAmount; // asset units, 18 decimals for keys over several assets; type(uint256).max: unlimited
    uint256 slope; // the same units per second
}

/// @notice The Book's rules for reports.
struct BookTerms {
    uint8 mode; // 0 PARI_PASSU
    uint16 maxUpBpsPerDay;
    uint16 reviewDownBps;
    uint32 maxReportAge; // seconds
}

/// @notice All of a Class. The keccak256 of its ABI encoding is what the Class artifact approves.
struct ClassParams {
    bytes32 haloId;
    string slug;
    address asset;
    address[] admins; // the Halo's SubProxy among them
    address conserver;
    address[] freezers;
    address relayer;
    address settler;
    bytes32 beaconId; // of the settler, bound to this Class
    address[] attestors;
    uint8 threshold;
    BookTerms book;
    bytes32[] facets; // integration ids on the FacetBeacon
    Limit[] limits;
    PsmConfig psm; // all zero: not configured
    bytes32 artifactId;
    bytes32 salt;
}

/// @notice All of a Unit. The keccak256 of its ABI encoding is what the Unit artifact approves.
struct UnitParams {
    string slug;
    string name;
    string symbol;
    uint8 tranche;
    uint16 annualBps;
    uint16 minCoverBps;
    uint256 cap; // asset units, as the next three; minRedeem in shares
    uint256 epochSubscribeCap;
    uint256 epochRedeemCap;
    uint256 minSubscribe;
    uint256 minRedeem;
    uint32 minEpochGap; // seconds
    uint32 maxLock; // seconds
    Clock clock;
    bool open;
    address[] entrants; // ALMProxies of registered Primes, unless open
    address[] holders;
    bytes32 artifactId;
    bytes32 salt;
}
