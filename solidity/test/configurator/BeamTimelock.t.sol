// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Pausable } from "@openzeppelin/contracts/utils/Pausable.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import { BeamTimelock } from "src/configurator/BeamTimelock.sol";
import { Test } from "test/base/Test.sol";

/// @notice Counts, fails or calls back, as told.
contract TargetMock {
    error Refused(uint256 reason);

    uint256 public count;
    bool public closed;

    function add(uint256 n) external {
        if (closed) revert Refused(n);
        count += n;
    }

    function close(bool closed_) external {
        closed = closed_;
    }

    function reenter(BeamTimelock timelock, bytes calldata data) external {
        (bool ok, bytes memory result) = address(timelock).call(data);
        if (!ok) {
            assembly ("memory-safe") {
                revert(add(result, 32), mload(result))
            }
        }
    }
}

contract BeamTimelockTest is Test {
    uint256 private constant START = 1_767_225_600;
    uint256 private constant DELAY = 14 days;

    address private admin = makeAddr("admin");
    address private proposer = makeAddr("proposer");
    address private canceller = makeAddr("canceller");
    address private pauser = makeAddr("pauser");
    address private stranger = makeAddr("stranger");
    BeamTimelock private timelock;
    TargetMock private target;

    function setUp() public {
        vm.warp(START);
        timelock = new BeamTimelock(admin, DELAY);
        target = new TargetMock();
        vm.startPrank(admin);
        timelock.grantRole(timelock.PROPOSER_ROLE(), proposer);
        timelock.grantRole(timelock.CANCELLER_ROLE(), canceller);
        timelock.grantRole(timelock.PAUSER_ROLE(), pauser);
        vm.stopPrank();
    }

    function test_construction() public {
        vm.expectRevert(BeamTimelock.ZeroAdmin.selector);
        new BeamTimelock(address(0), DELAY);
        vm.expectRevert(abi.encodeWithSelector(BeamTimelock.DelayTooLong.selector, 90 days + 1));
        new BeamTimelock(admin, 90 days + 1);
        vm.assertEq(timelock.delay(), DELAY, "delay");
        vm.assertEq(timelock.getRoleMemberCount(0x00), 1, "one admin");
        vm.assertFalse(timelock.hasRole(0x00, address(timelock)), "the timelock does not govern itself");
    }

    // --- scheduling ---

    function test_schedule_keeps_the_whole_batch() public {
        address[] memory targets = new address[](2);
        bytes[] memory payloads = new bytes[](2);
        (targets[0], targets[1]) = (address(target), stranger);
        (payloads[0], payloads[1]) = (_add(1), hex"1234");
        bytes32 id = keccak256(abi.encode(targets, payloads, bytes32("before"), bytes32("salt")));
        vm.expectEmit(address(timelock));
        emit BeamTimelock.OperationScheduled(id, targets, payloads, "before", "salt", START + DELAY);
        vm.prank(proposer);
        vm.assertEq(timelock.scheduleBatch(targets, payloads, "before", "salt"), id, "id");

        BeamTimelock.Operation memory operation = timelock.operation(id);
        vm.assertEq(operation.targets.length, 2, "targets");
        vm.assertEq(operation.targets[1], stranger, "target");
        vm.assertEq(operation.payloads[0], _add(1), "payload");
        vm.assertEq(operation.payloads[1], hex"1234", "payload");
        vm.assertEq(operation.predecessor, "before", "predecessor");
        vm.assertEq(operation.salt, "salt", "salt");
        vm.assertEq(operation.readyAt, START + DELAY, "ready");
        vm.assertEq(timelock.pendingCount(), 1, "pending");
        vm.assertEq(timelock.pendingAt(0), id, "pending");
    }

    function test_schedule_refuses() public {
        (address[] memory targets, bytes[] memory payloads) = _single(address(target), _add(1));
        vm.startPrank(proposer);
        vm.expectRevert(BeamTimelock.EmptyBatch.selector);
        timelock.scheduleBatch(new address[](0), new bytes[](0), 0, 0);
        vm.expectRevert(abi.encodeWithSelector(BeamTimelock.LengthMismatch.selector, 1, 2));
        timelock.scheduleBatch(targets, new bytes[](2), 0, 0);
        bytes32 id = timelock.scheduleBatch(targets, payloads, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(BeamTimelock.AlreadyScheduled.selector, id));
        timelock.scheduleBatch(targets, payloads, 0, 0);
        timelock.scheduleBatch(targets, payloads, 0, "another");
        vm.stopPrank();

        vm.warp(START + DELAY);
        timelock.executeBatch(id);
        vm.prank(proposer);
        vm.expectRevert(abi.encodeWithSelector(BeamTimelock.AlreadyScheduled.selector, id));
        timelock.scheduleBatch(targets, payloads, 0, 0);
    }

    /// @dev No batch touches the timelock itself, wherever the call stands, but to shorten the delay.
    function test_schedule_refuses_calls_of_itself() public {
        bytes[6] memory payloads_ = [
            abi.encodeCall(timelock.grantRole, (timelock.PROPOSER_ROLE(), stranger)),
            abi.encodeCall(BeamTimelock.unpause, ()),
            abi.encodeCall(BeamTimelock.increaseDelay, (20 days)),
            abi.encodeCall(BeamTimelock.executeBatch, (bytes32(0))),
            bytes(""),
            abi.encodePacked(bytes3(BeamTimelock.decreaseDelay.selector))
        ];
        address[] memory targets = new address[](2);
        bytes[] memory payloads = new bytes[](2);
        (targets[0], targets[1]) = (address(target), address(timelock));
        payloads[0] = _add(1);
        for (uint256 i; i < payloads_.length; ++i) {
            payloads[1] = payloads_[i];
            vm.prank(proposer);
            vm.expectRevert(abi.encodeWithSelector(BeamTimelock.SelfTarget.selector, payloads_[i]));
            timelock.scheduleBatch(targets, payloads, 0, 0);
        }
    }

    // --- execution ---

    function test_anyone_executes_after_the_delay_and_once() public {
        bytes32 id = _schedule(_add(3), "a");
        _assertState(id, BeamTimelock.OperationState.WAITING);
        vm.warp(START + DELAY - 1);
        _expectNotReady(id, BeamTimelock.OperationState.WAITING);
        vm.prank(stranger);
        timelock.executeBatch(id);

        vm.warp(START + DELAY);
        _assertState(id, BeamTimelock.OperationState.READY);
        vm.expectEmit(address(timelock));
        emit BeamTimelock.OperationExecuted(id, stranger);
        vm.prank(stranger);
        timelock.executeBatch(id);
        vm.assertEq(target.count(), 3, "called");
        _assertState(id, BeamTimelock.OperationState.DONE);
        vm.assertEq(timelock.pendingCount(), 0, "nothing pending");
        vm.assertEq(timelock.operation(id).targets.length, 0, "forgotten");

        _expectNotReady(id, BeamTimelock.OperationState.DONE);
        timelock.executeBatch(id);
        _expectNotReady("?", BeamTimelock.OperationState.NONE);
        timelock.executeBatch("?");
    }

    function test_a_batch_is_all_or_nothing_and_may_be_tried_again() public {
        address[] memory targets = new address[](2);
        bytes[] memory payloads = new bytes[](2);
        targets[0] = address(new TargetMock());
        targets[1] = address(target);
        (payloads[0], payloads[1]) = (_add(1), _add(2));
        vm.prank(proposer);
        bytes32 id = timelock.scheduleBatch(targets, payloads, 0, 0);
        target.close(true);
        vm.warp(START + DELAY);
        vm.expectRevert(abi.encodeWithSelector(TargetMock.Refused.selector, 2));
        timelock.executeBatch(id);
        vm.assertEq(TargetMock(targets[0]).count(), 0, "nothing of it");
        _assertState(id, BeamTimelock.OperationState.READY);
        target.close(false);
        timelock.executeBatch(id);
        vm.assertEq(TargetMock(targets[0]).count(), 1, "first");
        vm.assertEq(target.count(), 2, "second");
    }

    function test_a_target_without_code_fails() public {
        (address[] memory targets, bytes[] memory payloads) = _single(stranger, _add(1));
        vm.prank(proposer);
        bytes32 id = timelock.scheduleBatch(targets, payloads, 0, 0);
        vm.warp(START + DELAY);
        vm.expectRevert(abi.encodeWithSignature("AddressEmptyCode(address)", stranger));
        timelock.executeBatch(id);
    }

    function test_predecessor_goes_first() public {
        bytes32 first = _schedule(_add(1), "a");
        (address[] memory targets, bytes[] memory payloads) = _single(address(target), _add(10));
        vm.prank(proposer);
        bytes32 second = timelock.scheduleBatch(targets, payloads, first, 0);
        vm.warp(START + DELAY);
        vm.expectRevert(abi.encodeWithSelector(BeamTimelock.PredecessorNotDone.selector, first));
        timelock.executeBatch(second);
        timelock.executeBatch(first);
        timelock.executeBatch(second);
        vm.assertEq(target.count(), 11, "both");
    }

    function test_a_batch_dies_after_the_grace_period() public {
        bytes32 id = _schedule(_add(1), "a");
        bytes32 other = _schedule(_add(2), "b");
        vm.warp(START + DELAY + 30 days);
        timelock.executeBatch(other);
        vm.warp(START + DELAY + 30 days + 1);
        _assertState(id, BeamTimelock.OperationState.EXPIRED);
        _expectNotReady(id, BeamTimelock.OperationState.EXPIRED);
        timelock.executeBatch(id);

        // Anyone clears it away, and it may be proposed anew, with the whole delay before it.
        vm.prank(stranger);
        timelock.cancel(id);
        _assertState(id, BeamTimelock.OperationState.NONE);
        vm.assertEq(_schedule(_add(1), "a"), id, "same id");
        _assertState(id, BeamTimelock.OperationState.WAITING);
        vm.warp(block.timestamp + DELAY);
        timelock.executeBatch(id);
    }

    function test_reentry_is_refused() public {
        bytes32 other = _schedule(_add(1), "other");
        (address[] memory targets, bytes[] memory payloads) = _single(address(target), _add(1));
        bytes[3] memory calls = [
            abi.encodeCall(BeamTimelock.executeBatch, (other)),
            abi.encodeCall(BeamTimelock.cancel, (other)),
            abi.encodeCall(BeamTimelock.scheduleBatch, (targets, payloads, 0, "x"))
        ];
        bytes32[3] memory ids;
        for (uint256 i; i < calls.length; ++i) {
            ids[i] = _schedule(abi.encodeCall(TargetMock.reenter, (timelock, calls[i])), "r");
        }
        // As a holder of every role, so that nothing but the guard stands in its way.
        vm.startPrank(admin);
        timelock.grantRole(timelock.CANCELLER_ROLE(), address(target));
        timelock.grantRole(timelock.PROPOSER_ROLE(), address(target));
        vm.stopPrank();
        vm.warp(START + DELAY);
        for (uint256 i; i < calls.length; ++i) {
            vm.expectRevert(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
            timelock.executeBatch(ids[i]);
        }
    }

    // --- cancelling and pausing ---

    function test_cancel() public {
        bytes32 id = _schedule(_add(1), "a");
        vm.prank(proposer);
        vm.expectRevert(abi.encodeWithSelector(BeamTimelock.NotCanceller.selector, proposer));
        timelock.cancel(id);
        vm.expectEmit(address(timelock));
        emit BeamTimelock.OperationCancelled(id, canceller);
        vm.startPrank(canceller);
        timelock.cancel(id);
        vm.expectRevert(abi.encodeWithSelector(BeamTimelock.NotPending.selector, id));
        timelock.cancel(id);
        vm.stopPrank();
        vm.warp(START + DELAY);
        _expectNotReady(id, BeamTimelock.OperationState.NONE);
        timelock.executeBatch(id);
    }

    function test_a_done_batch_cannot_be_cancelled() public {
        bytes32 id = _schedule(_add(1), "a");
        vm.warp(START + DELAY);
        timelock.executeBatch(id);
        vm.prank(canceller);
        vm.expectRevert(abi.encodeWithSelector(BeamTimelock.NotPending.selector, id));
        timelock.cancel(id);
    }

    function test_pause_stops_scheduling_and_execution() public {
        bytes32 id = _schedule(_add(1), "a");
        vm.warp(START + DELAY);
        vm.prank(pauser);
        timelock.pause();
        vm.expectRevert(Pausable.EnforcedPause.selector);
        timelock.executeBatch(id);
        (address[] memory targets, bytes[] memory payloads) = _single(address(target), _add(1));
        vm.prank(proposer);
        vm.expectRevert(Pausable.EnforcedPause.selector);
        timelock.scheduleBatch(targets, payloads, 0, 0);
        vm.assertEq(timelock.getNextExecutableOperation(0), 0, "nothing is executable");

        vm.prank(admin);
        timelock.unpause();
        timelock.executeBatch(id);
        vm.assertEq(target.count(), 1, "as before");
    }

    /// @dev P29: a malicious batch turns ready during the pause. The canceller strikes it out before anyone can lift the
    ///      pause, so the unpause has no race: the executor who stands ready in the very next call comes too late.
    function test_P29_cancel_while_paused_leaves_no_race() public {
        bytes32 malicious = _schedule(_add(666), "malicious");
        bytes32 honest = _schedule(_add(1), "honest");
        vm.warp(START + DELAY - 1);
        vm.prank(pauser);
        timelock.pause();
        vm.warp(START + DELAY + 1);
        vm.prank(stranger);
        vm.expectRevert(Pausable.EnforcedPause.selector);
        timelock.executeBatch(malicious);

        vm.prank(canceller);
        timelock.cancel(malicious);
        vm.prank(admin);
        timelock.unpause();
        vm.prank(stranger);
        vm.expectRevert(
            abi.encodeWithSelector(
                BeamTimelock.NotReady.selector, malicious, BeamTimelock.OperationState.NONE
            )
        );
        timelock.executeBatch(malicious);
        vm.prank(stranger);
        timelock.executeBatch(honest);
        vm.assertEq(target.count(), 1, "the honest one only");
    }

    // --- delay ---

    function test_longer_at_once_for_what_comes_next() public {
        bytes32 early = _schedule(_add(1), "a");
        vm.startPrank(admin);
        vm.expectRevert(abi.encodeWithSelector(BeamTimelock.DelayNotHigher.selector, DELAY));
        timelock.increaseDelay(DELAY);
        vm.expectRevert(abi.encodeWithSelector(BeamTimelock.DelayTooLong.selector, 90 days + 1));
        timelock.increaseDelay(90 days + 1);
        vm.expectEmit(address(timelock));
        emit BeamTimelock.DelaySet(DELAY, 20 days);
        timelock.increaseDelay(20 days);
        vm.stopPrank();
        bytes32 late = _schedule(_add(10), "b");
        vm.warp(START + DELAY);
        timelock.executeBatch(early);
        _expectNotReady(late, BeamTimelock.OperationState.WAITING);
        timelock.executeBatch(late);
        vm.warp(START + 20 days);
        timelock.executeBatch(late);
    }

    function test_shorter_only_through_itself() public {
        vm.prank(admin);
        vm.expectRevert(abi.encodeWithSelector(BeamTimelock.NotSelf.selector, admin));
        timelock.decreaseDelay(1 days);

        bytes32 same = _scheduleDelay(DELAY);
        bytes32 shorter = _scheduleDelay(7 days);
        vm.warp(START + DELAY - 1);
        _expectNotReady(shorter, BeamTimelock.OperationState.WAITING);
        timelock.executeBatch(shorter);
        vm.warp(START + DELAY);
        vm.expectRevert(abi.encodeWithSelector(BeamTimelock.DelayNotLower.selector, DELAY));
        timelock.executeBatch(same);
        timelock.executeBatch(shorter);
        vm.assertEq(timelock.delay(), 7 days, "shorter");
        bytes32 id = _schedule(_add(1), "a");
        vm.assertEq(timelock.operation(id).readyAt, START + DELAY + 7 days, "for what comes next");
    }

    // --- keepers ---

    function test_next_executable() public {
        vm.assertEq(timelock.getNextExecutableOperation(0), 0, "empty");
        bytes32 dead = _schedule(_add(1), "dead");
        vm.warp(START + 31 days);
        bytes32 waits = _schedule(_add(2), "waits");
        (address[] memory targets, bytes[] memory payloads) = _single(address(target), _add(4));
        vm.prank(proposer);
        bytes32 blocked = timelock.scheduleBatch(targets, payloads, waits, 0);
        vm.assertEq(timelock.getNextExecutableOperation(0), dead, "ready: the oldest");
        vm.warp(START + 44 days + 1);
        vm.assertEq(timelock.getNextExecutableOperation(0), 0, "expired, waiting, blocked");
        vm.warp(START + 45 days);
        vm.assertEq(timelock.getNextExecutableOperation(0), waits, "past the expired one");
        vm.assertEq(timelock.getNextExecutableOperation(1), 0, "one look finds the expired one");
        vm.assertEq(timelock.getNextExecutableOperation(2), waits, "two find it");
        vm.assertEq(timelock.getNextExecutableOperation(1000), waits, "more than there are");

        timelock.executeBatch(waits);
        vm.assertEq(timelock.getNextExecutableOperation(0), blocked, "unblocked");
        timelock.executeBatch(blocked);
        vm.assertEq(timelock.getNextExecutableOperation(0), 0, "none left");
        vm.assertEq(timelock.pendingCount(), 1, "but the expired one");
    }

    /// @dev A keeper that knows nothing but this contract clears everything that is ready.
    function testFuzz_a_keeper_clears_all_that_is_ready(uint8 count, uint256 seed) public {
        count = uint8(bound(count, 1, 20));
        uint256 ready;
        uint256 now_ = START;
        for (uint256 i; i < count; ++i) {
            now_ += uint256(keccak256(abi.encode(seed, i))) % 2 days;
            vm.warp(now_);
            _schedule(_add(1), bytes32(i));
        }
        vm.warp(START + DELAY + uint256(keccak256(abi.encode(seed))) % 20 days);
        for (uint256 i; i < count; ++i) {
            if (timelock.operation(timelock.pendingAt(i)).readyAt <= block.timestamp) ++ready;
        }
        for (bytes32 id = timelock.getNextExecutableOperation(0); id != 0;) {
            timelock.executeBatch(id);
            id = timelock.getNextExecutableOperation(0);
        }
        vm.assertEq(target.count(), ready, "each once");
        vm.assertEq(timelock.pendingCount(), count - ready, "the rest waits");
    }

    // --- access ---

    function test_access() public {
        (address[] memory targets, bytes[] memory payloads) = _single(address(target), _add(1));
        _assertOnly(
            proposer,
            timelock.PROPOSER_ROLE(),
            abi.encodeCall(BeamTimelock.scheduleBatch, (targets, payloads, 0, 0))
        );
        _assertOnly(pauser, timelock.PAUSER_ROLE(), abi.encodeCall(BeamTimelock.pause, ()));
        _assertOnly(admin, 0x00, abi.encodeCall(BeamTimelock.unpause, ()));
        _assertOnly(admin, 0x00, abi.encodeCall(BeamTimelock.increaseDelay, (20 days)));
    }

    function _assertOnly(address holder, bytes32 role, bytes memory data) private {
        address[5] memory callers = [admin, proposer, canceller, pauser, stranger];
        for (uint256 i; i < callers.length; ++i) {
            if (callers[i] == holder) continue;
            vm.prank(callers[i]);
            (bool refused, bytes memory result) = address(timelock).call(data);
            vm.assertFalse(refused, "must be refused");
            vm.assertEq(
                result,
                abi.encodeWithSignature(
                    "AccessControlUnauthorizedAccount(address,bytes32)", callers[i], role
                ),
                "reason"
            );
        }
        vm.prank(holder);
        (bool ok,) = address(timelock).call(data);
        vm.assertTrue(ok, "the holder may");
    }

    function _schedule(bytes memory payload, bytes32 salt) private returns (bytes32) {
        (address[] memory targets, bytes[] memory payloads) = _single(address(target), payload);
        vm.prank(proposer);
        return timelock.scheduleBatch(targets, payloads, 0, salt);
    }

    function _scheduleDelay(uint256 delay) private returns (bytes32) {
        (address[] memory targets, bytes[] memory payloads) =
            _single(address(timelock), abi.encodeCall(BeamTimelock.decreaseDelay, (delay)));
        vm.prank(proposer);
        return timelock.scheduleBatch(targets, payloads, 0, 0);
    }

    function _expectNotReady(bytes32 id, BeamTimelock.OperationState state) private {
        vm.expectRevert(abi.encodeWithSelector(BeamTimelock.NotReady.selector, id, state));
    }

    function _assertState(bytes32 id, BeamTimelock.OperationState state) private view {
        vm.assertEq(uint256(timelock.stateOf(id)), uint256(state), "state");
    }

    function _add(uint256 n) private pure returns (bytes memory) {
        return abi.encodeCall(TargetMock.add, (n));
    }

    function _single(address to, bytes memory payload)
        private
        pure
        returns (address[] memory targets, bytes[] memory payloads)
    {
        targets = new address[](1);
        payloads = new bytes[](1);
        (targets[0], payloads[0]) = (to, payload);
    }
}
