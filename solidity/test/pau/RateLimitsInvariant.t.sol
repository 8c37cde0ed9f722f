// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { RateLimitData } from "src/pau/PauTypes.sol";
import { RateLimits } from "src/pau/RateLimits.sol";
import { Test } from "test/base/Test.sol";

/// @notice Admin and controller of a RateLimits at once, acting at random and keeping a ledger of what was used.
contract RateLimitsHandler is Test {
    uint256 private constant MAX = type(uint256).max;

    /// @dev Since the last write by the admin.
    struct Ledger {
        uint256 startAmount;
        uint256 startTime;
        uint256 decreased;
        uint256 increased; // by what really came back
    }

    RateLimits public limits;
    bytes32[3] public keys = [keccak256("A"), keccak256("B"), keccak256("C")];
    mapping(bytes32 => Ledger) public ledger;
    /// @dev A trigger that let through more than there was, or refused what there was. Kept, since the runner does not
    ///      fail on a revert.
    bool public wrongAnswer;

    constructor() {
        limits = new RateLimits(address(this));
        limits.grantRole(limits.CONTROLLER(), address(this));
        for (uint256 i; i < keys.length; ++i) {
            limits.setRateLimitData(keys[i], 1_000e18, 1e15, 1_000e18, block.timestamp);
            _restart(keys[i]);
        }
    }

    function pass(uint256 seconds_) external {
        vm.warp(block.timestamp + bound(seconds_, 0, 2 days));
    }

    function decrease(uint256 key_, uint256 amount) external {
        bytes32 key = keys[key_ % 3];
        uint256 before = limits.getCurrentRateLimit(key);
        // Up to a little more than is there, so that refusals happen too.
        amount = bound(amount, 0, before == MAX ? 1e30 : before + before / 8 + 1);
        try limits.triggerRateLimitDecrease(key, amount) {
            if (amount > before) wrongAnswer = true;
            if (before != MAX) ledger[key].decreased += amount;
        } catch {
            if (amount <= before && limits.getRateLimitData(key).maxAmount != 0) wrongAnswer = true;
        }
    }

    function increase(uint256 key_, uint256 amount) external {
        bytes32 key = keys[key_ % 3];
        if (limits.getRateLimitData(key).maxAmount == 0) return;
        uint256 before = limits.getCurrentRateLimit(key);
        uint256 left = limits.triggerRateLimitIncrease(key, bound(amount, 0, 10_000e18));
        if (before != MAX) ledger[key].increased += left - before;
    }

    function setPreserving(uint256 key_, uint256 max, uint256 slope) external {
        bytes32 key = keys[key_ % 3];
        limits.setRateLimitPreserving(key, bound(max, 0, 5_000e18), bound(slope, 0, 1e18));
        _restart(key);
    }

    function setUnlimited(uint256 key_) external {
        // One key in three may become unlimited, and stays a key like the others.
        if (key_ % 3 != 0) return;
        limits.setUnlimitedRateLimitData(keys[0]);
        _restart(keys[0]);
    }

    function _restart(bytes32 key) private {
        ledger[key] = Ledger(limits.getCurrentRateLimit(key), block.timestamp, 0, 0);
    }
}

contract RateLimitsInvariantTest is Test {
    uint256 private constant MAX = type(uint256).max;
    RateLimitsHandler private handler;

    function setUp() public {
        vm.warp(1_767_225_600);
        handler = new RateLimitsHandler();
        bytes4[] memory selectors = new bytes4[](7);
        selectors[0] = RateLimitsHandler.pass.selector;
        selectors[1] = RateLimitsHandler.decrease.selector;
        selectors[2] = RateLimitsHandler.decrease.selector;
        selectors[3] = RateLimitsHandler.decrease.selector;
        selectors[4] = RateLimitsHandler.increase.selector;
        selectors[5] = RateLimitsHandler.setPreserving.selector;
        selectors[6] = RateLimitsHandler.setUnlimited.selector;
        targetContract(address(handler));
        targetSelector(address(handler), selectors);
    }

    /// @dev RL1: what is available is never above the maximum.
    /// @dev RL4: the getters never revert, here for every state that the run reaches.
    function invariant_I19_RL1_current_at_most_maximum() public view {
        for (uint256 i; i < 3; ++i) {
            bytes32 key = handler.keys(i);
            vm.assertLe(
                handler.limits().getCurrentRateLimit(key),
                handler.limits().getRateLimitData(key).maxAmount,
                "RL1"
            );
        }
    }

    /// @dev RL2: between two writes of the admin, used less returned is at most what was there and what grew since.
    function invariant_I19_RL2_use_is_bounded() public view {
        for (uint256 i; i < 3; ++i) {
            bytes32 key = handler.keys(i);
            (uint256 start, uint256 time, uint256 decreased, uint256 increased) = handler.ledger(key);
            if (start == MAX) continue;
            uint256 slope = handler.limits().getRateLimitData(key).slope;
            vm.assertLe(decreased, start + slope * (block.timestamp - time) + increased, "RL2");
        }
    }

    function invariant_I19_triggers_answer_right() public view {
        vm.assertFalse(handler.wrongAnswer(), "a trigger answered wrongly");
    }

    /// @dev RL3: a key at its maximum does not grow with time.
    function invariant_I19_RL3_slope_stops_at_maximum() public {
        for (uint256 i; i < 3; ++i) {
            bytes32 key = handler.keys(i);
            uint256 current = handler.limits().getCurrentRateLimit(key);
            if (current != handler.limits().getRateLimitData(key).maxAmount) continue;
            uint256 now_ = block.timestamp;
            vm.warp(now_ + 365 days);
            vm.assertEq(handler.limits().getCurrentRateLimit(key), current, "RL3");
            vm.warp(now_);
        }
    }

    /// @dev RL5: an unlimited key holds what the admin wrote and nothing since.
    function invariant_I19_RL5_unlimited_never_stores() public view {
        for (uint256 i; i < 3; ++i) {
            RateLimitData memory data = handler.limits().getRateLimitData(handler.keys(i));
            if (data.maxAmount != MAX) continue;
            (, uint256 time,,) = handler.ledger(handler.keys(i));
            vm.assertEq(data.lastAmount, MAX, "RL5 amount");
            vm.assertEq(data.lastUpdated, time, "RL5 time");
        }
    }
}
