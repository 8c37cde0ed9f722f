// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Clones } from "@openzeppelin/contracts/proxy/Clones.sol";

import { HaloBook } from "src/book/HaloBook.sol";
import { PositionReporter } from "src/book/PositionReporter.sol";
import { ClassParams, Endpoint, Limit, UnitParams } from "src/factory/FactoryTypes.sol";
import { LaniakeaFactory } from "src/factory/LaniakeaFactory.sol";
import { TemplateKind, TemplateRegistry, TemplateStatus } from "src/factory/TemplateRegistry.sol";
import { Pau } from "src/configurator/BeamTypes.sol";
import { EmergencyGuard } from "src/emergency/EmergencyGuard.sol";
import { GuardInit } from "src/emergency/EmergencyTypes.sol";
import { HaloUnit } from "src/lcts/HaloUnit.sol";
import { LctsQueue } from "src/lcts/LctsQueue.sol";
import { UnitState } from "src/lcts/UnitTypes.sol";
import { EndpointBuffer } from "src/offramp/EndpointBuffer.sol";
import { OfframpLedger } from "src/offramp/OfframpLedger.sol";
import { EndpointConfig, OTC_DESK } from "src/offramp/OfframpTypes.sol";
import { AccessControls } from "src/pau/AccessControls.sol";
import { ClassAccessControls } from "src/pau/ClassAccessControls.sol";
import { ClassController } from "src/pau/ClassController.sol";
import { Controller } from "src/pau/Controller.sol";
import { ControllerSurface } from "src/pau/ControllerSurface.sol";
import { FreezerModule } from "src/pau/FreezerModule.sol";
import { PsmConfig, RateLimitData } from "src/pau/PauTypes.sol";
import { RateLimitKeys } from "src/pau/RateLimitKeys.sol";
import { RateLimits } from "src/pau/RateLimits.sol";
import { Roles } from "src/pau/Roles.sol";
import {
    ClassAddresses,
    ClassRecord,
    Standing,
    UnitAddresses,
    UnitRecord
} from "src/registry/RegistryTypes.sol";
import { Vm } from "test/base/Test.sol";
import { HaloBase } from "test/factory/HaloBase.sol";

interface RolesLike {
    function hasRole(bytes32 role, address account) external view returns (bool);
    function getRoleMemberCount(bytes32 role) external view returns (uint256);
}

/// @notice What a deployment leaves behind: I26, I27, and the half of I28 that the factory owes.
contract LaniakeaFactoryTest is HaloBase {
    // OpenZeppelin's Initializable: the version, type(uint64).max when locked for ever.
    bytes32 private constant INITIALIZABLE =
        0xf0c57e16840df040f15088dc2f81fe391c3923bec73e23a9662efc9c229c6a00;
    bytes32 private constant ROLE_GRANTED = keccak256("RoleGranted(bytes32,address,address)");

    // --- Classes ---

    function test_I27_classIsWhereItWasPredicted() public {
        ClassParams memory p = classParams();
        ClassAddresses memory predicted = factory.predictClass(p);
        ClassAddresses memory at = deployClass(p);
        vm.assertEq(abi.encode(at), abi.encode(predicted), "I27: predicted and actual");
        address[9] memory list = classList(at);
        for (uint256 i; i < list.length; ++i) {
            vm.assertGt(list[i].code.length, 0, "deployed");
        }
    }

    /// @dev Only ids and salt decide: what the roles and limits are changes no address.
    function testFuzz_I27_classIsWhereItWasPredicted(bytes32 salt, uint8 threshold, uint128 limit) public {
        ClassParams memory p = classParams();
        p.salt = salt;
        ClassAddresses memory predicted = factory.predictClass(p);
        p.threshold = uint8(bound(threshold, 1, 3));
        p.limits[0].maxAmount = limit;
        p.facets = new bytes32[](0);
        p.endpoints = new Endpoint[](0);
        p.psm.psm = address(0);
        vm.assertEq(abi.encode(deployClass(p)), abi.encode(predicted), "I27: predicted and actual");
    }

    function test_predictionsDifferByChainFactoryHaloSlugAndSalt() public {
        ClassParams memory p = classParams();
        address first = factory.predictClass(p).almProxy;

        p.salt = "other";
        vm.assertNotEq(factory.predictClass(p).almProxy, first, "salt");
        p = classParams();
        p.slug = "clo";
        vm.assertNotEq(factory.predictClass(p).almProxy, first, "slug");
        p = classParams();
        p.haloId = "other";
        vm.assertNotEq(factory.predictClass(p).almProxy, first, "halo");
        p = classParams();
        LaniakeaFactory second = new LaniakeaFactory(sky, factoryCore());
        vm.assertNotEq(second.predictClass(p).almProxy, first, "factory");
        vm.chainId(5);
        vm.assertNotEq(factory.predictClass(p).almProxy, first, "chain");
    }

    function test_clonesAreWhereOpenZeppelinPutsThem() public {
        ClassParams memory p = classParams();
        bytes32 salt = keccak256(
            abi.encode(block.chainid, address(factory), CLASS_ID, bytes32("HaloBook"), uint16(1), p.salt)
        );
        address book = implementation(TemplateKind.BOOK, "HaloBook");
        vm.assertEq(
            factory.predictClass(p).book,
            Clones.predictDeterministicAddress(book, salt, address(factory)),
            "book"
        );
    }

    function test_P15_rolesOfAClassAreExactlyTheTable() public {
        ClassParams memory p = classParams();
        p.admins = new address[](2);
        (p.admins[0], p.admins[1]) = (haloProxy, makeAddr("skyProxy"));
        ClassAddresses memory at = deployClass(p);

        address[] memory admins = with(p.admins, at.guard);
        assertMembers(at.acl, Roles.DEFAULT_ADMIN, admins);
        assertMembers(at.acl, Roles.ALLOCATOR, one(relayer));
        assertMembers(at.acl, Roles.SETTLER, one(settler));
        assertMembers(at.acl, Roles.FREEZER, p.freezers);
        assertMembers(at.acl, Roles.CONSERVER, one(conserver));
        assertMembers(at.acl, Roles.REVOKER, with(one(at.freezerModule), address(configurator)));
        assertMembers(at.acl, Roles.PARAM_ADMIN, one(address(configurator)));
        assertMembers(at.almProxy, Roles.DEFAULT_ADMIN, admins);
        assertMembers(at.almProxy, CONTROLLER_ROLE, one(at.controller));
        assertMembers(at.almProxy, keccak256("DELEGATE_CONTROLLER"), new address[](0));
        assertMembers(at.rateLimits, Roles.DEFAULT_ADMIN, admins);
        assertMembers(at.rateLimits, CONTROLLER_ROLE, one(at.controller));
        assertMembers(at.rateLimits, keccak256("LIMIT_SETTER"), one(address(configurator)));

        AccessControls acl = AccessControls(at.acl);
        vm.assertEq(acl.getRoleRevoker(Roles.ALLOCATOR), Roles.REVOKER, "revoker of the relayer");
        vm.assertEq(acl.getRoleRevoker(Roles.SETTLER), Roles.REVOKER, "revoker of the settler");
        vm.assertEq(acl.getRoleRevoker(Roles.FREEZER), Roles.REVOKER, "revoker of the freezers");

        // The table is the wardens' power in fact.
        vm.startPrank(freezer);
        FreezerModule(at.freezerModule).removeSettler(settler);
        FreezerModule(at.freezerModule).removeRelayer(relayer);
        vm.assertEq(
            acl.getRoleMemberCount(Roles.SETTLER) + acl.getRoleMemberCount(Roles.ALLOCATOR), 0, "removed"
        );
        vm.stopPrank();

        // And the Configurator's, which names the wardens and must be able to remove them.
        vm.prank(address(configurator));
        acl.revokeRole(Roles.FREEZER, freezer);
        vm.assertFalse(acl.hasRole(Roles.FREEZER, freezer), "a warden removed");
    }

    /// @dev As many as the guard can suspend in one transaction; the factory is the sixteenth admin until it is done.
    function test_asManyAdminsAndWardensAsTheGuardCanSuspend() public {
        ClassParams memory p = classParams();
        p.admins = people(14, "admin");
        p.admins[0] = haloProxy;
        p.freezers = people(16, "warden");
        ClassAddresses memory at = deployClass(p);
        vm.assertEq(RolesLike(at.almProxy).getRoleMemberCount(Roles.DEFAULT_ADMIN), 15, "and the guard");
        vm.assertEq(RolesLike(at.acl).getRoleMemberCount(Roles.FREEZER), 16, "wardens");
    }

    /// @dev I26. Reads every grant of the deployment from the log, so that a role of which this test knows nothing counts.
    function test_I26_factoryHoldsNoRoleAnywhere() public {
        vm.recordLogs();
        deployClass(classParams());
        deployUnit(unitParams());
        Vm.Log[] memory logs = vm.getRecordedLogs();
        uint256 grants;
        uint256 toFactory;
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] != ROLE_GRANTED) continue;
            ++grants;
            bytes32 role = logs[i].topics[1];
            if (logs[i].topics[2] == bytes32(uint256(uint160(address(factory))))) ++toFactory;
            vm.assertFalse(
                RolesLike(logs[i].emitter).hasRole(role, address(factory)), "I26: the factory holds a role"
            );
        }
        vm.assertEq(toFactory, 3, "it held the three admin roles for a moment");
        // Factory, admin and guard on each of three; operators, conserver, two wardens, freezer module; the Controller
        // on two; the Configurator's three.
        vm.assertEq(grants, 3 + 3 + 3 + 6 + 2 + 3, "and no grant escaped the log");
    }

    function test_componentsOfAClassKnowEachOther() public {
        ClassAddresses memory at = deployClass(classParams());
        Controller controller = Controller(at.controller);
        vm.assertEq(controller.accessControls(), at.acl, "controller: acl");
        vm.assertEq(controller.proxy(), at.almProxy, "controller: proxy");
        vm.assertEq(controller.rateLimits(), at.rateLimits, "controller: limits");
        vm.assertEq(controller.beacon(), address(facetBeacon), "controller: beacon");
        vm.assertEq(controller.sealedRegistry(), address(templates), "controller: sealed");
        vm.assertEq(FreezerModule(at.freezerModule).accessControls(), at.acl, "freezer module: acl");

        HaloBook book = HaloBook(at.book);
        vm.assertEq(book.acl(), at.acl, "book: acl");
        vm.assertEq(book.reporter(), at.reporter, "book: reporter");
        vm.assertEq(book.asset(), address(usds), "book: asset");
        vm.assertEq(book.factory(), address(factory), "book: factory");
        vm.assertEq(book.mode(), uint256(0), "book: mode");
        vm.assertEq(book.maxUpBpsPerDay(), uint256(5), "book: up");
        vm.assertEq(book.reviewDownBps(), uint256(100), "book: down");
        vm.assertEq(book.maxReportAge(), 36 hours, "book: age");

        PositionReporter reporter = PositionReporter(at.reporter);
        vm.assertEq(reporter.acl(), at.acl, "reporter: acl");
        vm.assertEq(reporter.book(), at.book, "reporter: book");
        vm.assertEq(reporter.threshold(), uint256(2), "reporter: threshold");
        vm.assertEq(reporter.attestorCount(), uint256(3), "reporter: attestors");
    }

    function test_theLedgerHasItsEndpointsAndIsSealed() public {
        ClassParams memory p = classParams();
        p.endpoints = new Endpoint[](2);
        p.endpoints[0] = classParams().endpoints[0];
        p.endpoints[1] = Endpoint({
            target: makeAddr("desk"),
            kind: OTC_DESK,
            assets: p.endpoints[0].assets,
            maxInFlight: 1_000_000e18,
            maxSlippage: 0.999e18,
            rechargeRate: 10e18,
            kycHash: "file on the desk"
        });
        address[] memory buffers = factory.predictBuffers(p);
        ClassAddresses memory at = deployClass(p);
        OfframpLedger ledger = OfframpLedger(at.ledger);
        vm.assertEq(ledger.acl(), at.acl, "acl");
        vm.assertEq(ledger.controller(), at.controller, "controller");
        vm.assertEq(ledger.almProxy(), at.almProxy, "proxy");
        vm.assertEq(ledger.reporter(), at.reporter, "reporter");
        vm.assertEq(ledger.book(), at.book, "book");
        vm.assertEq(ledger.bufferHash(), instanceHash(TemplateKind.BUFFER, "EndpointBuffer"), "buffers");
        vm.assertEq(ControllerSurface(at.controller).offramp_ledger(), at.ledger, "facet");
        vm.assertEq(HaloBook(at.book).ledger(), at.ledger, "book: ledger");
        vm.assertEq(PositionReporter(at.reporter).ledger(), at.ledger, "reporter: ledger");
        vm.assertEq(ledger.targets().length, 2, "endpoints");
        for (uint256 i; i < 2; ++i) {
            vm.assertEq(ledger.targets()[i], p.endpoints[i].target, "target");
            (EndpointConfig memory config, bool active) = ledger.endpointOf(p.endpoints[i].target);
            vm.assertTrue(active, "active");
            vm.assertEq(config.buffer, buffers[i], "I27: the buffer is where it was predicted");
            vm.assertEq(buffers[i].codehash, ledger.bufferHash(), "I28: its code");
            vm.assertEq(EndpointBuffer(payable(buffers[i])).almProxy(), at.almProxy, "its only way out");
            vm.assertEq(
                usdc.allowance(buffers[i], at.almProxy), type(uint256).max, "which the proxy may take"
            );
            vm.assertEq(config.kind, uint256(p.endpoints[i].kind), "kind");
            vm.assertEq(config.maxInFlight, p.endpoints[i].maxInFlight, "in flight");
            vm.assertEq(config.maxSlippage, p.endpoints[i].maxSlippage, "slippage");
            vm.assertEq(config.rechargeRate, p.endpoints[i].rechargeRate, "recharge");
            vm.assertEq(config.kycHash, p.endpoints[i].kycHash, "file");
        }

        // I26: sealed, so that the factory has no more to say there than anyone.
        vm.assertEq(ledger.factory(), address(0), "sealed");
        (EndpointConfig memory first,) = ledger.endpointOf(custodian);
        vm.prank(address(factory));
        vm.expectRevert(abi.encodeWithSignature("NotAuthorized(bytes32)", Roles.DEFAULT_ADMIN));
        ledger.setEndpoint(first);
    }

    function test_theGuardKnowsItsClass() public {
        ClassParams memory p = classParams();
        ClassAddresses memory at = deployClass(p);
        GuardInit memory config = EmergencyGuard(at.guard).config();
        vm.assertEq(
            abi.encode(config),
            abi.encode(
                GuardInit({
                    acl: at.acl,
                    almProxy: at.almProxy,
                    rateLimits: at.rateLimits,
                    controller: at.controller,
                    book: at.book,
                    ledger: at.ledger,
                    registry: address(units),
                    classId: CLASS_ID,
                    sky: sky,
                    takeoverDelay: p.takeoverDelay
                })
            ),
            "config"
        );
        vm.assertEq(AccessControls(at.acl).guard(), at.guard, "acl");
        vm.assertEq(AccessControls(at.almProxy).guard(), at.guard, "proxy");
        vm.assertEq(AccessControls(at.rateLimits).guard(), at.guard, "limits");
    }

    /// @dev Registered for the Configurator only after the timelock, in which the council may strike it out.
    function test_thePauWaitsInTheTimelock() public {
        ClassAddresses memory at = deployClass(classParams());
        vm.assertEq(timelock.pendingCount(), 1, "scheduled");
        bytes32 id = timelock.pendingAt(0);
        vm.assertEq(beamState.pauCount(), 0, "not yet");
        uint256 before = vm.snapshotState();
        vm.warp(block.timestamp + 14 days);
        vm.prank(stranger);
        timelock.executeBatch(id);
        Pau memory pau = beamState.pauOf(at.almProxy);
        vm.assertEq(
            abi.encode(pau), abi.encode(Pau(at.controller, at.rateLimits, at.acl, CLASS_ID)), "registered"
        );
        vm.revertToState(before);
        vm.prank(council);
        timelock.cancel(id);
        vm.assertEq(timelock.pendingCount(), 0, "struck out");
    }

    function test_aClassMayDoWithoutTheConfigurator() public {
        ClassParams memory p = classParams();
        p.configurator = false;
        ClassAddresses memory at = deployClass(p);
        assertMembers(at.acl, Roles.REVOKER, one(at.freezerModule));
        assertMembers(at.acl, Roles.PARAM_ADMIN, new address[](0));
        assertMembers(at.rateLimits, keccak256("LIMIT_SETTER"), new address[](0));
        vm.assertEq(timelock.pendingCount(), 0, "nothing scheduled");
    }

    function test_facetsAreWiredSealedAndConfigured() public {
        ClassParams memory p = classParams();
        ClassAddresses memory at = deployClass(p);
        Controller controller = Controller(at.controller);
        vm.assertEq(controller.integrations().length, p.facets.length, "integrations");
        for (uint256 i; i < p.facets.length; ++i) {
            vm.assertEq(controller.getConfig(p.facets[i]).facet, facetOf[p.facets[i]], "facet");
        }
        PsmConfig memory config = ControllerSurface(at.controller).psm_config();
        vm.assertEq(abi.encode(config), abi.encode(p.psm), "psm");

        // Sealed: even the admin wires nothing that is not approved.
        bytes32 usdsFacet = templates.idOf(TemplateKind.FACET, "UsdsFacet");
        vm.prank(council);
        templates.deprecate(usdsFacet, 1);
        bytes32[] memory ids = new bytes32[](1);
        ids[0] = "USDS_FACET";
        vm.prank(haloProxy);
        vm.expectRevert(
            abi.encodeWithSelector(Controller.FacetNotApproved.selector, facetOf["USDS_FACET"].codehash)
        );
        controller.updateIntegrations(ids);
    }

    function test_limitsStartFull() public {
        ClassParams memory p = classParams();
        RateLimits limits = RateLimits(deployClass(p).rateLimits);
        RateLimitData memory data = limits.getRateLimitData(p.limits[0].key);
        vm.assertEq(data.maxAmount, p.limits[0].maxAmount, "max");
        vm.assertEq(data.slope, p.limits[0].slope, "slope");
        vm.assertEq(data.lastUpdated, block.timestamp, "from now");
        vm.assertEq(limits.getCurrentRateLimit(p.limits[0].key), p.limits[0].maxAmount, "full");
        vm.assertEq(limits.getCurrentRateLimit(p.limits[1].key), type(uint256).max, "unlimited");
        vm.assertEq(limits.getCurrentRateLimit(RateLimitKeys.usdsMint()), 0, "no other");
    }

    function test_aClassMayHaveNoFacetsLimitsOrPsm() public {
        ClassParams memory p = classParams();
        p.facets = new bytes32[](0);
        p.endpoints = new Endpoint[](0);
        p.limits = new Limit[](0);
        delete p.psm;
        ClassAddresses memory at = deployClass(p);
        vm.assertEq(Controller(at.controller).integrations().length, 0, "nothing wired");
    }

    function test_everyCodeHashIsApproved() public {
        ClassAddresses memory at = deployClass(classParams());
        UnitAddresses memory u = deployUnit(unitParams());
        address[9] memory list = classList(at);
        for (uint256 i; i < list.length; ++i) {
            assertApproved(list[i]);
        }
        assertApproved(u.unit);
        assertApproved(u.subscribeQueue);
        assertApproved(u.redeemQueue);
    }

    function test_classIsRegisteredAndAnnounced() public {
        ClassParams memory p = classParams();
        bytes32 paramsHash = keccak256(abi.encode(p));
        ClassAddresses memory at = factory.predictClass(p);
        bytes32[9] memory hashes = [
            instanceHash(TemplateKind.CLASS_PAU, "ClassController"),
            instanceHash(TemplateKind.CLASS_PAU, "ClassALMProxy"),
            instanceHash(TemplateKind.CLASS_PAU, "ClassRateLimits"),
            instanceHash(TemplateKind.CLASS_PAU, "ClassAccessControls"),
            keccak256(type(FreezerModule).runtimeCode),
            instanceHash(TemplateKind.BOOK, "HaloBook"),
            instanceHash(TemplateKind.REPORTER, "PositionReporter"),
            instanceHash(TemplateKind.BOOK, "OfframpLedger"),
            instanceHash(TemplateKind.GUARD, "EmergencyGuard")
        ];
        approveParams(p.artifactId, paramsHash);

        vm.expectEmit(address(factory));
        emit LaniakeaFactory.ClassDeployed(
            CLASS_ID,
            HALO_ID,
            keccak256(abi.encode(hashes)),
            at,
            paramsHash,
            p.artifactId,
            "tbill",
            abi.encode(uint16(1), p)
        );
        vm.prank(deployer);
        factory.deployClass(p);

        ClassRecord memory record = units.classRecord(CLASS_ID);
        vm.assertEq(record.haloId, HALO_ID, "halo");
        vm.assertEq(record.paramsHash, paramsHash, "params");
        vm.assertEq(record.asset, address(usds), "asset");
        vm.assertEq(record.beaconId, p.beaconId, "beacon");
        vm.assertEq(record.legalFrameHash, p.legalFrameHash, "legal frame");
        vm.assertEq(units.classesOf(HALO_ID)[0], CLASS_ID, "of the Halo");
        vm.assertEq(record.factory, address(factory), "factory");
        vm.assertEq(record.registeredAt, block.timestamp, "when");
        vm.assertEq(abi.encode(record.at), abi.encode(at), "addresses");
        vm.assertEq(units.classCount(), 1, "count");
        vm.assertEq(units.classAt(0), CLASS_ID, "at");
    }

    // --- Units ---

    function test_I27_unitIsWhereItWasPredicted() public {
        UnitParams memory p = unitParams();
        UnitAddresses memory predicted = factory.predictUnit(CLASS_ID, p);
        deployClass(classParams());
        vm.assertEq(
            abi.encode(deployUnit(p)), abi.encode(predicted), "I27: predicted before the Class existed"
        );
    }

    function testFuzz_I27_unitIsWhereItWasPredicted(bytes32 salt, uint128 cap, bool open) public {
        deployClass(classParams());
        UnitParams memory p = unitParams();
        p.salt = salt;
        UnitAddresses memory predicted = factory.predictUnit(CLASS_ID, p);
        p.cap = bound(cap, p.minSubscribe, type(uint128).max);
        p.open = open;
        vm.assertEq(abi.encode(deployUnit(p)), abi.encode(predicted), "I27: predicted and actual");
    }

    function test_unitIsInitialised() public {
        ClassAddresses memory at = deployClass(classParams());
        UnitParams memory p = unitParams();
        UnitAddresses memory u = deployUnit(p);
        HaloUnit unit = HaloUnit(u.unit);
        vm.assertEq(unit.name(), p.name, "name");
        vm.assertEq(unit.symbol(), p.symbol, "symbol");
        vm.assertEq(unit.asset(), address(usds), "asset");
        vm.assertEq(unit.acl(), at.acl, "acl");
        vm.assertEq(unit.book(), at.book, "book");
        vm.assertEq(unit.classProxy(), at.almProxy, "proxy");
        vm.assertEq(unit.registry(), address(units), "registry");
        vm.assertEq(address(unit.subscribeQueue()), u.subscribeQueue, "subscribe queue");
        vm.assertEq(address(unit.redeemQueue()), u.redeemQueue, "redeem queue");
        vm.assertEq(unit.cap(), p.cap, "cap");
        vm.assertEq(unit.minEpochGap(), uint256(p.minEpochGap), "gap");
        vm.assertEq(unit.maxLock(), uint256(p.maxLock), "lock");
        vm.assertTrue(unit.isEntrant(address(primeProxy)) && unit.isHolder(address(primeProxy)), "the Prime");
        vm.assertTrue(unit.state() == UnitState.PENDING, "closed until activated");
        vm.assertEq(LctsQueue(u.subscribeQueue).unit(), u.unit, "queue: unit");
        vm.assertEq(LctsQueue(u.subscribeQueue).minEntry(), p.minSubscribe, "queue: minimum");
        vm.assertEq(LctsQueue(u.redeemQueue).unit(), u.unit, "queue: unit");
        vm.assertEq(address(LctsQueue(u.redeemQueue).underlying()), u.unit, "queue: shares");
        vm.assertEq(HaloBook(at.book).units()[0], u.unit, "in the book");
    }

    /// @dev Every clone is initialised and every implementation locked, so that nobody else can be first.
    function test_nothingCanBeInitialisedAgain() public {
        ClassParams memory p = classParams();
        ClassAddresses memory at = deployClass(p);
        UnitAddresses memory u = deployUnit(unitParams());
        bytes memory bind =
            abi.encodeCall(ClassController.initialize, (stranger, stranger, stranger, stranger, stranger));
        bytes memory refusal = abi.encodeWithSelector(ClassController.AlreadyInitialized.selector);
        assertRefused(at.controller, bind, refusal);
        assertRefused(implementation(TemplateKind.CLASS_PAU, "ClassController"), bind, refusal);

        refusal = abi.encodeWithSignature("InvalidInitialization()");
        bytes memory queueInit = abi.encodeCall(LctsQueue.initialize, (address(usds), address(usds), 0));
        assertRefused(u.subscribeQueue, queueInit, refusal);
        assertRefused(u.redeemQueue, queueInit, refusal);
        bytes memory pauInit = abi.encodeCall(ClassAccessControls.initialize, (stranger));
        assertRefused(at.acl, pauInit, refusal);
        assertRefused(factory.predictBuffers(p)[0], pauInit, refusal);

        address[9] memory clones = [
            at.almProxy,
            at.rateLimits,
            at.acl,
            at.book,
            at.reporter,
            at.ledger,
            at.guard,
            u.unit,
            u.redeemQueue
        ];
        for (uint256 i; i < clones.length; ++i) {
            vm.assertEq(vm.load(clones[i], INITIALIZABLE), bytes32(uint256(1)), "initialised once");
        }
        string[9] memory names = [
            "ClassALMProxy",
            "ClassRateLimits",
            "ClassAccessControls",
            "HaloBook",
            "PositionReporter",
            "OfframpLedger",
            "EmergencyGuard",
            "HaloUnit",
            "LctsQueue"
        ];
        TemplateKind[9] memory kinds = [
            TemplateKind.CLASS_PAU,
            TemplateKind.CLASS_PAU,
            TemplateKind.CLASS_PAU,
            TemplateKind.BOOK,
            TemplateKind.REPORTER,
            TemplateKind.BOOK,
            TemplateKind.GUARD,
            TemplateKind.UNIT,
            TemplateKind.QUEUE
        ];
        for (uint256 i; i < names.length; ++i) {
            vm.assertEq(
                vm.load(implementation(kinds[i], names[i]), INITIALIZABLE),
                bytes32(uint256(type(uint64).max)),
                "implementation locked"
            );
        }
        vm.assertFalse(
            AccessControls(implementation(TemplateKind.CLASS_PAU, "ClassAccessControls"))
                .hasRole(Roles.DEFAULT_ADMIN, address(this)),
            "the implementation's admin is nobody here"
        );
    }

    function test_unitIsRegisteredAndAnnounced() public {
        deployClass(classParams());
        UnitParams memory p = unitParams();
        bytes32 paramsHash = keccak256(abi.encode(p));
        UnitAddresses memory u = factory.predictUnit(CLASS_ID, p);
        approveParams(p.artifactId, paramsHash);
        vm.expectEmit(address(factory));
        emit LaniakeaFactory.UnitDeployed(
            UNIT_ID,
            CLASS_ID,
            u.unit,
            u.subscribeQueue,
            u.redeemQueue,
            0,
            address(usds),
            paramsHash,
            p.artifactId,
            "senior",
            abi.encode(uint16(1), p)
        );
        vm.prank(deployer);
        factory.deployUnit(CLASS_ID, p);

        UnitRecord memory record = units.unitRecord(UNIT_ID);
        vm.assertEq(record.classId, CLASS_ID, "class");
        vm.assertEq(record.paramsHash, paramsHash, "params");
        vm.assertEq(abi.encode(record.at), abi.encode(u), "addresses");
        vm.assertTrue(record.standing == Standing.PENDING, "standing");
        vm.assertEq(record.registeredAt, block.timestamp, "when");
        vm.assertEq(units.unitByAddress(u.unit), UNIT_ID, "by address");
        vm.assertEq(units.unitCount(), 1, "count");
        vm.assertEq(units.unitAt(0), UNIT_ID, "at");
        vm.assertEq(units.unitsOf(CLASS_ID)[0], UNIT_ID, "of the Class");
    }

    /// @dev Each call is a transaction of its own: cold, with calldata and refunds.
    /// forge-config: default.isolate = true
    function test_gasOfDeployments() public {
        ClassParams memory p = classParams();
        approveParams(p.artifactId, keccak256(abi.encode(p)));
        vm.prank(deployer);
        factory.deployClass(p);
        vm.assertLe(vm.snapshotGasLastCall("factory", "deployClass"), 7_000_000, "deployClass");

        UnitParams memory u = unitParams();
        approveParams(u.artifactId, keccak256(abi.encode(u)));
        vm.prank(deployer);
        factory.deployUnit(CLASS_ID, u);
        vm.assertLe(vm.snapshotGasLastCall("factory", "deployUnit"), 1_600_000, "deployUnit");
    }

    function implementation(TemplateKind kind, string memory name) private view returns (address) {
        return templates.template(keccak256(abi.encode(kind, name)), 1).implementation;
    }

    function instanceHash(TemplateKind kind, string memory name) private view returns (bytes32) {
        return templates.template(keccak256(abi.encode(kind, name)), 1).instanceHash;
    }

    function assertApproved(address instance) private view {
        (,, TemplateStatus status) = templates.isApprovedRuntime(instance.codehash);
        vm.assertTrue(status == TemplateStatus.APPROVED, "I28: code hash");
    }

    function assertMembers(address at, bytes32 role, address[] memory members) private view {
        vm.assertEq(RolesLike(at).getRoleMemberCount(role), members.length, "member count");
        for (uint256 i; i < members.length; ++i) {
            vm.assertTrue(RolesLike(at).hasRole(role, members[i]), "member");
        }
    }

    function assertRefused(address to, bytes memory data, bytes memory refusal) private {
        (bool ok, bytes memory result) = to.call(data);
        vm.assertFalse(ok, "initialised twice");
        vm.assertEq(result, refusal, "refusal");
    }

    function with(address[] memory list, address account) private pure returns (address[] memory longer) {
        longer = new address[](list.length + 1);
        for (uint256 i; i < list.length; ++i) {
            longer[i] = list[i];
        }
        longer[list.length] = account;
    }

    function one(address account) private pure returns (address[] memory list) {
        list = new address[](1);
        list[0] = account;
    }

    function classList(ClassAddresses memory at) private pure returns (address[9] memory) {
        return [
            at.controller,
            at.almProxy,
            at.rateLimits,
            at.acl,
            at.freezerModule,
            at.book,
            at.reporter,
            at.ledger,
            at.guard
        ];
    }
}
