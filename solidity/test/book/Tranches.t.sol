// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { BookShares } from "src/book/BookShares.sol";
import { HaloBook } from "src/book/HaloBook.sol";
import { HaloUnit } from "src/lcts/HaloUnit.sol";
import { SettleParams } from "src/lcts/UnitTypes.sol";
import { Roles } from "src/pau/Roles.sol";
import { TrancheBase } from "test/book/TrancheBase.sol";

/// @notice SENIOR_JUNIOR with real Units: who gets what, who may enter and leave, and what a loss does.
contract TranchesTest is TrancheBase {
    uint256 private constant M = 1e6;

    function setUp() public override {
        _deployPair(0, 2000);
    }

    // --- The first day ---

    /// @dev Both lock while the Book is empty. The junior's assets need no report, nor does the senior that settles on them.
    function test_firstDay_juniorThenSenior() public {
        _use(0);
        _subscribe(alice, 20 * M * one);
        _use(1);
        _subscribe(bob, 100 * M * one);
        _lockAll();
        skip(10 minutes);
        vm.assertEq(_roomIn(1), 0, "no cover yet");
        _settleAt(0, MAX, 0);
        skip(10 minutes);
        vm.assertEq(_roomIn(1), 80 * M * one, "four times the junior at 20 %");
        _settleAt(1, MAX, 0);
        _assertValues(20 * M * one, 80 * M * one, "first day");
        vm.assertEq(book.cover(), 2000, "at the least cover");
        vm.assertEq(unit.maxMint(bob), 80 * M * 1e18, "senior shares");
        vm.assertEq(unit.pendingDepositRequest(0, bob), 20 * M * one, "the rest waits");
        vm.assertEq(book.nav(), 100 * M * one, "NAV");
    }

    /// @dev In the wrong order nothing is lost but a day.
    function test_firstDay_seniorFirstGetsNothing() public {
        _use(0);
        _subscribe(alice, 20 * M * one);
        _use(1);
        _subscribe(bob, 100 * M * one);
        _lockAll();
        _settleAt(1, MAX, 0);
        vm.assertEq(book.totalShares(), 0, "no cover, no senior");
        _settleAt(0, MAX, 0);
        _assertValues(20 * M * one, 0, "junior only");
        _lockAll();
        skip(1 hours);
        _report(20 * M * one);
        _settleAllUp();
        _assertValues(20 * M * one, 80 * M * one, "a day later");
    }

    /// @dev What was locked after the first assets needs a report, as ever; and a review of them stops everything.
    function test_firstDay_whatTheFirstAssetsPrice() public {
        _use(0);
        _subscribe(alice, 20 * M * one);
        _lockAll();
        _settleAt(0, MAX, 0);
        uint64 filled = uint64(block.timestamp);
        vm.assertTrue(book.usableFor(filled), "locked at the latest when they came");
        vm.assertFalse(book.usableFor(filled + 1), "locked later");
        skip(36 hours);
        vm.assertTrue(book.usableFor(filled), "at the limit of age");
        skip(1);
        vm.assertFalse(book.usableFor(filled), "too old, like a report");
        vm.warp(filled + 1);
        vm.prank(conserver);
        book.applyLoss(10 * M * one, "fraud");
        vm.assertFalse(book.usableFor(filled), "under review");
    }

    // --- Losses: the worked examples ---

    function test_losses_juniorFirst() public {
        _fillPair(20 * M, 80 * M);
        _force(85 * M * one);
        _assertValues(5 * M * one, 80 * M * one, "a loss of 15");
        vm.assertEq(_indexAt(0), RAY / 4, "junior index x 0.25");
        vm.assertEq(_indexAt(1), RAY, "senior untouched");
        vm.assertTrue(book.solvent(), "solvent");

        vm.expectEmit(address(book));
        emit HaloBook.Insolvent();
        _force(65 * M * one);
        _assertValues(0, 65 * M * one, "a loss of 35");
        vm.assertEq(_indexAt(0), 0, "junior wiped");
        vm.assertEq(_indexAt(1), RAY * 8125 / 10_000, "senior index x 0.8125");
        vm.assertFalse(book.solvent(), "insolvent");

        _force(85 * M * one);
        _assertValues(5 * M * one, 80 * M * one, "a recovery of 20 fills the senior first");
        vm.assertEq(_indexAt(1), RAY, "senior whole");
    }

    /// @dev G5, recomputed by an independent script with claims rounded up: senior and index are T, the rest a wei aside.
    function test_losses_goldenVector() public {
        _deployPair(500, 1500);
        _fillPair(20 * M, 80 * M);
        uint64 struck = uint64(block.timestamp);
        vm.warp(struck + 1 days);
        _report(100 * M * one);
        vm.assertEq(_indexAt(1), 1_000_136_986_301_369_863_013_698_630, "T");
        vm.assertEq(book.targetOf(address(tranches[1])), 1_000_136_986_301_369_863_013_698_630, "target");
        _assertValues(19_989_041_095_890_410_958_904_109, 80_010_958_904_109_589_041_095_891, "100 M");
        vm.assertEq(_indexAt(0), 999_452_054_794_520_547_945_205_450, "junior index");
        vm.assertEq(book.cover(), 1998, "cover");
        vm.assertEq(_roomIn(1), 33_260_273_972_602_739_726_027_393, "senior headroom");
        vm.assertEq(_roomOut(0), 5_869_460_112_812_248_186_946_010, "junior redeemable");

        vm.prank(conserver);
        book.applyLoss(15 * M * one, 0);
        _assertValues(4_989_041_095_890_410_958_904_109, 80_010_958_904_109_589_041_095_891, "85 M");
        vm.assertEq(book.cover(), 586, "cover");
        vm.assertEq(_roomIn(1) + _roomOut(0), 0, "closed");

        vm.prank(conserver);
        book.applyLoss(20 * M * one, 0);
        _assertValues(0, 65 * M * one, "65 M");
        vm.assertEq(_indexAt(1), RAY * 8125 / 10_000, "senior index");
    }

    /// @dev Four tranches: from the bottom up, whatever the loss.
    function testFuzz_losses_fourTranches(uint256 nav) public {
        uint16[] memory rates = new uint16[](4);
        uint16[] memory covers = new uint16[](4);
        _deployClass(6, rates, covers);
        uint256[] memory amounts = new uint256[](4);
        (amounts[0], amounts[1], amounts[2], amounts[3]) = (10, 20, 30, 40);
        _fill(amounts);
        nav = bound(nav, 0, 120e6);
        _force(nav);
        uint256[] memory values = book.trancheValues();
        uint256 left = nav;
        for (uint256 k = 3; k > 0; --k) {
            uint256 due = amounts[k] * 1e6;
            vm.assertEq(values[k], left < due ? left : due, "each its claim, or what is left");
            left -= values[k];
        }
        vm.assertEq(values[0], left, "equity the rest");
        vm.assertEq(book.solvent(), nav > 90e6, "solvent while equity is worth something");
    }

    // --- Impairment ---

    function _impaired() private {
        _fillPair(20 * M, 80 * M);
        _force(65 * M * one);
    }

    /// @dev Nobody may buy into another's recovery; but holders and newcomers may trade places at the true price.
    function test_impaired_takesNoNewMoneyButNets() public {
        _impaired();
        vm.assertEq(_roomIn(0) + _roomIn(1), 0, "closed");
        _use(1);
        _subscribe(bob, 13 * M * one);
        _redeem(alice, 8 * M * 1e18);
        _use(0);
        _subscribe(carol, 10 * M * one);
        _classEpoch();
        _use(1);
        vm.assertEq(unit.maxWithdraw(alice), 65 * M * one / 10, "8 M shares at 0.8125");
        vm.assertApproxEqAbs(unit.maxMint(bob), 8 * M * 1e18, 1, "handed on");
        vm.assertEq(unit.pendingDepositRequest(0, bob), 65 * M * one / 10, "nothing beyond");
        _use(0);
        vm.assertEq(unit.pendingDepositRequest(0, carol), 10 * M * one, "the wiped junior takes nothing");
        vm.assertEq(book.nav(), 65 * M * one, "no new money");
    }

    /// @dev Also where no cover is asked for, and for a junior that nobody holds: its money would fill the senior's hole.
    function test_impaired_closedWithoutACover() public {
        _impaired();
        vm.prank(governance);
        book.setTerms(address(tranches[1]), 0, 0);
        vm.prank(address(tranches[0]));
        book.onBurn(20 * M * 1e18);
        vm.assertEq(_indexAt(0), RAY, "a junior that starts again");
        vm.assertEq(_roomIn(0) + _roomIn(1), 0, "closed");
    }

    /// @dev An impaired senior redeems at its true price, and who stays loses nothing by it.
    function test_impaired_redeems() public {
        _impaired();
        _use(1);
        _fund(65 * M * one);
        _redeem(alice, 40 * M * 1e18);
        _classEpoch();
        _use(1);
        vm.assertEq(unit.maxWithdraw(alice), 65 * M * one / 2, "half of what is there");
        vm.assertEq(_indexAt(1), RAY * 8125 / 10_000, "the same for the others");
    }

    /// @dev The claim goes on growing, so the recovery makes good what the senior missed before the junior gets any.
    function test_impaired_targetGoesOn() public {
        _deployPair(1000, 2000);
        _impaired();
        uint256 struck = book.navAsOf();
        vm.warp(struck + 73 days);
        _force(65 * M * one);
        vm.assertEq(book.targetOf(address(tranches[1])), RAY * 102 / 100, "10 % a year");
        vm.assertEq(_indexAt(1), RAY * 8125 / 10_000, "worth what is there");
        _force(82 * M * one);
        _assertValues(400_000 * one, 81_600_000 * one, "senior first");
    }

    function test_crystallize() public {
        _impaired();
        vm.expectRevert(abi.encodeWithSelector(HaloBook.NotAuthorized.selector, Roles.DEFAULT_ADMIN));
        book.crystallize(1);
        vm.startPrank(governance);
        vm.expectRevert(abi.encodeWithSelector(HaloBook.NotImpaired.selector, 0));
        book.crystallize(0);
        vm.expectRevert(abi.encodeWithSelector(HaloBook.BadParameter.selector, bytes32("tranche")));
        book.crystallize(4);
        vm.expectEmit(address(book));
        emit HaloBook.Crystallized(1, RAY * 8125 / 10_000, RAY);
        book.crystallize(1);
        vm.expectRevert(abi.encodeWithSelector(HaloBook.NotImpaired.selector, 1));
        book.crystallize(1);
        vm.stopPrank();
        _assertValues(0, 65 * M * one, "nothing moved");
        vm.assertEq(_indexAt(1), RAY * 8125 / 10_000, "nor the price");
        _force(85 * M * one);
        _assertValues(20 * M * one, 65 * M * one, "the recovery goes below");
    }

    /// @dev Not on a value that may be refused, and not on next to nothing.
    function test_crystallize_refused() public {
        _fillPair(20 * M, 80 * M);
        skip(1 hours);
        _report(65 * M * one);
        vm.startPrank(governance);
        vm.expectRevert(HaloBook.UnderReview.selector);
        book.crystallize(1);
        book.forceNav(79_999 * one, 0);
        vm.expectRevert(abi.encodeWithSelector(HaloBook.BadParameter.selector, bytes32("index")));
        book.crystallize(1);
        vm.stopPrank();
    }

    /// @dev A junior that lost all but a thousandth is not sold.
    function test_impaired_almostWipedJuniorIsClosed() public {
        _fillPair(20 * M, 80 * M);
        _force(80 * M * one + 20_000 * one - 1);
        vm.assertEq(_roomIn(0), 0, "closed below a thousandth");
        _force(80 * M * one + 20_000 * one);
        vm.assertEq(_roomIn(0), MAX, "open from there");
    }

    /// @dev A wiped junior whose shares are all gone starts again.
    function test_impaired_juniorStartsAgain() public {
        _fillPair(20 * M, 80 * M);
        _force(80 * M * one);
        vm.assertEq(_indexAt(0), 0, "worthless");
        vm.prank(address(tranches[0]));
        book.onBurn(20 * M * 1e18);
        vm.assertEq(_indexAt(0), RAY, "again at RAY");
        vm.assertTrue(book.solvent(), "the senior has its claim, nobody else has one");
        vm.assertEq(_roomIn(0), MAX, "a new junior may come");
    }

    // --- Cover ---

    /// @dev To the wei: what the headroom allows leaves the least cover, one more would not.
    function testFuzz_cover_atTheLimit(uint256 junior, uint256 senior, uint16 least) public {
        junior = bound(junior, one, 1e8 * one);
        senior = bound(senior, one, 1e8 * one);
        least = uint16(bound(least, 1, 9999));
        _use(0);
        _subscribe(alice, junior);
        _use(1);
        _subscribe(alice, senior);
        _classEpoch();
        vm.prank(governance);
        book.setTerms(address(tranches[1]), 0, least);

        (uint256 j, uint256 s) = (_valueAt(0), _valueAt(1));
        uint256 room = _roomIn(1);
        if (room > 0) {
            vm.assertTrue(_covered(j, s + room, least), "in: covered");
            vm.assertFalse(_covered(j, s + room + 1, least), "in: one more is not");
        } else {
            vm.assertFalse(_covered(j, s + 1, least), "in: none is");
        }
        room = _roomOut(0);
        if (room > 0) {
            vm.assertTrue(_covered(j - room, s, least), "out: covered");
            vm.assertTrue(room == j || !_covered(j - room - 1, s, least), "out: one more is not");
        } else {
            vm.assertFalse(j > 0 && _covered(j - 1, s, least), "out: none is");
        }
    }

    function _covered(uint256 below, uint256 above, uint256 least) private pure returns (bool) {
        return below * 1e4 >= least * (below + above);
    }

    function test_cover_ofAnEpoch() public {
        _fillPair(40 * M, 80 * M);
        vm.assertEq(book.cover(), 3333, "cover");
        vm.assertEq(_roomOut(0), 20 * M * one, "down to a quarter of the senior");
        vm.assertEq(_roomOut(1), MAX, "nobody ranks above the senior");
        _use(0);
        _fund(40 * M * one);
        _redeem(alice, 40 * M * 1e18);
        _classEpoch();
        _assertValues(20 * M * one, 80 * M * one, "at the limit");
        _use(0);
        vm.assertEq(unit.pendingRedeemRequest(0, alice), 20 * M * 1e18, "the rest waits");
    }

    /// @dev When the junior leaves, the senior leaves first: that makes the room.
    function test_cover_seniorFirstWhenTheJuniorLeaves() public {
        _fillPair(20 * M, 80 * M);
        vm.assertEq(_roomOut(0), 0, "no room");
        _use(0);
        _redeem(alice, 20 * M * 1e18);
        _fund(20 * M * one);
        _use(1);
        _redeem(alice, 40 * M * 1e18);
        _fund(40 * M * one);
        _lockAll();
        skip(1 hours);
        _report(100 * M * one);
        _settleAt(1, MAX, MAX);
        vm.assertEq(_roomOut(0), 10 * M * one, "room by half the senior");
        _settleAt(0, MAX, MAX);
        _assertValues(10 * M * one, 40 * M * one, "both halved");
    }

    /// @dev Each tranche's cover is what ranks below it; a mezzanine that enters is counted for those above and must itself
    /// be covered.
    function test_cover_mezzanine() public {
        uint16[] memory rates = new uint16[](3);
        uint16[] memory covers = new uint16[](3);
        (covers[1], covers[2]) = (1000, 3000);
        _deployClass(18, rates, covers);
        uint256[] memory amounts = new uint256[](3);
        (amounts[0], amounts[1], amounts[2]) = (10 * M, 20 * M, 70 * M);
        _fill(amounts);
        vm.assertEq(book.coverOf(1), 1000, "mezzanine: 10 of 100");
        vm.assertEq(book.coverOf(2), 3000, "senior: 30 of 100");
        vm.assertEq(book.coverOf(0), 0, "nothing ranks below equity");
        vm.assertEq(book.cover(), 3000, "the most senior's");
        vm.assertEq(_roomIn(0), MAX, "equity may always come");
        vm.assertEq(_roomIn(1), 0, "the mezzanine is at its limit");
        vm.assertEq(_roomIn(2), 0, "so is the senior");
        vm.assertEq(_roomOut(0) + _roomOut(1), 0, "nothing below the senior may go");
        // Only the mezzanine's own limit holds it once there is more equity for the senior's.
        _use(0);
        _subscribe(bob, 10 * M * one);
        _classEpoch();
        vm.assertEq(_roomIn(1), 90 * M * one, "20 cover 180");
        vm.assertEq(_roomIn(2), 23_333_333_333_333_333_333_333_333, "40 cover 93.3");
        vm.assertEq(_roomOut(1), 10 * M * one, "40 less what 70 need");
        vm.assertEq(_roomOut(0), 10 * M * one, "both limits hold equity");
    }

    function test_cover_noneAskedFor() public {
        _deployPair(0, 0);
        _use(1);
        _subscribe(bob, 10 * M * one);
        _classEpoch();
        _assertValues(0, 10 * M * one, "a senior alone");
        vm.assertEq(book.cover(), 0, "without cover");
        vm.assertEq(_roomOut(0), MAX, "no limit");
    }

    // --- The Class's reserve ---

    /// @dev Without equity, what the seniors do not claim is nobody's; the first to come buys none of it.
    function test_reserve_isNotTheNewcomers() public {
        _deployPair(0, 0);
        _use(1);
        _subscribe(bob, 10 * M * one);
        _classEpoch();
        _force(13 * M * one);
        vm.assertEq(book.classReserve(), 3 * M * one, "surplus without a holder");
        vm.assertEq(book.equity(), 0, "nobody's equity");
        vm.assertTrue(book.solvent(), "solvent");
        _use(0);
        _subscribe(alice, one);
        _lockAll();
        skip(1 hours);
        _report(13 * M * one);
        vm.expectEmit(address(book));
        emit BookShares.ReserveBooked(3 * M * one);
        _settleAt(0, MAX, 0);
        vm.assertEq(book.equity(), one, "what she brought");
        vm.assertEq(_indexAt(0), RAY, "at its price");
        vm.assertEq(book.classReserve(), 3 * M * one, "booked");

        _force(12 * M * one + one);
        vm.assertEq(book.equity(), 0, "a loss strikes equity first");
        vm.assertEq(book.classReserve(), 2 * M * one + one, "then the reserve");
        _force(9 * M * one);
        vm.assertEq(book.classReserve(), 0, "then the senior");
        vm.assertEq(_valueAt(1), 9 * M * one, "then the senior");
        _force(14 * M * one);
        vm.assertEq(book.equity(), one * M, "a recovery refills the reserve before equity");
        vm.assertEq(book.classReserve(), 3 * M * one, "whole again");

        vm.expectRevert(abi.encodeWithSelector(HaloBook.NotAuthorized.selector, Roles.DEFAULT_ADMIN));
        book.releaseReserve(1);
        vm.startPrank(governance);
        book.releaseReserve(M * one);
        vm.assertEq(book.equity(), 2 * M * one, "given to equity");
        vm.expectEmit(address(book));
        emit HaloBook.ReserveReleased(2 * M * one, 0);
        book.releaseReserve(MAX);
        vm.assertEq(book.equity(), 4 * M * one, "all of it");
        vm.stopPrank();
    }

    /// @dev The reserve covers those above it. But where cover is asked for, no senior enters over a reserve alone.
    function test_reserve_isNoEquity() public {
        _fillPair(20 * M, 20 * M);
        vm.prank(governance);
        book.setTerms(address(tranches[1]), 0, 0);
        _use(0);
        _fund(20 * M * one);
        _redeem(alice, 20 * M * 1e18);
        _classEpoch();
        _force(25 * M * one);
        vm.prank(governance);
        book.setTerms(address(tranches[1]), 0, 2000);
        vm.assertEq(book.classReserve(), 5 * M * one, "reserve");
        vm.assertEq(book.cover(), 2000, "covers");
        vm.prank(governance);
        book.setTerms(address(tranches[1]), 0, 1);
        vm.assertEq(_roomIn(1), 0, "closed until somebody holds equity");
        _use(0);
        _subscribe(bob, one);
        _classEpoch();
        vm.assertGt(_roomIn(1), 0, "now somebody does");
    }

    // --- Targets ---

    /// @dev Value and claim speak of one time: the report's, not that of its arrival.
    function test_target_growsToTheReportsTime() public {
        _deployPair(1000, 2000);
        _fillPair(20 * M, 80 * M);
        uint64 struck = uint64(block.timestamp);
        vm.assertEq(_indexAt(1), RAY, "at first");
        vm.warp(struck + 1 days);
        vm.assertEq(_indexAt(1), RAY, "time alone moves nothing");
        _report(100 * M * one);
        uint256 first = RAY + RAY / 3650;
        vm.assertEq(_indexAt(1), first, "a day");
        vm.warp(struck + 2 days + 5 hours);
        vm.prank(address(reporter));
        book.postNav(struck + 2 days, 100 * M * one, 0, false);
        vm.assertEq(_indexAt(1), first + first / 3650, "two days, simple within each");
    }

    /// @dev A report that waits counts for the claims as for the value; refused, it has never been.
    function test_target_followsTheReview() public {
        _deployPair(1000, 2000);
        _fillPair(20 * M, 80 * M);
        uint64 struck = uint64(block.timestamp);
        uint256 before = _indexAt(0);
        vm.warp(struck + 73 days);
        _report(90 * M * one);
        vm.assertTrue(book.underReview(), "review");
        vm.assertEq(_indexAt(1), RAY * 102 / 100, "claims of that time");
        uint64 seq = reporter.lastSeq();
        vm.prank(attestors[2]);
        reporter.reject(seq);
        vm.assertEq(_indexAt(1), RAY, "refused");
        vm.assertEq(_indexAt(0), before, "for the junior too");

        vm.warp(struck + 146 days);
        _report(90 * M * one);
        vm.assertEq(_indexAt(1), RAY * 104 / 100, "in one span, from the trusted report");
        vm.warp(struck + 219 days);
        _report(91 * M * one);
        vm.assertEq(_indexAt(1), RAY * 106 / 100, "a replacement as well");
        seq = reporter.lastSeq();
        vm.prank(attestors[2]);
        reporter.confirm(seq);
        vm.assertEq(_indexAt(1), RAY * 106 / 100, "confirmed");
        vm.warp(struck + 292 days);
        _report(92 * M * one);
        vm.assertEq(_indexAt(1), RAY * 106 / 100 * 102 / 100, "and goes on from there");
    }

    /// @dev S15: what nobody holds does not grow; the first shares cost the target and grow from then.
    function test_target_restsWithoutShares() public {
        _deployPair(1000, 2000);
        _use(0);
        _subscribe(alice, 20 * M * one);
        _classEpoch();
        skip(100 days);
        _report(20 * M * one);
        vm.assertEq(_indexAt(1), RAY, "rests");
        _use(1);
        _subscribe(bob, 80 * M * one);
        skip(1);
        _lockAll();
        _report(20 * M * one);
        skip(1 hours);
        _settleAllUp();
        vm.assertEq(_indexAt(1), RAY, "sold at it");
        uint256 sold = block.timestamp;
        vm.warp(sold + 73 days);
        _report(100 * M * one);
        vm.assertEq(_indexAt(1), RAY * 102 / 100, "grows from the sale, not from the report before it");
        vm.prank(governance);
        book.setTerms(address(tranches[1]), 1000, 0);
        _use(1);
        _claimShares(bob);
        _fund(90 * M * one);
        _redeem(bob, 80 * M * 1e18);
        _classEpoch();
        uint256 last = _indexAt(1);
        skip(100 days);
        _report(book.nav());
        vm.assertEq(_indexAt(1), last, "rests at its last value");
    }

    function test_target_force() public {
        _deployPair(1000, 2000);
        _fillPair(20 * M, 80 * M);
        skip(73 days);
        _force(100 * M * one);
        vm.assertEq(_indexAt(1), RAY * 102 / 100, "to now");
    }

    function test_setTerms() public {
        _fillPair(20 * M, 80 * M);
        address senior = address(tranches[1]);
        vm.expectRevert(abi.encodeWithSelector(HaloBook.NotAuthorized.selector, Roles.DEFAULT_ADMIN));
        book.setTerms(senior, 1, 1);
        vm.startPrank(governance);
        vm.expectRevert(abi.encodeWithSelector(BookShares.NotUnit.selector, governance));
        book.setTerms(governance, 1, 1);
        vm.expectRevert(abi.encodeWithSelector(HaloBook.BadParameter.selector, bytes32("annualBps")));
        book.setTerms(senior, 10_001, 1);
        vm.expectRevert(abi.encodeWithSelector(HaloBook.BadParameter.selector, bytes32("minCoverBps")));
        book.setTerms(senior, 1, 10_000);
        vm.expectEmit(address(book));
        emit HaloBook.TermsSet(senior, 10_000, 9999);
        book.setTerms(senior, 10_000, 9999);
        vm.stopPrank();
        vm.assertEq(_indexAt(1), RAY, "no price moves by it");
        skip(73 days);
        _report(100 * M * one);
        vm.assertEq(_indexAt(1), RAY * 12 / 10, "the new rate");
    }

    // --- Burns ---

    function test_burn() public {
        _fillPair(20 * M, 80 * M);
        vm.expectRevert(abi.encodeWithSelector(BookShares.NotUnit.selector, address(this)));
        book.onBurn(1);
        vm.prank(address(tranches[1]));
        vm.expectEmit(address(book));
        emit HaloBook.Burned(address(tranches[1]), 8 * M * 1e18);
        book.onBurn(8 * M * 1e18);
        _assertValues(28 * M * one, 72 * M * one, "a senior's claim falls to the junior");
        vm.prank(address(tranches[0]));
        book.onBurn(10 * M * 1e18);
        vm.assertEq(_indexAt(0), RAY * 28 / 10, "a junior's share to the other juniors");
        vm.assertEq(book.totalShares(), 82 * M * 1e18, "shares");
        vm.assertEq(book.nav(), 100 * M * one, "no value moved");
    }

    /// @dev A burn is no settlement: a fall in small steps is still measured from the height.
    function test_burn_keepsTheReviewAnchor() public {
        _fillPair(20 * M, 80 * M);
        skip(1);
        _report(99_500_000 * one);
        vm.prank(address(tranches[1]));
        book.onBurn(1);
        skip(1);
        _report(98_999_999 * one);
        vm.assertTrue(book.underReview(), "1 % from the height");
    }

    // --- Units of a tranched Book ---

    function test_addUnit_onePerTranche() public {
        HaloUnit again = _freshUnit(1);
        vm.startPrank(factory);
        vm.expectRevert(HaloBook.CannotAddUnit.selector);
        book.addUnit(address(again), 1, 0, 0);
        // Its own idea of its rank must agree.
        vm.expectRevert(abi.encodeWithSelector(BookShares.NotUnit.selector, address(again)));
        book.addUnit(address(again), 2, 0, 0);
        vm.stopPrank();
        HaloUnit fifth = _freshUnit(4);
        vm.startPrank(factory);
        vm.expectRevert(HaloBook.CannotAddUnit.selector);
        book.addUnit(address(fifth), 4, 0, 0);
        vm.stopPrank();
        HaloUnit mezzanine = _freshUnit(2);
        vm.startPrank(factory);
        vm.expectRevert(abi.encodeWithSelector(HaloBook.BadParameter.selector, bytes32("annualBps")));
        book.addUnit(address(mezzanine), 2, 10_001, 0);
        vm.expectRevert(abi.encodeWithSelector(HaloBook.BadParameter.selector, bytes32("minCoverBps")));
        book.addUnit(address(mezzanine), 2, 0, 10_000);
        book.addUnit(address(mezzanine), 2, 10_000, 9999);
        vm.stopPrank();
        vm.assertEq(book.trancheValues().length, 3, "three tranches");
    }

    function test_views_unknownUnit() public {
        bytes memory unknown = abi.encodeWithSelector(BookShares.NotUnit.selector, stranger);
        vm.expectRevert(unknown);
        book.targetOf(stranger);
        vm.expectRevert(unknown);
        book.subscribeHeadroom(stranger);
        vm.expectRevert(unknown);
        book.redeemHeadroom(stranger);
    }

    /// @dev In the order that the settler is not meant to keep, headrooms still hold.
    function test_settle_anyOrderKeepsTheCover() public {
        _fillPair(20 * M, 60 * M);
        _use(0);
        _fund(20 * M * one);
        _redeem(alice, 20 * M * 1e18);
        _use(1);
        _subscribe(bob, 20 * M * one);
        for (uint256 order; order < 2; ++order) {
            uint256 snapshot = vm.snapshotState();
            _lockAll();
            skip(1 hours);
            _report(80 * M * one);
            _settleAt(order, MAX, MAX);
            _settleAt(1 - order, MAX, MAX);
            vm.assertEq(book.cover(), 2000, "at the limit, whoever came first");
            vm.revertToState(snapshot);
        }
    }
}
