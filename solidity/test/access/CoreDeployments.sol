// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Clones } from "@openzeppelin/contracts/proxy/Clones.sol";
import { BeamMom } from "src/configurator/BeamMom.sol";
import { BeamScheduler } from "src/configurator/BeamScheduler.sol";
import { BeamState } from "src/configurator/BeamState.sol";
import { BeamTimelock } from "src/configurator/BeamTimelock.sol";
import { Pau } from "src/configurator/BeamTypes.sol";
import { Configurator } from "src/configurator/Configurator.sol";
import { PauRegistrar } from "src/configurator/PauRegistrar.sol";
import { ConserverController } from "src/emergency/ConserverController.sol";
import { EmergencyGuard } from "src/emergency/EmergencyGuard.sol";
import { GuardInit, VaultInit } from "src/emergency/EmergencyTypes.sol";
import { MigrationVault } from "src/emergency/MigrationVault.sol";
import { FactoryCore } from "src/factory/FactoryTypes.sol";
import { HaloFactory } from "src/factory/HaloFactory.sol";
import { LaniakeaFactory } from "src/factory/LaniakeaFactory.sol";
import { TemplateRegistry } from "src/factory/TemplateRegistry.sol";
import { HaloMom } from "src/governance/HaloMom.sol";
import { HaloSpellGuard, SpellGuardInit } from "src/governance/HaloSpellGuard.sol";
import { HaloSubProxy } from "src/governance/HaloSubProxy.sol";
import { HaloToken, TokenInit } from "src/governance/HaloToken.sol";
import { HatInit, TokenHat } from "src/governance/TokenHat.sol";
import { AccessControls } from "src/pau/AccessControls.sol";
import { Roles } from "src/pau/Roles.sol";
import { ArtifactKind, ArtifactRegistry, Level } from "src/registry/ArtifactRegistry.sol";
import { BeaconClass, BeaconRegistry } from "src/registry/BeaconRegistry.sol";
import { Governed } from "src/registry/Governed.sol";
import { ClassRecord, UnitAddresses } from "src/registry/RegistryTypes.sol";
import { UnitRegistry } from "src/registry/UnitRegistry.sol";
import { AccessWorld } from "test/access/AccessWorld.sol";

/// @notice The templates that every Class shares, and those of governance and emergency, bound to the actors.
abstract contract CoreDeployments is AccessWorld {
    AccessControls internal acl;

    function _clone(address implementation) internal returns (address) {
        return Clones.clone(implementation);
    }

    /// @dev An access list on which every role has its one holder. `guard` may be zero for none.
    function _newAcl(address guard) internal {
        address admin = actor("admin");
        acl = new AccessControls(admin);
        vm.startPrank(admin);
        acl.grantRole(Roles.ALLOCATOR, actor("relayer"));
        acl.grantRole(Roles.SETTLER, actor("settler"));
        acl.grantRole(Roles.FREEZER, actor("freezer"));
        acl.grantRole(Roles.CONSERVER, actor("conserver"));
        acl.grantRole(Roles.REVOKER, actor("revoker"));
        acl.grantRole(Roles.PARAM_ADMIN, actor("param"));
        acl.setRoleRevoker(Roles.ALLOCATOR, Roles.REVOKER);
        acl.setRoleRevoker(Roles.SETTLER, Roles.REVOKER);
        if (guard != address(0)) acl.setGuard(guard);
        vm.stopPrank();
    }

    function _core(bytes32 id) internal returns (address) {
        address sky = actor("sky");
        if (id == keccak256("TemplateRegistry")) return _governed(new TemplateRegistry(sky));
        if (id == keccak256("UnitRegistry")) return _unitRegistry();
        if (id == keccak256("BeaconRegistry")) return _beaconRegistry();
        if (id == keccak256("ArtifactRegistry")) return _artifactRegistry();
        if (id == keccak256("LaniakeaFactory")) return _factory();
        if (id == keccak256("BeamTimelock")) return _timelock();
        if (id == keccak256("BeamState")) return address(_state());
        if (id == keccak256("Configurator")) return _configurator();
        if (id == keccak256("BeamMom")) return _mom(address(new BeamMom(sky, actor("book"), actor("unit"))));
        if (id == keccak256("HaloMom")) return _mom(address(new HaloMom(sky)));
        if (id == keccak256("BeamScheduler")) return _scheduler();
        if (id == keccak256("PauRegistrar")) return _registrar();
        if (id == keccak256("HaloSubProxy")) return address(new HaloSubProxy(sky));
        if (id == keccak256("HaloSpellGuard")) return _spellGuard();
        if (id == keccak256("HaloToken")) return _token();
        if (id == keccak256("TokenHat")) return _hat();
        if (id == keccak256("HaloFactory")) return address(new HaloFactory(actor("book"), actor("unit")));
        if (id == keccak256("MigrationVault")) return _vault();
        return address(0);
    }

    function _governed(Governed at) private returns (address) {
        vm.prank(actor("sky"));
        at.setCouncil(actor("council"));
        return address(at);
    }

    function _unitRegistry() private returns (address) {
        address sky = actor("sky");
        UnitRegistry units = new UnitRegistry(sky, actor("book"), actor("book"), actor("book"));
        _governed(units);
        vm.startPrank(sky);
        units.setFactory(actor("factory"));
        bytes32 primeId = units.registerPrime("prime", actor("prime"), actor("ledger"), actor("controller"));
        ClassRecord memory class_;
        class_.haloId = units.registerHalo("halo", primeId, actor("haloProxy"));
        vm.stopPrank();
        class_.at.acl = address(acl);
        class_.at.guard = actor("guard");
        class_.registeredAt = 1;
        UnitAddresses memory unit = UnitAddresses(actor("unit"), actor("unit"), actor("unit"));
        knownId = "unit";
        vm.startPrank(actor("factory"));
        units.registerClass("class", class_);
        units.registerUnit(knownId, "class", unit, 0, 0);
        vm.stopPrank();
        return address(units);
    }

    function _beaconRegistry() private returns (address) {
        BeaconRegistry beacons = new BeaconRegistry(actor("sky"));
        vm.prank(actor("sky"));
        knownId = beacons.register("beacon", actor("settler"), BeaconClass.LPHA, "class", 0, "");
        return _governed(beacons);
    }

    function _artifactRegistry() private returns (address) {
        ArtifactRegistry artifacts = new ArtifactRegistry(actor("sky"));
        vm.startPrank(actor("sky"));
        knownId = artifacts.create(ArtifactKind.HALO, 0, "halo");
        artifacts.setLevel(keccak256("halo"), actor("haloProxy"), Level.HALO);
        vm.stopPrank();
        return _governed(artifacts);
    }

    function _factory() private returns (address) {
        address any = actor("book");
        LaniakeaFactory factory =
            new LaniakeaFactory(actor("sky"), FactoryCore(any, any, any, any, any, any, any, any));
        vm.prank(actor("sky"));
        factory.addDeployer(actor("deployer"));
        return _governed(factory);
    }

    function _timelock() private returns (address) {
        address sky = actor("sky");
        BeamTimelock timelock = new BeamTimelock(sky, 1 days);
        vm.startPrank(sky);
        timelock.grantRole(timelock.PROPOSER_ROLE(), actor("proposer"));
        timelock.grantRole(timelock.CANCELLER_ROLE(), actor("canceller"));
        timelock.grantRole(timelock.PAUSER_ROLE(), actor("pauser"));
        vm.stopPrank();
        vm.prank(actor("proposer"));
        knownId = timelock.scheduleBatch(new address[](1), new bytes[](1), 0, 0);
        return address(timelock);
    }

    function _state() private returns (BeamState state) {
        address sky = actor("sky");
        state = new BeamState(sky, actor("book"));
        vm.startPrank(sky);
        state.grantRole(state.DELAYED(), actor("delayed"));
        state.grantRole(state.IMMEDIATE(), actor("immediate"));
        state.grantRole(state.CONFIGURATOR(), actor("configurator"));
        vm.stopPrank();
    }

    function _configurator() private returns (address at) {
        BeamState state = _state();
        at = address(new Configurator(address(state)));
        (address proxy, address controller, address limits) =
            (actor("classProxy"), actor("controller"), actor("ledger"));
        vm.mockCall(controller, abi.encodeWithSignature("proxy()"), abi.encode(proxy));
        vm.mockCall(controller, abi.encodeWithSignature("rateLimits()"), abi.encode(limits));
        vm.mockCall(controller, abi.encodeWithSignature("accessControls()"), abi.encode(actor("book")));
        vm.startPrank(actor("sky"));
        state.registerPau(proxy, Pau(controller, limits, actor("book"), "class"));
        state.addGovOps(proxy, actor("govops"));
        state.grantRole(state.CONFIGURATOR(), at);
        vm.stopPrank();
        knownAddress = proxy;
    }

    /// @dev The Chief lets the hat.
    function _mom(address at) private returns (address) {
        address chief = makeAddr("chief");
        bytes4 canCall = bytes4(keccak256("canCall(address,address,bytes4)"));
        vm.mockCall(chief, abi.encodePacked(canCall), abi.encode(false));
        vm.mockCall(chief, abi.encodePacked(canCall, abi.encode(actor("hat"))), abi.encode(true));
        vm.prank(actor("sky"));
        BeamMom(at).setAuthority(chief);
        return at;
    }

    function _scheduler() private returns (address) {
        BeamScheduler scheduler = new BeamScheduler(actor("book"), actor("unit"), actor("sky"));
        vm.prank(actor("sky"));
        scheduler.kiss(actor("bud"));
        return _governed(scheduler);
    }

    function _registrar() private returns (address) {
        PauRegistrar registrar = new PauRegistrar(actor("book"), actor("unit"), actor("sky"));
        vm.prank(actor("sky"));
        registrar.setFactory(actor("factory"));
        return _governed(registrar);
    }

    function _spellGuard() private returns (address at) {
        at = _clone(address(new HaloSpellGuard()));
        address[] memory cancellers = new address[](1);
        cancellers[0] = actor("canceller");
        HaloSpellGuard(at)
            .initialize(
                SpellGuardInit(
                    actor("haloProxy"),
                    actor("parent"),
                    actor("sky"),
                    actor("hat"),
                    1 days,
                    1 days,
                    cancellers
                )
            );
    }

    function _token() private returns (address at) {
        at = _clone(address(new HaloToken()));
        HaloToken(at).initialize(TokenInit("Halo", "HALO", 1e18, actor("holder")));
    }

    function _hat() private returns (address at) {
        address token = _token();
        at = _clone(address(new TokenHat()));
        TokenHat(at).initialize(HatInit(actor("parent"), token, 1e18));
    }

    function _vault() private returns (address at) {
        at = _clone(address(new MigrationVault()));
        vm.mockCall(actor("book"), abi.encodeWithSignature("asset()"), abi.encode(actor("ledger")));
        vm.prank(actor("controller"));
        MigrationVault(at)
            .initialize(
                VaultInit(
                    actor("unit"), actor("book"), actor("classProxy"), 1e27, uint64(block.timestamp + 1 days)
                )
            );
    }

    function _deployEmergency(bytes32 id) internal returns (address at) {
        bool isGuard = id == keccak256("EmergencyGuard");
        at = _clone(isGuard ? address(new EmergencyGuard()) : address(new ConserverController()));
        _newAcl(isGuard ? at : actor("guard"));
        address registry = actor("registry");
        vm.mockCall(registry, abi.encodeWithSignature("council()"), abi.encode(actor("council")));
        GuardInit memory p = GuardInit({
            acl: address(acl),
            almProxy: actor("classProxy"),
            rateLimits: actor("ledger"),
            controller: actor("controller"),
            book: actor("book"),
            ledger: address(0),
            registry: registry,
            classId: "class",
            sky: actor("sky"),
            takeoverDelay: 2 days
        });
        if (isGuard) {
            EmergencyGuard(at).initialize(p);
            return at;
        }
        // In office, in normal times.
        address guard = actor("guard");
        vm.mockCall(guard, abi.encodeWithSignature("conserverController()"), abi.encode(at));
        vm.mockCall(guard, abi.encodeWithSignature("stage()"), abi.encode(0));
        vm.prank(guard);
        ConserverController(at).initialize(p);
    }
}
