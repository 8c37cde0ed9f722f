// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import {
    AccessControlEnumerable
} from "@openzeppelin/contracts/access/extensions/AccessControlEnumerable.sol";
import { EnumerableSet } from "@openzeppelin/contracts/utils/structs/EnumerableSet.sol";

import { InitAction, InitRateLimit, Pau } from "src/configurator/BeamTypes.sol";

interface ControllerLike {
    function accessControls() external view returns (address);
    function proxy() external view returns (address);
    function rateLimits() external view returns (address);
}

/// @title What the Configurator may do, for whom and how fast
/// @notice Data and access only. Whatever adds is DELAYED (the timelock); whatever takes away is IMMEDIATE (the Core
///         Council, and BeamMom for the stop). Wards (DEFAULT_ADMIN_ROLE: Sky's pause proxy) may do both.
/// @dev A PAU is known by its ALMProxy; address(0) stands for every PAU, and what is set for one PAU goes before that.
contract BeamState is AccessControlEnumerable {
    using EnumerableSet for EnumerableSet.AddressSet;

    error ZeroAddress(bytes32 field);
    error UnknownPau(address almProxy);
    error AlreadyRegistered(address almProxy);
    error PauMismatch(bytes32 what);
    error InvalidInit();
    error ActionNotAllowed(bytes32 hash);
    error ActionExpired(bytes32 hash, uint256 notAfter);
    error MaxChangeTooLow(uint256 maxChange);

    /// @notice The PAU of `almProxy` may be configured by its govOps.
    event PauRegistered(address indexed almProxy, Pau pau);
    /// @notice Nobody configures the PAU of `almProxy` any more; its govOps are gone.
    event PauUnregistered(address indexed almProxy);
    /// @notice `usr` is accordant to the PAU (a cBEAM of it), or is not any more.
    event GovOpsSet(address indexed almProxy, address indexed usr, bool accordant);
    /// @notice Limits of `key` may be set up to these values; `action` must configure the venue with the first of them.
    event InitRateLimitAdded(
        bytes32 indexed key, address indexed almProxy, uint256 maxAmount, uint256 slope, bytes32 action
    );
    /// @notice Limits of `key` cannot be raised any more, unless the init for every PAU still stands.
    event InitRateLimitDeleted(bytes32 indexed key, address indexed almProxy);
    /// @notice The call with this hash may be made, once or until `notAfter`.
    event InitActionAdded(bytes32 indexed hash, address indexed almProxy, bool oneShot, uint256 notAfter);
    /// @notice The call with this hash may not be made any more: taken away, or used up.
    event InitActionDeleted(bytes32 indexed hash, address indexed almProxy);
    /// @notice Seconds between two increases of a limit.
    event HopSet(address indexed almProxy, uint256 hop);
    /// @notice Most that one increase multiplies a limit by, WAD.
    event MaxChangeSet(address indexed almProxy, uint256 maxChange);
    /// @notice The BeaconRegistry that knows the operators.
    event BeaconsSet(address indexed beacons);
    /// @notice The Configurator only lowers and removes, until `Started`.
    event Stopped(address indexed by);
    /// @notice The Configurator works again.
    event Started(address indexed by);

    struct Pace {
        uint64 hop; // seconds
        uint192 maxChange; // WAD
    }

    /// @notice Who may add: the timelock.
    bytes32 public constant DELAYED = keccak256("DELAYED");
    /// @notice Who may take away: the Core Council and BeamMom.
    bytes32 public constant IMMEDIATE = keccak256("IMMEDIATE");
    /// @notice Who may use up actions: the Configurator.
    bytes32 public constant CONFIGURATOR = keccak256("CONFIGURATOR");

    uint256 private constant WAD = 1e18;
    uint256 private constant UNLIMITED = type(uint256).max;

    /// @notice Whether the Configurator is halted: it then lowers and removes, and does nothing else.
    bool public stopped;
    /// @notice The BeaconRegistry that knows the operators.
    address public beacons;

    EnumerableSet.AddressSet private _paus;
    mapping(address almProxy => Pau) private _pauOf;
    mapping(address almProxy => EnumerableSet.AddressSet) private _govOps;
    mapping(bytes32 key => mapping(address almProxy => InitRateLimit)) private _initRateLimits;
    mapping(bytes32 hash => mapping(address almProxy => InitAction)) private _initActions;
    mapping(address almProxy => Pace) private _pace;

    modifier onlyWardOr(bytes32 role) {
        if (!hasRole(DEFAULT_ADMIN_ROLE, msg.sender)) _checkRole(role);
        _;
    }

    /// @param admin first ward; reverts with `ZeroAddress("admin")` if zero
    /// @param beacons_ BeaconRegistry; reverts with `ZeroAddress("beacons")` if zero
    constructor(address admin, address beacons_) {
        _requireAddress(admin, "admin");
        _grantRole(DEFAULT_ADMIN_ROLE, admin);
        _setBeacons(beacons_);
    }

    /// @notice Registers a PAU. DELAYED. Reverts with `ZeroAddress`, `AlreadyRegistered`, or `PauMismatch` when the
    ///         Controller is not that of this proxy, these limits and this access list.
    function registerPau(address almProxy, Pau calldata pau) external onlyWardOr(DELAYED) {
        _requireAddress(almProxy, "almProxy");
        _requireAddress(pau.rateLimits, "rateLimits");
        ControllerLike controller = ControllerLike(pau.controller);
        if (controller.proxy() != almProxy) revert PauMismatch("almProxy");
        if (controller.rateLimits() != pau.rateLimits) revert PauMismatch("rateLimits");
        if (controller.accessControls() != pau.acl) revert PauMismatch("acl");
        if (!_paus.add(almProxy)) revert AlreadyRegistered(almProxy);
        _pauOf[almProxy] = pau;
        emit PauRegistered(almProxy, pau);
    }

    /// @notice Takes a PAU out with all its govOps, so that registering it anew revives none of them. Its own inits
    ///         stay until deleted. IMMEDIATE. Reverts with `UnknownPau`.
    function unregisterPau(address almProxy) external onlyWardOr(IMMEDIATE) {
        if (!_paus.remove(almProxy)) revert UnknownPau(almProxy);
        delete _pauOf[almProxy];
        _govOps[almProxy].clear();
        emit PauUnregistered(almProxy);
    }

    /// @notice Makes `usr` accordant to a PAU. DELAYED. Reverts with `UnknownPau` or `ZeroAddress`. Twice is once.
    function addGovOps(address almProxy, address usr) external onlyWardOr(DELAYED) {
        if (!_paus.contains(almProxy)) revert UnknownPau(almProxy);
        _requireAddress(usr, "usr");
        _govOps[almProxy].add(usr);
        emit GovOpsSet(almProxy, usr, true);
    }

    /// @notice Ends the accordance of `usr` to a PAU. IMMEDIATE. No effect if there is none.
    function delGovOps(address almProxy, address usr) external onlyWardOr(IMMEDIATE) {
        _govOps[almProxy].remove(usr);
        emit GovOpsSet(almProxy, usr, false);
    }

    /// @notice Lets the limits of `key` be set up to these values, and grow from there. DELAYED. Overwrites.
    ///         Reverts as `addVenueInitRateLimit` does.
    /// @param key see `RateLimitKeys`
    /// @param almProxy the PAU; address(0) for every PAU, now and later
    /// @param maxAmount token units; type(uint256).max with slope 0 allows any limit, also none
    /// @param slope token units per second
    function addInitRateLimit(bytes32 key, address almProxy, uint256 maxAmount, uint256 slope)
        external
        onlyWardOr(DELAYED)
    {
        _addInitRateLimit(key, almProxy, maxAmount, slope, 0);
    }

    /// @notice As `addInitRateLimit`, for a venue that must be configured first: while the limit of `key` is zero, only
    ///         `Configurator.onboard` raises it, and only with the call whose hash is `action` in the same batch.
    ///         DELAYED. Reverts with `InvalidInit` for an unlimited maximum with a slope, or a slope above 2^128 - 1.
    /// @param action keccak256 of the Controller's calldata that sets the venue's slippage or exchange rate
    function addVenueInitRateLimit(
        bytes32 key,
        address almProxy,
        uint256 maxAmount,
        uint256 slope,
        bytes32 action
    ) external onlyWardOr(DELAYED) {
        _addInitRateLimit(key, almProxy, maxAmount, slope, action);
    }

    /// @notice Takes an init away. IMMEDIATE. No effect if there is none; that for every PAU, if any, then counts.
    function delInitRateLimit(bytes32 key, address almProxy) external onlyWardOr(IMMEDIATE) {
        delete _initRateLimits[key][almProxy];
        emit InitRateLimitDeleted(key, almProxy);
    }

    /// @notice Allows the call with this exact calldata. DELAYED. Overwrites. Reverts with `ActionExpired` if it could
    ///         never be used.
    /// @param hash keccak256 of the calldata
    /// @param almProxy the PAU; address(0) for every PAU, now and later
    /// @param oneShot whether its first use, by whichever PAU, is its last
    /// @param notAfter UTC second of its last use; 0: no end
    function addInitAction(bytes32 hash, address almProxy, bool oneShot, uint64 notAfter)
        external
        onlyWardOr(DELAYED)
    {
        if (notAfter != 0 && notAfter < block.timestamp) revert ActionExpired(hash, notAfter);
        _initActions[hash][almProxy] = InitAction(true, oneShot, notAfter);
        emit InitActionAdded(hash, almProxy, oneShot, notAfter);
    }

    /// @notice Takes an action away. IMMEDIATE. No effect if there is none; that for every PAU, if any, then counts.
    function delInitAction(bytes32 hash, address almProxy) external onlyWardOr(IMMEDIATE) {
        _delInitAction(hash, almProxy);
    }

    /// @notice Sets the seconds between two increases of a limit. DELAYED.
    /// @param almProxy the PAU; address(0) for every PAU without its own
    /// @param hop 0: none of its own; with none for every PAU either, nothing can be increased
    function setHop(address almProxy, uint64 hop) external onlyWardOr(DELAYED) {
        _pace[almProxy].hop = hop;
        emit HopSet(almProxy, hop);
    }

    /// @notice Sets the most that one increase multiplies a limit by. DELAYED. Reverts with `MaxChangeTooLow` below 1.
    /// @param almProxy the PAU; address(0) for every PAU without its own
    /// @param maxChange WAD, 1.25e18 = +25 %; 0: none of its own; with none for every PAU either, limits do not grow
    ///        above their inits
    function setMaxChange(address almProxy, uint192 maxChange) external onlyWardOr(DELAYED) {
        if (maxChange != 0 && maxChange < WAD) revert MaxChangeTooLow(maxChange);
        _pace[almProxy].maxChange = maxChange;
        emit MaxChangeSet(almProxy, maxChange);
    }

    /// @notice Names the BeaconRegistry. Wards only. Reverts with `ZeroAddress`.
    function setBeacons(address beacons_) external onlyRole(DEFAULT_ADMIN_ROLE) {
        _setBeacons(beacons_);
    }

    /// @notice Halts everything but decreases and removals. IMMEDIATE.
    function stop() external onlyWardOr(IMMEDIATE) {
        stopped = true;
        emit Stopped(msg.sender);
    }

    /// @notice Lifts the halt. DELAYED.
    function start() external onlyWardOr(DELAYED) {
        stopped = false;
        emit Started(msg.sender);
    }

    /// @notice Uses an action for a PAU: the PAU's own if there is one, else that for every PAU. CONFIGURATOR only.
    ///         Reverts with `ActionNotAllowed` or `ActionExpired`.
    function useInitAction(bytes32 hash, address almProxy) external onlyRole(CONFIGURATOR) {
        if (!_initActions[hash][almProxy].exists) almProxy = address(0);
        InitAction memory action = _initActions[hash][almProxy];
        if (!action.exists) revert ActionNotAllowed(hash);
        if (action.notAfter != 0 && block.timestamp > action.notAfter) {
            revert ActionExpired(hash, action.notAfter);
        }
        if (action.oneShot) _delInitAction(hash, almProxy);
    }

    /// @notice The contracts of a PAU; all zero if it is not registered.
    function pauOf(address almProxy) external view returns (Pau memory) {
        return _pauOf[almProxy];
    }

    /// @notice The RateLimits of a PAU; zero if it is not registered.
    function rateLimitsOf(address almProxy) external view returns (address) {
        return _pauOf[almProxy].rateLimits;
    }

    /// @notice ALMProxies of the registered PAUs, in no particular order.
    function paus() external view returns (address[] memory) {
        return _paus.values();
    }

    /// @notice Number of registered PAUs: what an init for every PAU is multiplied by.
    function pauCount() external view returns (uint256) {
        return _paus.length();
    }

    /// @notice Whether `usr` may configure the PAU.
    function isGovOps(address almProxy, address usr) external view returns (bool) {
        return _govOps[almProxy].contains(usr);
    }

    /// @notice All who may configure the PAU, in no particular order.
    function govOpsOf(address almProxy) external view returns (address[] memory) {
        return _govOps[almProxy].values();
    }

    /// @notice The init of `key` for a PAU: its own, else that for every PAU.
    /// @return exists whether there is one
    /// @return maxAmount token units
    /// @return slope token units per second
    function initFor(bytes32 key, address almProxy)
        external
        view
        returns (bool exists, uint256 maxAmount, uint256 slope)
    {
        InitRateLimit storage init = _init(key, almProxy);
        return (init.exists, init.maxAmount, init.slope);
    }

    /// @notice Hash of the call that must come with the first limit of `key`; zero if none must.
    function venueActionFor(bytes32 key, address almProxy) external view returns (bytes32) {
        return _init(key, almProxy).action;
    }

    /// @notice An action as it is kept for this very PAU, or with address(0) for every PAU.
    function initAction(bytes32 hash, address almProxy) external view returns (InitAction memory) {
        return _initActions[hash][almProxy];
    }

    /// @notice Seconds between two increases of a limit of the PAU; 0 if not set.
    function hopOf(address almProxy) public view returns (uint256) {
        uint256 hop = _pace[almProxy].hop;
        return hop != 0 ? hop : _pace[address(0)].hop;
    }

    /// @notice Most that one increase multiplies a limit of the PAU by, WAD; 0 if not set.
    function maxChangeOf(address almProxy) public view returns (uint256) {
        uint256 maxChange = _pace[almProxy].maxChange;
        return maxChange != 0 ? maxChange : _pace[address(0)].maxChange;
    }

    /// @notice Whether a cBEAM of the PAU could give `key` a limit now, as far as this contract knows.
    function hasLiveInit(bytes32 key, address almProxy) external view returns (bool) {
        return !stopped && _paus.contains(almProxy) && hopOf(almProxy) != 0 && maxChangeOf(almProxy) != 0
            && _init(key, almProxy).maxAmount != 0;
    }

    function _addInitRateLimit(
        bytes32 key,
        address almProxy,
        uint256 maxAmount,
        uint256 slope,
        bytes32 action
    ) private {
        if (slope > type(uint128).max || (maxAmount == UNLIMITED && slope != 0)) {
            revert InvalidInit();
        }
        _initRateLimits[key][almProxy] = InitRateLimit(maxAmount, uint128(slope), true, action);
        emit InitRateLimitAdded(key, almProxy, maxAmount, slope, action);
    }

    function _delInitAction(bytes32 hash, address almProxy) private {
        delete _initActions[hash][almProxy];
        emit InitActionDeleted(hash, almProxy);
    }

    function _setBeacons(address beacons_) private {
        _requireAddress(beacons_, "beacons");
        beacons = beacons_;
        emit BeaconsSet(beacons_);
    }

    function _init(bytes32 key, address almProxy) private view returns (InitRateLimit storage init) {
        init = _initRateLimits[key][almProxy];
        if (!init.exists) init = _initRateLimits[key][address(0)];
    }

    function _requireAddress(address account, bytes32 field) private pure {
        if (account == address(0)) revert ZeroAddress(field);
    }
}
