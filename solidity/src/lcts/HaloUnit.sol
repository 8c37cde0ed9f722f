// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { IERC20Metadata } from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { LctsQueue } from "src/lcts/LctsQueue.sol";
import { Roles } from "src/pau/Roles.sol";
import { SettlementMath } from "src/lcts/SettlementMath.sol";
import { Clock, SettleParams, UnitInit, UnitState } from "src/lcts/UnitTypes.sol";
import { UnitVault } from "src/lcts/UnitVault.sol";

interface BookLike {
    function indexOf(address unit) external view returns (uint256);
    function usableFor(uint64 lockedAt) external view returns (bool);
    function underReview() external view returns (bool);
    function navAsOf() external view returns (uint64);
    function subscribeHeadroom(address unit) external view returns (uint256);
    function redeemHeadroom(address unit) external view returns (uint256);
    function onSettle(uint256 assetsIn, uint256 assetsOut, int256 sharesDelta) external;
    function onBurn(uint256 shares) external;
}

/// @title HaloUnit: an ERC-7540 vault, its share and its epochs
/// @notice Each epoch the settler locks both queues, the Book learns the value of the Class, and the settlement lets
/// subscribers and redeemers serve each other first, then takes in and pays out what capacities allow. All at the one
/// price of a report dated after the lock. The settler chooses capacities and times; he sets no price, names no
/// receiver and passes no cap. Nothing but a lock of at most `maxLock` seconds keeps anybody from taking unconverted
/// principal back.
contract HaloUnit is UnitVault {
    using SafeERC20 for IERC20;

    /// @notice Only the UnitRegistry may call this.
    error NotRegistry();
    /// @notice Only the custody of the Class may call this.
    error NotClassProxy();
    /// @notice A parameter has a value that the Unit cannot work with.
    error BadParameter(bytes32 name);
    /// @notice The next lock is possible at `next` (unix seconds).
    error TooEarly(uint256 next);
    /// @notice The hour is not one in which this Unit locks; `secondOfDay` UTC.
    error OutsideClock(uint256 secondOfDay);
    /// @notice No epoch is locked.
    error NotLocked();
    /// @notice The settlement is for another epoch than the locked one.
    error WrongEpoch(uint64 locked);
    /// @notice The latest report was made before the lock, or is too old.
    error ReportStale(uint64 asOf);
    /// @notice The latest report waits for its second key.
    error ReportUnderReview();
    /// @notice The index is outside the settler's bounds (RAY).
    error IndexOutOfBounds(uint256 index);
    /// @notice The lock can be ended by anybody after `until` (unix seconds).
    error LockNotStale(uint256 until);
    /// @notice More was asked than is free of waiting redemptions (asset units).
    error LiquidityReserved(uint256 free);
    /// @notice Shares of value or a redeem queue are still there.
    error NotEmpty();

    /// @notice An epoch was locked with these asset units and shares waiting.
    event EpochLocked(uint64 indexed epoch, uint256 subscribeTotal, uint256 redeemTotal);
    /// @notice An epoch was settled at `index` (RAY). `netted`, `subExtra`, `redExtra` and `subscribeTotal` in asset units,
    /// the others in shares. A checker can recompute every field from the state at the lock.
    event EpochSettled(
        uint64 indexed epoch,
        uint256 index,
        uint256 netted,
        uint256 subExtra,
        uint256 redExtra,
        uint256 sharesMinted,
        uint256 sharesBurned,
        uint256 subscribeTotal,
        uint256 redeemTotal
    );
    /// @notice A lock ended without a settlement.
    event EpochUnlocked(uint64 indexed epoch);
    /// @notice Asset units for redemptions came in.
    event LiquidityDeposited(uint256 amount, uint256 total);
    /// @notice Asset units for redemptions went back to the Class.
    event LiquidityWithdrawn(uint256 amount, uint256 total);
    /// @notice The caps are now these, asset units.
    event CapsSet(uint256 cap, uint256 epochSubscribeCap, uint256 epochRedeemCap);
    /// @notice Subscriptions are taken until then, unix seconds.
    event SubscribeUntilSet(uint64 until);
    /// @notice The Unit entered another state.
    event StateChanged(UnitState from, UnitState to);
    /// @notice `amount` of `token` that belonged to nobody went to `to`.
    event Skimmed(address indexed token, address indexed to, uint256 amount);

    /// @dev What a settlement works out, asset units and shares.
    struct Outcome {
        uint256 index;
        uint256 subscribeTotal;
        uint256 redeemTotal;
        uint256 netted;
        uint256 redeemed;
        uint256 handed;
        uint256 subExtra;
        uint256 minted;
        uint256 redExtra;
        uint256 redeemedExtra;
    }

    uint32 private constant MAX_LOCK_CEILING = 1 days;

    // --- Beginning ---

    /// @notice Binds a fresh clone. Once only; also initializes both queues, which must be fresh clones.
    /// @dev Reverts with BadParameter on values with which no epoch could run or no exit would be open, and with SelfDeal
    /// if the Class is among its own entrants.
    function initialize(UnitInit calldata p) external initializer {
        uint8 decimals_ = IERC20Metadata(p.asset).decimals();
        _check(decimals_ >= 6 && decimals_ <= 18, "asset");
        _check(p.acl != address(0), "acl");
        _check(p.book != address(0), "book");
        _check(p.classProxy != address(0), "classProxy");
        _check(p.registry != address(0), "registry");
        _check(p.subscribeQueue != p.redeemQueue, "queues");
        _check(p.maxLock > 0 && p.maxLock <= MAX_LOCK_CEILING, "maxLock");
        // Otherwise one lock could follow the other and leave no time to exit.
        _check(p.minEpochGap > p.maxLock, "minEpochGap");
        _check(p.clock.lockFrom <= p.clock.lockTo && p.clock.lockTo < 1 days, "clock");

        _unitName = p.name;
        _unitSymbol = p.symbol;
        _asset = p.asset;
        _scale = uint64(10 ** (18 - decimals_));
        acl = p.acl;
        book = p.book;
        classProxy = p.classProxy;
        registry = p.registry;
        subscribeQueue = LctsQueue(p.subscribeQueue);
        redeemQueue = LctsQueue(p.redeemQueue);
        tranche = p.tranche;
        minEpochGap = p.minEpochGap;
        maxLock = p.maxLock;
        clock = p.clock;
        index = SettlementMath.RAY;
        open = p.open;
        _setCaps(p.cap, p.epochSubscribeCap, p.epochRedeemCap);
        for (uint256 i; i < p.entrants.length; ++i) {
            _setEntrant(p.entrants[i], true);
        }
        for (uint256 i; i < p.holders.length; ++i) {
            _setHolder(p.holders[i], true);
        }
        subscribeQueue.initialize(p.asset, address(this), p.minSubscribe);
        redeemQueue.initialize(address(this), p.asset, p.minRedeem);
    }

    /// @notice Takes subscriptions until `until` (unix seconds, 0 for none). The first time that it is not 0, the Unit
    /// becomes ACTIVE.
    /// @dev UnitRegistry only. Exits never ask for it.
    function setSubscribeUntil(uint64 until) external nonReentrant {
        if (msg.sender != registry) revert NotRegistry();
        subscribeUntil = until;
        emit SubscribeUntilSet(until);
        if (until == 0) return;
        if (state == UnitState.PENDING) {
            _setState(UnitState.ACTIVE);
        } else if (state == UnitState.FROZEN && _stateAfterFreeze == UnitState.PENDING) {
            _stateAfterFreeze = UnitState.ACTIVE;
        }
    }

    // --- Epoch ---

    /// @notice Locks both queues: from here to the settlement nobody enters, and nobody leaves the open generations.
    /// @dev Settler only. Reverts with WrongState, UnitLocked, TooEarly, OutsideClock.
    function lockEpoch() external nonReentrant onlyRole(Roles.SETTLER) {
        _checkRunning();
        uint256 next = uint256(lastLockAt) + minEpochGap;
        if (block.timestamp < next) revert TooEarly(next);
        Clock memory hours_ = clock;
        if (hours_.enforce) {
            uint256 second = block.timestamp % 1 days;
            if (second < hours_.lockFrom || second > hours_.lockTo) revert OutsideClock(second);
        }

        locked = true;
        lastLockAt = uint64(block.timestamp);
        uint256 subscribeTotal = subscribeQueue.lock();
        uint256 redeemTotal = redeemQueue.lock();
        emit EpochLocked(++epoch, subscribeTotal, redeemTotal);
    }

    /// @notice Settles the locked epoch at the price of the Book.
    /// @dev Settler only. First both queues serve each other; then subscriptions go to the Class up to the least of
    /// `p.subscribeCapacity`, the epoch's cap, the room under `cap` and the Book's headroom, and redemptions are paid up
    /// to the least of `p.redeemCapacity`, the epoch's cap, `redeemLiquidity` and the Book's headroom. A paused Unit
    /// takes in nothing beyond netting, one that winds down converts no subscription at all. If the share is worthless,
    /// nothing converts. Reverts with NotLocked, WrongState, WrongEpoch, ReportUnderReview, ReportStale,
    /// IndexOutOfBounds, TransferMismatch.
    function settleEpoch(SettleParams calldata p) external nonReentrant onlyRole(Roles.SETTLER) {
        if (!locked) revert NotLocked();
        if (state == UnitState.FROZEN) _wrongState();
        if (p.epoch != epoch) revert WrongEpoch(epoch);
        BookLike ledger = BookLike(book);
        if (!ledger.usableFor(lastLockAt)) {
            if (ledger.underReview()) revert ReportUnderReview();
            revert ReportStale(ledger.navAsOf());
        }

        Outcome memory o;
        o.index = ledger.indexOf(address(this));
        if (o.index < p.minIndex || o.index > p.maxIndex) revert IndexOutOfBounds(o.index);
        o.subscribeTotal = _waiting(subscribeQueue);
        o.redeemTotal = _waiting(redeemQueue);
        if (o.index > 0) _divide(p, o);

        locked = false;
        lastSettleAt = uint64(block.timestamp);
        (index, _worthless) = (o.index, o.index == 0);
        _deliver(o);

        uint256 burned = o.redeemed - o.handed + o.redeemedExtra;
        // Both are below 2^128, since the queues' sums are.
        ledger.onSettle(o.subExtra, o.redExtra, int256(o.minted) - int256(burned));
        emit EpochSettled(
            epoch,
            o.index,
            o.netted,
            o.subExtra,
            o.redExtra,
            o.minted,
            burned,
            o.subscribeTotal,
            o.redeemTotal
        );
    }

    /// @notice Ends a lock without a settlement: after `maxLock` seconds, at once if the Unit is frozen.
    /// @dev Anybody. Reverts with NotLocked, LockNotStale.
    function unlockStale() external nonReentrant {
        if (!locked) revert NotLocked();
        uint256 until = uint256(lastLockAt) + maxLock;
        if (state != UnitState.FROZEN && block.timestamp <= until) revert LockNotStale(until);
        locked = false;
        subscribeQueue.unlock();
        redeemQueue.unlock();
        emit EpochUnlocked(epoch);
    }

    function _waiting(LctsQueue queue) private view returns (uint256) {
        return queue.totalUnderlying();
    }

    /// @dev Divides the epoch between the queues, the Class and the liquidity.
    function _divide(SettleParams calldata p, Outcome memory o) private view {
        uint256 scale = _scale;
        UnitState now_ = state;
        uint256 waiting = now_ == UnitState.WINDING_DOWN ? 0 : o.subscribeTotal;
        (o.netted, o.redeemed, o.handed) = SettlementMath.net(waiting, o.redeemTotal, o.index, scale);

        if (now_ == UnitState.ACTIVE && waiting > o.netted) {
            uint256 size = SettlementMath.assetsDown(totalSupply() - (o.redeemed - o.handed), o.index, scale);
            uint256 limit =
                Math.min(Math.min(p.subscribeCapacity, epochSubscribeCap), Math.saturatingSub(cap, size));
            limit = Math.min(limit, BookLike(book).subscribeHeadroom(address(this)));
            (o.subExtra, o.minted) = SettlementMath.subscribe(waiting - o.netted, limit, o.index, scale);
        }
        if (o.redeemTotal > o.redeemed) {
            uint256 limit = Math.min(Math.min(p.redeemCapacity, epochRedeemCap), redeemLiquidity);
            limit = Math.min(limit, BookLike(book).redeemHeadroom(address(this)));
            (o.redExtra, o.redeemedExtra) =
                SettlementMath.redeem(o.redeemTotal - o.redeemed, limit, o.index, scale);
        }
    }

    /// @dev Books the outcome in the queues and moves the tokens.
    function _deliver(Outcome memory o) private {
        (LctsQueue subscriptions, LctsQueue redemptions) = (subscribeQueue, redeemQueue);
        subscriptions.settle(o.netted + o.subExtra, o.handed + o.minted);
        redemptions.settle(o.redeemed + o.redeemedExtra, o.netted + o.redExtra);
        redeemLiquidity -= o.redExtra;

        uint256 burned = o.redeemed - o.handed + o.redeemedExtra;
        if (o.handed > 0) _transfer(address(redemptions), address(subscriptions), o.handed);
        if (burned > 0) _burn(address(redemptions), burned);
        if (o.minted > 0) _mint(address(subscriptions), o.minted);

        IERC20 token = IERC20(_asset);
        if (o.netted + o.redExtra > 0) {
            uint256 before = token.balanceOf(address(redemptions));
            if (o.netted > 0) subscriptions.release(address(redemptions), o.netted);
            if (o.redExtra > 0) token.safeTransfer(address(redemptions), o.redExtra);
            _checkReceived(address(redemptions), before, o.netted + o.redExtra);
        }
        if (o.subExtra > 0) {
            uint256 before = token.balanceOf(classProxy);
            subscriptions.release(classProxy, o.subExtra);
            _checkReceived(classProxy, before, o.subExtra);
        }
    }

    // --- Migration ---

    /// @notice Burns `shares` of the caller and pays nothing for them: what they were worth is left to the other shares.
    /// @dev Holders that governance named only, which is how a MigrationVault ends what it has swapped. Only while the
    /// Unit winds down or is closed: before that, whoever burned nearly all shares would make a single one dearer than
    /// the next subscription. Reverts with HolderNotAllowed, WrongState, UnitLocked, and ERC20InsufficientBalance.
    function burn(uint256 shares) external nonReentrant {
        if (!isHolder[msg.sender]) revert HolderNotAllowed(msg.sender);
        if (state != UnitState.WINDING_DOWN && state != UnitState.CLOSED) _wrongState();
        _checkUnlocked();
        _burn(msg.sender, shares);
        BookLike(book).onBurn(shares);
    }

    // --- Liquidity ---

    /// @notice Takes `amount` asset units from the Class (by its allowance) for redemptions.
    /// @dev Class custody only. Reverts with NotClassProxy, TransferMismatch.
    function depositLiquidity(uint256 amount) external nonReentrant {
        if (msg.sender != classProxy) revert NotClassProxy();
        redeemLiquidity += amount;
        _pull(msg.sender, address(this), amount);
        emit LiquidityDeposited(amount, redeemLiquidity);
    }

    /// @notice Gives `amount` asset units that no waiting redemption needs back to the Class.
    /// @dev Class custody only, and to it only; not under lock. Waiting shares are valued at the higher of the Book's price
    /// and the last settlement's, ceil: a fall that waits for review frees nothing. Reverts with NotClassProxy,
    /// UnitLocked, LiquidityReserved.
    function withdrawLiquidity(uint256 amount) external nonReentrant {
        if (msg.sender != classProxy) revert NotClassProxy();
        _checkUnlocked();
        uint256 price = Math.max(index, BookLike(book).indexOf(address(this)));
        uint256 needed = SettlementMath.assetsUp(_waiting(redeemQueue), price, _scale);
        uint256 free = Math.saturatingSub(redeemLiquidity, needed);
        if (amount > free) revert LiquidityReserved(free);
        redeemLiquidity -= amount;
        IERC20(_asset).safeTransfer(msg.sender, amount);
        emit LiquidityWithdrawn(amount, redeemLiquidity);
    }

    // --- Administration ---

    /// @notice Sets the caps, asset units. `cap_` 0 closes the Unit for subscriptions beyond netting.
    /// @dev Governance of the Class only. Takes effect with the next settlement.
    function setCaps(uint256 cap_, uint256 epochSubscribeCap_, uint256 epochRedeemCap_)
        external
        nonReentrant
        onlyRole(Roles.DEFAULT_ADMIN)
    {
        _setCaps(cap_, epochSubscribeCap_, epochRedeemCap_);
    }

    /// @notice Lets `account` subscribe and hold shares, or no longer. What is his stays his to take.
    /// @dev Governance of the Class only. Reverts with SelfDeal for the Class itself.
    function setEntrant(address account, bool allowed) external nonReentrant onlyRole(Roles.DEFAULT_ADMIN) {
        _setEntrant(account, allowed);
    }

    /// @notice Lets `account` hold shares, or no longer.
    /// @dev Governance of the Class only. Reverts with SelfDeal for the Class itself.
    function setHolder(address account, bool allowed) external nonReentrant onlyRole(Roles.DEFAULT_ADMIN) {
        _setHolder(account, allowed);
    }

    /// @notice Opens the Unit to anybody, or closes it to all but entrants and holders.
    /// @dev Governance of the Class only.
    function setOpen(bool open_) external nonReentrant onlyRole(Roles.DEFAULT_ADMIN) {
        open = open_;
        emit OpenSet(open_);
    }

    /// @notice Stops subscriptions; redemptions, netting, exits and claims go on.
    /// @dev Freezer, conserver or governance. Reverts with WrongState unless ACTIVE.
    function pauseSubscribe() external nonReentrant {
        _checkGuard();
        _checkState(UnitState.ACTIVE);
        _setState(UnitState.SUBSCRIBE_PAUSED);
    }

    /// @notice Takes subscriptions again after `pauseSubscribe`.
    /// @dev Governance of the Class only. Reverts with WrongState unless SUBSCRIBE_PAUSED.
    function resumeSubscribe() external nonReentrant onlyRole(Roles.DEFAULT_ADMIN) {
        _checkState(UnitState.SUBSCRIBE_PAUSED);
        _setState(UnitState.ACTIVE);
    }

    /// @notice Stops entries, locks and settlements; a lock can be ended by anybody at once. Exits and claims go on.
    /// @dev Freezer, conserver or governance. Reverts with WrongState if frozen or closed.
    function freeze() external nonReentrant {
        _checkGuard();
        if (state == UnitState.FROZEN || state == UnitState.CLOSED) _wrongState();
        _stateAfterFreeze = state;
        _setState(UnitState.FROZEN);
    }

    /// @notice Returns to the state before the freeze.
    /// @dev Governance of the Class only. Reverts with WrongState unless FROZEN.
    function unfreeze() external nonReentrant onlyRole(Roles.DEFAULT_ADMIN) {
        _checkState(UnitState.FROZEN);
        _setState(_stateAfterFreeze);
    }

    /// @notice Ends subscriptions for good: the subscribe queue can only be left, redemptions are settled pro rata. A
    /// frozen Unit winds down after its freeze.
    /// @dev Conserver or governance. Reverts with WrongState if closed.
    function windDown() external nonReentrant {
        if (!_hasRole(Roles.CONSERVER) && !_hasRole(Roles.DEFAULT_ADMIN)) {
            revert NotAuthorized(Roles.CONSERVER);
        }
        if (state == UnitState.CLOSED) _wrongState();
        if (state == UnitState.FROZEN) _stateAfterFreeze = UnitState.WINDING_DOWN;
        else _setState(UnitState.WINDING_DOWN);
    }

    /// @notice Ends the Unit's life when fewer shares are left than the least redemption and none waits.
    /// @dev Governance of the Class only. Exits and claims stay possible. Reverts with WrongState, UnitLocked, NotEmpty.
    function close() external nonReentrant onlyRole(Roles.DEFAULT_ADMIN) {
        _checkState(UnitState.WINDING_DOWN);
        _checkUnlocked();
        if (totalSupply() >= redeemQueue.minEntry() || _waiting(redeemQueue) > 0) revert NotEmpty();
        _setState(UnitState.CLOSED);
    }

    /// @notice Sends what is not redemption liquidity (donations) to `to`.
    /// @dev Governance of the Class only. The Unit's own shares move from here only if it is a holder or open.
    /// @return amount Token units sent.
    function skim(address token, address to)
        external
        nonReentrant
        onlyRole(Roles.DEFAULT_ADMIN)
        returns (uint256 amount)
    {
        amount = IERC20(token).balanceOf(address(this)) - (token == _asset ? redeemLiquidity : 0);
        IERC20(token).safeTransfer(to, amount);
        emit Skimmed(token, to, amount);
    }

    function _check(bool holds, bytes32 parameter) private pure {
        if (!holds) revert BadParameter(parameter);
    }

    function _checkGuard() private view {
        if (!_hasRole(Roles.FREEZER) && !_hasRole(Roles.CONSERVER) && !_hasRole(Roles.DEFAULT_ADMIN)) {
            revert NotAuthorized(Roles.FREEZER);
        }
    }

    function _setCaps(uint256 cap_, uint256 epochSubscribeCap_, uint256 epochRedeemCap_) private {
        (cap, epochSubscribeCap, epochRedeemCap) = (cap_, epochSubscribeCap_, epochRedeemCap_);
        emit CapsSet(cap_, epochSubscribeCap_, epochRedeemCap_);
    }

    function _setState(UnitState to) private {
        emit StateChanged(state, to);
        state = to;
    }
}
