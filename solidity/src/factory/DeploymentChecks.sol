// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { ClassParams, Endpoint, UnitParams } from "src/factory/FactoryTypes.sol";

interface DecimalsLike {
    function decimals() external view returns (uint8);
}

interface PrimesLike {
    function primeOf(address proxy) external view returns (bytes32);
}

interface TranchesLike {
    function mode() external view returns (uint8);
    function units() external view returns (address[] memory);
}

/// @title DeploymentChecks
/// @notice What the parameters of a Class or a Unit must fulfil, whoever approved them. Apart from the factory only
/// because both together are too large for one contract.
contract DeploymentChecks {
    error ZeroAddress(bytes32 field);
    error DuplicateEntry(address account);
    error NoAdmin();
    error NoFreezer();
    error NoLegalFrame();
    error HaloNotAdmin(address haloProxy);
    error BadThreshold(uint8 threshold, uint256 attestors);
    /// @notice The account holds two duties that should check each other.
    error ConflictOfDuty(address account);
    error AssetDecimals(uint8 decimals);
    /// @notice There are endpoints, and no facet that could send to them.
    error NoOfframp();
    /// @notice The time in which a takeover can be cancelled is below a day or above 30.
    error BadTakeoverDelay(uint64 takeoverDelay);
    error CapBelowMinimum(uint256 cap, uint256 minSubscribe);
    error LockTooLong(uint32 maxLock);
    error EpochGapTooShort(uint32 minEpochGap);
    error NotPrime(address entrant);
    /// @notice A Class may not enter its own Unit.
    error SelfDeal(address entrant);
    /// @notice The Book has a Unit in this tranche.
    error TrancheTaken(uint8 tranche);
    /// @notice Tranches are filled from the equity upwards; the next is `next`. Without tranches every Unit is in 0.
    error TrancheOutOfOrder(uint8 tranche, uint256 next);

    uint32 internal constant MAX_LOCK = 24 hours;
    uint32 internal constant MIN_EPOCH_GAP = 1 hours;
    uint64 internal constant MIN_TAKEOVER_DELAY = 1 days;
    uint64 internal constant MAX_TAKEOVER_DELAY = 30 days;
    uint8 private constant SENIOR_JUNIOR = 1;
    bytes32 private constant OFFRAMP_FACET = "OFFRAMP_FACET";

    /// @notice Passes if everyone is named once, nobody has two duties that should check each other, and the Class
    /// has what it needs.
    /// @param haloProxy The Halo's SubProxy, which must be an admin.
    /// @dev Reverts with the errors above.
    function checkClass(ClassParams calldata p, address haloProxy) external view {
        _requireAddress(p.asset, "asset");
        uint8 decimals = DecimalsLike(p.asset).decimals();
        if (decimals < 6 || decimals > 18) revert AssetDecimals(decimals);
        if (p.legalFrameHash == 0) revert NoLegalFrame();
        if (p.takeoverDelay < MIN_TAKEOVER_DELAY || p.takeoverDelay > MAX_TAKEOVER_DELAY) {
            revert BadTakeoverDelay(p.takeoverDelay);
        }
        _checkPeople(p, haloProxy);
        _checkEndpoints(p);
    }

    /// @notice Passes if the Unit's numbers are sane, its tranche is the next of the Book, and only Primes, never its
    /// own Class, may enter.
    /// @param classProxy ALMProxy of the Class.
    /// @param book HaloBook of the Class.
    /// @param primes UnitRegistry, which knows the Primes.
    /// @dev Reverts with the errors above.
    function checkUnit(UnitParams calldata p, address classProxy, address book, address primes)
        external
        view
    {
        if (p.cap < p.minSubscribe) revert CapBelowMinimum(p.cap, p.minSubscribe);
        if (p.maxLock > MAX_LOCK) revert LockTooLong(p.maxLock);
        if (p.minEpochGap < MIN_EPOCH_GAP) revert EpochGapTooShort(p.minEpochGap);
        _checkTranche(p.tranche, TranchesLike(book));
        _requireDistinct(p.entrants, "entrants");
        _requireDistinct(p.holders, "holders");
        for (uint256 i; i < p.entrants.length; ++i) {
            address entrant = p.entrants[i];
            if (entrant == classProxy) revert SelfDeal(entrant);
            if (!p.open && PrimesLike(primes).primeOf(entrant) == 0) revert NotPrime(entrant);
        }
    }

    function _checkPeople(ClassParams calldata p, address haloProxy) private pure {
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

    /// @dev Whoever may send, stop or attest is nobody that assets are sent to. The rest of an endpoint is the
    /// ledger's to judge.
    function _checkEndpoints(ClassParams calldata p) private pure {
        Endpoint[] calldata endpoints = p.endpoints;
        if (endpoints.length != 0 && !_hasOfframp(p.facets)) revert NoOfframp();
        for (uint256 i; i < endpoints.length; ++i) {
            address target = endpoints[i].target;
            _requireAddress(target, "endpoints");
            for (uint256 j; j < i; ++j) {
                if (endpoints[j].target == target) revert DuplicateEntry(target);
            }
            _requireApart(target, p);
            if (target == p.settler || target == p.relayer || target == p.conserver) {
                revert ConflictOfDuty(target);
            }
        }
    }

    /// @dev In order and one by one, so that a Book with Units has exactly one equity tranche and no gap above it.
    function _checkTranche(uint8 tranche, TranchesLike book) private view {
        uint256 next = book.mode() == SENIOR_JUNIOR ? book.units().length : 0;
        if (tranche < next) revert TrancheTaken(tranche);
        if (tranche > next) revert TrancheOutOfOrder(tranche, next);
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

    function _hasOfframp(bytes32[] calldata facets) private pure returns (bool) {
        for (uint256 i; i < facets.length; ++i) {
            if (facets[i] == OFFRAMP_FACET) return true;
        }
        return false;
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
