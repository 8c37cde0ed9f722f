// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { ALMProxy } from "src/pau/ALMProxy.sol";
import { AccessControls } from "src/pau/AccessControls.sol";
import { Controller } from "src/pau/Controller.sol";
import { ControllerSurface } from "src/pau/ControllerSurface.sol";
import { FacetBeacon } from "src/pau/FacetBeacon.sol";
import { RateLimits } from "src/pau/RateLimits.sol";
import { Roles } from "src/pau/Roles.sol";
import { Facet } from "src/pau/facets/Facet.sol";
import { allFacets } from "test/pau/AllFacets.sol";
import { SkyBase } from "test/fixtures/SkyBase.sol";

interface Erc20View {
    function allowance(address owner, address spender) external view returns (uint256);
    function balanceOf(address account) external view returns (uint256);
}

/// @notice A PAU with every facet wired, on the Sky stand-ins. `admin` governs, `relayer` allocates.
abstract contract PauBase is SkyBase {
    uint256 internal constant MAX = type(uint256).max;

    address internal admin = makeAddr("admin");
    address internal relayer = makeAddr("relayer");
    address internal stranger = makeAddr("stranger");

    AccessControls internal acl;
    ALMProxy internal proxy;
    RateLimits internal limits;
    FacetBeacon internal beacon;
    Controller internal controller;
    ControllerSurface internal pau;
    Facet[] internal facets;

    function setUp() public virtual override {
        super.setUp();
        acl = new AccessControls(admin);
        proxy = new ALMProxy(admin);
        limits = new RateLimits(admin);
        beacon = new FacetBeacon(admin);
        controller =
            new Controller(address(acl), address(beacon), address(proxy), address(limits), address(0));
        pau = ControllerSurface(address(controller));

        facets = allFacets();
        bytes32[] memory ids = new bytes32[](facets.length);
        vm.startPrank(admin);
        for (uint256 i; i < facets.length; ++i) {
            ids[i] = facets[i].integrationId();
            beacon.setIntegration(ids[i], address(facets[i]), facets[i].wires());
        }
        controller.syncIntegrations(new bytes32[](0), ids);
        acl.grantRole(Roles.ALLOCATOR, relayer);
        proxy.grantRole(proxy.CONTROLLER(), address(controller));
        limits.grantRole(limits.CONTROLLER(), address(controller));
        vm.stopPrank();
    }

    /// @dev A limit that is full now and does not refill.
    function setLimit(bytes32 key, uint256 maxAmount) internal {
        vm.prank(admin);
        limits.setRateLimitData(key, maxAmount, 0, maxAmount, block.timestamp);
    }

    function setUnlimited(bytes32 key) internal {
        vm.prank(admin);
        limits.setUnlimitedRateLimitData(key);
    }

    function available(bytes32 key) internal view returns (uint256) {
        return limits.getCurrentRateLimit(key);
    }

    function held(address token, address account) internal view returns (uint256) {
        return Erc20View(token).balanceOf(account);
    }

    /// @dev P12: nothing standing.
    function assertNoAllowance(address token, address spender) internal view {
        vm.assertEq(Erc20View(token).allowance(address(proxy), spender), 0, "allowance of the proxy");
        vm.assertEq(
            Erc20View(token).allowance(address(controller), spender), 0, "allowance of the controller"
        );
    }

    /// @dev I22: the controller holds nothing.
    function assertEmptyController(address token) internal view {
        vm.assertEq(held(token, address(controller)), 0, "held by the controller");
    }

    function expectExceeded(bytes32 key, uint256 requested, uint256 left) internal {
        vm.expectRevert(abi.encodeWithSelector(RateLimits.RateLimitExceeded.selector, key, requested, left));
    }

    function expectNoKey(bytes32 key) internal {
        vm.expectRevert(abi.encodeWithSelector(RateLimits.ZeroMaxAmount.selector, key));
    }

    function expectUnauthorized(address account, bytes32 role) internal {
        vm.expectRevert(
            abi.encodeWithSignature("AccessControlUnauthorizedAccount(address,bytes32)", account, role)
        );
    }
}
