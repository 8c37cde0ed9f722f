// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { AccessControls } from "src/pau/AccessControls.sol";
import { FreezerModule } from "src/pau/FreezerModule.sol";
import { Guarded } from "src/pau/Guarded.sol";
import { Roles } from "src/pau/Roles.sol";
import { Test } from "test/base/Test.sol";

contract AccessControlsTest is Test {
    address private admin = makeAddr("admin");
    address private relayer = makeAddr("relayer");
    address private settler = makeAddr("settler");
    address private warden = makeAddr("warden");
    address private stranger = makeAddr("stranger");
    AccessControls private acl;
    FreezerModule private module;

    function setUp() public {
        acl = new AccessControls(admin);
        module = new FreezerModule(address(acl));
        vm.startPrank(admin);
        acl.setRoleRevoker(Roles.ALLOCATOR, Roles.REVOKER);
        acl.setRoleRevoker(Roles.SETTLER, Roles.REVOKER);
        acl.grantRole(Roles.REVOKER, address(module));
        acl.grantRole(Roles.ALLOCATOR, relayer);
        acl.grantRole(Roles.SETTLER, settler);
        acl.grantRole(Roles.FREEZER, warden);
        vm.stopPrank();
    }

    // --- AccessControls ---

    function test_zero_admin_reverts() public {
        vm.expectRevert(Guarded.ZeroAdmin.selector);
        new AccessControls(address(0));
    }

    function test_members_are_enumerable() public view {
        vm.assertEq(acl.getRoleMemberCount(Roles.ALLOCATOR), 1, "count");
        vm.assertEq(acl.getRoleMember(Roles.ALLOCATOR, 0), relayer, "member");
        vm.assertEq(acl.getRoleMember(Roles.DEFAULT_ADMIN, 0), admin, "admin");
    }

    function test_granting_stays_with_the_admin() public {
        address[3] memory others = [address(module), relayer, stranger];
        for (uint256 i; i < others.length; ++i) {
            vm.prank(others[i]);
            vm.expectRevert(
                abi.encodeWithSignature(
                    "AccessControlUnauthorizedAccount(address,bytes32)", others[i], Roles.DEFAULT_ADMIN
                )
            );
            acl.grantRole(Roles.ALLOCATOR, stranger);
        }
        vm.prank(admin);
        acl.grantRole(Roles.ALLOCATOR, stranger);
        vm.assertTrue(acl.hasRole(Roles.ALLOCATOR, stranger), "granted although another role revokes it");
    }

    function test_parameter_admin_names_relayers_and_wardens_only() public {
        address configurator = makeAddr("configurator");
        address fresh = makeAddr("fresh");
        vm.prank(admin);
        acl.grantRole(Roles.PARAM_ADMIN, configurator);

        vm.startPrank(configurator);
        acl.setRelayer(fresh);
        vm.assertTrue(acl.hasRole(Roles.ALLOCATOR, fresh), "relayer");
        vm.assertFalse(acl.hasRole(Roles.FREEZER, fresh), "and no warden");
        acl.setFreezer(fresh);
        vm.assertTrue(acl.hasRole(Roles.FREEZER, fresh), "warden");
        vm.assertEq(acl.getRoleMemberCount(Roles.ALLOCATOR), 2, "beside the first relayer");
        vm.assertEq(acl.getRoleMemberCount(Roles.FREEZER), 2, "beside the first warden");
        acl.setRelayer(fresh);
        vm.assertEq(acl.getRoleMemberCount(Roles.ALLOCATOR), 2, "twice is once");

        vm.expectRevert(
            abi.encodeWithSignature(
                "AccessControlUnauthorizedAccount(address,bytes32)", configurator, Roles.DEFAULT_ADMIN
            )
        );
        acl.grantRole(Roles.SETTLER, fresh);
        vm.expectRevert(
            abi.encodeWithSelector(
                AccessControls.NotRevoker.selector, configurator, Roles.ALLOCATOR, Roles.REVOKER
            )
        );
        acl.revokeRole(Roles.ALLOCATOR, relayer);
        vm.stopPrank();
    }

    function test_naming_is_the_parameter_admins_alone() public {
        address[6] memory others = [admin, address(module), relayer, settler, warden, stranger];
        for (uint256 i; i < others.length; ++i) {
            bytes memory refusal = abi.encodeWithSignature(
                "AccessControlUnauthorizedAccount(address,bytes32)", others[i], Roles.PARAM_ADMIN
            );
            vm.startPrank(others[i]);
            vm.expectRevert(refusal);
            acl.setRelayer(stranger);
            vm.expectRevert(refusal);
            acl.setFreezer(stranger);
            vm.stopPrank();
        }
    }

    function test_admin_and_revoker_revoke() public {
        vm.prank(address(module));
        acl.revokeRole(Roles.ALLOCATOR, relayer);
        vm.assertFalse(acl.hasRole(Roles.ALLOCATOR, relayer), "by the revoker");
        vm.prank(admin);
        acl.revokeRole(Roles.SETTLER, settler);
        vm.assertFalse(acl.hasRole(Roles.SETTLER, settler), "by the admin");
    }

    function test_others_do_not_revoke() public {
        vm.prank(stranger);
        vm.expectRevert(
            abi.encodeWithSelector(
                AccessControls.NotRevoker.selector, stranger, Roles.ALLOCATOR, Roles.REVOKER
            )
        );
        acl.revokeRole(Roles.ALLOCATOR, relayer);
        // The revoker of two roles is nobody to the others.
        vm.prank(address(module));
        vm.expectRevert(
            abi.encodeWithSelector(
                AccessControls.NotRevoker.selector, address(module), Roles.FREEZER, Roles.DEFAULT_ADMIN
            )
        );
        acl.revokeRole(Roles.FREEZER, warden);
    }

    function test_revoking_what_is_not_held_reverts() public {
        vm.prank(admin);
        vm.expectRevert(
            abi.encodeWithSelector(AccessControls.RoleNotGranted.selector, stranger, Roles.ALLOCATOR)
        );
        acl.revokeRole(Roles.ALLOCATOR, stranger);
    }

    function test_revoker_is_set_by_the_admin_only() public {
        vm.assertEq(acl.getRoleRevoker(Roles.ALLOCATOR), Roles.REVOKER, "set");
        vm.assertEq(acl.getRoleRevoker(Roles.CONSERVER), Roles.DEFAULT_ADMIN, "default");
        vm.prank(address(module));
        vm.expectRevert(
            abi.encodeWithSignature(
                "AccessControlUnauthorizedAccount(address,bytes32)", address(module), Roles.DEFAULT_ADMIN
            )
        );
        acl.setRoleRevoker(Roles.CONSERVER, Roles.REVOKER);
    }

    // --- FreezerModule ---

    function test_module_needs_an_acl() public {
        vm.expectRevert(FreezerModule.ZeroAccessControls.selector);
        new FreezerModule(address(0));
    }

    function test_warden_removes_relayer_and_settler() public {
        vm.startPrank(warden);
        vm.expectEmit(address(module));
        emit FreezerModule.RelayerRemoved(relayer, warden);
        module.removeRelayer(relayer);
        vm.expectEmit(address(module));
        emit FreezerModule.SettlerRemoved(settler, warden);
        module.removeSettler(settler);
        vm.stopPrank();
        vm.assertEq(acl.getRoleMemberCount(Roles.ALLOCATOR), 0, "no relayer");
        vm.assertEq(acl.getRoleMemberCount(Roles.SETTLER), 0, "no settler");
        vm.assertTrue(acl.hasRole(Roles.FREEZER, warden), "the warden stays");
    }

    function test_removing_nobody_reverts() public {
        vm.prank(warden);
        vm.expectRevert(
            abi.encodeWithSelector(AccessControls.RoleNotGranted.selector, stranger, Roles.SETTLER)
        );
        module.removeSettler(stranger);
    }

    function test_module_access() public {
        address[4] memory others = [admin, relayer, settler, stranger];
        for (uint256 i; i < others.length; ++i) {
            vm.startPrank(others[i]);
            vm.expectRevert(abi.encodeWithSelector(FreezerModule.NotFreezer.selector, others[i]));
            module.removeRelayer(relayer);
            vm.expectRevert(abi.encodeWithSelector(FreezerModule.NotFreezer.selector, others[i]));
            module.removeSettler(settler);
            vm.stopPrank();
        }
    }

    function test_a_removed_warden_is_powerless() public {
        vm.prank(admin);
        acl.revokeRole(Roles.FREEZER, warden);
        vm.prank(warden);
        vm.expectRevert(abi.encodeWithSelector(FreezerModule.NotFreezer.selector, warden));
        module.removeRelayer(relayer);
    }
}
