// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { IERC20Errors } from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import { UnitBase } from "src/lcts/UnitBase.sol";
import { UnitState } from "src/lcts/UnitTypes.sol";
import { LctsBase } from "test/lcts/LctsBase.sol";

/// @notice Burning shares, which ends what a migration has swapped: who, when, and who has the worth afterwards.
contract HaloUnitBurnTest is LctsBase {
    function setUp() public override {
        super.setUp();
        _invest(alice, 600 * one);
        _invest(bob, 200 * one);
        _give(holder, 200e18);
    }

    function test_burn_leaves_the_worth_to_the_others() public {
        vm.prank(conserver);
        unit.windDown();
        uint256 nav = book.nav();
        vm.prank(holder);
        unit.burn(200e18);
        vm.assertEq(unit.balanceOf(holder), 0, "burned");
        vm.assertEq(unit.totalSupply(), 600e18, "supply");
        vm.assertEq(book.nav(), nav, "burning moves no value");
        vm.assertEq(book.indexOf(address(unit)), RAY * 800 / 600, "the others have it");
        vm.assertEq(token.balanceOf(holder), 0, "nothing is paid");

        // The others are paid at the new price.
        _fund(800 * one);
        _redeem(alice, 400e18);
        _epoch(0, MAX);
        vm.assertApproxEqAbs(_claimAssets(alice), 400 * one * 800 / 600, 1, "alice's part");
    }

    function test_burn_is_for_holders_of_governance_only() public {
        vm.prank(conserver);
        unit.windDown();
        // An entrant may hold shares but not burn them.
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(UnitBase.HolderNotAllowed.selector, alice));
        unit.burn(1);
        // Nor does an open Unit let everybody.
        vm.prank(governance);
        unit.setOpen(true);
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(UnitBase.HolderNotAllowed.selector, stranger));
        unit.burn(0);
        vm.prank(governance);
        unit.setHolder(holder, false);
        vm.prank(holder);
        vm.expectRevert(abi.encodeWithSelector(UnitBase.HolderNotAllowed.selector, holder));
        unit.burn(1);
    }

    function test_burn_only_what_one_has() public {
        vm.prank(conserver);
        unit.windDown();
        vm.prank(holder);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, holder, 200e18, 200e18 + 1)
        );
        unit.burn(200e18 + 1);
    }

    function test_burn_not_before_the_unit_winds_down() public {
        _refused(UnitState.ACTIVE);
        vm.prank(freezer);
        unit.pauseSubscribe();
        _refused(UnitState.SUBSCRIBE_PAUSED);
        vm.prank(freezer);
        unit.freeze();
        _refused(UnitState.FROZEN);
        vm.prank(conserver);
        unit.windDown();
        _refused(UnitState.FROZEN);
        vm.prank(governance);
        unit.unfreeze();
        vm.prank(holder);
        unit.burn(200e18);
    }

    function test_burn_not_while_locked() public {
        vm.prank(conserver);
        unit.windDown();
        _lock();
        vm.prank(holder);
        vm.expectRevert(UnitBase.UnitLocked.selector);
        unit.burn(1);
    }

    function test_burn_the_last_shares_and_close() public {
        vm.prank(conserver);
        unit.windDown();
        _give(holder, unit.balanceOf(alice), alice);
        uint256 rest = unit.balanceOf(holder) - 5e17;
        vm.prank(holder);
        unit.burn(rest);
        vm.prank(governance);
        unit.close();
        vm.prank(holder);
        unit.burn(5e17);
        vm.assertEq(unit.totalSupply(), 0, "all gone");
        vm.assertEq(book.totalShares(), 0, "the Book knows");
    }

    /// @dev What would happen without the rule on states: the price of one share passes what a subscriber brings.
    function test_the_price_cannot_be_blown_up_against_subscribers() public {
        vm.prank(governance);
        unit.setHolder(alice, true);
        _subscribe(carol, 1_000 * one);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(UnitBase.WrongState.selector, UnitState.ACTIVE));
        unit.burn(600e18 - 1);
    }

    function testFuzz_burned_shares_and_book_agree(uint256 first, uint256 second) public {
        vm.prank(conserver);
        unit.windDown();
        first = bound(first, 0, 200e18);
        second = bound(second, 0, 200e18 - first);
        vm.startPrank(holder);
        unit.burn(first);
        unit.burn(second);
        vm.stopPrank();
        vm.assertEq(unit.totalSupply(), 800e18 - first - second, "supply");
        vm.assertEq(book.totalShares(), unit.totalSupply(), "the Book's supply");
        vm.assertLe(
            unit.totalSupply() * book.indexOf(address(unit)) / RAY * one / 1e18,
            book.nav(),
            "I12 never more than NAV"
        );
    }

    function _refused(UnitState state) private {
        vm.prank(holder);
        vm.expectRevert(abi.encodeWithSelector(UnitBase.WrongState.selector, state));
        unit.burn(1);
    }

    function _give(address to, uint256 shares) private {
        _give(to, shares, bob);
    }

    function _give(address to, uint256 shares, address from) private {
        vm.prank(from);
        unit.transfer(to, shares);
    }
}
