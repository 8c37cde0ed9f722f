// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";

/// @notice Divides the value of a Class between its tranches. Pure; every product is a 512-bit mulDiv.
/// @dev Tranche 0 is equity: it claims nothing and takes what the others leave. The higher the number, the more senior.
/// `scale` is 10^(18 - asset decimals), targets and indexes are in RAY, values and claims in asset units.
///
/// A claim is rounded up, and a tranche that is whole is worth its target exactly. With claims rounded down, a
/// subscription of `a` could raise the claim by `a + 1` and a redemption of `a` lower it by `a - 1`: the tranches below
/// would pay the difference, and a settlement would lower their index. Rounded up, a subscription raises the claim by at
/// most `a` and a redemption lowers it by at least `a`; what is over falls to equity.
library Waterfall {
    uint256 internal constant MAX_TRANCHES = 4;
    uint256 private constant RAY = 1e27;
    uint256 private constant BPS = 1e4;

    /// @dev The target after `elapsed` seconds at `annualBps`, floor; simple within the span.
    function accrue(uint256 target, uint256 annualBps, uint256 elapsed) internal pure returns (uint256) {
        return target + Math.mulDiv(target, annualBps * elapsed, BPS * 365 days);
    }

    /// @dev What `supply` shares claim at `target`, ceil.
    function claim(uint256 supply, uint256 target, uint256 scale) internal pure returns (uint256) {
        return Math.mulDiv(supply, target, RAY * scale, Math.Rounding.Ceil);
    }

    /// @notice From the most senior down, each tranche takes its claim or what is left of it.
    /// @dev values[0] is 0. Σ values + residual = nav always, and residual > 0 only if shortfall = 0.
    /// @return values What each tranche gets.
    /// @return residual What is left for equity.
    /// @return shortfall What the tranches claim and do not get.
    function split(uint256 nav, uint256[MAX_TRANCHES] memory claims)
        internal
        pure
        returns (uint256[MAX_TRANCHES] memory values, uint256 residual, uint256 shortfall)
    {
        residual = nav;
        for (uint256 k = MAX_TRANCHES - 1; k > 0; --k) {
            values[k] = Math.min(residual, claims[k]);
            residual -= values[k];
            shortfall += claims[k] - values[k];
        }
    }

    /// @dev Asset value of one share of `supply` shares worth `value`, floor. `supply` must not be 0.
    function index(uint256 value, uint256 supply, uint256 scale) internal pure returns (uint256) {
        return Math.mulDiv(value, RAY * scale, supply);
    }

    /// @dev What may come in on top of `above`, so that `below` is still `minBps` of both together, floor.
    function subscribeRoom(uint256 below, uint256 above, uint256 minBps) internal pure returns (uint256) {
        if (minBps == 0) return type(uint256).max;
        return Math.saturatingSub(Math.mulDiv(below, BPS - minBps, minBps), above);
    }

    /// @dev What may leave `below`, so that it is still `minBps` of both together, floor. `minBps` must be below 10,000.
    function redeemRoom(uint256 below, uint256 above, uint256 minBps) internal pure returns (uint256) {
        if (minBps == 0) return type(uint256).max;
        return Math.saturatingSub(below, Math.mulDiv(above, minBps, BPS - minBps, Math.Rounding.Ceil));
    }

    /// @dev The part of both together that `below` is, basis points, floor; 0 if there is nothing.
    function cover(uint256 below, uint256 above) internal pure returns (uint256) {
        return below == 0 ? 0 : Math.mulDiv(below, BPS, below + above);
    }
}
