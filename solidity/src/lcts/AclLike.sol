// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

/// @notice What the contracts of a Class ask their AccessControls.
interface AclLike {
    function hasRole(bytes32 role, address account) external view returns (bool);
}
