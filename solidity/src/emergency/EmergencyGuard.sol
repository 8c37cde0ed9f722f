// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Initializable } from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { GuardInit, Stage } from "src/emergency/EmergencyTypes.sol";
import { TemplateInstances } from "src/emergency/TemplateInstances.sol";
import { UnitState } from "src/lcts/UnitTypes.sol";
import { Roles } from "src/pau/Roles.sol";
import { Standing, UnitRecord } from "src/registry/RegistryTypes.sol";

interface RolesLike {
    function hasRole(bytes32 role, address account) external view returns (bool);
    function getRoleMember(bytes32 role, uint256 index) external view returns (address);
    function getRoleMemberCount(bytes32 role) external view returns (uint256);
    function grantRole(bytes32 role, address account) external;
    function revokeRole(bytes32 role, address account) external;
}

interface LimitsLike {
    function setRateLimitData(
        bytes32 key,
        uint256 maxAmount,
        uint256 slope,
        uint256 lastAmount,
        uint256 lastUpdated
    ) external;
}

interface UnitLike {
    function state() external view returns (UnitState);
    function freeze() external;
    function unfreeze() external;
}

interface LedgerLike {
    function halt() external;
    function resume() external;
}

interface RegistryLike {
    function council() external view returns (address);
    function unitsOf(bytes32 classId) external view returns (bytes32[] memory);
    function unitRecord(bytes32 unitId) external view returns (UnitRecord memory);
    function unitByAddress(address unit) external view returns (bytes32);
    function suspend(bytes32 unitId, bytes32 reasonHash) external;
}

interface ControllerLike {
    function initialize(GuardInit calldata p) external;
}

/// @title EmergencyGuard: the brake of a Class, and the Fortification Conserver's way in
/// @notice Wardens, conserver and Sky stop a Class here at once; the conserver takes it over after a delay in which Sky
/// may say no. Whoever stops something does not start it again: that is the Halo's governance or Sky.
/// @dev Admin of the Class's access list, custody and limits, bound to each by `setGuard`, so that no other admin can
/// take that away. It has no function that moves value, and grants nothing but what a takeover, its end, or the Halo's
/// own migration needs.
///
/// What is trusted. Sky is (it names the conserver, cancels, ends takeovers, approves templates). The Halo's admins are
/// trusted with custody until a takeover begins: what they did before stays done. From that transaction on they, their
/// wardens and every Controller of custody and limits hold no role: they can neither move value nor stop the takeover
/// nor undo the freeze nor hinder who comes after them. They cannot prepare against it either: guard and conserver cannot
/// be revoked by them, revokers of roles are fixed, and no role has more members than one transaction can revoke. The
/// conserver is not trusted alone: before the delay has passed it can only stop things, after it see ConserverController.
/// A conserver that begins takeovers without cause is replaced by Sky. The delay is not longer than that of Sky's own
/// spells, so the fast way to cancel is the council.
contract EmergencyGuard is Initializable, ReentrancyGuardTransient {
    /// @notice The caller is no warden of the Class, nor its conserver, nor Sky.
    error NotFreezer(address caller);
    /// @notice The caller is not the conserver of the Class.
    error NotConserver(address caller);
    /// @notice The caller is not Sky's pause proxy, nor its council where that suffices.
    error NotSky(address caller);
    /// @notice The caller is not governance of the Class.
    error NotHalo(address caller);
    /// @notice The Unit is none of this Class.
    error ForeignUnit(address unit);
    /// @notice A parameter has a value that the guard cannot work with.
    error BadParameter(bytes32 name);
    /// @notice A takeover was begun or completed.
    error TakeoverRunning();
    /// @notice No takeover is in the stage that this takes.
    error NoTakeover();
    /// @notice The takeover can be completed at `at` (unix seconds).
    error TakeoverNotReady(uint64 at);

    /// @notice A Unit was frozen.
    event UnitFrozen(address indexed unit, address indexed by);
    /// @notice A Unit was let go on.
    event UnitUnfrozen(address indexed unit);
    /// @notice Every Unit is frozen and the off-ramp halted.
    event ClassFrozen(address indexed by);
    /// @notice These limits do not exist any more.
    event KeysZeroed(bytes32[] keys, address indexed by);
    /// @notice So many relayers and settlers lost their role.
    event OperatorsPurged(uint256 allocators, uint256 settlers, address indexed by);
    /// @notice The conserver begins to take the Class over; it can complete that at `readyAt` (unix seconds).
    event TakeoverInitiated(address indexed by, bytes32 reasonHash, uint64 readyAt);
    /// @notice The takeover is off; roles are what they were before it.
    event TakeoverCancelled(address indexed by, bytes32 reasonHash);
    /// @notice The conserver has the Class, through `controller`.
    event TakeoverCompleted(address indexed by, bytes32 reasonHash, address controller);
    /// @notice Sky gave the Class to a new admin.
    event ControlReturned(address indexed admin);
    /// @notice The Halo readies its own migration, through `controller`.
    event MigrationPrepared(address indexed by, address controller);
    /// @notice Sky made the account a conserver of the Class, or no longer.
    event ConserverSet(address indexed account, bool allowed);

    /// @dev A role that its holder gets back if the takeover is cancelled.
    struct Grant {
        address at;
        address account;
        bytes32 role;
    }

    uint64 public constant MIN_DELAY = 1 days;
    uint64 public constant MAX_DELAY = 30 days;
    bytes32 private constant CONTROLLER = keccak256("CONTROLLER");
    bytes32 private constant DELEGATE_CONTROLLER = keccak256("DELEGATE_CONTROLLER");
    bytes32 private constant LIMIT_SETTER = keccak256("LIMIT_SETTER");

    GuardInit private _class;

    /// @notice Where the Class stands.
    Stage public stage;
    /// @notice When a pending takeover can be completed, unix seconds.
    uint64 public readyAt;
    /// @notice The ConserverController of the Class; 0 if there is none.
    address public conserverController;
    /// @notice Hash of the document that says why the Class is taken over.
    bytes32 public reasonHash;
    uint256 private _controllers;
    Grant[] private _suspended;

    modifier onlyFreezer() {
        if (
            !_hasRole(Roles.FREEZER, msg.sender) && !_hasRole(Roles.CONSERVER, msg.sender)
                && !_isSkyOrCouncil()
        ) {
            revert NotFreezer(msg.sender);
        }
        _;
    }

    modifier onlyConserver() {
        if (!_hasRole(Roles.CONSERVER, msg.sender)) revert NotConserver(msg.sender);
        _;
    }

    modifier onlySky() {
        if (msg.sender != _class.sky) revert NotSky(msg.sender);
        _;
    }

    constructor() {
        _disableInitializers();
    }

    /// @notice Binds a fresh clone to its Class. Once only.
    /// @dev Reverts with BadParameter: an address is missing, or the delay is outside MIN_DELAY to MAX_DELAY.
    function initialize(GuardInit calldata p) external initializer {
        _check(p.acl != address(0), "acl");
        _check(p.almProxy != address(0), "almProxy");
        _check(p.rateLimits != address(0), "rateLimits");
        _check(p.controller != address(0), "controller");
        _check(p.book != address(0), "book");
        _check(p.registry != address(0), "registry");
        _check(p.classId != 0, "classId");
        _check(p.sky != address(0), "sky");
        _check(p.takeoverDelay >= MIN_DELAY && p.takeoverDelay <= MAX_DELAY, "takeoverDelay");
        _class = p;
    }

    // --- Stopping ---

    /// @notice Freezes a Unit of the Class: no entry, lock or settlement; exits and claims go on.
    /// @dev Warden, conserver, Sky or its council. Reverts with NotFreezer, ForeignUnit, and the Unit's WrongState if it is
    /// frozen or closed.
    function freezeUnit(address unit) external nonReentrant onlyFreezer {
        _requireMember(unit);
        _freeze(unit);
    }

    /// @notice Freezes every Unit of the Class that is not yet, and halts its off-ramp.
    /// @dev Warden, conserver, Sky or its council. Reverts with NotFreezer.
    function freezeClass() external nonReentrant onlyFreezer {
        _freezeClass();
    }

    /// @notice Removes rate limits, so that what they allowed is not allowed at all. Never makes one unlimited.
    /// @dev Warden, conserver, Sky or its council. Ways back are not blocked by the key of the way out. Reverts with
    /// NotFreezer.
    function zeroKeys(bytes32[] calldata keys) external nonReentrant onlyFreezer {
        for (uint256 i; i < keys.length; ++i) {
            LimitsLike(_class.rateLimits).setRateLimitData(keys[i], 0, 0, 0, block.timestamp);
        }
        emit KeysZeroed(keys, msg.sender);
    }

    /// @notice Takes the role from every relayer and every settler of the Class.
    /// @dev Warden, conserver, Sky or its council. A payment that has left before may still complete outside. Reverts with
    /// NotFreezer.
    function purgeOperators() external nonReentrant onlyFreezer {
        _purge();
    }

    // --- Going on ---

    /// @notice Lets a frozen Unit go on where it stood.
    /// @dev Sky only; governance of the Class does it at the Unit itself. Reverts with NotSky, ForeignUnit, and the Unit's
    /// WrongState unless it is frozen.
    function unfreezeUnit(address unit) external nonReentrant onlySky {
        _requireMember(unit);
        UnitLike(unit).unfreeze();
        emit UnitUnfrozen(unit);
    }

    /// @notice Ends the halt of the off-ramp.
    /// @dev Sky only; governance of the Class does it at the ledger itself. Reverts with NotSky, BadParameter without a
    /// ledger.
    function resumeLedger() external nonReentrant onlySky {
        _check(_class.ledger != address(0), "ledger");
        LedgerLike(_class.ledger).resume();
    }

    /// @notice Makes `account` a conserver of the Class, or takes that away.
    /// @dev Sky only, at any stage; the Halo cannot do either. Reverts with NotSky, and the access list's RoleNotGranted.
    function setConserver(address account, bool allowed) external nonReentrant onlySky {
        RolesLike acl = RolesLike(_class.acl);
        if (allowed) acl.grantRole(Roles.CONSERVER, account);
        else acl.revokeRole(Roles.CONSERVER, account);
        emit ConserverSet(account, allowed);
    }

    // --- Takeover ---

    /// @notice Begins to take the Class over: freezes it, and suspends every admin and warden, every Controller of custody
    /// and limits, and the Configurator until Sky cancels or the takeover is complete.
    /// @param reasonHash_ Hash of the document that says why.
    /// @dev Conserver only. Suspended roles are revoked here and kept in a list. Reverts with NotConserver,
    /// TakeoverRunning.
    function initiateTakeover(bytes32 reasonHash_) external nonReentrant onlyConserver {
        if (stage != Stage.NORMAL) revert TakeoverRunning();
        stage = Stage.PENDING;
        reasonHash = reasonHash_;
        readyAt = uint64(block.timestamp) + _class.takeoverDelay;
        _freezeClass();
        _suspend(_class.acl, Roles.DEFAULT_ADMIN);
        _suspend(_class.acl, Roles.PARAM_ADMIN);
        _suspend(_class.acl, Roles.FREEZER);
        _suspend(_class.acl, Roles.REVOKER);
        _suspend(_class.almProxy, Roles.DEFAULT_ADMIN);
        _suspend(_class.almProxy, CONTROLLER);
        _suspend(_class.almProxy, DELEGATE_CONTROLLER);
        _suspend(_class.rateLimits, Roles.DEFAULT_ADMIN);
        _suspend(_class.rateLimits, CONTROLLER);
        _suspend(_class.rateLimits, LIMIT_SETTER);
        emit TakeoverInitiated(msg.sender, reasonHash_, readyAt);
    }

    /// @notice Calls the takeover off and gives the suspended roles back. The Class stays frozen until its governance or
    /// Sky lets it go on.
    /// @dev Sky's pause proxy or its council, until the takeover is complete. Reverts with NotSky, NoTakeover.
    function cancelTakeover() external nonReentrant {
        if (!_isSkyOrCouncil()) revert NotSky(msg.sender);
        if (stage != Stage.PENDING) revert NoTakeover();
        stage = Stage.NORMAL;
        for (uint256 i; i < _suspended.length; ++i) {
            Grant memory grant = _suspended[i];
            RolesLike(grant.at).grantRole(grant.role, grant.account);
        }
        delete _suspended;
        emit TakeoverCancelled(msg.sender, reasonHash);
    }

    /// @notice Gives the Class to the conserver, through a new ConserverController. Relayers and settlers lose their roles,
    /// the suspended ones stay revoked, and the registry takes the Units off the market.
    /// @dev Conserver only, when the delay has passed. Reverts with NotConserver, NoTakeover, TakeoverNotReady, and the
    /// TemplateRegistry's TemplateNotApproved.
    /// @return controller The ConserverController.
    function completeTakeover() external nonReentrant onlyConserver returns (address controller) {
        if (stage != Stage.PENDING) revert NoTakeover();
        if (block.timestamp < readyAt) revert TakeoverNotReady(readyAt);
        stage = Stage.TAKEN;
        delete _suspended;
        _purge();
        _suspendUnits();
        RolesLike(_class.almProxy).grantRole(CONTROLLER, _class.controller);
        RolesLike(_class.rateLimits).grantRole(CONTROLLER, _class.controller);
        controller = _appoint();
        emit TakeoverCompleted(msg.sender, reasonHash, controller);
    }

    /// @notice Ends a completed takeover: `admin` governs the Class from now on, the conserver does not.
    /// @dev Sky only. What the suspension took from others, `admin` may grant again. Reverts with NotSky, NoTakeover,
    /// BadParameter.
    function returnControl(address admin) external nonReentrant onlySky {
        if (stage != Stage.TAKEN) revert NoTakeover();
        _check(admin != address(0), "admin");
        stage = Stage.NORMAL;
        _dismiss();
        RolesLike(_class.acl).grantRole(Roles.DEFAULT_ADMIN, admin);
        RolesLike(_class.almProxy).grantRole(Roles.DEFAULT_ADMIN, admin);
        RolesLike(_class.rateLimits).grantRole(Roles.DEFAULT_ADMIN, admin);
        emit ControlReturned(admin);
    }

    /// @notice Freezes the Class and makes a ConserverController for a migration that the Halo itself runs.
    /// @dev Governance of the Class only; it keeps its roles, and may call again for a fresh one. Reverts with NotHalo,
    /// TakeoverRunning, and the TemplateRegistry's TemplateNotApproved.
    /// @return controller The ConserverController; one made before loses its roles.
    function prepareMigration() external nonReentrant returns (address controller) {
        if (stage != Stage.NORMAL) revert TakeoverRunning();
        if (!_hasRole(Roles.DEFAULT_ADMIN, msg.sender)) revert NotHalo(msg.sender);
        _freezeClass();
        controller = _appoint();
        emit MigrationPrepared(msg.sender, controller);
    }

    // --- Views ---

    /// @notice What the guard was told at its beginning.
    function config() external view returns (GuardInit memory) {
        return _class;
    }

    /// @notice How many roles a cancellation would give back.
    function suspendedRoles() external view returns (uint256) {
        return _suspended.length;
    }

    // --- Inner workings ---

    function _freeze(address unit) private {
        UnitLike(unit).freeze();
        emit UnitFrozen(unit, msg.sender);
    }

    function _freezeClass() private {
        bytes32[] memory ids = RegistryLike(_class.registry).unitsOf(_class.classId);
        for (uint256 i; i < ids.length; ++i) {
            address unit = RegistryLike(_class.registry).unitRecord(ids[i]).at.unit;
            UnitState state = UnitLike(unit).state();
            if (state != UnitState.FROZEN && state != UnitState.CLOSED) _freeze(unit);
        }
        if (_class.ledger != address(0)) LedgerLike(_class.ledger).halt();
        emit ClassFrozen(msg.sender);
    }

    function _suspendUnits() private {
        RegistryLike registry = RegistryLike(_class.registry);
        bytes32[] memory ids = registry.unitsOf(_class.classId);
        for (uint256 i; i < ids.length; ++i) {
            if (registry.unitRecord(ids[i]).standing == Standing.ACTIVE) {
                registry.suspend(ids[i], reasonHash);
            }
        }
    }

    function _purge() private {
        uint256 allocators = _revokeAll(_class.acl, Roles.ALLOCATOR, false);
        uint256 settlers = _revokeAll(_class.acl, Roles.SETTLER, false);
        emit OperatorsPurged(allocators, settlers, msg.sender);
    }

    function _suspend(address at, bytes32 role) private {
        _revokeAll(at, role, true);
    }

    /// @dev From the end, because a revocation puts the last member in the place of the one revoked.
    function _revokeAll(address at, bytes32 role, bool remember) private returns (uint256 revoked) {
        for (uint256 i = RolesLike(at).getRoleMemberCount(role); i > 0; --i) {
            address account = RolesLike(at).getRoleMember(role, i - 1);
            if (account == address(this)) continue;
            RolesLike(at).revokeRole(role, account);
            if (remember) _suspended.push(Grant(at, account, role));
            ++revoked;
        }
    }

    /// @dev A ConserverController made now, with its roles; the one before loses them.
    function _appoint() private returns (address made) {
        _dismiss();
        made = TemplateInstances.make(
            _class.registry, "ConserverController", keccak256(abi.encode(++_controllers))
        );
        conserverController = made;
        ControllerLike(made).initialize(_class);
        RolesLike(_class.acl).grantRole(Roles.DEFAULT_ADMIN, made);
        RolesLike(_class.almProxy).grantRole(CONTROLLER, made);
    }

    function _dismiss() private {
        address made = conserverController;
        if (made == address(0)) return;
        conserverController = address(0);
        _revokeIfHeld(_class.acl, Roles.DEFAULT_ADMIN, made);
        _revokeIfHeld(_class.almProxy, CONTROLLER, made);
    }

    function _revokeIfHeld(address at, bytes32 role, address account) private {
        if (RolesLike(at).hasRole(role, account)) RolesLike(at).revokeRole(role, account);
    }

    function _requireMember(address unit) private view {
        RegistryLike registry = RegistryLike(_class.registry);
        bytes32 id = registry.unitByAddress(unit);
        if (id == 0 || registry.unitRecord(id).classId != _class.classId) revert ForeignUnit(unit);
    }

    function _hasRole(bytes32 role, address account) private view returns (bool) {
        return RolesLike(_class.acl).hasRole(role, account);
    }

    function _isSkyOrCouncil() private view returns (bool) {
        return msg.sender == _class.sky || msg.sender == RegistryLike(_class.registry).council();
    }

    function _check(bool holds, bytes32 name) private pure {
        if (!holds) revert BadParameter(name);
    }
}
