// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { SettlementMath } from "src/lcts/SettlementMath.sol";
import { Test } from "test/base/Test.sol";

/// @notice What a settlement divides between the queues. Amounts up to 2^128, and every price of which the products
/// fit 256 bits.
contract SymbolicSettlement is Test {
    /// @dev Nobody is given what is not there, and subscribers never get more shares than redeemers give.
    function check_I16_nettingUsesWhatIsThere(uint128 assets, uint128 shares, uint256 index) public pure {
        vm.assume(index > 0 && index < 1 << 97);
        (uint256 netted, uint256 redeemed, uint256 handed) = SettlementMath.net(assets, shares, index, 1);
        assert(netted <= assets && redeemed <= shares);
        if (handed == 0) assert(netted == 0 && redeemed == 0);
    }

    /// @dev A subscription takes no more than waits and than every ceiling allows, and nothing that buys no share.
    function check_I16_subscriptionKeepsTheCeiling(uint128 left, uint256 limit, uint256 index) public pure {
        vm.assume(index > 0 && index < 1 << 97);
        (uint256 assets, uint256 shares) = SettlementMath.subscribe(left, limit, index, 1);
        assert(assets <= left && assets <= limit);
        assert((assets == 0) == (shares == 0));
    }

    /// @dev A redemption burns no more than waits and pays no more than every ceiling allows.
    function check_I16_redemptionKeepsTheCeiling(uint128 left, uint256 limit, uint256 index) public pure {
        vm.assume(index > 0 && index < 1 << 97);
        (uint256 assets, uint256 shares) = SettlementMath.redeem(left, limit, index, 1);
        assert(assets <= limit && shares <= left);
        if (shares == 0) assert(assets == 0);
    }
}
