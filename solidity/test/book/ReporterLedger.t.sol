// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { HaloBook } from "src/book/HaloBook.sol";
import { PositionReporter, Report } from "src/book/PositionReporter.sol";
import { Roles } from "src/pau/Roles.sol";
import { TrancheBase } from "test/book/TrancheBase.sol";

/// @notice The three sums that a reporter asks of the off-ramp ledger, 18 decimals.
contract LedgerSums {
    uint256 public inFlightTotal;
    uint256 public atCostTotal;
    uint256 public unmatchedTotal;

    function set(uint256 inFlight, uint256 atCost) external {
        (inFlightTotal, atCostTotal) = (inFlight, atCost);
    }

    function setUnmatched(uint256 unmatched) external {
        unmatchedTotal = unmatched;
    }
}

/// @notice Reports held against what the off-ramp ledger knows; quorums for others; keys removed in haste.
contract ReporterLedgerTest is TrancheBase {
    uint256 private constant NAV = 1_000_000e6;
    LedgerSums private sums;

    function setUp() public override {
        sums = new LedgerSums();
        (ledger, tolerance) = (address(sums), 500);
        uint16[] memory none = new uint16[](2);
        _deployClass(6, none, none);
        _use(0);
        _invest(alice, NAV);
        skip(1 days);
    }

    function _reportOfParts(uint256 deployed, uint256 inFlight) private view returns (Report memory r) {
        r = _reportOf(deployed);
        r.inFlightValue = inFlight;
    }

    function _refused(Report memory r, bytes memory error) private {
        (address[] memory signers, bytes[] memory signatures) = _quorum(r);
        vm.expectRevert(error);
        reporter.post(r, signers, signatures);
    }

    // --- In flight ---

    function test_inFlight_notMoreThanWasSent() public {
        sums.set(400_000e18 + 1e12 - 1, 600_000e18);
        _refused(
            _reportOfParts(600_000e6 - 1, 400_000e6 + 1),
            abi.encodeWithSelector(PositionReporter.InFlightOverstated.selector, 400_000e6)
        );
        _post(_reportOfParts(600_000e6, 400_000e6));
        vm.assertEq(book.nav(), NAV, "the sum itself, floor");
        skip(1);
        sums.set(0, NAV * 1e12);
        _refused(
            _reportOfParts(NAV - 1, 1),
            abi.encodeWithSelector(PositionReporter.InFlightOverstated.selector, 0)
        );
    }

    function test_inFlight_withoutALedger() public {
        ledger = address(0);
        uint16[] memory none = new uint16[](2);
        _deployClass(6, none, none);
        _use(0);
        _invest(alice, NAV);
        skip(1 days);
        _refused(
            _reportOfParts(NAV - 1, 1),
            abi.encodeWithSelector(PositionReporter.InFlightOverstated.selector, 0)
        );
        _post(_reportOfParts(NAV, 0));
        vm.assertFalse(book.underReview(), "no cost to compare with");
    }

    /// @dev Cash that came back and is not attributed lies in custody: called in flight too, it would count twice.
    function test_I17_inFlight_whatMayBeBackNeedsASecondKey() public {
        uint16 none = reporter.NO_COMPARISON();
        vm.prank(governance);
        reporter.setCostTolerance(none);
        sums.set(400_000e18, 0);
        sums.setUnmatched(100_000e18 + 1e12 - 1);
        Report memory r = _reportOfParts(700_000e6, 300_000e6);
        _post(r);
        vm.assertFalse(book.underReview(), "what cannot be back");
        skip(1);
        _post(_reportOfParts(700_000e6 - 1, 300_000e6 + 1));
        vm.assertTrue(book.underReview(), "a unit more, though nothing changed");
        skip(1);
        sums.setUnmatched(500_000e18);
        _post(_reportOfParts(NAV - 1, 1));
        vm.assertTrue(book.underReview(), "more is back than was in flight");
        skip(1);
        _post(_reportOfParts(NAV, 0));
        vm.assertFalse(book.underReview(), "nothing called in flight");
    }

    // --- Cost ---

    /// @dev However small the change of NAV: positions valued far above what was paid for them wait for a second key.
    function test_cost_wellAboveNeedsASecondKey() public {
        sums.set(0, 900_000e18);
        Report memory r = _reportOfParts(945_000e6, 0);
        r.liquidValue = 55_000e6;
        _post(r);
        vm.assertFalse(book.underReview(), "5 % above cost");
        skip(1);
        r = _reportOfParts(945_000e6 + 1, 0);
        r.liquidValue = 55_000e6 - 1;
        vm.expectEmit(address(book));
        emit HaloBook.NavUnderReview(NAV, NAV);
        _post(r);
        vm.assertTrue(book.underReview(), "a unit more");
        vm.assertFalse(book.usableFor(0), "prices nothing");
        uint64 seq = reporter.lastSeq();
        vm.prank(attestors[0]);
        vm.expectRevert(abi.encodeWithSelector(PositionReporter.NotDisjoint.selector, attestors[0]));
        reporter.confirm(seq);
        vm.prank(attestors[2]);
        reporter.confirm(seq);
        vm.assertTrue(book.usableFor(0), "agreed");
    }

    /// @dev A doubted rise that is refused leaves neither value nor time behind.
    function test_cost_refusedRise() public {
        sums.set(0, 900_000e18);
        uint64 before = book.navAsOf();
        uint64 growth = book.growthFrom();
        Report memory r = _reportOfParts(NAV + 100e6, 0);
        _post(r);
        vm.assertEq(book.nav(), NAV + 100e6, "shown");
        vm.prank(conserver);
        book.applyLoss(1e6, 0);
        vm.assertTrue(book.underReview(), "a small loss ends no review");
        uint64 seq = reporter.lastSeq();
        vm.prank(attestors[2]);
        reporter.reject(seq);
        vm.assertEq(book.nav(), NAV, "value");
        vm.assertEq(book.navAsOf(), before, "time");
        vm.assertEq(book.growthFrom(), growth, "growth");
    }

    function test_cost_noComparison() public {
        uint16 none = reporter.NO_COMPARISON();
        vm.expectRevert(abi.encodeWithSelector(PositionReporter.NotAuthorized.selector, Roles.DEFAULT_ADMIN));
        reporter.setCostTolerance(none);
        vm.prank(governance);
        vm.expectEmit(address(reporter));
        emit PositionReporter.CostToleranceSet(none);
        reporter.setCostTolerance(none);
        _post(_reportOfParts(NAV, 0));
        vm.assertFalse(book.underReview(), "nothing to compare with");
        skip(1);
        vm.prank(governance);
        reporter.setCostTolerance(none - 1);
        _post(_reportOfParts(NAV, 0));
        vm.assertTrue(book.underReview(), "however wide, a tolerance of nothing is nothing");
    }

    // --- Write-offs ---

    /// @dev A write-off is a loss like any other. Behind it stands a conserver, so no conserver is its second key.
    function test_writeOff() public {
        vm.prank(ledger);
        vm.expectEmit(address(book));
        emit HaloBook.LossApplied(NAV / 2, NAV / 2, "default", ledger);
        book.applyLoss(NAV / 2, "default");
        vm.assertTrue(book.underReview(), "large");
        uint64 seq = reporter.lastSeq();
        vm.startPrank(conserver);
        vm.expectRevert(HaloBook.SameKey.selector);
        reporter.confirm(seq);
        vm.expectRevert(HaloBook.SameKey.selector);
        reporter.reject(seq);
        vm.stopPrank();
        vm.prank(attestors[0]);
        reporter.confirm(seq);
        vm.assertEq(book.nav(), NAV / 2, "confirmed by an attestor");
    }

    // --- Quorums for others ---

    function test_requireQuorum() public {
        bytes32 digest = keccak256("somebody else's message");
        address[] memory signers = new address[](2);
        bytes[] memory signatures = new bytes[](2);
        for (uint256 i; i < 2; ++i) {
            signers[i] = attestors[i + 1];
            (uint8 v, bytes32 r, bytes32 s) = vm.sign(keyOf[signers[i]], digest);
            signatures[i] = abi.encodePacked(r, s, v);
        }
        reporter.requireQuorum(digest, signers, signatures);

        vm.expectRevert(abi.encodeWithSelector(PositionReporter.BadSignature.selector, signers[0]));
        reporter.requireQuorum(keccak256("another"), signers, signatures);

        vm.prank(governance);
        reporter.setThreshold(3);
        vm.expectRevert(abi.encodeWithSelector(PositionReporter.InsufficientSigners.selector, 2, 3));
        reporter.requireQuorum(digest, signers, signatures);
        vm.prank(governance);
        reporter.setThreshold(2);

        signatures[1] = signatures[0];
        signers[1] = signers[0];
        vm.expectRevert(abi.encodeWithSelector(PositionReporter.SignersNotAscending.selector, signers[0]));
        reporter.requireQuorum(digest, signers, signatures);

        signers[1] = address(type(uint160).max);
        vm.expectRevert(abi.encodeWithSelector(PositionReporter.NotAttestor.selector, signers[1]));
        reporter.requireQuorum(digest, signers, signatures);
    }

    // --- Keys removed in haste ---

    /// @dev Who can stop things can take a key away at once, also the second of three; giving one takes governance.
    function test_removeAttestor() public {
        vm.prank(freezer);
        reporter.setAttestor(attestors[0], false);
        vm.prank(conserver);
        reporter.setAttestor(attestors[1], false);
        vm.assertEq(uint256(reporter.attestorCount()), 1, "one left");
        _refused(
            _reportOfParts(NAV, 0),
            abi.encodeWithSelector(PositionReporter.NotAttestor.selector, attestors[0])
        );
        bytes memory denied =
            abi.encodeWithSelector(PositionReporter.NotAuthorized.selector, Roles.DEFAULT_ADMIN);
        vm.prank(freezer);
        vm.expectRevert(denied);
        reporter.setAttestor(attestors[0], true);
        vm.prank(conserver);
        vm.expectRevert(denied);
        reporter.setAttestor(stranger, true);
        vm.prank(stranger);
        vm.expectRevert(denied);
        reporter.setAttestor(attestors[2], false);
        vm.startPrank(governance);
        reporter.setAttestor(attestors[0], true);
        reporter.setAttestor(attestors[1], true);
        vm.stopPrank();
        vm.prank(governance);
        reporter.setCostTolerance(type(uint16).max);
        _post(_reportOfParts(NAV, 0));
        vm.assertEq(reporter.lastSeq(), 1, "reports again");
    }
}
