// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { BeamState } from "src/configurator/BeamState.sol";
import { InitAction, Pau } from "src/configurator/BeamTypes.sol";
import { Controller } from "src/pau/Controller.sol";
import { ConfiguratorBase } from "test/configurator/ConfiguratorBase.sol";

contract BeamStateTest is ConfiguratorBase {
    bytes32 private constant HASH = keccak256("calldata");
    address private other = makeAddr("other proxy");

    function test_construction() public {
        vm.expectRevert(abi.encodeWithSelector(BeamState.ZeroAddress.selector, bytes32("admin")));
        new BeamState(address(0), address(operators));
        vm.expectRevert(abi.encodeWithSelector(BeamState.ZeroAddress.selector, bytes32("beacons")));
        new BeamState(sky, address(0));
        vm.assertEq(state.getRoleMemberCount(0x00), 1, "one ward");
        vm.assertEq(state.getRoleMember(0x00, 0), sky, "ward");
        vm.assertEq(state.beacons(), address(operators), "beacons");
        vm.assertFalse(state.stopped(), "runs");
    }

    // --- PAUs and their govOps ---

    function test_register() public {
        Pau memory pau_ = _otherPau();
        vm.expectEmit(address(state));
        emit BeamState.PauRegistered(other, pau_);
        vm.startPrank(sky);
        state.registerPau(other, pau_);
        vm.expectRevert(abi.encodeWithSelector(BeamState.AlreadyRegistered.selector, other));
        state.registerPau(other, pau_);
        vm.stopPrank();
        Pau memory kept = state.pauOf(other);
        vm.assertEq(kept.controller, pau_.controller, "controller");
        vm.assertEq(kept.rateLimits, pau_.rateLimits, "limits");
        vm.assertEq(kept.acl, pau_.acl, "acl");
        vm.assertEq(kept.subject, pau_.subject, "subject");
        vm.assertEq(state.rateLimitsOf(other), pau_.rateLimits, "limits alone");
        vm.assertEq(state.pauCount(), 2, "count");
        vm.assertEq(state.paus()[0], almProxy, "first");
        vm.assertEq(state.paus()[1], other, "second");
    }

    /// @dev A Controller that is another PAU's would carry its cBEAM over there.
    function test_register_refuses_what_does_not_belong_together() public {
        Pau memory pau_ = _otherPau();
        vm.startPrank(sky);
        vm.expectRevert(abi.encodeWithSelector(BeamState.ZeroAddress.selector, bytes32("almProxy")));
        state.registerPau(address(0), pau_);
        pau_.rateLimits = address(0);
        vm.expectRevert(abi.encodeWithSelector(BeamState.ZeroAddress.selector, bytes32("rateLimits")));
        state.registerPau(other, pau_);
        pau_ = _otherPau();
        vm.expectRevert(abi.encodeWithSelector(BeamState.PauMismatch.selector, bytes32("almProxy")));
        state.registerPau(stranger, pau_);
        pau_.rateLimits = stranger;
        vm.expectRevert(abi.encodeWithSelector(BeamState.PauMismatch.selector, bytes32("rateLimits")));
        state.registerPau(other, pau_);
        pau_ = _otherPau();
        pau_.acl = stranger;
        vm.expectRevert(abi.encodeWithSelector(BeamState.PauMismatch.selector, bytes32("acl")));
        state.registerPau(other, pau_);
        vm.stopPrank();
    }

    function test_govOps() public {
        vm.startPrank(sky);
        vm.expectRevert(abi.encodeWithSelector(BeamState.UnknownPau.selector, other));
        state.addGovOps(other, stranger);
        vm.expectRevert(abi.encodeWithSelector(BeamState.ZeroAddress.selector, bytes32("usr")));
        state.addGovOps(almProxy, address(0));
        vm.expectEmit(address(state));
        emit BeamState.GovOpsSet(almProxy, stranger, true);
        state.addGovOps(almProxy, stranger);
        vm.assertTrue(state.isGovOps(almProxy, stranger), "accordant");
        vm.assertFalse(state.isGovOps(other, stranger), "to that PAU only");
        vm.assertEq(state.govOpsOf(almProxy).length, 2, "two");
        vm.expectEmit(address(state));
        emit BeamState.GovOpsSet(almProxy, stranger, false);
        state.delGovOps(almProxy, stranger);
        vm.stopPrank();
        vm.assertFalse(state.isGovOps(almProxy, stranger), "no more");
        vm.assertEq(state.govOpsOf(almProxy)[0], cbeam, "the other stays");
    }

    function test_registering_anew_revives_nobody() public {
        vm.startPrank(sky);
        vm.expectEmit(address(state));
        emit BeamState.PauUnregistered(almProxy);
        state.unregisterPau(almProxy);
        vm.assertEq(state.pauCount(), 0, "none");
        vm.assertEq(state.pauOf(almProxy).controller, address(0), "gone");
        vm.expectRevert(abi.encodeWithSelector(BeamState.UnknownPau.selector, almProxy));
        state.unregisterPau(almProxy);
        state.registerPau(almProxy, thisPau());
        vm.stopPrank();
        vm.assertFalse(state.isGovOps(almProxy, cbeam), "not the old cBEAM");
    }

    // --- inits ---

    function test_a_PAUs_own_init_goes_before_that_for_all() public {
        _assertInit(false, 0, 0, 0);
        vm.startPrank(sky);
        vm.expectEmit(address(state));
        emit BeamState.InitRateLimitAdded(KEY, address(0), 100, 5, 0);
        state.addInitRateLimit(KEY, address(0), 100, 5);
        _assertInit(true, 100, 5, 0);
        vm.expectEmit(address(state));
        emit BeamState.InitRateLimitAdded(KEY, almProxy, 10, 1, HASH);
        state.addVenueInitRateLimit(KEY, almProxy, 10, 1, HASH);
        _assertInit(true, 10, 1, HASH);
        // Nothing allowed for this one PAU is a setting too.
        state.addInitRateLimit(KEY, almProxy, 0, 0);
        _assertInit(true, 0, 0, 0);
        vm.expectEmit(address(state));
        emit BeamState.InitRateLimitDeleted(KEY, almProxy);
        state.delInitRateLimit(KEY, almProxy);
        _assertInit(true, 100, 5, 0);
        state.delInitRateLimit(KEY, address(0));
        _assertInit(false, 0, 0, 0);
        vm.stopPrank();
    }

    function test_init_bounds() public {
        uint256 steepest = type(uint128).max;
        vm.startPrank(sky);
        vm.expectRevert(BeamState.InvalidInit.selector);
        state.addInitRateLimit(KEY, almProxy, 1, steepest + 1);
        vm.expectRevert(BeamState.InvalidInit.selector);
        state.addInitRateLimit(KEY, almProxy, MAX, 1);
        state.addInitRateLimit(KEY, almProxy, MAX - 1, steepest);
        _assertInit(true, MAX - 1, steepest, 0);
        state.addInitRateLimit(KEY, almProxy, MAX, 0);
        _assertInit(true, MAX, 0, 0);
        vm.stopPrank();
    }

    function test_actions() public {
        vm.startPrank(sky);
        vm.expectRevert(abi.encodeWithSelector(BeamState.ActionExpired.selector, HASH, START - 1));
        state.addInitAction(HASH, almProxy, false, uint64(START - 1));
        vm.expectEmit(address(state));
        emit BeamState.InitActionAdded(HASH, almProxy, true, START);
        state.addInitAction(HASH, almProxy, true, uint64(START));
        vm.stopPrank();
        InitAction memory action = state.initAction(HASH, almProxy);
        vm.assertTrue(action.exists && action.oneShot && action.notAfter == START, "kept");
        vm.assertFalse(state.initAction(HASH, address(0)).exists, "for that PAU");
        vm.expectEmit(address(state));
        emit BeamState.InitActionDeleted(HASH, almProxy);
        vm.prank(council);
        state.delInitAction(HASH, almProxy);
        vm.assertFalse(state.initAction(HASH, almProxy).exists, "gone");
    }

    function test_using_an_action() public {
        vm.startPrank(address(configurator));
        vm.expectRevert(abi.encodeWithSelector(BeamState.ActionNotAllowed.selector, HASH));
        state.useInitAction(HASH, almProxy);
        vm.stopPrank();
        vm.startPrank(sky);
        state.addInitAction(HASH, address(0), false, 0);
        state.addInitAction(HASH, almProxy, true, uint64(START + 10));
        vm.stopPrank();

        // The PAU's own decides, even if it has expired while that for all goes on.
        vm.warp(START + 11);
        vm.prank(address(configurator));
        vm.expectRevert(abi.encodeWithSelector(BeamState.ActionExpired.selector, HASH, START + 10));
        state.useInitAction(HASH, almProxy);
        vm.warp(START + 10);
        vm.startPrank(address(configurator));
        vm.expectEmit(address(state));
        emit BeamState.InitActionDeleted(HASH, almProxy);
        state.useInitAction(HASH, almProxy);
        vm.assertFalse(state.initAction(HASH, almProxy).exists, "used up");
        state.useInitAction(HASH, almProxy);
        state.useInitAction(HASH, other);
        vm.stopPrank();
        vm.assertTrue(state.initAction(HASH, address(0)).exists, "that for all is not used up");
    }

    // --- pace and stop ---

    function test_pace() public {
        vm.startPrank(sky);
        vm.expectEmit(address(state));
        emit BeamState.HopSet(almProxy, 1 days);
        state.setHop(almProxy, 1 days);
        vm.expectEmit(address(state));
        emit BeamState.MaxChangeSet(almProxy, 1e18);
        state.setMaxChange(almProxy, 1e18);
        vm.assertEq(state.hopOf(almProxy), 1 days, "own hop");
        vm.assertEq(state.maxChangeOf(almProxy), 1e18, "own change");
        vm.assertEq(state.hopOf(other), HOP, "default hop");
        vm.assertEq(state.maxChangeOf(other), MAX_CHANGE, "default change");
        state.setHop(almProxy, 0);
        state.setMaxChange(almProxy, 0);
        vm.assertEq(state.hopOf(almProxy), HOP, "back to the default");
        vm.assertEq(state.maxChangeOf(almProxy), MAX_CHANGE, "back to the default");
        vm.expectRevert(abi.encodeWithSelector(BeamState.MaxChangeTooLow.selector, 1e18 - 1));
        state.setMaxChange(almProxy, 1e18 - 1);
        vm.stopPrank();
    }

    function test_stop_and_start() public {
        vm.expectEmit(address(state));
        emit BeamState.Stopped(council);
        vm.prank(council);
        state.stop();
        vm.assertTrue(state.stopped(), "stopped");
        vm.expectEmit(address(state));
        emit BeamState.Started(address(timelock));
        vm.prank(address(timelock));
        state.start();
        vm.assertFalse(state.stopped(), "runs");
    }

    function test_set_beacons() public {
        vm.startPrank(sky);
        vm.expectRevert(abi.encodeWithSelector(BeamState.ZeroAddress.selector, bytes32("beacons")));
        state.setBeacons(address(0));
        vm.expectEmit(address(state));
        emit BeamState.BeaconsSet(stranger);
        state.setBeacons(stranger);
        vm.stopPrank();
        vm.assertEq(state.beacons(), stranger, "set");
    }

    function test_live_init() public {
        vm.assertFalse(state.hasLiveInit(KEY, almProxy), "no init");
        addInit(KEY, 0, 5);
        vm.assertFalse(state.hasLiveInit(KEY, almProxy), "an init of nothing");
        addInit(KEY, 100, 0);
        vm.assertTrue(state.hasLiveInit(KEY, almProxy), "live");
        vm.assertFalse(state.hasLiveInit(KEY, other), "not for a PAU that is not registered");
        vm.startPrank(sky);
        state.setHop(address(0), 0);
        vm.assertFalse(state.hasLiveInit(KEY, almProxy), "no hop");
        state.setHop(almProxy, 1);
        vm.assertTrue(state.hasLiveInit(KEY, almProxy), "its own hop");
        state.setMaxChange(address(0), 0);
        vm.assertFalse(state.hasLiveInit(KEY, almProxy), "no change");
        state.setMaxChange(almProxy, 1e18);
        vm.assertTrue(state.hasLiveInit(KEY, almProxy), "its own change");
        state.addInitRateLimit(KEY, almProxy, 0, 0);
        vm.assertFalse(state.hasLiveInit(KEY, almProxy), "its own init of nothing");
        state.delInitRateLimit(KEY, almProxy);
        state.stop();
        vm.assertFalse(state.hasLiveInit(KEY, almProxy), "stopped");
        vm.stopPrank();
    }

    // --- access ---

    /// @dev What adds waits, what takes away does not, and nobody but these.
    function test_access() public {
        bytes[8] memory delayed = [
            abi.encodeCall(BeamState.registerPau, (other, _otherPau())),
            abi.encodeCall(BeamState.addGovOps, (almProxy, stranger)),
            abi.encodeCall(BeamState.addInitRateLimit, (KEY, almProxy, 1, 1)),
            abi.encodeCall(BeamState.addVenueInitRateLimit, (KEY, almProxy, 1, 1, HASH)),
            abi.encodeCall(BeamState.addInitAction, (HASH, almProxy, true, 0)),
            abi.encodeCall(BeamState.setHop, (almProxy, 1)),
            abi.encodeCall(BeamState.setMaxChange, (almProxy, 1e18)),
            abi.encodeCall(BeamState.start, ())
        ];
        bytes[5] memory immediate = [
            abi.encodeCall(BeamState.delGovOps, (almProxy, cbeam)),
            abi.encodeCall(BeamState.delInitRateLimit, (KEY, almProxy)),
            abi.encodeCall(BeamState.delInitAction, (HASH, almProxy)),
            abi.encodeCall(BeamState.stop, ()),
            abi.encodeCall(BeamState.unregisterPau, (almProxy))
        ];
        for (uint256 i; i < delayed.length; ++i) {
            _assertOnly(address(timelock), state.DELAYED(), delayed[i]);
        }
        for (uint256 i; i < immediate.length; ++i) {
            _assertOnly(council, state.IMMEDIATE(), immediate[i]);
        }
        _assertOnly(sky, 0x00, abi.encodeCall(BeamState.setBeacons, (stranger)));

        bytes memory use = abi.encodeCall(BeamState.useInitAction, (HASH, almProxy));
        bytes32 role = state.CONFIGURATOR();
        assertRefused(address(state), sky, use, unauthorized(sky, role));
        assertRefused(address(state), cbeam, use, unauthorized(cbeam, role));
    }

    /// @dev `holder` and a ward may, each from the same start.
    function _assertOnly(address holder, bytes32 role, bytes memory data) private {
        address[6] memory callers =
            [address(timelock), council, address(configurator), cbeam, admin, stranger];
        for (uint256 i; i < callers.length; ++i) {
            if (callers[i] == holder) continue;
            assertRefused(address(state), callers[i], data, unauthorized(callers[i], role));
        }
        address[2] memory allowed = [sky, holder];
        for (uint256 i; i < allowed.length; ++i) {
            uint256 snapshot = vm.snapshotState();
            vm.prank(allowed[i]);
            (bool ok,) = address(state).call(data);
            vm.assertTrue(ok, "allowed");
            vm.assertTrue(vm.revertToState(snapshot), "back");
        }
    }

    function _assertInit(bool exists, uint256 maxAmount, uint256 slope, bytes32 action) private view {
        (bool exists_, uint256 maxAmount_, uint256 slope_) = state.initFor(KEY, almProxy);
        vm.assertEq(exists_, exists, "exists");
        vm.assertEq(maxAmount_, maxAmount, "max");
        vm.assertEq(slope_, slope, "slope");
        vm.assertEq(state.venueActionFor(KEY, almProxy), action, "action");
    }

    function _otherPau() private returns (Pau memory) {
        Controller controller_ =
            new Controller(address(acl), address(beacon), other, address(limits), address(0));
        return Pau(address(controller_), address(limits), address(acl), "other");
    }
}
