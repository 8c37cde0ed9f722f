// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { RateLimitData } from "src/pau/PauTypes.sol";

interface AccessControlsLike {
    function hasRole(bytes32 role, address account) external view returns (bool);
    function revokeRole(bytes32 role, address account) external;
}

interface ALMProxyLike {
    function doCall(address target, bytes calldata data) external returns (bytes memory);
}

interface RateLimitsLike {
    function getRateLimitData(bytes32 key) external view returns (RateLimitData memory);
    function triggerRateLimitDecrease(bytes32 key, uint256 amount) external returns (uint256);
    function triggerRateLimitIncrease(bytes32 key, uint256 amount) external returns (uint256);
}
