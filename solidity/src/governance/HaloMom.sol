// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

interface AuthorityLike {
    function canCall(address src, address dst, bytes4 sig) external view returns (bool);
}

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
contract HaloMom {
    error ZeroAddress(bytes32 field);
    error NotOwner(address caller);
    error NotAuthorized(address caller);

    event OwnerSet(address indexed owner);
    event AuthoritySet(address indexed authority);
    event UnitFrozen(address indexed guard, address indexed unit, address by);
    event ClassFrozen(address indexed guard, address by);
    event OperatorsPurged(address indexed guard, address by);

    /// @notice Sky's pause proxy.
    address public owner;
    /// @notice The Chief, which answers for the hat; zero if there is none.
    address public authority;

    modifier onlyOwner() {
        if (msg.sender != owner) revert NotOwner(msg.sender);
        _;
    }

    modifier auth() {
        if (!_isAuthorized(msg.sender, msg.sig)) revert NotAuthorized(msg.sender);
        _;
    }

    /// @param owner_ Sky's pause proxy. Reverts: `ZeroAddress("owner")`.
    constructor(address owner_) {
        _setOwner(owner_);
    }

    /// @notice Hands the ownership on.
    /// @dev Access: owner. Reverts: `NotOwner`, `ZeroAddress("owner")`.
    function setOwner(address owner_) external onlyOwner {
        _setOwner(owner_);
    }

    /// @notice Names the Chief; zero for nobody beside the owner.
    /// @dev Access: owner. Reverts: `NotOwner`.
    function setAuthority(address authority_) external onlyOwner {
        authority = authority_;
        emit AuthoritySet(authority_);
    }

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
