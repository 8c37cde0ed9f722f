// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { HaloBook } from "src/book/HaloBook.sol";
import { HaloUnit } from "src/lcts/HaloUnit.sol";
import { LctsQueue } from "src/lcts/LctsQueue.sol";
import { Test } from "test/base/Test.sol";
import { SystemHandler } from "test/system/SystemHandler.sol";

/// @notice What must hold of a whole Class, whoever does whatever.
abstract contract SystemChecks is Test {
    uint256 private constant RAY = 1e27;

    SystemHandler internal handler;
    HaloUnit private junior;
    HaloUnit private senior;
    HaloBook private book;
    address private custody;
    address private controller;
    address private primeController;
    IERC20 private usds;
    IERC20 private usdc;

    function setUp() public {
        handler = new SystemHandler();
        (junior, senior, book, custody, controller, primeController) = handler.world();
        (address a, address b) = handler.tokens();
        (usds, usdc) = (IERC20(a), IERC20(b));
        bytes4[] memory actions = new bytes4[](27);
        // What moves the story on comes more often.
        actions[0] = actions[1] = actions[2] = SystemHandler.subscribe.selector;
        actions[3] = SystemHandler.redeem.selector;
        actions[4] = actions[5] = SystemHandler.claim.selector;
        actions[6] = SystemHandler.exit.selector;
        actions[7] = actions[8] = SystemHandler.lock.selector;
        actions[9] = actions[10] = actions[11] = SystemHandler.settle.selector;
        actions[12] = SystemHandler.settleHostile.selector;
        actions[13] = SystemHandler.unlock.selector;
        actions[14] = actions[15] = SystemHandler.report.selector;
        actions[16] = SystemHandler.review.selector;
        actions[17] = SystemHandler.loss.selector;
        actions[18] = SystemHandler.fund.selector;
        actions[19] = SystemHandler.swap.selector;
        actions[20] = SystemHandler.send.selector;
        actions[21] = SystemHandler.giveBack.selector;
        actions[22] = SystemHandler.attest.selector;
        actions[23] = SystemHandler.steal.selector;
        actions[24] = SystemHandler.guardAct.selector;
        actions[25] = SystemHandler.setLimit.selector;
        actions[26] = SystemHandler.beat.selector;
        targetContract(address(handler));
        targetSelector(address(handler), actions);
    }

    function _inEveryAction() internal view {
        vm.assertEq(handler.broken(), "", "an action broke what it must keep");
    }

    function _queues() internal view {
        _queue(junior.subscribeQueue(), usds, IERC20(address(junior)));
        _queue(junior.redeemQueue(), IERC20(address(junior)), usds);
        _queue(senior.subscribeQueue(), usds, IERC20(address(senior)));
        _queue(senior.redeemQueue(), IERC20(address(senior)), usds);
    }

    function _queue(LctsQueue queue, IERC20 underlying, IERC20 reward) private view {
        (uint256 remaining, uint256 refunds, uint256 earned) = (0, 0, 0);
        for (uint256 i; i < 3; ++i) {
            address user = handler.users(i);
            remaining += queue.remainingOf(user);
            refunds += queue.refundOf(user);
            earned += queue.earnedOf(user);
        }
        vm.assertLe(remaining, queue.totalUnderlying(), "I1 more claimed than waits");
        vm.assertLe(queue.totalUnderlying(), remaining + handler.steps() + 3, "I1 more waits than is claimed");
        vm.assertEq(refunds, queue.totalRefund(), "I2 refunds");
        vm.assertGe(
            underlying.balanceOf(address(queue)),
            queue.totalUnderlying() + queue.totalRefund(),
            "I2 underlying"
        );
        vm.assertLe(earned + queue.carry(), queue.owedReward(), "I3 more earned than owed");
        vm.assertGe(reward.balanceOf(address(queue)), queue.owedReward(), "I3 reward");
    }

    function _shares() internal view {
        _sharesOf(junior);
        _sharesOf(senior);
        vm.assertEq(book.totalShares(), junior.totalSupply() + senior.totalSupply(), "I11 the Book's mirror");
    }

    function _sharesOf(HaloUnit unit) private view {
        uint256 sum =
            unit.balanceOf(address(unit.subscribeQueue())) + unit.balanceOf(address(unit.redeemQueue()));
        for (uint256 i; i < 3; ++i) {
            sum += unit.balanceOf(handler.users(i));
        }
        vm.assertEq(sum, unit.totalSupply(), "I11 supply");
        vm.assertGe(usds.balanceOf(address(unit)), unit.redeemLiquidity(), "the liquidity is there");
    }

    function _tranches() internal view {
        uint256 owed = book.indexOf(address(senior)) * senior.totalSupply()
            + (junior.totalSupply() == 0 ? 0 : book.indexOf(address(junior)) * junior.totalSupply());
        vm.assertLe(owed, book.nav() * RAY, "I12 more owed than there is");
        if (senior.totalSupply() == 0) return;
        uint256 index = book.indexOf(address(senior));
        vm.assertLe(index, book.targetOf(address(senior)), "I14 above the target");
        if (book.equity() > 0) {
            vm.assertEq(index, book.targetOf(address(senior)), "I14 equity is left and the senior lost");
        }
    }

    function _custody() internal view {
        address[6] memory venues = handler.venues();
        for (uint256 i; i < venues.length; ++i) {
            vm.assertEq(usds.allowance(custody, venues[i]), 0, "I21 USDS");
            vm.assertEq(usdc.allowance(custody, venues[i]), 0, "I21 USDC");
        }
        address[2] memory controllers = [controller, primeController];
        for (uint256 i; i < 2; ++i) {
            vm.assertEq(usds.balanceOf(controllers[i]) + usdc.balanceOf(controllers[i]), 0, "I22 held");
        }
        address[3] memory thieves = handler.thieves();
        for (uint256 i; i < 3; ++i) {
            vm.assertEq(usds.balanceOf(thieves[i]) + usdc.balanceOf(thieves[i]), 0, "I20 stolen");
        }
    }
}

/// @notice One campaign for each.
/// forge-config: default.invariant.runs = 6
/// forge-config: default.invariant.depth = 120
/// forge-config: ci.invariant.runs = 16
/// forge-config: ci.invariant.depth = 250
contract SystemInvariantsTest is SystemChecks {
    function invariant_I10_I13_I15_I16_I17_I18_I20_I24_inEveryAction() public view {
        _inEveryAction();
    }

    function invariant_I1_I2_I3_queues() public view {
        _queues();
    }

    function invariant_I11_shares() public view {
        _shares();
    }

    function invariant_I12_I14_tranches() public view {
        _tranches();
    }

    function invariant_I20_I21_I22_custody() public view {
        _custody();
    }

    /// @dev The actions do go through: a run in which all are refused would hold everything.
    function test_theStoryMovesOn() public {
        uint256 seed = 1;
        for (uint256 i; i < 1_500; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            _act(seed);
        }
        _inEveryAction();
        bytes32[16] memory names = [
            bytes32("subscribe"),
            "subscribe by PAU",
            "redeem",
            "claim",
            "claim by PAU",
            "exit",
            "lock",
            "settle",
            "unlock",
            "report",
            "review",
            "fund",
            "swap",
            "send",
            "offramp claim",
            "limit"
        ];
        for (uint256 i; i < names.length; ++i) {
            vm.assertGt(handler.done(names[i]), 0, string(abi.encodePacked(names[i], " never went through")));
        }
        vm.assertEq(handler.done("steal"), 0, "nothing was stolen");
    }

    function _act(uint256 seed) private {
        (uint256 a, uint256 b, uint256 c) = (seed >> 8, seed >> 72, seed >> 136);
        uint256 which = seed % 24;
        if (which < 5) handler.subscribe(a, b, c);
        else if (which == 5) handler.redeem(a, b, c);
        else if (which < 8) handler.claim(a, b);
        else if (which == 8) handler.exit(a, b, c % 2 == 0);
        else if (which < 11) handler.lock(a);
        else if (which < 14) handler.settle(a, b, c);
        else if (which == 14) handler.unlock(a, b);
        else if (which < 17) handler.report(a);
        else if (which == 17) handler.review(a);
        else if (which == 18) handler.fund(a, b, c % 2 == 0);
        else if (which == 19) handler.swap(a % 1_000_000e6, b % 4 == 0);
        else if (which == 20) handler.send(a % 100_000e6);
        else if (which == 21) handler.giveBack(a);
        else if (which == 22) handler.setLimit(a, b);
        else handler.beat(a);
        handler.attest(b, c % 2 == 0);
        handler.steal(a, b);
        if (seed % 4 == 0) handler.donate(a, b);
        handler.guardAct(a, 2 + b % 6);
    }
}
