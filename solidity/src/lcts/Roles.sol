// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

/// @notice What the contracts of a Class ask their AccessControls.
interface AclLike {
    function hasRole(bytes32 role, address account) external view returns (bool);
}

/// @dev Governance of the Halo (its SubProxy).
bytes32 constant DEFAULT_ADMIN_ROLE = 0x00;
/// @dev Locks and settles epochs (the LCTS beacon).
bytes32 constant SETTLER_ROLE = keccak256("SETTLER_ROLE");
/// @dev Wardens: may pause subscription and freeze.
bytes32 constant FREEZER_ROLE = keccak256("FREEZER_ROLE");
/// @dev The Fortification Conserver: may pause, freeze, wind down, book a loss and review reports.
bytes32 constant CONSERVER_ROLE = keccak256("CONSERVER_ROLE");
