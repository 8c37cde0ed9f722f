// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

/// @notice OpenZeppelin's Math for the solver: `cargo xtask prove` compiles the contracts with this in its place.
/// @dev `mulDiv` multiplies in 256 bits and reverts where a product does not fit. Where it fits, this is what the
/// 512-bit mulDiv gives too, so whatever is proved with products that fit holds for the contracts as they are; each
/// proof bounds its numbers so that they do. The long division of the original is out of every solver's reach.
library Math {
    enum Rounding {
        Floor,
        Ceil,
        Trunc,
        Expand
    }

    function min(uint256 a, uint256 b) internal pure returns (uint256) {
        return a < b ? a : b;
    }

    function max(uint256 a, uint256 b) internal pure returns (uint256) {
        return a > b ? a : b;
    }

    function saturatingAdd(uint256 a, uint256 b) internal pure returns (uint256 c) {
        unchecked {
            c = a + b;
            if (c < a) return type(uint256).max;
        }
    }

    function saturatingSub(uint256 a, uint256 b) internal pure returns (uint256) {
        return a > b ? a - b : 0;
    }

    // Written so that the division is by what the callers know.
    function saturatingMul(uint256 a, uint256 b) internal pure returns (uint256) {
        if (b == 0) return 0;
        return a > type(uint256).max / b ? type(uint256).max : a * b;
    }

    function average(uint256 a, uint256 b) internal pure returns (uint256) {
        return (a & b) + (a ^ b) / 2;
    }

    function ceilDiv(uint256 a, uint256 b) internal pure returns (uint256) {
        return a == 0 ? 0 : (a - 1) / b + 1;
    }

    function mulDiv(uint256 x, uint256 y, uint256 denominator) internal pure returns (uint256) {
        return x * y / denominator;
    }

    function mulDiv(uint256 x, uint256 y, uint256 denominator, Rounding rounding)
        internal
        pure
        returns (uint256)
    {
        uint256 product = x * y;
        uint256 quotient = product / denominator;
        bool up = rounding == Rounding.Ceil || rounding == Rounding.Expand;
        return up && quotient * denominator < product ? quotient + 1 : quotient;
    }
}
