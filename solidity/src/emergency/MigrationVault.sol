// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { Initializable } from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { Progress, VaultInit } from "src/emergency/EmergencyTypes.sol";

interface OldUnitLike {
    function totalSupply() external view returns (uint256);
    function balanceOf(address account) external view returns (uint256);
    function transferFrom(address from, address to, uint256 value) external returns (bool);
    function burn(uint256 shares) external;
}

interface NewUnitLike {
    function asset() external view returns (address);
    function balanceOf(address account) external view returns (uint256);
    function transfer(address to, uint256 value) external returns (bool);
    function maxMint(address controller) external view returns (uint256);
    function maxWithdraw(address controller) external view returns (uint256);
    function pendingDepositRequest(uint256 requestId, address controller) external view returns (uint256);
    function requestDeposit(uint256 assets, address controller, address owner) external returns (uint256);
    function requestRedeem(uint256 shares, address controller, address owner) external returns (uint256);
    function exitDeposit(address receiver, address controller)
        external
        returns (uint256 assets, uint256 shares);
    function withdraw(uint256 assets, address receiver, address controller) external returns (uint256 shares);
}

/// @title MigrationVault: where the holders of an old Unit swap into a new one
/// @notice The assets of the old Unit come here and enter the new Unit as anybody's do: they wait in its queue and become
/// shares at the price of its settlement. If the migration succeeds, every old share takes its part of what the vault
/// holds, new shares and whatever was not converted, and is burned. If it fails, everything goes home to the custody it
/// came from, new shares by way of their redemption.
/// @dev No share is ever made for this vault, so there is no new share without assets. A swap pays
/// floor(held * shares / supply of the old Unit). The old Unit winds down, so its supply only falls, and what the vault
/// holds leaves by swaps only: by rounding and by gifts the part of an old share can grow and never shrinks. Nobody gains
/// by being first, and an old share keeps its part for ever. What is trusted: the new Unit's governance keeps the vault
/// among its entrants.
contract MigrationVault is Initializable, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @notice Only the ConserverController decides how the migration ends.
    error NotController(address caller);
    /// @notice The vault is elsewhere in the migration.
    error WrongProgress(Progress progress);
    /// @notice The deadline (unix seconds) has passed.
    error TooLate(uint64 deadline);
    /// @notice There is nothing here for these shares.
    error NothingToSwap();
    /// @notice Only the owner of the shares can swap them.
    error NotOwner(address owner);

    /// @notice `assets` asset units wait in the new Unit's queue.
    event Entered(uint256 assets);
    /// @notice Swaps begin with so many new shares and asset units for so many old shares.
    event Opened(uint256 newShares, uint256 assets, uint256 oldShares);
    /// @notice The migration failed; what is here goes home.
    event Failed();
    /// @notice `shares` old shares of `owner` became `newShares` and `assets` asset units for `receiver`.
    event Swapped(
        address indexed owner, address indexed receiver, uint256 shares, uint256 newShares, uint256 assets
    );
    /// @notice `assets` asset units went home.
    event GivenBack(uint256 assets);

    uint256 private constant RAY = 1e27;

    /// @notice The ConserverController that made this.
    address public controller;
    /// @notice From when no assets enter the new Unit any more, unix seconds.
    uint64 public deadline;
    /// @notice RUNNING while assets come, SUCCEEDED while holders swap, FAILED while things go home.
    Progress public progress;
    /// @notice The Unit whose shares are swapped and burned.
    address public oldUnit;
    /// @notice The Unit whose shares they become.
    address public newUnit;
    /// @notice The asset of both.
    address public token;
    /// @notice The custody that the assets came from.
    address public custody;
    /// @notice New shares for one old share, RAY, without which the migration fails.
    uint256 public minRatio;

    constructor() {
        _disableInitializers();
    }

    /// @notice Binds a fresh clone to the calling ConserverController. Once only.
    function initialize(VaultInit calldata p) external initializer {
        controller = msg.sender;
        progress = Progress.RUNNING;
        (oldUnit, newUnit, custody) = (p.oldUnit, p.newUnit, p.custody);
        (minRatio, deadline) = (p.minRatio, p.deadline);
        token = NewUnitLike(p.newUnit).asset();
    }

    /// @notice Puts all assets that are here into the new Unit's queue.
    /// @dev Anybody, until the deadline and while the migration runs. Reverts with WrongProgress, TooLate, and the new
    /// Unit's EntrantNotAllowed, NotOnboarded, UnitLocked, BelowMinimum.
    function enter() external nonReentrant {
        _requireProgress(Progress.RUNNING);
        if (block.timestamp > deadline) revert TooLate(deadline);
        uint256 assets = IERC20(token).balanceOf(address(this));
        IERC20(token).forceApprove(newUnit, assets);
        NewUnitLike(newUnit).requestDeposit(assets, address(this), address(this));
        emit Entered(assets);
    }

    /// @notice Whether the vault has, or can claim now, as many new shares as the plan asks.
    function isReached() public view returns (bool) {
        uint256 oldShares = OldUnitLike(oldUnit).totalSupply();
        NewUnitLike unit = NewUnitLike(newUnit);
        uint256 newShares = unit.balanceOf(address(this)) + unit.maxMint(address(this));
        return newShares >= Math.mulDiv(oldShares, minRatio, RAY, Math.Rounding.Ceil);
    }

    /// @notice Ends the migration for this vault: holders swap, or things go home.
    /// @dev ConserverController only, while the migration runs. A success takes everything out of the new Unit's queue
    /// first. Reverts with NotController, WrongProgress, and the queue's QueueLocked.
    function conclude(bool succeeded) external nonReentrant {
        if (msg.sender != controller) revert NotController(msg.sender);
        _requireProgress(Progress.RUNNING);
        progress = succeeded ? Progress.SUCCEEDED : Progress.FAILED;
        if (!succeeded) {
            emit Failed();
            return;
        }
        _leaveQueue();
        emit Opened(
            NewUnitLike(newUnit).balanceOf(address(this)),
            IERC20(token).balanceOf(address(this)),
            OldUnitLike(oldUnit).totalSupply()
        );
    }

    // --- After a success ---

    /// @notice Burns `shares` old shares of the caller (by its allowance) and pays their part of what is here to `receiver`.
    /// @dev Reverts with WrongProgress, NothingToSwap; with HolderNotAllowed by the old Unit unless the caller may hold its
    /// shares, and by the new one unless `receiver` may hold its; with UnitLocked while the old Unit settles.
    /// @return newShares Shares of the new Unit, floor.
    /// @return assets Asset units, floor.
    function swap(uint256 shares, address receiver)
        external
        nonReentrant
        returns (uint256 newShares, uint256 assets)
    {
        return _swap(shares, receiver);
    }

    /// @notice `swap` in the shape of ERC-7540, so that a Prime swaps with the facet and the kind of limit by which it
    /// enters Units. The request is served at once and nothing is left to claim.
    /// @dev Owner only. Reverts with NotOwner, and as `swap` does.
    /// @return The request id, 0.
    function requestDeposit(uint256 shares, address receiver, address owner)
        external
        nonReentrant
        returns (uint256)
    {
        if (msg.sender != owner) revert NotOwner(owner);
        _swap(shares, receiver);
        return 0;
    }

    /// @notice The old Unit: what this vault takes, in the words of ERC-7540.
    function asset() external view returns (address) {
        return oldUnit;
    }

    /// @notice The new Unit: what this vault gives, in the words of ERC-7575.
    function share() external view returns (address) {
        return newUnit;
    }

    // --- After a failure ---

    /// @notice Sends home all assets that are here, or wait in the new Unit, or were paid for redeemed new shares.
    /// @dev Anybody, as often as there is something. Reverts with WrongProgress, and the queue's QueueLocked.
    /// @return assets Asset units sent.
    function giveBack() external nonReentrant returns (uint256 assets) {
        _requireProgress(Progress.FAILED);
        _leaveQueue();
        NewUnitLike unit = NewUnitLike(newUnit);
        unit.withdraw(unit.maxWithdraw(address(this)), address(this), address(this));
        assets = IERC20(token).balanceOf(address(this));
        IERC20(token).safeTransfer(custody, assets);
        emit GivenBack(assets);
    }

    /// @notice Asks the new Unit to redeem the new shares that are here; `giveBack` sends home what it pays.
    /// @dev Anybody. Reverts with WrongProgress, and the new Unit's WrongState, UnitLocked, BelowMinimum.
    function redeemBack() external nonReentrant {
        _requireProgress(Progress.FAILED);
        _leaveQueue();
        NewUnitLike unit = NewUnitLike(newUnit);
        unit.requestRedeem(unit.balanceOf(address(this)), address(this), address(this));
    }

    // --- Inner workings ---

    /// @dev Takes shares and unconverted assets out of the new Unit's subscribe queue, if anything is there.
    function _leaveQueue() private {
        NewUnitLike unit = NewUnitLike(newUnit);
        if (unit.pendingDepositRequest(0, address(this)) > 0 || unit.maxMint(address(this)) > 0) {
            unit.exitDeposit(address(this), address(this));
        }
    }

    /// @dev Burns gifts of old shares with the rest, or their part would stay here for ever.
    function _swap(uint256 shares, address receiver) private returns (uint256 newShares, uint256 assets) {
        _requireProgress(Progress.SUCCEEDED);
        OldUnitLike old = OldUnitLike(oldUnit);
        uint256 supply = old.totalSupply();
        if (shares == 0 || supply == 0) revert NothingToSwap();
        newShares = Math.mulDiv(NewUnitLike(newUnit).balanceOf(address(this)), shares, supply);
        assets = Math.mulDiv(IERC20(token).balanceOf(address(this)), shares, supply);
        if (newShares == 0 && assets == 0) revert NothingToSwap();

        IERC20(oldUnit).safeTransferFrom(msg.sender, address(this), shares);
        old.burn(old.balanceOf(address(this)));
        emit Swapped(msg.sender, receiver, shares, newShares, assets);
        if (newShares > 0) IERC20(newUnit).safeTransfer(receiver, newShares);
        if (assets > 0) IERC20(token).safeTransfer(receiver, assets);
    }

    function _requireProgress(Progress wanted) private view {
        if (progress != wanted) revert WrongProgress(progress);
    }
}
