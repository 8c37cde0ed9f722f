// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { HaloBook } from "src/book/HaloBook.sol";
import { PositionReporter, Report } from "src/book/PositionReporter.sol";
import { HaloUnit } from "src/lcts/HaloUnit.sol";
import { UnitBase } from "src/lcts/UnitBase.sol";
import { SettleParams } from "src/lcts/UnitTypes.sol";
import { TrancheBase } from "test/book/TrancheBase.sol";

/// @notice Reports that are seen before they count, come late, or come in the wrong order.
contract ReportTimingTest is TrancheBase {
    uint256 private constant M = 1e6;

    function setUp() public override {
        _deployPair(0, 2000);
        _fillPair(20 * M, 60 * M);
        skip(20 hours);
    }

    /// @dev Who sees a fall coming asks to leave before it is on the chain: he leaves at the price after it, for a report
    /// prices only what was locked before its time, and once locked nobody enters or leaves.
    function test_frontRunning_aFall() public {
        uint256 snapshot = vm.snapshotState();
        uint256 runner = _leaveAround(true);
        vm.revertToState(snapshot);
        uint256 other = _leaveAround(false);
        vm.assertEq(runner, other, "seeing the report first is worth nothing");
        vm.assertLt(runner, 5 * M * one, "the loss is in the price");
    }

    /// @dev 5 M junior shares leave, asked for before or after a report that shows a loss of 0.7 M is on the chain.
    function _leaveAround(bool early) private returns (uint256 paid) {
        _use(0);
        _fund(5 * M * one);
        if (early) _redeem(alice, 5 * M * 1e18);
        Report memory r = _reportOf((80 * M - 700_000) * one);
        (address[] memory signers, bytes[] memory signatures) = _quorum(r);
        skip(1);
        reporter.post(r, signers, signatures);
        if (!early) _redeem(alice, 5 * M * 1e18);
        _lockAll();
        skip(1 hours);
        _report((80 * M - 700_000) * one);
        _settleAllUp();
        _use(0);
        return unit.maxWithdraw(alice);
    }

    /// @dev Who sees a rise coming cannot buy at the old price: while locked he cannot enter, and before the lock the report
    /// that he saw is not the one that prices him.
    function test_frontRunning_aRise() public {
        _use(0);
        _lockAll();
        _use(0);
        Report memory r = _reportOf(book.nav() + 50_000 * one);
        vm.prank(bob);
        vm.expectRevert(UnitBase.UnitLocked.selector);
        unit.requestDeposit(M * one, bob, bob);
        vm.expectRevert(UnitBase.UnitLocked.selector);
        vm.prank(alice);
        unit.requestRedeem(M * 1e18, alice, alice);
        _post(r);
        _settleAllUp();

        skip(20 hours);
        _use(0);
        _subscribe(bob, M * one);
        _lockAll();
        skip(1 hours);
        uint256 before = book.nav();
        _report(before + 50_000 * one);
        _settleAllUp();
        _use(0);
        uint256 worth = unit.convertToAssets(unit.maxMint(bob));
        vm.assertLe(worth, M * one, "bought at the price after the rise");
        vm.assertGe(worth + 2, M * one, "and nothing lost");
    }

    /// @dev A report of before the lock cannot price it, whenever it comes.
    function test_late_reportOfBeforeTheLock() public {
        skip(1 hours);
        Report memory r = _reportOf(80 * M * one);
        (address[] memory signers, bytes[] memory signatures) = _quorum(r);
        uint64 asOf = r.asOf;
        skip(1);
        _lockAll();
        skip(1 hours);
        reporter.post(r, signers, signatures);
        SettleParams memory p = _params(MAX, MAX);
        vm.prank(settler);
        vm.expectRevert(abi.encodeWithSelector(HaloUnit.ReportStale.selector, asOf));
        unit.settleEpoch(p);
    }

    /// @dev Held back over a settlement, a report would wipe out the money that it does not know of.
    function test_late_heldBackOverASettlement() public {
        Report memory held = _reportOf(80 * M * one);
        _use(0);
        _subscribe(bob, M * one);
        skip(1);
        _classEpoch();
        vm.assertEq(book.nav(), 81 * M * one, "settled, on another report");
        held.seq = reporter.lastSeq() + 1;
        (address[] memory signers, bytes[] memory signatures) = _quorum(held);
        uint64 flow = book.lastFlowAt();
        vm.expectRevert(abi.encodeWithSelector(HaloBook.ReportPredatesSettlement.selector, flow));
        reporter.post(held, signers, signatures);
    }

    function test_late_byMoreThanADay() public {
        Report memory r = _reportOf(80 * M * one);
        (address[] memory signers, bytes[] memory signatures) = _quorum(r);
        skip(1 days + 1);
        vm.expectRevert(abi.encodeWithSelector(PositionReporter.ReportTooOld.selector, r.asOf));
        reporter.post(r, signers, signatures);
    }

    /// @dev The second of two reports cannot come first, and the first not after it: each is known by its number.
    function test_outOfOrder() public {
        Report memory first = _reportOf(80 * M * one);
        skip(1 hours);
        Report memory second = _reportOf(80 * M * one - 1);
        second.seq = first.seq + 1;
        (address[] memory signers, bytes[] memory signatures) = _quorum(second);
        vm.expectRevert(abi.encodeWithSelector(PositionReporter.BadSequence.selector, first.seq));
        reporter.post(second, signers, signatures);

        // Numbers in order, times not: the one that speaks of the earlier time is refused.
        (second.seq, first.seq) = (first.seq, second.seq);
        _post(second);
        (signers, signatures) = _quorum(first);
        vm.expectRevert(abi.encodeWithSelector(HaloBook.BadReportTime.selector, first.asOf));
        reporter.post(first, signers, signatures);
        vm.expectRevert(abi.encodeWithSelector(PositionReporter.BadSequence.selector, second.seq + 1));
        reporter.post(second, signers, signatures);
    }

    /// @dev Two reports in one second: the second adds no time, so it can add no growth.
    function test_twiceInASecond() public {
        _report(book.maxNavAt(uint64(block.timestamp)));
        Report memory r = _reportOf(book.nav() + 1);
        (address[] memory signers, bytes[] memory signatures) = _quorum(r);
        vm.expectRevert(abi.encodeWithSelector(HaloBook.BadReportTime.selector, r.asOf));
        reporter.post(r, signers, signatures);
    }

    /// @dev Between two settlements of one epoch no report is needed: what moved is in NAV.
    function test_oneReportForAllTranches() public {
        _use(0);
        _subscribe(bob, 10 * M * one);
        _use(1);
        _subscribe(carol, 60 * M * one);
        _lockAll();
        skip(1 hours);
        _report(80 * M * one);
        _settleAt(0, MAX, 0);
        vm.assertEq(_roomIn(1), 60 * M * one, "the junior's money covers the senior's");
        skip(30 minutes);
        _settleAt(1, MAX, 0);
        vm.assertEq(book.nav(), 150 * M * one, "both in");
        vm.assertEq(book.cover(), 2000, "covered");
    }
}
