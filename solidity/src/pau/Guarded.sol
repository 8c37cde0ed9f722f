// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import {
    AccessControlEnumerable
} from "@openzeppelin/contracts/access/extensions/AccessControlEnumerable.sol";

/// @title Guarded: roles under an emergency guard that their admins cannot shake off
/// @notice Until a guard is set this is a plain list of roles. From then on the guard is an admin for good, the roles
///         that are its own are granted and revoked by it alone, and no role grows beyond what the guard can take away
///         in one transaction.
abstract contract Guarded is AccessControlEnumerable {
    error ZeroAdmin();
    error ZeroGuard();
    error GuardAlreadySet(address guard);
    /// @notice Only the guard may do this.
    error NotGuard(address caller);
    /// @notice The role has as many members as a guarded role may have.
    error TooManyMembers(bytes32 role);

    /// @notice `guard` is an admin from now on and stays one.
    event GuardSet(address indexed guard);

    uint256 private constant MAX_MEMBERS = 16;

    /// @notice The emergency guard; zero if there is none.
    address public guard;

    /// @param admin first holder of DEFAULT_ADMIN_ROLE; reverts with `ZeroAdmin` if zero
    constructor(address admin) {
        _setFirstAdmin(admin);
    }

    /// @notice Binds the emergency guard and makes it an admin. DEFAULT_ADMIN_ROLE, once. Reverts with `ZeroGuard`,
    ///         `GuardAlreadySet`.
    function setGuard(address guard_) external onlyRole(DEFAULT_ADMIN_ROLE) {
        if (guard_ == address(0)) revert ZeroGuard();
        if (guard != address(0)) revert GuardAlreadySet(guard);
        _grantRole(DEFAULT_ADMIN_ROLE, guard_);
        guard = guard_;
        emit GuardSet(guard_);
    }

    function _setFirstAdmin(address admin) internal {
        if (admin == address(0)) revert ZeroAdmin();
        _grantRole(DEFAULT_ADMIN_ROLE, admin);
    }

    function _grantRole(bytes32 role, address account) internal virtual override returns (bool granted) {
        granted = super._grantRole(role, account);
        if (guard == address(0)) return granted;
        if (_isGuardsOwn(role)) _requireGuard();
        if (getRoleMemberCount(role) > MAX_MEMBERS) revert TooManyMembers(role);
    }

    function _revokeRole(bytes32 role, address account) internal virtual override returns (bool) {
        if (guard != address(0)) {
            if (_isGuardsOwn(role) || (role == DEFAULT_ADMIN_ROLE && account == guard)) _requireGuard();
        }
        return super._revokeRole(role, account);
    }

    /// @dev Whether only the guard may grant and revoke `role`.
    function _isGuardsOwn(bytes32) internal pure virtual returns (bool) {
        return false;
    }

    function _requireGuard() internal view {
        if (msg.sender != guard) revert NotGuard(msg.sender);
    }
}
