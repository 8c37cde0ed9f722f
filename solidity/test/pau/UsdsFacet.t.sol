// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { RateLimitKeys } from "src/pau/RateLimitKeys.sol";
import { Facet } from "src/pau/facets/Facet.sol";
import { UsdsFacet } from "src/pau/facets/UsdsFacet.sol";
import { PauBase } from "test/pau/PauBase.sol";

contract UsdsFacetTest is PauBase {
    bytes32 private key = RateLimitKeys.usdsMint();

    function setUp() public override {
        super.setUp();
        vault.rely(address(proxy));
        buffer.approve(address(usds), address(proxy), MAX);
        vm.prank(admin);
        pau.usds_setVault(address(vault));
        setLimit(key, 500_000e18);
    }

    function test_set_vault_reads_token_and_buffer() public {
        vm.assertEq(pau.usds_vault(), address(vault), "vault");
        vm.assertEq(pau.usds_usds(), address(usds), "usds");
        vm.expectEmit(address(controller));
        emit UsdsFacet.USDSVaultSet(address(0));
        vm.prank(admin);
        pau.usds_setVault(address(0));
        vm.assertEq(pau.usds_vault(), address(0), "off");
        vm.assertEq(pau.usds_usds(), address(0), "no token");

        vm.startPrank(relayer);
        vm.expectRevert(UsdsFacet.VaultNotSet.selector);
        pau.usds_mint(1);
        vm.expectRevert(UsdsFacet.VaultNotSet.selector);
        pau.usds_burn(1);
        vm.stopPrank();
    }

    function test_mint_boundary_and_deltas() public {
        vm.startPrank(relayer);
        expectExceeded(key, 500_000e18 + 1, 500_000e18);
        pau.usds_mint(500_000e18 + 1);
        vm.expectEmit(address(controller));
        emit UsdsFacet.USDSMint(500_000e18);
        pau.usds_mint(500_000e18);
        vm.stopPrank();
        vm.assertEq(usds.balanceOf(address(proxy)), 500_000e18, "proxy");
        vm.assertEq(usds.balanceOf(address(buffer)), 0, "buffer");
        vm.assertEq(vault.debt(), 500_000e18, "debt");
        vm.assertEq(available(key), 0, "limit");
        assertEmptyController(address(usds));
    }

    function test_burn_gives_back_and_deltas() public {
        vm.startPrank(relayer);
        pau.usds_mint(300_000e18);
        vm.expectEmit(address(controller));
        emit UsdsFacet.USDSBurn(100_000e18);
        pau.usds_burn(100_000e18);
        vm.stopPrank();
        vm.assertEq(usds.balanceOf(address(proxy)), 200_000e18, "proxy");
        vm.assertEq(usds.balanceOf(address(buffer)), 0, "buffer");
        vm.assertEq(vault.debt(), 200_000e18, "debt");
        vm.assertEq(available(key), 300_000e18, "limit");
        assertNoAllowance(address(usds), address(vault));
        assertNoAllowance(address(usds), address(buffer));
    }

    function test_zero_key_stops_mint_and_not_burn() public {
        vm.prank(relayer);
        pau.usds_mint(10e18);
        setLimit(key, 0);
        vm.startPrank(relayer);
        expectNoKey(key);
        pau.usds_mint(1);
        pau.usds_burn(10e18);
        vm.stopPrank();
        vm.assertEq(vault.debt(), 0, "repaid although the limit is gone (P1)");
        vm.assertEq(limits.getRateLimitData(key).maxAmount, 0, "and it stays gone");
    }

    /// @dev P35: debt is rounded up on draw and down on wipe and grows by the fee, so repaying what was drawn leaves some.
    function test_P35_repaying_all_that_was_drawn_leaves_debt() public {
        vault.file("duty", 1000000001547125957863212448); // 5 % a year
        skip(30 days);
        vm.prank(relayer);
        pau.usds_mint(100_000e18);
        skip(30 days);
        vm.prank(relayer);
        pau.usds_burn(100_000e18);
        vm.assertEq(usds.balanceOf(address(proxy)), 0, "all repaid");
        vm.assertGt(vault.debt(), 400e18, "the fee is left");
        vm.assertLt(vault.debt(), 403e18, "and not more");
    }

    /// @dev P35 without a fee: at a rate that divides nothing, a unit of normalised debt stays.
    function testFuzz_P35_mint_and_burn_leave_at_most_dust(uint256 amount) public {
        amount = bound(amount, 1, 500_000e18);
        vault.file("duty", 1000000003022265980097387650);
        skip(100 days);
        vm.startPrank(relayer);
        pau.usds_mint(amount);
        pau.usds_burn(amount);
        vm.stopPrank();
        vm.assertLe(vault.art(), 1, "normalised debt");
    }

    function test_vault_ceiling_stops_mint() public {
        setLimit(key, 2_000_000e18);
        vm.prank(relayer);
        vm.expectRevert("Vat/ceiling-exceeded");
        pau.usds_mint(1_000_001e18);
        vm.assertEq(available(key), 2_000_000e18, "limit untouched");
    }

    /// @dev P22
    function test_P22_max_is_no_amount() public {
        setUnlimited(key);
        vm.startPrank(relayer);
        vm.expectRevert(Facet.AmountIsMax.selector);
        pau.usds_mint(MAX);
        vm.expectRevert(Facet.AmountIsMax.selector);
        pau.usds_burn(MAX);
        vm.stopPrank();
    }

    /// @dev P21: tokens given to the proxy or the buffer change nothing.
    function test_P21_donations_change_nothing() public {
        usds.mint(address(proxy), 3);
        usds.mint(address(buffer), 5);
        vm.startPrank(relayer);
        pau.usds_mint(10);
        vm.assertEq(usds.balanceOf(address(proxy)), 13, "minted what was asked");
        pau.usds_burn(10);
        vm.stopPrank();
        vm.assertEq(usds.balanceOf(address(proxy)), 3, "the donation stays");
        vm.assertEq(usds.balanceOf(address(buffer)), 5, "there too");
    }

    /// @dev The buffer is the one that the vault named when it was set: a vault that later names another redirects nothing.
    function test_a_changed_buffer_is_not_followed() public {
        vm.mockCall(address(vault), abi.encodeWithSignature("buffer()"), abi.encode(stranger));
        vm.startPrank(relayer);
        pau.usds_mint(10e18);
        pau.usds_burn(10e18);
        vm.stopPrank();
        vm.assertEq(usds.balanceOf(stranger), 0, "nothing went there");
        vm.assertEq(vault.debt(), 0, "repaid");
    }
}
