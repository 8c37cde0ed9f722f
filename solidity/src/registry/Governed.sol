// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

/// @title Governed
/// @notice The two powers over a core singleton. The admin (Sky's pause proxy) grants; the council only takes
/// away, and at once, so that halting is always easier than acting.
abstract contract Governed {
    error NotAdmin(address caller);
    error NotCouncil(address caller);
    error ZeroAddress(bytes32 field);

    event AdminSet(address indexed admin);
    event CouncilSet(address indexed council);

    /// @notice Grants and revokes everything here.
    address public admin;
    /// @notice May halt; zero if there is none.
    address public council;

    modifier onlyAdmin() {
        if (msg.sender != admin) revert NotAdmin(msg.sender);
        _;
    }

    modifier onlyCouncil() {
        if (msg.sender != council && msg.sender != admin) revert NotCouncil(msg.sender);
        _;
    }

    constructor(address admin_) {
        _setAdmin(admin_);
    }

    /// @notice Hands the admin's power to another governance contract.
    /// @dev Access: admin. Reverts: `NotAdmin`, `ZeroAddress("admin")`.
    function setAdmin(address admin_) external onlyAdmin {
        _setAdmin(admin_);
    }

    /// @notice Names the council; zero means that there is none and only the admin may halt.
    /// @dev Access: admin. Reverts: `NotAdmin`.
    function setCouncil(address council_) external onlyAdmin {
        council = council_;
        emit CouncilSet(council_);
    }

    function _setAdmin(address admin_) private {
        _requireAddress(admin_, "admin");
        admin = admin_;
        emit AdminSet(admin_);
    }

    function _requireAddress(address account, bytes32 field) internal pure {
        if (account == address(0)) revert ZeroAddress(field);
    }
}
