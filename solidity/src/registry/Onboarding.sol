// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { RateLimitKeys } from "src/pau/RateLimitKeys.sol";
import { Integration, RateLimitData } from "src/pau/PauTypes.sol";
import { Roles } from "src/pau/Roles.sol";
import { ArtifactKind } from "src/registry/ArtifactRegistry.sol";
import { ClassAddresses, ClassRecord, Prime, UnitRecord } from "src/registry/RegistryTypes.sol";

interface TemplatesLike {
    function allLive(bytes32[] calldata codehashes) external view returns (bool);
    function revokedFacets() external view returns (uint256);
}

interface BeaconsLike {
    function isAlive(address operator, bytes32 subject, uint256 maxAge) external view returns (bool);
}

interface ArtifactsLike {
    function isActive(bytes32 id) external view returns (bool);
    function isActiveWith(bytes32 id, bytes32 paramsHash) external view returns (bool);
}

interface RolesLike {
    function hasRole(bytes32 role, address account) external view returns (bool);
    function getRoleMembers(bytes32 role) external view returns (address[] memory);
}

interface ControllerLike {
    function integrations() external view returns (Integration[] memory);
}

interface BookLike {
    function usableFor(uint64 lockedAt) external view returns (bool);
}

interface ReporterLike {
    function isAttestor(address account) external view returns (bool);
}

interface LedgerLike {
    function bufferHash() external view returns (bytes32);
}

interface BeamStateLike {
    function hasLiveInit(bytes32 key, address almProxy) external view returns (bool);
}

interface LimitsLike {
    function getRateLimitData(bytes32 key) external view returns (RateLimitData memory);
    function getCurrentRateLimit(bytes32 key) external view returns (uint256);
}

/// @title Onboarding
/// @notice The four requirements of proper onboarding, each a question to the chain as it is now.
library Onboarding {
    /// @dev Where the answers come from.
    struct Sources {
        address templates;
        address beacons;
        address artifacts;
        address beamState; // zero: not asked
    }

    uint8 internal constant FACTORY = 1;
    uint8 internal constant SENTINEL = 2;
    uint8 internal constant REPORTING = 4;
    uint8 internal constant LIMITS = 8;

    /// @dev The oldest heartbeat that still counts, seconds.
    uint256 internal constant MAX_HEARTBEAT_AGE = 36 hours;

    /// @dev Bits 0 to 2, which do not depend on a Prime.
    function unitMask(Sources storage from, ClassRecord memory c, UnitRecord memory u, bytes32 unitId)
        internal
        view
        returns (uint8 mask)
    {
        ClassAddresses memory at = c.at;
        if (_isFactoryMade(from, at, c, u)) mask |= FACTORY;
        if (_hasSentinels(from, at, u.classId)) mask |= SENTINEL;
        if (_isReporting(from, at.book, c, u, unitId)) mask |= REPORTING;
    }

    /// @dev Bit 3, the Class's half: the Unit can be funded for redemptions.
    function isFundable(ClassRecord memory c, address unit) internal view returns (bool) {
        return _hasLimit(c.at.rateLimits, RateLimitKeys.lctsFundRedeem(c.asset, unit));
    }

    /// @dev Bit 3, the Prime's half: it can enter, redeem and exit, and what it may enter with can be raised.
    function isReachable(
        Sources storage from,
        Prime storage prime,
        address primeProxy,
        address asset,
        address unit
    ) internal view returns (bool) {
        address limits = prime.rateLimits;
        bytes32 depositKey = RateLimitKeys.erc7540Deposit(asset, unit);
        return limits != address(0) && _hasLimit(limits, depositKey)
            && _hasGate(limits, RateLimitKeys.erc7540Redeem(unit))
            && _hasGate(limits, RateLimitKeys.lctsExit(unit))
            && _canGrow(from.beamState, depositKey, primeProxy);
    }

    function _canGrow(address beamState, bytes32 key, address primeProxy) private view returns (bool) {
        return beamState == address(0) || BeamStateLike(beamState).hasLiveInit(key, primeProxy);
    }

    /// @dev Every component, buffer and wired facet has live template code, and the factory kept no admin role. The
    /// ledger takes no buffer of other code, so that one look is enough for all of them.
    function _isFactoryMade(
        Sources storage from,
        ClassAddresses memory at,
        ClassRecord memory c,
        UnitRecord memory u
    ) private view returns (bool) {
        bytes32[] memory codehashes = new bytes32[](13);
        codehashes[0] = at.controller.codehash;
        codehashes[1] = at.almProxy.codehash;
        codehashes[2] = at.rateLimits.codehash;
        codehashes[3] = at.acl.codehash;
        codehashes[4] = at.freezerModule.codehash;
        codehashes[5] = at.book.codehash;
        codehashes[6] = at.reporter.codehash;
        codehashes[7] = u.at.unit.codehash;
        codehashes[8] = u.at.subscribeQueue.codehash;
        codehashes[9] = u.at.redeemQueue.codehash;
        codehashes[10] = at.ledger.codehash;
        codehashes[11] = at.guard.codehash;
        codehashes[12] = LedgerLike(at.ledger).bufferHash();
        TemplatesLike templates = TemplatesLike(from.templates);
        address factory = c.factory;
        return templates.allLive(codehashes) && _hasLiveFacets(templates, at.controller)
            && !RolesLike(at.acl).hasRole(Roles.DEFAULT_ADMIN, factory)
            && !RolesLike(at.almProxy).hasRole(Roles.DEFAULT_ADMIN, factory)
            && !RolesLike(at.rateLimits).hasRole(Roles.DEFAULT_ADMIN, factory);
    }

    /// @dev A sealed Controller takes approved facets only, so there is nothing to look for until one was revoked.
    function _hasLiveFacets(TemplatesLike templates, address controller) private view returns (bool) {
        if (templates.revokedFacets() == 0) return true;
        Integration[] memory wired = ControllerLike(controller).integrations();
        bytes32[] memory codehashes = new bytes32[](wired.length);
        for (uint256 i; i < wired.length; ++i) {
            codehashes[i] = wired[i].config.facet.codehash;
        }
        return templates.allLive(codehashes);
    }

    /// @dev Settler and relayer are live beacons of this Class and no attestors, and a warden stands apart from both.
    function _hasSentinels(Sources storage from, ClassAddresses memory at, bytes32 classId)
        private
        view
        returns (bool)
    {
        RolesLike acl = RolesLike(at.acl);
        address[] memory settlers = acl.getRoleMembers(Roles.SETTLER);
        address[] memory relayers = acl.getRoleMembers(Roles.ALLOCATOR);
        address beacons = from.beacons;
        return _areAlive(beacons, at.reporter, classId, settlers)
            && _areAlive(beacons, at.reporter, classId, relayers)
            && _hasWarden(acl.getRoleMembers(Roles.FREEZER), settlers, relayers);
    }

    function _areAlive(address beacons, address reporter, bytes32 classId, address[] memory operators)
        private
        view
        returns (bool)
    {
        for (uint256 i; i < operators.length; ++i) {
            if (!BeaconsLike(beacons).isAlive(operators[i], classId, MAX_HEARTBEAT_AGE)) return false;
            if (ReporterLike(reporter).isAttestor(operators[i])) return false;
        }
        return operators.length != 0;
    }

    function _hasWarden(address[] memory freezers, address[] memory settlers, address[] memory relayers)
        private
        pure
        returns (bool)
    {
        for (uint256 i; i < freezers.length; ++i) {
            if (!_contains(settlers, freezers[i]) && !_contains(relayers, freezers[i])) return true;
        }
        return false;
    }

    function _contains(address[] memory list, address account) private pure returns (bool) {
        for (uint256 i; i < list.length; ++i) {
            if (list[i] == account) return true;
        }
        return false;
    }

    /// @dev The artifacts of Halo, Class and Unit are active, the last two with the parameters that were deployed,
    /// and the book is reported on, or holds nothing yet (S15).
    function _isReporting(
        Sources storage from,
        address book,
        ClassRecord memory c,
        UnitRecord memory u,
        bytes32 unitId
    ) private view returns (bool) {
        ArtifactsLike artifacts = ArtifactsLike(from.artifacts);
        return artifacts.isActive(_artifactId(ArtifactKind.HALO, c.haloId))
            && artifacts.isActiveWith(_artifactId(ArtifactKind.CLASS, u.classId), c.paramsHash)
            && artifacts.isActiveWith(_artifactId(ArtifactKind.UNIT, unitId), u.paramsHash)
            && BookLike(book).usableFor(0);
    }

    function _artifactId(ArtifactKind kind, bytes32 subjectId) private pure returns (bytes32) {
        return keccak256(abi.encode(kind, subjectId));
    }

    /// @dev A way back is usually unlimited, and that is told by one slot.
    function _hasGate(address limits, bytes32 key) private view returns (bool) {
        return LimitsLike(limits).getCurrentRateLimit(key) == type(uint256).max || _hasLimit(limits, key);
    }

    function _hasLimit(address limits, bytes32 key) private view returns (bool) {
        return LimitsLike(limits).getRateLimitData(key).maxAmount != 0;
    }
}
