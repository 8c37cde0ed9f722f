// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Controller } from "src/pau/Controller.sol";
import { FacetBeacon } from "src/pau/FacetBeacon.sol";
import { Config, Dispatch, Integration, Wire, WiringRow } from "src/pau/PauTypes.sol";
import { Roles } from "src/pau/Roles.sol";
import { PauBase } from "test/pau/PauBase.sol";

/// @notice Answers with what it sees, so that tests can tell how it was called.
contract ProbeFacet {
    error Broken(uint256 code);

    function look(uint256 x) external view returns (address self, address sender, uint256 twice) {
        return (address(this), msg.sender, x * 2);
    }

    function echo(bytes calldata data) external pure returns (bytes memory) {
        return data;
    }

    function fail(uint256 code) external pure {
        revert Broken(code);
    }

    function pay() external payable { }
}

/// @notice The same functions with other code.
contract ProbeFacetV2 is ProbeFacet {
    function version() external pure returns (uint256) {
        return 2;
    }
}

interface ProbeSurface {
    function probe_look(uint256 x) external view returns (address self, address sender, uint256 twice);
    function probe_echo(bytes calldata data) external view returns (bytes memory);
    function probe_fail(uint256 code) external view;
    function probe_pay() external payable;
}

contract RegistryMock {
    mapping(bytes32 => bool) public isApprovedFacet;

    function approve(bytes32 codehash) external {
        isApprovedFacet[codehash] = true;
    }
}

/// @notice A beacon that is not ours and checks nothing.
contract LooseBeacon {
    mapping(bytes32 => Config) private _configs;

    function set(bytes32 id, address facet, Wire[] calldata wires) external {
        delete _configs[id];
        _configs[id].facet = facet;
        for (uint256 i; i < wires.length; ++i) {
            _configs[id].wires.push(wires[i]);
        }
    }

    function getConfig(bytes32 id) external view returns (Config memory) {
        return _configs[id];
    }
}

contract ControllerTest is PauBase {
    bytes32 private constant PROBE = "PROBE_FACET";
    ProbeFacet private probe;
    ProbeSurface private surface;

    function setUp() public override {
        super.setUp();
        probe = new ProbeFacet();
        surface = ProbeSurface(address(controller));
    }

    // --- construction ---

    function test_links() public view {
        vm.assertEq(controller.accessControls(), address(acl), "acl");
        vm.assertEq(controller.beacon(), address(beacon), "beacon");
        vm.assertEq(controller.proxy(), address(proxy), "proxy");
        vm.assertEq(controller.rateLimits(), address(limits), "limits");
        vm.assertEq(controller.sealedRegistry(), address(0), "not sealed");
    }

    function test_links_are_needed() public {
        address a = address(this);
        vm.expectRevert(Controller.ZeroAccessControls.selector);
        new Controller(address(0), a, a, a, a);
        vm.expectRevert(Controller.ZeroBeacon.selector);
        new Controller(a, address(0), a, a, a);
        vm.expectRevert(Controller.ZeroProxy.selector);
        new Controller(a, a, address(0), a, a);
        vm.expectRevert(Controller.ZeroRateLimits.selector);
        new Controller(a, a, a, address(0), a);
    }

    function test_storage_is_where_production_has_it() public view {
        uint256 slot = uint256(_erc7201("sky.pau.storage.SharedController"));
        vm.assertEq(
            address(uint160(uint256(vm.load(address(controller), bytes32(slot))))), address(acl), "acl"
        );
        vm.assertEq(
            address(uint160(uint256(vm.load(address(controller), bytes32(slot + 1))))),
            address(proxy),
            "proxy"
        );
        vm.assertEq(
            address(uint160(uint256(vm.load(address(controller), bytes32(slot + 2))))),
            address(limits),
            "limits"
        );
        bytes32 own = _erc7201("sky.pau.storage.Controller");
        vm.assertEq(address(uint160(uint256(vm.load(address(controller), own)))), address(beacon), "beacon");
    }

    // --- dispatch ---

    function test_dispatch_passes_all_through() public {
        _wireProbe();
        vm.prank(stranger);
        (address self, address sender, uint256 twice) = surface.probe_look(21);
        vm.assertEq(self, address(controller), "runs in the controller");
        vm.assertEq(sender, stranger, "sender kept");
        vm.assertEq(twice, 42, "argument and result");
    }

    function testFuzz_dispatch_of_any_length(bytes calldata data) public {
        _wireProbe();
        vm.assertEq(surface.probe_echo(data), data, "bytes");
    }

    function test_dispatch_bubbles_the_revert() public {
        _wireProbe();
        vm.expectRevert(abi.encodeWithSelector(ProbeFacet.Broken.selector, 5));
        surface.probe_fail(5);
    }

    function test_dispatch_refuses_the_unknown() public {
        vm.expectRevert(
            abi.encodeWithSelector(Controller.CallSelectorNotWired.selector, ProbeSurface.probe_look.selector)
        );
        surface.probe_look(1);
        for (uint256 length; length < 4; ++length) {
            (bool ok, bytes memory result) = address(controller).call(new bytes(length));
            vm.assertFalse(ok, "too short");
            vm.assertEq(
                result,
                abi.encodeWithSelector(Controller.InvalidCallDataLength.selector, length),
                "says how short"
            );
        }
    }

    /// @dev P16: no path by which ETH gets in, whatever the facet would take.
    function test_P16_takes_no_ether() public {
        _wireProbe();
        vm.deal(address(this), 1 ether);
        (bool ok,) = address(controller).call{ value: 1 }("");
        vm.assertFalse(ok, "plain");
        (ok,) = address(controller).call{ value: 1 }(abi.encodeCall(ProbeSurface.probe_pay, ()));
        vm.assertFalse(ok, "with a call");
        surface.probe_pay();
    }

    // --- sync ---

    function test_sync_wires_what_the_beacon_has() public {
        _offer(beacon, PROBE, address(probe), _probeWires());
        vm.expectEmit(address(controller));
        emit Controller.IntegrationSet(PROBE, Config(address(probe), _probeWires()));
        _sync(_none(), _one(PROBE));

        Config memory config = controller.getConfig(PROBE);
        vm.assertEq(config.facet, address(probe), "facet");
        vm.assertEq(config.wires.length, 4, "wires");
        Dispatch memory to = controller.getDispatch(ProbeSurface.probe_echo.selector);
        vm.assertEq(to.facet, address(probe), "dispatch");
        vm.assertEq(to.delegateSelector, ProbeFacet.echo.selector, "selector");
        vm.assertEq(controller.getConfigs(_one(PROBE))[0].facet, address(probe), "configs");
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = ProbeSurface.probe_look.selector;
        vm.assertEq(controller.getDispatches(selectors)[0].facet, address(probe), "dispatches");

        Integration[] memory all = controller.integrations();
        vm.assertEq(all.length, facets.length + 1, "all");
        vm.assertEq(all[facets.length].id, PROBE, "id");
    }

    function test_sync_removes() public {
        _wireProbe();
        vm.expectEmit(address(controller));
        emit Controller.IntegrationRemoved(PROBE);
        _sync(_one(PROBE), _none());
        vm.assertEq(controller.getConfig(PROBE).facet, address(0), "config");
        vm.assertEq(controller.integrations().length, facets.length, "id");
        vm.expectRevert(
            abi.encodeWithSelector(Controller.CallSelectorNotWired.selector, ProbeSurface.probe_look.selector)
        );
        surface.probe_look(1);
    }

    /// @dev Whatever is taken out, in whatever order, the rest stays listed and wired.
    function test_sync_removes_from_anywhere() public {
        bytes32[] memory out = new bytes32[](3);
        (out[0], out[1], out[2]) =
        (facets[0].integrationId(), facets[6].integrationId(), facets[3].integrationId());
        _sync(out, _none());
        Integration[] memory all = controller.integrations();
        vm.assertEq(all.length, facets.length - 3, "left");
        for (uint256 i; i < facets.length; ++i) {
            bool gone = i == 0 || i == 6 || i == 3;
            Wire[] memory wires = facets[i].wires();
            uint256 listed;
            for (uint256 j; j < all.length; ++j) {
                if (all[j].id == facets[i].integrationId()) ++listed;
            }
            vm.assertEq(listed, gone ? 0 : 1, "listed");
            vm.assertEq(
                controller.getConfig(facets[i].integrationId()).wires.length,
                gone ? 0 : wires.length,
                "config"
            );
            for (uint256 j; j < wires.length; ++j) {
                address expected = gone ? address(0) : address(facets[i]);
                vm.assertEq(controller.getDispatch(wires[j].callSelector).facet, expected, "dispatch");
            }
        }
        _sync(_none(), out);
        vm.assertEq(controller.integrations().length, facets.length, "all back");
    }

    function test_shims_do_the_same() public {
        _offer(beacon, PROBE, address(probe), _probeWires());
        vm.startPrank(admin);
        controller.updateIntegrations(_one(PROBE));
        vm.assertEq(controller.getConfig(PROBE).facet, address(probe), "updated");
        controller.removeIntegrations(_one(PROBE));
        vm.assertEq(controller.getConfig(PROBE).facet, address(0), "removed");

        vm.expectRevert(Controller.EmptyArray.selector);
        controller.updateIntegrations(_none());
        vm.expectRevert(Controller.EmptyArray.selector);
        controller.removeIntegrations(_none());
        vm.expectRevert(Controller.EmptyArray.selector);
        controller.syncIntegrations(_none(), _none());
        vm.stopPrank();
    }

    /// @dev The beacon only offers: a change there reaches nobody before the sync.
    function test_upgrades_are_pulled() public {
        _wireProbe();
        ProbeFacetV2 next = new ProbeFacetV2();
        _offer(beacon, PROBE, address(next), _probeWires());
        vm.assertEq(controller.getDispatch(ProbeSurface.probe_look.selector).facet, address(probe), "before");
        _sync(_none(), _one(PROBE));
        vm.assertEq(controller.getDispatch(ProbeSurface.probe_look.selector).facet, address(next), "after");
    }

    /// @dev An update that drops a wire leaves no stale dispatch behind.
    function test_update_drops_old_wires() public {
        _wireProbe();
        Wire[] memory fewer = new Wire[](1);
        fewer[0] = _probeWires()[0];
        _offer(beacon, PROBE, address(probe), fewer);
        _sync(_none(), _one(PROBE));
        vm.assertEq(controller.getDispatch(ProbeSurface.probe_echo.selector).facet, address(0), "dropped");
        vm.assertEq(controller.getConfig(PROBE).wires.length, 1, "one left");
    }

    /// @dev P25: a selector moves from one id to another in one step, although the new id comes first in the list.
    function test_P25_selector_migrates_between_ids() public {
        _wireProbe();
        ProbeFacetV2 next = new ProbeFacetV2();
        Wire[] memory wires = _probeWires();
        Wire[] memory first = new Wire[](2);
        Wire[] memory second = new Wire[](2);
        (first[0], first[1], second[0], second[1]) = (wires[0], wires[1], wires[2], wires[3]);
        _offer(beacon, PROBE, address(probe), first);
        _offer(beacon, "PROBE_TWO", address(next), second);

        bytes32[] memory addIds = new bytes32[](2);
        (addIds[0], addIds[1]) = (bytes32("PROBE_TWO"), PROBE);
        _sync(_none(), addIds);
        vm.assertEq(controller.getDispatch(ProbeSurface.probe_look.selector).facet, address(probe), "stayed");
        vm.assertEq(controller.getDispatch(ProbeSurface.probe_fail.selector).facet, address(next), "moved");

        // And back, by removing one id while the other takes all.
        vm.prank(admin);
        beacon.removeIntegration("PROBE_TWO");
        _offer(beacon, PROBE, address(next), wires);
        _sync(_one("PROBE_TWO"), _one(PROBE));
        vm.assertEq(
            controller.getDispatch(ProbeSurface.probe_fail.selector).facet, address(next), "all in one"
        );
        vm.assertEq(controller.integrations().length, facets.length + 1, "one id");
    }

    /// @dev P25: an id gone from the beacon stays wired here, and blocks its selectors until it is removed here too.
    function test_P25_stale_id_blocks_until_removed() public {
        _wireProbe();
        vm.prank(admin);
        beacon.removeIntegration(PROBE);
        (,, uint256 twice) = surface.probe_look(1);
        vm.assertEq(twice, 2, "still answers");

        _offer(beacon, "PROBE_NEW", address(probe), _probeWires());
        vm.expectRevert(
            abi.encodeWithSelector(
                Controller.CallSelectorAlreadyWired.selector, ProbeSurface.probe_look.selector
            )
        );
        _sync(_none(), _one("PROBE_NEW"));
        _sync(_one(PROBE), _one("PROBE_NEW"));
        vm.assertEq(controller.getConfig("PROBE_NEW").facet, address(probe), "after the removal");
    }

    function test_sync_refuses_the_unknown_and_the_doubled() public {
        bytes memory notFound = abi.encodeWithSelector(Controller.IntegrationNotFound.selector, PROBE);
        vm.expectRevert(notFound);
        _sync(_none(), _one(PROBE));
        vm.expectRevert(notFound);
        _sync(_one(PROBE), _none());

        _wireProbe();
        bytes32[] memory twice = new bytes32[](2);
        (twice[0], twice[1]) = (PROBE, PROBE);
        vm.expectRevert(notFound);
        _sync(twice, _none());
        vm.expectRevert(
            abi.encodeWithSelector(
                Controller.CallSelectorAlreadyWired.selector, ProbeSurface.probe_look.selector
            )
        );
        _sync(_none(), twice);
    }

    /// @dev The controller trusts no beacon: what ours refuses to offer, it refuses to take.
    function test_sync_checks_a_foreign_beacon() public {
        LooseBeacon loose = new LooseBeacon();
        Controller own =
            new Controller(address(acl), address(loose), address(proxy), address(limits), address(0));
        Wire[] memory one = new Wire[](1);
        vm.startPrank(admin);

        one[0] = Wire(Controller.syncIntegrations.selector, ProbeFacet.look.selector);
        loose.set("X", address(probe), one);
        vm.expectRevert(
            abi.encodeWithSelector(
                Controller.CallSelectorHardcoded.selector, Controller.syncIntegrations.selector
            )
        );
        own.updateIntegrations(_one("X"));

        one[0] = _probeWires()[0];
        loose.set("X", stranger, one);
        vm.expectRevert(abi.encodeWithSelector(Controller.FacetWithoutCode.selector, stranger));
        own.updateIntegrations(_one("X"));

        loose.set("X", address(probe), new Wire[](65));
        vm.expectRevert(abi.encodeWithSelector(Controller.TooManyWires.selector, bytes32("X"), 65));
        own.updateIntegrations(_one("X"));
        vm.stopPrank();
    }

    // --- sealed ---

    function test_sealed_takes_approved_code_only() public {
        RegistryMock registry = new RegistryMock();
        Controller own =
            new Controller(address(acl), address(beacon), address(proxy), address(limits), address(registry));
        _offer(beacon, PROBE, address(probe), _probeWires());
        vm.startPrank(admin);
        vm.expectRevert(abi.encodeWithSelector(Controller.FacetNotApproved.selector, address(probe).codehash));
        own.updateIntegrations(_one(PROBE));

        registry.approve(address(probe).codehash);
        own.updateIntegrations(_one(PROBE));
        vm.assertEq(own.getConfig(PROBE).facet, address(probe), "approved");
        vm.stopPrank();

        // The same code elsewhere is the same facet; other code is not, and what was wired stays.
        ProbeFacet twin = new ProbeFacet();
        ProbeFacetV2 other = new ProbeFacetV2();
        _offer(beacon, PROBE, address(twin), _probeWires());
        vm.prank(admin);
        own.updateIntegrations(_one(PROBE));
        _offer(beacon, PROBE, address(other), _probeWires());
        vm.prank(admin);
        vm.expectRevert(abi.encodeWithSelector(Controller.FacetNotApproved.selector, address(other).codehash));
        own.updateIntegrations(_one(PROBE));
        vm.assertEq(own.getConfig(PROBE).facet, address(twin), "kept");

        // Removing never needs approval.
        vm.prank(admin);
        own.removeIntegrations(_one(PROBE));
        vm.assertEq(own.integrations().length, 0, "removed");
    }

    // --- wiring hash ---

    function test_wiring_hash_is_the_sorted_surface() public {
        Controller own =
            new Controller(address(acl), address(beacon), address(proxy), address(limits), address(0));
        vm.assertEq(own.wiringHash(), keccak256(abi.encode(new WiringRow[](0))), "empty");

        Wire[] memory two = new Wire[](2);
        two[0] = Wire(0x90000000, ProbeFacet.look.selector);
        two[1] = Wire(0x10000000, ProbeFacet.fail.selector);
        _offer(beacon, PROBE, address(probe), two);
        ProbeFacetV2 other = new ProbeFacetV2();
        Wire[] memory one = new Wire[](1);
        one[0] = Wire(0x50000000, ProbeFacet.echo.selector);
        _offer(beacon, "OTHER", address(other), one);
        bytes32[] memory ids = new bytes32[](2);
        (ids[0], ids[1]) = (PROBE, bytes32("OTHER"));
        vm.prank(admin);
        own.updateIntegrations(ids);

        WiringRow[] memory rows = new WiringRow[](3);
        rows[0] = WiringRow(0x10000000, address(probe), ProbeFacet.fail.selector, address(probe).codehash);
        rows[1] = WiringRow(0x50000000, address(other), ProbeFacet.echo.selector, address(other).codehash);
        rows[2] = WiringRow(0x90000000, address(probe), ProbeFacet.look.selector, address(probe).codehash);
        bytes32 expected = keccak256(abi.encode(rows));
        vm.assertEq(own.wiringHash(), expected, "sorted rows");

        // The order in which ids came does not matter.
        Controller second =
            new Controller(address(acl), address(beacon), address(proxy), address(limits), address(0));
        (ids[0], ids[1]) = (ids[1], ids[0]);
        vm.prank(admin);
        second.updateIntegrations(ids);
        vm.assertEq(second.wiringHash(), expected, "order of ids");

        // Other code at the same address shows.
        vm.etch(address(other), address(probe).code);
        vm.assertNotEq(own.wiringHash(), expected, "code changed");
    }

    function test_wiring_hash_sees_every_change() public {
        bytes32 before = controller.wiringHash();
        _wireProbe();
        bytes32 wired = controller.wiringHash();
        vm.assertNotEq(wired, before, "an id more");
        ProbeFacet twin = new ProbeFacet();
        _offer(beacon, PROBE, address(twin), _probeWires());
        vm.assertEq(controller.wiringHash(), wired, "the beacon alone changes nothing");
        _sync(_none(), _one(PROBE));
        vm.assertNotEq(controller.wiringHash(), wired, "another facet of the same code");
        _sync(_one(PROBE), _none());
        vm.assertEq(controller.wiringHash(), before, "back");
    }

    // --- access ---

    function test_access() public {
        _offer(beacon, PROBE, address(probe), _probeWires());
        address[2] memory others = [relayer, stranger];
        for (uint256 i; i < others.length; ++i) {
            bytes memory refusal = abi.encodeWithSelector(Controller.NotAdmin.selector, others[i]);
            vm.startPrank(others[i]);
            vm.expectRevert(refusal);
            controller.syncIntegrations(_none(), _one(PROBE));
            vm.expectRevert(refusal);
            controller.updateIntegrations(_one(PROBE));
            vm.expectRevert(refusal);
            controller.removeIntegrations(_one("PSM_FACET"));
            vm.stopPrank();
        }
        // Admin of the proxy, the limits and the beacon, but not in the ACL.
        vm.prank(admin);
        acl.revokeRole(Roles.DEFAULT_ADMIN, admin);
        vm.prank(admin);
        vm.expectRevert(abi.encodeWithSelector(Controller.NotAdmin.selector, admin));
        controller.updateIntegrations(_one(PROBE));
    }

    function _wireProbe() private {
        _offer(beacon, PROBE, address(probe), _probeWires());
        _sync(_none(), _one(PROBE));
    }

    function _probeWires() private pure returns (Wire[] memory wires) {
        wires = new Wire[](4);
        wires[0] = Wire(ProbeSurface.probe_look.selector, ProbeFacet.look.selector);
        wires[1] = Wire(ProbeSurface.probe_echo.selector, ProbeFacet.echo.selector);
        wires[2] = Wire(ProbeSurface.probe_fail.selector, ProbeFacet.fail.selector);
        wires[3] = Wire(ProbeSurface.probe_pay.selector, ProbeFacet.pay.selector);
    }

    function _offer(FacetBeacon at, bytes32 id, address facet, Wire[] memory wires) private {
        vm.prank(admin);
        at.setIntegration(id, facet, wires);
    }

    function _sync(bytes32[] memory removeIds, bytes32[] memory addIds) private {
        vm.prank(admin);
        controller.syncIntegrations(removeIds, addIds);
    }

    function _one(bytes32 id) private pure returns (bytes32[] memory ids) {
        ids = new bytes32[](1);
        ids[0] = id;
    }

    function _none() private pure returns (bytes32[] memory) {
        return new bytes32[](0);
    }

    function _erc7201(string memory name) private pure returns (bytes32) {
        return keccak256(abi.encode(uint256(keccak256(bytes(name))) - 1)) & ~bytes32(uint256(0xff));
    }
}
