// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { HaloUnit } from "src/lcts/HaloUnit.sol";
import { SettleParams, UnitState } from "src/lcts/UnitTypes.sol";
import { LctsBase } from "test/lcts/LctsBase.sol";

/// @notice The pause matrix: every state of a Unit, locked or not, against every function that moves an account or an
///         epoch. The table below is the whole specification; each of its cells is brought about and tried.
contract FreezeMatrixTest is LctsBase {
    /// @dev A function, and in which states it works: six letters for PENDING, ACTIVE, SUBSCRIBE_PAUSED, FROZEN,
    /// WINDING_DOWN, CLOSED; first unlocked, then under lock. y works, n is refused, - cannot come about: no lock before the
    /// beginning or after the end, nobody's shares before the beginning, no place in the queues that outlives a closing here.
    struct Row {
        string name;
        string unlocked;
        string locked;
        address by;
        bytes data;
        // What must lie ready for it.
        Needs needs;
    }

    enum Needs {
        NOTHING,
        CLAIMS,
        REFUNDS,
        POSITIONS
    }

    UnitState[6] private states = [
        UnitState.PENDING,
        UnitState.ACTIVE,
        UnitState.SUBSCRIBE_PAUSED,
        UnitState.FROZEN,
        UnitState.WINDING_DOWN,
        UnitState.CLOSED
    ];

    function setUp() public override {
        super.setUp();
        vm.startPrank(governance);
        unit.setHolder(holder, true);
        vm.stopPrank();
    }

    function test_every_state_against_every_function() public {
        Row[] memory rows = _rows();
        uint256 tried;
        for (uint256 s; s < 6; ++s) {
            for (uint256 l; l < 2; ++l) {
                for (uint256 r; r < rows.length; ++r) {
                    bytes1 wanted = bytes(l == 0 ? rows[r].unlocked : rows[r].locked)[s];
                    if (wanted == "-") continue;
                    uint256 snapshot = vm.snapshotState();
                    _bringAbout(states[s], l == 1, rows[r].needs);
                    vm.prank(rows[r].by);
                    (bool ok,) = address(unit).call(rows[r].data);
                    string memory cell = string.concat(
                        rows[r].name, l == 1 ? " locked" : " unlocked", " in state ", vm.toString(s)
                    );
                    vm.assertEq(ok, wanted == "y", cell);
                    vm.revertToState(snapshot);
                    ++tried;
                }
            }
        }
        vm.assertEq(tried, 171, "cells");
    }

    /// @dev I32 and the principle of the matrix, said once more without the table: whatever the state, an account that
    /// waits gets its principal back, at once or, if the queue is locked, by what anybody can do after `maxLock`.
    function testFuzz_I32_principal_is_never_trapped(uint256 s, bool lockIt, bool redeems) public {
        UnitState state = states[bound(s, 1, 4)];
        _bringAbout(state, lockIt, Needs.POSITIONS);
        if (lockIt) {
            if (state != UnitState.FROZEN) skip(6 hours + 1);
            vm.prank(stranger);
            unit.unlockStale();
        }
        uint256 before = token.balanceOf(alice);
        vm.prank(alice);
        if (redeems) {
            (uint256 shares,) = unit.exitRedeem(alice, alice);
            vm.assertEq(shares, 10e18, "the shares that waited");
        } else {
            unit.exitDeposit(alice, alice);
            vm.assertEq(token.balanceOf(alice) - before, 50 * one, "the assets that waited");
        }
    }

    // --- The table ---

    function _rows() private view returns (Row[] memory rows) {
        rows = new Row[](19);
        SettleParams memory p = SettleParams(3, 0, 0, 0, MAX);
        bytes4 deposit3 = bytes4(keccak256("deposit(uint256,address,address)"));
        bytes4 mint3 = bytes4(keccak256("mint(uint256,address,address)"));
        bytes memory request = abi.encodeCall(unit.requestDeposit, (one, alice, alice));
        bytes memory sell = abi.encodeCall(unit.requestRedeem, (1e18, alice, alice));
        // Requests.
        rows[0] = Row("requestDeposit", "nynnnn", "-nnnn-", alice, request, Needs.NOTHING);
        rows[1] = Row("requestRedeem", "nyynyn", "-nnnn-", alice, sell, Needs.NOTHING);
        // Claims: always.
        rows[2] = _claim("deposit", abi.encodeWithSelector(deposit3, one / 10, alice, alice));
        rows[3] = _claim("mint", abi.encodeWithSelector(mint3, 1e17, alice, alice));
        rows[4] = _claim("withdraw", abi.encodeCall(unit.withdraw, (one / 10, alice, alice)));
        rows[5] = _claim("redeem", abi.encodeCall(unit.redeem, (1e17, alice, alice)));
        rows[6] = _claim("settleFinalized", abi.encodeCall(unit.settleFinalized, (alice, alice)));
        rows[7] = Row(
            "claimCancelDepositRequest",
            "-yyyy-",
            "-yyyy-",
            alice,
            abi.encodeCall(unit.claimCancelDepositRequest, (0, alice, alice)),
            Needs.REFUNDS
        );
        rows[8] = Row(
            "claimCancelRedeemRequest",
            "-yyyy-",
            "-yyyy-",
            alice,
            abi.encodeCall(unit.claimCancelRedeemRequest, (0, alice, alice)),
            Needs.REFUNDS
        );
        // Principal that waits: always, except under lock.
        rows[9] = _principal("cancelDepositRequest", abi.encodeCall(unit.cancelDepositRequest, (0, alice)));
        rows[10] = _principal("cancelRedeemRequest", abi.encodeCall(unit.cancelRedeemRequest, (0, alice)));
        rows[11] = _principal("exitDeposit", abi.encodeCall(unit.exitDeposit, (alice, alice)));
        rows[12] = _principal("exitRedeem", abi.encodeCall(unit.exitRedeem, (alice, alice)));
        // Epochs.
        rows[13] =
            Row("lockEpoch", "nyynyn", "-nnnn-", settler, abi.encodeCall(unit.lockEpoch, ()), Needs.NOTHING);
        rows[14] = Row(
            "settleEpoch", "nnnnnn", "-yyny-", settler, abi.encodeCall(unit.settleEpoch, (p)), Needs.NOTHING
        );
        rows[15] = Row(
            "unlockStale early",
            "nnnnnn",
            "-nnyn-",
            stranger,
            abi.encodeCall(unit.unlockStale, ()),
            Needs.NOTHING
        );
        // Shares.
        rows[16] = Row(
            "transfer",
            "-yyyyy",
            "-yyyy-",
            alice,
            abi.encodeWithSelector(unit.transfer.selector, bob, 1),
            Needs.NOTHING
        );
        rows[17] = Row("burn", "-nnnyy", "-nnnn-", holder, abi.encodeCall(unit.burn, (1)), Needs.NOTHING);
        // Redemption liquidity always comes in; it goes out when unlocked.
        rows[18] = Row(
            "depositLiquidity",
            "yyyyyy",
            "-yyyy-",
            classProxy,
            abi.encodeCall(unit.depositLiquidity, (one)),
            Needs.NOTHING
        );
    }

    function _claim(string memory name, bytes memory data) private view returns (Row memory) {
        return Row(name, "-yyyyy", "-yyyy-", alice, data, Needs.CLAIMS);
    }

    function _principal(string memory name, bytes memory data) private view returns (Row memory) {
        return Row(name, "-yyyy-", "-nnnn-", alice, data, Needs.POSITIONS);
    }

    // --- Bringing a cell about ---

    /// @dev The state, locked or not, with what a function needs lying ready: two epochs have passed, a third is locked.
    function _bringAbout(UnitState state, bool lockIt, Needs needs) private {
        if (state == UnitState.PENDING) {
            unit = _deployUnit(_unitInit());
            vm.prank(classProxy);
            token.approve(address(unit), MAX);
            return;
        }
        _invest(alice, 1_000 * one);
        vm.prank(alice);
        unit.transfer(holder, 10e18);
        _fund(100 * one);
        if (needs == Needs.CLAIMS) {
            _subscribe(alice, 100 * one);
            _redeem(alice, 20e18);
            _epoch(MAX, MAX);
        } else {
            _epoch(MAX, MAX);
        }
        if (needs == Needs.REFUNDS) {
            _enter();
            vm.startPrank(alice);
            unit.cancelDepositRequest(0, alice);
            unit.cancelRedeemRequest(0, alice);
            vm.stopPrank();
        }
        if (needs == Needs.POSITIONS) _enter();
        vm.warp(uint256(unit.lastLockAt()) + unit.minEpochGap());
        if (lockIt) {
            _lock();
            skip(1 hours);
            _report(book.nav());
        }
        _move(state);
    }

    function _enter() private {
        _subscribe(alice, 50 * one);
        _redeem(alice, 10e18);
    }

    function _move(UnitState state) private {
        if (state == UnitState.SUBSCRIBE_PAUSED) {
            vm.prank(freezer);
            unit.pauseSubscribe();
        } else if (state == UnitState.FROZEN) {
            vm.prank(freezer);
            unit.freeze();
        } else if (state == UnitState.WINDING_DOWN || state == UnitState.CLOSED) {
            vm.prank(conserver);
            unit.windDown();
        }
        if (state == UnitState.CLOSED) {
            _closeDown();
        }
        vm.assertTrue(unit.state() == state, "brought about");
    }

    function _closeDown() private {
        vm.prank(governance);
        unit.setHolder(alice, true);
        // Not half a share is left in the queue, and a few wei with its holders.
        uint256 ready = unit.maxMint(alice);
        if (ready > 0) {
            vm.prank(alice);
            unit.mint(ready - 4e17, alice);
        }
        uint256 hers = unit.balanceOf(alice) - 2;
        vm.prank(alice);
        unit.burn(hers);
        uint256 his = unit.balanceOf(holder) - 2;
        vm.prank(holder);
        unit.burn(his);
        vm.prank(governance);
        unit.close();
    }
}
