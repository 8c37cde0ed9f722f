// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import { BeamScheduler, LimitProposal } from "src/configurator/BeamScheduler.sol";
import { BeamState } from "src/configurator/BeamState.sol";
import { Pau, RateLimitSetting } from "src/configurator/BeamTypes.sol";
import { Configurator } from "src/configurator/Configurator.sol";
import { AccessControls } from "src/pau/AccessControls.sol";
import { ControllerSurface } from "src/pau/ControllerSurface.sol";
import { RateLimitKeys } from "src/pau/RateLimitKeys.sol";
import { Roles } from "src/pau/Roles.sol";
import { Erc4626Facet } from "src/pau/facets/Erc4626Facet.sol";
import { BeaconClass } from "src/registry/BeaconRegistry.sol";
import { ConfiguratorBase } from "test/configurator/ConfiguratorBase.sol";

interface ControllerEntry {
    function proxy() external view returns (address);
    function rateLimits() external view returns (address);
    function accessControls() external view returns (address);
}

/// @notice A Controller that uses the call it gets to call its cBEAM's Configurator again.
contract ReentrantController {
    address public proxy;
    address public rateLimits;
    address public accessControls;
    address private _configurator;

    constructor(ControllerEntry from, address proxy_, address configurator) {
        proxy = proxy_;
        rateLimits = from.rateLimits();
        accessControls = from.accessControls();
        _configurator = configurator;
    }

    fallback(bytes calldata data) external returns (bytes memory) {
        (bool ok, bytes memory result) = _configurator.call(data[4:]);
        if (!ok) {
            assembly ("memory-safe") {
                revert(add(result, 32), mload(result))
            }
        }
        return result;
    }
}

/// @notice What a cBEAM does beside limits: actions, onboarding, relayers and wardens.
contract ConfiguratorActionsTest is ConfiguratorBase {
    address private venue;
    bytes32 private depositKey;
    bytes private tight; // at most 1.01 assets a share
    bytes private loose; // at most 3

    function setUp() public override {
        super.setUp();
        venue = address(susds);
        depositKey = RateLimitKeys.erc4626Deposit(address(usds), venue);
        tight = abi.encodeCall(ControllerSurface.erc4626_setMaxExchangeRate, (venue, 100e18, 101e18));
        loose = abi.encodeCall(ControllerSurface.erc4626_setMaxExchangeRate, (venue, 1e18, 3e18));
    }

    // --- actions ---

    function test_action_by_exact_calldata() public {
        allow(tight);
        vm.expectEmit(address(configurator));
        emit Configurator.CallControllerAction(almProxy, tight);
        _act(tight);
        vm.assertEq(pau.erc4626_getMaxExchangeRate(venue), 1.01e36, "configured");
        // One byte more is another call.
        bytes memory longer = bytes.concat(tight, hex"00");
        _expectNotAllowed(longer);
        _act(longer);
        _expectNotAllowed(loose);
        _act(loose);
    }

    function test_action_gives_back_data_and_bubbles_failure() public {
        bytes memory read = abi.encodeCall(ControllerSurface.erc4626_getMaxExchangeRate, (venue));
        bytes memory bad =
            abi.encodeCall(ControllerSurface.erc4626_setMaxExchangeRate, (address(0), 1e18, 1e18));
        allow(read);
        allow(bad);
        allow(tight);
        _act(tight);
        vm.assertEq(abi.decode(_act(read), (uint256)), 1.01e36, "return data");
        vm.expectRevert(Erc4626Facet.ZeroToken.selector);
        _act(bad);
    }

    /// @dev The Configurator holds no role but those for parameters, so an action that moves value fails, allowed or not.
    function test_action_cannot_move_value() public {
        bytes memory move =
            abi.encodeCall(ControllerSurface.transferAsset_transfer, (address(usds), cbeam, 1));
        allow(move);
        expectUnauthorized(address(configurator), Roles.ALLOCATOR);
        _act(move);
    }

    function test_actions_stop() public {
        allow(tight);
        stop();
        vm.expectRevert(Configurator.Stopped.selector);
        _act(tight);
        vm.expectRevert(Configurator.Stopped.selector);
        _onboard(_list(tight), new RateLimitSetting[](0));
    }

    // --- P28 ---

    /// @dev P28, omission: the limit without the call that configures the venue.
    function test_P28_omission() public {
        _addVenue();
        bytes memory required =
            abi.encodeWithSelector(Configurator.OnboardRequired.selector, depositKey, keccak256(tight));
        vm.expectRevert(required);
        set(depositKey, 100e18, 1e18);
        vm.expectRevert(required);
        _onboard(new bytes[](0), _limit(100e18, 1e18));
        // Nor with another call that is allowed.
        allow(loose);
        vm.expectRevert(required);
        _onboard(_list(loose), _limit(100e18, 1e18));
        // Nor because it was called some time before.
        _act(tight);
        vm.expectRevert(required);
        set(depositKey, 100e18, 1e18);
        _onboard(_list(tight), _limit(100e18, 1e18));
        assertLimit(depositKey, 100e18, 1e18, 0);
    }

    /// @dev P28, repetition: a call that is good once.
    function test_P28_repetition() public {
        vm.prank(sky);
        state.addInitAction(keccak256(loose), almProxy, true, 0);
        _act(loose);
        _expectNotAllowed(loose);
        _act(loose);
        // A failure does not use it up.
        bytes memory bad =
            abi.encodeCall(ControllerSurface.erc4626_setMaxExchangeRate, (address(0), 1e18, 1e18));
        vm.prank(sky);
        state.addInitAction(keccak256(bad), almProxy, true, 0);
        vm.expectRevert(Erc4626Facet.ZeroToken.selector);
        _act(bad);
        vm.assertTrue(state.initAction(keccak256(bad), almProxy).exists, "still there");
    }

    /// @dev P28, staleness: a call that was right at its time.
    function test_P28_staleness() public {
        vm.prank(sky);
        state.addInitAction(keccak256(loose), almProxy, false, uint64(START + 3 days));
        vm.warp(START + 3 days);
        _act(loose);
        vm.warp(START + 3 days + 1);
        vm.expectRevert(
            abi.encodeWithSelector(BeamState.ActionExpired.selector, keccak256(loose), START + 3 days)
        );
        _act(loose);
    }

    /// @dev P28, order: whatever the caller writes, the venue is configured before its limit is, and all of it or none.
    function test_P28_order() public {
        _addVenue();
        allow(loose);
        bytes[] memory actions = new bytes[](2);
        (actions[0], actions[1]) = (loose, tight);
        _onboard(actions, _limit(100e18, 1e18));
        vm.assertEq(pau.erc4626_getMaxExchangeRate(venue), 1.01e36, "the last call counts");

        vm.prank(cbeam);
        configurator.removeRateLimit(almProxy, depositKey);
        skip(HOP);
        vm.expectRevert(abi.encodeWithSelector(Configurator.ExceedsMaxAmount.selector, 101e18, 100e18));
        _onboard(actions, _limit(101e18, 1e18));
    }

    /// @dev P28, amplification: one init for every PAU is as many limits as there are PAUs.
    function test_P28_amplification() public {
        address second = makeAddr("second proxy");
        ReentrantController other =
            new ReentrantController(ControllerEntry(address(controller)), second, address(configurator));
        vm.startPrank(sky);
        state.registerPau(second, _pauOf(address(other)));
        vm.stopPrank();
        LimitProposal[] memory proposals = new LimitProposal[](1);
        proposals[0] = LimitProposal(KEY, address(0), 100e18, 1e18, 199e18);
        vm.prank(council);
        vm.expectRevert(abi.encodeWithSelector(BeamScheduler.ExposureTooHigh.selector, KEY, 200e18, 199e18));
        scheduler.scheduleInitRateLimits(proposals, order("x"));
        proposals[0].maxExposure = 200e18;
        vm.prank(council);
        scheduler.scheduleInitRateLimits(proposals, order("x"));
        // For one PAU it counts once.
        proposals[0] = LimitProposal(KEY, almProxy, 199e18, 1e18, 199e18);
        vm.prank(council);
        scheduler.scheduleInitRateLimits(proposals, order("x"));
    }

    // --- onboarding ---

    function test_onboard_several_limits() public {
        _addVenue();
        bytes32 withdrawKey = RateLimitKeys.erc4626Withdraw(venue);
        addInit(withdrawKey, MAX, 0);
        RateLimitSetting[] memory settings = new RateLimitSetting[](2);
        settings[0] = RateLimitSetting(depositKey, 100e18, 1e18);
        settings[1] = RateLimitSetting(withdrawKey, MAX, 0);
        vm.expectEmit(address(configurator));
        emit Configurator.CallControllerAction(almProxy, tight);
        vm.expectEmit(address(configurator));
        emit Configurator.SetRateLimit(almProxy, depositKey, 100e18, 1e18);
        vm.expectEmit(address(configurator));
        emit Configurator.SetRateLimit(almProxy, withdrawKey, MAX, 0);
        _onboard(_list(tight), settings);
        vm.assertEq(pau.erc4626_getMaxExchangeRate(venue), 1.01e36, "rate");
        assertLimit(depositKey, 100e18, 1e18, 0);
        vm.assertEq(available(withdrawKey), MAX, "exits unlimited");

        // From then on the limit grows like any other.
        skip(HOP);
        set(depositKey, 125e18, 1.25e18);
        // Closed, it opens only by onboarding again.
        set(depositKey, 0, 0);
        skip(HOP);
        vm.expectRevert(
            abi.encodeWithSelector(Configurator.OnboardRequired.selector, depositKey, keccak256(tight))
        );
        set(depositKey, 1, 0);
        _onboard(_list(tight), _limit(100e18, 1e18));
    }

    /// @dev One batch gives a key one increase at most.
    function test_onboard_keeps_the_hop() public {
        _addVenue();
        RateLimitSetting[] memory settings = new RateLimitSetting[](2);
        settings[0] = RateLimitSetting(depositKey, 100e18, 1e18);
        settings[1] = RateLimitSetting(depositKey, 125e18, 1.25e18);
        vm.expectRevert(abi.encodeWithSelector(Configurator.IncreaseTooSoon.selector, START + HOP));
        _onboard(_list(tight), settings);
        vm.assertEq(pau.erc4626_getMaxExchangeRate(venue), 0, "nothing of it");
        assertLimit(depositKey, 0, 0, 0);
    }

    function test_reentry_is_refused() public {
        address second = makeAddr("second proxy");
        ReentrantController evil =
            new ReentrantController(ControllerEntry(address(controller)), second, address(configurator));
        vm.startPrank(sky);
        state.registerPau(second, _pauOf(address(evil)));
        state.addGovOps(second, cbeam);
        state.addGovOps(second, address(evil));
        vm.stopPrank();
        bytes[] memory calls = new bytes[](8);
        calls[0] = abi.encodeCall(Configurator.setRateLimit, (second, KEY, 0, 0));
        calls[1] = abi.encodeCall(Configurator.removeRateLimit, (second, KEY));
        calls[2] = abi.encodeCall(Configurator.callControllerAction, (second, ""));
        calls[3] = abi.encodeCall(Configurator.onboard, (second, new bytes[](0), new RateLimitSetting[](0)));
        calls[4] = abi.encodeCall(Configurator.setRelayer, (second, relayer));
        calls[5] = abi.encodeCall(Configurator.removeRelayer, (second, relayer));
        calls[6] = abi.encodeCall(Configurator.setFreezer, (second, warden));
        calls[7] = abi.encodeCall(Configurator.removeFreezer, (second, warden));
        for (uint256 i; i < calls.length; ++i) {
            bytes memory data = bytes.concat(hex"ffffffff", calls[i]);
            allow(data);
            vm.prank(cbeam);
            vm.expectRevert(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
            configurator.callControllerAction(second, data);
        }
    }

    // --- relayers and wardens ---

    function test_a_registered_relay_is_named_at_once() public {
        address fresh = makeAddr("fresh");
        bytes32 id = registerBeacon("relay", fresh, BeaconClass.RELAY, SUBJECT);
        vm.expectEmit(address(configurator));
        emit Configurator.RelayerSet(almProxy, fresh, true);
        vm.prank(cbeam);
        configurator.setRelayer(almProxy, fresh);
        vm.assertTrue(acl.hasRole(Roles.ALLOCATOR, fresh), "relayer");

        vm.expectEmit(address(configurator));
        emit Configurator.RelayerSet(almProxy, fresh, false);
        vm.prank(cbeam);
        configurator.removeRelayer(almProxy, fresh);
        vm.assertFalse(acl.hasRole(Roles.ALLOCATOR, fresh), "no more");
        vm.prank(sky);
        operators.suspend(id);
        _expectNoRelayer(fresh);
    }

    function test_others_are_no_relayers() public {
        address fresh = makeAddr("fresh");
        _expectNoRelayer(fresh);
        registerBeacon("sentinel", fresh, BeaconClass.SENTINEL, SUBJECT);
        _expectNoRelayer(fresh);
        address elsewhere = makeAddr("elsewhere");
        registerBeacon("relay/other", elsewhere, BeaconClass.RELAY, "other");
        _expectNoRelayer(elsewhere);
        _expectNoRelayer(address(0));
    }

    function test_a_relayer_by_governances_leave() public {
        address fresh = makeAddr("fresh");
        bytes memory leave = abi.encodeCall(AccessControls.setRelayer, (fresh));
        vm.prank(sky);
        state.addInitAction(keccak256(leave), almProxy, true, 0);
        vm.prank(cbeam);
        configurator.setRelayer(almProxy, fresh);
        vm.assertTrue(acl.hasRole(Roles.ALLOCATOR, fresh), "relayer");
        // The leave names who and what: neither a warden nor somebody else.
        vm.prank(sky);
        state.addInitAction(keccak256(leave), almProxy, false, 0);
        _expectNoRelayer(stranger);
        _expectNotAllowed(abi.encodeCall(AccessControls.setFreezer, (fresh)));
        vm.prank(cbeam);
        configurator.setFreezer(almProxy, fresh);
    }

    function test_a_registered_sentinel_is_a_warden_at_once() public {
        address fresh = makeAddr("fresh");
        bytes memory leave = abi.encodeCall(AccessControls.setFreezer, (fresh));
        _expectNotAllowed(leave);
        vm.prank(cbeam);
        configurator.setFreezer(almProxy, fresh);
        registerBeacon("sentinel", fresh, BeaconClass.SENTINEL, SUBJECT);
        vm.expectEmit(address(configurator));
        emit Configurator.FreezerSet(almProxy, fresh, true);
        vm.prank(cbeam);
        configurator.setFreezer(almProxy, fresh);
        vm.assertTrue(acl.hasRole(Roles.FREEZER, fresh), "warden");

        address other = makeAddr("other");
        allow(abi.encodeCall(AccessControls.setFreezer, (other)));
        vm.prank(cbeam);
        configurator.setFreezer(almProxy, other);
        vm.assertTrue(acl.hasRole(Roles.FREEZER, other), "by leave");
    }

    /// @dev A cBEAM gone bad must not leave the PAU without anyone to take its relayer out.
    function test_the_last_warden_stays() public {
        vm.prank(cbeam);
        vm.expectRevert(abi.encodeWithSelector(Configurator.LastFreezer.selector, warden));
        configurator.removeFreezer(almProxy, warden);
        address second = makeAddr("second");
        registerBeacon("sentinel", second, BeaconClass.SENTINEL, SUBJECT);
        vm.startPrank(cbeam);
        configurator.setFreezer(almProxy, second);
        vm.expectEmit(address(configurator));
        emit Configurator.FreezerSet(almProxy, warden, false);
        configurator.removeFreezer(almProxy, warden);
        vm.assertFalse(acl.hasRole(Roles.FREEZER, warden), "removed");
        vm.expectRevert(abi.encodeWithSelector(Configurator.LastFreezer.selector, second));
        configurator.removeFreezer(almProxy, second);
        vm.stopPrank();
    }

    function test_removing_nobody_reverts() public {
        vm.startPrank(cbeam);
        vm.expectRevert(
            abi.encodeWithSelector(AccessControls.RoleNotGranted.selector, stranger, Roles.ALLOCATOR)
        );
        configurator.removeRelayer(almProxy, stranger);
        vm.expectRevert(
            abi.encodeWithSelector(AccessControls.RoleNotGranted.selector, stranger, Roles.FREEZER)
        );
        configurator.removeFreezer(almProxy, stranger);
        vm.stopPrank();
    }

    function test_stopped_removes_but_does_not_name() public {
        address fresh = makeAddr("fresh");
        registerBeacon("relay", fresh, BeaconClass.RELAY, SUBJECT);
        registerBeacon("sentinel", warden, BeaconClass.SENTINEL, SUBJECT);
        address second = makeAddr("second");
        vm.prank(admin);
        acl.grantRole(Roles.FREEZER, second);
        stop();
        vm.startPrank(cbeam);
        vm.expectRevert(Configurator.Stopped.selector);
        configurator.setRelayer(almProxy, fresh);
        vm.expectRevert(Configurator.Stopped.selector);
        configurator.setFreezer(almProxy, warden);
        configurator.removeRelayer(almProxy, relayer);
        configurator.removeFreezer(almProxy, warden);
        vm.stopPrank();
        vm.assertFalse(acl.hasRole(Roles.ALLOCATOR, relayer), "relayer out");
        vm.assertFalse(acl.hasRole(Roles.FREEZER, warden), "warden out");
    }

    function _pauOf(address controller_) private view returns (Pau memory) {
        return Pau(controller_, address(limits), address(acl), SUBJECT);
    }

    function _addVenue() private {
        allow(tight);
        vm.prank(sky);
        state.addVenueInitRateLimit(depositKey, address(0), 100e18, 1e18, keccak256(tight));
    }

    function _act(bytes memory data) private returns (bytes memory) {
        vm.prank(cbeam);
        return configurator.callControllerAction(almProxy, data);
    }

    function _onboard(bytes[] memory actions, RateLimitSetting[] memory settings) private {
        vm.prank(cbeam);
        configurator.onboard(almProxy, actions, settings);
    }

    function _limit(uint256 maxAmount, uint256 slope) private view returns (RateLimitSetting[] memory list) {
        list = new RateLimitSetting[](1);
        list[0] = RateLimitSetting(depositKey, maxAmount, slope);
    }

    function _list(bytes memory action) private pure returns (bytes[] memory list) {
        list = new bytes[](1);
        list[0] = action;
    }

    function _expectNotAllowed(bytes memory data) private {
        vm.expectRevert(abi.encodeWithSelector(BeamState.ActionNotAllowed.selector, keccak256(data)));
    }

    function _expectNoRelayer(address account) private {
        _expectNotAllowed(abi.encodeCall(AccessControls.setRelayer, (account)));
        vm.prank(cbeam);
        configurator.setRelayer(almProxy, account);
    }
}
