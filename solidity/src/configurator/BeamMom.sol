// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

interface AuthorityLike {
    function canCall(address src, address dst, bytes4 sig) external view returns (bool);
}

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
contract BeamMom {
    error ZeroAddress(bytes32 field);
    error NotOwner(address caller);
    error NotAuthorized(address caller);

    /// @notice `owner` may do everything here.
    event OwnerSet(address indexed owner);
    /// @notice `authority` says who else may stop and pause; zero for nobody.
    event AuthoritySet(address indexed authority);

    /// @notice Sky's pause proxy.
    address public owner;
    /// @notice The Chief, which answers for the hat; zero if there is none.
    address public authority;
    /// @notice The BeamState that is stopped.
    address public state;
    /// @notice The BeamTimelock that is paused.
    address public timelock;

    modifier onlyOwner() {
        if (msg.sender != owner) revert NotOwner(msg.sender);
        _;
    }

    modifier auth() {
        if (!_isAuthorized(msg.sender, msg.sig)) revert NotAuthorized(msg.sender);
        _;
    }

    /// @param owner_ Sky's pause proxy
    /// @param state_ BeamState
    /// @param timelock_ BeamTimelock; any of them zero reverts with `ZeroAddress`
    constructor(address owner_, address state_, address timelock_) {
        if (state_ == address(0)) revert ZeroAddress("state");
        if (timelock_ == address(0)) revert ZeroAddress("timelock");
        state = state_;
        timelock = timelock_;
        _setOwner(owner_);
    }

    /// @notice Hands the ownership on. Owner only. Reverts with `NotOwner` or `ZeroAddress("owner")`.
    function setOwner(address owner_) external onlyOwner {
        _setOwner(owner_);
    }

    /// @notice Names the Chief; zero for nobody beside the owner. Owner only. Reverts with `NotOwner`.
    function setAuthority(address authority_) external onlyOwner {
        authority = authority_;
        emit AuthoritySet(authority_);
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

    function _setOwner(address owner_) private {
        if (owner_ == address(0)) revert ZeroAddress("owner");
        owner = owner_;
        emit OwnerSet(owner_);
    }

    function _isAuthorized(address src, bytes4 sig) private view returns (bool) {
        if (src == owner) return true;
        return authority != address(0) && AuthorityLike(authority).canCall(src, address(this), sig);
    }
}
