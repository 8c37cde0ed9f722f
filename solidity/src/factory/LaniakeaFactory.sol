// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import { BookInit } from "src/book/HaloBook.sol";
import { ReporterInit } from "src/book/PositionReporter.sol";
import { Pau } from "src/configurator/BeamTypes.sol";
import { GuardInit } from "src/emergency/EmergencyTypes.sol";
import { Approvals } from "src/factory/Approvals.sol";
import { ClassParams, Endpoint, FactoryCore, Limit, UnitParams } from "src/factory/FactoryTypes.sol";
import { Parts } from "src/factory/Parts.sol";
import { TemplateDeployer } from "src/factory/TemplateDeployer.sol";
import { UnitInit } from "src/lcts/UnitTypes.sol";
import { EndpointConfig, LedgerInit } from "src/offramp/OfframpTypes.sol";
import { PsmConfig } from "src/pau/PauTypes.sol";
import { Roles } from "src/pau/Roles.sol";
import { ArtifactKind } from "src/registry/ArtifactRegistry.sol";
import { Governed } from "src/registry/Governed.sol";
import { ClassAddresses, ClassRecord, Halo, UnitAddresses } from "src/registry/RegistryTypes.sol";

interface ChecksLike {
    function checkClass(ClassParams calldata p, address haloProxy) external view;
    function checkUnit(UnitParams calldata p, address classProxy, address book, address primes) external view;
}

interface BeaconsLike {
    function isBound(bytes32 id, address operator, bytes32 subject) external view returns (bool);
}

interface UnitsLike {
    function haloRecord(bytes32 haloId) external view returns (Halo memory);
    function classRecord(bytes32 classId) external view returns (ClassRecord memory);
    function registerClass(bytes32 classId, ClassRecord calldata record) external;
    function registerUnit(
        bytes32 unitId,
        bytes32 classId,
        UnitAddresses calldata at,
        uint8 tranche,
        bytes32 paramsHash
    ) external;
}

interface RolesLike {
    function initialize(address admin) external;
    function grantRole(bytes32 role, address account) external;
    function renounceRole(bytes32 role, address account) external;
    function hasRole(bytes32 role, address account) external view returns (bool);
    function getRoleMemberCount(bytes32 role) external view returns (uint256);
    function setGuard(address guard) external;
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
    function offramp_setLedger(address ledger) external;
}

interface BookLike {
    function initialize(BookInit calldata p) external;
    function addUnit(address unit, uint8 tranche, uint16 annualBps, uint16 minCoverBps) external;
}

interface ReporterLike {
    function initialize(ReporterInit calldata p) external;
}

interface LedgerLike {
    function initialize(LedgerInit calldata p) external;
    function setEndpoint(EndpointConfig calldata config) external;
    function seal() external;
}

interface BufferLike {
    function initialize(address almProxy) external;
}

interface GuardLike {
    function initialize(GuardInit calldata p) external;
}

interface RegistrarLike {
    function register(address almProxy, Pau calldata pau) external returns (bytes32 operationId);
}

interface UnitLike {
    function initialize(UnitInit calldata p) external;
}

/// @title LaniakeaFactory
/// @notice Deploys Classes and Units from approved templates, with parameters that governance approved as the hash in
/// an active artifact, and keeps no role in what it made. Whoever presses the button changes nothing.
contract LaniakeaFactory is Governed, Approvals, TemplateDeployer, ReentrancyGuardTransient {
    error NotDeployer(address caller);
    error UnknownHalo(bytes32 haloId);
    error UnknownClass(bytes32 classId);
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
    bytes32 private constant LIMIT_SETTER = keccak256("LIMIT_SETTER");
    bytes32 private constant OFFRAMP_FACET = "OFFRAMP_FACET";

    /// @notice BeaconRegistry that knows the settlers.
    address public beacons;
    /// @notice UnitRegistry that records what is made.
    address public units;
    /// @notice FacetBeacon that the Controllers take their wires from.
    address public facetBeacon;
    /// @notice DeploymentChecks, which all parameters pass.
    address public checks;
    /// @notice Configurator of the Classes that want one.
    address public configurator;
    /// @notice PauRegistrar, which puts their PAUs before its timelock.
    address public registrar;
    /// @notice Who may deploy what governance has approved.
    mapping(address account => bool) public isDeployer;

    modifier onlyDeployer() {
        if (!isDeployer[msg.sender]) revert NotDeployer(msg.sender);
        _;
    }

    /// @param admin_ Sky's pause proxy.
    /// @param core The singletons that the factory works with; none may be zero.
    constructor(address admin_, FactoryCore memory core)
        Governed(admin_)
        Approvals(core.artifacts)
        TemplateDeployer(core.templates)
    {
        _requireAddress(core.templates, "templates");
        _requireAddress(core.artifacts, "artifacts");
        _requireAddress(core.beacons, "beacons");
        _requireAddress(core.units, "units");
        _requireAddress(core.facetBeacon, "facetBeacon");
        _requireAddress(core.checks, "checks");
        _requireAddress(core.configurator, "configurator");
        _requireAddress(core.registrar, "registrar");
        beacons = core.beacons;
        units = core.units;
        facetBeacon = core.facetBeacon;
        checks = core.checks;
        configurator = core.configurator;
        registrar = core.registrar;
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

    /// @notice Makes and registers a Class: PAU, Book, reporter, off-ramp ledger with its endpoints, and guard, wired,
    /// with its roles and limits; and puts its PAU before the Configurator's timelock if it is to have one.
    /// @dev Access: deployer. All or nothing. Reverts: `NotDeployer`, `UnknownHalo`, `ArtifactNotActive`,
    /// `ParamsHashMismatch`, `BeaconMismatch`, `AlreadyDeployed`, `CodeHashMismatch`, `RenounceFailed`, those of
    /// `DeploymentChecks`, and `TemplateNotApproved` and those of the parts from below: `TooManyMembers` for more than 14
    /// admins (guard and factory count beside them) or 16 freezers.
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
        ChecksLike(checks).checkClass(p, haloProxy);
        if (!BeaconsLike(beacons).isBound(p.beaconId, p.settler, classId)) revert BeaconMismatch(p.beaconId);

        Site memory site = Site(classId, p.salt);
        at = _deployParts(site);
        _wire(p, at);
        _wireLedger(p, at, site);
        _guard(p, at, classId);
        _setLimits(p.limits, at.rateLimits);
        _grant(p, at);
        _renounce(p, at);
        _register(p, at, classId, paramsHash);
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
        ChecksLike(checks).checkUnit(p, class_.at.almProxy, class_.at.book, units);

        Site memory site = Site(unitId, p.salt);
        at.unit = _deploy(Parts.unit(), site, "");
        at.subscribeQueue = _deploy(Parts.queue("SubscribeQueue"), site, "");
        at.redeemQueue = _deploy(Parts.queue("RedeemQueue"), site, "");
        UnitLike(at.unit).initialize(_unitInit(p, class_, at));
        BookLike(class_.at.book).addUnit(at.unit, p.tranche, p.annualBps, p.minCoverBps);
        UnitsLike(units).registerUnit(unitId, classId, at, p.tranche, paramsHash);
        _emitUnit(p, at, classId, class_.asset);
    }

    /// @notice Where `deployClass` would put everything with the templates approved now. Checks nothing else.
    /// @dev Only haloId, slug and salt matter. Reverts: `TemplateNotApproved`.
    function predictClass(ClassParams calldata p) external view returns (ClassAddresses memory at) {
        Site memory site = Site(classIdOf(p.haloId, p.slug), p.salt);
        at.almProxy = _predict(Parts.pau("ClassALMProxy"), site, "");
        at.rateLimits = _predict(Parts.pau("ClassRateLimits"), site, "");
        at.acl = _predict(Parts.pau("ClassAccessControls"), site, "");
        at.controller = _predict(Parts.pau("ClassController"), site, "");
        at.freezerModule = _predict(Parts.freezerModule(), site, abi.encode(at.acl));
        at.book = _predict(Parts.book(), site, "");
        at.reporter = _predict(Parts.reporter(), site, "");
        at.ledger = _predict(Parts.ledger(), site, "");
        at.guard = _predict(Parts.emergencyGuard(), site, "");
    }

    /// @notice Where `deployClass` would put the buffers of the Class's endpoints, in their order.
    /// @dev Only haloId, slug, salt and the endpoints' targets matter. Reverts: `TemplateNotApproved`.
    function predictBuffers(ClassParams calldata p) external view returns (address[] memory buffers) {
        Site memory site = Site(classIdOf(p.haloId, p.slug), p.salt);
        buffers = new address[](p.endpoints.length);
        for (uint256 i; i < buffers.length; ++i) {
            buffers[i] = _predict(Parts.buffer(p.endpoints[i].target), site, "");
        }
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
        at.unit = _predict(Parts.unit(), site, "");
        at.subscribeQueue = _predict(Parts.queue("SubscribeQueue"), site, "");
        at.redeemQueue = _predict(Parts.queue("RedeemQueue"), site, "");
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
        at.almProxy = _deploy(Parts.pau("ClassALMProxy"), site, "");
        at.rateLimits = _deploy(Parts.pau("ClassRateLimits"), site, "");
        at.acl = _deploy(Parts.pau("ClassAccessControls"), site, "");
        at.controller = _deploy(Parts.pau("ClassController"), site, "");
        at.freezerModule = _deploy(Parts.freezerModule(), site, abi.encode(at.acl));
        at.book = _deploy(Parts.book(), site, "");
        at.reporter = _deploy(Parts.reporter(), site, "");
        at.ledger = _deploy(Parts.ledger(), site, "");
        at.guard = _deploy(Parts.emergencyGuard(), site, "");
    }

    function _wire(ClassParams calldata p, ClassAddresses memory at) private {
        RolesLike(at.almProxy).initialize(address(this));
        RolesLike(at.rateLimits).initialize(address(this));
        RolesLike(at.acl).initialize(address(this));
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
                ledger: at.ledger
            })
            );
        ReporterLike(at.reporter)
            .initialize(
                ReporterInit({
                acl: at.acl,
                book: at.book,
                attestors: p.attestors,
                threshold: p.threshold,
                costToleranceBps: p.book.costToleranceBps,
                ledger: at.ledger
            })
            );
        // The Controller takes an empty list for a mistake; a Class without facets is allowed.
        if (p.facets.length != 0) ControllerLike(at.controller).syncIntegrations(new bytes32[](0), p.facets);
        if (p.psm.psm != address(0)) ControllerLike(at.controller).psm_setConfig(p.psm);
    }

    /// @dev The ledger with its endpoints, each with its buffer; then the factory gives up its right to set more.
    function _wireLedger(ClassParams calldata p, ClassAddresses memory at, Site memory site) private {
        LedgerLike ledger = LedgerLike(at.ledger);
        ledger.initialize(
            LedgerInit({
                acl: at.acl,
                controller: at.controller,
                almProxy: at.almProxy,
                reporter: at.reporter,
                book: at.book,
                factory: address(this),
                bufferHash: _instanceHash(Parts.buffer(address(0)))
            })
        );
        for (uint256 i; i < p.facets.length; ++i) {
            if (p.facets[i] == OFFRAMP_FACET) ControllerLike(at.controller).offramp_setLedger(at.ledger);
        }
        for (uint256 i; i < p.endpoints.length; ++i) {
            Endpoint calldata endpoint = p.endpoints[i];
            address buffer = _deploy(Parts.buffer(endpoint.target), site, "");
            BufferLike(buffer).initialize(at.almProxy);
            ledger.setEndpoint(
                EndpointConfig({
                    target: endpoint.target,
                    kind: endpoint.kind,
                    assets: endpoint.assets,
                    buffer: buffer,
                    maxInFlight: endpoint.maxInFlight,
                    maxSlippage: endpoint.maxSlippage,
                    rechargeRate: endpoint.rechargeRate,
                    kycHash: endpoint.kycHash
                })
            );
        }
        ledger.seal();
    }

    function _guard(ClassParams calldata p, ClassAddresses memory at, bytes32 classId) private {
        GuardLike(at.guard)
            .initialize(
                GuardInit({
                acl: at.acl,
                almProxy: at.almProxy,
                rateLimits: at.rateLimits,
                controller: at.controller,
                book: at.book,
                ledger: at.ledger,
                registry: units,
                classId: classId,
                sky: admin,
                takeoverDelay: p.takeoverDelay
            })
            );
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
        acl.setRoleRevoker(Roles.FREEZER, Roles.REVOKER);
        if (p.configurator) {
            acl.grantRole(Roles.REVOKER, configurator);
            acl.grantRole(Roles.PARAM_ADMIN, configurator);
            RolesLike(at.rateLimits).grantRole(LIMIT_SETTER, configurator);
        }
        RolesLike(at.almProxy).grantRole(CONTROLLER_ROLE, at.controller);
        RolesLike(at.rateLimits).grantRole(CONTROLLER_ROLE, at.controller);
        address[3] memory lists = [at.acl, at.almProxy, at.rateLimits];
        for (uint256 i; i < lists.length; ++i) {
            // From here on conserver and revokers are the guard's to name, and no role grows beyond what it can suspend.
            RolesLike(lists[i]).setGuard(at.guard);
            for (uint256 j; j < p.admins.length; ++j) {
                RolesLike(lists[i]).grantRole(Roles.DEFAULT_ADMIN, p.admins[j]);
            }
        }
        for (uint256 i; i < p.freezers.length; ++i) {
            acl.grantRole(Roles.FREEZER, p.freezers[i]);
        }
    }

    /// @dev Gives up every role and counts the members of each, so that nothing more and nothing less was granted.
    function _renounce(ClassParams calldata p, ClassAddresses memory at) private {
        uint256 admins = p.admins.length + 1; // and the guard
        uint256 configurators = p.configurator ? 1 : 0;
        address[3] memory lists = [at.acl, at.almProxy, at.rateLimits];
        for (uint256 i; i < lists.length; ++i) {
            RolesLike(lists[i]).renounceRole(Roles.DEFAULT_ADMIN, address(this));
            if (RolesLike(lists[i]).hasRole(Roles.DEFAULT_ADMIN, address(this))) {
                revert RenounceFailed(lists[i]);
            }
            _requireMembers(lists[i], Roles.DEFAULT_ADMIN, admins);
        }
        _requireMembers(at.acl, Roles.ALLOCATOR, 1);
        _requireMembers(at.acl, Roles.SETTLER, 1);
        _requireMembers(at.acl, Roles.CONSERVER, 1);
        _requireMembers(at.acl, Roles.REVOKER, 1 + configurators);
        _requireMembers(at.acl, Roles.PARAM_ADMIN, configurators);
        _requireMembers(at.acl, Roles.FREEZER, p.freezers.length);
        _requireMembers(at.almProxy, CONTROLLER_ROLE, 1);
        _requireMembers(at.rateLimits, CONTROLLER_ROLE, 1);
        _requireMembers(at.rateLimits, LIMIT_SETTER, configurators);
    }

    /// @dev The registry knows the Class at once; the Configurator only after its timelock, where it can be cancelled.
    function _register(ClassParams calldata p, ClassAddresses memory at, bytes32 classId, bytes32 paramsHash)
        private
    {
        UnitsLike(units)
            .registerClass(
                classId,
                ClassRecord({
                haloId: p.haloId,
                paramsHash: paramsHash,
                beaconId: p.beaconId,
                legalFrameHash: p.legalFrameHash,
                at: at,
                asset: p.asset,
                registeredAt: 0,
                factory: address(0)
            })
            );
        if (p.configurator) {
            RegistrarLike(registrar).register(at.almProxy, Pau(at.controller, at.rateLimits, at.acl, classId));
        }
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
                at.reporter.codehash,
                at.ledger.codehash,
                at.guard.codehash
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
}
