// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { HaloUnit } from "src/lcts/HaloUnit.sol";
import { LctsQueue } from "src/lcts/LctsQueue.sol";
import { TrancheBase } from "test/book/TrancheBase.sol";

/// @notice Primes, a settler who keeps no order, attestors, a conserver, governance and a donor act at random on a Class
/// of two to four tranches.
/// @dev Every action is one that should succeed; the runner fails on a revert.
contract TrancheHandler is TrancheBase {
    /// @dev The Book before a settlement.
    struct Before {
        uint256[4] indexes;
        bool[4] covered;
        uint256 nav;
        uint256 roomIn;
        uint256 roomOut;
        uint256 proxy;
        uint256 liquidity;
    }

    uint256 public immutable COUNT;
    address[3] public primes;
    /// @dev NAV by the listed ways alone: reports, losses, force, settlements.
    uint256 public expectedNav;
    /// @dev How often the rare things happened, so that a suite that never sees them is noticed.
    mapping(bytes32 => uint256) public seen;

    constructor(uint8 decimals, uint256 count) {
        COUNT = count;
        uint16[] memory bps = new uint16[](count);
        uint16[] memory covers = new uint16[](count);
        for (uint256 k = 1; k < count; ++k) {
            (bps[k], covers[k]) = (uint16(300 * (count - k) + 200), uint16(1000 * k));
        }
        _deployClass(decimals, bps, covers);
        primes = [alice, bob, carol];
        for (uint256 i; i < 3; ++i) {
            token.mint(primes[i], 1e15 * one);
        }
        token.mint(classProxy, 1e18 * one);
    }

    function world() external view returns (address, address, HaloUnit[] memory) {
        return (address(book), address(token), tranches);
    }

    function _choose(uint256 k) private {
        _use(k % COUNT);
    }

    function _prime(uint256 seed) private view returns (address) {
        return primes[seed % 3];
    }

    // --- Primes ---

    function subscribe(uint256 who, uint256 k, uint256 amount) external {
        _choose(k);
        if (unit.locked() || unit.index() == 0) return;
        _subscribe(_prime(who), bound(amount, one, 1e8 * one));
    }

    function requestRedeem(uint256 who, uint256 k, uint256 shares) external {
        _choose(k);
        address user = _prime(who);
        uint256 held = unit.balanceOf(user);
        if (unit.locked() || held < 1e18) return;
        shares = shares % 3 == 0 ? held : bound(shares, 1e18, held);
        if (shares + red.totalUnderlying() <= 1e30) _redeem(user, shares);
    }

    function claim(uint256 who, uint256 k) external {
        _choose(k);
        address user = _prime(who);
        _claimShares(user);
        _claimAssets(user);
    }

    function leave(uint256 who, uint256 k, bool redeems) external {
        _choose(k);
        address user = _prime(who);
        LctsQueue queue = redeems ? red : sub;
        uint64 current = queue.currentGeneration();
        if (unit.locked() || current == 0 || queue.positionOf(user).generation != current) return;
        vm.prank(user);
        if (redeems) unit.exitRedeem(user, user);
        else unit.exitDeposit(user, user);
    }

    // --- Settler ---

    /// @dev All tranches at once, as an operator would, or one alone.
    function lock(uint256 k, uint256 wait) external {
        skip(bound(wait, 0, 2 days));
        for (uint256 i; i < COUNT; ++i) {
            _use(i);
            if (unit.locked() || (k % 4 == 0 && i != k / 4 % COUNT)) continue;
            _lock();
        }
    }

    function settle(uint256 k, uint256 seed, uint256 subscribeCapacity, uint256 redeemCapacity) external {
        _choose(k);
        if (!unit.locked()) return;
        if (!book.usableFor(unit.lastLockAt())) _drift(seed);
        subscribeCapacity = subscribeCapacity % 2 == 0 ? MAX : bound(subscribeCapacity, 0, 1e9 * one);
        redeemCapacity = redeemCapacity % 2 == 0 ? MAX : bound(redeemCapacity, 0, 1e9 * one);

        Before memory b = _before();
        _settle(subscribeCapacity, redeemCapacity);
        uint256 taken = token.balanceOf(classProxy) - b.proxy;
        uint256 paid = b.liquidity - unit.redeemLiquidity();
        expectedNav = expectedNav + taken - paid;
        vm.assertEq(book.nav(), b.nav + taken - paid, "I17 a settlement moves what it moved");
        vm.assertLe(taken, b.roomIn, "I16 subscriptions within the headroom");
        vm.assertLe(paid, b.roomOut, "I16 redemptions within the headroom");
        for (uint256 i; i < COUNT; ++i) {
            if (tranches[i].totalSupply() > 0) vm.assertGe(_indexAt(i), b.indexes[i], "I13 an index fell");
            bool tightened = i <= k % COUNT ? taken > 0 : paid > 0;
            if (i > 0 && (b.covered[i] || tightened)) {
                vm.assertTrue(_covered(i), "I15 cover below the least after a settlement");
            }
        }
        if (taken > 0) ++seen["taken"];
        if (paid > 0) ++seen["paid"];
        if (book.classReserve() > 0) ++seen["reserve"];
    }

    function _before() private view returns (Before memory b) {
        for (uint256 i; i < COUNT; ++i) {
            (b.indexes[i], b.covered[i]) = (_indexAt(i), _covered(i));
        }
        b.nav = book.nav();
        b.roomIn = book.subscribeHeadroom(address(unit));
        b.roomOut = book.redeemHeadroom(address(unit));
        b.proxy = token.balanceOf(classProxy);
        b.liquidity = unit.redeemLiquidity();
    }

    /// @dev Exactly, where `coverOf` rounds.
    function _covered(uint256 k) private view returns (bool) {
        (,,, uint256 least,,,) = book.termsOf(address(tranches[k]));
        uint256[] memory values = book.trancheValues();
        uint256 above;
        for (uint256 i = k; i < values.length; ++i) {
            above += values[i];
        }
        return (book.nav() - above) * 1e4 >= least * book.nav();
    }

    function unlockStale(uint256 k, uint256 wait) external {
        _choose(k);
        if (!unit.locked()) return;
        uint256 until = uint256(unit.lastLockAt()) + unit.maxLock() + 1 + wait % 1 hours;
        if (block.timestamp < until) vm.warp(until);
        unit.unlockStale();
    }

    // --- Value ---

    function report(uint256 seed) external {
        _drift(seed);
    }

    /// @dev A report somewhere between a fall of 4 % and the most that is allowed; a reviewed one is confirmed, or refused
    /// and reported anew.
    function _drift(uint256 seed) private {
        skip(1 + seed % 1 hours);
        uint256 nav = book.nav();
        uint256 most = book.maxNavAt(uint64(block.timestamp));
        _report(bound(seed, nav - nav / 25, most));
        expectedNav = book.nav();
        if (!book.underReview()) return;
        uint64 seq = reporter.lastSeq();
        uint256[4] memory before = _targets();
        vm.prank(attestors[2]);
        if (seed % 2 == 0) {
            reporter.confirm(seq);
        } else {
            reporter.reject(seq);
            _assertTargetsNotAbove(before);
            vm.assertEq(book.nav(), nav, "a refused fall stays");
            skip(1);
            _report(nav);
        }
        expectedNav = book.nav();
    }

    function _targets() private view returns (uint256[4] memory targets) {
        for (uint256 k = 1; k < COUNT; ++k) {
            targets[k] = book.targetOf(address(tranches[k]));
        }
    }

    function _assertTargetsNotAbove(uint256[4] memory before) private view {
        uint256[4] memory now_ = _targets();
        for (uint256 k = 1; k < COUNT; ++k) {
            vm.assertLe(now_[k], before[k], "a refused report moved a claim");
        }
    }

    /// @dev A loss of any size, small ones more often; the second key agrees.
    function loss(uint256 amount) external {
        uint256 nav = book.nav();
        amount = amount % 4 == 0 ? bound(amount, nav / 2, nav) : bound(amount, 0, nav / 20);
        vm.prank(conserver);
        book.applyLoss(amount, 0);
        expectedNav -= amount;
        vm.assertEq(book.nav(), nav - amount, "a loss of another size");
        if (book.underReview()) {
            uint64 seq = reporter.lastSeq();
            vm.prank(attestors[2]);
            reporter.confirm(seq);
        }
        if (!book.solvent()) ++seen["insolvent"];
    }

    /// @dev What was written off comes back, and sometimes more.
    function recover(uint256 amount) external {
        if (book.totalShares() == 0) return;
        uint256 nav = book.nav();
        nav += bound(amount, 0, nav / 2 + 1e6 * one);
        _force(nav);
        expectedNav = nav;
    }

    function crystallize(uint256 k) external {
        k = 1 + k % (COUNT - 1);
        uint256 index = _indexAt(k);
        if (index >= book.targetOf(address(tranches[k])) || index < RAY / 1e3) return;
        vm.prank(governance);
        book.crystallize(uint8(k));
        vm.assertEq(_indexAt(k), index, "nothing moves by it");
        ++seen["crystallized"];
    }

    function releaseReserve(uint256 amount) external {
        vm.prank(governance);
        book.releaseReserve(amount);
    }

    function setTerms(uint256 k, uint16 bps, uint16 least) external {
        k = 1 + k % (COUNT - 1);
        vm.prank(governance);
        book.setTerms(address(tranches[k]), bps % 2000, least % 3 == 0 ? 0 : least % 5000);
    }

    // --- Class and donor ---

    function fund(uint256 k, uint256 amount) external {
        _choose(k);
        _fund(bound(amount, 0, 1e9 * one));
    }

    /// @dev I18: tokens sent anywhere change no number of the Book.
    function donate(uint256 k, uint256 target, uint256 amount) external {
        _choose(k);
        address[5] memory targets = [address(sub), address(red), address(unit), address(book), classProxy];
        bytes32 before = _numbers();
        token.mint(targets[target % 5], bound(amount, 0, 1e9 * one));
        vm.assertEq(_numbers(), before, "I18 a donation counted");
    }

    function _numbers() private view returns (bytes32 numbers) {
        numbers = keccak256(abi.encode(book.nav(), book.classReserve(), book.trancheValues()));
        for (uint256 i; i < COUNT; ++i) {
            numbers = keccak256(abi.encode(numbers, _indexAt(i), _roomIn(i), _roomOut(i)));
        }
    }
}
