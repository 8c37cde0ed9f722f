// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Clones } from "@openzeppelin/contracts/proxy/Clones.sol";
import { BookInit, HaloBook } from "src/book/HaloBook.sol";
import { PositionReporter, ReporterInit } from "src/book/PositionReporter.sol";
import { HaloUnit } from "src/lcts/HaloUnit.sol";
import { LctsQueue } from "src/lcts/LctsQueue.sol";
import { Clock, UnitInit } from "src/lcts/UnitTypes.sol";
import { EndpointBuffer } from "src/offramp/EndpointBuffer.sol";
import { OfframpLedger } from "src/offramp/OfframpLedger.sol";
import { LedgerInit } from "src/offramp/OfframpTypes.sol";
import { ALMProxy } from "src/pau/ALMProxy.sol";
import { AccessControls } from "src/pau/AccessControls.sol";
import { ClassController } from "src/pau/ClassController.sol";
import { FacetBeacon } from "src/pau/FacetBeacon.sol";
import { FreezerModule } from "src/pau/FreezerModule.sol";
import { RateLimits } from "src/pau/RateLimits.sol";
import { Roles } from "src/pau/Roles.sol";
import { Facet } from "src/pau/facets/Facet.sol";
import { allFacets } from "test/pau/AllFacets.sol";
import { CoreDeployments } from "test/access/CoreDeployments.sol";
import { MockToken } from "test/mocks/lcts/MockToken.sol";

/// @notice Each template of a Class, bound to the actors in the place of its neighbours.
abstract contract Deployments is CoreDeployments {
    ALMProxy internal proxy;
    RateLimits internal limits;

    function deploy(string memory name) internal returns (address at) {
        bytes32 id = keccak256(bytes(name));
        if (id == keccak256("EmergencyGuard") || id == keccak256("ConserverController")) {
            return _deployEmergency(id);
        }
        if (id == keccak256("FreezerModule")) return _freezerModule();
        _newAcl(actor("guard"));
        if (id == keccak256("AccessControls")) return _accessControls();
        if (id == keccak256("ALMProxy")) return address(_almProxy());
        if (id == keccak256("RateLimits")) return address(_rateLimits());
        if (id == keccak256("FacetBeacon")) return address(new FacetBeacon(actor("admin")));
        if (id == keccak256("LctsQueue")) return _queue();
        if (id == keccak256("HaloUnit")) return _unit();
        if (id == keccak256("HaloBook")) return _book();
        if (id == keccak256("PositionReporter")) return _reporter();
        if (id == keccak256("OfframpLedger")) return _ledger();
        if (id == keccak256("EndpointBuffer")) {
            EndpointBuffer buffer = EndpointBuffer(payable(_clone(address(new EndpointBuffer()))));
            buffer.initialize(actor("classProxy"));
            return address(buffer);
        }
        at = _core(id);
        if (at == address(0)) at = _controller();
    }

    function _accessControls() private returns (address) {
        knownId = Roles.ALLOCATOR;
        knownAddress = actor("relayer");
        return address(acl);
    }

    function _almProxy() private returns (ALMProxy) {
        address admin = actor("admin");
        proxy = new ALMProxy(admin);
        vm.startPrank(admin);
        proxy.grantRole(proxy.CONTROLLER(), actor("controller"));
        proxy.setGuard(actor("guard"));
        vm.stopPrank();
        return proxy;
    }

    function _rateLimits() private returns (RateLimits) {
        address admin = actor("admin");
        limits = new RateLimits(admin);
        vm.startPrank(admin);
        limits.grantRole(limits.CONTROLLER(), actor("controller"));
        limits.grantRole(limits.LIMIT_SETTER(), actor("setter"));
        limits.setGuard(actor("guard"));
        vm.stopPrank();
        return limits;
    }

    function _freezerModule() private returns (address module) {
        _newAcl(address(0));
        module = address(new FreezerModule(address(acl)));
        vm.prank(actor("admin"));
        acl.grantRole(Roles.REVOKER, module);
    }

    /// @dev A Class's Controller with every facet there is.
    function _controller() private returns (address at) {
        FacetBeacon beacon = new FacetBeacon(actor("admin"));
        ClassController controller = ClassController(_clone(address(new ClassController())));
        controller.initialize(
            address(acl), address(beacon), address(_almProxy()), address(_rateLimits()), address(0)
        );
        Facet[8] memory facets = allFacets();
        bytes32[] memory ids = new bytes32[](facets.length);
        vm.startPrank(actor("admin"));
        proxy.grantRole(proxy.CONTROLLER(), address(controller));
        limits.grantRole(limits.CONTROLLER(), address(controller));
        for (uint256 i; i < facets.length; ++i) {
            ids[i] = facets[i].integrationId();
            beacon.setIntegration(ids[i], address(facets[i]), facets[i].wires());
        }
        controller.syncIntegrations(new bytes32[](0), ids);
        vm.stopPrank();
        return address(controller);
    }

    function _queue() private returns (address at) {
        at = _clone(address(new LctsQueue()));
        address unit = actor("unit");
        vm.mockCall(unit, abi.encodeWithSignature("acl()"), abi.encode(acl));
        address token = address(new MockToken(18));
        vm.prank(unit);
        LctsQueue(at).initialize(token, token, 1);
    }

    function _unit() private returns (address at) {
        UnitInit memory p;
        p.asset = address(new MockToken(18));
        p.acl = address(acl);
        p.book = actor("book");
        p.classProxy = actor("classProxy");
        p.registry = actor("registry");
        p.subscribeQueue = _clone(address(new LctsQueue()));
        p.redeemQueue = _clone(address(new LctsQueue()));
        p.minSubscribe = 1;
        p.minRedeem = 1;
        p.minEpochGap = 20 hours;
        p.maxLock = 6 hours;
        p.clock = Clock(false, 0, 1);
        p.entrants = new address[](1);
        p.entrants[0] = actor("prime");
        p.holders = new address[](1);
        p.holders[0] = actor("holder");
        at = _clone(address(new HaloUnit()));
        HaloUnit(at).initialize(p);
        vm.prank(actor("registry"));
        HaloUnit(at).setSubscribeUntil(type(uint64).max);
    }

    function _book() private returns (address at) {
        at = _clone(address(new HaloBook()));
        address unit = actor("unit");
        HaloBook(at)
            .initialize(
                BookInit({
                acl: address(acl),
                reporter: actor("reporter"),
                asset: address(new MockToken(18)),
                mode: 0,
                maxUpBpsPerDay: 10,
                reviewDownBps: 100,
                maxReportAge: 36 hours,
                factory: actor("factory"),
                ledger: actor("ledger")
            })
            );
        vm.mockCall(unit, abi.encodeWithSignature("book()"), abi.encode(at));
        vm.mockCall(unit, abi.encodeWithSignature("asset()"), abi.encode(HaloBook(at).asset()));
        vm.prank(actor("factory"));
        HaloBook(at).addUnit(unit, 0, 0, 0);
        knownAddress = unit;
    }

    function _reporter() private returns (address at) {
        at = _clone(address(new PositionReporter()));
        address[] memory attestors = new address[](1);
        attestors[0] = actor("attestor");
        PositionReporter(at)
            .initialize(ReporterInit(address(acl), actor("book"), attestors, 1, 0, address(0)));
    }

    function _ledger() private returns (address at) {
        at = _clone(address(new OfframpLedger()));
        OfframpLedger(at)
            .initialize(
                LedgerInit({
                acl: address(acl),
                controller: actor("controller"),
                almProxy: actor("classProxy"),
                reporter: actor("reporter"),
                book: actor("book"),
                factory: actor("factory"),
                bufferHash: "buffer"
            })
            );
    }
}
