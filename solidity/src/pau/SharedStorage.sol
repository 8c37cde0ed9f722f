// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

/// @title The storage that a Controller shares with its facets
/// @dev Namespace and field order as in production, so that a facet works under either Controller.
abstract contract SharedStorage {
    /// @custom:storage-location erc7201:sky.pau.storage.SharedController
    struct Shared {
        address accessControls;
        address proxy;
        address rateLimits;
    }

    // erc7201("sky.pau.storage.SharedController")
    bytes32 private constant SHARED_SLOT = 0x77adf60bdbfedf206f8b8310f3d364080b7f61dcc0e46caac13c29bb1eb5cc00;

    function _shared() internal pure returns (Shared storage $) {
        assembly ("memory-safe") {
            $.slot := SHARED_SLOT
        }
    }
}
