// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { ERC20 } from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import { Report } from "src/book/PositionReporter.sol";
import { SettleParams } from "src/lcts/UnitTypes.sol";
import { LctsBase } from "test/lcts/LctsBase.sol";
import { MockToken } from "test/mocks/lcts/MockToken.sol";

/// @notice An asset without the misbehaviour of `MockToken`, which costs gas.
contract PlainToken is ERC20 {
    constructor() ERC20("Plain", "PLAIN") { }

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }
}

/// @notice Gas ceilings, measured as whole transactions (21,000 and calldata included, everything cold), and the proof
/// that a user's cost does not depend on the number of users, settlements and generations.
/// forge-config: default.isolate = true
contract GasTest is LctsBase {
    uint256 private constant TX = 21_000;

    function _newToken(uint8) internal override returns (MockToken) {
        return MockToken(address(new PlainToken()));
    }

    function _ceiling(string memory name, uint256 gas) private {
        vm.assertLe(vm.snapshotGasLastCall("Lcts", name) - TX, gas, name);
    }

    /// @dev A queue in which others wait and settlements have been.
    function test_ceilings_subscriber() public {
        _invest(carol, 10_000e18);
        _subscribe(bob, 1000e18);
        _epoch(400e18, 0);
        _subscribe(alice, 1000e18);
        _ceiling("requestDeposit, first", 130_000);
        _subscribe(alice, 1000e18);
        _ceiling("requestDeposit, again", 95_000);
        _epoch(400e18, 0);
        uint256 shares = unit.maxMint(alice);
        vm.prank(alice);
        unit.mint(shares, alice);
        // The first shares that Alice ever held take a new slot of the token.
        _ceiling("mint, first shares", 80_000 + 17_100);
        _epoch(400e18, 0);
        shares = unit.maxMint(alice);
        vm.prank(alice);
        unit.mint(shares, alice);
        _ceiling("mint", 80_000);
        _epoch(400e18, 0);
        vm.prank(alice);
        unit.exitDeposit(alice, alice);
        _ceiling("exitDeposit", 95_000);
    }

    function test_ceilings_redeemer() public {
        _invest(alice, 10_000e18);
        vm.prank(alice);
        unit.transfer(bob, 5000e18);
        _redeem(bob, 1000e18);
        _fund(1000e18);
        _epoch(0, 100e18);
        _redeem(alice, 1000e18);
        _ceiling("requestRedeem, first", 130_000);
        _redeem(alice, 100e18);
        _ceiling("requestRedeem, again", 95_000);
        _epoch(0, 100e18);
        uint256 assets = unit.maxWithdraw(alice);
        vm.prank(alice);
        unit.withdraw(assets, alice, alice);
        _ceiling("withdraw", 80_000);
        _epoch(0, 100e18);
        vm.prank(alice);
        unit.exitRedeem(alice, alice);
        _ceiling("exitRedeem", 95_000);
    }

    /// @dev A request that was settled whole, and its claim: nothing of the position is left.
    function test_ceilings_wholeClaims() public {
        _subscribe(bob, 1000e18);
        _invest(alice, 10_000e18);
        _redeem(alice, 1000e18);
        _fund(1000e18);
        _epoch(0, 1000e18);
        uint256 assets = unit.maxWithdraw(alice);
        vm.assertGt(assets, 999e18, "settled whole");
        vm.prank(alice);
        unit.withdraw(assets, alice, alice);
        _ceiling("withdraw, all of a request", 80_000);
        vm.assertEq(unit.maxWithdraw(alice), 0, "nothing is left");
    }

    function test_ceilings_operator() public {
        _invest(carol, 1000e18);
        _subscribe(alice, 1000e18);
        _redeem(carol, 100e18);
        _fund(1000e18);
        vm.warp(block.timestamp + 1 days);
        vm.prank(settler);
        unit.lockEpoch();
        _ceiling("lockEpoch", 75_000);
        skip(1 hours);
        Report memory r = _reportOf(book.nav());
        (address[] memory signers, bytes[] memory signatures) = _three(r);
        reporter.post(r, signers, signatures);
        _ceiling("post, 3 signatures", 140_000);
        SettleParams memory p = _params(500e18, 100e18);
        vm.prank(settler);
        unit.settleEpoch(p);
        _ceiling("settleEpoch, both sides, first", 330_000);

        _redeem(carol, 500e18);
        _epoch(100e18, 100e18);
        _subscribe(bob, 1e18);
        _lock();
        skip(1 hours);
        _report(book.nav());
        p = _params(500e18, 100e18);
        vm.prank(settler);
        unit.settleEpoch(p);
        _ceiling("settleEpoch, both sides", 330_000);
    }

    // --- Nothing grows with the crowd ---

    /// @dev Gas of a first entry, a top-up after a settlement, a claim and an exit, whole transactions.
    function _userCosts(address user) private returns (uint256[4] memory costs) {
        token.mint(user, 1e24);
        vm.prank(governance);
        unit.setEntrant(user, true);
        vm.prank(user);
        token.approve(address(unit), MAX);
        _subscribe(user, 1000e18);
        costs[0] = vm.snapshotGasLastCall("Lcts", "crowded: requestDeposit, first");
        _epoch(sub.totalUnderlying() / 2, 0);
        _subscribe(user, 1000e18);
        costs[1] = vm.snapshotGasLastCall("Lcts", "crowded: requestDeposit, again");
        uint256 shares = unit.maxMint(user);
        vm.prank(user);
        unit.mint(shares, user);
        costs[2] = vm.snapshotGasLastCall("Lcts", "crowded: mint, first shares");
        vm.prank(user);
        unit.exitDeposit(user, user);
        costs[3] = vm.snapshotGasLastCall("Lcts", "crowded: exitDeposit");
    }

    /// @dev A thousand users and a thousand epochs later, everything costs the same but for the odd slot that was empty
    /// (22,100 against 5,000): no loop.
    function test_costsDoNotGrow() public {
        _subscribe(bob, 1000e18);
        _epoch(400e18, 0);
        uint256[4] memory alone = _userCosts(makeAddr("early"));
        vm.prank(governance);
        unit.setOpen(true);
        for (uint256 i = 1; i <= 1000; ++i) {
            address user = address(uint160(0xC0000000 + i));
            token.mint(user, 10e18);
            vm.startPrank(user);
            token.approve(address(unit), MAX);
            unit.requestDeposit(10e18, user, user);
            vm.stopPrank();
            // Every tenth epoch converts all and ends the generation.
            _epoch(i % 10 == 0 ? MAX : sub.totalUnderlying() / 2, 0);
        }
        vm.assertGe(sub.lastGeneration(), 100, "generations");
        vm.assertGt(unit.epoch(), 1000, "epochs");
        _subscribe(bob, 1000e18);
        _epoch(400e18, 0);
        uint256[4] memory crowded = _userCosts(makeAddr("late"));
        for (uint256 i; i < 4; ++i) {
            vm.assertLe(crowded[i], alone[i] + 3 * 17_100, "grew");
        }
    }

    /// @dev A claim over a thousand settlements of one generation costs what a claim over one does.
    function test_claimOverManyEpochs() public {
        _subscribe(alice, 1000e18);
        _subscribe(bob, 1_000_000e18);
        _epoch(sub.totalUnderlying() / 10, 0);
        uint256 snapshot = vm.snapshotState();
        vm.prank(alice);
        unit.exitDeposit(alice, alice);
        uint256 once = vm.snapshotGasLastCall("Lcts", "exitDeposit after 1 epoch");
        vm.revertToState(snapshot);
        for (uint256 i; i < 1000; ++i) {
            if (i % 50 == 0) _subscribe(bob, 1_000_000e18);
            _epoch(sub.totalUnderlying() / 2, 0);
        }
        vm.assertGe(sub.scale(), 4, "rescaled more often than a position looks back");
        vm.prank(alice);
        unit.exitDeposit(alice, alice);
        uint256 often = vm.snapshotGasLastCall("Lcts", "exitDeposit after 1000 epochs");
        // At most three more sums are read.
        vm.assertLe(often, once + 3 * 3000, "grew");
    }

    function _three(Report memory r)
        private
        view
        returns (address[] memory signers, bytes[] memory signatures)
    {
        (signers, signatures) = (new address[](3), new bytes[](3));
        for (uint256 i; i < 3; ++i) {
            (signers[i], signatures[i]) = (attestors[i], _sign(r, attestors[i]));
        }
    }
}
