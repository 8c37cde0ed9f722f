// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { SettleParams, UnitState } from "src/lcts/UnitTypes.sol";
import { ControllerSurface } from "src/pau/ControllerSurface.sol";
import { RateLimitKeys } from "src/pau/RateLimitKeys.sol";
import { Roles } from "src/pau/Roles.sol";
import { EmergencyBase } from "test/emergency/EmergencyBase.sol";
import { PauActions } from "test/pau/PauActions.sol";

/// @notice Primes, operators, wardens, conserver, Sky and a Halo that does what it can against a takeover act at random
///         on one Class. Beside the contracts runs a model that knows only times and words.
/// @dev Most actions may be refused; what counts is what succeeds, and when.
contract EmergencyHandler is EmergencyBase {
    address[3] public primes;
    address[4] public operators;

    // The model of operators: revoked by a purge until somebody who may names one again.
    bool public purged;
    uint256 public operated;
    uint256 public operatedAfterPurge;

    // The model of a takeover.
    bool public pending;
    uint256 public begunAt;
    bool public taken;
    uint256 public takeovers;
    uint256 public cancellations;
    /// @dev What custody held when the pending takeover began.
    uint256 public custodyAtBeginning;

    mapping(bytes32 => uint256) public calls;

    constructor() {
        setUp();
        primes = [alfa, bravo, carbon];
        operators = [relayer, settler, makeAddr("planted"), makeAddr("planted too")];
        for (uint256 i; i < 3; ++i) {
            _subscribe(unit, primes[i], 100_000e18);
        }
        _epoch(unit);
        for (uint256 i; i < 3; ++i) {
            uint256 shares = unit.maxMint(primes[i]);
            vm.prank(primes[i]);
            unit.mint(shares, primes[i]);
        }
        usds.mint(address(custody), 1_000_000e18);
        usdc.mint(address(custody), 1_000_000e6);
    }

    function world()
        external
        view
        returns (address guard_, address unit_, address acl_, address custody_, address limits_)
    {
        return (address(guard), address(unit), address(acl), address(custody), address(limits));
    }

    function halo() external view returns (address) {
        return haloProxy;
    }

    // --- Primes ---

    function enter(uint256 who, uint256 amount, bool redeems) external {
        address user = primes[who % 3];
        if (redeems) {
            uint256 has = unit.balanceOf(user);
            if (has < 1_000e18) return;
            _try(
                "requestRedeem",
                user,
                address(unit),
                abi.encodeCall(unit.requestRedeem, (bound(amount, 1_000e18, has), user, user))
            );
            return;
        }
        _renew();
        amount = bound(amount, 1_000e18, 50_000e18);
        usds.mint(user, amount);
        vm.prank(user);
        usds.approve(address(unit), amount);
        _try("requestDeposit", user, address(unit), abi.encodeCall(unit.requestDeposit, (amount, user, user)));
    }

    function leave(uint256 who, bool redeems) external {
        address user = primes[who % 3];
        bytes memory data = redeems
            ? abi.encodeCall(unit.exitRedeem, (user, user))
            : abi.encodeCall(unit.exitDeposit, (user, user));
        _try("exit", user, address(unit), data);
    }

    // --- Operators ---

    /// @dev Any call of a Controller or a Unit that an operator may make, by anybody who is or was one.
    function operate(uint256 who, uint256 what) external {
        address by = operators[who % 4];
        (address at, bytes memory data) = _operation(what);
        vm.prank(by);
        (bool ok,) = at.call(data);
        if (!ok) return;
        ++operated;
        if (purged) ++operatedAfterPurge;
    }

    /// @dev An epoch as it should go, so that the story moves on.
    function epoch(uint256 part) external {
        if (unit.locked() || purged || _count(Roles.SETTLER) == 0) return;
        UnitState state = unit.state();
        if (state == UnitState.FROZEN || state == UnitState.CLOSED || state == UnitState.PENDING) return;
        if (!acl.hasRole(Roles.SETTLER, settler)) return;
        uint256 next = uint256(unit.lastLockAt()) + unit.minEpochGap();
        if (block.timestamp < next) vm.warp(next);
        vm.prank(settler);
        unit.lockEpoch();
        if (part % 4 == 0) return;
        skip(1 hours);
        _report();
        _try("settle", settler, address(unit), abi.encodeCall(unit.settleEpoch, (_params(part))));
    }

    function unlock() external {
        _try("unlockStale", stranger, address(unit), abi.encodeCall(unit.unlockStale, ()));
    }

    // --- Wardens and conserver ---

    function stop(uint256 who, uint256 what) external {
        address[6] memory may = [freezer, conserver, sky, council, stranger, operators[2]];
        address by = may[who % 6];
        bytes memory data;
        if (what % 4 == 0) data = abi.encodeCall(guard.freezeUnit, (address(unit)));
        if (what % 4 == 1) data = abi.encodeCall(guard.freezeClass, ());
        if (what % 4 == 2) data = abi.encodeCall(guard.purgeOperators, ());
        if (what % 4 == 3) {
            bytes32[] memory keys = new bytes32[](1);
            keys[0] = RateLimitKeys.usdsToUsdc();
            data = abi.encodeCall(guard.zeroKeys, (keys));
        }
        if (!_try("stop", by, address(guard), data)) return;
        bool theHalos = by == freezer || by == operators[2];
        vm.assertTrue(
            by != stranger && !(theHalos && (pending || taken)), "I31 a warden of the Halo in a takeover"
        );
        if (what % 4 == 2) purged = true;
    }

    function initiate(uint256 who) external {
        address[4] memory all = [conserver, conserver, haloProxy, freezer];
        if (!_try(
                "initiate", all[who % 4], address(guard), abi.encodeCall(guard.initiateTakeover, ("reason"))
            )) {
            return;
        }
        vm.assertTrue(all[who % 4] == conserver && !pending && !taken, "I31 begun by another, or twice");
        (pending, begunAt) = (true, block.timestamp);
        custodyAtBeginning = usds.balanceOf(address(custody));
    }

    function cancel(uint256 who) external {
        address[5] memory all = [sky, council, haloProxy, freezer, conserver];
        address by = all[who % 5];
        if (!_try("cancel", by, address(guard), abi.encodeCall(guard.cancelTakeover, ()))) return;
        vm.assertTrue(pending && (by == sky || by == council), "I31 cancelled by another, or without one");
        pending = false;
        ++cancellations;
    }

    function complete(uint256 who, uint256 early) external {
        // Aim at the moment, from both sides.
        if (pending && early % 3 != 0) vm.warp(_max(block.timestamp, begunAt + DELAY - 1 + early % 3));
        address[3] memory all = [conserver, haloProxy, sky];
        address by = all[who % 3];
        if (!_try("complete", by, address(guard), abi.encodeCall(guard.completeTakeover, ()))) return;
        vm.assertTrue(by == conserver, "I31 completed by another");
        vm.assertTrue(pending, "I31 completed without a takeover, or after it was cancelled");
        vm.assertGe(block.timestamp, begunAt + DELAY, "I31 completed before the delay");
        (pending, taken, purged) = (false, true, true);
        ++takeovers;
    }

    function giveBack(uint256 who) external {
        address[3] memory all = [sky, conserver, haloProxy];
        address by = all[who % 3];
        if (!_try("return", by, address(guard), abi.encodeCall(guard.returnControl, (haloProxy)))) return;
        vm.assertTrue(taken && by == sky, "returned by another, or without a takeover");
        taken = false;
    }

    // --- The Halo ---

    /// @dev What a Halo may try: with its roles it succeeds, without them it must not.
    function resist(uint256 what, uint256 who) external {
        address by = who % 3 == 0 ? operators[2] : haloProxy;
        bool free = !pending && !taken;
        (address at, bytes memory data) = _resistance(what % 13);
        bool ok = _try("resist", by, at, data);
        if (!ok) return;
        vm.assertTrue(free, "I31 the Halo acted in a takeover");
        if (what % 13 < 2) purged = false;
    }

    function _resistance(uint256 what) private view returns (address at, bytes memory data) {
        bytes32 controllerRole = keccak256("CONTROLLER");
        if (what == 0) return (address(acl), abi.encodeCall(acl.grantRole, (Roles.ALLOCATOR, operators[0])));
        if (what == 1) return (address(acl), abi.encodeCall(acl.grantRole, (Roles.SETTLER, operators[1])));
        if (what == 2) return (address(unit), abi.encodeCall(unit.unfreeze, ()));
        if (what == 3) {
            return (address(custody), abi.encodeCall(custody.grantRole, (controllerRole, operators[3])));
        }
        if (what == 4) return (address(custody), abi.encodeCall(custody.grantRole, (0x00, operators[2])));
        if (what == 5) return (address(acl), abi.encodeCall(acl.grantRole, (0x00, operators[2])));
        if (what == 6) return (address(limits), abi.encodeCall(limits.grantRole, (0x00, operators[2])));
        if (what == 7) return (address(ledger), abi.encodeCall(ledger.resume, ()));
        if (what == 8) return (address(guard), abi.encodeCall(guard.prepareMigration, ()));
        if (what == 9) return (address(acl), abi.encodeCall(acl.grantRole, (Roles.FREEZER, operators[2])));
        if (what == 10) return (address(acl), abi.encodeCall(acl.grantRole, (Roles.REVOKER, operators[2])));
        if (what == 11) {
            return (address(custody), abi.encodeCall(custody.doCall, (address(usds), _steal())));
        }
        return (
            address(limits),
            abi.encodeCall(limits.setRateLimitPreserving, (RateLimitKeys.usdsToUsdc(), 1e12, 0))
        );
    }

    function _steal() private view returns (bytes memory) {
        return abi.encodeCall(usds.transfer, (operators[3], 1));
    }

    /// @dev The backdoor that a Halo may have planted before, used by whom it was planted for.
    function useBackdoor() external {
        bool ok = _try(
            "backdoor",
            operators[3],
            address(custody),
            abi.encodeCall(custody.doCall, (address(usds), _steal()))
        );
        if (ok) vm.assertTrue(!pending && !taken, "I31 a backdoor outlived the beginning of a takeover");
    }

    /// @dev What no admin may do, at any time.
    function shakeOff(uint256 who, uint256 where) external {
        address by = who % 2 == 0 ? haloProxy : operators[2];
        address[3] memory at = [address(acl), address(custody), address(limits)];
        bytes memory data = abi.encodeCall(acl.revokeRole, (Roles.DEFAULT_ADMIN, address(guard)));
        if (where % 5 == 3) data = abi.encodeCall(acl.revokeRole, (Roles.CONSERVER, conserver));
        if (where % 5 == 4) data = abi.encodeCall(acl.setRoleRevoker, (Roles.DEFAULT_ADMIN, Roles.REVOKER));
        bool ok = _try("shakeOff", by, at[where % 5 > 2 ? 0 : where % 5], data);
        vm.assertFalse(ok, "the guard was shaken off");
    }

    // --- Time ---

    function pass(uint256 seconds_) external {
        skip(bound(seconds_, 1, 1 days));
        ++calls["pass"];
    }

    // --- Helpers ---

    function _operation(uint256 what) private view returns (address at, bytes memory data) {
        bytes[] memory list = PauActions.all(address(unit));
        uint256 allocations = list.length - 1 - PauActions.FIRST_ALLOCATION;
        what = what % (allocations + 7);
        if (what < allocations) return (address(pau), list[PauActions.FIRST_ALLOCATION + what]);
        what -= allocations;
        if (what == 0) return (address(pau), abi.encodeCall(ControllerSurface.psm_swapUSDSToUSDC, (1e6)));
        if (what == 1) return (address(pau), abi.encodeCall(ControllerSurface.psm_swapUSDCToUSDS, (1e6)));
        if (what == 2) {
            return (
                address(pau), abi.encodeCall(ControllerSurface.lctsHalo_fundRedemption, (address(unit), 1e18))
            );
        }
        if (what == 3) {
            return
                (
                    address(pau),
                    abi.encodeCall(ControllerSurface.lctsHalo_defundRedemption, (address(unit), 1))
                );
        }
        if (what == 4) {
            return (
                address(pau),
                abi.encodeCall(ControllerSurface.offramp_send, (custodian, address(usdc), 1e6, "ref"))
            );
        }
        if (what == 5) return (address(unit), abi.encodeCall(unit.lockEpoch, ()));
        return (address(unit), abi.encodeCall(unit.settleEpoch, (_params(1))));
    }

    function _params(uint256 part) private view returns (SettleParams memory) {
        uint256 capacity = part % 4 == 1 ? 0 : part % 4 == 2 ? 10_000e18 : MAX;
        return SettleParams(unit.epoch(), capacity, capacity, 0, MAX);
    }

    function _renew() private {
        heartbeats();
        _report();
        units.poke(UNIT_ID);
    }

    function _report() private {
        if (book.isEmpty() || book.navAsOf() >= block.timestamp || book.lastFlowAt() >= block.timestamp) {
            return;
        }
        postReport(reporter, book.nav());
    }

    function _try(bytes32 name, address by, address at, bytes memory data) private returns (bool ok) {
        vm.prank(by);
        (ok,) = at.call(data);
        if (ok) ++calls[name];
    }

    function _max(uint256 a, uint256 b) private pure returns (uint256) {
        return a > b ? a : b;
    }
}
