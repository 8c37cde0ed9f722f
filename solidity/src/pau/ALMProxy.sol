// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Address } from "@openzeppelin/contracts/utils/Address.sol";

import { Guarded } from "src/pau/Guarded.sol";

/// @title Custody of a PAU: holds every asset, has no logic of its own
/// @dev Governance frees a stuck asset by granting itself CONTROLLER, calling, and revoking.
contract ALMProxy is Guarded {
    /// @notice Who may make the proxy call: the Controllers of this PAU.
    bytes32 public constant CONTROLLER = keccak256("CONTROLLER");
    /// @notice Who may run code in the proxy's own context. Apart from CONTROLLER and granted to nobody, because a
    ///         single mis-wired facet with this power would be total loss.
    bytes32 public constant DELEGATE_CONTROLLER = keccak256("DELEGATE_CONTROLLER");

    /// @param admin first holder of DEFAULT_ADMIN_ROLE; reverts with `ZeroAdmin` if zero
    constructor(address admin) Guarded(admin) { }

    /// @notice Takes ETH from anyone.
    receive() external payable { }

    /// @notice Calls `target` with `data` and no ETH. CONTROLLER only. Reverts with the target's own revert data, and
    ///         with `AddressEmptyCode` when nothing is there to answer.
    /// @return the target's return data
    function doCall(address target, bytes calldata data)
        external
        onlyRole(CONTROLLER)
        returns (bytes memory)
    {
        return Address.functionCall(target, data);
    }

    /// @notice Calls `target` with `data` and `value` wei of the proxy's ETH, which includes what came with the call.
    ///         CONTROLLER only. Reverts as `doCall` does, and with `InsufficientBalance`.
    /// @return the target's return data
    function doCallWithValue(address target, bytes calldata data, uint256 value)
        external
        payable
        onlyRole(CONTROLLER)
        returns (bytes memory)
    {
        return Address.functionCallWithValue(target, data, value);
    }

    /// @notice Runs the code of `target` in the proxy's context. DELEGATE_CONTROLLER only. Reverts as `doCall` does.
    /// @return the target's return data
    function doDelegateCall(address target, bytes calldata data)
        external
        onlyRole(DELEGATE_CONTROLLER)
        returns (bytes memory)
    {
        return Address.functionDelegateCall(target, data);
    }
}
