// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";

import { Guarded } from "src/pau/Guarded.sol";
import { RateLimitData } from "src/pau/PauTypes.sol";

/// @title Limits that refill linearly with time, one per key
/// @notice available = min(maxAmount, lastAmount + slope * seconds since lastUpdated); all of it if maxAmount is
///         type(uint256).max. A key with maxAmount 0 does not exist and cannot be used.
contract RateLimits is Guarded {
    error ZeroMaxAmount(bytes32 key);
    error RateLimitExceeded(bytes32 key, uint256 requested, uint256 available);
    error InvalidLastAmount(uint256 lastAmount, uint256 maxAmount);
    error InvalidLastUpdated(uint256 lastUpdated, uint256 timestamp);
    error SlopeTooLarge(uint256 slope);

    /// @notice A limit was set. Amounts in token units, slope in token units per second.
    event RateLimitDataSet(
        bytes32 indexed key, uint256 maxAmount, uint256 slope, uint256 lastAmount, uint256 lastUpdated
    );
    /// @notice `amount` was used; `newLimit` is left.
    event RateLimitDecreaseTriggered(bytes32 indexed key, uint256 amount, uint256 oldLimit, uint256 newLimit);
    /// @notice `amount` came back, up to the maximum; `newLimit` is available.
    event RateLimitIncreaseTriggered(bytes32 indexed key, uint256 amount, uint256 oldLimit, uint256 newLimit);
    /// @notice `amount` passed an unlimited key, which keeps no state of its own for a watcher to read.
    event UnlimitedRateLimitUsed(bytes32 indexed key, uint256 amount, bool isIncrease);

    // Three words, so that a trigger writes two of them.
    struct Limit {
        uint256 maxAmount;
        uint256 lastAmount;
        uint192 slope;
        uint64 lastUpdated;
    }

    /// @notice Who may use the limits: the Controllers of this PAU.
    bytes32 public constant CONTROLLER = keccak256("CONTROLLER");
    /// @notice Who may change limits without a refill, beside the admin: the Configurator.
    bytes32 public constant LIMIT_SETTER = keccak256("LIMIT_SETTER");

    uint256 private constant UNLIMITED = type(uint256).max;

    mapping(bytes32 key => Limit) private _limits;

    modifier onlyLimitSetter() {
        if (!hasRole(DEFAULT_ADMIN_ROLE, msg.sender)) _checkRole(LIMIT_SETTER);
        _;
    }

    /// @param admin first holder of DEFAULT_ADMIN_ROLE; reverts with `ZeroAdmin` if zero
    constructor(address admin) Guarded(admin) { }

    /// @notice Overwrites a limit. Admin only. A `lastUpdated` in the past grants what has accrued since at once.
    /// @param maxAmount most that is ever available, token units; 0 removes the key
    /// @param slope refill in token units per second, at most 2^128 - 1, else `SlopeTooLarge`
    /// @param lastAmount available at `lastUpdated`; above `maxAmount` reverts with `InvalidLastAmount`
    /// @param lastUpdated UTC second; in the future reverts with `InvalidLastUpdated`
    function setRateLimitData(
        bytes32 key,
        uint256 maxAmount,
        uint256 slope,
        uint256 lastAmount,
        uint256 lastUpdated
    ) external onlyRole(DEFAULT_ADMIN_ROLE) {
        if (lastAmount > maxAmount) revert InvalidLastAmount(lastAmount, maxAmount);
        if (lastUpdated > block.timestamp) revert InvalidLastUpdated(lastUpdated, block.timestamp);
        _set(key, maxAmount, slope, lastAmount, lastUpdated);
    }

    /// @notice Sets maximum and slope and keeps what is available now, cut to the new maximum; a new key starts at 0.
    ///         Admin or LIMIT_SETTER; reverts with `SlopeTooLarge`. What is available never rises by this call.
    /// @param maxAmount most that is ever available, token units; 0 removes the key
    /// @param slope refill in token units per second, at most 2^128 - 1
    function setRateLimitPreserving(bytes32 key, uint256 maxAmount, uint256 slope) external onlyLimitSetter {
        _set(key, maxAmount, slope, Math.min(maxAmount, getCurrentRateLimit(key)), block.timestamp);
    }

    /// @notice Makes a key unlimited. Admin or LIMIT_SETTER.
    function setUnlimitedRateLimitData(bytes32 key) external onlyLimitSetter {
        _set(key, UNLIMITED, 0, UNLIMITED, block.timestamp);
    }

    /// @notice Uses `amount` of a limit. CONTROLLER only. Using 0 refreshes the clock and changes nothing else.
    ///         Reverts with `ZeroMaxAmount` without such a key, with `RateLimitExceeded` beyond what is available.
    /// @return newLimit token units left; type(uint256).max if unlimited
    function triggerRateLimitDecrease(bytes32 key, uint256 amount)
        external
        onlyRole(CONTROLLER)
        returns (uint256 newLimit)
    {
        Limit storage limit = _existing(key);
        if (limit.maxAmount == UNLIMITED) return _useUnlimited(key, amount, false);

        uint256 available = _current(limit);
        if (amount > available) revert RateLimitExceeded(key, amount, available);
        newLimit = available - amount;
        _store(limit, newLimit);
        emit RateLimitDecreaseTriggered(key, amount, available, newLimit);
    }

    /// @notice Gives `amount` back to a limit, up to its maximum. CONTROLLER only.
    ///         Reverts with `ZeroMaxAmount` without such a key.
    /// @return newLimit token units available; type(uint256).max if unlimited
    function triggerRateLimitIncrease(bytes32 key, uint256 amount)
        external
        onlyRole(CONTROLLER)
        returns (uint256 newLimit)
    {
        Limit storage limit = _existing(key);
        if (limit.maxAmount == UNLIMITED) return _useUnlimited(key, amount, true);

        uint256 available = _current(limit);
        newLimit = Math.min(Math.saturatingAdd(available, amount), limit.maxAmount);
        _store(limit, newLimit);
        emit RateLimitIncreaseTriggered(key, amount, available, newLimit);
    }

    /// @notice The stored limit; all zero without such a key. Never reverts.
    function getRateLimitData(bytes32 key) external view returns (RateLimitData memory) {
        Limit storage limit = _limits[key];
        return RateLimitData(limit.maxAmount, limit.slope, limit.lastAmount, limit.lastUpdated);
    }

    /// @notice Token units available now; type(uint256).max if unlimited, 0 without such a key. Never reverts.
    function getCurrentRateLimit(bytes32 key) public view returns (uint256) {
        return _current(_limits[key]);
    }

    function _current(Limit storage limit) private view returns (uint256) {
        uint256 maxAmount = limit.maxAmount;
        if (maxAmount == UNLIMITED) return UNLIMITED;
        uint256 lastAmount = limit.lastAmount;
        // The slope is below 2^128 and the time below 2^64, so the product cannot overflow.
        uint256 grown = uint256(limit.slope) * (block.timestamp - limit.lastUpdated);
        return grown >= maxAmount - lastAmount ? maxAmount : lastAmount + grown;
    }

    function _existing(bytes32 key) private view returns (Limit storage limit) {
        limit = _limits[key];
        if (limit.maxAmount == 0) revert ZeroMaxAmount(key);
    }

    function _useUnlimited(bytes32 key, uint256 amount, bool isIncrease) private returns (uint256) {
        emit UnlimitedRateLimitUsed(key, amount, isIncrease);
        return UNLIMITED;
    }

    function _store(Limit storage limit, uint256 lastAmount) private {
        limit.lastAmount = lastAmount;
        limit.lastUpdated = uint64(block.timestamp);
    }

    function _set(bytes32 key, uint256 maxAmount, uint256 slope, uint256 lastAmount, uint256 lastUpdated)
        private
    {
        if (slope > type(uint128).max) revert SlopeTooLarge(slope);
        _limits[key] = Limit(maxAmount, lastAmount, uint192(slope), uint64(lastUpdated));
        emit RateLimitDataSet(key, maxAmount, slope, lastAmount, lastUpdated);
    }
}
