// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { RateLimitSetting } from "src/configurator/BeamTypes.sol";
import { Configurator } from "src/configurator/Configurator.sol";
import { ConfiguratorBase } from "test/configurator/ConfiguratorBase.sol";

/// @notice Limits by cBEAM: the ways up, the ways down, and everything that refuses.
contract ConfiguratorTest is ConfiguratorBase {
    uint256 private constant T = 1e18;

    function test_construction() public {
        vm.expectRevert(Configurator.ZeroState.selector);
        new Configurator(address(0));
        vm.assertEq(configurator.state(), address(state), "state");
    }

    // --- up ---

    function test_a_new_key_starts_empty_at_its_init() public {
        addInit(KEY, 100 * T, T);
        vm.expectEmit(address(configurator));
        emit Configurator.SetRateLimit(almProxy, KEY, 100 * T, T);
        set(KEY, 100 * T, T);
        assertLimit(KEY, 100 * T, T, 0);
        vm.assertEq(configurator.lastIncrease(address(limits), KEY), START, "clock");
        skip(10);
        assertLimit(KEY, 100 * T, T, 10 * T);
    }

    /// @dev Each ceiling to the wei: the init, then the growth, rounded down.
    function test_ceilings() public {
        addInit(KEY, 1001, 101);
        _expect(abi.encodeWithSelector(Configurator.ExceedsMaxAmount.selector, 1002, 1001));
        set(KEY, 1002, 101);
        _expect(abi.encodeWithSelector(Configurator.ExceedsSlope.selector, 102, 101));
        set(KEY, 1001, 102);
        set(KEY, 1001, 101);
        skip(HOP);
        // 1251.25 and 126.25
        _expect(abi.encodeWithSelector(Configurator.ExceedsMaxAmount.selector, 1252, 1251));
        set(KEY, 1252, 126);
        _expect(abi.encodeWithSelector(Configurator.ExceedsSlope.selector, 127, 126));
        set(KEY, 1251, 127);
        set(KEY, 1251, 126);
        assertLimit(KEY, 1251, 126, 1001);
    }

    /// @dev The init may be lowered by governance below what a limit has grown to: the limit stays, and goes on growing.
    function test_growth_does_not_depend_on_the_inits_size() public {
        addInit(KEY, 1000, 100);
        set(KEY, 1000, 100);
        addInit(KEY, 1, 1);
        skip(HOP);
        set(KEY, 1250, 125);
        assertLimit(KEY, 1250, 125, 1000);
    }

    function test_up_and_down_at_once_is_an_increase() public {
        addInit(KEY, 1000, 100);
        set(KEY, 1000, 50);
        skip(HOP - 1);
        _expect(abi.encodeWithSelector(Configurator.IncreaseTooSoon.selector, START + HOP));
        set(KEY, 10, 51);
        skip(1);
        set(KEY, 10, 62);
        assertLimit(KEY, 10, 62, 10);
        skip(HOP);
        set(KEY, 1000, 1);
        assertLimit(KEY, 1000, 1, 10);
    }

    function test_hop_to_the_second_per_key() public {
        bytes32 other = keccak256("OTHER");
        addInit(KEY, 1000, 100);
        addInit(other, 1000, 100);
        set(KEY, 1000, 100);
        skip(5);
        // Another key has its own clock.
        set(other, 1000, 100);
        skip(HOP - 6);
        _expect(abi.encodeWithSelector(Configurator.IncreaseTooSoon.selector, START + HOP));
        set(KEY, 1250, 125);
        skip(1);
        set(KEY, 1250, 125);
        _expect(abi.encodeWithSelector(Configurator.IncreaseTooSoon.selector, START + 5 + HOP));
        set(other, 1250, 125);
    }

    /// @dev Down costs nothing; back up costs the hop like any increase.
    function test_down_and_back_up_costs_a_hop() public {
        addInit(KEY, 1000, 100);
        set(KEY, 1000, 100);
        set(KEY, 500, 50);
        _expect(abi.encodeWithSelector(Configurator.IncreaseTooSoon.selector, START + HOP));
        set(KEY, 1000, 100);
        skip(HOP);
        set(KEY, 1000, 100);
    }

    function test_nothing_grows_without_a_hop_or_a_change() public {
        addInit(KEY, 1000, 100);
        vm.prank(sky);
        state.setHop(address(0), 0);
        _expect(abi.encodeWithSelector(Configurator.HopNotSet.selector));
        set(KEY, 1000, 100);
        vm.startPrank(sky);
        state.setHop(address(0), uint64(HOP));
        state.setMaxChange(address(0), 0);
        vm.stopPrank();
        set(KEY, 1000, 100);
        skip(HOP);
        _expect(abi.encodeWithSelector(Configurator.ExceedsMaxAmount.selector, 1001, 1000));
        set(KEY, 1001, 100);
    }

    /// @dev P2: a cBEAM that raises a limit gives the relayer no refill with it.
    function test_P2_raising_a_used_limit_refills_nothing() public {
        addInit(KEY, 1000, 1);
        set(KEY, 1000, 1);
        skip(1000);
        vm.startPrank(admin);
        limits.grantRole(limits.CONTROLLER(), address(this));
        vm.stopPrank();
        limits.triggerRateLimitDecrease(KEY, 990);
        skip(HOP);
        limits.triggerRateLimitDecrease(KEY, 1000);
        set(KEY, 1250, 1);
        vm.assertEq(available(KEY), 0, "nothing at once");
        skip(7);
        vm.assertEq(available(KEY), 7, "replenishment only");
    }

    // --- without an init ---

    /// @dev P30: without an init nothing goes up, not even by the 25 % that production lets through after a deletion.
    function test_I24_P30_no_increase_without_an_init() public {
        _expect(abi.encodeWithSelector(Configurator.NoInit.selector, KEY));
        set(KEY, 1, 0);
        addInit(KEY, 1000, 100);
        set(KEY, 1000, 100);
        skip(HOP);
        vm.prank(council);
        state.delInitRateLimit(KEY, address(0));
        _expect(abi.encodeWithSelector(Configurator.NoInit.selector, KEY));
        set(KEY, 1001, 100);
        _expect(abi.encodeWithSelector(Configurator.NoInit.selector, KEY));
        set(KEY, 1000, 101);
        _expect(abi.encodeWithSelector(Configurator.NoInit.selector, KEY));
        set(KEY, MAX, 0);
        // Down it goes all the same.
        set(KEY, 999, 99);
        assertLimit(KEY, 999, 99, 999);
    }

    // --- unlimited ---

    function test_unlimited_needs_an_init_for_it() public {
        addInit(KEY, MAX - 1, 0);
        _expect(abi.encodeWithSelector(Configurator.ExceedsMaxAmount.selector, MAX, MAX - 1));
        set(KEY, MAX, 0);
        set(KEY, MAX - 1, 0);
        skip(HOP);
        // Not by growing into it either: beyond 2^256 / 1.25 a limit is its own ceiling.
        _expect(abi.encodeWithSelector(Configurator.ExceedsMaxAmount.selector, MAX, MAX - 1));
        set(KEY, MAX, 0);

        addInit(KEY, MAX, 0);
        set(KEY, MAX, 0);
        vm.assertEq(limits.getRateLimitData(KEY).lastAmount, MAX, "unlimited as the admin would set it");
        vm.assertEq(available(KEY), MAX, "unlimited");
    }

    function test_unlimited_waits_for_the_hop_like_any_increase() public {
        addInit(KEY, MAX, 0);
        set(KEY, 1000, 5);
        _expect(abi.encodeWithSelector(Configurator.IncreaseTooSoon.selector, START + HOP));
        set(KEY, MAX, 0);
        skip(HOP);
        set(KEY, MAX, 0);
    }

    /// @dev An unlimited init covers every limit, and an unlimited key can be lowered to any at once, which production
    ///      cannot do.
    function test_an_unlimited_key_is_lowered_at_once() public {
        addInit(KEY, MAX, 0);
        set(KEY, MAX, 0);
        vm.prank(council);
        state.delInitRateLimit(KEY, address(0));
        stop();
        set(KEY, 1000, 100);
        assertLimit(KEY, 1000, 100, 1000);
        set(KEY, 1000, 99);
        assertLimit(KEY, 1000, 99, 1000);
    }

    // --- down ---

    function test_decreases_pass_when_nothing_else_does() public {
        addInit(KEY, 1000, 100);
        set(KEY, 1000, 100);
        skip(3);
        vm.startPrank(sky);
        state.delInitRateLimit(KEY, address(0));
        state.setHop(address(0), 0);
        state.setMaxChange(address(0), 0);
        state.stop();
        vm.stopPrank();
        set(KEY, 1000, 99);
        assertLimit(KEY, 1000, 99, 300);
        set(KEY, 200, 99);
        assertLimit(KEY, 200, 99, 200);
        set(KEY, 200, 99);
        vm.assertEq(configurator.lastIncrease(address(limits), KEY), START, "no clock started");
        vm.prank(cbeam);
        configurator.removeRateLimit(almProxy, KEY);
        assertLimit(KEY, 0, 0, 0);
        vm.prank(cbeam);
        configurator.removeRateLimit(almProxy, KEY);
    }

    function test_stopped_increases_nothing() public {
        addInit(KEY, 1000, 100);
        set(KEY, 500, 50);
        skip(HOP);
        stop();
        bytes4 stopped = Configurator.Stopped.selector;
        _expect(abi.encodeWithSelector(stopped));
        set(KEY, 501, 50);
        _expect(abi.encodeWithSelector(stopped));
        set(KEY, 500, 51);
        _expect(abi.encodeWithSelector(stopped));
        set(keccak256("NEW"), 1, 0);
    }

    /// @dev A key without a maximum has no slope: it could be grown for a month behind a closed door, and the venue
    ///      opened with a refill that nobody has reviewed.
    function test_a_removed_key_keeps_no_slope() public {
        addInit(KEY, 1000, 100);
        set(KEY, 0, 100);
        assertLimit(KEY, 0, 0, 0);
        set(KEY, 1000, 100);
        skip(HOP);
        set(KEY, 0, 125);
        assertLimit(KEY, 0, 0, 0);
        // Not even one that the admin left.
        vm.prank(admin);
        limits.setRateLimitData(KEY, 0, 500, 0, block.timestamp);
        _expect(abi.encodeWithSelector(Configurator.ExceedsSlope.selector, 101, 100));
        set(KEY, 1000, 101);
        set(KEY, 1000, 100);
        assertLimit(KEY, 1000, 100, 0);
    }

    // --- who ---

    function test_only_accordant_callers_of_registered_PAUs() public {
        addInit(KEY, 1000, 100);
        address[5] memory others = [sky, council, admin, relayer, stranger];
        for (uint256 i; i < others.length; ++i) {
            bytes memory refusal =
                abi.encodeWithSelector(Configurator.NotAccordant.selector, almProxy, others[i]);
            bytes[] memory calls = _calls(almProxy);
            for (uint256 j; j < calls.length; ++j) {
                assertRefused(address(configurator), others[i], calls[j], refusal);
            }
        }
        vm.prank(council);
        state.delGovOps(almProxy, cbeam);
        bytes[] memory all = _calls(almProxy);
        for (uint256 j; j < all.length; ++j) {
            assertRefused(
                address(configurator),
                cbeam,
                all[j],
                abi.encodeWithSelector(Configurator.NotAccordant.selector, almProxy, cbeam)
            );
        }
    }

    /// @dev CF4, also for the way down.
    function test_a_PAU_that_is_not_registered_is_out_of_reach() public {
        addInit(KEY, 1000, 100);
        set(KEY, 1000, 100);
        vm.prank(council);
        state.unregisterPau(almProxy);
        bytes[] memory calls = _calls(almProxy);
        for (uint256 i; i < calls.length; ++i) {
            assertRefused(
                address(configurator),
                cbeam,
                calls[i],
                abi.encodeWithSelector(Configurator.UnknownPau.selector, almProxy)
            );
        }
    }

    /// @dev What the Configurator holds on a PAU is all that it needs, and no more.
    function test_it_needs_the_setters_role_on_the_limits() public {
        addInit(KEY, 1000, 100);
        bytes32 role = limits.LIMIT_SETTER();
        vm.prank(admin);
        limits.revokeRole(role, address(configurator));
        expectUnauthorized(address(configurator), role);
        set(KEY, 1000, 100);
        vm.assertFalse(limits.hasRole(0x00, address(configurator)), "no admin of the limits");
        vm.assertFalse(acl.hasRole(0x00, address(configurator)), "no admin of the access list");
        vm.assertFalse(proxy.hasRole(0x00, address(configurator)), "no admin of the proxy");
    }

    // --- golden vectors ---

    /// @dev G6: the path of a limit from 10 M at +25 % a hop; 47.7 M after seven increases.
    function test_G6_growth_path() public {
        uint256[8] memory path = [
            uint256(10_000_000e18),
            12_500_000e18,
            15_625_000e18,
            19_531_250e18,
            24_414_062.5e18,
            30_517_578.125e18,
            38_146_972.65625e18,
            47_683_715.8203125e18
        ];
        addInit(KEY, path[0], path[0] / 1 days);
        set(KEY, path[0], path[0] / 1 days);
        for (uint256 i = 1; i < path.length; ++i) {
            skip(HOP);
            uint256 slope = limits.getRateLimitData(KEY).slope;
            _expect(abi.encodeWithSelector(Configurator.ExceedsMaxAmount.selector, path[i] + 1, path[i]));
            set(KEY, path[i] + 1, slope);
            set(KEY, path[i], slope * 5 / 4);
        }
        vm.assertEq(limits.getRateLimitData(KEY).maxAmount, path[7], "seven increases");
    }

    /// @dev The convention of 100 k a day, raised once a day: above 80 M on day 30, above 100 M on day 31; and the worst
    ///      that an 18 h cadence makes of it in 30 days, times 7,523.
    function test_growth_of_the_conventional_limit() public {
        uint256 initial = 100_000e18;
        addInit(KEY, initial, 0);
        uint256 start = vm.snapshotState();
        set(KEY, initial, 0);
        for (uint256 day = 1; day <= 31; ++day) {
            vm.warp(START + day * 1 days);
            _grow();
            if (day == 30) vm.assertEq(_max() / 1e18, 80_779_356, "day 30");
        }
        vm.assertEq(_max() / 1e18, 100_974_195, "day 31");

        vm.assertTrue(vm.revertToState(start), "back");
        set(KEY, initial, 0);
        for (uint256 hop = 1; hop <= 40; ++hop) {
            vm.warp(START + hop * HOP);
            _grow();
        }
        vm.assertEq(block.timestamp, START + 30 days, "40 hops are 30 days");
        vm.assertEq(_max() / initial, 7_523, "times");
    }

    /// @dev I25: thirteen steps of 25 % take twelve hops at least, whenever they are tried.
    function testFuzz_I25_thirteen_steps_need_twelve_hops(uint256 seed) public {
        addInit(KEY, 1_000_000e18, 0);
        uint256 steps;
        uint256 tries;
        for (uint256 now_ = START; steps < 13; ++tries) {
            vm.warp(now_);
            uint256 to = steps == 0 ? 1_000_000e18 : _max() * 5 / 4;
            vm.prank(cbeam);
            (bool ok,) =
                address(configurator).call(abi.encodeCall(Configurator.setRateLimit, (almProxy, KEY, to, 0)));
            if (ok) ++steps;
            vm.assertLe(steps, 1 + (now_ - START) / HOP, "never more than one a hop");
            now_ += uint256(keccak256(abi.encode(seed, tries))) % HOP;
        }
        vm.assertGe(block.timestamp, START + 12 * HOP, "twelve hops");
        vm.assertGt(tries, 13, "some were refused");
    }

    function test_I25_twelve_hops_are_enough() public {
        addInit(KEY, 1_000_000e18, 0);
        set(KEY, 1_000_000e18, 0);
        for (uint256 i = 1; i < 13; ++i) {
            vm.warp(START + i * HOP);
            _grow();
        }
        vm.assertEq(_max(), uint256(1_000_000e18) * 5 ** 12 / 4 ** 12, "as the formula says");
    }

    // --- fuzz of one call, against plain arithmetic ---

    function testFuzz_ceilings(uint256 from, uint256 init, uint256 to, uint128 change) public {
        from = bound(from, 1, 1e40);
        init = bound(init, 0, 1e40);
        uint256 maxChange = bound(change, 1e18, 3e18);
        vm.startPrank(sky);
        state.setMaxChange(almProxy, uint192(maxChange));
        vm.stopPrank();
        setLimit(KEY, from);
        addInit(KEY, init, 0);
        uint256 grown = from * maxChange / 1e18;
        to = bound(to, from + 1, (grown > init ? grown : init) + from / 10 + 2);
        bool mayPass = to <= init || to <= grown;
        vm.prank(cbeam);
        (bool ok,) =
            address(configurator).call(abi.encodeCall(Configurator.setRateLimit, (almProxy, KEY, to, 0)));
        vm.assertEq(ok, mayPass, "within the init or the growth, and not beyond");
    }

    function _grow() private {
        set(KEY, _max() * 5 / 4, 0);
    }

    function _max() private view returns (uint256) {
        return limits.getRateLimitData(KEY).maxAmount;
    }

    function _calls(address pau_) private view returns (bytes[] memory list) {
        list = new bytes[](8);
        list[0] = abi.encodeCall(Configurator.setRateLimit, (pau_, KEY, 1, 1));
        list[1] = abi.encodeCall(Configurator.removeRateLimit, (pau_, KEY));
        list[2] = abi.encodeCall(Configurator.callControllerAction, (pau_, hex"12345678"));
        list[3] = abi.encodeCall(Configurator.onboard, (pau_, new bytes[](0), new RateLimitSetting[](0)));
        list[4] = abi.encodeCall(Configurator.setRelayer, (pau_, relayer));
        list[5] = abi.encodeCall(Configurator.removeRelayer, (pau_, relayer));
        list[6] = abi.encodeCall(Configurator.setFreezer, (pau_, warden));
        list[7] = abi.encodeCall(Configurator.removeFreezer, (pau_, warden));
    }

    function _expect(bytes memory reason) private {
        vm.expectRevert(reason);
    }
}
