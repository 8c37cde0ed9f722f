// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { ConserverController } from "src/emergency/ConserverController.sol";
import { EmergencyGuard } from "src/emergency/EmergencyGuard.sol";
import { Stage } from "src/emergency/EmergencyTypes.sol";
import { TemplateKind } from "src/factory/TemplateRegistry.sol";
import { HaloUnit } from "src/lcts/HaloUnit.sol";
import { UnitState } from "src/lcts/UnitTypes.sol";
import { ALMProxy } from "src/pau/ALMProxy.sol";
import { Roles } from "src/pau/Roles.sol";
import { Standing } from "src/registry/RegistryTypes.sol";
import { EmergencyBase } from "test/emergency/EmergencyBase.sol";

interface AdminLike {
    function hasRole(bytes32 role, address account) external view returns (bool);
    function grantRole(bytes32 role, address account) external;
    function revokeRole(bytes32 role, address account) external;
}

/// @notice The conserver's way in: its delay, its cancellation, and what a Halo can do against it.
contract TakeoverTest is EmergencyBase {
    bytes32 private constant DELEGATE_CONTROLLER = keccak256("DELEGATE_CONTROLLER");
    bytes32 private constant LIMIT_SETTER = keccak256("LIMIT_SETTER");

    address private accomplice = makeAddr("accomplice");

    function setUp() public override {
        super.setUp();
        usds.mint(address(custody), 1_000_000e18);
    }

    // --- Timing ---

    function test_only_the_conserver_takes_over() public {
        address[6] memory mayNot = [sky, council, haloProxy, freezer, relayer, stranger];
        for (uint256 i; i < 6; ++i) {
            vm.prank(mayNot[i]);
            vm.expectRevert(abi.encodeWithSelector(EmergencyGuard.NotConserver.selector, mayNot[i]));
            guard.initiateTakeover("reason");
        }
        _initiate();
        vm.warp(guard.readyAt());
        for (uint256 i; i < 6; ++i) {
            vm.prank(mayNot[i]);
            vm.expectRevert(abi.encodeWithSelector(EmergencyGuard.NotConserver.selector, mayNot[i]));
            guard.completeTakeover();
        }
    }

    function test_not_a_second_before_the_delay() public {
        _initiate();
        uint64 at = uint64(block.timestamp) + DELAY;
        vm.assertEq(guard.readyAt(), at, "48 hours from now");
        vm.warp(at - 1);
        vm.prank(conserver);
        vm.expectRevert(abi.encodeWithSelector(EmergencyGuard.TakeoverNotReady.selector, at));
        guard.completeTakeover();
        vm.warp(at);
        vm.prank(conserver);
        guard.completeTakeover();
        vm.assertTrue(guard.stage() == Stage.TAKEN, "taken");
    }

    function test_one_at_a_time() public {
        vm.prank(conserver);
        vm.expectRevert(EmergencyGuard.NoTakeover.selector);
        guard.completeTakeover();
        _initiate();
        vm.prank(conserver);
        vm.expectRevert(EmergencyGuard.TakeoverRunning.selector);
        guard.initiateTakeover("again");
        vm.warp(guard.readyAt());
        vm.startPrank(conserver);
        guard.completeTakeover();
        vm.expectRevert(EmergencyGuard.TakeoverRunning.selector);
        guard.initiateTakeover("again");
        vm.expectRevert(EmergencyGuard.NoTakeover.selector);
        guard.completeTakeover();
        vm.stopPrank();
    }

    function test_a_conserver_that_sky_replaced_completes_nothing() public {
        _initiate();
        vm.prank(sky);
        guard.setConserver(conserver, false);
        vm.warp(guard.readyAt());
        vm.prank(conserver);
        vm.expectRevert(abi.encodeWithSelector(EmergencyGuard.NotConserver.selector, conserver));
        guard.completeTakeover();
    }

    // --- Cancellation ---

    function test_sky_and_council_cancel() public {
        address[5] memory mayNot = [conserver, haloProxy, freezer, relayer, stranger];
        _initiate();
        for (uint256 i; i < 5; ++i) {
            vm.prank(mayNot[i]);
            vm.expectRevert(abi.encodeWithSelector(EmergencyGuard.NotSky.selector, mayNot[i]));
            guard.cancelTakeover();
        }
        uint256 snapshot = vm.snapshotState();
        address[2] memory may = [sky, council];
        for (uint256 i; i < 2; ++i) {
            vm.prank(may[i]);
            guard.cancelTakeover();
            vm.assertTrue(guard.stage() == Stage.NORMAL, "off");
            vm.warp(block.timestamp + DELAY);
            vm.prank(conserver);
            vm.expectRevert(EmergencyGuard.NoTakeover.selector);
            guard.completeTakeover();
            vm.prank(may[i]);
            vm.expectRevert(EmergencyGuard.NoTakeover.selector);
            guard.cancelTakeover();
            vm.revertToState(snapshot);
        }
    }

    function test_cancellation_also_after_the_delay_until_completion() public {
        _initiate();
        vm.warp(guard.readyAt() + 30 days);
        vm.prank(council);
        guard.cancelTakeover();
        vm.prank(conserver);
        vm.expectRevert(EmergencyGuard.NoTakeover.selector);
        guard.completeTakeover();
    }

    function test_cancellation_gives_back_exactly_what_was_taken() public {
        vm.startPrank(haloProxy);
        acl.grantRole(Roles.DEFAULT_ADMIN, accomplice);
        custody.grantRole(DELEGATE_CONTROLLER, accomplice);
        vm.stopPrank();
        bytes32 before = _rolesDigest();
        _initiate();
        vm.assertNotEq(_rolesDigest(), before, "taken");
        vm.assertEq(
            guard.suspendedRoles(),
            13,
            "2 + 1 + 2 + 2 on the list, 1 + 1 + 1 on custody, 1 + 1 + 1 on the limits"
        );
        vm.prank(sky);
        guard.cancelTakeover();
        vm.assertEq(_rolesDigest(), before, "given back");
        vm.assertEq(guard.suspendedRoles(), 0, "nothing kept");
        vm.assertTrue(unit.state() == UnitState.FROZEN, "the freeze stays");

        // The Halo lets go on, and everything works with the operators of before.
        vm.prank(haloProxy);
        unit.unfreeze();
        _invest(unit, bravo, 10_000e18);
        vm.assertEq(unit.balanceOf(bravo), 10_000e18, "as before");
        vm.prank(relayer);
        pau.lctsHalo_fundRedemption(address(unit), 1e18);
    }

    // --- What the Halo can do against it: nothing ---

    function test_a_pending_takeover_leaves_the_halo_powerless() public {
        _initiate();
        bytes32 controllerRole = keccak256("CONTROLLER");
        address[3] memory guarded = [address(acl), address(custody), address(limits)];
        vm.startPrank(haloProxy);
        for (uint256 i; i < 3; ++i) {
            vm.assertFalse(AdminLike(guarded[i]).hasRole(Roles.DEFAULT_ADMIN, haloProxy), "no admin");
            vm.expectRevert();
            AdminLike(guarded[i]).grantRole(Roles.DEFAULT_ADMIN, haloProxy);
            vm.expectRevert();
            AdminLike(guarded[i]).revokeRole(Roles.DEFAULT_ADMIN, address(guard));
            vm.expectRevert();
            AdminLike(guarded[i]).grantRole(controllerRole, haloProxy);
        }
        vm.expectRevert();
        unit.unfreeze();
        vm.expectRevert();
        guard.cancelTakeover();
        vm.expectRevert(EmergencyGuard.TakeoverRunning.selector);
        guard.prepareMigration();
        vm.stopPrank();
        vm.startPrank(address(configurator));
        vm.expectRevert();
        acl.setRelayer(accomplice);
        vm.expectRevert();
        limits.setUnlimitedRateLimitData("key");
        vm.stopPrank();
        // Its wardens cannot hinder who comes after it.
        vm.startPrank(freezer);
        vm.expectRevert(abi.encodeWithSelector(EmergencyGuard.NotFreezer.selector, freezer));
        guard.purgeOperators();
        vm.expectRevert();
        units.suspend(UNIT_ID, "reason");
        vm.stopPrank();
        // The operators still have their roles, but the Controller they act through has none.
        vm.prank(relayer);
        vm.expectRevert();
        pau.lctsHalo_fundRedemption(address(unit), 1e18);
    }

    /// @dev What a Halo might have planted for the day of the takeover dies with it.
    function test_I31_backdoors_planted_before_do_not_survive() public {
        vm.startPrank(haloProxy);
        custody.grantRole(keccak256("CONTROLLER"), accomplice);
        custody.grantRole(DELEGATE_CONTROLLER, accomplice);
        limits.grantRole(keccak256("CONTROLLER"), accomplice);
        limits.setRateLimitData("key", 100, 0, 0, block.timestamp);
        for (uint256 i; i < 14; ++i) {
            acl.grantRole(Roles.DEFAULT_ADMIN, vm.addr(1000 + i));
            custody.grantRole(Roles.DEFAULT_ADMIN, vm.addr(1000 + i));
            limits.grantRole(Roles.DEFAULT_ADMIN, vm.addr(1000 + i));
        }
        // More than the guard could take away at once is refused: halo, guard, fourteen.
        vm.expectRevert(abi.encodeWithSignature("TooManyMembers(bytes32)", Roles.DEFAULT_ADMIN));
        custody.grantRole(Roles.DEFAULT_ADMIN, accomplice);
        vm.stopPrank();

        uint256 gas = gasleft();
        _initiate();
        vm.assertLt(gas - gasleft(), 8_000_000, "within one transaction");
        bytes memory steal = abi.encodeWithSignature("transfer(address,uint256)", accomplice, 1e18);
        vm.startPrank(accomplice);
        vm.expectRevert();
        custody.doCall(address(usds), steal);
        vm.expectRevert();
        custody.doDelegateCall(accomplice, "");
        vm.expectRevert();
        limits.triggerRateLimitIncrease("key", 100);
        vm.stopPrank();
        vm.prank(vm.addr(1003));
        vm.expectRevert();
        custody.grantRole(keccak256("CONTROLLER"), accomplice);
        vm.assertEq(custody.getRoleMemberCount(Roles.DEFAULT_ADMIN), 1, "the guard alone");
        vm.assertEq(acl.getRoleMemberCount(Roles.DEFAULT_ADMIN), 1, "the guard alone");
        vm.assertEq(limits.getRoleMemberCount(Roles.DEFAULT_ADMIN), 1, "the guard alone");
    }

    /// @dev The trust in a Halo's governance that is left, in numbers: before a takeover begins it can take all.
    function test_before_it_begins_the_halo_can_take_all() public {
        vm.startPrank(haloProxy);
        custody.grantRole(keccak256("CONTROLLER"), haloProxy);
        custody.doCall(
            address(usds), abi.encodeWithSignature("transfer(address,uint256)", haloProxy, 1_000_000e18)
        );
        vm.stopPrank();
        vm.assertEq(usds.balanceOf(haloProxy), 1_000_000e18, "governance of the Halo is trusted with custody");
    }

    // --- Completion ---

    function test_completion() public {
        HaloUnit second = _deployUnitIn(CLASS_ID, "second");
        ConserverController steward = _takeOver();
        vm.assertEq(guard.conserverController(), address(steward), "made");
        address[3] memory guarded = [address(acl), address(custody), address(limits)];
        for (uint256 i; i < 3; ++i) {
            vm.assertFalse(AdminLike(guarded[i]).hasRole(Roles.DEFAULT_ADMIN, haloProxy), "the Halo is out");
            vm.assertTrue(
                AdminLike(guarded[i]).hasRole(Roles.DEFAULT_ADMIN, address(guard)), "the guard stays"
            );
            vm.assertFalse(
                AdminLike(guarded[i]).hasRole(Roles.DEFAULT_ADMIN, conserver), "the conserver is no admin"
            );
        }
        vm.assertEq(_count(Roles.ALLOCATOR) + _count(Roles.SETTLER) + _count(Roles.PARAM_ADMIN), 0, "purged");
        bytes32 controllerRole = keccak256("CONTROLLER");
        vm.assertEq(custody.getRoleMemberCount(controllerRole), 2, "two may call custody");
        vm.assertTrue(custody.hasRole(controllerRole, address(steward)), "the ConserverController");
        vm.assertTrue(
            custody.hasRole(controllerRole, address(pau)), "the Class's Controller, which nobody drives"
        );
        vm.assertEq(limits.getRoleMemberCount(controllerRole), 1, "one may use the limits");
        vm.assertTrue(limits.hasRole(controllerRole, address(pau)), "the same Controller");
        vm.assertEq(acl.getRoleMemberCount(Roles.DEFAULT_ADMIN), 2, "guard and ConserverController");
        vm.assertTrue(acl.hasRole(Roles.DEFAULT_ADMIN, address(steward)), "the ConserverController");
        vm.assertFalse(limits.hasRole(Roles.DEFAULT_ADMIN, address(steward)), "not on the limits");
        vm.assertFalse(custody.hasRole(Roles.DEFAULT_ADMIN, address(steward)), "nor on the custody");
        vm.assertTrue(units.unitRecord(UNIT_ID).standing == Standing.SUSPENDED, "off the market");
        vm.assertTrue(
            units.unitRecord(units.unitByAddress(address(second))).standing == Standing.PENDING,
            "never was on it"
        );
        vm.assertTrue(unit.state() == UnitState.FROZEN && second.state() == UnitState.FROZEN, "frozen");
        vm.assertEq(guard.suspendedRoles(), 0, "nothing comes back");
        vm.prank(sky);
        vm.expectRevert(EmergencyGuard.NoTakeover.selector);
        guard.cancelTakeover();
    }

    function test_without_an_approved_template_nothing_is_taken() public {
        bytes32 id = templates.idOf(TemplateKind.GUARD, "ConserverController");
        uint16 version = templates.current(id);
        _initiate();
        vm.warp(guard.readyAt());
        vm.prank(council);
        templates.revoke(id, version);
        vm.prank(conserver);
        vm.expectRevert(abi.encodeWithSignature("TemplateNotApproved(bytes32,uint16)", id, 0));
        guard.completeTakeover();
        vm.assertTrue(guard.stage() == Stage.PENDING, "still pending");
    }

    // --- The end of a takeover ---

    function test_sky_returns_control() public {
        address successor = makeAddr("successor");
        vm.prank(sky);
        vm.expectRevert(EmergencyGuard.NoTakeover.selector);
        guard.returnControl(successor);
        ConserverController steward = _takeOver();
        vm.prank(conserver);
        vm.expectRevert(abi.encodeWithSelector(EmergencyGuard.NotSky.selector, conserver));
        guard.returnControl(conserver);
        vm.prank(sky);
        vm.expectRevert(abi.encodeWithSelector(EmergencyGuard.BadParameter.selector, bytes32("admin")));
        guard.returnControl(address(0));
        vm.prank(sky);
        guard.returnControl(successor);

        vm.assertFalse(steward.isSteward(conserver), "the conserver is out");
        vm.assertFalse(acl.hasRole(Roles.DEFAULT_ADMIN, address(steward)), "and its hands");
        vm.assertFalse(custody.hasRole(keccak256("CONTROLLER"), address(steward)), "off the custody");
        vm.prank(conserver);
        vm.expectRevert(abi.encodeWithSignature("NotSteward(address)", conserver));
        steward.setSettler(stranger);
        vm.startPrank(successor);
        acl.grantRole(Roles.SETTLER, settler);
        unit.unfreeze();
        limits.setUnlimitedRateLimitData("key");
        custody.grantRole(keccak256("CONTROLLER"), successor);
        vm.stopPrank();
        vm.assertFalse(
            acl.hasRole(Roles.DEFAULT_ADMIN, haloProxy), "the old Halo does not come back by itself"
        );

        // And a new takeover is possible.
        ConserverController next = _takeOver();
        vm.assertTrue(address(next) != address(steward), "a fresh one");
        vm.assertTrue(next.isSteward(conserver) && !steward.isSteward(conserver), "in office");
    }

    // --- The Halo's own migration ---

    function test_the_halo_prepares_a_migration() public {
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(EmergencyGuard.NotHalo.selector, stranger));
        guard.prepareMigration();
        vm.prank(conserver);
        vm.expectRevert(abi.encodeWithSelector(EmergencyGuard.NotHalo.selector, conserver));
        guard.prepareMigration();
        vm.prank(haloProxy);
        ConserverController first = ConserverController(guard.prepareMigration());
        vm.assertTrue(first.isSteward(haloProxy) && !first.isSteward(conserver), "the Halo's");
        vm.assertTrue(unit.state() == UnitState.FROZEN, "frozen");
        vm.prank(haloProxy);
        ConserverController second = ConserverController(guard.prepareMigration());
        vm.assertFalse(first.isSteward(haloProxy), "replaced");
        vm.assertFalse(acl.hasRole(Roles.DEFAULT_ADMIN, address(first)), "without roles");

        // A takeover suspends it, a cancellation gives it back, a completion replaces it.
        _initiate();
        vm.assertFalse(second.isSteward(haloProxy) || second.isSteward(conserver), "nobody's while pending");
        vm.assertFalse(custody.hasRole(keccak256("CONTROLLER"), address(second)), "without its role");
        vm.prank(council);
        guard.cancelTakeover();
        vm.assertTrue(second.isSteward(haloProxy), "the Halo's again");
        ConserverController third = _takeOver();
        vm.assertTrue(third.isSteward(conserver) && !third.isSteward(haloProxy), "the conserver's");
        vm.assertFalse(acl.hasRole(Roles.DEFAULT_ADMIN, address(second)), "the Halo's has no role");
        vm.assertFalse(custody.hasRole(keccak256("CONTROLLER"), address(second)), "none at all");
    }

    /// @dev All members of all roles that a takeover touches; order counts for nothing.
    function _rolesDigest() private view returns (bytes32 digest) {
        ALMProxy[3] memory at = [ALMProxy(payable(address(acl))), custody, ALMProxy(payable(address(limits)))];
        bytes32[10] memory roles = [
            Roles.DEFAULT_ADMIN,
            Roles.PARAM_ADMIN,
            Roles.ALLOCATOR,
            Roles.SETTLER,
            Roles.CONSERVER,
            Roles.FREEZER,
            Roles.REVOKER,
            keccak256("CONTROLLER"),
            DELEGATE_CONTROLLER,
            LIMIT_SETTER
        ];
        uint256 sum;
        for (uint256 i; i < 3; ++i) {
            for (uint256 j; j < 10; ++j) {
                for (uint256 k; k < at[i].getRoleMemberCount(roles[j]); ++k) {
                    address member = at[i].getRoleMember(roles[j], k);
                    unchecked {
                        sum += uint256(keccak256(abi.encode(i, roles[j], member)));
                    }
                }
            }
        }
        return bytes32(sum);
    }
}
