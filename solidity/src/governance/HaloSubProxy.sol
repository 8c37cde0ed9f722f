// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Address } from "@openzeppelin/contracts/utils/Address.sol";

/// @title HaloSubProxy
/// @notice The Halo's hand: the account that holds the Halo's powers, and lends itself to the spells that its wards run.
/// It has no powers of its own, and nothing here is ever called but by a ward.
/// @dev A spell runs in this contract's context, so a spell that wrote storage could make wards. Spells have none.
contract HaloSubProxy {
    error NotWard(address caller);
    error ZeroAddress(bytes32 field);

    event Rely(address indexed usr);
    event Deny(address indexed usr);
    /// @notice `target` ran here; `data` is what it was called with.
    event Executed(address indexed target, bytes data);

    /// @notice 1 for an account that may run spells and name wards, else 0.
    mapping(address usr => uint256) public wards;

    modifier auth() {
        if (wards[msg.sender] != 1) revert NotWard(msg.sender);
        _;
    }

    /// @param ward The first ward: the factory, which hands over to the spell guard. Reverts: `ZeroAddress`.
    constructor(address ward) {
        if (ward == address(0)) revert ZeroAddress("ward");
        wards[ward] = 1;
        emit Rely(ward);
    }

    /// @notice Makes `usr` a ward.
    /// @dev Access: ward. Reverts: `NotWard`.
    function rely(address usr) external auth {
        wards[usr] = 1;
        emit Rely(usr);
    }

    /// @notice Takes the ward from `usr`.
    /// @dev Access: ward. Reverts: `NotWard`.
    function deny(address usr) external auth {
        wards[usr] = 0;
        emit Deny(usr);
    }

    /// @notice Runs the code of `target` as this account.
    /// @param target The spell.
    /// @param data Calldata; for a spell the selector of `execute()`.
    /// @return result What it returned.
    /// @dev Access: ward. Reverts: `NotWard`, `AddressEmptyCode` when nothing is there to run, and the spell's own
    /// reason unchanged. No lock against re-entry: a spell may run another through its guard, wards are trusted.
    function exec(address target, bytes calldata data) external auth returns (bytes memory result) {
        emit Executed(target, data);
        return Address.functionDelegateCall(target, data);
    }
}
