// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import { BeamState } from "src/configurator/BeamState.sol";
import { Pau } from "src/configurator/BeamTypes.sol";
import { Governed } from "src/registry/Governed.sol";

interface TimelockLike {
    function scheduleBatch(
        address[] calldata targets,
        bytes[] calldata payloads,
        bytes32 predecessor,
        bytes32 salt
    ) external returns (bytes32 id);
}

/// @title The factory's way to the Configurator
/// @notice Schedules the registration of a PAU that the factory made. It is a proposer of the timelock and can propose
///         nothing else, so that the factory needs no power of its own.
contract PauRegistrar is Governed, ReentrancyGuardTransient {
    error NotFactory(address caller);

    /// @notice PAUs of `factory` are scheduled from now on; zero for nobody's.
    event FactorySet(address indexed factory);
    /// @notice The registration of the PAU is batch `id` of the timelock.
    event PauScheduled(address indexed almProxy, bytes32 indexed id, Pau pau);

    /// @notice The BeamTimelock that the registrations wait in.
    address public timelock;
    /// @notice The BeamState that they end in.
    address public state;
    /// @notice The factory whose PAUs are scheduled; zero if there is none.
    address public factory;

    /// @param timelock_ BeamTimelock
    /// @param state_ BeamState
    /// @param admin_ Sky's pause proxy; any of them zero reverts with `ZeroAddress`
    constructor(address timelock_, address state_, address admin_) Governed(admin_) {
        _requireAddress(timelock_, "timelock");
        _requireAddress(state_, "state");
        timelock = timelock_;
        state = state_;
    }

    /// @notice Names the factory. Admin only. Reverts with `NotAdmin` or `ZeroAddress`.
    function setFactory(address factory_) external onlyAdmin {
        _requireAddress(factory_, "factory");
        _setFactory(factory_);
    }

    /// @notice Takes the factory out. Council or admin. Reverts with `NotCouncil`.
    function dropFactory() external onlyCouncil {
        _setFactory(address(0));
    }

    /// @notice Schedules the registration of a PAU in BeamState. Factory only, else `NotFactory`. Reverts as
    ///         `BeamTimelock.scheduleBatch` does: with `AlreadyScheduled` for the second time, `EnforcedPause` in a pause.
    /// @return id batch of the timelock, to be executed by anyone after its delay
    function register(address almProxy, Pau calldata pau) external nonReentrant returns (bytes32 id) {
        if (msg.sender != factory) revert NotFactory(msg.sender);
        address[] memory targets = new address[](1);
        bytes[] memory payloads = new bytes[](1);
        targets[0] = state;
        payloads[0] = abi.encodeCall(BeamState.registerPau, (almProxy, pau));
        id = TimelockLike(timelock).scheduleBatch(targets, payloads, 0, bytes32(uint256(uint160(almProxy))));
        emit PauScheduled(almProxy, id, pau);
    }

    function _setFactory(address factory_) private {
        factory = factory_;
        emit FactorySet(factory_);
    }
}
