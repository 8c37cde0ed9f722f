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
    function getRoleMember(bytes32 role, uint256 index) external view returns (address);
    function getRoleMemberCount(bytes32 role) external view returns (uint256);
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

interface LimitsLike {
    function getRateLimitData(bytes32 key) external view returns (RateLimitData memory);
}

/// @title Onboarding
/// @notice The four requirements of proper onboarding, each a question to the chain as it is now.
library Onboarding {
    /// @dev Where the answers come from.
    struct Sources {
        address templates;
        address beacons;
        address artifacts;
    }

    uint8 internal constant FACTORY = 1;
    uint8 internal constant SENTINEL = 2;
    uint8 internal constant REPORTING = 4;
    uint8 internal constant LIMITS = 8;

    /// @dev The oldest heartbeat that still counts, seconds.
    uint256 internal constant MAX_HEARTBEAT_AGE = 36 hours;

    /// @dev Bits 0 to 2, which do not depend on a Prime.
    function unitMask(Sources storage from, ClassRecord storage c, UnitRecord storage u, bytes32 unitId)
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
    function isFundable(ClassRecord storage c, address unit) internal view returns (bool) {
        return _hasLimit(c.at.rateLimits, RateLimitKeys.lctsFundRedeem(c.asset, unit));
    }

    /// @dev Bit 3, the Prime's half: it can enter, redeem and exit.
    function isReachable(Prime storage prime, address asset, address unit) internal view returns (bool) {
        address limits = prime.rateLimits;
        return limits != address(0) && _hasLimit(limits, RateLimitKeys.erc7540Deposit(asset, unit))
            && _hasLimit(limits, RateLimitKeys.erc7540Redeem(unit))
            && _hasLimit(limits, RateLimitKeys.lctsExit(unit));
    }

    /// @dev Every component and wired facet has live template code, and the factory kept no admin role.
    function _isFactoryMade(
        Sources storage from,
        ClassAddresses memory at,
        ClassRecord storage c,
        UnitRecord storage u
    ) private view returns (bool) {
        bytes32[] memory codehashes = new bytes32[](10);
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
        address beacons = from.beacons;
        return _operatorsAlive(beacons, at, classId, Roles.SETTLER)
            && _operatorsAlive(beacons, at, classId, Roles.ALLOCATOR) && _hasWarden(at.acl);
    }

    function _operatorsAlive(address beacons, ClassAddresses memory at, bytes32 classId, bytes32 role)
        private
        view
        returns (bool)
    {
        uint256 count = RolesLike(at.acl).getRoleMemberCount(role);
        for (uint256 i; i < count; ++i) {
            address operator = RolesLike(at.acl).getRoleMember(role, i);
            if (!BeaconsLike(beacons).isAlive(operator, classId, MAX_HEARTBEAT_AGE)) return false;
            if (ReporterLike(at.reporter).isAttestor(operator)) return false;
        }
        return count != 0;
    }

    function _hasWarden(address acl) private view returns (bool) {
        uint256 count = RolesLike(acl).getRoleMemberCount(Roles.FREEZER);
        for (uint256 i; i < count; ++i) {
            address freezer = RolesLike(acl).getRoleMember(Roles.FREEZER, i);
            if (
                !RolesLike(acl).hasRole(Roles.SETTLER, freezer)
                    && !RolesLike(acl).hasRole(Roles.ALLOCATOR, freezer)
            ) {
                return true;
            }
        }
        return false;
    }

    /// @dev The artifacts of Halo, Class and Unit are active, the last two with the parameters that were deployed,
    /// and the book is reported on, or holds nothing yet (S15).
    function _isReporting(
        Sources storage from,
        address book,
        ClassRecord storage c,
        UnitRecord storage u,
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

    function _hasLimit(address limits, bytes32 key) private view returns (bool) {
        return LimitsLike(limits).getRateLimitData(key).maxAmount != 0;
    }
}
