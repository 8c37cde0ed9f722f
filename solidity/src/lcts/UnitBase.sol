// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { ERC20 } from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { Initializable } from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { AclLike } from "src/lcts/AclLike.sol";
import { LctsQueue } from "src/lcts/LctsQueue.sol";
import { SettlementMath } from "src/lcts/SettlementMath.sol";
import { Clock, UnitState } from "src/lcts/UnitTypes.sol";

/// @title UnitBase: what a Unit knows, and its share token
/// @notice The share is an ERC-20 with 18 decimals. Unless the Unit is open, it moves only between entrants, holders and
/// the Unit's queues.
abstract contract UnitBase is ERC20, Initializable, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @notice The caller has not the role of the Class that this takes.
    error NotAuthorized(bytes32 role);
    /// @notice The Unit's state does not allow this.
    error WrongState(UnitState state);
    /// @notice The Unit is locked for settlement.
    error UnitLocked();
    /// @notice The account may not subscribe.
    error EntrantNotAllowed(address account);
    /// @notice The account may not hold shares.
    error HolderNotAllowed(address account);
    /// @notice The Class may not own Units of its own.
    error SelfDeal();
    /// @notice The token moved another amount than it was told to (token units).
    error TransferMismatch(uint256 expected, uint256 received);

    /// @notice The account may subscribe and hold shares, or no longer.
    event EntrantSet(address indexed account, bool allowed);
    /// @notice The account may hold shares, or no longer.
    event HolderSet(address indexed account, bool allowed);
    /// @notice Anybody may subscribe and hold shares, or no longer.
    event OpenSet(bool open);

    string internal _unitName;
    string internal _unitSymbol;

    // What a subscription reads shares a slot.
    /// @notice The queue of those who wait for shares.
    LctsQueue public subscribeQueue;
    /// @notice Unix second until which subscriptions are taken; the registry renews it while the Unit is onboarded.
    uint64 public subscribeUntil;
    /// @notice Whether an epoch waits for its settlement.
    bool public locked;
    /// @notice Where the Unit is in its life.
    UnitState public state;
    UnitState internal _stateAfterFreeze;
    /// @dev Whether `index` is 0.
    bool internal _worthless;

    address internal _asset;
    /// @notice The rank of this Unit in its Book, 0 is the most junior.
    uint8 public tranche;
    /// @dev 10^(18 - asset decimals).
    uint64 internal _scale;
    /// @notice Whether anybody may subscribe and hold shares.
    bool public open;

    /// @notice The UnitRegistry, the only one who sets `subscribeUntil`.
    address public registry;
    /// @notice The latest epoch, counted by locks.
    uint64 public epoch;

    /// @notice The queue of those who wait for assets.
    LctsQueue public redeemQueue;
    /// @notice When the latest epoch was locked, unix seconds.
    uint64 public lastLockAt;

    /// @notice The ledger of the Class, which prices the share.
    address public book;
    /// @notice When an epoch was settled last, unix seconds.
    uint64 public lastSettleAt;

    /// @notice The custody of the Class: where subscriptions go and redemption liquidity comes from.
    address public classProxy;
    /// @notice The least seconds between two locks.
    uint32 public minEpochGap;
    /// @notice Seconds after which anybody may end a lock.
    uint32 public maxLock;

    /// @notice The AccessControls of the Class.
    address public acl;
    /// @notice The hours in which an epoch may be locked.
    Clock public clock;

    /// @notice The largest size that subscriptions beyond netting may bring the Unit to, asset units.
    uint256 public cap;
    /// @notice The most that one epoch may take in beyond netting, asset units.
    uint256 public epochSubscribeCap;
    /// @notice The most that one epoch may pay out beyond netting, asset units.
    uint256 public epochRedeemCap;
    /// @notice Asset units held here for redemptions. Counted, never read from the balance.
    uint256 public redeemLiquidity;
    /// @notice Asset value of one share at the latest settlement, normalised to 18 decimals, RAY.
    uint256 public index;

    /// @notice Whether the account may subscribe (and hold shares).
    mapping(address => bool) public isEntrant;
    /// @notice Whether the account may hold shares without being an entrant.
    mapping(address => bool) public isHolder;

    modifier onlyRole(bytes32 role) {
        _checkRole(role);
        _;
    }

    constructor() ERC20("", "") {
        _disableInitializers();
    }

    // --- Share token ---

    /// @notice The name of the share.
    function name() public view override returns (string memory) {
        return _unitName;
    }

    /// @notice The symbol of the share.
    function symbol() public view override returns (string memory) {
        return _unitSymbol;
    }

    /// @notice Moves `value` shares. Unless the Unit is open, both ends must be entrants or holders.
    /// @dev The queues pay claims through this and are not asked. Reverts with HolderNotAllowed, SelfDeal.
    function transfer(address to, uint256 value) public override returns (bool) {
        if (msg.sender != address(subscribeQueue) && msg.sender != address(redeemQueue)) {
            _checkTransfer(msg.sender, to);
        }
        return super.transfer(to, value);
    }

    /// @notice Moves `value` shares of `from` by allowance. Unless the Unit is open, both ends must be entrants or holders.
    /// @dev Reverts with HolderNotAllowed, SelfDeal.
    function transferFrom(address from, address to, uint256 value) public override returns (bool) {
        _checkTransfer(from, to);
        return super.transferFrom(from, to, value);
    }

    function _checkTransfer(address from, address to) private view {
        _checkHolder(from);
        _checkHolder(to);
    }

    function _checkHolder(address account) internal view {
        if (!isEntrant[account] && !isHolder[account] && !_isOpenTo(account)) {
            revert HolderNotAllowed(account);
        }
    }

    function _checkEntrant(address account) internal view {
        if (!isEntrant[account] && !_isOpenTo(account)) revert EntrantNotAllowed(account);
    }

    /// @dev The Class itself may neither enter nor hold its Units, open or not: its assets would then count themselves. It
    /// cannot be put on the lists either.
    function _isOpenTo(address account) private view returns (bool) {
        if (account == classProxy) revert SelfDeal();
        return open;
    }

    function _setEntrant(address account, bool allowed) internal {
        if (allowed && account == classProxy) revert SelfDeal();
        isEntrant[account] = allowed;
        emit EntrantSet(account, allowed);
    }

    function _setHolder(address account, bool allowed) internal {
        if (allowed && account == classProxy) revert SelfDeal();
        isHolder[account] = allowed;
        emit HolderSet(account, allowed);
    }

    // --- Price ---

    /// @notice The asset value of 1e18 shares at the latest settlement, asset units, floor. It may fall.
    function exchangeRate() external view returns (uint256) {
        return SettlementMath.assetsDown(1e18, index, _scale);
    }

    function _assets(uint256 shares) internal view returns (uint256) {
        return SettlementMath.assetsDown(shares, index, _scale);
    }

    // --- Helpers ---

    /// @dev Redemptions are taken and epochs run: neither before the beginning, nor frozen, nor closed; and not locked.
    function _checkRunning() internal view {
        UnitState now_ = state;
        if (now_ != UnitState.ACTIVE && now_ != UnitState.SUBSCRIBE_PAUSED && now_ != UnitState.WINDING_DOWN)
        {
            _wrongState();
        }
        _checkUnlocked();
    }

    function _checkState(UnitState wanted) internal view {
        if (state != wanted) _wrongState();
    }

    function _wrongState() internal view {
        revert WrongState(state);
    }

    function _checkUnlocked() internal view {
        if (locked) revert UnitLocked();
    }

    function _checkRole(bytes32 role) private view {
        if (!_hasRole(role)) revert NotAuthorized(role);
    }

    function _hasRole(bytes32 role) internal view returns (bool) {
        return AclLike(acl).hasRole(role, msg.sender);
    }

    /// @dev Pulls exactly `amount` asset units.
    function _pull(address from, address to, uint256 amount) internal {
        uint256 before = IERC20(_asset).balanceOf(to);
        IERC20(_asset).safeTransferFrom(from, to, amount);
        _checkReceived(to, before, amount);
    }

    function _checkReceived(address to, uint256 before, uint256 amount) internal view {
        uint256 received = IERC20(_asset).balanceOf(to) - before;
        if (received != amount) revert TransferMismatch(amount, received);
    }
}
