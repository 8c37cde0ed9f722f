// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

/// @notice Roles without rules.
contract MockAcl {
    mapping(bytes32 role => mapping(address account => bool)) public hasRole;

    function set(bytes32 role, address account, bool has) external {
        hasRole[role][account] = has;
    }
}
