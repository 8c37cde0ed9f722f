// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Initializable } from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

interface SubProxyLike {
    function exec(address target, bytes calldata data) external returns (bytes memory);
}

interface SpellLike {
    function execute() external;
    function isExecutable() external view returns (bool);
}

/// @notice What a HaloSpellGuard is told once.
struct SpellGuardInit {
    address subProxy; // the Halo's, of which the guard is the only ward
    address parent; // SubProxy of the Prime above
    address sky; // Sky's pause proxy
    address hat; // TokenHat, or 0: the Halo has no token
    uint32 delay; // seconds from plot to the first moment of execution
    uint32 maxDelay; // seconds from then to the last
    address[] cancellers;
}

/// @notice A spell that waits.
struct Plotted {
    address spell;
    uint64 eta; // first second of execution
    bool forced; // by Sky: needs no approval of the token, and only Sky may drop it
    bool approved; // by the token's holders
    uint64 deadline; // last second of execution
    bytes32 tag; // code hash of the spell
}

/// @title HaloSpellGuard
/// @notice The only way to the Halo's SubProxy: one spell at a time, named by the level above together with its code
/// hash, approved by the Halo's token where there is one, executed once by anyone within its time. Halting is easier than
/// acting: any canceller may stop a spell or freeze them all for a while.
/// @dev Its parameters are fixed. A Halo that wants others has a spell make another guard the SubProxy's ward.
contract HaloSpellGuard is Initializable, ReentrancyGuardTransient {
    error NotParent(address caller);
    error NotSky(address caller);
    error NotHat(address caller);
    error NotCanceller(address caller);
    error NotGovernance(address caller);
    error ZeroAddress(bytes32 field);
    /// @notice A time of zero or beyond its bound, in seconds.
    error BadDelay(uint256 given, uint256 max);
    error DuplicateEntry(address account);
    error NothingPlotted();
    /// @notice Another spell is named than the one that waits.
    error NotPlotted(address spell);
    /// @notice What Sky plotted is only Sky's to replace or drop.
    error Forced(address spell);
    error TooEarly(uint64 eta);
    error Expired(uint64 deadline);
    error TagMismatch(bytes32 tag, bytes32 codehash);
    /// @notice The token's holders have not approved the spell.
    error NotApproved(address spell);
    /// @notice The spell says that now is not its time.
    error NotExecutable(address spell);
    error Frozen(uint64 until);

    event Plot(address indexed spell, bytes32 tag, uint64 eta, uint64 deadline, address by);
    event HatApproved(address indexed spell, bytes32 tag);
    event Exec(address indexed spell, bytes32 tag);
    event Drop(address indexed spell, address by);
    event Cancelled(address indexed spell, address by);
    event FrozenUntil(uint64 until, address by);
    event CancellerSet(address indexed account, bool active, address by);

    /// @notice The longest that one call freezes, seconds.
    uint256 public constant MAX_FREEZE = 7 days;
    /// @notice The longest delay and the longest time for execution, seconds.
    uint256 public constant MAX_DELAY = 30 days;

    /// @notice The account that spells run as.
    address public subProxy;
    /// @notice SubProxy of the Prime: plots and drops.
    address public parent;
    /// @notice Sky's pause proxy: plots by force, drops anything, thaws.
    address public sky;
    /// @notice Where the Halo's token holders approve; 0 when they have no say.
    address public hat;
    /// @notice Seconds from plot to the first moment of execution.
    uint32 public delay;
    /// @notice Seconds from then to the last.
    uint32 public maxDelay;
    /// @notice Unix second before which nothing executes.
    uint64 public frozenUntil;
    /// @notice Who may cancel and freeze.
    mapping(address account => bool) public isCanceller;

    Plotted private _plotted;

    constructor() {
        _disableInitializers();
    }

    /// @notice Sets everything, once.
    /// @dev Access: whoever makes the clone, in the same transaction. Reverts: `InvalidInitialization`, `ZeroAddress`,
    /// `BadDelay` (a delay above 30 days, or a time for execution of 0 or above 30 days), `DuplicateEntry`.
    function initialize(SpellGuardInit calldata p) external initializer {
        _requireAddress(p.subProxy, "subProxy");
        _requireAddress(p.parent, "parent");
        _requireAddress(p.sky, "sky");
        if (p.delay > MAX_DELAY) revert BadDelay(p.delay, MAX_DELAY);
        if (p.maxDelay == 0 || p.maxDelay > MAX_DELAY) revert BadDelay(p.maxDelay, MAX_DELAY);
        subProxy = p.subProxy;
        parent = p.parent;
        sky = p.sky;
        hat = p.hat;
        delay = p.delay;
        maxDelay = p.maxDelay;
        for (uint256 i; i < p.cancellers.length; ++i) {
            address account = p.cancellers[i];
            _requireAddress(account, "canceller");
            if (isCanceller[account]) revert DuplicateEntry(account);
            isCanceller[account] = true;
            emit CancellerSet(account, true, msg.sender);
        }
    }

    /// @notice Names the next spell; what waited before is dropped.
    /// @param spell A contract with `execute()` and `isExecutable()`.
    /// @param tag The code hash that was reviewed.
    /// @dev Access: parent; Sky, whose spell then needs no approval of the token. Reverts: `NotParent`, `TagMismatch`
    /// (also where there is no code), `Forced` when the parent would replace what Sky plotted and has not expired.
    function plot(address spell, bytes32 tag) external {
        bool forced = _requireParent();
        _requireTag(spell, tag);
        address old = _plotted.spell;
        if (old != address(0)) {
            if (_plotted.forced && !forced && block.timestamp <= _plotted.deadline) revert Forced(old);
            emit Drop(old, msg.sender);
        }
        uint64 eta = uint64(block.timestamp) + delay;
        uint64 deadline = eta + maxDelay;
        _plotted = Plotted(spell, eta, forced, false, deadline, tag);
        emit Plot(spell, tag, eta, deadline, msg.sender);
    }

    /// @notice Records that the token's holders approve what is plotted.
    /// @dev Access: the hat. Reverts: `NotHat`, `NothingPlotted`, `NotPlotted` for any other spell.
    function approveHat(address spell) external {
        if (msg.sender != hat || msg.sender == address(0)) revert NotHat(msg.sender);
        _requirePlotted();
        if (spell != _plotted.spell) revert NotPlotted(spell);
        _plotted.approved = true;
        emit HatApproved(spell, _plotted.tag);
    }

    /// @notice Runs the plotted spell as the SubProxy. It is forgotten before it runs, so it runs at most once.
    /// @return spell What ran.
    /// @dev Access: anyone, from eta to deadline, both included. Reverts: `NothingPlotted`, `TooEarly`, `Expired`,
    /// `Frozen`, `TagMismatch` (its code is gone or another), `NotApproved`, `NotExecutable`, and the spell's own reason.
    function exec() external nonReentrant returns (address spell) {
        Plotted memory p = _requirePlotted();
        if (block.timestamp < p.eta) revert TooEarly(p.eta);
        if (block.timestamp > p.deadline) revert Expired(p.deadline);
        if (block.timestamp < frozenUntil) revert Frozen(frozenUntil);
        _requireTag(p.spell, p.tag);
        if (hat != address(0) && !p.approved && !p.forced) revert NotApproved(p.spell);
        if (!SpellLike(p.spell).isExecutable()) revert NotExecutable(p.spell);

        spell = p.spell;
        delete _plotted;
        emit Exec(spell, p.tag);
        SubProxyLike(subProxy).exec(spell, abi.encodeCall(SpellLike.execute, ()));
    }

    /// @notice Withdraws the plotted spell.
    /// @dev Access: parent, unless Sky plotted it; Sky. Reverts: `NotParent`, `NothingPlotted`, `Forced`.
    function drop() external {
        bool isSky = _requireParent();
        Plotted memory p = _requirePlotted();
        if (p.forced && !isSky) revert Forced(p.spell);
        delete _plotted;
        emit Drop(p.spell, msg.sender);
    }

    /// @notice Stops the plotted spell for good; it can be plotted anew.
    /// @dev Access: cancellers. Reverts: `NotCanceller`, `NothingPlotted`.
    function cancel() external {
        _requireCanceller();
        address spell = _requirePlotted().spell;
        delete _plotted;
        emit Cancelled(spell, msg.sender);
    }

    /// @notice Lets nothing execute for `duration` seconds from now, at most 7 days. Never shortens a freeze.
    /// @dev Access: cancellers. The clock of the plotted spell runs on. Reverts: `NotCanceller`, `BadDelay`.
    function freeze(uint256 duration) external {
        _requireCanceller();
        if (duration == 0 || duration > MAX_FREEZE) revert BadDelay(duration, MAX_FREEZE);
        uint64 until = uint64(block.timestamp + duration);
        if (until > frozenUntil) frozenUntil = until;
        emit FrozenUntil(frozenUntil, msg.sender);
    }

    /// @notice Ends a freeze.
    /// @dev Access: Sky. Reverts: `NotSky`.
    function thaw() external {
        if (msg.sender != sky) revert NotSky(msg.sender);
        frozenUntil = 0;
        emit FrozenUntil(0, msg.sender);
    }

    /// @notice Names a canceller, or dismisses one.
    /// @dev Access: the SubProxy, so by a spell that the cancellers could stop; Sky. No lock against re-entry, for the
    /// first calls within `exec`; it calls nobody. Reverts: `NotGovernance`, `ZeroAddress`.
    function setCanceller(address account, bool active) external {
        if (msg.sender != subProxy && msg.sender != sky) revert NotGovernance(msg.sender);
        _requireAddress(account, "canceller");
        isCanceller[account] = active;
        emit CancellerSet(account, active, msg.sender);
    }

    /// @notice The spell that waits; all zero when none does.
    function plotted() external view returns (Plotted memory) {
        return _plotted;
    }

    /// @notice Whether `exec` would get as far as to run the spell now.
    function isReady() external view returns (bool) {
        Plotted memory p = _plotted;
        return p.spell != address(0) && block.timestamp >= p.eta && block.timestamp <= p.deadline
            && block.timestamp >= frozenUntil && p.spell.codehash == p.tag
            && (hat == address(0) || p.approved || p.forced) && SpellLike(p.spell).isExecutable();
    }

    function _requireParent() private view returns (bool isSky) {
        isSky = msg.sender == sky;
        if (!isSky && msg.sender != parent) revert NotParent(msg.sender);
    }

    function _requireCanceller() private view {
        if (!isCanceller[msg.sender]) revert NotCanceller(msg.sender);
    }

    function _requirePlotted() private view returns (Plotted memory p) {
        p = _plotted;
        if (p.spell == address(0)) revert NothingPlotted();
    }

    /// @dev An account without code has the hash of nothing, or none, and neither is that of a spell.
    function _requireTag(address spell, bytes32 tag) private view {
        bytes32 codehash = spell.codehash;
        if (spell.code.length == 0 || codehash != tag) revert TagMismatch(tag, codehash);
    }

    function _requireAddress(address account, bytes32 field) private pure {
        if (account == address(0)) revert ZeroAddress(field);
    }
}
