// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import { BlobStore } from "src/factory/BlobStore.sol";
import { Roles } from "src/pau/Roles.sol";
import { Governed } from "src/registry/Governed.sol";
import { Onboarding, RolesLike } from "src/registry/Onboarding.sol";
import {
    ClassAddresses,
    ClassRecord,
    Halo,
    LegacyRecord,
    Prime,
    Standing,
    UnitAddresses,
    UnitRecord
} from "src/registry/RegistryTypes.sol";

interface SubscribableLike {
    function setSubscribeUntil(uint64 until) external;
}

interface BookTermsLike {
    function termsOf(address unit)
        external
        view
        returns (
            bool member,
            uint8 tranche,
            uint16 annualBps,
            uint16 minCoverBps,
            uint128 supply,
            uint64 accruedAt,
            uint256 target
        );
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
        bytes32 indexed classId,
        bytes32 indexed haloId,
        ClassAddresses at,
        bytes32 paramsHash,
        bytes32 beaconId,
        bytes32 legalFrameHash
    );
    event UnitRegistered(
        bytes32 indexed unitId, bytes32 indexed classId, UnitAddresses at, uint8 tranche, bytes32 paramsHash
    );
    event LegacyRegistered(
        bytes32 indexed legacyId,
        bytes32 indexed haloId,
        string slug,
        address unit,
        bool conforms,
        bytes32 docHash
    );
    event BeamStateSet(address indexed beamState);
    event UnitStateChanged(bytes32 indexed unitId, Standing from, Standing to, bytes32 reasonHash);
    event UnitPoked(bytes32 indexed unitId, uint8 mask, uint64 subscribeUntil);

    /// @dev What changes of a Unit. The rest of its record, and the whole of a Class's, never does and is kept as code:
    /// half the price to write, a fifth to read.
    struct Entry {
        address blob;
        Standing standing;
        uint8 mask;
        uint64 pokedAt;
    }

    /// @notice How long one poke keeps subscriptions open, seconds: a day and some slack.
    uint64 public constant POKE_WINDOW = 26 hours;

    uint8 private constant ONBOARDED = Onboarding.FACTORY | Onboarding.SENTINEL | Onboarding.REPORTING;

    /// @notice The factory that may register; records name the factory that made them.
    address public factory;

    Onboarding.Sources private _sources;
    mapping(bytes32 primeId => Prime) private _primes;
    mapping(bytes32 haloId => Halo) private _halos;
    mapping(bytes32 classId => address blob) private _classes;
    mapping(bytes32 unitId => Entry) private _units;
    mapping(address proxy => bytes32 primeId) private _primeOf;
    mapping(address unit => bytes32 unitId) private _unitOf;
    bytes32[] private _primeIds;
    bytes32[] private _haloIds;
    bytes32[] private _classIds;
    bytes32[] private _unitIds;
    mapping(bytes32 haloId => bytes32[] classIds) private _classesOf;
    mapping(bytes32 classId => bytes32[] unitIds) private _unitsOf;
    mapping(bytes32 legacyId => LegacyRecord) private _legacies;
    bytes32[] private _legacyIds;

    /// @param admin_ Sky's pause proxy.
    /// @param templates TemplateRegistry that judges code hashes.
    /// @param beacons BeaconRegistry that knows the operators.
    /// @param artifacts ArtifactRegistry that anchors the documents.
    constructor(address admin_, address templates, address beacons, address artifacts) Governed(admin_) {
        _requireAddress(templates, "templates");
        _requireAddress(beacons, "beacons");
        _requireAddress(artifacts, "artifacts");
        _sources = Onboarding.Sources(templates, beacons, artifacts, address(0));
    }

    /// @notice Names the factory whose deployments are registered from now on.
    /// @dev Access: admin. Reverts: `NotAdmin`, `ZeroAddress`.
    function setFactory(address factory_) external onlyAdmin {
        _requireAddress(factory_, "factory");
        factory = factory_;
        emit FactorySet(factory_);
    }

    /// @notice Names the BeamState that must know a live init for every Prime's subscriptions. Until there is one,
    /// bit 3 of the mask asks for the limits alone.
    /// @dev Access: admin. Reverts: `NotAdmin`, `ZeroAddress`.
    function setBeamState(address beamState_) external onlyAdmin {
        _requireAddress(beamState_, "beamState");
        _sources.beamState = beamState_;
        emit BeamStateSet(beamState_);
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
    /// @param record The Class; what it says of time and factory does not count.
    /// @dev Access: factory. Reverts: `NotFactory`, `UnknownHalo`, `AlreadyRegistered`.
    function registerClass(bytes32 classId, ClassRecord memory record) external {
        _requireFactory();
        if (_halos[record.haloId].registeredAt == 0) revert UnknownHalo(record.haloId);
        if (_classes[classId] != address(0)) revert AlreadyRegistered(classId);
        (record.registeredAt, record.factory) = (uint64(block.timestamp), msg.sender);
        _classes[classId] = BlobStore.store(abi.encode(record));
        _classIds.push(classId);
        _classesOf[record.haloId].push(classId);
        emit ClassRegistered(
            classId, record.haloId, record.at, record.paramsHash, record.beaconId, record.legalFrameHash
        );
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
        if (_classes[classId] == address(0)) revert UnknownClass(classId);
        if (_units[unitId].standing != Standing.NONE) revert AlreadyRegistered(unitId);
        UnitRecord memory record = UnitRecord({
            classId: classId,
            paramsHash: paramsHash,
            at: at,
            registeredAt: uint64(block.timestamp),
            standing: Standing.PENDING,
            tranche: tranche,
            mask: 0,
            pokedAt: 0
        });
        _units[unitId] = Entry(BlobStore.store(abi.encode(record)), Standing.PENDING, 0, 0);
        _unitOf[at.unit] = unitId;
        _unitIds.push(unitId);
        _unitsOf[classId].push(unitId);
        emit UnitRegistered(unitId, classId, at, tranche, paramsHash);
        emit UnitStateChanged(unitId, Standing.NONE, Standing.PENDING, 0);
    }

    /// @notice Records a Unit from before the factory, or renews its record. It is no Unit of this registry: it has no
    /// standing, is never onboarded and never activated.
    /// @param slug Its name; the id is keccak256(abi.encode("legacy", haloId, keccak256(slug))).
    /// @param conforms Whether governance found that it keeps to the rules all the same.
    /// @param docHash Hash of the document that gives the reasons.
    /// @dev Access: admin. Reverts: `NotAdmin`, `EmptySlug`, `ZeroAddress`, `UnknownHalo`, `AlreadyRegistered` (the
    /// factory made that Unit).
    function registerLegacy(
        bytes32 haloId,
        string calldata slug,
        address unit,
        bool conforms,
        bytes32 docHash
    ) external onlyAdmin returns (bytes32 legacyId) {
        _requireAddress(unit, "unit");
        if (_halos[haloId].registeredAt == 0) revert UnknownHalo(haloId);
        if (_unitOf[unit] != 0) revert AlreadyRegistered(_unitOf[unit]);
        legacyId = keccak256(abi.encode("legacy", haloId, _idOf(slug)));
        if (_legacies[legacyId].registeredAt == 0) _legacyIds.push(legacyId);
        _legacies[legacyId] = LegacyRecord(haloId, unit, uint64(block.timestamp), conforms, docHash);
        emit LegacyRegistered(legacyId, haloId, slug, unit, conforms, docHash);
    }

    /// @notice Opens a PENDING or SUSPENDED Unit for subscriptions.
    /// @dev Access: admin. Reverts: `NotAdmin`, `UnknownUnit`, `WrongStanding`, `NotOnboarded` unless bits 0 to 2
    /// hold and the Class can fund the Unit's redemptions.
    function activate(bytes32 unitId) external nonReentrant onlyAdmin {
        UnitRecord memory unit_ = _known(unitId);
        Standing from = unit_.standing;
        if (from != Standing.PENDING && from != Standing.SUSPENDED) revert WrongStanding(from);
        bool fundable = Onboarding.isFundable(_class(unit_.classId), unit_.at.unit);
        _move(unitId, from, Standing.ACTIVE, 0);
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
    /// @dev Access: FREEZER, CONSERVER or EmergencyGuard of the Class, council, admin. Reverts: `UnknownUnit`,
    /// `NotGuardian`, `WrongStanding`.
    function suspend(bytes32 unitId, bytes32 reasonHash) external nonReentrant {
        UnitRecord memory unit_ = _known(unitId);
        if (!_isGuardian(unit_.classId, msg.sender)) revert NotGuardian(msg.sender);
        if (unit_.standing != Standing.ACTIVE) revert WrongStanding(unit_.standing);
        _close(unitId, unit_, Standing.SUSPENDED, reasonHash);
    }

    /// @notice Ends a Unit's time as a target of allocations, for good. Exits go on.
    /// @dev Access: admin. Reverts: `NotAdmin`, `UnknownUnit`, `WrongStanding` when retired before.
    function retire(bytes32 unitId, bytes32 reasonHash) external nonReentrant onlyAdmin {
        UnitRecord memory unit_ = _known(unitId);
        if (unit_.standing == Standing.RETIRED) revert WrongStanding(Standing.RETIRED);
        _close(unitId, unit_, Standing.RETIRED, reasonHash);
    }

    /// @notice The onboarding mask as the chain is now; 15 means that this Prime may allocate.
    /// @param primeProxy ALMProxy of a registered Prime; bit 3 is off for any other address.
    /// @return mask Bit 0: factory-made of live templates. Bit 1: operators alive, a warden set. Bit 2: artifacts
    /// active and the book reported on. Bit 3: rate limits set on the Prime's and the Class's side, and the Configurator
    /// may raise the Prime's.
    /// @dev 0 for an unknown Unit. Does not revert as long as the Class's contracts answer.
    function onboarding(bytes32 unitId, address primeProxy) external view returns (uint8 mask) {
        UnitRecord memory unit_ = _unit(unitId);
        if (unit_.standing == Standing.NONE) return 0;
        ClassRecord memory class_ = _class(unit_.classId);
        address unit = unit_.at.unit;
        mask = Onboarding.unitMask(_sources, class_, unit_, unitId);
        if (
            Onboarding.isReachable(_sources, _primes[_primeOf[primeProxy]], primeProxy, class_.asset, unit)
                && Onboarding.isFundable(class_, unit)
        ) mask |= Onboarding.LIMITS;
    }

    /// @notice Whether bits 0 to 2 hold now and the Class can fund the Unit's redemptions.
    function isProperlyOnboarded(bytes32 unitId) external view returns (bool) {
        UnitRecord memory unit_ = _unit(unitId);
        if (unit_.standing == Standing.NONE) return false;
        ClassRecord memory class_ = _class(unit_.classId);
        return Onboarding.unitMask(_sources, class_, unit_, unitId) == ONBOARDED
            && Onboarding.isFundable(class_, unit_.at.unit);
    }

    /// @notice The BeamState that bit 3 asks, or zero.
    function beamState() external view returns (address) {
        return _sources.beamState;
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
        return _class(classId);
    }

    /// @notice The Unit; all zero for an unknown id.
    function unitRecord(bytes32 unitId) external view returns (UnitRecord memory) {
        return _unit(unitId);
    }

    /// @notice Where a Unit stands in the order of losses, the rate it is promised and its least cover, as its Book has
    /// them now; basis points. All zero for an unknown id.
    function unitTerms(bytes32 unitId)
        external
        view
        returns (uint8 tranche, uint16 annualBps, uint16 minCoverBps)
    {
        UnitRecord memory unit_ = _unit(unitId);
        if (unit_.standing == Standing.NONE) return (0, 0, 0);
        BookTermsLike book = BookTermsLike(_class(unit_.classId).at.book);
        (, tranche, annualBps, minCoverBps,,,) = book.termsOf(unit_.at.unit);
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

    /// @notice Ids of a Halo's Classes, in order of registration.
    function classesOf(bytes32 haloId) external view returns (bytes32[] memory) {
        return _classesOf[haloId];
    }

    /// @notice The Unit from before the factory; all zero for an unknown id.
    function legacyRecord(bytes32 legacyId) external view returns (LegacyRecord memory) {
        return _legacies[legacyId];
    }

    /// @notice Number of Units from before the factory.
    function legacyCount() external view returns (uint256) {
        return _legacyIds.length;
    }

    /// @notice Id of the Unit from before the factory that was registered as number `index`, from 0.
    function legacyAt(uint256 index) external view returns (bytes32) {
        return _legacyIds[index];
    }

    /// @notice Ids of a Class's Units, in order of registration.
    function unitsOf(bytes32 classId) external view returns (bytes32[] memory) {
        return _unitsOf[classId];
    }

    function _poke(bytes32 unitId, UnitRecord memory unit_) private returns (uint8 mask) {
        mask = Onboarding.unitMask(_sources, _class(unit_.classId), unit_, unitId);
        Entry storage entry = _units[unitId];
        uint64 until;
        if (entry.standing == Standing.ACTIVE && mask == ONBOARDED) {
            until = uint64(block.timestamp) + POKE_WINDOW;
        }
        (entry.mask, entry.pokedAt) = (mask, uint64(block.timestamp));
        emit UnitPoked(unitId, mask, until);
        SubscribableLike(unit_.at.unit).setSubscribeUntil(until);
    }

    function _close(bytes32 unitId, UnitRecord memory unit_, Standing to, bytes32 reasonHash) private {
        _move(unitId, unit_.standing, to, reasonHash);
        SubscribableLike(unit_.at.unit).setSubscribeUntil(0);
    }

    function _move(bytes32 unitId, Standing from, Standing to, bytes32 reasonHash) private {
        emit UnitStateChanged(unitId, from, to, reasonHash);
        _units[unitId].standing = to;
    }

    function _requireFactory() private view {
        if (msg.sender != factory) revert NotFactory(msg.sender);
    }

    function _isGuardian(bytes32 classId, address account) private view returns (bool) {
        if (account == admin || account == council) return true;
        ClassAddresses memory at = _class(classId).at;
        if (account == at.guard) return true;
        RolesLike acl = RolesLike(at.acl);
        return acl.hasRole(Roles.FREEZER, account) || acl.hasRole(Roles.CONSERVER, account);
    }

    function _class(bytes32 classId) private view returns (ClassRecord memory record) {
        address blob = _classes[classId];
        if (blob != address(0)) record = abi.decode(_read(blob), (ClassRecord));
    }

    function _unit(bytes32 unitId) private view returns (UnitRecord memory record) {
        Entry memory entry = _units[unitId];
        if (entry.standing == Standing.NONE) return record;
        record = abi.decode(_read(entry.blob), (UnitRecord));
        (record.standing, record.mask, record.pokedAt) = (entry.standing, entry.mask, entry.pokedAt);
    }

    function _known(bytes32 unitId) private view returns (UnitRecord memory unit_) {
        unit_ = _unit(unitId);
        if (unit_.standing == Standing.NONE) revert UnknownUnit(unitId);
    }

    function _read(address blob) private view returns (bytes memory) {
        address[] memory blobs = new address[](1);
        blobs[0] = blob;
        return BlobStore.read(blobs);
    }

    function _idOf(string calldata slug) private pure returns (bytes32) {
        if (bytes(slug).length == 0) revert EmptySlug();
        return keccak256(bytes(slug));
    }
}
