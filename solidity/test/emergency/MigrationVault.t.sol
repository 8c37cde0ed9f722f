// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Clones } from "@openzeppelin/contracts/proxy/Clones.sol";
import { HaloBook } from "src/book/HaloBook.sol";
import { PositionReporter } from "src/book/PositionReporter.sol";
import { Progress, VaultInit } from "src/emergency/EmergencyTypes.sol";
import { MigrationVault } from "src/emergency/MigrationVault.sol";
import { HaloUnit } from "src/lcts/HaloUnit.sol";
import { UnitInit } from "src/lcts/UnitTypes.sol";
import { LctsBase } from "test/lcts/LctsBase.sol";

/// @notice Attacks on a vault: two real Units of one asset that can call back, this test as the ConserverController.
contract MigrationVaultTest is LctsBase {
    HaloUnit private old;
    MigrationVault private vault;
    uint64 private deadline;

    event Attack(string name, uint256 paid, uint256 got);

    function setUp() public override {
        super.setUp();
        _invest(alice, 500 * one);
        _invest(bob, 300 * one);
        _invest(carol, 200 * one);
        old = unit;
        vm.prank(conserver);
        old.windDown();

        // The new Unit has a Book of its own and somebody in it.
        _deployBook();
        unit = _deployUnit(_unitInit());
        vm.prank(registry);
        unit.setSubscribeUntil(type(uint64).max);
        address[3] memory users = [alice, bob, carol];
        for (uint256 i; i < 3; ++i) {
            vm.prank(users[i]);
            token.approve(address(unit), MAX);
        }
        deadline = uint64(block.timestamp + 30 days);
        vault = _newVault(0.9e27);
    }

    function _newVault(uint256 minRatio) private returns (MigrationVault made) {
        made = MigrationVault(Clones.clone(address(new MigrationVault())));
        made.initialize(VaultInit(address(old), address(unit), classProxy, minRatio, deadline));
        vm.startPrank(governance);
        old.setHolder(address(made), true);
        unit.setEntrant(address(made), true);
        vm.stopPrank();
    }

    /// @dev 1,000 assets become 1,000 new shares in the vault.
    function _fill() private {
        token.mint(address(vault), 1_000 * one);
        vault.enter();
        _epoch(MAX, 0);
    }

    function _swap(address who, uint256 shares) private returns (uint256 newShares, uint256 assets) {
        vm.startPrank(who);
        old.approve(address(vault), shares);
        (newShares, assets) = vault.swap(shares, who);
        vm.stopPrank();
    }

    // --- Who and when ---

    function test_initialize_once() public {
        VaultInit memory p = VaultInit(address(old), address(unit), classProxy, 1, deadline);
        vm.expectPartialRevert(bytes4(keccak256("InvalidInitialization()")));
        vault.initialize(p);
        MigrationVault template = new MigrationVault();
        vm.expectPartialRevert(bytes4(keccak256("InvalidInitialization()")));
        template.initialize(p);
    }

    function test_only_the_controller_concludes_and_once() public {
        _fill();
        vm.prank(conserver);
        vm.expectRevert(abi.encodeWithSelector(MigrationVault.NotController.selector, conserver));
        vault.conclude(true);
        vault.conclude(true);
        vm.expectRevert(abi.encodeWithSelector(MigrationVault.WrongProgress.selector, Progress.SUCCEEDED));
        vault.conclude(false);
        vm.expectRevert(abi.encodeWithSelector(MigrationVault.WrongProgress.selector, Progress.SUCCEEDED));
        vault.enter();
        vm.expectRevert(abi.encodeWithSelector(MigrationVault.WrongProgress.selector, Progress.SUCCEEDED));
        vault.giveBack();
        vm.expectRevert(abi.encodeWithSelector(MigrationVault.WrongProgress.selector, Progress.SUCCEEDED));
        vault.redeemBack();
    }

    function test_no_swap_before_the_end() public {
        _fill();
        vm.startPrank(alice);
        old.approve(address(vault), MAX);
        vm.expectRevert(abi.encodeWithSelector(MigrationVault.WrongProgress.selector, Progress.RUNNING));
        vault.swap(1e18, alice);
        vm.stopPrank();
    }

    function test_swap_only_of_ones_own() public {
        _fill();
        vault.conclude(true);
        vm.prank(alice);
        old.approve(address(vault), MAX);
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(MigrationVault.NotOwner.selector, alice));
        vault.requestDeposit(1e18, bob, alice);
        vm.prank(stranger);
        vm.expectRevert();
        vault.swap(1e18, stranger);
        vm.startPrank(alice);
        vm.expectRevert(MigrationVault.NothingToSwap.selector);
        vault.swap(0, alice);
        vm.expectRevert();
        vault.swap(1e18, stranger);
        vm.stopPrank();
    }

    function test_double_swap() public {
        _fill();
        vault.conclude(true);
        (uint256 got,) = _swap(alice, 500e18);
        vm.assertEq(got, 500e18, "once");
        vm.startPrank(alice);
        old.approve(address(vault), MAX);
        vm.expectRevert();
        vault.swap(500e18, alice);
        vm.expectRevert();
        vault.requestDeposit(1, alice, alice);
        vm.stopPrank();
        vm.assertEq(old.balanceOf(address(vault)), 0, "burned, not kept");
        emit Attack("double swap", 500e18, got);
    }

    function test_the_face_of_erc7540() public {
        _fill();
        vault.conclude(true);
        vm.assertEq(vault.asset(), address(old), "takes old shares");
        vm.assertEq(vault.share(), address(unit), "gives new ones");
        vm.startPrank(bob);
        old.approve(address(vault), 300e18);
        vm.assertEq(vault.requestDeposit(300e18, bob, bob), 0, "request id");
        vm.stopPrank();
        vm.assertEq(unit.balanceOf(bob), 300e18, "served at once");
    }

    // --- Gifts ---

    /// @dev Assets sent to the vault before it enters, while it waits and after it opened: all go to the holders.
    function test_donated_assets_are_the_holders() public {
        vm.prank(bob);
        token.transfer(address(vault), 10 * one);
        _fill();
        vm.prank(bob);
        token.transfer(address(vault), 3);
        vault.conclude(true);
        vm.prank(bob);
        token.transfer(address(vault), 100 * one);
        (uint256 sa, uint256 aa) = _swap(alice, 500e18);
        (uint256 sc, uint256 ac) = _swap(carol, 200e18);
        vm.assertEq(sa, 505e18, "alice's shares");
        vm.assertEq(aa, 50 * one + 1, "and assets");
        (uint256 sb, uint256 ab) = _swap(bob, 300e18);
        vm.assertLt(ab, 110 * one, "the giver lost");
        vm.assertEq(sa + sb + sc, 1_010e18, "every share");
        vm.assertEq(aa + ab + ac, 100 * one + 3, "every asset unit");
        emit Attack("donation", 110 * one, ab);
    }

    /// @dev Old shares sent to the vault would keep their part here for ever, were they not burned with the next swap.
    function test_donated_old_shares_are_burned() public {
        _fill();
        vault.conclude(true);
        vm.prank(carol);
        old.transfer(address(vault), 200e18);
        (uint256 sa,) = _swap(alice, 500e18);
        vm.assertEq(sa, 500e18, "alice's part as of before");
        vm.assertEq(old.totalSupply(), 300e18, "the gift is burned");
        (uint256 sb,) = _swap(bob, 300e18);
        vm.assertEq(sb, 500e18, "and the last has what is left");
        vm.assertEq(unit.balanceOf(address(vault)), 0, "nothing stays");
    }

    /// @dev An entrant can put assets into the vault's own place in the queue: a gift, and no obstacle.
    function test_a_gift_into_the_vaults_queue_blocks_nothing() public {
        _fill();
        vm.prank(bob);
        unit.requestDeposit(7 * one, address(vault), bob);
        vm.assertTrue(vault.isReached(), "reached");
        vault.conclude(true);
        vm.assertEq(token.balanceOf(address(vault)), 7 * one, "came out as assets");
        vm.prank(bob);
        unit.requestDeposit(7 * one, address(vault), bob);
        (uint256 sa, uint256 aa) = _swap(alice, 500e18);
        vm.assertEq(sa, 500e18, "shares");
        vm.assertEq(aa, 35 * one / 10, "and half of the first gift");
    }

    /// @dev Enter is anybody's; whoever calls it with too little or again and again changes nothing.
    function test_enter_by_anybody_in_pieces() public {
        vm.prank(stranger);
        vm.expectRevert();
        vault.enter();
        token.mint(address(vault), one / 2);
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSignature("BelowMinimum(uint256)", one));
        vault.enter();
        token.mint(address(vault), 400 * one - one / 2);
        vm.prank(stranger);
        vault.enter();
        token.mint(address(vault), 600 * one);
        vm.prank(stranger);
        vault.enter();
        vm.assertEq(unit.pendingDepositRequest(0, address(vault)), 1_000 * one, "waits as one");
        vm.assertEq(token.allowance(address(vault), address(unit)), 0, "no allowance is left");
    }

    // --- Re-entrancy ---

    /// @dev The asset calls back in every transfer that a swap makes; the second swap inside the first is refused, and
    /// everybody gets what he would have got.
    function test_reentrancy() public {
        _fill();
        token.mint(address(vault), 100 * one);
        vault.conclude(true);
        Reenterer attacker = new Reenterer(vault, old);
        vm.startPrank(governance);
        old.setHolder(address(attacker), true);
        unit.setHolder(address(attacker), true);
        vm.stopPrank();
        vm.prank(bob);
        old.transfer(address(attacker), 300e18);
        token.setHook(address(attacker), abi.encodeCall(Reenterer.again, ()));
        attacker.start(100e18);
        token.setHook(address(0), "");
        vm.assertFalse(attacker.entered(), "refused");
        vm.assertEq(unit.balanceOf(address(attacker)), 100e18, "shares for a hundred");
        vm.assertEq(token.balanceOf(address(attacker)), 10 * one, "assets for a hundred");
        emit Attack("re-entrancy", 100e18, unit.balanceOf(address(attacker)));
    }

    /// @dev The asset calls back while the vault gives back, too.
    function test_reentrancy_on_the_way_home() public {
        token.mint(address(vault), 100 * one);
        vault.conclude(false);
        Reenterer attacker = new Reenterer(vault, old);
        token.setHook(address(attacker), abi.encodeCall(Reenterer.againHome, ()));
        uint256 before = token.balanceOf(classProxy);
        vault.giveBack();
        vm.assertFalse(attacker.entered(), "refused");
        vm.assertEq(token.balanceOf(classProxy) - before, 100 * one, "home, once");
    }

    // --- Rounding ---

    /// @dev Whatever the order and the sizes: nobody's part shrinks, nothing is paid twice, nothing of worth stays.
    function testFuzz_swaps_are_fair(uint256[12] memory sizes, uint256 extra, uint256 dust) public {
        token.mint(address(vault), bound(extra, 1_000 * one, 1e6 * one) + bound(dust, 0, 1e6));
        vault.enter();
        _epoch(MAX, 0);
        vault.conclude(true);
        token.mint(address(vault), bound(dust, 0, 1e9));
        address[3] memory users = [alice, bob, carol];
        uint256 newAll = unit.balanceOf(address(vault));
        uint256 oldAll = old.totalSupply();
        uint256 burned;
        uint256 paid;
        for (uint256 i; i < 12; ++i) {
            address who = users[i % 3];
            uint256 has = old.balanceOf(who);
            if (has == 0) continue;
            uint256 s = i > 8 ? has : bound(sizes[i], 1, has);
            uint256 held = unit.balanceOf(address(vault));
            uint256 supply = old.totalSupply();
            (uint256 got,) = _swap(who, s);
            (burned, paid) = (burned + s, paid + got);
            vm.assertEq(old.totalSupply(), oldAll - burned, "old supply falls by what was swapped");
            vm.assertEq(
                unit.balanceOf(address(vault)), newAll - paid, "unswapped and swapped new shares add up"
            );
            // held / supply never falls: held' * supply >= held * supply'
            if (supply > s) {
                vm.assertGe(
                    (held - got) * supply, held * (supply - s), "the part of those who are left never shrinks"
                );
            }
        }
        vm.assertEq(old.totalSupply(), 0, "all swapped");
        vm.assertEq(unit.balanceOf(address(vault)), 0, "all paid");
        vm.assertEq(token.balanceOf(address(vault)), 0, "the assets too");
    }

    /// @dev One wei of an old share where the vault holds less than one of anything for it.
    function test_dust_is_refused_not_swallowed() public {
        vault = _newVault(1);
        token.mint(address(vault), one);
        vault.enter();
        _epoch(MAX, 0);
        vault.conclude(true);
        vm.startPrank(alice);
        old.approve(address(vault), MAX);
        vm.expectRevert(MigrationVault.NothingToSwap.selector);
        vault.swap(999, alice);
        (uint256 got,) = vault.swap(1_000, alice);
        vm.stopPrank();
        vm.assertEq(got, 1, "a thousandth of a thousand");
    }

    // --- The ratio ---

    function test_the_ratio_is_rounded_against_the_plan() public {
        vault = _newVault(RAY + 1);
        _fill();
        vm.assertFalse(vault.isReached(), "a wei short");
        token.mint(address(vault), one);
        vault.enter();
        _epoch(MAX, 0);
        vm.assertTrue(vault.isReached(), "reached");
    }

    // --- The old Unit settles ---

    function test_swaps_wait_for_a_settlement_of_the_old_unit() public {
        _fill();
        vault.conclude(true);
        vm.prank(carol);
        old.requestRedeem(200e18, carol, carol);
        vm.warp(uint256(old.lastLockAt()) + old.minEpochGap());
        vm.prank(settler);
        old.lockEpoch();
        vm.startPrank(alice);
        old.approve(address(vault), MAX);
        vm.expectRevert(abi.encodeWithSignature("UnitLocked()"));
        vault.swap(500e18, alice);
        vm.stopPrank();
        skip(6 hours + 1);
        old.unlockStale();
        (uint256 got,) = _swap(alice, 500e18);
        vm.assertEq(got, 500e18, "after it");
    }
}

/// @notice Swaps, and swaps again from within.
contract Reenterer {
    MigrationVault private vault;
    HaloUnit private old;
    bool public entered;

    constructor(MigrationVault vault_, HaloUnit old_) {
        (vault, old) = (vault_, old_);
    }

    function start(uint256 shares) external {
        old.approve(address(vault), type(uint256).max);
        vault.swap(shares, address(this));
    }

    function again() external {
        (entered,) = address(vault).call(abi.encodeCall(MigrationVault.swap, (100e18, address(this))));
    }

    function againHome() external {
        (entered,) = address(vault).call(abi.encodeCall(MigrationVault.giveBack, ()));
    }
}
