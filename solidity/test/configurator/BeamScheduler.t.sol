// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { ActionProposal, BatchOrder, BeamScheduler, LimitProposal } from "src/configurator/BeamScheduler.sol";
import { BeamTimelock } from "src/configurator/BeamTimelock.sol";
import { InitAction } from "src/configurator/BeamTypes.sol";
import { Governed } from "src/registry/Governed.sol";
import { ConfiguratorBase } from "test/configurator/ConfiguratorBase.sol";

contract BeamSchedulerTest is ConfiguratorBase {
    bytes private action = hex"12345678";

    function test_construction() public {
        vm.expectRevert(abi.encodeWithSelector(Governed.ZeroAddress.selector, bytes32("timelock")));
        new BeamScheduler(address(0), address(state), sky);
        vm.expectRevert(abi.encodeWithSelector(Governed.ZeroAddress.selector, bytes32("state")));
        new BeamScheduler(address(timelock), address(0), sky);
        vm.expectRevert(abi.encodeWithSelector(Governed.ZeroAddress.selector, bytes32("admin")));
        new BeamScheduler(address(timelock), address(state), address(0));
        vm.assertEq(scheduler.timelock(), address(timelock), "timelock");
        vm.assertEq(scheduler.state(), address(state), "state");
    }

    function test_govOps() public {
        vm.prank(council);
        bytes32 id = scheduler.scheduleGovOps(almProxy, stranger, order("a"));
        _execute(id);
        vm.assertTrue(state.isGovOps(almProxy, stranger), "accordant");
    }

    function test_order_reaches_the_timelock() public {
        vm.startPrank(council);
        bytes32 first = scheduler.scheduleStart(order("a"));
        bytes32 second = scheduler.scheduleStart(BatchOrder(first, "b"));
        vm.stopPrank();
        vm.assertEq(timelock.operation(second).predecessor, first, "predecessor");
        vm.assertEq(timelock.operation(second).salt, "b", "salt");
        vm.warp(START + DELAY);
        vm.expectRevert(abi.encodeWithSelector(BeamTimelock.PredecessorNotDone.selector, first));
        timelock.executeBatch(second);
    }

    function test_limits() public {
        LimitProposal[] memory proposals = new LimitProposal[](2);
        proposals[0] = LimitProposal(KEY, address(0), 100, 10, 100);
        proposals[1] = LimitProposal(KEY, almProxy, MAX, 0, MAX);
        vm.prank(council);
        _execute(scheduler.scheduleInitRateLimits(proposals, order("a")));
        _assertInit(almProxy, MAX, 0, 0);
        _assertInit(stranger, 100, 10, 0);
    }

    function test_actions() public {
        ActionProposal[] memory proposals = new ActionProposal[](1);
        proposals[0] = ActionProposal(action, almProxy, true, uint64(START + 60 days));
        vm.expectEmit(address(scheduler));
        emit BeamScheduler.ActionProposed(keccak256(action), almProxy, action);
        vm.prank(council);
        _execute(scheduler.scheduleInitActions(proposals, order("a")));
        InitAction memory kept = state.initAction(keccak256(action), almProxy);
        vm.assertTrue(kept.exists && kept.oneShot && kept.notAfter == START + 60 days, "kept");
    }

    function test_venue() public {
        LimitProposal[] memory proposals = new LimitProposal[](1);
        proposals[0] = LimitProposal(KEY, almProxy, 100, 10, 100);
        ActionProposal memory proposal = ActionProposal(action, almProxy, false, 0);
        vm.prank(council);
        _execute(scheduler.scheduleVenue(proposal, proposals, order("a")));
        _assertInit(almProxy, 100, 10, keccak256(action));
        vm.assertTrue(state.initAction(keccak256(action), almProxy).exists, "and its action");

        proposals[0].maxExposure = 99;
        vm.prank(council);
        vm.expectRevert(abi.encodeWithSelector(BeamScheduler.ExposureTooHigh.selector, KEY, 100, 99));
        scheduler.scheduleVenue(proposal, proposals, order("b"));
    }

    function test_pace_and_start() public {
        stop();
        vm.startPrank(council);
        bytes32 pace = scheduler.schedulePace(almProxy, 1 days, 1.1e18, order("a"));
        bytes32 start = scheduler.scheduleStart(order("a"));
        vm.stopPrank();
        _execute(pace);
        timelock.executeBatch(start);
        vm.assertEq(state.hopOf(almProxy), 1 days, "hop");
        vm.assertEq(state.maxChangeOf(almProxy), 1.1e18, "change");
        vm.assertFalse(state.stopped(), "runs");
    }

    function test_buds_only() public {
        LimitProposal[] memory limits_ = new LimitProposal[](1);
        ActionProposal[] memory actions = new ActionProposal[](1);
        bytes[6] memory calls = [
            abi.encodeCall(BeamScheduler.scheduleGovOps, (almProxy, stranger, order("a"))),
            abi.encodeCall(BeamScheduler.scheduleInitRateLimits, (limits_, order("a"))),
            abi.encodeCall(BeamScheduler.scheduleInitActions, (actions, order("a"))),
            abi.encodeCall(BeamScheduler.scheduleVenue, (actions[0], limits_, order("a"))),
            abi.encodeCall(BeamScheduler.schedulePace, (almProxy, 1, 1e18, order("a"))),
            abi.encodeCall(BeamScheduler.scheduleStart, (order("a")))
        ];
        address[4] memory others = [sky, cbeam, factory, stranger];
        for (uint256 i; i < calls.length; ++i) {
            for (uint256 j; j < others.length; ++j) {
                assertRefused(
                    address(scheduler),
                    others[j],
                    calls[i],
                    abi.encodeWithSelector(BeamScheduler.NotBud.selector, others[j])
                );
            }
            vm.prank(council);
            (bool ok,) = address(scheduler).call(calls[i]);
            vm.assertTrue(ok, "a bud may");
        }
    }

    function test_the_admin_names_buds_and_the_council_drops_them() public {
        address at = address(scheduler);
        assertRefused(
            at,
            council,
            abi.encodeCall(BeamScheduler.kiss, (stranger)),
            abi.encodeWithSelector(Governed.NotAdmin.selector, council)
        );
        assertRefused(
            at,
            stranger,
            abi.encodeCall(BeamScheduler.diss, (council)),
            abi.encodeWithSelector(Governed.NotCouncil.selector, stranger)
        );
        vm.expectEmit(at);
        emit BeamScheduler.BudSet(stranger, true);
        vm.prank(sky);
        scheduler.kiss(stranger);
        vm.assertTrue(scheduler.buds(stranger), "in");
        vm.expectEmit(at);
        emit BeamScheduler.BudSet(stranger, false);
        vm.prank(council);
        scheduler.diss(stranger);
        vm.assertFalse(scheduler.buds(stranger), "out");
    }

    function _execute(bytes32 id) private {
        vm.warp(block.timestamp + DELAY);
        timelock.executeBatch(id);
    }

    function _assertInit(address of_, uint256 maxAmount, uint256 slope, bytes32 venueAction) private view {
        (bool exists, uint256 maxAmount_, uint256 slope_) = state.initFor(KEY, of_);
        vm.assertTrue(exists, "exists");
        vm.assertEq(maxAmount_, maxAmount, "max");
        vm.assertEq(slope_, slope, "slope");
        vm.assertEq(state.venueActionFor(KEY, of_), venueAction, "action");
    }
}
