// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Address } from "@openzeppelin/contracts/utils/Address.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";

import { Pau, RateLimitSetting } from "src/configurator/BeamTypes.sol";
import { RateLimitData } from "src/pau/PauTypes.sol";
import { Roles } from "src/pau/Roles.sol";
import { BeaconClass, BeaconRegistry, BeaconStatus } from "src/registry/BeaconRegistry.sol";

interface StateLike {
    function beacons() external view returns (address);
    function hopOf(address almProxy) external view returns (uint256);
    function initFor(bytes32 key, address almProxy) external view returns (bool, uint256, uint256);
    function isGovOps(address almProxy, address usr) external view returns (bool);
    function maxChangeOf(address almProxy) external view returns (uint256);
    function pauOf(address almProxy) external view returns (Pau memory);
    function rateLimitsOf(address almProxy) external view returns (address);
    function stopped() external view returns (bool);
    function useInitAction(bytes32 hash, address almProxy) external;
    function venueActionFor(bytes32 key, address almProxy) external view returns (bytes32);
}

interface LimitsLike {
    function getRateLimitData(bytes32 key) external view returns (RateLimitData memory);
    function setRateLimitPreserving(bytes32 key, uint256 maxAmount, uint256 slope) external;
    function setUnlimitedRateLimitData(bytes32 key) external;
}

interface AclLike {
    function getRoleMemberCount(bytes32 role) external view returns (uint256);
    function revokeRole(bytes32 role, address account) external;
    function setFreezer(address account) external;
    function setRelayer(address account) external;
}

interface BeaconsLike {
    function beacon(bytes32 id) external view returns (BeaconRegistry.Beacon memory);
    function idOf(address operator, bytes32 subject) external view returns (bytes32);
}

/// @title How cBEAM holders run the PAUs they are accordant to
/// @notice Downwards at once and always, even when stopped; upwards only within what governance has put into BeamState
///         after its delay, and slowly. Every function is for accordant callers only, else `NotAccordant`; a PAU that is
///         not registered is `UnknownPau`. Whatever is not a decrease or a removal reverts with `Stopped` when stopped.
/// @dev Holds LIMIT_SETTER on the RateLimits and PARAM_ADMIN and REVOKER on the access list of each PAU, and no admin
///      role anywhere.
contract Configurator is ReentrancyGuardTransient {
    error ZeroState();
    error Stopped();
    error UnknownPau(address almProxy);
    error NotAccordant(address almProxy, address caller);
    error NoInit(bytes32 key);
    error OnboardRequired(bytes32 key, bytes32 action);
    error ExceedsMaxAmount(uint256 requested, uint256 ceiling);
    error ExceedsSlope(uint256 requested, uint256 ceiling);
    error HopNotSet();
    error IncreaseTooSoon(uint256 next);
    error LastFreezer(address account);

    /// @notice The limit of `key` is this now; token units and token units per second.
    event SetRateLimit(address indexed almProxy, bytes32 indexed key, uint256 maxAmount, uint256 slope);
    /// @notice The PAU's Controller was called with `data`.
    event CallControllerAction(address indexed almProxy, bytes data);
    /// @notice `account` may move value within the limits, or may not any more.
    event RelayerSet(address indexed almProxy, address indexed account, bool granted);
    /// @notice `account` may freeze, or may not any more.
    event FreezerSet(address indexed almProxy, address indexed account, bool granted);

    uint256 private constant WAD = 1e18;
    uint256 private constant UNLIMITED = type(uint256).max;

    /// @notice The BeamState that says what may be done.
    address public state;
    /// @notice UTC second of the last increase of a limit by this contract; 0 if there was none.
    mapping(address rateLimits => mapping(bytes32 key => uint256)) public lastIncrease;

    /// @param state_ BeamState; reverts with `ZeroState` if zero
    constructor(address state_) {
        if (state_ == address(0)) revert ZeroState();
        state = state_;
    }

    /// @notice Sets a limit and keeps what is available, cut to the new maximum; a new key starts at 0.
    ///         A decrease of both values is always allowed. An increase needs an init, must be within the init or
    ///         `maxChange` times the limit as it is (rounded down), and a hop must have passed since the last one. A
    ///         maximum of 0 removes the key and its slope.
    ///         Reverts with `NoInit`, `OnboardRequired`, `ExceedsMaxAmount`, `ExceedsSlope`, `HopNotSet` or
    ///         `IncreaseTooSoon`.
    /// @param almProxy the PAU
    /// @param key see `RateLimitKeys`
    /// @param maxAmount token units; type(uint256).max with slope 0 for an unlimited key, which needs an init for it
    /// @param slope token units per second, at most 2^128 - 1
    function setRateLimit(address almProxy, bytes32 key, uint256 maxAmount, uint256 slope)
        external
        nonReentrant
    {
        RateLimitSetting memory to = RateLimitSetting(key, maxAmount, slope);
        _setRateLimit(almProxy, _limitsOf(almProxy), to, new bytes32[](0));
    }

    /// @notice Sets a limit to zero, at once, even when stopped.
    function removeRateLimit(address almProxy, bytes32 key) external nonReentrant {
        _setRateLimit(almProxy, _limitsOf(almProxy), RateLimitSetting(key, 0, 0), new bytes32[](0));
    }

    /// @notice Calls the PAU's Controller with calldata that governance has allowed to the byte.
    ///         Reverts with BeamState's `ActionNotAllowed` or `ActionExpired`, or as the Controller does.
    /// @return the Controller's return data
    function callControllerAction(address almProxy, bytes calldata data)
        external
        nonReentrant
        returns (bytes memory)
    {
        Pau memory pau = _pauOf(almProxy);
        _requireRunning();
        return _callController(almProxy, pau.controller, data);
    }

    /// @notice Opens a venue in one step: first the calls that configure it, then its limits. The only way to the
    ///         first limit of a key whose init names a call: nothing can grow or be drained before the venue's prices
    ///         are bounded as governance reviewed them. Reverts as its parts do.
    /// @param actions calldata for the Controller, as in `callControllerAction`
    /// @param settings limits, as in `setRateLimit`
    function onboard(address almProxy, bytes[] calldata actions, RateLimitSetting[] calldata settings)
        external
        nonReentrant
    {
        Pau memory pau = _pauOf(almProxy);
        _requireRunning();
        bytes32[] memory done = new bytes32[](actions.length);
        for (uint256 i; i < actions.length; ++i) {
            _callController(almProxy, pau.controller, actions[i]);
            done[i] = keccak256(actions[i]);
        }
        for (uint256 i; i < settings.length; ++i) {
            _setRateLimit(almProxy, pau.rateLimits, settings[i], done);
        }
    }

    /// @notice Makes `account` a relayer of the PAU: an ACTIVE beacon of class RELAY for the PAU's subject, or else one
    ///         that governance allowed as the action `setRelayer(account)`. Reverts with BeamState's `ActionNotAllowed`
    ///         or `ActionExpired`.
    function setRelayer(address almProxy, address account) external nonReentrant {
        Pau memory pau = _pauOf(almProxy);
        _requireRunning();
        if (!_isBeacon(account, pau.subject, BeaconClass.RELAY)) {
            _useAction(almProxy, keccak256(abi.encodeCall(AclLike.setRelayer, (account))));
        }
        AclLike(pau.acl).setRelayer(account);
        emit RelayerSet(almProxy, account, true);
    }

    /// @notice Takes a relayer out, at once, even when stopped. Reverts with the access list's `RoleNotGranted`.
    function removeRelayer(address almProxy, address account) external nonReentrant {
        Pau memory pau = _pauOf(almProxy);
        AclLike(pau.acl).revokeRole(Roles.ALLOCATOR, account);
        emit RelayerSet(almProxy, account, false);
    }

    /// @notice Makes `account` a warden of the PAU: an ACTIVE beacon of class SENTINEL for the PAU's subject, or else
    ///         one that governance allowed as the action `setFreezer(account)`. Reverts as `setRelayer` does.
    function setFreezer(address almProxy, address account) external nonReentrant {
        Pau memory pau = _pauOf(almProxy);
        _requireRunning();
        if (!_isBeacon(account, pau.subject, BeaconClass.SENTINEL)) {
            _useAction(almProxy, keccak256(abi.encodeCall(AclLike.setFreezer, (account))));
        }
        AclLike(pau.acl).setFreezer(account);
        emit FreezerSet(almProxy, account, true);
    }

    /// @notice Takes a warden out, at once, even when stopped. Reverts with `LastFreezer` for the last one, who watches
    ///         this caller too, and with the access list's `RoleNotGranted`.
    function removeFreezer(address almProxy, address account) external nonReentrant {
        Pau memory pau = _pauOf(almProxy);
        AclLike(pau.acl).revokeRole(Roles.FREEZER, account);
        if (AclLike(pau.acl).getRoleMemberCount(Roles.FREEZER) == 0) revert LastFreezer(account);
        emit FreezerSet(almProxy, account, false);
    }

    /// @param done hashes of the calls made in this batch
    function _setRateLimit(
        address almProxy,
        address rateLimits,
        RateLimitSetting memory to,
        bytes32[] memory done
    ) private {
        LimitsLike limits = LimitsLike(rateLimits);
        RateLimitData memory from = limits.getRateLimitData(to.key);
        // A key without a maximum has no slope, or its slope could be grown unseen before the venue is opened.
        if (from.maxAmount == 0) from.slope = 0;
        if (to.maxAmount == 0) to.slope = 0;
        // Unlimited is above every slope, so that lowering an unlimited key to any limit is a decrease.
        uint256 toSlope = _slopeOf(to.maxAmount, to.slope);
        from.slope = _slopeOf(from.maxAmount, from.slope);

        if (to.maxAmount > from.maxAmount || toSlope > from.slope) {
            _requireRunning();
            _checkCeilings(almProxy, from, to, toSlope);
            if (from.maxAmount == 0) _requireConfigured(almProxy, to.key, done);
            _startHop(almProxy, rateLimits, to.key);
        }
        if (to.maxAmount == UNLIMITED) limits.setUnlimitedRateLimitData(to.key);
        else limits.setRateLimitPreserving(to.key, to.maxAmount, to.slope);
        emit SetRateLimit(almProxy, to.key, to.maxAmount, to.slope);
    }

    function _startHop(address almProxy, address rateLimits, bytes32 key) private {
        uint256 hop = StateLike(state).hopOf(almProxy);
        if (hop == 0) revert HopNotSet();
        uint256 next = lastIncrease[rateLimits][key] + hop;
        if (block.timestamp < next) revert IncreaseTooSoon(next);
        lastIncrease[rateLimits][key] = block.timestamp;
    }

    function _callController(address almProxy, address controller, bytes calldata data)
        private
        returns (bytes memory result)
    {
        _useAction(almProxy, keccak256(data));
        result = Address.functionCall(controller, data);
        emit CallControllerAction(almProxy, data);
    }

    function _useAction(address almProxy, bytes32 hash) private {
        StateLike(state).useInitAction(hash, almProxy);
    }

    function _checkCeilings(
        address almProxy,
        RateLimitData memory from,
        RateLimitSetting memory to,
        uint256 toSlope
    ) private view {
        (bool exists, uint256 initMax, uint256 initSlope) = StateLike(state).initFor(to.key, almProxy);
        if (!exists) revert NoInit(to.key);
        uint256 maxChange = StateLike(state).maxChangeOf(almProxy);
        uint256 ceiling = _ceiling(initMax, from.maxAmount, maxChange);
        if (to.maxAmount > ceiling) revert ExceedsMaxAmount(to.maxAmount, ceiling);
        ceiling = _ceiling(_slopeOf(initMax, initSlope), from.slope, maxChange);
        if (toSlope > ceiling) revert ExceedsSlope(to.slope, ceiling);
    }

    function _requireConfigured(address almProxy, bytes32 key, bytes32[] memory done) private view {
        bytes32 action = StateLike(state).venueActionFor(key, almProxy);
        if (action == 0) return;
        for (uint256 i; i < done.length; ++i) {
            if (done[i] == action) return;
        }
        revert OnboardRequired(key, action);
    }

    function _pauOf(address almProxy) private view returns (Pau memory pau) {
        pau = StateLike(state).pauOf(almProxy);
        _requireAccordant(almProxy, pau.rateLimits);
    }

    /// @dev All that a limit needs of the PAU, for a fourth of the reads.
    function _limitsOf(address almProxy) private view returns (address rateLimits) {
        rateLimits = StateLike(state).rateLimitsOf(almProxy);
        _requireAccordant(almProxy, rateLimits);
    }

    function _requireAccordant(address almProxy, address rateLimits) private view {
        if (rateLimits == address(0)) revert UnknownPau(almProxy);
        if (!StateLike(state).isGovOps(almProxy, msg.sender)) revert NotAccordant(almProxy, msg.sender);
    }

    function _requireRunning() private view {
        if (StateLike(state).stopped()) revert Stopped();
    }

    function _isBeacon(address account, bytes32 subject, BeaconClass class) private view returns (bool) {
        BeaconsLike beacons = BeaconsLike(StateLike(state).beacons());
        BeaconRegistry.Beacon memory beacon = beacons.beacon(beacons.idOf(account, subject));
        return beacon.status == BeaconStatus.ACTIVE && beacon.class == class;
    }

    /// @dev Beyond 2^256 / maxChange the product saturates and the limit as it is becomes its own ceiling.
    function _ceiling(uint256 init, uint256 current, uint256 maxChange) private pure returns (uint256) {
        return Math.max(Math.max(init, current), Math.saturatingMul(current, maxChange) / WAD);
    }

    function _slopeOf(uint256 maxAmount, uint256 slope) private pure returns (uint256) {
        return maxAmount == UNLIMITED ? UNLIMITED : slope;
    }
}
