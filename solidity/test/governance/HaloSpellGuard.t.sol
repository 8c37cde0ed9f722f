// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Initializable } from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import { Clones } from "@openzeppelin/contracts/proxy/Clones.sol";

import { HaloSpellGuard, Plotted, SpellGuardInit } from "src/governance/HaloSpellGuard.sol";
import { CallSpell, ReplaySpell } from "test/mocks/governance/Spells.sol";
import { SpellBase } from "test/governance/SpellBase.sol";

contract HaloSpellGuardTest is SpellBase {
    // --- The life of a spell ---

    function test_lifeOfASpell() public {
        uint64 eta = uint64(block.timestamp) + DELAY;
        vm.expectEmit(address(guard));
        emit HaloSpellGuard.Plot(spell, spell.codehash, eta, eta + MAX_DELAY, parent);
        plot(spell);
        Plotted memory p = guard.plotted();
        vm.assertEq(p.spell, spell, "spell");
        vm.assertEq(p.tag, spell.codehash, "tag");
        vm.assertTrue(p.eta == eta && p.deadline == eta + MAX_DELAY, "times");
        vm.assertFalse(p.forced || p.approved, "flags");

        vm.warp(eta - 1);
        vm.assertFalse(guard.isReady(), "too early");
        vm.expectRevert(abi.encodeWithSelector(HaloSpellGuard.TooEarly.selector, eta));
        guard.exec();

        vm.warp(eta);
        vm.assertTrue(guard.isReady(), "ready");
        vm.expectEmit(address(guard));
        emit HaloSpellGuard.Exec(spell, spell.codehash);
        vm.prank(stranger);
        vm.assertEq(guard.exec(), spell, "what ran");
        vm.assertEq(ran(), 1, "ran");
        vm.assertFalse(guard.isReady(), "gone");
    }

    function test_I33_aSpellRunsAtMostOnce() public {
        plot(spell);
        ripen();
        guard.exec();
        vm.expectRevert(HaloSpellGuard.NothingPlotted.selector);
        guard.exec();

        address replay = address(new ReplaySpell(ledger, address(guard)));
        plot(replay);
        ripen();
        guard.exec();
        vm.assertEq(ran(), 2, "once each");
    }

    function test_theLastSecondAndTheOneAfter() public {
        plot(spell);
        uint64 deadline = guard.plotted().deadline;
        vm.warp(deadline + 1);
        vm.assertFalse(guard.isReady(), "expired");
        vm.expectRevert(abi.encodeWithSelector(HaloSpellGuard.Expired.selector, deadline));
        guard.exec();
        vm.warp(deadline);
        guard.exec();
        vm.assertEq(ran(), 1, "last second");
    }

    function test_aSpellThatFailsKeepsItsPlace() public {
        address bad = address(new CallSpell(address(ledger), hex"deadbeef", ""));
        plot(bad);
        ripen();
        vm.expectRevert(abi.encodeWithSelector(CallSpell.Refused.selector, ""));
        guard.exec();
        vm.assertEq(guard.plotted().spell, bad, "still plotted");
    }

    function test_aSpellMayWaitForItsHour() public {
        address later = noteSpell("never");
        plot(later);
        ripen();
        vm.assertFalse(guard.isReady(), "not its time");
        vm.expectRevert(abi.encodeWithSelector(HaloSpellGuard.NotExecutable.selector, later));
        guard.exec();
    }

    // --- The tag ---

    function test_plotNeedsTheReviewedCode() public {
        bytes32 other = keccak256("other");
        vm.startPrank(parent);
        vm.expectRevert(abi.encodeWithSelector(HaloSpellGuard.TagMismatch.selector, other, spell.codehash));
        guard.plot(spell, other);
        // Neither an account that was never used nor one with a balance and no code is a spell.
        vm.expectRevert(abi.encodeWithSelector(HaloSpellGuard.TagMismatch.selector, bytes32(0), bytes32(0)));
        guard.plot(stranger, 0);
        vm.deal(stranger, 1);
        bytes32 empty = keccak256("");
        vm.expectRevert(abi.encodeWithSelector(HaloSpellGuard.TagMismatch.selector, empty, empty));
        guard.plot(stranger, empty);
    }

    /// @dev A spell that destroyed itself, and one that came back at its address with other code.
    function test_I33_otherCodeAtThePlottedAddress() public {
        plot(spell);
        ripen();
        bytes32 tag = spell.codehash;
        bytes memory code = spell.code;

        vm.etch(spell, "");
        vm.assertFalse(guard.isReady(), "no code");
        vm.expectRevert(abi.encodeWithSelector(HaloSpellGuard.TagMismatch.selector, tag, spell.codehash));
        guard.exec();

        vm.etch(spell, noteSpell("other").code);
        vm.assertFalse(guard.isReady(), "other code");
        vm.expectRevert(abi.encodeWithSelector(HaloSpellGuard.TagMismatch.selector, tag, spell.codehash));
        guard.exec();

        vm.etch(spell, code);
        guard.exec();
        vm.assertEq(ran(), 1, "the reviewed code");
    }

    // --- One slot, two levels ---

    function test_plottingReplaces() public {
        plot(spell);
        address next = noteSpell("two");
        vm.warp(block.timestamp + 1 days);
        vm.expectEmit(address(guard));
        emit HaloSpellGuard.Drop(spell, parent);
        plot(next);
        vm.assertEq(guard.plotted().spell, next, "replaced");
        vm.assertEq(guard.plotted().eta, block.timestamp + DELAY, "waits anew");
    }

    function test_skyGoesBeforeTheParent() public {
        plot(spell);
        address forced = noteSpell("sky");
        vm.prank(sky);
        guard.plot(forced, forced.codehash);
        vm.assertTrue(guard.plotted().forced, "forced");

        vm.startPrank(parent);
        bytes32 tag = spell.codehash;
        vm.expectRevert(abi.encodeWithSelector(HaloSpellGuard.Forced.selector, forced));
        guard.plot(spell, tag);
        vm.expectRevert(abi.encodeWithSelector(HaloSpellGuard.Forced.selector, forced));
        guard.drop();

        // What expired stands in nobody's way.
        vm.warp(guard.plotted().deadline);
        vm.expectRevert(abi.encodeWithSelector(HaloSpellGuard.Forced.selector, forced));
        guard.plot(spell, tag);
        vm.warp(block.timestamp + 1);
        guard.plot(spell, tag);
        vm.assertEq(guard.plotted().spell, spell, "free again");
    }

    function test_drop() public {
        plot(spell);
        vm.expectEmit(address(guard));
        emit HaloSpellGuard.Drop(spell, parent);
        vm.prank(parent);
        guard.drop();
        vm.prank(parent);
        vm.expectRevert(HaloSpellGuard.NothingPlotted.selector);
        guard.drop();

        plot(spell);
        vm.prank(sky);
        guard.drop();
        vm.prank(sky);
        guard.plot(spell, spell.codehash);
        vm.prank(sky);
        guard.drop();
        vm.expectRevert(HaloSpellGuard.NothingPlotted.selector);
        guard.exec();
    }

    // --- Those who halt ---

    function test_cancel() public {
        plot(spell);
        vm.expectEmit(address(guard));
        emit HaloSpellGuard.Cancelled(spell, canceller);
        vm.prank(canceller);
        guard.cancel();
        vm.prank(canceller);
        vm.expectRevert(HaloSpellGuard.NothingPlotted.selector);
        guard.cancel();

        // Even what Sky forces; it has Sky's means to dismiss the canceller.
        vm.prank(sky);
        guard.plot(spell, spell.codehash);
        vm.prank(canceller);
        guard.cancel();
        vm.assertEq(guard.plotted().spell, address(0), "cancelled");
    }

    function test_freeze() public {
        plot(spell);
        ripen();
        uint64 until = uint64(block.timestamp + 3 days);
        vm.startPrank(canceller);
        vm.expectEmit(address(guard));
        emit HaloSpellGuard.FrozenUntil(until, canceller);
        guard.freeze(3 days);
        // A shorter freeze does not shorten.
        guard.freeze(1);
        vm.expectRevert(abi.encodeWithSelector(HaloSpellGuard.BadDelay.selector, 7 days + 1, 7 days));
        guard.freeze(7 days + 1);
        vm.expectRevert(abi.encodeWithSelector(HaloSpellGuard.BadDelay.selector, 0, 7 days));
        guard.freeze(0);
        vm.stopPrank();

        vm.warp(until - 1);
        vm.assertFalse(guard.isReady(), "frozen");
        vm.expectRevert(abi.encodeWithSelector(HaloSpellGuard.Frozen.selector, until));
        guard.exec();
        vm.warp(until);
        guard.exec();
        vm.assertEq(ran(), 1, "thawed by time");
    }

    function test_onlySkyThaws() public {
        plot(spell);
        ripen();
        vm.prank(canceller);
        guard.freeze(7 days);
        address[4] memory callers = [canceller, parent, address(subProxy), stranger];
        for (uint256 i; i < callers.length; ++i) {
            vm.prank(callers[i]);
            vm.expectRevert(abi.encodeWithSelector(HaloSpellGuard.NotSky.selector, callers[i]));
            guard.thaw();
        }
        vm.prank(sky);
        guard.thaw();
        guard.exec();
        vm.assertEq(ran(), 1, "thawed");
    }

    function test_aSpellDismissesACanceller() public {
        bytes memory data = abi.encodeCall(HaloSpellGuard.setCanceller, (canceller, false));
        address dismissal = address(new CallSpell(address(guard), data, ""));
        plot(dismissal);
        ripen();
        guard.exec();
        vm.assertFalse(guard.isCanceller(canceller), "dismissed");
        vm.prank(canceller);
        vm.expectRevert(abi.encodeWithSelector(HaloSpellGuard.NotCanceller.selector, canceller));
        guard.freeze(1);

        vm.expectEmit(address(guard));
        emit HaloSpellGuard.CancellerSet(stranger, true, sky);
        vm.startPrank(sky);
        guard.setCanceller(stranger, true);
        vm.expectRevert(abi.encodeWithSelector(HaloSpellGuard.ZeroAddress.selector, bytes32("canceller")));
        guard.setCanceller(address(0), true);
        vm.stopPrank();
        vm.assertTrue(guard.isCanceller(stranger), "named");
    }

    // --- The token ---

    function test_withoutTheTokenNothingRuns() public {
        withToken();
        plot(spell);
        ripen();
        vm.assertFalse(guard.isReady(), "not approved");
        vm.expectRevert(abi.encodeWithSelector(HaloSpellGuard.NotApproved.selector, spell));
        guard.exec();

        vm.expectEmit(address(guard));
        emit HaloSpellGuard.HatApproved(spell, spell.codehash);
        vm.prank(address(hat));
        guard.approveHat(spell);
        guard.exec();
        vm.assertEq(ran(), 1, "approved");
    }

    function test_approvalIsForOnePlot() public {
        withToken();
        address next = noteSpell("two");
        vm.startPrank(address(hat));
        vm.expectRevert(HaloSpellGuard.NothingPlotted.selector);
        guard.approveHat(spell);
        vm.stopPrank();
        plot(spell);
        vm.startPrank(address(hat));
        vm.expectRevert(abi.encodeWithSelector(HaloSpellGuard.NotPlotted.selector, next));
        guard.approveHat(next);
        guard.approveHat(spell);
        vm.stopPrank();
        plot(spell);
        ripen();
        vm.expectRevert(abi.encodeWithSelector(HaloSpellGuard.NotApproved.selector, spell));
        guard.exec();
    }

    function test_skyNeedsNoToken() public {
        withToken();
        vm.prank(sky);
        guard.plot(spell, spell.codehash);
        ripen();
        vm.assertTrue(guard.isReady(), "ready");
        guard.exec();
        vm.assertEq(ran(), 1, "forced");
    }

    function test_withoutATokenNobodyIsTheHat() public {
        plot(spell);
        address[3] memory callers = [address(0), parent, stranger];
        for (uint256 i; i < callers.length; ++i) {
            vm.prank(callers[i]);
            vm.expectRevert(abi.encodeWithSelector(HaloSpellGuard.NotHat.selector, callers[i]));
            guard.approveHat(spell);
        }
    }

    // --- Access ---

    function test_access() public {
        plot(spell);
        bytes32 tag = spell.codehash;
        address[4] memory callers = [stranger, canceller, address(subProxy), address(guard)];
        for (uint256 i; i < callers.length; ++i) {
            vm.startPrank(callers[i]);
            vm.expectRevert(abi.encodeWithSelector(HaloSpellGuard.NotParent.selector, callers[i]));
            guard.plot(spell, tag);
            vm.expectRevert(abi.encodeWithSelector(HaloSpellGuard.NotParent.selector, callers[i]));
            guard.drop();
            vm.stopPrank();
        }
        callers = [stranger, parent, sky, address(subProxy)];
        for (uint256 i; i < callers.length; ++i) {
            vm.startPrank(callers[i]);
            vm.expectRevert(abi.encodeWithSelector(HaloSpellGuard.NotCanceller.selector, callers[i]));
            guard.cancel();
            vm.expectRevert(abi.encodeWithSelector(HaloSpellGuard.NotCanceller.selector, callers[i]));
            guard.freeze(1);
            vm.stopPrank();
        }
        callers = [stranger, parent, canceller, address(guard)];
        for (uint256 i; i < callers.length; ++i) {
            vm.prank(callers[i]);
            vm.expectRevert(abi.encodeWithSelector(HaloSpellGuard.NotGovernance.selector, callers[i]));
            guard.setCanceller(stranger, true);
        }
    }

    // --- Birth ---

    function test_initialize() public {
        vm.expectRevert(Initializable.InvalidInitialization.selector);
        guard.initialize(guardInit(address(subProxy), address(0)));
        HaloSpellGuard locked = new HaloSpellGuard();
        vm.expectRevert(Initializable.InvalidInitialization.selector);
        locked.initialize(guardInit(address(subProxy), address(0)));

        SpellGuardInit memory p = guardInit(address(0), address(0));
        expectRefusal(p, abi.encodeWithSelector(HaloSpellGuard.ZeroAddress.selector, bytes32("subProxy")));
        p = guardInit(address(subProxy), address(0));
        p.parent = address(0);
        expectRefusal(p, abi.encodeWithSelector(HaloSpellGuard.ZeroAddress.selector, bytes32("parent")));
        p = guardInit(address(subProxy), address(0));
        p.sky = address(0);
        expectRefusal(p, abi.encodeWithSelector(HaloSpellGuard.ZeroAddress.selector, bytes32("sky")));
        p = guardInit(address(subProxy), address(0));
        p.cancellers[0] = address(0);
        expectRefusal(p, abi.encodeWithSelector(HaloSpellGuard.ZeroAddress.selector, bytes32("canceller")));
        p = guardInit(address(subProxy), address(0));
        p.cancellers = new address[](2);
        (p.cancellers[0], p.cancellers[1]) = (canceller, canceller);
        expectRefusal(p, abi.encodeWithSelector(HaloSpellGuard.DuplicateEntry.selector, canceller));
        p = guardInit(address(subProxy), address(0));
        p.delay = 30 days + 1;
        expectRefusal(p, abi.encodeWithSelector(HaloSpellGuard.BadDelay.selector, 30 days + 1, 30 days));
        p = guardInit(address(subProxy), address(0));
        p.maxDelay = 0;
        expectRefusal(p, abi.encodeWithSelector(HaloSpellGuard.BadDelay.selector, 0, 30 days));
        p.maxDelay = 30 days + 1;
        expectRefusal(p, abi.encodeWithSelector(HaloSpellGuard.BadDelay.selector, 30 days + 1, 30 days));
    }

    function expectRefusal(SpellGuardInit memory p, bytes memory reason) private {
        HaloSpellGuard fresh = HaloSpellGuard(Clones.clone(address(new HaloSpellGuard())));
        vm.expectRevert(reason);
        fresh.initialize(p);
    }
}
