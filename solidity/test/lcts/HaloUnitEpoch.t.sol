// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { HaloUnit } from "src/lcts/HaloUnit.sol";
import { LctsQueue } from "src/lcts/LctsQueue.sol";
import { Roles } from "src/pau/Roles.sol";
import { SettlementMath } from "src/lcts/SettlementMath.sol";
import { UnitBase } from "src/lcts/UnitBase.sol";
import { Clock, SettleParams, UnitInit, UnitState } from "src/lcts/UnitTypes.sol";
import { LctsBase } from "test/lcts/LctsBase.sol";

/// @notice Locks and settlements: golden vectors, ceilings, preconditions.
contract HaloUnitEpochTest is LctsBase {
    // --- Golden vectors ---

    function _settleAt(uint256 nav, uint256 subscribeCapacity, uint256 redeemCapacity) private {
        _lock();
        _force(nav);
        _settle(subscribeCapacity, redeemCapacity);
    }

    function test_G2_subscribeHeavy() public {
        _invest(carol, 28571428571428571428571428);
        _redeem(carol, 28571428571428571428571428);
        // About 100 M shares more, so many that the price can be exactly 1.05.
        _grant(1e26 + 12);
        _subscribe(alice, 100_000_000e18);
        _lock();
        _force(_navFor(1.05e27));
        vm.assertEq(book.indexOf(address(unit)), 1.05e27, "index");
        vm.expectEmit(address(unit));
        emit HaloUnit.EpochSettled(
            unit.epoch(),
            1.05e27,
            29999999999999999999999999,
            30_000_000e18,
            0,
            28571428571428571428571428,
            1,
            100_000_000e18,
            28571428571428571428571428
        );
        _settle(30_000_000e18, 0);
        vm.assertEq(sub.totalUnderlying(), 40000000000000000000000001, "left in the subscribe queue");
        vm.assertEq(red.totalUnderlying(), 0, "all redeemers served");
        vm.assertEq(uint256(red.status()), uint256(LctsQueue.Status.DORMANT), "redeem queue sleeps");
        vm.assertEq(
            unit.balanceOf(address(sub)),
            28571428571428571428571427 + 28571428571428571428571428,
            "handed over and minted"
        );
        vm.assertEq(token.balanceOf(address(red)), 29999999999999999999999999, "assets for the redeemers");
    }

    function test_G3_redeemHeavy() public {
        _invest(carol, 30_000_000e18);
        _redeem(carol, 30_000_000e18);
        _grant(1e26);
        _subscribe(alice, 10_000_000e18);
        _fund(50_000_000e18);
        _lock();
        _force(_navFor(1.05e27));
        vm.expectEmit(address(unit));
        emit HaloUnit.EpochSettled(
            unit.epoch(),
            1.05e27,
            10_000_000e18,
            0,
            5_000_000e18,
            0,
            1 + 4761904761904761904761905,
            10_000_000e18,
            30_000_000e18
        );
        _settle(MAX, 5_000_000e18);
        vm.assertEq(red.totalUnderlying(), 15714285714285714285714285, "shares stay queued");
        vm.assertEq(unit.balanceOf(address(sub)), 9523809523809523809523809, "handed over");
        vm.assertEq(unit.redeemLiquidity(), 45_000_000e18, "liquidity used");
    }

    function test_G3_math() public pure {
        (uint256 m, uint256 cr, uint256 sm) = SettlementMath.net(10_000_000e18, 30_000_000e18, 1.05e27, 1);
        vm.assertEq(m, 10_000_000e18, "netted");
        vm.assertEq(cr, 9523809523809523809523810, "cr");
        vm.assertEq(sm, 9523809523809523809523809, "sm");
        uint256 left = 30_000_000e18 - cr;
        vm.assertEq(
            SettlementMath.assetsDown(left, 1.05e27, 1), 21499999999999999999999999, "remaining value"
        );
        (uint256 ea, uint256 ce) = SettlementMath.redeem(left, 5_000_000e18, 1.05e27, 1);
        vm.assertEq(ea, 5_000_000e18, "ea");
        vm.assertEq(ce, 4761904761904761904761905, "ce");
    }

    function test_G4_sixDecimals() public {
        _deploy(6);
        // The price 1.000137 on 1e9 shares.
        _invest(carol, 1_000_000_000e6);
        _subscribe(alice, 1_000_000e6);
        _lock();
        _force(1_000_137_000e6);
        vm.assertEq(book.indexOf(address(unit)), 1.000137e27, "index");
        _settle(MAX, 0);
        vm.assertEq(unit.maxMint(alice), 999863018766428999227105, "shares");
        vm.assertEq(unit.exchangeRate(), 1000137, "exchange rate");
        vm.assertEq(
            unit.convertToAssets(999863018766428999227105), 999999999999, "value back is 1 unit lower"
        );
    }

    /// @dev Books shares for nobody's queue, to set a price: a second Unit of the same Book.
    function _grant(uint256 shares) private {
        HaloUnit other = _deployUnit(_unitInit());
        vm.prank(address(other));
        book.onSettle(shares, 0, int256(shares));
    }

    /// @dev The least NAV at which the index is `index`.
    function _navFor(uint256 index) private view returns (uint256) {
        return (book.totalShares() * index + RAY - 1) / RAY;
    }

    // --- Ceilings ---

    function test_I16_settle_subscribeCeilings() public {
        _subscribe(alice, 1000e18);
        _epoch(100e18, 0);
        vm.assertEq(sub.totalUnderlying(), 900e18, "the settler's capacity");
        _caps(MAX, 70e18, MAX);
        _epoch(MAX, 0);
        vm.assertEq(sub.totalUnderlying(), 830e18, "the epoch's cap");
        _caps(200e18, MAX, MAX);
        _epoch(MAX, 0);
        vm.assertEq(sub.totalUnderlying(), 800e18, "the room under the cap");
        _epoch(MAX, 0);
        vm.assertEq(sub.totalUnderlying(), 800e18, "no room left");
        _caps(0, MAX, MAX);
        _epoch(MAX, 0);
        vm.assertEq(sub.totalUnderlying(), 800e18, "closed");
        _caps(MAX, MAX, MAX);
        vm.mockCall(
            address(book),
            abi.encodeWithSignature("subscribeHeadroom(address)", address(unit)),
            abi.encode(30e18)
        );
        _epoch(MAX, 0);
        vm.assertEq(sub.totalUnderlying(), 770e18, "the Book's headroom");
    }

    function test_I16_settle_redeemCeilings() public {
        _invest(alice, 1000e18);
        _redeem(alice, 1000e18);
        _fund(500e18);
        _epoch(0, 100e18);
        vm.assertEq(red.totalUnderlying(), 900e18, "the settler's capacity");
        _caps(MAX, MAX, 70e18);
        _epoch(0, MAX);
        vm.assertEq(red.totalUnderlying(), 830e18, "the epoch's cap");
        _caps(MAX, MAX, MAX);
        vm.mockCall(
            address(book),
            abi.encodeWithSignature("redeemHeadroom(address)", address(unit)),
            abi.encode(30e18)
        );
        _epoch(0, MAX);
        vm.assertEq(red.totalUnderlying(), 800e18, "the Book's headroom");
        vm.clearMockedCalls();
        _epoch(0, MAX);
        vm.assertEq(red.totalUnderlying(), 500e18, "the liquidity");
        vm.assertEq(unit.redeemLiquidity(), 0, "used up");
    }

    function _caps(uint256 cap, uint256 epochSubscribe, uint256 epochRedeem) private {
        vm.prank(governance);
        unit.setCaps(cap, epochSubscribe, epochRedeem);
    }

    /// @dev The cap is held against the size after netting; netting itself needs no room.
    function test_settle_nettingNeedsNoRoom() public {
        _invest(alice, 1000e18);
        _caps(0, 0, 0);
        _redeem(alice, 400e18);
        _subscribe(bob, 300e18);
        _epoch(0, 0);
        vm.assertEq(unit.maxMint(bob), 300e18, "subscriber");
        vm.assertEq(unit.maxWithdraw(alice), 300e18, "redeemer");
        vm.assertEq(book.nav(), 1000e18, "no assets moved");
    }

    function test_P32_settle_destinations() public {
        uint256 before = token.balanceOf(classProxy);
        _subscribe(alice, 100e18);
        _epoch(60e18, 0);
        vm.assertEq(token.balanceOf(classProxy) - before, 60e18, "the Class");
        vm.assertEq(token.balanceOf(address(sub)), 40e18, "the queue");
        vm.assertEq(token.balanceOf(address(unit)), 0, "the Unit keeps nothing");
        vm.assertEq(book.nav(), 60e18, "NAV");
        vm.assertEq(book.totalShares(), unit.totalSupply(), "shares");
    }

    function test_settle_worthlessConvertsNothing() public {
        _invest(alice, 100e18);
        _redeem(alice, 50e18);
        _subscribe(bob, 50e18);
        _fund(100e18);
        _settleAt(0, MAX, MAX);
        vm.assertEq(sub.totalUnderlying(), 50e18, "subscribers wait");
        vm.assertEq(red.totalUnderlying(), 50e18, "redeemers wait");
        vm.prank(bob);
        unit.exitDeposit(bob, bob);
    }

    // --- Preconditions ---

    function test_lock_preconditions() public {
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(UnitBase.NotAuthorized.selector, Roles.SETTLER));
        unit.lockEpoch();
        vm.startPrank(settler);
        vm.expectEmit(address(unit));
        emit HaloUnit.EpochLocked(1, 0, 0);
        unit.lockEpoch();
        vm.assertTrue(unit.locked(), "locked, though both queues sleep");
        vm.expectRevert(UnitBase.UnitLocked.selector);
        unit.lockEpoch();
        unit.settleEpoch(_params(0, 0));
        vm.expectRevert(abi.encodeWithSelector(HaloUnit.TooEarly.selector, START + 20 hours));
        unit.lockEpoch();
        vm.warp(START + 20 hours - 1);
        vm.expectRevert(abi.encodeWithSelector(HaloUnit.TooEarly.selector, START + 20 hours));
        unit.lockEpoch();
        vm.warp(START + 20 hours);
        unit.lockEpoch();
        vm.assertEq(unit.epoch(), 2, "second epoch");
        vm.stopPrank();
    }

    function test_lock_clock() public {
        UnitInit memory p = _unitInit();
        p.clock = Clock(true, 46_800, 57_600);
        HaloUnit clocked = _deployUnit(p);
        vm.prank(registry);
        clocked.setSubscribeUntil(1);
        vm.startPrank(settler);
        vm.warp(START + 46_799);
        vm.expectRevert(abi.encodeWithSelector(HaloUnit.OutsideClock.selector, 46_799));
        clocked.lockEpoch();
        vm.warp(START + 57_601);
        vm.expectRevert(abi.encodeWithSelector(HaloUnit.OutsideClock.selector, 57_601));
        clocked.lockEpoch();
        vm.warp(START + 1 days + 46_800);
        clocked.lockEpoch();
        skip(6 hours);
        clocked.settleEpoch(SettleParams(1, 0, 0, 0, MAX));
        vm.warp(START + 2 days + 57_600);
        clocked.lockEpoch();
        vm.stopPrank();
    }

    function test_settle_preconditions() public {
        SettleParams memory p = SettleParams(1, MAX, MAX, 0, MAX);
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(UnitBase.NotAuthorized.selector, Roles.SETTLER));
        unit.settleEpoch(p);
        vm.startPrank(settler);
        vm.expectRevert(HaloUnit.NotLocked.selector);
        unit.settleEpoch(p);
        unit.lockEpoch();
        p.epoch = 2;
        vm.expectRevert(abi.encodeWithSelector(HaloUnit.WrongEpoch.selector, 1));
        unit.settleEpoch(p);
        p.epoch = 1;
        p.minIndex = RAY + 1;
        vm.expectRevert(abi.encodeWithSelector(HaloUnit.IndexOutOfBounds.selector, RAY));
        unit.settleEpoch(p);
        p.minIndex = 0;
        p.maxIndex = RAY - 1;
        vm.expectRevert(abi.encodeWithSelector(HaloUnit.IndexOutOfBounds.selector, RAY));
        unit.settleEpoch(p);
        p.minIndex = p.maxIndex = RAY;
        unit.settleEpoch(p);
        vm.expectRevert(HaloUnit.NotLocked.selector);
        unit.settleEpoch(p);
        vm.stopPrank();
        vm.assertEq(unit.lastSettleAt(), block.timestamp, "time of the settlement");
    }

    /// @dev S15: an empty Book needs no report; from the first asset on it does.
    function test_settle_needsAReportFromTheFirstAssetOn() public {
        _subscribe(alice, 100e18);
        _lock();
        _settle(MAX, 0);
        _lock();
        SettleParams memory p = _params(0, 0);
        uint64 filled = book.lastFlowAt();
        vm.startPrank(settler);
        vm.expectRevert(abi.encodeWithSelector(HaloUnit.ReportStale.selector, filled));
        unit.settleEpoch(p);
        vm.stopPrank();
        _report(100e18);
        _settle(0, 0);
    }

    function test_settle_reportMustBeDatedAfterTheLock() public {
        _invest(alice, 100e18);
        skip(19 hours);
        _report(100e18);
        uint64 asOf = uint64(block.timestamp);
        skip(1 hours);
        _lock();
        SettleParams memory p = _params(0, 0);
        vm.startPrank(settler);
        vm.expectRevert(abi.encodeWithSelector(HaloUnit.ReportStale.selector, asOf));
        unit.settleEpoch(p);
        vm.stopPrank();
        _report(100e18);
        // Too old by a second.
        vm.warp(block.timestamp + 36 hours + 1);
        vm.startPrank(settler);
        vm.expectPartialRevert(HaloUnit.ReportStale.selector);
        unit.settleEpoch(p);
        vm.warp(block.timestamp - 1);
        unit.settleEpoch(p);
        vm.stopPrank();
    }

    function test_settle_notUnderReview() public {
        _invest(alice, 100e18);
        _lock();
        skip(1);
        _report(98e18);
        SettleParams memory p = _params(0, 0);
        vm.prank(settler);
        vm.expectRevert(HaloUnit.ReportUnderReview.selector);
        unit.settleEpoch(p);
        uint64 seq = reporter.lastSeq();
        vm.prank(attestors[2]);
        reporter.confirm(seq);
        _settle(0, 0);
        vm.assertEq(unit.index(), 0.98e27, "the haircut");
    }

    // --- Stale locks ---

    function test_I10_unlockStale() public {
        vm.expectRevert(HaloUnit.NotLocked.selector);
        unit.unlockStale();
        _subscribe(alice, 100e18);
        _lock();
        vm.warp(START + 6 hours);
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(HaloUnit.LockNotStale.selector, START + 6 hours));
        unit.unlockStale();
        skip(1);
        vm.prank(stranger);
        vm.expectEmit(address(unit));
        emit HaloUnit.EpochUnlocked(1);
        unit.unlockStale();
        SettleParams memory p = _params(MAX, MAX);
        vm.prank(settler);
        vm.expectRevert(HaloUnit.NotLocked.selector);
        unit.settleEpoch(p);
        vm.prank(alice);
        unit.exitDeposit(alice, alice);
        vm.assertEq(token.balanceOf(alice), 1e27, "principal is free");
    }

    /// @dev However the settler behaves, a day has hours in which everybody can leave.
    function test_locksLeaveTimeToExit() public {
        UnitInit memory p = _unitInit();
        p.minEpochGap = 6 hours;
        HaloUnit template = new HaloUnit();
        vm.expectRevert();
        template.initialize(p);
        HaloUnit fresh = HaloUnit(_clone(address(template)));
        vm.expectRevert(abi.encodeWithSelector(HaloUnit.BadParameter.selector, bytes32("minEpochGap")));
        fresh.initialize(p);
    }

    function _clone(address template) private returns (address instance) {
        bytes memory code = abi.encodePacked(
            hex"3d602d80600a3d3981f3363d3d373d3d3d363d73", template, hex"5af43d82803e903d91602b57fd5bf3"
        );
        assembly {
            instance := create(0, add(code, 32), mload(code))
        }
    }

    // --- Properties ---

    /// @dev I13: a settlement lowers nobody's price. Both queues never keep more than dust when netting could clear them.
    function testFuzz_I13_settle_neverLowersTheIndex(
        uint256 supply,
        uint256 price,
        uint256 s,
        uint256 r,
        uint256 subscribeCapacity,
        uint256 redeemCapacity,
        bool six
    ) public {
        if (six) _deploy(6);
        supply = bound(supply, 1000, 1e8) * one;
        _invest(carol, supply);
        uint256 nav = bound(price, supply / 1000, supply * 1000);
        s = bound(s, one, 1e8 * one);
        r = bound(r, 1e18, unit.balanceOf(carol));
        _subscribe(alice, s);
        _redeem(carol, r);
        _fund(5e8 * one);
        _lock();
        _force(nav);
        uint256 before = book.indexOf(address(unit));
        _settle(bound(subscribeCapacity, 0, 2e8 * one), bound(redeemCapacity, 0, 2e8 * one));

        if (book.totalShares() > 0) vm.assertGe(book.indexOf(address(unit)), before, "I13");
        vm.assertEq(book.totalShares(), unit.totalSupply(), "the Book mirrors the supply");
        vm.assertLe(unit.totalAssets(), book.nav(), "I12 the Units owe no more than there is");
        uint256 left = SettlementMath.assetsDown(red.totalUnderlying(), before, six ? 1e12 : 1);
        vm.assertTrue(sub.totalUnderlying() <= before / RAY + 1 || left <= 1, "only dust on one side");
        vm.assertGe(token.balanceOf(address(red)), red.owedReward(), "I3 redeemers");
        vm.assertGe(unit.balanceOf(address(sub)), sub.owedReward(), "I3 subscribers");
        vm.assertEq(token.balanceOf(address(sub)), sub.totalUnderlying(), "I2 subscribers");
        vm.assertEq(unit.balanceOf(address(red)), red.totalUnderlying(), "I2 redeemers");
        vm.assertEq(token.balanceOf(address(unit)), unit.redeemLiquidity(), "liquidity");
    }

    function testFuzz_math_paysNoMoreThanItBurns(uint256 s, uint256 r, uint256 index, uint256 limit, bool six)
        public
        pure
    {
        uint256 scale = six ? 1e12 : 1;
        s = s % 1e30;
        r = r % 1e30;
        index = 1e18 + index % 1e36;
        (uint256 m, uint256 cr, uint256 sm) = SettlementMath.net(s, r, index, scale);
        vm.assertLe(m, s, "no more than waits");
        vm.assertLe(cr, r, "no more than waits");
        vm.assertLe(sm, cr, "handed over out of what leaves");
        vm.assertLe(m, SettlementMath.assetsDown(cr, index, scale), "paid <= value of what leaves");
        vm.assertLe(SettlementMath.assetsDown(sm, index, scale), m, "value handed over <= paid");
        vm.assertTrue((m == 0) == (sm == 0), "nothing for nothing");
        (uint256 es, uint256 se) = SettlementMath.subscribe(s - m, limit, index, scale);
        vm.assertLe(SettlementMath.assetsDown(se, index, scale), es, "value minted <= taken");
        vm.assertTrue((es == 0) == (se == 0), "nothing for nothing");
        (uint256 ea, uint256 ce) = SettlementMath.redeem(r - cr, limit, index, scale);
        vm.assertLe(ea, SettlementMath.assetsDown(ce, index, scale), "paid <= value burned");
        vm.assertTrue(ea <= limit && ce <= r - cr, "within the limits");
        vm.assertTrue((ea == 0) == (ce == 0), "nothing for nothing");
    }
}
