// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Buckets } from "src/offramp/OfframpTypes.sol";
import { OfframpBase } from "test/offramp/OfframpBase.sol";
import { OfframpHandler } from "test/offramp/OfframpHandler.sol";

abstract contract OfframpInvariants is OfframpBase {
    OfframpHandler internal handler;
    uint256 internal usdcAtStart;
    uint256 internal usdsAtStart;

    function setUp() public virtual override {
        super.setUp();
        handler = new OfframpHandler(
            ledger,
            pau,
            address(proxy),
            usdc,
            usds,
            book,
            quorum,
            [custody, desk],
            OfframpHandler.Actors(admin, relayer, warden, conserver, alice, bob)
        );
        usdc.configureMinter(address(handler), MAX);
        usds.rely(address(handler));
        (usdcAtStart, usdsAtStart) = (usdc.balanceOf(address(proxy)), usds.balanceOf(address(proxy)));
        targetContract(address(handler));
    }

    /// @dev Payments come three times as often as the rest.
    function _target(bytes4[] memory others) internal {
        bytes4[] memory list = new bytes4[](others.length + 3);
        for (uint256 i; i < list.length; ++i) {
            list[i] = i < others.length ? others[i] : OfframpHandler.send.selector;
        }
        targetSelector(address(handler), list);
    }
}

/// @notice Everybody acts.
contract OfframpInvariantsTest is OfframpInvariants {
    function setUp() public override {
        super.setUp();
        bytes4[] memory others = new bytes4[](11);
        others[0] = OfframpHandler.claim.selector;
        others[1] = OfframpHandler.sync.selector;
        others[2] = OfframpHandler.payBack.selector;
        others[3] = OfframpHandler.give.selector;
        others[4] = OfframpHandler.pass.selector;
        others[5] = OfframpHandler.acknowledge.selector;
        others[6] = OfframpHandler.matchReturn.selector;
        others[7] = OfframpHandler.writeOff.selector;
        others[8] = OfframpHandler.setCap.selector;
        others[9] = OfframpHandler.deactivate.selector;
        others[10] = OfframpHandler.haltOrResume.selector;
        _target(others);
    }

    /// @dev Every bucket is what went in less what went out, and the totals are their sums.
    function invariant_buckets_are_what_was_done() public view {
        uint256 inFlight;
        uint256 atCost;
        uint256 unmatched;
        for (uint256 i; i < 2; ++i) {
            address at = handler.target(i);
            Buckets memory b = ledger.bucketsOf(at);
            OfframpHandler.Ghost memory g = handler.ghost(at);
            vm.assertEq(
                b.inFlight, g.sent - g.acknowledged - g.matchedInFlight - g.writtenOffInFlight, "in flight"
            );
            vm.assertEq(
                b.atCost, g.acknowledged - (g.matchedPosition - g.income) - g.writtenOffAtCost, "at cost"
            );
            vm.assertEq(b.unmatched, g.returned - g.matchedInFlight - g.matchedPosition, "unmatched");
            unmatched += b.unmatched;
            inFlight += b.inFlight;
            atCost += b.atCost;
        }
        vm.assertEq(ledger.inFlightTotal(), inFlight, "in flight, all");
        vm.assertEq(ledger.atCostTotal(), atCost, "at cost, all");
        vm.assertEq(ledger.unmatchedTotal(), unmatched, "unmatched, all");
    }

    /// @dev No payment ever takes an endpoint beyond its cap; statements about it never do either.
    function invariant_never_beyond_the_cap() public view {
        vm.assertFalse(handler.beyondTheCap(), "a payment went beyond the cap");
        for (uint256 i; i < 2; ++i) {
            OfframpHandler.Ghost memory g = handler.ghost(handler.target(i));
            vm.assertLe(g.mostInFlight, g.highestCap, "in flight");
        }
    }

    function invariant_attestors_move_no_money() public view {
        vm.assertFalse(handler.statementMovedMoney(), "a statement moved money");
    }

    function invariant_returns_free_no_room() public view {
        vm.assertFalse(handler.returnFreedRoom(), "a return freed room");
        // The rate limit gets back no more than payments that came back.
        uint256 matched;
        for (uint256 i; i < 2; ++i) {
            matched += handler.ghost(handler.target(i)).matchedInFlight;
        }
        vm.assertLe(handler.credits(), matched, "room of the limits");
    }

    function invariant_stops_stop() public view {
        vm.assertFalse(handler.paidWhileStopped(), "paid while stopped");
    }

    function invariant_losses_are_booked_once() public view {
        vm.assertFalse(handler.lostOtherThanWrittenOff(), "another loss than was written off");
    }

    /// @dev What the proxy has is what it had, less payments, plus returns and gifts: the ledger missed nothing.
    function invariant_every_unit_is_counted() public view {
        uint256 sent;
        uint256 returned;
        for (uint256 i; i < 2; ++i) {
            OfframpHandler.Ghost memory g = handler.ghost(handler.target(i));
            sent += g.sent;
            returned += g.returned;
        }
        vm.assertEq(
            usdc.balanceOf(address(proxy)) * 1e12 + usds.balanceOf(address(proxy)) + sent,
            usdcAtStart * 1e12 + usdsAtStart + returned + handler.given(),
            "proxy"
        );
    }
}

/// @notice The relayer and the endpoints conspire, with as much time as they like and gifts from outside; the attestors are
///         silent.
contract AllocatorAloneTest is OfframpInvariants {
    function setUp() public override {
        super.setUp();
        bytes4[] memory others = new bytes4[](5);
        others[0] = OfframpHandler.claim.selector;
        others[1] = OfframpHandler.sync.selector;
        others[2] = OfframpHandler.payBack.selector;
        others[3] = OfframpHandler.give.selector;
        others[4] = OfframpHandler.pass.selector;
        _target(others);
    }

    /// @dev Not merely at one time: over its whole life.
    function invariant_at_most_the_cap_ever_leaves() public view {
        for (uint256 i; i < 2; ++i) {
            vm.assertLe(handler.ghost(handler.target(i)).sent, CAP, "sent");
        }
    }
}

/// @notice The attestors say what they like, with money outside to talk about; the relayer does nothing.
contract AttestorsAloneTest is OfframpInvariants {
    function setUp() public override {
        super.setUp();
        send(custody, 600_000e6);
        send(desk, 300_000e6);
        giveBack(custodyBuffer, custody, 200_000e6);
        (usdcAtStart, usdsAtStart) = (usdc.balanceOf(address(proxy)), usds.balanceOf(address(proxy)));
        bytes4[] memory list = new bytes4[](3);
        list[0] = OfframpHandler.acknowledge.selector;
        list[1] = OfframpHandler.matchReturn.selector;
        list[2] = OfframpHandler.pass.selector;
        targetSelector(address(handler), list);
    }

    function invariant_nothing_leaves_and_nothing_is_raised() public view {
        vm.assertEq(usdc.balanceOf(address(proxy)), usdcAtStart, "usdc");
        vm.assertEq(usds.balanceOf(address(proxy)), usdsAtStart, "usds");
        vm.assertEq(usdc.balanceOf(custody), 600_000e6, "custody");
        vm.assertLe(ledger.inFlightTotal() + ledger.atCostTotal(), 900_000e18, "no more than was paid");
    }
}
