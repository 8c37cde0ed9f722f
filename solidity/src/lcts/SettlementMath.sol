// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";

/// @notice Prices shares and divides an epoch between the two queues. Pure; every product is a 512-bit mulDiv.
/// @dev `index` is the asset value of one share, normalised to 18 decimals, in RAY; `scale` is 10^(18 - asset decimals).
/// Assets paid are never worth more than the shares burned, and shares minted never more than the assets received:
/// whoever does not move loses nothing by a settlement.
library SettlementMath {
    uint256 internal constant RAY = 1e27;

    /// @dev Asset value of `shares`, floor.
    function assetsDown(uint256 shares, uint256 index, uint256 scale) internal pure returns (uint256) {
        return Math.mulDiv(shares, index, RAY * scale);
    }

    /// @dev Asset value of `shares`, ceil.
    function assetsUp(uint256 shares, uint256 index, uint256 scale) internal pure returns (uint256) {
        return Math.mulDiv(shares, index, RAY * scale, Math.Rounding.Ceil);
    }

    /// @dev Shares that `assets` buy, floor. `index` must not be 0.
    function sharesDown(uint256 assets, uint256 index, uint256 scale) internal pure returns (uint256) {
        return Math.mulDiv(assets, RAY * scale, index);
    }

    /// @dev Shares that must burn to pay `assets`, ceil. `index` must not be 0.
    function sharesUp(uint256 assets, uint256 index, uint256 scale) internal pure returns (uint256) {
        return Math.mulDiv(assets, RAY * scale, index, Math.Rounding.Ceil);
    }

    /// @notice Lets the two queues serve each other; the smaller side is served whole.
    /// @param subscribeTotal Asset units waiting to subscribe.
    /// @param redeemTotal Shares waiting to redeem.
    /// @return netted Asset units that go from subscribers to redeemers.
    /// @return redeemed Shares that leave the redeem queue for them.
    /// @return handed Shares that the subscribers receive; never more than `redeemed`, the difference burns.
    function net(uint256 subscribeTotal, uint256 redeemTotal, uint256 index, uint256 scale)
        internal
        pure
        returns (uint256 netted, uint256 redeemed, uint256 handed)
    {
        uint256 wanted = assetsDown(redeemTotal, index, scale);
        netted = Math.min(subscribeTotal, wanted);
        handed = sharesDown(netted, index, scale);
        // Dust that buys no share stays in its queue.
        if (handed == 0) return (0, 0, 0);
        redeemed = netted == wanted ? redeemTotal : Math.min(redeemTotal, sharesUp(netted, index, scale));
    }

    /// @notice Subscriptions beyond the netting.
    /// @param left Asset units still waiting. @param limit The least of all ceilings, asset units.
    /// @return assets Asset units taken; 0 if they would buy no share.
    /// @return shares Shares minted for them.
    function subscribe(uint256 left, uint256 limit, uint256 index, uint256 scale)
        internal
        pure
        returns (uint256 assets, uint256 shares)
    {
        assets = Math.min(left, limit);
        shares = sharesDown(assets, index, scale);
        if (shares == 0) assets = 0;
    }

    /// @notice Redemptions beyond the netting.
    /// @param left Shares still waiting. @param limit The least of all ceilings, asset units.
    /// @return assets Asset units paid.
    /// @return shares Shares burned for them; 0 if nothing is paid.
    function redeem(uint256 left, uint256 limit, uint256 index, uint256 scale)
        internal
        pure
        returns (uint256 assets, uint256 shares)
    {
        uint256 wanted = assetsDown(left, index, scale);
        assets = Math.min(wanted, limit);
        if (assets == 0) return (0, 0);
        shares = assets == wanted ? left : Math.min(left, sharesUp(assets, index, scale));
    }
}
