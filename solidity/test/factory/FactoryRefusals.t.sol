// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { DeploymentChecks } from "src/factory/DeploymentChecks.sol";
import { ClassParams, UnitParams } from "src/factory/FactoryTypes.sol";
import { LaniakeaFactory } from "src/factory/LaniakeaFactory.sol";
import { TemplateDeployer } from "src/factory/TemplateDeployer.sol";
import { TemplateKind, TemplateRegistry } from "src/factory/TemplateRegistry.sol";
import { ALMProxy } from "src/pau/ALMProxy.sol";
import { Controller } from "src/pau/Controller.sol";
import { ControllerSurface } from "src/pau/ControllerSurface.sol";
import { PsmFacet } from "src/pau/facets/PsmFacet.sol";
import { ArtifactKind } from "src/registry/ArtifactRegistry.sol";
import { BeaconClass } from "src/registry/BeaconRegistry.sol";
import { Governed } from "src/registry/Governed.sol";
import { ClassAddresses } from "src/registry/RegistryTypes.sol";
import { UnitRegistry } from "src/registry/UnitRegistry.sol";
import { HaloBase } from "test/factory/HaloBase.sol";
import { ClingingAccessControls, DecimalsToken, OtherAccessControls } from "test/mocks/factory/Misfits.sol";

/// @notice Every way in which the factory says no, and that it then leaves nothing behind.
contract FactoryRefusalsTest is HaloBase {
    // --- Approval ---

    /// @dev One bit of any kind of field, after approval.
    function test_parametersThatDifferByOneBitAreRefused() public {
        ClassParams memory approved = classParams();
        approveParams(approved.artifactId, keccak256(abi.encode(approved)));
        for (uint256 i; i < 9; ++i) {
            ClassParams memory p = classParams();
            if (i == 0) p.salt ^= bytes32(uint256(1));
            else if (i == 1) p.limits[0].maxAmount ^= 1;
            else if (i == 2) p.limits[2].slope ^= 1;
            else if (i == 3) p.admins[0] = flip(p.admins[0]);
            else if (i == 4) p.relayer = flip(p.relayer);
            else if (i == 5) p.threshold ^= 1;
            else if (i == 6) p.book.maxReportAge ^= 1;
            else if (i == 7) p.psm.maxFeeWad ^= 1;
            else p.facets[3] ^= bytes32(uint256(1));
            expectClass(p, mismatch(abi.encode(approved), abi.encode(p)));
        }
        vm.prank(deployer);
        factory.deployClass(approved);
    }

    function testFuzz_oneBitOfAnyUnitNumber(uint8 field, uint8 bit) public {
        deployClass(classParams());
        UnitParams memory approved = unitParams();
        approveParams(approved.artifactId, keccak256(abi.encode(approved)));
        UnitParams memory p = unitParams();
        uint256 mask = 1 << bit;
        field = uint8(bound(field, 0, 6));
        if (field == 0) p.cap ^= mask;
        else if (field == 1) p.epochSubscribeCap ^= mask;
        else if (field == 2) p.epochRedeemCap ^= mask;
        else if (field == 3) p.minSubscribe ^= mask;
        else if (field == 4) p.minRedeem ^= mask;
        else if (field == 5) p.salt ^= bytes32(mask);
        else p.minEpochGap ^= uint32(1 << bound(bit, 0, 31));
        expectUnit(p, mismatch(abi.encode(approved), abi.encode(p)));
    }

    function test_onlyADeployer() public {
        ClassParams memory p = classParams();
        UnitParams memory u = unitParams();
        address[5] memory callers = [stranger, sky, council, haloProxy, settler];
        for (uint256 i; i < callers.length; ++i) {
            vm.startPrank(callers[i]);
            vm.expectRevert(abi.encodeWithSelector(LaniakeaFactory.NotDeployer.selector, callers[i]));
            factory.deployClass(p);
            vm.expectRevert(abi.encodeWithSelector(LaniakeaFactory.NotDeployer.selector, callers[i]));
            factory.deployUnit(CLASS_ID, u);
            vm.stopPrank();
        }
    }

    function test_deployersAreAddedByTheAdminAndRemovedByTheCouncil() public {
        address[3] memory callers = [stranger, council, deployer];
        for (uint256 i; i < callers.length; ++i) {
            vm.prank(callers[i]);
            vm.expectRevert(abi.encodeWithSelector(Governed.NotAdmin.selector, callers[i]));
            factory.addDeployer(stranger);
        }
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(Governed.NotCouncil.selector, stranger));
        factory.removeDeployer(deployer);

        ClassParams memory p = classParams();
        approveParams(p.artifactId, keccak256(abi.encode(p)));
        vm.expectEmit(address(factory));
        emit LaniakeaFactory.DeployerSet(deployer, false, council);
        vm.prank(council);
        factory.removeDeployer(deployer);
        expectClass(p, abi.encodeWithSelector(LaniakeaFactory.NotDeployer.selector, deployer));
        vm.prank(sky);
        factory.addDeployer(deployer);
        vm.prank(deployer);
        factory.deployClass(p);
    }

    function test_theArtifactMustBeActive() public {
        ClassParams memory p = classParams();
        bytes memory refusal =
            abi.encodeWithSelector(LaniakeaFactory.ArtifactNotActive.selector, p.artifactId);
        expectClass(p, refusal);

        // Proposed is not enough.
        bytes32 paramsHash = keccak256(abi.encode(p));
        vm.startPrank(haloProxy);
        artifacts.propose(p.artifactId, 0, "text", paramsHash, "", 0);
        vm.stopPrank();
        expectClass(p, refusal);
        vm.prank(haloProxy);
        artifacts.ratify(p.artifactId, 1);
        uint256 approved = vm.snapshotState();
        vm.prank(conserver);
        artifacts.revoke(p.artifactId, 1, "reason");
        expectClass(p, refusal);
        vm.revertToState(approved);

        // Another subject's artifact with the same parameters is not this one's.
        p.artifactId = artifacts.idOf(ArtifactKind.UNIT, UNIT_ID);
        approveParams(p.artifactId, keccak256(abi.encode(p)));
        expectClass(p, abi.encodeWithSelector(LaniakeaFactory.ArtifactNotActive.selector, p.artifactId));

        UnitParams memory u = unitParams();
        u.artifactId = artifacts.idOf(ArtifactKind.CLASS, CLASS_ID);
        approveParams(u.artifactId, keccak256(abi.encode(u)));
        expectUnit(u, abi.encodeWithSelector(LaniakeaFactory.ArtifactNotActive.selector, u.artifactId));
    }

    function test_theBeaconMustBeTheSettlersForThisClass() public {
        bytes32[4] memory ids = [bytes32("unknown"), RELAY_BEACON, keccak256("other class"), LCTS_BEACON];
        vm.prank(sky);
        beacons.register("other class", settler, BeaconClass.LPHA, "other", 0, "");
        vm.prank(council);
        beacons.suspend(LCTS_BEACON);
        for (uint256 i; i < ids.length; ++i) {
            ClassParams memory p = classParams();
            p.beaconId = ids[i];
            refuseClass(p, abi.encodeWithSelector(LaniakeaFactory.BeaconMismatch.selector, ids[i]));
        }
    }

    function test_theHaloAndTheClassMustBeRegistered() public {
        // An artifact may exist before the Halo is registered.
        vm.startPrank(sky);
        artifacts.create(ArtifactKind.HALO, 0, "zenith");
        bytes32 id = artifacts.create(ArtifactKind.CLASS, keccak256("zenith"), "tbill");
        ClassParams memory p = classParams();
        p.haloId = keccak256("zenith");
        p.artifactId = id;
        artifacts.edit(id, 0, "text", keccak256(abi.encode(p)), "", 0);
        vm.stopPrank();
        expectClass(p, abi.encodeWithSelector(LaniakeaFactory.UnknownHalo.selector, p.haloId));

        refuseUnit(unitParams(), abi.encodeWithSelector(LaniakeaFactory.UnknownClass.selector, CLASS_ID));
    }

    // --- Parameters of a Class ---

    function test_everyoneIsNamed() public {
        ClassParams memory p = classParams();
        p.asset = address(0);
        refuseClass(p, zero("asset"));
        p = classParams();
        p.settler = address(0);
        refuseClass(p, zero("settler"));
        p = classParams();
        p.relayer = address(0);
        refuseClass(p, zero("relayer"));
        p = classParams();
        p.conserver = address(0);
        refuseClass(p, zero("conserver"));
        p = classParams();
        p.freezers[1] = address(0);
        refuseClass(p, zero("freezers"));
        p = classParams();
        p.attestors[2] = address(0);
        refuseClass(p, zero("attestors"));
        p = classParams();
        p.admins = new address[](2);
        p.admins[0] = haloProxy;
        refuseClass(p, zero("admins"));
        p = classParams();
        p.admins = new address[](0);
        refuseClass(p, abi.encodeWithSelector(DeploymentChecks.NoAdmin.selector));
        p = classParams();
        p.freezers = new address[](0);
        refuseClass(p, abi.encodeWithSelector(DeploymentChecks.NoFreezer.selector));
        p = classParams();
        p.admins[0] = makeAddr("another");
        refuseClass(p, abi.encodeWithSelector(DeploymentChecks.HaloNotAdmin.selector, haloProxy));
    }

    function test_nobodyIsNamedTwice() public {
        ClassParams memory p = classParams();
        p.freezers[1] = p.freezers[0];
        refuseClass(p, abi.encodeWithSelector(DeploymentChecks.DuplicateEntry.selector, p.freezers[0]));
        p = classParams();
        p.attestors[2] = p.attestors[0];
        refuseClass(p, abi.encodeWithSelector(DeploymentChecks.DuplicateEntry.selector, p.attestors[0]));
        p = classParams();
        p.admins = new address[](2);
        (p.admins[0], p.admins[1]) = (haloProxy, haloProxy);
        refuseClass(p, abi.encodeWithSelector(DeploymentChecks.DuplicateEntry.selector, haloProxy));
    }

    /// @dev Every pair of duties that should check each other.
    function test_dutiesAreSeparate() public {
        ClassParams memory p = classParams();
        p.relayer = settler;
        refuseDuty(p, settler);
        address[2] memory operators = [settler, relayer];
        for (uint256 i; i < operators.length; ++i) {
            p = classParams();
            p.conserver = operators[i];
            refuseDuty(p, operators[i]);
            p = classParams();
            p.freezers[1] = operators[i];
            refuseDuty(p, operators[i]);
            p = classParams();
            p.attestors[1] = operators[i];
            refuseDuty(p, operators[i]);
            p = classParams();
            p.admins = pair(haloProxy, operators[i]);
            refuseDuty(p, operators[i]);
        }
        p = classParams();
        p.freezers[0] = conserver;
        refuseDuty(p, conserver);
        p = classParams();
        p.attestors[2] = conserver;
        refuseDuty(p, conserver);

        // A warden may attest: neither moves value.
        p = classParams();
        p.freezers[0] = p.attestors[0];
        deployClass(p);
    }

    function test_theQuorumIsPossible() public {
        ClassParams memory p = classParams();
        p.threshold = 0;
        refuseClass(p, abi.encodeWithSelector(DeploymentChecks.BadThreshold.selector, 0, 3));
        p.threshold = 4;
        refuseClass(p, abi.encodeWithSelector(DeploymentChecks.BadThreshold.selector, 4, 3));
        p.attestors = new address[](0);
        p.threshold = 0;
        refuseClass(p, abi.encodeWithSelector(DeploymentChecks.BadThreshold.selector, 0, 0));
    }

    function test_theAssetHasSixToEighteenDecimals() public {
        ClassParams memory p = classParams();
        p.asset = address(new DecimalsToken(5));
        refuseClass(p, abi.encodeWithSelector(DeploymentChecks.AssetDecimals.selector, 5));
        p.asset = address(new DecimalsToken(19));
        refuseClass(p, abi.encodeWithSelector(DeploymentChecks.AssetDecimals.selector, 19));
        p.asset = address(new DecimalsToken(6));
        deployClass(p);
    }

    function test_theClassHasASlug() public {
        ClassParams memory p = classParams();
        p.slug = "";
        p.artifactId = artifacts.idOf(ArtifactKind.CLASS, factory.classIdOf(HALO_ID, ""));
        // The artifact of an empty slug cannot even be opened.
        expectClass(p, abi.encodeWithSelector(LaniakeaFactory.ArtifactNotActive.selector, p.artifactId));
    }

    // --- Parameters of a Unit ---

    function test_numbersOfAUnit() public {
        deployClass(classParams());
        UnitParams memory p = unitParams();
        p.cap = p.minSubscribe - 1;
        refuseUnit(
            p, abi.encodeWithSelector(DeploymentChecks.CapBelowMinimum.selector, p.cap, p.minSubscribe)
        );
        p = unitParams();
        (p.maxLock, p.minEpochGap) = (24 hours + 1, 25 hours);
        refuseUnit(p, abi.encodeWithSelector(DeploymentChecks.LockTooLong.selector, 24 hours + 1));
        p = unitParams();
        (p.maxLock, p.minEpochGap) = (30 minutes, 1 hours - 1);
        refuseUnit(p, abi.encodeWithSelector(DeploymentChecks.EpochGapTooShort.selector, 1 hours - 1));

        // At the bounds all is well.
        p = unitParams();
        (p.cap, p.maxLock, p.minEpochGap) = (p.minSubscribe, 30 minutes, 1 hours);
        deployUnit(p);
    }

    function test_onlyPrimesEnterAndNeverTheClassItself() public {
        ClassAddresses memory at = deployClass(classParams());
        UnitParams memory p = unitParams();
        p.entrants = pair(address(primeProxy), stranger);
        refuseUnit(p, abi.encodeWithSelector(DeploymentChecks.NotPrime.selector, stranger));
        p.entrants = pair(address(primeProxy), at.almProxy);
        refuseUnit(p, abi.encodeWithSelector(DeploymentChecks.SelfDeal.selector, at.almProxy));
        p.open = true;
        refuseUnit(p, abi.encodeWithSelector(DeploymentChecks.SelfDeal.selector, at.almProxy));
        p.entrants = pair(address(primeProxy), address(primeProxy));
        refuseUnit(p, abi.encodeWithSelector(DeploymentChecks.DuplicateEntry.selector, address(primeProxy)));
        p.entrants = pair(address(primeProxy), address(0));
        refuseUnit(p, zero("entrants"));
        p.entrants = pair(address(primeProxy), stranger);
        p.holders = pair(stranger, address(0));
        refuseUnit(p, zero("holders"));
        p.holders = new address[](0);
        deployUnit(p);
    }

    // --- Templates ---

    function test_withoutAnApprovedTemplateNothingIsMade() public {
        bytes32 id = templates.idOf(TemplateKind.GUARD, "FreezerModule");
        vm.prank(council);
        templates.deprecate(id, 1);
        ClassParams memory p = classParams();
        bytes memory refusal = abi.encodeWithSelector(TemplateRegistry.TemplateNotApproved.selector, id, 0);
        vm.expectRevert(refusal);
        factory.predictClass(p);
        refuseClass(p, refusal);
    }

    function test_aNewVersionMovesTheAddresses() public {
        ClassParams memory p = classParams();
        address first = factory.predictClass(p).acl;
        vm.startPrank(sky);
        approveBlob(
            TemplateKind.CLASS_PAU,
            "AccessControls",
            type(OtherAccessControls).creationCode,
            keccak256(type(OtherAccessControls).runtimeCode)
        );
        vm.stopPrank();
        address second = factory.predictClass(p).acl;
        vm.assertNotEq(first, second, "version");
        vm.assertEq(deployClass(p).acl, second, "I27: predicted and actual");
        vm.assertEq(second.codehash, keccak256(type(OtherAccessControls).runtimeCode), "the new code");
    }

    function test_codeThatIsNotWhatWasApprovedIsNoticed() public {
        vm.startPrank(sky);
        approveBlob(TemplateKind.CLASS_PAU, "ALMProxy", type(ALMProxy).creationCode, "another hash");
        vm.stopPrank();
        refuseClass(
            classParams(),
            abi.encodeWithSelector(
                TemplateDeployer.CodeHashMismatch.selector,
                bytes32("ALMProxy"),
                keccak256(type(ALMProxy).runtimeCode)
            )
        );
    }

    /// @dev I26: a template that would not let go of the factory's role cannot be deployed.
    function test_I26_aRoleThatCannotBeRenouncedStopsTheDeployment() public {
        vm.startPrank(sky);
        approveBlob(
            TemplateKind.CLASS_PAU,
            "AccessControls",
            type(ClingingAccessControls).creationCode,
            keccak256(type(ClingingAccessControls).runtimeCode)
        );
        vm.stopPrank();
        ClassParams memory p = classParams();
        refuseClass(
            p, abi.encodeWithSelector(LaniakeaFactory.RenounceFailed.selector, factory.predictClass(p).acl)
        );
    }

    // --- Sub-steps ---

    function test_anUnapprovedFacetStopsTheDeployment() public {
        bytes32 id = templates.idOf(TemplateKind.FACET, "Erc4626Facet");
        vm.prank(council);
        templates.deprecate(id, 1);
        refuseClass(
            classParams(),
            abi.encodeWithSelector(Controller.FacetNotApproved.selector, facetOf["ERC4626_FACET"].codehash)
        );
    }

    function test_anUnknownFacetStopsTheDeployment() public {
        ClassParams memory p = classParams();
        p.facets[0] = "NO_FACET";
        refuseClass(p, abi.encodeWithSelector(Controller.IntegrationNotFound.selector, bytes32("NO_FACET")));
    }

    function test_aPsmThatDoesNotFitStopsTheDeployment() public {
        ClassParams memory p = classParams();
        p.psm.maxFeeWad = 1e18 + 1;
        refuseClass(p, abi.encodeWithSelector(PsmFacet.InvalidConfig.selector, bytes32("maxFeeWad")));
        // A PSM without its facet has nowhere to go.
        p = classParams();
        p.facets = new bytes32[](0);
        refuseClass(
            p,
            abi.encodeWithSelector(
                Controller.CallSelectorNotWired.selector, ControllerSurface.psm_setConfig.selector
            )
        );
    }

    function test_aBookModeThatIsNotBuiltStopsTheDeployment() public {
        ClassParams memory p = classParams();
        p.book.mode = 1;
        refuseClass(p, abi.encodeWithSignature("BadParameter(bytes32)", bytes32("mode")));
    }

    function test_aUnitThatCannotBeInitialisedLeavesNothing() public {
        deployClass(classParams());
        UnitParams memory p = unitParams();
        p.maxLock = 0;
        refuseUnit(p, abi.encodeWithSignature("BadParameter(bytes32)", bytes32("maxLock")));
    }

    // --- Salts and ids ---

    function test_aSaltServesOnce() public {
        ClassParams memory p = classParams();
        ClassAddresses memory at = deployClass(p);
        expectClass(p, abi.encodeWithSelector(TemplateDeployer.AlreadyDeployed.selector, at.almProxy));
        // With another salt it is still the same Class.
        p.salt = "other";
        approveParams(p.artifactId, keccak256(abi.encode(p)));
        expectClass(p, abi.encodeWithSelector(UnitRegistry.AlreadyRegistered.selector, CLASS_ID));

        UnitParams memory u = unitParams();
        address unit = deployUnit(u).unit;
        expectUnit(u, abi.encodeWithSelector(TemplateDeployer.AlreadyDeployed.selector, unit));
        u.salt = "other";
        approveParams(u.artifactId, keccak256(abi.encode(u)));
        expectUnit(u, abi.encodeWithSelector(UnitRegistry.AlreadyRegistered.selector, UNIT_ID));
    }

    function test_constructorRefusesZero() public {
        bytes32[6] memory fields =
            [bytes32("admin"), "templates", "artifacts", "beacons", "units", "facetBeacon"];
        for (uint256 i; i < fields.length; ++i) {
            address[6] memory a = [sky, sky, sky, sky, sky, sky];
            a[i] = address(0);
            vm.expectRevert(abi.encodeWithSelector(Governed.ZeroAddress.selector, fields[i]));
            new LaniakeaFactory(a[0], a[1], a[2], a[3], a[4], a[5]);
        }
    }

    // --- Helpers ---

    /// @dev Approved by governance and refused all the same, with nothing left behind.
    function refuseClass(ClassParams memory p, bytes memory refusal) private {
        approveParams(p.artifactId, keccak256(abi.encode(p)));
        expectClass(p, refusal);
        vm.assertEq(units.classCount(), 0, "nothing registered");
    }

    function refuseDuty(ClassParams memory p, address account) private {
        refuseClass(p, abi.encodeWithSelector(DeploymentChecks.ConflictOfDuty.selector, account));
    }

    function expectClass(ClassParams memory p, bytes memory refusal) private {
        vm.prank(deployer);
        vm.expectRevert(refusal);
        factory.deployClass(p);
    }

    function refuseUnit(UnitParams memory p, bytes memory refusal) private {
        approveParams(p.artifactId, keccak256(abi.encode(p)));
        expectUnit(p, refusal);
        vm.assertEq(units.unitCount(), 0, "nothing registered");
        vm.assertEq(factory.predictUnit(CLASS_ID, p).unit.code.length, 0, "nothing deployed");
    }

    function expectUnit(UnitParams memory p, bytes memory refusal) private {
        vm.prank(deployer);
        vm.expectRevert(refusal);
        factory.deployUnit(CLASS_ID, p);
    }

    function mismatch(bytes memory approved, bytes memory given) private pure returns (bytes memory) {
        return abi.encodeWithSelector(
            LaniakeaFactory.ParamsHashMismatch.selector, keccak256(approved), keccak256(given)
        );
    }

    function zero(bytes32 field) private pure returns (bytes memory) {
        return abi.encodeWithSelector(DeploymentChecks.ZeroAddress.selector, field);
    }

    function flip(address account) private pure returns (address) {
        return address(uint160(account) ^ 1);
    }

    function pair(address a, address b) private pure returns (address[] memory list) {
        list = new address[](2);
        (list[0], list[1]) = (a, b);
    }
}
