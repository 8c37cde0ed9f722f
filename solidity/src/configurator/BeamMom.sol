// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Mom } from "src/governance/Mom.sol";

interface StateLike {
    function stop() external;
}

interface TimelockLike {
    function pause() external;
}

/// @title The Configurator Unit's brake for the hat
/// @notice Lets the spell that Sky's voters have put on top stop the Configurator and pause the timelock without the
///         governance delay. It can lift neither.
/// @dev Holds IMMEDIATE on BeamState and PAUSER_ROLE on BeamTimelock.
contract BeamMom is Mom {
    /// @notice The BeamState that is stopped.
    address public state;
    /// @notice The BeamTimelock that is paused.
    address public timelock;

    /// @param owner_ Sky's pause proxy
    /// @param state_ BeamState
    /// @param timelock_ BeamTimelock; any of them zero reverts with `ZeroAddress`
    constructor(address owner_, address state_, address timelock_) Mom(owner_) {
        if (state_ == address(0)) revert ZeroAddress("state");
        if (timelock_ == address(0)) revert ZeroAddress("timelock");
        state = state_;
        timelock = timelock_;
    }

    /// @notice Stops the Configurator. Owner, or whom the Chief lets; else `NotAuthorized`.
    function stop() external auth {
        StateLike(state).stop();
    }

    /// @notice Pauses the timelock. Owner, or whom the Chief lets; else `NotAuthorized`. Reverts with `EnforcedPause`
    ///         when it is paused already.
    function pause() external auth {
        TimelockLike(timelock).pause();
    }
}
