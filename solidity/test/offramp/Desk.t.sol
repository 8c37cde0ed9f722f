// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { OfframpLedger } from "src/offramp/OfframpLedger.sol";
import { Desk, EndpointConfig } from "src/offramp/OfframpTypes.sol";
import { RateLimitKeys } from "src/pau/RateLimitKeys.sol";
import { OfframpBase } from "test/offramp/OfframpBase.sol";

/// @notice A desk gets the next swap when enough of the last is back or forgotten.
contract DeskTest is OfframpBase {
    uint256 private constant WAD = 1e18;

    function test_a_fresh_desk_is_ready() public {
        _assertDesk(0, 0, 0, true);
        send(desk, 1);
    }

    /// @dev 1 M sent, 99.95 % must come back: 999,500. 990,000 came, so 9,500 are missing, which at a million a day are
    ///      forgotten in 820.8 seconds.
    function test_golden_numbers() public {
        send(desk, 1_000_000e6);
        _assertDesk(1_000_000e18, 0, START, false);
        giveBack(deskBuffer, desk, 990_000e6);
        _assertDesk(1_000_000e18, 990_000e18, START, false);
        matchReturn(desk, 990_000e18, 0);

        vm.warp(START + 820);
        _assertDesk(1_000_000e18, 990_000e18, START, false);
        vm.prank(relayer);
        vm.expectRevert(
            abi.encodeWithSelector(
                OfframpLedger.DeskNotReady.selector, 999_490.74074074074074068e18, 999_500e18
            )
        );
        pau.offramp_send(desk, address(usdc), 1, "ref");
        vm.warp(START + 821);
        _assertDesk(1_000_000e18, 990_000e18, START, true);

        // The next swap starts from nothing.
        send(desk, 500e6);
        _assertDesk(500e18, 0, START + 821, false);
        giveBack(deskBuffer, desk, 499.75e6); // 500 * 0.9995
        _assertDesk(500e18, 499.75e18, START + 821, true);
    }

    /// @dev With nothing back, the whole of the least part is forgotten in 86,356.8 seconds.
    function test_golden_time_without_returns() public {
        send(desk, 1_000_000e6);
        vm.warp(START + 86_356);
        vm.assertFalse(ledger.deskOf(desk).ready, "not yet");
        vm.warp(START + 86_357);
        vm.assertTrue(ledger.deskOf(desk).ready, "forgotten");
        // Forgotten at the desk, but still in flight.
        vm.prank(relayer);
        vm.expectRevert(abi.encodeWithSelector(OfframpLedger.InFlightCapExceeded.selector, CAP + 1e12, CAP));
        pau.offramp_send(desk, address(usdc), 1, "ref");
    }

    /// @dev P17: what must come back is rounded up, so that no amount is small enough to need nothing.
    function test_P17_the_least_part_of_a_wei_is_a_wei() public {
        _setDesk(CAP, 1, 0);
        vm.startPrank(relayer);
        pau.offramp_send(desk, address(usds), 1, "ref");
        vm.expectRevert(abi.encodeWithSelector(OfframpLedger.DeskNotReady.selector, 0, 1));
        pau.offramp_send(desk, address(usds), 1, "ref");
        vm.stopPrank();
        usds.mint(address(deskBuffer), 1);
        vm.startPrank(relayer);
        pau.offramp_claim(desk, address(usds));
        pau.offramp_send(desk, address(usds), 1, "ref");
        vm.stopPrank();
    }

    function test_a_desk_without_a_least_part_is_closed() public {
        _setDesk(CAP, 0, RECHARGE);
        skip(3650 days);
        vm.assertFalse(ledger.deskOf(desk).ready, "closed");
        vm.prank(relayer);
        vm.expectRevert(abi.encodeWithSelector(OfframpLedger.DeskNotReady.selector, 0, MAX));
        pau.offramp_send(desk, address(usdc), 1, "ref");
    }

    /// @dev What comes back may be another asset of the desk: that is what a swap is for.
    function test_a_swap() public {
        send(desk, 1_000e6);
        usds.mint(address(deskBuffer), 999.5e18);
        vm.prank(relayer);
        pau.offramp_claim(desk, address(usds));
        _assertDesk(1_000e18, 999.5e18, START, true);
    }

    /// @dev A custody account waits for nothing: positions of months are what it is for.
    function test_other_endpoints_do_not_wait() public {
        send(custody, 1);
        send(custody, 1);
        Desk memory state = ledger.deskOf(custody);
        vm.assertEq(state.sent, 0, "not counted");
        vm.assertEq(state.sentAt, 0, "not dated");
        giveBack(custodyBuffer, custody, 1);
        vm.assertEq(ledger.deskOf(custody).claimed, 0, "not counted");
        vm.assertTrue(ledger.deskOf(custody).ready, "always ready");
    }

    function testFuzz_ready_is_the_formula(
        uint256 sent,
        uint256 claimed,
        uint256 least,
        uint256 rate,
        uint256 time
    ) public {
        sent = bound(sent, 1, CAP);
        claimed = bound(claimed, 0, CAP);
        least = bound(least, 1, WAD);
        rate = bound(rate, 0, 100e18);
        time = bound(time, 0, 10 days);
        _setDesk(CAP, least, rate);
        vm.prank(relayer);
        pau.offramp_send(desk, address(usds), sent, "ref");
        if (claimed != 0) {
            usds.mint(address(deskBuffer), claimed);
            vm.prank(relayer);
            pau.offramp_claim(desk, address(usds));
        }
        skip(time);
        // Without a division: (claimed + time * rate) / sent >= least / WAD.
        bool ready = (claimed + time * rate) * WAD >= sent * least;
        vm.assertEq(ledger.deskOf(desk).ready, ready, "ready");
    }

    // --- what a relayer and a desk that work together can take ---

    /// @dev Loss bound: limit + elapsed * recharge / least part, whatever they do; the caps are left out here by setting
    ///      them out of reach. What came back may fall short by the slippage allowed.
    function testFuzz_loss_is_bounded(uint256 seed, uint256 limit, uint256 rate, uint256 least) public {
        limit = bound(limit, 1e18, 1_000_000e18);
        rate = bound(rate, 0, 50e18);
        least = bound(least, 0.9e18, WAD);
        _setDesk(type(uint96).max, least, rate);
        bytes32 key = RateLimitKeys.offrampSend(address(usds), desk);
        usds.mint(address(proxy), 1e30);
        uint256 sent;
        uint256 back;
        for (uint256 i; i < 16; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            setLimit(key, limit); // full again each time: the most that a limit can give
            uint256 amount = seed % 3 == 0 ? limit : bound(seed >> 8, 1, limit);
            vm.prank(relayer);
            (bool ok,) = address(controller)
                .call(abi.encodeCall(pau.offramp_send, (desk, address(usds), amount, "ref")));
            if (ok) sent += amount;
            uint256 returned = seed % 5 == 0 ? bound(seed >> 16, 1, limit) : 0;
            if (returned != 0) {
                usds.mint(address(deskBuffer), returned);
                back += returned;
                vm.prank(relayer);
                pau.offramp_claim(desk, address(usds));
            }
            skip(bound(seed >> 32, 0, 1 days));
        }
        uint256 elapsed = block.timestamp - START;
        uint256 bound_ = limit + elapsed * rate * WAD / least + back * (WAD - least) / least + 1;
        vm.assertLe(sent, back + bound_, "loss");
    }

    /// @dev The bound is no larger than it must be: an attacker who waits just long enough reaches it.
    function test_loss_bound_is_reached() public {
        _setDesk(type(uint96).max, LEAST, RECHARGE);
        uint256 limit = 1_000_000e18;
        usds.mint(address(proxy), 100_000_000e18);
        uint256 wait = limit * LEAST / WAD / RECHARGE + 1;
        uint256 sent;
        for (uint256 i; i < 10; ++i) {
            vm.prank(relayer);
            pau.offramp_send(desk, address(usds), limit, "ref");
            sent += limit;
            if (i < 9) skip(wait);
        }
        uint256 most = limit + (block.timestamp - START) * RECHARGE * WAD / LEAST;
        vm.assertLe(sent, most, "bound");
        vm.assertGt(sent, most - 10 * RECHARGE * 2, "within seconds of it");
    }

    function _setDesk(uint256 cap, uint256 least, uint256 rate) private {
        EndpointConfig memory p = deskConfig();
        (p.maxInFlight, p.maxSlippage, p.rechargeRate) = (cap, least, rate);
        setEndpoint(p);
    }

    function _assertDesk(uint256 sent, uint256 claimed, uint256 sentAt, bool ready) private view {
        Desk memory state = ledger.deskOf(desk);
        vm.assertEq(state.sent, sent, "sent");
        vm.assertEq(state.claimed, claimed, "claimed");
        vm.assertEq(state.sentAt, sentAt, "sent at");
        vm.assertEq(state.ready, ready, "ready");
    }
}
