// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Clones } from "@openzeppelin/contracts/proxy/Clones.sol";
import { HaloUnit } from "src/lcts/HaloUnit.sol";
import { LctsQueue } from "src/lcts/LctsQueue.sol";
import { Roles } from "src/pau/Roles.sol";
import { UnitBase } from "src/lcts/UnitBase.sol";
import { Clock, SettleParams, UnitInit, UnitState } from "src/lcts/UnitTypes.sol";
import { LctsBase } from "test/lcts/LctsBase.sol";
import { MockToken } from "test/mocks/lcts/MockToken.sol";

/// @notice States and the pause matrix, roles, liquidity, initialization.
contract HaloUnitAdminTest is LctsBase {
    // --- Initialization ---

    function test_initialize_bounds() public {
        _refused("asset", 0);
        _refused("acl", 1);
        _refused("book", 2);
        _refused("classProxy", 3);
        _refused("registry", 4);
        _refused("queues", 5);
        _refused("maxLock", 6);
        _refused("maxLock", 7);
        _refused("minEpochGap", 8);
        _refused("clock", 9);
        _refused("clock", 10);
        _refused("asset", 11);
    }

    function _refused(bytes32 name, uint256 what) private {
        UnitInit memory p = _unitInit();
        if (what == 0) p.asset = address(new MockToken(19));
        if (what == 1) p.acl = address(0);
        if (what == 2) p.book = address(0);
        if (what == 3) p.classProxy = address(0);
        if (what == 4) p.registry = address(0);
        if (what == 5) p.redeemQueue = p.subscribeQueue;
        if (what == 6) p.maxLock = 0;
        if (what == 7) (p.maxLock, p.minEpochGap) = (1 days + 1, 3 days);
        if (what == 8) p.minEpochGap = p.maxLock;
        if (what == 9) p.clock = Clock(false, 2, 1);
        if (what == 10) p.clock = Clock(false, 0, 1 days);
        if (what == 11) p.asset = address(new MockToken(5));
        HaloUnit fresh = HaloUnit(Clones.clone(address(new HaloUnit())));
        vm.expectRevert(abi.encodeWithSelector(HaloUnit.BadParameter.selector, name));
        fresh.initialize(p);
    }

    function test_initialize_once() public {
        UnitInit memory p = _unitInit();
        vm.expectPartialRevert(bytes4(keccak256("InvalidInitialization()")));
        unit.initialize(p);
        HaloUnit template = new HaloUnit();
        vm.expectPartialRevert(bytes4(keccak256("InvalidInitialization()")));
        template.initialize(p);
    }

    function test_initialize_selfDeal() public {
        UnitInit memory p = _unitInit();
        p.entrants[1] = classProxy;
        HaloUnit fresh = HaloUnit(Clones.clone(address(new HaloUnit())));
        vm.expectRevert(UnitBase.SelfDeal.selector);
        fresh.initialize(p);
    }

    function test_initialize_values() public view {
        vm.assertEq(unit.index(), RAY, "index");
        vm.assertEq(sub.minEntry(), 1e18, "least subscription");
        vm.assertEq(red.minEntry(), 1e18, "least redemption");
        vm.assertEq(sub.unit(), address(unit), "queue's unit");
        vm.assertEq(address(sub.underlying()), address(token), "subscribers bring the asset");
        vm.assertEq(address(sub.reward()), address(unit), "and get shares");
        vm.assertEq(address(red.underlying()), address(unit), "redeemers bring shares");
        vm.assertEq(address(red.reward()), address(token), "and get the asset");
        vm.assertTrue(unit.isEntrant(alice) && unit.isHolder(holder) && !unit.isEntrant(holder), "lists");
        vm.assertEq(unit.minEpochGap(), 20 hours, "gap");
        vm.assertEq(unit.maxLock(), 6 hours, "lock");
    }

    // --- Pause matrix ---

    function _to(UnitState state) private {
        if (state == UnitState.SUBSCRIBE_PAUSED) {
            vm.prank(freezer);
            unit.pauseSubscribe();
        } else if (state == UnitState.FROZEN) {
            vm.prank(freezer);
            unit.freeze();
        } else if (state == UnitState.WINDING_DOWN) {
            vm.prank(conserver);
            unit.windDown();
        }
        vm.assertEq(uint256(unit.state()), uint256(state), "state");
    }

    function _canEnter(bool subscribes, bool redeems) private {
        bytes memory wrong = abi.encodeWithSelector(UnitBase.WrongState.selector, unit.state());
        vm.startPrank(alice);
        if (!subscribes) vm.expectRevert(wrong);
        unit.requestDeposit(10e18, alice, alice);
        if (!redeems) vm.expectRevert(wrong);
        unit.requestRedeem(10e18, alice, alice);
        vm.stopPrank();
    }

    /// @dev Alice holds shares, Bob waits on both sides with something to claim on both.
    function _populate() private {
        _subscribe(alice, 1000e18);
        _subscribe(bob, 1000e18);
        _epoch(MAX, 0);
        _claimShares(alice);
        _claimShares(bob);
        _subscribe(bob, 400e18);
        _epoch(200e18, 0);
        _redeem(bob, 400e18);
        _fund(1000e18);
    }

    function _canLeave() private {
        uint256 snapshot = vm.snapshotState();
        vm.startPrank(bob);
        unit.mint(unit.maxMint(bob), bob);
        unit.cancelDepositRequest(0, bob);
        unit.claimCancelDepositRequest(0, bob, bob);
        unit.cancelRedeemRequest(0, bob);
        unit.claimCancelRedeemRequest(0, bob, bob);
        vm.stopPrank();
        vm.assertTrue(vm.revertToState(snapshot), "back");
        vm.startPrank(bob);
        (uint256 assets, uint256 shares) = unit.exitDeposit(bob, bob);
        (uint256 back,) = unit.exitRedeem(bob, bob);
        vm.stopPrank();
        vm.assertGe(assets + shares + 2, 400e18, "all that waited or was bought");
        vm.assertEq(back, 400e18, "shares");
        vm.assertTrue(vm.revertToState(snapshot), "back");
    }

    function test_matrix_active() public {
        _populate();
        _canLeave();
        _canEnter(true, true);
        _epoch(MAX, MAX);
    }

    function test_matrix_subscribePaused() public {
        _populate();
        _to(UnitState.SUBSCRIBE_PAUSED);
        _canLeave();
        _canEnter(false, true);
        uint256 supply = unit.totalSupply();
        uint256 waiting = sub.totalUnderlying();
        _lock();
        skip(1);
        _report(book.nav());
        _settle(MAX, 50e18);
        // 200 waited to subscribe and 410 to redeem: 200 net, and 50 more are paid.
        vm.assertEq(waiting, 200e18, "waiting");
        vm.assertEq(sub.totalUnderlying(), 0, "netting goes on");
        vm.assertEq(supply - unit.totalSupply(), 50e18, "redemptions go on");
    }

    function test_matrix_subscribePaused_noCapacity() public {
        _populate();
        vm.prank(bob);
        unit.exitRedeem(bob, bob);
        _to(UnitState.SUBSCRIBE_PAUSED);
        _epoch(MAX, MAX);
        vm.assertEq(sub.totalUnderlying(), 200e18, "nothing beyond netting");
        vm.expectRevert(abi.encodeWithSelector(UnitBase.NotAuthorized.selector, Roles.DEFAULT_ADMIN));
        vm.prank(freezer);
        unit.resumeSubscribe();
        vm.startPrank(governance);
        unit.resumeSubscribe();
        vm.expectRevert(abi.encodeWithSelector(UnitBase.WrongState.selector, UnitState.ACTIVE));
        unit.resumeSubscribe();
        vm.stopPrank();
        _canEnter(true, true);
    }

    function test_matrix_frozen() public {
        _populate();
        _to(UnitState.FROZEN);
        _canLeave();
        _canEnter(false, false);
        skip(1 days);
        bytes memory wrong = abi.encodeWithSelector(UnitBase.WrongState.selector, UnitState.FROZEN);
        vm.startPrank(settler);
        vm.expectRevert(wrong);
        unit.lockEpoch();
        vm.stopPrank();
        vm.startPrank(freezer);
        vm.expectRevert(wrong);
        unit.freeze();
        vm.expectRevert(wrong);
        unit.pauseSubscribe();
        vm.expectRevert(abi.encodeWithSelector(UnitBase.NotAuthorized.selector, Roles.DEFAULT_ADMIN));
        unit.unfreeze();
        vm.stopPrank();
        vm.startPrank(governance);
        unit.unfreeze();
        vm.expectRevert(abi.encodeWithSelector(UnitBase.WrongState.selector, UnitState.ACTIVE));
        unit.unfreeze();
        vm.stopPrank();
        _canEnter(true, true);
    }

    /// @dev I32: a freeze sets a locked Unit free at once; exits follow.
    function test_I32_matrix_frozenWhileLocked() public {
        _populate();
        _lock();
        _to(UnitState.FROZEN);
        _report(book.nav());
        SettleParams memory p = _params(0, 0);
        vm.prank(settler);
        vm.expectRevert(abi.encodeWithSelector(UnitBase.WrongState.selector, UnitState.FROZEN));
        unit.settleEpoch(p);
        vm.prank(stranger);
        unit.unlockStale();
        _canLeave();
    }

    function test_matrix_windingDown() public {
        _populate();
        _to(UnitState.WINDING_DOWN);
        _canLeave();
        _canEnter(false, true);
        _lock();
        skip(1);
        _report(book.nav());
        _settle(MAX, 100e18);
        vm.assertEq(sub.totalUnderlying(), 200e18, "no subscription converts, not even against redeemers");
        vm.assertEq(red.totalUnderlying(), 310e18, "redemptions are paid");
        vm.startPrank(conserver);
        unit.windDown();
        vm.expectRevert(abi.encodeWithSelector(UnitBase.WrongState.selector, UnitState.WINDING_DOWN));
        unit.pauseSubscribe();
        vm.stopPrank();
    }

    function test_matrix_windDownWhileFrozen() public {
        _to(UnitState.FROZEN);
        vm.prank(conserver);
        unit.windDown();
        vm.assertEq(uint256(unit.state()), uint256(UnitState.FROZEN), "still frozen");
        vm.prank(governance);
        unit.unfreeze();
        vm.assertEq(uint256(unit.state()), uint256(UnitState.WINDING_DOWN), "then winding down");
    }

    function test_matrix_pending() public {
        HaloUnit fresh = _deployUnit(_unitInit());
        vm.assertEq(uint256(fresh.state()), uint256(UnitState.PENDING), "pending");
        bytes memory wrong = abi.encodeWithSelector(UnitBase.WrongState.selector, UnitState.PENDING);
        vm.prank(alice);
        vm.expectRevert(wrong);
        fresh.requestRedeem(1e18, alice, alice);
        vm.prank(settler);
        vm.expectRevert(wrong);
        fresh.lockEpoch();
        vm.expectRevert(HaloUnit.NotRegistry.selector);
        fresh.setSubscribeUntil(1);
        vm.startPrank(registry);
        fresh.setSubscribeUntil(0);
        vm.assertEq(uint256(fresh.state()), uint256(UnitState.PENDING), "not yet");
        fresh.setSubscribeUntil(1);
        vm.assertEq(uint256(fresh.state()), uint256(UnitState.ACTIVE), "active");
        fresh.setSubscribeUntil(0);
        vm.assertEq(uint256(fresh.state()), uint256(UnitState.ACTIVE), "for good");
        vm.stopPrank();
    }

    function test_matrix_pendingFrozenThenOnboarded() public {
        HaloUnit fresh = _deployUnit(_unitInit());
        vm.prank(freezer);
        fresh.freeze();
        vm.prank(registry);
        fresh.setSubscribeUntil(1);
        vm.assertEq(uint256(fresh.state()), uint256(UnitState.FROZEN), "onboarding does not thaw");
        vm.prank(governance);
        fresh.unfreeze();
        vm.assertEq(uint256(fresh.state()), uint256(UnitState.ACTIVE), "and is not forgotten");
    }

    function test_close() public {
        _invest(alice, 100e18);
        vm.startPrank(governance);
        vm.expectRevert(abi.encodeWithSelector(UnitBase.WrongState.selector, UnitState.ACTIVE));
        unit.close();
        unit.windDown();
        vm.expectRevert(HaloUnit.NotEmpty.selector);
        unit.close();
        vm.stopPrank();
        _redeem(alice, 100e18);
        _fund(100e18);
        _lock();
        vm.prank(governance);
        vm.expectRevert(UnitBase.UnitLocked.selector);
        unit.close();
        skip(1);
        _report(book.nav());
        _settle(0, MAX);
        vm.startPrank(governance);
        unit.close();
        bytes memory wrong = abi.encodeWithSelector(UnitBase.WrongState.selector, UnitState.CLOSED);
        vm.expectRevert(wrong);
        unit.windDown();
        vm.expectRevert(wrong);
        unit.freeze();
        vm.stopPrank();
        vm.assertEq(_claimAssets(alice), 100e18, "claims stay possible");
        _canEnter(false, false);
    }

    // --- Roles ---

    function test_roles() public {
        address[5] memory callers = [settler, freezer, conserver, stranger, alice];
        bytes memory admin = abi.encodeWithSelector(UnitBase.NotAuthorized.selector, Roles.DEFAULT_ADMIN);
        for (uint256 i; i < callers.length; ++i) {
            vm.startPrank(callers[i]);
            vm.expectRevert(admin);
            unit.setCaps(1, 1, 1);
            vm.expectRevert(admin);
            unit.setEntrant(stranger, true);
            vm.expectRevert(admin);
            unit.setHolder(stranger, true);
            vm.expectRevert(admin);
            unit.setOpen(true);
            vm.expectRevert(admin);
            unit.resumeSubscribe();
            vm.expectRevert(admin);
            unit.unfreeze();
            vm.expectRevert(admin);
            unit.close();
            vm.expectRevert(admin);
            unit.skim(address(token), stranger);
            vm.expectRevert(HaloUnit.NotRegistry.selector);
            unit.setSubscribeUntil(1);
            vm.expectRevert(HaloUnit.NotClassProxy.selector);
            unit.depositLiquidity(1);
            vm.expectRevert(HaloUnit.NotClassProxy.selector);
            unit.withdrawLiquidity(0);
            if (callers[i] != freezer && callers[i] != conserver) {
                vm.expectRevert(abi.encodeWithSelector(UnitBase.NotAuthorized.selector, Roles.FREEZER));
                unit.freeze();
                vm.expectRevert(abi.encodeWithSelector(UnitBase.NotAuthorized.selector, Roles.FREEZER));
                unit.pauseSubscribe();
            }
            if (callers[i] != conserver) {
                vm.expectRevert(abi.encodeWithSelector(UnitBase.NotAuthorized.selector, Roles.CONSERVER));
                unit.windDown();
            }
            vm.stopPrank();
        }
    }

    function test_roles_guards() public {
        address[3] memory guards = [freezer, conserver, governance];
        for (uint256 i; i < guards.length; ++i) {
            vm.prank(guards[i]);
            unit.pauseSubscribe();
            vm.prank(guards[i]);
            unit.freeze();
            vm.startPrank(governance);
            unit.unfreeze();
            vm.assertEq(uint256(unit.state()), uint256(UnitState.SUBSCRIBE_PAUSED), "as before the freeze");
            unit.resumeSubscribe();
            vm.stopPrank();
        }
        vm.prank(governance);
        unit.windDown();
    }

    function test_setters() public {
        vm.startPrank(governance);
        vm.expectEmit(address(unit));
        emit HaloUnit.CapsSet(1, 2, 3);
        unit.setCaps(1, 2, 3);
        vm.assertEq(unit.cap() + unit.epochSubscribeCap() * 10 + unit.epochRedeemCap() * 100, 321, "caps");
        vm.expectEmit(address(unit));
        emit UnitBase.EntrantSet(stranger, true);
        unit.setEntrant(stranger, true);
        vm.expectEmit(address(unit));
        emit UnitBase.HolderSet(stranger, true);
        unit.setHolder(stranger, true);
        vm.expectEmit(address(unit));
        emit UnitBase.OpenSet(true);
        unit.setOpen(true);
        vm.stopPrank();
    }

    // --- Liquidity ---

    function test_liquidity() public {
        _fund(100e18);
        vm.assertEq(unit.redeemLiquidity(), 100e18, "in");
        _invest(alice, 60e18);
        _redeem(alice, 50e18);
        vm.startPrank(classProxy);
        vm.expectRevert(abi.encodeWithSelector(HaloUnit.LiquidityReserved.selector, 50e18));
        unit.withdrawLiquidity(50e18 + 1);
        unit.withdrawLiquidity(20e18);
        vm.stopPrank();
        vm.assertEq(unit.redeemLiquidity(), 80e18, "out");
        _lock();
        vm.prank(classProxy);
        vm.expectRevert(UnitBase.UnitLocked.selector);
        unit.withdrawLiquidity(1);
        // More is welcome also under lock.
        _fund(10e18);
        skip(1);
        _report(book.nav());
        _settle(0, MAX);
        vm.prank(classProxy);
        unit.withdrawLiquidity(40e18);
        vm.assertEq(unit.redeemLiquidity(), 0, "nothing waits, nothing is held back");
    }

    /// @dev The reserve follows the Book's present price, not the one of the last settlement.
    function test_liquidity_reservedAtThePresentPrice() public {
        _fund(100e18);
        _invest(alice, 50e18);
        _redeem(alice, 50e18);
        _force(100e18);
        vm.prank(classProxy);
        vm.expectRevert(abi.encodeWithSelector(HaloUnit.LiquidityReserved.selector, 0));
        unit.withdrawLiquidity(1);
        vm.prank(alice);
        unit.exitRedeem(alice, alice);
        vm.prank(classProxy);
        unit.withdrawLiquidity(100e18);
    }

    /// @dev A fall that is not confirmed yet must not let the Class take away what redeemers wait for.
    function test_liquidity_notFreedByAFallUnderReview() public {
        _fund(50e18);
        _invest(alice, 50e18);
        _redeem(alice, 50e18);
        skip(1);
        _report(10e18);
        vm.assertTrue(book.underReview(), "review");
        vm.prank(classProxy);
        vm.expectRevert(abi.encodeWithSelector(HaloUnit.LiquidityReserved.selector, 0));
        unit.withdrawLiquidity(1);
    }

    function test_liquidity_feeOnTransfer() public {
        token.setFee(100);
        vm.prank(classProxy);
        vm.expectRevert(abi.encodeWithSelector(UnitBase.TransferMismatch.selector, 100e18, 99e18));
        unit.depositLiquidity(100e18);
    }

    function test_skim() public {
        _fund(100e18);
        token.mint(address(unit), 7);
        MockToken other = new MockToken(18);
        other.mint(address(unit), 8);
        vm.startPrank(governance);
        vm.assertEq(unit.skim(address(token), stranger), 7, "only what is nobody's");
        vm.assertEq(unit.skim(address(other), stranger), 8, "any other token");
        vm.assertEq(unit.redeemLiquidity(), 100e18, "liquidity untouched");
        unit.setHolder(address(unit), true);
        vm.stopPrank();
        _invest(alice, 10e18);
        vm.prank(alice);
        unit.transfer(address(unit), 9);
        vm.prank(governance);
        vm.assertEq(unit.skim(address(unit), alice), 9, "its own shares");
        vm.assertEq(token.balanceOf(stranger), 7, "paid");
    }
}
