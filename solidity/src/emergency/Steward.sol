// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Initializable } from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { GuardInit, Stage } from "src/emergency/EmergencyTypes.sol";
import { UnitState } from "src/lcts/UnitTypes.sol";
import { Roles } from "src/pau/Roles.sol";
import { ClassRecord, UnitRecord } from "src/registry/RegistryTypes.sol";

interface AclLike {
    function hasRole(bytes32 role, address account) external view returns (bool);
    function grantRole(bytes32 role, address account) external;
    function revokeRole(bytes32 role, address account) external;
}

interface UnitLike {
    function asset() external view returns (address);
    function state() external view returns (UnitState);
    function locked() external view returns (bool);
    function totalSupply() external view returns (uint256);
    function unlockStale() external;
    function windDown() external;
    function unfreeze() external;
    function setHolder(address account, bool allowed) external;
    function depositLiquidity(uint256 amount) external;
}

interface RegistryLike {
    function sources() external view returns (address templates, address beacons, address artifacts);
    function classRecord(bytes32 classId) external view returns (ClassRecord memory);
    function unitsOf(bytes32 classId) external view returns (bytes32[] memory);
    function unitRecord(bytes32 unitId) external view returns (UnitRecord memory);
    function unitByAddress(address unit) external view returns (bytes32);
}

interface GuardLike {
    function stage() external view returns (Stage);
    function conserverController() external view returns (address);
}

/// @title Steward: whom a ConserverController obeys, and which Class it serves
abstract contract Steward is Initializable, ReentrancyGuardTransient {
    /// @notice The caller does not govern this Class now.
    error NotSteward(address caller);
    /// @notice The Unit is none of this Class.
    error ForeignUnit(address unit);

    /// @notice The Unit winds down, and its redemptions are settled.
    event ExitsOpened(address indexed unit);

    GuardInit internal _class;
    /// @notice The EmergencyGuard that made this.
    address public guard;

    modifier onlySteward() {
        if (!isSteward(msg.sender)) revert NotSteward(msg.sender);
        _;
    }

    constructor() {
        _disableInitializers();
    }

    /// @notice Binds a fresh clone to the Class of the calling guard. Once only.
    function initialize(GuardInit calldata p) external initializer {
        _class = p;
        guard = msg.sender;
    }

    /// @notice Whether `account` may act here now: the conserver after a takeover, governance of the Class while there is
    /// none; and only as long as this is the guard's ConserverController.
    function isSteward(address account) public view returns (bool) {
        if (!inOffice()) return false;
        Stage stage = GuardLike(guard).stage();
        if (stage == Stage.PENDING) return false;
        bytes32 role = stage == Stage.TAKEN ? Roles.CONSERVER : Roles.DEFAULT_ADMIN;
        return AclLike(_class.acl).hasRole(role, account);
    }

    /// @notice Whether this is the guard's ConserverController.
    function inOffice() public view returns (bool) {
        return GuardLike(guard).conserverController() == address(this);
    }

    /// @notice The Class that this serves.
    function config() external view returns (GuardInit memory) {
        return _class;
    }

    /// @dev From a freeze straight into winding down. A lock cannot outlive the freeze.
    function _openExits(address unit) internal {
        UnitState state = UnitLike(unit).state();
        if (state == UnitState.CLOSED) return;
        bool frozen = state == UnitState.FROZEN;
        if (frozen && UnitLike(unit).locked()) UnitLike(unit).unlockStale();
        UnitLike(unit).windDown();
        if (frozen) UnitLike(unit).unfreeze();
        emit ExitsOpened(unit);
    }

    function _units() internal view returns (address[] memory list) {
        RegistryLike registry = RegistryLike(_class.registry);
        bytes32[] memory ids = registry.unitsOf(_class.classId);
        list = new address[](ids.length);
        for (uint256 i; i < ids.length; ++i) {
            list[i] = registry.unitRecord(ids[i]).at.unit;
        }
    }

    function _requireMember(address unit) internal view {
        if (!_isMember(unit)) revert ForeignUnit(unit);
    }

    function _isMember(address unit) internal view returns (bool) {
        RegistryLike registry = RegistryLike(_class.registry);
        bytes32 id = registry.unitByAddress(unit);
        return id != 0 && registry.unitRecord(id).classId == _class.classId;
    }
}
