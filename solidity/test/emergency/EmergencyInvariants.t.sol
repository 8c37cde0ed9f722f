// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { EmergencyGuard } from "src/emergency/EmergencyGuard.sol";
import { Stage } from "src/emergency/EmergencyTypes.sol";
import { HaloUnit } from "src/lcts/HaloUnit.sol";
import { LctsQueue } from "src/lcts/LctsQueue.sol";
import { UnitState } from "src/lcts/UnitTypes.sol";
import { ALMProxy } from "src/pau/ALMProxy.sol";
import { Roles } from "src/pau/Roles.sol";
import { Test } from "test/base/Test.sol";
import { EmergencyHandler } from "test/emergency/EmergencyHandler.sol";

interface TokenLike {
    function balanceOf(address account) external view returns (uint256);
}

/// @notice I30 to I32 against random lives of a Class in trouble.
/// forge-config: default.invariant.fail-on-revert = true
/// forge-config: default.invariant.runs = 24
/// forge-config: default.invariant.depth = 120
/// forge-config: ci.invariant.fail-on-revert = true
/// forge-config: ci.invariant.runs = 48
/// forge-config: ci.invariant.depth = 240
contract EmergencyInvariantsTest is Test {
    EmergencyHandler private handler;
    EmergencyGuard private guard;
    HaloUnit private unit;
    ALMProxy private acl;
    ALMProxy private custody;
    ALMProxy private limits;
    address private halo;

    function setUp() public {
        handler = new EmergencyHandler();
        (address g, address u, address a, address c, address l) = handler.world();
        (guard, unit) = (EmergencyGuard(g), HaloUnit(u));
        (acl, custody, limits) = (ALMProxy(payable(a)), ALMProxy(payable(c)), ALMProxy(payable(l)));
        halo = handler.halo();
        bytes4[] memory actions = new bytes4[](18);
        // What moves the story on comes more often.
        actions[0] = EmergencyHandler.enter.selector;
        actions[1] = EmergencyHandler.enter.selector;
        actions[2] = EmergencyHandler.leave.selector;
        actions[3] = EmergencyHandler.operate.selector;
        actions[4] = EmergencyHandler.operate.selector;
        actions[5] = EmergencyHandler.operate.selector;
        actions[6] = EmergencyHandler.epoch.selector;
        actions[7] = EmergencyHandler.unlock.selector;
        actions[8] = EmergencyHandler.stop.selector;
        actions[9] = EmergencyHandler.initiate.selector;
        actions[10] = EmergencyHandler.cancel.selector;
        actions[11] = EmergencyHandler.complete.selector;
        actions[12] = EmergencyHandler.giveBack.selector;
        actions[13] = EmergencyHandler.resist.selector;
        actions[14] = EmergencyHandler.resist.selector;
        actions[15] = EmergencyHandler.useBackdoor.selector;
        actions[16] = EmergencyHandler.shakeOff.selector;
        actions[17] = EmergencyHandler.pass.selector;
        targetContract(address(handler));
        targetSelector(address(handler), actions);
    }

    /// @dev The handler tries every operator's call by everybody who is or was one.
    function invariant_I30_noOperatorActsAfterAPurge() public view {
        vm.assertEq(handler.operatedAfterPurge(), 0, "I30 an operator acted after a purge");
        if (handler.purged()) {
            vm.assertEq(
                acl.getRoleMemberCount(Roles.ALLOCATOR) + acl.getRoleMemberCount(Roles.SETTLER),
                0,
                "I30 a role is left"
            );
        }
    }

    /// @dev That a takeover completes neither before its delay nor after its cancellation is asserted where it happens; here
    /// that stage and roles are what the model says, and that nothing leaves custody while it is pending.
    function invariant_I31_aTakeoverKeepsItsWord() public view {
        Stage stage = guard.stage();
        vm.assertEq(stage == Stage.PENDING, handler.pending(), "I31 pending");
        vm.assertEq(stage == Stage.TAKEN, handler.taken(), "I31 taken");
        ALMProxy[3] memory lists = [acl, custody, limits];
        for (uint256 i; i < 3; ++i) {
            bool held = lists[i].hasRole(Roles.DEFAULT_ADMIN, halo);
            vm.assertEq(held, stage == Stage.NORMAL, "I31 the Halo governs exactly while nobody takes over");
            vm.assertTrue(lists[i].hasRole(Roles.DEFAULT_ADMIN, address(guard)), "the guard stays");
        }
        if (stage == Stage.PENDING) {
            vm.assertEq(custody.getRoleMemberCount(keccak256("CONTROLLER")), 0, "I31 custody is out of reach");
            TokenLike asset = TokenLike(unit.asset());
            vm.assertGe(
                asset.balanceOf(address(custody)), handler.custodyAtBeginning(), "I31 value left custody"
            );
            vm.assertTrue(unit.state() == UnitState.FROZEN, "I31 the Class is frozen");
        }
    }

    /// @dev From wherever a frozen Unit is, everybody who waits in an open queue has his principal at once.
    function invariant_I32_aFreezeTrapsNoPrincipal() public {
        uint256 snapshot = vm.snapshotState();
        if (unit.state() != UnitState.FROZEN) {
            vm.prank(address(guard));
            (bool ok,) = address(unit).call(abi.encodeCall(unit.freeze, ()));
            vm.assertTrue(ok, "frozen");
        }
        if (unit.locked()) unit.unlockStale();
        (LctsQueue sub, LctsQueue red) = (unit.subscribeQueue(), unit.redeemQueue());
        TokenLike asset = TokenLike(unit.asset());
        for (uint256 i; i < 3; ++i) {
            address user = handler.primes(i);
            uint256 assets = sub.remainingOf(user) + sub.refundOf(user);
            uint256 shares = red.remainingOf(user) + red.refundOf(user);
            vm.startPrank(user);
            if (assets > 0) {
                uint256 before = asset.balanceOf(user);
                unit.exitDeposit(user, user);
                vm.assertEq(asset.balanceOf(user) - before, assets, "I32 assets");
            }
            if (shares > 0) {
                uint256 before = unit.balanceOf(user);
                unit.exitRedeem(user, user);
                vm.assertEq(unit.balanceOf(user) - before, shares, "I32 shares");
            }
            vm.stopPrank();
        }
        vm.revertToState(snapshot);
    }

    /// @dev The handler is able to do what the invariants are about.
    function test_theStoryMovesOn() public {
        handler.enter(0, 5_000e18, false);
        handler.enter(1, 5_000e18, true);
        handler.epoch(2);
        vm.assertEq(handler.calls("requestDeposit") + handler.calls("requestRedeem"), 2, "entered");
        vm.assertEq(handler.calls("settle"), 1, "settled");
        handler.operate(0, 20);
        handler.operate(0, 21);
        handler.operate(0, 22);
        handler.operate(0, 24);
        vm.assertEq(handler.operated(), 4, "the relayer works");
        handler.resist(3, 1);
        handler.useBackdoor();
        vm.assertEq(handler.calls("backdoor"), 1, "a backdoor works before");
        handler.stop(0, 2);
        handler.operate(0, 20);
        handler.operate(1, 25);
        vm.assertEq(handler.operated(), 4, "purged");
        handler.resist(0, 1);
        handler.operate(0, 20);
        vm.assertEq(handler.operated(), 5, "named again");
        handler.initiate(0);
        handler.complete(0, 3);
        handler.useBackdoor();
        vm.assertEq(handler.takeovers() + handler.calls("backdoor"), 1, "too early, and no backdoor");
        handler.cancel(1);
        handler.useBackdoor();
        vm.assertEq(handler.calls("backdoor"), 2, "given back with the rest");
        handler.initiate(0);
        handler.complete(0, 1);
        vm.assertEq(handler.takeovers(), 1, "taken");
        handler.giveBack(0);
        vm.assertTrue(guard.stage() == Stage.NORMAL, "returned");
    }
}
