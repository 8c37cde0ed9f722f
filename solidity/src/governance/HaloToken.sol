// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import {
    ERC20VotesUpgradeable
} from "@openzeppelin/contracts-upgradeable/token/ERC20/extensions/ERC20VotesUpgradeable.sol";

/// @notice What a HaloToken is told once.
struct TokenInit {
    string name;
    string symbol;
    uint256 supply; // token units, 18 decimals
    address holder; // gets all of it
}

/// @title HaloToken
/// @notice The optional governance token of a Halo: ERC-20 with 18 decimals, votes with checkpoints (ERC-5805), and a
/// supply that is fixed at birth. Nobody has any power over it.
/// @dev The upgradeable flavour of the library only because its values lie in storage, so that all instances have one
/// code; nothing here can be upgraded.
contract HaloToken is ERC20VotesUpgradeable {
    error ZeroAddress(bytes32 field);
    error ZeroSupply();

    constructor() {
        _disableInitializers();
    }

    /// @notice Names the token and gives all of it to `holder`.
    /// @dev Access: whoever makes the clone, in the same transaction. Reverts: `InvalidInitialization`, `ZeroSupply`,
    /// `ZeroAddress`, `ERC20ExceededSafeSupply` above 2^208 - 1.
    function initialize(TokenInit calldata p) external initializer {
        if (p.holder == address(0)) revert ZeroAddress("holder");
        if (p.supply == 0) revert ZeroSupply();
        __ERC20_init(p.name, p.symbol);
        __EIP712_init(p.name, "1");
        _mint(p.holder, p.supply);
    }

    /// @notice The votes' clock: unix seconds.
    function clock() public view override returns (uint48) {
        return uint48(block.timestamp);
    }

    /// @notice The votes' clock, machine-readable (ERC-6372).
    function CLOCK_MODE() public pure override returns (string memory) {
        return "mode=timestamp";
    }
}
