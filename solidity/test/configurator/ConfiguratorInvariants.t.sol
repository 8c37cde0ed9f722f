// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { BeamState } from "src/configurator/BeamState.sol";
import { Pau, RateLimitSetting } from "src/configurator/BeamTypes.sol";
import { Configurator } from "src/configurator/Configurator.sol";
import { RateLimitData } from "src/pau/PauTypes.sol";
import { RateLimits } from "src/pau/RateLimits.sol";
import { Test } from "test/base/Test.sol";
import { ConfiguratorBase } from "test/configurator/ConfiguratorBase.sol";

/// @notice Governance, council, cBEAM, a stranger and the relayer at random, with a plain model of what the Configurator
///         must let through. What it let through wrongly is kept by the name of the rule.
contract ConfiguratorHandler is Test {
    uint256 private constant MAX = type(uint256).max;

    struct Call {
        address caller;
        bytes32 key;
        uint256 max;
        uint256 slope;
        bool isOnboarding;
    }

    /// @dev What the rules need to know, read before the call.
    struct Before {
        uint256 max;
        uint256 slope;
        uint256 available;
        uint256 initMax;
        uint256 initSlope;
        uint256 hop;
        uint256 maxChange;
        bool hasInit;
        bool isIncrease;
        bool isKnown;
        bool isAccordant;
        bool isStopped;
        bool isConfigured;
    }

    bool public CF1_exceeded;
    bool public CF2_too_soon;
    bool public CF3_decrease_refused;
    bool public CF4_unknown_touched;
    bool public CF5_without_init;
    bool public CF6_refilled;
    bool public stranger_let_in;
    bool public increased_while_stopped;
    bool public opened_unconfigured;
    bool public wrongly_refused;
    uint256 public increases;
    uint256 public decreases;

    bytes32[3] private keys = [keccak256("A"), keccak256("B"), keccak256("VENUE")];
    mapping(bytes32 key => uint256) private lastIncrease;
    // What governance did last, not what the state says of it.
    bool private isRegistered = true;
    bool private isAccordant = true;
    bool private isStopped;

    BeamState private state;
    Configurator private configurator;
    RateLimits private limits;
    Pau private pau;
    address private almProxy;
    address private sky;
    address private cbeam;
    address private stranger = makeAddr("stranger");
    bytes private action;

    constructor(
        BeamState state_,
        Configurator configurator_,
        address almProxy_,
        address sky_,
        address cbeam_,
        bytes memory action_
    ) {
        (state, configurator, almProxy, sky, cbeam) = (state_, configurator_, almProxy_, sky_, cbeam_);
        action = action_;
        pau = state.pauOf(almProxy);
        limits = RateLimits(pau.rateLimits);
    }

    // --- the cBEAM, and who is none ---

    function set(uint256 key, uint256 how, uint256 max, uint256 slope, uint256 who) external {
        bytes32 key_ = keys[key % 3];
        RateLimitData memory now_ = limits.getRateLimitData(key_);
        Call memory c = Call({
            caller: who % 16 == 0 ? stranger : cbeam,
            key: key_,
            max: _near(how, now_.maxAmount, max),
            slope: _near(how / 16, now_.slope, slope),
            isOnboarding: who % 3 == 0
        });
        if (c.max == MAX) c.slope = 0;
        c.slope = c.slope > type(uint128).max ? type(uint128).max : c.slope;
        _try(c);
    }

    // --- governance ---

    function addInit(uint256 key, uint256 max, uint256 slope, uint256 kind) external {
        bytes32 key_ = keys[key % 3];
        address of_ = kind % 2 == 0 ? almProxy : address(0);
        vm.prank(sky);
        if (key_ == keys[2]) {
            state.addVenueInitRateLimit(
                key_, of_, bound(max, 0, 1e24), bound(slope, 0, 1e18), keccak256(action)
            );
        } else if (kind % 7 == 0) {
            state.addInitRateLimit(key_, of_, MAX, 0);
        } else {
            state.addInitRateLimit(key_, of_, bound(max, 0, 1e24), bound(slope, 0, 1e18));
        }
    }

    function delInit(uint256 key, uint256 kind) external {
        vm.prank(sky);
        state.delInitRateLimit(keys[key % 3], kind % 2 == 0 ? almProxy : address(0));
    }

    function setPace(uint256 hop, uint256 change, uint256 kind) external {
        address of_ = kind % 2 == 0 ? almProxy : address(0);
        vm.startPrank(sky);
        state.setHop(of_, kind % 16 < 2 ? 0 : uint64(bound(hop, 1 hours, 1 days)));
        state.setMaxChange(of_, kind % 16 == 3 ? 0 : uint192(bound(change, 1e18, 2e18)));
        vm.stopPrank();
    }

    /// @dev Mostly running.
    function toggleStop(uint256 how) external {
        if (!isStopped && how % 3 != 0) return;
        vm.prank(sky);
        if (isStopped) state.start();
        else state.stop();
        isStopped = !isStopped;
    }

    /// @dev Mostly in. Registering does not make anyone accordant; that is the step after.
    function toggleRegistration(uint256 how) external {
        vm.startPrank(sky);
        if (!isRegistered) {
            state.registerPau(almProxy, pau);
            isRegistered = true;
        } else if (!isAccordant) {
            state.addGovOps(almProxy, cbeam);
            isAccordant = true;
        } else if (how % 4 == 0) {
            state.unregisterPau(almProxy);
            (isRegistered, isAccordant) = (false, false);
        } else if (how % 4 == 1) {
            state.delGovOps(almProxy, cbeam);
            isAccordant = false;
        }
        vm.stopPrank();
    }

    // --- the world ---

    function use(uint256 key, uint256 amount) external {
        bytes32 key_ = keys[key % 3];
        if (limits.getRateLimitData(key_).maxAmount == 0) return;
        uint256 available = limits.getCurrentRateLimit(key_);
        limits.triggerRateLimitDecrease(key_, bound(amount, 0, available == MAX ? 1e24 : available));
    }

    function pass(uint256 seconds_) external {
        vm.warp(block.timestamp + bound(seconds_, 1, 2 days));
    }

    // --- the model ---

    function _try(Call memory c) private {
        Before memory b = _read(c);
        bool ok;
        vm.prank(c.caller);
        if (c.isOnboarding) {
            bytes[] memory actions = new bytes[](1);
            actions[0] = action;
            RateLimitSetting[] memory settings = new RateLimitSetting[](1);
            settings[0] = RateLimitSetting(c.key, c.max, c.slope);
            try configurator.onboard(almProxy, actions, settings) {
                ok = true;
            } catch { }
        } else {
            try configurator.setRateLimit(almProxy, c.key, c.max, c.slope) {
                ok = true;
            } catch { }
        }
        if (ok) _judgePassed(c, b);
        else _judgeRefused(c, b);
    }

    function _judgePassed(Call memory c, Before memory b) private {
        if (!b.isKnown) CF4_unknown_touched = true;
        if (b.isKnown && !b.isAccordant) stranger_let_in = true;
        RateLimitData memory now_ = limits.getRateLimitData(c.key);
        if (!b.isIncrease) {
            ++decreases;
        } else {
            ++increases;
            if (!_within(now_.maxAmount, b.max, b.initMax, b.maxChange)) CF1_exceeded = true;
            if (!_within(
                    _open(now_.maxAmount, now_.slope), b.slope, _open(b.initMax, b.initSlope), b.maxChange
                )) {
                CF1_exceeded = true;
            }
            if (b.hop == 0 || (lastIncrease[c.key] != 0 && block.timestamp - lastIncrease[c.key] < b.hop)) {
                CF2_too_soon = true;
            }
            if (!b.hasInit) CF5_without_init = true;
            if (b.isStopped) increased_while_stopped = true;
            if (b.max == 0 && !b.isConfigured) opened_unconfigured = true;
            lastIncrease[c.key] = block.timestamp;
        }
        if (now_.maxAmount != MAX && limits.getCurrentRateLimit(c.key) > b.available) CF6_refilled = true;
    }

    function _judgeRefused(Call memory c, Before memory b) private {
        if (!b.isKnown || !b.isAccordant) return;
        if (!b.isIncrease) {
            // An onboarding stops with everything else: it is no decrease, whatever stands in it.
            if (!c.isOnboarding || !b.isStopped) CF3_decrease_refused = true;
            return;
        }
        bool mayPass = b.hasInit && !b.isStopped && b.hop != 0 && (b.max != 0 || b.isConfigured)
            && (lastIncrease[c.key] == 0 || block.timestamp - lastIncrease[c.key] >= b.hop)
            && _within(c.max, b.max, b.initMax, b.maxChange)
            && _within(_open(c.max, c.slope), b.slope, _open(b.initMax, b.initSlope), b.maxChange);
        if (mayPass) wrongly_refused = true;
    }

    function _read(Call memory c) private view returns (Before memory b) {
        RateLimitData memory data = limits.getRateLimitData(c.key);
        b.max = data.maxAmount;
        b.slope = _open(data.maxAmount, data.maxAmount == 0 ? 0 : data.slope);
        b.available = limits.getCurrentRateLimit(c.key);
        (b.hasInit, b.initMax, b.initSlope) = state.initFor(c.key, almProxy);
        b.hop = state.hopOf(almProxy);
        b.maxChange = state.maxChangeOf(almProxy);
        b.isKnown = isRegistered;
        b.isAccordant = isAccordant && c.caller == cbeam;
        b.isStopped = isStopped;
        b.isConfigured = c.isOnboarding || state.venueActionFor(c.key, almProxy) == 0;
        b.isIncrease = c.max > b.max || (c.max != 0 && _open(c.max, c.slope) > b.slope);
    }

    /// @dev Mostly what a caller would try: exactly the growth allowed, a wei more, less, nothing, everything.
    function _near(uint256 how, uint256 current, uint256 any) private view returns (uint256) {
        how %= 16;
        if (current == MAX) return how == 0 ? MAX : any % 1e24;
        uint256 grown = current > 1e50 ? current : current * state.maxChangeOf(almProxy) / 1e18;
        if (how < 5) return grown;
        if (how < 8) return grown + 1;
        if (how < 10) return current;
        if (how < 12) return current - current / 3;
        if (how == 12) return any % 4 == 0 ? 0 : current;
        if (how == 13) return any % 8 == 0 ? MAX : any % 1e24;
        return any % 1e24;
    }

    function _within(uint256 to, uint256 from, uint256 init, uint256 maxChange) private pure returns (bool) {
        if (to <= from || to <= init) return true;
        return from < 1e50 && to <= from * maxChange / 1e18;
    }

    function _open(uint256 max, uint256 slope) private pure returns (uint256) {
        return max == MAX ? MAX : slope;
    }
}

/// @notice I24: CF1 to CF6.
/// forge-config: default.invariant.depth = 256
contract ConfiguratorInvariantsTest is ConfiguratorBase {
    ConfiguratorHandler private handler;

    function setUp() public override {
        super.setUp();
        bytes memory action = abi.encodeCall(pau.erc4626_setMaxExchangeRate, (address(susds), 1e18, 1e18));
        allow(action);
        handler = new ConfiguratorHandler(state, configurator, almProxy, sky, cbeam, action);
        for (uint256 i; i < 3; ++i) {
            handler.addInit(i, 1e21, 1e15, 1);
        }
        vm.startPrank(admin);
        limits.grantRole(limits.CONTROLLER(), address(handler));
        vm.stopPrank();

        bytes4[] memory selectors = new bytes4[](14);
        for (uint256 i; i < 6; ++i) {
            selectors[i] = ConfiguratorHandler.set.selector;
        }
        selectors[6] = ConfiguratorHandler.addInit.selector;
        selectors[7] = ConfiguratorHandler.delInit.selector;
        selectors[8] = ConfiguratorHandler.setPace.selector;
        selectors[9] = ConfiguratorHandler.toggleStop.selector;
        selectors[10] = ConfiguratorHandler.toggleRegistration.selector;
        selectors[11] = ConfiguratorHandler.use.selector;
        selectors[12] = ConfiguratorHandler.pass.selector;
        selectors[13] = ConfiguratorHandler.pass.selector;
        targetContract(address(handler));
        targetSelector(address(handler), selectors);
    }

    function invariant_I24_CF1_no_value_above_init_or_growth() public view {
        vm.assertFalse(handler.CF1_exceeded(), "CF1");
    }

    function invariant_I24_CF2_increases_are_a_hop_apart() public view {
        vm.assertFalse(handler.CF2_too_soon(), "CF2");
    }

    function invariant_I24_CF3_decreases_never_revert() public view {
        vm.assertFalse(handler.CF3_decrease_refused(), "CF3");
    }

    function invariant_I24_CF4_unregistered_is_untouched() public view {
        vm.assertFalse(handler.CF4_unknown_touched(), "CF4");
    }

    function invariant_I24_CF5_no_increase_without_an_init() public view {
        vm.assertFalse(handler.CF5_without_init(), "CF5");
    }

    function invariant_I24_CF6_available_never_jumps() public view {
        vm.assertFalse(handler.CF6_refilled(), "CF6");
    }

    function invariant_nobody_else_and_nothing_else() public view {
        vm.assertFalse(handler.stranger_let_in(), "a caller that is not accordant");
        vm.assertFalse(handler.increased_while_stopped(), "an increase while stopped");
        vm.assertFalse(handler.opened_unconfigured(), "a venue opened without its configuration");
    }

    /// @dev What the rules allow, happens: a Configurator that refuses everything would keep all the others.
    function invariant_what_is_allowed_passes() public view {
        vm.assertFalse(handler.wrongly_refused(), "refused what the rules allow");
    }

    /// @dev The handler does get through, both ways; else the invariants above would hold of nothing.
    function test_the_handler_raises_and_lowers() public {
        for (uint256 i; i < 600; ++i) {
            uint256 random = uint256(keccak256(abi.encode(i)));
            handler.set(random, random >> 8, random >> 16, random >> 24, random >> 32);
            handler.pass(random >> 40);
        }
        vm.assertGt(handler.increases(), 50, "increases");
        vm.assertGt(handler.decreases(), 50, "decreases");
    }
}
