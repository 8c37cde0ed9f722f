// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Clones } from "@openzeppelin/contracts/proxy/Clones.sol";

import { ClassController } from "src/pau/ClassController.sol";
import { Controller } from "src/pau/Controller.sol";
import { ControllerSurface } from "src/pau/ControllerSurface.sol";
import { RateLimitKeys } from "src/pau/RateLimitKeys.sol";
import { PauBase } from "test/pau/PauBase.sol";

contract ClassControllerTest is PauBase {
    ClassController private implementation;
    ClassController private class;

    function setUp() public override {
        super.setUp();
        implementation = new ClassController();
        class = ClassController(Clones.clone(address(implementation)));
    }

    function test_binds_once() public {
        class.initialize(address(acl), address(beacon), address(proxy), address(limits), stranger);
        vm.assertEq(class.accessControls(), address(acl), "acl");
        vm.assertEq(class.beacon(), address(beacon), "beacon");
        vm.assertEq(class.proxy(), address(proxy), "proxy");
        vm.assertEq(class.rateLimits(), address(limits), "limits");
        vm.assertEq(class.sealedRegistry(), stranger, "registry");
        vm.expectRevert(ClassController.AlreadyInitialized.selector);
        class.initialize(stranger, stranger, stranger, stranger, stranger);
    }

    function test_links_are_needed() public {
        address a = address(this);
        vm.expectRevert(Controller.ZeroAccessControls.selector);
        class.initialize(address(0), a, a, a, a);
        vm.expectRevert(Controller.ZeroBeacon.selector);
        class.initialize(a, address(0), a, a, a);
        vm.expectRevert(Controller.ZeroProxy.selector);
        class.initialize(a, a, address(0), a, a);
        vm.expectRevert(Controller.ZeroRateLimits.selector);
        class.initialize(a, a, a, address(0), a);
    }

    /// @dev Nobody can bind the implementation or sync facets into it.
    function test_the_implementation_is_nobodys() public {
        vm.expectRevert(ClassController.AlreadyInitialized.selector);
        implementation.initialize(address(acl), address(beacon), address(proxy), address(limits), address(0));
        vm.startPrank(admin);
        vm.expectRevert();
        implementation.updateIntegrations(new bytes32[](1));
        vm.stopPrank();
        vm.assertEq(implementation.integrations().length, 0, "nothing wired");
    }

    /// @dev A clone dispatches as a Controller does: the facets run in the clone's storage, under its own guard.
    function test_a_clone_works_as_a_controller() public {
        class.initialize(address(acl), address(beacon), address(proxy), address(limits), address(0));
        bytes32[] memory ids = new bytes32[](1);
        ids[0] = "TRANSFER_ASSET_FACET";
        vm.startPrank(admin);
        class.updateIntegrations(ids);
        proxy.grantRole(proxy.CONTROLLER(), address(class));
        limits.grantRole(limits.CONTROLLER(), address(class));
        vm.stopPrank();
        bytes32 key = RateLimitKeys.assetTransfer(address(usds), stranger);
        setLimit(key, 5e18);
        usds.mint(address(proxy), 9e18);
        vm.startPrank(relayer);
        ControllerSurface(address(class)).transferAsset_transfer(address(usds), stranger, 5e18);
        expectExceeded(key, 1, 0);
        ControllerSurface(address(class)).transferAsset_transfer(address(usds), stranger, 1);
        vm.stopPrank();
        vm.assertEq(usds.balanceOf(stranger), 5e18, "sent");
        vm.assertEq(implementation.integrations().length, 0, "the implementation stays empty");
    }
}
