// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import { Roles } from "src/pau/Roles.sol";
import { Governed } from "src/registry/Governed.sol";
import { Onboarding, RolesLike } from "src/registry/Onboarding.sol";
import {
    ClassAddresses,
    ClassRecord,
    Halo,
    Prime,
    Standing,
    UnitAddresses,
    UnitRecord
} from "src/registry/RegistryTypes.sol";

interface SubscribableLike {
    function setSubscribeUntil(uint64 until) external;
}

/// @title UnitRegistry
/// @notice Primes, Halos, their Classes and Units: what the factory made, where it stands, and whether it is
/// properly onboarded now. Units take subscriptions only while this registry lets them.
contract UnitRegistry is Governed, ReentrancyGuardTransient {
    error NotFactory(address caller);
    error NotGuardian(address caller);
    error EmptySlug();
    error UnknownPrime(bytes32 primeId);
    error UnknownHalo(bytes32 haloId);
    error UnknownClass(bytes32 classId);
    error UnknownUnit(bytes32 unitId);
    error AlreadyRegistered(bytes32 id);
    error ProxyTaken(address proxy);
    error WrongStanding(Standing standing);
    error NotOnboarded(uint8 mask, bool fundable);

    event FactorySet(address indexed factory);
    event PrimeRegistered(
        bytes32 indexed primeId, string slug, address proxy, address rateLimits, address controller
    );
    event HaloRegistered(bytes32 indexed haloId, bytes32 indexed primeId, string slug, address proxy);
    event ClassRegistered(
        bytes32 indexed classId, bytes32 indexed haloId, ClassAddresses at, bytes32 paramsHash
    );
    event UnitRegistered(
        bytes32 indexed unitId, bytes32 indexed classId, UnitAddresses at, uint8 tranche, bytes32 paramsHash
    );
    event UnitStateChanged(bytes32 indexed unitId, Standing from, Standing to, bytes32 reasonHash);
    event UnitPoked(bytes32 indexed unitId, uint8 mask, uint64 subscribeUntil);

    /// @notice How long one poke keeps subscriptions open, seconds: a day and some slack.
    uint64 public constant POKE_WINDOW = 26 hours;

    uint8 private constant ONBOARDED = Onboarding.FACTORY | Onboarding.SENTINEL | Onboarding.REPORTING;

    /// @notice The factory that may register; records name the factory that made them.
    address public factory;

    Onboarding.Sources private _sources;
    mapping(bytes32 primeId => Prime) private _primes;
    mapping(bytes32 haloId => Halo) private _halos;
    mapping(bytes32 classId => ClassRecord) private _classes;
    mapping(bytes32 unitId => UnitRecord) private _units;
    mapping(address proxy => bytes32 primeId) private _primeOf;
    mapping(address unit => bytes32 unitId) private _unitOf;
    bytes32[] private _primeIds;
    bytes32[] private _haloIds;
    bytes32[] private _classIds;
    bytes32[] private _unitIds;
    mapping(bytes32 classId => bytes32[] unitIds) private _unitsOf;

    /// @param admin_ Sky's pause proxy.
    /// @param templates TemplateRegistry that judges code hashes.
    /// @param beacons BeaconRegistry that knows the operators.
    /// @param artifacts ArtifactRegistry that anchors the documents.
    constructor(address admin_, address templates, address beacons, address artifacts) Governed(admin_) {
        _requireAddress(templates, "templates");
        _requireAddress(beacons, "beacons");
        _requireAddress(artifacts, "artifacts");
        _sources = Onboarding.Sources(templates, beacons, artifacts);
    }

    /// @notice Names the factory whose deployments are registered from now on.
    /// @dev Access: admin. Reverts: `NotAdmin`, `ZeroAddress`.
    function setFactory(address factory_) external onlyAdmin {
        _requireAddress(factory_, "factory");
        factory = factory_;
        emit FactorySet(factory_);
    }

    /// @notice Registers a Prime, or renews its record after a move of its PAU.
    /// @param slug Its name; the id is keccak256 of it.
    /// @param proxy Its ALMProxy, the entrant of Units.
    /// @param rateLimits Where its limits for Units are read.
    /// @param controller Its Controller.
    /// @dev Access: admin. Reverts: `NotAdmin`, `EmptySlug`, `ZeroAddress`, `ProxyTaken` (by another Prime).
    function registerPrime(string calldata slug, address proxy, address rateLimits, address controller)
        external
        onlyAdmin
        returns (bytes32 primeId)
    {
        _requireAddress(proxy, "proxy");
        _requireAddress(rateLimits, "rateLimits");
        _requireAddress(controller, "controller");
        primeId = _idOf(slug);
        bytes32 holder = _primeOf[proxy];
        if (holder != 0 && holder != primeId) revert ProxyTaken(proxy);

        Prime storage prime = _primes[primeId];
        if (prime.registeredAt == 0) _primeIds.push(primeId);
        else delete _primeOf[prime.proxy];
        _primes[primeId] = Prime(proxy, uint64(block.timestamp), rateLimits, controller);
        _primeOf[proxy] = primeId;
        emit PrimeRegistered(primeId, slug, proxy, rateLimits, controller);
    }

    /// @notice Registers a Halo under a Prime.
    /// @param slug Its name; the id is keccak256 of it.
    /// @param proxy Its SubProxy, which must be an admin of each of its Classes.
    /// @dev Access: admin. Reverts: `NotAdmin`, `EmptySlug`, `ZeroAddress`, `UnknownPrime`, `AlreadyRegistered`.
    function registerHalo(string calldata slug, bytes32 primeId, address proxy)
        external
        onlyAdmin
        returns (bytes32 haloId)
    {
        _requireAddress(proxy, "proxy");
        haloId = _idOf(slug);
        if (_primes[primeId].registeredAt == 0) revert UnknownPrime(primeId);
        if (_halos[haloId].registeredAt != 0) revert AlreadyRegistered(haloId);
        _halos[haloId] = Halo(primeId, proxy, uint64(block.timestamp));
        _haloIds.push(haloId);
        emit HaloRegistered(haloId, primeId, slug, proxy);
    }

    /// @notice Records a Class that the factory has just made.
    /// @dev Access: factory. Reverts: `NotFactory`, `UnknownHalo`, `AlreadyRegistered`.
    function registerClass(
        bytes32 classId,
        bytes32 haloId,
        ClassAddresses calldata at,
        address asset,
        bytes32 paramsHash
    ) external {
        _requireFactory();
        if (_halos[haloId].registeredAt == 0) revert UnknownHalo(haloId);
        if (_classes[classId].registeredAt != 0) revert AlreadyRegistered(classId);
        _classes[classId] = ClassRecord({
            haloId: haloId,
            paramsHash: paramsHash,
            at: at,
            asset: asset,
            registeredAt: uint64(block.timestamp),
            factory: msg.sender
        });
        _classIds.push(classId);
        emit ClassRegistered(classId, haloId, at, paramsHash);
    }

    /// @notice Records a Unit that the factory has just made, as PENDING.
    /// @dev Access: factory. Reverts: `NotFactory`, `UnknownClass`, `AlreadyRegistered`.
    function registerUnit(
        bytes32 unitId,
        bytes32 classId,
        UnitAddresses calldata at,
        uint8 tranche,
        bytes32 paramsHash
    ) external {
        _requireFactory();
        if (_classes[classId].registeredAt == 0) revert UnknownClass(classId);
        if (_units[unitId].standing != Standing.NONE) revert AlreadyRegistered(unitId);
        _units[unitId] = UnitRecord({
            classId: classId,
            paramsHash: paramsHash,
            at: at,
            registeredAt: uint64(block.timestamp),
            standing: Standing.PENDING,
            tranche: tranche,
            mask: 0,
            pokedAt: 0
        });
        _unitOf[at.unit] = unitId;
        _unitIds.push(unitId);
        _unitsOf[classId].push(unitId);
        emit UnitRegistered(unitId, classId, at, tranche, paramsHash);
        emit UnitStateChanged(unitId, Standing.NONE, Standing.PENDING, 0);
    }

    /// @notice Opens a PENDING or SUSPENDED Unit for subscriptions.
    /// @dev Access: admin. Reverts: `NotAdmin`, `UnknownUnit`, `WrongStanding`, `NotOnboarded` unless bits 0 to 2
    /// hold and the Class can fund the Unit's redemptions.
    function activate(bytes32 unitId) external nonReentrant onlyAdmin {
        UnitRecord storage unit_ = _known(unitId);
        Standing from = unit_.standing;
        if (from != Standing.PENDING && from != Standing.SUSPENDED) revert WrongStanding(from);
        bool fundable = Onboarding.isFundable(_classes[unit_.classId], unit_.at.unit);
        _move(unitId, unit_, Standing.ACTIVE, 0);
        uint8 mask = _poke(unitId, unit_);
        if (mask != ONBOARDED || !fundable) revert NotOnboarded(mask, fundable);
    }

    /// @notice Looks again: a Unit that is ACTIVE and has bits 0 to 2 takes subscriptions for 26 hours from now,
    /// any other takes none.
    /// @return mask Bits 0 to 2 of the onboarding mask.
    /// @dev Access: anyone; the settler does it daily. Reverts: `UnknownUnit`.
    function poke(bytes32 unitId) external nonReentrant returns (uint8 mask) {
        return _poke(unitId, _known(unitId));
    }

    /// @notice Closes an ACTIVE Unit for subscriptions, at once. Exits go on.
    /// @param reasonHash Hash of the document that gives the reason.
    /// @dev Access: FREEZER or CONSERVER of the Class, council, admin. Reverts: `UnknownUnit`, `NotGuardian`,
    /// `WrongStanding`.
    function suspend(bytes32 unitId, bytes32 reasonHash) external nonReentrant {
        UnitRecord storage unit_ = _known(unitId);
        if (!_isGuardian(unit_.classId, msg.sender)) revert NotGuardian(msg.sender);
        if (unit_.standing != Standing.ACTIVE) revert WrongStanding(unit_.standing);
        _close(unitId, unit_, Standing.SUSPENDED, reasonHash);
    }

    /// @notice Ends a Unit's time as a target of allocations, for good. Exits go on.
    /// @dev Access: admin. Reverts: `NotAdmin`, `UnknownUnit`, `WrongStanding` when retired before.
    function retire(bytes32 unitId, bytes32 reasonHash) external nonReentrant onlyAdmin {
        UnitRecord storage unit_ = _known(unitId);
        if (unit_.standing == Standing.RETIRED) revert WrongStanding(Standing.RETIRED);
        _close(unitId, unit_, Standing.RETIRED, reasonHash);
    }

    /// @notice The onboarding mask as the chain is now; 15 means that this Prime may allocate.
    /// @param primeProxy ALMProxy of a registered Prime; bit 3 is off for any other address.
    /// @return mask Bit 0: factory-made of live templates. Bit 1: operators alive, a warden set. Bit 2: artifacts
    /// active and the book reported on. Bit 3: rate limits set on the Prime's and the Class's side.
    /// @dev 0 for an unknown Unit. Does not revert as long as the Class's contracts answer.
    function onboarding(bytes32 unitId, address primeProxy) external view returns (uint8 mask) {
        UnitRecord storage unit_ = _units[unitId];
        if (unit_.standing == Standing.NONE) return 0;
        ClassRecord storage class_ = _classes[unit_.classId];
        address unit = unit_.at.unit;
        mask = Onboarding.unitMask(_sources, class_, unit_, unitId);
        if (
            Onboarding.isReachable(_primes[_primeOf[primeProxy]], class_.asset, unit)
                && Onboarding.isFundable(class_, unit)
        ) mask |= Onboarding.LIMITS;
    }

    /// @notice Whether bits 0 to 2 hold now and the Class can fund the Unit's redemptions.
    function isProperlyOnboarded(bytes32 unitId) external view returns (bool) {
        UnitRecord storage unit_ = _units[unitId];
        if (unit_.standing == Standing.NONE) return false;
        ClassRecord storage class_ = _classes[unit_.classId];
        return Onboarding.unitMask(_sources, class_, unit_, unitId) == ONBOARDED
            && Onboarding.isFundable(class_, unit_.at.unit);
    }

    /// @notice The registries that the onboarding mask asks.
    function sources() external view returns (address templates, address beacons, address artifacts) {
        return (_sources.templates, _sources.beacons, _sources.artifacts);
    }

    /// @notice The Prime; all zero for an unknown id.
    function primeRecord(bytes32 primeId) external view returns (Prime memory) {
        return _primes[primeId];
    }

    /// @notice The Prime whose ALMProxy this is, or zero.
    function primeOf(address proxy) external view returns (bytes32 primeId) {
        return _primeOf[proxy];
    }

    /// @notice The Halo; all zero for an unknown id.
    function haloRecord(bytes32 haloId) external view returns (Halo memory) {
        return _halos[haloId];
    }

    /// @notice The Class; all zero for an unknown id.
    function classRecord(bytes32 classId) external view returns (ClassRecord memory) {
        return _classes[classId];
    }

    /// @notice The Unit; all zero for an unknown id.
    function unitRecord(bytes32 unitId) external view returns (UnitRecord memory) {
        return _units[unitId];
    }

    /// @notice The Unit at this address, or zero.
    function unitByAddress(address unit_) external view returns (bytes32 unitId) {
        return _unitOf[unit_];
    }

    /// @notice Number of Primes.
    function primeCount() external view returns (uint256) {
        return _primeIds.length;
    }

    /// @notice Id of the Prime registered as number `index`, from 0.
    function primeAt(uint256 index) external view returns (bytes32) {
        return _primeIds[index];
    }

    /// @notice Number of Halos.
    function haloCount() external view returns (uint256) {
        return _haloIds.length;
    }

    /// @notice Id of the Halo registered as number `index`, from 0.
    function haloAt(uint256 index) external view returns (bytes32) {
        return _haloIds[index];
    }

    /// @notice Number of Classes.
    function classCount() external view returns (uint256) {
        return _classIds.length;
    }

    /// @notice Id of the Class registered as number `index`, from 0.
    function classAt(uint256 index) external view returns (bytes32) {
        return _classIds[index];
    }

    /// @notice Number of Units.
    function unitCount() external view returns (uint256) {
        return _unitIds.length;
    }

    /// @notice Id of the Unit registered as number `index`, from 0.
    function unitAt(uint256 index) external view returns (bytes32) {
        return _unitIds[index];
    }

    /// @notice Ids of a Class's Units, in order of registration.
    function unitsOf(bytes32 classId) external view returns (bytes32[] memory) {
        return _unitsOf[classId];
    }

    function _poke(bytes32 unitId, UnitRecord storage unit_) private returns (uint8 mask) {
        mask = Onboarding.unitMask(_sources, _classes[unit_.classId], unit_, unitId);
        uint64 until;
        if (unit_.standing == Standing.ACTIVE && mask == ONBOARDED) {
            until = uint64(block.timestamp) + POKE_WINDOW;
        }
        unit_.mask = mask;
        unit_.pokedAt = uint64(block.timestamp);
        emit UnitPoked(unitId, mask, until);
        SubscribableLike(unit_.at.unit).setSubscribeUntil(until);
    }

    function _close(bytes32 unitId, UnitRecord storage unit_, Standing to, bytes32 reasonHash) private {
        _move(unitId, unit_, to, reasonHash);
        SubscribableLike(unit_.at.unit).setSubscribeUntil(0);
    }

    function _move(bytes32 unitId, UnitRecord storage unit_, Standing to, bytes32 reasonHash) private {
        emit UnitStateChanged(unitId, unit_.standing, to, reasonHash);
        unit_.standing = to;
    }

    function _requireFactory() private view {
        if (msg.sender != factory) revert NotFactory(msg.sender);
    }

    function _isGuardian(bytes32 classId, address account) private view returns (bool) {
        if (account == admin || account == council) return true;
        RolesLike acl = RolesLike(_classes[classId].at.acl);
        return acl.hasRole(Roles.FREEZER, account) || acl.hasRole(Roles.CONSERVER, account);
    }

    function _known(bytes32 unitId) private view returns (UnitRecord storage unit_) {
        unit_ = _units[unitId];
        if (unit_.standing == Standing.NONE) revert UnknownUnit(unitId);
    }

    function _idOf(string calldata slug) private pure returns (bytes32) {
        if (bytes(slug).length == 0) revert EmptySlug();
        return keccak256(bytes(slug));
    }
}
