// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { AccessControl } from "@openzeppelin/contracts/access/AccessControl.sol";
import { IAccessControl } from "@openzeppelin/contracts/access/IAccessControl.sol";

import { Guarded } from "src/pau/Guarded.sol";
import { Roles } from "src/pau/Roles.sol";

/// @title The one access list of a PAU, and of the Class built on it
/// @notice Granting stays with DEFAULT_ADMIN_ROLE, but for relayers and wardens, whom PARAM_ADMIN_ROLE may name too;
///         revoking a role can be delegated to a revoker role. See `Roles`.
contract AccessControls is Guarded {
    error NotRevoker(address caller, bytes32 role, bytes32 revokerRole);
    error RoleNotGranted(address account, bytes32 role);

    /// @param admin first holder of DEFAULT_ADMIN_ROLE; reverts with `ZeroAdmin` if zero
    constructor(address admin) Guarded(admin) { }

    /// @notice Gives `role` to `account`. DEFAULT_ADMIN_ROLE only, whatever the role's revoker is.
    function grantRole(bytes32 role, address account)
        public
        override(AccessControl, IAccessControl)
        onlyRole(DEFAULT_ADMIN_ROLE)
    {
        _grantRole(role, account);
    }

    /// @notice Makes `account` a relayer: gives it ALLOCATOR_ROLE. PARAM_ADMIN_ROLE only. No effect if it is one.
    function setRelayer(address account) external onlyRole(Roles.PARAM_ADMIN) {
        _grantRole(Roles.ALLOCATOR, account);
    }

    /// @notice Makes `account` a warden: gives it FREEZER_ROLE. PARAM_ADMIN_ROLE only. No effect if it is one.
    function setFreezer(address account) external onlyRole(Roles.PARAM_ADMIN) {
        _grantRole(Roles.FREEZER, account);
    }

    /// @notice Takes `role` from `account`. DEFAULT_ADMIN_ROLE or the role's revoker, else `NotRevoker`.
    ///         Reverts with `RoleNotGranted` when the account does not hold it, so that no revocation is silently void.
    function revokeRole(bytes32 role, address account) public override(AccessControl, IAccessControl) {
        bytes32 revokerRole = getRoleAdmin(role);
        if (!hasRole(DEFAULT_ADMIN_ROLE, msg.sender) && !hasRole(revokerRole, msg.sender)) {
            revert NotRevoker(msg.sender, role, revokerRole);
        }
        if (!_revokeRole(role, account)) revert RoleNotGranted(account, role);
    }

    /// @notice Lets holders of `revokerRole` revoke `role`, beside the admin. DEFAULT_ADMIN_ROLE only; once a guard is set,
    ///         the guard only, or an admin could leave a revoker behind for those who come after a takeover.
    function setRoleRevoker(bytes32 role, bytes32 revokerRole) external onlyRole(DEFAULT_ADMIN_ROLE) {
        if (guard != address(0)) _requireGuard();
        _setRoleAdmin(role, revokerRole);
    }

    /// @notice The role whose holders may revoke `role`; DEFAULT_ADMIN_ROLE until set.
    function getRoleRevoker(bytes32 role) external view returns (bytes32) {
        return getRoleAdmin(role);
    }

    /// @dev The watched must not pick their watchman: with a guard, the conserver is Sky's to name through it.
    function _isGuardsOwn(bytes32 role) internal pure override returns (bool) {
        return role == Roles.CONSERVER;
    }
}
