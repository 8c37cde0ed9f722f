// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { HaloBook } from "src/book/HaloBook.sol";
import { MigrationPlan, PlanStep, PlanUnit, Progress } from "src/emergency/EmergencyTypes.sol";
import { Migration } from "src/emergency/Migration.sol";
import { MigrationVault } from "src/emergency/MigrationVault.sol";
import { HaloUnit } from "src/lcts/HaloUnit.sol";
import { ArtifactKind } from "src/registry/ArtifactRegistry.sol";
import { MigrationBase } from "test/emergency/MigrationBase.sol";

/// @notice What a plan must be to start, and within which limits its steps move value.
contract MigrationPlanTest is MigrationBase {
    // --- What a plan must be ---

    function test_a_plan_that_is_not_in_the_artifact() public {
        MigrationPlan memory p = _plan();
        steward = _takeOver();
        vm.startPrank(conserver);
        vm.expectRevert(abi.encodeWithSelector(Migration.PlanNotApproved.selector, _hash(p)));
        steward.announce(_hash(p), noProof);
        vm.stopPrank();
        _ratify(_hash(p));
        _announce(p);
        // Announced once, with the delay of the first time.
        vm.prank(conserver);
        vm.expectRevert(abi.encodeWithSelector(Migration.PlanRunning.selector, _hash(p)));
        steward.announce(_hash(p), noProof);
        skip(DELAY);
        postReport(reporter, book.nav());

        // A plan that differs in one word is another plan.
        MigrationPlan memory q = _plan();
        q.steps[1].destination = conserver;
        vm.prank(conserver);
        vm.expectRevert(abi.encodeWithSelector(Migration.PlanNotApproved.selector, _hash(q)));
        steward.migrate(q, noProof);

        // Withdrawn by Sky, replaced by the Halo: it does not start.
        bytes32 id = artifacts.idOf(ArtifactKind.HALO, HALO_ID);
        (uint64 number,,,) = artifacts.head(id);
        uint256 snapshot = vm.snapshotState();
        vm.prank(sky);
        artifacts.revoke(id, number, "reason");
        vm.prank(conserver);
        vm.expectRevert(abi.encodeWithSelector(Migration.PlanNotApproved.selector, _hash(p)));
        steward.migrate(p, noProof);
        vm.revertToState(snapshot);
        _ratify("another");
        vm.prank(conserver);
        vm.expectRevert(abi.encodeWithSelector(Migration.PlanNotApproved.selector, _hash(p)));
        steward.migrate(p, noProof);
    }

    /// @dev A Halo of several Classes commits to the root of a tree of plans.
    function test_a_plan_among_others() public {
        MigrationPlan memory p = _plan();
        bytes32 other = keccak256("the plan of another Class");
        (bytes32 a, bytes32 b) = _hash(p) < other ? (_hash(p), other) : (other, _hash(p));
        _ratify(keccak256(abi.encodePacked(a, b)));
        steward = _takeOver();
        bytes32[] memory proof = new bytes32[](1);
        proof[0] = other;
        vm.startPrank(conserver);
        vm.expectRevert(abi.encodeWithSelector(Migration.PlanNotApproved.selector, _hash(p)));
        steward.announce(_hash(p), noProof);
        steward.announce(_hash(p), proof);
        skip(DELAY);
        postReport(reporter, book.nav());
        steward.migrate(p, proof);
        vm.stopPrank();
    }

    function test_the_delay_of_a_plan() public {
        MigrationPlan memory p = _plan();
        _ratify(_hash(p));
        steward = _takeOver();
        vm.prank(conserver);
        vm.expectRevert(abi.encodeWithSelector(Migration.PlanNotReady.selector, DELAY));
        steward.migrate(p, noProof);
        _announce(p);
        uint64 readyAt = uint64(block.timestamp) + DELAY;
        vm.warp(readyAt - 1);
        postReport(reporter, book.nav());
        vm.prank(conserver);
        vm.expectRevert(abi.encodeWithSelector(Migration.PlanNotReady.selector, readyAt));
        steward.migrate(p, noProof);
        vm.warp(p.deadline + 1);
        vm.prank(conserver);
        vm.expectRevert(abi.encodeWithSelector(Migration.PlanExpired.selector, p.deadline));
        steward.migrate(p, noProof);
    }

    function test_the_final_report() public {
        MigrationPlan memory p = _plan();
        _ratify(_hash(p));
        steward = _takeOver();
        postReport(reporter, book.nav());
        skip(1);
        _announce(p);
        skip(DELAY);
        vm.prank(conserver);
        vm.expectRevert(Migration.FinalReportMissing.selector);
        steward.migrate(p, noProof);
        // One that waits for its second key is none.
        postReport(reporter, 900_000e18);
        vm.prank(conserver);
        vm.expectRevert(Migration.FinalReportMissing.selector);
        steward.migrate(p, noProof);
    }

    function test_a_plan_that_does_not_fit_the_class() public {
        for (uint256 i; i < 8; ++i) {
            uint256 snapshot = vm.snapshotState();
            MigrationPlan memory p = _plan();
            if (i == 0) p.sourceClass = "another";
            if (i == 1) p.units = new PlanUnit[](0);
            if (i == 2) p.units[0].unit = address(target);
            if (i == 3) p.units[0].target = address(unit);
            if (i == 4) p.units[0].minRatio = 0;
            // A Unit of worth is not left behind.
            if (i == 5) p.units[0].target = address(0);
            if (i == 6) (p.units = new PlanUnit[](2))[1] = PlanUnit(address(unit), address(target), RAY);
            if (i == 7) p.units[0].target = _unitOfUsdc();
            _ready(p);
            vm.prank(conserver);
            vm.expectRevert(Migration.PlanMismatch.selector);
            steward.migrate(p, noProof);
            vm.revertToState(snapshot);
        }
    }

    function _unitOfUsdc() private returns (address other) {
        other = makeAddr("a Unit of another asset");
        vm.mockCall(other, abi.encodeWithSignature("asset()"), abi.encode(address(usdc)));
    }

    // --- Steps ---

    function test_steps_keep_order_and_limits() public {
        MigrationPlan memory p = _plan();
        p.dailyLimits[0].max = 600_000e18;
        p.steps[0].max = 500_000e18;
        usds.mint(address(custody), 10_000e18);
        _ready(p);
        _migrate(p);
        vm.startPrank(conserver);
        vm.expectRevert(abi.encodeWithSelector(Migration.StepExceedsLimit.selector, 500_000e18));
        steward.runStep(p, 0, 500_000e18 + 1);
        steward.runStep(p, 0, 499_999e18);
        vm.expectRevert(abi.encodeWithSelector(Migration.StepExceedsLimit.selector, 1e18));
        steward.runStep(p, 0, 1e18 + 1);
        vm.expectRevert(Migration.PlanMismatch.selector);
        steward.runStep(p, 2, 1);
        steward.runStep(p, 1, 4_000e18);
        vm.assertEq(usds.balanceOf(_treasury()), 4_000e18, "to the treasury");
        vm.assertEq(book.nav(), 996_000e18, "gone from NAV at once");
        vm.expectRevert(abi.encodeWithSelector(Migration.StepClosed.selector, 0));
        steward.runStep(p, 0, 1);
        vm.expectRevert(abi.encodeWithSelector(Migration.StepExceedsLimit.selector, 1_000e18));
        steward.runStep(p, 1, 1_000e18 + 1);
        MigrationPlan memory q = _plan();
        vm.expectRevert(Migration.PlanMismatch.selector);
        steward.runStep(q, 1, 1);
        vm.stopPrank();
    }

    function test_daily_limits() public {
        MigrationPlan memory p = _plan();
        _ready(p);
        _migrate(p);
        vm.warp((block.timestamp / 1 days + 1) * 1 days - 1);
        vm.startPrank(conserver);
        steward.runStep(p, 0, 400_000e18);
        vm.expectRevert(abi.encodeWithSelector(Migration.DailyLimitExceeded.selector, 0));
        steward.runStep(p, 0, 1);
        skip(1);
        vm.expectRevert(abi.encodeWithSelector(Migration.DailyLimitExceeded.selector, 400_000e18));
        steward.runStep(p, 0, 400_000e18 + 1);
        steward.runStep(p, 0, 400_000e18);
        vm.stopPrank();
    }

    function test_an_asset_without_a_daily_limit_does_not_move() public {
        MigrationPlan memory p = _plan();
        p.steps[1].asset = address(usdc);
        _ready(p);
        _migrate(p);
        usdc.mint(address(custody), 1e6);
        vm.prank(conserver);
        vm.expectRevert(abi.encodeWithSelector(Migration.DailyLimitExceeded.selector, 0));
        steward.runStep(p, 1, 1e6);
    }

    /// @dev What leaves by the ConserverController leaves by the conserver's hand, who is not the second key for it.
    function test_I17_the_conserver_does_not_review_its_own_step() public {
        MigrationPlan memory p = _plan();
        p.steps[1].max = 100_000e18;
        _ready(p);
        _migrate(p);
        _step(p, 1, 100_000e18);
        vm.assertTrue(book.underReview(), "a tenth of the Class");
        uint64 seq = reporter.lastSeq();
        vm.startPrank(conserver);
        vm.expectRevert(HaloBook.SameKey.selector);
        reporter.confirm(seq);
        vm.expectRevert(HaloBook.SameKey.selector);
        reporter.reject(seq);
        vm.stopPrank();
    }

    /// @dev Two Units of one Book: neither vault gets what belongs to the other, and neither leaves without the other.
    function test_units_of_one_book_leave_together() public {
        HaloUnit second = _deployUnitIn(CLASS_ID, "second");
        _activate(address(second));
        _invest(second, bravo, 200_000e18);
        HaloUnit after_ = _deployTarget("after");
        MigrationPlan memory p = _plan();
        PlanUnit memory first = p.units[0];
        p.units = new PlanUnit[](2);
        (p.units[0], p.units[1]) = (first, PlanUnit(address(second), address(after_), 0.99e27));
        p.steps[0].max = MAX;
        p.steps[1] = PlanStep(address(usds), address(second), MAX);
        p.dailyLimits[0].max = MAX;
        _ready(p);
        _migrate(p);
        vm.startPrank(conserver);
        vm.expectRevert(abi.encodeWithSelector(Migration.AboveEntitlement.selector, 1_000_000e18));
        steward.runStep(p, 0, 1_000_000e18 + 1);
        steward.runStep(p, 0, 1_000_000e18);
        vm.expectRevert(abi.encodeWithSelector(Migration.AboveEntitlement.selector, 200_000e18));
        steward.runStep(p, 1, 200_000e18 + 1);
        steward.runStep(p, 1, 200_000e18);
        vm.expectRevert(abi.encodeWithSelector(Migration.AboveEntitlement.selector, 0));
        steward.runStep(p, 1, 1);
        vm.stopPrank();
        MigrationVault other = MigrationVault(steward.vaultOf(address(second)));
        vm.prank(haloProxy);
        after_.setEntrant(address(other), true);
        _beat(after_, "after");
        other.enter();
        _epoch(after_);
        vm.assertTrue(other.isReached() && !vault_.isReached(), "one is ready");
        vm.prank(conserver);
        vm.expectRevert(abi.encodeWithSelector(Migration.VaultNotReady.selector, address(unit)));
        steward.conclude();
        // It waits, and at the deadline both fail.
        vm.warp(p.deadline + 1);
        steward.conclude();
        vm.assertTrue(other.progress() == Progress.FAILED, "neither leaves alone");
        vm.assertTrue(vault_.progress() == Progress.FAILED, "together");
    }

    /// @dev A loss while the migration runs lowers what every vault may still get.
    function test_a_loss_underway_is_shared() public {
        MigrationPlan memory p = _plan();
        p.dailyLimits[0].max = MAX;
        _ready(p);
        _migrate(p);
        vm.startPrank(conserver);
        steward.runStep(p, 0, 500_000e18);
        book.applyLoss(200_000e18, "evidence");
        vm.expectRevert(abi.encodeWithSelector(Migration.AboveEntitlement.selector, 300_000e18));
        steward.runStep(p, 0, 300_000e18 + 1);
        steward.runStep(p, 0, 300_000e18);
        vm.stopPrank();
    }
}
