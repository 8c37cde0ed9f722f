// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";

import { BeamState } from "src/configurator/BeamState.sol";
import { Governed } from "src/registry/Governed.sol";

interface TimelockLike {
    function scheduleBatch(
        address[] calldata targets,
        bytes[] calldata payloads,
        bytes32 predecessor,
        bytes32 salt
    ) external returns (bytes32 id);
}

interface StateLike {
    function pauCount() external view returns (uint256);
}

/// @notice Where a batch stands among the others.
struct BatchOrder {
    bytes32 predecessor; // batch that must be done first; zero if none
    bytes32 salt; // tells equal batches apart
}

/// @notice An init of a limit to be scheduled.
struct LimitProposal {
    bytes32 key;
    address almProxy; // address(0): every PAU
    uint256 maxAmount; // token units
    uint256 slope; // token units per second
    uint256 maxExposure; // token units: most that all PAUs together may get by this init
}

/// @notice An action to be scheduled.
struct ActionProposal {
    bytes data; // the whole calldata
    address almProxy; // address(0): every PAU
    bool oneShot;
    uint64 notAfter; // UTC second; 0: no end
}

/// @title Typed proposals for the timelock
/// @notice Writes the batches that the Core Council sends to BeamState, so that nobody has to encode them by hand.
///         A convenience that can be replaced: a proposer of the timelock, open to its buds only, else `NotBud`.
///         Every function reverts as `BeamTimelock.scheduleBatch` does, and returns the id of the batch.
contract BeamScheduler is Governed, ReentrancyGuardTransient {
    error NotBud(address caller);
    error ExposureTooHigh(bytes32 key, uint256 exposure, uint256 maxExposure);

    /// @notice `usr` may propose here, or may not any more.
    event BudSet(address indexed usr, bool allowed);
    /// @notice What the hash in the batch stands for.
    event ActionProposed(bytes32 indexed hash, address indexed almProxy, bytes data);

    /// @notice The BeamTimelock that proposals wait in.
    address public timelock;
    /// @notice The BeamState that they end in.
    address public state;
    /// @notice Who may propose.
    mapping(address usr => bool) public buds;

    modifier onlyBud() {
        if (!buds[msg.sender]) revert NotBud(msg.sender);
        _;
    }

    /// @param timelock_ BeamTimelock
    /// @param state_ BeamState
    /// @param admin_ Sky's pause proxy; any of them zero reverts with `ZeroAddress`
    constructor(address timelock_, address state_, address admin_) Governed(admin_) {
        _requireAddress(timelock_, "timelock");
        _requireAddress(state_, "state");
        timelock = timelock_;
        state = state_;
    }

    /// @notice Lets `usr` propose. Admin only. Reverts with `NotAdmin`.
    function kiss(address usr) external onlyAdmin {
        _setBud(usr, true);
    }

    /// @notice Stops `usr` from proposing. Council or admin. Reverts with `NotCouncil`.
    function diss(address usr) external onlyCouncil {
        _setBud(usr, false);
    }

    /// @notice Proposes accordance of `usr` to a PAU; see `BeamState.addGovOps`.
    function scheduleGovOps(address almProxy, address usr, BatchOrder calldata order)
        external
        nonReentrant
        onlyBud
        returns (bytes32 id)
    {
        return _scheduleOne(abi.encodeCall(BeamState.addGovOps, (almProxy, usr)), order);
    }

    /// @notice Proposes inits of limits that need no configuration; see `BeamState.addInitRateLimit`.
    ///         Reverts with `ExposureTooHigh` when an init, times the PAUs it is for today, passes its bound.
    function scheduleInitRateLimits(LimitProposal[] calldata proposals, BatchOrder calldata order)
        external
        nonReentrant
        onlyBud
        returns (bytes32 id)
    {
        bytes[] memory payloads = new bytes[](proposals.length);
        for (uint256 i; i < proposals.length; ++i) {
            LimitProposal calldata p = proposals[i];
            _checkExposure(p);
            payloads[i] =
                abi.encodeCall(BeamState.addInitRateLimit, (p.key, p.almProxy, p.maxAmount, p.slope));
        }
        return _schedule(payloads, order);
    }

    /// @notice Proposes actions; see `BeamState.addInitAction`.
    function scheduleInitActions(ActionProposal[] calldata proposals, BatchOrder calldata order)
        external
        nonReentrant
        onlyBud
        returns (bytes32 id)
    {
        bytes[] memory payloads = new bytes[](proposals.length);
        for (uint256 i; i < proposals.length; ++i) {
            payloads[i] = _actionPayload(proposals[i]);
        }
        return _schedule(payloads, order);
    }

    /// @notice Proposes a venue: the action that configures it, and inits of limits whose first use needs that action
    ///         in the same call; see `BeamState.addVenueInitRateLimit`. Reverts with `ExposureTooHigh`.
    function scheduleVenue(
        ActionProposal calldata action,
        LimitProposal[] calldata proposals,
        BatchOrder calldata order
    ) external nonReentrant onlyBud returns (bytes32 id) {
        bytes[] memory payloads = new bytes[](proposals.length + 1);
        payloads[0] = _actionPayload(action);
        bytes32 hash = keccak256(action.data);
        for (uint256 i; i < proposals.length; ++i) {
            LimitProposal calldata p = proposals[i];
            _checkExposure(p);
            payloads[i + 1] = abi.encodeCall(
                BeamState.addVenueInitRateLimit, (p.key, p.almProxy, p.maxAmount, p.slope, hash)
            );
        }
        return _schedule(payloads, order);
    }

    /// @notice Proposes how fast the limits of a PAU may grow; see `BeamState.setHop` and `BeamState.setMaxChange`.
    function schedulePace(address almProxy, uint64 hop, uint192 maxChange, BatchOrder calldata order)
        external
        nonReentrant
        onlyBud
        returns (bytes32 id)
    {
        bytes[] memory payloads = new bytes[](2);
        payloads[0] = abi.encodeCall(BeamState.setHop, (almProxy, hop));
        payloads[1] = abi.encodeCall(BeamState.setMaxChange, (almProxy, maxChange));
        return _schedule(payloads, order);
    }

    /// @notice Proposes to lift a stop; see `BeamState.start`.
    function scheduleStart(BatchOrder calldata order) external nonReentrant onlyBud returns (bytes32 id) {
        return _scheduleOne(abi.encodeCall(BeamState.start, ()), order);
    }

    function _actionPayload(ActionProposal calldata p) private returns (bytes memory) {
        bytes32 hash = keccak256(p.data);
        emit ActionProposed(hash, p.almProxy, p.data);
        return abi.encodeCall(BeamState.addInitAction, (hash, p.almProxy, p.oneShot, p.notAfter));
    }

    function _scheduleOne(bytes memory payload, BatchOrder calldata order) private returns (bytes32) {
        bytes[] memory payloads = new bytes[](1);
        payloads[0] = payload;
        return _schedule(payloads, order);
    }

    function _schedule(bytes[] memory payloads, BatchOrder calldata order) private returns (bytes32) {
        address[] memory targets = new address[](payloads.length);
        for (uint256 i; i < targets.length; ++i) {
            targets[i] = state;
        }
        return TimelockLike(timelock).scheduleBatch(targets, payloads, order.predecessor, order.salt);
    }

    function _setBud(address usr, bool allowed) private {
        buds[usr] = allowed;
        emit BudSet(usr, allowed);
    }

    /// @dev PAUs registered later get the init too; whoever registers one looks at the inits for every PAU.
    function _checkExposure(LimitProposal calldata p) private view {
        uint256 count = p.almProxy == address(0) ? StateLike(state).pauCount() : 1;
        uint256 exposure = Math.saturatingMul(p.maxAmount, count);
        if (exposure > p.maxExposure) revert ExposureTooHigh(p.key, exposure, p.maxExposure);
    }
}
