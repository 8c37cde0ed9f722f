// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

/// @notice One limit of `RateLimits`, in the shape that production's getter returns.
struct RateLimitData {
    uint256 maxAmount; // token units; 0: no such key, type(uint256).max: unlimited
    uint256 slope; // token units per second
    uint256 lastAmount; // token units available at `lastUpdated`
    uint256 lastUpdated; // UTC second
}

/// @notice A selector that callers of a Controller use, and the facet's own selector that answers it.
struct Wire {
    bytes4 callSelector;
    bytes4 delegateSelector;
}

/// @notice A facet with its wires.
struct Config {
    address facet;
    Wire[] wires;
}

/// @notice Where one call selector leads.
struct Dispatch {
    address facet;
    bytes4 delegateSelector;
}

/// @notice A named facet with its wires. Ids are right-padded ASCII such as "PSM_FACET".
struct Integration {
    bytes32 id;
    Config config;
}

/// @notice One row of what `Controller.wiringHash` hashes.
struct WiringRow {
    bytes4 callSelector;
    address facet;
    bytes4 delegateSelector;
    bytes32 codehash; // of the facet
}

/// @notice How a PAU converts between USDS and USDC.
struct PsmConfig {
    uint8 mode; // 0 WRAPPER, 1 NO_FEE, 2 HALTED
    address psm; // LitePSM
    address daiUsds; // converter DAI <-> USDS, used in NO_FEE
    address wrapper; // USDS wrapper over the LitePSM, used in WRAPPER
    uint256 maxFeeWad; // WRAPPER: highest fee accepted, 1e18 = 100 %
}

// The most wires that one integration may have.
uint256 constant MAX_WIRES = 64;
