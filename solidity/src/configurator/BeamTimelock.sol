// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import {
    AccessControlEnumerable
} from "@openzeppelin/contracts/access/extensions/AccessControlEnumerable.sol";
import { Address } from "@openzeppelin/contracts/utils/Address.sol";
import { Pausable } from "@openzeppelin/contracts/utils/Pausable.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { EnumerableSet } from "@openzeppelin/contracts/utils/structs/EnumerableSet.sol";

/// @title The delay before anything is added to the Configurator's state
/// @notice Proposers (Core Council and its wrappers) schedule batches of calls; after the delay anyone executes them;
///         until then cancellers strike them out, also while paused, so that no ready batch can race a cancellation.
///         A batch left for `GRACE_PERIOD` after it became ready is dead.
/// @dev Calls carry no ETH. Pending batches are kept whole, so that a keeper needs nothing but this contract.
contract BeamTimelock is AccessControlEnumerable, Pausable, ReentrancyGuardTransient {
    using EnumerableSet for EnumerableSet.Bytes32Set;

    error ZeroAdmin();
    error EmptyBatch();
    error LengthMismatch(uint256 targets, uint256 payloads);
    error SelfTarget(bytes payload);
    error AlreadyScheduled(bytes32 id);
    error NotPending(bytes32 id);
    error NotReady(bytes32 id, OperationState state);
    error PredecessorNotDone(bytes32 predecessor);
    error NotCanceller(address caller);
    error NotSelf(address caller);
    error DelayNotHigher(uint256 delay);
    error DelayNotLower(uint256 delay);
    error DelayTooLong(uint256 delay);

    /// @notice `id` may be executed from `readyAt` (UTC second) on.
    event OperationScheduled(
        bytes32 indexed id,
        address[] targets,
        bytes[] payloads,
        bytes32 predecessor,
        bytes32 salt,
        uint256 readyAt
    );
    /// @notice `id` was executed by `by`.
    event OperationExecuted(bytes32 indexed id, address indexed by);
    /// @notice `id` was struck out by `by`.
    event OperationCancelled(bytes32 indexed id, address indexed by);
    /// @notice Batches scheduled from now on wait for `to` seconds.
    event DelaySet(uint256 from, uint256 to);

    /// @dev NONE: never scheduled, or struck out. READY says nothing of a predecessor or a pause.
    enum OperationState {
        NONE,
        WAITING,
        READY,
        EXPIRED,
        DONE
    }

    struct Operation {
        address[] targets;
        bytes[] payloads;
        bytes32 predecessor; // must be done first; zero if none
        bytes32 salt;
        uint64 readyAt; // UTC second
    }

    /// @notice Who may schedule.
    bytes32 public constant PROPOSER_ROLE = keccak256("PROPOSER_ROLE");
    /// @notice Who may strike out what is pending.
    bytes32 public constant CANCELLER_ROLE = keccak256("CANCELLER_ROLE");
    /// @notice Who may pause.
    bytes32 public constant PAUSER_ROLE = keccak256("PAUSER_ROLE");
    /// @notice How long a ready batch lives, seconds. What it adds was judged for its time, not for good.
    uint256 public constant GRACE_PERIOD = 30 days;
    /// @notice The longest delay, seconds: a slip of the hand must not close the timelock for a century.
    uint256 public constant MAX_DELAY = 90 days;

    /// @notice Seconds between scheduling and execution.
    uint256 public delay;

    EnumerableSet.Bytes32Set private _pending;
    mapping(bytes32 id => Operation) private _operations;
    mapping(bytes32 id => bool) private _done;

    /// @param admin first holder of DEFAULT_ADMIN_ROLE (Sky's pause proxy); reverts with `ZeroAdmin` if zero
    /// @param delay_ seconds, at most `MAX_DELAY`, else `DelayTooLong`
    constructor(address admin, uint256 delay_) {
        if (admin == address(0)) revert ZeroAdmin();
        _grantRole(DEFAULT_ADMIN_ROLE, admin);
        _setDelay(delay_);
    }

    /// @notice Schedules a batch of calls, to be made in order and all or none, after the delay as it is now.
    ///         PROPOSER_ROLE only, not while paused. Reverts with `EmptyBatch`, `LengthMismatch`, `AlreadyScheduled`
    ///         (pending or done; another salt makes another batch), or `SelfTarget` for a call of this contract other
    ///         than `decreaseDelay`.
    /// @param targets contracts to call
    /// @param payloads calldata for each
    /// @param predecessor batch that must be done first; zero if none
    /// @param salt tells equal batches apart
    /// @return id see `hashOperation`
    function scheduleBatch(
        address[] calldata targets,
        bytes[] calldata payloads,
        bytes32 predecessor,
        bytes32 salt
    ) external nonReentrant onlyRole(PROPOSER_ROLE) whenNotPaused returns (bytes32 id) {
        if (targets.length == 0) revert EmptyBatch();
        if (targets.length != payloads.length) revert LengthMismatch(targets.length, payloads.length);
        for (uint256 i; i < targets.length; ++i) {
            if (targets[i] == address(this) && bytes4(payloads[i]) != this.decreaseDelay.selector) {
                revert SelfTarget(payloads[i]);
            }
        }
        id = hashOperation(targets, payloads, predecessor, salt);
        if (_done[id] || !_pending.add(id)) revert AlreadyScheduled(id);
        uint256 readyAt = block.timestamp + delay;
        _operations[id] = Operation(targets, payloads, predecessor, salt, uint64(readyAt));
        emit OperationScheduled(id, targets, payloads, predecessor, salt, readyAt);
    }

    /// @notice Strikes out a pending batch; it may be scheduled anew. CANCELLER_ROLE only, else `NotCanceller`, but
    ///         anyone for one that has expired. Works while paused. Reverts with `NotPending`.
    function cancel(bytes32 id) external nonReentrant {
        if (!_pending.contains(id)) revert NotPending(id);
        if (!hasRole(CANCELLER_ROLE, msg.sender) && stateOf(id) != OperationState.EXPIRED) {
            revert NotCanceller(msg.sender);
        }
        _forget(id);
        emit OperationCancelled(id, msg.sender);
    }

    /// @notice Makes the calls of a ready batch. Anyone, not while paused. Reverts with `NotReady` unless the batch is
    ///         READY, with `PredecessorNotDone`, with `AddressEmptyCode` where a target has no code, or with the revert
    ///         data of the call that failed; then nothing of it happened.
    function executeBatch(bytes32 id) external nonReentrant whenNotPaused {
        OperationState state = stateOf(id);
        if (state != OperationState.READY) revert NotReady(id, state);
        Operation memory operation_ = _operations[id];
        if (!_isFree(operation_.predecessor)) revert PredecessorNotDone(operation_.predecessor);
        _forget(id);
        _done[id] = true;
        for (uint256 i; i < operation_.targets.length; ++i) {
            Address.functionCall(operation_.targets[i], operation_.payloads[i]);
        }
        emit OperationExecuted(id, msg.sender);
    }

    /// @notice Stops scheduling and execution. PAUSER_ROLE only. Clocks run on, so a batch may get ready or expire.
    function pause() external onlyRole(PAUSER_ROLE) {
        _pause();
    }

    /// @notice Lifts a pause. Admin only.
    function unpause() external onlyRole(DEFAULT_ADMIN_ROLE) {
        _unpause();
    }

    /// @notice Lengthens the delay at once, for batches scheduled from now on. Admin only.
    ///         Reverts with `DelayNotHigher` or `DelayTooLong`.
    function increaseDelay(uint256 delay_) external onlyRole(DEFAULT_ADMIN_ROLE) {
        if (delay_ <= delay) revert DelayNotHigher(delay);
        _setDelay(delay_);
    }

    /// @notice Shortens the delay, for batches scheduled from now on. This contract only, by a batch that has waited
    ///         for the longer delay; else `NotSelf`. Reverts with `DelayNotLower`.
    function decreaseDelay(uint256 delay_) external {
        if (msg.sender != address(this)) revert NotSelf(msg.sender);
        if (delay_ >= delay) revert DelayNotLower(delay);
        _setDelay(delay_);
    }

    /// @notice The id of a batch: keccak256 of the ABI encoding of all four.
    function hashOperation(
        address[] calldata targets,
        bytes[] calldata payloads,
        bytes32 predecessor,
        bytes32 salt
    ) public pure returns (bytes32) {
        return keccak256(abi.encode(targets, payloads, predecessor, salt));
    }

    /// @notice How a batch stands now. The first second of readiness and the last of the grace period both count.
    function stateOf(bytes32 id) public view returns (OperationState) {
        if (_done[id]) return OperationState.DONE;
        if (!_pending.contains(id)) return OperationState.NONE;
        uint256 readyAt = _operations[id].readyAt;
        if (block.timestamp < readyAt) return OperationState.WAITING;
        return block.timestamp > readyAt + GRACE_PERIOD ? OperationState.EXPIRED : OperationState.READY;
    }

    /// @notice The first pending batch that `executeBatch` lets through now; zero if there is none or while paused.
    ///         Its calls may still fail.
    /// @param maxIterations pending batches to look at; 0 for all of them
    function getNextExecutableOperation(uint256 maxIterations) external view returns (bytes32) {
        uint256 length = paused() ? 0 : _pending.length();
        if (maxIterations != 0 && maxIterations < length) length = maxIterations;
        for (uint256 i; i < length; ++i) {
            bytes32 id = _pending.at(i);
            if (stateOf(id) == OperationState.READY && _isFree(_operations[id].predecessor)) return id;
        }
        return 0;
    }

    /// @notice A pending batch; empty if `id` is not pending.
    function operation(bytes32 id) external view returns (Operation memory) {
        return _operations[id];
    }

    /// @notice Number of pending batches, expired ones included until someone strikes them out.
    function pendingCount() external view returns (uint256) {
        return _pending.length();
    }

    /// @notice Id of pending batch number `index`, from 0. The order changes as batches go.
    function pendingAt(uint256 index) external view returns (bytes32) {
        return _pending.at(index);
    }

    function _forget(bytes32 id) private {
        _pending.remove(id);
        delete _operations[id];
    }

    function _isFree(bytes32 predecessor) private view returns (bool) {
        return predecessor == 0 || _done[predecessor];
    }

    function _setDelay(uint256 delay_) private {
        if (delay_ > MAX_DELAY) revert DelayTooLong(delay_);
        emit DelaySet(delay, delay_);
        delay = delay_;
    }
}
