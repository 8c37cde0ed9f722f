// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { ConserverController } from "src/emergency/ConserverController.sol";
import { DailyLimit, MigrationPlan, PlanStep, PlanUnit, Progress } from "src/emergency/EmergencyTypes.sol";
import { Migration } from "src/emergency/Migration.sol";
import { MigrationVault } from "src/emergency/MigrationVault.sol";
import { ClassParams, UnitParams } from "src/factory/FactoryTypes.sol";
import { HaloUnit } from "src/lcts/HaloUnit.sol";
import { ArtifactKind } from "src/registry/ArtifactRegistry.sol";
import { EmergencyBase } from "test/emergency/EmergencyBase.sol";

/// @notice A tranched Class migrates: each tranche takes along what the waterfall says, and no tranche another's.
contract MigrationTranchesTest is EmergencyBase {
    HaloUnit private junior;
    HaloUnit private senior;
    HaloUnit private newJunior;
    HaloUnit private newSenior;
    ConserverController private steward;
    bytes32[] private noProof;

    function setUp() public override {
        super.setUp();
        junior = unit;
        senior = _deploySenior();
        _activate(address(senior));
        _invest(junior, carbon, 300_000e18);
        _invest(senior, alfa, 700_000e18);
        newJunior = _deployTarget("next");
        newSenior = _deployTarget("after");
    }

    function _classParams() internal override returns (ClassParams memory p) {
        p = classParams();
        p.book.mode = 1;
    }

    function _deploySenior() private returns (HaloUnit) {
        vm.prank(haloProxy);
        artifacts.create(ArtifactKind.UNIT, CLASS_ID, "senior of two");
        UnitParams memory p = _unitParams("senior of two");
        (p.tranche, p.annualBps, p.minCoverBps) = (1, 0, 1_000);
        bytes32 unitId = keccak256(abi.encode(CLASS_ID, keccak256(bytes(p.slug))));
        p.artifactId = artifacts.idOf(ArtifactKind.UNIT, unitId);
        approveParams(p.artifactId, keccak256(abi.encode(p)));
        vm.prank(deployer);
        return HaloUnit(factory.deployUnit(CLASS_ID, p).unit);
    }

    function _plan(uint256 juniorRatio) private view returns (MigrationPlan memory p) {
        p.sourceClass = CLASS_ID;
        p.deadline = uint64(START + 60 days);
        p.units = new PlanUnit[](2);
        p.units[0] =
            PlanUnit(address(junior), juniorRatio == 0 ? address(0) : address(newJunior), juniorRatio);
        p.units[1] = PlanUnit(address(senior), address(newSenior), 0.9e27);
        p.steps = new PlanStep[](2);
        p.steps[0] = PlanStep(address(usds), address(junior), MAX);
        p.steps[1] = PlanStep(address(usds), address(senior), MAX);
        p.dailyLimits = new DailyLimit[](1);
        p.dailyLimits[0] = DailyLimit(address(usds), MAX);
    }

    /// @dev Ratified, taken over, announced and waited; a loss is booked, and the attestors agree on what is left.
    function _ready(MigrationPlan memory p, uint256 loss) private {
        bytes32 hash = keccak256(abi.encode(p));
        approveParams(artifacts.idOf(ArtifactKind.HALO, HALO_ID), hash);
        steward = _takeOver();
        vm.startPrank(conserver);
        steward.announce(hash, noProof);
        if (loss > 0) book.applyLoss(loss, "evidence");
        vm.stopPrank();
        skip(DELAY);
        postReport(reporter, 1_000_000e18 - loss);
        if (loss == 0) return;
        (address third,) = attestor(2);
        uint64 seq = reporter.lastSeq();
        vm.prank(third);
        reporter.confirm(seq);
    }

    function _migrate(MigrationPlan memory p) private {
        vm.prank(conserver);
        steward.migrate(p, noProof);
    }

    /// @dev A loss of 100,000 is the junior's: its vault gets 200,000 at most, the senior's its whole claim.
    function test_each_tranche_takes_its_own() public {
        MigrationPlan memory p = _plan(0.6e27);
        _ready(p, 100_000e18);
        _migrate(p);
        vm.startPrank(conserver);
        vm.expectRevert(abi.encodeWithSelector(Migration.AboveEntitlement.selector, 200_000e18 - 1));
        steward.runStep(p, 0, 200_000e18);
        steward.runStep(p, 0, 200_000e18 - 1);
        vm.expectRevert(abi.encodeWithSelector(Migration.AboveEntitlement.selector, 700_000e18));
        steward.runStep(p, 1, 700_000e18 + 1);
        steward.runStep(p, 1, 700_000e18);
        vm.stopPrank();
        MigrationVault juniors = _enter(junior, newJunior, "next");
        MigrationVault seniors = _enter(senior, newSenior, "after");
        vm.prank(conserver);
        steward.conclude();
        vm.assertTrue(steward.progress() == Progress.SUCCEEDED, "both");
        vm.assertEq(book.nav(), 1, "a wei stays, which the junior's price had rounded off");
        vm.assertEq(_swap(juniors, junior, carbon), 200_000e18 - 1, "the junior bore the loss");
        vm.assertEq(_swap(seniors, senior, alfa), 700_000e18, "the senior did not");
    }

    /// @dev A wiped junior has no target; one with any worth is not left behind.
    function test_a_tranche_is_left_behind_only_when_it_is_worth_nothing() public {
        MigrationPlan memory p = _plan(0);
        uint256 snapshot = vm.snapshotState();
        _ready(p, 299_999e18);
        vm.prank(conserver);
        vm.expectRevert(Migration.PlanMismatch.selector);
        steward.migrate(p, noProof);
        vm.revertToState(snapshot);

        _ready(p, 300_000e18);
        _migrate(p);
        vm.assertEq(steward.vaultOf(address(junior)), address(0), "no vault for nothing");
        vm.startPrank(conserver);
        vm.expectRevert(Migration.PlanMismatch.selector);
        steward.runStep(p, 0, 1);
        steward.runStep(p, 1, 700_000e18);
        vm.stopPrank();
        MigrationVault seniors = _enter(senior, newSenior, "after");
        vm.prank(conserver);
        steward.conclude();
        vm.assertEq(_swap(seniors, senior, alfa), 700_000e18, "the senior whole");
    }

    function _enter(HaloUnit from, HaloUnit to, string memory slug) private returns (MigrationVault vault) {
        vault = MigrationVault(steward.vaultOf(address(from)));
        vm.prank(haloProxy);
        to.setEntrant(address(vault), true);
        _beat(to, slug);
        vault.enter();
        _epoch(to);
    }

    function _swap(MigrationVault vault, HaloUnit from, address who) private returns (uint256 newShares) {
        uint256 shares = from.balanceOf(who);
        vm.startPrank(who);
        from.approve(address(vault), shares);
        (newShares,) = vault.swap(shares, who);
        vm.stopPrank();
    }
}
