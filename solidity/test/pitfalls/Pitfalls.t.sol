// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { Clones } from "@openzeppelin/contracts/proxy/Clones.sol";
import { ALMProxy } from "src/pau/ALMProxy.sol";
import { ClassALMProxy } from "src/pau/ClassALMProxy.sol";
import { ClassAccessControls } from "src/pau/ClassAccessControls.sol";
import { ClassRateLimits } from "src/pau/ClassRateLimits.sol";
import { Guarded } from "src/pau/Guarded.sol";
import { RateLimitKeys } from "src/pau/RateLimitKeys.sol";
import { Erc4626Facet } from "src/pau/facets/Erc4626Facet.sol";
import { Facet } from "src/pau/facets/Facet.sol";
import { LctsBase } from "test/lcts/LctsBase.sol";
import { PauBase } from "test/pau/PauBase.sol";

/// @notice Pitfalls of a PAU that have no other home.
contract PauPitfallsTest is PauBase {
    function setUp() public override {
        super.setUp();
        usds.mint(address(proxy), 1_000_000e18);
        vm.prank(admin);
        pau.erc4626_setMaxExchangeRate(address(susds), 1e18, 10e18);
        setUnlimited(RateLimitKeys.erc4626Deposit(address(usds), address(susds)));
    }

    /// @dev P9: a deposit gives nothing back to the withdraw limit, so a limited exit runs dry while assets are in the
    ///      venue. An unlimited one, which is the default, never does.
    function test_P9_limited_exits_run_dry() public {
        bytes32 exitKey = RateLimitKeys.erc4626Withdraw(address(susds));
        setLimit(exitKey, 100e18);
        vm.startPrank(relayer);
        pau.erc4626_deposit(address(susds), 100e18, 0);
        pau.erc4626_withdraw(address(susds), 99e18, MAX);
        pau.erc4626_deposit(address(susds), 100e18, 0);
        vm.stopPrank();
        expectExceeded(exitKey, 99e18, 1e18);
        vm.prank(relayer);
        pau.erc4626_withdraw(address(susds), 99e18, MAX);

        setUnlimited(exitKey);
        for (uint256 i; i < 5; ++i) {
            vm.startPrank(relayer);
            pau.erc4626_withdraw(address(susds), 99e18, MAX);
            pau.erc4626_deposit(address(susds), 100e18, 0);
            vm.stopPrank();
        }
    }

    /// @dev P26: parameters lie in the Controller, not in the facet, so a new version of the facet reads what was set.
    function test_P26_parameters_survive_a_new_facet() public {
        uint256 rate = pau.erc4626_getMaxExchangeRate(address(susds));
        vm.assertGt(rate, 0, "set");
        Facet next = new Erc4626Facet();
        bytes32[] memory ids = new bytes32[](1);
        ids[0] = next.integrationId();
        vm.startPrank(admin);
        beacon.setIntegration(ids[0], address(next), next.wires());
        controller.syncIntegrations(new bytes32[](0), ids);
        vm.stopPrank();
        vm.assertEq(controller.getConfig(ids[0]).facet, address(next), "the new facet answers");
        vm.assertEq(pau.erc4626_getMaxExchangeRate(address(susds)), rate, "and reads what was set");
        vm.prank(relayer);
        pau.erc4626_deposit(address(susds), 100e18, 0);
    }
}

/// @notice Pitfalls of the parts of a Class that have no other home.
contract ClassPitfallsTest is LctsBase {
    /// @dev P33: no part of a Class is made without an admin, and its implementation is nobody's.
    function test_P33_class_parts_need_an_admin() public {
        address[3] memory parts = [
            address(new ClassALMProxy()), address(new ClassAccessControls()), address(new ClassRateLimits())
        ];
        for (uint256 i; i < parts.length; ++i) {
            ClassALMProxy part = ClassALMProxy(payable(Clones.clone(parts[i])));
            vm.expectRevert(Guarded.ZeroAdmin.selector);
            part.initialize(address(0));
            part.initialize(governance);
            vm.assertTrue(part.hasRole(bytes32(0), governance), "the admin");
            vm.expectRevert();
            ClassALMProxy(payable(parts[i])).initialize(governance);
        }
    }
}

/// @notice Pitfalls of a Unit that have no other home.
contract UnitPitfallsTest is LctsBase {
    /// @dev P10: a limit is used at the price of the request, the payment is at the price of the settlement. The error is
    ///      what the price moved in between, and no more.
    function testFuzz_P10_the_error_is_what_the_price_moved(uint256 shares, uint256 fall) public {
        _invest(alice, 1_000_000e18);
        shares = bound(shares, 1e18, unit.balanceOf(alice));
        uint256 counted = unit.convertToAssets(shares);
        _redeem(alice, shares);
        _fund(2_000_000e18);
        uint256 before = unit.index();
        fall = bound(fall, 0, 200_000e18);
        _lock();
        skip(1);
        _force(1_000_000e18 - fall);
        _settle(0, MAX);
        uint256 paid = unit.maxWithdraw(alice);
        uint256 moved = (before - unit.index()) * shares / RAY;
        vm.assertLe(counted - paid, moved + 2, "more than the price moved");
        vm.assertGe(counted - paid + 2, moved, "less than the price moved");
    }

    /// @dev P37: what a settlement converts in the queues is what moves between them, the Class and the liquidity.
    function testFuzz_P37_what_is_converted_is_what_moves(
        uint256 subscribes,
        uint256 redeems,
        uint256 capacity,
        uint256 liquidity
    ) public {
        _invest(bob, 1_000_000e18);
        _subscribe(alice, bound(subscribes, 1e18, 5_000_000e18));
        _redeem(bob, bound(redeems, 1e18, unit.balanceOf(bob)));
        liquidity = bound(liquidity, 0, 2_000_000e18);
        _fund(liquidity);
        _lock();
        skip(1 hours);
        _report(book.nav() * 1_000_100 / 1_000_000);

        (uint256 s, uint256 r) = (sub.totalUnderlying(), red.totalUnderlying());
        (uint256 custody, uint256 supply) = (token.balanceOf(classProxy), unit.totalSupply());
        _settle(bound(capacity, 0, 5_000_000e18), MAX);
        uint256 toClass = token.balanceOf(classProxy) - custody;
        uint256 toRedeemers = token.balanceOf(address(red));
        uint256 fromLiquidity = liquidity - unit.redeemLiquidity();
        vm.assertEq(s - sub.totalUnderlying(), toClass + toRedeemers - fromLiquidity, "assets");
        uint256 left = r - red.totalUnderlying();
        vm.assertEq(supply + unit.balanceOf(address(sub)) - left, unit.totalSupply(), "shares");
        vm.assertEq(red.owedReward(), toRedeemers, "redeemers are owed what came");
        vm.assertEq(sub.owedReward(), unit.balanceOf(address(sub)), "subscribers are owed what came");
    }
}
