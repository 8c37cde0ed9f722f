// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import { BookInit } from "src/book/HaloBook.sol";
import { ReporterInit } from "src/book/PositionReporter.sol";
import { DeploymentChecks } from "src/factory/DeploymentChecks.sol";
import { ClassParams, Limit, UnitParams } from "src/factory/FactoryTypes.sol";
import { TemplateDeployer } from "src/factory/TemplateDeployer.sol";
import { TemplateKind } from "src/factory/TemplateRegistry.sol";
import { UnitInit } from "src/lcts/UnitTypes.sol";
import { PsmConfig } from "src/pau/PauTypes.sol";
import { Roles } from "src/pau/Roles.sol";
import { ArtifactKind, ArtifactStatus } from "src/registry/ArtifactRegistry.sol";
import { Governed } from "src/registry/Governed.sol";
import { ClassAddresses, ClassRecord, Halo, UnitAddresses } from "src/registry/RegistryTypes.sol";

interface ArtifactsLike {
    function head(bytes32 id)
        external
        view
        returns (uint64 number, bytes32 contentHash, bytes32 paramsHash, ArtifactStatus status);
}

interface BeaconsLike {
    function isBound(bytes32 id, address operator, bytes32 subject) external view returns (bool);
}

interface UnitsLike {
    function haloRecord(bytes32 haloId) external view returns (Halo memory);
    function classRecord(bytes32 classId) external view returns (ClassRecord memory);
    function registerClass(
        bytes32 classId,
        bytes32 haloId,
        ClassAddresses calldata at,
        address asset,
        bytes32 paramsHash
    ) external;
    function registerUnit(
        bytes32 unitId,
        bytes32 classId,
        UnitAddresses calldata at,
        uint8 tranche,
        bytes32 paramsHash
    ) external;
}

interface RolesLike {
    function grantRole(bytes32 role, address account) external;
    function renounceRole(bytes32 role, address account) external;
    function hasRole(bytes32 role, address account) external view returns (bool);
    function getRoleMemberCount(bytes32 role) external view returns (uint256);
}

interface AclLike is RolesLike {
    function setRoleRevoker(bytes32 role, bytes32 revokerRole) external;
}

interface LimitsLike {
    function setRateLimitData(
        bytes32 key,
        uint256 maxAmount,
        uint256 slope,
        uint256 lastAmount,
        uint256 lastUpdated
    ) external;
    function setUnlimitedRateLimitData(bytes32 key) external;
}

interface ControllerLike {
    function initialize(address acl, address beacon, address proxy, address limits, address sealedRegistry)
        external;
    function syncIntegrations(bytes32[] calldata removeIds, bytes32[] calldata addIds) external;
    function psm_setConfig(PsmConfig calldata config) external;
}

interface BookLike {
    function initialize(BookInit calldata p) external;
    function addUnit(address unit, uint8 tranche, uint16 annualBps, uint16 minCoverBps) external;
}

interface ReporterLike {
    function initialize(ReporterInit calldata p) external;
}

interface UnitLike {
    function initialize(UnitInit calldata p) external;
}

/// @title LaniakeaFactory
/// @notice Deploys Classes and Units from approved templates, with parameters that governance approved as the hash in
/// an active artifact, and keeps no role in what it made. Whoever presses the button changes nothing.
contract LaniakeaFactory is Governed, TemplateDeployer, ReentrancyGuardTransient {
    error NotDeployer(address caller);
    error UnknownHalo(bytes32 haloId);
    error UnknownClass(bytes32 classId);
    /// @notice The artifact is not that of the Class or Unit, or nothing in it is in force.
    error ArtifactNotActive(bytes32 id);
    /// @notice The parameters are not those that the artifact approves.
    error ParamsHashMismatch(bytes32 approved, bytes32 given);
    /// @notice The beacon is not an active one of this settler for this Class.
    error BeaconMismatch(bytes32 beaconId);
    /// @notice A role of `at` has other members than the parameters say.
    error RenounceFailed(address at);

    event DeployerSet(address indexed account, bool allowed, address by);
    /// @dev `templateSet` is keccak256 of the ABI-encoded code hashes of `at`, in its order; `metadata` is
    /// abi.encode(uint16(1), ClassParams).
    event ClassDeployed(
        bytes32 indexed classId,
        bytes32 indexed haloId,
        bytes32 indexed templateSet,
        ClassAddresses at,
        bytes32 paramsHash,
        bytes32 artifactId,
        string slug,
        bytes metadata
    );
    /// @dev `metadata` is abi.encode(uint16(1), UnitParams).
    event UnitDeployed(
        bytes32 indexed unitId,
        bytes32 indexed classId,
        address indexed unit,
        address subscribeQueue,
        address redeemQueue,
        uint8 tranche,
        address asset,
        bytes32 paramsHash,
        bytes32 artifactId,
        string slug,
        bytes metadata
    );

    uint16 private constant METADATA_VERSION = 1;
    bytes32 private constant CONTROLLER_ROLE = keccak256("CONTROLLER");

    /// @notice ArtifactRegistry that holds the approvals.
    address public artifacts;
    /// @notice BeaconRegistry that knows the settlers.
    address public beacons;
    /// @notice UnitRegistry that records what is made.
    address public units;
    /// @notice FacetBeacon that the Controllers take their wires from.
    address public facetBeacon;
    /// @notice Who may deploy what governance has approved.
    mapping(address account => bool) public isDeployer;

    modifier onlyDeployer() {
        if (!isDeployer[msg.sender]) revert NotDeployer(msg.sender);
        _;
    }

    /// @param admin_ Sky's pause proxy.
    /// @param templates_ TemplateRegistry; it also seals the Controllers.
    /// @param artifacts_ ArtifactRegistry that holds the approvals.
    /// @param beacons_ BeaconRegistry that knows the settlers.
    /// @param units_ UnitRegistry that records what is made.
    /// @param facetBeacon_ FacetBeacon that the Controllers take their wires from.
    constructor(
        address admin_,
        address templates_,
        address artifacts_,
        address beacons_,
        address units_,
        address facetBeacon_
    ) Governed(admin_) TemplateDeployer(templates_) {
        _requireAddress(templates_, "templates");
        _requireAddress(artifacts_, "artifacts");
        _requireAddress(beacons_, "beacons");
        _requireAddress(units_, "units");
        _requireAddress(facetBeacon_, "facetBeacon");
        artifacts = artifacts_;
        beacons = beacons_;
        units = units_;
        facetBeacon = facetBeacon_;
    }

    /// @notice Lets `account` deploy what governance has approved.
    /// @dev Access: admin. Reverts: `NotAdmin`.
    function addDeployer(address account) external onlyAdmin {
        isDeployer[account] = true;
        emit DeployerSet(account, true, msg.sender);
    }

    /// @notice Takes that right away, at once.
    /// @dev Access: council or admin. Reverts: `NotCouncil`.
    function removeDeployer(address account) external onlyCouncil {
        isDeployer[account] = false;
        emit DeployerSet(account, false, msg.sender);
    }

    /// @notice Makes and registers a Class: PAU, Book and reporter, wired, with its roles and limits.
    /// @dev Access: deployer. All or nothing. Reverts: `NotDeployer`, `UnknownHalo`, `ArtifactNotActive`,
    /// `ParamsHashMismatch`, `BeaconMismatch`, `AlreadyDeployed`, `CodeHashMismatch`, `RenounceFailed`, the errors of
    /// `DeploymentChecks`, and `TemplateNotApproved` and those of the parts from below.
    function deployClass(ClassParams calldata p)
        external
        nonReentrant
        onlyDeployer
        returns (ClassAddresses memory at)
    {
        bytes32 classId = classIdOf(p.haloId, p.slug);
        bytes32 paramsHash = keccak256(abi.encode(p));
        _requireApproval(ArtifactKind.CLASS, classId, p.artifactId, paramsHash);
        address haloProxy = UnitsLike(units).haloRecord(p.haloId).proxy;
        if (haloProxy == address(0)) revert UnknownHalo(p.haloId);
        DeploymentChecks.checkClass(p, haloProxy);
        if (!BeaconsLike(beacons).isBound(p.beaconId, p.settler, classId)) revert BeaconMismatch(p.beaconId);

        at = _deployParts(Site(classId, p.salt));
        _wire(p, at);
        _setLimits(p.limits, at.rateLimits);
        _grant(p, at);
        _renounce(p, at);
        UnitsLike(units).registerClass(classId, p.haloId, at, p.asset, paramsHash);
        _emitClass(p, at, classId, paramsHash);
    }

    /// @notice Makes and registers a Unit of a Class as PENDING: the Unit and its two queues, entered in the Book.
    /// @dev Access: deployer. All or nothing. Reverts: `NotDeployer`, `UnknownClass`, `ArtifactNotActive`,
    /// `ParamsHashMismatch`, `AlreadyDeployed`, `CodeHashMismatch`, the errors of `DeploymentChecks`, and those of the
    /// parts from below.
    function deployUnit(bytes32 classId, UnitParams calldata p)
        external
        nonReentrant
        onlyDeployer
        returns (UnitAddresses memory at)
    {
        bytes32 unitId = unitIdOf(classId, p.slug);
        bytes32 paramsHash = keccak256(abi.encode(p));
        _requireApproval(ArtifactKind.UNIT, unitId, p.artifactId, paramsHash);
        ClassRecord memory class_ = UnitsLike(units).classRecord(classId);
        if (class_.registeredAt == 0) revert UnknownClass(classId);
        DeploymentChecks.checkUnit(p, class_.at.almProxy, units);

        Site memory site = Site(unitId, p.salt);
        at.unit = _deploy(_unit(), site, "");
        at.subscribeQueue = _deploy(_queue("SubscribeQueue"), site, "");
        at.redeemQueue = _deploy(_queue("RedeemQueue"), site, "");
        UnitLike(at.unit).initialize(_unitInit(p, class_, at));
        BookLike(class_.at.book).addUnit(at.unit, p.tranche, p.annualBps, p.minCoverBps);
        UnitsLike(units).registerUnit(unitId, classId, at, p.tranche, paramsHash);
        _emitUnit(p, at, classId, class_.asset);
    }

    /// @notice Where `deployClass` would put everything with the templates approved now. Checks nothing else.
    /// @dev Only haloId, slug and salt matter. Reverts: `TemplateNotApproved`.
    function predictClass(ClassParams calldata p) external view returns (ClassAddresses memory at) {
        Site memory site = Site(classIdOf(p.haloId, p.slug), p.salt);
        bytes memory self = abi.encode(address(this));
        at.almProxy = _predict(_pau("ALMProxy"), site, self);
        at.rateLimits = _predict(_pau("RateLimits"), site, self);
        at.acl = _predict(_pau("AccessControls"), site, self);
        at.controller = _predict(_pau("ClassController"), site, "");
        at.freezerModule = _predict(_freezerModule(), site, abi.encode(at.acl));
        at.book = _predict(_book(), site, "");
        at.reporter = _predict(_reporter(), site, "");
    }

    /// @notice Where `deployUnit` would put everything with the templates approved now. Checks nothing else, so the
    /// Class need not exist yet.
    /// @dev Only classId, slug and salt matter. Reverts: `TemplateNotApproved`.
    function predictUnit(bytes32 classId, UnitParams calldata p)
        external
        view
        returns (UnitAddresses memory at)
    {
        Site memory site = Site(unitIdOf(classId, p.slug), p.salt);
        at.unit = _predict(_unit(), site, "");
        at.subscribeQueue = _predict(_queue("SubscribeQueue"), site, "");
        at.redeemQueue = _predict(_queue("RedeemQueue"), site, "");
    }

    /// @notice The id of a Class.
    function classIdOf(bytes32 haloId, string calldata slug) public pure returns (bytes32) {
        return keccak256(abi.encode(haloId, keccak256(bytes(slug))));
    }

    /// @notice The id of a Unit.
    function unitIdOf(bytes32 classId, string calldata slug) public pure returns (bytes32) {
        return keccak256(abi.encode(classId, keccak256(bytes(slug))));
    }

    function _deployParts(Site memory site) private returns (ClassAddresses memory at) {
        bytes memory self = abi.encode(address(this));
        at.almProxy = _deploy(_pau("ALMProxy"), site, self);
        at.rateLimits = _deploy(_pau("RateLimits"), site, self);
        at.acl = _deploy(_pau("AccessControls"), site, self);
        at.controller = _deploy(_pau("ClassController"), site, "");
        at.freezerModule = _deploy(_freezerModule(), site, abi.encode(at.acl));
        at.book = _deploy(_book(), site, "");
        at.reporter = _deploy(_reporter(), site, "");
    }

    function _wire(ClassParams calldata p, ClassAddresses memory at) private {
        ControllerLike(at.controller).initialize(at.acl, facetBeacon, at.almProxy, at.rateLimits, templates);
        BookLike(at.book)
            .initialize(
                BookInit({
                acl: at.acl,
                reporter: at.reporter,
                asset: p.asset,
                mode: p.book.mode,
                maxUpBpsPerDay: p.book.maxUpBpsPerDay,
                reviewDownBps: p.book.reviewDownBps,
                maxReportAge: p.book.maxReportAge,
                factory: address(this),
                ledger: address(0)
            })
            );
        ReporterLike(at.reporter)
            .initialize(
                ReporterInit({
                acl: at.acl,
                book: at.book,
                attestors: p.attestors,
                threshold: p.threshold,
                costToleranceBps: 0,
                ledger: address(0)
            })
            );
        // The Controller takes an empty list for a mistake; a Class without facets is allowed.
        if (p.facets.length != 0) ControllerLike(at.controller).syncIntegrations(new bytes32[](0), p.facets);
        if (p.psm.psm != address(0)) ControllerLike(at.controller).psm_setConfig(p.psm);
    }

    function _setLimits(Limit[] calldata limits, address rateLimits) private {
        for (uint256 i; i < limits.length; ++i) {
            Limit calldata limit = limits[i];
            if (limit.maxAmount == type(uint256).max) {
                LimitsLike(rateLimits).setUnlimitedRateLimitData(limit.key);
            } else {
                LimitsLike(rateLimits)
                    .setRateLimitData(
                        limit.key, limit.maxAmount, limit.slope, limit.maxAmount, block.timestamp
                    );
            }
        }
    }

    function _grant(ClassParams calldata p, ClassAddresses memory at) private {
        AclLike acl = AclLike(at.acl);
        acl.grantRole(Roles.ALLOCATOR, p.relayer);
        acl.grantRole(Roles.SETTLER, p.settler);
        acl.grantRole(Roles.CONSERVER, p.conserver);
        acl.grantRole(Roles.REVOKER, at.freezerModule);
        acl.setRoleRevoker(Roles.ALLOCATOR, Roles.REVOKER);
        acl.setRoleRevoker(Roles.SETTLER, Roles.REVOKER);
        for (uint256 i; i < p.freezers.length; ++i) {
            acl.grantRole(Roles.FREEZER, p.freezers[i]);
        }
        RolesLike(at.almProxy).grantRole(CONTROLLER_ROLE, at.controller);
        RolesLike(at.rateLimits).grantRole(CONTROLLER_ROLE, at.controller);
        for (uint256 i; i < p.admins.length; ++i) {
            acl.grantRole(Roles.DEFAULT_ADMIN, p.admins[i]);
            RolesLike(at.almProxy).grantRole(Roles.DEFAULT_ADMIN, p.admins[i]);
            RolesLike(at.rateLimits).grantRole(Roles.DEFAULT_ADMIN, p.admins[i]);
        }
    }

    /// @dev Gives up every role and counts the members of each, so that nothing more and nothing less was granted.
    function _renounce(ClassParams calldata p, ClassAddresses memory at) private {
        _renounceAdmin(at.acl, p.admins.length);
        _renounceAdmin(at.almProxy, p.admins.length);
        _renounceAdmin(at.rateLimits, p.admins.length);
        _requireMembers(at.acl, Roles.ALLOCATOR, 1);
        _requireMembers(at.acl, Roles.SETTLER, 1);
        _requireMembers(at.acl, Roles.CONSERVER, 1);
        _requireMembers(at.acl, Roles.REVOKER, 1);
        _requireMembers(at.acl, Roles.FREEZER, p.freezers.length);
        _requireMembers(at.almProxy, CONTROLLER_ROLE, 1);
        _requireMembers(at.rateLimits, CONTROLLER_ROLE, 1);
    }

    function _renounceAdmin(address at, uint256 admins) private {
        RolesLike(at).renounceRole(Roles.DEFAULT_ADMIN, address(this));
        if (RolesLike(at).hasRole(Roles.DEFAULT_ADMIN, address(this))) revert RenounceFailed(at);
        _requireMembers(at, Roles.DEFAULT_ADMIN, admins);
    }

    function _emitClass(ClassParams calldata p, ClassAddresses memory at, bytes32 classId, bytes32 paramsHash)
        private
    {
        bytes32 templateSet = keccak256(
            abi.encode(
                at.controller.codehash,
                at.almProxy.codehash,
                at.rateLimits.codehash,
                at.acl.codehash,
                at.freezerModule.codehash,
                at.book.codehash,
                at.reporter.codehash
            )
        );
        emit ClassDeployed(
            classId,
            p.haloId,
            templateSet,
            at,
            paramsHash,
            p.artifactId,
            p.slug,
            abi.encode(METADATA_VERSION, p)
        );
    }

    function _emitUnit(UnitParams calldata p, UnitAddresses memory at, bytes32 classId, address asset)
        private
    {
        bytes memory metadata = abi.encode(METADATA_VERSION, p);
        emit UnitDeployed(
            unitIdOf(classId, p.slug),
            classId,
            at.unit,
            at.subscribeQueue,
            at.redeemQueue,
            p.tranche,
            asset,
            keccak256(abi.encode(p)),
            p.artifactId,
            p.slug,
            metadata
        );
    }

    function _requireApproval(ArtifactKind kind, bytes32 subjectId, bytes32 artifactId, bytes32 paramsHash)
        private
        view
    {
        if (artifactId != keccak256(abi.encode(kind, subjectId))) revert ArtifactNotActive(artifactId);
        (,, bytes32 approved, ArtifactStatus status) = ArtifactsLike(artifacts).head(artifactId);
        if (status != ArtifactStatus.ACTIVE) revert ArtifactNotActive(artifactId);
        if (approved != paramsHash) revert ParamsHashMismatch(approved, paramsHash);
    }

    function _requireMembers(address at, bytes32 role, uint256 count) private view {
        if (RolesLike(at).getRoleMemberCount(role) != count) revert RenounceFailed(at);
    }

    function _unitInit(UnitParams calldata p, ClassRecord memory class_, UnitAddresses memory at)
        private
        view
        returns (UnitInit memory)
    {
        return UnitInit({
            name: p.name,
            symbol: p.symbol,
            asset: class_.asset,
            acl: class_.at.acl,
            book: class_.at.book,
            classProxy: class_.at.almProxy,
            registry: units,
            subscribeQueue: at.subscribeQueue,
            redeemQueue: at.redeemQueue,
            tranche: p.tranche,
            cap: p.cap,
            epochSubscribeCap: p.epochSubscribeCap,
            epochRedeemCap: p.epochRedeemCap,
            minSubscribe: p.minSubscribe,
            minRedeem: p.minRedeem,
            minEpochGap: p.minEpochGap,
            maxLock: p.maxLock,
            clock: p.clock,
            open: p.open,
            entrants: p.entrants,
            holders: p.holders
        });
    }

    function _pau(string memory name) private pure returns (Part memory) {
        return Part(TemplateKind.CLASS_PAU, name, bytes32(bytes(name)));
    }

    function _freezerModule() private pure returns (Part memory) {
        return Part(TemplateKind.GUARD, "FreezerModule", "FreezerModule");
    }

    function _book() private pure returns (Part memory) {
        return Part(TemplateKind.BOOK, "HaloBook", "HaloBook");
    }

    function _reporter() private pure returns (Part memory) {
        return Part(TemplateKind.REPORTER, "PositionReporter", "PositionReporter");
    }

    function _unit() private pure returns (Part memory) {
        return Part(TemplateKind.UNIT, "HaloUnit", "HaloUnit");
    }

    function _queue(bytes32 component) private pure returns (Part memory) {
        return Part(TemplateKind.QUEUE, "LctsQueue", component);
    }
}
