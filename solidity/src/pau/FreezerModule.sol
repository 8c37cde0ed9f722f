// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { AccessControlsLike } from "src/pau/PauLike.sol";
import { Roles } from "src/pau/Roles.sol";

/// @title The switch in the wardens' hands
/// @notice Any holder of FREEZER_ROLE takes the relayer or the settler out at once; nobody puts one in here.
/// @dev Holds REVOKER_ROLE in the ACL, which is the revoker of ALLOCATOR_ROLE and SETTLER_ROLE.
contract FreezerModule {
    error NotFreezer(address caller);
    error ZeroAccessControls();

    /// @notice `relayer` lost ALLOCATOR_ROLE by the hand of `freezer`.
    event RelayerRemoved(address indexed relayer, address indexed freezer);
    /// @notice `settler` lost SETTLER_ROLE by the hand of `freezer`.
    event SettlerRemoved(address indexed settler, address indexed freezer);

    /// @notice The ACL in which the roles are held.
    address public accessControls;

    /// @param accessControls_ ACL of the Class; reverts with `ZeroAccessControls` if zero
    constructor(address accessControls_) {
        if (accessControls_ == address(0)) revert ZeroAccessControls();
        accessControls = accessControls_;
    }

    /// @notice Revokes ALLOCATOR_ROLE from `relayer`. FREEZER_ROLE only, else `NotFreezer`.
    ///         Reverts with the ACL's `RoleNotGranted` when the role is not held.
    function removeRelayer(address relayer) external {
        _revoke(Roles.ALLOCATOR, relayer);
        emit RelayerRemoved(relayer, msg.sender);
    }

    /// @notice Revokes SETTLER_ROLE from `settler`. FREEZER_ROLE only, else `NotFreezer`.
    ///         Reverts with the ACL's `RoleNotGranted` when the role is not held.
    function removeSettler(address settler) external {
        _revoke(Roles.SETTLER, settler);
        emit SettlerRemoved(settler, msg.sender);
    }

    function _revoke(bytes32 role, address account) private {
        AccessControlsLike acl = AccessControlsLike(accessControls);
        if (!acl.hasRole(Roles.FREEZER, msg.sender)) revert NotFreezer(msg.sender);
        acl.revokeRole(role, account);
    }
}
