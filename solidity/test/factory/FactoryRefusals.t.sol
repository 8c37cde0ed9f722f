// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { PauRegistrar } from "src/configurator/PauRegistrar.sol";
import { Approvals } from "src/factory/Approvals.sol";
import { DeploymentChecks } from "src/factory/DeploymentChecks.sol";
import { ClassParams, Endpoint, FactoryCore, UnitParams } from "src/factory/FactoryTypes.sol";
import { LaniakeaFactory } from "src/factory/LaniakeaFactory.sol";
import { TemplateDeployer } from "src/factory/TemplateDeployer.sol";
import { TemplateKind, TemplateRegistry } from "src/factory/TemplateRegistry.sol";
import { OfframpLedger } from "src/offramp/OfframpLedger.sol";
import { Controller } from "src/pau/Controller.sol";
import { ControllerSurface } from "src/pau/ControllerSurface.sol";
import { FreezerModule } from "src/pau/FreezerModule.sol";
import { Guarded } from "src/pau/Guarded.sol";
import { Roles } from "src/pau/Roles.sol";
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
        for (uint256 i; i < 15; ++i) {
            ClassParams memory p = classParams();
            if (i == 0) p.salt ^= bytes32(uint256(1));
            else if (i == 1) p.limits[0].maxAmount ^= 1;
            else if (i == 2) p.limits[2].slope ^= 1;
            else if (i == 3) p.admins[0] = flip(p.admins[0]);
            else if (i == 4) p.relayer = flip(p.relayer);
            else if (i == 5) p.threshold ^= 1;
            else if (i == 6) p.book.maxReportAge ^= 1;
            else if (i == 7) p.psm.maxFeeWad ^= 1;
            else if (i == 8) p.facets[3] ^= bytes32(uint256(1));
            else if (i == 9) p.endpoints[0].maxInFlight ^= 1;
            else if (i == 10) p.endpoints[0].assets[0] = flip(p.endpoints[0].assets[0]);
            else if (i == 11) p.takeoverDelay ^= 1;
            else if (i == 12) p.legalFrameHash ^= bytes32(uint256(1));
            else if (i == 13) p.book.costToleranceBps ^= 1;
            else p.configurator = !p.configurator;
            expectClass(p, mismatch(abi.encode(approved), abi.encode(p)));
        }
        vm.prank(deployer);
        factory.deployClass(approved);
    }

    /// @dev More than the guard could suspend in one transaction.
    function test_moreMembersThanTheGuardCanSuspend() public {
        ClassParams memory p = classParams();
        p.admins = people(17, "admin");
        p.admins[0] = haloProxy;
        refuseTooMany(p, Roles.DEFAULT_ADMIN);
        p.admins = people(15, "admin");
        p.admins[0] = haloProxy;
        refuseTooMany(p, Roles.DEFAULT_ADMIN);
        p = classParams();
        p.freezers = people(17, "warden");
        refuseTooMany(p, Roles.FREEZER);
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
        bytes memory refusal = abi.encodeWithSelector(Approvals.ArtifactNotActive.selector, p.artifactId);
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
        expectClass(p, abi.encodeWithSelector(Approvals.ArtifactNotActive.selector, p.artifactId));

        UnitParams memory u = unitParams();
        u.artifactId = artifacts.idOf(ArtifactKind.CLASS, CLASS_ID);
        approveParams(u.artifactId, keccak256(abi.encode(u)));
        expectUnit(u, abi.encodeWithSelector(Approvals.ArtifactNotActive.selector, u.artifactId));
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
        expectClass(p, abi.encodeWithSelector(Approvals.ArtifactNotActive.selector, p.artifactId));
    }

    function test_theClassHasALegalFrameAndTimeToCancelATakeover() public {
        ClassParams memory p = classParams();
        p.legalFrameHash = 0;
        refuseClass(p, abi.encodeWithSelector(DeploymentChecks.NoLegalFrame.selector));
        uint64[3] memory delays = [uint64(0), 24 hours - 1, 30 days + 1];
        for (uint256 i; i < delays.length; ++i) {
            p = classParams();
            p.takeoverDelay = delays[i];
            refuseClass(p, abi.encodeWithSelector(DeploymentChecks.BadTakeoverDelay.selector, delays[i]));
        }
        p.takeoverDelay = 30 days;
        deployClass(p);
    }

    function test_endpointsAreNamedOnceAndHoldNoDuty() public {
        ClassParams memory p = classParams();
        p.endpoints[0].target = address(0);
        refuseClass(p, zero("endpoints"));
        p = classParams();
        Endpoint memory one = p.endpoints[0];
        p.endpoints = new Endpoint[](2);
        (p.endpoints[0], p.endpoints[1]) = (one, one);
        refuseClass(p, abi.encodeWithSelector(DeploymentChecks.DuplicateEntry.selector, custodian));
        p = classParams();
        address[6] memory people = [settler, relayer, conserver, haloProxy, p.freezers[1], p.attestors[0]];
        for (uint256 i; i < people.length; ++i) {
            p = classParams();
            p.endpoints[0].target = people[i];
            refuseDuty(p, people[i]);
        }
        p = classParams();
        p.facets[4] = "USDS_FACET";
        refuseClass(p, abi.encodeWithSelector(DeploymentChecks.NoOfframp.selector));
        // A Class without endpoints needs no off-ramp.
        p.endpoints = new Endpoint[](0);
        deployClass(p);
    }

    // --- Parameters of a Unit ---

    /// @dev A tranche book is filled from the equity upwards, one by one: exactly one equity tranche, and no gap.
    function test_tranchesAreFilledInOrder() public {
        ClassParams memory class_ = classParams();
        class_.book.mode = 1;
        deployClass(class_);
        UnitParams memory p = unitParams();
        for (uint8 i = 1; i < 5; ++i) {
            p.tranche = i;
            refuseUnit(p, abi.encodeWithSelector(DeploymentChecks.TrancheOutOfOrder.selector, i, 0));
        }
        (p.tranche, p.salt) = (0, "equity");
        deployUnit(p);
        p = trancheParams(1);
        p.tranche = 0;
        approveParams(p.artifactId, keccak256(abi.encode(p)));
        expectUnit(p, abi.encodeWithSelector(DeploymentChecks.TrancheTaken.selector, 0));
        p.tranche = 2;
        approveParams(p.artifactId, keccak256(abi.encode(p)));
        expectUnit(p, abi.encodeWithSelector(DeploymentChecks.TrancheOutOfOrder.selector, 2, 1));
        for (uint8 i = 1; i < 4; ++i) {
            deployUnit(trancheParams(i));
        }
        // Four is all that a Book takes.
        p = trancheParams(4);
        approveParams(p.artifactId, keccak256(abi.encode(p)));
        expectUnit(p, abi.encodeWithSignature("CannotAddUnit()"));
    }

    function test_withoutTranchesEveryUnitIsInTheFirst() public {
        deployClass(classParams());
        UnitParams memory p = unitParams();
        p.tranche = 1;
        refuseUnit(p, abi.encodeWithSelector(DeploymentChecks.TrancheOutOfOrder.selector, 1, 0));
        deployUnit(unitParams());
        p = trancheParams(1);
        p.tranche = 0;
        deployUnit(p);
        vm.assertEq(units.unitsOf(CLASS_ID).length, 2, "both alike");
    }

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
        (bytes32 id, uint16 version) = approveImplementation(
            TemplateKind.CLASS_PAU, "ClassAccessControls", address(new OtherAccessControls())
        );
        vm.stopPrank();
        address second = factory.predictClass(p).acl;
        vm.assertNotEq(first, second, "version");
        vm.assertEq(deployClass(p).acl, second, "I27: predicted and actual");
        vm.assertEq(second.codehash, templates.template(id, version).instanceHash, "the new code");
    }

    function test_codeThatIsNotWhatWasApprovedIsNoticed() public {
        vm.startPrank(sky);
        approveBlob(TemplateKind.GUARD, "FreezerModule", type(FreezerModule).creationCode, "another hash");
        vm.stopPrank();
        refuseClass(
            classParams(),
            abi.encodeWithSelector(
                TemplateDeployer.CodeHashMismatch.selector,
                bytes32("FreezerModule"),
                keccak256(type(FreezerModule).runtimeCode)
            )
        );
    }

    /// @dev I26: a template that would not let go of the factory's role cannot be deployed.
    function test_I26_aRoleThatCannotBeRenouncedStopsTheDeployment() public {
        vm.startPrank(sky);
        approveImplementation(
            TemplateKind.CLASS_PAU, "ClassAccessControls", address(new ClingingAccessControls())
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
        p.endpoints = new Endpoint[](0);
        refuseClass(
            p,
            abi.encodeWithSelector(
                Controller.CallSelectorNotWired.selector, ControllerSurface.psm_setConfig.selector
            )
        );
    }

    function test_aBookModeThatIsNotBuiltStopsTheDeployment() public {
        ClassParams memory p = classParams();
        p.book.mode = 2;
        refuseClass(p, abi.encodeWithSignature("BadParameter(bytes32)", bytes32("mode")));
    }

    function test_anEndpointThatTheLedgerRefusesStopsTheDeployment() public {
        ClassParams memory p = classParams();
        p.endpoints[0].kind = 4;
        refuseClass(p, abi.encodeWithSelector(OfframpLedger.BadEndpoint.selector, bytes32("kind")));
        p = classParams();
        p.endpoints[0].maxSlippage = 1;
        refuseClass(p, abi.encodeWithSelector(OfframpLedger.BadEndpoint.selector, bytes32("desk")));
        p = classParams();
        p.endpoints[0].target = factory.predictClass(p).almProxy;
        refuseClass(p, abi.encodeWithSelector(OfframpLedger.BadEndpoint.selector, bytes32("target")));
    }

    /// @dev The last step of all: what it cannot do undoes the rest.
    function test_aTimelockThatTakesNothingStopsTheDeployment() public {
        ClassParams memory p = classParams();
        vm.startPrank(sky);
        timelock.grantRole(timelock.PAUSER_ROLE(), council);
        vm.stopPrank();
        vm.prank(council);
        timelock.pause();
        refuseClass(p, abi.encodeWithSignature("EnforcedPause()"));
        vm.prank(sky);
        timelock.unpause();

        vm.prank(sky);
        registrar.dropFactory();
        refuseClass(p, abi.encodeWithSelector(PauRegistrar.NotFactory.selector, address(factory)));
        // Without the Configurator there is nothing to register.
        p.configurator = false;
        deployClass(p);
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
        bytes32[8] memory fields = [
            bytes32("templates"),
            "artifacts",
            "beacons",
            "units",
            "facetBeacon",
            "checks",
            "configurator",
            "registrar"
        ];
        for (uint256 i; i < fields.length; ++i) {
            address[8] memory a = [sky, sky, sky, sky, sky, sky, sky, sky];
            a[i] = address(0);
            FactoryCore memory core = FactoryCore(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7]);
            vm.expectRevert(abi.encodeWithSelector(Governed.ZeroAddress.selector, fields[i]));
            new LaniakeaFactory(sky, core);
        }
        FactoryCore memory whole = factoryCore();
        vm.expectRevert(abi.encodeWithSelector(Governed.ZeroAddress.selector, bytes32("admin")));
        new LaniakeaFactory(address(0), whole);
    }

    // --- Helpers ---

    uint256 private _slugs;

    /// @dev The parameters of another Unit, with its artifact opened.
    function trancheParams(uint8 tranche) private returns (UnitParams memory p) {
        string memory slug = string.concat("tranche", vm.toString(++_slugs));
        vm.prank(haloProxy);
        bytes32 id = artifacts.create(ArtifactKind.UNIT, CLASS_ID, slug);
        p = unitParams();
        (p.slug, p.tranche, p.artifactId) = (slug, tranche, id);
    }

    /// @dev Approved by governance and refused all the same, with nothing left behind.
    function refuseClass(ClassParams memory p, bytes memory refusal) private {
        approveParams(p.artifactId, keccak256(abi.encode(p)));
        expectClass(p, refusal);
        vm.assertEq(units.classCount(), 0, "nothing registered");
    }

    function refuseTooMany(ClassParams memory p, bytes32 role) private {
        refuseClass(p, abi.encodeWithSelector(Guarded.TooManyMembers.selector, role));
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
            Approvals.ParamsHashMismatch.selector, keccak256(approved), keccak256(given)
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
