// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { LctsQueue } from "src/lcts/LctsQueue.sol";
import { SettleParams, UnitState } from "src/lcts/UnitTypes.sol";
import { Vm } from "test/base/Test.sol";
import { LctsBase } from "test/lcts/LctsBase.sol";

/// @notice Four Primes, a settler, attestors, a Class, wardens and a donor act at random on one Unit. Beside the
/// contracts runs a model that knows no product and no sum: it goes through all users at every settlement and keeps their
/// parts to 1e-18 wei.
/// @dev Every action is one that should succeed; the runner fails on a revert.
contract LctsHandler is LctsBase {
    uint256 public constant FINE = 1e18;

    /// @dev What the model says of a user in a queue, in wei × FINE.
    struct Shadow {
        uint256 remaining;
        uint256 earned;
        uint256 paid;
    }

    /// @dev What a settlement starts from.
    struct Before {
        uint256 price;
        uint256 liquidity;
        uint256 waitingSub;
        uint256 waitingRed;
        uint256 proxy;
        uint256 room;
    }

    address[4] public primes;
    mapping(LctsQueue => mapping(address => Shadow)) private _shadow;
    /// @dev User actions and settlements so far: each may cost a user a wei by rounding.
    uint256 public steps;
    /// @dev The highest price so far: reward wei for one underlying wei, ceil.
    mapping(LctsQueue => uint256) public dearest;

    uint256 public donatedToProxy;
    uint256 public donatedToUnit;
    uint256 public startProxy;
    int256 public intoProxy;
    mapping(LctsQueue => uint64) private _lastGeneration;
    /// @dev P, scale and sums of a generation as it ended.
    mapping(LctsQueue => mapping(uint64 => bytes32)) private _final;
    bool public started;

    mapping(bytes32 => uint256) public calls;

    constructor(uint8 decimals) {
        _deploy(decimals);
        address dave = makeAddr("dave");
        vm.prank(governance);
        unit.setEntrant(dave, true);
        primes = [alice, bob, carol, dave];
        for (uint256 i; i < 4; ++i) {
            token.mint(primes[i], 1e12 * one);
            vm.prank(primes[i]);
            token.approve(address(unit), MAX);
        }
        token.mint(classProxy, 1e15 * one);
        startProxy = token.balanceOf(classProxy);
        dearest[sub] = 1e18 / one;
        dearest[red] = 1;
        vm.prank(governance);
        unit.setCaps(1e11 * one, 1e10 * one, 1e10 * one);
        started = true;
    }

    /// @dev Around every action of a user: what it may never touch.
    modifier byUser(bytes32 name) {
        uint256 nav = book.nav();
        (uint256 s, uint256 r) = (sub.totalUnderlying(), red.totalUnderlying());
        uint256 price = unit.index();
        _;
        vm.assertEq(book.nav(), nav, "I17 a user moved NAV");
        vm.assertEq(unit.index(), price, "I17 a user moved the price");
        if (unit.locked()) {
            vm.assertEq(sub.totalUnderlying(), s, "I6 a user moved a locked queue");
            vm.assertEq(red.totalUnderlying(), r, "I6 a user moved a locked queue");
        }
        _generations();
        ++steps;
        ++calls[name];
    }

    function _generations() private {
        _generationsOf(sub);
        _generationsOf(red);
    }

    function _generationsOf(LctsQueue queue) private {
        uint64 last = queue.lastGeneration();
        vm.assertGe(last, _lastGeneration[queue], "I4 generations only grow");
        vm.assertLe(last, _lastGeneration[queue] + 1, "I4 one after the other");
        vm.assertTrue(queue.currentGeneration() == 0 || queue.currentGeneration() == last, "I4 one is open");
        _lastGeneration[queue] = last;
        if (last > 0 && queue.currentGeneration() == 0 && _final[queue][last] == 0) {
            _final[queue][last] = _sums(queue, last);
        }
        // The latest that ended: later ones change no key of earlier ones, or they would change this one's too.
        uint64 ended = queue.currentGeneration() == 0 ? last : last - 1;
        if (ended > 0 && _final[queue][ended] != 0) {
            vm.assertEq(_sums(queue, ended), _final[queue][ended], "I5 an ended generation changed");
        }
    }

    function _sums(LctsQueue queue, uint64 generation) private view returns (bytes32 sums) {
        for (uint32 scale; scale < 8; ++scale) {
            sums = keccak256(abi.encode(sums, queue.sumOf(generation, scale)));
        }
    }

    function _prime(uint256 seed) private view returns (address) {
        return primes[seed % 4];
    }

    // --- Users ---

    function subscribe(uint256 who, uint256 amount) external byUser("subscribe") {
        address user = _prime(who);
        if (unit.locked() || unit.state() != UnitState.ACTIVE || unit.index() == 0) return;
        amount = bound(amount, one, 1e8 * one);
        if (amount > token.balanceOf(user)) return;
        _subscribe(user, amount);
        _shadow[sub][user].remaining += amount * FINE;
    }

    function requestRedeem(uint256 who, uint256 shares) external byUser("requestRedeem") {
        address user = _prime(who);
        UnitState state = unit.state();
        if (unit.locked() || state == UnitState.FROZEN || unit.balanceOf(user) < 1e18) return;
        shares = bound(shares, 1e18, unit.balanceOf(user));
        _redeem(user, shares);
        _shadow[red][user].remaining += shares * FINE;
    }

    function claim(uint256 who, uint256 part, uint256 kind) external byUser("claim") {
        address user = _prime(who);
        LctsQueue queue = kind % 2 == 0 ? sub : red;
        (uint256 reward, uint256 converted) = queue.claimableOf(user);
        uint256 amount = bound(part, 0, kind % 4 < 2 ? reward : converted);
        if (part % 3 == 0) amount = kind % 4 < 2 ? reward : converted;
        uint256 before = _rewardBalance(queue, user);
        vm.startPrank(user);
        if (kind % 4 == 0) unit.mint(amount, user);
        else if (kind % 4 == 1) unit.withdraw(amount, user, user);
        else if (kind % 4 == 2) unit.deposit(amount, user);
        else unit.redeem(amount, user, user);
        vm.stopPrank();
        _shadow[queue][user].paid += _rewardBalance(queue, user) - before;
    }

    function settleFinalized(uint256 who) external byUser("settleFinalized") {
        address user = _prime(who);
        vm.prank(user);
        (uint256 shares, uint256 assets) = unit.settleFinalized(user, user);
        _shadow[sub][user].paid += shares;
        _shadow[red][user].paid += assets;
    }

    function cancel(uint256 who, bool redeems) external byUser("cancel") {
        address user = _prime(who);
        LctsQueue queue = redeems ? red : sub;
        if (unit.locked() || !_live(queue, user)) return;
        vm.startPrank(user);
        if (redeems) unit.cancelRedeemRequest(0, user);
        else unit.cancelDepositRequest(0, user);
        vm.stopPrank();
        _left(queue, user, queue.refundOf(user));
    }

    function claimCancelled(uint256 who, bool redeems) external byUser("claimCancelled") {
        address user = _prime(who);
        vm.startPrank(user);
        if (redeems) unit.claimCancelRedeemRequest(0, user, user);
        else unit.claimCancelDepositRequest(0, user, user);
        vm.stopPrank();
    }

    function exit(uint256 who, bool redeems) external byUser("exit") {
        address user = _prime(who);
        LctsQueue queue = redeems ? red : sub;
        if (unit.locked() || !_live(queue, user)) return;
        uint256 reward;
        uint256 back;
        vm.startPrank(user);
        if (redeems) (back, reward) = unit.exitRedeem(user, user);
        else (back, reward) = unit.exitDeposit(user, user);
        vm.stopPrank();
        _shadow[queue][user].paid += reward;
        _left(queue, user, back);
    }

    function transferShares(uint256 from, uint256 to, uint256 amount) external byUser("transferShares") {
        address owner = _prime(from);
        amount = bound(amount, 0, unit.balanceOf(owner));
        vm.prank(owner);
        unit.transfer(_prime(to), amount);
    }

    function _live(LctsQueue queue, address user) private view returns (bool) {
        uint64 current = queue.currentGeneration();
        return current != 0 && queue.positionOf(user).generation == current;
    }

    /// @dev I8 and I9: who leaves has at least all that the model says, but for rounding.
    function _left(LctsQueue queue, address user, uint256 back) private {
        uint256 due = _shadow[queue][user].remaining / FINE;
        vm.assertGe(back + steps + 2, due, "I9 principal is missing");
        _shadow[queue][user].remaining = 0;
    }

    function _rewardBalance(LctsQueue queue, address user) private view returns (uint256) {
        return queue == sub ? unit.balanceOf(user) : token.balanceOf(user);
    }

    // --- Operator ---

    function lock(uint256 wait) external {
        UnitState state = unit.state();
        if (unit.locked() || state == UnitState.FROZEN) return;
        skip(bound(wait, 0, 1 days));
        _lock();
        ++calls["lock"];
    }

    function settle(uint256 subscribeCapacity, uint256 redeemCapacity, uint256 drift) external {
        if (!unit.locked() || unit.state() == UnitState.FROZEN) return;
        skip(1 + drift % 1 hours);
        if (!book.isEmpty()) _drift(drift);
        uint256 kind = subscribeCapacity % 4;
        if (kind == 0) subscribeCapacity = MAX;
        else if (kind == 1 && sub.totalUnderlying() > 0) subscribeCapacity = sub.totalUnderlying() - 1;
        else subscribeCapacity = bound(subscribeCapacity, 0, 1e9 * one);
        redeemCapacity = redeemCapacity % 2 == 0 ? MAX : bound(redeemCapacity, 0, 1e9 * one);

        Before memory b = Before(
            book.indexOf(address(unit)),
            unit.redeemLiquidity(),
            sub.totalUnderlying(),
            red.totalUnderlying(),
            token.balanceOf(classProxy),
            Math.saturatingSub(unit.cap(), unit.convertToAssets(unit.totalSupply()))
        );
        bool known = unit.index() == b.price;
        vm.recordLogs();
        _settle(subscribeCapacity, redeemCapacity);
        _mirror(vm.getRecordedLogs(), b.waitingSub, b.waitingRed);

        uint256 taken = token.balanceOf(classProxy) - b.proxy;
        uint256 paid = b.liquidity - unit.redeemLiquidity();
        intoProxy += int256(taken);
        vm.assertLe(taken, Math.min(subscribeCapacity, unit.epochSubscribeCap()), "I16 subscriptions");
        if (known) vm.assertLe(taken, b.room + 2, "I16 cap");
        vm.assertLe(paid, Math.min(redeemCapacity, unit.epochRedeemCap()), "I16 redemptions");
        if (book.totalShares() > 0) vm.assertGe(book.indexOf(address(unit)), b.price, "I13 the index fell");
        vm.assertFalse(unit.locked(), "settled");
        _generations();
        ++steps;
        ++calls["settle"];
    }

    /// @dev A report somewhere between a fall of 3 % and the most that is allowed; a reviewed one is confirmed, or refused
    /// and reported anew.
    function _drift(uint256 seed) private {
        uint256 nav = book.nav();
        uint256 most = book.maxNavAt(uint64(block.timestamp));
        _report(bound(seed, nav - nav * 3 / 100, most));
        if (!book.underReview()) return;
        uint64 seq = reporter.lastSeq();
        vm.prank(attestors[2]);
        if (seed % 2 == 0) {
            reporter.confirm(seq);
        } else {
            reporter.reject(seq);
            vm.assertEq(book.nav(), nav, "a refused fall stays");
            skip(1);
            _report(nav);
        }
    }

    /// @dev Gives the model what the queues were told to convert, and lets it go through all users.
    function _mirror(Vm.Log[] memory logs, uint256 s, uint256 r) private {
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] != LctsQueue.Settled.selector) continue;
            (uint256 converted, uint256 reward,,, uint256 left) =
                abi.decode(logs[i].data, (uint256, uint256, uint256, uint32, uint256));
            LctsQueue queue = LctsQueue(logs[i].emitter);
            uint256 waiting = queue == sub ? s : r;
            vm.assertEq(waiting - converted, left, "what is left");
            if (converted == 0) continue;
            dearest[queue] = Math.max(dearest[queue], Math.ceilDiv(reward, converted));
            for (uint256 u; u < 4; ++u) {
                Shadow storage x = _shadow[queue][primes[u]];
                uint256 part = x.remaining;
                x.earned += Math.mulDiv(part, reward, waiting);
                x.remaining = part - Math.mulDiv(part, converted, waiting);
            }
        }
    }

    function unlockStale(uint256 wait) external {
        if (!unit.locked()) return;
        if (unit.state() != UnitState.FROZEN) {
            vm.warp(uint256(unit.lastLockAt()) + unit.maxLock() + 1 + wait % 1 hours);
        }
        vm.prank(stranger);
        unit.unlockStale();
        ++calls["unlockStale"];
    }

    // --- Class, wardens, donor ---

    function fund(uint256 amount) external {
        amount = bound(amount, 0, 1e9 * one);
        _fund(amount);
        intoProxy -= int256(amount);
        ++calls["fund"];
    }

    function defund(uint256 part) external {
        if (unit.locked()) return;
        uint256 price = Math.max(unit.index(), book.indexOf(address(unit)));
        uint256 reserved = Math.mulDiv(red.totalUnderlying(), price, RAY * (1e18 / one), Math.Rounding.Ceil);
        uint256 amount = bound(part, 0, Math.saturatingSub(unit.redeemLiquidity(), reserved));
        vm.prank(classProxy);
        unit.withdrawLiquidity(amount);
        intoProxy += int256(amount);
        ++calls["defund"];
    }

    function pause(uint256 what) external {
        UnitState state = unit.state();
        if (what % 4 == 0 && state == UnitState.ACTIVE) {
            vm.prank(freezer);
            unit.pauseSubscribe();
        } else if (what % 4 == 1 && state == UnitState.SUBSCRIBE_PAUSED) {
            vm.prank(governance);
            unit.resumeSubscribe();
        } else if (what % 16 == 2 && state != UnitState.FROZEN) {
            vm.prank(freezer);
            unit.freeze();
        } else if (state == UnitState.FROZEN) {
            vm.prank(governance);
            unit.unfreeze();
        }
        ++calls["pause"];
    }

    /// @dev I18: tokens sent anywhere change no number of the accounting.
    function donate(uint256 target, uint256 amount) external byUser("donate") {
        amount = bound(amount, 0, 1e9 * one);
        address[5] memory targets = [address(sub), address(red), address(unit), address(book), classProxy];
        address to = targets[target % 5];
        bytes32 before = _numbers();
        token.mint(to, amount);
        vm.assertEq(_numbers(), before, "I18 a donation counted");
        if (to == classProxy) donatedToProxy += amount;
        if (to == address(unit)) donatedToUnit += amount;
    }

    function _numbers() private view returns (bytes32) {
        return keccak256(
            abi.encode(
                sub.totalUnderlying(),
                red.totalUnderlying(),
                sub.owedReward(),
                red.owedReward(),
                book.nav(),
                book.indexOf(address(unit)),
                unit.redeemLiquidity(),
                unit.totalAssets()
            )
        );
    }

    /// @dev Takes donations and dust out; what is owed must stay.
    function skim(uint256 what) external {
        vm.startPrank(governance);
        if (what % 3 == 0) {
            sub.skim(address(token), stranger);
        } else if (what % 3 == 1) {
            red.skim(address(token), stranger);
        } else {
            unit.skim(address(token), stranger);
            donatedToUnit = 0;
        }
        vm.stopPrank();
        ++calls["skim"];
    }

    // --- For the invariants ---

    function queues() external view returns (LctsQueue, LctsQueue) {
        return (sub, red);
    }

    function shadowOf(LctsQueue queue, address user) external view returns (Shadow memory) {
        return _shadow[queue][user];
    }

    function world() external view returns (address unit_, address book_, address token_, address proxy) {
        return (address(unit), address(book), address(token), classProxy);
    }

    function sink() external view returns (address) {
        return stranger;
    }
}
