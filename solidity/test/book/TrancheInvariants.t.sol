// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { HaloBook } from "src/book/HaloBook.sol";
import { HaloUnit } from "src/lcts/HaloUnit.sol";
import { Test } from "test/base/Test.sol";
import { TrancheHandler } from "test/book/TrancheHandler.sol";

/// @notice I11 to I18 of a tranched Class. What compares before and after (I13, I15 to I18) is asserted by the handler in
/// every action.
abstract contract TrancheInvariants is Test {
    uint256 private constant RAY = 1e27;

    TrancheHandler internal handler;
    HaloBook internal book;
    HaloUnit[] internal tranches;

    function _start(uint8 decimals, uint256 count) internal {
        handler = new TrancheHandler(decimals, count);
        (address b,, HaloUnit[] memory t) = handler.world();
        (book, tranches) = (HaloBook(b), t);
        bytes4[] memory actions = new bytes4[](20);
        // What moves the story on comes more often.
        actions[0] = TrancheHandler.subscribe.selector;
        actions[1] = TrancheHandler.subscribe.selector;
        actions[2] = TrancheHandler.subscribe.selector;
        actions[3] = TrancheHandler.requestRedeem.selector;
        actions[4] = TrancheHandler.claim.selector;
        actions[5] = TrancheHandler.leave.selector;
        actions[6] = TrancheHandler.lock.selector;
        actions[7] = TrancheHandler.settle.selector;
        actions[8] = TrancheHandler.settle.selector;
        actions[9] = TrancheHandler.settle.selector;
        actions[10] = TrancheHandler.settle.selector;
        actions[11] = TrancheHandler.unlockStale.selector;
        actions[12] = TrancheHandler.report.selector;
        actions[13] = TrancheHandler.loss.selector;
        actions[14] = TrancheHandler.recover.selector;
        actions[15] = TrancheHandler.crystallize.selector;
        actions[16] = TrancheHandler.setTerms.selector;
        actions[17] = TrancheHandler.fund.selector;
        actions[18] = TrancheHandler.releaseReserve.selector;
        actions[19] = TrancheHandler.donate.selector;
        targetContract(address(handler));
        targetSelector(address(handler), actions);
    }

    function invariant_I11_sharesAreWhereTheyAre() public view {
        uint256 total;
        for (uint256 k; k < tranches.length; ++k) {
            HaloUnit unit = tranches[k];
            uint256 held =
                unit.balanceOf(address(unit.subscribeQueue())) + unit.balanceOf(address(unit.redeemQueue()));
            for (uint256 i; i < 3; ++i) {
                held += unit.balanceOf(handler.primes(i));
            }
            vm.assertEq(held, unit.totalSupply(), "I11 holders and queues");
            (,,,, uint128 mirrored,,) = book.termsOf(address(unit));
            vm.assertEq(mirrored, unit.totalSupply(), "I11 the Book's mirror");
            total += mirrored;
        }
        vm.assertEq(total, book.totalShares(), "I11 their sum");
    }

    function invariant_I12_nothingOwedThatIsNotThere() public view {
        uint256 owed;
        for (uint256 k; k < tranches.length; ++k) {
            owed += book.indexOf(address(tranches[k])) * tranches[k].totalSupply();
        }
        vm.assertLe(owed, book.nav() * RAY * book.scale(), "I12 more owed than there is");
    }

    function invariant_valueIsDividedWhole() public view {
        uint256 sum = book.classReserve();
        uint256[] memory values = book.trancheValues();
        for (uint256 k; k < values.length; ++k) {
            sum += values[k];
        }
        vm.assertEq(sum, book.nav(), "values and reserve are NAV");
    }

    function invariant_I14_theJuniorLosesFirst() public view {
        uint256[] memory values = book.trancheValues();
        bool worthBelow = values[0] > 0;
        for (uint256 k = 1; k < values.length; ++k) {
            uint256 index = book.indexOf(address(tranches[k]));
            uint256 target = book.targetOf(address(tranches[k]));
            vm.assertLe(index, target, "I14 above the target");
            if (worthBelow) vm.assertEq(index, target, "I14 impaired over a tranche that has value");
            if (values[k] > 0) worthBelow = true;
        }
        if (book.classReserve() > 0) vm.assertTrue(_allWhole(), "I14 a reserve below an impaired tranche");
    }

    function _allWhole() private view returns (bool) {
        for (uint256 k = 1; k < tranches.length; ++k) {
            if (book.indexOf(address(tranches[k])) < book.targetOf(address(tranches[k]))) return false;
        }
        return true;
    }

    function invariant_I15_I16_closedWhileImpaired() public view {
        if (_allWhole()) return;
        for (uint256 k; k < tranches.length; ++k) {
            vm.assertEq(book.subscribeHeadroom(address(tranches[k])), 0, "open while a tranche is impaired");
        }
    }

    function invariant_I17_navMovesInKnownWays() public view {
        vm.assertEq(book.nav(), handler.expectedNav(), "I17 NAV moved otherwise");
        vm.assertFalse(book.underReview(), "the handler ends its reviews");
    }
}

/// forge-config: default.invariant.fail-on-revert = true
/// forge-config: ci.invariant.fail-on-revert = true
contract TwoTranchesInvariants is TrancheInvariants {
    function setUp() public {
        _start(18, 2);
    }

    /// @dev A long life under a fixed seed, begun by a senior without a junior: everything that the properties speak of
    /// happens in it.
    function test_I17_theStoryMovesOn() public {
        handler.setTerms(0, 500, 0);
        handler.subscribe(0, 1, 1e24);
        handler.lock(1, 0);
        handler.settle(1, 0, 0, 0);
        handler.recover(1e24);
        bytes32 seed = "tranches";
        for (uint256 i; i < 1500; ++i) {
            seed = keccak256(abi.encode(seed));
            (uint256 a, uint256 b, uint256 c) = (uint256(seed) >> 128, uint128(uint256(seed)), uint256(seed));
            if (i % 10 < 2) handler.subscribe(a, b, c);
            else if (i % 10 == 2) handler.requestRedeem(a, b, c);
            else if (i % 10 == 3) handler.fund(a, b);
            else if (i % 10 == 4) handler.lock(a, b);
            else if (i % 10 < 8) handler.settle(a, b, c, a);
            else if (i % 10 == 8) handler.claim(a, b);
            else _rareThing(a, b);
        }
        string[5] memory things = ["taken", "paid", "insolvent", "crystallized", "reserve"];
        for (uint256 i; i < 5; ++i) {
            vm.assertGt(handler.seen(bytes32(bytes(things[i]))), 0, things[i]);
        }
    }

    function _rareThing(uint256 a, uint256 b) private {
        if (a % 5 == 0) handler.loss(b);
        else if (a % 5 == 1) handler.recover(b);
        else if (a % 5 == 2) handler.crystallize(b);
        else if (a % 5 == 3) handler.setTerms(b, uint16(a >> 8), uint16(b >> 8));
        else handler.releaseReserve(b % 1e20);
    }
}

/// forge-config: default.invariant.fail-on-revert = true
/// forge-config: ci.invariant.fail-on-revert = true
contract FourTranchesInvariants is TrancheInvariants {
    function setUp() public {
        _start(6, 4);
    }
}
