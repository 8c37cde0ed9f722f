// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { ConserverController } from "src/emergency/ConserverController.sol";
import { DailyLimit, MigrationPlan, PlanStep, PlanUnit } from "src/emergency/EmergencyTypes.sol";
import { MigrationVault } from "src/emergency/MigrationVault.sol";
import { HaloUnit } from "src/lcts/HaloUnit.sol";
import { ArtifactKind } from "src/registry/ArtifactRegistry.sol";
import { EmergencyBase } from "test/emergency/EmergencyBase.sol";

/// @notice A Class whose Unit three Primes hold (600,000, 300,000 and 100,000 shares at 1), a Class to migrate to, and a
///         plan for it in the Halo artifact.
abstract contract MigrationBase is EmergencyBase {
    HaloUnit internal target;
    ConserverController internal steward;
    MigrationVault internal vault_;
    bytes32[] internal noProof;

    function setUp() public virtual override {
        super.setUp();
        _investAll();
        target = _deployTarget("next");
    }

    function _investAll() internal {
        _subscribe(unit, alfa, 600_000e18);
        _subscribe(unit, bravo, 300_000e18);
        _subscribe(unit, carbon, 100_000e18);
        _epoch(unit);
        address[3] memory holders = [alfa, bravo, carbon];
        for (uint256 i; i < 3; ++i) {
            uint256 shares = unit.maxMint(holders[i]);
            vm.prank(holders[i]);
            unit.mint(shares, holders[i]);
        }
    }

    // --- The plan ---

    /// @dev All of the Unit's value to its vault, 400,000 a day; a treasury may get what is left over.
    function _plan() internal view returns (MigrationPlan memory p) {
        p.sourceClass = CLASS_ID;
        p.deadline = uint64(START + 60 days);
        p.units = new PlanUnit[](1);
        p.units[0] = PlanUnit(address(unit), address(target), 0.99e27);
        p.steps = new PlanStep[](2);
        p.steps[0] = PlanStep(address(usds), address(unit), 1_000_000e18);
        p.steps[1] = PlanStep(address(usds), _treasury(), 5_000e18);
        p.dailyLimits = new DailyLimit[](1);
        p.dailyLimits[0] = DailyLimit(address(usds), 400_000e18);
    }

    function _treasury() internal pure returns (address) {
        return address(uint160(uint256(keccak256("treasury"))));
    }

    function _hash(MigrationPlan memory p) internal pure returns (bytes32) {
        return keccak256(abi.encode(p));
    }

    function _ratify(bytes32 paramsHash) internal {
        approveParams(artifacts.idOf(ArtifactKind.HALO, HALO_ID), paramsHash);
    }

    /// @dev To the moment at which the migration may begin: ratified, taken over, announced, waited, reported.
    function _ready(MigrationPlan memory p) internal {
        _ratify(_hash(p));
        steward = _takeOver();
        _announce(p);
        skip(DELAY);
        postReport(reporter, book.nav());
    }

    function _announce(MigrationPlan memory p) internal {
        vm.prank(conserver);
        steward.announce(_hash(p), noProof);
    }

    function _migrate(MigrationPlan memory p) internal {
        vm.prank(conserver);
        steward.migrate(p, noProof);
        vault_ = MigrationVault(steward.vaultOf(address(unit)));
    }

    function _step(MigrationPlan memory p, uint256 i, uint256 amount) internal {
        vm.prank(conserver);
        steward.runStep(p, i, amount);
    }

    /// @dev Everything as it should go until the new shares are claimable: three days of steps, entry, one epoch there.
    function _moveAll(MigrationPlan memory p) internal {
        _enterAll(p);
        _epoch(target);
    }

    /// @dev Three days of steps, and all that they brought waits at the new Unit.
    function _enterAll(MigrationPlan memory p) internal {
        _ready(p);
        _migrate(p);
        _letIn();
        _step(p, 0, 400_000e18);
        skip(1 days);
        _step(p, 0, 400_000e18);
        skip(1 days);
        _step(p, 0, 200_000e18);
        _enterTarget();
    }

    /// @dev The new Unit's governance makes the vault an entrant.
    function _letIn() internal {
        vm.prank(haloProxy);
        target.setEntrant(address(vault_), true);
    }

    function _enterTarget() internal {
        _beat(target, "next");
        vault_.enter();
    }

    function _conclude() internal {
        vm.prank(conserver);
        steward.conclude();
    }

    function _swap(address who, uint256 shares) internal returns (uint256 newShares, uint256 assets) {
        vm.startPrank(who);
        unit.approve(address(vault_), shares);
        (newShares, assets) = vault_.swap(shares, who);
        vm.stopPrank();
    }
}
