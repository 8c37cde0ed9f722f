// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Clones } from "@openzeppelin/contracts/proxy/Clones.sol";
import { LctsQueue } from "src/lcts/LctsQueue.sol";
import { Test } from "test/base/Test.sol";
import { NaiveLctsQueue } from "test/mocks/lcts/NaiveLctsQueue.sol";

interface QueueLike {
    function enter(address user, uint256 amount) external;
    function lock() external returns (uint256);
    function settle(uint256 converted, uint256 reward) external;
    function totalUnderlying() external view returns (uint256);
    function earnedOf(address user) external view returns (uint256);
}

/// @notice Every day for ten years a new entrant and a settlement that leaves a little: nobody may be short by more than
/// a few wei at the end. The same run is given to the product-sum queue and to the public text's formula.
contract TenYearsTest is Test {
    uint256 private constant DAYS = 3653;
    /// @dev How much a settlement leaves: a millionth, 1 wei, a half, nine tenths.
    uint256 private constant MILLIONTH = 0;
    uint256 private constant ONE_WEI = 1;
    uint256 private constant HALF = 2;
    uint256 private constant NINE_TENTHS = 3;

    function _leave(uint256 pattern, uint256 waiting) private pure returns (uint256) {
        if (pattern == MILLIONTH) return waiting / 1e6;
        if (pattern == ONE_WEI) return 1;
        if (pattern == HALF) return waiting / 2;
        return waiting * 9 / 10;
    }

    function _entry(uint256 day, uint256 unit) private pure returns (uint256) {
        return unit + uint256(keccak256(abi.encode(day))) % (1e6 * unit);
    }

    function _entrant(uint256 day) private pure returns (address) {
        return address(uint160(0xE0000000 + day));
    }

    /// @notice Runs the ten years with a price of 1, reward units being `factor` times finer, and at the end converts all.
    /// @dev External so that a queue that breaks down can be caught.
    /// @return worst The most that any entrant is short, in reward units.
    /// @return excess The most that any entrant has beyond its due, in reward units.
    function run(QueueLike queue, uint256 length, uint256 decimals, uint256 factor, uint256 pattern)
        external
        returns (uint256 worst, uint256 excess)
    {
        uint256 unit = 10 ** decimals;
        for (uint256 day; day < length; ++day) {
            queue.enter(_entrant(day), _entry(day, unit));
            uint256 waiting = queue.lock();
            uint256 converted = waiting - _leave(pattern, waiting);
            if (day == length - 1) converted = waiting;
            queue.settle(converted, converted * factor);
        }
        for (uint256 day; day < length; ++day) {
            uint256 due = _entry(day, unit) * factor;
            uint256 earned = queue.earnedOf(_entrant(day));
            if (due > earned + worst) worst = due - earned;
            if (earned > due + excess) excess = earned - due;
        }
    }

    function _fresh() private returns (LctsQueue queue) {
        queue = LctsQueue(Clones.clone(address(new LctsQueue())));
        queue.initialize(address(1), address(2), 1);
    }

    /// @dev Entries are 1 to 1,000,001 whole tokens. Short by at most 3 reward wei, also where the reward is 1e12 finer
    /// than the underlying: rounding never costs a whole underlying unit.
    function _passes(uint256 decimals, uint256 factor, uint256 pattern) private {
        (uint256 worst, uint256 excess) =
            this.run(QueueLike(address(_fresh())), DAYS, decimals, factor, pattern);
        vm.assertLe(worst, 3, "an entrant is short");
        vm.assertEq(excess, 0, "an entrant has more than its due");
    }

    function test_I7_millionthLeft_18() public {
        _passes(18, 1, MILLIONTH);
    }

    function test_millionthLeft_6() public {
        _passes(6, 1e12, MILLIONTH);
    }

    function test_oneWeiLeft_18() public {
        _passes(18, 1, ONE_WEI);
    }

    function test_oneWeiLeft_6() public {
        _passes(6, 1e12, ONE_WEI);
    }

    function test_halfLeft_18() public {
        _passes(18, 1, HALF);
    }

    function test_halfLeft_6() public {
        _passes(6, 1e12, HALF);
    }

    function test_nineTenthsLeft_18() public {
        _passes(18, 1, NINE_TENTHS);
    }

    function test_nineTenthsLeft_6() public {
        _passes(6, 1e12, NINE_TENTHS);
    }

    // --- The formula of the public text fails the same runs ---

    function _fails(uint256 decimals, uint256 factor, uint256 pattern) private {
        QueueLike queue = QueueLike(address(new NaiveLctsQueue()));
        try this.run(queue, DAYS, decimals, factor, pattern) returns (uint256 worst, uint256) {
            vm.assertGt(worst, 3 * factor, "the naive queue passed");
        } catch { }
    }

    /// @dev It is the length of the run that it fails: three days of the same go well.
    function test_naive_passesThreeDays() public {
        (uint256 worst, uint256 excess) = this.run(QueueLike(address(new NaiveLctsQueue())), 3, 18, 1, HALF);
        vm.assertLe(worst + excess, 3, "18 decimals");
        (worst, excess) = this.run(QueueLike(address(new NaiveLctsQueue())), 3, 6, 1e12, NINE_TENTHS);
        vm.assertLe(worst + excess, 2e12, "6 decimals: two units");
    }

    function test_I7_P36_naive_failsAtAMillionth() public {
        _fails(18, 1, MILLIONTH);
        _fails(6, 1e12, MILLIONTH);
    }

    function test_I7_P36_naive_failsAtOneWei() public {
        _fails(18, 1, ONE_WEI);
        _fails(6, 1e12, ONE_WEI);
    }

    function test_I7_P36_naive_failsAtAHalf() public {
        _fails(18, 1, HALF);
        _fails(6, 1e12, HALF);
    }

    function test_I7_P36_naive_failsAtNineTenths() public {
        _fails(18, 1, NINE_TENTHS);
        _fails(6, 1e12, NINE_TENTHS);
    }

    /// @dev The first weeks of the naive queue, to show what breaks: on the third day left with 1 wei, rewards are lost.
    function test_I7_P36_naive_losesRewardsWithinDays() public {
        NaiveLctsQueue queue = new NaiveLctsQueue();
        uint256 lost;
        for (uint256 day; day < 4; ++day) {
            queue.enter(_entrant(day), 1e24);
            uint256 converted = queue.lock() - 1;
            queue.settle(converted, converted);
            lost = 1e24 - queue.earnedOf(_entrant(day));
            if (lost > 1e12) return;
        }
        vm.assertTrue(false, "nothing was lost");
    }
}
