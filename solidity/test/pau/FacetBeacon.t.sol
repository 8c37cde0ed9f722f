// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { ClassController } from "src/pau/ClassController.sol";
import { Controller } from "src/pau/Controller.sol";
import { FacetBeacon } from "src/pau/FacetBeacon.sol";
import { Config, Dispatch, Integration, Wire } from "src/pau/PauTypes.sol";
import { Test } from "test/base/Test.sol";
import { TokenMock } from "test/mocks/pau/TokenMock.sol";

contract FacetBeaconTest is Test {
    address private admin = makeAddr("admin");
    address private stranger = makeAddr("stranger");
    FacetBeacon private beacon;
    address private facetA;
    address private facetB;

    function setUp() public {
        beacon = new FacetBeacon(admin);
        facetA = address(new TokenMock());
        facetB = address(new TokenMock());
    }

    function test_P33_zero_admin_reverts() public {
        vm.expectRevert(FacetBeacon.ZeroAdmin.selector);
        new FacetBeacon(address(0));
    }

    function test_set_and_read() public {
        vm.expectEmit(address(beacon));
        emit FacetBeacon.IntegrationSet("A", Config(facetA, _wires(0x11, 2)));
        _set("A", facetA, _wires(0x11, 2));

        Config memory config = beacon.getConfig("A");
        vm.assertEq(config.facet, facetA, "facet");
        vm.assertEq(config.wires.length, 2, "wires");
        vm.assertEq(config.wires[1].callSelector, bytes4(uint32(0x12)), "call selector");
        vm.assertEq(config.wires[1].delegateSelector, bytes4(uint32(0x80000012)), "delegate selector");
        Dispatch memory to = beacon.getDispatch(bytes4(uint32(0x11)));
        vm.assertEq(to.facet, facetA, "dispatch");
        vm.assertEq(to.delegateSelector, bytes4(uint32(0x80000011)), "dispatch selector");

        Integration[] memory all = beacon.integrations();
        vm.assertEq(all.length, 1, "one");
        vm.assertEq(all[0].id, bytes32("A"), "id");
        vm.assertEq(all[0].config.facet, facetA, "its facet");

        bytes32[] memory ids = new bytes32[](2);
        ids[0] = "B";
        ids[1] = "A";
        Config[] memory configs = beacon.getConfigs(ids);
        vm.assertEq(configs[0].facet, address(0), "unknown is empty");
        vm.assertEq(configs[1].facet, facetA, "known is there");
        bytes4[] memory selectors = new bytes4[](2);
        selectors[0] = bytes4(uint32(0x12));
        Dispatch[] memory dispatches = beacon.getDispatches(selectors);
        vm.assertEq(dispatches[0].facet, facetA, "first");
        vm.assertEq(dispatches[1].facet, address(0), "second");
    }

    function test_replacing_drops_the_old_wires() public {
        _set("A", facetA, _wires(0x11, 2));
        _set("A", facetB, _wires(0x12, 2));
        vm.assertEq(beacon.getDispatch(bytes4(uint32(0x11))).facet, address(0), "dropped");
        vm.assertEq(beacon.getDispatch(bytes4(uint32(0x12))).facet, facetB, "moved");
        vm.assertEq(beacon.getDispatch(bytes4(uint32(0x13))).facet, facetB, "new");
        vm.assertEq(beacon.integrations().length, 1, "still one");
        vm.assertEq(beacon.getConfig("A").wires.length, 2, "wires");
    }

    function test_remove() public {
        _set("A", facetA, _wires(0x11, 1));
        vm.expectEmit(address(beacon));
        emit FacetBeacon.IntegrationRemoved("A");
        vm.prank(admin);
        beacon.removeIntegration("A");
        vm.assertEq(beacon.getDispatch(bytes4(uint32(0x11))).facet, address(0), "no dispatch");
        vm.assertEq(beacon.getConfig("A").wires.length, 0, "no wires");
        vm.assertEq(beacon.integrations().length, 0, "no id");

        vm.prank(admin);
        vm.expectRevert(abi.encodeWithSelector(FacetBeacon.IntegrationNotFound.selector, bytes32("A")));
        beacon.removeIntegration("A");
    }

    function test_selectors_are_unique() public {
        _set("A", facetA, _wires(0x11, 2));
        vm.expectRevert(
            abi.encodeWithSelector(FacetBeacon.CallSelectorAlreadyWired.selector, bytes4(uint32(0x12)))
        );
        _set("B", facetB, _wires(0x12, 1));

        Wire[] memory twice = new Wire[](2);
        (twice[0], twice[1]) = (_wires(0x21, 1)[0], _wires(0x21, 1)[0]);
        vm.expectRevert(
            abi.encodeWithSelector(FacetBeacon.CallSelectorAlreadyWired.selector, bytes4(uint32(0x21)))
        );
        _set("B", facetB, twice);
    }

    function test_hardcoded_selectors_are_refused() public {
        bytes4[15] memory hardcoded = [
            Controller.syncIntegrations.selector,
            Controller.updateIntegrations.selector,
            Controller.removeIntegrations.selector,
            Controller.accessControls.selector,
            Controller.beacon.selector,
            Controller.proxy.selector,
            Controller.rateLimits.selector,
            Controller.sealedRegistry.selector,
            Controller.integrations.selector,
            Controller.getConfig.selector,
            Controller.getConfigs.selector,
            Controller.getDispatch.selector,
            Controller.getDispatches.selector,
            Controller.wiringHash.selector,
            ClassController.initialize.selector
        ];
        for (uint256 i; i < hardcoded.length; ++i) {
            Wire[] memory wires = new Wire[](1);
            wires[0] = Wire(hardcoded[i], 0x12345678);
            vm.expectRevert(abi.encodeWithSelector(FacetBeacon.CallSelectorHardcoded.selector, hardcoded[i]));
            _set("A", facetA, wires);
        }
    }

    function test_shape_is_checked() public {
        address nobody = makeAddr("nobody");
        vm.expectRevert(abi.encodeWithSelector(FacetBeacon.FacetWithoutCode.selector, nobody));
        _set("A", nobody, _wires(0x11, 1));
        vm.expectRevert(FacetBeacon.EmptyArray.selector);
        _set("A", facetA, new Wire[](0));
        vm.expectRevert(abi.encodeWithSelector(FacetBeacon.TooManyWires.selector, bytes32("A"), 65));
        _set("A", facetA, _wires(0x11, 65));
        _set("A", facetA, _wires(0x11, 64));
        vm.assertEq(beacon.getConfig("A").wires.length, 64, "64 is allowed");
    }

    function test_access() public {
        bytes memory refusal = abi.encodeWithSignature(
            "AccessControlUnauthorizedAccount(address,bytes32)", stranger, bytes32(0)
        );
        vm.startPrank(stranger);
        vm.expectRevert(refusal);
        beacon.setIntegration("A", facetA, _wires(0x11, 1));
        vm.expectRevert(refusal);
        beacon.removeIntegration("A");
        vm.stopPrank();
    }

    function _set(bytes32 id, address facet, Wire[] memory wires) private {
        vm.prank(admin);
        beacon.setIntegration(id, facet, wires);
    }

    function _wires(uint32 first, uint256 count) private pure returns (Wire[] memory wires) {
        wires = new Wire[](count);
        for (uint32 i; i < count; ++i) {
            wires[i] = Wire(bytes4(first + i), bytes4(0x80000000 | (first + i)));
        }
    }
}
