// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Clones } from "@openzeppelin/contracts/proxy/Clones.sol";
import { EmergencyGuard } from "src/emergency/EmergencyGuard.sol";
import { GuardInit, Stage } from "src/emergency/EmergencyTypes.sol";
import { HaloUnit } from "src/lcts/HaloUnit.sol";
import { UnitState } from "src/lcts/UnitTypes.sol";
import { AccessControls } from "src/pau/AccessControls.sol";
import { RateLimitKeys } from "src/pau/RateLimitKeys.sol";
import { RateLimits } from "src/pau/RateLimits.sol";
import { Roles } from "src/pau/Roles.sol";
import { EmergencyBase } from "test/emergency/EmergencyBase.sol";

/// @notice The brake: who may stop what, what stopping does, and who lets go on.
contract EmergencyGuardTest is EmergencyBase {
    // --- Beginning ---

    function test_initialize_bounds() public {
        _refused("acl", 0);
        _refused("almProxy", 1);
        _refused("rateLimits", 2);
        _refused("controller", 3);
        _refused("book", 4);
        _refused("registry", 5);
        _refused("classId", 6);
        _refused("sky", 7);
        _refused("takeoverDelay", 8);
        _refused("takeoverDelay", 9);
    }

    function _refused(bytes32 name, uint256 what) private {
        GuardInit memory p = _guardInit();
        if (what == 0) p.acl = address(0);
        if (what == 1) p.almProxy = address(0);
        if (what == 2) p.rateLimits = address(0);
        if (what == 3) p.controller = address(0);
        if (what == 4) p.book = address(0);
        if (what == 5) p.registry = address(0);
        if (what == 6) p.classId = 0;
        if (what == 7) p.sky = address(0);
        if (what == 8) p.takeoverDelay = 1 days - 1;
        if (what == 9) p.takeoverDelay = 30 days + 1;
        EmergencyGuard fresh = EmergencyGuard(Clones.clone(address(new EmergencyGuard())));
        vm.expectRevert(abi.encodeWithSelector(EmergencyGuard.BadParameter.selector, name));
        fresh.initialize(p);
    }

    function test_initialize_once() public {
        GuardInit memory p = _guardInit();
        vm.expectPartialRevert(bytes4(keccak256("InvalidInitialization()")));
        guard.initialize(p);
        EmergencyGuard template = new EmergencyGuard();
        vm.expectPartialRevert(bytes4(keccak256("InvalidInitialization()")));
        template.initialize(p);
        vm.assertEq(keccak256(abi.encode(guard.config())), keccak256(abi.encode(p)), "config");
    }

    // --- Who ---

    /// @dev Every stopping function for every role. Sky and its council may stop too, the Halo's governance stops at the
    /// contracts themselves.
    function test_who_may_stop() public {
        address[5] memory may = [freezer, makeAddr("freezer2"), conserver, sky, council];
        address[5] memory mayNot = [haloProxy, relayer, settler, stranger, alfa];
        bytes[] memory calls = new bytes[](4);
        calls[0] = abi.encodeCall(EmergencyGuard.freezeUnit, (address(unit)));
        calls[1] = abi.encodeCall(EmergencyGuard.freezeClass, ());
        calls[2] = abi.encodeCall(EmergencyGuard.zeroKeys, (new bytes32[](1)));
        calls[3] = abi.encodeCall(EmergencyGuard.purgeOperators, ());
        for (uint256 c; c < calls.length; ++c) {
            for (uint256 i; i < 5; ++i) {
                uint256 snapshot = vm.snapshotState();
                vm.prank(may[i]);
                (bool ok,) = address(guard).call(calls[c]);
                vm.assertTrue(ok, "may stop");
                vm.revertToState(snapshot);
                vm.prank(mayNot[i]);
                vm.expectRevert(abi.encodeWithSelector(EmergencyGuard.NotFreezer.selector, mayNot[i]));
                (ok,) = address(guard).call(calls[c]);
            }
        }
    }

    function test_who_may_let_go_on_is_never_the_freezer() public {
        vm.prank(freezer);
        guard.freezeClass();
        address[6] memory mayNot = [freezer, conserver, council, relayer, stranger, haloProxy];
        for (uint256 i; i < 6; ++i) {
            vm.startPrank(mayNot[i]);
            vm.expectRevert(abi.encodeWithSelector(EmergencyGuard.NotSky.selector, mayNot[i]));
            guard.unfreezeUnit(address(unit));
            vm.expectRevert(abi.encodeWithSelector(EmergencyGuard.NotSky.selector, mayNot[i]));
            guard.resumeLedger();
            if (mayNot[i] != haloProxy) {
                vm.expectRevert();
                unit.unfreeze();
            }
            vm.stopPrank();
        }
        uint256 snapshot = vm.snapshotState();
        vm.prank(haloProxy);
        unit.unfreeze();
        vm.assertTrue(unit.state() == UnitState.ACTIVE, "the Halo lets go on");
        vm.revertToState(snapshot);
        vm.startPrank(sky);
        guard.unfreezeUnit(address(unit));
        guard.resumeLedger();
        vm.stopPrank();
        vm.assertTrue(unit.state() == UnitState.ACTIVE, "so does Sky");
        vm.assertFalse(ledger.halted(), "and the off-ramp");
    }

    // --- What ---

    function test_freezeClass_freezes_every_unit_and_the_offramp() public {
        HaloUnit second = _deployUnitIn(CLASS_ID, "second");
        HaloUnit third = _deployUnitIn(CLASS_ID, "third");
        vm.prank(freezer);
        guard.freezeUnit(address(second));
        vm.prank(conserver);
        third.windDown();
        vm.prank(haloProxy);
        third.close();
        vm.prank(freezer);
        guard.freezeClass();
        vm.assertTrue(unit.state() == UnitState.FROZEN, "an active one");
        vm.assertTrue(second.state() == UnitState.FROZEN, "one that was frozen before");
        vm.assertTrue(third.state() == UnitState.CLOSED, "a closed one stays closed");
        vm.assertTrue(ledger.halted(), "the off-ramp");
        vm.prank(freezer);
        guard.freezeClass();
    }

    function test_freezeUnit_of_this_class_only() public {
        HaloUnit foreign = _deployTarget("next");
        vm.prank(freezer);
        vm.expectRevert(abi.encodeWithSelector(EmergencyGuard.ForeignUnit.selector, address(foreign)));
        guard.freezeUnit(address(foreign));
        vm.prank(freezer);
        vm.expectRevert(abi.encodeWithSelector(EmergencyGuard.ForeignUnit.selector, stranger));
        guard.freezeUnit(stranger);
        vm.prank(sky);
        vm.expectRevert(abi.encodeWithSelector(EmergencyGuard.ForeignUnit.selector, address(foreign)));
        guard.unfreezeUnit(address(foreign));
    }

    function test_zeroKeys_removes_even_unlimited_ones() public {
        bytes32[] memory keys = new bytes32[](3);
        keys[0] = RateLimitKeys.usdsToUsdc();
        keys[1] = RateLimitKeys.erc4626Withdraw(address(susds));
        keys[2] = "no such key";
        vm.assertEq(limits.getCurrentRateLimit(keys[1]), MAX, "unlimited before");
        vm.prank(freezer);
        guard.zeroKeys(keys);
        for (uint256 i; i < 3; ++i) {
            vm.assertEq(limits.getCurrentRateLimit(keys[i]), 0, "nothing");
            vm.assertEq(limits.getRateLimitData(keys[i]).slope, 0, "for ever");
        }
        skip(365 days);
        usds.mint(address(custody), 1e18);
        vm.prank(relayer);
        vm.expectRevert(abi.encodeWithSelector(RateLimits.ZeroMaxAmount.selector, keys[0]));
        pau.psm_swapUSDSToUSDC(1e6);
    }

    function test_purge_takes_out_every_operator() public {
        vm.startPrank(haloProxy);
        for (uint256 i; i < 15; ++i) {
            acl.grantRole(Roles.ALLOCATOR, vm.addr(100 + i));
            acl.grantRole(Roles.SETTLER, vm.addr(200 + i));
        }
        vm.expectRevert(abi.encodeWithSignature("TooManyMembers(bytes32)", Roles.ALLOCATOR));
        acl.grantRole(Roles.ALLOCATOR, vm.addr(99));
        vm.stopPrank();
        vm.expectEmit(address(guard));
        emit EmergencyGuard.OperatorsPurged(16, 16, freezer);
        vm.prank(freezer);
        guard.purgeOperators();
        vm.assertEq(_count(Roles.ALLOCATOR) + _count(Roles.SETTLER), 0, "none left");
        vm.prank(freezer);
        guard.purgeOperators();
    }

    // --- What an admin of the Class cannot do ---

    function test_the_halo_cannot_shake_off_the_guard() public {
        vm.startPrank(haloProxy);
        bytes memory refused = abi.encodeWithSignature("NotGuard(address)", haloProxy);
        vm.expectRevert(refused);
        acl.revokeRole(Roles.DEFAULT_ADMIN, address(guard));
        vm.expectRevert(refused);
        custody.revokeRole(Roles.DEFAULT_ADMIN, address(guard));
        vm.expectRevert(refused);
        limits.revokeRole(Roles.DEFAULT_ADMIN, address(guard));
        // Nor leave a revoker behind for those who come after it.
        vm.expectRevert(refused);
        acl.setRoleRevoker(Roles.DEFAULT_ADMIN, "MINE");
        vm.expectRevert(refused);
        acl.setRoleRevoker(Roles.SETTLER, "MINE");
        vm.expectRevert(abi.encodeWithSignature("GuardAlreadySet(address)", address(guard)));
        acl.setGuard(stranger);
        vm.stopPrank();
        vm.prank(stranger);
        vm.expectRevert(
            abi.encodeWithSignature(
                "AccessControlUnauthorizedAccount(address,bytes32)", stranger, Roles.DEFAULT_ADMIN
            )
        );
        custody.setGuard(stranger);
    }

    function test_the_halo_cannot_pick_its_conserver() public {
        bytes memory refused = abi.encodeWithSignature("NotGuard(address)", haloProxy);
        vm.startPrank(haloProxy);
        vm.expectRevert(refused);
        acl.revokeRole(Roles.CONSERVER, conserver);
        vm.expectRevert(refused);
        acl.grantRole(Roles.CONSERVER, haloProxy);
        vm.expectRevert(abi.encodeWithSelector(EmergencyGuard.NotSky.selector, haloProxy));
        guard.setConserver(conserver, false);
        vm.stopPrank();

        address next = makeAddr("next conserver");
        vm.startPrank(sky);
        guard.setConserver(next, true);
        guard.setConserver(conserver, false);
        vm.stopPrank();
        vm.assertTrue(acl.hasRole(Roles.CONSERVER, next), "Sky names the new one");
        vm.prank(conserver);
        vm.expectRevert(abi.encodeWithSelector(EmergencyGuard.NotConserver.selector, conserver));
        guard.initiateTakeover("reason");
    }

    function test_without_a_guard_nothing_is_guarded() public {
        AccessControls plain = new AccessControls(address(this));
        for (uint256 i; i < 20; ++i) {
            plain.grantRole(Roles.ALLOCATOR, vm.addr(1 + i));
        }
        plain.grantRole(Roles.CONSERVER, conserver);
        plain.revokeRole(Roles.CONSERVER, conserver);
        plain.setRoleRevoker(Roles.ALLOCATOR, Roles.REVOKER);
        vm.expectRevert(abi.encodeWithSignature("ZeroGuard()"));
        plain.setGuard(address(0));
        vm.assertTrue(guard.stage() == Stage.NORMAL, "and the other stands");
    }
}
