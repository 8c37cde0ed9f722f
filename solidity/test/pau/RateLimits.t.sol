// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Guarded } from "src/pau/Guarded.sol";
import { RateLimitData } from "src/pau/PauTypes.sol";
import { RateLimits } from "src/pau/RateLimits.sol";
import { Test } from "test/base/Test.sol";

contract RateLimitsTest is Test {
    uint256 private constant MAX = type(uint256).max;
    bytes32 private constant KEY = keccak256("KEY");
    uint256 private constant START = 1_767_225_600;

    address private admin = makeAddr("admin");
    address private controller = makeAddr("controller");
    address private stranger = makeAddr("stranger");
    RateLimits private limits;

    function setUp() public {
        vm.warp(START);
        limits = new RateLimits(admin);
        vm.startPrank(admin);
        limits.grantRole(limits.CONTROLLER(), controller);
        vm.stopPrank();
    }

    function test_zero_admin_reverts() public {
        vm.expectRevert(Guarded.ZeroAdmin.selector);
        new RateLimits(address(0));
    }

    function test_deployer_has_no_role() public view {
        vm.assertTrue(limits.hasRole(0x00, admin), "admin");
        vm.assertEq(limits.getRoleMemberCount(0x00), 1, "one admin");
        vm.assertEq(limits.getRoleMemberCount(limits.CONTROLLER()), 1, "one controller");
        vm.assertFalse(limits.hasRole(0x00, address(this)), "deployer");
    }

    /// @dev Golden vector 2.1b.
    function test_golden_vector() public {
        uint256 max = 5_000_000e18;
        uint256 slope = 1_000_000e18 / uint256(14_400);
        vm.assertEq(slope, 69444444444444444444, "slope");
        _set(max, slope, max, START);
        _decrease(max);
        vm.assertEq(limits.getCurrentRateLimit(KEY), 0, "all used");
        vm.warp(START + 3_600);
        vm.assertEq(limits.getCurrentRateLimit(KEY), 249999999999999999998400, "one hour");
        vm.warp(START + 72_000);
        vm.assertEq(limits.getCurrentRateLimit(KEY), 4999999999999999999968000, "twenty hours: not yet full");
        vm.warp(START + 72_001);
        vm.assertEq(limits.getCurrentRateLimit(KEY), max, "full");
    }

    // --- setters ---

    function test_set_stores_and_emits() public {
        vm.expectEmit(address(limits));
        emit RateLimits.RateLimitDataSet(KEY, 100, 2, 30, START - 5);
        _set(100, 2, 30, START - 5);
        RateLimitData memory data = limits.getRateLimitData(KEY);
        vm.assertEq(data.maxAmount, 100, "max");
        vm.assertEq(data.slope, 2, "slope");
        vm.assertEq(data.lastAmount, 30, "last");
        vm.assertEq(data.lastUpdated, START - 5, "updated");
        vm.assertEq(limits.getCurrentRateLimit(KEY), 40, "the back-dated seconds count at once");
    }

    function test_set_bounds() public {
        vm.startPrank(admin);
        vm.expectRevert(abi.encodeWithSelector(RateLimits.InvalidLastAmount.selector, 101, 100));
        limits.setRateLimitData(KEY, 100, 0, 101, START);
        limits.setRateLimitData(KEY, 100, 0, 100, START);

        vm.expectRevert(abi.encodeWithSelector(RateLimits.InvalidLastUpdated.selector, START + 1, START));
        limits.setRateLimitData(KEY, 100, 0, 0, START + 1);

        uint256 steepest = type(uint128).max;
        vm.expectRevert(abi.encodeWithSelector(RateLimits.SlopeTooLarge.selector, steepest + 1));
        limits.setRateLimitData(KEY, 100, steepest + 1, 0, START);
        vm.expectRevert(abi.encodeWithSelector(RateLimits.SlopeTooLarge.selector, steepest + 1));
        limits.setRateLimitPreserving(KEY, 100, steepest + 1);
        limits.setRateLimitData(KEY, 100, steepest, 0, START);
        vm.stopPrank();
        vm.assertEq(limits.getRateLimitData(KEY).slope, steepest, "the steepest slope is stored whole");
    }

    function test_I19_getters_never_revert() public {
        vm.assertEq(limits.getCurrentRateLimit(KEY), 0, "unset");
        vm.startPrank(admin);
        limits.setRateLimitData(KEY, MAX - 1, type(uint128).max, MAX - 1, 0);
        vm.assertEq(limits.getCurrentRateLimit(KEY), MAX - 1, "saturates at the maximum");
        limits.setRateLimitData(KEY, MAX - 1, type(uint128).max, 0, 0);
        vm.stopPrank();
        vm.warp(type(uint64).max);
        vm.assertEq(
            limits.getCurrentRateLimit(KEY), uint256(type(uint128).max) * type(uint64).max, "no overflow"
        );
    }

    function test_preserving_new_key_starts_empty() public {
        vm.expectEmit(address(limits));
        emit RateLimits.RateLimitDataSet(KEY, 100, 1, 0, START);
        vm.prank(admin);
        limits.setRateLimitPreserving(KEY, 100, 1);
        vm.assertEq(limits.getCurrentRateLimit(KEY), 0, "nothing yet");
        vm.warp(START + 10);
        vm.assertEq(limits.getCurrentRateLimit(KEY), 10, "grows from the start");
    }

    /// @dev P2: a relayer who spends the old limit just before the spell does not get the new one on top.
    function test_P2_preserving_does_not_refill() public {
        _set(100, 0, 100, START);
        _decrease(90);
        vm.prank(admin);
        limits.setRateLimitPreserving(KEY, 1_000, 1);
        vm.assertEq(limits.getCurrentRateLimit(KEY), 10, "what was left");
        vm.warp(START + 5);
        vm.assertEq(limits.getCurrentRateLimit(KEY), 15, "plus replenishment");
    }

    function test_preserving_clamps_to_a_lower_maximum() public {
        _set(100, 0, 100, START);
        vm.startPrank(admin);
        limits.setRateLimitPreserving(KEY, 40, 0);
        vm.assertEq(limits.getCurrentRateLimit(KEY), 40, "cut");
        limits.setRateLimitPreserving(KEY, 0, 0);
        vm.assertEq(limits.getRateLimitData(KEY).maxAmount, 0, "removed");
        limits.setUnlimitedRateLimitData(KEY);
        limits.setRateLimitPreserving(KEY, 70, 0);
        vm.assertEq(limits.getCurrentRateLimit(KEY), 70, "an unlimited key becomes a full one");
        vm.stopPrank();
    }

    function testFuzz_I19_P2_preserving_never_raises(
        uint256 max,
        uint128 slope,
        uint256 last,
        uint32 age,
        uint256 newMax,
        uint128 newSlope
    ) public {
        max = bound(max, 1, MAX - 1);
        _set(max, slope, bound(last, 0, max), START - bound(age, 0, START));
        uint256 before = limits.getCurrentRateLimit(KEY);
        newMax = bound(newMax, 0, MAX - 1);
        vm.prank(admin);
        limits.setRateLimitPreserving(KEY, newMax, newSlope);
        vm.assertEq(
            limits.getCurrentRateLimit(KEY), before < newMax ? before : newMax, "min of old and new maximum"
        );
    }

    // --- triggers ---

    function test_unset_key_reverts_both_ways() public {
        vm.startPrank(controller);
        vm.expectRevert(abi.encodeWithSelector(RateLimits.ZeroMaxAmount.selector, KEY));
        limits.triggerRateLimitDecrease(KEY, 0);
        vm.expectRevert(abi.encodeWithSelector(RateLimits.ZeroMaxAmount.selector, KEY));
        limits.triggerRateLimitIncrease(KEY, 0);
        vm.stopPrank();
    }

    function test_decrease_boundary_and_event() public {
        _set(100, 1, 50, START);
        vm.warp(START + 10);
        vm.startPrank(controller);
        vm.expectRevert(abi.encodeWithSelector(RateLimits.RateLimitExceeded.selector, KEY, 61, 60));
        limits.triggerRateLimitDecrease(KEY, 61);
        vm.expectEmit(address(limits));
        emit RateLimits.RateLimitDecreaseTriggered(KEY, 60, 60, 0);
        vm.assertEq(limits.triggerRateLimitDecrease(KEY, 60), 0, "left");
        vm.stopPrank();
        RateLimitData memory data = limits.getRateLimitData(KEY);
        vm.assertEq(data.lastAmount, 0, "last");
        vm.assertEq(data.lastUpdated, START + 10, "updated");
        vm.assertEq(data.slope, 1, "slope kept");
        vm.assertEq(data.maxAmount, 100, "max kept");
    }

    function test_increase_saturates_and_emits() public {
        _set(100, 1, 50, START);
        vm.warp(START + 10);
        vm.startPrank(controller);
        vm.expectEmit(address(limits));
        emit RateLimits.RateLimitIncreaseTriggered(KEY, 15, 60, 75);
        vm.assertEq(limits.triggerRateLimitIncrease(KEY, 15), 75, "raised");
        vm.assertEq(limits.triggerRateLimitIncrease(KEY, MAX), 100, "saturates");
        vm.stopPrank();
        vm.assertEq(limits.getCurrentRateLimit(KEY), 100, "at the maximum");
    }

    function test_amount_zero_changes_nothing_available() public {
        _set(100, 3, 5, START);
        vm.warp(START + 7);
        vm.startPrank(controller);
        vm.assertEq(limits.triggerRateLimitDecrease(KEY, 0), 26, "decrease by nothing");
        vm.assertEq(limits.triggerRateLimitIncrease(KEY, 0), 26, "increase by nothing");
        vm.stopPrank();
        vm.assertEq(limits.getRateLimitData(KEY).lastUpdated, START + 7, "clock refreshed");
    }

    /// @dev RL5
    function test_unlimited_never_stores_and_says_so() public {
        vm.prank(admin);
        limits.setUnlimitedRateLimitData(KEY);
        vm.warp(START + 100);
        vm.record();
        vm.startPrank(controller);
        vm.expectEmit(address(limits));
        emit RateLimits.UnlimitedRateLimitUsed(KEY, 12, false);
        vm.assertEq(limits.triggerRateLimitDecrease(KEY, 12), MAX, "down");
        vm.expectEmit(address(limits));
        emit RateLimits.UnlimitedRateLimitUsed(KEY, 13, true);
        vm.assertEq(limits.triggerRateLimitIncrease(KEY, 13), MAX, "up");
        vm.stopPrank();
        (, bytes32[] memory writes) = vm.accesses(address(limits));
        vm.assertEq(writes.length, 0, "writes");
        vm.assertEq(limits.getCurrentRateLimit(KEY), MAX, "unlimited");
        vm.assertEq(limits.getRateLimitData(KEY).lastUpdated, START, "untouched");
    }

    function testFuzz_round_trip(uint256 max, uint128 slope, uint32 age, uint256 amount) public {
        max = bound(max, 1, MAX - 1);
        _set(max, slope, 0, START - bound(age, 0, START));
        uint256 available = limits.getCurrentRateLimit(KEY);
        amount = bound(amount, 0, available);
        vm.startPrank(controller);
        vm.assertEq(limits.triggerRateLimitDecrease(KEY, amount), available - amount, "down");
        vm.assertEq(limits.triggerRateLimitIncrease(KEY, amount), available, "and back");
        vm.stopPrank();
    }

    /// @dev RL2 and RL3 for one interval, against plain arithmetic.
    function testFuzz_replenishment(uint256 max, uint128 slope, uint256 last, uint32 dt) public {
        max = bound(max, 1, type(uint192).max);
        last = bound(last, 0, max);
        _set(max, slope, last, START);
        vm.warp(START + dt);
        uint256 grown = last + uint256(slope) * dt;
        vm.assertEq(limits.getCurrentRateLimit(KEY), grown < max ? grown : max, "linear up to the maximum");
    }

    // --- access ---

    function test_access() public {
        bytes[3] memory setters = [
            abi.encodeCall(RateLimits.setRateLimitData, (KEY, 1, 1, 1, START)),
            abi.encodeCall(RateLimits.setRateLimitPreserving, (KEY, 1, 1)),
            abi.encodeCall(RateLimits.setUnlimitedRateLimitData, (KEY))
        ];
        bytes[2] memory triggers = [
            abi.encodeCall(RateLimits.triggerRateLimitDecrease, (KEY, 0)),
            abi.encodeCall(RateLimits.triggerRateLimitIncrease, (KEY, 0))
        ];
        for (uint256 i; i < setters.length; ++i) {
            // The first is the admin's alone: it can refill.
            bytes32 role = i == 0 ? bytes32(0) : limits.LIMIT_SETTER();
            _expectRefused(controller, setters[i], role);
            _expectRefused(stranger, setters[i], role);
        }
        for (uint256 i; i < triggers.length; ++i) {
            _expectRefused(admin, triggers[i], limits.CONTROLLER());
            _expectRefused(stranger, triggers[i], limits.CONTROLLER());
        }
    }

    function test_limit_setter_sets_without_a_refill() public {
        address setter = makeAddr("setter");
        vm.startPrank(admin);
        limits.grantRole(limits.LIMIT_SETTER(), setter);
        vm.stopPrank();
        _set(100, 0, 40, START);

        vm.startPrank(setter);
        limits.setRateLimitPreserving(KEY, 1_000, 1);
        vm.assertEq(limits.getCurrentRateLimit(KEY), 40, "kept");
        limits.setUnlimitedRateLimitData(KEY);
        vm.assertEq(limits.getCurrentRateLimit(KEY), MAX, "unlimited");
        vm.stopPrank();
        _expectRefused(setter, abi.encodeCall(RateLimits.setRateLimitData, (KEY, 1, 1, 1, START)), 0x00);
        _expectRefused(
            setter, abi.encodeCall(RateLimits.triggerRateLimitDecrease, (KEY, 0)), limits.CONTROLLER()
        );
        _expectRefused(
            setter, abi.encodeWithSignature("grantRole(bytes32,address)", limits.CONTROLLER(), setter), 0x00
        );
    }

    function _expectRefused(address caller, bytes memory data, bytes32 role) private {
        vm.prank(caller);
        (bool ok, bytes memory result) = address(limits).call(data);
        vm.assertFalse(ok, "must revert");
        vm.assertEq(
            result,
            abi.encodeWithSignature("AccessControlUnauthorizedAccount(address,bytes32)", caller, role),
            "reason"
        );
    }

    function _set(uint256 max, uint256 slope, uint256 last, uint256 updated) private {
        vm.prank(admin);
        limits.setRateLimitData(KEY, max, slope, last, updated);
    }

    function _decrease(uint256 amount) private {
        vm.prank(controller);
        limits.triggerRateLimitDecrease(KEY, amount);
    }
}
