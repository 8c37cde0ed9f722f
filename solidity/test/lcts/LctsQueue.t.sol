// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Clones } from "@openzeppelin/contracts/proxy/Clones.sol";
import { LctsQueue } from "src/lcts/LctsQueue.sol";
import { Roles } from "src/pau/Roles.sol";
import { Test } from "test/base/Test.sol";
import { MockAcl } from "test/mocks/lcts/MockAcl.sol";
import { MockToken } from "test/mocks/lcts/MockToken.sol";

/// @notice The queue alone; the test contract is its Unit.
contract LctsQueueTest is Test {
    uint256 private constant ONE = 1e36;
    uint256 private constant SCALE = 1e9;

    MockToken private underlying;
    MockToken private reward;
    MockAcl public acl;
    LctsQueue private queue;

    address private a = makeAddr("a");
    address private b = makeAddr("b");
    address private c = makeAddr("c");
    address private sink = makeAddr("sink");

    function setUp() public {
        _deploy(18, 18, 1);
    }

    function _deploy(uint8 underlyingDecimals, uint8 rewardDecimals, uint256 minEntry) private {
        underlying = new MockToken(underlyingDecimals);
        reward = new MockToken(rewardDecimals);
        acl = new MockAcl();
        acl.set(Roles.DEFAULT_ADMIN, address(this), true);
        queue = LctsQueue(Clones.clone(address(new LctsQueue())));
        queue.initialize(address(underlying), address(reward), minEntry);
    }

    function _enter(address user, uint256 amount) private {
        queue.enter(user, amount);
        underlying.mint(address(queue), amount);
    }

    function _settle(uint256 converted, uint256 rewardIn) private {
        queue.lock();
        queue.settle(converted, rewardIn);
        if (converted > 0) queue.release(sink, converted);
        reward.mint(address(queue), rewardIn);
    }

    function _status(LctsQueue.Status want) private view {
        vm.assertEq(uint256(queue.status()), uint256(want), "status");
    }

    // --- Golden vectors ---

    function test_G1_payouts() public {
        _enter(a, 600e18);
        _enter(b, 400e18);
        _settle(250e18, 245098039215686274509);
        vm.assertEq(queue.P(), 0.75e36, "P");

        (uint256 left, uint256 paid) = queue.exit(a, a);
        vm.assertEq(left, 450e18, "A underlying");
        vm.assertEq(paid, 147058823529411764705, "A reward");
        vm.assertEq(underlying.balanceOf(a), 450e18, "A underlying paid");
        vm.assertEq(reward.balanceOf(a), 147058823529411764705, "A reward paid");

        _enter(c, 100e18);
        _settle(400e18, 392156862745098039215);
        vm.assertEq(queue.earnedOf(b), 392156862745098039214, "B reward");
        vm.assertEq(queue.earnedOf(c), 98039215686274509803, "C reward");
        _status(LctsQueue.Status.DORMANT);
        queue.claimReward(b, 392156862745098039214, b);
        queue.claimReward(c, 98039215686274509803, c);
        vm.assertEq(queue.owedReward(), reward.balanceOf(address(queue)), "owed is what is there");
        vm.assertLe(reward.balanceOf(address(queue)), 2, "2 wei of dust in all");
    }

    function test_H1_oneWeiLeft() public {
        _enter(a, 1e24);
        _settle(1e24 - 1, 1e24 - 1);
        vm.assertEq(queue.P(), 1e30, "P");
        vm.assertEq(queue.scale(), 2, "k");
        vm.assertEq(queue.remainingOf(a), 1, "A waits");
        vm.assertEq(queue.earnedOf(a), 999999999999999999999999, "A earned");

        _enter(b, 1e24);
        _settle(1e24, 1e24);
        vm.assertEq(queue.P(), 999999999999999999999999000000000, "P");
        vm.assertEq(queue.scale(), 5, "k");
        vm.assertEq(queue.totalUnderlying(), 1, "U");
        vm.assertEq(queue.remainingOf(a), 0, "A waits");
        vm.assertEq(queue.earnedOf(a), 999999999999999999999999, "A earned");
        vm.assertEq(queue.remainingOf(b), 0, "B waits");
        vm.assertEq(queue.earnedOf(b), 999999999999999999999999, "B earned");
    }

    function test_H2_sixDecimalsIn() public {
        _deploy(6, 18, 1);
        _enter(a, 3_000_000e6);
        _enter(b, 1_000_000e6);
        _settle(3_999_999_999_000, uint256(3_999_999_999_000) * 1e15 / 1001);
        vm.assertEq(queue.P(), 0.25e36, "P");
        vm.assertEq(queue.scale(), 1, "k");
        vm.assertEq(queue.totalUnderlying(), 1000, "U");

        _enter(c, 500_000e6);
        uint256 third = queue.totalUnderlying() / 3;
        _settle(third, third * 1e15 / 1001);
        vm.assertEq(queue.P(), 166666666666666666666666666666666666, "P");
        vm.assertEq(queue.totalUnderlying(), 333333334000, "U");
        vm.assertEq(queue.remainingOf(a), 499, "A waits");
        vm.assertEq(queue.earnedOf(a), 2997002996503496503496502, "A earned");
        vm.assertEq(queue.remainingOf(b), 166, "B waits");
        vm.assertEq(queue.earnedOf(b), 999000998834498834498834, "B earned");
        vm.assertEq(queue.remainingOf(c), 333333333333, "C waits");
        vm.assertEq(queue.earnedOf(c), 166500166500166500166499, "C earned");

        queue.exit(b, b);
        uint256 rest = queue.totalUnderlying();
        _settle(rest, rest * 1e15 / 1001);
        vm.assertEq(queue.earnedOf(a), 2997002997002997002997002, "A in the end");
        vm.assertEq(queue.earnedOf(c), 499500499500499500499499, "C in the end");
    }

    // --- Life of a generation ---

    function test_I4_generations_openAndEnd() public {
        _status(LctsQueue.Status.DORMANT);
        vm.assertEq(queue.currentGeneration(), 0, "none yet");
        _enter(a, 10);
        _status(LctsQueue.Status.ACTIVE);
        vm.assertEq(queue.currentGeneration(), 1, "first");
        queue.exit(a, a);
        _status(LctsQueue.Status.DORMANT);
        vm.assertEq(queue.currentGeneration(), 0, "ended by the last exit");
        vm.assertEq(queue.lastGeneration(), 1, "last");
        _enter(a, 10);
        vm.assertEq(queue.currentGeneration(), 2, "numbers only grow");
        _settle(10, 7);
        _status(LctsQueue.Status.DORMANT);
        vm.assertEq(queue.earnedOf(a), 7, "claimable after the end");
        _enter(b, 5);
        vm.assertEq(queue.currentGeneration(), 3, "third");
        vm.assertEq(queue.earnedOf(a), 7, "what ended never changes");
        _settle(5, 500);
        vm.assertEq(queue.earnedOf(a), 7, "what ended never changes");
    }

    function test_reentry_keepsWhatEndedGenerationsOwe() public {
        _enter(a, 100);
        _settle(100, 50);
        _enter(a, 40);
        vm.assertEq(queue.remainingOf(a), 40, "only the new entry waits");
        vm.assertEq(queue.earnedOf(a), 50, "old earnings");
        queue.lock();
        (uint256 r, uint256 conv) = queue.claimableOf(a);
        vm.assertEq(r, 50, "finalized earnings stay claimable under lock");
        vm.assertEq(conv, 100, "and what was converted for them");
        queue.claimReward(a, 50, a);
        vm.assertEq(reward.balanceOf(a), 50, "paid under lock");
        vm.assertEq(queue.totalUnderlying(), 40, "a claim under lock changes no total");
    }

    function test_I6_lock_holdsBackTheOpenGeneration() public {
        _enter(a, 100);
        _settle(60, 30);
        _enter(a, 10);
        queue.lock();
        (uint256 r, uint256 conv) = queue.claimableOf(a);
        vm.assertEq(r, 0, "reward of the locked generation");
        vm.assertEq(conv, 0, "converted of the locked generation");
        vm.assertEq(queue.earnedOf(a), 30, "earned is still shown");
        vm.expectRevert(abi.encodeWithSelector(LctsQueue.ExceedsClaimable.selector, 0));
        queue.claimReward(a, 1, a);
        vm.expectRevert(abi.encodeWithSelector(LctsQueue.ExceedsClaimable.selector, 0));
        queue.claimConverted(a, 1, a);
        vm.expectRevert(LctsQueue.QueueLocked.selector);
        queue.exit(a, a);
        vm.expectRevert(LctsQueue.QueueLocked.selector);
        queue.cancel(a);
        vm.expectRevert(LctsQueue.QueueLocked.selector);
        queue.enter(b, 10);
        vm.expectRevert(LctsQueue.AlreadyLocked.selector);
        queue.lock();
        queue.unlock();
        (r, conv) = queue.claimableOf(a);
        vm.assertEq(r, 30, "claimable again");
        vm.assertEq(conv, 60, "claimable again");
    }

    function test_dormantQueueTakesZerosOnly() public {
        vm.assertEq(queue.lock(), 0, "lock does nothing");
        queue.settle(0, 0);
        queue.unlock();
        _status(LctsQueue.Status.DORMANT);
        vm.expectRevert(LctsQueue.NotLocked.selector);
        queue.settle(0, 1);
        _enter(a, 10);
        vm.expectRevert(LctsQueue.NotLocked.selector);
        queue.settle(0, 0);
    }

    function test_zeroCapacityOnlyUnlocks() public {
        _enter(a, 10);
        _settle(0, 0);
        _status(LctsQueue.Status.ACTIVE);
        vm.assertEq(queue.P(), ONE, "P stays");
        vm.assertEq(queue.remainingOf(a), 10, "all waits");
    }

    function test_settle_moreThanWaits() public {
        _enter(a, 10);
        queue.lock();
        vm.expectRevert(abi.encodeWithSelector(LctsQueue.CapacityExceedsQueue.selector, 10));
        queue.settle(11, 11);
    }

    /// @dev While somebody waits something does, even if every position rounds to 0: a settlement never divides by 0.
    function test_settle_positionsThatRoundToZero() public {
        _enter(a, 2);
        _enter(b, 2);
        _settle(3, 3);
        vm.assertEq(queue.remainingOf(a) + queue.remainingOf(b), 0, "rounded");
        queue.exit(a, a);
        _status(LctsQueue.Status.ACTIVE);
        vm.assertEq(queue.totalUnderlying(), 1, "the dust waits with B");
        _settle(1, 1);
        _status(LctsQueue.Status.DORMANT);
        vm.assertEq(queue.positions(), 0, "nobody waits");
    }

    function testFuzz_somethingWaitsWhileSomebodyDoes(uint256[6] calldata moves) public {
        _enter(a, bound(moves[0], 1, 7));
        _enter(b, bound(moves[1], 1, 7));
        _enter(c, bound(moves[2], 1, 7));
        for (uint256 i; i < moves.length; ++i) {
            if (queue.positions() == 0) return;
            vm.assertGt(queue.totalUnderlying(), 0, "nothing waits");
            address user = i % 3 == 0 ? a : i % 3 == 1 ? b : c;
            if (moves[i] % 3 == 0) {
                uint256 part = moves[i] / 3 % (queue.totalUnderlying() + 1);
                _settle(part, part);
            } else if (moves[i] % 3 == 1) {
                (uint256 r,) = queue.claimableOf(user);
                queue.claimReward(user, r, user);
            } else if (queue.positionOf(user).generation != 0) {
                queue.exit(user, user);
            }
        }
    }

    function test_topUp_creditsWhatWasEarned() public {
        _enter(a, 100);
        _enter(b, 100);
        _settle(100, 1000);
        _enter(a, 50);
        vm.assertEq(queue.earnedOf(a), 500, "credited");
        vm.assertEq(queue.remainingOf(a), 100, "50 left and 50 new");
        vm.assertEq(queue.positions(), 2, "still two");
        _settle(75, 750);
        vm.assertEq(queue.earnedOf(a), 1000, "two thirds of the second");
        vm.assertEq(queue.earnedOf(b), 750, "one third of the second");
    }

    /// @dev Brings P down to 1e27, the least it can be, where whoever enters stands worst.
    function _leastP() private {
        _enter(b, 1e18);
        _settle(1e18 - 1e9, 0);
        vm.assertEq(queue.P(), 1e27, "the least P");
        vm.assertEq(queue.scale(), 0, "not rescaled");
    }

    /// @dev A reward too small for the sum of a large queue is carried to the next settlement.
    function test_carry_isPaidLater() public {
        _leastP();
        _enter(a, 9e29);
        _settle(1, 1);
        vm.assertEq(queue.carry(), 1, "carried");
        vm.assertEq(queue.earnedOf(a), 0, "not earned yet");
        _settle(1, 900);
        vm.assertEq(queue.owedReward(), 901, "owed");
        uint256 earned = queue.earnedOf(a);
        vm.assertLe(earned + queue.earnedOf(b) + queue.carry(), 901, "never more than came");
        vm.assertGe(earned, 900, "paid with the second, which alone would bring 899");
    }

    /// @dev What is carried when the generation ends belongs to nobody, and is not owed any more.
    function test_carry_atTheEnd() public {
        _leastP();
        _enter(a, 9e29);
        _settle(1, 1);
        queue.exit(a, a);
        queue.exit(b, b);
        _status(LctsQueue.Status.DORMANT);
        vm.assertEq(queue.carry() + queue.owedReward(), 0, "nothing owed");
        vm.assertEq(queue.skim(address(reward), sink), 1, "dust");
    }

    /// @dev A position keeps its part over four rescalings, and earns over three.
    function test_I8_scales_fourAreLookedBack() public {
        _leastP();
        _enter(a, 9e29);
        uint256 waiting = queue.totalUnderlying();
        _settle(waiting - 500, waiting - 500);
        vm.assertEq(queue.scale(), 4, "four rescalings in one settlement");
        vm.assertApproxEqAbs(queue.remainingOf(a), 500, 1, "what is left");
        _settle(500, 500);
        // What is earned at the fourth scale is dropped: less than amount / 1e27 underlying units' worth.
        vm.assertLe(queue.earnedOf(a), 9e29, "never more than its part");
        vm.assertGe(queue.earnedOf(a) + 900, 9e29, "short by less than amount / 1e27");
    }

    function test_I8_scales_threeAreEarned() public {
        _leastP();
        _enter(a, 1e24);
        uint256 waiting = queue.totalUnderlying();
        _settle(waiting - 1000, waiting - 1000);
        vm.assertEq(queue.scale(), 3, "three rescalings");
        vm.assertApproxEqAbs(queue.remainingOf(a), 1000, 1, "what is left");
        _settle(1000, 1000);
        vm.assertApproxEqAbs(queue.earnedOf(a), 1e24, 3, "nothing is lost");
    }

    // --- Claims ---

    function test_claims_partial() public {
        _enter(a, 100);
        _settle(90, 900);
        vm.assertEq(queue.claimReward(a, 100, a), 10, "a ninth");
        vm.assertEq(queue.claimConverted(a, 40, a), 400, "the same price");
        (uint256 r, uint256 conv) = queue.claimableOf(a);
        vm.assertEq(r, 400, "left");
        vm.assertEq(conv, 40, "left");
        vm.expectRevert(abi.encodeWithSelector(LctsQueue.ExceedsClaimable.selector, 400));
        queue.claimReward(a, 401, a);
        vm.expectRevert(abi.encodeWithSelector(LctsQueue.ExceedsClaimable.selector, 40));
        queue.claimConverted(a, 41, a);
        vm.assertEq(queue.claimReward(a, 400, a), 40, "all");
        (r, conv) = queue.claimableOf(a);
        vm.assertEq(r + conv, 0, "nothing left");
        vm.assertEq(queue.remainingOf(a), 10, "still waiting");
    }

    function test_claims_ofZeroDoNothing() public {
        vm.assertEq(queue.claimReward(a, 0, a), 0, "reward");
        vm.assertEq(queue.claimConverted(a, 0, a), 0, "converted");
        vm.assertEq(queue.claimRefund(a, a), 0, "refund");
    }

    function testFuzz_claims_neverStrand(uint256 entered, uint256 rewardIn, uint256[8] calldata parts)
        public
    {
        entered = bound(entered, 2, 1e30);
        rewardIn = bound(rewardIn, 0, 1e30);
        _enter(a, entered);
        _settle(entered - 1, rewardIn);
        for (uint256 i; i < parts.length; ++i) {
            (uint256 r, uint256 conv) = queue.claimableOf(a);
            if (i % 2 == 0) queue.claimReward(a, bound(parts[i], 0, r), a);
            else queue.claimConverted(a, bound(parts[i], 0, conv), a);
            (r, conv) = queue.claimableOf(a);
            vm.assertTrue(r == 0 || conv > 0, "reward is left without a handle");
        }
        (uint256 rest, uint256 last) = queue.claimableOf(a);
        if (last > 0) vm.assertEq(queue.claimConverted(a, last, a), rest, "the last claim takes all");
        (rest, last) = queue.claimableOf(a);
        vm.assertEq(rest + last, 0, "nothing stays");
        vm.assertLe(reward.balanceOf(a), rewardIn, "never more than came");
    }

    // --- Cancel and exit ---

    function test_cancel_thenClaim() public {
        _enter(a, 100);
        _enter(b, 100);
        _settle(50, 500);
        vm.assertEq(queue.cancel(a), 75, "unconverted rest");
        vm.assertEq(queue.refundOf(a), 75, "waits to be paid");
        vm.assertEq(queue.totalUnderlying(), 75, "B's");
        vm.assertEq(queue.totalRefund(), 75, "A's");
        vm.assertEq(underlying.balanceOf(a), 0, "nothing pushed");
        vm.expectRevert(LctsQueue.NoPosition.selector);
        queue.cancel(a);
        queue.lock();
        vm.assertEq(queue.claimRefund(a, c), 75, "also under lock");
        vm.assertEq(underlying.balanceOf(c), 75, "to the receiver");
        (uint256 r,) = queue.claimableOf(a);
        vm.assertEq(r, 250, "earnings stay, and no lock holds them: A left the generation");
        queue.claimReward(a, r, a);
        vm.assertEq(queue.claimRefund(a, c), 0, "once");
    }

    function test_exit_paysRefundRestAndReward() public {
        _enter(a, 100);
        _enter(b, 100);
        queue.cancel(a);
        _enter(a, 60);
        _settle(80, 160);
        (uint256 left, uint256 paid) = queue.exit(a, a);
        vm.assertEq(left, 130, "100 cancelled and half of 60");
        vm.assertEq(paid, 60, "3/8 of the reward");
        vm.expectRevert(LctsQueue.NoPosition.selector);
        queue.exit(a, a);
        vm.expectRevert(LctsQueue.NoPosition.selector);
        queue.exit(c, c);
    }

    function test_exit_afterTheEndPaysTheReward() public {
        _enter(a, 100);
        _settle(100, 9);
        (uint256 left, uint256 paid) = queue.exit(a, a);
        vm.assertEq(left, 0, "nothing waits");
        vm.assertEq(paid, 9, "reward");
    }

    /// @dev Principal does not depend on the reward token.
    function test_cancel_withAStoppedRewardToken() public {
        _enter(a, 100);
        _settle(50, 50);
        reward.setStopped(true);
        vm.expectRevert(MockToken.Stopped.selector);
        queue.exit(a, a);
        queue.cancel(a);
        queue.claimRefund(a, a);
        vm.assertEq(underlying.balanceOf(a), 50, "principal is out");
        reward.setStopped(false);
        queue.claimReward(a, 50, a);
        vm.assertEq(reward.balanceOf(a), 50, "reward follows");
    }

    function testFuzz_I9_enterExit_givesBack(uint256 amount, uint256 other, uint256 converted) public {
        amount = bound(amount, 2, 1e29);
        other = bound(other, 1, 1e29);
        _enter(b, other);
        converted = bound(converted, 0, other - 1);
        _settle(converted, converted);
        _enter(a, amount);
        (uint256 left,) = queue.exit(a, a);
        vm.assertLe(left, amount, "I9 never more");
        vm.assertGe(left + 2, amount, "I9 at most 2 wei less");
    }

    // --- Bounds ---

    function test_enter_bounds() public {
        _deploy(18, 18, 5);
        vm.expectRevert(abi.encodeWithSelector(LctsQueue.BelowMinimum.selector, 5));
        queue.enter(a, 4);
        vm.expectRevert(abi.encodeWithSelector(LctsQueue.QueueFull.selector, 1e30));
        queue.enter(a, 1e30 + 1);
        vm.expectRevert(abi.encodeWithSelector(LctsQueue.QueueFull.selector, 1e30));
        queue.enter(a, type(uint256).max);
        queue.enter(a, 1e30);
        vm.expectRevert(abi.encodeWithSelector(LctsQueue.QueueFull.selector, 1e30));
        queue.enter(b, 5);
    }

    /// @dev Where no minimum is set, an entry of nothing would block every settlement to come.
    function test_enter_refuses_nothing_without_a_minimum() public {
        _deploy(18, 18, 0);
        vm.expectRevert(abi.encodeWithSelector(LctsQueue.BelowMinimum.selector, 0));
        queue.enter(a, 0);
        _enter(a, 1);
        _settle(1, 1);
        vm.assertEq(queue.earnedOf(a), 1, "settled");
    }

    /// @dev The largest queue left with 1 wei takes four rescalings, and P keeps its digits.
    function test_settle_largestQueueToOneWei() public {
        _enter(a, 1e30);
        for (uint256 i = 1; i <= 6; ++i) {
            uint256 waiting = queue.totalUnderlying();
            uint32 before = queue.scale();
            _settle(waiting - 1, waiting - 1);
            vm.assertLe(queue.scale() - before, 4, "at most four");
            vm.assertGe(queue.P(), ONE / SCALE, "P keeps 27 digits");
            vm.assertLe(queue.P(), ONE, "P never passes one");
            _enter(i % 2 == 0 ? a : b, 1e30 - 1);
        }
        vm.assertLe(queue.earnedOf(a) + queue.earnedOf(b), queue.owedReward(), "solvent");
    }

    function testFuzz_I7_settle_keepsPInRange(uint256 entered, uint256 converted) public {
        entered = bound(entered, 1, 1e30);
        _enter(a, entered);
        converted = bound(converted, 0, entered - 1);
        _settle(converted, converted);
        vm.assertTrue(queue.P() >= ONE / SCALE && queue.P() <= ONE, "range of P");
        vm.assertLe(queue.remainingOf(a), entered - converted, "never more than waits");
        vm.assertGe(queue.remainingOf(a) + 2, entered - converted, "and no less than 2 wei below");
    }

    // --- Access and administration ---

    function test_onlyTheUnit() public {
        vm.startPrank(a);
        bytes4 no = LctsQueue.NotUnit.selector;
        vm.expectRevert(no);
        queue.enter(a, 1);
        vm.expectRevert(no);
        queue.cancel(a);
        vm.expectRevert(no);
        queue.exit(a, a);
        vm.expectRevert(no);
        queue.claimReward(a, 0, a);
        vm.expectRevert(no);
        queue.claimConverted(a, 0, a);
        vm.expectRevert(no);
        queue.claimRefund(a, a);
        vm.expectRevert(no);
        queue.lock();
        vm.expectRevert(no);
        queue.unlock();
        vm.expectRevert(no);
        queue.settle(0, 0);
        vm.expectRevert(no);
        queue.release(a, 0);
        vm.stopPrank();
    }

    function test_initialize_once() public {
        vm.expectPartialRevert(bytes4(keccak256("InvalidInitialization()")));
        queue.initialize(address(1), address(2), 3);
        LctsQueue template = new LctsQueue();
        vm.expectPartialRevert(bytes4(keccak256("InvalidInitialization()")));
        template.initialize(address(1), address(2), 3);
        LctsQueue fresh = LctsQueue(Clones.clone(address(template)));
        vm.expectRevert(LctsQueue.ZeroAddress.selector);
        fresh.initialize(address(0), address(2), 3);
        vm.expectRevert(LctsQueue.ZeroAddress.selector);
        fresh.initialize(address(1), address(0), 3);
    }

    function test_skim_takesOnlyWhatBelongsToNobody() public {
        _enter(a, 100);
        _enter(b, 100);
        _settle(50, 70);
        queue.cancel(b);
        underlying.mint(address(queue), 11);
        reward.mint(address(queue), 12);
        MockToken other = new MockToken(18);
        other.mint(address(queue), 13);
        address to = makeAddr("to");

        vm.prank(a);
        vm.expectRevert(abi.encodeWithSelector(LctsQueue.NotAuthorized.selector, Roles.DEFAULT_ADMIN));
        queue.skim(address(underlying), to);

        vm.assertEq(queue.skim(address(underlying), to), 11, "underlying");
        vm.assertEq(queue.skim(address(reward), to), 12, "reward");
        vm.assertEq(queue.skim(address(other), to), 13, "any other");
        vm.assertEq(queue.skim(address(underlying), to), 0, "nothing twice");
        queue.exit(a, a);
        queue.exit(b, b);
        vm.assertEq(underlying.balanceOf(a) + underlying.balanceOf(b), 150, "all principal");
        vm.assertGe(reward.balanceOf(a) + reward.balanceOf(b), 69, "all reward but a wei");
    }

    function test_dustOfAnEndedGenerationCanBeSkimmed() public {
        _enter(a, 2);
        _enter(b, 2);
        _settle(3, 3);
        queue.exit(a, a);
        queue.exit(b, b);
        _status(LctsQueue.Status.DORMANT);
        vm.assertEq(queue.totalUnderlying(), 0, "dust is nobody's");
        vm.assertEq(queue.skim(address(underlying), sink), 1, "and can be taken");
    }
}
