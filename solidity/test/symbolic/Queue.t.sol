// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Clones } from "@openzeppelin/contracts/proxy/Clones.sol";
import { LctsQueue } from "src/lcts/LctsQueue.sol";
import { Test } from "test/base/Test.sol";

/// @notice A token that only counts.
contract CountingToken {
    mapping(address => uint256) public balanceOf;

    function give(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        balanceOf[msg.sender] -= amount;
        balanceOf[to] += amount;
        return true;
    }
}

/// @notice The queue with two and three users, one settlement of any size at any price, and everybody leaving. The
/// entries are given, so that no two unknowns are multiplied; the product and its rescaling are those of the contract.
contract SymbolicQueue is Test {
    CountingToken private underlying;
    CountingToken private reward;
    LctsQueue private queue;

    function setUp() public {
        underlying = new CountingToken();
        reward = new CountingToken();
        queue = LctsQueue(Clones.clone(address(new LctsQueue())));
        queue.initialize(address(underlying), address(reward), 1);
    }

    function _enter(address user, uint256 amount) private {
        underlying.give(address(queue), amount);
        queue.enter(user, amount);
    }

    function _settle(uint256 converted, uint256 rewards) private {
        queue.lock();
        queue.settle(converted, rewards);
        reward.give(address(queue), rewards);
        queue.release(address(this), converted);
    }

    function _leave(address user) private {
        (bool ok, bytes memory result) = address(queue).call(abi.encodeCall(LctsQueue.exit, (user, user)));
        // Who has nothing left cannot leave; nothing else may go wrong.
        assert(ok || bytes4(result) == LctsQueue.NoPosition.selector);
    }

    /// @dev Two users: both can leave after any settlement, and nobody has more than his part.
    function _two(uint256 a, uint256 b, uint128 converted, uint96 rewards) private {
        vm.assume(converted <= a + b);
        _enter(address(1), a);
        _enter(address(2), b);
        _settle(converted, rewards);
        _leave(address(1));
        _leave(address(2));
        uint256 left = a + b - converted;
        assert(underlying.balanceOf(address(1)) * (a + b) <= a * left);
        assert(underlying.balanceOf(address(2)) * (a + b) <= b * left);
        assert(reward.balanceOf(address(1)) * (a + b) <= a * uint256(rewards));
        assert(reward.balanceOf(address(2)) * (a + b) <= b * uint256(rewards));
    }

    function check_I2_I3_I8_twoUsersOfAWei(uint128 converted, uint96 rewards) public {
        _two(1, 1, converted, rewards);
    }

    function check_I2_I3_I8_twoUnequalUsers(uint128 converted, uint96 rewards) public {
        _two(3, 7e18, converted, rewards);
    }

    /// @dev Three users, the last of whom comes after the settlement and earns nothing from it.
    function check_I2_I3_I8_threeUsers(uint128 converted, uint96 rewards) public {
        (uint256 a, uint256 b, uint256 c) = (2e18, 5e18, 11);
        vm.assume(converted < a + b);
        _enter(address(1), a);
        _enter(address(2), b);
        _settle(converted, rewards);
        _enter(address(3), c);
        _leave(address(3));
        _leave(address(1));
        _leave(address(2));
        assert(underlying.balanceOf(address(3)) <= c && reward.balanceOf(address(3)) == 0);
        assert(underlying.balanceOf(address(1)) + underlying.balanceOf(address(2)) <= a + b - converted);
        assert(reward.balanceOf(address(1)) + reward.balanceOf(address(2)) <= rewards);
    }
}
