// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { HaloBook } from "src/book/HaloBook.sol";
import { PositionReporter } from "src/book/PositionReporter.sol";
import { BeamMom } from "src/configurator/BeamMom.sol";
import { BeamScheduler } from "src/configurator/BeamScheduler.sol";
import { BeamState } from "src/configurator/BeamState.sol";
import { BeamTimelock } from "src/configurator/BeamTimelock.sol";
import { Configurator } from "src/configurator/Configurator.sol";
import { PauRegistrar } from "src/configurator/PauRegistrar.sol";
import { EmergencyGuard } from "src/emergency/EmergencyGuard.sol";
import { DeploymentChecks } from "src/factory/DeploymentChecks.sol";
import { HaloFactory } from "src/factory/HaloFactory.sol";
import { LaniakeaFactory } from "src/factory/LaniakeaFactory.sol";
import { TemplateRegistry } from "src/factory/TemplateRegistry.sol";
import { HaloSpellGuard } from "src/governance/HaloSpellGuard.sol";
import { HaloSubProxy } from "src/governance/HaloSubProxy.sol";
import { HaloToken } from "src/governance/HaloToken.sol";
import { TokenHat } from "src/governance/TokenHat.sol";
import { HaloUnit } from "src/lcts/HaloUnit.sol";
import { LctsQueue } from "src/lcts/LctsQueue.sol";
import { EndpointBuffer } from "src/offramp/EndpointBuffer.sol";
import { OfframpLedger } from "src/offramp/OfframpLedger.sol";
import { ALMProxy } from "src/pau/ALMProxy.sol";
import { AccessControls } from "src/pau/AccessControls.sol";
import { ClassALMProxy } from "src/pau/ClassALMProxy.sol";
import { ClassAccessControls } from "src/pau/ClassAccessControls.sol";
import { ClassController } from "src/pau/ClassController.sol";
import { ClassRateLimits } from "src/pau/ClassRateLimits.sol";
import { Controller } from "src/pau/Controller.sol";
import { FacetBeacon } from "src/pau/FacetBeacon.sol";
import { FreezerModule } from "src/pau/FreezerModule.sol";
import { RateLimits } from "src/pau/RateLimits.sol";
import { Erc4626Facet } from "src/pau/facets/Erc4626Facet.sol";
import { Erc7540Facet } from "src/pau/facets/Erc7540Facet.sol";
import { LctsHaloFacet } from "src/pau/facets/LctsHaloFacet.sol";
import { LctsPrimeFacet } from "src/pau/facets/LctsPrimeFacet.sol";
import { OfframpFacet } from "src/pau/facets/OfframpFacet.sol";
import { PsmFacet } from "src/pau/facets/PsmFacet.sol";
import { TransferAssetFacet } from "src/pau/facets/TransferAssetFacet.sol";
import { UsdsFacet } from "src/pau/facets/UsdsFacet.sol";
import { ArtifactRegistry } from "src/registry/ArtifactRegistry.sol";
import { BeaconRegistry } from "src/registry/BeaconRegistry.sol";
import { UnitRegistry } from "src/registry/UnitRegistry.sol";
import { Test } from "test/base/Test.sol";

/// @notice Every contract that is deployed fits on the chain. That this compiles says more: `runtimeCode` exists only
///         for contracts without immutables, which is what gives a template one code hash.
contract CodeSizeTest is Test {
    uint256 private constant MAX_RUNTIME = 24_576; // EIP-170
    uint256 private constant MAX_CREATION = 49_152; // EIP-3860

    function test_pau() public {
        check("ALMProxy", type(ALMProxy).creationCode, type(ALMProxy).runtimeCode);
        check("AccessControls", type(AccessControls).creationCode, type(AccessControls).runtimeCode);
        check("ClassALMProxy", type(ClassALMProxy).creationCode, type(ClassALMProxy).runtimeCode);
        check(
            "ClassAccessControls",
            type(ClassAccessControls).creationCode,
            type(ClassAccessControls).runtimeCode
        );
        check("ClassRateLimits", type(ClassRateLimits).creationCode, type(ClassRateLimits).runtimeCode);
        check("ClassController", type(ClassController).creationCode, type(ClassController).runtimeCode);
        check("Controller", type(Controller).creationCode, type(Controller).runtimeCode);
        check("FacetBeacon", type(FacetBeacon).creationCode, type(FacetBeacon).runtimeCode);
        check("FreezerModule", type(FreezerModule).creationCode, type(FreezerModule).runtimeCode);
        check("RateLimits", type(RateLimits).creationCode, type(RateLimits).runtimeCode);
    }

    function test_facets() public {
        check("Erc4626Facet", type(Erc4626Facet).creationCode, type(Erc4626Facet).runtimeCode);
        check("Erc7540Facet", type(Erc7540Facet).creationCode, type(Erc7540Facet).runtimeCode);
        check("LctsHaloFacet", type(LctsHaloFacet).creationCode, type(LctsHaloFacet).runtimeCode);
        check("LctsPrimeFacet", type(LctsPrimeFacet).creationCode, type(LctsPrimeFacet).runtimeCode);
        check("OfframpFacet", type(OfframpFacet).creationCode, type(OfframpFacet).runtimeCode);
        check("PsmFacet", type(PsmFacet).creationCode, type(PsmFacet).runtimeCode);
        check(
            "TransferAssetFacet", type(TransferAssetFacet).creationCode, type(TransferAssetFacet).runtimeCode
        );
        check("UsdsFacet", type(UsdsFacet).creationCode, type(UsdsFacet).runtimeCode);
    }

    function test_lctsAndBook() public {
        check("HaloBook", type(HaloBook).creationCode, type(HaloBook).runtimeCode);
        check("HaloUnit", type(HaloUnit).creationCode, type(HaloUnit).runtimeCode);
        check("LctsQueue", type(LctsQueue).creationCode, type(LctsQueue).runtimeCode);
        check("PositionReporter", type(PositionReporter).creationCode, type(PositionReporter).runtimeCode);
    }

    function test_offrampAndEmergency() public {
        check("EndpointBuffer", type(EndpointBuffer).creationCode, type(EndpointBuffer).runtimeCode);
        check("OfframpLedger", type(OfframpLedger).creationCode, type(OfframpLedger).runtimeCode);
        check("EmergencyGuard", type(EmergencyGuard).creationCode, type(EmergencyGuard).runtimeCode);
    }

    function test_configurator() public {
        check("BeamMom", type(BeamMom).creationCode, type(BeamMom).runtimeCode);
        check("BeamScheduler", type(BeamScheduler).creationCode, type(BeamScheduler).runtimeCode);
        check("BeamState", type(BeamState).creationCode, type(BeamState).runtimeCode);
        check("BeamTimelock", type(BeamTimelock).creationCode, type(BeamTimelock).runtimeCode);
        check("Configurator", type(Configurator).creationCode, type(Configurator).runtimeCode);
        check("PauRegistrar", type(PauRegistrar).creationCode, type(PauRegistrar).runtimeCode);
    }

    function test_governance() public {
        check("HaloFactory", type(HaloFactory).creationCode, type(HaloFactory).runtimeCode);
        check("HaloSpellGuard", type(HaloSpellGuard).creationCode, type(HaloSpellGuard).runtimeCode);
        check("HaloSubProxy", type(HaloSubProxy).creationCode, type(HaloSubProxy).runtimeCode);
        check("HaloToken", type(HaloToken).creationCode, type(HaloToken).runtimeCode);
        check("TokenHat", type(TokenHat).creationCode, type(TokenHat).runtimeCode);
    }

    function test_factoryAndRegistries() public {
        check("DeploymentChecks", type(DeploymentChecks).creationCode, type(DeploymentChecks).runtimeCode);
        check("ArtifactRegistry", type(ArtifactRegistry).creationCode, type(ArtifactRegistry).runtimeCode);
        check("BeaconRegistry", type(BeaconRegistry).creationCode, type(BeaconRegistry).runtimeCode);
        check("LaniakeaFactory", type(LaniakeaFactory).creationCode, type(LaniakeaFactory).runtimeCode);
        check("TemplateRegistry", type(TemplateRegistry).creationCode, type(TemplateRegistry).runtimeCode);
        check("UnitRegistry", type(UnitRegistry).creationCode, type(UnitRegistry).runtimeCode);
    }

    function check(string memory name, bytes memory creation, bytes memory runtime) private {
        vm.snapshotValue("size", name, runtime.length);
        vm.assertGt(runtime.length, 0, name);
        vm.assertLt(runtime.length, MAX_RUNTIME, name);
        vm.assertLe(creation.length, MAX_CREATION, name);
    }
}
