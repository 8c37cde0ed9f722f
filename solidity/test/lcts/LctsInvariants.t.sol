// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { HaloBook } from "src/book/HaloBook.sol";
import { HaloUnit } from "src/lcts/HaloUnit.sol";
import { LctsQueue } from "src/lcts/LctsQueue.sol";
import { Test } from "test/base/Test.sol";
import { LctsHandler } from "test/lcts/LctsHandler.sol";
import { MockToken } from "test/mocks/lcts/MockToken.sol";

/// @notice The named properties of the queue, the Unit and the Book, held against random lives of a Unit.
abstract contract LctsInvariants is Test {
    LctsHandler internal handler;
    HaloUnit internal unit;
    HaloBook internal book;
    MockToken internal token;
    LctsQueue internal sub;
    LctsQueue internal red;
    address internal classProxy;

    function _start(uint8 decimals) internal {
        handler = new LctsHandler(decimals);
        (address u, address b, address t, address p) = handler.world();
        (unit, book, token, classProxy) = (HaloUnit(u), HaloBook(b), MockToken(t), p);
        (sub, red) = handler.queues();
        bytes4[] memory actions = new bytes4[](20);
        // What moves the story on comes more often.
        actions[0] = LctsHandler.subscribe.selector;
        actions[1] = LctsHandler.subscribe.selector;
        actions[2] = LctsHandler.requestRedeem.selector;
        actions[3] = LctsHandler.claim.selector;
        actions[4] = LctsHandler.claim.selector;
        actions[5] = LctsHandler.settleFinalized.selector;
        actions[6] = LctsHandler.cancel.selector;
        actions[7] = LctsHandler.claimCancelled.selector;
        actions[8] = LctsHandler.exit.selector;
        actions[9] = LctsHandler.transferShares.selector;
        actions[10] = LctsHandler.lock.selector;
        actions[11] = LctsHandler.lock.selector;
        actions[12] = LctsHandler.settle.selector;
        actions[13] = LctsHandler.settle.selector;
        actions[14] = LctsHandler.unlockStale.selector;
        actions[15] = LctsHandler.fund.selector;
        actions[16] = LctsHandler.defund.selector;
        actions[17] = LctsHandler.pause.selector;
        actions[18] = LctsHandler.donate.selector;
        actions[19] = LctsHandler.skim.selector;
        targetContract(address(handler));
        targetSelector(address(handler), actions);
    }

    function invariant_I1_principalIsThere() public view {
        _principal(sub);
        _principal(red);
    }

    /// @dev What waits belongs to those who wait, but for a wei lost to rounding by each step.
    function _principal(LctsQueue queue) private view {
        uint256 sum;
        for (uint256 i; i < 4; ++i) {
            sum += queue.remainingOf(handler.primes(i));
        }
        vm.assertLe(sum, queue.totalUnderlying(), "I1 more claimed than waits");
        vm.assertLe(queue.totalUnderlying(), sum + handler.steps() + 4, "I1 more waits than is claimed");
    }

    function invariant_I2_I3_queuesAreSolvent() public view {
        _solvent(sub, token.balanceOf(address(sub)), unit.balanceOf(address(sub)));
        _solvent(red, unit.balanceOf(address(red)), token.balanceOf(address(red)));
        vm.assertGe(token.balanceOf(address(unit)), unit.redeemLiquidity(), "liquidity is there");
    }

    function _solvent(LctsQueue queue, uint256 underlying, uint256 reward) private view {
        vm.assertGe(underlying, queue.totalUnderlying() + queue.totalRefund(), "I2 underlying");
        vm.assertGe(reward, queue.owedReward(), "I3 reward");
        (uint256 refunds, uint256 earned) = (0, 0);
        for (uint256 i; i < 4; ++i) {
            refunds += queue.refundOf(handler.primes(i));
            earned += queue.earnedOf(handler.primes(i));
        }
        vm.assertEq(refunds, queue.totalRefund(), "I2 refunds");
        vm.assertLe(earned + queue.carry(), queue.owedReward(), "I3 more earned than owed");
    }

    /// @dev The actions themselves check these, each time: generations only grow and ended ones stand still, a lock holds
    /// users back, leaving gives the principal back, settlements keep prices and ceilings, users and donors move no value.
    function invariant_I4_I5_I6_I9_I13_I16_I17_I18_inEveryAction() public view {
        vm.assertTrue(handler.started(), "the handler is there");
    }

    function invariant_I7_productKeepsItsDigits() public view {
        _digits(sub);
        _digits(red);
    }

    /// @dev What a share of the queue is worth in underlying never runs out of digits: P stays in [1e27, 1e36].
    function _digits(LctsQueue queue) private view {
        if (queue.currentGeneration() == 0) return;
        vm.assertLe(queue.P(), 1e36, "I7 P above one");
        vm.assertGe(queue.P(), 1e27, "I7 P below its floor");
    }

    /// @dev Against the model: nobody ever has more than his part, nor loses more than rounding.
    function invariant_I8_everyoneHasHisPart() public view {
        for (uint256 i; i < 4; ++i) {
            _part(sub, handler.primes(i));
            _part(red, handler.primes(i));
        }
    }

    function _part(LctsQueue queue, address user) private view {
        LctsHandler.Shadow memory x = handler.shadowOf(queue, user);
        uint256 steps = handler.steps();
        // The model itself rounds in the 18th digit.
        uint256 remaining = queue.remainingOf(user);
        vm.assertLe(remaining * 1e18, x.remaining + steps, "I8 more left than his part");
        vm.assertGe((remaining + steps + 1) * 1e18, x.remaining, "I8 less left than his part");
        uint256 earned = queue.earnedOf(user) + x.paid;
        uint256 tolerance = (steps + 1) * handler.dearest(queue);
        vm.assertLe(earned * 1e18, x.earned + tolerance, "I8 more earned than his part");
        vm.assertGe((earned + tolerance) * 1e18, x.earned, "I8 less earned than his part");
    }

    /// @dev From wherever the Unit is, everybody has his principal within `maxLock`.
    function invariant_I10_principalIsNeverTrapped() public {
        uint256 snapshot = vm.snapshotState();
        if (unit.locked()) {
            vm.warp(uint256(unit.lastLockAt()) + unit.maxLock() + 1);
            unit.unlockStale();
        }
        for (uint256 i; i < 4; ++i) {
            address user = handler.primes(i);
            uint256 assets = sub.remainingOf(user) + sub.refundOf(user);
            uint256 shares = red.remainingOf(user) + red.refundOf(user);
            vm.startPrank(user);
            if (assets > 0) {
                uint256 before = token.balanceOf(user);
                unit.exitDeposit(user, user);
                vm.assertEq(token.balanceOf(user) - before, assets, "I10 assets");
            }
            if (shares > 0) {
                uint256 before = unit.balanceOf(user);
                unit.exitRedeem(user, user);
                vm.assertEq(unit.balanceOf(user) - before, shares, "I10 shares");
            }
            unit.settleFinalized(user, user);
            vm.stopPrank();
            vm.assertEq(unit.maxMint(user) + unit.maxWithdraw(user), 0, "I10 claims");
        }
        vm.revertToState(snapshot);
    }

    function invariant_I11_sharesAddUp() public view {
        uint256 sum = unit.balanceOf(address(sub)) + unit.balanceOf(address(red));
        for (uint256 i; i < 4; ++i) {
            sum += unit.balanceOf(handler.primes(i));
        }
        vm.assertEq(sum, unit.totalSupply(), "I11 supply");
        vm.assertEq(book.totalShares(), unit.totalSupply(), "I11 the Book's mirror");
    }

    function invariant_I12_theUnitOwesNoMoreThanThereIs() public view {
        if (book.totalShares() == 0) return;
        uint256 scale = 10 ** (18 - token.decimals());
        vm.assertLe(book.indexOf(address(unit)) * unit.totalSupply(), book.nav() * scale * 1e27, "I12");
    }

    /// @dev Every asset unit that left or reached the Class is accounted for.
    function invariant_everyAssetUnitIsSomewhere() public view {
        uint256 expected =
            uint256(int256(handler.startProxy() + handler.donatedToProxy()) + handler.intoProxy());
        vm.assertEq(token.balanceOf(classProxy), expected, "custody");
        vm.assertEq(
            token.balanceOf(address(unit)),
            unit.redeemLiquidity() + handler.donatedToUnit(),
            "the Unit's liquidity"
        );
        uint256 all = token.balanceOf(classProxy) + token.balanceOf(address(unit))
            + token.balanceOf(address(book)) + token.balanceOf(address(sub)) + token.balanceOf(address(red))
            + token.balanceOf(handler.sink());
        for (uint256 i; i < 4; ++i) {
            all += token.balanceOf(handler.primes(i));
        }
        vm.assertEq(all, token.totalSupply(), "assets");
    }
}

/// @notice An asset with 18 decimals.
/// forge-config: default.invariant.fail-on-revert = true
/// forge-config: default.invariant.runs = 16
/// forge-config: default.invariant.depth = 100
/// forge-config: ci.invariant.fail-on-revert = true
/// forge-config: ci.invariant.runs = 32
/// forge-config: ci.invariant.depth = 200
contract LctsInvariants18Test is LctsInvariants {
    function setUp() public {
        _start(18);
    }
}

/// @notice An asset with 6 decimals.
/// forge-config: default.invariant.fail-on-revert = true
/// forge-config: default.invariant.runs = 16
/// forge-config: default.invariant.depth = 100
/// forge-config: ci.invariant.fail-on-revert = true
/// forge-config: ci.invariant.runs = 32
/// forge-config: ci.invariant.depth = 200
contract LctsInvariants6Test is LctsInvariants {
    function setUp() public {
        _start(6);
    }

    function test_theStoryMovesOn() public {
        handler.subscribe(0, 1e6);
        handler.lock(0);
        handler.settle(0, 0, 0);
        vm.assertEq(handler.calls("settle"), 1, "settled");
        vm.assertGt(unit.totalSupply(), 0, "shares");
    }
}
