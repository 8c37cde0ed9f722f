// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Governed } from "src/registry/Governed.sol";
import {
    ClassAddresses,
    ClassRecord,
    Halo,
    LegacyRecord,
    Prime,
    Standing,
    UnitAddresses,
    UnitRecord
} from "src/registry/RegistryTypes.sol";
import { UnitRegistry } from "src/registry/UnitRegistry.sol";
import { Test } from "test/base/Test.sol";

/// @notice The records. What the registry says of onboarding stands in Onboarding.t.sol.
contract UnitRegistryTest is Test {
    UnitRegistry private registry;
    address private sky = makeAddr("sky");
    address private council = makeAddr("council");
    address private factory = makeAddr("factory");
    address private stranger = makeAddr("stranger");
    address private proxy = makeAddr("proxy");
    address private limits = makeAddr("limits");
    address private controller = makeAddr("controller");
    address private haloProxy = makeAddr("haloProxy");
    address private asset = makeAddr("asset");

    function setUp() public {
        vm.warp(1_800_000_000);
        registry = new UnitRegistry(sky, makeAddr("templates"), makeAddr("beacons"), makeAddr("artifacts"));
        vm.startPrank(sky);
        registry.setCouncil(council);
        registry.setFactory(factory);
        registry.registerPrime("spark", proxy, limits, controller);
        registry.registerHalo("acme", keccak256("spark"), haloProxy);
        vm.stopPrank();
    }

    function test_constructor() public {
        (address templates, address beacons, address artifacts) = registry.sources();
        vm.assertEq(templates, makeAddr("templates"), "templates");
        vm.assertEq(beacons, makeAddr("beacons"), "beacons");
        vm.assertEq(artifacts, makeAddr("artifacts"), "artifacts");
        vm.expectRevert(zero("admin"));
        new UnitRegistry(address(0), sky, sky, sky);
        vm.expectRevert(zero("templates"));
        new UnitRegistry(sky, address(0), sky, sky);
        vm.expectRevert(zero("beacons"));
        new UnitRegistry(sky, sky, address(0), sky);
        vm.expectRevert(zero("artifacts"));
        new UnitRegistry(sky, sky, sky, address(0));
    }

    // --- Primes ---

    function test_primes() public {
        Prime memory prime = registry.primeRecord(keccak256("spark"));
        vm.assertEq(prime.proxy, proxy, "proxy");
        vm.assertEq(prime.rateLimits, limits, "limits");
        vm.assertEq(prime.controller, controller, "controller");
        vm.assertEq(prime.registeredAt, block.timestamp, "when");
        vm.assertEq(registry.primeOf(proxy), keccak256("spark"), "of the proxy");

        vm.expectEmit(address(registry));
        emit UnitRegistry.PrimeRegistered(keccak256("grove"), "grove", stranger, limits, controller);
        vm.prank(sky);
        registry.registerPrime("grove", stranger, limits, controller);
        vm.assertEq(registry.primeCount(), 2, "count");
        vm.assertEq(registry.primeAt(1), keccak256("grove"), "at");
    }

    function test_aPrimeThatMovesLeavesItsOldProxy() public {
        address next = makeAddr("next");
        vm.prank(sky);
        registry.registerPrime("spark", next, limits, controller);
        vm.assertEq(registry.primeOf(proxy), bytes32(0), "the old proxy is nobody's");
        vm.assertEq(registry.primeOf(next), keccak256("spark"), "the new one is");
        vm.assertEq(registry.primeCount(), 1, "it is the same Prime");

        // With the same proxy only the rest is renewed.
        vm.prank(sky);
        registry.registerPrime("spark", next, stranger, controller);
        vm.assertEq(registry.primeOf(next), keccak256("spark"), "still");
        vm.assertEq(registry.primeRecord(keccak256("spark")).rateLimits, stranger, "limits");
    }

    function test_primesAreRefused() public {
        vm.startPrank(sky);
        vm.expectRevert(abi.encodeWithSelector(UnitRegistry.ProxyTaken.selector, proxy));
        registry.registerPrime("grove", proxy, limits, controller);
        vm.expectRevert(UnitRegistry.EmptySlug.selector);
        registry.registerPrime("", stranger, limits, controller);
        vm.expectRevert(zero("proxy"));
        registry.registerPrime("grove", address(0), limits, controller);
        vm.expectRevert(zero("rateLimits"));
        registry.registerPrime("grove", stranger, address(0), controller);
        vm.expectRevert(zero("controller"));
        registry.registerPrime("grove", stranger, limits, address(0));
    }

    /// @dev Whatever the order of registrations and moves, a proxy leads to the Prime that has it and to no other.
    function testFuzz_proxiesAndPrimesAgree(uint8[12] calldata moves) public {
        string[3] memory slugs = ["spark", "grove", "keel"];
        for (uint256 i; i < moves.length; ++i) {
            uint256 slug = moves[i] % 3;
            address next = vm.addr(1 + (moves[i] / 3) % 4);
            bytes32 holder = registry.primeOf(next);
            bytes32 id = keccak256(bytes(slugs[slug]));
            vm.prank(sky);
            if (holder != 0 && holder != id) {
                vm.expectRevert(abi.encodeWithSelector(UnitRegistry.ProxyTaken.selector, next));
            }
            registry.registerPrime(slugs[slug], next, limits, controller);
        }
        for (uint256 i; i < registry.primeCount(); ++i) {
            bytes32 id = registry.primeAt(i);
            vm.assertEq(registry.primeOf(registry.primeRecord(id).proxy), id, "record and index");
        }
        uint256 indexed_;
        for (uint256 i = 1; i <= 4; ++i) {
            if (registry.primeOf(vm.addr(i)) != 0) ++indexed_;
        }
        if (registry.primeOf(proxy) != 0) ++indexed_;
        vm.assertEq(indexed_, registry.primeCount(), "one proxy for each Prime");
    }

    // --- Halos ---

    function test_halos() public {
        Halo memory halo = registry.haloRecord(keccak256("acme"));
        vm.assertEq(halo.primeId, keccak256("spark"), "prime");
        vm.assertEq(halo.proxy, haloProxy, "proxy");
        vm.assertEq(halo.registeredAt, block.timestamp, "when");
        vm.assertEq(registry.haloCount(), 1, "count");
        vm.assertEq(registry.haloAt(0), keccak256("acme"), "at");

        vm.startPrank(sky);
        vm.expectRevert(abi.encodeWithSelector(UnitRegistry.AlreadyRegistered.selector, keccak256("acme")));
        registry.registerHalo("acme", keccak256("spark"), stranger);
        vm.expectRevert(abi.encodeWithSelector(UnitRegistry.UnknownPrime.selector, keccak256("grove")));
        registry.registerHalo("zenith", keccak256("grove"), stranger);
        vm.expectRevert(zero("proxy"));
        registry.registerHalo("zenith", keccak256("spark"), address(0));
        vm.expectRevert(UnitRegistry.EmptySlug.selector);
        registry.registerHalo("", keccak256("spark"), stranger);
        vm.expectEmit(address(registry));
        emit UnitRegistry.HaloRegistered(keccak256("zenith"), keccak256("spark"), "zenith", stranger);
        registry.registerHalo("zenith", keccak256("spark"), stranger);
    }

    // --- Classes and Units ---

    function test_classesAndUnits() public {
        vm.expectEmit(address(registry));
        emit UnitRegistry.ClassRegistered(
            "class", keccak256("acme"), classAt(), "params", "beacon", "legal frame"
        );
        vm.prank(factory);
        registry.registerClass("class", class_(keccak256("acme")));
        ClassRecord memory c = registry.classRecord("class");
        vm.assertEq(abi.encode(c.at), abi.encode(classAt()), "addresses");
        vm.assertTrue(c.haloId == keccak256("acme") && c.paramsHash == "params", "ids");
        vm.assertTrue(c.beaconId == "beacon" && c.legalFrameHash == "legal frame", "what its Units share");
        vm.assertTrue(c.asset == asset && c.factory == factory, "asset, factory");
        vm.assertEq(c.registeredAt, block.timestamp, "when");
        vm.assertEq(registry.classesOf(keccak256("acme")).length, 1, "of the Halo");

        vm.expectEmit(address(registry));
        emit UnitRegistry.UnitRegistered("unit", "class", unitAt(), 3, "params");
        vm.expectEmit(address(registry));
        emit UnitRegistry.UnitStateChanged("unit", Standing.NONE, Standing.PENDING, 0);
        vm.prank(factory);
        registry.registerUnit("unit", "class", unitAt(), 3, "params");
        UnitRecord memory u = registry.unitRecord("unit");
        vm.assertEq(abi.encode(u.at), abi.encode(unitAt()), "addresses");
        vm.assertTrue(u.classId == "class" && u.paramsHash == "params", "ids");
        vm.assertTrue(u.standing == Standing.PENDING && u.tranche == 3, "standing, tranche");
        vm.assertTrue(u.registeredAt == block.timestamp && u.mask == 0 && u.pokedAt == 0, "times, mask");
        vm.assertEq(registry.unitByAddress(unitAt().unit), "unit", "by address");
        vm.assertEq(registry.unitsOf("class").length, 1, "of the Class");
    }

    function test_classesAndUnitsAreRefused() public {
        vm.startPrank(factory);
        vm.expectRevert(abi.encodeWithSelector(UnitRegistry.UnknownHalo.selector, keccak256("zenith")));
        registry.registerClass("class", class_(keccak256("zenith")));
        vm.expectRevert(abi.encodeWithSelector(UnitRegistry.UnknownClass.selector, bytes32("class")));
        registry.registerUnit("unit", "class", unitAt(), 0, "params");
        registry.registerClass("class", class_(keccak256("acme")));
        vm.expectRevert(abi.encodeWithSelector(UnitRegistry.AlreadyRegistered.selector, bytes32("class")));
        registry.registerClass("class", class_(keccak256("acme")));
        registry.registerUnit("unit", "class", unitAt(), 0, "params");
        vm.expectRevert(abi.encodeWithSelector(UnitRegistry.AlreadyRegistered.selector, bytes32("unit")));
        registry.registerUnit("unit", "class", unitAt(), 0, "params");
    }

    // --- Units from before the factory ---

    function test_legacies() public {
        bytes32 haloId = keccak256("acme");
        bytes32 id = keccak256(abi.encode("legacy", haloId, keccak256("old")));
        vm.expectEmit(address(registry));
        emit UnitRegistry.LegacyRegistered(id, haloId, "old", stranger, false, "why not");
        vm.startPrank(sky);
        vm.assertEq(registry.registerLegacy(haloId, "old", stranger, false, "why not"), id, "id");
        registry.registerLegacy(haloId, "older", proxy, true, "why");
        vm.assertEq(registry.legacyCount(), 2, "count");
        vm.assertEq(registry.legacyAt(0), id, "at");
        // What is mended is found to conform.
        registry.registerLegacy(haloId, "old", stranger, true, "mended");
        vm.stopPrank();
        vm.assertEq(registry.legacyCount(), 2, "the same Unit");
        LegacyRecord memory record = registry.legacyRecord(id);
        vm.assertTrue(record.conforms && record.unit == stranger && record.haloId == haloId, "record");
        vm.assertTrue(record.docHash == "mended" && record.registeredAt == block.timestamp, "document");
    }

    /// @dev Whatever it conforms to, it is no Unit here: nothing can activate it or say that it is onboarded.
    function test_aLegacyNeverPassesForFactoryMade() public {
        vm.startPrank(sky);
        bytes32 id = registry.registerLegacy(keccak256("acme"), "old", stranger, true, "why");
        vm.assertEq(registry.onboarding(id, proxy), uint256(0), "no bit");
        vm.assertFalse(registry.isProperlyOnboarded(id), "not onboarded");
        vm.assertEq(registry.unitByAddress(stranger), bytes32(0), "no Unit");
        vm.assertEq(registry.unitCount(), 0, "not counted");
        vm.expectRevert(abi.encodeWithSelector(UnitRegistry.UnknownUnit.selector, id));
        registry.activate(id);
        vm.expectRevert(abi.encodeWithSelector(UnitRegistry.UnknownUnit.selector, id));
        registry.poke(id);
    }

    function test_legaciesAreRefused() public {
        bytes32 haloId = keccak256("acme");
        vm.startPrank(factory);
        registry.registerClass("class", class_(haloId));
        registry.registerUnit("unit", "class", unitAt(), 0, "params");
        vm.expectRevert(abi.encodeWithSelector(Governed.NotAdmin.selector, factory));
        registry.registerLegacy(haloId, "old", stranger, true, "why");
        vm.stopPrank();
        address made = unitAt().unit;
        vm.startPrank(sky);
        vm.expectRevert(abi.encodeWithSelector(UnitRegistry.AlreadyRegistered.selector, bytes32("unit")));
        registry.registerLegacy(haloId, "old", made, true, "why");
        vm.expectRevert(abi.encodeWithSelector(UnitRegistry.UnknownHalo.selector, bytes32("?")));
        registry.registerLegacy("?", "old", stranger, true, "why");
        vm.expectRevert(zero("unit"));
        registry.registerLegacy(haloId, "old", address(0), true, "why");
        vm.expectRevert(UnitRegistry.EmptySlug.selector);
        registry.registerLegacy(haloId, "", stranger, true, "why");
    }

    function test_anotherFactoryTakesOver() public {
        vm.expectEmit(address(registry));
        emit UnitRegistry.FactorySet(stranger);
        vm.prank(sky);
        registry.setFactory(stranger);
        vm.prank(factory);
        vm.expectRevert(abi.encodeWithSelector(UnitRegistry.NotFactory.selector, factory));
        registry.registerClass("class", class_(keccak256("acme")));
        vm.prank(stranger);
        registry.registerClass("class", class_(keccak256("acme")));
        vm.assertEq(registry.classRecord("class").factory, stranger, "the record names its maker");
        vm.prank(sky);
        vm.expectRevert(zero("factory"));
        registry.setFactory(address(0));
    }

    function test_access() public {
        address[4] memory callers = [stranger, council, factory, haloProxy];
        for (uint256 i; i < callers.length; ++i) {
            bytes memory refusal = abi.encodeWithSelector(Governed.NotAdmin.selector, callers[i]);
            vm.startPrank(callers[i]);
            vm.expectRevert(refusal);
            registry.setFactory(stranger);
            vm.expectRevert(refusal);
            registry.registerPrime("grove", stranger, limits, controller);
            vm.expectRevert(refusal);
            registry.registerHalo("zenith", keccak256("spark"), stranger);
            vm.expectRevert(refusal);
            registry.setAdmin(stranger);
            vm.expectRevert(refusal);
            registry.setCouncil(stranger);
            vm.stopPrank();
        }
        address[4] memory others = [stranger, council, sky, haloProxy];
        for (uint256 i; i < others.length; ++i) {
            bytes memory refusal = abi.encodeWithSelector(UnitRegistry.NotFactory.selector, others[i]);
            vm.startPrank(others[i]);
            vm.expectRevert(refusal);
            registry.registerClass("class", class_(keccak256("acme")));
            vm.expectRevert(refusal);
            registry.registerUnit("unit", "class", unitAt(), 0, "params");
            vm.stopPrank();
        }
    }

    function classAt() private returns (ClassAddresses memory) {
        return ClassAddresses({
            controller: makeAddr("1"),
            almProxy: makeAddr("2"),
            rateLimits: makeAddr("3"),
            acl: makeAddr("4"),
            freezerModule: makeAddr("5"),
            book: makeAddr("6"),
            reporter: makeAddr("7"),
            ledger: makeAddr("11"),
            guard: makeAddr("12")
        });
    }

    function class_(bytes32 haloId) private returns (ClassRecord memory) {
        return ClassRecord({
            haloId: haloId,
            paramsHash: "params",
            beaconId: "beacon",
            legalFrameHash: "legal frame",
            at: classAt(),
            asset: asset,
            registeredAt: 1,
            factory: stranger
        });
    }

    function unitAt() private returns (UnitAddresses memory) {
        return
            UnitAddresses({ unit: makeAddr("8"), subscribeQueue: makeAddr("9"), redeemQueue: makeAddr("10") });
    }

    function zero(bytes32 field) private pure returns (bytes memory) {
        return abi.encodeWithSelector(Governed.ZeroAddress.selector, field);
    }
}
