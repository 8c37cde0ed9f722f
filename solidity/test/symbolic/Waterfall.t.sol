// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Waterfall } from "src/book/Waterfall.sol";
import { Test } from "test/base/Test.sol";

/// @notice The waterfall over four tranches, for every value and every claim up to 2^128.
contract SymbolicWaterfall is Test {
    function _split(uint128 nav, uint128 a, uint128 b, uint128 c)
        private
        pure
        returns (uint256[4] memory values, uint256 residual, uint256 shortfall)
    {
        return Waterfall.split(nav, [uint256(0), a, b, c]);
    }

    /// @dev Nothing is made and nothing is lost.
    function check_I14_valueIsConserved(uint128 nav, uint128 a, uint128 b, uint128 c) public pure {
        (uint256[4] memory values, uint256 residual, uint256 shortfall) = _split(nav, a, b, c);
        assert(values[0] + values[1] + values[2] + values[3] + residual == nav);
        assert(uint256(a) + b + c - values[1] - values[2] - values[3] == shortfall);
    }

    /// @dev No tranche gets more than it claims, and none gets anything while one above it lacks something.
    function check_I14_seniorFirst(uint128 nav, uint128 a, uint128 b, uint128 c) public pure {
        (uint256[4] memory values, uint256 residual, uint256 shortfall) = _split(nav, a, b, c);
        assert(values[1] <= a && values[2] <= b && values[3] <= c);
        if (values[3] < c) assert(values[2] == 0 && values[1] == 0 && residual == 0);
        if (values[2] < b) assert(values[1] == 0 && residual == 0);
        assert(residual == 0 || shortfall == 0);
    }

    /// @dev While the most senior is impaired before and after, no change of value lifts a junior.
    function check_I14_juniorStaysDownWhileSeniorIsImpaired(
        uint128 nav,
        uint128 later,
        uint128 a,
        uint128 b,
        uint128 c
    ) public pure {
        (uint256[4] memory before,,) = _split(nav, a, b, c);
        (uint256[4] memory after_, uint256 residual,) = _split(later, a, b, c);
        vm.assume(before[3] < c && after_[3] < c);
        assert(after_[2] == before[2] && after_[1] == before[1] && residual == 0);
    }

    /// @dev More value never means less for anybody; with two claims, and three are a split of what two leave.
    function check_I14_moreValueTakesFromNobody(uint128 nav, uint128 more, uint128 b, uint128 c) public pure {
        vm.assume(more >= nav);
        (uint256[4] memory x, uint256 left,) = _split(nav, 0, b, c);
        (uint256[4] memory y, uint256 later,) = _split(more, 0, b, c);
        assert(y[2] >= x[2] && y[3] >= x[3] && later >= left);
    }
}
