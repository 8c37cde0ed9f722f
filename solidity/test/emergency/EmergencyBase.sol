// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { HaloBook } from "src/book/HaloBook.sol";
import { PositionReporter } from "src/book/PositionReporter.sol";
import { ConserverController } from "src/emergency/ConserverController.sol";
import { EmergencyGuard } from "src/emergency/EmergencyGuard.sol";
import { GuardInit } from "src/emergency/EmergencyTypes.sol";
import { MigrationVault } from "src/emergency/MigrationVault.sol";
import { ClassParams, Endpoint, UnitParams } from "src/factory/FactoryTypes.sol";
import { TemplateKind } from "src/factory/TemplateRegistry.sol";
import { HaloUnit } from "src/lcts/HaloUnit.sol";
import { Clock, SettleParams } from "src/lcts/UnitTypes.sol";
import { OfframpLedger } from "src/offramp/OfframpLedger.sol";
import { ALMProxy } from "src/pau/ALMProxy.sol";
import { AccessControls } from "src/pau/AccessControls.sol";
import { ControllerSurface } from "src/pau/ControllerSurface.sol";
import { RateLimitKeys } from "src/pau/RateLimitKeys.sol";
import { RateLimits } from "src/pau/RateLimits.sol";
import { Roles } from "src/pau/Roles.sol";
import { ArtifactKind } from "src/registry/ArtifactRegistry.sol";
import { BeaconClass } from "src/registry/BeaconRegistry.sol";
import { ClassAddresses, ClassRecord, UnitAddresses, UnitRecord } from "src/registry/RegistryTypes.sol";
import { HaloBase } from "test/factory/HaloBase.sol";

/// @notice A Class "tbill" with one Unit, made by the factory, its EmergencyGuard among the parts, with three Primes as its
///         holders. Tests may add Units and a second Class to migrate to.
abstract contract EmergencyBase is HaloBase {
    uint256 internal constant RAY = 1e27;
    uint256 internal constant MAX = type(uint256).max;
    uint64 internal constant DELAY = 48 hours;

    EmergencyGuard internal guard;
    ALMProxy internal custody;
    AccessControls internal acl;
    RateLimits internal limits;
    ControllerSurface internal pau;
    HaloBook internal book;
    PositionReporter internal reporter;
    HaloUnit internal unit;
    OfframpLedger internal ledger;

    address internal bravo = makeAddr("bravo");
    address internal carbon = makeAddr("carbon");
    address internal alfa;

    function setUp() public virtual override {
        super.setUp();
        alfa = address(primeProxy);
        vm.startPrank(sky);
        approveImplementation(TemplateKind.GUARD, "ConserverController", address(new ConserverController()));
        approveImplementation(TemplateKind.GUARD, "MigrationVault", address(new MigrationVault()));
        units.registerPrime("bravo", bravo, makeAddr("bravoLimits"), makeAddr("bravoController"));
        units.registerPrime("carbon", carbon, makeAddr("carbonLimits"), makeAddr("carbonController"));
        vm.stopPrank();

        ClassAddresses memory at = deployClass(_classParams());
        custody = ALMProxy(payable(at.almProxy));
        acl = AccessControls(at.acl);
        limits = RateLimits(at.rateLimits);
        pau = ControllerSurface(at.controller);
        book = HaloBook(at.book);
        reporter = PositionReporter(at.reporter);
        ledger = OfframpLedger(at.ledger);
        guard = EmergencyGuard(at.guard);

        unit = HaloUnit(deployUnit(_unitParams("senior")).unit);
        _activate(address(unit));
    }

    function _classParams() internal virtual returns (ClassParams memory) {
        return classParams();
    }

    function _guardInit() internal view returns (GuardInit memory) {
        return GuardInit({
            acl: address(acl),
            almProxy: address(custody),
            rateLimits: address(limits),
            controller: address(pau),
            book: address(book),
            ledger: address(ledger),
            registry: address(units),
            classId: CLASS_ID,
            sky: sky,
            takeoverDelay: DELAY
        });
    }

    function _unitParams(string memory slug) internal view returns (UnitParams memory p) {
        p = unitParams();
        p.slug = slug;
        p.clock = Clock(false, 0, 0);
        p.entrants = new address[](3);
        (p.entrants[0], p.entrants[1], p.entrants[2]) = (address(primeProxy), bravo, carbon);
        p.holders = new address[](0);
    }

    /// @dev What the factory does not know: a limit that lets the Class fund a Unit's redemptions, and Sky's word.
    function _activate(address at) internal {
        ClassRecord memory class_ = units.classRecord(units.unitRecord(units.unitByAddress(at)).classId);
        vm.prank(haloProxy);
        RateLimits(class_.at.rateLimits)
            .setRateLimitData(
                RateLimitKeys.lctsFundRedeem(class_.asset, at),
                100_000_000e18,
                0,
                100_000_000e18,
                block.timestamp
            );
        heartbeats();
        bytes32 id = units.unitByAddress(at);
        vm.prank(sky);
        units.activate(id);
    }

    // --- Holders ---

    /// @dev Gives `who` shares of `at` for `assets` through a whole epoch.
    function _invest(HaloUnit at, address who, uint256 assets) internal {
        _subscribe(at, who, assets);
        _epoch(at);
        uint256 shares = at.maxMint(who);
        vm.prank(who);
        at.mint(shares, who);
    }

    function _subscribe(HaloUnit at, address who, uint256 assets) internal {
        usds.mint(who, assets);
        vm.startPrank(who);
        usds.approve(address(at), assets);
        at.requestDeposit(assets, who, who);
        vm.stopPrank();
    }

    function _redeem(HaloUnit at, address who, uint256 shares) internal {
        vm.prank(who);
        at.requestRedeem(shares, who, who);
    }

    // --- Operators ---

    function _settlerOf(HaloUnit at) internal view returns (address) {
        return AccessControls(at.acl()).getRoleMember(Roles.SETTLER, 0);
    }

    /// @dev Renews the onboarding, locks, reports an unchanged NAV and settles with all capacity there is.
    function _epoch(HaloUnit at) internal {
        _lock(at);
        skip(1 hours);
        HaloBook its = HaloBook(at.book());
        if (!its.isEmpty()) postReport(PositionReporter(its.reporter()), its.nav());
        _settle(at, MAX, MAX);
    }

    function _lock(HaloUnit at) internal {
        uint256 next = uint256(at.lastLockAt()) + at.minEpochGap();
        if (block.timestamp < next) vm.warp(next);
        vm.prank(_settlerOf(at));
        at.lockEpoch();
    }

    function _settle(HaloUnit at, uint256 subscribeCapacity, uint256 redeemCapacity) internal {
        SettleParams memory p = SettleParams(at.epoch(), subscribeCapacity, redeemCapacity, 0, MAX);
        vm.prank(_settlerOf(at));
        at.settleEpoch(p);
    }

    // --- Emergency ---

    function _initiate() internal {
        vm.prank(conserver);
        guard.initiateTakeover("reason");
    }

    function _takeOver() internal returns (ConserverController steward) {
        _initiate();
        vm.warp(guard.readyAt());
        vm.prank(conserver);
        return ConserverController(guard.completeTakeover());
    }

    function _count(bytes32 role) internal view returns (uint256) {
        return acl.getRoleMemberCount(role);
    }

    // --- A second Class ---

    /// @dev Another Class of the Halo with one active Unit, of the same asset and with its own settler.
    function _deployTarget(string memory slug) internal returns (HaloUnit target) {
        bytes32 classId = keccak256(abi.encode(HALO_ID, keccak256(bytes(slug))));
        address itsSettler = makeAddr(string.concat("settler of ", slug));
        address itsRelayer = makeAddr(string.concat("relayer of ", slug));
        string memory settles = string.concat("lpha-lcts/acme/", slug);
        string memory relays = string.concat("relay/acme/", slug);
        vm.startPrank(sky);
        beacons.register(settles, itsSettler, BeaconClass.LPHA, classId, "authority", "ipfs://lcts");
        beacons.register(relays, itsRelayer, BeaconClass.RELAY, classId, "authority", "ipfs://relay");
        vm.stopPrank();
        vm.prank(haloProxy);
        artifacts.create(ArtifactKind.CLASS, HALO_ID, slug);

        ClassParams memory p = classParams();
        p.slug = slug;
        (p.settler, p.relayer) = (itsSettler, itsRelayer);
        p.beaconId = keccak256(bytes(settles));
        p.endpoints = new Endpoint[](0);
        p.artifactId = artifacts.idOf(ArtifactKind.CLASS, classId);
        deployClass(p);
        vm.prank(itsSettler);
        beacons.heartbeat(keccak256(bytes(settles)), "root");
        vm.prank(itsRelayer);
        beacons.heartbeat(keccak256(bytes(relays)), "root");
        target = _deployUnitIn(classId, "unit");
        _activate(address(target));
    }

    function _deployUnitIn(bytes32 classId, string memory slug) internal returns (HaloUnit) {
        vm.prank(haloProxy);
        artifacts.create(ArtifactKind.UNIT, classId, slug);
        UnitParams memory p = _unitParams(slug);
        p.artifactId =
            artifacts.idOf(ArtifactKind.UNIT, keccak256(abi.encode(classId, keccak256(bytes(slug)))));
        approveParams(p.artifactId, keccak256(abi.encode(p)));
        vm.prank(deployer);
        return HaloUnit(factory.deployUnit(classId, p).unit);
    }

    /// @dev Subscriptions of `at` in the Class `slug` are taken for 26 hours after a look at live operators and a fresh
    ///      report.
    function _beat(HaloUnit at, string memory slug) internal {
        HaloBook its = HaloBook(at.book());
        if (!its.isEmpty()) postReport(PositionReporter(its.reporter()), its.nav());
        bytes32 id = units.unitByAddress(address(at));
        address itsSettler = _settlerOf(at);
        vm.prank(itsSettler);
        beacons.heartbeat(keccak256(bytes(string.concat("lpha-lcts/acme/", slug))), "root");
        vm.prank(makeAddr(string.concat("relayer of ", slug)));
        beacons.heartbeat(keccak256(bytes(string.concat("relay/acme/", slug))), "root");
        units.poke(id);
    }
}
