// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { RateLimitKeys } from "src/pau/RateLimitKeys.sol";
import { Facet } from "src/pau/facets/Facet.sol";
import { LctsHaloFacet } from "src/pau/facets/LctsHaloFacet.sol";
import { LctsPrimeFacet } from "src/pau/facets/LctsPrimeFacet.sol";
import { TokenMock } from "test/mocks/pau/TokenMock.sol";
import { UnitMock } from "test/mocks/pau/UnitMock.sol";
import { PauBase } from "test/pau/PauBase.sol";

contract LctsPrimeFacetTest is PauBase {
    TokenMock private token;
    UnitMock private unit;
    bytes32 private depositKey;
    bytes32 private redeemKey;
    bytes32 private exitKey;

    function setUp() public override {
        super.setUp();
        token = new TokenMock();
        unit = new UnitMock(address(token), address(this));
        token.mint(address(proxy), 10_000);
        unit.give(address(proxy), 1_000);
        depositKey = RateLimitKeys.erc7540Deposit(address(token), address(unit));
        redeemKey = RateLimitKeys.erc7540Redeem(address(unit));
        exitKey = RateLimitKeys.lctsExit(address(unit));
        setLimit(depositKey, 1_000);
        setLimit(redeemKey, 1_000);
        setUnlimited(exitKey);
        unit.setIndex(1.5e27);
        vm.startPrank(relayer);
        pau.erc7540_requestDeposit(address(unit), 800);
        pau.erc7540_requestRedeem(address(unit), 600);
        vm.stopPrank();
    }

    function test_exit_brings_back_the_rest() public {
        unit.settleDeposit(address(proxy), 300, 200);
        vm.expectEmit(address(controller));
        emit LctsPrimeFacet.LCTSExit(address(unit), 500, 200);
        vm.prank(relayer);
        (uint256 assets, uint256 shares) = pau.lctsPrime_exit(address(unit));
        vm.assertEq(assets, 500, "assets");
        vm.assertEq(shares, 200, "shares");
        vm.assertEq(token.balanceOf(address(proxy)), 9_700, "assets of the proxy");
        vm.assertEq(unit.balanceOf(address(proxy)), 600, "shares of the proxy");
        vm.assertEq(available(depositKey), 700, "given back to the deposit limit");
        vm.assertEq(available(redeemKey), 100, "the other limit");
        assertNoAllowance(address(token), address(unit));
        assertEmptyController(address(token));
        vm.assertEq(unit.balanceOf(address(controller)), 0, "no shares at the controller");
    }

    function test_exit_redemption_brings_back_the_rest() public {
        unit.settleRedeem(address(proxy), 201, 300);
        vm.expectEmit(address(controller));
        emit LctsPrimeFacet.LCTSExitRedemption(address(unit), 399, 300);
        vm.prank(relayer);
        (uint256 shares, uint256 assets) = pau.lctsPrime_exitRedemption(address(unit));
        vm.assertEq(shares, 399, "shares");
        vm.assertEq(assets, 300, "assets");
        vm.assertEq(unit.balanceOf(address(proxy)), 799, "shares of the proxy");
        vm.assertEq(token.balanceOf(address(proxy)), 9_500, "assets of the proxy");
        vm.assertEq(available(redeemKey), 100 + 598, "floor(399 * 1.5) given back");
        vm.assertEq(available(depositKey), 500, "and the assets to the deposit limit");
    }

    function test_settle_finalized_collects_both_sides() public {
        unit.settleDeposit(address(proxy), 800, 533);
        unit.settleRedeem(address(proxy), 600, 790);
        vm.expectEmit(address(controller));
        emit LctsPrimeFacet.LCTSSettleFinalized(address(unit), 533, 790);
        vm.prank(relayer);
        (uint256 shares, uint256 assets) = pau.lctsPrime_settleFinalized(address(unit));
        vm.assertEq(shares, 533, "shares");
        vm.assertEq(assets, 790, "assets");
        vm.assertEq(unit.balanceOf(address(proxy)), 933, "shares of the proxy");
        vm.assertEq(token.balanceOf(address(proxy)), 9_990, "assets of the proxy");
        vm.assertEq(available(depositKey), 990, "assets given back to the deposit limit");
        vm.assertEq(available(redeemKey), 100, "what was redeemed stays used");

        vm.prank(relayer);
        (shares, assets) = pau.lctsPrime_settleFinalized(address(unit));
        vm.assertEq(shares + assets, 0, "nothing ready, nothing done");
    }

    /// @dev P1: with both request limits gone, everything still comes home.
    function test_P1_zero_request_keys_block_nothing() public {
        setLimit(depositKey, 0);
        setLimit(redeemKey, 0);
        unit.settleDeposit(address(proxy), 300, 200);
        vm.startPrank(relayer);
        (uint256 shares, uint256 assets) = pau.lctsPrime_settleFinalized(address(unit));
        vm.assertEq(shares, 200, "settled");
        (assets,) = pau.lctsPrime_exit(address(unit));
        vm.assertEq(assets, 500, "exit");
        (shares,) = pau.lctsPrime_exitRedemption(address(unit));
        vm.assertEq(shares, 600, "exit redemption");
        vm.stopPrank();
        vm.assertEq(limits.getRateLimitData(depositKey).maxAmount, 0, "still no key");
        vm.assertEq(limits.getRateLimitData(redeemKey).maxAmount, 0, "still no key");
    }

    /// @dev P14: without its own key a unit is out of reach; the 7540 keys do not stand in.
    function test_P14_needs_the_exit_key() public {
        setLimit(exitKey, 0);
        bytes memory refusal = abi.encodeWithSelector(Facet.VenueNotOnboarded.selector, address(unit));
        vm.startPrank(relayer);
        vm.expectRevert(refusal);
        pau.lctsPrime_exit(address(unit));
        vm.expectRevert(refusal);
        pau.lctsPrime_exitRedemption(address(unit));
        vm.expectRevert(refusal);
        pau.lctsPrime_settleFinalized(address(unit));
        vm.stopPrank();
    }

    function test_nothing_queued_reverts_as_the_unit_does() public {
        vm.startPrank(relayer);
        pau.lctsPrime_exit(address(unit));
        pau.lctsPrime_exitRedemption(address(unit));
        vm.expectRevert("UnitMock: no position");
        pau.lctsPrime_exit(address(unit));
        vm.expectRevert("UnitMock: no position");
        pau.lctsPrime_exitRedemption(address(unit));
        vm.stopPrank();
    }

    /// @dev P27: an asset that changes meets no limit to give back to, and what is counted is what came.
    function test_P27_changed_asset_gives_back_to_nobody() public {
        TokenMock other = new TokenMock();
        other.mint(address(unit), 800);
        unit.setAsset(address(other));
        vm.prank(relayer);
        (uint256 assets,) = pau.lctsPrime_exit(address(unit));
        vm.assertEq(assets, 800, "of the other token");
        vm.assertEq(available(depositKey), 200, "the limit of the real asset stays used");
    }

    /// @dev Cycles of request and exit never widen the limit.
    function testFuzz_cycles_are_neutral(uint256 amount, uint8 rounds) public {
        vm.startPrank(relayer);
        pau.lctsPrime_exit(address(unit));
        amount = bound(amount, 1, 1_000);
        for (uint256 i; i < bound(rounds, 1, 10); ++i) {
            pau.erc7540_requestDeposit(address(unit), amount);
            vm.assertEq(available(depositKey), 1_000 - amount, "used");
            pau.lctsPrime_exit(address(unit));
            vm.assertEq(available(depositKey), 1_000, "back");
        }
        vm.stopPrank();
        vm.assertEq(token.balanceOf(address(proxy)), 10_000, "all home");
    }
}

contract LctsHaloFacetTest is PauBase {
    TokenMock private token;
    UnitMock private unit;
    bytes32 private fundKey;

    function setUp() public override {
        super.setUp();
        token = new TokenMock();
        unit = new UnitMock(address(token), address(proxy));
        token.mint(address(proxy), 10_000);
        fundKey = RateLimitKeys.lctsFundRedeem(address(token), address(unit));
        setLimit(fundKey, 1_000);
    }

    function test_fund_boundary_and_deltas() public {
        vm.startPrank(relayer);
        expectExceeded(fundKey, 1_001, 1_000);
        pau.lctsHalo_fundRedemption(address(unit), 1_001);
        vm.expectEmit(address(controller));
        emit LctsHaloFacet.LCTSFundRedemption(address(unit), address(token), 1_000);
        pau.lctsHalo_fundRedemption(address(unit), 1_000);
        vm.stopPrank();
        vm.assertEq(token.balanceOf(address(proxy)), 9_000, "proxy");
        vm.assertEq(token.balanceOf(address(unit)), 1_000, "unit");
        vm.assertEq(unit.redeemLiquidity(), 1_000, "liquidity");
        vm.assertEq(available(fundKey), 0, "limit");
        assertNoAllowance(address(token), address(unit));
        assertEmptyController(address(token));
    }

    function test_defund_gives_back_and_deltas() public {
        vm.startPrank(relayer);
        pau.lctsHalo_fundRedemption(address(unit), 900);
        vm.expectEmit(address(controller));
        emit LctsHaloFacet.LCTSDefundRedemption(address(unit), address(token), 400);
        pau.lctsHalo_defundRedemption(address(unit), 400);
        vm.stopPrank();
        vm.assertEq(token.balanceOf(address(proxy)), 9_500, "proxy");
        vm.assertEq(unit.redeemLiquidity(), 500, "liquidity");
        vm.assertEq(available(fundKey), 500, "limit");
    }

    function test_both_measure() public {
        vm.startPrank(relayer);
        pau.lctsHalo_fundRedemption(address(unit), 500);
        unit.setSkew(-1);
        vm.expectRevert(abi.encodeWithSelector(Facet.BalanceMismatch.selector, address(token), 9_400, 9_401));
        pau.lctsHalo_fundRedemption(address(unit), 100);
        vm.expectRevert(abi.encodeWithSelector(Facet.BalanceMismatch.selector, address(token), 9_600, 9_599));
        pau.lctsHalo_defundRedemption(address(unit), 100);
        vm.stopPrank();
    }

    /// @dev Money set aside must come back to this proxy and no other.
    function test_P19_foreign_units_are_refused() public {
        unit.setClassProxy(stranger);
        bytes memory refusal = abi.encodeWithSelector(LctsHaloFacet.ForeignUnit.selector, address(unit));
        vm.startPrank(relayer);
        vm.expectRevert(refusal);
        pau.lctsHalo_fundRedemption(address(unit), 1);
        vm.expectRevert(refusal);
        pau.lctsHalo_defundRedemption(address(unit), 1);
        vm.stopPrank();
    }

    /// @dev P14: a unit that claims to belong here has no key.
    function test_P14_unlisted_unit() public {
        UnitMock other = new UnitMock(address(token), address(proxy));
        vm.startPrank(relayer);
        expectNoKey(RateLimitKeys.lctsFundRedeem(address(token), address(other)));
        pau.lctsHalo_fundRedemption(address(other), 0);
        vm.expectRevert(abi.encodeWithSelector(Facet.VenueNotOnboarded.selector, address(other)));
        pau.lctsHalo_defundRedemption(address(other), 0);
        vm.stopPrank();
    }

    /// @dev P27: the asset that the unit names is part of the key.
    function test_P27_changed_asset_has_no_key() public {
        TokenMock other = new TokenMock();
        unit.setAsset(address(other));
        vm.startPrank(relayer);
        expectNoKey(RateLimitKeys.lctsFundRedeem(address(other), address(unit)));
        pau.lctsHalo_fundRedemption(address(unit), 0);
        vm.expectRevert(abi.encodeWithSelector(Facet.VenueNotOnboarded.selector, address(unit)));
        pau.lctsHalo_defundRedemption(address(unit), 0);
        vm.stopPrank();
    }

    /// @dev P1: with the funding limit gone, the exit key lets liquidity come home.
    function test_P1_zero_fund_key_blocks_no_defunding() public {
        vm.prank(relayer);
        pau.lctsHalo_fundRedemption(address(unit), 500);
        setLimit(fundKey, 0);
        setUnlimited(RateLimitKeys.lctsExit(address(unit)));
        vm.startPrank(relayer);
        expectNoKey(fundKey);
        pau.lctsHalo_fundRedemption(address(unit), 1);
        pau.lctsHalo_defundRedemption(address(unit), 500);
        vm.stopPrank();
        vm.assertEq(token.balanceOf(address(proxy)), 10_000, "home");
        vm.assertEq(limits.getRateLimitData(fundKey).maxAmount, 0, "still no key");
    }

    /// @dev P22
    function test_P22_max_is_no_amount() public {
        setUnlimited(fundKey);
        vm.startPrank(relayer);
        vm.expectRevert(Facet.AmountIsMax.selector);
        pau.lctsHalo_fundRedemption(address(unit), MAX);
        vm.expectRevert(Facet.AmountIsMax.selector);
        pau.lctsHalo_defundRedemption(address(unit), MAX);
        vm.stopPrank();
    }

    function testFuzz_I20_set_aside_is_what_the_limit_lost(uint256 in_, uint256 out) public {
        in_ = bound(in_, 0, 1_000);
        out = bound(out, 0, in_);
        vm.startPrank(relayer);
        pau.lctsHalo_fundRedemption(address(unit), in_);
        pau.lctsHalo_defundRedemption(address(unit), out);
        vm.stopPrank();
        vm.assertEq(unit.redeemLiquidity(), 1_000 - available(fundKey), "set aside");
        vm.assertEq(token.balanceOf(address(proxy)), 10_000 - in_ + out, "the rest");
    }
}
