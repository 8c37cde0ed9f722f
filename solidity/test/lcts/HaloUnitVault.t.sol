// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { HaloUnit } from "src/lcts/HaloUnit.sol";
import { LctsQueue } from "src/lcts/LctsQueue.sol";
import { UnitBase } from "src/lcts/UnitBase.sol";
import { UnitInit, UnitState } from "src/lcts/UnitTypes.sol";
import { UnitVault } from "src/lcts/UnitVault.sol";
import { LctsBase } from "test/lcts/LctsBase.sol";
import { MockToken } from "test/mocks/lcts/MockToken.sol";

/// @notice The ERC-7540 face: requests, claims, operators, cancellation, exits.
contract HaloUnitVaultTest is LctsBase {
    // --- requestDeposit ---

    function test_requestDeposit_takesExactlyTheAssets() public {
        vm.prank(alice);
        vm.expectEmit(address(unit));
        emit UnitVault.DepositRequest(alice, alice, 0, alice, 100e18);
        vm.assertEq(unit.requestDeposit(100e18, alice, alice), 0, "request id");
        vm.assertEq(token.balanceOf(alice), 1e27 - 100e18, "paid");
        vm.assertEq(token.balanceOf(address(sub)), 100e18, "in the queue");
        vm.assertEq(unit.pendingDepositRequest(0, alice), 100e18, "pending");
        vm.assertEq(unit.claimableDepositRequest(0, alice), 0, "claimable");
        vm.assertEq(unit.pendingDepositRequest(1, alice), 0, "no other request id");
        vm.assertEq(unit.totalAssets(), 0, "what waits is not managed yet");
    }

    function test_requestDeposit_refusals() public {
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(UnitVault.NotOperator.selector, alice));
        unit.requestDeposit(1e18, alice, alice);

        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(UnitBase.EntrantNotAllowed.selector, stranger));
        unit.requestDeposit(1e18, stranger, stranger);
        vm.prank(holder);
        vm.expectRevert(abi.encodeWithSelector(UnitBase.EntrantNotAllowed.selector, holder));
        unit.requestDeposit(1e18, holder, holder);
        // An outsider can put nothing on a Prime's account either.
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(UnitBase.EntrantNotAllowed.selector, stranger));
        unit.requestDeposit(1e18, alice, stranger);

        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(LctsQueue.BelowMinimum.selector, 1e18));
        unit.requestDeposit(1e18 - 1, alice, alice);
        vm.expectRevert(abi.encodeWithSelector(LctsQueue.QueueFull.selector, 1e30));
        unit.requestDeposit(MAX, alice, alice);
        vm.expectRevert(abi.encodeWithSelector(UnitBase.EntrantNotAllowed.selector, stranger));
        unit.requestDeposit(1e18, stranger, alice);
        token.approve(address(unit), 1e18 - 1);
        vm.expectPartialRevert(bytes4(keccak256("ERC20InsufficientAllowance(address,uint256,uint256)")));
        unit.requestDeposit(1e18, alice, alice);
        vm.stopPrank();
    }

    function test_requestDeposit_selfDeal() public {
        vm.prank(classProxy);
        vm.expectRevert(UnitBase.SelfDeal.selector);
        unit.requestDeposit(1e18, classProxy, classProxy);
        vm.startPrank(governance);
        vm.expectRevert(UnitBase.SelfDeal.selector);
        unit.setEntrant(classProxy, true);
        vm.expectRevert(UnitBase.SelfDeal.selector);
        unit.setHolder(classProxy, true);
        unit.setOpen(true);
        vm.stopPrank();
        vm.prank(classProxy);
        vm.expectRevert(UnitBase.SelfDeal.selector);
        unit.requestDeposit(1e18, classProxy, classProxy);
        vm.prank(alice);
        vm.expectRevert(UnitBase.SelfDeal.selector);
        unit.requestDeposit(1e18, classProxy, alice);
    }

    function test_requestDeposit_onboardingGate() public {
        vm.prank(registry);
        unit.setSubscribeUntil(uint64(block.timestamp));
        _subscribe(alice, 1e18);
        skip(1);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(UnitVault.NotOnboarded.selector, uint64(block.timestamp - 1)));
        unit.requestDeposit(1e18, alice, alice);
        // Exits never ask.
        vm.prank(alice);
        unit.exitDeposit(alice, alice);
    }

    function test_requestDeposit_openUnit() public {
        vm.prank(governance);
        unit.setOpen(true);
        token.mint(stranger, 5e18);
        vm.startPrank(stranger);
        token.approve(address(unit), MAX);
        unit.requestDeposit(5e18, stranger, stranger);
        vm.stopPrank();
        vm.assertEq(unit.pendingDepositRequest(0, stranger), 5e18, "anybody");
    }

    function test_requestDeposit_feeOnTransfer() public {
        token.setFee(1);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(UnitBase.TransferMismatch.selector, 1e22, 1e22 - 1e18));
        unit.requestDeposit(1e22, alice, alice);
    }

    function test_requestDeposit_worthlessUnit() public {
        _invest(alice, 100e18);
        _force(0);
        _lock();
        _settle2();
        vm.assertEq(unit.index(), 0, "wiped out");
        vm.prank(bob);
        vm.expectRevert(UnitVault.Worthless.selector);
        unit.requestDeposit(1e18, bob, bob);
        vm.assertEq(unit.convertToShares(1e18), 0, "nothing to convert at");
        vm.assertEq(unit.convertToAssets(1e18), 0, "worth nothing");
    }

    function _settle2() private {
        _force(0);
        _settle(MAX, MAX);
    }

    // --- requestRedeem ---

    function test_requestRedeem_byTheOwnerNeedsNoApproval() public {
        _invest(alice, 100e18);
        vm.prank(alice);
        vm.expectEmit(address(unit));
        emit UnitVault.RedeemRequest(alice, alice, 0, alice, 40e18);
        vm.assertEq(unit.requestRedeem(40e18, alice, alice), 0, "request id");
        vm.assertEq(unit.balanceOf(alice), 60e18, "out of custody");
        vm.assertEq(unit.balanceOf(address(red)), 40e18, "in the queue");
        vm.assertEq(unit.pendingRedeemRequest(0, alice), 40e18, "pending");
        vm.assertEq(unit.pendingRedeemRequest(7, alice), 0, "no other request id");
    }

    function test_requestRedeem_byOthers() public {
        _invest(alice, 100e18);
        vm.startPrank(bob);
        vm.expectPartialRevert(bytes4(keccak256("ERC20InsufficientAllowance(address,uint256,uint256)")));
        unit.requestRedeem(10e18, alice, alice);
        vm.stopPrank();
        vm.prank(alice);
        unit.approve(bob, 10e18);
        vm.prank(bob);
        unit.requestRedeem(10e18, bob, alice);
        vm.assertEq(unit.allowance(alice, bob), 0, "allowance is spent");
        vm.assertEq(unit.pendingRedeemRequest(0, bob), 10e18, "for the controller");
        vm.prank(alice);
        unit.setOperator(carol, true);
        vm.prank(carol);
        unit.requestRedeem(10e18, alice, alice);
        vm.assertEq(unit.pendingRedeemRequest(0, alice), 10e18, "by the operator");
    }

    function test_requestRedeem_refusals() public {
        _invest(alice, 100e18);
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(LctsQueue.BelowMinimum.selector, 1e18));
        unit.requestRedeem(1, alice, alice);
        vm.expectRevert(abi.encodeWithSelector(UnitBase.HolderNotAllowed.selector, stranger));
        unit.requestRedeem(1e18, stranger, alice);
        vm.expectPartialRevert(bytes4(keccak256("ERC20InsufficientBalance(address,uint256,uint256)")));
        unit.requestRedeem(100e18 + 1, alice, alice);
        vm.stopPrank();
    }

    function test_requestRedeem_byOneWhoIsNoEntrantAnyMore() public {
        _invest(alice, 100e18);
        _subscribe(alice, 50e18);
        vm.prank(governance);
        unit.setEntrant(alice, false);
        _redeem(alice, 100e18);
        _epoch(0, 0);
        vm.prank(alice);
        (uint256 assets, uint256 shares) = unit.exitDeposit(alice, alice);
        vm.assertEq(assets + shares, 50e18, "principal");
        _fund(0);
        vm.prank(alice);
        unit.exitRedeem(alice, alice);
        vm.assertEq(unit.balanceOf(alice) + token.balanceOf(alice), 1e27, "everything is hers to take");
    }

    // --- Claims ---

    function test_claims_afterAPartialSettlement() public {
        _subscribe(alice, 600e18);
        _subscribe(bob, 400e18);
        _epoch(250e18, 0);
        vm.assertEq(unit.pendingDepositRequest(0, alice), 450e18, "three quarters wait");
        vm.assertEq(unit.claimableDepositRequest(0, alice), 150e18, "a quarter is claimable");
        vm.assertEq(unit.maxDeposit(alice), 150e18, "maxDeposit follows claimable");
        vm.assertEq(unit.maxMint(alice), 150e18, "index 1");
        vm.startPrank(alice);
        vm.expectEmit(address(unit));
        emit UnitVault.Deposit(alice, holder, 30e18, 30e18);
        vm.assertEq(unit.deposit(30e18, holder), 30e18, "deposit, two arguments");
        vm.assertEq(unit.mint(20e18, alice), 20e18, "mint, two arguments");
        vm.assertEq(unit.deposit(10e18, alice, alice), 10e18, "deposit, three arguments");
        vm.assertEq(unit.mint(unit.maxMint(alice), alice, alice), 90e18, "mint, three arguments, the rest");
        vm.assertEq(unit.maxMint(alice) + unit.maxDeposit(alice), 0, "nothing left");
        vm.assertEq(unit.mint(0, alice), 0, "claiming 0 succeeds");
        vm.assertEq(unit.deposit(0, alice), 0, "claiming 0 succeeds");
        vm.assertEq(unit.withdraw(0, alice, alice), 0, "claiming 0 succeeds");
        vm.assertEq(unit.redeem(0, alice, alice), 0, "claiming 0 succeeds");
        vm.expectRevert(abi.encodeWithSelector(LctsQueue.ExceedsClaimable.selector, 0));
        unit.mint(1, alice);
        vm.stopPrank();
        vm.assertEq(unit.balanceOf(alice), 120e18, "alice");
        vm.assertEq(unit.balanceOf(holder), 30e18, "holder");
    }

    function test_claims_redeemSide() public {
        _invest(alice, 100e18);
        _redeem(alice, 80e18);
        _fund(50e18);
        _epoch(0, 50e18);
        vm.assertEq(unit.pendingRedeemRequest(0, alice), 30e18, "waits");
        vm.assertEq(unit.claimableRedeemRequest(0, alice), 50e18, "claimable shares");
        vm.assertEq(unit.maxRedeem(alice), 50e18, "maxRedeem");
        vm.assertEq(unit.maxWithdraw(alice), 50e18, "maxWithdraw");
        vm.startPrank(alice);
        vm.expectEmit(address(unit));
        emit UnitVault.Withdraw(alice, stranger, alice, 20e18, 20e18);
        vm.assertEq(unit.withdraw(20e18, stranger, alice), 20e18, "withdraw to anybody");
        vm.assertEq(unit.redeem(30e18, alice, alice), 30e18, "redeem the rest");
        vm.stopPrank();
        vm.assertEq(token.balanceOf(stranger), 20e18, "stranger");
        vm.assertEq(unit.totalSupply(), 50e18, "burned at the settlement");
    }

    function test_claims_forOthers() public {
        _subscribe(alice, 100e18);
        _epoch(MAX, 0);
        vm.startPrank(bob);
        bytes memory no = abi.encodeWithSelector(UnitVault.NotOperator.selector, alice);
        vm.expectRevert(no);
        unit.mint(1, bob, alice);
        vm.expectRevert(no);
        unit.deposit(1, bob, alice);
        vm.expectRevert(no);
        unit.withdraw(1, bob, alice);
        vm.expectRevert(no);
        unit.redeem(1, bob, alice);
        vm.expectRevert(no);
        unit.settleFinalized(bob, alice);
        vm.expectRevert(no);
        unit.cancelDepositRequest(0, alice);
        vm.expectRevert(no);
        unit.claimCancelDepositRequest(0, bob, alice);
        vm.expectRevert(no);
        unit.cancelRedeemRequest(0, alice);
        vm.expectRevert(no);
        unit.claimCancelRedeemRequest(0, bob, alice);
        vm.expectRevert(no);
        unit.exitDeposit(bob, alice);
        vm.expectRevert(no);
        unit.exitRedeem(bob, alice);
        vm.stopPrank();
        vm.prank(alice);
        vm.expectEmit(address(unit));
        emit UnitVault.OperatorSet(alice, bob, true);
        vm.assertTrue(unit.setOperator(bob, true), "returns true");
        vm.assertTrue(unit.isOperator(alice, bob), "operator");
        vm.prank(bob);
        unit.mint(100e18, alice, alice);
        vm.assertEq(unit.balanceOf(alice), 100e18, "by the operator");
        vm.prank(alice);
        unit.setOperator(bob, false);
        vm.prank(bob);
        vm.expectRevert(no);
        unit.mint(0, alice, alice);
    }

    function test_claims_sharesGoToHoldersOnly() public {
        _subscribe(alice, 100e18);
        _epoch(60e18, 0);
        bytes memory no = abi.encodeWithSelector(UnitBase.HolderNotAllowed.selector, stranger);
        vm.startPrank(alice);
        vm.expectRevert(no);
        unit.mint(1e18, stranger);
        vm.expectRevert(no);
        unit.deposit(1e18, stranger);
        vm.expectRevert(no);
        unit.exitDeposit(stranger, alice);
        vm.expectRevert(no);
        unit.settleFinalized(stranger, alice);
        unit.mint(60e18, alice);
        unit.requestRedeem(60e18, alice, alice);
        vm.expectRevert(no);
        unit.exitRedeem(stranger, alice);
        unit.cancelRedeemRequest(0, alice);
        vm.expectRevert(no);
        unit.claimCancelRedeemRequest(0, stranger, alice);
        vm.expectRevert(UnitBase.SelfDeal.selector);
        unit.claimCancelRedeemRequest(0, classProxy, alice);
        unit.claimCancelRedeemRequest(0, alice, alice);
        vm.stopPrank();
    }

    /// @dev What the production facet does: claim the maximum, always exact, never a revert.
    function testFuzz_maxima_areExact(uint256 a, uint256 b, uint256 part, uint256 nav, bool viaAssets)
        public
    {
        a = bound(a, 1e18, 1e26);
        b = bound(b, 1e18, 1e26);
        _invest(carol, 1e24);
        // The price moves anywhere between a thousandth and a thousandfold.
        _force(bound(nav, 1e21, 1e27));
        _subscribe(alice, a);
        _subscribe(bob, b);
        _epoch(bound(part, 0, a + b), 0);
        _claimMax(alice, viaAssets);
        _claimMax(bob, !viaAssets);

        uint256 shares = unit.balanceOf(alice);
        if (shares < 1e18) return;
        _redeem(alice, shares);
        _fund(1e26);
        _epoch(0, bound(part, 0, 1e26));
        vm.startPrank(alice);
        uint256 before = token.balanceOf(alice);
        uint256 most = unit.maxWithdraw(alice);
        if (viaAssets) unit.withdraw(most, alice, alice);
        else unit.redeem(unit.maxRedeem(alice), alice, alice);
        vm.assertEq(token.balanceOf(alice) - before, most, "exact");
        vm.assertEq(unit.maxWithdraw(alice), 0, "nothing left");
        vm.stopPrank();
    }

    function _claimMax(address user, bool viaAssets) private {
        uint256 before = unit.balanceOf(user);
        uint256 most = unit.maxMint(user);
        vm.startPrank(user);
        if (viaAssets) unit.deposit(unit.maxDeposit(user), user);
        else unit.mint(most, user);
        vm.stopPrank();
        vm.assertEq(unit.balanceOf(user) - before, most, "exact");
        vm.assertEq(unit.maxMint(user), 0, "nothing left");
    }

    /// @dev While LOCKED the maxima count finalized generations only, and claiming them works.
    function test_maxima_underLock() public {
        _subscribe(alice, 100e18);
        _epoch(MAX, 0);
        _subscribe(alice, 50e18);
        _subscribe(bob, 50e18);
        _epoch(50e18, 0);
        vm.assertEq(unit.maxMint(alice), 125e18, "both generations while active");
        _subscribe(alice, 1e18);
        _lock();
        vm.assertEq(unit.maxMint(alice), 100e18, "the finalized one under lock");
        vm.assertEq(unit.maxDeposit(alice), 100e18, "the finalized one under lock");
        vm.assertEq(unit.claimableDepositRequest(0, alice), 100e18, "the finalized one under lock");
        vm.assertEq(unit.maxMint(bob), 0, "nothing finalized");
        vm.startPrank(alice);
        unit.mint(unit.maxMint(alice), alice);
        vm.assertEq(unit.balanceOf(alice), 100e18, "claimed under lock");
        vm.expectRevert(abi.encodeWithSelector(LctsQueue.ExceedsClaimable.selector, 0));
        unit.mint(1, alice);
        vm.stopPrank();
        vm.prank(bob);
        unit.mint(0, bob);
        (uint256 shares, uint256 assets) = _settleFinalized(bob);
        vm.assertEq(shares + assets, 0, "nothing to settle is no error");
        skip(1 hours);
        _report(book.nav());
        _settle(0, 0);
        vm.assertEq(unit.maxMint(alice), 25e18, "the rest after the lock");
    }

    function _settleFinalized(address user) private returns (uint256, uint256) {
        vm.prank(user);
        return unit.settleFinalized(user, user);
    }

    function test_settleFinalized_takesBothSides() public {
        _invest(alice, 100e18);
        _redeem(alice, 100e18);
        _subscribe(alice, 60e18);
        _fund(40e18);
        _epoch(MAX, MAX);
        (uint256 shares, uint256 assets) = _settleFinalized(alice);
        vm.assertEq(shares, 60e18, "shares");
        vm.assertEq(assets, 100e18, "assets");
        vm.assertEq(unit.maxMint(alice) + unit.maxWithdraw(alice), 0, "nothing left");
    }

    // --- Cancellation and exit ---

    function test_cancelDeposit() public {
        _subscribe(alice, 100e18);
        _subscribe(bob, 100e18);
        _epoch(50e18, 0);
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(UnitVault.UnknownRequest.selector, 1));
        unit.cancelDepositRequest(1, alice);
        vm.expectEmit(address(unit));
        emit UnitVault.CancelDepositRequest(alice, 0, alice);
        unit.cancelDepositRequest(0, alice);
        vm.assertFalse(unit.pendingCancelDepositRequest(0, alice), "claimable at once");
        vm.assertEq(unit.claimableCancelDepositRequest(0, alice), 75e18, "claimable");
        vm.assertEq(unit.claimableCancelDepositRequest(1, alice), 0, "no other request id");
        vm.assertEq(unit.pendingDepositRequest(0, alice), 0, "nothing pending");
        vm.assertEq(unit.maxMint(alice), 25e18, "what was converted stays claimable");
        unit.requestDeposit(5e18, alice, alice);
        vm.expectRevert(abi.encodeWithSelector(UnitVault.UnknownRequest.selector, 1));
        unit.claimCancelDepositRequest(1, alice, alice);
        vm.expectEmit(address(unit));
        emit UnitVault.CancelDepositClaim(alice, stranger, 0, alice, 75e18);
        vm.assertEq(unit.claimCancelDepositRequest(0, stranger, alice), 75e18, "paid");
        vm.assertEq(token.balanceOf(stranger), 75e18, "to the receiver");
        vm.assertEq(unit.claimCancelDepositRequest(0, alice, alice), 0, "once");
        vm.stopPrank();
        vm.prank(carol);
        vm.expectRevert(LctsQueue.NoPosition.selector);
        unit.cancelDepositRequest(0, carol);
    }

    function test_cancelRedeem() public {
        _invest(alice, 100e18);
        _redeem(alice, 100e18);
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(UnitVault.UnknownRequest.selector, 1));
        unit.cancelRedeemRequest(1, alice);
        vm.expectEmit(address(unit));
        emit UnitVault.CancelRedeemRequest(alice, 0, alice);
        unit.cancelRedeemRequest(0, alice);
        vm.assertFalse(unit.pendingCancelRedeemRequest(0, alice), "claimable at once");
        vm.assertEq(unit.claimableCancelRedeemRequest(0, alice), 100e18, "claimable");
        vm.expectRevert(abi.encodeWithSelector(UnitVault.UnknownRequest.selector, 1));
        unit.claimCancelRedeemRequest(1, alice, alice);
        vm.expectEmit(address(unit));
        emit UnitVault.CancelRedeemClaim(alice, holder, 0, alice, 100e18);
        unit.claimCancelRedeemRequest(0, holder, alice);
        vm.assertEq(unit.balanceOf(holder), 100e18, "to the receiver");
        vm.stopPrank();
    }

    function test_cancelAndExit_underLock() public {
        _invest(alice, 100e18);
        _redeem(alice, 50e18);
        _subscribe(alice, 100e18);
        _subscribe(bob, 10e18);
        vm.prank(bob);
        unit.cancelDepositRequest(0, bob);
        _lock();
        vm.startPrank(alice);
        vm.expectRevert(LctsQueue.QueueLocked.selector);
        unit.cancelDepositRequest(0, alice);
        vm.expectRevert(LctsQueue.QueueLocked.selector);
        unit.cancelRedeemRequest(0, alice);
        vm.expectRevert(LctsQueue.QueueLocked.selector);
        unit.exitDeposit(alice, alice);
        vm.expectRevert(LctsQueue.QueueLocked.selector);
        unit.exitRedeem(alice, alice);
        vm.expectRevert(UnitBase.UnitLocked.selector);
        unit.requestDeposit(1e18, alice, alice);
        vm.expectRevert(UnitBase.UnitLocked.selector);
        unit.requestRedeem(1e18, alice, alice);
        vm.stopPrank();
        vm.prank(bob);
        vm.assertEq(unit.claimCancelDepositRequest(0, bob, bob), 10e18, "refunds are paid under lock");
    }

    /// @dev A queue that was dormant at the lock must stay so: an entry would otherwise stop the settlement.
    function test_dormantQueueTakesNoEntryUnderLock() public {
        _subscribe(alice, 10e18);
        _lock();
        vm.assertEq(uint256(red.status()), uint256(LctsQueue.Status.DORMANT), "redeem queue sleeps");
        vm.prank(alice);
        vm.expectRevert(UnitBase.UnitLocked.selector);
        unit.requestRedeem(1e18, alice, alice);
        _settle(MAX, MAX);
    }

    function test_exitDeposit_paysBoth() public {
        _subscribe(alice, 100e18);
        _subscribe(bob, 100e18);
        _epoch(50e18, 0);
        vm.prank(alice);
        (uint256 assets, uint256 shares) = unit.exitDeposit(alice, alice);
        vm.assertEq(assets, 75e18, "assets");
        vm.assertEq(shares, 25e18, "shares");
        vm.assertEq(token.balanceOf(alice), 1e27 - 25e18, "paid");
        vm.assertEq(unit.balanceOf(alice), 25e18, "paid");
        vm.prank(alice);
        vm.expectRevert(LctsQueue.NoPosition.selector);
        unit.exitDeposit(alice, alice);
    }

    function test_exitRedeem_paysBoth() public {
        _invest(alice, 100e18);
        _redeem(alice, 100e18);
        _fund(30e18);
        _epoch(0, MAX);
        vm.prank(alice);
        (uint256 shares, uint256 assets) = unit.exitRedeem(alice, alice);
        vm.assertEq(shares, 70e18, "shares");
        vm.assertEq(assets, 30e18, "assets");
    }

    function test_exit_byAnOperator() public {
        _subscribe(alice, 100e18);
        vm.prank(alice);
        unit.setOperator(bob, true);
        vm.prank(bob);
        unit.exitDeposit(alice, alice);
        vm.assertEq(token.balanceOf(alice), 1e27, "all back");
    }

    // --- Views and interfaces ---

    function test_previewsRevert() public {
        vm.expectRevert(UnitVault.NoPreview.selector);
        unit.previewDeposit(1);
        vm.expectRevert(UnitVault.NoPreview.selector);
        unit.previewMint(1);
        vm.expectRevert(UnitVault.NoPreview.selector);
        unit.previewWithdraw(1);
        vm.expectRevert(UnitVault.NoPreview.selector);
        unit.previewRedeem(1);
    }

    function test_interfaces() public view {
        bytes4 requests = unit.requestDeposit.selector ^ unit.pendingDepositRequest.selector
            ^ unit.claimableDepositRequest.selector ^ bytes4(keccak256("deposit(uint256,address,address)"))
            ^ bytes4(keccak256("mint(uint256,address,address)"));
        vm.assertEq(bytes32(requests), bytes32(bytes4(0xce3bbe50)), "ERC-7540 deposit");
        bytes4 redemptions = unit.requestRedeem.selector ^ unit.pendingRedeemRequest.selector
            ^ unit.claimableRedeemRequest.selector;
        vm.assertEq(bytes32(redemptions), bytes32(bytes4(0x620ee8e4)), "ERC-7540 redeem");
        bytes4 operators = unit.setOperator.selector ^ unit.isOperator.selector;
        vm.assertEq(bytes32(operators), bytes32(bytes4(0xe3bc4e65)), "ERC-7540 operators");
        bytes4 cancelDeposit = unit.cancelDepositRequest.selector ^ unit.pendingCancelDepositRequest.selector
            ^ unit.claimableCancelDepositRequest.selector ^ unit.claimCancelDepositRequest.selector;
        vm.assertEq(bytes32(cancelDeposit), bytes32(bytes4(0x8bf840e3)), "ERC-7887 deposit");
        bytes4 cancelRedeem = unit.cancelRedeemRequest.selector ^ unit.pendingCancelRedeemRequest.selector
            ^ unit.claimableCancelRedeemRequest.selector ^ unit.claimCancelRedeemRequest.selector;
        vm.assertEq(bytes32(cancelRedeem), bytes32(bytes4(0xe76cffc7)), "ERC-7887 redeem");

        bytes4[7] memory ids =
            [bytes4(0x01ffc9a7), 0x2f0a18c5, requests, redemptions, operators, cancelDeposit, cancelRedeem];
        for (uint256 i; i < ids.length; ++i) {
            vm.assertTrue(unit.supportsInterface(ids[i]), "supported");
        }
        vm.assertFalse(unit.supportsInterface(0xffffffff), "ERC-165 invalid id");
        vm.assertFalse(unit.supportsInterface(0x12345678), "anything else");
        vm.assertEq(unit.share(), address(unit), "ERC-7575 share");
        vm.assertEq(unit.asset(), address(token), "asset");
        vm.assertEq(uint256(unit.decimals()), 18, "decimals");
    }

    function test_exchangeRate_changesAtSettlementOnly() public {
        _invest(alice, 1000e18);
        vm.assertEq(unit.exchangeRate(), 1e18, "at first");
        _lock();
        skip(1 hours);
        _report(999e18);
        vm.assertEq(unit.exchangeRate(), 1e18, "not by a report");
        vm.assertEq(unit.totalAssets(), 1000e18, "not by a report");
        _settle(0, 0);
        vm.assertEq(unit.exchangeRate(), 0.999e18, "by the settlement; it may fall");
        vm.assertEq(unit.totalAssets(), 999e18, "value of all shares");
        vm.assertEq(unit.convertToAssets(1e18), 0.999e18, "shares to assets");
        vm.assertEq(unit.convertToShares(0.999e18), 1e18, "assets to shares");
    }

    // --- Share token ---

    function test_transfers_areRestricted() public {
        _invest(alice, 100e18);
        vm.startPrank(alice);
        unit.transfer(bob, 10e18);
        unit.transfer(holder, 10e18);
        vm.expectRevert(abi.encodeWithSelector(UnitBase.HolderNotAllowed.selector, stranger));
        unit.transfer(stranger, 1);
        vm.expectRevert(UnitBase.SelfDeal.selector);
        unit.transfer(classProxy, 1);
        unit.approve(stranger, 5e18);
        vm.stopPrank();
        vm.startPrank(stranger);
        unit.transferFrom(alice, carol, 2e18);
        vm.expectRevert(abi.encodeWithSelector(UnitBase.HolderNotAllowed.selector, stranger));
        unit.transferFrom(alice, stranger, 2e18);
        vm.stopPrank();
        vm.prank(governance);
        unit.setHolder(holder, false);
        vm.prank(holder);
        vm.expectRevert(abi.encodeWithSelector(UnitBase.HolderNotAllowed.selector, holder));
        unit.transfer(alice, 1);
        vm.prank(governance);
        unit.setOpen(true);
        vm.prank(holder);
        unit.transfer(stranger, 1);
        vm.prank(stranger);
        vm.expectRevert(UnitBase.SelfDeal.selector);
        unit.transfer(classProxy, 1);
        vm.assertEq(unit.name(), "Halo Test Unit", "name");
        vm.assertEq(unit.symbol(), "HTU", "symbol");
    }
}
