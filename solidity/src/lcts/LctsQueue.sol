// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { Initializable } from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { AclLike } from "src/lcts/AclLike.sol";
import { Roles } from "src/pau/Roles.sol";

interface UnitLike {
    function acl() external view returns (address);
}

/// @title LctsQueue: one side of a Unit
/// @notice Holds the underlying of those who wait and the reward of those who were served, and shares every settlement
/// pro rata among all who wait. In the subscribe queue the underlying is the asset and the reward the Unit's share; in
/// the redeem queue it is the other way round. Only the Unit may call it; users reach it through the Unit.
/// @dev Accounting by product and sum. `P` is the part of an entry that is left unconverted, `S` what an entry of P has
/// earned. P is rescaled by SCALE before it runs out of digits, so a generation may live for ever. Every user call costs
/// the same whatever the number of users, settlements and generations. All rounding is down for the user: the sum of
/// what users can take never exceeds what the queue holds. The queue counts for itself; it never reads its balance
/// except to give back what was sent here by mistake.
contract LctsQueue is Initializable, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;
    using SafeCast for uint256;

    /// @notice The caller is not the Unit.
    error NotUnit();
    /// @notice The caller has not the role of the Class that this takes.
    error NotAuthorized(bytes32 role);
    /// @notice The queue is locked for settlement.
    error QueueLocked();
    /// @notice The queue is already locked.
    error AlreadyLocked();
    /// @notice The queue is not locked.
    error NotLocked();
    /// @notice The account has nothing in this queue.
    error NoPosition();
    /// @notice The entry is smaller than `minimum` (underlying units).
    error BelowMinimum(uint256 minimum);
    /// @notice The queue would hold more than `maximum` (underlying units), beyond which its arithmetic is not proved.
    error QueueFull(uint256 maximum);
    /// @notice More was asked than is claimable now.
    error ExceedsClaimable(uint256 claimable);
    /// @notice A settlement would convert more than waits.
    error CapacityExceedsQueue(uint256 waiting);
    /// @notice The address may not be zero.
    error ZeroAddress();

    /// @notice A new generation began.
    event GenerationOpened(uint64 indexed generation);
    /// @notice `user` put `amount` underlying units into the generation.
    event Entered(address indexed user, uint64 indexed generation, uint256 amount);
    /// @notice The generation was locked with `totalUnderlying` waiting.
    event Locked(uint64 indexed generation, uint256 totalUnderlying);
    /// @notice The lock ended without a settlement.
    event Unlocked(uint64 indexed generation);
    /// @notice `converted` underlying units became `reward` reward units; `totalUnderlying` is left waiting.
    event Settled(
        uint64 indexed generation,
        uint256 converted,
        uint256 reward,
        uint256 P,
        uint32 scale,
        uint256 totalUnderlying
    );
    /// @notice The generation ended: all was converted, or the last position left. The dust belongs to nobody.
    event Finalized(uint64 indexed generation, uint256 underlyingDust, uint256 rewardDust);
    /// @notice `reward` was paid to `receiver` for `converted` underlying units of `user`.
    event Claimed(address indexed user, address indexed receiver, uint256 reward, uint256 converted);
    /// @notice `user` left the generation; `underlying` unconverted units are his again.
    event Exited(address indexed user, uint64 indexed generation, uint256 underlying);
    /// @notice `underlying` units that `user` took out of a generation were paid to `receiver`.
    event Refunded(address indexed user, address indexed receiver, uint256 underlying);
    /// @notice `amount` of `token` that belonged to nobody went to `to`.
    event Skimmed(address indexed token, address indexed to, uint256 amount);

    /// @notice DORMANT: no generation. ACTIVE: open for entry and exit. LOCKED: waiting for settlement.
    enum Status {
        DORMANT,
        ACTIVE,
        LOCKED
    }

    /// @notice What can be claimed: reward units, and the underlying units that were converted for them.
    struct Claimable {
        uint128 reward;
        uint128 converted;
    }

    /// @notice One account's place in the queue.
    /// @dev `amount` underlying units as of the snapshot (`product`, `scale`, `sum`) of `generation`; generation 0 means
    /// none. `refund`: underlying units that left a generation and wait to be paid. `current`: credited in this
    /// generation; `settled`: credited in generations that ended or were left, and so claimable also under lock.
    struct Position {
        uint128 amount;
        uint64 generation;
        uint32 scale;
        uint256 sum;
        uint128 product;
        uint128 refund;
        Claimable current;
        Claimable settled;
    }

    uint256 internal constant ONE = 1e36;
    uint256 internal constant SCALE = 1e9;
    /// @dev With at most this much waiting, four rescalings are enough for any settlement and P * f stays below 1e66.
    uint256 internal constant MAX_UNDERLYING = 1e30;

    /// @notice The Unit, the only caller.
    address public unit;
    /// @notice The smallest entry, underlying units.
    uint96 public minEntry;
    /// @notice The token that waits.
    IERC20 public underlying;
    /// @notice The token that is received.
    IERC20 public reward;

    uint128 private _totalUnderlying;
    uint128 private _owedReward;

    /// @dev P: at most 1e36, which takes 120 bits.
    uint120 private _product;
    uint32 private _scale;
    /// @dev Below 1e30 / 1e27 + 2 reward units.
    uint64 private _carry;
    Status private _status;

    uint64 private _generation;
    uint64 private _positions;
    uint128 private _totalRefund;

    /// @dev generation << 32 | scale → reward × P / underlying, summed while at that scale.
    mapping(uint256 => uint256) private _sums;
    /// @dev The last scale of a generation that ended.
    mapping(uint64 => uint32) private _lastScale;
    mapping(address => Position) private _positionOf;

    modifier onlyUnit() {
        if (msg.sender != unit) revert NotUnit();
        _;
    }

    constructor() {
        _disableInitializers();
    }

    /// @notice Binds a fresh clone to its Unit, who is the caller. Once only.
    /// @param underlying_ The token that waits.
    /// @param reward_ The token that is received.
    /// @param minEntry_ The smallest entry, underlying units.
    function initialize(address underlying_, address reward_, uint256 minEntry_) external initializer {
        if (underlying_ == address(0) || reward_ == address(0)) revert ZeroAddress();
        unit = msg.sender;
        minEntry = minEntry_.toUint96();
        underlying = IERC20(underlying_);
        reward = IERC20(reward_);
    }

    // --- In and out of a generation ---

    /// @notice Books `amount` underlying units for `user`; the Unit delivers the tokens in the same call.
    /// @dev Unit only. Opens a generation if there is none. Reverts with QueueLocked, BelowMinimum, QueueFull.
    function enter(address user, uint256 amount) external onlyUnit nonReentrant {
        if (_status == Status.LOCKED) revert QueueLocked();
        // An entry of nothing would open a generation in which nothing waits, and that no settlement could end.
        if (amount == 0 || amount < minEntry) revert BelowMinimum(minEntry);
        if (amount > MAX_UNDERLYING || amount + _totalUnderlying > MAX_UNDERLYING) {
            revert QueueFull(MAX_UNDERLYING);
        }

        Position storage p = _positionOf[user];
        if (p.generation != 0) (p.current, p.settled) = _accrue(p);
        if (_status == Status.DORMANT) {
            _status = Status.ACTIVE;
            ++_generation;
            _product = uint120(ONE);
            _scale = 0;
            emit GenerationOpened(_generation);
        }
        if (p.generation == 0) {
            p.generation = _generation;
            ++_positions;
        }
        _snapshot(p, p.amount + uint128(amount));
        _totalUnderlying += uint128(amount);
        emit Entered(user, p.generation, amount);
    }

    /// @notice Takes `user` out of the open generation. The unconverted rest becomes his refund, what he earned stays
    /// claimable; nothing is paid, so that a token that cannot move traps neither.
    /// @dev Unit only. Reverts with QueueLocked, NoPosition.
    /// @return refund Underlying units, floor.
    function cancel(address user) external onlyUnit nonReentrant returns (uint256 refund) {
        Position storage p = _positionOf[user];
        if (!_isLive(p)) revert NoPosition();
        Claimable memory settled;
        (refund, settled) = _leave(user, p);
        p.current = Claimable(0, 0);
        p.settled = settled;
        p.refund += uint128(refund);
        _totalRefund += uint128(refund);
    }

    /// @notice Takes `user` out of the queue and pays all that is his: refund, unconverted rest and reward.
    /// @dev Unit only. Reverts with QueueLocked if he waits in the locked generation, NoPosition if nothing is his.
    /// @return underlying_ Underlying units paid, floor.
    /// @return reward_ Reward units paid, floor.
    function exit(address user, address receiver)
        external
        onlyUnit
        nonReentrant
        returns (uint256 underlying_, uint256 reward_)
    {
        Position storage p = _positionOf[user];
        bool live = _isLive(p);
        uint256 remaining;
        Claimable memory settled;
        if (live) (remaining, settled) = _leave(user, p);
        else (, settled) = _accrue(p);

        uint256 refund = p.refund;
        (underlying_, reward_) = (refund + remaining, settled.reward);
        if (!live && underlying_ == 0 && reward_ == 0) revert NoPosition();
        if (refund > 0) {
            p.refund = 0;
            _totalRefund -= uint128(refund);
        }
        p.current = Claimable(0, 0);
        p.settled = Claimable(0, 0);
        if (reward_ > 0 || settled.converted > 0) _payReward(user, receiver, reward_, settled.converted);
        if (underlying_ > 0) _payUnderlying(user, receiver, underlying_);
    }

    // --- Claims ---

    /// @notice Pays `amount` reward units to `receiver`. Works in every status on what is claimable.
    /// @dev Unit only. Zero does nothing. Reverts with ExceedsClaimable.
    /// @return converted Underlying units that this claims: pro rata, floor, so that some is left while reward is left.
    function claimReward(address user, uint256 amount, address receiver)
        external
        onlyUnit
        nonReentrant
        returns (uint256 converted)
    {
        if (amount == 0) return 0;
        Position storage p = _positionOf[user];
        (Claimable memory current, Claimable memory settled) = _accrue(p);
        (uint256 rewards, uint256 convertedAll) = _sum(p, current, settled);
        if (amount > rewards) revert ExceedsClaimable(rewards);
        converted = amount == rewards ? convertedAll : Math.mulDiv(amount, convertedAll, rewards);
        _take(p, current, settled, amount, converted);
        _payReward(user, receiver, amount, converted);
    }

    /// @notice Claims the reward of `amount` converted underlying units. Works in every status on what is claimable.
    /// @dev Unit only. Zero does nothing. Reverts with ExceedsClaimable.
    /// @return paid Reward units paid to `receiver`: pro rata, floor; all of them if `amount` is all.
    function claimConverted(address user, uint256 amount, address receiver)
        external
        onlyUnit
        nonReentrant
        returns (uint256 paid)
    {
        if (amount == 0) return 0;
        Position storage p = _positionOf[user];
        (Claimable memory current, Claimable memory settled) = _accrue(p);
        (uint256 rewards, uint256 convertedAll) = _sum(p, current, settled);
        if (amount > convertedAll) revert ExceedsClaimable(convertedAll);
        paid = amount == convertedAll ? rewards : Math.mulDiv(amount, rewards, convertedAll);
        _take(p, current, settled, paid, amount);
        _payReward(user, receiver, paid, amount);
    }

    /// @notice Pays the underlying that `user` took out of a generation. Works in every status.
    /// @dev Unit only. Zero does nothing.
    /// @return amount Underlying units paid to `receiver`.
    function claimRefund(address user, address receiver)
        external
        onlyUnit
        nonReentrant
        returns (uint256 amount)
    {
        Position storage p = _positionOf[user];
        amount = p.refund;
        if (amount == 0) return 0;
        p.refund = 0;
        _totalRefund -= uint128(amount);
        _payUnderlying(user, receiver, amount);
    }

    // --- Epoch ---

    /// @notice Closes the generation for settlement; does nothing if there is none.
    /// @dev Unit only. Reverts with AlreadyLocked.
    /// @return waiting Underlying units that wait.
    function lock() external onlyUnit nonReentrant returns (uint256 waiting) {
        if (_status == Status.LOCKED) revert AlreadyLocked();
        if (_status == Status.DORMANT) return 0;
        _status = Status.LOCKED;
        waiting = _totalUnderlying;
        emit Locked(_generation, waiting);
    }

    /// @notice Opens a locked generation again without a settlement; does nothing if it is not locked.
    /// @dev Unit only.
    function unlock() external onlyUnit nonReentrant {
        if (_status != Status.LOCKED) return;
        _status = Status.ACTIVE;
        emit Unlocked(_generation);
    }

    /// @notice Converts `converted` underlying units into `rewardIn` reward units, pro rata for all who wait, and opens
    /// the generation again, or ends it if nothing is left. The Unit moves the tokens in the same call.
    /// @dev Unit only. Reverts with NotLocked (a dormant queue takes zeros), CapacityExceedsQueue.
    function settle(uint256 converted, uint256 rewardIn) external onlyUnit nonReentrant {
        if (_status == Status.DORMANT && converted == 0 && rewardIn == 0) return;
        if (_status != Status.LOCKED) revert NotLocked();
        uint256 waiting = _totalUnderlying;
        if (converted > waiting) revert CapacityExceedsQueue(waiting);

        uint64 generation = _generation;
        uint256 product = _product;
        uint256 scale_ = _scale;
        _owedReward += rewardIn.toUint128();

        // Never 0 here: positions lose by rounding, so something waits as long as somebody does.
        uint256 undistributed = rewardIn + _carry;
        uint256 increment = Math.mulDiv(undistributed, product, waiting);
        if (increment > 0) _sums[_key(generation, scale_)] += increment;
        // Ceil: what is carried on must never be counted twice.
        _carry = uint64(undistributed - Math.mulDiv(increment, waiting, product, Math.Rounding.Ceil));

        if (converted == waiting) {
            _totalUnderlying = 0;
            emit Settled(generation, converted, rewardIn, product, uint32(scale_), 0);
            _finalize();
        } else {
            uint256 left = waiting - converted;
            uint256 next = Math.mulDiv(product, left, waiting);
            for (uint256 factor = SCALE; next < ONE / SCALE; factor *= SCALE) {
                next = Math.mulDiv(product * factor, left, waiting);
                ++scale_;
            }
            _product = uint120(next);
            _scale = uint32(scale_);
            _totalUnderlying = uint128(left);
            _status = Status.ACTIVE;
            emit Settled(generation, converted, rewardIn, next, uint32(scale_), left);
        }
    }

    /// @notice Sends converted underlying to where the settlement wants it.
    /// @dev Unit only, within a settlement.
    function release(address to, uint256 amount) external onlyUnit nonReentrant {
        underlying.safeTransfer(to, amount);
    }

    // --- Administration ---

    /// @notice Sends what belongs to nobody (donations, dust of ended generations) to `to`.
    /// @dev Governance of the Class only.
    /// @return amount Token units sent.
    function skim(address token, address to) external nonReentrant returns (uint256 amount) {
        if (!AclLike(UnitLike(unit).acl()).hasRole(Roles.DEFAULT_ADMIN, msg.sender)) {
            revert NotAuthorized(Roles.DEFAULT_ADMIN);
        }
        uint256 owed;
        if (token == address(underlying)) owed = uint256(_totalUnderlying) + _totalRefund;
        else if (token == address(reward)) owed = _owedReward;
        amount = IERC20(token).balanceOf(address(this)) - owed;
        IERC20(token).safeTransfer(to, amount);
        emit Skimmed(token, to, amount);
    }

    // --- Views ---

    /// @notice DORMANT, ACTIVE or LOCKED.
    function status() external view returns (Status) {
        return _status;
    }

    /// @notice The number of the open generation, 0 if there is none.
    function currentGeneration() external view returns (uint64) {
        return _status == Status.DORMANT ? 0 : _generation;
    }

    /// @notice The number of the latest generation, open or ended; 0 before the first.
    function lastGeneration() external view returns (uint64) {
        return _generation;
    }

    /// @notice Underlying units that wait in the open generation.
    function totalUnderlying() external view returns (uint256) {
        return _totalUnderlying;
    }

    /// @notice Underlying units that left a generation and wait to be paid.
    function totalRefund() external view returns (uint256) {
        return _totalRefund;
    }

    /// @notice Reward units received and not yet paid, dust of open claims included.
    function owedReward() external view returns (uint256) {
        return _owedReward;
    }

    /// @notice Reward units received that no entry has been credited with yet; part of `owedReward`.
    function carry() external view returns (uint256) {
        return _carry;
    }

    /// @notice The part of an entry that is left, 1e36 × 1e9^scale at the start of the generation.
    function P() external view returns (uint256) {
        return _product;
    }

    /// @notice How often P was rescaled by 1e9 in the latest generation.
    function scale() external view returns (uint32) {
        return _scale;
    }

    /// @notice How many accounts wait in the open generation.
    function positions() external view returns (uint256) {
        return _positions;
    }

    /// @notice Reward × P / underlying, summed over the settlements of `generation` at `scale_`.
    function sumOf(uint64 generation, uint32 scale_) external view returns (uint256) {
        return _sums[_key(generation, scale_)];
    }

    /// @notice Underlying units of `user` that wait in the open generation, floor.
    function remainingOf(address user) external view returns (uint256) {
        return _remaining(_positionOf[user]);
    }

    /// @notice Reward units of `user`, floor, also those that a lock holds back.
    function earnedOf(address user) external view returns (uint256) {
        Position storage p = _positionOf[user];
        return _earned(p) + p.current.reward + p.settled.reward;
    }

    /// @notice What `user` can claim now. While his generation is locked, only earlier ones count.
    /// @return reward_ Reward units, floor.
    /// @return converted Underlying units that were converted for them.
    function claimableOf(address user) external view returns (uint256 reward_, uint256 converted) {
        Position storage p = _positionOf[user];
        (reward_, converted) = (p.settled.reward, p.settled.converted);
        if (_isHeld(p)) return (reward_, converted);
        reward_ += p.current.reward + _earned(p);
        converted += p.current.converted + p.amount - _remaining(p);
    }

    /// @notice Underlying units that `user` took out of a generation and has not been paid.
    function refundOf(address user) external view returns (uint256) {
        return _positionOf[user].refund;
    }

    /// @notice The stored position of `user`, as of his last action.
    function positionOf(address user) external view returns (Position memory) {
        return _positionOf[user];
    }

    // --- Accounting ---

    /// @dev Whether the position waits in the open generation.
    function _isLive(Position storage p) private view returns (bool) {
        return p.generation != 0 && p.generation == _generation && _status != Status.DORMANT;
    }

    /// @dev Whether a lock holds the position's earnings back.
    function _isHeld(Position storage p) private view returns (bool) {
        return _status == Status.LOCKED && _isLive(p);
    }

    /// @dev What is left of the position: a · P / (P0 · SCALE^(k − k0)).
    function _remaining(Position storage p) private view returns (uint256) {
        if (!_isLive(p)) return 0;
        uint256 steps = _scale - p.scale;
        // P grows by less than 1e9 within a scale and amount <= 1e30: beyond four scales nothing is left.
        if (steps > 4) return 0;
        return Math.mulDiv(p.amount, _product, p.product) / SCALE ** steps;
    }

    /// @dev What the position earned since its snapshot. What it still has four scales on is less than amount / 1e27
    /// units, so the sum stops there.
    function _earned(Position storage p) private view returns (uint256 earned) {
        uint256 amount = p.amount;
        if (amount == 0) return 0;
        uint64 generation = p.generation;
        uint256 first = p.scale;
        uint256 last = Math.min(_isLive(p) ? _scale : _lastScale[generation], first + 3);
        earned = Math.mulDiv(_sums[_key(generation, first)] - p.sum, amount, p.product);
        uint256 divisor = 1;
        for (uint256 at = first + 1; at <= last; ++at) {
            divisor *= SCALE;
            earned += Math.mulDiv(_sums[_key(generation, at)], amount, p.product) / divisor;
        }
    }

    /// @dev Credits what the position has earned, unless a lock holds it back; the caller stores the result. Afterwards a
    /// live position stands at the present P and S, one of an ended generation is out of it, all its earnings settled.
    function _accrue(Position storage p)
        private
        returns (Claimable memory current, Claimable memory settled)
    {
        if (p.generation == 0 || _isHeld(p)) {
            return (p.current, p.settled);
        }
        if (!_isLive(p)) {
            (, settled) = _detach(p);
            return (current, settled);
        }
        uint256 remaining;
        (remaining, current) = _credit(p);
        settled = p.settled;
        _snapshot(p, uint128(remaining));
    }

    /// @dev What is left of the position, and its `current` with what it has earned since the snapshot.
    function _credit(Position storage p) private view returns (uint256 remaining, Claimable memory current) {
        current = p.current;
        remaining = _remaining(p);
        current.reward += _earned(p).toUint128();
        current.converted += uint128(p.amount - remaining);
    }

    function _snapshot(Position storage p, uint128 amount) private {
        p.amount = amount;
        p.scale = _scale;
        p.product = _product;
        p.sum = _sums[_key(_generation, _scale)];
    }

    /// @dev Takes the position out of its generation: all that it earned there is settled now; the caller stores or pays
    /// it. `sum` and `product` stay as they are, since without an amount they mean nothing and the next entry overwrites
    /// them more cheaply.
    function _detach(Position storage p) private returns (uint256 remaining, Claimable memory settled) {
        Claimable memory current;
        (remaining, current) = _credit(p);
        settled = p.settled;
        settled.reward += current.reward;
        settled.converted += current.converted;
        (p.amount, p.generation, p.scale) = (0, 0, 0);
    }

    /// @dev Takes a live position out of the open generation; the caller stores or pays what this returns.
    function _leave(address user, Position storage p)
        private
        returns (uint256 remaining, Claimable memory settled)
    {
        if (_status == Status.LOCKED) revert QueueLocked();
        (remaining, settled) = _detach(p);
        _totalUnderlying -= uint128(remaining);
        emit Exited(user, _generation, remaining);
        if (--_positions == 0) _finalize();
    }

    /// @dev Ends the open generation. P, scale and sums stand still from here on; what is left is dust of nobody's.
    function _finalize() private {
        (uint256 underlyingDust, uint256 rewardDust) = (_totalUnderlying, _carry);
        if (_scale > 0) _lastScale[_generation] = _scale;
        _owedReward -= uint128(rewardDust);
        _carry = 0;
        _totalUnderlying = 0;
        _positions = 0;
        _status = Status.DORMANT;
        emit Finalized(_generation, underlyingDust, rewardDust);
    }

    /// @dev What can be claimed of a position that `_accrue` returned.
    function _sum(Position storage p, Claimable memory current, Claimable memory settled)
        private
        view
        returns (uint256 rewards, uint256 converted)
    {
        (rewards, converted) = (settled.reward, settled.converted);
        if (_isHeld(p)) return (rewards, converted);
        rewards += current.reward;
        converted += current.converted;
    }

    /// @dev Takes a claim out of the position, from ended generations first.
    function _take(
        Position storage p,
        Claimable memory current,
        Claimable memory settled,
        uint256 rewards,
        uint256 converted
    ) private {
        uint128 rewardFirst = uint128(Math.min(rewards, settled.reward));
        uint128 convertedFirst = uint128(Math.min(converted, settled.converted));
        p.settled = Claimable(settled.reward - rewardFirst, settled.converted - convertedFirst);
        p.current = Claimable(
            current.reward - uint128(rewards - rewardFirst),
            current.converted - uint128(converted - convertedFirst)
        );
    }

    function _payReward(address user, address receiver, uint256 amount, uint256 converted) private {
        _owedReward -= uint128(amount);
        emit Claimed(user, receiver, amount, converted);
        if (amount > 0) reward.safeTransfer(receiver, amount);
    }

    function _payUnderlying(address user, address receiver, uint256 amount) private {
        emit Refunded(user, receiver, amount);
        underlying.safeTransfer(receiver, amount);
    }

    function _key(uint64 generation, uint256 scale_) private pure returns (uint256) {
        return uint256(generation) << 32 | scale_;
    }
}
