// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Clones } from "@openzeppelin/contracts/proxy/Clones.sol";
import { BookShares } from "src/book/BookShares.sol";
import { BookInit, HaloBook } from "src/book/HaloBook.sol";
import { Report } from "src/book/PositionReporter.sol";
import { HaloUnit } from "src/lcts/HaloUnit.sol";
import { Roles } from "src/pau/Roles.sol";
import { UnitInit } from "src/lcts/UnitTypes.sol";
import { LctsBase } from "test/lcts/LctsBase.sol";
import { MockToken } from "test/mocks/lcts/MockToken.sol";

/// @notice Says that it fits, and that assets came in that nobody sent.
contract PlantedUnit {
    HaloBook public book;

    constructor(HaloBook book_) {
        book = book_;
    }

    function asset() external view returns (address) {
        return book.asset();
    }

    function raise(uint256 amount) external {
        book.onSettle(amount, 0, 0);
    }
}

/// @notice The ledger: value, bounds, review, settlements.
contract HaloBookTest is LctsBase {
    uint256 private constant NAV = 1_000_000e18;

    /// @dev A Book with NAV 1 M and 1 M shares, a day old.
    function _filled() private {
        _invest(alice, NAV);
        skip(1 days);
    }

    // --- Initialization ---

    function test_initialize_bounds() public {
        _refused("asset", 0);
        _refused("acl", 1);
        _refused("reporter", 2);
        _refused("mode", 3);
        _refused("maxUpBpsPerDay", 4);
        _refused("reviewDownBps", 5);
        _refused("maxReportAge", 6);
        _refused("asset", 7);
    }

    function _refused(bytes32 name, uint256 what) private {
        BookInit memory p = BookInit(
            address(acl), address(reporter), address(token), 0, 10, 100, 36 hours, factory, address(0)
        );
        if (what == 0) p.asset = address(new MockToken(19));
        if (what == 1) p.acl = address(0);
        if (what == 2) p.reporter = address(0);
        if (what == 3) p.mode = 2;
        if (what == 4) p.maxUpBpsPerDay = 10_001;
        if (what == 5) p.reviewDownBps = 10_001;
        if (what == 6) p.maxReportAge = 0;
        if (what == 7) p.asset = address(new MockToken(5));
        HaloBook fresh = HaloBook(Clones.clone(address(new HaloBook())));
        vm.expectRevert(abi.encodeWithSelector(HaloBook.BadParameter.selector, name));
        fresh.initialize(p);
    }

    function test_initialize_once() public {
        BookInit memory p = BookInit(
            address(acl), address(reporter), address(token), 0, 10, 100, 36 hours, factory, address(0)
        );
        vm.expectPartialRevert(bytes4(keccak256("InvalidInitialization()")));
        book.initialize(p);
        HaloBook template = new HaloBook();
        vm.expectPartialRevert(bytes4(keccak256("InvalidInitialization()")));
        template.initialize(p);
    }

    // --- Units ---

    function test_addUnit() public {
        vm.expectRevert(HaloBook.CannotAddUnit.selector);
        book.addUnit(address(unit), 0, 0, 0);
        vm.prank(factory);
        vm.expectRevert(abi.encodeWithSelector(BookShares.NotUnit.selector, address(unit)));
        book.addUnit(address(unit), 0, 0, 0);

        UnitInit memory p = _unitInit();
        p.book = stranger;
        HaloUnit foreign = HaloUnit(Clones.clone(address(new HaloUnit())));
        foreign.initialize(p);
        vm.prank(factory);
        vm.expectRevert(abi.encodeWithSelector(BookShares.NotUnit.selector, address(foreign)));
        book.addUnit(address(foreign), 0, 0, 0);

        p = _unitInit();
        p.asset = address(new MockToken(18));
        foreign = HaloUnit(Clones.clone(address(new HaloUnit())));
        foreign.initialize(p);
        vm.prank(factory);
        vm.expectRevert(abi.encodeWithSelector(BookShares.NotUnit.selector, address(foreign)));
        book.addUnit(address(foreign), 0, 0, 0);

        vm.expectRevert(abi.encodeWithSelector(BookShares.NotUnit.selector, address(foreign)));
        book.indexOf(address(foreign));

        p = _unitInit();
        HaloUnit second = HaloUnit(Clones.clone(address(new HaloUnit())));
        second.initialize(p);
        vm.prank(governance);
        vm.expectRevert(HaloBook.CannotAddUnit.selector);
        book.addUnit(address(second), 3, 500, 2000);
        vm.prank(factory);
        book.addUnit(address(second), 3, 500, 2000);
        (bool member, uint8 tranche, uint16 bps, uint16 cover, uint128 supply,,) =
            book.termsOf(address(second));
        vm.assertTrue(member && tranche == 3 && bps == 500 && cover == 2000 && supply == 0, "terms");
        vm.assertEq(book.units().length, 2, "two");
    }

    function test_addUnit_atMostSixteen() public {
        for (uint256 i = 1; i < 16; ++i) {
            _deployUnit(_unitInit());
        }
        HaloUnit more = HaloUnit(Clones.clone(address(new HaloUnit())));
        more.initialize(_unitInit());
        vm.prank(factory);
        vm.expectRevert(HaloBook.CannotAddUnit.selector);
        book.addUnit(address(more), 0, 0, 0);
    }

    /// @dev A Unit moves NAV by what it says of a settlement, so governance of the Class cannot plant one of its own.
    function test_I17_addUnit_noneOfGovernance() public {
        _filled();
        PlantedUnit planted = new PlantedUnit(book);
        vm.prank(governance);
        vm.expectRevert(HaloBook.CannotAddUnit.selector);
        book.addUnit(address(planted), 0, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(BookShares.NotUnit.selector, address(planted)));
        planted.raise(NAV);
        vm.assertEq(book.nav(), NAV, "as it was");
    }

    // --- Index ---

    /// @dev S15: empty at first at RAY, later at its last value.
    function test_index_ofAnEmptyBook() public {
        vm.assertTrue(book.isEmpty() && book.solvent(), "empty");
        vm.assertEq(book.indexOf(address(unit)), RAY, "at first");
        vm.assertTrue(book.usableFor(type(uint64).max), "needs no report");
        _invest(alice, 100e18);
        _force(110e18);
        _redeem(alice, 100e18);
        _fund(110e18);
        _epoch(0, MAX);
        vm.assertTrue(book.isEmpty(), "empty again");
        vm.assertEq(book.indexOf(address(unit)), 1.1e27, "at its last value");
        _subscribe(bob, 110e18);
        _epoch(MAX, 0);
        vm.assertApproxEqAbs(unit.maxMint(bob), 100e18, 1, "and sells at it");
    }

    /// @dev However dear the last shares were, their redemption can be booked.
    function test_index_ofTheLastDearShare() public {
        vm.startPrank(address(unit));
        book.onSettle(1e30, 0, 1);
        book.onSettle(0, 1e30, -1);
        vm.stopPrank();
        vm.assertEq(book.indexOf(address(unit)), 1e57, "stands");
    }

    function test_index_isShared() public {
        _filled();
        HaloUnit second = _deployUnit(_unitInit());
        _force(2 * NAV);
        vm.assertEq(book.indexOf(address(unit)), 2e27, "first");
        vm.assertEq(book.indexOf(address(second)), 2e27, "second: pari passu");
        vm.assertEq(book.subscribeHeadroom(address(unit)), MAX, "no cover");
        vm.assertEq(book.redeemHeadroom(address(unit)), MAX, "no cover");
    }

    function test_onSettle_unitsOnly() public {
        vm.expectRevert(abi.encodeWithSelector(BookShares.NotUnit.selector, address(this)));
        book.onSettle(1, 0, 1);
    }

    function test_insolvent() public {
        _filled();
        vm.expectEmit(address(book));
        emit HaloBook.Insolvent();
        _force(0);
        vm.assertFalse(book.solvent(), "no value for the shares");
        vm.assertEq(book.indexOf(address(unit)), 0, "worthless");
    }

    // --- Rises ---

    function test_I17_rise_isBoundedPerSecond() public {
        _filled();
        uint64 dt = uint64(block.timestamp) - book.growthFrom();
        uint256 max = NAV + NAV * 10 * dt / (1e4 * 1 days);
        vm.assertEq(book.maxNavAt(uint64(block.timestamp)), max, "view");
        Report memory r = _reportOf(max + 1);
        (address[] memory signers, bytes[] memory signatures) = _quorum(r);
        vm.expectRevert(abi.encodeWithSelector(HaloBook.NavIncreaseTooLarge.selector, max));
        reporter.post(r, signers, signatures);
        _report(max);
        vm.assertEq(book.nav(), max, "the bound itself");
    }

    /// @dev Counting begun days, as the design's formula does, would let each of these reports rise by a whole day's bound.
    function test_rise_manyReportsADayGainNothing() public {
        _filled();
        _report(book.maxNavAt(uint64(block.timestamp)));
        uint256 start = book.nav();
        for (uint256 i; i < 24; ++i) {
            skip(1 hours);
            _report(book.maxNavAt(uint64(block.timestamp)));
        }
        // A day's 10 bps, compounded by the hour: less than a hundredth of a basis point more.
        vm.assertGt(book.nav(), start * 10_009 / 10_000, "a day's growth");
        vm.assertLt(book.nav(), start * 1_001_001 / 1_000_000, "not 24 days'");
    }

    function test_rise_notBeforeAnyReport() public {
        _invest(alice, NAV);
        // Settled at the same second as the first assets came: nothing could have grown.
        skip(1);
        vm.assertLe(
            book.maxNavAt(uint64(block.timestamp)), NAV + NAV * 10 / (1e4 * 1 days), "a second's growth"
        );
    }

    function test_emptyBookTakesNoValueByReport() public {
        skip(1 days);
        Report memory r = _reportOf(1);
        (address[] memory signers, bytes[] memory signatures) = _quorum(r);
        vm.expectRevert(abi.encodeWithSelector(HaloBook.NavIncreaseTooLarge.selector, 0));
        reporter.post(r, signers, signatures);
        _report(0);
    }

    // --- Falls and review ---

    function test_fall_withinTheBoundNeedsNoReview() public {
        _filled();
        _report(NAV * 99 / 100);
        vm.assertFalse(book.underReview(), "1 % exactly");
        vm.assertEq(book.nav(), NAV * 99 / 100, "shown at once");
    }

    function test_fall_beyondTheBoundIsReviewed() public {
        _filled();
        uint256 low = NAV * 99 / 100 - 1;
        vm.expectEmit(address(book));
        emit HaloBook.NavUnderReview(low, NAV);
        _report(low);
        vm.assertTrue(book.underReview(), "review");
        vm.assertEq(book.nav(), low, "shown at once all the same");
        vm.assertFalse(book.usableFor(0), "and prices nothing");

        uint64 seq = reporter.lastSeq();
        vm.prank(attestors[2]);
        reporter.confirm(seq);
        vm.assertFalse(book.underReview(), "confirmed");
        vm.assertTrue(book.usableFor(uint64(block.timestamp)), "usable");
        skip(1);
        _report(low * 99 / 100 + 1);
        vm.assertFalse(book.underReview(), "the next fall is measured from the confirmed value");
    }

    /// @dev Cutting a fall into small reports does not avoid the second key.
    function test_fall_inSmallSteps() public {
        _filled();
        for (uint256 i; i < 10 && !book.underReview(); ++i) {
            skip(60);
            _report(book.nav() * 995 / 1000);
        }
        vm.assertTrue(book.underReview(), "review");
        vm.assertGe(book.nav(), NAV * 98 / 100, "after little more than 1 %");
    }

    /// @dev The level from which a fall is measured rises with the value.
    function test_fall_afterARise() public {
        _filled();
        _report(book.maxNavAt(uint64(block.timestamp)));
        uint256 high = book.nav();
        skip(60);
        _report(high * 99 / 100 - 1);
        vm.assertTrue(book.underReview(), "measured from the height");
    }

    function test_reject_restoresTheValueBefore() public {
        _filled();
        _report(NAV);
        uint64 before = book.navAsOf();
        uint64 growth = book.growthFrom();
        skip(1 hours);
        _report(NAV / 2);
        uint64 seq = reporter.lastSeq();
        vm.prank(attestors[2]);
        vm.expectEmit(address(book));
        emit HaloBook.NavRejected(NAV, attestors[2]);
        reporter.reject(seq);
        vm.assertEq(book.nav(), NAV, "value");
        vm.assertEq(book.navAsOf(), before, "the old report's time: settlement needs a new one");
        vm.assertEq(book.growthFrom(), growth, "no growth lost");
        vm.assertFalse(book.underReview(), "over");
    }

    /// @dev While a fall waits, a new report is measured from the trusted value, not from the low one.
    function test_review_replacedByANewReport() public {
        _filled();
        _report(NAV / 2);
        skip(60);
        _report(NAV / 4);
        vm.assertTrue(book.underReview(), "still");
        skip(60);
        _report(NAV);
        vm.assertFalse(book.underReview(), "taken back by the quorum itself");
        vm.assertEq(book.nav(), NAV, "value");
        skip(60);
        _report(NAV / 4);
        uint64 seq = reporter.lastSeq();
        vm.prank(conserver);
        reporter.reject(seq);
        vm.assertEq(book.nav(), NAV, "trusted value");
    }

    function test_confirmAndReject_needAReview() public {
        _filled();
        _report(NAV);
        uint64 seq = reporter.lastSeq();
        vm.startPrank(conserver);
        vm.expectRevert(HaloBook.NotUnderReview.selector);
        reporter.confirm(seq);
        vm.expectRevert(HaloBook.NotUnderReview.selector);
        reporter.reject(seq);
        vm.stopPrank();
    }

    // --- Report times ---

    function test_report_times() public {
        _filled();
        _report(NAV);
        uint64 asOf = uint64(block.timestamp);
        vm.startPrank(address(reporter));
        vm.expectRevert(abi.encodeWithSelector(HaloBook.BadReportTime.selector, asOf));
        book.postNav(asOf, NAV, 0, false);
        vm.expectRevert(abi.encodeWithSelector(HaloBook.BadReportTime.selector, asOf + 1));
        book.postNav(asOf + 1, NAV, 0, false);
        vm.stopPrank();
    }

    /// @dev A report dated before a settlement does not know the money that it moved, and would wipe it out of NAV.
    function test_report_olderThanASettlement() public {
        _invest(alice, NAV);
        uint64 settled = book.lastFlowAt();
        vm.startPrank(address(reporter));
        vm.expectRevert(abi.encodeWithSelector(HaloBook.ReportPredatesSettlement.selector, settled));
        book.postNav(settled, 0, 0, false);
        vm.stopPrank();
        skip(1);
        _report(NAV);
    }

    /// @dev An empty Book prices without a report, but not while a report that emptied it waits for its second key.
    function test_I17_usableFor_notUnderReviewThoughEmpty() public {
        _force(NAV);
        skip(1 days);
        _report(0);
        vm.assertTrue(book.isEmpty() && book.underReview(), "emptied by a report");
        vm.assertFalse(book.usableFor(0), "waits");
        vm.prank(attestors[2]);
        reporter.confirm(1);
        vm.assertTrue(book.usableFor(type(uint64).max), "empty");
    }

    function test_usableFor() public {
        _filled();
        vm.assertTrue(book.usableFor(book.lastFlowAt()), "the first assets price what was locked before them");
        vm.assertFalse(book.usableFor(book.lastFlowAt() + 1), "and nothing that was locked later");
        _report(NAV);
        uint64 asOf = uint64(block.timestamp);
        vm.assertTrue(book.usableFor(asOf), "of the lock's second");
        vm.assertFalse(book.usableFor(asOf + 1), "before the lock");
        skip(36 hours);
        vm.assertTrue(book.usableFor(asOf), "at the limit");
        skip(1);
        vm.assertFalse(book.usableFor(asOf), "too old");
    }

    // --- Liquidity measured on the chain ---

    function test_liquid_cannotBeOverstated() public {
        _filled();
        vm.prank(classProxy);
        token.transfer(stranger, 1e27);
        _fund(200e18);
        uint256 measured = NAV;
        vm.assertEq(book.measuredLiquidity(), measured, "custody and redemption liquidity");
        Report memory r = _reportOf(0);
        r.liquidValue = measured + 1;
        (address[] memory signers, bytes[] memory signatures) = _quorum(r);
        vm.expectRevert(abi.encodeWithSelector(HaloBook.LiquidOverstated.selector, measured));
        reporter.post(r, signers, signatures);
        r.liquidValue = measured;
        _post(r);
        vm.assertEq(book.nav(), NAV, "accepted");
    }

    // --- Losses and governance ---

    function test_applyLoss() public {
        _filled();
        vm.expectRevert(abi.encodeWithSelector(HaloBook.NotAuthorized.selector, Roles.CONSERVER));
        book.applyLoss(1, 0);
        vm.startPrank(conserver);
        vm.expectRevert(abi.encodeWithSelector(HaloBook.LossExceedsNav.selector, NAV));
        book.applyLoss(NAV + 1, 0);
        vm.expectEmit(address(book));
        emit HaloBook.LossApplied(NAV / 200, NAV - NAV / 200, "why", conserver);
        book.applyLoss(NAV / 200, "why");
        vm.assertFalse(book.underReview(), "small");
        book.applyLoss(NAV / 2, "why");
        vm.assertTrue(book.underReview(), "large");
        uint64 seq = reporter.lastSeq();
        vm.expectRevert(HaloBook.SameKey.selector);
        reporter.confirm(seq);
        vm.stopPrank();
        vm.prank(attestors[0]);
        reporter.confirm(seq);
        vm.assertEq(book.nav(), NAV - NAV / 200 - NAV / 2, "confirmed");
    }

    /// @dev Behind governance stands the conserver after a takeover, by its ConserverController.
    function test_applyLoss_ofGovernanceIsNoConserversToReview() public {
        _filled();
        vm.prank(governance);
        book.applyLoss(NAV / 2, "why");
        _notReviewedBy(conserver);
        vm.prank(attestors[0]);
        reporter.confirm(0);
        vm.assertEq(book.nav(), NAV / 2, "confirmed by an attestor");
    }

    function test_applyLoss_ofAConserverIsAnothersToReview() public {
        _filled();
        acl.set(Roles.CONSERVER, stranger, true);
        vm.prank(conserver);
        book.applyLoss(NAV / 2, "why");
        _notReviewedBy(conserver);
        vm.prank(stranger);
        reporter.confirm(0);
        vm.assertEq(book.nav(), NAV / 2, "confirmed by the other");
    }

    /// @dev A loss of another on top of one's own does not wash one's hands.
    function test_I17_applyLoss_ofSeveralIsNoConserversToReview() public {
        _filled();
        acl.set(Roles.CONSERVER, stranger, true);
        vm.prank(conserver);
        book.applyLoss(NAV / 2, "why");
        vm.prank(stranger);
        book.applyLoss(1, "why");
        _notReviewedBy(conserver);
        _notReviewedBy(stranger);
        vm.prank(attestors[0]);
        reporter.reject(0);
        vm.assertEq(book.nav(), NAV, "both refused");
    }

    function _notReviewedBy(address account) private {
        vm.startPrank(account);
        vm.expectRevert(HaloBook.SameKey.selector);
        reporter.confirm(0);
        vm.expectRevert(HaloBook.SameKey.selector);
        reporter.reject(0);
        vm.stopPrank();
    }

    function test_applyLoss_rejected() public {
        _filled();
        _report(NAV);
        uint64 asOf = book.navAsOf();
        vm.prank(conserver);
        book.applyLoss(NAV / 2, 0);
        uint64 seq = reporter.lastSeq();
        vm.prank(attestors[2]);
        reporter.reject(seq);
        vm.assertEq(book.nav(), NAV, "restored");
        vm.assertEq(book.navAsOf(), asOf, "with its report");
    }

    function test_forceNav() public {
        _filled();
        vm.expectRevert(abi.encodeWithSelector(HaloBook.NotAuthorized.selector, Roles.DEFAULT_ADMIN));
        book.forceNav(1, 0);
        _report(NAV / 2);
        vm.expectEmit(address(book));
        emit HaloBook.NavForced(3 * NAV, NAV / 2, "test");
        _force(3 * NAV);
        vm.assertFalse(book.underReview(), "ends the review");
        vm.assertEq(book.nav(), 3 * NAV, "outside all bounds");
        vm.assertTrue(book.usableFor(uint64(block.timestamp)), "counts as a report");
    }

    function test_setParams() public {
        vm.expectRevert(abi.encodeWithSelector(HaloBook.NotAuthorized.selector, Roles.DEFAULT_ADMIN));
        book.setParams(1, 2, 3);
        vm.prank(governance);
        book.setParams(1, 2, 3);
        vm.assertTrue(
            book.maxUpBpsPerDay() == 1 && book.reviewDownBps() == 2 && book.maxReportAge() == 3, "parameters"
        );
    }

    function test_onlyReporter() public {
        vm.expectRevert(HaloBook.NotReporter.selector);
        book.postNav(1, 1, 0, false);
        vm.expectRevert(HaloBook.NotReporter.selector);
        book.confirm(governance);
        vm.expectRevert(HaloBook.NotReporter.selector);
        book.reject(governance);
    }
}
