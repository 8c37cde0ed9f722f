// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { RateLimitKeys } from "src/pau/RateLimitKeys.sol";
import { Erc4626Facet } from "src/pau/facets/Erc4626Facet.sol";
import { Facet } from "src/pau/facets/Facet.sol";
import { TokenMock } from "test/mocks/pau/TokenMock.sol";
import { VaultMock } from "test/mocks/pau/VaultMock.sol";
import { PauBase } from "test/pau/PauBase.sol";

contract Erc4626FacetTest is PauBase {
    TokenMock private token;
    VaultMock private venue;
    bytes32 private depositKey;
    bytes32 private withdrawKey;

    function setUp() public override {
        super.setUp();
        token = new TokenMock();
        venue = new VaultMock(address(token));
        token.mint(address(proxy), 10_000);
        depositKey = RateLimitKeys.erc4626Deposit(address(token), address(venue));
        withdrawKey = RateLimitKeys.erc4626Withdraw(address(venue));
        setLimit(depositKey, 1_000);
        setLimit(withdrawKey, 600);
        vm.prank(admin);
        pau.erc4626_setMaxExchangeRate(address(venue), 1, 1);
    }

    // --- deposit ---

    function test_deposit_boundary_and_deltas() public {
        vm.startPrank(relayer);
        expectExceeded(depositKey, 1_001, 1_000);
        pau.erc4626_deposit(address(venue), 1_001, 0);
        vm.expectEmit(address(controller));
        emit Erc4626Facet.ERC4626Deposit(address(venue), 1_000, 1_000);
        vm.assertEq(pau.erc4626_deposit(address(venue), 1_000, 1_000), 1_000, "shares");
        vm.stopPrank();
        vm.assertEq(token.balanceOf(address(proxy)), 9_000, "proxy");
        vm.assertEq(token.balanceOf(address(venue)), 1_000, "venue");
        vm.assertEq(venue.balanceOf(address(proxy)), 1_000, "shares of the proxy");
        vm.assertEq(available(depositKey), 0, "limit");
        vm.assertEq(available(withdrawKey), 600, "the other limit");
        assertNoAllowance(address(token), address(venue));
        assertEmptyController(address(token));
        vm.assertEq(venue.balanceOf(address(controller)), 0, "no shares at the controller");
    }

    function test_deposit_needs_enough_shares() public {
        vm.prank(relayer);
        vm.expectRevert(abi.encodeWithSelector(Erc4626Facet.TooFewShares.selector, 100, 101));
        pau.erc4626_deposit(address(venue), 100, 101);
    }

    /// @dev Zero as disabled: a limit alone does not onboard a vault.
    function test_deposit_needs_a_rate() public {
        vm.prank(admin);
        pau.erc4626_setMaxExchangeRate(address(venue), 0, 0);
        vm.prank(relayer);
        vm.expectRevert(abi.encodeWithSelector(Erc4626Facet.MaxExchangeRateNotSet.selector, address(venue)));
        pau.erc4626_deposit(address(venue), 1, 0);
    }

    function test_deposit_stops_at_the_rate() public {
        vm.prank(relayer);
        pau.erc4626_deposit(address(venue), 100, 0);
        token.mint(address(venue), 1); // a share is worth 1.01
        vm.prank(relayer);
        // 101 in give floor(101 * 100 / 101) = 100 shares: 1.01 a share, above 1.
        vm.expectRevert(abi.encodeWithSelector(Erc4626Facet.ExchangeRateTooHigh.selector, 1.01e36, 1e36));
        pau.erc4626_deposit(address(venue), 101, 0);

        vm.prank(admin);
        pau.erc4626_setMaxExchangeRate(address(venue), 100, 101);
        vm.prank(relayer);
        vm.assertEq(pau.erc4626_deposit(address(venue), 101, 0), 100, "at the rate");
    }

    function test_deposit_measures_what_was_taken() public {
        venue.setShort(1);
        vm.prank(relayer);
        vm.expectRevert(abi.encodeWithSelector(Facet.BalanceMismatch.selector, address(token), 9_900, 9_901));
        pau.erc4626_deposit(address(venue), 100, 0);
    }

    /// @dev P27: a vault that changes its asset lands on a key that nobody set.
    function test_P27_changed_asset_has_no_key() public {
        TokenMock other = new TokenMock();
        other.mint(address(proxy), 100);
        venue.setAsset(address(other));
        vm.prank(relayer);
        expectNoKey(RateLimitKeys.erc4626Deposit(address(other), address(venue)));
        pau.erc4626_deposit(address(venue), 100, 0);
    }

    /// @dev P17: the rate is one 512-bit division, so large amounts neither overflow nor round to nothing.
    function test_P17_rate_of_large_amounts() public {
        uint256 huge = 1e60;
        token.mint(address(proxy), huge);
        setLimit(depositKey, huge);
        vm.prank(relayer);
        vm.assertEq(pau.erc4626_deposit(address(venue), huge, huge), huge, "at par");
    }

    // --- withdraw and redeem ---

    function test_withdraw_boundary_and_deltas() public {
        _deposit(1_000);
        vm.startPrank(relayer);
        expectExceeded(withdrawKey, 601, 600);
        pau.erc4626_withdraw(address(venue), 601, MAX);
        vm.expectEmit(address(controller));
        emit Erc4626Facet.ERC4626Withdraw(address(venue), 600, 600);
        vm.assertEq(pau.erc4626_withdraw(address(venue), 600, 600), 600, "shares");
        vm.stopPrank();
        vm.assertEq(token.balanceOf(address(proxy)), 9_600, "proxy");
        vm.assertEq(venue.balanceOf(address(proxy)), 400, "shares of the proxy");
        vm.assertEq(available(withdrawKey), 0, "limit");
        vm.assertEq(available(depositKey), 600, "given back");
        assertNoAllowance(address(token), address(venue));
    }

    function test_redeem_boundary_and_deltas() public {
        _deposit(1_000);
        vm.startPrank(relayer);
        expectExceeded(withdrawKey, 601, 600);
        pau.erc4626_redeem(address(venue), 601, 0);
        vm.expectEmit(address(controller));
        emit Erc4626Facet.ERC4626Redeem(address(venue), 600, 600);
        vm.assertEq(pau.erc4626_redeem(address(venue), 600, 600), 600, "assets");
        vm.stopPrank();
        vm.assertEq(token.balanceOf(address(proxy)), 9_600, "proxy");
        vm.assertEq(venue.balanceOf(address(proxy)), 400, "shares of the proxy");
        vm.assertEq(available(withdrawKey), 0, "limit");
        vm.assertEq(available(depositKey), 600, "given back");
    }

    function test_bounds_of_the_caller() public {
        _deposit(1_000);
        vm.startPrank(relayer);
        vm.expectRevert(abi.encodeWithSelector(Erc4626Facet.TooManyShares.selector, 100, 99));
        pau.erc4626_withdraw(address(venue), 100, 99);
        vm.expectRevert(abi.encodeWithSelector(Erc4626Facet.TooFewAssets.selector, 100, 101));
        pau.erc4626_redeem(address(venue), 100, 101);
        vm.stopPrank();
    }

    function test_exits_measure_what_came() public {
        _deposit(1_000);
        venue.setShort(1);
        vm.startPrank(relayer);
        vm.expectRevert(abi.encodeWithSelector(Facet.BalanceMismatch.selector, address(token), 9_100, 9_099));
        pau.erc4626_withdraw(address(venue), 100, MAX);
        // The vault takes one share less than asked; neither direction of a lie passes.
        vm.expectRevert(abi.encodeWithSelector(Facet.BalanceMismatch.selector, address(venue), 900, 901));
        pau.erc4626_redeem(address(venue), 100, 0);
        vm.stopPrank();
    }

    /// @dev P1: closing the entrance leaves the exit open.
    function test_P1_zero_deposit_key_blocks_no_exit() public {
        _deposit(1_000);
        setLimit(depositKey, 0);
        vm.startPrank(relayer);
        expectNoKey(depositKey);
        pau.erc4626_deposit(address(venue), 1, 0);
        pau.erc4626_withdraw(address(venue), 100, 100);
        pau.erc4626_redeem(address(venue), 100, 100);
        vm.stopPrank();
        vm.assertEq(limits.getRateLimitData(depositKey).maxAmount, 0, "still no key");
    }

    function test_zero_withdraw_key_stops_exits() public {
        _deposit(1_000);
        setLimit(withdrawKey, 0);
        vm.startPrank(relayer);
        expectNoKey(withdrawKey);
        pau.erc4626_withdraw(address(venue), 100, MAX);
        expectNoKey(withdrawKey);
        pau.erc4626_redeem(address(venue), 100, 0);
        vm.stopPrank();
    }

    /// @dev P14: a vault that is not on the list cannot be reached by any function, whatever it answers.
    function test_P14_unlisted_vault() public {
        VaultMock other = new VaultMock(address(token));
        vm.startPrank(relayer);
        vm.expectRevert(abi.encodeWithSelector(Erc4626Facet.MaxExchangeRateNotSet.selector, address(other)));
        pau.erc4626_deposit(address(other), 0, 0);
        expectNoKey(RateLimitKeys.erc4626Withdraw(address(other)));
        pau.erc4626_withdraw(address(other), 0, MAX);
        vm.stopPrank();
        // Shares of it in the proxy are of no use to the relayer either.
        token.mint(address(this), 10);
        token.approve(address(other), 10);
        other.deposit(10, address(proxy));
        vm.prank(relayer);
        expectNoKey(RateLimitKeys.erc4626Withdraw(address(other)));
        pau.erc4626_redeem(address(other), 10, 0);
    }

    /// @dev P3: on an inflated vault, a wei by assets burns whole shares, and a deposit buys almost none.
    function test_P3_donation_attack() public {
        _deposit(100);
        token.mint(address(venue), 99_900); // a share is now worth 1,000
        vm.startPrank(relayer);
        vm.expectRevert(abi.encodeWithSelector(Erc4626Facet.TooManyShares.selector, 1, 0));
        pau.erc4626_withdraw(address(venue), 1, 0);
        vm.assertEq(pau.erc4626_withdraw(address(venue), 1, 1), 1, "without the guard the share is lost");

        // 900 buy no share at all: without a rate there is nothing to compare, and the guard has its own error.
        vm.expectRevert(Erc4626Facet.ZeroShares.selector);
        pau.erc4626_deposit(address(venue), 900, 0);
        vm.stopPrank();
        vm.prank(admin);
        pau.erc4626_setMaxExchangeRate(address(venue), 1, 10_000);
        setLimit(depositKey, 10_000);
        vm.prank(relayer);
        vm.assertLt(pau.erc4626_deposit(address(venue), 1_900, 0), 2, "with a loose rate it goes through");
        vm.prank(admin);
        pau.erc4626_setMaxExchangeRate(address(venue), 1, 1_500);
        vm.prank(relayer);
        vm.expectPartialRevert(Erc4626Facet.ExchangeRateTooHigh.selector);
        pau.erc4626_deposit(address(venue), 1_900, 0);
    }

    /// @dev P22
    function test_P22_max_is_no_amount() public {
        setUnlimited(depositKey);
        setUnlimited(withdrawKey);
        vm.startPrank(relayer);
        vm.expectRevert(Facet.AmountIsMax.selector);
        pau.erc4626_deposit(address(venue), MAX, 0);
        vm.expectRevert(Facet.AmountIsMax.selector);
        pau.erc4626_withdraw(address(venue), MAX, MAX);
        vm.expectRevert(Facet.AmountIsMax.selector);
        pau.erc4626_redeem(address(venue), MAX, 0);
        vm.stopPrank();
    }

    function test_set_rate() public {
        vm.startPrank(admin);
        vm.expectRevert(Erc4626Facet.ZeroToken.selector);
        pau.erc4626_setMaxExchangeRate(address(0), 1, 1);
        vm.expectRevert(Erc4626Facet.ZeroShares.selector);
        pau.erc4626_setMaxExchangeRate(address(venue), 0, 1);
        vm.expectEmit(address(controller));
        emit Erc4626Facet.ERC4626MaxExchangeRateSet(address(venue), 666666666666666666666666666666666666);
        pau.erc4626_setMaxExchangeRate(address(venue), 3, 2);
        vm.stopPrank();
        vm.assertEq(
            pau.erc4626_getMaxExchangeRate(address(venue)), 666666666666666666666666666666666666, "floor"
        );
        vm.assertEq(pau.erc4626_getMaxExchangeRate(stranger), 0, "unset");
    }

    // --- idle USDS in sUSDS ---

    function test_savings_round_trip() public {
        bytes32 savingsKey = RateLimitKeys.erc4626Deposit(address(usds), address(susds));
        setLimit(savingsKey, 1_000e18);
        setUnlimited(RateLimitKeys.erc4626Withdraw(address(susds)));
        vm.prank(admin);
        pau.erc4626_setMaxExchangeRate(address(susds), 1e18, 1.2e18); // two years of accrual ahead
        susds.file("ssr", 1000000001243680656318820312); // 4 % a year
        usds.mint(address(proxy), 1_000e18);

        vm.prank(relayer);
        uint256 shares = pau.erc4626_deposit(address(susds), 1_000e18, 1);
        assertNoAllowance(address(usds), address(susds));
        skip(365 days);
        vm.prank(relayer);
        uint256 assets = pau.erc4626_redeem(address(susds), shares, 1_000e18);
        vm.assertApproxEqAbs(assets, 1_040e18, 0.01e18, "4 %");
        vm.assertEq(usds.balanceOf(address(proxy)), assets, "all of it");
        vm.assertEq(available(savingsKey), 1_000e18, "given back, up to the maximum");
    }

    function testFuzz_I20_limits_follow_the_assets(uint256 amount, uint256 back, uint256 donation) public {
        setLimit(withdrawKey, 1_000_000);
        amount = bound(amount, 1, 1_000);
        vm.prank(relayer);
        uint256 shares = pau.erc4626_deposit(address(venue), amount, 0);
        token.mint(address(venue), bound(donation, 0, 10_000));
        back = bound(back, 1, shares);
        uint256 used = 1_000 - available(depositKey);
        vm.assertEq(used, amount, "a deposit uses its limit");
        vm.prank(relayer);
        uint256 assets = pau.erc4626_redeem(address(venue), back, 0);
        vm.assertEq(1_000_000 - available(withdrawKey), assets, "withdraw limit");
        vm.assertEq(1_000 - available(depositKey), assets > used ? 0 : used - assets, "deposit limit");
    }

    function _deposit(uint256 amount) private {
        vm.prank(relayer);
        pau.erc4626_deposit(address(venue), amount, 0);
    }
}
