// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { HaloBook } from "src/book/HaloBook.sol";
import { PositionReporter } from "src/book/PositionReporter.sol";
import { ConserverController } from "src/emergency/ConserverController.sol";
import { MigrationPlan, Progress } from "src/emergency/EmergencyTypes.sol";
import { Migration } from "src/emergency/Migration.sol";
import { MigrationVault } from "src/emergency/MigrationVault.sol";
import { HaloUnit } from "src/lcts/HaloUnit.sol";
import { UnitState } from "src/lcts/UnitTypes.sol";
import { ControllerSurface } from "src/pau/ControllerSurface.sol";
import { RateLimitKeys } from "src/pau/RateLimitKeys.sol";
import { Roles } from "src/pau/Roles.sol";
import { MigrationBase } from "test/emergency/MigrationBase.sol";

/// @notice Migrations from end to end with real Units: those that succeed, those that fail, and the Halo's own.
contract MigrationTest is MigrationBase {
    // --- End to end ---

    function test_migration_end_to_end() public {
        MigrationPlan memory p = _plan();
        _moveAll(p);
        uint256 claimable = target.maxMint(address(vault_));
        vm.assertEq(claimable, 1_000_000e18, "the vault entered as anybody does");
        vm.assertEq(book.nav(), 1_000_000e18, "until the end the value is the old Class's");
        vm.assertTrue(unit.state() == UnitState.FROZEN, "and its Unit stands still");
        _conclude();
        vm.assertTrue(steward.progress() == Progress.SUCCEEDED, "succeeded");
        vm.assertEq(book.nav(), 0, "now it is the vault's");
        vm.assertTrue(unit.state() == UnitState.WINDING_DOWN, "exits are open");

        (uint256 a, uint256 dustA) = _swap(alfa, 600_000e18);
        vm.assertEq(a, 600_000e18, "alfa's part");
        vm.assertEq(dustA, 0, "all was converted");
        (uint256 b,) = _swap(bravo, 150_000e18);
        (uint256 c,) = _swap(carbon, 100_000e18);
        (uint256 d,) = _swap(bravo, 150_000e18);
        vm.assertEq(b + d, 300_000e18, "bravo's, in two");
        vm.assertEq(c, 100_000e18, "carbon's");
        vm.assertEq(unit.totalSupply(), 0, "no old share is left");
        vm.assertEq(target.balanceOf(address(vault_)), 0, "nor a new one in the vault");
        vm.assertEq(target.totalSupply(), 1_000_000e18, "no new share without assets");
        vm.prank(haloProxy);
        vm.expectRevert();
        unit.close();
        vm.prank(sky);
        guard.returnControl(haloProxy);
        vm.prank(haloProxy);
        unit.close();
        vm.assertTrue(unit.state() == UnitState.CLOSED, "the old Unit ends");
    }

    /// @dev The target's price is not 1, its intake is cut short, and the rest stays in assets: each old share has its part
    /// of both.
    function test_swap_pro_rata_of_shares_and_of_what_was_not_converted() public {
        _invest(target, bravo, 3_333_333e18);
        skip(1 days);
        postReport(_reporterOf(target), 3_334_444e18);
        MigrationPlan memory p = _plan();
        p.units[0].minRatio = 0.5e27;
        _enterAll(p);
        _lock(target);
        skip(1 hours);
        postReport(_reporterOf(target), 3_334_444e18);
        _settle(target, 700_000e18, 0);
        _conclude();
        uint256 newShares = target.balanceOf(address(vault_));
        vm.assertEq(usds.balanceOf(address(vault_)), 300_000e18, "what was not taken in came back");
        vm.assertLt(newShares, 700_000e18, "dearer than 1");

        (uint256 sa, uint256 aa) = _swap(alfa, 600_000e18);
        (uint256 sb, uint256 ab) = _swap(bravo, 300_000e18);
        (uint256 sc, uint256 ac) = _swap(carbon, 100_000e18);
        vm.assertEq(sa + sb + sc, newShares, "every new share went to someone");
        vm.assertEq(aa + ab + ac, 300_000e18, "every asset unit too");
        vm.assertApproxEqAbs(sa, newShares * 6 / 10, 2, "alfa's shares");
        vm.assertApproxEqAbs(sc, newShares / 10, 2, "carbon's shares");
        vm.assertApproxEqAbs(aa, 180_000e18, 2, "alfa's assets");
    }

    function test_those_who_wait_in_the_old_queues_keep_what_is_theirs() public {
        _subscribe(unit, alfa, 50_000e18);
        _redeem(unit, carbon, 100_000e18);
        MigrationPlan memory p = _plan();
        _moveAll(p);
        _conclude();
        vm.prank(alfa);
        (uint256 assets,) = unit.exitDeposit(alfa, alfa);
        vm.assertEq(assets, 50_000e18, "unconverted principal");
        vm.prank(carbon);
        (uint256 shares,) = unit.exitRedeem(carbon, carbon);
        vm.assertEq(shares, 100_000e18, "unredeemed shares");
        (uint256 newShares,) = _swap(carbon, 100_000e18);
        vm.assertEq(newShares, 100_000e18, "swap like the others");
    }

    /// @dev Whoever does not swap redeems at what is left in the Class: here nothing, then what comes home later.
    function test_value_that_comes_home_later_is_for_those_who_did_not_swap() public {
        MigrationPlan memory p = _plan();
        p.units[0].minRatio = 0.9e27;
        p.steps[0].max = 900_000e18;
        _ready(p);
        _migrate(p);
        _letIn();
        for (uint256 i; i < 3; ++i) {
            _step(p, 0, 300_000e18);
            skip(1 days);
        }
        _enterTarget();
        _epoch(target);
        _conclude();
        vm.assertEq(book.nav(), 100_000e18, "a tenth stays");
        _swap(alfa, 600_000e18);
        _swap(bravo, 300_000e18);
        vm.assertEq(book.indexOf(address(unit)), RAY, "carbon alone has the rest");

        address clerk = makeAddr("clerk");
        vm.startPrank(conserver);
        steward.setSettler(clerk);
        steward.fundRedemptions(address(unit), 100_000e18);
        vm.stopPrank();
        _confirm();
        _redeem(unit, carbon, 100_000e18);
        _epoch(unit);
        vm.prank(carbon);
        unit.withdraw(100_000e18, carbon, carbon);
        vm.assertEq(usds.balanceOf(carbon), 100_000e18, "paid in full");
    }

    /// @dev A Prime swaps with the facet and the kind of limit that it has for entering Units: no new code on its side.
    function test_a_prime_swaps_with_the_facet_that_it_has() public {
        MigrationPlan memory p = _plan();
        _moveAll(p);
        _conclude();
        bytes32 key = RateLimitKeys.erc7540Deposit(address(unit), address(vault_));
        bytes32[] memory facets = new bytes32[](1);
        facets[0] = "ERC7540_FACET";
        vm.startPrank(primeSubProxy);
        primeProxy.grantRole(CONTROLLER_ROLE, address(primeController));
        primeLimits.grantRole(CONTROLLER_ROLE, address(primeController));
        primeAcl.grantRole(Roles.ALLOCATOR, relayer);
        primeController.syncIntegrations(new bytes32[](0), facets);
        primeLimits.setRateLimitData(key, 600_000e18, 0, 600_000e18, block.timestamp);
        vm.stopPrank();
        vm.startPrank(relayer);
        ControllerSurface(address(primeController)).erc7540_requestDeposit(address(vault_), 600_000e18);
        vm.expectRevert();
        ControllerSurface(address(primeController)).erc7540_requestDeposit(address(vault_), 1);
        vm.stopPrank();
        vm.assertEq(target.balanceOf(alfa), 600_000e18, "new shares");
        vm.assertEq(unit.balanceOf(alfa), 0, "for the old ones");
        vm.assertEq(unit.allowance(alfa, address(vault_)), 0, "no allowance is left");
        vm.assertEq(primeLimits.getCurrentRateLimit(key), 0, "within the limit");
    }

    // --- A migration that fails ---

    function test_failure_gives_everything_home() public {
        MigrationPlan memory p = _plan();
        _ready(p);
        _migrate(p);
        _letIn();
        _step(p, 0, 400_000e18);
        skip(1 days);
        _step(p, 0, 100_000e18);
        _enterTarget();
        _lock(target);
        skip(1 hours);
        _settle(target, 200_000e18, 0);
        // Half is in the vault's name over there, a fifth of all as shares, and the deadline passes.
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSignature("NotSteward(address)", stranger));
        steward.conclude();
        vm.prank(conserver);
        vm.expectRevert(abi.encodeWithSelector(Migration.VaultNotReady.selector, address(unit)));
        steward.conclude();
        vm.warp(p.deadline + 1);
        vm.prank(conserver);
        vm.expectRevert(abi.encodeWithSelector(Migration.PlanExpired.selector, p.deadline));
        steward.runStep(p, 0, 1);
        vm.expectRevert(abi.encodeWithSelector(MigrationVault.TooLate.selector, p.deadline));
        vault_.enter();
        vm.prank(stranger);
        steward.conclude();
        vm.assertTrue(steward.progress() == Progress.FAILED, "failed");
        vm.assertEq(book.nav(), 1_000_000e18, "nobody's share changed");
        vm.expectRevert(abi.encodeWithSelector(MigrationVault.WrongProgress.selector, Progress.FAILED));
        vm.prank(alfa);
        vault_.swap(1, alfa);

        vm.prank(stranger);
        vault_.giveBack();
        vm.assertEq(usds.balanceOf(address(custody)), 800_000e18, "what was not converted is home");
        // The new shares are redeemed over there like anybody's.
        vm.prank(stranger);
        vault_.redeemBack();
        _fundTarget(200_000e18);
        _epoch(target);
        vault_.giveBack();
        vm.assertEq(usds.balanceOf(address(custody)), 1_000_000e18, "everything is home");
        vm.assertEq(target.totalSupply(), 0, "and nothing there");

        // The fallback: the old Unit winds down and redeems.
        address clerk = makeAddr("clerk");
        vm.startPrank(conserver);
        steward.setSettler(clerk);
        steward.fundRedemptions(address(unit), 1_000_000e18);
        vm.stopPrank();
        _redeem(unit, alfa, 600_000e18);
        _epoch(unit);
        vm.prank(alfa);
        unit.withdraw(600_000e18, alfa, alfa);
        vm.assertEq(usds.balanceOf(alfa), 600_000e18, "paid in full");
    }

    function test_after_a_failure_another_plan_may_follow_after_a_success_none() public {
        MigrationPlan memory p = _plan();
        _ready(p);
        _migrate(p);
        MigrationPlan memory q = _plan();
        q.deadline += 200 days;
        _ratify(_hash(q));
        _announce(q);
        skip(DELAY);
        postReport(reporter, book.nav());
        vm.prank(conserver);
        vm.expectRevert(abi.encodeWithSelector(Migration.PlanRunning.selector, _hash(p)));
        steward.migrate(q, noProof);
        vm.warp(p.deadline + 1);
        steward.conclude();
        // The exits are open by now; a new migration asks for a new freeze and a new report.
        postReport(reporter, book.nav());
        vm.prank(conserver);
        vm.expectRevert(abi.encodeWithSelector(Migration.NotFrozen.selector, address(unit)));
        steward.migrate(q, noProof);
        vm.prank(conserver);
        guard.freezeClass();
        address first = address(vault_);
        _migrate(q);
        vm.assertTrue(address(vault_) != first, "a vault of its own");
        _letIn();
        for (uint256 i; i < 3; ++i) {
            _step(q, 0, 330_000e18);
            skip(1 days);
        }
        _step(q, 0, 10_000e18);
        _enterTarget();
        _epoch(target);
        _conclude();
        vm.prank(conserver);
        guard.freezeClass();
        q.deadline += 1;
        _ratify(_hash(q));
        _announce(q);
        skip(DELAY);
        bytes32 done = steward.activePlan();
        vm.prank(conserver);
        vm.expectRevert(abi.encodeWithSelector(Migration.PlanRunning.selector, done));
        steward.migrate(q, noProof);
        vm.expectRevert(Migration.NoPlanRunning.selector);
        steward.conclude();
    }

    function test_a_controller_that_lost_its_office_can_only_give_back() public {
        MigrationPlan memory p = _plan();
        _moveAll(p);
        vm.prank(sky);
        guard.returnControl(haloProxy);
        vm.prank(conserver);
        vm.expectRevert(abi.encodeWithSignature("NotSteward(address)", conserver));
        steward.runStep(p, 0, 1);
        vm.prank(stranger);
        steward.conclude();
        vm.assertTrue(
            steward.progress() == Progress.FAILED, "also before the deadline, and with the ratio reached"
        );
        vault_.redeemBack();
        _fundTarget(1_000_000e18);
        _epoch(target);
        vault_.giveBack();
        vm.assertEq(usds.balanceOf(address(custody)), 1_000_000e18, "home, for the new admin");
    }

    function test_conclusion_waits_for_a_locked_target() public {
        MigrationPlan memory p = _plan();
        _moveAll(p);
        _lock(target);
        vm.prank(conserver);
        vm.expectRevert(abi.encodeWithSelector(Migration.VaultNotReady.selector, address(unit)));
        steward.conclude();
        vm.warp(p.deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(Migration.VaultNotReady.selector, address(unit)));
        steward.conclude();
        // Anybody ends the lock, then anybody the migration; it has its ratio, so also late it succeeds.
        target.unlockStale();
        vm.prank(stranger);
        steward.conclude();
        vm.assertTrue(steward.progress() == Progress.SUCCEEDED, "success, late");
    }

    function test_a_locked_source_is_unlocked_on_the_way_out() public {
        _redeem(unit, carbon, 50_000e18);
        _lock(unit);
        MigrationPlan memory p = _plan();
        _moveAll(p);
        vm.assertTrue(unit.locked(), "still locked under the freeze");
        _conclude();
        vm.assertFalse(unit.locked(), "and open now");
        _swap(bravo, 300_000e18);
    }

    // --- By the Halo itself ---

    function test_the_halo_migrates_without_a_takeover() public {
        MigrationPlan memory p = _plan();
        _ratify(_hash(p));
        vm.startPrank(haloProxy);
        steward = ConserverController(guard.prepareMigration());
        steward.announce(_hash(p), noProof);
        skip(DELAY);
        postReport(reporter, book.nav());
        steward.migrate(p, noProof);
        vault_ = MigrationVault(steward.vaultOf(address(unit)));
        target.setEntrant(address(vault_), true);
        for (uint256 i; i < 3; ++i) {
            steward.runStep(p, 0, 330_000e18);
            skip(1 days);
        }
        steward.runStep(p, 0, 10_000e18);
        vm.stopPrank();
        _enterTarget();
        _epoch(target);
        vm.prank(haloProxy);
        steward.conclude();
        (uint256 newShares,) = _swap(alfa, 600_000e18);
        vm.assertEq(newShares, 600_000e18, "as in a takeover");
    }

    // --- Helpers ---

    function _reporterOf(HaloUnit at) private view returns (PositionReporter) {
        return PositionReporter(HaloBook(at.book()).reporter());
    }

    function _fundTarget(uint256 amount) private {
        address proxy = target.classProxy();
        vm.startPrank(proxy);
        usds.approve(address(target), amount);
        target.depositLiquidity(amount);
        vm.stopPrank();
    }

    /// @dev The second key on the fall that the conclusion booked.
    function _confirm() private {
        postReport(reporter, book.nav());
        (address third,) = attestor(2);
        uint64 seq = reporter.lastSeq();
        vm.prank(third);
        reporter.confirm(seq);
    }
}
