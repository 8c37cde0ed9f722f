// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.34;

import { ControllerSurface } from "src/pau/ControllerSurface.sol";
import { Wire } from "src/pau/PauTypes.sol";
import { RateLimitKeys } from "src/pau/RateLimitKeys.sol";
import { Roles } from "src/pau/Roles.sol";
import { Facet } from "src/pau/facets/Facet.sol";

interface PrimeUnitLike {
    function asset() external view returns (address);
    function convertToAssets(uint256 shares) external view returns (uint256);
    function exitDeposit(address receiver, address controller)
        external
        returns (uint256 assets, uint256 shares);
    function exitRedeem(address receiver, address controller)
        external
        returns (uint256 shares, uint256 assets);
    function settleFinalized(address receiver, address controller)
        external
        returns (uint256 shares, uint256 assets);
}

/// @title The Prime's side of a Unit's queues, where ERC-7540 says nothing
/// @notice Everything here brings value back to the proxy. LIMIT_LCTS_EXIT(unit) must exist, else `VenueNotOnboarded`;
///         nothing is taken from it. Assets that come back are given back to LIMIT_7540_DEPOSIT(asset, unit), if that
///         is set.
/// @dev A Unit is its own share token.
contract LctsPrimeFacet is Facet {
    /// @notice The proxy left the subscribe queue of `unit` with `assets` (asset units) and the `shares` earned.
    event LCTSExit(address indexed unit, uint256 assets, uint256 shares);
    /// @notice The proxy left the redeem queue of `unit` with `shares` and the `assets` (asset units) earned.
    event LCTSExitRedemption(address indexed unit, uint256 shares, uint256 assets);
    /// @notice `shares` and `assets` (asset units) that settlements had made were collected from `unit`.
    event LCTSSettleFinalized(address indexed unit, uint256 shares, uint256 assets);

    /// @inheritdoc Facet
    function integrationId() external pure override returns (bytes32) {
        return "LCTS_PRIME_FACET";
    }

    /// @inheritdoc Facet
    function wires() external pure override returns (Wire[] memory list) {
        list = new Wire[](4);
        list[0] = Wire(ControllerSurface.lctsPrime_exit.selector, LctsPrimeFacet.exit.selector);
        list[1] =
            Wire(ControllerSurface.lctsPrime_exitRedemption.selector, LctsPrimeFacet.exitRedemption.selector);
        list[2] = Wire(
            ControllerSurface.lctsPrime_settleFinalized.selector, LctsPrimeFacet.settleFinalized.selector
        );
        list[3] = Wire(
            ControllerSurface.lctsPrime_getExitRateLimitKey.selector,
            LctsPrimeFacet.getExitRateLimitKey.selector
        );
    }

    /// @notice Leaves the subscribe queue: what was not converted comes back, with the shares earned so far. Allocator
    ///         only. Reverts as the queue does when it is locked or holds nothing of the proxy's.
    /// @return assets received by the proxy, asset units
    /// @return shares received by the proxy
    function exit(address unit)
        external
        nonReentrant
        onlyRole(Roles.ALLOCATOR)
        returns (uint256 assets, uint256 shares)
    {
        address proxy = _shared().proxy;
        (shares, assets) = _collect(unit, abi.encodeCall(PrimeUnitLike.exitDeposit, (proxy, proxy)));
        emit LCTSExit(unit, assets, shares);
    }

    /// @notice Leaves the redeem queue: what was not redeemed comes back, with the assets earned so far. Allocator only;
    ///         gives the value of the shares now, rounded down, back to LIMIT_7540_REDEEM(unit) if that is set. Reverts
    ///         as the queue does when it is locked or holds nothing of the proxy's.
    /// @return shares received by the proxy
    /// @return assets received by the proxy, asset units
    function exitRedemption(address unit)
        external
        nonReentrant
        onlyRole(Roles.ALLOCATOR)
        returns (uint256 shares, uint256 assets)
    {
        address proxy = _shared().proxy;
        (shares, assets) = _collect(unit, abi.encodeCall(PrimeUnitLike.exitRedeem, (proxy, proxy)));
        _tryIncrease(RateLimitKeys.erc7540Redeem(unit), PrimeUnitLike(unit).convertToAssets(shares));
        emit LCTSExitRedemption(unit, shares, assets);
    }

    /// @notice Collects from both queues whatever settlements have made claimable; while the queues are locked that is
    ///         what finalized generations left. Allocator only. Does nothing when nothing is ready.
    /// @return shares received by the proxy
    /// @return assets received by the proxy, asset units
    function settleFinalized(address unit)
        external
        nonReentrant
        onlyRole(Roles.ALLOCATOR)
        returns (uint256 shares, uint256 assets)
    {
        address proxy = _shared().proxy;
        (shares, assets) = _collect(unit, abi.encodeCall(PrimeUnitLike.settleFinalized, (proxy, proxy)));
        emit LCTSSettleFinalized(unit, shares, assets);
    }

    /// @notice Key whose existence opens this facet for `unit`.
    function getExitRateLimitKey(address unit) external pure returns (bytes32) {
        return RateLimitKeys.lctsExit(unit);
    }

    function _collect(address unit, bytes memory data) private returns (uint256 shares, uint256 assets) {
        if (!_exists(RateLimitKeys.lctsExit(unit))) revert VenueNotOnboarded(unit);
        address asset = PrimeUnitLike(unit).asset();
        uint256 sharesHeld = _proxyBalance(unit);
        uint256 assetsHeld = _proxyBalance(asset);
        _doCall(unit, data);
        shares = _proxyBalance(unit) - sharesHeld;
        assets = _proxyBalance(asset) - assetsHeld;
        _tryIncrease(RateLimitKeys.erc7540Deposit(asset, unit), assets);
    }
}
