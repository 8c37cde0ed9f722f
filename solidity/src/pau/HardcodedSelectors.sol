// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Controller } from "src/pau/Controller.sol";

// Its own word for it: ClassController inherits Controller, which imports this file.
interface ClassControllerLike {
    function initialize(
        address accessControls,
        address beacon,
        address proxy,
        address rateLimits,
        address sealedRegistry
    ) external;
}

/// @notice Whether a Controller answers `selector` itself. Such a selector can never be wired to a facet: the wire
///         would be dead and would read as if it were not.
function isHardcodedSelector(bytes4 selector) pure returns (bool) {
    return selector == Controller.syncIntegrations.selector
        || selector == Controller.updateIntegrations.selector
        || selector == Controller.removeIntegrations.selector
        || selector == Controller.accessControls.selector || selector == Controller.beacon.selector
        || selector == Controller.proxy.selector || selector == Controller.rateLimits.selector
        || selector == Controller.sealedRegistry.selector || selector == Controller.integrations.selector
        || selector == Controller.getConfig.selector || selector == Controller.getConfigs.selector
        || selector == Controller.getDispatch.selector || selector == Controller.getDispatches.selector
        || selector == Controller.wiringHash.selector || selector == ClassControllerLike.initialize.selector;
}
