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
    uint8 mode; // 0 PARI_PASSU, 1 SENIOR_JUNIOR
    uint16 maxUpBpsPerDay;
    uint16 reviewDownBps;
    uint16 costToleranceBps; // how far above cost a report may value what is deployed without a second key
    uint32 maxReportAge; // seconds
}

/// @notice Where a Class may send assets off the chain. The factory makes the buffer that they come back to.
struct Endpoint {
    address target;
    uint8 kind; // 0 FIAT_CUSTODY, 1 OTC_DESK, 2 TOKENISED_FUND, 3 SUBSCRIPTION_CONTRACT
    address[] assets;
    uint256 maxInFlight; // 18 decimals
    uint256 maxSlippage; // least part that must come back, 1e18 = all; OTC_DESK only
    uint256 rechargeRate; // 18 decimals per second; OTC_DESK only
    bytes32 kycHash;
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
    Endpoint[] endpoints;
    bool configurator; // whether the Configurator may set limits and parameters within its inits
    uint64 takeoverDelay; // seconds between the conserver's word and its taking over
    bytes32 legalFrameHash;
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

/// @notice The singletons that the factory works with.
struct FactoryCore {
    address templates; // TemplateRegistry; it also seals the Controllers
    address artifacts; // ArtifactRegistry that holds the approvals
    address beacons; // BeaconRegistry that knows the settlers
    address units; // UnitRegistry that records what is made
    address facetBeacon; // FacetBeacon that the Controllers take their wires from
    address checks; // DeploymentChecks
    address configurator; // Configurator
    address registrar; // PauRegistrar
}
