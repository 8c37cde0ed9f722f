// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { RateLimitKeys } from "src/pau/RateLimitKeys.sol";
import { Facet } from "src/pau/facets/Facet.sol";
import { ProxyTokens } from "src/pau/facets/ProxyTokens.sol";
import { TransferAssetFacet } from "src/pau/facets/TransferAssetFacet.sol";
import { TokenMock } from "test/mocks/pau/TokenMock.sol";
import { PauBase } from "test/pau/PauBase.sol";

contract TransferAssetFacetTest is PauBase {
    TokenMock private token;
    address private destination = makeAddr("destination");
    bytes32 private key;

    function setUp() public override {
        super.setUp();
        token = new TokenMock();
        token.mint(address(proxy), 1_000);
        key = RateLimitKeys.assetTransfer(address(token), destination);
        setLimit(key, 400);
    }

    function test_boundary_and_deltas() public {
        vm.startPrank(relayer);
        expectExceeded(key, 401, 400);
        pau.transferAsset_transfer(address(token), destination, 401);
        vm.expectEmit(address(controller));
        emit TransferAssetFacet.TransferAssetTransfer(address(token), destination, 400);
        pau.transferAsset_transfer(address(token), destination, 400);
        vm.stopPrank();
        vm.assertEq(token.balanceOf(address(proxy)), 600, "proxy");
        vm.assertEq(token.balanceOf(destination), 400, "destination");
        vm.assertEq(available(key), 0, "limit");
        assertNoAllowance(address(token), destination);
        assertEmptyController(address(token));
    }

    /// @dev P14: neither the asset nor the destination of a key opens another pair.
    function test_P14_each_pair_needs_its_own_key() public {
        vm.startPrank(relayer);
        expectNoKey(RateLimitKeys.assetTransfer(address(token), stranger));
        pau.transferAsset_transfer(address(token), stranger, 1);
        expectNoKey(RateLimitKeys.assetTransfer(address(usds), destination));
        pau.transferAsset_transfer(address(usds), destination, 1);
        expectNoKey(RateLimitKeys.assetTransfer(destination, address(token)));
        pau.transferAsset_transfer(destination, address(token), 1);
        vm.stopPrank();
    }

    function test_zero_key_stops() public {
        setLimit(key, 0);
        vm.prank(relayer);
        expectNoKey(key);
        pau.transferAsset_transfer(address(token), destination, 0);
    }

    function test_tokens_that_say_no() public {
        token.setTransfer(TokenMock.Answer.FALSE);
        vm.prank(relayer);
        vm.expectRevert(
            abi.encodeWithSelector(ProxyTokens.TransferFailed.selector, address(token), destination)
        );
        pau.transferAsset_transfer(address(token), destination, 1);
        vm.assertEq(available(key), 400, "limit untouched");
        token.setTransfer(TokenMock.Answer.NOTHING);
        vm.prank(relayer);
        pau.transferAsset_transfer(address(token), destination, 1);
        vm.assertEq(token.balanceOf(destination), 1, "no answer is fine");
    }

    function test_tokens_that_take_more() public {
        token.setTransferFee(1);
        vm.prank(relayer);
        vm.expectRevert(abi.encodeWithSelector(Facet.BalanceMismatch.selector, address(token), 990, 989));
        pau.transferAsset_transfer(address(token), destination, 10);
    }

    /// @dev P22
    function test_P22_max_is_no_amount() public {
        setUnlimited(key);
        vm.prank(relayer);
        vm.expectRevert(Facet.AmountIsMax.selector);
        pau.transferAsset_transfer(address(token), destination, MAX);
    }

    /// @dev The limit is in asset units, here of 6 decimals.
    function test_real_usdc() public {
        bytes32 usdcKey = RateLimitKeys.assetTransfer(address(usdc), destination);
        usdc.mint(address(proxy), 5e6);
        setLimit(usdcKey, 5e6);
        vm.prank(relayer);
        pau.transferAsset_transfer(address(usdc), destination, 5e6);
        vm.assertEq(usdc.balanceOf(destination), 5e6, "sent");
        vm.assertEq(available(usdcKey), 0, "limit");
    }

    function testFuzz_I20_sent_is_what_the_limit_lost(uint256 amount, uint256 maxAmount) public {
        maxAmount = bound(maxAmount, 1, 1_000);
        amount = bound(amount, 0, 1_000);
        setLimit(key, maxAmount);
        vm.prank(relayer);
        if (amount > maxAmount) expectExceeded(key, amount, maxAmount);
        pau.transferAsset_transfer(address(token), destination, amount);
        vm.assertEq(token.balanceOf(destination), maxAmount - available(key), "sent");
    }
}
