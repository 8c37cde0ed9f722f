// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { HaloUnit } from "src/lcts/HaloUnit.sol";
import { LctsQueue } from "src/lcts/LctsQueue.sol";
import { SettleParams } from "src/lcts/UnitTypes.sol";
import { LctsBase } from "test/lcts/LctsBase.sol";
import { MockToken } from "test/mocks/lcts/MockToken.sol";

/// @notice The attacks that the design lists, each tried on the real contracts.
contract AttacksTest is LctsBase {
    // --- Donations (I18) ---

    /// @dev The same epoch with and without donations everywhere gives the same result to the wei.
    function test_I18_P21_donations_changeNothing() public {
        _invest(carol, 1000e18);
        _subscribe(alice, 300e18);
        _redeem(carol, 200e18);
        _fund(50e18);
        uint256 snapshot = vm.snapshotState();
        bytes32 plain = _outcome();
        vm.assertTrue(vm.revertToState(snapshot), "back");
        _donate();
        vm.assertEq(_outcome(), plain, "outcome");
    }

    function _donate() private {
        address[5] memory targets = [address(sub), address(red), address(unit), address(book), classProxy];
        for (uint256 i; i < targets.length; ++i) {
            token.mint(targets[i], 12345e18);
        }
        vm.startPrank(governance);
        unit.setHolder(address(sub), true);
        unit.setHolder(address(red), true);
        vm.stopPrank();
        vm.startPrank(carol);
        unit.transfer(address(sub), 10e18);
        unit.transfer(address(red), 10e18);
        vm.stopPrank();
    }

    function _outcome() private returns (bytes32) {
        _epoch(77e18, 33e18);
        return keccak256(
            abi.encode(
                book.nav(),
                book.totalShares(),
                unit.index(),
                unit.redeemLiquidity(),
                sub.totalUnderlying(),
                red.totalUnderlying(),
                unit.maxMint(alice),
                unit.maxWithdraw(carol),
                unit.pendingDepositRequest(0, alice),
                unit.pendingRedeemRequest(0, carol)
            )
        );
    }

    function test_donations_areReturned() public {
        _invest(carol, 1000e18);
        _subscribe(alice, 300e18);
        _redeem(carol, 200e18);
        _donate();
        vm.startPrank(governance);
        vm.assertEq(sub.skim(address(token), stranger), 12345e18, "assets in the subscribe queue");
        vm.assertEq(red.skim(address(token), stranger), 12345e18, "assets in the redeem queue");
        vm.assertEq(sub.skim(address(unit), holder), 10e18, "shares in the subscribe queue");
        vm.assertEq(red.skim(address(unit), holder), 10e18, "shares in the redeem queue");
        vm.assertEq(unit.skim(address(token), stranger), 12345e18, "assets in the Unit");
        vm.stopPrank();
        vm.prank(alice);
        unit.exitDeposit(alice, alice);
        vm.prank(carol);
        unit.exitRedeem(carol, carol);
        vm.assertEq(unit.balanceOf(carol), 980e18, "nobody lost by it");
    }

    // --- Inflation ---

    /// @dev Whatever the first entrant does before, the second loses at most 2 wei in the queue.
    function testFuzz_P24_firstEntrant_cannotInflate(
        uint256 first,
        uint256 gift,
        uint256 converted,
        uint256 second
    ) public {
        first = bound(first, 1e18, 1e24);
        second = bound(second, 1e18, 1e24);
        _subscribe(alice, first);
        token.mint(address(sub), bound(gift, 0, 1e27));
        _epoch(bound(converted, 0, first - 1), 0);
        vm.prank(alice);
        unit.exitDeposit(alice, alice);
        _subscribe(alice, 1e18);
        _subscribe(bob, second);
        vm.prank(bob);
        (uint256 back,) = unit.exitDeposit(bob, bob);
        vm.assertLe(back, second, "no gain");
        vm.assertGe(back + 2, second, "no loss");
    }

    // --- Timing ---

    /// @dev Who enters just before the lock gets the pro-rata part of one epoch at the price that follows, and no more.
    function test_lastMinuteEntry_getsItsShareOnly() public {
        _invest(carol, 1000e18);
        _subscribe(alice, 900e18);
        skip(19 hours);
        _subscribe(bob, 100e18);
        _lock();
        skip(1 hours);
        _report(1001e18 - 1e18 / 2);
        _settle(100e18, 0);
        vm.assertEq(unit.maxDeposit(bob), 10e18, "a tenth of the epoch");
        vm.assertLt(unit.maxMint(bob), 10e18, "at the price after the lock");
        vm.prank(bob);
        (uint256 back, uint256 shares) = unit.exitDeposit(bob, bob);
        vm.assertLe(back + unit.convertToAssets(shares), 100e18, "no free option");
    }

    /// @dev A redemption asked for before bad news takes the haircut all the same.
    function test_redeemingBeforeALoss_doesNotEscapeIt() public {
        _invest(alice, 500e18);
        _invest(bob, 500e18);
        _redeem(alice, 500e18);
        _fund(1000e18);
        _lock();
        skip(1 hours);
        _report(900e18);
        uint64 seq = reporter.lastSeq();
        vm.prank(attestors[2]);
        reporter.confirm(seq);
        _settle(0, MAX);
        vm.assertEq(_claimAssets(alice), 450e18, "haircut");
        vm.assertEq(unit.convertToAssets(unit.balanceOf(bob)), 450e18, "the same for who stayed");
    }

    // --- Misbehaving tokens ---

    /// @dev P4: a token that calls back in every way meets the guard.
    function test_P4_reentrancy() public {
        _invest(alice, 100e18);
        _subscribe(alice, 50e18);
        bytes[11] memory calls = [
            abi.encodeCall(unit.requestDeposit, (1e18, alice, alice)),
            abi.encodeCall(unit.requestRedeem, (1e18, alice, alice)),
            abi.encodeWithSignature("mint(uint256,address)", 0, alice),
            abi.encodeWithSignature("deposit(uint256,address)", 0, alice),
            abi.encodeCall(unit.withdraw, (0, alice, alice)),
            abi.encodeCall(unit.redeem, (0, alice, alice)),
            abi.encodeCall(unit.exitDeposit, (alice, alice)),
            abi.encodeCall(unit.exitRedeem, (alice, alice)),
            abi.encodeCall(unit.settleFinalized, (alice, alice)),
            abi.encodeCall(unit.cancelDepositRequest, (0, alice)),
            abi.encodeCall(unit.unlockStale, ())
        ];
        for (uint256 i; i < calls.length; ++i) {
            token.setHook(address(this), abi.encodeCall(this.reenter, (calls[i])));
            _subscribe(bob, 1e18);
            vm.assertTrue(token.hookOk(), "the callback itself ran");
            vm.assertEq(
                bytes32(abi.decode(token.hookResult(), (bytes))),
                bytes32(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector),
                "guard"
            );
        }
        token.setHook(address(0), "");
    }

    /// @dev Calls the Unit as Alice, from within a token transfer, and returns the revert data.
    function reenter(bytes calldata data) external returns (bytes memory result) {
        vm.prank(alice);
        bool ok;
        (ok, result) = address(unit).call(data);
        require(!ok, "re-entered");
    }

    /// @dev A fee that is switched on later stops the settlement instead of short-changing redeemers or NAV.
    function _feeBeforeSettlement() private {
        _lock();
        skip(1 hours);
        _report(book.nav());
        SettleParams memory p = _params(MAX, MAX);
        token.setFee(1);
        vm.prank(settler);
        vm.expectPartialRevert(bytes4(keccak256("TransferMismatch(uint256,uint256)")));
        unit.settleEpoch(p);
        skip(6 hours);
        unit.unlockStale();
        token.setFee(0);
    }

    function test_feeSwitchedOn_netting() public {
        _invest(carol, 1000e18);
        _redeem(carol, 100e18);
        _subscribe(alice, 100e18);
        _feeBeforeSettlement();
        vm.prank(alice);
        unit.exitDeposit(alice, alice);
        vm.assertEq(token.balanceOf(alice), 1e27, "principal is whole");
    }

    function test_feeSwitchedOn_subscription() public {
        _invest(carol, 1000e18);
        _subscribe(alice, 100e18);
        _feeBeforeSettlement();
        vm.assertEq(book.nav(), 1000e18, "NAV counts nothing that did not come");
    }

    function test_feeSwitchedOn_redemption() public {
        _invest(carol, 1000e18);
        _redeem(carol, 100e18);
        _fund(100e18);
        _feeBeforeSettlement();
        vm.prank(carol);
        unit.exitRedeem(carol, carol);
        vm.assertEq(unit.balanceOf(carol), 1000e18, "shares are whole");
    }

    /// @dev A paused asset: settlement fails, the lock ends, shares can be taken, assets follow when they move again.
    function test_pausedAsset() public {
        _invest(carol, 1000e18);
        _redeem(carol, 100e18);
        _subscribe(alice, 300e18);
        _epoch(100e18, 0);
        token.setStopped(true);
        _lock();
        skip(1 hours);
        _report(book.nav());
        SettleParams memory p = _params(MAX, 0);
        vm.prank(settler);
        vm.expectRevert(MockToken.Stopped.selector);
        unit.settleEpoch(p);
        skip(6 hours);
        unit.unlockStale();
        vm.assertGt(_claimShares(alice), 0, "claims in the other token go on");
        vm.prank(alice);
        unit.cancelDepositRequest(0, alice);
        token.setStopped(false);
        vm.prank(alice);
        unit.claimCancelDepositRequest(0, alice, alice);
    }

    // --- The settler ---

    /// @dev P11 and §5.7: what a hostile settler can do is to choose capacities and waste a lock; the money stays.
    function testFuzz_P11_hostileSettler(
        uint256 subscribeCapacity,
        uint256 redeemCapacity,
        uint256 minIndex,
        uint256 maxIndex
    ) public {
        _invest(carol, 1000e18);
        vm.prank(governance);
        unit.setCaps(1500e18, 200e18, 100e18);
        _subscribe(alice, 500e18);
        _redeem(carol, 300e18);
        _fund(1000e18);
        _lock();
        skip(1 hours);
        _report(book.nav());
        uint256 proxy = token.balanceOf(classProxy);
        uint256 price = book.indexOf(address(unit));
        SettleParams memory p =
            SettleParams(unit.epoch(), subscribeCapacity, redeemCapacity, minIndex, maxIndex);
        vm.prank(settler);
        try unit.settleEpoch(p) {
            vm.assertLe(token.balanceOf(classProxy) - proxy, 200e18, "the epoch's cap");
            vm.assertLe(1000e18 - unit.redeemLiquidity(), 100e18, "the epoch's cap");
            vm.assertEq(unit.index(), price, "the Book's price");
            vm.assertEq(token.balanceOf(settler) + unit.balanceOf(settler), 0, "nothing for the settler");
        } catch {
            vm.assertTrue(minIndex > price || maxIndex < price, "only its own bounds stop it");
        }
    }

    /// @dev P11: dust requests cannot be made, and a loop of entering and leaving costs the attacker his gas only.
    function test_P11_requestAndCancelLoops() public {
        _subscribe(alice, 100e18);
        for (uint256 i; i < 20; ++i) {
            _subscribe(bob, 1e18);
            vm.prank(bob);
            unit.exitDeposit(bob, bob);
        }
        _epoch(MAX, 0);
        vm.assertEq(unit.maxMint(alice), 100e18, "nobody else is touched");
        vm.assertEq(token.balanceOf(bob), 1e27, "nor he himself");
    }

    /// @dev The last to top up can leave exactly 1 wei a day. The next entrant is not hurt by it.
    function test_oneWeiLeftByATopUp() public {
        _subscribe(alice, 1000e18);
        _subscribe(bob, 1e18 + 1);
        for (uint256 i; i < 5; ++i) {
            uint256 waiting = sub.totalUnderlying();
            _epoch(waiting - 1, 0);
            _subscribe(carol, 1000e18);
        }
        _epoch(MAX, 0);
        vm.assertApproxEqAbs(unit.maxMint(alice), 1000e18, 3, "first");
        vm.assertApproxEqAbs(unit.maxMint(carol), 5000e18, 8, "entrants of each day");
    }
}
