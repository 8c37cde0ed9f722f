// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { RateLimitKeys } from "src/pau/RateLimitKeys.sol";
import { Erc7540Facet } from "src/pau/facets/Erc7540Facet.sol";
import { Facet } from "src/pau/facets/Facet.sol";
import { TokenMock } from "test/mocks/pau/TokenMock.sol";
import { UnitMock } from "test/mocks/pau/UnitMock.sol";
import { PauBase } from "test/pau/PauBase.sol";

contract Erc7540FacetTest is PauBase {
    TokenMock private token;
    UnitMock private unit;
    bytes32 private depositKey;
    bytes32 private redeemKey;

    function setUp() public override {
        super.setUp();
        token = new TokenMock();
        unit = new UnitMock(address(token), address(proxy));
        token.mint(address(proxy), 10_000);
        depositKey = RateLimitKeys.erc7540Deposit(address(token), address(unit));
        redeemKey = RateLimitKeys.erc7540Redeem(address(unit));
        setLimit(depositKey, 1_000);
        setLimit(redeemKey, 600);
    }

    // --- deposit ---

    function test_request_deposit_boundary_and_deltas() public {
        vm.startPrank(relayer);
        expectExceeded(depositKey, 1_001, 1_000);
        pau.erc7540_requestDeposit(address(unit), 1_001);
        vm.expectEmit(address(controller));
        emit Erc7540Facet.ERC7540RequestDeposit(address(unit), 1_000);
        pau.erc7540_requestDeposit(address(unit), 1_000);
        vm.stopPrank();
        vm.assertEq(token.balanceOf(address(proxy)), 9_000, "proxy");
        vm.assertEq(token.balanceOf(address(unit)), 1_000, "unit");
        vm.assertEq(unit.pendingAssets(address(proxy)), 1_000, "in the proxy's name");
        vm.assertEq(available(depositKey), 0, "limit");
        vm.assertEq(available(redeemKey), 600, "the other limit");
        assertNoAllowance(address(token), address(unit));
        assertEmptyController(address(token));
    }

    function test_request_deposit_measures_what_was_taken() public {
        unit.setSkew(-1);
        vm.prank(relayer);
        vm.expectRevert(abi.encodeWithSelector(Facet.BalanceMismatch.selector, address(token), 9_900, 9_901));
        pau.erc7540_requestDeposit(address(unit), 100);
        unit.setSkew(1);
        vm.prank(relayer);
        vm.expectRevert(abi.encodeWithSignature("Panic(uint256)", 0x11)); // the allowance is exact
        pau.erc7540_requestDeposit(address(unit), 100);
    }

    /// @dev P27: the asset that the vault names is part of the key.
    function test_P27_changed_asset_has_no_key() public {
        TokenMock other = new TokenMock();
        other.mint(address(proxy), 100);
        unit.setAsset(address(other));
        vm.prank(relayer);
        expectNoKey(RateLimitKeys.erc7540Deposit(address(other), address(unit)));
        pau.erc7540_requestDeposit(address(unit), 100);
    }

    function test_claim_deposit_takes_all_that_is_ready() public {
        _requestDeposit(1_000);
        unit.settleDeposit(address(proxy), 700, 690);
        vm.expectEmit(address(controller));
        emit Erc7540Facet.ERC7540ClaimDeposit(address(unit), 690);
        vm.prank(relayer);
        pau.erc7540_claimDeposit(address(unit));
        vm.assertEq(unit.balanceOf(address(proxy)), 690, "shares");
        vm.assertEq(unit.maxMint(address(proxy)), 0, "nothing left");
        vm.assertEq(available(depositKey), 0, "claims use no limit");
        vm.assertEq(available(redeemKey), 600, "nor the other");

        // Claiming nothing succeeds.
        vm.prank(relayer);
        pau.erc7540_claimDeposit(address(unit));
    }

    // --- redeem ---

    function test_request_redeem_boundary_and_deltas() public {
        unit.give(address(proxy), 1_000);
        unit.setIndex(1.2e27);
        vm.startPrank(relayer);
        expectExceeded(redeemKey, 602, 600); // ceil(501 * 1.2) = 602
        pau.erc7540_requestRedeem(address(unit), 501);
        vm.expectEmit(address(controller));
        emit Erc7540Facet.ERC7540RequestRedeem(address(unit), 500);
        pau.erc7540_requestRedeem(address(unit), 500);
        vm.stopPrank();
        vm.assertEq(unit.balanceOf(address(proxy)), 500, "shares of the proxy");
        vm.assertEq(unit.pendingShares(address(proxy)), 500, "in the proxy's name");
        vm.assertEq(available(redeemKey), 0, "limit, by value");
        vm.assertEq(available(depositKey), 1_000, "the other limit");
    }

    /// @dev The limit is used by the value rounded up: exact stays exact, dust is not free.
    function test_request_redeem_rounds_up() public {
        unit.give(address(proxy), 1_000);
        unit.setIndex(0.5e27);
        vm.startPrank(relayer);
        pau.erc7540_requestRedeem(address(unit), 2);
        vm.assertEq(available(redeemKey), 599, "exact");
        pau.erc7540_requestRedeem(address(unit), 1);
        vm.assertEq(available(redeemKey), 598, "half a unit costs one");
        vm.stopPrank();
    }

    function testFuzz_request_redeem_uses_the_ceiling(uint256 shares, uint256 index) public {
        shares = bound(shares, 0, 1e30);
        index = bound(index, 1e18, 1e30);
        unit.give(address(proxy), shares);
        unit.setIndex(index);
        setLimit(redeemKey, 1e40);
        vm.prank(relayer);
        pau.erc7540_requestRedeem(address(unit), shares);
        uint256 used = 1e40 - available(redeemKey);
        vm.assertGe(used * 1e27, shares * index, "never less than the value");
        vm.assertLt(used, shares * index / 1e27 + 2, "at most a unit more than the floor");
    }

    function test_claim_redeem_takes_all_that_is_ready() public {
        unit.give(address(proxy), 500);
        token.mint(address(unit), 480);
        vm.prank(relayer);
        pau.erc7540_requestRedeem(address(unit), 500);
        unit.settleRedeem(address(proxy), 500, 480);
        vm.expectEmit(address(controller));
        emit Erc7540Facet.ERC7540ClaimRedeem(address(unit), 480);
        vm.prank(relayer);
        pau.erc7540_claimRedeem(address(unit));
        vm.assertEq(token.balanceOf(address(proxy)), 10_480, "assets");
        vm.assertEq(available(redeemKey), 100, "claims use no limit");
        vm.prank(relayer);
        pau.erc7540_claimRedeem(address(unit));
    }

    function test_claim_redeem_measures_what_came() public {
        token.mint(address(unit), 100);
        unit.give(address(proxy), 100);
        vm.startPrank(relayer);
        pau.erc7540_requestRedeem(address(unit), 100);
        unit.settleRedeem(address(proxy), 100, 100);
        unit.setSkew(-1);
        vm.expectRevert(
            abi.encodeWithSelector(Facet.BalanceMismatch.selector, address(token), 10_100, 10_099)
        );
        pau.erc7540_claimRedeem(address(unit));
        vm.stopPrank();
    }

    // --- keys ---

    function test_zero_keys_stop_requests() public {
        setLimit(depositKey, 0);
        setLimit(redeemKey, 0);
        unit.give(address(proxy), 1);
        vm.startPrank(relayer);
        expectNoKey(depositKey);
        pau.erc7540_requestDeposit(address(unit), 1);
        expectNoKey(redeemKey);
        pau.erc7540_requestRedeem(address(unit), 1);
        vm.stopPrank();
    }

    /// @dev P1: one key left is enough to bring home what was requested, either way.
    function test_P1_a_closed_direction_blocks_no_claim() public {
        _requestDeposit(500);
        unit.settleDeposit(address(proxy), 500, 500);
        uint256 id = vm.snapshotState();
        for (uint256 i; i < 2; ++i) {
            setLimit(i == 0 ? depositKey : redeemKey, 0);
            vm.startPrank(relayer);
            pau.erc7540_claimDeposit(address(unit));
            pau.erc7540_claimRedeem(address(unit));
            vm.stopPrank();
            vm.assertEq(unit.balanceOf(address(proxy)), 500, "claimed");
            vm.revertToState(id);
        }
    }

    /// @dev P14: a vault that is not on the list cannot be reached by any function, whatever it answers.
    function test_P14_unlisted_vault() public {
        UnitMock other = new UnitMock(address(token), address(proxy));
        vm.startPrank(relayer);
        expectNoKey(RateLimitKeys.erc7540Deposit(address(token), address(other)));
        pau.erc7540_requestDeposit(address(other), 0);
        expectNoKey(RateLimitKeys.erc7540Redeem(address(other)));
        pau.erc7540_requestRedeem(address(other), 0);
        bytes memory refusal = abi.encodeWithSelector(Facet.VenueNotOnboarded.selector, address(other));
        vm.expectRevert(refusal);
        pau.erc7540_claimDeposit(address(other));
        vm.expectRevert(refusal);
        pau.erc7540_claimRedeem(address(other));
        vm.stopPrank();
    }

    /// @dev P14: naming another vault's asset does not borrow its key.
    function test_P14_an_impostor_does_not_borrow_a_key() public {
        UnitMock impostor = new UnitMock(address(token), address(proxy));
        impostor.setAsset(address(unit));
        vm.prank(relayer);
        vm.expectRevert(abi.encodeWithSelector(Facet.VenueNotOnboarded.selector, address(impostor)));
        pau.erc7540_claimDeposit(address(impostor));
    }

    /// @dev P22
    function test_P22_max_is_no_amount() public {
        setUnlimited(depositKey);
        setUnlimited(redeemKey);
        vm.startPrank(relayer);
        vm.expectRevert(Facet.AmountIsMax.selector);
        pau.erc7540_requestDeposit(address(unit), MAX);
        vm.expectRevert(Facet.AmountIsMax.selector);
        pau.erc7540_requestRedeem(address(unit), MAX);
        vm.stopPrank();
    }

    /// @dev P21: a donation to the proxy neither blocks nor widens anything.
    function test_P21_donations_change_nothing() public {
        token.mint(address(proxy), 1);
        unit.give(address(proxy), 1);
        _requestDeposit(1_000);
        unit.settleDeposit(address(proxy), 1_000, 1_000);
        vm.prank(relayer);
        pau.erc7540_claimDeposit(address(unit));
        vm.assertEq(unit.balanceOf(address(proxy)), 1_001, "shares");
        vm.assertEq(token.balanceOf(address(proxy)), 9_001, "assets");
    }

    function _requestDeposit(uint256 amount) private {
        vm.prank(relayer);
        pau.erc7540_requestDeposit(address(unit), amount);
    }
}
