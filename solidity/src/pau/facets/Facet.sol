// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { IAccessControl } from "@openzeppelin/contracts/access/IAccessControl.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import { AccessControlsLike, ALMProxyLike, RateLimitsLike } from "src/pau/PauLike.sol";
import { Wire } from "src/pau/PauTypes.sol";
import { Roles } from "src/pau/Roles.sol";
import { SharedStorage } from "src/pau/SharedStorage.sol";
import { ProxyTokens } from "src/pau/facets/ProxyTokens.sol";

interface BalanceLike {
    function balanceOf(address account) external view returns (uint256);
}

/// @title What every facet stands on
/// @notice A facet runs by delegatecall from a Controller. DEFAULT_ADMIN_ROLE or PARAM_ADMIN_ROLE sets its parameters
///         (below: parameter admin), ALLOCATOR_ROLE moves value; anyone else gets `AccessControlUnauthorizedAccount`. Every state-changing function is under one
///         re-entrancy guard with all other facets of that Controller. Called directly, a facet has no ACL and reverts.
/// @dev Amounts paid and received are balance changes of the proxy around the call, never return values. No facet
///      keeps an allowance past its own function, and none may name the proxy's delegate call.
abstract contract Facet is SharedStorage, ReentrancyGuardTransient {
    error AmountIsMax();
    error BalanceMismatch(address token, uint256 expected, uint256 actual);
    error VenueNotOnboarded(address venue);

    modifier onlyRole(bytes32 role) {
        _checkRole(role);
        _;
    }

    modifier onlyParamAdmin() {
        if (!_hasRole(Roles.DEFAULT_ADMIN)) _checkRole(Roles.PARAM_ADMIN);
        _;
    }

    /// @dev Some venues read the highest number as "everything", which no rate limit could follow.
    modifier notMax(uint256 amount) {
        if (amount == type(uint256).max) revert AmountIsMax();
        _;
    }

    /// @notice The id under which a FacetBeacon offers this facet: right-padded ASCII.
    function integrationId() external pure virtual returns (bytes32);

    /// @notice The one list of this facet's wires: names of `ControllerSurface` to functions here.
    function wires() external pure virtual returns (Wire[] memory);

    function _hasRole(bytes32 role) internal view returns (bool) {
        return AccessControlsLike(_shared().accessControls).hasRole(role, msg.sender);
    }

    function _checkRole(bytes32 role) internal view {
        if (!_hasRole(role)) revert IAccessControl.AccessControlUnauthorizedAccount(msg.sender, role);
    }

    function _doCall(address target, bytes memory data) internal {
        ALMProxyLike(_shared().proxy).doCall(target, data);
    }

    function _approve(address token, address spender, uint256 amount) internal {
        ProxyTokens.approve(_shared().proxy, token, spender, amount);
    }

    function _proxyBalance(address token) internal view returns (uint256) {
        return BalanceLike(token).balanceOf(_shared().proxy);
    }

    /// @dev Lets `target` take exactly `amount` of `token` from the proxy in one call.
    function _payInto(address target, address token, uint256 amount, bytes memory data) internal {
        uint256 expected = _proxyBalance(token) - amount;
        _approve(token, target, amount);
        _doCall(target, data);
        _approve(token, target, 0);
        _requireBalance(token, expected);
    }

    function _requireBalance(address token, uint256 expected) internal view {
        uint256 actual = _proxyBalance(token);
        if (actual != expected) revert BalanceMismatch(token, expected, actual);
    }

    function _decrease(bytes32 key, uint256 amount) internal {
        RateLimitsLike(_shared().rateLimits).triggerRateLimitDecrease(key, amount);
    }

    /// @dev Gives back to a limit only if it is there, so that a closed entrance never blocks the exit.
    function _tryIncrease(bytes32 key, uint256 amount) internal {
        if (_exists(key)) RateLimitsLike(_shared().rateLimits).triggerRateLimitIncrease(key, amount);
    }

    function _exists(bytes32 key) internal view returns (bool) {
        return RateLimitsLike(_shared().rateLimits).getRateLimitData(key).maxAmount != 0;
    }
}
