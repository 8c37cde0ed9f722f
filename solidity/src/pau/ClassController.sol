// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Controller } from "src/pau/Controller.sol";

/// @title The Controller of a Class
/// @notice A Controller that is cloned instead of constructed: it holds nothing, and its code is what would cost most
///         of a Class's deployment.
contract ClassController is Controller {
    error AlreadyInitialized();

    // The implementation is bound to an address that answers no call, so it can be neither governed nor used.
    address private constant NOWHERE = address(1);

    constructor() Controller(NOWHERE, NOWHERE, NOWHERE, NOWHERE, address(0)) { }

    /// @notice Binds a fresh clone, once. Whoever clones it must do so in the same transaction. Reverts with
    ///         `AlreadyInitialized` or as the constructor of `Controller` does for a zero address.
    /// @param accessControls_ ACL of the Class
    /// @param beacon_ FacetBeacon to pull wires from
    /// @param proxy_ ALMProxy that holds the assets
    /// @param rateLimits_ RateLimits of the Class
    /// @param sealedRegistry_ TemplateRegistry that must approve every facet's code
    function initialize(
        address accessControls_,
        address beacon_,
        address proxy_,
        address rateLimits_,
        address sealedRegistry_
    ) external {
        if (_shared().accessControls != address(0)) revert AlreadyInitialized();
        _bind(accessControls_, beacon_, proxy_, rateLimits_, sealedRegistry_);
    }
}
