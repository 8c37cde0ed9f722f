// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { Initializable } from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import { Plotted } from "src/governance/HaloSpellGuard.sol";

interface SpellGuardLike {
    function plotted() external view returns (Plotted memory);
    function approveHat(address spell) external;
}

/// @notice What a TokenHat is told once.
struct HatInit {
    address guard; // HaloSpellGuard that asks
    address token; // HaloToken
    uint256 quorum; // locked token units that approve a spell
}

/// @title TokenHat
/// @notice Approval voting by the holders of a Halo's token: they lock tokens behind one code hash, and the spell of that
/// code which is plotted is approved as soon as the quorum stands behind it.
/// @dev Votes are for code, not for an address, so what was reviewed is what runs. Locked tokens cannot leave in the block
/// in which they came or last changed sides, so borrowed ones cannot vote and be returned in one transaction.
contract TokenHat is Initializable, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    error ZeroAddress(bytes32 field);
    error ZeroQuorum();
    error ZeroAmount();
    error ExceedsLocked(uint256 wanted, uint256 locked);
    /// @notice Tokens that were locked or moved in this block stay until the next.
    error SameBlock();
    error NothingPlotted();
    error BelowQuorum(uint256 approvals, uint256 quorum);

    event Locked(address indexed voter, uint256 amount);
    event Freed(address indexed voter, uint256 amount);
    /// @notice `voter` stands behind `tag`; zero: behind nothing.
    event Voted(address indexed voter, bytes32 indexed tag);
    event Lifted(address indexed spell, bytes32 indexed tag, uint256 approvals);

    /// @notice HaloSpellGuard that asks for approval.
    address public guard;
    /// @notice The Halo's token.
    address public token;
    /// @notice Locked token units that approve a spell.
    uint256 public quorum;
    /// @notice Token units that an account has locked.
    mapping(address voter => uint256) public lockedOf;
    /// @notice The code hash that an account stands behind; zero for none.
    mapping(address voter => bytes32) public choiceOf;
    /// @notice Token units that stand behind a code hash.
    mapping(bytes32 tag => uint256) public approvals;

    mapping(address voter => uint256 blockNumber) private _movedAt;

    constructor() {
        _disableInitializers();
    }

    /// @notice Sets everything, once.
    /// @dev Access: whoever makes the clone, in the same transaction. Reverts: `InvalidInitialization`, `ZeroAddress`,
    /// `ZeroQuorum`.
    function initialize(HatInit calldata p) external initializer {
        if (p.guard == address(0)) revert ZeroAddress("guard");
        if (p.token == address(0)) revert ZeroAddress("token");
        if (p.quorum == 0) revert ZeroQuorum();
        guard = p.guard;
        token = p.token;
        quorum = p.quorum;
    }

    /// @notice Locks `amount` token units of the caller, behind what it stands for.
    /// @dev Access: anyone, with an allowance. Reverts: `ZeroAmount`, the token's own errors.
    function lock(uint256 amount) external nonReentrant {
        if (amount == 0) revert ZeroAmount();
        lockedOf[msg.sender] += amount;
        approvals[choiceOf[msg.sender]] += amount;
        _movedAt[msg.sender] = block.number;
        emit Locked(msg.sender, amount);
        IERC20(token).safeTransferFrom(msg.sender, address(this), amount);
    }

    /// @notice Gives back `amount` of the caller's locked token units.
    /// @dev Access: anyone, for its own. Reverts: `ExceedsLocked`, `SameBlock`.
    function free(uint256 amount) external nonReentrant {
        uint256 locked = lockedOf[msg.sender];
        if (amount > locked) revert ExceedsLocked(amount, locked);
        if (_movedAt[msg.sender] == block.number) revert SameBlock();
        lockedOf[msg.sender] = locked - amount;
        approvals[choiceOf[msg.sender]] -= amount;
        emit Freed(msg.sender, amount);
        IERC20(token).safeTransfer(msg.sender, amount);
    }

    /// @notice Puts all that the caller has locked behind `tag`, and whatever it locks later.
    /// @param tag Code hash of a spell; zero for none.
    /// @dev Access: anyone. Reverts: nothing of its own.
    function vote(bytes32 tag) external nonReentrant {
        uint256 weight = lockedOf[msg.sender];
        approvals[choiceOf[msg.sender]] -= weight;
        approvals[tag] += weight;
        choiceOf[msg.sender] = tag;
        _movedAt[msg.sender] = block.number;
        emit Voted(msg.sender, tag);
    }

    /// @notice Tells the guard that the plotted spell has its quorum.
    /// @dev Access: anyone. Reverts: `NothingPlotted`, `BelowQuorum`.
    function lift() external nonReentrant {
        Plotted memory plotted = SpellGuardLike(guard).plotted();
        if (plotted.spell == address(0)) revert NothingPlotted();
        uint256 weight = approvals[plotted.tag];
        if (weight < quorum) revert BelowQuorum(weight, quorum);
        emit Lifted(plotted.spell, plotted.tag, weight);
        SpellGuardLike(guard).approveHat(plotted.spell);
    }
}
