// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { RateLimits } from "src/pau/RateLimits.sol";
import { Test } from "test/base/Test.sol";

/// @notice RateLimits for every setting, every time and every amount, but for the bounds named.
contract SymbolicRateLimits is Test {
    uint256 private constant NOW = 1_767_225_600;
    bytes32 private constant KEY = "key";
    RateLimits private limits;

    function setUp() public {
        vm.warp(NOW);
        limits = new RateLimits(address(this));
        limits.grantRole(limits.CONTROLLER(), address(this));
    }

    /// @dev Every limit that an admin can set, but unlimited ones.
    function _set(uint256 max, uint256 slope, uint256 last, uint256 updated) private {
        vm.assume(max < type(uint256).max);
        vm.assume(last <= max && updated <= NOW && slope <= type(uint128).max);
        limits.setRateLimitData(KEY, max, slope, last, updated);
    }

    /// @dev Slopes: a product of two unknowns is out of reach, one with each of these is not.
    function _slope(uint8 which) private pure returns (uint256) {
        if (which == 0) return 0;
        if (which == 1) return 1;
        // 1,000,000 tokens in four hours, as in the golden vector.
        if (which == 2) return 69444444444444444444;
        vm.assume(which == 3);
        return type(uint128).max;
    }

    /// @dev Over two uses, for any span between and each of the slopes, no more goes through than was there and what grew. The sum of
    /// both is bounded by the sum of what each line says.
    function check_I19_twoUsesStayWithinTheLimit(
        uint256 max,
        uint256 last,
        uint256 first,
        uint256 second,
        uint40 wait,
        uint8 which
    ) public {
        uint256 slope = _slope(which);
        _set(max, slope, last, NOW);
        uint256 start = limits.getCurrentRateLimit(KEY);
        limits.triggerRateLimitDecrease(KEY, first);
        vm.warp(NOW + wait);
        limits.triggerRateLimitDecrease(KEY, second);
        // Both went through.
        assert(first <= start && second <= max);
        assert(second <= (start - first) + slope * wait);
    }

    /// @dev What is available never passes the maximum, after any span.
    function check_I19_neverAboveTheMaximum(
        uint256 max,
        uint256 last,
        uint256 given,
        uint40 wait,
        uint8 which
    ) public {
        _set(max, _slope(which), last, NOW);
        vm.assume(max > 0);
        limits.triggerRateLimitIncrease(KEY, given);
        vm.warp(NOW + wait);
        assert(limits.getCurrentRateLimit(KEY) <= max);
    }

    /// @dev Lowering a limit always goes through, and raises nothing that is available.
    function check_I19_loweringIsAlwaysPossible(
        uint256 max,
        uint256 slope,
        uint256 last,
        uint256 updated,
        uint256 newMax,
        uint256 newSlope
    ) public {
        _set(max, slope, last, updated);
        vm.assume(newMax <= max && newSlope <= slope);
        uint256 before = limits.getCurrentRateLimit(KEY);
        (bool ok,) =
            address(limits).call(abi.encodeCall(RateLimits.setRateLimitPreserving, (KEY, newMax, newSlope)));
        assert(ok);
        assert(limits.getCurrentRateLimit(KEY) <= before);
        assert(limits.getCurrentRateLimit(KEY) <= newMax);
    }

    /// @dev An unlimited key can be lowered as well, and is then bounded by its new maximum.
    function check_I19_loweringAnUnlimitedKey(uint256 newMax, uint256 newSlope) public {
        limits.setUnlimitedRateLimitData(KEY);
        vm.assume(newSlope <= type(uint128).max);
        (bool ok,) =
            address(limits).call(abi.encodeCall(RateLimits.setRateLimitPreserving, (KEY, newMax, newSlope)));
        assert(ok);
        assert(limits.getCurrentRateLimit(KEY) <= newMax);
    }
}
