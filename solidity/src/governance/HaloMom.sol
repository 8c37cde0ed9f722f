// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Mom } from "src/governance/Mom.sol";

interface EmergencyGuardLike {
    function freezeUnit(address unit) external;
    function freezeClass() external;
    function purgeOperators() external;
}

/// @title HaloMom
/// @notice Lets the spell that Sky's voters have put on top stop a Unit, a Class or its operators without the governance
/// delay. It can start nothing.
/// @dev Holds FREEZER_ROLE of every Class that counts it among its wardens, and acts through the Class's EmergencyGuard.
/// A guard that is none is given nothing: what is called there is called by a contract without any other power.
contract HaloMom is Mom {
    event UnitFrozen(address indexed guard, address indexed unit, address by);
    event ClassFrozen(address indexed guard, address by);
    event OperatorsPurged(address indexed guard, address by);

    /// @param owner_ Sky's pause proxy. Reverts: `ZeroAddress("owner")`.
    constructor(address owner_) Mom(owner_) { }

    /// @notice Freezes a Unit: no entry, lock or settlement; exits and claims go on.
    /// @param guard EmergencyGuard of the Unit's Class.
    /// @dev Access: owner, or whom the Chief lets. Reverts: `NotAuthorized`, and as the guard does.
    function freezeUnit(address guard, address unit) external auth {
        emit UnitFrozen(guard, unit, msg.sender);
        EmergencyGuardLike(guard).freezeUnit(unit);
    }

    /// @notice Freezes every Unit of a Class that is not yet, and halts its off-ramp.
    /// @param guard EmergencyGuard of the Class.
    /// @dev Access: owner, or whom the Chief lets. Reverts: `NotAuthorized`, and as the guard does.
    function freezeClass(address guard) external auth {
        emit ClassFrozen(guard, msg.sender);
        EmergencyGuardLike(guard).freezeClass();
    }

    /// @notice Takes the role from every relayer and every settler of a Class.
    /// @param guard EmergencyGuard of the Class.
    /// @dev Access: owner, or whom the Chief lets. Reverts: `NotAuthorized`, and as the guard does.
    function purgeOperators(address guard) external auth {
        emit OperatorsPurged(guard, msg.sender);
        EmergencyGuardLike(guard).purgeOperators();
    }
}
