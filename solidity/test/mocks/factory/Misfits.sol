// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { AccessControl } from "@openzeppelin/contracts/access/AccessControl.sol";
import { IAccessControl } from "@openzeppelin/contracts/access/IAccessControl.sol";

import { ClassAccessControls } from "src/pau/ClassAccessControls.sol";

/// @notice A token of which only the decimals matter.
contract DecimalsToken {
    uint8 public decimals;

    constructor(uint8 decimals_) {
        decimals = decimals_;
    }
}

/// @notice An ACL with other code and the same behaviour: the next version of a template.
contract OtherAccessControls is ClassAccessControls {
    function version() external pure returns (uint256) {
        return 2;
    }
}

/// @notice An ACL that says nothing and lets nobody leave.
contract ClingingAccessControls is ClassAccessControls {
    function renounceRole(bytes32, address) public pure override(AccessControl, IAccessControl) { }
}
