// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { HaloBook } from "src/book/HaloBook.sol";
import { PositionReporter } from "src/book/PositionReporter.sol";
import { TemplateKind } from "src/factory/TemplateRegistry.sol";
import { HaloUnit } from "src/lcts/HaloUnit.sol";
import { SettleParams, UnitState } from "src/lcts/UnitTypes.sol";
import { UnitVault } from "src/lcts/UnitVault.sol";
import { AccessControls } from "src/pau/AccessControls.sol";
import { Controller } from "src/pau/Controller.sol";
import { FreezerModule } from "src/pau/FreezerModule.sol";
import { RateLimitKeys } from "src/pau/RateLimitKeys.sol";
import { RateLimits } from "src/pau/RateLimits.sol";
import { Roles } from "src/pau/Roles.sol";
import { ArtifactKind } from "src/registry/ArtifactRegistry.sol";
import { BeaconClass } from "src/registry/BeaconRegistry.sol";
import { Governed } from "src/registry/Governed.sol";
import { ClassAddresses, Standing, UnitAddresses, UnitRecord } from "src/registry/RegistryTypes.sol";
import { UnitRegistry } from "src/registry/UnitRegistry.sol";
import { HaloBase } from "test/factory/HaloBase.sol";

/// @notice Measures a call from within a transaction.
contract GasMeter {
    function spent(address to, bytes calldata data) external view returns (uint256) {
        uint256 before = gasleft();
        (bool ok,) = to.staticcall(data);
        require(ok, "reverted");
        return before - gasleft();
    }
}

/// @notice The four requirements, each broken and mended, and the gate that they keep: I28 and I29.
contract OnboardingTest is HaloBase {
    uint8 private constant FACTORY = 1;
    uint8 private constant SENTINEL = 2;
    uint8 private constant REPORTING = 4;
    uint8 private constant LIMITS = 8;
    uint8 private constant UNIT_BITS = 7;
    uint8 private constant ALL = 15;

    ClassAddresses private at;
    UnitAddresses private made;
    HaloUnit private unit;
    uint256 private pending; // the state before the activation

    function setUp() public override {
        super.setUp();
        at = deployClass(classParams());
        made = deployUnit(unitParams());
        unit = HaloUnit(made.unit);
        heartbeats();
        openPrimeLimits(made.unit);
        pending = vm.snapshotState();
        vm.prank(sky);
        units.activate(UNIT_ID);
    }

    function test_allFour() public view {
        vm.assertEq(mask(), uint256(ALL), "mask");
        vm.assertTrue(units.isProperlyOnboarded(UNIT_ID), "properly onboarded");
        vm.assertEq(units.onboarding("?", address(primeProxy)), uint256(0), "an unknown Unit");
        vm.assertFalse(units.isProperlyOnboarded("?"), "an unknown Unit");
    }

    /// @dev What a contract pays that asks, with everything cold and all four requirements met.
    /// forge-config: default.isolate = true
    function test_gasOfTheView() public {
        openConfigurator(made.unit);
        GasMeter meter = new GasMeter();
        uint256 spent =
            meter.spent(address(units), abi.encodeCall(units.onboarding, (UNIT_ID, address(primeProxy))));
        vm.snapshotValue("registry", "onboarding", spent);
        vm.assertGt(spent, 100_000, "it was cold");
        vm.assertLe(spent, 250_000, "onboarding");
    }

    // --- Bit 0 ---

    /// @dev I28, each component: foreign code turns the bit off, its own turns it on again.
    function test_I28_factoryBitFollowsEveryCodeHash() public {
        address[12] memory components = [
            at.controller,
            at.almProxy,
            at.rateLimits,
            at.acl,
            at.freezerModule,
            at.book,
            at.reporter,
            at.ledger,
            at.guard,
            made.unit,
            made.subscribeQueue,
            made.redeemQueue
        ];
        for (uint256 i; i < components.length; ++i) {
            bytes memory code = components[i].code;
            // One more byte behind the code: it runs as before and hashes otherwise.
            vm.etch(components[i], bytes.concat(code, hex"00"));
            assertOff(FACTORY);
            vm.etch(components[i], code);
            vm.assertEq(mask(), uint256(ALL), "mended");
        }
    }

    function test_I28_factoryBitFollowsEveryFacet() public {
        string[4] memory wired = ["PsmFacet", "TransferAssetFacet", "Erc4626Facet", "LctsHaloFacet"];
        for (uint256 i; i < wired.length; ++i) {
            bytes32 id = templates.idOf(TemplateKind.FACET, wired[i]);
            uint256 before = vm.snapshotState();
            vm.prank(council);
            templates.revoke(id, 1);
            assertOff(FACTORY);
            vm.revertToState(before);
        }
        // A facet that this Class has not wired is no concern of it.
        bytes32 unwired = templates.idOf(TemplateKind.FACET, "UsdsFacet");
        vm.prank(council);
        templates.revoke(unwired, 1);
        vm.assertEq(mask(), uint256(ALL), "not wired");
    }

    function test_I28_factoryBitFollowsTheTemplatesStatus() public {
        string[12] memory names = [
            "ClassALMProxy",
            "ClassRateLimits",
            "ClassAccessControls",
            "ClassController",
            "FreezerModule",
            "HaloBook",
            "PositionReporter",
            "OfframpLedger",
            "EmergencyGuard",
            "EndpointBuffer",
            "HaloUnit",
            "LctsQueue"
        ];
        TemplateKind[12] memory kinds = [
            TemplateKind.CLASS_PAU,
            TemplateKind.CLASS_PAU,
            TemplateKind.CLASS_PAU,
            TemplateKind.CLASS_PAU,
            TemplateKind.GUARD,
            TemplateKind.BOOK,
            TemplateKind.REPORTER,
            TemplateKind.BOOK,
            TemplateKind.GUARD,
            TemplateKind.BUFFER,
            TemplateKind.UNIT,
            TemplateKind.QUEUE
        ];
        for (uint256 i; i < names.length; ++i) {
            bytes32 id = templates.idOf(kinds[i], names[i]);
            uint256 before = vm.snapshotState();
            vm.startPrank(council);
            templates.deprecate(id, 1);
            vm.assertEq(mask(), uint256(ALL), "deprecated code is still in good standing");
            templates.revoke(id, 1);
            vm.stopPrank();
            assertOff(FACTORY);
            vm.revertToState(before);
        }
    }

    function test_factoryBitFollowsTheFactorysRoles() public {
        address[3] memory holders = [at.acl, at.almProxy, at.rateLimits];
        for (uint256 i; i < holders.length; ++i) {
            vm.prank(haloProxy);
            AccessControls(holders[i]).grantRole(Roles.DEFAULT_ADMIN, address(factory));
            assertOff(FACTORY);
            vm.prank(haloProxy);
            AccessControls(holders[i]).revokeRole(Roles.DEFAULT_ADMIN, address(factory));
            vm.assertEq(mask(), uint256(ALL), "mended");
        }
    }

    /// @dev A facet unwired takes its revoked template with it.
    function test_factoryBitComesBackWithoutTheRevokedFacet() public {
        bytes32 id = templates.idOf(TemplateKind.FACET, "TransferAssetFacet");
        vm.prank(council);
        templates.revoke(id, 1);
        assertOff(FACTORY);
        bytes32[] memory remove = new bytes32[](1);
        remove[0] = "TRANSFER_ASSET_FACET";
        vm.prank(haloProxy);
        Controller(at.controller).removeIntegrations(remove);
        vm.assertEq(mask(), uint256(ALL), "mended");
    }

    // --- Bit 1 ---

    function test_sentinelBitFollowsTheHeartbeats() public {
        uint256 heard = block.timestamp;
        vm.warp(heard + 36 hours);
        vm.assertEq(mask(), uint256(ALL), "just within");
        vm.warp(heard + 36 hours + 1);
        assertOff(SENTINEL);
        vm.prank(settler);
        beacons.heartbeat(LCTS_BEACON, "root");
        assertOff(SENTINEL);
        vm.prank(relayer);
        beacons.heartbeat(RELAY_BEACON, "root");
        vm.assertEq(mask(), uint256(ALL), "both heard");
    }

    function test_sentinelBitFollowsTheBeacons() public {
        bytes32[2] memory ids = [LCTS_BEACON, RELAY_BEACON];
        for (uint256 i; i < ids.length; ++i) {
            vm.prank(council);
            beacons.suspend(ids[i]);
            assertOff(SENTINEL);
            vm.prank(sky);
            beacons.resume(ids[i]);
            vm.assertEq(mask(), uint256(ALL), "resumed");
        }
        vm.prank(council);
        beacons.revoke(LCTS_BEACON);
        assertOff(SENTINEL);
    }

    /// @dev Who holds the role counts, not who held it at deployment.
    function test_sentinelBitFollowsTheOperatorsInOffice() public {
        bytes32[2] memory roles = [Roles.SETTLER, Roles.ALLOCATOR];
        address[2] memory operators = [settler, relayer];
        AccessControls acl = AccessControls(at.acl);
        for (uint256 i; i < roles.length; ++i) {
            vm.startPrank(haloProxy);
            acl.grantRole(roles[i], stranger);
            assertOff(SENTINEL);
            acl.revokeRole(roles[i], stranger);
            vm.assertEq(mask(), uint256(ALL), "mended");
            acl.revokeRole(roles[i], operators[i]);
            assertOff(SENTINEL);
            acl.grantRole(roles[i], operators[i]);
            vm.stopPrank();
            vm.assertEq(mask(), uint256(ALL), "in office again");
        }

        // A successor with a beacon of another Class is not enough.
        vm.prank(sky);
        bytes32 id = beacons.register("second", stranger, BeaconClass.LPHA, "another class", 0, "");
        vm.prank(stranger);
        beacons.heartbeat(id, 0);
        vm.startPrank(haloProxy);
        acl.grantRole(Roles.SETTLER, stranger);
        acl.revokeRole(Roles.SETTLER, settler);
        vm.stopPrank();
        assertOff(SENTINEL);
        vm.prank(sky);
        id = beacons.register("third", stranger, BeaconClass.LPHA, CLASS_ID, 0, "");
        vm.prank(stranger);
        beacons.heartbeat(id, 0);
        vm.assertEq(mask(), uint256(ALL), "the successor is registered");
    }

    function test_sentinelBitGoesWithTheWardensHand() public {
        vm.prank(freezer);
        FreezerModule(at.freezerModule).removeRelayer(relayer);
        assertOff(SENTINEL);
    }

    function test_sentinelBitNeedsAnIndependentWarden() public {
        AccessControls acl = AccessControls(at.acl);
        address second = makeAddr("freezer2");
        vm.startPrank(haloProxy);
        acl.revokeRole(Roles.FREEZER, second);
        vm.assertEq(mask(), uint256(ALL), "one is enough");
        acl.revokeRole(Roles.FREEZER, freezer);
        assertOff(SENTINEL);
        acl.grantRole(Roles.FREEZER, settler);
        assertOff(SENTINEL);
        acl.grantRole(Roles.FREEZER, relayer);
        assertOff(SENTINEL);
        acl.grantRole(Roles.FREEZER, second);
        vm.assertEq(mask(), uint256(ALL), "an independent one among others");
    }

    function test_sentinelBitForbidsOperatorsToAttest() public {
        address[2] memory operators = [settler, relayer];
        for (uint256 i; i < operators.length; ++i) {
            vm.prank(haloProxy);
            PositionReporter(at.reporter).setAttestor(operators[i], true);
            assertOff(SENTINEL);
            vm.prank(haloProxy);
            PositionReporter(at.reporter).setAttestor(operators[i], false);
            vm.assertEq(mask(), uint256(ALL), "mended");
        }
    }

    // --- Bit 2 ---

    function test_reportingBitFollowsTheArtifacts() public {
        bytes32[3] memory ids = [
            artifacts.idOf(ArtifactKind.HALO, HALO_ID),
            artifacts.idOf(ArtifactKind.CLASS, CLASS_ID),
            artifacts.idOf(ArtifactKind.UNIT, UNIT_ID)
        ];
        for (uint256 i; i < ids.length; ++i) {
            (uint64 number,, bytes32 paramsHash,) = artifacts.head(ids[i]);
            vm.prank(conserver);
            artifacts.revoke(ids[i], number, "reason");
            assertOff(REPORTING);
            approveParams(ids[i], paramsHash);
            vm.assertEq(mask(), uint256(ALL), "a new text with the same parameters");
            approveParams(ids[i], paramsHash ^ bytes32(uint256(1)));
            // The Halo artifact has no deployed parameters to agree with.
            if (i == 0) vm.assertEq(mask(), uint256(ALL), "halo");
            else assertOff(REPORTING);
            approveParams(ids[i], paramsHash);
            vm.assertEq(mask(), uint256(ALL), "mended");
        }
    }

    function test_reportingBitFollowsTheReports() public {
        PositionReporter reporter = PositionReporter(at.reporter);
        vm.prank(haloProxy);
        HaloBook(at.book).forceNav(1_000e18, "evidence");
        vm.assertEq(mask(), uint256(ALL), "reported now");
        vm.warp(block.timestamp + 36 hours);
        heartbeats();
        vm.assertEq(mask(), uint256(ALL), "just fresh");
        vm.warp(block.timestamp + 1);
        assertOff(REPORTING);
        postReport(reporter, 1_000e18);
        vm.assertEq(mask(), uint256(ALL), "reported");

        // A fall of 2 % waits for its second key.
        vm.warp(block.timestamp + 1);
        postReport(reporter, 980e18);
        assertOff(REPORTING);
        (address third,) = attestor(2);
        uint64 seq = reporter.lastSeq();
        vm.prank(third);
        reporter.confirm(seq);
        vm.assertEq(mask(), uint256(ALL), "confirmed");
    }

    /// @dev S15: the first assets are a report of themselves, and age as one.
    function test_reportingBitWantsAReportADayAndSlackAfterTheFirstSettlement() public {
        subscribe();
        vm.warp(START + 13 hours);
        vm.startPrank(settler);
        unit.lockEpoch();
        unit.settleEpoch(SettleParams(1, 1_000e18, 0, 1e27, 1e27));
        vm.stopPrank();
        vm.assertEq(usds.balanceOf(at.almProxy), 1_000e18, "in the Class's custody");
        vm.assertEq(mask(), uint256(ALL), "worth what came in");
        vm.warp(block.timestamp + 36 hours + 1);
        heartbeats();
        assertOff(REPORTING);
        postReport(PositionReporter(at.reporter), 1_000e18);
        vm.assertEq(mask(), uint256(ALL), "reported");
    }

    // --- Bit 3 ---

    function test_limitBitFollowsThePrimesKeys() public {
        bytes32[3] memory keys = [
            RateLimitKeys.erc7540Deposit(address(usds), made.unit),
            RateLimitKeys.erc7540Redeem(made.unit),
            RateLimitKeys.lctsExit(made.unit)
        ];
        for (uint256 i; i < keys.length; ++i) {
            vm.prank(primeSubProxy);
            primeLimits.setRateLimitData(keys[i], 0, 0, 0, block.timestamp);
            assertOff(LIMITS);
            vm.prank(primeSubProxy);
            primeLimits.setRateLimitPreserving(keys[i], 1, 0);
            vm.assertEq(mask(), uint256(ALL), "set again");
        }
        vm.assertEq(units.onboarding(UNIT_ID, stranger), uint256(UNIT_BITS), "a stranger is no Prime");
    }

    function test_limitBitFollowsTheClasssKey() public {
        bytes32 key = RateLimitKeys.lctsFundRedeem(address(usds), made.unit);
        vm.prank(haloProxy);
        RateLimits(at.rateLimits).setRateLimitData(key, 0, 0, 0, block.timestamp);
        assertOff(LIMITS);
        vm.assertFalse(units.isProperlyOnboarded(UNIT_ID), "no way to fund redemptions");
        vm.prank(haloProxy);
        RateLimits(at.rateLimits).setRateLimitPreserving(key, 1, 0);
        vm.assertEq(mask(), uint256(ALL), "set again");
        vm.assertTrue(units.isProperlyOnboarded(UNIT_ID), "properly onboarded");
    }

    function test_limitBitFollowsThePrimesRecord() public {
        RateLimits fresh = new RateLimits(primeSubProxy);
        vm.prank(sky);
        units.registerPrime("spark", address(primeProxy), address(fresh), stranger);
        assertOff(LIMITS);
        vm.prank(sky);
        units.registerPrime("spark", address(primeProxy), address(primeLimits), stranger);
        vm.assertEq(mask(), uint256(ALL), "mended");
    }

    /// @dev Once there is a BeamState, it must know how the Prime's subscriptions may grow.
    function test_limitBitFollowsTheConfigurator() public {
        bytes32 key = RateLimitKeys.erc7540Deposit(address(usds), made.unit);
        address prime = address(primeProxy);
        vm.prank(sky);
        units.setBeamState(address(beamState));
        vm.assertEq(units.beamState(), address(beamState), "set");
        assertOff(LIMITS);
        openConfigurator(made.unit);
        vm.assertEq(mask(), uint256(ALL), "a live init");

        for (uint256 i; i < 5; ++i) {
            uint256 before = vm.snapshotState();
            vm.startPrank(sky);
            if (i == 0) beamState.delInitRateLimit(key, prime);
            else if (i == 1) beamState.stop();
            else if (i == 2) beamState.setHop(address(0), 0);
            else if (i == 3) beamState.setMaxChange(address(0), 0);
            else beamState.unregisterPau(prime);
            vm.stopPrank();
            assertOff(LIMITS);
            vm.assertTrue(units.isProperlyOnboarded(UNIT_ID), "which is no concern of the Class");
            vm.revertToState(before);
        }
        // An init for every PAU does as well.
        vm.startPrank(sky);
        beamState.delInitRateLimit(key, prime);
        beamState.addInitRateLimit(key, address(0), 1, 0);
        vm.stopPrank();
        vm.assertEq(mask(), uint256(ALL), "for all");

        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(Governed.NotAdmin.selector, stranger));
        units.setBeamState(stranger);
        vm.prank(sky);
        vm.expectRevert(abi.encodeWithSelector(Governed.ZeroAddress.selector, bytes32("beamState")));
        units.setBeamState(address(0));
    }

    // --- The gate ---

    function test_activationOpensTheUnitForADayAndSlack() public {
        vm.assertEq(unit.subscribeUntil(), block.timestamp + 26 hours, "until");
        vm.assertTrue(unit.state() == UnitState.ACTIVE, "active");
        subscribe();
        vm.warp(block.timestamp + 26 hours);
        subscribe();
        vm.warp(block.timestamp + 1);
        expectClosed(unit.subscribeUntil());
    }

    /// @dev I29: one poke after any of the bits is lost, subscriptions are refused; exits are not.
    function test_I29_aPokeClosesTheGateAndOpensItAgain() public {
        subscribe();
        vm.prank(council);
        beacons.suspend(LCTS_BEACON);
        vm.expectEmit(address(units));
        emit UnitRegistry.UnitPoked(UNIT_ID, FACTORY | REPORTING, 0);
        vm.prank(stranger);
        vm.assertEq(units.poke(UNIT_ID), uint256(FACTORY | REPORTING), "mask");
        UnitRecord memory record = units.unitRecord(UNIT_ID);
        vm.assertEq(record.mask, uint256(FACTORY | REPORTING), "stored");
        vm.assertEq(record.pokedAt, block.timestamp, "when");
        vm.assertEq(unit.subscribeUntil(), uint256(0), "closed");
        expectClosed(0);
        vm.startPrank(address(primeProxy));
        unit.cancelDepositRequest(0, address(primeProxy));
        vm.assertEq(
            unit.claimCancelDepositRequest(0, address(primeProxy), address(primeProxy)), 1_000e18, "principal"
        );
        vm.stopPrank();

        vm.prank(sky);
        beacons.resume(LCTS_BEACON);
        units.poke(UNIT_ID);
        subscribe();
    }

    function test_I29_eachOfTheThreeBitsClosesTheGate() public {
        bytes32 id = templates.idOf(TemplateKind.QUEUE, "LctsQueue");
        bytes32 artifactId = artifacts.idOf(ArtifactKind.UNIT, UNIT_ID);
        for (uint256 i; i < 3; ++i) {
            uint256 before = vm.snapshotState();
            vm.startPrank(council);
            if (i == 0) templates.revoke(id, 1);
            else if (i == 1) beacons.revoke(RELAY_BEACON);
            else artifacts.revoke(artifactId, 1, "reason");
            vm.stopPrank();
            units.poke(UNIT_ID);
            expectClosed(0);
            vm.revertToState(before);
        }
        subscribe();
    }

    function test_pokingAPendingUnitOpensNothing() public {
        vm.revertToState(pending);
        units.poke(UNIT_ID);
        vm.assertEq(unit.subscribeUntil(), uint256(0), "closed");
        vm.assertTrue(unit.state() == UnitState.PENDING, "pending");
        vm.expectRevert(abi.encodeWithSelector(UnitRegistry.UnknownUnit.selector, bytes32("?")));
        units.poke("?");
    }

    function test_suspendRetireAndReactivate() public {
        address[5] memory guardians = [freezer, conserver, council, sky, at.guard];
        for (uint256 i; i < guardians.length; ++i) {
            vm.expectEmit(address(units));
            emit UnitRegistry.UnitStateChanged(UNIT_ID, Standing.ACTIVE, Standing.SUSPENDED, "reason");
            vm.prank(guardians[i]);
            units.suspend(UNIT_ID, "reason");
            vm.assertEq(unit.subscribeUntil(), uint256(0), "closed at once");
            units.poke(UNIT_ID);
            vm.assertEq(unit.subscribeUntil(), uint256(0), "and a poke does not open it");
            vm.prank(guardians[i]);
            vm.expectRevert(abi.encodeWithSelector(UnitRegistry.WrongStanding.selector, Standing.SUSPENDED));
            units.suspend(UNIT_ID, "again");
            vm.prank(sky);
            units.activate(UNIT_ID);
            vm.assertEq(unit.subscribeUntil(), block.timestamp + 26 hours, "open again");
        }
        vm.startPrank(sky);
        vm.expectRevert(abi.encodeWithSelector(UnitRegistry.WrongStanding.selector, Standing.ACTIVE));
        units.activate(UNIT_ID);
        units.retire(UNIT_ID, "reason");
        vm.assertEq(unit.subscribeUntil(), uint256(0), "closed");
        vm.expectRevert(abi.encodeWithSelector(UnitRegistry.WrongStanding.selector, Standing.RETIRED));
        units.retire(UNIT_ID, "again");
        vm.expectRevert(abi.encodeWithSelector(UnitRegistry.WrongStanding.selector, Standing.RETIRED));
        units.activate(UNIT_ID);
        vm.expectRevert(abi.encodeWithSelector(UnitRegistry.WrongStanding.selector, Standing.RETIRED));
        units.suspend(UNIT_ID, "reason");
        units.poke(UNIT_ID);
        vm.assertEq(unit.subscribeUntil(), uint256(0), "for good");
    }

    /// @dev I29: without any one of bits 0 to 2 or the Class's key there is no activation.
    function test_I29_activationNeedsTheBitsAndTheClasssKey() public {
        vm.revertToState(pending);
        bytes32 template = templates.idOf(TemplateKind.UNIT, "HaloUnit");
        bytes32 artifactId = artifacts.idOf(ArtifactKind.HALO, HALO_ID);
        bytes32 key = RateLimitKeys.lctsFundRedeem(address(usds), made.unit);
        uint8[4] memory masks = [SENTINEL | REPORTING, FACTORY | REPORTING, FACTORY | SENTINEL, UNIT_BITS];
        for (uint256 i; i < 4; ++i) {
            uint256 before = vm.snapshotState();
            vm.startPrank(i == 3 ? haloProxy : council);
            if (i == 0) templates.revoke(template, 1);
            else if (i == 1) beacons.suspend(LCTS_BEACON);
            else if (i == 2) artifacts.revoke(artifactId, 1, "reason");
            else RateLimits(at.rateLimits).setRateLimitData(key, 0, 0, 0, block.timestamp);
            vm.stopPrank();
            vm.prank(sky);
            vm.expectRevert(abi.encodeWithSelector(UnitRegistry.NotOnboarded.selector, masks[i], i != 3));
            units.activate(UNIT_ID);
            vm.revertToState(before);
        }
        vm.prank(sky);
        units.activate(UNIT_ID);
    }

    function test_access() public {
        address[6] memory callers = [stranger, deployer, settler, relayer, haloProxy, address(primeProxy)];
        for (uint256 i; i < callers.length; ++i) {
            vm.startPrank(callers[i]);
            vm.expectRevert(abi.encodeWithSelector(Governed.NotAdmin.selector, callers[i]));
            units.activate(UNIT_ID);
            vm.expectRevert(abi.encodeWithSelector(Governed.NotAdmin.selector, callers[i]));
            units.retire(UNIT_ID, 0);
            vm.expectRevert(abi.encodeWithSelector(UnitRegistry.NotGuardian.selector, callers[i]));
            units.suspend(UNIT_ID, 0);
            vm.expectRevert(abi.encodeWithSignature("NotRegistry()"));
            unit.setSubscribeUntil(type(uint64).max);
            vm.stopPrank();
        }
        address[3] memory guardians = [freezer, conserver, council];
        for (uint256 i; i < guardians.length; ++i) {
            vm.startPrank(guardians[i]);
            vm.expectRevert(abi.encodeWithSelector(Governed.NotAdmin.selector, guardians[i]));
            units.activate(UNIT_ID);
            vm.expectRevert(abi.encodeWithSelector(Governed.NotAdmin.selector, guardians[i]));
            units.retire(UNIT_ID, 0);
            vm.stopPrank();
        }
        vm.startPrank(sky);
        vm.expectRevert(abi.encodeWithSelector(UnitRegistry.UnknownUnit.selector, bytes32("?")));
        units.activate("?");
        vm.expectRevert(abi.encodeWithSelector(UnitRegistry.UnknownUnit.selector, bytes32("?")));
        units.suspend("?", 0);
        vm.expectRevert(abi.encodeWithSelector(UnitRegistry.UnknownUnit.selector, bytes32("?")));
        units.retire("?", 0);
    }

    /// @dev What differs between the Units of a Class can be read beside what they share.
    function test_termsOfAUnit() public {
        (uint8 tranche, uint16 annualBps, uint16 minCoverBps) = units.unitTerms(UNIT_ID);
        vm.assertTrue(tranche == 0 && annualBps == 0 && minCoverBps == 0, "all alike");
        vm.prank(haloProxy);
        HaloBook(at.book).setTerms(made.unit, 500, 2_000);
        (tranche, annualBps, minCoverBps) = units.unitTerms(UNIT_ID);
        vm.assertTrue(tranche == 0 && annualBps == 500 && minCoverBps == 2_000, "as the Book has them");
        (tranche, annualBps, minCoverBps) = units.unitTerms("?");
        vm.assertTrue(tranche == 0 && annualBps == 0 && minCoverBps == 0, "an unknown Unit");
    }

    function mask() private view returns (uint8) {
        return units.onboarding(UNIT_ID, address(primeProxy));
    }

    /// @dev Exactly this bit is off.
    function assertOff(uint8 bit) private view {
        vm.assertEq(mask(), uint256(ALL ^ bit), "exactly this bit is off");
        if (bit != LIMITS) vm.assertFalse(units.isProperlyOnboarded(UNIT_ID), "not properly onboarded");
    }

    function expectClosed(uint64 until) private {
        vm.expectRevert(abi.encodeWithSelector(UnitVault.NotOnboarded.selector, until));
        vm.prank(address(primeProxy));
        unit.requestDeposit(1_000e18, address(primeProxy), address(primeProxy));
    }

    function subscribe() private {
        usds.mint(address(primeProxy), 1_000e18);
        vm.startPrank(address(primeProxy));
        usds.approve(made.unit, 1_000e18);
        unit.requestDeposit(1_000e18, address(primeProxy), address(primeProxy));
        vm.stopPrank();
    }
}
