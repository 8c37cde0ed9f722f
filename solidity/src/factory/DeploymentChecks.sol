// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { ClassParams, UnitParams } from "src/factory/FactoryTypes.sol";

interface DecimalsLike {
    function decimals() external view returns (uint8);
}

interface PrimesLike {
    function primeOf(address proxy) external view returns (bytes32);
}

/// @title DeploymentChecks
/// @notice What the parameters of a Class or a Unit must fulfil, whoever approved them.
library DeploymentChecks {
    error ZeroAddress(bytes32 field);
    error DuplicateEntry(address account);
    error NoAdmin();
    error NoFreezer();
    error HaloNotAdmin(address haloProxy);
    error BadThreshold(uint8 threshold, uint256 attestors);
    /// @notice The account holds two duties that should check each other.
    error ConflictOfDuty(address account);
    error AssetDecimals(uint8 decimals);
    error CapBelowMinimum(uint256 cap, uint256 minSubscribe);
    error LockTooLong(uint32 maxLock);
    error EpochGapTooShort(uint32 minEpochGap);
    error NotPrime(address entrant);
    /// @notice A Class may not enter its own Unit.
    error SelfDeal(address entrant);

    uint32 internal constant MAX_LOCK = 24 hours;
    uint32 internal constant MIN_EPOCH_GAP = 1 hours;

    /// @dev Everyone is named once and nobody has two duties that should check each other.
    function checkClass(ClassParams calldata p, address haloProxy) internal view {
        _requireAddress(p.asset, "asset");
        uint8 decimals = DecimalsLike(p.asset).decimals();
        if (decimals < 6 || decimals > 18) revert AssetDecimals(decimals);

        if (p.admins.length == 0) revert NoAdmin();
        if (p.freezers.length == 0) revert NoFreezer();
        if (p.threshold == 0 || p.threshold > p.attestors.length) {
            revert BadThreshold(p.threshold, p.attestors.length);
        }
        _requireDistinct(p.admins, "admins");
        _requireDistinct(p.freezers, "freezers");
        _requireDistinct(p.attestors, "attestors");
        if (!_contains(p.admins, haloProxy)) revert HaloNotAdmin(haloProxy);

        _requireAddress(p.settler, "settler");
        _requireAddress(p.relayer, "relayer");
        _requireAddress(p.conserver, "conserver");
        if (p.settler == p.relayer || p.settler == p.conserver) revert ConflictOfDuty(p.settler);
        if (p.relayer == p.conserver) revert ConflictOfDuty(p.relayer);
        _requireApart(p.settler, p);
        _requireApart(p.relayer, p);
        if (_contains(p.freezers, p.conserver) || _contains(p.attestors, p.conserver)) {
            revert ConflictOfDuty(p.conserver);
        }
    }

    /// @dev The Unit's numbers are sane and only Primes, never its own Class, may enter.
    function checkUnit(UnitParams calldata p, address classProxy, address primes) internal view {
        if (p.cap < p.minSubscribe) revert CapBelowMinimum(p.cap, p.minSubscribe);
        if (p.maxLock > MAX_LOCK) revert LockTooLong(p.maxLock);
        if (p.minEpochGap < MIN_EPOCH_GAP) revert EpochGapTooShort(p.minEpochGap);
        _requireDistinct(p.entrants, "entrants");
        _requireDistinct(p.holders, "holders");
        for (uint256 i; i < p.entrants.length; ++i) {
            address entrant = p.entrants[i];
            if (entrant == classProxy) revert SelfDeal(entrant);
            if (!p.open && PrimesLike(primes).primeOf(entrant) == 0) revert NotPrime(entrant);
        }
    }

    /// @dev An operator may be neither governance, warden nor attestor.
    function _requireApart(address operator, ClassParams calldata p) private pure {
        if (
            _contains(p.admins, operator) || _contains(p.freezers, operator)
                || _contains(p.attestors, operator)
        ) {
            revert ConflictOfDuty(operator);
        }
    }

    function _requireAddress(address account, bytes32 field) private pure {
        if (account == address(0)) revert ZeroAddress(field);
    }

    function _requireDistinct(address[] calldata list, bytes32 field) private pure {
        for (uint256 i; i < list.length; ++i) {
            _requireAddress(list[i], field);
            if (_contains(list[:i], list[i])) revert DuplicateEntry(list[i]);
        }
    }

    function _contains(address[] calldata list, address account) private pure returns (bool) {
        for (uint256 i; i < list.length; ++i) {
            if (list[i] == account) return true;
        }
        return false;
    }
}
